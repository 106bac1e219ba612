"""Numbers that browsers print before the items of a list, and those that a page lost.

LibreOffice writes a list that Word numbers 一、 （一） as a list without a style: HTML as it knows it has no name for
them. What the outline around such a list tells decides whether its items are chapters.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lxml.etree import _Element

from parsers.formats.number_formats import format_number
from parsers.headings import heading_number, section_kind, short

_TYPES = {"1": "decimal", "a": "lower-alpha", "A": "upper-alpha", "i": "lower-roman", "I": "upper-roman"}
# CSS counter style -> Word's name of the format, and what stands behind the number.
_STYLES = {
    "decimal": ("decimal", "."),
    "decimal-leading-zero": ("decimalZero", "."),
    "lower-alpha": ("lowerLetter", "."),
    "lower-latin": ("lowerLetter", "."),
    "upper-alpha": ("upperLetter", "."),
    "upper-latin": ("upperLetter", "."),
    "lower-roman": ("lowerRoman", "."),
    "upper-roman": ("upperRoman", "."),
    "cjk-decimal": ("chineseCounting", "、"),
    "cjk-ideographic": ("chineseCountingThousand", "、"),
    "trad-chinese-informal": ("chineseCountingThousand", "、"),
    "simp-chinese-informal": ("chineseCountingThousand", "、"),
    "simp-chinese-formal": ("chineseLegalSimplified", "、"),
    "trad-chinese-formal": ("ideographLegalTraditional", "、"),
    "cjk-heavenly-stem": ("ideographTraditional", "、"),
    "cjk-earthly-branch": ("ideographZodiac", "、"),
}
# UEditor, the editor of most sites here, prints these as pictures before the items.
_EDITOR_LISTS = {
    "custom_cn": ("chineseCounting", "{}、"),
    "custom_cn1": ("chineseCounting", "{}）"),
    "custom_cn2": ("chineseCounting", "（{}）"),
    "custom_num": ("decimal", "{}、"),
    "custom_num1": ("decimal", "{}）"),
    "custom_num2": ("decimal", "（{}）"),
}
_CSS_STYLE = re.compile(r"list-style(?:-type)?\s*:[^;]*?([a-z][a-z-]+)", re.IGNORECASE)
_LARGEST = 99_999
_OUTLINE = (
    ("chineseCounting", "{}、"),
    ("chineseCounting", "（{}）"),
    ("decimal", "{}."),
    ("decimal", "（{}）"),
)
_CLOSED = ("、", "．", ".", "）", ")")


class Item(NamedTuple):
    """An item of an ordered list: its depth among lists, its number, and how it is printed; `bare` where the page does
    not say how."""

    depth: int
    number: int
    printed: str
    bare: bool


@dataclass(slots=True)
class OpenList:
    """A list being read: how it numbers and what comes next; `pattern` "" where it has bullets."""

    depth: int
    number_format: str = "decimal"
    pattern: str = ""
    bare: bool = False
    next: int = 1
    step: int = 1

    def item(self, element: _Element) -> Item | None:
        """The number of the item `element`, counted; None under a bullet."""
        if not self.pattern:
            return None
        value = _whole(element.get("value"))
        number = self.next if value is None else value
        self.next = number + self.step
        own = _TYPES.get(element.get("type", ""))
        number_format, pattern = self.number_format, self.pattern
        if own:
            number_format, end = _STYLES[own]
            pattern = "{}" + end
        return Item(self.depth, number, pattern.format(format_number(number, number_format)), self.bare)


def open_list(element: _Element, depth: int) -> OpenList:
    """The list that a <ul> or <ol> begins, at `depth` from 1."""
    if element.tag != "ol":
        return OpenList(depth)
    start = _whole(element.get("start"))
    is_reversed = element.get("reversed") is not None
    if start is None:
        start = sum(child.tag == "li" for child in element) if is_reversed else 1
    step = -1 if is_reversed else 1
    for name in (element.get("class") or "").split():
        if name in _EDITOR_LISTS:
            return OpenList(depth, *_EDITOR_LISTS[name], False, start, step)
    css = _CSS_STYLE.search(element.get("style") or "")
    name = css[1].lower() if css else _TYPES.get(element.get("type", ""), "")
    if name == "none":
        return OpenList(depth)
    number_format, end = _STYLES.get(name, ("decimal", "."))
    return OpenList(depth, number_format, "{}" + end, not name, start, step)


def with_label(label: str, text: str) -> tuple[str, str]:
    """An item's line and the label in it; a number that the text itself begins with is not printed twice."""
    if not label:
        return text, ""
    typed, own = heading_number(text), heading_number(label + "项")
    if text.startswith(label) or (typed and own and typed.value == own.value):
        return text, ""
    return label + ("" if label.endswith(_CLOSED) else " ") + text, label


def outline_labels(lines: Sequence[tuple[Item | None, str]]) -> list[str] | None:
    """The numbers of list items as the outline around them has it (一、 for chapters, （一） below), where the items of
    unstyled lists are the report's headings; None where they are not, and the page's own numbers stand.

    `lines` are all printed lines of the page, those of lists with their item.
    """
    own = [(item, text) for item, text in lines if item is not None and item.bare]
    outermost = min((item.depth for item, _ in own), default=0)
    top = [text for item, text in own if item.depth == outermost]
    if not own or not all(short(text, 50) for text in top):
        return None
    breaks = {base: _breaks(lines, base) for base in (1, 2, 3)}
    best = [base for base in (3, 2, 1) if breaks[base] == min(breaks.values())]
    are_headings = sum(section_kind(text) is not None for text in top) * 2 >= len(top)
    base = best[-1] if are_headings else best[0]
    if base == 3:
        return None
    labels = []
    for item, _ in lines:
        if item is None or not item.bare:
            labels.append("")
            continue
        level = min(base + item.depth - 1, len(_OUTLINE))
        number_format, pattern = _OUTLINE[level - 1]
        labels.append(pattern.format(format_number(item.number, number_format)))
    return labels


def _breaks(lines: Sequence[tuple[Item | None, str]], base: int) -> int:
    """How often numbers, typed and automatic, do not follow one another if lists of depth 1 are of level `base`."""
    counters = [0, 0, 0, 0]
    breaks = 0
    for item, text in lines:
        if item is not None and item.bare:
            level, value = min(base + item.depth - 1, 4), item.number
        else:
            number = heading_number(text)
            if number is None or not 1 <= number.level <= 4:
                continue
            level, value = number.level, number.value
        breaks += value != counters[level - 1] + 1
        counters[level - 1] = value
        counters[level:] = [0] * (4 - level)
    return breaks


def _whole(text: str | None) -> int | None:
    match = re.match(r"\s*(-?\d{1,9})", text or "")
    number = int(match[1]) if match else None
    return None if number is None else max(-_LARGEST, min(number, _LARGEST))
