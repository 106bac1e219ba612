"""Under which names indicators of several funds meet, and how misprints, short forms and odd words are read."""

from random import Random

import pytest

from pipeline.alignment.indicator_matching import WordExperience, compare_names
from pipeline.alignment.indicator_names import read_indicator_name
from pipeline.alignment.indicator_segments import spelt
from pipeline.alignment.indicator_uses import FundIndicatorDecision, IndicatorUse
from tests.pipeline.aligned_indicators import IndicatorAlignment, align_indicators
from tests.pipeline.test_indicator_alignment import company, joined, used


def rate(name: str, fund: str, years: tuple[int, ...] = (2023,), **more: object) -> IndicatorUse:
    return used(name, years, kind="percent", unit="%", fund=fund, **more)  # type: ignore[arg-type]


def meet(found: IndicatorAlignment, one: IndicatorUse, other: IndicatorUse) -> bool:
    return found.ids[one.key] == found.ids[other.key]


# ---- funds meet -----------------------------------------------------------------------------

RENAMED = [
    *company((2022, 2023), fund="F1"),
    rate("政策知晓率", "F1", (2022,), place=0.5),
    rate("政策宣传知晓率", "F1", (2023,), place=0.5),
]
"""A fund that takes 政策知晓率 and 政策宣传知晓率 for one: the one ends where the other begins."""


def test_names_that_one_fund_takes_for_one_are_one_in_all_funds() -> None:
    plain, longer = rate("政策知晓率", "F2"), rate("政策宣传知晓率", "F3")
    found = align_indicators([*RENAMED, plain, longer], [])
    assert joined(found, "政策知晓率", "政策宣传知晓率", kind="percent")
    assert meet(found, plain, longer)
    reasons = {a.fund_id: a.reason for a in found.aliases if a.name == "政策宣传知晓率"}
    assert reasons["F3"] == "与“政策知晓率”相比：多“宣传”，其他资金中同为一项"


def test_funds_that_meet_later_take_one_id() -> None:
    """What was two indicators in the last generation is one from now on, under the id of most rows."""
    plain, longer = rate("政策知晓率", "F2"), rate("政策宣传知晓率", "F3")
    apart = align_indicators([plain, longer], [])
    before = [use._replace(previous=apart.ids[use.key], records=n) for use, n in ((plain, 5), (longer, 2))]
    found = align_indicators([*RENAMED, *before], [])
    assert {found.ids[use.key] for use in (*before, *RENAMED[-2:])} == {apart.ids[plain.key]}


def test_two_rows_of_one_table_keep_their_ids_where_other_funds_take_them_for_one() -> None:
    """F1 and F2 take each of two names for a third one; F4 has both in one table, so that only one can be it."""
    uses = [
        *RENAMED,
        *company((2022, 2023), fund="F2"),
        rate("政策知晓率", "F2", (2022,), place=0.5),
        rate("扶持政策知晓率", "F2", (2023,), place=0.5),
        rate("政策知晓率", "F5", (2020, 2021, 2022)),
        *(rate(name, "F4", (2021, 2022, 2023)) for name in ("政策宣传知晓率", "扶持政策知晓率")),
    ]
    ids = align_indicators(uses, []).ids
    assert ids["F1", "政策知晓率", "percent"] == ids["F2", "扶持政策知晓率", "percent"]
    for _ in range(2):
        found = align_indicators([use._replace(previous=ids[use.key]) for use in uses], [])
        assert found.ids == ids


def test_without_such_a_fund_a_word_more_is_another_indicator() -> None:
    plain, longer = rate("政策知晓率", "F2"), rate("政策宣传知晓率", "F3")
    assert not meet(align_indicators([plain, longer], []), plain, longer)


def test_a_fund_that_prints_both_in_one_table_outweighs_one_that_takes_them_for_one() -> None:
    plain, longer = rate("政策知晓率", "F2"), rate("政策宣传知晓率", "F2")
    others = [rate("政策知晓率", "F3"), rate("政策宣传知晓率", "F3")]
    found = align_indicators([*RENAMED, plain, longer, *others], [])
    assert not meet(found, plain, longer)
    assert not meet(found, *others)


def test_what_a_fund_leaves_out_of_its_own_subject_is_not_left_out_elsewhere() -> None:
    """培训人数 means farmers in a fund for farmers, and anybody in another."""
    farmers, short = (
        used(n, [y], kind="persons", unit="人", place=0.5)
        for n, y in (("培训果农人数", 2022), ("培训人数", 2023))
    )
    own = [*company((2022, 2023)), farmers, short]
    elsewhere = used("培训人数", kind="persons", unit="人", fund="F2")
    again = used("培训果农人数", [2022, 2023], kind="persons", unit="人", fund="F3")
    found = align_indicators([*own, elsewhere, again], [], fund_names={"F1": "果农培训资金"})
    assert meet(found, farmers, short)
    assert not meet(found, elsewhere, again)


