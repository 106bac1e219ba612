"""Whether two names are the same fund: what the names say, then what the reports under them say.

Each sign adds to a score between 0 and 1 and a few Chinese words to the reason. The signs and their weights stand
in this module alone; `tests/alignment_quality.py` measures what they are worth.
"""

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from parsers.words import words
from pipeline.alignment.fund_names import FundName, place_stem
from pipeline.alignment.fund_nodes import SHORT_CORE, FundNode, Surroundings, field_of
from schemas.lexicon import FUND_SOFT


@dataclass(frozen=True, slots=True)
class Match:
    """How sure two names are one fund (0 to 1), why, and what decided. `never`: they cannot be, whatever else speaks for it."""

    score: float
    reason: str
    decided_by: Literal["name", "report", "evidence", "file"]
    never: bool = False


# What the names alone are worth. `fund_groups` joins from MERGE on, and asks from ASK on.
_SAME_CORE = 0.97
_SAME_BUT_SOFT, _SHORT_BUT_SOFT = 0.92, 0.7
_REORDERED = 0.9
_SLIP = 0.8
_ABBREVIATED = 0.74
_SWAPPED = 0.43
"""One word stands in another's place, which is how two funds look alike."""
_CONTAINED = 0.42
"""One name has all words of the other and more."""
_RELATED, _OVERLAP = 0.23, 0.4
"""Some characters are shared; the more of them, the more of `_OVERLAP` is added."""
_STRANGE = 0.15
"""Nothing is shared: only what the reports say can then lead to a question."""

# What else adds to it or takes from it.
_SAME_OFFICE, _OTHER_PLACE = 0.08, -0.15
_SUCCESSION, _SIDE_BY_SIDE, _OVERLAPPING = 0.12, -0.25, -0.05
_OTHER_BUDGET, _BUDGET_UNSAID = -0.4, -0.14
_OTHER_PLACE_NAMED, _STAGE_UNSAID, _OTHER_NOTES = -0.2, -0.3, -0.4
_SHORT_NAME_ELSEWHERE = -0.3
_PROJECT_OR_MONEY = -0.05
_OTHER_PROJECT, _PROJECT_WITH_MORE = -0.5, -0.25
"""This year's bridge and next year's have the same organisation and the same indicators."""
_SAME_SLOT = -0.1
_ASKED = 0.84
"""Names with a swapped word come no higher, whatever the reports say."""
_FEW_INDICATORS = 3
_LIKENESS = (
    (0.8, 0.45, "指标基本相同"), (0.6, 0.35, "指标大多相同"), (0.4, 0.2, "指标部分相同"), (0.15, 0.0, ""),
    (-1.0, -0.2, "指标不同"),
)  # fmt: skip
"""From which likeness of the indicators on how much it weighs."""
_SOFT_WORD = re.compile(rf"(?:{FUND_SOFT})+")
_TELLING = re.compile(
    r"[一二三四五六七八九十\d东西南北中上下前后左右大小新旧老高低内外省市县区乡镇村男女甲乙丙丁]"
)
"""A different character of these is no slip of the pen."""


def match_names(a: FundNode, b: FundNode) -> tuple[float, str]:
    """What the names alone say: the score and the reason of the two that are most alike."""
    return max(
        (_match(one, two) for one in a.forms for two in b.forms), key=lambda found: (found[0], found[1])
    )


def _match(one: FundName, two: FundName) -> tuple[float, str]:
    if one.core == two.core:
        return _SAME_CORE, _same_core(one, two)
    soft_a, soft_b = one.soft_core, two.soft_core
    if soft_a == soft_b:
        return (_SAME_BUT_SOFT if len(soft_a) >= SHORT_CORE else _SHORT_BUT_SOFT), "只差“建设、发展”一类虚词"
    if sorted(soft_a) == sorted(soft_b) and len(soft_a) >= SHORT_CORE:
        return _REORDERED, "词序不同"
    if _is_slip(one.core, two.core) or _is_slip(one.core + one.tail, two.core + two.tail):
        return _SLIP, "只差一字，疑为笔误"
    short, long = (one, two) if len(soft_a) < len(soft_b) else (two, one)
    if _is_abbreviation(short, long):
        return _ABBREVIATED, f"“{short.core}”似为“{long.core}”的简称"
    return _shared_words(one, two)


