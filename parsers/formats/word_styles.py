"""Paragraph styles: what a style, through the styles it is based on, says about outline and numbering."""

import re
from typing import NamedTuple

from lxml.etree import _Element

from parsers.formats.word_package import W, parse_xml

_STYLE = W + "style"
_VAL = W + "val"
OFF = frozenset({"0", "false", "off"})
"""Values that switch a toggle property off."""
_TABLE_STYLE = b'<w:style w:type="table"'
_STYLE_END = b"</w:style>"
_HEADING_NAME = re.compile(r"(?:heading|标题)\s*([1-9])", re.IGNORECASE)
_CONTENTS_NAME = re.compile(r"(?:toc|目录)(?:\s*(?:\d|heading|标题).*)?", re.IGNORECASE)


class StyleLevel(NamedTuple):
    """A style on the way from a paragraph's style to the one that names its list."""

    style_id: str
    ilvl: int | None


class ParagraphStyle(NamedTuple):
    """What a paragraph takes from its style: outline level 0..8, list, hidden text."""

    outline: int | None = None
    num_id: str | None = None
    levels: tuple[StyleLevel, ...] = ()
    hidden: bool = False


NO_STYLE = ParagraphStyle()


class Styles:
    """The styles of a document; each is worked out when first asked for."""

    __slots__ = ("_elements", "_resolved")

    def __init__(self, data: bytes | None) -> None:
        self._elements: dict[str, _Element] = {}
        self._resolved: dict[str, ParagraphStyle] = {}
        if data is not None:
            for element in parse_xml(_without_table_styles(data)).iterchildren(_STYLE):
                self._elements[element.get(W + "styleId", "")] = element

    def paragraph(self, style_id: str) -> ParagraphStyle:
        """The style of that id, NO_STYLE where the document defines none."""
        found = self._resolved.get(style_id)
        if found is None:
            found = self._resolved[style_id] = self._resolve(style_id)
        return found

    def hides(self, style_id: str) -> bool:
        """Whether a character style hides its text."""
        return self.paragraph(style_id).hidden

    def list_of(self, style_id: str) -> str | None:
        """The list (numId) that a numbering style stands for."""
        return self.paragraph(style_id).num_id

    def _resolve(self, style_id: str) -> ParagraphStyle:
        outline: int | None = None
        outline_known = False
        num_id: str | None = None
        levels: list[StyleLevel] = []
        hidden: bool | None = None
        for ancestor_id, element in self._chain(style_id):
            properties = element.find(W + "pPr")
            if not outline_known:
                outline, outline_known = _outline(element, properties)
            if num_id is None:
                ilvl, num_id = _numbering(properties)
                levels.append(StyleLevel(ancestor_id, ilvl))
            if hidden is None:
                hidden = is_on(element.find(f"{W}rPr/{W}vanish"))
        return ParagraphStyle(outline, num_id, tuple(levels) if num_id else (), hidden or False)

    def _chain(self, style_id: str) -> list[tuple[str, _Element]]:
        """The style and those it is based on, nearest first; a circle is cut."""
        chain: dict[str, _Element] = {}
        while style_id not in chain and style_id in self._elements:
            element = chain[style_id] = self._elements[style_id]
            style_id = _val(element.find(W + "basedOn")) or ""
        return list(chain.items())


def is_on(element: _Element | None) -> bool | None:
    """A toggle property: None where absent, else whether it is switched on."""
    return None if element is None else element.get(_VAL) not in OFF


def whole_number(text: str | None) -> int | None:
    """A small attribute value as a number, None where it is none."""
    try:
        return int(text) if text is not None and len(text) < 10 else None
    except ValueError:
        return None


def _val(element: _Element | None) -> str | None:
    return None if element is None else element.get(_VAL)


def _outline(style: _Element, properties: _Element | None) -> tuple[int | None, bool]:
    """The outline level a style sets itself, and whether it settles the matter."""
    name = (_val(style.find(W + "name")) or "").split(",")[0].strip()
    if _CONTENTS_NAME.fullmatch(name):
        return None, True
    level = whole_number(_val(properties.find(W + "outlineLvl"))) if properties is not None else None
    if level is not None:
        return (level if 0 <= level <= 8 else None), True
    heading = _HEADING_NAME.fullmatch(name)
    if heading:
        return int(heading[1]) - 1, True
    return None, False


def _numbering(properties: _Element | None) -> tuple[int | None, str | None]:
    number = properties.find(W + "numPr") if properties is not None else None
    if number is None:
        return None, None
    return whole_number(_val(number.find(W + "ilvl"))), _val(number.find(W + "numId"))


def _without_table_styles(data: bytes) -> bytes:
    """styles.xml less its table styles: often nine tenths of the bytes, and never asked for.

    Cuts only what begins exactly as Word writes it; anything else stays.
    """
    start = data.find(_TABLE_STYLE)
    kept: list[bytes] = []
    end = 0
    while start >= 0:
        kept.append(data[end:start])
        tag_end = data.find(b">", start)
        end = (
            tag_end + 1
            if data[tag_end - 1 : tag_end] == b"/"
            else data.find(_STYLE_END, start) + len(_STYLE_END)
        )
        if end <= start:
            return data  # no end: let the XML parser say so
        start = data.find(_TABLE_STYLE, end)
    rest = b"".join(kept) + data[end:]
    return data if b"<!--" in rest or b"<![CDATA[" in rest else rest
