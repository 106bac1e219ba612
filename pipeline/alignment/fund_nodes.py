"""Reports -> the printed names of funds with what their reports hold -> bundles of names that leave no doubt."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from pipeline.alignment.decisions import name_key
from pipeline.alignment.fund_names import FundName, place_stem, read_fund_name
from schemas.lexicon import OFFICE_WORDS
from schemas.vocabulary import REGION

SHORT_CORE = 4
"""A core of fewer characters says too little to decide alone."""
_COMMON_PLACES = 3
"""From so many places on that name one line of money, it is a common one that each of them got its part of."""
_LONGEST_REPORT = 9
"""Years before the last that a report may cover; more is a misreading."""
_REGION = re.compile(REGION)
_OFFICE = re.compile(OFFICE_WORDS)

Slot = tuple[str, int, str]
"""Organisation, fiscal year and report type: what a fund fills once."""


class FundMention(NamedTuple):
    """A report as far as its fund goes. `origin` names the report for good; `indicators` are the names it gives its
    indicators; `previous` is the fund_id that it has in the previous generation."""

    report_key: int
    origin: str
    name: str | None
    other_names: tuple[str, ...]
    report_type: str
    organisation: str | None
    year_from: int | None
    year: int | None
    previous: str | None
    indicators: Collection[str]


@dataclass(slots=True)
class FundNode:
    """A printed name with all reports under it, or several such that are surely one fund (`merged`).

    `scope` keeps apart what only looks alike: the organisation. `forms` are the names taken apart, one of each core;
    `levels`, `stages`, `notes` and `named_places` are what any of the names says; `first` is the name as it was taken apart, with
    the place of its organisation, `home`. `stated` are names by which its reports say that the fund is also called.
    """

    key: str
    scope: str | None
    printed: str
    forms: list[FundName]
    levels: set[str] = field(default_factory=set)
    stages: set[str] = field(default_factory=set)
    notes: set[str] = field(default_factory=set)
    named_places: set[str] = field(default_factory=set)
    first: str = ""
    home: str | None = None
    stated: set[str] = field(default_factory=set)
    reports: int = 0
    years: set[int] = field(default_factory=set)
    organisations: set[str] = field(default_factory=set)
    slots: set[Slot] = field(default_factory=set)
    indicators: set[str] = field(default_factory=set)
    vector: Mapping[str, float] = field(default_factory=dict)
    previous: Counter[str] = field(default_factory=Counter)

    @property
    def name(self) -> FundName:
        """The name that stands for the others."""
        return self.forms[0]

    @property
    def cores(self) -> set[str]:
        """The cores of all its names."""
        return {form.core for form in self.forms}

    @property
    def places(self) -> set[str]:
        """Where it is, as its names or else its organisations say."""
        return self.named_places or {p for o in self.organisations if (p := place_of(o))}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What of all names counts for each of them, by core: those that stand without a place or with many, that are lines
    of money, of which there is a fund of the central budget and one of another, and that brackets tell apart."""

    placeless: frozenset[str]
    of_money: frozenset[str]
    of_two_budgets: frozenset[str]
    of_several_notes: frozenset[str]

    def is_local(self, name: FundName) -> bool:
        """Whether a name is that of a project which other places or departments may have under the same name."""
        return name.is_generic or (name.kind == "project" and name.core not in self.of_money)


def surroundings(forms: Iterable[FundName]) -> Surroundings:
    """What all the names together say."""
    levels: dict[str, set[str]] = defaultdict(set)
    notes: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    places: dict[str, set[str]] = defaultdict(set)
    money, placeless = set(), set()
    for form in forms:
        levels[form.core].update([form.level] if form.level else [])
        notes[form.core].update([form.notes] if form.notes else [])
        if form.kind != "project":
            money.add(form.core)
        if form.place:
            places[form.core].add(place_stem(form.place))
        else:
            placeless.add(form.core)
    placeless |= {core for core, found in places.items() if len(found) >= _COMMON_PLACES}
    return Surroundings(
        placeless=frozenset(placeless),
        of_money=frozenset(money),
        of_two_budgets=frozenset(core for core, found in levels.items() if {"central"} < found),
        of_several_notes=frozenset(core for core, found in notes.items() if len(found) > 1),
    )


@lru_cache(maxsize=10_000)
def place_of(organisation: str) -> str | None:
    """The province, city or county that an organisation's name begins with."""
    found = _REGION.match(organisation)
    return found[0] if found and len(found[0]) > 2 else None


@lru_cache(maxsize=10_000)
def field_of(organisation: str) -> str:
    """What an organisation deals with, as its name says: without place and office."""
    return _OFFICE.sub("", organisation.removeprefix(place_of(organisation) or ""))


NodeKey = tuple[str, str | None]
"""What names a node: the key of its name, and its scope."""


