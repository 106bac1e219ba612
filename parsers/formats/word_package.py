"""The package around a Word document: a zip of XML parts tied together by relationships.

Bytes -> Package -> parts as lxml elements. Everything that zipfile, zlib or lxml can say
about a bad file becomes UnreadableFile here. The file is taken as hostile: sizes are
bounded before anything is unpacked, and no entity, DTD or network address is followed.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator
from typing import NamedTuple

from lxml import etree
from lxml.etree import _Element

from parsers.formats.sniff import COMPOUND_FILE
from schemas.errors import UnreadableFile

MAX_MEMBERS = 10_000
"""Members of the zip; a report with a thousand pictures has some 1,100."""
MAX_PART_BYTES = 128 * 1024 * 1024
"""One XML part, unpacked. A table of 90,000 cells takes 10 to 30 MB."""
MAX_TOTAL_BYTES = 2 * 1024 * 1024 * 1024
"""All members together, unpacked, pictures included."""
MAX_RATIO = 400
"""Unpacked to packed, of a large part. Deflate ends at 1,032; a table of equal cells comes to 200."""
RATIO_MATTERS_FROM = 16 * 1024 * 1024
"""Smaller parts cost nothing whatever their ratio."""

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
_NAMESPACES_WITHIN = 4096  # bytes; the root element declares them
_DEFLATE_RATIO = 1032  # the most that deflate can pack into a byte
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
_RESOURCE_LIMIT = 114  # libxml2's XML_ERR_RESOURCE_LIMIT: too deep, or a text too long
_READABLE_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# All that zipfile raises while it reads a damaged directory of members.
_DAMAGE = (
    zipfile.BadZipFile,
    NotImplementedError,
    struct.error,
    OSError,
    ValueError,
    OverflowError,
    IndexError,
)
_LOCAL_HEADER = struct.Struct("<26xHH")  # all but the lengths of name and extra field is in the directory too

_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)

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
    """The members of an opened Word file, `main` being the part that holds its text. Part names are compared in lower case, as OPC has it."""

    __slots__ = ("_data", "_members", "main", "parts")

    def __init__(self, data: bytes, members: dict[str, zipfile.ZipInfo]) -> None:
        self._data = data
        self._members = members
        self.main = ""
        self.parts: dict[str, str] = {}  # what the package itself refers to: kind -> part

    def names(self) -> tuple[str, ...]:
        """The names of all members, in lower case."""
        return tuple(self._members)

    def read(self, part: str) -> bytes | None:
        """The unpacked bytes of a part, None where there is no such part."""
        info = self._members.get(part)
        return None if info is None else _unpack(self._data, info)

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
        raise _ole_error(data)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
    except _DAMAGE as error:
        raise _damaged() from error
    package = Package(data, _checked_members(archive))
    package.parts = dict(reversed(package.relationships("")))
    package.main = package.parts.get("officeDocument") or _declared_main_part(package)
    return package


def parse_xml(data: bytes) -> _Element:
    """The root element of an XML part, its names in the transitional namespaces."""
    root = _parse(data)
    if root.tag.startswith("{" + _STRICT.decode()):
        canonical = etree.tostring(root)  # ASCII, whatever the part's encoding was
        for strict, transitional in _STRICT_TO_TRANSITIONAL:
            canonical = canonical.replace(strict, transitional)
        root = _parse(canonical)
    return root


def stream_xml(data: bytes, tags: Collection[str]) -> Iterator[_Element]:
    """The elements of a large XML part that bear one of `tags`, each whole, in the order in which they end.

    An element is gone once the next one is asked for, so that a part takes no more memory than its largest element.
    """
    if _STRICT in data[:_NAMESPACES_WITHIN]:
        for strict, transitional in _STRICT_TO_TRANSITIONAL:
            data = data.replace(strict, transitional)
    try:
        elements = etree.iterparse(
            io.BytesIO(data), tag=tuple(tags), resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, remove_comments=True, remove_pis=True, collect_ids=False,
        )  # fmt: skip
        is_first = True
        for _, element in elements:
            if is_first:
                _refuse_doctype(element)
                is_first = False
            yield element
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        raise _unparsed(error) from error
    except (LookupError, ValueError) as error:
        raise _damaged() from error


def not_word(package: Package) -> UnreadableFile:
    """The error for a zip that holds no Word document, saying what it is if that can be told."""
    kind = _other_kind(package)
    what = (
        f"The file is {kind}, not a Word document." if kind else "The file is a zip without a Word document."
    )
    return UnreadableFile("unsupported", f"{what} Convert it to .docx, or unpack it first.")


def _parse(data: bytes) -> _Element:
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        raise _unparsed(error) from error
    except (LookupError, ValueError) as error:
        raise _damaged() from error
    _refuse_doctype(root)
    return root


def _refuse_doctype(element: _Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile(
            "unsupported",
            "The file declares a DOCTYPE, which no Word file does. Open it in Word and save it anew.",
        )


def _unparsed(error: etree.XMLSyntaxError) -> UnreadableFile:
    if _is_limit(error):
        return UnreadableFile(
            "too_large",
            "The file nests or repeats more than any report does. Open it in Word and save it anew.",
        )
    return UnreadableFile(
        "truncated", "The XML inside the file is damaged. Open it in Word, repair it and save it anew."
    )


def _is_limit(error: etree.XMLSyntaxError) -> bool:
    code: object = getattr(error, "code", None)  # absent from lxml's type stubs
    return code == _RESOURCE_LIMIT


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "truncated",
        "The file ends too early or is damaged (no whole zip). Get it again, or let Word repair it.",
    )


def _encrypted() -> UnreadableFile:
    return UnreadableFile(
        "encrypted", "The file is protected by a password. Save it without one and try again."
    )


def _ole_error(data: bytes) -> UnreadableFile:
    if "EncryptedPackage".encode("utf-16-le") in data:
        return _encrypted()
    if "WordDocument".encode("utf-16-le") in data:
        return UnreadableFile("unsupported", "The file is an old Word document (.doc). Save it as .docx.")
    return UnreadableFile("unsupported", "The file is an old Office file (OLE). Save it in a current format.")


def _checked_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by lower-case name, once their declared sizes are within the limits."""
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise UnreadableFile("too_large", f"The zip holds more than {MAX_MEMBERS:,} members; no report does.")
    if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
        raise UnreadableFile(
            "too_large",
            f"The file unpacks to more than {MAX_TOTAL_BYTES >> 20:,} MB. Save it with smaller pictures.",
        )
    return {info.filename.replace("\\", "/").lower(): info for info in infos}


