"""Faults that come at a moment of our choosing: hostile files, damaged batches, signals, disks, two runs at once."""

import hashlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from random import Random

from tests.faults import command, disks
from tests.faults.contents import contents, differences
from tests.faults.runs import (
    batches,
    descendants,
    has_begun,
    ingested,
    is_building,
    is_making_the_database,
    phase,
    start,
    start_ingest,
    until,
)
from tests.faults.suite import STORE_FAULT, Result, Suite, Trial, nothing_runs_on

HOSTILE = {
    "hang": (b"HANG", "timeout", 1),
    "segfault": (b"SEGV", "internal", 2),
    "sudden exit": (b"DIE", "internal", 2),
    "all memory, piece by piece": (b"HOG", "too_large", 1),
    "all memory at once": (b"EAT", "too_large", 1),
    "fault of the parser": (b"CRASH", "internal", 1),
}
"""What a file does to its reader, the category of its outcome, and how often it may be read at most."""

MARK = "zzfault-"
"""Begins the names of hostile files, so that all rows about them are known by it."""

TIME_LIMIT = ("--time-limit", "4")


def hostile_files(suite: Suite) -> Iterator[Result]:
    """Each costs one outcome row and nothing else; then many of all kinds in one archive."""
    for name, (head, category, most) in HOSTILE.items():
        with suite.trial(name) as trial:
            _hostile(trial, {f"{MARK}{name}.txt": (head, category, most)})
        yield trial.result
    many = {
        f"{part}/{MARK}{name}{number}.txt": (head + b"\n%d" % number, category, most)
        for name, (head, category, most) in HOSTILE.items()
        for part, number in (("县0", 1), ("县1", 2), ("报告", 3))
        if number < 3 or name == "segfault"
    }
    with suite.trial("many hostile files") as trial:
        _hostile(trial, many)
    yield trial.result


def _hostile(trial: Trial, files: Mapping[str, tuple[bytes, str, int]]) -> None:
    for name, (head, _, _) in files.items():
        (trial.case.archive / name).write_bytes(head)
    got, said = ingested(trial.case, *TIME_LIMIT)
    trial.went_well(got, said)
    found = contents(trial.case.store)
    outcomes = [row for row in found.rows["outcomes of the runs after it"] if MARK in row]
    for name, (_, category, _) in files.items():
        fits = [
            r for r in outcomes if f"'source': '{name}'" in r and "'failed'" in r and f"'{category}'" in r
        ]
        trial.result.expect(len(fits) == 1, f"{name}: not one outcome of category {category}: {outcomes}")
    rest = {table: tuple(row for row in rows if MARK not in row) for table, rows in found.rows.items()}
    trial.result.wrong += differences(type(found)(rest, found.files, found.faults), trial.wanted)
    trial.published()
    calls = trial.case.calls.read_text().split()
    for name, (_, _, most) in files.items():
        times = calls.count(hashlib.sha256((trial.case.archive / name).read_bytes()).hexdigest())
        trial.result.expect(times <= most, f"{name} was read {times} times, at most {most} are allowed")


# ---- batches ------------------------------------------------------------------------------------


