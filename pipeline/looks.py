"""Who looked last at each source.

A run over all files below its root is the last word on them: a file that it did not see is gone. Runs after it that
looked at some files only (`ingest --only-failed`, `--forget`) are the last word on these.
"""

import duckdb

_LOOKS = """
    r AS (SELECT run_id, root, ended_at, {whole} AS whole FROM runs),
    last_whole AS (SELECT root, max(ended_at) AS since FROM r WHERE whole GROUP BY root),
    looks AS (
        SELECT o.*, r.root, r.ended_at, r.whole
        FROM outcomes o JOIN r USING (run_id) LEFT JOIN last_whole w ON w.root = r.root
        WHERE w.since IS NULL OR r.ended_at >= w.since
    )
"""


def looks(con: duckdb.DuckDBPyConnection) -> str:
    """For the WITH of a query on an opened store: `looks`, every outcome that may be the last word on its source, with
    the `root` of its run, when that ended (`ended_at`), and whether it looked at all files (`whole`)."""
    there = con.sql("FROM runs LIMIT 0").columns  # a store of an older jixiao knew whole runs only
    return _LOOKS.format(
        whole="coalesce(mode, 'ingest') IN ('ingest', 'reparse')" if "mode" in there else "true"
    )


def looked_later(alias: str) -> str:
    """A condition on rows `alias` of `looks`: a later run had a look at the same source."""
    return (
        f"EXISTS (FROM looks l WHERE l.root = {alias}.root AND l.source = {alias}.source "
        f"AND l.ended_at > {alias}.ended_at)"
    )


def roots(con: duckdb.DuckDBPyConnection) -> list[str]:
    """What the runs of an opened store looked at."""
    return [root for (root,) in con.sql("SELECT DISTINCT root FROM runs ORDER BY root").fetchall()]
