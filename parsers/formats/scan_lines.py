"""The lines of print of a scanned page: what the recognition should read in one go.

The model says roughly where print is; the ink says exactly: a line is made of whole patches of ink, it stops at
ruling lines and wide gaps, and signs that the model overlooked (a lone figure in a cell) become lines as well.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsers.formats.scan_picture import Boxes, Picture, Pieces, pieces_of, spread
from parsers.formats.scan_rules import Rules, Ruling

_SPECK = 0.3
"""Square points of a patch of ink that is dust: the point of a decimal is larger."""
_BODY = 10.5
"""Points of height where no line tells one: 五号, the size of most print."""
_WIDE_GAP = 1.5
"""Heights of a line that divide two pieces of print: wider than a blank between characters."""
_LEADER = 10
"""Dots in a row that lead to a page number; …… has six."""
_DOT = 0.24
"""Heights of a line that a dot of a leader is high and wide at most."""
_NO_LINE = 1 << 40
"""Owner of the dots of leaders."""
_MOST_STRAY = 2000
"""Patches of ink outside of all boxes: more are noise or a photograph."""


class TextLine(NamedTuple):
    """A line of print in pixels; `sure` is False where only the ink tells of it, not the model."""

    left: int
    top: int
    right: int
    bottom: int
    sure: bool = True


class Lines(NamedTuple):
    """The lines of a page, the patches of ink, and the line that each patch belongs to (from 1; 0 for none); `height` is
    that of most print; `leaders` are the rows of dots that lead to a page number."""

    lines: tuple[TextLine, ...]
    labels: Picture
    owner: NDArray[np.int64]
    height: float
    leaders: tuple[TextLine, ...] = ()


class _Ink(NamedTuple):
    pieces: Pieces
    x: NDArray[np.float64]
    y: NDArray[np.float64]
    free: NDArray[np.bool_]
    dots: NDArray[np.bool_]


def text_lines(ink: Picture, boxes: Boxes, rules: Rules, scale: float) -> Lines:
    """The lines of print in `ink` (1 on print, rules erased), of which the model found `boxes`."""
    pieces = pieces_of(ink)
    heights = boxes[:, 3] - boxes[:, 1]
    level = heights[(boxes[:, 2] - boxes[:, 0]) >= heights]
    # the model's boxes stand about a fifth over the print
    height = float(np.median(level)) * 0.8 if len(level) else _BODY * scale
    tall = pieces.boxes[:, 3] - pieces.boxes[:, 1]
    small = pieces.areas < _SPECK * scale * scale
    leaders = _leaders(pieces.boxes, small, height)
    dots = np.zeros(len(tall), np.bool_)
    for leader in leaders:
        dots[leader] = True
    found = _Ink(
        pieces,
        (pieces.boxes[:, 0] + pieces.boxes[:, 2]) / 2,
        (pieces.boxes[:, 1] + pieces.boxes[:, 3]) / 2,
        ~small & ~dots & (tall <= 6 * height),
        dots,
    )
    owner = np.zeros(len(pieces.boxes) + 1, np.int64)
    owner[1:][dots] = _NO_LINE
    lines: list[TextLine] = []
    for box in boxes:
        for part in _ruled_apart(box, rules):
            lines += _parts(part, bool(len(part) and (part == box).all()), found, height, owner, len(lines))
    if lines:
        _gather(lines, found, rules, height, owner)
    rows = tuple(_around(leader, pieces.boxes) for leader in leaders)
    return Lines(tuple(lines), pieces.labels, owner, height, rows)


def _ruled_apart(box: Boxes, rules: Rules) -> Iterator[Boxes]:
    """The parts of a box that ruling lines leave."""
    left, top, right, bottom = (int(value) for value in box)
    xs = _cuts(rules.upright, left, right, top, bottom)
    ys = _cuts(rules.level, top, bottom, left, right)
    for y0, y1 in zip((top, *ys), (*ys, bottom), strict=True):
        for x0, x1 in zip((left, *xs), (*xs, right), strict=True):
            yield np.array((x0, y0, x1, y1))


def _cuts(rules: tuple[Ruling, ...], low: int, high: int, start: int, end: int) -> list[int]:
    """Where rules that cross most of `start` to `end` divide `low` to `high`."""
    most = 0.6 * (end - start)
    return sorted(
        round(rule.at)
        for rule in rules
        if low + 2 < rule.at < high - 2 and min(rule.end, end) - max(rule.start, start) >= most
    )


def _parts(
    box: Boxes, whole: bool, ink: _Ink, height: float, owner: NDArray[np.int64], before: int
) -> list[TextLine]:
    """The lines in one box of the model: one as a rule, several where print is stacked or stands far apart."""
    left, top, right, bottom = box
    here = (ink.x >= left) & (ink.x < right) & (ink.y >= top) & (ink.y < bottom)
    inside = here & (ink.free | ink.dots)
    chosen = np.flatnonzero(inside & (owner[1:] == 0))
    if len(chosen) == 0:
        # print lighter than its ground has no ink; but a piece cut off by a rule is empty
        return [TextLine(int(left), int(top), int(right), int(bottom))] if whole and not inside.any() else []
    lines = []
    for row in _stacked(chosen, ink.pieces.boxes, height):
        for part in _apart(row, ink.pieces.boxes, height):
            lines.append(_around(part, ink.pieces.boxes))
            owner[part + 1] = before + len(lines)
    return lines


def _around(chosen: NDArray[np.int64], boxes: Boxes, sure: bool = True) -> TextLine:
    low, high = boxes[chosen, :2].min(axis=0), boxes[chosen, 2:].max(axis=0)
    return TextLine(int(low[0]), int(low[1]), int(high[0]), int(high[1]), sure)


def _stacked(chosen: NDArray[np.int64], boxes: Boxes, height: float) -> list[NDArray[np.int64]]:
    """Patches divided into rows where a box is higher than a line: 产 over 出 in a narrow cell."""
    line = _around(chosen, boxes)
    tall, wide = line.bottom - line.top, line.right - line.left
    if tall <= 1.5 * height:
        return [chosen]
    # a column of single characters is as wide as they are high
    em = min(max(wide, 0.6 * height), 1.6 * height) if wide < 1.8 * height else height
    rows = _runs(chosen, boxes[:, 1], boxes[:, 3])
    joined: list[NDArray[np.int64]] = [rows[0]]
    for row in rows[1:]:
        top = boxes[joined[-1], 1].min()
        gap = boxes[row, 1].min() - boxes[joined[-1], 3].max()
        if boxes[row, 3].max() - top <= 1.15 * em and gap < 0.4 * em:
            joined[-1] = np.concatenate([joined[-1], row])
        else:
            joined.append(row)
    return joined


def _apart(chosen: NDArray[np.int64], boxes: Boxes, height: float) -> list[NDArray[np.int64]]:
    """Patches of one row divided at wide gaps."""
    line = _around(chosen, boxes)
    em = max(line.bottom - line.top, 0.7 * height)
    columns = _runs(chosen, boxes[:, 0], boxes[:, 2])
    joined = [columns[0]]
    for column in columns[1:]:
        if boxes[column, 0].min() - boxes[joined[-1], 2].max() > _WIDE_GAP * em:
            joined.append(column)
        else:
            joined[-1] = np.concatenate([joined[-1], column])
    return joined


def _runs(
    chosen: NDArray[np.int64], starts: NDArray[np.int64], ends: NDArray[np.int64]
) -> list[NDArray[np.int64]]:
    """Patches grouped by what overlaps in one direction, in order."""
    order = chosen[np.lexsort((chosen, starts[chosen]))]
    reach = np.maximum.accumulate(ends[order])
    first = np.flatnonzero(starts[order][1:] >= reach[:-1]) + 1
    return np.split(order, first)


def _leaders(boxes: Boxes, small: NDArray[np.bool_], height: float) -> list[NDArray[np.int64]]:
    """The rows of dots at equal distances; read with the print before them, they make the recognition lose strokes of it."""
    sides = boxes[:, 2:] - boxes[:, :2]
    is_dot = ~small & (sides.max(axis=1) <= _DOT * height) & (sides.max(axis=1) <= 2 * sides.min(axis=1))
    found = np.flatnonzero(is_dot)
    if len(found) < _LEADER:
        return []
    found = found[np.argsort(boxes[found, 3], kind="stable")]
    rows = np.split(found, np.flatnonzero(np.diff(boxes[found, 3]) > 0.06 * height) + 1)
    leaders = []
    for dots in rows:
        row = dots[np.argsort(boxes[dots, 0], kind="stable")]
        steps = np.diff(boxes[row, 0])
        usual = float(np.median(steps)) if len(steps) else 0.0
        even = (np.abs(steps - usual) <= 0.1 * height) & (steps <= height)
        leaders += [part for part in np.split(row, np.flatnonzero(~even) + 1) if len(part) >= _LEADER]
    return leaders


# ---- ink that the model overlooked ----------------------------------------------------------


def _gather(lines: list[TextLine], ink: _Ink, rules: Rules, height: float, owner: NDArray[np.int64]) -> None:
    """Gives stray patches of ink to the line that they stand in, and makes lines of those that stand alone."""
    boxes = ink.pieces.boxes
    stray = np.flatnonzero(ink.free & (owner[1:] == 0))
    if len(stray) == 0 or len(stray) > _MOST_STRAY:
        return
    for piece in stray:
        line = _line_of(boxes[piece], lines, rules, height)
        if line is not None:
            owner[piece + 1] = line + 1
            old, (left, top, right, bottom) = lines[line], (int(v) for v in boxes[piece])
            lines[line] = TextLine(
                min(old.left, left),
                min(old.top, top),
                max(old.right, right),
                max(old.bottom, bottom),
                old.sure,
            )
    stray = stray[owner[stray + 1] == 0]
    for group in _clusters(stray, ink.pieces, height):
        for part in _apart(group, boxes, height):
            line_box = _around(part, boxes, sure=False)
            tall, wide = line_box.bottom - line_box.top, line_box.right - line_box.left
            if max(tall, wide) >= 0.5 * height and tall <= 2 * height:
                lines.append(line_box)
                owner[part + 1] = len(lines)


def _line_of(box: Boxes, lines: list[TextLine], rules: Rules, height: float) -> int | None:
    """The line that a patch stands in or goes on, by its index."""
    left, top, right, bottom = (int(value) for value in box)
    if bottom - top > 1.6 * height:
        return None
    best, nearest = None, 0.6 * height
    middle = (top + bottom) / 2
    for index, line in enumerate(lines):
        gap = max(line.left - right, left - line.right, 0)
        if gap >= nearest or not line.top - 0.1 * height <= middle <= line.bottom + 0.1 * height:
            continue
        if max(bottom, line.bottom) - min(top, line.top) > 1.4 * max(height, line.bottom - line.top):
            continue
        low, high = min(right, line.right), max(left, line.left)
        if _cuts(rules.upright, low - 3, high + 3, top, bottom):
            continue
        best, nearest = index, gap
    return best


def _clusters(stray: NDArray[np.int64], pieces: Pieces, height: float) -> Iterator[NDArray[np.int64]]:
    """Stray patches that stand close together, in order."""
    if len(stray) == 0:
        return
    mask = np.zeros(pieces.labels.shape, np.uint8)
    for left, top, right, bottom in pieces.boxes[stray]:
        mask[top:bottom, left:right] = 1
    grown = pieces_of(spread(mask, max(1, round(0.4 * height)), max(1, round(0.15 * height))))
    cluster = grown.labels[pieces.boxes[stray, 1], pieces.boxes[stray, 0]]
    for number in np.unique(cluster):
        yield stray[cluster == number]
