"""Parquet files: written the same for the same rows, durable, and never changed afterwards."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS = 8192
"""Rows of a row group. Counted in rows, so that the same rows give the same bytes."""


def write_parquet(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Writes rows of `schema` to a new file, whole on disk when this returns, read-only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with pq.ParquetWriter(path, schema, compression="zstd", write_statistics=True) as writer:
        for group in _groups(schema, batches):
            writer.write_table(group, row_group_size=GROUP_ROWS)
    path.chmod(0o444)
    sync(path)


def write_table(path: Path, table: pa.Table) -> None:
    """Writes a table as `write_parquet` does."""
    write_parquet(path, table.schema, table.to_batches())


def read_table(path: Path) -> pa.Table:
    """All rows of one file, without columns that its folders' names would add."""
    return pq.ParquetFile(path).read()


def schema_of(path: Path) -> pa.Schema:
    """The columns of one file, from its footer."""
    return pq.read_schema(path)


def count_rows(path: Path) -> int:
    """Rows of one file, from its footer."""
    return int(pq.ParquetFile(path).metadata.num_rows)


def sync(path: Path) -> None:
    """Waits until the file or folder is on disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _groups(schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """The rows in tables of GROUP_ROWS, however they came: pages are cut where chunks are."""
    held: list[pa.RecordBatch] = []
    rows = 0
    for batch in batches:
        held.append(batch)
        rows += batch.num_rows
        while rows >= GROUP_ROWS:
            table = pa.Table.from_batches(held)
            yield _whole(table.slice(0, GROUP_ROWS), schema)
            held = table.slice(GROUP_ROWS).to_batches()
            rows -= GROUP_ROWS
    if rows:
        yield _whole(pa.Table.from_batches(held), schema)


def _whole(table: pa.Table, schema: pa.Schema) -> pa.Table:
    return table.select(schema.names).cast(schema).combine_chunks()
