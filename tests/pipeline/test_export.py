"""`jixiao export`: what ends in the files, read back by other programs than those that wrote them."""

import csv
import io
import shlex
import shutil
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pyarrow.parquet as pq
import pytest

from pipeline import open_store
from pipeline.export import export, number_format
from pipeline.selections import NOT_FOR_SHEETS, Form, selections, target
from pipeline.workbook import Limits
from tests.pipeline import fakes
from tests.pipeline.conftest import Run, command, environment, read_in

CROSS_YEAR = ("资金年度概览", "指标跨年", "执行率排名", "未完成指标", "项目经费", "支持单位")

OFFICE = shutil.which("soffice") or shutil.which("libreoffice")


@pytest.fixture
def filled(store: Path, filled_once: Path) -> Path:
    """The store of the archive, in the folder that a command takes for its own; for reading only."""
    store.symlink_to(filled_once)
    return store


@pytest.fixture
def con(filled_once: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_store(filled_once) as connection:
        yield connection


def values(sheet: Any) -> list[tuple[Any, ...]]:
    return list(sheet.iter_rows(values_only=True))


def of(rows: list[tuple[Any, ...]], *headings: str) -> list[tuple[Any, ...]]:
    """The values under some headings."""
    places = [rows[0].index(h) for h in headings]
    return [tuple(row[p] for p in places) for row in rows[1:]]


def read_csv(path: Path) -> list[list[str]]:
    return list(csv.reader(io.StringIO(path.read_bytes().decode("utf-8-sig"), newline="")))


# ---- what is chosen -------------------------------------------------------------------------


def test_a_workbook_of_what_matters(filled: Path, jixiao: Run, tmp_path: Path) -> None:
    done = jixiao("export", "x.xlsx")
    assert done.returncode == 0
    assert done.stderr == "jixiao: left out of the sheets: 出处; parquet has them\n"
    written = [line.split() for line in done.stdout.splitlines()]
    assert [name for name, *_ in written[:6]] == list(CROSS_YEAR)
    assert written[6:] == [
        ["报告", "3", "rows"], ["指标", "4", "rows"], ["资金", "1", "row"], ["项目", "3", "rows"], ["评分", "3", "rows"],
        ["问题建议", "3", "rows"], ["文件", "4", "rows"],
    ]  # fmt: skip
    book = openpyxl.load_workbook(tmp_path / "x.xlsx")
    assert book.sheetnames == [
        *CROSS_YEAR,
        "报告",
        "指标",
        "资金",
        "项目",
        "评分",
        "问题建议",
        "文件",
        "说明",
    ]
    found = of(values(book["指标"]), "指标名称", "目标值", "完成值", "是否达标", "位置")
    assert sorted(found) == [
        ("专利", 3, 4, "是", "表1 第3行"), ("培训", 100, 120, "是", "表1 第2行"),
        ("研发投入", 28, 30.5, "是", "表1 第2行"), ("论文", 10, 8, "否", "表1 第2行"),
    ]  # fmt: skip
    money = book["资金"]
    assert of(values(money), "金额", "金额原文") == [(280000, "28万元")]
    column = next(c for c in money[1] if c.value == "金额").column
    assert (money.cell(2, column).number_format, money.freeze_panes) == ("#,##0.00", "A2")
    assert all(NOT_FOR_SHEETS.isdisjoint(c.value for c in sheet[1]) for sheet in book)


def test_the_last_sheet_tells_where_it_comes_from(filled: Path, jixiao: Run, tmp_path: Path) -> None:
    jixiao("export", "x.xlsx", "funding", "--query", "多少=SELECT count(*) AS 数 FROM 报告")
    rows = values(openpyxl.load_workbook(tmp_path / "x.xlsx")["说明"])
    facts = {row[0]: row[1] for row in rows}
    with open_store(filled) as con:
        (run,) = con.sql("SELECT run_id, ended_at, parser_version FROM runs").fetchall()
    assert facts["数据代次"] == 1
    assert (facts["批次编号"], facts["解析版本"]) == (run[0], run[2])
    assert abs(facts["入库完成时间"] - run[1]).total_seconds() < 0.01  # Excel keeps milliseconds
    assert ("工作表", "资金", "1 行", "funding: money stated in a table or sentence") in rows
    assert ("备注", "未导出的列：出处（parquet 格式含这些列）", None, None) in rows
    assert ("列", "金额", "元", "amount") in rows
    assert ("列", "执行率", "百分数", "execution rate as printed") in rows
    assert ("工作表", "多少", "1 行", "查询：SELECT count(*) AS 数 FROM 报告") in rows


def test_names_in_both_languages_are_one_sheet(con: duckdb.DuckDBPyConnection) -> None:
    chosen = selections(con, ["remarks", "问题建议", "runs"], ["问题建议=SELECT 1 AS a"], Form.XLSX)
    assert [s.name for s in chosen] == ["问题建议", "批次", "问题建议"]
    assert chosen[0].left_out == ("出处",)
    assert selections(con, ["remarks"], [], Form.PARQUET)[0].left_out == ()


def test_views_of_the_store_are_found_and_come_in_order(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        con.execute("CREATE TABLE t AS SELECT 99 - i AS i FROM range(100) r(i)")
        con.execute("CREATE VIEW 执行率排名 AS SELECT i AS 年度, i * 1.5 AS 执行率 FROM t")
        con.execute("COMMENT ON VIEW 执行率排名 IS '各年排名'")
        con.execute("COMMENT ON COLUMN 执行率排名.执行率 IS '执行数除以预算数'")
        con.execute("CREATE VIEW 未完成指标 AS SELECT i AS 名次, 1 AS 出处 FROM t ORDER BY i DESC")
        con.execute("CREATE VIEW 报告 AS SELECT 1 AS 一")
        chosen = selections(con, [], [], Form.CSV)
        assert [s.name for s in chosen] == ["执行率排名", "未完成指标", "报告"]
        assert (chosen[0].comment, chosen[0].columns[1].comment) == ("各年排名", "执行数除以预算数")
        written = export(
            con, chosen, tmp_path / "out", Form.CSV, folder=True, store=tmp_path / "s", generation=1
        )
        assert [w.rows for w in written] == [100, 100, 1]
        ranked = read_csv(tmp_path / "out" / "执行率排名.csv")
        assert ranked[:3] == [["年度", "执行率"], ["0", "0"], ["1", "1.5"]]
        assert read_csv(tmp_path / "out" / "未完成指标.csv")[:2] == [["名次"], ["99"]]


@pytest.mark.parametrize(
    ("name", "unit", "expected"),
    [
        ("金额", "yuan", "#,##0.00"), ("完成率", "%", "0.00"), ("总分", "points", None), ("预算万元", None, "#,##0.00"),
        ("预算（万元）", None, "#,##0.00"), ("执行率", None, "0.00"), ("同比", None, "0.00"), ("年度", None, None),
        ("元素", None, None), ("利率说明", None, None),
    ],
)  # fmt: skip
def test_number_formats(name: str, unit: str | None, expected: str | None) -> None:
    assert number_format(name, unit) == expected


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["x.xlsx", "不存在"], "文件 (documents), 报告 (reports)"),
        (["x.xlsx", "--query", "SELECT 1"], "write NAME=SQL"),
        (["x.xlsx", "--query", "=SELECT 1"], "write NAME=SQL"),
        (["x.xlsx", "--query", "a=SELEC 1"], "a: Parser Error"),
        (["x.xlsx", "--query", "a="], "write NAME=SQL"),
        (["x.xlsx", "--query", "a=SELECT 1; SELECT 2"], "a: the SQL holds several statements; give one SELECT"),
        (["x.xlsx", "--query", "a=-- nothing"], "a: the SQL gives no rows"),
        (["x.csv", "--query", "a=SELECT CASE WHEN i > 90000 THEN CAST('x' || i AS INT) ELSE 1 END AS b FROM range(100000) r(i)"], "Conversion Error"),
        (["x.xlsx", "--query", "a=COPY documents TO 'y.csv'"], "disabled by configuration"),
        (["x.parquet", "--query", "a=SELECT INTERVAL 1 DAY AS b"], "a: Parquet cannot hold it"),
        (["x.csv"], "x.csv holds one table; name one of 资金年度概览, 指标跨年"),
        (["x.csv", "报告", "--format", "parquet"], "is a name for csv, not for parquet"),
        (["out", "报告"], "a folder and --format csv or parquet"),
        (["out", "报告", "--format", "xlsx"], "a workbook is one file"),
        (["no/x.xlsx", "报告"], "no/x.xlsx: cannot be written (No such file or directory)"),
        (["taken", "报告", "--format", "csv"], "taken: cannot be written (File exists)"),
        (["folder.csv", "报告"], "a folder and --format csv or parquet"),
        (["data/parquet", "报告", "--format", "parquet"], "belongs to the store itself"),
        (["data/current/x.xlsx", "报告"], "belongs to the store itself"),
    ],
)  # fmt: skip
def test_wrong_usage(filled: Path, jixiao: Run, tmp_path: Path, arguments: list[str], said: str) -> None:
    (tmp_path / "taken").write_text("mine")
    (tmp_path / "folder.csv").mkdir()
    before = sorted(tmp_path.rglob("*"))
    done = jixiao("export", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert sorted(tmp_path.rglob("*")) == before
    assert (tmp_path / "taken").read_text() == "mine"


def test_no_store_is_told(jixiao: Run) -> None:
    assert jixiao("export", "x.xlsx", "--store", "nowhere").returncode == 3


def test_an_older_generation(archive: Path, store: Path, jixiao: Run, tmp_path: Path) -> None:
    read_in(archive, store=store)
    (archive / "e.txt").write_bytes(fakes.report(2025, ("论文", 1, 2)))
    read_in(archive, store=store)
    for generation, reports in ((1, 3), (2, 4)):
        jixiao("export", f"{generation}.xlsx", "reports", "--generation", str(generation))
        book = openpyxl.load_workbook(tmp_path / f"{generation}.xlsx")
        assert len(values(book["报告"])) == reports + 1
        assert ("数据代次", generation) in [row[:2] for row in values(book["说明"])]


def test_target_takes_suffixes_in_any_case() -> None:
    assert target(Path("X.XLSX"), None) == (Form.XLSX, False)
    assert target(Path("a.b"), Form.CSV) == (Form.CSV, True)


# ---- what is written ------------------------------------------------------------------------

EVIL = "SELECT * FROM (VALUES (1, '=1+1', -5.0, '-5'), (2, '＝1', 2.5, chr(13) || '=1'), (3, '乙,\"甲\"', NULL, '')) v(号, \"=文\", 数, 值)"


def test_csv_is_what_excel_opens(filled: Path, jixiao: Run, tmp_path: Path) -> None:
    assert jixiao("export", "x.csv", "--query", f"a={EVIL}").returncode == 0
    assert (tmp_path / "x.csv").read_bytes() == (
        '\ufeff号,\'=文,数,值\r\n1,\'=1+1,-5,-5\r\n2,\'＝1,2.5,"\'\r=1"\r\n3,"乙,""甲""",,\r\n'
    ).encode()


def test_a_folder_holds_one_file_a_table(filled: Path, jixiao: Run, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "指标.csv").write_text("old")
    done = jixiao(
        "export",
        "out",
        "指标",
        "--query",
        "../../逃=SELECT 1 AS a",
        "--query",
        "指标=SELECT 2 AS a",
        "--format",
        "csv",
    )
    assert done.returncode == 0
    assert "jixiao: ../../逃: is called ．.／..／逃.csv, since" in done.stderr
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == [
        "指标(2).csv",
        "指标.csv",
        "．.／..／逃.csv",
    ]
    names = read_csv(tmp_path / "out" / "指标.csv")
    assert (names[0][:4], len(names)) == (["文件编号", "报告序号", "指标序号", "记录类型"], 5)
    assert read_csv(tmp_path / "out" / "指标(2).csv") == [["a"], ["2"]]


def test_parquet_has_every_column(filled: Path, jixiao: Run, tmp_path: Path) -> None:
    done = jixiao("export", "x.parquet", "indicators")
    assert (done.returncode, done.stderr) == (0, "")
    table = pq.read_table(tmp_path / "x.parquet")
    with open_store(filled) as con:
        assert table.equals(con.sql("FROM 指标").to_arrow_table())
    assert table.column("出处")[0].as_py()[0]["field"] == "name"
    assert pq.ParquetFile(tmp_path / "x.parquet").metadata.row_group(0).column(0).compression == "ZSTD"
    jixiao("export", "y.parquet", "--query", "a=SELECT 1 AS a, 2 AS a")
    assert pq.read_table(tmp_path / "y.parquet").to_pylist() == [{"a": 1, "a_1": 2}]


def test_the_same_store_gives_the_same_bytes(filled: Path, jixiao: Run, tmp_path: Path) -> None:
    for name in ("a.xlsx", "b.xlsx"):
        jixiao("export", name, TZ="Asia/Shanghai" if name == "b.xlsx" else "UTC")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()


def test_what_excel_cannot_hold_is_told(
    filled_once: Path, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    chosen = selections(con, [], ["多=SELECT i, 'abcdefghijk' || chr(7) AS t FROM range(5) r(i)"], Form.XLSX)
    (written,) = export(
        con, chosen, tmp_path / "x.xlsx", Form.XLSX, folder=False, store=filled_once, generation=1,
        limits=Limits(rows=4, text=10),
    )  # fmt: skip
    assert (written.parts, written.rows, written.cut, written.replaced) == (("多", "多(2)"), 5, 5, 5)
    (written,) = export(
        con, chosen, tmp_path / "x.csv", Form.CSV, folder=False, store=filled_once, generation=1,
        limits=Limits(rows=5),
    )  # fmt: skip
    assert (written.rows, written.too_long) == (5, True)


def test_a_long_text_and_a_control_character_are_told(filled: Path, jixiao: Run) -> None:
    done = jixiao("export", "x.xlsx", "--query", "长=SELECT repeat('长', 40000) AS a, chr(7) AS b")
    assert done.stderr.splitlines() == [
        "jixiao: 长: 1 texts are longer than a cell holds; they are cut and end in …",
        "jixiao: 长: 1 texts have control characters, which are shown as signs such as ␀",
    ]


@pytest.mark.parametrize(
    ("name", "query"),
    [
        (
            "x.xlsx",
            "SELECT sum(hash(a.i + b.i)) FROM range(9000000) a(i), range(9000000) b(i)",
        ),  # no row for hours
        ("x.xlsx", "SELECT i FROM range(900000000000) r(i)"),  # rows without end
        ("x.csv", "SELECT i FROM range(900000000000) r(i)"),
    ],
)
def test_ctrl_c_leaves_what_was_there(filled_once: Path, tmp_path: Path, name: str, query: str) -> None:
    (tmp_path / name).write_text("mine")
    form, folder = target(tmp_path / name, None)
    press = threading.Timer(0.5, signal.raise_signal, [signal.SIGINT])
    with open_store(filled_once) as con:
        chosen = selections(con, [], [f"a={query}"], form)
        press.start()
        with pytest.raises(KeyboardInterrupt):
            export(con, chosen, tmp_path / name, form, folder=folder, store=filled_once, generation=1)
    assert [p.name for p in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.parametrize("name", ["x.xlsx", "x.csv", "x.parquet"])
def test_a_disk_that_takes_no_more_is_told(filled: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    line = shlex.join(command("export", name, "--query", "a=SELECT hash(i) AS a FROM range(100000) r(i)"))
    done = subprocess.run(  # files of 64 KiB at most
        ["bash", "-c", f"ulimit -f 64; exec {line}"], cwd=tmp_path, env=environment(),
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"jixiao: {name}: cannot be written (")
    assert line.endswith("File too large)")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["data", name]
    assert (tmp_path / name).read_text() == "mine"


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed")
def test_libreoffice_sees_text_where_a_formula_could_be(
    filled_once: Path, con: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    texts = [
        "=1+1",
        "+1+1",
        "-1+1",
        "@SUM(1,2)",
        "＝1+1",
        "=HYPERLINK(1)",
        "0012",
        "_x0041_",
        "<r><t>x</t></r>",
    ]
    rows = ", ".join(f"({n}, '{text}', {n}.5)" for n, text in enumerate(texts))
    chosen = selections(con, [], [f"文=SELECT * FROM (VALUES {rows}) v(号, 文, 数)"], Form.XLSX)
    export(con, chosen, tmp_path / "x.xlsx", Form.XLSX, folder=False, store=filled_once, generation=1)
    assert OFFICE is not None
    subprocess.run(
        [
            OFFICE, f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false", "--outdir", tmp_path, tmp_path / "x.xlsx",
        ],
        capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    with (tmp_path / "x.csv").open(encoding="utf-8-sig", newline="") as file:
        found = list(csv.reader(file))
    assert found == [["号", "文", "数"], *([str(n), text, f"{n}.5"] for n, text in enumerate(texts))]
