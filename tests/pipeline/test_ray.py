"""The Ray engine, really run: the same store as the local one gives, whatever the files do."""

from pathlib import Path

import pytest

from pipeline.engines import Limits
from pipeline.engines.choice import make_engine
from pipeline.ingest import Summary, ingest
from pipeline.reading import Parser
from tests.pipeline import calls, fakes
from tests.pipeline.test_store import parquet, query, without_times

ray = pytest.importorskip("ray", reason="the extra ray is not installed: pip install '.[ray]'")

LIMITS = Limits(seconds=6.0)
"""Seconds enough for a small file on a busy machine; a hanging one costs them."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Thirty reports among files that hang, crash, eat memory, are broken, copies, scans and no reports."""
    folder = tmp_path / "in"
    folder.mkdir()
    contents = {f"{n:02}": fakes.report(2020 + n % 3, (f"指标{n:02}", n, n)) for n in range(30)}
    contents |= {
        "03 hangs": b"HANG", "05 dies": b"DIE", "07 eats": b"EAT", "09 broken": b"BROKEN", "11 menu": b"OTHER",
        "13 copy": contents["12"], "15 fault": b"CRASH", "17 scan": b"PICTURES\n" + fakes.report(2021, ("扫描", 1, 2)),
        "19 mixed": b"MIXED\n" + fakes.report(2022, ("正文", 5, 5)) + fakes.report(2022, ("图片", 6, 6)),
        "21 empty": b"", "23 warns": b"WARN\n" + fakes.report(2024, ("附注", 5, 5)),
    }  # fmt: skip
    for name, data in contents.items():
        (folder / f"{name}.txt").write_bytes(data)
    return folder


def read_in(folder: Path, store: Path, engine: str) -> Summary:
    parser = Parser(fakes.parse, "1", calls.recognise)
    summary = ingest([folder], store, make_engine("ray" if engine == "ray" else "local", 2, LIMITS), parser)
    assert not (store / "staging").exists()
    return summary


def assert_same(store: Path, other: Path) -> None:
    """Both stores hold the same: byte for byte, apart from what tells of runs and times."""
    assert without_times(store) == without_times(other)
    files, others = parquet(store), parquet(other)
    assert files.keys() == others.keys()
    for name in files:
        if not name.startswith(("documents/", "outcomes/", "runs/")):
            assert files[name].read_bytes() == others[name].read_bytes(), name
    told = "SELECT source, doc_id, outcome, stage, category, message FROM outcomes ORDER BY source"
    assert query(store, told) == query(other, told)


def test_the_store_is_the_same_as_that_of_the_local_engine(folder: Path, tmp_path: Path) -> None:
    summary = read_in(folder, tmp_path / "ray", "ray")
    assert not ray.is_initialized()
    failures = {(f.source[3:-4], f.category) for f in summary.failures}
    assert failures == {
        ("hangs", "timeout"), ("dies", "internal"), ("eats", "too_large"), ("broken", "truncated"),
        ("menu", "not_a_report"), ("fault", "internal"),
    }  # fmt: skip
    read_in(folder, tmp_path / "local", "local")
    assert_same(tmp_path / "ray", tmp_path / "local")
