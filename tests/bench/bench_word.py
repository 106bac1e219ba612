"""How long the Word reader takes: `python -m tests.bench.bench_word [FILES…]`.

Prints (a) tables of 1,000, 3,000 and 9,000 rows by ten columns, and (b) files against a bare
lxml walk of their document.xml and against python-docx reading every cell. Medians; no limits.
"""

import io
import statistics
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import docx as python_docx
from lxml import etree

from parsers.formats.word import read_word
from tests.support_docx import docx, tbl, tr

ROOT = Path(__file__).parents[2]
TABLE_ROWS = (1_000, 3_000, 9_000)
COLUMNS = 10
RUNS = 15


def main(arguments: list[str]) -> None:
    """Runs both benches; the files are those given, or the samples there are."""
    bench_tables()
    paths = [Path(argument) for argument in arguments] or [
        *sorted((ROOT / "data" / "raw").glob("**/*.docx")),
        *sorted((ROOT.parent / "shared" / "reports" / "word").glob("*.docx")),
    ]
    bench_files(paths)


def bench_tables() -> None:
    """Seconds for large tables, and per 1,000 rows, which should stay the same."""
    print(f"{'rows':>6} {'seconds':>8} {'s/1,000 rows':>13}")
    for rows in TABLE_ROWS:
        data = docx(tbl(*(tr(*(f"{row}-{column}" for column in range(COLUMNS))) for row in range(rows))))
        seconds = median_seconds(lambda data=data: read_word(data), runs=3)  # type: ignore[misc]
        print(f"{rows:>6,} {seconds:>8.2f} {seconds / rows * 1000:>13.3f}")


def bench_files(paths: list[Path]) -> None:
    """Milliseconds a file three ways, and the ratios to ours."""
    print(f"\n{'file':<44} {'ours ms':>8} {'walk ms':>8} {'docx ms':>8} {'ours/walk':>9} {'ours/docx':>9}")
    totals = [0.0, 0.0, 0.0]
    for path in paths:
        data = path.read_bytes()
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            main_part = archive.read("word/document.xml")
        times = [
            median_seconds(lambda data=data: read_word(data)),  # type: ignore[misc]
            median_seconds(lambda main_part=main_part: bare_walk(main_part)),  # type: ignore[misc]
            median_seconds(lambda data=data: with_python_docx(data), runs=3),  # type: ignore[misc]
        ]
        totals = [total + seconds for total, seconds in zip(totals, times, strict=True)]
        print_row(path.name, times)
    if paths:
        print_row("all", totals)


def print_row(name: str, times: list[float]) -> None:
    """One line of the second table."""
    ours, walk, other = (seconds * 1000 for seconds in times)
    print(f"{name:<44} {ours:>8.2f} {walk:>8.2f} {other:>8.1f} {ours / walk:>9.2f} {ours / other:>9.3f}")


def bare_walk(main_part: bytes) -> None:
    """What lxml alone takes to parse the main part and to pass every element."""
    for _ in etree.fromstring(main_part).iter():
        pass


def with_python_docx(data: bytes) -> None:
    """python-docx reading every paragraph and every cell."""
    document = python_docx.Document(io.BytesIO(data))
    for paragraph in document.paragraphs:
        _ = paragraph.text
    for table in document.tables:
        for row in table.rows:
            for cell in row.cells:
                _ = cell.text


def median_seconds(action: Callable[[], object], runs: int = RUNS) -> float:
    """The median of several runs, after one to warm up."""
    action()
    taken = []
    for _ in range(runs):
        start = time.perf_counter()
        action()
        taken.append(time.perf_counter() - start)
    return statistics.median(taken)


if __name__ == "__main__":
    main(sys.argv[1:])
