"""Money stated in sentences, a sum with its parts.

An amount belongs to the clause that leads to it; 其中, brackets and the state of projects
(新上, 结转) make it a part of the amount before.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from parsers.funding import chained, source_of
from parsers.funding_items import ACTOR, CLOSE, OPEN, Item, Sum, clause_start, item_of
from parsers.passages import Passage
from parsers.printed import field_places
from parsers.values import Amount, amounts, any_of
from schemas.records import FieldPlace, FundingRow, FundingSource, Measure
from schemas.vocabulary import (
    FUNDING_STATUS,
    FUNDING_WORD,
    MEASURES,
    NOT_FUNDING,
    OPERATORS_BEFORE,
    SEVERAL_SOURCES,
    WEAK_MEASURE,
)

_RUN_IN = re.compile(r"^\s*(?:\d{1,2}[.．、]|[（(]\d{1,2}[)）])[^：:。]{2,20}[：:]")
"""A title at the head of its paragraph (「2.资金投入和使用情况：」)."""
_SPENT = ("executed", "disbursed", "received")
_NOT_DONE = re.compile(r"(?:仍|还)?(?:未能?|尚未)[^，。；]{0,10}(?:到位|拨付|支出|使用|执行|支付)")
_BEHIND = re.compile(
    r"[，,]?(?:已|均|全部|全额|足额|及时|于(?:\d{4}年)?(?:\d{1,2}月)?(?:\d{1,2}日)?[底末前]?)+(?:到位|拨付|下达|支出|执行)"
)
"""What became of the sum just named (「97842万元已全部到位」)."""
_SUPPORTED = re.compile(
    r"(?:[，,、]\s*(?:共|用于)?(?:支持|安排|实施|资助|补助|涉及)(?:各类)?(?:子?项目|课题)?|[（(](?:支持|补助|涉及)?(?:各类)?(?:子?项目|课题))"
    r"(?P<count>\d{1,6})(?:个|项)(?!月)"
)
"""The projects that the sum just named supports."""
_RATE = re.compile(
    r"(?:执行率|支出率|使用率|执行进度|支出进度|支付进度|到位率|支付率|拨付率)(?:为|达到?|是|：|:)?\s*(?P<rate>\d+(?:\.\d+)?)\s*[%％]"
)
_LATER = re.compile(r"截[至止]|(?:[；;]|^)[^其]{0,12}(?:实际|累计|已)(?:支出|到位|拨付|使用)")
"""A sum of another time or kind, no part of the sum before it."""
_BOUND = re.compile(
    f"(?:{any_of(w for w, op in OPERATORS_BEFORE.items() if op not in ('=', '~') and w != '超过')})\\s*$"
)
"""An amount behind a bound is a target, not funding."""
_SPLIT = re.compile(r"其中|包括|分别为|分别是")
_NO_FUNDS = ("evaluation_work", "recommendations", "experience")
"""Kinds of chapters whose sums are samples drawn, advice, or those of single cases."""
_PLANS = re.compile(r"后续|下一步|工作计划|工作安排|打算")
"""Titles of sections on what is to come: their sums are of later years."""
_NAMES = re.compile(r"[^、和及与]{2,20}")
_TOGETHER = re.compile(r"\s*(?:连同|加上).*?(?=共计|合计|总计)")
"""What a sum is put together with: the sum is of both, not of what is named here."""
_SUM_UP = re.compile(r"(?:^|[，,；;])\s*(?:共计|合计|总计|小计|两项合计|资金总量|总额)(?:为|达到?|资金)?\s*$")
_BESIDE = re.compile(r"\s*(?:[（(][^（()）]*[)）])?\s*[、和及与]")
"""What leads from a sum to the next of a list."""
_ON_PAPER = re.compile(r"收到[^，。；]{0,24}(?:文件|通知|批复)")
"""Papers received are no money received."""
_STATE_OF_PROJECTS = re.compile(rf"{FUNDING_STATUS}(?:项目|课题)")


@dataclass(frozen=True, slots=True)
class _Open:
    """A sum that parts may follow: its depth in brackets, its row, whether it is a part by state, and its parent."""

    depth: int
    number: int
    is_status: bool
    parent: int | None


@dataclass(frozen=True, slots=True)
class _Context:
    """The sum that an amount is a part of, its measure, that of the sum it is listed beside, and what opens the sentence."""

    parent_no: int | None
    of_whole: Measure | None
    beside: Measure | None
    intro: str


def sentence_funding(
    passages: Sequence[Passage], taken: Mapping[int, Sequence[tuple[int, int]]]
) -> Iterator[FundingRow]:
    """Money stated in sentences. `taken` are characters per block that indicators took already: their
    figures are no funding. `parent_no` counts within these rows, from 1."""
    return chained(
        _passage_rows(passage, taken.get(passage.block_no, ()))
        for passage in passages
        if passage.kind not in _NO_FUNDS and not (passage.section and _PLANS.search(passage.section.title))
    )


def _passage_rows(passage: Passage, taken: Sequence[tuple[int, int]]) -> list[FundingRow]:
    rows: list[FundingRow] = []
    stack: list[_Open] = []
    item = Item(None, None, None)
    for start, end in passage.sentences():
        splits = _SPLIT.match(passage.text[start:end].lstrip()) is not None
        goes_on = (bool(stack) and splits) or passage.kind == "funding"
        sums, before = _sums(passage.text, start, end, taken, goes_on), len(rows)
        if not splits:
            stack, item = [], Item(None, None, None)
        for index, found in enumerate(sums):
            previous = sums[index - 1].amount.end if index else start
            following = sums[index + 1].amount.start if index + 1 < len(sums) else end
            between = passage.text[previous : found.amount.start]
            item = item_of(passage, found, previous, item)
            stack = [outer for outer in stack if outer.depth <= found.depth]
            parent = _parent(stack, found.depth, between, item.is_status)
            intro = _RUN_IN.sub("", passage.text[start : sums[0].clause])
            whole = rows[parent - 1].measure if parent else None
            beside = (
                rows[-1].measure
                if index and _BESIDE.match(between) and rows[-1].parent_no == parent
                else None
            )
            row = _row(passage, found, following, item, _Context(parent, whole, beside, intro))
            rows.append(_of_its_parts(row, rows[before:]) if _SUM_UP.search(between) else row)
            outer = next((o.number for o in reversed(stack) if o.depth < found.depth), None)
            if outer and rows[outer - 1].rate is None and _behind_bracket(passage.text, found, row):
                _move_rate(rows, len(rows) - 1, outer - 1)
            stack.append(_Open(found.depth, len(rows), item.is_status, parent))
        _with_items_of_their_own(rows, before, passage.text)
        _with_listed_parts(rows, before)
        _with_rate_of_whole(rows, before)
    return rows


def _sums(text: str, start: int, end: int, taken: Sequence[tuple[int, int]], goes_on: bool) -> list[Sum]:
    """The amounts of a sentence that are funding, not results or prices."""
    if not goes_on and not re.search(FUNDING_WORD, text[start:end]):
        return []
    found: list[Sum] = []
    floor = start
    for local in amounts(text[start:end]):
        amount = Amount(local.yuan, local.start + start, local.end + start)
        clause = clause_start(text, floor, amount.start)
        together = _TOGETHER.match(text, clause, amount.start)
        clause = together.end() if together else clause
        floor = amount.end
        if any(a <= amount.start < b for a, b in taken):
            continue
        lead = text[clause : amount.start]
        behind = re.split(r"[，,、；;。（()）]", text[amount.end : amount.end + 8])[0]
        if re.search(NOT_FUNDING, lead + behind) or _BOUND.search(lead):
            continue
        before = text[start : amount.start]
        depth = sum(before.count(c) for c in OPEN) - sum(before.count(c) for c in CLOSE)
        found.append(Sum(amount, clause, max(depth, 0)))
    return found


def _parent(stack: Sequence[_Open], depth: int, between: str, is_status: bool) -> int | None:
    """The sum that an amount is a part of: the one whose brackets it stands in, or that 其中 follows, or that is
    split by the state of its projects; else the one that the amount before is a part of."""
    if not stack:
        return None
    last = stack[-1]
    if last.depth == depth and _LATER.search(between):
        return None
    if last.depth < depth or _SPLIT.search(between) or (is_status and not last.is_status):
        return last.number
    return last.parent


def _row(passage: Passage, found: Sum, following: int, item: Item, context: _Context) -> FundingRow:
    """The row of one amount."""
    lead = passage.text[found.clause : found.amount.start]
    amount = passage.cut(found.amount.start, found.amount.end)
    behind = _BEHIND.match(passage.text, found.amount.end, following)
    undone = _NOT_DONE.match(passage.text, found.amount.end)
    supported = _SUPPORTED.match(passage.text, found.amount.end, following)
    count = item.count or (passage.cut(*supported.span("count")) if supported else None)
    measure = "other" if undone else _measure(lead, item, behind[0] if behind else "", context)
    rate = _rate(passage.text, found.amount.end, following, measure)
    printed_rate = passage.cut(*rate.span("rate")) if rate else None
    fields = {"item": item.full, "amount_text": amount, "project_count": count, "rate": printed_rate}
    return FundingRow(
        item=item.full.text if item.full else None, parent_no=context.parent_no, measure=measure,
        source=_source(lead, item), amount_yuan=found.amount.yuan,
        amount_text=amount.text, project_count=int(count.text) if count else None,
        rate=float(printed_rate.text) if printed_rate else None, block_no=passage.block_no, places=field_places(fields),
    )  # fmt: skip


def _source(lead: str, item: Item) -> FundingSource | None:
    """Where an amount comes from; None where several gave it together (中央和省级财政)."""
    if re.search(SEVERAL_SOURCES, lead):
        return None
    return source_of(ACTOR.sub("", lead)) or source_of(item.full.text if item.full else "")


def _rate(text: str, start: int, end: int, measure: Measure) -> re.Match[str] | None:
    """The rate that a sum is followed by; what share of it arrived (到位率) is told of money received only."""
    found = _RATE.finditer(text, start, end)
    return next((r for r in found if not r[0].startswith("到位率") or measure in ("received", "other")), None)


def _measure(lead: str, item: Item, behind: str, context: _Context) -> Measure:
    """What an amount measures: by the words of its clause and item; else as the sum that it is listed beside; a part's
    else by its whole; else by weak words (补助, 经费) and by what opens the sentence, its last clause first."""
    intro = _ON_PAPER.sub("", context.intro)
    near = re.split("[，,；;]", intro.rstrip("，,；;：: "))[-1]
    lead, of_whole = _ON_PAPER.sub("", lead), context.of_whole
    clause = _STATE_OF_PROJECTS.sub("", re.sub(r"[（(][^（()）]*[)）]", "", lead))
    name = _STATE_OF_PROJECTS.sub("", item.full.text if item.full else "")
    strong, weak = MEASURES, (WEAK_MEASURE,)
    steps: list[tuple[str, tuple[tuple[Measure, str], ...]]] = [
        (clause, strong),
        (name, strong),
        (behind, strong),
    ]
    if of_whole is None or of_whole == "other":
        listed = [(near, strong)] if intro.rstrip().endswith(("：", ":")) else []
        steps += [*listed, (clause, weak), (name, weak), (near, strong), (intro, strong), (intro, weak)]
    if context.beside not in (None, "other", "carried_over"):
        steps[3:] = []
        of_whole = context.beside
    for words, measures in steps:
        for measure, pattern in measures:
            if re.search(pattern, words):
                return measure
    return of_whole or "other"


def _of_its_parts(row: FundingRow, listed: Sequence[FundingRow]) -> FundingRow:
    """A sum of those listed before it (共计, 合计) measures what they measure, where they all measure the same."""
    told = {r.measure for r in listed if r.parent_no == row.parent_no} - {"other"}
    alone = told.pop() if len(told) == 1 else "carried_over"
    return replace(row, measure=alone) if row.measure == "other" and alone != "carried_over" else row


def _behind_bracket(text: str, found: Sum, row: FundingRow) -> bool:
    """Whether a sum's rate stands behind the bracket that the sum stands in."""
    rate = _place(row, "rate")
    between = text[found.amount.end : rate.char_start] if rate else ""
    return sum(between.count(c) for c in CLOSE) > sum(between.count(c) for c in OPEN)


