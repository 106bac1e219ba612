"""`jixiao` with the parser of parser.py, and with faults of the disk: python -m tests.faults.command ARGUMENTS.

Every step of the command that changes the store (a file opened for writing, renamed, linked, removed, made durable …) is seen
by an audit hook of Python, as "rename generations/000002", so that a fault can be put before any of them without a line
in the product. What the environment asks for:

    JIXIAO_FAULT_AT      a regular expression: the fault comes before the first step that it matches
    JIXIAO_FAULT_AFTER   a regular expression: only steps after the first one that it matches count
    JIXIAO_FAULT_SKIP    before the n-th such step instead
    JIXIAO_FAULT_ERROR   an errno: the step fails with it, and so does every later one that matches; without it the process is killed
    JIXIAO_FAULT_STEPS   a file: the steps are written there, one a line
    JIXIAO_FAULT_SYNCED  a file: at the switch of generations, what of the new one was not made durable before
    JIXIAO_FAULT_LARGEST bytes that no file may exceed (RLIMIT_FSIZE), of this process alone
    JIXIAO_FAULT_STORE   the store, as an absolute path
"""

import os
import re
import resource
import runpy
import signal
import sys
from pathlib import Path
from typing import Any

from tests.faults import parser
from tests.pipeline import fakes

AT, AFTER, SKIP, ERROR, STEPS, SYNCED, LARGEST, STORE = (
    f"JIXIAO_FAULT_{name}" for name in ("AT", "AFTER", "SKIP", "ERROR", "STEPS", "SYNCED", "LARGEST", "STORE")
)
CHANGES = {
    "os.rename": "rename", "os.remove": "remove", "os.rmdir": "rmdir", "os.mkdir": "mkdir", "os.link": "link",
    "os.symlink": "symlink", "os.chmod": "chmod", "os.truncate": "truncate",
}  # fmt: skip
"""Events of Python's audit that change folders, and our words for them."""
TARGET_SECOND = frozenset({"os.rename", "os.link", "os.symlink"})
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


class Steps:
    """Sees the steps of this process in the store. Not a value: it counts them."""

    def __init__(self) -> None:
        self.store = os.environ[STORE]
        self.at = re.compile(os.environ.get(AT) or r"\A\Z.")
        self.after = re.compile(os.environ.get(AFTER, ""))
        self.counts = AFTER not in os.environ
        self.skip = int(os.environ.get(SKIP, "0"))
        self.error = int(os.environ.get(ERROR, "0"))
        self.log = os.environ.get(STEPS)
        self.synced: dict[tuple[int, int], tuple[int, int]] = {}
        self.busy = False

    def hook(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Python calls this before the step is done."""
        if self.busy:  # what the hook itself opens
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & WRITING and isinstance(path, str | bytes):
                self.step("open", _absolute(path, -1))
        elif word := CHANGES.get(event):
            folder = (
                -1 if event == "os.truncate" else arguments[-1]
            )  # the descriptor that a path is relative to
            self.step(word, _absolute(arguments[1 if event in TARGET_SECOND else 0], folder))

    def step(self, word: str, path: str) -> None:
        """One step; the fault comes here where it is wanted."""
        if not path.startswith(self.store + "/"):
            return
        self.busy = True
        try:
            name = f"{word} {path[len(self.store) + 1 :]}"
            if self.log:
                with Path(self.log).open("a", encoding="utf-8") as file:
                    file.write(name + "\n")
            if name == "rename current" and (log := os.environ.get(SYNCED)):
                Path(log).write_text("\n".join(self.not_durable()), encoding="utf-8")
            if not self.counts:
                self.counts = bool(self.after.search(name))
                return
            if not self.at.search(name):
                return
            self.skip -= 1
            if self.skip >= 0:
                return
        finally:
            self.busy = False
        if self.error:
            raise OSError(self.error, os.strerror(self.error), path)
        os.kill(os.getpid(), signal.SIGKILL)

    def sync(self, descriptor: int) -> None:
        """Stands before os.fsync: a step, and a file or folder that is durable as it is now."""
        path = os.readlink(f"/proc/self/fd/{descriptor}")
        self.step("sync", path)
        found = os.fstat(descriptor)
        self.synced[found.st_dev, found.st_ino] = (found.st_mtime_ns, found.st_size)

    def not_durable(self) -> list[str]:
        """Files and folders of the newest generation that changed after they were synced, or never were; files that an
        older generation holds too were durable before."""
        newest = max((Path(self.store) / "generations").glob("??????"))
        out = []
        for folder, _, files in os.walk(newest):
            for path in (Path(folder), *(Path(folder, name) for name in files)):
                found = path.stat()
                old = path.is_file() and found.st_nlink > 1
                if not old and self.synced.get((found.st_dev, found.st_ino)) != (
                    found.st_mtime_ns,
                    found.st_size,
                ):
                    out.append(str(path.relative_to(newest)))
        return out


def _absolute(path: Any, folder: int) -> str:
    if isinstance(path, int):
        return os.readlink(f"/proc/self/fd/{path}")
    text = os.fsdecode(path)
    if not os.path.isabs(text) and folder > 0:
        return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), text)
    return os.path.abspath(text)


def _watch_the_disk() -> None:
    steps = Steps()
    real = os.fsync

    def fsync(descriptor: int) -> None:
        steps.sync(descriptor)
        real(descriptor)

    os.fsync = fsync  # type: ignore[assignment]
    sys.addaudithook(steps.hook)


if __name__ == "__main__":
    if largest := os.environ.get(LARGEST):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), resource.RLIM_INFINITY))
    if os.environ.get(STORE):
        _watch_the_disk()
    fakes.parse = parser.parse
    runpy.run_module("tests.pipeline.fake_cli", run_name="__main__")
