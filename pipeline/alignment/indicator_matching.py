"""How far two names of indicators say the same.

Names are compared in log odds: sums of what each difference costs, so that evidence from outside
(`indicator_evidence`) is simply added.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pipeline.alignment.indicator_names import NameForm
from pipeline.alignment.indicator_segments import CANONICAL, misprinted
from schemas.indicator_words import (
    CONTRASTS,
    COUNTED,
    DISTINCT_ADDITIONS,
    GENERIC_NOUNS,
    STANDS_FOR,
    TELLING_WEAK,
    VAGUE_ADDITIONS,
    WIDE_HEADS,
)

SAME, IMPOSSIBLE = 3.6, -9.0
"""Log odds of names that differ in nothing that matters, and of names that cannot be one indicator."""
_SYNONYM, _WEAK, _WEAK_SWAP, _NOTE, _SHORTENED = 0.4, 0.55, 1.0, 0.7, 1.0
_GENERIC, _CONTENT, _FURTHER, _NUMBER, _GENERIC_SWAP, _SWAP = 1.0, 2.3, 1.3, 3.0, 2.6, 3.4
_SHORT_FORM_COST, _SHORTEST = 1.7, 2
_MEASURE_LEFT_OUT, _MEASURE_NEAR, _MEASURE_OTHER = 0.15, 0.5, 4.0
_LEARNED = 1.6
"""How much dearer an addition gets that, in this archive, always tells two rows of a table apart."""
_DISTINCT = 2.2
"""Cost of an addition that makes another indicator of a name (新增), beside that of any content word."""

_CONTRASTS: frozenset[tuple[str, str]] = frozenset(
    (CANONICAL.get(a, a), CANONICAL.get(b, b))
    for group in CONTRASTS
    for a in group
    for b in group
    if CANONICAL.get(a, a) != CANONICAL.get(b, b)
)
_VAGUE = frozenset(CANONICAL.get(word, word) for word in VAGUE_ADDITIONS)
_DISTINCT_WORDS = frozenset(CANONICAL.get(word, word) for word in DISTINCT_ADDITIONS)


class NameMatch(NamedTuple):
    """How far two names say the same: log odds, the difference in Chinese, and whether it is but one of form.

    `swapped`: each has a word of its own, which nothing but people can tell to mean the same. `parallel`: the words
    stand in each other's place (山羊存栏, 绵羊存栏), so that not even a third name makes the two one; not so
    群众政策知晓 and 政策宣传知晓."""

    odds: float
    reason: str
    by_name: bool
    swapped: bool = False
    parallel: bool = False


@dataclass(frozen=True, slots=True)
class WordExperience:
    """What the archive itself teaches of words: pairs that tell two rows of one table apart, and for words the share
    of the funds that know them where adding the word does so."""

    contrasts: frozenset[tuple[str, str]] = frozenset()
    additions: Mapping[str, float] = field(default_factory=dict)


def compare_names(
    a: NameForm, b: NameForm, known: WordExperience, topic: frozenset[str] = frozenset()
) -> NameMatch:
    """How far two names say the same, by what the archive taught of words; `topic` are words of the fund's own name."""
    if a.clean == b.clean:
        return NameMatch(SAME + 2, "名称相同", True)
    if a.strict == b.strict or _cut_otherwise(a, b):
        same_order = "仅虚词或标点不同" if a.plain == b.plain else "词语相同，词序不同"
        return NameMatch(SAME + 1, _read_as(a, b) or same_order, True)
    if a.negations != b.negations or (a.numbers and b.numbers and a.numbers != b.numbers):
        return NameMatch(IMPOSSIBLE, "否定词或数字不同", True)
    cost, reasons = _measure_cost(a, b)
    if cost >= _MEASURE_OTHER:
        return NameMatch(SAME - cost - _CONTENT, reasons[0], False)
    left, right = a.content - b.content - b.weak, b.content - a.content - a.weak
    left, right = left | (a.numbers - b.numbers), right | (b.numbers - a.numbers)
    shared = len(a.content & b.content) + 0.35 * len(a.weak & b.weak)
    by_name, swapped = not left and not right, False
    if left and right:
        each, why, swapped = _swap_cost(left, right, shared, known, topic)
        if each < -IMPOSSIBLE and (short := _short_form(a, b)):
            each, why = min((each, why), (_SHORT_FORM_COST * _thinness(shared), short))
            swapped = False
        cost, reasons = cost + each, [*reasons, why]
    elif left or right:
        added, why = _addition_cost(left or right, shared, known, topic, a.weak ^ b.weak)
        cost, reasons = cost + added, [*reasons, why]
    swapped = swapped or (a.codes != b.codes and a.numbers == b.numbers) or _weak_swapped(a, b)
    weak_cost, why_weak = _weak_cost(a, b, shared, known)
    cost += weak_cost
    reasons += why_weak
    if a.notes != b.notes:
        apart = bool(a.notes) and bool(b.notes)
        cost += _SWAP if apart else _NOTE * len(a.notes ^ b.notes)
        reasons.append("括号内说明不同" if apart else "括号内说明有增减")
    if by_name and not weak_cost and not reasons:
        reasons = [_synonyms(a, b)]
    if set(a.plain) != set(b.plain) and set(a.order) == set(b.order):
        cost += _SYNONYM
    reason = _as_printed("，".join(dict.fromkeys([*reasons, _read_as(a, b)])).rstrip("，"), a, b)
    return NameMatch(SAME - cost, reason, by_name and not swapped, swapped, swapped and _parallel(a, b))


