"""Every table of the store, declared once.

A dataclass here is a table: `schemas.tables.declared` turns it into Arrow schema, DuckDB DDL,
Chinese view and data dictionary. Parsers make these values; the store adds `doc_id`.
Names and meanings are the data contract of jixiao: columns may be added, never renamed.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple

from schemas.catalogues import (
    ALIGNMENT_QUESTIONS,
    FUND_ALIASES,
    FUNDS,
    INDICATOR_ALIASES,
    INDICATOR_NAMES,
)
from schemas.locations import Box, Position
from schemas.tables import TableSchema, column, declared, list_column

ReportType = Literal[
    "self_evaluation",  # 项目支出绩效自评报告
    "transfer_self_evaluation",  # 转移支付绩效自评报告
    "third_party_evaluation",  # 委托第三方的评价报告
    "department_evaluation",  # 部门或单位组织的评价报告
    "self_evaluation_form",  # 自评表
    "target_form",  # 绩效目标申报表
    "unknown",
]
SectionKind = Literal[
    "overview", "objectives", "funding", "organisation", "performance", "conclusion", "experience", "problems",
    "deviation", "recommendations", "result_use", "evaluation_work", "attachments", "other",
]  # fmt: skip
TableKind = Literal["targets", "completion", "scoring", "budget", "projects", "form", "other"]
IndicatorRecord = Literal["target", "completion", "score", "narrative"]
RemarkKind = Literal["experience", "problem", "deviation", "recommendation"]
Measure = Literal[
    "initial_budget", "budget", "allocated", "received", "disbursed", "executed", "carried_over", "other"
]  # fmt: skip
FundingSource = Literal[
    "central", "provincial", "municipal", "county", "local", "own", "social", "other", "total"
]  # fmt: skip
Outcome = Literal["read", "partial", "unchanged", "duplicate", "skipped", "failed", "forgotten"]
Operator = Literal[">=", "<=", ">", "<", "=", "~"]


class FieldPlace(NamedTuple):
    """Where the printed text of one column stands: characters of a block, or of a table's cell; and, where the
    format has them, the page and the box (left, top, right, bottom, in points) or the sheet's cell, and how sure OCR was.
    """

    field: str
    block_no: int
    row_no: int | None
    column_no: int | None
    char_start: int
    char_end: int
    page: int | None = None
    box: Box | None = None
    sheet_cell: str | None = None
    confidence: float | None = None


class StoredCell(NamedTuple):
    """A cell of a stored table: anchor and spans (from 1), text, its first page where there are pages, and where it stands."""

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    page: int | None
    positions: tuple[Position, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Located:
    """What every row of a report carries: its keys and where it stands in the file."""

    doc_id: str = column("文件编号", "first 16 hex digits of the file's SHA-256")
    report_no: int = column("报告序号", "report or form in the file, from 1")
    section_no: int | None = column("章节序号", "section that the row stands in")
    table_no: int | None = column("表序号", "table that the row stands in")
    row_no: int | None = column("行号", "row of the table, from 1")
    page: int | None = column("页码", "page, from 1, where the format has pages")
    block_no: int | None = column("段落序号", "block of the file (blocks.block_no)")
    char_start: int | None = column("起始字符", "first character in the block's text, from 0")
    char_end: int | None = column("结束字符", "end of the characters in the block's text, excluded")
    location: str | None = column("位置", "printable place, such as 第3页 表2 第5行")
    confidence: float | None = column(
        "识别置信度",
        "lowest confidence of the OCR among the characters that the row was read from, 0 to 1; null where the file itself holds them",
    )
    places: tuple[FieldPlace, ...] = list_column(
        "出处",
        "for each column read from print: its block, cell and characters; a column with several pieces has several",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentRow:
    """A file."""

    doc_id: str = column("文件编号", "first 16 hex digits of the file's SHA-256")
    source: str = column("来源", "path below the ingest root, ! before an archive's member")
    sha256: str = column("校验值", "SHA-256 of the bytes")
    format: str | None = column(
        "格式",
        "format told from the content: docx, doc, rtf, odt, xlsx, xls, pdf, ofd, image, html, mht, markdown or text",
    )
    bytes: int = column("字节数", "size of the file", "bytes")
    pages: int | None = column("页数", "pages, where the format has pages")
    unread_pages: int = column(
        "未识别页数", "pages that hold only a picture and were not read for want of OCR"
    )
    title: str | None = column("标题", "title in the file's properties")
    status: Outcome = column("状态", "read, partial, skipped or failed")
    parser_version: str = column("解析版本", "version of the parser that read it")
    run_id: str = column("批次编号", "run that read it; where a copy took its place, the run that found that")
    ingested_at: datetime = column("入库时间", "when it was read, UTC")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRow(Located):
    """A report or form in a file."""

    report_type: ReportType = column(
        "报告类型",
        "self_evaluation, transfer_self_evaluation, third_party_evaluation, department_evaluation, self_evaluation_form, target_form or unknown",
    )
    title: str | None = column("标题", "title as printed")
    fund_id: str | None = column("资金编号", "the same fund across years (funds.fund_id)")
    fund_name: str | None = column("资金名称", "fund or project reported on, as printed")
    fund_other_names: tuple[str, ...] = list_column(
        "资金其他名称", "other names that the report itself gives the fund: 以下简称, 简称, 原名, 更名为"
    )
    fiscal_year: int | None = column("年度", "fiscal year reported on; the last where there are several")
    fiscal_year_from: int | None = column("起始年度", "first fiscal year of a report that covers several")
    organisation: str | None = column(
        "被评价单位", "who is evaluated: 被评价单位, 实施单位, the reporting department"
    )
    commissioner: str | None = column("委托单位", "who commissioned the evaluation")
    evaluator: str | None = column("评价机构", "who evaluated")
    region: str | None = column("地区", "province, city or county")
    total_score: float | None = column("总分", "points reached", "points")
    grade: str | None = column("等级", "grade as printed: 优, 良, 中, 差")
    report_date: str | None = column(
        "报告日期", "date printed on the report, ISO 8601: 2025-06 or 2025-06-30"
    )
    inferred: tuple[str, ...] = list_column(
        "推断字段", "columns that were concluded from context, not read where the form states them"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRow:
    """A paragraph, heading or table in reading order; what places point into."""

    doc_id: str = column("文件编号", "first 16 hex digits of the file's SHA-256")
    report_no: int = column("报告序号", "report or form in the file, from 1")
    block_no: int = column("段落序号", "block of the file, from 1")
    kind: Literal["heading", "paragraph", "table"] = column("类别", "heading, paragraph or table")
    section_no: int | None = column("章节序号", "section that it stands in")
    table_no: int | None = column("表序号", "the table, if it is one")
    page: int | None = column("页码", "page, from 1, where the format has pages")
    text: str | None = column("文本", "the printed text; null for tables (see tables.cells)")
    positions: tuple[Position, ...] = list_column(
        "版面位置",
        "where the text stands from each char_start on: page and box in points, or sheet and cell; confidence of the OCR",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SectionRow(Located):
    """A heading and the text under it."""

    parent_no: int | None = column("上级章节", "section_no of the chapter it belongs to")
    level: int = column("层级", "1 for 一、 2 for （一） 3 for 1. 4 for （1）")
    numbering: str | None = column("编号", "as printed, or as Word would print it")
    title: str | None = column("标题", "heading without its number")
    kind: SectionKind = column(
        "类别",
        "overview, objectives, funding, organisation, performance, conclusion, experience, problems, deviation, recommendations, result_use, evaluation_work, attachments or other",
    )
    text: str = column("正文", "the paragraphs under the heading up to the next heading")
    words: tuple[str, ...] = list_column(
        "分词", "the distinct words of title and text, sorted, for the search over chapters"
    )
    detected_by: Literal["style", "numbering", "title"] = column(
        "识别依据", "how the heading was told: the file's style, its number, or its wording"
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class TableRow(Located):
    """A table as printed."""

    caption: str | None = column("表题", "caption printed above or in the first row")
    kind: TableKind = column("类别", "targets, completion, scoring, budget, projects, form or other")
    n_rows: int = column("行数", "rows")
    n_columns: int = column("列数", "columns")
    header_rows: int = column("表头行数", "rows up to the end of the header; 0 where none was recognised")
    columns: tuple[str, ...] = list_column("列角色", "role of each column; empty text where unknown")
    cells: tuple[StoredCell, ...] = list_column("单元格", "cells with row, col, spans, text and page")


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorRow(Located):
    """An indicator as stated in one row of one table or in one sentence."""

    indicator_no: int = column("指标序号", "from 1 in reading order")
    record: IndicatorRecord = column("记录类型", "target, completion, score or narrative")
    level1: str | None = column("一级指标", "level-1 name without breaks, weights and enumerators")
    level2: str | None = column("二级指标", "level-2 name, printed or concluded (level2_inferred)")
    level2_inferred: bool = column("二级指标为推断", "true where level2 was concluded, not printed")
    level2_reason: str | None = column("二级指标推断依据", "what an inferred level2 was concluded from")
    name: str = column("指标名称", "indicator (level 3) without enumerators and marks of the form")
    target_text: str | None = column("目标值原文", "target as printed")
    target_op: Operator | None = column("目标运算符", ">= <= > < = ~")
    target_value: float | None = column("目标值", "the target's one number; percent as a percent number")
    target_unit: str | None = column("目标单位", "unit as printed")
    actual_text: str | None = column("完成值原文", "actual value as printed")
    actual_op: Operator | None = column("完成运算符", ">= <= > < = ~")
    actual_value: float | None = column("完成值", "the actual's one number")
    actual_unit: str | None = column(
        "完成单位", "unit as printed; in narrative records only where it differs from the target's"
    )
    weight: float | None = column("分值", "points to be had", "points")
    score: float | None = column("得分", "points reached", "points")
    score_rate: float | None = column("得分率", "score in percent of weight, as printed", "%")
    reported_completion_rate: float | None = column("报告完成率", "completion rate as printed", "%")
    reported_deviation_rate: float | None = column("报告偏差率", "deviation rate as printed", "%")
    completion_rate: float | None = column(
        "完成率", "computed: actual in percent of target, in one unit", "%"
    )
    is_met: bool | None = column(
        "是否达标",
        "computed: the actual satisfies the target's operator; a target without operator is to be reached (not exceeded, for costs)",
    )
    reason: str | None = column("偏差原因", "reason for the deviation and remedy, as printed")
    indicator_id: str | None = column(
        "指标编号", "the same indicator across years (indicator_names.indicator_id)"
    )
    unit_kind: str | None = column(
        "单位类别",
        "what the unit measures: money, percent, percentage_points, persons, person_times, area, length, volume, mass, days, months, items (each counter for itself) …; money/area for 元/亩; other for a unit nobody knows",
    )
    base_unit: str | None = column(
        "基准单位",
        "unit that all units of the kind are converted to (元 for 万元 and 亿元), the target's where target and actual differ; null where no unit is printed",
    )
    target_base_value: float | None = column("目标基准值", "the target in base_unit, or the bare number")
    actual_base_value: float | None = column("完成基准值", "the actual in base_unit; null if not of its kind")


@dataclass(frozen=True, slots=True, kw_only=True)
class FundingRow(Located):
    """Money stated in a table or sentence."""

    funding_no: int = column("资金序号", "from 1 in reading order")
    item: str | None = column("资金项目", "what the money is for or from, as printed")
    parent_no: int | None = column("上级资金", "funding_no of the sum that this is a part of")
    measure: Measure = column(
        "口径", "initial_budget, budget, allocated, received, disbursed, executed, carried_over or other"
    )
    source: FundingSource | None = column(
        "资金来源", "central, provincial, municipal, county, local, own, social, other or total"
    )
    amount_yuan: float | None = column("金额", "amount", "yuan")
    amount_text: str | None = column("金额原文", "amount as printed")
    project_count: int | None = column("项目数", "projects that the money supports")
    rate: float | None = column("执行率", "execution rate as printed", "%")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectRow(Located):
    """A row of a project list."""

    project_no: int = column("项目序号", "from 1 in reading order")
    seq: int | None = column("序号", "number printed in the list")
    name: str = column("项目名称", "project")
    undertaker: str | None = column("承担单位", "who carries it out")
    amount_yuan: float | None = column("金额", "amount", "yuan")
    amount_text: str | None = column("金额原文", "amount as printed")
    category: str | None = column("类别", "heading row above it, outer")
    subcategory: str | None = column("子类别", "heading row above it, inner")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow(Located):
    """A dimension of the evaluation with its points."""

    score_no: int = column("评分序号", "from 1 in reading order")
    dimension: str = column("评价维度", "such as 项目决策 or 预算执行")
    weight: float | None = column("分值", "points to be had", "points")
    score: float | None = column("得分", "points reached", "points")
    rate: float | None = column("得分率", "score in percent of weight, as printed", "%")


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkRow(Located):
    """One experience, problem, reason or recommendation."""

    remark_no: int = column("条目序号", "from 1 in reading order")
    kind: RemarkKind = column("类别", "experience, problem, deviation or recommendation")
    text: str = column("内容", "as printed, without its number")


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow(Located):
    """A doubt that a check raised."""

    finding_no: int = column("疑点序号", "from 1")
    code: str = column("代码", "code of the check")
    severity: Literal["error", "warning", "note"] = column("严重程度", "error, warning or note")
    subject: str | None = column("对象", "what is in doubt")
    message: str = column("说明", "what was found")
    expected: str | None = column("应为", "what was expected")
    observed: str | None = column("实为", "what was found instead")
    evidence: tuple[str, ...] = list_column("依据", "printable places")
    fingerprint: str = column("指纹", "the same doubt from run to run")


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomeRow:
    """What became of one file in one run."""

    run_id: str = column("批次编号", "run")
    source: str = column("来源", "path below the ingest root")
    doc_id: str | None = column(
        "文件编号", "first 16 hex digits of the file's SHA-256; null where it could not be opened"
    )
    outcome: Outcome = column("结果", "read, partial, unchanged, duplicate, skipped, failed or forgotten")
    stage: str | None = column("阶段", "where it stopped: open, read, recognise, store")
    category: str | None = column(
        "原因类别",
        "unopened, empty, truncated, encrypted, unsupported, missing_tool, encoding, too_large, unsafe, timeout, not_a_report or internal",
    )
    message: str | None = column("说明", "in plain words, with what to do")
    seconds: float | None = column("耗时", "time spent", "s")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many files of a run ended how."""

    files: int = 0
    read: int = 0
    partial: int = 0
    unchanged: int = 0
    duplicate: int = 0
    skipped: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """One run of `jixiao ingest`."""

    run_id: str = column("批次编号", "run")
    started_at: datetime = column("开始时间", "start, UTC")
    ended_at: datetime | None = column("结束时间", "end, UTC")
    root: str = column("根目录", "what was ingested, as given on the command line")
    parser_version: str = column("解析版本", "version of the parser")
    counts: Counts = column("统计", "files by outcome")
    mode: str | None = column(
        "方式",
        "ingest, reparse (all files read again), only_failed or forget; the last two leave other files alone",
    )
    engine: str | None = column("引擎", "local or ray")
    workers: int | None = column("进程数", "processes that read files")


