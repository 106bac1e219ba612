"""The cross-year views and macros that auditors ask, declared as data: Chinese names, comments and SQL.

A view is a list of columns, each with its comment and expression, and what they are read from. Everything they read is in the
same DuckDB file: the store's tables and the summary tables. Syntax stays within DuckDB 1.3.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.tables import sql_text
from schemas.view_macros import MACROS

WIDE_YEARS = 30
"""Years that the wide view has columns for, the last ones: a misread year must not widen it without end."""


class ViewColumn(NamedTuple):
    """A column of a view: its Chinese name, its comment and the SQL expression that gives it."""

    name: str
    comment: str
    sql: str


@dataclass(frozen=True, slots=True)
class View:
    """A view: its Chinese name, its comment, its columns and the SQL from FROM on."""

    name: str
    comment: str
    columns: tuple[ViewColumn, ...]
    source: str

    def ddl(self) -> list[str]:
        """SQL statements that make the view with its comments."""
        body = ", ".join(f'{c.sql} AS "{c.name}"' for c in self.columns)
        return [
            f'CREATE VIEW "{self.name}" AS SELECT {body} {self.source}',
            f'COMMENT ON VIEW "{self.name}" IS {sql_text(self.comment)}',
            *(f'COMMENT ON COLUMN "{self.name}"."{c.name}" IS {sql_text(c.comment)}' for c in self.columns),
        ]


def _columns(*rows: tuple[str, str, str]) -> tuple[ViewColumn, ...]:
    return tuple(ViewColumn(*row) for row in rows)


def _labels(value: str, labels: Iterable[tuple[str, str]]) -> str:
    cases = " ".join(f"WHEN '{code}' THEN '{label}'" for code, label in labels)
    return f"CASE {value} {cases} ELSE {value} END"


REPORT_TYPE_LABELS = (
    ("self_evaluation", "项目支出自评报告"),
    ("transfer_self_evaluation", "转移支付自评报告"),
    ("third_party_evaluation", "第三方评价报告"),
    ("department_evaluation", "部门评价报告"),
    ("self_evaluation_form", "自评表"),
    ("target_form", "绩效目标申报表"),
    ("unknown", "未识别"),
)
BUDGET_LABELS = (
    ("budget", "全年预算"),
    ("allocated", "安排下达"),
    ("received", "到位"),
    ("initial_budget", "年初预算"),
    ("other", "未写明"),
)

_TYPE = _labels("r.report_type", REPORT_TYPE_LABELS)
_OTHER = (
    (
        "另述执行万元",
        "取数报告在别处对全部资金另有不同的说法时，那里写的执行数，万元；没有的为空",
        "f.other_yuan / 10000",
    ),
    ("另述执行率", "那里印出的执行率，%；没有印出的为空", "f.other_rate"),
    ("另述位置", "那里在取数文件中的位置；与 执行位置 矛盾，哪个属实须核对", "f.other_location"),
)
_PLACE = (
    ("来源", "取数文件在归档中的路径", "d.source"),
    ("文件编号", "取数文件，对应 文件.文件编号", "d.doc_id"),
    ("报告序号", "取数报告在文件中的序号", "r.report_no"),
)

_COMPARABLE = """nullif(concat_ws('；',
    CASE WHEN NOT y.same_organisation THEN '本年取自取数报告以外单位的报告' END,
    CASE WHEN y.previous_differs THEN '上年取自另一单位的报告' END,
    CASE WHEN y.same_organisation IS NULL OR (y.has_previous AND y.previous_differs IS NULL) THEN '单位未写明' END), '')"""

FUND_OVERVIEW = View(
    "资金年度概览",
    "一项资金一个年度一行。预算与执行取自同一份报告（取数次序第1的报告），不同报告的数不相加、不平均；取数规则见 docs/sql-guide.md",
    _columns(
        ("资金名称", "资金的规范名称，别名见 资金别名", "n.name"),
        ("年度", "预算年度；报告未写明年度的为空", "y.fiscal_year"),
        ("预算万元", "取数报告的预算总额，万元", "f.budget_yuan / 10000"),
        ("执行万元", "取数报告的执行总额，万元", "f.executed_yuan / 10000"),
        ("执行率", "计算值：执行占预算的百分比", "f.rate"),
        ("报告执行率", "取数报告印出的执行率，%", "f.reported_rate"),
        *_OTHER,
        ("上年执行率", "计算值：上一年度的执行率，%", "p.rate"),
        ("执行率变化", "执行率减上年执行率，百分点", "round(f.rate - p.rate, 2)"),
        ("总分", "绩效总分；取数报告没有的，取同一被评价单位次序在后的第一份", "y.score"),
        ("等级", "绩效等级；取数报告没有的，取同一被评价单位次序在后的第一份", "y.grade"),
        (
            "指标数",
            "完成情况表中的指标个数，同一指标只计一次；取数报告没有的，取同一被评价单位次序在后的第一份",
            "c.completed",
        ),
        ("可判定指标数", "其中目标值与完成值可以比较的", "c.judged"),
        ("完成指标数", "其中达标的", "c.met"),
        ("完成比例", "完成指标数占可判定指标数的百分比", "round(100.0 * c.met / nullif(c.judged, 0), 2)"),
        ("报告数", "该资金该年度的报告份数", "y.reports"),
        ("报告类型", "取数报告的类型", _TYPE),
        ("被评价单位", "取数报告的被评价单位", "r.organisation"),
        ("地区", "取数报告的地区", "r.region"),
        ("起始年度", "取数报告涵盖多个年度的，其第一个年度", "r.fiscal_year_from"),
        (
            "预算口径",
            "预算取的是全年预算、安排下达、到位还是年初预算；报告没有说是哪一种的为未写明",
            _labels("f.budget_measure", BUDGET_LABELS),
        ),
        ("位置", "预算在取数文件中的位置", "f.budget_location"),
        ("执行位置", "执行数在取数文件中的位置", "f.executed_location"),
        *_PLACE,
        ("预算序号", "预算在取数报告中的记录，对应 资金.资金序号", "f.budget_no"),
        ("执行序号", "执行数在取数报告中的记录，对应 资金.资金序号", "f.executed_no"),
        ("总分来源", "总分所在文件的路径", "(SELECT source FROM documents WHERE doc_id = y.score_doc_id)"),
        ("等级来源", "等级所在文件的路径", "(SELECT source FROM documents WHERE doc_id = y.grade_doc_id)"),
        (
            "指标来源",
            "所计指标所在文件的路径",
            "(SELECT source FROM documents WHERE doc_id = y.count_doc_id)",
        ),
        ("资金编号", "对应 资金目录.资金编号", "y.fund_id"),
    ),
    """FROM fund_years y
    JOIN funds n USING (fund_id)
    JOIN report_figures f ON f.doc_id = y.doc_id AND f.report_no = y.report_no
    JOIN reports r ON r.doc_id = y.doc_id AND r.report_no = y.report_no
    JOIN documents d ON d.doc_id = y.doc_id
    LEFT JOIN report_figures c ON c.doc_id = y.count_doc_id AND c.report_no = y.count_report_no
    LEFT JOIN fund_years b ON b.fund_id = y.fund_id AND b.fiscal_year = y.fiscal_year - 1
    LEFT JOIN report_figures p ON p.doc_id = b.doc_id AND p.report_no = b.report_no""",
)

REPORT_MONEY = View(
    "报告预算执行",
    "一份报告一行：报告写明的预算总额、执行总额和得分；取数次序为1的就是资金年度概览所取的报告",
    _columns(
        ("资金名称", "资金的规范名称；认不出资金的，为报告印出的名称", "coalesce(n.name, r.fund_name)"),
        ("年度", "预算年度", "r.fiscal_year"),
        ("取数次序", "在该资金该年度各报告中的次序", "f.rank"),
        ("报告类型", "报告的类型", _TYPE),
        ("被评价单位", "被评价单位", "r.organisation"),
        ("地区", "地区", "r.region"),
        ("起始年度", "报告涵盖多个年度的，其第一个年度", "r.fiscal_year_from"),
        ("预算万元", "预算总额，万元", "f.budget_yuan / 10000"),
        ("执行万元", "执行总额，万元", "f.executed_yuan / 10000"),
        ("执行率", "计算值：执行占预算的百分比", "f.rate"),
        ("报告执行率", "报告印出的执行率，%", "f.reported_rate"),
        *_OTHER,
        ("总分", "绩效总分", "r.total_score"),
        ("等级", "绩效等级", "r.grade"),
        ("指标数", "完成情况表中的指标个数，同一指标只计一次", "f.completed"),
        ("可判定指标数", "其中目标值与完成值可以比较的", "f.judged"),
        ("完成指标数", "其中达标的", "f.met"),
        ("位置", "预算在文件中的位置", "f.budget_location"),
        ("执行位置", "执行数在文件中的位置", "f.executed_location"),
        *_PLACE,
        ("预算序号", "预算在报告中的记录，对应 资金.资金序号", "f.budget_no"),
        ("执行序号", "执行数在报告中的记录，对应 资金.资金序号", "f.executed_no"),
        ("资金编号", "对应 资金目录.资金编号", "f.fund_id"),
    ),
    """FROM report_figures f
    JOIN reports r USING (doc_id, report_no)
    JOIN documents d USING (doc_id)
    LEFT JOIN funds n ON n.fund_id = f.fund_id""",
)

INDICATOR_SERIES = View(
    "指标跨年",
    "一项资金一个指标一个年度一行，数值折算为该指标统一的单位；没有目标值也没有完成值的不列。取数报告的单位优先，其次有完成值的记录，再次取数次序在前的报告，最后完成情况表先于正文",
    _columns(
        ("资金名称", "资金的规范名称", "n.name"),
        ("指标名称", "指标的规范名称，别名见 指标别名", "m.name"),
        ("年度", "预算年度；报告未写明年度的为空", "y.fiscal_year"),
        ("目标值", "目标值，按单位折算", "y.target_value"),
        ("完成值", "完成值，按单位折算", "y.actual_value"),
        ("单位", "该指标各年统一的单位", "y.unit"),
        ("上年目标值", "上一年度的目标值", "y.previous_target"),
        ("上年完成值", "上一年度的完成值", "y.previous_actual"),
        ("完成值变化", "完成值减上年完成值", "round(y.actual_value - y.previous_actual, 6)"),
        (
            "同比",
            "完成值比上年增减的百分比",
            "round(100 * (y.actual_value - y.previous_actual) / nullif(abs(y.previous_actual), 0), 2)",
        ),
        (
            "可比提示",
            "本年或上年的数取自另一单位的报告，或单位未写明的，在此写明",
            _COMPARABLE,
        ),
        ("目标运算符", "目标值的运算符：>= <= > < = ~", "y.target_op"),
        ("目标值原文", "报告印出的目标值", "y.target_text"),
        ("完成值原文", "报告印出的完成值", "y.actual_text"),
        ("完成率", "计算值：完成值占目标值的百分比", "y.completion_rate"),
        ("是否达标", "计算值：完成值是否满足目标值", "y.is_met"),
        ("偏差原因", "报告说明的偏差原因", "y.reason"),
        ("一级指标", "一级指标", "y.level1"),
        ("二级指标", "二级指标", "coalesce(y.level2, m.level2)"),
        ("本年名称", "该年报告印出的指标名称", "y.name"),
        ("记录数", "该资金该年度各报告中该指标有目标值或完成值的记录数", "y.records"),
        ("报告类型", "取数报告的类型", _TYPE),
        ("被评价单位", "取数报告的被评价单位", "r.organisation"),
        ("位置", "该记录在文件中的位置", "y.location"),
        *_PLACE,
        ("指标序号", "取数记录，对应 指标.指标序号", "y.indicator_no"),
        ("资金编号", "对应 资金目录.资金编号", "y.fund_id"),
        ("指标编号", "对应 指标目录.指标编号", "y.indicator_id"),
    ),
    """FROM indicator_years y
    JOIN funds n USING (fund_id)
    JOIN indicator_names m USING (indicator_id)
    JOIN reports r ON r.doc_id = y.doc_id AND r.report_no = y.report_no
    JOIN documents d ON d.doc_id = y.doc_id""",
)

RATE_RANKING = View(
    "执行率排名",
    "各年度资金按执行率由高到低的名次；没有执行率或年度的不排",
    _columns(
        ("年度", "预算年度", "年度"),
        ("名次", "由高到低的名次，同率同名次", "rank() OVER (PARTITION BY 年度 ORDER BY 执行率 DESC)"),
        ("参排资金数", "该年度参加排名的资金数", "count(*) OVER (PARTITION BY 年度)"),
        ("资金名称", "资金的规范名称", "资金名称"),
        ("执行率", "计算值：执行占预算的百分比", "执行率"),
        ("预算万元", "取数报告的预算总额，万元", "预算万元"),
        ("执行万元", "取数报告的执行总额，万元", "执行万元"),
        ("执行率变化", "执行率减上年执行率，百分点", "执行率变化"),
        ("另述执行率", "同一报告在别处印出的不同的执行率，%", "另述执行率"),
        ("另述位置", "那里在取数文件中的位置；不为空的，名次以核对为准", "另述位置"),
        ("报告类型", "取数报告的类型", "报告类型"),
        ("位置", "预算在取数文件中的位置", "位置"),
        ("来源", "取数文件在归档中的路径", "来源"),
        ("文件编号", "取数文件", "文件编号"),
        ("报告序号", "取数报告在文件中的序号", "报告序号"),
        ("资金编号", "对应 资金目录.资金编号", "资金编号"),
    ),
    "FROM 资金年度概览 WHERE 执行率 IS NOT NULL AND 年度 IS NOT NULL",
)

MISSED = View(
    "未完成指标",
    "完成情况表中未达标的指标：一份报告一个指标一行，附报告说明的原因",
    _columns(
        ("资金名称", "资金的规范名称；认不出资金的，为报告印出的名称", "coalesce(n.name, r.fund_name)"),
        ("年度", "预算年度", "r.fiscal_year"),
        ("指标名称", "指标的规范名称；未归并的，为报告印出的名称", "coalesce(m.name, i.name)"),
        ("本年名称", "该报告印出的指标名称", "i.name"),
        ("二级指标", "二级指标", "i.level2"),
        ("目标值原文", "报告印出的目标值", "i.target_text"),
        ("完成值原文", "报告印出的完成值", "i.actual_text"),
        ("完成率", "计算值：完成值占目标值的百分比", "i.completion_rate"),
        ("偏差原因", "报告说明的原因；未说明的为空", "i.reason"),
        ("得分", "得分", "i.score"),
        ("分值", "分值", "i.weight"),
        ("报告类型", "报告的类型", _TYPE),
        ("被评价单位", "被评价单位", "r.organisation"),
        ("地区", "地区", "r.region"),
        ("取数次序", "该报告在该资金该年度各报告中的次序；计数时取 1，免得副本和市县报告重复计入", "f.rank"),
        ("位置", "该记录在文件中的位置", "i.location"),
        *_PLACE,
        ("指标序号", "对应 指标.指标序号", "i.indicator_no"),
        ("资金编号", "对应 资金目录.资金编号", "r.fund_id"),
        ("指标编号", "对应 指标目录.指标编号", "i.indicator_id"),
    ),
    """FROM (
        SELECT * FROM (
            SELECT doc_id, report_no, indicator_no, indicator_id, name, level2, target_text, actual_text,
                   completion_rate, reason, score, weight, location
            FROM indicators WHERE record = 'completion' AND is_met = false
        )
        QUALIFY row_number() OVER (
            PARTITION BY doc_id, report_no, coalesce(indicator_id, name) ORDER BY reason IS NULL, indicator_no
        ) = 1
    ) i
    JOIN reports r USING (doc_id, report_no)
    JOIN report_figures f USING (doc_id, report_no)
    JOIN documents d USING (doc_id)
    LEFT JOIN funds n ON n.fund_id = r.fund_id
    LEFT JOIN indicator_names m ON m.indicator_id = i.indicator_id""",
)

PROJECT_MONEY = View(
    "项目经费",
    "各资金各年度支持的项目；同一项目（名称、单位、金额相同）在几份报告中列出的只计一次",
    _columns(
        ("资金名称", "资金的规范名称；认不出资金的，为报告印出的名称", "coalesce(n.name, r.fund_name)"),
        ("年度", "预算年度", "p.fiscal_year"),
        ("项目名称", "项目名称", "p.name"),
        ("支持单位", "承担单位，去空格、括号统一为全角", "p.undertaker"),
        ("金额万元", "金额，万元", "p.amount_yuan / 10000"),
        ("类别", "项目清单中的类别", "p.category"),
        ("报告数", "列出该项目的报告数", "p.reports"),
        ("被评价单位", "列出该项目的报告的被评价单位；几份报告的，为次序最前的一份", "r.organisation"),
        ("地区", "该报告的地区", "r.region"),
        ("取数次序", "该报告在该资金该年度各报告中的次序", "f.rank"),
        ("位置", "该项目在文件中的位置", "p.location"),
        *_PLACE,
        ("项目序号", "对应 项目.项目序号", "p.project_no"),
        ("资金编号", "对应 资金目录.资金编号", "p.fund_id"),
    ),
    """FROM fund_projects p
    JOIN reports r ON r.doc_id = p.doc_id AND r.report_no = p.report_no
    JOIN report_figures f ON f.doc_id = p.doc_id AND f.report_no = p.report_no
    JOIN documents d ON d.doc_id = p.doc_id
    LEFT JOIN funds n ON n.fund_id = p.fund_id""",
)

UNDERTAKERS = View(
    "支持单位",
    "承担单位一行：在各资金各年度得到的项目与金额；出处为金额最大的一个项目",
    _columns(
        ("支持单位", "承担单位，去空格、括号统一为全角", "u.undertaker"),
        ("资金数", "支持过它的资金数", "u.funds"),
        ("资金名称", "这些资金的名称，顿号隔开", "u.fund_names"),
        ("年度数", "得到支持的年度数", "u.years"),
        ("首次年度", "首次得到支持的年度", "u.first_year"),
        ("最近年度", "最近得到支持的年度", "u.last_year"),
        ("项目数", "项目数", "u.projects"),
        ("金额万元", "金额合计，万元；未写明金额的项目不计", "u.amount_yuan / 10000"),
        ("位置", "金额最大的项目在文件中的位置", "p.location"),
        ("来源", "金额最大的项目所在文件的路径", "d.source"),
        ("文件编号", "该文件", "p.doc_id"),
        ("报告序号", "该报告在文件中的序号", "p.report_no"),
        ("项目序号", "对应 项目.项目序号", "p.project_no"),
    ),
    """FROM undertakers u
    JOIN fund_projects p USING (doc_id, report_no, project_no)
    JOIN documents d ON d.doc_id = p.doc_id""",
)

VIEWS = (FUND_OVERVIEW, REPORT_MONEY, INDICATOR_SERIES, RATE_RANKING, MISSED, PROJECT_MONEY, UNDERTAKERS)
"""In the order in which they are made. The wide view follows them, since its columns are the years of the store."""


def wide_view(years: Sequence[int]) -> View:
    """指标跨年宽表: two columns for each of the last `WIDE_YEARS` of the years, in order."""
    last = sorted(years)[-WIDE_YEARS:]
    pairs = [
        (
            f"{year}年{word}",
            f"{year}年度的{word}值，按单位折算",
            f"max({value}) FILTER (y.fiscal_year = {year})",
        )
        for year in last
        for word, value in (("目标", "y.target_value"), ("完成", "y.actual_value"))
    ]
    return View(
        "指标跨年宽表",
        "一项资金一个指标一行，每个年度两列：目标值、完成值，折算为统一的单位；各年出处见 指标跨年",
        _columns(
            ("资金名称", "资金的规范名称", "n.name"),
            ("指标名称", "指标的规范名称", "m.name"),
            (
                "单位",
                "该指标各年统一的单位；各年不一的为空",
                "CASE WHEN count(DISTINCT y.unit) = 1 THEN any_value(y.unit) END",
            ),
            *pairs,
            ("位置", "最近一年的记录在文件中的位置", "arg_max(y.location, coalesce(y.fiscal_year, 0))"),
            (
                "来源",
                "最近一年的取数文件",
                "(SELECT source FROM documents WHERE doc_id = arg_max(y.doc_id, coalesce(y.fiscal_year, 0)))",
            ),
            ("资金编号", "对应 资金目录.资金编号", "y.fund_id"),
            ("指标编号", "对应 指标目录.指标编号", "y.indicator_id"),
        ),
        """FROM indicator_years y
        JOIN funds n USING (fund_id)
        JOIN indicator_names m USING (indicator_id)
        GROUP BY y.fund_id, y.indicator_id, n.name, m.name""",
    )


def cross_year_statements(years: Sequence[int]) -> list[str]:
    """SQL that makes every cross-year view and macro of a store with reports on `years`."""
    views = [*VIEWS, wide_view(years)]
    return [s for v in views for s in v.ddl()] + [s for m in MACROS for s in m.ddl()]
