"""Number formats of spreadsheets: a stored value and a format code -> the text that Excel prints.

The codes are those of ISO/IEC 29500-1, 18.8.31 (numFmts); what the standard leaves to the language of the system
follows Chinese Excel. Two things are not imitated, since they hide digits for want of space: a column too narrow for its
number (####), and General's cut to eleven characters.
"""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import lru_cache

from parsers.formats.excel_dates import chinese_digits, chinese_number, is_date_code, print_date

GENERAL = "General"
_DATE, _LONG_DATE = "yyyy/m/d", 'yyyy"年"m"月"d"日"'
_TIME, _NOON_TIME = 'h"时"mm"分"', '上午/下午h"时"mm"分"'
BUILT_IN: dict[int, str] = {
    0: GENERAL, 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: '"¥"#,##0;"¥"\\-#,##0', 6: '"¥"#,##0;[Red]"¥"\\-#,##0', 7: '"¥"#,##0.00;"¥"\\-#,##0.00', 8: '"¥"#,##0.00;[Red]"¥"\\-#,##0.00',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: _DATE, 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy",
    18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy/m/d h:mm",
    27: 'yyyy"年"m"月"', 28: 'm"月"d"日"', 29: 'm"月"d"日"', 30: "m/d/yy", 31: _LONG_DATE, 32: _TIME, 33: _TIME + 'ss"秒"',
    34: _NOON_TIME, 35: _NOON_TIME + 'ss"秒"', 36: 'yyyy"年"m"月"',
    37: "#,##0;\\-#,##0", 38: "#,##0;[Red]\\-#,##0", 39: "#,##0.00;\\-#,##0.00", 40: "#,##0.00;[Red]\\-#,##0.00",
    41: '_ * #,##0_ ;_ * \\-#,##0_ ;_ * "-"_ ;_ @_ ', 42: '_ "¥"* #,##0_ ;_ "¥"* \\-#,##0_ ;_ "¥"* "-"_ ;_ @_ ',
    43: '_ * #,##0.00_ ;_ * \\-#,##0.00_ ;_ * "-"??_ ;_ @_ ', 44: '_ "¥"* #,##0.00_ ;_ "¥"* \\-#,##0.00_ ;_ "¥"* "-"??_ ;_ @_ ',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    50: 'yyyy"年"m"月"', 51: 'm"月"d"日"', 52: 'yyyy"年"m"月"', 53: 'm"月"d"日"', 54: 'm"月"d"日"', 55: _NOON_TIME,
    56: _NOON_TIME + 'ss"秒"', 57: 'yyyy"年"m"月"', 58: 'm"月"d"日"',
}  # fmt: skip
"""Formats that a file names by number alone, as Chinese Excel prints them."""

_LONGEST_CODE = 1_000  # Excel allows 255 characters
_CODES_KEPT = 4096  # formats remembered as parsed; a workbook has at most some hundreds
_EXACT = 15  # significant digits that Excel keeps
_PLAIN_FROM, _PLAIN_TO = -10, 20  # powers of ten that General prints without an exponent

