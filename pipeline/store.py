"""Publishing: the previous generation, less what is replaced, plus what is staged, becomes the next."""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.alignment.decisions import Decisions
from pipeline.database import make_database, parquet_rows, working_connection
from pipeline.generations import ALIGNMENT, DATABASE, current_number, generation_path, new_generation
from pipeline.identities import ID_JOINS, NAME_TABLES, identify
from pipeline.parquet import count_rows, read_table, schema_of, sync, write_parquet, write_table
from pipeline.plan import Published
from schemas.errors import StoreError
from schemas.records import (
    DOCUMENTS,
    INDICATORS,
    OUTCOMES,
    REPORTS,
    RUNS,
    STORE_TABLES,
    DocumentRow,
    OutcomeRow,
    RunRow,
)
from schemas.tables import TableSchema, field_values, to_arrow

NO_YEAR = "__HIVE_DEFAULT_PARTITION__"
"""The folder of reports without a fiscal year; readers of Hive partitions take it for NULL."""

PART = "part-0.parquet"

BATCH_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Publication:
    """What a generation changes. `staged` gives the files of staged rows of a table; `run` and `documents` are what
    was read, None and none where only names are aligned anew; `gone` are published documents whose rows are replaced
    or dropped; `moved` gives kept documents another source; `decisions` are what people decided on names; `whole` asks
    for the names of all reports to be aligned anew, whatever the previous generation knew of them."""

    decisions: Decisions
    staged: Callable[[str], Sequence[Path]] = lambda table: ()
    run: RunRow | None = None
    documents: Sequence[DocumentRow] = ()
    outcomes: Sequence[OutcomeRow] = ()
    gone: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False


def published_documents(store: Path) -> tuple[list[Published], frozenset[str]]:
    """The documents of the current generation, and the ids of all its runs."""
    previous = _previous(store)
    if previous is None:
        return [], frozenset()
    with store_errors(store):
        runs = read_table(previous / "runs" / PART).select(["run_id", "root"]).to_pylist()
        documents = read_table(previous / "documents" / PART).to_pylist()
    roots = {r["run_id"]: r["root"] for r in runs}
    rows = [
        Published(
            d["doc_id"],
            d["source"],
            d["sha256"],
            d["status"],
            d["parser_version"],
            roots[d["run_id"]],
            d.get("unread_pages") or 0,
        )
        for d in documents
    ]
    return rows, frozenset(roots)


def publish(store: Path, publication: Publication) -> int:
    """Publishes the next generation and returns its number. Raises StoreError when it cannot be
    written, UsageError for decisions that cannot be followed; the current generation then stays as it is."""
    previous = _previous(store)
    with store_errors(store), new_generation(store) as (number, folder):
        files: dict[str, list[Path]] = {}
        spill = folder / "spill"
        with working_connection(spill) as con:
            _make_scratch(con, publication)
            for table in (REPORTS, INDICATORS):
                _make_view(con, table, previous and previous / table.name, publication.staged(table.name))
            for table in NAME_TABLES:
                _make_old_view(con, table, previous and previous / table.name)
            state = previous and previous.parent / ALIGNMENT
            names = identify(
                con,
                publication.decisions,
                state=state if state and state.is_dir() else None,
                new_state=folder / ALIGNMENT,
                whole=publication.whole or previous is None,
            )
            for table in STORE_TABLES:
                new, old = folder / "parquet" / table.name, previous and previous / table.name
                if table.by_year:
                    _write_years(con, table, new, old, publication.staged(table.name))
                else:
                    _write_whole(table, new / PART, old and old / PART, publication, names)
                files[table.name] = sorted(new.rglob(PART))
        make_database(folder / DATABASE, files, spill)
        shutil.rmtree(spill, ignore_errors=True)
    return number


