"""The same fund across years and reports: mentions -> names -> bundles -> funds with their aliases and open questions."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.alignment.decisions import FundDecision, name_key
from pipeline.alignment.fund_groups import ASK, MERGE, Pair, fund_ids, joined, pair_of, representative
from pipeline.alignment.fund_matching import Match, compare, weigh_indicators
from pipeline.alignment.fund_nodes import (
    FundMention,
    FundNode,
    Surroundings,
    bundles,
    fund_nodes,
    merged,
    surroundings,
)
from pipeline.alignment.fund_pairs import (
    STATED,
    Verdicts,
    decided_reason,
    rule_matches,
    stated_matches,
    verdicts,
)
from schemas.catalogues import AlignmentQuestionRow, FundAliasRow, FundRow

__all__ = ["FundAlignment", "FundMention", "align_funds"]


@dataclass(frozen=True, slots=True)
class FundAlignment:
    """`ids` gives each report's fund by report_key; reports that name no fund have none."""

    ids: Mapping[int, str]
    funds: tuple[FundRow, ...]
    aliases: tuple[FundAliasRow, ...]
    questions: tuple[AlignmentQuestionRow, ...]


def align_funds(mentions: Sequence[FundMention], decisions: Sequence[FundDecision]) -> FundAlignment:
    """One fund for all names that are the same, whatever the order of `mentions`.

    First names that differ in nothing that could tell two funds are put together; what their reports hold together then
    tells whether they are the same as others. Decisions win over everything; what nobody decided and the rules are not
    sure of becomes a question.
    """
    nodes, stated = fund_nodes(mentions)
    decided = verdicts(nodes, decisions)
    around = surroundings(form for node in nodes for form in node.forms)
    bundled = bundles(nodes, around, decided.apart_from())
    whole = [_whole(nodes, bundle) for bundle in bundled]
    matches = _matches(whole, nodes, bundled, stated, decided, around)
    together = joined(whole, matches)
    groups = [sorted(i for n in group for i in bundled[n]) for group in together]
    ids = fund_ids(nodes, groups)
    ties = _Ties(nodes, bundled, matches, around)
    others = _OtherNames(nodes, stated, decisions)
    funds: list[FundRow] = []
    aliases: list[FundAliasRow] = []
    for group, fund_id in zip(groups, ids, strict=True):
        centre = representative(nodes, group)
        rows = [*_aliases(ties, group, fund_id, centre), *others.unused(group, fund_id)]
        aliases += rows
        funds.append(_fund(nodes, group, fund_id, nodes[centre].printed, rows))
    return FundAlignment(
        ids={key: fund_id for group, fund_id in zip(groups, ids, strict=True) for i in group for key in nodes[i].reports},
        funds=tuple(funds), aliases=tuple(aliases), questions=_questions(whole, together, matches),
    )  # fmt: skip


def _whole(nodes: Sequence[FundNode], bundle: Sequence[int]) -> FundNode:
    first = representative(nodes, bundle)
    return merged([nodes[first], *(nodes[i] for i in bundle if i != first)])


def _matches(
    whole: Sequence[FundNode], nodes: Sequence[FundNode], bundled: Sequence[Sequence[int]],
    stated: Sequence[tuple[int, str]], decided: Verdicts, around: Surroundings,
) -> dict[Pair, Match]:  # fmt: skip
    """What is known of all pairs of bundles: by the rules, over them what reports state, over both what people decided."""
    weigh_indicators(whole)
    bundle_of = {i: n for n, bundle in enumerate(bundled) for i in bundle}
    out = rule_matches(whole, around)
    for pair, match in stated_matches(nodes, stated, bundle_of, whole).items():
        known = out.get(pair)
        if known is None or not known.never or known.decided_by == "evidence":
            out[pair] = max(match, known, key=lambda m: m.score) if known else match
    for pairs, is_same in ((decided.same, True), (decided.apart, False)):
        for (a, b), reason in pairs.items():
            one, two = sorted((bundle_of[a], bundle_of[b]))
            if one != two:
                out[one, two] = Match(float(is_same), reason, "file", never=not is_same)
    return out


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


