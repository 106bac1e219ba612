"""An archive of made-up reports and a store to read it into."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from pipeline.engines import Parse
from pipeline.engines.local import LocalEngine
from pipeline.ingest import Summary, ingest
from pipeline.reading import Parser
from tests.pipeline import fakes

ROOT = Path(__file__).parents[2]

Run = Callable[..., subprocess.CompletedProcess[str]]


def make_archive(folder: Path) -> Path:
    """Two reports of 2023, one of 2024 (in a folder) and a file that is broken."""
    (folder / "科技厅").mkdir(parents=True)
    (folder / "a.txt").write_bytes(fakes.report(2023, ("研发投入", 28, 30.5), text=("今年预算28万元。",)))
    (folder / "b.txt").write_bytes(fakes.report(2023, ("论文", 10, 8), ("专利", 3, 4)))
    (folder / "科技厅" / "c.txt").write_bytes(fakes.report(2024, ("培训", 100, 120)))
    (folder / "d.txt").write_bytes(b"BROKEN")
    return folder


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return make_archive(tmp_path / "archive")


@pytest.fixture(scope="session")
def filled_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store of the archive for tests that only read it."""
    folder = tmp_path_factory.mktemp("once")
    read_in(make_archive(folder / "archive"), store=folder / "data")
    return folder / "data"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return tmp_path / "data"


def read_in(*paths: Path, store: Path, version: str = "1", recognise: Parse | None = None) -> Summary:
    """An ingest in this process with the made-up parser."""
    return ingest(paths, store, LocalEngine(1), Parser(fakes.parse, version, recognise))


def environment(**extra: str) -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", **extra}


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "tests.pipeline.fake_cli", *map(str, arguments)]


@pytest.fixture
def jixiao(tmp_path: Path) -> Run:
    """Runs the real command in a process of its own, with the made-up parser."""

    def run(*arguments: str | Path, **options: str) -> subprocess.CompletedProcess[str]:
        stdin = options.pop("stdin", None)
        return subprocess.run(
            command(*arguments), cwd=tmp_path, env=environment(**options), input=stdin,
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    return run
