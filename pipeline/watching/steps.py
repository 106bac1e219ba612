"""What a run does, step by step, told to whoever watches."""

import time
from collections import Counter
from collections.abc import Iterable, Iterator

from pipeline.engines import Attempt
from pipeline.plan import Hashed, Plan
from pipeline.watching.events import Advanced, FileDone, Planned, Step, StepBegan, Watch


class Steps:
    """Tells `watch` what a run does, and keeps the seconds of each step."""

    def __init__(self, watch: Watch) -> None:
        self.watch = watch
        self.seconds: dict[Step, float] = {}
        self._step: Step = "looking"
        self._done = 0
        self._total: int | None = None
        self._since = time.monotonic()

    def begin(self, step: Step, total: int | None = None) -> None:
        """Ends the step before, and begins this one with `total` files to do."""
        self.end()
        self._step, self._done, self._total = step, 0, total
        self.watch(StepBegan(step, total))

    def end(self) -> None:
        """Ends the step under way."""
        now = time.monotonic()
        self.seconds[self._step] = self.seconds.get(self._step, 0.0) + now - self._since
        self._since = now

    def advance(self) -> None:
        """One file more is done."""
        self._done += 1
        self.watch(Advanced(self._step, self._done, self._total))

    def counted(self, items: Iterable[Hashed]) -> Iterator[Hashed]:
        """The items, each told when it is done."""
        for item in items:
            self.advance()
            yield item

    def plan(self, plan: Plan, resumed: int) -> None:
        """Tells what there is to do, `resumed` files of it done by a stopped run; and the files that cannot be opened."""
        known = Counter(k.outcome for k in plan.known)
        told = Planned(
            files=len(plan.parse) + len(plan.known) + len(plan.unopened), read=len(plan.parse), resumed=resumed,
            unchanged=known["unchanged"], duplicate=known["duplicate"], unopened=len(plan.unopened),
        )  # fmt: skip
        self.watch(told)
        for h in plan.unopened:
            name = h.source.source
            self.watch(
                FileDone(source=name, outcome="failed", stage="open", category=h.category, message=h.message)
            )

    def attempted(self, attempt: Attempt) -> None:
        """A file was read, or could not be."""
        a = attempt
        told = FileDone(
            source=a.source, outcome=a.outcome, stage=a.stage, category=a.category, message=a.message, seconds=a.seconds,
        )  # fmt: skip
        self.watch(told)
        self.advance()
