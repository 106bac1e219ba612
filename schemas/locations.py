"""Where a value stands.

A `Place` points into a Document: a block, a cell of it if the block is a table, and
characters of that text. A `Position` says where those characters stand on paper or in a
workbook, for formats that have pages or sheets.
"""

from dataclasses import dataclass
from typing import NamedTuple

Box = tuple[float, float, float, float]
"""Left, top, right, bottom in points (1/72 inch) from the top left corner of the page as its file shows it."""


class Position(NamedTuple):
    """Where the text of a block or cell stands, from its character `char_start` to the next position's:
    a page (from 1) with a box on it, or a cell of a sheet (`自评表!B5`). `confidence`, from 0 to 1, is
    that of the recognition (OCR); None where the file itself holds the characters."""

    page: int | None = None
    box: Box | None = None
    sheet_cell: str | None = None
    char_start: int = 0
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `char_start` to `char_end` (end excluded) of a paragraph or of a cell.

    `block_no`, `row_no` and `column_no` count from 1; the latter two name a cell by its
    anchor and are None for a paragraph.
    """

    block_no: int
    char_start: int
    char_end: int
    row_no: int | None = None
    column_no: int | None = None
