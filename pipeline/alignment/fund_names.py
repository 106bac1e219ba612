"""What a printed name of a fund says: whose it is, which one it is, and what was only added to it that year."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from parsers.values import fold
from parsers.words import words
from schemas.lexicon import (
    FUND_BATCH,
    FUND_CODE,
    FUND_HEAD,
    FUND_LEVELS,
    FUND_MONEY,
    FUND_NOTE,
    FUND_SOFT,
    FUND_STAGE,
    FUND_TAIL,
    FUND_TRANSFER,
    FUND_YEAR,
    GENERIC_FUND,
    NOT_A_PLACE,
    PLACE_UNITS,
    STAGE_NUMBERS,
)
from schemas.vocabulary import REGION

Kind = Literal["transfer", "fund", "project"]


@dataclass(frozen=True, slots=True)
class FundName:
    """A fund's name taken apart.

    `core` tells the fund: no place, level, code, year, batch, brackets nor last words (专项资金, 项目). `level` is whose
    budget it is of, `place` the province, city or county it begins with, `stages` and `notes` what brackets and
    numbers add (二期; 人才、基地). `is_generic`: every department has one of this name.
    """

    core: str
    level: str | None
    place: str | None
    stages: tuple[str, ...]
    notes: tuple[str, ...]
    tail: str
    kind: Kind
    is_generic: bool

    @property
    def soft_core(self) -> str:
        """The core without words that are put in or left out at will."""
        short = _SOFT.sub("", self.core)
        return short if len(short) >= _LEAST_CORE else self.core


_LONGEST = 100
"""Characters; a longer text is no name that could be taken apart."""
_LEAST_CORE = 2
"""A core keeps at least two characters, whatever they are."""
_QUOTES = re.compile(r"[《》“”\"'‘’「」『』*★☆]")
_BRACKETS = re.compile(r"[(\[【〔]([^()\[\]【】〔〕]*)[)\]】〕]")
_CODE = re.compile(rf"{FUND_CODE}(?=[^\d]*[\u4e00-\u9fff])")
_ADDED = re.compile(rf"(?:{FUND_YEAR}|{FUND_BATCH})")
_HEAD = re.compile(rf"(?:{FUND_YEAR}|{FUND_BATCH}|{FUND_HEAD}|[-_.:：、,，])+")
_NOTE = re.compile(FUND_NOTE)
_LEVELS = tuple((level, re.compile(pattern)) for level, pattern in FUND_LEVELS)
_LAST_LEVELS = tuple((level, re.compile(rf"(?:{pattern})$")) for level, pattern in FUND_LEVELS)
_STAGE = re.compile(FUND_STAGE)
_TAIL = re.compile(rf"(?:{FUND_TAIL})$")
_ONLY_TAIL = re.compile(rf"(?>(?:{FUND_TAIL})+)")
_TAIL_WORD = 2
_TAIL_WORDS = tuple(word for word in FUND_TAIL.split("|") if len(word) == _TAIL_WORD)
_SOFT = re.compile(FUND_SOFT)
_REGION = re.compile(REGION)
_NOT_A_PLACE = re.compile(NOT_A_PLACE)
_LEAST_PLACE = 3
"""Shorter names of counties (忠县) are left alone: 三区 and 城市 look the same."""
_PLACE_UNITS = re.compile(PLACE_UNITS)
_OUTER_PLACES = re.compile(r"^.*(?:自治区|省|自治州|地区|盟|市)(?=.{2,}[市县区旗州盟])")
_GENERIC = re.compile(GENERIC_FUND)


@lru_cache(maxsize=100_000)
def read_fund_name(printed: str, home: str | None = None) -> FundName:
    """Takes a printed name apart. `home` is the place of the organisation that reports, whose name may stand before
    the fund's without 省, 市 or 县 (临漪旧管网更新 of 临漪县)."""
    text = _QUOTES.sub("", fold(printed))
    if len(text) > _LONGEST:
        return FundName(text, None, None, (), (), "", "project", is_generic=False)
    code = _CODE.match(text)
    text = text[code.end() :] if code else text
    text, stages, notes, level, noted_place = _without_brackets(text)
    text, place, level = _without_head(text, level)
    stem = place_stem(home) if home and not place else ""
    if len(stem) >= _LEAST_CORE and text.startswith(stem) and len(text) - len(stem) >= _LEAST_PLACE:
        text, place = text[len(stem) :], home
    stages += [_stage(m) for m in _STAGE.finditer(text)]
    text = _STAGE.sub("", text)
    text = _ADDED.sub("", text) if len(_ADDED.sub("", text)) >= _LEAST_CORE else text
    core, tail, level = _without_tail(text, level)
    return FundName(
        core=core or fold(printed), level=level, place=place or noted_place, stages=tuple(sorted(stages)), notes=tuple(notes), tail=tail,
        kind=_kind(core, tail), is_generic=_GENERIC.fullmatch(core) is not None,
    )  # fmt: skip


