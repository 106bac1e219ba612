"""The fault suite: python -m tests.faults [--kills 100] [--steps 30] [--seed S] [--only NAME] [--workers 2] [--engine local].

Every trial begins with a copy of one store (generation 1, of the archive's first state) and ingests the archive's second state under a
fault; then the command is run again without it until it ends. The store must then say what it says after a run that
nothing disturbed (tests/faults/contents.py tells what is compared), and a reader who asks it all the while must see generation 1
or that, and no error. Exits with 0 only if all trials went so. Needs Linux; the trials with mounts need root and are left out without it.
"""

import argparse
import json
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from tests.faults import disks, single
from tests.faults.archives import DRAWN, NEW
from tests.faults.kills import Landed, errors_at_steps, kills_at_steps, random_kills, steps_of
from tests.faults.suite import Result, Suite, prepared

GROUPS = ("kills", "steps", "errors", *single.FAULTS)


def main(arguments: list[str]) -> int:
    """Runs what was asked for and prints a line a trial, and a table; the number of trials that failed, at most 1."""
    args = _arguments(arguments)
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a shell's background job ignores it, and so would the runs
    folder = Path(tempfile.mkdtemp(prefix="faults-", dir=args.folder))
    options = ("--workers", str(args.workers), *(("--engine", args.engine) if args.engine != "local" else ()))
    began, landed, results = time.monotonic(), Landed(), []
    disks.no_mounts()  # before the reader starts: it must see what is mounted
    suite = prepared(folder, options, keep=args.keep, timed=args.timed, drawn=args.drawn, new=args.new)
    print(
        f"an undisturbed run: {suite.seconds:.1f} s, of it publishing {suite.seconds - suite.building:.1f} s",
        flush=True,
    )
    try:
        for result in _results(suite, args, landed):
            results.append(result)
            _tell(result, args.verbose)
    finally:
        suite.reader.end()
        if not args.keep:
            shutil.rmtree(folder, ignore_errors=True)
    _summary(results, landed, time.monotonic() - began)
    if args.json:
        args.json.write_text(
            json.dumps(_as_json(results, landed, suite), ensure_ascii=False, indent=1), encoding="utf-8"
        )
    return int(any(r.wrong for r in results))


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description=(__doc__ or "").split("\n\n")[1]
    )
    parser.add_argument("--kills", type=int, default=100, help="random kills that really cut a run short")
    parser.add_argument(
        "--steps", type=int, default=30, help="steps of the disk to be killed before; as many to fail"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=GROUPS, help="these only; may be given again")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--engine", default="local")
    parser.add_argument("--timed", type=int, default=3, help="undisturbed runs before all others")
    parser.add_argument("--most", type=int, help="trials of each other group at most")
    parser.add_argument(
        "--drawn", type=int, default=DRAWN, help="drawn reports in the archive; 0: made-up ones alone"
    )
    parser.add_argument(
        "--new", type=int, default=NEW, help="new made-up reports; with 100 the DuckDB file is made anew"
    )
    parser.add_argument("--folder", type=Path, help="where to work; default: the folder for temporary files")
    parser.add_argument("--keep", action="store_true", help="keep the folders of trials that failed")
    parser.add_argument(
        "--verbose", action="store_true", help="a line for each trial, not for failed ones only"
    )
    parser.add_argument("--json", type=Path, help="file for the results")
    return parser.parse_args(arguments)


def _results(suite: Suite, args: argparse.Namespace, landed: Landed) -> Iterator[Result]:
    wanted = args.only or GROUPS
    for name, fault in single.FAULTS.items():
        if name in wanted:
            yield from islice(fault(suite), args.most)
    if args.steps and {"steps", "errors"} & set(wanted):
        steps = steps_of(suite)
        if "steps" in wanted:
            yield from kills_at_steps(suite, steps, args.steps, args.seed)
        if "errors" in wanted:
            yield from errors_at_steps(suite, steps, args.steps, args.seed)
    if "kills" in wanted:
        yield from random_kills(suite, args.kills, args.seed, landed)


def _tell(result: Result, verbose: bool) -> None:
    if verbose or result.wrong:
        notes = f" [{'; '.join(result.notes)}]" if result.notes else ""
        print(
            f"{'WRONG' if result.wrong else 'ok':<6}{result.seconds:5.1f} s  {result.name}{notes}", flush=True
        )
        for line in result.wrong:
            print(f"           {line}", flush=True)


def _summary(results: list[Result], landed: Landed, seconds: float) -> None:
    wrong = sum(bool(r.wrong) for r in results)
    looks = sum(r.looks for r in results)
    print(
        f"\n{len(results)} trials, {wrong} wrong, {looks:,} looks of the reader, {seconds / 60:.1f} minutes"
    )
    if landed.where:
        print(
            f"\n{sum(landed.where.values())} kills cut a run short; {landed.misses} came too late and were drawn again\n"
        )
        print("| killed | at | runs |\n|---|---|---:|")
        for (whom, where), count in sorted(landed.where.items()):
            print(f"| {whom} | {where} | {count} |")


def _as_json(results: list[Result], landed: Landed, suite: Suite) -> dict[str, object]:
    return {
        "undisturbed_seconds": suite.seconds,
        "publishing_seconds": suite.seconds - suite.building,
        "trials": [
            {
                "name": r.name,
                "wrong": r.wrong,
                "notes": r.notes,
                "seconds": round(r.seconds, 2),
                "looks": r.looks,
            }
            for r in results
        ],
        "landed": [
            {"killed": whom, "at": where, "runs": n} for (whom, where), n in sorted(landed.where.items())
        ],
        "misses": landed.misses,
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
