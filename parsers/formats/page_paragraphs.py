"""Printed lines -> paragraphs, over pages too.

A line that stops short of the right edge, though the next line's first word would have fitted, ends its paragraph; a
full one goes on, unless the next line is indented, set apart, of another size, or begins an item. Which of these a
document uses to part its paragraphs is measured on its own lines.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import NamedTuple

from parsers.formats.page_text import (
    breaks_line,
    bridge,
    em,
    ems,
    is_ended,
    is_enumerated,
    joined,
    line_position,
    line_text,
    width,
)
from parsers.formats.pages import Line
from schemas.blocks import Paragraph

PageSize = tuple[int, int]

_INDENT = (1.2, 4.6)
"""Ems by which a paragraph's first line stands back: two characters, and what authors make of it."""
_LONG = 0.6
"""Share of the text's breadth from which on a line tells where the text's edges are."""
_APART = 1.3
"""How much farther than the lines of a paragraph two paragraphs stand apart."""
_OTHER_SIZE = 1.12
"""How much larger the characters of another size are."""
_SHORT = 5.0
"""Ems below which the size of a line's characters is not well known."""
_FAR_OTHER_SIZE = 1.4
_CONTENTS_ENTRY = re.compile(r"(?:[.．…·・\-—_]{3,}|\s{2,})\s*\d{1,3}\s*$")
_SECTION_NUMBER = re.compile(r"\s*(?:[一二三四五六七八九十]{1,3}\s*[、.．]|[（(]\s*[一二三四五六七八九十]{1,3}\s*[)）])")


class Printed(NamedTuple):
    """A line with the page that it stands on."""

    line: Line
    page: int
    size: PageSize


@dataclass(frozen=True, slots=True)
class Setting:
    """How the text of pages of one size is set: its edges, the distance of its lines by the size of their characters,
    and what parts its paragraphs."""

    left: float
    right: float
    pitches: dict[int, float]
    is_indented: bool
    is_spaced: bool


def settings(lines: Iterable[Printed]) -> dict[PageSize, Setting]:
    """The setting of each size of page."""
    by_size: dict[PageSize, list[Printed]] = defaultdict(list)
    for printed in lines:
        by_size[printed.size].append(printed)
    return {size: _setting(of_size) for size, of_size in by_size.items()}


def paragraphs(lines: Sequence[Printed], known: dict[PageSize, Setting]) -> list[Paragraph]:
    """The paragraphs that consecutive lines print."""
    found: list[Paragraph] = []
    run: list[Printed] = []
    signs: list[str] = []
    for printed in lines:
        sign = _sign(run, printed, known[printed.size]) if run else None
        if run and sign is None:
            found.append(_paragraph(run, signs))
            run, signs = [], []
        run.append(printed)
        signs.append(sign or "")
    if run:
        found.append(_paragraph(run, signs))
    return found


def _paragraph(run: list[Printed], signs: list[str]) -> Paragraph:
    texts = [line_text(printed.line) for printed in run]
    text, starts = joined(list(zip(signs, texts, strict=True)))
    positions = tuple(
        line_position(printed.page, printed.line, start) for printed, start in zip(run, starts, strict=True)
    )
    return Paragraph(text, positions=positions)


def _sign(run: list[Printed], after: Printed, setting: Setting) -> str | None:
    """What parts `after` from the lines before it in one paragraph; None where it begins another."""
    before = run[-1]
    if not _goes_on(run, before, after, setting):
        return None
    size = em(before.line)
    free = (setting.right - before.line.box[2]) / size
    room = (setting.right - setting.left) / size
    return bridge(line_text(before.line), line_text(after.line), free, room)


def _goes_on(run: list[Printed], before: Printed, after: Printed, setting: Setting) -> bool:
    a, b = before.line, after.line
    size = em(a)
    text, following = line_text(a), line_text(b)
    if before.size != after.size or _is_entry(text) or _differ(a, b):
        return False
    if not breaks_line(a, b, setting.right - a.box[2]):
        return False
    if before.page == after.page and _is_apart(a, b, setting):
        return False
    if _is_centred(a, setting) and not _is_centred(b, setting) and width(a) < _LONG * (setting.right - setting.left):
        return False
    back = (b.box[0] - setting.left) / size
    aside = (b.box[0] - a.box[0]) / size
    if _INDENT[0] < back < _INDENT[1] and not _is_centred(b, setting):
        hanging = len(run) == 1 and is_enumerated(text) and not setting.is_indented and not is_enumerated(following)
        if aside > _INDENT[0] and not hanging:
            return False
        if setting.is_indented and abs(aside) <= _INDENT[0]:
            return False
    if is_enumerated(following) and is_ended(text):
        if _SECTION_NUMBER.match(following):
            return False
        same_page = before.page == after.page
        return (setting.is_indented and back < _INDENT[0]) or (setting.is_spaced and same_page)
    return True


