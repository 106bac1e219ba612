"""The Parquet files of a table in the next generation: buckets whose rows change are written, all others linked."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.database import parquet_rows
from pipeline.parquet import link_file, schema_of, write_parquet, write_table
from pipeline.publishing.buckets import (
    PREFIX_DIGITS,
    Bucket,
    bucket_count,
    bucket_of,
    bucket_path,
    buckets_of,
)
from pipeline.publishing.inventory import TableFiles
from schemas.errors import StoreError
from schemas.tables import TableSchema

BATCH_ROWS = 8192

ASKED_BY = frozenset(("fund_id", "indicator_id", "name", "undertaker", "organisation"))
"""Columns that people look for one value of, over all years, in tables that are not sorted by them."""

Place = tuple[int | None, str]
"""A fiscal year and leading digits of doc_id."""


@dataclass(frozen=True, slots=True)
class Change:
    """How the rows of a table change, as SQL. `lost` is the condition on rows r of the previous generation that go,
    `lost_in` the years and leading digits that they can stand in; `fresh` gives the rows that come, with their year
    as `_year`, and `fresh_places` the year and doc_id of each of them."""

    lost: str
    lost_in: Set[Place]
    fresh: str | None
    fresh_places: str | None


@dataclass(frozen=True, slots=True)
class WrittenFiles:
    """The files of a table: rows by path below its folder, and those of them that are new."""

    rows: Mapping[str, int]
    written: tuple[Path, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """The buckets that are linked, those whose old rows are read, and the number of buckets and of rows of each year."""

    linked: Mapping[Bucket, tuple[Path, int]]
    read: Mapping[Bucket, Path]
    counts: Mapping[int | None, int]
    written_rows: int


def write_buckets(
    con: duckdb.DuckDBPyConnection, table: TableSchema, new: Path, old: TableFiles, change: Change
) -> WrittenFiles:
    """Writes or links the files of a table below the folder `new`.

    Raises StoreError where the rows written are not as many as the previous generation's list of files promises.
    """
    by_year = table.by_year
    plan = _plan(con, table, old, change)
    rows: dict[str, int] = {}
    written: list[Path] = []
    for bucket, (source, count) in plan.linked.items():
        path = bucket_path(new, bucket, by_year=by_year)
        link_file(source, path)
        rows[path.relative_to(new).as_posix()] = count
    if plan.written_rows:
        sql = _rows(table, plan, change, old)
        reader = con.sql(sql).to_arrow_reader(BATCH_ROWS)
        asked_by = [c.name for c in table.columns if c.name in ASKED_BY]
        for bucket, batches in groupby(_cut(reader, plan.counts), key=lambda part: part[0]):
            path = bucket_path(new, bucket, by_year=by_year)
            count = write_parquet(path, table.arrow, (batch for _, batch in batches), asked_by)
            rows[path.relative_to(new).as_posix()] = count
            written.append(path)
        found = sum(rows[p.relative_to(new).as_posix()] for p in written)
        if found != plan.written_rows:
            raise StoreError(
                f"{old.folder}: {table.name} gives {found} rows where its list of files promises {plan.written_rows}; "
                "the files of this generation were changed, go back to an older one"
            )
    if not rows:  # a file without rows, so that globs find the columns
        path = bucket_path(new, Bucket(None, 0, 1), by_year=by_year)
        name = path.relative_to(new).as_posix()
        if old.is_current and name in old.rows and not old.rows[name]:
            link_file(old.folder / name, path)
        else:
            write_table(path, table.arrow.empty_table())
        rows[name] = 0
    return WrittenFiles(rows, tuple(written))


def _plan(con: duckdb.DuckDBPyConnection, table: TableSchema, old: TableFiles, change: Change) -> _Plan:
    before = old.buckets()
    lost = _lost(con, table, change, old)
    fresh = _counted(con, change.fresh_places)
    totals: Counter[int | None] = Counter()
    for bucket, (_, count) in before.items():
        totals[bucket.year] += count
    for (year, _), count in fresh.items():
        totals[year] += count
    for (year, _), count in lost.items():
        totals[year] -= count
    counts = {year: bucket_count(table.name, rows) for year, rows in totals.items()}
    touched = {year: set[str]() for year in totals}
    for year, prefix in (*lost, *fresh):
        touched[year].add(prefix)
    hit = {year: buckets_of(prefixes, counts[year]) for year, prefixes in touched.items()}
    linked, read = {}, {}
    for bucket, (path, count) in before.items():
        same_cut = old.is_current and bucket.of == counts[bucket.year]
        if same_cut and bucket.number not in hit[bucket.year]:
            linked[bucket] = (path, count)
        else:
            read[bucket] = path
    return _Plan(linked, read, counts, sum(totals.values()) - sum(count for _, count in linked.values()))


def _lost(
    con: duckdb.DuckDBPyConnection, table: TableSchema, change: Change, old: TableFiles
) -> Counter[Place]:
    """How many rows go, by year and leading digits: asked only of the files that can hold some."""
    files = files_at(old, change.lost_in)
    if not files:
        return Counter()
    kept = kept_rows(table, files, old)
    return _counted(con, f"SELECT _year, doc_id FROM ({kept}) r WHERE {change.lost}")


def _counted(con: duckdb.DuckDBPyConnection, places: str | None) -> Counter[Place]:
    if places is None:
        return Counter()
    sql = f"SELECT _year, left(doc_id, {PREFIX_DIGITS}), count(*) FROM ({places}) GROUP BY ALL"
    return Counter({(year, prefix): rows for year, prefix, rows in con.sql(sql).fetchall()})


def _rows(table: TableSchema, plan: _Plan, change: Change, old: TableFiles) -> str:
    """SQL for the rows of all files that are written, in the order of the files and of the table's key."""
    columns = ", ".join(f'"{c.name}"' for c in table.columns)
    parts = []
    if plan.read:
        kept = kept_rows(table, plan.read, old)
        parts.append(f"SELECT _year, {columns} FROM ({kept}) r WHERE NOT ({change.lost})")
    if change.fresh:
        parts.append(f"SELECT _year, {columns} FROM ({change.fresh})")
    order = ", ".join(f'"{key}"' for key in table.key)
    return f"SELECT * FROM ({' UNION ALL '.join(parts)}) ORDER BY _year NULLS LAST, {order}"


