"""Which names of funds are compared, and what is known of each pair: by the rules, by the reports, by people."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import combinations

from pipeline.alignment.decisions import FundDecision, groups_of, name_key
from pipeline.alignment.fund_groups import ASK, Pair, pair_of
from pipeline.alignment.fund_matching import Match, compare, likeness, share_department, telling_words
from pipeline.alignment.fund_names import place_stem
from pipeline.alignment.fund_nodes import SHORT_CORE, FundNode, Surroundings

COMMON = 60
"""A word that more names share than this tells too little to compare them all by it."""
_LARGE_GROUP = 120
"""Names of one core are compared each with each up to so many, else each with the most frequent one."""
STATED, _SAID = 0.99, 0.8
"""How sure a name is that a report states; and one that it states while nothing else ties the two."""
_LIKELY = 0.4
"""From this likeness of the indicators on, they tie a stated short name to its fund."""


@dataclass(frozen=True, slots=True)
class Verdicts:
    """What people decided on the nodes at hand: pairs that are the same and why, pairs that are apart and why."""

    same: Mapping[Pair, str]
    apart: Mapping[Pair, str]


def verdicts(nodes: Sequence[FundNode], decisions: Sequence[FundDecision]) -> Verdicts:
    """The decisions as pairs of nodes. What is the same by way of names that no report prints is the same too; a name
    that every department uses is joined within each department only."""
    by_key = _by_key(nodes)
    same: dict[Pair, str] = {}
    told = [(name_key(d.name), name_key(d.other), d.line) for d in decisions if d.same]
    lines = {name: line for one, two, line in told for name in (one, two)}
    groups = groups_of((one, two) for one, two, _ in told)
    for group in (sorted(group) for key, group in sorted(groups.items()) if min(group) == key):
        present = [i for key in group for i in by_key.get(key, ())]
        for a, b in combinations(present, 2) if any(nodes[i].scope for i in present) else _chain(present):
            scoped = nodes[a].scope and nodes[b].scope
            if nodes[a].key != nodes[b].key and (not scoped or share_department(nodes[a], nodes[b])):
                same[pair_of(a, b)] = decided_reason(max(lines[nodes[a].key], lines[nodes[b].key]), same=True)
    apart = {
        pair_of(a, b): decided_reason(d.line, same=False)
        for d in decisions
        if not d.same
        for a in by_key.get(name_key(d.name), ())
        for b in by_key.get(name_key(d.other), ())
    }
    return Verdicts(same, apart)


def decided_reason(line: int, *, same: bool) -> str:
    """What a line of the file is told as."""
    return f"对照表第{line}行：{'相同' if same else '不同'}"


def _by_key(nodes: Sequence[FundNode]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = defaultdict(list)
    for index, node in enumerate(nodes):
        found[node.key].append(index)
    return found


def _chain(nodes: Sequence[int]) -> Iterator[Pair]:
    return ((nodes[0], other) for other in nodes[1:])


@dataclass(frozen=True, slots=True)
class Compared:
    """What is known of pairs already: `matches` by the codes of two nodes, the lesser first. They hold for nodes that are
    `quiet`, as they were. What is not among them, nothing speaks for, or nobody compared."""

    matches: Mapping[tuple[int, int], Match]
    quiet: Set[int]

    def match(self, one: int, other: int) -> Match | None:
        """The match of two codes."""
        return self.matches.get(pair_of(one, other)) if one in self.quiet and other in self.quiet else None


def rule_matches(
    nodes: Sequence[FundNode], codes: Sequence[int], around: Surroundings, elsewhere: Mapping[int, int], known: Compared
) -> dict[Pair, Match]:  # fmt: skip
    """What the rules say of all pairs worth comparing: those that something speaks for, and those that cannot be. What is
    `known` is not compared again. `elsewhere` counts by `sign_code` the names besides `nodes`
    that share a sign with them."""
    out: dict[Pair, Match] = {}
    for a, b in sorted(_of_one_core(nodes, around, elsewhere) | _related(nodes, elsewhere)):
        match = known.match(codes[a], codes[b]) or compare(nodes[a], nodes[b], around)
        if match.never or match.score >= ASK:
            out[a, b] = match
    return out


def stated_matches(
    nodes: Sequence[FundNode], group_of: Mapping[int, int], whole: Sequence[FundNode]
) -> dict[Pair, Match]:
    """Pairs of groups of which a report of the one says that it is also called as the other.

    A short name is followed where the organisation, the department or the indicators tie the two; else it is asked.
    """
    by_key = _by_key(nodes)
    out: dict[Pair, Match] = {}
    for index, other in ((index, other) for index, node in enumerate(nodes) for other in sorted(node.stated)):
        for target in by_key.get(name_key(other), ()):
            one, two = group_of[index], group_of[target]
            if one != two:
                match = _stated(whole[one], whole[two], nodes[target], other)
                pair = pair_of(one, two)
                if pair not in out or out[pair].score < match.score:
                    out[pair] = match
    return out


def _stated(one: FundNode, two: FundNode, target: FundNode, other: str) -> Match:
    alike = likeness(one.vector, two.vector)
    shares_place = not (one.places and two.places) or bool(one.places & two.places)
    is_tied = (
        bool(one.organisations & two.organisations)
        or (alike is not None and alike >= _LIKELY)
        or (shares_place and (len(target.name.core) >= SHORT_CORE or share_department(one, two)))
    )
    return Match(
        STATED if is_tied else _SAID,
        f"报告写明又称“{other}”" + ("" if is_tied else "；单位、指标不同"),
        "report",
    )


def telling_signs(node: FundNode, around: Surroundings) -> Iterator[object]:
    """What names that could be one with a node's share with it, however many do."""
    yield from _cores(node, around)
    for name in (node.key, *map(name_key, node.stated)):
        yield ("said", name)


