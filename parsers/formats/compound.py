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
        "_mini_start",
        "_mini_stream",
        "_shift",
        "_streams",
    )

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER_SIZE or not data.startswith(COMPOUND_FILE):
            raise damaged()
        _, version, order, shift, mini_shift, *numbers = _HEADER.unpack_from(data)
        _, _, first_directory, _, cutoff, first_mini_fat, _, first_difat, _ = numbers
        if order != 0xFFFE or (version, shift) not in ((3, 9), (4, 12)) or mini_shift != 6:
            raise damaged()
        self._data, self._shift, self._mini_shift, self._mini_cutoff = data, shift, mini_shift, cutoff
        self._fat = self._read_fat(first_difat)
        entries = [_entry(raw) for raw in _pieces(self._chain(first_directory), _ENTRY_SIZE)]
        if not entries or entries[0].kind != _ROOT:
            raise damaged()
        self._streams = {entry.name: entry for entry in _at_root(entries) if entry.kind == _STREAM}
        self._mini_fat: tuple[int, ...] | None = None
        self._mini_stream: bytes | None = None
        self._mini_start = entries[0].start
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
            raise damaged()
        return found[: entry.size]

    def replaced(self, name: str, content: bytes) -> bytes:
        """The file with other bytes in a stream, as many as it had."""
        entry = self._streams[name]
        if entry.size >= self._mini_cutoff:
            return self._rewritten(entry.start, content)
        stream, shift = bytearray(self._mini_stream or b""), self._mini_shift
        for at, number in enumerate(self._mini_sectors(entry.start)):
            piece = content[at << shift : (at + 1) << shift]
            stream[number << shift : (number << shift) + len(piece)] = piece
        return self._rewritten(self._mini_start, bytes(stream))

    # -- sectors ---------------------------------------------------------------------------

    def _sector(self, number: int) -> bytes:
        start = (number + 1) << self._shift
        found = self._data[start : start + (1 << self._shift)]
        if not found:
            raise damaged()
        return found  # the last one of a file may be short: some writers do not fill it up

    def _read_fat(self, first_difat: int) -> tuple[int, ...]:
        listed = list(struct.unpack_from(f"<{_IN_HEADER}I", self._data, 76))
        per_sector = 1 << (self._shift - 2)
        seen: set[int] = set()
        while first_difat < _LAST_SECTOR:
            if first_difat in seen:
                raise damaged()
            seen.add(first_difat)
            *more, first_difat = _numbers(self._sector(first_difat), per_sector)
            listed += more
        sectors = [number for number in listed if number < _LAST_SECTOR]
        if len(set(sectors)) != len(sectors):
            raise damaged()
        return tuple(n for sector in sectors for n in _numbers(self._sector(sector), per_sector))

    def _chain(self, start: int, size: int | None = None) -> bytes:
        """The sectors from `start` on; no more of them than `size` bytes need."""
        wanted = None if size is None else (size + (1 << self._shift) - 1) >> self._shift
        return b"".join(map(self._sector, self._sectors(start, wanted)))

    def _sectors(self, start: int, wanted: int | None = None) -> Iterator[int]:
        most = len(self._data) >> self._shift  # a longer chain runs in a circle
        return _followed(start, self._fat, wanted, most)

    def _rewritten(self, start: int, content: bytes) -> bytes:
        changed = bytearray(self._data)
        for at, number in enumerate(self._sectors(start)):
            piece = content[at << self._shift : (at + 1) << self._shift]
            place = (number + 1) << self._shift
            changed[place : place + len(piece)] = piece
        return bytes(changed)

    def _open_mini(self, root: _Entry, first_mini_fat: int) -> None:
        if first_mini_fat < _LAST_SECTOR:
            raw = self._chain(first_mini_fat)
            self._mini_fat = _numbers(raw, len(raw) // 4)
            self._mini_stream = self._chain(root.start, root.size)

    def _mini_sectors(self, start: int) -> Iterator[int]:
        if self._mini_fat is None or self._mini_stream is None:
            return iter(())
        return _followed(start, self._mini_fat, None, (len(self._mini_stream) >> self._mini_shift) + 1)

    def _mini_chain(self, start: int) -> bytes:
        stream, shift = self._mini_stream or b"", self._mini_shift
        return b"".join(stream[n << shift : (n + 1) << shift] for n in self._mini_sectors(start))


def compound_kind(data: bytes) -> CompoundKind:
    """What a compound file holds. Raises UnreadableFile where it is cut or damaged."""
    names = CompoundFile(data).names()
    return next((kind for name, kind in _KINDS if name in names), "other")


def encrypted() -> UnreadableFile:
    """The error for a file that asks for a password."""
    return UnreadableFile(
        "encrypted", "The file is protected by a password. Save it without one and try again."
    )


def damaged() -> UnreadableFile:
    """The error for a compound file that is cut or damaged."""
    return UnreadableFile(
        "truncated",
        "The file ends too early or is damaged (no whole OLE file). Get it again, or let Word repair it.",
    )


def _numbers(raw: bytes, count: int) -> tuple[int, ...]:
    if len(raw) < 4 * count:
        raise damaged()
    return struct.unpack_from(f"<{count}I", raw)


def _followed(start: int, following: tuple[int, ...], wanted: int | None, most: int) -> Iterator[int]:
    """The sectors of a chain from `start`, `wanted` of them where it is given; more than `most` are damage."""
    seen = 0
    while start < _LAST_SECTOR and seen != wanted:
        if start >= len(following) or seen >= most:
            raise damaged()
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
            raise damaged()
        seen.add(number)
        entry = entries[number]
        waiting += (entry.left, entry.right)
        yield entry
