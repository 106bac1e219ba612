"""Workbooks -> Document: cells as printed, what is left out, and a sheet's grids and lines as Word would give them."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime

import pytest
import xlwt
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.worksheet.worksheet import Worksheet

from parsers.formats import excel_sheet
from parsers.formats.excel import read_excel
from schemas.blocks import Block, Document, Paragraph, Table
from schemas.errors import UnreadableFile
from tests.support_xlsx import saved, workbook

HEAD = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"]
ROW = ["产出指标", "数量指标", "修渠长度", "≥5公里", "5.2公里", 10, 10]
TITLE = "项目支出绩效自评表"


def read(**sheets: list[list[object]]) -> Document:
    return read_excel(saved(workbook(**sheets)))


def outline(blocks: tuple[Block, ...]) -> list[str]:
    """Paragraphs as their text, tables as rows x columns and their first cell."""
    return [f"{b.n_rows}x{b.n_columns} {b.cells[0].text}" if isinstance(b, Table) else b.text for b in blocks]


def rows(block: Block) -> list[list[str]]:
    assert isinstance(block, Table)
    found: dict[int, list[str]] = {}
    for cell in block.cells:
        found.setdefault(cell.row, []).append(cell.text)
    return list(found.values())


def parts_changed(data: bytes, change: Callable[[str, bytes], bytes]) -> bytes:
    """A zip with its members changed."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
    return stream.getvalue()


def sheet_changed(data: bytes, pattern: str, by: str) -> bytes:
    def change(name: str, part: bytes) -> bytes:
        return re.sub(pattern.encode(), by.encode(), part) if name.endswith("sheet1.xml") else part

    return parts_changed(data, change)


# ---- cells ----------------------------------------------------------------------------------


def test_cells_read_as_they_are_printed() -> None:
    book = workbook(S=[HEAD, [1, 0.5, datetime(2023, 12, 31), True, "0012", "甲\r\n乙 ", None]])
    sheet = book["S"]
    sheet["A2"].number_format, sheet["B2"].number_format = "0.00%", "0%"
    sheet["C2"].number_format = 'yyyy"年"m"月"d"日"'
    (table,) = read_excel(saved(book)).blocks
    assert rows(table)[1] == ["100.00%", "50%", "2023年12月31日", "TRUE", "0012", "甲\n乙", ""]


def test_rich_text_is_joined_and_reading_aids_are_dropped() -> None:
    book = workbook(S=[HEAD, ROW])
    book["S"]["C2"] = CellRichText("修渠", TextBlock(InlineFont(b=True), "长度"))
    data = saved(book)
    assert rows(read_excel(data).blocks[0])[1][2] == "修渠长度"
    inline = sheet_changed(
        saved(workbook(S=[HEAD, ROW])),
        r'<c r="C2"[^>]*>.*?</c>',
        '<c r="C2" t="inlineStr"><is><r><t>修_x000D_\n</t></r><r><t>渠_x005F_x</t></r><rPh sb="0" eb="1"><t>xiu</t></rPh></is></c>',
    )
    assert rows(read_excel(inline).blocks[0])[1][2] == "修\n渠_x"


def test_a_formula_reads_as_its_saved_result() -> None:
    data = sheet_changed(
        saved(workbook(S=[HEAD, ROW])), r'<c r="G2"[^>]*>.*?</c>', '<c r="G2"><f>F2*1</f><v>9.5</v></c>'
    )
    document = read_excel(data)
    assert rows(document.blocks[0])[1][6] == "9.5"
    assert document.warnings == ()


def test_a_formula_without_result_is_empty_and_said() -> None:
    document = read(自评表=[HEAD, [*ROW[:6], "=F2"]])
    assert rows(document.blocks[0])[1][6] == ""
    assert len(document.warnings) == 1
    assert "自评表!G2" in document.warnings[0]


def test_an_error_is_printed_and_said() -> None:
    data = sheet_changed(
        saved(workbook(S=[HEAD, ROW])),
        r'<c r="G2"[^>]*>.*?</c>',
        '<c r="G2" t="e"><f>F2/0</f><v>#DIV/0!</v></c>',
    )
    document = read_excel(data)
    assert rows(document.blocks[0])[1][6] == "#DIV/0!"
    assert document.warnings == ()
    assert "S!G2" in document.notes[0]


