"""OLE compound files ([MS-CFB]): the container of .doc, .xls, .ppt, .wps and of encrypted Office files.

Bytes -> the names and bytes of the streams at its root; what is deeper (embedded objects) is never asked for.
The file is taken as hostile: each chain of sectors and each name of the directory is followed at most once.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from schemas.errors import UnreadableFile

COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""The first bytes of every compound file."""

CompoundKind = Literal["doc", "xls", "ppt", "msg", "encrypted", "other"]

MAX_ENTRIES = 200_000
"""Names in the directory; a report with a thousand embedded objects has some 10,000."""

_KINDS: tuple[tuple[str, CompoundKind], ...] = (
    ("EncryptedPackage", "encrypted"),
    ("WordDocument", "doc"),  # WPS Writer's .wps too
    ("Workbook", "xls"),  # WPS Spreadsheets' .et too
    ("Book", "xls"),  # Excel 5 and 95
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
)
_HEADER = struct.Struct("<24xHHHHH6xIIIIIIIII")
_HEADER_SIZE, _ENTRY_SIZE = 512, 128
_IN_HEADER = 109  # sectors of the FAT that the header itself lists
_LAST_SECTOR = 0xFFFFFFFA  # what is above means: end of chain, free, part of the FAT
_NO_ENTRY = 0xFFFFFFFF
_STREAM, _ROOT = 2, 5
_ENCRYPTED = 0x0100  # FibBase.fEncrypted, [MS-DOC] 2.5.2
_FLAGS_AT = 10


@dataclass(frozen=True, slots=True)
class _Entry:
    """A stream or storage: its kind, its neighbours in the directory's tree, and where its bytes are."""

    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int


class CompoundFile:
    """An opened compound file. Raises UnreadableFile ("truncated") where it is cut or damaged."""

    __slots__ = (
        "_data",
        "_fat",
        "_mini_cutoff",
        "_mini_fat",
        "_mini_shift",
        "_mini_stream",
        "_shift",
        "_streams",
    )

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER_SIZE or not data.startswith(COMPOUND_FILE):
            raise _damaged()
        _, version, order, shift, mini_shift, *numbers = _HEADER.unpack_from(data)
        _, _, first_directory, _, cutoff, first_mini_fat, _, first_difat, _ = numbers
        if order != 0xFFFE or (version, shift) not in ((3, 9), (4, 12)) or mini_shift != 6:
            raise _damaged()
        self._data, self._shift, self._mini_shift, self._mini_cutoff = data, shift, mini_shift, cutoff
        self._fat = self._read_fat(first_difat)
        entries = [_entry(raw) for raw in _pieces(self._chain(first_directory), _ENTRY_SIZE)]
        if not entries or entries[0].kind != _ROOT:
            raise _damaged()
        self._streams = {entry.name: entry for entry in _at_root(entries) if entry.kind == _STREAM}
        self._mini_fat: tuple[int, ...] | None = None
        self._mini_stream: bytes | None = None
        self._open_mini(entries[0], first_mini_fat)

    def names(self) -> frozenset[str]:
        """The names of the streams at the root."""
        return frozenset(self._streams)

    def stream(self, name: str) -> bytes | None:
        """The bytes of a stream at the root, None where there is none of this name."""
        entry = self._streams.get(name)
        if entry is None:
            return None
        if entry.size < self._mini_cutoff:
            found = self._mini_chain(entry.start)
        else:
            found = self._chain(entry.start, entry.size)
        if len(found) < entry.size:
            raise _damaged()
        return found[: entry.size]

    # -- sectors ---------------------------------------------------------------------------

    def _sector(self, number: int) -> bytes:
        start = (number + 1) << self._shift
        found = self._data[start : start + (1 << self._shift)]
        if not found:
            raise _damaged()
        return found  # the last one of a file may be short: some writers do not fill it up

    def _read_fat(self, first_difat: int) -> tuple[int, ...]:
        listed = list(struct.unpack_from(f"<{_IN_HEADER}I", self._data, 76))
        per_sector = 1 << (self._shift - 2)
        seen: set[int] = set()
        while first_difat < _LAST_SECTOR:
            if first_difat in seen:
                raise _damaged()
            seen.add(first_difat)
            *more, first_difat = _numbers(self._sector(first_difat), per_sector)
            listed += more
        sectors = [number for number in listed if number < _LAST_SECTOR]
        if len(set(sectors)) != len(sectors):
            raise _damaged()
        return tuple(n for sector in sectors for n in _numbers(self._sector(sector), per_sector))

    def _chain(self, start: int, size: int | None = None) -> bytes:
        """The sectors from `start` on; no more of them than `size` bytes need."""
        wanted = None if size is None else (size + (1 << self._shift) - 1) >> self._shift
        most = len(self._data) >> self._shift  # a longer chain runs in a circle
        return b"".join(self._sector(number) for number in _followed(start, self._fat, wanted, most))

    def _open_mini(self, root: _Entry, first_mini_fat: int) -> None:
        if first_mini_fat < _LAST_SECTOR:
            raw = self._chain(first_mini_fat)
            self._mini_fat = _numbers(raw, len(raw) // 4)
            self._mini_stream = self._chain(root.start, root.size)

    def _mini_chain(self, start: int) -> bytes:
        if self._mini_fat is None or self._mini_stream is None:
            return b""
        stream, shift = self._mini_stream, self._mini_shift
        numbers = _followed(start, self._mini_fat, None, (len(stream) >> shift) + 1)
        return b"".join(stream[n << shift : (n + 1) << shift] for n in numbers)


def compound_kind(data: bytes) -> CompoundKind:
    """What a compound file holds. Raises UnreadableFile where it is cut or damaged."""
    names = CompoundFile(data).names()
    return next((kind for name, kind in _KINDS if name in names), "other")


def check_old_word(data: bytes) -> None:
    """Raises UnreadableFile for a .doc that is cut or damaged ("truncated"), asks for a password ("encrypted")
    or is no Word document ("unsupported")."""
    file = CompoundFile(data)
    text = file.stream("WordDocument")
    if text is None:
        raise UnreadableFile("unsupported", "The file is no Word document. Open it and save it as .docx.")
    if len(text) < _FLAGS_AT + 2:
        raise _damaged()
    (flags,) = struct.unpack_from("<H", text, _FLAGS_AT)
    if flags & _ENCRYPTED:
        raise encrypted()
    for name in ("0Table", "1Table"):
        file.stream(name)  # raises where the file is cut inside it


def encrypted() -> UnreadableFile:
    """The error for a file that asks for a password."""
    return UnreadableFile(
        "encrypted", "The file is protected by a password. Save it without one and try again."
    )


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "truncated",
        "The file ends too early or is damaged (no whole OLE file). Get it again, or let Word repair it.",
    )


