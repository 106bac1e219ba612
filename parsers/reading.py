"""The way of one file: bytes -> Document -> reports -> numbered and placed records."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from typing import Any, TypeVar

from numpy.typing import NDArray

from parsers.formats import image, pdf
from parsers.formats.excel import read_excel
from parsers.formats.legacy import read_legacy
from parsers.formats.markdown import read_markdown
from parsers.formats.ofd import read_ofd
from parsers.formats.pages import Recognise
from parsers.formats.recognition import recognition
from parsers.formats.sniff import sniff
from parsers.formats.text import read_text
from parsers.formats.web import read_html, read_mht
from parsers.formats.word import read_word
from parsers.funding import chained, table_funding
from parsers.funding_sentences import sentence_funding
from parsers.headings import Numbered, decimal_number, heading_number
from parsers.identity import identify
from parsers.indicators import table_indicators
from parsers.narratives import narrative_indicators
from parsers.passages import Passage, passages
from parsers.placing import Placer, first_page, funding_in_order, in_order
from parsers.printed import compact, field_places
from parsers.projects import projects
from parsers.remarks import remarks
from parsers.scores import scores
from parsers.sections import Section, outline
from parsers.splitting import split
from parsers.tables import TableReading, read_table
from parsers.verdict import verdict
from parsers.words import distinct_words
from schemas.blocks import Block, Document, Format, Table
from schemas.errors import NotAReport, UnreadableFile
from schemas.records import (
    FieldPlace,
    IndicatorRow,
    Located,
    ParsedFile,
    ParsedReport,
    SectionRow,
    StoredCell,
    TableRow,
)
from schemas.vocabulary import OTHER_TITLE, PERFORMANCE_TITLE

PARSER_VERSION = "3"
"""Raised whenever the same bytes would give other rows: the store then reads them again."""

OCR_THREADS = 2
"""Processor cores that one recognition uses."""

_READERS: dict[Format, Callable[[bytes], Document]] = {
    "docx": read_word,
    "doc": partial(read_legacy, kind="doc"),
    "rtf": partial(read_legacy, kind="rtf"),
    "odt": partial(read_legacy, kind="odt"),
    "xlsx": read_excel,
    "xls": read_excel,
    "ofd": read_ofd,
    "html": read_html,
    "mht": read_mht,
    "markdown": read_markdown,
    "text": read_text,
}
_PICTURE_READERS: dict[Format, Callable[[bytes, Recognise | None], Document]] = {
    "pdf": pdf.read_pdf,
    "image": image.read_image,
}
"""Readers of formats whose pages may be pictures: they take what recognises those."""
_LAW = re.compile(r"^\s*第[一二三四五六七八九十百\d]+条", re.MULTILINE)
_CAPTION_BLOCKS = 3
_HEAD_BLOCKS = 6
_TITLE_LENGTH = 50
_SHORTEST = 60
"""Characters below which a title alone is no report."""

L = TypeVar("L", bound=Located)


def parse_file(data: bytes) -> ParsedFile:
    """All that one file says, pages that are pictures left out (`ParsedFile.pictures` counts them).

    Raises UnreadableFile when the bytes cannot be read and NotAReport when they say nothing
    that jixiao is about.
    """
    return parse_document(read_document(data))


def parse_with_ocr(data: bytes) -> ParsedFile:
    """All that one file says, pictures read by OCR: a second a page. Raises as `parse_file` does."""
    return parse_document(read_document(data, _recognise()))


@cache
def _recognise() -> Recognise:
    """What recognises pictures: its models are loaded once a process, which takes seconds."""
    return recognition(OCR_THREADS)


def read_document(data: bytes, recogniser: Recognise | None = None) -> Document:
    """What one file prints, whatever its format. Raises UnreadableFile."""
    kind = sniff(data)
    if kind in _PICTURE_READERS:
        return _PICTURE_READERS[kind](data, recogniser)
    return _READERS[kind](data)


def page_picture(data: bytes, number: int, dots_per_inch: float) -> NDArray[Any]:
    """A page (from 1) of a PDF or picture file as it is shown: rows of pixels, red, green, blue.

    Raises UnreadableFile, "unsupported" for formats without pages that could be drawn.
    """
    kind = sniff(data)
    if kind == "pdf":
        return pdf.page_picture(data, number, dots_per_inch)
    if kind == "image":
        return image.page_picture(data, number, dots_per_inch)
    raise UnreadableFile("unsupported", f"a page of {kind} cannot be drawn; PDF and pictures can")


def parse_document(document: Document) -> ParsedFile:
    """All that a document says, report by report. Raises NotAReport."""
    readings = _read_tables(document)
    parsed: list[ParsedReport] = []
    for report_no, part in enumerate(split(document, readings), start=1):
        parsed.append(_with_year_of(parsed, parse_report(part, readings, report_no)))
    if not any(_is_report(report) for report in parsed):
        raise NotAReport(
            "no budget-performance report was recognised in it: no title of one, no performance chapters, "
            "no table of indicators; leave the file out, or show it to the maintainers if it is one",
            document.pictures,
        )
    return ParsedFile(
        format=document.format,
        pages=document.pages,
        title=document.title,
        reports=tuple(parsed),
        warnings=document.warnings,
        notes=document.notes,
        pictures=document.pictures,
    )


def parse_report(part: Numbered, readings: Sequence[TableReading], report_no: int) -> ParsedReport:
    """The rows of one report. `readings` are the document's tables, `part` the report's blocks."""
    numbers = {block_no for block_no, _ in part}
    tables = [reading for reading in readings if reading.block_no in numbers]
    sections = outline(part)
    text = passages(part, sections)
    printed = [row for reading in tables for row in table_indicators(reading)]
    stated = list(narrative_indicators(text))
    funding = chained((table_funding(tables), sentence_funding(text, _taken(stated))))
    place = Placer(part, sections, tables, report_no)
    return ParsedReport(
        report=place(replace(identify(part, text, tables, verdict(tables, text)), report_no=report_no)),
        blocks=tuple(place.blocks()),
        sections=tuple(place(row) for row in _section_rows(sections, text)),
        tables=tuple(place(row) for row in _table_rows(tables)),
        indicators=in_order([place(row) for row in (*printed, *stated)], "indicator_no"),
        funding=funding_in_order([place(row) for row in funding]),
        projects=in_order([place(row) for row in projects(tables)], "project_no"),
        scores=in_order([place(row) for row in scores(tables, text)], "score_no"),
        remarks=in_order([place(row) for row in remarks(text, tables)], "remark_no"),
    )


def _with_year_of(before: Sequence[ParsedReport], report: ParsedReport) -> ParsedReport:
    """A form that tells no year is on the year of the form before it in the file: an inference, marked as one."""
    own = report.report
    if not before or own.fiscal_year is not None or before[-1].report.fiscal_year is None:
        return report
    inferred = tuple(sorted({*own.inferred, "fiscal_year"}))
    return replace(report, report=replace(own, fiscal_year=before[-1].report.fiscal_year, inferred=inferred))


def _read_tables(document: Document) -> tuple[TableReading, ...]:
    return tuple(
        read_table(block_no, block, tuple(_above(document, block_no)))
        for block_no, block in document.numbered()
        if isinstance(block, Table)
    )


def _above(document: Document, block_no: int) -> Iterator[tuple[int, Block]]:
    """The blocks over a table, nearest first."""
    for number in range(block_no - 1, max(0, block_no - 1 - _CAPTION_BLOCKS), -1):
        yield number, document.blocks[number - 1]


def _taken(rows: Sequence[IndicatorRow]) -> dict[int, list[tuple[int, int]]]:
    """The characters that sentences' indicators were read from: their figures are no funding."""
    taken: dict[int, list[tuple[int, int]]] = {}
    for row in rows:
        for place in row.places:
            if place.field in ("target_text", "actual_text"):
                taken.setdefault(place.block_no, []).append((place.char_start, place.char_end))
    return taken


