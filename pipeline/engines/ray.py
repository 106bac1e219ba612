"""The engine for a cluster: Ray Core tasks over batches of files.

Each task reads its files in a process of its own (`children.py`), as the local engine does, writes what came of them into the
staging folder as one batch, and sends back the attempts without rows: neither the driver nor Ray's object store grows with the
archive. Input, store and staging lie on a file system that all machines share under the same paths.
"""

import math
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import ray
from ray.exceptions import RayError, RayTaskError

from parsers import PARSER_VERSION
from pipeline.engines.attempts import (
    DEBUG_VARIABLE,
    DEFAULT_LIMITS,
    NO_ROWS,
    Attempt,
    Limits,
    Lost,
    Parse,
    attempt,
    lost_attempt,
)
from pipeline.engines.children import BREAKS, GRACE_SECONDS, Child, in_children, results_of
from pipeline.engines.local import HEAVY_CORES, SCRATCH
from pipeline.plan import Hashed
from pipeline.staging import BATCH_BYTES, BATCH_FILES, read_mark, write_batch
from schemas.errors import EngineError, StoreError, UsageError

Call = TypeVar("Call")
Result = TypeVar("Result")

SHARES = 4
"""Tasks for each processor at least, where there are so few files that balance counts more than the cost of a task."""

AHEAD = 2
"""Tasks given out for each processor: one that runs, one that waits. Bounds what the driver and Ray keep."""

HEAVY_FILES = 4
"""Files of a task with OCR: each takes minutes."""

OBJECT_STORE_BYTES = 100 * 2**20
"""Ray's shared memory on this machine; attempts without rows are some hundred bytes each."""

REACH_SECONDS = 5.0
"""Seconds in which the head of a cluster must take a connection."""

ENDING_SECONDS = 10.0
"""Seconds that Ray may take to end all its processes."""

SOCKET_BYTES = 107 - len("/session_2026-01-01_00-00-00_000000_0000000/sockets/plasma_store")
"""What the system's limit for names of sockets leaves for Ray's temporary folder."""

SETTINGS = {"task_oom_retries": 0}
"""Ray's tries of a task that it ended for want of memory: endless by default. What dies is read once more, alone."""


@dataclass(frozen=True, slots=True)
class RayEngine:
    """Parses in tasks of the Ray cluster at `address`, `workers` at a time; without an address in a Ray of its own on this
    machine that ends with the run. None: as many workers as there are processors."""

    workers: int | None = None
    limits: Limits = DEFAULT_LIMITS
    address: str | None = None

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
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
        """One Attempt for each file, batch by batch; those with rows name the batch that holds them."""
        if not files:
            return
        mark = read_mark(folder)
        job = _Job(
            parse, folder.absolute(), self.limits.seconds_of(heavy), self.limits.memory, leave_pictures,
            mark.parser_version if mark else PARSER_VERSION, _versions(),
        )  # fmt: skip
        try:
            with _connected(self.address, self.workers, folder):
                yield from _attempts(files, job, self.workers, heavy=heavy)
        finally:
            shutil.rmtree(folder / SCRATCH, ignore_errors=True)

    def apart(
        self, calls: Iterable[Call], work: Callable[[Call], Result], folder: Path, seconds: float
    ) -> Iterator[tuple[Call, Result | Lost]]:
        """Each call and its result, from processes of the driver's machine."""
        cores = os.cpu_count() or 1
        return in_children(
            calls,
            work,
            folder / SCRATCH,
            children=min(self.workers or cores, cores),
            seconds=seconds,
            memory=self.limits.memory,
        )


class _Job(NamedTuple):
    """What is the same for all tasks of a run."""

    parse: Parse
    folder: Path
    seconds: float
    memory: float
    leave_pictures: bool
    parser_version: str
    versions: str


class _Done(NamedTuple):
    """What a task sends back: attempts without rows, and the files whose process died."""

    attempts: list[Attempt]
    died: list[Hashed]


def _read(files: Sequence[Hashed], job: _Job) -> _Done:
    """The task: reads files one by one and stages what came of them."""
    if job.versions != _versions():
        raise UsageError(
            f"a machine of the cluster has {_versions()}, the one that ingests has {job.versions}; install the same jixiao on all"
        )
    child, work = _child(job.folder / SCRATCH, job.memory), partial(attempt, parse=job.parse)
    attempts, died = list[Attempt](), list[Hashed]()
    for file, result in results_of(files, work, [child], job.seconds):
        if result is Lost.DIED:
            died.append(file)
        else:
            attempts.append(lost_attempt(file, result, job.seconds) if isinstance(result, Lost) else result)
    return _Done(_staged(attempts, job), died)


def _staged(attempts: Sequence[Attempt], job: _Job) -> list[Attempt]:
    """The attempts without rows, when the rows are durable."""
    kept = [a for a in attempts if a.sha256 and not (a.pictures and job.leave_pictures)]
    batch = write_batch(job.folder, kept, job.parser_version) if kept else None
    names = {a.source for a in kept}
    return [replace(a, rows=NO_ROWS, batch=batch if a.source in names else None) for a in attempts]


@cache
def _child(folder: Path, memory: float) -> Child:
    """The process that reads for this worker of Ray, kept from task to task: to start one takes as long as ten reports."""
    return Child(folder / f"ray-{secrets.token_hex(8)}", memory)


def _versions() -> str:
    return f"jixiao {version('jixiao')} with parser {PARSER_VERSION}"