def _numbers(raw: bytes, count: int) -> tuple[int, ...]:
    if len(raw) < 4 * count:
        raise _damaged()
    return struct.unpack_from(f"<{count}I", raw)


def _followed(start: int, following: tuple[int, ...], wanted: int | None, most: int) -> Iterator[int]:
    """The sectors of a chain from `start`, `wanted` of them where it is given; more than `most` are damage."""
    seen = 0
    while start < _LAST_SECTOR and seen != wanted:
        if start >= len(following) or seen >= most:
            raise _damaged()
        yield start
        start = following[start]
        seen += 1


def _pieces(raw: bytes, size: int) -> Iterator[bytes]:
    if len(raw) // size > MAX_ENTRIES:
        raise UnreadableFile(
            "too_large", f"The file holds more than {MAX_ENTRIES:,} objects; no report does."
        )
    return (raw[at : at + size] for at in range(0, len(raw) - size + 1, size))


def _entry(raw: bytes) -> _Entry:
    name_length, kind, left, right, child, start, size = struct.unpack("<64xHBxIII36xIQ", raw)
    name = raw[: max(min(name_length, 64) - 2, 0)].decode("utf-16-le", errors="replace")
    return _Entry(name, kind, left, right, child, start, size & 0xFFFFFFFF)  # no stream comes near 4 GB


def _at_root(entries: list[_Entry]) -> Iterator[_Entry]:
    """The entries directly below the root, found through the tree that it points to."""
    seen: set[int] = set()
    waiting = [entries[0].child]
    while waiting:
        number = waiting.pop()
        if number == _NO_ENTRY or number in seen:
            continue
        if number >= len(entries):
            raise _damaged()
        seen.add(number)
        entry = entries[number]
        waiting += (entry.left, entry.right)
        yield entry
