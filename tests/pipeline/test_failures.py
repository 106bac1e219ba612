"""What a run over some files does, what would be done, what is forgotten, and what counts as failing now."""

import re
from pathlib import Path
from typing import get_args

import pytest

from pipeline import open_store
from pipeline.engines.local import LocalEngine
from pipeline.failures import ADVICE, by_root, failures
from pipeline.forgetting import forget
from pipeline.ingest import Request, Summary, ingest, root_of
from pipeline.intentions import Intention
from pipeline.preview import preview
from pipeline.reading import Parser
from pipeline.runs import published_runs
from schemas.errors import Category, UsageError
from tests.pipeline import fakes
from tests.pipeline.conftest import ROOT, read_in
from tests.pipeline.test_archives import zipped

PARSER = Parser(fakes.parse, "1", None)
GOOD = fakes.report(2024, ("论文", 10, 8))
OTHER_GOOD = fakes.report(2023, ("专利", 3, 4))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A good report, one that is broken, one that is none, an archive with both kinds, and a damaged one."""
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "good.txt").write_bytes(GOOD)
    (folder / "broken.txt").write_bytes(b"BROKEN")
    (folder / "other.txt").write_bytes(b"OTHER")
    (folder / "a.zip").write_bytes(zipped({"x.txt": OTHER_GOOD, "y.txt": b"BROKEN 2"}))
    (folder / "b.zip").write_bytes(b"PK\x03\x04 and no more")
    return folder


def failing(store: Path) -> dict[str, str | None]:
    with open_store(store) as con:
        return {f.source: f.category for f in failures(con)}


def retried(folder: Path, store: Path) -> Summary:
    with open_store(store) as con:
        only = by_root(failures(con))[root_of([folder])]
    return ingest([folder], store, LocalEngine(1), PARSER, request=Request("only_failed", only))


def asked(store: Path, sql: str) -> list[tuple[object, ...]]:
    with open_store(store) as con:
        return con.sql(sql).fetchall()


ALL = {
    "a.zip!y.txt": "truncated", "b.zip": "truncated", "broken.txt": "truncated", "other.txt": "not_a_report",
}  # fmt: skip


def test_only_what_failed_is_read_again(
    folder: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in(folder, store=store)
    assert failing(store) == ALL
    before = asked(
        store, "SELECT * EXCLUDE (run_id, ingested_at) FROM documents WHERE status = 'read' ORDER BY ALL"
    )
    (folder / "good.txt").write_bytes(fakes.report(2024, ("论文", 10, 9)))  # changed, and left alone
    (folder / "new.txt").write_bytes(fakes.report(2025))
    (folder / "broken.txt").write_bytes(fakes.report(2022, ("培训", 1, 1)))
    monkeypatch.setenv("JIXIAO_TEST_CALLS", str(tmp_path / "calls"))
    summary = retried(folder, store)
    assert (summary.counts.files, summary.counts.read, summary.read) == (4, 1, 3)
    assert len((tmp_path / "calls").read_bytes().splitlines()) == 3  # b.zip holds nothing to parse
    assert failing(store) == {name: kind for name, kind in ALL.items() if name != "broken.txt"}
    after = asked(
        store, "SELECT * EXCLUDE (run_id, ingested_at) FROM documents "
        "WHERE status = 'read' AND source != 'broken.txt' ORDER BY ALL",
    )  # fmt: skip
    assert after == before
    assert [(r.mode, r.counts["files"]) for r in published_runs(store)] == [("ingest", 6), ("only_failed", 4)]


def test_an_archive_that_was_mended_is_no_failure_any_more(folder: Path, store: Path) -> None:
    read_in(folder, store=store)
    (folder / "b.zip").write_bytes(zipped({"z.txt": fakes.report(2021), "w.txt": b"BROKEN 3"}))
    retried(folder, store)
    assert failing(store) == {n: k for n, k in ALL.items() if n != "b.zip"} | {"b.zip!w.txt": "truncated"}
    assert asked(store, "SELECT status FROM documents WHERE source = 'b.zip!z.txt'") == [("read",)]


def test_a_file_that_is_gone_fails_until_all_files_are_looked_at(folder: Path, store: Path) -> None:
    read_in(folder, store=store)
    (folder / "broken.txt").unlink()
    retried(folder, store)
    assert "broken.txt" in failing(store)
    read_in(folder, store=store)
    assert failing(store) == {n: k for n, k in ALL.items() if n != "broken.txt"}


def test_files_that_are_not_looked_at_are_not_taken_for_gone(folder: Path, store: Path) -> None:
    read_in(folder, store=store)
    (folder / "broken.txt").write_bytes(GOOD)
    retried(folder, store)
    assert asked(store, "SELECT source FROM documents WHERE status = 'read' ORDER BY ALL") == [
        ("a.zip!x.txt",), ("good.txt",),
    ]  # fmt: skip
    sql = "SELECT message FROM outcomes WHERE outcome = 'duplicate'"
    assert asked(store, sql) == [("the same content as good.txt; its rows are stored there",)]
    assert "broken.txt" not in failing(store)


def test_what_a_stopped_run_has_read_is_still_there_after_a_retry(
    folder: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in(folder, store=store)
    for n in range(4):
        (folder / f"{n}.txt").write_bytes(fakes.report(2020 + n, (f"新{n}", 1, 1)))
    whole = fakes.parse

    def interrupted(data: bytes) -> object:
        if "新3".encode() in data:
            raise KeyboardInterrupt
        return whole(data)

    monkeypatch.setattr(fakes, "parse", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read_in(folder, store=store)
    monkeypatch.setattr(fakes, "parse", whole)
    retried(folder, store)
    monkeypatch.setenv("JIXIAO_TEST_CALLS", str(tmp_path / "calls"))
    read_in(folder, store=store)
    calls = (tmp_path / "calls").read_text(encoding="utf-8")
    assert [n for n in range(4) if f"新{n}" in calls] == [3]
    assert {p.name for p in store.iterdir()} >= {"generations", "current"}
    assert not (store / "staging").exists()


def test_pictures_that_no_ocr_has_read_are_failures_until_one_reads_them(tmp_path: Path, store: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "m.txt").write_bytes(b"MIXED\n" + fakes.report(2024) + fakes.report(2023))
    read_in(folder, store=store)
    read_in(folder, store=store)  # unchanged, and still lacking a page
    with open_store(store) as con:
        (found,) = failures(con)
    assert (found.outcome, found.category) == ("partial", "missing_tool")
    assert (found.message or "").startswith("1 pages are pictures")
    read_in(folder, store=store, recognise=fakes.parse_with_ocr)
    assert failing(store) == {}


def test_each_root_has_its_own_failures(tmp_path: Path, store: Path) -> None:
    for name in ("甲县", "乙县"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "自评报告.txt").write_bytes(f"BROKEN {name}".encode())
        read_in(tmp_path / name, store=store)
    (tmp_path / "甲县" / "自评报告.txt").write_bytes(GOOD)
    read_in(tmp_path / "甲县", store=store)
    with open_store(store) as con:
        assert [(f.root, f.source) for f in failures(con)] == [(root_of([tmp_path / "乙县"]), "自评报告.txt")]
        (first, second, third) = con.sql("SELECT run_id FROM runs ORDER BY ended_at").fetchall()
        assert [f.source for f in failures(con, run_id=second[0])] == ["自评报告.txt"]
        assert failures(con, run_id=first[0]) == failures(con, run_id=third[0]) == []
        assert failures(con, category="empty") == []


def test_reparse_reads_all_and_changes_nothing(
    folder: Path, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in(folder, store=store)
    rows = asked(store, "SELECT * FROM indicators ORDER BY ALL")
    monkeypatch.setenv("JIXIAO_TEST_CALLS", str(tmp_path / "calls"))
    summary = ingest([folder], store, LocalEngine(1), PARSER, request=Request("reparse"))
    assert (summary.counts.read, summary.counts.unchanged) == (2, 0)
    assert len((tmp_path / "calls").read_bytes().splitlines()) == 5
    assert asked(store, "SELECT * FROM indicators ORDER BY ALL") == rows
    assert asked(store, "SELECT count(*), count(DISTINCT run_id) FROM documents") == [(5, 1)]


# ---- what would be done ---------------------------------------------------------------------


def shown(
    folder: Path, store: Path, version: str = "1", **request: object
) -> list[tuple[str, str, str | None]]:
    parser = Parser(fakes.parse, version, None)
    found = preview([folder], store, LocalEngine(1), parser, request=Request(**request))  # type: ignore[arg-type]
    return [(i.source, i.action, i.reason) for i in found.files]


def listing(folder: Path) -> list[tuple[str, int]]:
    return sorted((str(p), p.lstat().st_mtime_ns) for p in folder.rglob("*"))


def test_what_would_be_done_without_a_store(folder: Path, store: Path) -> None:
    assert [(name, action) for name, action, _ in shown(folder, store)] == [
        ("a.zip!x.txt", "new"), ("a.zip!y.txt", "new"), ("b.zip", "unopened"), ("broken.txt", "new"),
        ("good.txt", "new"), ("other.txt", "new"),
    ]  # fmt: skip
    assert not store.exists()


def test_what_would_be_done_and_why(folder: Path, store: Path) -> None:
    read_in(folder, store=store)
    (folder / "copy.txt").write_bytes(GOOD)
    (folder / "other.txt").write_bytes(fakes.report(2020))
    (folder / "sub").mkdir()
    (folder / "a.zip").rename(folder / "sub" / "a.zip")
    before = listing(store)
    found = shown(folder, store)
    assert found == [
        ("b.zip", "unopened", found[0][2]),
        ("broken.txt", "again", "it failed before"),
        ("copy.txt", "duplicate", "the same content as good.txt; its rows are stored there"),
        ("good.txt", "unchanged", None),
        ("other.txt", "changed", "it has other content than the store"),
        ("sub/a.zip!x.txt", "moved", "was a.zip!x.txt before"),
        ("sub/a.zip!y.txt", "again", "it failed before; was a.zip!y.txt before"),
    ]
    again = {name: reason for name, action, reason in shown(folder, store, version="2") if action == "again"}
    assert again["good.txt"] == "it was read by parser 1; now it is 2"
    asked_for = {name: reason for name, _, reason in shown(folder, store, mode="reparse")}
    assert asked_for["good.txt"] == "asked for by --reparse"
    only = frozenset({"broken.txt"})
    assert [name for name, _, _ in shown(folder, store, mode="only_failed", only=only)] == ["broken.txt"]
    assert listing(store) == before
    summary = read_in(folder, store=store)
    told = [action for _, action, _ in found]
    assert summary.counts.duplicate == told.count("duplicate") == 1
    assert summary.counts.unchanged == told.count("unchanged") + told.count("moved") == 2
    assert summary.read == told.count("again") + told.count("changed") + told.count("new") == 3


def test_an_intention_needs_no_reason() -> None:
    assert Intention("x", "new").reason is None


# ---- forgetting -----------------------------------------------------------------------------


def test_a_folder_or_an_archive_is_forgotten_whole(folder: Path, store: Path) -> None:
    read_in(folder, store=store)
    found = forget(store, ["a.zip"], dry_run=True)
    assert [g.source for g in found.sources] == ["a.zip!x.txt", "a.zip!y.txt"]
    assert (found.documents, found.reports, found.generation) == (2, 1, None)
    found = forget(store, ["a.zip!", "b.zip"])
    assert [(g.source, g.doc_id is None) for g in found.sources] == [
        ("a.zip!x.txt", False), ("a.zip!y.txt", False), ("b.zip", True),
    ]  # fmt: skip
    assert (found.generation, found.documents) == (2, 2)
    assert failing(store) == {"broken.txt": "truncated", "other.txt": "not_a_report"}
    assert asked(store, "SELECT DISTINCT name FROM indicators") == [("论文",)]
    assert asked(store, "SELECT source FROM outcomes WHERE outcome = 'forgotten' ORDER BY ALL") == [
        ("a.zip!x.txt",), ("a.zip!y.txt",), ("b.zip",),
    ]  # fmt: skip
    run = published_runs(store)[-1]
    assert (run.mode, run.forgotten, run.counts["files"], run.root) == ("forget", 3, 0, str(folder))
    assert read_in(folder, store=store).counts.read == 1  # what is still there comes back


def test_a_name_that_begins_like_another_is_not_below_it(tmp_path: Path, store: Path) -> None:
    folder = tmp_path / "in"
    for name in ("2025", "2025a"):
        (folder / name).mkdir(parents=True)
        (folder / name / "x.txt").write_bytes(fakes.report(2025, (name, 1, 1)))
    read_in(folder, store=store)
    assert [g.source for g in forget(store, ["2025"]).sources] == ["2025/x.txt"]


def test_what_is_not_there_cannot_be_forgotten(folder: Path, store: Path) -> None:
    read_in(folder, store=store)
    with pytest.raises(UsageError, match=re.escape("; the store has a.zip!x.txt")):
        forget(store, ["in/x.txt"])
    with pytest.raises(UsageError, match="give a source"):
        forget(store, ["/"])
    assert len(published_runs(store)) == 1


def test_files_of_two_roots_are_told_apart(tmp_path: Path, store: Path) -> None:
    for name in ("甲县", "乙县"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "自评报告.txt").write_bytes(fakes.report(2024, (name, 1, 1)))
        read_in(tmp_path / name, store=store)
    with pytest.raises(UsageError, match="name the folder as it was ingested"):
        forget(store, ["自评报告.txt"])
    forget(store, ["自评报告.txt"], root_of([tmp_path / "甲县"]))
    assert asked(store, "SELECT name FROM indicators") == [("乙县",)]


def test_a_file_is_forgotten_without_those_whose_names_go_on_behind_it(tmp_path: Path, store: Path) -> None:
    folder = tmp_path / "in"
    (folder / "x").mkdir(parents=True)
    for n, name in enumerate(("a.txt", "a.txt!b.txt", "x/y.txt", "x!z.txt")):
        (folder / name).write_bytes(fakes.report(2025, (name, n, n)))
    read_in(folder, store=store)

    def going(name: str) -> list[str]:
        return [g.source for g in forget(store, [name], dry_run=True).sources]

    assert going("a.txt") == ["a.txt"]
    assert going("a.txt!") == ["a.txt!b.txt"]
    assert going("x") == going("x/") == ["x/y.txt"]
    assert going("x!") == ["x!z.txt"]
    with pytest.raises(UsageError, match="no such source"):
        going("a.txt/")


def test_a_copy_that_cannot_be_forgotten_is_told_where_it_is_stored(tmp_path: Path, store: Path) -> None:
    for name in ("甲县", "乙县"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a.txt").write_bytes(fakes.report(2024, ("论文", 1, 1)))
        summary = read_in(tmp_path / name, store=store)
    assert summary.counts.duplicate == 1
    first, second = (root_of([tmp_path / name]) for name in ("甲县", "乙县"))
    with pytest.raises(UsageError, match=re.escape(f"jixiao ingest {first} --forget a.txt")):
        forget(store, ["a.txt"], second)
    assert forget(store, ["a.txt"], first).documents == 1


# ---- advice ---------------------------------------------------------------------------------


def test_every_category_has_its_advice_and_the_page_says_the_same() -> None:
    assert set(ADVICE) == set(get_args(Category))
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| [^|]* \| ([^|]*) \|$", page, re.MULTILINE))
    assert {name: told[name].replace("`", "") for name in ADVICE} == dict(ADVICE)
