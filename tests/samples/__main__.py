"""python -m tests.samples [OUT_DIR] [--count N] [--formats pdf,xlsx,…] [--seed S] [--truth FILE] [--remake]."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from tests.samples.archive import SEED, generate, scan_lines, truth_text
from tests.samples.formats import FORMATS, missing


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.samples", description="Write the sample archive.")
    here = Path(__file__).parent
    default = here.parents[1] / "data" / "raw"
    parser.add_argument("out", type=Path, nargs="?", default=default)
    parser.add_argument("--count", type=int, help="that many drawn reports instead of the fixed archive")
    parser.add_argument("--formats", default="", help=f"only these, with commas: {', '.join(FORMATS)}")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument(
        "--remake", action="store_true", help="also write anew what differs each time it is made"
    )
    parser.add_argument(
        "--truth", type=Path, help="where the ground truth goes (default: truth.json beside the code)"
    )
    args = parser.parse_args()
    formats = [form for form in args.formats.split(",") if form]
    if unknown := set(formats) - set(FORMATS):
        parser.error(f"no such format: {', '.join(sorted(unknown))}")
    truth = generate(args.out, args.seed, args.count, formats, keep=args.count is None and not args.remake,
                     needs_tools=here / "needs_tools" if args.out == default else None)  # fmt: skip
    target = args.truth
    if target is None and args.count is None and args.seed == SEED and not formats:
        target = here / "truth.json"
    if target is not None:
        target.write_text(truth_text(truth), encoding="utf-8")
        if target == here / "truth.json" and not missing("scan"):
            lines = json.dumps(scan_lines(), ensure_ascii=False, separators=(",", ":")).replace(
                "]],", "]],\n"
            )
            (here / "scan_lines.json").write_text(lines + "\n", encoding="utf-8")
    print(f"{len(truth)} files in {args.out}")


if __name__ == "__main__":
    main()
