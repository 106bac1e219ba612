"""Ids that indicators keep from generation to generation."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Literal, NamedTuple

from pipeline.alignment.indicator_evidence import Named
from pipeline.alignment.indicator_families import Key
from pipeline.alignment.indicator_uses import IndicatorUse
from pipeline.alignment.indicator_verdicts import Verdicts

DecidedBy = Literal["name", "evidence", "file"]
_DIGITS = 10
_FIRST_TEXTS = 3
"""Texts that a new id is made of before names are numbered; a numbered one is of the same name in any fund."""


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
class Entry:
    """A cluster on its way to an id, without the rows under it: of many funds all are held at once.

    `key` is its main name's normal form and its kind of unit; `free`: no decision for all funds speaks of its names;
    `heard` are the normal forms of the names that speak for other funds. `records` counts the rows of the main name,
    `rows` those of all names by the id that they had, with the first year under it in `since`. `titles` are its names as printed,
    `head` the place of the main one and `line` the line of the file that decided. `family` stands for it in all funds.
    """

    scope: str
    key: Key
    kind: str | None
    free: bool
    clean: str
    strict: str
    cleans: frozenset[str]
    stricts: frozenset[str]
    heard: frozenset[str]
    records: int
    total: int
    first: int
    rows: Mapping[str, int]
    since: Mapping[str, int]
    titles: tuple[str, ...]
    head: int
    links: tuple[tuple[int, int, Link], ...]
    line: int
    family: Key | None = None
    indicator_id: str | None = None

    @property
    def shared(self) -> Key:
        """The key under which it meets the clusters of other funds."""
        return self.family or self.key

    @property
    def order(self) -> tuple[int, int, str, str]:
        """The larger first, then the older."""
        return -self.records, self.first, self.scope, self.clean


class Holder(NamedTuple):
    """Clusters of funds that are not decided anew, which hold an id under one key: their main names' rows, all their
    rows, and all their names."""

    indicator_id: str
    shared: Key
    records: int
    rows: int
    cleans: frozenset[str]
    stricts: frozenset[str]


_Claim = tuple[tuple[int, bool, int, int], str, Entry]
"""How good a claim is, the id that is claimed, and by which cluster."""


def entry_of(cluster: Cluster, general: Verdicts) -> Entry:
    """What of a cluster decides on its id; `general` are the decisions that hold in every fund."""
    head = cluster.representative()
    cleans = frozenset(name.form.clean for name in cluster.names)
    decided = min((general.group(c) for c in cleans if c in general.groups), default=None)
    text = f"={decided}" if decided is not None else head.form.strict
    if decided is None and any(general.group(c) in general.apart for c in cleans):
        text = head.form.clean  # its normal form may be that of a name which it is parted from
    rows: Counter[str] = Counter()
    since: dict[str, int] = {}
    for use in cluster.uses:
        if use.previous is not None:
            rows[use.previous] += use.records
            since[use.previous] = min(since.get(use.previous, 9999), min(use.years, default=9999))
    place = {name.no: at for at, name in enumerate(cluster.names)}
    links = cluster.links() if len(cluster.names) > 1 else ()
    return Entry(
        scope=cluster.scope,
        key=(text, cluster.kind or ""),
        kind=cluster.kind,
        free=cleans.isdisjoint(general.groups) and cleans.isdisjoint(general.apart),
        clean=head.form.clean,
        strict=head.form.strict,
        cleans=cleans,
        stricts=frozenset(name.form.strict for name in cluster.names),
        heard=frozenset(n.form.strict for n in cluster.names if n.form.clean not in cluster.verdicts.groups),
        records=head.records,
        total=sum(name.records for name in cluster.names),
        first=min((min(name.years) for name in cluster.names if name.years), default=9999),
        rows=rows,
        since=since,
        titles=tuple(name.main.name for name in cluster.names),
        head=place[head.no],
        links=tuple((place[i], place[j], link) for i, j, link in links),
        line=max((cluster.verdicts.lines.get(c, 0) for c in cleans), default=0),
    )


def new_id(text: str, kind: str | None) -> str:
    """The id of an indicator that no generation knew: of its name's normal form and its kind of unit."""
    digest = hashlib.sha256(f"{text}\n{kind or ''}".encode()).hexdigest()
    return f"I{digest[:_DIGITS]}"


