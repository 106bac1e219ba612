"""Markdown of OCR tools: what it prints, and the tables that pages cut. One peculiarity a test."""

import time
from contextlib import suppress
from pathlib import Path

import pytest

from parsers.formats.markdown import is_markdown, read_markdown
from parsers.formats.markdown_text import plain
from parsers.formats.word import read_word
from schemas.blocks import Block, Document, Heading, Paragraph, Table
from schemas.errors import UnreadableFile
from tests.conftest import RAW, SHARED
from tests.parsers.test_web import lines, records
from tests.support_pages import ocr_markdown

LONG = "该项目按照批复的实施方案组织实施，全年完成各项任务，资金支付及时，群众反映良好，"


def read(text: str) -> Document:
    return read_markdown(text.encode())


def tables(document: Document) -> list[list[list[str]]]:
    """The texts of each table, row by row."""
    return [
        [[c.text for c in block.cells if c.row == row] for row in range(1, block.n_rows + 1)]
        for block in document.blocks
        if isinstance(block, Table)
    ]


# ---- marks ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        (r"完成率 $69.33\%$ 。", "完成率69.33%。"),
        (r"$1 0 0 \%$", "100%"),
        (r"目标 $\geq 3 5$ 项", "目标≥35项"),
        (r"$\geqslant5$ $\leqslant 6$ $\ge 7$ $\leq8$", "≥5 ≤6 ≥7 ≤8"),
        (r"$100\text{ 万元 }$", "100万元"),
        (r"$\textcircled{1}$ 培训", "①培训"),
        (r"5 $\mathrm { k m } ^ { 2 }$", "5 km2"),
        (r"$3 \times 4$", "3×4"),
        (r"$\frac{1}{2}$", "1/2"),
        (r"$$9 8 . 5 \%$$", "98.5%"),
        (r"\(\ge 90\%\)", "≥90%"),
        (r"$3 6 ^ { \circ } \mathrm { C }$", "36°C"),
        (r"第 5 $6 0$ 项", "第 5 60项"),
        ("费用 $5 和 $6", "费用 $5 和 $6"),
        ("**一、概况**和*重点*", "一、概况和*重点*"),
        ("*重点*", "重点"),
        ("5*3*2=30", "5*3*2=30"),
        ("a_b_c __重点__", "a_b_c 重点"),
        (r"1\.项目\*甲\_乙\|丙", "1.项目*甲_乙|丙"),
        ("[办法](http://x.cn/a(1).pdf)印发", "办法印发"),
        ("m<sup>2</sup>&ge;5 <b>甲</b>&nbsp;乙", "m2≥5 甲 乙"),
        ("甲<br>乙", "甲\n乙"),
        ("`甲` ~~乙~~", "甲 乙"),
        ("<5万元且>3万元", "<5万元且>3万元"),
    ],
)
def test_marks_print_as_on_the_page(source: str, printed: str) -> None:
    assert plain(source) == printed


def test_unknown_marks_stay_and_are_told() -> None:
    document = read(r"增长 $\foo 5$ 项")
    assert lines(document) == [r"增长\foo5项"]
    assert document.warnings == (r"Some marks of formulas are not known and stand as written: \foo.",)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一、概况\n\n- 甲\n* 乙\n- [x] 丙\n1. 丁", ["一、概况", "甲", "乙", "☑丙", "1. 丁"]),
        ("```markdown\n# 一、概况\n正文。\n```", ["一、概况", "正文。"]),
        ("> 引文。\n\n<div align='center'>题名</div>", ["引文。", "题名"]),
        ("甲。\n\n— 3 —\n\n---\n\n乙。", ["甲。", "乙。"]),
        ("甲。\n\n<!-- page 3 -->\n12\n乙。", ["甲。", "12", "乙。"]),
        ("甲。\n\n{3}------------\n\n乙。\n\n12\n\n丙。", ["甲。", "乙。", "12", "丙。"]),
        (f"{LONG}\n没有挪用。", [LONG + "没有挪用。"]),
        (f"{LONG[:-1]}\n\n---\n\n没有挪用。", [LONG[:-1] + "没有挪用。"]),
        (f"{LONG[:-1]}\n\n二、问题", [LONG[:-1], "二、问题"]),
        ("2023年度甲资金\n绩效自评报告", ["2023年度甲资金", "绩效自评报告"]),
        ("#一、概况\n##  （一）目标 ##", ["一、概况", "（一）目标"]),
    ],
)
def test_lines_are_paragraphs(text: str, expected: list[str]) -> None:
    assert lines(read(text)) == expected


