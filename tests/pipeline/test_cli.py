"""The command as people and scripts call it: in a process of its own."""

import csv
import io
import json
import os
import pty
import signal
import subprocess
import threading
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import typer
from rich.cells import cell_len

from pipeline import open_store
from pipeline.commands.exits import exits
from pipeline.generations import locked
from pipeline.queries import answer
from schemas.dictionary import data_dictionary
from schemas.records import STORE_TABLES
from schemas.summaries import SUMMARY_TABLES
from tests.pipeline import fakes
from tests.pipeline.conftest import ROOT, Run, command, environment, read_in


@pytest.fixture
def filled(store: Path, filled_once: Path) -> Path:
    """The store of the archive, in the folder that a command takes for its own; for reading only."""
    store.symlink_to(filled_once)
    return store


def test_ingest_tells_what_it_read_and_what_it_could_not(archive: Path, jixiao: Run) -> None:
    done = jixiao("ingest", archive)
    lines = done.stdout.splitlines()
    assert (done.returncode, done.stderr) == (1, "")
    assert lines[0] == "4 files: 3 read, 1 failed"
    assert [line.split() for line in lines if line.startswith("20")] == [
        ["2023", "2", "2", "3", "1", "2", "2", "2"], ["2024", "1", "1", "1", "0", "1", "1", "1"],
    ]  # fmt: skip
    assert "  d.txt: truncated: the file ends too early; ask for a whole copy" in lines
    (archive / "d.txt").unlink()
    again = jixiao("ingest", archive, "--json")
    facts = json.loads(again.stdout.splitlines()[-1])
    assert (again.returncode, facts["counts"]["unchanged"], facts["failures"]) == (0, 3, [])
    assert [(y["fiscal_year"], y["reports"], y["new_reports"]) for y in facts["years"]] == [
        (2023, 2, 0),
        (2024, 1, 0),
    ]


