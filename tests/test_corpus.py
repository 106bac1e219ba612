"""Forms of many provinces, written by somebody who had not seen the parser: every stated fact is read exactly."""

import json
from pathlib import Path

import pytest

from tests.quality import measure

FORMS = Path(__file__).parent / "corpus" / "forms"
ENTRIES = json.loads((FORMS / "truth.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", ENTRIES, ids=[entry["source"] for entry in ENTRIES])
def test_a_form_is_read_exactly(entry: dict[str, object]) -> None:
    _, faults = measure([entry], FORMS)
    assert [str(fault) for fault in faults] == []


def test_the_corpus_is_whole() -> None:
    assert len(ENTRIES) == 18
    reports = [report for entry in ENTRIES for report in entry["reports"]]
    assert len(reports) == 21
    assert sum(len(report.get("indicators", [])) for report in reports) == 130
    assert sum(len(report.get("funding", [])) for report in reports) == 113
