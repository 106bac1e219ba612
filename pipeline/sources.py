"""Folders and files -> the sources of a run, sorted by name.

A source is one file and the name that the store knows it by: its path below the folder that was
ingested, with "/" between the parts on every system.
"""

import os
import stat
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.names import decoded, is_litter
from schemas.errors import Category, UnreadableFile, UsageError

SIZE_LIMIT = 512 * 1024 * 1024
"""Bytes beyond which a file is not read: no report comes near it, and one such file could
exhaust the memory of the whole run."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to be read and its name in the store. `problem` tells why it cannot be opened, in the
    words of `category`, where that was seen before opening it."""

    source: str
    path: Path
    problem: str | None = None
    category: Category = "unopened"

    def read(self, limit: int = SIZE_LIMIT) -> bytes:
        """The file's bytes. Raises UnreadableFile when it cannot be opened or is beyond `limit`."""
        self._check(limit)
        try:
            return self.path.read_bytes()
        except OSError as error:
            raise _unopened(error) from error

    def chunks(self, size: int = 1 << 20, limit: int = SIZE_LIMIT) -> Iterator[bytes]:
        """The file's bytes piece by piece; raises as `read` does."""
        self._check(limit)
        try:
            with self.path.open("rb") as file:
                while chunk := file.read(size):
                    yield chunk
        except OSError as error:
            raise _unopened(error) from error

    def _check(self, limit: int) -> None:
        if self.problem:
            raise UnreadableFile(self.category, self.problem)
        try:
            found = self.path.stat()
        except OSError as error:
            raise _unopened(error) from error
        if not stat.S_ISREG(found.st_mode):  # opening a pipe or device could wait for ever
            raise UnreadableFile("unopened", "not an ordinary file; leave it out")
        if found.st_size > limit:
            size, most = found.st_size / 2**20, limit / 2**20
            raise UnreadableFile("too_large", f"the file has {size:,.0f} MiB; the limit is {most:,.0f} MiB")


def find_sources(paths: Sequence[Path], leave_out: Collection[Path] = ()) -> tuple[Source, ...]:
    """All files at and below `paths`, sorted by source; `leave_out` names paths not to enter.

    Each path is a root of its own. Roots that would give the same name to different files have
    all their sources prefixed with the root's name. Raises UsageError for a path that is not there.
    """
    roots = _distinct(paths)
    skipped = frozenset(os.path.realpath(p) for p in leave_out)
    found, seen = [], set[str]()
    for root in roots:
        fresh = [s for s in _below(root, skipped) if os.path.abspath(s.path) not in seen]
        seen.update(os.path.abspath(s.path) for s in fresh)  # a root inside another adds nothing
        found.append(fresh)
    return tuple(sorted(_apart(roots, found), key=lambda s: s.source))


def _distinct(paths: Iterable[Path]) -> list[Path]:
    roots: dict[str, Path] = {}
    for path in paths:
        if not os.path.lexists(path):
            raise UsageError(f"{path}: no such file or folder")
        roots.setdefault(os.path.abspath(path), path)
    return list(roots.values())


def _below(root: Path, skipped: frozenset[str]) -> Iterator[Source]:
    if not root.is_dir():
        yield Source(_text(Path(os.path.abspath(root)).name), root)
        return
    unlisted: list[OSError] = []
    for folder, names, files in os.walk(root, onerror=unlisted.append):
        names[:] = [n for n in names if not is_litter(n) and os.path.realpath(Path(folder, n)) not in skipped]
        links = [n for n in names if Path(folder, n).is_symlink()]  # os.walk lists them, enters none
        for name in (*files, *links):
            path = Path(folder, name)
            if not is_litter(name) and os.path.realpath(path) not in skipped and _stays_below(path, root):
                yield Source(_name(path, root), path)
    for error in unlisted:
        path = Path(str(error.filename))
        yield Source(
            _name(path, root), path, f"the folder cannot be listed ({error.strerror}); check its permissions"
        )


def _stays_below(path: Path, root: Path) -> bool:
    """True for what is no link, or a link to a file below `root`."""
    if not path.is_symlink():
        return True
    target = Path(os.path.realpath(path))
    return target.is_relative_to(os.path.realpath(root)) and not target.is_dir()


def _name(path: Path, root: Path) -> str:
    return "/".join(_text(part) for part in path.relative_to(root).parts) or _text(root.name)


def _text(name: str) -> str:
    """A file name as text that can be stored: names of old Chinese archives are often GBK bytes."""
    return decoded([os.fsencode(name)])[0]


def _apart(roots: Sequence[Path], found: Sequence[Sequence[Source]]) -> list[Source]:
    """All sources, under different names: colliding roots give their names to their sources."""
    owners = Counter(name for group in found for name in {s.source for s in group})
    shared = {i for i, group in enumerate(found) if any(owners[s.source] > 1 for s in group)}
    prefixes = _prefixes([roots[i] for i in sorted(shared)])
    out: list[Source] = []
    for i, group in enumerate(found):
        prefix = prefixes[sorted(shared).index(i)] + "/" if i in shared else ""
        out.extend(replace(s, source=prefix + s.source) for s in group)
    return numbered(out)


def _prefixes(roots: Sequence[Path]) -> list[str]:
    """The shortest ends of the roots' paths that differ from each other (2024; or a/2024 and b/2024)."""
    folders = [Path(os.path.abspath(r if r.is_dir() else r.parent)).parts[1:] for r in roots]
    longest = max((len(f) for f in folders), default=1)
    tails = [["/".join(_text(p) for p in f[-n:]) for f in folders] for n in range(1, longest + 1)]
    return next((t for t in tails if len(set(t)) == len(t)), tails[-1] if tails else [])


def numbered(sources: Sequence[Source]) -> list[Source]:
    """The sources by name, with a number for names that are the same (two odd byte names that decode alike, two
    members of an archive)."""
    seen: Counter[str] = Counter()
    taken = {s.source for s in sources}
    out = []
    for s in sorted(sources, key=lambda s: (s.source, os.fsencode(s.path))):
        seen[s.source] += 1
        name = s.source
        while seen[s.source] > 1 and name in taken:
            name = f"{s.source}~{seen[s.source]}"
            seen[s.source] += name in taken
        taken.add(name)
        out.append(s if name == s.source else replace(s, source=name))
    return out


def _unopened(error: OSError) -> UnreadableFile:
    return UnreadableFile(
        "unopened", f"the file cannot be opened ({error.strerror}); check its permissions and path"
    )
