"""The ids of funds and indicators for the rows of a generation: collected, aligned, and ready to be joined.

`pipeline.alignment` decides what is the same; here its input is asked of the rows, with DuckDB, and its answer put
into two tables that `pipeline.store` joins, with a third that tells it which kept rows have other ids now:

    fund_of(doc_id, report_no, fund_id, scope)
    indicator_of(scope, name, unit_kind, indicator_id)
    renamed(doc_id, report_no)

Only funds with reports that come, change or go are decided anew, with what is tied to their names; the first two tables hold their
reports and names only. All others keep ids, aliases and questions, as the state of the previous generation has them. Everything is
decided anew at the first publication, when asked for, after other decisions of people, and when much has come.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from parsers.units import unit_meaning
from pipeline.alignment import decisions as files
from pipeline.alignment.decisions import Decisions, name_key
from pipeline.alignment.fund_run import FundsDecided, align_all_funds, align_touched_funds, touch
from pipeline.alignment.fund_tables import FUND_QUESTIONS, KEPT_ALIASES, KEPT_FUNDS, touched_mentions
from pipeline.alignment.indicator_run import align_uses
from pipeline.alignment.indicator_tables import INDICATOR_ALIASES as ALIAS_CATALOGUE
from pipeline.alignment.indicator_tables import INDICATOR_NAMES as INDICATOR_CATALOGUE
from pipeline.alignment.indicator_tables import INDICATOR_QUESTIONS
from pipeline.alignment.indicator_uses import FundIndicatorDecision, gather_uses
from pipeline.alignment.indicator_verdicts import all_verdicts
from pipeline.alignment.state import (
    FUND_TABLES,
    INDICATOR_TABLES,
    State,
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

_LISTED = 5_000
"""Documents up to which they are listed in SQL: DuckDB then passes over the parts of files that hold none of them."""
_LARGE_PART = 0.5
"""Share of the reports from which on a change is aligned with all others: hardly more work, and all is learnt from all."""
_GROWN = 2
"""Times as many reports as when everything was aligned, from which on everything is aligned again."""

_REDONE = """
    INSERT INTO redone_scopes
    SELECT scope FROM fund_of WHERE doc_id IN (FROM taken)
    UNION FROM gone
    UNION FROM taken
    UNION FROM touched_funds
    UNION SELECT unnest([f.scope, coalesce(m.previous, m.doc_id)])
        FROM fund_of f JOIN mentions m USING (doc_id, report_no)
        WHERE doc_id NOT IN (FROM taken) AND f.fund_id IS DISTINCT FROM m.previous
"""
"""Funds with reports that came, changed or went, under their old and new ids; and documents that name no fund."""

_ROWS = """
    SELECT doc_id, report_no, table_no, row_no, name, unit_kind, base_unit, coalesce(target_unit, actual_unit) AS unit,
           level1, level2, level2_inferred, target_base_value, indicator_id
    FROM all_indicators
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
        "CASE WHEN f.doc_id IS NULL THEN r.fund_id ELSE f.fund_id END",
        "LEFT JOIN fund_of f ON f.doc_id = r.doc_id AND f.report_no = r.report_no",
    ),
    "indicators": (
        "indicator_id",
        "CASE WHEN f.doc_id IS NULL THEN r.indicator_id ELSE i.indicator_id END",
        "LEFT JOIN fund_of f ON f.doc_id = r.doc_id AND f.report_no = r.report_no "
        "LEFT JOIN indicator_of i ON i.scope = f.scope AND i.name = r.name AND i.unit_kind IS NOT DISTINCT FROM r.unit_kind",
    ),
}
"""By table: its column of ids, the id, and the joins that bring it to the rows r of the table. Reports that nothing was decided
on keep theirs."""


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
    (reports,) = con.execute("SELECT count(*) FROM all_reports").fetchall()[0]
    prior = None if whole else previous_state(state, digest)
    if prior and _is_much(con, prior, reports):
        prior = None
    con.execute("CREATE TABLE redone_funds (fund_id VARCHAR)")
    con.execute("CREATE TABLE redone_words (word VARCHAR)")
    con.execute("CREATE TABLE redone_scopes (scope VARCHAR)")
    open_state(con, prior, (*FUND_TABLES, *INDICATOR_TABLES))
    funds = _align_funds(con, decisions, every=prior is None)
    gather_uses(con)
    catalogue = _fund_catalogue(con, funds, kept=prior is not None)
    verdicts = all_verdicts(_of_funds(decisions.indicators, catalogue[FUND_ALIASES.name]))
    align_uses(con, verdicts, lambda unit: float(unit_meaning(unit).factor))
    con.execute(_RENAMED)
    save_state(con, prior, new_state, digest, reports)
    return catalogue | _indicator_catalogue(con, funds, kept=prior is not None)


def _is_much(con: duckdb.DuckDBPyConnection, prior: State, reports: int) -> bool:
    """Whether so much changes, or has come since everything was aligned, that everything is to be aligned again."""
    (taken,) = con.execute("SELECT count(*) FROM all_reports WHERE doc_id IN (FROM taken)").fetchall()[0]
    return bool(taken > _LARGE_PART * reports or reports > _GROWN * prior.reports)


