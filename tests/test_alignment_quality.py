"""The same fund and the same indicator are recognised over six years of drifting names (tests/alignment_quality.py)."""

from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from random import Random

import pyarrow as pa
import pytest

from pipeline.parquet import read_table
from tests.alignment_quality import (
    Measured,
    Pairs,
    Seen,
    by_letters,
    compared,
    measure,
    merged,
    missed,
    of_other_names,
    pairs,
    stored,
)
from tests.pipeline.publications import Publications
from tests.sample_truth import folded
from tests.samples import drift

SEED = 1
FUNDS = (0.99, 0.95)
INDICATORS = (0.97, 0.90)
"""Floors of precision and recall."""
MOST_CHANGED = 0.002
"""Share of the rows whose ids may be others once everything is aligned anew: what words mean is learnt from all funds."""
READ = (0.98, 0.995)
"""Floors of the share of reports and indicators that are read as printed: what is not read is not measured."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("drift")


@pytest.fixture(scope="module")
def measured(folder: Path) -> Measured:
    return measure(SEED, folder)


def test_nearly_everything_is_read_as_printed(measured: Measured) -> None:
    assert (measured.reports_read >= READ[0], measured.indicators_read >= READ[1]) == (True, True), (
        measured.unread
    )
    assert len(measured.funds) > 400
    assert len(measured.indicators) > 3500


def test_funds_are_recognised(measured: Measured) -> None:
    assert reaches(measured.of_funds, FUNDS), str(measured.of_funds)


def test_indicators_of_a_fund_are_recognised(measured: Measured) -> None:
    assert reaches(measured.within_funds, INDICATORS), str(measured.within_funds)


def test_indicators_of_all_funds_are_recognised(measured: Measured) -> None:
    assert reaches(measured.of_indicators, INDICATORS), str(measured.of_indicators)


# ---- read step by step ----------------------------------------------------------------------


def read_again(folder: Path, states: Path) -> tuple[Publications, dict[str, int]]:
    """The rows of the archive's reports, before any of them is published, and the year of each."""
    (states / "alignment").mkdir(parents=True)
    tables = [
        pa.concat_tables(
            read_table(file) for file in sorted((folder / "store/parquet" / name).rglob("*.parquet"))
        )
        for name in ("reports", "indicators")
    ]
    years = dict(zip(tables[0]["doc_id"].to_pylist(), tables[0]["fiscal_year"].to_pylist(), strict=True))
    return Publications(tables[0], tables[1], states / "alignment"), years


def test_read_year_by_year_it_is_recognised_as_well(measured: Measured, folder: Path, tmp_path: Path) -> None:
    store, years = read_again(folder, tmp_path)
    for year in sorted(set(years.values())):
        store.publish([doc for doc, its in years.items() if its == year])
        assert store.wrong() == [], year
    heads, lines = stored(folder / "store/jixiao.duckdb")
    for source, head in heads.items():
        for number, line in enumerate(lines[source], start=1):
            line["indicator_id"] = store.ids["indicators"][head["doc_id"], 1, number]
        head["fund_id"] = store.ids["reports"][head["doc_id"], 1, 0]
    found = compared(drift.write(tmp_path / "raw", SEED), heads, lines)
    assert reaches(found.of_funds, FUNDS), str(found.of_funds)
    assert reaches(found.within_funds, INDICATORS), str(found.within_funds)
    assert reaches(found.of_indicators, INDICATORS), str(found.of_indicators)