def _with_items_of_their_own(rows: list[FundingRow], first: int, text: str) -> None:
    """Of several named together (「甲县、乙县分别安排…300万元、200万元」) each has the sum that stands in its place."""
    at = first
    while at < len(rows):
        place, amount = _place(rows[at], "item"), _place(rows[at], "amount_text")
        same = next((i for i in range(at, len(rows)) if _place(rows[i], "item") != place), len(rows)) - at
        names = list(_NAMES.finditer(rows[at].item or ""))
        apart = place and amount and "分别" in text[place.char_end : amount.char_start]
        if place and apart and len(names) == same:
            for index, name in enumerate(names, start=at):
                start = place.char_start + name.start()
                own = place._replace(char_start=start, char_end=start + len(name[0]))
                others = tuple(p for p in rows[index].places if p.field != "item")
                rows[index] = replace(rows[index], item=name[0], places=(own, *others))
        at += same


def _place(row: FundingRow, field: str) -> FieldPlace | None:
    return next((place for place in row.places if place.field == field), None)


def _with_listed_parts(rows: list[FundingRow], first: int) -> None:
    """Sums that follow another in its sentence and add up to it are its parts, though no 其中 says so."""
    sentence = rows[first:]
    if len(sentence) < 3 or any(row.parent_no is not None for row in sentence):
        return
    whole, parts = sentence[0], sentence[1:]
    if whole.amount_yuan and whole.amount_yuan == sum(part.amount_yuan or 0 for part in parts):
        if {"executed", "carried_over"} <= {p.measure for p in parts}:
            return  # what was spent and what is left of it are no parts
        for index, part in enumerate(parts, start=first + 1):
            measure = whole.measure if part.measure in ("allocated", "other") else part.measure
            rows[index] = replace(part, parent_no=first + 1, measure=measure)


