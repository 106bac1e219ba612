"""Whatever a document prints, it is read or told to be no report; what is stored keeps its promises."""

from contextlib import suppress

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from parsers import parse_document
from schemas.blocks import Block, Cell, Document, Heading, Paragraph, Table
from schemas.errors import NotAReport

WORDS = (
    "一、项目概况", "（一）绩效目标", "1.产出指标", "（2）数量指标：培训≥3次；", "2023年度甲专项资金绩效自评报告", "附件1", "目录", "注：", "项目名称", "实施单位",
    "一级指标", "二级指标", "三级指标", "年度指标值", "实际完成值", "分值", "得分", "偏差原因", "年初预算数", "全年执行数", "执行率", "序号", "总分", "合计",
    "指标1：", "……", "产出指标（50分）", "数量指标", "≥5项", "52项≥", "100万元", "90%", "其中：中央资金800万元、自筹200万元。", "自评得分96分，等级为优。",
    "一是进度慢。二是人员少。", "12", "", " ", "\n", "：", "。", "（", "）", "甲局", "单位：万元", "计划5公里，实际6公里。", "年度资金总额：", "x",
)  # fmt: skip
text = st.lists(st.sampled_from(WORDS), max_size=4).map("".join) | st.text(max_size=12)
paragraph = st.builds(Paragraph, text.filter(str.strip))
heading = st.builds(Heading, text.filter(str.strip), st.integers(1, 4))


@st.composite
def tables(draw: st.DrawFn) -> Table:
    n_rows, n_columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    taken: set[tuple[int, int]] = set()
    cells = []
    for row in range(1, n_rows + 1):
        for col in range(1, n_columns + 1):
            if (row, col) in taken or draw(st.integers(0, 9)) == 0:
                continue
            width = draw(st.integers(1, n_columns - col + 1)) if draw(st.booleans()) else 1
            while any((row, c) in taken for c in range(col, col + width)):
                width -= 1
            height = draw(st.integers(1, n_rows - row + 1)) if draw(st.integers(0, 4)) == 0 else 1
            span = {(r, c) for r in range(row, row + height) for c in range(col, col + width)}
            if span & taken:
                height, span = 1, {(row, c) for c in range(col, col + width)}
            taken |= span
            cells.append(Cell(row, col, height, width, draw(text)))
    return Table(n_rows, n_columns, tuple(cells))


blocks: st.SearchStrategy[list[Block]] = st.lists(paragraph | heading | tables(), min_size=1, max_size=12)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(blocks)
def test_any_document_is_read_or_told(found: list[Block]) -> None:
    document = Document("docx", tuple(found))
    with suppress(NotAReport):
        parsed = parse_document(document)
        stored = [block for report in parsed.reports for block in report.blocks]
        assert [block.block_no for block in stored] == list(range(1, len(found) + 1))
        for report in parsed.reports:
            for number, row in enumerate(report.indicators, start=1):
                assert row.indicator_no == number
                assert row.name.strip()
            for number, row in enumerate(report.funding, start=1):
                assert row.funding_no == number
                assert row.parent_no is None or 1 <= row.parent_no <= len(report.funding)
                assert row.parent_no != number