class _Ties:
    """Why a name is a fund's: its tie to the fund's name, directly or by way of other names."""

    def __init__(
        self, nodes: Sequence[FundNode], bundled: Sequence[Sequence[int]], matches: Mapping[Pair, Match],
        around: Surroundings,
    ) -> None:  # fmt: skip
        self.nodes, self._bundled, self._matches, self._around = nodes, bundled, matches, around
        self._bundle_of = {i: n for n, bundle in enumerate(bundled) for i in bundle}

    def tie(self, i: int, centre: int, group: Sequence[int]) -> Match:
        """The match that puts node `i` into the group of `centre`."""
        if i == centre:
            return Match(1.0, "资金本名", "name")
        one, two = self._bundle_of[i], self._bundle_of[centre]
        if one == two:
            found = compare(self.nodes[i], self.nodes[centre], self._around)
            return Match(max(found.score, MERGE), found.reason, "name")
        direct = self._matches.get(pair_of(one, two))
        if direct and direct.score >= MERGE:
            return direct
        others = sorted({self._bundle_of[k] for k in group} - {one})
        known = [(m, -n) for n in others if (m := self._matches.get(pair_of(one, n))) and not m.never]
        match, other = max(known, key=lambda found: (found[0].score, found[1]))
        via = self.nodes[representative(self.nodes, self._bundled[-other])].printed
        return Match(match.score, f"经“{via}”：{match.reason}", match.decided_by)


def _aliases(ties: _Ties, group: Sequence[int], fund_id: str, centre: int) -> Iterator[FundAliasRow]:
    """Each printed name of a fund with its tie to the fund's name."""
    for i in group:
        node, tie = ties.nodes[i], ties.tie(i, centre, group)
        yield FundAliasRow(
            fund_id=fund_id, name=node.printed, scope=None if (node.scope or "#")[0] == "#" else node.scope, reason=tie.reason, score=tie.score,
            decided_by=tie.decided_by, first_year=min(node.years, default=None),
            last_year=max(node.years, default=None), reports=len(node.reports),
        )  # fmt: skip


class _OtherNames:
    """Names that reports state for their fund, or people give it, and that no report of the store may go by."""

    def __init__(
        self, nodes: Sequence[FundNode], stated: Sequence[tuple[int, str]], decisions: Sequence[FundDecision]
    ) -> None:
        self._nodes = nodes
        self._stated: dict[int, list[str]] = defaultdict(list)
        for index, other in stated:
            self._stated[index].append(other)
        self._decided: dict[str, list[tuple[int, str]]] = defaultdict(list)
        for decision in decisions:
            if decision.same:
                self._decided[name_key(decision.other)].append((decision.line, decision.name))
                self._decided[name_key(decision.name)].append((decision.line, decision.other))

    def unused(self, group: Sequence[int], fund_id: str) -> Iterator[FundAliasRow]:
        """Those of a fund that no report goes by; of several reasons the last line of the file, else the first report."""
        there = {self._nodes[i].key for i in group}
        told: dict[str, FundAliasRow] = {}
        for line, name in sorted(entry for key in there for entry in self._decided.get(key, ())):
            told[name_key(name)] = FundAliasRow(
                fund_id=fund_id, name=name, reason=decided_reason(line, same=True), score=1.0, decided_by="file",
                reports=0,
            )  # fmt: skip
        for index in group:
            for other in self._stated.get(index, ()):
                reason = f"“{self._nodes[index].printed}”的报告写明又称此名"
                row = FundAliasRow(
                    fund_id=fund_id, name=other, reason=reason, score=STATED, decided_by="report", reports=0
                )
                told.setdefault(name_key(other), row)
        yield from (row for key, row in told.items() if key not in there)


def _questions(
    nodes: Sequence[FundNode], groups: Sequence[Sequence[int]], matches: Mapping[Pair, Match]
) -> tuple[AlignmentQuestionRow, ...]:
    """For each two funds that may be one, the pair of their names that speaks most for it."""
    group_of = {i: n for n, group in enumerate(groups) for i in group}
    best: dict[Pair, tuple[float, int, int]] = {}
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


def _sides(group_of: Mapping[int, int], pair: Pair) -> Pair:
    one, two = sorted(group_of[i] for i in pair)
    return one, two
