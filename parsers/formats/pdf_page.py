"""A page of a PDF as pdfium has it -> Page, and what of it is in doubt.

The page is turned the way its text runs; watermarks go; characters that a font does not name become U+FFFD.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from parsers.formats.page_layout import can_hold_text, lay_out
from parsers.formats.pages import Affine, Page, Rule
from parsers.formats.pdf_drawing import THIN, Drawn, drawn
from parsers.formats.pdf_hidden import printed
from parsers.formats.pdf_spans import Frame, Glyphs, Run, downward, printed_once, runs, turned_lines
from parsers.formats.pdfium import Sheet
from parsers.formats.word_symbols import from_symbol_font

SAMPLE = 48
"""Characters that are asked which way they run."""
_SKEW = math.radians(5)
"""Text turned further than this from upright or sideways is a stamp or a watermark."""
_LARGE = 24.0
"""Characters from this height on can be a watermark, if they are pale, or slanted."""
_PALE = 160
_OPAQUE = 200
_FEW = 40
"""Characters that a page may hold and still be a picture: a page number, a stamp of receipt."""
_COVERED = 0.5
"""Share of such a page that its pictures cover."""
_SPOT = 0.02
"""Share of a page below which pictures on a page without text are specks."""
_OUTLINES = 300
"""Curves from which a page without text is one whose letters were turned into drawings."""
_UNNAMED = 0.2
"""Share of characters without a name from which a page's text is not to be trusted."""
_MOST_RULES = 100_000
"""Ruling lines of a page; where borders are dotted, each dot is one."""
_MOST_WHITE_TESTS = 500_000
_SYMBOLS = range(0xF020, 0xF100)
_PRIVATE = range(0xE000, 0xF900)


class Reading(NamedTuple):
    """A page with what is said about it: `picture` it holds no text but a picture; `beside` it holds pictures
    besides its text that may show a table; `layer` its text is the invisible layer of an earlier OCR; `unnamed` characters that no font
    names; `marks` the watermarks left out; `cut` more is drawn than any form draws;
    `hidden` text that does not show was left out."""

    page: Page
    picture: bool = False
    beside: bool = False
    layer: bool = False
    unnamed: int = 0
    characters: int = 0
    marks: tuple[str, ...] = ()
    cut: bool = False
    hidden: bool = False

    @property
    def unreadable(self) -> bool:
        """Whether only recognising the page's picture can tell what it says."""
        return self.picture or self.unnamed > _UNNAMED * self.characters


