"""A whole run: folders -> sources -> attempts -> staging -> the next generation -> summary."""

import heapq
import shlex
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pipeline.alignment.decisions import Decisions, read_decisions
from pipeline.archives.opening import ARCHIVE_SECONDS, unpacked
from pipeline.engines import Attempt, Engine
from pipeline.generations import locked, own_paths, published_path, staging_path
from pipeline.holders import kept_by_holders
from pipeline.plan import Hashed, Plan, plan_run
from pipeline.plan import Published as PublishedDocument
from pipeline.reading import DEFAULT_PARSER, Parser, hashed, read_all, staged
from pipeline.run_rows import document_rows, new_run_id, outcome_rows, run_row
from pipeline.selecting import needed_first, taken
from pipeline.sources import Source, find_sources
from pipeline.staging import RunMark, Staging, open_staging
from pipeline.store import Publication, publish, published_documents, store_errors
from pipeline.watching.events import Advanced, Mode, Published, Started, Step, Watch, unwatched, watched_by
from pipeline.watching.notice import noted
from pipeline.watching.steps import Steps
from pipeline.watching.watchers import watched
from schemas.errors import UsageError
from schemas.records import Counts, OutcomeRow, RunRow

UNPACKED = "unpacked.tmp"
"""Archives are unpacked here, in the staging folder; what a killed run left goes when the next one starts."""

SLOWEST = 5
"""Files that a summary names for having taken longest."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a run is asked to do. `only` names the sources that are read, and archives whose members are, where the
    mode is only_failed; `engine` and `workers` are for the record; `leave_out` are paths that are no sources."""

    mode: Mode = "ingest"
    only: frozenset[str] = frozenset()
    engine: str | None = None
    workers: int | None = None
    leave_out: tuple[Path, ...] = ()


WHOLE = Request()
"""All that is new or changed."""


