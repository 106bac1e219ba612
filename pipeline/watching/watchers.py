"""Who watches a run: all are told each event, one at a time, and that time passes."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from pipeline.watching.events import Event, Ticked, Watch

TICK_SECONDS = 1.0


@contextmanager
def watched(watches: Sequence[Watch], tick: float = TICK_SECONDS) -> Iterator[Watch]:
    """A Watch that tells all of `watches`, which are told every `tick` seconds besides that time passed, while the
    block lasts. No two are told at once, whichever threads tell."""
    turn = threading.Lock()
    over = threading.Event()

    def tell(event: Event) -> None:
        with turn:
            for watch in watches:
                watch(event)

    def pass_time() -> None:
        while not over.wait(tick):
            tell(Ticked())

    clock = threading.Thread(target=pass_time, name="jixiao-watch", daemon=True)
    clock.start()
    try:
        yield tell
    finally:
        over.set()
        clock.join()
