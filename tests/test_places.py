"""No number without its place: every stored value of the sample archive is found again in its file.

The file is read here by means of its own (python-docx, pdfplumber, openpyxl, the bytes decoded), not by the parser's
readers, wherever that can be done; the parser's blocks are first shown to print what the file prints. What stands
where on a scan, the generator has noted while it drew it.
"""

import html
import io
import re
import zipfile
from collections.abc import Callable, Iterator
from difflib import SequenceMatcher
from functools import cache

import docx
import openpyxl
import pdfplumber
import pytest
import xlrd

from parsers.formats.decode import decode
from schemas.locations import Box
from schemas.records import FieldPlace, Located, ParsedFile, ParsedReport
from schemas.tables import field_values
from tests import quality
from tests.sample_truth import OCR_FORMATS, RAW, content, entries, folded, scan_lines, unread_here
from tests.samples.printed import old_shown, printed_text, shown

ENTRIES = {entry["source"]: entry for entry in entries()}
FILES = sorted(ENTRIES)
BOOKS, PAGES = ("xlsx", "xls"), ("pdf", "ofd", *OCR_FORMATS)
SLACK = 1.5
"""Points by which a box may miss the edges of its signs."""
NUMBER = re.compile(r"^(?:[一二三四五六七八九十]+、|（[一二三四五六七八九十\d]+）|\d+[.．])")
RECOGNISED = 0.6
"""Likeness of what stands at a place on a scan to what was drawn there: recognition misreads a sign now and then."""

PRINTED = {
    "reports": ("title", "fund_name", "organisation", "commissioner", "evaluator", "region", "grade"),
    "sections": ("numbering", "title"),
    "tables": ("caption",),
    "indicators": ("level1", "level2", "name", "target_text", "actual_text", "reason"),
    "funding": ("item", "amount_text"),
    "projects": ("name", "undertaker", "amount_text", "category", "subcategory"),
    "scores": ("dimension",),
    "remarks": ("text",),
}
"""Columns stored as printed: what stands at their places, put together, is the value."""

NUMBERS = {
    "reports": ("total_score", "fiscal_year"),
    "indicators": ("weight", "score", "score_rate", "reported_completion_rate", "reported_deviation_rate"),
    "funding": ("project_count", "rate"),
    "projects": ("seq",),
    "scores": ("weight", "score", "rate"),
}
"""Columns that are numbers: what stands at their place prints that number."""

FROM_TEXT = {
    "target_value": "target_text", "actual_value": "actual_text", "amount_yuan": "amount_text",
    "report_date": "report_date", "fiscal_year_from": "fiscal_year",
}  # fmt: skip
"""Columns worked out from another column's print: that column has the place."""

STRIPPED = re.compile(
    r"[（(【\[]?(?:权重|分值|满分)?[:：]?\d+(?:\.\d+)?(?:分|%)?[)）】\]]?|^[A-Za-z\d一二三四五六七八九十]{1,3}[.、．]|其中[：:]?|[：:]"
)
"""What forms print around level names, dimensions and items that is no part of them."""


@cache
def parsed(source: str) -> ParsedFile:
    form = ENTRIES[source]["format"]
    if reason := unread_here(form):
        pytest.skip(reason)
    return quality.parsed(content(RAW, source), form)


@cache
def printed(source: str) -> str:
    """All that a file prints, by other means."""
    return printed_text(content(RAW, source), ENTRIES[source])


def at(report: ParsedReport, place: FieldPlace) -> str:
    """The characters that a place points to."""
    block = next(b for b in report.blocks if b.block_no == place.block_no)
    if place.row_no is None:
        text = block.text or ""
    else:
        table = next(t for t in report.tables if t.table_no == block.table_no)
        text = next(c.text for c in table.cells if (c.row, c.col) == (place.row_no, place.column_no))
    assert 0 <= place.char_start <= place.char_end <= len(text), place
    return text[place.char_start : place.char_end]


def rows(report: ParsedReport) -> list[tuple[str, Located]]:
    found: list[tuple[str, Located]] = [("reports", report.report)]
    for table in ("sections", "tables", "indicators", "funding", "projects", "scores", "remarks"):
        found += [(table, row) for row in getattr(report, table)]
    return found


@pytest.mark.parametrize("source", FILES)
def test_every_printed_value_stands_at_its_place(source: str) -> None:
    for report in parsed(source).reports:
        for table, row in rows(report):
            values = field_values(row)
            for column in PRINTED[table]:
                value = values[column]
                places = [place for place in row.places if place.field == column]
                if value is None or (column == "level2" and values["level2_inferred"]):
                    assert not places, (table, column, values)
                    continue
                assert places, f"{table}.{column} has no place: {values}"
                print_ = folded("".join(at(report, place) for place in places))
                assert print_ == folded(value) or STRIPPED.sub("", print_) == STRIPPED.sub("", folded(value)), (
                    table, column, value, print_,
                )  # fmt: skip


