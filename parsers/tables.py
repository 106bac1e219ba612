"""What a table is: its caption, its kind, and its regions.

A form holds blocks of several kinds one below the other (money, targets, indicators); each
header row opens a `Region`, which reaches to the next header. A plain table is one region.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise

from parsers.grid import Grid
from parsers.headers import (
    POINTS,
    Family,
    Header,
    column_groups,
    column_role,
    label_of,
    labelled_values,
    money_unit,
    read_header,
)
from parsers.headings import heading_number
from parsers.printed import Printed, compact, cut, unwrapped
from schemas.blocks import Block, Cell, Paragraph, Table
from schemas.records import TableKind
from schemas.vocabulary import DIMENSION_NAME, TABLE_CAPTION, TOTAL_ROW, ColumnRole

_CAPTION_LENGTH = 60
_HEAD_CELL = 80
"""Characters of a cell that holds a label with its value, at most."""
_HEAD_ROWS = 8
"""Rows of a form without indicators that are its head."""
_CAPTION_LABEL = re.compile(r"\s*附?表\s*[\d一二三四五六七八九十]+(?:[-－.．]\d+)?\s*[：:.、\s]\s*(?=\S)")


@dataclass(frozen=True, slots=True)
class Region:
    """A header and the rows under it. `grid` is turned where the table was printed sideways."""

    family: Family
    grid: Grid
    header: Header
    rows: tuple[int, ...]

    def cells(self, row: int) -> dict[ColumnRole, tuple[Cell, ...]]:
        """The cells of `row` by role; a merged cell over several roles counts for its first."""
        under = self.grid.under(row, self.header.cells, self.header.leading)
        found: dict[ColumnRole, tuple[Cell, ...]] = {}
        for index, role in enumerate(self.header.roles):
            if role is not None and index in under:
                found[role] = under[index]
        return found

    def labels(self, row: int) -> tuple[Cell, ...]:
        """The cells that begin in `row` at the left of its values: side label, levels, name."""
        return self.grid.anchored(row)[: self.header.leading + 1]

    def unit(self, role: ColumnRole) -> str | None:
        """The unit of money that the heading of `role` tells."""
        index = self.header.index(role)
        if index is None:
            return None
        above = self.header.above[index]
        return money_unit(self.header.cells[index].text) or (money_unit(above.text) if above else None)


@dataclass(frozen=True, slots=True)
class TableReading:
    """A table with what was recognised in it. `unit` is the unit of money told for the whole table."""

    block_no: int
    grid: Grid
    kind: TableKind
    caption: Printed | None
    regions: tuple[Region, ...]
    unit: str | None

    @property
    def header_rows(self) -> int:
        """Rows up to the end of the first header; 0 where there is none, or it is no row."""
        first = self.regions[0] if self.regions else None
        return first.header.last_row if first and not first.grid.turned else 0

    @property
    def roles(self) -> tuple[str, ...]:
        """Role of each column of the table by its main region; "" where unknown."""
        main = next(
            (r for r in self.regions if r.family == "indicators"), self.regions[0] if self.regions else None
        )
        roles = [""] * self.grid.table.n_columns
        if main and not main.grid.turned:
            for cell, role in zip(main.header.cells, main.header.roles, strict=True):
                for col in range(cell.col, min(cell.col + cell.col_span, len(roles) + 1)):
                    roles[col - 1] = role or ""
        return tuple(roles)


def read_table(block_no: int, table: Table, before: tuple[tuple[int, Block], ...]) -> TableReading:
    """What the table of block `block_no` is. `before` are the blocks above it, nearest first."""
    grid = Grid(block_no, table)
    regions = _regions(grid)
    if not regions and table.n_columns > 2:
        regions = tuple(r for r in _regions(grid.turn()) if r.family == "scores")
    caption, unit = _caption(grid, regions, before)
    return TableReading(block_no, grid, _kind(grid, regions), caption, regions, unit)


def is_total(text: str) -> bool:
    """Whether the first words of a row say that it sums up others."""
    return re.fullmatch(TOTAL_ROW, compact(text)) is not None


def labelled_cells(grid: Grid, regions: tuple[Region, ...]) -> Iterator[tuple[str, str, Printed]]:
    """Labelled values of a form: (key of COVER_LABELS, label, value), the value in the cell to the right of its label or
    behind it in one cell (项目名称：甲项目).

    Column headings and the rows of lists are no such pairs.
    """
    taken = {row for region in regions for row in range(region.header.first_row, region.header.last_row + 1)}
    taken |= {row for region in regions if region.family in ("projects", "scores") for row in region.rows}
    head = next((r.header.first_row for r in regions if r.family == "indicators"), _HEAD_ROWS)
    for row in range(1, grid.table.n_rows + 1):
        if row in taken:
            continue
        cells = grid.rows[row - 1]
        if row < head:
            for cell in grid.anchored(row):
                yield from _inside(grid, cell)
        for label, value in pairwise(cells):
            if label.row != row or not value.text.strip():
                continue
            key = label_of(label.text)
            if key and not label_of(value.text) and column_role(value.text) is None:
                yield key, compact(label.text).rstrip(":："), grid.cut(value)


def _inside(grid: Grid, cell: Cell) -> Iterator[tuple[str, str, Printed]]:
    """The labelled values in one cell of the head of a form; a cell of running text is none."""
    if len(cell.text) <= _HEAD_CELL:
        for key, label, start, end in labelled_values(cell.text):
            if compact(cell.text[start:end]):
                yield key, label, grid.cut(cell, start, end)


def dimension_like(name: str) -> bool:
    """Whether a name is one of the evaluation's dimensions (项目决策, 产出指标, 预算执行)."""
    return re.fullmatch(DIMENSION_NAME, compact(unwrapped(name))) is not None


