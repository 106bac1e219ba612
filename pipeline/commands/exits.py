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
    """SIGTERM, as schedulers send it, or SIGHUP of a terminal that was closed: everything ends as it does at Ctrl-C."""


_TERMINATES = (signal.SIGTERM, signal.SIGHUP)


@contextmanager
def exits(stopped: str = "stopped") -> Iterator[None]:
    """Errors as one line on stderr and an exit code; a traceback only with JIXIAO_DEBUG=1.
    `stopped` is said at Ctrl-C, SIGTERM and SIGHUP."""
    try:
        with _signals_raised():
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
def _signals_raised() -> Iterator[None]:
    """The first signal to stop raises in the main thread while the block lasts, as Ctrl-C does; further ones are passed over,
    so that an impatient second Ctrl-C does not lose what the first one keeps. A signal that was ignored stays so (nohup)."""
    if threading.current_thread() is not threading.main_thread():  # only that one may set handlers
        yield
        return
    stops = {number: signal.getsignal(number) for number in (signal.SIGINT, *_TERMINATES)}
    heard = [number for number, handler in stops.items() if handler is not signal.SIG_IGN]

    def stop(number: int, frame: object) -> None:
        for each in heard:
            signal.signal(each, signal.SIG_IGN)
        raise Terminated if number in _TERMINATES else KeyboardInterrupt

    for number in heard:
        signal.signal(number, stop)
    try:
        yield
    finally:
        for number in heard:
            if signal.getsignal(number) is stop:  # else the process ends, and nothing is to come between
                signal.signal(number, stops[number])


def _complain(error: Exception) -> None:
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exc()
    print(f"jixiao: {safe(str(error))}", file=sys.stderr)
