"""The DuckDB file of a generation out of the previous one's: a copy in which the rows of changed reports are replaced.

It holds what `make_database` would make of the same Parquet files; only the order of rows and the numbers of chapters differ.
It is made anew where there is no previous file, where that one was made by other statements, where much changes, and now and
then to be rid of the room that rows which went have left.
"""

import hashlib
import json
import os
import shutil
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.database import (
    STORAGE_VERSION,
    close_database,
    insertion,
    make_database,
    parquet_rows,
    quoted,
    series_years,
    table_statements,
    working_connection,
)
from pipeline.generations import DATABASE
from pipeline.identities import ID_JOINS, NAME_TABLES
from pipeline.parquet import sync, write_text
from pipeline.publishing.scopes import note_touched, scope_changes, scope_undertakers
from pipeline.publishing.search_index import INDEX_STATEMENTS, index_changes, next_number
from pipeline.publishing.summaries import summary_statements
from schemas.records import DOCUMENTS, OUTCOMES, RUNS, SECTIONS, STORE_TABLES
from schemas.summaries import NUMBERED_SECTIONS, UNDERTAKERS
from schemas.views import cross_year_statements, wide_view

MARK = "database.json"
"""Beside the file: by which statements it was made, and how many documents have gone out of it since it was made anew.
Without it the next file is made anew."""

MOST_CHANGED = 4
"""Of so many documents one may change; with more, making the file anew costs no more than changing it."""

MOST_GONE = 2
"""Once one of so many documents has gone since the file was made anew, it is made anew: so the room of rows that went
is at most half of it, and what that costs is spread over as many changes."""


@dataclass(frozen=True, slots=True)
class DatabaseChange:
    """What a generation changes, for its DuckDB file. `files` are all Parquet files by table, `written` those of them that
    are new; `gone` and `taken` are documents whose rows go and come, `moved` gives kept ones another source; `renamed`
    (doc_id, report_no) are, by table, kept reports with rows that have another id; `documents` is how many there are then,
    `went` how many of those before went or were replaced: `gone` may name some that were never published."""

    files: Mapping[str, Sequence[Path]]
    written: Mapping[str, Sequence[Path]]
    gone: Collection[str]
    taken: Collection[str]
    moved: pa.Table
    renamed: Mapping[str, pa.Table]
    documents: int
    went: int


def publish_database(folder: Path, previous: Path | None, change: DatabaseChange, spill: Path) -> bool:
    """Writes the DuckDB file of the generation in `folder`, from that of the folder `previous` if it will do; returns
    whether it did."""
    layout = layout_digest()
    gone = None if previous is None else _gone_so_far(previous, layout, change)
    if previous is None or gone is None:
        make_database(folder / DATABASE, change.files, spill, change.documents)
    else:
        _copy(previous / DATABASE, folder / DATABASE)
        _update(folder / DATABASE, change, spill)
    mark = {"layout": layout, "gone": gone or 0}
    write_text(folder / MARK, json.dumps(mark))
    return gone is not None


