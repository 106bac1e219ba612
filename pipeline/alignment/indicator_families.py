"""Which names stand for one indicator in all funds, so that clusters of several funds meet under one id.

Two main names meet where they differ in form or synonyms only, or where funds that know both take them for one. What
counts are the names alone: the words of a fund's own name, which its indicators leave out, say nothing elsewhere.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import combinations
from typing import NamedTuple

from pipeline.alignment.indicator_matching import WordExperience, compare_names, told_in_words
from pipeline.alignment.indicator_names import NameForm

Key = tuple[str, str]
"""A main name's normal form and its kind of unit ("" for none)."""
Pair = tuple[Key, Key]
"""Two main names, the lesser first."""

_SURE = 3.1
"""Log odds from which on names that differ in form only are one in all funds: synonyms, but no word more."""
_SUPPORTED = 0.5
"""Log odds from which on names are one in all funds where some fund takes them for one. Names that share a single word
have less: what a fund leaves out of 培训农民人数, since it is about them, is not left out elsewhere."""
_NEVER = -1.5
"""Log odds below which a name keeps its whole family out of another."""
_LARGEST_FAMILY = 40
"""Main names that stand for one indicator; more are a chain of names that mean less and less."""
_LARGEST_BLOCK = 48
"""Main names of one content that are compared with each other."""
_MOST_HEARD = 5
"""Funds beyond which more of them make it no surer."""
_MOST_NAMES = 40
"""Names of a cluster that speak for other funds; decisions may have made it larger."""


class KeyHead(NamedTuple):
    """A main name's form, and the funds that have it."""

    form: NameForm
    funds: int


SideBySide = Callable[[Collection[Pair]], Mapping[Pair, int]]
"""In how many funds two main names are two indicators."""


def families(
    heads: Mapping[Key, KeyHead],
    heard: Iterable[tuple[str, Collection[str]]],
    side_by_side: SideBySide,
    known: WordExperience,
    settled: Mapping[Key, Key],
) -> Mapping[Key, Key]:
    """For each main name that others share an indicator with, the one that stands for them all.

    `heard` gives for the indicators of funds with several names their kind and the normal forms of all names, the main
    one first. `settled` main names stand for what they stood for before: others may come to them, but what they stand
    for does not become one.
    """
    labels = frozenset(settled.values())
    settled = {key: settled.get(key, key) for key in heads if key in settled or key in labels}
    rank = {key: no for no, key in enumerate(sorted(heads, key=lambda k: (not k[1], -heads[k].funds, k)))}
    links = _links(heads, settled, _together(heard, heads), side_by_side, known)
    home = {key: settled.get(key, key) for key in heads}
    inside: defaultdict[Key, list[Key]] = defaultdict(list)
    for key in sorted(heads):
        inside[home[key]].append(key)
    for one, other in sorted(links, key=lambda pair: (-links[pair], sorted((rank[pair[0]], rank[pair[1]])))):
        kept, gone = sorted((home[one], home[other]), key=lambda k: (k not in labels, rank.get(k, -1)))
        if kept == gone or gone in labels or not _one(inside[kept], inside[gone], heads, known):
            continue
        for key in inside[gone]:
            home[key] = kept
        inside[kept] += inside.pop(gone)
    return {key: kept for key, kept in home.items() if len(inside[kept]) > 1 or kept != key}


def _together(heard: Iterable[tuple[str, Collection[str]]], heads: Mapping[Key, KeyHead]) -> Counter[Pair]:
    """How many funds take two main names for one."""
    found: Counter[Pair] = Counter()
    for kind, stricts in heard:
        main, *others = stricts
        keys = {key for strict in (main, *sorted(others)[:_MOST_NAMES]) if (key := (strict, kind)) in heads}
        found.update(_pair(a, b) for a, b in combinations(keys, 2))
    return found


def _links(
    heads: Mapping[Key, KeyHead],
    settled: Collection[Key],
    together: Counter[Pair],
    side_by_side: SideBySide,
    known: WordExperience,
) -> dict[Pair, float]:
    """Main names that are one, and how sure that is; not such as more funds take for two."""
    blocks: defaultdict[tuple[str, frozenset[str]], list[Key]] = defaultdict(list)
    kinds: defaultdict[str, list[Key]] = defaultdict(list)
    for key in sorted(heads):
        blocks[key[1], heads[key].form.content].append(key)
        kinds[key[0]].append(key)
    likely = set(together)
    for none, *stated in kinds.values():
        if not none[1] and len(stated) == 1:  # the same name, where no report printed its unit
            likely.add((none, stated[0]))
    for (_, content), block in blocks.items():
        if content and len(block) <= _LARGEST_BLOCK:
            likely.update(_pair(a, b) for a, b in combinations(block, 2))
    links = {}
    for one, other in likely:
        heard, a, b = together[one, other], heads[one].form, heads[other].form
        if (one in settled and other in settled) or told_in_words(a, one[1], b, other[1]):
            continue
        match = compare_names(a, b, known)
        if (match.by_name and match.odds >= _SURE) or (heard and match.odds >= _SUPPORTED):
            links[one, other] = round(match.odds + min(heard, _MOST_HEARD), 6)
    apart = side_by_side(links)
    return {pair: odds for pair, odds in links.items() if apart.get(pair, 0) <= together[pair]}


def _one(
    left: Sequence[Key], right: Sequence[Key], heads: Mapping[Key, KeyHead], known: WordExperience
) -> bool:
    """Two families may become one: they have no two kinds of units, and no name is impossible for another."""
    if len(left) + len(right) > _LARGEST_FAMILY or len({kind for _, kind in (*left, *right) if kind}) > 1:
        return False
    matches = (compare_names(heads[a].form, heads[b].form, known) for a in left for b in right)
    return all(match.odds >= _NEVER and not match.parallel for match in matches)


def _pair(one: Key, other: Key) -> Pair:
    return (one, other) if one <= other else (other, one)
