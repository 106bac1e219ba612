"""File systems that are small or read-only. The mounts are seen by this program and what it starts only, and go with it."""

import ctypes
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from pathlib import Path

CLONE_NEWNS = 0x20000
PAGE = 4096

On = Callable[[Path], AbstractContextManager[None]]
"""Mounts something at an empty folder as long as a block lasts."""


@cache
def no_mounts() -> str | None:
    """Why nothing can be mounted here; None where it can. At its first call this process gets a view of the mounts of its own."""
    if os.geteuid() != 0:
        return "mounts need root"
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNS):
        return f"no mounts of its own for this process ({os.strerror(ctypes.get_errno())})"
    done = subprocess.run(["mount", "--make-rprivate", "/"], capture_output=True, text=True, check=False)
    return None if done.returncode == 0 else done.stderr.strip()


def small(size: int) -> On:
    """A file system of `size` bytes."""

    @contextmanager
    def mounted(folder: Path) -> Iterator[None]:
        _mount("-t", "tmpfs", "-o", f"size={size}", "faults", folder)
        try:
            yield
        finally:
            _unmount(folder)

    return mounted


def enlarge(folder: Path) -> None:
    """More room in a small file system."""
    _mount("-o", f"remount,size={2**32}", folder)


def used(folder: Path) -> int:
    """Bytes in use on the file system of a folder."""
    found = os.statvfs(folder)
    return (found.f_blocks - found.f_bfree) * found.f_frsize


@contextmanager
def read_only(folder: Path) -> Iterator[None]:
    """The folder cannot be written, whoever tries."""
    _mount("--bind", folder, folder)
    try:
        _mount("-o", "remount,ro,bind", folder)
        yield
    finally:
        _unmount(folder)


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *arguments], check=True, capture_output=True)


def _unmount(folder: Path) -> None:
    subprocess.run(
        ["umount", "--lazy", folder], check=True, capture_output=True
    )  # a reader may have a file open
