"""Indicators stated in sentences.

Two forms occur: a sentence with target and actual value (「…指标值为32个，实际完成值为33个，完成率为103.13%，
偏差率为3.13%」), and lists of targets under a level name (「数量指标：…≥35项；…≥27人」).
"""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, replace

from parsers.headings import heading_number
from parsers.indicators import indicator_row, level_label
from parsers.passages import Passage
from parsers.printed import Printed, compact
from parsers.values import VALUE_START, read_quantity
from schemas.records import IndicatorRow
from schemas.vocabulary import (
    ACTUAL_WORDS,
    COMPLETION_WORDS,
    DEVIATION_WORDS,
    LEVEL1_NAMES,
    LEVEL2_NAMES,
    QUALITATIVE_TARGET,
    REPORTING_PREFIX,
    TARGET_WORDS,
)

_VALUE = r"(?:[^，,。；;]|[,，](?=\d{3}(?!\d)))"
_STOP = r"(?=[；;。]|[，,](?!\d{3}(?!\d))|$)"
_STATEMENT = re.compile(
    rf"(?P<name>[^，,。；;：:]{{2,60}}?)(?:指标)?[，,]?(?P<words>{TARGET_WORDS})(?P<target>{_VALUE}{{1,40}}?)"
    rf"[，,；;](?:{ACTUAL_WORDS})(?P<actual>{_VALUE}{{1,40}}?){_STOP}"
    rf"(?:[，,；;](?:{COMPLETION_WORDS})(?P<completion>{_VALUE}{{1,12}}?){_STOP})?"
    rf"(?:[，,；;](?:{DEVIATION_WORDS})(?P<deviation>{_VALUE}{{1,12}}?){_STOP})?"
)
_ENUMERATOR = re.compile(
    r"\s*(?:[A-Za-z]{1,2}[.．、)）]|[①-⑳]|\d{1,2}(?:[.．](?!\d)|[、)）])|[（(]\d{1,2}[)）][.．、]?|[一二三四五六七八九十]是)\s*"
)
_LEVEL_LEAD = re.compile(
    rf"\s*(?:{_ENUMERATOR.pattern})?(?P<level>(?:{LEVEL2_NAMES}|{LEVEL1_NAMES})(?:类)?指标)\s*(?:[（(][^）)]*[)）])?\s*[：:]\s*"
)
_ITEM = re.compile(r"[^；;。]+")
_ITEM_LEAD = re.compile(r"\s*(?:[①-⑳]|[（(]?\d{1,2}[)）]|\d{1,2}[.．、](?!\d)|指标\d{1,2}[：:])\s*")
_BOUNDS = (">=", "<=", ">", "<")


@dataclass(frozen=True, slots=True)
class _Levels:
    level1: Printed | None = None
    level2: Printed | None = None
    depth: int = 0
    """Level of the number that level1 was printed with; the same number opens the next level 1."""


def narrative_indicators(passages: Sequence[Passage], known: Set[str]) -> Iterator[IndicatorRow]:
    """The indicators that sentences state. `known` are the names that the report's tables print:
    a sentence's subject that ends in one of them is that indicator. A statement repeated with
    the same figures counts once."""
    levels = _Levels()
    seen: set[tuple[object, ...]] = set()
    for passage in passages:
        levels = _current_levels(passage, levels)
        for row in (*_statements(passage, levels, known), *_targets(passage)):
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
    start = number.end if number else 0
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
    is_second = re.fullmatch(rf"{LEVEL2_NAMES}(?:类)?(?:指标)?", name) is not None
    if (
        is_second
        and (levels.level1 is None or depth != levels.depth)
        and not (levels.level1 is None and name.startswith(("满意度", "成本")))
    ):
        return _Levels(levels.level1, printed, levels.depth)
    return _Levels(printed, None, depth)


def _statements(passage: Passage, levels: _Levels, known: Set[str]) -> Iterator[IndicatorRow]:
    for match in _STATEMENT.finditer(passage.text):
        target, actual = match["target"], match["actual"]
        figures = read_quantity(target), read_quantity(actual)
        if "值" not in match["words"] and None in figures:
            continue
        if figures == (None, None) and len(target) > 20:
            continue
        start = _name_start(passage.text, match.start("name"), match.end("name"), known)
        fields: dict[str, Printed | None] = {
            "level1": levels.level1, "level2": levels.level2, "name": passage.cut(start, match.end("name")),
            "target_text": passage.cut(*match.span("target")), "actual_text": passage.cut(*match.span("actual")),
            "reported_completion_rate": passage.cut(*match.span("completion")) if match["completion"] else None,
            "reported_deviation_rate": passage.cut(*match.span("deviation")) if match["deviation"] else None,
        }  # fmt: skip
        if fields["name"] and fields["name"].text:
            row = indicator_row("narrative", passage.block_no, None, fields)
            same_unit = row.actual_unit == row.target_unit
            yield replace(row, actual_unit=None) if same_unit else row


def _name_start(text: str, start: int, end: int, known: Set[str]) -> int:
    """Where the indicator's name begins in its sentence's subject `text[start:end]`."""
    enumerator = _ENUMERATOR.match(text, start, end)
    if enumerator and enumerator.end() < end:
        start = enumerator.end()
    subject = text[start:end]
    ends = [name for name in known if subject.endswith(name)]
    if ends:
        return end - len(max(ends, key=len))
    prefix = re.match(REPORTING_PREFIX, subject)
    return start + prefix.end() if prefix and prefix.end() < len(subject) - 2 else start


def _targets(passage: Passage) -> Iterator[IndicatorRow]:
    """Targets listed under a level name in a chapter on objectives."""
    lead = _LEVEL_LEAD.match(passage.text)
    if not lead or passage.kind not in ("objectives", "overview", None):
        return
    level = passage.cut(*lead.span("level"))
    is_second = re.fullmatch(rf"{LEVEL2_NAMES}(?:类)?指标", level.text) is not None
    for item in _ITEM.finditer(passage.text, lead.end()):
        found = _item_value(passage, item.start(), item.end())
        if not found or (passage.kind != "objectives" and found[2] not in _BOUNDS):
            continue
        name, value, _ = found
        yield indicator_row("target", passage.block_no, None, {
            "level1": None if is_second else level, "level2": level if is_second else None, "name": name, "target_text": value,
        })  # fmt: skip


def _item_value(passage: Passage, start: int, end: int) -> tuple[Printed, Printed, str] | None:
    """Name and value of 「培养高层次人才≥27人」: the longest ending of the item that is a value."""
    lead = _ITEM_LEAD.match(passage.text, start, end)
    start = lead.end() if lead else start
    for split in VALUE_START.finditer(passage.text, start, end):
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
