"""The alignment of indicators for uses that a test makes up: straight from uses to the rows of the catalogue."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.alignment.indicator_run import align_uses
from pipeline.alignment.indicator_tables import INDICATOR_ALIASES, INDICATOR_NAMES, INDICATOR_QUESTIONS
from pipeline.alignment.indicator_uses import USE_COLUMNS, FundIndicatorDecision, IndicatorUse, UseKey
from pipeline.alignment.indicator_verdicts import all_verdicts
from pipeline.alignment.state import INDICATOR_TABLES, open_state, put
from schemas.catalogues import AlignmentQuestionRow, IndicatorAliasRow, IndicatorNameRow


@dataclass(frozen=True)
class IndicatorAlignment:
    """The id of every use, and the rows of indicator_names, indicator_aliases and alignment_questions."""

    ids: Mapping[UseKey, str]
    names: tuple[IndicatorNameRow, ...]
    aliases: tuple[IndicatorAliasRow, ...]
    questions: tuple[AlignmentQuestionRow, ...]


def align_indicators(
    uses: Sequence[IndicatorUse],
    decisions: Sequence[FundIndicatorDecision],
    *,
    fund_names: Mapping[str, str] | None = None,
    unit_factor: Callable[[str], float | None] = lambda unit: None,
) -> IndicatorAlignment:
    """Every use with its indicator, as a first publication gives it. Each use prints its base unit once a record."""
    verdicts = all_verdicts(decisions)
    with duckdb.connect(":memory:") as con:
        con.execute("CREATE TABLE redone_scopes (scope VARCHAR)")
        open_state(con, None, INDICATOR_TABLES)
        put_uses(con, uses, fund_names or {})
        align_uses(con, verdicts, unit_factor)
        ids = con.execute("SELECT scope, name, unit_kind, indicator_id FROM indicator_of").fetchall()
        con.execute(NO_NAMES)
        return IndicatorAlignment(
            {(scope, name, kind): found for scope, name, kind, found in ids},
            tuple(
                IndicatorNameRow(**row | {"aliases": tuple(row["aliases"])})
                for row in _rows(con, INDICATOR_NAMES.format(kept="false"))
            ),
            tuple(IndicatorAliasRow(**row) for row in _rows(con, INDICATOR_ALIASES)),
            tuple(AlignmentQuestionRow(**row) for row in _rows(con, INDICATOR_QUESTIONS)),
        )


NO_NAMES = """
    CREATE VIEW old_indicator_names AS SELECT NULL::VARCHAR AS indicator_id, NULL::VARCHAR AS name, NULL::VARCHAR AS level2,
    NULL::VARCHAR AS unit_kind, NULL::VARCHAR AS unit, NULL::DOUBLE AS unit_factor, NULL::VARCHAR[] AS aliases WHERE false
"""
"""There is no earlier generation."""


def put_uses(
    con: duckdb.DuckDBPyConnection, uses: Sequence[IndicatorUse], fund_names: Mapping[str, str]
) -> None:
    """The table `uses`, as `pipeline.identities` makes it of the rows of reports."""
    ordered = sorted(uses, key=lambda u: (u.scope, u.name, u.unit_kind is None, u.unit_kind or ""))
    put(con, "bare_uses", USE_COLUMNS, (_row(no, use, fund_names) for no, use in enumerate(ordered)))
    con.execute(
        "CREATE TABLE uses AS SELECT *, CASE WHEN base_unit IS NULL THEN [] ELSE "
        "[{'unit': base_unit, 'records': records}] END AS units FROM bare_uses"
    )


def _row(no: int, use: IndicatorUse, fund_names: Mapping[str, str]) -> tuple[Any, ...]:
    years = sorted(use.years)
    known: dict[str, Any] = use._asdict() | {
        "use_no": no, "fund_name": fund_names.get(use.fund_id or ""), "years": years, "tables": sorted(use.tables),
        "reports": sorted(use.reports), "places": [use.places.get(year) for year in years],
        "targets": [use.targets.get(year) for year in years],
    }  # fmt: skip
    return tuple(known[column] for column in USE_COLUMNS)


def _rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    return con.sql(sql).to_arrow_table().to_pylist()
