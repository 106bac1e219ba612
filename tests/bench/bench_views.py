"""How long the cross-year views take: `python -m tests.bench.bench_views REPORTS FOLDER [--keep]`.

Makes a store of REPORTS synthetic reports in FOLDER (straight as staged rows: no file is parsed), publishes it as an ingest does,
and times each view, macro and query of docs/sql-guide.md on it: first with the file dropped from the system's cache
and a new connection (cold), then again (warm, the median of three). `--keep` times a store that is there already.

What is synthetic: 2,000 funds over 6 years; of the reports of a fund and year one is the province's, one in eight an evaluation, the others
county forms; 30 indicators a report, 12 of them repetitions as target rows; 6 sums of money; 5 projects; 10 chapters of
200 characters, drawn from a vocabulary by Zipf's law. Blocks, printed tables and places are left out: no view reads them.
"""

import os
import re
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from pipeline.alignment.decisions import Decisions
from pipeline.database import make_database, open_store
from pipeline.generations import DATABASE
from pipeline.parquet import write_table
from pipeline.staging import RunMark, Staging, open_staging
from pipeline.store import Publication, publish
from schemas.records import (
    FUNDING,
    INDICATORS,
    PROJECTS,
    REPORTS,
    SECTIONS,
    STORE_TABLES,
    Counts,
    DocumentRow,
    OutcomeRow,
    RunRow,
)
from schemas.tables import TableSchema

ROOT = Path(__file__).parents[2]
FUNDS, YEARS, FIRST_YEAR = 2_000, 6, 2019
INDICATORS_OF_FUND, REPEATED = 18, 12
SUMS, PROJECTS_OF_REPORT, CHAPTERS, CHAPTER_WORDS = 6, 5, 10, 75
VOCABULARY, UNDERTAKERS = 40_000, 30_000
BATCH = 2_500
WARM_RUNS = 3
NOW = datetime(2025, 6, 30, tzinfo=UTC)

rng = np.random.default_rng(20_25)


def main(arguments: list[str]) -> None:
    """Makes the store, unless told to keep it, and prints what each question takes."""
    reports, store = int(arguments[0]), Path(arguments[1])
    if "--keep" not in arguments:
        make_store(reports, store)
    time_questions(store)


# ---- the store ------------------------------------------------------------------------------


def make_store(reports: int, store: Path) -> None:
    """Stages and publishes synthetic reports; prints seconds and sizes."""
    (store / "generations").mkdir(parents=True)
    mark = RunMark("bench", NOW, "bench", "0")
    with open_staging(store / "staging", mark, frozenset()) as staging:
        for number, start in enumerate(range(0, reports, BATCH), start=1):
            batch = staging.folder / f"batch-{number:06}"
            batch.mkdir()
            staging.batches.add(batch.name)
            for table, rows in batch_rows(np.arange(start, min(start + BATCH, reports))):
                write_table(batch / f"{table.name}.parquet", rows)
        begun = time.perf_counter()
        publish(store, publication(reports, staging))
    print(f"publish: {time.perf_counter() - begun:.1f} s for {reports:,} reports")
    folder = (store / "current").resolve()
    with open_store(store) as con:
        aligned = con.sql("SELECT count(*) FROM funds").fetchall()[0][0]
    if not aligned:
        remake_with_names(folder, staging)
    print(f"DuckDB file: {(folder / DATABASE).stat().st_size / 1e6:,.0f} MB")