def _attempts(files: Sequence[Hashed], job: _Job, workers: int | None, *, heavy: bool) -> Iterator[Attempt]:
    """The attempts as tasks end. A file whose process or task died is read again when all others have been, alone."""
    nodes = [node["Resources"].get("CPU", 0) for node in ray.nodes() if node["Alive"]]  # type: ignore[no-untyped-call]
    largest = max(nodes, default=0)
    if largest < 1:
        raise EngineError("the Ray cluster has no processor; start a node with: ray start --address …")
    cores = min(HEAVY_CORES, largest) if heavy else 1
    slots = max(1, int(sum(nodes) // cores))
    slots = min(slots, workers or slots)
    again, patience = list[Hashed](), float(BREAKS * slots)
    for batch, done in _results(_batches(files, slots, heavy=heavy), job, cores, slots * AHEAD, patience):
        yield from done.attempts if done else ()
        again.extend(done.died if done else batch)
        patience = math.inf if done else patience  # the cluster works: who dies alone is to blame
    for (file,), done in _results(([file] for file in again), job, cores, 1, patience):
        if done and done.attempts:
            yield from done.attempts
        else:
            yield from _staged([lost_attempt(file, Lost.DIED, job.seconds)], job)


def _results(
    batches: Iterable[Sequence[Hashed]], job: _Job, cores: float, most: int, patience: float
) -> Iterator[tuple[Sequence[Hashed], _Done | None]]:
    """Each batch and what its task sent back; None where the task died with its machine or for want of memory.
    No more than `most` tasks are given out at a time. Raises EngineError when `patience` of them died in a row."""
    task: Any = ray.remote(num_cpus=cores, max_retries=0, retry_exceptions=False)(_read)
    about, rest, breaks = ray.put(job), iter(batches), 0
    under_way: dict[Any, Sequence[Hashed]] = {}
    try:
        while True:
            while len(under_way) < most and (batch := next(rest, None)):
                # paths: a worker of Ray has a working directory of its own
                under_way[task.remote([_absolute(file) for file in batch], about)] = batch
            if not under_way:
                return
            longest = max(map(len, under_way.values())) * job.seconds + GRACE_SECONDS
            ready, _ = ray.wait(list(under_way), timeout=longest)
            if not ready:
                raise EngineError("the Ray cluster gives no results any more; look at it with: ray status")
            for reference in ready:
                batch = under_way.pop(reference)
                done = _fetched(reference)
                breaks = 0 if done else breaks + 1
                if breaks >= patience:
                    raise EngineError(
                        "the tasks on the Ray cluster die as soon as they start; look at its logs"
                    )
                yield batch, done
    finally:
        for reference in under_way:
            ray.cancel(reference, force=True)


def _fetched(reference: Any) -> _Done | None:
    try:
        done: _Done = ray.get(reference)
    except RayTaskError as error:  # what the task raised, and code that is not there
        cause = error.cause
        if isinstance(cause, EngineError):  # no processes on that machine
            return None
        if isinstance(cause, StoreError | UsageError):
            raise type(cause)(str(cause)) from error
        raise EngineError(
            f"a task on the Ray cluster failed ({cause!r}); is jixiao installed on all of it?"
        ) from error
    except RayError:
        return None
    return done


def _absolute(file: Hashed) -> Hashed:
    return replace(file, source=replace(file.source, path=file.source.path.absolute()))


def _batches(files: Sequence[Hashed], slots: int, *, heavy: bool) -> Iterator[list[Hashed]]:
    """Files in runs that are neither too large for a batch nor too few to keep all processors busy to the end."""
    most = min(HEAVY_FILES if heavy else BATCH_FILES, math.ceil(len(files) / (slots * SHARES)))
    batch, size = list[Hashed](), 0
    for file in files:
        try:
            size += file.source.path.stat().st_size
        except OSError:  # gone: the attempt will say so
            size += 0
        batch.append(file)
        if len(batch) >= most or size > BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


@contextmanager
def _connected(address: str | None, workers: int | None, folder: Path) -> Iterator[None]:
    """A connection to Ray while the block lasts; one that the caller made is used and kept."""
    if ray.is_initialized():
        yield
        return
    temporary = folder.absolute() / "ray.tmp"
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is told to anybody
    try:
        options: dict[str, Any] = {"logging_level": "ERROR", "log_to_driver": DEBUG_VARIABLE in os.environ}
        if address is not None:
            _check_listening(address)
            options["address"] = address
        else:
            if len(os.fsencode(temporary)) > SOCKET_BYTES:
                temporary = Path(tempfile.mkdtemp(prefix="jixiao-"))
            # nobody else on this machine may run code in this Ray; without it a token is left in the home folder
            os.environ.setdefault("RAY_AUTH_TOKEN", secrets.token_hex(32))
            options |= {
                "num_cpus": workers or os.cpu_count() or 1, "include_dashboard": False,
                "object_store_memory": OBJECT_STORE_BYTES, "_temp_dir": str(temporary),
                "_system_config": SETTINGS,
            }  # fmt: skip
        try:
            ray.init(**options)
        except (RayError, OSError, RuntimeError, ValueError) as error:
            raise EngineError(f"Ray cannot be reached or started: {error}") from error
        yield
    finally:
        ray.shutdown()
        _remove(temporary)


def _check_listening(address: str) -> None:
    """Raises EngineError where nobody listens at host:port: Ray itself waits for more than a minute, deaf to signals.
    Other addresses (auto) are for Ray to judge."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if not host or not port.isdecimal():
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), timeout=REACH_SECONDS).close()
    except (OSError, OverflowError, UnicodeError) as error:
        raise EngineError(f"--address {address}: no Ray cluster can be reached there ({error})") from error


def _remove(folder: Path) -> None:
    """Removes Ray's folder, in which its processes write for a moment after it was told to end."""
    until = time.monotonic() + ENDING_SECONDS
    while folder.exists() and time.monotonic() < until:
        shutil.rmtree(folder, ignore_errors=True)
        time.sleep(0.1)
