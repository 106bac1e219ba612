"""The rows of a run while it is under way, durable batch by batch.

A batch is a folder under staging/ with one Parquet file per table and one of the attempts; it is
renamed into place when it is whole, so whatever stands there after a kill can be used. A later
run does not parse again what a batch holds from the same bytes and the same parser version.
"""

import json
import shutil
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from pipeline.engines import Attempt
from pipeline.parquet import count_rows, read_table, sync, write_table
from pipeline.rows import PARSED_TABLES

BATCH_FILES = 200
BATCH_SECONDS = 20.0
BATCH_BYTES = 256 * 1024 * 1024
"""A batch is written when it has this many files, is this old or holds this much: a kill costs no more."""

_TEXT = ("source", "outcome", "sha256", "format", "title", "stage", "category", "message")
_TYPES: dict[str, pa.DataType] = {
    **dict.fromkeys(_TEXT, pa.string()),
    "bytes": pa.int64(),
    "pages": pa.int64(),
    "pictures": pa.int64(),
    "seconds": pa.float64(),
    "ended_at": pa.timestamp("us", tz="UTC"),
}
_ATTEMPTS = pa.schema(_TYPES)
"""The fields of an Attempt that are kept beside its rows."""


@dataclass(frozen=True, slots=True)
class RunMark:
    """What a run writes down first, so that one that resumes it can go on under its name."""

    run_id: str
    started_at: datetime
    root: str
    parser_version: str


@dataclass(slots=True)
class Staging:
    """The staging folder of one run. Not a value: it collects attempts and writes them."""

    folder: Path
    mark: RunMark
    attempts: dict[str, Attempt]
    """What is durable, by SHA-256; without its rows, which are in the batches."""
    _held: list[Attempt] = field(default_factory=list)
    _held_bytes: int = 0
    _since: float = field(default_factory=time.monotonic)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        """What was read is kept however the run ends: Ctrl-C costs nothing."""
        self.flush()

    def add(self, attempt: Attempt) -> None:
        """Takes one attempt; writes a batch when there is enough for one."""
        self._held.append(attempt)
        self._held_bytes += sum(t.nbytes for t in attempt.rows.values())
        old = time.monotonic() - self._since > BATCH_SECONDS
        if len(self._held) >= BATCH_FILES or old or self._held_bytes > BATCH_BYTES:
            self.flush()

    def flush(self) -> None:
        """Makes all attempts taken so far durable."""
        if self._held:
            _write_batch(_next_batch(self.folder), self._held)
            self.attempts.update(_by_content(self._held))
        self._held, self._held_bytes, self._since = [], 0, time.monotonic()

    def files(self, table: str) -> list[Path]:
        """The Parquet files that hold staged rows of `table`, oldest first."""
        return [f for b in _batches(self.folder) if (f := b / f"{table}.parquet").exists()]

    def discard(self) -> None:
        """Removes the folder; its rows are published."""
        shutil.rmtree(self.folder)


def open_staging(folder: Path, mark: RunMark, published_runs: frozenset[str]) -> Staging:
    """The staging of a new run, or that of a killed one, to be gone on with.

    Batches of another parser version, and those that were published just before the kill, are
    dropped. A run with the same roots goes on under the killed one's run_id.
    """
    old = _read_mark(folder)
    if old is None or old.parser_version != mark.parser_version or old.run_id in published_runs:
        shutil.rmtree(folder, ignore_errors=True)
    elif old.root == mark.root:
        mark = old
    folder.mkdir(parents=True, exist_ok=True)
    for half in folder.glob("*.tmp"):
        shutil.rmtree(half)
    _write_mark(folder, mark)
    attempts: dict[str, Attempt] = {}
    for batch in _batches(folder):
        rows = read_table(batch / "attempts.parquet").to_pylist()
        attempts.update(_by_content([Attempt(**row) for row in rows]))
    return Staging(folder, mark, attempts)


def peek(folder: Path) -> tuple[RunMark, int] | None:
    """The mark of the run that stages into `folder`, and how many files it has made durable; None where there is none.
    Nothing is changed, and the run may go on meanwhile."""
    mark = _read_mark(folder)
    if mark is None:
        return None
    files = 0
    for batch in _batches(folder):
        with suppress(FileNotFoundError):  # published in this instant
            files += count_rows(batch / "attempts.parquet")
    return mark, files


def _by_content(attempts: Sequence[Attempt]) -> dict[str, Attempt]:
    return {a.sha256: replace(a, rows={}) for a in attempts if a.sha256}


def _batches(folder: Path) -> list[Path]:
    return sorted(folder.glob("batch-??????"))


def _next_batch(folder: Path) -> Path:
    last = max((int(b.name[-6:]) for b in _batches(folder)), default=0)
    return folder / f"batch-{last + 1:06}"


def _write_batch(batch: Path, attempts: Sequence[Attempt]) -> None:
    half = batch.with_suffix(".tmp")
    shutil.rmtree(half, ignore_errors=True)  # of an attempt that the disk was too full for
    half.mkdir()
    rows = [{name: getattr(a, name) for name in _ATTEMPTS.names} for a in attempts]
    write_table(half / "attempts.parquet", pa.Table.from_pylist(rows, schema=_ATTEMPTS))
    for table in PARSED_TABLES:
        parts: list[pa.Table] = [a.rows[table.name] for a in attempts if table.name in a.rows]
        if parts:
            write_table(half / f"{table.name}.parquet", pa.concat_tables(parts))
    sync(half)
    half.rename(batch)
    sync(batch.parent)


def _read_mark(folder: Path) -> RunMark | None:
    try:
        found: Mapping[str, Any] = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):  # killed before its first batch: nothing to keep
        return None
    return RunMark(**{**found, "started_at": datetime.fromisoformat(found["started_at"])})


def _write_mark(folder: Path, mark: RunMark) -> None:
    values = {
        "run_id": mark.run_id, "started_at": mark.started_at.isoformat(), "root": mark.root,
        "parser_version": mark.parser_version,
    }  # fmt: skip
    path = folder / "run.json"
    half = path.with_suffix(".part")
    half.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    sync(half)
    half.replace(path)
    sync(folder)
