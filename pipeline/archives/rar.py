"""RAR archives: their directory through rarfile, packed members through a program (unrar, unar, 7z or bsdtar).

RAR's method is secret, so only stored members can be read without such a program. It is run once and writes all members one
after the other into a pipe: nothing of the archive, not even a name, stands on its command line.
"""

import struct
import subprocess
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import rarfile  # type: ignore[import-untyped]

from pipeline.archives.unpacking import CHUNK, Level, damaged_error, encrypted_error, volume_error
from pipeline.names import NAME_BYTES, decoded
from schemas.errors import UnreadableFile

TOOL_SECONDS = 1800
"""How long the program may take for one archive; 32 GiB take half of it."""

_DAMAGE = (
    struct.error,
    EOFError,
    OSError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
)
"""What rarfile lets through, besides its own errors, where a header makes no sense."""


def unpack_rar(level: Level) -> None:
    """Unpacks a RAR archive. Raises UnreadableFile: without a program for packed members, when all others are read."""
    try:
        archive = rarfile.RarFile(str(level.path), part_only=True)
    except (rarfile.Error, *_DAMAGE) as error:
        raise damaged_error() from error
    with archive:
        members = [m for m in archive.infolist() if not m.is_dir()]
        if not members and archive.needs_password():
            raise encrypted_error()
        names = [level.admit(_name(member)) for member in members]
        printed: list[tuple[str | None, Any]] = []  # what the program writes, in its order
        stored: list[tuple[str | None, Any]] = []
        for name, member in zip(names, members, strict=True):
            if (problem := _problem(member)) is None:
                (stored if member.compress_type == rarfile.RAR_M0 else printed).append((name, member))
            elif name is not None:
                level.refuse(problem.category, str(problem), name)
        _unpack_stored(level, stored)
        if printed:
            _unpack_printed(level, [m for m in members if _problem(m) is None], dict(_ids(printed)))
        if archive.strerror():
            raise damaged_error()


def _ids(pairs: Sequence[tuple[str | None, Any]]) -> Iterator[tuple[int, str | None]]:
    return ((id(member), name) for name, member in pairs)


def _name(member: Any) -> str:
    """The name as RAR itself has it in Unicode, else as the bytes look."""
    raw = member.orig_filename
    if (isinstance(member, rarfile.Rar3Info) and member.flags & rarfile.RAR_FILE_UNICODE) or not isinstance(
        raw, bytes
    ):
        return str(member.filename)
    return decoded([raw[: NAME_BYTES + 1]])[0]


def _problem(member: Any) -> UnreadableFile | None:
    """Why a member is not to be unpacked, as far as the directory tells."""
    if member.needs_password():
        return encrypted_error()
    if member.flags & (rarfile.RAR_FILE_SPLIT_BEFORE | rarfile.RAR_FILE_SPLIT_AFTER):
        return volume_error()
    if member.file_redir is not None or not member.is_file():
        return UnreadableFile("unsafe", "it is a link, not a file; pack the file itself")
    return None


def _unpack_stored(level: Level, members: Sequence[tuple[str | None, Any]]) -> None:
    with level.path.open("rb") as file:
        for name, member in members:
            if name is not None:
                with level.member(name) as out:
                    file.seek(member.data_offset)
                    for piece in _checked(file, member):
                        out.write(piece)


def _unpack_printed(level: Level, members: Sequence[Any], names: dict[int, str | None]) -> None:
    """Unpacks the members with `names` from what the program writes of all `members`."""
    with _program(level.path) as pipe:
        for member in members:
            name = names.get(id(member))
            if name is None:
                for piece in _pieces(pipe, member.file_size):
                    level.count(len(piece))
                continue
            with level.member(name) as out:
                problem: UnreadableFile | None = None
                for piece in _checked(pipe, member):
                    if problem is not None:
                        level.count(len(piece))
                        continue
                    try:
                        out.write(piece)
                    except UnreadableFile as error:  # too large: the members behind it must be reached
                        problem = error
                if problem is not None:
                    raise problem


@contextmanager
def _program(path: Path) -> Iterator[BinaryIO]:
    """What the program writes of all members of an archive. Raises UnreadableFile where there is none."""
    try:
        command = rarfile.tool_setup().open_cmdline(None, str(path.absolute()))
    except rarfile.RarCannotExec as error:
        raise UnreadableFile(
            "missing_tool",
            "packed members of a RAR archive need a program: install unrar, unar, 7z or bsdtar, or unpack it yourself",
        ) from error
    process = subprocess.Popen(  # noqa: S603 - the program that rarfile found, and a path of our own
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    timer = threading.Timer(TOOL_SECONDS, process.kill)
    timer.start()
    try:
        assert process.stdout is not None  # noqa: S101 - asked for above
        with process.stdout as pipe:
            yield pipe  # type: ignore[misc]
    finally:
        timer.cancel()
        process.kill()
        process.wait()


def _checked(file: BinaryIO, member: Any) -> Iterator[bytes]:
    """The next bytes of `file` as those of the member. Raises UnreadableFile where they are not."""
    crc = length = 0
    for piece in _pieces(file, member.file_size):
        crc, length = zlib.crc32(piece, crc), length + len(piece)
        yield piece
    if length < member.file_size or (member.CRC is not None and crc != member.CRC):
        raise damaged_error()


def _pieces(file: BinaryIO, length: int) -> Iterator[bytes]:
    while length > 0 and (piece := file.read(min(CHUNK, length))):
        length -= len(piece)
        yield piece
