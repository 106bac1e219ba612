"""Files whose pages are pictures: read again by OCR in processes of its own, where it is installed."""

import os
from hashlib import sha256
from pathlib import Path

import pytest

from pipeline.engines.local import LocalEngine
from pipeline.plan import Hashed, Published, plan_run
from pipeline.sources import Source
from tests.pipeline import fakes
from tests.pipeline.conftest import read_in
from tests.pipeline.test_store import query

TEXT = fakes.report(2023, ("论文", 10, 8))
SCAN = b"PICTURES\n" + fakes.report(2024, ("专利", 3, 4))
MIXED = b"MIXED\n" + fakes.report(2022, ("培训", 5, 5)) + fakes.report(2022, ("讲座", 6, 6))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "archive"
    folder.mkdir()
    for name, data in {"a.txt": SCAN, "b.txt": TEXT, "c.txt": MIXED}.items():
        (folder / name).write_bytes(data)
    return folder


def documents(store: Path) -> list[tuple[object, ...]]:
    return query(store, "SELECT source, status, unread_pages FROM documents ORDER BY source")


def test_without_ocr_pictures_are_told_and_the_text_is_read(folder: Path, store: Path) -> None:
    summary = read_in(folder, store=store)
    assert [(f.source, f.category) for f in summary.failures] == [("a.txt", "missing_tool")]
    assert documents(store) == [("a.txt", "failed", 1), ("b.txt", "read", 0), ("c.txt", "partial", 1)]
    assert query(store, "SELECT name FROM indicators ORDER BY name") == [("培训",), ("论文",)]


def test_with_ocr_all_is_read_and_nothing_twice(folder: Path, store: Path) -> None:
    assert not read_in(folder, store=store, recognise=fakes.parse_with_ocr).failures
    assert documents(store) == [("a.txt", "read", 0), ("b.txt", "read", 0), ("c.txt", "read", 0)]
    assert query(store, "SELECT name FROM indicators ORDER BY name") == [
        ("专利",), ("培训",), ("讲座",), ("论文",),
    ]  # fmt: skip
    assert query(store, "SELECT count(*), count(DISTINCT source) FROM outcomes") == [(3, 3)]


def test_ocr_that_is_installed_later_reads_what_was_left(folder: Path, store: Path) -> None:
    read_in(folder, store=store)
    again = read_in(folder, store=store, recognise=fakes.parse_with_ocr)
    assert (again.counts.read, again.counts.unchanged) == (2, 1)
    assert documents(store) == [("a.txt", "read", 0), ("b.txt", "read", 0), ("c.txt", "read", 0)]


def test_ocr_runs_in_a_process_of_its_own(folder: Path) -> None:
    scan = Hashed(Source("a", folder / "a.txt"), sha256(SCAN).hexdigest())
    (attempt,) = LocalEngine(1).run([scan], fakes.parse_with_ocr, folder, heavy=True)
    assert attempt.outcome == "read"
    assert attempt.title not in (None, f"process {os.getpid()}")


@pytest.mark.parametrize(("ocr", "parsed"), [(False, 0), (True, 1)])
def test_a_plan_reads_again_what_only_ocr_can(ocr: bool, parsed: int) -> None:
    sha = "a" * 64
    stored = Published(sha[:16], "x", sha, "partial", "1", "in", unread_pages=2)
    plan = plan_run([Hashed(Source("x", Path("x")), sha)], [stored], "1", "in", ocr=ocr)
    assert len(plan.parse) == parsed
    assert len(plan.known) == 1 - parsed
