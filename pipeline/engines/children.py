"""Calls in child processes under limits: what hangs, crashes or eats memory costs its own process and nothing else.

Each child is a Pebble pool of one worker that makes one call at a time. In a pool of many, a worker that is killed while it
sends its result leaves the pipe of all of them in pieces, and which call killed a worker can be mistaken; so, neither.
"""

import multiprocessing
import os
import resource
import shutil
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from enum import Enum
from pathlib import Path
from typing import TypeVar

from pebble import ProcessPool

from pipeline.engines.attempts import Lost
from schemas.errors import EngineError

Call = TypeVar("Call")
Result = TypeVar("Result")

CALLS_OF_ONE_PROCESS = 500
"""Calls after which a process is replaced, so that memory that leaks in C goes back: starting one takes about as long as
reading ten reports."""

GRACE_SECONDS = 120.0
"""Seconds beyond a call's limit after which its pool is given up: starting a process and ending one that hangs take some."""

WATCH_SECONDS = 1.0
"""Seconds between two looks at pools that have nothing to tell."""

BREAKS = 4
"""Pools that break one after the other, for each two children, until it is the machine and not a call that is to blame."""

BREAK_SECONDS = 0.25
"""Seconds, once more for each, to wait after a pool broke: a machine that is short of something may get it back."""

TRIES = 2
"""A call whose process was killed from outside is innocent; one that ends its process again is not."""


STOP_SECONDS = 20.0
"""Seconds that the end of a process may take; one that waits for a lost disk cannot be ended at all."""


class _Pool(Enum):
    """What came of a call whose pool is of no use any more, through no fault of the call that is known."""

    BROKE = "broke"


def in_children(
    calls: Iterable[Call],
    work: Callable[[Call], Result],
    folder: Path,
    *,
    children: int,
    seconds: float,
    memory: float,
) -> Iterator[tuple[Call, Result | Lost]]:
    """Each call and its result, in the order they end. `work`, a function of a module or a partial of one, is called in
    `children` processes, which may take `seconds` for each call and `memory` bytes of address space.

    A call whose process dies is made again when all others have ended, with no other beside it: what killed the process may have
    been others' hunger. `folder` is made for scratch files of the processes and removed with what they leave there.
    Raises EngineError where no process can be started any more.
    """
    died: list[Call] = []
    with _children(children, folder, memory) as crew:
        for call, result in results_of(calls, work, crew, seconds):
            if result is Lost.DIED:
                died.append(call)
            else:
                yield call, result
        yield from results_of(died, work, crew[:1], seconds)


class Child:
    """A process that makes calls, one at a time; when it is lost the next call starts another one."""

    def __init__(self, folder: Path, memory: float) -> None:
        self._folder, self._memory = folder, memory
        self._pool: ProcessPool | None = None
        self._until = 0.0

    def start(self, work: Callable[[Call], Result], call: Call, seconds: float) -> Future[Result]:
        """Gives a call out. The future ends by itself, but for a pool that breaks: see `is_broken`."""
        self._until = time.monotonic() + seconds + GRACE_SECONDS
        try:
            if self._pool is None:
                self._pool = self._new_pool()
            return self._pool.schedule(work, (call,), timeout=seconds)
        except (RuntimeError, OSError) as error:  # no more processes, no more pipes
            failed: Future[Result] = Future()
            failed.set_exception(BrokenProcessPool(str(error)))
            return failed

    def is_broken(self) -> bool:
        """Whether nothing more is to be expected of the pool: its threads ended, or all limits have long passed."""
        return self._pool is None or not self._pool.active or time.monotonic() > self._until

    def result(self, future: Future[Result]) -> Result | Lost | _Pool:
        """What came of a call that has ended, or of one whose pool is broken. The process of one that gave no result goes."""
        if not future.done():
            self.stop()
            return _Pool.BROKE
        error = future.exception()
        if error is None:
            return future.result()
        self.stop()  # a process that died may have left half a message in the pipe, and files
        if isinstance(error, TimeoutError):
            return Lost.TOOK_TOO_LONG
        return _Pool.BROKE if isinstance(error, BrokenProcessPool) else Lost.DIED

    def stop(self) -> None:
        """Ends the process and removes its scratch files. Returns in any case, even if the process cannot be ended."""
        pool, self._pool = self._pool, None
        if pool is not None:
            stopping = threading.Thread(target=_stop, args=(pool,), daemon=True)
            stopping.start()
            stopping.join(STOP_SECONDS)
            shutil.rmtree(self._folder, ignore_errors=True)

    def _new_pool(self) -> ProcessPool:
        self._folder.mkdir(parents=True, exist_ok=True)
        # spawn: a fork would copy the threads' locks of Arrow and DuckDB in whatever state they are
        return ProcessPool(
            1,
            max_tasks=CALLS_OF_ONE_PROCESS,
            context=multiprocessing.get_context("spawn"),
            initializer=_start_process,
            initargs=(self._memory, str(self._folder)),
        )


@contextmanager
def _children(number: int, folder: Path, memory: float) -> Iterator[list[Child]]:
    crew = [Child(folder / f"{n:03}", memory) for n in range(number)]
    try:
        yield crew
    finally:
        for child in crew:
            child.stop()
        shutil.rmtree(folder, ignore_errors=True)


def results_of(
    calls: Iterable[Call], work: Callable[[Call], Result], crew: Sequence[Child], seconds: float
) -> Iterator[tuple[Call, Result | Lost]]:
    """Each call and what came of it. One whose pool broke is given out again; one that breaks two is taken to have
    ended its process."""
    rest, again = iter(calls), deque[tuple[Call, int]]()
    idle, breaks = list(crew), 0
    under_way: dict[Future[Result], tuple[Child, Call, int]] = {}
    while True:
        while idle and (given := again.popleft() if again else next(((c, 1) for c in rest), None)):
            child = idle.pop()
            under_way[child.start(work, given[0], seconds)] = (child, *given)
        if not under_way:
            return
        done, waiting = wait(under_way, timeout=WATCH_SECONDS, return_when=FIRST_COMPLETED)
        for future in [*done, *(f for f in waiting if under_way[f][0].is_broken())]:
            child, call, tries = under_way.pop(future)
            result = child.result(future)
            idle.append(child)
            breaks = breaks + 1 if result is _Pool.BROKE else 0
            if breaks >= BREAKS * len(crew):
                raise EngineError(
                    "the processes that read files end as soon as they are started; look at --memory-limit, and at memory, "
                    "process limits and disk of this machine, then run the same command again: what was read is kept"
                )
            time.sleep(BREAK_SECONDS * breaks)
            if result is not _Pool.BROKE:
                yield call, result
            elif tries < TRIES:
                again.append((call, tries + 1))
            else:
                yield call, Lost.DIED


def _stop(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    with suppress(RuntimeError):  # a process that no signal ends: it waits for a disk that is gone
        pool.join()


def _start_process(memory: float, folder: str) -> None:
    """A child takes no more memory than `memory` bytes, leaves temporary files in `folder` only, and goes with its parent:
    at Ctrl-C without a traceback, and when the parent is killed."""
    with suppress(ValueError, OSError):  # a lower limit is set already
        resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
