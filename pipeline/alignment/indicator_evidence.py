"""What the reports hold for and against two names being one indicator, besides the names.

The strongest sign is a table whose other rows go on while one name ends and the other begins. Evidence is in log odds,
to be added to those of the names.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from pipeline.alignment.indicator_names import NameForm
from pipeline.alignment.indicator_uses import IndicatorUse
from schemas.indicator_words import GENERIC_COUNTERS, LEVELS_THAT_MOVED, SOFT_COUNTERS

LIKELIEST = 4.6
"""No evidence adds up to more: names that lack more than this to a question need not be looked at."""

_ALIKE_TABLES = 0.5
"""Share of the other rows that two tables have in common from which on they are the same table of another time."""
_LEAST_ROWS = 2
_ONLY_ONE, _MOST_RIVALS = 1.0, 64
_COMPANIES = 4096
"""Names whose company is kept at hand."""
_MOST_TABLES = 32
"""Tables of a name, the last ones, that are looked at: more hold the same rows again."""
_SUCCESSION, _LATE_SUCCESSION, _OTHER_YEARS = 1.2, 0.8, 0.4
_SISTER_TABLES, _ALTERNATIVES, _MANY_ALTERNATIVES, _MANY = 1.0, 0.4, 0.8, 5
_EQUAL_TARGET, _EQUAL_RATE, _NEAR_TARGET, _OTHER_TARGET = 1.2, 0.3, 0.5, -1.2
_FARS = ((30.0, -5.0), (10.0, -2.5), (3.0, -1.0))
"""How many times one target is the other, and what that speaks against one indicator."""
_FAR_RATE = -0.8
_NEAR = 1.35
_SAME_LEVEL, _OTHER_LEVEL, _DOUBTFUL_LEVEL = 0.3, -0.8, -0.2
_SAME_UNIT, _OTHER_UNIT, _GENERIC_UNIT, _SOFT_UNIT, _NO_UNIT = 0.2, -1.2, -0.3, -0.5, -0.3
_PLACES = ((0.05, 0.6), (0.10, 0.3), (0.30, 0.0), (0.50, -0.5), (1.01, -1.0))
"""Distance in the table up to which it counts how much."""


class Evidence(NamedTuple):
    """Log odds, and the Chinese words of what speaks for and against; `structural` where the tables themselves
    speak for it, one name standing where the other stood."""

    odds: float
    reasons: tuple[str, ...]
    structural: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """A name of a scope with one kind of unit: all its uses, which differ in white space or lack a unit."""

    no: int
    form: NameForm
    kind: str | None
    uses: tuple[IndicatorUse, ...]
    tables: frozenset[int]
    reports: frozenset[int]
    years: frozenset[int]
    records: int
    main: IndicatorUse
    places: Mapping[int, float]
    targets: Mapping[int, float]

    def shares_table(self, other: "Named") -> bool:
        """Both stand in one printed table, so that they are two rows of it."""
        return not self.tables.isdisjoint(other.tables)


class Company:
    """Which indicators stand in the tables of a scope.

    `home` gives each name the first name of what surely is the same indicator, so that rows of two tables count as
    the same under either name. Only tables are kept for all names; the company of a name is made when it is asked.
    """

    def __init__(self, names: Sequence[Named], home: Sequence[int]) -> None:
        self._names = names
        self._home = home
        self._rows: dict[int, set[int]] = {}
        for name in names:
            for table in name.tables:
                self._rows.setdefault(table, set()).add(home[name.no])
        self._of = lru_cache(maxsize=_COMPANIES)(self._gather)

    def of(self, name: Named) -> frozenset[int]:
        """The indicators that stand in one table with a name, by their first names; itself among them."""
        return self._of(name.no)

    def _gather(self, no: int) -> frozenset[int]:
        tables = sorted(self._names[no].tables, reverse=True)[:_MOST_TABLES]
        return frozenset().union(*(self._rows[table] for table in tables))

    def alike(self, a: Named, b: Named) -> bool:
        """The other rows of their tables are the same in the main."""
        own = {self._home[a.no], self._home[b.no]}
        mine, theirs = self.of(a) - own, self.of(b) - own
        least = min(len(mine), len(theirs))
        return least >= _LEAST_ROWS and len(mine & theirs) >= _ALIKE_TABLES * least

    def rivals(self, a: Named, b: Named) -> Sequence[Named] | None:
        """What stands with `a`, but not with `b`, and is neither; None where that is too much to look at."""
        found = self.of(a) - self.of(b) - {self._home[a.no], self._home[b.no]}
        return [self._names[no] for no in sorted(found)] if len(found) <= _MOST_RIVALS else None


def gathered(no: int, form: NameForm, uses: Sequence[IndicatorUse]) -> Named:
    """A name with all its uses; the one with most rows tells level, unit and kind."""
    ranked = sorted(uses, key=lambda u: (u.unit_kind is None, -u.records, u.name, u.unit_kind or ""))
    main = ranked[0]
    if len(uses) == 1:
        return Named(
            no, form, main.unit_kind, (main,), main.tables, main.reports, main.years, main.records, main,
            main.places, main.targets,
        )  # fmt: skip
    places: dict[int, float] = {}
    targets: dict[int, float] = {}
    for use in reversed(ranked):
        places.update(use.places)
        targets.update(use.targets)
    return Named(
        no,
        form,
        main.unit_kind,
        tuple(ranked),
        frozenset().union(*(u.tables for u in uses)),
        frozenset().union(*(u.reports for u in uses)),
        frozenset().union(*(u.years for u in uses)),
        sum(u.records for u in uses),
        main,
        places,
        targets,
    )


def weigh(a: Named, b: Named, company: Company) -> Evidence:
    """What speaks for and against two names that never stand in one table."""
    alike = company.alike(a, b)
    times, targets = _times(a, b, alike), _targets(a, b)
    alone = _only_one(a, b, company) if times.odds > _OTHER_YEARS else Evidence(0.0, ())
    place = _place(a, b)
    found = [times, alone, targets, place, _levels(a.main, b.main), _units(a.main, b.main)]
    odds = sum(part.odds for part in found)
    reasons = tuple(reason for part in found for reason in part.reasons)
    goes_on = times.odds == _OTHER_YEARS and targets.odds >= _NEAR_TARGET
    agreeing = targets.odds in (_EQUAL_TARGET, _EQUAL_RATE) and place.odds >= _PLACES[0][1]
    return Evidence(min(odds, LIKELIEST), reasons, agreeing or (times.odds > 0 and (goes_on or alike)))


def _times(a: Named, b: Named, alike: bool) -> Evidence:
    if not a.years or not b.years:
        return Evidence(0.0, ())
    if a.years.isdisjoint(b.years):
        if not alike:
            return Evidence(_OTHER_YEARS, ("年度不重叠",))
        gap = max(min(b.years) - max(a.years), min(a.years) - max(b.years))
        if gap <= 1:
            return Evidence(_SUCCESSION, ("年度相接，同表其余指标延续",))
        return Evidence(_LATE_SUCCESSION, ("年度不重叠，同表其余指标延续",))
    if not alike:
        return Evidence(0.0, ())
    if not a.reports.isdisjoint(b.reports):
        return Evidence(_SISTER_TABLES, ("同一报告的不同表格，其余指标相同",))
    many = min(len(a.tables), len(b.tables)) >= _MANY
    return Evidence(_MANY_ALTERNATIVES if many else _ALTERNATIVES, ("同类表格中从不同时出现",))


def _only_one(a: Named, b: Named, company: Company) -> Evidence:
    """No other row could have come in the place of the one, or gone for the other."""
    for one, other in ((a, b), (b, a)):
        rivals = company.rivals(one, other)
        if rivals is None or any(_alike_slot(rival, one) for rival in rivals):
            return Evidence(0.0, ())
    return Evidence(_ONLY_ONE, ("前后仅此一项增减",))


def _alike_slot(a: Named, b: Named) -> bool:
    """Two rows of one table that a row of another could as well be, but for their names."""
    if a.kind is not None and b.kind is not None and a.kind != b.kind:
        return False
    return _level(a.main.level2) == _level(b.main.level2) or not (a.main.level2 and b.main.level2)


def _targets(a: Named, b: Named) -> Evidence:
    """Targets of the same years, or of the years nearest to each other."""
    if (a.kind is None and b.kind is not None) or (b.kind is None and a.kind is not None):
        return Evidence(0.0, ())  # 12 without a unit and 12 万亩 cannot be compared
    percent = "percent" in (a.kind, b.kind)
    together = a.targets.keys() & b.targets.keys()
    if together:
        if all(_close(a.targets[year], b.targets[year]) for year in together):
            return Evidence(_EQUAL_RATE if percent else _EQUAL_TARGET, ("同年目标值相同",))
        if not a.reports.isdisjoint(b.reports):
            return Evidence(_OTHER_TARGET, ("同一报告中目标值不同",))
        return Evidence(0.0, ())
    if not a.targets or not b.targets:
        return Evidence(0.0, ())
    one, other = _nearest(a.targets, b.targets)
    if percent:
        if abs(one - other) > 30:
            return Evidence(_FAR_RATE, ("目标值悬殊",))
        return Evidence(_SAME_UNIT, ()) if abs(one - other) <= 10 else Evidence(0.0, ())
    if one <= 0 or other <= 0:
        return Evidence(0.0, ())
    ratio = max(one, other) / min(one, other)
    if ratio <= _NEAR:
        return Evidence(_NEAR_TARGET, ("目标值衔接",))
    for limit, odds in _FARS:
        if ratio > limit:
            return Evidence(odds, ("目标值悬殊",))
    return Evidence(0.0, ())


def _place(a: Named, b: Named) -> Evidence:
    if not a.places or not b.places:
        return Evidence(0.0, ())
    together = sorted(a.places.keys() & b.places.keys())
    if together:
        apart = sum(abs(a.places[year] - b.places[year]) for year in together) / len(together)
    else:
        one, other = _nearest(a.places, b.places)
        apart = abs(one - other)
    for limit, odds in _PLACES:
        if apart <= limit:
            return Evidence(odds, ("表中位置相同",) if odds >= _PLACES[0][1] else ())
    return Evidence(0.0, ())


def _levels(a: IndicatorUse, b: IndicatorUse) -> Evidence:
    odds = 0.0
    one, other = _level(a.level1), _level(b.level1)
    if one and other and one != other and not {one, other} <= LEVELS_THAT_MOVED:
        odds += _OTHER_LEVEL
    one, other = _level(a.level2), _level(b.level2)
    if one and other:
        if one == other:
            odds += _SAME_LEVEL
        else:
            odds += _DOUBTFUL_LEVEL if a.level2_inferred or b.level2_inferred else _OTHER_LEVEL
    if odds == 0.0:
        return Evidence(0.0, ())
    return Evidence(odds, ("层级相同",) if odds > 0 else ("层级不同",) if odds <= _OTHER_LEVEL else ())


def _units(a: IndicatorUse, b: IndicatorUse) -> Evidence:
    if a.unit_kind is None or b.unit_kind is None:
        return Evidence(_NO_UNIT if a.unit_kind != b.unit_kind else 0.0, ())
    if a.base_unit == b.base_unit:
        return Evidence(_SAME_UNIT, ("单位相同",))
    if {a.base_unit or "", b.base_unit or ""} & GENERIC_COUNTERS:
        return Evidence(_GENERIC_UNIT, ())
    if {a.base_unit, b.base_unit} <= SOFT_COUNTERS:
        return Evidence(_SOFT_UNIT, ())
    return Evidence(_OTHER_UNIT, ("单位不同",))


def _level(name: str | None) -> str:
    return (name or "").removesuffix("指标").removesuffix("类")


def _close(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * max(abs(one), abs(other), 1.0)


def _nearest(a: Mapping[int, float], b: Mapping[int, float]) -> tuple[float, float]:
    """The values of the two years that are nearest to each other, the latest of them."""
    year, other = min(_year_pairs(a, b), key=lambda pair: (abs(pair[0] - pair[1]), -pair[0], -pair[1]))
    return a[year], b[other]


def _year_pairs(a: Iterable[int], b: Iterable[int]) -> Iterable[tuple[int, int]]:
    later = sorted(b)[-_YEARS:]
    return ((x, y) for x in sorted(a)[-_YEARS:] for y in later)


_YEARS = 30
"""Years of a name that are compared: budgets by performance are younger than that."""
