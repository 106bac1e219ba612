"""Workbooks of Excel 5 to 2003 (.xls; WPS Spreadsheets' .et): bytes -> sheets, by way of xlrd."""

import io
import struct
from collections.abc import Iterator

import xlrd  # type: ignore[import-untyped]
import xlrd.book  # type: ignore[import-untyped]
import xlrd.formatting  # type: ignore[import-untyped]
import xlrd.sheet  # type: ignore[import-untyped]

from parsers.formats.excel_formats import BUILT_IN, GENERAL, print_number, print_text
from parsers.formats.excel_sheet import (
    MAX_SHEETS,
    Area,
    Budget,
    Sheet,
    cleaned,
    in_order,
    too_large,
)
from schemas.errors import UnreadableFile

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
# All that xlrd raises on damaged bytes besides its own errors: it checks little of what it unpacks.
_DAMAGE = (
    xlrd.XLRDError,
    xlrd.compdoc.CompDocError,
    struct.error,
    AssertionError,
    ArithmeticError,
    AttributeError,
    LookupError,
    TypeError,
    UnboundLocalError,
    ValueError,  # UnicodeDecodeError among them
    MemoryError,
    EOFError,
    RecursionError,  # a directory that turns in circles
)


def read_xls(data: bytes) -> tuple[Sheet, ...]:
    """The worksheets of a workbook in their order, hidden ones too. Raises UnreadableFile."""
    if _ENCRYPTED in data:  # the streams' names are UTF-16
        raise _encrypted()
    try:
        # ragged_rows: else every row is padded to the width of the widest, a workbook of little print to gigabytes.
        book = xlrd.open_workbook(
            file_contents=data, formatting_info=True, ragged_rows=True, logfile=io.StringIO()
        )
        return tuple(_sheets(book))
    except _DAMAGE as error:
        if "encrypt" in str(error).lower():
            raise _encrypted() from error
        if "find workbook" in str(error).lower():
            raise UnreadableFile(
                "unsupported", "The file holds no workbook. Open it and save it in a current format."
            ) from error
        raise UnreadableFile(
            "truncated",
            "The workbook ends too early or is damaged. Get it again, or open it in Excel and save it as .xlsx.",
        ) from error


def _encrypted() -> UnreadableFile:
    return UnreadableFile(
        "encrypted", "The workbook is protected by a password. Save it without one and try again."
    )


def _sheets(book: xlrd.book.Book) -> Iterator[Sheet]:
    if book.nsheets > MAX_SHEETS:
        raise too_large(f"more than {MAX_SHEETS:,} sheets")
    budget = Budget()
    codes = [_code(book, style.format_key) for style in book.xf_list]
    for sheet in book.sheets():
        yield _sheet(book, sheet, codes, budget)


def _code(book: xlrd.book.Book, key: int) -> str:
    """The format code under a number: the file's own, else the built-in one, which xlrd knows in American only."""
    found = book.format_map.get(key)
    code = str(found.format_str) if found is not None and found.format_str else ""
    is_own = code and code != xlrd.formatting.std_format_strings.get(key)
    return code if is_own else BUILT_IN.get(key, code or GENERAL)


def _sheet(book: xlrd.book.Book, sheet: xlrd.sheet.Sheet, codes: list[str], budget: Budget) -> Sheet:
    texts: dict[tuple[int, int], str] = {}
    errors: list[tuple[int, int]] = []
    for row in range(sheet.nrows):
        for column, kind in enumerate(sheet.row_types(row)):
            if kind in (xlrd.XL_CELL_EMPTY, xlrd.XL_CELL_BLANK):
                continue
            style = sheet.cell_xf_index(row, column)
            code = codes[style] if style is not None and 0 <= style < len(codes) else GENERAL
            text = _text(kind, sheet.cell_value(row, column), code, book.datemode == 1)
            if kind == xlrd.XL_CELL_ERROR:
                errors.append((row + 1, column + 1))
            if text:
                texts[row + 1, column + 1] = text
                budget.cell(text)
    merges = []
    for top, bottom, left, right in sheet.merged_cells:
        budget.merge()
        merges.append(Area(top + 1, left + 1, bottom, right))
    hidden_columns = [(number + 1, number + 1) for number, info in sheet.colinfo_map.items() if info.hidden]
    return Sheet(
        name=str(sheet.name), is_shown=sheet.visibility == 0, texts=texts, merges=tuple(merges),
        hidden_rows=frozenset(number + 1 for number, info in sheet.rowinfo_map.items() if info.hidden),
        hidden_columns=in_order(hidden_columns), errors=tuple(errors),
    )  # fmt: skip


def _text(kind: int, value: object, code: str, from_1904: bool) -> str:
    """What a cell prints."""
    if kind == xlrd.XL_CELL_TEXT:
        return cleaned(print_text(str(value), code))
    if kind == xlrd.XL_CELL_BOOLEAN:
        return "TRUE" if value else "FALSE"
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#N/A"))
    return print_number(float(str(value)), code, from_1904=from_1904)
