"""How much a store holds: by fiscal year, and by generation."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.database import open_store
from pipeline.generations import generation_numbers, generation_path, published_path

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
    """A generation that is kept: its last run, its reports and what it takes on disk. Files that
    it shares with other generations count in each."""

    number: int
    is_current: bool
    run_id: str
    ended_at: datetime
    reports: int
    bytes: int


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
    current = int(published_path(store).name)
    return [_generation(store, n, is_current=n == current) for n in generation_numbers(store) if n <= current]


def _generation(store: Path, number: int, *, is_current: bool) -> Generation:
    sql = "SELECT run_id, ended_at, (SELECT count(*) FROM reports) AS reports FROM runs ORDER BY run_id DESC LIMIT 1"
    with open_store(store, number) as con:
        last: dict[str, Any] = con.sql(sql).to_arrow_table().to_pylist()[0]
    sizes = (
        Path(folder, name).stat().st_size
        for folder, _, names in os.walk(generation_path(store, number))
        for name in names
    )
    return Generation(number, is_current, last["run_id"], last["ended_at"], last["reports"], sum(sizes))