def sign_code(sign: object) -> int:
    """A number for a sign, the same in every run."""
    digest = hashlib.blake2b(repr(sign).encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _cores(node: FundNode, around: Surroundings) -> Iterator[object]:
    for form in node.forms:
        keys = form.core, "".join(sorted(form.soft_core))
        if around.is_local(form):
            yield from ((key, place_stem(place)) for key in keys for place in sorted(node.places) or [""])
        else:
            yield from keys


def _of_one_core(nodes: Sequence[FundNode], around: Surroundings, elsewhere: Mapping[int, int]) -> set[Pair]:
    """Pairs of one core, or of one but for soft words and their order; projects only within one place."""
    pairs: set[Pair] = set()
    for group, others in _grouped(nodes, lambda node: _cores(node, around), elsewhere):
        if len(group) + others <= _LARGE_GROUP:
            pairs.update(combinations(group, 2))
        else:
            middle = max(group, key=lambda i: (nodes[i].reports, -i))
            pairs.update(pair_of(i, middle) for i in group if i != middle)
    return pairs


def _related(nodes: Sequence[FundNode], elsewhere: Mapping[int, int]) -> set[Pair]:
    """Pairs that share a rarer word, may be a slip or an abbreviation of each other, or follow each other in time:
    found through what they share, so that the work grows with the pairs that share something."""
    pairs: set[Pair] = set()
    for group, others in _grouped(nodes, common_signs, elsewhere):
        if len(group) + others <= COMMON:
            pairs.update(combinations(group, 2))
    return pairs


def common_signs(node: FundNode) -> Iterator[object]:
    """What a node shares with names that could be one with it, unless more than `COMMON` share it."""
    for form in node.forms:
        yield from telling_words(form.core)
        yield from _shortened(form.core)
        yield from _shortened(form.core + form.tail)
    if node.years:
        for organisation in node.organisations:  # one name's reports end where the other's begin
            yield ("year", organisation, min(node.years))
            yield ("year", organisation, max(node.years) + 1)


def _shortened(core: str) -> Iterator[tuple[str, ...]]:
    """Keys that names with one slip of the pen share, and abbreviations with what they stand for."""
    for at in range(len(core)):
        yield ("slip", core[:at], core[at + 1 :])
    yield ("begins", core[:1])
    yield ("begins", core[:2])


def _grouped(
    nodes: Sequence[FundNode], keys_of: Callable[[FundNode], Iterable[object]], elsewhere: Mapping[int, int]
) -> Iterator[tuple[list[int], int]]:
    """Nodes that share a key, and how many more there are elsewhere."""
    groups: dict[object, list[int]] = defaultdict(list)
    for index, node in enumerate(nodes):
        for key in set(keys_of(node)):
            groups[key].append(index)
    for key, group in groups.items():
        if len(group) > 1:
            yield group, elsewhere.get(sign_code(key), 0) if elsewhere else 0
