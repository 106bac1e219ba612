"""Automatic numbers of a Word document, as Word prints them.

numbering.xml says how each list counts and writes (ISO/IEC 29500-1, 17.9); the numbers
themselves exist nowhere in the file. `Numbering` counts along while the document is read
in order: one call for each numbered paragraph.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml.etree import _Element

from parsers.formats.number_formats import format_number
from parsers.formats.word_package import W
from parsers.formats.word_styles import OFF, ParagraphStyle, Styles, whole_number
from parsers.formats.word_text import ALTERNATE, MC

_VAL = W + "val"
_LEVELS = 9
_START, _LVL_TEXT, _SUFF = W + "start", W + "lvlText", W + "suff"
_LVL_RESTART, _IS_LGL, _P_STYLE = W + "lvlRestart", W + "isLgl", W + "pStyle"
_NUM_FMT, _PICTURE_BULLET = W + "numFmt", W + "lvlPicBulletId"
# A tab after these is layout: 「一、」 and 「1.」 stand apart from their text by themselves.
_CLOSED = ("、", "．", ".", "）", ")")


class Label(NamedTuple):
    """An automatic number and what stands between it and the text."""

    text: str
    separator: str
    level: int


@dataclass(frozen=True, slots=True)
class Level:
    """How one level of a list counts and writes."""

    start: int = 1
    number_format: str = "decimal"
    text: str = ""
    suffix: str = "tab"
    restart: int | None = None
    legal: bool = False
    style_id: str | None = None


@dataclass(slots=True)
class _Counters:
    """Where the lists of one abstractNum stand; None is a level not begun or to be begun anew."""

    values: list[int | None] = field(default_factory=lambda: [None] * _LEVELS)
    overrides_used: set[tuple[str, int]] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class _List:
    """A w:num with its levels settled; lists of one abstractNum share their counters."""

    levels: tuple[Level, ...]
    start_overrides: dict[int, int]
    counters: _Counters
    linked: dict[str | None, int]  # style that a level names -> that level


class Numbering:
    """The lists of a document and how far each has counted."""

    __slots__ = ("_abstracts", "_counters", "_lists", "_nums", "_styles")

    def __init__(self, root: _Element | None, styles: Callable[[], Styles]) -> None:
        self._nums: dict[str, _Element] = {}
        self._abstracts: dict[str, _Element] = {}
        self._lists: dict[str, _List | None] = {}
        self._counters: dict[str, _Counters] = {}
        self._styles = styles
        for element in root if root is not None else ():
            if element.tag == W + "num":
                self._nums.setdefault(element.get(W + "numId", ""), element)
            elif element.tag == W + "abstractNum":
                self._abstracts.setdefault(element.get(W + "abstractNumId", ""), element)

    def count(self, num_id: str, ilvl: int) -> Label | None:
        """Counts one paragraph of list `num_id` at level `ilvl` (from 0) and returns its number.

        None where there is no such list (numId 0 switches numbering off); an empty text for
        bullets and for levels without text.
        """
        numbered = self._list(num_id)
        if numbered is None:
            return None
        ilvl = min(max(ilvl, 0), _LEVELS - 1)
        _advance(numbered, num_id, ilvl)
        level = numbered.levels[ilvl]
        text = _printed(numbered, ilvl)
        if level.suffix == "nothing" or not text:
            separator = ""
        elif level.suffix == "space":
            separator = " "
        else:
            separator = "" if text.endswith(_CLOSED) else " "
        return Label(text, separator, ilvl + 1)

    def level_of(self, num_id: str, style: ParagraphStyle) -> int:
        """The level (from 0) of a paragraph that has its list from its style.

        A level names its style (w:lvl/w:pStyle); where none does, the style names its level.
        """
        numbered = self._list(num_id)
        linked = numbered.linked if numbered else {}
        for style_id, ilvl in style.levels:
            if style_id in linked:
                return linked[style_id]
            if ilvl is not None:
                return ilvl
        return 0

    def _list(self, num_id: str) -> _List | None:
        if num_id not in self._lists:
            self._lists[num_id] = self._settle(num_id)
        return self._lists[num_id]

    def _settle(self, num_id: str) -> _List | None:
        num = self._nums.get(num_id)
        if num is None or num_id == "0":
            return None
        abstract_id = self._abstract_of(num_id)
        abstract = self._abstracts.get(abstract_id)
        if abstract is None:
            return None
        levels = [Level()] * _LEVELS
        _read_levels(abstract, levels)
        start_overrides: dict[int, int] = {}
        for override in num.iterchildren(W + "lvlOverride"):
            _read_levels(override, levels)
            ilvl = whole_number(override.get(W + "ilvl"))
            start = whole_number(_child_value(override, "startOverride"))
            if ilvl is not None and start is not None and 0 <= ilvl < _LEVELS:
                start_overrides[ilvl] = start
        counters = self._counters.setdefault(abstract_id, _Counters())
        linked = {level.style_id: ilvl for ilvl, level in enumerate(levels)}
        return _List(tuple(levels), start_overrides, counters, linked)

    def _abstract_of(self, num_id: str) -> str:
        """The abstractNum of a list, through numbering styles (w:numStyleLink); a circle is cut."""
        seen: set[str] = set()
        abstract_id = ""
        while num_id not in seen and num_id in self._nums:
            seen.add(num_id)
            abstract_id = _child_value(self._nums[num_id], "abstractNumId") or ""
            abstract = self._abstracts.get(abstract_id)
            link = _child_value(abstract, "numStyleLink") if abstract is not None else None
            if not link:
                break
            for other_id, other in self._abstracts.items():
                if _child_value(other, "styleLink") == link:
                    return other_id
            num_id = self._styles().list_of(link) or ""
        return abstract_id


def _advance(numbered: _List, num_id: str, ilvl: int) -> None:
    """Counts one paragraph at `ilvl` and begins the deeper levels anew."""
    counters = numbered.counters
    override = numbered.start_overrides.get(ilvl)
    value = counters.values[ilvl]
    if override is not None and (num_id, ilvl) not in counters.overrides_used:
        counters.overrides_used.add((num_id, ilvl))
        value = override
    elif value is None:
        value = numbered.levels[ilvl].start if override is None else override
    else:
        value += 1
    counters.values[ilvl] = value
    for deeper in range(ilvl + 1, _LEVELS):
        restart = numbered.levels[deeper].restart
        # w:lvlRestart 0: never; n: after a paragraph of level n (from 1) or above; else after any above.
        if restart is None or restart > deeper or ilvl < restart:
            counters.values[deeper] = None


def _printed(numbered: _List, ilvl: int) -> str:
    """The text of a level with its %1 … %9 filled in."""
    level = numbered.levels[ilvl]
    if level.number_format == "bullet":
        return ""
    pieces = level.text.split("%")
    printed = [pieces[0]]
    for piece in pieces[1:]:
        place = piece[:1]
        if "1" <= place <= "9":
            printed.append(_number_at(numbered, int(place) - 1, legal=level.legal) + piece[1:])
        else:
            printed.append("%" + piece)
    return "".join(printed)


def _number_at(numbered: _List, ilvl: int, *, legal: bool) -> str:
    level = numbered.levels[ilvl]
    value = numbered.counters.values[ilvl]
    if value is None:  # a level skipped so far prints where it would begin
        value = numbered.start_overrides.get(ilvl, level.start)
    if legal and level.number_format not in ("none", "bullet"):
        return str(value)
    if level.number_format.isdecimal():  # a custom format: 001, 002, 003, …
        return f"{value:0{len(level.number_format)}d}"
    return format_number(value, level.number_format)


def _read_levels(parent: _Element, levels: list[Level]) -> None:
    for element in parent.iterchildren(W + "lvl"):
        ilvl = whole_number(element.get(W + "ilvl"))
        if ilvl is not None and 0 <= ilvl < _LEVELS:
            levels[ilvl] = _read_level(element)


def _read_level(element: _Element) -> Level:
    values = {child.tag: child.get(_VAL) for child in element}
    start = whole_number(values.get(_START))
    return Level(
        start=1 if start is None else start,
        number_format=_number_format(element, values),
        text=values.get(_LVL_TEXT) or "",
        suffix=values.get(_SUFF) or "tab",
        restart=whole_number(values.get(_LVL_RESTART)),
        legal=_IS_LGL in values and values[_IS_LGL] not in OFF,
        style_id=values.get(_P_STYLE),
    )


def _number_format(level: _Element, values: dict[str, str | None]) -> str:
    """The format's name; a custom format of padded digits as its pattern (001)."""
    if _PICTURE_BULLET in values:
        return "bullet"
    if ALTERNATE in values:
        choice = level.find(f"{ALTERNATE}/{MC}Choice/{_NUM_FMT}")
        if choice is not None and choice.get(_VAL) == "custom":
            pattern = choice.get(W + "format", "").split(",")[0].strip()
            if pattern.isdecimal() and len(pattern) < 10:
                return pattern
        if _NUM_FMT not in values:
            plain = level.find(f"{ALTERNATE}/{MC}Fallback/{_NUM_FMT}")
            return "decimal" if plain is None else plain.get(_VAL, "decimal")
    return values.get(_NUM_FMT) or "decimal"


def _child_value(element: _Element, name: str) -> str | None:
    for child in element.iterchildren(W + name):
        return child.get(_VAL)
    return None