def files_at(old: TableFiles, places: Set[Place]) -> dict[Bucket, Path]:
    """The files of a table that rows in these years and with these digits stand in."""
    prefixes: dict[int | None, set[str]] = {}
    for year, prefix in places:
        prefixes.setdefault(year, set()).add(prefix)
    return {
        bucket: path
        for bucket, (path, _) in old.buckets().items()
        if bucket.number in buckets_of(prefixes.get(bucket.year, ()), bucket.of)
    }


def kept_rows(table: TableSchema, files: Mapping[Bucket, Path], old: TableFiles) -> str:
    """SQL for the rows of files, with their year as `_year`."""
    by_year: dict[int | None, list[Path]] = {}
    for bucket, path in sorted(files.items(), key=lambda item: item[1]):
        by_year.setdefault(bucket.year, []).append(path)
    parts = [
        f"SELECT {_year(year)} AS _year, * FROM ({rows_of_files(table, paths, is_current=old.is_current)})"
        for year, paths in by_year.items()
    ]
    return " UNION ALL ".join(
        parts or [f"SELECT {_year(None)} AS _year, * FROM ({rows_of_files(table, (), is_current=True)})"]
    )


def _year(year: int | None) -> str:
    return f"{'NULL' if year is None else year}::BIGINT"


def rows_of_files(table: TableSchema, files: Sequence[Path], *, is_current: bool) -> str:
    """SQL for the rows of files, some of which may have been written before a column was declared; of no file, none."""
    if not files:
        nothing = ", ".join(f'NULL::{c.duckdb} AS "{c.name}"' for c in table.columns)
        return f"SELECT {nothing} WHERE false"
    if is_current:
        columns = ", ".join(f'"{c.name}"' for c in table.columns)
        return f"SELECT {columns} FROM {parquet_rows(files)}"
    alike: dict[frozenset[str], list[Path]] = {}
    for file in files:
        alike.setdefault(frozenset(schema_of(file).names), []).append(file)
    parts = []
    for there, paths in alike.items():
        values = {c.name: f'"{c.name}"' if c.name in there else "NULL" for c in table.columns}
        columns = ", ".join(f'CAST({values[c.name]} AS {c.duckdb}) AS "{c.name}"' for c in table.columns)
        parts.append(f"SELECT {columns} FROM {parquet_rows(paths)}")
    return " UNION ALL ".join(parts)


def _cut(
    batches: Iterable[pa.RecordBatch], counts: Mapping[int | None, int]
) -> Iterator[tuple[Bucket, pa.RecordBatch]]:
    """The batches, each cut where another bucket begins; they come in the order of years and doc_ids."""
    for batch in batches:
        years, ids = batch.column("_year"), batch.column("doc_id")

        def bucket_at_row(row: int, years: Any = years, ids: Any = ids) -> Bucket:
            year: int | None = years[row].as_py()
            return Bucket(year, bucket_of(ids[row].as_py(), counts[year]), counts[year])

        start = 0
        while start < batch.num_rows:
            bucket = bucket_at_row(start)
            end = bisect_left(
                range(batch.num_rows), True, lo=start, key=lambda row: bucket_at_row(row) != bucket
            )
            yield bucket, batch.slice(start, end - start)
            start = end
