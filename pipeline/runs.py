"""The runs of a store: those that published, and the one under way or stopped."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.database import open_store
from pipeline.generations import current_number, staging_path
from pipeline.locking import Holder, holder
from pipeline.staging import peek, staging_folders
from pipeline.watching.events import Mode
from pipeline.watching.notice import read_notice
from schemas.errors import StoreError


@dataclass(frozen=True, slots=True)
class Run:
    """A run that published. `mode`, `engine` and `workers` are None where an older jixiao ran; `forgotten` counts the
    sources that it removed."""

    run_id: str
    mode: str | None
    started_at: datetime
    ended_at: datetime | None
    root: str
    parser_version: str
    engine: str | None
    workers: int | None
    counts: Mapping[str, int]
    forgotten: int


@dataclass(frozen=True, slots=True)
class Unpublished:
    """A run that has not published. `holder` tells which process runs it, None where it was stopped. `staged` files of it
    are read and need not be read again; `standing` is what it noted last of its progress (see Standing), None where it is
    stopped or too young."""

    run_id: str
    mode: Mode
    started_at: datetime
    root: str
    parser_version: str
    staged: int
    holder: Holder | None
    standing: Mapping[str, Any] | None


_RUNS = """
    SELECT r.*, coalesce(f.n, 0) AS forgotten FROM runs r LEFT JOIN (
        SELECT run_id, count(*) AS n FROM outcomes WHERE outcome = 'forgotten' GROUP BY run_id
    ) f USING (run_id) ORDER BY r.ended_at, r.run_id
"""


def published_runs(store: Path) -> list[Run]:
    """The runs that published, the oldest first; none where nothing is published yet."""
    if current_number(store) is None:
        return []
    with open_store(store) as con:
        rows: list[dict[str, Any]] = con.sql(_RUNS).to_arrow_table().to_pylist()
    return [_run(row) for row in rows]


def _run(row: Mapping[str, Any]) -> Run:
    ended = row["ended_at"]
    return Run(
        run_id=row["run_id"], mode=row.get("mode"), started_at=row["started_at"].astimezone(UTC),
        ended_at=ended and ended.astimezone(UTC), root=row["root"], parser_version=row["parser_version"],
        engine=row.get("engine"), workers=row.get("workers"), counts=row["counts"], forgotten=row["forgotten"],
    )  # fmt: skip


def unpublished_runs(store: Path) -> list[Unpublished]:
    """The run under way, and those that were stopped and would go on, the oldest first. Needs no lock: a run that ends in the meantime is
    not listed."""
    by = holder(store / "lock")
    out = []
    for folder in staging_folders(staging_path(store)):
        found = peek(folder)
        if found is None:
            continue
        mark, staged = found
        standing = read_notice(folder)
        runs = by if by and standing and _since(standing) >= by.since else None
        out.append(
            Unpublished(
                run_id=mark.run_id,
                mode=mark.mode,
                started_at=mark.started_at,
                root=mark.root,
                parser_version=mark.parser_version,
                staged=staged,
                holder=runs,
                standing=standing if runs else None,
            )
        )
    return sorted(out, key=lambda run: (run.started_at, run.run_id))


def _since(standing: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(standing["at"])


def check_store(store: Path) -> None:
    """Raises StoreError where there is neither a store nor a run that makes one."""
    if current_number(store) is None and not staging_path(store).exists():
        raise StoreError(f"{store}: no store here yet; make one with: jixiao ingest FOLDER --store {store}")