def test_pictures_are_left_out_and_told() -> None:
    document = read("甲\n\n![](images/1.jpg)\n\n乙")
    assert lines(document) == ["甲", "乙"]
    assert document.warnings == ()
    assert "Pictures (1)" in document.notes[0]
    with pytest.raises(UnreadableFile, match="pictures only"):
        read("![](1.jpg)")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "# 报告\n# 一、概况\n# （一）目标\n正文。",
            [Paragraph("报告"), Paragraph("一、概况"), Paragraph("（一）目标")],
        ),
        (
            "# 报告\n## 一、概况\n### （一）目标\n正文。",
            [Paragraph("报告"), Heading("一、概况", 2), Heading("（一）目标", 3)],
        ),
        ("# （一）目标\n## 一、概况\n正文。", [Paragraph("（一）目标"), Paragraph("一、概况")]),
    ],
)
def test_heading_marks_count_where_numbers_agree(text: str, expected: list[Block]) -> None:
    assert list(read(text).blocks[:-1]) == expected


# ---- tables -----------------------------------------------------------------------------

HEAD = "<tr><td>三级指标</td><td>年度指标值</td><td>实际完成值</td></tr>"


def html(*rows: str) -> str:
    cells = "".join("<tr>" + "".join(f"<td>{cell}</td>" for cell in row.split("|")) + "</tr>" for row in rows)
    return f"<table>{cells}</table>"


@pytest.mark.parametrize(
    "text",
    [
        "|甲|乙|\n|:--|:-:|\n|1|a\\|b|\n|2||",
        "甲 | 乙\n--- | ---\n1 | a\\|b\n2 |",
        "| | |\n|--|--|\n|甲|乙|\n|1|a\\|b|\n|2||",
    ],
)
def test_pipe_tables(text: str) -> None:
    assert tables(read(text)) == [[["甲", "乙"], ["1", "a|b"], ["2", ""]]]


def test_a_pipe_table_has_breaks_and_formulas() -> None:
    assert tables(read("|甲|乙|\n|--|--|\n|1<br>2|$\\ge 5$ 项|")) == [[["甲", "乙"], ["1\n2", "≥5项"]]]


def test_html_tables_have_formulas_and_spans() -> None:
    (table,) = read(
        "<html><body><table><tr><td rowspan=2>甲</td><td>$\\geq 9 0 \\%$</td></tr><tr><td>&lt;5</td></tr></table></body></html>"
    ).blocks
    assert isinstance(table, Table)
    assert [tuple(c[:5]) for c in table.cells] == [
        (1, 1, 2, 1, "甲"),
        (1, 2, 1, 1, "≥90%"),
        (2, 2, 1, 1, "<5"),
    ]


H = "三级指标|年度指标值|实际完成值"


@pytest.mark.parametrize(
    ("between", "second", "joined", "doubt"),
    [
        ("\n\n", [H, "丙|≥3|3"], [["丙", "≥3", "3"]], False),
        ("\n\n— 2 —\n\n---\n\n", [H, "丙|≥3|3"], [["丙", "≥3", "3"]], False),
        ("\n\n", ["丙|≥3|3"], [["丙", "≥3", "3"]], True),
    ],
)
def test_pieces_of_a_table_are_one(
    between: str, second: list[str], joined: list[list[str]], doubt: bool
) -> None:
    document = read(html(H, "甲|≥1|1", "乙|≥2|2") + between + html(*second))
    assert tables(document) == [[H.split("|"), ["甲", "≥1", "1"], ["乙", "≥2", "2"], *joined]]
    assert bool(document.warnings) == doubt


