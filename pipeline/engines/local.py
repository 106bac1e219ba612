"""The default engine: processes of this machine."""

import hashlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from pathlib import Path

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

Job = Callable[[Source, Parse], Attempt]


def heavy_workers() -> int:
    """How many processes may do OCR at once on this machine: each takes a gigabyte and two cores."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if _SYSCONF else HEAVY_BYTES
    return max(1, min((os.cpu_count() or 1) // HEAVY_CORES, free // HEAVY_BYTES))


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Parses in `workers` processes. With `workers=1` in this one: quicker to start and easier to
    debug, but then a file that kills its process ends the run. Heavy work always has processes of
    its own, `heavy_workers` of them."""

    workers: int = os.cpu_count() or 1
    heavy_workers: int = field(default_factory=heavy_workers)

    def __post_init__(self) -> None:
        if min(self.workers, self.heavy_workers) < 1:
            raise UsageError(f"--workers {self.workers}: give 1 or more")

    def run(self, sources: Sequence[Source], parse: Parse, *, heavy: bool = False) -> Iterator[Attempt]:
        """One Attempt for each source, in the order given."""
        if heavy:
            return _in_processes(sources, parse, self.heavy_workers)
        if self.workers == 1:
            return (attempt(source, parse) for source in sources)
        return _in_processes(sources, parse, self.workers if len(sources) > SMALL_JOB else 1)


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


def _in_processes(sources: Sequence[Source], parse: Parse, workers: int) -> Iterator[Attempt]:
    """Attempts in order from a pool; a pool that breaks is replaced, and what it had in hand is
    tried again one file at a time, so that only the file that kills its process fails."""
    pool = _pool(workers)  # starts no process before the first file
    waiting: deque[tuple[Source, Future[Attempt]]] = deque()
    rest = iter(sources)
    try:
        while True:
            while len(waiting) < workers * AHEAD and (source := next(rest, None)) is not None:
                waiting.append((source, _submit(pool, source, parse)))
            if not waiting:
                return
            source, future = waiting[0]
            try:
                done = future.result()
            except BrokenProcessPool:
                pool.shutdown(wait=True)
                broken, waiting = list(waiting), deque()
                pool = _pool(workers)
                for source, future in broken:
                    yield future.result() if _is_done(future) else _alone(source, parse)
                continue
            waiting.popleft()
            yield done
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def _submit(pool: ProcessPoolExecutor, source: Source, parse: Parse) -> Future[Attempt]:
    """The attempt handed to the pool; one that breaks at this moment gives a broken future."""
    try:
        return pool.submit(attempt, source, parse)
    except BrokenProcessPool as error:
        future: Future[Attempt] = Future()
        future.set_exception(error)
        return future


def _is_done(future: Future[Attempt]) -> bool:
    return future.done() and not future.cancelled() and future.exception() is None


def _alone(source: Source, parse: Parse) -> Attempt:
    """The attempt in a process of its own, and a failure if that process dies."""
    with _pool(1) as pool:
        try:
            return pool.submit(attempt, source, parse).result()
        except BrokenProcessPool:
            return attempt(source, _died)


def _died(data: bytes) -> ParsedFile:
    raise UnreadableFile(
        "internal",
        "the process that read this file died, perhaps for want of memory; "
        "open the file and save it anew, or leave it out",
    )


def _pool(workers: int) -> ProcessPoolExecutor:
    # spawn: a fork would copy the threads' locks of Arrow and DuckDB in whatever state they are
    return ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"), initializer=_start_worker)


def _start_worker() -> None:
    """A worker goes with its parent: at Ctrl-C without a traceback, and when the parent is killed."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
