"""Where a run stands, written beside what it stages: `jixiao runs` reads it in another terminal."""

import json
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.watching.events import Event, StepBegan, Watch
from pipeline.watching.tracker import Tracker

NOTICE = "progress.json"

NOTICE_SECONDS = 5.0


def noted(folder: Path, clock: Callable[[], float] = time.monotonic) -> Watch:
    """Keeps `folder`/progress.json up to date, at each step and every NOTICE_SECONDS."""
    tracker, last = Tracker(clock), 0.0

    def note(event: Event) -> None:
        nonlocal last
        tracker.tell(event)
        if isinstance(event, StepBegan) or clock() - last >= NOTICE_SECONDS:
            last = clock()
            standing = asdict(tracker.standing()) | {"at": datetime.now(UTC).isoformat()}
            half = folder / f".{NOTICE}.part"
            with suppress(OSError):  # a full disk: the run itself will say so
                half.write_text(json.dumps(standing), encoding="utf-8")
                half.replace(folder / NOTICE)

    return note


def read_notice(folder: Path) -> dict[str, Any] | None:
    """What was noted last: the fields of a Standing, and `at`; None where nothing was."""
    try:
        found: dict[str, Any] = json.loads((folder / NOTICE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found
