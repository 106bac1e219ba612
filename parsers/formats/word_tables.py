"""The grid of a Word table, read once from w:tc with its spans (never through the cells of a row object).

Linear in the number of cells: each cell is looked at once, and a vertical merge finds its
anchor through the grid column alone.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from lxml.etree import _Element

from parsers.formats.word_package import W
from parsers.formats.word_styles import whole_number
from parsers.formats.word_text import (
    ALTERNATE,
    DELETED,
    ENDNOTE,
    FOOTNOTE,
    PRIVATE_USE,
    TBL,
    TEXT_BOX,
    M,
    P,
    T,
    chosen_branch,
    is_blank,
)
from schemas.blocks import Cell, Table

TC_PR = W + "tcPr"
_TR, _TC, _TR_PR = W + "tr", W + "tc", W + "trPr"
_GRID_SPAN, _V_MERGE, _H_MERGE = W + "gridSpan", W + "vMerge", W + "hMerge"
_GRID_BEFORE, _CELL_DELETED = W + "gridBefore", W + "cellDel"
_VAL = W + "val"
_NOT_ROWS = frozenset(
    {W + "tblPr", W + "tblGrid", W + "sdtPr", W + "sdtEndPr", W + "tblPrEx", _TR_PR, *DELETED}
)
_MAX_SPAN = 1000
"""Word ends at 63 columns; a larger span than this is damage."""

# A table with none of these in it has its rows, cells and paragraphs in plain document order.
_NOT_PLAIN = (
    *(TBL, TEXT_BOX, ALTERNATE, M + "oMath", *DELETED),
    *(W + name for name in ("altChunk", "hMerge", "cellDel", "tcPrChange", "trPrChange")),
)

# What in a paragraph is more than plain runs of text: such a cell is read in full, not swept.
_NOT_SWEPT = (
    *(W + name for name in ("numPr", "pStyle", "tab", "ptab", "br", "cr", "noBreakHyphen", "sym", "ruby")),
    *(FOOTNOTE, ENDNOTE, W + "fldChar", M + "t"),
)
_SWEPT = (T, P, _TC, _TR, _V_MERGE, _GRID_SPAN, _GRID_BEFORE, *_NOT_SWEPT)

CellText = Callable[[Iterable[_Element], bool], str]
"""The text of a cell from what is in it; the flag says whether the cell continues a merged one."""


@dataclass(slots=True)
class _Slot:
    """A printed cell of a row: what is in it (and in legacy w:hMerge cells folded into it), its columns."""

    content: Iterable[_Element]
    lines: list[str] | None = None  # the texts of its paragraphs, where a sweep could tell
    columns: int = 1
    continues_above: bool = False
    merged: tuple[Iterable[_Element], ...] = ()


@dataclass(slots=True)
class _Row:
    """A printed row: the grid column where it begins, from 1, and its cells."""

    first_column: int = 1
    slots: list[_Slot] = field(default_factory=list)


def read_table(table: _Element, cell_text: CellText, *, sweep: bool) -> Table:
    """The cells of a w:tbl, merged ones folded into their anchors.

    `cell_text` is called in reading order, but not for plain cells where `sweep` allows to read them
    without it: that halves the time. It takes a document that hides no text.
    """
    cells: list[Cell] = []
    last_row: dict[int, int] = {}  # place in `cells` of a merged anchor -> the row it reaches down to
    more_text: dict[int, list[str]] = {}  # the same -> text found in the cells folded into it
    above: dict[int, int] = {}  # grid column -> place in `cells` of the anchor standing there
    row_no = widest = 0
    for row in _rows(table, sweep):
        if not row.slots:
            continue  # a row without cells is not printed
        row_no += 1
        column = row.first_column
        here: dict[int, int] = {}
        for slot in row.slots:
            columns = slot.columns
            place = above.get(column, -1) if slot.continues_above else -1
            continues = place >= 0 and cells[place].col_span == columns  # Word merges only equal widths
            lines = slot.lines
            text = cell_text(slot.content, continues) if lines is None else joined_lines(lines)
            if continues:
                last_row[place] = row_no
                if text:
                    more_text.setdefault(place, []).append(text)
            else:
                place = len(cells)
                cells.append(Cell(row_no, column, 1, columns, text))
            if slot.merged:
                texts = [cell_text(content, True) for content in slot.merged]
                more_text.setdefault(place, []).extend(filter(None, texts))
            here[column] = place
            column += columns
        widest = max(widest, column - 1)
        above = here
    for place in last_row.keys() | more_text.keys():
        cells[place] = _folded(cells[place], last_row.get(place), more_text.get(place, []))
    return Table(row_no, widest, tuple(cells))


def joined_lines(lines: list[str]) -> str:
    """The text of a cell from its paragraphs, blank ones at its ends left out."""
    if len(lines) == 1:
        return "" if is_blank(lines[0]) else lines[0]
    last = len(lines)
    while last and is_blank(lines[last - 1]):
        last -= 1
    first = 0
    while first < last and is_blank(lines[first]):
        first += 1
    return "\n".join(lines[first:last])


def _rows(table: _Element, sweep: bool) -> Iterator[_Row]:
    if next(table.iterdescendants(*_NOT_PLAIN), None) is None:
        return _plain_rows(table, sweep)
    return _any_rows(table)


def _plain_rows(table: _Element, sweep: bool) -> Iterator[_Row]:
    """The rows of a plain table in one sweep, which takes a third of the time of looking into each element."""
    row = _Row()
    slot = _Slot(())
    lines: list[str] = []
    for element in table.iterdescendants(*_SWEPT):
        tag = element.tag
        if tag == T:
            text = element.text
            if text and lines:
                lines[-1] += text
                if not text.isprintable() and PRIVATE_USE.search(text):
                    slot.lines = None
        elif tag == P:
            lines.append("")
        elif tag == _TC:
            lines = []
            slot = _Slot(element, lines if sweep else None)
            row.slots.append(slot)
        elif tag == _V_MERGE:
            slot.continues_above = element.get(_VAL, "continue") == "continue"
        elif tag == _TR:
            yield row
            row = _Row()
        elif tag == _GRID_SPAN:
            slot.columns = _columns(element, 1)
        elif tag == _GRID_BEFORE:
            row.first_column = 1 + _columns(element, 0)
        else:
            slot.lines = None
    yield row


def _any_rows(table: _Element) -> Iterator[_Row]:
    for element in _children(table, _TR):
        first_column, deleted = _row_start(element)
        if not deleted:
            yield _Row(first_column, _slots(element))


def _folded(cell: Cell, last_row: int | None, more_text: list[str]) -> Cell:
    row_span = cell.row_span if last_row is None else last_row - cell.row + 1
    text = "\n".join([cell.text, *more_text] if cell.text else more_text)
    return cell._replace(row_span=row_span, text=text)


def _slots(row: _Element) -> list[_Slot]:
    slots: list[_Slot] = []
    for element in _children(row, _TC):
        slot = _Slot(element)
        continues_left = deleted = False
        for item in element[0] if len(element) and element[0].tag == TC_PR else ():
            tag = item.tag
            if tag == _GRID_SPAN:
                slot.columns = _columns(item, 1)
            elif tag == _V_MERGE:
                slot.continues_above = item.get(_VAL, "continue") == "continue"
            elif tag == _H_MERGE:
                continues_left = item.get(_VAL, "continue") == "continue"
            elif tag == _CELL_DELETED:
                deleted = True
        if continues_left and slots and not deleted:
            slots[-1].merged += (element,)
            slots[-1].columns += slot.columns
        elif not deleted:
            slots.append(slot)
    return slots


def _children(parent: _Element, wanted: str) -> Iterator[_Element]:
    """The rows of a table or the cells of a row, those in content controls and insertions too."""
    for child in parent:
        tag = child.tag
        if tag == wanted:
            yield child
        elif tag == ALTERNATE:
            branch = chosen_branch(child)
            if branch is not None:
                yield from _children(branch, wanted)
        elif tag not in _NOT_ROWS:
            yield from _children(child, wanted)


def _row_start(row: _Element) -> tuple[int, bool]:
    """The grid column where a row begins, from 1, and whether the row is deleted."""
    column, deleted = 1, False
    for child in row:
        if child.tag == _TC:
            break
        if child.tag == _TR_PR:
            for item in child:
                if item.tag == _GRID_BEFORE:
                    column = 1 + _columns(item, 0)
                elif item.tag in DELETED:
                    deleted = True
    return column, deleted


def _columns(element: _Element, least: int) -> int:
    """A count of grid columns within reason."""
    return min(max(whole_number(element.get(_VAL)) or least, least), _MAX_SPAN)
