"""A draft as a PDF with a text layer, as word processors and report tools write it."""

from __future__ import annotations

import io
from functools import cache
from random import Random

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

from tests.samples.formats.pages import A4, Sheet, Text, sheets
from tests.samples.model import Draft

FONT = "STSong-Light"  # every reader has it: no font file is embedded

TRAPS = (
    "heads",  # running head and page number
    "head_rule",  # a rule under the running head
    "watermark",  # slanted grey words across each page
    "repeat_header",  # a table's header again on each page
    "cut_rows",  # a page cuts rows in mid-cell
    "open_cuts",  # no rule where a page cuts a table
    "label_centre",  # a merged label stands where its middle falls, perhaps on a later page
    "narrow",  # columns of figures too narrow for them
    "unruled",  # tables without merged cells have no rules at all
    "three_rules",  # such tables have only three horizontal rules
    "landscape",  # wide tables on turned pages (/Rotate 90)
    "ragged",  # paragraphs not justified
    "overprint",  # bold by printing twice
    "by_character",  # every character placed by itself
    "filled_rules",  # rules are thin filled rectangles
)


@cache
def _width(character: str) -> float:
    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    return float(pdfmetrics.stringWidth(character, FONT, 1000)) / 1000


def measure(text: str, size: float) -> float:
    return sum(map(_width, text)) * size


def document(draft: Draft) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, pagesize=A4, invariant=1, pageCompression=1)
    canvas.setTitle("")
    canvas.setProducer("jixiao samples")
    traps = frozenset(draft.layout.traps)
    rng = Random(draft.layout.order + 1)
    for sheet in sheets(draft, measure):
        _sheet(canvas, sheet, traps, rng)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def _sheet(canvas: Canvas, sheet: Sheet, traps: frozenset[str], rng: Random) -> None:
    canvas.setPageSize((sheet.width, sheet.height))  # as it is shown; reportlab turns the paper
    if sheet.landscape:
        canvas.setPageRotation(90)
        canvas.transform(0, 1, -1, 0, sheet.height, 0)
    else:
        canvas.setPageRotation(0)
    if sheet.watermark:
        canvas.saveState()
        canvas.setFillGray(0.85)
        canvas.translate(sheet.width / 2, sheet.height / 2)
        canvas.rotate(45)
        canvas.setFont(FONT, 60)
        canvas.drawCentredString(0, 0, sheet.watermark)
        canvas.restoreState()
    canvas.setLineWidth(0.5)
    for x0, y0, x1, y1 in sheet.rules:
        if "filled_rules" in traps:
            canvas.rect(x0 - 0.24, sheet.height - y1 - 0.24, x1 - x0 + 0.48, y1 - y0 + 0.48, stroke=0, fill=1)
        else:
            canvas.line(x0, sheet.height - y0, x1, sheet.height - y1)
    for text in sheet.texts:
        _text(canvas, text, sheet.height, traps)


def _text(canvas: Canvas, text: Text, height: float, traps: frozenset[str]) -> None:
    wide = measure(text.text, text.size)
    space = (text.width - wide) / (len(text.text) - 1) if text.width and len(text.text) > 1 else 0.0
    y = height - text.y
    shifts = (0.0, 0.3) if text.bold and "overprint" in traps else (0.0,)
    for shift in shifts:
        if "by_character" in traps:
            x = text.x + shift
            canvas.setFont(FONT, text.size)
            for character in text.text:
                canvas.drawString(x, y, character)
                x += measure(character, text.size) + space
            continue
        fat = text.bold and len(shifts) == 1
        canvas.saveState()
        line = canvas.beginText(text.x + shift, y)
        line.setFont(FONT, text.size)
        if fat:
            line.setTextRenderMode(2)
        line.setCharSpace(round(space, 3))
        line.textOut(text.text)
        canvas.drawText(line)
        canvas.restoreState()
