"""Printed lines -> paragraphs, over pages too.

A line that stops short of the right edge, though the next line's first word would have fitted, ends its paragraph; a
full one goes on, unless the next line is indented, set apart, of another size, or begins an item. Which of these a
document uses to part its paragraphs is measured on its own lines.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from parsers.formats.page_text import (
    breaks_line,
    bridge,
    em,
    ems,
    enumerator,
    is_ended,
    is_enumerated,
    is_inline_item,
    joined,
    line_position,
    line_text,
    sizes,
    width,
)
from parsers.formats.pages import Line
from schemas.blocks import Paragraph
from schemas.locations import Box

PageSize = tuple[int, int]

_INDENT = (1.2, 4.6)
"""Ems by which a paragraph's first line stands back: two characters, and what authors make of it."""
_LONG = 0.6
"""Share of the text's breadth from which on a line tells where the text's edges are."""
_LOOK_BACK = 8
"""Lines in which the item before one is looked for."""
_FEW = 3
"""Long lines that tell where the text's edges are."""
_APART = 1.3
"""How much farther than the lines of a paragraph two paragraphs stand apart."""
_OTHER_SIZE = 1.12
"""How much larger the characters of another size are."""
_SHORT = 5.0
"""Ems below which the size of a line's characters is not well known."""
_FAR_OTHER_SIZE = 1.4
_CONTENTS_ENTRY = re.compile(r"(?:[.．…·・\-—_]{3,}|\s{2,})\s*\d{1,3}\s*$")
_DATE = r"(?:20\d{2}|二[〇○零Oo0]..)年.{1,3}月(?:.{1,3}日)?"
_ATTACHED = r"附[件表录][一二三四五六七八九十\d]*[：:]"
_HANGING = re.compile(r"[，。、；：！？）》”’,.;:)]$")
"""Signs that may hang over the text's edge."""


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
    indent: float = 2.0
    """Ems by which first lines stand back, where they do."""
    flush_items: frozenset[str] = frozenset()
    """The kinds of numbers that begin paragraphs at the left edge, right below the paragraph before."""


def settings(lines: Iterable[Printed], tables: Mapping[PageSize, Box]) -> dict[PageSize, Setting]:
    """The setting of each size of page; `tables` is where its tables reach at most."""
    by_size: dict[PageSize, list[Printed]] = defaultdict(list)
    for printed in lines:
        by_size[printed.size].append(printed)
    return {size: _setting(of_size, size[0], tables.get(size)) for size, of_size in by_size.items()}


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
    text, following = line_text(a), line_text(b)
    same_page = before.page == after.page
    if before.size != after.size or _is_entry(text) or _differ(a, b) or not _is_full(a, b, setting):
        return False
    if same_page and _is_apart(a, b, setting):
        return False
    return not (
        _is_set_off(run, a, b, setting)
        or _is_indented(len(run) == 1, a, b, setting)
        or (is_ended(text) and _begins_item(run, b, setting, is_close=same_page))
        or (text.endswith("。") and re.fullmatch(r"[（(].*[）)]", following))
        or (_stands_back(b, setting) and re.fullmatch(_DATE, re.sub(r"\s", "", following)))
        or (is_ended(text) and re.match(_ATTACHED, following))
    )


def _is_full(a: Line, b: Line, setting: Setting) -> bool:
    free = setting.right - a.box[2]
    aside = a.box[0] - setting.left - free
    in_middle = abs(aside) < 0.3 * em(a) and free > em(a) and _is_centred(b, setting)
    if in_middle or _is_centred(a, setting):
        free = setting.right - setting.left - width(a)
    return breaks_line(a, b, free)


def _stands_back(line: Line, setting: Setting) -> bool:
    return line.box[0] - setting.left > 2 * em(line)


def _is_set_off(run: list[Printed], a: Line, b: Line, setting: Setting) -> bool:
    """Whether one of two lines is centred and the other is not: a caption under a paragraph, a title over one."""
    if _is_centred(a, setting):
        return not _is_centred(b, setting) and width(a) < _LONG * (setting.right - setting.left)
    aside = b.box[0] - setting.left
    if not _is_centred(b, setting) or aside < _INDENT[1] * em(b):
        return False
    return is_ended(line_text(a)) or len(run) > 1  # else the rest of a title


def _is_indented(is_first: bool, a: Line, b: Line, setting: Setting) -> bool:
    """Whether `b` stands back as the first line of a paragraph does; `is_first` says that `a` is one."""
    size = em(a)
    back, aside = (b.box[0] - setting.left) / size, (b.box[0] - a.box[0]) / size
    if not _INDENT[0] < back < _INDENT[1] or _is_centred(b, setting):
        return False
    if aside > _INDENT[0]:
        hangs = is_enumerated(line_text(a)) and not is_enumerated(line_text(b))
        return not (is_first and hangs and not setting.is_indented)
    return setting.is_indented and abs(aside) <= _INDENT[0]


