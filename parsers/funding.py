"""Money stated in tables: budget blocks of forms, and sums beside their label."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from parsers.grid import Grid
from parsers.printed import Printed, compact, field_places
from parsers.tables import Region, TableReading, column_role, is_total, money_unit
from parsers.values import read_money, read_number
from schemas.blocks import Cell
from schemas.records import FundingRow, FundingSource, Measure
from schemas.vocabulary import (
    FUNDS_LABEL,
    MONEY_BLOCK,
    MONEY_LABEL,
    SOURCES,
    ColumnRole,
)

_TABLE_MEASURES: tuple[Measure, ...] = (
    "initial_budget", "budget", "allocated", "received", "disbursed", "executed", "carried_over",
)  # fmt: skip


def table_funding(readings: Sequence[TableReading]) -> Iterator[FundingRow]:
    """Money of budget blocks (a row an item and measure) and of labelled sums in forms. `parent_no` counts
    within these rows, from 1."""
    done = 0
    for reading in readings:
        for region in reading.regions:
            if region.family == "budget":
                rows = list(_budget_rows(region, reading))
                yield from (replace(r, parent_no=r.parent_no and r.parent_no + done) for r in rows)
                done += len(rows)
        rows = list(_labelled_sums(reading))
        yield from (replace(r, parent_no=r.parent_no and r.parent_no + done) for r in rows)
        done += len(rows)


def _budget_rows(region: Region, reading: TableReading) -> Iterator[FundingRow]:
    first = min(i for i, role in enumerate(region.header.roles) if role in (*_TABLE_MEASURES, "rate"))
    side = money_unit(" ".join(cell.text for cell in region.header.cells[:first]))
    totals: dict[Measure, int] = {}
    number = 0
    for row in region.rows:
        cells = region.cells(row)
        item = _item(region, row)
        if item is None:
            continue
        source = source_of(item.text) or ("total" if is_total(item.text) else None)
        if source is None and re.search(FUNDS_LABEL, item.text):
            source = "other"
        rate = region.grid.printed(cells.get("rate", ()))
        present = [m for m in _TABLE_MEASURES if m in cells]
        for measure in present:
            unit = region.unit(measure) or side or reading.unit
            printed = region.grid.printed(cells[measure])
            yuan = read_money(printed.text, unit) if printed else None
            if printed is None or (yuan is None and read_number(printed.text) is None):
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
    first = next((i for i, role in enumerate(region.header.roles) if role in _TABLE_MEASURES), 0)
    labels = [
        cell
        for index in range(first)
        for cell in under.get(index, ())
        if cell.row == row and compact(cell.text)
    ]
    return region.grid.printed(labels[-1:])


def bare_item(text: str) -> str:
    """A label of money without 其中, colon and unit."""
    text = re.sub(r"^\s*(?:其中[：:]?|[（(]?[一二三四五六七八九十\d]+[)）、.．])\s*", "", text.strip())
    return re.sub(r"[（(](?:万元|元|亿元)[)）]|[：:]\s*$", "", text).strip() or text


def _labelled_sums(reading: TableReading) -> Iterator[FundingRow]:
    """Sums beside their label in a form without a header (「年度金额：| 10930」「预算金额（万元）| 100」)."""
    grid = reading.grid
    covered = {
        row
        for region in reading.regions
        for row in (*range(region.header.first_row, region.header.last_row + 1), *region.rows)
    }
    total = 0
    number = 0
    unit = reading.unit
    in_money = False
    for row in range(1, grid.table.n_rows + 1):
        if row in covered:
            continue
        cells = [cell for cell in grid.rows[row - 1] if compact(cell.text)]
        side = cells[0] if cells else None
        if side is not None and re.fullmatch(MONEY_BLOCK, compact(side.text)) and money_unit(side.text):
            unit, in_money = money_unit(side.text), True
        elif (
            side is not None
            and side.row == row
            and not re.fullmatch(MONEY_LABEL, compact(side.text).rstrip("：:"))
        ):
            in_money = False
        for label, value in pairwise(cells):
            measure = _label_measure(label, in_money)
            own_unit = money_unit(label.text) or unit
            yuan = read_money(value.text, own_unit) if measure else None
            if measure is None or yuan is None or label.row != row:
                continue
            number += 1
            source = source_of(label.text)
            part = compact(label.text).startswith("其中") or source not in (None, "total")
            item, printed = grid.printed((label,)), grid.printed((value,))
            if item and printed:
                yield _row(
                    grid, row, item, printed, yuan, measure, source, None, total or None if part else None
                )
            if source == "total":
                total = number


def _label_measure(label: Cell, in_money: bool) -> Measure | None:
    """The measure that a label in a form names: by its words, else the budget in a block of money."""
    text = compact(label.text).rstrip("：:")
    role: ColumnRole | None = column_role(label.text)
    if role in _TABLE_MEASURES and re.search(r"预算|资金|金额|支出|数", text):
        return role
    return "budget" if in_money and re.fullmatch(MONEY_LABEL, text) else None


def source_of(text: str) -> FundingSource | None:
    """Where money comes from, by the words that lead to it: the last that names a source counts."""
    folded = compact(text)
    hits = [
        (match.end(), -order, source)
        for order, (source, pattern) in enumerate(SOURCES)
        for match in re.finditer(pattern, folded)
    ]
    return max(hits)[-1] if hits else None
