"""Members of an archive -> numbered files in a scratch folder, within limits.

Whatever an archive is, its members come through a `Level`: it names them, counts every byte that is really written
(what headers declare is never believed) and turns what is wrong into a Source with a problem.
"""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import BinaryIO

from pipeline.names import NAME_BYTES, cleaned, is_litter, is_unsafe
from pipeline.sources import SIZE_LIMIT, Source
from schemas.errors import Category, UnreadableFile, UsageError

MIB = 1 << 20

CHUNK = 256 * 1024
"""Bytes that are read and unpacked at a time: deflate can make 264 MB of them, so decompressors are bounded, too."""

_DISK_CHECK_BYTES = 64 * MIB


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one archive, with all that lies in it, may unpack to. Raises UsageError for limits below 1."""

    depth: int = 5
    """Archives in archives. Counties send to cities, cities to provinces: three are seen."""
    members: int = 100_000
    """Files of one archive. A province with all its projects of a year has some ten thousand."""
    member_bytes: int = SIZE_LIMIT
    """One file: what a file outside an archive may have. An archive in it may have `total_bytes`."""
    total_bytes: int = 32 * 1024 * MIB
    """All files together, archives in archives counted as well: also the disk space that one may take."""
    ratio: int = 250
    """Unpacked to packed. Office files hardly shrink, text and scans up to 30 times; bombs come to 1,000 and more."""
    ratio_from: int = 256 * MIB
    """Bytes up to which no ratio matters: they harm nobody."""
    free_bytes: int = 1024 * MIB
    """Unpacking stops where the disk would have less than this left: the store must still be written."""

    def __post_init__(self) -> None:
        for each in fields(self):
            if getattr(self, each.name) < 1:
                raise UsageError(f"limit of archives {each.name}={getattr(self, each.name)}: give 1 or more")


DEFAULT_LIMITS = Limits()


class Stopped(Exception):
    """An archive, or one around it, went beyond a limit: no more of `level` is unpacked."""

    def __init__(self, level: "Level", message: str) -> None:
        super().__init__(message)
        self.level = level


@dataclass(slots=True)
class Scratch:
    """The folder that takes the members of one outermost archive, and what came of them so far."""

    folder: Path
    limits: Limits
    files: int = 0
    found: list[Source] = field(default_factory=list)

    def new_file(self) -> Path:
        """A path for the next member; its name is our own."""
        self.files += 1
        return self.folder / f"{self.files:07}"


@dataclass(slots=True, eq=False)
class Level:
    """One archive being unpacked: its name in the store, its file, the archive that it lies in."""

    source: str
    path: Path
    scratch: Scratch
    above: "Level | None" = None
    packed: int = 0
    unpacked: int = 0
    members: int = 0

    def __post_init__(self) -> None:
        self.packed = self.path.stat().st_size

    def around(self) -> list["Level"]:
        """This archive and those that it lies in, the outermost first."""
        return [*(self.above.around() if self.above else ()), self]

    def refuse(self, category: Category, message: str, name: str | None = None) -> None:
        """Notes why the archive, or a member of it by its clean name, is not read."""
        source = self.source if name is None else f"{self.source}!{name}"
        self.scratch.found.append(Source(source, self.path, message, category))

    def admit(self, raw: str) -> str | None:
        """The clean name of a member that is to be unpacked. None for what systems leave behind, and,
        with a note, for what must not be. Raises Stopped."""
        name = _shortened(cleaned(raw)) or "unnamed"
        unsafe = is_unsafe(raw)
        if not unsafe and any(map(is_litter, name.split("/"))):
            return None
        for level in self.around():
            level.members += 1
            if level.members > self.scratch.limits.members:
                raise Stopped(level, f"it holds more than {self.scratch.limits.members:,} files")
        if unsafe:
            self.refuse("unsafe", "its path leads out of the archive; pack it anew with plain names", name)
            return None
        if len(raw.encode(errors="replace")) > NAME_BYTES:
            self.refuse(
                "unsafe", f"its name is longer than {NAME_BYTES:,} bytes; pack it under another", name
            )
            return None
        return name

    def count(self, length: int) -> None:
        """Counts bytes that were unpacked, whatever becomes of them. Raises Stopped."""
        limits = self.scratch.limits
        for level in self.around():
            level.unpacked += length
            if level.unpacked > limits.total_bytes:
                raise Stopped(level, f"it unpacks to more than {limits.total_bytes / MIB:,.0f} MiB")
            if level.unpacked > max(limits.ratio_from, limits.ratio * level.packed):
                raise Stopped(level, f"it unpacks to more than {limits.ratio} times its size, as a bomb does")

    @contextmanager
    def member(self, name: str) -> Iterator["MemberFile"]:
        """A file for the bytes of a member that was admitted. It becomes a source, or an archive to be unpacked, at the
        end of the block; what is raised as UnreadableFile becomes its problem. Raises Stopped."""
        path = self.scratch.new_file()
        try:
            with path.open("wb") as file:
                out = MemberFile(self, file)
                yield out
            self.scratch.found.append(Source(f"{self.source}!{name}", path))
        except UnreadableFile as error:
            path.unlink(missing_ok=True)
            self.refuse(error.category, str(error), name)
        except OSError as error:
            path.unlink(missing_ok=True)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise _full(self) from error
            raise
        except BaseException:
            path.unlink(missing_ok=True)
            raise


@dataclass(slots=True)
class MemberFile:
    """A member's file while it is written; every byte counts against the limits."""

    level: Level
    file: BinaryIO
    size: int = 0
    _limit: int = 0

    def write(self, data: bytes) -> None:
        """Writes a piece. Raises UnreadableFile when the member is too large, Stopped when its archive is."""
        limits = self.level.scratch.limits
        if not self.size:
            self._limit = limits.total_bytes if is_packed(data) else limits.member_bytes
        before, self.size = self.size, self.size + len(data)
        self.level.count(len(data))
        if self.size > self._limit:
            most = self._limit / MIB
            raise UnreadableFile("too_large", f"the file unpacks to more than the limit of {most:,.0f} MiB")
        if before == 0 or before // _DISK_CHECK_BYTES != self.size // _DISK_CHECK_BYTES:
            self._check_disk()
        self.file.write(data)

    def _check_disk(self) -> None:
        scratch = self.level.scratch
        if shutil.disk_usage(scratch.folder).free < scratch.limits.free_bytes:
            raise _full(self.level)


def _full(level: Level) -> Stopped:
    return Stopped(
        level.around()[0], "the disk of the store has no room for it; make room and ingest it again"
    )


PACKED = (
    b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b", b"BZh",
    b"\xfd7zXZ\x00", b"\x28\xb5\x2f\xfd",
)  # fmt: skip
"""How files begin that may be archives."""


def is_packed(head: bytes) -> bool:
    """Whether a file with these first bytes may be an archive of any size."""
    return head.startswith(PACKED)


def _shortened(name: str) -> str:
    return name if len(name) <= NAME_BYTES else name[:200] + "…"


def encrypted_error() -> UnreadableFile:
    """The error for what is under a password."""
    return UnreadableFile("encrypted", "protected by a password; pack it anew without one")


def volume_error() -> UnreadableFile:
    """The error for one file of an archive that was cut into several."""
    return UnreadableFile(
        "unsupported",
        "one volume of an archive cut into several; unpack them together, say with 7-Zip, and ingest the folder",
    )


def damaged_error() -> UnreadableFile:
    """The error for an archive, or a member, whose bytes make no sense."""
    return UnreadableFile("truncated", "the archive ends too early or is damaged here; get a whole copy")
