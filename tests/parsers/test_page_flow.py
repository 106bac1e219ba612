"""Pages -> paragraphs: which lines are one paragraph, which are furniture, and where each stands."""

from parsers.formats.page_flow import flow
from parsers.formats.pages import Line, Page
from schemas.blocks import Table
from tests.parsers.pages import LEFT, PITCH, centred, grid, line, page, spaced, typeset

LONG = "今年各县按照批复的方案分批开工建设，先修水渠再铺管道，雨季以前完成了全部土方，入冬以前完成了设备安装和调试，群众比较满意。"
OTHER = "资金由县财政统一管理，按进度拨付到施工单位，没有发现挪用和滞留的情况，年底结余全部收回国库，下一年度重新安排使用。"


def texts(*pages: Page) -> list[str]:
    return [block.text for block in flow(pages).blocks if not isinstance(block, Table)]


def stacked(*groups: list[Line], top: float = 100, gap: float = 0) -> list[Line]:
    """Groups of lines one below the other, `gap` points between groups besides the usual."""
    lines: list[Line] = []
    at = top
    for group in groups:
        shift = at - group[0].box[1]
        for one in group:
            spans = tuple(s._replace(top=s.top + shift, bottom=s.bottom + shift) for s in one.spans)
            lines.append(Line(spans, (one.box[0], one.box[1] + shift, one.box[2], one.box[3] + shift)))
        at = lines[-1].box[1] + PITCH + gap
    return lines


def test_an_indent_begins_a_paragraph() -> None:
    lines = stacked(typeset(LONG, 0), typeset(OTHER, 0))
    assert len(lines) == 4
    assert texts(page(1, lines)) == [LONG, OTHER]


def test_a_full_last_line_ends_at_the_next_indent() -> None:
    full = "水" * 35 + "渠" * 37
    lines = stacked(typeset(LONG, 0), typeset(full, 0), typeset(OTHER, 0))
    assert texts(page(1, lines)) == [LONG, full, OTHER]


def test_spacing_parts_paragraphs_without_indent() -> None:
    full = "水" * 74
    lines = stacked(
        typeset(LONG, 0, 0), typeset(full, 0, 0), typeset(OTHER, 0, 0), typeset(LONG, 0, 0), gap=10
    )
    assert texts(page(1, lines)) == [LONG, full, OTHER, LONG]


def test_a_paragraph_goes_on_over_a_page() -> None:
    lines = stacked(typeset(OTHER, 0), typeset(LONG, 0))
    found = flow([page(1, lines[:-1]), page(2, stacked([lines[-1]], typeset(OTHER, 0)))]).blocks
    assert [b.text for b in found if not isinstance(b, Table)] == [OTHER, LONG, OTHER]
    first, last = found[1].positions
    assert (first.page, first.char_start) == (1, 0)
    assert (last.page, last.char_start) == (2, len(lines[-2].spans[0].text))


def test_each_line_has_its_box_and_confidence() -> None:
    lines = [line("水" * 37, 100, confidence=0.98), line("渠道。", 120, confidence=0.61)]
    (block,) = flow([page(1, lines)]).blocks
    assert [(p.page, p.box, p.char_start, p.confidence) for p in block.positions] == [
        (1, lines[0].box, 0, 0.98),
        (1, lines[1].box, 37, 0.61),
    ]


def test_headings_and_items_stay_lines() -> None:
    heads = [[line("一、项目概况", 0)], [line("（一）基本情况", 0)], [line("1.建设内容", 0)]]
    assert texts(page(1, stacked(*heads, typeset(LONG, 0)))) == [
        "一、项目概况",
        "（一）基本情况",
        "1.建设内容",
        LONG,
    ]


def test_an_item_begins_after_a_full_line() -> None:
    full = "1.水渠" + "水" * 32 + "。"
    lines = stacked(typeset("1.管道已经铺好。", 0, 0), typeset(full, 0, 0), typeset("2.设备已经安装。", 0, 0))
    assert texts(page(1, lines)) == ["1.管道已经铺好。", full, "2.设备已经安装。"]


