"""Workbooks, read back with openpyxl."""

import tempfile
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from pipeline.workbook import EXCEL, Heading, Limits, SheetTally, Workbook
from schemas.errors import UsageError

CREATED = datetime(2025, 6, 30, 8)

FORMULAS = [
    "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "＝1+1", "{=1+1}", "=HYPERLINK(\"http://x\")", "https://example.com/a",
    "mailto:a@b.c", "internal:Sheet1!A1", "0012", "1234567890123456", "1e5", "TRUE", "#REF!",
    "<r><t>假</t></r>", "<r></r>", "_x0041_", " 前后 ", "a\nb", "<b>&\"'",
]  # fmt: skip
"""Texts that Excel, or the writer of the file, may take for something else."""


def written(
    path: Path, *sheets: tuple[str, Sequence[str | Heading], Sequence[Sequence[Any]]], limits: Limits = EXCEL
) -> list[SheetTally]:
    with (
        tempfile.TemporaryDirectory(dir=path.parent) as scratch,
        Workbook(path, Path(scratch), CREATED, limits) as book,
    ):
        return [
            book.add(name, [h if isinstance(h, Heading) else Heading(h) for h in headings], rows)
            for name, headings, rows in sheets
        ]


def opened(path: Path) -> openpyxl.Workbook:
    return openpyxl.load_workbook(path)


def column(sheet: Worksheet, number: int = 1) -> list[Any]:
    return [sheet.cell(row, number).value for row in range(2, sheet.max_row + 1)]


def test_a_sheet_has_a_bold_frozen_heading_and_a_filter(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    (tally,) = written(path, ("资金", ["年度", Heading("金额", "#,##0.00")], [(2024, 280000.0), (2025, 1.5)]))
    book = opened(path)
    sheet = book["资金"]
    assert [c.value for c in sheet[1]] == ["年度", "金额"]
    assert [c.font.b for c in sheet[1]] == [True, True]
    assert [c.font.b for c in sheet[2]] == [False, False]
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.print_title_rows) == ("A2", "A1:B3", "$1:$1")
    assert [c.number_format for c in sheet[2]] == ["General", "#,##0.00"]
    assert [[c.value for c in row] for row in sheet.iter_rows(min_row=2)] == [[2024, 280000], [2025, 1.5]]
    assert book.properties.created == CREATED
    assert (tally.names, tally.rows, tally.cut, tally.replaced) == (["资金"], 2, 0, 0)


def test_values_have_their_types(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    row = ("文", 3, 2.5, date(2025, 6, 30), datetime(2025, 6, 30, 8, 1, 2), None, date(1899, 12, 31))
    written(path, ("值", list("abcdefg"), [row]))
    cells = opened(path)["值"][2]
    assert [c.data_type for c in cells] == ["s", "n", "n", "d", "d", "n", "s"]
    assert [c.value for c in cells] == [
        "文", 3, 2.5, datetime(2025, 6, 30), datetime(2025, 6, 30, 8, 1, 2), None, "1899-12-31",
    ]  # fmt: skip
    assert [c.number_format for c in cells[3:5]] == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"]


def test_no_text_becomes_a_formula_link_or_number(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    written(path, ("文字", ["=1+1"], [(text,) for text in FORMULAS]))
    with ZipFile(path) as parts:
        sheet = parts.read("xl/worksheets/sheet1.xml").decode()
    assert [word for word in ("<f>", "<hyperlink", "<v>") if word in sheet] == []
    cells = [opened(path)["文字"].cell(row, 1) for row in range(1, len(FORMULAS) + 2)]
    assert {c.data_type for c in cells} == {"s"}
    # openpyxl leaves the escape as it is that Excel takes for the text's own
    assert [str(c.value).replace("_x005F_", "_") for c in cells] == ["=1+1", *FORMULAS]


def test_characters_that_xml_forbids_are_shown_and_counted(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    texts = ["\x00零", "铃\x07\x1b", "\ufffe", "行\r\n行\r行", "制\t表", "𠀀"]
    (tally,) = written(path, ("符", ["文"], [(t,) for t in texts]))
    assert column(opened(path)["符"]) == ["␀零", "铃␇␛", "\ufffd", "行\n行\n行", "制\t表", "𠀀"]
    assert tally.replaced == 3


def test_a_text_is_cut_where_a_cell_is_full(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    texts = ["一二三四五", "一二三四五六", "𠀀𠀀𠀀", "a𠀀𠀀", "𠀀𠀀"]
    (tally,) = written(path, ("长", ["文"], [(t,) for t in texts]), limits=Limits(text=5))
    assert column(opened(path)["长"]) == ["一二三四五", "一二三四…", "𠀀𠀀…", "a𠀀𠀀", "𠀀𠀀"]
    assert tally.cut == 2


def test_the_longest_text_of_excel_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    (tally,) = written(path, ("长", ["文"], [("长" * 32_767,), ("长" * 32_768,)]))
    assert column(opened(path)["长"]) == ["长" * 32_767, "长" * 32_766 + "…"]
    assert tally.cut == 1


@pytest.mark.parametrize(("rows", "parts"), [(0, [0]), (3, [3]), (4, [3, 1]), (7, [3, 3, 1])])
def test_rows_go_on_in_further_sheets(tmp_path: Path, rows: int, parts: list[int]) -> None:
    path = tmp_path / "x.xlsx"
    (tally,) = written(path, ("指标", ["号"], [(n,) for n in range(rows)]), limits=Limits(rows=4))
    book = opened(path)
    names = ["指标", "指标(2)", "指标(3)"][: len(parts)]
    assert (book.sheetnames, tally.names, tally.rows) == (names, names, rows)
    assert [[c.value for c in sheet[1]] for sheet in book] == [["号"]] * len(parts)
    assert [len(column(sheet)) for sheet in book] == parts
    assert [v for sheet in book for v in column(sheet)] == list(range(rows))
    assert [sheet.auto_filter.ref for sheet in book] == [f"A1:A{n + 1}" if n else "A1" for n in parts]


def test_names_that_excel_does_not_take(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    names = ["资金[2024]:*?/\\", "'引'", "History", "a", "A", "a(2)", "长" * 40, "长" * 41, "\x00", "  "]
    written(path, *((name, ["列"], []) for name in names))
    assert opened(path).sheetnames == [
        "资金［2024］：＊？／＼", "’引’", "History(2)", "a", "A(2)", "a(2)(2)",
        "长" * 30 + "…", "长" * 27 + "…(2)", "␀", "表",
    ]  # fmt: skip


def test_widths_count_chinese_double_and_stay_in_bounds(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    headings = ["年", "资金名称", "很长", Heading("金额", "#,##0.00"), "十个汉字的标题在这里"]
    rows = [(2024, "教育资金", "长" * 500, 1234567.5, None), (2025, "义务教育补助经费", "", 1.0, None)]
    written(path, ("宽", headings, rows))
    sheet = opened(path)["宽"]
    # text, the space beside it; headings have room for the filter's arrow; XlsxWriter adds Excel's padding of 5/7
    expected = [8, 16 + 1, 48, len("1,234,567.50") + 1, 20 + 3 + 1]
    widths = [sheet.column_dimensions[letter].width for letter in "ABCDE"]
    assert widths == pytest.approx([w + 0.7109375 for w in expected])


def test_the_same_rows_give_the_same_bytes(tmp_path: Path) -> None:
    sheets = ("资金", ["年度", "日"], [(2024, date(2025, 6, 30))])
    for name in ("a.xlsx", "b.xlsx"):
        written(tmp_path / name, sheets)
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with ZipFile(tmp_path / "a.xlsx") as parts:
        assert {info.date_time[0] for info in parts.infolist()} == {1980}


def test_too_many_columns_are_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="3 columns; a sheet has 2"):
        written(tmp_path / "x.xlsx", ("宽", list("abc"), []), limits=Limits(columns=2))
