"""The default engine: processes of this machine."""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

from pipeline.engines.attempts import (
    DEFAULT_LIMITS,
    NO_ROWS,
    Attempt,
    Limits,
    Lost,
    Parse,
    attempt,
    lost_attempt,
)
from pipeline.engines.children import in_children
from pipeline.plan import Hashed
from schemas.errors import UsageError

Call = TypeVar("Call")
Result = TypeVar("Result")

SMALL_JOB = 8
"""Files up to which one process is enough: starting more costs more than it saves."""

HEAVY_BYTES = 3 * 2**29
HEAVY_CORES = 2
"""Memory and cores that a process doing OCR takes: measured 0.9 GB, with room to spare."""

SCRATCH = "processes.tmp"
"""Temporary files of the processes lie here, in the staging folder; what a killed run left goes when the next one starts."""

_SYSCONF = "SC_AVPHYS_PAGES" in os.sysconf_names  # Linux has it, macOS not


def heavy_workers() -> int:
    """How many processes may do OCR at once on this machine: each takes a gigabyte and two cores."""
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") if _SYSCONF else HEAVY_BYTES
    return max(1, min((os.cpu_count() or 1) // HEAVY_CORES, free // HEAVY_BYTES))


@dataclass(frozen=True, slots=True)
class LocalEngine:
    """Parses in `workers` processes. With `workers=1` in this one: quicker to start and easier to
    debug, but then no limits hold and a file that kills its process ends the run. Heavy work always has
    processes of its own, `heavy_workers` of them."""

    workers: int = os.cpu_count() or 1
    heavy_workers: int = field(default_factory=heavy_workers)
    limits: Limits = DEFAULT_LIMITS

    def __post_init__(self) -> None:
        if min(self.workers, self.heavy_workers) < 1:
            raise UsageError(f"--workers {self.workers}: give 1 or more")

    def run(
        self,
        files: Sequence[Hashed],
        parse: Parse,
        folder: Path,
        *,
        heavy: bool = False,
        leave_pictures: bool = False,
    ) -> Iterator[Attempt]:
        """One Attempt for each file, with its rows, as they end."""
        read, seconds = partial(attempt, parse=parse), self.limits.seconds_of(heavy)
        workers = self.heavy_workers if heavy else self.workers if len(files) > SMALL_JOB else 1
        for file, result in self._calls(
            files, read, folder, workers, seconds, here=self.workers == 1 and not heavy
        ):
            done = lost_attempt(file, result, seconds) if isinstance(result, Lost) else result
            yield replace(done, rows=NO_ROWS) if leave_pictures and done.pictures else done

    def apart(
        self, calls: Iterable[Call], work: Callable[[Call], Result], folder: Path, seconds: float
    ) -> Iterator[tuple[Call, Result | Lost]]:
        """Each call and its result, as they end."""
        return self._calls(calls, work, folder, self.workers, seconds, here=self.workers == 1)

    def _calls(
        self,
        calls: Iterable[Call],
        work: Callable[[Call], Result],
        folder: Path,
        workers: int,
        seconds: float,
        *,
        here: bool,
    ) -> Iterator[tuple[Call, Result | Lost]]:
        if here:
            return ((call, work(call)) for call in calls)
        return in_children(
            calls, work, folder / SCRATCH, children=workers, seconds=seconds, memory=self.limits.memory
        )
