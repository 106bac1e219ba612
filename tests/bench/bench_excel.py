"""How long the Excel reader takes: `python -m tests.bench.bench_excel [FILES…]`.

Prints (a) sheets of 1,000, 3,000 and 9,000 rows by ten columns as .xlsx and .xls, and (b) files, against openpyxl, xlrd and
calamine reading bare values: no number formats, no layout, no places. Seconds of the processor, the median of several runs in turn.
No limits here; docs/benchmarks.md holds the figures.
"""

import io
import sys
from collections.abc import Callable
from pathlib import Path

import openpyxl
import xlrd
import xlwt
from python_calamine import CalamineWorkbook

from parsers.formats.excel import read_excel
from parsers.formats.excel_xls import read_xls
from parsers.formats.excel_xlsx import read_xlsx
from tests.bench.bench_pdf import medians
from tests.support_xlsx import saved, workbook

TABLE_ROWS = (1_000, 3_000, 9_000)
RUNS = 5
COLUMNS = ("ours", "cells", "python", "calamine")
"""The whole reader; its cells alone, as printed; openpyxl or xlrd; calamine."""


def main(arguments: list[str]) -> None:
    """Runs the bench over generated sheets, or over the files given."""
    print(f"{'file':<30}" + "".join(f" {name:>9}" for name in COLUMNS))
    if arguments:
        for path in map(Path, arguments):
            bench(path.name, path.read_bytes())
        return
    for count in TABLE_ROWS:
        rows = generated(count)
        bench(f"{count:,} rows .xlsx", saved(workbook(S=rows)))
        bench(f"{count:,} rows .xls", as_xls(rows))


def generated(count: int) -> list[list[object]]:
    """Rows of ten columns as a list of projects has them."""
    head: list[object] = [
        "序号",
        "项目名称",
        "实施单位",
        "预算数",
        "执行数",
        "执行率",
        "得分",
        "等级",
        "问题",
        "备注",
    ]
    return [head] + [
        [row, f"项目{row}", "某局", row * 1.5, row / 7, 0.95, 98.5, "优", "进度慢", None]
        for row in range(1, count)
    ]


def as_xls(rows: list[list[object]]) -> bytes:
    """The same rows in the old format."""
    book = xlwt.Workbook()
    sheet = book.add_sheet("S")
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            if value is not None:
                sheet.write(at, column, value)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def bench(name: str, data: bytes) -> None:
    """One line: seconds of each way."""
    is_zip = data.startswith(b"PK")
    ways: tuple[Callable[[], object], ...] = (
        lambda: read_excel(data),
        lambda: read_xlsx(data) if is_zip else read_xls(data),
        lambda: with_openpyxl(data) if is_zip else with_xlrd(data),
        lambda: with_calamine(data),
    )
    ways[0]()
    print(f"{name:<30}" + "".join(f" {seconds:>9.3f}" for seconds in medians([(way, RUNS) for way in ways])))


def with_openpyxl(data: bytes) -> None:
    """openpyxl reading every value."""
    for sheet in openpyxl.load_workbook(io.BytesIO(data), data_only=True).worksheets:
        for _ in sheet.iter_rows(values_only=True):
            pass


def with_xlrd(data: bytes) -> None:
    """xlrd reading every value."""
    for sheet in xlrd.open_workbook(file_contents=data).sheets():
        for row in range(sheet.nrows):
            _ = sheet.row_values(row)


def with_calamine(data: bytes) -> None:
    """calamine reading every value."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    for name in book.sheet_names:
        _ = book.get_sheet_by_name(name).to_python()


if __name__ == "__main__":
    main(sys.argv[1:])