@dataclass(frozen=True, slots=True)
class Slow:
    """A file and the seconds that reading it took."""

    source: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a run. `failures` are the outcomes of files that are not in the store; `read` counts the files
    that were read in this run, of any outcome; `steps` gives the seconds of each step."""

    run_id: str
    generation: int
    counts: Counts
    failures: tuple[OutcomeRow, ...]
    seconds: float
    read: int = 0
    steps: Mapping[Step, float] = field(default_factory=dict)
    slowest: tuple[Slow, ...] = ()


def root_of(paths: Sequence[Path]) -> str:
    """What the store knows the folders of a run by."""
    return shlex.join(str(p) for p in paths)


def ingest(
    paths: Sequence[Path],
    store: Path,
    engine: Engine,
    parser: Parser = DEFAULT_PARSER,
    watch: Watch = unwatched,
    request: Request = WHOLE,
) -> Summary:
    """Reads the files below `paths` into the store and publishes the result as one generation.

    Raises UsageError for a path that is not there or a wrong line in aliases/, and StoreError when the store cannot be read
    or written. A run that was killed goes on where it stood.
    """
    began = time.monotonic()
    steps = Steps(watch)
    steps.begin("looking")
    sources = find(paths, store, request)
    decisions = read_decisions(store)
    with locked(store), ExitStack() as noting:
        published, runs = published_documents(store)
        mark = RunMark(new_run_id(), datetime.now(UTC), root_of(paths), parser.version, request.mode)
        with store_errors(store):
            staging = open_staging(staging_path(store), mark, runs)
        mark = staging.mark
        steps.watch = watched_by(watch, noting.enter_context(watched([noted(staging.folder)])))
        steps.watch(_started(staging, request))
        with (
            store_errors(store),
            unpacked_sources(sources, staging.folder, engine, request, steps) as found,
        ):
            contents = told_contents(found, steps)
            plan = planned(contents, published, parser, store, mark.root, request.mode)
            resumed = staged(plan, staging, ocr=parser.recognise is not None)
            attempts = _read(plan, resumed, staging, engine, parser, steps)
        steps.begin("publishing")
        outcomes = sorted(outcome_rows(plan, attempts, mark.run_id), key=lambda o: o.source)
        run = run_row(mark, outcomes, engine=request.engine, workers=request.workers)
        generation = publish(store, _publication(decisions, plan, attempts, staging, run, outcomes))
        steps.end()
        watch(Published(generation, steps.seconds["publishing"]))
        noting.close()  # writes into what is removed now
        with store_errors(store):
            staging.discard()
    return Summary(
        run_id=mark.run_id,
        generation=generation,
        counts=run.counts,
        failures=tuple(o for o in outcomes if o.outcome in ("failed", "skipped")),
        seconds=time.monotonic() - began,
        read=len(attempts) - len(resumed),
        steps=steps.seconds,
        slowest=_slowest(attempts),
    )


def _publication(
    decisions: Decisions, plan: Plan, attempts: Sequence[Attempt], staging: Staging, run: RunRow,
    outcomes: Sequence[OutcomeRow],
) -> Publication:  # fmt: skip
    documents = list(document_rows(plan, attempts, staging.mark))
    return Publication(
        decisions=decisions, staged=staging.files, run=run, documents=documents, outcomes=outcomes,
        gone=plan.replaced | {d.doc_id for d in documents}, moved=plan.moved, moved_runs=plan.moved_runs,
    )  # fmt: skip


def find(paths: Sequence[Path], store: Path, request: Request) -> tuple[Source, ...]:
    """The files of a run, before archives among them are unpacked. Raises UsageError for a path that is not there, and
    where no file is: a share that is not mounted must not pass for a quiet night."""
    sources = find_sources(paths, leave_out=(*own_paths(store), *request.leave_out))
    if not sources:
        raise UsageError(f"{root_of(paths)}: no files there (is it mounted?); the store is as it was")
    return needed_first(sources, request.only) if request.mode == "only_failed" else sources


@contextmanager
def unpacked_sources(
    sources: Sequence[Source], folder: Path, engine: Engine, request: Request, steps: Steps
) -> Iterator[Sequence[Source]]:
    """The sources with the members of archives in their place while the block lasts, as far as the run reads them; they
    are unpacked below `folder`."""
    steps.begin("unpacking")
    spread = partial(engine.apart, folder=folder, seconds=ARCHIVE_SECONDS)
    with unpacked(
        sources,
        folder / UNPACKED,
        progress=lambda files: steps.watch(Advanced("unpacking", files)),
        spread=spread,
    ) as found:
        yield taken(found, request.only) if request.mode == "only_failed" else found


def told_contents(sources: Sequence[Source], steps: Steps) -> Sequence[Hashed]:
    """The contents of the files of a run; whoever watches is told how far it is."""
    steps.begin("hashing", len(sources))
    return list(steps.counted(hashed(sources)))


def planned(
    contents: Sequence[Hashed],
    published: Sequence[PublishedDocument],
    parser: Parser,
    store: Path,
    root: str,
    mode: Mode,
) -> Plan:
    """What a run of this mode has to do, with the documents that the store has published. Raises StoreError where it
    cannot be asked who else holds a content."""
    whole = mode != "only_failed"
    plan = plan_run(
        contents, published, parser.version, root, ocr=parser.recognise is not None, reparse=mode == "reparse", whole=whole,
    )  # fmt: skip
    return kept_by_holders(plan, store, root, whole=whole)


def _started(staging: Staging, request: Request) -> Started:
    mark = staging.mark
    return Started(
        run_id=mark.run_id, root=mark.root, mode=mark.mode, parser_version=mark.parser_version,
        engine=request.engine, workers=request.workers, resumed=len(staging.attempts),
    )  # fmt: skip


def _read(
    plan: Plan, resumed: Sequence[Attempt], staging: Staging, engine: Engine, parser: Parser, steps: Steps
) -> Sequence[Attempt]:
    """One attempt for each file to be read, `resumed` among them; whoever watches is told each that is made now."""
    steps.plan(plan, len(resumed))
    steps.begin("reading", len(plan.parse) - len(resumed))
    recognising = partial(steps.begin, "recognising")
    return read_all(plan, resumed, staging, engine, parser, steps.attempted, recognising)


def _slowest(attempts: Sequence[Attempt]) -> tuple[Slow, ...]:
    found = heapq.nlargest(SLOWEST, attempts, key=lambda a: (a.seconds, a.source))
    return tuple(Slow(a.source, a.seconds) for a in found if a.seconds > 0)


def align(store: Path) -> int:
    """Publishes the store anew with the decisions of aliases/, without reading any file; returns the generation.

    Raises UsageError for a wrong line in aliases/ and StoreError where there is no store or it cannot be written.
    """
    published_path(store)
    decisions = read_decisions(store)
    with locked(store):
        return publish(store, Publication(decisions, whole=True))
