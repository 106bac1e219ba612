"""Rows of HTML cells -> a Table: spans laid out as browsers do, within limits.

A table that only arranges the page (menu at the left, the report in the middle) is told from one of the report here too.
"""

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from schemas.blocks import Cell, Table
from schemas.errors import UnreadableFile

MAX_SLOTS = 3_000_000
"""Rows times columns that the cells of one page cover; a list of 90,000 cells covers 90,000."""
_MAX_COLUMNS, _MAX_ROWS = 1000, 65_534  # what HTML allows a span
_WIDEST = 63  # Word's columns; a wider span means "all that there are"
_FEW_CELLS = 12
_MOST = 0.7
"""Share of a table's text in one cell of it which makes that cell the page's middle column."""
_CHAPTER = re.compile(r"\s*(?:[一二三四五六七八九十]{1,3}\s*[、.．]|第[一二三四五六七八九十]{1,3}(?:部分|章))")


class WebCell(NamedTuple):
    """A cell as the page has it: its lines, and its spans as asked for (0 rows: down to the group's end)."""

    text: str
    row_span: int = 1
    col_span: int = 1


WebRow = Sequence[WebCell]
WebGroup = tuple[str, Sequence[WebRow]]
"""thead, tbody or tfoot with its rows."""


def span_of(text: str | None) -> int:
    """A rowspan or colspan as browsers take it: 1 where it is no whole number."""
    match = re.match(r"\s*\+?(\d{1,9})", text or "")
    return int(match[1]) if match else 1


def lay_out(groups: Iterable[WebGroup]) -> Table:
    """The table that rows in groups print. Overlapping spans are cut. Raises UnreadableFile("too_large").

    A cell reaches to the end of its group at most, says HTML; LibreOffice and OCR tools let side labels of the head reach
    down into the body. Those reach as far as they say where the rows of the body leave room for them.
    """
    ordered = _in_order(groups)
    within = _placed(ordered)
    if len(ordered) < 2:
        return within
    across = _placed([[row for rows in ordered for row in rows]])
    return across if across.n_columns <= within.n_columns else within


def _placed(groups: Sequence[Sequence[WebRow]]) -> Table:
    cells: list[Cell] = []
    row_no = slots = 0
    for rows in groups:
        busy: dict[int, int] = {}  # column -> the last row that a cell from above covers
        last = row_no + len(rows)
        covered_to = 0
        for row in rows:
            if not row and covered_to <= row_no:
                last -= 1
                continue  # nothing stands in it, so nothing is printed
            row_no += 1
            column = 1
            for cell in row:
                while busy.get(column, 0) >= row_no:
                    column += 1
                wanted = min(max(cell.col_span, 1), _MAX_COLUMNS)
                width = 1
                while width < wanted and busy.get(column + width, 0) < row_no:
                    width += 1
                height = min(cell.row_span or _MAX_ROWS, last - row_no + 1)
                slots += width * height
                if slots > MAX_SLOTS:
                    raise UnreadableFile(
                        "too_large", "A table of the page has more cells than any report's. Split the file."
                    )
                covered_to = max(covered_to, row_no + height - 1)
                for covered in range(column, column + width):
                    busy[covered] = row_no + height - 1
                cells.append(Cell(row_no, column, height, width, cell.text))
                column += width
    return _clipped(row_no, cells)


def _in_order(groups: Iterable[WebGroup]) -> list[Sequence[WebRow]]:
    """Groups as printed: the first head on top, the first foot at the bottom, wherever they stand in the page."""
    head: list[Sequence[WebRow]] = []
    foot: list[Sequence[WebRow]] = []
    body: list[Sequence[WebRow]] = []
    for kind, rows in groups:
        part = {"thead": head, "tfoot": foot}.get(kind, body)
        (body if part and part is not body else part).append(rows)
    return [*head, *body, *foot]


def _clipped(n_rows: int, cells: list[Cell]) -> Table:
    """Spans over more columns than any Word table has end where the other cells do."""
    width = max((c.col + (c.col_span if c.col_span <= _WIDEST else 1) - 1 for c in cells), default=0)
    inside = tuple(
        cell
        if cell.col + cell.col_span - 1 <= width
        else cell._replace(col_span=max(1, width - cell.col + 1))
        for cell in cells
    )
    return Table(n_rows, width, inside)


def is_layout(lines: Sequence[Sequence[str]], nested: Sequence[bool], *, bordered: bool) -> bool:
    """Whether a table only arranges the page. `lines` are the printed lines of each cell, those of tables in it left out;
    `nested` tells which cells hold tables."""
    filled = [cell for cell in lines if cell]
    if any(nested):
        if not filled:
            return True
        middle = max(
            (len("".join(cell)) + (10_000 if n else 0), len(cell), n)
            for cell, n in zip(lines, nested, strict=True)
        )
        return len(filled) < _FEW_CELLS and (len(filled) < 4 or (middle[1] > 4 and middle[2]))
    if len(lines) == 1:
        return not bordered or len(filled) != 1 or len(filled[0]) > 8
    if not filled or len(filled) >= _FEW_CELLS:
        return False
    longest = max(filled, key=lambda cell: sum(map(len, cell)))
    is_most = sum(map(len, longest)) >= _MOST * sum(len(line) for cell in filled for line in cell)
    return is_most and sum(bool(_CHAPTER.match(line)) for line in longest) > 1
