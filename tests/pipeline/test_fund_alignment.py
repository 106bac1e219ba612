"""Funds across years: which printed names are one fund, which are not, what is asked, and that ids last."""

from collections.abc import Sequence
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.alignment.decisions import FundDecision
from pipeline.alignment.fund_names import read_fund_name
from pipeline.alignment.fund_nodes import FundMention
from tests.pipeline.aligned_funds import FundAlignment, align_funds

GRAIN = ("新建粮库数量", "改造仓容", "仓储损耗率", "受益种粮农户", "库容完好率", "项目按期完工率")
COURT = ("灯光球场数量", "健身步道长度", "器材完好率", "参加健身人次", "赛事场次", "居民满意度")


def reports(*told: tuple[str, int] | tuple[str, int, dict[str, object]]) -> list[FundMention]:
    """Mentions of (name, year, what else)."""
    out = []
    for key, (name, year, *rest) in enumerate(told, start=1):
        facts: dict[str, object] = {
            "other_names": (), "report_type": "self_evaluation", "organisation": "江岚省粮食局", "year_from": None,
            "previous": None, "indicators": dict.fromkeys(GRAIN, 1),
        }  # fmt: skip
        facts |= rest[0] if rest else {}
        out.append(FundMention(report_key=key, origin=f"doc{key}:1", name=name, year=year, **facts))  # type: ignore[arg-type]
    return out


def groups(mentions: Sequence[FundMention], found: FundAlignment) -> set[frozenset[str]]:
    """The names of each fund, as printed in the reports."""
    by_id: dict[str, set[str]] = {}
    for mention in mentions:
        if mention.name:
            by_id.setdefault(found.ids[mention.report_key], set()).add(mention.name)
    return {frozenset(names) for names in by_id.values()}


def aligned(*told: tuple[str, int] | tuple[str, int, dict[str, object]]) -> set[frozenset[str]]:
    mentions = reports(*told)
    return groups(mentions, align_funds(mentions, ()))


# ---- what a name says -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "core", "level", "place"),
    [
        ("江岚省粮食仓储补助资金", "粮食仓储", None, "江岚省"),
        ("省级粮食仓储专项资金", "粮食仓储", "provincial", None),
        ("粮食仓储省级补助资金", "粮食仓储", "provincial", None),
        ("自治区粮食仓储专项", "粮食仓储", "provincial", None),
        ("中央财政粮食仓储补助资金", "粮食仓储", "central", None),
        ("市本级粮食仓储专项经费", "粮食仓储", "municipal", None),
        ("2130505-粮食仓储项目", "粮食仓储", None, None),
        ("54000022Y000000012345-粮食仓储项目", "粮食仓储", None, None),
        ("2023年第二批粮食仓储补助资金（直达资金）", "粮食仓储", None, None),
        ("提前下达〔2024〕粮食仓储资金", "粮食仓储", None, None),
        ("《粮食仓储》专项资金", "粮食仓储", None, None),
        ("12345热线运行经费", "12345热线运行", None, None),
        ("专项资金", "专项资金", None, None),
        ("城市更新项目", "城市更新", None, None),
        ("省道大修工程", "省道大修", None, None),
    ],
)
def test_what_a_name_says(printed: str, core: str, level: str | None, place: str | None) -> None:
    name = read_fund_name(printed)
    assert (name.core, name.level, name.place) == (core, level, place)


def test_stages_and_brackets() -> None:
    assert read_fund_name("粮库改造项目（二期）").stages == ("二期",)
    assert read_fund_name("粮库改造第2标段工程").stages == ("二标段",)
    assert read_fund_name("创新环境（人才、基地）建设专项").notes == ("人才、基地",)
    assert read_fund_name("机关办公设备购置经费").is_generic
    assert not read_fund_name("粮食仓储设备购置经费").is_generic


# ---- the same fund --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "names",
    [
        ("粮食仓储资金", "粮食仓储专项资金", "粮食仓储补助资金"),
        ("粮食仓储补助资金", "江岚省粮食仓储补助资金", "省级粮食仓储补助资金"),
        ("粮食仓储（库容、设施）建设专项", "粮食仓储建设专项", "粮食仓储专项"),
        ("粮食仓储设施建设专项", "粮食仓储设施专项", "粮食仓储设施建设与发展专项"),
        ("2130505-粮食仓储项目", "54000022Y000000012345-粮食仓储项目", "粮食仓储项目"),
        ("“粮食仓储”补助资金", "《粮食仓储》补助资金", "粮食仓储 补助资金"),
        ("粮食仓储设施建设补助资金", "粮食仓诸设施建设补助资金"),
        ("高标准粮仓建设资金", "高标粮仓建设资金"),
        ("粮仓信息系统升级资金", "信息系统粮仓升级资金"),
    ],
)
def test_names_of_one_fund(names: tuple[str, ...]) -> None:
    assert aligned(*((name, 2020 + n) for n, name in enumerate(names))) == {frozenset(names)}


