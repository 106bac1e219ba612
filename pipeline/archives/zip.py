"""Zip archives: the directory of members, their names in whatever encoding, their bytes.

Read with our own eyes and not with `zipfile`, which refuses a whole archive for one name under a wrong flag, a name that
differs between directory and member, or a lost end. Layout after PKWARE's APPNOTE.TXT.
"""

import os
import struct
import zlib
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, NamedTuple

from pipeline.archives.packers import Packing, unpacked
from pipeline.archives.unpacking import CHUNK, Level, damaged_error, encrypted_error, volume_error
from pipeline.names import NAME_BYTES, decoded, recoded
from schemas.errors import UnreadableFile

_LOCAL, _ENTRY, _END, _END_64 = b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PK\x06\x06"
_LARGEST = (1 << 62) - 1
"""Bytes that no file has: more cannot be sought."""
_LOCAL_FIELDS = struct.Struct("<4s2xHH4xIIIHH")
_ENTRY_FIELDS = struct.Struct("<4s4xHH4xIIIHHH4xII")
_END_FIELDS = struct.Struct("<4sHHHHIIH")
_END_64_FIELDS = struct.Struct("<4s12xII16xQQ")
_LOCATOR_BYTES = 20
_LONGEST_COMMENT = 0xFFFF
_IN_EXTRA_FIELD = 0xFFFFFFFF  # a size of more than 32 bits
_SIZES_64 = 0x0001
_UNICODE_PATH = 0x7075  # Info-ZIP: the name in UTF-8 beside that in the system's code page
_ENCRYPTED, _DESCRIPTOR, _UTF_8 = 0x1, 0x8, 0x800
_PACKINGS: dict[int, Packing | None] = {0: None, 8: "deflate", 12: "bzip2"}
_AES = 99
_UNIX_LINK = 0xA  # the file type in the upper bits of the external attributes
_METHODS = {1: "Shrink", 6: "Implode", 9: "Deflate64", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd"}

_DOCUMENT_MARKS = frozenset({
    "[content_types].xml",  # .docx, .xlsx, .pptx, .xps
    "mimetype",  # .odt, .ods, .epub
    "ofd.xml",
    "meta-inf/manifest.mf",  # .jar
    "androidmanifest.xml",  # .apk
    "index/document.iwa",  # .pages, .numbers
})  # fmt: skip
"""Members that make a zip one document or program: it is read as a whole or not at all."""


class Entry(NamedTuple):
    """A member as the directory has it. Without a directory, sizes and CRC may be unknown (None)."""

    raw_name: bytes
    flags: int
    method: int
    crc: int | None
    packed: int | None
    size: int | None
    offset: int
    extra: bytes = b""
    is_link: bool = False


_LOOKED_AT = 10_000
"""Members among which a document's mark is looked for; a report with a thousand pictures has some 1,100."""


def is_document(path: Path) -> bool:
    """Whether a zip is one document (.docx, .ods, .ofd …), whole or broken, and no archive of files."""
    with path.open("rb") as file:
        try:
            names = [entry.raw_name for entry in islice(_directory(file), _LOOKED_AT)]
        except UnreadableFile:
            names = [entry.raw_name for entry in islice(_walk(file), _LOOKED_AT)]
    return any(n.replace(b"\\", b"/").decode("latin-1").lower() in _DOCUMENT_MARKS for n in names)


def unpack_zip(level: Level) -> None:
    """Unpacks a zip. Raises UnreadableFile for one of which nothing can be read, and for one volume of several."""
    most = level.scratch.limits.members + 1
    with level.path.open("rb") as file:
        damage: UnreadableFile | None = None
        try:
            entries = list(islice(_directory(file), most))
        except UnreadableFile as error:
            if error.category != "truncated":
                raise
            damage, entries = error, list(islice(_walk(file), most))
        _check_overlap(entries)
        for name, entry in zip(_names(entries), entries, strict=True):
            if not name.endswith(("/", "\\")) and (clean := level.admit(name)) is not None:
                with level.member(clean) as out:
                    for piece in _content(file, entry):
                        out.write(piece)
    if damage is not None:
        raise damage


def _names(entries: list[Entry]) -> list[str]:
    """The names as text: the Unicode extra field, then the flag for UTF-8, if the bytes bear it out,
    else what the bytes of all others look like."""
    told = [_told_name(entry) for entry in entries]
    rest = iter(decoded([entry.raw_name for entry, name in zip(entries, told, strict=True) if name is None]))
    return [next(rest) if name is None else recoded(name) for name in told]


def _told_name(entry: Entry) -> str | None:
    for kind, content in _extra_fields(entry.extra):
        if kind == _UNICODE_PATH and len(content) > 5 and content[0] == 1:
            (crc,) = struct.unpack_from("<I", content, 1)
            if crc == zlib.crc32(entry.raw_name):  # else another program changed the name since
                return content[5:].decode("utf-8", "replace")
    if entry.flags & _UTF_8 or entry.raw_name.isascii():
        try:
            return entry.raw_name.decode("utf-8")
        except UnicodeDecodeError:
            return None
    return None


def _check_overlap(entries: list[Entry]) -> None:
    """Raises UnreadableFile where members share their bytes, as in a flat bomb and in no honest archive."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.offset):
        if entry.offset < end:
            raise UnreadableFile(
                "unsafe", "members of the archive overlap, as in a bomb; pack the files anew and ingest that"
            )
        end = entry.offset + _LOCAL_FIELDS.size + (entry.packed or 0)


# ---- the directory --------------------------------------------------------------------------


def _directory(file: BinaryIO) -> Iterator[Entry]:
    """The members that the directory at the end lists. Raises UnreadableFile."""
    start, end, shift = _end(file)
    at = start
    while at < end:
        file.seek(at)
        fields = _ENTRY_FIELDS.unpack(_exactly(file, _ENTRY_FIELDS.size))
        magic, flags, method, crc, packed, size, name_length, extra_length, comment_length, outer, offset = (
            fields
        )
        if magic != _ENTRY:
            raise damaged_error()
        name = _exactly(file, name_length)[: NAME_BYTES + 1]
        extra = _exactly(file, extra_length)
        at = file.tell() + comment_length
        size, packed, offset = _wide(extra, size, packed, offset)
        is_link = outer >> 28 == _UNIX_LINK
        yield Entry(name, flags, method, crc, packed, size, offset + shift, _of_name(extra), is_link)


def _end(file: BinaryIO) -> tuple[int, int, int]:
    """Where the directory starts and ends, and how many bytes were put before the whole archive."""
    length = file.seek(0, os.SEEK_END)
    file.seek(max(0, length - _LONGEST_COMMENT - _END_FIELDS.size))
    tail_start = file.tell()
    tail = file.read()
    found = tail.rfind(_END, 0, len(tail) - _END_FIELDS.size + len(_END))
    if found < 0:
        raise damaged_error()
    _, disk, directory_disk, _, _, size, start, _ = _END_FIELDS.unpack_from(tail, found)
    end = tail_start + found
    file.seek(max(0, end - _LOCATOR_BYTES - _END_64_FIELDS.size))
    wide = file.read(_END_64_FIELDS.size)
    if wide.startswith(_END_64) and len(wide) == _END_64_FIELDS.size:
        end -= _LOCATOR_BYTES + _END_64_FIELDS.size
        _, disk, directory_disk, size, start = _END_64_FIELDS.unpack(wide)
    if disk or directory_disk:
        raise volume_error()
    shift = end - size - start
    if shift < 0:
        raise damaged_error()
    return start + shift, end, shift


def _walk(file: BinaryIO) -> Iterator[Entry]:
    """The members of an archive without a directory, by the headers that stand before each."""
    at = _next_header(file, 0)
    while at is not None:
        file.seek(at)
        head = file.read(_LOCAL_FIELDS.size)
        if len(head) < _LOCAL_FIELDS.size:
            return
        _, flags, method, crc, packed, size, name_length, extra_length = _LOCAL_FIELDS.unpack(head)
        name, extra = file.read(name_length), file.read(extra_length)
        data = file.tell()
        size, packed, _ = _wide(extra, size, packed, 0)
        told = packed > 0 or not flags & _DESCRIPTOR
        following = _next_header(file, data + packed if told else data)
        if told:
            yield Entry(name[: NAME_BYTES + 1], flags, method, crc, packed, size, at, _of_name(extra))
        else:  # what packs it knows where it ends
            length = (file.seek(0, os.SEEK_END) if following is None else following) - data
            yield Entry(name[: NAME_BYTES + 1], flags, method, None, length, None, at, _of_name(extra))
        at = following


def _next_header(file: BinaryIO, start: int) -> int | None:
    """Where the next member's header begins, at or after `start`."""
    file.seek(start)
    kept = b""
    while piece := file.read(CHUNK):
        window = kept + piece
        found = window.find(_LOCAL)
        if found >= 0:
            return start - len(kept) + found
        start += len(piece)
        kept = window[-(len(_LOCAL) - 1) :]
    return None


def _extra_fields(extra: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        yield kind, extra[at + 4 : at + 4 + size]
        at += 4 + size


def _of_name(extra: bytes) -> bytes:
    """Of the extra fields the one with a name."""
    for kind, content in _extra_fields(extra):
        if kind == _UNICODE_PATH:
            return struct.pack("<HH", kind, len(content)) + content[: NAME_BYTES + 6]
    return b""


def _wide(extra: bytes, size: int, packed: int, offset: int) -> tuple[int, int, int]:
    """Size, packed size and offset, those of more than 32 bits from the extra field."""
    values = [size, packed, offset]
    for kind, content in _extra_fields(extra):
        if kind == _SIZES_64:
            wide = iter(struct.unpack(f"<{len(content) // 8}Q", content[: len(content) // 8 * 8]))
            values = [next(wide, v) if v == _IN_EXTRA_FIELD else v for v in values]
    if max(values) > _LARGEST:
        raise damaged_error()
    return values[0], values[1], values[2]


# ---- the bytes of a member ------------------------------------------------------------------


def _content(file: BinaryIO, entry: Entry) -> Iterator[bytes]:
    """The unpacked bytes, in pieces of bounded size. Raises UnreadableFile."""
    if entry.flags & _ENCRYPTED or entry.method == _AES:
        raise encrypted_error()
    if entry.is_link:
        raise UnreadableFile("unsafe", "it is a link, not a file; pack the file itself")
    if entry.method not in _PACKINGS:
        name = _METHODS.get(entry.method, f"no. {entry.method}")
        raise UnreadableFile(
            "unsupported", f"packed by the method {name}; unpack it and pack it anew as a plain zip"
        )
    file.seek(entry.offset)
    head = _exactly(file, _LOCAL_FIELDS.size)
    if not head.startswith(_LOCAL):
        raise damaged_error()
    name_length, extra_length = struct.unpack_from("<HH", head, 26)
    file.seek(name_length + extra_length, os.SEEK_CUR)
    if entry.size is None and _PACKINGS[entry.method] is None:  # nothing tells where it ends
        raise damaged_error()
    size, crc = 0, 0
    packing, pieces = _PACKINGS[entry.method], _pieces(file, entry.packed or 0)
    for piece in pieces if packing is None or not entry.packed else unpacked(pieces, packing):
        size += len(piece)
        crc = zlib.crc32(piece, crc)
        if entry.size is not None and size > entry.size:
            raise damaged_error()
        yield piece
    if entry.size not in (None, size) or entry.crc not in (None, crc):
        raise damaged_error()


def _pieces(file: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0:
        piece = file.read(min(CHUNK, length))
        if not piece:
            raise damaged_error()
        length -= len(piece)
        yield piece


def _exactly(file: BinaryIO, length: int) -> bytes:
    data = file.read(length)
    if len(data) < length:
        raise damaged_error()
    return data
