"""Processes that hang, crash and are killed: what each costs, and that nothing of them stays."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from pipeline.engines import Lost, children
from pipeline.engines.children import in_children
from schemas.errors import EngineError
from tests.pipeline.calls import Job, began, work
from tests.pipeline.conftest import environment

GENEROUS = 60.0


def results(
    jobs: Iterable[Job], folder: Path, processes: int = 2, seconds: float = GENEROUS
) -> dict[str, str | Lost]:
    """What came of each job; neither a process nor a file is left."""
    made = in_children(jobs, work, folder / "scratch", children=processes, seconds=seconds, memory=2**33)
    found = {f"{job.what}{job.number}": result for job, result in made}
    assert not (folder / "scratch").exists()
    assert not multiprocessing.active_children()
    return found


def quick(folder: Path, number: int = 12) -> list[Job]:
    return [Job("quick", folder, n) for n in range(number)]


@pytest.mark.parametrize(
    ("what", "expected", "processes"),
    [
        ("hang", Lost.TOOK_TOO_LONG, 1),
        ("hang in C", Lost.TOOK_TOO_LONG, 1),
        ("segfault", Lost.DIED, 2),  # once beside others, once alone: that it is to blame is sure
        ("exit", Lost.DIED, 2),
        ("killed once", "killed once0", 2),
    ],
)
def test_what_a_call_costs(tmp_path: Path, what: str, expected: object, processes: int) -> None:
    seconds = 2.0 if what.startswith("hang") else GENEROUS
    bad = Job(what, tmp_path)
    found = results([bad, *quick(tmp_path)], tmp_path, seconds=seconds)
    assert found == {f"quick{n}": f"quick{n}" for n in range(12)} | {f"{what}0": expected}
    assert len(began(bad)) == len(set(began(bad))) == processes
    assert all(len(began(job)) == 1 for job in quick(tmp_path))


def test_a_long_call_at_the_head_keeps_nobody_waiting(tmp_path: Path) -> None:
    found = results([Job("wait for the others", tmp_path), *quick(tmp_path)], tmp_path)
    assert list(found)[-1] == "wait for the others0"


def test_a_process_is_killed_from_outside_while_it_sends(tmp_path: Path) -> None:
    """The pipe holds half a message then; only the pool of that process may suffer."""
    large = [Job("large", tmp_path, n) for n in range(4)]
    made = in_children(large, work, tmp_path / "scratch", children=2, seconds=GENEROUS, memory=2**33)
    found = []
    for job, result in made:
        found.append((job.number, result))
        if len(found) == 1:  # the other one is busy
            for process in multiprocessing.active_children():
                os.kill(process.pid or 0, signal.SIGKILL)
    assert sorted(found) == [(n, "x" * 50_000_000) for n in range(4)]


def test_kills_from_outside_cost_no_innocent_call(tmp_path: Path) -> None:
    made = in_children(
        quick(tmp_path, 40), slow_work, tmp_path / "scratch", children=2, seconds=GENEROUS, memory=2**33
    )
    found: list[tuple[int, str | Lost]] = []
    for job, result in made:
        found.append((job.number, result))
        # nine kills, whatever the processes do just then, and none while those that were hit are read alone
        if len(found) % 3 == 0 and len(found) < 30:
            for process in multiprocessing.active_children()[:1]:
                os.kill(process.pid or 0, signal.SIGKILL)
    assert sorted(found) == [(n, f"quick{n}") for n in range(40)]


def slow_work(job: Job) -> str:
    time.sleep(0.05)
    return work(job)


def test_scratch_files_go_with_the_process_that_was_killed(tmp_path: Path) -> None:
    assert results([Job("scratch", tmp_path)], tmp_path) == {"scratch0": Lost.DIED}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_a_pool_whose_threads_died_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that takes messages ends with an error of its own, as on a pipe of broken messages."""
    broken = []

    def breaks_once(self: object, timeout: float) -> object:
        if not broken:
            broken.append(self)
            raise SystemExit  # ends the thread that calls, without a word
        return whole(self, timeout)

    manager = sys.modules["pebble.pool.process"].PoolManager
    whole = manager.process_next_message
    monkeypatch.setattr(manager, "process_next_message", breaks_once)
    found = results(quick(tmp_path), tmp_path, processes=1)
    assert broken
    assert found == {f"quick{n}": f"quick{n}" for n in range(12)}


def test_a_pool_that_tells_nothing_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time-keeper sleeps: the watchdog ends what should have been ended long ago, twice, and then the call is to blame."""
    monkeypatch.setattr(children, "GRACE_SECONDS", 4.0)
    manager = sys.modules["pebble.pool.process"].PoolManager
    monkeypatch.setattr(manager, "update_tasks", lambda self: None)
    hangs = Job("hang", tmp_path)
    found = results([hangs, Job("quick", tmp_path)], tmp_path, processes=2, seconds=1.0)
    assert found == {"hang0": Lost.DIED, "quick0": "quick0"}
    assert len(began(hangs)) == 4


def test_where_no_process_starts_the_run_ends_with_a_plain_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(children, "_start_process", os._exit)  # the initializer: called with the memory
    monkeypatch.setattr(children, "GRACE_SECONDS", 5.0)
    with pytest.raises(EngineError, match="end as soon as they are started"):
        results(quick(tmp_path), tmp_path)
    assert not multiprocessing.active_children()


def test_processes_are_renewed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(children, "CALLS_OF_ONE_PROCESS", 5)
    results(quick(tmp_path), tmp_path, processes=1)
    used = [began(job)[0] for job in quick(tmp_path)]
    assert [used.count(process) for process in dict.fromkeys(used)] == [5, 5, 2]


def test_processes_end_with_the_one_that_started_them(tmp_path: Path) -> None:
    """A driver that is killed leaves no process that goes on reading."""
    code = f"""
from pathlib import Path
from pipeline.engines.children import in_children
from tests.pipeline.calls import Job, work
if __name__ == "__main__":
    folder = Path({str(tmp_path)!r})
    list(in_children([Job("hang", folder)], work, folder / "s", children=1, seconds=600, memory=2**33))
"""
    (tmp_path / "driver.py").write_text(code)
    driver = subprocess.Popen([sys.executable, tmp_path / "driver.py"], env=environment())
    note = tmp_path / "hang0"
    until = time.monotonic() + GENEROUS
    while not (note.exists() and note.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    driver.kill()
    driver.wait()
    child = int(note.read_text())
    while is_there(child) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_there(child)


def is_there(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"  # whoever inherits it has not looked yet
