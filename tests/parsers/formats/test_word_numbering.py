"""Automatic numbers as Word prints them; expected values are written out by hand."""

import pytest

from parsers.formats.number_formats import format_number
from parsers.formats.word import read_word
from schemas.blocks import Heading, Paragraph, Table
from tests.support_docx import abstract, docx, level, num, p, tbl, tc, tr, use


def texts(data: bytes) -> list[str]:
    return [block.text for block in read_word(data).blocks if not isinstance(block, Table)]


@pytest.mark.parametrize(
    ("number", "number_format", "expected"),
    [
        (7, "decimal", "7"),
        (7, "decimalZero", "07"),
        (12, "decimalZero", "12"),
        (12, "decimalFullWidth", "１２"),
        (1, "chineseCounting", "一"),
        (10, "chineseCounting", "十"),
        (11, "chineseCounting", "十一"),
        (20, "chineseCounting", "二十"),
        (99, "chineseCountingThousand", "九十九"),
        (110, "chineseCountingThousand", "一百一十"),
        (1234, "chineseCountingThousand", "一千二百三十四"),
        (12, "taiwaneseCounting", "十二"),
        (21, "japaneseCounting", "二十一"),
        (110, "japaneseCounting", "百十"),
        (3, "chineseLegalSimplified", "叁"),
        (12, "chineseLegalSimplified", "壹拾贰"),
        (101, "chineseLegalSimplified", "壹佰零壹"),
        (20, "ideographDigital", "二〇"),
        (3, "ideographTraditional", "丙"),
        (11, "ideographTraditional", "11"),
        (5, "ideographZodiac", "辰"),
        (2, "ideographZodiacTraditional", "乙丑"),
        (13, "ideographZodiacTraditional", "丙子"),
        (1, "decimalEnclosedCircle", "①"),
        (20, "decimalEnclosedCircleChinese", "⑳"),
        (21, "decimalEnclosedCircle", "21"),
        (1, "decimalEnclosedParen", "⑴"),
        (1, "decimalEnclosedFullstop", "⒈"),
        (2, "lowerLetter", "b"),
        (28, "upperLetter", "BB"),
        (1994, "upperRoman", "MCMXCIV"),
        (4, "lowerRoman", "iv"),
        (5, "none", ""),
        (5, "someFutureFormat", "5"),
    ],
)
def test_number_formats(number: int, number_format: str, expected: str) -> None:
    assert format_number(number, number_format) == expected


OUTLINE = (
    abstract(
        0,
        level(0, "chineseCounting", "%1、"),
        level(1, "chineseCounting", "（%2）"),
        level(2, "decimal", "%3."),
    )
    + use(1, 0)
    + use(2, 0)
)


def test_levels_count_and_restart() -> None:
    levels = [0, 1, 1, 2, 2, 0, 1, 2]
    body = "".join(p("甲", num(1, ilvl)) for ilvl in levels)
    assert texts(docx(body, numbering=OUTLINE)) == [
        *("一、甲", "（一）甲", "（二）甲", "1.甲", "2.甲", "二、甲", "（一）甲", "1.甲")
    ]


def test_label_and_level_are_told() -> None:
    (block,) = read_word(docx(p("概况", num(1, 1)), numbering=OUTLINE)).blocks
    assert block == Paragraph("（一）概况", "（一）", 2)


def test_lists_of_one_abstract_count_on() -> None:
    body = p("甲", num(1)) + p("乙", num(2)) + p("丙", num(1))
    assert texts(docx(body, numbering=OUTLINE)) == ["一、甲", "二、乙", "三、丙"]


def test_start_override_restarts_once() -> None:
    override = '<w:lvlOverride w:ilvl="0"><w:startOverride w:val="1"/></w:lvlOverride>'
    numbering = abstract(0, level(0, "decimal", "%1.")) + use(1, 0) + use(2, 0, override)
    body = p("甲", num(1)) + p("乙", num(1)) + p("丙", num(2)) + p("丁", num(2))
    assert texts(docx(body, numbering=numbering)) == ["1.甲", "2.乙", "1.丙", "2.丁"]


