"""Runs that end before their time."""

import signal
import subprocess
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import open_store
from pipeline.commands.runs import runs as runs_command
from pipeline.runs import unpublished_runs
from pipeline.staging import RunMark, open_staging
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


def killed(folder: Path, store: Path, calls: Path, at: str, *options: str) -> None:
    """An ingest of one process that is killed while it parses the file that contains `at`."""
    process = subprocess.run(
        command("ingest", folder, "--store", store, "--workers", "1", *options),
        env=environment(JIXIAO_TEST_KILL_AT=at, JIXIAO_TEST_BATCH="4", JIXIAO_TEST_CALLS=str(calls)),
        capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert process.returncode == -signal.SIGKILL


def resumed(folder: Path, store: Path, calls: Path, *options: str) -> None:
    process = subprocess.run(
        command("ingest", folder, "--store", store, "--workers", "1", *options),
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
    staging = store / "staging" / "01234567"
    staging.mkdir(parents=True)
    mark = '{"run_id": "%s", "started_at": "2024-01-01T00:00:00+00:00", "root": "%s", "parser_version": "1"}'
    (staging / "run.json").write_text(mark % (first.run_id, twelve))
    assert read_in(twelve, store=store).run_id != first.run_id
    assert not staging.exists()


def test_a_stopped_run_keeps_what_it_read_whatever_is_ingested_meanwhile(
    twelve: Path, tmp_path: Path
) -> None:
    store, calls, other = tmp_path / "data", tmp_path / "calls", tmp_path / "other"
    other.mkdir()
    (other / "b.txt").write_bytes(fakes.report(2023, ("乙", 1, 1)))
    killed(twelve, store, calls, at="指标09")
    read_in(other, store=store)
    assert [(run.root, run.staged) for run in unpublished_runs(store)] == [(str(twelve), 8)]
    resumed(twelve, store, calls)
    assert parsed(calls)[10:] == ["08", "09", "10", "11"]
    assert not (store / "staging").exists()


def test_a_stopped_reparse_goes_on_as_one(
    twelve: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    store, calls = tmp_path / "data", tmp_path / "calls"
    read_in(twelve, store=store)
    killed(twelve, store, calls, "指标09", "--reparse")
    read_in(twelve, store=store)  # as every night: all is unchanged
    runs_command(store)
    assert f"to go on: jixiao ingest {twelve} --reparse --store {store}\n" in capsys.readouterr().out
    resumed(twelve, store, calls, "--reparse")
    assert parsed(calls)[10:] == ["08", "09", "10", "11"]
    assert unpublished_runs(store) == []


def test_a_whole_run_leaves_nothing_to_do_to_a_stopped_retry(twelve: Path, tmp_path: Path) -> None:
    store = tmp_path / "data"
    for mode, left in (("only_failed", 0), ("reparse", 1)):
        mark = RunMark("stopped", datetime(2025, 3, 1, tzinfo=UTC), str(twelve), "1", mode)
        open_staging(store / "staging", mark, frozenset())
        assert [run.mode for run in unpublished_runs(store)] == [mode]
        read_in(twelve, store=store)
        assert len(unpublished_runs(store)) == left


@pytest.mark.parametrize("mark", [b"{}", b"[]", b"1", b"\xff", b'{"run_id": 1}', b""])
def test_a_damaged_mark_of_a_run_is_none(twelve: Path, tmp_path: Path, mark: bytes) -> None:
    store = tmp_path / "data"
    begun = RunMark("stopped", datetime(2025, 3, 1, tzinfo=UTC), str(twelve), "1")
    folder = open_staging(store / "staging", begun, frozenset()).folder
    (folder / "run.json").write_bytes(mark)
    assert unpublished_runs(store) == []
    assert read_in(twelve, store=store).counts.read == 12


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
