"""Indicators stated in sentences.

Two forms occur: a sentence with target and actual value (「…指标值为32个，实际完成值为33个，完成率为103.13%，
偏差率为3.13%」), and lists of targets under a level name (「数量指标：…≥35项；…≥27人」).
"""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace
from itertools import zip_longest

from parsers.headings import heading_number
from parsers.indicators import LEVEL2, indicator_row, level_label
from parsers.passages import Passage
from parsers.printed import Printed, compact
from parsers.values import BEFORE_NUMBER, VALUE_START, any_of, read_quantity
from schemas.records import IndicatorRow
from schemas.vocabulary import (
    ACTUAL_WORDS,
    BY_DATE,
    COMPLETION_WORDS,
    DEVIATION_WORDS,
    LEVEL1_NAMES,
    LEVEL2_NAMES,
    LIST_LEAD,
    QUALITATIVE_TARGET,
    REPORTING_PREFIX,
    TARGET_PLAN_WORDS,
    TARGET_SET,
    TARGET_VALUE_WORDS,
    TARGET_WORDS,
    UNITS,
    VALUE_VERBS,
)

_VALUE = r"(?:[^，,。；;（(]|[，,](?=\d{3}(?!\d))|[（(][^（()）]*[)）])"
_STOP = r"(?=[；;。]|[，,](?!\d{3}(?!\d))|[)）]|$)"
_NAME = r"(?:[^，,。；;：:（）()]|[（(][^（()）\d]{1,20}[)）]){2,60}?"
_NUMBERED = rf"(?:{BEFORE_NUMBER})?\s*\d+(?:[,，]\d{{3}})*(?:\.\d+)?{_VALUE}{{0,14}}?"
_FIGURE = rf"\s*(?:{any_of(VALUE_VERBS)}){{0,2}}\s*(?:{BEFORE_NUMBER})?\s*(?:{any_of(VALUE_VERBS)})?\s*(?:\d|百分之|[一二两三四五六七八九十])"
"""How a target begins that is a number."""
_ACTUAL = rf"(?:{BY_DATE})?(?!{COMPLETION_WORDS})(?:{ACTUAL_WORDS})"
_RATES = (
    rf"(?:[)）]?[，,；;](?:{COMPLETION_WORDS})(?P<completion>{_VALUE}{{1,12}}?){_STOP})?"
    rf"(?:[，,；;](?:{DEVIATION_WORDS})(?P<deviation>{_VALUE}{{1,12}}?){_STOP})?"
)
_STATEMENTS = (
    # …指标值为32个，实际完成值为33个，完成率为103.13%; 治理河长：计划7.6公里，完成7.6公里
    re.compile(
        rf"(?P<name>{_NAME})(?P<mark>指标)?[，,：:（(]?(?P<words>{TARGET_VALUE_WORDS}|{TARGET_PLAN_WORDS}(?(mark)|(?={_FIGURE})))(?P<target>(?:(?!指标值|目标值){_VALUE}){{1,40}}?)"
        rf"[，,；;](?:(?:(?!实际|完成|达到)[^，,。；;\d]){{2,16}}[，,])?{_ACTUAL}(?P<actual>{_NUMBERED}|[^\d，,。；;（(]{{1,40}}?){_STOP}{_RATES}"
    ),
    # 维修养护处数≥1,200处，实际完成1,243处
    re.compile(
        rf"(?P<name>{_NAME})(?P<words>)(?:[应须](?:达到?|为|完成))?(?P<target>(?:[≥≤><＞＜]|不低于|不少于|不高于|不超过|大于等于|小于等于|(?<=[应须][达为])|(?<=[应须](?:达到|完成)))\s*{_NUMBERED})"
        rf"[，,；;]{_ACTUAL}(?P<actual>{_NUMBERED}){_STOP}{_RATES}"
    ),
    # 计划改造农村公路62公里，实际完成60公里
    re.compile(
        rf"(?P<before>[\u4e00-\u9fff“”]{{2,24}}?)?(?P<words>计划|目标(?:是|为)?|拟|年初设定)(?P<name>[\u4e00-\u9fff（）“”]{{2,24}}?)(?P<target>{_NUMBERED})"
        rf"[，,；;]{_ACTUAL}(?P<actual>{_NUMBERED}){_STOP}{_RATES}"
    ),
    # 铺设供水管网86.4公里（目标值80公里），完成率108%
    re.compile(
        rf"(?P<name>[\u4e00-\u9fff（）“”、]{{2,24}}?)(?P<actual>{_NUMBERED})[（(](?P<words>{TARGET_WORDS})"
        rf"(?P<target>[^（()）]{{1,20}}?)[)）]{_RATES}"
    ),
    # 铺设供水管网实际完成86.4公里，目标值80公里，完成率108%
    re.compile(
        rf"(?P<name>[\u4e00-\u9fff（）“”、]{{2,24}}?)(?P<actual>{_NUMBERED})[，,](?P<words>{TARGET_VALUE_WORDS})"
        rf"(?P<target>{_NUMBERED}){_STOP}{_RATES}"
    ),
)
_FIGURE_END = re.compile(rf"\d\s*(?:{any_of(UNITS)})$")
"""The end of 「培训教师120人」, which states a figure: what follows is not its first."""
_NO_NAME = re.compile(rf"(?:{TARGET_SET})*(?:目标|指标|计划)?")
_MONEY_SUBJECT = re.compile(r"(?:投资|预算|资金|支出|拨付|经费|投入|拨款)$")
_ENUMERATOR = re.compile(
    r"\s*(?:[A-Za-z]{1,2}[.．、)）]|[①-⑳]|\d{1,2}(?:[.．](?!\d)|[、)）])|[（(]\d{1,2}[)）][.．、]?|[一二三四五六七八九十]是|[◆●■▪•·★※—-]+)\s*"
)
_LEVEL_LEAD = re.compile(
    rf"(?:^|(?<=[。；;：:]))\s*(?:{_ENUMERATOR.pattern})?(?P<level>(?!绩效)(?:{LEVEL2_NAMES}|{LEVEL1_NAMES})(?:类?指标|(?=目标[：:]\s*(?!\s|{VALUE_START.pattern}))))(?:目标)?\s*(?:[（(][^）)]*[)）])?\s*[：:。]\s*"
)
_EITHER = re.compile(r"(?:满意度|成本)(?:指标)?")
"""Names that stand on either level."""
_ITEM = re.compile(r"[^；;。]+")
_BOUND = r"(?:[≥≤]|不低于|不少于|不高于|不超过)"
_JOINED = re.compile(rf"{_BOUND}\s*\d[\d.,]*[^、\d]{{0,6}}(?P<joint>、)(?=[^、]{{2,60}}?{_BOUND})")
"""A value that 、 joins to the next indicator with a bound of its own (养护里程≥34公里、修复渡槽≥20座)."""
_CLAUSE = re.compile(r"[^，,]+(?:[,，]\d{3}(?!\d)[^，,]*)*")
_ITEM_LEAD = re.compile(
    r"\s*(?:[①-⑳]|[（(]?\d{1,2}[)）]|\d{1,2}[.．、](?!\d)|(?:指标|目标|任务)\d{1,2}[：:]|其中[：:，,]?"
    r"|[一二三四五六七八九十]是|[A-Za-z]{1,2}[.．、)）])\s*"
)
_LIST_LEAD = re.compile(rf"{LIST_LEAD}(?!$|(?!\d{{4}}年)(?:{VALUE_START.pattern}))")
_VALUE_LENGTH = 60
"""Characters at the end of an item in which its value is looked for."""
_LONGEST_PROSE = 50_000
"""Characters of a paragraph of sentences. Real ones have some thousands; a file without line breaks has a chapter in one."""
_BOUNDS = frozenset({">=", "<=", ">", "<"})
_ANY = frozenset({*_BOUNDS, "=", "~"})


