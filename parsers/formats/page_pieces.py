"""A ruled table as one page shows it: its cells with their texts, and its rows as they can be compared with another
page's."""

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from statistics import median
from typing import NamedTuple

from parsers.formats.page_cells import CellPart, cell_parts
from parsers.formats.pages import Grid, GridCell
from schemas.locations import Box
from schemas.vocabulary import COVER_LABELS, FORM_TITLE, REPORT_TITLE, TABLE_CAPTION

Columns = tuple[int, int]
"""The edges at the left and right of a cell, by their numbers in the table as stitched."""
Row = tuple[tuple[Columns, int, str], ...]
"""A row to compare: for each cell that begins in it its columns, row span and text without white space."""

_LABELS = frozenset(label for labels in COVER_LABELS.values() for label in labels)


class TablePiece:
    """What one page shows of a ruled table."""

    def __init__(self, grid: Grid, page: int) -> None:
        grid = without_remnant(grid)
        self.page, self.box, self.n_rows = page, grid.box, grid.n_rows
        self.parts = cell_parts(grid, page)
        self.edges = _edges(grid.cells)
        """Where the edges of columns run, by number from 1 (left of the first column), in points."""

    @cached_property
    def rows(self) -> tuple[tuple[CellPart, ...], ...]:
        """For each row the cells that begin in it."""
        rows: list[list[CellPart]] = [[] for _ in range(self.n_rows)]
        for part in self.parts:
            rows[part.row - 1].append(part)
        return tuple(tuple(row) for row in rows)

    def row_height(self, row: int) -> float:
        """How high a row is, in points: its lowest cell of one row."""
        heights = [part.cell.box[3] - part.cell.box[1] for part in self.rows[row - 1] if part.row_span == 1]
        return min(heights, default=0.0)

    def comparable(self, numbers: Mapping[int, int], most: int) -> tuple[Row, ...]:
        """The first rows, their columns told by `numbers` (this piece's edges -> the stitched table's)."""
        return tuple(
            tuple((columns_of(part, numbers), part.row_span, re.sub(r"\s+", "", part.text)) for part in row)
            for row in self.rows[:most]
        )


class Edges(NamedTuple):
    """The column edges of a piece beside those of a table: their numbers there, and how many of them are new to it."""

    numbers: dict[int, int]
    positions: list[float]
    shared: int
    new: int


def columns_of(part: CellPart, numbers: Mapping[int, int]) -> Columns:
    """The edges of a cell by their numbers in the stitched table."""
    return numbers[part.col], numbers[part.col + part.col_span]


def aligned(positions: list[float], box: Box, piece: TablePiece) -> Edges | None:
    """The edges of `piece` by their numbers among `positions`, those of a table at `box`, to which new ones are added;
    None where it is not as wide. A page may stand a little aside (bound pages, scans)."""
    breadth, its = box[2] - box[0], piece.box[2] - piece.box[0]
    tolerance = max(_NEAR, _NEAR_SHARE * breadth)
    aside = piece.box[0] - box[0]
    if abs(breadth - its) > 2 * tolerance or abs(aside) > _ASIDE:
        return None
    positions = list(positions)
    known = len(positions)
    numbers: dict[int, int] = {}
    for edge, x in piece.edges.items():
        near = min(range(len(positions)), key=lambda i: abs(positions[i] - (x - aside)))
        if abs(positions[near] - (x - aside)) > tolerance or near in numbers.values():
            near = len(positions)
            positions.append(x - aside)
        numbers[edge] = near
    shared = sum(number < known for number in numbers.values())
    return Edges(numbers, positions, shared, len(positions) - known)


_NEAR = 3.0
"""Points by which an edge may stand elsewhere on the next page."""
_NEAR_SHARE = 0.008
"""The same as a share of the table's width: scans are not all to one scale."""
_ASIDE = 40.0
"""Points by which a whole page may stand aside."""


def without_remnant(grid: Grid) -> Grid:
    """The grid without rows at its end that print nothing and are no rows of their own: rules that reach down to the
    page's end where the next row found no room, or that end a little lower than the others."""
    n_rows, cells = grid.n_rows, grid.cells
    while n_rows > 1:
        own = [cell for cell in cells if cell.row == n_rows]
        if any(cell.lines for cell in own) or 2 * sum(cell.col_span for cell in own) >= grid.n_columns:
            break
        n_rows -= 1
        cells = tuple(
            cell if cell.row + cell.row_span - 1 <= n_rows else cell._replace(row_span=n_rows + 1 - cell.row)
            for cell in cells
            if cell.row <= n_rows
        )
    return grid if n_rows == grid.n_rows else grid._replace(n_rows=n_rows, cells=cells)


def is_title_row(row: tuple[CellPart, ...], n_columns: int) -> bool:
    """Whether a row is one cell that holds a title: it begins a table."""
    if len(row) != 1 or row[0].col_span < n_columns:
        return False
    text = re.sub(r"\s+", "", row[0].text)
    return any(re.fullmatch(pattern, text) for pattern in (FORM_TITLE, REPORT_TITLE, TABLE_CAPTION))


def is_label(text: str) -> bool:
    """Whether a cell names what the head of a form states (项目名称)."""
    return text.rstrip(":：") in _LABELS


def _edges(cells: tuple[GridCell, ...]) -> dict[int, float]:
    found: dict[int, list[float]] = {}
    for number, x in _sides(cells):
        found.setdefault(number, []).append(x)
    return {number: median(found[number]) for number in sorted(found)}


def _sides(cells: tuple[GridCell, ...]) -> Iterator[tuple[int, float]]:
    for cell in cells:
        yield cell.col, cell.box[0]
        yield cell.col + cell.col_span, cell.box[2]
