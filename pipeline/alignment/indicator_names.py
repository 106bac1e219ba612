"""What a printed name of an indicator says.

A name is taken apart into content (what is done to what), weak words (项目, 开展), the measure (数量, 面积, 率) and, of a
rate, its head (合格, 及时). `indicator_matching` compares names.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from parsers.values import fold
from pipeline.alignment.indicator_segments import CACHED_WORDS, CANONICAL, is_code, spelt, tokens
from schemas.indicator_words import (
    ABBREVIATIONS,
    CONTROL_ENDINGS,
    FUNCTION_WORDS,
    MEASURE_WORDS,
    NEGATIONS,
    RATE_ENDINGS,
    WEAK_WORDS,
    Measure,
)
from schemas.vocabulary import UNITS

LONGEST_NAME = 200
"""Characters of a name that are looked at: a longer one is a paragraph in the wrong cell."""

_BRACKETS = re.compile(r"[(\[【〔{]([^()\[\]【】〔〕{}]*)[)\]】〕}]")
_YEAR = re.compile(r"(?:20\d\d(?:[-~至—]20\d\d)?年度?|截至?20\d\d年末?)")
_CEILING = re.compile(rf"(?<=率|例|比|度|数|量|本|用|价|资|费)(?:{'|'.join(CONTROL_ENDINGS)})$")
_NOT_UNIT = re.compile(r"[、,，/或及和]+")
_UNITS = frozenset(UNITS)
_SHORT_FORM = re.compile("|".join(sorted(ABBREVIATIONS, key=lambda word: (-len(word), word))))


@dataclass(frozen=True, slots=True)
class NameForm:
    """A name taken apart; words are canonical (of synonyms the first).

    `strict` is the name's normal form without synonyms: names with the same one differ in the order of words and in
    function words only. `letters` are its characters in no order: names that share them may be the same words, cut
    otherwise. `numbers` are the codes of the name: numbers, Latin words, letters of other scripts; `codes` the same as
    they stand. `readings` tell what is read otherwise than printed; `order` are all canonical words as they stand.
    """

    clean: str
    strict: str
    letters: str
    content: frozenset[str]
    weak: frozenset[str]
    negations: frozenset[str]
    numbers: frozenset[str]
    codes: tuple[str, ...]
    notes: frozenset[str]
    readings: tuple[str, ...]
    measure: Measure | None
    head: str | None
    order: tuple[str, ...] = field(compare=False)
    plain: tuple[str, ...] = field(compare=False)


def topic_words(fund_name: str) -> frozenset[str]:
    """The words of a fund's name, which the names of its indicators may repeat or leave out."""
    form = read_indicator_name(fund_name)
    return form.content | form.weak


def clean_name(name: str) -> str:
    """How printed names are compared as they stand: no white space, one form of signs."""
    return fold(name)


def read_indicator_name(name: str) -> NameForm:
    """Takes a printed name apart."""
    clean = fold(name)
    printed, notes = _without_brackets(_YEAR.sub("", clean)[:LONGEST_NAME])
    spelling = spelt(printed)
    text = _SHORT_FORM.sub(lambda found: ABBREVIATIONS[found[0]], spelling)
    measure, head, said = _measured(tokens(_CEILING.sub("", text)))
    canonical = [(token, CANONICAL.get(token, token)) for token in said if token not in FUNCTION_WORDS]
    content, weak, negations, numbers = set(), set(), set(), set()
    for token, word in canonical:
        if token in NEGATIONS:
            negations.add(word)
        elif is_code(token):
            numbers.add(token)
        elif word in WEAK_WORDS and word != head:
            weak.add(word)
        else:
            content.add(word)
    plain = tuple(token for token, _ in canonical)
    notes -= content | weak  # 细颗粒物（PM2.5）
    return NameForm(
        clean=clean,
        strict=_strict(plain, notes, measure, head) or clean,
        letters="".join(sorted("".join(dict.fromkeys(plain)))),
        content=frozenset(content),
        weak=frozenset(weak),
        negations=frozenset(negations),
        numbers=frozenset(numbers),
        codes=tuple(word for word in plain if is_code(word)),
        notes=frozenset(notes),
        readings=_readings(printed, spelling),
        measure=measure,
        head=head,
        order=tuple(word for _, word in canonical),
        plain=plain,
    )


name_form = lru_cache(maxsize=CACHED_WORDS)(read_indicator_name)
"""A name taken apart, kept at hand."""


def _readings(printed: str, spelling: str) -> tuple[str, ...]:
    """What is read otherwise than printed, in Chinese."""
    misprints = (f"“{x}”疑为“{y}”之误" for x, y in zip(printed, spelling, strict=True) if x != y)
    short_forms = (f"“{short}”即“{ABBREVIATIONS[short]}”" for short in _SHORT_FORM.findall(spelling))
    return (*misprints, *short_forms)


def _strict(plain: tuple[str, ...], notes: Iterable[str], measure: Measure | None, head: str | None) -> str:
    if not plain and not head:
        return ""
    kind = "" if measure in (None, "count") else measure
    said = sorted({word for word in plain if not is_code(word)})
    codes = [word for word in plain if is_code(word)]
    return f"{' '.join(said)}#{' '.join(codes)}#{kind}#{'|'.join(sorted(notes))}"


def _without_brackets(text: str) -> tuple[str, set[str]]:
    """The text without its brackets, and the words in them; brackets that hold units only are dropped."""
    notes: set[str] = set()
    for inner in _BRACKETS.findall(text):
        parts = [part for part in _NOT_UNIT.split(inner) if part]
        if all(part in _UNITS for part in parts):
            continue
        notes.update(token for token in tokens(inner, counted=False) if token not in FUNCTION_WORDS)
    rest = _BRACKETS.sub("", text)
    return (rest, notes) if rest else (text, set())


def _measured(said: Sequence[str]) -> tuple[Measure | None, str | None, list[str]]:
    """The measure that the last words announce, the head of a rate, and the tokens without the measure's words."""
    rest = list(said)
    measure: Measure | None = None
    while len(rest) > 1 and (rest[-1] in MEASURE_WORDS or rest[-1] in FUNCTION_WORDS):
        stands_for = MEASURE_WORDS.get(rest[-1])
        if measure and stands_for and (stands_for, measure) not in _STACKED:
            break
        measure = stands_for if stands_for and measure in (None, "count", "quality") else measure
        rest.pop()
    if measure is None and len(rest) == 1 and rest[0] in MEASURE_WORDS:
        return MEASURE_WORDS[rest[0]], None, []
    if measure == "count":
        inner = [word for word in rest if len(word) > 1 and MEASURE_WORDS.get(word) in _INNER]
        if len(inner) == 1 and len(rest) > 1:  # 通行时间缩短数
            return MEASURE_WORDS[inner[0]], None, [word for word in rest if word != inner[0]]
    last = rest[-1] if rest else ""
    stated = said[len(rest)] if len(rest) < len(said) else ""
    head = CANONICAL.get(last, last) if stated in RATE_ENDINGS and measure in ("rate", "quality") else None
    return measure, head, rest


_INNER: frozenset[Measure] = frozenset({"area", "length", "volume", "time", "money"})
"""Measures that may stand within a name, whose last words say but 数."""
_STACKED: frozenset[tuple[str, str]] = frozenset(
    (said, measure)
    for said in set(MEASURE_WORDS.values())
    for measure in ("count", "quality")
    if said != measure
) | {("count", "count"), ("rate", "rate")}
"""Measures that stand before another: 培训人次数量 counts person-times."""
