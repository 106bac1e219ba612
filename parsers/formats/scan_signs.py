"""Signs that stand alone in a cell (≥ in a column 指标性质): read beside a figure, as they are printed elsewhere.

The recognition was taught with lines of print. A lone ≥ it takes for V or 2; before a number it knows it.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from parsers.formats.ocr import Reading, Recogniser
from parsers.formats.scan_lines import Lines, TextLine
from parsers.formats.scan_picture import Picture

_OPERATORS = frozenset("≥≤><＞＜=＝≧≦⩾⩽")
_SURE = 0.9
"""Confidence in the operator and in each figure beside it."""
_CERTAIN = 0.98
"""Confidence in a figure or a Chinese character that stands alone."""
_ALIKE = frozenset("127之乏三二一人入八")
"""What operators are taken for."""
_ALONE = 1.6
"""Widest line to heights of print that holds one sign."""
_MOST_FIGURES = 6
"""Of a number that a sign is read beside."""
_MOST_SIGNS = 300
"""Signs of a page that are read again."""
_GAP = 0.12
"""Heights of print between a sign and the number."""
_PAPER = 160
"""Grey of which nothing is print, nor its edge."""


class _Beside(NamedTuple):
    """A sign and the number that it is read beside, by their lines."""

    sign: int
    number: int


def signs_told(
    models: Recogniser, lines: Lines, readings: Sequence[Reading], crop: Callable[[int], Picture]
) -> list[Reading]:
    """`readings`, those of lone signs replaced where they are certainly operators; `crop` gives the picture of a line."""
    pairs = _pairs(lines, readings)
    pictures = [_joined(crop(pair.sign), crop(pair.number), lines.height) for pair in pairs]
    told = list(readings)
    for (sign, number), both in zip(pairs, models.read(pictures), strict=True):
        bare = [(s, c) for s, c in zip(both.text, both.each, strict=True) if s != " "]
        figures = readings[number].text.strip()
        if "".join(s for s, _ in bare[1:]) != figures or bare[0][0] not in _OPERATORS:
            continue
        if min(c for _, c in bare) >= _SURE:
            told[sign] = Reading(bare[0][0], (bare[0][1],))
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
    parts = [_bare(sign), np.full((1, gap), 255, np.uint8), _bare(number)]
    high = max(part.shape[0] for part in parts)
    padded = []
    for part in parts:
        above = (high - part.shape[0]) // 2
        padded.append(np.pad(part, ((above, high - part.shape[0] - above), (0, 0)), constant_values=255))
    return np.pad(np.concatenate(padded, axis=1), ((0, 0), (gap, gap)), constant_values=255)


def _bare(picture: Picture) -> Picture:
    """The picture without the white on its left and right."""
    inked = np.flatnonzero((picture < _PAPER).any(axis=0))
    return picture if len(inked) == 0 else picture[:, inked[0] : inked[-1] + 1]
