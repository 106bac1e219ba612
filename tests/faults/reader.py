"""Somebody who asks the store without pause while it is written, in a process of his own.

Each look opens the store anew, in turn by the path that auditors use (S/jixiao.duckdb) and by the Parquet files below S/current, resolved once.
Every answer is a digest of all rows of the tables that tell a generation; the suite knows which digests there may be.
"""

import multiprocessing
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb

from tests.faults.contents import digest_of_database, digest_of_parquet

PAUSE = 0.2
"""Seconds between looks, so that the reader leaves the machine to the run."""


@dataclass(slots=True)
class Seen:
    """What the reader saw: the digests in order, each once for every time that it took another's place."""

    looks: int = 0
    digests: dict[str, list[str]] = field(default_factory=lambda: {"DuckDB": [], "Parquet": []})
    errors: list[str] = field(default_factory=list)

    def wrong(self, allowed: list[str]) -> list[str]:
        """Errors, and what was neither of the generations that there were, or a step back."""
        out = list(dict.fromkeys(self.errors))[:3]
        for way, seen in self.digests.items():
            if strange := [d for d in seen if d not in allowed]:
                out.append(f"a reader by {way} saw rows of no generation: {strange} (there were {allowed})")
            elif [allowed.index(d) for d in seen] != sorted(allowed.index(d) for d in seen):
                out.append(f"a reader by {way} saw an older generation after a newer one")
        return out


class Reader:
    """The reader's process, one for a whole suite: starting one takes as long as a small run."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._ours, theirs = context.Pipe()
        self._process = context.Process(target=_look, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()

    @contextmanager
    def watching(self, store: Path) -> Iterator[Seen]:
        """Reads `store` as long as the block lasts; what was seen is there at its end."""
        seen = Seen()
        self._ours.send(store)
        try:
            yield seen
        finally:
            self._ours.send(None)
            told: Seen = self._ours.recv()
            seen.looks, seen.digests, seen.errors = told.looks, told.digests, told.errors

    def end(self) -> None:
        """Ends the process."""
        self._ours.close()
        self._process.join(10)


def _look(pipe: Connection) -> None:
    while True:
        try:
            store = pipe.recv()
        except EOFError:
            return
        seen = Seen()
        while True:
            for way in seen.digests:
                _look_once(store, way, seen)
            time.sleep(PAUSE)
            if pipe.poll():
                pipe.recv()
                break
        for way in seen.digests:  # once more at the end, so that everyone saw the last generation
            _look_once(store, way, seen)
        pipe.send(seen)


def _look_once(store: Path, way: str, seen: Seen) -> None:
    try:
        if way == "DuckDB":
            digest = digest_of_database(store / "jixiao.duckdb")
        else:
            digest = digest_of_parquet(Path(os.path.realpath(store / "current")))
    except (duckdb.Error, OSError) as error:
        seen.errors.append(f"a reader by {way}: {type(error).__name__}: {str(error)[:200]}")
        return
    seen.looks += 1
    if seen.digests[way][-1:] != [digest]:
        seen.digests[way].append(digest)
