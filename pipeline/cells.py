"""Values as a spreadsheet holds them, for workbooks and for csv that Excel opens."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa

from pipeline.commands.output import plain
from schemas.errors import UsageError

Value = str | int | float | date | datetime | None
"""What a cell of a spreadsheet holds. Times are in UTC, since a cell knows no zone."""

DIGITS = 15
"""Decimal digits of a spreadsheet's number: what has more is text, or it would be changed."""

YES, NO = "是", "否"
BETWEEN = "、"

_LARGEST = 10**DIGITS
_NOT_FINITE = {math.inf: "∞", -math.inf: "-∞"}

_STARTS = "=+-@＝＋－＠\t\r\n"
"""A text that begins so may be taken for a formula, also behind a line's or cell's end that a reader
trims; Chinese versions of Excel take the full-width signs for the others."""
_HARMLESS = re.compile(r"[-+－＋]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?[%％]?|[-－]", re.ASCII)
"""A plain number, and the lone dash that stands for nothing."""


def spreadsheet_values(column: "pa.Array[Any]") -> list[Value]:
    """A column of a batch, value by value. Yes and no are 是 and 否, lists of texts are joined by 、, structs are JSON;
    a number of more than 15 digits, NaN and infinity are text. Raises UsageError for a type that has no text.
    """
    kind = column.type
    if pa.types.is_integer(kind):
        return [v if v is None or -_LARGEST < v < _LARGEST else str(v) for v in column.to_pylist()]
    if pa.types.is_floating(kind):
        return [v if v is None or math.isfinite(v) else _NOT_FINITE.get(v, "NaN") for v in column.to_pylist()]
    return [None if v is None else _CONVERTED.get(type(v), plain)(v) for v in _python(column)]


def neutral(text: str) -> str:
    """Text that no spreadsheet takes for a formula when it opens a csv: with ' before it where it could be one."""
    if text and text[0] in _STARTS and not _HARMLESS.fullmatch(text):
        return "'" + text
    return text


def csv_value(value: Value) -> str:
    """A value as csv for Excel carries it: numbers plain, times as Excel reads them, text neutral."""
    if value is None:
        return ""
    if isinstance(value, str):
        return neutral(value)
    if isinstance(value, float) and value.is_integer() and abs(value) < _LARGEST:
        return str(int(value))
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds")
    return plain(value)


def _python(column: "pa.Array[Any]") -> list[Any]:
    try:
        if pa.types.is_timestamp(column.type):  # without its zone it is UTC; Python knows no nanoseconds
            return column.cast(pa.timestamp("us"), safe=False).to_pylist()
        return column.to_pylist()
    except (OverflowError, ValueError, NotImplementedError):  # a date that Python's calendar has not
        return _texts(column)


def _texts(column: "pa.Array[Any]") -> list[Any]:
    try:
        return column.cast(pa.string()).to_pylist()
    except pa.ArrowException as error:
        raise UsageError(f"{column.type} has no place in a spreadsheet; cast it in SQL") from error


def _decimal(value: Decimal) -> Value:
    digits = value.normalize().as_tuple()
    if not isinstance(digits.exponent, int) or max(len(digits.digits), digits.exponent) > DIGITS:
        return format(value, "f")
    return int(value) if digits.exponent >= 0 else float(value)


def _joined(values: Sequence[Any]) -> str:
    if any(isinstance(v, (dict, list, tuple)) for v in values):
        return plain(values)
    return BETWEEN.join(plain(v) for v in values)


def _naive(value: datetime) -> datetime:
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


_CONVERTED: dict[type, Callable[[Any], Value]] = {
    str: lambda v: v,
    bool: lambda v: YES if v else NO,
    Decimal: _decimal,
    datetime: _naive,
    date: lambda v: v,
    list: _joined,
}  # fmt: skip
