"""Tables of Markdown: pipe tables, HTML tables, and the pieces into which pages cut one table.

OCR tools read page by page. A table that runs on comes out as several: the head repeated or not, a row cut in two. What
was printed between the pieces decides first (nothing but the page's own number), then their columns and heads.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from parsers.cover import is_title
from parsers.formats.html_tree import parse_html
from parsers.formats.markdown_seams import (
    MOST_HEAD_ROWS,
    below,
    by_row,
    can_go_on,
    ends_in_total,
    goes_on,
    is_lower_head,
    rejoined,
    repeated,
    says_again,
    without_labels,
)
from parsers.formats.web_page import Piece, read_page
from parsers.grid import Grid
from parsers.headers import label_of, read_header
from parsers.printed import compact
from schemas.blocks import Cell, Table

_ALIGNMENT = re.compile(r"\s*\|?\s*:?-{1,}:?\s*(?:\|\s*:?-{1,}:?\s*)*\|?\s*")
_PIPE = re.compile(r"(?<!\\)\|")
_MAX_COLUMNS = 500
_MOST_LABELS = 2
"""Columns of labels beside the rows of a form, at most."""


_MOST_HEADS = 20
"""Heads of one table that a later page may print again."""


class _Head(NamedTuple):
    """A head amid a table: what it heads, and its rows."""

    family: str
    rows: list[list[Cell]]


class Growing:
    """A table and the pieces of it that later pages hold, put together piece by piece.

    `doubts` counts the pieces that may be tables of their own: no head was repeated, or a row was cut.
    """

    __slots__ = ("_families", "_heads", "_lower_heads", "_pieces", "doubts")

    def __init__(self, first: Table) -> None:
        self._pieces = [first]
        self._lower_heads: set[int] = set()
        self._heads = _heads(first, first.n_rows)
        self._families = {head.family for head in self._heads}
        self.doubts = 0

    def take(self, piece: Table, *, behind_picture: bool = False) -> bool:
        """Adds the next piece if it is one. Nothing was printed between it and the last, `behind_picture` a picture: then
        only a piece that begins no table of its own is one."""
        first, last = self._pieces[0], self._pieces[-1]
        if first.n_columns < 2:
            return False
        whole = piece if first.n_columns == piece.n_columns else without_labels(last, piece)
        if whole is None:
            return False
        head = repeated(first, whole)
        is_inner = not head and not ends_in_total(last)
        if is_inner:
            head = max((says_again(h.rows, whole) for h in self._heads), default=0)
        if not head and self._begins_anew(piece):
            return False
        body = below(whole, head)
        if behind_picture and not (can_go_on(last, body) and self._is_whole_with(body, head)):
            return False
        if not body.n_rows:
            return True
        is_cut = goes_on(last, body)
        if is_cut:
            self._pieces[-1], body = rejoined(last, body)
        elif is_lower_head(last, body):
            self._lower_heads.add(len(self._pieces))
        self.doubts += is_cut or not head or is_inner or behind_picture
        heads = _heads(body, body.n_rows)
        self._heads = (self._heads + heads)[:_MOST_HEADS]
        self._families |= {head.family for head in heads}
        self._pieces += [body] if body.n_rows else []
        return True

    def _begins_anew(self, piece: Table) -> bool:
        """Whether a piece is a table of its own: it names another fund, or has a head like one that stands above. A head
        of another kind goes on with the form (money, then indicators)."""
        top = [cell for cell in piece.cells if cell.row <= MOST_HEAD_ROWS]
        if any(label_of(cell.text) == "fund_name" for cell in top):
            return True
        if any(c.row == 1 and c.col_span == piece.n_columns and is_title(compact(c.text)) for c in top):
            return True
        return any(head.family in self._families for head in _heads(piece, MOST_HEAD_ROWS))

    def _is_whole_with(self, body: Table, head: int) -> bool:
        """Whether a piece that has a head of its own kind belongs to the form above it."""
        is_form = any(label_of(cell.text) == "fund_name" for cell in self._pieces[0].cells)
        return bool(head) or is_form or not _heads(body, 1)

    def table(self) -> Table:
        """All pieces as one table. An empty cell over several rows at the top of a piece is the rest of the one above, and
        so are those beside the lower row of a head."""
        cells: list[Cell] = []
        rows = 0
        bottom: dict[
            tuple[int, int], int
        ] = {}  # column and width -> place of the cell that reaches down to the cut
        for number, piece in enumerate(self._pieces):
            reaching: dict[tuple[int, int], int] = {}
            for cell in piece.cells:
                place = bottom.get((cell.col, cell.col_span)) if cell.row == 1 else None
                goes_over = cell.row_span > 1 or number in self._lower_heads
                if place is not None and goes_over and not compact(cell.text):
                    above = cells[place]
                    cells[place] = above._replace(row_span=above.row_span + cell.row_span)
                else:
                    place = len(cells)
                    cells.append(cell._replace(row=cell.row + rows) if rows else cell)
                if cell.row + cell.row_span - 1 == piece.n_rows:
                    reaching[cell.col, cell.col_span] = place
            bottom = reaching
            rows += piece.n_rows
        return Table(rows, self._pieces[0].n_columns, tuple(cells))


def is_alignment(line: str) -> bool:
    """Whether a line is the row of dashes under the head of a pipe table."""
    return "-" in line and "|" in line and bool(_ALIGNMENT.fullmatch(line))


def pipe_cells(line: str) -> list[str]:
    """The cells of a line of a pipe table, as written."""
    line = line.strip()
    if line.startswith("|"):
        line = line[1:]
    if line.endswith("|") and not line.endswith("\\|"):
        line = line[:-1]
    return [cell.strip().replace("\\|", "|") for cell in _PIPE.split(line)[:_MAX_COLUMNS]]


def pipe_table(rows: Sequence[Sequence[str]]) -> Table:
    """A pipe table from its cells; rows that end early are filled with empty cells."""
    width = max(len(row) for row in rows)
    cells = tuple(
        Cell(row_no, column, 1, 1, row[column - 1] if column <= len(row) else "")
        for row_no, row in enumerate(rows, start=1)
        for column in range(1, width + 1)
    )
    return Table(len(rows), width, cells)


def html_pieces(fragment: str) -> list[Piece]:
    """What a fragment of HTML in Markdown prints: its tables, and lines such as their captions."""
    root = parse_html(fragment)
    pieces = [] if root is None else read_page(root, office=True).pieces
    return [piece if piece.table is None else replace(piece, table=_evened(piece.table)) for piece in pieces]


def _evened(table: Table) -> Table:
    """A table whose side labels reach only as far down as its rows leave room for them. Tools let them reach over the
    rows of the total at the foot, which then stand out at the right by just their width."""
    right = [0] * (table.n_rows + 1)
    for cell in table.cells:
        for row in range(cell.row, cell.row + cell.row_span):
            right[row] = max(right[row], cell.col + cell.col_span - 1)
    wide = [row for row in range(1, table.n_rows + 1) if right[row] == table.n_columns]
    first = wide[0] if wide else 1
    width = max(right[1:first], default=0)
    over = {c.col: c for c in table.cells if c.row < first <= c.row + c.row_span - 1}
    labels = [over[col] for col in range(1, min(table.n_columns - width, _MOST_LABELS) + 1) if col in over]
    if (
        wide != list(range(first, table.n_rows + 1))
        or not width
        or len(labels) != table.n_columns - width
        or any(label.col_span > 1 for label in labels)
        or len(over) != len(labels)
    ):
        return table
    cells = [
        c._replace(row_span=first - c.row)
        if c in labels
        else c
        if c.row < first
        else c._replace(col=c.col - len(labels))
        for c in table.cells
    ]
    return Table(table.n_rows, width, tuple(sorted(cells)))


def _heads(table: Table, rows: int) -> list[_Head]:
    """The heads in the first `rows` rows of a table."""
    grid = Grid(1, table)
    each = by_row(table)
    headers = (read_header(grid, row) for row in range(1, min(table.n_rows, rows) + 1))
    return [_Head(found[0], each[found[1].first_row - 1 : found[1].last_row]) for found in headers if found]
