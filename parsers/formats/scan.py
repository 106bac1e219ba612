"""A scanned page: from its picture to printed lines and ruled tables."""

import math
from dataclasses import replace
from functools import partial
from typing import NamedTuple

import numpy as np

from parsers.formats.ocr import Reading, Recogniser, recogniser
from parsers.formats.page_layout import lay_out
from parsers.formats.pages import Affine, Page, Recognise, Rule, Span
from parsers.formats.scan_lines import Lines, TextLine, text_lines
from parsers.formats.scan_picture import (
    Boxes,
    Picture,
    grey_of,
    ink_of,
    quarter_turned,
    resized,
    skew_of,
    spread,
    straightened,
)
from parsers.formats.scan_rules import Rules, rules_of
from parsers.formats.scan_signs import short_lines_told
from parsers.formats.scan_text import as_printed
from schemas.locations import Box

_FINEST = 300 / 72
"""Pixels a point that more than which tell nothing new."""
_COARSEST = 150 / 72
"""Pixels a point under which strokes of small print run together: the picture is enlarged."""
_MOST_PIXELS = 30_000_000
"""Of a picture that is looked at: A3 at 300 dots an inch has 17 million."""
_LEGIBLE = 0.5
"""Mean confidence below which a line is no print, or none that can be read."""
_LEGIBLE_ALONE = 0.8
"""The same where the model for finding print saw none: a blot reads as a stroke."""
_UPRIGHT = 0.85
"""Mean confidence of the longest lines of a page that lies the right way up."""
_PICTURE = 0.75
"""Mean confidence of all that stands on a page of print, weighted by length; a photograph's signs are below."""


_PAPER = (400.0, 1300.0)
"""Points of the longer side of paper: A5 to A3, with a margin."""
_A4 = (595.0, 842.0)
_ROLL = 2.2
"""Longer to shorter side of what is no sheet of paper."""
_MARGIN = 0.22
"""Margin around a line that is given to the recognition, of its height: as wide as what it was taught with."""
_LEADER = "……"
"""What stands for the dots before a page number, however many they are."""


class Upright(NamedTuple):
    """A picture made ready: level, rules found and erased, print found (`boxes` by the model); `turned` where its sides were exchanged; `back` leads to
    the pixels of the picture given."""

    grey: Picture
    rules: Rules
    boxes: Boxes
    lines: Lines
    back: Affine
    turned: bool


def scan_reader(threads: int) -> Recognise:
    """A function that reads pictures of pages with the models loaded here and `threads` processor cores.

    It takes the picture, the number of the page, and its width and height in points.
    """
    models = recogniser(threads)

    def recognise(picture: Picture, number: int, width: float, height: float) -> Page:
        return read_page(models, picture, number, width, height)

    return recognise


def read_page(models: Recogniser, picture: Picture, number: int, width: float, height: float) -> Page:
    """The page that a picture shows, in points as it is read; `Page.shown` leads to the points as shown.

    `width` and `height` are those of the page in points, as the picture shows it.
    """
    given = width
    width, height = _paper(width, height)
    page, readings, scale = _upright(models, picture, max(width, height))
    ratio = given / width
    # straightening made room for the corners; lengths are told from the corner of the paper all the same
    if page.turned:
        width, height = height, width
    left, top = page.grey.shape[1] / scale - width, page.grey.shape[0] / scale - height
    origin = (left / 2, top / 2)
    spans, unread = _spans(page, readings, scale, origin)
    laid = lay_out(number, width, height, spans, _rules(page.rules, scale, origin))
    if page.back == Affine() and ratio == 1:
        return replace(laid, unread=unread)
    to_pixels = Affine(scale, 0.0, origin[0] * scale, 0.0, scale, origin[1] * scale)
    to_points = Affine(a=ratio / scale, e=ratio / scale)
    return replace(laid, shown=to_points.after(page.back).after(to_pixels), unread=unread)


def _paper(width: float, height: float) -> tuple[float, float]:
    """The size of the sheet in points; pages that are no paper (a dot of the picture taken for a point, a screen
    that was scrolled) as if their print were on A4."""
    if max(width, height) > _ROLL * min(width, height):
        ratio = _A4[0] / min(width, height)
    elif _PAPER[0] <= max(width, height) <= _PAPER[1]:
        return width, height
    else:
        ratio = _A4[1] / max(width, height)
    return width * ratio, height * ratio


def _upright(models: Recogniser, picture: Picture, longer: float) -> tuple[Upright, list[Reading], float]:
    """The page as it is read, what its lines say, and its pixels a point."""
    high, wide = picture.shape[:2]
    scale = max(high, wide) / longer
    wanted = min(max(scale, _COARSEST), _FINEST, scale * math.sqrt(_MOST_PIXELS / (high * wide)))
    if wanted != scale:
        picture = resized(picture, wanted / scale)
    scale = max(picture.shape[:2]) / longer
    return (*_the_right_way_up(models, picture, scale), scale)


# ---- the right way up -----------------------------------------------------------------------


