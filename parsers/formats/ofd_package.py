"""The package around an OFD document (GB/T 33190-2016): a zip of XML parts that name one another.

Bytes -> the documents in it, and of each its pages in order, with the templates and resources that pages refer to.
Element names are compared without their namespace, which changed between drafts of the standard; part names without
regard to case, relative to the part that names them or from the root.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml.etree import _Element

from parsers.formats.compound import encrypted
from parsers.formats.xml_parts import read_xml
from parsers.formats.zipped import Zipped
from schemas.errors import UnreadableFile

MAX_PAGES = 3_000
"""Pages of a file; no report comes near it."""

_ENTRY = "ofd.xml"
_ENCRYPTED = ("encryptions.xml", "decryptseed.dat", "encryptinfo.xml")
"""Parts that only a package encrypted after GM/T 0099 has."""

Area = tuple[float, float, float, float]
"""Left, top, width and height in millimetres."""
A4: Area = (0.0, 0.0, 210.0, 297.0)
SIDES = (1.0, 20_000.0)
"""Shortest and longest side of a page in millimetres; nothing else can be laid out."""
FARTHEST = 1e6
"""Millimetres from the origin to the corner of a page."""


class OfdPage(NamedTuple):
    """A page of a document: its root element, and those of its templates."""

    root: _Element
    templates: tuple[_Element, ...]
    area: Area


@dataclass(frozen=True, slots=True)
class Resources:
    """What objects refer to by number: names of fonts, and drawings that are used again."""

    fonts: dict[str, str] = field(default_factory=dict)
    drawings: dict[str, _Element] = field(default_factory=dict)


class OfdDocument:
    """One of the documents of a package."""

    def __init__(self, parts: Zipped, main: str, title: str | None) -> None:
        self.title = title
        self.damaged: dict[str, None] = {}
        """Templates and resources that were named and could not be opened, as the pages came to need them."""
        self._parts = parts
        self._main = main
        root = _part(parts, main)
        common = child(root, "CommonData")
        self._area = _area(common, "PageArea") or A4
        self._templates = {page.get("ID", ""): located(page) for page in children(common, "TemplatePage")}
        self._read_templates: dict[str, _Element | None] = {}
        self._pages = [located(page) for page in children(child(root, "Pages"), "Page")]
        self.resources = Resources()
        for name in ("PublicRes", "DocumentRes"):
            for listing in children(common, name):
                self._add_resources(located(listing), main)

    def __len__(self) -> int:
        return len(self._pages)

    def pages(self) -> Iterator[OfdPage | None]:
        """The pages in order; None for one whose part is not there, or damaged."""
        for location in self._pages:
            name = found(self._parts, location, self._main)
            root = None if name is None else _whole(self._parts, name)
            if root is None or name is None:
                yield None
                continue
            for listing in children(root, "PageRes"):
                self._add_resources(located(listing), name)
            used = [self._template(item.get("TemplateID", "")) for item in children(root, "Template")]
            templates = tuple(template for template in used if template is not None)
            area = _area(root, "Area") or next(
                filter(None, (_area(t, "Area") for t in templates)), self._area
            )
            yield OfdPage(root, templates, area)

    def _template(self, number: str) -> _Element | None:
        if number not in self._read_templates:
            location = self._templates.get(number)
            name = None if location is None else found(self._parts, location, self._main)
            root = None if name is None else self._shared(name)
            for listing in children(root, "PageRes"):
                self._add_resources(located(listing), name or "")
            self._read_templates[number] = root
        return self._read_templates[number]

    def _shared(self, name: str) -> _Element | None:
        """A template or a listing of resources; None, and noted, where it is damaged."""
        root = None if name in self.damaged else _whole(self._parts, name)
        if root is None:
            self.damaged[name] = None
        return root

    def _add_resources(self, location: str, base: str) -> None:
        name = found(self._parts, location, base)
        if name is None:
            return
        root = self._shared(name)
        if root is None:
            return
        for element in root.iter("{*}Font", "{*}CompositeGraphicUnit"):
            number = element.get("ID", "")
            if local(element) == "Font":
                self.resources.fonts[number] = element.get("FontName", "")
            else:
                self.resources.drawings[number] = element


def open_ofd(data: bytes) -> tuple[OfdDocument, ...]:
    """The documents in an OFD file, in order. Raises UnreadableFile."""
    parts = Zipped(data)
    names = parts.names()
    if any(name.rpartition("/")[2] in _ENCRYPTED for name in names):
        raise encrypted()
    root = _part(parts, _ENTRY)
    documents = []
    for body in children(root, "DocBody"):
        location = located(child(body, "DocRoot"))
        name = found(parts, location, _ENTRY)
        if name is None:
            raise _incomplete()
        info = child(body, "DocInfo")
        title = (text_of(child(info, "Title")) or "").strip()
        documents.append(OfdDocument(parts, name, title or None))
    if not documents:
        raise _incomplete()
    if sum(map(len, documents)) > MAX_PAGES:
        raise UnreadableFile("too_large", f"The file has more than {MAX_PAGES:,} pages; split it.")
    return tuple(documents)


# ---- parts ----------------------------------------------------------------------------------


def found(parts: Zipped, location: str, base: str) -> str | None:
    """The name of the part at `location`, as the part `base` says it; None where there is none.

    Some programs write locations relative to the root, or to the folder of the document, without saying so.
    """
    path = location.strip().replace("\\", "/").lower()
    if not path:
        return None
    folders = [""] if path.startswith("/") else ["", *_folders(base)][::-1]
    return next((name for folder in folders if (name := _joined(folder, path)) in parts), None)


def _folders(base: str) -> list[str]:
    """The folders around a part, the outermost first."""
    steps = base.split("/")[:-1]
    return ["/".join(steps[: count + 1]) for count in range(len(steps))]


def _joined(folder: str, path: str) -> str:
    steps: list[str] = []
    for step in f"{folder}/{path}".split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


def _part(parts: Zipped, name: str) -> _Element:
    data = parts.read(name)
    if data is None:
        raise _incomplete()
    return read_xml(data)


def _whole(parts: Zipped, name: str) -> _Element | None:
    """The part, None where it is damaged; what the limits forbid is still an error."""
    try:
        return _part(parts, name)
    except UnreadableFile as error:
        if error.category != "truncated":
            raise
        return None


def _incomplete() -> UnreadableFile:
    return UnreadableFile(
        "truncated", "The OFD file lacks a part that it names. Get it again from its sender."
    )


# ---- elements -------------------------------------------------------------------------------


def local(element: _Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def children(element: _Element | None, name: str) -> Iterator[_Element]:
    """The children of this name, in order."""
    return (item for item in element if local(item) == name) if element is not None else iter(())


def child(element: _Element | None, name: str) -> _Element | None:
    """The first child of this name."""
    return next(children(element, name), None)


def text_of(element: _Element | None) -> str | None:
    """The text of an element."""
    return None if element is None else element.text


def located(element: _Element | None) -> str:
    """The location that an element gives: as its attribute, its text, or in a child of its own."""
    if element is None:
        return ""
    return element.get("BaseLoc") or text_of(child(element, "BaseLoc")) or element.text or ""


def numbers(text: str | None) -> list[float]:
    """The numbers in a list of them; none at all where one is no number."""
    try:
        values = [float(word) for word in (text or "").replace(",", " ").split()]
    except ValueError:
        return []
    return values if all(map(math.isfinite, values)) else []


def _area(element: _Element | None, name: str) -> Area | None:
    values = numbers(text_of(child(child(element, name), "PhysicalBox")))
    if len(values) != 4:
        return None
    left, top, width, height = values
    if (
        max(abs(left), abs(top)) > FARTHEST
        or not SIDES[0] <= min(width, height) <= max(width, height) <= SIDES[1]
    ):
        return None
    return (left, top, width, height)
