"""Runs of the command in processes of their own: started, watched, killed, and where they were when it came."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.faults import command, parser

ROOT = Path(__file__).parents[2]
BATCH_FILES = 5
"""Files of a staged batch here: a run of some fifty files then has ten of them."""

HANGS = 180.0
"""Seconds after which a run is taken to hang for ever; none takes a tenth of it."""

POLL = 0.002
ENDINGS = 15.0
"""Seconds that processes may take to notice that their parent is gone."""


class Hung(Exception):
    """A run that does not end."""


@dataclass(frozen=True, slots=True)
class Case:
    """One trial: a folder with an archive, a store, and a folder for temporary files."""

    folder: Path
    options: tuple[str, ...] = ()

    @property
    def store(self) -> Path:
        return self.folder / "store"

    @property
    def archive(self) -> Path:
        return self.folder / "archive"

    @property
    def tmp(self) -> Path:
        return self.folder / "tmp"

    @property
    def calls(self) -> Path:
        return self.folder / "calls"


@dataclass(slots=True)
class Run:
    """A command under way."""

    case: Case
    process: subprocess.Popen[bytes]
    output: Path
    began: float = field(default_factory=time.monotonic)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    @property
    def said(self) -> str:
        """What it wrote on stderr, without the lines of progress."""
        text = self.output.with_suffix(".err").read_text(encoding="utf-8", errors="replace")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text).strip()

    def wait(self, seconds: float = HANGS) -> int:
        """Waits for its end and returns its code, negative where a signal ended it. Raises Hung."""
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise Hung(f"the run did not end in {seconds:.0f} s; {self.said[-300:]}") from None

    def kill(self) -> None:
        """Ends it and all that it started, at once."""
        for pid in descendants(self.process.pid):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, *exc: object) -> None:
        if not self.ended:
            self.kill()


def start(case: Case, *arguments: str, **environment: str) -> Run:
    """Starts `jixiao ARGUMENTS` in the case's folder, in a process group of its own."""
    output = case.folder / f"run{len(list(case.folder.glob('run*.out'))):03}.out"
    fixed = {
        "PYTHONPATH": str(ROOT), "TMPDIR": str(case.tmp), "JIXIAO_TEST_BATCH": str(BATCH_FILES),
        parser.CALLS: str(case.calls), "TERM": "dumb",
    }  # fmt: skip
    if any(name.startswith("JIXIAO_FAULT_") for name in environment):
        fixed[command.STORE] = str(case.store)
    with output.open("wb") as out, output.with_suffix(".err").open("wb") as err:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.command", *arguments],
            cwd=case.folder, env={**os.environ, **fixed, **environment},
            stdin=subprocess.DEVNULL, stdout=out, stderr=err, start_new_session=True,
        )  # fmt: skip
    return Run(case, process, output)


def start_ingest(case: Case, *options: str, **environment: str) -> Run:
    """Starts the ingest of the case's archive; its path is relative, so that all cases have the same root."""
    return start(case, "ingest", "archive", "--store", "store", *case.options, *options, **environment)


def ingested(case: Case, *options: str, **environment: str) -> tuple[int, str]:
    """Ingests to the end; the exit code and what it said on stderr. Raises Hung."""
    with start_ingest(case, *options, **environment) as run:
        return run.wait(), run.said


def until(run: Run, happens: Callable[[], bool], seconds: float = HANGS) -> bool:
    """Waits until something `happens`; False where the run ended before. Raises Hung."""
    deadline = time.monotonic() + seconds
    while not happens():
        if run.ended:
            return happens()
        if time.monotonic() > deadline:
            raise Hung("what was waited for did not happen")
        time.sleep(POLL)
    return True


# ---- where a run stands -------------------------------------------------------------------------


def has_begun(case: Case) -> bool:
    """Whether the run has taken the store and set up its staging folder."""
    return (case.store / "staging").exists()


def is_building(case: Case) -> bool:
    """Whether a generation is being built."""
    return any((case.store / "generations").glob("*.tmp"))


def is_making_the_database(case: Case) -> bool:
    """Whether the DuckDB file of the next generation is being written."""
    return any((case.store / "generations").glob("*.tmp/jixiao.duckdb"))


def phase(case: Case, before: str) -> str:
    """What a run that was killed was at, from what lies in the store; `before` was the current generation."""
    staging, generations = case.store / "staging", case.store / "generations"
    current = os.readlink(case.store / "current")
    if current != before:
        return "after the switch" if staging.exists() else "after its end"
    if any(p.name.isdecimal() and int(p.name) > int(Path(before).name) for p in generations.iterdir()):
        return "before the switch"
    if is_making_the_database(case):
        return "DuckDB file"
    if is_building(case):
        return "Parquet files"
    if not staging.exists():
        return "start"
    if any(staging.glob("*/*.tmp/*.parquet")):
        return "a batch"
    return "reading"


def batches(case: Case) -> list[Path]:
    """The batches that are whole."""
    return [p for p in (case.store / "staging").glob("*/batch-*") if not p.suffix]


def staged_contents(case: Case, outcomes: Collection[str]) -> set[str]:
    """SHA-256 of the files of these outcomes that are durable in the staging folder."""
    found: set[str] = set()
    for path in (p / "attempts.parquet" for p in batches(case)):
        with suppress(OSError, pa.ArrowException):  # half removed by the run that was killed
            for row in pq.ParquetFile(path).read(["sha256", "outcome"]).to_pylist():
                if row["sha256"] and row["outcome"] in outcomes:
                    found.add(row["sha256"])
    return found


# ---- processes ----------------------------------------------------------------------------------


def processes() -> Iterator[tuple[int, int, int]]:
    """Process, parent and session of everything that runs, zombies left out."""
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, IndexError):
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
                if fields[0] != "Z":
                    yield int(entry.name), int(fields[1]), int(fields[3])


def descendants(pid: int) -> list[int]:
    """All processes below one, the nearest first."""
    children: dict[int, list[int]] = {}
    for child, parent, _ in processes():
        children.setdefault(parent, []).append(child)
    found, todo = [], [pid]
    while todo:
        todo = [child for parent in todo for child in children.get(parent, ())]
        found += todo
    return found


def workers(run: Run) -> list[int]:
    """The processes in which the run reads files: those that Python spawned, and Ray's workers."""
    found = []
    for pid in descendants(run.process.pid):
        with suppress(OSError):
            line = Path(f"/proc/{pid}/cmdline").read_bytes()
            if b"spawn_main" in line or line.startswith(b"ray::"):
                found.append(pid)
    return found


def left_running(pids: list[int]) -> list[int]:
    """Which of the processes are still there although their run has ended, after time to notice it."""
    deadline = time.monotonic() + ENDINGS
    while time.monotonic() < deadline:
        there = {pid for pid, _, _ in processes()}
        if not (left := [pid for pid in pids if pid in there]):
            return []
        time.sleep(0.05)
    return left


def copy_of(source: Path, target: Path) -> None:
    """A folder copied as it is, links and times included."""
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)
