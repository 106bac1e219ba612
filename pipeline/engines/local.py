"""The default engine: processes of this machine."""

import hashlib
import multiprocessing
import os
import resource
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path

from pebble import ProcessExpired, ProcessFuture, ProcessPool

from pipeline.engines import Attempt, Parse
from pipeline.rows import doc_id_of, tables_of
from pipeline.sources import Source
from schemas.errors import Category, NotAReport, UnreadableFile, UsageError
from schemas.records import Outcome, ParsedFile

SMALL_JOB = 8
"""Files up to which one process is enough: starting more costs more than it saves."""

AHEAD = 3
"""Files given out for each worker before the first of them is taken back: bounds the memory."""

HEAVY_BYTES = 3 * 2**29
HEAVY_CORES = 2
"""Memory and cores that a process doing OCR takes: measured 0.9 GB, with room to spare."""

_SYSCONF = "SC_AVPHYS_PAGES" in os.sysconf_names  # Linux has it, macOS not

DEBUG_VARIABLE = "JIXIAO_DEBUG"


def heavy_workers() -> int:
    """How many processes may do OCR at once on this machine: each takes a gigabyte and two cores."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if _SYSCONF else HEAVY_BYTES
    return max(1, min((os.cpu_count() or 1) // HEAVY_CORES, free // HEAVY_BYTES))


@dataclass(frozen=True, slots=True)
class Limits:
    """What one file may cost: seconds of reading, or of OCR, and bytes of address space. A thousand pages
    are read in some seconds and recognised in half an hour; LibreOffice gets two minutes of its own."""

    seconds: float = 300.0
    heavy_seconds: float = 3600.0
    memory: int = 8 * 2**30

    def __post_init__(self) -> None:
        if min(self.seconds, self.heavy_seconds, self.memory) <= 0:
            raise UsageError("limits of time and memory must be above 0")


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Parses in `workers` processes. With `workers=1` in this one: quicker to start and easier to
    debug, but then no limits hold and a file that kills its process ends the run. Heavy work always has
    processes of its own, `heavy_workers` of them."""

    workers: int = os.cpu_count() or 1
    heavy_workers: int = field(default_factory=heavy_workers)
    limits: Limits = Limits()

    def __post_init__(self) -> None:
        if min(self.workers, self.heavy_workers) < 1:
            raise UsageError(f"--workers {self.workers}: give 1 or more")

    def run(self, sources: Sequence[Source], parse: Parse, *, heavy: bool = False) -> Iterator[Attempt]:
        """One Attempt for each source, in the order given."""
        if heavy:
            return _in_processes(sources, parse, self.heavy_workers, self.limits, self.limits.heavy_seconds)
        if self.workers == 1:
            return (attempt(source, parse) for source in sources)
        workers = self.workers if len(sources) > SMALL_JOB else 1
        return _in_processes(sources, parse, workers, self.limits, self.limits.seconds)


def attempt(source: Source, parse: Parse) -> Attempt:
    """Reads and parses one source. Never raises for what the file contains."""
    began = time.monotonic()
    try:
        data = source.read()
    except UnreadableFile as error:
        return Attempt(
            source=source.source, outcome="failed", stage="open", category=error.category, message=str(error)
        )
    sha256 = hashlib.sha256(data).hexdigest()

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


def _fault(error: Exception) -> str:
    """A message that tells the maintainers where jixiao failed, the same on every machine."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    text = str(error).split("\n", maxsplit=1)[0][:200]
    where = f"{Path(last.filename).name}:{last.lineno}"
    # a lone surrogate in the message could not be stored
    clean = f"{type(error).__name__}: {text}".encode(errors="backslashreplace").decode()
    return f"jixiao failed on this file ({clean} at {where}); please report it"


def _in_processes(
    sources: Sequence[Source], parse: Parse, workers: int, limits: Limits, seconds: float
) -> Iterator[Attempt]:
    """Attempts in order from a pool; a file that takes too long, or kills its process, costs that process."""
    # spawn: a fork would copy the threads' locks of Arrow and DuckDB in whatever state they are
    pool = ProcessPool(
        workers,
        context=multiprocessing.get_context("spawn"),
        initializer=_start_worker,
        initargs=(limits.memory,),
    )  # starts no process before the first file
    waiting: deque[tuple[Source, ProcessFuture[Attempt]]] = deque()
    rest = iter(sources)
    try:
        while True:
            while len(waiting) < workers * AHEAD and (source := next(rest, None)) is not None:
                waiting.append((source, pool.schedule(attempt, (source, parse), timeout=seconds)))
            if not waiting:
                return
            source, future = waiting.popleft()
            try:
                done = future.result()
            except TimeoutError:
                done = replace(attempt(source, _took_too_long), seconds=seconds)
            except (ProcessExpired, MemoryError):
                done = attempt(source, _died)
            yield done
    finally:
        pool.stop()  # type: ignore[no-untyped-call]
        pool.join()


def _took_too_long(data: bytes) -> ParsedFile:
    raise UnreadableFile(
        "timeout", "reading it took longer than any report does; open it and save it anew, or leave it out"
    )


def _died(data: bytes) -> ParsedFile:
    raise UnreadableFile(
        "internal",
        "the process that read this file died, perhaps for want of memory; "
        "open the file and save it anew, or leave it out",
    )


def _start_worker(memory: int) -> None:
    """A worker takes no more memory than `memory` bytes, and goes with its parent: at Ctrl-C without a
    traceback, and when the parent is killed."""
    with suppress(ValueError, OSError):  # a lower limit is set already
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