def assign(entries: Sequence[Entry], general: Verdicts, fixed: Iterable[Holder]) -> None:
    """Gives every entry its id.

    First come those that had one: that which most rows of all funds had, then their own. Then those that meet others which have one; what is left gets new ids. No two
    entries of a scope have one id; `fixed` ids are those of other scopes, which stay.
    """
    held = _Held(general)
    pooled: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    usual: defaultdict[Key, Counter[str]] = defaultdict(Counter)
    for holder in fixed:
        held.by_id[holder.indicator_id].append(holder)
        pooled[holder.shared][holder.indicator_id] += holder.rows
        usual[holder.shared][holder.indicator_id] += holder.records
    claims = [claim for entry in entries for claim in _claims(entry)]
    for rank, wanted, entry in claims:
        pooled[entry.shared][wanted] -= rank[2]
    most = {key: min(count, key=lambda i: (-count[i], i)) for key, count in pooled.items()}
    own = {id(entry) for _, wanted, entry in claims if wanted == most[entry.shared]}
    common = [(rank, most[entry.shared], entry) for rank, _, entry in claims]
    common.sort(key=lambda claim: (id(claim[2]) not in own, _order(claim)))  # who has it keeps it
    for _, wanted, entry in (*common, *sorted(claims, key=_order)):
        if entry.indicator_id is None:
            held.take(entry, wanted)
    groups: defaultdict[Key, list[Entry]] = defaultdict(list)
    for entry in entries:
        groups[entry.shared].append(entry)
        if entry.indicator_id is not None:
            usual[entry.shared][entry.indicator_id] += entry.records
    for key in sorted(groups):
        count = usual[key]
        best = min(count, key=lambda i: (-count[i], i)) if count else None
        for entry in sorted(groups[key], key=lambda e: (e.key != key, e.order)):
            if entry.indicator_id is None and not (best and held.take(entry, best)):
                held.take_new(entry)


class _Held:
    """Who holds which id so far."""

    def __init__(self, general: Verdicts) -> None:
        self._general = general
        self.by_id: defaultdict[str, list[Entry | Holder]] = defaultdict(list)
        self._scopes: defaultdict[str, set[str]] = defaultdict(set)

    def take(self, entry: Entry, wanted: str) -> bool:
        """Gives an entry an id, unless another one of its scope has it, or one that people parted it from."""
        if entry.scope in self._scopes[wanted]:
            return False
        general = self._general
        if any(general.group(c) in general.apart for c in entry.cleans) and any(
            general.parted(a, b) for held in self.by_id[wanted] for a in held.cleans for b in entry.cleans
        ):
            return False
        entry.indicator_id = wanted
        self.by_id[wanted].append(entry)
        self._scopes[wanted].add(entry.scope)
        return True

    def take_new(self, entry: Entry) -> None:
        """A new id; one that another indicator happens to have is passed over."""
        for text in _texts(entry):
            wanted = new_id(text, entry.shared[1])
            foreign = any(
                held.shared != entry.shared and entry.strict not in held.stricts
                for held in self.by_id.get(wanted, ())
            )
            if not foreign and self.take(entry, wanted):
                return


def likely_ids(entry: Entry) -> Iterator[str]:
    """Ids that an entry may come to hold, besides those of the entries that it meets."""
    yield from entry.rows
    for text in islice(_texts(entry), _FIRST_TEXTS):
        yield new_id(text, entry.shared[1])


def _claims(entry: Entry) -> Iterator[_Claim]:
    """Ids that the uses of a cluster had, with a rank: its best claim before lesser ones; a cluster that holds the
    name which the id was made of before others, then by rows, then by age."""
    if not entry.rows:
        return
    made = {new_id(text, entry.kind) for text in entry.stricts | entry.cleans}
    ranked = sorted(entry.rows, key=lambda i: (-entry.rows[i], entry.since[i], i))
    for no, wanted in enumerate(ranked):
        yield (no, wanted not in made, -entry.rows[wanted], entry.since[wanted]), wanted, entry


def _order(claim: _Claim) -> tuple[object, ...]:
    rank, wanted, entry = claim
    return rank, entry.order, wanted


def _texts(entry: Entry) -> Iterator[str]:
    yield entry.shared[0]
    yield entry.key[0]
    yield entry.clean
    number = 2
    while True:
        yield f"{entry.clean}\n{number}"
        number += 1