_SECTION = re.compile(r'(?:"[^"]*"?|\\.|!.|[_*].|\[[^\]]*\]?|[^;])*', re.DOTALL)
_TOKEN = re.compile(
    r'"(?P<quoted>[^"]*)"?|[\\!](?P<escaped>.)|(?P<pad>_.)|(?P<fill>\*.)|\[(?P<bracket>[^\]]*)\]?'
    r"|(?P<general>General|G/通用格式)|(?P<power>[Ee][+-])|(?P<digit>[0#?])|(?P<point>\.)|(?P<comma>,)|(?P<percent>%)"
    r"|(?P<slash>/)|(?P<text>@)|(?P<literal>.)",
    re.DOTALL | re.IGNORECASE,
)
_CONDITION = re.compile(r"(<=|>=|<>|<|>|=)\s*(-?\d+(?:\.\d+)?)")
_CURRENCY = re.compile(r"\$([^-]*)(?:-([0-9A-Fa-f]*))?")
_CHINESE = re.compile(r"DBNum([1-4])", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Section:
    """One part of a format code (positive;negative;zero;text): its tokens (kind, text), and what its brackets say."""

    code: str
    tokens: tuple[tuple[str, str], ...]
    condition: tuple[str, Decimal] | None
    chinese: int
    """The digit behind DBNum; 0 without."""

    @property
    def is_text(self) -> bool:
        return any(kind == "text" for kind, _ in self.tokens)

    def admits(self, value: Decimal) -> bool:
        """Whether the section's condition holds."""
        if self.condition is None:
            return False
        sign, limit = self.condition
        return {
            "<": value < limit, "<=": value <= limit, ">": value > limit, ">=": value >= limit,
            "=": value == limit, "<>": value != limit,
        }[sign]  # fmt: skip


def print_number(value: float, code: str = GENERAL, *, from_1904: bool = False) -> str:
    """The text that a cell with this number and format code prints; spaces at its ends left out.

    `from_1904`: the workbook counts its days from 1904. A code that cannot be applied prints the number as General does.
    """
    number = exact(value)
    sections = _sections(code[:_LONGEST_CODE])
    section, shown = _chosen(sections, number)
    if section is None:
        return ""
    if is_date_code(section.code):
        date = print_date(number, section.code, chinese=section.chinese, from_1904=from_1904)
        return general(number) if date is None else date.strip()
    return _print(section, shown).strip()


def print_text(text: str, code: str = GENERAL) -> str:
    """The text that a cell with this text and format code prints."""
    if "@" not in code or code == "@":
        return text
    section = next((s for s in reversed(_sections(code[:_LONGEST_CODE])) if s.is_text), None)
    if section is None:
        return text
    return "".join(text if kind == "text" else shown for kind, shown in section.tokens).strip()


def exact(value: float) -> Decimal:
    """The number with the fifteen digits that Excel keeps: 0.1 + 0.2 is 0.3."""
    return Decimal(format(value, f".{_EXACT}g"))


def general(number: Decimal) -> str:
    """A number as General prints it in a cell wide enough for all of its digits."""
    if not number:
        return "0"
    if _PLAIN_FROM <= number.adjusted() <= _PLAIN_TO:
        text = format(number, "f")
        return text.rstrip("0").rstrip(".") if "." in text else text
    digits = "".join(map(str, number.as_tuple().digits)).rstrip("0")
    power = number.adjusted()
    mantissa = digits[0] + ("." + digits[1:] if digits[1:] else "")
    return f"{'-' if number < 0 else ''}{mantissa}E{'-' if power < 0 else '+'}{abs(power):02d}"


# ---- sections -------------------------------------------------------------------------------


@lru_cache(maxsize=_CODES_KEPT)
def _sections(code: str) -> tuple[_Section, ...]:
    """The sections of a format code, at most four."""
    found: list[_Section] = []
    at = 0
    while len(found) < 4:
        match = _SECTION.match(code, at)
        end = match.end() if match else len(code)
        found.append(_section(code[at:end]))
        if end >= len(code):
            break
        at = end + 1
    return tuple(found)


def _section(code: str) -> _Section:
    tokens: list[tuple[str, str]] = []
    condition, chinese = None, 0
    for match in _TOKEN.finditer(code):
        kind, text = match.lastgroup or "literal", match[match.lastgroup or 0]
        if kind == "bracket":
            if told := _CONDITION.fullmatch(text):
                condition = (told[1], Decimal(told[2]))
            elif told := _CHINESE.fullmatch(text):
                chinese = int(told[1])
            elif (told := _CURRENCY.fullmatch(text)) and told[1]:
                tokens.append(("literal", told[1]))
        elif kind in ("quoted", "escaped"):
            tokens.append(("literal", text))
        elif kind == "pad":
            tokens.append(("literal", " "))
        elif kind != "fill":
            tokens.append((kind, text))
    return _Section(code, tuple(tokens), condition, chinese)


def _chosen(sections: tuple[_Section, ...], number: Decimal) -> tuple[_Section | None, Decimal]:
    """The section for a number, and the number as it is shown there (a negative section shows no sign of its own)."""
    numeric = list(sections)
    if numeric[-1].is_text and (len(numeric) > 1 or not numeric[-1].condition):
        numeric.pop()
    numeric = numeric[:3]
    if not numeric:
        return _section(GENERAL), number
    if numeric[0].condition or (len(numeric) > 1 and numeric[1].condition):
        return _by_condition(numeric, number)
    if len(numeric) == 1 or number > 0:
        return numeric[0], number
    if number < 0:
        return numeric[1], -number
    return numeric[2 if len(numeric) > 2 else 0], number


def _by_condition(numeric: list[_Section], number: Decimal) -> tuple[_Section | None, Decimal]:
    for index, section in enumerate(numeric):
        if section.condition is None:
            # Without conditions of their own the first is for what is positive, the second for what is negative.
            if index == 0 and len(numeric) > 1 and number <= 0:
                continue
            if index == 1 and len(numeric) > 2 and number >= 0:
                continue
        elif not section.admits(number):
            continue
        return section, -number if number < 0 and _is_negative_only(numeric[: index + 1]) else number
    return None, number


def _is_negative_only(sections: list[_Section]) -> bool:
    """Whether the last of these sections is reached by negative numbers only: then its sign is the code's own."""
    condition = sections[-1].condition
    if condition:
        sign, limit = condition
        return (sign == "<" and limit <= 0) or (sign in ("<=", "=") and limit < 0)
    return any(s.condition and s.condition[0] in (">", ">=") and s.condition[1] <= 0 for s in sections[:-1])


# ---- numbers --------------------------------------------------------------------------------


def _print(section: _Section, number: Decimal) -> str:
    kinds = [kind for kind, _ in section.tokens]
    sign = "-" if number < 0 else ""
    size = abs(number)
    if "general" in kinds:
        shown = chinese_number(general(size), section.chinese) if section.chinese else general(size)
        return sign + "".join(shown if kind == "general" else text for kind, text in section.tokens)
    if "digit" not in kinds:
        body = "".join(general(number) if kind == "text" else text for kind, text in section.tokens)
        return sign * (not any(kind == "text" for kind in kinds)) * bool(body.strip()) + body
    if "power" in kinds:
        body = _scientific(section.tokens, size)
    elif "slash" in kinds and (fraction := _fraction(section.tokens, size)) is not None:
        body = fraction
    else:
        body = _fixed(section.tokens, size)
    return sign + (chinese_digits(body, section.chinese) if section.chinese else body)


def _fixed(tokens: tuple[tuple[str, str], ...], size: Decimal) -> str:
    """Digits in their places."""
    whole, decimals, scale, grouped = _layout(tokens)
    places = sum(kind == "digit" for kind, _ in decimals)
    rounded = _rounded(size.scaleb(scale), places)
    digits, _, after = format(rounded, "f").partition(".")
    left = _filled(whole, digits.lstrip("0"), grouped)
    has_point = any(kind == "point" for kind, _ in tokens)
    return left + ("." + _decimals(decimals, after) if has_point else "")


def _layout(
    tokens: tuple[tuple[str, str], ...],
) -> tuple[list[tuple[str, str]], list[tuple[str, str]], int, bool]:
    """The tokens before and after the decimal point, the power of ten of percent signs and trailing commas, and
    whether thousands are grouped."""
    point = next((i for i, (kind, _) in enumerate(tokens) if kind == "point"), None)
    places = [i for i, (kind, _) in enumerate(tokens) if kind == "digit"]
    before_point = [i for i in places if point is None or i < point]
    scale = 2 * sum(kind == "percent" for kind, _ in tokens)
    grouped = False
    for index, (kind, _) in enumerate(tokens):
        if kind != "comma":
            continue
        if before_point and before_point[0] < index < before_point[-1]:
            grouped = True
        elif places and places[0] < index and (index > places[-1] or (point is not None and index < point)):
            scale -= 3
    kept = [(kind, text) for kind, text in tokens[:point] if kind != "comma"]
    after = (
        [(kind, text) for kind, text in tokens[point + 1 :] if kind != "comma"] if point is not None else []
    )
    return (
        kept,
        [(kind, text) if kind != "point" else ("literal", text) for kind, text in after],
        scale,
        grouped,
    )


def _rounded(number: Decimal, places: int) -> Decimal:
    """Half away from nought, as Excel rounds."""
    if number.adjusted() + places > 24:  # beyond the digits that Decimal keeps there is nothing to round
        return number
    return number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def _filled(tokens: list[tuple[str, str]], digits: str, grouped: bool) -> str:
    """The digits of a whole number in their places, from the right; the leftmost place takes those left over."""
    first = next((i for i, (kind, _) in enumerate(tokens) if kind == "digit"), None)
    pieces: list[str] = []
    written = 0

    def write(digit: str) -> None:
        nonlocal written
        if grouped and written and written % 3 == 0 and digit != " ":
            pieces.append(",")
        pieces.append(digit)
        written += 1

    for index in range(len(tokens) - 1, -1, -1):
        kind, text = tokens[index]
        if kind != "digit":
            pieces.append(text[::-1])
            continue
        if digits:
            write(digits[-1])
            digits = digits[:-1]
        elif text != "#":
            write("0" if text == "0" else " ")
        while index == first and digits:
            write(digits[-1])
            digits = digits[:-1]
    if first is None and digits:  # a code such as .00 has no place before the point
        return digits + "".join(pieces)[::-1]
    return "".join(pieces)[::-1]


def _decimals(tokens: list[tuple[str, str]], digits: str) -> str:
    """The digits behind the point in their places; trailing noughts only where the code asks for them."""
    printed = ""
    significant = len(digits.rstrip("0"))
    at = 0
    for kind, text in tokens:
        if kind != "digit":
            printed += text
            continue
        digit = digits[at] if at < len(digits) else "0"
        at += 1
        if at <= significant or text == "0":
            printed += digit
        elif text == "?":
            printed += " "
    return printed


def _scientific(tokens: tuple[tuple[str, str], ...], size: Decimal) -> str:
    """0.00E+00; with several places before the point the power is a multiple of their number."""
    at = next(i for i, (kind, _) in enumerate(tokens) if kind == "power")
    mantissa, power_sign, exponent = tokens[:at], tokens[at][1][-1], tokens[at + 1 :]
    whole, decimals, _, _ = _layout(mantissa)
    step = max(1, sum(kind == "digit" for kind, _ in whole))
    places = sum(kind == "digit" for kind, _ in decimals)
    power = 0
    if size:
        power = size.adjusted() // step * step
        if _rounded(size.scaleb(-power), places).adjusted() >= step:  # 9.99 rounds to 10
            power += step
    sign = "-" if power < 0 else "+" if power_sign == "+" else ""
    written = _filled(list(exponent), str(abs(power)).lstrip("0"), False)
    return f"{_fixed(mantissa, size.scaleb(-power))}E{sign}{written}"


def _fraction(tokens: tuple[tuple[str, str], ...], size: Decimal) -> str | None:
    """# ?/? and # ?/8; None where the slash divides no places."""
    code = "".join(text for kind, text in tokens if kind in ("digit", "slash") or text in " 123456789")
    match = re.search(r"(?:(?P<whole>[0#?]+) +)?(?P<top>[0#?]+) */ *(?P<bottom>[0#?]+|[1-9][\d0]*)", code)
    if not match:
        return None
    whole = int(size) if match["whole"] else 0
    rest = Fraction(size) - whole
    if match["bottom"][0] in "123456789":
        bottom = int(match["bottom"])
        top = int((Decimal(rest.numerator) / rest.denominator * bottom).to_integral_value(ROUND_HALF_UP))
    else:
        best = rest.limit_denominator(10 ** min(len(match["bottom"]), 7) - 1)
        top, bottom = best.numerator, best.denominator
    if match["whole"] and top == bottom:
        whole, top = whole + 1, 0
    shown = f"{top}/{bottom}" if top or not match["whole"] else ""
    counted = str(whole) if whole or (match["whole"] or "").endswith("0") or not shown else ""
    after = "".join(
        text for kind, text in tokens if kind == "literal" and not text.isspace() and not text.isdigit()
    )
    return (f"{counted} {shown}".strip() if match["whole"] else shown) + after