def test_level_override_replaces_the_level() -> None:
    override = f'<w:lvlOverride w:ilvl="0">{level(0, "upperRoman", "%1.")}</w:lvlOverride>'
    numbering = abstract(0, level(0, "decimal", "%1.")) + use(1, 0, override)
    assert texts(docx(p("甲", num(1)), numbering=numbering)) == ["I.甲"]


@pytest.mark.parametrize(("restart", "last"), [("0", "3.丁"), ("1", "1.丁")])
def test_level_restart(restart: str, last: str) -> None:
    second = level(1, "decimal", "%2.", f'<w:lvlRestart w:val="{restart}"/>')
    numbering = abstract(0, level(0, "decimal", "%1、"), second) + use(1, 0)
    body = p("甲", num(1, 1)) + p("乙", num(1, 1)) + p("丙", num(1, 0)) + p("丁", num(1, 1))
    assert texts(docx(body, numbering=numbering))[-1] == last


def test_restart_only_after_the_level_named() -> None:
    third = level(2, "decimal", "%3.", '<w:lvlRestart w:val="1"/>')
    numbering = abstract(0, level(0, "decimal", "%1、"), level(1, "decimal", "（%2）"), third) + use(1, 0)
    body = "".join(p("甲", num(1, ilvl)) for ilvl in (0, 1, 2, 1, 2, 0, 2))
    assert [text[:-1] for text in texts(docx(body, numbering=numbering))] == [
        *("1、", "（1）", "1.", "（2）", "2.", "2、", "1.")
    ]


def test_several_levels_in_one_label_and_legal_numbers() -> None:
    levels = (
        level(0, "chineseCounting", "%1、"),
        level(1, "decimal", "%1.%2"),
        level(2, "decimal", "%1.%2.%3", "<w:isLgl/>"),
    )
    numbering = abstract(0, *levels) + use(1, 0)
    body = p("甲", num(1, 0)) + p("乙", num(1, 1)) + p("丙", num(1, 2))
    assert texts(docx(body, numbering=numbering)) == ["一、甲", "一.1乙", "1.1.1丙"]


def test_a_level_never_begun_prints_its_start() -> None:
    numbering = abstract(0, level(0, "decimal", "%1"), level(1, "decimal", "%1.%2")) + use(1, 0)
    assert texts(docx(p("甲", num(1, 1)), numbering=numbering)) == ["1.1甲"]


@pytest.mark.parametrize(
    ("suffix", "label", "expected"),
    [
        ("nothing", "%1", "1甲"),
        ("space", "%1、", "1、 甲"),
        ("tab", "%1、", "1、甲"),
        ("tab", "%1.", "1.甲"),
        ("tab", "（%1）", "（1）甲"),
        ("tab", "第%1章", "第1章 甲"),
    ],
)
def test_what_stands_between_number_and_text(suffix: str, label: str, expected: str) -> None:
    numbering = abstract(0, level(0, "decimal", label, f'<w:suff w:val="{suffix}"/>')) + use(1, 0)
    (block,) = read_word(docx(p("甲", num(1)), numbering=numbering)).blocks
    assert isinstance(block, Paragraph)
    assert block.text == expected
    assert block.text.startswith(block.label)


def test_bullets_add_no_text() -> None:
    numbering = abstract(0, level(0, "bullet", "")) + use(1, 0)
    assert read_word(docx(p("甲", num(1)), numbering=numbering)).blocks == (Paragraph("甲", "", 1),)


@pytest.mark.parametrize("num_id", [0, 99], ids=["switched off", "no such list"])
def test_no_number(num_id: int) -> None:
    assert read_word(docx(p("甲", num(num_id)), numbering=OUTLINE)).blocks == (Paragraph("甲"),)


def test_an_empty_numbered_paragraph_counts() -> None:
    body = p("甲", num(1)) + p("", num(1)) + p("丙", num(1))
    assert texts(docx(body, numbering=OUTLINE)) == ["一、甲", "三、丙"]


def test_row_numbers_in_empty_cells() -> None:
    numbering = abstract(0, level(0, "decimal", "%1")) + use(1, 0)
    cell = tc(content=p("", num(1)))
    (table,) = read_word(docx(tbl(tr(cell, "甲"), tr(cell, "乙")), numbering=numbering)).blocks
    assert isinstance(table, Table)
    assert [cell.text for cell in table.cells] == ["1", "甲", "2", "乙"]


