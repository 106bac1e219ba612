"""How fast a step goes and when it will end, from the files that were really done in it."""

from collections import deque
from dataclasses import dataclass, field

WINDOW_SECONDS = 180.0
"""The rate is that of the last minutes: what a folder of scans took an hour ago tells little of now."""

SURE_FILES, SURE_SECONDS = 5, 3.0
"""Before this many files and seconds a rate would be noise: workers start, the first files are in hand."""

SAMPLE_SECONDS = 1.0


@dataclass(slots=True)
class Pace:
    """Not a value: it is told the progress of one step. What was done when the step began does not count."""

    began: float
    done: int = 0
    total: int | None = None
    _samples: deque[tuple[float, int]] = field(default_factory=deque)
    _first: int | None = None
    _moved: float | None = None

    def tell(self, now: float, done: int, total: int | None) -> None:
        """`done` files of `total` at the time `now`, in seconds of any one clock."""
        if done != self.done or self._moved is None:
            self._moved = now
        self.done, self.total = done, total
        if self._first is None:
            self._first = done
        if not self._samples or now - self._samples[-1][0] >= SAMPLE_SECONDS:
            self._samples.append((now, done))
        while len(self._samples) > 1 and self._is_past(now, *self._samples[1]):
            self._samples.popleft()

    def _is_past(self, now: float, then: float, done: int) -> bool:
        """Whether the window can begin at this sample: long ago, and files enough came since."""
        return now - then > WINDOW_SECONDS and self.done - done >= SURE_FILES

    def rate(self, now: float) -> float | None:
        """Files a second; None while it is too early to tell."""
        since, before = self._samples[0] if self._samples else (self.began, 0)
        if before == self._first:  # the window reaches back to the beginning, when workers started
            since = self.began
        passed, fresh = now - since, self.done - before
        if passed < SURE_SECONDS or fresh < SURE_FILES:
            return None
        return fresh / passed

    def quiet(self, now: float) -> float:
        """Seconds since a file ended, or since the step began."""
        return now - (self.began if self._moved is None else self._moved)

    def seconds_left(self, now: float) -> float | None:
        """Seconds until the step ends at this rate; None where that cannot be told: too early, or no file ended for
        longer than all the rest should take, so that the last ones are of another kind."""
        rate = self.rate(now)
        if rate is None or self.total is None:
            return None
        left = (self.total - self.done) / rate
        return left if self.quiet(now) <= max(left, SURE_SECONDS) else None


def duration(seconds: float) -> str:
    """Seconds for eyes: 8 s, 3 min 20 s, 2 h 05 min, 3 d 4 h."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} min {rest:02} s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minutes:02} min"
    return f"{hours // 24} d {hours % 24} h"
