"""Chapters, reports of one file, and who reports on what."""

import pytest

from parsers import parse_document
from parsers.sections import outline, section_kind
from schemas.blocks import Block, Cell, Document, Heading, Paragraph, Table
from schemas.errors import NotAReport
from tests.parsers.builders import document, report, table

BODY = "全年按照批复内容组织实施，各项任务有序推进，未出现擅自调整建设地点的情况。"


def told(*blocks: str | Block) -> list[tuple[int, str | None, str, str]]:
    numbered = tuple(document(*blocks).numbered())
    return [(s.level, s.numbering, s.title, s.kind) for s in outline(numbered)]


@pytest.mark.parametrize(
    ("title", "kind"),
    [
        ("项目概况", "overview"), ("项目预算绩效目标设定情况", "objectives"), ("项目资金使用及管理情况", "funding"),
        ("项目组织实施情况", "organisation"), ("项目绩效目标完成情况分析", "performance"), ("项目绩效目标未完成原因分析", "deviation"),
        ("其他需要说明的问题", "other"), ("主要经验及做法、存在问题和建议", "problems"), ("项目评价工作情况", "evaluation_work"),
        ("附表", "attachments"), ("综合评价情况及评价结论", "conclusion"), ("绩效自评结果拟应用和公开情况", "result_use"),
        ("发现的问题及原因分析", "problems"), ("有关建议", "recommendations"), ("项目实施成效", "experience"),
        ("总体目标和绩效指标未完成或超过指标值较多的原因分析，下一步改进措施", "deviation"), ("项目决策方面", None),
    ],
)  # fmt: skip
def test_kinds_of_chapters(title: str, kind: str | None) -> None:
    assert section_kind(title) == kind


def test_numbers_make_levels_and_sentences_are_no_headings() -> None:
    assert told(
        "一、项目概况", "（一）项目背景", BODY, "1.主要内容", BODY, "1.项目背景：2017年设立该专项，由两个计划组成。",
        "（1）第一类", BODY, "2.5万亩农田得到改造。", "3、建议加快支付进度，提高资金使用效益。",
        "二、项目绩效情况：", "第三部分 有关建议",
    ) == [
        (1, "一", "项目概况", "overview"), (2, "（一）", "项目背景", "overview"), (3, "1", "主要内容", "overview"),
        (4, "（1）", "第一类", "overview"), (1, "二", "项目绩效情况", "performance"), (1, "第三部分", "有关建议", "recommendations"),
    ]  # fmt: skip


def test_a_subsection_without_a_kind_of_its_own_has_its_parents() -> None:
    assert told("六、有关建议", "（一）资金管理方面", BODY, "（二）项目决策方面", BODY) == [
        (1, "六", "有关建议", "recommendations"), (2, "（一）", "资金管理方面", "recommendations"),
        (2, "（二）", "项目决策方面", "recommendations"),
    ]  # fmt: skip


def test_headings_that_lost_their_numbers_fill_the_gap() -> None:
    assert told(
        "一、项目基本情况", "（一）项目概况", BODY, "绩效评价工作开展情况", "评价目的和范围", BODY, "评价思路和重点", BODY,
        "（三）评价组织实施", BODY, "三、综合评价情况及评价结论", "指标分析：", "1.决策分析：得分较高，扣分较少，总体良好。",
    ) == [
        (1, "一", "项目基本情况", "overview"), (2, "（一）", "项目概况", "overview"),
        (1, None, "绩效评价工作开展情况", "evaluation_work"), (2, None, "评价目的和范围", "evaluation_work"),
        (2, None, "评价思路和重点", "evaluation_work"), (2, "（三）", "评价组织实施", "evaluation_work"),
        (1, "三", "综合评价情况及评价结论", "conclusion"), (2, None, "指标分析", "conclusion"),
    ]  # fmt: skip


def test_the_table_of_contents_and_the_attachments_are_no_chapters() -> None:
    blocks = (
        "目  录", "一、项目概况\t1", "二、项目绩效情况……3", "一、项目概况", BODY, "二、项目绩效情况", BODY, "附件1", "自评表", BODY,
    )  # fmt: skip
    sections = outline(tuple(document(*blocks).numbered()))
    assert [(s.block_no, s.end) for s in sections] == [(4, 6), (6, 8)]


