"""How far a run has come, on stderr: a bar in a terminal, now and then a line elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_SECONDS = 5.0


@contextmanager
def progress_shown() -> Iterator[Callable[[int, int], None]]:
    """A function that shows how many files of how many are done, while the block lasts."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    columns = (TextColumn("reading"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)


def _lines() -> Callable[[int, int], None]:
    last = time.monotonic()

    def show(done: int, total: int) -> None:
        nonlocal last
        if done < total and time.monotonic() - last > LINE_SECONDS:
            last = time.monotonic()
            print(f"{done} of {total} files", file=sys.stderr, flush=True)

    return show
