"""What is the same across years: funds, indicators, and the names they were printed under.

These tables are not read from one report; `pipeline.alignment` makes them of all reports of the store.
"""

from dataclasses import dataclass
from typing import Literal

from schemas.tables import column, declared, list_column


@dataclass(frozen=True, slots=True, kw_only=True)
class FundRow:
    """A fund that is the same across years."""

    fund_id: str = column("资金编号", "stable from generation to generation")
    name: str = column("资金名称", "preferred name")
    aliases: tuple[str, ...] = list_column("别名", "other names it was printed under")
    first_year: int | None = column("首次年度", "first fiscal year seen")
    last_year: int | None = column("最近年度", "last fiscal year seen")
    reports: int = column("报告数", "reports on the fund")


@dataclass(frozen=True, slots=True, kw_only=True)
class FundAliasRow:
    """A printed name and the fund it was taken for, with the reason."""

    fund_id: str = column("资金编号", "fund (funds.fund_id)")
    name: str = column("名称", "name as printed")
    scope: str | None = column(
        "限定", "organisation or place that the name is told apart by, where many use the same name"
    )
    reason: str = column("依据", "why the name is this fund's, in Chinese")
    score: float = column(
        "匹配度", "how sure the match is, 0 to 1; 1 for the fund's own name and for decisions"
    )
    decided_by: Literal["name", "report", "evidence", "file"] = column(
        "判定方式",
        "name: the names alone; report: a report states both; evidence: name and what the reports hold; file: aliases/funds.csv",
    )
    first_year: int | None = column("首次年度", "first fiscal year under this name")
    last_year: int | None = column("最近年度", "last fiscal year under this name")
    reports: int = column("报告数", "reports under this name")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorAliasRow:
    """A printed indicator name within a fund and the indicator it was taken for, with the reason."""

    indicator_id: str = column("指标编号", "indicator (indicator_names.indicator_id)")
    fund_id: str | None = column("资金编号", "fund that the name was seen in")
    name: str = column("名称", "name as printed")
    unit_kind: str | None = column("单位类别", "kind of the unit under this name")
    reason: str = column("依据", "why the name is this indicator's, in Chinese")
    score: float = column("匹配度", "how sure the match is, 0 to 1")
    decided_by: Literal["name", "evidence", "file"] = column(
        "判定方式",
        "name: the names alone; evidence: name, unit, level and years; file: aliases/indicators.csv",
    )
    first_year: int | None = column("首次年度", "first fiscal year under this name")
    last_year: int | None = column("最近年度", "last fiscal year under this name")
    records: int = column("记录数", "rows under this name")


@dataclass(frozen=True, slots=True, kw_only=True)
class AlignmentQuestionRow:
    """Two names that may be the same, which nobody has decided yet: `jixiao funds review`."""

    subject: Literal["fund", "indicator"] = column("对象", "fund or indicator")
    fund_id: str | None = column("资金编号", "the fund that both indicators stand in; null for funds")
    name: str = column("名称", "a name as printed")
    other: str = column("另一名称", "another name as printed")
    score: float = column("匹配度", "how sure the match would be, 0 to 1")
    reason: str = column("依据", "what speaks for and against it, in Chinese")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorNameRow:
    """An indicator that is the same across years."""

    indicator_id: str = column("指标编号", "stable from generation to generation")
    name: str = column("指标名称", "preferred name")
    level2: str | None = column("二级指标", "level-2 name")
    unit_kind: str | None = column("单位类别", "what its unit measures, as in indicators.unit_kind")
    unit: str | None = column("可比单位", "the one unit of its series: the commonest that was printed")
    unit_factor: float | None = column("换算系数", "base units in one of `unit`")
    aliases: tuple[str, ...] = list_column("别名", "other names it was printed under")


FUNDS = declared(FundRow, "funds", "资金目录", "the same fund across years", key=("fund_id",))
INDICATOR_NAMES = declared(
    IndicatorNameRow, "indicator_names", "指标目录", "the same indicator across years", key=("indicator_id",)
)
FUND_ALIASES = declared(
    FundAliasRow,
    "fund_aliases",
    "资金别名",
    "a printed name and the fund it was taken for, with the reason",
    key=("fund_id", "name", "scope"),
)
INDICATOR_ALIASES = declared(
    IndicatorAliasRow,
    "indicator_aliases",
    "指标别名",
    "a printed indicator name within a fund and the indicator it was taken for, with the reason",
    key=("indicator_id", "fund_id", "name", "unit_kind"),
)
ALIGNMENT_QUESTIONS = declared(
    AlignmentQuestionRow,
    "alignment_questions",
    "待确认名称",
    "two names that may be the same, which nobody has decided yet",
    key=("subject", "fund_id", "name", "other"),
)