@pytest.mark.parametrize(
    "rest",
    [
        "\n\n表2 乙资金\n\n" + html(H, "丙|≥3|3"),
        "\n\n" + html("项目名称|丙项目|甲局", H, "丙|≥3|3"),
        "\n\n" + html("三级指标|年度指标值|实际完成值|得分", "丙|≥3|3|5"),
        "\n\n![](a.png)\n\n" + html("三级指标|得分|扣分", "丙|3|3"),
        "\n\n" + html("三级指标|目标值|完成值", "丙|≥3|3"),
    ],
)
def test_tables_of_their_own_stay_apart(rest: str) -> None:
    assert len(tables(read(html(H, "甲|≥1|1", "乙|≥2|2") + rest))) == 2


def test_a_row_cut_in_two_is_one() -> None:
    first = html("序号|项目|单位|说明", "1|甲|一局|已完成", "2|乙|二局|正在", "3|丙|三局|资金到位后")
    document = read(first + "\n\n---\n\n" + html("|||开工建设。", "4|丁|四局|已完成"))
    assert tables(document)[0][3:] == [
        ["3", "丙", "三局", "资金到位后开工建设。"],
        ["4", "丁", "四局", "已完成"],
    ]
    assert "compare them with the pages" in document.warnings[0]


def test_a_picture_in_place_of_a_table_is_missed() -> None:
    document = read("甲资金绩效自评表\n\n![](1.jpg)\n\n一、概况\n\n![](2.jpg)")
    assert "pictures (1)" in document.warnings[0]
    assert "Pictures (1)" in document.notes[0]


S = "序号|项目|金额|说明"


@pytest.mark.parametrize(
    ("above", "below", "joined"),
    [
        ("2|学校食堂|9.50|正常", "|改造||", "2|学校食堂改造|9.50|正常"),
        ("2|学校|9.50|2021年", "|||11月开工", "2|学校|9.50|2021年11月开工"),
        ("2|学校|3931|正常", "||0000|", "2|学校|39310000|正常"),
        ("2|学校|16560|正常", "||000.00|", "2|学校|16560000.00|正常"),
        ("2|学校|1|正常", "||9.50|", "2|学校|19.50|正常"),
        ("2|学校|97.|正常", "||42%|", "2|学校|97.42%|正常"),
        ("2|指标1：|9.50|正常", "|改造学校||", "2|指标1：改造学校|9.50|正常"),
        ("2|师生|9.50|正常", "|满意度||", "2|师生满意度|9.50|正常"),
        ("2||9.50|正常", "|其他资金||", "2|其他资金|9.50|正常"),
    ],
)
def test_the_rest_of_one_cell_is_no_row(above: str, below: str, joined: str) -> None:
    document = read(html(S, "1|甲校|8.50|正常", above) + "\n\n---\n\n" + html(below, "3|丙校|1.00|正常"))
    assert tables(document)[0][2:] == [joined.split("|"), ["3", "丙校", "1.00", "正常"]]


@pytest.mark.parametrize(
    "below",
    [
        "|其他资金||",
        "||≥35|",
        "|指标2：||",
        "|2.改造||",
        "|||备注",
        "合计|||",
        "||9.60|",
        "（二）新上项目|||",
    ],
)
def test_a_row_of_one_cell_may_be_one_of_its_own(below: str) -> None:
    document = read(
        html(S, "1|甲校|8.50|正常", "2|乙校|9.50|正常") + "\n\n" + html(below, "3|丙校|1.00|正常")
    )
    assert tables(document)[0][3] == below.split("|")


def test_rows_of_one_cell_each_are_rows() -> None:
    document = read(html(S, "1|甲校|8.50|正常", "2|乙校|9.50|正常") + "\n\n" + html("|丙校||", "|丁校||"))
    assert [row[1] for row in tables(document)[0]] == ["项目", "甲校", "乙校", "丙校", "丁校"]


