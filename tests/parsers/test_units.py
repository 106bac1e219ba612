"""Units: what they measure, and values of one indicator in one unit."""

from fractions import Fraction

import pytest

from parsers.indicators import indicator_row
from parsers.printed import Printed
from parsers.units import BaseValues, base_values, in_base_unit, unit_meaning
from parsers.values import read_quantity
from schemas.records import IndicatorRow
from schemas.units import COUNTERS, UNIT_ALIASES, UNITS_OF_KIND, YUAN
from schemas.vocabulary import UNITS


@pytest.mark.parametrize(
    ("printed", "kind", "base", "factor"),
    [
        ("元", "money", "元", 1),
        ("千元", "money", "元", 1_000),
        ("万元", "money", "元", 10_000),
        ("百万元", "money", "元", 1_000_000),
        ("千万元", "money", "元", 10_000_000),
        ("亿元", "money", "元", 100_000_000),
        ("万美元", "foreign_money", "美元", 10_000),
        ("名", "persons", "人", 1),
        ("位老人", "persons", "人", 1),
        ("万人", "persons", "人", 10_000),
        ("万人次", "person_times", "人次", 10_000),
        ("人·次", "person_times", "人次", 1),
        ("人（次）", "person_times", "人次", 1),
        ("％", "percent", "%", 1),
        ("‰", "percent", "%", Fraction(1, 10)),
        ("百分点", "percentage_points", "个百分点", 1),
        ("公顷", "area", "亩", 15),
        ("万亩", "area", "亩", 10_000),
        ("平方公里", "area", "亩", 1_500),
        ("㎡", "area", "亩", Fraction(15, 10_000)),
        ("m²", "area", "亩", Fraction(15, 10_000)),
        ("万平方米", "area", "亩", 15),
        ("千米", "length", "米", 1_000),
        ("KM", "length", "米", 1_000),
        ("㎥", "volume", "立方米", 1),
        ("亿立方米", "volume", "立方米", 100_000_000),
        ("万吨", "mass", "千克", 10_000_000),
        ("斤", "mass", "千克", Fraction(1, 2)),
        ("千克", "mass", "千克", 1),
        ("吨标准煤", "coal_equivalent", "吨标准煤", 1),
        ("万千瓦时", "energy", "千瓦时", 10_000),
        ("kW·h", "energy", "千瓦时", 1),
        ("MW", "power", "千瓦", 1_000),
        ("年", "months", "个月", 12),
        ("个月", "months", "个月", 1),
        ("日", "days", "天", 1),
        ("工作日", "working_days", "个工作日", 1),
        ("分钟", "hours", "小时", Fraction(1, 60)),
        ("万户", "items", "户", 10_000),
        ("台（套）", "items", "台套", 1),
        ("台/套", "items", "台套", 1),
        ("场次", "items", "场", 1),
        ("个村", "items", "村", 1),
        ("元/亩", "money/area", "元/亩", 1),
        ("万元／公里", "money/length", "元/米", 10),
        ("元/人·次", "money/person_times", "元/人次", 1),
        ("万元/年", "money/months", "元/个月", Fraction(2_500, 3)),
        ("人/次", "persons/items", "人/次", 1),
        ("羊单位", "other", "羊单位", 1),
        ("万羊单位", "other", "羊单位", 10_000),
        ("M", "other", "M", 1),
        ("万", None, None, 10_000),
        (None, None, None, 1),
    ],
)
def test_what_a_unit_means(printed: str | None, kind: str | None, base: str | None, factor: Fraction) -> None:
    assert unit_meaning(printed) == (kind, base, factor)


def test_values_are_exact_in_their_base_unit() -> None:
    assert in_base_unit(1.1, unit_meaning("亿元")) == 110_000_000
    assert in_base_unit(0.57, unit_meaning("万元")) == 5_700
    assert in_base_unit(36_500, unit_meaning("亩")) == in_base_unit(3.65, unit_meaning("万亩"))


