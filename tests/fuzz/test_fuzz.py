"""A short run of the fuzzers, the same each time. The long ones: `python -m tests.fuzz READER --minutes 60`."""

from pathlib import Path

import pytest

from tests.fuzz.harness import ARCHIVES, fuzz, read, seeds

CASES = {
    **dict.fromkeys(ARCHIVES, 150),
    "docx": 25,
    "xlsx": 25,
    "xls": 25,
    "html": 25,
    "mht": 25,
    "text": 25,
    "pdf": 8,
    "ofd": 25,
    "markdown": 25,
    "image": 25,
}
"""Those read through LibreOffice or by OCR take seconds each, and are left to the long runs."""


@pytest.mark.parametrize("reader", CASES)
def test_nearly_valid_files_are_read_or_refused(reader: str) -> None:
    if not seeds(reader):
        pytest.skip(f"no sample of {reader} in data/raw")
    found = fuzz(reader, seed=1, cases=CASES[reader])
    assert [(f.number, f.what) for f in found] == []


FOUND = sorted((Path(__file__).parent / "found").iterdir())


@pytest.mark.parametrize("file", FOUND, ids=lambda f: f.name)
def test_what_fuzzing_found_is_read_or_refused(file: Path) -> None:
    """`read` lets nothing pass but the errors that a reader declares."""
    read(file.read_bytes())
