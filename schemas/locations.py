"""Where a value stands.

A `Place` points into a Document: a block, a cell of it if the block is a table, and
characters of that text. A `Position` says where a block or cell stands on paper or in a
workbook, for formats that have pages or sheets.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Position:
    """A page (from 1) with a box in points (left, top, right, bottom), or a sheet's cell."""

    page: int | None = None
    box: tuple[float, float, float, float] | None = None
    sheet_cell: str | None = None


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
