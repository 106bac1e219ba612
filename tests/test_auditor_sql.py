"""Every query of docs/auditor-sql.md, run on the sample archive.

What each must answer is worked out here from tests/samples/truth.json, which the generator of the archive
wrote beside the printed reports: contradictions from its list of planted ones, sums and rates by hand.
"""

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import docx
import pytest

from pipeline.database import open_store
from tests.conftest import RAW, ROOT, SampleStore
from tests.sample_truth import entries
from tests.samples.formats import NEED_TOOLS

TRUTH = [entry for entry in entries() if entry["format"] not in NEED_TOOLS]
"""What data/raw says."""
PAGE = (ROOT / "docs/auditor-sql.md").read_text(encoding="utf-8")


def queries(page: str) -> dict[int, str]:
    """The SQL of a page by the number of its question."""
    found = re.findall(r"^## (\d+)\. .*?^```sql\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return {int(number): sql for number, sql in found}


QUERIES = queries(PAGE)

Rows = list[tuple[Any, ...]]


def reports() -> Iterator[tuple[str, dict[str, Any]]]:
    """Each true report with its source."""
    for entry in TRUTH:
        yield from ((entry["source"], report) for report in entry["reports"])


def planted(code: str) -> list[tuple[str, str, list[str]]]:
    """Source, subject and printed texts of the contradictions of a kind that the generator planted."""
    return [
        (e["source"], p["subject"], p["values"]) for e in TRUTH for p in e["planted"] if p["code"] == code
    ]


def completions() -> Iterator[tuple[str, dict[str, Any]]]:
    for source, report in reports():
        yield from ((source, row) for row in report["indicators"] if row["record"] == "completion")


def percent(part: float, whole: float, digits: str = "0.01") -> float:
    """Half rounded up, as reports do."""
    return float((100 * Decimal(str(part)) / Decimal(str(whole))).quantize(Decimal(digits), ROUND_HALF_UP))


def number(text: str) -> float:
    found = re.search(r"\d+(?:\.\d+)?", text.replace(",", ""))
    assert found
    return float(found[0])


# ---- the answers, in the order of the page ---------------------------------------------------


def types_by_year() -> Rows:
    counted = Counter((r["document"]["fiscal_year"], r["document"]["report_type"]) for _, r in reports())
    return [(*key, n) for key, n in sorted(counted.items())]


def unread_files() -> Rows:
    return []


def missed_without_reason() -> Rows:
    rows = []
    for source, row in completions():
        target, actual = row["target_value"], row["actual_value"]
        if None in (target, actual) or not same_unit(row) or row["reason"]:
            continue
        missed = {
            ">=": actual < target, ">": actual <= target, "<=": actual > target, "<": actual >= target,
            "=": actual < target, "~": False,
        }[row["target_op"]]  # fmt: skip
        if row["target_op"] == "=" and "成本" in (row["level2"] or row["level1"] or ""):
            missed = actual > target
        if missed:
            rows.append((source, row["name"], row["target_text"], row["actual_text"]))
    return sorted(rows)


def same_unit(row: dict[str, Any]) -> bool:
    """A form with a column for the unit prints it once, for target and actual value."""
    return row["target_unit"] is None or row["actual_unit"] in (None, row["target_unit"])


def exceeded() -> Rows:
    return sorted(
        (source, row["name"], row["target_text"], row["actual_text"], rate)
        for source, row in completions()
        if row["target_value"] and row["actual_value"] is not None
        and same_unit(row) and row["target_op"] not in ("<", "<=")
        and (rate := percent(row["actual_value"], row["target_value"])) > 130
    )  # fmt: skip


def targets_that_differ() -> Rows:
    rows = []
    for source, subject, values in sorted(planted("target_differs")):
        (report,) = (r for s, r in reports() if s == source)
        printed = {
            r["target_text"]
            for r in report["indicators"]
            if r["name"] == subject and r["record"] != "narrative"
        }
        assert set(values) <= printed
        rows.append((source, subject, sorted(printed)))
    return rows


def sentences_that_differ() -> Rows:
    return [(source, subject, *values) for source, subject, values in sorted(planted("narrative_differs"))]


def wrong_completion_rates() -> Rows:
    return [
        (source, name, target, actual, number(printed), percent(number(actual), number(target)))
        for source, name, (target, actual, printed) in sorted(planted("completion_rate_wrong"))
    ]


def wrong_execution_rates() -> Rows:
    rows = []
    for source, _, values in sorted(planted("execution_rate_wrong")):
        report, spent = next(
            (report, row) for s, report in reports() if s == source for row in report["funding"]
            if row["measure"] == "executed" and row["rate"] == number(values[-1])
        )  # fmt: skip
        given = next(
            f
            for f in report["funding"]
            if f["measure"] in ("budget", "allocated") and f["item"] == spent["item"]
        )
        rows.append(
            (source, spent["item"], given["amount_text"], spent["amount_text"], number(values[-1]),
             percent(spent["amount_yuan"], given["amount_yuan"]))
        )  # fmt: skip
    return rows


def parts_that_do_not_sum() -> Rows:
    return [
        (source, subject, whole, parts, 10_000 * (number(whole) - sum(map(number, parts))))
        for source, subject, (whole, *parts) in sorted(planted("parts_do_not_sum"))
    ]


def points_that_do_not_sum() -> Rows:
    rows = []
    for source, report in reports():
        facts = report["document"]
        points = sum((Decimal(str(s["score"])) for s in report["scores"]), Decimal(0))
        if facts["report_type"] == "self_evaluation_form":
            points += sum(
                Decimal(str(i["score"])) for i in report["indicators"] if i["record"] == "completion"
            )
        if facts["total_score"] is not None and points and points != Decimal(str(facts["total_score"])):
            rows.append((source, report["report_no"], facts["total_score"], float(points)))
    assert sorted(row[0] for row in rows) == sorted(source for source, *_ in planted("scores_do_not_sum"))
    return sorted(rows)


def where_a_number_stands() -> Rows:
    """Read by python-docx: the row of the first table in which the indicator stands."""
    path = RAW / "2020" / "乡村学校自评表.docx"
    rows = [[cell.text for cell in row.cells] for row in docx.Document(str(path)).tables[0].rows]
    (at,) = (n for n, row in enumerate(rows, start=1) if "购置教学仪器设备" in row)
    names = [
        row["name"]
        for source, r in reports()
        if source == "2020/乡村学校自评表.docx"
        for row in r["indicators"]
    ]
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert "3036台（套）" in rows[at - 1]
    return [
        (
            "2020/乡村学校自评表.docx",
            sha256[:16],
            1,
            names.index("购置教学仪器设备") + 1,
            "3036台（套）",
            f"表1 第{at}行",
        )
    ]


def weakest_dimensions() -> Rows:
    rows = [
        (source, row["dimension"], row["weight"], row["score"], percent(row["score"], row["weight"], "0.1"))
        for source, report in reports() for row in report["scores"] if row["score"] / row["weight"] < 0.88
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (row[4], row[0]))


ANSWERS: dict[int, tuple[Callable[[], Rows], int]] = {
    1: (types_by_year, 35),
    2: (unread_files, 0),
    3: (missed_without_reason, 23),
    4: (exceeded, 40),
    5: (targets_that_differ, 3),
    6: (sentences_that_differ, 2),
    7: (wrong_completion_rates, 2),
    8: (wrong_execution_rates, 3),
    9: (parts_that_do_not_sum, 2),
    10: (points_that_do_not_sum, 5),
    11: (where_a_number_stands, 1),
    12: (weakest_dimensions, 7),
}
"""What answers each question of the page, and how many rows that is."""


def test_every_question_has_an_answer() -> None:
    assert list(QUERIES) == list(ANSWERS) == list(range(1, 13))
    assert PAGE.count("```sql") == len(QUERIES)


@pytest.mark.parametrize("question", QUERIES)
def test_the_answer_is_the_truth(sample_store: SampleStore, question: int) -> None:
    with open_store(sample_store.path) as con:
        stored = con.sql(QUERIES[question]).fetchall()
    work_out, count = ANSWERS[question]
    expected = work_out()
    # the truth knows no places: those of questions 3 and 6 are the last columns
    width = len(expected[0]) if expected else 0
    assert [folded(row[:width]) for row in stored] == [folded(row) for row in expected]
    assert len(stored) == count


def folded(value: Any) -> Any:
    """Texts without white space and full-width signs, as the truth writes some; numbers to six digits."""
    if isinstance(value, list | tuple):
        return [folded(item) for item in value]
    if isinstance(value, str):
        return re.sub(r"\s", "", unicodedata.normalize("NFKC", value))
    return round(float(value), 6) if isinstance(value, int | float | Decimal) else value
