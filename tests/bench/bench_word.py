"""How long the Word reader takes: `python -m tests.bench.bench_word [FILES…]`.

Prints (a) tables of 1,000, 3,000 and 9,000 rows by ten columns, and (b) files against a bare lxml walk
over the same XML (the zip opened, the parts that our reader parses parsed, every element passed), against
a walk over an unpacked document.xml alone, and against python-docx reading every cell. Seconds of the processor,
the median of several runs in turn. No limits here; docs/benchmarks.md holds the figures.
"""

import io
import sys
import zipfile
from pathlib import Path
from unittest.mock import patch

import docx as python_docx
from lxml import etree

from parsers.formats import word_package
from parsers.formats.word import read_word
from tests.bench.bench_pdf import SLOW_RUNS, medians
from tests.support_docx import docx, tbl, tr

ROOT = Path(__file__).parents[2]
TABLE_ROWS = (1_000, 3_000, 9_000)
COLUMNS = 10
RUNS = 15


def main(arguments: list[str]) -> None:
    """Runs both benches; the files are those given, or the sample archive and the shared reports, where they are."""
    bench_tables()
    if arguments:
        bench_files([Path(argument) for argument in arguments])
        return
    for folder in (ROOT / "data" / "raw", ROOT.parent / "shared" / "reports" / "word"):
        bench_files(sorted(folder.glob("**/*.docx")))


def bench_tables() -> None:
    """Seconds for large tables, and per 1,000 rows, which should stay the same."""
    print(f"{'rows':>6} {'seconds':>8} {'s/1,000 rows':>13}")
    for rows in TABLE_ROWS:
        data = docx(tbl(*(tr(*(f"{row}-{column}" for column in range(COLUMNS))) for row in range(rows))))
        (seconds,) = medians([(lambda data=data: read_word(data), SLOW_RUNS)])  # type: ignore[misc]
        print(f"{rows:>6,} {seconds:>8.2f} {seconds / rows * 1000:>13.3f}")


def bench_files(paths: list[Path]) -> None:
    """Milliseconds a file four ways, and what ours are of each."""
    if not paths:
        return
    print(
        f"\n{'file':<36} {'ours':>8} {'walk':>8} {'main':>8} {'docx':>8} {'/walk':>7} {'/main':>7} {'/docx':>7}"
    )
    totals = [0.0] * 4
    for path in paths:
        times = file_seconds(path.read_bytes())
        totals = [total + seconds for total, seconds in zip(totals, times, strict=True)]
        print_row(path.stem, times)
    print_row("all", totals)


def file_seconds(data: bytes) -> list[float]:
    """Seconds for our reader, the walk over its parts, the walk over the main part, and python-docx."""
    parts = parts_read(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        main_part = archive.read("word/document.xml")
    with_python_docx(data)
    return medians([
        (lambda: read_word(data), RUNS),
        (lambda: walk_parts(data, parts), RUNS),
        (lambda: walk(main_part), RUNS),
        (lambda: with_python_docx(data), SLOW_RUNS),
    ])  # fmt: skip


def print_row(name: str, times: list[float]) -> None:
    """One line of the second table."""
    ours, *others = times
    shown = "".join(f" {seconds * 1000:>8.2f}" for seconds in times)
    print(f"{name:<36}{shown}" + "".join(f" {ours / other:>7.3f}" for other in others))


def parts_read(data: bytes) -> tuple[str, ...]:
    """The names of the parts that our reader parses."""
    parsed: set[bytes] = set()
    parse = word_package.read_xml

    def noting(part: bytes) -> etree._Element:
        parsed.add(part)
        return parse(part)

    with patch.object(word_package, "read_xml", noting):
        read_word(data)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return tuple(name for name in archive.namelist() if archive.read(name) in parsed)


def walk_parts(data: bytes, parts: tuple[str, ...]) -> None:
    """What zipfile and lxml alone take to unpack and parse these parts and to pass every element."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        for part in parts:
            walk(archive.read(part))


def walk(xml: bytes) -> None:
    """What lxml alone takes to parse a part and to pass every element."""
    for _ in etree.fromstring(xml).iter():
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


if __name__ == "__main__":
    main(sys.argv[1:])