def test_a_short_name_that_a_report_states() -> None:
    stated = {"other_names": ("引导资金",)}
    told = (
        ("粮食产业引导资金", 2022, stated),
        ("引导资金", 2023, {"organisation": "江岚省粮食和物资局", "indicators": {}}),
    )
    mentions = reports(*told)
    found = align_funds(mentions, ())
    assert groups(mentions, found) == {frozenset({"粮食产业引导资金", "引导资金"})}
    (row,) = [a for a in found.aliases if a.name == "引导资金"]
    assert (row.decided_by, row.reason) == ("report", "报告写明又称“引导资金”")


def test_a_short_name_of_another_department_is_asked() -> None:
    mentions = reports(
        ("粮食产业引导资金", 2022, {"other_names": ("引导资金",)}),
        ("引导资金", 2022, {"organisation": "安平县文化和旅游局", "indicators": dict.fromkeys(COURT, 1)}),
    )
    found = align_funds(mentions, ())
    assert len(set(found.ids.values())) == 2
    assert [(q.name, q.other, q.reason) for q in found.questions] == [
        ("引导资金", "粮食产业引导资金", "报告写明又称“引导资金”；单位、指标不同")
    ]


def test_a_short_name_that_two_funds_state_is_followed_within_an_organisation() -> None:
    stated = {"other_names": ("引导资金",)}
    sport = {"organisation": "江岚省体育局", "indicators": dict.fromkeys(COURT, 1)}
    assert aligned(
        ("粮食产业引导资金", 2022, stated),
        ("群众体育引导资金", 2022, stated | sport),
        ("引导资金", 2023, sport),
    ) == {frozenset({"粮食产业引导资金"}), frozenset({"群众体育引导资金", "引导资金"})}


def test_a_renamed_fund_that_keeps_its_organisation_and_indicators() -> None:
    assert aligned(("粮食仓储补助资金", 2020), ("粮食仓储补助资金", 2021), ("粮食储备库提升资金", 2022)) == {
        frozenset({"粮食仓储补助资金", "粮食储备库提升资金"})
    }


def test_a_fund_of_many_places_is_one() -> None:
    places = ("云陂市", "清澜市", "临漪县")
    told = ((f"{p}粮食仓储补助资金", 2022, {"organisation": f"{p}粮食局"}) for p in places)
    assert len(aligned(*told)) == 1


# ---- different funds ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("粮库建设补助资金", "粮库管护补助资金"),
        ("基本粮食储备补助资金", "重大粮食储备补助资金"),
        ("粮库改造项目（一期）", "粮库改造项目（二期）"),
        ("中央财政粮食仓储补助资金", "省级粮食仓储补助资金"),
        ("粮食仓储补助资金", "粮食仓储设备维修补助资金"),
        ("云陂市粮库改造项目", "清澜市粮库改造项目"),
        ("东部粮仓建设资金", "西部粮仓建设资金"),
    ],
)
def test_look_alikes_that_stand_side_by_side(one: str, two: str) -> None:
    assert aligned((one, 2021), (two, 2021), (one, 2022), (two, 2022)) == {frozenset({one}), frozenset({two})}


def test_a_generic_name_belongs_to_its_department() -> None:
    sport = {"organisation": "江岚省体育局", "indicators": {}}
    name = "信息化运行维护经费"
    mentions = reports((name, 2021), (name, 2021, sport), (name, 2022), (name, 2022, sport))
    ids = align_funds(mentions, ()).ids
    assert ids[1] == ids[3] != ids[2] == ids[4]


def test_counties_projects_of_one_name_are_several() -> None:
    name = "村级粮仓改造项目"
    mentions = reports(*((name, 2021, {"organisation": f"{p}粮食局"}) for p in ("云陂市", "清澜市")))
    assert len(set(align_funds(mentions, ()).ids.values())) == 2


def test_next_years_project_with_the_same_indicators_is_another() -> None:
    told = (("望河粮仓改建项目", 2021), ("三岔粮仓改建项目", 2022), ("双溪粮仓改建项目", 2023))
    assert len(aligned(*told)) == 3


