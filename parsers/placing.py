"""Numbers rows in reading order and says where each stands: section, table, page, printable place."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any, TypeVar

from parsers.headings import Numbered
from parsers.sections import Section, sections_of
from parsers.tables import TableReading
from schemas.blocks import Heading, Table
from schemas.locations import Box, Position
from schemas.records import BlockRow, FieldPlace, FundingRow, Located

L = TypeVar("L", bound=Located)


class Placer:
    """Gives rows the section, table, page and printable location of their block."""

    def __init__(
        self, part: Numbered, sections: Sequence[Section], tables: Sequence[TableReading], report_no: int
    ) -> None:
        self.part, self.report_no = part, report_no
        self._cell_positions: dict[int, dict[tuple[int, int], tuple[Position, ...]]] = {}
        self.block_of = dict(part)
        self.table_of = {reading.block_no: number for number, reading in enumerate(tables, start=1)}
        self.section_of = {block_no: s.section_no for block_no, s in sections_of(part, sections).items()}

    def __call__(self, row: L) -> L:
        """`row` with its report, section, table, page, characters and printable location."""
        if row.block_no is None:
            return replace(row, report_no=self.report_no)
        start, end = self._span(row)
        places = tuple(piece for place in row.places for piece in self._positioned(place))
        placed = replace(
            row, report_no=self.report_no, section_no=row.section_no or self.section_of.get(row.block_no),
            table_no=row.table_no or self.table_of.get(row.block_no), page=self._page(row, places),
            char_start=start, char_end=end, places=places,
            confidence=min((p.confidence for p in places if p.confidence is not None), default=None),
        )  # fmt: skip
        return replace(placed, location=_location(placed))

    def _page(self, row: Located, places: Sequence[FieldPlace]) -> int | None:
        """The page on which a row begins: of the print in its own row of the table (a level's name may be merged
        from rows before), else of its other print, else of its block."""
        own = [p for p in places if p.page is not None and p.block_no == row.block_no]
        pages = [p.page for p in own if p.row_no == row.row_no] or [p.page for p in own]
        return min(filter(None, pages)) if pages else first_page(self.block_of[row.block_no or 0].positions)

    def _positioned(self, place: FieldPlace) -> Iterator[FieldPlace]:
        """The place with its page and box, sheet and confidence; in pieces where a page cuts the print."""
        positions = self._positions(place)
        if not positions:
            yield place
            return
        ends = [*(p.char_start for p in positions[1:]), max(place.char_end, positions[-1].char_start) + 1]
        touched = [
            (position, end)
            for position, end in zip(positions, ends, strict=True)
            if position.char_start <= place.char_end and end > place.char_start
            and (position.char_start < place.char_end or place.char_start == place.char_end)
        ]  # fmt: skip
        start = place.char_start
        for _, group in groupby(touched, key=lambda item: (item[0].page, item[0].sheet_cell)):
            pieces = list(group)
            found = [position for position, _ in pieces]
            end = min(place.char_end, pieces[-1][1])
            yield place._replace(
                char_start=start, char_end=end, page=found[0].page, box=_union([p.box for p in found if p.box]),
                sheet_cell=found[0].sheet_cell,
                confidence=min((p.confidence for p in found if p.confidence is not None), default=None),
            )  # fmt: skip
            start = end

    def _positions(self, place: FieldPlace) -> tuple[Position, ...]:
        """The positions of the block or cell that a place points into."""
        if place.row_no is None or place.column_no is None:
            return self.block_of[place.block_no].positions
        return self._cells(place.block_no).get((place.row_no, place.column_no), ())

    def _cells(self, block_no: int) -> dict[tuple[int, int], tuple[Position, ...]]:
        if block_no not in self._cell_positions:
            block = self.block_of[block_no]
            cells = block.cells if isinstance(block, Table) else ()
            self._cell_positions[block_no] = {(c.row, c.col): c.positions for c in cells if c.positions}
        return self._cell_positions[block_no]

    def _span(self, row: Located) -> tuple[int | None, int | None]:
        """From the first to the last character that a row of running text was read from."""
        own = [p for p in row.places if p.block_no == row.block_no and p.row_no is None]
        if not own:
            return None, None
        return min(p.char_start for p in own), max(p.char_end for p in own)

    def blocks(self) -> Iterator[BlockRow]:
        """The blocks of the report as rows."""
        for block_no, block in self.part:
            is_table = isinstance(block, Table)
            yield BlockRow(
                report_no=self.report_no, block_no=block_no, page=first_page(block.positions), positions=block.positions,
                kind="table" if is_table else "heading" if isinstance(block, Heading) else "paragraph",
                section_no=self.section_of.get(block_no), table_no=self.table_of.get(block_no),
                text=None if isinstance(block, Table) else block.text,
            )  # fmt: skip


def first_page(positions: Sequence[Position]) -> int | None:
    """The page on which the print begins; None where the format has no pages."""
    return positions[0].page if positions else None


def _union(boxes: Sequence[Box]) -> Box | None:
    if not boxes:
        return None
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)


def _location(row: Located) -> str:
    """第3页 表2 第5行; 第12段 for running text."""
    parts = [f"第{row.page}页"] if row.page else []
    in_row = [p.sheet_cell for p in row.places if p.sheet_cell and p.row_no == row.row_no]
    parts += (in_row or [p.sheet_cell for p in row.places if p.sheet_cell])[:1]
    if row.table_no:
        parts.append(f"表{row.table_no}")
        if row.row_no:
            parts.append(f"第{row.row_no}行")
    else:
        parts.append(f"第{row.block_no}段")
        if row.char_start is not None and row.char_end is not None:
            parts.append(f"第{row.char_start + 1}–{row.char_end}字")
    return " ".join(parts)


def _position(row: Located) -> tuple[int, int, int]:
    return row.block_no or 0, row.row_no or 0, row.char_start or 0


def in_order(rows: list[L], number: str) -> tuple[L, ...]:
    """Rows in reading order, their column `number` counting from 1."""

    def numbered(row: L, index: int) -> L:
        changes: dict[str, Any] = {number: index}
        return replace(row, **changes)

    return tuple(numbered(row, index) for index, row in enumerate(sorted(rows, key=_position), start=1))


def funding_in_order(rows: list[FundingRow]) -> tuple[FundingRow, ...]:
    """Funding in reading order; parents, given by position in `rows`, follow their rows."""
    order = sorted(range(len(rows)), key=lambda index: _position(rows[index]))
    new_number = {old + 1: new for new, old in enumerate(order, start=1)}
    return tuple(
        replace(rows[old], funding_no=new_number[old + 1], parent_no=new_number.get(rows[old].parent_no or 0))
        for old in order
    )
