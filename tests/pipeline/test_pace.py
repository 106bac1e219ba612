"""Rates and times left, worked out by hand."""

import pytest

from pipeline.watching.events import Advanced, FileDone, StepBegan, Ticked
from pipeline.watching.pace import Pace, duration
from pipeline.watching.progress import FIRST_SECONDS, LINE_SECONDS, QUIET_SECONDS, progress_lines
from pipeline.watching.tracker import Tracker, facts


class Clock:
    """A clock that stands until it is set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_rate_is_of_files_that_were_done_since_the_step_began() -> None:
    pace = Pace(0.0)
    pace.tell(0.0, 0, 1000)
    for second in range(1, 21):
        pace.tell(second, second * 2, 1000)
    assert pace.rate(20.0) == 2.0
    assert pace.seconds_left(20.0) == 480.0


def test_nothing_is_said_too_early() -> None:
    pace = Pace(0.0)
    pace.tell(0.0, 0, 1000)
    pace.tell(0.1, 900, 1000)  # an instant: 9,000 a second would be nonsense
    assert pace.rate(0.1) is None
    pace.tell(60.0, 901, 1000)
    assert pace.rate(60.0) == pytest.approx(901 / 60)


def test_what_was_done_when_the_step_began_does_not_count() -> None:
    pace = Pace(0.0)
    pace.tell(0.0, 5000, 6000)
    pace.tell(10.0, 5100, 6000)
    assert (pace.rate(10.0), pace.seconds_left(10.0)) == (10.0, 90.0)


def test_the_rate_is_that_of_the_last_minutes() -> None:
    """An hour of one file a second, then ten minutes of ten."""
    pace = Pace(0.0)
    pace.tell(0.0, 0, 100_000)
    for second in range(1, 3601):
        pace.tell(second, second, 100_000)
    for second in range(1, 601):
        pace.tell(3600 + second, 3600 + 10 * second, 100_000)
    assert pace.rate(4200.0) == pytest.approx(10.0)


def test_slow_files_have_a_rate_too() -> None:
    """One file in two minutes: five of them are looked back at, however long that is."""
    pace = Pace(0.0)
    pace.tell(0.0, 0, 100)
    for n in range(1, 21):
        pace.tell(n * 120.0, n, 100)
    assert pace.rate(2400.0) == pytest.approx(1 / 120)


def test_no_time_is_told_while_the_last_files_hang() -> None:
    pace = Pace(0.0)
    pace.tell(0.0, 0, 102)
    for second in range(1, 11):
        pace.tell(second, second * 10, 102)
    assert pace.seconds_left(10.0) == pytest.approx(0.2)
    assert pace.seconds_left(60.0) is None


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.4, "0 s"), (59.6, "1 min 00 s"), (200, "3 min 20 s"), (7500, "2 h 05 min"), (3 * 86400 + 4 * 3600, "3 d 4 h")],
)  # fmt: skip
def test_durations(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_standing_in_words() -> None:
    clock = Clock()
    tracker = Tracker(clock)
    tracker.tell(StepBegan("reading", 10_000))
    for n in range(1, 101):
        clock.now += 0.1
        tracker.tell(FileDone(source="x", outcome="failed" if n % 50 == 0 else "read"))
        tracker.tell(Advanced("reading", n, 10_000))
    assert facts(tracker.standing()) == [
        "100 of 10,000 files", "10.0/s", "16 min 30 s left", "2 without rows",
    ]  # fmt: skip


def test_lines_come_now_and_then_and_tell_when_nothing_moves() -> None:
    clock, said = Clock(), list[str]()
    show = progress_lines(said.append, clock)
    show(StepBegan("reading", 100))
    for second in range(1, 301):
        clock.now += 1
        if second <= 80:
            show(Advanced("reading", second, 100))
        show(Ticked())
    assert (FIRST_SECONDS, LINE_SECONDS, QUIET_SECONDS) == (15, 30, 60)
    assert said == [
        "reading: 15 of 100 files, 1.0/s, 1 min 25 s left",
        "reading: 45 of 100 files, 1.0/s, 55 s left",
        "reading: 75 of 100 files, 1.0/s, 25 s left",
        "reading: 80 of 100 files, 45.7/min, 26 s left",  # 80 files in 105 seconds
        "reading: 80 of 100 files, 29.1/min; nothing ended for 1 min 25 s",
        "reading: 80 of 100 files, 21.3/min; nothing ended for 2 min 25 s",
        "reading: 80 of 100 files, 16.8/min; nothing ended for 3 min 25 s",
    ]