def test_styles_tell_headings_without_numbers() -> None:
    blocks: tuple[Block, ...] = (
        Heading("项目基本情况", 1), Paragraph(BODY), Heading("资金情况", 2), Paragraph(BODY), Heading("项目绩效情况", 1), Paragraph(BODY),
    )  # fmt: skip
    sections = outline(tuple(Document("docx", blocks).numbered()))
    assert [(s.level, s.title, s.parent_no, s.detected_by) for s in sections] == [
        (1, "项目基本情况", None, "style"), (2, "资金情况", 1, "style"), (1, "项目绩效情况", None, "style"),
    ]  # fmt: skip


def form(name: str, unit: str) -> Block:
    return table(
        ["项目名称", name, "", ""],
        ["主管部门", "某县财政局", "实施单位", unit],
        ["三级指标", "年度指标值", "实际完成值", "得分"],
        ["培训人次", "≥100人次", "120人次", "10"],
    )


def test_several_forms_in_a_file_are_reports_of_their_own() -> None:
    parsed = parse_document(
        document(
            "项目支出绩效自评表", "（2023年度）", form("甲项目", "甲中心"), "注：得分保留两位小数。",
            "项目支出绩效自评表", "（2023年度）", form("乙项目", "乙中心"),
        )
    )  # fmt: skip
    assert [(r.report.fund_name, r.report.organisation, r.report.fiscal_year) for r in parsed.reports] == [
        ("甲项目", "甲中心", 2023), ("乙项目", "乙中心", 2023),
    ]  # fmt: skip
    assert [[b.block_no for b in r.blocks] for r in parsed.reports] == [[1, 2, 3, 4], [5, 6, 7]]
    assert [len(r.indicators) for r in parsed.reports] == [1, 1]


def test_a_form_on_the_reports_own_fund_belongs_to_the_report() -> None:
    chapters = (
        "一、项目概况",
        "甲水库工程由甲中心实施。" + BODY,
        "二、项目绩效情况",
        BODY,
        "三、有关建议",
        BODY,
        "附件",
    )
    parsed = parse_document(
        document(
            "2023年度甲水库工程绩效自评报告", *chapters, "项目支出绩效自评表", form("甲水库工程", "甲中心")
        )
    )
    assert len(parsed.reports) == 1
    other = parse_document(
        document("2023年度甲水库工程绩效自评报告", *chapters, "项目支出绩效自评表", form("丙工程", "丙中心"))
    )
    assert [r.report.fund_name for r in other.reports] == ["甲水库工程", "丙工程"]


COVER = (
    "2024年某省水利发展资金",
    "项目绩效评价报告",
    "评价委托单位：某省财政厅",
    "被评价单位：某省水利厅",
    "评价机构：甲乙咨询有限公司",
    "2025年6月",
)


def test_a_cover_tells_who_reports_on_what() -> None:
    parsed = parse_document(
        document(*COVER, "一、项目基本情况", BODY, "二、综合评价情况及评价结论", BODY, "三、有关建议", BODY)
    )
    found = parsed.reports[0].report
    assert (found.title, found.fund_name, found.fiscal_year) == (
        "2024年某省水利发展资金项目绩效评价报告", "某省水利发展资金", 2024,
    )  # fmt: skip
    assert (found.organisation, found.commissioner, found.evaluator) == (
        "某省水利厅",
        "某省财政厅",
        "甲乙咨询有限公司",
    )
    assert (found.report_type, found.report_date, found.inferred) == ("third_party_evaluation", "2025-06", ())


def test_a_report_without_title_or_year_is_named_by_what_it_says() -> None:
    parsed = parse_document(
        document(
            "一、项目概况", "（一）项目单位基本情况", "某省农业农村厅是省人民政府组成部门，负责农田建设。",
            "二、项目资金使用及管理情况", "农田建设补助资金安排经费300万元，2023年全部到位。农田建设补助资金由县级使用。",
            "三、项目绩效情况", "2023年农田建设补助资金绩效目标全部完成，绩效自评良好，绩效指标达到预期，绩效管理规范，绩效突出。",
            "四、其他需要说明的问题", "无。",
        )
    )  # fmt: skip
    found = parsed.reports[0].report
    assert (found.fund_name, found.fiscal_year, found.organisation) == (
        "农田建设补助资金",
        2023,
        "某省农业农村厅",
    )
    assert found.report_type == "self_evaluation"
    assert set(found.inferred) == {"fund_name", "fiscal_year", "organisation"}


@pytest.mark.parametrize(
    ("title", "years"),
    [("2021-2023年度甲专项绩效评价报告", (2021, 2023)), ("2023年度甲专项绩效评价报告", (None, 2023))],
)
def test_years(title: str, years: tuple[int | None, int]) -> None:
    parsed = parse_document(
        document(title, "一、基本情况", BODY, "二、综合评价结论", BODY, "三、有关建议", BODY)
    )
    found = parsed.reports[0].report
    assert (found.fiscal_year_from, found.fiscal_year) == years


