"""How long reading PDF pages takes: `python -m tests.bench.bench_pdf [FILES…]`.

Prints, for each file, milliseconds a page of four ways: our pages (text, rules, cells), the whole Document, pdfium's
text alone, and pdfplumber's `extract_tables`; then how many of the cells that pdfplumber finds ours holds at the
same place with the same characters. The files are those given, or the shared reports, where they are, and forms drawn
here. At the end the memory that 100 and 500 pages take. The median of several runs; each run does all ways in turn, so
that what else the machine does falls on all. Seconds of the processor, not of the wall. No limits here; docs/benchmarks.md holds the figures.
"""

import io
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pdfplumber
import pypdfium2

from parsers.formats.pages import Grid, Page
from parsers.formats.pdf import read_pages, read_pdf
from tests.support_pdf import A4, Drawing, FormCell, draw_form

ROOT = Path(__file__).parents[2]
RUNS = 7
SLOW_RUNS = 3
DRAWN_PAGES = 30
MEMORY_PAGES = (100, 500)

_HEAD = (
    "一级指标",
    "二级指标",
    "三级指标",
    "年度指标值",
    "实际完成值",
    "分值",
    "得分",
    "偏差原因分析及改进措施",
)
_COLUMNS = (40, 85, 145, 255, 330, 405, 440, 475, 555)
_LEVELS = (
    ("产\n出\n指\n标", ("数量指标", "质量指标", "时效指标")),
    ("效\n益\n指\n标", ("社会效益", "可持续影响")),
)


def main(arguments: list[str]) -> None:
    """Runs all benches over the files given or the default ones."""
    paths = [Path(argument) for argument in arguments] or sorted(
        (ROOT.parent / "shared" / "reports" / "pdf").glob("*.pdf")
    )
    files = {path.stem: path.read_bytes() for path in paths}
    if not arguments:
        files["forms ruled with lines"] = drawn_forms(DRAWN_PAGES)
        files["forms ruled with rectangles"] = drawn_forms(DRAWN_PAGES, rectangles=True)
    bench_files(files)
    bench_memory()


def bench_files(files: dict[str, bytes]) -> None:
    """Milliseconds a page four ways, what ours are of each, and the cells."""
    print(
        f"{'file':<34} {'pages':>5} {'ours':>7} {'blocks':>7} {'text':>7} {'plumber':>8}"
        f" {'/text':>6} {'plumber/':>8} {'cells':>6} {'theirs':>7} {'missing':>8}"
    )
    for name, data in files.items():
        pages = len(pypdfium2.PdfDocument(data))
        ours, blocks, text, plumber = (
            1000 * seconds / pages
            for seconds in medians([
                (lambda data=data: pages_read(data), RUNS),  # type: ignore[misc]
                (lambda data=data: read_pdf(data), RUNS),  # type: ignore[misc]
                (lambda data=data: text_alone(data), RUNS),  # type: ignore[misc]
                (lambda data=data: with_pdfplumber(data), SLOW_RUNS),  # type: ignore[misc]
            ])
        )  # fmt: skip
        own, theirs, missing = compared(data)
        print(
            f"{name[:34]:<34} {pages:>5} {ours:>7.2f} {blocks:>7.2f} {text:>7.2f} {plumber:>8.2f}"
            f" {ours / text:>6.2f} {plumber / ours:>8.1f} {own:>6,} {theirs:>7,} {missing:>8,}"
        )


def medians(ways: list[tuple[Callable[[], object], int]]) -> list[float]:
    """The median seconds of each way, done in turn; the number of runs goes with each."""
    taken: list[list[float]] = [[] for _ in ways]
    for run in range(max(runs for _, runs in ways)):
        for seconds, (way, runs) in zip(taken, ways, strict=True):
            if run < runs:
                start = time.process_time()
                way()
                seconds.append(time.process_time() - start)
    return [statistics.median(seconds) for seconds in taken]


def pages_read(data: bytes) -> None:
    """Our pages, each let go before the next."""
    for _ in read_pages(data):
        pass


def text_alone(data: bytes) -> None:
    """What pdfium takes for the bare text of every page."""
    document = pypdfium2.PdfDocument(data)
    for number in range(len(document)):
        page = document[number]
        text = page.get_textpage()
        text.get_text_range()
        text.close()
        page.close()
    document.close()


def with_pdfplumber(data: bytes) -> None:
    """pdfplumber's tables of every page."""
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page in document.pages:
            page.extract_tables()
            page.close()


