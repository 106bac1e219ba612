"""Three real reports, checked by hand: what the store holds of them, as ../shared/tools/score.py counts it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from pipeline.database import open_store
from schemas.records import STORE_TABLES
from tests.conftest import SHARED, run_jixiao

TOOL, GOLD = SHARED / "tools" / "score.py", SHARED / "gold"
FOLDERS = (SHARED / "reports" / "text", SHARED / "reports" / "word")
REPORTS = ("xj2018_innovation_environment", "xj2024_regional_collaboration", "xj2025_central_guidance")
PAIRS = [f"{name} <- {name}.{suffix}" for name in REPORTS for suffix in ("txt", "docx")]

FLOORS = {
    "report": {"right": 1.0},
    "indicators": {"found": 1.0, "exact": 1.0, "precision": 1.0},
    "projects": {"exact": 1.0, "precision": 1.0},
    "scores": {"exact": 1.0, "precision": 1.0},
    "sections": {"found": 0.95, "kind": 0.90},
    "funding": {"found": 0.90},
}
PARTS = {
    REPORTS[0]: {"report", "sections", "indicators", "funding"},
    REPORTS[1]: {"report", "sections", "indicators", "funding", "scores"},
    REPORTS[2]: {"report", "sections", "indicators", "funding", "projects", "scores"},
}
"""What was checked by hand of each report."""

WHERE = frozenset(
    {"doc_id", "section_no", "table_no", "row_no", "page", "block_no", "char_start", "char_end"}
    | {"location", "places"}
)
"""Columns that say where a row stands: a text dump breaks lines elsewhere."""

pytestmark = pytest.mark.skipif(
    not TOOL.exists(), reason="the hand-checked reports (../shared) are not on this machine"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("reports") / "store"
    done = run_jixiao("ingest", *FOLDERS, "--store", path)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("6 files: 6 read\n")
    return path


@pytest.fixture(scope="module")
def figures(store: Path) -> dict[str, dict[str, dict[str, float]]]:
    done = subprocess.run(
        [sys.executable, TOOL, store / "jixiao.duckdb", *sorted(GOLD.glob("*.json")), "--json"],
        capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    counted: dict[str, dict[str, dict[str, float]]] = json.loads(done.stdout)
    return counted


def test_all_reports_are_counted_in_both_formats(figures: dict[str, Any]) -> None:
    assert sorted(figures) == sorted(PAIRS)


@pytest.mark.parametrize("pair", PAIRS)
def test_what_was_checked_by_hand_is_in_the_store(
    figures: dict[str, dict[str, dict[str, float]]], pair: str
) -> None:
    found = figures[pair]
    assert PARTS[pair.partition(" <- ")[0]] <= set(found)
    below = {
        f"{part}.{name}": found[part][name]
        for part, floors in FLOORS.items()
        if part in found
        for name, floor in floors.items()
        if found[part][name] < floor
    }
    assert not below


@pytest.mark.parametrize("table", ["indicators", "projects", "scores", "funding", "remarks"])
@pytest.mark.parametrize("report", REPORTS)
def test_text_and_word_give_the_same(store: Path, report: str, table: str) -> None:
    by_source = dict(stored(store, report, table))
    assert by_source.get(f"{report}.txt") == by_source.get(f"{report}.docx")
    expected = {"indicators", "funding", "remarks"} | (PARTS[report] & {"projects", "scores"})
    assert bool(by_source) == (table in expected), f"{report} has {table}"


def stored(store: Path, report: str, table: str) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The rows of a table without their places, by source."""
    schema = next(t for t in STORE_TABLES if t.name == table)
    kept = [c.name for c in schema.columns if c.name not in WHERE]
    columns = ", ".join(f't."{name}"' for name in kept)
    order = ", ".join(f't."{name}"' for name in schema.key[1:])
    with open_store(store) as con:
        found = con.sql(
            f'SELECT d.source, {columns} FROM "{table}" t JOIN documents d USING (doc_id) '
            f"WHERE d.source LIKE '{report}.%' ORDER BY d.source, {order}"
        ).fetchall()
    for source, rows in groupby(found, key=lambda row: str(row[0])):
        yield source, [dict(zip(kept, row[1:], strict=True)) for row in rows]
