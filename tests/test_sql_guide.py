"""Every query of docs/sql-guide.md, run on the sample archive.

What each must answer is worked out here from tests/samples/truth.json in a simpler way than the views do: in that archive the
province's own report is the one that speaks for a fund, the largest sum that a report states is its total, and
tests.samples.funds says which two names are one indicator.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from pipeline.database import open_store
from tests import support_views as small
from tests.conftest import ROOT, SampleStore
from tests.samples.funds import FUNDS
from tests.test_auditor_sql import Rows, folded, missed_without_reason, percent, queries, reports, same_unit

PAGE = (ROOT / "docs/sql-guide.md").read_text(encoding="utf-8")
QUERIES = queries(PAGE)
FARM, RIVER = "高标准农田建设补助资金", "中小河流治理专项资金"
PROVINCE = "江岚省"
PRECEDENCE = {
    "transfer_self_evaluation": 0, "self_evaluation": 0, "self_evaluation_form": 1, "third_party_evaluation": 2,
    "department_evaluation": 3, "target_form": 4,
}  # fmt: skip
SELF = ("transfer_self_evaluation", "self_evaluation", "self_evaluation_form")
EVALUATIONS = ("third_party_evaluation", "department_evaluation")
ALIASES = {
    (fund.name, s.alias): s.name for fund in FUNDS for s in fund.specs if s.alias and s.name != "服务群众人次"
}
"""Other names that the generator gives indicators. 公共文化服务惠及人次 is too far from 服务群众人次 to be told unasked."""

Report = dict[str, Any]
Row = dict[str, Any]


# ---- the sample archive by fund and year ------------------------------------------------------


def fund_years() -> Iterator[tuple[str, int, list[Report]]]:
    """Each fund and year with its reports, the one that speaks for it first."""
    found: dict[tuple[str, int], list[Report]] = defaultdict(list)
    for source, report in reports():
        facts = report["document"]
        found[facts["fund_name"], facts["fiscal_year"]].append({**report, **facts, "source": source})
    for (fund, year), group in sorted(found.items()):
        yield fund, year, sorted(group, key=precedence)


def precedence(report: Report) -> tuple[bool, bool, int, float]:
    kind = report["report_type"]
    others = not report["organisation"].startswith(PROVINCE)
    return kind == "target_form", others, PRECEDENCE[kind], -budget(report)


def budget(report: Report) -> float:
    return max(f["amount_yuan"] for f in report["funding"] if f["measure"] in ("budget", "allocated"))


def executed(report: Report) -> float:
    return max(f["amount_yuan"] for f in report["funding"] if f["measure"] == "executed")


@cache
def money() -> dict[tuple[str, int], tuple[Report, float, float, float]]:
    """Principal report, budget, execution (万元) and rate of each fund and year that has an execution."""
    found = {}
    for fund, year, (first, *_) in fund_years():
        given, spent = budget(first), executed(first)
        found[fund, year] = (first, given / 10_000, spent / 10_000, percent(spent, given))
    return found


@cache
def shares() -> dict[tuple[str, int], float]:
    """Met indicators in percent of those that can be judged, of the organisation's first report with a completion table."""
    found = {}
    for fund, year, group in fund_years():
        for report in (r for r in group if same_organisation(r, group[0])):
            rows = [r for r in report["indicators"] if r["record"] == "completion"]
            if rows:
                assert len({r["name"] for r in rows}) == len(rows)  # each stands once in its table
                judged = [met for r in rows if (met := is_met(r)) is not None]
                found[fund, year] = percent(sum(judged), len(judged))
                break
    return found


def is_met(row: Row) -> bool | None:
    target, actual = row["target_value"], row["actual_value"]
    if None in (target, actual) or not same_unit(row):
        return None
    if row["target_op"] == "=" and "成本" in (row["level2"] or row["level1"] or ""):
        return bool(actual <= target)
    if row["target_op"] == "~":
        return True
    return bool(
        {">=": actual >= target, ">": actual > target, "<=": actual <= target, "<": actual < target}.get(
            row["target_op"], actual >= target
        )
    )


def same_organisation(one: Report, other: Report) -> bool:
    """In this archive an organisation is spelled in one way."""
    return bool(one["organisation"] == other["organisation"])


