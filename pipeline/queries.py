"""Questions to the store that Ctrl-C ends at once."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import duckdb
import pyarrow as pa

from schemas.errors import UsageError

BATCH_ROWS = 20_000
"""Rows that are held at a time: enough to be fast, few enough to be small, whatever the result's size."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Rows:
    """A result that is read once, batch by batch."""

    schema: pa.Schema
    batches: Iterator[pa.RecordBatch]


def answer(con: duckdb.DuckDBPyConnection, query: str) -> pa.Table | None:
    """The whole result of SQL; None for a statement that has none. Raises UsageError for SQL that fails."""

    def ask() -> pa.Table | None:
        result = con.sql(query)
        table: pa.Table | None = None if result is None else result.to_arrow_table()
        return table

    return _beside(con, ask)


def stream(con: duckdb.DuckDBPyConnection, query: str, batch_rows: int = BATCH_ROWS) -> Rows:
    """The result of SQL, of which one batch is in memory at a time. It is to be read to its end before
    the next question. Raises UsageError for SQL that fails, at once or on the way, or that gives no rows.
    """

    def ask() -> pa.RecordBatchReader | None:
        if len(con.extract_statements(query)) > 1:
            raise UsageError("the SQL holds several statements; give one SELECT")
        result = con.sql(query)
        reader: pa.RecordBatchReader | None = None if result is None else result.to_arrow_reader(batch_rows)
        return reader

    reader = _beside(con, ask)
    if reader is None:
        raise UsageError("the SQL gives no rows; it should be one SELECT")
    return Rows(reader.schema, _batches(con, reader))


def _batches(con: duckdb.DuckDBPyConnection, reader: pa.RecordBatchReader) -> Iterator[pa.RecordBatch]:
    def following() -> pa.RecordBatch | None:
        try:
            return reader.read_next_batch()
        except StopIteration:
            return None

    while (batch := _beside(con, following)) is not None:
        if batch.num_rows:
            yield batch


def _beside(con: duckdb.DuckDBPyConnection, work: Callable[[], T]) -> T:
    """What `work` gives. DuckDB does not look for Ctrl-C while a query runs, so the query runs beside
    this thread, which can end it at once. Arrow's reader passes on DuckDB's errors as its own."""
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(work())
        except (duckdb.Error, pa.ArrowException, OSError, UsageError) as error:
            errors.append(error)
        finally:
            done.set()

    done = threading.Event()  # Thread.join would take a thread for ended when Ctrl-C interrupts it
    thread = threading.Thread(target=run, daemon=True)
    try:
        thread.start()
        while not done.wait(0.1):  # wakes now and then, since another thread may have got the signal
            pass
    except KeyboardInterrupt:
        while not done.wait(0.05):  # again and again: an interrupt before the query has begun is lost
            con.interrupt()
        raise
    if errors:
        raise UsageError(str(errors[0])) from errors[0]
    return results[0]
