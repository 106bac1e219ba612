"""Money stated in sentences, a sum with its parts.

An amount belongs to the clause that leads to it; 其中, brackets and the state of projects
(新上, 结转) make it a part of the amount before.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from parsers.funding import chained, source_of
from parsers.passages import Passage
from parsers.printed import Printed, field_places, joined, trimmed
from parsers.values import Amount, amounts, any_of
from schemas.records import FundingRow, FundingSource, Measure
from schemas.vocabulary import (
    FUNDING_ACT,
    FUNDING_GIVER,
    FUNDING_STATUS,
    FUNDING_VERB,
    FUNDING_WORD,
    GIVEN,
    MEASURES,
    NOT_FUNDING,
    OPERATORS_BEFORE,
    RECIPIENT,
    SEVERAL_SOURCES,
    WEAK_MEASURE,
)

_COUNT = re.compile(r"(?P<count>\d{1,6})\s*(?:个|项)(?!月|百分|工作日|小时|年)")
_RUN_IN = re.compile(r"^\s*(?:\d{1,2}[.．、]|[（(]\d{1,2}[)）])[^：:。]{2,20}[：:]")
"""A title at the head of its paragraph (「2.资金投入和使用情况：」)."""
_SPENT = ("executed", "disbursed", "received")
_NOT_DONE = re.compile(r"(?:仍|还)?(?:未能?|尚未)[^，。；]{0,10}(?:到位|拨付|支出|使用|执行|支付)")
_BEHIND = re.compile(r"[，,]?(?:已|均|全部|已全部|全额|足额|及时)+(?:到位|拨付|下达|支出|执行)")
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
_STOP = "，,；;：:。！!？?\n"
_THOUSANDS = re.compile(r"(?<=\d)[,，]\d{3}(?!\d)")
_OPEN, _CLOSE = "（(", "）)"
_ACTOR = re.compile(r"[\u4e00-\u9fff]{2,20}(?:厅|局|部|委|委员会|政府|办公室)[于在](?=\d)")
_OF_THE_SUM_BEFORE = re.compile(r"\s*(?:[（(][^（()）]*)?[)）]\s*[、，]?")
"""A bracket right behind a sum tells of that sum, not of the next."""
_TOGETHER = re.compile(r"\s*(?:连同|加上).*?(?=共计|合计|总计)")
"""What a sum is put together with: the sum is of both, not of what is named here."""
_SUM_UP = re.compile(r"(?:^|[，,；;])\s*(?:共计|合计|总计|小计|两项合计|资金总量|总额)(?:为|达到?|资金)?\s*$")
_BESIDE = re.compile(r"\s*(?:[（(][^（()）]*[)）])?\s*[、和及与]")
"""What leads from a sum to the next of a list."""
_ON_PAPER = re.compile(r"收到[^，。；]{0,24}(?:文件|通知|批复)")
"""Papers received are no money received."""
_TITLE = re.compile(r"《([^》]{4,60})》")
_AS_OF = r"(?:评价|自评)?(?:基准)?日(?=实际|累计|已|[，,])|目前|现在|今(?=[已共累实])"
_WITHIN = r"[于在]?(?:\d{1,3}|规定)个?(?:工作)?(?:日|天|时限|时间|期限)之?内"
_LEAD = re.compile(
    r"(?:\s|[.．、，]|连同|含|(?:资金|经费)来源[为是]|[（(]\s*\d{1,2}\s*[)）]|\d{1,2}[.．、](?!\d)|[一二三四五六七八九十]是|其中|包括|截[至止]|(?:19|20)\d{2}年度?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:[底末前])?|\d{1,2}月(?:\d{1,2}日)?[底末]?"
    rf"|本年度?|当年|全年|年初|年[底末]|{_AS_OF}|{_WITHIN}|[于在至](?=(?:19|20)\d{{2}}年|\d{{1,2}}月)|共计?|合计|累计|总计|实际|已经?|计划|分别|拟|由|对|按|和|及|与|(?:主要|全部|重点|调剂)?用于|{FUNDING_VERB}的?)+"
)
_TAIL = re.compile(
    rf"(?:\s|年初|预算(?:资金|金额)?|(?<!公)共计?|合计|累计|总计|总(?=(?:投入|支出|投资)[为达是]?$)|实际|已经?|分别|约|近|为|达到?|是|的|[：:]|{FUNDING_ACT}|{FUNDING_ACT}(?:资金|经费|金额|预算|数|额))+$"
)
_GIVER = re.compile(
    rf"{FUNDING_GIVER}?(?:已经?|共|累计|实际|积极|分别|统筹|预算|本年度?|当年)*{GIVEN}(?:给|至)?{RECIPIENT}?的?"
)
_RECIPIENT = re.compile(rf"(?<=[达付拨配排给])(?:给|至)?{RECIPIENT}(?=[\u4e00-\u9fff]{{2}})")
_SPENDING = re.compile(r"支出|使用|开支")
_NO_ITEM = re.compile(r"[\d.,%％\s]*|[尚仍还]?未")
_ACT_ALONE = re.compile(
    r"\s*(?:(?:全年|年内|本年度?|当年|共|总|累计)+(?P<act>执行|支出|使用|到位|拨付|支付|安排|下达|发放)|(?P<label>.+?))(?:[为是：:]|(?<!下)达到?)?\s*"
)
"""A clause that names no money but what became of it, or a label with its 为."""
_OF_BUDGET = re.compile(r"(?:部门|单位|一般公共|政府性基金|最终|调整后?|追加|调减)$")
"""Words that name money only together with 预算 behind them."""
_WITHOUT_PROJECTS = re.compile(
    r"(?<=[\u4e00-\u9fff]{3})(?<!新上)(?<!结转)(?<!新增)(?<!续建)(?<!新建)(?<!立项)(?:项目|课题)$"
)
_STATE_OF_PROJECTS = re.compile(rf"{FUNDING_STATUS}(?:项目|课题)")
_DATE = re.compile(
    r"^(?:截[至止])?(?:(?:19|20)\d{2}年?度?[、和及])*(?:19|20)\d{2}年度?(?:\d{1,2}月)?(?:\d{1,2}日)?[底末前]?"
)
_GENERIC = re.compile(
    rf"(?:{FUNDING_VERB}|经费|资金|项目|财政|专项|预算|总投入|总投资|总额|总|数|额|金额|金|款)*"
)
_STATUS = re.compile(rf"(?P<subject>.*?)(?P<status>{FUNDING_STATUS})(?:项目|课题)?")


@dataclass(frozen=True, slots=True)
class _Sum:
    """An amount, where its clause begins, and how deep in brackets it stands."""

    amount: Amount
    clause: int
    depth: int


@dataclass(frozen=True, slots=True)
class _Open:
    """A sum that parts may follow: its depth in brackets, its row, whether it is a part by state, and its parent."""

    depth: int
    number: int
    is_status: bool
    parent: int | None


@dataclass(frozen=True, slots=True)
class _Item:
    """What money is for, without and with the state of projects, and the projects it supports."""

    subject: Printed | None
    full: Printed | None
    count: Printed | None
    is_status: bool = False


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
    item = _Item(None, None, None)
    for start, end in passage.sentences():
        splits = _SPLIT.match(passage.text[start:end].lstrip()) is not None
        goes_on = (bool(stack) and splits) or passage.kind == "funding"
        sums, before = _sums(passage.text, start, end, taken, goes_on), len(rows)
        if not splits:
            stack, item = [], _Item(None, None, None)
        for index, found in enumerate(sums):
            previous = sums[index - 1].amount.end if index else start
            following = sums[index + 1].amount.start if index + 1 < len(sums) else end
            between = passage.text[previous : found.amount.start]
            item = _item(passage, found, previous, item)
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
        _with_listed_parts(rows, before)
        _with_rate_of_whole(rows, before)
    return rows


def _sums(text: str, start: int, end: int, taken: Sequence[tuple[int, int]], goes_on: bool) -> list[_Sum]:
    """The amounts of a sentence that are funding, not results or prices."""
    if not goes_on and not re.search(FUNDING_WORD, text[start:end]):
        return []
    found: list[_Sum] = []
    floor = start
    for local in amounts(text[start:end]):
        amount = Amount(local.yuan, local.start + start, local.end + start)
        clause = _clause_start(text, floor, amount.start)
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
        depth = sum(before.count(c) for c in _OPEN) - sum(before.count(c) for c in _CLOSE)
        found.append(_Sum(amount, clause, max(depth, 0)))
    return found


def _clause_start(text: str, floor: int, end: int) -> int:
    """Where the clause that ends at `end` begins: after the last stop that stands in no closed bracket."""
    depth = 0
    for at in range(end - 1, floor - 1, -1):
        char = text[at]
        if char in _CLOSE:
            depth += 1
        elif char in _OPEN:
            if depth == 0:
                return at + 1
            depth -= 1
        elif char in _STOP and depth == 0 and not (char in ",，" and _THOUSANDS.match(text, at)):
            return at + 1
    return floor


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


def _item(passage: Passage, found: _Sum, previous: int, before: _Item) -> _Item:
    """What an amount is for: the words of its clause, else what the clause before counts or cites."""
    own = _OF_THE_SUM_BEFORE.match(passage.text, found.clause, found.amount.start)
    start = own.end() if own else found.clause
    words = passage.cut(start, found.amount.start)
    counted = _COUNT.search(words.text)
    core = _core(words, counted.start() if counted else None)
    count = passage.cut(*_shifted(counted, words)) if counted else None
    if core is None:
        clause = _clause_start(passage.text, previous, max(found.clause - 1, previous))
        earlier = passage.cut(clause, max(found.clause - 1, clause))
        counted = _COUNT.search(earlier.text)
        cited = _TITLE.search(earlier.text)
        if counted:
            core = _core(earlier, counted.start())
            count = passage.cut(*_shifted(counted, earlier))
        elif cited:
            core = _slice(earlier, *cited.span(1))
    if core is None:
        date = _DATE.match(words.text)
        words = _slice(words, date.end(), len(words.text)) if date else words
        bare = _ACT_ALONE.fullmatch(words.text)
        words = _slice(words, *bare.span("act" if bare["act"] else "label")) if bare else words
        named = re.search(r"\w", words.text) and not counted
        return _Item(None, words if named else before.full, count)
    return _with_status(core, count, _before_bracket(passage, found) or before)


def _before_bracket(passage: Passage, found: _Sum) -> _Item | None:
    """What the bracket tells of in which an amount stands, where it stands behind a count (「面上项目61项（新上…」)."""
    if not found.depth:
        return None
    at = max(passage.text.rfind(c, 0, found.amount.start) for c in _OPEN)
    clause = _clause_start(passage.text, 0, at)
    words = passage.cut(clause, at)
    counted = _COUNT.search(words.text)
    core = _core(words, counted.start()) if counted else None
    return _Item(core, core, None) if core else None


def _shifted(match: re.Match[str], words: Printed) -> tuple[int, int]:
    """The count's characters in the passage, for a match in `words`, which were cut from it."""
    at = words.places[0].char_start
    return at + match.start("count"), at + match.end("count")


