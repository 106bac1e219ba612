"""Tar archives, packed or not, and single packed files (.tar, .tar.gz, .tgz, .tar.bz2, .tar.xz, .tar.zst; .gz …).

A tar is read from front to back once, as it is unpacked. `tarfile` is not used: it takes names of any length into memory
and follows chains of headers without end. Layout after POSIX.1-2001 (pax), with GNU tar's long names.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from pipeline.archives.packers import Packing, unpacked
from pipeline.archives.unpacking import CHUNK, Level, damaged_error, volume_error
from pipeline.names import NAME_BYTES, decoded, recoded
from schemas.errors import UnreadableFile

BLOCK = 512

_HEADER_BYTES = 1 << 20
"""A header with the name of the next member: a path, comments, attributes. More would only fill the memory."""
_LONG_NAME, _LONG_LINK = b"L", b"K"
_HEADERS = b"xXLK"  # pax, that of Solaris, GNU's long names of a member and of what a link leads to
_LINKS, _DEVICES, _FOLDER, _SPARSE, _VOLUME = b"12", b"346", b"5", b"S", b"M"
_WITHOUT_DATA = _LINKS + _DEVICES + _FOLDER  # whatever their header says
_NO_FILES = b"5DVg"  # folders, GNU's listing of a folder, the label, what pax says of all members
_RECORD = re.compile(rb"(\d{1,7}) ")
_PACKED_SUFFIX = re.compile(r"\.(gz|bz2|xz|zst|z)$", re.IGNORECASE)


class _Told(NamedTuple):
    """What headers say of the member that follows them."""

    name: bytes | None = None
    size: int | None = None
    is_sparse: bool = False


class _Stream:
    """Bytes that come once, in pieces of any size."""

    __slots__ = ("_at", "_buffer", "_pieces", "is_broken")

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._buffer = b""
        self._at = 0
        self.is_broken = False

    def peek(self) -> bytes:
        """The first block."""
        self._buffer, self._at = self.read(BLOCK) + self._buffer[self._at :], 0
        return self._buffer[:BLOCK]

    def read(self, length: int) -> bytes:
        """So many bytes, fewer only at the end. Raises UnreadableFile."""
        parts: list[bytes] = []
        while length > 0:
            if self._at == len(self._buffer):
                self._buffer, self._at = self._next(), 0
                if not self._buffer:
                    break
            part = self._buffer[self._at : self._at + length]
            self._at += len(part)
            length -= len(part)
            parts.append(part)
        return b"".join(parts)

    def exactly(self, length: int) -> bytes:
        """So many bytes. Raises UnreadableFile when there are fewer."""
        data = self.read(length)
        if len(data) < length:
            self.is_broken = True
            raise damaged_error()
        return data

    def _next(self) -> bytes:
        try:
            return next(filter(None, self._pieces), b"")
        except UnreadableFile:
            self.is_broken = True
            raise


def is_tar(head: bytes) -> bool:
    """Whether a file with this first block is a tar: its checksum tells, old ones have no magic."""
    if len(head) < BLOCK or head[0] == 0:
        return False
    told = _number(head[148:156])
    return told is not None and told == sum(head[:148]) + sum(head[156:BLOCK]) + 8 * ord(" ")


def unpack_tar(level: Level) -> None:
    """Unpacks a tar. Raises UnreadableFile where it cannot go on; what came before stays."""
    _unpack(_Stream(_file_pieces(level.path)), level)


def unpack_packed(level: Level, packing: Packing) -> None:
    """Unpacks what one of the packers of streams packed: a tar, or one file. Raises UnreadableFile."""
    stream = _Stream(unpacked(_file_pieces(level.path), packing))
    if is_tar(stream.peek()):
        _unpack(stream, level)
    elif (name := level.admit(_inner_name(level.source))) is not None:
        with level.member(name) as out:
            while piece := stream.read(CHUNK):
                out.write(piece)


def _inner_name(source: str) -> str:
    """The name of the one file in a packed one: without the packer's suffix (`a.docx.gz!a.docx`)."""
    last = re.split("[!/]", source)[-1]
    return _PACKED_SUFFIX.sub("", last) or last


