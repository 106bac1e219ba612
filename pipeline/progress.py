"""How far a run has come, on stderr: a bar in a terminal, now and then a line elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

LINE_SECONDS = 5.0


Show = Callable[[str, int, int | None], None]


@contextmanager
def progress_shown() -> Iterator[Show]:
    """A function that shows the step and how many files of how many are done, while the block lasts."""
    if not sys.stderr.isatty():
        yield _lines()
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading", total=None)
        yield lambda step, done, total: bar.update(task, description=step, completed=done, total=total)


def _lines() -> Show:
    last = time.monotonic()

    def show(step: str, done: int, total: int | None) -> None:
        nonlocal last
        if done != total and time.monotonic() - last > LINE_SECONDS:
            last = time.monotonic()
            of = "" if total is None else f" of {total}"
            print(f"{step}: {done}{of} files", file=sys.stderr, flush=True)

    return show
