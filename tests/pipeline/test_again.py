"""Files that are read again although their content is the same: what was read once is not lost by trying again."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.engines import Parse
from pipeline.engines.local import LocalEngine
from pipeline.ingest import Request, Summary, ingest, root_of
from pipeline.plan import Plan
from pipeline.reading import Parser, hashed, read_all, staged
from pipeline.sources import find_sources
from pipeline.staging import RunMark, Staging, open_staging
from pipeline.watching.events import Event, FileDone
from schemas.errors import NotAReport, UnreadableFile
from schemas.records import ParsedFile
from tests.pipeline import fakes
from tests.pipeline.conftest import read_in
from tests.pipeline.test_store import query

REPORT = fakes.report(2024, ("论文", 10, 8))


def slow(data: bytes) -> ParsedFile:
    raise UnreadableFile("timeout", "it took too long")


def strict(data: bytes) -> ParsedFile:
    raise NotAReport("no report after all")


def greedy(data: bytes) -> ParsedFile:
    raise MemoryError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(REPORT)
    (folder / "b.txt").write_bytes(REPORT)
    return folder


def again(folder: Path, store: Path, parse: Parse, version: str = "1", **more: Any) -> Summary:
    return ingest(
        [folder], store, LocalEngine(1), Parser(parse, version, None), request=Request("reparse"), **more
    )


def stored(store: Path) -> list[tuple[Any, ...]]:
    return query(
        store,
        "SELECT source, status, parser_version, (SELECT count(*) FROM indicators i WHERE i.doc_id = d.doc_id) "
        "FROM documents d ORDER BY source",
    )


@pytest.mark.parametrize(
    ("parse", "outcome", "why"),
    [
        (slow, "failed", "it took too long"),
        (greedy, "failed", "reading it takes"),
        (strict, "skipped", "no report after"),
    ],
)
def test_rows_stay_where_reading_them_again_gives_none(
    folder: Path, store: Path, parse: Parse, outcome: str, why: str
) -> None:
    read_in(folder, store=store)
    told: list[Event] = []
    summary = again(folder, store, parse, "2", watch=told.append)
    assert stored(store) == [("a.txt", "read", "1", 1)]
    (failure,) = summary.failures
    assert (failure.source, failure.outcome) == ("a.txt", outcome)
    message = failure.message or ""
    assert message.startswith(why)
    assert message.endswith("; the rows that were read from it before stay in the store")
    assert [e.message for e in told if isinstance(e, FileDone)] == [message]
    of_copy = (
        "SELECT outcome FROM outcomes WHERE source = 'b.txt' AND run_id = (SELECT max(run_id) FROM runs)"
    )
    assert query(store, of_copy) == [("duplicate",)]
    # the next run tries again, since the rows are of an older parser
    assert read_in(folder, store=store, version="2").counts.read == 1
    assert stored(store) == [("a.txt", "read", "2", 1)]


def test_a_file_that_failed_again_keeps_its_new_name(folder: Path, store: Path) -> None:
    (folder / "b.txt").unlink()
    read_in(folder, store=store)
    (folder / "a.txt").rename(folder / "c.txt")
    again(folder, store, slow)
    assert stored(store) == [("c.txt", "read", "1", 1)]


def test_what_gave_no_rows_before_is_replaced_by_any_attempt(folder: Path, store: Path) -> None:
    again(folder, store, slow)
    again(folder, store, strict, "2")
    assert stored(store) == [("a.txt", "skipped", "2", 0)]


def test_pages_that_only_ocr_reads_stay_unread_where_it_fails(tmp_path: Path, store: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(b"MIXED\n" + REPORT)
    read_in(tmp_path / "in", store=store)
    read_in(tmp_path / "in", store=store, recognise=slow)
    assert stored(store) == [("a.txt", "partial", "1", 1)]
    read_in(tmp_path / "in", store=store, recognise=fakes.parse_with_ocr)
    assert stored(store) == [("a.txt", "read", "1", 1)]


# ---- what a stopped run has staged ----------------------------------------------------------


def stop_after_reading(folder: Path, store: Path, parse: Parse, recognise: Parse | None = None) -> None:
    """Leaves what a run leaves that is stopped before it publishes."""
    staging = opened(folder, store)
    plan = Plan(parse=tuple(hashed(find_sources([folder]))))
    parser = Parser(parse, "1", recognise)
    done = staged(plan, staging, ocr=recognise is not None)
    read_all(plan, done, staging, LocalEngine(1), parser)


def opened(folder: Path, store: Path) -> Staging:
    mark = RunMark("20250301T000000Z-000000", datetime(2025, 3, 1, tzinfo=UTC), root_of([folder]), "1")
    return open_staging(store / "staging", mark, frozenset())


@pytest.fixture
def one(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(REPORT)
    (folder / "other.txt").write_bytes(b"OTHER")
    return folder


def test_a_stopped_runs_failures_are_tried_again(one: Path, store: Path) -> None:
    stop_after_reading(one, store, slow)
    summary = read_in(one, store=store)
    assert (summary.counts.read, summary.counts.skipped, summary.read) == (1, 1, 2)
    assert stored(store) == [("a.txt", "read", "1", 1), ("other.txt", "skipped", "1", 0)]


def test_what_was_read_and_skipped_is_not_and_does_not_count_as_read(one: Path, store: Path) -> None:
    stop_after_reading(one, store, fakes.parse)
    summary = read_in(one, store=store)
    assert (summary.counts.read, summary.counts.skipped, summary.read) == (1, 1, 0)


def test_a_second_stop_keeps_what_was_read_beside_the_old_failures(
    one: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_after_reading(one, store, slow)
    monkeypatch.setenv("JIXIAO_TEST_CALLS", str(tmp_path / "calls"))
    stop_after_reading(one, store, fakes.parse)
    assert len(opened(one, store).batches) == 2
    assert read_in(one, store=store).read == 0
    assert len((tmp_path / "calls").read_text().splitlines()) == 2
    assert stored(store) == [("a.txt", "read", "1", 1), ("other.txt", "skipped", "1", 0)]


def test_staged_text_of_a_scan_is_published_once_and_recognised_by_the_next_ingest(
    tmp_path: Path, store: Path
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.txt").write_bytes(b"MIXED\n" + REPORT)
    (folder / "b.txt").write_bytes(b"PICTURES\n" + fakes.report(2023, ("专利", 3, 4)))
    stop_after_reading(folder, store, fakes.parse)
    read_in(folder, store=store, recognise=fakes.parse_with_ocr)
    assert stored(store) == [("a.txt", "partial", "1", 1), ("b.txt", "read", "1", 1)]
    read_in(folder, store=store, recognise=fakes.parse_with_ocr)
    assert stored(store) == [("a.txt", "read", "1", 1), ("b.txt", "read", "1", 1)]