def _parallel(a: NameForm, b: NameForm) -> bool:
    """A word of the one stands where a word of the other does: after or before the same word, or as all there is."""
    common = set(a.order) & set(b.order)
    left, right = _places(a.order, common), _places(b.order, common)
    return a.codes != b.codes or any(
        (before == x and before is not None)
        or (after == y and after is not None)
        or before == x == after == y
        for before, after in left
        for x, y in right
    )


def _places(order: Sequence[str], common: set[str]) -> set[tuple[str | None, str | None]]:
    """The words of `common` before and after each other word."""
    places, before = set(), None
    for at, word in enumerate(order):
        if word in common:
            before = word
        else:
            places.add((before, next((later for later in order[at + 1 :] if later in common), None)))
    return places


def _cut_otherwise(a: NameForm, b: NameForm) -> bool:
    """The same characters in other words, since their order differs: each word stands in the other name as it is."""
    if (a.letters, a.codes, a.notes, a.measure) != (b.letters, b.codes, b.notes, b.measure) or not a.letters:
        return False
    one, other = "".join(a.plain), "".join(b.plain)
    return all(word in other for word in a.plain) and all(word in one for word in b.plain)


def told_in_words(a: NameForm, kind: str | None, b: NameForm, other: str | None) -> bool:
    """One is a rate, the other a quality that words may answer (合规率, 合规性): a series only where both are percent."""
    return {a.measure, b.measure} == {"rate", "quality"} and not kind == other == "percent"


def _read_as(a: NameForm, b: NameForm) -> str:
    return "，".join(m for m in (*a.readings, *b.readings) if (m in a.readings) != (m in b.readings))


def _short_form(a: NameForm, b: NameForm) -> str | None:
    """The reason where the words that one side has for itself are a short form of the other's: some of its characters,
    in their order."""
    one, other = ("".join(w for w in x.order if w not in y.order) for x, y in ((a, b), (b, a)))
    short, long = sorted((one, other), key=lambda text: (len(text), text))
    rest = iter(long)
    if len(short) < _SHORTEST or not all(character in rest for character in short):
        return None
    return f"“{short}”系“{long}”的简称"


def _swap_cost(
    left: frozenset[str], right: frozenset[str], shared: float, known: WordExperience, topic: frozenset[str]
) -> tuple[float, str, bool]:
    """Cost of content words that each side has and the other lacks, and whether one stands in the other's place."""
    text = f"“{_listed(left)}”与“{_listed(right)}”不同"
    for x in left:
        for y in right:
            if (x, y) in _CONTRASTS or (x, y) in known.contrasts:
                return -IMPOSSIBLE, f"{text}，系并列事项", True
    for mine, theirs in ((left, right), (right, left)):
        if theirs <= topic:  # a fund's own subject in place of something general: 群众, 公共文化
            cost, why = _addition_cost(mine, shared, known, topic, frozenset())
            return cost + _WEAK * len(theirs), f"{text}，其一系资金名称用语" if why else text, True
    a, b = "".join(sorted(left)), "".join(sorted(right))
    if len(left) == 1 and len(right) == 1:
        short, long = sorted((a, b), key=lambda word: (len(word), word))
        if len(short) >= _SHORTEST and len(long) - len(short) <= 2 and long.startswith(short):
            return _SHORTENED * _thinness(shared), f"“{short}”系“{long}”的简写", False
        if misprinted(a, b):
            return _SYNONYM, f"“{a}”与“{b}”系形近字之误", False
        if short in GENERIC_NOUNS or long in GENERIC_NOUNS:
            return _GENERIC_SWAP * _thinness(shared), text, True
        related = len(set(a) & set(b)) > 0
        return (_SWAP - 0.8 * related) * _thinness(shared), text, True
    return _SWAP * max(len(left), len(right)) * _thinness(shared), text, True


