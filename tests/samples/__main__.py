"""python -m tests.samples OUT_DIR [--count N] [--seed S] [--truth FILE]."""

from __future__ import annotations

import argparse
from pathlib import Path

from tests.samples.archive import SEED, generate, truth_text


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.samples", description="Write the sample archive.")
    here = Path(__file__).parent
    parser.add_argument("out", type=Path, nargs="?", default=here.parents[1] / "data" / "raw")
    parser.add_argument("--count", type=int, help="that many drawn reports instead of the fixed archive")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--truth", type=Path, help="where the ground truth goes (default: truth.json beside the code)"
    )
    args = parser.parse_args()
    truth = generate(args.out, args.seed, args.count)
    target = args.truth
    if target is None and args.count is None and args.seed == SEED:
        target = here / "truth.json"
    if target is not None:
        target.write_text(truth_text(truth), encoding="utf-8")
    print(f"{len(truth)} files in {args.out}")


if __name__ == "__main__":
    main()
