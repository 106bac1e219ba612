"""PDF pages as pdfium knows them: characters with boxes, drawn objects, a picture of the page.

The only module that imports pypdfium2. It calls pdfium's C functions with plain addresses and from C loops (`map`),
because a wrapper call for each of a page's thousand characters would take longer than pdfium's own work.
Coordinates here are the file's: points, y upwards, origin wherever the page's box says.
pdfium is not thread safe: one thread of a process at a time.
"""

import ctypes
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
MAX_PIXELS = 25_000_000
"""Of a page's picture: A3 at 300 dots an inch has 17 million."""

Corners = tuple[float, float, float, float]
"""Left, bottom, right, top."""
_WIDGETS = {3, 13, 20}
"""Annotations that print text over the page: free text, stamps, form fields."""


class Characters(NamedTuple):
    """The characters of a page in the order of the file: the code point of each, a row of left, top, right, bottom
    for each, and whether there were more than MAX_CHARACTERS."""

    codes: NDArray[Any]
    boxes: NDArray[Any]
    cut: bool


def _prototype(function: Any, result: Any, *arguments: Any) -> Callable[..., Any]:
    """A C function that takes addresses as plain numbers, without the checks of its wrapper."""
    address = ctypes.cast(function, ctypes.c_void_p).value
    assert address is not None  # noqa: S101 - the library has the function, or the import had failed
    return ctypes.PYFUNCTYPE(result, *arguments)(address)


_ADDRESS, _INT, _UINT, _FLOAT = ctypes.c_void_p, ctypes.c_int, ctypes.c_uint, ctypes.c_float
_unicode = _prototype(raw.FPDFText_GetUnicode, _UINT, _ADDRESS, _INT)
_text = _prototype(raw.FPDFText_GetText, _INT, _ADDRESS, _INT, _INT, _ADDRESS)
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
form_object = _prototype(raw.FPDFFormObj_GetObject, _ADDRESS, _ADDRESS, ctypes.c_ulong)
form_object_count = _prototype(raw.FPDFFormObj_CountObjects, _INT, _ADDRESS)
object_kind = _prototype(raw.FPDFPageObj_GetType, _INT, _ADDRESS)
object_bounds = _prototype(raw.FPDFPageObj_GetBounds, _INT, _ADDRESS, *[_ADDRESS] * 4)
object_matrix = _prototype(raw.FPDFPageObj_GetMatrix, _INT, _ADDRESS, _ADDRESS)
stroke_colour = _prototype(raw.FPDFPageObj_GetStrokeColor, _INT, _ADDRESS, *[_ADDRESS] * 4)
fill_colour = _prototype(raw.FPDFPageObj_GetFillColor, _INT, _ADDRESS, *[_ADDRESS] * 4)
stroke_width = _prototype(raw.FPDFPageObj_GetStrokeWidth, _INT, _ADDRESS, _ADDRESS)
draw_mode = _prototype(raw.FPDFPath_GetDrawMode, _INT, _ADDRESS, _ADDRESS, _ADDRESS)
segment_count = _prototype(raw.FPDFPath_CountSegments, _INT, _ADDRESS)
path_segment = _prototype(raw.FPDFPath_GetPathSegment, _ADDRESS, _ADDRESS, _INT)
segment_point = _prototype(raw.FPDFPathSegment_GetPoint, _INT, _ADDRESS, _ADDRESS, _ADDRESS)
segment_kind = _prototype(raw.FPDFPathSegment_GetType, _INT, _ADDRESS)
segment_closes = _prototype(raw.FPDFPathSegment_GetClose, _INT, _ADDRESS)


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
        boxes = np.zeros((count, 4), np.float32)
        start = boxes.ctypes.data
        run(
            map(
                _loose_box,
                repeat(self._text_address, count),
                range(count),
                range(start, start + 16 * count, 16),
            )
        )
        return Characters(self._codes(count), boxes, cut)

    def _codes(self, count: int) -> NDArray[Any]:
        """The code points of the first `count` characters. pdfium gives them at once in UTF-16, where none of them
        is left out and none takes two units; else they are asked one by one."""
        units = np.zeros(count + 1, np.uint16)
        written = _text(self._text_address, 0, count, units.ctypes.data) if count else 1
        if written == count + 1 and not ((units >= 0xD800) & (units < 0xE000)).any():
            return units[:count].astype(np.uint32)
        return np.fromiter(map(_unicode, repeat(self._text_address, count), range(count)), np.uint32, count)

    def angles(self, characters: list[int]) -> list[float]:
        """How far each of these characters is turned, clockwise, in radians."""
        return list(map(_angle, repeat(self._text_address), characters))

    def unmapped(self, characters: list[int]) -> list[bool]:
        """Whether the font of each of these characters does not tell what character it is."""
        return [error == 1 for error in map(_map_error, repeat(self._text_address), characters)]

    def text_objects(self, characters: list[int]) -> list[int]:
        """The address of the drawn text that each of these characters is part of; 0 where it is of none."""
        return [found or 0 for found in map(_text_object, repeat(self._text_address), characters)]

    def invisible(self, character: int) -> bool:
        """Whether a character is not painted, as those that OCR lays over a scan."""
        text_object = _text_object(self._text_address, character)
        return bool(text_object) and _render_mode(text_object) == raw.FPDF_TEXTRENDERMODE_INVISIBLE

    def unpainted(self, text_objects: list[int]) -> list[bool]:
        """Whether each drawn text is not painted, by its address; 0 is painted."""
        modes = map(_render_mode, [address for address in text_objects if address])
        invisible = raw.FPDF_TEXTRENDERMODE_INVISIBLE
        return [bool(address) and next(modes) == invisible for address in text_objects]

    def colours(self, characters: list[int]) -> NDArray[Any]:
        """Red, green, blue and opacity of each of these characters, up to 255; a row a character."""
        values = np.zeros((len(characters), 4), np.uint32)
        values[:, 3] = 255
        start, end = values.ctypes.data, values.ctypes.data + values.nbytes
        columns = [range(start + offset, end + offset, 16) for offset in (0, 4, 8, 12)]
        run(map(_fill_of_char, repeat(self._text_address), characters, *columns))
        return values

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

    @property
    def objects(self) -> list[int]:
        """The addresses of all that the page draws, MAX_OBJECTS at most."""
        count = min(max(raw.FPDFPage_CountObjects(self._page.raw), 0), MAX_OBJECTS)
        return list(map(_page_object, repeat(self._page_address, count), range(count)))

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


def run(calls: Iterator[Any]) -> None:
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
