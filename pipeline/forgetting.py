"""Removing sources from a store: a publication of its own, in which no file is read."""

import shlex
from collections.abc import Mapping, Sequence
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
_STORED_AS = """
    SELECT there.root, d.source
    FROM outcomes o JOIN runs looked USING (run_id) JOIN documents d USING (doc_id) JOIN runs there ON there.run_id = d.run_id
    WHERE o.source = $name AND o.outcome <> 'forgotten' AND ($root IS NULL OR looked.root = $root)
    ORDER BY looked.ended_at DESC LIMIT 1
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
        mark = RunMark(new_run_id(), began, going[0].root, PARSER_VERSION, "forget")
        outcomes = [
            OutcomeRow(run_id=mark.run_id, source=g.source, doc_id=g.doc_id, outcome="forgotten")
            for g in going
        ]
        publication = Publication(
            decisions=decisions,
            run=run_row(mark, outcomes),
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
            below = _below(con, given, name, root)
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


def _below(con: duckdb.DuckDBPyConnection, given: str, name: str, root: str | None) -> list[Going]:
    """What `given` names in each root: the document of just that name, or what is in the folder or archive of that name.
    A file may have `!` in its name: it goes with another only where nothing else can be meant."""
    rows = con.sql(_DOCUMENTS, params={"name": name, "root": root}).fetchall()
    found = [Going(*row) for row in rows]
    known = {(g.root, g.source) for g in found}
    for f in failures(con, root=root):  # what could not even be opened has no document
        if (f.source == name or f.source.startswith((f"{name}/", f"{name}!"))) and (
            f.root,
            f.source,
        ) not in known:
            found.append(Going(f.root, f.source, None, 0))
    out: list[Going] = []
    for root_ in sorted({g.root for g in found}):
        kinds: dict[str, list[Going]] = {"": [], "/": [], "!": []}
        for g in found:
            if g.root == root_:
                kinds[g.source[len(name) : len(name) + 1]].append(g)
        out += _meant(given[len(name) : len(name) + 1], kinds)
    return out


def _meant(asked: str, kinds: Mapping[str, Sequence[Going]]) -> list[Going]:
    """Of the sources of just a name (""), in the folder ("/") and in the archive ("!") of that name, those that are meant;
    `asked` is what was written after the name."""
    named, inside = kinds[""], {kind: kinds[kind] for kind in ("/", "!") if asked in ("", kind)}
    if not asked and any(g.doc_id for g in named):
        return list(named)
    held = next((found for found in inside.values() if found), [])
    return [*(g for g in named if not g.doc_id), *held]


def _unknown(con: duckdb.DuckDBPyConnection, given: str, name: str, root: str | None) -> str:
    """What to say of a name that no source has."""
    where = "in the store" if root is None else f"below {root} in the store"
    stored = con.sql(_STORED_AS, params={"name": name, "root": root}).fetchall()
    for stored_root, source in stored:
        return (
            f"--forget {given}: no such source {where}; what it holds is stored once, as {source} below {stored_root}: "
            f"jixiao ingest {stored_root} --forget {shlex.quote(source)}"
        )
    params = {"last": name.rpartition("/")[2], "name": name, "n": SIMILAR}
    similar = [source for (source,) in con.sql(_SIMILAR, params=params).fetchall()]
    hint = f"; the store has {', '.join(similar)}" if similar else ""
    return f"--forget {given}: no such source, folder or archive {where}{hint}"