def _the_right_way_up(models: Recogniser, picture: Picture, scale: float) -> tuple[Upright, list[Reading]]:
    """The page as it is read: turned by quarters and straightened."""
    grey = grey_of(picture, scale)
    page = _prepared(models, grey, scale, 0)
    turns = 1 if _lies_sideways(page.boxes) else 0
    if turns:
        page = _prepared(models, grey, scale, turns)
    lines = page.lines.lines
    sample = sorted(range(len(lines)), key=lambda n: (lines[n].left - lines[n].right, n))[:3]
    crops = [_crop(page, n) for n in sample]
    readings = dict(zip(sample, models.read(crops), strict=True))
    sure = _mean([reading.confidence for reading in readings.values()])
    if sure < _UPRIGHT:
        overhead = models.read([np.ascontiguousarray(np.rot90(crop, 2)) for crop in crops])
        if _mean([reading.confidence for reading in overhead]) > sure + 0.1:
            page, readings = _prepared(models, grey, scale, turns + 2), {}
    others = [n for n in range(len(page.lines.lines)) if n not in readings]
    readings.update(zip(others, models.read([_crop(page, n) for n in others]), strict=True))
    told = [readings[n] for n in range(len(page.lines.lines))]
    return page, short_lines_told(models, page.lines, told, partial(_crop, page))


def _prepared(models: Recogniser, grey: Picture, scale: float, turns: int) -> Upright:
    turned, back = quarter_turned(grey, turns)
    level, unskewed = straightened(turned, skew_of(ink_of(turned)))
    ink = ink_of(level)
    rules = rules_of(ink, scale)
    erased = spread(rules.mask, 1, 1) > 0
    clean, ink = level.copy(), ink.copy()
    clean[erased], ink[erased] = 255, 0
    boxes = models.find(clean)
    return Upright(
        clean, rules, boxes, text_lines(ink, boxes, rules, scale), back.after(unskewed), turns % 2 == 1
    )


def _lies_sideways(boxes: Boxes) -> bool:
    """Whether most print runs up or down the page. Print that is stacked in narrow cells is little."""
    wide, high = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
    return bool((wide * high)[high > 2 * wide].sum() > (wide * high)[wide > 2 * high].sum())


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 1.0


# ---- lines ----------------------------------------------------------------------------------


def _crop(page: Upright, index: int, margins: tuple[float, float] = (_MARGIN, _MARGIN)) -> Picture:
    """The picture of one line with margins (above and below, aside; in heights of the line), without what reaches into
    it from other lines."""
    line = _full(page.lines, page.lines.lines[index])
    high = line.bottom - line.top
    down, aside = (max(2, round(margin * high)) for margin in margins)
    top, left = max(0, line.top - down), max(0, line.left - aside)
    here = (slice(top, line.bottom + down), slice(left, line.right + aside))
    crop = page.grey[here].copy()
    owner = page.lines.owner[page.lines.labels[here]]
    others = ((owner > 0) & (owner != index + 1)).astype(np.uint8)
    own = owner == index + 1
    crop[(spread(others, 1, 1) > 0) & ~own] = 255
    return crop


def _full(lines: Lines, line: TextLine) -> TextLine:
    """The line as high as print is: 一 and — have hardly any height of their own."""
    least = round(0.85 * lines.height)
    lacking = least - (line.bottom - line.top)
    if lacking <= 0:
        return line
    return line._replace(top=max(0, line.top - lacking // 2), bottom=line.bottom + lacking - lacking // 2)


def _spans(
    page: Upright, readings: list[Reading], scale: float, origin: tuple[float, float]
) -> tuple[list[Span], int]:
    """What was read, in points from the corner of the paper, and the number of lines that could not be."""
    spans, unread = [], 0
    for line, reading in zip(page.lines.lines, readings, strict=True):
        if reading.confidence < (_LEGIBLE if line.sure else _LEGIBLE_ALONE) or not reading.text.strip():
            # ink alone that reads like nothing is a blot
            unread += line.sure or reading.confidence >= _LEGIBLE
            continue
        box = _in_points(_full(page.lines, line), scale, origin)
        spans.append(Span(as_printed(reading.text.strip()), *box, reading.doubt))
    for leader in page.lines.leaders if spans else ():
        spans.append(Span(_LEADER, *_in_points(leader, scale, origin), 1.0))
    weight = sum(len(span.text) for span in spans)
    if weight and sum((span.confidence or 0) * len(span.text) for span in spans) < _PICTURE * weight:
        return [], unread + len(spans)
    return spans, unread


def _in_points(line: TextLine, scale: float, origin: tuple[float, float]) -> Box:
    x, y = origin
    return line.left / scale - x, line.top / scale - y, line.right / scale - x, line.bottom / scale - y


def _rules(rules: Rules, scale: float, origin: tuple[float, float]) -> list[Rule]:
    """The ruling lines in points from the corner of the paper."""
    x, y = origin
    found = []
    for rule in rules.level:
        middle, half = rule.at / scale - y, rule.thick / scale / 2
        found.append(Rule(rule.start / scale - x, middle - half, rule.end / scale - x, middle + half))
    for rule in rules.upright:
        middle, half = rule.at / scale - x, rule.thick / scale / 2
        found.append(Rule(middle - half, rule.start / scale - y, middle + half, rule.end / scale - y))
    return found
