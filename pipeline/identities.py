"""The ids of funds and indicators for all rows of a generation: collected, aligned, and ready to be joined.

`pipeline.alignment` decides what is the same; here its input is asked of the rows, with DuckDB, and its answer put
into two tables that `pipeline.store` joins, with a third that tells it which kept rows have other ids now:

    fund_of(doc_id, report_no, fund_id, scope)
    indicator_of(scope, name, unit_kind, indicator_id)
    renamed(doc_id, report_no)
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from parsers.units import unit_meaning
from pipeline.alignment import decisions as files
from pipeline.alignment.decisions import Decisions, name_key
from pipeline.alignment.funds import FundAlignment, FundMention, align_funds
from pipeline.alignment.indicator_run import align_uses
from pipeline.alignment.indicator_tables import INDICATOR_ALIASES as ALIAS_CATALOGUE
from pipeline.alignment.indicator_tables import INDICATOR_NAMES as INDICATOR_CATALOGUE
from pipeline.alignment.indicator_tables import INDICATOR_QUESTIONS
from pipeline.alignment.indicator_uses import FundIndicatorDecision
from pipeline.alignment.indicator_verdicts import all_verdicts
from pipeline.alignment.state import (
    INDICATOR_TABLES,
    decisions_digest,
    open_state,
    previous_state,
    put,
    save_state,
)
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
_LISTED = 5_000
"""Documents up to which they are listed in SQL: DuckDB then passes over the parts of files that hold none of them."""
_LARGE_PART = 0.5
"""Share of the reports from which on a change is aligned with all others: hardly more work, and all is learnt from all."""

_MENTIONS = """
    SELECT doc_id, report_no, row_number() OVER (ORDER BY doc_id, report_no) AS report_key, fund_name, fund_other_names,
           report_type, organisation, fiscal_year_from, fiscal_year, fund_id AS previous
    FROM all_reports ORDER BY doc_id, report_no
"""

_NAMES = """
    SELECT m.report_key, list(DISTINCT i.name ORDER BY i.name) AS names
    FROM all_indicators i JOIN mentions m USING (doc_id, report_no) GROUP BY m.report_key
"""

_REDONE = """
    CREATE TABLE redone_scopes AS
    SELECT scope FROM fund_of WHERE doc_id IN (FROM taken)
    UNION FROM gone
    UNION FROM taken
    UNION SELECT unnest([f.scope, coalesce(m.previous, m.doc_id)])
        FROM fund_of f JOIN mentions m USING (doc_id, report_no)
        WHERE doc_id NOT IN (FROM taken) AND f.fund_id IS DISTINCT FROM m.previous
    UNION SELECT o.fund_id FROM old_funds o LEFT JOIN (
        SELECT previous, count(*) AS reports FROM mentions WHERE doc_id NOT IN (FROM taken) GROUP BY previous
    ) m ON m.previous = o.fund_id WHERE coalesce(m.reports, 0) < o.reports
"""
"""Funds with reports that came, changed or went, under their old and new ids; and documents that name no fund."""

_ROWS = """
    SELECT doc_id, report_no, table_no, row_no, name, unit_kind, base_unit, coalesce(target_unit, actual_unit) AS unit,
           level1, level2, level2_inferred, target_base_value, indicator_id
    FROM all_indicators
