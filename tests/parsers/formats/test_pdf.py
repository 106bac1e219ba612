"""PDFs to pages and Documents: each test is one way in which PDFs are made."""

import io
import itertools
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pdfplumber
import pytest
from numpy.typing import NDArray
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.lib.utils import ImageReader

from parsers.formats import pdfium
from parsers.formats.pages import Grid, Line, Page, Span
from parsers.formats.pdf import page_picture, read_pages, read_pdf
from schemas.blocks import Paragraph
from schemas.errors import UnreadableFile
from tests.bench.bench_pdf import drawn_forms
from tests.conftest import ROOT
from tests.support_pdf import A4, SONG, Drawing, FormCell, draw_form, of_objects

SHARED = sorted((ROOT.parent / "shared" / "reports" / "pdf").glob("*.pdf"))
COLUMNS = (60, 110, 300, 420, 530)
ROWS = (100, 130, 160, 190, 220)
FORM = (
    FormCell(0, 0, 1, 4, "项目支出绩效自评表"),
    FormCell(1, 0, 4, 1, "产\n出\n指\n标"),
    FormCell(1, 1, 2, 2, "培训人数"),
    FormCell(1, 2, 2, 3, "≥120人次"),
    FormCell(1, 3, 2, 4, "126人次"),
    FormCell(2, 1, 3, 2, "设备验收合格率"),
    FormCell(2, 2, 3, 3, "100%"),
    FormCell(2, 3, 3, 4, "98.5%"),
    FormCell(3, 1, 4, 4, "合计"),
)
AS_DRAWN = [(c.row + 1, c.col + 1, c.end_row - c.row, c.end_col - c.col, c.text) for c in FORM]


def cells(page: Page) -> list[tuple[int, int, int, int, str]]:
    """The cells of the page's only table."""
    (grid,) = (item for item in page.items if isinstance(item, Grid))
    return [
        (cell.row, cell.col, cell.row_span, cell.col_span, "\n".join(map(text_of, cell.lines)))
        for cell in grid.cells
    ]


def text_of(line: Line) -> str:
    return "|".join(span.text for span in line.spans)


def lines(page: Page) -> list[str]:
    return [text_of(item) for item in page.items if isinstance(item, Line)]


def only_page(data: bytes) -> Page:
    (page,) = read_pages(data)
    return page


def form(rule: Callable[[Drawing], Callable[[float, float, float, float], None]] | None = None) -> bytes:
    drawing = Drawing()
    draw_form(drawing, COLUMNS, ROWS, FORM, rule(drawing) if rule else None)
    return drawing.bytes()


# ---- rules --------------------------------------------------------------------------------------


def as_filled_rectangles(drawing: Drawing) -> Callable[[float, float, float, float], None]:
    """As Word draws borders: a filled rectangle for each side, and a square for each joint."""

    def rule(x0: float, y0: float, x1: float, y1: float) -> None:
        if y0 == y1:
            drawing.box(x0 + 0.5, y0, x1, y0 + 0.5, fill=1, stroke=0)
        else:
            drawing.box(x0, y0 + 0.5, x0 + 0.5, y1, fill=1, stroke=0)
        drawing.box(x0, y0, x0 + 0.5, y0 + 0.5, fill=1, stroke=0)

    return rule


def as_thick_bars(drawing: Drawing) -> Callable[[float, float, float, float], None]:
    def rule(x0: float, y0: float, x1: float, y1: float) -> None:
        drawing.box(x0 - 1.1, y0 - 1.1, x1 + 1.1, y1 + 1.1, fill=1, stroke=0)

    return rule


def as_dashes(drawing: Drawing) -> Callable[[float, float, float, float], None]:
    drawing.canvas.setDash(2, 2)
    return drawing.line


def as_one_path(drawing: Drawing) -> Callable[[float, float, float, float], None]:
    """All pieces of a side by side in one path object, with a gap in it."""

    def rule(x0: float, y0: float, x1: float, y1: float) -> None:
        path = drawing.canvas.beginPath()
        path.moveTo(x0, drawing.height - y0)
        path.lineTo((x0 + x1) / 2, drawing.height - (y0 + y1) / 2)
        path.moveTo((x0 + x1) / 2, drawing.height - (y0 + y1) / 2)
        path.lineTo(x1, drawing.height - y1)
        drawing.canvas.drawPath(path)

    return rule


