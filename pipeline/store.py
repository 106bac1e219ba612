"""Publishing: the previous generation, less what is replaced, plus what is staged, becomes the next."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.alignment.decisions import Decisions
from pipeline.database import working_connection
from pipeline.generations import ALIGNMENT, current_number, generation_path, new_generation
from pipeline.identities import ID_JOINS, NAME_TABLES, identify
from pipeline.parquet import link_file, write_table
from pipeline.plan import Published
from pipeline.publishing.bucket_files import WrittenFiles, rows_of_files, write_buckets
from pipeline.publishing.changes import (
    documents_change,
    find_renamed,
    make_scratch,
    make_view_of_all,
    make_view_of_old,
    moved_rows,
    record_change,
)
from pipeline.publishing.database_update import DatabaseChange, publish_database
from pipeline.publishing.inventory import TableFiles, read_inventory, write_inventory
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

PART = "part-0.parquet"
"""The file of a table that is written whole."""

_BATCH_ROWS = 8192


@dataclass(frozen=True, slots=True)
class Publication:
    """What a generation changes. `staged` gives the files of staged rows of a table; `run` and `documents` are what
    was read, None and none where only names are aligned anew; `gone` are published documents whose rows are replaced
    or dropped; `moved` gives kept documents another source, and `moved_runs` some of them another run; `decisions` are
    what people decided on names; `whole` asks for the names of all reports to be aligned anew, whatever the previous
    generation knew of them."""

    decisions: Decisions
    staged: Callable[[str], Sequence[Path]] = lambda table: ()
    run: RunRow | None = None
    documents: Sequence[DocumentRow] = ()
    outcomes: Sequence[OutcomeRow] = ()
    gone: frozenset[str] = frozenset()
    moved: Mapping[str, str] = field(default_factory=dict)
    moved_runs: Mapping[str, str] = field(default_factory=dict)
    whole: bool = False


def published_documents(store: Path) -> tuple[list[Published], frozenset[str]]:
    """The documents of the current generation, and the ids of all its runs."""
    with store_errors(store):
        old = read_inventory(_previous(store))
        with duckdb.connect() as con:
            runs = rows_of_files(RUNS, old[RUNS.name].paths(), is_current=old[RUNS.name].is_current)
            roots = dict(con.sql(f"SELECT run_id, root FROM ({runs})").fetchall())
            documents = old[DOCUMENTS.name]
            sql = (
                "SELECT doc_id, source, sha256, status, parser_version, run_id, coalesce(unread_pages, 0) "
                f"FROM ({rows_of_files(DOCUMENTS, documents.paths(), is_current=documents.is_current)})"
            )
            found = [
                Published(doc_id, source, sha256, status, version, roots[run_id], unread)
                for batch in con.sql(sql).to_arrow_reader(_BATCH_ROWS)
                for doc_id, source, sha256, status, version, run_id, unread in zip(
                    *(column.to_pylist() for column in batch.columns), strict=True
                )
            ]
    return found, frozenset(roots)


def publish(store: Path, publication: Publication) -> int:
    """Publishes the next generation and returns its number. Raises StoreError when it cannot be
    written, UsageError for decisions that cannot be followed; the current generation then stays as it is."""
    with store_errors(store):
        previous = _previous(store)
        old = read_inventory(previous)
        moved = moved_rows(publication.moved, publication.moved_runs)
        with new_generation(store) as (number, folder):
            spill = folder / "spill"
            most = sum(old[DOCUMENTS.name].rows.values()) + len(publication.documents)
            with working_connection(spill, most) as con:
                written = _write_files(con, publication, moved, previous, old, folder)
                renamed = {
                    name: con.sql(f"SELECT doc_id, report_no FROM renamed_in_{name}").to_arrow_table()
                    for name in ID_JOINS
                }
            write_inventory(folder, {name: files.rows for name, files in written.items()})
            documents = sum(written[DOCUMENTS.name].rows.values())
            change = DatabaseChange(
                files={
                    name: [folder / "parquet" / name / f for f in sorted(w.rows)]
                    for name, w in written.items()
                },
                written={name: w.written for name, w in written.items()},
                gone=publication.gone,
                taken=[d.doc_id for d in publication.documents],
                moved=moved,
                renamed=renamed,
                documents=documents,
                went=most - documents,
            )
            publish_database(folder, previous, change, spill)
            shutil.rmtree(spill, ignore_errors=True)
    return number


def _write_files(
    con: duckdb.DuckDBPyConnection,
    publication: Publication,
    moved: pa.Table,
    previous: Path | None,
    old: Mapping[str, TableFiles],
    folder: Path,
) -> dict[str, WrittenFiles]:
    """Writes and links the Parquet files of the generation in `folder`; the folder of the previous one is `previous`."""
    make_scratch(
        con,
        gone=publication.gone,
        taken=(d.doc_id for d in publication.documents),
        moved=moved,
        old=old,
        staged=publication.staged(REPORTS.name),
    )
    for table in (REPORTS, INDICATORS):
        make_view_of_all(con, table, old[table.name], publication.staged(table.name))
    for table in NAME_TABLES:
        make_view_of_old(con, table, old[table.name])
    state = previous and previous / ALIGNMENT
    names = identify(
        con,
        publication.decisions,
        state=state if state and state.is_dir() else None,
        new_state=folder / ALIGNMENT,
        whole=publication.whole or previous is None,
    )
    find_renamed(con, old)
    written = {}
    for table in STORE_TABLES:
        new, before = folder / "parquet" / table.name, old[table.name]
        if table.by_year:
            change = record_change(con, table, before, publication.staged(table.name))
            written[table.name] = write_buckets(con, table, new, before, change)
        elif table is DOCUMENTS:
            rows = to_arrow(table, map(field_values, publication.documents))
            written[table.name] = write_buckets(con, table, new, before, documents_change(con, before, rows))
        elif table is OUTCOMES:
            written[table.name] = _add_outcomes(con, new, before, publication)
        else:
            written[table.name] = _write_whole(con, table, new, before, publication, names.get(table.name))
    return written


@contextmanager
def store_errors(store: Path) -> Iterator[None]:
    """Turns what DuckDB, Arrow and the disk raise into StoreError."""
    try:
        yield
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise StoreError(f"{store}: the store could not be read or written: {error}") from error


def _previous(store: Path) -> Path | None:
    """The folder of the current generation, which the next one follows; None where there is none."""
    number = current_number(store)
    return None if number is None else generation_path(store, number)


def _add_outcomes(
    con: duckdb.DuckDBPyConnection, new: Path, old: TableFiles, publication: Publication
) -> WrittenFiles:
    """A file for each run: what became of the files of earlier runs does not change any more."""
    rows = {name: count for name, count in old.rows.items() if count}
    written: list[Path] = []
    for name in rows:
        if old.is_current:
            link_file(old.folder / name, new / name)
        else:
            stored = con.sql(rows_of_files(OUTCOMES, [old.folder / name], is_current=False))
            write_table(new / name, stored.to_arrow_table().cast(OUTCOMES.arrow))
            written.append(new / name)
    if publication.run and publication.outcomes:
        name = f"run-{publication.run.run_id}.parquet"
        outcomes = to_arrow(OUTCOMES, map(field_values, publication.outcomes))
        rows[name] = write_table(new / name, outcomes.sort_by([(k, "ascending") for k in OUTCOMES.key]))
        written.append(new / name)
    if not rows:
        rows[PART] = write_table(new / PART, OUTCOMES.arrow.empty_table())
    return WrittenFiles(rows, tuple(written))


def _write_whole(
    con: duckdb.DuckDBPyConnection,
    table: TableSchema,
    new: Path,
    old: TableFiles,
    publication: Publication,
    names: pa.Table | None,
) -> WrittenFiles:
    """The one file of a small table; linked where no row changes. `names` are the rows of one that was made anew."""
    before = (
        con.sql(rows_of_files(table, old.paths(), is_current=old.is_current))
        .to_arrow_table()
        .cast(table.arrow)
    )
    after = before
    if names is not None:
        after = names
    elif table is RUNS and publication.run:
        run = to_arrow(table, [field_values(publication.run)])
        after = pa.concat_tables([before, run]).sort_by([(k, "ascending") for k in table.key])
    if list(old.rows) == [PART] and old.is_current and after.equals(before):
        link_file(old.folder / PART, new / PART)
        return WrittenFiles({PART: after.num_rows}, ())
    write_table(new / PART, after)
    return WrittenFiles({PART: after.num_rows}, (new / PART,))
