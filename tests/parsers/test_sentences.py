"""What sentences state: money with its parts, indicators, points, remarks."""

import pytest

from schemas.records import FundingRow
from tests.parsers.builders import report

FUNDS = "二、项目资金使用及管理情况"


def funding(*sentences: str) -> list[FundingRow]:
    return list(report("一、项目概况", "概况如下。", FUNDS, *sentences).funding)


def told(rows: list[FundingRow]) -> list[tuple[str | None, float | None, int | None]]:
    return [(row.item, row.amount_yuan, row.parent_no) for row in rows]


def test_brackets_and_among_them_make_parts() -> None:
    rows = funding(
        "甲专项7,000万元。其中乙计划1950万元（丙基金安排经费1,500万元，丁计划安排经费450万元）；戊建设安排5050万元。"
    )
    assert told(rows) == [
        ("甲专项", 70_000_000, None), ("乙计划", 19_500_000, 1), ("丙基金", 15_000_000, 2), ("丁计划", 4_500_000, 2),
        ("戊建设", 50_500_000, 1),
    ]  # fmt: skip


def test_state_of_projects_splits_the_fund_before_it() -> None:
    rows = funding("（1）.软科学计划安排经费300万元，新上项目28项，经费233万元，结转项目30项，经费67万元。")
    assert told(rows) == [
        ("软科学计划", 3_000_000, None), ("软科学计划新上项目", 2_330_000, 1), ("软科学计划结转项目", 670_000, 1),
    ]  # fmt: skip
    assert [row.project_count for row in rows] == [None, 28, 30]


def test_what_a_sum_is_put_together_with_is_not_its_source() -> None:
    rows = funding("省级财政安排配套资金4000万元，连同中央资金共计22060万元，采取因素法分配。")
    assert [(r.source, r.amount_yuan) for r in rows] == [("provincial", 40_000_000), (None, 220_600_000)]


def test_years_are_no_item_and_money_paid_out_is_executed() -> None:
    rows = funding("2017年、2018年分别安排资金1200万元、1500万元，其中创业奖励兑现资金86万元。")
    assert [(r.item, r.measure) for r in rows] == [
        ("分别安排资金", "allocated"), ("分别安排资金", "allocated"), ("创业奖励", "executed"),
    ]  # fmt: skip


def test_measure_source_and_rate() -> None:
    rows = funding(
        "项目年初预算1200万元，其中：中央财政资金800万元、省级财政资金200万元、单位自筹200万元。"
        "截至2023年12月31日实际支出1050.5万元，预算执行率87.54%。"
    )
    assert [(r.measure, r.source, r.amount_yuan, r.rate) for r in rows] == [
        ("initial_budget", None, 12_000_000, None), ("initial_budget", "central", 8_000_000, None),
        ("initial_budget", "provincial", 2_000_000, None), ("initial_budget", "own", 2_000_000, None),
        ("executed", None, 10_505_000, 87.54),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "sentence",
    [
        "实现工业总产值1,798万元，销售收入320万元。",
        "户均增收1200元。",
        "技术合同成交额达到3000万元，资金效益明显。",
        "水泥均价每吨410元。",
    ],
)
def test_results_and_prices_are_no_funding(sentence: str) -> None:
    assert funding(sentence) == []


def test_an_indicator_with_its_rates_and_levels() -> None:
    found = report(
        "三、绩效目标完成情况分析", "1.产出指标", "（1）数量指标",
        "a.我省向财政部备案培训人员数量指标值为大于等于1,100人次，实际完成值为1,210人次，完成率为110%，偏差率为10%。",
        "2.满意度指标", "a.我省向财政部备案群众满意度指标值为90%，实际完成值为85%，完成率为94.44%，偏差率为-5.56%。",
    ).indicators  # fmt: skip
    assert [(i.record, i.level1, i.level2, i.level2_inferred, i.name) for i in found] == [
        ("narrative", "产出指标", "数量指标", False, "培训人员数量"),
        ("narrative", "满意度指标", "服务对象满意度指标", True, "群众满意度"),
    ]
    first, second = found
    assert (first.target_op, first.target_value, first.target_unit) == (">=", 1100, "人次")
    assert (first.actual_value, first.actual_unit) == (1210, None)  # the unit stands with the target
    assert (first.reported_completion_rate, first.reported_deviation_rate, first.is_met) == (110, 10, True)
    assert (second.reported_deviation_rate, second.is_met) == (-5.56, False)


