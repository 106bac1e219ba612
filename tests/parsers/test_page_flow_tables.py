"""Pages -> tables: the texts of cells, and tables that pages cut put together again."""

from dataclasses import replace

import pytest

from parsers.formats.page_flow import flow
from parsers.formats.pages import Grid, Page, Rule
from schemas.blocks import Cell, Paragraph, Table
from tests.parsers.pages import Spanning, centred, grid, line, page, spaced

WIDTHS = (60, 150, 120, 120)
HEAD = ("序号", "项目名称", "承担单位", "金额（万元）")


def tables(*pages: Page) -> list[Table]:
    return [block for block in flow(pages).blocks if isinstance(block, Table)]


def rows(table: Table) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        found[cell.row - 1].append(cell.text)
    return found


def cell(table: Table, row: int, col: int) -> Cell:
    return next(c for c in table.cells if (c.row, c.col) == (row, col))


def at_bottom(*made: list[str | Spanning | None] | tuple[str | Spanning | None, ...]) -> Grid:
    """A table that reaches down to the end of the text."""
    draft = grid(0, WIDTHS, *made)
    return grid(770 - draft.box[3], WIDTHS, *made)


def cut(
    upper: list[tuple[str | Spanning | None, ...]], lower: list[tuple[str | Spanning | None, ...]]
) -> Table:
    """The one table of two pages."""
    (table,) = tables(page(1, at_bottom(*upper)), page(2, grid(72, WIDTHS, *lower)))
    return table


# ---- the text of a cell ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("printed", "text"),
    [
        ("灌区渠道防渗改造和配套建筑|物维修加固工程", "灌区渠道防渗改造和配套建筑物维修加固工程"),
        ("数量指标|质量指标", "数量指标\n质量指标"),
        ("1.完成渠道衬砌任务十二公里。|2.完成。", "1.完成渠道衬砌任务十二公里。\n2.完成。"),
        ("累计完成投资一千二百余万元123456|78万元", "累计完成投资一千二百余万元12345678万元"),
    ],
)  # fmt: skip
def test_full_lines_of_a_cell_are_joined(printed: str, text: str) -> None:
    (table,) = tables(page(1, grid(100, (60, 140), ("序号", "内容"), ("1", printed))))
    assert cell(table, 2, 2).text == text


def test_a_number_broken_in_a_narrow_cell_is_one() -> None:
    (table,) = tables(page(1, grid(100, (60, 37), ("分值", "完成率"), ("10", "100.0|0%"))))
    assert cell(table, 2, 2).text == "100.00%"


def test_a_percent_sign_takes_its_digit_to_the_next_line() -> None:
    """「96.11%」 in a column as wide as five characters: the sign begins no line."""
    (table,) = tables(page(1, grid(100, (60, 38), ("序号", "率"), ("1", "96.1|1%"))))
    assert cell(table, 2, 2).text == "96.11%"


def test_a_name_printed_upright_is_one_word() -> None:
    (table,) = tables(page(1, grid(100, (21, 90), ("产|出|指|标", "新建水闸数量"), ("效|益", "受益人数"))))
    assert rows(table) == [["产出指标", "新建水闸数量"], ["效益", "受益人数"]]


def test_a_cell_has_the_box_of_its_page() -> None:
    made = grid(100, WIDTHS, HEAD, ("1", "甲项目", "甲县", "10"))
    (table,) = tables(page(1, made))
    (position,) = cell(table, 2, 2).positions
    assert (position.page, position.box) == (1, made.cells[5].box)


# ---- tables over pages -----------------------------------------------------------------------

LIST = [HEAD, ("1", "甲项目", "甲县", "10"), ("2", "乙项目", "乙县", "20")]


def test_a_table_goes_on_without_its_header() -> None:
    assert rows(cut(LIST, [("3", "丙项目", "丙县", "30")])) == [
        *map(list, LIST),
        ["3", "丙项目", "丙县", "30"],
    ]


def test_a_header_printed_again_is_left_out() -> None:
    assert rows(cut(LIST, [HEAD, ("3", "丙项目", "丙县", "30")]))[2:] == [
        ["2", "乙项目", "乙县", "20"],
        ["3", "丙项目", "丙县", "30"],
    ]


def test_a_header_of_two_rows_printed_again_is_left_out() -> None:
    head = [
        (Spanning("序号", 2), Spanning("项目", 2), Spanning("金额", 1, 2), None),
        (None, None, "预算", "执行"),
    ]
    table = cut([*head, ("1", "甲", "10", "9")], [*head, ("2", "乙", "20", "18")])
    assert (table.n_rows, rows(table)[2:]) == (4, [["1", "甲", "10", "9"], ["2", "乙", "20", "18"]])


