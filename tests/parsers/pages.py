"""Pages made by hand: lines set as a printer would, and ruled tables."""

from collections.abc import Sequence
from typing import NamedTuple

from parsers.formats.page_text import ems
from parsers.formats.pages import Grid, GridCell, Line, Page, Span
from schemas.locations import Box

LEFT, RIGHT, SIZE, PITCH = 72.0, 523.0, 12.0, 20.0
_PAD, _CELL_SIZE, _CELL_PITCH = 5.0, 10.0, 14.0


def line(
    text: str, top: float, left: float = LEFT, size: float = SIZE, confidence: float | None = None
) -> Line:
    """A line of one span."""
    box = (left, top, left + ems(text) * size, top + size)
    return Line((Span(text, *box, confidence),), box)


def centred(text: str, top: float, size: float = SIZE) -> Line:
    return line(text, top, (LEFT + RIGHT - ems(text) * size) / 2, size)


def spaced(*spans: tuple[str, float], top: float, size: float = SIZE) -> Line:
    """A line of several spans, each with where it begins."""
    made = tuple(Span(text, left, top, left + ems(text) * size, top + size) for text, left in spans)
    return Line(made, (made[0].left, top, made[-1].right, top + size))


def typeset(text: str, top: float, indent: int = 2, size: float = SIZE) -> list[Line]:
    """A paragraph broken into lines between the margins, its first line indented by so many characters."""
    lines: list[Line] = []
    left, current = LEFT + indent * size, ""
    for char in text:
        if left + ems(current + char) * size > RIGHT:
            lines.append(line(current, top + len(lines) * PITCH, left, size))
            left, current = LEFT, ""
        current += char
    return [*lines, line(current, top + len(lines) * PITCH, left, size)]


def page(number: int, *items: Line | Grid | Sequence[Line], width: float = 595, height: float = 842) -> Page:
    flat: list[Line | Grid] = []
    for item in items:
        flat += item if isinstance(item, list) else [item]  # type: ignore[list-item]
    return Page(number, width, height, tuple(flat))


class Spanning(NamedTuple):
    """A cell over several rows or columns."""

    text: str
    rows: int = 1
    columns: int = 1


def grid(
    top: float, widths: Sequence[float], *rows: Sequence[str | Spanning | None], left: float = LEFT
) -> Grid:
    """A ruled table. A cell is its printed lines, parted by "|"; None is covered by another cell."""
    edges = [left]
    for breadth in widths:
        edges.append(edges[-1] + breadth)
    levels = [top]
    for row in rows:
        single = [
            c if isinstance(c, str) else c.text for c in row if isinstance(c, str) or (c and c.rows == 1)
        ]
        levels.append(levels[-1] + _CELL_PITCH * max((text.count("|") + 1 for text in single), default=1) + 4)
    cells = []
    for row_no, row in enumerate(rows):
        for column_no, cell in enumerate(row):
            if cell is None:
                continue
            spec = Spanning(cell) if isinstance(cell, str) else cell
            box: Box = (
                edges[column_no],
                levels[row_no],
                edges[column_no + spec.columns],
                levels[row_no + spec.rows],
            )
            printed = [
                line(text, box[1] + 3 + at * _CELL_PITCH, box[0] + _PAD, _CELL_SIZE)
                for at, text in enumerate(spec.text.split("|"))
                if text
            ]
            cells.append(GridCell(row_no + 1, column_no + 1, spec.rows, spec.columns, box, tuple(printed)))
    return Grid(len(rows), len(widths), tuple(cells), (left, top, edges[-1], levels[-1]))