def layout_digest() -> str:
    """A digest of all statements that make the file, apart from the years of the wide view."""
    statements = [
        STORAGE_VERSION,
        *table_statements(),
        *summary_statements().values(),
        *INDEX_STATEMENTS,
        *cross_year_statements(()),
    ]
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def _gone_so_far(previous: Path, layout: str, change: DatabaseChange) -> int | None:
    """The documents that have gone since the file was made anew, with those of this change; None if it is to be now."""
    try:
        mark = json.loads((previous / MARK).read_text(encoding="utf-8"))
        found, before = mark["layout"], int(mark["gone"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # of an older jixiao
        return None
    renamed = len({i for rows in change.renamed.values() for i in rows.column("doc_id").to_pylist()})
    gone = before + change.went + renamed
    changed = max(change.went, len(change.taken)) + renamed
    if found != layout or changed * MOST_CHANGED > change.documents or gone * MOST_GONE > change.documents:
        return None
    return gone


def _copy(source: Path, path: Path) -> None:
    """A copy that shares the bytes on disk where the file system can."""
    copy_range = getattr(os, "copy_file_range", None)  # Linux has it, macOS not
    if copy_range is None:
        shutil.copyfile(source, path)
        return
    with source.open("rb") as old, path.open("wb") as new:
        size = os.fstat(old.fileno()).st_size
        try:
            while (at := new.tell()) < size:
                copied = copy_range(old.fileno(), new.fileno(), size - at, at, at)
                if not copied:
                    break
                new.seek(at + copied)
        except OSError:  # a file system that cannot
            new.seek(0)
            shutil.copyfileobj(old, new, 1 << 20)


def _update(path: Path, change: DatabaseChange, spill: Path) -> None:
    with working_connection(spill, change.documents) as con:
        con.execute(f"ATTACH {quoted(path)} AS jixiao")
        con.execute("USE jixiao")
        con.execute("SET wal_autocheckpoint = '1TB'")  # once, at the end
        _make_temporary(con, change)
        con.execute("BEGIN")
        note_touched(con)
        _replace_rows(con, change)
        _replace_names(con, change)
        con.execute("COMMIT")
        con.execute("BEGIN")
        before = series_years(con)
        scope_changes(con)
        statements = summary_statements()
        for name, statement in statements.items():
            if name == UNDERTAKERS.name:
                scope_undertakers(con)
            con.execute(statement)
        con.execute("COMMIT")
        if (after := series_years(con)) != before:
            view = wide_view(after)
            con.execute(f'DROP VIEW "{view.name}"')
            for statement in view.ddl():
                con.execute(statement)
        close_database(con)
    path.chmod(0o444)
    sync(path)


def _make_temporary(con: duckdb.DuckDBPyConnection, change: DatabaseChange) -> None:
    tables = {
        "gone": pa.table({"doc_id": pa.array(sorted(change.gone), pa.string())}),
        "taken": pa.table({"doc_id": pa.array(sorted(change.taken), pa.string())}),
        "moved": change.moved,
        **{f"renamed_in_{name}": rows for name, rows in change.renamed.items()},
    }
    for name, rows in tables.items():
        con.register("put", rows)
        con.execute(f"CREATE TEMP TABLE {name} AS FROM put")
        con.unregister("put")
    parts = " UNION ".join(f"SELECT doc_id, report_no FROM renamed_in_{name}" for name in change.renamed)
    con.execute(f"CREATE TEMP TABLE renamed AS {parts}")


def _replace_rows(con: duckdb.DuckDBPyConnection, change: DatabaseChange) -> None:
    """The rows of reports, documents, outcomes and runs."""
    chapters = f"FROM {NUMBERED_SECTIONS} WHERE doc_id IN (FROM gone)"
    con.execute(f"CREATE TEMP TABLE gone_chapters AS SELECT count(*) AS chapters {chapters}")
    con.execute(
        f"CREATE TEMP TABLE gone_words AS SELECT word, count(*) AS n FROM (SELECT unnest(words) AS word {chapters}) GROUP BY word"
    )
    first_number = next_number(con)
    for table in STORE_TABLES:
        if table in NAME_TABLES:
            continue
        name = NUMBERED_SECTIONS if table is SECTIONS else table.name
        come = {OUTCOMES: "true", RUNS: "run_id NOT IN (SELECT run_id FROM runs)"}.get(
            table, "doc_id IN (FROM taken)"
        )
        if table not in (OUTCOMES, RUNS):
            con.execute(f'DELETE FROM "{name}" WHERE doc_id IN (FROM gone)')
        if table.name in ID_JOINS:
            renamed = f"(doc_id, report_no) IN (SELECT doc_id, report_no FROM renamed_in_{name})"
            con.execute(f'DELETE FROM "{name}" WHERE {renamed}')
            come += f" OR {renamed}"
        if table is DOCUMENTS and change.moved.num_rows:
            con.execute(
                "UPDATE documents SET source = moved.source, run_id = coalesce(moved.run_id, documents.run_id) "
                "FROM moved WHERE moved.doc_id = documents.doc_id"
            )
        if written := change.written[table.name]:
            rows = f"SELECT * FROM {parquet_rows(written)} WHERE {come}"
            con.execute(insertion(table, rows, first_number=first_number))
    index_changes(con, first_number)


def _replace_names(con: duckdb.DuckDBPyConnection, change: DatabaseChange) -> None:
    """The catalogues, by their differences; what of them the summary tables quote is noted."""
    con.execute("CREATE TEMP TABLE changed_units (indicator_id VARCHAR)")
    con.execute("CREATE TEMP TABLE changed_names (fund_id VARCHAR)")
    for table in NAME_TABLES:
        if not change.written[table.name]:
            continue
        columns = ", ".join(f'"{c.name}"' for c in table.columns)
        new = f"SELECT {columns} FROM {parquet_rows(change.written[table.name])}"
        old = f'SELECT {columns} FROM "{table.name}"'
        if quoted_by := _QUOTED.get(table.name):
            into, key, values = quoted_by
            con.execute(
                f"INSERT INTO {into} SELECT DISTINCT {key} FROM ("
                f"(SELECT {values} FROM ({new}) EXCEPT SELECT {values} FROM ({old})) "
                f"UNION (SELECT {values} FROM ({old}) EXCEPT SELECT {values} FROM ({new})))"
            )
        con.execute(f"CREATE OR REPLACE TEMP TABLE went AS ({old}) EXCEPT ({new})")
        con.execute(f"CREATE OR REPLACE TEMP TABLE came_new AS ({new}) EXCEPT ({old})")
        same = " AND ".join(f'went."{k}" IS NOT DISTINCT FROM "{table.name}"."{k}"' for k in table.key)
        con.execute(f'DELETE FROM "{table.name}" WHERE EXISTS (FROM went WHERE {same})')
        con.execute(f'INSERT INTO "{table.name}" SELECT {columns} FROM came_new')


_QUOTED = {
    "indicator_names": ("changed_units", "indicator_id", "indicator_id, unit_kind, unit, unit_factor"),
    "funds": ("changed_names", "fund_id", "fund_id, name"),
}
"""By catalogue: the temporary table of rows with other values, their key, and what summary tables quote."""
