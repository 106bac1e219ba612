"""Removing sources from a store: a publication of its own, in which no file is read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from parsers import PARSER_VERSION
from pipeline.alignment.decisions import read_decisions
from pipeline.database import open_store
from pipeline.failures import failures
from pipeline.generations import locked, published_path
from pipeline.run_rows import new_run_id, run_row
from pipeline.staging import RunMark
from pipeline.store import Publication, publish
from schemas.errors import UsageError
from schemas.records import OutcomeRow

SIMILAR = 3


@dataclass(frozen=True, slots=True)
class Going:
    """A source that goes, of the files below `root`; `doc_id` is None where it has no document: its file failed."""

    root: str
    source: str
    doc_id: str | None
    reports: int


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What went, and the generation that is without it (None: nothing was written)."""

    run_id: str | None
    generation: int | None
    sources: tuple[Going, ...]

    @property
    def documents(self) -> int:
        """How many documents went."""
        return sum(s.doc_id is not None for s in self.sources)

    @property
    def reports(self) -> int:
        """How many reports went with them."""
        return sum(s.reports for s in self.sources)


_DOCUMENTS = """
    SELECT r.root, d.source, d.doc_id, (SELECT count(*) FROM reports p WHERE p.doc_id = d.doc_id)
    FROM documents d JOIN runs r USING (run_id)
    WHERE (d.source = $name OR starts_with(d.source, $name || '/') OR starts_with(d.source, $name || '!'))
      AND ($root IS NULL OR r.root = $root)
    ORDER BY ALL
"""
_SIMILAR = """
    SELECT source FROM documents
    WHERE contains(source, $last) OR jaro_winkler_similarity(source, $name) > 0.9
    ORDER BY contains(source, $last) DESC, jaro_winkler_similarity(source, $name) DESC, source LIMIT $n
"""


def forget(store: Path, names: Sequence[str], root: str | None = None, *, dry_run: bool = False) -> Forgotten:
    """Removes the rows of the sources `names`, and of all below those that are folders or archives, of one root.

    Raises UsageError for a name that no source has, and where sources of several roots have it and `root` does not tell
    which are meant; StoreError where there is no store or it cannot be written. With `dry_run` nothing is written.
    """
    published_path(store)
    if dry_run:
        return Forgotten(None, None, _going(store, names, root))
    decisions = read_decisions(store)
    with locked(store):
        began = datetime.now(UTC)
        going = _going(store, names, root)
        mark = RunMark(new_run_id(), began, going[0].root, PARSER_VERSION)
        outcomes = [
            OutcomeRow(run_id=mark.run_id, source=g.source, doc_id=g.doc_id, outcome="forgotten")
            for g in going
        ]
        publication = Publication(
            decisions=decisions,
            run=run_row(mark, outcomes, mode="forget"),
            outcomes=outcomes,
            gone=frozenset(g.doc_id for g in going if g.doc_id),
        )
        return Forgotten(mark.run_id, publish(store, publication), going)


def _going(store: Path, names: Sequence[str], root: str | None) -> tuple[Going, ...]:
    """What goes, by source. Each file once, however often it is named."""
    found: dict[tuple[str, str], Going] = {}
    with open_store(store) as con:
        for given in names:
            name = given.rstrip("/!")
            if not name:
                raise UsageError("--forget: give a source, a folder or an archive as the store names it")
            below = _below(con, name, root)
            if not below:
                raise UsageError(_unknown(con, given, name, root))
            found |= {(g.root, g.source): g for g in below}
    roots = sorted({g.root for g in found.values()})
    if len(roots) > 1:
        raise UsageError(
            f"--forget {names[0]}: there are such files below {', '.join(roots)}; "
            "name the folder as it was ingested, too: jixiao ingest FOLDER --forget …"
        )
    return tuple(found[key] for key in sorted(found))


def _below(con: duckdb.DuckDBPyConnection, name: str, root: str | None) -> list[Going]:
    rows = con.sql(_DOCUMENTS, params={"name": name, "root": root}).fetchall()
    out = [Going(*row) for row in rows]
    known = {(g.root, g.source) for g in out}
    for f in failures(con, root=root):  # what could not even be opened has no document
        if f.source == name or f.source.startswith((f"{name}/", f"{name}!")):
            out += [Going(f.root, f.source, None, 0)] if (f.root, f.source) not in known else []
    return out


def _unknown(con: duckdb.DuckDBPyConnection, given: str, name: str, root: str | None) -> str:
    """What to say of a name that no source has."""
    params = {"last": name.rpartition("/")[2], "name": name, "n": SIMILAR}
    similar = [source for (source,) in con.sql(_SIMILAR, params=params).fetchall()]
    where = "in the store" if root is None else f"below {root} in the store"
    hint = f"; the store has {', '.join(similar)}" if similar else ""
    return f"--forget {given}: no such source, folder or archive {where}{hint}"
