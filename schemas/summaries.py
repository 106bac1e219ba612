"""Summary tables: what the cross-year views read, worked out of the store's tables when a generation is published.

They stand in the DuckDB file only, not in Parquet, and can be made again of the other tables at any time.
"""

from dataclasses import dataclass

from schemas.tables import TableSchema, column, declared, list_column


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFigureRow:
    """The total budget and execution that one report states, and how the report ranks among those of its fund and year."""

    doc_id: str = column("文件编号", "first 16 hex digits of the file's SHA-256")
    report_no: int = column("报告序号", "report or form in the file, from 1")
    fund_id: str | None = column("资金编号", "fund (funds.fund_id)")
    fiscal_year: int | None = column("年度", "fiscal year reported on")
    rank: int | None = column(
        "取数次序", "1 for the principal report of its fund and year; null without a fund"
    )
    same_organisation: bool | None = column(
        "同取数单位",
        "on the organisation that the principal report is on (equal, or one name the end of the other); null where a name is unknown",
    )
    budget_no: int | None = column("预算序号", "funding_no of the budget")
    budget_yuan: float | None = column("预算", "total budget", "yuan")
    budget_measure: str | None = column("预算口径", "measure of the budget, as in funding.measure")
    budget_location: str | None = column("预算位置", "printable place of the budget")
    executed_no: int | None = column("执行序号", "funding_no of the execution")
    executed_yuan: float | None = column("执行", "money executed", "yuan")
    executed_location: str | None = column("执行位置", "printable place of the execution")
    rate: float | None = column("执行率", "computed: executed in percent of the budget", "%")
    reported_rate: float | None = column("报告执行率", "execution rate as printed", "%")
    other_no: int | None = column(
        "另述序号", "funding_no of another execution of the whole fund that the same report states"
    )
    other_yuan: float | None = column("另述执行", "that other execution", "yuan")
    other_rate: float | None = column("另述执行率", "its execution rate as printed", "%")
    other_location: str | None = column("另述位置", "printable place of that statement")
    completed: int | None = column("指标数", "distinct indicators of the completion tables")
    met: int | None = column("完成指标数", "of them, met in every completion table that they stand in")
    judged: int | None = column(
        "可判定指标数", "of them, with a target and an actual value that can be compared"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FundYearRow:
    """A fund in a fiscal year. Money, points and counts are each taken from one report, never added up or averaged."""

    fund_id: str = column("资金编号", "fund (funds.fund_id)")
    fiscal_year: int | None = column("年度", "fiscal year; null for reports that state none")
    doc_id: str = column("文件编号", "file of the principal report, which the money was taken from")
    report_no: int = column("报告序号", "the principal report in its file")
    reports: int = column("报告数", "reports on the fund and year")
    score: float | None = column(
        "总分",
        "points of the first report in rank, on the principal report's organisation, that states them",
        "points",
    )
    score_doc_id: str | None = column("总分文件编号", "file of that report")
    score_report_no: int | None = column("总分报告序号", "that report in its file")
    grade: str | None = column("等级", "grade of the first such report that states one")
    grade_doc_id: str | None = column("等级文件编号", "file of that report")
    grade_report_no: int | None = column("等级报告序号", "that report in its file")
    count_doc_id: str | None = column("指标文件编号", "file of the first such report with a completion table")
    count_report_no: int | None = column("指标报告序号", "that report in its file")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorYearRow:
    """An indicator of a fund in a fiscal year: the one row of `indicators` that speaks for it."""

    fund_id: str = column("资金编号", "fund (funds.fund_id)")
    indicator_id: str = column("指标编号", "indicator (indicator_names.indicator_id)")
    fiscal_year: int | None = column("年度", "fiscal year; null for reports that state none")
    doc_id: str = column("文件编号", "file that the values were taken from")
    report_no: int = column("报告序号", "report in the file")
    indicator_no: int = column("指标序号", "row of the report (indicators.indicator_no)")
    records: int = column(
        "记录数",
        "rows on the indicator, with a target or an actual value, in all reports of the fund and year",
    )
    same_organisation: bool | None = column(
        "同取数单位",
        "from a report on the principal report's organisation (report_figures.same_organisation)",
    )
    record: str = column("记录类型", "record of that row: completion, narrative, score or target")
    name: str = column("本年名称", "indicator as printed in that row")
    level1: str | None = column("一级指标", "level-1 name")
    level2: str | None = column("二级指标", "level-2 name")
    target_op: str | None = column("目标运算符", ">= <= > < = ~")
    target_text: str | None = column("目标值原文", "target as printed")
    actual_text: str | None = column("完成值原文", "actual value as printed")
    completion_rate: float | None = column("完成率", "computed: actual in percent of target", "%")
    is_met: bool | None = column("是否达标", "computed, as in indicators.is_met")
    reason: str | None = column("偏差原因", "reason for the deviation, as printed")
    location: str | None = column("位置", "printable place of that row")
    unit: str | None = column("单位", "the one unit of the series; the printed one where no unit is known")
    target_value: float | None = column("目标值", "target in `unit`")
    actual_value: float | None = column("完成值", "actual value in `unit`")
    previous_target: float | None = column("上年目标值", "target of the year before, in `unit`")
    previous_actual: float | None = column("上年完成值", "actual value of the year before, in `unit`")
    has_previous: bool = column("有上年", "there is a row of the year before")
    previous_differs: bool | None = column(
        "上年单位不同",
        "the year before was reported by another organisation; null where one of the two is unknown, or there is no year before",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FundProjectRow:
    """A project that a fund pays for in a year, once though several reports list it."""

    fund_id: str | None = column("资金编号", "fund (funds.fund_id)")
    fiscal_year: int | None = column("年度", "fiscal year")
    name: str = column("项目名称", "project")
    undertaker: str | None = column("支持单位", "undertaker without spaces, brackets made full-width")
    amount_yuan: float | None = column("金额", "amount", "yuan")
    reports: int = column("报告数", "reports that list it")
    doc_id: str = column("文件编号", "file of the first of them in rank")
    report_no: int = column("报告序号", "report in the file")
    project_no: int = column("项目序号", "row of the report (projects.project_no)")
    category: str | None = column("类别", "heading row above it, outer")
    location: str | None = column("位置", "printable place of that row")


@dataclass(frozen=True, slots=True, kw_only=True)
class UndertakerRow:
    """Who carries projects out, over all funds and years."""

    undertaker: str = column("支持单位", "undertaker without spaces, brackets made full-width")
    funds: int = column("资金数", "funds that supported it")
    fund_names: str | None = column("资金名称", "their names")
    years: int = column("年度数", "fiscal years with support")
    first_year: int | None = column("首次年度", "first of them")
    last_year: int | None = column("最近年度", "last of them")
    projects: int = column("项目数", "projects")
    amount_yuan: float | None = column("金额", "sum of the amounts", "yuan")
    doc_id: str = column("文件编号", "file of its largest project, as in fund_projects")
    report_no: int = column("报告序号", "report in the file")
    project_no: int = column("项目序号", "row of the report (projects.project_no)")


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionIndexRow:
    """A word and the chapters of a segment that hold it: what `章节检索` looks up.

    A publication adds a segment for the chapters that came and takes away those that went. So a word has a row in each
    segment that changed it, and numbers of chapters that are gone stay until their segment is made anew.
    """

    word: str = column("词", "word in small letters")
    segment: int = column("段号", "segment (section_segments.segment)")
    chapters: int = column(
        "章节数增减",
        "chapters with the word that came with the segment, less those that went; summed up, those there are",
    )
    numbers: tuple[int, ...] = list_column(
        "章节编号", "chapters of the segment with the word (numbered_sections.number), ascending"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionSegmentRow:
    """A segment of the index of chapters: a range of chapter numbers."""

    segment: int = column("段号", "from 1")
    first_number: int = column("首个章节编号", "lowest number that a chapter of the segment can have")
    last_number: int = column(
        "末个章节编号", "highest number given so far; below first_number where no chapter came"
    )
    chapters: int = column("章节数", "chapters that it held when it was made")
    changes: int = column("变动数", "chapters that came or went with it: what making it anew costs")


REPORT_FIGURES = declared(
    ReportFigureRow,
    "report_figures",
    "报告取数",
    "the total budget and execution of one report, and its rank among the reports of its fund and year",
    key=("doc_id", "report_no"),
)
FUND_YEARS = declared(
    FundYearRow, "fund_years", "资金年度", "a fund in a fiscal year", key=("fund_id", "fiscal_year")
)
INDICATOR_YEARS = declared(
    IndicatorYearRow,
    "indicator_years",
    "指标年度",
    "an indicator of a fund in a fiscal year: the one row that speaks for it",
    key=("fund_id", "indicator_id", "fiscal_year"),
)
FUND_PROJECTS = declared(
    FundProjectRow,
    "fund_projects",
    "资金项目",
    "a project that a fund pays for in a year, once though several reports list it",
    key=("doc_id", "report_no", "project_no"),
)
UNDERTAKERS = declared(
    UndertakerRow,
    "undertakers",
    "支持单位汇总",
    "who carries projects out, over all funds and years",
    key=("undertaker",),
)
SECTION_INDEX = declared(
    SectionIndexRow,
    "section_index",
    "章节索引",
    "a word and the chapters of a segment that hold it",
    key=("word", "segment"),
)
SECTION_SEGMENTS = declared(
    SectionSegmentRow,
    "section_segments",
    "章节索引段",
    "a segment of the index of chapters: a range of chapter numbers",
    key=("segment",),
)

NUMBERED_SECTIONS = "numbered_sections"
"""The table that holds the rows of `sections` in the DuckDB file, each with a `number` of its own, which the index knows
it by; `sections` is a view of it without the number."""

SUMMARY_TABLES: tuple[TableSchema, ...] = (
    REPORT_FIGURES, FUND_YEARS, INDICATOR_YEARS, FUND_PROJECTS, UNDERTAKERS, SECTION_INDEX, SECTION_SEGMENTS,
)  # fmt: skip
"""In the order in which they are made: each may read those before it."""
