"""The folders of a store: numbered generations, the link to the current one, the lock.

S/generations/000001/{jixiao.duckdb, database.json, parquet.json, parquet/<table>/…, alignment/}
S/current -> generations/000001          switched by one rename
S/jixiao.duckdb -> current/jixiao.duckdb
S/parquet/<table> -> ../current/parquet/<table>
S/staging/<hash of root and mode>/       a run under way, and those that were stopped
S/lock                                   held by the run that writes
S/aliases/*.csv                          what people decided on names
"""

import logging
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from pipeline.locking import release, take
from pipeline.parquet import sync
from schemas.errors import StoreError, UsageError
from schemas.records import STORE_TABLES

_log = logging.getLogger(__name__)

KEPT_GENERATIONS = 5
DATABASE = "jixiao.duckdb"
ALIGNMENT = "alignment"
"""The folder of a generation in which the alignment of names keeps what the next one can go on from."""
STAGING = "staging"


def generation_path(store: Path, number: int) -> Path:
    """The folder of a generation."""
    return store / "generations" / f"{number:06}"


def staging_path(store: Path) -> Path:
    """The folder of runs under way."""
    return store / STAGING


def own_paths(store: Path) -> tuple[Path, ...]:
    """What belongs to the store itself and must not be ingested with the folder around it."""
    names = ("generations", STAGING, "parquet", "current", DATABASE, "lock", "aliases")
    return tuple(store / name for name in names)


def generation_numbers(store: Path) -> list[int]:
    """The numbers of all whole generations, ascending."""
    return sorted(int(p.name) for p in (store / "generations").glob("??????") if p.name.isdecimal())


def current_number(store: Path) -> int | None:
    """The number of the published generation; None where nothing is published."""
    try:
        return int(Path(os.readlink(store / "current")).name)
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise StoreError(f"{store}/current is not the link that jixiao made; restore or remove it") from error


def published_path(store: Path, number: int | None = None) -> Path:
    """The real folder of generation `number`, or of the current one: who holds it stays on one
    generation. Raises StoreError where there is none."""
    wanted = current_number(store) if number is None else number
    if wanted is None:
        raise StoreError(f"{store}: no store here yet; make one with: jixiao ingest FOLDER --store {store}")
    path = generation_path(store, wanted)
    if not (path / DATABASE).exists():
        raise _no_generation(store, wanted)
    return Path(os.path.realpath(path))


def _no_generation(store: Path, number: int) -> StoreError:
    there = ", ".join(map(str, generation_numbers(store))) or "none"
    return StoreError(f"{store}: no generation {number}; there are: {there}")