@pytest.mark.parametrize(
    "blocks",
    [
        (
            "第一章 总则",
            *(f"第{n}条 预算支出应当进行绩效评价，评价结果作为安排依据。" for n in "一二三四五六七八"),
        ),
        ("第一回", "那年冬天下了很大的雪，村口的老槐树被压断了枝。" * 20),
        ("会议纪要", "会议听取了预算绩效管理工作情况汇报，强调要加强绩效管理。"),
        (
            "某县财政局2023年度预算绩效管理工作总结",
            "一、基本情况",
            BODY,
            "二、主要做法",
            BODY,
            "三、下一步打算",
            BODY,
        ),
        ("某工业园扩建项目环境影响报告书", "一、项目概况", BODY, "二、评价结论", BODY, "三、存在问题", BODY),
        ("某市本级项目支出绩效评价管理办法", "一、总则", BODY, "二、评价结论", BODY, "三、附则", BODY),
        ("某县2023年度甲项目绩效自评报告",),
    ],
)
def test_texts_of_another_kind_are_told(blocks: tuple[str, ...]) -> None:
    with pytest.raises(NotAReport, match="leave the file out"):
        parse_document(document(*blocks))


@pytest.mark.parametrize(
    "title",
    [
        "某县教学设备购置项目绩效自评报告",
        "某市招标服务专项支出绩效评价报告",
        "某县论文资助项目绩效自评总结报告",
    ],
)
def test_a_fund_for_teaching_or_tenders_is_a_fund(title: str) -> None:
    parsed = parse_document(document(title, "一、项目概况", BODY, "二、评价结论", BODY))
    assert parsed.reports[0].report.title == title


def test_every_row_is_numbered_and_placed() -> None:
    found = report(
        "一、项目概况",
        BODY,
        "二、项目绩效情况",
        table(["三级指标", "目标值", "完成值"], ["甲", "≥1项", "2项"]),
    )
    (indicator,) = found.indicators
    assert (indicator.section_no, indicator.table_no, indicator.row_no, indicator.block_no) == (2, 1, 2, 5)
    assert indicator.location == "表1 第2行"
    assert found.sections[1].location == "第4段 第1–8字"


def test_decimal_numbers_make_chapters_where_the_report_uses_them() -> None:
    assert told("1 项目概述", "1.1 项目背景", BODY, "1.3.1 资金来源", BODY, "2 评价结论", "5 个项目全部完工，质量合格。") == [
        (1, "1", "项目概述", "overview"), (2, "1.1", "项目背景", "overview"), (3, "1.3.1", "资金来源", "funding"),
        (1, "2", "评价结论", "conclusion"),
    ]  # fmt: skip