def test_targets_listed_under_a_level_name() -> None:
    found = report(
        "一、项目基本情况", "（二）项目绩效目标",
        "（1）数量指标：推广新技术数量≥35项；培训场次不少于20场；验收时间为2023年11月底前；",
        "（2）社会效益指标：公众知晓度不断提高；带动投入比例≥1:1.5。",
    ).indicators  # fmt: skip
    assert [(i.record, i.level2, i.name, i.target_text, i.target_op, i.target_value) for i in found] == [
        ("target", "数量指标", "推广新技术数量", "≥35项", ">=", 35),
        ("target", "数量指标", "培训场次", "不少于20场", ">=", 20),
        ("target", "数量指标", "验收时间", "2023年11月底前", None, None),
        ("target", "社会效益指标", "公众知晓度", "不断提高", None, None),
        ("target", "社会效益指标", "带动投入比例", "≥1:1.5", ">=", 1.5),
    ]


def test_a_statement_said_twice_counts_once() -> None:
    sentence = "培训人员数量指标值为100人次，实际完成值为90人次，完成率为90%。"
    assert (
        len(report("三、绩效目标完成情况分析", sentence, "四、偏离绩效目标的原因", sentence).indicators) == 1
    )


@pytest.mark.parametrize(
    ("sentences", "expected"),
    [
        (
            [
                "项目决策指标权重分值10.00分，实际得分9.00分，得分率90.00%。",
                "项目产出指标权重分值40分，实际得分37分，得分率92.5%。",
            ],
            [("项目决策", 10, 9, 90), ("项目产出指标", 40, 37, 92.5)],
        ),
        (
            ["满分100分，其中决策20分，得19分；过程20分，得18.5分。"],
            [("决策", 20, 19, None), ("过程", 20, 18.5, None)],
        ),
        (
            ["自评标准是：预算执行10分、产出指标50分。", "自评得分为57分，其中：预算执行8分、产出指标49分。"],
            [("预算执行", 10, 8, None), ("产出指标", 50, 49, None)],
        ),
        (
            ["一级指标中，项目决策（20分）得分18分，项目过程（25分）得分22分。"],
            [("项目决策", 20, 18, None), ("项目过程", 25, 22, None)],
        ),
        (["共有20分钟视频、10分册资料。"], []),
    ],
)
def test_points_by_dimension(
    sentences: list[str], expected: list[tuple[str, float, float, float | None]]
) -> None:
    found = report("三、综合评价情况及评价结论", *sentences).scores
    assert [(s.dimension, s.weight, s.score, s.rate) for s in found] == expected


@pytest.mark.parametrize(
    ("sentence", "total", "grade"),
    [
        ("该专项得分87.50分，其中项目决策得分9.00分，绩效等级评定为“良”。", 87.5, "良"),
        ("自评得分为96分，自评结果为“优”。", 96, "优"),
        ("综合评价得分：85.3分，等级为良好。", 85.3, "良好"),
        ("绩效评价结果分为优秀、良好、一般和差四个档次。", None, None),
        ("123个项目评价结果为“优”，14个项目评价结果为“良”。", None, None),
    ],
)
def test_the_total_and_the_grade(sentence: str, total: float | None, grade: str | None) -> None:
    found = report("三、综合评价情况及评价结论", sentence).report
    assert (found.total_score, found.grade) == (total, grade)


def test_remarks_one_an_item() -> None:
    found = report(
        "四、存在的问题",
        "1.预算执行偏慢。部分单位采购周期长。",
        "这也影响了验收进度。",
        "2.绩效指标不够细化。",
        "五、有关建议",
        "一是加快支付进度。二是细化绩效指标，逐条量化。",
        "六、其他需要说明的问题",
        "无。",
    ).remarks
    assert [(r.kind, r.text) for r in found] == [
        ("problem", "预算执行偏慢。部分单位采购周期长。\n这也影响了验收进度。"), ("problem", "绩效指标不够细化。"),
        ("recommendation", "加快支付进度。"), ("recommendation", "细化绩效指标，逐条量化。"),
    ]  # fmt: skip


