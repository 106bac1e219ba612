"""Runs as those see them who watch: in a terminal, in a log, by a scheduler; and how they are stopped."""

import json
import os
import pty
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline import open_store
from pipeline.runs import unpublished_runs
from pipeline.watching.events import FileDone, Started, StepBegan, Stopped
from pipeline.watching.telling import json_events, logged
from tests.pipeline import fakes
from tests.pipeline.conftest import ROOT, Run, command, environment

PATIENCE = 60
"""Seconds after which a test gives up; none should come near it."""


@pytest.fixture
def hanging(tmp_path: Path) -> Path:
    """Twelve reports, of which the last two never end."""
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(10):
        (folder / f"{n:02}.txt").write_bytes(fakes.report(2020 + n % 3, (f"指标{n:02}", n, n)))
    for n in (10, 11):
        (folder / f"{n}.txt").write_bytes(f"HANG {n}".encode())
    return folder


@contextmanager
def ingesting(tmp_path: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """An ingest under way, with JSON lines on its stdout; ended when the block ends."""
    line = command("ingest", "in", "--workers", "2", "--json", *options)
    with subprocess.Popen(
        line, cwd=tmp_path, env=environment(JIXIAO_TEST_BATCH="2"), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()


def until_read(process: subprocess.Popen[str], files: int) -> list[dict[str, Any]]:
    """The events up to the one of the last of so many files."""
    assert process.stdout is not None
    found: list[dict[str, Any]] = []
    while sum(e["event"] == "file" for e in found) < files:
        found.append(json.loads(process.stdout.readline()))
    return found


def lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


# ---- schedulers -----------------------------------------------------------------------------


def test_events_are_lines_of_json_and_the_last_is_the_summary(archive: Path, jixiao: Run) -> None:
    done = jixiao("ingest", archive, "--workers", "1", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    found = lines(done.stdout)
    kinds = [e["event"] for e in found if e["event"] != "progress"]
    assert kinds == [
        "step", "start", "step", "step", "plan", "step", "file", "file", "file", "file", "step", "publish", "end",
    ]  # fmt: skip
    assert [e["step"] for e in found if e["event"] == "step"] == [
        "looking", "unpacking", "hashing", "reading", "publishing",
    ]  # fmt: skip
    files = {e["source"]: (e["outcome"], e["category"]) for e in found if e["event"] == "file"}
    assert files == {
        "a.txt": ("read", None), "b.txt": ("read", None), "科技厅/c.txt": ("read", None), "d.txt": ("failed", "truncated"),
    }  # fmt: skip
    plan = next(e for e in found if e["event"] == "plan")
    assert (plan["files"], plan["read"], plan["unchanged"]) == (4, 4, 0)
    end = found[-1]
    assert (end["counts"]["read"], end["read"], end["exit_code"], end["generation"]) == (3, 4, 1, 1)
    assert set(end["steps"]) == {"looking", "unpacking", "hashing", "reading", "publishing"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", e["time"]) for e in found)


def test_the_page_names_every_field_of_every_event(archive: Path, jixiao: Run) -> None:
    page = (ROOT / "docs" / "cli.md").read_text(encoding="utf-8")
    table = {
        row[0]: set(re.findall(r"`(\w+)`", row[2]))
        for row in re.findall(r"^\| (\w+) \| ([^|]*) \| ([^|]*) \|$", page, re.M)
    }
    for event in lines(jixiao("ingest", archive, "--json").stdout):
        assert table[event["event"]] == set(event) - {"event", "time"}


def test_a_reader_of_events_that_goes_does_not_end_the_run(archive: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        command("ingest", archive, "--json"), cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait(PATIENCE) == 1
    with open_store(tmp_path / "data") as con:
        assert con.sql("SELECT count(*) FROM reports").fetchall() == [(3,)]


# ---- stopping -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGHUP, 143), (signal.SIGINT, 130)]
)
def test_a_stopped_run_ends_cleanly_and_goes_on(
    hanging: Path, tmp_path: Path, jixiao: Run, number: signal.Signals, code: int
) -> None:
    with ingesting(tmp_path, "--log", "log.txt") as process:
        until_read(process, 10)
        for _ in range(3):  # an impatient one
            process.send_signal(number)
            time.sleep(0.1)
        out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == code
    assert err == "jixiao: stopped; what was read is kept, and the same command goes on from there\n"
    last = lines(out)[-1]
    assert (last["event"], last["exit_code"]) == ("stop", code)
    logged_last = (tmp_path / "log.txt").read_text(encoding="utf-8").splitlines()[-1]
    assert re.search(rf"Z ERROR \S+ stop message=\"stopped; .*\" exit_code={code}$", logged_last)
    told = jixiao("runs").stdout
    assert re.search(
        r"stopped: run \S+ of .* UTC, 10 files read and kept\n  to go on: jixiao ingest in", told
    )
    for n in (10, 11):
        (hanging / f"{n}.txt").write_bytes(fakes.report(2024, (f"指标{n}", n, n)))
    found = lines(jixiao("ingest", "in", "--json", JIXIAO_TEST_CALLS=str(tmp_path / "calls")).stdout)
    assert next(e["resumed"] for e in found if e["event"] == "plan") == 10
    assert (found[-1]["counts"]["read"], found[-1]["exit_code"]) == (12, 0)
    assert len((tmp_path / "calls").read_bytes().splitlines()) == 2


def test_a_run_under_way_is_seen_from_elsewhere(hanging: Path, tmp_path: Path, jixiao: Run) -> None:
    with ingesting(tmp_path) as process:
        until_read(process, 10)
        told = jixiao("runs").stdout
        (run,) = json.loads(jixiao("runs", "--json").stdout)["unpublished"]
        second = jixiao("ingest", "in")
    assert re.search(rf"under way: run \S+ since .* UTC, by process {process.pid} on \S+, since ", told)
    assert re.search(r"\n  reading \d+ of 12 files.*; \d+ files? read and kept", told)
    assert (run["holder"]["pid"], run["root"], run["standing"]["total"]) == (process.pid, "in", 12)
    assert second.returncode == 3
    assert f"(process {process.pid} on " in second.stderr
    killed = json.loads(jixiao("runs", "--json").stdout)["unpublished"]
    assert [(r["run_id"], r["holder"], r["standing"]) for r in killed] == [(run["run_id"], None, None)]


# ---- the log --------------------------------------------------------------------------------


def test_every_line_of_the_log_about_a_file_names_it(archive: Path, tmp_path: Path, jixiao: Run) -> None:
    jixiao("ingest", "archive", "--log", "archive/run.log")
    jixiao("ingest", "archive", "--log", "archive/run.log")
    text = (archive / "run.log").read_text(encoding="utf-8")
    runs = re.findall(r"Z INFO (\S+) start run_id=\1 root=\"archive\" mode=ingest", text)
    assert len(set(runs)) == 2
    said = re.findall(
        rf"WARNING {runs[0]} file source=\"d.txt\" outcome=failed stage=read category=truncated", text
    )
    assert len(said) == 1
    assert re.search(rf"INFO {runs[0]} file source=\"科技厅/c.txt\" outcome=read seconds=", text)
    assert f'WARNING {runs[1]} file source="d.txt"' in text
    with open_store(tmp_path / "data") as con:  # the log itself is no source
        assert con.sql("SELECT DISTINCT source FROM outcomes ORDER BY 1").fetchall() == [
            ("a.txt",), ("b.txt",), ("d.txt",), ("科技厅/c.txt",),
        ]  # fmt: skip


def test_hostile_names_stay_on_their_line(tmp_path: Path) -> None:
    with logged(tmp_path / "log") as tell:
        tell(StepBegan("reading", 1))
        tell(Started(run_id="r1", root="in", mode="ingest", parser_version="1"))
        tell(
            FileDone(source='a"b\nc\x1b[2J \\x1b 年.txt', outcome="failed", category="internal", message="x")
        )
        tell(Stopped("full disk", 3))
    first, start, file, stop = (line.split(" ", 1)[1] for line in (tmp_path / "log").read_text().splitlines())
    assert first == "INFO - step step=reading total=1"
    assert start == 'INFO r1 start run_id=r1 root="in" mode=ingest parser_version="1" resumed=0'
    name = r"a\"b⏎c\x1b[2J \\x1b 年.txt"
    assert (
        file == f'WARNING r1 file source="{name}" outcome=failed category=internal message="x" seconds=0.000'
    )
    assert stop == 'ERROR r1 stop message="full disk" exit_code=3'


def test_a_full_disk_under_the_log_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("no /dev/full here")
    with logged(Path("/dev/full")) as tell:
        tell(StepBegan("reading", 1))
        tell(StepBegan("publishing"))
    assert capsys.readouterr().err == (
        "jixiao: --log /dev/full: No space left on device; nothing more is logged\n"
    )


# ---- the terminal ---------------------------------------------------------------------------


def test_a_bar_in_the_terminal_and_the_summary_below(hanging: Path, tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    env = environment(COLUMNS="120", TERM="xterm-256color")
    line = command("ingest", "in", "--workers", "2", "--time-limit", "4")
    with subprocess.Popen(line, cwd=tmp_path, env=env, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        out = b""
        try:
            while piece := os.read(ours, 65536):
                out += piece
        except OSError:  # Linux says so when the other end is closed
            pass
        assert process.wait(PATIENCE) == 1
    os.close(ours)
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", out.decode())
    assert "10 of 12 files" in text
    assert "without rows" in text
    assert "publishing" in text
    assert text.rindex("12 files: 10 read, 2 failed") > text.rindex("publishing  ")
    assert "\x1b[?25h" in out.decode()  # the cursor is back


def test_json_lines_come_one_by_one(tmp_path: Path) -> None:
    now = [0.0]
    with (tmp_path / "out").open("w") as file:
        tell = json_events(file, lambda: now[0])
        tell(StepBegan("reading", 2))
        assert json.loads((tmp_path / "out").read_text())["event"] == "step"


def test_progress_is_noted_while_no_file_ends(hanging: Path, tmp_path: Path) -> None:
    with ingesting(tmp_path) as process:
        until_read(process, 10)
        until, done = time.monotonic() + PATIENCE, None
        while done != 10 and time.monotonic() < until:
            time.sleep(0.1)
            done = next(
                (run.standing["done"] for run in unpublished_runs(tmp_path / "data") if run.standing), None
            )
        assert done == 10


def test_a_dry_run_takes_its_log_for_no_source_and_forgetting_is_logged(
    archive: Path, jixiao: Run, tmp_path: Path
) -> None:
    log = archive / "log.txt"
    assert "log.txt" not in jixiao("ingest", "archive", "--dry-run", "--log", log).stdout
    assert log.exists()
    jixiao("ingest", "archive")
    assert jixiao("ingest", "--forget", "科技厅", "--log", tmp_path / "forgotten").returncode == 0
    lines = [line.split(" ", 3) for line in (tmp_path / "forgotten").read_text(encoding="utf-8").splitlines()]
    assert [line[3].split(" ")[0] for line in lines] == ["start", "file", "end"]
    assert 'source="科技厅/c.txt" outcome=forgotten' in lines[1][3]
