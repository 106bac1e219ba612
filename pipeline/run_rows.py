"""What a run leaves in the tables documents, outcomes and runs."""

import secrets
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from pipeline.engines import Attempt
from pipeline.plan import Known, Plan
from pipeline.rows import doc_id_of
from pipeline.staging import RunMark
from schemas.records import Counts, DocumentRow, OutcomeRow, RunRow


def new_run_id() -> str:
    """An id for a run that begins now."""
    return f"{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def outcome_rows(plan: Plan, attempts: Sequence[Attempt], run_id: str) -> Iterator[OutcomeRow]:
    """What became of each file of a plan."""
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
    unread = {
        a.sha256: a
        for a in attempts
        if a.outcome in ("failed", "skipped") and not plan.stays(a.sha256, a.outcome)
    }
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


def document_rows(plan: Plan, attempts: Sequence[Attempt], mark: RunMark) -> Iterator[DocumentRow]:
    """The documents that a run writes: of each file that could be opened, unless its rows were read before and this run
    read none. Such a document stays as it is, under the parser that read it, so that the next run tries again."""
    for attempt in attempts:
        if attempt.sha256 and not plan.stays(attempt.sha256, attempt.outcome):
            yield _document_row(attempt, mark)


def _document_row(attempt: Attempt, mark: RunMark) -> DocumentRow:
    """The document of a file that could be opened."""
    sha256 = attempt.sha256 or ""
    return DocumentRow(
        doc_id=doc_id_of(sha256), source=attempt.source, sha256=sha256, format=attempt.format,
        bytes=attempt.bytes or 0, pages=attempt.pages, title=attempt.title, status=attempt.outcome,
        parser_version=mark.parser_version, run_id=mark.run_id, ingested_at=attempt.ended_at,
        unread_pages=attempt.pictures,
    )  # fmt: skip


def run_row(
    mark: RunMark, outcomes: Sequence[OutcomeRow], *, engine: str | None = None, workers: int | None = None
) -> RunRow:
    """A run that ends now."""
    # what is forgotten was not looked at
    counted: Mapping[str, int] = Counter(o.outcome for o in outcomes if o.outcome != "forgotten")
    return RunRow(
        run_id=mark.run_id, started_at=mark.started_at, ended_at=datetime.now(UTC), root=mark.root,
        parser_version=mark.parser_version, counts=Counts(files=sum(counted.values()), **counted),
        mode=mark.mode, engine=engine, workers=workers,
    )  # fmt: skip