def compared(data: bytes) -> tuple[int, int, int]:
    """How many cells we find, how many pdfplumber finds, and how many of the latter we lack or read otherwise."""
    own_count = theirs_count = missing = 0
    with pdfplumber.open(io.BytesIO(data)) as document:
        for page, their_page in zip(read_pages(data), document.pages, strict=True):
            own = own_cells(page)
            own_count += len(own)
            for table in their_page.find_tables():
                texts = [text for row in table.extract() for text in row]
                places = [cell for row in table.rows for cell in row.cells]
                for place, text in zip(places, texts, strict=True):
                    if place is not None:
                        theirs_count += 1
                        missing += own.get(rounded(place)) != "".join((text or "").split())
            their_page.close()
    return own_count, theirs_count, missing


def own_cells(page: Page) -> dict[tuple[int, ...], str]:
    """The text of each of our cells by its place."""
    return {
        rounded(cell.box): "".join("".join(span.text for line in cell.lines for span in line.spans).split())
        for item in page.items
        if isinstance(item, Grid)
        for cell in item.cells
    }


def rounded(box: tuple[float, ...]) -> tuple[int, ...]:
    """A box to the nearest four points, which is nearer than any two rows are."""
    return tuple(round(value / 4) for value in box)


def bench_memory() -> None:
    """The peak memory of a process of its own that reads so many pages, which should not grow with them; then with their whole
    Document, which grows by its cells."""
    print(f"\n{'pages':>6} {'file MB':>8} {'peak MB':>8} {'Document':>9}")
    for pages in MEMORY_PAGES:
        code = (
            "import sys; from parsers.formats.pdf import read_pages, read_pdf\n"
            "from tests.bench.peer_reader import peak_memory\n"
            "data = sys.stdin.buffer.read()\n"
            "for _ in read_pages(data): pass\n"
            "print(peak_memory()); read_pdf(data); print(peak_memory())"
        )
        data = drawn_forms(pages, rectangles=True)
        done = subprocess.run(
            [sys.executable, "-c", code], input=data, capture_output=True, check=True, cwd=ROOT
        )
        peaks = [int(peak) / 1e6 for peak in done.stdout.split()]
        print(f"{pages:>6} {len(data) / 1e6:>8.1f} {peaks[0]:>8.0f} {peaks[1]:>9.0f}")


def drawn_forms(pages: int, rectangles: bool = False) -> bytes:
    """A form with merged cells on each page, ruled with lines, or with thin filled rectangles as Word does."""
    drawing = Drawing(A4)

    def rectangle(x0: float, y0: float, x1: float, y1: float) -> None:
        drawing.box(x0 - 0.25, y0 - 0.25, x1 + 0.25, y1 + 0.25, fill=1, stroke=0)

    for page in range(pages):
        cells = form_cells(page)
        rows = [60.0 + 27 * row for row in range(max(cell.end_row for cell in cells) + 1)]
        drawing.text(200, 40, f"项目支出绩效自评表（第{page + 1}号）", 14)
        draw_form(drawing, _COLUMNS, rows, cells, rectangle if rectangles else None, 9)
        drawing.next_page()
    return drawing.bytes()


def form_cells(page: int) -> list[FormCell]:
    """The cells of a page's form: title, head, indicators under merged levels, total."""
    cells = [FormCell(0, 0, 1, 2, "项目名称"), FormCell(0, 2, 1, 8, f"信息化建设项目{page}")]
    cells += [FormCell(1, col, 2, col + 1, text[:4]) for col, text in enumerate(_HEAD)]
    row = 2
    for level, kinds in _LEVELS:
        first = row
        for kind in kinds:
            cells.append(FormCell(row, 1, row + 5, 2, kind))
            for number in range(row, row + 5):
                texts = (
                    f"完成建设任务{number}",
                    f"≥{number * 7}项",
                    f"{number * 7 + page}项",
                    "5",
                    "4.8",
                    "无",
                )
                cells += [
                    FormCell(number, col, number + 1, col + 1, text)
                    for col, text in enumerate(texts, start=2)
                ]
            row += 5
        cells.append(FormCell(first, 0, row, 1, level))
    cells += [FormCell(row, 0, row + 1, 6, "总分"), FormCell(row, 6, row + 1, 8, "96.5")]
    return cells


if __name__ == "__main__":
    main(sys.argv[1:])
