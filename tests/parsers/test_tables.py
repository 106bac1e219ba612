"""Tables: kinds, headers, rows that are indicators and rows that are none."""

import pytest

from parsers.headers import column_role, money_unit
from parsers.tables import read_table
from schemas.records import IndicatorRow
from tests.parsers.builders import report, spanned, table

HEAD = [
    "一级指标",
    "二级指标",
    "三级指标",
    "年度指标值",
    "实际完成值",
    "分值",
    "得分",
    "偏差原因分析及改进措施",
]


@pytest.mark.parametrize(
    ("heading", "role"),
    [
        ("三级\n指标", "name"), ("预期指标值（包含数字及文字描述）", "target"), ("年度指标值", "target"),
        ("全年实际完\n成值", "actual"), ("实际完成指标值（包含数字及文字描述）", "actual"), ("分值（100分）", "weight"),
        ("自评得分", "score"), ("得分率（%）", "score_rate"), ("未完成原因和改进措施", "reason"), ("指标性质", "target_nature"),
        ("度量单位", "target_unit"), ("年初预算数", "initial_budget"), ("全年预算数（A）", "budget"),
        ("全年执行数（B）", "executed"), ("预算执行率（B／A）", "rate"), ("安排资金\n（万元）", "allocated"),
        ("承担单位", "undertaker"), ("项目主管部门联系方式", None), ("培训人次", None),
    ],
)  # fmt: skip
def test_column_roles(heading: str, role: str | None) -> None:
    assert column_role(heading) == role


@pytest.mark.parametrize(
    ("text", "unit"),
    [
        ("安排资金（万元）", "万元"),
        ("金额单位：元", "元"),
        ("单位：人民币亿元", "亿元"),
        ("资金\n情况\n（万元）", "万元"),
        ("单位名称", None),
    ],
)
def test_units_of_money(text: str, unit: str | None) -> None:
    assert money_unit(text) == unit


def indicators(*rows: list[str]) -> list[IndicatorRow]:
    return list(report(table(HEAD, *rows)).indicators)


def test_levels_are_carried_down_and_cleaned() -> None:
    found = indicators(
        ["产\n出\n指\n标\n（50分）", "数量指标", "指标1：培训人次", "≥100人次", "120人次", "10", "10", ""],
        ["", "", "指标2：印发手册", "500册", "480册", "10", "9.6", "印刷推迟。"],
        ["", "质量指标", "★合格率", "≥95%", "97%", "30", "30", "无"],
        ["效益指标(30分)", "", "农户增收", "≥300元", "320元", "30", "30", "/"],
    )
    assert [(i.level1, i.level2, i.level2_inferred, i.name) for i in found] == [
        ("产出指标", "数量指标", False, "培训人次"), ("产出指标", "数量指标", False, "印发手册"),
        ("产出指标", "质量指标", False, "合格率"), ("效益指标", "经济效益指标", True, "农户增收"),
    ]  # fmt: skip
    assert [i.reason for i in found] == [None, "印刷推迟。", None, None]
    assert [(i.weight, i.score) for i in found] == [(10, 10), (10, 9.6), (30, 30), (30, 30)]
    assert [(i.is_met, i.completion_rate) for i in found] == [
        (True, 120.0),
        (False, 96.0),
        (True, 102.11),
        (True, 106.67),
    ]


def test_sums_placeholders_and_hints_are_no_indicators() -> None:
    found = indicators(
        ["产出指标", "数量指标", "培训人次", "≥100人次", "120人次", "10", "10", "（此处填写未完成原因）"],
        ["", "", "指标2：", "", "", "", "", ""],
        ["", "", "……", "", "", "", "", ""],
        ["", "小计", "", "", "", "10", "10", ""],
        ["总分", "", "", "", "", "100", "98", ""],
    )
    assert [i.name for i in found] == ["培训人次"]
    assert found[0].reason is None


