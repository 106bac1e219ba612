"""The same fund across years and reports: mentions -> nodes -> matches -> funds with their aliases and open questions."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import NamedTuple

from pipeline.alignment.decisions import FundDecision, name_key
from pipeline.alignment.fund_groups import ASK, MERGE, fund_ids, joined, representative
from pipeline.alignment.fund_matching import (
    SHORT_CORE,
    FundNode,
    Match,
    Surroundings,
    compare,
    merged,
    place_of,
    telling_words,
    weigh_indicators,
)
from pipeline.alignment.fund_names import FundName, read_fund_name
from schemas.catalogues import AlignmentQuestionRow, FundAliasRow, FundRow

_COMMON = 60
"""A word that more names share than this tells too little to compare them all by it."""
_LARGE_GROUP = 120
"""Names of one core are compared each with each up to so many, else each with the most frequent one."""


class FundMention(NamedTuple):
    """A report as far as its fund goes. `indicators` are the names it gives its indicators; `previous` is the
    fund_id that it has in the previous generation."""

    report_key: int
    name: str | None
    other_names: tuple[str, ...]
    report_type: str
    organisation: str | None
    year_from: int | None
    year: int | None
    previous: str | None
    indicators: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class FundAlignment:
    """`ids` gives each report's fund by report_key; reports that name no fund have none."""

    ids: Mapping[int, str]
    funds: tuple[FundRow, ...]
    aliases: tuple[FundAliasRow, ...]
    questions: tuple[AlignmentQuestionRow, ...]


def align_funds(mentions: Sequence[FundMention], decisions: Sequence[FundDecision]) -> FundAlignment:
    """One fund for all names that are the same, whatever the order of `mentions`.

    First names that are surely one are put together; what their reports hold together then tells whether they are the
    same as others. Decisions win over everything; what nobody decided and the rules are not sure of becomes a question.
    """
    nodes, stated = _nodes(mentions)
    sure = _sure_matches(nodes, decisions)
    bundles = joined(nodes, sure)
    whole = [_bundled(nodes, bundle) for bundle in bundles]
    matches = _matches(whole, nodes, bundles, stated, decisions)
    together = joined(whole, matches)
    groups = [sorted(i for n in group for i in bundles[n]) for group in together]
    ids = fund_ids(nodes, groups)
    funds: list[FundRow] = []
    aliases: list[FundAliasRow] = []
    ties = Ties(nodes, bundles, sure, matches)
    for group, fund_id in zip(groups, ids, strict=True):
        centre = representative(nodes, group)
        rows = [*_aliases(ties, group, fund_id, centre), *_unused_names(nodes, group, fund_id, stated)]
        aliases += rows
        funds.append(_fund(nodes, group, fund_id, nodes[centre].printed, rows))
    return FundAlignment(
        ids={key: fund_id for group, fund_id in zip(groups, ids, strict=True) for i in group for key in nodes[i].reports},
        funds=tuple(funds), aliases=tuple(aliases), questions=_questions(whole, together, matches),
    )  # fmt: skip


# ---- nodes ----------------------------------------------------------------------------------


def _nodes(mentions: Sequence[FundMention]) -> tuple[list[FundNode], list[tuple[int, str]]]:
    """The printed names with what their reports hold, in a fixed order; and who says which other name it has."""
    found: dict[tuple[str, str | None], FundNode] = {}
    printed: dict[tuple[str, str | None], Counter[str]] = defaultdict(Counter)
    others: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for mention in sorted(mentions, key=lambda m: m.report_key):
        if not mention.name:
            continue
        name = _name(mention)
        key = _node_key(mention, name)
        if key not in found:
            found[key] = FundNode(*key, mention.name, [name])
        node = found[key]
        printed[key][mention.name] += 1
        node.reports.append(mention.report_key)
        organisation = name_key(mention.organisation) if mention.organisation else None
        if organisation:
            node.organisations[organisation] += 1
        if mention.year is not None:
            node.years.update(
                range(max(mention.year_from or mention.year, mention.year - 9), mention.year + 1)
            )
            if organisation:
                node.slots.add((organisation, mention.year, mention.report_type))
        if mention.previous:
            node.previous[mention.previous] += 1
        node.indicators.update(mention.indicators)
        others[key].update(mention.other_names)
    keys = sorted(found, key=lambda k: (k[0], k[1] or ""))
    nodes = [found[key] for key in keys]
    for key, node in zip(keys, nodes, strict=True):
        node.printed = min(printed[key], key=lambda n: (-printed[key][n], n))
    weigh_indicators(nodes)
    return nodes, [(i, other) for i, key in enumerate(keys) for other in sorted(others[key])]


