"""Engines run one function over many files; what they yield is the same whichever runs.

`local` (default) reads with processes of this machine, `ray` with those of a cluster. `choice.make_engine` makes one by name.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar

from pipeline.engines.attempts import Attempt, Limits, Lost, Parse
from pipeline.plan import Hashed

Call = TypeVar("Call")
Result = TypeVar("Result")


class Engine(Protocol):
    """Runs functions over files in processes whose end, whatever it is, costs the run no more than that file."""

    def run(
        self,
        files: Sequence[Hashed],
        parse: Parse,
        folder: Path,
        *,
        heavy: bool = False,
        leave_pictures: bool = False,
    ) -> Iterator[Attempt]:
        """One Attempt for each file, in any order. `folder` is that of the staging: scratch files go there, and
        batches where the rows are not sent back. `heavy` work (OCR) takes a gigabyte and several cores a file, so it gets
        fewer workers. With `leave_pictures` no rows come of files that have pages for OCR: they are read again.

        Raises EngineError where no process can be started.
        """
        ...

    def apart(
        self, calls: Iterable[Call], work: Callable[[Call], Result], folder: Path, seconds: float
    ) -> Iterator[tuple[Call, Result | Lost]]:
        """Runs `work` on a few things of this machine, in any order, `seconds` at most for each."""
        ...


__all__ = ["Attempt", "Engine", "Limits", "Lost", "Parse"]
