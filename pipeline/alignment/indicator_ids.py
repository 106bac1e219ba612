"""Ids that indicators keep from generation to generation, and the rows of the catalogue of indicators."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from pipeline.alignment.indicator_evidence import Named
from pipeline.alignment.indicator_families import Key, Member, families
from pipeline.alignment.indicator_matching import WordExperience, compare_names
from pipeline.alignment.indicator_uses import IndicatorAlignment, IndicatorUse, UseKey
from pipeline.alignment.indicator_verdicts import Verdicts
from schemas.catalogues import AlignmentQuestionRow, IndicatorAliasRow, IndicatorNameRow

DecidedBy = Literal["name", "evidence", "file"]
_DIGITS = 10
_CARRIED = 0.9
"""How sure it is that a name still is the indicator that its fund's name for it was in the last generation."""


class Link(NamedTuple):
    """Why two names are one indicator, and how sure that is."""

    score: float
    reason: str
    decided_by: DecidedBy


class Question(NamedTuple):
    """Two names of a fund that may be one indicator."""

    name: Named
    other: Named
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """The names of one indicator in one fund; `links` tells on demand what joins them, by their `no`."""

    names: tuple[Named, ...]
    links: Callable[[], Iterable[tuple[int, int, Link]]]
    verdicts: Verdicts

    @property
    def scope(self) -> str:
        """Where the names stand."""
        return self.names[0].main.scope

    @property
    def uses(self) -> Iterator[IndicatorUse]:
        """All uses of all names."""
        return (use for name in self.names for use in name.uses)

    @property
    def kind(self) -> str | None:
        """The kind of unit of most rows; None only where no name has one."""
        kinds: Counter[str] = Counter()
        for name in self.names:
            if name.kind is not None:
                kinds[name.kind] += name.records
        return min(kinds, key=lambda kind: (-kinds[kind], kind)) if kinds else None

    def representative(self) -> Named:
        """The name of most rows, names that differ in form only counted together; of equals the newest, the shortest."""
        rows: Counter[str] = Counter()
        for name in self.names:
            rows[name.form.strict] += name.records
        return min(
            self.names,
            key=lambda n: (-rows[n.form.strict], -n.records, -max(n.years, default=0), len(n.form.clean), n.form.clean),
        )  # fmt: skip


@dataclass(slots=True)
class _Entry:
    """A cluster on its way to an id."""

    cluster: Cluster
    head: Named
    kind: str | None
    key: Key
    cleans: frozenset[str]
    stricts: frozenset[str]
    first: int
    indicator_id: str | None = None
    family: Key | None = None

    @property
    def shared(self) -> Key:
        """The key under which it meets the clusters of other funds."""
        return self.family or self.key

    @property
    def order(self) -> tuple[int, int, str, str]:
        return -self.head.records, self.first, self.cluster.scope, self.head.form.clean


_Claim = tuple[tuple[int, bool, int, int], str, _Entry]
"""How good a claim is, the id that is claimed, and by which cluster."""


def aligned(
    clusters: Sequence[Cluster],
    questions: Sequence[Question],
    general: Verdicts,
    known: WordExperience,
    unit_factor: Callable[[str], float | None],
) -> IndicatorAlignment:
    """Ids for all clusters, and the rows that tell of them; `general` are the decisions that hold in every fund."""
    entries = [_entry(cluster, general) for cluster in clusters]
    _meet(entries, general, known)
    _assign(entries, general)
    ids: dict[UseKey, str] = {}
    by_id: defaultdict[str, list[_Entry]] = defaultdict(list)
    for entry in entries:
        assert entry.indicator_id is not None  # noqa: S101 - _assign leaves none out
        by_id[entry.indicator_id].append(entry)
        for use in entry.cluster.uses:
            ids[use.key] = entry.indicator_id
    names, aliases = [], []
    for indicator_id in sorted(by_id):
        name, rows = _rows(indicator_id, by_id[indicator_id], unit_factor)
        names.append(name)
        aliases += rows
    return IndicatorAlignment(ids, tuple(names), tuple(aliases), _question_rows(questions, ids))


