"""A whole run: folders -> sources -> attempts -> staging -> the next generation -> summary."""

import hashlib
import os
import secrets
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from parsers import PARSER_VERSION, can_recognise, parse_file, parse_with_ocr
from pipeline.alignment.decisions import read_decisions
from pipeline.archives import unpacked
from pipeline.engines import Attempt, Engine, Parse
from pipeline.generations import locked, own_paths, published_path, staging_path
from pipeline.plan import Hashed, Known, Plan, plan_run
from pipeline.rows import doc_id_of
from pipeline.sources import Source, find_sources
from pipeline.staging import RunMark, Staging, open_staging
from pipeline.store import Publication, publish, published_documents, store_errors
from schemas.errors import UnreadableFile
from schemas.records import Counts, DocumentRow, OutcomeRow, RunRow

Progress = Callable[[str, int, int | None], None]
"""Told the step ("unpacking", "reading") and how many files of how many, if that is known, are done."""


UNPACKED = "unpacked.tmp"
"""Archives are unpacked here, in the staging folder; what a killed run left goes when the next one starts."""


@dataclass(frozen=True, slots=True)
class Parser:
    """What reads a file, and the version under which the store remembers that it did. `recognise` reads
    files again whose pages are pictures; None where no OCR is installed."""

    parse: Parse = parse_file
    version: str = PARSER_VERSION
    recognise: Parse | None = field(default_factory=lambda: parse_with_ocr if can_recognise() else None)


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
    parser: Parser = Parser(),
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
        scratch = staging.folder / UNPACKED
        with (
            store_errors(store),
            unpacked(sources, scratch, progress=lambda files: progress("unpacking", files, None)) as found,
        ):
            hashed, ocr = list(_hashed(found)), parser.recognise is not None
            plan = plan_run(hashed, published, parser.version, root, ocr=ocr)
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


def _hashed(sources: Sequence[Source]) -> Iterator[Hashed]:
    """The sources with their contents' SHA-256, in order; read by several threads."""
    with ThreadPoolExecutor(min(8, os.cpu_count() or 1)) as pool:
        yield from pool.map(_hash, sources)


def _hash(source: Source) -> Hashed:
    digest = hashlib.sha256()
    try:
        for chunk in source.chunks():
            digest.update(chunk)
    except UnreadableFile as error:
        return Hashed(source, None, error.category, str(error))
    return Hashed(source, digest.hexdigest())


def _attempts(
    plan: Plan, staging: Staging, engine: Engine, parser: Parser, progress: Progress
) -> Sequence[Attempt]:
    """One attempt for each file to be parsed, without its rows, which are staged."""
    total = len(plan.parse) + len(plan.known) + len(plan.unopened)
    open_ = [h for h in plan.parse if h.sha256 not in staging.attempts]
    done = total - len(open_)
    out = [
        replace(staging.attempts[h.sha256], source=h.source.source)
        for h in plan.parse
        if h.sha256 in staging.attempts
    ]
    progress("reading", done, total)
    expected = {h.source.source: h.sha256 for h in open_}
    with store_errors(staging.folder.parent), staging:
        for attempt in _read([h.source for h in open_], engine, parser):
            checked = _checked(attempt, expected[attempt.source])
            if checked.sha256:
                staging.add(checked)
            out.append(replace(checked, rows={}))
            done += 1
            progress("reading", done, total)
    return out


def _read(sources: Sequence[Source], engine: Engine, parser: Parser) -> Iterator[Attempt]:
    """One attempt for each source: first those that need no OCR, then the others."""
    pictures: list[Source] = []
    by_name = {source.source: source for source in sources}
    for attempt in engine.run(sources, parser.parse):
        if attempt.pictures and parser.recognise:
            pictures.append(by_name[attempt.source])
        else:
            yield attempt
    if pictures and parser.recognise:
        yield from engine.run(pictures, parser.recognise, heavy=True)


def _checked(attempt: Attempt, sha256: str | None) -> Attempt:
    """The attempt, or a failure where the file is not the one that was planned for: its rows
    would stand in the store under a content that nobody decided on."""
    if attempt.sha256 in (None, sha256):
        return attempt
    return Attempt(
        source=attempt.source, outcome="failed", stage="open", category="truncated", seconds=attempt.seconds,
        message="the file changed while it was being read; ingest it again",
    )  # fmt: skip


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
