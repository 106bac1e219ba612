"""A table as rows and columns, and which header stands over which cell.

Tables with spans are read by overlap: a cell belongs to the header that covers most of its
columns. Dumps that lost their spans (every cell one column wide, rows of unequal length)
are read by count: a shorter row has lost the merged cells at its left.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from parsers.printed import Printed, compact, trimmed, unwrapped
from schemas.blocks import Cell, Table
from schemas.locations import Place
from schemas.vocabulary import LEVEL1_NAMES

_OWN_ROW = re.compile(rf"(?:(?!满意度|成本){LEVEL1_NAMES})率?(?:指标)?(?:[（(].*[)）])?")
"""A first cell that opens a group of rows: it stays at the left though cells behind it were lost."""


@dataclass(frozen=True)
class Grid:
    """A table of the document whose cells are found by row and column (both from 1).

    `turned` says that rows and columns were exchanged; places still point into the table as printed.
    """

    block_no: int
    table: Table
    turned: bool = False

    @cached_property
    def rows(self) -> tuple[tuple[Cell, ...], ...]:
        """For each row the cells that stand in it, merged ones from rows above included."""
        rows: list[list[Cell]] = [[] for _ in range(self.table.n_rows)]
        for cell in self.table.cells:
            for row in range(cell.row, min(cell.row + cell.row_span, self.table.n_rows + 1)):
                rows[row - 1].append(cell)
        return tuple(tuple(sorted(row, key=lambda cell: cell.col)) for row in rows)

    @cached_property
    def lost_spans(self) -> bool:
        """Whether the rows are of unequal length and no cell spans: a dump that lost the merges."""
        if any(cell.row_span > 1 or cell.col_span > 1 for cell in self.table.cells):
            return False
        return len({len(row) for row in self.rows}) > 1

    def anchored(self, row: int) -> tuple[Cell, ...]:
        """The cells that begin in `row`."""
        return tuple(cell for cell in self.rows[row - 1] if cell.row == row)

    def under(self, row: int, header: tuple[Cell, ...], leading: int) -> dict[int, tuple[Cell, ...]]:
        """The cells of `row` under each cell of `header`, by the header cell's index.

        `leading` is how many header cells at the left a merge may have swallowed in dumps
        that lost their spans.
        """
        cells = self.rows[row - 1]
        if self.lost_spans:
            missing = len(header) - len(cells)
            if not cells or not 0 < missing <= leading:
                return {index: (cell,) for index, cell in enumerate(cells) if index < len(header)}
            stays = not compact(cells[0].text) or bool(_OWN_ROW.fullmatch(compact(cells[0].text)))
            shifted: dict[int, tuple[Cell, ...]] = {
                index + missing: (cell,) for index, cell in enumerate(cells)
            }
            return (
                shifted if not stays else {0: cells[:1]} | {k: v for k, v in shifted.items() if k > missing}
            )
        found: dict[int, list[Cell]] = {}
        for cell in cells:
            best = max(range(len(header)), key=lambda index: (_overlap(cell, header[index]), -index))
            if _overlap(cell, header[best]) > 0:
                found.setdefault(best, []).append(cell)
        return {index: tuple(under) for index, under in found.items()}

    def printed(self, cells: Iterable[Cell]) -> Printed | None:
        """What cells print, joined; None where they print nothing."""
        pieces = [self.cut(cell) for cell in cells if cell.text.strip()]
        if not pieces:
            return None
        text = pieces[0].text
        for piece in pieces[1:]:
            text += " " * (text[-1:].isdigit() and piece.text[:1].isdigit()) + piece.text
        return Printed(text, tuple(place for piece in pieces for place in piece.places))

    def cut(self, cell: Cell, start: int = 0, end: int | None = None) -> Printed:
        """`cell.text[start:end]` on one line, with its place."""
        return Printed(unwrapped(cell.text[start:end]), (self.place(cell, start, end),))

    def place(self, cell: Cell, start: int = 0, end: int | None = None) -> Place:
        """The place of `cell.text[start:end]`, white space around it left out."""
        row, col = (cell.col, cell.row) if self.turned else (cell.row, cell.col)
        return Place(self.block_no, *trimmed(cell.text, start, end), row, col)

    def turn(self) -> "Grid":
        """The grid with rows and columns exchanged."""
        cells = sorted(
            Cell(c.col, c.row, c.col_span, c.row_span, c.text, c.positions) for c in self.table.cells
        )
        return Grid(
            self.block_no, Table(self.table.n_columns, self.table.n_rows, tuple(cells)), not self.turned
        )


def _overlap(a: Cell, b: Cell) -> int:
    return min(a.col + a.col_span, b.col + b.col_span) - max(a.col, b.col)
