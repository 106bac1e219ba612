"""Tables of Markdown: pipe tables, HTML tables, and the pieces into which pages cut one table.

OCR tools read page by page. A table that runs on comes out as several: the head repeated or not, a row cut in two. What
was printed between the pieces decides first (nothing but the page's own number), then their columns and heads.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from parsers.formats.html_tree import parse_html
from parsers.formats.web_page import Piece, read_page
from parsers.grid import Grid
from parsers.headers import read_header
from parsers.printed import compact
from schemas.blocks import Cell, Table

_ALIGNMENT = re.compile(r"\s*\|?\s*:?-{1,}:?\s*(?:\|\s*:?-{1,}:?\s*)*\|?\s*")
_PIPE = re.compile(r"(?<!\\)\|")
_MOST_HEAD_ROWS = 4
_MAX_COLUMNS = 500
_ENDED = ("。", "；", "：", "！", "？", ".", ";", "%", "％", "）", ")")
_FILLED = 0.9
"""Share of a table's rows in which a column is filled that no row leaves empty unless it goes on with the row above."""


class Stitch(NamedTuple):
    """Two pieces as one table; `doubt` says why they may not be one, "" where nothing speaks against it."""

    table: Table
    doubt: str


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
    return [] if root is None else read_page(root, office=True).pieces


def stitched(first: Table, second: Table) -> Stitch | None:
    """Two tables with nothing printed between them as one, where they are pieces of one; else None."""
    if first.n_columns != second.n_columns or first.n_columns < 2:
        return None
    head = _repeated(first, second)
    if not head and _has_head(second) and _has_head(first):
        return None
    doubt = "" if head else "no head is repeated"
    body = _below(second, head)
    if not body.cells:
        return Stitch(first, "")
    if _goes_on(first, body):
        return Stitch(_appended(*_rejoined(first, body)), "a row is cut in two")
    return Stitch(_appended(first, body), doubt)


def _rows(table: Table) -> list[list[Cell]]:
    rows: list[list[Cell]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row - 1].append(cell)
    return rows


def _repeated(first: Table, second: Table) -> int:
    """How many rows at the top of the second piece repeat those of the first."""
    a, b = _rows(first), _rows(second)
    for count in range(min(len(a), len(b), _MOST_HEAD_ROWS), 0, -1):
        if any(row for row in b[:count]) and all(
            [(c.col, c.col_span, compact(c.text)) for c in x] == [(c.col, c.col_span, compact(c.text)) for c in y]
            for x, y in zip(a[:count], b[:count], strict=True)
        ):
            return count
    return 0


def _has_head(table: Table) -> bool:
    grid = Grid(1, table)
    return any(read_header(grid, row) for row in range(1, min(table.n_rows, _MOST_HEAD_ROWS) + 1))


def _below(table: Table, head: int) -> Table:
    """A table without its first `head` rows."""
    cells = tuple(c._replace(row=c.row - head) for c in table.cells if c.row > head)
    return Table(table.n_rows - head, table.n_columns, cells)


def _goes_on(first: Table, body: Table) -> bool:
    """Whether the first row of the next piece is the rest of the last row of this one: columns that every row fills, the
    leftmost of them among these, are empty in it."""
    if first.n_rows < 3 or any(cell.row_span > 1 for cell in body.cells if cell.row == 1):
        return False
    filled = {col: 0 for col in range(1, first.n_columns + 1)}
    for cell in first.cells:
        if compact(cell.text):
            for col in range(cell.col, min(cell.col + cell.col_span, first.n_columns + 1)):
                filled[col] += cell.row_span
    always = [col for col, count in filled.items() if count >= _FILLED * first.n_rows]
    top = {cell.col: cell for cell in body.cells if cell.row == 1}
    last = {cell.col: cell for cell in first.cells if cell.row + cell.row_span - 1 == first.n_rows}
    printed = [col for col, cell in top.items() if compact(cell.text)]
    if not always or not printed or always[0] in printed or min(printed) < always[0]:
        return False
    is_cut = any(compact(last[col].text) and not last[col].text.rstrip().endswith(_ENDED) for col in printed if col in last)
    return is_cut and all(col in last for col in printed)


def _rejoined(first: Table, body: Table) -> tuple[Table, Table]:
    """The two pieces, the first row of the second joined to the last of the first, cell by cell."""
    rest = {cell.col: cell.text for cell in body.cells if cell.row == 1 and compact(cell.text)}
    cells = tuple(
        cell._replace(text=cell.text.rstrip() + rest[cell.col].lstrip())
        if cell.row + cell.row_span - 1 == first.n_rows and cell.col in rest
        else cell
        for cell in first.cells
    )
    return Table(first.n_rows, first.n_columns, cells), _below(body, 1)


def _appended(first: Table, second: Table) -> Table:
    moved = tuple(cell._replace(row=cell.row + first.n_rows) for cell in second.cells)
    return Table(first.n_rows + second.n_rows, first.n_columns, (*first.cells, *moved))
