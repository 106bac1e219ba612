"""The format of a file, told from its content and never from its name."""

import io
import lzma
import re
import struct
import zipfile
import zlib

from parsers.formats.compound import COMPOUND_FILE, compound_kind
from parsers.formats.decode import decode
from parsers.formats.markdown import is_markdown
from schemas.blocks import Format
from schemas.errors import UnreadableFile

ZIP = b"PK\x03\x04"
_HEAD = 4_096
_PDF_WITHIN = 1_024
"""Bytes before `%PDF` that readers forgive (PDF 32000-1, annex H)."""
_MARKDOWN_WITHIN = 200_000
"""Characters in which Markdown has shown what it is."""

_ODF = {b"application/vnd.oasis.opendocument.text": "odt"}
_MEMBERS: tuple[tuple[str, Format], ...] = (
    ("word/document.xml", "docx"),
    ("xl/workbook.xml", "xlsx"),
    ("xl/workbook.bin", "xlsx"),
    ("ofd.xml", "ofd"),
)
"""A member, in lower case, that only this kind of zip has."""
_OFFICE_TYPES: tuple[tuple[bytes, Format], ...] = (
    (b"wordprocessingml", "docx"),
    (b"spreadsheetml", "xlsx"),
    (b"ms-excel", "xlsx"),
)
"""What [Content_Types].xml says where the main part has an unusual name."""

_PICTURES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*")
_OTHERS = (
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
)
_OTHER_COMPOUNDS = {
    "ppt": "a PowerPoint presentation (.ppt)",
    "msg": "an Outlook message (.msg)",
    "other": "an Office file of a kind",
}
_PAGE = re.compile(r"<(?:!doctype\s+html|html|head|body|meta|style|title)\b", re.IGNORECASE)
_FRAGMENT = re.compile(r"<(?:table|div|p|center|span|h[1-6])\b", re.IGNORECASE)
_BEFORE_PAGE = re.compile(r"(?:\s|<\?xml[^>]*>|<!--.*?-->)*", re.DOTALL)
_MAIL = re.compile(
    r"(?:[\w-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*?(?:mime-version:|content-type:\s*multipart/)", re.IGNORECASE
)
_OFFICE_XML = re.compile(r"progid=\"(Word|Excel)\.", re.IGNORECASE)


def sniff(data: bytes) -> Format:
    """The format of `data`. A damaged zip counts as "docx": the Word reader tells what is wrong with it.

    Raises UnreadableFile for an empty file and for formats that jixiao does not read.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile("empty", "the file is empty")
    if data.startswith(ZIP):
        return _zipped(data)
    if data.startswith(COMPOUND_FILE):
        return _compound(data)
    if b"%PDF-" in data[:_PDF_WITHIN]:
        return "pdf"
    if data.startswith(b"{\\rtf"):
        return "rtf"
    if data.startswith(_PICTURES) or _is_bitmap(data) or (data[:4] == b"RIFF" and data[8:12] == b"WEBP"):
        return "image"
    for magic, what in _OTHERS:
        if data.startswith(magic):
            raise _unsupported(what)
    return _text(data)


def _zipped(data: bytes) -> Format:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = {name.lower(): name for name in archive.namelist()}
            for member, kind in _MEMBERS:
                if member in names:
                    return kind
            if "mimetype" in names and _start(archive, names["mimetype"]).strip() in _ODF:
                return "odt"
            if "[content_types].xml" in names:
                types = _start(archive, names["[content_types].xml"])
                return next((kind for mark, kind in _OFFICE_TYPES if mark in types), "docx")
    except (
        zipfile.BadZipFile,
        zlib.error,
        lzma.LZMAError,
        OSError,
        ValueError,
        RuntimeError,
        EOFError,
        struct.error,
    ):
        pass
    return "docx"


def _start(archive: zipfile.ZipFile, name: str) -> bytes:
    with archive.open(name) as member:
        return member.read(_HEAD * 4)


def _compound(data: bytes) -> Format:
    kind = compound_kind(data)
    if kind == "encrypted":
        raise UnreadableFile("encrypted", "the file is protected by a password; save it without one")
    if kind in ("doc", "xls"):
        return kind
    raise _unsupported(_OTHER_COMPOUNDS.get(kind, _OTHER_COMPOUNDS["other"]))


def _is_bitmap(data: bytes) -> bool:
    """A BMP says its own length after its two letters, which a text beginning with BM does not."""
    return data[:2] == b"BM" and abs(int.from_bytes(data[2:6], "little") - len(data)) < _HEAD


def _text(data: bytes) -> Format:
    """Which kind of text: a web page, a page saved with its pictures, Markdown, or a plain dump."""
    # Tags are ASCII: a page that lies about its encoding, or is broken in it, is still a page.
    kind = _marked_up(data[:_HEAD].decode("latin-1"))
    if kind:
        return kind
    text = decode(data)[0][:_MARKDOWN_WITHIN]
    return _marked_up(text[:_HEAD]) or ("markdown" if is_markdown(text) else _fragment(text))


def _marked_up(head: str) -> Format | None:
    """Whether a file that begins so is a web page, or one saved with its pictures."""
    head = head.lstrip("\ufeffï»¿ \t\r\n")
    if _MAIL.match(head):
        return "mht"
    if office := _OFFICE_XML.search(head):
        suffix = {"word": ".docx", "excel": ".xlsx"}[office[1].lower()]
        raise UnreadableFile(
            "unsupported", f"this is Office XML of 2003, which jixiao does not read; save it as {suffix}"
        )
    start = _BEFORE_PAGE.match(head)
    return "html" if _PAGE.match(head, start.end() if start else 0) else None


def _fragment(text: str) -> Format:
    """A piece of a web page without its head, or a text."""
    head = text.lstrip("\ufeff \t\r\n")[:_HEAD]
    start = _BEFORE_PAGE.match(head)
    if _FRAGMENT.match(head, start.end() if start else 0):
        return "html"
    if head.startswith("<?xml"):
        raise _unsupported("an XML file")
    return "text"


def _unsupported(what: str) -> UnreadableFile:
    return UnreadableFile(
        "unsupported", f"this is {what}, which jixiao does not read; save it as .docx, .xlsx or .pdf"
    )
