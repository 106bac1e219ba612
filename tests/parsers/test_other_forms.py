"""What forms and reports of other authors print in other places: years, labels, remarks, signatures."""

import pytest

from parsers import parse_document
from parsers.headers import column_role
from parsers.sections import section_kind
from parsers.values import read_quantity
from schemas.blocks import Block, Cell, Table
from schemas.records import ParsedReport
from tests.parsers.builders import document, report, spanned, table

INDICATORS = ["一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分"]
ROW = ["产出指标", "数量指标", "巡查次数", "≥12次", "12次", "50", "50"]


def alone(*blocks: str | Block) -> ParsedReport:
    """The one report of a document that begins with `blocks`."""
    (found,) = parse_document(document(*blocks)).reports
    return found


def form(*head: list[tuple[str, int, int]], foot: tuple[list[tuple[str, int, int]], ...] = ()) -> Table:
    """A form of seven columns: the rows of its head, its indicators, the rows under them."""
    middle = [[(text, col, 1) for col, text in enumerate(row, 1)] for row in (INDICATORS, ROW)]
    return spanned(7, *head, *middle, *foot)


def wide(text: str) -> list[tuple[str, int, int]]:
    return [(text, 1, 7)]


# ---- heads of forms -------------------------------------------------------------------------


@pytest.mark.parametrize("year", ["（2022年度）", "2022年度", "2022年", "年度：2022", "(2022 年度)"])
def test_a_year_in_a_row_of_its_own(year: str) -> None:
    found = alone(form(wide("项目支出绩效自评表"), wide(year), [("项目名称", 1, 2), ("山塘维护", 3, 5)]))
    assert (found.report.fiscal_year, found.report.fund_name) == (2022, "山塘维护")
    assert found.report.inferred == ()


def test_label_and_value_in_one_cell() -> None:
    found = alone(
        form(
            wide("2021年度财政项目支出绩效自评表"),
            [("项目名称：社区食堂补贴", 1, 3), ("填报单位：某市民政局", 4, 4)],
            [("年度目标", 1, 1), ("说明：项目名称写法从旧", 2, 6)],
        )
    )
    told = found.report
    assert (told.fund_name, told.organisation, told.fiscal_year) == ("社区食堂补贴", "某市民政局", 2021)
    assert [t.kind for t in found.tables] == ["form"]


def test_an_object_of_evaluation_is_an_organisation_or_a_fund() -> None:
    lines = ("2022年度绩效评价报告", "一、基本情况", "由县交通中心组织实施。", "二、评价结论", "得分90分。")
    body = alone(lines[0], "评价对象：    某县公路管理局", *lines[1:])
    fund = alone(lines[0], "评价对象：农村公路养护资金", *lines[1:])
    assert body.report.organisation == "某县公路管理局"
    assert fund.report.fund_name == "农村公路养护资金"


# ---- money ----------------------------------------------------------------------------------


def test_one_row_of_money_without_an_item() -> None:
    rows = (
        Cell(1, 1, 2, 1, "预算执行情况（万元）\n（20分）"), Cell(1, 2, 1, 1, "预算数（A）"), Cell(1, 3, 1, 1, "执行数（B）"),
        Cell(1, 4, 1, 1, "执行率（B/A，%）"), Cell(1, 5, 1, 1, "得分"), Cell(2, 2, 1, 1, "140.00"), Cell(2, 3, 1, 1, "133.00"),
        Cell(2, 4, 1, 1, "95%"), Cell(2, 5, 1, 1, "19"),
    )  # fmt: skip
    found = report(Table(2, 5, rows))
    assert [(f.item, f.measure, f.amount_yuan, f.rate) for f in found.funding] == [
        ("预算执行情况", "budget", 1_400_000, None), ("预算执行情况", "executed", 1_330_000, 95.0),
    ]  # fmt: skip
    assert [(s.dimension, s.weight, s.score) for s in found.scores] == [("执行率", 20, 19)]


def test_figures_of_goals_are_no_money() -> None:
    found = report(
        table(
            ["项目资金（万元）", "资金来源", "预算数", "执行数", "执行率"],
            ["", "年度资金总额", "60", "58.5", "97.5%"],
            ["年度绩效目标", "完成改厕", "改造380", "0户", ""],
            ["", "资金", "380", "", ""],
        )
    )
    assert [f.amount_text for f in found.funding] == ["60", "58.5"]


