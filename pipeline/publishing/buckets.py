"""How the Parquet files of a table are cut: by fiscal year, and each year into buckets by ranges of doc_id.

A year's number of buckets follows from its number of rows alone, so the same rows give the same files whatever was
published before; a changed document touches one bucket of a table, and the others are linked. doc_id is a hash, so
buckets are even.

    indicators/fiscal_year=2024/part-0.parquet                 a year of one bucket
    indicators/fiscal_year=2024/part-03-of-16.parquet          bucket 3, from 0, of 16
    documents/part-0.parquet                                   a table without years
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from schemas.errors import StoreError

NO_YEAR = "__HIVE_DEFAULT_PARTITION__"
"""The folder of reports without a fiscal year; readers of Hive partitions take it for NULL."""

BUCKET_ROWS = 16_384
"""Rows that a bucket is to have at most on average, of tables whose rows are short: two row groups, which are read,
merged and written in about a tenth of a second."""

BUCKET_ROWS_OF = {"tables": 1_024, "sections": 8_192}
"""The same for tables whose rows hold whole printed tables or chapters: as many bytes, not as many rows."""

PREFIX_DIGITS = 4
"""Leading digits of doc_id that tell its bucket, and so at most 65,536 buckets a year."""

_MOST_BUCKETS = 0x10000
_PART = re.compile(r"part-(\d+)(?:-of-(\d+))?\.parquet")
_YEAR = "fiscal_year="


class Bucket(NamedTuple):
    """A file of a table: its fiscal year (None for reports without one, and for tables without years), its number from
    0, and how many buckets the year has."""

    year: int | None
    number: int
    of: int


def bucket_count(table: str, rows: int) -> int:
    """The buckets of a table's year with so many rows: the power of two that leaves none with more than its share."""
    share = BUCKET_ROWS_OF.get(table, BUCKET_ROWS)
    buckets: int = 1 << max(0, -(-rows // share) - 1).bit_length()
    return min(buckets, _MOST_BUCKETS)


def bucket_of(doc_id: str, count: int) -> int:
    """The bucket, of `count`, that a document's rows stand in."""
    return int(doc_id[:PREFIX_DIGITS], 16) * count // _MOST_BUCKETS


def bucket_path(folder: Path, bucket: Bucket, *, by_year: bool) -> Path:
    """The file of a bucket below its table's folder."""
    digits = len(str(bucket.of - 1))
    part = "part-0.parquet" if bucket.of == 1 else f"part-{bucket.number:0{digits}}-of-{bucket.of}.parquet"
    return folder / year_folder(bucket.year) / part if by_year else folder / part


def bucket_at(file: Path, *, by_year: bool) -> Bucket:
    """The bucket whose file this is. Raises StoreError for a file that is none."""
    part = _PART.fullmatch(file.name)
    year = file.parent.name.removeprefix(_YEAR) if by_year else NO_YEAR
    if part is None or not (year == NO_YEAR or year.lstrip("-").isdecimal()):
        raise StoreError(f"{file} is no file of jixiao; move it out of the store")
    return Bucket(None if year == NO_YEAR else int(year), int(part[1]), int(part[2] or 1))


def year_folder(year: int | None) -> str:
    """The name of a fiscal year's folder."""
    return f"{_YEAR}{NO_YEAR if year is None else year}"


def buckets_of(prefixes: Iterable[str], count: int) -> set[int]:
    """The buckets, of `count`, of documents that begin with these digits."""
    return {bucket_of(prefix, count) for prefix in prefixes}