def test_a_decision_for_one_fund_says_nothing_of_others() -> None:
    uses = [rate(n, f) for n, f in (("政策知晓率", "F1"), ("政策宣传知晓率", "F1"))]
    plain, longer = rate("政策知晓率", "F2"), rate("政策宣传知晓率", "F3")
    found = align_indicators(
        [*uses, plain, longer], [FundIndicatorDecision(True, "F1", "政策知晓率", "政策宣传知晓率", 2)]
    )
    assert joined(found, "政策知晓率", "政策宣传知晓率", kind="percent")
    assert not meet(found, plain, longer)


def test_a_name_whose_unit_nobody_printed_meets_the_same_name_with_its_only_unit() -> None:
    stated, bare = rate("服务对象满意度", "F1"), used("服务对象满意度", kind=None, unit=None, fund="F2")
    assert meet(align_indicators([stated, bare], []), stated, bare)
    counted, priced = (used("奖补标准", kind=k, fund=f) for k, f in (("items", "F3"), ("money", "F4")))
    unknown = used("奖补标准", kind=None, unit=None, fund="F5")
    found = align_indicators([counted, priced, unknown], [])
    assert len({found.ids[u.key] for u in (counted, priced, unknown)}) == 3


def test_a_rate_and_a_quality_told_in_words_are_two_indicators() -> None:
    figure = rate("资金使用合规率", "F1", (2022,), place=0.5)
    words = used("资金使用合规性", [2023], kind=None, unit=None, place=0.5)
    found = align_indicators([*company((2022, 2023)), figure, words], [])
    assert not meet(found, figure, words)


def test_the_order_in_which_funds_come_does_not_matter() -> None:
    uses = [*RENAMED]
    for fund, name in (
        ("F2", "政策知晓率"),
        ("F3", "政策宣传知晓率"),
        ("F4", "政策的知晓率"),
        ("F5", "群众政策知晓率"),
    ):
        uses.append(rate(name, fund))
    first = align_indicators(uses, [])
    for seed in range(5):
        shuffled = list(uses)
        Random(seed).shuffle(shuffled)
        assert align_indicators(shuffled, []) == first


# ---- how names are read ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "read"),
    [
        ("衣村公路养护里程", "农村公路养护里程"),
        ("档案货料完整率", "档案资料完整率"),
        ("干部职土培训人次", "干部职工培训人次"),
        ("顶目按期开工率", "项目按期开工率"),
    ],
)
def test_a_misprint_is_read_as_what_it_stands_for(printed: str, read: str) -> None:
    assert spelt(printed) == read
    match = compare_names(read_indicator_name(printed), read_indicator_name(read), WordExperience())
    wrong, right = next((x, y) for x, y in zip(printed, read, strict=True) if x != y)
    assert (match.by_name, match.reason) == (True, f"“{wrong}”疑为“{right}”之误")


@pytest.mark.parametrize(
    "name",
    [
        "教学模拟设备正常运行率",
        "护士满意度",
        "土地平整面积",
        "货款回收率",
        "收入增长率",
        "入库项目数量",
        "末端管网长度",
        "免疫密度",
    ],
)
def test_rare_words_are_no_misprints(name: str) -> None:
    assert spelt(name) == name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("奖补充电桩数量", "充电桩奖补数量"),
        ("农机维修网点数", "农机维修网点数量"),
        ("培训小微企业主人次", "小微企业主培训人次数"),
        ("受益孕产妇人数", "孕产妇受益人数"),
        ("受益残疾人数", "受益残疾人数量"),
        ("设备单位造价", "设备平均成本"),
        ("道路验收通过率", "道路验收合格率"),
    ],
)
def test_names_that_a_dictionary_would_cut_apart_are_one(one: str, other: str) -> None:
    match = compare_names(read_indicator_name(one), read_indicator_name(other), WordExperience())
    assert match.by_name, match
    assert match.odds > 2, match


def test_a_short_form_keeps_characters_of_the_long_one_in_their_order() -> None:
    def compared(one: str, other: str) -> tuple[bool, bool]:
        match = compare_names(read_indicator_name(one), read_indicator_name(other), WordExperience())
        return "简称" in match.reason, match.by_name

    assert compared("培训社区社工人数", "培训社区社会工作者人数") == (
        True,
        False,
    )  # evidence must say the rest
    assert compared("培训社区社工人数", "培训社区工会社员人数") == (False, False)
