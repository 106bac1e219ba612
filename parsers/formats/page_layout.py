"""Spans and rules of a page -> its printed lines and ruled tables.

rules -> edges (straight lines, snapped and joined) -> frames (edges that meet) -> lattice of a frame (its rows and
columns, and which of the borders between are drawn) -> cells (merged ones where a border is missing) -> tables, with
the spans that stand in each cell. What no table holds becomes lines.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from parsers.formats.pages import Grid, GridCell, Line, Page, Rule, Span
from schemas.locations import Box

SNAP = 4.0
"""Parallel rules nearer than this are one: a double rule, or one that a scan bent. No printed row or column is
that small."""
_SNAP_RANGE = 7.0
"""Widest range of positions that one edge takes up."""
JOIN = 4.0
"""Gaps that an edge is drawn with: dashes, and rules drawn cell by cell."""
REACH = 5.0
"""How far an edge may end before, or run past, the one that it meets."""
_SHORTEST = 6.0
"""Edges below this are ticks and letters."""
_THICKEST = 6.0
"""Rules above this are bars."""
_DRAWN = 0.85
"""Share of a border that must be drawn for the cell to end there."""
_CLOSED = 0.5
"""Share of a frame's area that closed cells must cover for it to be a table, not a drawing."""
_SAME_LINE = 0.5
"""Share of the lower of two spans that must lie at the height of the other for both to be on one line."""


class Edge(NamedTuple):
    """A straight ruled line: at `at` across its direction, from `start` to `end` along it."""

    at: float
    start: float
    end: float


class Frame(NamedTuple):
    """Edges that meet, directly or through others."""

    across: tuple[Edge, ...]
    upright: tuple[Edge, ...]


class Cell(NamedTuple):
    """A cell by the numbers (from 0) of its first and last row and column, and its box."""

    row: int
    col: int
    last_row: int
    last_col: int
    box: Box


class Table(NamedTuple):
    """The cells of a frame; `rows` and `columns` hold the positions of the lines between."""

    columns: list[float]
    rows: list[float]
    cells: list[Cell]
    owner: list[list[int]]
    """For each row, each column's cell; -1 where nothing closes it."""


def lay_out(number: int, width: float, height: float, spans: Sequence[Span], rules: Sequence[Rule]) -> Page:
    """Page `number`, `width` by `height` points, from its text and its ruling lines, in any order."""
    tables = tables_of(rules) if len(rules) >= 4 else []
    inside, outside = place_spans(spans, tables)
    items: list[Line | Grid] = list(lines_of(outside))
    for table, in_cells in zip(tables, inside, strict=True):
        if any(in_cells.values()):
            items.append(_grid(table, in_cells))
    return Page(number, width, height, tuple(sorted(items, key=_place)))


def _place(item: Line | Grid) -> tuple[float, float]:
    return (item.box[1], item.box[0])


def tables_of(rules: Iterable[Rule]) -> list[Table]:
    """The ruled tables, from the top; one within a cell of another is left out."""
    across, upright = edges_of(rules)
    tables = [table for frame in frames_of(across, upright) if (table := table_of(frame)) is not None]
    return _outermost(tables)


# rules -> edges


def edges_of(rules: Iterable[Rule]) -> tuple[list[Edge], list[Edge]]:
    """The horizontal and the vertical edges that the rules make."""
    across: list[Edge] = []
    upright: list[Edge] = []
    for left, top, right, bottom in rules:
        wide, high = right - left, bottom - top
        # A dot belongs to a dotted line, or is the joint of two: it lengthens either.
        if (wide >= high or wide <= 2.0) and high <= _THICKEST:
            across.append(Edge((top + bottom) / 2, left, right))
        if (high >= wide or high <= 2.0) and wide <= _THICKEST:
            upright.append(Edge((left + right) / 2, top, bottom))
    return joined(across), joined(upright)


def joined(edges: list[Edge]) -> list[Edge]:
    """Parallel edges with near ones brought to one position and pieces of one put together, without stray ticks."""
    edges.sort()
    found: list[Edge] = []
    first = 0
    for index in range(1, len(edges) + 1):
        if (
            index == len(edges)
            or edges[index].at - edges[index - 1].at > SNAP
            or edges[index].at - edges[first].at > _SNAP_RANGE
        ):
            found.extend(_pieces(edges[first:index]))
            first = index
    return found


