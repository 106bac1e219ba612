"""Stand-in until the identity of indicators is built: a name with its unit kind is an indicator."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.catalogues import AlignmentQuestionRow, IndicatorAliasRow, IndicatorNameRow


class IndicatorUse(NamedTuple):
    """A printed name within a fund, over all its reports."""

    fund_id: str | None
    scope: str
    name: str
    unit_kind: str | None
    base_unit: str | None
    units: Mapping[str, int]
    level1: str | None
    level2: str | None
    level2_inferred: bool
    years: frozenset[int]
    records: int
    tables: frozenset[int]
    reports: frozenset[int]
    places: Mapping[int, float]
    targets: Mapping[int, float]
    previous: str | None


class IndicatorDecision(NamedTuple):
    """A line of aliases/indicators.csv."""

    same: bool
    fund_id: str | None
    name: str
    other: str
    line: int


@dataclass(frozen=True, slots=True)
class IndicatorAlignment:
    """Ids by scope, name and unit kind."""

    ids: Mapping[tuple[str, str, str | None], str]
    names: tuple[IndicatorNameRow, ...]
    aliases: tuple[IndicatorAliasRow, ...]
    questions: tuple[AlignmentQuestionRow, ...]


def align_indicators(
    uses: Sequence[IndicatorUse], decisions: Sequence[IndicatorDecision]
) -> IndicatorAlignment:
    """One id for each name and unit kind."""
    ids = {
        (u.scope, u.name, u.unit_kind): "I"
        + hashlib.sha256(f"{u.name}|{u.unit_kind}".encode()).hexdigest()[:10]
        for u in uses
    }
    names = {}
    for u in uses:
        i = ids[u.scope, u.name, u.unit_kind]
        names[i] = IndicatorNameRow(
            indicator_id=i, name=u.name, level2=u.level2, unit_kind=u.unit_kind,
            unit=max(sorted(u.units), key=lambda x: u.units[x], default=u.base_unit), unit_factor=1.0,
        )  # fmt: skip
    return IndicatorAlignment(ids, tuple(names[i] for i in sorted(names)), (), ())