def test_merged_cells_are_anchors_with_spans_and_places() -> None:
    book = workbook(
        表=[
            ["项目名称", None, "甲项目", None],
            HEAD[:4],
            ["产出", "数量", "a", "1"],
            [None, "质量", "b", "2"],
        ]
    )
    for area in ("A1:B1", "C1:D1", "A3:A4"):
        book["表"].merge_cells(area)
    (table,) = read_excel(saved(book)).blocks
    assert isinstance(table, Table)
    assert [(c.row, c.col, c.row_span, c.col_span, c.text) for c in table.cells[:2]] == [
        (1, 1, 1, 2, "项目名称"),
        (1, 3, 1, 2, "甲项目"),
    ]
    side = next(c for c in table.cells if c.text == "产出")
    assert (side.row, side.row_span, side.positions[0].sheet_cell) == (3, 2, "表!A3")
    assert table.cells[-1].positions[0].sheet_cell == "表!D4"
    assert table.positions[0].sheet_cell == "表!A1"


def test_text_under_a_merged_cell_and_overlapping_merges_do_no_harm() -> None:
    data = sheet_changed(
        saved(workbook(S=[HEAD, ROW])), "</sheetData>",
        '</sheetData><mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="B1:C2"/><mergeCell ref="x"/></mergeCells>',
    )  # fmt: skip
    (table,) = read_excel(data).blocks
    assert rows(table)[0] == ["一级指标", *HEAD[2:]]
    assert rows(table)[1] == [str(value) for value in ROW]


# ---- what is left out -----------------------------------------------------------------------


def test_hidden_sheets_rows_and_columns_are_left_out_and_said() -> None:
    book = workbook(甲=[HEAD, ROW, ["效益指标", "社会效益", "藏", "1", "1", 1, 1]], 参考=[["优"]])
    book["参考"].sheet_state = "veryHidden"
    book["甲"].row_dimensions[3].hidden = True
    book["甲"].column_dimensions["B"].hidden = True
    document = read_excel(saved(book))
    assert rows(document.blocks[0]) == [[HEAD[0], *HEAD[2:]], [str(v) for v in [ROW[0], *ROW[2:]]]]
    assert document.notes == (
        "Hidden sheets were left out: 参考.",
        "Sheet 甲: 1 hidden rows and 1 hidden columns with text were left out.",
    )


def test_a_merged_cell_that_begins_hidden_shows_where_it_goes_on() -> None:
    book = workbook(S=[HEAD, ROW, [None, "质量指标", "合格率", "100%", "100%", 5, 5]])
    book["S"].merge_cells("A2:A3")
    book["S"].row_dimensions[2].hidden = True
    (table,) = read_excel(saved(book)).blocks
    assert rows(table)[1][:2] == ["产出指标", "质量指标"]


@pytest.mark.parametrize(
    "name", ["填表说明", "1.填报说明", "下拉选项", "数据字典", "行业代码表", "hidden1", "填写示例"]
)
def test_sheets_that_instruct_are_left_out_and_named(name: str) -> None:
    document = read(**{"自评表": [HEAD, ROW], name: [["请如实填写"], ["优"]]})
    assert outline(document.blocks) == ["2x7 一级指标"]
    assert document.notes == (f"Sheets of instructions or choices were left out: {name}.",)


@pytest.mark.parametrize(
    "note", ["（本表一式三份，由主管部门留存）", "（样例（甲），供参考）", "注：金额保留两位小数"]
)
def test_a_line_in_brackets_under_a_grid_is_no_row_of_it(note: str) -> None:
    book = workbook(S=[HEAD, ROW, [note]])
    book["S"].merge_cells("A3:G3")
    assert outline(read_excel(saved(book)).blocks) == ["2x7 一级指标", note]


def test_a_workbook_of_one_sheet_is_read_whatever_its_name() -> None:
    assert outline(read(说明=[HEAD, ROW]).blocks) == ["2x7 一级指标"]


def test_text_only_on_hidden_sheets_is_no_report() -> None:
    book = workbook(空=[], 藏=[HEAD, ROW])
    book["藏"].sheet_state = "hidden"
    with pytest.raises(UnreadableFile, match="藏") as caught:
        read_excel(saved(book))
    assert caught.value.category == "empty"


