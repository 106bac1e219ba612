"""Tables that pages cut, stitched: what one page shows goes on with what the next shows.

A piece goes on with the table before it where its columns stand under the table's and nothing but furniture lies
between, unless it begins anew: with a title, or with the labels that the table began with. Header rows
that are printed again are left out, a row cut in two is put together, and a cell merged over the cut is one cell.
"""

import re
from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from parsers.formats.page_cells import CellPart, is_wrapped, sign_between
from parsers.formats.page_pieces import (
    Columns,
    Edges,
    Row,
    TablePiece,
    aligned,
    columns_of,
    is_label,
    is_title_row,
)
from parsers.formats.page_seams import Seam, is_cut_row, is_one_cell
from schemas.blocks import Cell, Table
from schemas.locations import Position

_HEAD_ROWS = 12
"""Rows at a table's beginning that a page may print again."""
_LEAST_SHARED = 0.5
"""Share of the inner edges of columns, of the table or of the piece, that must stand under each other."""
_ROOM = 72.0
"""Points that a page leaves free below a table, besides the height of the row that did not fit: where more is free,
the table ended there."""


@dataclass(slots=True)
class _Merged:
    """A cell of the table under way."""

    row: int
    columns: Columns
    row_span: int
    text: str
    positions: list[Position]


class _Bottom(NamedTuple):
    """A cell that reaches the table's last row, with what the last page showed of it."""

    cell: _Merged
    part: CellPart


