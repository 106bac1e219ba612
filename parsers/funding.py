"""Money stated in tables and sentences, a sum with its parts."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from parsers.grid import Grid
from parsers.passages import Passage
from parsers.printed import Printed, compact, field_places
from parsers.tables import Region, TableReading, column_role, is_total, money_unit
from parsers.values import Amount, amounts, read_money, read_number
from schemas.blocks import Cell
from schemas.records import FundingRow, FundingSource, Measure
from schemas.vocabulary import (
    FUNDING_WORD,
    MEASURES,
    MONEY_BLOCK,
    MONEY_LABEL,
    NOT_FUNDING,
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
    side = money_unit(" ".join(cell.text for cell in region.header.cells if column_role(cell.text) is None))
    totals: dict[Measure, int] = {}
    number = 0
    for row in region.rows:
        cells = region.cells(row)
        item = _item(region, row)
        if item is None:
            continue
        source = source_of(item.text) or ("total" if is_total(item.text) else None)
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
    labels = [cell for index in range(first) for cell in under.get(index, ()) if cell.row == row and compact(cell.text)]
    return region.grid.printed(labels[-1:])


def bare_item(text: str) -> str:
    """A label of money without 其中, colon and unit."""
    text = re.sub(r"^\s*(?:其中[：:]?|[（(]?[一二三四五六七八九十\d]+[)）、.．])\s*", "", text.strip())
    return re.sub(r"[（(](?:万元|元|亿元)[)）]|[：:]\s*$", "", text).strip() or text


def _labelled_sums(reading: TableReading) -> Iterator[FundingRow]:
    """Sums beside their label in a form without a header (「年度金额：| 10930」「预算金额（万元）| 100」)."""
    grid = reading.grid
    covered = {row for region in reading.regions for row in (*range(region.header.first_row, region.header.last_row + 1), *region.rows)}
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
        elif side is not None and side.row == row and not re.fullmatch(MONEY_LABEL, compact(side.text).rstrip("：:")):
            in_money = False
        for label, value in zip(cells, cells[1:], strict=False):
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
                yield _row(grid, row, item, printed, yuan, measure, source, None, total or None if part else None)
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
    """Where money comes from, by the words around it."""
    folded = compact(text)
    return next((source for source, pattern in SOURCES if re.search(pattern, folded)), None)


# ---- sentences ------------------------------------------------------------------------------

_COUNT = re.compile(r"(?:项目|课题|工程|平台|基地)?\s*(\d{1,6})\s*(?:个|项)(?!月|百分|工作日|小时|年)")
_RATE = re.compile(r"(?:执行率|支出率|使用率|执行进度|到位率|支付率)(?:为|达到?|是|：|:)?\s*(?P<rate>\d+(?:\.\d+)?)\s*[%％]")
_BREAK = re.compile(r"[，,；;：:。、（(）)]")
_SPLIT = re.compile(r"其中|包括|分别为|分别是|用于")
_VERBS = re.compile(
    r"(?:共计|合计|累计|总计|共|全部|已|实际|计划|分别|拟|年度|本年度?|全年|当年|约|为|达到?|用于|包括|其中|和|及|与|则|的|由|按照|根据|截至|以|：|:|\s)+"
)
_GENERIC = re.compile(
    r"(?:安排|下达|拨付|拨款|到位|支出|执行|使用|投入|资助|支持|补助|支付|划拨|批复|预算|分配|落实|经费|资金|项目|财政|专项|总投入|总投资|数|额|金额|金|共|年初|全年|新增|已|实际|累计|总)*"
)


@dataclass(frozen=True, slots=True)
class _Sum:
    """An amount in a sentence with the words that lead to it (`text[lead:amount.start]`)."""

    amount: Amount
    lead: int
    depth: int


def sentence_funding(passages: Sequence[Passage], stated: dict[int, list[tuple[int, int]]]) -> Iterator[FundingRow]:
    """Money stated in sentences. `stated` are characters per block that indicators took already.
    `parent_no` counts within these rows, from 1."""
    done = 0
    for passage in passages:
        rows = _passage_rows(passage, stated.get(passage.block_no, []))
        yield from (replace(r, parent_no=r.parent_no and r.parent_no + done) for r in rows)
        done += len(rows)


def _passage_rows(passage: Passage, taken: list[tuple[int, int]]) -> list[FundingRow]:
    rows: list[FundingRow] = []
    stack: list[tuple[int, int]] = []  # (depth in brackets, row number) of the sums that parts may follow
    for start, end in passage.sentences():
        sums = _sums(passage.text, start, end, taken)
        if not _SPLIT.match(passage.text[start:end].lstrip()):
            stack = []
        item: Printed | None = None
        for index, found in enumerate(sums):
            previous = sums[index - 1].amount.end if index else start
            between = passage.text[previous : found.amount.start]
            item = _item_in(passage, found, previous) or item
            parent = _parent(stack, found.depth, between)
            following = sums[index + 1].amount.start if index + 1 < len(sums) else end
            rows.append(_sentence_row(passage, found, following, item, parent, between))
            stack = [(depth, number) for depth, number in stack if depth < found.depth or number == parent]
            stack.append((found.depth, len(rows)))
    return rows


def _sums(text: str, start: int, end: int, taken: list[tuple[int, int]]) -> list[_Sum]:
    found: list[_Sum] = []
    for amount in amounts(text[start:end]):
        at = Amount(amount.yuan, amount.start + start, amount.end + start)
        if any(a <= at.start < b for a, b in taken):
            continue
        since = max([start, *(m.end() for m in _BREAK.finditer(text, start, at.start))])
        near = text[since : at.start] + text[at.end : at.end + 6]
        if re.search(NOT_FUNDING, near) or not re.search(FUNDING_WORD, text[start:end]):
            continue
        depth = text.count("（", start, at.start) + text.count("(", start, at.start)
        depth -= text.count("）", start, at.start) + text.count(")", start, at.start)
        found.append(_Sum(at, since, max(depth, 0)))
    return found


def _parent(stack: list[tuple[int, int]], depth: int, between: str) -> int | None:
    """The sum that an amount is a part of: the one whose brackets it stands in, or that 其中 follows,
    or whose parts the sentence is still listing."""
    for index in range(len(stack) - 1, -1, -1):
        outer, number = stack[index]
        if outer < depth or (outer == depth and index < len(stack) - 1):
            return number
    if stack and _SPLIT.search(between):
        return stack[-1][1]
    return None


def _item_in(passage: Passage, found: _Sum, previous: int) -> Printed | None:
    """What the money is for: the words before the amount in its clause, else in the clause before."""
    clauses = [m.end() for m in _BREAK.finditer(passage.text, previous, found.amount.start)]
    starts = sorted({previous, *clauses}, reverse=True)
    end = found.amount.start
    for start in starts[:3]:
        words = passage.cut(start, end)
        text = _bare_words(words)
        if text is not None:
            return text
        end = max(start - 1, previous)
    return None


def _bare_words(words: Printed) -> Printed | None:
    """Words before an amount without counts, verbs and figures around them; None where nothing is left."""
    text, place = words.text, words.places[0]
    lead = _VERBS.match(text)
    start = lead.end() if lead else 0
    numbered = re.match(r"(?:[（(]?\d{1,2}[)）][.．、]?|\d{1,2}[.．、](?!\d)|[一二三四五六七八九十]是)\s*", text[start:])
    start += numbered.end() if numbered else 0
    core = _COUNT.split(text[start:])[0].rstrip()
    core = re.sub(r"(?:共计|合计|累计|共|已|实际|分别|为|达到?|约|近)+$", "", core)
    if not core or _GENERIC.fullmatch(core) or re.fullmatch(r"[\d.,%％\s]*|[（(].*", core):
        return None
    trimmed = re.sub(r"(?:安排|下达|拨付|拨款|到位|支出|执行|使用|投入|资助|支付|划拨|分配|落实|已)+(?:的)?(?:专项)?(?:资金|经费|预算|金额)?$", "", core)
    core = trimmed or core
    return Printed(core, (replace(place, char_start=place.char_start + start, char_end=place.char_start + start + len(core)),))


def _sentence_row(
    passage: Passage, found: _Sum, following: int, item: Printed | None, parent: int | None, between: str
) -> FundingRow:
    lead = passage.text[found.lead : found.amount.start]
    amount = passage.cut(found.amount.start, found.amount.end)
    rate = _RATE.search(passage.text, found.amount.end, following)
    previous = found.amount.start - len(between)
    counts = list(_COUNT.finditer(passage.text, previous, found.amount.start))
    count = passage.cut(*counts[0].span(1)) if counts and re.search(r"项目|课题|工程|平台|基地|项", between) else None
    printed_rate = passage.cut(*rate.span("rate")) if rate else None
    fields = {"item": item, "amount_text": amount, "project_count": count, "rate": printed_rate}
    return FundingRow(
        item=item.text if item else None, parent_no=parent, measure=_measure(lead, between),
        source=source_of(lead) or source_of(item.text if item else ""), amount_yuan=found.amount.yuan, amount_text=amount.text,
        project_count=int(count.text) if count else None, rate=float(printed_rate.text) if printed_rate else None,
        block_no=passage.block_no, places=field_places(fields),
    )  # fmt: skip


def _measure(lead: str, between: str) -> Measure:
    for words in (lead, between):
        for measure, pattern in MEASURES:
            if re.search(pattern, words):
                return measure
    return "other"