def as_double_lines(drawing: Drawing) -> Callable[[float, float, float, float], None]:
    def rule(x0: float, y0: float, x1: float, y1: float) -> None:
        for off in (-1, 1):
            across = off if y0 == y1 else 0
            drawing.line(x0 + off - across, y0 + across, x1 + off - across, y1 + across)

    return rule


def as_rings(drawing: Drawing) -> Callable[[float, float, float, float], None]:
    """Each side as the thin ring between two rectangles, filled by the even-odd rule."""

    def rule(x0: float, y0: float, x1: float, y1: float) -> None:
        path = drawing.canvas.beginPath()
        path.rect(x0 - 0.5, drawing.height - y1 - 0.5, x1 - x0 + 1, y1 - y0 + 1)
        path.rect(x0, drawing.height - y1, x1 - x0, y1 - y0)
        drawing.canvas.drawPath(path, fill=1, stroke=0, fillMode=0)

    return rule


@pytest.mark.parametrize(
    "rule", [None, as_filled_rectangles, as_thick_bars, as_dashes, as_one_path, as_double_lines, as_rings]
)
def test_a_form_is_read_however_its_rules_are_drawn(
    rule: Callable[[Drawing], Callable[[float, float, float, float], None]] | None,
) -> None:
    assert cells(only_page(form(rule))) == AS_DRAWN


def test_cells_drawn_as_outlined_rectangles() -> None:
    drawing = Drawing()
    draw_form(drawing, COLUMNS, ROWS, FORM, lambda *_: None)
    for row, col, end_row, end_col, _ in FORM:
        drawing.box(COLUMNS[col], ROWS[row], COLUMNS[end_col], ROWS[end_row])
    assert cells(only_page(drawing.bytes())) == AS_DRAWN


def test_a_form_in_a_form_object() -> None:
    drawing = Drawing()
    drawing.canvas.beginForm("inner")
    draw_form(drawing, COLUMNS, ROWS, FORM)
    drawing.canvas.endForm()
    drawing.canvas.translate(10, -20)
    drawing.canvas.doForm("inner")
    page = only_page(drawing.bytes())
    assert cells(page) == AS_DRAWN
    assert page.items[0].box == pytest.approx((70, 120, 540, 240), abs=0.6)


def test_white_rules_divide_only_what_is_coloured() -> None:
    drawing = Drawing()
    drawing.canvas.setStrokeColorRGB(1, 1, 1)
    draw_form(drawing, COLUMNS, ROWS, FORM)
    assert not any(isinstance(item, Grid) for item in only_page(drawing.bytes()).items)

    drawing = Drawing()
    drawing.canvas.setFillColorRGB(0.8, 0.9, 1)
    drawing.box(COLUMNS[0], ROWS[0], COLUMNS[-1], ROWS[-1], fill=1, stroke=0)
    drawing.canvas.setFillColorRGB(0, 0, 0)
    drawing.canvas.setStrokeColorRGB(1, 1, 1)
    draw_form(drawing, COLUMNS, ROWS, FORM)
    assert cells(only_page(drawing.bytes())) == AS_DRAWN


def test_transparent_rules_are_none() -> None:
    drawing = Drawing()
    drawing.canvas.setStrokeAlpha(0)
    draw_form(drawing, COLUMNS, ROWS, FORM)
    assert not any(isinstance(item, Grid) for item in only_page(drawing.bytes()).items)


def test_shading_behind_a_cell_divides_nothing() -> None:
    drawing = Drawing()
    drawing.canvas.setFillColorRGB(0.9, 0.9, 0.9)
    drawing.box(115, 135, 200, 147, fill=1, stroke=0)
    drawing.canvas.setFillColorRGB(0, 0, 0)
    draw_form(drawing, COLUMNS, ROWS, FORM)
    assert cells(only_page(drawing.bytes())) == AS_DRAWN