@dataclass(slots=True)
class TableRun:
    """A table under way: what the pages up to now show of it."""

    piece: TablePiece
    """What the last page showed."""
    warnings: list[str] = field(default_factory=list)
    n_rows: int = 0
    positions: list[Position] = field(default_factory=list)
    _edges: list[float] = field(default_factory=list)
    _cells: list[_Merged] = field(default_factory=list)
    _bottom: dict[Columns, _Bottom] = field(default_factory=dict)
    _head: tuple[Row, ...] = ()
    _blank_alone: set[Columns] = field(default_factory=set)
    """Columns in which unmerged cells stand empty."""
    _labelled: set[Columns] = field(default_factory=set)
    """Columns in which a cell that is merged over rows holds a text."""

    def __post_init__(self) -> None:
        self._edges = list(self.piece.edges.values())
        numbers = {edge: number for number, edge in enumerate(self.piece.edges)}
        self._head = self.piece.comparable(numbers, _HEAD_ROWS)
        self._add(self.piece, numbers, 0, is_cut=False)

    def takes(self, piece: TablePiece, room: float) -> bool:
        """Whether `piece`, at the top of the next page, goes on with the table: then it is added. `room` is what the
        page of the last piece leaves free below it, in points."""
        edges = aligned(self._edges, self.piece.box, piece)
        if edges is None:
            return False
        inner = (len(self._edges) - 2, len(piece.edges) - 2)
        shared = edges.shared - 2
        least = min(inner)
        is_sure = not edges.new or shared == inner[0]
        if not is_sure and (least <= 0 or shared < _LEAST_SHARED * least):
            return False
        rows = piece.comparable(edges.numbers, _HEAD_ROWS + 2)
        again = _rows_again(self._head, rows)
        if again == piece.n_rows or self._begins_anew(piece, rows, again):
            return False
        if not again and room > _ROOM + piece.row_height(1):
            return False
        self._take(piece, edges, again)
        if not is_sure:
            self.warnings.append(
                f"The table at the top of page {piece.page} was read as going on with the one before it, though "
                "not all of its columns stand under that one's."
            )
        return True

    def table(self) -> Table:
        """The table as stitched. Rows in which no cell begins are none: what is left of a row after the cut."""
        begun = {cell.row for cell in self._cells}
        rows = list(accumulate((row in begun for row in range(1, self.n_rows + 1)), initial=0))
        order = sorted(range(len(self._edges)), key=lambda number: self._edges[number])
        column = {number: place for place, number in enumerate(order, start=1)}
        cells = sorted(
            Cell(
                rows[cell.row],
                column[cell.columns[0]],
                rows[cell.row + cell.row_span - 1] - rows[cell.row - 1],
                column[cell.columns[1]] - column[cell.columns[0]],
                cell.text,
                tuple(cell.positions),
            )
            for cell in self._cells
        )
        return Table(rows[-1], len(order) - 1, tuple(cells), tuple(self.positions))

    # -- adding a page ------------------------------------------------------------------------

    def _take(self, piece: TablePiece, edges: Edges, again: int) -> None:
        self._edges = edges.positions
        numbers = edges.numbers
        seams = self._seams(piece, numbers, again)
        is_cut = seams is not None and is_cut_row(seams, self.piece, piece.row_height(again + 1))
        self._add(piece, numbers, again, is_cut=is_cut)
        self.piece = piece

    def _seams(self, piece: TablePiece, numbers: dict[int, int], again: int) -> list[Seam] | None:
        """The cells of the piece's first row of its own beside those above them; None where they do not match."""
        seams = []
        for part in piece.rows[again]:
            bottom = self._bottom.get(columns_of(part, numbers))
            if bottom is None:
                return None
            seams.append(Seam(bottom.part, part, bottom.cell.text, bottom.cell.row_span))
        return seams

    def _add(self, piece: TablePiece, numbers: dict[int, int], again: int, *, is_cut: bool) -> None:
        offset = self.n_rows - again - is_cut
        above, self._bottom = self._bottom, {}
        last_row = offset + piece.n_rows
        is_leading = True
        for part in piece.parts:
            if part.row <= again:
                continue
            columns = columns_of(part, numbers)
            bottom = above.get(columns) if part.row == again + 1 else None
            if bottom is not None and not is_cut:
                seam = Seam(bottom.part, part, bottom.cell.text, bottom.cell.row_span)
                if not is_one_cell(
                    seam,
                    is_leading=is_leading,
                    blank_is_merged=columns not in self._blank_alone,
                    has_labels=columns in self._labelled,
                ):
                    bottom = None
            if part.row == again + 1:
                is_leading = is_leading and (bottom is not None or not part.text)
            cell = self._placed(part, columns, bottom, offset, is_cut=is_cut)
            if cell.row + cell.row_span - 1 == last_row:
                self._bottom[columns] = _Bottom(cell, part)
            if not part.text and part.row_span == 1 and again + 1 < part.row < piece.n_rows:
                self._blank_alone.add(columns)
            if part.text and part.row_span > 1:
                self._labelled.add(columns)
        self.n_rows = last_row
        self.positions.append(Position(piece.page, piece.box))

    def _placed(
        self, part: CellPart, columns: Columns, bottom: _Bottom | None, offset: int, *, is_cut: bool
    ) -> _Merged:
        if bottom is None:
            cell = _Merged(part.row + offset, columns, part.row_span, part.text, [part.position()])
            self._cells.append(cell)
            return cell
        cell = bottom.cell
        cell.row_span = part.row + offset + part.row_span - cell.row
        is_own = is_cut and part.row_span == bottom.part.row_span == 1
        if part.text and (is_own or not _is_again(bottom, part)):
            sign = sign_between(bottom.part, part) if bottom.part.text else "\n" * bool(cell.text)
            cell.text += sign
            cell.positions.append(part.position(len(cell.text)))
            cell.text += part.text
        else:
            cell.positions.append(part.position(len(cell.text)))
        return cell

    # -- a table of its own -------------------------------------------------------------------

    def _begins_anew(self, piece: TablePiece, rows: tuple[Row, ...], again: int) -> bool:
        """Whether a piece begins with a title, or after it (and other rows printed alike) with the labels of the
        table's own head: a form filled in again."""
        if not again and is_title_row(piece.rows[0], len(piece.edges) - 1):
            return True
        own, its = self._head[again : again + 2], rows[again : again + 2]
        alike = [
            (first[0][2], first == second)
            for first, second in zip(own, its, strict=False)
            if first and second and first[0] == second[0] and first[0][2]
        ]
        if alike and is_label(alike[0][0]):
            return True
        return len(alike) == 2 and alike[0][0] != alike[1][0] and not alike[0][0].isdigit()


def _rows_again(head: tuple[Row, ...], rows: tuple[Row, ...]) -> int:
    """How many rows at the top of a page print the table's header again; its title may be left out."""
    for skipped in (0, 1) if head and len(head[0]) == 1 else (0,):
        again = 0
        while (
            again < len(rows) and skipped + again < len(head) and _is_same(head[skipped + again], rows[again])
        ):
            again += 1
        while again and any(at + row[1] > again for at, line in enumerate(rows[:again]) for row in line):
            again -= 1
        if again and any(text for row in rows[:again] for _, _, text in row):
            return again
    return 0


def _is_same(row: Row, again: Row) -> bool:
    """Whether a row is printed again: a label that reaches beyond the header may come in part."""
    return len(row) == len(again) and all(
        columns == its_columns and (text == its_text or (span > its_span and text.startswith(its_text)))
        for (columns, span, text), (its_columns, its_span, its_text) in zip(row, again, strict=True)
    )


def _is_again(bottom: _Bottom, part: CellPart) -> bool:
    """Whether a page prints the text of a merged cell again, all of it or a label of it; what follows a full line is
    the rest of the text, though the same characters stand in it before."""
    text, below = _compact(bottom.cell.text), _compact(part.text)
    return below == text or (below in text and not is_wrapped(bottom.part, part))


def _compact(text: str) -> str:
    return re.sub(r"\s+", "", text)
