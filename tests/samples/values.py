"""How a number is printed, and what it means: both sides are made here at once, nothing is parsed back."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from random import Random

FULL_WIDTH = str.maketrans("0123456789.%", "０１２３４５６７８９．％")
DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Value:
    """A printed value and its reading: operator, number and unit are None where there is no single number."""

    text: str
    op: str | None = None
    value: float | None = None
    unit: str | None = None


def rounded(number: Decimal | int, places: int = 2) -> Decimal:
    return Decimal(number).quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def short(number: Decimal | int) -> str:
    """The number without trailing zeros: 9.50 -> 9.5, 90.00 -> 90."""
    text = format(Decimal(number), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def thousands(number: Decimal | int) -> str:
    whole, _, rest = short(number).partition(".")
    return f"{int(whole):,}" + (f".{rest}" if rest else "")


def chinese(number: int) -> str:
    """1..100 in Chinese numerals."""
    if number == 100:
        return "一百"
    tens, ones = divmod(number, 10)
    if tens == 0:
        return DIGITS[ones]
    return ("" if tens == 1 else DIGITS[tens]) + "十" + (DIGITS[ones] if ones else "")


def real(number: Decimal | int | None) -> float | None:
    return None if number is None else float(number)


def _digits(number: Decimal, style: str) -> str:
    if style == "thousands":
        return thousands(number)
    if style == "full":
        return short(number).translate(FULL_WIDTH)
    if style == "two":
        return str(rounded(number))
    return short(number)


# Wordings of each operator around 「number + unit」; {0} is both together.
AT_LEAST = (
    *["≥{0}"] * 10,
    "≥ {0}",
    ">={0}",
    "不低于{0}",
    "不少于{0}",
    "大于等于{0}",
    "{0}以上",
    "{0}≥",
    "{0}及以上",
)
AT_MOST = (
    *["≤{0}"] * 7,
    "<={0}",
    "不超过{0}",
    "不高于{0}",
    "小于等于{0}",
    "{0}以内",
    "控制在{0}以内",
)
EXACTLY = (*["{0}"] * 14, "={0}")
MORE = ("＞{0}", ">{0}", "大于{0}", "高于{0}")
LESS = ("＜{0}", "<{0}", "小于{0}", "低于{0}")
ABOUT = ("约{0}", "{0}左右")
WORDINGS = {">=": AT_LEAST, "<=": AT_MOST, "=": EXACTLY, ">": MORE, "<": LESS, "~": ABOUT}


def printed(op: str, number: Decimal | int, unit: str | None, rng: Random, *, plain: bool = False) -> Value:
    """「≥35项」「35项以上」「百分之九十」: one of the wordings of `op`; `plain` keeps to the common sign."""
    number = Decimal(number)
    wordings = WORDINGS[op]
    wording = wordings[0] if plain else rng.choice(wordings)
    unit = unit or None
    style = "plain"
    if not plain:
        style = rng.choices(["plain", "thousands", "full"], [10, 3 if number >= 1000 else 0, 1])[0]
    sign = unit or ""
    if unit == "%" and not plain and number == int(number) and rng.random() < 0.05:
        wording = {"≥{0}": "不低于{0}", "≤{0}": "不超过{0}"}.get(wording, wording)
        if "≥" not in wording and "≤" not in wording and "=" not in wording:
            return Value(wording.format("百分之" + chinese(int(number))), op, real(number), "%")
    if style == "full" and unit == "%":
        sign = "％"
    return Value(wording.format(_digits(number, style) + sign), op, real(number), unit)


def approximate(number: Decimal | int, unit: str, rng: Random) -> Value:
    """「680余家」「约680家」「680家左右」."""
    if rng.random() < 0.5 and "%" not in unit:
        return Value(f"{short(number)}余{unit}", "~", real(number), unit)
    return printed("~", number, unit, rng)


def ratio(op: str, second: Decimal, rng: Random) -> Value:
    """「≥1:2.19」: the value is the second over the first; a ratio has no unit."""
    colon = rng.choice((":", "：", ":"))
    sign = {">=": "≥", "=": ""}[op]
    return Value(f"{sign}1{colon}{short(second)}", op, real(second), None)


def words(text: str) -> Value:
    return Value(text)


YUAN = {"元": 1, "万元": 10_000, "亿元": 100_000_000}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount as printed, with its unit where it is printed beside it, and in yuan."""

    text: str
    yuan: int


def money(wan: Decimal | int, unit: str = "万元", style: str = "plain", *, bare: bool = False) -> Money:
    """`wan` is in 万元; `bare` leaves the unit to a header or caption."""
    yuan = int(Decimal(wan) * 10_000)
    number = Decimal(yuan) / YUAN[unit]
    text = f"{rounded(number):,}" if style == "thousands_two" else _digits(number, style)
    return Money(text if bare else text + unit, yuan)


def percent(number: Decimal, style: str = "two") -> str:
    return {"two": f"{rounded(number)}%", "short": f"{short(rounded(number))}%"}[style]


def split(total: int, weights: list[int]) -> list[int]:
    """Whole parts in the given proportions that add up to `total`."""
    parts = [total * w // sum(weights) for w in weights]
    parts[-1] += total - sum(parts)
    return parts