def test_advice_in_a_chapter_of_problems_is_a_recommendation() -> None:
    found = report("五、存在问题和建议", "1.人员不足，力量薄弱。", "2.建议增加编制，充实一线力量。").remarks
    assert [r.kind for r in found] == ["problem", "recommendation"]


@pytest.mark.parametrize(
    ("sentence", "name", "target", "actual", "rate"),
    [
        ("铺设供水管网86.4公里（目标值80公里），完成率108%。", "铺设供水管网", 80, 86.4, 108),
        ("计划改造农村公路62公里，实际完成60公里，完成率96.77%。", "改造农村公路", 62, 60, 96.77),
        ("治理河长：计划7.6公里，完成7.6公里；", "治理河长", 7.6, 7.6, None),
        ("受益农户计划1200户，实际受益1,236户。", "受益农户", 1200, 1236, None),
        ("农民满意度目标为不低于85%，实际达到91.2%。", "农民满意度", 85, 91.2, None),
        ("◆ 新建产业基地：目标值12个，实际完成13个，完成率108.33%；", "新建产业基地", 12, 13, 108.33),
    ],
)
def test_shapes_of_statements(
    sentence: str, name: str, target: float, actual: float, rate: float | None
) -> None:
    (found,) = report("三、绩效目标完成情况分析", sentence).indicators
    assert (found.name, found.target_value, found.actual_value, found.reported_completion_rate) == (
        name,
        target,
        actual,
        rate,
    )


def test_a_level_at_the_head_of_its_sentence() -> None:
    found = report(
        "三、绩效目标完成情况分析",
        "①数量指标：新建水站目标值5座，实际完成5座。②质量指标：合格率目标值≥95%，实际达到97%。",
    ).indicators
    assert [(i.level2, i.name) for i in found] == [("数量指标", "新建水站"), ("质量指标", "合格率")]


def test_a_rate_behind_the_parts_is_the_rate_of_the_whole() -> None:
    rows = funding("共支出2,934,000元，其中：设备购置2,484,000元，信息化建设450,000元，执行率90%。")
    assert [(r.amount_yuan, r.rate, r.measure) for r in rows] == [
        (2_934_000, 90, "executed"), (2_484_000, None, "executed"), (450_000, None, "executed"),
    ]  # fmt: skip


def test_parts_that_add_up_need_no_word() -> None:
    rows = funding("计划总投资2860万元，中央补助1716万元，省级补助572万元，县级配套资金572万元。")
    assert [(r.measure, r.source, r.parent_no) for r in rows] == [
        ("budget", "total", None), ("budget", "central", 1), ("budget", "provincial", 1), ("budget", "county", 1),
    ]  # fmt: skip


def test_a_later_sum_is_no_part_of_an_earlier_one() -> None:
    rows = funding(
        "总投资1200万元，其中：中央资金800万元、自筹400万元；截至年底到位1100万元，到位率91.67%，支出1050万元。"
    )
    assert [(r.measure, r.parent_no, r.rate) for r in rows] == [
        ("budget", None, None), ("budget", 1, None), ("budget", 1, None), ("received", None, 91.67), ("executed", None, None),
    ]  # fmt: skip


def test_brackets_and_thousands_separators_keep_their_sums() -> None:
    rows = funding(
        "安排经费9,000万元，其中：贷款贴息6,350万元、个人工作经费1,200万元（每人2000元）、基层行动计划1,450万元（补助项目48个）。"
    )
    assert [(r.item, r.amount_yuan, r.project_count) for r in rows] == [
        ("安排经费", 90_000_000, None), ("贷款贴息", 63_500_000, None), ("个人工作经费", 12_000_000, None),
        ("基层行动计划", 14_500_000, 48),
    ]  # fmt: skip


