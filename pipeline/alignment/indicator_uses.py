"""What goes into the alignment of indicators."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import duckdb

UseKey = tuple[str, str, str | None]
"""(scope, name, unit_kind): what names a use, and what ids are given to."""

_BATCH = 8192


class IndicatorUse(NamedTuple):
    """One printed name with one kind of unit within a fund, over all its reports.

    `scope` is the fund_id, or what keeps reports of unknown funds apart. `tables` are ids of the printed tables that
    hold the name (for sentences the negative id of the report): two names in one of them are two indicators.
    `places` are mean relative rows (0 to 1) and `targets` median target_base_values by year. `previous` is the
    indicator_id that the use had in the last generation.
    """

    fund_id: str | None
    scope: str
    name: str
    unit_kind: str | None
    base_unit: str | None
    level1: str | None
    level2: str | None
    level2_inferred: bool
    years: frozenset[int]
    records: int
    tables: frozenset[int]
    reports: frozenset[int]
    places: Mapping[int, float]
    targets: Mapping[int, float]
    previous: str | None

    @property
    def key(self) -> UseKey:
        """What names the use."""
        return self.scope, self.name, self.unit_kind


class FundIndicatorDecision(NamedTuple):
    """Two printed names are the same indicator, or are not, in one fund (None: in every fund); from `line` of the file."""

    same: bool
    fund_id: str | None
    name: str
    other: str
    line: int


class ScopeUses(NamedTuple):
    """The uses of a scope with their numbers in the table `uses`, and the name of its fund."""

    fund_name: str | None
    numbers: Sequence[int]
    uses: Sequence[IndicatorUse]


USE_COLUMNS = {
    "use_no": "BIGINT", "fund_name": "VARCHAR", "scope": "VARCHAR", "fund_id": "VARCHAR", "name": "VARCHAR",
    "unit_kind": "VARCHAR", "base_unit": "VARCHAR", "level1": "VARCHAR", "level2": "VARCHAR", "level2_inferred": "BOOLEAN",
    "records": "BIGINT", "previous": "VARCHAR", "tables": "BIGINT[]", "reports": "BIGINT[]", "years": "BIGINT[]",
    "places": "DOUBLE[]", "targets": "DOUBLE[]",
}  # fmt: skip
"""The columns of the table `uses`; the last two stand beside `years`."""


def read_uses(con: duckdb.DuckDBPyConnection) -> Iterator[ScopeUses]:
    """The uses of the table `uses`, scope after scope: never all at once."""
    columns = ", ".join(USE_COLUMNS)
    for _, rows in groupby(_rows(con, f"SELECT {columns} FROM uses ORDER BY use_no"), key=itemgetter(2)):
        held = list(rows)
        yield ScopeUses(held[0][1], [row[0] for row in held], [_use(*row[2:]) for row in held])


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> Iterator[tuple[Any, ...]]:
    with con.cursor() as cursor:  # others are asked meanwhile
        for batch in cursor.sql(sql).to_arrow_reader(_BATCH):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _use(
    scope: str, fund_id: str | None, name: str, unit_kind: str | None, base_unit: str | None, level1: str | None,
    level2: str | None, inferred: bool | None, records: int, previous: str | None, tables: Sequence[int],
    reports: Sequence[int], years: Sequence[int] | None, places: Sequence[float | None], targets: Sequence[float | None],
) -> IndicatorUse:  # fmt: skip
    years = years or ()
    return IndicatorUse(
        fund_id, scope, name, unit_kind, base_unit, level1, level2, bool(inferred), frozenset(years), records,
        frozenset(tables), frozenset(reports), _by_year(years, places), _by_year(years, targets), previous,
    )  # fmt: skip


def _by_year(years: Sequence[int], values: Sequence[float | None] | None) -> dict[int, float]:
    return {y: v for y, v in zip(years, values or (), strict=True) if v is not None}