def _name(mention: FundMention) -> FundName:
    home = place_of(name_key(mention.organisation)) if mention.organisation else None
    return read_fund_name(mention.name or "", home)


def _node_key(mention: FundMention, name: FundName) -> tuple[str, str | None]:
    """The name as it is compared, and the organisation where the name alone does not tell which fund it is: generic
    names, projects without a place, short names that several departments use (引导资金)."""
    key = name_key(mention.name or "")
    is_local = name.kind == "project" and not name.place
    if not (name.is_generic or is_local or len(name.core) < SHORT_CORE):
        return key, None
    if mention.organisation:
        return key, name_key(mention.organisation)
    return key, f"#{mention.report_key}" if name.is_generic else None


# ---- pairs ----------------------------------------------------------------------------------


def _sure_matches(
    nodes: Sequence[FundNode], decisions: Sequence[FundDecision]
) -> dict[tuple[int, int], Match]:
    """Pairs whose names leave no doubt, and those that can never be one."""
    around = surroundings(nodes)
    out: dict[tuple[int, int], Match] = {}
    for a, b in sorted(_of_one_core(nodes)):
        match = compare(nodes[a], nodes[b], around)
        if match.never or (match.decided_by == "name" and match.score >= MERGE):
            out[a, b] = match
    for decision in decisions:
        if not decision.same:
            out |= dict.fromkeys(_decided_pairs(nodes, decision), _decided(decision))
    return out


def _bundled(nodes: Sequence[FundNode], bundle: Sequence[int]) -> FundNode:
    first = representative(nodes, bundle)
    return merged([nodes[first], *(nodes[i] for i in bundle if i != first)])


def _matches(
    whole: Sequence[FundNode], nodes: Sequence[FundNode], bundles: Sequence[Sequence[int]],
    stated: Sequence[tuple[int, str]], decisions: Sequence[FundDecision],
) -> dict[tuple[int, int], Match]:  # fmt: skip
    """All pairs of bundles that something speaks for or forbids, with their matches."""
    weigh_indicators(whole)
    around = surroundings(whole)
    out: dict[tuple[int, int], Match] = {}
    for a, b in sorted(_of_one_core(whole) | _related(whole)):
        match = compare(whole[a], whole[b], around)
        if match.never or match.score >= ASK:
            out[a, b] = match
    bundle_of = {i: n for n, bundle in enumerate(bundles) for i in bundle}
    told = [
        ((a, b), Match(0.99, f"报告写明又称“{other}”", "report"))
        for a, b, other in _stated_pairs(nodes, stated)
    ]
    told += [(pair, _decided(d)) for d in decisions for pair in _decided_pairs(nodes, d)]
    for (a, b), match in told:
        one, two = sorted((bundle_of[a], bundle_of[b]))
        if one != two:
            out[one, two] = match
    return out


def _decided(decision: FundDecision) -> Match:
    reason = f"对照表第{decision.line}行：{'相同' if decision.same else '不同'}"
    return Match(float(decision.same), reason, "file", never=not decision.same)


def surroundings(nodes: Sequence[FundNode]) -> Surroundings:
    """What of all names counts for each pair of them."""
    levels: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        for form in node.forms:
            levels[form.core].update([form.level] if form.level else [])
    return Surroundings(
        placeless=frozenset(form.core for n in nodes for form in n.forms if not form.place),
        of_money=frozenset(form.core for n in nodes for form in n.forms if form.kind != "project"),
        of_two_budgets=frozenset(core for core, found in levels.items() if {"central"} < found),
    )


