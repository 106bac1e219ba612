"""A copy of a file that gave no rows is no duplicate of stored rows: it is told like the file itself."""

import json
import subprocess
import sys
from pathlib import Path

import duckdb


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
