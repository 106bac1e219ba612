"""PDF -> Document.

characters and shapes (pdfium.py) -> spans (pdf_spans.py) and rules -> a page (pdf_page.py, page_layout.py) ->
blocks (page_flow.py)
"""

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from parsers.formats.page_flow import flow
from parsers.formats.page_messages import holding, watermarks_left_out
from parsers.formats.page_shown import as_shown, unread_lines, ways_back
from parsers.formats.pages import Affine, Grid, Page, Recognise
from parsers.formats.pdf_page import Reading, read_page
from parsers.formats.pdfium import Sheet, open_pdf
from schemas.blocks import Document
from schemas.errors import UnreadableFile

DOTS_PER_INCH = 200.0
"""Of the pictures given to be recognised."""
_TAIL = 4096
"""Bytes at the end within which a whole PDF says that it ends."""


class _Notes:
    """What reading the pages of one file has brought up."""

    def __init__(self, cut_off: bool = False) -> None:
        self.cut_off = cut_off
        self.pages = 0
        self.pictures: list[int] = []
        self.unnamed: list[int] = []
        self.replaced: list[int] = []
        self.beside: list[int] = []
        self.layer: list[int] = []
        self.cut: list[int] = []
        self.damaged: list[int] = []
        self.hidden: list[int] = []
        self.marks: dict[str, None] = {}
        self.has_text = False
        self.shown: dict[int, Affine] = {}
        self.unread: tuple[str, ...] = ()

    def take(self, number: int, reading: Reading, page: Page, recognised: bool) -> None:
        """Notes what is said about a page, how it lies, and what could not be made out on it."""
        self.shown |= ways_back((page,))
        self.unread += unread_lines((page,))
        if reading.hidden and not recognised:
            self.hidden.append(number)
        if reading.cut:
            self.cut.append(number)
        if recognised or (reading.unreadable and number in self.damaged[-1:]):
            return
        self.marks.update(dict.fromkeys(reading.marks))
        if reading.picture:
            self.pictures.append(number)
        elif reading.unreadable:
            self.unnamed.append(number)
        else:
            for applies, pages in (
                (reading.unnamed, self.replaced),
                (reading.layer, self.layer),
                (reading.beside and not reading.layer, self.beside),
            ):
                if applies:
                    pages.append(number)

    def left_out(self) -> Iterator[str]:
        """What was left out, and rightly so, in plain words."""
        if self.hidden:
            yield f"{holding(self.hidden)} text that does not show, which was left out"

    def warnings(self) -> Iterator[str]:
        """The notes in plain words."""
        if self.cut_off:
            yield "the file does not end as a PDF does; what came last may be missing"
        yield from self.unread
        for pages, says in (
            (self.pictures, "only a picture; to have it read: pip install 'jixiao[ocr]'"),
            (self.unnamed, "text whose fonts do not say what the characters are; it was not understood"),
            (self.replaced, "characters whose fonts do not say what they are; each became U+FFFD"),
            (self.layer, "a scan with the text of an earlier OCR, which was read as it is, unchecked"),
            (self.beside, "pictures besides the text, which were not read"),
            (self.damaged, "nothing that could be opened: the file is damaged there"),
            (self.cut, "more lines or characters than any form; what is beyond the limit was left out"),
        ):
            if pages:
                yield f"{holding(pages)} {says}"


def read_pdf(data: bytes, recognise: Recognise | None = None) -> Document:
    """A PDF as a Document. `recognise` reads the pages that hold only a picture, or text that cannot be decoded,
    and scans with the text of an earlier OCR; without it such pages are warned about.

    Raises UnreadableFile: "encrypted", "truncated", "too_large", "unsupported" (no PDF), "empty" (no page or
    nothing on them), "missing_tool" where all pages are pictures and `recognise` is None.
    """
    notes = _Notes(cut_off=b"%%EOF" not in data[-_TAIL:])
    flowed = flow(_pages(data, recognise, notes))
    if not notes.has_text:
        raise _without_text(notes)
    return Document(
        format="pdf",
        blocks=as_shown(flowed.blocks, notes.shown),
        pages=notes.pages,
        warnings=(*notes.warnings(), *flowed.warnings),
        notes=(*watermarks_left_out(notes.marks), *notes.left_out()),
        pictures=len(notes.pictures) + len(notes.unnamed),
    )


def read_pages(data: bytes, recognise: Recognise | None = None) -> Iterator[Page]:
    """The pages of a PDF, one after the other; each is let go before the next. Raises as `read_pdf` does."""
    return _pages(data, recognise, _Notes())


def _pages(data: bytes, recognise: Recognise | None, notes: _Notes) -> Iterator[Page]:
    with open_pdf(data) as document:
        for number in range(1, len(document) + 1):
            notes.pages = number
            try:
                sheet = Sheet(document, number)
            except UnreadableFile:
                notes.damaged.append(number)
                continue
            try:
                reading = read_page(sheet, number)
                page = reading.page
                recognised = recognise is not None and (reading.unreadable or reading.layer)
                if recognise is not None and recognised:
                    pixels = _drawn(sheet)
                    if pixels is not None:
                        page = recognise(pixels, number, *sheet.size)
                    else:
                        notes.damaged.append(number)
                        recognised = False
            finally:
                sheet.close()
            notes.take(number, reading, page, recognised)
            notes.has_text = notes.has_text or (_has_text(page) and (recognised or not reading.unreadable))
            yield page


def _drawn(sheet: Sheet) -> NDArray[Any] | None:
    """The picture of a page to be recognised; None where it cannot be drawn."""
    try:
        return sheet.picture(DOTS_PER_INCH)
    except UnreadableFile:
        return None


def _has_text(page: Page) -> bool:
    return any(not isinstance(item, Grid) or any(cell.lines for cell in item.cells) for item in page.items)


def _without_text(notes: _Notes) -> UnreadableFile:
    unread = len(notes.pictures) + len(notes.unnamed)
    if notes.damaged and not unread:
        return UnreadableFile("truncated", "no page of the PDF can be opened; get the file again")
    if not unread:
        return UnreadableFile("empty", "the PDF holds no text and no picture of one")
    if notes.pictures:
        what = "the only page is a picture" if unread == 1 else f"the {unread} pages are pictures"
    else:
        what = "the fonts of the PDF do not say what its characters are"
    return UnreadableFile(
        "missing_tool",
        f"{what}; to have them read: pip install 'jixiao[ocr]'; or give the Word file",
        unread,
    )


def page_picture(data: bytes, number: int, dots_per_inch: float) -> NDArray[Any]:
    """A page (from 1) as its file shows it: rows of pixels, red, green, blue."""
    with open_pdf(data) as document:
        sheet = Sheet(document, number)
        try:
            return sheet.picture(dots_per_inch)
        finally:
            sheet.close()