def unit(row: Row) -> str | None:
    """Sentences and forms with a column for the unit state it once."""
    return row["actual_unit"] or row["target_unit"]


@cache
def series() -> dict[tuple[str, str], dict[int, tuple[Row, Report]]]:
    """The row that speaks for each indicator of a fund in each year, with its report."""
    found: dict[tuple[str, str], dict[int, tuple[Row, Report]]] = defaultdict(dict)
    order = ("completion", "narrative", "score", "target")
    for fund, year, group in fund_years():
        candidates: dict[str, list[tuple[tuple[bool, bool, int, int], int, Row, Report]]] = defaultdict(list)
        for rank, report in enumerate(group):
            for number, row in enumerate(report["indicators"]):
                if row["target_text"] is None and row["actual_text"] is None:
                    continue
                others = not same_organisation(report, group[0])
                key = (others, row["actual_text"] is None, rank, order.index(row["record"]))
                name = ALIASES.get((fund, row["name"]), row["name"])
                candidates[name].append((key, number, row, report))
        for name, rows in candidates.items():
            *_, row, report = min(rows, key=lambda r: r[:2])
            found[fund, name][year] = row, report
    return found


@cache
def principals() -> dict[tuple[str, int], Report]:
    """The report that speaks for each fund and year."""
    return {(fund, year): first for fund, year, (first, *_) in fund_years()}


def comparable(fund: str, year: int, report: Report, before: Report) -> bool:
    """Both values are of the organisation that this year's principal report is on."""
    return same_organisation(report, before) and same_organisation(report, principals()[fund, year])


def pairs(year: int | None = None) -> Iterator[tuple[str, int, Row, Report, Row, Report]]:
    """Fund, year, and the indicator's row and report of that year and of the year before."""
    for (fund, _), years in series().items():
        for this, (row, report) in years.items():
            if this - 1 in years and year in (None, this):
                yield fund, this, row, report, *years[this - 1]


# ---- the answers, in the order of the page ---------------------------------------------------


def rates_of_three_years() -> Rows:
    rows: Rows = []
    for year in (2023, 2024, 2025):
        report, given, spent, rate = money()[FARM, year]
        change = round(rate - money()[FARM, year - 1][3], 2)
        rows.append((FARM, year, given, spent, rate, change, report["source"]))
    return rows


def lower_than_last_year() -> Rows:
    rows = []
    for fund, _, row, report, before, report_before in pairs(2023):
        now, then = row["actual_value"], before["actual_value"]
        if fund != FARM or None in (now, then) or now >= then:
            continue
        if comparable(fund, 2023, report, report_before):
            assert unit(row) == unit(before)
            rows.append(
                (
                    row["name"],
                    then,
                    now,
                    unit(row),
                    percent(now - then, then),
                    row["reason"],
                    report["source"],
                )
            )
    return sorted(rows, key=lambda row: row[4])


def satisfaction() -> Rows:
    values: dict[str, list[tuple[int, float]]] = defaultdict(list)
    for (fund, name), years in series().items():
        for year, (row, _) in years.items():
            if "满意" in name and row["actual_value"] is not None and unit(row) == "%":
                values[fund].append((year, row["actual_value"]))
    rows = [
        (fund, len({y for y, _ in found}), min(v for _, v in found), all(v == 100 for _, v in found))
        for fund, found in values.items()
        if len({y for y, _ in found}) >= 2
    ]
    return sorted(rows, key=lambda row: (-row[2], row[0]))


def always_exactly_met() -> Rows:
    rows = []
    for (fund, name), years in series().items():
        found = [
            percent(r["actual_value"], r["target_value"])
            for r, _ in years.values()
            if r["target_value"] and r["actual_value"] is not None and same_unit(r)
        ]
        if len(found) >= 3 and set(found) == {100.0}:
            rows.append((fund, name, len(found)))
    return sorted(rows)


def ranking() -> Rows:
    found = [
        (rate, fund, given, report["source"])
        for (fund, y), (report, given, _, rate) in money().items()
        if y == 2022
    ]
    found.sort(reverse=True)
    assert len({rate for rate, *_ in found}) == len(found)
    return [
        (rank, fund, rate, given, source) for rank, (rate, fund, given, source) in enumerate(found, start=1)
    ]


