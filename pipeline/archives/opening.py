"""Archives among the sources -> their members as sources, in a scratch folder.

An archive is told by its content and unpacked once, whole, into numbered files below the store; archives in archives
likewise. Its members are then sources like all others, by the name `2025.zip!科技厅/自评报告.docx`.
"""

import re
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from pipeline.archives.rar import unpack_rar
from pipeline.archives.sevenzip import unpack_7z
from pipeline.archives.tar import BLOCK, is_tar, unpack_packed, unpack_tar
from pipeline.archives.unpacking import DEFAULT_LIMITS, Level, Limits, Scratch, Stopped, volume_error
from pipeline.archives.zip import is_document, unpack_zip
from pipeline.engines.attempts import Lost
from pipeline.sources import Source, numbered
from schemas.errors import UnreadableFile

Opener = Callable[[Level], None]

_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_SPANNED = b"PK\x07\x08"
_OPENERS: tuple[tuple[bytes, Opener], ...] = (
    (b"7z\xbc\xaf\x27\x1c", unpack_7z),
    (b"Rar!\x1a\x07", unpack_rar),
    (b"\x1f\x8b\x08", partial(unpack_packed, packing="gzip")),
    (b"BZh", partial(unpack_packed, packing="bzip2")),
    (b"\xfd7zXZ\x00", partial(unpack_packed, packing="xz")),
    (b"\x28\xb5\x2f\xfd", partial(unpack_packed, packing="zstd")),
)
_DOCUMENT_SUFFIX = re.compile(
    r"\.(docx|docm|dotx|xlsx|xlsm|xltx|pptx|pptm|odt|ods|odp|ofd|epub|wps|et)$", re.IGNORECASE
)
"""A zip of this name is what it says, or a broken one: its reader tells. Its members are not looked for."""

ARCHIVE_SECONDS = 3600.0
"""Seconds that one archive may take with all that lies in it: 32 GiB of `.7z` take half an hour."""