def _with_rate_of_whole(rows: list[FundingRow], first: int) -> None:
    """A rate is that of the sum spent, not of what was carried over beside it; behind the last of several parts,
    none of which has one, it is the rate of the whole."""
    if len(rows) > first + 1 and rows[-1].rate is not None and rows[-1].measure == "carried_over":
        spent = next((i for i in range(len(rows) - 2, first - 1, -1) if rows[i].measure in _SPENT), None)
        if spent is not None and rows[spent].rate is None:
            _move_rate(rows, len(rows) - 1, spent)
    number = rows[-1].parent_no if len(rows) > first and rows[-1].rate is not None else None
    if number is None:
        return
    whole = rows[number - 1]
    parts = [row for row in rows[first:] if row.parent_no == number]
    if len(parts) > 1 and whole.rate is None and all(part.rate is None for part in parts[:-1]):
        _move_rate(rows, len(rows) - 1, number - 1)


def _move_rate(rows: list[FundingRow], source: int, target: int) -> None:
    places = rows[source].places
    rate = tuple(place for place in places if place.field == "rate")
    rows[target] = replace(rows[target], rate=rows[source].rate, places=(*rows[target].places, *rate))
    rows[source] = replace(rows[source], rate=None, places=tuple(p for p in places if p.field != "rate"))