def test_furniture_between_the_pieces_is_no_break() -> None:
    first = page(1, centred("某县报告", 40, 9), at_bottom(*LIST), centred("- 1 -", 800, 9))
    others = [
        page(
            n,
            centred("某县报告", 40, 9),
            grid(72, WIDTHS, (str(n), "项目", "县", "1")),
            centred(f"- {n} -", 800, 9),
        )
        for n in (2, 3)
    ]
    with_text = page(4, centred("某县报告", 40, 9), line("以上为全部项目。", 100), centred("- 4 -", 800, 9))
    blocks = flow([first, *others[:1], with_text]).blocks
    assert [type(block) for block in blocks] == [Table, Paragraph]
    assert blocks[0].positions[1].page == 2


def test_a_row_cut_in_mid_cell_is_one_row() -> None:
    table = cut(
        [*LIST, ("3", "灌区渠道防渗改造和配套建筑|物维修加固以及量水设施安装", "丙县", "30")],
        [("", "工程", "", ""), ("4", "丁项目", "丁县", "40")],
    )
    assert rows(table)[3:] == [
        ["3", "灌区渠道防渗改造和配套建筑物维修加固以及量水设施安装工程", "丙县", "30"],
        ["4", "丁项目", "丁县", "40"],
    ]
    first, second = cell(table, 4, 2).positions
    assert (first.page, second.page, second.char_start) == (1, 2, 26)


def test_a_row_of_whole_values_is_a_new_row() -> None:
    table = cut(
        [*LIST, ("", "灌区渠道防渗改造和配套建筑|物维修加固以及量水设施安装", "甲县", "30")],
        [("", "水库", "乙县", "40")],
    )
    assert table.n_rows == 5


def test_a_level_merged_over_the_cut_is_one_cell() -> None:
    table = cut(
        [("一级", "二级", "名称", "目标"), (Spanning("产出指标", 2), "数量指标", "新建水闸", "≥5座"), (None, "质量指标", "合格率", "≥95%")],
        [(Spanning("", 2), "时效指标", "按时完工率", "100%"), (None, "成本指标", "单价", "≤3万元"), ("效益指标", "社会效益", "受益人数", "≥90人")],
    )  # fmt: skip
    assert [(c.row, c.row_span, c.text) for c in table.cells if c.col == 1][1:] == [
        (2, 4, "产出指标"),
        (6, 1, "效益指标"),
    ]


@pytest.mark.parametrize(
    ("upper", "lower"), [("产出", "指标"), ("产出指标", "（50分）"), ("资金情况", "（万元）")]
)
def test_a_label_that_the_cut_divides_is_one_cell(upper: str, lower: str) -> None:
    table = cut(
        [HEAD, (upper, "数量指标", "新建水闸", "≥5座")],
        [(Spanning(lower, 2), "时效指标", "按时完工率", "100%"), (None, "成本指标", "单价", "≤3万元")],
    )
    merged = cell(table, 2, 1)
    assert (merged.row_span, merged.text.replace("\n", "")) == (3, upper + lower)


def test_a_label_below_the_cut_goes_with_the_rows_above_it() -> None:
    """Where the middle of a merged cell falls on the next page, its label stands there."""
    table = cut(
        [("一级指标", "指标", "目标", "完成"), (Spanning("产出指标", 2), "a", "1", "1"), (None, "b", "2", "2"), ("", "c", "3", "3")],
        [(Spanning("效益指标", 2), "d", "4", "4"), (None, "e", "5", "5")],
    )  # fmt: skip
    merged = [(found.row, found.row_span, found.text) for found in table.cells if found.col == 1]
    assert merged == [(1, 1, "一级指标"), (2, 2, "产出指标"), (4, 3, "效益指标")]


def test_labels_with_points_are_not_one_label() -> None:
    table = cut(
        [("一级指标", "指标", "目标", "完成"), (Spanning("效益指标（30分）", 2), "a", "1", "1"), (None, "b", "2", "2")],
        [(Spanning("满意度指标（10分）", 2), "c", "3", "3"), (None, "d", "4", "4")],
    )  # fmt: skip
    assert [found.text for found in table.cells if found.col == 1] == [
        "一级指标", "效益指标（30分）", "满意度指标（10分）",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("upper", "lower", "n_rows"),
    [
        (("产出", "培训人次", "不少于一千九百三十一", "≥1931"), ("指标", "", "", ""), 2),
        (("1", "培训", "大于等于 ≥ 12345678 1931", ""), ("", "", "人次及以上", ""), 2),
        (("2", "新建校舍", "", "12"), ("", "……", "", ""), 3),
        (
            ("", "按年度任务完成的各类单体项目", "", "≥" + "4" * 18 + "%"),
            ("", "水土流失状况", "", "逐步好转"),
            3,
        ),
    ],
    ids=["a torn label", "a torn value", "a row still empty", "words below a whole value"],
)
def test_what_stands_below_a_cut(upper: tuple[str, ...], lower: tuple[str, ...], n_rows: int) -> None:
    assert cut([HEAD, upper], [lower]).n_rows == n_rows