def test_a_row_under_a_label_of_several_rows_is_no_rest() -> None:
    first = (
        "<table><tr><td>二级指标</td><td>三级指标</td><td>说明</td></tr><tr><td rowspan=2>数量指标</td><td>甲</td><td>反映进度</td></tr>"
        "<tr><td>乙</td><td>反映成效</td></tr><tr><td>时效指标</td><td>丙</td><td>反映进度</td></tr></table>"
    )
    document = read(first + "\n\n" + html("|丁|反映成效", "成本指标|戊|反映进度"))
    assert [row[-2] for row in tables(document)[0]] == ["三级指标", "甲", "乙", "丙", "丁", "戊"]


def test_side_labels_reach_over_the_cut() -> None:
    first = "<table><tr><td rowspan=2>绩效指标</td><td>三级指标</td><td>年度指标值</td></tr><tr><td>甲</td><td>≥1</td></tr></table>"
    second = (
        "<table><tr><td rowspan=2></td><td>乙</td><td>≥2</td></tr><tr><td>丙</td><td>≥3</td></tr></table>"
    )
    lost = "<table><tr><td>乙</td><td>≥2</td></tr><tr><td>丙</td><td>≥3</td></tr></table>"
    for rest in (second, lost):
        (table,) = read(first + "\n\n" + rest).blocks
        assert isinstance(table, Table)
        assert [c[:5] for c in table.cells if c.col == 1] == [(1, 1, 4, 1, "绩效指标")]
        assert [c.text for c in table.cells if c.col == 2] == ["三级指标", "甲", "乙", "丙"]


def test_a_head_cut_between_its_rows_is_whole() -> None:
    first = "<table><tr><td>一级指标</td><td>二级指标</td><td>三级指标</td><td colspan=2>年度目标</td><td>完成值</td></tr></table>"
    document = read(first + "\n\n" + html("|||指标方向|指标值|", "产出指标|数量指标|甲|≥|35|36"))
    (table,) = document.blocks
    assert isinstance(table, Table)
    assert [(c.col, c.row_span, c.col_span) for c in table.cells if c.row == 1] == [
        (1, 2, 1), (2, 2, 1), (3, 2, 1), (4, 1, 2), (6, 2, 1),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rest", "tables_found"),
    [
        (html(H, "丙|≥3|3"), 1),
        (html("|≥3|3", "丁|≥4|4"), 1),
        (html(H, "1|≥3|3"), 2),
        (html("三级指标|得分|扣分", "丙|3|3"), 2),
    ],
)
def test_a_picture_between_pieces_asks_for_more(rest: str, tables_found: int) -> None:
    document = read(html(H, "1|≥1|1", "乙|≥2|2") + "\n\n![](a.png)\n\n" + rest)
    assert len(tables(document)) == tables_found
    assert any("compare them" in warning for warning in document.warnings) == (tables_found == 1)


def test_a_piece_may_repeat_the_inner_head_of_a_form() -> None:
    form = html("项目名称|甲|", H, "子|≥1|1")
    document = read(form + "\n\n" + html(H, "丑|≥2|2"))
    assert [row[0] for row in tables(document)[0]] == ["项目名称", "三级指标", "子", "丑"]
    assert "compare them" in document.warnings[0]
    ended = html("项目名称|甲|", H, "子|≥1|1", "总分||100")
    assert len(tables(read(ended + "\n\n" + html(H, "丑|≥2|2")))) == 2


def test_a_label_that_reaches_too_far_down_is_cut() -> None:
    (table,) = read(
        "文\n\n<table><tr><td rowspan=3>绩效指标</td><td>甲</td><td>1</td></tr><tr><td>乙</td><td>2</td></tr>"
        "<tr><td colspan=2>总分</td><td>3</td></tr></table>"
    ).blocks[1:]
    assert isinstance(table, Table)
    assert table.n_columns == 3
    assert [tuple(c[:5]) for c in table.cells if c.row in (1, 3)] == [
        (1, 1, 2, 1, "绩效指标"), (1, 2, 1, 1, "甲"), (1, 3, 1, 1, "1"), (3, 1, 1, 2, "总分"), (3, 3, 1, 1, "3"),
    ]  # fmt: skip


