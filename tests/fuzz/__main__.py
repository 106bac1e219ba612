"""`python -m tests.fuzz READER… --minutes 60`: mutates valid files and keeps those that a reader cannot bear."""

import argparse
import resource
import sys
import time
from pathlib import Path

from tests.fuzz.harness import READERS, fuzz, seeds

MEMORY = 6 << 30
"""Bytes of address space for a run: a case that wants more is a finding and not the end of the machine."""


def main() -> int:
    """Fuzzes the readers named, one after the other; 1 if anything was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument(
        "reader", nargs="*", metavar="READER", help=f"of {', '.join(READERS)}; all, if none is named"
    )
    parser.add_argument("--minutes", type=float, default=60.0, help="for each reader")
    parser.add_argument("--seed", type=int, help="where the cases start from; the time, if not given")
    parser.add_argument("--slow", type=float, default=10.0, help="seconds beyond which a case is a finding")
    parser.add_argument(
        "--keep", type=Path, default=Path("fuzz-findings"), help="folder for the inputs found"
    )
    given = parser.parse_args()
    if unknown := set(given.reader) - set(READERS):
        parser.error(f"no such reader: {', '.join(sorted(unknown))}")
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    given.keep.mkdir(parents=True, exist_ok=True)
    seed = int(time.time()) if given.seed is None else given.seed
    found = 0
    for reader in given.reader or READERS:
        if not seeds(reader):
            print(f"{reader}: no seed in data/raw", file=sys.stderr)
            continue
        found += len(
            fuzz(reader, seed, seconds=given.minutes * 60, slow=given.slow, keep=given.keep,
                 show=lambda line: print(line, flush=True))
        )  # fmt: skip
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