def _with_status(core: Printed, count: Printed | None, before: _Item) -> _Item:
    match = _STATUS.fullmatch(core.text)
    if not match:
        return _Item(core, core, count)
    status = _slice(core, match.start("status"), len(core.text))
    if match["subject"]:
        return _Item(_slice(core, 0, match.end("subject")), core, count)
    return _Item(before.subject, joined([p for p in (before.subject, status) if p]), count, is_status=True)


def _core(words: Printed, until: int | None) -> Printed | None:
    """The words of a clause without dates, verbs and counts around them; None where nothing is left."""
    text = words.text if until is None else words.text[:until]
    actor = _ACTOR.match(text)
    if actor:
        text = " " * actor.end() + text[actor.end() :]
    text = re.sub(r"[（(][^（()）]*[)）]\s*$|^[、和与及]$", "", text)
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    tail = _TAIL.search(text, start)
    end = tail.start() if tail else len(text)
    if end <= start or _GENERIC.fullmatch(text[start:end]) or _NO_ITEM.fullmatch(text[start:end]):
        return None
    if text.startswith("预算", end) and _OF_BUDGET.search(text, start, end):
        end += len("预算")
    if _SPENDING.fullmatch(text, start, end):
        start -= 2 * text.endswith(("实际", "累计"), 0, start)
    start = _behind_giver(text, start, end)
    end = len(_WITHOUT_PROJECTS.sub("", text[:end]))
    if text[start:end] == "提前":
        end = len(text.rstrip())
    cited = _TITLE.search(text, start, end)
    return _slice(words, *cited.span(1)) if cited else _slice(words, start, end)


