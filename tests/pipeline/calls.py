"""Calls that end badly, for tests of the processes that make them. A call is a word and a folder to note in what was done."""

import ctypes
import os
import signal
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from pipeline.archives.opening import Packed, Work
from pipeline.sources import Source
from schemas.records import ParsedFile
from tests.pipeline import fakes


class Job(NamedTuple):
    """What to do, and where to note that it was begun."""

    what: str
    folder: Path
    number: int = 0


def work(job: Job) -> str:
    """Does what the job says; the process that does it is noted."""
    with (job.folder / f"{job.what}{job.number}").open("a") as file:
        file.write(f"{os.getpid()}\n")
    if job.what == "hang":
        time.sleep(3600)
    if job.what == "hang in C":
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        ctypes.CDLL(None).sleep(3600)
    if job.what == "segfault":
        os.kill(os.getpid(), signal.SIGSEGV)
    if job.what == "exit":
        raise SystemExit(0)
    if job.what == "killed once" and len(began(job)) == 1:
        os.kill(os.getpid(), signal.SIGKILL)
    if job.what == "scratch":
        Path(tempfile.mkdtemp(), "left").write_bytes(b"x")
        os.kill(os.getpid(), signal.SIGKILL)
    if job.what == "wait for the others":
        while len(list(job.folder.glob("quick*"))) < 12:
            time.sleep(0.02)
    if job.what == "large":
        return "x" * 50_000_000
    return f"{job.what}{job.number}"


def began(job: Job) -> list[str]:
    """The processes that began the job, one after the other."""
    return (job.folder / f"{job.what}{job.number}").read_text().split()


def recognise(data: bytes) -> ParsedFile:
    """What OCR reads, the same whatever process it runs in."""
    return replace(fakes.parse_with_ocr(data), title="样例")


def unpack_badly(archive: Packed, work: Work, name: str, ends: str) -> tuple[Source, ...]:
    """Unpacks an archive; over that of the name given its process ends badly, when all is unpacked."""
    found = work(archive)
    if archive.source.source == name:
        if ends == "dies":
            os.kill(os.getpid(), signal.SIGSEGV)
        time.sleep(3600)
    return found


def ends_the_task(data: bytes) -> ParsedFile:
    """Kills, over a file that says so, the process that started this one: in a Ray task, that of the task."""
    if data.startswith(b"KILL"):
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(3600)
    return fakes.parse(data)
