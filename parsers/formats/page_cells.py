"""The text of a cell from the lines printed in it: wrapped ones put together, paragraphs parted by a line feed."""

from itertools import pairwise
from typing import NamedTuple

from parsers.formats.page_text import (
    breaks_line,
    bridge,
    confidence,
    em,
    is_ended,
    is_enumerated,
    joined,
    line_text,
    width,
)
from parsers.formats.pages import Grid, GridCell, Line
from schemas.locations import Position

_MOST_PADDING = 8.0
"""Points between a cell's rule and its text at most: Word has 5.4, and where more is free a line stopped short."""


class CellPart(NamedTuple):
    """A cell, or what one page shows of it: its place in the grid, its text, and what tells whether it goes on."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    page: int
    cell: GridCell
    padding: float

    def position(self, char_start: int = 0) -> Position:
        """Where it stands, its text beginning at `char_start` of the whole cell's."""
        return Position(self.page, self.cell.box, None, char_start, confidence(self.cell.lines))


def cell_parts(grid: Grid, page: int) -> tuple[CellPart, ...]:
    """The cells of a grid with their texts."""
    padding = _padding(grid)
    return tuple(
        CellPart(*cell[:4], _text(cell, padding), page, cell, padding)
        for cell in sorted(grid.cells, key=lambda cell: (cell.row, cell.col))
    )


def sign_between(before: CellPart, after: CellPart) -> str:
    """What parts the text of `before` from that of `after`, the same cell on the next page."""
    if not before.text or not after.text:
        return ""
    return _sign(before.cell.lines[-1], after.cell.lines[0], before.cell, before.padding)


def is_wrapped(before: CellPart, after: CellPart) -> bool:
    """Whether the last line of `before` is full, so that the first of `after` can go on with it."""
    if not before.text or not after.text:
        return False
    last, first = before.cell.lines[-1], after.cell.lines[0]
    return _joins(last, first, _free(last, before.cell, before.padding))


def _text(cell: GridCell, padding: float) -> str:
    lines = [line for line in cell.lines if line_text(line)]
    if not lines:
        return ""
    pieces = [("", line_text(lines[0]))]
    for before, after in pairwise(lines):
        pieces.append((_sign(before, after, cell, padding), line_text(after)))
    return joined(pieces)[0]


def _sign(before: Line, after: Line, cell: GridCell, padding: float) -> str:
    free = _free(before, cell, padding)
    if not _joins(before, after, free):
        return "\n"
    size = em(before)
    room = (cell.box[2] - cell.box[0] - 2 * padding) / size
    return bridge(line_text(before), line_text(after), free / size, room)


def _joins(before: Line, after: Line, free: float) -> bool:
    if is_enumerated(line_text(after)) and is_ended(line_text(before)):
        return False
    return breaks_line(before, after, free)


def _free(line: Line, cell: GridCell, padding: float) -> float:
    """What a line leaves unused of a cell's width: at its right, or around it where it is not set at the left."""
    left = line.box[0] - cell.box[0] - padding
    right = cell.box[2] - padding - line.box[2]
    size = em(line)
    if (
        left <= size or abs(left - 2 * size) < size / 2 < right - left
    ):  # at the left, or a paragraph's first line
        return right + max(left, 0.0) if abs(left - right) < size / 2 else right
    return cell.box[2] - cell.box[0] - 2 * padding - width(line)


def _padding(grid: Grid) -> float:
    """What a grid leaves free between rule and text."""
    free = (line.box[0] - cell.box[0] for cell in grid.cells for line in cell.lines)
    return min(max(min(free, default=0.0), 0.0), _MOST_PADDING)
