"""7z archives, through py7zr. What is packed together is unpacked once, front to back."""

import lzma
import struct
import zlib
from contextlib import ExitStack
from typing import Any

import py7zr

from pipeline.archives.unpacking import Level, MemberFile, damaged_error, encrypted_error
from schemas.errors import UnreadableFile

CODER_MEMORY = 1 << 30
"""What unpacking may ask for: 7-Zip's highest setting takes 256 MB, a few bytes of a header could say 4 GB."""
DAMAGED_BLOCKS = 20
"""Blocks (files packed together) that may be damaged before the rest is given up; each costs a look at all members."""

AT_ONCE_BYTES = 512 << 20
"""Unpacked size of a block whose method py7zr unpacks without heed to how much it was asked for."""
_AT_ONCE = frozenset(
    {b"\x04\xf7\x11\x01", b"\x04\xf7\x11\x02", b"\x04\x01\x08", b"\x04\x01\x09", b"\x04\x02\x02"}
)
"""Zstandard, Brotli, Deflate, Deflate64 and BZip2, as 7z names its methods."""
_LZMA, _LZMA2, _PPMD = b"\x03\x01\x01", b"\x21", b"\x03\x04\x01"
_DAMAGE = (
    lzma.LZMAError, zlib.error, struct.error, EOFError, OSError, ValueError, TypeError, LookupError, AssertionError,
    AttributeError, ArithmeticError, MemoryError,
)  # fmt: skip
"""What py7zr lets through, besides its own errors, where a header makes no sense."""


class _Writers:
    """The files that py7zr writes to, one after the other; it takes this for its factory."""

    def __init__(self, level: Level, names: dict[int, str | None]) -> None:
        self.level = level
        self.names = names
        self.waiting = set(names)
        self.current: _Writer | None = None

    def create(self, number: str) -> "_Writer":
        """The file for the member that was given this number as its name."""
        self.current = _Writer(self, int(number))
        return self.current


class _Writer:
    """One member, as py7zr wants it. One whose name was refused is counted and dropped."""

    def __init__(self, writers: _Writers, number: int) -> None:
        self.number = number
        self._writers = writers
        self._problem: UnreadableFile | None = None
        self._block = ExitStack()
        name = writers.names[number]
        self._out: MemberFile | None = None
        if name is not None:
            self._out = self._block.enter_context(writers.level.member(name))

    def write(self, data: bytes) -> int:
        """Takes a piece; py7zr must go on behind a member that is too large, to reach the others."""
        if self._out is None or self._problem is not None:
            self._writers.level.count(len(data))
            return len(data)
        try:
            self._out.write(data)
        except UnreadableFile as error:
            self._problem = error
        return len(data)

    def close(self) -> None:
        """Called behind a member that was unpacked whole."""
        self.end(self._problem)

    def end(self, error: BaseException | None) -> None:
        """Ends the member; raises `error` again unless it becomes the member's own problem."""
        self._writers.current = None
        self._writers.waiting.discard(self.number)
        with self._block:
            if error is not None:
                raise error

    def read(self, length: int | None = None) -> bytes:
        return b""

    def seek(self, offset: int, whence: int = 0) -> int:
        return 0

    def seekable(self) -> bool:
        return False

    def flush(self) -> None:
        return

    def size(self) -> int:
        return 0


def unpack_7z(level: Level) -> None:
    """Unpacks a 7z archive. Raises UnreadableFile for one whose directory cannot be read."""
    with level.path.open("rb") as file:
        try:
            archive = py7zr.SevenZipFile(file)
        except py7zr.exceptions.PasswordRequired as error:
            raise encrypted_error() from error
        except (py7zr.exceptions.ArchiveError, *_DAMAGE) as error:
            raise damaged_error() from error
        with archive:
            _unpack(archive, level)


def _unpack(archive: Any, level: Level) -> None:
    names: dict[int, str | None] = {}
    block_of: dict[int, int] = {}
    blocks: dict[int, Any] = {}
    for number, member in enumerate(archive.files):
        if member.is_directory:
            continue
        clean = level.admit(member.filename)
        member.file_properties()["filename"] = str(number)  # the names that py7zr works with are ours
        problem = _problem(member)
        if problem is None and not member.emptystream:
            names[number], block_of[number] = clean, id(member.folder)
            blocks[id(member.folder)] = member.folder
        elif clean is not None:
            with level.member(clean):
                if problem is not None:
                    raise problem
    _unpack_blocks(archive, _Writers(level, names), block_of)


def _problem(member: Any) -> UnreadableFile | None:
    """Why a member is not to be unpacked, as far as the directory tells."""
    if member.is_symlink or member.is_junction or member.is_socket:
        return UnreadableFile("unsafe", "it is a link, not a file; pack the file itself")
    if member.folder is None:
        return None
    if py7zr.compressor.SupportedMethods.needs_password(member.folder.coders):
        return encrypted_error()
    at_once = any(coder.get("method") in _AT_ONCE for coder in member.folder.coders)
    if at_once and max(member.folder.unpacksizes, default=0) > AT_ONCE_BYTES:
        return UnreadableFile("too_large", "unpacking it takes more than 512 MiB of memory; pack it anew")
    if any(_memory(coder) > CODER_MEMORY for coder in member.folder.coders):
        return UnreadableFile("too_large", "unpacking it takes more than 1 GiB of memory; pack it anew")
    return None


def _memory(coder: dict[str, Any]) -> int:
    method, properties = coder.get("method"), coder.get("properties") or b""
    if method in (_LZMA, _PPMD) and len(properties) >= 5:
        return int.from_bytes(properties[1:5], "little")
    if method == _LZMA2 and properties:
        return (2 | properties[0] & 1) << (properties[0] // 2 + 11)
    return 0


def _unpack_blocks(archive: Any, writers: _Writers, block_of: dict[int, int]) -> None:
    """Unpacks all that waits; a damaged block costs itself."""
    for _ in range(DAMAGED_BLOCKS):
        if not writers.waiting:
            return
        try:
            archive.extract(targets={str(number) for number in writers.waiting}, factory=writers)
        except (py7zr.exceptions.ArchiveError, *_DAMAGE) as error:
            current = writers.current
            if current is None:
                break
            problem = _told(error)
            current.end(problem)
            lost = [n for n in sorted(writers.waiting) if block_of[n] == block_of[current.number]]
            _give_up(writers, lost, problem)
        except BaseException as error:
            if writers.current is not None:
                writers.current.end(error)
            raise
        else:
            break
    _give_up(writers, sorted(writers.waiting), damaged_error())


def _told(error: Exception) -> UnreadableFile:
    if isinstance(error, py7zr.exceptions.UnsupportedCompressionMethodError):
        return UnreadableFile("unsupported", "packed by a method that jixiao does not know; pack it anew")
    return damaged_error()


def _give_up(writers: _Writers, numbers: list[int], problem: UnreadableFile) -> None:
    for number in numbers:
        writers.waiting.discard(number)
        name = writers.names[number]
        if name is not None:
            writers.level.refuse(problem.category, str(problem), name)
