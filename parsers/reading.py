"""The way of one file: bytes -> Document -> reports -> numbered and placed records."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from parsers.formats.sniff import sniff
from parsers.formats.text import read_text
from parsers.formats.word import read_word
from parsers.funding import table_funding
from parsers.funding_sentences import sentence_funding
from parsers.identity import identify
from parsers.indicators import table_indicators
from parsers.narratives import narrative_indicators
from parsers.passages import Passage, passages
from parsers.printed import compact
from parsers.projects import projects
from parsers.remarks import remarks
from parsers.scores import scores, verdict
from parsers.sections import Numbered, Section, outline, sections_of
from parsers.splitting import split
from parsers.tables import TableReading, read_table
from schemas.blocks import Block, Document, Heading, Table
from schemas.errors import NotAReport
from schemas.records import (
    BlockRow,
    FieldPlace,
    FundingRow,
    IndicatorRow,
    Located,
    ParsedFile,
    ParsedReport,
    SectionRow,
    StoredCell,
    TableRow,
)

PARSER_VERSION = "1"
"""Raised whenever the same bytes would give other rows: the store then reads them again."""

_READERS = {"docx": read_word, "text": read_text}
_LAW = re.compile(r"^\s*第[一二三四五六七八九十百\d]+条", re.MULTILINE)
_CAPTION_BLOCKS = 3

L = TypeVar("L", bound=Located)


def parse_file(data: bytes) -> ParsedFile:
    """All that one file says.

    Raises UnreadableFile when the bytes cannot be read and NotAReport when they say nothing
    that jixiao is about.
    """
    return parse_document(_READERS[sniff(data)](data))


def parse_document(document: Document) -> ParsedFile:
    """All that a document says, report by report. Raises NotAReport."""
    readings = _read_tables(document)
    parsed = tuple(
        parse_report(part, readings, report_no) for report_no, part in enumerate(split(document, readings), start=1)
    )
    if not any(_is_report(report) for report in parsed):
        raise NotAReport(
            "no budget-performance report was recognised in it: no title of one, no performance chapters, "
            "no table of indicators; leave the file out, or show it to the maintainers if it is one"
        )
    return ParsedFile(
        format=document.format, pages=document.pages, title=document.title, reports=parsed, warnings=document.warnings
    )


def parse_report(part: Numbered, readings: Sequence[TableReading], report_no: int) -> ParsedReport:
    """The rows of one report. `readings` are the document's tables, `part` the report's blocks."""
    numbers = {block_no for block_no, _ in part}
    tables = [reading for reading in readings if reading.block_no in numbers]
    sections = outline(part)
    text = passages(part, sections)
    printed = [row for reading in tables for row in table_indicators(reading)]
    stated = list(narrative_indicators(text, {row.name for row in printed}))
    in_tables = list(table_funding(tables))
    in_text = [
        replace(row, parent_no=row.parent_no and row.parent_no + len(in_tables))
        for row in sentence_funding(text, _taken(stated))
    ]
    place = _Placer(part, sections, tables, report_no)
    return ParsedReport(
        report=place(replace(identify(part, text, tables, verdict(tables, text)), report_no=report_no)),
        blocks=tuple(place.blocks()),
        sections=tuple(place(row) for row in _section_rows(sections, text)),
        tables=tuple(place(row) for row in _table_rows(tables)),
        indicators=_in_order([place(row) for row in (*printed, *stated)], "indicator_no"),
        funding=_funding_in_order([place(row) for row in (*in_tables, *in_text)]),
        projects=_in_order([place(row) for row in projects(tables)], "project_no"),
        scores=_in_order([place(row) for row in scores(tables, text)], "score_no"),
        remarks=_in_order([place(row) for row in remarks(text)], "remark_no"),
    )


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
    text = "\n".join(block.text or "" for block in report.blocks)
    if len(_LAW.findall(text)) >= 5 and not report.indicators:
        return False
    if report.report.title or any(row.record in ("target", "completion", "score") for row in report.indicators):
        return True
    kinds = {section.kind for section in report.sections if section.level == 1}
    return len(kinds - {"other"}) >= 3 and len(re.findall(r"绩效", compact(text))) >= 5


# ---- rows of the outline and the tables -----------------------------------------------------


def _section_rows(sections: Sequence[Section], text: Sequence[Passage]) -> Iterator[SectionRow]:
    for section in sections:
        inside = [p for p in text if section.block_no <= p.block_no < section.end]
        body = [p.text[section.title_end :].lstrip("：:。.． ") if p.block_no == section.block_no else p.text for p in inside]
        start = _numbering_start(inside[0].text, section)
        places = [FieldPlace("title", section.block_no, None, None, section.title_start, section.title_end)]
        if section.numbering:
            places.append(FieldPlace("numbering", section.block_no, None, None, start, section.title_start))
        yield SectionRow(
            section_no=section.section_no, parent_no=section.parent_no, level=section.level,
            numbering=section.numbering, title=section.title, kind=section.kind,
            text="\n".join(piece for piece in body if piece.strip()), detected_by=section.detected_by,
            block_no=section.block_no, places=tuple(places),
        )  # fmt: skip


def _numbering_start(text: str, section: Section) -> int:
    return len(text) - len(text[: section.title_start].lstrip()) - len(text[section.title_start :])


def _table_rows(readings: Sequence[TableReading]) -> Iterator[TableRow]:
    for number, reading in enumerate(readings, start=1):
        table = reading.grid.table
        places = tuple(
            FieldPlace("caption", p.block_no, p.row_no, p.column_no, p.char_start, p.char_end)
            for p in (reading.caption.places if reading.caption else ())
        )
        yield TableRow(
            table_no=number, caption=reading.caption.text if reading.caption else None, kind=reading.kind,
            n_rows=table.n_rows, n_columns=table.n_columns, header_rows=reading.header_rows, columns=reading.roles,
            cells=tuple(
                StoredCell(c.row, c.col, c.row_span, c.col_span, c.text, c.position.page if c.position else None)
                for c in table.cells
            ),
            block_no=reading.block_no, places=places,
        )  # fmt: skip


# ---- numbering and places -------------------------------------------------------------------


class _Placer:
    """Gives rows the section, table, page and printable location of their block."""

    def __init__(
        self, part: Numbered, sections: Sequence[Section], tables: Sequence[TableReading], report_no: int
    ) -> None:
        self.part, self.report_no = part, report_no
        self.block_of = dict(part)
        self.table_of = {reading.block_no: number for number, reading in enumerate(tables, start=1)}
        self.section_of = {block_no: s.section_no for block_no, s in sections_of(part, sections).items()}

    def __call__(self, row: L) -> L:
        if row.block_no is None:
            return replace(row, report_no=self.report_no)
        block = self.block_of[row.block_no]
        start, end = self._span(row)
        placed = replace(
            row, report_no=self.report_no, section_no=row.section_no or self.section_of.get(row.block_no),
            table_no=row.table_no or self.table_of.get(row.block_no), page=block.position.page if block.position else None,
            char_start=start, char_end=end,
        )  # fmt: skip
        return replace(placed, location=_location(placed))

    def _span(self, row: Located) -> tuple[int | None, int | None]:
        """From the first to the last character that a row of running text was read from."""
        own = [p for p in row.places if p.block_no == row.block_no and p.row_no is None]
        if not own:
            return None, None
        return min(p.char_start for p in own), max(p.char_end for p in own)

    def blocks(self) -> Iterator[BlockRow]:
        for block_no, block in self.part:
            is_table = isinstance(block, Table)
            yield BlockRow(
                report_no=self.report_no, block_no=block_no, page=block.position.page if block.position else None,
                kind="table" if is_table else "heading" if isinstance(block, Heading) else "paragraph",
                section_no=self.section_of.get(block_no), table_no=self.table_of.get(block_no),
                text=None if isinstance(block, Table) else block.text,
            )  # fmt: skip


def _location(row: Located) -> str:
    """第3页 表2 第5行; 第12段 for running text."""
    parts = [f"第{row.page}页"] if row.page else []
    if row.table_no:
        parts.append(f"表{row.table_no}")
        if row.row_no:
            parts.append(f"第{row.row_no}行")
    else:
        parts.append(f"第{row.block_no}段")
        if row.char_start is not None and row.char_end is not None:
            parts.append(f"第{row.char_start + 1}–{row.char_end}字")
    return " ".join(parts)


def _position(row: Located) -> tuple[int, int, int]:
    return row.block_no or 0, row.row_no or 0, row.char_start or 0


def _in_order(rows: list[L], number: str) -> tuple[L, ...]:
    """Rows in reading order, numbered from 1."""
    return tuple(replace(row, **{number: index}) for index, row in enumerate(sorted(rows, key=_position), start=1))


def _funding_in_order(rows: list[FundingRow]) -> tuple[FundingRow, ...]:
    """Funding in reading order; parents, given by position in `rows`, follow their rows."""
    order = sorted(range(len(rows)), key=lambda index: _position(rows[index]))
    new_number = {old + 1: new for new, old in enumerate(order, start=1)}
    return tuple(
        replace(rows[old], funding_no=new_number[old + 1], parent_no=new_number.get(rows[old].parent_no or 0))
        for old in order
    )
