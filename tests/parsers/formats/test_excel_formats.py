"""What Excel prints for a value under a number format: every expected text is the one Excel shows, not what the code gave."""

import pytest

from parsers.formats.excel_formats import BUILT_IN, print_number, print_text

NUMBERS = [
    # General
    (0.1 + 0.2, "General", "0.3"),
    (28166.0, "General", "28166"),
    (1 / 3, "General", "0.333333333333333"),
    (123456789012345.0, "General", "123456789012345"),
    (1e21, "General", "1E+21"),
    (1.5e-12, "General", "1.5E-12"),
    (-0.5, "General", "-0.5"),
    (5, 'General"分"', "5分"),
    (5, 'G/通用格式"分"', "5分"),
    (-3, 'General"分"', "-3分"),
    # places
    (1, "0", "1"),
    (0.5, "0", "1"),
    (2.675, "0.00", "2.68"),
    (1.005, "0.00", "1.01"),
    (-0.001, "0.00", "-0.00"),
    (5, "00000", "00005"),
    (0.1234, "#.##", ".12"),
    (0, "#", ""),
    (12.3, "??.??", "12.3"),
    (0.05, ".00", ".05"),
    (13812345678, "000-0000-0000", "138-1234-5678"),
    # thousands and scales
    (28166, "#,##0.00", "28,166.00"),
    (28166, "#,##0_ ", "28,166"),
    (1234567, '0,,"百万"', "1百万"),
    (1234567, "0.0,", "1234.6"),
    (28166, "0!.0,", "2.8"),
    (28166, '0!.0,"万元"', "2.8万元"),
    (28166, "0!.0000", "2.8166"),
    (28166, "0\\.0,", "2.8"),
    # percent
    (1, "0.00%", "100.00%"),
    (0.95, "0%", "95%"),
    (0.985, "0.0%;-0.0%", "98.5%"),
    (-0.25, "0%", "-25%"),
    # units, currency and fill
    (28166, '"¥"#,##0.00', "¥28,166.00"),
    (28166, "[$¥-804]#,##0", "¥28,166"),
    (28166, '0.00"万元"', "28166.00万元"),
    (5, '"第"0"名"', "第5名"),
    (2, '0.0 "%"', "2.0 %"),
    (28166.5, BUILT_IN[44], "¥28,166.50"),
    (-28166, BUILT_IN[43], "-28,166.00"),
    (0, BUILT_IN[43], "-"),
    # sections and conditions
    (-5, "0;(0)", "(5)"),
    (-5, "0.0_);[Red]\\(0.0\\)", "(5.0)"),
    (0, '0.0;-0.0;"无"', "无"),
    (7, ";;;", ""),
    (0, "#,##0.00;-#,##0.00;;@", ""),
    (75, '[>=60]"合格";"不合格"', "合格"),
    (5, '[>=60]"合格";"不合格"', "不合格"),
    (-5, "[Red][<0]0.0;0", "5.0"),
    (12, '[<1]0.00%;0"项"', "12项"),
    (0, '[=0]"无";0', "无"),
    # fractions and powers
    (0.5, "# ?/?", "1/2"),
    (1.5, "# ?/?", "1 1/2"),
    (-0.25, "# ?/?", "-1/4"),
    (2, "# ?/?", "2"),
    (0.375, "# ?/8", "3/8"),
    (1.5, "?/?", "3/2"),
    (12345, "0.00E+00", "1.23E+04"),
    (0.00012, "0.00E+00", "1.20E-04"),
    (9.999, "0.0E+0", "1.0E+1"),
    (12345, "##0.0E+0", "12.3E+3"),
    # Chinese numerals
    (123, "[DBNum1]General", "一百二十三"),
    (10, "[DBNum1][$-804]General", "一十"),
    (1010, '[DBNum2][$-804]General"元整"', "壹仟零壹拾元整"),
    (100010, "[DBNum1]General", "一十万〇一十"),
    (100000000, "[DBNum1]General", "一亿"),
    (123, "[DBNum1]0", "一二三"),
    # text codes
    (5, "@", "5"),
    # dates and times
    (45291, BUILT_IN[14], "2023/12/31"),
    (45291, BUILT_IN[31], "2023年12月31日"),
    (45291, BUILT_IN[57], "2023年12月"),
    (45291, BUILT_IN[15], "31-Dec-23"),
    (45291.75, BUILT_IN[22], "2023/12/31 18:00"),
    (45291, "yyyy\\-mm\\-dd;@", "2023-12-31"),
    (45291, "yyyy年m月d日", "2023年12月31日"),
    (45291, "yyyy.m", "2023.12"),
    (45291, 'e"年"m"月"', "2023年12月"),
    (45291, "[$-804]aaaa", "星期日"),
    (45291, "[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy", "2023年12月31日"),
    (45291, '[DBNum1][$-804]yyyy"年"m"月"d"日"', "二〇二三年十二月三十一日"),
    (60, "yyyy/m/d", "1900/2/29"),
    (61, "yyyy/m/d", "1900/3/1"),
    (1, "yyyy/m/d", "1900/1/1"),
    (0.5, "h:mm AM/PM", "12:00 PM"),
    (0.75, BUILT_IN[55], "下午6时00分"),
    (1.5, "[h]:mm:ss", "36:00:00"),
    (0.999999, "h:mm:ss", "0:00:00"),
    (0.0007, "mm:ss.0", "01:00.5"),
    (-1, "yyyy/m/d", "-1"),
]


@pytest.mark.parametrize(("value", "code", "printed"), NUMBERS, ids=[f"{v!r} {c}" for v, c, _ in NUMBERS])
def test_a_number_reads_as_printed(value: float, code: str, printed: str) -> None:
    assert print_number(value, code) == printed


def test_days_may_count_from_1904() -> None:
    assert print_number(43829, "yyyy/m/d", from_1904=True) == "2023/12/31"


@pytest.mark.parametrize(
    ("text", "code", "printed"),
    [
        ("甲局", "General", "甲局"),
        ("甲局", "_ @_ ", "甲局"),
        ("3", '"第"@"号"', "第3号"),
        ("a", "0;-0", "a"),
        ("x", ";;;", ""),
    ],
)
def test_a_text_reads_as_printed(text: str, code: str, printed: str) -> None:
    assert print_text(text, code) == printed


@pytest.mark.parametrize(
    "code",
    [
        "",
        "[",
        '"',
        "\\",
        "0;",
        ";",
        "[>x]0",
        "E+",
        "0/",
        "?/",
        "[h",
        "*",
        "_",
        "[DBNum1",
        ",,",
        "%" * 900,
        "0" * 2000,
    ],
)
def test_a_broken_code_prints_something_or_nothing_and_never_fails(code: str) -> None:
    for value in (0.0, -1.5, 45291.4, 1e300, 1e-300):
        assert isinstance(print_number(value, code), str)