def test_rules_divide_text_that_stands_close() -> None:
    """Two cells without a space between: one run of glyphs in the file."""
    drawing = Drawing()
    grid = (FormCell(0, 0, 1, 1, ""), FormCell(0, 1, 1, 2, ""))
    draw_form(drawing, (60, 100, 140), (100, 130), grid)
    drawing.text(60, 120, "预算执行结余资金")
    assert cells(only_page(drawing.bytes())) == [(1, 1, 1, 1, "预算执行"), (1, 2, 1, 1, "结余资金")]


# ---- the page -----------------------------------------------------------------------------------


def turned(quarters: int, **page: Any) -> bytes:
    """The form drawn turned counter-clockwise on a page of the size it then needs."""
    wide, high = A4
    size = (high, wide) if quarters % 2 else A4
    drawing = Drawing(size, **page)
    canvas = drawing.canvas
    drawing.height = high
    canvas.translate(*{0: (0, 0), 1: (high, 0), 2: (wide, high), 3: (0, wide)}[quarters])
    canvas.rotate(90 * quarters)
    drawing.text(60, 60, "附件")
    draw_form(drawing, COLUMNS, ROWS, FORM)
    return drawing.bytes()


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("said", [False, True], ids=["page unturned", "page turned back"])
def test_a_turned_page_is_read_upright(quarters: int, said: bool) -> None:
    page = only_page(
        turned(quarters, pageRotation=0) if not said else with_rotation(turned(quarters), 90 * quarters)
    )
    assert (page.width, page.height) == A4
    assert lines(page) == ["附件"]
    assert cells(page) == AS_DRAWN
    assert page.items[1].box == pytest.approx((60, 100, 530, 220), abs=0.6)


@pytest.mark.parametrize("said", [0, 90, 180, 270])
@pytest.mark.parametrize("quarters", range(4))
def test_boxes_are_of_the_page_as_the_file_shows_it(quarters: int, said: int) -> None:
    data = with_rotation(turned(quarters, pageRotation=0), said)
    found = [block for block in read_pdf(data).blocks if isinstance(block, Paragraph)]
    (box,) = (position.box for block in found for position in block.positions)
    assert box is not None
    left, top, right, bottom = (round(value) for value in box)
    ink = (page_picture(data, 1, 72.0) < 128).any(axis=2)
    assert min(ink.shape) == 595
    around = ink[top - 4 : bottom + 4, left - 4 : right + 4].sum()
    assert around == ink[max(top - 15, 0) : bottom + 15, max(left - 15, 0) : right + 15].sum() > 20


def with_rotation(data: bytes, degrees: int) -> bytes:
    return data.replace(b"/Rotate 0", f"/Rotate {degrees}".encode())


def test_positions_count_from_the_crop_box() -> None:
    drawing = Drawing(cropBox=(50, 100, 545, 800))
    draw_form(drawing, COLUMNS, ROWS, FORM)
    drawing.text(300, 20, "裁去的页眉")
    page = only_page(drawing.bytes())
    assert (page.width, page.height) == (495, 700)
    assert lines(page) == []
    assert page.items[0].box == pytest.approx((10, 58, 480, 178), abs=0.6)


def test_a_label_turned_sideways_keeps_its_order() -> None:
    drawing = Drawing()
    draw_form(drawing, COLUMNS, ROWS, [cell for cell in FORM if "\n" not in cell.text])
    drawing.box(COLUMNS[0], ROWS[1], COLUMNS[1], ROWS[4])
    drawing.canvas.saveState()
    drawing.canvas.translate(90, drawing.height - 210)
    drawing.canvas.rotate(90)
    drawing.canvas.drawString(0, 0, "效益指标")
    drawing.canvas.restoreState()
    assert [cell for cell in cells(only_page(drawing.bytes())) if cell[1] == 1] == [
        (1, 1, 1, 4, "项目支出绩效自评表"),
        (2, 1, 3, 1, "效益指标"),
    ]


# ---- text ---------------------------------------------------------------------------------------


def test_text_drawn_glyph_by_glyph() -> None:
    drawing = Drawing()
    for index, char in enumerate("绩效目标完成情况"):
        drawing.text(60 + 10 * index, 100, char)
    assert lines(only_page(drawing.bytes())) == ["绩效目标完成情况"]