def style(style_id: str, more: str, based_on: str = "") -> str:
    base = f'<w:basedOn w:val="{based_on}"/>' if based_on else ""
    return f'<w:style w:type="paragraph" w:styleId="{style_id}"><w:name w:val="{style_id}"/>{base}{more}</w:style>'


def styled(style_id: str, more: str = "") -> str:
    return f'<w:pStyle w:val="{style_id}"/>{more}'


STYLED = abstract(
    0,
    level(0, "chineseCounting", "%1、", '<w:pStyle w:val="H1"/>'),
    level(1, "chineseCounting", "（%2）", '<w:pStyle w:val="H2"/>'),
) + use(5, 0)
STYLES = (
    style("H1", '<w:pPr><w:numPr><w:numId w:val="5"/></w:numPr><w:outlineLvl w:val="0"/></w:pPr>')
    + style(
        "H2",
        '<w:pPr><w:numPr><w:ilvl w:val="0"/><w:numId w:val="5"/></w:numPr><w:outlineLvl w:val="1"/></w:pPr>',
    )
    + style("Derived", "", "H2")
    + style("Deeper", '<w:pPr><w:numPr><w:ilvl w:val="1"/></w:numPr></w:pPr>', "H1")
    + style("Off", '<w:pPr><w:numPr><w:numId w:val="0"/></w:numPr></w:pPr>', "H1")
)


@pytest.mark.parametrize(
    ("properties", "label"),
    [
        (styled("H1"), "一、"),
        (styled("H2"), "（一）"),  # the level's pStyle link outdoes the style's own ilvl
        (styled("Derived"), "（一）"),
        (styled("Deeper"), "（一）"),
        (styled("Off"), ""),
        (styled("H1", num(0)), ""),
        (styled("H2", num(5, 0)), "一、"),
        (styled("H1", '<w:numPr><w:ilvl w:val="1"/></w:numPr>'), "（一）"),
    ],
    ids=["style", "link", "derived", "deeper", "style off", "paragraph off", "paragraph's own", "own level"],
)
def test_numbering_from_styles(properties: str, label: str) -> None:
    (block,) = read_word(docx(p("甲", properties), styles=STYLES, numbering=STYLED)).blocks
    assert isinstance(block, Heading)
    assert (block.label, block.text) == (label, label + "甲")


@pytest.mark.parametrize("with_link", [True, False], ids=["styleLink", "through the style"])
def test_numbering_style_link(with_link: bool) -> None:
    link = '<w:styleLink w:val="Mine"/>' if with_link else ""
    numbering = (
        f'<w:abstractNum w:abstractNumId="0">{link}{level(0, "upperLetter", "%1.")}</w:abstractNum>'
        '<w:abstractNum w:abstractNumId="1"><w:numStyleLink w:val="Mine"/></w:abstractNum>'
    )
    numbering += use(1, 0) + use(2, 1)
    styles = style("Mine", '<w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>').replace(
        "paragraph", "numbering"
    )
    body = p("甲", num(2)) + p("乙", num(1))
    assert texts(docx(body, numbering=numbering, styles=styles)) == ["A.甲", "B.乙"]


def test_custom_padded_format() -> None:
    numbering = (
        '<w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><mc:AlternateContent>'
        '<mc:Choice Requires="w14"><w:numFmt w:val="custom" w:format="001, 002, 003, ..."/></mc:Choice>'
        '<mc:Fallback><w:numFmt w:val="decimal"/></mc:Fallback></mc:AlternateContent>'
        '<w:lvlText w:val="%1."/></w:lvl></w:abstractNum>'
    ) + use(1, 0)
    assert texts(docx(p("甲", num(1)), numbering=numbering)) == ["001.甲"]


def test_former_numbering_of_a_tracked_change_is_not_read() -> None:
    changed = f"<w:pPrChange><w:pPr>{num(1)}</w:pPr></w:pPrChange>"
    assert texts(docx(p("甲", changed), numbering=OUTLINE)) == ["甲"]
