"""The same form gives the same records as workbook and as Word file; the reports of a workbook stay apart."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from parsers import parse_document
from parsers.formats.excel import read_excel
from parsers.formats.word import read_word
from schemas.records import ParsedFile
from schemas.tables import field_values
from tests.conftest import RAW, ROOT
from tests.support_xlsx import from_blocks, saved, workbook

WORD = sorted([*RAW.rglob("*.docx"), *(ROOT / "tests" / "corpus" / "forms").glob("*.docx")])
TABLES = ("indicators", "projects", "funding", "scores", "remarks")
PLACE = {
    "places", "location", "block_no", "table_no", "row_no", "section_no", "char_start", "char_end", "page",
    "confidence", "parent_no", "doc_id",
}  # fmt: skip


def records(parsed: ParsedFile) -> list[dict[str, list[dict[str, Any]]]]:
    """What each report says, without where it stands."""

    def bare(row: Any) -> dict[str, Any]:
        return {name: value for name, value in field_values(row).items() if name not in PLACE}

    return [
        {"report": [bare(report.report)]} | {t: [bare(row) for row in getattr(report, t)] for t in TABLES}
        for report in parsed.reports
    ]


@pytest.mark.parametrize("corner", [(1, 1), (4, 3)], ids=["A1", "C4"])
@pytest.mark.parametrize("path", WORD, ids=lambda path: path.stem)
def test_a_workbook_gives_the_records_of_the_word_file(path: Path, corner: tuple[int, int]) -> None:
    document = read_word(path.read_bytes())
    book = Workbook()
    from_blocks(document.blocks, sheet=book.worksheets[0], row=corner[0], column=corner[1])
    assert records(parse_document(read_excel(saved(book)))) == records(parse_document(document))


@pytest.mark.parametrize("path", WORD, ids=lambda path: path.stem)
def test_reports_on_sheets_of_their_own_give_the_same_records(path: Path) -> None:
    document = read_word(path.read_bytes())
    parsed = parse_document(document)
    if len(parsed.reports) == 1:
        pytest.skip("the file holds one report")
    book = Workbook()
    book.remove(book.worksheets[0])
    for report in parsed.reports:
        sheet = book.create_sheet(f"表{report.report.report_no}")
        from_blocks([document.blocks[block.block_no - 1] for block in report.blocks], sheet=sheet)
    assert records(parse_document(read_excel(saved(book)))) == records(parsed)


# ---- several forms in a workbook --------------------------------------------------------------

HEAD = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"]


def form(fund: str | None, target: int, title: str | None = "项目支出绩效自评表") -> list[list[object]]:
    """A small form; `target` tells its one indicator from another form's."""
    top: list[list[object]] = [] if title is None else [[title], ["（2023年度）"]]
    return [
        *top, ["项目名称", fund, None, "实施单位", "甲局"], ["项目资金（万元）", None, "年初预算数", "全年预算数", "全年执行数"],
        [None, "年度资金总额", 100, 100, 90], HEAD, ["产出指标", "数量指标", "修渠长度", f"≥{target}公里", target, 50, 50],
    ]  # fmt: skip


SUMMARY: list[list[object]] = [
    ["2023年度项目支出绩效自评结果汇总表"], ["序号", "主管部门", "项目名称", "预算数", "执行数", "自评得分"],
    [1, "甲局", "甲项目", 100, 90, 95], [2, "乙局", "乙项目", 200, 190, 96],
]  # fmt: skip
DEPARTMENT: list[list[object]] = [
    ["部门整体支出绩效自评表"], ["部门名称", "甲局"], ["项目资金（万元）", None, "年初预算数", "全年预算数", "全年执行数"],
    [None, "年度资金总额", 900, 900, 800], HEAD, ["产出指标", "数量指标", "培训人数", "≥7人", 7, 50, 50],
]  # fmt: skip
LIST: list[list[object]] = [
    ["附表 项目资金明细表"],
    ["序号", "项目名称", "实施单位", "金额（万元）"],
    [1, "甲村", "甲村委会", 12.5],
]