_REPORT = ("doc_id", "report_no")

DOCUMENTS = declared(DocumentRow, "documents", "文件", "a file", key=("doc_id",))
REPORTS = declared(ReportRow, "reports", "报告", "a report or form in a file", key=_REPORT)
BLOCKS = declared(
    BlockRow, "blocks", "段落", "a paragraph, heading or table in reading order; what places point into",
    key=(*_REPORT, "block_no"),
)  # fmt: skip
SECTIONS = declared(
    SectionRow, "sections", "章节", "a heading and the text under it", key=(*_REPORT, "section_no")
)
TABLES = declared(TableRow, "tables", "表格", "a table as printed", key=(*_REPORT, "table_no"))
INDICATORS = declared(
    IndicatorRow,
    "indicators",
    "指标",
    "one row for each row of each table and each sentence that states an indicator",
    key=(*_REPORT, "indicator_no"),
)
FUNDING = declared(
    FundingRow, "funding", "资金", "money stated in a table or sentence", key=(*_REPORT, "funding_no")
)
PROJECTS = declared(ProjectRow, "projects", "项目", "a row of a project list", key=(*_REPORT, "project_no"))
SCORES = declared(ScoreRow, "scores", "评分", "a dimension of the evaluation", key=(*_REPORT, "score_no"))
REMARKS = declared(
    RemarkRow,
    "remarks",
    "问题建议",
    "one experience, problem, deviation or recommendation",
    key=(*_REPORT, "remark_no"),
)
FINDINGS = declared(
    FindingRow, "findings", "疑点", "a doubt that a check raised", key=(*_REPORT, "finding_no")
)
OUTCOMES = declared(
    OutcomeRow, "outcomes", "处理结果", "what became of every file of every run", key=("run_id", "source")
)
RUNS = declared(RunRow, "runs", "批次", "one run of jixiao ingest", key=("run_id",))

