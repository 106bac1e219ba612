"""Archives in a whole run: what the store says of their members, and of runs that end before their time."""

import signal
import subprocess
from functools import partial
from pathlib import Path

import pytest

from pipeline import open_store
from pipeline.archives.opening import unpacked
from pipeline.engines.children import in_children
from pipeline.ingest import UNPACKED
from pipeline.sources import find_sources
from tests.pipeline import calls, fakes
from tests.pipeline.conftest import command, environment, read_in
from tests.pipeline.test_archives import sevenzipped, zipped

A, B = fakes.report(2023, ("论文", 10, 8)), fakes.report(2024, ("专利", 3, 4))


def outcomes(store: Path) -> dict[str, tuple[str, str | None]]:
    """Outcome and category of each source in the last run."""
    with open_store(store) as con:
        rows = con.sql(
            "SELECT source, outcome, category FROM outcomes WHERE run_id = (SELECT arg_max(run_id, started_at) FROM runs)"
        ).fetchall()
    return {source: (outcome, category) for source, outcome, category in rows}


def documents(store: Path) -> list[str]:
    with open_store(store) as con:
        return [source for (source,) in con.sql("SELECT source FROM documents ORDER BY source").fetchall()]


def test_members_and_what_is_wrong_with_them_are_rows(tmp_path: Path) -> None:
    store, folder = tmp_path / "data", tmp_path / "in"
    folder.mkdir()
    inner = sevenzipped({"d.txt": B, "e.txt": b"BROKEN"})
    (folder / "2025.zip").write_bytes(zipped({"科技厅/a.txt": A, "../b.txt": A, "c.7z": inner, "f.txt": A}))
    (folder / "g.txt").write_bytes(A)
    (folder / "h.7z").write_bytes(sevenzipped({"x": B})[:-9])
    summary = read_in(folder, store=store)
    assert outcomes(store) == {
        "2025.zip!../b.txt": ("failed", "unsafe"),
        "2025.zip!c.7z!d.txt": ("read", None),
        "2025.zip!c.7z!e.txt": ("failed", "truncated"),
        "2025.zip!f.txt": ("read", None),
        "2025.zip!科技厅/a.txt": ("duplicate", None),
        "g.txt": ("duplicate", None),
        "h.7z": ("failed", "truncated"),
    }
    assert [f.source for f in summary.failures] == ["2025.zip!../b.txt", "2025.zip!c.7z!e.txt", "h.7z"]
    assert documents(store) == ["2025.zip!c.7z!d.txt", "2025.zip!c.7z!e.txt", "2025.zip!f.txt"]
    assert not (store / "staging").exists()


def test_an_archive_is_read_again_by_what_changed_in_it(tmp_path: Path) -> None:
    store, folder = tmp_path / "data", tmp_path / "in"
    folder.mkdir()
    archive = folder / "a.zip"
    archive.write_bytes(zipped({"a.txt": A, "b.txt": B}))
    read_in(folder, store=store)
    archive.write_bytes(zipped({"a.txt": A, "b.txt": B}, method=0))  # packed anew
    assert read_in(folder, store=store).counts.unchanged == 2
    archive.write_bytes(zipped({"x/a.txt": A, "c.txt": fakes.report(2025)}))
    read_in(folder, store=store)
    assert outcomes(store) == {"a.zip!c.txt": ("read", None), "a.zip!x/a.txt": ("unchanged", None)}
    assert documents(store) == [
        "a.zip!b.txt",
        "a.zip!c.txt",
        "a.zip!x/a.txt",
    ]  # what is gone stays, as with files
    archive.unlink()
    (folder / "x").mkdir()
    (folder / "x" / "a.txt").write_bytes(A)  # unpacked by hand
    read_in(folder, store=store)
    assert "x/a.txt" in documents(store)


def test_what_a_killed_run_unpacked_is_removed(tmp_path: Path) -> None:
    store, folder = tmp_path / "data", tmp_path / "in"
    folder.mkdir()
    (folder / "a.zip").write_bytes(zipped({"a.txt": A, "b.txt": B}))
    run = command("ingest", folder, "--store", store, "--workers", "1")
    killed = subprocess.run(
        run, env=environment(JIXIAO_TEST_KILL_AT="专利"), capture_output=True, timeout=60, check=False
    )
    assert killed.returncode == -signal.SIGKILL
    (left,) = (store / "staging").glob(f"*/{UNPACKED}")
    assert len([p for p in left.rglob("*") if p.is_file()]) == 2
    (left / "of an older run").write_bytes(b"x")
    assert read_in(folder, store=store).counts.read == 2
    assert not left.exists()


@pytest.mark.parametrize(
    ("ends", "category", "message"),
    [
        ("dies", "internal", "the process that unpacked this archive died; unpack it yourself"),
        ("hangs", "timeout", "unpacking it took longer than any archive does; unpack it yourself"),
    ],
)
def test_an_archive_that_ends_its_process_costs_one_archive(
    tmp_path: Path, ends: str, category: str, message: str
) -> None:
    folder, scratch = tmp_path / "in", tmp_path / "unpacked"
    folder.mkdir()
    archives = {f"{n}.zip": zipped({"x.txt": A, "c.7z": sevenzipped({f"{n}.txt": B})}) for n in range(4)}
    for name, data in archives.items():
        (folder / name).write_bytes(data)
    sources = find_sources([folder])
    with unpacked(sources, scratch) as whole:
        undisturbed = [(s.source, s.path, s.problem) for s in whole]
    processes = partial(in_children, folder=tmp_path / "s", children=2, seconds=8.0, memory=2**33)
    told: list[int] = []
    with unpacked(
        sources, scratch, progress=told.append,
        spread=lambda packed, work: processes(packed, partial(calls.unpack_badly, work=work, name="1.zip", ends=ends)),
    ) as found:  # fmt: skip
        assert [(s.source, s.path, s.problem) for s in found] == sorted(
            [entry for entry in undisturbed if not entry[0].startswith("1.zip")]
            + [("1.zip", folder / "1.zip", message)]
        )
        assert next(s.category for s in found if s.problem) == category
        assert not (scratch / "000001").exists()
        assert all(s.path.read_bytes() in (A, B) for s in found if not s.problem)
    assert told[-1] == 6


def test_a_member_may_come_from_many_processes(tmp_path: Path) -> None:
    store, folder = tmp_path / "data", tmp_path / "in"
    folder.mkdir()
    members = {f"{n:02}.txt": fakes.report(2000 + n, (f"指标{n}", n, n)) for n in range(12)}
    (folder / "a.7z").write_bytes(sevenzipped(members))
    done = subprocess.run(
        command("ingest", folder, "--store", store, "--workers", "2"),
        env=environment(), capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert all(line.startswith(("reading: ", "unpacking: ")) for line in done.stderr.splitlines())
    assert documents(store) == [f"a.7z!{name}" for name in members]