@pytest.mark.parametrize("whole", [True, False], ids=["run by run", "glyph by glyph"])
def test_bold_by_overprinting_is_read_once(whole: bool) -> None:
    drawing = Drawing()
    words = "一二三级指标"
    for part, x in [(words, 60.0)] if whole else [(char, 60.0 + 10 * at) for at, char in enumerate(words)]:
        for off in (0, 0.3, 0.6):
            drawing.text(x + off, 100, part)
    assert lines(only_page(drawing.bytes())) == ["一二三级指标"]


def test_the_same_characters_side_by_side_are_kept() -> None:
    drawing = Drawing()
    drawing.text(60, 100, "天天向上1100011")
    assert lines(only_page(drawing.bytes())) == ["天天向上1100011"]


def test_spaces_between_latin_words_stay_and_pdfium_adds_none_between_ideographs() -> None:
    drawing = Drawing()
    drawing.text(60, 100, "Office 365", font="Helvetica")
    drawing.text(60, 120, "预算")
    drawing.text(83, 120, "500")
    drawing.text(101, 120, "万元")
    assert lines(only_page(drawing.bytes())) == ["Office 365", "预算500万元"]


def test_a_wide_gap_divides_a_line() -> None:
    drawing = Drawing()
    drawing.text(60, 100, "单位：甲局")
    drawing.text(300, 100, "金额：万元")
    page = only_page(drawing.bytes())
    assert lines(page) == ["单位：甲局|金额：万元"]


def test_a_raised_character_stays_on_its_line() -> None:
    drawing = Drawing()
    drawing.text(60, 100, "改造面积500m", 12)
    drawing.text(60 + 12 * 4 + 6 * 3 + 10, 96, "2", 7)
    assert lines(only_page(drawing.bytes())) == ["改造面积500m2"]


def test_pdfium_space_before_a_raised_latin_digit_is_dropped() -> None:
    drawing = Drawing()
    drawing.text(60, 100, "500m", 12, "Helvetica")
    drawing.text(60 + 12 * (3 * 0.556 + 0.833), 95, "2", 7, "Helvetica")
    assert lines(only_page(drawing.bytes())) == ["500m2"]


def test_columns_of_vertical_writing_are_read_from_the_right() -> None:
    drawing = Drawing()
    grid = (FormCell(0, 0, 1, 1, "备注"), FormCell(0, 1, 1, 2, ""))
    draw_form(drawing, (60, 100, 160), (100, 180), grid)
    for column, words in enumerate(("延期原因说明", "见附件")):
        for row, char in enumerate(words):
            drawing.text(145 - 14 * column, 112 + 11 * row, char)
    assert cells(only_page(drawing.bytes())) == [(1, 1, 1, 1, "备注"), (1, 2, 1, 1, "延期原因说明见附件")]


@pytest.mark.parametrize("degrees", [90, -90])
def test_lines_of_a_label_turned_sideways_keep_their_order(degrees: int) -> None:
    drawing = Drawing()
    draw_form(
        drawing,
        (60, 100, 260),
        (100, 180),
        [FormCell(0, 0, 1, 1, ""), FormCell(0, 1, 1, 2, "目标完成情况说明")],
    )
    drawing.canvas.saveState()
    drawing.canvas.translate(80, drawing.height - 140)
    drawing.canvas.rotate(degrees)
    for number, words in enumerate(("效益指标", "30分")):
        drawing.canvas.drawString(-30, 2 - 12 * number, words)
    drawing.canvas.restoreState()
    assert cells(only_page(drawing.bytes())) == [
        (1, 1, 1, 1, "效益指标30分"),
        (1, 2, 1, 1, "目标完成情况说明"),
    ]


def test_hyphen_at_the_end_of_a_line() -> None:
    drawing = Drawing()
    drawing.text(60, 100, "self-", font="Helvetica")
    drawing.text(60, 112, "evaluation", font="Helvetica")
    assert lines(only_page(drawing.bytes())) == ["self-", "evaluation"]