def compare(a: FundNode, b: FundNode, around: Surroundings) -> Match:
    """All that speaks for and against the two being one fund."""
    base, reason = match_names(a, b)
    if _cannot_be(a, b, around):
        return Match(0.0, reason, "name", never=True)
    same_core = bool(a.cores & b.cores)
    score, reasons = base, [reason]
    for weight, why in (*_against(a, b, around), *_from_reports(a, b, base)):
        score += weight
        reasons.append(why)
    shares_slot = bool(a.slots & b.slots)
    if shares_slot and not same_core and base < _REORDERED:
        return Match(0.0, reason, "evidence", never=True)
    alike = likeness(a.vector, b.vector)
    if shares_slot and same_core and a.name.tail != b.name.tail and (alike is None or alike < 0.6):
        score += _SAME_SLOT
        reasons.append("同一单位同年各有报告")
    if base == _SWAPPED:
        score = min(score, _ASKED)
    decided: Literal["name", "evidence"] = (
        "name" if base >= _REORDERED and score >= base + _SAME_SLOT else "evidence"
    )
    return Match(round(min(max(score, 0.0), 0.99), 2), "；".join(r for r in reasons if r), decided)


def _same_core(one: FundName, two: FundName) -> str:
    """What differs between names that have one core."""
    said = []
    if one.tail != two.tail:
        said.append(f"“{one.tail or '（无）'}”与“{two.tail or '（无）'}”")
    if (one.level, one.place) != (two.level, two.place):
        said.append("级次或地区前缀")
    if (one.notes, one.stages) != (two.notes, two.stages):
        said.append("括号内容")
    return f"名称主体相同，只差{'、'.join(said)}" if said else "名称相同，只差年度、批次、编码或标点"


def _is_slip(a: str, b: str) -> bool:
    """One character differs, and neither is a word that tells two funds apart."""
    if len(a) != len(b) or len(a) <= SHORT_CORE:
        return False
    differing = [(x, y) for x, y in zip(a, b, strict=True) if x != y]
    if len(differing) != 1 or any(map(_TELLING.match, differing[0])):
        return False
    at = next(n for n, (x, y) in enumerate(zip(a, b, strict=True)) if x != y)
    return not (_is_word_at(a, at) and _is_word_at(b, at))


def _is_word_at(core: str, at: int) -> bool:
    """Whether the character at `at` stands in a word of two characters or more."""
    start = 0
    for word in _words(core):
        start = core.find(word, start)
        if start <= at < start + len(word):
            return len(word) > 1
        start += len(word)
    return False


def _is_abbreviation(short: FundName, long: FundName) -> bool:
    """Whether the one takes a character or more of every telling word of the other, in order."""
    brief, full = short.soft_core, long.soft_core
    if len(brief) < 2 or (brief in full and len(brief) > 2 * len(full) / 3) or brief[0] != full[0]:
        return False
    rest = iter(full)
    if not all(char in rest for char in brief):
        return False
    telling = telling_words(long.core)
    return len(telling) > 1 and all(set(w) & set(brief) for w in telling)


@lru_cache(maxsize=100_000)
def _words(core: str) -> tuple[str, ...]:
    """The words of a core, which is compared with many others, in order."""
    return tuple(words(core))


@lru_cache(maxsize=100_000)
def telling_words(core: str) -> frozenset[str]:
    """The words of a core that are not put in or left out at will."""
    return frozenset(w for w in _words(core) if not _SOFT_WORD.fullmatch(w))


