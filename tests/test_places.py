"""No number without its place: every stored value of the sample archive is found again in its file.

The file is read here by means of its own (the bytes decoded, or python-docx), not by the parser's readers,
wherever that can be done; the parser's blocks are first shown to print what the file prints.
"""

import re
import unicodedata
from functools import cache
from pathlib import Path

import docx
import pytest

from parsers import parse_file
from parsers.formats.decode import decode
from schemas.records import FieldPlace, Located, ParsedFile, ParsedReport
from schemas.tables import field_values
from tests.quality import RAW

FILES = sorted(
    path.relative_to(RAW).as_posix() for path in RAW.rglob("*") if path.suffix in (".docx", ".txt")
)

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
    return parse_file((RAW / source).read_bytes())


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


def folded(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


@pytest.mark.parametrize("source", FILES)
def test_every_printed_value_stands_at_its_place(source: str) -> None:
    for report in parsed(source).reports:
        for table, row in rows(report):
            values = field_values(row)
            for column in PRINTED[table]:
                value = values[column]
                places = [place for place in row.places if place.field == column]
                if value is None:
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


@pytest.mark.parametrize("source", FILES)
def test_blocks_print_what_the_file_prints(source: str) -> None:
    """All text of the blocks, read from the file by other means: no character lost, none invented."""
    ours = "".join(
        (block.text or "")
        if block.kind != "table"
        else "".join(c.text for c in report.tables[(block.table_no or 0) - 1].cells)
        for report in parsed(source).reports
        for block in report.blocks
    )
    path = RAW / source
    if path.suffix == ".txt":
        expected = re.sub(r"\[bookmark:[^\]]*\]", "", decode(path.read_bytes())[0])
        assert folded(ours) == folded(expected.replace("\ufeff", ""))
        return
    printed = folded(ours)
    document = docx.Document(str(path))
    for paragraph in document.paragraphs:
        if paragraph._p.xpath(".//w:del|.//w:ins|.//w:txbxContent|.//w:footnoteReference"):
            continue  # python-docx reads neither tracked changes nor text boxes
        assert folded(paragraph.text) in printed, paragraph.text
    for table in document.tables:
        for cell in table._cells[:400]:
            assert folded(cell.text) in printed, cell.text


def test_the_archive_is_there() -> None:
    assert len(FILES) == 24
    assert all(isinstance(Path(source), Path) for source in FILES)
