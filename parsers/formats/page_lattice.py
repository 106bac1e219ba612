"""Frames (ruled lines that meet) -> tables: rows, columns and cells, merged ones where a border is missing."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from parsers.formats.page_rules import NARROWEST, REACH, SNAP, Edge, Frame
from schemas.locations import Box

_DRAWN = 0.85
"""Share of a border that must be drawn for the cell to end there."""
_CLOSED = 0.5
"""Share of a frame's area that closed cells must cover for it to be a table, not a drawing."""
_MOST_CELLS = 200_000
"""Places of a lattice: a page of the smallest print has some ten thousands."""


class Cell(NamedTuple):
    """A cell by the numbers (from 0) of its first and last row and column, and its box."""

    row: int
    col: int
    last_row: int
    last_col: int
    box: Box


class Borders(NamedTuple):
    """What is drawn between the cells of a lattice: for each column's left side (and the last one's right side) its
    piece in each row, for each row's level the same in each column."""

    sides: list[bytearray]
    levels: list[bytearray]


class Table(NamedTuple):
    """The cells of a frame; `rows` and `columns` hold the positions of the lines between."""

    columns: list[float]
    rows: list[float]
    cells: list[Cell]
    owner: list[list[int]]
    """For each row, each column's cell; -1 where nothing closes it."""


def table_of(frame: Frame) -> Table | None:
    """The cells of a frame; None where it is no table: a single cell, or a drawing."""
    if len(frame.across) < 2 and len(frame.upright) < 2:
        return None
    upright = [*frame.upright, *_closing(frame.across, [edge.at for edge in frame.upright])]
    across = [*frame.across, *_closing(frame.upright, [edge.at for edge in frame.across])]
    columns, rows = _positions(upright), _positions(across)
    if len(columns) < 2 or len(rows) < 2 or len(columns) * len(rows) > _MOST_CELLS:
        return None
    borders = Borders(_drawn(upright, columns, rows), _drawn(across, rows, columns))
    cells, owner = _cells(columns, rows, borders)
    if len(cells) < 2 or not _mostly_closed(cells, columns, rows):
        return None
    return _without_empty_lines(Table(columns, rows, cells, owner))


def _positions(edges: Iterable[Edge]) -> list[float]:
    """Where the edges stand, near ones once."""
    found: list[float] = []
    for at in sorted(edge.at for edge in edges):
        if not found or at - found[-1] > SNAP:
            found.append(at)
    return found


def _closing(edges: Sequence[Edge], crossing: list[float]) -> Iterator[Edge]:
    """The outer sides that a form leaves open: where two or more `edges` run on past the outermost of the lines
    that cross them and end together, a line from the first to the last of these."""
    low, high = min(crossing), max(crossing)
    before = [(edge.start, edge.at) for edge in edges if low - edge.start > NARROWEST]
    after = [(edge.end, edge.at) for edge in edges if edge.end - high > NARROWEST]
    for ends, outermost in ((before, min), (after, max)):
        if len(ends) >= 2:
            far = outermost(ends)[0]
            together = [at for end, at in ends if abs(end - far) <= 2 * REACH]
            if len(together) >= 2:
                yield Edge(far, min(together), max(together))


def _drawn(edges: Iterable[Edge], lines: list[float], across: list[float]) -> list[bytearray]:
    """For each of the `lines`, which of its pieces between two of the lines `across` are drawn."""
    drawn = [bytearray(len(across) - 1) for _ in lines]
    for edge in edges:
        line = drawn[_nearest(lines, edge.at)]
        first = bisect_left(across, edge.start - REACH)
        last = bisect_right(across, edge.end + REACH) - 1
        for piece in range(first, last):
            line[piece] = 1
    return drawn


def _nearest(positions: list[float], at: float) -> int:
    """The number of the position nearest to `at`."""
    right = bisect_left(positions, at)
    if right == len(positions) or (right and at - positions[right - 1] <= positions[right] - at):
        return right - 1
    return right


def _cells(columns: list[float], rows: list[float], borders: Borders) -> tuple[list[Cell], list[list[int]]]:
    """The closed cells, from the top left, and for each row the cell of each column (-1 for none)."""
    owner = [[-1] * (len(columns) - 1) for _ in range(len(rows) - 1)]
    cells = [
        Cell(*corners, (columns[corners[1]], rows[corners[0]], columns[corners[3] + 1], rows[corners[2] + 1]))
        for corners in _rectangles(owner, borders)
    ]
    closed = [_is_closed(cell, borders) for cell in cells]
    cut = [not is_closed and _is_cut(cell, borders) for cell, is_closed in zip(cells, closed, strict=True)]
    if any(closed):
        closed = [one or other for one, other in zip(closed, cut, strict=True)]
    if all(closed):
        return cells, owner
    leaking = _leaking(cells, owner, borders)
    kept = [name for name, is_closed in enumerate(closed) if is_closed or name not in leaking]
    names = [-1] * len(cells)
    for new, name in enumerate(kept):
        names[name] = new
    return [cells[name] for name in kept], [[names[name] for name in row] for row in owner]