def _begins_item(run: list[Printed], b: Line, setting: Setting, *, is_close: bool) -> bool:
    """Whether `b`, under lines that end in a sentence and with no more room than a line's between them (`is_close`),
    begins an item: by its number, and by where items stand in this document."""
    a = run[-1].line
    kind = enumerator(line_text(b))
    if kind is None:
        return False
    if kind in ("chapter", "section"):
        return True
    if is_inline_item("".join(line_text(printed.line) for printed in run[-_LOOK_BACK:]), line_text(b)):
        return False
    if setting.is_spaced and is_close:
        return kind in setting.flush_items and not line_text(a).endswith(("；", ";"))
    if setting.is_indented and (b.box[0] - setting.left) / em(a) < _INDENT[0]:
        return kind in setting.flush_items and not line_text(a).endswith(("；", ";"))
    return True


def _is_entry(text: str) -> bool:
    """Whether a line is an entry of a table of contents."""
    return _CONTENTS_ENTRY.search(text) is not None


def _differ(a: Line, b: Line) -> bool:
    """Whether two lines are of different sizes, in width and in height. The boxes of short lines tell little: one of
    signs and figures is lower than one of characters."""
    high = max(a.box[3] - a.box[1], 1.0) / max(b.box[3] - b.box[1], 1.0)
    if min(ems(line_text(a)), ems(line_text(b))) < _SHORT:
        return not 1 / _FAR_OTHER_SIZE < high < _FAR_OTHER_SIZE
    (least, most), (its_least, its_most) = sizes(a), sizes(b)
    higher = 1 + (_OTHER_SIZE - 1) / 3
    return (least > _OTHER_SIZE * its_most and high > higher) or (
        its_least > _OTHER_SIZE * most and 1 / high > higher
    )


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
    if setting.is_indented and abs(left - setting.indent * size) < 0.5 * size:
        return False  # a paragraph's first line
    return min(left, right) > 1.8 * size and abs(left - right) < 1.2 * size


# ---- how a document's text is set ---------------------------------------------------------------


def _setting(lines: list[Printed], breadth: float, tables: Box | None) -> Setting:
    left, right = _edges([printed.line for printed in lines], breadth, tables)
    pairs = [
        (a.line, b.line)
        for a, b in pairwise(lines)
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
    bare = Setting(left, right, pitches, is_indented=False, is_spaced=False)
    ends = [(a, b) for a, b in pairs if not breaks_line(a, b, right - a.box[2])]
    spaced = sum(_is_apart(a, b, bare) for a, b in ends)
    backs = [(a.box[0] - left) / em(a) for a, b in pairs if abs(b.box[0] - left) < em(a)]
    indents = [back for back in backs if _INDENT[0] < back < _INDENT[1]]
    flush = sum(abs(b.box[0] - left) < em(b) < 3 * em(b) < right - b.box[2] + em(b) for _, b in pairs)
    close = [b for a, b in ends if abs(b.box[0] - left) < em(b) and not _is_apart(a, b, bare)]
    items = {enumerator(line_text(b)) for b in close}
    return Setting(
        left,
        right,
        pitches,
        is_indented=12 * len(indents) >= max(flush, 1),
        indent=median(indents) if indents else 2.0,
        is_spaced=2 * spaced > len(ends),
        flush_items=frozenset(kind for kind in items if kind),
    )


def _edges(lines: list[Line], breadth: float, tables: Box | None) -> tuple[float, float]:
    """Left and right edge of the text: where its long lines begin and end; where it has few, the tables and the margins
    (`breadth` is the page's) tell besides."""
    left, right = min(line.box[0] for line in lines), max(line.box[2] for line in lines)
    long = [line for line in lines if width(line) > _LONG * (breadth - 2 * min(left, breadth / 4))]
    size = median(em(line) for line in long or lines)
    flush = [line for line in long if not _HANGING.search(line_text(line))]
    if len(flush) >= _FEW:
        left, right = _common(long, 0, size), _common(flush, 2, size)
        if sum(abs(line.box[2] - right) < 1.5 * size for line in flush) >= _FEW:
            return left, right
    if tables is not None:
        left, right = min(left, tables[0]), max(right, tables[2])
    return left, max(right, breadth - left)


def _common(lines: list[Line], side: int, size: float) -> float:
    """The outermost place of a side that at least one line in twenty shares, to half a character."""
    places = sorted((line.box[side] for line in lines), reverse=side == 2)
    least = max(2, len(places) // 20)
    for first, last in zip(places, places[least - 1 :], strict=False):
        if abs(first - last) < size / 2:
            return first
    return places[0]