def new_id(text: str, kind: str | None) -> str:
    """The id of an indicator that no generation knew: of its name's normal form and its kind of unit."""
    digest = hashlib.sha256(f"{text}\n{kind or ''}".encode()).hexdigest()
    return f"I{digest[:_DIGITS]}"


def _meet(entries: Sequence[_Entry], general: Verdicts, known: WordExperience) -> None:
    """Notes the names under which entries meet those of other funds; what people decided on stays as it is."""
    decided = general.groups.keys() | general.apart.keys()
    free = [entry for entry in entries if entry.cleans.isdisjoint(decided)]
    found = families([_member(entry) for entry in free], known)
    for entry in free:
        entry.family = found.get(entry.key)


def _member(entry: _Entry) -> Member:
    """What a cluster tells other funds; not what people decided for its fund alone."""
    ruled = (name for name in entry.cluster.names if name.form.clean not in entry.cluster.verdicts.groups)
    stricts = frozenset(name.form.strict for name in ruled)
    return Member(entry.key, entry.cluster.scope, entry.head.form, stricts, entry.head.records)


def _entry(cluster: Cluster, general: Verdicts) -> _Entry:
    head = cluster.representative()
    cleans = frozenset(name.form.clean for name in cluster.names)
    decided = min((general.group(c) for c in cleans if c in general.groups), default=None)
    text = f"={decided}" if decided is not None else head.form.strict
    if decided is None and any(general.group(c) in general.apart for c in cleans):
        text = head.form.clean  # its normal form may be that of a name which it is parted from
    return _Entry(
        cluster, head, cluster.kind, (text, cluster.kind or ""), cleans,
        frozenset(name.form.strict for name in cluster.names),
        min((min(name.years) for name in cluster.names if name.years), default=9999),
    )  # fmt: skip


