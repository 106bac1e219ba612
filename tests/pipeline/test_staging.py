"""What a run leaves in its staging folder, and what the next one makes of it."""

import errno
import logging
import threading
import time
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

import pipeline.staging
from pipeline.engines.attempts import attempt
from pipeline.plan import Hashed
from pipeline.sources import Source
from pipeline.staging import RunMark, Staging, open_staging, write_batch
from schemas.errors import StoreError
from tests.pipeline import fakes
from tests.pipeline.conftest import read_in
from tests.pipeline.test_store import query


def opened(
    folder: Path, version: str = "1", root: str = "in", published: frozenset[str] = frozenset()
) -> Staging:
    mark = RunMark(f"run of {version} {root}", datetime(2025, 3, 1, tzinfo=UTC), root, version)
    return open_staging(folder / "staging", mark, published)


def read(folder: Path, number: int) -> Any:
    """The attempt at a report of one indicator."""
    path = folder / f"{number}.txt"
    path.write_bytes(fakes.report(2020, (f"指标{number}", number, number)))
    return attempt(Hashed(Source(path.name, path), sha256(path.read_bytes()).hexdigest()), fakes.parse)


def sources(staging: Staging) -> set[str]:
    return {a.source for a in staging.attempts.values()}


def names(staging: Staging) -> list[str]:
    """The indicators that would be published."""
    files = staging.files("indicators")
    return sorted(n for f in files for n in pipeline.staging.read_table(f)["name"].to_pylist())


def test_what_was_staged_is_found_by_the_next_run(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        first.add(read(tmp_path, 1))
        first.flush()
        first.add(read(tmp_path, 2))
    again = opened(tmp_path)
    assert sources(again) == {"1.txt", "2.txt"}
    assert names(again) == names(first) == ["指标1", "指标2"]
    assert again.mark == first.mark


@pytest.mark.parametrize("length", [0, 100, -1])
@pytest.mark.parametrize("table", ["indicators", "attempts"])
def test_a_batch_that_a_power_cut_damaged_is_read_again(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, length: int, table: str
) -> None:
    with opened(tmp_path) as first:
        first.add(read(tmp_path, 1))
        first.flush()
        (whole,) = first.batches
        first.add(read(tmp_path, 2))
    damaged = next(first.folder / b / f"{table}.parquet" for b in first.batches if b != whole)
    damaged.chmod(0o644)
    damaged.write_bytes(damaged.read_bytes()[:length])
    with caplog.at_level(logging.WARNING):
        again = opened(tmp_path)
    assert (sources(again), names(again)) == ({"1.txt"}, ["指标1"])
    assert "damaged" in caplog.text
    assert not damaged.parent.exists()


def test_a_batch_without_one_of_its_files_is_read_again(tmp_path: Path) -> None:
    with opened(tmp_path) as first:
        first.add(read(tmp_path, 1))
    (first.folder / next(iter(first.batches)) / "reports.parquet").unlink()
    assert sources(opened(tmp_path)) == set()


def test_a_batch_that_comes_late_is_not_published(tmp_path: Path) -> None:
    """A task of a killed run goes on for a while and writes what it read."""
    first = opened(tmp_path)
    second = opened(tmp_path)
    write_batch(first.folder, [read(tmp_path, 1)], "1")
    second.add(read(tmp_path, 1))
    second.flush()
    assert (names(first), names(second)) == ([], ["指标1"])
    third = opened(tmp_path)  # the second was killed: the content stands in two batches
    assert (sources(third), names(third)) == ({"1.txt"}, ["指标1"])
    assert len(list(third.folder.glob("batch-*"))) == 1


def test_a_late_batch_of_another_parser_is_dropped(tmp_path: Path) -> None:
    opened(tmp_path, version="1")
    second = opened(tmp_path, version="2")
    write_batch(second.folder, [read(tmp_path, 1)], "1")
    assert sources(opened(tmp_path, version="2")) == set()


def test_a_batch_half_written_is_removed(tmp_path: Path) -> None:
    half = opened(tmp_path).folder / "batch-0123456789abcdef.tmp"
    half.mkdir()
    (half / "reports.parquet").write_bytes(b"PAR1")
    assert sources(opened(tmp_path)) == set()
    assert not half.exists()


def test_what_is_old_enough_is_written_though_no_attempt_comes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline.staging, "BATCH_SECONDS", 0.2)
    monkeypatch.setattr(pipeline.staging, "LOOK_SECONDS", 0.05)
    with opened(tmp_path) as staging:
        staging.add(read(tmp_path, 1))
        until = time.monotonic() + 20
        while not staging.batches and time.monotonic() < until:
            time.sleep(0.05)
        assert names(staging) == ["指标1"]


def test_a_disk_that_is_full_while_no_attempt_comes_is_told_at_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pipeline.staging, "BATCH_SECONDS", 0.1)
    monkeypatch.setattr(pipeline.staging, "LOOK_SECONDS", 0.02)
    tried = threading.Event()

    def full(path: Path, table: pa.Table) -> None:
        tried.set()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(pipeline.staging, "write_table", full)
    staging = opened(tmp_path).__enter__()
    staging.add(read(tmp_path, 1))
    assert tried.wait(20)
    with pytest.raises(StoreError, match="No space left on device"):
        staging.__exit__()


def test_a_full_disk_keeps_what_was_durable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, store = tmp_path / "in", tmp_path / "data"
    folder.mkdir()
    for n in range(10):
        (folder / f"{n}.txt").write_bytes(fakes.report(2020, (f"指标{n}", n, n)))
    calls = tmp_path / "calls"
    monkeypatch.setenv("JIXIAO_TEST_CALLS", str(calls))
    monkeypatch.setattr(pipeline.staging, "BATCH_FILES", 4)
    whole = pipeline.staging.write_table

    def full(path: Path, table: pa.Table) -> None:
        if len(list((store / "staging").glob("*/batch-*"))) > 2 and path.name == "indicators.parquet":
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(path, table)

    monkeypatch.setattr(pipeline.staging, "write_table", full)
    with pytest.raises(StoreError, match=r"No space left on device.*make room.*it goes on with"):
        read_in(folder, store=store)
    assert not list((store / "staging").glob("*/*.tmp"))
    monkeypatch.setattr(pipeline.staging, "write_table", whole)
    read_in(folder, store=store)
    lines = calls.read_text(encoding="utf-8").splitlines()
    assert len(lines) == 10 + 2  # two batches of four were durable
    assert query(store, "SELECT count(DISTINCT name), count(*) FROM indicators") == [(10, 10)]