def twice_below_95() -> Rows:
    return [
        (fund, year, before[3], rate, report["source"])
        for (fund, year), (report, _, _, rate) in sorted(money().items())
        if rate < 95 and (before := money().get((fund, year - 1))) and before[3] < 95
    ]


def more_money_fewer_met() -> Rows:
    rows = []
    for fund, year in sorted(shares()):
        if (fund, year - 1) in shares():
            then, now = money()[fund, year - 1][1], money()[fund, year][1]
            met_then, met_now = shares()[fund, year - 1], shares()[fund, year]
            if now > then and met_now < met_then:
                rows.append((fund, year, then, now, met_then, met_now))
    return rows


def missing_years() -> Rows:
    full = {"self_evaluation", "transfer_self_evaluation", "third_party_evaluation"}
    there: dict[str, set[int]] = defaultdict(set)
    for fund, year, group in fund_years():
        for report in group:
            if report["report_type"] in full:
                there[fund].update(range(report["fiscal_year_from"] or year, year + 1))
    return sorted((fund, [y for y in range(2018, 2026) if y not in years]) for fund, years in there.items())


def one_indicator_over_the_years() -> Rows:
    rows = []
    for year, (row, report) in sorted(series()[FARM, "项目区群众满意度"].items()):
        actual, target = row["actual_value"], row["target_value"]
        rate = None if actual is None else percent(actual, target)
        met = None if actual is None else is_met(row)
        rows.append((FARM, year, target, actual, "%", rate, met, report["source"]))
    return rows


def lowered_targets() -> Rows:
    rows = []
    for year in (2022, 2023):
        for fund, _, row, report, before, report_before in pairs(year):
            now, then = row["target_value"], before["target_value"]
            if None in (now, then) or now >= then or row["target_op"] not in (">=", ">"):
                continue
            if comparable(fund, year, report, report_before):
                assert row["target_unit"] == before["target_unit"]
                rows.append((fund, year, row["name"], then, now, row["target_unit"], report["source"]))
    return sorted(rows)


def missed_twice() -> Rows:
    return sorted(
        (fund, year, row["name"], before["actual_text"], row["actual_text"], row["target_text"])
        for fund, year, row, _, before, _ in pairs()
        if is_met(row) is False and is_met(before) is False
    )


def missed_and_unexplained() -> Rows:
    counted: dict[tuple[str, int], list[int]] = defaultdict(lambda: [0, 0])
    all_unexplained = 0
    for fund, year, group in fund_years():
        for report in group:
            for row in report["indicators"]:
                if row["record"] == "completion" and is_met(row) is False:
                    all_unexplained += row["reason"] is None
                    if report is group[0]:
                        counted[fund, year][0] += 1
                        counted[fund, year][1] += row["reason"] is None
    assert all_unexplained == len(missed_without_reason())
    return [(*key, *numbers) for key, numbers in sorted(counted.items())]


@cache
def projects() -> list[tuple[str, int, str, str, float]]:
    """Fund, year, name, undertaker and amount of each project; the archive lists none in two reports of a year."""
    rows = [
        (fund, year, row["name"], row["undertaker"], row["amount_yuan"])
        for fund, year, group in fund_years() for report in group for row in report["projects"]
    ]  # fmt: skip
    lists = [1 for _, _, group in fund_years() for report in group if report["projects"]]
    assert len(lists) == len({row[:2] for row in rows})
    return rows


def largest_undertakers() -> Rows:
    found: dict[str, list[tuple[str, int, float]]] = defaultdict(list)
    for fund, year, _, who, amount in projects():
        found[who].append((fund, year, amount))
    rows = [
        (who, "、".join(sorted({f for f, *_ in rows})), min(y for _, y, _ in rows), max(y for _, y, _ in rows),
         len(rows), sum(a for *_, a in rows) / 10_000)
        for who, rows in found.items()
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (-row[5], row[0]))[:10]


def supported_every_year() -> Rows:
    found: dict[tuple[str, str], list[tuple[int, float]]] = defaultdict(list)
    for fund, year, _, who, amount in projects():
        found[fund, who].append((year, amount))
    rows = [
        (*key, sorted({y for y, _ in rows}), sum(a for _, a in rows) / 10_000)
        for key, rows in found.items()
        if len({y for y, _ in rows}) >= 3
    ]
    return sorted(rows, key=lambda row: (-row[3], row[1]))


