"""What a run has to do: which files to parse, which are known, which published rows go.

Pure: decided from the files' contents, the published documents and the parser version alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from pipeline.rows import doc_id_of
from pipeline.sources import Source
from schemas.errors import Category

KEPT = frozenset({"read", "partial"})
"""States of a document that need no second reading; what failed or was skipped is tried again."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """A source and the SHA-256 of its bytes; or why it could not be opened."""

    source: Source
    sha256: str | None = None
    category: Category | None = None
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """A document of the published store, as far as a plan needs it. `root` is that of its run;
    `unread_pages` hold pictures that no OCR has read."""

    doc_id: str
    source: str
    sha256: str
    status: str
    parser_version: str
    root: str
    unread_pages: int = 0


@dataclass(frozen=True, slots=True)
class Known:
    """A source that need not be parsed, and why."""

    hashed: Hashed
    doc_id: str
    outcome: Literal["unchanged", "duplicate"]
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """`parse` in order of source; `moved` gives documents another source, `moved_runs` those among them that are below
    another root now the run that saw them there; `replaced` are documents whose file now has other content. `stored` are
    the contents in `parse` that have rows in the store, which stay where reading them again gives none."""

    unopened: tuple[Hashed, ...] = ()
    parse: tuple[Hashed, ...] = ()
    known: tuple[Known, ...] = ()
    moved: Mapping[str, str] = field(default_factory=dict)
    moved_runs: Mapping[str, str] = field(default_factory=dict)
    replaced: frozenset[str] = frozenset()
    stored: frozenset[str] = frozenset()

    def stays(self, sha256: str | None, outcome: str) -> bool:
        """True where an attempt of this outcome leaves the rows of its content, read before, in the store."""
        return sha256 in self.stored and outcome not in KEPT


def plan_run(
    hashed: Sequence[Hashed], published: Sequence[Published], version: str, root: str, *, ocr: bool = False,
    reparse: bool = False, whole: bool = True,
) -> Plan:  # fmt: skip
    """The plan for sources in sorted order, against the published documents. With `ocr`, documents
    whose pictures were left unread are read again; with `reparse`, all are. Unless `whole`, the sources are
    some of the root's only: a document of the root that is not among them is not taken for gone.

    A content has one document: that of the source that has it in the store, or else of the first
    source that has it in this run. Where the stored source is gone (its file has other content
    now, or is missing from the same root), the document moves to the first source that has it. Where
    this run does not look at the stored source, which is to be read again, the first source that has the content is
    read in its place and takes the document over.
    """
    contents = {h.source.source: h.sha256 for h in hashed}
    by_sha = {p.sha256: p for p in published}
    gone = {p.doc_id for p in published if _is_gone(p, contents, root, whole=whole)}

    def is_due(document: Published) -> bool:
        return reparse or unread_because(document, version, ocr=ocr) is not None

    def keeps(document: Published) -> bool:
        here = document.root == root and contents.get(document.source) == document.sha256
        return here or not (document.doc_id in gone or is_due(document))

    owners = {sha: (p.root, p.source) for sha, p in by_sha.items() if keeps(p)}
    parse: list[Hashed] = []
    known: list[Known] = []
    moved: dict[str, str] = {}
    for h in hashed:
        if h.sha256 is None:
            continue
        name, stored = h.source.source, by_sha.get(h.sha256)
        owner = owners.setdefault(h.sha256, (root, name))
        is_owner = owner == (root, name)
        if stored is not None and is_owner and stored.doc_id in gone:
            moved[stored.doc_id] = name
        if not is_owner:
            known.append(Known(h, doc_id_of(h.sha256), "duplicate", _copy_of(*owner, root)))
        elif stored is not None and not is_due(stored):
            was = f"was {stored.source} before" if stored.source != name else None
            known.append(Known(h, stored.doc_id, "unchanged", was))
        else:
            parse.append(h)
    replaced = {p.doc_id for p in published if _is_changed(p, contents, root) and p.doc_id not in moved}
    return Plan(
        unopened=tuple(h for h in hashed if h.sha256 is None),
        parse=tuple(parse),
        known=tuple(known),
        moved=moved,
        replaced=frozenset(replaced),
        stored=frozenset(h.sha256 for h in parse if h.sha256 and _has_rows(by_sha.get(h.sha256))),
    )


def unread_because(document: Published, version: str, *, ocr: bool) -> str | None:
    """Why reading a document again, unchanged as it is, may give other rows; None where it would give the same."""
    if document.status not in KEPT:
        return f"it {document.status} before" if document.status == "failed" else "it was skipped before"
    if document.parser_version != version:
        return f"it was read by parser {document.parser_version}; now it is {version}"
    if ocr and document.unread_pages:
        return f"{document.unread_pages} of its pages are pictures that no OCR has read"
    return None


def _has_rows(document: Published | None) -> bool:
    return document is not None and document.status in KEPT


def _copy_of(owner_root: str, owner: str, root: str) -> str:
    where = "" if owner_root == root else f" below {owner_root}"
    return f"the same content as {owner}{where}; its rows are stored there"


def _is_changed(document: Published, contents: Mapping[str, str | None], root: str) -> bool:
    """True where the document's file has other content now (not where it cannot be opened). A file of the
    same name below another root is another file: every county's folder holds a 自评报告.docx."""
    now = contents.get(document.source)
    return document.root == root and now is not None and now != document.sha256


def _is_gone(document: Published, contents: Mapping[str, str | None], root: str, *, whole: bool) -> bool:
    missing = whole and document.root == root and document.source not in contents
    return missing or _is_changed(document, contents, root)