def test_reports_that_name_no_fund_have_none() -> None:
    mentions = [*reports(("粮食仓储资金", 2021)), *reports(("", 2021))]
    assert set(align_funds([mentions[0], mentions[1]._replace(report_key=2, name=None)], ()).ids) == {1}


# ---- what is asked, and what people decided ---------------------------------------------------


def test_what_is_not_sure_is_asked() -> None:
    mentions = reports(
        ("粮食产业发展资金", 2020),
        ("粮食产业人才资金", 2021, {"indicators": dict.fromkeys(GRAIN[:3] + COURT[:3], 1)}),
    )
    found = align_funds(mentions, ())
    assert len(set(found.ids.values())) == 2
    (question,) = found.questions
    assert {question.name, question.other} == {"粮食产业发展资金", "粮食产业人才资金"}
    assert 0.6 <= question.score < 0.85
    for same in (True, False):
        decided = align_funds(mentions, [FundDecision(same, question.name, question.other, 7)])
        assert (len(set(decided.ids.values())), decided.questions) == (1 if same else 2, ())


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("粮库建设补助资金", "粮库管护补助资金"),
        ("冬季粮仓巡查资金", "夏季粮仓巡查资金"),
        ("粮食仓储人才专项", "粮食仓储平台专项"),
    ],
)
def test_one_word_in_anothers_place_is_asked_whatever_the_reports_say(old: str, new: str) -> None:
    mentions = reports((old, 2020), (old, 2021), (new, 2022))
    found = align_funds(mentions, ())
    assert len(set(found.ids.values())) == 2
    assert [{q.name, q.other} for q in found.questions] == [{old, new}]


def test_decisions_win_over_the_rules() -> None:
    alike = reports(("粮食仓储资金", 2021), ("粮食仓储专项资金", 2022))
    parted = align_funds(alike, [FundDecision(False, "粮食仓储专项资金", "粮食仓储资金", 2)])
    assert len(set(parted.ids.values())) == 2
    unlike = reports(
        ("粮库改造项目（一期）", 2021), ("体育场馆开放补助", 2021, {"organisation": "江岚省体育局"})
    )
    merged = align_funds(unlike, [FundDecision(True, "粮库改造项目(一期)", "体育场馆开放补助", 4)])
    assert len(set(merged.ids.values())) == 1
    assert [a.reason for a in merged.aliases if a.decided_by == "file"] == ["对照表第4行：相同"]


def test_what_is_parted_does_not_meet_by_way_of_a_third() -> None:
    told = reports(("粮食仓储资金", 2020), ("粮食仓储专项资金", 2021), ("粮食仓储补助资金", 2022))
    ids = align_funds(told, [FundDecision(False, "粮食仓储资金", "粮食仓储补助资金", 2)]).ids
    assert ids[1] != ids[3]


def test_a_line_reaches_over_names_that_no_report_prints() -> None:
    told = reports(
        ("粮食仓储资金", 2020), ("灯光球场补助", 2021, {"indicators": {}, "organisation": "江岚省体育局"})
    )
    lines = [
        FundDecision(True, "粮食仓储资金", "谁也没印过的专项", 2),
        FundDecision(True, "谁也没印过的专项", "灯光球场补助", 3),
    ]
    found = align_funds(told, lines)
    assert len(set(found.ids.values())) == 1
    assert "谁也没印过的专项" in found.funds[0].aliases


def test_a_line_on_a_generic_name_holds_within_each_department() -> None:
    offices = ("江岚省粮食局", "江岚省体育局", "江岚省气象局")
    told = [
        (name, 2021, {"organisation": o, "indicators": {}})
        for o in offices
        for name in ("信息化建设项目", "网络设备采购项目")
    ]
    mentions = reports(*told)
    assert len(set(align_funds(mentions, ()).ids.values())) == 6
    found = align_funds(mentions, [FundDecision(True, "信息化建设项目", "网络设备采购项目", 2)]).ids
    assert [found[key] == found[key + 1] for key in (1, 3, 5)] == [True] * 3
    assert len(set(found.values())) == 3


def test_what_people_parted_stays_apart_among_hundreds_of_names() -> None:
    """The line that parts stands on the last of many pairs."""
    counties = [f"{a}{b}县" for a in "安平永清德义" for b in "川山河岭泉湖溪谷"]
    told = [
        (f"{c}粮库管护{word}补助资金", 2021, {"organisation": f"{c}粮食局"})
        for word in ("", "工作")
        for c in counties
    ]
    mentions = reports(*told)
    assert len(set(align_funds(mentions, ()).ids.values())) == 1
    line = FundDecision(False, f"{counties[-1]}粮库管护补助资金", f"{counties[-1]}粮库管护工作补助资金", 2)
    found = align_funds(mentions, [line]).ids
    assert found[len(counties)] != found[2 * len(counties)]


