"""Who else holds a content: other files that had it when they were last looked at.

A content has one document, of one source. Where that source has other content now, the document must not go while another
file holds the content, though this run did not look there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from pipeline.database import open_store
from pipeline.looks import looked_later, looks
from pipeline.plan import Plan
from pipeline.store import store_errors


@dataclass(frozen=True, slots=True)
class Holder:
    """A source that held a content when the run `run_id` looked at it, of the files below `root`."""

    root: str
    source: str
    run_id: str


_HOLDERS = """
    WITH {looks},
    found AS (FROM looks WHERE outcome <> 'forgotten' AND doc_id IN (SELECT unnest($doc_ids)))
    SELECT doc_id, root, source, run_id FROM found WHERE NOT {looked_later}
    ORDER BY doc_id, root, source
"""


def kept_by_holders(plan: Plan, store: Path, root: str, *, whole: bool) -> Plan:
    """The plan of a run over `root`, in which documents that would go as replaced move to another file that holds their
    content, the first by root and source. What this run looks at holds what the plan says; that is all of the root where the
    run is `whole`."""
    seen = {h.source.source for h in (*plan.parse, *plan.unopened, *(k.hashed for k in plan.known))}
    moved, runs = dict(plan.moved), dict(plan.moved_runs)
    for doc_id, holder in _holders(store, plan.replaced):
        if doc_id not in runs and not (holder.root == root and (whole or holder.source in seen)):
            moved[doc_id], runs[doc_id] = holder.source, holder.run_id
    return replace(plan, moved=moved, moved_runs=runs, replaced=plan.replaced - runs.keys())


def _holders(store: Path, doc_ids: Iterable[str]) -> list[tuple[str, Holder]]:
    asked = sorted(doc_ids)
    if not asked:
        return []
    with store_errors(store), open_store(store) as con:
        sql = _HOLDERS.format(looks=looks(con), looked_later=looked_later("found"))
        return [(doc_id, Holder(*at)) for doc_id, *at in con.sql(sql, params={"doc_ids": asked}).fetchall()]