@pytest.mark.parametrize("source", FILES)
def test_every_number_is_printed_at_its_place(source: str) -> None:
    for report in parsed(source).reports:
        for table, row in rows(report):
            values = field_values(row)
            for column in NUMBERS.get(table, ()):
                if values[column] is None:
                    continue
                places = [place for place in row.places if place.field == column]
                assert len(places) == 1, f"{table}.{column} has {len(places)} places: {values}"
                digits = re.findall(r"-?\d+(?:\.\d+)?", folded(at(report, places[0])).replace(",", ""))
                told = digits[-1:] if column == "fiscal_year" else digits[:1]  # 2022—2024年: the last year
                assert [float(d) for d in told] == [float(values[column])], (table, column, values)


@pytest.mark.parametrize("source", FILES)
def test_every_derived_number_has_the_place_of_its_print(source: str) -> None:
    for report in parsed(source).reports:
        for table, row in rows(report):
            values = field_values(row)
            for column, origin in FROM_TEXT.items():
                if values.get(column) is not None:
                    assert any(place.field == origin for place in row.places), (table, column, values)


@pytest.mark.parametrize("source", FILES)
def test_every_row_says_where_it_stands(source: str) -> None:
    for report in parsed(source).reports:
        blocks = {block.block_no: block for block in report.blocks}
        for table, row in rows(report):
            assert row.block_no in blocks, (table, row)
            assert row.report_no == report.report.report_no
            if table != "reports":
                assert row.location, (table, row)
            if row.row_no is not None:
                stored = next(t for t in report.tables if t.table_no == row.table_no)
                assert 1 <= row.row_no <= stored.n_rows
            if row.char_start is not None and row.char_end is not None:
                text = blocks[row.block_no or 0].text or ""
                assert 0 <= row.char_start <= row.char_end <= len(text)


@pytest.mark.parametrize("source", [s for s in FILES if s.endswith((".docx", ".txt"))])
def test_blocks_print_what_the_file_prints(source: str) -> None:
    """All text of the blocks, read from the file by other means: no character lost, none invented."""
    ours = "".join(
        (block.text or "")
        if block.kind != "table"
        else "".join(c.text for c in report.tables[(block.table_no or 0) - 1].cells)
        for report in parsed(source).reports
        for block in report.blocks
    )
    data = content(RAW, source)
    if source.endswith(".txt"):
        expected = re.sub(r"\[bookmark:[^\]]*\]", "", decode(data)[0])
        assert folded(ours) == folded(expected.replace("\ufeff", ""))
        return
    printed = folded(ours)
    document = docx.Document(io.BytesIO(data))
    for paragraph in document.paragraphs:
        if paragraph._p.xpath(".//w:del|.//w:ins|.//w:txbxContent|.//w:footnoteReference"):
            continue  # python-docx reads neither tracked changes nor text boxes
        assert folded(paragraph.text) in printed, paragraph.text
    for table in document.tables:
        for cell in table._cells[:400]:
            assert folded(cell.text) in printed, cell.text


@pytest.mark.parametrize(
    "source", [s for s in FILES if ENTRIES[s]["format"] not in {"docx", "txt", "pdf", "ofd", *OCR_FORMATS}]
)
def test_no_block_says_what_the_file_does_not(source: str) -> None:
    for report in parsed(source).reports:
        texts = [block.text or "" for block in report.blocks if block.kind != "table"]
        texts += [cell.text for table in report.tables for cell in table.cells]
        if ENTRIES[source]["format"] == "doc":  # automatic numbers are not among its characters
            texts = [NUMBER.sub("", text) for text in texts]
        assert [t for t in texts if not stands(folded(t), printed(source))] == []


def stands(text: str, print_: str) -> bool:
    """Whether a text stands in print, as one or cut in two by a page."""
    return text in print_ or any(text[:k] in print_ and text[k:] in print_ for k in range(1, len(text)))


# ---- pages and sheets -----------------------------------------------------------------------


@pytest.mark.parametrize("source", [s for s in FILES if ENTRIES[s]["format"] in PAGES])
def test_the_print_stands_in_its_box_on_its_page(source: str) -> None:
    form = ENTRIES[source]["format"]
    said = in_box_of(source)
    checked = 0
    for table, place, text in pointed(parsed(source)):
        assert place.page is not None, (table, place)
        assert place.box is not None, (table, place)
        assert (place.confidence is not None) == (form in OCR_FORMATS), (table, place)
        there = said(place.page, place.box)
        assert alike(text, there) if form in OCR_FORMATS else text in there, (table, place, text, there)
        checked += 1
    assert checked > 20


