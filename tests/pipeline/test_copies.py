"""A copy of a file that gave no rows is no duplicate of stored rows: it is told like the file itself."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb

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
