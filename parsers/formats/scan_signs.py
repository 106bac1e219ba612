"""Lines of few signs (≥ in a column 指标性质, the end of a line that a narrow cell wraps): looked at once more.

The recognition was taught with lines of print. A lone ≥ it takes for V or 2, before a number it knows it; a lone / is told
by its slant, a lone 。 by its hole; and where there is more ink than was read, other margins tell whether a sign was lost.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from parsers.formats.ocr import Reading, Recogniser
from parsers.formats.scan_lines import STOP, Lines, TextLine
from parsers.formats.scan_picture import Picture, pieces_of

_OPERATORS = frozenset(("≥", "≤", ">", "<", "＞", "＜", "=", "＝", "≧", "≦", "⩾", "⩽", ">=", "<="))
_SURE = 0.9
"""Confidence in the operator and in each figure beside it."""
_CERTAIN = 0.98
"""Confidence in a figure or a Chinese character that stands alone."""
_ALIKE = frozenset("127之乏三二一人入八")
"""What operators are taken for."""
_ALONE = 1.6
"""Widest line to heights of print that holds one sign."""
_RINGS = frozenset(("", "0", "o", "O", "。", "°", "○", "〇"))
_STROKES = frozenset("1lI|丨丿J/")
_UPRIGHT_ONE = 0.8
"""Confidence from which a slanting 1 is one."""
_LEAST_INK = 8
_MOST_FIGURES = 6
"""Of a number that a sign is read beside."""
_MOST_SIGNS = 300
"""Signs of a page that are read again."""
_GAP = 0.12
"""Heights of print between a sign and the number."""
_PAPER = 160
"""Grey of which nothing is print, nor its edge."""


_SHORT = 3.5
"""Heights of print that a line is wide at most which is looked at again."""
_MORE_INK = 0.35
"""Ems by which print is wider than what was read of it where a sign is missing."""
_OTHER_MARGINS = ((0.1, 0.1), (0.22, 1.0))
"""Above and below, and aside, in heights of the line: as tight as can be, and wide."""
_LOST = 0.5
"""Confidence in what is less than the ink shows."""


class Crop(Protocol):
    """Gives the picture of a line."""

    def __call__(self, index: int, margins: tuple[float, float] = ..., /) -> Picture:
        """The line with this index, with margins above and below, and aside, in heights of the line."""


class _Beside(NamedTuple):
    """A sign and the number that it is read beside, by their lines."""

    sign: int
    number: int


def short_lines_told(
    models: Recogniser, lines: Lines, readings: Sequence[Reading], crop: Crop
) -> list[Reading]:
    """`readings` with those of short lines corrected where it is certain, doubted where ink was not read."""
    told = _told_by_shape(lines, _told_anew(models, lines, readings, crop), crop)
    return _told_beside(models, lines, told, crop)


# ---- signs that were lost -------------------------------------------------------------------


def _told_anew(models: Recogniser, lines: Lines, readings: Sequence[Reading], crop: Crop) -> list[Reading]:
    lacking = [
        n
        for n, (line, reading) in enumerate(zip(lines.lines, readings, strict=True))
        if reading.text.strip() and _lacks(line, reading, lines.height)
    ][:_MOST_SIGNS]
    tight, wide = (models.read([crop(n, margins) for n in lacking]) for margins in _OTHER_MARGINS)
    told = list(readings)
    for n, one, other in zip(lacking, tight, wide, strict=True):
        texts = [_bare(reading) for reading in (readings[n], one, other)]
        if texts[1] == texts[2] and len(texts[1]) > len(texts[0]):
            told[n] = min(one, other, key=lambda reading: reading.doubt)
        elif texts[0] not in texts[1:]:
            told[n] = readings[n]._replace(each=tuple(min(_LOST, value) for value in readings[n].each))
    return told


def _lacks(line: TextLine, reading: Reading, height: float) -> bool:
    """Whether a short line is wider than what was read of it."""
    wide, high = line.right - line.left, line.bottom - line.top
    if wide > _SHORT * height or high < 0.6 * height:
        return False
    signs = _bare(reading)
    em = high / 0.9 if any("㐀" <= sign <= "鿿" for sign in signs) else height
    return wide > (sum(1.0 if sign > "⺀" else 0.62 for sign in signs) + _MORE_INK) * em


def _bare(reading: Reading) -> str:
    return "".join(reading.text.split())


# ---- signs told by their shape --------------------------------------------------------------


def _told_by_shape(lines: Lines, readings: Sequence[Reading], crop: Crop) -> list[Reading]:
    told = list(readings)
    for n, (line, reading) in enumerate(zip(lines.lines, readings, strict=True)):
        wide, high = line.right - line.left, line.bottom - line.top
        text = reading.text.strip()
        if max(wide, high) < STOP * lines.height and (text in _RINGS or not line.sure):
            if _is_ring(crop(n)):
                told[n] = Reading("。", (_SURE,))
            elif not line.sure:
                told[n] = Reading()
        elif text in _STROKES and wide < high and reading.confidence < _CERTAIN and _slants(crop(n)):
            if text != "1":
                told[n] = Reading("/", (_SURE,))
            elif reading.confidence < _UPRIGHT_ONE:  # a 1 in italics leans as well
                told[n] = Reading("/", (_LOST,))
    return told


def _is_ring(picture: Picture) -> bool:
    """Whether the ink is one patch around a hole."""
    ink = picture < _PAPER
    patches = pieces_of(ink.astype(np.uint8))
    if len(patches.boxes) != 1:
        return False
    left, top, right, bottom = patches.boxes[0]
    across, down = ink[(top + bottom) // 2, left:right], ink[top:bottom, (left + right) // 2]
    return all(
        not way[len(way) // 2] and way[: len(way) // 2].any() and way[len(way) // 2 :].any()
        for way in (across, down)
    )


def _slants(picture: Picture) -> bool:
    """Whether one straight stroke leans to the right by a quarter of its height."""
    ys, xs = np.nonzero(picture < _PAPER)
    if len(ys) < _LEAST_INK:
        return False
    slope, middle = np.polyfit(ys, xs, 1)
    aside = np.abs(xs - (slope * ys + middle))
    return bool(slope < -0.25 and aside.max() <= 0.12 * (ys.max() - ys.min()) + 1)


# ---- operators told beside a number ---------------------------------------------------------


def _told_beside(models: Recogniser, lines: Lines, readings: Sequence[Reading], crop: Crop) -> list[Reading]:
    pairs = _pairs(lines, readings)
    pictures = [_joined(crop(pair.sign), crop(pair.number), lines.height) for pair in pairs]
    told = list(readings)
    for (sign, number), both in zip(pairs, models.read(pictures), strict=True):
        each = tuple(c for s, c in zip(both.text, both.each, strict=True) if s != " ")
        figures = readings[number].text.strip()
        operator = _bare(both).removesuffix(figures)
        if operator in _OPERATORS and _bare(both) == operator + figures and min(each) >= _SURE:
            told[sign] = Reading(operator, each[: len(operator)])
    return told


def _pairs(lines: Lines, readings: Sequence[Reading]) -> list[_Beside]:
    signs, numbers = [], []
    for n, (line, reading) in enumerate(zip(lines.lines, readings, strict=True)):
        text = reading.text.strip()
        if len(text) <= 1 and line.right - line.left <= _ALONE * lines.height and not _certain(reading):
            signs.append(n)
        elif (
            text.isdecimal() and text.isascii() and len(text) <= _MOST_FIGURES and min(reading.each) >= _SURE
        ):
            numbers.append(n)
    if not numbers or len(signs) > _MOST_SIGNS:
        return []
    places = np.array([_middle(lines.lines[n]) for n in numbers])
    pairs = []
    for sign in signs:
        x, y = _middle(lines.lines[sign])
        # a number of the same row was printed in the same way
        far = np.abs(places[:, 0] - x) + 8 * np.abs(places[:, 1] - y)
        pairs.append(_Beside(sign, numbers[int(far.argmin())]))
    return pairs


def _certain(reading: Reading) -> bool:
    """Whether the sign is no operator for sure: a figure or a Chinese character that stands alone often."""
    text = reading.text.strip()
    return (
        reading.confidence >= _CERTAIN and text not in _ALIKE and (text.isdecimal() or "㐀" <= text <= "鿿")
    )


def _middle(line: TextLine) -> tuple[float, float]:
    return (line.left + line.right) / 2, (line.top + line.bottom) / 2


def _joined(sign: Picture, number: Picture, height: float) -> Picture:
    """One picture of both, the sign before the number, their middles level."""
    gap = max(2, round(_GAP * height))
    parts = [_inked(sign), np.full((1, gap), 255, np.uint8), _inked(number)]
    high = max(part.shape[0] for part in parts)
    padded = []
    for part in parts:
        above = (high - part.shape[0]) // 2
        padded.append(np.pad(part, ((above, high - part.shape[0] - above), (0, 0)), constant_values=255))
    return np.pad(np.concatenate(padded, axis=1), ((0, 0), (gap, gap)), constant_values=255)


def _inked(picture: Picture) -> Picture:
    """The picture without the white on its left and right."""
    inked = np.flatnonzero((picture < _PAPER).any(axis=0))
    return picture if len(inked) == 0 else picture[:, inked[0] : inked[-1] + 1]