def read_page(sheet: Sheet, number: int) -> Reading:
    """Page `number` of the file."""
    characters = sheet.characters()
    glyphs, inked = _shown(Glyphs.of(characters.codes, characters.boxes), sheet)
    shapes = drawn(sheet)
    covered = _covered(shapes, sheet)
    every = len(inked)
    if covered < _COVERED:
        inked = printed(sheet, glyphs, inked)
    hidden = len(inked) < every
    frame = Frame(*sheet.box, _quarter_turns(sheet, inked))
    rules = ruling(shapes, frame)
    cut = characters.cut or shapes.cut or len(rules) > _MOST_RULES
    if len(rules) > _MOST_RULES:
        rules = []
    if not len(inked):
        page = lay_out(number, *frame.size, [], [])
        return Reading(page, picture=covered >= _SPOT or shapes.curves >= _OUTLINES, cut=cut, hidden=hidden)
    glyphs, unnamed = _named(sheet, glyphs, inked)
    found, marks = _runs(sheet, glyphs, inked, frame, rules)
    return Reading(
        replace(
            lay_out(number, *frame.size, [run.span for run in found], rules), shown=_way_back(sheet, frame)
        ),
        picture=len(inked) <= _FEW and covered >= _COVERED,
        beside=can_hold_text(shapes.pictures, *frame.size),
        layer=covered >= _COVERED and sheet.invisible(int(inked[len(inked) // 2])),
        unnamed=unnamed,
        characters=len(inked),
        marks=marks,
        cut=cut,
        hidden=hidden,
    )


def _shown(glyphs: Glyphs, sheet: Sheet) -> tuple[Glyphs, Any]:
    """The characters of the page, and the numbers of those that print within what is shown of it."""
    inked = glyphs.inked()
    left, bottom, right, top = sheet.box
    boxes = glyphs.boxes[inked]
    x, y = (boxes[:, 0] + boxes[:, 2]) / 2, (boxes[:, 1] + boxes[:, 3]) / 2
    return glyphs, inked[(x >= left) & (x <= right) & (y >= bottom) & (y <= top)]


def _quarter(angle: float) -> int:
    """How often text turned by `angle` clockwise must be turned further by 90 degrees to be upright."""
    return -round(angle / (math.pi / 2)) % 4


def _quarter_turns(sheet: Sheet, inked: Any) -> int:
    """How often the page must be turned clockwise by 90 degrees for most of its text to be upright; what the file
    says where it has none."""
    if not len(inked):
        return sheet.quarter_turns
    sample = inked[:: max(1, len(inked) // SAMPLE)].tolist()
    counts = Counter(_quarter(angle) for angle in sheet.angles(sample))
    return max(counts, key=lambda turns: (counts[turns], turns == sheet.quarter_turns))


def _way_back(sheet: Sheet, frame: Frame) -> Affine | None:
    """The way from the page as it is read to the page as the file shows it; None where they are the same."""
    width, height = sheet.size
    return {
        1: Affine(0, 1, 0, -1, 0, height),
        2: Affine(-1, 0, width, 0, -1, height),
        3: Affine(0, -1, width, 1, 0, 0),
    }.get((frame.quarter_turns - sheet.quarter_turns) % 4)


def _covered(shapes: Drawn, sheet: Sheet) -> float:
    """The share of the page that its pictures cover."""
    area = 0.0
    page_left, page_bottom, page_right, page_top = sheet.box
    for left, bottom, right, top in shapes.pictures:
        wide = min(right, page_right) - max(left, page_left)
        high = min(top, page_top) - max(bottom, page_bottom)
        area += max(wide, 0.0) * max(high, 0.0)
    return area / max((page_right - page_left) * (page_top - page_bottom), 1.0)


# ---- text -----------------------------------------------------------------------------------


def _named(sheet: Sheet, glyphs: Glyphs, inked: Any) -> tuple[Glyphs, int]:
    """The characters with symbols named by their font and those without any name as U+FFFD, and how many these
    are. Few characters are asked at first: a font names all of its characters or none."""
    codes = glyphs.codes[inked]
    changed: dict[int, str] = {}
    for number in inked[(codes >= _PRIVATE.start) & (codes < _PRIVATE.stop)].tolist():
        code = int(glyphs.codes[number])
        named = from_symbol_font(code, sheet.font(number)) if code in _SYMBOLS else ""
        changed[number] = named if len(named) == 1 else "\ufffd"
    if any(sheet.unmapped(inked[:: max(1, len(inked) // SAMPLE)].tolist())):
        numbers = inked.tolist()
        for number, unmapped in zip(numbers, sheet.unmapped(numbers), strict=True):
            if unmapped:
                changed.setdefault(number, "\ufffd")
    if changed:
        chars = list(glyphs.text)
        for number, char in changed.items():
            chars[number] = char
        glyphs = glyphs._replace(text="".join(chars))
    return glyphs, glyphs.text.count("\ufffd")


def _runs(
    sheet: Sheet, glyphs: Glyphs, inked: Any, frame: Frame, rules: Sequence[Rule]
) -> tuple[list[Run], tuple[str, ...]]:
    """The runs of characters on the page, and the text of its watermarks, which are not among them."""
    uprights = [rule for rule in rules if rule.bottom - rule.top > THIN]
    found = runs(glyphs, inked, frame, frame, uprights)
    angles = sheet.angles([run.first for run in found])
    if all(abs(angle - angles[0]) < _SKEW for angle in angles) and _quarter(angles[0]) == frame.quarter_turns:
        upright = found
        turned: list[Run] = []
    else:
        upright, turned = _by_angle(sheet, glyphs, inked, frame, uprights)
    kept: list[Run] = []
    marks: list[Run] = []
    for run in printed_once([*downward(upright), *turned]):
        (marks if _is_mark(sheet, run) else kept).append(run)
    return kept, tuple(run.span.text for run in marks)


def _by_angle(
    sheet: Sheet, glyphs: Glyphs, inked: Any, frame: Frame, uprights: Sequence[Rule]
) -> tuple[list[Run], list[Run]]:
    """The runs of upright characters, and those of characters turned otherwise, each put together as it runs."""
    numbers = inked.tolist()
    quarters = [_quarter(angle) for angle in sheet.angles(numbers)]
    parts: list[list[Run]] = [[], []]
    for turns in range(4):
        chosen = [index for index, quarter in enumerate(quarters) if quarter == turns]
        if chosen:
            own = frame if turns == frame.quarter_turns else frame._replace(quarter_turns=turns)
            found = runs(glyphs, inked[chosen], own, frame, uprights)
            if own is frame:
                parts[0].extend(found)
            elif (turns - frame.quarter_turns) % 2:
                parts[1].extend(turned_lines(found, clockwise=(turns - frame.quarter_turns) % 4 == 3))
            else:
                parts[1].extend(found)
    return parts[0], parts[1]


def _is_mark(sheet: Sheet, run: Run) -> bool:
    """Whether a run is a watermark: large, and slanted or pale."""
    span = run.span
    if min(span.bottom - span.top, span.right - span.left) < _LARGE:
        return False
    angle = sheet.angles([run.first])[0]
    if abs(angle - round(angle / (math.pi / 2)) * math.pi / 2) > _SKEW:
        return True
    red, green, blue, opacity = sheet.colour(run.first)
    return opacity < _OPAQUE or (min(red, green, blue) >= _PALE)


# ---- rules ----------------------------------------------------------------------------------


def ruling(shapes: Drawn, frame: Frame) -> list[Rule]:
    """The ruling lines among the shapes that a page draws: thin ones, and white ones only where they divide
    something coloured."""
    boxes = shapes.boxes
    if not len(boxes):
        return []
    thin = np.minimum(boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]) <= THIN
    if shapes.white.any():
        areas = boxes[shapes.filled & ~shapes.white & ~thin]
        thin &= ~shapes.white | _over(areas, boxes, shapes.white & thin)
    left, bottom, right, top = (boxes[thin, column] for column in range(4))
    # What runs on past the page is not printed.
    left, right = (np.clip(values, frame.left, frame.right) for values in (left, right))
    bottom, top = (np.clip(values, frame.bottom, frame.top) for values in (bottom, top))
    sides = (values.round(2).tolist() for values in frame.boxes(left, bottom, right, top))
    return list(map(Rule, *sides))


def _over(areas: Any, boxes: Any, asked: Any) -> Any:
    """Which of the boxes `asked` run over or along one of the coloured areas."""
    over = np.zeros(len(boxes), bool)
    if len(areas) * int(asked.sum()) > _MOST_WHITE_TESTS:
        return over
    for index in np.flatnonzero(asked).tolist():
        left, bottom, right, top = boxes[index]
        x, y = (left + right) / 2, (bottom + top) / 2
        over[index] = np.any(
            (areas[:, 0] - 1 <= x) & (x <= areas[:, 2] + 1) & (areas[:, 1] - 1 <= y) & (y <= areas[:, 3] + 1)
        )
    return over