def _regions(grid: Grid) -> tuple[Region, ...]:
    headers: list[tuple[Family, Header]] = []
    row = 1
    while row <= grid.table.n_rows:
        found = read_header(grid, row)
        if found:
            headers.append(found)
            row = found[1].last_row
        row += 1
    ends = [header.first_row for _, header in headers[1:]] + [grid.table.n_rows + 1] * bool(headers)
    return tuple(
        Region(family, grid, replace(header, roles=roles), tuple(range(header.last_row + 1, end)))
        for (family, header), end in zip(headers, ends, strict=True)
        for roles in column_groups(header.roles, family)
    )


def _kind(grid: Grid, regions: tuple[Region, ...]) -> TableKind:
    families = {region.family for region in regions}
    labels = sum(1 for _ in labelled_cells(grid, regions))
    if "indicators" in families and (len(families) > 1 or labels):
        return "form"
    if "indicators" in families:
        roles = {role for region in regions for role in region.header.roles}
        if roles & {"actual", "completion_rate"}:
            return "completion"
        return "scoring" if roles & POINTS and not roles & {"target", "target_nature"} else "targets"
    kinds: tuple[tuple[Family, TableKind], ...] = (
        ("scores", "scoring"), ("projects", "projects"), ("budget", "budget"),
    )  # fmt: skip
    for family, kind in kinds:
        if family in families:
            return kind
    return "form" if labels > 1 else "other"


def _caption(
    grid: Grid, regions: tuple[Region, ...], before: tuple[tuple[int, Block], ...]
) -> tuple[Printed | None, str | None]:
    """The caption (first rows of one cell, else a line above the table) and the unit of money it tells."""
    first = regions[0].header.first_row if regions and not regions[0].grid.turned else 2
    unit, caption = None, None
    for row in range(1, min(first, grid.table.n_rows + 1)):
        printed = [cell for cell in grid.rows[row - 1] if compact(cell.text)]
        if (
            len(printed) != 1
            or (printed[0].col_span == 1 and not grid.lost_spans)
            or len(grid.rows[row - 1]) > 1
        ):
            break
        unit = unit or money_unit(printed[0].text)
        caption = caption or grid.printed(printed)
    for block_no, block in before[:3]:
        if isinstance(block, Table):
            break
        text = compact(block.text)
        number = heading_number(block.text)
        if number and number.level < 3:
            break
        unit = unit or money_unit(block.text)
        if (
            caption is None
            and len(text) <= _CAPTION_LENGTH
            and re.fullmatch(TABLE_CAPTION, text)
            and isinstance(block, Paragraph)
        ):
            label = _CAPTION_LABEL.match(block.text)
            caption = cut(block_no, block.text, label.end() if label else 0, len(block.text))
        if len(text) > _CAPTION_LENGTH or caption:
            break
    return caption, unit
