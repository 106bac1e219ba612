"""What shows of a sheet: merged cells as one, hidden rows and columns gone, rows without print left out.

Everything here goes by the printed cells, never by the size that a sheet declares.
"""

from bisect import bisect_left, bisect_right, insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import groupby
from typing import NamedTuple

from parsers.formats.excel_sheet import Area, Sheet, in_order

_Ranges = tuple[tuple[int, int], ...]
_NEVER = 1 << 60


class Shown(NamedTuple):
    """A cell that shows: where it begins, the last row and column that it covers, its text ("" in an empty merged one)."""

    row: int
    col: int
    bottom: int
    right: int
    text: str


class Row(NamedTuple):
    """A row in which some print begins: its cells from left to right, those of them that print something, and whether
    empty rows show above it."""

    number: int
    cells: tuple[Shown, ...]
    printed: tuple[Shown, ...]
    gap: bool


@dataclass(frozen=True, slots=True)
class Visible:
    """The rows of a sheet that print, and how many rows and columns with print in them are hidden."""

    rows: tuple[Row, ...]
    rows_left_out: int
    columns_left_out: int


def visible(sheet: Sheet) -> Visible:
    """What shows of a sheet."""
    hidden_rows = in_order([(row, row) for row in sheet.hidden_rows])
    anchors = {(area.top, area.left) for area in sheet.merges}
    lost_rows: set[int] = set()
    lost_columns: set[int] = set()
    cells: list[Shown] = []
    for (row, col), text in sheet.texts.items():
        if (row, col) in anchors:
            continue
        if row in sheet.hidden_rows:
            lost_rows.add(row)
        elif sheet.hides_column(col):
            lost_columns.add(col)
        else:
            cells.append(Shown(row, col, row, col, text))
    for area in sheet.merges:
        shown = _shown_part(area, hidden_rows, sheet)
        if shown is not None:
            cells.append(shown)
        elif (area.top, area.left) in sheet.texts:
            lost_rows.add(area.top)
    rows = tuple(_rows(_apart(sorted(cells)), hidden_rows))
    return Visible(rows, len(lost_rows), len(lost_columns))


def part_of(rows: Sequence[Row], first: int, last: int) -> tuple[Row, ...]:
    """What of some rows begins in the columns from `first` to `last`; rows that print nothing there are left out."""
    found: list[Row] = []
    gap = False
    for row in rows:
        cells = tuple(cell for cell in row.cells if first <= cell.col <= last)
        gap = gap or row.gap
        if printed := tuple(cell for cell in cells if cell.text):
            found.append(Row(row.number, cells, printed, gap))
            gap = False
        else:
            gap = True
    return tuple(found)


def _shown_part(area: Area, hidden_rows: _Ranges, sheet: Sheet) -> Shown | None:
    """A merged cell begins where the first of its rows and columns shows; None where none does."""
    top = _first_shown(area.top, hidden_rows)
    left = _first_shown(area.left, sheet.hidden_columns)
    if top > area.bottom or left > area.right:
        return None
    return Shown(top, left, area.bottom, area.right, sheet.texts.get((area.top, area.left), ""))


def _first_shown(number: int, hidden: _Ranges) -> int:
    at = bisect_right(hidden, (number, _NEVER)) - 1
    return hidden[at][1] + 1 if at >= 0 and number <= hidden[at][1] else number


def _apart(cells: Sequence[Shown]) -> Iterator[Shown]:
    """Cells in reading order without those that a merged one covers; of merged ones that overlap the first stays."""
    lefts: list[int] = []  # of the merged cells that reach into the row at hand, in order
    rights: dict[int, int] = {}
    ends: list[tuple[int, int]] = []  # (bottom, left), the next to end first
    for cell in cells:
        while ends and ends[0][0] < cell.row:
            _, left = heappop(ends)
            del lefts[bisect_left(lefts, left)], rights[left]
        if _is_covered(cell.col, cell.right, lefts, rights):
            if not cell.text or _is_covered(cell.col, cell.col, lefts, rights):
                continue
            cell = cell._replace(bottom=cell.row, right=cell.col)  # noqa: PLW2901  a merge that overlaps another is none
        yield cell
        insort(lefts, cell.col)
        rights[cell.col] = cell.right
        heappush(ends, (cell.bottom, cell.col))


def _is_covered(first: int, last: int, lefts: list[int], rights: dict[int, int]) -> bool:
    """Whether one of the cells that begin at `lefts` reaches into the columns from `first` to `last`."""
    at = bisect_right(lefts, last) - 1
    return at >= 0 and rights[lefts[at]] >= first


def _rows(cells: Iterator[Shown], hidden: _Ranges) -> Iterator[Row]:
    before = 0
    for number, group in groupby(cells, key=lambda cell: cell.row):
        found = tuple(group)
        printed = tuple(cell for cell in found if cell.text)
        if printed:
            yield Row(number, found, printed, before > 0 and _first_shown(before + 1, hidden) < number)
            before = number
