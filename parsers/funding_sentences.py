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
from schemas.records import FundingRow, Measure
from schemas.vocabulary import (
    FUNDING_ACT,
    FUNDING_STATUS,
    FUNDING_VERB,
    FUNDING_WORD,
    MEASURES,
    NOT_FUNDING,
    OPERATORS_BEFORE,
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
_TITLE = re.compile(r"《([^》]{4,60})》")
_LEAD = re.compile(
    r"(?:\s|[.．、，]|连同|含|资金来源为|[（(]\s*\d{1,2}\s*[)）]|\d{1,2}[.．、](?!\d)|[一二三四五六七八九十]是|其中|包括|截[至止]|(?:19|20)\d{2}年度?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:[底末前])?|\d{1,2}月(?:\d{1,2}日)?[底末]?"
    rf"|本年度?|当年|全年|年初|年底|共计?|合计|累计|总计|实际|已经?|计划|分别|拟|由|对|按|和|及|与|用于|{FUNDING_VERB}的?)+"
)
_TAIL = re.compile(
    rf"(?:\s|年初|预算(?:资金|金额)?|共计?|合计|累计|总计|实际|已经?|分别|约|近|为|达到?|是|的|[：:]|{FUNDING_ACT}|{FUNDING_ACT}(?:资金|经费|金额|预算|数|额))+$"
)
_WITHOUT_PROJECTS = re.compile(
    r"(?<=[\u4e00-\u9fff]{3})(?<!新上)(?<!结转)(?<!新增)(?<!续建)(?<!新建)(?<!立项)(?:项目|课题)$"
)
_STATE_OF_PROJECTS = re.compile(rf"{FUNDING_STATUS}(?:项目|课题)")
_DATE = re.compile(
    r"^(?:截[至止])?(?:(?:19|20)\d{2}年?度?[、和及])*(?:19|20)\d{2}年度?(?:\d{1,2}月)?(?:\d{1,2}日)?[底末前]?"
)
_GIVEN = re.compile(
    r"(?:(?:中央|自治区|[省市县区州]级?|上级|各级)(?:财政)?|财政)(?:部门)?(?:共|累计|实际)*(?:安排|下达|拨付|核拨|筹集)(?:给?[我本全][省市县区州盟旗])?(?=[\u4e00-\u9fff]{4})"
)
"""Who gives money to whom, before what it is for (「市级财政安排渔港维护专项资金」)."""
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
            whole = (parent, rows[parent - 1].measure) if parent else None
            rows.append(_row(passage, found, following, item, whole, intro))
            stack.append(_Open(found.depth, len(rows), item.is_status, parent))
        _with_listed_parts(rows, before)
        _with_measure_of_parts(rows, before)
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
    given = _GIVEN.match(text, start)
    if given and not _GENERIC.fullmatch(text[given.end() :]):
        start = given.end()
    tail = _TAIL.search(text, start)
    end = tail.start() if tail else len(text)
    if end <= start or _GENERIC.fullmatch(text[start:end]) or re.fullmatch(r"[\d.,%％\s]*", text[start:end]):
        return None
    end = len(_WITHOUT_PROJECTS.sub("", text[:end]))
    if text[start:end] == "提前":
        end = len(text.rstrip())
    cited = _TITLE.search(text, start, end)
    return _slice(words, *cited.span(1)) if cited else _slice(words, start, end)


def _slice(printed: Printed, start: int, end: int) -> Printed:
    """Characters of a text that was cut from one paragraph."""
    start, end = trimmed(printed.text, start, end)
    (place,) = printed.places
    at = place.char_start
    return Printed(printed.text[start:end], (replace(place, char_start=at + start, char_end=at + end),))


def _row(
    passage: Passage, found: _Sum, following: int, item: _Item, parent: tuple[int, Measure] | None, intro: str
) -> FundingRow:
    """The row of one amount. `parent` is the number and the measure of the sum that it is a part of."""
    lead = passage.text[found.clause : found.amount.start]
    amount = passage.cut(found.amount.start, found.amount.end)
    rate = _RATE.search(passage.text, found.amount.end, following)
    behind = _BEHIND.match(passage.text, found.amount.end, following)
    undone = _NOT_DONE.match(passage.text, found.amount.end)
    supported = _SUPPORTED.match(passage.text, found.amount.end, following)
    count = item.count or (passage.cut(*supported.span("count")) if supported else None)
    printed_rate = passage.cut(*rate.span("rate")) if rate else None
    fields = {"item": item.full, "amount_text": amount, "project_count": count, "rate": printed_rate}
    return FundingRow(
        item=item.full.text if item.full else None, parent_no=parent[0] if parent else None,
        measure="other" if undone else _measure(lead, item, intro, behind[0] if behind else "", parent[1] if parent else None),
        source=source_of(_ACTOR.sub("", lead)) or source_of(item.full.text if item.full else ""), amount_yuan=found.amount.yuan,
        amount_text=amount.text, project_count=int(count.text) if count else None,
        rate=float(printed_rate.text) if printed_rate else None, block_no=passage.block_no, places=field_places(fields),
    )  # fmt: skip


def _measure(lead: str, item: _Item, intro: str, behind: str, of_whole: Measure | None) -> Measure:
    """What an amount measures: by the words of its clause and item; a part's else by its whole; else by weak words
    (补助, 经费) and by what opens the sentence."""
    clause = _STATE_OF_PROJECTS.sub("", re.sub(r"[（(][^（()）]*[)）]", "", lead))
    name = _STATE_OF_PROJECTS.sub("", item.full.text if item.full else "")
    strong, weak = MEASURES, (WEAK_MEASURE,)
    steps: list[tuple[str, tuple[tuple[Measure, str], ...]]] = [
        (clause, strong),
        (name, strong),
        (behind, strong),
    ]
    if of_whole is None or of_whole == "other":
        steps += [(clause, weak), (name, weak), (intro, strong), (intro, weak)]
    for words, measures in steps:
        for measure, pattern in measures:
            if re.search(pattern, words):
                return measure
    return of_whole or "other"


def _with_listed_parts(rows: list[FundingRow], first: int) -> None:
    """Sums that follow another in its sentence and add up to it are its parts, though no 其中 says so."""
    sentence = rows[first:]
    if len(sentence) < 3 or any(row.parent_no is not None for row in sentence):
        return
    whole, parts = sentence[0], sentence[1:]
    if whole.amount_yuan and whole.amount_yuan == sum(part.amount_yuan or 0 for part in parts):
        for index, part in enumerate(parts, start=first + 1):
            measure = whole.measure if part.measure in ("allocated", "other") else part.measure
            rows[index] = replace(part, parent_no=first + 1, measure=measure)


def _with_measure_of_parts(rows: list[FundingRow], first: int) -> None:
    """A sum in figures alone (共计7650万元) that sums up those before it measures what they do."""
    parts = rows[first:-1]
    measures = {part.measure for part in parts}
    if len(parts) < 2 or len(measures) != 1 or rows[-1].measure != "other":
        return
    if rows[-1].amount_yuan == sum(part.amount_yuan or 0 for part in parts):
        rows[-1] = replace(rows[-1], measure=measures.pop())


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