def _align_funds(con: duckdb.DuckDBPyConnection, decisions: Decisions, *, every: bool) -> FundsDecided:
    """Makes `mentions`, `fund_of` and `fund_names` of the reports whose funds are decided on, `aligned_rows` of their indicators,
    and fills `redone_funds` and `redone_scopes`."""
    if every:
        con.execute(f"CREATE TABLE mentions AS {touched_mentions('true')}")
        con.execute(f"CREATE VIEW aligned_rows AS {_ROWS}")
        found = align_all_funds(con, decisions.funds)
    else:
        touch(con)
        con.execute(f"CREATE TABLE aligned_rows AS {_ROWS} WHERE {_listed(con, 'mentions')}")
        found = align_touched_funds(con, decisions.funds)
        con.execute(
            f"INSERT INTO aligned_rows {_ROWS} WHERE {_listed(con, 'more_mentions')} "
            "AND doc_id NOT IN (SELECT doc_id FROM aligned_rows)"
        )
        con.executemany(
            "INSERT INTO redone_funds VALUES (?)", [[fund_id] for fund_id in sorted(found.redone)] or [[""]]
        )
    names = ((fund.fund_id, fund.name) for fund in found.rows.funds)
    put(con, "fund_names", {"fund_id": "VARCHAR", "fund_name": "VARCHAR"}, names)
    con.execute(
        "CREATE TABLE fund_of AS SELECT doc_id, report_no, fund_id, coalesce(fund_id, doc_id) AS scope "
        "FROM mentions LEFT JOIN fund_ids USING (report_key)"
    )
    con.execute("INSERT INTO redone_scopes SELECT DISTINCT scope FROM fund_of" if every else _REDONE)
    return found


def _fund_catalogue(
    con: duckdb.DuckDBPyConnection, found: FundsDecided, *, kept: bool
) -> dict[str, pa.Table]:
    new: tuple[tuple[TableSchema, str, Sequence[Any]], ...] = (
        (FUNDS, KEPT_FUNDS, found.rows.funds),
        (FUND_ALIASES, KEPT_ALIASES, found.rows.aliases),
    )
    return {
        table.name: _sorted(
            table, _rows(con, table, old.format(kept=kept)), to_arrow(table, map(field_values, rows))
        )
        for table, old, rows in new
    }


def _indicator_catalogue(
    con: duckdb.DuckDBPyConnection, funds: FundsDecided, *, kept: bool
) -> dict[str, pa.Table]:
    questions = (
        to_arrow(ALIGNMENT_QUESTIONS, map(field_values, funds.rows.questions)),
        _rows(con, ALIGNMENT_QUESTIONS, FUND_QUESTIONS),
        _rows(con, ALIGNMENT_QUESTIONS, INDICATOR_QUESTIONS),
    )
    return {
        INDICATOR_NAMES.name: _rows(con, INDICATOR_NAMES, INDICATOR_CATALOGUE.format(kept=kept)),
        INDICATOR_ALIASES.name: _rows(con, INDICATOR_ALIASES, ALIAS_CATALOGUE),
        ALIGNMENT_QUESTIONS.name: _sorted(ALIGNMENT_QUESTIONS, *questions),
    }


def _sorted(table: TableSchema, *parts: pa.Table) -> pa.Table:
    return pa.concat_tables(parts).sort_by([(key, "ascending") for key in table.key])


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


def _listed(con: duckdb.DuckDBPyConnection, table: str) -> str:
    """SQL that is true for the documents of a table, as a list where that is short."""
    ids = [
        doc_id
        for (doc_id,) in con.execute(f"SELECT DISTINCT doc_id FROM {table} LIMIT {_LISTED + 1}").fetchall()
    ]
    if len(ids) > _LISTED:
        return f"doc_id IN (SELECT doc_id FROM {table})"
    listed = ", ".join("'" + doc_id.replace("'", "''") + "'" for doc_id in sorted(ids))
    return f"doc_id IN ({listed})" if ids else "false"


def _of_funds(decisions: Sequence[files.IndicatorDecision], aliases: pa.Table) -> list[FundIndicatorDecision]:
    """Decisions on indicators with the ids of their funds; those on funds that the store does not hold wait."""
    wanted = {name_key(d.fund) for d in decisions if d.fund}
    ids: dict[str, list[str]] = {}
    if wanted:
        pairs: list[tuple[str, str]] = list(
            zip(aliases["fund_id"].to_pylist(), aliases["name"].to_pylist(), strict=True)  # type: ignore[arg-type]
        )
        for fund_id, name in pairs:
            if (key := name_key(name)) in wanted and fund_id not in ids.setdefault(key, []):
                ids[key].append(fund_id)
    return [
        FundIndicatorDecision(d.same, fund_id, d.name, d.other, d.line)
        for d in decisions
        for fund_id in (ids.get(name_key(d.fund), []) if d.fund else [None])
    ]
