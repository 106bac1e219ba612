"""Which printed names of indicators are taken for one, why, and under which id."""

from collections.abc import Iterable, Mapping
from itertools import combinations
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.alignment.indicator_blocks import pairs
from pipeline.alignment.indicator_ids import new_id
from pipeline.alignment.indicator_matching import IMPOSSIBLE, WordExperience, compare_names
from pipeline.alignment.indicator_names import read_indicator_name
from pipeline.alignment.indicator_uses import FundIndicatorDecision, IndicatorUse
from pipeline.alignment.indicators import names_of
from schemas.errors import UsageError
from tests.pipeline.aligned_indicators import IndicatorAlignment, align_indicators
from tests.pipeline.indicator_corpus import FIELDS, HELD_OUT, TUNED
from tests.pipeline.indicator_years import drawn, measured


def used(
    name: str,
    years: Iterable[int] = (2023,),
    *,
    kind: str | None = "items",
    unit: str | None = "个",
    fund: str | None = "F1",
    scope: str | None = None,
    table: int = 0,
    level2: str | None = "数量指标",
    place: float | None = None,
    target: float | None = None,
    records: int | None = None,
    previous: str | None = None,
) -> IndicatorUse:
    """A name that stands in the table `table` of the report of each year; a negative table is a sentence."""
    years = frozenset(years)
    return IndicatorUse(
        fund_id=fund,
        scope=scope or fund or "doc",
        name=name,
        unit_kind=kind,
        base_unit=unit,
        level1=None,
        level2=level2,
        level2_inferred=False,
        years=years,
        records=records or len(years),
        tables=frozenset(-year if table < 0 else year * 10 + table for year in years),
        reports=years,
        places={} if place is None else dict.fromkeys(years, place),
        targets={} if target is None else dict.fromkeys(years, target),
        previous=previous,
    )


def company(years: Iterable[int], *, table: int = 0, fund: str = "F1") -> list[IndicatorUse]:
    """Rows that stay the same, so that a table is known to be the same table of another year."""
    return [
        used("档案归档卷数", years, fund=fund, table=table),
        used("会议纪要份数", years, fund=fund, table=table),
        used("无线电台站巡检次数", years, fund=fund, table=table),
    ]


def joined(
    found: IndicatorAlignment, one: str, other: str, kind: str | None = "items", scope: str = "F1"
) -> bool:
    return found.ids[scope, one, kind] == found.ids[scope, other, kind]


def asked(found: IndicatorAlignment) -> set[frozenset[str]]:
    return {frozenset((q.name, q.other)) for q in found.questions}


# ---- names ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("新建高标准农田面积", "高标准农田新建面积"),
        ("危桥改造数", "改造危桥数量"),
        ("培训乡村医生", "乡村医生培训人数"),
        ("修建田间道路长度", "田间道路修建里程"),
        ("2023年受益农户数", "直接受益农户数量"),
        ("资金拨付及时率（%）", "资金拨付及时率"),
        ("项目完工及时率", "项目按期完工率"),
        ("群众满意度", "受益群众满意率"),
        ("二氧化硫减排量", "减少二氧化硫排放量"),
    ],
)
def test_one_indicator_by_its_name_alone(one: str, other: str) -> None:
    found = align_indicators([used(one, [2022]), used(other, [2023])], [])
    assert joined(found, one, other)
    assert not found.questions


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("自然科学基金项目立项数量", "自然科学基金项目结题数量"),
        ("自然科学基金项目申报数量", "自然科学基金项目立项数量"),
        ("新建农村公路里程", "改建农村公路里程"),
        ("立项评审通过率", "立项评审合格率"),
        ("食品抽检合格率", "食品抽检不合格率"),
        ("资金拨付率", "资金拨付及时率"),
        ("教师满意度", "家长满意度"),
        ("支持高新技术企业数量", "支持科技型中小企业数量"),
        ("小麦良种推广面积", "玉米良种推广面积"),
        ("60岁以上老年人体检人数", "65岁以上老年人体检人数"),
        ("一期工程完成数量", "二期工程完成数量"),
    ],
)
def test_look_alikes_stay_apart_even_where_one_follows_the_other(one: str, other: str) -> None:
    uses = [
        *company(range(2020, 2024)),
        used(one, [2020, 2021], place=0.5),
        used(other, [2022, 2023], place=0.5),
    ]
    found = align_indicators(uses, [])
    assert not joined(found, one, other)
    assert frozenset((one, other)) not in asked(found)


