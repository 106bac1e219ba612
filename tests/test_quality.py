"""The quality gate: what the parser reads of invented reports, whose truth the generator wrote, format by format.

Floors go up when recognition gets better. They never go down to let a change pass.
"""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from schemas.tables import field_values
from tests.quality import KEYS, RATES, RAW, Grouped, grouped, measure, parsed
from tests.sample_truth import entries, form_of, unread_here
from tests.samples import generate, write_pair
from tests.samples.formats import FORMS_ONLY, missing

FAMILIES = {
    "department", "ministry_form", "provincial_form", "seven_chapters", "target_form", "third_party", "transfer",
}  # fmt: skip
TABLES = ("report", *KEYS)
FORMATS = sorted({form_of(entry) for entry in entries()})

LOWER: dict[str, dict[str, tuple[float, float, float]]] = {}
"""Floors of found, precision and exact in the sample archive for a format that cannot reach 1.000. None is: all formats and
tables are read without a fault, scans too."""

DRAWN = {"docx,txt": 200, "pdf": 60, "ofd": 40, "xlsx": 60, "html": 60, "mht": 40, "md": 120}
"""Drawn reports by format. Formats that take long to draw or to read are measured on the archive alone."""
DRAWN_SEED = 7
DRAWN_LOWER: dict[str, dict[str, tuple[float, float, float]]] = {
    "docx,txt": {"sections": (0.99, 1.0, 0.99)},
    "pdf": {"tables": (1.0, 1.0, 0.98)},
}  # fmt: skip
"""Floors of drawn reports where they are not 1.000."""

ARCHIVE_ROWS = {
    "indicators": 712, "projects": 97, "scores": 66, "sections": 387, "tables": 46, "remarks": 130, "funding": 387,
}  # fmt: skip
"""True rows of the sample archive in Word and text, so that the gate cannot pass on an empty one."""

PAIRED = ("indicators", "projects", "scores", "funding", "remarks")
WHERE = frozenset(
    {"section_no", "table_no", "row_no", "page", "block_no", "char_start", "char_end", "location", "places"}
)
"""Columns that say where a row stands: a text dump breaks lines and merges cells otherwise."""

SAME = ("docx", "txt")
SOURCES = [entry["source"] for entry in entries() if entry["format"] in SAME]


@cache
def archive(form: str) -> Grouped:
    """The tallies of the sample archive's files of one format, by family."""
    return grouped(measure([e for e in entries() if form_of(e) == form], RAW)[0], "family")


@pytest.mark.parametrize("form", FORMATS)
def test_the_sample_archive_is_read(form: str) -> None:
    if reason := unread_here(form):
        pytest.skip(reason)
    assert below(archive(form), LOWER.get(form, {}), each=form not in LOWER) == {}


@pytest.mark.parametrize("formats", DRAWN)
def test_drawn_reports_are_read(formats: str, tmp_path: Path) -> None:
    if reason := unread_here(formats) or missing(formats):
        pytest.skip(reason)
    truth = generate(tmp_path, DRAWN_SEED, DRAWN[formats], formats.split(","))
    found = grouped(measure(truth, tmp_path)[0], "family")
    families = {family for family, _ in found} - {"all"}
    assert families == (
        FAMILIES if formats not in FORMS_ONLY else {f for f in FAMILIES if f.endswith("form")}
    )
    assert found["all", "indicators"].true > 10 * DRAWN[formats]
    assert below(found, DRAWN_LOWER.get(formats, {}), each=False) == {}


def below(found: Grouped, lower: dict[str, tuple[float, float, float]], *, each: bool) -> dict[Any, Any]:
    """Rates under their floor, by family and table; `each` family must reach it, or only all of them together."""
    return {
        (family, table): str(tally)
        for (family, table), tally in found.items()
        if each or family == "all"
        if any(
            getattr(tally, rate) < floor
            for rate, floor in zip(RATES, lower.get(table, (1.0,) * 3), strict=True)
        )
    }


def test_the_gate_measures_something() -> None:
    basic = [archive(form) for form in SAME]
    assert {family for found in basic for family, _ in found} == FAMILIES | {"all"}
    assert {
        t: sum(found["all", t].true for found in basic if ("all", t) in found) for t in ARCHIVE_ROWS
    } == ARCHIVE_ROWS


def test_a_tally_tells_what_is_missing_and_what_is_extra() -> None:
    """The measure itself: a true row taken away is an extra one, a row added is a missing one."""
    entry = next(e for e in entries() if e["family"] == "target_form" and e["format"] == "docx")
    rows: list[dict[str, Any]] = entry["reports"][0]["indicators"]
    taken = rows.pop()
    tallies, faults = measure([entry], RAW)
    assert tallies["docx", "target_form", "indicators"].precision == pytest.approx(
        len(rows) / (len(rows) + 1)
    )
    assert [fault.true for fault in faults] == [None]
    rows += [taken, {**taken, "name": "从未印出的指标"}]
    tallies, faults = measure([entry], RAW)
    assert tallies["docx", "target_form", "indicators"].found == pytest.approx((len(rows) - 1) / len(rows))
    assert [fault.stored for fault in faults] == [None]


@pytest.mark.parametrize("source", SOURCES)
def test_text_and_word_of_one_report_give_the_same(source: str, tmp_path: Path) -> None:
    word, text = (values(path) for path in written(source, tmp_path, SAME))
    assert [set(report) for report in word] == [set(report) for report in text]
    for of_word, of_text in zip(word, text, strict=True):
        for table in PAIRED:
            assert of_word[table] == of_text[table], table
    assert any(report["indicators"] for report in word)


EVERY_FORMAT = ("docx", "txt", "pdf", "html", "mht", "md")
EXAMPLES = {
    "2021/中小河流自评报告": EVERY_FORMAT,
    "2022/高标准农田转移支付自评": EVERY_FORMAT,
    "2020/公共文化绩效评价": EVERY_FORMAT,
    "2024/乡村学校部门评价": EVERY_FORMAT,
    "2024/乡村学校自评表": (*EVERY_FORMAT, "xlsx"),
    "2023/中小河流项目自评表": (*EVERY_FORMAT, "xlsx"),
    "2024/中小河流绩效目标申报表": (*EVERY_FORMAT, "xlsx"),
    "2021/市县项目自评表汇总": (*EVERY_FORMAT, "xlsx"),
}
"""A report of each family and a file of several: all formats without traps of their own."""


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_report_says_the_same_whatever_it_comes_as(name: str, tmp_path: Path) -> None:
    formats = EXAMPLES[name]
    word, *others = (values(path) for path in written(f"{name}.docx", tmp_path, formats))
    assert any(report["indicators"] for report in word)
    for form, other in zip(formats[1:], others, strict=True):
        assert len(other) == len(word), form
        for of_word, of_other in zip(word, other, strict=True):
            for table in PAIRED:
                assert of_word[table] == of_other[table], (form, table)


def written(source: str, folder: Path, formats: tuple[str, ...]) -> list[Path]:
    """One report of the archive written in several formats."""
    return [folder / entry["source"] for entry in write_pair(source.rsplit(".", 1)[0], folder, formats)]


def values(path: Path) -> list[dict[str, list[dict[str, Any]]]]:
    """The stored values of each report in a file, by table, without their places."""
    return [
        {
            table: [
                {k: v for k, v in field_values(row).items() if k not in WHERE}
                for row in getattr(report, table)
            ]
            for table in PAIRED
        }
        for report in parsed(path.read_bytes(), path.suffix[1:]).reports
    ]