def test_latin_words_are_parted_by_a_space() -> None:
    first = "系统采用" + "水" * 26 + " GIS data"
    lines = stacked(
        typeset(LONG, 0, 0), [line(first, 0), line("center平台。", 0)][:1], [line("center平台。", 0)]
    )
    assert texts(page(1, lines))[1] == first + " center平台。"


def test_a_number_too_long_for_the_line_moves_and_is_no_new_paragraph() -> None:
    short = "资金" * 16 + "合计"
    lines = stacked(typeset(LONG, 0, 0), [line(short, 0)], [line("12345678.90万元，已经拨付。", 0)])
    assert texts(page(1, lines))[1] == short + "12345678.90万元，已经拨付。"


def test_titles_on_a_cover_stay_lines() -> None:
    cover = page(
        1,
        centred("某县水利工程补助资金", 200, 22),
        centred("绩效评价报告", 240, 22),
        line("委托单位：某县财政局", 500),
        line("评价机构：某事务所", 530),
        centred("2023年5月", 600),
    )
    assert texts(cover) == [
        "某县水利工程补助资金",
        "绩效评价报告",
        "委托单位：某县财政局",
        "评价机构：某事务所",
        "2023年5月",
    ]


def test_entries_of_a_table_of_contents_stay_lines() -> None:
    entries = [line("一、项目概况" + "." * 55 + "1", 100), line("二、项目绩效" + "." * 55 + "12", 120)]
    assert texts(page(1, centred("目录", 80), entries)) == [
        "目录",
        *(entry.spans[0].text for entry in entries),
    ]


def test_spans_apart_stay_apart() -> None:
    assert texts(page(1, spaced(("填报单位：甲局", LEFT), ("年度：2022年", 320), top=100))) == [
        "填报单位：甲局    年度：2022年"
    ]


# ---- furniture ------------------------------------------------------------------------------


def numbered(form: str, count: int = 4) -> list[Page]:
    return [
        page(
            number,
            centred("某县绩效评价报告", 44, 9),
            typeset(LONG, 100),
            centred(form.format(number), 790, 9),
        )
        for number in range(1, count + 1)
    ]


def test_heads_and_page_numbers_are_left_out() -> None:
    for form in ("- {} -", "第{}页 共4页", "{}/4", "— {} —", "{}", "第 {} 页"):
        assert texts(*numbered(form)) == [LONG] * 4, form


def test_heads_of_odd_and_even_pages_are_left_out() -> None:
    pages = [
        page(number, line(("单页眉甲", "双页眉乙")[number % 2], 44, size=9), typeset(LONG, 100))
        for number in range(1, 7)
    ]
    assert texts(*pages) == [LONG] * 6


def test_a_lone_line_at_the_top_is_text() -> None:
    pages = [page(number, typeset(LONG, 100)) for number in range(1, 4)]
    assert texts(page(1, line("附件3", 60), typeset(LONG, 100)), *pages[1:]) == ["附件3", LONG, LONG, LONG]


def test_a_short_document_loses_nothing_but_its_page_number() -> None:
    pages = [
        page(number, line("绩效自评", 44, size=9), typeset(LONG, 100), centred(str(number), 790, 9))
        for number in (1, 2)
    ]
    assert texts(*pages) == ["绩效自评", LONG, LONG]  # said once


def test_a_title_on_every_page_is_text() -> None:
    pages = [
        page(number, centred("项目支出绩效自评表", 62, 18), typeset(LONG, 100)) for number in range(1, 4)
    ]
    assert texts(*pages) == ["项目支出绩效自评表", LONG] * 3


def test_a_title_in_a_narrow_margin_is_text() -> None:
    pages = [
        page(number, centred("项目支出绩效自评表", 37, 18), typeset(LONG, 100)) for number in range(1, 4)
    ]
    assert texts(*pages) == ["项目支出绩效自评表", LONG] * 3


def test_a_list_within_a_paragraph_goes_on() -> None:
    first = "成果：（1）" + "水" * 30 + "；"
    lines = stacked(
        typeset(LONG, 0, 0), [line(first, 0), line("（2）渠道三条。", 0)][:1], [line("（2）渠道三条。", 0)]
    )
    assert texts(page(1, lines))[1] == first + "（2）渠道三条。"


