"""The published store: what is in it, that it is whole, and that it is the same each time."""

import errno
import hashlib
import json
import multiprocessing
import os
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq
import pytest

from pipeline import open_store
from pipeline.generations import (
    KEPT_GENERATIONS,
    current_number,
    drop_generation,
    generation_numbers,
    generation_sizes,
    locked,
    prune,
)
from schemas.errors import StoreError, UsageError
from schemas.records import STORE_TABLES
from tests.pipeline import fakes
from tests.pipeline.conftest import read_in

RUN_COLUMNS = {"run_id", "ingested_at", "started_at", "ended_at", "seconds", "root", "engine", "workers"}


def query(store: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_store(store) as con:
        return con.sql(sql).fetchall()


def parquet(store: Path) -> dict[str, Path]:
    """The current generation's Parquet files by their path below parquet/."""
    root = (store / "current" / "parquet").resolve()
    return {str(p.relative_to(root)): p for p in sorted(root.rglob("*.parquet"))}


def without_times(store: Path) -> dict[str, list[dict[str, Any]]]:
    with open_store(store) as con:
        tables = {t.name: con.sql(f'FROM "{t.name}"').to_arrow_table().to_pylist() for t in STORE_TABLES}
    return {
        name: sorted(({k: v for k, v in row.items() if k not in RUN_COLUMNS} for row in rows), key=repr)
        for name, rows in tables.items()
    }


def test_an_ingest_stores_the_rows_of_every_report(archive: Path, store: Path) -> None:
    summary = read_in(archive, store=store)
    assert (summary.generation, summary.counts.files, summary.counts.read, summary.counts.failed) == (
        1,
        4,
        3,
        1,
    )
    assert query(store, "SELECT name, target_value, is_met FROM indicators ORDER BY name") == [
        ("专利", 3.0, True), ("培训", 100.0, True), ("研发投入", 28.0, True), ("论文", 10.0, False),
    ]  # fmt: skip
    assert query(store, "SELECT source, status FROM documents ORDER BY source") == [
        ("a.txt", "read"), ("b.txt", "read"), ("d.txt", "failed"), ("科技厅/c.txt", "read"),
    ]  # fmt: skip
    assert query(store, "SELECT fiscal_year, count(*) FROM reports GROUP BY 1 ORDER BY 1") == [
        (2023, 2),
        (2024, 1),
    ]
    assert query(store, "SELECT source, outcome, stage, category FROM outcomes WHERE outcome <> 'read'") == [
        ("d.txt", "failed", "read", "truncated")
    ]
    assert query(store, "SELECT counts.files, counts.read, counts.failed FROM runs") == [(4, 3, 1)]
    assert not (store / "staging").exists()


def test_the_layout(archive: Path, store: Path) -> None:
    read_in(archive, store=store)
    assert os.readlink(store / "current") == "generations/000001"
    assert os.readlink(store / "jixiao.duckdb") == "current/jixiao.duckdb"
    assert os.readlink(store / "parquet" / "indicators") == "../current/parquet/indicators"
    files = set(parquet(store))
    assert {f for f in files if f.startswith(("indicators/", "documents/", "findings/", "funds/"))} == {
        "documents/part-0.parquet",
        "findings/fiscal_year=__HIVE_DEFAULT_PARTITION__/part-0.parquet",
        "funds/part-0.parquet",
        "indicators/fiscal_year=2023/part-0.parquet",
        "indicators/fiscal_year=2024/part-0.parquet",
    }


@pytest.mark.parametrize("table", STORE_TABLES, ids=lambda t: t.name)
def test_parquet_holds_the_declared_columns_and_the_rows_of_the_database(
    filled_once: Path, table: Any
) -> None:
    store = filled_once
    files = [f for name, f in parquet(store).items() if name.startswith(f"{table.name}/")]
    for file in files:
        assert pq.ParquetFile(file).schema_arrow.equals(table.arrow)
        assert pq.ParquetFile(file).metadata.num_rows == 0 or (
            pq.ParquetFile(file).metadata.row_group(0).column(0).compression == "ZSTD"
        )
    glob = f"{store}/parquet/{table.name}/**/*.parquet"
    keys = ", ".join(table.key)
    found = duckdb.sql(f"SELECT {keys} FROM read_parquet('{glob}') ORDER BY ALL").fetchall()
    assert found == query(store, f'SELECT {keys} FROM "{table.name}" ORDER BY ALL')


def test_rows_stand_in_the_order_of_their_key(tmp_path: Path, store: Path) -> None:
    for i in range(12):
        (tmp_path / f"{i}.txt").write_bytes(fakes.report(2024, *((f"x{n}", n, i) for n in range(5))))
    read_in(*sorted(tmp_path.glob("*.txt")), store=store)
    keys = pq.read_table(store / "parquet/indicators/fiscal_year=2024/part-0.parquet", partitioning=None)
    rows = [(r["doc_id"], r["report_no"], r["indicator_no"]) for r in keys.to_pylist()]
    assert len(rows) == 60
    assert rows == sorted(rows)


def test_a_year_that_does_not_change_is_linked(archive: Path, store: Path) -> None:
    read_in(archive, store=store)
    before = {name: file.stat().st_ino for name, file in parquet(store).items()}
    (archive / "new.txt").write_bytes(fakes.report(2024, ("新增", 1, 2)))
    read_in(archive, store=store)
    after = {name: file.stat().st_ino for name, file in parquet(store).items()}
    runs = {name for name in after if name.startswith("outcomes/")}
    assert len(runs) == 2  # the new run's, and the first one's
    assert before.keys() - runs == after.keys() - runs
    changed = {name for name in after if before.get(name) != after[name]}
    assert len(changed & runs) == 1
    parts = ("reports", "blocks", "sections", "tables", "indicators", "projects", "scores", "remarks")
    names = {"indicator_names/part-0.parquet", "indicator_aliases/part-0.parquet"}
    assert "indicator_names/part-0.parquet" in changed
    assert changed - names - runs == {
        "documents/part-0.parquet", "runs/part-0.parquet",
        *(f"{p}/fiscal_year=2024/part-0.parquet" for p in parts),
    }  # fmt: skip


def test_a_run_that_changes_nothing_is_recorded_and_links_everything(archive: Path, store: Path) -> None:
    read_in(archive, store=store)
    (archive / "d.txt").unlink()  # it failed and would be tried again
    before = {name: file.stat().st_ino for name, file in parquet(store).items()}
    summary = read_in(archive, store=store)
    after = {name: file.stat().st_ino for name, file in parquet(store).items()}
    assert (summary.generation, summary.counts.unchanged, summary.counts.files) == (2, 3, 3)
    run = f"outcomes/run-{summary.run_id}.parquet"
    assert {n for n in after if before.get(n) != after[n]} == {run, "runs/part-0.parquet"}
    assert query(store, "SELECT count(*) FROM runs") == [(2,)]


def test_a_changed_file_replaces_its_rows(archive: Path, store: Path) -> None:
    read_in(archive, store=store)
    (archive / "b.txt").write_bytes(fakes.report(2022, ("论文", 10, 11)))
    read_in(archive, store=store)
    assert query(
        store,
        "SELECT name, actual_value, fiscal_year FROM indicators JOIN reports USING (doc_id) ORDER BY ALL",
    ) == [("培训", 120.0, 2024), ("研发投入", 30.5, 2023), ("论文", 11.0, 2022)]
    assert query(store, "SELECT count(*) FROM documents WHERE source = 'b.txt'") == [(1,)]
    assert query(store, "SELECT count(*) FROM documents") == [(4,)]


def test_a_year_without_rows_is_gone_and_a_table_without_rows_keeps_its_columns(
    tmp_path: Path, store: Path
) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(fakes.report(2023, ("x", 1, 2)))
    read_in(file, store=store)
    file.write_bytes(fakes.report(2024))
    read_in(file, store=store)
    names = [n for n in parquet(store) if n.startswith(("indicators", "reports"))]
    assert names == [
        "indicators/fiscal_year=__HIVE_DEFAULT_PARTITION__/part-0.parquet",
        "reports/fiscal_year=2024/part-0.parquet",
    ]
    file.write_bytes(fakes.report(2025, ("x", 1, 2)))
    read_in(file, store=store)
    names = [n for n in parquet(store) if n.startswith("indicators")]
    assert names == ["indicators/fiscal_year=2025/part-0.parquet"]


def test_a_report_without_a_year_is_null_in_the_partition_too(tmp_path: Path, store: Path) -> None:
    (tmp_path / "a.txt").write_bytes(fakes.report(None, ("x", 1, 2)) + fakes.report(2024, ("y", 1, 2)))
    read_in(tmp_path / "a.txt", store=store)
    sql = (
        f"SELECT name, fiscal_year FROM read_parquet('{store}/parquet/indicators/*/*.parquet') ORDER BY name"
    )
    assert duckdb.sql(sql).fetchall() == [("x", None), ("y", 2024)]


def test_unchanged_duplicate_and_moved(archive: Path, store: Path) -> None:
    (archive / "same.txt").write_bytes((archive / "a.txt").read_bytes())
    read_in(archive, store=store)
    assert query(store, "SELECT outcome, message FROM outcomes WHERE source = 'same.txt'") == [
        ("duplicate", "the same content as a.txt; its rows are stored there")
    ]
    (archive / "a.txt").rename(archive / "z.txt")
    summary = read_in(archive, store=store)
    assert (summary.counts.unchanged, summary.counts.duplicate, summary.counts.failed) == (3, 1, 1)
    doc_id = hashlib.sha256((archive / "z.txt").read_bytes()).hexdigest()[:16]
    assert query(store, f"SELECT source FROM documents WHERE doc_id = '{doc_id}'") == [("same.txt",)]
    assert query(store, "SELECT count(*) FROM reports") == [(3,)]


def test_a_new_parser_version_reads_again(archive: Path, store: Path) -> None:
    read_in(archive, store=store)
    summary = read_in(archive, store=store, version="2")
    assert (summary.counts.read, summary.counts.unchanged) == (3, 0)
    assert query(store, "SELECT DISTINCT parser_version FROM documents") == [("2",)]
    assert query(store, "SELECT count(*) FROM indicators") == [(4,)]


def test_two_stores_of_the_same_files_are_the_same(archive: Path, tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    read_in(archive, store=one)
    read_in(archive / "a.txt", archive / "b.txt", store=two)  # by another way to the same state
    read_in(archive, store=two)
    read_in(archive, store=two, version="1")
    three = tmp_path / "three"
    read_in(archive, store=three)
    dated = ("documents/", "outcomes/", "runs/")
    digests = [
        {
            n: hashlib.sha256(f.read_bytes()).hexdigest()
            for n, f in parquet(s).items()
            if not n.startswith(dated)
        }
        for s in (one, two, three)
    ]
    assert digests[0] == digests[1] == digests[2]
    assert without_times(one) == without_times(three)


def test_the_database_has_comments_chinese_views_and_an_old_storage_version(
    archive: Path, store: Path
) -> None:
    read_in(archive, store=store)
    comments = dict(
        query(store, "SELECT column_name, comment FROM duckdb_columns() WHERE table_name = 'funding'")
    )
    assert comments["amount_yuan"] == "金额: amount; unit: yuan"
    assert query(store, "SELECT comment FROM duckdb_tables() WHERE table_name = 'documents'") == [
        ("文件: a file",)
    ]
    assert query(store, 'SELECT "指标名称", "目标值" FROM "指标" ORDER BY 2 LIMIT 1') == [("专利", 3.0)]
    views = {name for (name,) in query(store, "SELECT view_name FROM duckdb_views() WHERE NOT internal")}
    cross_year = {
        "资金年度概览",
        "报告预算执行",
        "指标跨年",
        "执行率排名",
        "未完成指标",
        "项目经费",
        "支持单位",
        "指标跨年宽表",
    }
    assert views == {t.chinese for t in STORE_TABLES} | cross_year | {"sections"}
    ((tags,),) = query(store, "SELECT tags FROM duckdb_databases() WHERE database_name = 'jixiao'")
    assert tags["storage_version"].startswith("v1.0.0")
    # bytes 8 to 12 are the magic; the number behind it is the file format, 64 since DuckDB 0.10
    header = (store / "jixiao.duckdb").read_bytes()[:20]
    assert (header[8:12], int.from_bytes(header[12:20], "little")) == (b"DUCK", 64)


@pytest.mark.parametrize(
    "sql",
    [
        "COPY documents TO '{0}/out.csv'",
        "COPY (SELECT 1) TO '{0}/out.parquet' (FORMAT parquet)",
        "EXPORT DATABASE '{0}/out'",
        "ATTACH '{0}/other.duckdb'",
        "ATTACH '{0}/there.duckdb' (READ_ONLY)",
        "FROM read_csv('{0}/secret.csv')",
        "FROM '{0}/secret.csv'",
        "FROM read_text('{0}/secret.csv')",
        "FROM glob('{0}/*')",
        "INSTALL httpfs",
        "LOAD httpfs",
        "CREATE TABLE t (a INTEGER)",
        "DELETE FROM documents",
        "UPDATE documents SET source = 'x'",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET enable_external_access",
        "FROM parquet_rows",  # a variable of the caller
    ],
)
def test_sql_can_neither_write_nor_read_other_files(filled_once: Path, tmp_path: Path, sql: str) -> None:
    (tmp_path / "secret.csv").write_text("a\n1\n")
    duckdb.connect(str(tmp_path / "there.duckdb")).close()
    before = sorted(tmp_path.rglob("*"))
    parquet_rows = duckdb.sql("SELECT 1 AS a")
    with open_store(filled_once) as con, pytest.raises(duckdb.Error):
        con.execute(sql.format(tmp_path))
    assert sorted(tmp_path.rglob("*")) == before
    assert parquet_rows is not None


def test_a_store_can_be_opened_twice_and_stays_on_its_generation(archive: Path, store: Path) -> None:
    read_in(archive, store=store)
    with open_store(store) as old, open_store(store) as again:
        read_in(archive, store=store)
        assert old.sql("SELECT count(*) FROM runs").fetchall() == [(1,)]
        assert again.sql("SELECT count(*) FROM runs").fetchall() == [(1,)]
        with open_store(store) as new, open_store(store, generation=1) as first:
            assert new.sql("SELECT count(*) FROM runs").fetchall() == [(2,)]
            assert first.sql("SELECT count(*) FROM runs").fetchall() == [(1,)]


def test_no_store_says_how_to_make_one(store: Path) -> None:
    with pytest.raises(StoreError, match="jixiao ingest"):
        open_store(store)
    assert not store.exists()


def test_only_the_last_generations_are_kept(archive: Path, store: Path) -> None:
    for _ in range(KEPT_GENERATIONS + 2):
        read_in(archive, store=store)
    assert generation_numbers(store) == [3, 4, 5, 6, 7]
    drop_generation(store, 4)
    assert generation_numbers(store) == [3, 5, 6, 7]
    for number, error in ((4, StoreError), (7, UsageError)):
        with pytest.raises(error):
            drop_generation(store, number)
    assert query(store, "SELECT count(*) FROM runs") == [(7,)]


def test_an_old_generation_that_cannot_be_removed_does_not_undo_what_was_published(
    archive: Path, store: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fails(store: Path, number: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    for _ in range(KEPT_GENERATIONS):
        read_in(archive, store=store)
    with monkeypatch.context() as patch:
        patch.setattr("pipeline.generations._remove", fails)
        assert read_in(archive, store=store).generation == KEPT_GENERATIONS + 1
    assert "could not be removed" in caplog.text
    read_in(archive, store=store)
    assert generation_numbers(store) == [3, 4, 5, 6, 7]


def test_a_system_without_copies_of_ranges_publishes_as_well(
    archive: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in(archive, store=store)
    monkeypatch.setattr("pipeline.publishing.database_update.MOST_CHANGED", 1)
    monkeypatch.delattr(os, "copy_file_range", raising=False)  # macOS has none
    monkeypatch.delattr(
        "pipeline.publishing.database_update.make_database"
    )  # the file is changed, not made anew
    (archive / "2019.txt").write_bytes(fakes.report(2019, ("新增床位", 3, 4)))
    read_in(archive, store=store)
    assert query(store, "SELECT count(*) FROM indicators WHERE name = '新增床位'") == [(1,)]


def test_what_a_killed_run_left_is_cleaned_and_lost_links_are_made_again(archive: Path, store: Path) -> None:
    read_in(archive, store=store)
    (store / "generations" / "000002.tmp" / "parquet").mkdir(parents=True)
    (store / "generations" / "000002").mkdir()  # renamed, but killed before the switch
    (store / "jixiao.duckdb").unlink()
    (store / "parquet" / "funding").unlink()
    read_in(archive, store=store)
    assert sorted(p.name for p in (store / "generations").iterdir()) == ["000001", "000002"]
    assert (store / "jixiao.duckdb").exists()
    assert (store / "parquet" / "funding").exists()
    assert current_number(store) == 2


def test_a_lost_current_link_loses_no_rows(archive: Path, store: Path) -> None:
    read_in(archive / "a.txt", store=store)
    read_in(archive / "b.txt", store=store)
    (store / "current").unlink()
    read_in(archive / "科技厅", store=store)
    assert query(store, "SELECT source FROM documents ORDER BY 1") == [("a.txt",), ("b.txt",), ("c.txt",)]


def test_a_second_writer_is_told_so(archive: Path, store: Path) -> None:
    with locked(store), pytest.raises(StoreError, match="another ingest"):
        read_in(archive, store=store)
    assert read_in(archive, store=store).generation == 1


def test_published_files_are_read_only(archive: Path, store: Path) -> None:
    read_in(archive, store=store)
    files = [p for p in (store / "generations").rglob("*") if p.is_file()]
    assert len(files) > 20
    assert {f.stat().st_mode & 0o777 for f in files} == {0o444}


def test_a_failed_publication_leaves_the_store_as_it_was(
    archive: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_in(archive, store=store)
    (archive / "new.txt").write_bytes(fakes.report(2024))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pipeline.store.publish_database", full)
    with pytest.raises(StoreError, match="No space left"):
        read_in(archive, store=store)
    monkeypatch.undo()
    assert query(store, "SELECT count(*) FROM documents") == [(4,)]
    assert generation_numbers(store) == [1]
    assert read_in(archive, store=store).counts.read == 1


def watch(store: Path, pipe: Connection) -> None:
    """Reads the store again and again; sends what it saw: per look the runs and the documents' runs."""
    seen = set()
    while not pipe.poll():
        with open_store(store) as con:
            seen.add(con.sql("SELECT (SELECT count(*) FROM runs), (SELECT min(target_value) FROM indicators), "
                             "(SELECT max(target_value) FROM indicators), count(*) FROM indicators").fetchall()[0])  # fmt: skip
        root = (store / "current").resolve()
        years = [
            pq.ParquetFile(f).read(["target_value"]).to_pylist() for f in root.glob("parquet/indicators/*/*")
        ]
        values = {row["target_value"] for year in years for row in year}
        seen.add((None, min(values), max(values), sum(map(len, years))))
    pipe.send(sorted(seen, key=str))


def test_a_reader_never_sees_a_mixture(tmp_path: Path, store: Path) -> None:
    """Each generation gives every indicator of both years the same value; so must every look."""
    folder = tmp_path / "in"
    folder.mkdir()

    def write(value: int) -> None:
        for year in (2023, 2024):
            for n in range(5):
                (folder / f"{year}-{n}.txt").write_bytes(fakes.report(year, (f"x{n}", value, value)))

    write(1)
    read_in(folder, store=store)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    reader = context.Process(target=watch, args=(store, there))
    reader.start()
    for value in range(2, 14):
        write(value)
        read_in(folder, store=store)
    here.send("enough")
    assert here.poll(60)
    seen = here.recv()
    reader.join(60)
    assert len(seen) > 2
    for runs, low, high, count in seen:
        assert (low, count) == (high, 10)
        assert runs in (None, low)


def test_odd_folder_names_will_do(archive: Path, tmp_path: Path) -> None:
    odd = tmp_path / "it's [1] *" / "绩效" / "data"
    for _ in range(2):
        read_in(archive, store=odd)
    assert query(odd, "SELECT count(*) FROM indicators") == [(4,)]


def test_a_question_mark_in_the_path_is_refused_at_once(archive: Path, tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="must not contain"):
        read_in(archive, store=tmp_path / "data?")
    assert not (tmp_path / "data?").exists()


def test_runs_keep_their_outcomes_over_generations(archive: Path, store: Path) -> None:
    first, second = read_in(archive, store=store), read_in(archive, store=store)
    assert first.run_id < second.run_id or first.run_id[:16] == second.run_id[:16]
    assert query(store, "SELECT outcome, count(*) FROM outcomes GROUP BY 1 ORDER BY 1") == [
        ("failed", 2), ("read", 3), ("unchanged", 3),
    ]  # fmt: skip


def test_places_come_back_as_they_were_written(archive: Path, store: Path) -> None:
    read_in(archive, store=store)
    ((places,),) = query(store, "SELECT places FROM funding")
    assert json.loads(json.dumps(places)) == [
        {
            "field": "amount_text",
            "block_no": 2,
            "row_no": None,
            "column_no": None,
            "char_start": 4,
            "char_end": 8,
            "page": None,
            "box": None,
            "sheet_cell": None,
            "confidence": None,
        }
    ]


def test_a_store_of_an_older_jixiao_gains_the_new_columns(archive: Path, store: Path) -> None:
    """Rows that are not read again keep what they have; columns they were written without are null."""
    read_in(archive, store=store)
    current = store / "current" / "parquet"
    for file, column in (
        (current / "documents" / "part-0.parquet", "unread_pages"),
        *((f, "confidence") for f in current.glob("indicators/*/*.parquet")),
    ):
        table = pq.ParquetFile(file).read().drop_columns([column])
        file.unlink()
        pq.write_table(table, file)
    (current.parent / "parquet.json").unlink()  # older ones kept no list of their files
    (archive / "new.txt").write_bytes(fakes.report(2025, ("新指标", 1, 1)))
    assert read_in(archive, store=store).counts.unchanged == 3
    assert query(store, "SELECT count(*), count(confidence) FROM indicators") == [(5, 0)]
    assert query(store, "SELECT count(*), count(unread_pages) FROM documents WHERE status = 'read'") == [
        (4, 1)
    ]


def test_the_sizes_of_generations_count_shared_files_once(archive: Path, store: Path) -> None:
    read_in(archive, store=store)
    read_in(archive / "a.txt", store=store)
    sizes, whole = generation_sizes(store)
    assert [(s.number, s.is_current) for s in sizes] == [(1, False), (2, True)]
    shared = (store / "generations/000001/parquet/indicators/fiscal_year=2023/part-0.parquet").stat()
    assert shared.st_nlink == 2
    assert sizes[0].shared_bytes == sizes[1].shared_bytes >= shared.st_size
    assert whole == sizes[0].own_bytes + sizes[1].own_bytes + sizes[0].shared_bytes
    for size in sizes:
        folder = store / "generations" / f"{size.number:06}"
        on_disk = sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())
        assert size.own_bytes + size.shared_bytes == on_disk


def test_pruning_keeps_the_last_generations_and_open_readers(archive: Path, store: Path) -> None:
    for _ in range(4):
        read_in(archive, store=store)
    with open_store(store, generation=1) as reader:
        assert prune(store, 2) == [1, 2]
        assert reader.sql("SELECT count(*) FROM indicators").fetchall() == [(4,)]
    assert generation_numbers(store) == [3, 4]
    assert prune(store, 2) == []
    with pytest.raises(UsageError, match="cannot be kept"):
        prune(store, 0)
