"""What goes into the alignment of indicators."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

import duckdb

UseKey = tuple[str, str, str | None]
"""(scope, name, unit_kind): what names a use, and what ids are given to."""

_BATCH = 8192
_PART_ROWS = 1_000_000
"""Rows whose uses are gathered at a time: DuckDB holds the lists of a whole GROUP BY in memory."""
_TABLES_A_REPORT = 1_000_000
"""More than any report has; `report_key` times this plus `table_no` is a table of the whole store."""

_USE_ROWS = f"""
    CREATE TABLE use_rows AS
    WITH tables AS (
        SELECT doc_id, report_no, table_no, min(row_no) AS first, greatest(max(row_no) - min(row_no), 1) AS length
        FROM aligned_rows WHERE table_no IS NOT NULL GROUP BY ALL
    )
    SELECT hash(f.scope, i.name) % {{parts}} AS part, f.scope, f.fund_id, i.name, i.unit_kind, i.base_unit, i.unit,
           i.level1, i.level2, i.level2_inferred, m.fiscal_year, i.target_base_value, i.indicator_id, m.report_key,
           coalesce(m.report_key * {_TABLES_A_REPORT} + i.table_no, -m.report_key) AS table_key,
           (i.row_no - t.first) / t.length AS place
    FROM aligned_rows i JOIN fund_of f USING (doc_id, report_no) JOIN mentions m USING (doc_id, report_no)
    LEFT JOIN tables t ON t.doc_id = i.doc_id AND t.report_no = i.report_no AND t.table_no = i.table_no
    WHERE f.scope IN (FROM redone_scopes)
    ORDER BY part
"""
_FOUND = """
    WITH rows AS (
        FROM use_rows WHERE part = {part}
    ), years AS (
        SELECT scope, name, unit_kind, fiscal_year, median(target_base_value) AS target, median(place) AS place
        FROM rows WHERE fiscal_year IS NOT NULL GROUP BY ALL
    ), by_year AS (
        SELECT scope, name, unit_kind, list(fiscal_year ORDER BY fiscal_year) AS years,
               list(target ORDER BY fiscal_year) AS targets, list(place ORDER BY fiscal_year) AS places
        FROM years GROUP BY ALL
    ), uses AS (
        SELECT scope, name, unit_kind, any_value(fund_id) AS fund_id, mode(base_unit ORDER BY base_unit) AS base_unit,
               list_transform(
                   map_entries(histogram(unit) FILTER (unit IS NOT NULL)),
                   lambda e: {{'unit': e.key, 'records': CAST(e.value AS BIGINT)}}
               ) AS units,
               mode(level1 ORDER BY level1) AS level1,
               mode(level2 ORDER BY level2) AS level2, bool_and(level2_inferred) AS level2_inferred,
               count(*) AS records, list(DISTINCT table_key) AS tables, list(DISTINCT report_key) AS reports,
               mode(indicator_id ORDER BY indicator_id) AS previous
        FROM rows GROUP BY ALL
    )
    SELECT uses.*, years, targets, places
    FROM uses LEFT JOIN by_year y
      ON y.scope = uses.scope AND y.name = uses.name AND y.unit_kind IS NOT DISTINCT FROM uses.unit_kind
"""
_USES = """
    CREATE TABLE uses AS
    SELECT row_number() OVER (ORDER BY scope, name, unit_kind) AS use_no, u.*, fund_name
    FROM found_uses u LEFT JOIN fund_names n ON n.fund_id = u.fund_id
"""


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


def gather_uses(con: duckdb.DuckDBPyConnection) -> None:
    """Makes the table `uses` of `aligned_rows`, `mentions`, `fund_of` and `fund_names`: one row for each name with one kind of
    unit in each of `redone_scopes`, as `IndicatorUse` tells it."""
    (rows,) = con.execute("SELECT count(*) FROM aligned_rows").fetchall()[0]
    parts = rows // _PART_ROWS + 1
    con.execute(_USE_ROWS.format(parts=parts))
    for part in range(parts):
        into = "INSERT INTO found_uses" if part else "CREATE TABLE found_uses AS"
        con.execute(f"{into} {_FOUND.format(part=part)}")
    con.execute("DROP TABLE use_rows")
    con.execute(_USES)
    con.execute("DROP TABLE found_uses")


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
