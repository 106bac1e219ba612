"""A whole run: folders -> sources -> attempts -> staging -> the next generation -> summary."""

import secrets
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from pipeline.alignment.decisions import read_decisions
from pipeline.archives import ARCHIVE_SECONDS, unpacked
from pipeline.engines import Attempt, Engine
from pipeline.generations import locked, own_paths, published_path, staging_path
from pipeline.plan import Known, Plan, plan_run
from pipeline.reading import DEFAULT_PARSER, Parser, hashed, read_all, staged
from pipeline.rows import doc_id_of
from pipeline.sources import find_sources
from pipeline.staging import RunMark, Staging, open_staging
from pipeline.store import Publication, publish, published_documents, store_errors
from schemas.records import Counts, DocumentRow, OutcomeRow, RunRow

Progress = Callable[[str, int, int | None], None]
"""Told the step ("unpacking", "reading") and how many files of how many, if that is known, are done."""


UNPACKED = "unpacked.tmp"
"""Archives are unpacked here, in the staging folder; what a killed run left goes when the next one starts."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What came of a run. `failures` are the outcomes of files that are not in the store."""

    run_id: str
    generation: int
    counts: Counts
    failures: tuple[OutcomeRow, ...]
    seconds: float


def ingest(
    paths: Sequence[Path],
    store: Path,
    engine: Engine,
    parser: Parser = DEFAULT_PARSER,
    progress: Progress = lambda step, done, total: None,
) -> Summary:
    """Reads all files below `paths` into the store and publishes the result as one generation.

    Raises UsageError for a path that is not there or a wrong line in aliases/, and StoreError when the store cannot be read
    or written. A run that was killed goes on where it stood.
    """
    began = time.monotonic()
    root = shlex.join(str(p) for p in paths)
    sources = find_sources(paths, leave_out=own_paths(store))
    decisions = read_decisions(store)
    with locked(store):
        published, runs = published_documents(store)
        mark = RunMark(_new_run_id(), datetime.now(UTC), root, parser.version)
        with store_errors(store):
            staging = open_staging(staging_path(store), mark, runs)
        with (
            store_errors(store),
            unpacked(
                sources,
                staging.folder / UNPACKED,
                progress=lambda files: progress("unpacking", files, None),
                spread=partial(engine.apart, folder=staging.folder, seconds=ARCHIVE_SECONDS),
            ) as found,
        ):
            ocr = parser.recognise is not None
            plan = plan_run(list(hashed(found)), published, parser.version, root, ocr=ocr)
            attempts = _attempts(plan, staging, engine, parser, progress)
        outcomes = sorted(_outcomes(plan, attempts, staging.mark.run_id), key=lambda o: o.source)
        documents = [_document(a, staging.mark) for a in attempts if a.sha256]
        run = _run(staging.mark, outcomes)
        publication = Publication(
            decisions=decisions,
            staged=staging.files,
            run=run,
            documents=documents,
            outcomes=outcomes,
            gone=plan.replaced | {d.doc_id for d in documents},
            moved=plan.moved,
        )
        generation = publish(store, publication)
        with store_errors(store):
            staging.discard()
    return Summary(
        run_id=staging.mark.run_id,
        generation=generation,
        counts=run.counts,
        failures=tuple(o for o in outcomes if o.outcome in ("failed", "skipped")),
        seconds=time.monotonic() - began,
    )


def _new_run_id() -> str:
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def _attempts(
    plan: Plan, staging: Staging, engine: Engine, parser: Parser, progress: Progress
) -> Sequence[Attempt]:
    total = len(plan.parse) + len(plan.known) + len(plan.unopened)
    done = total - len(plan.parse) + len(staged(plan, staging))
    progress("reading", done, total)

    def told(attempt: Attempt) -> None:
        nonlocal done
        done += 1
        progress("reading", done, total)

    return read_all(plan, staging, engine, parser, told)


def _outcomes(plan: Plan, attempts: Sequence[Attempt], run_id: str) -> Iterator[OutcomeRow]:
    for a in attempts:
        yield OutcomeRow(
            run_id=run_id, source=a.source, doc_id=doc_id_of(a.sha256) if a.sha256 else None,
            outcome=a.outcome, stage=a.stage, category=a.category, message=a.message, seconds=a.seconds,
        )  # fmt: skip
    for h in plan.unopened:
        yield OutcomeRow(
            run_id=run_id, source=h.source.source, outcome="failed", stage="open", category=h.category,
            message=h.message,
        )  # fmt: skip
    unread = {a.sha256: a for a in attempts if a.outcome in ("failed", "skipped")}
    yield from (_known_outcome(k, unread.get(k.hashed.sha256), run_id) for k in plan.known)


def _known_outcome(known: Known, unread: Attempt | None, run_id: str) -> OutcomeRow:
    """What became of a file that was not parsed: a copy of one that gave no rows gave none either."""
    if unread is not None:
        return OutcomeRow(
            run_id=run_id, source=known.hashed.source.source, doc_id=known.doc_id, outcome=unread.outcome,
            stage=unread.stage, category=unread.category, message=f"the same content as {unread.source}: {unread.message}",
        )  # fmt: skip
    return OutcomeRow(
        run_id=run_id, source=known.hashed.source.source, doc_id=known.doc_id, outcome=known.outcome,
        message=known.message,
    )  # fmt: skip


def _document(attempt: Attempt, mark: RunMark) -> DocumentRow:
    sha256 = attempt.sha256 or ""
    return DocumentRow(
        doc_id=doc_id_of(sha256), source=attempt.source, sha256=sha256, format=attempt.format,
        bytes=attempt.bytes or 0, pages=attempt.pages, title=attempt.title, status=attempt.outcome,
        parser_version=mark.parser_version, run_id=mark.run_id, ingested_at=attempt.ended_at,
        unread_pages=attempt.pictures,
    )  # fmt: skip


def _run(mark: RunMark, outcomes: Sequence[OutcomeRow]) -> RunRow:
    counted: Mapping[str, int] = Counter(o.outcome for o in outcomes)
    return RunRow(
        run_id=mark.run_id, started_at=mark.started_at, ended_at=datetime.now(UTC), root=mark.root,
        parser_version=mark.parser_version, counts=Counts(files=len(outcomes), **counted),
    )  # fmt: skip


def align(store: Path) -> int:
    """Publishes the store anew with the decisions of aliases/, without reading any file; returns the generation.

    Raises UsageError for a wrong line in aliases/ and StoreError where there is no store or it cannot be written.
    """
    published_path(store)
    decisions = read_decisions(store)
    with locked(store):
        return publish(store, Publication(decisions, whole=True))