def test_a_rate_is_of_the_sum_spent_not_of_what_is_left() -> None:
    rows = funding("全年已支付5,118.4万元，结转208.4万元，预算执行率96.09%。")
    assert [(r.measure, r.rate) for r in rows] == [("executed", 96.09), ("carried_over", None)]


@pytest.mark.parametrize(
    ("words", "source"),
    [
        ("自治区财政资金", "provincial"), ("区级财政资金", "county"), ("市县配套资金", "local"), ("中央补助资金", "central"),
        ("单位自筹", "own"), ("预算资金", None),
    ],
)  # fmt: skip
def test_where_money_comes_from(words: str, source: str | None) -> None:
    (row,) = funding(f"全年到位{words}300万元。")
    assert row.source == source


def test_a_name_that_ends_in_the_word_for_value() -> None:
    (found,) = report(
        "三、绩效目标完成情况分析", "新增产值指标值为85亿元，实际完成值为81.3亿元，完成率为95.65%。"
    ).indicators
    assert (found.name, found.target_text, found.actual_value) == ("新增产值", "85亿元", 81.3)


def test_points_are_no_indicators() -> None:
    assert (
        report(
            "三、综合评价结论", "1.决策分析：该部分权重分值20.00分，实际得分16.50分，得分率82.50%。"
        ).indicators
        == ()
    )


def test_targets_in_clauses_of_one_sentence() -> None:
    found = report(
        "一、基本情况",
        "（二）绩效目标",
        "年度目标：产出方面，支持企业≥150家，组织培训≥80场次；满意度方面，企业满意度≥90%。",
    ).indicators
    assert [(i.name, i.target_value) for i in found] == [
        ("支持企业", 150),
        ("组织培训", 80),
        ("企业满意度", 90),
    ]


@pytest.mark.parametrize(
    "sentences",
    [
        ["自评总分96分（预算执行8分、产出指标49分），评价等级为优。"],
        ["自评得分96分，等级为优。其中：预算执行8分、产出指标49分。"],
    ],
)
def test_points_listed_behind_the_total(sentences: list[str]) -> None:
    found = report("五、绩效自评结论", *sentences)
    assert [(s.dimension, s.score) for s in found.scores] == [("预算执行", 8), ("产出指标", 49)]
    assert (found.report.total_score, found.report.grade) == (96, "优")


@pytest.mark.parametrize(
    ("sentence", "item", "source"),
    [
        ("2023年，中央财政下达我州农技推广资金450万元。", "农技推广资金", "central"),
        ("2022年市级财政安排码头维护专项资金86万元。", "码头维护专项资金", "municipal"),
        ("省财政厅、省林业厅联合下达我市护林补助资金1.2亿元。", "护林补助资金", "provincial"),
        ("财政部、林草局下达我省护林补助资金1.2亿元。", "护林补助资金", "central"),
        ("我县共筹集危桥改造资金310万元。", "危桥改造资金", None),
        ("我县收到省级财政下达的护林补助资金28万元。", "护林补助资金", "provincial"),
        ("中央和省级财政共下达护林补助资金86万元。", "护林补助资金", None),
        ("市财政局于2023年8月拨付第二批资金200万元。", "第二批资金", None),
        ("码头维护专项资金总投入945万元。", "码头维护专项资金", "total"),
        ("截至评价基准日实际支出69万元。", "实际支出", None),
        ("全年共执行17万元。", "执行", None),
        ("年初部门预算批复58万元。", "部门预算", None),
        ("经费来源为一般公共预算拨款18万元。", "一般公共预算", None),
        ("部分配套资金20万元由企业承担。", "部分配套资金", None),
        ("未使用30万元已由财政收回。", "未使用", None),
        ("全市12个县（市、区）共投入治污资金8.6亿元。", "治污资金", None),
        ("2023年护林补助资金（第二批）下达我区86万元。", "护林补助资金（第二批）", None),
        ("预算批复数为人民币2,350,000.00元。", "预算批复数", None),
    ],
)
def test_the_giver_and_the_verb_are_no_item(sentence: str, item: str, source: str | None) -> None:
    (row,) = funding(sentence)
    assert (row.item, row.source) == (item, source)