def _unpack(data: bytes, info: zipfile.ZipInfo) -> bytes:
    size = info.file_size
    if size > MAX_PART_BYTES:
        raise UnreadableFile(
            "too_large",
            f"A part of the file unpacks to {size >> 20:,} MB (limit {MAX_PART_BYTES >> 20}). Split it.",
        )
    if size > RATIO_MATTERS_FROM and size > MAX_RATIO * info.compress_size:
        raise UnreadableFile(
            "too_large", f"A part of the file unpacks to over {MAX_RATIO} times its size, as a zip bomb does."
        )
    if info.flag_bits & 0x1:
        raise _encrypted()
    if info.compress_type not in _READABLE_METHODS:
        raise UnreadableFile(
            "unsupported",
            "The file is packed by a method that Word does not use. Open it in Word and save it anew.",
        )
    packed = _packed(data, info)
    part = _inflate(packed, size) if info.compress_type == zipfile.ZIP_DEFLATED else packed
    if len(part) != size or zlib.crc32(part) != info.CRC:
        raise _damaged()
    return part


def _inflate(packed: bytes, size: int) -> bytes:
    """The unpacked bytes, never much beyond the limits, however the declared size lies."""
    try:
        if len(packed) * _DEFLATE_RATIO <= MAX_PART_BYTES:
            return zlib.decompress(
                packed, -zlib.MAX_WBITS, max(size, 1)
            )  # six times faster: no growing buffer
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size + 1)
    except zlib.error as error:
        raise _damaged() from error


def _packed(data: bytes, info: zipfile.ZipInfo) -> bytes:
    """The packed bytes of a member, behind its local header (zipfile's own way takes four times as long)."""
    start = info.header_offset
    header = data[start : start + _LOCAL_HEADER.size]
    if start < 0 or len(header) != _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise _damaged()
    name_length, extra_length = _LOCAL_HEADER.unpack(header)
    start += _LOCAL_HEADER.size + name_length + extra_length
    return data[start : start + info.compress_size]


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
