"""The content of an OFD page (GB/T 33190-2016, 7.7 to 13) -> characters, ruling lines and pictures in points.

Each object has a space of its own: its CTM leads into its boundary, the boundary's corner into the space of what
holds it. Millimetres, y downwards.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml.etree import _Element

from parsers.formats.ofd_package import OfdPage, Resources, child, children, local, numbers
from parsers.formats.ofd_paths import POINT, Box, Matrix, applied, around, product, ruling
from parsers.formats.word_symbols import from_symbol_font
from schemas.errors import UnreadableFile

MAX_CHARACTERS = 200_000
MAX_OBJECTS = 100_000
"""Elements of a page that draw or group, each as often as it is used; the fullest forms have some thousands."""
MAX_SEGMENTS = 200_000
"""Of the paths of a page, those of a drawing as often as it is used; a form has some thousands."""
MAX_LETTERS = 10_000_000
"""Of what the objects of a page say, counted in the same way; the fullest forms have some hundred thousand."""
MAX_NESTING = 16
"""Groups and drawings within one another."""

_ASCENT, _DESCENT = 0.86, 0.14
"""What a character takes above and below its baseline, in sizes."""
_NARROW = 0.5
"""Width of a Latin letter or digit where the file does not say where the next stands, in sizes."""
_FULL_WIDTH = 0x2E80
"""The first of the characters as wide as they are high; dashes, quotes and circled numbers below it are, too."""
_FULL_WIDTH_BELOW = frozenset("‘’“”…—·×÷±≥≤≠≈∞°℃‰") | frozenset(map(chr, range(0x2160, 0x2600)))
_PALE = 160
_OPAQUE = 200
_PRIVATE = range(0xE000, 0xF900)


class Character(NamedTuple):
    """A printed character: its box in points from the top left corner of the page, the angle in radians by which it
    is turned clockwise, whether it is pale, and whether it is printed at all."""

    text: str
    box: Box
    angle: float
    size: float
    pale: bool
    hidden: bool


@dataclass(slots=True)
class Content:
    """What a page draws. `unnamed` counts characters that the file gives only as numbers of shapes."""

    characters: list[Character] = field(default_factory=list)
    rules: list[Box] = field(default_factory=list)
    pictures: list[Box] = field(default_factory=list)
    curves: int = 0
    unnamed: int = 0


def content_of(page: OfdPage, resources: Resources) -> Content:
    """The content of a page and its templates, in points. Raises UnreadableFile beyond the limits."""
    walk = _Walk(resources)
    left, top, _, _ = page.area
    corner: Matrix = (POINT, 0.0, 0.0, POINT, -left * POINT, -top * POINT)
    for root in (*page.templates, page.root):
        for content in children(root, "Content"):
            walk.objects(content, corner, 0)
    return walk.content


class _Walk:
    """Collects what the objects of a page draw."""

    def __init__(self, resources: Resources) -> None:
        self.content = Content()
        self._resources = resources
        self._objects_left = MAX_OBJECTS
        self._segments_left = MAX_SEGMENTS
        self._letters_left = MAX_LETTERS

    def objects(self, group: _Element, matrix: Matrix, depth: int) -> None:
        """All objects of a layer, group or drawing; `matrix` leads from its space to the page."""
        if depth > MAX_NESTING:
            raise _too_much()
        for element in group:
            self._take(1)
            name = local(element)
            if name in ("Layer", "PageBlock"):
                self.objects(element, matrix, depth + 1)
                continue
            if name not in ("TextObject", "PathObject", "ImageObject", "CompositeObject"):
                continue
            self._take(letters=_letters(element))
            if element.get("Visible", "").lower() in ("false", "0"):
                continue
            inner = product(_own_matrix(element), matrix)
            if name == "TextObject":
                self._text(element, inner)
            elif name == "PathObject":
                self._path(element, inner, matrix)
            elif name == "ImageObject":
                box = _bounds(element, matrix)
                if box is not None:
                    self.content.pictures.append(box)
            else:
                self._drawing(element, inner, depth)

    def _take(self, objects: int = 0, segments: int = 0, letters: int = 0) -> None:
        """Takes from what a page may hold: a drawing of a few bytes can be used thousands of times."""
        self._objects_left -= objects
        self._segments_left -= segments
        self._letters_left -= letters
        if min(self._objects_left, self._segments_left, self._letters_left) < 0:
            raise _too_much()

    def _drawing(self, element: _Element, matrix: Matrix, depth: int) -> None:
        unit = self._resources.drawings.get(element.get("ResourceID", ""))
        if unit is None:
            return
        self._take(len(unit))
        for content in children(unit, "Content"):
            self.objects(content, matrix, depth + 1)

    def _path(self, element: _Element, matrix: Matrix, outer: Matrix) -> None:
        data = child(element, "AbbreviatedData")
        if data is None:
            return
        stroked = element.get("Stroke", "true").lower() not in ("false", "0")
        filled = element.get("Fill", "").lower() in ("true", "1")
        stroked &= not _is_white(child(element, "StrokeColor"))
        filled &= not _is_white(child(element, "FillColor"))
        width = next(iter(numbers(element.get("LineWidth"))), 0.353) if stroked else None
        found = ruling(data.text or "", matrix, width, filled, _bounds(element, outer))
        self._take(segments=found.segments)
        self.content.rules += found.rules
        self.content.curves += found.curves

    # -- text ------------------------------------------------------------------------------

    def _text(self, element: _Element, matrix: Matrix) -> None:
        size = next(iter(numbers(element.get("Size"))), 0.0)
        if size <= 0:
            return
        style = _Style(
            size=size,
            stretch=next(iter(numbers(element.get("HScale"))), 1.0) or 1.0,
            turned=next(iter(numbers(element.get("CharDirection"))), 0.0),
            reads=next(iter(numbers(element.get("ReadDirection"))), 0.0),
            pale=_is_pale(element),
            hidden=_is_hidden(element),
            font=self._resources.fonts.get(element.get("Font", ""), ""),
        )
        x = y = 0.0
        for code in children(element, "TextCode"):
            x = next(iter(numbers(code.get("X"))), x)
            y = next(iter(numbers(code.get("Y"))), y)
            text = code.text or ""
            if "\n" in text:  # what stands around the text is the writer's indentation
                text = text.strip()
            if len(self.content.characters) + len(text) > MAX_CHARACTERS:
                raise _too_much()
            for char, left, base, width in _placed(code, text, x, y, style):
                self._character(char, left, base, width, style, matrix)

    def _character(
        self, char: str, left: float, base: float, width: float, style: "_Style", matrix: Matrix
    ) -> None:
        size = style.size
        up, down = _ASCENT * size, _DESCENT * size
        turn = math.radians(style.turned)
        if turn:
            cos, sin = math.cos(turn), math.sin(turn)
            matrix = product((cos, sin, -sin, cos, left, base), matrix)
            left = base = 0.0
        corners = (
            (left, base - up),
            (left + width, base - up),
            (left + width, base + down),
            (left, base + down),
        )
        box = around([applied(matrix, x, y) for x, y in corners])
        if ord(char) in _PRIVATE:
            char = from_symbol_font(ord(char), style.font) or "\ufffd"
            self.content.unnamed += char == "\ufffd"
        elif style.font and not char.isspace() and char.isascii():
            char = _symbol(char, style.font)
        angle = math.atan2(matrix[1], matrix[0])
        height = size * math.hypot(matrix[2], matrix[3])
        self.content.characters.append(Character(char, box, angle, height, style.pale, style.hidden))


class _Style(NamedTuple):
    """How a text object sets its characters; size in its own space, directions in degrees clockwise."""

    size: float
    stretch: float
    turned: float
    reads: float
    pale: bool
    hidden: bool
    font: str


def _placed(
    code: _Element, text: str, x: float, y: float, style: _Style
) -> Iterator[tuple[str, float, float, float]]:
    """Each character with the start of its baseline and its width."""
    across, down = _steps(code.get("DeltaX"), len(text)), _steps(code.get("DeltaY"), len(text))
    told = bool(across or down)
    turn = math.radians(style.reads)
    for index, char in enumerate(text):
        natural = style.size * style.stretch * (1.0 if _is_wide(char) else _NARROW)
        step_x = across[index] if index < len(across) else None
        step_y = down[index] if index < len(down) else None
        width = natural
        if step_x is not None and step_x > 0 and not step_y:
            most = style.size * style.stretch
            width = min(step_x, natural if _is_wide(char) else most)
        yield char, x, y, width
        if told and (step_x is not None or step_y is not None or not across):
            x, y = x + (step_x or 0.0), y + (step_y or 0.0)
        else:
            x, y = x + natural * math.cos(turn), y + natural * math.sin(turn)


def _steps(text: str | None, most: int) -> list[float]:
    """A list of offsets, `g 3 6.5` in it standing for three of 6.5; no more than `most` of them."""
    steps: list[float] = []
    words = (text or "").replace(",", " ").split()
    at = 0
    while at < len(words) and len(steps) < most:
        try:
            if words[at].lower() == "g":
                count, value = int(float(words[at + 1])), float(words[at + 2])
                steps += [value] * max(min(count, most - len(steps)), 0)
                at += 3
            else:
                steps.append(float(words[at]))
                at += 1
        except (ValueError, OverflowError, IndexError):
            break
    return steps if all(map(math.isfinite, steps)) else []


def _is_wide(char: str) -> bool:
    return ord(char) >= _FULL_WIDTH or char in _FULL_WIDTH_BELOW


def _symbol(char: str, font: str) -> str:
    """A letter that a symbol font prints as a sign."""
    if font.strip().lower() in ("symbol", "wingdings", "wingdings 2"):
        return from_symbol_font(0xF000 + ord(char), font) or char
    return char


# ---- attributes -----------------------------------------------------------------------------


def _own_matrix(element: _Element) -> Matrix:
    """From the space of an object to that of what holds it."""
    boundary = numbers(element.get("Boundary"))
    ctm = numbers(element.get("CTM"))
    a, b, c, d, e, f = ctm if len(ctm) == 6 else (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
    x, y = boundary[:2] if len(boundary) == 4 else (0.0, 0.0)
    return (a, b, c, d, e + x, f + y)


def _letters(element: _Element) -> int:
    """How much an object and what stands directly in it say, each element counted as 20 letters."""
    count = 0
    for item in (element, *element):
        count += 20 + len(item.text or "") + sum(map(len, item.attrib.values()))
    return count


def _bounds(element: _Element, matrix: Matrix) -> Box | None:
    """The boundary of an object on the page."""
    boundary = numbers(element.get("Boundary"))
    if len(boundary) != 4:
        return None
    x, y, width, height = boundary
    return around(
        [
            applied(matrix, x, y),
            applied(matrix, x + width, y),
            applied(matrix, x, y + height),
            applied(matrix, x + width, y + height),
        ]
    )


def _is_hidden(element: _Element) -> bool:
    """Whether text is there to be searched only, as over a scan: neither filled nor stroked, or transparent."""
    filled = element.get("Fill", "true").lower() not in ("false", "0")
    stroked = element.get("Stroke", "").lower() in ("true", "1")
    return _alpha(element) == 0 or not (filled or stroked)


def _alpha(element: _Element) -> float:
    colour = child(element, "FillColor")
    values = [element.get("Alpha"), None if colour is None else colour.get("Alpha")]
    return min((value for text in values for value in numbers(text)), default=255.0)


def _colour(element: _Element | None) -> list[float]:
    """Red, green and blue; empty where another colour space is used."""
    values = numbers(None if element is None else element.get("Value"))
    return values * 3 if len(values) == 1 else values if len(values) == 3 else []


def _is_pale(element: _Element) -> bool:
    colour = _colour(child(element, "FillColor"))
    return _alpha(element) < _OPAQUE or (bool(colour) and min(colour) >= _PALE)


def _is_white(element: _Element | None) -> bool:
    colour = _colour(element)
    return bool(colour) and min(colour) >= 250


def _too_much() -> UnreadableFile:
    return UnreadableFile(
        "too_large", "A page of the file draws more than any form does. Print it to PDF, or leave it out."
    )
