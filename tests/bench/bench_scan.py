"""How long reading scans takes, and how exactly: `python -m tests.bench.bench_scan [THREADS]`.

Draws pages of figures and names whose text is known (a table of 4 by 12 cells, and a page of prose), makes bad scans of them, and
prints for each seconds a page (wall and processor) and the share of cells that are exact; then the most memory that
the process took. No limits here; docs/benchmarks.md holds the figures.
"""

import random
import resource
import sys
import time
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageFilter

from parsers.formats.pages import Grid, Page
from parsers.formats.recognition import recognition
from tests.parsers.formats.scans import Sheet

ROWS, SEED = 12, 2024
NAMES = (
    "培训农业技术人员",
    "新建高标准农田",
    "设备购置验收合格率",
    "项目按期完成率",
    "受益群众满意度",
    "单位成本控制数",
)
UNITS = ("人次", "亩", "%", "万元", "项", "家")


def main(arguments: list[str]) -> None:
    """Runs the bench with so many threads (2 where none are given)."""
    recognise = recognition(int(arguments[0]) if arguments else 2)
    sheet, truth = _table(random.Random(SEED))
    print(f"{'scan':<18} {'s/page':>7} {'cpu':>6} {'cells':>6} {'exact':>7}")
    for name, image in _scans(sheet):
        start, worked = time.perf_counter(), time.process_time()
        page = recognise(np.asarray(image), 1, *sheet.size)
        seconds, worked = time.perf_counter() - start, time.process_time() - worked
        found = _cells(page)
        exact = sum(found.get(place) == text for place, text in truth.items())
        print(f"{name:<18} {seconds:>7.2f} {worked:>6.2f} {len(truth):>6} {exact / len(truth):>7.3f}")
    # Linux counts in kilobytes, macOS in bytes
    unit = 1 if sys.platform == "darwin" else 1024
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e9:.2f} GB")


def _table(draw: random.Random) -> tuple[Sheet, dict[tuple[int, int], str]]:
    """An A4 page with a table, and the text of each cell by row and column."""
    rows = [["三级指标", "年度指标值", "实际完成值", "得分"]]
    for _ in range(ROWS):
        unit, number = draw.choice(UNITS), draw.randrange(1, 100_000)
        done = f"{number * draw.uniform(0.8, 1.2):.2f}"
        rows.append([draw.choice(NAMES), f"≥{number:,}{unit}", f"{done}{unit}", str(draw.randrange(1, 11))])
    sheet = Sheet(595, 842)
    xs, ys = [60.0, 210.0, 330.0, 450.0, 530.0], [100.0 + 30 * n for n in range(len(rows) + 1)]
    sheet.write(60, 60, "附表：项目支出绩效目标完成情况")
    sheet.table(xs, ys, rows)
    return sheet, {(r, c): text for r, row in enumerate(rows, 1) for c, text in enumerate(row, 1)}


def _scans(sheet: Sheet) -> Iterator[tuple[str, Image.Image]]:
    noise = np.random.default_rng(SEED)
    pixels = sheet.pixels()
    wide = pixels.shape[1]
    shadow = np.linspace(0.55, 1, wide)[None, :, None]
    small = (wide * 3 // 4, pixels.shape[0] * 3 // 4)
    yield "models loaded", sheet.image
    yield "plain, 200 dpi", sheet.image
    yield "150 dpi", sheet.image.resize(small, Image.Resampling.LANCZOS)
    yield "askew by 1.5°", sheet.turned(1.5)
    yield "upside down", sheet.image.rotate(180)
    yield (
        "noise",
        Image.fromarray(np.clip(pixels + noise.normal(0, 14, pixels.shape), 0, 255).astype(np.uint8)),
    )
    yield "shadow", Image.fromarray((pixels * shadow).astype(np.uint8))
    yield "blurred", sheet.image.filter(ImageFilter.GaussianBlur(1.5))
    sheet.stamp(330, 300)
    yield "stamp", sheet.image


def _cells(page: Page) -> dict[tuple[int, int], str]:
    return {
        (cell.row, cell.col): "".join(span.text for line in cell.lines for span in line.spans)
        for item in page.items
        if isinstance(item, Grid)
        for cell in item.cells
    }


if __name__ == "__main__":
    main(sys.argv[1:])