# ---- lines and grids ------------------------------------------------------------------------


def test_lines_over_and_under_a_grid_are_paragraphs() -> None:
    book = workbook(
        表=[
            ["附件2"], [TITLE], ["（2023年度）"], ["填报单位：甲局", None, "填报日期：2024年1月5日", None, None, "单位：万元"], HEAD, ROW,
            ["注：1.如实填写\n2.不得空项"], ["填表人：张三", None, None, "联系电话：123"],
        ]
    )  # fmt: skip
    book["表"].merge_cells("A2:G2")
    document = read_excel(saved(book))
    assert outline(document.blocks) == [
        "附件2", TITLE, "（2023年度）", "填报单位：甲局    填报日期：2024年1月5日    单位：万元", "2x7 一级指标",
        "注：1.如实填写", "2.不得空项", "填表人：张三    联系电话：123",
    ]  # fmt: skip
    line = document.blocks[3]
    assert [(p.sheet_cell, p.char_start) for p in line.positions] == [
        ("表!A4", 0),
        ("表!C4", 11),
        ("表!F4", 29),
    ]


def test_what_begins_a_form_stays_in_its_grid() -> None:
    label = read(S=[[TITLE], ["项目名称"], ["主管部门", "甲局"], HEAD, ROW])
    assert outline(label.blocks) == [TITLE, "4x7 项目名称"]
    part = read(S=[[TITLE], ["一、基本信息"], ["项目名称", "甲项目"], HEAD, ROW])
    assert outline(part.blocks) == [TITLE, "4x7 一、基本信息"]


def test_empty_rows_divide_nothing_by_themselves() -> None:
    document = read(
        S=[
            [TITLE],
            [],
            HEAD,
            [],
            ROW,
            [],
            ["效益指标"],
            ["满意度指标", "满意度", "满意率", "≥90%", "95%", 10, 10],
        ]
    )
    assert outline(document.blocks) == [TITLE, "4x7 一级指标"]


@pytest.mark.parametrize("between", [[], [[]], [[], [], []]])
def test_forms_below_one_another_are_tables_of_their_own(between: list[list[object]]) -> None:
    form: list[list[object]] = [[TITLE], ["项目名称", "甲"], HEAD, ROW]
    assert outline(read(S=[*form, *between, *form]).blocks) == [TITLE, "3x7 项目名称"] * 2


def test_a_head_that_comes_again_behind_an_empty_row_begins_a_table() -> None:
    form: list[list[object]] = [["项目名称", "甲"], HEAD, ROW]
    other: list[list[object]] = [["项目名称", "乙"], HEAD, ROW]
    assert outline(read(S=[*form, [], *other]).blocks) == ["3x7 项目名称"] * 2


def test_forms_side_by_side_are_tables_of_their_own() -> None:
    gap: list[object] = [None]
    document = read(
        S=[
            ["2023年度绩效自评表", *[None] * 7, "2022年度绩效自评表"],
            ["项目名称", "甲", *[None] * 6, "项目名称", "乙"], HEAD + gap + HEAD, ROW + gap + ROW,
        ]
    )  # fmt: skip
    assert outline(document.blocks) == [
        "2023年度绩效自评表",
        "3x7 项目名称",
        "2022年度绩效自评表",
        "3x7 项目名称",
    ]
    assert document.blocks[3].positions[0].sheet_cell == "S!I2"


def test_one_grid_with_an_empty_column_stays_one() -> None:
    document = read(S=[[*HEAD[:5], None, *HEAD[5:], "偏差原因"], [*ROW[:5], None, *ROW[5:], "无"]])
    assert outline(document.blocks) == ["2x9 一级指标"]


def test_words_to_choose_from_beside_a_form_are_no_part_of_it() -> None:
    document = read(S=[[*HEAD, None, None, "优"], [*ROW, None, None, "良"]])
    assert outline(document.blocks) == ["2x7 一级指标", "优", "良"]


