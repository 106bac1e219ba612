"""What a PDF page draws besides text: straight pieces that may rule a table, pictures, curves.

Objects come by the thousand, most of them thin rectangles: what is asked of all of them is asked in loops that run in
C, into arrays; only the few paths of several pieces are walked.
"""

from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsers.formats import pdfium
from parsers.formats.pdfium import Corners, Sheet, run

MAX_SEGMENTS = 200_000
"""Corners of all shapes of a page."""
MAX_NESTING = 8
"""Form objects within form objects."""
THIN = 4.0
"""Points: above this a line is a bar."""

_PATH, _IMAGE, _SHADING, _FORM = 2, 3, 4, 5
_LINE_TO, _BEZIER_TO, _MOVE_TO = 0, 1, 2
_RECTANGLE = 5
"""Corners of a rectangle as a path: back to its first."""
_WHITE = 250

Array = NDArray[Any]
Matrix = tuple[float, float, float, float, float, float]
Point = tuple[float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)


class Drawn(NamedTuple):
    """Straight pieces (`boxes`: a row of left, bottom, right, top for each; `white` and `filled` go with them, the
    latter for an area, not a stroke), the boxes of pictures, the number of curves; `cut` where the page draws more
    than any form does and the rest was left out."""

    boxes: Array
    white: Array
    filled: Array
    pictures: list[Corners]
    curves: int
    cut: bool


@dataclass(frozen=True, slots=True)
class _Form:
    """Objects still to be read: of the page, or of a form object at `matrix` on it."""

    handles: list[int]
    matrix: Matrix
    depth: int


def drawn(sheet: Sheet) -> Drawn:
    """The shapes and pictures of a page, those inside of its form objects included."""
    return _Drawing().read(sheet.objects)


class _Drawing:
    """Collects what a page draws."""

    def __init__(self) -> None:
        self._boxes: list[Array] = []
        self._white: list[Array] = []
        self._filled: list[Array] = []
        self._pieces: list[tuple[Corners, bool, bool]] = []
        self._pictures: list[Corners] = []
        self._curves = 0
        self._segments_left = MAX_SEGMENTS
        self._objects_left = pdfium.MAX_OBJECTS
        self._cut = False

    def read(self, handles: list[int]) -> Drawn:
        """All that these objects draw."""
        self._cut = len(handles) >= pdfium.MAX_OBJECTS
        todo = [_Form(handles, _IDENTITY, 0)]
        while todo:
            form = todo.pop()
            kinds = list(map(pdfium.object_kind, form.handles))
            self._paths(
                [handle for handle, kind in zip(form.handles, kinds, strict=True) if kind == _PATH], form
            )
            for handle, kind in zip(form.handles, kinds, strict=True):
                if kind in (_IMAGE, _SHADING):
                    self._area(handle, kind, form.matrix)
                elif kind == _FORM:
                    todo.extend(self._inner(handle, form))
        for box, white, filled in self._pieces:
            self._boxes.append(np.array([box]))
            self._white.append(np.array([white]))
            self._filled.append(np.array([filled]))
        return Drawn(
            np.concatenate(self._boxes) if self._boxes else np.empty((0, 4)),
            np.concatenate(self._white) if self._white else np.empty(0, bool),
            np.concatenate(self._filled) if self._filled else np.empty(0, bool),
            self._pictures,
            self._curves,
            self._cut,
        )

    def _inner(self, handle: int, outer: _Form) -> list[_Form]:
        """What a form object holds."""
        count = max(0, pdfium.form_object_count(handle))
        if count > self._objects_left or outer.depth >= MAX_NESTING:
            self._cut = True
            return []
        self._objects_left -= count
        handles = list(map(pdfium.form_object, repeat(handle, count), range(count)))
        return [_Form(handles, _product(_matrix_of(handle), outer.matrix), outer.depth + 1)]

    def _area(self, handle: int, kind: int, matrix: Matrix) -> None:
        left, bottom, right, top = (float(value) for value in _bounds([handle], matrix)[0])
        if min(right - left, top - bottom) <= THIN:
            self._pieces.append(((left, bottom, right, top), False, True))
        elif kind == _IMAGE:
            self._pictures.append((left, bottom, right, top))

    def _paths(self, handles: list[int], form: _Form) -> None:
        """The painted ones of these paths: those that are one thin piece at once, the others piece by piece."""
        if not handles:
            return
        boxes = _bounds(handles, form.matrix)
        modes = np.zeros((len(handles), 2), np.int32)
        run(map(pdfium.draw_mode, handles, *_columns(modes)))
        filled, stroked = modes[:, 0] != 0, modes[:, 1] != 0
        colours = _colours(handles, stroked)
        painted = (filled | stroked) & (colours[:, 3] > 0)
        white = colours[:, :3].min(axis=1) >= _WHITE
        counts = np.fromiter(map(pdfium.segment_count, handles), np.int64, len(handles))
        thin = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) <= THIN
        whole = painted & thin & (counts <= _RECTANGLE)
        self._boxes.append(boxes[whole])
        self._white.append(white[whole])
        self._filled.append(np.ones(int(whole.sum()), bool))
        for index in np.flatnonzero(painted & ~whole).tolist():
            self._path(
                handles[index], int(counts[index]), form.matrix, bool(white[index]), bool(stroked[index])
            )

    def _path(self, handle: int, count: int, matrix: Matrix, white: bool, stroked: bool) -> None:
        """The straight pieces of a stroked path; of a filled one the box of each of its parts."""
        self._segments_left -= count
        if self._segments_left < 0:
            self._cut = True
            return
        if count <= 0 or (stroked and _width(handle) > 2 * THIN):
            return
        segments = list(map(pdfium.path_segment, repeat(handle, count), range(count)))
        points = np.zeros((count, 2), np.float32)
        run(map(pdfium.segment_point, segments, *_columns(points)))
        a, b, c, d, e, f = _product(_matrix_of(handle), matrix)
        at = [(a * x + c * y + e, b * x + d * y + f) for x, y in points.tolist()]
        kinds = list(map(pdfium.segment_kind, segments))
        closes = list(map(pdfium.segment_closes, segments))
        areas: list[Corners] = []
        first = 0
        for index in range(1, count + 1):
            if index == count or kinds[index] == _MOVE_TO:
                curves = kinds[first:index].count(_BEZIER_TO)
                self._curves += curves
                if stroked:
                    self._strokes(at[first:index], kinds[first:index], any(closes[first:index]), white)
                elif not curves and index - first >= 3:
                    areas.append(_around(at[first:index]))
                first = index
        self._areas(areas, white)

    def _strokes(self, at: list[Point], kinds: list[int], closed: bool, white: bool) -> None:
        """The straight pieces that the pen draws from where it was set down."""
        for index in range(1, len(at)):
            if kinds[index] == _LINE_TO:
                self._stroke(at[index - 1], at[index], white)
        if closed and len(at) > 2 and kinds[-1] == _LINE_TO:
            self._stroke(at[-1], at[0], white)

    def _stroke(self, start: Point, end: Point, white: bool) -> None:
        if abs(end[0] - start[0]) <= THIN or abs(end[1] - start[1]) <= THIN:
            self._pieces.append((_around([start, end]), white, False))

    def _areas(self, areas: list[Corners], white: bool) -> None:
        """Filled parts of a path; one just inside of another leaves a ring, which is four strokes."""
        if len(areas) == 2 and all(abs(one - other) <= THIN for one, other in zip(*areas, strict=True)):
            left, bottom, right, top = areas[0]
            for start, end in (
                ((left, top), (right, top)),
                ((left, bottom), (right, bottom)),
                ((left, bottom), (left, top)),
                ((right, bottom), (right, top)),
            ):
                self._stroke(start, end, white)
            return
        self._pieces.extend((area, white, True) for area in areas)