def _file_pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield piece


def _unpack(stream: _Stream, level: Level) -> None:
    told = _Told()
    while (head := _header(stream)) is not None:
        level.count(BLOCK)
        kind = head[156:157]
        size = _number(head[124:136]) if told.size is None else told.size
        if size is None or size < 0:
            raise damaged_error()
        if kind in _HEADERS:
            if size > _HEADER_BYTES:
                raise damaged_error()
            level.count(size)
            told = _hear(told, kind, stream.exactly(size))
            _skip(stream, level, -size % BLOCK)
            continue
        size = 0 if kind in _WITHOUT_DATA else size
        name = _name(head) if told.name is None else told.name
        left = size
        if kind not in _NO_FILES:
            left -= _member(stream, level, name, kind, size, told.is_sparse)
        _skip(stream, level, left + -size % BLOCK)
        told = _Told()


def _member(stream: _Stream, level: Level, raw: bytes, kind: bytes, size: int, is_sparse: bool) -> int:
    """Unpacks one member; the bytes of it that were taken from the stream."""
    if raw.endswith(b"/"):  # a folder of an old tar
        return 0
    (text,) = decoded([raw[: NAME_BYTES + 1]])
    name = level.admit(recoded(text))
    if name is None:
        return 0
    taken = 0
    with level.member(name) as out:
        _check_kind(kind, is_sparse)
        while taken < size:
            piece = stream.exactly(min(CHUNK, size - taken))
            taken += len(piece)
            out.write(piece)
    return taken


def _check_kind(kind: bytes, is_sparse: bool) -> None:
    """Raises UnreadableFile for what is no plain file."""
    if kind in _LINKS:
        raise UnreadableFile("unsafe", "it is a link, not a file; pack the file itself")
    if kind in _DEVICES:
        raise UnreadableFile("unsafe", "it is a device or a pipe, not a file; leave it out")
    if kind == _VOLUME:
        raise volume_error()
    if kind == _SPARSE or is_sparse:
        raise UnreadableFile("unsupported", "stored with holes (sparse); pack it anew without --sparse")


def _header(stream: _Stream) -> bytes | None:
    """The next header; None at the end. Raises UnreadableFile for what is none."""
    if stream.is_broken:
        raise damaged_error()
    head = stream.read(BLOCK)
    if not head or not head.strip(b"\0"):
        return None
    if not is_tar(head):
        raise damaged_error()
    return head


def _skip(stream: _Stream, level: Level, length: int) -> None:
    while length > 0 and not stream.is_broken:
        piece = stream.read(min(CHUNK, length))
        if not piece:
            return  # the last member's padding may be cut off
        level.count(len(piece))
        length -= len(piece)


def _name(head: bytes) -> bytes:
    name, prefix = head[:100].split(b"\0")[0], head[345:500].split(b"\0")[0]
    is_posix = head[257:263] == b"ustar\0"  # GNU tar keeps times where POSIX has the prefix
    return prefix + b"/" + name if is_posix and prefix else name


def _number(field: bytes) -> int | None:
    """A number of a header: octal digits, or binary where the first bit says so."""
    if field[0] & 0x80:
        return int.from_bytes(field[1:], "big") if field[0] == 0x80 else -1
    digits = field.strip(b" \0")
    if not digits:
        return 0
    return int(digits, 8) if re.fullmatch(rb"[0-7]+", digits) else None


def _hear(told: _Told, kind: bytes, content: bytes) -> _Told:
    """`told` and what one more header says."""
    if kind == _LONG_NAME:
        return told._replace(name=content.split(b"\0")[0])
    if kind == _LONG_LINK:
        return told
    at = 0
    while record := _RECORD.match(content, at):
        length = int(record[1])
        key, _, value = content[record.end() : at + length].removesuffix(b"\n").partition(b"=")
        if key == b"path":
            told = told._replace(name=value)
        elif key == b"size" and value.isdigit() and len(value) < 20:
            told = told._replace(size=int(value))
        elif key.startswith(b"GNU.sparse."):
            told = told._replace(is_sparse=True)
        if length == 0:
            break
        at += length
    return told