def test_running_text_in_cells_is_paragraphs() -> None:
    text = "项目资金安排一千万元，用于修建渠道与管护，年度内全部完成并通过验收，群众反映良好。"
    document = read(S=[["一、项目概况"], [text], [], HEAD, ROW, [], ["二、存在问题"], [text]])
    assert outline(document.blocks) == ["一、项目概况", text, "2x7 一级指标", "二、存在问题", text]


def test_a_sheet_without_title_is_headed_by_its_name_if_that_is_one() -> None:
    document = read(**{"附件2 项目支出绩效自评表": [HEAD, ROW]})
    assert outline(document.blocks) == [TITLE, "2x7 一级指标"]
    assert document.blocks[0].positions[0].sheet_cell == "附件2 项目支出绩效自评表"
    assert outline(read(**{"甲项目": [HEAD, ROW]}).blocks) == ["2x7 一级指标"]
    assert outline(read(**{"绩效自评表": [[TITLE], HEAD, ROW]}).blocks) == [TITLE, "2x7 一级指标"]


def test_text_boxes_follow_the_cells_of_their_sheet() -> None:
    stream = io.BytesIO(saved(workbook(S=[HEAD, ROW])))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing"
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels",
            f'<Relationships><Relationship Id="r1" Type="{kind}" Target="../drawings/d.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/drawings/d.xml",
            '<d xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:p><a:r><a:t>公</a:t></a:r><a:r><a:t>章</a:t></a:r></a:p></d>',
        )
    document = read_excel(stream.getvalue())
    assert outline(document.blocks) == ["2x7 一级指标", "公章"]
    assert document.notes == ("Text boxes were read behind the cells of their sheets: S.",)


def test_fallback_texts_of_shapes_are_not_read() -> None:
    stream = io.BytesIO(saved(workbook(S=[HEAD, ROW])))
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/drawing"
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr(
            "xl/worksheets/_rels/sheet1.xml.rels",
            f'<Relationships><Relationship Id="r1" Type="{kind}" Target="../drawings/d.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/drawings/d.xml",
            '<d xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
            'xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"><mc:AlternateContent><mc:Fallback>'
            "<a:p><a:r><a:t>此形状表示切片器</a:t></a:r></a:p></mc:Fallback></mc:AlternateContent></d>",
        )
    assert outline(read_excel(stream.getvalue()).blocks) == ["2x7 一级指标"]


def test_a_workbook_without_all_its_texts_is_refused() -> None:
    shared = '<c t="s"><v>99</v></c>'
    data = sheet_changed(saved(workbook(S=[HEAD, ROW])), r"<c [^>]*inlineStr[^>]*>.*?</c>", shared)
    with pytest.raises(UnreadableFile, match="lacks texts") as caught:
        read_excel(data)
    assert caught.value.category == "truncated"


@pytest.mark.parametrize("stored", ["NaN", "INF", "1e999"])
def test_a_number_that_is_none_is_shown_as_stored(stored: str) -> None:
    data = sheet_changed(saved(workbook(S=[HEAD, ROW])), "<v>10</v>", f"<v>{stored}</v>")
    assert rows(read_excel(data).blocks[0])[1][5:] == [stored, stored]


# ---- .xls -----------------------------------------------------------------------------------


def old_workbook() -> bytes:
    book = xlwt.Workbook()
    sheet = book.add_sheet("自评表")
    percent, money = xlwt.XFStyle(), xlwt.XFStyle()
    percent.num_format_str, money.num_format_str = "0.00%", '#,##0.00"万元"'
    date = xlwt.XFStyle()
    date.num_format_str = "M/D/YY"  # the built-in 14
    sheet.write_merge(0, 0, 0, 4, TITLE)
    for column, text in enumerate(["项目名称", "预算数", "执行率", "日期", "偏差"]):
        sheet.write(1, column, text)
    sheet.write_merge(2, 3, 0, 0, "甲项目")
    sheet.write(2, 1, 28166, money)
    sheet.write(2, 2, 1, percent)
    sheet.write(2, 3, 45291, date)
    sheet.write(3, 1, True)
    sheet.write(3, 2, 0.30000000000000004)
    sheet.write(4, 1, "藏")
    sheet.row(4).hidden = True
    book.add_sheet("藏").write(0, 0, "x")
    book.get_sheet(1).visibility = 1
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_an_old_workbook_reads_like_a_new_one() -> None:
    document = read_excel(old_workbook())
    assert document.format == "xls"
    assert outline(document.blocks) == [TITLE, "3x5 项目名称"]
    assert rows(document.blocks[1])[1:] == [
        ["甲项目", "28,166.00万元", "100.00%", "2023/12/31", ""],
        ["TRUE", "0.3", "", ""],
    ]
    assert document.notes == (
        "Hidden sheets were left out: 藏.",
        "Sheet 自评表: 1 hidden rows with text were left out.",
    )


