"""What looks alike and is not the same: anagrams, numbers, signs and words in each other's place; and short terms."""

import tracemalloc
from itertools import pairwise

import pytest

from pipeline.alignment.indicator_evidence import Company
from pipeline.alignment.indicator_uses import FundIndicatorDecision, IndicatorUse
from pipeline.alignment.indicators import names_of
from tests.pipeline.aligned_indicators import align_indicators
from tests.pipeline.test_indicator_alignment import company, joined, used

PARALLEL = """
山羊存栏量完成率/绵羊存栏量完成率 冬小麦播种任务完成率/春小麦播种任务完成率 南干渠渗漏率/北干渠渗漏率 上游断面达标率/下游断面达标率
机井配套率/水池配套率 乔木成活率/灌木成活率 阔叶林抚育合格率/针叶林抚育合格率 雨季出动率/旱季出动率 沥青路面完好率/水泥路面完好率
客运车辆更新率/货运车辆更新率 高速公路通行率/普通公路通行率 白班出勤率/夜班出勤率 内科床位使用率/外科床位使用率
门诊次均费用下降率/急诊次均费用下降率 首诊测压率/复诊测压率 肺癌筛查率/胃癌筛查率 流感疫苗接种率/水痘疫苗接种率
理科教师参训率/文科教师参训率 专任教师达标率/兼职教师达标率 走读学生资助率/寄宿学生资助率 语文课程开设率/数学课程开设率
入职培训覆盖率/离职培训覆盖率 正高职称占比/副高职称占比 男子项目获奖率/女子项目获奖率 古籍修复率/字画修复率
纸质档案完好率/电子档案完好率 有线电视入户率/无线电视入户率 商业保险赔付率/农业保险赔付率 城镇户籍参保率/农村户籍参保率
上诉案件办结率/申诉案件办结率 民间纠纷调解率/劳动纠纷调解率 原油储备达标率/成品油储备达标率 存量房屋检测率/增量房屋检测率
一楼消防设施合格率/二楼消防设施合格率 左侧护栏完好率/右侧护栏完好率 固定资产盘点率/流动资产盘点率 甲类传染病处置率/乙类传染病处置率
湿垃圾分类率/干垃圾分类率 大气污染源监测率/土壤污染源监测率 生活用水达标率/工业用水达标率 上级督办事项办结率/本级督办事项办结率
社会投资完成率/民间投资完成率 产业贷款发放率/创业贷款发放率 省内培训合格率/境外培训合格率 直接成本控制率/间接成本控制率
"""
"""Two indicators each: the one word in the place of the other makes another thing of it."""

_PAIRS = [tuple(pair.split("/")) for pair in PARALLEL.split()]


def followed(one: str, other: str, kind: str = "percent", unit: str = "%") -> list[IndicatorUse]:
    """The one name ends where the other begins, and nothing else of the table changes: all that evidence can say."""
    return [
        *company([2022, 2023]),
        used(one, [2022], kind=kind, unit=unit, place=0.6, target=95.0),
        used(other, [2023], kind=kind, unit=unit, place=0.6, target=95.0),
    ]


def test_the_list_of_parallel_names_is_long() -> None:
    assert len(_PAIRS) >= 44
    assert len({name for pair in _PAIRS for name in pair}) == 2 * len(_PAIRS)


@pytest.mark.parametrize(("one", "other"), _PAIRS)
def test_a_word_in_the_place_of_another_is_never_joined(one: str, other: str) -> None:
    assert not joined(align_indicators(followed(one, other), []), one, other, "percent")
    funds = [used(one, kind="percent", unit="%"), used(other, kind="percent", unit="%", fund="F2")]
    assert len(set(align_indicators(funds, []).ids.values())) == 2


def test_a_third_name_that_both_resemble_does_not_join_them() -> None:
    one, other, third = "山羊存栏量完成率", "绵羊存栏量完成率", "存栏量完成率"
    uses = [
        *company(range(2021, 2024)),
        *(
            used(name, [year], kind="percent", unit="%", place=0.6, target=95.0)
            for name, year in ((one, 2021), (third, 2022), (other, 2023))
        ),
    ]
    assert not joined(align_indicators(uses, []), one, other, "percent")


