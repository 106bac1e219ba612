"""What a publication changes, as tables and SQL of its working connection.

gone(doc_id), taken(doc_id)                     published documents whose rows go, staged documents whose rows come
moved(doc_id, source, run_id)                   kept documents whose file is elsewhere now; below another root, with a run of it
gone_years(_year, doc_id)                       the years that reports of gone documents stand in
staged_years(doc_id, report_no, _year)          the year of each staged report that comes
renamed_in_<table>(_year, doc_id, report_no)    kept reports with rows in the table that have another id now
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.database import parquet_rows
from pipeline.identities import ID_JOINS
from pipeline.publishing.bucket_files import Change, Place, files_at, kept_rows, rows_of_files
from pipeline.publishing.buckets import PREFIX_DIGITS
from pipeline.publishing.inventory import TableFiles
from schemas.records import DOCUMENTS, INDICATORS, REPORTS
from schemas.tables import TableSchema

NEW_DOCUMENTS = "new_documents"
"""The relation of the documents' rows that come."""

_MOVED = pa.schema({"doc_id": pa.string(), "source": pa.string(), "run_id": pa.string()})


def make_scratch(
    con: duckdb.DuckDBPyConnection,
    *,
    gone: Iterable[str],
    taken: Iterable[str],
    moved: pa.Table,
    old: Mapping[str, TableFiles],
    staged: Sequence[Path],
) -> None:
    """Makes the tables that are known before names are aligned. `moved` are `moved_rows`, `staged` are the files of staged reports."""
    _put(con, "gone", doc_id=sorted(gone))
    _put(con, "taken", doc_id=sorted(taken))
    _put_table(con, "moved", moved)
    files = files_at(old["reports"], _every_year(con, "gone", old["reports"]))
    rows = kept_rows(REPORTS, files, old["reports"])
    con.execute(
        f"CREATE TABLE gone_years AS SELECT DISTINCT _year, doc_id FROM ({rows}) WHERE doc_id IN (FROM gone)"
    )
    con.execute("CREATE TABLE staged_years (doc_id VARCHAR, report_no BIGINT, _year BIGINT)")
    if staged:
        con.execute(
            "INSERT INTO staged_years SELECT doc_id, report_no, fiscal_year "
            f"FROM {parquet_rows(staged)} WHERE doc_id IN (FROM taken)"
        )


def moved_rows(moved: Mapping[str, str], runs: Mapping[str, str]) -> pa.Table:
    """The table moved of the sources that documents get, and of the runs that some get."""
    rows = [{"doc_id": i, "source": source, "run_id": runs.get(i)} for i, source in sorted(moved.items())]
    return pa.Table.from_pylist(rows, schema=_MOVED)


def make_view_of_all(
    con: duckdb.DuckDBPyConnection, table: TableSchema, old: TableFiles, staged: Sequence[Path]
) -> None:
    """The view all_<table>: the rows of the next generation, with the ids that they had in the previous one."""
    kept = rows_of_files(table, old.paths(), is_current=old.is_current)
    parts = [f"SELECT * FROM ({kept}) WHERE doc_id NOT IN (FROM gone)"]
    if staged:
        columns = ", ".join(f'"{c.name}"' for c in table.columns)
        parts.append(f"SELECT {columns} FROM {parquet_rows(staged)} WHERE doc_id IN (FROM taken)")
    con.execute(f'CREATE VIEW "all_{table.name}" AS {" UNION ALL ".join(parts)}')


def make_view_of_old(con: duckdb.DuckDBPyConnection, table: TableSchema, old: TableFiles) -> None:
    """The view old_<table>: its rows in the previous generation, none where there is none."""
    con.execute(
        f'CREATE VIEW "old_{table.name}" AS {rows_of_files(table, old.paths(), is_current=old.is_current)}'
    )


def find_renamed(con: duckdb.DuckDBPyConnection, old: Mapping[str, TableFiles]) -> None:
    """Makes renamed_in_<table> of the table `renamed`, for the tables with ids."""
    reports = files_at(old["reports"], _every_year(con, "renamed", old["reports"]))
    con.execute(
        "CREATE TABLE renamed_years AS SELECT _year, doc_id, report_no "
        f"FROM ({kept_rows(REPORTS, reports, old['reports'])}) SEMI JOIN renamed USING (doc_id, report_no) "
        "WHERE doc_id NOT IN (FROM gone)"
    )
    for table in (REPORTS, INDICATORS):
        column, id_, joins = ID_JOINS[table.name]
        files = files_at(old[table.name], _places(con, "renamed_years"))
        rows = kept_rows(table, files, old[table.name])
        con.execute(
            f"CREATE TABLE renamed_in_{table.name} AS SELECT DISTINCT r._year, r.doc_id, r.report_no "
            f"FROM (SELECT * FROM ({rows}) SEMI JOIN renamed_years USING (doc_id, report_no)) r {joins} "
            f"WHERE r.{column} IS DISTINCT FROM {id_}"
        )


