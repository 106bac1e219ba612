"""Whole numbers as Word prints them: the number formats of ISO/IEC 29500-1, 17.18.59 (ST_NumberFormat)."""

from collections.abc import Callable

_STEMS = "甲乙丙丁戊己庚辛壬癸"
_BRANCHES = "子丑寅卯辰巳午未申酉戌亥"
_ROMAN = (
    (1000, "m"),
    (900, "cm"),
    (500, "d"),
    (400, "cd"),
    (100, "c"),
    (90, "xc"),
    (50, "l"),
    (40, "xl"),
    (10, "x"),
    (9, "ix"),
    (5, "v"),
    (4, "iv"),
    (1, "i"),
)
_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_LONGEST_LETTERS = (
    30  # 780 = zzz…: beyond, Word's own limit of 32,767 would make a line of a thousand letters
)


def format_number(number: int, number_format: str) -> str:
    """`number` in one of Word's formats (`chineseCounting`, `lowerRoman`, …); unknown formats give digits."""
    write = _FORMATS.get(number_format)
    return str(number) if write is None or number < 0 else write(number)


def _counting(digits: str, units: str, *, bare_ten: bool = True) -> Callable[[int], str]:
    """Counting with units: 一千二百三十四. `digits` from nought on, `units` ten to ten thousand.

    `bare_ten`: 10 to 19 begin with the unit (十二), as in speech; else with one (壹拾贰).
    """

    def below_ten_thousand(number: int) -> str:
        written, gap = "", False
        for power in (3, 2, 1, 0):
            digit = number // 10**power % 10
            if digit == 0:
                gap = bool(written)
                continue
            written += (digits[0] if gap else "") + digits[digit] + (units[power - 1] if power else "")
            gap = False
        return written

    def write(number: int) -> str:
        if number == 0:
            return digits[0]
        high, low = divmod(number, 10_000)
        if high >= 10_000:
            return str(number)
        written = below_ten_thousand(low)
        if high:
            nought = digits[0] if low and low < 1000 else ""
            written = below_ten_thousand(high) + units[3] + nought + written
        return written[1:] if bare_ten and 10 <= number < 20 else written

    return write


def _counting_to_99(digits: str) -> Callable[[int], str]:
    """十 and 二十一 up to 99, digit by digit from 100 on (一○一)."""
    small = _counting(digits, "十百千万")
    return lambda number: small(number) if number < 100 else _digit_by_digit(digits)(number)


def _digit_by_digit(digits: str) -> Callable[[int], str]:
    return lambda number: "".join(digits[int(digit)] for digit in str(number))


def _japanese_counting(number: int) -> str:
    """No 一 before 十, 百, 千 and no nought: 百一."""
    if not 0 < number < 10_000:
        return _digit_by_digit("〇一二三四五六七八九")(number)
    written = ""
    for power, unit in ((3, "千"), (2, "百"), (1, "十"), (0, "")):
        digit = number // 10**power % 10
        if digit:
            written += ("" if digit == 1 and unit else "一二三四五六七八九"[digit - 1]) + unit
    return written


def _listed(characters: str) -> Callable[[int], str]:
    """One character each, digits once they are used up."""
    return lambda number: characters[number - 1] if 1 <= number <= len(characters) else str(number)


def _run_of(first: int, count: int) -> Callable[[int], str]:
    """Consecutive characters from the code point `first`."""
    return _listed("".join(map(chr, range(first, first + count))))


def _letters(first: str) -> Callable[[int], str]:
    """a … z, aa, bb …: Word repeats the letter."""

    def write(number: int) -> str:
        times, place = divmod(number - 1, 26)
        return chr(ord(first) + place) * (times + 1) if 0 <= times < _LONGEST_LETTERS else str(number)

    return write


def _lower_roman(number: int) -> str:
    if not 0 < number < 32_768:
        return str(number)
    written = ""
    for value, letters in _ROMAN:
        times, number = divmod(number, value)
        written += letters * times
    return written


def _sexagenary(number: int) -> str:
    """甲子, 乙丑 … 癸亥."""
    return _STEMS[(number - 1) % 10] + _BRANCHES[(number - 1) % 12] if number else "0"


_CIRCLED = _run_of(0x2460, 20)
_CHINESE_TO_99 = _counting_to_99("○一二三四五六七八九")
_FULL = lambda number: str(number).translate(_FULL_WIDTH)  # noqa: E731  as short as a name can be

_FORMATS: dict[str, Callable[[int], str]] = {
    "none": lambda _: "",
    "bullet": lambda _: "",
    "decimalZero": lambda number: f"{number:02d}",
    "decimalFullWidth": _FULL,
    "decimalFullWidth2": _FULL,
    "decimalEnclosedCircle": _CIRCLED,
    "decimalEnclosedCircleChinese": _CIRCLED,
    "decimalEnclosedParen": _run_of(0x2474, 20),
    "decimalEnclosedFullstop": _run_of(0x2488, 20),
    "ideographEnclosedCircle": _run_of(0x3280, 10),
    "numberInDash": lambda number: f"- {number} -",
    "chineseCounting": _CHINESE_TO_99,
    "taiwaneseCounting": _CHINESE_TO_99,
    "chineseCountingThousand": _counting("○一二三四五六七八九", "十百千万"),
    "taiwaneseCountingThousand": _counting("○一二三四五六七八九", "十百千萬"),
    "chineseLegalSimplified": _counting("零壹贰叁肆伍陆柒捌玖", "拾佰仟万", bare_ten=False),
    "ideographLegalTraditional": _counting("零壹貳參肆伍陸柒捌玖", "拾佰仟萬", bare_ten=False),
    "japaneseCounting": _japanese_counting,
    "ideographDigital": _digit_by_digit("〇一二三四五六七八九"),
    "japaneseDigitalTenThousand": _digit_by_digit("〇一二三四五六七八九"),
    "taiwaneseDigital": _digit_by_digit("○一二三四五六七八九"),
    "ideographTraditional": _listed(_STEMS),
    "ideographZodiac": _listed(_BRANCHES),
    "ideographZodiacTraditional": _sexagenary,
    "lowerLetter": _letters("a"),
    "upperLetter": _letters("A"),
    "lowerRoman": _lower_roman,
    "upperRoman": lambda number: _lower_roman(number).upper(),
}
