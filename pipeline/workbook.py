"""Rows -> an Excel workbook (.xlsx), written row by row in constant memory.

What Excel cannot hold is never a reason to stop: rows beyond a sheet go to a further one, a longer text is cut with …,
and both are counted. No text becomes a formula, link or number. The same rows give the same bytes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import xlsxwriter  # type: ignore[import-untyped]  # has annotations, but does not declare them
from rich.cells import cell_len
from xlsxwriter.exceptions import XlsxFileError  # type: ignore[import-untyped]

from pipeline.cells import Value
from schemas.errors import UsageError


@dataclass(frozen=True, slots=True)
class Limits:
    """What Excel holds: rows and columns of a sheet, UTF-16 units of a cell's text and of a sheet's name."""

    rows: int = 1_048_576
    columns: int = 16_384
    text: int = 32_767
    name: int = 31


EXCEL = Limits()


@dataclass(frozen=True, slots=True)
class Heading:
    """A column of a sheet: its name and the number format of its numbers (None: as Excel likes)."""

    name: str
    number_format: str | None = None


@dataclass(slots=True)
class SheetTally:
    """What became of rows on their way into sheets: the sheets' names, rows, texts cut, texts with characters that
    XML cannot hold (shown by their Unicode pictures)."""

    names: list[str] = field(default_factory=list)
    rows: int = 0
    cut: int = 0
    replaced: int = 0


MARK = "…"
"""Ends a text that was cut."""

WIDTH_ROWS = 200
"""Rows that a column's width is measured on; they are held before the first is written."""
NARROWEST, WIDEST = 8, 48
"""Characters of a column: a filter's arrow still shows; a few long texts leave the others in sight."""
FILTER_ARROW = 3

_FIRST_DAY = date(1900, 3, 1)
"""Excel counts a 29 February 1900: days before its end have no certain number."""

_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_SHOWN = {**{code: 0x2400 + code for code in range(0x20)}, 0xFFFE: 0xFFFD, 0xFFFF: 0xFFFD}
_NAME_SIGNS = str.maketrans("[]:*?/\\'", "［］：＊？／＼’")
_RESERVED = {"history"}
"""Names that Excel keeps for itself."""

_A4 = 9
_DATE, _TIME = "yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"


