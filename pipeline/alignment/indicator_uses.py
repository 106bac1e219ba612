"""What goes into the alignment of indicators and what comes out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from schemas.catalogues import AlignmentQuestionRow, IndicatorAliasRow, IndicatorNameRow

UseKey = tuple[str, str, str | None]
"""(scope, name, unit_kind): what names a use, and what ids are given to."""


class IndicatorUse(NamedTuple):
    """One printed name with one kind of unit within a fund, over all its reports.

    `scope` is the fund_id, or what keeps reports of unknown funds apart. `tables` are ids of the printed tables that
    hold the name (for sentences the negative id of the report): two names in one of them are two indicators.
    `places` are mean relative rows (0 to 1) and `targets` median target_base_values by year. `previous` is the
    indicator_id that the use had in the last generation.
    """

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

    @property
    def key(self) -> UseKey:
        """What names the use."""
        return self.scope, self.name, self.unit_kind


class FundIndicatorDecision(NamedTuple):
    """Two printed names are the same indicator, or are not, in one fund (None: in every fund); from `line` of the file."""

    same: bool
    fund_id: str | None
    name: str
    other: str
    line: int


@dataclass(frozen=True)
class IndicatorAlignment:
    """The id of every use, and the rows of indicator_names, indicator_aliases and alignment_questions."""

    ids: Mapping[UseKey, str]
    names: tuple[IndicatorNameRow, ...]
    aliases: tuple[IndicatorAliasRow, ...]
    questions: tuple[AlignmentQuestionRow, ...]
