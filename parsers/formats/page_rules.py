"""Rules of a page -> edges (straight lines, snapped and joined) -> frames (edges that meet)."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from operator import itemgetter
from typing import NamedTuple

from parsers.formats.pages import Rule

SNAP = 4.0
"""Parallel rules nearer than this are one: a double rule, or one that a scan bent. No printed row or column is
that small."""
_SNAP_RANGE = 7.0
"""Widest range of positions that one edge takes up."""
JOIN = 4.0
"""Gaps that an edge is drawn with: dashes, and rules drawn cell by cell."""
REACH = 4.0
"""How far an edge may end before, or run past, the one that it meets."""
_SHORTEST = 6.0
"""Edges below this are ticks and letters."""
_THICKEST = 6.0
"""Rules above this are bars."""
NARROWEST = 12.0
"""No printed column or row is smaller: rules that run on by less than this past the last one they cross enclose no
further one."""
_NEXT_ROW = 60.0
"""How far above or below a table without outer sides the rule of a row without inner sides may be."""
_MOST_LONE = 1_000_000
"""Pairs of a group of edges and an edge that meets none; beyond it the page is no form."""


_DOT = 2.0
"""Points: smaller pieces are dots, which have no direction."""

_Piece = tuple[float, float, float]
"""What an Edge is, before it is one."""


class Edge(NamedTuple):
    """A straight ruled line: at `at` across its direction, from `start` to `end` along it."""

    at: float
    start: float
    end: float


class Frame(NamedTuple):
    """Edges that meet, directly or through others."""

    across: tuple[Edge, ...]
    upright: tuple[Edge, ...]


def edges_of(rules: Iterable[Rule]) -> tuple[list[Edge], list[Edge]]:
    """The horizontal and the vertical edges that the rules make."""
    across: list[_Piece] = []
    upright: list[_Piece] = []
    for left, top, right, bottom in rules:
        wide, high = right - left, bottom - top
        # A dot belongs to a dotted line, or is the joint of two: it lengthens either.
        if (wide >= high or wide <= _DOT) and high <= _THICKEST:
            across.append(((top + bottom) / 2, left, right))
        if (high >= wide or high <= _DOT) and wide <= _THICKEST:
            upright.append(((left + right) / 2, top, bottom))
    return joined(across), joined(upright)


def joined(pieces: list[_Piece]) -> list[Edge]:
    """Parallel pieces with near ones brought to one position and those that continue each other put together, without
    stray ticks."""
    pieces.sort()
    found: list[Edge] = []
    first, before, start = 0, pieces[0][0] if pieces else 0.0, pieces[0][0] if pieces else 0.0
    for index, (at, _, _) in enumerate(pieces):
        if at - before > SNAP or at - start > _SNAP_RANGE:
            found.extend(_lines(pieces[first:index]))
            first, start = index, at
        before = at
    if pieces:
        found.extend(_lines(pieces[first:]))
    return found


def _lines(near: list[_Piece]) -> list[Edge]:
    """The lines that pieces at about one position make. The position of each is the mean of its own pieces', each
    weighing as it is long: another table of the page may have its rules near."""
    near.sort(key=itemgetter(1))
    lines: list[Edge] = []
    first, end = 0, near[0][2]
    for index in range(1, len(near) + 1):
        if index == len(near) or near[index][1] - end > JOIN:
            if end - near[first][1] >= _SHORTEST:
                lines.append(Edge(_position(near[first:index]), near[first][1], end))
            first = index
        if index < len(near):
            end = max(end, near[index][2]) if index > first else near[index][2]
    return lines


def _position(pieces: list[_Piece]) -> float:
    length = sum(end - start for _, start, end in pieces)
    if length <= 0:
        return round(pieces[0][0], 2)
    return round(sum(at * (end - start) for at, start, end in pieces) / length, 2)


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
    lone = [flat[0] for flat, tall in groups.values() if flat and not tall]
    lone_upright = [tall[0] for flat, tall in groups.values() if tall and not flat]
    if (len(lone) + len(lone_upright)) * len(groups) > _MOST_LONE:
        lone = lone_upright = []
    return [
        _with_rows_beyond(_with_columns_beyond(Frame(tuple(flat), tuple(tall)), lone_upright), lone)
        for flat, tall in groups.values()
        if flat and tall
    ]


def _with_columns_beyond(frame: Frame, lone: Sequence[Edge]) -> Frame:
    """`frame` with the outer sides of a label that stands beside all of its rows, where pages cut it above and below
    and no rule closes it there: upright lines just as high as the table."""
    top, bottom = min(edge.start for edge in frame.upright), max(edge.end for edge in frame.upright)
    as_high = [
        edge for edge in lone if abs(edge.start - top) <= 2 * REACH and abs(edge.end - bottom) <= 2 * REACH
    ]
    left, right = min(edge.at for edge in frame.upright), max(edge.at for edge in frame.upright)
    beyond = [edge for edge in as_high if not left <= edge.at <= right]
    return frame._replace(upright=(*frame.upright, *beyond))


def _with_rows_beyond(frame: Frame, lone: Sequence[Edge]) -> Frame:
    """`frame` with the rules of first and last rows that no upright line divides, where the table has no outer sides
    which would join them: rules as wide as the table, next to it."""
    start, end = min(edge.start for edge in frame.across), max(edge.end for edge in frame.across)
    sides = [edge.at for edge in frame.upright]
    if min(sides) - start <= NARROWEST or end - max(sides) <= NARROWEST:
        return frame
    as_wide = [
        edge for edge in lone if abs(edge.start - start) <= 2 * REACH and abs(edge.end - end) <= 2 * REACH
    ]
    top, bottom = min(edge.at for edge in frame.across), max(edge.at for edge in frame.across)
    added = []
    for edge in sorted(as_wide):
        if bottom < edge.at <= bottom + _NEXT_ROW:
            added.append(edge)
            bottom = edge.at
    for edge in sorted(as_wide, reverse=True):
        if top - _NEXT_ROW <= edge.at < top:
            added.append(edge)
            top = edge.at
    return frame._replace(across=(*frame.across, *added))
