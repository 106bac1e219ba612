"""A sheet of a workbook as its reader hands it over: printed texts by cell, merged areas, what is hidden.

Rows and columns count from 1. `excel_xlsx` and `excel_xls` make these values; `excel_layout` makes blocks of them.
"""

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import NamedTuple

from schemas.errors import UnreadableFile

MAX_SHEETS = 2_000
"""Sheets of a workbook; a county's yearly collection has some hundreds, one a project."""
MAX_CELLS = 2_000_000
"""Printed cells of a workbook, and cells of the tables made of it. A list of 50,000 projects in twenty columns has a million."""
MAX_CHARACTERS = 128_000_000
"""Characters of all cells together: one long text may be repeated by a million cells at the cost of a number each."""
MAX_MERGES = 500_000
"""Merged areas of a workbook."""

_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_DROPPED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\ufeff\u200b-\u200d\u2060\ufffc\ufffe\uffff\ud800-\udfff]")


class Area(NamedTuple):
    """A rectangle of cells, all four edges included."""

    top: int
    left: int
    bottom: int
    right: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one sheet prints. `texts` holds cells that print something, by (row, column), in reading order.

    `hidden_columns` are ranges (first, last), in order and apart. `unknown` and `errors` are cells whose formula was
    saved without its result, and cells that print an error such as #DIV/0!.
    """

    name: str
    is_shown: bool
    texts: dict[tuple[int, int], str]
    merges: tuple[Area, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: tuple[tuple[int, int], ...] = ()
    unknown: tuple[tuple[int, int], ...] = ()
    errors: tuple[tuple[int, int], ...] = ()
    drawn: tuple[str, ...] = ()
    """Texts in boxes that float over the cells."""

    def hides_column(self, column: int) -> bool:
        """Whether a column is hidden."""
        at = bisect_right(self.hidden_columns, (column, 1 << 60)) - 1
        return at >= 0 and column <= self.hidden_columns[at][1]


class Budget:
    """What is left of the limits on one workbook; raises UnreadableFile ("too_large") when nothing is."""

    def __init__(self) -> None:
        self._cells, self._characters, self._merges = MAX_CELLS, MAX_CHARACTERS, MAX_MERGES

    def cell(self, text: str) -> None:
        """Takes one printed cell off."""
        self._cells -= 1
        self._characters -= len(text)
        if self._cells < 0 or self._characters < 0:
            raise too_large(f"more than {MAX_CELLS:,} cells or {MAX_CHARACTERS:,} characters")

    def merge(self) -> None:
        """Takes one merged area off."""
        self._merges -= 1
        if self._merges < 0:
            raise too_large(f"more than {MAX_MERGES:,} merged areas")


def too_large(what: str) -> UnreadableFile:
    """The error for a workbook beyond a limit."""
    return UnreadableFile("too_large", f"The workbook holds {what}; no report does. Split it.")


def cleaned(text: str) -> str:
    """A cell's text with plain line feeds, without characters that print nothing and without white space at its ends."""
    if text.isalnum():
        return text
    return _DROPPED.sub("", _BREAKS.sub("\n", text)).strip()


def unescaped(text: str) -> str:
    """A text of an XML part, with `_x000D_` and the like read as the characters that they stand for."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text) if "_x" in text else text


def in_order(ranges: list[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """Ranges sorted and joined where they touch."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted(ranges):
        if joined and first <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
        else:
            joined.append((first, last))
    return tuple(joined)


def column_letters(column: int) -> str:
    """28 is AB."""
    letters = ""
    while column > 0:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def cell_name(sheet: str, row: int, column: int) -> str:
    """`自评表!B5`."""
    return f"{sheet}!{column_letters(column)}{row}"
