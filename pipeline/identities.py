"""The ids of funds and indicators for all rows of a generation: collected, aligned, and ready to be joined.

`pipeline.alignment` decides what is the same; here its input is asked of the rows, with DuckDB, and its answer put
into two tables that `pipeline.store` joins, with a third that tells it which kept rows have other ids now:

    fund_of(doc_id, report_no, fund_id, scope)
    indicator_of(scope, name, unit_kind, indicator_id)
    renamed(doc_id, report_no)
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from parsers.units import unit_meaning
from pipeline.alignment import decisions as files
from pipeline.alignment.decisions import Decisions, name_key
from pipeline.alignment.funds import FundAlignment, FundMention, align_funds
from pipeline.alignment.indicators import FundIndicatorDecision, IndicatorUse, align_indicators
from schemas.catalogues import (
    ALIGNMENT_QUESTIONS,
    FUND_ALIASES,
    FUNDS,
    INDICATOR_ALIASES,
    INDICATOR_NAMES,
)
from schemas.tables import TableSchema, field_values, to_arrow

_TABLES_A_REPORT = 1_000_000
"""More than any report has; `report_key` times this plus `table_no` is a table of the whole store."""
_BATCH = 10_000
_PLAIN = ("fund_id", "scope", "name", "unit_kind", "base_unit", "level1", "level2", "records", "previous")

_MENTIONS = """
    SELECT doc_id, report_no, row_number() OVER (ORDER BY doc_id, report_no) AS report_key, fund_name, fund_other_names,
           report_type, organisation, fiscal_year_from, fiscal_year, fund_id AS previous
    FROM all_reports ORDER BY doc_id, report_no
"""

_NAMES = """
    SELECT m.report_key, list(DISTINCT i.name ORDER BY i.name) AS names
    FROM all_indicators i JOIN mentions m USING (doc_id, report_no) GROUP BY m.report_key
"""

_USES = f"""
    WITH tables AS (
        SELECT doc_id, report_no, table_no, min(row_no) AS first, greatest(max(row_no) - min(row_no), 1) AS length
        FROM all_indicators WHERE table_no IS NOT NULL GROUP BY ALL
    ), rows AS (
        SELECT f.scope, f.fund_id, i.name, i.unit_kind, i.base_unit, coalesce(i.target_unit, i.actual_unit) AS unit,
               i.level1, i.level2, i.level2_inferred, m.fiscal_year, i.target_base_value, i.indicator_id, m.report_key,
               coalesce(m.report_key * {_TABLES_A_REPORT} + i.table_no, -m.report_key) AS table_key,
               (i.row_no - t.first) / t.length AS place
        FROM all_indicators i JOIN fund_of f USING (doc_id, report_no) JOIN mentions m USING (doc_id, report_no)
        LEFT JOIN tables t ON t.doc_id = i.doc_id AND t.report_no = i.report_no AND t.table_no = i.table_no
    ), years AS (
        SELECT scope, name, unit_kind, fiscal_year, median(target_base_value) AS target, median(place) AS place
        FROM rows WHERE fiscal_year IS NOT NULL GROUP BY ALL
    ), by_year AS (
        SELECT scope, name, unit_kind, list(fiscal_year ORDER BY fiscal_year) AS years,
               list(target ORDER BY fiscal_year) AS targets, list(place ORDER BY fiscal_year) AS places
        FROM years GROUP BY ALL
    ), uses AS (
        SELECT scope, name, unit_kind, any_value(fund_id) AS fund_id, mode(base_unit ORDER BY base_unit) AS base_unit,
               list(unit ORDER BY unit) FILTER (unit IS NOT NULL) AS units,
               mode(level1 ORDER BY level1) AS level1,
               mode(level2 ORDER BY level2) AS level2, bool_and(level2_inferred) AS level2_inferred,
               count(*) AS records, list(DISTINCT table_key) AS tables, list(DISTINCT report_key) AS reports,
               mode(indicator_id ORDER BY indicator_id) AS previous
        FROM rows GROUP BY ALL
    )
    SELECT uses.*, years, targets, places
    FROM uses LEFT JOIN by_year y
      ON y.scope = uses.scope AND y.name = uses.name AND y.unit_kind IS NOT DISTINCT FROM uses.unit_kind
    ORDER BY uses.scope, uses.name, uses.unit_kind
"""

_RENAMED = """
    CREATE TABLE renamed AS
    SELECT DISTINCT doc_id, report_no
    FROM (
        SELECT r.doc_id, r.report_no FROM all_reports r JOIN fund_of f USING (doc_id, report_no)
        WHERE r.fund_id IS DISTINCT FROM f.fund_id
        UNION ALL
        SELECT r.doc_id, r.report_no FROM all_indicators r JOIN fund_of f USING (doc_id, report_no)
        LEFT JOIN indicator_of i ON i.scope = f.scope AND i.name = r.name AND i.unit_kind IS NOT DISTINCT FROM r.unit_kind
        WHERE r.indicator_id IS DISTINCT FROM i.indicator_id
    )
    WHERE doc_id NOT IN (FROM taken)
"""

NAME_TABLES: tuple[TableSchema, ...] = (
    FUNDS, FUND_ALIASES, INDICATOR_NAMES, INDICATOR_ALIASES, ALIGNMENT_QUESTIONS,
)  # fmt: skip
"""The tables that `identify` gives; the previous generation's rows are the views old_<table>."""

