"""The same fund across years and reports: mentions -> nodes -> matches -> funds with their aliases and open questions."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from typing import NamedTuple

from parsers.words import words
from pipeline.alignment.decisions import FundDecision, name_key
from pipeline.alignment.fund_groups import ASK, MERGE, fund_ids, joined, representative
from pipeline.alignment.fund_matching import FundNode, Match, Surroundings, compare, vectors
from pipeline.alignment.fund_names import read_fund_name
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

    Decisions win over everything; what nobody decided and the rules are not sure of becomes a question.
    """
    nodes, stated = _nodes(mentions)
    matches = _matches(nodes, stated, decisions)
    groups = joined(nodes, matches)
    ids = fund_ids(nodes, groups)
    names = [representative(nodes, group) for group in groups]
    aliases = [
        (*_aliases(nodes, group, fund_id, name, matches), *_unused_names(nodes, group, fund_id, stated))
        for group, fund_id, name in zip(groups, ids, names, strict=True)
    ]
    return FundAlignment(
        ids={key: ids[n] for n, group in enumerate(groups) for i in group for key in nodes[i].reports},
        funds=tuple(
            _fund(nodes, group, fund_id, nodes[name].printed, rows)
            for group, fund_id, name, rows in zip(groups, ids, names, aliases, strict=True)
        ),
        aliases=tuple(row for rows in aliases for row in rows),
        questions=_questions(nodes, groups, matches),
    )


# ---- nodes ----------------------------------------------------------------------------------


def _nodes(mentions: Sequence[FundMention]) -> tuple[list[FundNode], list[tuple[int, str]]]:
    """The printed names with what their reports hold, in a fixed order; and who says which other name it has."""
    found: dict[tuple[str, str | None], FundNode] = {}
    printed: dict[tuple[str, str | None], Counter[str]] = defaultdict(Counter)
    named: dict[tuple[str, str | None], Counter[str]] = defaultdict(Counter)
    others: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for mention in sorted(mentions, key=lambda m: m.report_key):
        if not mention.name:
            continue
        key = _node_key(mention)
        if key not in found:
            name = read_fund_name(mention.name)
            found[key] = FundNode(*key, mention.name, name, tuple(words(name.core)))
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
        named[key].update(mention.indicators)
        others[key].update(mention.other_names)
    keys = sorted(found, key=lambda k: (k[0], k[1] or ""))
    for key, vector in zip(keys, vectors([named[k] for k in keys]), strict=True):
        found[key].vector = vector
        found[key].printed = min(printed[key], key=lambda n: (-printed[key][n], n))
    stated = [(i, other) for i, key in enumerate(keys) for other in sorted(others[key])]
    return [found[k] for k in keys], stated


def _node_key(mention: FundMention) -> tuple[str, str | None]:
    """The name as it is compared, and the organisation where names alone do not tell projects apart."""
    key = name_key(mention.name or "")
    name = read_fund_name(mention.name or "")
    is_local = name.kind == "project" or name.level in ("municipal", "county", "own")
    if not name.is_generic and (name.place or not is_local):
        return key, None
    if mention.organisation:
        return key, name_key(mention.organisation)
    return key, f"#{mention.report_key}" if name.is_generic else None


# ---- pairs ----------------------------------------------------------------------------------


def _matches(
    nodes: Sequence[FundNode], stated: Sequence[tuple[int, str]], decisions: Sequence[FundDecision]
) -> dict[tuple[int, int], Match]:
    """All pairs that something speaks for, with their matches."""
    around = surroundings(nodes)
    out: dict[tuple[int, int], Match] = {}
    for a, b in sorted(_candidates(nodes)):
        match = compare(nodes[a], nodes[b], around)
        if match.never or match.score >= ASK:
            out[a, b] = match
    for a, b, other in _stated_pairs(nodes, stated):
        out[a, b] = Match(0.99, f"报告写明又称“{other}”", "report")
    for decision in decisions:
        for a, b in _decided_pairs(nodes, decision):
            reason = f"对照表第{decision.line}行：{'相同' if decision.same else '不同'}"
            out[a, b] = Match(float(decision.same), reason, "file", never=not decision.same)
    return out


