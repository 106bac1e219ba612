"""What a printed value says: operator, number, unit; amounts of money; points and rates.

「≥28166万元」「52项≥」「680余家」「1:2.19」「百分之九十」「不低于95%」. A text that holds no single
number (「45项，延期4项」「2-3篇」「2023年12月底前」) gives None: only its print is kept.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

from schemas.records import Operator
from schemas.units import YUAN
from schemas.vocabulary import (
    CHINESE_COUNTERS,
    NOT_A_UNIT,
    OPERATORS_AFTER,
    OPERATORS_BEFORE,
    UNITS,
    VALUE_VERBS,
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """One number with its operator ("=" where none is printed) and its unit as printed."""

    op: Operator
    value: float
    unit: str | None


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money in a text: yuan, and where it is printed (`text[start:end]`)."""

    yuan: float
    start: int
    end: int


_NUMBER = r"(?:\d{1,3}(?:[,，]\d{3})+(?!\d)|\d+)(?:\.\d+)?"
_DIGITS = "零〇一二两三四五六七八九"
_CHINESE_NUMBER = rf"[{_DIGITS}十百千万亿]+(?:点[{_DIGITS}]+)?"


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest that fits."""
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


BEFORE_NUMBER = any_of(OPERATORS_BEFORE)
_AFTER = any_of(OPERATORS_AFTER)
VALUE_START = re.compile(rf"{BEFORE_NUMBER}|达到?|为|[\d０-９]|百分之|[：:≧≦＞＜＝]")
"""Where the value may begin in a text that ends in one."""
_VERBS = any_of(VALUE_VERBS)
_KNOWN_UNIT = any_of(UNITS)
_OTHER_UNIT = rf"(?:(?!{NOT_A_UNIT})[\u4e00-\u9fff]){{1,4}}|[A-Za-z²³]{{1,6}}"
_ONE_UNIT = rf"(?:{_KNOWN_UNIT}|{_OTHER_UNIT})"
_UNIT = rf"(?:{_ONE_UNIT}(?:[/·每]{_ONE_UNIT}){{0,2}})?"
_NOTE = r"(?:\([^()]*\))?"
_QUANTITY = re.compile(
    rf"(?:{_VERBS})?(?P<before>{BEFORE_NUMBER})?(?:{_VERBS})?"
    rf"(?P<number>-?{_NUMBER})(?P<ratio>:(?P<second>{_NUMBER}))?"
    rf"(?P<more>余|多)?(?P<unit>{_UNIT})(?P<note>{_NOTE})(?P<after>{_AFTER})?(?P<note2>{_NOTE})[。.;；,，]?"
)
_CHINESE_QUANTITY = re.compile(
    rf"(?:{_VERBS})?(?P<before>{BEFORE_NUMBER})?(?:{_VERBS})?"
    rf"(?:百分之(?P<percent>{_CHINESE_NUMBER})|(?P<number>{_CHINESE_NUMBER})(?P<more>余|多)?"
    rf"(?P<unit>{'|'.join(sorted(CHINESE_COUNTERS, key=len, reverse=True))}))(?P<after>{_AFTER})?[。.]?"
)
_ARABIC_PERCENT = re.compile(rf"百分之({_NUMBER})")
_MYRIADS_ODD = re.compile(rf"({_NUMBER})([万亿])([余多])(?=[\u4e00-\u9fff])")
"""「2.3万余人次」: the word stands in the middle of the unit."""
_DATE_UNIT = re.compile(r"年\D|月\D*[日底初末前]|日前|号前|季度")
_SIGNS = str.maketrans({chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    "≧": "≥", "≦": "≤", "⩾": "≥", "⩽": "≤", "﹥": ">", "﹤": "<", "∶": ":", "︰": ":", "﹪": "%", "‐": "-", "—": "-", "–": "-", "－": "-",
})  # fmt: skip
_DOUBLED = (("≥=", "≥"), ("≤=", "≤"), (">=", "≥"), ("=>", "≥"), ("<=", "≤"), ("=<", "≤"), ("==", "="))

_TWO_NUMBERS = re.compile(r"[\d０-９]\s+[\d０-９]")
_MOST_DIGITS = 15
"""A number of more digits is no figure of a report, and more than a float holds."""
_D = r"[\d０-９]"
_TO = r"[\-—–~～至]"
_AMOUNT = re.compile(
    rf"(?<!{_D})(?<!{_D}[.．])(?<!{_D}{_TO})(?<!{_D}[万亿]{_TO})(?:(?P<yi>{_D}{{1,15}}(?:[.．]{_D}+)?)\s*亿(?P<wan>{_D}{{1,15}}(?:[.．]{_D}+)?)\s*万\s*元"
    rf"|(?P<number>{_D}{{1,3}}(?:[,，]{_D}{{3}})+(?!{_D})(?:[.．]{_D}+)?|{_D}{{1,15}}(?:[.．]{_D}+)?)[余多]?"
    r"\s*(?P<unit>(?:百万|千万|万|亿|千)?\s*元(?![/／])|[万亿](?![\u4e00-\u9fff])))"
)


def read_quantity(text: str | None) -> Quantity | None:
    """The one number that `text` states, or None where it states none or several.

    The whole text must be operator, number and unit (in any printed order): a number in a
    sentence is no reading of the sentence. A ratio a:b gives b where a is 1, else None for
    b != 1 and a for a:1. Percent are percent numbers (90 for 百分之九十).
    """
    if _TWO_NUMBERS.search(text or ""):
        return None
    folded = _MYRIADS_ODD.sub(r"\1\3\2", fold(text))
    match = _QUANTITY.fullmatch(_ARABIC_PERCENT.sub(r"\1%", folded))
    if match:
        quantity = _arabic(match)
        return replace(quantity, unit=_as_printed(quantity.unit, text)) if quantity else None
    match = _CHINESE_QUANTITY.fullmatch(folded)
    return _chinese(match) if match else None


def _as_printed(unit: str | None, text: str | None) -> str | None:
    """A unit with the brackets that the text prints (台（套）), which folding made narrow."""
    return unit.replace("(", "（").replace(")", "）") if unit and "（" in (text or "") else unit


def read_number(text: str | None) -> float | None:
    """The number of a cell that should hold one: points, a rate, a count (「9.50」「90%」「10分」).

    None for an empty cell, a dash, or anything that is more than one number.
    """
    quantity = read_quantity(text)
    return quantity.value if quantity and quantity.op in ("=", "~") else None


def read_money(text: str | None, unit: str | None) -> float | None:
    """Yuan that a cell states: its own unit counts, else `unit` (of the header or caption).

    None where neither tells the unit, or the cell holds no single number.
    """
    quantity = read_quantity(text)
    if quantity is None:
        return None
    factor = YUAN.get(quantity.unit or unit or "")
    return None if factor is None else float(Decimal(repr(quantity.value)) * factor)


def amounts(text: str) -> Iterator[Amount]:
    """Every sum of money printed in a sentence, in order."""
    for match in _AMOUNT.finditer(text):
        if match["yi"]:
            whole = Decimal(fold(match["yi"])) * YUAN["亿元"] + Decimal(fold(match["wan"])) * YUAN["万元"]
            yield Amount(float(whole), match.start(), match.end())
            continue
        factor = YUAN[re.sub(r"\s", "", match["unit"])]
        number = fold(match["number"]).replace(",", "")
        yield Amount(float(Decimal(number) * factor), match.start(), match.end())


def fold(text: str | None) -> str:
    """`text` without white space, full-width forms and variants of signs folded."""
    folded = re.sub(r"\s+", "", (text or "").translate(_SIGNS))
    for printed, sign in _DOUBLED:
        folded = folded.replace(printed, sign)
    return folded


def chinese_number(text: str) -> float | None:
    """「九十」 -> 90, 「一百零五」 -> 105, 「三点五」 -> 3.5; None for what is no number."""
    whole, _, fraction = text.partition("点")
    total, section, digit = 0, 0, 0
    if len(whole) > 1 and all(c in _DIGITS for c in whole):  # 二〇二四: digit by digit
        total = int("".join(str(_digit(c)) for c in whole))
    else:
        for char in whole:
            if char in _DIGITS:
                digit = _digit(char)
            elif char in "十百千":
                section += (digit or 1) * {"十": 10, "百": 100, "千": 1000}[char]
                digit = 0
            elif char in "万亿":
                total = (total + section + digit) * {"万": 10_000, "亿": 100_000_000}[char]
                section = digit = 0
            else:
                return None
        total += section + digit
    if not fraction:
        return float(total)
    return float(f"{total}." + "".join(str(_digit(c)) for c in fraction))


def _digit(char: str) -> int:
    return 2 if char == "两" else max(_DIGITS.replace("两", "").index(char) - 1, 0)


def _arabic(match: re.Match[str]) -> Quantity | None:
    if len(match["number"]) > _MOST_DIGITS:
        return None
    value = _plain_number(match["number"])
    unit: str | None = match["unit"] or None
    note = match["note"]
    if match["ratio"]:
        second = _plain_number(match["second"])
        if unit or (value != 1 and second != 1):
            return None
        value, unit = (second if value == 1 else value), None
    if unit and (_DATE_UNIT.search(unit) or (unit == "年" and value > 1900) or unit in ("月", "号")):
        return None
    if note and re.search(r"\d", note):
        return None
    if note == "(%)":
        unit = "%"
    elif note and (unit is None or note[1:-1] in UNITS):
        unit = (unit or "") + note
    op = _operator(match["before"], match["more"], match["after"])
    return None if op is None else Quantity(op, value, unit)


def _chinese(match: re.Match[str]) -> Quantity | None:
    number = match["percent"] or match["number"]
    value = chinese_number(number) if len(number) <= _MOST_DIGITS else None
    op = _operator(match["before"], match["more"], match["after"])
    if value is None or op is None:
        return None
    return Quantity(op, value, "%" if match["percent"] else match["unit"])


def _operator(before: str | None, more: str | None, after: str | None) -> Operator | None:
    """The one operator that the words say; None where they contradict each other."""
    told: list[Operator] = []
    if before:
        told.append(OPERATORS_BEFORE[before])
    if more:
        told.append("~")
    if after:
        told.append(OPERATORS_AFTER[after])
    if not told:
        return "="
    strict = [op for op in told if op not in ("~", "=")] or told
    return strict[0] if len({op[0] for op in strict}) == 1 else None


def _plain_number(text: str) -> float:
    return float(text.replace(",", "").replace("，", ""))