def supported_again() -> Rows:
    found: dict[tuple[str, str, str], list[tuple[int, float]]] = defaultdict(list)
    for fund, year, name, who, amount in projects():
        if amount > 0:
            found[fund, name, who].append((year, amount))
    rows = [
        (*key, sorted(y for y, _ in rows), sum(a for _, a in rows) / 10_000)
        for key, rows in found.items()
        if len({y for y, _ in rows}) > 1
    ]
    return sorted(rows, key=lambda row: -row[4])


def problems_by_year() -> Rows:
    counted = {
        (fund, year): sum(r["kind"] == "problem" for r in first["remarks"])
        for fund, year, (first, *_) in fund_years()
    }
    return [(*key, n) for key, n in sorted(counted.items()) if n]


def chapters_on_late_payments() -> Rows:
    """By the remarks of kind problem; the generator writes both words in one of them."""
    return sorted(
        (
            (year, fund, report["source"])
            for fund, year, group in fund_years()
            for report in group
            if any(
                r["kind"] == "problem" and "支付进度" in r["text"] and "年底" in r["text"]
                for r in report["remarks"]
            )
        ),
        key=lambda row: (row[0], row[2]),
    )


def money_by_source() -> Rows:
    rows = []
    for (fund, year), (report, given, *_) in sorted(money().items()):
        funding = report["funding"]
        spent_on = {f["item"] for f in funding if f["measure"] == "executed" and f["parent"] is None}
        parts: dict[str, dict[str, float]] = defaultdict(dict)  # by the item that they are parts of
        for f in funding:
            whole = funding[f["parent"] - 1] if f["parent"] else None
            if whole and whole["measure"] != "executed" and f["source"] in ("central", "provincial", "local"):
                parts[whole["item"]][f["source"]] = f["amount_yuan"]
        # of several tables the one with the execution in it
        chosen = next((parts[item] for item in parts if item in spent_on), next(iter(parts.values()), {}))
        rows += [
            (fund, year, source, amount / 10_000, percent(amount / 10_000, given))
            for source, amount in sorted(chosen.items())
        ]
    return rows


def budgets_that_differ() -> Rows:
    found: dict[tuple[str, int, str], list[tuple[float, str]]] = defaultdict(list)
    for fund, year, group in fund_years():
        for report in group:
            place = re.match(r".+?[省市县]", report["organisation"])
            assert place
            found[fund, year, place[0]].append((budget(report) / 10_000, report["source"]))
    return sorted(
        (*key, sorted({b for b, _ in rows}), sorted(s for _, s in rows))
        for key, rows in found.items()
        if len({b for b, _ in rows}) > 1
    )


def self_above_evaluation() -> Rows:
    rows = []
    for fund, year, group in fund_years():
        for own in group:
            for other in group:
                if own["report_type"] in SELF and other["report_type"] in EVALUATIONS and own["total_score"]:
                    same_place = own["organisation"][:3] == other["organisation"][:3]
                    if same_place and own["total_score"] > other["total_score"]:
                        rows.append(
                            (fund, year, own["total_score"], other["total_score"],
                             round(own["total_score"] - other["total_score"], 2))
                        )  # fmt: skip
    return sorted(rows, key=lambda row: (-row[4], row[1]))


ANSWERS: dict[int, tuple[Callable[[], Rows], int]] = {
    1: (rates_of_three_years, 3),
    2: (lower_than_last_year, 6),
    3: (satisfaction, 4),
    4: (always_exactly_met, 1),
    5: (ranking, 4),
    6: (twice_below_95, 4),
    7: (more_money_fewer_met, 1),
    8: (missing_years, 4),
    9: (one_indicator_over_the_years, 7),
    10: (lowered_targets, 14),
    11: (missed_twice, 6),
    12: (missed_and_unexplained, 20),
    13: (largest_undertakers, 10),
    14: (supported_every_year, 2),
    15: (supported_again, 3),
    16: (problems_by_year, 21),
    17: (chapters_on_late_payments, 10),
    18: (money_by_source, 51),
    19: (budgets_that_differ, 3),
    20: (self_above_evaluation, 1),
}
"""What answers each question of the page, and how many rows that is."""