def remake_with_names(folder: Path, staging: Staging) -> None:
    """Where publication aligns nothing: the catalogues by plain SQL, and the DuckDB file made again with them."""
    files = {t.name: sorted((folder / "parquet" / t.name).rglob("*.parquet")) for t in STORE_TABLES}
    with duckdb.connect() as con:
        for name, sql in CATALOGUES.items():
            schema = next(t for t in STORE_TABLES if t.name == name).arrow
            found = con.sql(
                sql.format(**{n: [str(f) for f in fs] for n, fs in files.items()})
            ).to_arrow_table()
            columns = [
                found[f.name].cast(f.type)
                if f.name in found.column_names
                else pa.nulls(found.num_rows, f.type)
                for f in schema
            ]
            files[name] = [staging.folder / f"{name}.parquet"]
            write_table(files[name][0], pa.Table.from_arrays(columns, schema=schema))
    (folder / DATABASE).unlink()
    begun = time.perf_counter()
    make_database(folder / DATABASE, files, staging.folder / "spill", documents=0)
    print(f"of it the DuckDB file: {time.perf_counter() - begun:.1f} s")


CATALOGUES = {
    "funds": """
        SELECT fund_id, any_value(fund_name) AS name, min(fiscal_year) AS first_year, max(fiscal_year) AS last_year,
               count(*) AS reports FROM read_parquet({reports}, hive_partitioning = false) GROUP BY fund_id""",
    "fund_aliases": """
        SELECT fund_id, fund_name AS name, '名称相同' AS reason, 1.0 AS score, 'name' AS decided_by, count(*) AS reports
        FROM read_parquet({reports}, hive_partitioning = false) GROUP BY fund_id, fund_name""",
    "indicator_names": """
        SELECT indicator_id, any_value(name) AS name, any_value(level2) AS level2, 'items' AS unit_kind, '项' AS unit,
               1.0 AS unit_factor FROM read_parquet({indicators}, hive_partitioning = false) GROUP BY indicator_id""",
}


def publication(reports: int, staging: Staging) -> Publication:
    """What the run read: one document a report."""
    documents = [
        DocumentRow(
            doc_id=doc_id(n), source=f"{2019 + n % YEARS}/报告{n}.docx", sha256=doc_id(n) * 4, format="docx", bytes=1,
            unread_pages=0, status="read", parser_version="0", run_id="bench", ingested_at=NOW.replace(tzinfo=None),
        )
        for n in range(reports)
    ]  # fmt: skip
    outcomes = [
        OutcomeRow(run_id="bench", source=d.source, doc_id=d.doc_id, outcome="read", seconds=0.0)
        for d in documents
    ]
    run = RunRow(
        run_id="bench", started_at=NOW.replace(tzinfo=None), ended_at=NOW.replace(tzinfo=None), root="bench",
        parser_version="0", counts=Counts(files=reports, read=reports),
    )  # fmt: skip
    return Publication(Decisions(), staging.files, run, documents, outcomes)


def doc_id(number: int) -> str:
    """Like a hash: in no order of the reports."""
    return f"{number * 0x9E3779B97F4A7C15 % 2**64:016x}"


def batch_rows(numbers: np.ndarray[Any, Any]) -> Iterator[tuple[TableSchema, pa.Table]]:
    """The rows of the reports with these numbers."""
    fund, year = numbers % FUNDS, numbers // FUNDS % YEARS
    place = numbers // (FUNDS * YEARS)  # 0 is the province, the others counties and evaluations
    ids = np.array([doc_id(int(n)) for n in numbers])
    types = np.where(
        place == 0,
        "transfer_self_evaluation",
        np.where(place == 7, "third_party_evaluation", "self_evaluation_form"),
    )
    size = np.where((place == 0) | (place == 7), 1.0, 0.12)
    yield (
        REPORTS,
        filled(REPORTS, len(ids), {
            "doc_id": ids, "report_no": 1, "report_type": types, "fund_id": labels("F", fund), "title": "绩效自评报告",
            "fund_name": FUND_NAMES[fund], "fiscal_year": FIRST_YEAR + year, "total_score": 85 + fund % 15,
            "organisation": labels("单位", fund * 10 + place), "region": labels("地区", place), "grade": "优",
        }),
    )  # fmt: skip
    yield FUNDING, funding_rows(ids, fund, size)
    yield INDICATORS, indicator_rows(ids, fund, year, size)
    yield PROJECTS, project_rows(ids)
    yield SECTIONS, section_rows(ids)


