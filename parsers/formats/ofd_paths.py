"""The lines that an OFD path object draws (GB/T 33190-2016, 9) -> thin boxes that may rule a table."""

import math
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import NamedTuple

POINT = 72 / 25.4
"""Points in a millimetre."""
THIN = 4.0
"""Points: a filled area wider than this is no line."""
LEVEL = 1.0
"""Points by which a line may rise and still be level."""
MAX_SEGMENTS = 100_000

Box = tuple[float, float, float, float]
Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]

_OPERANDS = {"M": 2, "S": 2, "L": 2, "Q": 4, "B": 6, "A": 7, "C": 0}
_BEGINS, _CURVES = "MS", "QBA"


class Ruling(NamedTuple):
    """The lines of a path, how many curves it has, and how many segments of any kind."""

    rules: list[Box]
    curves: int
    segments: int


def ruling(data: str, matrix: Matrix, width: float | None, filled: bool, clip: Box | None) -> Ruling:
    """What a path draws: `width` is that of its stroke, in its own space, None without one; `matrix` leads to the
    page in points, and `clip` is what can be seen of it there."""
    subpaths, curves = _subpaths(data)
    rules: list[Box] = []
    half = (
        0.0
        if width is None
        else max(width * math.sqrt(abs(matrix[0] * matrix[3] - matrix[1] * matrix[2])), 0.1) / 2
    )
    for points in subpaths:
        placed = [applied(matrix, x, y) for x, y in points]
        if width is not None:
            rules += _stroked(placed, half)
        if filled and len(placed) > 2:
            box = around(placed)
            if min(box[2] - box[0], box[3] - box[1]) <= THIN:
                rules.append(box)
    seen = [part for box in rules if (part := _clipped(box, clip)) is not None]
    return Ruling(seen, curves, sum(map(len, subpaths)))


def _stroked(points: Sequence[Point], half: float) -> Iterator[Box]:
    """The level and upright ones among the segments from each point to the next."""
    for (x0, y0), (x1, y1) in pairwise(points):
        left, right = min(x0, x1), max(x0, x1)
        top, bottom = min(y0, y1), max(y0, y1)
        if bottom - top <= LEVEL < right - left:
            yield (left, top - half, right, bottom + half)
        elif right - left <= LEVEL < bottom - top:
            yield (left - half, top, right + half, bottom)


def _clipped(box: Box, clip: Box | None) -> Box | None:
    """What of a box lies within another, which is taken a little larger: lines run along its sides."""
    if clip is None:
        return box
    left, top = max(box[0], clip[0] - LEVEL), max(box[1], clip[1] - LEVEL)
    right, bottom = min(box[2], clip[2] + LEVEL), min(box[3], clip[3] + LEVEL)
    return (left, top, right, bottom) if left < right and top < bottom else None


def _subpaths(data: str) -> tuple[list[list[Point]], int]:
    """The corners of each subpath, and the number of curves; a curve breaks a subpath in two."""
    found: list[list[Point]] = []
    current: list[Point] = []
    curves = 0
    for name, values in islice(_operations(data), MAX_SEGMENTS):
        if name in _BEGINS:
            current = [(values[0], values[1])]
            found.append(current)
        elif name == "L":
            current.append((values[0], values[1]))
            if len(current) == 1:  # a path that begins nowhere
                found.append(current)
        elif name == "C":
            if current:
                current.append(current[0])
        elif name in _CURVES:
            curves += 1
            current = [(values[-2], values[-1])]
            found.append(current)
    return found, curves


def _operations(data: str) -> Iterator[tuple[str, list[float]]]:
    """The operators with their operands, up to the first that makes no sense."""
    words = data.replace(",", " ").split()
    at = 0
    while at < len(words):
        name = words[at].upper()
        count = _OPERANDS.get(name)
        if count is None:
            return
        try:
            values = [float(word) for word in words[at + 1 : at + 1 + count]]
        except ValueError:
            return
        if len(values) < count or not all(map(math.isfinite, values)):
            return
        yield name, values
        at += 1 + count


# ---- geometry -------------------------------------------------------------------------------


def applied(matrix: Matrix, x: float, y: float) -> Point:
    """Where a point comes to lie."""
    a, b, c, d, e, f = matrix
    return (a * x + c * y + e, b * x + d * y + f)


def product(inner: Matrix, outer: Matrix) -> Matrix:
    """First `inner`, then `outer`."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return (
        a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m
    )  # fmt: skip


def around(points: Sequence[Point]) -> Box:
    """The box around points."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs), min(ys), max(xs), max(ys))