def _pieces(near: list[Edge]) -> Iterable[Edge]:
    """The lines that edges at about one position make; the position is the mean, each weighing as it is long."""
    length = sum(edge.end - edge.start for edge in near)
    at = sum(edge.at * (edge.end - edge.start) for edge in near) / length if length > 0 else near[0].at
    near.sort(key=lambda edge: edge.start)
    start, end = near[0].start, near[0].end
    for edge in near[1:]:
        if edge.start - end > JOIN:
            if end - start >= _SHORTEST:
                yield Edge(at, start, end)
            start, end = edge.start, edge.end
        elif edge.end > end:
            end = edge.end
    if end - start >= _SHORTEST:
        yield Edge(at, start, end)


# edges -> frames


def frames_of(across: Sequence[Edge], upright: Sequence[Edge]) -> list[Frame]:
    """The groups of edges that meet; edges that meet none are left out."""
    leader = list(range(len(across) + len(upright)))

    def find(member: int) -> int:
        while leader[member] != member:
            leader[member] = leader[leader[member]]
            member = leader[member]
        return member

    order = sorted(range(len(upright)), key=lambda index: upright[index].at)
    positions = [upright[index].at for index in order]
    for index, edge in enumerate(across):
        low, high = edge.at - REACH, edge.at + REACH
        for at in range(
            bisect_left(positions, edge.start - REACH), bisect_right(positions, edge.end + REACH)
        ):
            other = upright[order[at]]
            if other.start <= high and other.end >= low:
                one, two = find(index), find(len(across) + order[at])
                if one != two:
                    leader[two] = one
    groups: dict[int, tuple[list[Edge], list[Edge]]] = {}
    for index, edge in enumerate(across):
        groups.setdefault(find(index), ([], []))[0].append(edge)
    for index, edge in enumerate(upright, start=len(across)):
        groups.setdefault(find(index), ([], []))[1].append(edge)
    return [Frame(tuple(flat), tuple(tall)) for flat, tall in groups.values() if flat and tall]


# frames -> cells


def table_of(frame: Frame) -> Table | None:
    """The cells of a frame; None where it is no table: a single cell, or a drawing."""
    if len(frame.across) < 2 and len(frame.upright) < 2:
        return None
    upright = [*frame.upright, *_closing(frame.across, [edge.at for edge in frame.upright])]
    across = [*frame.across, *_closing(frame.upright, [edge.at for edge in frame.across])]
    columns, rows = _positions(upright), _positions(across)
    if len(columns) < 2 or len(rows) < 2:
        return None
    sides = _borders(upright, columns, rows)
    levels = _borders(across, rows, columns)
    cells, owner = _cells(columns, rows, sides, levels)
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


def _closing(edges: Sequence[Edge], crossing: list[float]) -> list[Edge]:
    """The outer sides that a form leaves open: where two or more `edges` run on past the outermost of the lines
    that cross them and end together, a line from the first to the last of these."""
    closing = []
    for outer, ends in (
        (min(crossing), [(edge.start, edge.at) for edge in edges]),
        (max(crossing), [(edge.end, edge.at) for edge in edges]),
    ):
        sign = -1 if outer == min(crossing) and ends[0][0] == edges[0].start else 1
        beyond = [(end, at) for end, at in ends if sign * (end - outer) > 2 * REACH]
        if len(beyond) < 2:
            continue
        far = max(beyond, key=lambda pair: sign * pair[0])[0]
        together = [at for end, at in beyond if abs(end - far) <= 2 * REACH]
        if len(together) >= 2:
            closing.append(Edge(far, min(together), max(together)))
    return closing


def _borders(edges: Iterable[Edge], lines: list[float], across: list[float]) -> list[bytearray]:
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


def _cells(
    columns: list[float], rows: list[float], sides: list[bytearray], levels: list[bytearray]
) -> tuple[list[Cell], list[list[int]]]:
    """The closed cells, from the top left: each grows right until a side is drawn and down until a level is."""
    n_rows, n_columns = len(rows) - 1, len(columns) - 1
    owner = [[-2] * n_columns for _ in range(n_rows)]
    cells: list[Cell] = []
    for row in range(n_rows):
        owners = owner[row]
        for col in range(n_columns):
            if owners[col] != -2:
                continue
            last_col = col
            while last_col + 1 < n_columns and not sides[last_col + 1][row] and owners[last_col + 1] == -2:
                last_col += 1
            last_row = row
            while last_row + 1 < n_rows and _goes_down(last_row + 1, col, last_col, sides, levels):
                last_row += 1
            cell = Cell(
                row,
                col,
                last_row,
                last_col,
                (columns[col], rows[row], columns[last_col + 1], rows[last_row + 1]),
            )
            name = len(cells) if _is_closed(cell, sides, levels) else -1
            if name >= 0:
                cells.append(cell)
            for covered in range(row, last_row + 1):
                owner[covered][col : last_col + 1] = [name] * (last_col + 1 - col)
    return cells, owner


