"""The rows of a run while it is under way, durable batch by batch.

Each root and mode has a folder of its own under staging/, so that a stopped run keeps what it read whatever is
ingested meanwhile. A batch is a folder in it with one Parquet file per table and one of the attempts; it is
renamed into place when it is whole, so whatever stands there after a kill can be used. A later
run does not parse again what a batch holds from the same bytes and the same parser version.
"""

import hashlib
import json
import logging
import secrets
import shutil
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self, get_args

import pyarrow as pa

from pipeline.engines.attempts import Attempt
from pipeline.parquet import count_rows, read_table, schema_of, sync, verified_rows, write_table
from pipeline.plan import KEPT
from pipeline.rows import PARSED_TABLES
from pipeline.watching.events import Mode
from schemas.errors import StoreError

BATCH_FILES = 200
BATCH_SECONDS = 20.0
BATCH_BYTES = 256 * 1024 * 1024
"""A batch is written when it has this many files, is this old or holds this much: a kill costs no more."""

LOOK_SECONDS = 1.0
"""Between two looks at the age of a batch: while files hang, none comes whose end would tell that time passed."""

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
_ATTEMPTS_FILE = "attempts.parquet"
_VERSION, _ROWS = "parser_version", "rows"
"""What the file of the attempts says of its batch: the parser that made it, and how many rows each table has."""

_NEEDLESS: Mapping[Mode, Sequence[Mode]] = {"ingest": ["only_failed"], "reparse": ["ingest", "only_failed"]}
"""Runs over the same root for which nothing is left to do when one of this mode has published."""

