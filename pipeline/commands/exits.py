"""How every command ends: errors as one line on stderr, exit codes, and the options that commands share."""

import os
import signal
import sys
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands.output import safe
from pipeline.engines.attempts import DEBUG_VARIABLE
from schemas.errors import JixiaoError, NotAReport, StoreError, UnreadableFile, UsageError

Store = Annotated[Path, typer.Option("--store", help="Folder of the store.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

EXIT_FILES, EXIT_USAGE, EXIT_STORE, EXIT_STOPPED, EXIT_TERMINATED = 1, 2, 3, 130, 143

_EXITS: tuple[tuple[type[JixiaoError], int], ...] = (
    (UnreadableFile, EXIT_FILES), (NotAReport, EXIT_FILES), (UsageError, EXIT_USAGE), (StoreError, EXIT_STORE),
)  # fmt: skip


class Terminated(KeyboardInterrupt):
    """SIGTERM, as schedulers send it: everything ends as it does at Ctrl-C."""


@contextmanager
def exits(stopped: str = "stopped") -> Iterator[None]:
    """Errors as one line on stderr and an exit code; a traceback only with JIXIAO_DEBUG=1.
    `stopped` is said at Ctrl-C and SIGTERM."""
    try:
        with _sigterm_raised():
            yield
            sys.stdout.flush()
    except JixiaoError as error:
        _complain(error)
        raise typer.Exit(exit_code(error)) from None
    except BrokenPipeError:  # whoever read us has seen enough; the flush at exit must not complain either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt as signalled:
        print(f"jixiao: {stopped}", file=sys.stderr)
        raise typer.Exit(exit_code(signalled)) from None


def exit_code(error: JixiaoError | KeyboardInterrupt) -> int:
    """The exit code of a command that ended so."""
    if isinstance(error, KeyboardInterrupt):
        return EXIT_TERMINATED if isinstance(error, Terminated) else EXIT_STOPPED
    return next(code for kind, code in _EXITS if isinstance(error, kind))


@contextmanager
def _sigterm_raised() -> Iterator[None]:
    """SIGTERM raises Terminated in the main thread while the block lasts."""
    if threading.current_thread() is not threading.main_thread():  # only that one may set handlers
        yield
        return
    before = signal.signal(signal.SIGTERM, _raise_terminated)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _raise_terminated(number: int, frame: object) -> None:
    raise Terminated


def _complain(error: Exception) -> None:
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exc()
    print(f"jixiao: {safe(str(error))}", file=sys.stderr)