def fund_nodes(mentions: Iterable[FundMention]) -> tuple[list[FundNode], dict[int, NodeKey]]:
    """The printed names with what their reports hold, in a fixed order; and the node of each report that names a fund.
    Of names that differ in form only the one that comes first is taken apart."""
    found: dict[NodeKey, FundNode] = {}
    printed: dict[NodeKey, Counter[str]] = defaultdict(Counter)
    node_of: dict[int, NodeKey] = {}
    for mention in mentions:
        if not mention.name:
            continue
        key, home, organisation = node_key(mention.name, mention.organisation, mention.origin)
        if key not in found:
            found[key] = new_node(key, mention.name, home)
        _add(found[key], mention, organisation)
        printed[key][mention.name] += 1
        node_of[mention.report_key] = key
    for key, node in found.items():
        node.printed = min(printed[key], key=lambda n: (-printed[key][n], n))
    return in_order(found.values()), node_of


def in_order(nodes: Iterable[FundNode]) -> list[FundNode]:
    """Nodes in the order in which they are decided on."""
    return sorted(nodes, key=lambda node: (node.key, node.scope or ""))


def node_key(name: str, organisation: str | None, origin: str) -> tuple[NodeKey, str | None, str | None]:
    """The node of a report, with the place and the key of its organisation."""
    own = name_key(organisation) if organisation else None
    home = place_of(own) if own else None
    return (name_key(name), _scope(read_fund_name(name, home), own, origin)), home, own


def _scope(name: FundName, organisation: str | None, origin: str) -> str | None:
    """The organisation where the name alone does not tell which fund it is: names that every department uses, projects
    without a place, short names that several departments use (引导资金)."""
    is_told = not name.is_generic and (name.kind != "project" or name.place) and len(name.core) >= SHORT_CORE
    if is_told:
        return None
    return organisation or (f"#{origin}" if name.is_generic else None)


def new_node(key: NodeKey, first: str, home: str | None) -> FundNode:
    """A node without reports yet."""
    name = read_fund_name(first, home)
    return FundNode(
        *key, first, [name], levels={name.level} if name.level else set(), stages=set(name.stages),
        notes=set(name.notes), named_places={name.place} if name.place else set(), first=first, home=home,
    )  # fmt: skip


def _add(node: FundNode, mention: FundMention, organisation: str | None) -> None:
    node.reports += 1
    node.stated.update(mention.other_names)
    if organisation:
        node.organisations.add(organisation)
    if mention.year is not None:
        first = max(mention.year_from or mention.year, mention.year - _LONGEST_REPORT)
        node.years.update(range(first, mention.year + 1))
        if organisation:
            node.slots.add((organisation, mention.year, mention.report_type))
    if mention.previous:
        node.previous[mention.previous] += 1
    node.indicators.update(mention.indicators)


def merged(nodes: Sequence[FundNode]) -> FundNode:
    """Several names of one fund as one node; the first stands for them."""
    first = nodes[0]
    out = FundNode(first.key, first.scope, first.printed, [])
    forms = {form.core: form for node in reversed(nodes) for form in reversed(node.forms)}
    out.forms = [forms.pop(first.name.core), *(forms[core] for core in sorted(forms))]
    for node in nodes:
        for mine, its in (
            (out.levels, node.levels), (out.stages, node.stages), (out.notes, node.notes),
            (out.named_places, node.named_places),
        ):  # fmt: skip
            mine.update(its)
        out.reports += node.reports
        out.years |= node.years
        out.organisations |= node.organisations
        out.slots |= node.slots
        out.indicators |= node.indicators
        out.previous.update(node.previous)
    return out


def bundles(
    nodes: Sequence[FundNode], around: Surroundings, apart: Mapping[int, set[int]]
) -> list[list[int]]:
    """Names that differ in nothing that could tell two funds: each bundle is one fund. `apart` are the names that people
    said to be different; they are in different bundles."""
    by_identity: dict[object, list[list[int]]] = defaultdict(list)
    for index, node in enumerate(nodes):
        group, barred = by_identity[_identity(node, around)], apart.get(index)
        free = next((b for b in group if not barred or barred.isdisjoint(b)), None)
        if free is None:
            group.append([index])
        else:
            free.append(index)
    return sorted(bundle for group in by_identity.values() for bundle in group)


def _identity(node: FundNode, around: Surroundings) -> object:
    name = node.name
    budget = (name.level and name.level == "central") if name.core in around.of_two_budgets else None
    notes = name.notes if name.core in around.of_several_notes else ()
    return name.core, budget, name.stages, notes, _whose(node, around)


def _whose(node: FundNode, around: Surroundings) -> object:
    """What besides its name tells a fund: place and department of a project, the place of money that only one or two
    places name."""
    name = node.name
    if around.is_local(name):
        place = name.place or next((p for o in sorted(node.organisations) if (p := place_of(o))), "")
        office = next((field_of(o) or o for o in sorted(node.organisations)), node.scope)
        return place_stem(place), "" if name.place and not name.is_generic else office
    if len(name.core) < SHORT_CORE and node.scope:
        return node.scope
    if name.place and name.kind == "fund" and name.core not in around.placeless:
        return place_stem(name.place)
    return None
