"""Workbooks as zips of XML parts (.xlsx, .xlsm, .xltx; WPS saves the same): bytes -> sheets.

The parts are read directly, as the Word reader does: only so a number keeps the digits and the format with which it is
printed. Formulas are never worked out; their saved results are read.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from math import isfinite

from lxml.etree import _Element

from parsers.formats.excel_formats import BUILT_IN, GENERAL, print_number, print_text
from parsers.formats.excel_sheet import (
    MAX_SHEETS,
    Area,
    Budget,
    Sheet,
    cleaned,
    in_order,
    too_large,
    unescaped,
)
from parsers.formats.word_package import Package, open_package, stream_xml
from schemas.errors import UnreadableFile

_S = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_R_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ROW, _COL, _MERGE = _S + "row", _S + "col", _S + "mergeCell"
_V, _F, _T, _IS, _RUN = _S + "v", _S + "f", _S + "t", _S + "is", _S + "r"
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"
_DRAWN = "{http://schemas.openxmlformats.org/drawingml/2006/main}"

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,4})\$?(\d{1,9})")
_PLAIN_NUMBER = re.compile(r"0|-?[1-9]\d{0,14}")
_TRUE = frozenset({"1", "true", "on"})
_MAX_STRINGS = 4_000_000
"""Shared strings of a workbook, twice the cells."""
_FIRST_DAY = datetime(1899, 12, 30)
_FIRST_DAY_1904 = datetime(1904, 1, 1)


def read_xlsx(data: bytes) -> tuple[Sheet, ...]:
    """The worksheets of a workbook in their order, hidden ones too. Raises UnreadableFile."""
    try:
        package = open_package(data)
        return tuple(_Reader(package).sheets())
    except UnreadableFile as error:
        message = str(error).replace("a Word document", "a workbook").replace("Word", "Excel")
        raise UnreadableFile(error.category, message) from error


class _Reader:
    """One workbook: its strings and formats, and what is left of the limits."""

    def __init__(self, package: Package) -> None:
        self._package = package
        self._budget = Budget()
        workbook = _workbook(package)
        parts = dict(reversed(package.relationships(package.main)))
        self._listed = list(workbook.iter(_S + "sheet"))
        if len(self._listed) > MAX_SHEETS:
            raise too_large(f"more than {MAX_SHEETS:,} sheets")
        settings = workbook.find(_S + "workbookPr")
        self._from_1904 = settings is not None and settings.get("date1904") in _TRUE
        self._codes = _codes(package, parts.get("styles"))
        self._strings = _strings(package, parts.get("sharedStrings"))

    def sheets(self) -> Iterator[Sheet]:
        """The worksheets; charts and macro sheets print no cells."""
        targets = self._package.related(self._package.main)
        for number, entry in enumerate(self._listed, start=1):
            target = targets.get(entry.get(_R_ID, ""))
            if target is None or target.kind != "worksheet":
                continue
            data = self._package.read(target.part)
            if data is None:
                raise UnreadableFile(
                    "truncated",
                    "The file lacks one of its sheets. Get it again, or open it in Excel and save it anew.",
                )
            name = unescaped(entry.get("name") or f"Sheet{number}")
            is_shown = entry.get("state", "visible") == "visible"
            yield _SheetReader(self, self._budget).read(name, is_shown, data, tuple(self._drawn(target.part)))

    def string(self, index: str) -> str:
        """A shared string. Raises UnreadableFile("truncated") where a damaged file names one that it lacks."""
        at = _whole(index.strip(), -1)
        if not 0 <= at < len(self._strings):
            raise UnreadableFile(
                "truncated",
                "The workbook lacks texts of its cells. Get it again, or open it in Excel, let that repair it, compare it "
                "with the original and save it anew.",
            )
        return self._strings[at]

    def code(self, style: str | None) -> str:
        """The number format of a cell's style."""
        at = int(style) if style and style.isdecimal() else 0
        return self._codes[at] if at < len(self._codes) else GENERAL

    def number(self, text: str, style: str | None) -> str:
        """A stored number as it is printed."""
        code = self.code(style)
        if code == GENERAL and _PLAIN_NUMBER.fullmatch(text):
            return text
        try:
            value = float(text)
            return print_number(value, code, from_1904=self._from_1904) if isfinite(value) else text
        except (ValueError, ArithmeticError):  # no number after all: shown as stored
            return text

    def date(self, text: str, style: str | None) -> str:
        """A date stored as ISO 8601."""
        try:
            moment = datetime.fromisoformat(text).replace(tzinfo=None)
        except ValueError:
            return text
        since = moment - (_FIRST_DAY_1904 if self._from_1904 else _FIRST_DAY)
        code = self.code(style)
        return self.number(str(since.total_seconds() / 86_400), style) if code != GENERAL else text

    def _drawn(self, part: str) -> Iterator[str]:
        """The texts in boxes over a sheet's cells; not what a file offers to programs that cannot draw a shape."""
        for kind, drawing in self._package.relationships(part):
            root = self._package.xml(drawing) if kind == "drawing" else None
            for paragraph in root.iter(_DRAWN + "p") if root is not None else ():
                if next(paragraph.iterancestors(_FALLBACK), None) is not None:
                    continue
                text = "".join(run.text or "" for run in paragraph.iter(_DRAWN + "t")).strip()
                if text:
                    yield text


