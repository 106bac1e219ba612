"""The prepared archive and store that every trial starts from, what an undisturbed run makes of them, and the comparison."""

import os
import shutil
import signal
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path

from tests.faults import archives
from tests.faults.archives import DRAWN, NEW
from tests.faults.contents import Contents, contents, differences, digest_of_database
from tests.faults.disks import On
from tests.faults.reader import Reader, Seen
from tests.faults.runs import (
    Case,
    Hung,
    copy_of,
    has_begun,
    ingested,
    is_building,
    left_running,
    start_ingest,
    until,
)

SOME_UNREAD = 1
"""The exit code of an undisturbed run: the archive holds files that are no reports."""

STORE_FAULT = 3
TIMED_RUNS = 3


@dataclass(slots=True)
class Result:
    """What came of a trial. `wrong` is empty where all was as it should be."""

    name: str
    wrong: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0
    looks: int = 0

    def expect(self, holds: bool, complaint: str) -> None:
        """Notes a complaint unless something holds."""
        if not holds:
            self.wrong.append(complaint)


@dataclass(slots=True)
class Trial:
    """A case that is being tried, with its reader and its result."""

    case: Case
    result: Result
    seen: Seen
    first: str
    """What `current` led to before."""
    wanted: Contents
    allowed: list[str]
    """The reader's digests of all generations that were published."""

    def ends(self, *options: str, **environment: str) -> None:
        """Ingests undisturbed to the end, and compares: the store must be that of a run that nothing had disturbed."""
        self.went_well(*ingested(self.case, *options, **environment))
        self.compares()

    def went_well(self, code: int, said: str) -> None:
        """A run must end as an undisturbed one does, without a traceback."""
        self.result.expect(code == SOME_UNREAD, f"a run ended with {code}: {said[-400:]}")
        self.result.expect("Traceback" not in said, f"a run ended with a traceback: {said[-600:]}")

    def compares(self, wanted: Contents | None = None) -> None:
        """Compares the store with the undisturbed one, or with another."""
        found = contents(self.case.store)
        self.result.wrong += differences(found, wanted or self.wanted)
        self.published()

    def published(self) -> None:
        """Notes that the reader may see from now on what is published now."""
        digest = digest_of_database(self.case.store / "jixiao.duckdb")
        if digest not in self.allowed:
            self.allowed.append(digest)

    def still_first(self) -> None:
        """The first generation must be published still."""
        now = os.readlink(self.case.store / "current")
        self.result.expect(now == self.first, f"{now} is current, though the run ended in a fault")

    def complains(self, code: int, got: int, said: str, about: str = "") -> None:
        """A run that cannot go on must say so in a line, with the right code."""
        self.result.expect(got == code, f"exit code {got}, not {code}: {said[-300:]}")
        self.result.expect("Traceback" not in said, f"a traceback: {said[-400:]}")
        self.result.expect(about in said, f"it does not say {about!r}: {said[-300:]}")


@dataclass(slots=True)
class Suite:
    """What all trials share. Not a value: it holds the reader's process."""

    folder: Path
    options: tuple[str, ...]
    reader: Reader
    undisturbed: Contents
    seconds: float
    """From the moment at which a run has taken the store to its end."""
    building: float
    """The part of it until the next generation begins to be built."""
    keep: bool = False
    _count: int = 0
    _last_wrong: bool = False

    @property
    def base(self) -> Path:
        return self.folder / "base"

    @contextmanager
    def trial(self, name: str, on: On = nullcontext) -> Iterator[Trial]:
        """A fresh copy of the prepared store and archive, watched by the reader; judged at the end. The store lies `on`
        a file system of its own where one is given."""
        self._count += 1
        case = Case(self.folder / f"{self._count:04}-{name}", self.options)
        case.store.mkdir(parents=True)
        with on(case.store):
            yield from self._tried(name, case)
        if not (self.keep and self._last_wrong):
            shutil.rmtree(case.folder, ignore_errors=True)

    def _tried(self, name: str, case: Case) -> Iterator[Trial]:
        _copy_case(self.base, case)
        result = Result(name)
        began = time.monotonic()
        before = _old_files(case.store)
        with self.reader.watching(case.store) as seen:
            allowed = [digest_of_database(case.store / "jixiao.duckdb")]
            trial = Trial(case, result, seen, os.readlink(case.store / "current"), self.undisturbed, allowed)
            try:
                yield trial
            except Hung as error:
                result.wrong.append(str(error))
        result.wrong += seen.wrong(trial.allowed)
        result.expect(_old_files(case.store) == before, "files of the old generation were changed")
        if left := sorted(p.name for p in case.tmp.iterdir()):
            result.notes.append(f"left in the folder for temporary files: {left[:3]}")
        result.seconds, result.looks = time.monotonic() - began, seen.looks
        self._last_wrong = bool(result.wrong)


def prepared(
    folder: Path,
    options: tuple[str, ...],
    *,
    keep: bool = False,
    timed: int = TIMED_RUNS,
    drawn: int = DRAWN,
    new: int = NEW,
) -> Suite:
    """Publishes the first generation, and runs the second ingest undisturbed some times: for the wanted contents and the time.

    Raises RuntimeError where even that fails, or two undisturbed runs differ.
    """
    base = Case(folder / "base", options)
    base.tmp.mkdir(parents=True)
    archives.make_first(base.archive, drawn)
    code, said = ingested(base)
    if code != SOME_UNREAD:
        raise RuntimeError(f"the first ingest ended with {code}: {said}")
    archives.make_second(base.archive, drawn, new)
    found: list[Contents] = []
    times: list[tuple[float, float]] = []
    for number in range(timed):
        case = Case(folder / f"undisturbed{number}", options)
        _copy_case(base.folder, case)
        times.append(_timed(case))
        found.append(contents(case.store))
        if wrong := differences(found[-1], found[0]):
            raise RuntimeError(f"two undisturbed runs differ: {wrong}")
        shutil.rmtree(case.folder)
    seconds, building = (statistics.median(t[at] for t in times) for at in (0, 1))
    return Suite(folder, options, Reader(), found[0], seconds, building, keep)


def _timed(case: Case) -> tuple[float, float]:
    """Seconds from the moment at which the run had the store to its end, and to where it began to build."""
    with start_ingest(case) as run:
        until(run, lambda: has_begun(case))
        began = time.monotonic()
        until(run, lambda: is_building(case))
        building = time.monotonic() - began
        if (code := run.wait()) != SOME_UNREAD:
            raise RuntimeError(f"an undisturbed ingest ended with {code}: {run.said}")
        return time.monotonic() - began, building


def _copy_case(source: Path, case: Case) -> None:
    case.tmp.mkdir(parents=True)
    copy_of(source / "store", case.store)
    copy_of(source / "archive", case.archive)


def _old_files(store: Path) -> dict[str, tuple[int, int]]:
    """Size and time of every file of the first generation."""
    root = store / "generations" / "000001"
    return {
        str(p.relative_to(root)): (p.stat().st_size, p.stat().st_mtime_ns)
        for p in root.rglob("*")
        if p.is_file()
    }


def nothing_runs_on(result: Result, pids: list[int]) -> None:
    """The processes of an ended run must end, too; what is left is ended here, by its id."""
    for pid in (left := left_running(pids)):
        os.kill(pid, signal.SIGKILL)
    result.expect(not left, f"{len(left)} processes ran on after the run had ended")
