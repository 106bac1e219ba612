"""How tables are cut into files, and which files a publication writes."""

import hashlib
import random
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from pipeline.generations import published_path
from pipeline.publishing.buckets import Bucket, bucket_at, bucket_count, bucket_of, bucket_path
from pipeline.publishing.inventory import INVENTORY, read_inventory
from schemas.errors import StoreError
from schemas.records import STORE_TABLES
from tests.pipeline import fakes
from tests.pipeline.conftest import read_in
from tests.pipeline.test_store import parquet


@pytest.mark.parametrize(
    ("table", "rows", "expected"),
    [
        ("indicators", 0, 1),
        ("indicators", 16_384, 1),
        ("indicators", 16_385, 2),
        ("indicators", 32_768, 2),
        ("indicators", 32_769, 4),
        ("indicators", 500_000, 32),
        ("tables", 1_025, 2),
        ("sections", 8_193, 2),
        ("indicators", 10**12, 65_536),
    ],
)
def test_the_number_of_buckets_follows_from_the_rows(table: str, rows: int, expected: int) -> None:
    assert bucket_count(table, rows) == expected


@pytest.mark.parametrize(
    ("doc_id", "count", "expected"),
    [
        ("0000000000000000", 16, 0),
        ("0fffffffffffffff", 16, 0),
        ("1000000000000000", 16, 1),
        ("7fff000000000000", 2, 0),
        ("8000000000000000", 2, 1),
        ("ffffffffffffffff", 1, 0),
        ("ffffffffffffffff", 65_536, 65_535),
    ],
)
def test_a_document_stands_in_the_bucket_of_its_first_digits(doc_id: str, count: int, expected: int) -> None:
    assert bucket_of(doc_id, count) == expected


@pytest.mark.parametrize(
    ("bucket", "by_year", "path"),
    [
        (Bucket(2024, 0, 1), True, "fiscal_year=2024/part-0.parquet"),
        (Bucket(None, 3, 16), True, "fiscal_year=__HIVE_DEFAULT_PARTITION__/part-03-of-16.parquet"),
        (Bucket(None, 0, 1), False, "part-0.parquet"),
        (Bucket(None, 7, 8), False, "part-7-of-8.parquet"),
    ],
)
def test_a_bucket_and_its_path(bucket: Bucket, by_year: bool, path: str) -> None:
    file = bucket_path(Path("t"), bucket, by_year=by_year)
    assert file == Path("t") / path
    assert bucket_at(file, by_year=by_year) == bucket


def test_a_file_of_another_name_is_refused() -> None:
    with pytest.raises(StoreError, match="no file of jixiao"):
        bucket_at(Path("t/fiscal_year=2024/mine.parquet"), by_year=True)


@pytest.fixture
def cut_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.publishing.buckets.BUCKET_ROWS", 8)
    monkeypatch.setattr("pipeline.publishing.buckets.BUCKET_ROWS_OF", {})


def write_reports(folder: Path, numbers: range) -> None:
    folder.mkdir(exist_ok=True)
    for n in numbers:
        (folder / f"{n:02}.txt").write_bytes(fakes.report(2023, ("指标", n, n), ("别的", n, 1)))


def digests(store: Path) -> dict[str, str]:
    """The files of the tables of records; runs name them all differently."""
    dated = ("documents/", "outcomes/", "runs/")
    return {
        name: hashlib.sha256(file.read_bytes()).hexdigest()
        for name, file in parquet(store).items()
        if not name.startswith(dated)
    }


@pytest.mark.usefixtures("cut_small")
def test_one_changed_report_writes_one_bucket_of_each_table(tmp_path: Path, store: Path) -> None:
    write_reports(tmp_path / "in", range(40))
    read_in(tmp_path / "in", store=store)
    before = {name: file.stat().st_ino for name, file in parquet(store).items()}
    old = hashlib.sha256((tmp_path / "in/07.txt").read_bytes()).hexdigest()[:16]
    (tmp_path / "in/07.txt").write_bytes(fakes.report(2023, ("指标", 7, 8), ("别的", 7, 1)))
    new = hashlib.sha256((tmp_path / "in/07.txt").read_bytes()).hexdigest()[:16]
    read_in(tmp_path / "in", store=store)
    after = {name: file.stat().st_ino for name, file in parquet(store).items()}
    assert before.keys() - after.keys() == set()
    # 80 rows in buckets of 8 make 16 of them
    changed = {n for n in after if n.startswith("indicators/") and before[n] != after[n]}
    assert changed == {
        f"indicators/fiscal_year=2023/part-{int(doc_id[0], 16):02}-of-16.parquet" for doc_id in (old, new)
    }
    assert len([n for n in after if n.startswith("indicators/")]) > 8


@pytest.mark.usefixtures("cut_small")
def test_every_way_to_the_same_rows_gives_the_same_files(tmp_path: Path) -> None:
    folder, chance = tmp_path / "in", random.Random(1)
    for n in (10, 20, 32):
        write_reports(folder, range(n))
        for file in chance.sample(sorted(folder.iterdir()), 2):
            held = file.read_bytes()
            file.write_bytes(fakes.report(2022, ("指标", 1, chance.random())))
            read_in(folder, store=tmp_path / "many")
            file.write_bytes(held)
        read_in(folder, store=tmp_path / "many")
    read_in(folder, store=tmp_path / "one")
    assert digests(tmp_path / "many") == digests(tmp_path / "one")
    assert "indicators/fiscal_year=2023/part-0-of-8.parquet" in digests(tmp_path / "one")


@pytest.mark.usefixtures("cut_small")
def test_the_list_of_files_says_what_the_footers_say(tmp_path: Path, store: Path) -> None:
    write_reports(tmp_path / "in", range(20))
    read_in(tmp_path / "in", store=store)
    listed = read_inventory(published_path(store))
    assert sum(listed["indicators"].rows.values()) == 40
    (published_path(store) / INVENTORY).unlink()
    assert read_inventory(published_path(store)) == listed
    assert all(listed[t.name].is_current for t in STORE_TABLES)


def test_a_file_that_was_changed_is_noticed(tmp_path: Path, store: Path) -> None:
    write_reports(tmp_path / "in", range(4))
    read_in(tmp_path / "in", store=store)
    file = published_path(store) / "parquet/indicators/fiscal_year=2023/part-0.parquet"
    half = pq.ParquetFile(file).read().slice(0, 3)
    file.unlink()
    pq.write_table(half, file)
    (tmp_path / "in/00.txt").write_bytes(fakes.report(2023, ("指标", 9, 9)))
    with pytest.raises(StoreError, match="were changed"):
        read_in(tmp_path / "in", store=store)


def test_bloom_filters_leave_out_row_groups(filled_once: Path) -> None:
    """An indicator that a file does not hold, between two that it does: its statistics alone would not tell."""
    file = filled_once / "current/parquet/indicators/fiscal_year=2023/part-0.parquet"
    with duckdb.connect() as con:
        ids = [i for (i,) in con.sql(f"SELECT DISTINCT indicator_id FROM '{file}' ORDER BY 1").fetchall()]
        probe = f"SELECT bloom_filter_excludes FROM parquet_bloom_probe('{file}', 'indicator_id', '{{}}')"
        assert len(ids) == 3
        assert con.sql(probe.format(ids[1])).fetchall() == [(False,)]
        assert con.sql(probe.format(ids[1] + "0")).fetchall() == [(True,)]