def test_watermarks_are_left_out_and_said() -> None:
    drawing = Drawing()
    canvas = drawing.canvas
    drawing.text(60, 100, "正文")
    canvas.saveState()
    canvas.translate(150, 300)
    canvas.rotate(45)
    canvas.setFillColorRGB(0.8, 0.8, 0.8)
    canvas.setFont(SONG, 60)
    canvas.drawString(0, 0, "内部资料")
    canvas.restoreState()
    canvas.saveState()
    canvas.setFillAlpha(0.3)
    drawing.text(100, 500, "征求意见稿", 50)
    canvas.restoreState()
    data = drawing.bytes()
    assert lines(only_page(data)) == ["正文"]
    assert read_pdf(data).notes == ("watermarks were left out: 内部资料、征求意见稿",)


def test_large_dark_and_small_pale_text_is_no_watermark() -> None:
    drawing = Drawing()
    drawing.text(60, 100, "封面标题", 40)
    drawing.canvas.setFillColorRGB(0.8, 0.8, 0.8)
    drawing.text(60, 200, "浅色小字")
    assert lines(only_page(drawing.bytes())) == ["封面标题", "浅色小字"]


def test_form_fields_are_read_as_printed() -> None:
    drawing = Drawing()
    drawing.text(60, 100, "联系电话")
    drawing.canvas.acroForm.textfield(value="0991-123456", x=120, y=A4[1] - 110, width=200, height=20)
    assert "".join(lines(only_page(drawing.bytes()))).replace("|", "") == "联系电话0991-123456"


def test_lines_overprinted_as_a_block_are_read_once() -> None:
    drawing = Drawing()
    for off in (0, 0.4):
        for row in range(12):
            drawing.text(60 + off, 100 + 15 * row, f"第{row}条 加强预算管理")
    assert lines(only_page(drawing.bytes())) == [f"第{row}条 加强预算管理" for row in range(12)]


# ---- files --------------------------------------------------------------------------------------


def picture(width: int = 200, height: int = 280) -> ImageReader:
    from PIL import Image  # noqa: PLC0415

    return ImageReader(Image.new("RGB", (width, height), (250, 250, 245)))


def scan(pages: int, text: str = "", mode: int = 0) -> bytes:
    drawing = Drawing()
    for _ in range(pages):
        drawing.canvas.drawImage(picture(), 0, 0, *A4)
        if text:
            line = drawing.canvas.beginText(60, 700)
            line.setFont(SONG, 10)
            line.setTextRenderMode(mode)
            line.textLine(text)
            drawing.canvas.drawText(line)
        drawing.next_page()
    return drawing.bytes()


def test_pages_that_are_pictures_are_counted_and_named() -> None:
    drawing = Drawing()
    drawing.text(60, 100, "绩效自评报告")
    drawing.next_page()
    drawing.canvas.drawImage(picture(), 0, 0, *A4)
    document = read_pdf(drawing.bytes())
    assert (document.pages, document.pictures) == (2, 1)
    assert document.warnings == ("page 2 holds only a picture; to have it read: pip install 'jixiao[ocr]'",)


def test_a_scan_needs_ocr() -> None:
    with pytest.raises(
        UnreadableFile, match=r"the 3 pages are pictures; to have them read: pip install 'jixiao\[ocr\]'"
    ) as found:
        read_pdf(scan(3))
    assert found.value.category == "missing_tool"


def test_pictures_are_given_to_be_recognised() -> None:
    asked = []

    def recognise(pixels: NDArray[Any], number: int, width: float, height: float) -> Page:
        asked.append((pixels.shape, tuple(pixels[5, 5]), number, width, height))
        line = Span("认出的字", 60, 100, 100, 110, 0.9)
        return Page(number, width, height, (Line((line,), line[1:5]),))

    document = read_pdf(scan(2, "第1页"), recognise)
    assert asked == [((2339, 1653, 3), (250, 250, 245), number, *A4) for number in (1, 2)]
    assert (document.pictures, document.warnings) == (0, ())
    assert "认出的字" in str(document.blocks)


def test_the_invisible_layer_of_an_earlier_ocr_is_read_and_said() -> None:
    text = "本项目年初预算五百万元，全年执行四百八十万元，执行率百分之九十六，资金到位及时，支出合规，未发现挤占挪用。"
    document = read_pdf(scan(1, text, 3))
    assert "未发现挤占挪用" in str(document.blocks)
    assert document.warnings == (
        "page 1 holds a scan with the text of an earlier OCR, which was read as it is, unchecked",
    )