# ---- pages ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "1\n\n道路工程\n\n2\n\n桥梁工程\n\n3\n\n水利工程",
            ["1", "道路工程", "2", "桥梁工程", "3", "水利工程"],
        ),
        ("综合得分\n\n95\n\n---\n\n结论", ["综合得分", "95", "结论"]),
        ("综合得分\n\n1\n\n---\n\n甲\n\n2\n\n---\n\n结论", ["综合得分", "1", "甲", "2", "结论"]),
        ("甲\n\n1\n\n---\n\n乙\n\n2\n\n---\n\n丙", ["甲", "乙", "丙"]),
        (
            "填报单位：甲局\n\n甲\n\n---\n\n填报单位：甲局\n\n乙\n\n---\n\n填报单位：甲局\n\n丙",
            ["填报单位：甲局", "甲", "填报单位：甲局", "乙", "填报单位：甲局", "丙"],
        ),
        ("正文甲。\n\n1\n\n正文乙。\n\n5\n\n正文丙。", ["正文甲。", "1", "正文乙。", "5", "正文丙。"]),
        ("正文甲。\n\n1\n\n2\n\n3", ["正文甲。", "1", "2", "3"]),
        ("某局\n\n甲\n\n---\n\n某局\n\n乙\n\n---\n\n某局\n\n丙", ["某局", "甲", "乙", "丙"]),
        ("一、概况\n\n甲\n\n---\n\n一、概况\n\n乙", ["一、概况", "甲", "一、概况", "乙"]),
        ("某局\n\n甲\n\n---\n\n某局\n\n乙", ["某局", "甲", "某局", "乙"]),
    ],
)
def test_what_stands_at_the_edge_of_pages_is_no_text(text: str, expected: list[str]) -> None:
    assert lines(read(text)) == expected


@pytest.mark.parametrize(
    ("source", "printed"),
    [
        ("资金1250万元<sup>1</sup>。", "资金1250万元。"),
        ("组织实施 $^{①}$ ，", "组织实施，"),
        ("面积86m<sup>2</sup>", "面积86m2"),
        ("面积86 km$^{2}$", "面积86 km2"),
        ("<sup>1</sup> 见批复。", "见批复。"),
        ('<span id="page-0-0"></span>正文', "正文"),
    ],
)
def test_marks_of_notes_and_anchors_are_not_printed(source: str, printed: str) -> None:
    assert lines(read(source)) == [printed]


def test_a_row_under_a_merged_cell_is_no_rest() -> None:
    first = html("二级指标|三级指标|目标|完成", "数量|甲|≥1|1", "数量|乙|≥2|2", "数量|丙|≥3|3")
    document = read(first + "\n\n" + html("|丁|≥4|4", "质量|戊|优|优"))
    assert tables(document)[0][4:] == [["", "丁", "≥4", "4"], ["质量", "戊", "优", "优"]]


def test_a_table_that_is_not_closed_ends_at_the_next_heading() -> None:
    document = read("<table><tr><td>甲</td><td>乙</td></tr>\n<tr><td>1\n\n# 二、问题\n\n正文。")
    assert lines(document) == ["二、问题", "正文。"]
    assert "not closed" in document.warnings[0]


# ---- telling Markdown -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# 一、概况\n\n正文\n\n## 二、问题\n\n# 三、建议", True),
        ("题名\n\n|甲|乙|\n|--|:-:|\n|1|2|", True),
        ("一、概况\n正文。\n<table><tr><td>甲</td></tr></table>\n", True),
        ("```markdown\n正文\n```", True),
        ('<div style="text-align: center;">自评表</div>\n\n<table><tr><td>甲</td></tr></table>', True),
        ("一、概况\n正文。\n\t甲\n\t乙\n\n", False),
        ("一、概况\n---\n甲|乙\n# 注", False),
        ("<!DOCTYPE html>\n<html><body><table><tr><td>甲</td></tr></table></body></html>", False),
        ("<div>\n<p>甲</p>\n<table><tr><td>甲</td></tr></table>\n</div>", False),
        ("", False),
    ],
)
def test_markdown_is_told_by_strong_marks_only(text: str, expected: bool) -> None:
    assert is_markdown(text) is expected


