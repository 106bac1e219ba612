"""The commands on names, with the real parser: a question is asked, answered, applied, and the answer lasts."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import open_store
from tests.pipeline.conftest import environment

SHARED = ("新建粮库数量", "改造仓容数量", "培训仓管员人数")
NAMES = ("粮食产业发展资金", "粮食产业人才资金")


def write(folder: Path, name: str, year: int, *indicators: str) -> None:
    """A short self-evaluation of a fund."""
    folder.mkdir(exist_ok=True)
    lines = [f"数量指标：{i}指标值为≥3座，实际完成值为4座，完成率133.33%。" for i in indicators]
    text = "\n".join(
        [f"江岚省粮食局{year}年度{name}绩效自评报告", "", "一、项目概况", f"{year}年安排{name}80万元，实际支出60万元。",
         "二、绩效目标完成情况", *lines, "三、存在的问题", "支付进度偏慢。"]
    )  # fmt: skip
    (folder / f"{year}{name}.txt").write_text(text, encoding="utf-8")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with an archive and its store, in which one question is open."""
    write(tmp_path / "archive", NAMES[0], 2020, *SHARED, "仓储损耗降低量")
    write(tmp_path / "archive", NAMES[1], 2021, *SHARED[:2], "引进仓储博士", "发放安家补贴", "建设实训基地")
    done = jixiao(tmp_path, "ingest", "archive", "--workers", "1")
    assert done.returncode == 0, done.stderr
    return tmp_path


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "pipeline.cli", *arguments]


def jixiao(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments), cwd=home, env=environment(), capture_output=True, text=True, timeout=120, check=False
    )  # fmt: skip


def typed(home: Path, keys: str, *arguments: str) -> str:
    """What the command prints in a terminal where `keys` are typed."""
    here, there = pty.openpty()
    with subprocess.Popen(
        command(*arguments), cwd=home, env=environment(), stdin=there, stdout=there, stderr=there, close_fds=True
    ) as process:  # fmt: skip
        os.close(there)
        os.write(here, keys.encode())
        printed = b""
        try:
            while data := os.read(here, 4096):
                printed += data
        except OSError:  # the other end is closed
            pass
        os.close(here)
    assert process.returncode == 0, printed.decode()
    return printed.decode()


def fund_of(home: Path) -> dict[str, str]:
    with open_store(home / "data") as con:
        return dict(con.sql("SELECT fund_name, fund_id FROM reports").fetchall())


def test_a_question_is_asked_answered_and_applied(home: Path) -> None:
    before = fund_of(home)
    assert len(set(before.values())) == 2
    asked = jixiao(home, "funds", "review").stdout
    assert all(name in asked for name in NAMES)
    assert "1/1" in asked
    printed = typed(home, "what\ny\n", "funds", "review")
    assert "1 written to data/aliases/funds.csv" in printed
    (line,) = (home / "data/aliases/funds.csv").read_text(encoding="utf-8-sig").splitlines()[1:]
    decision, *names, _ = line.split(",")
    assert (decision, set(names)) == ("same", set(NAMES))
    assert jixiao(home, "funds", "review").stdout == "no open questions\n"
    assert jixiao(home, "align").stdout.startswith("generation 2: 1 funds, ")
    after = fund_of(home)
    assert set(after.values()) == {after[NAMES[0]]} < set(before.values())


def test_answers_survive_further_ingests_and_can_be_taken_back(home: Path) -> None:
    before = fund_of(home)
    typed(home, "n\n", "funds", "review")
    write(home / "archive", NAMES[0], 2022, *SHARED)
    assert jixiao(home, "ingest", "archive", "--workers", "1").returncode == 0
    assert fund_of(home) == before
    assert jixiao(home, "funds", "review").stdout == "no open questions\n"
    file = home / "data/aliases/funds.csv"
    file.write_text(file.read_text(encoding="utf-8").replace("different", "same"), encoding="utf-8")
    assert jixiao(home, "ingest", "archive", "--workers", "1").returncode == 0
    assert len(set(fund_of(home).values())) == 1
    file.unlink()
    assert jixiao(home, "align").returncode == 0
    assert fund_of(home)[NAMES[0]] == before[NAMES[0]]
    assert len(set(fund_of(home).values())) == 2


def test_a_question_put_off_stays_open(home: Path) -> None:
    typed(home, "\n", "funds", "review")
    typed(home, "q\n", "funds", "review")
    assert not (home / "data/aliases").exists()
    (question,) = json.loads(jixiao(home, "funds", "review", "--json").stdout)
    assert {side["name"] for side in question["sides"]} == set(NAMES)
    assert [side["first_year"] for side in question["sides"]] in ([2020, 2021], [2021, 2020])


@pytest.mark.parametrize(
    "arguments", [("ingest", "archive", "--workers", "1"), ("align",), ("funds", "review")]
)
def test_a_wrong_line_stops_with_its_number_and_publishes_nothing(
    home: Path, arguments: tuple[str, ...]
) -> None:
    (home / "data/aliases").mkdir()
    (home / "data/aliases/funds.csv").write_text(
        "decision,name,other\nsame,甲,乙\nsmae,甲,丙\n", encoding="utf-8"
    )
    current = os.readlink(home / "data/current")
    done = jixiao(home, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "data/aliases/funds.csv, line 3: decision is 'smae'; write same or different" in done.stderr
    assert os.readlink(home / "data/current") == current


def test_a_line_without_effect_is_told(home: Path) -> None:
    (home / "data/aliases").mkdir()
    (home / "data/aliases/funds.csv").write_text(
        f"decision,name,other\nsame,{NAMES[0]},火星资金\n", encoding="utf-8"
    )
    done = jixiao(home, "align")
    assert (done.returncode, done.stderr) == (
        0,
        "jixiao: aliases/funds.csv, line 2: no report names 火星资金\n",
    )
    assert "火星资金" in jixiao(home, "funds").stdout  # a name to find the fund by


def test_lists_name_every_alias(home: Path) -> None:
    funds = {row["name"]: row for row in json.loads(jixiao(home, "funds", "--json").stdout)}
    assert {name: (funds[name]["first_year"], funds[name]["reports"]) for name in NAMES} == {
        NAMES[0]: (2020, 1), NAMES[1]: (2021, 1),
    }  # fmt: skip
    assert SHARED[0] in jixiao(home, "indicators").stdout


def test_align_without_a_store(tmp_path: Path) -> None:
    done = jixiao(tmp_path, "align")
    assert (done.returncode, done.stdout) == (3, "")
    assert "no store here yet" in done.stderr
