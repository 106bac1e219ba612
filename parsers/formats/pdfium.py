"""PDF pages as pdfium knows them: characters with boxes, drawn shapes, a picture of the page.

The only module that imports pypdfium2. It calls pdfium's C functions with plain addresses and from C loops (`map`),
because a wrapper call for each of a page's thousand characters would take longer than pdfium's own work.
Coordinates here are the file's: points, y upwards, origin wherever the page's box says.
pdfium is not thread safe: one thread of a process at a time.
"""

import ctypes
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import repeat
from typing import Any, NamedTuple

import numpy as np
import pypdfium2 as pdfium  # type: ignore[import-untyped]
from numpy.typing import NDArray
from pypdfium2 import raw

from schemas.errors import UnreadableFile

MAX_PAGES = 3_000
"""Pages of a file. The longest compilations of a province's reports hold some hundreds."""
MAX_CHARACTERS = 200_000
"""Characters of a page: forty times a full one."""
MAX_OBJECTS = 100_000
"""Drawn objects of a page, those inside of its form objects included: maps and plans have some ten thousands."""
MAX_SEGMENTS = 200_000
"""Corners of all shapes of a page."""
MAX_NESTING = 8
"""Form objects within form objects."""
MAX_PIXELS = 25_000_000
"""Of a page's picture: A3 at 300 dots an inch has 17 million."""

Corners = tuple[float, float, float, float]
"""Left, bottom, right, top."""
Matrix = tuple[float, float, float, float, float, float]
_IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)

_PATH, _IMAGE, _SHADING, _FORM = 2, 3, 4, 5
_LINE_TO, _BEZIER_TO, _MOVE_TO = 0, 1, 2
_WIDGETS = {3, 13, 20}
"""Annotations that print text over the page: free text, stamps, form fields."""
_WHITE = 250
_THIN = 4.0
"""Points: above this a line is a bar."""
_RECTANGLE = 5
"""Corners of a rectangle as a path: back to its first."""


class Shape(NamedTuple):
    """A straight piece of a drawing: its box, and whether it is white. `filled` tells an area from a stroke."""

    box: Corners
    white: bool
    filled: bool


class Drawn(NamedTuple):
    """What a page draws besides text: straight pieces, the boxes of its pictures, how many curves; `cut` where
    the page draws more than any form does and the rest was left out."""

    shapes: list[Shape]
    pictures: list[Corners]
    curves: int
    cut: bool


class Characters(NamedTuple):
    """The characters of a page in the order of the file, one code point each: `text[i]` stands in the box
    `boxes[4 * i : 4 * i + 4]`, left, top, right, bottom."""

    text: str
    boxes: Any
    cut: bool


