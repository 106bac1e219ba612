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
    assert [(i.level1, i.level2, i.name) for i in found] == [
        ("产出指标", "数量指标", "培训人次"), ("产出指标", "数量指标", "印发手册"),
        ("产出指标", "质量指标", "合格率"), ("效益指标", None, "农户增收"),
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
