"""A plan -> attempts: the files that a run must read are read by an engine and staged."""

import hashlib
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from parsers import PARSER_VERSION, can_recognise, parse_file, parse_with_ocr
from pipeline.engines import Attempt, Engine, Parse
from pipeline.engines.attempts import NO_ROWS
from pipeline.plan import KEPT, Hashed, Plan
from pipeline.sources import Source
from pipeline.staging import Staging
from pipeline.store import store_errors
from schemas.errors import UnreadableFile

HASHERS = min(8, os.cpu_count() or 1)
"""Threads that hash: the disk, and SHA-256 outside of the interpreter's lock, are what takes time."""

HASHED_AT_ONCE = 256
"""Files given to the threads at a time."""

ROWS_STAY = "; the rows that were read from it before stay in the store"
"""What an attempt without rows says besides, where the same content gave rows once."""

_WORDS = ("outcome", "format", "stage", "category", "message")


@dataclass(frozen=True, slots=True)
class Parser:
    """What reads a file, and the version under which the store remembers that it did. `recognise` reads
    files again whose pages are pictures; None where no OCR is installed."""

    parse: Parse = parse_file
    version: str = PARSER_VERSION
    recognise: Parse | None = field(default_factory=lambda: parse_with_ocr if can_recognise() else None)


DEFAULT_PARSER = Parser()


def hashed(sources: Sequence[Source]) -> Iterator[Hashed]:
    """The sources with their contents' SHA-256, in order; read by several threads."""
    with ThreadPoolExecutor(HASHERS) as pool:
        for start in range(0, len(sources), HASHED_AT_ONCE):  # each that waits takes a kilobyte
            yield from pool.map(_hash, sources[start : start + HASHED_AT_ONCE])


def _hash(source: Source) -> Hashed:
    digest = hashlib.sha256()
    try:
        for chunk in source.chunks():
            digest.update(chunk)
    except UnreadableFile as error:
        return Hashed(source, None, error.category, str(error))
    return Hashed(source, digest.hexdigest())


def staged(plan: Plan, staging: Staging, *, ocr: bool) -> list[Attempt]:
    """The attempts of a killed run that need not be made again, under the names that their files have now.

    What failed is tried again: limits and tools may be others now. So is what gave no rows and has pictures, where there is
    `ocr`. What gave rows is not: they would be there twice.
    """
    return [
        _noted(plan, replace(found, source=h.source.source))
        for h in plan.parse
        if h.sha256 and (found := staging.attempts.get(h.sha256)) and _is_final(found, ocr=ocr)
    ]


def _is_final(attempt: Attempt, *, ocr: bool) -> bool:
    return attempt.outcome in KEPT or (attempt.outcome == "skipped" and not (ocr and attempt.pictures))


def read_all(
    plan: Plan,
    resumed: Sequence[Attempt],
    staging: Staging,
    engine: Engine,
    parser: Parser,
    told: Callable[[Attempt], None] = lambda attempt: None,
    recognising: Callable[[int], None] = lambda files: None,
) -> list[Attempt]:
    """One attempt for each file of `plan.parse`, without its rows, which are staged. `told` is told each attempt that this
    run makes when it has ended, in any order; those `resumed`, which `staged` gave, are not made and not told. `recognising` is
    told how many files are read again for their pictures, before they are.

    Raises StoreError when the staging folder cannot be written; what was staged until then stays.
    """
    done = {a.source for a in resumed}
    open_ = [h for h in plan.parse if h.source.source not in done]
    out = list(resumed)
    files = {h.source.source: h for h in open_}
    with store_errors(staging.folder.parent), staging:
        for attempt in _read(open_, engine, parser, staging.folder, recognising):
            staging.add(attempt)
            out.append(_noted(plan, _kept(attempt, files[attempt.source])))
            told(out[-1])
    return out


def _noted(plan: Plan, attempt: Attempt) -> Attempt:
    """The attempt, saying so where it gave no rows and those that were read before stay."""
    if not plan.stays(attempt.sha256, attempt.outcome):
        return attempt
    return replace(attempt, message=f"{attempt.message or attempt.outcome}{ROWS_STAY}")


def _kept(attempt: Attempt, file: Hashed) -> Attempt:
    """What a run remembers of an attempt until it publishes: no rows, and each word once however many files say it."""
    words: dict[str, Any] = {name: sys.intern(word) for name in _WORDS if (word := getattr(attempt, name))}
    sha256 = file.sha256 if attempt.sha256 else None
    return replace(attempt, source=file.source.source, sha256=sha256, rows=NO_ROWS, batch=None, **words)


def _read(
    files: Sequence[Hashed], engine: Engine, parser: Parser, folder: Path, recognising: Callable[[int], None]
) -> Iterator[Attempt]:
    """One attempt for each file: first those that need no OCR, then the others."""
    pictures: set[str] = set()
    for attempt in engine.run(files, parser.parse, folder, leave_pictures=parser.recognise is not None):
        if attempt.pictures and parser.recognise:
            pictures.add(attempt.source)
        else:
            yield attempt
    if pictures and parser.recognise:
        recognising(len(pictures))
        scans = [f for f in files if f.source.source in pictures]
        yield from engine.run(scans, parser.recognise, folder, heavy=True)
