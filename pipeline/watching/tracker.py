"""Events -> where a run stands now."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.watching.events import Advanced, Event, FileDone, Step, StepBegan
from pipeline.watching.pace import Pace, duration

UNREAD = frozenset({"failed", "skipped"})
"""Outcomes of files that are not in the store."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a run stands: files done in the step under way, of `total` where that is known; how fast (files a second)
    and how long still (seconds), where that can be told; the seconds that the step has taken, and those since a file ended; and the files of the
    run so far that are not in the store."""

    step: Step
    done: int
    total: int | None
    rate: float | None
    seconds_left: float | None
    seconds: float
    quiet: float
    failed: int


@dataclass(slots=True)
class Tracker:
    """Not a value: it is told the events of a run, in order."""

    clock: Callable[[], float] = time.monotonic
    step: Step = "looking"
    failed: int = 0
    pace: Pace = field(init=False)

    def __post_init__(self) -> None:
        self.pace = Pace(self.clock())

    def tell(self, event: Event) -> None:
        """Takes note of an event."""
        match event:
            case StepBegan(step, total):
                self.step, self.pace = step, Pace(self.clock())
                self.pace.tell(self.pace.began, 0, total)
            case Advanced(_, done, total):
                self.pace.tell(self.clock(), done, total)
            case FileDone(outcome=outcome):
                self.failed += outcome in UNREAD

    def standing(self) -> Standing:
        """Where the run stands."""
        now, pace = self.clock(), self.pace
        return Standing(
            step=self.step, done=pace.done, total=pace.total, rate=pace.rate(now),
            seconds_left=pace.seconds_left(now), seconds=now - pace.began, quiet=pace.quiet(now), failed=self.failed,
        )  # fmt: skip


def facts(standing: Standing) -> list[str]:
    """A standing in words: 1,234 of 10,000 files · 12.3/s · 2 h 05 min left · 17 not read."""
    out = []
    if standing.total is not None:
        out.append(f"{standing.done:,} of {standing.total:,} files")
    elif standing.done:
        out.append(f"{standing.done:,} files")
    if standing.rate is not None:
        out.append(pace_text(standing.rate))
    if standing.seconds_left is not None:
        out.append(f"{duration(standing.seconds_left)} left")
    if not out:
        out.append(duration(standing.seconds))
    if standing.failed:
        out.append(f"{standing.failed:,} without rows")
    return out


def pace_text(rate: float, what: str = "") -> str:
    """Files a second for eyes; of slow ones, files a minute: 12.3/s, 12.3 files/s, 2.5 files/min."""
    unit = f" {what}" if what else ""
    return f"{rate:,.1f}{unit}/s" if rate >= 1 else f"{rate * 60:.1f}{unit}/min"
