"""The same indicator under its several names, across tables, sentences and years, within a fund.

Names are joined where tables say which of them stand for each other. What is likely but not sure is asked, not joined;
what people decided always wins. Between funds an indicator is the same only where names are the same but for order and
function words (`indicator_families`).
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import exp

from pipeline.alignment.indicator_blocks import pairs
from pipeline.alignment.indicator_evidence import LIKELIEST, Company, Named, gathered, weigh
from pipeline.alignment.indicator_ids import Cluster, Link, Question
from pipeline.alignment.indicator_matching import NameMatch, WordExperience, compare_names, told_in_words
from pipeline.alignment.indicator_names import name_form, topic_words
from pipeline.alignment.indicator_segments import CACHED_WORDS
from pipeline.alignment.indicator_uses import IndicatorUse
from pipeline.alignment.indicator_verdicts import Verdicts

JOIN, ASK = 1.386, 0.4
"""Log odds from which on names are joined (0.80), and from which on somebody is asked (0.60)."""
_TOGETHER = 0.85
"""Log odds (0.70) that all pairs of names of two groups must have on the average, so that the groups become one."""
_SURELY = 2.0
"""Log odds of names alone from which on rows of two tables count as the same row."""
_NEVER = -1.5
"""Log odds below which two names are not of one indicator, however alike a third one is to both."""
_RIVAL = 0.35
"""Two rows of one table that are nearly as alike to a name leave open which of them it is."""
_LARGEST_CLUSTER = 40
"""Names of one indicator in one fund that are joined by rules; more come from decisions only."""
_UNJUDGED = -50.0


def clusters_of(
    names: Sequence[Named], known: WordExperience, fund_name: str | None, verdicts: Verdicts
) -> tuple[list[Cluster], list[Question]]:
    """The indicators of a scope, and what is to be asked; the words of its fund's name may be repeated or left out."""
    topic = _topic(fund_name) if fund_name else frozenset[str]()
    return _Scope(names, known, topic, verdicts).clusters()


