"""What LibreOffice does to a document when it saves it as .docx, undone in the XML of the main part.

* It rounds the borders of cells, so that borders that were one come out a hair apart, and a column that nobody sees
  stands between them. Cells merged down then differ in their spans, and would no longer count as merged.
* It makes a frame of a table that text flows around, anchored in the paragraph that followed the table. The frame's
  text would be read after that paragraph.
"""

import re

from lxml.etree import _Element

from parsers.formats.word_package import W
from parsers.formats.word_styles import whole_number
from parsers.formats.word_text import ALTERNATE, TBL, TEXT_BOX, P

HAIR = 5
"""Twips (1/20 point) up to which two borders are one: a twentieth of a millimetre is rounding."""

_TR, _TC, _TC_PR, _TR_PR = W + "tr", W + "tc", W + "tcPr", W + "trPr"
_GRID, _GRID_SPAN, _GRID_BEFORE = W + "tblGrid", W + "gridSpan", W + "gridBefore"
_VAL = W + "val"
_NAMED = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
_FRAME = re.compile(r"Frame\d*")  # LibreOffice's name for what no file named


def tidy(root: _Element) -> None:
    """Undoes both in the main part whose root element this is."""
    for table in list(root.iter(TBL)):
        _join_borders(table)
    for drawing in list(root.iter(ALTERNATE)):
        _lift_frame(drawing)


def _join_borders(table: _Element) -> None:
    """Takes out the columns of a table that are no wider than a hair, where no cell needs them."""
    grid = table.find(_GRID)
    if grid is None:
        return
    widths = [whole_number(column.get(W + "w")) or 0 for column in grid]
    if all(width > HAIR for width in widths):
        return
    numbers = _borders(widths)
    last = len(widths)
    spans: list[
        tuple[_Element, int, int]
    ] = []  # a cell or row, the columns it spans or leaves out: old and new
    for row in table.iterchildren(_TR):
        before = row.find(f"{_TR_PR}/{_GRID_BEFORE}")
        at = 0 if before is None else whole_number(before.get(_VAL)) or 0
        if before is not None:
            spans.append((before, at, numbers[min(at, last)]))
        for cell in row.iterchildren(_TC):
            properties = cell.find(_TC_PR)
            item = None if properties is None else properties.find(_GRID_SPAN)
            span = 1 if item is None else max(whole_number(item.get(_VAL)) or 1, 1)
            new = numbers[min(at + span, last)] - numbers[min(at, last)]
            at += span
            if new < 1:
                return  # a cell as narrow as that is meant
            if item is not None:
                spans.append((item, span, new))
    for item, old, new in spans:
        if old != new:
            item.set(_VAL, str(new))


def _borders(widths: list[int]) -> list[int]:
    """For each border from the left the number it has where borders a hair apart count as one."""
    numbers = [0]
    since = 0  # from the last border that counts
    for width in widths:
        since += width
        numbers.append(numbers[-1] + (since > HAIR))
        since = 0 if since > HAIR else since
    return numbers


def _lift_frame(drawing: _Element) -> None:
    """Puts the table that a frame holds before the paragraph that anchors it."""
    named = next(drawing.iter(_NAMED), None)
    box = next(drawing.iter(TEXT_BOX), None)
    anchor = next(drawing.iterancestors(P), None)
    if named is None or box is None or anchor is None or not _FRAME.fullmatch(named.get("name", "")):
        return
    if (
        not len(box)
        or box[0].tag != TBL
        or any(text.strip() for child in list(box)[1:] for text in child.itertext())
    ):
        return  # a text box
    for child in list(box):
        anchor.addprevious(child)
    run = drawing.getparent()
    if run is not None:
        run.remove(drawing)
