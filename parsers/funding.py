"""Money stated in tables: budget blocks of forms, and sums beside their label."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise, zip_longest

from parsers.grid import Grid
from parsers.headers import MEASURE_COLUMNS, column_role, money_unit
from parsers.printed import Printed, compact, field_places
from parsers.tables import Region, TableReading, is_total
from parsers.values import read_money, read_number, read_quantity
from schemas.blocks import Cell
from schemas.records import FundingRow, FundingSource, Measure
from schemas.units import YUAN
from schemas.vocabulary import (
    FUNDS_LABEL,
    GOAL_LABEL,
    MONEY_BLOCK,
    MONEY_LABEL,
    SOURCES,
    ColumnRole,
)

_LABELLED = re.compile(
    r"\s*(?P<label>(?:其中[：:])?[^：:\d]{2,20}?)\s*[：:]?\s*(?P<sum>\d[\d,，]*(?:\.\d+)?)\s*"
)


def table_funding(readings: Sequence[TableReading]) -> Iterator[FundingRow]:
    """Money of budget blocks (a row an item and measure) and of labelled sums in forms. `parent_no` counts
    within these rows, from 1."""
    return chained(rows for reading in readings for rows in _of_table(reading))


def _of_table(reading: TableReading) -> Iterator[Iterator[FundingRow]]:
    for region in reading.regions:
        if region.family == "budget":
            yield _budget_rows(region, reading)
    yield _labelled_sums(reading)


def chained(lists: Iterable[Iterable[FundingRow]]) -> Iterator[FundingRow]:
    """The rows of several lists as one: `parent_no`, which counts within its own list, counts within all."""
    before = 0
    for rows in lists:
        shifted = [replace(row, parent_no=row.parent_no and row.parent_no + before) for row in rows]
        yield from shifted
        before += len(shifted)


def _budget_rows(region: Region, reading: TableReading) -> Iterator[FundingRow]:
    first = min(i for i, role in enumerate(region.header.roles) if role in (*MEASURE_COLUMNS, "rate"))
    side = money_unit(" ".join(cell.text for cell in region.header.cells[:first]))
    totals: dict[Measure, int] = {}
    number = 0
    for row in region.rows:
        if _is_goal(region.grid, row):
            break
        cells = region.cells(row)
        has_figure = _has_figure(region, cells)
        item = _item(region, row) or (_side_label(region, row) if has_figure else None)
        if item is None or not has_figure:
            for found in _pairs(region.grid, region.grid.anchored(row), in_money=True):
                yuan = read_money(found.amount.text, found.unit or side or reading.unit)
                if yuan is not None:
                    number += 1
                    source = source_of(found.label.text)
                    yield _row(
                        region.grid,
                        row,
                        found.label,
                        found.amount,
                        yuan,
                        found.measure or "other",
                        source,
                        None,
                        None,
                    )
            continue
        source = source_of(item.text) or ("total" if is_total(item.text) else None)
        if source is None and re.search(FUNDS_LABEL, item.text):
            source = "other"
        rate = region.grid.printed(cells.get("rate", ()))
        present: list[Measure] = [m for m in MEASURE_COLUMNS if m in cells]
        present += ["other"] * ("forecast" in cells)
        for measure in present:
            column: ColumnRole = "forecast" if measure == "other" else measure
            unit = region.unit(column) or side or reading.unit
            printed = region.grid.printed(cells[column])
            yuan = read_money(printed.text, unit) if printed else None
            if printed is None or not _is_sum(printed.text):
                continue
            number += 1
            has_rate = measure == ("executed" if "executed" in present else present[0])
            parent = totals.get(measure) if source != "total" else None
            if source == "total":
                totals[measure] = number
            yield _row(
                region.grid, row, item, printed, yuan, measure, source, rate if has_rate else None, parent
            )


def _row(
    grid: Grid, row: int, item: Printed, amount: Printed, yuan: float | None, measure: Measure,
    source: FundingSource | None, rate: Printed | None, parent: int | None,
) -> FundingRow:  # fmt: skip
    percent = read_number(rate.text) if rate else None
    return FundingRow(
        item=bare_item(item.text), parent_no=parent, measure=measure, source=source, amount_yuan=yuan,
        amount_text=amount.text, rate=percent, block_no=grid.block_no, row_no=None if grid.turned else row,
        places=field_places({"item": item, "amount_text": amount, "rate": rate if percent is not None else None}),
    )  # fmt: skip


def _item(region: Region, row: int) -> Printed | None:
    """What a row of a budget block is for: the last label at the left of its first figure."""
    under = region.grid.under(row, region.header.cells, 0)
    first = next((i for i, role in enumerate(region.header.roles) if role in MEASURE_COLUMNS), 0)
    labels = [
        cell
        for index in range(first)
        for cell in under.get(index, ())
        if cell.row == row and compact(cell.text) and read_number(cell.text) is None
    ]
    return region.grid.printed(labels[-1:])


def _side_label(region: Region, row: int) -> Printed | None:
    """The label beside a block of money that has one row of figures and no items: what its figures are for."""
    cell = region.header.cells[0]
    is_beside = region.header.roles[0] is None and cell.row <= row < cell.row + cell.row_span
    alone = row == region.header.last_row + 1 == cell.row + cell.row_span - 1
    return region.grid.printed((cell,)) if is_beside and alone else None


def _is_goal(grid: Grid, row: int) -> bool:
    """Whether a row tells the goals of a form: its figures are no money."""
    cells = [cell for cell in grid.rows[row - 1] if compact(cell.text)]
    return bool(cells) and re.fullmatch(GOAL_LABEL, compact(cells[0].text)) is not None


def bare_item(text: str) -> str:
    """A label of money without 其中, colon and unit."""
    text = re.sub(r"^\s*(?:其中[：:]?|[（(]?[一二三四五六七八九十\d]+[)）、.．])\s*", "", text.strip())
    return re.sub(r"[（(](?:(?:万|亿)?元|\d+分)[)）]|[：:]\s*$", "", text).strip() or text


def _labelled_sums(reading: TableReading) -> Iterator[FundingRow]:
    """Sums beside their label in a form without a header (「年度金额：| 10930」「预算数：| 320 | 执行数：| 303」), or in
    one cell with it (「其中：项目支出：120」). A part belongs to the total in its own column."""
    grid = reading.grid
    covered = {
        row for r in reading.regions for row in (*range(r.header.first_row, r.header.last_row + 1), *r.rows)
    }
    totals: dict[int, int] = {}
    measures: dict[int, Measure] = {}
    number = 0
    unit, in_money = reading.unit, False
    for row in range(1, grid.table.n_rows + 1):
        if row in covered or _is_goal(grid, row):
            in_money = in_money and row in covered
            continue
        cells = [cell for cell in grid.rows[row - 1] if compact(cell.text)]
        rate = _rate_beside(grid, cells)
        side = cells[0] if cells else None
        if side is not None and re.fullmatch(MONEY_BLOCK, compact(side.text)) and money_unit(side.text):
            unit, in_money = money_unit(side.text), True
        elif side is not None and side.row == row and not _names_money(side):
            in_money = False
        for found in _pairs(grid, [cell for cell in cells if cell.row == row], in_money):
            measure = found.measure or measures.get(found.column, "budget")
            yuan = read_money(found.amount.text, found.unit or unit)
            if yuan is None:
                continue
            number += 1
            source = source_of(found.label.text)
            is_total_ = source == "total" or found.measure is not None
            part = compact(found.label.text).startswith("其中") or not is_total_
            if (
                source is None
                and part
                and found.column in totals
                and re.search(FUNDS_LABEL, found.label.text)
            ):
                source = "other"
            yield _row(
                grid,
                row,
                found.label,
                found.amount,
                yuan,
                measure,
                source,
                rate if measure == "executed" else None,
                totals.get(found.column) if part else None,
            )
            if is_total_:
                totals[found.column] = number
            if found.measure:
                measures[found.column] = found.measure


def _rate_beside(grid: Grid, cells: Sequence[Cell]) -> Printed | None:
    """The execution rate that a row tells beside its label (「执行数：| 303 | 执行率：| 94.7%」)."""
    for label, value in pairwise(cells):
        if column_role(label.text) == "rate" and read_number(value.text) is not None:
            return grid.printed((value,))
    return None


def _has_figure(region: Region, cells: Mapping[ColumnRole, tuple[Cell, ...]]) -> bool:
    """Whether any column of money holds a number in these cells of a row."""
    printed = [region.grid.printed(cells[m]) for m in (*MEASURE_COLUMNS, "forecast") if m in cells]  # type: ignore[index]
    words = any(p is not None and re.match(r"(?:其中[：:]?)?[\u4e00-\u9fff]{2,}", p.text) for p in printed)
    return not words and any(p is not None and _is_sum(p.text) for p in printed)


def _is_sum(text: str) -> bool:
    """Whether a cell states a sum: a number alone or with a unit of money."""
    quantity = read_quantity(text)
    return quantity is not None and (quantity.unit is None or quantity.unit in YUAN)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A label with its sum: the label's column, the measure and the unit that the label tells."""

    label: Printed
    amount: Printed
    column: int
    measure: Measure | None
    unit: str | None


