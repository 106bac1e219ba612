"""The second level of an indicator whose form prints none, concluded from its name, unit, target and first level."""

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from parsers.printed import compact
from parsers.units import unit_meaning
from parsers.values import Quantity
from schemas.levels import (
    ANYWHERE,
    BENEFITS,
    COSTS,
    EFFECT,
    ENOUGH_ALONE,
    ENOUGH_UNDER_LEVEL1,
    NAME_CUES,
    NO_RESULT,
    OUTPUTS,
    SATISFACTION,
    TARGET_CUES,
    UNDER_LEVEL1,
    UNIT_CUES,
    Level2,
    UnitCue,
)
from schemas.records import Operator


class Concluded(NamedTuple):
    """A second level that was not printed, and what it was concluded from, in Chinese."""

    level2: Level2
    reason: str


class _Told(NamedTuple):
    """What one cue says: the level, how strongly, and the words for the reason."""

    level2: Level2
    weight: int
    reason: str


_NAME_CUES = tuple((cue, re.compile(cue.pattern)) for cue in NAME_CUES)
_TARGET_CUES = tuple((cue, re.compile(cue.pattern)) for cue in TARGET_CUES)
_UNDER_LEVEL1 = tuple((re.compile(pattern), levels) for pattern, levels in UNDER_LEVEL1)
_EFFECT = re.compile(EFFECT)
_NO_RESULT = re.compile(NO_RESULT)
_DIGIT = re.compile(r"\d")
_TAIL = re.compile(r"(?:[（(【\[][^（）()【】\[\]]*[)）】\]]|情况|指标|[：:。，,；;%])+$")
_LONGEST_NAME = 80
"""Characters of a name that are looked at, from its end (the head of a Chinese name is its last word), and of a target."""


def concluded_level2(
    name: str, level1: str | None, words: str | None, quantity: Quantity | None
) -> Concluded | None:
    """The second level that an indicator's name, target and printed first level tell; None where they do not decide.

    `words` is a target that is no number, `quantity` the target that is one (or else the actual value). Under a printed
    first level only its own second levels are possible; one that leaves no choice decides alone.
    """
    possible = _possible(level1)
    if not possible:
        return None
    head = compact(name)[-_LONGEST_NAME:]
    op, unit = (quantity.op, quantity.unit) if quantity else (None, None)
    return _concluded(head, level1, possible, compact(words or "")[:_LONGEST_NAME], op, unit)


def _possible(level1: str | None) -> tuple[Level2, ...]:
    if level1 is None:
        return ANYWHERE
    return next((levels for pattern, levels in _UNDER_LEVEL1 if pattern.search(level1)), ())


@lru_cache(maxsize=8192)
def _concluded(
    name: str,
    level1: str | None,
    possible: tuple[Level2, ...],
    words: str,
    op: Operator | None,
    unit: str | None,
) -> Concluded | None:
    if len(possible) == 1:
        return Concluded(possible[0], f"一级指标为“{level1}”")
    if possible == COSTS:
        return _cost(name, level1)
    if level1 is None and _NO_RESULT.search(name):
        return None
    effect = _EFFECT.match(name) if set(possible) > {*OUTPUTS, *BENEFITS} else None
    if effect:
        possible = (*BENEFITS, *SATISFACTION)
    told = [
        *_best(_by_name(name, counted=not words or bool(_DIGIT.search(words))), possible),
        *_best(_by_unit(unit, op), possible),
        *_best(_by_words(words), possible),
    ]
    sums: dict[Level2, int] = {}
    for each in told:
        sums[each.level2] = sums.get(each.level2, 0) + each.weight
    ranked = sorted(sums.items(), key=lambda item: -item[1])
    enough = ENOUGH_UNDER_LEVEL1 if level1 or effect else ENOUGH_ALONE
    if not ranked or ranked[0][1] < enough or (len(ranked) > 1 and ranked[0][1] == ranked[1][1]):
        return None
    level2 = ranked[0][0]
    given = [f"一级指标“{level1}”"] if level1 else []
    given += [f"名称以“{effect[0]}”开头，属效益"] if effect else []
    return Concluded(level2, "，".join([*given, *(each.reason for each in told if each.level2 == level2)]))


def _cost(name: str, level1: str | None) -> Concluded:
    """Under 成本 the costs of money, unless the name tells of another."""
    for each in _by_name(name, counted=False):
        if each.level2 in COSTS:
            return Concluded(each.level2, f"一级指标“{level1}”，{each.reason}")
    return Concluded("经济成本指标", f"一级指标“{level1}”，名称未涉及社会或生态环境成本")


def _best(told: Iterable[_Told], possible: tuple[Level2, ...]) -> list[_Told]:
    """The strongest cue of each possible level."""
    best: dict[Level2, _Told] = {}
    for each in told:
        if each.level2 in possible and (each.level2 not in best or best[each.level2].weight < each.weight):
            best[each.level2] = each
    return list(best.values())


def _by_name(name: str, *, counted: bool) -> Iterator[_Told]:
    head = _TAIL.sub("", name) or name
    for cue, pattern in _NAME_CUES:
        match = pattern.search(head) if counted or not cue.counted else None
        if match:
            at_end = match.end() == len(head) and match.start() > 0
            reason = f"名称以“{match[0]}”结尾" if at_end else f"名称含“{match[0]}”"
            yield _Told(cue.level2, cue.weight, reason)


def _by_unit(unit: str | None, op: Operator | None) -> Iterator[_Told]:
    kind = unit_meaning(unit).kind
    for cue in UNIT_CUES if kind else ():
        if op in cue.operators and re.fullmatch(cue.kinds, kind or ""):
            yield _Told(cue.level2, cue.weight, f"单位“{unit}”{_required(cue, op)}")


def _required(cue: UnitCue, op: Operator | None) -> str:
    """The operator in words, where the cue depends on it."""
    if op in (">=", ">") and "<=" not in cue.operators:
        return "且要求不低于"
    return "且要求不超过" if op in ("<=", "<") and ">=" not in cue.operators else ""


def _by_words(words: str) -> Iterator[_Told]:
    for cue, pattern in _TARGET_CUES:
        match = pattern.search(words)
        if match:
            yield _Told(cue.level2, cue.weight, f"目标值含“{match[0]}”")
