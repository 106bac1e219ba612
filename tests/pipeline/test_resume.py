"""Runs that end before their time."""

import signal
import subprocess
import time
from pathlib import Path

import pytest

from pipeline import open_store
from pipeline.runs import unpublished_runs
from tests.pipeline import fakes
from tests.pipeline.conftest import command, environment, read_in
from tests.pipeline.test_store import parquet, without_times


@pytest.fixture
def twelve(tmp_path: Path) -> Path:
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(12):
        (folder / f"{n:02}.txt").write_bytes(fakes.report(2020 + n % 3, (f"指标{n:02}", n, n)))
    return folder


def killed(folder: Path, store: Path, calls: Path, at: str) -> None:
    """An ingest of one process that is killed while it parses the file that contains `at`."""
    process = subprocess.run(
        command("ingest", folder, "--store", store, "--workers", "1"),
        env=environment(JIXIAO_TEST_KILL_AT=at, JIXIAO_TEST_BATCH="4", JIXIAO_TEST_CALLS=str(calls)),
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert process.returncode == -signal.SIGKILL


def resumed(folder: Path, store: Path, calls: Path) -> None:
    process = subprocess.run(
        command("ingest", folder, "--store", store, "--workers", "1"),
        env=environment(JIXIAO_TEST_CALLS=str(calls)), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert (process.returncode, process.stderr) == (0, "")


def parsed(calls: Path) -> list[str]:
    """The numbers of the files that were parsed, in order, over all runs."""
    return [line.partition("指标")[2][:2] for line in calls.read_text(encoding="utf-8").splitlines()]


def test_a_killed_run_goes_on_where_it_stood(twelve: Path, tmp_path: Path) -> None:
    store, calls = tmp_path / "data", tmp_path / "calls"
    killed(twelve, store, calls, at="指标09")
    assert not (store / "current").exists()
    resumed(twelve, store, calls)
    # two batches of four were durable; 08 and 09 were in hand when the kill came
    again = ["08", "09", "10", "11"]
    assert parsed(calls) == [f"{n:02}" for n in range(10)] + again
    undisturbed = tmp_path / "other"
    read_in(twelve, store=undisturbed)
    assert without_times(store) == without_times(undisturbed)
    same = [n for n in parquet(store) if not n.startswith(("documents/", "outcomes/", "runs/"))]
    assert [parquet(store)[n].read_bytes() for n in same] == [
        parquet(undisturbed)[n].read_bytes() for n in same
    ]
    with open_store(store) as con:
        assert con.sql("SELECT count(*) FROM runs").fetchall() == [(1,)]
        assert con.sql("SELECT count(DISTINCT run_id) FROM documents").fetchall() == [(1,)]
    assert not (store / "staging").exists()


def test_a_kill_while_files_hang_costs_no_more_than_seconds(twelve: Path, tmp_path: Path) -> None:
    """What was read before is durable though no file ends any more."""
    store, calls = tmp_path / "data", tmp_path / "calls"
    for name in ("x1", "x2"):
        (twelve / f"{name}.txt").write_bytes(f"HANG {name}".encode())
    with subprocess.Popen(
        command("ingest", twelve, "--store", store, "--workers", "2"),
        env=environment(JIXIAO_TEST_BATCH_SECONDS="0.5"),
    ) as process:
        until = time.monotonic() + 60
        while sum(run.staged for run in unpublished_runs(store)) < 12 and time.monotonic() < until:
            time.sleep(0.1)
        process.kill()
    for name in ("x1", "x2"):
        (twelve / f"{name}.txt").unlink()
    resumed(twelve, store, calls)
    assert not calls.exists()
    with open_store(store) as con:
        assert con.sql("SELECT count(*) FROM documents").fetchall() == [(12,)]


def test_a_kill_during_a_second_run_leaves_the_first_generation(twelve: Path, tmp_path: Path) -> None:
    store, calls = tmp_path / "data", tmp_path / "calls"
    read_in(twelve, store=store)
    for n in range(12):
        (twelve / f"{n:02}.txt").write_bytes(fakes.report(2025, (f"指标{n:02}", n, n + 1)))
    killed(twelve, store, calls, at="指标11")
    with open_store(store) as con:
        assert con.sql("SELECT DISTINCT fiscal_year FROM reports ORDER BY 1").fetchall() == [
            (2020,),
            (2021,),
            (2022,),
        ]
    resumed(twelve, store, calls)
    assert len(parsed(calls)) == 12 + 4
    with open_store(store) as con:
        assert con.sql("SELECT fiscal_year, count(*) FROM reports GROUP BY 1").fetchall() == [(2025, 12)]


def test_staged_rows_of_another_parser_version_are_read_again(twelve: Path, tmp_path: Path) -> None:
    store, calls = tmp_path / "data", tmp_path / "calls"
    killed(twelve, store, calls, at="指标09")
    assert read_in(twelve, store=store, version="2").counts.read == 12
    with open_store(store) as con:
        assert con.sql("SELECT DISTINCT parser_version FROM documents").fetchall() == [("2",)]


def test_staged_rows_of_files_that_changed_or_went_are_left_out(twelve: Path, tmp_path: Path) -> None:
    store, calls = tmp_path / "data", tmp_path / "calls"
    killed(twelve, store, calls, at="指标09")
    (twelve / "00.txt").write_bytes(fakes.report(2024, ("指标00", 7, 7)))
    (twelve / "01.txt").unlink()
    resumed(twelve, store, calls)
    with open_store(store) as con:
        names = con.sql("SELECT name, target_value FROM indicators ORDER BY name").fetchall()
    assert names == [("指标00", 7.0)] + [(f"指标{n:02}", float(n)) for n in range(2, 12)]


def test_staging_that_was_published_before_the_kill_is_dropped(twelve: Path, tmp_path: Path) -> None:
    store = tmp_path / "data"
    first = read_in(twelve, store=store)
    staging = store / "staging"
    staging.mkdir()
    mark = '{"run_id": "%s", "started_at": "2024-01-01T00:00:00+00:00", "root": "%s", "parser_version": "1"}'
    (staging / "run.json").write_text(mark % (first.run_id, twelve))
    assert read_in(twelve, store=store).run_id != first.run_id


def test_ctrl_c_keeps_what_was_read(twelve: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store, calls = tmp_path / "data", tmp_path / "calls"
    monkeypatch.setenv("JIXIAO_TEST_CALLS", str(calls))
    whole = fakes.parse

    def interrupted(data: bytes) -> object:
        if "指标05".encode() in data:
            raise KeyboardInterrupt
        return whole(data)

    monkeypatch.setattr(fakes, "parse", interrupted)
    with pytest.raises(KeyboardInterrupt):
        read_in(twelve, store=store)
    monkeypatch.setattr(fakes, "parse", whole)
    read_in(twelve, store=store)
    assert parsed(calls) == [f"{n:02}" for n in range(12)]