@pytest.mark.parametrize("path", sorted(RAW.rglob("*.txt")), ids=lambda path: path.stem)
def test_a_text_dump_is_no_markdown(path: Path) -> None:
    data = path.read_bytes()
    for encoding in ("utf-8", "gb18030", "utf-16"):
        assert not is_markdown(data.decode(encoding, "replace"))


# ---- hostile text -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "piece",
    [
        "$",
        "\\(",
        "**a",
        "[a](",
        "<!--",
        "![",
        "|a|b|\n|-|-|\n",
        "<table>",
        "$\\frac{",
        "{",
        "`",
        "<table><tr><td>a<td>b</table>\n\n",
        "*a *b ",
    ],
)
def test_time_grows_with_length_only(piece: str) -> None:
    began = time.process_time()
    with suppress(UnreadableFile):
        read(piece * 20_000)
    assert time.process_time() - began < 10


# ---- the same report as Word and as Markdown --------------------------------------------


@pytest.mark.parametrize("path", sorted(RAW.rglob("*.docx")), ids=lambda path: path.stem)
@pytest.mark.parametrize("tool", ["html", "pipes", "no heads"])
def test_a_recognised_report_gives_the_same_records(path: Path, tool: str) -> None:
    word = read_word(path.read_bytes())
    unmarked = Document(
        "docx", tuple(Paragraph(b.text) if isinstance(b, Heading) else b for b in word.blocks)
    )
    text = ocr_markdown(
        word, pipes=tool == "pipes", head=tool != "no heads", rows=6 if tool == "no heads" else 12
    )
    assert is_markdown(text)
    assert records(read(text)) == records(unmarked)


@pytest.mark.parametrize(
    "name", ["xj2018_innovation_environment", "xj2024_regional_collaboration", "xj2025_central_guidance"]
)
def test_real_reports_give_the_same_records(name: str) -> None:
    path = SHARED / "reports" / "word" / f"{name}.docx"
    if not path.exists():
        pytest.skip("the hand-checked reports (../shared) are not on this machine")
    word = read_word(path.read_bytes())
    assert records(read(ocr_markdown(word, rows=20))) == records(word)


def test_what_stands_over_a_form_is_no_running_head() -> None:
    form = "<table><tr><td>项目名称</td><td>{}</td></tr><tr><td>得分</td><td>9</td></tr></table>"
    text = "\n\n---\n\n".join(f"甲市农业农村局\n\n{form.format(name)}" for name in "甲乙丙")
    assert lines(read(text)) == ["甲市农业农村局"] * 3


def test_page_numbers_left_out_are_counted() -> None:
    assert read("甲\n\n1\n\n---\n\n乙\n\n2\n\n---\n\n丙").notes == ("Page numbers (2) were left out.",)


# ---- page numbers, LaTeX and loose spaces -----------------------------------------------

HALF_A = "<table><tr><td>三级指标</td><td>指标值</td></tr><tr><td>数量甲</td><td>1</td></tr></table>"
HALF_B = "<table><tr><td>数量乙</td><td>2</td></tr></table>"


@pytest.mark.parametrize("number", ["3", "- 3 -", "—3—", "3 / 12", "# 3", "第3页", "-3-"])
def test_page_number_between_the_halves_of_a_table_is_left_out(number: str) -> None:
    (table,) = read_markdown(f"{HALF_A}\n\n{number}\n\n{HALF_B}\n".encode()).blocks
    assert isinstance(table, Table)
    assert [cell.text for cell in table.cells if cell.row == 3] == ["数量乙", "2"]


def test_numbers_alone_are_page_numbers_where_they_count_on() -> None:
    page = "本年度各项任务按计划推进。" * 12
    text = f"{page}\n\n1\n\n{page}\n\n2\n\n{page}\n"
    assert [block.text for block in read_markdown(text.encode()).blocks if isinstance(block, Paragraph)] == [
        page
    ] * 3
    kept = read_markdown(f"{page}\n\n85\n\n{page}".encode()).blocks
    assert [block.text for block in kept if isinstance(block, Paragraph)] == [page, "85", page]


