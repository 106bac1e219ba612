"""Parquet files: written the same for the same rows, durable, and never changed afterwards."""

import os
import shutil
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

GROUP_ROWS = 8192
"""Rows of a row group. Counted in rows, so that the same rows give the same bytes."""

FALSE_POSITIVES = 0.01
"""Share of the row groups without a value that its Bloom filter lets a reader open nevertheless."""


def write_parquet(
    path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch], asked_by: Collection[str] = ()
) -> int:
    """Writes rows of `schema` to a new file, whole on disk when this returns, read-only; returns the number of rows.

    The text columns `asked_by` get Bloom filters: a reader that looks for a value of them skips the row groups that do
    not hold it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    groups = _groups(schema, batches)
    first = next(groups, schema.empty_table())
    filters = {name: {"ndv": max(first.num_rows, 1), "fpp": FALSE_POSITIVES} for name in asked_by}
    options: dict[str, Any] = {"bloom_filter_options": filters} if filters else {}
    rows = 0
    with pq.ParquetWriter(
        path, schema, compression="zstd", write_statistics=True, write_page_checksum=True, **options
    ) as writer:
        for group in chain([first], groups):
            if group.num_rows:
                writer.write_table(group, row_group_size=GROUP_ROWS)
            rows += group.num_rows
    path.chmod(0o444)
    sync(path)
    return rows


def write_table(path: Path, table: pa.Table, asked_by: Collection[str] = ()) -> int:
    """Writes a table as `write_parquet` does."""
    return write_parquet(path, table.schema, table.to_batches(), asked_by)


def write_text(path: Path, text: str) -> None:
    """Writes a small new file as `write_parquet` does."""
    path.write_text(text, encoding="utf-8")
    path.chmod(0o444)
    sync(path)


def link_file(source: Path, path: Path) -> None:
    """Gives a published file a second name; its rows are not copied."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(source, path)
    except OSError:  # a file system without hard links, or a file with as many as it allows
        shutil.copy2(source, path)
        sync(path)


def read_table(path: Path) -> pa.Table:
    """All rows of one file, without columns that its folders' names would add."""
    return pq.ParquetFile(path).read()


def verified_rows(path: Path) -> int:
    """The rows of one file, every page of which was read and found as it was written. Raises ArrowException or OSError."""
    file = pq.ParquetFile(path, page_checksum_verification=True)
    return sum(file.read_row_group(n).num_rows for n in range(file.num_row_groups))


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