ID_JOINS: Mapping[str, tuple[str, str, str]] = {
    "reports": (
        "fund_id",
        "f.fund_id",
        "LEFT JOIN fund_of f ON f.doc_id = r.doc_id AND f.report_no = r.report_no",
    ),
    "indicators": (
        "indicator_id",
        "i.indicator_id",
        "LEFT JOIN fund_of f ON f.doc_id = r.doc_id AND f.report_no = r.report_no "
        "LEFT JOIN indicator_of i ON i.scope = f.scope AND i.name = r.name AND i.unit_kind IS NOT DISTINCT FROM r.unit_kind",
    ),
}
"""By table: its column of ids, the id, and the joins that bring it to the rows r of the table."""


def identify(
    con: duckdb.DuckDBPyConnection,
    decisions: Decisions,
    *,
    state: Path | None,
    new_state: Path,
    whole: bool,
) -> dict[str, pa.Table]:
    """Makes `fund_of`, `indicator_of` and `renamed` of the views `all_reports` and `all_indicators` and the tables `gone`
    and `taken` (published documents that go, staged ones that come) of the connection. `state` is a folder that an earlier
    call filled as its `new_state`; `whole` asks for everything to be aligned anew.

    Returns the rows of the tables of names: funds, fund_aliases, indicator_names, indicator_aliases,
    alignment_questions. Raises UsageError for decisions that cannot be followed.
    """
    con.execute(f"CREATE TABLE mentions AS {_MENTIONS}")
    funds = align_funds(_mentions(con), decisions.funds)
    _put(con, "fund_ids", {"report_key": [*funds.ids], "fund_id": [*funds.ids.values()]})
    con.execute(
        "CREATE TABLE fund_of AS SELECT doc_id, report_no, fund_id, coalesce(fund_id, doc_id) AS scope "
        "FROM mentions LEFT JOIN fund_ids USING (report_key)"
    )
    indicators = align_indicators(
        _uses(con),
        _of_funds(decisions.indicators, funds),
        fund_names={fund.fund_id: fund.name for fund in funds.funds},
        unit_factor=lambda unit: float(unit_meaning(unit).factor),
    )
    keys = list(indicators.ids)
    scope, name, unit_kind = ([key[n] for key in keys] for n in range(3))
    ids = [indicators.ids[key] for key in keys]
    _put(con, "indicator_of", {"scope": scope, "name": name, "unit_kind": unit_kind, "indicator_id": ids})
    con.execute(_RENAMED)
    rows: tuple[tuple[TableSchema, Sequence[Any]], ...] = (
        (FUNDS, funds.funds),
        (FUND_ALIASES, funds.aliases),
        (INDICATOR_NAMES, indicators.names),
        (INDICATOR_ALIASES, indicators.aliases),
        (ALIGNMENT_QUESTIONS, (*funds.questions, *indicators.questions)),
    )
    return {
        table.name: to_arrow(table, map(field_values, found)).sort_by([(k, "ascending") for k in table.key])
        for table, found in rows
    }


def _mentions(con: duckdb.DuckDBPyConnection) -> list[FundMention]:
    names: dict[int, list[str]] = dict(con.execute(_NAMES).fetchall())
    rows = con.execute(
        "SELECT report_key, doc_id || ':' || report_no, fund_name, fund_other_names, report_type, organisation, fiscal_year_from, fiscal_year, "
        "previous FROM mentions ORDER BY report_key"
    ).fetchall()
    return [
        FundMention(key, origin, name, tuple(others or ()), kind, organisation, first, last, previous,
                    dict.fromkeys(names.get(key, ()), 1))
        for key, origin, name, others, kind, organisation, first, last, previous in rows
    ]  # fmt: skip


def _uses(con: duckdb.DuckDBPyConnection) -> list[IndicatorUse]:
    """Every printed name of an indicator within its fund, with what its rows hold."""
    out = []
    for batch in con.sql(_USES).to_arrow_reader(_BATCH):
        for row in batch.to_pylist():
            years = row["years"] or ()
            out.append(
                IndicatorUse(
                    **{name: row[name] for name in _PLAIN},
                    units=Counter(row["units"] or ()),
                    level2_inferred=bool(row["level2_inferred"]),
                    years=frozenset(years),
                    tables=frozenset(row["tables"]),
                    reports=frozenset(row["reports"]),
                    places=_by_year(years, row["places"]),
                    targets=_by_year(years, row["targets"]),
                )
            )
    return out


def _by_year(years: Sequence[int], values: Sequence[float | None] | None) -> dict[int, float]:
    return {y: v for y, v in zip(years, values or (), strict=True) if v is not None}


def _of_funds(
    decisions: Sequence[files.IndicatorDecision], funds: FundAlignment
) -> list[FundIndicatorDecision]:
    """Decisions on indicators with the ids of their funds; those on funds that the store does not hold wait."""
    ids: dict[str, list[str]] = {}
    for alias in funds.aliases:
        known = ids.setdefault(name_key(alias.name), [])
        if alias.fund_id not in known:
            known.append(alias.fund_id)
    return [
        FundIndicatorDecision(d.same, fund_id, d.name, d.other, d.line)
        for d in decisions
        for fund_id in (ids.get(name_key(d.fund), []) if d.fund else [None])
    ]


def _put(con: duckdb.DuckDBPyConnection, name: str, columns: Mapping[str, Sequence[Any]]) -> None:
    """Makes a table of columns; those without any value are text but for the keys of reports."""
    types = {"report_key": pa.int64()}
    table = pa.table({c: pa.array(v, type=types.get(c, pa.string())) for c, v in columns.items()})
    con.register("put", table)
    con.execute(f"CREATE TABLE {name} AS SELECT * FROM put")
    con.unregister("put")
