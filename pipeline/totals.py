"""How much a store holds: by fiscal year, and by generation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from pipeline.database import open_store
from pipeline.generations import GenerationSize, generation_sizes

COUNTED = ("indicators", "funding", "projects", "scores", "remarks")
"""Tables whose rows are counted beside the reports."""


@dataclass(frozen=True, slots=True)
class YearTotals:
    """What the store holds of one fiscal year (None: not stated); `new_reports` came with one run."""

    fiscal_year: int | None
    reports: int
    new_reports: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation that is kept: when it was published (UTC), its last run and when that ended, its reports, and what it
    takes on disk: `own_bytes` go with it, `shared_bytes` are of files that other generations have, too."""

    number: int
    is_current: bool
    published_at: datetime
    run_id: str
    ended_at: datetime
    reports: int
    bytes: int
    own_bytes: int
    shared_bytes: int


def year_totals(con: duckdb.DuckDBPyConnection, run_id: str) -> Sequence[YearTotals]:
    """The totals of every fiscal year, ascending, reports without a year last."""
    sums = ", ".join(f"coalesce(sum({t}.n), 0)::BIGINT AS {t}" for t in COUNTED)
    joins = " ".join(
        f"LEFT JOIN (SELECT doc_id, report_no, count(*) AS n FROM {t} GROUP BY ALL) AS {t} USING (doc_id, report_no)"
        for t in COUNTED
    )
    rows = con.sql(
        "SELECT fiscal_year, count(*), count(*) FILTER (d.run_id = ?), "
        f"{sums} FROM reports JOIN documents d USING (doc_id) {joins} GROUP BY fiscal_year ORDER BY 1 NULLS LAST",
        params=[run_id],
    ).fetchall()
    return [YearTotals(y, n, new, dict(zip(COUNTED, counts, strict=True))) for y, n, new, *counts in rows]


def generations(store: Path) -> list[Generation]:
    """The generations that are kept, the oldest first. Raises StoreError where there is no store."""
    sizes, _ = generation_sizes(store)
    current = next(s.number for s in sizes if s.is_current)
    return [_generation(store, size) for size in sizes if size.number <= current]


def _generation(store: Path, size: GenerationSize) -> Generation:
    sql = "SELECT run_id, ended_at, (SELECT count(*) FROM reports) FROM runs ORDER BY ended_at DESC, run_id DESC LIMIT 1"
    with open_store(store, size.number) as con:
        ((run_id, ended_at, reports),) = con.sql(sql).fetchall()
    return Generation(
        number=size.number, is_current=size.is_current, published_at=datetime.fromtimestamp(size.published_at, UTC),
        run_id=run_id, ended_at=ended_at.astimezone(UTC), reports=reports, bytes=size.own_bytes + size.shared_bytes,
        own_bytes=size.own_bytes, shared_bytes=size.shared_bytes,
    )  # fmt: skip
