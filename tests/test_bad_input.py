"""One bad file costs one file, and says what is wrong with it."""

import json
from pathlib import Path

import pytest

from schemas.errors import Category
from tests.conftest import RAW, run_jixiao
from tests.samples import bad_inputs

GOOD = RAW / "2020" / "高标准农田自评报告.txt"

EXPECTED: dict[str, tuple[str, Category, str]] = {
    "空文件.txt": ("failed", "empty", "empty"),
    "空文件.docx": ("failed", "empty", "empty"),
    "截断.docx": ("failed", "truncated", "ends too early"),
    "其他压缩包.docx": ("failed", "unsupported", "zip without a Word document"),
    "加密.docx": ("failed", "encrypted", "password"),
    "小说.txt": ("skipped", "not_a_report", "no budget-performance report"),
    "条例.txt": ("skipped", "not_a_report", "no budget-performance report"),
    "乱码.txt": ("failed", "encoding", "no known encoding"),
    "乱码.docx": ("failed", "encoding", "no known encoding"),
    "表格改名.docx": ("skipped", "not_a_report", "no budget-performance report"),
}
"""The outcome, category and a word of the message for each bad input."""


@pytest.fixture(scope="session")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("bad")
    bad_inputs(folder)
    return folder


def test_every_bad_input_is_expected(inputs: Path) -> None:
    assert {path.name for path in inputs.iterdir()} == {*EXPECTED, "其实是Word.txt"}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_bad_file_has_its_row_and_the_good_one_is_read(inputs: Path, tmp_path: Path, name: str) -> None:
    outcome, category, said = EXPECTED[name]
    done = run_jixiao("ingest", inputs / name, GOOD, "--store", tmp_path, "--workers", "1", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    facts = json.loads(done.stdout.splitlines()[-1])
    counts = {key: count for key, count in facts["counts"].items() if count}
    assert counts == {"files": 2, "read": 1, outcome: 1}
    assert [(f["source"], f["category"]) for f in facts["failures"]] == [(name, category)]
    assert said in facts["failures"][0]["message"]
    rows = asked(
        "SELECT source, outcome, category, message FROM outcomes ORDER BY outcome = 'read'", tmp_path
    )
    assert [(r["source"], r["outcome"], r["category"]) for r in rows] == [
        (name, outcome, category), (GOOD.name, "read", None),
    ]  # fmt: skip
    assert rows[0]["message"] == facts["failures"][0]["message"]
    # 20 rows of the report's one table, as tests/samples/truth.json has them
    assert asked("SELECT count(*) AS n, count(DISTINCT doc_id) AS files FROM indicators", tmp_path) == [
        {"n": 20, "files": 1}
    ]


def test_a_report_under_a_wrong_suffix_is_read(inputs: Path, tmp_path: Path) -> None:
    done = run_jixiao("ingest", inputs / "其实是Word.txt", "--store", tmp_path, "--workers", "1", "--json")
    assert (done.returncode, json.loads(done.stdout.splitlines()[-1])["counts"]["read"]) == (0, 1)
    (row,) = asked(
        "SELECT format, fund_name, fiscal_year FROM documents JOIN reports USING (doc_id)", tmp_path
    )
    assert row == {"format": "docx", "fund_name": "乡村学校办学条件改善专项资金", "fiscal_year": 2020}


def asked(query: str, store: Path) -> list[dict[str, object]]:
    done = run_jixiao("sql", query, "--store", store, "--format", "json")
    assert (done.returncode, done.stderr) == (0, "")
    rows: list[dict[str, object]] = json.loads(done.stdout)
    return rows