@contextmanager
def store_errors(store: Path) -> Iterator[None]:
    """Turns what DuckDB, Arrow and the disk raise into StoreError."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise StoreError(f"{store}: the store could not be read or written: {error}") from error


def _previous(store: Path) -> Path | None:
    number = current_number(store)
    return None if number is None else generation_path(store, number) / "parquet"


def _make_scratch(con: duckdb.DuckDBPyConnection, publication: Publication) -> None:
    """Tables to join with: documents whose rows go, and the year of each staged report that stays."""
    con.execute("CREATE TABLE gone AS SELECT unnest(?::VARCHAR[]) AS doc_id", [sorted(publication.gone)])
    taken = sorted(d.doc_id for d in publication.documents)
    con.execute("CREATE TABLE taken AS SELECT unnest(?::VARCHAR[]) AS doc_id", [taken])
    con.execute("CREATE TABLE staged_years (doc_id VARCHAR, report_no BIGINT, fiscal_year BIGINT)")
    if files := publication.staged(REPORTS.name):
        con.execute(
            "INSERT INTO staged_years SELECT doc_id, report_no, fiscal_year "
            f"FROM {parquet_rows(files)} WHERE doc_id IN (FROM taken)"
        )


def _make_view(
    con: duckdb.DuckDBPyConnection, table: TableSchema, old: Path | None, staged: Sequence[Path]
) -> None:
    """The view all_<table>: the rows of the next generation, with the ids that they had in the previous one."""
    columns = ", ".join(f'r."{c.name}"' for c in table.columns)
    parts = [f"SELECT {', '.join(f'NULL::{c.duckdb} AS {c.name}' for c in table.columns)} WHERE false"]
    for file in sorted(old.rglob(PART)) if old else ():
        parts.append(
            f"SELECT {_kept_columns(table, file)} FROM {parquet_rows([file])} r WHERE doc_id NOT IN (FROM gone)"
        )
    if staged:
        parts.append(f"SELECT {columns} FROM {parquet_rows(staged)} r WHERE doc_id IN (FROM taken)")
    con.execute(f'CREATE VIEW "all_{table.name}" AS {" UNION ALL ".join(parts)}')


def _make_old_view(con: duckdb.DuckDBPyConnection, table: TableSchema, old: Path | None) -> None:
    """The view old_<table>: its rows in the previous generation, none where there is none."""
    parts = [f"SELECT {', '.join(f'NULL::{c.duckdb} AS {c.name}' for c in table.columns)} WHERE false"]
    for file in sorted(old.rglob(PART)) if old else ():
        parts.append(f"SELECT {_kept_columns(table, file)} FROM {parquet_rows([file])} r")
    con.execute(f'CREATE VIEW "old_{table.name}" AS {" UNION ALL ".join(parts)}')


def _write_years(
    con: duckdb.DuckDBPyConnection, table: TableSchema, new: Path, old: Path | None, staged: Sequence[Path]
) -> None:
    """One file for each fiscal year: linked where its rows stay the same, written where they change."""
    before = {_year_of(f): f for f in sorted(old.rglob(PART)) if count_rows(f)} if old else {}
    added = _years_added(con, staged)
    for year in {*before, *added}:
        path, source = new / _folder(year) / PART, before.get(year)
        is_whole = source is not None and year not in added and not _loses_rows(con, source)
        if (
            source
            and is_whole
            and schema_of(source).equals(table.arrow)
            and not _has_new_ids(con, table, source)
        ):
            _link_file(source, path)
            continue
        sql = _rows_of_year(table, year, source, staged if year in added else ())
        rows = con.sql(sql).to_arrow_reader(BATCH_ROWS)
        first = next(iter(rows), None)
        if first is not None and first.num_rows:
            write_parquet(path, table.arrow, _chain(first, rows))
    if not any(new.rglob(PART)):  # a file without rows, so that globs find the columns
        empty, source = new / _folder(None) / PART, old and old / _folder(None) / PART
        if source and source.exists() and not count_rows(source) and schema_of(source).equals(table.arrow):
            _link_file(source, empty)
        else:
            write_table(empty, table.arrow.empty_table())


def _years_added(con: duckdb.DuckDBPyConnection, staged: Sequence[Path]) -> set[int | None]:
    if not staged:
        return set()
    rows = f"{parquet_rows(staged)} JOIN staged_years USING (doc_id, report_no)"
    return {y for (y,) in con.sql(f"SELECT DISTINCT staged_years.fiscal_year FROM {rows}").fetchall()}


def _loses_rows(con: duckdb.DuckDBPyConnection, file: Path) -> bool:
    return bool(
        con.sql(f"SELECT 1 FROM {parquet_rows([file])} WHERE doc_id IN (FROM gone) LIMIT 1").fetchall()
    )


def _has_new_ids(con: duckdb.DuckDBPyConnection, table: TableSchema, file: Path) -> bool:
    """Whether a fund or an indicator of the file's rows has another id now."""
    if table.name not in ID_JOINS:
        return False
    column, id_, joins = ID_JOINS[table.name]
    sql = f"SELECT 1 FROM {parquet_rows([file])} r {joins} WHERE r.{column} IS DISTINCT FROM {id_} LIMIT 1"
    return bool(con.sql(sql).fetchall())


