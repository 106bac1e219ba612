"""How every command ends: errors as one line on stderr, exit codes, and the options that commands share."""

import os
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from pipeline.engines.attempts import DEBUG_VARIABLE
from pipeline.output import safe
from schemas.errors import JixiaoError, NotAReport, StoreError, UnreadableFile, UsageError

Store = Annotated[Path, typer.Option("--store", help="Folder of the store.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]

EXIT_FILES, EXIT_USAGE, EXIT_STORE, EXIT_STOPPED = 1, 2, 3, 130

_EXITS: tuple[tuple[type[JixiaoError], int], ...] = (
    (UnreadableFile, EXIT_FILES), (NotAReport, EXIT_FILES), (UsageError, EXIT_USAGE), (StoreError, EXIT_STORE),
)  # fmt: skip


@contextmanager
def exits(stopped: str = "stopped") -> Iterator[None]:
    """Errors as one line on stderr and an exit code; a traceback only with JIXIAO_DEBUG=1.
    `stopped` is said at Ctrl-C."""
    try:
        yield
        sys.stdout.flush()
    except JixiaoError as error:
        _complain(error)
        raise typer.Exit(next(code for kind, code in _EXITS if isinstance(error, kind))) from None
    except BrokenPipeError:  # whoever read us has seen enough; the flush at exit must not complain either
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print(f"jixiao: {stopped}", file=sys.stderr)
        raise typer.Exit(EXIT_STOPPED) from None


def _complain(error: Exception) -> None:
    if os.environ.get(DEBUG_VARIABLE):
        traceback.print_exc()
    print(f"jixiao: {safe(str(error))}", file=sys.stderr)