def test_a_watermark_over_the_text_is_left_out() -> None:
    pages = [page(number, typeset(LONG, 100), line("内部资料", 104, 260, 30)) for number in range(1, 4)]
    assert texts(*pages) == [LONG] * 3


def test_a_footnote_does_not_cut_the_paragraph_above_it() -> None:
    marked = OTHER.replace("情况，", "情况1，")
    lines = stacked(typeset(marked, 0), typeset(LONG, 0), top=600)
    note = line("1数据来自县水利局。", 780, size=9)
    assert texts(page(1, lines[:-1], note), page(2, stacked([lines[-1]]))) == [
        marked,
        LONG,
        "数据来自县水利局。",
    ]


def test_form_titles_in_the_margin_of_every_page_stay() -> None:
    pages = [
        page(
            number,
            centred("项目支出绩效自评表", 34),
            centred("（2020年度）", 72),
            grid(100, (100, 200, 100), ("项目名称", f"项目{number}", ""), ("得分", "9", "8")),
        )
        for number in (1, 2, 3)
    ]
    assert texts(*pages) == ["项目支出绩效自评表", "（2020年度）"] * 3


def test_a_footnote_follows_the_paragraph_that_shows_its_mark() -> None:
    shown = page(
        1,
        typeset("本年度安排资金三亿元①，全部到位。", 100),
        line("二、绩效目标", 160),
        typeset("目标已经全部实现。", 190),
        line("①数据来源于预算批复。", 770, size=9),
    )
    assert texts(shown) == [
        "本年度安排资金三亿元①，全部到位。",
        "数据来源于预算批复。",
        "二、绩效目标",
        "目标已经全部实现。",
    ]


def forms(foot: str, top: list[str]) -> list[Page]:
    """Pages with a form each, a line above and a line below it."""
    return [
        page(
            number,
            line(above, 60, size=10),
            grid(
                90,
                (80, 150, 80, 140),
                ("项目名称", f"渠道{number}", "主管部门", "水利局"),
                ("预算数", "5", "执行数", "4"),
            ),
            line(foot, 790),
        )
        for number, above in enumerate(top, start=1)
    ]


def test_what_belongs_to_a_form_stays_on_every_page() -> None:
    foot = "填表人：王五  联系电话：3456  填表日期：3月5日"
    assert texts(*forms(foot, ["单位：万元"] * 4)) == ["单位：万元", foot] * 4
    assert texts(*forms("某县水利局编", ["附件1", "附件2", "附件3", "附件4"])) == [
        "附件1",
        "附件2",
        "附件3",
        "附件4",
    ]


def test_a_unit_over_a_table_that_goes_on_is_said_once() -> None:
    head = ("序号", "单位名称", "预算数", "执行数")
    made = [
        page(
            number,
            line("单位：万元", 60, size=10),
            grid(90, (80, 150, 80, 140), head, *[(f"{number}{n}", "甲局", "5", "4") for n in range(35)]),
        )
        for number in range(1, 5)
    ]
    found = flow(made).blocks
    assert [b.n_rows if isinstance(b, Table) else b.text for b in found] == ["单位：万元", 1 + 4 * 35]


def test_figures_and_items_below_a_table_are_no_footnotes() -> None:
    made = grid(100, (80, 150), *[("名称", f"渠道{n}") for n in range(30)])
    school = "15所学校完成改造，其余于次年实施。"
    assert texts(page(1, line("改造情况表", 80), made, line(school, 700))) == ["改造情况表", school]
    items = ["①数量指标全部完成。", "②质量指标全部完成。"]
    below = [line(item, 700 + 20 * at) for at, item in enumerate(items)]
    assert texts(page(1, line("改造情况表", 80), made, below)) == ["改造情况表", *items]


def test_a_mark_that_no_text_shows_stays() -> None:
    note = "15所学校的数据来自县教育局。"
    assert texts(page(1, typeset(LONG, 100), line(note, 780, size=9))) == [LONG, note]