def _rows_of_year(table: TableSchema, year: int | None, kept: Path | None, staged: Sequence[Path]) -> str:
    """SQL for the rows of one year in the order of the table's key."""
    columns = ", ".join(f'r."{c.name}"' for c in table.columns)
    parts = []
    if kept:
        there = _kept_columns(table, kept)
        parts.append(f"SELECT {there} FROM {parquet_rows([kept])} r WHERE doc_id NOT IN (FROM gone)")
    if staged:
        same_year = f"y.fiscal_year IS NOT DISTINCT FROM {'NULL' if year is None else year}"
        parts.append(
            f"SELECT {columns} FROM {parquet_rows(staged)} r "
            f"JOIN staged_years y ON y.doc_id = r.doc_id AND y.report_no = r.report_no AND {same_year}"
        )
    rows, order = " UNION ALL ".join(parts), ", ".join(f"r.{key}" for key in table.key)
    if table.name not in ID_JOINS:
        return f"SELECT r.* FROM ({rows}) r ORDER BY {order}"
    column, id_, joins = ID_JOINS[table.name]
    return f"SELECT r.* REPLACE ({id_} AS {column}) FROM ({rows}) r {joins} ORDER BY {order}"


def _kept_columns(table: TableSchema, kept: Path) -> str:
    """The columns of `table` from a file that may have been written before some of them were declared."""
    there = set(schema_of(kept).names)
    values = {c.name: f'r."{c.name}"' if c.name in there else "NULL" for c in table.columns}
    return ", ".join(f'CAST({values[c.name]} AS {c.duckdb}) AS "{c.name}"' for c in table.columns)


def _write_whole(
    table: TableSchema, path: Path, old: Path | None, publication: Publication, names: Mapping[str, pa.Table]
) -> None:
    """The one file of a table without years; linked where no row changes. `names` are tables made anew."""
    stored = read_table(old) if old and old.exists() else table.arrow.empty_table()
    before = _with_columns(stored, table.arrow)
    after = names.get(table.name)
    if after is None:
        after = _changed(table, before, publication).sort_by([(k, "ascending") for k in table.key])
    if old and old.exists() and stored.schema.equals(table.arrow) and after.equals(stored):
        _link_file(old, path)
    else:
        write_table(path, after)


def _with_columns(stored: pa.Table, schema: pa.Schema) -> pa.Table:
    """Rows with the declared columns, null where they were written before a column was declared."""
    for column in schema:
        if column.name not in stored.schema.names:
            stored = stored.append_column(column, pa.nulls(stored.num_rows, column.type))
    return stored.select(schema.names).cast(schema)


def _changed(table: TableSchema, before: pa.Table, publication: Publication) -> pa.Table:
    if table is DOCUMENTS:
        return to_arrow(table, _documents(before.to_pylist(), publication))
    if table is OUTCOMES:
        return pa.concat_tables([before, to_arrow(table, map(field_values, publication.outcomes))])
    if table is RUNS and publication.run:
        return pa.concat_tables([before, to_arrow(table, [field_values(publication.run)])])
    return before


def _documents(before: Sequence[dict[str, Any]], publication: Publication) -> list[dict[str, Any]]:
    kept = [row for row in before if row["doc_id"] not in publication.gone]
    moved = [row | {"source": publication.moved.get(row["doc_id"], row["source"])} for row in kept]
    return [*moved, *map(field_values, publication.documents)]


def _link_file(source: Path, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, path)
    except OSError:  # a file system without hard links
        shutil.copy2(source, path)
        sync(path)


def _chain(first: pa.RecordBatch, rest: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    yield first
    yield from rest


def _folder(year: int | None) -> str:
    return f"fiscal_year={NO_YEAR if year is None else year}"


def _year_of(file: Path) -> int | None:
    text = file.parent.name.removeprefix("fiscal_year=")
    return None if text == NO_YEAR else int(text)