class Workbook:
    """A workbook under way. Used in a `with` block: whole at its end; after an error the file is worthless.

    `scratch` is a folder for XlsxWriter's own files; `created` stands in the file's properties. OSError for files
    that cannot be written leaves the block as it is.
    """

    def __init__(self, path: Path, scratch: Path, created: datetime, limits: Limits = EXCEL) -> None:
        self._book = xlsxwriter.Workbook(
            str(path),
            {
                "constant_memory": True, "tmpdir": str(scratch), "use_zip64": True,
                "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
            },
        )  # fmt: skip
        self._book.set_properties({"created": created})
        self._limits = limits
        self._taken: set[str] = set()
        self._formats: dict[str | None, Any] = {None: None}
        self._plain = self._book.add_format()
        self._head = self._book.add_format({"bold": True, "bg_color": "#D9E1F2", "bottom": 1})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        try:
            if kind is None:
                self._book.close()
        except XlsxFileError as failed:
            raise OSError(*getattr(failed.args[0], "args", failed.args)) from failed
        finally:  # XlsxWriter does so only where it ends well
            for sheet in self._book.worksheets():
                sheet._opt_close()

    def add(self, name: str, headings: Sequence[Heading], rows: Iterable[Sequence[Value]]) -> SheetTally:
        """Writes rows under their headings to a sheet called `name` or, where that is no name for a sheet or taken,
        something like it; to further ones, such as 指标(2), where one cannot hold them. Raises UsageError for more columns
        than a sheet has.
        """
        if len(headings) > self._limits.columns:
            raise UsageError(f"{len(headings)} columns; a sheet has {self._limits.columns}")
        tally = SheetTally()
        rest = iter(rows)
        first = list(islice(rest, WIDTH_ROWS))
        widths = _widths(headings, first)
        pending: Iterator[Sequence[Value]] = _chained(first, rest)
        row = next(pending, None)
        while row is not None or not tally.names:
            sheet = self._sheet(name, headings, widths, tally)
            row = self._fill(sheet, headings, row, pending, tally)
        return tally

    def _sheet(self, name: str, headings: Sequence[Heading], widths: Sequence[int], tally: SheetTally) -> Any:
        free = _free_name(name, len(tally.names) + 1, self._taken, self._limits.name)
        self._taken.add(free.casefold())
        tally.names.append(free)
        sheet = self._book.add_worksheet(free)
        sheet.freeze_panes(1, 0)
        sheet.repeat_rows(0)  # on paper, too
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)  # all columns on one page's width
        sheet.set_paper(_A4)
        # keys of digits only are text on purpose: no green corners
        sheet.ignore_errors({"number_stored_as_text": "A1:XFD1048576"})
        for column, (heading, width) in enumerate(zip(headings, widths, strict=True)):
            sheet.set_column(column, column, width)
            self._text(sheet, 0, column, heading.name, tally, self._head)
        return sheet

    def _fill(
        self, sheet: Any, headings: Sequence[Heading], row: Sequence[Value] | None,
        pending: Iterator[Sequence[Value]], tally: SheetTally,
    ) -> Sequence[Value] | None:  # fmt: skip
        """Writes `row` and those after it until the sheet is full; gives the first that had no room."""
        formats = [self._format(heading.number_format) for heading in headings]
        at = 1
        while row is not None and at < self._limits.rows:
            for column, value in enumerate(row):
                kind = type(value)
                if kind is str:
                    self._text(sheet, at, column, value, tally)
                elif kind is float or kind is int:
                    sheet.write_number(at, column, value, formats[column])
                elif isinstance(value, date):
                    self._time(sheet, at, column, value, tally)
            at += 1
            tally.rows += 1
            row = next(pending, None)
        if headings:
            sheet.autofilter(0, 0, at - 1, len(headings) - 1)
        return row

    def _text(
        self, sheet: Any, row: int, column: int, value: Any, tally: SheetTally, style: Any = None
    ) -> None:
        text = value.replace("\r\n", "\n").replace("\r", "\n") if "\r" in value else value
        if _FORBIDDEN.search(text):
            text = _FORBIDDEN.sub(lambda m: chr(_SHOWN[ord(m[0])]), text)
            tally.replaced += 1
        if len(text) * 2 > self._limits.text and _units(text) > self._limits.text:
            text = _cut(text, self._limits.text)
            tally.cut += 1
        if text.startswith("<r>") and text.endswith("</r>"):
            # XlsxWriter takes such a text for XML of its own; in pieces it is escaped like any other
            sheet.write_rich_string(row, column, text[:1], self._plain, text[1:])
        else:
            sheet.write_string(row, column, text, style)

    def _time(self, sheet: Any, row: int, column: int, value: date, tally: SheetTally) -> None:
        is_time = isinstance(value, datetime)
        day = value.date() if isinstance(value, datetime) else value
        if day < _FIRST_DAY:
            self._text(sheet, row, column, value.isoformat(), tally)
        else:
            sheet.write_datetime(row, column, value, self._format(_TIME if is_time else _DATE))

    def _format(self, number_format: str | None) -> Any:
        if number_format not in self._formats:
            self._formats[number_format] = self._book.add_format({"num_format": number_format})
        return self._formats[number_format]


def _free_name(name: str, number: int, taken: set[str], longest: int) -> str:
    """A name that a sheet may have and none has: 指标, 指标(2), …; Excel does not tell A from a."""
    allowed = _FORBIDDEN.sub(lambda m: chr(_SHOWN[ord(m[0])]), re.sub(r"\s", " ", name)).translate(
        _NAME_SIGNS
    )
    allowed = allowed.strip() or "表"
    while True:
        suffix = f"({number})" if number > 1 else ""
        free = allowed if _units(allowed) <= longest - len(suffix) else _cut(allowed, longest - len(suffix))
        if (free + suffix).casefold() not in taken | _RESERVED:
            return free + suffix
        number += 1


def _cut(text: str, units: int) -> str:
    """The beginning of a text, with …, in that many UTF-16 units; no character is cut in two."""
    return text.encode("utf-16-le")[: (units - len(MARK)) * 2].decode("utf-16-le", "ignore") + MARK


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _widths(headings: Sequence[Heading], rows: Sequence[Sequence[Value]]) -> list[int]:
    """The width of each column in characters, Chinese ones counted double, from its first rows."""
    widths = [cell_len(heading.name) + FILTER_ARROW for heading in headings]
    for row in rows:
        widths = [
            max(width, _width(value, heading.number_format))
            for width, value, heading in zip(widths, row, headings, strict=True)
        ]
    return [min(max(width + 1, NARROWEST), WIDEST) for width in widths]


def _width(value: Value, number_format: str | None) -> int:
    if value is None:
        return 0
    if isinstance(value, str):
        return cell_len(value[:WIDEST])
    if isinstance(value, datetime):
        return len(_TIME)
    if isinstance(value, date):
        return len(_DATE)
    return len(f"{value:,.2f}" if number_format else f"{value:.10g}")


def _chained(first: Sequence[Sequence[Value]], rest: Iterator[Sequence[Value]]) -> Iterator[Sequence[Value]]:
    yield from first
    yield from rest