def test_gold_a_sister_table_words_an_indicator_with_two_words_more() -> None:
    kind: Mapping[str, object] = {"kind": "person_times", "unit": "人次", "level2": "社会效益指标"}
    uses = [
        *company([2025], table=0),
        *(row._replace(tables=row.tables | {20253}) for row in company([2025], table=0)),
    ][3:]
    uses += [
        used("培训技术服务人员数量", [2025], table=0, place=0.7, target=6478, **kind),  # type: ignore[arg-type]
        used("培训从事技术创新服务人员数量", [2025], table=3, place=0.7, target=6478, **kind),  # type: ignore[arg-type]
    ]
    broker = used("培训技术经纪人数量", [2025], table=0, place=0.9, target=155, **kind)  # type: ignore[arg-type]
    uses.append(broker._replace(tables=frozenset({20250, 20253, -2025})))
    found = align_indicators(uses, [])
    assert joined(found, "培训技术服务人员数量", "培训从事技术创新服务人员数量", "person_times")
    assert not joined(found, "培训技术服务人员数量", "培训技术经纪人数量", "person_times")
    [row] = [a for a in found.aliases if a.name == "培训从事技术创新服务人员数量" or a.score < 1]
    assert row.decided_by == "evidence"
    assert "创新" in row.reason
    assert "从事" in row.reason
    assert "同年目标值相同" in row.reason


def test_a_word_more_is_asked_without_evidence_and_joined_with_it() -> None:
    one, other = "大型仪器开放共享次数", "高校大型仪器开放共享次数"
    alone = align_indicators([used(one, [2020]), used(other, [2023])], [])
    assert not joined(alone, one, other)
    followed = align_indicators(
        [
            *company([2022, 2023]),
            used(one, [2022], place=0.5, target=40),
            used(other, [2023], place=0.5, target=42),
        ],
        [],
    )
    assert joined(followed, one, other)


def test_two_rows_of_one_table_are_two_indicators_whatever_their_names() -> None:
    found = align_indicators([used("培训人员数量", [2022]), used("培训人员总数", [2022, 2023])], [])
    assert not joined(found, "培训人员数量", "培训人员总数")
    assert len(found.names) == 2


def test_a_row_between_two_candidates_is_left_open() -> None:
    """Which of the two rows of the new table the old one became, its name does not tell."""
    uses = [
        *company([2022, 2023]),
        used("仪器共享服务次数", [2022], place=0.5),
        used("高校仪器共享服务次数", [2023], place=0.45),
        used("企业仪器共享服务次数", [2023], place=0.55),
    ]
    found = align_indicators(uses, [])
    assert len({found.ids[u.key] for u in uses[3:]}) == 3


@pytest.mark.parametrize(
    ("kind", "other"), [("money", "percent"), ("persons", "person_times"), ("items", "persons")]
)
def test_kinds_of_units_are_never_mixed(kind: str, other: str) -> None:
    found = align_indicators([used("农技培训", [2022], kind=kind), used("农技培训", [2023], kind=other)], [])
    assert found.ids["F1", "农技培训", kind] != found.ids["F1", "农技培训", other]


def test_a_name_without_unit_goes_with_the_same_name_that_has_one() -> None:
    uses = [
        used("论证会", [2022], kind=None, unit=None),
        used("论证会", [2022, 2023], kind="items", unit="次"),
    ]
    found = align_indicators(uses, [])
    assert found.ids["F1", "论证会", None] == found.ids["F1", "论证会", "items"]
    [name] = found.names
    assert (name.unit_kind, name.unit) == ("items", "次")


def test_words_that_tell_rows_apart_in_one_fund_are_known_in_others() -> None:
    """甲乙 here are words of no list: a table that has both rows teaches that they are two."""
    plain = [
        *company([2022, 2023], fund="F2"),
        used("雪莲繁育基地数量", [2022], fund="F2", place=0.5),
        used("胡杨繁育基地数量", [2023], fund="F2", place=0.5),
    ]
    untaught = align_indicators(plain, [])
    assert asked(untaught) == {frozenset(("雪莲繁育基地数量", "胡杨繁育基地数量"))}
    teaching = [used("雪莲育苗株数", [2022]), used("胡杨育苗株数", [2022])]
    taught = align_indicators([*plain, *teaching], [])
    assert asked(taught) == set()