STORE_TABLES: tuple[TableSchema, ...] = (
    DOCUMENTS, REPORTS, BLOCKS, SECTIONS, TABLES, INDICATORS, FUNDING, PROJECTS, SCORES, REMARKS, FINDINGS,
    OUTCOMES, RUNS, FUNDS, FUND_ALIASES, INDICATOR_NAMES, INDICATOR_ALIASES, ALIGNMENT_QUESTIONS,
)  # fmt: skip
"""All tables of the store, in the order in which they are made and documented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedReport:
    """All rows of one report or form, numbered and placed, without doc_id."""

    report: ReportRow
    blocks: tuple[BlockRow, ...] = ()
    sections: tuple[SectionRow, ...] = ()
    tables: tuple[TableRow, ...] = ()
    indicators: tuple[IndicatorRow, ...] = ()
    funding: tuple[FundingRow, ...] = ()
    projects: tuple[ProjectRow, ...] = ()
    scores: tuple[ScoreRow, ...] = ()
    remarks: tuple[RemarkRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedFile:
    """What one file says: its reports, and what a reader needs to know of the file itself.

    `warnings` say what could not be read; a file with warnings is `partial`. `pictures` counts the pages
    that hold only a picture, which OCR could read. `notes` say what was left out as no part of the report.
    """

    format: str
    pages: int | None
    title: str | None
    reports: tuple[ParsedReport, ...]
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pictures: int = 0