def _behind_giver(text: str, start: int, end: int) -> int:
    """Where what money is for begins behind who gave it and to whom (「省财政下达我县…」); `start` where nothing
    is named behind them."""
    for pattern in (_GIVER, _GIVER, _RECIPIENT):
        given = pattern.match(text, start, end)
        if given and end - given.end() > 1 and not _GENERIC.fullmatch(text, given.end(), end):
            start = given.end()
    return start


def _slice(printed: Printed, start: int, end: int) -> Printed:
    """Characters of a text that was cut from one paragraph."""
    start, end = trimmed(printed.text, start, end)
    (place,) = printed.places
    at = place.char_start
    return Printed(printed.text[start:end], (replace(place, char_start=at + start, char_end=at + end),))


def _row(passage: Passage, found: _Sum, following: int, item: _Item, context: _Context) -> FundingRow:
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


def _source(lead: str, item: _Item) -> FundingSource | None:
    """Where an amount comes from; None where several gave it together (中央和省级财政)."""
    if re.search(SEVERAL_SOURCES, lead):
        return None
    return source_of(_ACTOR.sub("", lead)) or source_of(item.full.text if item.full else "")


def _rate(text: str, start: int, end: int, measure: Measure) -> re.Match[str] | None:
    """The rate that a sum is followed by; what share of it arrived (到位率) is told of money received only."""
    found = _RATE.finditer(text, start, end)
    return next((r for r in found if not r[0].startswith("到位率") or measure in ("received", "other")), None)


def _measure(lead: str, item: _Item, behind: str, context: _Context) -> Measure:
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
        steps += [(clause, weak), (name, weak), (near, strong), (intro, strong), (intro, weak)]
    if context.beside in ("executed", "disbursed", "received", "allocated"):
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


def _behind_bracket(text: str, found: _Sum, row: FundingRow) -> bool:
    """Whether a sum's rate stands behind the bracket that the sum stands in."""
    rate = next((p.char_start for p in row.places if p.field == "rate"), None)
    between = text[found.amount.end : rate] if rate else ""
    return sum(between.count(c) for c in _CLOSE) > sum(between.count(c) for c in _OPEN)


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