@pytest.mark.parametrize(
    ("one", "other", "reason"),
    [
        ("资金拨付及时率", "补助资金拨付及时率", "多“补助”"),
        ("沿线群众满意度", "沿线居民满意度", "“群众”与“居民”同义"),
        ("新建农田面积", "农田新建面积", "词语相同，词序不同"),
        ("小麦种植面积", "玉米种植面积", "“小麦”与“玉米”不同，系并列事项"),
        ("食品合格率", "食品不合格率", "否定词或数字不同"),
    ],
)
def test_reasons_quote_what_is_printed(one: str, other: str, reason: str) -> None:
    match = compare_names(read_indicator_name(one), read_indicator_name(other), WordExperience())
    assert match.reason == reason


@pytest.mark.parametrize(
    "text", ["", "。", "数量", "（）", "率", "的", "A" * 5000, "指标" * 2000, "（" * 300, "1", "%"]
)
def test_any_text_can_be_a_name(text: str) -> None:
    form = read_indicator_name(text)
    assert compare_names(form, form, WordExperience()).odds > 0
    assert compare_names(form, read_indicator_name("培训人数"), WordExperience()).odds >= IMPOSSIBLE * 40
    found = align_indicators([used(text), used("培训人数")], [])
    assert len(found.ids) == 2


# ---- ids ------------------------------------------------------------------------------------


def test_funds_share_an_indicator_whose_names_differ_in_form_or_synonyms_only() -> None:
    uses = [
        used("资金拨付及时率", kind="percent", unit="%"),
        used("资金拨付的及时率（%）", kind="percent", unit="%", fund="F2"),
        used("资金下达及时率", kind="percent", unit="%", fund="F3"),
        used("救助资金发放及时率", kind="percent", unit="%", fund="F4"),
    ]
    found = align_indicators(uses, [])
    first, second, third, other = (found.ids[u.key] for u in uses)
    assert first == second == third
    assert other != first
    assert first == new_id(read_indicator_name("资金拨付及时率").strict, "percent")


def test_reports_of_unknown_funds_are_scopes_of_their_own() -> None:
    uses = [used("培训人数", fund=None, scope=doc) for doc in ("d1", "d2")]
    found = align_indicators(uses, [])
    assert found.ids["d1", "培训人数", "items"] == found.ids["d2", "培训人数", "items"]
    [alias] = found.aliases
    assert (alias.fund_id, alias.records) == (None, 2)


def test_ids_of_the_last_generation_are_kept_though_the_commonest_name_changes() -> None:
    old = used("新建高标准农田面积", [2020], previous="Iold0000000")
    new = used("高标准农田新建亩数", [2021, 2022, 2023])
    found = align_indicators([old, new], [])
    assert set(found.ids.values()) == {"Iold0000000"}
    [name] = found.names
    assert (name.name, name.aliases) == ("高标准农田新建亩数", ("新建高标准农田面积",))


def test_of_two_former_ids_that_of_most_rows_stays() -> None:
    one = used("新建农田面积", [2020], records=3, previous="Iaaaaaaaaaa")
    other = used("农田新建面积", [2021], records=5, previous="Ibbbbbbbbbb")
    assert set(align_indicators([one, other], []).ids.values()) == {"Ibbbbbbbbbb"}
    even = align_indicators([one, other._replace(records=3)], [])
    assert set(even.ids.values()) == {"Iaaaaaaaaaa"}  # of equals the older


def test_after_a_split_the_part_with_the_name_that_the_id_was_made_of_keeps_it() -> None:
    made = new_id(read_indicator_name("农田新建面积").strict, "items")
    one = used("新建农田面积", [2020], records=3, previous=made)
    other = used("耕地新建面积", [2021], records=9, previous=made)
    found = align_indicators([one, other], [FundIndicatorDecision(False, None, one.name, other.name, 2)])
    assert found.ids[one.key] == made
    assert found.ids[other.key] not in (made, "")


def test_no_two_indicators_of_a_fund_share_an_id() -> None:
    """Same normal form, but rows of one table; and an id that another indicator holds already."""
    taken = new_id(read_indicator_name("培训人员数量").strict, "items")
    uses = [
        used("培训人员数量"),
        used("培训人员的数量"),
        used("培训人员总数"),
        used("果园面积", previous=taken, fund="F2"),
    ]
    found = align_indicators(uses, [])
    assert len(set(found.ids.values())) == 4


