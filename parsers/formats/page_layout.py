"""Spans and rules of a page -> its printed lines and ruled tables.

rules -> edges -> frames (page_rules.py) -> tables (page_lattice.py), with the spans that stand in each cell. What no
table holds becomes lines.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from heapq import nlargest

from parsers.formats.page_lattice import Table, table_of
from parsers.formats.page_rules import SNAP, Edge, edges_of, frames_of
from parsers.formats.pages import Grid, GridCell, Line, Page, Rule, Span
from schemas.locations import Box

_SAME_LINE = 0.5
"""Share of the lower of two spans that must lie at the height of the other for both to be on one line."""


_TALL = 4.0
"""Heights of an ordinary span from which one is turned or vertical writing, and stands for itself."""
_MOST_MEETINGS = 4_000_000
"""Pairs of a horizontal and an upright edge; beyond it a page is a map or a plan."""
_MOST_TABLES = 200
"""Tables of a page that are kept, the largest: beyond it there are boxes to tick, or a plan."""
_LOWEST_TABLE = 90.0
"""Points: a picture that is lower or narrower shows no table."""
_TABLE_SHARE = 0.06
"""Share of a page below which a picture shows none: a seal takes 3 %."""
_SLICES_SHARE = 0.25
"""Share of a page from which on small pictures together may be slices of one."""
_MOST_LEVELS = 500
"""Horizontal rules of a page outside of its tables that are kept."""


def lay_out(number: int, width: float, height: float, spans: Sequence[Span], rules: Sequence[Rule]) -> Page:
    """Page `number`, `width` by `height` points, from its text and its ruling lines, in any order."""
    across, upright = edges_of(rules)
    tables = _tables(across, upright) if len(rules) >= 4 else []
    inside, outside = place_spans(spans, tables)
    items: list[Line | Grid] = list(lines_of(outside))
    for table, in_cells in zip(tables, inside, strict=True):
        if any(in_cells.values()):
            items.append(_grid(table, in_cells))
    levels = tuple(sorted(_levels(across, tables), key=lambda rule: (rule.top, rule.left)))
    return Page(number, width, height, tuple(sorted(items, key=_place)), levels=levels)


def _levels(across: Sequence[Edge], tables: Sequence[Table]) -> Iterator[Rule]:
    """The horizontal edges in no table."""
    for edge in across[:_MOST_LEVELS]:
        if not any(table.rows[0] - SNAP <= edge.at <= table.rows[-1] + SNAP for table in tables):
            yield Rule(edge.start, edge.at, edge.end, edge.at)


def can_hold_text(pictures: Iterable[Box], width: float, height: float) -> bool:
    """Whether pictures on a page of `width` by `height` points (each by two opposite corners) are such that they may
    show a table or text: one is large enough, not low as the band of a letterhead, or many slices are together.
    Seals, signatures and logos are not."""
    sides = [(abs(right - left), abs(bottom - top)) for left, top, right, bottom in pictures]
    page = max(width * height, 1.0)
    if any(min(side) >= _LOWEST_TABLE and side[0] * side[1] >= _TABLE_SHARE * page for side in sides):
        return True
    return sum(wide * high for wide, high in sides) >= _SLICES_SHARE * page


def _place(item: Line | Grid) -> tuple[float, float]:
    return (item.box[1], item.box[0])


def tables_of(rules: Iterable[Rule]) -> list[Table]:
    """The ruled tables, from the top; one within a cell of another is left out."""
    return _tables(*edges_of(rules))


def _tables(across: Sequence[Edge], upright: Sequence[Edge]) -> list[Table]:
    if len(across) * len(upright) > _MOST_MEETINGS:
        return []
    tables = [table for frame in frames_of(across, upright) if (table := table_of(frame)) is not None]
    return _outermost(nlargest(_MOST_TABLES, tables, key=_area))


def _area(table: Table) -> float:
    return (table.rows[-1] - table.rows[0]) * (table.columns[-1] - table.columns[0])


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
    if not spans:
        return []
    heights = sorted(span.bottom - span.top for span in spans)
    tallest = _TALL * heights[(len(heights) - 1) // 2]
    found: list[list[Span]] = []
    upright: list[list[Span]] = []
    top = bottom = 0.0
    for span in sorted(spans, key=lambda span: (span.top + span.bottom, span.left)):
        if span.bottom - span.top > tallest:
            upright.append([span])
            continue
        lower = min(span.bottom - span.top, bottom - top)
        if found and min(span.bottom, bottom) - max(span.top, top) > _SAME_LINE * lower:
            found[-1].append(span)
            top, bottom = min(top, span.top), max(bottom, span.bottom)
        else:
            found.append([span])
            top, bottom = span.top, span.bottom
    lines = [_line(line) for line in found + upright]
    return sorted(lines, key=_place) if upright else lines


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
