"""Footnotes: lines at the foot of a page that begin with a note's mark, apart from the text above them.

They interrupt whatever goes on on the next page, so they are taken out and follow the block that they stand under, as
Word's do; the mark, which Word counts by itself, is left out.
"""

import re
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from parsers.formats.page_text import bridge, em, joined, line_position, line_text
from parsers.formats.pages import Grid, Line, Page
from schemas.blocks import Paragraph

_MARK = re.compile(
    r"(?:\d{1,2}(?=[\u4e00-\u9fff《“])(?![年月日号项个家万亿元人次分条户名])|[①-⑳]|[\[［〔]\d{1,2}[\]］〕])\s*"
)
_MOST_LINES = 12
_FOOT = 0.6
"""Share of the page's height below which footnotes stand."""
_SMALLER = 0.93
_APART = 2.2
"""Ems from the text's last line to the first note in text of the same size: a short rule stands between."""


@dataclass(frozen=True, slots=True)
class Notes:
    """The footnotes of a page, and which of its items they are."""

    page: int
    indices: frozenset[int]
    paragraphs: tuple[Paragraph, ...]
    marks: tuple[str, ...]
    """The mark of each paragraph where it can be told from text: a circled number or one in brackets; else empty."""


def footnotes(page: Page) -> Notes | None:
    """The footnotes of a page without furniture; None where it has none."""
    kept = range(len(page.items))
    first = None
    for index in reversed(kept[-_MOST_LINES:]):
        item = page.items[index]
        if not isinstance(item, Line) or item.box[1] < _FOOT * page.height:
            break
        if _MARK.match(line_text(item)) and _stands_apart(page, index, item):
            first = index
    if first is None:
        return None
    indices = [index for index in kept if index >= first]
    lines = [item for index in indices if isinstance(item := page.items[index], Line)]
    groups = _groups(lines)
    marks = (_MARK.match(line_text(group[0])) for group in groups)
    return Notes(
        page.number,
        frozenset(indices),
        tuple(_note(page.number, group) for group in groups),
        tuple("" if mark is None or mark[0][0].isdecimal() else mark[0].strip() for mark in marks),
    )


def _stands_apart(page: Page, index: int, line: Line) -> bool:
    """Whether a line is smaller than the text above it, or farther from it than lines of a text are."""
    above = page.items[:index]
    if not above:
        return False
    sizes = [em(item) for item in above if isinstance(item, Line)]
    if sizes and em(line) < _SMALLER * median(sizes):
        return True
    distance = line.box[1] - above[-1].box[3]
    return distance > (0.4 if isinstance(above[-1], Grid) else _APART - 1) * em(line)


def _groups(lines: list[Line]) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        if _MARK.match(line_text(line)) or not groups:
            groups.append([])
        groups[-1].append(line)
    return groups


def _note(page: int, lines: list[Line]) -> Paragraph:
    texts = [line_text(line) for line in lines]
    texts[0] = _MARK.sub("", texts[0], count=1)
    signs = [""] + [bridge(a, b, 1.0, 40.0) for a, b in pairwise(texts)]
    text, starts = joined(list(zip(signs, texts, strict=True)))
    return Paragraph(
        text, positions=tuple(line_position(page, line, at) for line, at in zip(lines, starts, strict=True))
    )