def _shared_words(a: FundName, b: FundName) -> tuple[float, str]:
    one, two = telling_words(a.core), telling_words(b.core)
    swapped = _swapped(a.core, b.core)
    if swapped:
        return _SWAPPED, f"“{swapped[0]}”与“{swapped[1]}”不同"
    if one and two and (one <= two or two <= one):
        more = "、".join(sorted(one ^ two))
        return _CONTAINED, f"一方多“{more}”"
    pairs_a, pairs_b = _pairs(a.soft_core), _pairs(b.soft_core)
    both = pairs_a & pairs_b
    if not both:
        return _STRANGE, "名称不同"
    share = 2 * len(both) / (len(pairs_a) + len(pairs_b))
    common = "、".join(sorted(one & two)) or "、".join(sorted(both))
    return round(_RELATED + _OVERLAP * share, 3), f"都有“{common}”，其余不同"


def _swapped(a: str, b: str) -> tuple[str, str] | None:
    """The one word of each name that the other lacks, where all else is the same: 建设 and 管护."""
    one, two = Counter(_words(a)), Counter(_words(b))
    only_a, only_b = sorted((one - two).elements()), sorted((two - one).elements())
    if not (len(only_a) == len(only_b) == 1) or not one & two:
        return None
    return only_a[0], only_b[0]


def _pairs(text: str) -> set[str]:
    """Every two neighbouring characters."""
    return {text[n : n + 2] for n in range(len(text) - 1)}


def _cannot_be(a: FundNode, b: FundNode, around: Surroundings) -> bool:
    """Different stages of a project; projects, and names that every department uses, of two places or departments; the
    central and another budget's money of one name in one year.

    A project that bears the name of a line of money is that money (基本公共卫生服务项目), whoever reports.
    """
    if a.stages and b.stages and not a.stages & b.stages:
        return True
    if a.levels and b.levels and ("central" in a.levels) != ("central" in b.levels) and a.years & b.years:
        return True
    is_generic = a.name.is_generic or b.name.is_generic
    are_projects = around.is_local(a.name) and around.is_local(b.name)
    if not (is_generic or are_projects):
        return False
    here, there = a.places, b.places
    if here and there and not any(_same_place(x, y) for x in here for y in there):
        return True
    if is_generic:
        return not share_department(a, b)
    is_told_by_place = bool(a.named_places and b.named_places)
    return bool(a.organisations and b.organisations) and not is_told_by_place and not share_department(a, b)


def _same_place(x: str, y: str) -> bool:
    return place_stem(x) in y or place_stem(y) in x


def share_department(a: FundNode, b: FundNode) -> bool:
    """Whether an organisation of the one is, or deals with the same as, one of the other: 省农业厅, 省农业农村厅."""
    if a.organisations & b.organisations:
        return True
    fields = [{pair for o in node.organisations for pair in _pairs(field_of(o))} for node in (a, b)]
    return bool(fields[0] & fields[1])


def _against(a: FundNode, b: FundNode, around: Surroundings) -> list[tuple[float, str]]:
    """What in the names speaks against one fund though they look alike."""
    out: list[tuple[float, str]] = []
    if a.levels and b.levels and ("central" in a.levels) != ("central" in b.levels):
        out.append((_OTHER_BUDGET, "级次不同"))
    elif bool(a.levels) != bool(b.levels) and (a.cores | b.cores) & around.of_two_budgets:
        out.append((_BUDGET_UNSAID, "同名资金有几个级次"))
    if (
        a.scope
        and b.scope
        and a.scope != b.scope
        and len(a.name.core) < SHORT_CORE
        and a.name.core == b.name.core
    ):
        out.append((_SHORT_NAME_ELSEWHERE, "简称相同，单位不同"))
    one, two = a.named_places, b.named_places
    is_elsewhere = one and two and not any(_same_place(x, y) for x in one for y in two)
    if is_elsewhere and a.name.kind != "transfer" and not a.cores & around.placeless:
        out.append((_OTHER_PLACE_NAMED, "地区不同"))
    if bool(a.stages) != bool(b.stages):
        out.append((_STAGE_UNSAID, f"一方为{'、'.join(sorted(a.stages or b.stages))}"))
    if a.notes and b.notes and not a.notes & b.notes:
        out.append((_OTHER_NOTES, f"括号内不同：{'、'.join(sorted(a.notes))}／{'、'.join(sorted(b.notes))}"))
    if {a.name.kind, b.name.kind} == {"project", "transfer"}:
        out.append((_PROJECT_OR_MONEY, ""))
    return out


