"""The fault suite in short: a few kills and a trial of each kind; and that it would notice what it looks for."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.faults import command
from tests.faults.contents import contents, differences, digest_of_database, digest_of_parquet
from tests.faults.reader import Seen
from tests.faults.runs import Case, ingested, start_ingest
from tests.pipeline import fakes
from tests.pipeline.conftest import read_in

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    not Path("/proc/self/stat").exists(), reason="processes are watched through /proc"
)
KILLS = 3


def test_runs_that_are_cut_short_give_the_store_of_one_that_is_not(tmp_path: Path) -> None:
    results = tmp_path / "results.json"
    process = subprocess.run(
        [
            sys.executable, "-m", "tests.faults", "--kills", str(KILLS), "--steps", "1", "--most", "1", "--timed", "1",
            "--drawn", "0", "--folder", tmp_path, "--json", results,
        ],
        cwd=ROOT, capture_output=True, text=True, timeout=900, check=False,
    )  # fmt: skip
    assert (process.returncode, process.stderr) == (0, ""), process.stdout
    told = json.loads(results.read_text())
    assert sum(kill["runs"] for kill in told["landed"]) == KILLS
    assert all(trial["looks"] > 0 for trial in told["trials"] if trial["seconds"])


# ---- it would notice ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compared")
    (folder / "archive").mkdir()
    for number in range(3):
        (folder / "archive" / f"{number}.txt").write_bytes(fakes.report(2023, (f"指标{number}", 10, 12)))
    read_in(folder / "archive", store=folder / "store")
    return folder / "store"


def changed(store: Path, folder: Path, **files: bytes | None) -> Path:
    """A second store, of the same archive with other files."""
    shutil.copytree(store.parent, folder / "other", symlinks=True)
    for name, data in files.items():
        path = folder / "other" / "archive" / f"{name.removeprefix('f')}.txt"
        path.unlink() if data is None else path.write_bytes(data)
    shutil.rmtree(folder / "other" / "store")
    read_in(folder / "other" / "archive", store=folder / "other" / "store")
    return folder / "other" / "store"


def test_one_figure_is_a_difference(store: Path, tmp_path: Path) -> None:
    other = changed(store, tmp_path, f1=fakes.report(2023, ("指标1", 10, 13)))
    found = "\n".join(differences(contents(other), contents(store), most=1000))
    for table in ("DuckDB indicators", "Parquet indicators", "Parquet documents", "DuckDB 指标"):
        assert f"{table} has besides" in found
        assert f"{table} lacks" in found
    assert digest_of_database(other / "jixiao.duckdb") != digest_of_database(store / "jixiao.duckdb")


def test_both_ways_to_read_give_one_digest(store: Path) -> None:
    assert digest_of_database(store / "jixiao.duckdb") == digest_of_parquet((store / "current").resolve())


def test_rows_that_only_parquet_lacks_are_a_difference(store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "store"
    shutil.copytree(store, copy, symlinks=True)
    (path,) = (copy / "current" / "parquet" / "indicators").rglob("*.parquet")
    rows = pq.ParquetFile(path).read()
    path.unlink()
    pq.write_table(rows.slice(1), path)
    (told,) = differences(contents(copy), contents(store))
    assert told.startswith("Parquet indicators lacks")


def test_what_is_left_behind_is_told(store: Path, tmp_path: Path) -> None:
    copy = tmp_path / "store"
    shutil.copytree(store, copy, symlinks=True)
    (copy / "generations" / "000002.tmp").mkdir()
    (copy / "staging").mkdir()
    assert sorted(differences(contents(copy), contents(store))) == [
        "left behind: generations/000002.tmp",
        "left behind: staging",
    ]


@pytest.mark.parametrize(
    ("digests", "complaint"),
    [
        (["a", "b"], None),
        (["b"], None),
        (["a", "x"], "rows of no generation"),
        (["b", "a"], "an older generation after a newer one"),
    ],
)
def test_what_the_reader_saw_is_judged(digests: list[str], complaint: str | None) -> None:
    wrong = Seen(digests={"DuckDB": digests}).wrong(["a", "b"])
    assert [complaint in line for line in wrong] == [True] if complaint else wrong == []


def test_an_error_of_the_reader_is_wrong() -> None:
    assert Seen(errors=["a reader by DuckDB: IOException: …"]).wrong([]) != []


@pytest.fixture
def case(tmp_path: Path) -> Case:
    trial = Case(tmp_path, ("--workers", "1"))
    trial.tmp.mkdir()
    trial.archive.mkdir()
    (trial.archive / "a.txt").write_bytes(fakes.report(2023, ("论文", 10, 12)))
    return trial


def test_a_kill_lands_before_its_step(case: Case) -> None:
    with start_ingest(case, **{command.AT: r"^rename current$"}) as run:
        assert run.wait() == -9
    assert (case.store / "generations" / "000001" / "jixiao.duckdb").exists()
    assert not os.path.lexists(case.store / "current")


def test_an_error_lands_at_its_step(case: Case) -> None:
    code, said = ingested(case, **{command.AT: r"^rename generations/", command.ERROR: "28"})
    assert code == 3
    assert "No space left on device" in said
    assert not os.path.lexists(case.store / "current")


def test_what_is_not_made_durable_is_seen(case: Case) -> None:
    unsynced = case.folder / "unsynced"
    assert ingested(case, **{command.SYNCED: str(unsynced)})[0] == 0
    assert unsynced.read_text() == ""


def test_a_file_that_nobody_synced_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(command.STORE, str(tmp_path))
    generation = tmp_path / "generations" / "000001"
    generation.mkdir(parents=True)
    for name in ("a", "b"):
        (generation / name).write_text("rows")
    steps = command.Steps()
    for path in (generation, generation / "a"):
        descriptor = os.open(path, os.O_RDONLY)
        steps.sync(descriptor)
        os.close(descriptor)
    assert steps.not_durable() == ["b"]


def test_the_store_of_a_case_is_whole(case: Case) -> None:
    assert ingested(case) == (0, "")
    assert contents(case.store).faults == ()