def found(**sheets: list[list[object]]) -> list[tuple[str | None, list[str], int]]:
    """Of each report its fund, its indicators' targets, and its projects."""
    parsed = parse_document(read_excel(saved(workbook(**sheets))))
    return [
        (r.report.fund_name, [i.target_text or "" for i in r.indicators], len(r.projects))
        for r in parsed.reports
    ]


def test_each_sheet_of_a_form_is_a_report() -> None:
    sheets = {f"表{n}": form(f"项目{n}", n) for n in range(1, 51)}
    assert found(**sheets) == [(f"项目{n}", [f"≥{n}公里"], 0) for n in range(1, 51)]


@pytest.mark.parametrize("title", ["项目支出绩效自评表", None])
def test_the_same_fund_on_two_sheets_is_two_reports(title: str | None) -> None:
    assert found(甲=form("甲项目", 1, title), 乙=form("甲项目", 2, title)) == [
        ("甲项目", ["≥1公里"], 0),
        ("甲项目", ["≥2公里"], 0),
    ]


def test_a_form_that_nobody_filled_in_takes_nothing_from_its_neighbours() -> None:
    reports = found(甲=form("甲项目", 1), 空=form(None, 2), 乙=form("乙项目", 3))
    assert [fund for fund, _, _ in reports] == ["甲项目", None, "乙项目"]


def test_who_signed_a_form_belongs_to_it_and_not_to_the_next_below() -> None:
    signed: list[list[object]] = [["填表人：张三", None, None, "联系电话：1"], []]
    parsed = parse_document(read_excel(saved(workbook(S=[*form("甲项目", 1), *signed, *form("乙项目", 2)]))))
    texts = [[block.text for block in report.blocks if block.text] for report in parsed.reports]
    assert texts == [
        ["项目支出绩效自评表", "（2023年度）", "填表人：张三    联系电话：1"],
        ["项目支出绩效自评表", "（2023年度）"],
    ]


def test_a_list_on_the_next_sheet_belongs_to_its_form() -> None:
    assert found(表=form("甲项目", 1), 明细=LIST) == [("甲项目", ["≥1公里"], 1)]


def test_a_form_on_a_department_behind_one_on_a_project_is_a_report() -> None:
    assert found(甲=form("甲项目", 1), 部门=DEPARTMENT) == [("甲项目", ["≥1公里"], 0), (None, ["≥7人"], 0)]


@pytest.mark.parametrize("first", [True, False])
def test_a_sheet_that_sums_up_is_a_report_of_its_own(first: bool) -> None:
    forms = {"甲": form("甲项目", 1), "乙": form("乙项目", 2)}
    both = [("甲项目", ["≥1公里"], 0), ("乙项目", ["≥2公里"], 0)]
    summed = [(None, [], 2)]
    if first:
        assert found(汇总=SUMMARY, **forms) == summed + both
    else:
        assert found(**forms, 汇总=SUMMARY) == both + summed


def test_a_fund_told_in_a_line_over_the_grid_begins_a_report() -> None:
    def lined(fund: str, target: int) -> list[list[object]]:
        return [
            ["项目支出绩效自评表"],
            [f"项目名称：{fund}"],
            HEAD,
            ["产出指标", "数量指标", "长度", f"≥{target}公里", 1, 50, 50],
        ]

    assert found(甲=lined("甲项目", 1), 乙=lined("乙项目", 2)) == [
        ("甲项目", ["≥1公里"], 0),
        ("乙项目", ["≥2公里"], 0),
    ]


def cells_of(sheet: Worksheet) -> Iterator[tuple[str, str]]:
    for row in sheet.iter_rows():
        for cell in row:
            if cell.value is not None:
                yield f"{sheet.title}!{cell.coordinate}", str(cell.value)


def test_every_value_leads_back_to_its_cell() -> None:
    book = workbook(自评=form("甲项目", 5))
    printed = dict(cells_of(book["自评"]))
    (report,) = parse_document(read_excel(saved(book))).reports
    (indicator,) = report.indicators
    cells = {place.field: printed[place.sheet_cell or ""] for place in indicator.places}
    assert (cells["name"], cells["target_text"], cells["actual_text"], cells["weight"]) == (
        "修渠长度",
        "≥5公里",
        "5",
        "50",
    )
    assert indicator.location == "自评!A7 表1 第5行"
