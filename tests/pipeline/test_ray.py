"""The Ray engine, really run: the same store as the local one gives, whatever the files do."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from socket import socket

import pytest

from pipeline.engines import Limits
from pipeline.engines.choice import make_engine
from pipeline.ingest import Summary, ingest
from pipeline.parquet import read_table
from pipeline.plan import Hashed
from pipeline.reading import Parser
from pipeline.sources import Source
from schemas.errors import EngineError, UsageError
from tests.pipeline import calls, fakes
from tests.pipeline.conftest import ROOT, environment
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


OF_RUNS = ("documents/", "outcomes/", "runs/")
"""Tables with columns of the run that read a file; their rows are compared without these."""


def read_in(folder: Path, store: Path, engine: str) -> Summary:
    parser = Parser(fakes.parse, "1", calls.recognise)
    summary = ingest([folder], store, make_engine("ray" if engine == "ray" else "local", 2, LIMITS), parser)
    assert not (store / "staging").exists()
    return summary


def assert_same(store: Path, other: Path) -> None:
    """Both stores hold the same: byte for byte, apart from what tells of runs and times."""
    assert without_times(store) == without_times(other)
    files, others = (
        {name: file.read_bytes() for name, file in parquet(s).items() if not name.startswith(OF_RUNS)}
        for s in (store, other)
    )
    assert files == others
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


def test_a_cluster_of_two_machines_gives_the_same_store(folder: Path, tmp_path: Path) -> None:
    """A head and a node that joined it, one processor each, as on a real cluster: through the command line."""
    (folder / "03 hangs.txt").unlink()
    variables = environment(
        RAY_USAGE_STATS_ENABLED="0", RAY_AUTH_TOKEN="0" * 64, RAY_AUTH_MODE="token", RAY_task_oom_retries="0"
    )
    with cluster(variables) as address:
        engine = f"""
from pathlib import Path
from pipeline.engines.choice import make_engine
from pipeline.ingest import ingest
from pipeline.parquet import read_table
from pipeline.plan import Hashed
from pipeline.reading import Parser
from pipeline.sources import Source
from schemas.errors import UsageError
from tests.pipeline import calls, fakes
import ray
parser = Parser(fakes.parse, "1", calls.recognise)
summary = ingest([Path("in")], Path("ray"), make_engine("ray", address={address!r}), parser)
ray.init(address={address!r}, logging_level="ERROR")
print(summary.counts.files, sum(node["Alive"] for node in ray.nodes()))
"""
        done = subprocess.run(
            [sys.executable, "-c", engine], cwd=tmp_path, env=variables, capture_output=True, text=True,
            timeout=240, check=False,
        )  # fmt: skip
    assert done.stdout.split() == ["40", "2"], done.stderr
    read_in(folder, tmp_path / "local", "local")
    assert_same(tmp_path / "ray", tmp_path / "local")


@contextmanager
def cluster(variables: dict[str, str]) -> Iterator[str]:
    """The address of a head with one node besides, one processor each; both are gone afterwards."""
    with socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    ray_command = str(Path(sys.executable).with_name("ray"))
    temporary = tempfile.mkdtemp(prefix="jx")  # short: names of sockets have a limit
    common = ["--num-cpus=1", "--disable-usage-stats", "--block", "--object-store-memory=100000000"]
    head = ["--head", f"--port={port}", "--include-dashboard=false", f"--temp-dir={temporary}"]
    nodes: list[subprocess.Popen[bytes]] = []
    try:
        for options in (head, [f"--address=127.0.0.1:{port}"]):
            nodes.append(
                subprocess.Popen(
                    [ray_command, "start", *options, *common], env=variables, stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL, start_new_session=True,
                )
            )  # fmt: skip
            wait_for(lambda: nodes_alive(f"127.0.0.1:{port}", variables) == len(nodes))
        yield f"127.0.0.1:{port}"
    finally:
        for node in reversed(nodes):
            node.terminate()
            node.wait(60)
        shutil.rmtree(temporary, ignore_errors=True)


def nodes_alive(address: str, variables: dict[str, str]) -> int:
    code = f"""
import ray
ray.init(address={address!r}, logging_level="CRITICAL")
print(sum(node["Alive"] for node in ray.nodes()))
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=variables, capture_output=True, text=True, timeout=120, check=False
    )
    return int(done.stdout or 0)


def wait_for(what: Callable[[], bool], seconds: float = 120.0) -> None:
    until = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < until
        time.sleep(0.5)


def hashed_files(folder: Path, contents: Mapping[str, bytes]) -> list[Hashed]:
    for name, data in contents.items():
        (folder / name).write_bytes(data)
    return [Hashed(Source(n, folder / n), sha256(data).hexdigest()) for n, data in contents.items()]