def test_an_old_workbook_under_a_password_is_told() -> None:
    begin = bytes.fromhex("0908100000060500aa1fcd07c100010006040000")
    with pytest.raises(UnreadableFile) as caught:
        read_excel(begin + bytes.fromhex("2f000600000001000200") + b"\0" * 64)
    assert caught.value.category == "encrypted"


# ---- bad input ------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.2, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("make", [old_workbook, lambda: saved(workbook(S=[HEAD, ROW]))], ids=["xls", "xlsx"])
def test_a_cut_file_is_told(make: Callable[[], bytes], share: float) -> None:
    data = make()
    with pytest.raises(UnreadableFile) as caught:
        read_excel(data[: int(len(data) * share)])
    assert caught.value.category == "truncated"


def test_an_encrypted_file_is_told() -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(UnreadableFile) as caught:
        read_excel(data)
    assert caught.value.category == "encrypted"


def test_a_zip_without_workbook_is_told() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "x")
    with pytest.raises(UnreadableFile) as caught:
        read_excel(stream.getvalue())
    assert caught.value.category == "unsupported"


def test_an_empty_workbook_is_told() -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_excel(saved(Workbook()))
    assert caught.value.category == "empty"


def test_entities_are_refused() -> None:
    data = sheet_changed(
        saved(workbook(S=[HEAD, ROW])), "<worksheet", '<!DOCTYPE w [<!ENTITY a "b">]><worksheet'
    )
    with pytest.raises(UnreadableFile) as caught:
        read_excel(data)
    assert caught.value.category == "unsupported"


def test_a_zip_bomb_is_too_large() -> None:
    data = sheet_changed(saved(workbook(S=[HEAD, ROW])), "</sheetData>", "</sheetData>" + " " * (32 << 20))
    with pytest.raises(UnreadableFile) as caught:
        read_excel(data)
    assert caught.value.category == "too_large"


def test_a_sheet_is_as_large_as_its_print() -> None:
    book = workbook(S=[HEAD, ROW])
    sheet = book["S"]
    sheet.merge_cells("A1048576:XFD1048576")
    sheet["XFD900000"].number_format = "0.00"
    data = sheet_changed(saved(book), r'<dimension ref="[^"]*"', '<dimension ref="A1:XFD1048576"')
    assert outline(read_excel(data).blocks) == ["2x7 一级指标"]


def diagonal(sheet: Worksheet, length: int) -> None:
    for at in range(1, length + 1):
        sheet.cell(at, at, "x")
        sheet.cell(at, at + 1, "y")


@pytest.mark.parametrize("limit", ["MAX_CELLS", "MAX_CHARACTERS", "MAX_MERGES"])
def test_limits_on_what_a_workbook_holds(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    book = workbook(S=[HEAD, ROW])
    book["S"].merge_cells("A3:B3")
    book["S"].merge_cells("A4:B4")
    monkeypatch.setattr(excel_sheet, limit, 1)
    with pytest.raises(UnreadableFile) as caught:
        read_excel(saved(book))
    assert caught.value.category == "too_large"


def test_scattered_cells_do_not_make_a_huge_table() -> None:
    book = Workbook()
    diagonal(book.worksheets[0], 2_000)
    with pytest.raises(UnreadableFile) as caught:
        read_excel(saved(book))
    assert caught.value.category == "too_large"


def test_the_same_bytes_give_the_same_document() -> None:
    data = saved(workbook(S=[[TITLE], HEAD, ROW]))
    first, second = read_excel(data), read_excel(data)
    assert first == second
    assert [b.positions for b in first.blocks] == [b.positions for b in second.blocks]
    assert isinstance(first.blocks[0], Paragraph)