_FOLDER_DIGITS = 8
"""Of the name of a run's folder: paths of sockets in it must be short."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class RunMark:
    """What a run writes down first, so that one that resumes it can go on under its name."""

    run_id: str
    started_at: datetime
    root: str
    parser_version: str
    mode: Mode = "ingest"


@dataclass(slots=True)
class Staging:
    """The staging folder of one run. Not a value: it collects attempts and writes them; in a `with` block also while none
    comes. Raises StoreError, from whatever is called next, where a batch could not be written."""

    folder: Path
    mark: RunMark
    attempts: Mapping[str, Attempt]
    """What a killed run left durable, by SHA-256; without its rows, which are in the batches."""
    batches: set[str]
    """The batches that this run knows of; others are of tasks that outlived the run which started them."""
    _held: list[Attempt] = field(default_factory=list)
    _held_bytes: int = 0
    _since: float = 0.0
    _error: StoreError | None = None
    _turn: threading.RLock = field(default_factory=threading.RLock)
    _over: threading.Event = field(default_factory=threading.Event)
    _clock: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._over.clear()
        self._clock = threading.Thread(target=self._watch_age, name="jixiao-staging", daemon=True)
        self._clock.start()
        return self

    def __exit__(self, *exc: object) -> None:
        """What was read is kept however the run ends: Ctrl-C costs nothing."""
        self._over.set()
        if self._clock is not None:
            self._clock.join()
        self.flush()

    def add(self, attempt: Attempt) -> None:
        """Takes one attempt; writes a batch when there is enough for one. Raises StoreError as `flush` does."""
        if attempt.batch:
            self.batches.add(attempt.batch)
            return
        if not attempt.sha256:
            return
        with self._turn:
            self._since = self._since if self._held else time.monotonic()
            self._held.append(attempt)
            self._held_bytes += sum(t.nbytes for t in attempt.rows.values())
            full = len(self._held) >= BATCH_FILES or self._held_bytes > BATCH_BYTES
            if full or self._is_old() or self._error:
                self.flush()

    def flush(self) -> None:
        """Makes all attempts taken so far durable. Raises StoreError where the disk takes no more."""
        with self._turn:
            error, self._error = self._error, None
            try:
                if error:
                    raise error
                if self._held:
                    self.batches.add(write_batch(self.folder, self._held, self.mark.parser_version))
            except StoreError:
                self._held, self._held_bytes = [], 0  # they would not fit a second time either
                raise
            self._held, self._held_bytes = [], 0

    def _is_old(self) -> bool:
        return bool(self._held) and time.monotonic() - self._since > BATCH_SECONDS

    def _watch_age(self) -> None:
        """Writes what is old enough, however long the next attempt takes."""
        while not self._over.wait(LOOK_SECONDS):
            with self._turn:
                if self._is_old():
                    try:
                        self.flush()
                    except StoreError as error:
                        self._error = error

    def files(self, table: str) -> list[Path]:
        """The Parquet files that hold staged rows of `table`."""
        return [f for b in sorted(self.batches) if (f := self.folder / b / f"{table}.parquet").exists()]

    def discard(self) -> None:
        """Removes the folder; its rows are published. So do those of stopped runs that have nothing left to do. What a
        task that still runs writes meanwhile is dropped by the next run."""
        all_runs = self.folder.parent
        for mode in _NEEDLESS.get(self.mark.mode, ()):
            shutil.rmtree(all_runs / _folder_name(replace(self.mark, mode=mode)), ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)
        with suppress(OSError):  # others are kept there
            all_runs.rmdir()


def open_staging(all_runs: Path, mark: RunMark, published_runs: frozenset[str]) -> Staging:
    """The staging of a new run in `all_runs`, or that of a killed one of the same root and mode, to be gone on with
    under its run_id.

    What other runs that were stopped have read stays. Batches of another parser version, those that were published just
    before the kill, and those that a power cut damaged are dropped.
    """
    _clean(all_runs, published_runs)
    folder = all_runs / _folder_name(mark)
    old = read_mark(folder)
    if old and (old.root, old.mode, old.parser_version) == (mark.root, mark.mode, mark.parser_version):
        mark = old
    else:
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    _write_mark(folder, mark)
    attempts: dict[str, Attempt] = {}
    batches: set[str] = set()
    for batch in sorted(folder.glob("batch-*")):
        found = _read_batch(batch, mark.parser_version)
        # rows of one content twice: a task wrote its batch and was lost before it could say so
        if found is None or not _with_rows(attempts).isdisjoint(_with_rows(found)):
            shutil.rmtree(batch)
            continue
        attempts |= {sha: a for sha, a in found.items() if _replaces(a, attempts.get(sha))}
        batches.add(batch.name)
    return Staging(folder, mark, attempts, batches)


def _replaces(attempt: Attempt, other: Attempt | None) -> bool:
    """Whether an attempt says more of a content than another one: what gave no rows before may have been read again since,
    and the batches come in no order."""
    if other is None or attempt.outcome in KEPT:
        return True
    return other.outcome not in KEPT and attempt.ended_at > other.ended_at


def _with_rows(attempts: Mapping[str, Attempt]) -> set[str]:
    return {sha for sha, a in attempts.items() if a.outcome in KEPT}


def _folder_name(mark: RunMark) -> str:
    """The same for each run of a root and mode."""
    named = f"{mark.mode} {mark.root}".encode(errors="surrogateescape")
    return hashlib.sha256(named).hexdigest()[:_FOLDER_DIGITS]


def _clean(all_runs: Path, published_runs: frozenset[str]) -> None:
    """Removes what no run will go on with: that of runs which published, what bears no mark, and all that is half done."""
    for folder in staging_folders(all_runs):
        mark = read_mark(folder)
        gone = mark is None or mark.run_id in published_runs
        for path in [folder] if gone else folder.glob("*.tmp"):
            shutil.rmtree(path, ignore_errors=True)  # what a killed run started may still be ending


def staging_folders(all_runs: Path) -> list[Path]:
    """The folders of all runs that are under way or were stopped, or killed before they could say which they are."""
    return sorted(path for path in all_runs.glob("*") if path.is_dir())


def peek(folder: Path) -> tuple[RunMark, int] | None:
    """The mark of the run that stages into `folder`, and how many files it has made durable; None where there is none.
    Nothing is changed, and the run may go on meanwhile."""
    mark = read_mark(folder)
    if mark is None:
        return None
    files = 0
    for batch in folder.glob("batch-*"):
        with suppress(FileNotFoundError, pa.ArrowException):  # published in this instant; damaged
            files += 0 if batch.suffix else count_rows(batch / "attempts.parquet")
    return mark, files


def write_batch(folder: Path, attempts: Sequence[Attempt], parser_version: str) -> str:
    """Makes attempts and their rows durable as one batch and returns its name, which no other batch has: several machines
    may write into one folder. Raises StoreError, and leaves nothing of the batch, where the disk takes no more."""
    name = f"batch-{secrets.token_hex(8)}"
    half = folder / f"{name}.tmp"
    try:
        half.mkdir()
        _write_rows(half, attempts, parser_version)
        sync(half)
        half.rename(folder / name)
        sync(folder)
    except (OSError, pa.ArrowException) as error:
        shutil.rmtree(half, ignore_errors=True)
        raise StoreError(
            f"{folder}: what was read could not be written ({error}); make room or mend the disk, then run the same command "
            "again: it goes on with what was written before"
        ) from error
    return name


def _write_rows(half: Path, attempts: Sequence[Attempt], parser_version: str) -> None:
    written: dict[str, int] = {}
    for table in PARSED_TABLES:
        parts: list[pa.Table] = [a.rows[table.name] for a in attempts if table.name in a.rows]
        if parts:
            rows = pa.concat_tables(parts)
            write_table(half / f"{table.name}.parquet", rows)
            written[table.name] = rows.num_rows
    about = {_VERSION: parser_version, _ROWS: json.dumps(written)}
    schema = _ATTEMPTS.with_metadata(about)
    fields = [{name: getattr(a, name) for name in _ATTEMPTS.names} for a in attempts]
    write_table(half / _ATTEMPTS_FILE, pa.Table.from_pylist(fields, schema=schema))


def _read_batch(batch: Path, parser_version: str) -> dict[str, Attempt] | None:
    """The attempts of a batch by SHA-256; None where another parser made it, or a file of it is not whole."""
    try:
        about = schema_of(batch / _ATTEMPTS_FILE).metadata or {}
        if about.get(_VERSION.encode()) != parser_version.encode():
            return None
        for table, rows in json.loads(about.get(_ROWS.encode(), b"null")).items():
            if verified_rows(batch / f"{table}.parquet") != rows:
                raise ValueError(f"{table} has not its {rows} rows")
        verified_rows(batch / _ATTEMPTS_FILE)
        attempts = [Attempt(**row) for row in read_table(batch / _ATTEMPTS_FILE).to_pylist()]
    except (OSError, pa.ArrowException, ValueError, TypeError, AttributeError) as error:
        _log.warning("%s is damaged, its files are read again: %s", batch, error)
        return None
    return {a.sha256: a for a in attempts if a.sha256}


def read_mark(folder: Path) -> RunMark | None:
    """The run that a staging folder is of; None where there is none, it was killed before its first batch, or the mark is
    damaged."""
    try:
        found: Any = json.loads((folder / "run.json").read_text(encoding="utf-8"))
        mark = RunMark(**{**found, "started_at": datetime.fromisoformat(found["started_at"])})
        texts = (mark.run_id, mark.root, mark.parser_version)
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
    return mark if mark.mode in get_args(Mode) and all(isinstance(t, str) for t in texts) else None


def _write_mark(folder: Path, mark: RunMark) -> None:
    values = {
        "run_id": mark.run_id, "started_at": mark.started_at.isoformat(), "root": mark.root,
        "parser_version": mark.parser_version, "mode": mark.mode,
    }  # fmt: skip
    path = folder / "run.json"
    half = path.with_suffix(".part")
    half.write_text(json.dumps(values, ensure_ascii=False), encoding="utf-8")
    sync(half)
    half.replace(path)
    sync(folder)