def test_rows_tell_unit_and_level() -> None:
    uses = [
        used("粮食产量", [2022], kind="mass", unit="吨", level2="经济效益指标", records=2),
        used("粮食产量", [2023], kind="mass", unit="万吨", level2="数量指标", fund="F2", records=7)._replace(
            level2_inferred=True
        ),
    ]
    found = align_indicators(uses, [], unit_factor={"吨": 1000.0, "万吨": 1e7}.get)
    [name] = found.names
    assert (name.unit, name.unit_factor) == ("万吨", 1e7) or name.unit == "吨"
    assert name.level2 == "经济效益指标"  # printed before inferred
    assert [a.fund_id for a in found.aliases] == ["F1", "F2"]


# ---- decisions ------------------------------------------------------------------------------


def same(name: str, other: str, line: int, fund: str | None = None) -> FundIndicatorDecision:
    return FundIndicatorDecision(True, fund, name, other, line)


def different(name: str, other: str, line: int, fund: str | None = None) -> FundIndicatorDecision:
    return FundIndicatorDecision(False, fund, name, other, line)


def test_same_joins_rows_of_one_table_and_says_by_which_line() -> None:
    uses = [used("果园面积", records=5), used("茶厂座数")]
    found = align_indicators(uses, [same("果园面积", "茶厂座数", 7)])
    assert joined(found, "果园面积", "茶厂座数")
    [row] = [a for a in found.aliases if a.name == "茶厂座数"]
    assert (row.decided_by, row.score) == ("file", 1.0)
    assert "对照表第7行" in row.reason


def test_same_for_every_fund_holds_between_funds() -> None:
    uses = [used("果园面积", fund="F1"), used("茶厂座数", fund="F2")]
    assert len(set(align_indicators(uses, []).ids.values())) == 2
    assert len(set(align_indicators(uses, [same("果园面积", "茶厂座数", 2)]).ids.values())) == 1
    assert len(set(align_indicators(uses, [same("果园面积", "茶厂座数", 2, "F1")]).ids.values())) == 2


def test_different_parts_what_would_join_and_is_no_longer_asked() -> None:
    uses = [used("群众满意度", [2022]), used("受益群众满意度", [2023])]
    assert joined(align_indicators(uses, []), "群众满意度", "受益群众满意度")
    found = align_indicators(uses, [different("群众满意度", "受益群众满意度", 3)])
    assert not joined(found, "群众满意度", "受益群众满意度")
    assert not found.questions


def test_different_for_every_fund_parts_names_of_one_normal_form_between_funds() -> None:
    uses = [used("培训人数", fund="F1"), used("培训的人数", fund="F2")]
    assert len(set(align_indicators(uses, []).ids.values())) == 1
    apart = [different("培训人数", "培训的人数", 3)]
    assert len(set(align_indicators(uses, apart).ids.values())) == 2
    kept = [use._replace(previous="Iaaaaaaaaaa") for use in uses]
    assert len(set(align_indicators(kept, apart).ids.values())) == 2


def test_what_follows_from_decisions_holds_too() -> None:
    uses = [used("果园面积", [2021]), used("茶厂座数", [2022]), used("果园的面积", [2023])]
    lines = [
        same("果园面积", "苗圃个数", 2),
        same("苗圃个数", "茶厂座数", 3),
        different("苗圃个数", "果园的面积", 4),
    ]
    found = align_indicators(uses, lines)
    assert joined(found, "果园面积", "茶厂座数")  # through a name that no report has
    assert not joined(found, "果园面积", "果园的面积")


def test_contradictions_name_both_lines() -> None:
    lines = [same("甲", "乙", 2), same("乙", "丙", 5), different("丙", "甲", 9)]
    with pytest.raises(UsageError, match=r"line 9.*line 2, 5$"):
        align_indicators([], lines)
    with pytest.raises(UsageError, match=r"line 3.*line 2"):
        align_indicators([], [same("甲", "乙", 2), different("乙", "甲", 3)])
    with pytest.raises(UsageError, match=r"line 6.*line 2"):
        align_indicators([], [same("甲", "乙", 2), same("乙", "丙", 3, "F1"), same("丙", "丁", 4, "F1"),
                              different("甲", "戊", 5), different("乙", "甲", 6)])  # fmt: skip


def test_a_line_for_one_fund_counts_before_one_for_all() -> None:
    uses = [
        used(name, [year], fund=fund)
        for fund in ("F1", "F2")
        for name, year in (("甲果", 2021), ("乙果", 2022))
    ]
    found = align_indicators(uses, [same("甲果", "乙果", 2), different("甲果", "乙果", 3, "F2")])
    assert joined(found, "甲果", "乙果")
    assert not joined(found, "甲果", "乙果", scope="F2")


# ---- properties -----------------------------------------------------------------------------

