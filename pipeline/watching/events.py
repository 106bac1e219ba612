"""What a run tells while it is under way, to whoever watches: the terminal, a log, a scheduler."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from schemas.records import Outcome

Step = Literal["looking", "unpacking", "hashing", "reading", "recognising", "publishing"]
"""What a run does, one after the other: look for files, unpack archives, compare contents with the store, read files,
read those again whose pages are pictures (OCR), and publish."""

Mode = Literal["ingest", "reparse", "only_failed", "forget"]
"""What a run is for, as `runs.mode` stores it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """A run begins, or goes on with what a stopped one left: `resumed` files were read by it."""

    run_id: str
    root: str
    mode: Mode
    parser_version: str
    engine: str | None = None
    workers: int | None = None
    resumed: int = 0


@dataclass(frozen=True, slots=True)
class StepBegan:
    """A step begins; `total` files are to be done in it, None where that is not known."""

    step: Step
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Advanced:
    """Files that are done in the step under way."""

    step: Step
    done: int
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """What there is to do: `read` files of `files` are to be read; `resumed` of these stand in the staging folder of
    a stopped run and are not read again."""

    files: int
    read: int
    resumed: int
    unchanged: int
    duplicate: int
    unopened: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FileDone:
    """What came of a file that was read, or could not be."""

    source: str
    outcome: Outcome
    stage: str | None = None
    category: str | None = None
    message: str | None = None
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Published:
    """A generation is published; `seconds` is the time that publishing took."""

    generation: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Ended:
    """A run ended well; `summary` is what the command prints of it, as JSON has it."""

    summary: Mapping[str, Any]
    exit_code: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """A run was stopped by a signal, or by an error of ours; what was read is kept."""

    message: str
    exit_code: int


@dataclass(frozen=True, slots=True)
class Ticked:
    """Time passed: who watches can say that the run is alive though no file ended."""


Event = Started | StepBegan | Advanced | Planned | FileDone | Published | Ended | Stopped | Ticked

Watch = Callable[[Event], None]


def unwatched(event: Event) -> None:
    """Nobody watches."""


def watched_by(*watches: Watch) -> Watch:
    """Tells each event to all."""

    def tell(event: Event) -> None:
        for watch in watches:
            watch(event)

    return tell
