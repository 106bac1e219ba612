"""Hostile and broken files of every format: one run over all of them, an outcome with the right category for each."""

import json
import shutil
from pathlib import Path

import pytest

from parsers import reading
from parsers.formats.sniff import sniff
from pipeline import open_store
from schemas.errors import UnreadableFile
from tests.bad_files import CASES
from tests.conftest import RAW, run_jixiao

GOOD = RAW / "2020" / "高标准农田自评报告.txt"

ENDLESS = "自含表单.pdf"
"""PDFium walks a form that draws itself twice for hours: its time limit ends it, in a run of its own."""

SECONDS = 60.0
"""What a file of these may take: those for LibreOffice wait for it to start."""

Outcomes = dict[str, tuple[str, str | None, str | None, float]]


def is_read_yet(data: bytes) -> bool:
    """Whether there is a reader for what the bytes claim to be."""
    try:
        return sniff(data) in {*reading._READERS, *reading._PICTURE_READERS}
    except UnreadableFile:
        return True


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    return {name: case.make() for name, case in CASES.items() if name != ENDLESS}


@pytest.fixture(scope="session")
def outcomes(made: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Outcomes:
    """What became of each source in one run over all files and a good one."""
    folder = tmp_path_factory.mktemp("bad")
    files, store = folder / "in", folder / "store"
    files.mkdir()
    for name, data in made.items():
        (files / name).write_bytes(data)
    shutil.copy(GOOD, files)
    done = run_jixiao("ingest", files, "--store", store, "--workers", "2", "--json")
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout.splitlines()[-1])["counts"]["files"] > len(made)
    assert sorted(p.name for p in folder.iterdir()) == ["in", "store"]
    assert not (store / "staging").exists()
    with open_store(store) as con:
        rows = con.sql("SELECT source, outcome, category, message, seconds FROM outcomes").fetchall()
        # 20 rows of the report's one table, as tests/samples/truth.json has them
        counted = "SELECT count(*) FROM indicators JOIN documents USING (doc_id) WHERE source = ?"
        assert con.execute(counted, [GOOD.name]).fetchall() == [(20,)]
    return {
        source: (outcome, category, message, seconds or 0.0)
        for source, outcome, category, message, seconds in rows
    }


@pytest.mark.parametrize("name", [name for name in CASES if name != ENDLESS])
def test_a_bad_file_ends_in_its_outcome(name: str, made: dict[str, bytes], outcomes: Outcomes) -> None:
    if not is_read_yet(made[name]):
        pytest.skip("its format is not read yet")
    case = CASES[name]
    outcome, category, message, seconds = outcomes[f"{name}!{case.member}" if case.member else name]
    assert outcome in case.outcomes, (category, message)
    if outcome in ("failed", "skipped"):
        assert category in case.categories, message
        assert message
    assert seconds < SECONDS


def test_the_good_file_beside_them_is_read(outcomes: Outcomes) -> None:
    assert outcomes[GOOD.name][:2] == ("read", None)


def test_a_file_that_never_ends_is_ended(tmp_path: Path) -> None:
    files, store = tmp_path / "in", tmp_path / "store"
    files.mkdir()
    (files / ENDLESS).write_bytes(CASES[ENDLESS].make())
    shutil.copy(GOOD, files)
    done = run_jixiao("ingest", files, "--store", store, "--workers", "2", "--time-limit", "6", "--json")
    assert done.returncode == 1, done.stderr
    facts = json.loads(done.stdout.splitlines()[-1])
    assert [(f["source"], f["category"]) for f in facts["failures"]] == [(ENDLESS, "timeout")]
    assert facts["counts"]["read"] == 1
