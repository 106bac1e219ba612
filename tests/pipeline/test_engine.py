import hashlib
import os
import pickle
import tempfile
from pathlib import Path

import pytest

from pipeline.engines import Attempt, Limits
from pipeline.engines.attempts import DEFAULT_LIMITS
from pipeline.engines.local import LocalEngine
from pipeline.plan import Hashed
from pipeline.sources import Source
from schemas.errors import UsageError
from tests.pipeline import fakes


def sources(folder: Path, **contents: bytes) -> list[Hashed]:
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return [
        Hashed(Source(name, folder / name), hashlib.sha256(data).hexdigest())
        for name, data in contents.items()
    ]


def run(found: list[Hashed], workers: int = 1, limits: Limits = DEFAULT_LIMITS) -> list[Attempt]:
    """The attempts in order of source; nothing is left in the engine's folder."""
    with tempfile.TemporaryDirectory() as folder:
        attempts = LocalEngine(workers, limits=limits).run(found, fakes.parse, Path(folder))
        done = sorted(attempts, key=lambda a: a.source)
        assert not os.listdir(folder)
    return done


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (fakes.report(2024), ("read", None, None, None)),
        (b"WARN\n" + fakes.report(2024), ("partial", None, None, "a picture was left out")),
        (b"BROKEN", ("failed", "read", "truncated", "the file ends too early; ask for a whole copy")),
        (b"OTHER", ("skipped", "recognise", "not_a_report", "no budget-performance report: 食堂菜单")),
    ],
)
def test_outcomes(tmp_path: Path, data: bytes, expected: tuple[str | None, ...]) -> None:
    (attempt,) = run(sources(tmp_path, x=data))
    assert (attempt.outcome, attempt.stage, attempt.category, attempt.message) == expected


def test_a_fault_of_the_parser_is_an_internal_failure_that_names_the_line(tmp_path: Path) -> None:
    (attempt,) = run(sources(tmp_path, x=b"CRASH"))
    assert (attempt.outcome, attempt.category) == ("failed", "internal")
    assert "KeyError: 'a fault of the parser' at fakes.py:" in (attempt.message or "")


def test_rows_carry_the_key_of_the_file(tmp_path: Path) -> None:
    (attempt,) = run(sources(tmp_path, x=fakes.report(2024, ("论文", 10, 8))))
    (indicator,) = attempt.rows["indicators"].to_pylist()
    assert (indicator["doc_id"], indicator["target_value"]) == ((attempt.sha256 or "")[:16], 10.0)
    assert attempt.sha256 == hashlib.sha256(fakes.report(2024, ("论文", 10, 8))).hexdigest()


def test_an_attempt_is_the_same_on_the_other_side(tmp_path: Path) -> None:
    """Rows travel without their schemas."""
    (attempt,) = run(sources(tmp_path, x=fakes.report(2024, ("论文", 10, 8), text=("今年预算28万元。",))))
    there = pickle.loads(pickle.dumps(attempt))  # noqa: S301 - our own
    assert there == attempt
    assert set(there.rows) >= {"reports", "tables", "indicators", "funding"}
    for name, rows in there.rows.items():
        assert rows.schema.equals(attempt.rows[name].schema, check_metadata=True)
        rows.validate(full=True)


def test_a_file_that_is_gone_is_a_failure_without_content(tmp_path: Path) -> None:
    (attempt,) = run([Hashed(Source("x", tmp_path / "x"), "0" * 64)])
    assert (attempt.outcome, attempt.stage, attempt.sha256) == ("failed", "open", None)


def test_processes_give_the_same(tmp_path: Path) -> None:
    found = sources(tmp_path, **{f"f{i:02}": fakes.report(2000 + i, ("x", i, i)) for i in range(20)})
    one, many = run(found), run(found, workers=2)
    assert [(a.source, a.sha256, a.outcome) for a in many] == [(a.source, a.sha256, a.outcome) for a in one]
    assert [a.rows["reports"]["fiscal_year"][0].as_py() for a in many] == list(range(2000, 2020))


@pytest.mark.parametrize("files", [3, 20])
def test_a_process_that_dies_costs_one_file(tmp_path: Path, files: int) -> None:
    contents = {f"f{i:02}": fakes.report(2000 + i) for i in range(files)}
    attempts = run(sources(tmp_path, **contents | {"f01": b"DIE"}), workers=2)
    assert [a.source for a in attempts if a.outcome == "failed"] == ["f01"]
    assert [a.source for a in attempts] == sorted(contents)
    assert attempts[1].category == "internal"


def test_a_file_that_hangs_costs_its_time_limit(tmp_path: Path) -> None:
    contents = {f"f{i:02}": fakes.report(2000 + i) for i in range(12)}
    found = sources(tmp_path, **contents | {"f01": b"HANG"})
    attempts = run(found, 2, Limits(seconds=5))
    assert [(a.source, a.category) for a in attempts if a.outcome == "failed"] == [("f01", "timeout")]
    assert [a.source for a in attempts] == sorted(contents)
    assert attempts[1].seconds == 5


def test_a_file_that_eats_memory_costs_one_file(tmp_path: Path) -> None:
    attempts = run(sources(tmp_path, a=b"EAT", b=fakes.report(2024)), workers=2)
    assert [(a.outcome, a.category) for a in attempts] == [("failed", "too_large"), ("read", None)]


def test_limits_make_sense() -> None:
    with pytest.raises(UsageError, match="limits"):
        Limits(seconds=0)


def test_the_traceback_is_printed_in_debug_mode_only(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    found = sources(tmp_path, x=b"CRASH")
    run(found)
    assert capsys.readouterr().err == ""
    monkeypatch.setitem(os.environ, "JIXIAO_DEBUG", "1")
    run(found)
    assert "Traceback" in capsys.readouterr().err


def test_no_workers_is_wrong_usage() -> None:
    with pytest.raises(UsageError, match="--workers 0"):
        LocalEngine(0)
