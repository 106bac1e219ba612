"""One file read once: what came of it, within which limits, and in which words. The same for every engine."""

import hashlib
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import pyarrow as pa

from pipeline.plan import Hashed
from pipeline.rows import PARSED_TABLES, doc_id_of, tables_of
from schemas.errors import Category, NotAReport, UnreadableFile, UsageError
from schemas.records import Outcome, ParsedFile

Parse = Callable[[bytes], ParsedFile]
"""What an engine applies: a function of a module, so that another process can find it."""

DEBUG_VARIABLE = "JIXIAO_DEBUG"

NO_ROWS: Mapping[str, pa.Table] = {}

_SCHEMAS = {table.name: table.arrow for table in PARSED_TABLES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of reading one source.

    `rows` are Arrow tables by table name: they are made where the file is parsed, since they
    travel between processes many times faster than the records. Where the engine has written them already, `batch` names
    the staged batch that holds them. `sha256` and `bytes` are None where the file could not be opened.
    `pictures` counts pages that only OCR could read and that were left unread.
    """

    source: str
    outcome: Outcome
    sha256: str | None = None
    bytes: int | None = None
    format: str | None = None
    pages: int | None = None
    title: str | None = None
    pictures: int = 0
    stage: str | None = None
    category: Category | None = None
    message: str | None = None
    seconds: float = 0.0
    ended_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    rows: Mapping[str, pa.Table] = field(default_factory=lambda: NO_ROWS)
    batch: str | None = None

    def __reduce__(self) -> tuple[Callable[..., "Attempt"], tuple[Any, ...]]:
        """Between processes rows go without their schemas, which both sides know: those take five times the bytes, and
        the driver eight times the time."""
        values = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "rows"}
        return _received, (values, {name: _sent(table) for name, table in self.rows.items()})


def _sent(table: pa.Table) -> bytes:
    (batch,) = table.combine_chunks().to_batches()
    return bytes(batch.serialize().to_pybytes())


def _received(values: dict[str, Any], rows: Mapping[str, bytes]) -> Attempt:
    tables = {
        name: pa.Table.from_batches([pa.ipc.read_record_batch(pa.py_buffer(data), _SCHEMAS[name])])
        for name, data in rows.items()
    }
    return Attempt(**values, rows=tables or NO_ROWS)


LEAST_MEMORY = 2**30
"""Address space below which no process that reads is started: measured 0.6 GiB before it has read anything."""

LARGEST = 2.0**60
"""Above any limit that means something; a number of bytes up to here is one for the system, too."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: seconds of reading, or of OCR, and bytes of address space. A thousand pages
    are read in some seconds and recognised in half an hour; LibreOffice gets two minutes of its own."""

    seconds: float = 300.0
    heavy_seconds: float = 3600.0
    memory: float = 8 * 2**30

    def __post_init__(self) -> None:
        for limit in (self.seconds, self.heavy_seconds, self.memory):
            if not 0 < limit <= LARGEST:  # NaN is not, either
                raise UsageError(f"limits of time and memory must be above 0, and finite: {limit:g}")
        if self.memory < LEAST_MEMORY:
            raise UsageError(
                f"--memory-limit {self.memory / 2**30:g}: no process that reads files can start below "
                f"{LEAST_MEMORY / 2**30:g} GiB of address space"
            )

    def seconds_of(self, heavy: bool) -> float:
        """Seconds that one file may take, with OCR or without."""
        return self.heavy_seconds if heavy else self.seconds


DEFAULT_LIMITS = Limits()


class Lost(Enum):
    """Why a call that another process was to make has no result."""

    TOOK_TOO_LONG = "timeout"
    DIED = "died"


def attempt(file: Hashed, parse: Parse) -> Attempt:
    """Reads and parses one file. Never raises for what the file contains."""
    began, source = time.monotonic(), file.source
    try:
        data = source.read()
    except UnreadableFile as error:
        return Attempt(
            source=source.source, outcome="failed", stage="open", category=error.category, message=str(error)
        )
    sha256 = hashlib.sha256(data).hexdigest()
    if file.sha256 not in (None, sha256):
        # its rows would stand in the store under a content that nobody decided on
        return Attempt(
            source=source.source, outcome="failed", stage="open", category="truncated",
            message="the file changed while it was being read; ingest it again",
        )  # fmt: skip

    def stopped(outcome: Outcome, stage: str, category: Category, message: str, pictures: int = 0) -> Attempt:
        return Attempt(
            source=source.source, sha256=sha256, bytes=len(data), outcome=outcome, stage=stage, pictures=pictures,
            category=category, message=message, seconds=time.monotonic() - began,
        )  # fmt: skip

    stage = "read"
    try:
        parsed = parse(data)
        stage = "store"
        rows = tables_of(doc_id_of(sha256), parsed)
    except UnreadableFile as error:
        return stopped("failed", stage, error.category, str(error), error.pictures)
    except NotAReport as error:
        return stopped("skipped", "recognise", error.category, str(error), error.pictures)
    except MemoryError:
        return stopped(
            "failed", stage, "too_large", "reading it takes more memory than any report does; split it"
        )
    except Exception as error:  # noqa: BLE001 - the per-file boundary: one bad file costs one file
        if os.environ.get(DEBUG_VARIABLE):
            print(f"{source.source}:", file=sys.stderr)
            traceback.print_exc()
        return stopped("failed", stage, "internal", _fault(error))
    return Attempt(
        source=source.source, sha256=sha256, bytes=len(data), format=parsed.format, pages=parsed.pages,
        title=parsed.title, pictures=parsed.pictures, outcome="partial" if parsed.warnings else "read",
        message="; ".join((*parsed.warnings, *parsed.notes)) or None, seconds=time.monotonic() - began, rows=rows,
    )  # fmt: skip


def lost_attempt(file: Hashed, why: Lost, seconds: float) -> Attempt:
    """The attempt at a file whose process has nothing to tell; `seconds` are those that it was given."""
    try:
        size = file.source.path.stat().st_size
    except OSError:
        size = None
    category, message = _LOST[why]
    return Attempt(
        source=file.source.source, sha256=file.sha256, bytes=size, outcome="failed", stage="read",
        category=category, message=message, seconds=seconds if why is Lost.TOOK_TOO_LONG else 0.0,
    )  # fmt: skip


_LOST: Mapping[Lost, tuple[Category, str]] = {
    Lost.TOOK_TOO_LONG: (
        "timeout", "reading it took longer than any report does; open it and save it anew, or leave it out",
    ),
    Lost.DIED: (
        "internal",
        "the process that read this file died, perhaps for want of memory; open the file and save it anew, or leave it out",
    ),
}  # fmt: skip


def _fault(error: Exception) -> str:
    """A message that tells the maintainers where jixiao failed, the same on every machine."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = str(error).split("\n", maxsplit=1)[0][:200]
    where = f"{Path(last.filename).name}:{last.lineno}"
    # a lone surrogate in the message could not be stored
    clean = f"{type(error).__name__}: {text}".encode(errors="backslashreplace").decode()
    return f"jixiao failed on this file ({clean} at {where}); please report it"
