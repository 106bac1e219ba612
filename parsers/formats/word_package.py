"""The package around a Word document: a zip of XML parts tied together by relationships.

Bytes -> Package -> parts as lxml elements, through the guards of `zipped` and `xml_parts`.
"""

from collections.abc import Collection, Iterator
from typing import NamedTuple

from lxml.etree import _Element

from parsers.formats.compound import COMPOUND_FILE, compound_kind, encrypted
from parsers.formats.xml_parts import read_xml, serialised, stream
from parsers.formats.zipped import Zipped
from schemas.errors import UnreadableFile

_NAMESPACES_WITHIN = 4096  # bytes; the root element declares them
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_STRICT = b"http://purl.oclc.org/ooxml/"
# Strict namespaces as in ISO/IEC 29500-1, and the transitional ones that all else here knows.
_STRICT_TO_TRANSITIONAL = (
    (_STRICT + b"wordprocessingml/main", b"http://schemas.openxmlformats.org/wordprocessingml/2006/main"),
    (_STRICT + b"officeDocument/math", b"http://schemas.openxmlformats.org/officeDocument/2006/math"),
    (_STRICT + b"spreadsheetml/main", b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"),
    (
        _STRICT + b"officeDocument/relationships",
        b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
    ),
)

_CONTENT_TYPES = "[content_types].xml"
# What a zip without a Word main part may be: a mark in [Content_Types].xml or a member's name, and its name.
_OTHER_CONTENT = (
    ("spreadsheetml", "an Excel workbook (.xlsx)"),
    ("ms-excel", "an Excel workbook (.xlsx)"),
    ("presentationml", "a PowerPoint presentation (.pptx)"),
    ("ms-powerpoint", "a PowerPoint presentation (.pptx)"),
    ("visio", "a Visio drawing (.vsdx)"),
)
_OTHER_MIMETYPES = (
    ("opendocument.text", "an OpenDocument text (.odt)"),
    ("opendocument.spreadsheet", "an OpenDocument spreadsheet (.ods)"),
    ("opendocument", "an OpenDocument file"),
    ("epub", "an e-book (.epub)"),
)
_OTHER_MEMBERS = (
    ("meta-inf/manifest.mf", "a Java archive (.jar)"),
    ("androidmanifest.xml", "an Android app (.apk)"),
    ("ofd.xml", "an OFD document (.ofd)"),
    ("xl/workbook.xml", "an Excel workbook (.xlsx)"),
    ("ppt/presentation.xml", "a PowerPoint presentation (.pptx)"),
)


class Relationship(NamedTuple):
    """A part that another refers to: the last word of the relationship's type, and the part's name."""

    kind: str
    part: str


class Package:
    """An opened Word file, `main` being the part that holds its text. Part names are in lower case."""

    __slots__ = ("_members", "main", "parts")

    def __init__(self, members: Zipped) -> None:
        self._members = members
        self.main = ""
        self.parts: dict[str, str] = {}  # what the package itself refers to: kind -> part

    def names(self) -> tuple[str, ...]:
        """The names of all members, in lower case."""
        return self._members.names()

    def read(self, part: str) -> bytes | None:
        """The unpacked bytes of a part, None where there is no such part."""
        return self._members.read(part)

    def xml(self, part: str) -> _Element | None:
        """The root element of a part, None where there is no such part."""
        data = self.read(part)
        return None if data is None else parse_xml(data)

    def relationships(self, part: str) -> tuple[Relationship, ...]:
        """What a part refers to inside the package ("" for the package itself)."""
        return tuple(found for _, found in self._related(part))

    def related(self, part: str) -> dict[str, Relationship]:
        """What a part refers to, by the id under which it does."""
        return dict(self._related(part))

    def _related(self, part: str) -> Iterator[tuple[str, Relationship]]:
        folder, _, name = part.rpartition("/")
        root = self.xml(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
        for element in root if root is not None else ():
            target = element.get("Target")
            if target and element.get("TargetMode") != "External":
                kind = element.get("Type", "").rpartition("/")[2]
                yield element.get("Id", ""), Relationship(kind, _resolve(folder, target))


def open_package(data: bytes) -> Package:
    """The Word file in `data`, its main part found; raises UnreadableFile for anything else."""
    if not data:
        raise UnreadableFile("empty", "The file is empty (0 bytes). Get it again from its sender.")
    if data.startswith(COMPOUND_FILE):
        raise _not_zipped(data)
    package = Package(Zipped(data))
    package.parts = dict(reversed(package.relationships("")))
    package.main = package.parts.get("officeDocument") or _declared_main_part(package)
    return package


def parse_xml(data: bytes) -> _Element:
    """The root element of an XML part, its names in the transitional namespaces."""
    root = read_xml(data)
    if root.tag.startswith("{" + _STRICT.decode()):
        root = read_xml(_transitional(serialised(root)))
    return root


def stream_xml(data: bytes, tags: Collection[str]) -> Iterator[_Element]:
    """The elements of a large XML part that bear one of `tags`, as `xml_parts.stream` gives them, their names in
    the transitional namespaces."""
    return stream(_transitional(data) if _STRICT in data[:_NAMESPACES_WITHIN] else data, tags)


def _transitional(data: bytes) -> bytes:
    for strict, transitional in _STRICT_TO_TRANSITIONAL:
        data = data.replace(strict, transitional)
    return data


def not_word(package: Package) -> UnreadableFile:
    """The error for a zip that holds no Word document, saying what it is if that can be told."""
    kind = _other_kind(package)
    what = (
        f"The file is {kind}, not a Word document." if kind else "The file is a zip without a Word document."
    )
    return UnreadableFile("unsupported", f"{what} Convert it to .docx, or unpack it first.")


def _not_zipped(data: bytes) -> UnreadableFile:
    """The error for an OLE file, which no .docx is unless a password protects it."""
    kind = compound_kind(data)
    if kind == "encrypted":
        return encrypted()
    what = "an old Word document (.doc)" if kind == "doc" else "an old Office file (OLE)"
    return UnreadableFile("unsupported", f"The file is {what}. Save it as .docx.")


def _resolve(folder: str, target: str) -> str:
    """A relationship's target as a part name: relative to its folder, or from the root."""
    path = target.replace("\\", "/").lower()
    if not path.startswith("/"):
        path = f"{folder}/{path}"
    steps: list[str] = []
    for step in path.split("/"):
        if step == "..":
            del steps[-1:]
        elif step not in ("", "."):
            steps.append(step)
    return "/".join(steps)


def _declared_main_part(package: Package) -> str:
    """The Word main part that [Content_Types].xml declares, where no relationship names one."""
    types = package.xml(_CONTENT_TYPES)
    if types is not None:
        for entry in types:
            kind = entry.get("ContentType", "")
            if kind.endswith("main+xml") and ("wordprocessingml" in kind or "ms-word" in kind):
                return _resolve("", entry.get("PartName", ""))
    raise not_word(package)


def _other_kind(package: Package) -> str:
    types = package.read(_CONTENT_TYPES) or b""
    mimetype = package.read("mimetype") or b""
    names = package.names()
    for mark, kind in _OTHER_CONTENT:
        if mark.encode() in types:
            return kind
    for mark, kind in _OTHER_MIMETYPES:
        if mark.encode() in mimetype:
            return kind
    for name, kind in _OTHER_MEMBERS:
        if name in names:
            return kind
    return ""
