"""Kills at random moments, and a kill or an error of the disk before each step of the disk."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from tests.faults import command
from tests.faults.runs import (
    Run,
    descendants,
    has_begun,
    phase,
    staged_contents,
    start_ingest,
    until,
    workers,
)
from tests.faults.suite import SOME_UNREAD, STORE_FAULT, Result, Suite, Trial, nothing_runs_on

WHOM = ("driver", "worker", "group")
LATE = 0.3
"""This share of the kills is drawn from the time after the next generation begins to be built: it is short where publishing is quick."""

DISK_FULL, DISK_FAULT = 28, 5


@dataclass(slots=True)
class Landed:
    """Where kills landed, by whom they met; kills that came too late are misses and are drawn again."""

    where: Counter[tuple[str, str]] = field(default_factory=Counter)
    misses: int = 0


def random_kills(suite: Suite, kills: int, seed: int, landed: Landed) -> Iterator[Result]:
    """So many runs that were really cut short, each at a moment of its own."""
    rng = Random(seed)
    done = 0
    while done < kills:
        whom = WHOM[done % len(WHOM)]
        moment = (
            rng.uniform(suite.building, suite.seconds)
            if rng.random() < LATE
            else rng.uniform(0, suite.seconds)
        )
        pick = rng.random()
        with suite.trial(f"kill-{whom}") as trial:
            where = _killed(trial, whom, moment, pick)
        if where is None:
            landed.misses += 1
            continue
        landed.where[whom, where] += 1
        done += 1
        trial.result.name = f"kill {done}: {whom} after {moment:.2f} s ({where})"
        yield trial.result


def _killed(trial: Trial, whom: str, moment: float, pick: float) -> str | None:
    """One kill and what must come of it; where it landed, None where nothing was there to be killed."""
    with start_ingest(trial.case) as run:
        until(run, lambda: has_begun(trial.case))
        began = time.monotonic()
        while time.monotonic() - began < moment and not run.ended:
            time.sleep(0.001)
        if run.ended:
            return None
        below = descendants(run.process.pid)
        if whom == "worker":
            return _worker_killed(trial, run, pick)
        if whom == "driver":
            run.process.kill()
        else:
            _kill_group(run, below)
        if run.wait() != -signal.SIGKILL:  # it had ended by itself
            return None
    where = phase(trial.case, trial.first)
    nothing_runs_on(trial.result, below)
    _resumes(trial)
    return where


def _worker_killed(trial: Trial, run: Run, pick: float) -> str | None:
    """A worker that dies costs nothing that is seen: the run itself must end as an undisturbed one."""
    there = workers(run)
    if not there:
        return None
    where = phase(trial.case, trial.first)
    try:
        os.kill(there[int(pick * len(there))], signal.SIGKILL)
    except ProcessLookupError:
        return None
    trial.went_well(run.wait(), run.said)
    trial.compares()
    if trial.result.wrong:
        trial.ends()
    return where


def _resumes(trial: Trial) -> None:
    """The next run ends, reads nothing again whose rows are durable, and gives the store of an undisturbed run. What failed is tried
    again, as every run does; once all is published, what was skipped, too."""
    published = os.readlink(trial.case.store / "current") != trial.first
    durable = staged_contents(
        trial.case, ("read", "partial") if published else ("read", "partial", "skipped")
    )
    trial.case.calls.unlink(missing_ok=True)
    trial.ends()
    again = durable & set(trial.case.calls.read_text().split()) if trial.case.calls.exists() else set()
    trial.result.expect(
        not again, f"{len(again)} of {len(durable)} files whose rows were durable were read again"
    )


def _kill_group(run: Run, below: Sequence[int]) -> None:
    os.killpg(run.process.pid, signal.SIGKILL)
    for pid in below:  # Ray's processes have groups of their own
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


# ---- before each step of the disk ---------------------------------------------------------------


def steps_of(suite: Suite) -> list[str]:
    """The steps in which an undisturbed run changes the store, in their order; checked on the way: what is published was durable."""
    with suite.trial("steps") as trial:
        log, unsynced = trial.case.folder / "steps", trial.case.folder / "unsynced"
        trial.ends(**{command.STEPS: str(log), command.SYNCED: str(unsynced)})
        steps = log.read_text(encoding="utf-8").splitlines()
        if unsynced.read_text(encoding="utf-8"):
            trial.result.wrong.append(
                f"published before it was durable: {unsynced.read_text().splitlines()[:5]}"
            )
    if trial.result.wrong:
        raise RuntimeError(f"an undisturbed run: {trial.result.wrong}")
    return steps


SWITCH = "^rename current$"
NAMED = {
    "before the first batch is there": {command.AT: "^rename staging/[0-9a-f]+/batch-"},
    "before the generation's name": {command.AT: r"^rename generations/\d{6}$"},
    "before the DuckDB file is durable": {command.AT: r"^sync generations/.*jixiao\.duckdb$"},
    "between name and switch": {command.AT: SWITCH},
    "just after the switch": {command.AT: ".", command.AFTER: SWITCH},
    "while staging is removed": {command.AT: "^rmdir staging/[0-9a-f]+$", command.AFTER: SWITCH},
}
"""Steps at which a kill hurts most."""


def kills_at_steps(suite: Suite, steps: Sequence[str], most: int, seed: int) -> Iterator[Result]:
    """A kill before each named step, and before `most` others, spread over all."""
    for name, where in NAMED.items():
        yield _at_step(suite, f"kill {name}", where)
    for at in _spread(len(steps), most, seed):
        yield _at_step(suite, f"kill before step {at}: {steps[at]}", {command.AT: ".", command.SKIP: str(at)})


def errors_at_steps(suite: Suite, steps: Sequence[str], most: int, seed: int) -> Iterator[Result]:
    """The disk is full, or fails, at a step and stays so: exit code 3, a plain line, and the next run goes on."""
    for number, at in enumerate(_spread(len(steps), most, seed + 1)):
        error = (DISK_FULL, DISK_FAULT)[number % 2]
        environment = {command.AT: ".", command.SKIP: str(at), command.ERROR: str(error)}
        yield _at_step(suite, f"errno {error} from step {at}: {steps[at]}", environment, error=True)


def _at_step(suite: Suite, name: str, environment: dict[str, str], *, error: bool = False) -> Result:
    with suite.trial("step") as trial:
        trial.result.name = name
        with start_ingest(trial.case, **environment) as run:
            code = run.wait()
            said = run.said
        if error:
            # after the switch all is done that the user asked for; what is left to do is to clean up
            done = os.readlink(trial.case.store / "current") != trial.first
            trial.complains(SOME_UNREAD if done and code == SOME_UNREAD else STORE_FAULT, code, said)
        else:
            trial.result.expect(code == -signal.SIGKILL, f"the kill did not land: {code}")
            trial.result.notes.append(phase(trial.case, trial.first))
        _resumes(trial)
    return trial.result


def _spread(steps: int, most: int, seed: int) -> list[int]:
    """Numbers of steps, one drawn from each of `most` equal parts."""
    rng = Random(seed)
    if most >= steps:
        return list(range(steps))
    return [int((part + rng.random()) * steps / most) for part in range(most)]
