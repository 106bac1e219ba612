"""The real command, and the sample archive read by it once for all tests that ask a store."""

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import pytest

from pipeline.watching.events import Step

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data" / "raw"
SHARED = ROOT.parent / "shared"

# A run that was started in the background ignores Ctrl-C, and so would the commands that tests stop with it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True, slots=True)
class SampleStore:
    """The folder of a store made from data/raw, and what the command printed while it made it."""

    path: Path
    printed: str


def run_jixiao(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """The installed command `jixiao`, in a process of its own, warnings being errors."""
    command = Path(sys.executable).with_name("jixiao")
    return subprocess.run(
        [command, *arguments], env={**os.environ, "PYTHONWARNINGS": "error", "COLUMNS": "400"},
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip


@pytest.fixture(scope="session")
def sample_store(tmp_path_factory: pytest.TempPathFactory) -> SampleStore:
    """The sample archive in a store: `jixiao ingest data/raw`."""
    store = tmp_path_factory.mktemp("sample") / "store"
    done = run_jixiao("ingest", RAW, "--store", store)
    assert done.returncode == 0, done.stderr
    assert all(line.split(": ")[0] in get_args(Step) for line in done.stderr.splitlines()), done.stderr
    return SampleStore(store, done.stdout)