def test_every_question_has_an_answer() -> None:
    assert list(QUERIES) == list(ANSWERS) == list(range(1, 21))
    assert PAGE.count("```sql") == len(QUERIES)


def test_queries_know_only_chinese_names() -> None:
    """Tables and columns by their Chinese names; Latin letters are SQL's own words and the codes of values."""
    for sql in QUERIES.values():
        names = re.findall(r"\b[a-z]+_[a-z_]+\b|\b(?:FROM|JOIN) [a-z]\w*", re.sub(r"'[^']*'", "", sql))
        assert set(names) <= {"bool_and", "any_value", "dense_rank"}


@pytest.mark.parametrize("question", QUERIES)
def test_the_answer_is_the_truth(sample_store: SampleStore, question: int) -> None:
    with open_store(sample_store.path) as con:
        stored = con.sql(QUERIES[question]).fetchall()
    work_out, count = ANSWERS[question]
    expected = work_out()
    # the truth knows no places: they are the last columns
    width = len(expected[0]) if expected else 0
    assert [folded(row[:width]) for row in stored] == [folded(row) for row in expected]
    assert len(stored) == count


# ---- what the sample archive does not hold ----------------------------------------------------


def hand_made(folder: Path, question: int, rows: list[Any]) -> Rows:
    """What a query of the page answers on a store of these rows."""
    with small.views_store(folder, rows) as con:
        return con.sql(QUERIES[question]).fetchall()


def test_satisfaction_by_another_word_and_of_one_year(tmp_path: Path) -> None:
    values = (("a", "F1", 2023, "满意率"), ("b", "F1", 2024, "满意率"), ("c", "F2", 2024, "群众满意度"))
    rows = [
        small.fund("F1", "农田资金"), small.fund("F2", "水利资金"),
        *(small.report(d, "self_evaluation", y, f) for d, f, y, _ in values),
        *(small.indicator(d, 1, name, actual_text="100%", actual_value=100.0, actual_unit="%") for d, _, _, name in values),
        small.indicator_name("满意率"), small.indicator_name("群众满意度"),
    ]  # fmt: skip
    assert hand_made(tmp_path, 3, rows) == [("农田资金", 2, 100, True)]


def test_copies_are_not_counted_again(tmp_path: Path) -> None:
    rows = [
        small.fund("F1", "农田资金"), *(small.report(d, "self_evaluation", 2024, organisation="省厅") for d in "ab"),
        small.report("c", "self_evaluation_form", 2024, organisation="县局"),
        *(small.indicator(d, 1, "面积", is_met=False) for d in "abc"), small.indicator_name("面积"),
    ]  # fmt: skip
    assert hand_made(tmp_path, 12, rows) == [("农田资金", 2024, 1, 1)]


@pytest.mark.parametrize(
    ("own", "evaluated", "found"),
    [
        pytest.param(("甲省", "水利厅"), ("甲省", "水务局"), True, id="the same place"),
        pytest.param(("甲省", "水利厅"), ("甲县", "水利厅"), False, id="two places"),
        pytest.param((None, "省水利厅"), ("甲省", "甲省水利厅"), True, id="one place unknown, one organisation"),
        pytest.param((None, "乙县水利局"), ("甲省", "甲省水利厅"), False, id="one place unknown, two organisations"),
        pytest.param((None, None), ("甲省", "甲省水利厅"), True, id="nothing known"),
    ],
)  # fmt: skip
def test_points_of_reports_without_a_place(tmp_path: Path, own: Any, evaluated: Any, found: bool) -> None:
    rows: list[Any] = [small.fund("F1", "农田资金")]
    for doc_id, kind, points, (region, who) in (
        ("a", "self_evaluation", 98.0, own), ("b", "third_party_evaluation", 90.0, evaluated),
    ):  # fmt: skip
        rows.append(small.report(doc_id, kind, 2024, total_score=points, region=region, organisation=who))
    answer = [row[:5] for row in hand_made(tmp_path, 20, rows)]
    assert answer == ([("农田资金", 2024, 98, 90, 8)] if found else [])