@pytest.mark.parametrize(
    "sentence",
    [
        "收到资金文件后，州财政局会同州水利局在25日内分解下达：河东县26万元，河西县31万元。",
        "州财政局收到资金文件后，在25日内分解下达河东县26万元、河西县31万元。",
        "河东县、河西县分别安排资金26万元和31万元。",
    ],
)
def test_money_given_out_place_by_place(sentence: str) -> None:
    assert [(r.item, r.measure, r.amount_yuan) for r in funding(sentence)] == [
        ("河东县", "allocated", 260_000), ("河西县", "allocated", 310_000),
    ]  # fmt: skip


def test_each_item_named_together_keeps_its_own_place() -> None:
    sentence = "河东县、河西县分别安排资金26万元和31万元。"
    for row in funding(sentence):
        (place,) = (p for p in row.places if p.field == "item")
        assert sentence[place.char_start : place.char_end] == row.item


def test_a_sum_of_what_was_listed_measures_the_same() -> None:
    rows = funding("市级预算安排500万元，县级配套265万元，共计765万元。")
    assert [r.measure for r in rows] == ["allocated"] * 3
    rows = funding("上年结转45万元，本年财政拨款320万元，合计365万元。")
    assert [r.measure for r in rows] == ["carried_over", "other", "other"]


def test_what_is_listed_is_spent_alike() -> None:
    rows = funding("全年共发放低保金213万元、特困供养金51万元、临时救助金18万元。")
    assert [(r.item, r.measure) for r in rows] == [
        ("低保金", "executed"), ("特困供养金", "executed"), ("临时救助金", "executed"),
    ]  # fmt: skip


def test_the_words_that_open_a_list_measure_it() -> None:
    rows = funding("资金使用情况：人员经费12万元，占40%；公用经费6万元，占20%。")
    assert [r.measure for r in rows] == ["executed", "executed"]
    assert len(funding("预算执行数为123万元，比预算数节约6万元。")) == 1


def test_spent_and_left_over_are_no_parts() -> None:
    rows = funding("资金总额为1000万元，已支出850万元，剩余150万元结转至下年使用。")
    assert [(r.item, r.measure, r.parent_no) for r in rows] == [
        ("资金总额", "budget", None), ("支出", "executed", None), ("剩余", "carried_over", None),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("sentence", "rates"),
    [
        ("总投入945万元，其中：省级资金630万元，市县配套资金315万元，资金到位率100%。", [None, None, None]),
        ("实际支出926万元，占总投入的98%。", [None]),
        ("实际到位资金90万元（其中中央财政60万元，省级财政30万元），到位率90%。", [90, None, None]),
        ("全年支出资金125万元（含市级35万元），执行率95.6%，结余5.7万元。", [95.6, None, None]),
    ],
)
def test_whose_rate_it_is(sentence: str, rates: list[float | None]) -> None:
    assert [row.rate for row in funding(sentence)] == rates


def test_villages_are_no_projects_and_planned_spending_is_a_budget() -> None:
    (row,) = funding("共拨付26个村集体经济补助资金130万元。")
    assert (row.project_count, row.measure) == (None, "disbursed")
    rows = funding("项目支出预算数120万元，决算数115万元。")
    assert [r.measure for r in rows] == ["budget", "executed"]


def test_words_repeated_without_end_are_read_at_once() -> None:
    for word in ("安排预算", "总投入", "共计支出"):
        assert len(funding(word * 500 + "甲乙300万元。")) == 1


def test_a_name_that_begins_with_a_word_for_reporting() -> None:
    (row,) = report(
        "一、绩效目标完成情况", "申报技改项目数量指标值为≥20项，实际完成值为20项，完成率100%。"
    ).indicators
    assert row.name == "申报技改项目数量"
    (row,) = report(
        "一、绩效目标完成情况", "备案的技改项目数量指标值为≥20项，实际完成值为20项，完成率100%。"
    ).indicators
    assert row.name == "技改项目数量"


Listed = list[tuple[str, str | None, str | None]]


def listed(*paragraphs: str, under: str = "（二）项目绩效目标") -> Listed:
    found = report("一、项目概况", under, *paragraphs).indicators
    assert {row.record for row in found} <= {"target"}
    return [(row.name, row.target_text, row.level1) for row in found]