class _SheetReader:
    """One sheet, row by row."""

    def __init__(self, book: _Reader, budget: Budget) -> None:
        self._book, self._budget = book, budget
        self._columns: dict[str, int] = {}
        self._texts: dict[tuple[int, int], str] = {}
        self._unknown: list[tuple[int, int]] = []
        self._errors: list[tuple[int, int]] = []
        self._printed: dict[tuple[str, str | None], str] = {}

    def read(self, name: str, is_shown: bool, data: bytes, drawn: tuple[str, ...]) -> Sheet:
        """The sheet in an XML part."""
        merges: list[Area] = []
        hidden_rows: set[int] = set()
        hidden_columns: list[tuple[int, int]] = []
        row = 0
        for element in stream_xml(data, (_ROW, _COL, _MERGE)):
            if element.tag == _ROW:
                row = _whole(element.get("r"), row + 1)
                if len(element):
                    if element.get("hidden") in _TRUE or element.get("ht") == "0":
                        hidden_rows.add(row)
                    self._row(row, element)
            elif element.tag == _COL:
                if element.get("hidden") in _TRUE or element.get("width") == "0":
                    first = _whole(element.get("min"), 0)
                    hidden_columns.append((first, _whole(element.get("max"), first)))
            elif area := _area(element.get("ref", "")):
                self._budget.merge()
                merges.append(area)
        return Sheet(
            name, is_shown, dict(sorted(self._texts.items())), tuple(merges), frozenset(hidden_rows),
            in_order(hidden_columns), tuple(self._unknown), tuple(self._errors), drawn,
        )  # fmt: skip

    def _row(self, row: int, element: _Element) -> None:
        column = 0
        for cell in element:
            letters = cell.get("r", "").rstrip("0123456789")
            column = self._column(letters) if letters else column + 1
            if not len(cell):
                continue  # formatted and empty
            text = self._text(cell, (row, column))
            if text:
                self._texts[row, column] = text
                self._budget.cell(text)

    def _column(self, letters: str) -> int:
        if letters not in self._columns:
            number = 0
            for letter in letters[:4].upper():
                number = number * 26 + ord(letter) - ord("A") + 1
            self._columns[letters] = max(number, 1)
        return self._columns[letters]

    def _text(self, cell: _Element, at: tuple[int, int]) -> str:
        """What a cell prints."""
        kind, style = cell.get("t", "n"), cell.get("s")
        value, has_formula = None, False
        for child in cell:
            if child.tag == _V:
                value = child.text
            elif child.tag == _F:
                has_formula = True
            elif child.tag == _IS:
                return cleaned(print_text(unescaped(_rich(child)), self._book.code(style)))
        if not value:
            if has_formula and kind != "str":
                self._unknown.append(at)
            return ""
        if kind == "n":
            return self._number(value, style)
        if kind == "s":
            return cleaned(print_text(self._book.string(value), self._book.code(style)))
        if kind == "str":
            return cleaned(print_text(unescaped(value), self._book.code(style)))
        if kind == "b":
            return "TRUE" if value.strip() in _TRUE else "FALSE"
        if kind == "d":
            return self._book.date(value, style)
        if kind == "e":
            self._errors.append(at)
        return cleaned(value)

    def _number(self, value: str, style: str | None) -> str:
        key = (value, style)
        if key not in self._printed:
            self._printed[key] = self._book.number(value.strip(), style)
        return self._printed[key]


# ---- parts ----------------------------------------------------------------------------------


def _workbook(package: Package) -> _Element:
    root = None if package.main.endswith(".bin") else package.xml(package.main)
    if root is None or root.tag != _S + "workbook":
        if package.main.endswith(".bin"):
            what = "The file is a binary workbook (.xlsb)"
        else:
            what = "The file holds no workbook"
        raise UnreadableFile(
            "truncated" if root is None and what.endswith("workbook") else "unsupported",
            f"{what}. Open it in Excel and save it as .xlsx.",
        )
    return root


def _codes(package: Package, part: str | None) -> tuple[str, ...]:
    """The number format of each cell style."""
    root = None if part is None else package.xml(part)
    if root is None:
        return ()
    own = {
        entry.get("numFmtId", ""): unescaped(entry.get("formatCode", GENERAL))
        for entry in root.iterfind(f"{_S}numFmts/{_S}numFmt")
    }
    return tuple(
        own.get(number) or BUILT_IN.get(_whole(number, 0), GENERAL)
        for number in (style.get("numFmtId", "0") for style in root.iterfind(f"{_S}cellXfs/{_S}xf"))
    )


def _strings(package: Package, part: str | None) -> list[str]:
    """The shared strings, without their reading aids (rPh)."""
    data = None if part is None else package.read(part)
    found: list[str] = []
    for item in stream_xml(data, (_S + "si",)) if data else ():
        if len(found) >= _MAX_STRINGS:
            raise too_large(f"more than {_MAX_STRINGS:,} shared strings")
        found.append(unescaped(_rich(item)))
    return found


def _rich(item: _Element) -> str:
    """The text of a string: its own, or that of its runs."""
    text = ""
    for child in item:
        if child.tag == _T:
            text += child.text or ""
        elif child.tag == _RUN:
            text += "".join(piece.text or "" for piece in child if piece.tag == _T)
    return text


def _area(reference: str) -> Area | None:
    """The merged area of a reference such as A1:C3; None for a single cell."""
    corners = [_REFERENCE.fullmatch(corner) for corner in reference.split(":")]
    if len(corners) != 2 or corners[0] is None or corners[1] is None:
        return None
    rows = sorted(int(corner[2]) for corner in corners if corner)
    columns = sorted(_number_of(corner[1]) for corner in corners if corner)
    return Area(rows[0], columns[0], rows[1], columns[1])


def _number_of(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def _whole(text: str | None, default: int) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 10 else default