_DRAWN, _TRUTH = drawn(FIELDS[:3], seed=11, churn=0.3)
_PICKED = st.lists(st.sampled_from(range(len(_DRAWN))), min_size=1, max_size=40, unique=True)


@settings(max_examples=25, deadline=None)
@given(_PICKED, st.integers(0, 99))
def test_the_order_of_uses_does_not_matter(picked: list[int], seed: int) -> None:
    uses = [_DRAWN[no] for no in sorted(picked)]
    mixed = list(uses)
    Random(seed).shuffle(mixed)
    assert align_indicators(mixed, []) == align_indicators(uses, [])


@settings(max_examples=25, deadline=None)
@given(_PICKED)
def test_every_use_has_an_id_and_no_two_rows_of_a_table_share_one(picked: list[int]) -> None:
    uses = [_DRAWN[no] for no in picked]
    found = align_indicators(uses, [])
    assert found.ids.keys() == {use.key for use in uses}
    assert set(found.ids.values()) == {row.indicator_id for row in found.names}
    assert {(a.fund_id, a.name, a.unit_kind) for a in found.aliases} == {
        (u.fund_id, u.name, u.unit_kind) for u in uses
    }
    for a, b in combinations(uses, 2):
        if a.scope == b.scope and a.name != b.name and not a.tables.isdisjoint(b.tables):
            assert found.ids[a.key] != found.ids[b.key]


@settings(max_examples=25, deadline=None)
@given(_PICKED, st.data())
def test_decisions_are_obeyed(picked: list[int], data: st.DataObject) -> None:
    uses = [_DRAWN[no] for no in picked]
    one, other = data.draw(st.sampled_from(uses)), data.draw(st.sampled_from(uses))
    if one.name == other.name:
        return
    told = data.draw(st.booleans())
    found = align_indicators(uses, [FundIndicatorDecision(told, None, one.name, other.name, 2)])
    if one.unit_kind == other.unit_kind or not told:
        assert (found.ids[one.key] == found.ids[other.key]) is told


@pytest.mark.parametrize("seed", range(3))
def test_ids_stay_when_a_year_is_added(seed: int) -> None:
    """All but those of which the new year tells something new."""
    before, _ = drawn(TUNED, seed, years=range(2019, 2024))
    first = align_indicators(before, [])
    after = [
        use._replace(previous=first.ids.get(use.key))
        for use in drawn(TUNED, seed, years=range(2019, 2025))[0]
    ]
    second = align_indicators(after, [])
    known = [use.key for use in before]
    moved = [key for key in known if first.ids[key] != second.ids[key]]
    again = align_indicators([use._replace(previous=second.ids[use.key]) for use in after], [])
    assert again.ids == second.ids  # nothing new, nothing moves
    assert len(moved) <= 0.01 * len(known)  # names that the new year showed to be one indicator, or two


# ---- how good, how fast ---------------------------------------------------------------------


@pytest.mark.parametrize("churn", [0.08, 0.25])
@pytest.mark.parametrize(("fields", "floor"), [(TUNED, 0.88), (HELD_OUT, 0.82)])
def test_precision_and_recall_on_names_that_drift(fields: tuple, floor: float, churn: float) -> None:  # type: ignore[type-arg]
    precisions, recalls = [], []
    for seed in range(4):
        uses, truth = drawn(fields, seed, churn=churn)
        names = {f"F{no:04}": field.fund for no, field in enumerate(fields)}
        precision, recall = measured(align_indicators(uses, [], fund_names=names).ids, truth)
        precisions.append(precision)
        recalls.append(recall)
    assert sum(precisions) / 4 >= 0.985
    assert sum(recalls) / 4 >= floor


def test_the_corpus_is_large_and_its_lines_are_read() -> None:
    assert sum(len(concept.names) for field in FIELDS for concept in field.concepts) >= 500
    for field in FIELDS:
        names = [name for concept in field.concepts for name in concept.names]
        assert len(names) == len(set(names)), field.fund


def test_names_that_are_compared_grow_with_names_not_with_their_square() -> None:
    def compared(number: int) -> int:
        subjects = ("果园", "茶厂", "苗圃", "渔场", "牧场", "粮库", "冷库", "花圃")
        uses = [
            used(f"{a}{b}第{no}处设施改造数量", [2020 + no % 5], table=no)
            for no in range(number // 64)
            for a in subjects
            for b in subjects
        ]
        return sum(1 for _ in pairs(names_of(uses)))

    small, large = compared(640), compared(5120)
    assert large <= 16 * max(small, 640)
