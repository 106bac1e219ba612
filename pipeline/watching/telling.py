"""The events of a run for programs: JSON lines for schedulers, and a log that grep reads."""

import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields, is_dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from pipeline.commands.output import jsonable, one_line
from pipeline.watching.events import (
    Advanced,
    Ended,
    Event,
    FileDone,
    Planned,
    Published,
    Started,
    StepBegan,
    Stopped,
    Ticked,
    Watch,
)
from pipeline.watching.tracker import UNREAD, Tracker
from schemas.errors import UsageError

PROGRESS_SECONDS = 5.0
"""Between two lines on progress: a scheduler asks no oftener."""

NAMES: Mapping[type[Event], str] = {
    Started: "start", StepBegan: "step", Planned: "plan", FileDone: "file", Published: "publish", Ended: "end",
    Stopped: "stop",
}  # fmt: skip
"""What an event is called in a line; what moves or ticks becomes `progress`."""

FREE = frozenset({"source", "root", "message", "parser_version"})
"""Facts whose texts are anybody's; all others are words of our own, which need no quotes."""

Told = tuple[str, Mapping[str, Any]]


def _lines(clock: Callable[[], float]) -> Callable[[Event], Told | None]:
    """A function that gives, for an event, the name and the facts of the line that tells it; None for none."""
    tracker, last = Tracker(clock), clock()

    def told(event: Event) -> Told | None:
        nonlocal last
        tracker.tell(event)
        if isinstance(event, Ended):
            return "end", {**event.summary, "exit_code": event.exit_code}
        if not isinstance(event, (Advanced, Ticked)):
            return NAMES[type(event)], {f.name: getattr(event, f.name) for f in fields(event)}
        if clock() - last < PROGRESS_SECONDS:
            return None
        last = clock()
        return "progress", asdict(tracker.standing())

    return told


def json_events(stream: TextIO, clock: Callable[[], float] = time.monotonic) -> Watch:
    """One JSON object a line, each written at once: `event`, `time` (UTC) and what belongs to it. A reader that has
    gone does not end the run."""
    told, gone = _lines(clock), False

    def tell(event: Event) -> None:
        nonlocal gone
        found = told(event)
        if found is None or gone:
            return
        try:
            print(json_line(*found), file=stream, flush=True)
        except BrokenPipeError:
            gone = True
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())  # the flush at exit must not complain

    return tell


def json_line(name: str, facts: Mapping[str, Any]) -> str:
    """One event as programs read it."""
    return json.dumps(jsonable({"event": name, "time": _now(), **facts}), ensure_ascii=False)


@contextmanager
def logged(path: Path, clock: Callable[[], float] = time.monotonic) -> Iterator[Watch]:
    """Appends a line for each event to the file `path` while the block lasts: time, level, run, event, then key=value.

    Raises UsageError where the file cannot be opened. A disk that is full later is told once, and the run goes on.
    """
    try:
        file = path.open("a", encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        raise UsageError(f"--log {path}: cannot be written ({error.strerror})") from error
    told, run, broken = _lines(clock), "-", False

    def log(event: Event) -> None:
        nonlocal run, broken
        if isinstance(event, Started):
            run = event.run_id
        found = told(event)
        if found is None or broken:
            return
        name, facts = found
        try:
            file.write(f"{_now()} {_level(event)} {run} {name}{_pairs(facts)}\n")
            file.flush()
        except OSError as error:
            broken = True
            print(f"jixiao: --log {path}: {error.strerror}; nothing more is logged", file=sys.stderr)

    try:
        yield log
    finally:
        try:
            file.close()
        except OSError:
            if not broken:
                raise


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _level(event: Event) -> str:
    match event:
        case FileDone(outcome=outcome) if outcome in UNREAD:
            return "WARNING"
        case Stopped():
            return "ERROR"
        case _:
            return "INFO"


def _pairs(facts: Mapping[str, Any]) -> str:
    """key=value for each fact that is known; texts in quotes, on one line, so that grep finds source="a b.txt"."""
    return "".join(f" {name}={_text(name, value)}" for name, value in _flat(facts) if value is not None)


def _flat(facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Facts without those of lists, which have lines of their own; numbers in numbers by a dotted name."""
    for name, value in facts.items():
        inner = asdict(value) if is_dataclass(value) and not isinstance(value, type) else value
        if isinstance(inner, Mapping):
            yield from ((f"{name}.{key}", v) for key, v in _flat(inner))
        elif not isinstance(inner, (list, tuple)):
            yield name, inner


def _text(name: str, value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, str):
        return _quoted(value) if name in FREE else one_line(value)
    return str(value)


def _quoted(text: str) -> str:
    # first, since a backslash that one_line writes is no text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{one_line(escaped)}"'
