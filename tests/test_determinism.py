"""The same input gives the same store, apart from run ids and times."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.database import open_store
from schemas.records import STORE_TABLES
from tests.conftest import RAW, SampleStore, run_jixiao

OF_THE_RUN = {
    "documents": {"run_id", "ingested_at"},
    "outcomes": {"run_id", "seconds"},
    "runs": {"run_id", "started_at", "ended_at", "engine", "workers"},
}
"""Columns that may differ; all others must not."""


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A second store of the same archive, read in one process instead of several."""
    store = tmp_path_factory.mktemp("again") / "store"
    assert run_jixiao("ingest", RAW, "--store", store, "--workers", "1").returncode == 0
    return store


def rows(store: Path, table: str) -> list[tuple[Any, ...]]:
    """All rows in the order in which the store holds them, without the run's own columns."""
    schema = next(t for t in STORE_TABLES if t.name == table)
    kept = [f'"{c.name}"' for c in schema.columns if c.name not in OF_THE_RUN.get(table, ())]
    with open_store(store) as con:
        return con.sql(f'SELECT {", ".join(kept)} FROM "{table}"').fetchall()


@pytest.mark.parametrize("table", [t.name for t in STORE_TABLES])
def test_two_ingests_give_the_same_rows(sample_store: SampleStore, again: Path, table: str) -> None:
    assert rows(sample_store.path, table) == rows(again, table)


def test_the_archive_is_in_both_stores(sample_store: SampleStore, again: Path) -> None:
    """So that the test above does not compare nothing with nothing."""
    for store in (sample_store.path, again):
        assert (len(rows(store, "documents")), len(rows(store, "reports"))) == (43, 52)


def test_the_record_tables_are_the_same_bytes(sample_store: SampleStore, again: Path) -> None:
    names = [t.name for t in STORE_TABLES if t.by_year]
    for name in names:
        first, second = (files(store, name) for store in (sample_store.path, again))
        assert first == second, name
    assert {"indicators", "blocks"} <= set(names)


def test_parquet_holds_the_rows_of_the_database(sample_store: SampleStore) -> None:
    for table in STORE_TABLES:
        folder = sample_store.path / "parquet" / table.name
        found = sum(pq.ParquetFile(f).metadata.num_rows for f in folder.rglob("*.parquet"))
        assert found == len(rows(sample_store.path, table.name)), table.name


def files(store: Path, table: str) -> dict[str, bytes]:
    folder = store / "parquet" / table
    found = {f.relative_to(folder).as_posix(): f.read_bytes() for f in folder.rglob("*.parquet")}
    assert found, table
    return found
