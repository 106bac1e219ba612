"""What a plan would do with each file, and why: `jixiao ingest --dry-run`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from pipeline.plan import Plan, Published, unread_because

Action = Literal["new", "changed", "again", "unchanged", "moved", "duplicate", "unopened"]
"""new, changed, again: the file would be read; moved: its rows stay and get this source; unopened: it cannot be read."""

READ: tuple[Action, ...] = ("new", "changed", "again")
"""Actions that read the file."""


@dataclass(frozen=True, slots=True)
class Intention:
    """What would be done with one file; `reason` where it is not plain from the action."""

    source: str
    action: Action
    reason: str | None = None


def intentions(
    plan: Plan, published: Sequence[Published], version: str, root: str, *, ocr: bool = False
) -> list[Intention]:
    """One intention for each file of the plan, by source. The arguments are those of `plan_run`."""
    return sorted(_intentions(plan, published, version, root, ocr=ocr), key=lambda i: i.source)


def _intentions(
    plan: Plan, published: Sequence[Published], version: str, root: str, *, ocr: bool
) -> Iterator[Intention]:
    by_sha = {p.sha256: p for p in published}
    names = {p.source for p in published if p.root == root}
    for h in plan.parse:
        name, stored = h.source.source, by_sha.get(h.sha256 or "")
        if stored is not None:
            because = unread_because(stored, version, ocr=ocr) or "asked for by --reparse"
            was = f"; was {stored.source} before" if stored.root == root and stored.source != name else ""
            yield Intention(name, "again", because + was)
        elif name in names:
            yield Intention(name, "changed", "it has other content than the store")
        else:
            yield Intention(name, "new")
    for k in plan.known:
        name = k.hashed.source.source
        moved = k.outcome == "unchanged" and k.doc_id in plan.moved
        yield Intention(name, "moved" if moved else k.outcome, k.message)
    for h in plan.unopened:
        yield Intention(h.source.source, "unopened", h.message)
