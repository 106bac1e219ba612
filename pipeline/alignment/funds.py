"""The same fund across years and reports: mentions -> names -> bundles -> funds with their aliases and open questions."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from pipeline.alignment.decisions import FundDecision, name_key
from pipeline.alignment.fund_groups import (
    ASK,
    MERGE,
    Pair,
    both_ways,
    fund_ids,
    joined,
    pair_of,
    representative,
)
from pipeline.alignment.fund_matching import Match, WordSpread, compare, weigh_indicators
from pipeline.alignment.fund_names import FundName
from pipeline.alignment.fund_nodes import FundNode, NodeKey, Surroundings, bundles, merged, surroundings
from pipeline.alignment.fund_pairs import (
    STATED,
    Compared,
    Verdicts,
    decided_reason,
    rule_matches,
    sign_code,
    stated_matches,
    verdicts,
)
from schemas.catalogues import AlignmentQuestionRow, FundAliasRow, FundRow


@dataclass(frozen=True, slots=True)
class FundRows:
    """The rows of the catalogue that tell of funds; `asked` gives of each question the ids of its two funds."""

    funds: tuple[FundRow, ...]
    aliases: tuple[FundAliasRow, ...]
    questions: tuple[AlignmentQuestionRow, ...]
    asked: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """What the names tell that are not decided anew: those that share a core with the others taken apart, how many share
    a sign (`fund_pairs.sign_code`), how far words are spread, and which ids are theirs. Nodes that are `quiet` are as
    they were when the pairs among them gave `matches`, by the codes of their bundles."""

    forms: Sequence[FundName] = ()
    signs: Mapping[int, int] = field(default_factory=dict)
    spread: WordSpread | None = None
    is_taken: Callable[[str], bool] = lambda fund_id: False
    quiet: Set[NodeKey] = frozenset()
    matches: Mapping[tuple[int, int], Match] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FundGroups:
    """Which names are one fund: bundles of `nodes` with their `codes`, `whole` as one node each; groups of bundles, and of
    nodes, with the id of each group; what is known of pairs of bundles, and what of it (`ruled`) the rules alone say."""

    nodes: Sequence[FundNode]
    bundled: Sequence[Sequence[int]]
    codes: Sequence[int]
    whole: Sequence[FundNode]
    together: Sequence[Sequence[int]]
    groups: Sequence[Sequence[int]]
    ids: Sequence[str]
    ruled: Mapping[Pair, Match]
    matches: Mapping[Pair, Match]
    around: Surroundings
    spread: WordSpread

    def group_of(self) -> dict[int, int]:
        """The group of each bundle."""
        return {n: at for at, group in enumerate(self.together) for n in group}

    def ties(self) -> Iterator[Pair]:
        """Groups of which a name of the one may be one of the other's."""
        group_of = self.group_of()
        yield from sorted(
            {
                sides
                for pair, match in self.matches.items()
                if not match.never and match.score >= ASK
                for sides in [_sides(group_of, pair)]
                if sides[0] != sides[1]
            }
        )


def fund_groups(
    nodes: Sequence[FundNode], decisions: Sequence[FundDecision], elsewhere: Elsewhere
) -> FundGroups:
    """One fund for all names that are the same.

    First names that differ in nothing that could tell two funds are put together; what their reports hold together then
    tells whether they are the same as others. Decisions win over everything; what nobody decided and the rules are not
    sure of becomes a question.
    """
    decided = verdicts(nodes, decisions)
    around = surroundings([*(form for node in nodes for form in node.forms), *elsewhere.forms])
    bundled = bundles(nodes, around, both_ways(decided.apart))
    whole = [_whole(nodes, bundle) for bundle in bundled]
    spread = weigh_indicators(whole, elsewhere.spread)
    codes = [_code(nodes, bundle) for bundle in bundled]
    quiet = {
        code
        for code, bundle in zip(codes, bundled, strict=True)
        if all((nodes[i].key, nodes[i].scope) in elsewhere.quiet for i in bundle)
    }
    ruled = rule_matches(whole, codes, around, elsewhere.signs, Compared(elsewhere.matches, quiet))
    matches = _matches(ruled, whole, nodes, bundled, decided)
    together = joined(whole, matches)
    groups = [sorted(i for n in group for i in bundled[n]) for group in together]
    ids = fund_ids(nodes, groups, elsewhere.is_taken)
    return FundGroups(nodes, bundled, codes, whole, together, groups, ids, ruled, matches, around, spread)


