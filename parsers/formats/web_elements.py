"""Elements of a web page that are read at once: footnotes, the fields of forms, pictures; what hidden ones hold."""

from collections.abc import Collection

from lxml.etree import _Element

from parsers.formats.web_tables import span_of
from parsers.formats.web_text import BREAK, printed_lines, settled

_SMALL = 60
"""Pixels; below it a picture is an icon."""
_REMARK = 300
"""Characters of what pages hide for good: a remark of the editor, a hint, a number of the draft."""


def note_text(note: _Element) -> str:
    """A footnote as one paragraph, without its own mark."""
    marks: set[_Element] = set()
    for link in note.iter("a"):
        if link not in marks and (link.get("href") or "").startswith("#"):
            marks.update(link.iter())
    pieces: list[str] = []
    for element in note.iter():
        if element.tag in ("p", "br") and pieces:
            pieces.append(BREAK)
        if element not in marks:
            pieces.append(element.text or "")
        if element is not note and (element not in marks or element.getparent() not in marks):
            pieces.append(element.tail or "")
    return "\n".join(line for line in printed_lines(settled(pieces)) if line)


def filled_in(element: _Element, tag: str) -> str:
    """What a form's field shows."""
    if tag == "textarea":
        return (element.text or "").replace("\n", BREAK)
    if tag == "select":
        chosen = [option for option in element.iter("option") if option.get("selected") is not None]
        return "".join(map(str, chosen[0].itertext())).strip() if chosen else ""
    kind = (element.get("type") or "text").lower()
    if kind in ("checkbox", "radio"):
        return "☑" if element.get("checked") is not None else "□"
    return (element.get("value") or "") if kind in ("text", "number", "date") else ""


def is_small(element: _Element) -> bool:
    """Whether a picture or frame is no larger than an icon, as far as its mark-up says."""
    sizes = [span_of(size) for name in ("width", "height") if (size := element.get(name)) and "%" not in size]
    return any(size < _SMALL for size in sizes)


def is_long(element: _Element, not_shown: Collection[str]) -> bool:
    """Whether an element holds a table or more than a remark outside of `not_shown` tags; looks no further than that."""
    size = 0
    for part in element.iter():
        size += 1
        if part.tag == "table":
            return True
        if isinstance(part.tag, str) and part.tag not in not_shown:
            size += len((part.text or "").strip())
        if part is not element:
            size += len((part.tail or "").strip())
        if size > _REMARK:
            return True
    return False


def has_text(element: _Element, not_shown: Collection[str]) -> bool:
    """Whether text stands in an element, outside of `not_shown` tags."""
    return any(
        isinstance(part.tag, str)
        and (
            (part.tag not in not_shown and (part.text or "").strip())
            or (part is not element and (part.tail or "").strip())
        )
        for part in element.iter()
    )
