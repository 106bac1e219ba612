"""The rows of a table without rules: which of its lines are one row, where cells wrap.

Cells that are centred beside higher ones stand between their lines; others begin at one height. Either way the lines
of a cell are closer to each other than rows are, where rows have any space between them.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from parsers.formats.page_text import em
from parsers.formats.pages import Line, Span
from schemas.vocabulary import TOTAL_ROW

_OVERLAP = 0.25
"""Share of a line's height by which lines that overlap are at one height in part."""
_CLOSER = 1.25
"""How much farther apart than lines of one cell the last line of a row and the first of the next are at least."""
_MOST_PITCH = 2.2
"""Ems between the middles of a cell's lines at most."""


class Interval(NamedTuple):
    """From where to where a column prints, in points."""

    left: float
    right: float


Row = list[Line]
"""The lines of a row, from the top."""


def parted(line: Line) -> Line:
    """The line with those of its spans in pieces that can be cells."""
    if not any(span.parts for span in line.spans):
        return line
    return Line(tuple(part for span in line.spans for part in (span.parts or (span,))), line.box)


def column_of(span: Span, columns: Sequence[Interval]) -> int:
    """The number of the column in which a span stands."""
    return min(
        range(len(columns)), key=lambda at: abs(columns[at].left + columns[at].right - span.left - span.right)
    )


def rows_of(lines: Sequence[Line], columns: Sequence[Interval], levels: Sequence[float]) -> list[Row]:
    """The rows that the lines make; `levels` are the heights of rules among them, none of which a row crosses."""
    groups: list[Row] = [[]]
    waiting = list(levels)
    for line in lines:
        if waiting and _middle(line) > waiting[0]:
            waiting = [level for level in waiting if level >= _middle(line)]
            groups.append([])
        groups[-1].append(line)
    groups = [group for group in groups if group]
    if len(groups) > _EACH_RULED:
        return groups
    is_ruled = len(groups) > 1
    return [row for group in groups for row in _rows(group, columns, is_ruled=is_ruled)]


_EACH_RULED = 3
"""Stretches between rules beyond which every one of them is a row."""


def _rows(lines: Row, columns: Sequence[Interval], *, is_ruled: bool) -> list[Row]:
    anchors = _anchors(lines, columns)
    is_offset = any(_is_overlapping(above, below) for above, below in pairwise(lines))
    if len(anchors) == len(lines) and not is_offset:
        return [[line] for line in lines]
    by_space = _by_space(lines, columns)
    if len(by_space) > 1 or (by_space and is_ruled and is_offset):
        return by_space
    if not anchors and is_ruled:
        return [list(lines)]  # a label alone between rules
    return _by_anchors(lines, anchors, is_offset=is_offset)


def _by_space(lines: Row, columns: Sequence[Interval]) -> list[Row]:
    """The rows as the space between them tells; none where it tells nothing."""
    size = median(em(line) for line in lines)
    heights = _heights(lines, columns, size / 2)
    pitches = [lower - upper for column in heights for upper, lower in pairwise(column)]
    if not pitches:
        return []
    pitch = min(pitches)
    if pitch > _MOST_PITCH * size:
        return []
    blocks = sorted(block for column in heights for block in _blocks(column, _CLOSER * pitch))
    ends: list[float] = []
    for first, last in blocks:
        if not ends or first > ends[-1] + pitch / 2:
            ends.append(last)
        elif last > ends[-1]:
            ends[-1] = last
    rows: list[Row] = [[] for _ in ends]
    at = 0
    for line in lines:
        while at + 1 < len(ends) and _height(line.spans[0]) > ends[at] + pitch / 4:
            at += 1
        rows[at].append(line)
    return rows if all(rows) and not _is_torn(ends, heights, _CLOSER * pitch) else []


def _heights(lines: Row, columns: Sequence[Interval], least: float) -> list[list[float]]:
    """For each column the heights of what it prints, from the top, those closer than `least` once."""
    heights: list[list[float]] = [[] for _ in columns]
    for span in sorted((span for line in lines for span in line.spans), key=_height):
        column = heights[column_of(span, columns)]
        if not column or _height(span) - column[-1] > least:
            column.append(_height(span))
    return heights


def _height(span: Span) -> float:
    return (span.top + span.bottom) / 2


def _blocks(heights: Sequence[float], least: float) -> Iterator[tuple[float, float]]:
    """The heights of the first and last line of each cell of a column."""
    first = 0
    for at in range(1, len(heights) + 1):
        if at == len(heights) or heights[at] - heights[at - 1] > least:
            yield heights[first], heights[at - 1]
            first = at


def _is_torn(ends: Sequence[float], heights: Sequence[Sequence[float]], least: float) -> bool:
    """Whether a row holds two cells of one column."""
    for column in heights:
        at = 0
        before = -1
        for _, last in _blocks(column, least):
            while last > ends[at]:
                at += 1
            if at == before:
                return True
            before = at
    return False


def _anchors(lines: Row, columns: Sequence[Interval]) -> list[int]:
    """The numbers of the lines that are rows of their own: those with most cells, and totals."""
    least = max(2, (len(columns) + 1) // 2)
    return [
        at
        for at, line in enumerate(lines)
        if len({column_of(span, columns) for span in line.spans}) >= least or _is_total(line)
    ]


def _is_total(line: Line) -> bool:
    return len(line.spans) > 1 and re.fullmatch(TOTAL_ROW, re.sub(r"\s", "", line.spans[0].text)) is not None


def _by_anchors(lines: Row, anchors: Sequence[int], *, is_offset: bool) -> list[Row]:
    """Each line with the nearest of the `anchors`; with the last one above it, where cells begin at one height."""
    if not anchors:
        return []
    rows: dict[int, Row] = {at: [] for at in anchors}
    place = 0
    for number, line in enumerate(lines):
        while place + 1 < len(anchors) and (
            _middle(lines[anchors[place + 1]]) - _middle(line)
            < abs(_middle(line) - _middle(lines[anchors[place]]))
            if is_offset
            else anchors[place + 1] <= number
        ):
            place += 1
        rows[anchors[place]].append(line)
    return [rows[at] for at in anchors]


def _middle(line: Line) -> float:
    return (line.box[1] + line.box[3]) / 2


def _is_overlapping(above: Line, below: Line) -> bool:
    high = min(above.box[3] - above.box[1], below.box[3] - below.box[1])
    return above.box[3] - below.box[1] > _OVERLAP * high