"""

_USES = f"""
    CREATE TABLE uses AS
    WITH tables AS (
        SELECT doc_id, report_no, table_no, min(row_no) AS first, greatest(max(row_no) - min(row_no), 1) AS length
        FROM aligned_rows WHERE table_no IS NOT NULL GROUP BY ALL
    ), rows AS (
        SELECT f.scope, f.fund_id, i.name, i.unit_kind, i.base_unit, i.unit,
               i.level1, i.level2, i.level2_inferred, m.fiscal_year, i.target_base_value, i.indicator_id, m.report_key,
               coalesce(m.report_key * {_TABLES_A_REPORT} + i.table_no, -m.report_key) AS table_key,
               (i.row_no - t.first) / t.length AS place
        FROM aligned_rows i JOIN fund_of f USING (doc_id, report_no) JOIN mentions m USING (doc_id, report_no)
        LEFT JOIN tables t ON t.doc_id = i.doc_id AND t.report_no = i.report_no AND t.table_no = i.table_no
        WHERE f.scope IN (FROM redone_scopes)
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
    SELECT row_number() OVER (ORDER BY uses.scope, uses.name, uses.unit_kind) AS use_no, uses.*, years, targets, places, fund_name
    FROM uses LEFT JOIN by_year y
      ON y.scope = uses.scope AND y.name = uses.name AND y.unit_kind IS NOT DISTINCT FROM uses.unit_kind
    LEFT JOIN fund_names n ON n.fund_id = uses.fund_id
"""

_RENAMED = """
    CREATE TABLE renamed AS
    SELECT DISTINCT doc_id, report_no
    FROM (
        SELECT r.doc_id, r.report_no FROM mentions r JOIN fund_of f USING (doc_id, report_no)
        WHERE r.previous IS DISTINCT FROM f.fund_id
        UNION ALL
        SELECT r.doc_id, r.report_no FROM aligned_rows r JOIN fund_of f USING (doc_id, report_no)
        LEFT JOIN indicator_of i ON i.scope = f.scope AND i.name = r.name AND i.unit_kind IS NOT DISTINCT FROM r.unit_kind
        WHERE f.scope IN (FROM redone_scopes) AND r.indicator_id IS DISTINCT FROM i.indicator_id
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
    digest = decisions_digest(decisions)
    prior = None if whole else previous_state(state, digest)
    con.execute(f"CREATE TABLE mentions AS {_MENTIONS}")
    funds = align_funds(_mentions(con), decisions.funds)
    put(con, "fund_ids", {"report_key": "BIGINT", "fund_id": "VARCHAR"}, iter(funds.ids.items()))
    put(
        con,
        "fund_names",
        {"fund_id": "VARCHAR", "fund_name": "VARCHAR"},
        ((f.fund_id, f.name) for f in funds.funds),
    )
    con.execute(
        "CREATE TABLE fund_of AS SELECT doc_id, report_no, fund_id, coalesce(fund_id, doc_id) AS scope "
        "FROM mentions LEFT JOIN fund_ids USING (report_key)"
    )
    con.execute(_REDONE if prior else "CREATE TABLE redone_scopes AS SELECT DISTINCT scope FROM fund_of")
    open_state(con, prior, INDICATOR_TABLES)
    _collect(con, every=prior is None)
    verdicts = all_verdicts(_of_funds(decisions.indicators, funds))
    align_uses(con, verdicts, lambda unit: float(unit_meaning(unit).factor))
    con.execute(_RENAMED)
    save_state(con, prior, new_state, digest)
    kept = "true" if prior else "false"
    rows: tuple[tuple[TableSchema, Sequence[Any]], ...] = (
        (FUNDS, funds.funds),
        (FUND_ALIASES, funds.aliases),
    )
    tables = {
        table.name: to_arrow(table, map(field_values, found)).sort_by([(k, "ascending") for k in table.key])
        for table, found in rows
    }
    tables["indicator_names"] = _rows(con, INDICATOR_NAMES, INDICATOR_CATALOGUE.format(kept=kept))
    tables["indicator_aliases"] = _rows(con, INDICATOR_ALIASES, ALIAS_CATALOGUE)
    questions = _rows(con, ALIGNMENT_QUESTIONS, INDICATOR_QUESTIONS)
    asked = to_arrow(ALIGNMENT_QUESTIONS, map(field_values, funds.questions))
    tables["alignment_questions"] = pa.concat_tables([asked, questions]).sort_by(
        [(k, "ascending") for k in ALIGNMENT_QUESTIONS.key]
    )
    return tables


def _rows(con: duckdb.DuckDBPyConnection, table: TableSchema, sql: str) -> pa.Table:
    """The rows of a query as those of a declared table; columns that the query lacks are null."""
    found = con.sql(sql).to_arrow_table()
    columns = [
        found[field.name].cast(field.type)
        if field.name in found.column_names
        else pa.nulls(found.num_rows, field.type)
        for field in table.arrow
    ]
    return pa.Table.from_arrays(columns, schema=table.arrow)


def _collect(con: duckdb.DuckDBPyConnection, *, every: bool) -> None:
    """The rows of indicators of the scopes that are decided anew (`aligned_rows`), and their names (`uses`)."""
    if every:
        con.execute(f"CREATE VIEW aligned_rows AS {_ROWS}")
    else:
        con.execute(
            "CREATE TABLE aligned_reports AS SELECT doc_id, report_no FROM fund_of WHERE scope IN (FROM redone_scopes)"
        )
        con.execute(
            f"CREATE TABLE aligned_rows AS {_ROWS} SEMI JOIN aligned_reports USING (doc_id, report_no) "
            f"WHERE {_listed(con, 'aligned_reports')}"
        )
    con.execute(_USES)


def _listed(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """SQL that is true for the documents of a table, as a list where that is short."""
    ids = [
        doc_id
        for (doc_id,) in con.execute(f"SELECT DISTINCT doc_id FROM {table} LIMIT {_LISTED + 1}").fetchall()
    ]
    if len(ids) > _LISTED:
        return "true"
    listed = ", ".join("'" + doc_id.replace("'", "''") + "'" for doc_id in sorted(ids))
    return f"doc_id IN ({listed})" if ids else "false"


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