def funding_rows(
    ids: np.ndarray[Any, Any], fund: np.ndarray[Any, Any], size: np.ndarray[Any, Any]
) -> pa.Table:
    n = len(ids)
    at = np.tile(np.arange(SUMS), n)
    budget = (1_000_000 + 50_000 * fund) * size
    rate = rng.uniform(0.7, 1, n)
    share = np.array([1, 0.6, 0.4])[at // 2]
    amount = np.repeat(budget, SUMS) * share * np.where(at % 2, np.repeat(rate, SUMS), 1)
    parents = np.array([None, None, 1, 2, 1, 2], dtype=object)
    return filled(FUNDING, n * SUMS, {
        "doc_id": np.repeat(ids, SUMS), "report_no": 1, "funding_no": at + 1, "table_no": 1, "row_no": at // 2 + 2,
        "item": np.array(["年度资金总额", "中央财政资金", "省级财政资金"])[at // 2],
        "parent_no": parents[at], "measure": np.array(["budget", "executed"])[at % 2],
        "source": np.array(["total", "central", "provincial"])[at // 2], "amount_yuan": np.round(amount, 2),
        "amount_text": "1", "location": "表1 第2行",
    })  # fmt: skip


def indicator_rows(
    ids: np.ndarray[Any, Any],
    fund: np.ndarray[Any, Any],
    year: np.ndarray[Any, Any],
    size: np.ndarray[Any, Any],
) -> pa.Table:
    n, rows = len(ids), INDICATORS_OF_FUND + REPEATED
    at = np.tile(np.arange(rows), n)
    is_target = at < REPEATED
    which = np.where(is_target, at, at - REPEATED)
    key = np.repeat(fund, rows) * INDICATORS_OF_FUND + which
    target = np.round((10 + key % 500) * (1 + 0.05 * np.repeat(year, rows)) * np.repeat(size, rows), 1)
    actual = np.round(target * rng.choice([0.9, 1, 1, 1.05, 1.2], len(at)), 1)
    satisfied = which == INDICATORS_OF_FUND - 1
    target, actual = np.where(satisfied, 90, target), np.where(satisfied, np.where(key % 40, 95, 100), actual)
    met = actual >= target

    def unless_target(values: Any) -> pa.Array:
        return pa.array(values, mask=is_target, from_pandas=True)

    names = np.where(satisfied, "服务对象满意度", WORDS[key % 3_000])
    return filled(INDICATORS, len(at), {
        "doc_id": np.repeat(ids, rows), "report_no": 1, "indicator_no": at + 1, "table_no": np.where(is_target, 1, 2),
        "row_no": which + 2, "record": np.where(is_target, "target", "completion"), "level1": "产出指标",
        "level2": np.where(satisfied, "服务对象满意度指标", "数量指标"), "level2_inferred": False, "name": names,
        "target_text": np.char.add("≥", target.astype(str)), "target_op": ">=", "target_value": target,
        "target_unit": "项", "actual_text": unless_target(actual.astype(str)), "actual_value": unless_target(actual),
        "actual_unit": "项", "weight": 3.0, "score": 3.0,
        "completion_rate": unless_target(np.round(100 * actual / target, 2)), "is_met": unless_target(met),
        "reason": pa.array(np.full(len(at), "受降雨影响，施工时间不足"), mask=is_target | met),
        "indicator_id": labels("I", key), "unit_kind": "items", "base_unit": "项", "target_base_value": target,
        "actual_base_value": unless_target(actual), "location": "表2 第5行",
    })  # fmt: skip


def project_rows(ids: np.ndarray[Any, Any]) -> pa.Table:
    n = len(ids) * PROJECTS_OF_REPORT
    at = np.tile(np.arange(PROJECTS_OF_REPORT), len(ids))
    amount = np.round(rng.lognormal(12, 1, n), 0)
    return filled(PROJECTS, n, {
        "doc_id": np.repeat(ids, PROJECTS_OF_REPORT), "report_no": 1, "project_no": at + 1, "seq": at + 1,
        "name": np.char.add(WORDS[rng.integers(0, VOCABULARY, n)].astype(str), "项目"),
        "undertaker": labels("承担单位", rng.integers(0, UNDERTAKERS, n)), "amount_yuan": amount,
        "amount_text": "1", "category": "重点项目", "location": "表3 第4行",
    })  # fmt: skip


def section_rows(ids: np.ndarray[Any, Any]) -> pa.Table:
    n = len(ids) * CHAPTERS
    at = np.tile(np.arange(CHAPTERS), len(ids))
    drawn = np.minimum(np.searchsorted(CUMULATED, rng.random(n * CHAPTER_WORDS)), VOCABULARY - 1)
    drawn = drawn.astype(np.int32).reshape(n, CHAPTER_WORDS)
    texts = ["".join(words) for words in WORDS[drawn]]
    drawn.sort(axis=1)
    first = np.ones_like(drawn, dtype=bool)
    first[:, 1:] = drawn[:, 1:] != drawn[:, :-1]
    offsets = np.concatenate([[0], np.cumsum(first.sum(axis=1))]).astype(np.int32)
    words = pa.ListArray.from_arrays(pa.array(offsets), pa.array(WORDS.tolist()).take(pa.array(drawn[first])))
    return filled(SECTIONS, n, {
        "doc_id": np.repeat(ids, CHAPTERS), "report_no": 1, "section_no": at + 1, "level": 1,
        "title": np.array(["项目概况", "绩效目标", "资金使用", "组织实施", "完成情况", "评价结论", "经验做法", "存在问题", "建议", "其他"])[at],
        "kind": "other", "text": texts, "words": words, "detected_by": "numbering", "location": "第9段 第1–6字",
    })  # fmt: skip


def labels(prefix: str, numbers: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.char.add(prefix, numbers.astype(str))


def filled(schema: TableSchema, n: int, given: dict[str, Any]) -> pa.Table:
    """`n` rows: arrays as given, a single value in every row, null (or no item) where none is given."""
    arrays = []
    for field in schema.arrow:
        value = given.get(field.name)
        if value is None:
            empty = pa.types.is_list(field.type)
            arrays.append(pa.array([[]] * n, field.type) if empty else pa.nulls(n, field.type))
        elif isinstance(value, pa.Array):
            arrays.append(value.cast(field.type))
        elif isinstance(value, np.ndarray | list):
            arrays.append(pa.array(value).cast(field.type))
        else:
            arrays.append(pa.repeat(pa.scalar(value, field.type), n))
    return pa.Table.from_arrays(arrays, schema=schema.arrow)


def vocabulary() -> np.ndarray[Any, Any]:
    """Words of two to four characters, the commonest first; the terms that the guide looks for among them."""
    signs = np.array([chr(code) for code in range(0x4E00, 0x4E00 + 2_500)])
    words = {
        "".join(signs[rng.integers(0, 2_500, size=rng.choice([2, 2, 2, 3, 4]))])
        for _ in range(VOCABULARY + 500)
    }
    chosen = [str(word) for word in rng.permutation(sorted(words))[:VOCABULARY]]
    for at, word in ((30, "项目"), (90, "进度"), (120, "滞后"), (2_000, "整改"), (20_000, "技术合同")):
        chosen[at] = word
    return np.array(chosen, dtype=object)


WORDS = vocabulary()
CUMULATED = np.cumsum(1 / np.arange(1, VOCABULARY + 1) ** 0.9)
CUMULATED /= CUMULATED[-1]
FUND_NAMES = np.array([f"{WORDS[5_000 + n]}发展专项资金{n}" for n in range(FUNDS)], dtype=object)

# ---- the questions --------------------------------------------------------------------------


def questions() -> dict[str, str]:
    """Each view, whole and for one fund, each macro, and the queries of the guide."""
    fund = FUND_NAMES[77]
    orders = {
        "资金年度概览": "预算万元", "报告预算执行": "预算万元", "指标跨年": "同比", "指标跨年宽表": "指标名称", "执行率排名": "执行率",
        "未完成指标": "完成率", "项目经费": "金额万元", "支持单位": "金额万元",
    }  # fmt: skip
    found = {}
    for view, order in orders.items():
        found[f"{view} 前百"] = f"FROM {view} ORDER BY {order} DESC NULLS LAST LIMIT 100"
        if view != "支持单位":
            found[f"{view} 一项资金"] = f"FROM {view} WHERE 资金名称 = '{fund}'"
    found |= {
        "资金年度概览 按年汇总": "SELECT 年度, count(*), avg(执行率), sum(预算万元) FROM 资金年度概览 GROUP BY ALL",
        "指标跨年 按资金汇总": "SELECT 资金名称, count(*) FILTER (是否达标) FROM 指标跨年 GROUP BY ALL",
        "未完成指标 按资金汇总": "SELECT 资金名称, 年度, count(*) FROM 未完成指标 GROUP BY ALL",
        "项目经费 按资金汇总": "SELECT 资金名称, 年度, sum(金额万元) FROM 项目经费 GROUP BY ALL",
        "资金历年 名称": f"FROM 资金历年('{fund}')",
        "资金历年 部分": "FROM 资金历年('资金19')",
        "指标历年": f"FROM 指标历年('{fund}', '满意度')",
        "章节检索 罕见词": "FROM 章节检索('技术合同')",
        "章节检索 常见词": f"FROM 章节检索('{WORDS[0]}')",
        "章节检索 三个词": "FROM 章节检索('项目 进度 滞后')",
        "章节检索 非词": f"FROM 章节检索('{WORDS[1]}{WORDS[7]}')",
        "章节检索 无": "FROM 章节检索('㐀㐁')",
    }
    guide = (
        (ROOT / "docs/sql-guide.md").read_text(encoding="utf-8")
        if (ROOT / "docs/sql-guide.md").exists()
        else ""
    )
    for number, sql in re.findall(r"^## (\d+)\. .*?^```sql\n(.*?)^```$", guide, re.DOTALL | re.MULTILINE):
        found[f"guide {number}"] = sql
    return found


def time_questions(store: Path) -> None:
    """Prints the load, and for each question its rows and its milliseconds, cold and warm, and of the processor; slowest last."""
    file = (store / "current" / DATABASE).resolve()
    print(f"load {os.getloadavg()[0]:.1f}; DuckDB {duckdb.__version__}")
    timed = []
    for name, sql in questions().items():
        forget(file)
        with open_store(store) as con:
            cold, _, rows = seconds(con, sql)
            runs = [seconds(con, sql)[:2] for _ in range(WARM_RUNS)]
        warm, used = (statistics.median(column) for column in zip(*runs, strict=True))
        timed.append((warm, cold, used, rows, name))
    print(f"{'warm':>7} {'cold':>7} {'used':>7} {'rows':>9}  milliseconds; used: of all cores together")
    for warm, cold, used, rows, name in sorted(timed):
        print(f"{warm * 1000:>7.0f} {cold * 1000:>7.0f} {used * 1000:>7.0f} {rows:>9,}  {name}")


def seconds(con: duckdb.DuckDBPyConnection, sql: str) -> tuple[float, float, int]:
    """By the clock, of the processor, and the rows."""
    begun, used = time.perf_counter(), time.process_time()
    rows = con.sql(sql).to_arrow_table().num_rows
    return time.perf_counter() - begun, time.process_time() - used, rows


def forget(file: Path) -> None:
    """Drops the file from the system's cache, where the system knows how."""
    if hasattr(os, "posix_fadvise"):
        descriptor = os.open(file, os.O_RDONLY)
        try:
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(descriptor)


if __name__ == "__main__":
    main(sys.argv[1:])