def test_below_parts_everything_is_a_level_deeper() -> None:
    assert told("第一部分 项目概况", "一、项目背景", BODY, "（一）实施内容", BODY, "第二部分 有关建议", "一、预算方面", BODY) == [
        (1, "第一部分", "项目概况", "overview"), (2, "一", "项目背景", "overview"), (3, "（一）", "实施内容", "overview"),
        (1, "第二部分", "有关建议", "recommendations"), (2, "一", "预算方面", "recommendations"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("lines", "title", "fund", "organisation"),
    [
        (["附件", "甲市科技创新专项资金", "（重点研发计划）", "2023年度绩效自评报告"], "甲市科技创新专项资金（重点研发计划）2023年度绩效自评报告", "甲市科技创新专项资金（重点研发计划）", None),
        (["乙市民政局", "2024年度困难群众救助补助资金", "绩效自评情况报告"], "2024年度困难群众救助补助资金绩效自评情况报告", "困难群众救助补助资金", "乙市民政局"),
        (["丙县2022年饮水安全补助资金", "转移支付绩效自评报告"], "丙县2022年饮水安全补助资金转移支付绩效自评报告", "饮水安全补助资金", None),
        (["专项名称：渔业发展专项资金    填报单位：丁区渔业局   评价年度：2020年", "项目支出绩效自评报告"], "项目支出绩效自评报告", "渔业发展专项资金", "丁区渔业局"),
    ],
)  # fmt: skip
def test_titles_over_several_lines(lines: list[str], title: str, fund: str, organisation: str | None) -> None:
    found = (
        parse_document(document(*lines, "一、基本情况", BODY, "二、绩效情况", BODY, "三、有关建议", BODY))
        .reports[0]
        .report
    )
    assert (found.title, found.fund_name, found.organisation) == (title, fund, organisation)


def test_the_signature_tells_the_organisation() -> None:
    blocks = (
        "2023年度甲水库工程绩效自评报告",
        "一、基本情况",
        BODY,
        "二、绩效情况",
        BODY,
        "三、有关建议",
        BODY,
        "戊县水利局",
        "2024年3月5日",
    )
    found = parse_document(document(*blocks)).reports[0].report
    assert (found.organisation, found.report_date) == ("戊县水利局", "2024-03-05")


def test_a_blank_form_keeps_to_itself() -> None:
    blank = table(
        ["项目名称", "", "", ""],
        ["主管部门", "", "实施单位", ""],
        ["三级指标", "年度指标值", "实际完成值", "得分"],
        ["指标1：", "", "", ""],
    )
    parsed = parse_document(
        document(
            "2023年度项目支出绩效自评表",
            form("甲项目", "甲中心"),
            "项目支出绩效自评表",
            blank,
            "项目支出绩效自评表",
            form("乙项目", "乙中心"),
        )
    )
    assert [(r.report.fund_name, len(r.indicators)) for r in parsed.reports] == [
        ("甲项目", 1),
        (None, 0),
        ("乙项目", 1),
    ]
    assert [(r.report.fiscal_year, r.report.inferred) for r in parsed.reports] == [
        (2023, ()), (2023, ("fiscal_year",)), (2023, ("fiscal_year",)),
    ]  # fmt: skip


def test_sentences_of_a_list_are_no_headings_whatever_closes_the_list() -> None:
    assert told(
        "一、下一步改进措施",
        "（一）严格项目审核，资料不全的项目不予申报。",
        "（二）督促各单位落实管护责任，年底前完成移交。",
        "特此报告。",
    ) == [(1, "一", "下一步改进措施", "recommendations")]


def test_a_form_begins_no_later_than_its_caption() -> None:
    """A line between the form's title and its table that is no title must not leave the title to the report before."""
    cells = (
        ("项目名称", "道路养护资金", "", ""),
        ("一级指标", "二级指标", "三级指标", "年度指标值"),
        ("产出指标", "数量指标", "修复里程", "≥3公里"),
    )
    form = Table(
        3, 4, tuple(Cell(r, c, 1, 1, t) for r, row in enumerate(cells, 1) for c, t in enumerate(row, 1))
    )
    lines = (
        "2023年度教育资金绩效自评报告", "一、项目概况", "本项目预算100万元。", "二、绩效目标", "目标完成。", "三、存在的问题",
        "问题不少，需要改进。", "2023年度项目支出绩效自评表", "说明：这是项目的自评情况，完成了任务。",
    )  # fmt: skip
    parsed = parse_document(Document("docx", (*map(Paragraph, lines), form)))
    assert [r.report.title for r in parsed.reports] == [
        "2023年度教育资金绩效自评报告",
        "2023年度项目支出绩效自评表",
    ]


@pytest.mark.parametrize(
    ("title", "fund"),
    [
        ("澄原自治区自治区级窑址保护资金绩效自评报告", "自治区级窑址保护资金"),
        ("澄原自治区社区书屋补助资金绩效自评报告", "社区书屋补助资金"),
        ("望川县老旧小区加梯补助资金绩效自评报告", "老旧小区加梯补助资金"),
        ("望川县退耕种茶补助专项资金绩效自评报告", "退耕种茶补助专项资金"),
    ],
)
def test_a_place_before_the_fund_ends_where_the_fund_begins(title: str, fund: str) -> None:
    text = f"2023年安排{fund}80万元，{fund}支出80万元，{fund}由县里使用。"
    (report,) = parse_document(document(title, "一、项目概况", text)).reports
    assert report.report.fund_name == fund


@pytest.mark.parametrize(
    ("organisation", "region"),
    [
        ("澄原自治区社区服务中心", "澄原自治区"),
        ("江岚省云陂市望川区教育局", "江岚省云陂市望川区"),
        ("运河市盐湖区财政局", "运河市盐湖区"),
        ("江岚省城市管理局", "江岚省"),
    ],
)
def test_the_region_is_in_the_organisations_name(organisation: str, region: str) -> None:
    (report,) = parse_document(
        document(f"{organisation}2023年度路灯补助资金绩效自评报告", "一、项目概况", "已完成。")
    ).reports
    assert report.report.region == region
