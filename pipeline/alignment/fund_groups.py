"""Matches between names -> groups of names, one a fund, and the id of each group."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import islice, product

from pipeline.alignment.fund_matching import Match
from pipeline.alignment.fund_nodes import FundNode

Pair = tuple[int, int]
"""Two nodes, the lesser first."""

MERGE, ASK = 0.85, 0.6
"""Names that match at least so well are one fund; between the two a person is asked; below, they are two funds."""
_LEAST_MEAN = 0.5
"""Two groups are joined only where so many of their pairs match, not only the two names at their ends."""
_MOST_COMPARED = 400
"""Pairs that are looked at for that."""
_CLEARLY = 0.1
"""By so much a match is better than another one."""
_MOST_RIVALS = 40
_SURE = ("file", "report")
"""Matches that need no others beside them."""
_SHORT_NAME = 4
_ID_DIGITS = 10


def joined(nodes: Sequence[FundNode], matches: Mapping[Pair, Match]) -> list[list[int]]:
    """Groups of nodes, the best matches first; no group holds two that can never be one.

    What people decided comes before all else, and what they parted stays apart. A node that is nearly as alike to two
    that can never be one is left to itself: somebody is to be asked.
    """
    barred = both_ways(pair for pair, match in matches.items() if match.never)
    order = sorted(
        (pair for pair, m in matches.items() if not m.never and m.score >= MERGE),
        key=lambda pair: (matches[pair].decided_by != "file", -matches[pair].score, pair),
    )
    torn = _torn(order, matches, barred)
    groups = _Groups(len(nodes), matches, barred)
    for pair in order:
        if pair not in torn:
            groups.join(*pair)
    return groups.all()


def _torn(
    order: Sequence[Pair], matches: Mapping[Pair, Match], barred: defaultdict[int, set[int]]
) -> set[Pair]:
    """Matches of a node with two others that can never be one, of which none is clearly the better."""
    partners: dict[int, list[int]] = defaultdict(list)
    for a, b in order:
        if matches[a, b].decided_by in ("name", "evidence"):
            partners[a].append(b)
            partners[b].append(a)
    out: set[Pair] = set()
    for node, others in partners.items():
        rivals = others[:_MOST_RIVALS]
        for at, one in enumerate(rivals):
            for two in barred[one].intersection(rivals[at + 1 :]):
                pairs = pair_of(node, one), pair_of(node, two)
                if abs(matches[pairs[0]].score - matches[pairs[1]].score) < _CLEARLY:
                    out.update(pairs)
    return out


def both_ways(pairs: Iterable[Pair]) -> defaultdict[int, set[int]]:
    """For each node those that it is in a pair with."""
    out: defaultdict[int, set[int]] = defaultdict(set)
    for a, b in pairs:
        out[a].add(b)
        out[b].add(a)
    return out


class _Groups:
    """Groups under way: each knows the groups that it must not be joined with, at first the nodes that are `barred`; it
    keeps that up to date."""

    def __init__(self, size: int, matches: Mapping[Pair, Match], barred: defaultdict[int, set[int]]) -> None:
        self._matches = matches
        self._group_of = list(range(size))
        self._members = {i: [i] for i in range(size)}
        self._barred = barred
        self._parted = both_ways(
            p for p, match in matches.items() if match.never and match.decided_by == "file"
        )

    def join(self, a: int, b: int) -> None:
        """Joins the groups of two nodes, unless something forbids it."""
        one, two = sorted((self._group_of[a], self._group_of[b]))
        match = self._matches[a, b]
        bars = self._parted if match.decided_by == "file" else self._barred
        if one == two or two in bars[one] or not (match.decided_by in _SURE or self._are_alike(one, two)):
            return
        for i in self._members[two]:
            self._group_of[i] = one
        self._members[one] += self._members.pop(two)
        for kept in (self._barred, self._parted):
            for other in kept.pop(two, ()):
                kept[other].discard(two)
                kept[other].add(one)
                kept[one].add(other)

    def _are_alike(self, one: int, two: int) -> bool:
        """Whether enough of the pairs between two groups match, not only the two nodes at their ends."""
        found = list(islice(product(self._members[one], self._members[two]), _MOST_COMPARED))
        matches = [m for a, b in found if (m := self._matches.get(pair_of(a, b))) and m.score >= ASK]
        return len(matches) >= _LEAST_MEAN * len(found)

    def all(self) -> list[list[int]]:
        """The groups, each sorted, in a fixed order."""
        return [sorted(group) for _, group in sorted(self._members.items())]


def pair_of(a: int, b: int) -> Pair:
    """Two nodes as a key."""
    return (a, b) if a < b else (b, a)


def representative(nodes: Sequence[FundNode], group: Sequence[int]) -> int:
    """The node whose name the fund bears: the one that most reports use, of several no short name, then the latest."""
    return min(
        group,
        key=lambda i: (
            -nodes[i].reports,
            len(nodes[i].name.soft_core) < _SHORT_NAME,
            -max(nodes[i].years, default=0),
            len(nodes[i].key),
            nodes[i].key,
            nodes[i].scope or "",
        ),
    )


def fund_ids(
    nodes: Sequence[FundNode], groups: Sequence[Sequence[int]], is_taken: Callable[[str], bool]
) -> list[str]:
    """An id for each group: the one that most of its reports had before, so that ids last; else a hash of the name
    under which it is seen first, which no other fund has (`is_taken`)."""
    claims = sorted(
        (-count, fund_id, n)
        for n, group in enumerate(groups)
        for fund_id, count in sum((nodes[i].previous for i in group), Counter[str]()).items()
    )
    ids: dict[int, str] = {}
    taken: set[str] = set()
    for _, fund_id, n in claims:
        if n not in ids and fund_id not in taken:
            ids[n] = fund_id
            taken.add(fund_id)
    for n, group in enumerate(groups):
        salt = 0
        while n not in ids:
            fresh = _hashed(nodes, group, salt)
            salt += 1
            if fresh not in taken and not is_taken(fresh):
                ids[n] = fresh
                taken.add(fresh)
    return [ids[n] for n in range(len(groups))]


def _hashed(nodes: Sequence[FundNode], group: Sequence[int], salt: int) -> str:
    first = min(group, key=lambda i: (min(nodes[i].years, default=9999), nodes[i].key, nodes[i].scope or ""))
    text = f"{nodes[first].key}|{nodes[first].scope or ''}" + (f"|{salt}" if salt else "")
    return "F" + hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]