def _is_report(report: ParsedReport) -> bool:
    """Whether anything tells that this is a performance report: a title, a table of indicators, or chapters."""
    if any(row.record in ("target", "completion", "score") for row in report.indicators):
        return True
    text = "\n".join(block.text or "" for block in report.blocks)
    lines = [compact(block.text) for block in report.blocks[:_HEAD_BLOCKS] if block.text]
    head = [line for line in lines if len(line) < _TITLE_LENGTH]
    other = any(re.search(OTHER_TITLE, line) for line in head)
    own = any(re.search(PERFORMANCE_TITLE, line) for line in head)
    if len(_LAW.findall(text)) >= 5 or (other and not own):
        return False
    title = compact(report.report.title or "")
    kinds = {section.kind for section in report.sections if section.level == 1}
    if re.search(r"绩效|自评", title) and (len(text) > _SHORTEST or report.tables or kinds - {"other"}):
        return True
    return len(kinds - {"other"}) >= 3 and len(re.findall(r"绩效", compact(text))) >= 5


# ---- rows of the outline and the tables -----------------------------------------------------


def _section_rows(sections: Sequence[Section], text: Sequence[Passage]) -> Iterator[SectionRow]:
    passages_of: dict[int, list[Passage]] = {}
    for passage in text:
        if passage.section:
            passages_of.setdefault(passage.section.section_no, []).append(passage)
    for section in sections:
        inside = passages_of[section.section_no]
        body = [
            p.text[section.title_end :].lstrip("：:。.． ") if p.block_no == section.block_no else p.text
            for p in inside
        ]
        places = [FieldPlace("title", section.block_no, None, None, section.title_start, section.title_end)]
        number = (
            (heading_number(inside[0].text) or decimal_number(inside[0].text)) if section.numbering else None
        )
        if number:
            places.append(FieldPlace("numbering", section.block_no, None, None, *number.span))
        whole = "\n".join(piece for piece in body if piece.strip())
        yield SectionRow(
            section_no=section.section_no, parent_no=section.parent_no, level=section.level,
            numbering=section.numbering, title=section.title, kind=section.kind,
            text=whole, words=distinct_words((section.title, whole)), detected_by=section.detected_by,
            block_no=section.block_no, places=tuple(places),
        )  # fmt: skip


def _table_rows(readings: Sequence[TableReading]) -> Iterator[TableRow]:
    for number, reading in enumerate(readings, start=1):
        table = reading.grid.table
        yield TableRow(
            table_no=number, caption=reading.caption.text if reading.caption else None, kind=reading.kind,
            n_rows=table.n_rows, n_columns=table.n_columns, header_rows=reading.header_rows, columns=reading.roles,
            cells=tuple(
                StoredCell(*cell[:5], first_page(cell.positions), cell.positions) for cell in table.cells
            ),
            block_no=reading.block_no, places=field_places({"caption": reading.caption}),
        )  # fmt: skip