def _is_entry(text: str) -> bool:
    """Whether a line is an entry of a table of contents."""
    return _CONTENTS_ENTRY.search(text) is not None


def _differ(a: Line, b: Line) -> bool:
    """Whether two lines are of different sizes, in width and in height. The boxes of short lines tell little: one of
    signs and figures is lower than one of characters."""
    high = (a.box[3] - a.box[1]) / max(b.box[3] - b.box[1], 1.0)
    if min(ems(line_text(a)), ems(line_text(b))) < _SHORT:
        return not 1 / _FAR_OTHER_SIZE < high < _FAR_OTHER_SIZE
    wide = em(a) / em(b)
    return (wide > _OTHER_SIZE and high > _OTHER_SIZE) or (wide < 1 / _OTHER_SIZE and high < 1 / _OTHER_SIZE)


def _is_apart(a: Line, b: Line, setting: Setting) -> bool:
    """Whether two lines stand farther apart than lines of a paragraph."""
    pitch = setting.pitches.get(round(em(a)))
    distance = b.box[3] - a.box[3]
    if pitch is None:
        return distance > 2.6 * em(a)
    return distance > _APART * pitch


def _is_centred(line: Line, setting: Setting) -> bool:
    """Whether a line stands in the middle, clear of both edges."""
    left, right = line.box[0] - setting.left, setting.right - line.box[2]
    size = em(line)
    return min(left, right) > 0.8 * size and abs(left - right) < 1.2 * size


# ---- how a document's text is set ---------------------------------------------------------------


def _setting(lines: list[Printed]) -> Setting:
    left, right = _edges([printed.line for printed in lines])
    pairs = [
        (a.line, b.line)
        for a, b in zip(lines, lines[1:], strict=False)
        if a.page == b.page and b.line.box[1] > a.line.box[1] and not _differ(a.line, b.line)
    ]
    within: dict[int, list[float]] = defaultdict(list)
    for a, b in pairs:
        size = em(a)
        unindented = abs(b.box[0] - left) < size
        if unindented and breaks_line(a, b, right - a.box[2]) and width(a) > _LONG * (right - left):
            within[round(size)].append(b.box[3] - a.box[3])
    pitches = {size: median(distances) for size, distances in within.items()}
    for size in sorted(pitches):
        pitches.setdefault(size - 1, pitches[size])
        pitches.setdefault(size + 1, pitches[size])
    bare = Setting(left, right, pitches, False, False)
    ends = [(a, b) for a, b in pairs if not breaks_line(a, b, right - a.box[2])]
    spaced = sum(_is_apart(a, b, bare) for a, b in ends)
    indented = sum(
        _INDENT[0] < (a.box[0] - left) / em(a) < _INDENT[1] and abs(b.box[0] - left) < em(a) for a, b in pairs
    )
    flush = sum(abs(b.box[0] - left) < em(b) < 3 * em(b) < right - b.box[2] + em(b) for _, b in pairs)
    return Setting(left, right, pitches, indented > 0 and 3 * indented >= flush / 4, 2 * spaced > len(ends))


def _edges(lines: list[Line]) -> tuple[float, float]:
    """Left and right edge of the text: where its long lines begin and end."""
    left, right = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    long = [line for line in lines if width(line) > _LONG * (right - left)] or lines
    size = median(em(line) for line in long)
    return _common(long, 0, size), _common(long, 2, size)


def _common(lines: list[Line], side: int, size: float) -> float:
    """The outermost place of a side that at least one line in twenty shares."""
    places = sorted((line.box[side] for line in lines), reverse=side == 2)
    counts = Counter(round(place / size) for place in places)
    for place in places:
        if sum(counts[round(place / size) + step] for step in (-1, 0, 1)) >= max(1, len(places) / 20):
            return place
    return places[0]