def _prototype(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A C function that takes addresses as plain numbers, without the checks of its wrapper."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None  # noqa: S101 - the library has the function, or the import had failed
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


_ADDRESS, _INT, _UINT, _FLOAT = ctypes.c_void_p, ctypes.c_int, ctypes.c_uint, ctypes.c_float
_unicode = _prototype(raw.FPDFText_GetUnicode, _UINT, _ADDRESS, _INT)
_loose_box = _prototype(raw.FPDFText_GetLooseCharBox, _INT, _ADDRESS, _INT, _ADDRESS)
_angle = _prototype(raw.FPDFText_GetCharAngle, _FLOAT, _ADDRESS, _INT)
_map_error = _prototype(raw.FPDFText_HasUnicodeMapError, _INT, _ADDRESS, _INT)
_font_info = _prototype(
    raw.FPDFText_GetFontInfo, ctypes.c_ulong, _ADDRESS, _INT, _ADDRESS, ctypes.c_ulong, _ADDRESS
)
_fill_of_char = _prototype(raw.FPDFText_GetFillColor, _INT, _ADDRESS, _INT, *[_ADDRESS] * 4)
_text_object = _prototype(raw.FPDFText_GetTextObject, _ADDRESS, _ADDRESS, _INT)
_render_mode = _prototype(raw.FPDFTextObj_GetTextRenderMode, _INT, _ADDRESS)
_page_object = _prototype(raw.FPDFPage_GetObject, _ADDRESS, _ADDRESS, _INT)
_form_object = _prototype(raw.FPDFFormObj_GetObject, _ADDRESS, _ADDRESS, ctypes.c_ulong)
_form_count = _prototype(raw.FPDFFormObj_CountObjects, _INT, _ADDRESS)
_kind = _prototype(raw.FPDFPageObj_GetType, _INT, _ADDRESS)
_bounds = _prototype(raw.FPDFPageObj_GetBounds, _INT, _ADDRESS, *[_ADDRESS] * 4)
_matrix = _prototype(raw.FPDFPageObj_GetMatrix, _INT, _ADDRESS, _ADDRESS)
_stroke_colour = _prototype(raw.FPDFPageObj_GetStrokeColor, _INT, _ADDRESS, *[_ADDRESS] * 4)
_fill_colour = _prototype(raw.FPDFPageObj_GetFillColor, _INT, _ADDRESS, *[_ADDRESS] * 4)
_stroke_width = _prototype(raw.FPDFPageObj_GetStrokeWidth, _INT, _ADDRESS, _ADDRESS)
_draw_mode = _prototype(raw.FPDFPath_GetDrawMode, _INT, _ADDRESS, _ADDRESS, _ADDRESS)
_segment_count = _prototype(raw.FPDFPath_CountSegments, _INT, _ADDRESS)
_segment = _prototype(raw.FPDFPath_GetPathSegment, _ADDRESS, _ADDRESS, _INT)
_segment_point = _prototype(raw.FPDFPathSegment_GetPoint, _INT, _ADDRESS, _ADDRESS, _ADDRESS)
_segment_kind = _prototype(raw.FPDFPathSegment_GetType, _INT, _ADDRESS)
_segment_close = _prototype(raw.FPDFPathSegment_GetClose, _INT, _ADDRESS)


@contextmanager
def open_pdf(data: bytes) -> Iterator[Any]:
    """The opened file. Raises UnreadableFile: "encrypted", "truncated", "empty" (no page), "too_large", "unsupported"
    (a security handler that pdfium does not know)."""
    handle = raw.FPDF_LoadMemDocument64(data, len(data), None)
    if not handle:
        raise _unreadable(data, raw.FPDF_GetLastError())
    document = pdfium.PdfDocument(handle)
    try:
        if len(document) < 1:
            raise UnreadableFile("empty", "the PDF has no pages")
        if len(document) > MAX_PAGES:
            raise UnreadableFile(
                "too_large", f"the PDF has {len(document):,} pages, more than {MAX_PAGES:,}; split it"
            )
        yield document
    finally:
        document.close()


def _unreadable(data: bytes, code: int) -> UnreadableFile:
    if code == raw.FPDF_ERR_PASSWORD:
        return UnreadableFile("encrypted", "the PDF is protected by a password; save it without one")
    if code == raw.FPDF_ERR_SECURITY:
        return UnreadableFile(
            "encrypted", "the PDF is protected in a way that cannot be opened; print it to a new PDF"
        )
    if b"%PDF-" not in data[:1024]:
        return UnreadableFile("unsupported", "this is no PDF, whatever its name says")
    return UnreadableFile(
        "truncated", "the PDF is damaged or incomplete; get it again, or print it to a new PDF"
    )


class Sheet:
    """An opened page. Close it: it holds the memory of all it draws."""

    def __init__(self, document: Any, number: int) -> None:
        """Raises UnreadableFile "truncated" where the file holds the page's number but not the page."""
        try:
            self._page = document[number - 1]
            if _prints_annotations(self._page):
                self._page = _flattened(document, self._page, number)
            self._text = self._page.get_textpage()
        except pdfium.PdfiumError as error:
            raise UnreadableFile("truncated", f"page {number} of the PDF is damaged") from error
        self._page_address = ctypes.cast(self._page.raw, _ADDRESS).value
        self._text_address = ctypes.cast(self._text.raw, _ADDRESS).value

    def close(self) -> None:
        """Gives the page's memory back."""
        self._text.close()
        self._page.close()

    @property
    def box(self) -> Corners:
        """What of the page is shown, in the file's coordinates."""
        left, bottom, right, top = self._page.get_bbox()
        return left, bottom, right, top

    @property
    def quarter_turns(self) -> int:
        """How often the file says the page is to be turned clockwise by 90 degrees."""
        return int(self._page.get_rotation()) // 90 % 4

    def characters(self) -> Characters:
        """All characters with their boxes."""
        count = max(0, raw.FPDFText_CountChars(self._text.raw))
        cut = count > MAX_CHARACTERS
        count = min(count, MAX_CHARACTERS)
        codes = map(_unicode, repeat(self._text_address, count), range(count))
        text = "".join(map(chr, codes)) if count else ""
        boxes = (_FLOAT * (4 * count))()
        start = ctypes.addressof(boxes)
        _run(
            map(
                _loose_box,
                repeat(self._text_address, count),
                range(count),
                range(start, start + 16 * count, 16),
            )
        )
        return Characters(text, boxes, cut)

    def angles(self, characters: list[int]) -> list[float]:
        """How far each of these characters is turned, clockwise, in radians."""
        return list(map(_angle, repeat(self._text_address), characters))

    def unmapped(self, characters: list[int]) -> list[bool]:
        """Whether the font of each of these characters does not tell what character it is."""
        return [error == 1 for error in map(_map_error, repeat(self._text_address), characters)]

    def invisible(self, character: int) -> bool:
        """Whether a character is not painted, as those that OCR lays over a scan."""
        text_object = _text_object(self._text_address, character)
        return bool(text_object) and _render_mode(text_object) == raw.FPDF_TEXTRENDERMODE_INVISIBLE

    def colour(self, character: int) -> tuple[int, int, int, int]:
        """Red, green, blue and opacity of a character, each up to 255."""
        value = (_UINT * 4)(0, 0, 0, 255)
        start = ctypes.addressof(value)
        _fill_of_char(self._text_address, character, *range(start, start + 16, 4))
        return value[0], value[1], value[2], value[3]

    def font(self, character: int) -> str:
        """The name of a character's font, without the tag of a subset."""
        name = ctypes.create_string_buffer(128)
        _font_info(self._text_address, character, ctypes.addressof(name), 128, None)
        return name.value.decode("utf-8", "replace").rpartition("+")[2]

    def drawn(self) -> Drawn:
        """The shapes and pictures of the page, those inside of its form objects included."""
        return _Drawing().read(self._page_address, raw.FPDFPage_CountObjects(self._page.raw))

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as the file says the page is to be shown."""
        width, height = self._page.get_size()
        return width, height

    def picture(self, dots_per_inch: float) -> NDArray[Any]:
        """The page as shown, rows of pixels of red, green and blue; coarser where it would have more than
        MAX_PIXELS."""
        width, height = self.size
        scale = min(dots_per_inch / 72, (MAX_PIXELS / max(width * height, 1.0)) ** 0.5)
        try:
            bitmap = self._page.render(scale=scale, rev_byteorder=True)
        except (pdfium.PdfiumError, ValueError) as error:
            raise UnreadableFile("truncated", "a page of the PDF cannot be drawn") from error
        pixels: NDArray[Any] = np.array(bitmap.to_numpy()[:, :, :3])
        bitmap.close()
        return pixels


def _run(calls: Iterator[Any]) -> None:
    """Makes all calls, keeping no result."""
    deque(calls, 0)


def _prints_annotations(page: Any) -> bool:
    for index in range(min(raw.FPDFPage_GetAnnotCount(page.raw), 1_000)):
        annotation = raw.FPDFPage_GetAnnot(page.raw, index)
        if annotation:
            kind = raw.FPDFAnnot_GetSubtype(annotation)
            raw.FPDFPage_CloseAnnot(annotation)
            if kind in _WIDGETS:
                return True
    return False


def _flattened(document: Any, page: Any, number: int) -> Any:
    """The page with what form fields and stamps print made part of it."""
    raw.FPDFPage_Flatten(page.raw, raw.FLAT_PRINT)
    page.close()
    return document[number - 1]


@dataclass(slots=True)
class _Form:
    """Objects still to be read: of the page, or of a form object at `matrix` on it."""

    handles: list[int]
    matrix: Matrix
    depth: int


class _Drawing:
    """Collects what a page draws; its buffers are shared by all calls for the page."""

    def __init__(self) -> None:
        self._floats = (_FLOAT * 6)()
        start = ctypes.addressof(self._floats)
        self._corners = tuple(range(start, start + 16, 4))
        self._start = start
        self._colour = (_UINT * 4)()
        colours = ctypes.addressof(self._colour)
        self._colours = tuple(range(colours, colours + 16, 4))
        self._modes = (_INT * 2)()
        modes = ctypes.addressof(self._modes)
        self._mode_addresses = (modes, modes + 4)
        self._shapes: list[Shape] = []
        self._pictures: list[Corners] = []
        self._curves = 0
        self._segments_left = MAX_SEGMENTS

    def read(self, page: int | None, count: int) -> Drawn:
        objects_left = MAX_OBJECTS
        shown = min(max(count, 0), objects_left)
        cut = count > shown
        todo = [_Form(list(map(_page_object, repeat(page, shown), range(shown))), _IDENTITY, 0)]
        while todo:
            form = todo.pop()
            if len(form.handles) > objects_left:
                cut = True
                break
            objects_left -= len(form.handles)
            for handle, kind in zip(form.handles, map(_kind, form.handles), strict=True):
                if kind == _PATH:
                    self._path(handle, form.matrix)
                elif kind in (_IMAGE, _SHADING):
                    self._area(handle, kind, form.matrix)
                elif kind == _FORM and form.depth < MAX_NESTING:
                    inner = self._form(handle, form, objects_left)
                    cut = cut or inner is None
                    if inner is not None:
                        todo.append(inner)
        return Drawn(self._shapes, self._pictures, self._curves, cut or self._segments_left < 0)

    def _form(self, handle: int, outer: _Form, most: int) -> _Form | None:
        count = _form_count(handle)
        if count > most:
            return None
        matrix = _IDENTITY
        if _matrix(handle, self._start):
            floats = self._floats
            matrix = (floats[0], floats[1], floats[2], floats[3], floats[4], floats[5])
        handles = list(map(_form_object, repeat(handle, count), range(count)))
        return _Form(handles, _product(matrix, outer.matrix), outer.depth + 1)

    def _box(self, handle: int, matrix: Matrix) -> Corners | None:
        if not _bounds(handle, *self._corners):
            return None
        floats = self._floats
        left, bottom, right, top = floats[0], floats[1], floats[2], floats[3]
        if matrix is not _IDENTITY:
            return _moved_box(left, bottom, right, top, matrix)
        return left, bottom, right, top

    def _area(self, handle: int, kind: int, matrix: Matrix) -> None:
        box = self._box(handle, matrix)
        if box is None:
            return
        if min(box[2] - box[0], box[3] - box[1]) <= _THIN:
            self._shapes.append(Shape(box, white=False, filled=True))
        elif kind == _IMAGE:
            self._pictures.append(box)

    def _path(self, handle: int, matrix: Matrix) -> None:
        box = self._box(handle, matrix)
        if box is None or not _draw_mode(handle, *self._mode_addresses):
            return
        filled, stroked = bool(self._modes[0]), bool(self._modes[1])
        if not filled and not stroked:
            return
        colour = self._colour
        colour[0] = colour[1] = colour[2] = 0
        colour[3] = 255
        (_stroke_colour if stroked else _fill_colour)(handle, *self._colours)
        if not colour[3]:
            return
        white = min(colour[0], colour[1], colour[2]) >= _WHITE
        if min(box[2] - box[0], box[3] - box[1]) <= _THIN and _segment_count(handle) <= _RECTANGLE:
            self._shapes.append(Shape(box, white, filled=True))
            return
        if stroked and _stroke_width(handle, self._start) and self._floats[0] > 2 * _THIN:
            return
        self._pieces(handle, matrix, white, stroked)

    def _pieces(self, handle: int, matrix: Matrix, white: bool, stroked: bool) -> None:
        """The straight pieces of a stroked path; of a filled one the box of each of its parts."""
        count = _segment_count(handle)
        self._segments_left -= count
        if count <= 0 or self._segments_left < 0:
            return
        segments = list(map(_segment, repeat(handle, count), range(count)))
        points = (_FLOAT * (2 * count))()
        start = ctypes.addressof(points)
        _run(
            map(
                _segment_point,
                segments,
                range(start, start + 8 * count, 8),
                range(start + 4, start + 8 * count, 8),
            )
        )
        own = _IDENTITY
        if _matrix(handle, self._start):
            floats = self._floats
            own = (floats[0], floats[1], floats[2], floats[3], floats[4], floats[5])
        a, b, c, d, e, f = _product(own, matrix)
        at = [(a * x + c * y + e, b * x + d * y + f) for x, y in zip(points[::2], points[1::2], strict=True)]
        kinds = list(map(_segment_kind, segments))
        closes = list(map(_segment_close, segments))
        first = 0
        for index in range(1, count + 1):
            if index == count or kinds[index] == _MOVE_TO:
                self._part(at[first:index], kinds[first:index], any(closes[first:index]), white, stroked)
                first = index

    def _part(
        self, at: list[tuple[float, float]], kinds: list[int], closed: bool, white: bool, stroked: bool
    ) -> None:
        """One run of a path from where the pen was set down."""
        curves = kinds.count(_BEZIER_TO)
        self._curves += curves
        if not stroked:
            if len(at) >= 3 and not curves:
                xs, ys = [x for x, _ in at], [y for _, y in at]
                self._shapes.append(Shape((min(xs), min(ys), max(xs), max(ys)), white, filled=True))
            return
        for (x0, y0), (x1, y1), kind in zip(at, at[1:], kinds[1:], strict=False):
            if kind == _LINE_TO:
                self._stroke(x0, y0, x1, y1, white)
        if closed and len(at) > 2 and kinds[-1] == _LINE_TO:
            self._stroke(*at[-1], *at[0], white)

    def _stroke(self, x0: float, y0: float, x1: float, y1: float, white: bool) -> None:
        if abs(x1 - x0) <= _THIN or abs(y1 - y0) <= _THIN:
            self._shapes.append(
                Shape((min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)), white, filled=False)
            )


def _product(inner: Matrix, outer: Matrix) -> Matrix:
    """The matrix that does `inner` first, then `outer`."""
    a, b, c, d, e, f = inner
    g, h, i, j, k, m = outer
    return a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m


def _moved_box(left: float, bottom: float, right: float, top: float, matrix: Matrix) -> Corners:
    a, b, c, d, e, f = matrix
    xs = [a * x + c * y + e for x in (left, right) for y in (bottom, top)]
    ys = [b * x + d * y + f for x in (left, right) for y in (bottom, top)]
    return min(xs), min(ys), max(xs), max(ys)
