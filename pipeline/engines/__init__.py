"""Engines run one function over many files; what they yield is the same whichever runs."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

import pyarrow as pa

from pipeline.sources import Source
from schemas.errors import Category
from schemas.records import Outcome, ParsedFile

Parse = Callable[[bytes], ParsedFile]
"""What an engine applies: a function of a module, so that another process can find it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """What came of reading one source.

    `rows` are Arrow tables by table name: they are made where the file is parsed, since they
    travel between processes many times faster than the records. `sha256` and `bytes` are None
    where the file could not be opened. `pictures` counts pages that only OCR could read and that
    were left unread.
    """

    source: str
    outcome: Outcome
    sha256: str | None = None
    bytes: int | None = None
    format: str | None = None
    pages: int | None = None
    title: str | None = None
    pictures: int = 0
    stage: str | None = None
    category: Category | None = None
    message: str | None = None
    seconds: float = 0.0
    ended_at: datetime = field(default_factory=lambda: datetime.now(UTC))
    rows: Mapping[str, pa.Table] = field(default_factory=dict)


class Engine(Protocol):
    """Runs `parse` over sources: one Attempt each, in their order; no file's fault ends the run."""

    def run(self, sources: Sequence[Source], parse: Parse, *, heavy: bool = False) -> Iterator[Attempt]:
        """One Attempt for each source, in the order given. `heavy` work (OCR) takes a gigabyte and
        several cores a file, so it gets fewer workers."""
        ...


__all__ = ["Attempt", "Engine", "Parse"]