def _of_one_core(nodes: Sequence[FundNode]) -> set[tuple[int, int]]:
    """Pairs of one core, or of one but for soft words and their order."""
    pairs: set[tuple[int, int]] = set()
    for group in _grouped(
        nodes, lambda n: (k for f in n.forms for k in (f.core, "".join(sorted(f.soft_core))))
    ):
        if len(group) <= _LARGE_GROUP:
            pairs.update(combinations(group, 2))
        else:
            middle = max(group, key=lambda i: (len(nodes[i].reports), -i))
            pairs.update((min(i, middle), max(i, middle)) for i in group if i != middle)
    return pairs


def _related(nodes: Sequence[FundNode]) -> set[tuple[int, int]]:
    """Pairs that share a rarer word, may be a slip or an abbreviation of each other, or follow each other in time:
    found through what they share, so that the work grows with the pairs that share something."""
    pairs: set[tuple[int, int]] = set()
    for group in _grouped(nodes, _signs):
        if len(group) <= _COMMON:
            pairs.update(combinations(group, 2))
    return pairs


def _signs(node: FundNode) -> Iterator[object]:
    for form in node.forms:
        yield from telling_words(form.core)
        yield from _shortened(form.core)
        yield from _shortened(form.core + form.tail)
    yield from _ends_of_years(node)


def _grouped(
    nodes: Sequence[FundNode], keys_of: Callable[[FundNode], Iterable[object]]
) -> Iterator[list[int]]:
    groups: dict[object, list[int]] = defaultdict(list)
    for index, node in enumerate(nodes):
        for key in set(keys_of(node)):
            groups[key].append(index)
    return (group for group in groups.values() if len(group) > 1)


def _shortened(core: str) -> Iterator[tuple[str, ...]]:
    """Keys that names with one slip of the pen share, and abbreviations with what they stand for."""
    for at in range(len(core)):
        yield ("slip", core[:at], core[at + 1 :])
    yield ("begins", core[:1])
    yield ("begins", core[:2])


def _ends_of_years(node: FundNode) -> Iterator[tuple[str, str, int]]:
    """Keys that two names share where one organisation's reports end under one and go on under the other."""
    if node.years:
        for organisation in node.organisations:
            yield ("year", organisation, min(node.years))
            yield ("year", organisation, max(node.years) + 1)


def _stated_pairs(
    nodes: Sequence[FundNode], stated: Sequence[tuple[int, str]]
) -> Iterator[tuple[int, int, str]]:
    """Names that a report gives as another name of its fund, where a report elsewhere goes by them.

    A short name that several funds claim (引导资金) is followed only within one organisation.
    """
    by_key: dict[str, list[int]] = defaultdict(list)
    for index, node in enumerate(nodes):
        by_key[node.key].append(index)
    claims: dict[str, set[str]] = defaultdict(set)
    for index, other in stated:
        claims[name_key(other)].add(nodes[index].name.soft_core)
    for index, other in stated:
        targets = by_key.get(name_key(other), [])
        is_plain = len(targets) == len(claims[name_key(other)]) == 1
        for target in targets:
            shares = set(nodes[index].organisations) & set(nodes[target].organisations)
            if target != index and (is_plain or shares):
                yield *_pair(index, target), other


def _decided_pairs(nodes: Sequence[FundNode], decision: FundDecision) -> Iterator[tuple[int, int]]:
    ones = [i for i, n in enumerate(nodes) if n.key == name_key(decision.name)]
    twos = [i for i, n in enumerate(nodes) if n.key == name_key(decision.other)]
    yield from ((min(a, b), max(a, b)) for a, b in product(ones, twos) if a != b)


# ---- rows -----------------------------------------------------------------------------------


def _fund(
    nodes: Sequence[FundNode], group: Sequence[int], fund_id: str, name: str, aliases: Sequence[FundAliasRow]
) -> FundRow:
    years = {year for i in group for year in nodes[i].years}
    return FundRow(
        fund_id=fund_id, name=name, aliases=tuple(sorted({a.name for a in aliases} - {name})),
        first_year=min(years, default=None), last_year=max(years, default=None),
        reports=sum(len(nodes[i].reports) for i in group),
    )  # fmt: skip


