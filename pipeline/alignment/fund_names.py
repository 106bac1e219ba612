"""What a printed name of a fund says: whose it is, which one it is, and what was only added to it that year."""

import re
from dataclasses import dataclass
from typing import Literal

from parsers.values import fold
from schemas.lexicon import (
    FUND_BATCH,
    FUND_CODE,
    FUND_HEAD,
    FUND_LEVELS,
    FUND_NOTE,
    FUND_PROJECT,
    FUND_SOFT,
    FUND_STAGE,
    FUND_TAIL,
    FUND_TRANSFER,
    FUND_YEAR,
    GENERIC_FUND,
    NOT_A_PLACE,
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
_TAIL = re.compile(rf"(?:{FUND_TAIL})+$")
_SOFT = re.compile(FUND_SOFT)
_REGION = re.compile(REGION)
_NOT_A_PLACE = re.compile(NOT_A_PLACE)
_LEAST_PLACE = 3
"""Shorter names of counties (忠县) are left alone: 三区 and 城市 look the same."""
_GENERIC = re.compile(GENERIC_FUND)


def read_fund_name(printed: str) -> FundName:
    """Takes a printed name apart."""
    text = _QUOTES.sub("", fold(printed))
    code = _CODE.match(text)
    text = text[code.end() :] if code else text
    text, stages, notes, level = _without_brackets(text)
    text, place, level = _without_head(text, level)
    added = [m[0] for m in _STAGE.finditer(text)]
    stages += [stage.removeprefix("第") for stage in added]
    text = _STAGE.sub("", text)
    text = _ADDED.sub("", text) if len(_ADDED.sub("", text)) >= _LEAST_CORE else text
    core, tail, level = _without_tail(text, level)
    return FundName(
        core=core, level=level, place=place, stages=tuple(sorted(stages)), notes=tuple(notes), tail=tail,
        kind=_kind(tail), is_generic=_GENERIC.fullmatch(core) is not None,
    )  # fmt: skip


def _without_brackets(text: str) -> tuple[str, list[str], list[str], str | None]:
    """The name without what stands in brackets; of that, stages and notes, and the level that it tells."""
    stages: list[str] = []
    notes: list[str] = []
    level = None
    while found := _BRACKETS.search(text):
        inside = found[1]
        if _STAGE.fullmatch(inside):
            stages.append(inside.removeprefix("第"))
        elif inside and not _NOTE.fullmatch(inside):
            notes.append(inside)
        else:
            level = level or next((name for name, pattern in _LEVELS if pattern.match(inside)), None)
        text = text[: found.start()] + text[found.end() :]
    return re.sub(r"[()\[\]【】〔〕]", "", text), stages, notes, level


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
    is_level = text[len(name) :].startswith(("级", "本级"))
    return "" if len(name) < _LEAST_PLACE or is_level or _NOT_A_PLACE.fullmatch(name) else name


def _without_tail(text: str, level: str | None) -> tuple[str, str, str | None]:
    """Core and last words of a name; the level where it stands between them (…省级补助资金)."""
    found = _TAIL.search(text)
    core, tail = (text[: found.start()], found[0]) if found else (text, "")
    if len(core) < _LEAST_CORE:  # 「专项资金」: nothing else is there to tell it by
        return text, "", level
    for name, pattern in _LAST_LEVELS:
        told = pattern.search(core)
        if told and told.start() >= _LEAST_CORE:
            return core[: told.start()], tail, level or name
    return core, tail, level


def _kind(tail: str) -> Kind:
    if re.search(FUND_TRANSFER, tail):
        return "transfer"
    if re.search(FUND_PROJECT, tail) and not re.search("资金|专项", tail):
        return "project"
    return "fund"