def place_stem(place: str) -> str:
    """A place's name as it is said for short: 临漪 of 临漪县, 长阳 of 长阳土家族自治县. Of several places in a row it is
    the last."""
    return _PLACE_UNITS.sub("", _OUTER_PLACES.sub("", place))


def _without_brackets(text: str) -> tuple[str, list[str], list[str], str | None, str | None]:
    """The name without what stands in brackets; of that, stages and notes, and the level and place that it tells."""
    stages: list[str] = []
    notes: list[str] = []
    level = place = None
    while found := _BRACKETS.search(text):
        inside = found[1]
        if stage := _STAGE.fullmatch(inside):
            stages.append(_stage(stage))
        elif place is None and _place(inside) == inside and inside:
            place = inside
        elif inside and not _NOTE.fullmatch(inside):
            notes.append(inside)
        else:
            level = level or next((name for name, pattern in _LEVELS if pattern.match(inside)), None)
        text = text[: found.start()] + text[found.end() :]
    return re.sub(r"[()\[\]【】〔〕]", "", text), stages, notes, level, place


def _stage(match: re.Match[str]) -> str:
    return STAGE_NUMBERS.get(match["number"], match["number"]) + match["stage"]


def _without_head(text: str, level: str | None) -> tuple[str, str | None, str | None]:
    """The name without years, place, level and empty words at its head; the place and the level."""
    place = None
    while True:
        rest = text
        head = _HEAD.match(rest)
        rest = rest[head.end() :] if head else rest
        for name, pattern in _LEVELS:
            told = pattern.match(rest)
            if told and len(rest) - told.end() >= _LEAST_CORE:
                level, rest = level or name, rest[told.end() :]
                break
        named = _place(rest)
        if place is None and named and len(rest) - len(named) >= _LEAST_CORE:
            place, rest = named, rest[len(named) :]
        if rest == text or len(_TAIL.sub("", rest)) < 1:
            return text, place, level
        text = rest


def _place(text: str) -> str:
    """The province, city or county that a text begins with; empty where there is none."""
    found = _REGION.match(text)
    name = found[0] if found else ""
    is_level = text[len(name) :].startswith(("级", "本级", "道", "际", "域", "委"))
    return "" if len(name) < _LEAST_PLACE or is_level or _NOT_A_PLACE.fullmatch(name) else name


def _without_tail(text: str, level: str | None) -> tuple[str, str, str | None]:
    """Core and last words of a name; the level where it stands between them (…省级补助资金)."""
    core = text
    while True:
        found = _TAIL.search(core)  # one word at a time: a pattern for several would try them all
        rest = core[: found.start()] if found else core
        if rest == core and _ends_misprinted(core):  # 专顶资金, 补助货金
            rest = core[:-_TAIL_WORD]
        if rest == core or len(rest) < _LEAST_CORE:  # 「专项资金」: nothing else is there to tell it by
            break
        core = rest
    if _ONLY_TAIL.fullmatch(core):
        return text, "", level
    tail = text[len(core) :]
    for name, pattern in _LAST_LEVELS:
        told = pattern.search(core)
        if told and told.start() >= _LEAST_CORE:
            return core[: told.start()], tail, level or name
    return core, tail, level


@lru_cache(maxsize=10_000)
def _ends_misprinted(core: str) -> bool:
    """Whether the last two characters make no word, but are one character away from a last word."""
    end = core[-_TAIL_WORD:]
    near = any(sum(a == b for a, b in zip(end, tail, strict=False)) == 1 for tail in _TAIL_WORDS)
    return near and words(core)[-_TAIL_WORD:] == list(end)


def _kind(core: str, tail: str) -> Kind:
    if re.search(FUND_TRANSFER, tail):
        return "transfer"
    return "fund" if re.search(FUND_MONEY, tail or core[-_TAIL_WORD:]) else "project"
