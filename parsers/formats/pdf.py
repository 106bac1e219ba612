"""PDF -> Document.

characters and shapes (pdfium.py) -> spans (pdf_spans.py) and rules -> pages (page_layout.py) -> blocks (page_flow.py)
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from PIL import Image

from parsers.formats import pdfium
from parsers.formats.page_layout import lay_out
from parsers.formats.pages import Page, Rule
from parsers.formats.pdf_spans import Frame, Glyphs, runs
from schemas.blocks import Document
from schemas.errors import UnreadableFile

Recognise = Callable[[Image.Image, int, float, float], Page]


def read_pages(data: bytes) -> Iterator[Page]:
    """The pages of a PDF, one after the other."""
    with pdfium.open_pdf(data) as document:
        for number in range(1, len(document) + 1):
            sheet = pdfium.Sheet(document, number)
            try:
                yield _page(sheet, number)
            finally:
                sheet.close()


def _page(sheet: pdfium.Sheet, number: int) -> Page:
    characters = sheet.characters()
    glyphs = Glyphs.of(characters.text, characters.boxes)
    inked = glyphs.inked()
    frame = Frame(*sheet.box, sheet.quarter_turns)
    rules = _rules(sheet.drawn(), frame)
    uprights = [rule for rule in rules if rule.bottom - rule.top > 6]
    found = runs(glyphs, inked, frame, frame, uprights)
    return lay_out(number, *frame.size, [run.span for run in found], rules)


def _rules(drawn: pdfium.Drawn, frame: Frame) -> list[Rule]:
    rules = []
    for shape in drawn.shapes:
        if shape.white:
            continue
        left, bottom, right, top = shape.box
        if min(right - left, top - bottom) <= 3:
            rules.append(Rule(*frame.boxes(left, bottom, right, top)))
    return rules