def test_only_the_first_failures_are_listed(tmp_path: Path, jixiao: Run) -> None:
    (tmp_path / "in").mkdir()
    for n in range(25):
        (tmp_path / "in" / f"{n:02}.txt").write_bytes(f"BROKEN {n}".encode())
    done = jixiao("ingest", "in", "--workers", "2")
    assert done.stdout.count("txt: truncated") == 20
    lines = done.stdout.splitlines()
    assert "25 files gave no rows:" in lines
    assert "  (25 truncated)" in lines
    assert "  … and 5 more" in lines
    assert jixiao("failures", "--category", "truncated").stdout.count("txt: the file ends") == 25


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["ingest", "nowhere"], 2, "nowhere: no such file or folder"),
        (["ingest", "archive", "--reparse", "--only-failed"], 2, "give one of the two"),
        (["ingest", "--forget", "a.txt", "--reparse"], 2, "--forget reads no files"),
        (["ingest", "--forget", "a.txt"], 3, "no store here yet"),
        (["ingest", "archive", "--only-failed"], 3, "no store here yet"),
        (["ingest", "archive", "--address", "head:6379"], 2, "add --engine ray"),
        (["ingest", "archive", "--memory-limit", "0"], 2, "must be above 0"),
        (["ingest", "archive", "--memory-limit", "nan"], 2, "must be above 0, and finite: nan"),
        (["ingest", "archive", "--memory-limit", "inf"], 2, "must be above 0, and finite: inf"),
        (["ingest", "archive", "--memory-limit", "0.05"], 2, "can start below 1 GiB"),
        (["ingest", "archive", "--time-limit", "nan"], 2, "must be above 0, and finite: nan"),
        (
            ["ingest", "archive", "--log", "no/such/folder.log"],
            2,
            "--log no/such/folder.log: cannot be written",
        ),
        (["runs"], 3, "no store here yet"),
        (["failures"], 3, "no store here yet"),
        (["ingest", "archive", "--workers", "0"], 2, "--workers 0"),
        (["ingest"], 2, "Usage"),
        (["bogus"], 2, "Usage"),
        (["sql", "SELECT 1", "--store", "nowhere"], 3, "jixiao ingest FOLDER --store nowhere"),
        (["generations", "--store", "nowhere"], 3, "no store here yet"),
        (["ingest", "archive", "--store", "archive/a.txt"], 3, "cannot be written"),
        (["parse", "nowhere"], 2, "no such file"),
        (
            ["parse", "archive/d.txt"],
            1,
            "archive/d.txt: the file ends too early; ask for a whole copy (truncated)",
        ),
        (["parse", "other.txt"], 1, "other.txt: no budget-performance report"),
        (["schema", "bogus"], 2, "no such table"),
    ],
)
def test_exit_codes(archive: Path, jixiao: Run, arguments: list[str], code: int, said: str) -> None:
    (archive.parent / "other.txt").write_bytes(b"OTHER")
    done = jixiao(*arguments)
    assert done.returncode == code
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["sql", "SELEC 1"], 2, "Parser Error"),
        (["sql", "FROM nowhere"], 2, "nowhere"),
        (["sql", "COPY documents TO 'x.csv'"], 2, "disabled by configuration"),
        (["sql", "SELECT 1", "--generation", "9"], 3, "no generation 9; there are: 1"),
        (["sql", "SELECT 1", "--output", "no/such/folder"], 2, "cannot be written"),
        (["show", "nowhere"], 2, "no such document"),
        (["show", "a.txt", "--indicator", "9"], 2, "indicator_no 9"),
        (["show", "a.txt", "--indicator", "1", "--score", "1"], 2, "give one of"),
        (["show", "a.txt", "--row", "1"], 2, "--row goes with --table"),
        (["generations", "drop", "1"], 2, "is the current one"),
        (["generations", "open", "9"], 3, "no generation 9; there are: 1"),
        (["generations", "drop", "9"], 3, "no generation 9; there are: 1"),
        (["failures", "--run", "1999"], 2, "1999: no such run; see: jixiao runs"),
        (["failures", "--category", "bogus"], 2, "bogus: no such category; there are unopened, "),
    ],
)
def test_exit_codes_with_a_store(
    filled: Path, jixiao: Run, arguments: list[str], code: int, said: str
) -> None:
    done = jixiao(*arguments)
    assert (done.returncode, done.stdout) == (code, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_traceback_comes_with_the_debug_variable(filled: Path, jixiao: Run) -> None:
    assert "Traceback" in jixiao("sql", "SELEC 1", JIXIAO_DEBUG="1").stderr


def test_a_store_in_use_is_told(archive: Path, store: Path, jixiao: Run) -> None:
    with locked(store):
        done = jixiao("ingest", archive)
    assert (done.returncode, done.stdout) == (3, "")
    assert f"another ingest is writing this store (process {os.getpid()} on " in done.stderr


SQL = "SELECT name, target_value, reason, is_met FROM indicators ORDER BY name"


def test_sql_as_a_table_is_aligned(filled: Path, jixiao: Run) -> None:
    lines = jixiao("sql", SQL).stdout.splitlines()
    assert lines[0].split() == ["name", "target_value", "reason", "is_met"]
    assert [line.split() for line in lines[2:4]] == [["专利", "3", "true"], ["培训", "100", "true"]]
    assert len(lines) == 6
    assert len({cell_len(line) for line in lines}) == 1


def test_sql_cuts_nothing_in_a_pipe(filled: Path, jixiao: Run) -> None:
    assert f"\n{'长' * 500}\n" in jixiao("sql", "SELECT repeat('长', 500) AS x").stdout


def test_sql_as_csv_and_json_and_parquet(filled: Path, jixiao: Run, tmp_path: Path) -> None:
    rows = list(csv.reader(io.StringIO(jixiao("sql", SQL, "--format", "csv").stdout)))
    assert rows[:2] == [["name", "target_value", "reason", "is_met"], ["专利", "3.0", "", "true"]]
    objects = json.loads(jixiao("sql", SQL, "--format", "json").stdout)
    assert objects[3] == {"name": "论文", "target_value": 10.0, "reason": None, "is_met": False}
    assert jixiao("sql", SQL, "--format", "parquet", "--output", "out.parquet").stdout == ""
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == objects
    nested = json.loads(
        jixiao("sql", "SELECT places, ended_at FROM funding, runs", "--format", "json").stdout
    )
    assert nested[0]["places"][0]["field"] == "amount_text"
    assert nested[0]["ended_at"][10] == "T"


def test_sql_from_stdin_and_to_a_file(filled: Path, jixiao: Run, tmp_path: Path) -> None:
    done = jixiao("sql", "-", "--format", "csv", "--output", "out.csv", stdin="SELECT 1 AS a;\n-- 完\n")
    assert (done.returncode, (tmp_path / "out.csv").read_text()) == (0, "a\n1\n")


def test_sql_of_an_older_generation(archive: Path, store: Path, jixiao: Run) -> None:
    read_in(archive, store=store)
    read_in(archive, store=store)
    assert (
        jixiao("sql", "SELECT count(*) AS n FROM runs", "--generation", "1", "--format", "csv").stdout
        == "n\n1\n"
    )
    listed = [line.split() for line in jixiao("generations").stdout.splitlines()]
    assert [(line[0], line[1]) for line in listed[1:]] == [("1", listed[1][1]), ("*", "2")]
    assert jixiao("generations", "drop", "1").returncode == 0
    assert [g["number"] for g in json.loads(jixiao("generations", "--json").stdout)] == [2]


def test_failures_are_read_again_where_they_were(archive: Path, store: Path, jixiao: Run) -> None:
    jixiao("ingest", "archive")
    assert "d.txt: the file ends too early" in jixiao("failures").stdout
    archive.rename(archive.with_name("elsewhere"))
    gone = jixiao("failures", "--retry")
    assert (gone.returncode, gone.stdout) == (2, "")
    assert "archive: not there any more" in gone.stderr
    archive.with_name("elsewhere").rename(archive)
    (archive / "d.txt").write_bytes(fakes.report(2022))
    assert jixiao("failures", "--retry").stdout.startswith("1 file: 1 read\n")
    assert jixiao("failures").stdout == "no failures\n"
    assert jixiao("ingest", "archive", "--only-failed").stdout.startswith("nothing failed below archive")
    other = jixiao("ingest", str(archive), "--only-failed")
    assert other.returncode == 2
    assert "nothing was ingested under that name; the store knows archive" in other.stderr


def test_generations_are_opened_and_pruned(archive: Path, store: Path, jixiao: Run) -> None:
    for _ in range(4):
        read_in(archive, store=store)
    path = jixiao("generations", "open", "3").stdout.rstrip("\n")
    assert path == str(store / "generations" / "000003" / "jixiao.duckdb")
    assert jixiao("generations", "open").stdout == path.replace("000003", "000004") + "\n"
    assert jixiao("generations", "prune", "--keep", "0").returncode == 2
    assert jixiao("generations", "prune", "--keep", "2").stdout == "dropped: 1, 2\n"
    assert jixiao("generations", "prune", "--keep", "2").stdout == "dropped: none\n"
    found = json.loads(jixiao("generations", "--json").stdout)
    assert [(g["number"], g["is_current"], g["reports"]) for g in found] == [(3, False, 3), (4, True, 3)]
    assert all(g["bytes"] == g["own_bytes"] + g["shared_bytes"] for g in found)
    assert found[0]["shared_bytes"] == found[1]["shared_bytes"] > 0


def test_a_reader_that_has_seen_enough_ends_it_quietly(filled: Path, tmp_path: Path) -> None:
    line = command("sql", "FROM blocks, range(20000)")
    with subprocess.Popen(
        line, cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as p:
        assert p.stdout is not None
        assert p.stderr is not None
        p.stdout.readline()
        p.stdout.close()
        assert p.stderr.read() == b""
        assert p.wait(60) == 0


def test_ctrl_c_ends_a_long_query_at_once(filled_once: Path) -> None:
    hours = "SELECT sum(hash(a.i + b.i)) FROM range(9000000) a(i), range(9000000) b(i)"
    press = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
    with open_store(filled_once) as con:
        press.start()
        with pytest.raises(KeyboardInterrupt):
            answer(con, hours)
        assert con.sql("SELECT 1").fetchall() == [(1,)]


def test_ctrl_c_is_130(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(typer.Exit) as stopped, exits("stopped; go on later"):
        raise KeyboardInterrupt
    assert (stopped.value.exit_code, capsys.readouterr().err) == (130, "jixiao: stopped; go on later\n")


def test_sigterm_is_143_and_further_signals_are_passed_over(capsys: pytest.CaptureFixture[str]) -> None:
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.getsignal(number) for number in numbers}
    try:
        with exits():
            pass
        assert {number: signal.getsignal(number) for number in numbers} == before
        with pytest.raises(typer.Exit) as stopped, exits("stopped; go on later"):
            signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGINT)
        assert (stopped.value.exit_code, capsys.readouterr().err) == (143, "jixiao: stopped; go on later\n")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def in_terminal(tmp_path: Path, *arguments: str | Path) -> str:
    """What the command writes to a terminal."""
    ours, theirs = pty.openpty()
    env = environment(COLUMNS="100", TERM="xterm-256color")
    with subprocess.Popen(
        command(*arguments), cwd=tmp_path, env=env, stdout=theirs, stderr=theirs
    ) as process:
        os.close(theirs)
        out = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:  # Linux says so when the other end is closed
                break
            if not piece:
                break
            out += piece
        assert process.wait(60) == 0
    os.close(ours)
    return out.decode().replace("\r\n", "\n")


def test_data_cannot_drive_the_terminal(filled: Path, tmp_path: Path) -> None:
    for form in ("table", "csv", "json"):
        out = in_terminal(tmp_path, "sql", "SELECT chr(27) || '[2J预算' AS x", "--format", form)
        assert "\x1b" not in out
        assert "预算" in out


def test_rows_too_wide_for_a_terminal_stand_one_below_the_other(filled: Path, tmp_path: Path) -> None:
    out = in_terminal(
        tmp_path, "sql", "SELECT name, repeat('长', 60) AS x FROM indicators ORDER BY name LIMIT 1"
    )
    assert out == f"── 1 ──\nname  专利\nx     {'长' * 60}\n"


def test_show_marks_the_value(filled: Path, jixiao: Run, tmp_path: Path) -> None:
    piped = jixiao("show", "a.txt", "--funding", "1")
    assert piped.returncode == 0
    assert "第2段  今年预算【28万元】。\n" in piped.stdout
    in_colour = in_terminal(tmp_path, "show", "a.txt", "--funding", "1")
    assert "今年预算\x1b[1;7m28万元\x1b[0m。" in in_colour
    assert (
        "│ 2 │ 【研发投入】 │ ≥【28】万元 │ 【30.5万元】 │"
        in jixiao("show", "a.txt", "--indicator", "1").stdout
    )
    facts = json.loads(jixiao("show", "a.txt", "--funding", "1", "--json").stdout)
    assert facts["excerpts"][1] == {"block_no": 2, "text": "今年预算28万元。", "marks": [[4, 8]]}


def test_show_without_a_selector_is_the_outline(filled: Path, jixiao: Run) -> None:
    out = jixiao("show", "a.txt").stdout
    assert "一 项目绩效情况  (performance)" in out
    assert "1 indicators, 1 funding, 1 projects, 1 scores, 1 remarks" in out
    facts = json.loads(jixiao("show", "a.txt", "--json").stdout)
    assert facts["reports"][0]["counts"]["indicators"] == 1


def test_parse_prints_what_one_file_says(archive: Path, jixiao: Run) -> None:
    out = jixiao("parse", archive / "b.txt").stdout
    assert [line.split()[-5:] for line in out.splitlines() if "≥10万元" in line] == [
        ["论文", "≥10万元", "8万元", "表1", "第2行"]
    ]
    facts = json.loads(jixiao("parse", archive / "b.txt", "--json").stdout)
    assert [(r["doc_id"], r["name"], r["actual_value"]) for r in facts["indicators"]] == [
        (facts["doc_id"], "论文", 8.0), (facts["doc_id"], "专利", 4.0),
    ]  # fmt: skip
    assert set(facts) > {
        "reports",
        "blocks",
        "sections",
        "tables",
        "funding",
        "projects",
        "scores",
        "remarks",
    }
    assert facts["indicators"][0]["places"][0]["field"] == "name"


def test_markup_in_data_stays_text(tmp_path: Path, jixiao: Run) -> None:
    (tmp_path / "a.txt").write_bytes(
        fakes.report(2024, ("[bold]x[/bold]", 1, 2), text=("[red]今年预算28万元[/red]",))
    )
    assert "[bold]x[/bold]" in jixiao("parse", "a.txt").stdout
    assert jixiao("ingest", "a.txt").returncode == 0
    assert "[red]今年预算【28万元】[/red]" in jixiao("show", "a.txt", "--funding", "1").stdout


def test_schema_names_every_table_and_column(jixiao: Run) -> None:
    listed = [line.split()[:2] for line in jixiao("schema").stdout.splitlines()]
    views = [
        "资金年度概览",
        "报告预算执行",
        "指标跨年",
        "执行率排名",
        "未完成指标",
        "项目经费",
        "支持单位",
        "指标跨年宽表",
    ]
    assert listed == [
        *([t.name, t.chinese] for t in (*STORE_TABLES, *SUMMARY_TABLES)),
        *([name, "跨年视图"] for name in views),
        *([call, "宏"] for call in ("万元(元)", "查资金(名称)", "资金历年(名称)")),
        ["指标历年(资金,", "指标)"],
        ["章节检索(词,", "最多)"],
    ]
    assert "执行率变化" in jixiao("schema", "资金年度概览").stdout
    assert "命中章节数" in jixiao("schema", "章节检索").stdout
    out = jixiao("schema", "funding").stdout
    assert any(
        line.split() == ["amount_yuan", "金额", "DOUBLE", "yuan", "amount"] for line in out.splitlines()
    )
    facts = json.loads(jixiao("schema", "资金", "--json").stdout)
    assert [(t["name"], t["key"]) for t in facts] == [("funding", ["doc_id", "report_no", "funding_no"])]
    assert jixiao("schema", "--markdown").stdout == data_dictionary()


def test_the_data_dictionary_in_docs_is_the_one_of_the_schemas() -> None:
    assert (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8") == data_dictionary(), (
        "run: jixiao schema --markdown > docs/data-dictionary.md"
    )


def test_the_dictionary_has_a_line_for_every_column() -> None:
    text = data_dictionary()
    assert all(f"| `{c.name}` | {c.chinese} |" in text for t in STORE_TABLES for c in t.columns)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["ingest"],
        ["runs"],
        ["failures"],
        ["parse"],
        ["sql"],
        ["show"],
        ["schema"],
        ["generations"],
        ["generations", "drop"],
        ["generations", "open"],
        ["generations", "prune"],
    ],
    ids=" ".join,
)
def test_help(jixiao: Run, arguments: list[str]) -> None:
    done = jixiao(*arguments, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    if not arguments:
        assert "Exit codes: 0 all went well" in done.stdout


def test_a_folder_without_files_is_told_and_publishes_nothing(tmp_path: Path, jixiao: Run) -> None:
    (tmp_path / "in" / "empty").mkdir(parents=True)
    done = jixiao("ingest", "in", "--store", "data")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "jixiao: in: no files there (is it mounted?); the store is as it was\n"
    assert not (tmp_path / "data").exists()