def _weak_swapped(a: NameForm, b: NameForm) -> bool:
    """A weak word stands in another's place and tells by it what is meant: 社会投资 and 就业投资."""
    for one, other in ((a, b), (b, a)):
        telling = (one.weak - other.weak - other.content) & TELLING_WEAK
        own = other.content - one.content - one.weak
        if telling and (own or (other.weak - one.weak - one.content) & TELLING_WEAK):
            return True
    return False


def _addition_cost(
    added: frozenset[str],
    shared: float,
    known: WordExperience,
    topic: frozenset[str],
    weaker: frozenset[str],
) -> tuple[float, str]:
    """Cost of content words that one side has besides all of the other's; `weaker` are weak words of one side."""
    cost, first = 0.0, True
    for word in sorted(added):
        learned = known.additions.get(word, 0.0)
        if word in topic or STANDS_FOR.get(word) in weaker:
            cost += _WEAK + _LEARNED * learned
        elif word in GENERIC_NOUNS or word in _VAGUE:
            cost += _GENERIC + _LEARNED * learned
        else:
            each = _NUMBER if word[0].isdigit() else _CONTENT if first else _FURTHER
            cost += each + _LEARNED * learned + (_DISTINCT if word in _DISTINCT_WORDS else 0.0)
            first = False
    return cost * _thinness(shared), f"多“{_listed(added)}”"


def _weak_cost(a: NameForm, b: NameForm, shared: float, known: WordExperience) -> tuple[float, list[str]]:
    """Cost of weak words that one side lacks; those of a rate's content do not count here."""
    left, right = a.weak - b.weak - b.content, b.weak - a.weak - a.content
    if not left and not right:
        return 0.0, []
    learned = sum(_LEARNED * known.additions.get(word, 0.0) for word in left | right)
    thin = _thinness(shared)
    if left and right:
        cost = _WEAK_SWAP * max(len(left), len(right)) + learned
        if any((x, y) in known.contrasts for x in left for y in right):
            cost += _SWAP
        return cost * thin, [f"“{_listed(left)}”与“{_listed(right)}”不同"]
    return (_WEAK * len(left | right) + learned) * thin, [f"多“{_listed(left | right)}”"]


def _measure_cost(a: NameForm, b: NameForm) -> tuple[float, list[str]]:
    """Cost of measures that differ; `_MEASURE_OTHER` where they are of two quantities."""
    one, other = a.measure, b.measure
    if a.head and b.head and a.head != b.head:
        within = a.head in b.order, b.head in a.order
        wide = within[0] and b.head in WIDE_HEADS, within[1] and a.head in WIDE_HEADS
        if not all(within) and not any(wide):
            return _MEASURE_OTHER + 4, ["衡量口径不同"]
    if one == other:
        return 0.0, []
    if one is None or other is None:
        stated = one or other
        return (_MEASURE_LEFT_OUT if stated in COUNTED else _MEASURE_NEAR * 1.5), ["计量用语有增减"]
    if {one, other} == {"rate", "quality"}:
        return _MEASURE_NEAR, ["计量用语不同"]
    if "count" in (one, other) and one in COUNTED and other in COUNTED:
        return _MEASURE_LEFT_OUT, ["计量用语不同"]
    if {one, other} == {"money", "cost"}:
        return _MEASURE_NEAR * 2, ["计量用语不同"]
    return _MEASURE_OTHER, ["计量对象不同"]


def _thinness(shared: float) -> float:
    """The less two names share, the more a difference weighs: 1 for long names, 2 where almost nothing is shared."""
    return 1.0 + 1.0 / (1.0 + shared * shared)


def _listed(some: Iterable[str]) -> str:
    """Words for a reason, marked, so that `_as_printed` can put what the names print in their place."""
    return "、".join(f"\0{word}\0" for word in sorted(some))


_MARKED = re.compile(r"\0([^\0]+)\0")


def _as_printed(reason: str, a: NameForm, b: NameForm) -> str:
    printed = dict(zip(b.order, b.plain, strict=True)) | dict(zip(a.order, a.plain, strict=True))
    return _MARKED.sub(lambda found: printed.get(found[1], found[1]), reason)


def _synonyms(a: NameForm, b: NameForm) -> str:
    left, right = sorted(set(a.plain) - set(b.plain)), sorted(set(b.plain) - set(a.plain))
    return f"“{'、'.join(left)}”与“{'、'.join(right)}”同义" if left and right else "词序或虚词不同"
