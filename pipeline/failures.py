"""What failed or was skipped at the last look at each source, with what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

import duckdb

from pipeline.looks import looked_later, looks
from pipeline.selecting import MEMBER
from schemas.errors import Category, UsageError

ADVICE: Mapping[Category, str] = {
    "unopened": "check the path and its permissions",
    "empty": "get the file again",
    "truncated": "get a whole copy, or let Word repair it",
    "encrypted": "save it without the password",
    "unsupported": "save it as .docx, .xlsx or .pdf",
    "missing_tool": "install what the message says, and ingest again",
    "encoding": "save it as UTF-8",
    "too_large": "split it, or save it with smaller pictures",
    "unsafe": "unpack by hand and look at it",
    "timeout": "open it and save it anew, or give it more time (--time-limit)",
    "not_a_report": "leave it out, or show it to the maintainers if it is one",
    "internal": "report it",
}
"""What people can do about a category of failures."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A source that is not in the store, or not whole for want of a tool, as its last look found it."""

    root: str
    source: str
    run_id: str
    outcome: str
    category: str | None
    stage: str | None
    message: str | None
    doc_id: str | None
    seconds: float | None


_FAILURES = """
    WITH {looks},
    parts AS (
        SELECT root, ended_at, string_split(source, $member) AS parts
        FROM looks WHERE NOT whole AND contains(source, $member)
    ),
    opened AS (  -- archives of which a later run saw members
        SELECT DISTINCT root, ended_at, array_to_string(list_slice(parts, 1, i), $member) AS source
        FROM (SELECT *, unnest(range(1, len(parts))) AS i FROM parts)
    ),
    unread AS (SELECT doc_id, unread_pages FROM documents WHERE unread_pages > 0 AND status = 'partial'),
    bad AS (
        SELECT looks.root, looks.source, looks.run_id, looks.ended_at, looks.outcome, looks.category, looks.stage,
               looks.message, looks.doc_id, looks.seconds
        FROM looks WHERE outcome IN ('failed', 'skipped')
        UNION ALL
        SELECT looks.root, looks.source, looks.run_id, looks.ended_at, 'partial', 'missing_tool', 'read',
               u.unread_pages || ' pages are pictures that no OCR has read; install the extra jixiao[ocr]',
               looks.doc_id, looks.seconds
        FROM looks JOIN unread u USING (doc_id) WHERE outcome IN ('partial', 'unchanged')
    )
    SELECT root, source, run_id, outcome, category, stage, message, doc_id, seconds
    FROM bad
    WHERE NOT {looked_later} AND NOT EXISTS (
        FROM opened a WHERE a.root = bad.root AND a.source = bad.source AND a.ended_at > bad.ended_at
    )
    ORDER BY category, root, source
"""


def failures(
    con: duckdb.DuckDBPyConnection,
    *,
    root: str | None = None,
    run_id: str | None = None,
    category: str | None = None,
) -> list[Failure]:
    """The failures of a store by category, root and source; of one root, run or category where that is given.

    Raises UsageError for a run that is not there (its beginning is enough) or a word that is no category.
    """
    if category is not None and category not in get_args(Category):
        raise UsageError(f"{category}: no such category; there are {', '.join(get_args(Category))}")
    run = None if run_id is None else _run(con, run_id)
    sql = _FAILURES.format(looks=looks(con), looked_later=looked_later("bad"))
    found = [Failure(*row) for row in con.sql(sql, params={"member": MEMBER}).fetchall()]
    return [
        f
        for f in found
        if (root in (None, f.root)) and run in (None, f.run_id) and category in (None, f.category)
    ]


def _run(con: duckdb.DuckDBPyConnection, beginning: str) -> str:
    sql = "SELECT run_id FROM runs WHERE starts_with(run_id, $1) ORDER BY run_id LIMIT 2"
    found = [run for (run,) in con.sql(sql, params=[beginning]).fetchall()]
    if beginning in found:
        return beginning
    if len(found) != 1:
        why = "no such run" if not found else "several runs begin so"
        raise UsageError(f"{beginning}: {why}; see: jixiao runs")
    run: str = found[0]
    return run


def by_root(found: Sequence[Failure]) -> dict[str, frozenset[str]]:
    """The sources that failed, by the root they are read from."""
    out: dict[str, set[str]] = {}
    for failure in found:
        out.setdefault(failure.root, set()).add(failure.source)
    return {root: frozenset(names) for root, names in sorted(out.items())}
