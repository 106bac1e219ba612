"""Runs LibreOffice for one worker process, and leaves nothing behind however that worker ends.

Started by `office.py` as a program of its own, in a session of its own: `python -I -S office_keeper.py FOLDER`.
Reads requests from standard input, a line of JSON each: {"command": […], "environment": {…}, "seconds": 120}.
Answers each with a line of JSON: {"status": exit status, or null at a time-out}. The end of the input means that the
worker is gone, killed perhaps: LibreOffice is then ended with all it started, FOLDER is removed, and this process ends.

Knows nothing of the project, so that it starts at once.
"""

import contextlib
import json
import os
import queue
import resource
import shutil
import signal
import subprocess
import sys
import threading
from typing import Any

MAX_MEMORY = 4 << 30
"""Bytes of address space that LibreOffice may take; it takes 1.5 GB for a report of a hundred pages."""

MAX_OUTPUT = 1 << 30
"""Bytes of a file that it may write."""


class Keeper:
    """The folder, and the process that runs now."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self.requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self.running: subprocess.Popen[bytes] | None = None
        self.gone = False
        self.lock = threading.Lock()

    def read(self) -> None:
        """Takes in requests until the worker is gone, then ends what runs."""
        for line in sys.stdin:
            self.requests.put(json.loads(line))
        with self.lock:
            self.gone = True
            if self.running is not None:
                end(self.running)
        self.requests.put(None)

    def run(self, request: dict[str, Any]) -> int | None:
        """The exit status of a command; None where it took too long and was ended."""
        with self.lock:
            if self.gone:
                return None
            self.running = process = subprocess.Popen(  # noqa: S603 - the command is our own
                request["command"], env=request["environment"], cwd=self.folder, start_new_session=True,
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        try:
            return process.wait(request["seconds"])
        except subprocess.TimeoutExpired:
            return None
        finally:
            with self.lock:
                end(process)
                self.running = None

    def serve(self) -> None:
        """Answers requests until the worker is gone."""
        threading.Thread(target=self.read, daemon=True).start()
        while (request := self.requests.get()) is not None:
            try:
                status = self.run(request)
            except OSError:
                status = 127
            if self.gone:
                break
            print(json.dumps({"status": status}), flush=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process with all that it started: they share its session and group."""
    # PermissionError: what macOS says of a group that has ended
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def main() -> None:
    """Limits what LibreOffice will inherit, then serves."""
    for limit, most in ((resource.RLIMIT_AS, MAX_MEMORY), (resource.RLIMIT_FSIZE, MAX_OUTPUT)):
        _, hard = resource.getrlimit(limit)
        try:
            resource.setrlimit(limit, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard))
        except (ValueError, OSError):  # a system without this limit
            continue
    Keeper(sys.argv[1]).serve()


if __name__ == "__main__":
    main()