def _rectangles(owner: list[list[int]], borders: Borders) -> Iterator[tuple[int, int, int, int]]:
    """First row, first column, last row, last column of each part of the lattice that no border divides: it grows
    right until a side is drawn and down until a level is. Enters their numbers in `owner`."""
    sides = borders.sides
    n_rows, n_columns = len(owner), len(owner[0])
    count = 0
    for row in range(n_rows):
        owners = owner[row]
        for col in range(n_columns):
            if owners[col] >= 0:
                continue
            last_col = col
            while last_col + 1 < n_columns and not sides[last_col + 1][row] and owners[last_col + 1] < 0:
                last_col += 1
            last_row = row
            while last_row + 1 < n_rows and _goes_down(last_row + 1, col, last_col, borders):
                last_row += 1
            for covered in range(row, last_row + 1):
                owner[covered][col : last_col + 1] = [count] * (last_col + 1 - col)
            count += 1
            yield row, col, last_row, last_col


def _goes_down(row: int, col: int, last_col: int, borders: Borders) -> bool:
    """Whether `row` belongs to the cell above: nothing drawn between them nor within."""
    sides, levels = borders
    if any(levels[row][col : last_col + 1]):
        return False
    return not any(sides[line][row] for line in range(col + 1, last_col + 1))


def _is_closed(cell: Cell, borders: Borders) -> bool:
    """Whether all four borders of a cell are drawn, nearly without gaps."""
    return all(
        0 not in border or sum(border) >= _DRAWN * len(border) for border in _four_borders(cell, borders)
    )


def _is_cut(cell: Cell, borders: Borders) -> bool:
    """Whether a cell lacks only a border at the table's upper or lower end: where a page cuts a cell, some programs
    draw none."""
    x0, y0, x1, y1 = cell.box
    if min(x1 - x0, y1 - y0) < NARROWEST:  # strokes of large characters
        return False
    n_rows = len(borders.levels) - 1
    left, right, upper, lower = _four_borders(cell, borders)
    ends = ((upper, cell.row == 0), (lower, cell.last_row == n_rows - 1))
    return 0 not in left and 0 not in right and all(at_end or 0 not in border for border, at_end in ends)


def _four_borders(cell: Cell, borders: Borders) -> tuple[bytearray, bytearray, bytearray, bytearray]:
    """The left, right, upper and lower border of a cell, piece by piece."""
    sides, levels = borders
    rows, columns = slice(cell.row, cell.last_row + 1), slice(cell.col, cell.last_col + 1)
    return (
        sides[cell.col][rows],
        sides[cell.last_col + 1][rows],
        levels[cell.row][columns],
        levels[cell.last_row + 1][columns],
    )


def _leaking(cells: list[Cell], owner: list[list[int]], borders: Borders) -> set[int]:
    """The numbers of the cells from which a way leads out of the table that no border bars. The others that are not
    closed are parts of a region that is no rectangle."""
    n_rows, n_columns = len(owner), len(owner[0])
    leaking: set[int] = set()
    todo: list[int] = []
    for name, cell in enumerate(cells):
        outer = (cell.col == 0, cell.last_col == n_columns - 1, cell.row == 0, cell.last_row == n_rows - 1)
        for border, is_outer in zip(_four_borders(cell, borders), outer, strict=True):
            if is_outer and sum(border) < _DRAWN * len(border):
                leaking.add(name)
                todo.append(name)
                break
    while todo:
        for other in _open_neighbours(cells[todo.pop()], owner, borders):
            if other not in leaking:
                leaking.add(other)
                todo.append(other)
    return leaking


def _open_neighbours(cell: Cell, owner: list[list[int]], borders: Borders) -> Iterator[int]:
    """The cells beside `cell` with a piece of border missing between."""
    left, right, upper, lower = _four_borders(cell, borders)
    for row, on_left, on_right in zip(range(cell.row, cell.last_row + 1), left, right, strict=True):
        if not on_left and cell.col:
            yield owner[row][cell.col - 1]
        if not on_right and cell.last_col + 1 < len(owner[0]):
            yield owner[row][cell.last_col + 1]
    for col, above, below in zip(range(cell.col, cell.last_col + 1), upper, lower, strict=True):
        if not above and cell.row:
            yield owner[cell.row - 1][col]
        if not below and cell.last_row + 1 < len(owner):
            yield owner[cell.last_row + 1][col]


def _mostly_closed(cells: list[Cell], columns: list[float], rows: list[float]) -> bool:
    area = sum((cell.box[2] - cell.box[0]) * (cell.box[3] - cell.box[1]) for cell in cells)
    return area >= _CLOSED * (columns[-1] - columns[0]) * (rows[-1] - rows[0])


def _without_empty_lines(table: Table) -> Table:
    """`table` without rows and columns in which no cell begins: what ticks at its borders had made."""
    row_starts, col_starts = (
        sorted({cell.row for cell in table.cells}),
        sorted({cell.col for cell in table.cells}),
    )
    if len(row_starts) == len(table.rows) - 1 and len(col_starts) == len(table.columns) - 1:
        return table
    cells = [
        cell._replace(
            row=bisect_right(row_starts, cell.row) - 1,
            col=bisect_right(col_starts, cell.col) - 1,
            last_row=bisect_right(row_starts, cell.last_row) - 1,
            last_col=bisect_right(col_starts, cell.last_col) - 1,
        )
        for cell in table.cells
    ]
    return table._replace(cells=cells)
