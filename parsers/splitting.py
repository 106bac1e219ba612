"""A file -> its reports: where one report or form ends and the next begins."""

import re
from collections.abc import Sequence

from parsers.cover import is_title
from parsers.headers import label_of
from parsers.headings import Numbered, heading_number
from parsers.printed import compact
from parsers.sections import contents_blocks, outline
from parsers.tables import TableReading, labelled_cells
from schemas.blocks import Document, Heading, Paragraph, Table

_HEAD_LENGTH = 50
_HEAD_BLOCKS = 8
_HEAD_ROWS = 4
_CHAPTERS = 4
"""Headings that tell a narrative report whose chapters lost their numbers."""


def split(document: Document, readings: Sequence[TableReading]) -> tuple[Numbered, ...]:
    """The blocks of each report of a document.

    A report begins at a title over a first chapter (一、), a form at the lines over its table.
    A form inside or behind a narrative belongs to it when it is on the same fund.
    """
    blocks = tuple(document.numbered())
    if not blocks:
        return ()
    tables = {reading.block_no for reading in readings}
    forms = {reading.block_no: _fund_of(reading) for reading in readings if _is_form(reading)}
    starts = _narrative_starts(blocks)
    narrative = set(starts)
    begun: set[str] = set()
    for block_no, fund in forms.items():
        owner = max((start for start in starts if start <= block_no), default=None)
        text = "" if owner is None else _text(blocks, owner, block_no)
        if owner in narrative and (fund is None or fund in text or not text):
            continue
        if owner is not None and owner not in narrative and fund is None:
            continue
        if (
            fund is not None
            and fund in begun
            and owner not in narrative
            and block_no - 1 in tables  # the same form's first part
        ):
            continue
        begun.add(fund or "")
        starts.append(_head(blocks, block_no))
    edges = _without_empty_lead(blocks, sorted({*starts, blocks[0][0]}))
    ends = [*edges[1:], blocks[-1][0] + 1]
    return tuple(blocks[start - 1 : end - 1] for start, end in zip(edges, ends, strict=True))


def _is_form(reading: TableReading) -> bool:
    has_indicators = any(region.family == "indicators" for region in reading.regions)
    return has_indicators and (reading.kind == "form" or _fund_of(reading) is not None)


def _fund_of(reading: TableReading) -> str | None:
    """The fund that the head of a form names; "" where nobody filled it in, None where there is no such head."""
    for key, _, cell in labelled_cells(reading.grid, reading.regions):
        if key == "fund_name":
            return compact(cell.text)
    is_blank = any(
        label_of(cell.text) == "fund_name" for cell in reading.grid.table.cells if cell.row <= _HEAD_ROWS
    )
    return "" if is_blank else None


def _narrative_starts(blocks: Numbered) -> list[int]:
    """Where reports with chapters begin: at each first chapter, or at the title lines above it."""
    contents = contents_blocks(blocks)
    starts: list[int] = []
    for position, (block_no, block) in enumerate(blocks):
        if block_no in contents or isinstance(block, Table):
            continue
        number = heading_number(block.text)
        if not number or number.level != 1 or number.value != 1 or len(compact(block.text)) > _HEAD_LENGTH:
            continue
        if not starts:
            starts.append(_cover_start(blocks, position))
        elif (above := _title_above(blocks, position)) is not None and not _says_again(
            blocks, starts[-1], above
        ):
            starts.append(above)
    if not starts and sum(section.level <= 2 for section in outline(blocks)) >= _CHAPTERS:
        starts.append(blocks[0][0])
    return starts


def _says_again(blocks: Numbered, start: int, title: int) -> bool:
    """Whether the title lines that begin at `title` are those of the report begun at `start`: a cover, a summary and
    then the report proper under the same title are one report."""
    before, again = "".join(_title_lines(blocks, start)), "".join(_title_lines(blocks, title))
    return bool(again) and again in before


def _title_lines(blocks: Numbered, start: int) -> list[str]:
    lines = []
    for _, block in blocks[start - 1 : start - 1 + _HEAD_BLOCKS]:
        if isinstance(block, Table) or len(block.text) > _HEAD_LENGTH or heading_number(block.text):
            break
        lines.append(compact(block.text))
    return [line for line in lines if not re.search(r"[：:]|目录|摘要|前言|\d{4}年\d{1,2}月$", line)]


def _cover_start(blocks: Numbered, position: int) -> int:
    """The first report begins with the file, unless forms stand before its title."""
    tables = [block_no for block_no, block in blocks[:position] if isinstance(block, Table)]
    if not tables:
        return blocks[0][0]
    return _title_above(blocks, position) or blocks[0][0]


def _title_above(blocks: Numbered, position: int) -> int | None:
    """The first of the title lines above the chapter at `position`; None if there is no title."""
    found = None
    for block_no, block in reversed(blocks[max(0, position - 30) : position]):
        if isinstance(block, Table):
            break
        number = heading_number(block.text)
        if number and number.level == 1:
            break
        if is_title(compact(block.text)):
            found = block_no
    if found is None:
        return None
    return _lines_above(blocks, found)


def _head(blocks: Numbered, block_no: int) -> int:
    """The first of the title lines over the table `block_no`."""
    first = block_no
    for number, block in reversed(blocks[max(0, block_no - 1 - _HEAD_BLOCKS) : block_no - 1]):
        if not _is_head_line(block):
            break
        first = number
    return first


def _lines_above(blocks: Numbered, block_no: int) -> int:
    first = block_no
    for number, block in reversed(blocks[max(0, block_no - 4) : block_no - 1]):
        if not _is_head_line(block) or len(compact(getattr(block, "text", ""))) > 30:
            break
        first = number
    return first


def _is_head_line(block: Heading | Paragraph | Table) -> bool:
    """Whether a line over a form belongs to its head (title, year, unit, who fills it in) and is no note below another."""
    if isinstance(block, Table):
        return False
    number = heading_number(block.text)
    text = compact(block.text[number.end :] if number else block.text)
    if number and not is_title(text):
        return False
    if len(text) > _HEAD_LENGTH or re.match(
        r"注[：:]|说明[：:]|备注|\d+[.．、]|[一二三四五六七八九十]+、|[（(][一二三四五六七八九十\d]+[)）]",
        text,
    ):
        return False
    return not text.endswith(("。", "；"))


def _text(blocks: Numbered, start: int, end: int) -> str:
    return compact(
        "".join(block.text for n, block in blocks if start <= n < end and not isinstance(block, Table))
    )


def _without_empty_lead(blocks: Numbered, edges: list[int]) -> list[int]:
    """Lines before the first form (a heading of the whole file) belong to the first report."""
    lead = blocks[edges[0] - 1 : edges[1] - 1] if len(edges) > 1 else ()
    is_bare = not any(isinstance(block, Table) or len(block.text) > _HEAD_LENGTH for _, block in lead)
    if lead and is_bare and len(lead) <= _HEAD_BLOCKS and not outline(lead):
        return [edges[0], *edges[2:]]
    return edges
