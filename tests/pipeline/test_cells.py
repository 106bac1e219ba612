"""Values as a spreadsheet holds them."""

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.cells import csv_value, neutral, spreadsheet_values
from schemas.errors import UsageError

BEIJING = timezone(timedelta(hours=8))


@pytest.mark.parametrize(
    ("values", "kind", "expected"),
    [
        ([True, False, None], pa.bool_(), ["是", "否", None]),
        ([999_999_999_999_999, 10**15, -(10**15)], pa.int64(), [999_999_999_999_999, "1000000000000000", "-1000000000000000"]),
        ([1.5, float("nan"), float("inf"), float("-inf"), None], pa.float64(), [1.5, "NaN", "∞", "-∞", None]),
        ([Decimal("12.50"), Decimal("3.00")], pa.decimal128(20, 2), [12.5, 3]),
        ([Decimal("12345678901234.56")], pa.decimal128(20, 2), ["12345678901234.56"]),
        ([Decimal(10) ** 20], pa.decimal128(38, 0), ["100000000000000000000"]),
        ([date(2025, 6, 30)], pa.date32(), [date(2025, 6, 30)]),
        ([datetime(2025, 6, 30, 8, tzinfo=BEIJING)], pa.timestamp("us", "Asia/Shanghai"), [datetime(2025, 6, 30)]),
        ([datetime(2025, 6, 30, 8)], pa.timestamp("ns"), [datetime(2025, 6, 30, 8)]),
        ([["引导资金", "专项资金"], [], None], pa.list_(pa.string()), ["引导资金、专项资金", "", None]),
        ([[{"页": 3}]], pa.list_(pa.struct([("页", pa.int64())])), ['[{"页": 3}]']),
        ([{"read": 2}], pa.struct([("read", pa.int64())]), ['{"read": 2}']),
        ([b"\x01\xff"], pa.binary(), ["01ff"]),
        (["= 1"], pa.string(), ["= 1"]),
    ],
    ids=lambda v: str(v) if isinstance(v, pa.DataType) else "",
)  # fmt: skip
def test_values_of_a_column(values: list[Any], kind: pa.DataType, expected: list[Any]) -> None:
    found = spreadsheet_values(pa.array(values, kind))
    assert [(type(v), v) for v in found] == [(type(v), v) for v in expected]


def test_a_date_beyond_the_calendar_is_text() -> None:
    far = pa.array([4_000_000], pa.int32()).cast(pa.date32())  # about 10,950 years after 1970
    (text,) = spreadsheet_values(far)
    assert isinstance(text, str)
    assert text.startswith("12921-")


def test_a_type_without_text_is_told() -> None:
    column = pa.array([None], pa.list_(pa.timestamp("ns"))).cast(pa.list_(pa.timestamp("ns")))
    assert spreadsheet_values(column) == [None]
    far = pa.array([{"d": 4_000_000}], pa.struct([("d", pa.int32())])).cast(pa.struct([("d", pa.date32())]))
    with pytest.raises(UsageError, match="cast it in SQL"):
        spreadsheet_values(far)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2+3", "'-2+3"),
        ("@SUM(A1)", "'@SUM(A1)"), ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), ("\n=1", "'\n=1"),
        ("＝1+1", "'＝1+1"), ("＋1+1", "'＋1+1"), ("－1+1", "'－1+1"), ("＠A", "'＠A"), ("-A1", "'-A1"),
        ("=", "'="), ("+1e9", "'+1e9"), ("-1 ", "'-1 "), ("-1\n", "'-1\n"), ("-１", "'-１"),
        ("-5", "-5"), ("+3.5", "+3.5"), ("-1,234.50", "-1,234.50"), ("-12%", "-12%"), ("－5％", "－5％"),
        ("-", "-"), ("－", "－"), ("", ""), ("≥95%", "≥95%"), ("a=b", "a=b"), ("'=1", "'=1"),
    ],
)  # fmt: skip
def test_text_that_could_be_a_formula_is_neutral(text: str, expected: str) -> None:
    assert neutral(text) == expected


@given(st.text())
def test_neutral_text_never_begins_like_a_formula(text: str) -> None:
    found = neutral(text)
    assert found in (text, "'" + text)
    if found[:1] in set("=@＝＠\t\r\n"):
        raise AssertionError(found)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, ""), (280000.0, "280000"), (-30.5, "-30.5"), (7, "7"), (1e20, "1e+20"), ("-∞", "'-∞"),
        (date(2025, 6, 30), "2025-06-30"), (datetime(2025, 6, 30, 8, 1, 2, 999), "2025-06-30 08:01:02"),
    ],
)  # fmt: skip
def test_values_in_csv(value: Any, expected: str) -> None:
    assert csv_value(value) == expected