def test_a_task_that_dies_as_a_whole_costs_the_file_that_killed_it(tmp_path: Path) -> None:
    files = hashed_files(tmp_path, {f"{n:02}": fakes.report(2000 + n) for n in range(24)} | {"07": b"KILL"})
    done = list(make_engine("ray", 2, LIMITS).run(files, calls.ends_the_task, tmp_path))
    assert sorted(a.source for a in done) == [f"{n:02}" for n in range(24)]
    assert [(a.source, a.category) for a in done if a.outcome != "read"] == [("07", "internal")]
    assert all((tmp_path / str(a.batch) / "attempts.parquet").exists() and not a.rows for a in done)
    staged = [n for b in {a.batch for a in done} for n in names_in(tmp_path / str(b))]
    assert sorted(staged) == sorted(a.source for a in done)


def names_in(batch: Path) -> list[str]:
    return [str(name) for name in read_table(batch / "attempts.parquet")["source"].to_pylist()]


def test_a_machine_with_another_version_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files = hashed_files(tmp_path, {"a": fakes.report(2020)})
    monkeypatch.setattr("pipeline.engines.ray._versions", lambda: "jixiao 0.0 with parser 0")
    with pytest.raises(UsageError, match=r"one that ingests has jixiao 0\.0 with parser 0; install the same"):
        list(make_engine("ray", 1, LIMITS).run(files, fakes.parse, tmp_path))
    assert not ray.is_initialized()


def test_a_driver_that_is_killed_leaves_nothing_running_and_what_was_read(
    folder: Path, tmp_path: Path
) -> None:
    store = tmp_path / "ray"
    code = f"""
from pathlib import Path
from pipeline.engines import Limits
from pipeline.engines.choice import make_engine
from pipeline.ingest import ingest
from pipeline.parquet import read_table
from pipeline.plan import Hashed
from pipeline.reading import Parser
from pipeline.sources import Source
from schemas.errors import UsageError
from tests.pipeline import calls, fakes
ingest([Path({str(folder)!r})], Path({str(store)!r}), make_engine("ray", 2, Limits(seconds=30.0)),
       Parser(fakes.parse, "1", calls.recognise))
"""
    counted = tmp_path / "calls"
    variables = environment(JIXIAO_TEST_CALLS=str(counted))
    temporaries = set(Path(tempfile.gettempdir()).glob("jixiao-*"))
    driver = subprocess.Popen([sys.executable, "-c", code], env=variables)
    wait_for(lambda: any((store / "staging").glob("*/batch-*[0-9a-f]")))
    driver.kill()
    driver.wait()
    wait_for(lambda: not processes_over(store))
    staged = [name for batch in (store / "staging").glob("*/batch-*[0-9a-f]") for name in names_in(batch)]
    assert staged
    before = len(counted.read_text().splitlines())
    assert before < 41
    read_in(folder, store, "local")
    read_in(folder, tmp_path / "local", "local")
    assert_same(store, tmp_path / "local")
    for left in set(Path(tempfile.gettempdir()).glob("jixiao-*")) - temporaries:
        shutil.rmtree(left)  # Ray's logs: where the store's path is too long for its sockets


def processes_over(store: Path) -> list[str]:
    """Processes that have a file of the store open, or lie below it."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if any(str(store) in os.readlink(link) for link in (process / "fd").iterdir()):
                found.append(process.name)
            if str(store) in (process / "environ").read_text(errors="replace"):
                found.append(process.name)
    return found


def test_without_ray_the_command_to_install_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "pipeline.engines.ray", raising=False)
    with pytest.raises(UsageError, match=r"pip install 'jixiao\[ray\]'"):
        make_engine("ray", 1, LIMITS)


def test_an_address_is_for_ray_alone() -> None:
    with pytest.raises(UsageError, match="--engine ray"):
        make_engine("local", address="127.0.0.1:6379")


def test_real_reports_come_out_the_same(tmp_path: Path) -> None:
    """With the parser of jixiao itself, over the smallest files of each format among the samples."""
    folder = tmp_path / "in"
    folder.mkdir()
    smallest: dict[str, Path] = {}
    for file in sorted((ROOT / "data" / "raw").rglob("*"), key=lambda f: (f.stat().st_size, f.name)):
        if file.suffix in {".docx", ".xlsx", ".pdf", ".html", ".md", ".txt"}:
            smallest.setdefault(file.suffix, file)
    for file in smallest.values():
        shutil.copy(file, folder)
    assert len(smallest) >= 4
    for name in ("ray", "local"):
        ingest([folder], tmp_path / name, make_engine(name, 2), Parser(recognise=None))  # type: ignore[arg-type]
    assert_same(tmp_path / "ray", tmp_path / "local")
    assert query(tmp_path / "ray", "SELECT count(*) FROM documents WHERE status = 'read'") >= [(3,)]


def test_an_address_where_nobody_listens_is_told_at_once(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_bytes(fakes.report(2024, ("甲", 1, 1)))
    began = time.monotonic()
    with pytest.raises(EngineError, match=r"--address 127\.0\.0\.1:1: no Ray cluster can be reached there"):
        ingest(
            [tmp_path / "in"],
            tmp_path / "data",
            make_engine("ray", 1, LIMITS, "127.0.0.1:1"),
            Parser(fakes.parse, "1", None),
        )
    assert time.monotonic() - began < 20
