"""The DuckDB file: made once per generation, opened read-only by everyone."""

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import duckdb

from pipeline.generations import DATABASE, published_path
from pipeline.parquet import sync
from pipeline.summaries import summary_statements
from schemas.errors import StoreError
from schemas.records import STORE_TABLES
from schemas.views import cross_year_statements

STORAGE_VERSION = "v1.0.0"
"""The file format that every DuckDB client since 1.0 opens."""

_QUIET = {
    # extensions are downloaded at run time, which closed networks do not allow
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
}


def working_connection(spill: Path) -> duckdb.DuckDBPyConnection:
    """A connection to sort and join with; what exceeds the memory goes to `spill`."""
    return duckdb.connect(":memory:", config={**_QUIET, "temp_directory": str(spill)})


def make_database(path: Path, files: Mapping[str, Sequence[Path]], spill: Path) -> None:
    """Writes the DuckDB file of a generation: every table, filled from its Parquet files in their
    order, the summary tables worked out of them, with comments, Chinese views and macros."""
    with working_connection(spill) as con:
        con.execute(f"ATTACH {quoted(path)} AS jixiao (STORAGE_VERSION '{STORAGE_VERSION}')")
        con.execute("USE jixiao")
        for table in STORE_TABLES:
            for statement in table.ddl():
                con.execute(statement)
            columns = ", ".join(f'"{c.name}"' for c in table.columns)
            con.execute(f'INSERT INTO "{table.name}" SELECT {columns} FROM {parquet_rows(files[table.name])}')
        for statement in summary_statements():
            con.execute(statement)
        for statement in cross_year_statements(_years(con)):
            con.execute(statement)
        con.execute("CHECKPOINT jixiao")
        con.execute("USE memory")
        con.execute("DETACH jixiao")
    path.chmod(0o444)
    sync(path)


def _years(con: duckdb.DuckDBPyConnection) -> list[int]:
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