@pytest.mark.parametrize(
    ("target", "actual", "expected"),
    [
        ("≥1.1亿元", "12000万元", ("money", "元", 110_000_000, 120_000_000)),
        ("≥3万人", "31000人", ("persons", "人", 30_000, 31_000)),
        ("≥3万人", "31000人次", ("persons", "人", 30_000, None)),
        ("≥5项", "6个", ("items", "项", 5, None)),
        ("增长3%", "3个百分点", ("percentage_points", "个百分点", None, 3)),
        ("≥3%", "3个百分点", ("percent", "%", 3, None)),
        ("≥30万元", "28", ("money", "元", 300_000, 280_000)),
        ("≥30", "28万元", ("money", "元", 300_000, 280_000)),
        ("100万元", "98万", ("money", "元", 1_000_000, 980_000)),
        ("≥95%", "96", ("percent", "%", 95, 96)),
        ("≥95%", "0.98", ("percent", "%", 95, None)),
        ("1:2", "219%", ("percent", "%", None, 219)),
        ("≥95", "96%", ("percent", "%", None, 96)),
        ("≥2", "2.19", (None, None, 2, 2.19)),
        ("≥5个工作日", "7天", ("working_days", "个工作日", 5, None)),
        ("≤2年", "18个月", ("months", "个月", 24, 18)),
        (None, "3公里", ("length", "米", None, 3_000)),
        ("有所提高", None, (None, None, None, None)),
    ],
)
def test_target_and_actual_stand_in_one_unit(
    target: str | None,
    actual: str | None,
    expected: tuple[str | None, str | None, float | None, float | None],
) -> None:
    assert base_values(read_quantity(target), read_quantity(actual)) == BaseValues(*expected)


def row(target: str, actual: str, level2: str = "数量指标") -> IndicatorRow:
    texts = {"name": "培训人数", "level2": level2, "target_text": target, "actual_text": actual}
    return indicator_row("completion", 1, 1, {name: Printed(text, ()) for name, text in texts.items()})


def test_a_row_holds_base_values_beside_the_print() -> None:
    found = row("≥3万人", "31000人")
    assert (found.target_value, found.target_unit, found.actual_value, found.actual_unit) == (
        3,
        "万人",
        31_000,
        "人",
    )
    assert (found.unit_kind, found.base_unit) == ("persons", "人")
    assert (found.target_base_value, found.actual_base_value) == (30_000, 31_000)
    assert (found.completion_rate, found.is_met) == (103.33, True)


@pytest.mark.parametrize(
    ("target", "actual", "rate", "is_met"),
    [
        ("≤1.2亿元", "12500万元", 104.17, False),
        ("≥2公顷", "29亩", 96.67, False),
        ("≥30万元", "30", 100.0, True),
        ("≥30人", "30人次", None, None),
        ("≥3个", "3项", None, None),
    ],
)
def test_rates_are_of_comparable_values(
    target: str, actual: str, rate: float | None, is_met: bool | None
) -> None:
    found = row(target, actual)
    assert (found.completion_rate, found.is_met) == (rate, is_met)


def test_every_unit_that_is_read_is_known() -> None:
    assert [unit for unit in UNITS if unit_meaning(unit).kind in (None, "other")] == []


def test_a_unit_has_one_meaning() -> None:
    units = [unit for _, known in UNITS_OF_KIND.values() for unit in known] + sorted(COUNTERS)
    assert len(units) == len(set(units))
    assert not set(UNIT_ALIASES) & set(units)
    assert all(unit_meaning(base) == (kind, base, 1) for kind, (base, _) in UNITS_OF_KIND.items())
    assert all(
        unit_meaning(unit)[:2] == (kind, base)
        for kind, (base, known) in UNITS_OF_KIND.items()
        for unit in known
    )


def test_money_has_one_table() -> None:
    assert {unit: unit_meaning(unit).factor for unit in YUAN} == YUAN
    assert {unit_meaning(unit).kind for unit in set(YUAN) - {"万", "亿"}} == {"money"}


def test_hostile_units_are_their_own() -> None:
    for unit in ("万" * 1_000, "/" * 50, "个" * 24, "元/" * 12, "每"):
        assert unit_meaning(unit).kind in ("other", None)
