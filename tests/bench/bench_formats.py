"""How long a report takes the whole way, from bytes to records: `python -m tests.bench.bench_formats [--runs N]`.

Prints for each format of the sample archive how many files and pages it has (scans and PDF only), and milliseconds a
file, of the processor (without LibreOffice, whose process goes its own way) and of the clock: medians of several runs, summed over the files. The first run, which
loads models, is not counted. No limits here; docs/benchmarks.md holds the figures.
"""

import argparse
import time
from collections import defaultdict
from statistics import median

from tests.bench.peer_reader import used_seconds
from tests.quality import parsed
from tests.sample_truth import RAW, content, entries, form_of, unread_here


def main() -> None:
    """Runs the bench over the formats that can be read here."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=3)
    runs = parser.parse_args().runs
    files: dict[str, list[bytes]] = defaultdict(list)
    for entry in entries():
        files[form_of(entry)].append(content(RAW, entry["source"]))
    print(f"{'format':<10} {'files':>6} {'pages':>6} {'cpu ms/file':>12} {'ms/file':>9}")
    for form, batch in sorted(files.items()):
        if reason := unread_here(form):
            print(f"{form:<10} not measured: {reason}")
            continue
        pages = sum(parsed(data, form).pages or 0 for data in batch)
        tries = [[seconds(data, form) for data in batch] for _ in range(runs)]
        cpu, wall = (
            1000 * sum(median(run[file][way] for run in tries) for file in range(len(batch))) / len(batch)
            for way in (0, 1)
        )
        print(f"{form:<10} {len(batch):>6} {pages or '–':>6} {cpu:>12,.1f} {wall:>9,.1f}", flush=True)


def seconds(data: bytes, form: str) -> tuple[float, float]:
    """Seconds of the processor and of the clock for a file."""
    start, used = time.perf_counter(), used_seconds()
    parsed(data, form)
    return used_seconds() - used, time.perf_counter() - start


if __name__ == "__main__":
    main()