def test_parts_of_a_total_in_forms_without_a_header() -> None:
    found = report(
        spanned(
            3,
            [("项目资金（万元）", 1, 1), ("年度资金总额：", 2, 1), ("198", 3, 1)],
            [("其中：财政拨款", 2, 1), ("150", 3, 1)],
            [("其他资金", 2, 1), ("48", 3, 1)],
        )
    )
    assert [(f.item, f.source, f.parent_no) for f in found.funding] == [
        ("年度资金总额", "total", None), ("财政拨款", "other", 1), ("其他资金", "other", 1),
    ]  # fmt: skip


def test_the_rate_beside_an_executed_sum() -> None:
    found = report(table(["预算执行数（元）", "97,000", "预算执行率（%）", "97%"]))
    assert [(f.measure, f.amount_yuan, f.rate) for f in found.funding] == [("executed", 97_000, 97.0)]


def test_who_gives_is_no_part_of_what_money_is_for() -> None:
    found = report(
        "一、项目概况", "概况如下。", "二、项目资金情况",
        "2022年中央财政下达我州草场改良补助资金680万元，州级配套85万元，共计765万元。",
        "收到资金文件后，及时分解下达：甲县400万元，乙县365万元。",
    )  # fmt: skip
    assert [(f.item, f.measure, f.amount_yuan) for f in found.funding] == [
        ("草场改良补助资金", "allocated", 6_800_000), ("州级配套", "allocated", 850_000),
        ("共计", "allocated", 7_650_000), ("甲县", "allocated", 4_000_000), ("乙县", "allocated", 3_650_000),
    ]  # fmt: skip


# ---- projects, indicators, remarks ----------------------------------------------------------


def test_contents_name_a_project_only_where_no_name_does() -> None:
    named = report(
        table(
            ["序号", "项目名称", "实施单位", "建设内容", "补助金额（万元）"],
            ["1", "菌菇大棚", "甲社", "大棚6座", "30"],
        )
    )
    unnamed = report(
        table(["序号", "建设内容", "实施单位", "补助金额（万元）"], ["1", "大棚6座", "甲社", "30"])
    )
    assert [(p.name, p.undertaker) for p in named.projects] == [("菌菇大棚", "甲社")]
    assert [p.name for p in unnamed.projects] == ["大棚6座"]
    assert column_role("建设内容") == "content"


def test_levels_run_together_are_refused() -> None:
    found = report(
        table(INDICATORS, ["产出指标\n效益指标", "数量指标", *ROW[2:]], ["社会效益指标", "", *ROW[2:]])
    )
    assert [i.level1 for i in found.indicators] == [None, "社会效益指标"]


def test_hints_in_brackets_are_no_reasons() -> None:
    head = [*INDICATORS, "偏差原因分析"]
    found = report(
        table(
            head,
            [*ROW, "（填写偏差原因，无偏差填“无”）"],
            [*ROW, "（无偏差填无）"],
            [*ROW, "（3月）雨天停工"],
        )
    )
    assert [i.reason for i in found.indicators] == [None, None, "（3月）雨天停工"]


def test_rows_under_the_indicators_are_remarks() -> None:
    found = alone(
        "2022年度山塘维护项目自评表",
        form(
            [("项目名称", 1, 2), ("山塘维护", 3, 5)],
            foot=(
                [("偏差大或\n目标未完成\n原因分析", 1, 2), ("两处坝体土质松软，返工一次。", 3, 5)],
                [("存在问题", 1, 2), ("1.台账不全。\n2.巡查员不足。", 3, 5)],
                [("改进措施及结果应用方案", 1, 2), ("汛前完成加固。", 3, 5)],
                [("其他需要说明的问题", 1, 2), ("无", 3, 5)],
            ),
        ),
    )
    assert [(r.kind, r.text) for r in found.remarks] == [
        ("deviation", "两处坝体土质松软，返工一次。"), ("problem", "台账不全。"), ("problem", "巡查员不足。"),
        ("recommendation", "汛前完成加固。"),
    ]  # fmt: skip