def names_of(uses: Sequence[IndicatorUse]) -> list[Named]:
    """The names of a scope: uses that print the same, those without a unit with those of the commonest one."""
    by_name: defaultdict[str, defaultdict[str | None, list[IndicatorUse]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for use in uses:
        by_name[name_form(use.name).clean][use.unit_kind].append(use)
    groups: list[list[IndicatorUse]] = []
    for clean in sorted(by_name):
        kinds = by_name[clean]
        stated = sorted(
            (kind for kind in kinds if kind is not None),
            key=lambda kind: (-sum(u.records for u in kinds[kind]), kind),
        )
        if stated:
            kinds[stated[0]] += kinds.get(None, [])
        groups += [kinds[kind] for kind in stated] or [kinds[None]]
    return [gathered(no, name_form(group[0].name), group) for no, group in enumerate(groups)]


_topic = lru_cache(maxsize=CACHED_WORDS)(topic_words)


@dataclass(frozen=True, slots=True)
class _Score:
    """How sure two names are one indicator: log odds, reason, and whether the names alone say so, and that surely.

    `uncapped` are the odds of names that only a question could join, for groups that others of their names join;
    words in each other's place (`parallel`) keep groups apart.
    """

    odds: float
    reason: str
    by_name: bool
    uncapped: float
    surely: bool = False
    parallel: bool = False


class _Scope:
    """The names of one fund and what is known of pairs of them; made for one alignment and left."""

    def __init__(
        self, names: Sequence[Named], known: WordExperience, topic: frozenset[str], verdicts: Verdicts
    ) -> None:
        self._names = names
        self._known = known
        self._topic = topic
        self._verdicts = verdicts
        self._scores: dict[tuple[int, int], _Score] = {}
        self._matches: dict[tuple[int, int], NameMatch] = {}
        self._pairs = list(pairs(names))
        self._company = Company(names, self._surely())

    def clusters(self) -> tuple[list[Cluster], list[Question]]:
        """The indicators of the scope, and what is to be asked."""
        likely = self._likely()
        doubtful = self._rivals(likely)
        home = self._decided()
        members: dict[int, list[int]] = defaultdict(list)
        for no in range(len(self._names)):
            members[home[no]].append(no)
        asked: list[tuple[int, int]] = []
        for i, j in likely:
            if home[i] == home[j]:
                continue
            if (
                self._scores[i, j].odds < JOIN
                or (i, j) in doubtful
                or not self._one(members[home[i]], members[home[j]])
            ):
                asked.append((i, j))
                continue
            kept, gone = sorted((home[i], home[j]))
            for no in members[gone]:
                home[no] = kept
            members[kept] += members.pop(gone)
        found = [self._cluster(sorted(nos)) for _, nos in sorted(members.items())]
        return found, list(self._questions(asked, home, members))

    def _likely(self) -> list[tuple[int, int]]:
        """Pairs that are to be joined or asked, the surest first."""
        found = []
        for i, j in self._pairs:
            if not self._cannot(i, j) and self._score(i, j).odds >= ASK:
                found.append((i, j))
        return sorted(found, key=lambda pair: (-round(self._scores[pair].odds, 6), pair))

    def _surely(self) -> list[int]:
        """For each name the first of those that differ from it in form only: for the rows of tables, not for ids."""
        home = list(range(len(self._names)))
        for i, j in self._pairs:
            a, b = self._names[i], self._names[j]
            if a.kind != b.kind and a.kind is not None and b.kind is not None:
                continue
            if self._cannot(i, j):
                continue
            match = self._match(i, j)
            if match.by_name and not match.swapped and match.odds >= _SURELY:
                home[j] = home[i]
        return home

    def _score(self, i: int, j: int) -> _Score:
        i, j = min(i, j), max(i, j)
        if (i, j) not in self._scores:
            self._scores[i, j] = self._judge(i, j)
        return self._scores[i, j]

    def _match(self, i: int, j: int) -> NameMatch:
        if (i, j) not in self._matches:
            a, b = self._names[i].form, self._names[j].form
            self._matches[i, j] = compare_names(a, b, self._known, self._topic)
        return self._matches[i, j]

    def _judge(self, i: int, j: int) -> _Score:
        a, b = self._names[i], self._names[j]
        if a.kind is not None and b.kind is not None and a.kind != b.kind:
            return _Score(_UNJUDGED, "单位类别不同", False, _UNJUDGED)
        match = self._match(i, j)
        if match.odds + LIKELIEST < ASK:
            return _Score(match.odds, match.reason, match.by_name, match.odds)
        evidence = weigh(a, b, self._company)
        odds = uncapped = match.odds + evidence.odds
        if (
            match.swapped
            or told_in_words(a.form, a.kind, b.form, b.kind)
            or not (match.by_name or evidence.structural)
        ):
            odds = min(odds, JOIN - 0.2)  # likeness of words and figures alone is asked, not joined
        reason = "，".join((match.reason, *evidence.reasons))
        surely = match.by_name and match.odds >= _SURELY
        return _Score(odds, reason, match.by_name, uncapped, surely, match.parallel)

    def _cannot(self, i: int, j: int) -> bool:
        a, b = self._names[i], self._names[j]
        return a.shares_table(b) or self._verdicts.parted(a.form.clean, b.form.clean)

    def _rivals(self, likely: Sequence[tuple[int, int]]) -> set[tuple[int, int]]:
        """Pairs of which one side is nearly as alike to another row of the other side's table."""
        partners: defaultdict[int, list[int]] = defaultdict(list)
        for i, j in likely:
            partners[i].append(j)
            partners[j].append(i)
        doubtful = set()
        for i, j in likely:
            score = self._scores[i, j]
            if score.surely:
                continue
            for one, other in ((i, j), (j, i)):
                for third in partners[one][:_LARGEST_CLUSTER]:
                    if third == other or not self._names[third].shares_table(self._names[other]):
                        continue
                    if self._score(one, third).odds > score.odds - _RIVAL:
                        doubtful.add((i, j))
        return doubtful

    def _one(self, left: Sequence[int], right: Sequence[int]) -> bool:
        """Two clusters may become one: nothing forbids it, and all their names taken together are likely enough."""
        if len(left) + len(right) > _LARGEST_CLUSTER:
            return False
        total = 0.0
        for i in left:
            for j in right:
                if self._cannot(i, j):
                    return False
                score = self._score(i, j)
                if score.uncapped < _NEVER or score.parallel:
                    return False
                total += _share(score.uncapped)
        return total / (len(left) * len(right)) >= _share(_TOGETHER) - 1e-9

    def _decided(self) -> list[int]:
        """For each name the first name of those that people said are the same: itself, where nobody did."""
        home = list(range(len(self._names)))
        groups: defaultdict[str, list[int]] = defaultdict(list)
        for no, name in enumerate(self._names):
            if name.form.clean in self._verdicts.groups:
                groups[self._verdicts.group(name.form.clean)].append(no)
        for group in groups.values():
            for part in self._parts_of_kinds(group):
                for no in part:
                    home[no] = min(part)
        return home

    def _parts_of_kinds(self, group: Sequence[int]) -> list[list[int]]:
        """Names that are decided to be the same, apart by kinds of units as far as each of them has several."""
        by_kind: defaultdict[str, list[int]] = defaultdict(list)
        for no in group:
            by_kind[self._names[no].kind or ""].append(no)
        parts = [part for kind, part in sorted(by_kind.items()) if kind and len(part) > 1]
        joined = {self._names[no].form.clean for part in parts for no in part}
        rest = [no for no in group if self._names[no].form.clean not in joined]
        if not parts:
            return [rest] if rest else []
        largest = max(parts, key=lambda part: (sum(self._names[no].records for no in part), -min(part)))
        largest += rest
        return parts

    def _cluster(self, nos: Sequence[int]) -> Cluster:
        names = tuple(self._names[no] for no in nos)
        return Cluster(names, lambda: self._links(nos), self._verdicts)

    def _links(self, nos: Sequence[int]) -> Iterator[tuple[int, int, Link]]:
        """What joins the names of a cluster: pair by pair, but those that the file joins with the first of them only."""
        first: dict[str, int] = {}
        for no in nos:
            name = self._names[no].form.clean
            one = first.setdefault(self._verdicts.group(name), no)
            if one != no:
                line = max(self._verdicts.lines.get(n, 0) for n in (name, self._names[one].form.clean))
                yield one, no, Link(1.0, f"对照表第{line}行", "file")
        if len(nos) > _LARGEST_CLUSTER:
            return
        for i, j in combinations(nos, 2):
            a, b = (self._verdicts.group(self._names[no].form.clean) for no in (i, j))
            if a != b:
                score = self._score(i, j)
                yield (
                    i,
                    j,
                    Link(_share(score.odds), score.reason, "name" if score.by_name else "evidence"),
                )

    def _questions(
        self, asked: Sequence[tuple[int, int]], home: Sequence[int], members: Mapping[int, Sequence[int]]
    ) -> Iterator[Question]:
        """The likeliest question of each indicator; not on names that meanwhile cannot be the same."""
        settled: set[int] = set()
        for i, j in asked:
            if home[i] == home[j] or (home[i] in settled and home[j] in settled):
                continue
            if any(self._cannot(x, y) for x in members[home[i]] for y in members[home[j]]):
                continue
            settled.update((home[i], home[j]))
            score = self._scores[i, j]
            yield Question(self._names[i], self._names[j], _share(score.odds), score.reason)


def _share(odds: float) -> float:
    """Log odds as a share between 0 and 1."""
    return 1.0 / (1.0 + exp(-max(min(odds, 30.0), -30.0)))