def _assign(entries: list[_Entry], general: Verdicts) -> None:
    """Ids of the last generation first, then those of the same indicator in other funds, then new ones."""
    holders: defaultdict[str, list[_Entry]] = defaultdict(list)
    scopes: defaultdict[str, set[str]] = defaultdict(set)

    def take(entry: _Entry, wanted: str) -> bool:
        if entry.cluster.scope in scopes[wanted]:
            return False
        if any(general.group(c) in general.apart for c in entry.cleans) and any(
            general.parted(a, b) for held in holders[wanted] for a in held.cleans for b in entry.cleans
        ):
            return False
        entry.indicator_id = wanted
        holders[wanted].append(entry)
        scopes[wanted].add(entry.cluster.scope)
        return True

    claims = [claim for entry in entries for claim in _claims(entry)]
    pooled = _pooled(claims)
    common = [(rank, pooled[entry.shared], entry) for rank, _, entry in claims]
    for _, wanted, entry in (*sorted(common, key=_order), *sorted(claims, key=_order)):
        if entry.indicator_id is None:
            take(entry, wanted)
    groups: defaultdict[tuple[str, str], list[_Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.shared].append(entry)
    for key in sorted(groups):
        group = sorted(groups[key], key=lambda e: (e.key != key, e.order))
        shared: Counter[str] = Counter()
        for entry in group:
            if entry.indicator_id is not None:
                shared[entry.indicator_id] += entry.head.records
        usual = min(shared, key=lambda i: (-shared[i], i)) if shared else None
        for entry in group:
            if entry.indicator_id is None and not (usual and take(entry, usual)):
                _take_new(entry, holders, take)


def _claims(entry: _Entry) -> Iterator[_Claim]:
    """Ids that the uses of a cluster had, with a rank: its best claim before lesser ones; a cluster that holds the
    name which the id was made of before others, then by rows, then by age."""
    rows: Counter[str] = Counter()
    first: dict[str, int] = {}
    for use in entry.cluster.uses:
        if use.previous is not None:
            rows[use.previous] += use.records
            first[use.previous] = min(first.get(use.previous, 9999), min(use.years, default=9999))
    if not rows:
        return
    made = {new_id(text, entry.kind) for text in entry.stricts | entry.cleans}
    ranked = sorted(rows, key=lambda i: (-rows[i], first[i], i))
    for no, wanted in enumerate(ranked):
        yield (no, wanted not in made, -rows[wanted], first[wanted]), wanted, entry


def _order(claim: _Claim) -> tuple[object, ...]:
    rank, wanted, entry = claim
    return rank, entry.order, wanted


def _pooled(claims: Sequence[_Claim]) -> dict[Key, str]:
    """One id for all clusters that are one indicator in several funds: that of most of their rows."""
    rows: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for rank, wanted, entry in claims:
        rows[entry.shared][wanted] -= rank[2]
    return {key: min(count, key=lambda i: (-count[i], i)) for key, count in rows.items()}


def _take_new(
    entry: _Entry, holders: Mapping[str, Sequence[_Entry]], take: Callable[[_Entry, str], bool]
) -> None:
    """A new id; one that another indicator happens to have is passed over."""
    for text in _texts(entry):
        wanted = new_id(text, entry.shared[1])
        foreign = any(
            held.shared != entry.shared and entry.head.form.strict not in held.stricts
            for held in holders.get(wanted, ())
        )
        if not foreign and take(entry, wanted):
            return


def _texts(entry: _Entry) -> Iterator[str]:
    yield entry.shared[0]
    yield entry.key[0]
    yield entry.head.form.clean
    number = 2
    while True:
        yield f"{entry.head.form.clean}\n{number}"
        number += 1


def _rows(
    indicator_id: str, entries: Sequence[_Entry], unit_factor: Callable[[str], float | None]
) -> tuple[IndicatorNameRow, list[IndicatorAliasRow]]:
    """The row of an indicator and those of its names, fund by fund."""
    uses = [use for entry in entries for use in entry.cluster.uses]
    rows: Counter[str] = Counter()
    latest: dict[str, int] = {}
    for use in uses:
        rows[use.name] += use.records
        latest[use.name] = max(latest.get(use.name, 0), max(use.years, default=0))
    preferred = min(rows, key=lambda name: (-rows[name], -latest[name], len(name), name))
    units: Counter[str] = Counter()
    kind = max(entries, key=lambda e: (e.head.records, e.kind or "")).kind
    for use in uses:
        if use.unit_kind == kind:
            units.update(use.units)
    unit = min(units, key=lambda u: (-units[u], u)) if units else None
    name = IndicatorNameRow(
        indicator_id=indicator_id,
        name=preferred,
        level2=_level2(uses),
        unit_kind=kind,
        unit=unit,
        unit_factor=unit_factor(unit) if unit is not None else None,
        aliases=tuple(sorted(rows.keys() - {preferred})),
    )
    head = next(n for e in entries for n in e.cluster.names if any(u.name == preferred for u in n.uses))
    return name, _alias_rows(indicator_id, entries, head)


def _level2(uses: Sequence[IndicatorUse]) -> str | None:
    """The commonest level-2 name, printed ones before inferred ones."""
    rows: Counter[tuple[bool, str]] = Counter()
    for use in uses:
        if use.level2 is not None:
            rows[use.level2_inferred, use.level2] += use.records
    return min(rows, key=lambda k: (k[0], -rows[k], k[1]))[1] if rows else None


def _alias_rows(indicator_id: str, entries: Sequence[_Entry], head: Named) -> list[IndicatorAliasRow]:
    rows: dict[tuple[str, str, str], tuple[int, IndicatorAliasRow]] = {}
    for entry in entries:
        links = _explained(entry, head)
        for name in entry.cluster.names:
            for use in name.uses:
                row = IndicatorAliasRow(
                    indicator_id=indicator_id,
                    fund_id=use.fund_id,
                    name=use.name,
                    unit_kind=use.unit_kind,
                    reason=links[name.no].reason,
                    score=round(links[name.no].score, 4),
                    decided_by=links[name.no].decided_by,
                    first_year=min(use.years, default=None),
                    last_year=max(use.years, default=None),
                    records=use.records,
                )
                key = (use.fund_id or "", use.name, use.unit_kind or "")
                rows[key] = _together(rows.get(key), use.records, row)
    return [rows[key][1] for key in sorted(rows)]


def _together(
    known: tuple[int, IndicatorAliasRow] | None, records: int, row: IndicatorAliasRow
) -> tuple[int, IndicatorAliasRow]:
    """One row for a name that several unknown funds have; the reason of the one with most rows."""
    if known is None:
        return records, row
    most, old = known
    better = (records, row.score, row.reason) > (most, old.score, old.reason)
    kept = row if better else old
    years = [y for y in (old.first_year, old.last_year, row.first_year, row.last_year) if y is not None]
    first, last = min(years, default=None), max(years, default=None)
    return max(records, most), replace(
        kept, first_year=first, last_year=last, records=old.records + row.records
    )


def _explained(entry: _Entry, preferred: Named) -> dict[int, Link]:
    """For each name of a cluster why it is the indicator: what joins it to the cluster's main name, else to the name
    of the cluster that it is most alike to."""
    own = entry.head
    for name in entry.cluster.names:
        if name.form.clean == preferred.form.clean:
            own = name
    found = {own.no: _of_main(own, entry, preferred)}
    if len(entry.cluster.names) == 1:
        return found
    best: dict[int, tuple[tuple[bool, float], str, Link]] = {}
    titles = {name.no: name.main.name for name in entry.cluster.names}
    for i, j, link in entry.cluster.links():
        for one, other in ((i, j), (j, i)):
            rank = (other == own.no and link.score > 0.5, link.score)
            if one not in best or rank > best[one][0]:
                best[one] = (rank, titles[other], link)
    for name in entry.cluster.names:
        if name.no not in found:
            _, other_title, link = best.get(name.no, ((False, 0.0), titles[own.no], _CARRIED_LINK))
            found[name.no] = link._replace(reason=f"与“{other_title}”相比：{link.reason}")
    return found


_CARRIED_LINK = Link(_CARRIED, "沿用已有编号", "evidence")


def _of_main(own: Named, entry: _Entry, preferred: Named) -> Link:
    """Why the main name of a fund's cluster is the indicator that other funds have under its preferred name."""
    title = preferred.main.name
    if own.form.clean == preferred.form.clean:
        return Link(1.0, "首选名称", "name")
    if own.form.strict == preferred.form.strict:
        reason = compare_names(own.form, preferred.form, WordExperience()).reason
        return Link(0.99, f"与“{title}”相比：{reason}", "name")
    if entry.key[0].startswith("="):
        line = max((entry.cluster.verdicts.lines.get(c, 0) for c in entry.cleans), default=0)
        return Link(1.0, f"与“{title}”相比：对照表第{line}行", "file")
    if entry.family is not None:
        match = compare_names(own.form, preferred.form, WordExperience())
        heard = "" if match.by_name else "，其他资金中同为一项"
        return Link(_CARRIED, f"与“{title}”相比：{match.reason}{heard}", "name")
    return Link(_CARRIED, f"与“{title}”相比：沿用已有编号", "evidence")


def _question_rows(
    questions: Sequence[Question], ids: Mapping[UseKey, str]
) -> tuple[AlignmentQuestionRow, ...]:
    rows: dict[tuple[str, str, str], AlignmentQuestionRow] = {}
    for question in questions:
        one, other = sorted(
            (question.name.main, question.other.main), key=lambda u: (min(u.years, default=9999), u.name)
        )
        if ids[one.key] == ids[other.key]:
            continue
        row = AlignmentQuestionRow(
            subject="indicator",
            fund_id=one.fund_id,
            name=one.name,
            other=other.name,
            score=round(question.score, 4),
            reason=question.reason,
        )
        key = (one.fund_id or "", one.name, other.name)
        if key not in rows or (row.score, row.reason) > (rows[key].score, rows[key].reason):
            rows[key] = row
    return tuple(rows[key] for key in sorted(rows))
