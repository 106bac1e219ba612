"""A copy of a file that gave no rows is no duplicate of stored rows: it is told like the file itself."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipeline.engines.local import LocalEngine
from pipeline.forgetting import forget
from pipeline.ingest import root_of
from pipeline.preview import preview
from pipeline.reading import Parser
from tests.pipeline import fakes
from tests.pipeline.conftest import read_in
from tests.pipeline.test_store import query


def test_a_copy_of_an_unreadable_file_is_a_failure_too(tmp_path: Path) -> None:
    archive, store = tmp_path / "archive", tmp_path / "store"
    archive.mkdir()
    for name in ("a.txt", "b.txt"):
        (archive / name).write_bytes(b"")
    command = [sys.executable, "-m", "pipeline.cli", "ingest", str(archive), "--store", str(store), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["counts"]["failed"] == 2
    with duckdb.connect(str(store / "jixiao.duckdb"), read_only=True) as db:
        rows = db.execute("SELECT source, outcome, category FROM outcomes ORDER BY source").fetchall()
    assert rows == [("a.txt", "failed", "empty"), ("b.txt", "failed", "empty")]


def test_a_copy_in_another_folder_of_a_file_that_failed_is_read(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for folder, name in (("A", "a.txt"), ("B", "b.txt"), ("B", "c.txt")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / name).write_bytes(b"BROKEN")
    read_in(tmp_path / "A", store=store)
    summary = read_in(tmp_path / "B", store=store)
    assert (summary.counts.failed, summary.counts.duplicate, summary.read) == (2, 0, 1)
    assert {f.category for f in summary.failures} == {"truncated"}


def test_a_file_of_the_same_name_and_content_in_another_folder_is_a_copy(tmp_path: Path) -> None:
    store = tmp_path / "store"
    for folder in ("A", "B"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.txt").write_bytes(fakes.report(2024, ("论文", 10, 8)))
        read_in(tmp_path / folder, store=store)
    rows = query(store, "SELECT outcome, message FROM outcomes WHERE outcome <> 'read'")
    assert rows == [
        ("duplicate", f"the same content as a.txt below {tmp_path / 'A'}; its rows are stored there")
    ]


REPORT, OTHER = (fakes.report(2024, (name, 10, 8)) for name in ("论文", "专利"))


def place(store: Path) -> list[tuple[object, ...]]:
    """Where the content of REPORT is stored, by the Parquet files and by the DuckDB file."""
    asked = (
        "SELECT root, source FROM {} d JOIN {} r USING (run_id) "
        "WHERE doc_id IN (SELECT doc_id FROM {} WHERE name = '论文')"
    )
    tables = ("documents", "runs", "indicators")
    found = query(store, asked.format(*tables))
    with duckdb.connect() as con:
        files = [f"read_parquet('{store}/parquet/{name}/**/*.parquet')" for name in tables]
        assert con.sql(asked.format(*files)).fetchall() == found
    return found


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A store with one content of two folders, A/a.txt and its copy B/b.txt, and enough besides not to be made anew."""
    for folder, name in (("A", "a.txt"), ("B", "b.txt")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / name).write_bytes(REPORT)
    for n in range(8):
        (tmp_path / "A" / f"{n}.txt").write_bytes(fakes.report(2023, (f"指标{n}", n, n)))
    read_in(tmp_path / "A", store=tmp_path / "store")
    read_in(tmp_path / "B", store=tmp_path / "store")
    return tmp_path


def test_what_another_folder_holds_stays_there_when_its_file_changes(two: Path) -> None:
    a, b, store = two / "A", two / "B", two / "store"
    assert place(store) == [(root_of([a]), "a.txt")]
    (a / "a.txt").write_bytes(OTHER)
    assert preview([a], store, LocalEngine(1), Parser(fakes.parse, "1", None)).replaced == 0
    read_in(a, store=store)
    assert place(store) == [(root_of([b]), "b.txt")]
    assert read_in(b, store=store).counts.unchanged == 1
    (b / "b.txt").write_bytes(OTHER)
    read_in(b, store=store)
    assert place(store) == []


@pytest.mark.parametrize("how", ["changed", "gone", "forgotten"])
def test_what_nobody_holds_any_more_goes(two: Path, how: str) -> None:
    a, b, store = two / "A", two / "B", two / "store"
    if how == "forgotten":
        forget(store, ["a.txt"], root_of([a]))
        read_in(b, store=store)
        read_in(a, store=store)
        forget(store, ["b.txt"], root_of([b]))
        read_in(a, store=store)
    else:
        (b / "b.txt").unlink()
        (b / "c.txt").write_bytes(OTHER)
        (b / "b.txt").write_bytes(OTHER) if how == "changed" else None
        read_in(b, store=store)
    (a / "a.txt").write_bytes(fakes.report(2024, ("培训", 1, 1)))
    read_in(a, store=store)
    assert place(store) == []
