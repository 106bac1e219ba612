"""Who else holds a content: other files that had it when they were last looked at.

A content has one document, of one source. Where that source has other content now, the document must not go while another
file holds the content, though this run did not look there.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.plan import Plan
from pipeline.publishing.bucket_files import rows_of_files
from pipeline.publishing.inventory import TableFiles, read_inventory
from pipeline.store import outcomes_file, previous_generation, store_errors
from schemas.records import OUTCOMES, RUNS


@dataclass(frozen=True, slots=True)
class Holder:
    """A source that held a content when the run `run_id` looked at it, of the files below `root`."""

    root: str
    source: str
    run_id: str


_RUNS = """
    SELECT run_id, root, ended_at FROM ({runs}) r
    WHERE ended_at >= coalesce((
        SELECT max(w.ended_at) FROM ({runs}) w WHERE w.root = r.root AND coalesce(w.mode, 'ingest') IN ('ingest', 'reparse')
    ), ended_at)
"""
"""Runs that may have had the last look at a file: what the last one over all files of a root did not see is gone."""

_HOLDERS = """
    WITH looks AS (
        SELECT o.source, o.doc_id, o.outcome, r.run_id, r.root, r.ended_at FROM ({outcomes}) o JOIN recent r USING (run_id)
    ),
    found AS (FROM looks WHERE outcome <> 'forgotten' AND doc_id IN (SELECT doc_id FROM asked))
    SELECT doc_id, root, source, run_id FROM found
    WHERE NOT EXISTS (
        FROM looks l WHERE l.root = found.root AND l.source = found.source AND l.ended_at > found.ended_at
    )
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
    with store_errors(store):
        old = read_inventory(previous_generation(store))
        runs, outcomes = old[RUNS.name], old[OUTCOMES.name]
        with duckdb.connect() as con:
            rows = rows_of_files(RUNS, runs.paths(), is_current=runs.is_current)
            con.execute(f"CREATE TABLE recent AS {_RUNS.format(runs=rows)}")
            con.register("asked", pa.table({"doc_id": asked}))
            recent = {run_id for (run_id,) in con.sql("SELECT run_id FROM recent").fetchall()}
            every = {run_id for (run_id,) in con.sql(f"SELECT run_id FROM ({rows})").fetchall()}
            files = _without(outcomes, every - recent)
            sql = _HOLDERS.format(outcomes=rows_of_files(OUTCOMES, files, is_current=outcomes.is_current))
            return [(doc_id, Holder(*at)) for doc_id, *at in con.sql(sql).fetchall()]


def _without(outcomes: TableFiles, runs: Iterable[str]) -> list[Path]:
    """The files of outcomes but those of these runs."""
    left_out = {outcomes_file(run_id) for run_id in runs}
    return [outcomes.folder / name for name in sorted(outcomes.rows) if name not in left_out]