def test_a_dump_that_lost_merged_cells_at_the_left_is_aligned_at_the_right() -> None:
    found = report(
        table(
            ["一级指标", "二级指标", "三级指标", "目标值", "完成值"],
            ["产出指标", "数量指标", "培训人次", "≥100人次", "120人次"],
            ["印发手册", "500册", "480册"],
            ["质量指标", "合格率", "≥95%", "97%"],
            ["总分", "98"],
        )
    ).indicators
    assert [(i.level1, i.level2, i.name, i.actual_text) for i in found] == [
        ("产出指标", "数量指标", "培训人次", "120人次"), ("产出指标", "数量指标", "印发手册", "480册"),
        ("产出指标", "质量指标", "合格率", "97%"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("nature", "value", "unit", "text", "op", "number"),
    [
        ("≥", "30", "万元", "≥30万元", ">=", 30), ("≤", "5", "%", "≤5%", "<=", 5), ("＝", "100", "%", "＝100%", "=", 100),
        ("定性", "有效提升", "", "有效提升", None, None), ("定性", "优良中低差", "级", "优良中低差级", None, None),
    ],
)  # fmt: skip
def test_a_target_over_three_columns_is_joined(
    nature: str, value: str, unit: str, text: str, op: str | None, number: float | None
) -> None:
    head = ["一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "完成值", "权重", "得分"]
    (found,) = report(
        table(head, ["产出指标", "数量指标", "投入", nature, value, unit, "28", "10", "9"])
    ).indicators
    assert (found.target_text, found.target_op, found.target_value) == (text, op, number)
    assert [p.column_no for p in found.places if p.field == "target_text"] == (
        [5, 6] if nature == "定性" and unit else [5] if nature == "定性" else [4, 5, 6]
    )


def test_a_header_of_two_rows_and_a_list_with_categories() -> None:
    listed = spanned(
        4,
        [("序号", 1, 1), ("项目名称", 2, 1), ("承担单位", 3, 1), ("安排资金（万元）", 4, 1)],
        [("总计", 1, 1), ("300", 2, 3)],
        [("一、基地建设", 1, 1), ("300", 2, 3)],
        [("（一）结转项目", 1, 1), ("100", 2, 3)],
        [("1", 1, 1), ("甲基地", 2, 1), ("甲大学", 3, 1), ("100", 4, 1)],
        [("（二）新上项目", 1, 1), ("200", 2, 3)],
        [("2", 1, 1), ("乙基地", 2, 1), ("乙公司、丙学院", 3, 1), ("200", 4, 1)],
    )
    found = report(listed).projects
    assert [(p.seq, p.name, p.undertaker, p.amount_yuan, p.category, p.subcategory) for p in found] == [
        (1, "甲基地", "甲大学", 1_000_000, "基地建设", "结转项目"),
        (2, "乙基地", "乙公司、丙学院", 2_000_000, "基地建设", "新上项目"),
    ]


def test_the_kind_caption_and_header_of_a_plain_table() -> None:
    reading = read_table(3, table(["指标", "权重", "得分"], ["决策", "20", "18"]), ())
    assert (reading.kind, reading.header_rows, reading.roles) == (
        "scoring",
        1,
        ("dimension", "weight", "score"),
    )
    stored = report(
        "表1  资金情况表", "单位：万元", table(["资金来源", "预算数", "执行数"], ["省级财政资金", "50", "40"])
    ).tables[0]
    assert (stored.kind, stored.caption, stored.columns) == (
        "budget",
        "资金情况表",
        ("", "budget", "executed"),
    )


def test_scores_printed_sideways() -> None:
    found = report(
        table(
            ["一级指标", "决策", "过程", "总分"], ["分值", "20", "30", "50"], ["得分", "18.5", "27", "45.5"]
        )
    ).scores
    assert [(s.dimension, s.weight, s.score) for s in found] == [("决策", 20, 18.5), ("过程", 30, 27)]
    place = next(p for p in found[1].places if p.field == "score")
    assert (place.row_no, place.column_no) == (3, 3)


def test_level_names_in_rows_of_their_own() -> None:
    head = ["指标名称", "指标解释", "年初设定目标", "全年完成值", "指标分值", "自评得分", "未完成原因分析"]
    found = report(
        spanned(
            7,
            [(text, column, 1) for column, text in enumerate(head, 1)],
            [("一、产出指标（50分）", 1, 7)],
            [("（一）数量指标（20分）", 1, 7)],
            [
                (text, c, 1)
                for c, text in enumerate(["培训人次", "含线上", "≥100人次", "120人次", "20", "20", "无"], 1)
            ],
            [("二、效益指标（30分）", 1, 7)],
            [
                (text, c, 1)
                for c, text in enumerate(["农户增收", "按户", "≥300元", "280元", "30", "28", "市场价低。"], 1)
            ],
            [("自评等级", 1, 3), ("优", 4, 4)],
        )
    )
    assert [(i.level1, i.level2, i.level2_inferred, i.name, i.reason) for i in found.indicators] == [
        ("产出指标", "数量指标", False, "培训人次", None), ("效益指标", "经济效益指标", True, "农户增收", "市场价低。"),
    ]  # fmt: skip
    assert found.report.grade == "优"


def test_a_dump_whose_header_of_two_rows_lost_its_spans() -> None:
    (found,) = report(
        table(
            ["绩效指标", "绩效指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因分析"],
            ["", "一级指标", "二级指标", "三级指标", "指标性质", "指标值", "度量单位", "", "", "", ""],
            ["", "产出指标", "数量指标", "造林面积", ">=", "12000", "亩", "12500", "20", "19", "无"],
        )
    ).indicators
    assert (found.level2, found.name, found.target_text, found.actual_text) == (
        "数量指标",
        "造林面积",
        ">=12000亩",
        "12500",
    )
    assert (found.weight, found.score, found.reason) == (20, 19, None)


def test_targets_side_by_side_are_records_of_their_own() -> None:
    found = report(
        spanned(
            7,
            [
                (t, c, 1)
                for c, t in enumerate(
                    ["一级指标", "二级指标", "三级指标", "指标值", "二级指标", "三级指标", "指标值"], 1
                )
            ],
            [
                (t, c, 1)
                for c, t in enumerate(
                    ["产出指标", "数量指标", "运维站点", "65个", "数量指标", "运维站点", "60个"], 1
                )
            ],
        )
    ).indicators
    assert [(i.level1, i.name, i.target_value) for i in found] == [
        ("产出指标", "运维站点", 65),
        ("产出指标", "运维站点", 60),
    ]


def test_a_monitoring_form_with_its_period() -> None:
    found = report(
        table(
            ["项目资金（万元）", "", "年初预算数", "1-7月执行数", "1-7月执行率", "全年预计执行数"],
            ["", "年度资金总额：", "650", "312.8", "48.12%", "640"],
        ),
        table(
            ["三级指标", "年度指标值", "1-7月执行情况", "全年预计完成情况"],
            ["培训人次", "≥100人次", "60人次", "100人次"],
        ),
    )
    assert [(f.item, f.measure, f.amount_yuan, f.rate) for f in found.funding] == [
        ("年度资金总额", "initial_budget", 6_500_000, None), ("年度资金总额", "executed", 3_128_000, 48.12),
        ("年度资金总额", "other", 6_400_000, None),
    ]  # fmt: skip
    assert [(i.record, i.actual_text) for i in found.indicators] == [("completion", "60人次")]


def test_money_in_pairs_of_label_and_sum() -> None:
    found = report(
        spanned(
            5,
            [("项目名称", 1, 1), ("甲工程", 2, 4)],
            [
                ("预算执行情况（万元）", 1, 1),
                ("预算数：", 2, 1),
                ("320", 3, 1),
                ("执行数：", 4, 1),
                ("303", 5, 1),
            ],
            [("", 1, 1), ("其中：财政拨款", 2, 1), ("300", 3, 1), ("其中：财政拨款", 4, 1), ("283", 5, 1)],
        )
    ).funding
    assert [(f.item, f.measure, f.amount_yuan, f.parent_no) for f in found] == [
        ("预算数", "budget", 3_200_000, None), ("执行数", "executed", 3_030_000, None),
        ("财政拨款", "budget", 3_000_000, 1), ("财政拨款", "executed", 2_830_000, 2),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "total"),
    [(["总分", "100", "96.5", ""], 96.5), (["总分", "100", "", ""], None), (["总分", "96.5"], 96.5)],
)
def test_the_total_is_the_score_and_never_the_weight(row: list[str], total: float | None) -> None:
    head = ["一级指标", "二级指标", "三级指标", "目标值", "完成值", "分值", "得分", "备注"]
    body = ["产出指标", "数量指标", "培训", "≥1次", "1次", "10", "10", ""]
    assert report(table(head, body, row)).report.total_score == total


def test_a_list_of_projects_gives_no_total_of_points() -> None:
    found = report(
        table(
            ["序号", "项目名称", "实施单位", "预算数", "执行数", "执行率", "自评得分"],
            ["1", "甲桥", "甲局", "25,000", "21,940", "87.76%", "95"],
            ["合计", "", "", "25,000", "21,940", "87.76%", ""],
        )
    )
    assert found.report.total_score is None
    assert [(p.name, p.undertaker) for p in found.projects] == [("甲桥", "甲局")]


@pytest.mark.parametrize(
    "cells",
    [
        ["自评等级", "■优 □良 □中 □差"],
        ["评价等次", "优（√） 良（ ）"],
        ["自评等级", "优"],
        ["自评等级：优", ""],
    ],
)
def test_grades_in_forms(cells: list[str]) -> None:
    assert (
        report(table(["三级指标", "目标值", "完成值"], ["甲", "≥1项", "2项"], [*cells, ""])).report.grade
        == "优"
    )