def test_a_page_that_shows_only_some_of_the_columns_is_aligned() -> None:
    wide = Spanning("年度总体目标：按时完工", 1, 3)
    table = cut([HEAD, ("1", "甲", "甲县", "1")], [("目标", wide, None, None), ("2", "乙", "乙县", "2")])
    assert [(c.col, c.col_span) for c in table.cells if c.row == 3] == [(1, 1), (2, 3)]
    (merged,) = tables(
        page(1, at_bottom(("目标", wide, None, None))),
        page(2, grid(72, WIDTHS, HEAD, ("2", "乙", "乙县", "2"))),
    )
    assert [(c.col, c.col_span) for c in merged.cells if c.row == 1] == [(1, 1), (2, 3)]


FORM = [
    ("项目名称", Spanning("甲项目", 1, 3), None, None),
    ("主管部门", Spanning("甲局", 1, 3), None, None),
    ("1", "甲", "乙", "3"),
]


def test_a_form_filled_in_again_is_a_table_of_its_own() -> None:
    again = [("项目名称", Spanning("乙项目", 1, 3), None, None), *FORM[1:]]
    assert len(tables(page(1, at_bottom(*FORM)), page(2, grid(72, WIDTHS, *again)))) == 2


def test_a_title_row_begins_a_table() -> None:
    titled = [(Spanning("项目支出绩效自评表", 1, 4), None, None, None), HEAD]
    assert len(tables(page(1, at_bottom(*LIST)), page(2, grid(72, WIDTHS, *titled)))) == 2


def test_a_caption_between_parts_tables() -> None:
    assert (
        len(
            tables(
                page(1, at_bottom(*LIST)),
                page(2, line("附表2", 60), grid(80, WIDTHS, ("3", "丙", "丁", "4"))),
            )
        )
        == 2
    )


def test_other_columns_are_another_table() -> None:
    other = grid(72, (100, 100, 250), ("甲", "乙", "丙"))
    assert len(tables(page(1, at_bottom(*LIST)), page(2, other))) == 2


def test_a_table_that_ends_high_on_its_page_is_whole() -> None:
    upper = grid(100, WIDTHS, *LIST)
    text = [line("水" * 30, 700 + at * 20) for at in range(3)]
    assert len(tables(page(1, text), page(2, upper), page(3, grid(72, WIDTHS, ("3", "丙", "丁", "4"))))) == 2


def test_rules_below_the_last_row_are_no_row() -> None:
    made = at_bottom(*LIST)
    open_end = made.cells[0]._replace(row=4, box=(72, 770, 132, 775), lines=())
    remnant = made._replace(n_rows=4, cells=(*made.cells, open_end))
    (table,) = tables(page(1, remnant), page(2, grid(72, WIDTHS, ("3", "丙项目", "丙县", "30"))))
    assert table.n_rows == 4


# ---- tables without rules --------------------------------------------------------------------

COLUMNS = (80, 200, 320, 440)


def plain(*made: tuple[str, ...], top: float = 100) -> list[object]:
    return [
        spaced(*[(text, left) for text, left in zip(row, COLUMNS, strict=True) if text], top=top + at * 20)
        for at, row in enumerate(made)
    ]


SCORES = (("指标", "权重", "得分", "得分率"), ("决策", "10", "9.00", "90%"), ("过程", "20", "18.00", "90%"), ("产出", "40", "38.00", "95%"))  # fmt: skip


def test_plain_columns_are_a_table() -> None:
    (table,) = tables(page(1, line("各部分得分如下：", 70), plain(*SCORES)))  # type: ignore[arg-type]
    assert rows(table) == [list(row) for row in SCORES]


def test_a_line_with_few_cells_goes_on_with_the_row_above() -> None:
    made = (
        *SCORES,
        ("可持续影响", "30", "27.00", "90%"),
        ("和满意度", "", "", ""),
        ("合计", "100", "92.00", "92%"),
    )
    (table,) = tables(page(1, plain(*made)))  # type: ignore[arg-type]
    assert rows(table)[4] == ["可持续影响和满意度", "30", "27.00", "90%"]


def test_plain_columns_go_on_over_a_page() -> None:
    lower = plain(
        ("效益", "30", "27.00", "90%"), ("其他", "0", "0", "0%"), ("合计", "100", "92.00", "92%"), top=60
    )
    (table,) = tables(page(1, plain(*SCORES, top=700)), page(2, lower))  # type: ignore[arg-type]
    assert table.n_rows == 7