@pytest.mark.parametrize("source", [s for s in FILES if ENTRIES[s]["format"] in BOOKS])
def test_the_print_stands_in_its_cell_of_its_sheet(source: str) -> None:
    cells = sheet_cells(content(RAW, source), ENTRIES[source]["format"])
    checked = 0
    for table, place, text in pointed(parsed(source)):
        assert place.sheet_cell in cells, (table, place)
        assert text in cells[place.sheet_cell], (table, place, text)
        checked += 1
    assert checked > 20


def pointed(file: ParsedFile) -> Iterator[tuple[str, FieldPlace, str]]:
    """Every place of every row, with what the parser's own blocks print there."""
    for report in file.reports:
        for table, row in rows(report):
            for place in row.places:
                text = folded(at(report, place))
                if text:
                    yield table, place, text


def in_box_of(source: str) -> Callable[[int, Box], str]:
    """A function that gives all that is printed in a box on a page."""
    form = ENTRIES[source]["format"]
    if form in OCR_FORMATS or form == "ofd":
        lines = scan_lines()[source] if form in OCR_FORMATS else ofd_lines(content(RAW, source))
        return lambda page, box: folded("".join(t for p, at_, t in lines if p == page and touches(at_, box)))
    pages = page_lines(content(RAW, source))
    return lambda page, box: folded("".join(c for c, at_ in pages[page] if inside(at_, box)))


def page_lines(data: bytes) -> dict[int, list[tuple[str, Box]]]:
    """The signs of each page line by line, by pdfplumber."""
    found = {}
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            signs = page.dedupe_chars().chars
            signs.sort(key=lambda c: (round(c["bottom"]), c["x0"]))
            found[page.page_number] = [(c["text"], (c["x0"], c["top"], c["x1"], c["bottom"])) for c in signs]
    return found


def ofd_lines(data: bytes) -> list[tuple[int, Box, str]]:
    """Page, box in points and text of each text object, in the order of the file."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for number in range(1, 1 + sum(name.endswith("Content.xml") for name in archive.namelist())):
            page = archive.read(f"Doc_0/Pages/Page_{number - 1}/Content.xml").decode("utf-8")
            for box, text in re.findall(
                r'<ofd:TextObject [^>]*Boundary="([^"]*)".*?<ofd:TextCode[^>]*>([^<]*)<', page
            ):
                x, y, width, height = (float(v) * 72 / 25.4 for v in box.split())
                found.append((number, (x, y, x + width, y + height), html.unescape(text)))
    return found


def inside(sign: Box, box: Box) -> bool:
    x, y = (sign[0] + sign[2]) / 2, (sign[1] + sign[3]) / 2
    return box[0] - SLACK <= x <= box[2] + SLACK and box[1] - SLACK <= y <= box[3] + SLACK


def touches(line: Box, box: Box) -> bool:
    """Whether the middle of either lies in the other: a line of a paragraph may be longer than its part in a value."""
    return inside(line, box) or inside(box, line)


def alike(text: str, there: str) -> bool:
    """Whether most of a text's signs stand there in its order."""
    blocks = SequenceMatcher(None, text, there, autojunk=False).get_matching_blocks()
    return sum(b.size for b in blocks) >= RECOGNISED * len(text)


@cache
def sheet_cells(data: bytes, form: str) -> dict[str | None, str]:
    """What each cell of a workbook shows, by `sheet!cell`."""
    if form == "xlsx":
        book = openpyxl.load_workbook(io.BytesIO(data))
        return {
            f"{sheet.title}!{cell.coordinate}": folded(shown(cell.value, cell.number_format))
            for sheet in book
            for row in sheet.iter_rows()
            for cell in row
        }
    old = xlrd.open_workbook(file_contents=data, formatting_info=True)
    return {
        f"{sheet.name}!{xlrd.formula.cellname(r, c)}": folded(old_shown(old, sheet, r, c))
        for sheet in old.sheets()
        for r in range(sheet.nrows)
        for c in range(sheet.ncols)
    }


def test_the_archive_is_there() -> None:
    assert len(FILES) == 50
    assert {entry["format"] for entry in ENTRIES.values()} >= {
        *PAGES,
        *BOOKS,
        "html",
        "mht",
        "md",
        "doc",
        "rtf",
        "odt",
    }