def surroundings(nodes: Sequence[FundNode]) -> Surroundings:
    """What of all names counts for each pair of them."""
    levels: dict[str, set[str]] = defaultdict(set)
    for node in nodes:
        if node.name.level:
            levels[node.name.core].add(node.name.level)
    return Surroundings(
        placeless=frozenset(n.name.core for n in nodes if not n.name.place),
        levels={core: frozenset(found) for core, found in levels.items()},
    )


def _candidates(nodes: Sequence[FundNode]) -> set[tuple[int, int]]:
    """Pairs worth comparing: found through what they share, so that the work grows with the pairs that share something."""
    pairs: set[tuple[int, int]] = set()
    for group in _grouped(
        nodes, lambda n: (n.name.core, n.name.soft_core, "".join(sorted(n.name.soft_core)))
    ):
        if len(group) <= _LARGE_GROUP:
            pairs.update(combinations(group, 2))
        else:
            middle = max(group, key=lambda i: (len(nodes[i].reports), -i))
            pairs.update((min(i, middle), max(i, middle)) for i in group if i != middle)
    for group in _grouped(nodes, lambda n: (*n.words, *_shortened(n.name.core), *_ends_of_years(n))):
        if len(group) <= _COMMON:
            pairs.update(combinations(group, 2))
    return pairs


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
        for target in by_key.get(name_key(other), ()):
            shares = set(nodes[index].organisations) & set(nodes[target].organisations)
            if target != index and (len(claims[name_key(other)]) == 1 or shares):
                yield min(index, target), max(index, target), other


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


def _aliases(
    nodes: Sequence[FundNode],
    group: Sequence[int],
    fund_id: str,
    centre: int,
    matches: Mapping[tuple[int, int], Match],
) -> Iterator[FundAliasRow]:
    """Each printed name of a fund with what ties it to the fund's name, directly or by way of others."""
    around = surroundings(nodes)
    for i in group:
        node = nodes[i]
        best = _tie(nodes, group, i, centre, matches, around)
        yield FundAliasRow(
            fund_id=fund_id, name=node.printed, scope=node.scope, reason=best.reason, score=best.score,
            decided_by=best.decided_by, first_year=min(node.years, default=None),
            last_year=max(node.years, default=None), reports=len(node.reports),
        )  # fmt: skip


def _tie(
    nodes: Sequence[FundNode], group: Sequence[int], i: int, centre: int,
    matches: Mapping[tuple[int, int], Match], around: Surroundings,
) -> Match:  # fmt: skip
    if i == centre:
        return Match(1.0, "资金本名", "name")
    direct = matches.get((min(i, centre), max(i, centre)))
    if direct and direct.score >= MERGE:
        return direct
    known = [
        (m, other) for other in group if other != i and (m := matches.get((min(i, other), max(i, other))))
    ]
    if known:
        match, other = max(known, key=lambda pair: (pair[0].score, -pair[1]))
        return Match(match.score, f"经“{nodes[other].printed}”：{match.reason}", match.decided_by)
    return compare(nodes[min(i, centre)], nodes[max(i, centre)], around)


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
        if match.never or sides[0] == sides[1] or sides in decided or match.score < ASK:
            continue
        if sides not in best or match.score > best[sides][0]:
            best[sides] = (match.score, a, b)
    return tuple(
        AlignmentQuestionRow(
            subject="fund",
            name=nodes[a].printed,
            other=nodes[b].printed,
            score=score,
            reason=matches[a, b].reason,
        )
        for score, a, b in sorted(best.values(), key=lambda q: (-q[0], q[1], q[2]))
    )


def _sides(group_of: Mapping[int, int], pair: tuple[int, int]) -> tuple[int, int]:
    one, two = sorted(group_of[i] for i in pair)
    return one, two
