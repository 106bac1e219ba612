"""The DuckDB file: made once per generation, opened read-only by everyone."""

import os
import re
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import duckdb

from pipeline.generations import DATABASE, published_path
from pipeline.parquet import sync
from pipeline.publishing.scopes import scope_all
from pipeline.publishing.search_index import index_all
from pipeline.publishing.summaries import summary_statements
from schemas.errors import StoreError
from schemas.records import SECTIONS, STORE_TABLES
from schemas.summaries import NUMBERED_SECTIONS, SUMMARY_TABLES
from schemas.tables import TableSchema, sql_text
from schemas.views import cross_year_statements

STORAGE_VERSION = "v1.0.0"
"""The file format that every DuckDB client since 1.0 opens."""

_QUIET = {
    # extensions are downloaded at run time, which closed networks do not allow
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


LEAST_MEMORY, MEMORY_A_DOCUMENT, MEMORY_SHARE = 512 << 20, 10 << 10, 4
"""Bytes that a working connection takes: half a gigabyte does for 100,000 generated reports; as many bytes a document leave room
for longer ones. More only keeps what sorts and joins could spill to disk. Beyond the half gigabyte no more than this part of the machine's."""


def working_connection(spill: Path, documents: int) -> duckdb.DuckDBPyConnection:
    """A connection to sort and join the rows of so many documents with; what exceeds its memory goes to `spill`."""
    memory = max(LEAST_MEMORY, min(documents * MEMORY_A_DOCUMENT, _machine_memory() // MEMORY_SHARE))
    config: dict[str, str | bool | int | float | list[str]] = {
        **_QUIET,
        "temp_directory": str(spill),
        "memory_limit": f"{memory}B",
    }
    return duckdb.connect(":memory:", config=config)


def _machine_memory() -> int:
    """Bytes of memory that this process may use: the machine's, or its control group's where that is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    try:
        limit = Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii").strip()
    except OSError:  # no control groups here
        return machine
    return min(machine, int(limit)) if limit.isdecimal() else machine


def make_database(path: Path, files: Mapping[str, Sequence[Path]], spill: Path, documents: int) -> None:
    """Writes the DuckDB file of a generation of so many documents: every table, filled from its Parquet files in their
    order, the summary tables worked out of them, with comments, Chinese views and macros."""
    with working_connection(spill, documents) as con:
        con.execute(f"ATTACH {quoted(path)} AS jixiao (STORAGE_VERSION '{STORAGE_VERSION}')")
        con.execute("USE jixiao")
        _execute_all(con, table_statements())
        for table in STORE_TABLES:
            con.execute(insertion(table, f"SELECT * FROM {parquet_rows(files[table.name])}", first_number=1))
        scope_all(con)
        for statement in summary_statements().values():
            con.execute(statement)
        index_all(con)
        _execute_all(con, cross_year_statements(series_years(con)))
        close_database(con)
    path.chmod(0o444)
    sync(path)


def table_statements() -> list[str]:
    """SQL that makes the tables of a generation's DuckDB file, without rows."""
    store = [statement for table in STORE_TABLES for statement in _table_ddl(table)]
    return store + [statement for table in SUMMARY_TABLES for statement in table.table_ddl()]


def _table_ddl(table: TableSchema) -> list[str]:
    """SQL that makes a table of the store. That of chapters is a view of the table with their numbers."""
    if table is not SECTIONS:
        return table.ddl()
    made, whole = table.table_ddl(), table.ddl()
    body = ", ".join(f'"{c.name}"' for c in table.columns)
    numbered = [statement.replace(f'"{table.name}"', f'"{NUMBERED_SECTIONS}"', 1) for statement in made]
    number = "章节编号: what section_index knows the chapter by; stays while the chapter is not read anew"
    place = "先后: by fiscal year, then by doc_id: what a search with too many hits takes the latest by"
    return [
        numbered[0].replace(" (", " (number BIGINT, place BIGINT, ", 1),
        *numbered[1:],
        f'COMMENT ON COLUMN "{NUMBERED_SECTIONS}".number IS {sql_text(number)}',
        f'COMMENT ON COLUMN "{NUMBERED_SECTIONS}".place IS {sql_text(place)}',
        f'CREATE VIEW "{table.name}" AS SELECT {body} FROM "{NUMBERED_SECTIONS}"',
        *(statement.replace("COMMENT ON TABLE", "COMMENT ON VIEW", 1) for statement in made[1:]),
        *whole[len(made) :],
    ]


def insertion(table: TableSchema, rows: str, *, first_number: int) -> str:
    """SQL that adds rows to a table of the store; chapters are numbered from `first_number` on, in their order."""
    columns = ", ".join(f'"{c.name}"' for c in table.columns)
    if table is not SECTIONS:
        return f'INSERT INTO "{table.name}" SELECT {columns} FROM ({rows})'
    number = f"row_number() OVER () + {first_number - 1}"
    years = "(SELECT doc_id, report_no, fiscal_year FROM reports)"
    return (
        f"INSERT INTO {NUMBERED_SECTIONS} SELECT {number}, {_PLACE}, {columns} "
        f"FROM ({rows}) LEFT JOIN {years} USING (doc_id, report_no)"
    )


_PLACE = (
    "(greatest(0, least(coalesce(fiscal_year, 0), 32767))::BIGINT << 48) + ('0x' || left(doc_id, 12))::BIGINT"
)
"""One number that chapters are put in order by, for a million are in a moment: the fiscal year, and 48 bits of doc_id."""


def close_database(con: duckdb.DuckDBPyConnection) -> None:
    """Writes the attached database jixiao to its file, and lets go of it."""
    con.execute("CHECKPOINT jixiao")
    con.execute("USE memory")
    con.execute("DETACH jixiao")


def _execute_all(con: duckdb.DuckDBPyConnection, statements: Iterable[str]) -> None:
    """All in one transaction: a comment is a statement, and each transaction waits for the disk."""
    con.execute("BEGIN")
    for statement in statements:
        con.execute(statement)
    con.execute("COMMIT")


def series_years(con: duckdb.DuckDBPyConnection) -> list[int]:
    """The fiscal years that indicators are known of."""
    sql = "SELECT DISTINCT fiscal_year FROM indicator_years WHERE fiscal_year IS NOT NULL ORDER BY ALL"
    return [year for (year,) in con.sql(sql).fetchall()]


def open_store(path: Path | str = "data", generation: int | None = None) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the store in the folder `path`: to its current generation, or to
    an older one that is still kept. It stays on that generation while others are published.

    Its SQL can neither write nor read any other file. Raises StoreError where there is no store.
    """
    file = published_path(Path(path), generation) / DATABASE
    config: dict[str, str | bool | int | float | list[str]] = {
        **_QUIET,
        "enable_external_access": "false",
        "python_enable_replacements": "false",  # a Python variable's name is no table
        "lock_configuration": "true",
        # large sorts must not spill into the published tree
        "temp_directory": os.path.join(tempfile.gettempdir(), f"jixiao-{os.getpid()}"),
    }
    try:
        return duckdb.connect(str(file), read_only=True, config=config)
    except duckdb.Error as error:
        raise StoreError(f"{file}: the store cannot be opened: {error}") from error


def parquet_rows(files: Sequence[Path]) -> str:
    """SQL that reads the rows of Parquet files, with the files' own columns only."""
    return f"read_parquet([{', '.join(_literal(f) for f in files)}], hive_partitioning = false)"


def _literal(path: Path) -> str:
    """A path as an SQL string that no glob character in a folder's name can widen."""
    return quoted(Path(re.sub(r"([*?\[])", r"[\1]", str(path))))


def quoted(path: Path) -> str:
    """A path as an SQL string."""
    return "'" + str(path).replace("'", "''") + "'"