@pytest.mark.parametrize("seed", [3, 8])
def test_step_by_step_is_as_all_anew(measured: Measured, folder: Path, tmp_path: Path, seed: int) -> None:
    """After random steps everything is aligned anew: hardly anything has another id then, and that stays."""
    store, years = read_again(folder, tmp_path)
    rng = Random(seed)
    docs = sorted(years)
    store.publish(rng.sample(docs, len(docs) * 6 // 10))
    for taken, again, gone in ((1, 0, 0), (20, 2, 3), (5, 0, 1), (40, 5, 5)):
        there, out = sorted(store.there), [doc for doc in docs if doc not in store.there]
        store.publish(
            [*rng.sample(out, taken), *(mixed := rng.sample(there, again + gone))[:again]], mixed[again:]
        )
        assert store.wrong() == []
    before = {table: dict(ids) for table, ids in store.ids.items()}
    store.publish(whole=True)
    assert store.wrong() == []
    changed = sum(
        store.ids[table][key] != found for table, ids in before.items() for key, found in ids.items()
    )
    assert changed <= MOST_CHANGED * sum(map(len, before.values()))
    assert store.publish(whole=True) == 0


def reaches(found: Pairs, floors: tuple[float, float]) -> bool:
    return found.precision >= floors[0] and found.recall >= floors[1]


# ---- the measure itself ---------------------------------------------------------------------


def seen(truth: str, name: str, year: int, found: str, *changes: str) -> Seen:
    return Seen(truth, truth, year, name, "", found, frozenset(changes))


FIVE = [
    seen("a", "甲资金", 2021, "1"),
    seen("a", "甲资金", 2022, "1"),
    seen("a", "甲专项资金", 2023, "2", "money word"),
    seen("b", "乙资金", 2021, "2"),
    seen("b", "乙资金", 2022, "3"),
]


def test_pairs_are_counted() -> None:
    """Of a: three pairs, one of them said. Of b: one pair, not said. Said besides: 甲专项资金 with 乙资金."""
    assert pairs(FIVE) == Pairs(same=4, said=2, both=1)
    assert (pairs(FIVE).precision, pairs(FIVE).recall) == (0.5, 0.25)
    assert of_other_names(FIVE) == Pairs(same=2, said=1, both=0)
    assert by_letters(FIVE) == Pairs(same=4, said=2, both=2)


def test_pairs_that_went_wrong_are_told_by_kind() -> None:
    assert missed(FIVE) == {"money word": 2, "(printed alike)": 1}
    assert merged(FIVE) == {"no look-alikes": 1}


def test_what_was_not_read_is_left_out_and_counted() -> None:
    report = drift.Report(
        "2021/1.txt", "transfer", "a", ("", ""), drift.Name("甲资金"), 2021, "某局",
        (drift.Said("completion", "新建道路里程", "c", "公里", frozenset()),
         drift.Said("completion", "改造道路里程", "d", "公里", frozenset())),
    )  # fmt: skip
    head = {"fund_name": "甲资金", "fiscal_year": 2021, "organisation": "某局", "fund_id": "7"}
    row = {"record": "completion", "name": "改造道路里程", "indicator_id": None}
    found = compared(
        [report, replace(report, source="2021/2.txt")], {"2021/1.txt": head}, {"2021/1.txt": [row]}
    )
    assert (found.reports_read, found.indicators_read) == (0.5, 0.25)
    assert [(s.name, s.id) for s in found.funds] == [("甲资金", "7")]
    assert [(s.truth, s.scope) for s in found.indicators] == [("d", "length")]


# ---- the yardstick --------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_archive_can_be_told_apart_by_someone_who_reads_it(seed: int, tmp_path: Path) -> None:
    """No name and organisation stands for two lines of money, and no wording and unit for two concepts."""
    reports = drift.write(tmp_path, seed)
    lines, concepts = defaultdict(set), defaultdict(set)
    for report in reports:
        lines[folded(report.name.text), report.organisation].add(report.fund)
        for said in report.indicators:
            concepts[folded(said.name), said.unit_kind].add(said.concept)
    assert {key: found for key, found in lines.items() if len(found) > 1} == {}
    assert {key: found for key, found in concepts.items() if len(found) > 1} == {}
    assert len({report.fund for report in reports}) == 50
    assert {report.year for report in reports} == set(range(2019, 2025))
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.*")} == {
        r.source for r in reports
    }


def test_the_same_seed_gives_the_same_archive_and_another_seed_another(tmp_path: Path) -> None:
    first, again, other = (drift.write(tmp_path / str(n), seed) for n, seed in enumerate((1, 1, 2)))
    assert first == again
    assert all(
        (tmp_path / "0" / r.source).read_bytes() == (tmp_path / "1" / r.source).read_bytes() for r in first
    )
    ones, others = ({r.name.text for r in reports} for reports in (first, other))
    assert len(ones & others) < len(ones) / 2


def test_names_alone_do_not_do(tmp_path: Path) -> None:
    """Comparing printed names misses most of a fund's names and many of an indicator's, so the floors measure something."""
    reports = drift.write(tmp_path, SEED)
    funds = [Seen(r.fund, r.fund, r.year, r.name.text, r.organisation, "", r.name.changes) for r in reports]
    indicators = {
        Seen(s.concept, r.fund, r.year, s.name, s.unit_kind, "", s.changes)
        for r in reports
        for s in r.indicators
    }
    assert by_letters(funds).recall < 0.5
    assert by_letters(funds).precision < 0.99
    assert by_letters(indicators).recall < 0.75
