"""How far a run has come, on stderr: a bar in a terminal, now and then a line elsewhere."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TextColumn, TimeElapsedColumn
from rich.text import Text

from pipeline.watching.events import Event, FileDone, Published, StepBegan, Ticked, Watch
from pipeline.watching.pace import duration
from pipeline.watching.tracker import Tracker, facts

FIRST_SECONDS, LINE_SECONDS = 15.0, 30.0
"""Until the first line where there is no terminal, and between two; what is over sooner is not told."""

WIDE = 100
"""Columns from which on the bar has room for the time that the step has taken."""

QUIET_SECONDS = 60.0
"""Between two lines while nothing new is to be told: the run is alive."""


@contextmanager
def progress_bar() -> Iterator[Watch]:
    """A bar on the terminal of stderr while the block lasts; then it is gone."""
    console = Console(stderr=True, highlight=False, markup=False, emoji=False)
    columns: list[ProgressColumn] = [
        TextColumn("{task.description:<11}"), BarColumn(bar_width=None),
        TextColumn("{task.fields[facts]}", style="default"),
    ]  # fmt: skip
    if console.width >= WIDE:
        columns.append(TimeElapsedColumn())
    tracker = Tracker()
    with Progress(*columns, console=console, transient=True, expand=True) as bar:
        task = bar.add_task("looking", total=None, facts="")

        def show(event: Event) -> None:
            tracker.tell(event)
            if isinstance(event, FileDone):
                return  # the step's own event follows
            now = tracker.standing()
            if isinstance(event, StepBegan):
                bar.reset(
                    task, total=now.total, completed=0, description=now.step, facts=""
                )  # its time begins anew
            text = " · ".join(facts(now)) if now.done or now.total is not None else ""
            bar.update(task, completed=now.done, total=now.total, facts=Text(text).plain)

        yield show


def progress_lines(
    say: Callable[[str], None] | None = None, clock: Callable[[], float] = time.monotonic
) -> Watch:
    """A line every LINE_SECONDS while something moves, every QUIET_SECONDS otherwise. Goes to stderr, or to `say`."""
    told = say or (lambda line: print(line, file=sys.stderr, flush=True))
    tracker = Tracker(clock)
    last, said = clock() - LINE_SECONDS + FIRST_SECONDS, ""

    def show(event: Event) -> None:
        nonlocal last, said
        tracker.tell(event)
        if isinstance(event, Published) and event.seconds > LINE_SECONDS:
            told(f"publishing: generation {event.generation}, after {duration(event.seconds)}")
        if not isinstance(event, (StepBegan, Ticked)) or clock() - last < LINE_SECONDS:
            return
        now = tracker.standing()
        if now.done == now.total:
            return  # the next step is to be told
        moved = f"{now.step} {now.done} {now.failed}"
        if moved == said and clock() - last < QUIET_SECONDS:
            return
        text = ", ".join(facts(now))
        if moved == said and now.total is not None:
            text += f"; nothing ended for {duration(now.quiet)}"
        told(f"{now.step}: {text}")
        last, said = clock(), moved

    return show