def test_the_close_of_a_letter_is_no_remark() -> None:
    found = report(
        "一、基本情况", "情况如下。", "二、下一步工作打算", "（一）提前落实用地手续，再申报项目。",
        "（二）督促乡镇落实管护人员，6月底前移交到位。", "特此报告。",
    )  # fmt: skip
    assert [(r.kind, r.text) for r in found.remarks] == [
        ("recommendation", "提前落实用地手续，再申报项目。"), ("recommendation", "督促乡镇落实管护人员，6月底前移交到位。"),
    ]  # fmt: skip


# ---- who reports ----------------------------------------------------------------------------


def test_a_signature_over_a_date_in_chinese_characters() -> None:
    found = alone(
        "关于2016年山塘维护项目资金绩效评价的自评报告", "一、项目概况", "维护山塘12座。", "二、项目绩效情况",
        "验收合格率100%。", "清河县水务局", "二○一七年四月二十日",
    )  # fmt: skip
    told = found.report
    assert (told.fund_name, told.organisation, told.report_date) == (
        "山塘维护项目资金",
        "清河县水务局",
        "2017-04-20",
    )


def test_an_accountants_report_on_a_commission() -> None:
    told = alone(
        "关于2023年度教师培训项目的绩效评价报告", "我们接受委托，对清河县教育局实施的教师培训项目进行了评价。",
        "一、项目概况", "培训教师120人。", "二、评价结论", "得分83.6分。", "清河正平会计师事务所（普通合伙）", "二〇二四年五月二日",
    ).report  # fmt: skip
    assert told.report_type == "third_party_evaluation"
    assert (told.organisation, told.evaluator) == ("清河县教育局", "清河正平会计师事务所（普通合伙）")


def test_an_accountants_scoring_sheet() -> None:
    told = alone(
        "清河县2018年度保洁服务项目绩效评价指标评分表",
        "评价机构：清河正平会计师事务所",
        table(["一级指标", "二级指标", "三级指标", "分值", "得分"], ["决策", "立项", "依据充分性", "5", "5"]),
    ).report
    assert (told.report_type, told.fund_name) == ("third_party_evaluation", "保洁服务项目")
    assert told.evaluator == "清河正平会计师事务所"


def test_a_company_that_signs_for_its_own_money_evaluates_nobody() -> None:
    told = alone("2021年度供热补贴绩效报告", "一、基本情况", "供热1.2万户。", "二、绩效情况", "全部达标。",
                 "清河热力有限公司", "2022年3月1日").report  # fmt: skip
    assert told.report_type != "third_party_evaluation"


def test_a_finance_department_is_not_whom_its_evaluation_is_on() -> None:
    told = alone(
        "北原省财政厅关于2023年度滑雪场补助资金财政重点绩效评价报告", "一、基本情况", "滑雪场补助资金由省体育局管理。",
        "二、评价结论", "得分82.4分。",
    ).report  # fmt: skip
    assert told.organisation == "省体育局"


def test_a_whole_department_names_no_fund() -> None:
    told = alone(
        "清河县粮食局2016年度部门整体支出绩效评价指标计分表",
        table(["一级指标", "二级指标", "三级指标", "分值", "得分"], ["投入", "目标设定", "合理性", "5", "5"]),
    ).report
    assert told.fund_name is None


def test_the_grade_behind_its_label_in_a_total_row() -> None:
    foot = [("总分", 1, 5), ("96.5", 6, 1), ("（自评等级）优", 7, 1)]
    assert (
        alone("2020年度自评表", form([("项目名称", 1, 2), ("护林", 3, 5)], foot=(foot,))).report.grade == "优"
    )


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("部门整体支出绩效目标", "objectives"), ("下一步工作打算", "recommendations"), ("后续工作计划", "other"),
        ("部门整体支出绩效目标完成情况", "performance"), ("部门整体支出情况", "funding"),
    ],
)  # fmt: skip
def test_more_kinds_of_chapters(title: str, kind: str) -> None:
    assert section_kind(title) == kind


def test_a_word_in_the_middle_of_a_unit() -> None:
    quantity = read_quantity("2.3万余人次")
    assert quantity is not None
    assert (quantity.op, quantity.value, quantity.unit) == ("~", 2.3, "万人次")