def test_text_that_does_not_show_is_left_out_and_said() -> None:
    drawing = Drawing()
    drawing.text(60, 100, "实际得分92")
    line = drawing.canvas.beginText(115, 742)
    line.setFont(SONG, 10)
    line.setTextRenderMode(3)
    line.textOut("隐去的字")
    line.setTextRenderMode(0)
    drawing.canvas.drawText(line)
    drawing.canvas.setFillColorRGB(1, 1, 1)
    drawing.text(60, 200, "白纸白字")
    drawing.canvas.setFillColorRGB(0.2, 0.3, 0.6)
    drawing.box(50, 280, 300, 320, fill=1)
    drawing.canvas.setFillColorRGB(1, 1, 1)
    drawing.text(60, 300, "蓝底白字")
    data = drawing.bytes()
    document = read_pdf(data)
    assert lines(only_page(data)) == ["实际得分92", "蓝底白字"]
    assert document.notes == ("page 1 holds text that does not show, which was left out",)


def test_a_page_of_outlines_is_a_picture() -> None:
    drawing = Drawing()
    for at in range(400):
        drawing.canvas.bezier(at, 100, at + 1, 120, at + 2, 130, at + 3, 100)
    with pytest.raises(UnreadableFile, match="the only page is a picture"):
        read_pdf(drawing.bytes())


def test_blank_pages_hold_nothing() -> None:
    drawing = Drawing()
    drawing.next_page()
    with pytest.raises(UnreadableFile) as found:
        read_pdf(drawing.bytes())
    assert found.value.category == "empty"


def test_fonts_that_do_not_name_their_characters() -> None:
    """A Type 3 font whose glyphs have names of their own: drawn, but nobody knows what."""
    data = nameless_font(60)
    with pytest.raises(UnreadableFile, match="the fonts of the PDF do not say") as found:
        read_pdf(data)
    assert found.value.category == "missing_tool"


def nameless_font(count: int) -> bytes:
    """A page of `count` glyphs that a font draws as squares and calls /a1."""
    glyph = b"600 0 0 0 500 500 d1 0 0 500 500 re f"
    content = b"BT /F1 10 Tf 60 700 Td <" + b"01" * count + b"> Tj ET"
    return of_objects(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type3/FontBBox[0 0 600 600]/FontMatrix[.001 0 0 .001 0 0]/FirstChar 1/LastChar 1"
        b"/Widths[600]/Encoding<</Differences[1/a1]>>/CharProcs<</a1 6 0 R>>/Resources<<>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(glyph), glyph),
    )


def test_encrypted_with_a_password() -> None:
    drawing = Drawing(encrypt=StandardEncryption("geheim", ownerPassword="owner"))
    drawing.text(60, 100, "密")
    with pytest.raises(UnreadableFile) as found:
        read_pdf(drawing.bytes())
    assert found.value.category == "encrypted"


def test_protected_against_editing_only() -> None:
    drawing = Drawing(encrypt=StandardEncryption("", ownerPassword="owner", canCopy=0))
    drawing.text(60, 100, "公开文本")
    assert "公开文本" in str(read_pdf(drawing.bytes()).blocks)


