"""Workbooks made in tests: out of rows, or out of the blocks of a Word document, laid out as people lay out forms in Excel."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from schemas.blocks import Block, Table

_NUMBER = re.compile(r"(?P<sign>-?)(?P<whole>\d{1,3}(?:,\d{3})+|\d+)(?P<decimals>\.\d+)?(?P<percent>%)?")
_DATE = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")


def workbook(**sheets: Iterable[Sequence[object]]) -> Workbook:
    """A workbook with a sheet for each name: rows of values, None for an empty cell."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    return book


def saved(book: Workbook) -> bytes:
    """The bytes of a workbook."""
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def from_blocks(blocks: Iterable[Block], *, sheet: Worksheet, row: int = 1, column: int = 1) -> int:
    """Writes blocks below one another: paragraphs as cells merged over the width, tables at their spans, numbers and dates
    typed and formatted so as to print the same. Returns the row behind them."""
    blocks = list(blocks)
    width = max((block.n_columns for block in blocks if isinstance(block, Table)), default=8)
    behind_table = False
    for block in blocks:
        if isinstance(block, Table):
            row = _write_table(sheet, block, row, column)
            behind_table = True
            continue
        row += behind_table
        behind_table = False
        _write(sheet, row, column, block.text)
        if width > 1:
            sheet.merge_cells(start_row=row, start_column=column, end_row=row, end_column=column + width - 1)
        row += 1
    return row


def _write_table(sheet: Worksheet, table: Table, row: int, column: int) -> int:
    for cell in table.cells:
        top, left = row + cell.row - 1, column + cell.col - 1
        _write(sheet, top, left, cell.text)
        if cell.row_span > 1 or cell.col_span > 1:
            sheet.merge_cells(
                start_row=top,
                start_column=left,
                end_row=top + cell.row_span - 1,
                end_column=left + cell.col_span - 1,
            )
    return row + table.n_rows


def _write(sheet: Worksheet, row: int, column: int, text: str) -> None:
    value, code = typed(text)
    if value == "":
        return
    cell = sheet.cell(row, column)
    if isinstance(value, str):
        cell.value, cell.data_type = value, "s"  # a text that begins with = is no formula
    else:
        cell.value = value
    if code:
        cell.number_format = code


def typed(text: str) -> tuple[object, str]:
    """The value and the number format with which Excel prints `text`; the text itself where it is no number."""
    if date := _DATE.fullmatch(text):
        try:
            moment = datetime(int(date[1]), int(date[2]), int(date[3]))
        except ValueError:
            return text, ""
        padded = len(date[2]) == 2 and date[2][0] == "0"
        return (text, "") if padded or date[3][0] == "0" else (moment, 'yyyy"年"m"月"d"日"')
    number = _NUMBER.fullmatch(text)
    if not number or len(text) > 15 or (number["whole"][0] == "0" and len(number["whole"]) > 1):
        return text, ""
    decimals = number["decimals"] or ""
    grouped = "," in number["whole"] or len(number["whole"]) <= 3
    code = (
        ("#,##0" if "," in number["whole"] and grouped else "0")
        + decimals.replace(".", ".0")[:2]
        + "0" * (len(decimals) - 2)
    )
    value = float(text.replace(",", "").rstrip("%"))
    if number["percent"]:
        return value / 100, code + "%"
    return (int(value) if not decimals else value), code
