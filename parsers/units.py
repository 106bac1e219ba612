"""What a printed unit measures, and values in its base unit: 「亿元」 is money, 100000000 元."""

import re
import unicodedata
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import NamedTuple

from parsers.values import Quantity
from schemas.units import (
    AMBIGUOUS_UNITS,
    COUNTERS,
    MULTIPLIERS,
    PERSON_COUNTERS,
    UNIT_ALIASES,
    UNITS_OF_KIND,
    exact,
)


class UnitMeaning(NamedTuple):
    """What a unit measures, the base unit of that kind, and how many base units it is.

    A unit nobody knows is of the kind "other" and its own base unit. A number without unit has neither kind nor base unit.
    """

    kind: str | None
    base: str | None
    factor: Fraction


class BaseValues(NamedTuple):
    """Target and actual value of an indicator in one base unit; a value that is not of that unit is None."""

    kind: str | None = None
    base: str | None = None
    target: float | None = None
    actual: float | None = None


_NO_UNIT = UnitMeaning(None, None, Fraction(1))
_KNOWN: dict[str, UnitMeaning] = {
    unit: UnitMeaning(kind, base, exact(factor))
    for kind, (base, units) in UNITS_OF_KIND.items()
    for unit, factor in units.items()
} | {unit: UnitMeaning("items", unit, Fraction(1)) for unit in COUNTERS}
_KNOWN |= {unit: UnitMeaning("other", unit, Fraction(1)) for unit in AMBIGUOUS_UNITS}
_MULTIPLIED = re.compile("|".join(sorted(MULTIPLIERS, key=len, reverse=True)))
_ALWAYS_MULTIPLY = frozenset(word for word in MULTIPLIERS if word[-1] in "万亿")
_BRACKETED = re.compile(r"\(([^()]*)\)")
_SEPARATOR = re.compile(r"[/每]")
_LONGEST_UNIT = 24
"""Characters; a longer text is no unit that could be taken apart."""
_MOST_PARTS = 3
_SHARE = 1
"""Beside a percentage, a bare number up to this may be a share (0.98) or one percent: it is not compared."""


def unit_meaning(printed: str | None) -> UnitMeaning:
    """What a printed unit measures; full-width forms, ㎡ and m², and brackets (台（套）) make no difference.

    >>> unit_meaning("万元/公里")
    UnitMeaning(kind='money/length', base='元/米', factor=Fraction(10, 1))
    """
    return _meaning(unicodedata.normalize("NFKC", printed).strip()) if printed else _NO_UNIT


def in_base_unit(value: float, meaning: UnitMeaning) -> float:
    """A value in the base unit of its unit: 1.1 of 亿元 is 110000000.0, without an error of binary fractions."""
    return float(Fraction(Decimal(repr(value))) * meaning.factor)


def base_values(target: Quantity | None, actual: Quantity | None) -> BaseValues:
    """Target and actual in one base unit: the target's, or the actual's where the target prints none.

    A value without unit is in the unit that the other one prints (a form prints it once: 「≥30万元」, 「28」), and 「98万」
    beside 「100万元」 is money. A value of another kind or another counter is None: it is no value in that unit.
    Not so a bare target beside a percentage, which may be a ratio (1:2), and a bare actual that may be a share (0.98).
    Without any unit the values are the numbers themselves.
    """
    told = [quantity for quantity in (target, actual) if quantity and unit_meaning(quantity.unit).base]
    unit = unit_meaning(told[0].unit) if told else _NO_UNIT
    if target and unit.kind == "percent" and unit_meaning(target.unit) == _NO_UNIT:
        target = None
    return BaseValues(unit.kind, unit.base, _in(unit, target), _in(unit, actual))


def _in(unit: UnitMeaning, quantity: Quantity | None) -> float | None:
    if quantity is None:
        return None
    own = unit_meaning(quantity.unit)
    if own.base is None and unit.base is not None:
        if unit.kind == "percent" and quantity.value <= _SHARE:
            return None
        own = unit if own.factor == 1 else UnitMeaning(unit.kind, unit.base, own.factor)
    return in_base_unit(quantity.value, own) if (own.kind, own.base) == (unit.kind, unit.base) else None


@lru_cache(maxsize=4096)
def _meaning(unit: str) -> UnitMeaning:
    if len(unit) > _LONGEST_UNIT:
        return UnitMeaning("other", unit, Fraction(1))
    if unit in MULTIPLIERS:
        return UnitMeaning(None, None, Fraction(MULTIPLIERS[unit]))
    known = _lookup(unit)
    if known:
        return known
    parts = _SEPARATOR.split(unit)
    if 1 < len(parts) <= _MOST_PARTS and all(parts):
        return _compound(unit, [_meaning(part) for part in parts])
    multiplier = _MULTIPLIED.match(unit)
    if multiplier and multiplier[0] in _ALWAYS_MULTIPLY:
        rest = _meaning(unit[multiplier.end() :])
        return rest._replace(factor=rest.factor * MULTIPLIERS[multiplier[0]])
    if unit.startswith(PERSON_COUNTERS):
        return _KNOWN["人"]
    return UnitMeaning("other", unit, Fraction(1))


def _lookup(unit: str) -> UnitMeaning | None:
    """A unit of the tables, written with brackets, a dot, a 个 before it or a multiplier or not; None if there is none."""
    bare = _BRACKETED.sub(r"\1", unit).replace("·", "")
    for form in dict.fromkeys((unit, unit.lower(), bare, bare.lower(), bare.removeprefix("个"))):
        known = _KNOWN.get(UNIT_ALIASES.get(form, form))
        if known:
            return known
    multiplier = _MULTIPLIED.match(bare)
    rest = _lookup(bare[multiplier.end() :]) if multiplier and multiplier.end() < len(bare) else None
    return rest._replace(factor=rest.factor * MULTIPLIERS[multiplier[0]]) if rest and multiplier else None


def _compound(unit: str, parts: Sequence[UnitMeaning]) -> UnitMeaning:
    """A unit of several (元/人/月): the first over the others."""
    kinds, bases = [part.kind for part in parts if part.kind], [part.base for part in parts if part.base]
    if len(bases) < len(parts):
        return UnitMeaning("other", unit, Fraction(1))
    factor = parts[0].factor
    for part in parts[1:]:
        factor /= part.factor
    return UnitMeaning("/".join(kinds), "/".join(bases), factor)