@pytest.mark.parametrize(
    ("data", "category"),
    [
        (form()[:300], "truncated"),
        (b"%PDF-1.7\n" + b"\0" * 500, "truncated"),
        (b"PK\x03\x04 not a pdf", "unsupported"),
        (b"", "unsupported"),
        (of_objects(b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[]/Count 0>>"), "empty"),
    ],
    ids=["cut", "zeros", "another format", "no bytes", "no pages"],
)  # fmt: skip
def test_files_that_cannot_be_read(data: bytes, category: str) -> None:
    with pytest.raises(UnreadableFile) as found:
        read_pdf(data)
    assert found.value.category == category


def test_a_damaged_page_costs_that_page() -> None:
    content = b"BT /F1 10 Tf 60 700 Td (Budget 2024) Tj ET"
    page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
    data = of_objects(
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R 6 0 R 3 0 R]/Count 3>>",
        page,
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        b"(no page)",
    )
    document = read_pdf(data)
    assert document.warnings == ("page 2 holds nothing that could be opened: the file is damaged there",)
    assert [page.number for page in read_pages(data)] == [1, 3]


def test_a_page_that_cannot_be_drawn_costs_that_page() -> None:
    def recognise(pixels: NDArray[Any], number: int, width: float, height: float) -> Page:
        raise AssertionError("nothing was drawn")

    drawing = Drawing()
    drawing.text(60, 100, "绩效自评报告")
    drawing.next_page()
    drawing.canvas.drawImage(picture(), 0, 0, *A4)
    broken = UnreadableFile("truncated", "a page of the PDF cannot be drawn")
    with patch.object(pdfium.Sheet, "picture", side_effect=broken):
        document = read_pdf(drawing.bytes(), recognise)
    assert "绩效自评报告" in str(document.blocks)
    assert document.warnings == ("page 2 holds nothing that could be opened: the file is damaged there",)


def test_a_file_without_its_end_is_said_to_be_cut() -> None:
    data = form().replace(b"%%EOF", b"")
    assert read_pdf(data).warnings[0] == "the file does not end as a PDF does; what came last may be missing"


def test_more_pages_than_the_limit() -> None:
    drawing = Drawing()
    for _ in range(4):
        drawing.text(60, 100, "页")
        drawing.next_page()
    with (
        patch.object(pdfium, "MAX_PAGES", 3),
        pytest.raises(UnreadableFile, match="4 pages, more than 3") as found,
    ):
        read_pdf(drawing.bytes())
    assert found.value.category == "too_large"


def test_a_page_of_absurd_size_is_drawn_coarsely() -> None:
    drawing = Drawing((14_000, 14_000))
    drawing.canvas.drawImage(picture(), 0, 0, 14_000, 14_000)
    seen = []

    def recognise(pixels: NDArray[Any], number: int, width: float, height: float) -> Page:
        seen.append(pixels.shape)
        return Page(number, width, height, ())

    with pytest.raises(UnreadableFile):
        read_pdf(drawing.bytes(), recognise)
    assert seen == [(5000, 5000, 3)]


def test_the_same_bytes_give_the_same_document() -> None:
    data = form(as_filled_rectangles)
    assert read_pdf(data) == read_pdf(data)


# ---- against pdfplumber ---------------------------------------------------------------------


@pytest.mark.parametrize("path", SHARED or [None], ids=lambda path: path.stem if path else "none")
def test_no_cell_of_a_real_report_is_missing(path: Path | None) -> None:
    if path is None:
        pytest.skip("../shared/reports/pdf is not here")
    assert missing_cells(path.read_bytes()) == []


@pytest.mark.parametrize("rectangles", [False, True], ids=["lines", "rectangles"])
def test_no_cell_of_a_drawn_form_is_missing(rectangles: bool) -> None:
    data = drawn_forms(2, rectangles)
    assert missing_cells(data) == []
    assert [len(list(own_cells(page))) for page in read_pages(data)] == [169, 169]


def missing_cells(data: bytes) -> list[object]:
    """The cells that pdfplumber finds and we do not, at the same place with the same characters."""
    missing: list[object] = []
    with pdfplumber.open(io.BytesIO(data)) as theirs:
        for page, their_page in zip(read_pages(data), theirs.pages, strict=True):
            own = {rounded(box): text for box, text in own_cells(page)}
            for table in their_page.find_tables():
                places = [cell for row in table.rows for cell in row.cells]
                for box, text in zip(places, itertools.chain(*table.extract()), strict=True):
                    if box is not None and own.get(rounded(box)) != squeezed(text or ""):
                        missing.append((page.number, box, text))
    return missing


def own_cells(page: Page) -> Iterator[tuple[tuple[float, float, float, float], str]]:
    for item in page.items:
        if isinstance(item, Grid):
            for cell in item.cells:
                yield cell.box, squeezed("".join(text_of(line).replace("|", "") for line in cell.lines))


def rounded(box: tuple[float, float, float, float]) -> tuple[int, ...]:
    return tuple(round(value / 4) for value in box)


def squeezed(text: str) -> str:
    return "".join(text.split())