@dataclass(frozen=True, slots=True)
class _Levels:
    level1: Printed | None = None
    level2: Printed | None = None
    depth: int = 0
    """Level of the number that level1 was printed with; the same number opens the next level 1."""


def narrative_indicators(passages: Sequence[Passage]) -> Iterator[IndicatorRow]:
    """The indicators that sentences state. A statement repeated with the same figures counts once."""
    levels = _Levels()
    seen: set[tuple[object, ...]] = set()
    for passage in passages:
        if (
            len(passage.text) > _LONGEST_PROSE
        ):  # no prose: looking at each of its characters would take minutes
            continue
        levels = _current_levels(passage, levels)
        for row in (*_statements(passage, levels), *_targets(passage, levels)):
            figures = (
                row.record,
                compact(row.name),
                row.target_value,
                row.actual_value,
                row.target_text,
                row.actual_text,
            )
            if figures not in seen:
                seen.add(figures)
                yield row


def _current_levels(passage: Passage, levels: _Levels) -> _Levels:
    """Level names in force after a passage that is nothing but a level name (「（1）数量指标」)."""
    number = heading_number(passage.text)
    enumerator = None if number else _ENUMERATOR.match(passage.text)
    start = number.end if number else enumerator.end() if enumerator else 0
    name = level_label(passage.text[start:]) if len(passage.text) < 30 else None
    if passage.is_title and name is None and passage.section and passage.section.level <= 2:
        return _Levels()
    if name is None:
        return levels
    at = passage.text.find(name, start)
    if at < 0:
        return levels
    printed = passage.cut(at, at + len(name))
    depth = number.level if number else 0
    same_depth = levels.level1 is not None and depth == levels.depth
    is_second = LEVEL2.fullmatch(name) and not (
        _EITHER.fullmatch(name) and (levels.level1 is None or same_depth)
    )
    if is_second and not (same_depth and depth):
        return _Levels(levels.level1, printed, levels.depth)
    return _Levels(printed, None, depth)