def _columns(rows: Array) -> list[range]:
    """For each column of an array, the addresses of its places, row by row."""
    start, step, size = rows.ctypes.data, rows.strides[0], rows.strides[1]
    return [
        range(start + size * column, start + size * column + step * len(rows), step)
        for column in range(rows.shape[1])
    ]


def _bounds(handles: list[int], matrix: Matrix) -> Array:
    """A row of left, bottom, right, top for each object."""
    boxes = np.zeros((len(handles), 4), np.float32)
    run(map(pdfium.object_bounds, handles, *_columns(boxes)))
    boxes = boxes.astype(np.float64)
    if matrix is _IDENTITY:
        return boxes
    a, b, c, d, e, f = matrix
    xs = [a * boxes[:, x] + c * boxes[:, y] + e for x in (0, 2) for y in (1, 3)]
    ys = [b * boxes[:, x] + d * boxes[:, y] + f for x in (0, 2) for y in (1, 3)]
    return np.stack([np.min(xs, axis=0), np.min(ys, axis=0), np.max(xs, axis=0), np.max(ys, axis=0)], axis=1)


def _colours(handles: list[int], stroked: Array) -> Array:
    """A row of red, green, blue and opacity for each path, of its stroke where it has one; black for a pattern."""
    colours = np.zeros((len(handles), 4), np.uint32)
    colours[:, 3] = 255
    if not stroked.all():
        run(map(pdfium.fill_colour, handles, *_columns(colours)))
    if stroked.any():
        strokes = np.zeros_like(colours)
        strokes[:, 3] = 255
        run(map(pdfium.stroke_colour, handles, *_columns(strokes)))
        colours[stroked] = strokes[stroked]
    return colours


def _width(handle: int) -> float:
    """The width of a path's stroke."""
    value = np.zeros(1, np.float32)
    pdfium.stroke_width(handle, value.ctypes.data)
    return float(value[0])


def _matrix_of(handle: int) -> Matrix:
    values = np.zeros(6, np.float32)
    if not pdfium.object_matrix(handle, values.ctypes.data):
        return _IDENTITY
    a, b, c, d, e, f = values.tolist()
    return a, b, c, d, e, f


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that does `inner` first, then `outer`."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _around(points: list[Point]) -> Corners:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return min(xs), min(ys), max(xs), max(ys)