def fund_rows(found: FundGroups, decisions: Sequence[FundDecision], wanted: Collection[int]) -> FundRows:
    """The rows of the `wanted` groups."""
    nodes = found.nodes
    ties, others = _Ties(found), _OtherNames(nodes, decisions)
    funds: list[FundRow] = []
    aliases: list[FundAliasRow] = []
    for at in sorted(wanted):
        group, fund_id = found.groups[at], found.ids[at]
        centre = representative(nodes, group)
        rows = [*_aliases(ties, group, fund_id, centre), *others.unused(group, fund_id)]
        aliases += rows
        funds.append(_fund(nodes, group, fund_id, nodes[centre].printed, rows))
    questions = [(sides, row) for sides, row in _questions(found) if sides[0] in wanted or sides[1] in wanted]
    return FundRows(
        tuple(funds), tuple(aliases), tuple(row for _, row in questions),
        tuple((found.ids[one], found.ids[two]) for (one, two), _ in questions),
    )  # fmt: skip


def _whole(nodes: Sequence[FundNode], bundle: Sequence[int]) -> FundNode:
    first = representative(nodes, bundle)
    return merged([nodes[first], *(nodes[i] for i in bundle if i != first)])


def _code(nodes: Sequence[FundNode], bundle: Sequence[int]) -> int:
    """A number for the names of a bundle, the same in every run."""
    return sign_code(sorted((nodes[i].key, nodes[i].scope or "") for i in bundle))


def _matches(
    ruled: Mapping[Pair, Match], whole: Sequence[FundNode], nodes: Sequence[FundNode], bundled: Sequence[Sequence[int]],
    decided: Verdicts,
) -> dict[Pair, Match]:  # fmt: skip
    """What is known of all pairs of bundles: by the rules, over them what reports state, over both what people decided."""
    bundle_of = {i: n for n, bundle in enumerate(bundled) for i in bundle}
    out = dict(ruled)
    for pair, match in stated_matches(nodes, bundle_of, whole).items():
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
        reports=sum(nodes[i].reports for i in group),
    )  # fmt: skip


class _Ties:
    """Why a name is a fund's: its tie to the fund's name, directly or by way of other names."""

    def __init__(self, found: FundGroups) -> None:
        self.nodes, self._bundled, self._matches, self._around = (
            found.nodes,
            found.bundled,
            found.matches,
            found.around,
        )
        self._bundle_of = {i: n for n, bundle in enumerate(found.bundled) for i in bundle}

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
            last_year=max(node.years, default=None), reports=node.reports,
        )  # fmt: skip


class _OtherNames:
    """Names that reports state for their fund, or people give it, and that no report of the store may go by."""

    def __init__(self, nodes: Sequence[FundNode], decisions: Sequence[FundDecision]) -> None:
        self._nodes = nodes
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
            for other in sorted(self._nodes[index].stated):
                reason = f"“{self._nodes[index].printed}”的报告写明又称此名"
                row = FundAliasRow(
                    fund_id=fund_id, name=other, reason=reason, score=STATED, decided_by="report", reports=0
                )
                told.setdefault(name_key(other), row)
        yield from (row for key, row in told.items() if key not in there)


def _questions(found: FundGroups) -> Iterator[tuple[Pair, AlignmentQuestionRow]]:
    """For each two funds that may be one, the pair of their names that speaks most for it."""
    nodes, matches = found.whole, found.matches
    group_of = found.group_of()
    best: dict[Pair, tuple[float, int, int]] = {}
    decided = {_sides(group_of, pair) for pair, m in matches.items() if m.decided_by == "file"}
    for (a, b), match in sorted(matches.items()):
        sides = _sides(group_of, (a, b))
        is_open = not match.never and match.score >= ASK and nodes[a].key != nodes[b].key
        if not is_open or sides[0] == sides[1] or sides in decided:
            continue
        if sides not in best or match.score > best[sides][0]:
            best[sides] = (match.score, a, b)
    for score, a, b in sorted(best.values(), key=lambda q: (-q[0], q[1], q[2])):
        yield _sides(group_of, (a, b)), AlignmentQuestionRow(
            subject="fund", name=nodes[a].printed, other=nodes[b].printed, score=score,
            reason=matches[a, b].reason + ("；但两组名称中另有不能归并的" if score >= MERGE else ""),
        )  # fmt: skip


def _sides(group_of: Mapping[int, int], pair: Pair) -> Pair:
    one, two = sorted(group_of[i] for i in pair)
    return one, two
