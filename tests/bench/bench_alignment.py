"""How long the alignment of indicators takes: `python -m tests.bench.bench_alignment [--funds N]`.

Draws funds from the corpus of names (names drift over six years) and prints uses, seconds, and how many indicators and
questions come of them. The machine is one core: nothing runs in parallel. No limits here; docs/benchmarks.md holds the figures.
"""

import argparse
import time

from pipeline.alignment.indicator_uses import IndicatorUse
from tests.pipeline.aligned_indicators import align_indicators
from tests.pipeline.indicator_corpus import FIELDS
from tests.pipeline.indicator_years import drawn


def main() -> None:
    """Runs the bench."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--funds", type=int, default=5000)
    parser.add_argument(
        "--places", type=int, default=3, help="reports a year and fund, each of its own names"
    )
    asked = parser.parse_args()
    uses, names = funds(asked.funds, asked.places)
    start = time.process_time()
    found = align_indicators(uses, [], fund_names=names)
    seconds = time.process_time() - start
    print(
        f"{len(uses):,} uses of {asked.funds:,} funds, {seconds:.1f} s of the processor, {len(found.names):,} indicators, {len(found.questions):,} questions"
    )


def funds(number: int, places: int) -> tuple[list[IndicatorUse], dict[str, str]]:
    """Uses of so many funds, each field used again and again with another seed; and the names of the funds.

    A fund has the rows of `places` fields, so that its tables are as long as those of a transfer payment.
    """
    uses: list[IndicatorUse] = []
    names: dict[str, str] = {}
    for no in range(number):
        fund = f"F{no:05}"
        for place in range(places):
            field = FIELDS[(no + place * 7) % len(FIELDS)]
            names.setdefault(fund, field.fund)
            for use in drawn((field,), seed=no)[0]:
                shift = (no * places + place + 1) * 100_000
                uses.append(
                    use._replace(
                        fund_id=fund,
                        scope=fund,
                        tables=frozenset(table + shift for table in use.tables),
                        reports=frozenset(report + shift for report in use.reports),
                    )
                )
    keys: dict[tuple[str, str, str | None], IndicatorUse] = {use.key: use for use in uses}
    return list(keys.values()), names


if __name__ == "__main__":
    main()
