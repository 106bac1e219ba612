"""A DuckDB file that was brought up to date holds what one made anew of the same Parquet files holds."""

import json
import random
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipeline.database import make_database
from pipeline.generations import DATABASE, published_path
from pipeline.ingest import align
from pipeline.publishing import database_update, search_index
from schemas.records import STORE_TABLES
from schemas.summaries import NUMBERED_SECTIONS, SUMMARY_TABLES
from tests.pipeline import fakes
from tests.pipeline.conftest import read_in

VIEWS = (
    "资金年度概览", "报告预算执行", "指标跨年", "执行率排名", "未完成指标", "项目经费", "支持单位", "指标跨年宽表",
)  # fmt: skip
SEARCHES = ("水库", "农田", "水库 农田", "库农", "水", "没有", "高标准农田", "项目 绩效情况")
WORDS = ("水库", "农田", "高标准农田", "进度", "水", "道路", "培训")
FUNDS = ("水库移民后期扶持资金", "农田建设补助资金", "道路养护资金", "乡村振兴衔接资金")
COUNTIES = ("江岚省财政厅", "江岚省清河县", "江岚省白石县", None)
NUMBERED = ("section_index", "section_segments")
"""Tables in which chapters go by numbers, which depend on what was published before."""


def write_report(file: Path, chance: random.Random) -> None:
    """A made-up report: a fund, a year, indicators, projects and a chapter of a few words."""
    year = chance.choice((2021, 2022, 2023, None))
    names = chance.sample(("新增床位", "培训人次", "完工项目", "满意度"), chance.randint(0, 3))
    text = "".join(chance.choices(WORDS, k=4))
    line = fakes.report(
        year,
        *((n, chance.randint(1, 9), chance.randint(1, 9)) for n in names),
        text=(f"{text}，预算28万元。",),
    )
    fund = {"fund": chance.choice((*FUNDS, None)), "organisation": chance.choice(COUNTIES)}
    projects = [
        [f"项目{n}", chance.choice(("甲公司", "乙公司", None)), n * 1e4] for n in range(chance.randint(0, 3))
    ]
    file.write_bytes(
        fakes.extended(line, **fund, projects=projects, words=sorted(set(chance.choices(WORDS, k=3))))
    )


def change(folder: Path, chance: random.Random) -> None:
    """Adds, changes, removes and moves a few files."""
    files = sorted(folder.glob("*.txt"))
    for _ in range(chance.randint(1, 3)):
        what = chance.choice(("add", "change", "change", "remove", "move"))
        file = chance.choice(files)
        if what == "add":
            write_report(folder / f"{chance.randrange(10**6):06}.txt", chance)
        elif what == "change":
            write_report(file, chance)
        elif what == "move" and file.exists():
            file.rename(folder / f"moved-{chance.randrange(10**6):06}.txt")
        elif file.exists():
            file.write_bytes(b"BROKEN" + str(chance.random()).encode())


def contents(file: Path) -> dict[str, list[Any]]:
    """Everything that the file answers, in an order of its own, with chapters by their keys instead of numbers."""
    with duckdb.connect(str(file), read_only=True) as con:
        found = {
            t.name: rows(con, f'FROM "{t.name}"')
            for t in (*STORE_TABLES, *SUMMARY_TABLES)
            if t.name not in NUMBERED
        }
        found |= {view: rows(con, f'FROM "{view}"') for view in (*VIEWS, *(t.chinese for t in STORE_TABLES))}
        for words in SEARCHES:
            found[words] = con.sql(f"FROM 章节检索('{words}')").fetchall()
        found["index"] = rows(
            con,
            "SELECT word, doc_id, report_no, section_no "
            f"FROM (SELECT word, unnest(numbers) AS number FROM section_index) JOIN {NUMBERED_SECTIONS} USING (number)",
        )
        found["counts"] = rows(
            con, "SELECT word, sum(chapters) FROM section_index GROUP BY word HAVING sum(chapters) <> 0"
        )
        comments = "SELECT {0}_name, comment, sql FROM duckdb_{0}s() WHERE NOT internal"
        found["tables"] = rows(con, comments.format("table"))
        found["view statements"] = rows(con, comments.format("view"))
    return found


def rows(con: duckdb.DuckDBPyConnection, sql: str) -> list[str]:
    return sorted(map(repr, con.sql(sql).fetchall()))


def assert_as_made_anew(store: Path, scratch: Path) -> None:
    generation = published_path(store)
    files = {t.name: sorted((generation / "parquet" / t.name).rglob("*.parquet")) for t in STORE_TABLES}
    anew = scratch / f"{generation.name}.duckdb"
    make_database(anew, files, scratch / "spill", documents=0)
    expected, found = contents(anew), contents(generation / DATABASE)
    for name, value in expected.items():
        assert found[name] == value, name


@pytest.mark.parametrize("seed", range(2))
def test_random_changes(tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(database_update, "MOST_CHANGED", 1)
    monkeypatch.setattr(database_update, "MOST_GONE", 0)  # never made anew
    monkeypatch.setattr("pipeline.publishing.buckets.BUCKET_ROWS", 16)
    if seed:
        monkeypatch.setattr(search_index, "SEGMENT_CHAPTERS", 8)
    made = []
    monkeypatch.setattr(
        database_update, "make_database", lambda *given: made.append(1) or make_database(*given)
    )
    chance, folder = random.Random(seed), tmp_path / "in"
    folder.mkdir()
    for n in range(30):
        write_report(folder / f"{n:02}.txt", chance)
    read_in(folder, store=store)
    for step in range(6):
        if step == 3:
            aliases = store / "aliases"
            aliases.mkdir(exist_ok=True)
            (aliases / "funds.csv").write_text(
                f"decision,name,other\nsame,{FUNDS[0]},{FUNDS[2]}\n", encoding="utf-8"
            )
            align(store)
        else:
            change(folder, chance)
            read_in(folder, store=store)
        assert_as_made_anew(store, tmp_path)
    assert len(made) == 1


def test_the_file_is_made_anew_where_little_of_it_would_stay(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twelve documents: of so many three may change at once, and six go before the file is made anew."""
    made: list[int] = []
    monkeypatch.setattr(
        database_update, "make_database", lambda *given: made.append(1) or make_database(*given)
    )
    folder = tmp_path / "in"
    folder.mkdir()

    def run(*numbers: int, value: int) -> int:
        for n in numbers:
            (folder / f"{n:02}.txt").write_bytes(fakes.report(2024, (f"指标{n}", n, value)))
        before = len(made)
        read_in(folder, store=store)
        return len(made) - before

    assert run(*range(12), value=1) == 1  # there was none
    assert run(0, 1, value=2) == 0
    assert run(0, value=3) == 0  # three have gone since
    assert run(0, 1, 2, 3, value=4) == 1  # too many at once
    assert run(0, value=5) == 0
    (published_path(store) / database_update.MARK).unlink()
    assert run(0, value=6) == 1  # nothing says how the file was made


def test_adding_reports_leaves_no_room_to_win_back(
    tmp_path: Path, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    for n in range(20):
        (folder / f"{n:02}.txt").write_bytes(fakes.report(2024, (f"指标{n}", n, 1)))
    read_in(folder, store=store)
    monkeypatch.setattr(database_update, "make_database", None)  # a call would fail
    for n in range(20, 24):
        (folder / f"{n:02}.txt").write_bytes(fakes.report(2024, (f"指标{n}", n, 1)))
        read_in(folder, store=store)
    mark = json.loads((published_path(store) / database_update.MARK).read_text(encoding="utf-8"))
    assert mark["gone"] == 0
