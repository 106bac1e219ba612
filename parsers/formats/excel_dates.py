"""Dates, times and Chinese numerals in spreadsheets: a day's number and a format code -> the text that Excel prints."""

import re
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

_CODES_KEPT = 4096
_LAST_DAY = 2_958_466  # the day after 9999-12-31
_NO_SUCH_DAY = 60  # 29 February 1900, which Excel believes in
_DAYS_TO_1904 = 1462
_SECONDS = 86_400

_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|(?P<pad>_.)|\*.|\[(?P<elapsed>h+|m+|s+)\]|\[(?P<bracket>[^\]]*)\]?'
    r"|(?P<noon>AM/PM|A/P|上午/下午)|(?P<year>y+|e+)|(?P<month>m+)|(?P<day>d+)|(?P<weekday>a{3,4})|(?P<hour>h+)"
    r"|(?P<second>s+)(?P<decimals>\.0+)?|(?P<era>g+|b+)|(?P<general>General)|(?P<literal>.)",
    re.DOTALL | re.IGNORECASE,
)
_PRINTED_APART = re.compile(
    r'"[^"]*"?|[\\!_*].|\[(?!h+\]|m+\]|s+\])[^\]]*\]?|General|E[+-]', re.DOTALL | re.IGNORECASE
)
_IS_DATE = re.compile(r"[ymdhs]|e|a{3,4}|AM/PM|上午/下午", re.IGNORECASE)
_SYSTEM = {"F800": 'yyyy"年"m"月"d"日"', "F400": "h:mm:ss"}
"""Brackets that stand for the long date and the time of the system, whatever code follows."""

_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December")  # fmt: skip
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_CHINESE_WEEKDAYS = "一二三四五六日"
_SIMPLIFIED = "804"  # last digits of the language's number: Chinese of the mainland

_Token = tuple[str, str]


@lru_cache(maxsize=_CODES_KEPT)
def is_date_code(code: str) -> bool:
    """Whether a section of a format code prints a date or time."""
    if "General" in code or "通用格式" in code:
        return False
    return bool(_IS_DATE.search(_PRINTED_APART.sub("", code)))


def print_date(number: Decimal, code: str, *, chinese: int = 0, from_1904: bool = False) -> str | None:
    """The date or time of a day's number; None where Excel prints none (before 1900, after 9999)."""
    tokens, chinese_names = _tokens(code)
    if from_1904:
        number += _DAYS_TO_1904
    if not 0 <= number < _LAST_DAY:
        return None
    decimals = max((len(text) for kind, text in tokens if kind == "decimals"), default=0)
    seconds = _seconds(number, decimals, any(kind in ("second", "elapsed") for kind, _ in tokens))
    days, of_day = divmod(seconds, _SECONDS)
    if days >= _LAST_DAY:
        return None
    parts = _Parts(int(days), of_day, seconds, any(kind == "noon" for kind, _ in tokens), chinese_names)
    return "".join(_written(kind, text, parts, chinese) for kind, text in tokens)


class _Parts:
    """A moment taken apart."""

    def __init__(self, days: int, of_day: Decimal, seconds: Decimal, noon: bool, chinese_names: bool) -> None:
        self.year, self.month, self.day, self.weekday = _calendar(days)
        self.of_day, self.seconds = of_day, seconds
        whole = int(of_day)
        self.hour, self.minute, self.second = whole // 3600, whole // 60 % 60, whole % 60
        self.shown_hour = (self.hour - 1) % 12 + 1 if noon else self.hour
        self.chinese_names = chinese_names


def _seconds(number: Decimal, decimals: int, has_seconds: bool) -> Decimal:
    """Seconds since the first day, rounded to what is shown: 0.999999 is midnight, not 23:59:60."""
    seconds = (number * _SECONDS).quantize(Decimal(1).scaleb(-max(decimals, 0)), rounding=ROUND_HALF_UP)
    return seconds if has_seconds else Decimal(int(seconds))


def _calendar(days: int) -> tuple[int, int, int, int]:
    """Year, month, day and weekday (Monday is 0); day 0 is the 0th of January 1900, as Excel has it."""
    if days == 0:
        return 1900, 1, 0, 5
    if days == _NO_SUCH_DAY:
        return 1900, 2, 29, 2
    found = date(1899, 12, 31) + timedelta(days=days - (days > _NO_SUCH_DAY))
    weekday = (days + 5) % 7  # by Excel's count of days, which is right from March 1900 on
    return found.year, found.month, found.day, weekday


@lru_cache(maxsize=_CODES_KEPT)
def _tokens(code: str) -> tuple[tuple[_Token, ...], bool]:
    """The tokens of a date code, months told from minutes; whether names are Chinese."""
    system = re.search(r"\[\$-(F800|F400)\]", code, re.IGNORECASE)
    if system:
        code = _SYSTEM[system[1].upper()]
    language = re.search(r"\[\$[^\]-]*-([0-9A-Fa-f]+)\]", code)
    found: list[_Token] = []
    for match in _TOKEN.finditer(code):
        kind = next((k for k in _KINDS if match[k] is not None), None)
        if kind is None or kind in ("bracket", "era"):
            continue
        text = match[kind]
        if kind == "pad":
            kind, text = "literal", " "
        elif kind in ("quoted", "escaped"):
            kind = "literal"
        found.append((kind, text))
        if match["decimals"]:
            found.append(("decimals", match["decimals"][1:]))
    return tuple(_with_minutes(found)), bool(language and language[1].upper().endswith(_SIMPLIFIED))


