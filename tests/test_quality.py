"""The quality gate: what the parser reads exactly of invented reports, whose truth the generator wrote.

Floors go up when recognition gets better. They never go down to let a change pass.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from parsers import parse_file
from schemas.tables import field_values
from tests.quality import RAW, TRUTH, Tally, measure, over_all
from tests.samples import generate, write_pair

Tallies = Mapping[tuple[str, str], Tally]

FAMILIES = {
    "department", "ministry_form", "provincial_form", "seven_chapters", "target_form", "third_party", "transfer",
}  # fmt: skip
ARCHIVE_FLOORS = {
    "report": 0.99, "indicators": 0.99, "projects": 0.99, "scores": 0.99,
    "sections": 0.98, "tables": 0.98, "funding": 0.98, "remarks": 0.98,
}  # fmt: skip
"""Of the sample archive, in each family and over all: found and precision. Measured: 1.000 everywhere."""

DRAWN = 200
DRAWN_SEED = 7
DRAWN_FLOORS = {
    "report": 0.99, "indicators": 0.99, "projects": 0.99, "scores": 0.99,
    "sections": 0.98, "tables": 0.99, "funding": 0.99, "remarks": 0.99,
}  # fmt: skip
"""Of drawn reports over all families. Measured: sections found 0.995, all else 1.000."""

ARCHIVE_ROWS = {
    "indicators": 666, "projects": 97, "scores": 61, "sections": 372, "tables": 43, "remarks": 122,
    "funding": 362,
}  # fmt: skip
"""True rows of the sample archive, so that the gate cannot pass on an empty one."""

PAIRED = ("indicators", "projects", "scores", "funding", "remarks")
WHERE = frozenset(
    {"section_no", "table_no", "row_no", "page", "block_no", "char_start", "char_end", "location", "places"}
)
"""Columns that say where a row stands: a text dump breaks lines and merges cells otherwise."""

SOURCES = [entry["source"] for entry in json.loads(TRUTH.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def archive() -> Tallies:
    return measure(json.loads(TRUTH.read_text(encoding="utf-8")), RAW)[0]


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Tallies:
    folder = tmp_path_factory.mktemp("drawn")
    return measure(generate(folder, DRAWN_SEED, DRAWN), folder)[0]


def test_the_gate_measures_something(archive: Tallies, drawn: Tallies) -> None:
    assert {family for family, _ in archive} == {family for family, _ in drawn} == FAMILIES
    assert {table: over_all(archive, table).true for table in ARCHIVE_ROWS} == ARCHIVE_ROWS
    assert over_all(drawn, "indicators").true > 3000


@pytest.mark.parametrize("table", ARCHIVE_FLOORS)
def test_the_sample_archive_is_read_exactly(archive: Tallies, table: str) -> None:
    chosen = {family: tally for (family, name), tally in archive.items() if name == table}
    chosen["all"] = over_all(archive, table)
    below = {
        family: (round(tally.found, 4), round(tally.precision, 4))
        for family, tally in chosen.items()
        if min(tally.found, tally.precision) < ARCHIVE_FLOORS[table]
    }
    assert not below


@pytest.mark.parametrize("table", DRAWN_FLOORS)
def test_drawn_reports_are_read(drawn: Tallies, table: str) -> None:
    tally = over_all(drawn, table)
    assert tally.found >= DRAWN_FLOORS[table]
    assert tally.precision >= DRAWN_FLOORS[table]


def test_a_tally_tells_what_is_missing_and_what_is_extra() -> None:
    """The measure itself: a true row taken away is an extra one, a row added is a missing one."""
    entry = next(e for e in json.loads(TRUTH.read_text(encoding="utf-8")) if e["family"] == "target_form")
    rows: list[dict[str, Any]] = entry["reports"][0]["indicators"]
    taken = rows.pop()
    tallies, faults = measure([entry], RAW)
    assert tallies["target_form", "indicators"].precision == pytest.approx(len(rows) / (len(rows) + 1))
    assert [fault.true for fault in faults] == [None]
    rows += [taken, {**taken, "name": "从未印出的指标"}]
    tallies, faults = measure([entry], RAW)
    assert tallies["target_form", "indicators"].found == pytest.approx((len(rows) - 1) / len(rows))
    assert [fault.stored for fault in faults] == [None]


@pytest.mark.parametrize("source", SOURCES)
def test_text_and_word_of_one_report_give_the_same(source: str, tmp_path: Path) -> None:
    name = source.rsplit(".", 1)[0]
    write_pair(name, tmp_path)
    word, text = (values(tmp_path / f"{name}.{suffix}") for suffix in ("docx", "txt"))
    assert [set(report) for report in word] == [set(report) for report in text]
    for of_word, of_text in zip(word, text, strict=True):
        for table in PAIRED:
            assert of_word[table] == of_text[table], table
    assert any(report["indicators"] for report in word)


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
        for report in parse_file(path.read_bytes()).reports
    ]