def _from_reports(a: FundNode, b: FundNode, base: float) -> list[tuple[float, str]]:
    """What organisations, years and indicators of the reports say."""
    out: list[tuple[float, str]] = []
    if a.organisations & b.organisations:
        out.append((_SAME_OFFICE, "单位相同"))
    elif a.organisations and b.organisations and base < _SAME_CORE and not a.places & b.places:
        out.append((_OTHER_PLACE, "单位、地区不同"))
    if a.years and b.years and base < _REORDERED:
        if a.years & b.years:
            is_beside = {slot[:2] for slot in a.slots} & {slot[:2] for slot in b.slots}
            out.append((_SIDE_BY_SIDE if base < _SHORT_BUT_SOFT and is_beside else _OVERLAPPING, "年度重叠"))
        elif max(a.years) + 1 == min(b.years) or max(b.years) + 1 == min(a.years):
            out.append((_SUCCESSION, "年度相接"))
    alike = likeness(a.vector, b.vector)
    if alike is not None:
        weight, why = next((w, y) for least, w, y in _LIKENESS if alike >= least)
        if base < _SAME_CORE or weight < 0:
            out.append((weight if base < _SAME_CORE else weight / 2, why))
    are_running_costs = a.name.is_generic and b.name.is_generic
    if a.name.kind == b.name.kind == "project" and base < _SHORT_BUT_SOFT and not are_running_costs:
        out.append((_PROJECT_WITH_MORE if base == _CONTAINED else _OTHER_PROJECT, "项目名称不同"))
    return out


def likeness(a: Mapping[str, float], b: Mapping[str, float]) -> float | None:
    """Cosine of two weighted sets of words, 0 to 1; None where one of them is too small to say anything."""
    if len(a) < _FEW_INDICATORS or len(b) < _FEW_INDICATORS:
        return None
    small, large = (a, b) if len(a) < len(b) else (b, a)
    return sum(weight * large[word] for word, weight in small.items() if word in large)


@dataclass(frozen=True, slots=True)
class WordSpread:
    """How many of so many funds (`total`) a word stands in, in the names of their indicators."""

    total: int
    funds: Mapping[str, int]


def weigh_indicators(nodes: Sequence[FundNode], spread: WordSpread | None) -> WordSpread:
    """Gives each node the weights of its indicators' words, as rare as `spread` says, or else as they are among these
    nodes; returns which it was."""
    weights, spread = vectors([n.indicators for n in nodes], spread)
    for node, vector in zip(nodes, weights, strict=True):
        node.vector = vector
    return spread


def vectors(
    named: Sequence[Collection[str]], spread: WordSpread | None
) -> tuple[list[dict[str, float]], WordSpread]:
    """For each fund, from its indicators' names, the weights of their words: rare words weigh more, and the whole has
    length 1."""
    cut = [Counter[str]() for _ in named]
    known: dict[str, list[str]] = {}
    for counts, names in zip(cut, named, strict=True):
        for name in sorted(names):
            if name not in known:
                known[name] = words(name)
            counts.update(set(known[name]))
    spread = spread or WordSpread(len(named), Counter(word for counts in cut for word in counts))
    out = []
    for counts in cut:
        raw = {
            w: (1 + math.log(n)) * math.log(1 + spread.total / spread.funds.get(w, 1))
            for w, n in counts.items()
        }
        length = math.sqrt(sum(v * v for v in raw.values())) or 1.0
        out.append({w: v / length for w, v in sorted(raw.items())})
    return out, spread