_KINDS = ("quoted", "escaped", "pad", "elapsed", "bracket", "noon", "year", "month", "day", "weekday", "hour", "second", "era", "general", "literal")  # fmt: skip


def _with_minutes(tokens: Sequence[_Token]) -> list[_Token]:
    """m is a minute behind an hour or before a second, else a month."""
    parts = [
        (i, "hour" if kind == "elapsed" and text[0] in "hH" else "second" if kind == "elapsed" and text[0] in "sS" else kind)
        for i, (kind, text) in enumerate(tokens)
        if kind in ("elapsed", "year", "month", "day", "hour", "second")
    ]  # fmt: skip
    found = list(tokens)
    for at, (index, kind) in enumerate(parts):
        if kind != "month":
            continue
        before = parts[at - 1][1] if at else ""
        after = parts[at + 1][1] if at + 1 < len(parts) else ""
        if before == "hour" or after == "second":
            found[index] = ("minute", tokens[index][1])
    return found


def _written(kind: str, text: str, parts: _Parts, chinese: int) -> str:
    if kind == "year":
        shown = f"{parts.year % 100:02d}" if text.lower() in ("y", "yy") else f"{parts.year:04d}"
        return chinese_digits(shown, chinese) if chinese else shown
    number = {
        "month": parts.month, "day": parts.day, "hour": parts.shown_hour, "minute": parts.minute, "second": parts.second,
    }.get(kind)  # fmt: skip
    if number is not None:
        if (name := _name(kind, len(text), parts)) is not None:
            return name
        if chinese:
            return _spoken(chinese_number(str(number), chinese))
        return f"{number:02d}" if len(text) > 1 else str(number)
    if kind == "decimals":
        return "." + format(parts.of_day % 1, f".{len(text)}f")[2:]
    if kind == "elapsed":
        size = {"h": 3600, "m": 60, "s": 1}[text[0].lower()]
        return str(int(parts.seconds // size)).zfill(len(text))
    if kind == "weekday":
        return "星期" * (len(text) == 4) + _CHINESE_WEEKDAYS[parts.weekday]
    if kind == "noon":
        morning, afternoon = text.split("/")
        return morning if parts.hour < 12 else afternoon
    return text


def _name(kind: str, length: int, parts: _Parts) -> str | None:
    """The name of a month or weekday, where the code asks for one by three letters or more."""
    if kind not in ("month", "day") or length < 3:
        return None
    if kind == "day":
        if parts.chinese_names:
            return ("周" if length == 3 else "星期") + _CHINESE_WEEKDAYS[parts.weekday]
        name = _WEEKDAYS[parts.weekday]
    else:
        if parts.chinese_names:
            return f"{parts.month}月" if length == 3 else _spoken(chinese_number(str(parts.month), 1)) + "月"
        name = _MONTHS[parts.month - 1]
        if length == 5:
            return name[0]
    return name[:3] if length == 3 else name


# ---- Chinese numerals ([DBNum1] and so on) ---------------------------------------------------

_DIGITS = {1: "〇一二三四五六七八九", 2: "零壹贰叁肆伍陆柒捌玖", 3: "０１２３４５６７８９", 4: "0123456789"}
_UNITS = {1: "十百千", 2: "拾佰仟", 3: "十百千", 4: "十百千"}


def chinese_digits(text: str, style: int) -> str:
    """Digit by digit: 2023 is 二〇二三."""
    return text.translate({ord(str(i)): digit for i, digit in enumerate(_DIGITS[style])})


def chinese_number(text: str, style: int) -> str:
    """A number in digits (18 or 18.5) with Chinese units: 一十八, 一十八.五."""
    whole, point, decimals = text.partition(".")
    if not whole.isdigit() or len(whole) > 16:
        return chinese_digits(text, style)
    return _counted(whole, style) + point + chinese_digits(decimals, style)


def _counted(digits: str, style: int) -> str:
    """Groups of four digits with 万, 亿, 万亿 behind them; one nought stands for those skipped."""
    noughts = _DIGITS[style]
    if not digits.strip("0"):
        return noughts[0]
    padded = digits.zfill(-(-len(digits) // 4) * 4)
    groups = [padded[i : i + 4] for i in range(0, len(padded), 4)]
    written, gap = "", False
    for index, group in enumerate(groups):
        for place, digit in enumerate(group):
            if digit == "0":
                gap = bool(written)
                continue
            written += (
                noughts[0] * gap + noughts[int(digit)] + ("" if place == 3 else _UNITS[style][2 - place])
            )
            gap = False
        rank = len(groups) - 1 - index
        if rank == 2 and written and (group.strip("0") or groups[index - 1 : index]):
            written += "亿"
        elif rank in (1, 3) and group.strip("0"):
            written += "万"
    return written


def _spoken(text: str) -> str:
    """十二, not 一十二, as months and days are read."""
    return text[1:] if len(text) > 1 and text[:2] in ("一十", "壹拾") else text