LATEX = r"""\title{
示例项目绩效评价报告
}

\section*{一、基本情况}

概况如下。

\subsection*{（一）得分}

\begin{table}
\caption{表1 得分表}
\begin{tabular}{|l|l|c|}
\hline 一级指标 & 三级指标 & 得分 \\
\hline \multirow{2}{*}{决策} & 依据 & $4.5 \%$ \\
\cline { 2 - 3 } & \begin{tabular}{l}
规范 \\
程度
\end{tabular} & 3.5 \\
\hline \multicolumn{2}{|c|}{合计 \& 其他} & 8 \\
\hline
\end{tabular}
\end{table}
"""


def test_latex_headings_and_tables() -> None:
    document = read_markdown(LATEX.encode())
    *lines, table = document.blocks
    assert [(type(block).__name__, block.text) for block in lines if not isinstance(block, Table)] == [
        ("Paragraph", "示例项目绩效评价报告"),
        ("Heading", "一、基本情况"),
        ("Paragraph", "概况如下。"),
        ("Heading", "（一）得分"),
        ("Paragraph", "表1 得分表"),
    ]
    assert isinstance(table, Table)
    assert [(c.row, c.col, c.row_span, c.col_span, c.text) for c in table.cells] == [
        (1, 1, 1, 1, "一级指标"),
        (1, 2, 1, 1, "三级指标"),
        (1, 3, 1, 1, "得分"),
        (2, 1, 2, 1, "决策"),
        (2, 2, 1, 1, "依据"),
        (2, 3, 1, 1, "4.5%"),
        (3, 2, 1, 1, "规范\n程度"),
        (3, 3, 1, 1, "3.5"),
        (4, 1, 1, 2, "合计 & 其他"),
        (4, 3, 1, 1, "8"),
    ]
    assert document.warnings == ()


def test_latex_table_that_never_ends_is_told() -> None:
    document = read_markdown("概况。\n\n\\begin{tabular}{|l|}\n一 & 二 \\\\\n".encode())
    assert any("LaTeX" in warning for warning in document.warnings)


@pytest.mark.parametrize(
    ("written", "printed"),
    [
        ("决策得分 17.3分，过程得分 8 分", "决策得分17.3分，过程得分8分"),
        ("共 3 个 GB 标准", "共3个 GB 标准"),
        ("表 1 资金", "表1 资金"),
        ("1 基本情况", "1 基本情况"),
        ("评价组 2024年5月6日", "评价组 2024年5月6日"),
    ],
)
def test_spaces_between_chinese_and_figures_are_no_print(written: str, printed: str) -> None:
    (block,) = read_markdown(f"{written}\n".encode()).blocks
    assert isinstance(block, Paragraph)
    assert block.text == printed


def test_column_headings_repeated_by_the_next_page_are_left_out() -> None:
    heads = "<td>一级指标</td><td>三级指标</td><td>年度指标值</td><td>实际完成值</td>"
    upper = (
        "<table><tr><td>项目名称</td><td colspan=4>示例项目</td></tr>"
        f"<tr><td rowspan=2>绩效指标</td>{heads}</tr>"
        "<tr><td>产出指标</td><td>新建站点</td><td>≥5个</td><td>6个</td></tr></table>"
    )
    lower = (
        f"<table><tr><td></td>{heads}</tr>"
        "<tr><td>绩效指标</td><td>效益指标</td><td>受益人数</td><td>≥90人</td><td>95人</td></tr></table>"
    )
    (table,) = tables(read(f"{upper}\n\n5\n\n{lower}\n"))
    assert table == [
        ["项目名称", "示例项目"],
        ["绩效指标", "一级指标", "三级指标", "年度指标值", "实际完成值"],
        ["产出指标", "新建站点", "≥5个", "6个"],
        ["绩效指标", "效益指标", "受益人数", "≥90人", "95人"],
    ]