@pytest.mark.parametrize(
    "lead",
    [
        "年度主要指标：", "主要绩效指标：", "绩效指标如下：", "2022年度绩效目标：", "主要指标有：", "具体指标如下：", "主要指标有", "年度绩效目标为",
        "2022年，本项目绩效目标设定情况如下：", "本项目设定了2项绩效指标：", "主要目标任务:", "年度指标（共2项）：", "绩效目标：目标1：",
        "年度总体目标如下：①",
    ],
)  # fmt: skip
def test_what_opens_a_list_is_no_part_of_its_first_item(lead: str) -> None:
    assert listed(f"资金用于农村供水。{lead}修复渡槽数量≥20座；管护员人数≥28人。") == [
        ("修复渡槽数量", "≥20座", None), ("管护员人数", "≥28人", None),
    ]  # fmt: skip


def test_items_of_a_list_are_told_by_commas_too() -> None:
    expected = [
        ("养护里程（含县道）", "≥34公里", None),
        ("修复渡槽", "≥20座", None),
        ("乡道", "≥5公里", None),
    ]
    assert listed("年度主要指标：养护里程（含县道）≥34公里，修复渡槽≥20座，其中乡道≥5公里。") == expected
    assert listed("主要指标包括养护里程（含县道）≥34公里、修复渡槽≥20座、乡道≥5公里。") == expected


def test_a_name_that_ends_in_a_word_for_goals_is_no_lead() -> None:
    assert listed("培训目标：≥100人；满意度目标：≥90%。") == [
        ("培训目标", "≥100人", None), ("满意度目标", "≥90%", None),
    ]  # fmt: skip


def test_behind_indicators_a_figure_needs_no_bound_behind_goals_it_does() -> None:
    assert listed("主要指标有：修复渡槽20座；群众满意度不断提高。") == [
        ("修复渡槽", "20座", None), ("群众满意度", "不断提高", None),
    ]  # fmt: skip
    assert listed("年度目标：完成渡槽修复20座；满意度≥90%。") == [("满意度", "≥90%", None)]


def test_outside_of_objectives_only_what_is_announced_is_a_target() -> None:
    assert listed("森林覆盖率≥60%；绩效指标：修复渡槽≥20座。", under="（二）项目背景") == [
        ("修复渡槽", "≥20座", None)
    ]
    assert listed("主要经济指标：工业增加值增长8%。", under="（二）项目背景") == []