class Ties:
    """Why a name is a fund's: its tie to the fund's name, directly or by way of other names."""

    def __init__(
        self, nodes: Sequence[FundNode], bundles: Sequence[Sequence[int]],
        sure: Mapping[tuple[int, int], Match], matches: Mapping[tuple[int, int], Match],
    ) -> None:  # fmt: skip
        self.nodes, self.bundles, self.sure, self.matches = nodes, bundles, sure, matches
        self.bundle_of = {i: n for n, bundle in enumerate(bundles) for i in bundle}
        self.around = surroundings(nodes)

    def tie(self, i: int, centre: int, group: Sequence[int]) -> Match:
        """The match that puts node `i` into the group of `centre`."""
        if i == centre:
            return Match(1.0, "资金本名", "name")
        one, two = self.bundle_of[i], self.bundle_of[centre]
        if one == two:
            direct = self.sure.get(_pair(i, centre))
            return (
                direct
                if direct and not direct.never
                else compare(self.nodes[i], self.nodes[centre], self.around)
            )
        direct = self.matches.get(_pair(one, two))
        if direct and direct.score >= MERGE:
            return direct
        others = sorted({self.bundle_of[k] for k in group} - {one})
        known = [(m, -n) for n in others if (m := self.matches.get(_pair(one, n))) and not m.never]
        match, other = max(known, key=lambda found: (found[0].score, found[1]))
        via = self.nodes[representative(self.nodes, self.bundles[-other])].printed
        return Match(match.score, f"经“{via}”：{match.reason}", match.decided_by)


def _pair(a: int, b: int) -> tuple[int, int]:
    return (a, b) if a < b else (b, a)


def _aliases(ties: Ties, group: Sequence[int], fund_id: str, centre: int) -> Iterator[FundAliasRow]:
    """Each printed name of a fund with its tie to the fund's name."""
    for i in group:
        node, tie = ties.nodes[i], ties.tie(i, centre, group)
        yield FundAliasRow(
            fund_id=fund_id, name=node.printed, scope=node.scope, reason=tie.reason, score=tie.score,
            decided_by=tie.decided_by, first_year=min(node.years, default=None),
            last_year=max(node.years, default=None), reports=len(node.reports),
        )  # fmt: skip


def _unused_names(
    nodes: Sequence[FundNode], group: Sequence[int], fund_id: str, stated: Sequence[tuple[int, str]]
) -> Iterator[FundAliasRow]:
    """Names that reports state for their fund and that no report of the store goes by."""
    members = set(group)
    there = {nodes[i].key for i in group}
    seen: set[str] = set()
    for index, other in stated:
        if index in members and name_key(other) not in there | seen:
            seen.add(name_key(other))
            yield FundAliasRow(
                fund_id=fund_id, name=other, reason=f"“{nodes[index].printed}”的报告写明又称此名", score=0.99,
                decided_by="report", reports=0,
            )  # fmt: skip


def _questions(
    nodes: Sequence[FundNode], groups: Sequence[Sequence[int]], matches: Mapping[tuple[int, int], Match]
) -> tuple[AlignmentQuestionRow, ...]:
    """For each two funds that may be one, the pair of their names that speaks most for it."""
    group_of = {i: n for n, group in enumerate(groups) for i in group}
    best: dict[tuple[int, int], tuple[float, int, int]] = {}
    decided = {_sides(group_of, pair) for pair, m in matches.items() if m.decided_by == "file"}
    for (a, b), match in sorted(matches.items()):
        sides = _sides(group_of, (a, b))
        is_open = not match.never and match.score >= ASK and nodes[a].key != nodes[b].key
        if not is_open or sides[0] == sides[1] or sides in decided:
            continue
        if sides not in best or match.score > best[sides][0]:
            best[sides] = (match.score, a, b)
    return tuple(
        AlignmentQuestionRow(
            subject="fund", name=nodes[a].printed, other=nodes[b].printed, score=score,
            reason=matches[a, b].reason + ("；但两组名称中另有不能归并的" if score >= MERGE else ""),
        )
        for score, a, b in sorted(best.values(), key=lambda q: (-q[0], q[1], q[2]))
    )  # fmt: skip


def _sides(group_of: Mapping[int, int], pair: tuple[int, int]) -> tuple[int, int]:
    one, two = sorted(group_of[i] for i in pair)
    return one, two