_VOLUME_SUFFIX = re.compile(r"\.(z\d\d|r\d\d|\d\d\d|part\d+\.rar)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Packed:
    """A source that may be an archive, and the folder that takes its members."""

    source: Source
    folder: Path


Work = Callable[[Packed], tuple[Source, ...]]
Spread = Callable[[Iterable[Packed], Work], Iterator[tuple[Packed, tuple[Source, ...] | Lost]]]
"""What calls a function for each archive, here or in other processes, and yields each with its result in any order."""


def _here(archives: Iterable[Packed], work: Work) -> Iterator[tuple[Packed, tuple[Source, ...] | Lost]]:
    return ((archive, work(archive)) for archive in archives)


@contextmanager
def unpacked(
    sources: Sequence[Source],
    folder: Path,
    limits: Limits = DEFAULT_LIMITS,
    progress: Callable[[int], None] = lambda files: None,
    spread: Spread = _here,
) -> Iterator[tuple[Source, ...]]:
    """`sources` with the members of archives in place of them, sorted by name, while the block lasts.

    `folder` is made, holds what is unpacked, and is removed at the end. What cannot be unpacked is a source with a problem,
    beside those that can. `progress` is told how many files were unpacked, archive by archive. With `spread` archives are
    unpacked in processes of their own: one that ends its process is a source with a problem, too.
    """
    folder.mkdir(mode=0o700, exist_ok=True)
    try:
        packed = [
            Packed(source, folder / f"{number:06}")
            for number, source in enumerate(sources)
            if _may_be_packed(source)
        ]
        members: dict[Source, tuple[Source, ...]] = {}
        files = 0
        for archive, result in spread(packed, partial(unpack, limits=limits)):
            inside = (_lost(archive, result),) if isinstance(result, Lost) else result
            members[archive.source] = inside
            if inside != (archive.source,):
                files += sum(1 for source in inside if source.problem is None)
                progress(files)
        found = [part for source in sources for part in members.get(source, (source,))]
        yield tuple(numbered(list(map(_part, found))))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def unpack(archive: Packed, limits: Limits) -> tuple[Source, ...]:
    """What lies in an archive, in its folder; the source itself where it is none."""
    shutil.rmtree(archive.folder, ignore_errors=True)  # of a process that died over it
    opener = _opener(archive.source)
    if opener is None:
        return (archive.source,)
    archive.folder.mkdir()
    scratch = Scratch(archive.folder, limits)
    _unpack(Level(archive.source.source, archive.source.path, scratch), opener)
    return tuple(scratch.found)


def _lost(archive: Packed, why: Lost) -> Source:
    """The archive with what became of the process that unpacked it, whose files are removed."""
    shutil.rmtree(archive.folder, ignore_errors=True)
    source = archive.source
    if why is Lost.TOOK_TOO_LONG:
        return Source(
            source.source,
            source.path,
            "unpacking it took longer than any archive does; unpack it yourself",
            "timeout",
        )
    return Source(
        source.source,
        source.path,
        "the process that unpacked this archive died; unpack it yourself",
        "internal",
    )


def _unpack(level: Level, opener: Opener) -> None:
    """Unpacks an archive and those in it; what it holds, and what is wrong with it, goes to `scratch.found`. Raises
    Stopped for an archive around it."""
    found = level.scratch.found
    start, stop = len(found), None
    if len(level.around()) > level.scratch.limits.depth:
        level.refuse(
            "too_large", f"archives lie in it more than {level.scratch.limits.depth} deep; unpack it yourself"
        )
        return
    try:
        opener(level)
        if not level.members:
            level.refuse("empty", "the archive holds no files")
    except UnreadableFile as error:
        problem = volume_error() if _says_volume(level.source) and error.category == "truncated" else error
        level.refuse(problem.category, str(problem))
    except OSError as error:
        level.refuse(
            "unopened", f"the archive cannot be read ({error.strerror}); check its disk and permissions"
        )
    except Stopped as error:
        stop = error
    except MemoryError:
        level.refuse("too_large", "unpacking it takes more memory than any archive does; unpack it yourself")
    except Exception as error:  # noqa: BLE001 - the per-archive boundary: codecs raise errors of no common kind
        level.refuse("truncated", f"the archive is damaged ({type(error).__name__}: {error}); get it again")
    fresh = found[start:]
    del found[start:]
    for source in fresh:
        inner = None if source.problem else _opener(source)
        if inner is None:
            found.append(_part(source))
            continue
        nested = Level(source.source, source.path, level.scratch, above=level)
        if stop is None:
            try:
                _unpack(nested, inner)
            except Stopped as error:
                stop = error
        else:
            nested.refuse(
                "too_large", f"not unpacked, because the archive around it was not to the end: {stop}"
            )
        source.path.unlink()
    if stop is not None:
        if stop.level is not level:
            raise stop
        level.refuse("too_large", f"{stop}; what was unpacked until then is read; unpack the rest yourself")


def _may_be_packed(source: Source) -> bool:
    """Whether the first bytes and the name leave open that the source is an archive: whether it is, only reading
    it tells, which is left to `unpack`."""
    head = b"" if source.problem else _head(source.path)
    if head.startswith(_ZIP):
        return _DOCUMENT_SUFFIX.search(source.source) is None
    return head.startswith((_SPANNED, *(magic for magic, _ in _OPENERS))) or is_tar(head)


def _opener(source: Source) -> Opener | None:
    """What unpacks a file, by its content; None for what is no archive or cannot be opened."""
    head = _head(source.path)
    if head.startswith(_SPANNED):
        return _refuse_volume
    if head.startswith(_ZIP):
        return None if _DOCUMENT_SUFFIX.search(source.source) or _is_document(source.path) else unpack_zip
    for magic, opener in _OPENERS:
        if head.startswith(magic):
            return opener
    return unpack_tar if is_tar(head) else None


def _is_document(path: Path) -> bool:
    try:
        return is_document(path)
    except OSError:
        return False


def _head(path: Path) -> bytes:
    """The first bytes of an ordinary file that can be opened: what else it is, its reader says."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe could wait for ever
            return b""
        with path.open("rb") as file:
            return file.read(BLOCK)
    except OSError:
        return b""


def _refuse_volume(level: Level) -> None:
    raise volume_error()


def _part(source: Source) -> Source:
    """The source; with a problem if it is a later volume of an archive: bytes without head or tail."""
    if source.problem is None and _says_volume(source.source) and b"\0" in _head(source.path):
        error = volume_error()
        return Source(source.source, source.path, str(error), error.category)
    return source


def _says_volume(name: str) -> bool:
    return _VOLUME_SUFFIX.search(name) is not None
