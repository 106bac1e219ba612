"""A file -> its reports: where one report or form ends and the next begins."""

import re
from collections.abc import Sequence

from parsers.cover import is_title
from parsers.headers import label_of, labelled_values
from parsers.headings import Numbered, heading_number
from parsers.printed import compact
from parsers.sections import contents_blocks, outline
from parsers.tables import TableReading, labelled_cells
from schemas.blocks import Block, Document, Heading, Paragraph, Table
from schemas.vocabulary import DEPARTMENT_LABELS

_HEAD_LENGTH = 50
_HEAD_BLOCKS = 8
_HEAD_ROWS = 4
_SIGNED = re.compile(
    r"(?:填[表报写]人|制表人?|审核人?|复核人?|(?:单位|部门|项目)?负责人|联系人|联系电话|经办人)[：:]"
)
"""Lines under a form that say who filled it in."""
_OVERVIEW = re.compile(r"汇总|一览|统计|台账")
"""Titles of sheets on all of a workbook's forms."""
_CHAPTERS = 4
"""Headings that tell a narrative report whose chapters lost their numbers."""


def split(document: Document, readings: Sequence[TableReading]) -> tuple[Numbered, ...]:
    """The blocks of each report of a document.

    A report begins at a title over a first chapter (一、), a form at the lines over its table.
    A form inside or behind a narrative belongs to it when it is on the same fund. In a workbook a form with a title of its own
    on a sheet of its own is a report of its own, and so is the sheet that sums up several forms.
    """
    blocks = tuple(document.numbered())
    if not blocks:
        return ()
    tables = {reading.block_no for reading in readings}
    funds = {reading.block_no: _fund_of(reading, blocks) for reading in readings if _has_indicators(reading)}
    forms = {
        reading.block_no: funds[reading.block_no]
        for reading in readings
        if reading.block_no in funds and (reading.kind == "form" or funds[reading.block_no] is not None)
    }
    departments = {reading.block_no for reading in readings if _is_on_department(reading)}
    captions = {r.block_no: r.caption.places[0].block_no for r in readings if r.caption and r.caption.places}
    starts = _narrative_starts(blocks)
    narrative = set(starts)
    begun: set[str] = set()
    for block_no, fund in forms.items():
        owner = max((start for start in starts if start <= block_no), default=None)
        text = "" if owner is None else _text(blocks, owner, block_no)
        if owner in narrative and (fund is None or fund in text or not text):
            continue
        is_apart = owner is not None and not _on_one_sheet(blocks, owner, block_no)
        is_own = is_apart and (block_no in departments or _is_titled(blocks, block_no))
        if owner is not None and owner not in narrative and fund is None and not is_own:
            continue
        if (
            fund is not None
            and fund in begun
            and owner not in narrative
            and block_no - 1 in tables  # the same form's first part
            and _on_one_sheet(blocks, block_no - 1, block_no)
        ):
            continue
        begun.add(fund or "")
        starts.append(min(_head(blocks, block_no), captions.get(block_no, block_no)))
    if len(starts) > 1:
        starts += _overviews(blocks)
    edges = _without_empty_lead(blocks, sorted({*starts, blocks[0][0]}))
    ends = [*edges[1:], blocks[-1][0] + 1]
    return tuple(blocks[start - 1 : end - 1] for start, end in zip(edges, ends, strict=True))


def _has_indicators(reading: TableReading) -> bool:
    return any(region.family == "indicators" for region in reading.regions)


def _is_on_department(reading: TableReading) -> bool:
    """Whether the head of a form names the department that it is on."""
    return any(label in DEPARTMENT_LABELS for _, label, _ in labelled_cells(reading.grid, reading.regions))


def _fund_of(reading: TableReading, blocks: Numbered) -> str | None:
    """The fund that the head of a form or a line over it names; "" where nobody filled it in, None where there is no such head."""
    for key, _, value in labelled_cells(reading.grid, reading.regions):
        if key == "fund_name":
            return compact(value.text)
    is_blank = any(
        label_of(cell.text) == "fund_name" for cell in reading.grid.table.cells if cell.row <= _HEAD_ROWS
    )
    if is_blank:
        return ""
    for _, block in blocks[_head(blocks, reading.block_no) - 1 : reading.block_no - 1]:
        for key, _, start, end in labelled_values("" if isinstance(block, Table) else block.text):
            if key == "fund_name" and not isinstance(block, Table) and compact(block.text[start:end]):
                return compact(block.text[start:end])
    return None


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
    """The first of the title lines over the table `block_no`; of a sheet's first table, all lines over it."""
    first = block_no
    for number, block in reversed(blocks[max(0, block_no - 1 - _HEAD_BLOCKS) : block_no - 1]):
        if not _on_one_sheet(blocks, number, block_no):
            return first
        if not _is_head_line(block):
            break
        first = number
    sheet = _sheet(blocks[block_no - 1][1])
    while sheet and first > 1 and _sheet(blocks[first - 2][1]) == sheet:
        if isinstance(blocks[first - 2][1], Table):
            return _unsigned(blocks, first, block_no)
        first -= 1
    return first


def _unsigned(blocks: Numbered, first: int, block_no: int) -> int:
    """The first of the lines between two forms of a sheet that is not about who filled in the upper one."""
    lines = [(number, _line(block)) for number, block in blocks[first - 1 : block_no - 1]]
    titles = [number for number, line in lines if is_title(line)]
    signed = [number for number, line in lines if _SIGNED.match(line)]
    behind = max((number for number in signed if titles and number < titles[0]), default=None)
    return first if behind is None else behind + 1


def _overviews(blocks: Numbered) -> list[int]:
    """Where sheets begin whose title says that they sum up the workbook's forms."""
    found = []
    sheet, first, has_table = "", 0, False
    for number, block in blocks:
        if _sheet(block) != sheet:
            sheet, first, has_table = _sheet(block), number, False
        has_table = has_table or isinstance(block, Table)
        line = _line(block)
        if sheet and not has_table and is_title(line) and _OVERVIEW.search(line):
            found.append(first)
    return found


def _is_titled(blocks: Numbered, block_no: int) -> bool:
    """Whether a title stands among the lines over a form."""
    return any(is_title(_line(block)) for _, block in blocks[_head(blocks, block_no) - 1 : block_no - 1])


def _on_one_sheet(blocks: Numbered, one: int, other: int) -> bool:
    """Whether two blocks stand on the same sheet; so do all of a file that has none."""
    return _sheet(blocks[one - 1][1]) == _sheet(blocks[other - 1][1])


def _sheet(block: Block) -> str:
    """The sheet on which a block stands, "" in files without sheets."""
    cell = (block.positions[0].sheet_cell if block.positions else None) or ""
    return cell.rpartition("!")[0] or cell


def _line(block: Block) -> str:
    return "" if isinstance(block, Table) else compact(block.text)


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