def _cut(path: Path) -> None:
    path.chmod(0o644)
    os.truncate(path, path.stat().st_size // 2)


def _empty(path: Path) -> None:
    path.chmod(0o644)
    os.truncate(path, 0)


def _turn(path: Path) -> None:
    """Other bytes in the middle of the data; the footer stays whole."""
    path.chmod(0o644)
    data = bytearray(path.read_bytes())
    at = len(data) // 4
    data[at : at + 16] = bytes(b ^ 0xFF for b in data[at : at + 16])
    path.write_bytes(data)


DAMAGES: dict[str, tuple[str, Callable[[Path], None]]] = {
    "rows cut": ("indicators", _cut),
    "rows empty": ("blocks", _empty),
    "rows turned": ("blocks", _turn),
    "rows gone": ("reports", Path.unlink),
    "attempts cut": ("attempts", _cut),
    "attempts empty": ("attempts", _empty),
    "attempts gone": ("attempts", Path.unlink),
    "run.json cut": ("run.json", _cut),
    "run.json empty": ("run.json", _empty),
}
"""What a disk that lost power may have made of a batch, or of the mark of the run."""


def damaged_batches(suite: Suite) -> Iterator[Result]:
    """A run that was killed leaves batches; one is damaged before the next run: it must read those files again."""
    for name, (table, damage) in DAMAGES.items():
        with suite.trial(f"damage-{table}") as trial:
            trial.result.name = f"damaged batch: {name}"
            environment = {command.AT: "^rename staging/[0-9a-f]+/batch-", command.SKIP: "3"}
            with start_ingest(trial.case, **environment) as run:
                trial.result.expect(run.wait() == -signal.SIGKILL, "the kill did not land")
            staging = trial.case.store / "staging"
            found = sorted(staging.glob(f"*/batch-*/{table}*.parquet")) or sorted(staging.glob(f"*/{table}"))
            trial.result.expect(bool(found), f"no {table} in staging")
            if found:
                damage(found[0])
            trial.ends()
        yield trial.result


# ---- signals ------------------------------------------------------------------------------------

STOPS = {signal.SIGINT: (130,), signal.SIGTERM: (143, -signal.SIGTERM)}
"""Exit codes of a run that was told to stop."""


def stops(suite: Suite) -> Iterator[Result]:
    """Ctrl-C (to the whole group, as a terminal sends it) and SIGTERM (to the driver) while files are read, while a generation is built
    and while the DuckDB file is made."""
    moments: dict[str, Callable[[Trial], bool]] = {
        "at the start of reading": lambda trial: has_begun(trial.case),
        "in the middle of reading": lambda trial: len(batches(trial.case)) > 2,
        "while the Parquet files are written": lambda trial: is_building(trial.case),
        "while the DuckDB file is made": lambda trial: is_making_the_database(trial.case),
    }
    for number, codes in STOPS.items():
        for moment, happens in moments.items():
            with suite.trial(number.name) as trial:
                trial.result.name = f"{number.name} {moment}"
                with start_ingest(trial.case) as run:
                    until(run, lambda happens=happens, trial=trial: happens(trial))  # type: ignore[misc]
                    below = descendants(run.process.pid)
                    if number is signal.SIGINT:
                        os.killpg(run.process.pid, number)
                    else:
                        os.kill(run.process.pid, number)
                    code = run.wait(60)
                    trial.result.expect(
                        code in codes, f"exit code {code}, not one of {codes}: {run.said[-300:]}"
                    )
                    trial.result.expect("Traceback" not in run.said, f"a traceback: {run.said[-400:]}")
                    trial.result.notes.append(f"exit code {code}, {phase(trial.case, trial.first)}")
                nothing_runs_on(trial.result, below)
                trial.ends()
            yield trial.result


ROW = 3
"""Fewer than the generations that are kept: a kill may come after the switch, and the first one is looked at in the end."""


def kills_in_a_row(suite: Suite) -> Iterator[Result]:
    """A run that is killed again and again still gets on: rows that were durable are not lost to the next kill."""
    rng = Random(7)
    with suite.trial("in-a-row") as trial:
        for _ in range(ROW):
            with start_ingest(trial.case) as run:
                until(run, lambda: has_begun(trial.case))
                time.sleep(rng.uniform(0.1, 0.4) * suite.seconds)
                run.kill()
        trial.result.notes.append(phase(trial.case, trial.first))
        trial.ends()
    trial.result.name = f"{ROW} kills in a row"
    yield trial.result


def two_at_once(suite: Suite) -> Iterator[Result]:
    """The second is told and changes nothing; the first goes on unharmed."""
    others = {
        "ingest": ("ingest", "archive", "--store", "store"),
        "align": ("align", "--store", "store"),
        "generations drop": ("generations", "drop", "1", "--store", "store"),
    }
    for name, arguments in others.items():
        with suite.trial("two") as trial:
            trial.result.name = f"{name} while an ingest runs"
            with start_ingest(trial.case) as run:
                until(run, lambda trial=trial: has_begun(trial.case))  # type: ignore[misc]
                with start(trial.case, *arguments) as other:
                    trial.complains(STORE_FAULT, other.wait(), other.said, "another ingest")
                trial.went_well(run.wait(), run.said)
            trial.compares()
        yield trial.result


# ---- disks --------------------------------------------------------------------------------------

FULL_AT = (0.0, 0.05, 0.2, 0.4, 0.6, 0.8, 0.95)
"""How much of the room that a run needs there is."""

LARGEST_FILES = (2_000, 20_000, 1_000_000)
"""Bytes that no file may exceed: below those of a batch's files, of the larger Parquet files, of DuckDB's file."""


def full_disk(suite: Suite) -> Iterator[Result]:
    """A store on a file system with too little room: a plain message, the old generation still there, and with room all is well."""
    if reason := disks.no_mounts():
        yield Result("full disk", notes=[f"left out: {reason}"])
        return
    with suite.trial("disk", on=disks.small(2**32)) as trial:
        before, peak = disks.used(trial.case.store), 0
        with start_ingest(trial.case) as run:
            while not run.ended:
                peak = max(peak, disks.used(trial.case.store))
                time.sleep(0.005)
        trial.compares()
    trial.result.name = f"store on a file system of its own ({before:,} bytes, at most {peak:,})"
    yield trial.result
    for share in FULL_AT:
        size = before + int(share * (peak - before)) + disks.PAGE
        with suite.trial("full", on=disks.small(size)) as trial:
            with start_ingest(trial.case) as run:
                trial.complains(STORE_FAULT, run.wait(), run.said)
            trial.result.name = f"disk full with {share:.0%} of the room ({phase(trial.case, trial.first)})"
            trial.still_first()
            disks.enlarge(trial.case.store)
            trial.ends()
        yield trial.result


def small_files(suite: Suite) -> Iterator[Result]:
    """A quota that cuts writes of the driver off, as RLIMIT_FSIZE does."""
    for largest in LARGEST_FILES:
        with suite.trial("quota") as trial:
            with start_ingest(trial.case, **{command.LARGEST: str(largest)}) as run:
                code = run.wait()
                trial.complains(STORE_FAULT, code, run.said)
            trial.result.name = f"no file beyond {largest:,} bytes ({phase(trial.case, trial.first)})"
            trial.still_first()
            trial.ends()
        yield trial.result


def read_only_store(suite: Suite) -> Iterator[Result]:
    """A store that cannot be written is told at once, and read as before."""
    if reason := disks.no_mounts():
        yield Result("read-only store", notes=[f"left out: {reason}"])
        return
    for name, arguments in {"ingest": ("ingest", "archive"), "align": ("align",)}.items():
        with suite.trial("read-only") as trial:
            trial.result.name = f"read-only store: {name}"
            with disks.read_only(trial.case.store):
                with start(trial.case, *arguments, "--store", "store") as run:
                    trial.complains(STORE_FAULT, run.wait(), run.said)
                with start(trial.case, "sql", "SELECT count(*) FROM reports", "--store", "store") as run:
                    trial.result.expect(run.wait() == 0, f"it cannot be asked: {run.said}")
            trial.still_first()
            trial.ends()
        yield trial.result


FAULTS: dict[str, Callable[[Suite], Iterator[Result]]] = {
    "hostile": hostile_files,
    "batches": damaged_batches,
    "stops": stops,
    "row": kills_in_a_row,
    "two": two_at_once,
    "disk": full_disk,
    "quota": small_files,
    "read-only": read_only_store,
}