def test_what_funds_take_for_one_with_a_third_name_stays_two_between_them() -> None:
    one, other, third = "山羊存栏量完成率", "绵羊存栏量完成率", "存栏量完成率"
    uses = [used(third, kind="percent", unit="%", fund="F3")]
    for fund, name in (("F1", one), ("F2", other)):
        uses += company([2022, 2023], fund=fund)
        for year, printed in ((2022, name), (2023, third)):
            uses.append(
                used(
                    printed,
                    [year],
                    kind="percent",
                    unit="%",
                    fund=fund,
                    place=0.6,
                    target=95.0,
                    records=2022 + 3 - year,
                )
            )
    found = align_indicators(uses, [])
    assert joined(found, one, third, "percent", "F1")
    assert found.ids["F1", one, "percent"] != found.ids["F2", other, "percent"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("35岁以下教师人数", "53岁以下教师人数"),
        ("X104线改造里程", "X401线改造里程"),
        ("15项任务完成数", "51项任务完成数"),
        ("2-5岁儿童体检人数", "5-2岁儿童体检人数"),
        ("水源保护地数量", "水保护源地数量"),
        ("国道管养里程", "道国管养里程"),
        ("Ⅱ类水体数量", "Ⅳ类水体数量"),
        ("Ⅰ类手术数量", "Ⅲ类手术数量"),
        ("③标段完成数量", "④标段完成数量"),
        ("β射线检测数量", "γ射线检测数量"),
        ("≥70岁老年人数", "<70岁老年人数"),
        ("A包采购数量", "B包采购数量"),
        ("PM2.5监测点数量", "PM10监测点数量"),
        ("2A级景区数量", "4A级景区数量"),
    ],
)
def test_numbers_signs_and_characters_in_another_order_tell_names_apart(one: str, other: str) -> None:
    assert not joined(align_indicators(followed(one, other, "items", "个"), []), one, other)
    funds = [used(one), used(other, fund="F2")]
    assert len(set(align_indicators(funds, []).ids.values())) == 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("农村低保对象人数", "农村最低生活保障对象人数"),
        ("棚改开工套数", "棚户区改造开工套数"),
        ("规上企业新增数", "规模以上企业新增数"),
        ("VOCs治理企业数量", "挥发性有机物治理企业数"),
        ("COD排放量", "化学需氧量排放量"),
        ("等保测评系统数", "等级保护测评系统数"),
        ("公岗安置人数", "公益性岗位安置人数"),
        ("社保补贴人数", "社会保险补贴人数"),
        ("技改项目数", "技术改造项目数"),
        ("保租房筹集套数", "保障性租赁住房筹集套数"),
        ("PM2.5平均浓度", "细颗粒物（PM2.5）平均浓度"),
        ("公办园新建数", "新建公办幼儿园数量"),
        ("Ⅲ类水体数量", "III类水体数量"),
        ("孕产妇死亡率控制数", "孕产妇死亡率"),
        ("缩短通行时间", "通行时间缩短数"),
    ],
)
def test_short_terms_and_ceilings_are_read_as_what_they_stand_for(one: str, other: str) -> None:
    found = align_indicators([used(one, [2022]), used(other, [2023])], [])
    assert joined(found, one, other)
    assert not found.questions


@pytest.mark.parametrize(
    ("one", "other"),
    [("最低保障标准数量", "最最低生活保障障标准数量"), ("科技改革项目数", "科技术改造革项目数"), ("平等保护案件数", "平等级保护护案件数")],
)  # fmt: skip
def test_short_terms_are_not_read_within_other_words(one: str, other: str) -> None:
    assert not joined(align_indicators([used(one, [2022]), used(other, [2023])], []), one, other)


def test_a_misprint_that_is_no_word_is_the_word_it_looks_like() -> None:
    one, other = "消防器械更换数量", "消妨器械更换数量"
    assert joined(align_indicators(followed(one, other, "items", "个"), []), one, other)
    one, other = "发放贷款笔数", "发放货款笔数"  # both are words
    assert not joined(align_indicators(followed(one, other, "items", "个"), []), one, other)


# ---- large scopes ---------------------------------------------------------------------------


def test_the_company_of_many_names_needs_memory_for_its_tables_only() -> None:
    """A bit for each name at each name would be 50 MB here."""
    names = names_of([used(f"第{no}号设施", [2020 + no % 5], table=no // 40) for no in range(20_000)])
    tracemalloc.start()
    company_of = Company(names, range(len(names)))
    sizes = {len(company_of.of(name)) for name in names}
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert max(sizes) <= 40
    assert peak < 25_000_000


def test_thousands_of_names_joined_by_the_file_are_one() -> None:
    uses = [used(f"培训第{no}类人员合格率", [2000 + no % 20], table=no) for no in range(3000)]
    lines = [
        FundIndicatorDecision(True, None, a.name, b.name, no) for no, (a, b) in enumerate(pairwise(uses), 2)
    ]
    found = align_indicators(uses, lines)
    assert len(set(found.ids.values())) == 1
    assert {row.decided_by for row in found.aliases} <= {"file", "name"}