def record_change(
    con: duckdb.DuckDBPyConnection, table: TableSchema, old: TableFiles, staged: Sequence[Path]
) -> Change:
    """How a table of reports' rows changes. `staged` are the files of its staged rows."""
    lost, lost_in = "r.doc_id IN (FROM gone)", _places(con, "gone_years")
    fresh: list[str] = []
    places: list[str] = []
    if staged:
        rows = f"{parquet_rows(staged)} JOIN staged_years USING (doc_id, report_no)"
        fresh.append(_with_ids(table, f"SELECT * FROM {rows}"))
        places.append(f"SELECT _year, doc_id FROM {rows}")
    if table.name in ID_JOINS and (renamed_in := _places(con, f"renamed_in_{table.name}")):
        renamed = f"renamed_in_{table.name}"
        lost += f" OR (r.doc_id, r.report_no) IN (SELECT doc_id, report_no FROM {renamed})"
        lost_in |= renamed_in
        kept = kept_rows(table, files_at(old, renamed_in), old)
        rows = f"({kept}) SEMI JOIN {renamed} USING (doc_id, report_no)"
        fresh.append(_with_ids(table, f"SELECT * FROM {rows}"))
        places.append(f"SELECT _year, doc_id FROM {rows}")
    return Change(lost, lost_in, " UNION ALL ".join(fresh) or None, " UNION ALL ".join(places) or None)


def documents_change(con: duckdb.DuckDBPyConnection, old: TableFiles, documents: pa.Table) -> Change:
    """How the table of documents changes, of which `documents` are the rows that come."""
    con.register(NEW_DOCUMENTS, documents)
    moved_in = _every_year(con, "moved", old)
    columns = ", ".join(f'"{c.name}"' for c in DOCUMENTS.columns)
    fresh, places = (
        [f"SELECT NULL::BIGINT AS _year, {columns} FROM {NEW_DOCUMENTS}"],
        [f"SELECT NULL::BIGINT AS _year, doc_id FROM {NEW_DOCUMENTS}"],
    )
    if moved_in:
        kept = kept_rows(DOCUMENTS, files_at(old, moved_in), old)
        stayed = "moved USING (doc_id) WHERE doc_id NOT IN (FROM gone)"
        new = {"source": "moved.source", "run_id": "coalesce(moved.run_id, r.run_id)"}
        elsewhere = ", ".join(new.get(c.name, f'r."{c.name}"') for c in DOCUMENTS.columns)
        fresh.append(f"SELECT r._year, {elsewhere} FROM ({kept}) r JOIN {stayed}")
        places.append(f"SELECT _year, doc_id FROM ({kept}) r JOIN {stayed}")
    lost = "r.doc_id IN (FROM gone) OR r.doc_id IN (SELECT doc_id FROM moved)"
    return Change(
        lost, _every_year(con, "gone", old) | moved_in, " UNION ALL ".join(fresh), " UNION ALL ".join(places)
    )


def _with_ids(table: TableSchema, rows: str) -> str:
    """SQL for rows with their ids of funds and indicators, where the table has such."""
    column, id_, joins = ID_JOINS.get(table.name, ("", "", ""))
    columns = ", ".join(
        f'{id_} AS "{c.name}"' if c.name == column else f'r."{c.name}"' for c in table.columns
    )
    return f"SELECT r._year, {columns} FROM ({rows}) r {joins}"


def _places(con: duckdb.DuckDBPyConnection, table: str) -> set[Place]:
    sql = f"SELECT DISTINCT _year, left(doc_id, {PREFIX_DIGITS}) FROM {table}"
    return {(year, prefix) for year, prefix in con.sql(sql).fetchall()}


def _every_year(con: duckdb.DuckDBPyConnection, table: str, old: TableFiles) -> set[Place]:
    """Where rows of the table's documents may stand, as long as their years are not known."""
    prefixes = con.sql(f"SELECT DISTINCT left(doc_id, {PREFIX_DIGITS}) FROM {table}").fetchall()
    years = {bucket.year for bucket in old.buckets()}
    return {(year, prefix) for year in years for (prefix,) in prefixes}


def _put(con: duckdb.DuckDBPyConnection, name: str, **columns: Sequence[str]) -> None:
    _put_table(con, name, pa.table({key: pa.array(values, pa.string()) for key, values in columns.items()}))


def _put_table(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    con.register("put", rows)
    con.execute(f"CREATE TABLE {name} AS FROM put")
    con.unregister("put")
