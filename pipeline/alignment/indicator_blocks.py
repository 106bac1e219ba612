"""Which names of a scope are compared at all, and what the rows of its tables teach of words.

Names that can be one indicator lack few content words of each other, so that both are found under what is left
of them without one or two words. Nothing here is quadratic in the names of a scope.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

from pipeline.alignment.indicator_evidence import Named
from pipeline.alignment.indicator_matching import WordExperience
from schemas.indicator_words import WEAK_WORDS

_LARGEST_BLOCK = 48
"""Names under one key that are compared with each other; beyond, the key is a subject that all names share."""
_TWO_OUT, _ONE_OUT = 8, 16
"""Content words up to which two, or one, are left out to find names that lack them."""
_THIN = 1
"""Content words up to which a rate is also found by its head, and people's satisfaction by being one."""
_LEAST_FUNDS = 2
"""Added to the funds that know a word, so that one table alone does not make a rule."""

_Key = tuple[str, ...]


def pairs(names: Sequence[Named]) -> Iterator[tuple[int, int]]:
    """Positions of names that are worth comparing, each pair once, the lower first, in no order that means anything."""
    blocks: defaultdict[_Key, list[int]] = defaultdict(list)
    forms: defaultdict[str, list[int]] = defaultdict(list)
    for no, name in enumerate(names):
        for key in _keys(name):
            blocks[key].append(no)
        forms[name.form.letters].append(no)
    seen: set[tuple[int, int]] = set()
    for block in blocks.values():
        if 1 < len(block) <= _LARGEST_BLOCK:
            seen.update(combinations(block, 2))
    for alike in forms.values():
        seen.update(pairwise(alike))
    yield from sorted(seen)


class Lesson(NamedTuple):
    """What one scope teaches: pairs of words that tell two rows of a table apart (in order), words that do so by being
    added, and all words of its names."""

    contrasts: frozenset[tuple[str, str]]
    added: frozenset[str]
    words: frozenset[str]


def lesson(names: Sequence[Named]) -> Lesson:
    """What tells rows of one table apart in a scope."""
    contrasts: set[tuple[str, str]] = set()
    added: set[str] = set()
    words: set[str] = set()
    for a, b in _rows_alike(names):
        content = _difference(a.form.content, b.form.content)
        weak = _difference(a.form.weak, b.form.weak)
        if content and weak:
            continue
        left, right = content or weak or ("", "")
        if left and right:
            contrasts.add((left, right) if left <= right else (right, left))
        elif left or right:
            added.add(left or right)
    for name in names:
        words.update(name.form.content, name.form.weak)
    return Lesson(frozenset(contrasts), frozenset(added), frozenset(words | added))


def experience(contrasts: Iterable[tuple[str, str]], words: Iterable[tuple[str, int, int]]) -> WordExperience:
    """What the lessons of all scopes teach together: their contrasts, and of words how many scopes know them and in
    how many of these they are added."""
    pairs_of = frozenset(pair for left, right in contrasts for pair in ((left, right), (right, left)))
    shares = {word: added / (known + _LEAST_FUNDS) for word, known, added in words if added}
    return WordExperience(pairs_of, shares)


def _rows_alike(names: Sequence[Named]) -> Iterator[tuple[Named, Named]]:
    """Pairs of names of one table that differ in a word or two."""
    blocks: defaultdict[_Key, list[int]] = defaultdict(list)
    for no, name in enumerate(names):
        words = tuple(sorted(name.form.content))
        if 0 < len(words) <= _ONE_OUT:
            blocks[words].append(no)
            if len(words) > 1:
                for key in combinations(words, len(words) - 1):
                    blocks[key].append(no)
    for block in blocks.values():
        if 1 < len(block) <= _LARGEST_BLOCK:
            for i, j in combinations(block, 2):
                a, b = names[i], names[j]
                if a.form.measure == b.form.measure and a.shares_table(b) and not _one_kind_each(a, b):
                    yield a, b


def _one_kind_each(a: Named, b: Named) -> bool:
    return a.kind is not None and b.kind is not None and a.kind != b.kind


def _difference(one: frozenset[str], other: frozenset[str]) -> tuple[str, str] | None:
    """The one word on each side that the other lacks, "" where there is none; None where more differ or nothing."""
    left, right = one - other, other - one
    if len(left) > 1 or len(right) > 1 or not (left or right):
        return None
    return next(iter(left), ""), next(iter(right), "")


def _keys(name: Named) -> Iterator[_Key]:
    words = tuple(sorted((name.form.content | name.form.numbers) - WEAK_WORDS))
    if len(words) <= _THIN and name.form.measure in ("rate", "satisfaction", "quality", None):
        head = name.form.head or ""
        yield "", name.form.measure or "", "" if head in WEAK_WORDS else head
    if not words:
        return
    yield words
    out = 2 if len(words) <= _TWO_OUT else 1 if len(words) <= _ONE_OUT else 0
    for fewer in range(max(len(words) - out, 1), len(words)):
        yield from combinations(words, fewer)