@contextmanager
def locked(store: Path) -> Iterator[None]:
    """Holds the store for writing. Raises StoreError where another process holds it.

    Under the lock, what killed runs left half-built is removed first.
    """
    if "?" in str(store.absolute()):  # DuckDB takes what follows for options of the file
        raise StoreError(f"{store}: the store's path must not contain ?; choose another folder")
    try:
        (store / "generations").mkdir(parents=True, exist_ok=True)
        descriptor = os.open(store / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise StoreError(f"{store}: the store cannot be written ({error.strerror})") from error
    try:
        take(descriptor, store)
    except StoreError:
        os.close(descriptor)
        raise
    try:
        with _removal_errors(store):
            _clean(store)
        yield
    finally:
        release(descriptor)


def _clean(store: Path) -> None:
    for half in (store / "generations").glob("*.tmp"):
        shutil.rmtree(half)
    current, there = current_number(store), generation_numbers(store)
    if current is None and there:  # the link was lost, or the very first run killed before it was made
        _switch(store, there[-1])
    for number in there:
        if current is not None and number > current:  # killed before the switch: nobody has seen it
            shutil.rmtree(generation_path(store, number))


@contextmanager
def new_generation(store: Path) -> Iterator[tuple[int, Path]]:
    """A folder to build the next generation in. At the end of the block it is made durable and
    becomes the current one by one rename; if the block raises, nothing is published."""
    number = (current_number(store) or 0) + 1
    final = generation_path(store, number)
    half = final.with_suffix(".tmp")
    half.mkdir()
    try:
        yield number, half
        _sync_folders(half)
    except BaseException:
        shutil.rmtree(half, ignore_errors=True)
        raise
    half.rename(final)
    sync(final.parent)
    _switch(store, number)
    try:
        _drop_old(store, number, KEPT_GENERATIONS)
    except OSError as error:  # the new generation is published; the next run tries again
        _log.warning("%s: old generations could not be removed: %s", store, error)


def _switch(store: Path, number: int) -> None:
    _make_fixed_links(store)
    _link(Path("generations") / generation_path(store, number).name, store / "current")
    sync(store)


class GenerationSize(NamedTuple):
    """A generation on disk: when it was published (seconds since the epoch), the bytes of its own files, and those of files
    that it shares with other generations."""

    number: int
    is_current: bool
    published_at: float
    own_bytes: int
    shared_bytes: int


def generation_sizes(store: Path) -> tuple[list[GenerationSize], int]:
    """Every generation with its size, ascending, and the bytes of all together, shared files counted once.

    Raises StoreError where there is no store or it cannot be read.
    """
    published_path(store)
    current = current_number(store)
    numbers = generation_numbers(store)
    try:
        files = {number: _files_of(generation_path(store, number)) for number in numbers}
        times = {number: (generation_path(store, number) / DATABASE).stat().st_mtime for number in numbers}
    except OSError as error:
        raise StoreError(
            f"{store}: a generation cannot be read ({error}); was it dropped just now?"
        ) from error
    holders = Counter(inode for found in files.values() for inode in found)
    sizes = [
        GenerationSize(
            number,
            number == current,
            times[number],
            sum(size for inode, size in found.items() if holders[inode] == 1),
            sum(size for inode, size in found.items() if holders[inode] > 1),
        )
        for number, found in files.items()
    ]
    whole = {inode: size for found in files.values() for inode, size in found.items()}
    return sizes, sum(whole.values())


def _files_of(generation: Path) -> dict[tuple[int, int], int]:
    """The bytes of each file of a generation, by the file's own number on its disk."""
    found = {}
    for folder, _, names in os.walk(generation):
        for name in names:
            status = os.lstat(os.path.join(folder, name))
            found[status.st_dev, status.st_ino] = status.st_size
    return found


def prune(store: Path, keep: int) -> list[int]:
    """Removes all generations but the last `keep` and the current one; returns the numbers of those removed.

    Who reads one of them through an open DuckDB file reads on; the disk is free once they have closed it. Raises
    UsageError for a `keep` below 1, StoreError where there is no store or another process writes it.
    """
    if keep < 1:
        raise UsageError(f"{keep} generations cannot be kept; the current one always is")
    published_path(store)
    with locked(store), _removal_errors(store):
        return _drop_old(store, current_number(store), keep)


@contextmanager
def _removal_errors(store: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{store}: what is left of a generation cannot be removed ({error})") from error


def drop_generation(store: Path, number: int) -> None:
    """Removes an old generation. Raises UsageError for the current one, StoreError for one that is not there."""
    published_path(store)
    with locked(store), _removal_errors(store):
        if number == current_number(store):
            raise UsageError(f"generation {number} is the current one; it cannot be dropped")
        if number not in generation_numbers(store):
            raise _no_generation(store, number)
        _remove(store, number)


def _drop_old(store: Path, current: int | None, keep: int) -> list[int]:
    old = [number for number in generation_numbers(store)[:-keep] if number != current]
    for number in old:
        _remove(store, number)
    return old


def _remove(store: Path, number: int) -> None:
    """Removes a generation by way of a name that is never listed: a kill midway leaves no part of it."""
    gone = generation_path(store, number).with_suffix(".dropped.tmp")
    generation_path(store, number).rename(gone)
    shutil.rmtree(gone)


def _make_fixed_links(store: Path) -> None:
    """The links that users open and glob; they lead through `current` and never change."""
    (store / "parquet").mkdir(exist_ok=True)
    _link(Path("current") / DATABASE, store / DATABASE)
    for table in STORE_TABLES:
        _link(Path("..") / "current" / "parquet" / table.name, store / "parquet" / table.name)
    sync(store / "parquet")


def _link(target: Path, link: Path) -> None:
    """Makes `link` lead to `target`, in one step for whoever looks."""
    if link.is_symlink() and Path(os.readlink(link)) == target:
        return
    if link.is_dir() and not link.is_symlink():
        raise StoreError(f"{link} is in the way: jixiao keeps a link there; move it away")
    half = link.with_name(f".{link.name}.new")
    half.unlink(missing_ok=True)
    half.symlink_to(target)
    half.replace(link)


def _sync_folders(root: Path) -> None:
    for folder, _, _ in os.walk(root, topdown=False):
        sync(Path(folder))
