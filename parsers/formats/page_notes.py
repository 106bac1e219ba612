"""Footnotes: lines at the foot of a page that begin with a note's mark, which the text above them shows or which is of
smaller print.

They interrupt whatever goes on on the next page, so they are taken out and follow the block that they stand under, as
Word's do; the mark, which Word counts by itself, is left out where the text above shows it: otherwise it may be a figure
or the number of an item.
"""

import re
from collections.abc import Sequence
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
"""How much smaller than the text above them notes are printed."""


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
        if _MARK.match(line_text(item)) and _is_note(page.items[:index], item):
            first = index
    if first is None:
        return None
    indices = [index for index in kept if index >= first]
    lines = [item for index in indices if isinstance(item := page.items[index], Line)]
    groups = _groups(lines)
    above = [line for item in page.items[:first] for line in _lines(item)]
    marks = (_MARK.match(line_text(group[0])) for group in groups)
    return Notes(
        page.number,
        frozenset(indices),
        tuple(_note(page.number, group, above) for group in groups),
        tuple("" if mark is None or mark[0][0].isdecimal() else mark[0].strip() for mark in marks),
    )


def _is_note(above: Sequence[Line | Grid], line: Line) -> bool:
    """Whether what stands above a line shows its mark, or is of larger print."""
    lines = [one for item in above for one in _lines(item)]
    if not lines:
        return False
    mark = _MARK.match(line_text(line))
    is_smaller = em(line) < _SMALLER * median(em(one) for one in lines)
    return is_smaller or (mark is not None and _is_shown(mark[0].strip(), lines))


def _lines(item: Line | Grid) -> Sequence[Line]:
    return (item,) if isinstance(item, Line) else [line for cell in item.cells for line in cell.lines]


def _is_shown(mark: str, lines: Sequence[Line]) -> bool:
    """Whether lines show a note's mark behind a word: one that follows a colon or another item numbers an item, and
    figures are a mark only at the end of a clause."""
    if mark.isdecimal():
        shown = re.compile(rf"[\u4e00-\u9fff”》）]{mark}(?=[，。；、：）”])|[。”》）]{mark}$")
    else:
        shown = re.compile(rf"[^\s：:；;，,、（(]{re.escape(mark)}")
    return any(shown.search(line_text(line)) for line in lines)


def _groups(lines: list[Line]) -> list[list[Line]]:
    groups: list[list[Line]] = []
    for line in lines:
        if _MARK.match(line_text(line)) or not groups:
            groups.append([])
        groups[-1].append(line)
    return groups


def _note(page: int, lines: list[Line], above: Sequence[Line]) -> Paragraph:
    texts = [line_text(line) for line in lines]
    mark = _MARK.match(texts[0])
    if mark and _is_shown(mark[0].strip(), above):
        texts[0] = texts[0][mark.end() :]
    signs = [""] + [bridge(a, b, 1.0, 40.0) for a, b in pairwise(texts)]
    text, starts = joined(list(zip(signs, texts, strict=True)))
    return Paragraph(
        text, positions=tuple(line_position(page, line, at) for line, at in zip(lines, starts, strict=True))
    )
