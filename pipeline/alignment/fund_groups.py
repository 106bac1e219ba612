"""Matches between names -> groups of names, one a fund, and the id of each group."""

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import product

from pipeline.alignment.fund_matching import FundNode, Match

MERGE, ASK = 0.85, 0.6
"""Names that match at least so well are one fund; between the two a person is asked; below, they are two funds."""
_LEAST_MEAN = 0.5
"""Two groups are joined only where so many of their pairs match, not only the two names at their ends."""
_MOST_COMPARED = 400
"""Pairs that are looked at for that."""
_SHORT_NAME = 4
_ID_DIGITS = 10


def joined(nodes: Sequence[FundNode], matches: Mapping[tuple[int, int], Match]) -> list[list[int]]:
    """Groups of nodes, the best matches first; no group holds two that can never be one.

    What people decided comes before all else, and what they parted stays apart.
    """
    group_of = list(range(len(nodes)))
    members: dict[int, list[int]] = {i: [i] for i in group_of}
    never = {pair for pair, m in matches.items() if m.never}
    by_file = {pair for pair in never if matches[pair].decided_by == "file"}
    order = sorted(
        (pair for pair, m in matches.items() if not m.never and m.score >= MERGE),
        key=lambda pair: (matches[pair].decided_by != "file", -matches[pair].score, pair),
    )
    for a, b in order:
        one, two = sorted((group_of[a], group_of[b]))
        if one == two:
            continue
        match = matches[a, b]
        barred = by_file if match.decided_by == "file" else never
        if not _fits(
            members[one], members[two], barred, matches, is_sure=match.decided_by in ("file", "report")
        ):
            continue
        for i in members[two]:
            group_of[i] = one
        members[one] += members.pop(two)
    return [sorted(group) for _, group in sorted(members.items())]


def _fits(
    one: Sequence[int], two: Sequence[int], barred: set[tuple[int, int]],
    matches: Mapping[tuple[int, int], Match], *, is_sure: bool,
) -> bool:  # fmt: skip
    good = seen = 0
    for a, b in product(one, two):
        pair = (min(a, b), max(a, b))
        if pair in barred:
            return False
        match = matches.get(pair)
        good += match is not None and match.score >= ASK
        seen += 1
        if seen == _MOST_COMPARED:
            break
    return is_sure or good >= _LEAST_MEAN * seen


def representative(nodes: Sequence[FundNode], group: Sequence[int]) -> int:
    """The node whose name the fund bears: the one that most reports use, of several no short name, then the latest."""
    return min(
        group,
        key=lambda i: (
            -len(nodes[i].reports),
            len(nodes[i].name.soft_core) < _SHORT_NAME,
            -max(nodes[i].years, default=0),
            len(nodes[i].key),
            nodes[i].key,
            nodes[i].scope or "",
        ),
    )


def fund_ids(nodes: Sequence[FundNode], groups: Sequence[Sequence[int]]) -> list[str]:
    """An id for each group: the one that most of its reports had before, so that ids last; else a hash of the name
    under which it is seen first."""
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
            if fresh not in taken:
                ids[n] = fresh
                taken.add(fresh)
    return [ids[n] for n in range(len(groups))]


def _hashed(nodes: Sequence[FundNode], group: Sequence[int], salt: int) -> str:
    first = min(group, key=lambda i: (min(nodes[i].years, default=9999), nodes[i].key, nodes[i].scope or ""))
    text = f"{nodes[first].key}|{nodes[first].scope or ''}" + (f"|{salt}" if salt else "")
    return "F" + hashlib.sha256(text.encode()).hexdigest()[:_ID_DIGITS]