WORDS = (("一级指标", "二级指标", "三级指标", "指标说明"), ("产出指标", "数量指标", "新建校舍", "反映任务"), ("", "", "维修食堂", "反映任务"), ("", "质量指标", "验收合格率", "反映质量"))  # fmt: skip


def test_headings_tell_a_table_without_figures() -> None:
    (table,) = tables(page(1, plain(*WORDS)))  # type: ignore[arg-type]
    assert rows(table) == [list(row) for row in WORDS]


def test_words_in_columns_are_no_table_by_themselves() -> None:
    assert tables(page(1, plain(*WORDS[1:], ("甲", "乙", "丙", "丁")))) == []  # type: ignore[arg-type]


def test_rules_above_and_below_tell_a_table() -> None:
    made = page(1, plain(("甲", "乙", "丙", "丁"), *WORDS[1:]))  # type: ignore[arg-type]
    ruled = replace(made, levels=tuple(Rule(70, y, 520, y) for y in (96, 116, 180)))
    (table,) = tables(ruled)
    assert rows(table)[0] == ["甲", "乙", "丙", "丁"]
    assert table.n_rows == 4


def test_cells_centred_beside_wrapped_ones_are_in_their_row() -> None:
    """Rows of two lines in the last column, 14 points apart; the others stand between them. Rows are 40 apart."""
    lines = [spaced(("一级指标", 80), ("三级指标", 200), ("指标说明", 320), top=60)]
    for at, name in enumerate(("新建校舍", "维修食堂", "购置设备")):
        top = 100 + 40 * at
        lines.append(spaced(("反映任务完成", 320), top=top))
        lines.append(spaced(("产出", 80), (name, 200), top=top + 7))
        lines.append(spaced(("情况", 320), top=top + 14))
    (table,) = tables(page(1, lines))
    assert rows(table)[1:] == [
        ["产出", name, "反映任务完成情况"] for name in ("新建校舍", "维修食堂", "购置设备")
    ]


def test_a_heading_below_plain_columns_is_no_row() -> None:
    below = line("四、评价指标分析", 185, 80, 14)
    (table,) = tables(page(1, plain(*SCORES), below))  # type: ignore[arg-type]
    assert table.n_rows == 4


def test_fields_and_signatures_are_no_table() -> None:
    fields = plain(*[("单位：", "甲局", "年度：", "2022")] * 4)
    assert tables(page(1, fields)) == []  # type: ignore[arg-type]


def test_rules_that_leave_out_labels_tell_rows_and_how_far_labels_reach() -> None:
    """Rules from side to side only; the label 决策 stands between the heights of its two rows."""
    head = spaced(("一级指标", 75), ("三级指标", 180), ("分值", 330), ("得分", 420), top=104)
    first = spaced(("立项依据", 180), ("4", 330), ("3.5", 420), top=124)
    label = line("决策", 134, 75)
    second = spaced(("绩效目标", 180), ("6", 330), ("5", 420), top=144)
    third = spaced(("过程", 75), ("执行率", 180), ("5", 330), ("4.2", 420), top=164)
    total = spaced(("合计", 75), ("15", 330), ("12.7", 420), top=184)
    rules = tuple(
        Rule(left, top, 470, top + 0.5)
        for top, left in ((100, 70), (120, 70), (140, 160), (160, 70), (180, 70), (200, 70))
    )
    made = replace(page(1, head, first, label, second, third, total), levels=rules)
    (table,) = tables(made)
    assert rows(table) == [
        ["一级指标", "三级指标", "分值", "得分"],
        ["决策", "立项依据", "4", "3.5"],
        ["绩效目标", "6", "5"],
        ["过程", "执行率", "5", "4.2"],
        ["合计", "", "15", "12.7"],
    ]
    assert cell(table, 2, 1).row_span == 2


def test_a_label_alone_between_rules_is_a_row() -> None:
    made = page(1, plain(SCORES[0], ("产出指标", "", "", ""), *SCORES[1:]))  # type: ignore[arg-type]
    (table,) = tables(replace(made, levels=tuple(Rule(70, y, 520, y) for y in (96, 116, 136, 200))))
    assert rows(table) == [list(SCORES[0]), ["产出指标", "", "", ""], *[list(row) for row in SCORES[1:]]]


def test_the_rest_of_a_text_stays_though_it_stands_in_it_before() -> None:
    """A merged cell, its last line full, goes on with characters that it shows before."""
    full = "另补助200万元。其中支出共100"
    upper = [
        ("序号", "内容", "单位", "金额"),
        (Spanning("1", 2), Spanning("|" + full, 2), "甲局|科室", "5"),
        (None, None, "乙局", "4"),
    ]
    lower = [(Spanning("", 2), Spanning("万元。", 2), "丙局", "3"), (None, None, "丁局", "2")]
    table = cut(upper, lower)  # type: ignore[arg-type]
    assert cell(table, 2, 2).text == full + "万元。"