def _statements(passage: Passage, levels: _Levels) -> Iterator[IndicatorRow]:
    taken: list[tuple[int, int]] = []
    leads = list(_LEVEL_LEAD.finditer(passage.text))
    for pattern in _STATEMENTS:
        for match in pattern.finditer(passage.text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            above = [lead for lead in leads if lead.end() <= match.end()]
            row = _statement(passage, match, _under(passage, above[-1], levels) if above else levels)
            if row:
                taken.append(match.span())
                yield row


def _statement(passage: Passage, match: re.Match[str], levels: _Levels) -> IndicatorRow | None:
    """The indicator that a matched sentence states; None where its figures are no figures of one."""
    figures = read_quantity(match["target"]), read_quantity(match["actual"])
    if passage.text[match.end("name")] in "，,（(" and _FIGURE_END.search(match["name"]):
        return None
    groups = match.groupdict()
    if (
        "值" not in match["words"]
        and None in figures
        and not (groups.get("mark") and figures == (None, None))
    ):
        return None
    if figures == (None, None) and len(match["target"]) > 20:
        return None
    before = groups.get("before")
    subject = "before" if before and len(match["name"]) <= 2 and not _NO_NAME.fullmatch(before) else "name"
    start = _name_start(passage.text, *match.span(subject))
    name = passage.cut(start, _name_end(passage.text, start, match.end(subject)))
    if re.search(r"权重|分值|得分", match[0]):
        return None
    is_money = "值" not in match["words"] and _MONEY_SUBJECT.search(name.text)
    if len(name.text) < 2 or is_money or _NO_NAME.fullmatch(name.text):
        return None
    row = indicator_row("narrative", passage.block_no, None, {
        "level1": levels.level1, "level2": levels.level2, "name": name,
        "target_text": passage.cut(*match.span("target")), "actual_text": passage.cut(*match.span("actual")),
        "reported_completion_rate": passage.cut(*match.span("completion")) if match["completion"] else None,
        "reported_deviation_rate": passage.cut(*match.span("deviation")) if match["deviation"] else None,
    })  # fmt: skip
    return replace(row, actual_unit=None) if row.actual_unit == row.target_unit else row


def _name_start(text: str, start: int, end: int) -> int:
    """Where the indicator's name begins in its sentence's subject `text[start:end]`."""
    enumerator = _ENUMERATOR.match(text, start, end)
    if enumerator and enumerator.end() < end:
        start = enumerator.end()
    marked = re.match(
        r"指标\s*\d+\s*[：:、.]?\s*[“\"]?|(?:[\u4e00-\u9fff]{0,10}指标[:：]?)?[“\"](?=[^”\"]+[”\"]$)",
        text[start:end],
    )
    start += marked.end() if marked else 0
    prefix = re.match(REPORTING_PREFIX, text[start:end])
    return start + prefix.end() if prefix and prefix.end() < end - start - 2 else start


def _name_end(text: str, start: int, end: int) -> int:
    """Where the name ends: without 预期, 计划 and the like behind it, and without a closing quote of its own."""
    trimmed = re.sub(
        r"(?:预期|年初|计划|备案|指标|(?:未|已|超额|全部|基本)+(?:完成|达到|达标|实现)(?:目标)?|(?:应|须|需|要求)?(?:达到?|(?<!行)为|是)|完成值|实现值|实际(?:完成|达到|实现|达)?值?)+$",
        "",
        text[start:end],
    )
    quote = trimmed[-1:] in '”"' and not re.search(r"[“\"]", trimmed[:-1])
    return start + len(trimmed) - quote


def _targets(passage: Passage, levels: _Levels) -> Iterator[IndicatorRow]:
    """Targets listed under level names or behind 「主要指标：」, or as items of their own in a chapter on objectives."""
    if passage.is_title or passage.kind not in ("objectives", "overview", None):
        return
    leads = list(_LEVEL_LEAD.finditer(passage.text))
    yield from _unlevelled(passage, leads[0].start() if leads else len(passage.text), levels)
    for lead, following in zip_longest(leads, leads[1:]):
        under = _under(passage, lead, _Levels())
        end = following.start() if following else len(passage.text)
        yield from _listed(passage, lead.end(), end, under, _ANY if passage.kind == "objectives" else _BOUNDS)


def _unlevelled(passage: Passage, end: int, levels: _Levels) -> Iterator[IndicatorRow]:
    """The targets before the first level name; in a chapter on other things those behind 「主要指标：」 only.

    Goals are stories with numbers in them: without a bound, a figure is a target only where indicators are announced.
    """
    on_targets = passage.kind == "objectives"
    operators: Set[str] = _BOUNDS if on_targets else frozenset()
    for item in _ITEM.finditer(passage.text, 0, end):
        lead = _LIST_LEAD.match(passage.text, *item.span())
        if lead:
            operators = _ANY if on_targets and "指标" in lead[0] else _BOUNDS
        yield from _listed(passage, lead.end() if lead else item.start(), item.end(), levels, operators)


def _under(passage: Passage, lead: re.Match[str], levels: _Levels) -> _Levels:
    """The levels in force behind a level name at the head of its sentences (「①数量指标：…」)."""
    level = passage.cut(*lead.span("level"))
    return _Levels(levels.level1, level) if LEVEL2.fullmatch(level.text) else _Levels(level)


def _listed(
    passage: Passage, start: int, end: int, levels: _Levels, operators: Set[str]
) -> Iterator[IndicatorRow]:
    """The items 「培养高层次人才≥27人；」 of a list whose targets have one of `operators`."""
    for item in _ITEM.finditer(passage.text, start, end):
        if _STATEMENTS[0].search(passage.text, item.start(), item.end()):
            continue
        for found in _item_values(passage, item.start(), item.end()):
            name, _, operator = found
            is_sum = operator not in _BOUNDS and levels == _Levels() and _MONEY_SUBJECT.search(name.text)
            if operator in operators and not is_sum and not re.search("[，：:]", name.text):
                yield indicator_row("target", passage.block_no, None, {
                    "level1": levels.level1, "level2": levels.level2, "name": name, "target_text": found[1],
                })  # fmt: skip


def _item_values(passage: Passage, start: int, end: int) -> list[tuple[Printed, Printed, str]]:
    """The names and values of an item: one, or one a clause where several clauses state a bound."""
    clauses = list(_clauses(passage.text, start, end))
    found = [value for a, b in clauses if (value := _item_value(passage, a, b)) and value[2] in _BOUNDS]
    others = [_ITEM_LEAD.sub("", passage.text[a:b], count=1) for a, b in clauses]
    if found and len(found) + sum(not re.search(r"\d", text) for text in others) >= len(others) > 1:
        return found
    whole = _item_value(passage, start, end)
    return [whole] if whole else []


def _clauses(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Start and end of each clause of an item."""
    for clause in _CLAUSE.finditer(text, start, end):
        begin = clause.start()
        for joined in _JOINED.finditer(text, *clause.span()):
            yield begin, joined.start("joint")
            begin = joined.end("joint")
        yield begin, clause.end()


def _item_value(passage: Passage, start: int, end: int) -> tuple[Printed, Printed, str] | None:
    """Name and value of 「培养高层次人才≥27人」: the longest ending of the item that is a value."""
    lead = _ITEM_LEAD.match(passage.text, start, end)
    start = lead.end() if lead else start
    end = start + len(passage.text[start:end].rstrip(" 　.．"))
    aside = re.search(r"[（(][^（()）]*\d[^（()）]*[)）]\s*$", passage.text[start:end])
    end = start + aside.start() if aside and aside.start() > 2 else end
    for split in VALUE_START.finditer(passage.text, max(start, end - _VALUE_LENGTH), end):
        at = split.start()
        value_at = split.end() if split[0] in ("为", "：", ":") else at
        quantity = read_quantity(passage.text[value_at:end])
        if quantity and len(compact(passage.text[start:at])) > 1:
            return passage.cut(start, at), passage.cut(value_at, end), quantity.op
    words = re.search(
        rf"(?:(?<=.{{2}})(?:为|达到|[：:])(?P<stated>[^为：:]{{2,30}})|(?P<words>{QUALITATIVE_TARGET}))$",
        passage.text[start:end].rstrip(),
    )
    if words is None or words.start() < 2:
        return None
    group = "stated" if words["stated"] else "words"
    return (
        passage.cut(start, start + words.start()),
        passage.cut(start + words.start(group), start + words.end(group)),
        "=",
    )