# ---- many names -------------------------------------------------------------------------------


def test_a_fund_of_four_hundred_counties_is_one() -> None:
    counties = [
        f"{a}{b}县"
        for a in "安平永清德义仁和兴隆宁武泰康丰顺"
        for b in "川山河岭泉湖溪谷原峰洲潭江浦城桥林田沟坪塘冲湾口"
    ]
    told = [(f"{c}粮库管护补助资金", 2021, {"organisation": f"{c}粮食局"}) for c in counties]
    mentions = reports(*told)
    found = align_funds(mentions, ())
    assert (len(set(found.ids.values())), found.questions) == (1, ())
    old = [m._replace(previous="F0000000001") for m in mentions[:-10]] + mentions[-10:]
    assert set(align_funds(old, ()).ids.values()) == {"F0000000001"}


def test_central_and_provincial_money_do_not_meet_by_way_of_a_plain_name() -> None:
    mentions = reports(("中央财政粮食仓储资金", 2022), ("省级粮食仓储资金", 2022), ("粮食仓储资金", 2023))
    found = align_funds(mentions, ())
    assert found.ids[1] != found.ids[2]
    assert found.ids[3] not in (found.ids[1], found.ids[2])
    assert {frozenset((q.name, q.other)) for q in found.questions} == {
        frozenset(("粮食仓储资金", other)) for other in ("中央财政粮食仓储资金", "省级粮食仓储资金")
    }


@pytest.mark.parametrize(
    "printed",
    [
        f"粮库项目（{'20185401024' * 6}号）",
        "信息系统" * 24 + "甲",
        "专项转移支付" * 20,
        "（" * 90,
        "一期" * 45,
        "2024年" * 30,
        "粮" * 5000,
    ],
)
def test_no_name_takes_long(printed: str) -> None:
    """Patterns whose alternatives overlap would take years over these."""
    assert read_fund_name(printed).core


def test_ids_do_not_hang_on_what_else_is_in_the_store() -> None:
    plain = {"organisation": None, "indicators": {}}
    two = reports(("设备购置项目", 2021, plain), ("设备购置项目", 2022, plain))
    more = [m._replace(report_key=m.report_key + 1) for m in two]
    before, after = (
        align_funds(two, ()).ids,
        align_funds([*reports(("粮食仓储资金", 2020))[:0], *more], ()).ids,
    )
    assert [before[1], before[2]] == [after[2], after[3]]
    assert before[1] != before[2]


# ---- ids --------------------------------------------------------------------------------------


def test_ids_last_when_years_and_names_are_added() -> None:
    old = reports(
        ("粮食仓储专项资金", 2021), ("群众体育资金", 2021, {"organisation": "江岚省体育局", "indicators": {}})
    )
    before = align_funds(old, ()).ids
    kept = [m._replace(previous=before[m.report_key]) for m in old]
    more = [
        m._replace(report_key=m.report_key + 10)
        for m in reports(("粮食仓储资金", 2018), ("江岚省粮食仓储专项", 2019))
    ]
    after = align_funds([*kept, *more], ()).ids
    assert {key: after[key] for key in before} == before
    assert after[11] == after[12] == before[1]


def test_a_parted_fund_keeps_its_id_where_most_of_its_reports_are() -> None:
    old = reports(("粮食仓储资金", 2020), ("粮食仓储资金", 2021), ("粮食仓储专项资金", 2022))
    before = align_funds(old, ()).ids
    kept = [m._replace(previous=before[m.report_key]) for m in old]
    after = align_funds(kept, [FundDecision(False, "粮食仓储资金", "粮食仓储专项资金", 2)]).ids
    assert after[1] == after[2] == before[1]
    assert after[3] != before[1]


NAMES = (
    "粮食仓储资金",
    "粮食仓储专项资金",
    "江岚省粮食仓储补助",
    "粮库管护资金",
    "粮食仓储设备资金",
    "省级粮食仓储资金",
    "粮库改造项目（一期）",
)


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(2018, 2024)), max_size=12), st.integers(0, 9))
def test_the_order_of_reports_does_not_count(told: list[tuple[str, int]], seed: int) -> None:
    mentions = reports(*told)
    mixed = Random(seed).sample(mentions, len(mentions))
    assert align_funds(mentions, ()) == align_funds(mixed, ())
