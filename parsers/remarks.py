"""Experiences, problems, reasons and recommendations, one row an item."""

import re
from collections.abc import Iterator, Sequence

from parsers.grid import Grid
from parsers.headings import heading_number
from parsers.indicators import level_label
from parsers.passages import Passage
from parsers.printed import Printed, compact, field_places
from parsers.tables import TableReading
from parsers.unnumbered import NOTES
from schemas.blocks import Cell
from schemas.records import RemarkKind, RemarkRow, SectionKind
from schemas.vocabulary import HINT_TEXT, NO_REASON, REMARK_ROWS, UNIT_NOTE

_KINDS: dict[SectionKind, RemarkKind] = {
    "experience": "experience", "problems": "problem", "deviation": "deviation", "recommendations": "recommendation",
}  # fmt: skip
_NOTHING = re.compile(
    r"(?:无|没有|暂无|不涉及|不存在|未发现问题|无其[他它].*|无[^，,]{0,12}|.{0,24}(?:无|没有|未出现|不存在)(?:明显)?(?:偏差|偏离|问题|未完成)(?:情况|的?指标)?)[。.]?"
)
_CLOSING = re.compile(r"(?:特此|专此)(?:报告|说明|汇报|函告|函复|上报)[。.]?|以上报告.{0,12}[。.]?")
"""The last line of a letter."""
_POINT = re.compile(r"(?<![\u4e00-\u9fff])[一二三四五六七八九十]是")
_ADVICE = re.compile(r"建议")
_LEAD_IN = re.compile(r".{0,40}(?:如下|以下|几个方面|方面的?问题)[^。]{0,8}[：:。]?")


def remarks(passages: Sequence[Passage], readings: Sequence[TableReading] = ()) -> Iterator[RemarkRow]:
    """The items of chapters on experience, problems, deviation and recommendations, and of such rows of forms.

    A numbered paragraph is an item; one without a number that follows it carries it on.
    In a chapter of several kinds a paragraph that advises is a recommendation.
    """
    item: list[Passage] = []
    in_notes = False
    for passage in passages:
        in_notes = not passage.is_title and (in_notes or bool(NOTES.fullmatch(compact(passage.text))))
        kind = _KINDS.get(passage.kind) if passage.kind and not in_notes else None
        number = None if passage.is_title else heading_number(passage.text)
        goes_on = (
            bool(item)
            and not in_notes
            and item[0].section == passage.section
            and number is None
            and not passage.is_title
        )
        if goes_on and heading_number(item[0].text) is not None:
            item += [] if _is_empty(passage) else [passage]
            continue
        yield from _remark(item)
        item = [] if kind is None or passage.is_title or _is_empty(passage) else [passage]
    yield from _remark(item)
    yield from _of_forms(readings)


def _of_forms(readings: Sequence[TableReading]) -> Iterator[RemarkRow]:
    """The remarks of rows of forms that hold a label and a text (「改进措施 | 提前落实场地。」), each line with a number an item."""
    for reading in readings:
        headers = {row for r in reading.regions for row in range(r.header.first_row, r.header.last_row + 1)}
        for row in range(1, reading.grid.table.n_rows + 1):
            cells = [cell for cell in reading.grid.rows[row - 1] if compact(cell.text)]
            if row in headers or len(cells) != 2 or cells[1].row != row or cells[0].row != row:
                continue
            label = compact(cells[0].text).rstrip("：:")
            kind = next((kind for kind, pattern in REMARK_ROWS if re.fullmatch(pattern, label)), None)
            if kind:
                yield from _of_cell(reading.grid, cells[1], kind)


def _of_cell(grid: Grid, cell: Cell, kind: RemarkKind) -> Iterator[RemarkRow]:
    text = compact(cell.text)
    if _NOTHING.fullmatch(text) or re.fullmatch(NO_REASON, text) or re.fullmatch(HINT_TEXT, text):
        return
    lines = list(re.finditer(r"[^\n]+", cell.text))
    starts = [0, *(m.start() for m in lines[1:] if heading_number(m[0]))]
    for start, end in zip(starts, [*starts[1:], len(cell.text)], strict=True):
        number = heading_number(cell.text[start:end])
        item = grid.cut(cell, start + (number.end if number else 0), end)
        advises = kind == "problem" and _ADVICE.match(item.text)
        if item.text and not _NOTHING.fullmatch(compact(item.text)):
            row_no = None if grid.turned else cell.row
            yield RemarkRow(
                kind="recommendation" if advises else kind, text=item.text, block_no=grid.block_no,
                row_no=row_no, places=field_places({"text": item}),
            )  # fmt: skip


def _is_empty(passage: Passage) -> bool:
    text = compact(passage.text)
    is_line = (len(text) < 25 and not re.search(r"[。；！？，,]", text)) or bool(
        re.fullmatch(r"[（(][^（()）]*[)）]", text)
    )
    return is_line or bool(
        _NOTHING.fullmatch(text) or _CLOSING.fullmatch(text) or _LEAD_IN.fullmatch(text) or level_label(text) or re.fullmatch(UNIT_NOTE, text)
    )  # fmt: skip


def _remark(item: list[Passage]) -> Iterator[RemarkRow]:
    if not item or item[0].kind is None:
        return
    first = item[0]
    number = heading_number(first.text)
    points = list(_POINT.finditer(first.text))
    if number is None and len(item) == 1 and len(points) > 1:
        ends = [point.start() for point in points[1:]] + [len(first.text)]
        for point, end in zip(points, ends, strict=True):
            yield from _row(first, [first.cut(point.end(), end)])
        return
    start = (
        number.end
        if number
        else points[0].end()
        if points and not first.text[: points[0].start()].strip()
        else 0
    )
    pieces = [first.cut(start, len(first.text)), *(p.cut(0, len(p.text)) for p in item[1:])]
    yield from _row(first, pieces)


def _row(first: Passage, pieces: list[Printed]) -> Iterator[RemarkRow]:
    kind = _KINDS[first.kind] if first.kind else "problem"
    if kind == "problem" and _ADVICE.match(pieces[0].text):
        kind = "recommendation"
    text = Printed("\n".join(p.text for p in pieces), tuple(place for p in pieces for place in p.places))
    if text.text:
        yield RemarkRow(
            kind=kind, text=text.text, block_no=first.block_no, places=field_places({"text": text})
        )
