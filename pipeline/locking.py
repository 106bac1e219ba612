"""The lock of a store, and a note in it of who holds it."""

import errno
import fcntl
import json
import os
import socket
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from schemas.errors import StoreError

TRIES, PAUSE = 3, 0.05
"""Who only looks whether the lock is held holds it for an instant: that must not stop a run."""

_NOTE_BYTES = 1000


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds a store: a process of a host, since when (UTC)."""

    pid: int
    host: str
    since: datetime

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since:%Y-%m-%d %H:%M:%S} UTC"


def take(descriptor: int, store: Path) -> None:
    """Locks the file of `descriptor` for writing the store, until it is closed. Raises StoreError where another process holds it."""
    for left in reversed(range(TRIES)):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            break
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
                raise StoreError(f"{store}: the store cannot be locked ({error.strerror})") from error
            if not left:
                by = _noted(descriptor)
                who = f" ({by})" if by else ""
                raise StoreError(
                    f"{store}: another ingest is writing this store{who}; wait until it has ended"
                ) from error
            time.sleep(PAUSE)
    _note(descriptor, Holder(os.getpid(), socket.gethostname(), datetime.now(UTC)))


def release(descriptor: int) -> None:
    """Gives the lock back. After a kill the system does so, and the note stays; nobody reads it then."""
    with suppress(OSError):  # a full or broken disk: the note is for people only
        os.ftruncate(descriptor, 0)
    os.close(descriptor)


def holder(lock: Path) -> Holder | None:
    """Who holds the lock now; None where nobody does. A holder that left no note is process 0."""
    try:
        descriptor = os.open(lock, os.O_RDONLY)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return _noted(descriptor) or Holder(0, "?", datetime.now(UTC))
    else:
        return None
    finally:
        os.close(descriptor)


def _note(descriptor: int, by: Holder) -> None:
    text = json.dumps(asdict(by) | {"since": by.since.isoformat()})
    with suppress(OSError):  # as above
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, text.encode()[:_NOTE_BYTES], 0)


def _noted(descriptor: int) -> Holder | None:
    try:
        found = json.loads(os.pread(descriptor, _NOTE_BYTES, 0))
        return Holder(int(found["pid"]), str(found["host"]), datetime.fromisoformat(found["since"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None