def test_goals_behind_a_level_name_are_of_that_level() -> None:
    found = report(
        "一、项目概况", "（二）项目绩效目标", "数量目标：修复渡槽≥20座；质量目标：合格率≥95%。"
    ).indicators
    assert [(row.level2, row.level2_inferred, row.name) for row in found] == [
        ("数量", False, "修复渡槽"), ("质量", False, "合格率"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("subject", "name"),
    [
        # the verb is a part of the name
        ("资金分解下达及时率", "资金分解下达及时率"), ("受理项目申报数量", "受理项目申报数量"), ("预算批复及时率", "预算批复及时率"), ("专利申报数", "专利申报数"),
        ("计划下达及时率", "计划下达及时率"), ("企业申报的专利数量", "企业申报的专利数量"), ("绩效目标设定合理性", "绩效目标设定合理性"),
        ("信息上报及时率", "信息上报及时率"), ("各县申报的项目数量", "各县申报的项目数量"), ("上级下达的任务完成率", "上级下达的任务完成率"), ("年初备案率", "年初备案率"),
        ("园区申报的项目数量", "园区申报的项目数量"), ("重点任务确定准确率", "重点任务确定准确率"),
        # who reports it, or where
        ("省财政厅备案的资金下达及时率", "资金下达及时率"), ("年初设定的项目申报数量", "项目申报数量"), ("绩效目标表申报的预算批复及时率", "预算批复及时率"),
        ("某省向科技部、财政部备案培训人员数量", "培训人员数量"), ("我县向省财政厅备案的培训人数", "培训人数"), ("我单位申报的培训人数", "培训人数"),
        ("上级下达的粮食播种面积", "粮食播种面积"), ("实施方案确定的培训人数", "培训人数"), ("省财政厅备案培训人员数量", "培训人员数量"),
        ("其中培训妇女人数", "培训妇女人数"), ("其中省财政厅备案的培训人数", "培训人数"),
        # 计划 and 目标 in a name
        ("项目按计划完成率", "项目按计划完成率"), ("营养改善计划国家试点地区覆盖率", "营养改善计划国家试点地区覆盖率"),
        ("开工目标完成率", "开工目标完成率"), ("教师素质提高计划培训人次", "教师素质提高计划培训人次"), ("三年行动计划目标任务完成率", "三年行动计划目标任务完成率"),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "statement",
    ["指标值为≥95%，实际完成值为96%", "目标值95%，实际完成96%", "指标年初目标值为95%，全年实际完成96%"],
)
def test_the_whole_name_and_nothing_but_the_name(subject: str, name: str, statement: str) -> None:
    (found,) = report("三、绩效目标完成情况分析", f"{subject}{statement}，完成率为101.05%。").indicators
    assert (found.name, found.target_value, found.actual_value) == (name, 95, 96)
    assert found.reported_completion_rate == 101.05


@pytest.mark.parametrize(
    "shape", ["≥95%，实际完成96%", "为≥95%，实际为96%", "目标≥95%，实际达到96%", "指标≥95%，实际完成值为96%"]
)
def test_a_bound_ends_the_name(shape: str) -> None:
    (found,) = report("三、绩效目标完成情况分析", f"项目按计划完成率{shape}。").indicators
    assert (found.name, found.target_text, found.actual_text) == ("项目按计划完成率", "≥95%", "96%")


@pytest.mark.parametrize(
    ("sentence", "rate"),
    [
        ("培训人数实际完成120人，目标值100人，完成率120%。", 120),
        ("培训人数120人，目标值为100人，完成率120%。", 120),
        ("培训人数完成值为120人（目标值100人），完成率120%。", 120),
        ("培训人数（目标值：100人；完成值：120人），完成率120%。", 120),
        ("培训人数年度指标值100人，截至2022年12月底实际完成120人。", None),
        ("培训人数目标值为100人，截至2022年12月31日，实际完成值为120人。", None),
        ("培训人数应达到100人，实际达到120人。", None),
        ("年初设定培训人数100人，实际培训120人，完成率120%。", 120),
        ("“培训人数”指标，目标值为100人，实际值为120人，完成目标的120%。", 120),
    ],
)
def test_orders_in_which_target_and_actual_are_said(sentence: str, rate: float | None) -> None:
    (found,) = report("三、绩效目标完成情况分析", sentence).indicators
    assert (found.name, found.target_text, found.actual_text) == ("培训人数", "100人", "120人")
    assert found.reported_completion_rate == rate


def test_a_rate_is_not_the_actual_value() -> None:
    found = report("三、绩效目标完成情况分析", "培训人数目标值100人，完成率120%。").indicators
    assert found == ()


@pytest.mark.parametrize(
    "sentence",
    [
        "数量指标“培训人数”，年初目标值为100人，年末完成值为120人。",
        "培训人数指标已完成，年初目标值100人，实际完成120人。",
        "全年目标为培训人数100人，实际完成120人。",
    ],
)
def test_words_around_the_name(sentence: str) -> None:
    (found,) = report("三、绩效目标完成情况分析", sentence).indicators
    assert (found.name, found.target_value, found.actual_value) == ("培训人数", 100, 120)


def test_words_for_a_target_are_no_name() -> None:
    assert report("三、绩效目标完成情况分析", "进展顺利。年度指标值100人，实际完成120人。").indicators == ()


def test_enumerators_and_sums_in_lists() -> None:
    assert listed("主要指标如下：一是修复渡槽≥20座；二是管护员≥28人；a.安排资金300万元。") == [
        ("修复渡槽", "≥20座", None), ("管护员", "≥28人", None),
    ]  # fmt: skip
    assert listed("主要指标：2022年修复渡槽≥20座。") == [("2022年修复渡槽", "≥20座", None)]
