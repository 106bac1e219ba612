"""What printed values say. Expected readings are worked out by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.values import amounts, chinese_number, read_money, read_number, read_quantity

READ = [
    ("≥28166万元", ">=", 28166, "万元"),
    ("52项≥", ">=", 52, "项"),
    ("≥ 65项", ">=", 65, "项"),
    ("＞＝90％", ">=", 90, "%"),
    ("大于等于90%", ">=", 90, "%"),
    ("不低于百分之九十五", ">=", 95, "%"),
    ("90%以上", ">=", 90, "%"),
    ("≥90分（含）以上", ">=", 90, "分"),
    ("50个及以上", ">=", 50, "个"),
    ("不超过30万元", "<=", 30, "万元"),
    ("5天以内", "<=", 5, "天"),
    ("≤15%", "<=", 15, "%"),
    ("680余家", "~", 680, "家"),
    ("约3000人次", "~", 3000, "人次"),
    ("5天左右", "~", 5, "天"),
    ("1,500万元", "=", 1500, "万元"),
    ("１，５００万元", "=", 1500, "万元"),
    ("29442.78万\n元", "=", 29442.78, "万元"),
    ("100.00\n%", "=", 100, "%"),
    ("百分之九十", "=", 90, "%"),
    ("十二个", "=", 12, "个"),
    ("两次", "=", 2, "次"),
    ("12个月", "=", 12, "个月"),
    ("3年", "=", 3, "年"),
    ("1:1", "=", 1, None),
    ("1：2.19", "=", 2.19, None),
    ("3:1", "=", 3, None),
    ("≥1:0.6", ">=", 0.6, None),
    ("2.19", "=", 2.19, None),
    ("0", "=", 0, None),
    ("-3.5%", "=", -3.5, "%"),
    ("≥273（个、台、条）", ">=", 273, "（个、台、条）"),
    ("≥30场（次）", ">=", 30, "场（次）"),
    ("1万元/年", "=", 1, "万元/年"),
    ("95%（问卷调查）", "=", 95, "%"),
    ("完成12场", "=", 12, "场"),
]
NOT_READ = [
    "45项，延期4项，不具备验收3项，90%",
    "≥研发成果436项",
    "制定规程20件",
    "项目结题后，团队建设持续≥3年",
    "每家新立项机构，拨付资金50万元",
    "2-3篇",
    "80%-90%",
    "2023年12月底前",
    "2024年",
    "10月底",
    "一年内",
    "一批",
    "一级",
    "稳步提升",
    "317项通过验收",
    "1:1:1",
    "≥5且≤8",
    "100\n200",
    "1234567890123456万元",
    "",
    "—",
    "无",
    None,
]


@pytest.mark.parametrize(("text", "op", "value", "unit"), READ)
def test_one_number_is_read(text: str, op: str, value: float, unit: str | None) -> None:
    quantity = read_quantity(text)
    assert quantity is not None
    assert (quantity.op, quantity.value, quantity.unit) == (op, value, unit)


@pytest.mark.parametrize("text", NOT_READ)
def test_no_single_number_is_no_reading(text: str | None) -> None:
    assert read_quantity(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [("9.50", 9.5), ("90%", 90), ("10分", 10), ("—", None), ("≥5", None), ("8/10", None), ("", None)],
)
def test_number_cells(text: str, number: float | None) -> None:
    assert read_number(text) == number


@pytest.mark.parametrize(
    ("text", "unit", "yuan"),
    [
        ("10930", "万元", 109_300_000),
        ("10,930.50", "万元", 109_305_000),
        ("1145.76万元", None, 11_457_600),
        ("1.2亿元", "万元", 120_000_000),
        ("28800000", "元", 28_800_000),
        ("10930", None, None),
        ("—", "万元", None),
    ],
)
def test_money_takes_its_own_unit_before_the_headers(text: str, unit: str | None, yuan: float | None) -> None:
    assert read_money(text, unit) == yuan


@pytest.mark.parametrize(
    ("text", "yuan"),
    [
        ("支出1亿2000万元。", [120_000_000]),
        ("共投入1200余万元", [12_000_000]),
        ("预算由300万元调整至500万元", [3_000_000, 5_000_000]),
        ("资金——500万元", [5_000_000]),
        ("补助900-1000万元", []),
        ("补助300万至500万元", []),
        ("12345678901234567万元", []),
    ],
)
def test_sums_that_are_ranges_or_no_sums_are_left(text: str, yuan: list[float]) -> None:
    assert [amount.yuan for amount in amounts(text)] == yuan


def test_amounts_of_a_sentence_with_their_places() -> None:
    text = "共7,000万元，其中1.5亿元、６１７万元；另有300元/人的补助，覆盖20万人。"
    found = [(text[a.start : a.end], a.yuan) for a in amounts(text)]
    assert found == [("7,000万元", 70_000_000), ("1.5亿元", 150_000_000), ("６１７万元", 6_170_000)]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("九十", 90),
        ("一百零五", 105),
        ("十", 10),
        ("三点五", 3.5),
        ("二〇二四", 2024),
        ("两", 2),
        ("三万二千", 32_000),
        ("甲", None),
    ],
)
def test_chinese_numbers(text: str, number: float | None) -> None:
    assert chinese_number(text) == number


@given(st.text(max_size=40))
def test_any_text_is_read_or_left(text: str) -> None:
    quantity = read_quantity(text)
    assert quantity is None or any(c.isdigit() or c in "零〇一二两三四五六七八九十百千万亿" for c in text)


@given(
    st.sampled_from([("≥", ">="), ("≤", "<="), ("", "="), ("不少于", ">="), ("约", "~")]),
    st.integers(0, 9_999_999),
    st.sampled_from(["项", "%", "万元", "人次", "个月"]),
    st.booleans(),
)
def test_print_and_read_again(op: tuple[str, str], value: int, unit: str, thousands: bool) -> None:
    text = f"{op[0]}{value:,}{unit}" if thousands else f"{op[0]}{value}{unit}"
    quantity = read_quantity(text)
    assert quantity is not None
    assert (quantity.op, quantity.value, quantity.unit) == (op[1], value, unit)