def _goes_down(row: int, col: int, last_col: int, sides: list[bytearray], levels: list[bytearray]) -> bool:
    """Whether `row` belongs to the cell above: nothing drawn between them nor within."""
    if any(levels[row][col : last_col + 1]):
        return False
    return not any(sides[line][row] for line in range(col + 1, last_col + 1))


def _is_closed(cell: Cell, sides: list[bytearray], levels: list[bytearray]) -> bool:
    """Whether all four borders of a cell are drawn, nearly without gaps."""
    rows, columns = slice(cell.row, cell.last_row + 1), slice(cell.col, cell.last_col + 1)
    return all(
        sum(border) >= _DRAWN * len(border)
        for border in (
            sides[cell.col][rows],
            sides[cell.last_col + 1][rows],
            levels[cell.row][columns],
            levels[cell.last_row + 1][columns],
        )
    )


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


def _outermost(tables: list[Table]) -> list[Table]:
    """The tables from the top, without those that stand within another."""
    tables.sort(key=lambda table: (table.rows[0], -table.rows[-1]))
    kept: list[Table] = []
    for table in tables:
        middle = (table.columns[0] + table.columns[-1]) / 2
        if not any(
            other.rows[-1] >= table.rows[-1] - SNAP and other.columns[0] <= middle <= other.columns[-1]
            for other in kept
        ):
            kept.append(table)
    return kept


# spans -> cells and lines


def place_spans(
    spans: Iterable[Span], tables: Sequence[Table]
) -> tuple[list[dict[int, list[Span]]], list[Span]]:
    """For each table the spans in each of its cells, and the spans in none: a cell holds a span's centre."""
    inside: list[dict[int, list[Span]]] = [{} for _ in tables]
    outside: list[Span] = []
    for span in spans:
        x, y = (span.left + span.right) / 2, (span.top + span.bottom) / 2
        for table, in_cells in zip(tables, inside, strict=True):
            rows, columns = table.rows, table.columns
            if rows[0] <= y < rows[-1] and columns[0] <= x < columns[-1]:
                name = table.owner[bisect_right(rows, y) - 1][bisect_right(columns, x) - 1]
                if name >= 0:
                    in_cells.setdefault(name, []).append(span)
                    break
        else:
            outside.append(span)
    return inside, outside


def lines_of(spans: list[Span]) -> list[Line]:
    """The printed lines that the spans make, from the top; the spans of each from the left."""
    if len(spans) == 1:
        span = spans[0]
        return [Line((span,), (span.left, span.top, span.right, span.bottom))]
    found: list[list[Span]] = []
    top = bottom = 0.0
    for span in sorted(spans, key=lambda span: (span.top + span.bottom, span.left)):
        lower = min(span.bottom - span.top, bottom - top)
        if found and min(span.bottom, bottom) - max(span.top, top) > _SAME_LINE * lower:
            found[-1].append(span)
            top, bottom = min(top, span.top), max(bottom, span.bottom)
        else:
            found.append([span])
            top, bottom = span.top, span.bottom
    return [_line(line) for line in found]


def _line(spans: list[Span]) -> Line:
    spans.sort(key=lambda span: span.left)
    return Line(
        tuple(spans),
        (
            spans[0].left,
            min(span.top for span in spans),
            max(span.right for span in spans),
            max(span.bottom for span in spans),
        ),
    )


def _grid(table: Table, in_cells: dict[int, list[Span]]) -> Grid:
    cells = tuple(
        GridCell(
            cell.row + 1,
            cell.col + 1,
            cell.last_row - cell.row + 1,
            cell.last_col - cell.col + 1,
            cell.box,
            tuple(lines_of(in_cells[name])) if name in in_cells else (),
        )
        for name, cell in enumerate(table.cells)
    )
    return Grid(
        max(cell.last_row for cell in table.cells) + 1,
        max(cell.last_col for cell in table.cells) + 1,
        cells,
        (table.columns[0], table.rows[0], table.columns[-1], table.rows[-1]),
    )
