"""Text of a PDF page that prints nothing: not painted at all, or in the colour of what lies beneath."""

from typing import Any

import numpy as np

from parsers.formats.pdf_spans import Frame, Glyphs
from parsers.formats.pdfium import Sheet
from schemas.errors import UnreadableFile

_WHITE = 250
"""Of red, green and blue: from here on text does not show on paper."""
_CLEAR = 5
"""Opacity, of 255, of what does not show on anything."""
_DOTS_PER_INCH = 144.0
_EDGE = 0.15
_SHOWS = 12
"""Difference of the pixels about a text, of 255, from which something is printed there."""


def printed(sheet: Sheet, glyphs: Glyphs, inked: Any) -> Any:
    """Those of the characters `inked` that print. Whether pale ones do is told by the picture of the page, since
    white print on a coloured cell is as good as any; it is drawn only for a page that has such."""
    if not len(inked):
        return inked
    objects = np.array(sheet.text_objects(inked.tolist()), np.uint64)
    addresses, first, own = np.unique(objects, return_index=True, return_inverse=True)
    hidden = np.array(sheet.unpainted(addresses.tolist()))
    colours = sheet.colours(inked[first].tolist())
    is_pale = (colours[:, :3].min(axis=1) >= _WHITE) | (colours[:, 3] <= _CLEAR)
    pale = np.flatnonzero(is_pale & ~hidden)
    if len(pale):
        own_boxes = [glyphs.boxes[inked[own == index]] for index in pale]
        hidden[pale] = _blank(sheet, own_boxes)
    return inked[~hidden[own]] if hidden.any() else inked


def _blank(sheet: Sheet, texts: list[Any]) -> list[bool]:
    """Whether the page shows nothing where the characters of each text stand, whose boxes are rows of left, top,
    right, bottom."""
    try:
        pixels = sheet.picture(_DOTS_PER_INCH)
    except UnreadableFile:
        return [False] * len(texts)
    shown = Frame(*sheet.box, sheet.quarter_turns)
    across, down = pixels.shape[1] / sheet.size[0], pixels.shape[0] / sheet.size[1]
    found = []
    for boxes in texts:
        left, top, right, bottom = shown.boxes(*(boxes[:, column] for column in (0, 3, 2, 1)))
        above, below = float(top.min()), float(bottom.max())
        edge = _EDGE * (below - above)  # where the rules of a cell may lie
        rows = slice(max(0, int((above + edge) * down)), max(0, int((below - edge) * down)) + 1)
        columns = slice(max(0, int(left.min() * across)), max(0, int(right.max() * across)) + 1)
        area = pixels[rows, columns].reshape(-1, 3)
        found.append(not len(area) or int(np.ptp(area, axis=0).max()) < _SHOWS)
    return found