def _pairs(grid: Grid, cells: Sequence[Cell], in_money: bool) -> Iterator[_Pair]:
    """The labelled sums of a row: label and sum in cells side by side, or in one cell."""
    for cell, following in zip_longest(cells, cells[1:]):
        if not _names_money(cell) and not in_money:
            continue
        inside = _LABELLED.fullmatch(cell.text)
        if inside and in_money and read_number(inside["sum"]) is not None:
            label, amount = grid.cut(cell, *inside.span("label")), grid.cut(cell, *inside.span("sum"))
            yield _Pair(label, amount, cell.col, None, None)
        elif following is not None and _is_sum(following.text) and _names_money(cell):
            own_unit = money_unit(cell.text)
            if not (in_money or own_unit or _own_unit(following)):
                continue
            yield _Pair(grid.cut(cell), grid.cut(following), cell.col, _label_measure(cell), own_unit)


def _own_unit(cell: Cell) -> bool:
    quantity = read_quantity(cell.text)
    return quantity is not None and quantity.unit in YUAN


def _names_money(cell: Cell) -> bool:
    text = re.sub(r"[（(][^（()）]*元[)）]", "", compact(cell.text)).rstrip("：:")
    return re.fullmatch(MONEY_LABEL, text) is not None or _label_measure(cell) is not None


def _label_measure(label: Cell) -> Measure | None:
    """The measure that a label in a form names by its words."""
    role: ColumnRole | None = column_role(label.text)
    if role in MEASURE_COLUMNS and re.search(r"预算|执行|支出|到位|拨付|结转", compact(label.text)):
        return role
    return None


def source_of(text: str) -> FundingSource | None:
    """Where money comes from, by the words that lead to it: the last that names a source counts."""
    folded = compact(text)
    hits = [
        (match.end(), -order, source)
        for order, (source, pattern) in enumerate(SOURCES)
        for match in re.finditer(pattern, folded)
    ]
    return max(hits)[-1] if hits else None
