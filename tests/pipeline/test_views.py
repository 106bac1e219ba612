"""The cross-year views and macros on small hand-made stores: which figures they take, and from where."""

import dataclasses
from pathlib import Path
from typing import Any

import duckdb
import pytest

from schemas.dictionary import DOCUMENTED_VIEWS
from schemas.records import FundingRow
from schemas.summaries import SUMMARY_TABLES
from schemas.view_macros import MACROS
from schemas.views import WIDE_YEARS, wide_view
from tests.support_views import (
    fund,
    indicator,
    indicator_name,
    project,
    report,
    section,
    total,
    views_store,
)

ask_overview = (
    "SELECT 年度, 来源, 预算万元, 执行万元, 执行率, 报告数 FROM 资金年度概览 ORDER BY 年度 NULLS LAST"
)


def ask(con: duckdb.DuckDBPyConnection, sql: str) -> list[tuple[Any, ...]]:
    return con.sql(sql).fetchall()


# ---- which report speaks for a fund and a year ------------------------------------------------

FORM, SELF, TRANSFER = "self_evaluation_form", "self_evaluation", "transfer_self_evaluation"
THIRD, DEPARTMENT, TARGET = "third_party_evaluation", "department_evaluation", "target_form"


@pytest.mark.parametrize(
    ("first", "other"),
    [
        pytest.param(("a", SELF, 100, 90, {}), ("b", FORM, 100, 91, {}), id="self-evaluation before form"),
        pytest.param(("b", FORM, 100, 90, {}), ("a", THIRD, 100, 91, {}), id="form before evaluation"),
        pytest.param(
            ("b", THIRD, 100, 90, {}), ("a", DEPARTMENT, 120, 91, {}), id="third party before department"
        ),
        pytest.param(("b", THIRD, 100, 90, {}), ("a", TRANSFER, 49, 48, {}), id="less than half is a part"),
        pytest.param(("b", TRANSFER, 50, 48, {}), ("a", THIRD, 100, 90, {}), id="half is no part"),
        pytest.param(("b", FORM, 100, 90, {}), ("a", FORM, 99, 98, {}), id="the larger budget"),
        pytest.param(("b", FORM, 100, 90, {}), ("a", SELF, 100, None, {}), id="both sums before one"),
        pytest.param(("b", THIRD, 100, 90, {}), ("a", TARGET, 100, None, {}), id="target form last"),
        pytest.param(
            ("b", FORM, 10, 9, {}),
            ("a", SELF, 30, 29, {"fiscal_year_from": 2022}),
            id="one year before several",
        ),
        pytest.param(("a", FORM, 100, 90, {}), ("b", FORM, 100, 91, {}), id="the same: by doc_id"),
        pytest.param(
            ("b", FORM, 100, 90, {}),
            ("a", FORM, 100, 91, {"confidence": 0.98}),
            id="print before what OCR read",
        ),
    ],
)
def test_one_report_speaks_for_a_fund_and_year(tmp_path: Path, first: Any, other: Any) -> None:
    rows: list[Any] = [fund("F1", "农田资金")]
    for doc_id, kind, given, spent, facts in sorted((first, other)):
        rows += [report(doc_id, kind, 2024, **facts), *total(doc_id, given * 1e4, spent and spent * 1e4)]
    doc_id, _, given, spent, _ = first
    with views_store(tmp_path, rows) as con:
        assert ask(con, ask_overview) == [(2024, f"{doc_id}.docx", given, spent, 100 * spent / given, 2)]
        ranks = ask(con, "SELECT 来源, 取数次序 FROM 报告预算执行 ORDER BY 2")
    assert ranks == [(f"{doc_id}.docx", 1), (f"{other[0]}.docx", 2)]


def test_funds_and_years_are_kept_apart_and_the_year_before_is_the_year_before(tmp_path: Path) -> None:
    rows: list[Any] = [fund("F1", "农田资金"), fund("F2", "水利资金")]
    for doc_id, year, fund_id, spent in (
        ("a", 2021, "F1", 8e5), ("b", 2022, "F1", 9e5), ("c", 2024, "F1", 5e5), ("d", 2022, "F2", 1e5), ("e", None, "F1", 3e5),
    ):  # fmt: skip
        rows += [report(doc_id, FORM, year, fund_id), *total(doc_id, 1e6, spent)]
    with views_store(tmp_path, rows) as con:
        found = ask(
            con, "SELECT 资金名称, 年度, 执行率, 上年执行率, 执行率变化 FROM 资金年度概览 ORDER BY ALL"
        )
        ranked = ask(con, "SELECT 年度, 名次, 参排资金数, 资金名称 FROM 执行率排名 ORDER BY ALL")
    assert found == [
        ("农田资金", 2021, 80, None, None), ("农田资金", 2022, 90, 80, 10), ("农田资金", 2024, 50, None, None),
        ("农田资金", None, 30, None, None), ("水利资金", 2022, 10, None, None),
    ]  # fmt: skip
    assert ranked == [
        (2021, 1, 1, "农田资金"), (2022, 1, 2, "农田资金"), (2022, 2, 2, "水利资金"), (2024, 1, 1, "农田资金"),
    ]  # fmt: skip


def test_points_and_grade_come_from_the_first_report_that_states_them(tmp_path: Path) -> None:
    rows = [
        fund("F1", "农田资金"),
        report("a", SELF, 2024, organisation="江岚省水利厅"), report("b", FORM, 2024, total_score=91.0, organisation=" 省水利厅"),
        report("c", THIRD, 2024, total_score=85.0, grade="良", organisation="水利厅"),
        *total("a", 100, 90), *total("b", 100, 90), *total("c", 100, 90),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(con, "SELECT 来源, 总分, 总分来源, 等级, 等级来源 FROM 资金年度概览") == [
            ("a.docx", 91, "b.docx", "良", "c.docx")
        ]


@pytest.mark.parametrize("other", ["甲县水利局", None])
def test_points_and_indicators_of_another_organisation_do_not_stand_for_the_fund(
    tmp_path: Path, other: str | None
) -> None:
    rows = [
        fund("F1", "农田资金"), report("a", SELF, 2024, organisation="省水利厅"),
        report("b", FORM, 2024, total_score=91.0, grade="优", organisation=other),
        *total("a", 100, 90), *total("b", 10, 9), indicator("b", 1, "面积", is_met=True, actual_text="5"), indicator_name("面积"),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(con, "SELECT 来源, 总分, 总分来源, 等级, 等级来源, 指标数, 完成比例, 指标来源 FROM 资金年度概览") == [
            ("a.docx", None, None, None, None, None, None, None)
        ]  # fmt: skip


def test_a_principal_report_without_an_organisation_speaks_for_itself(tmp_path: Path) -> None:
    rows = [
        fund("F1", "农田资金"), report("a", SELF, 2024, organisation=None, total_score=91.0), report("b", FORM, 2024, grade="优"),
        *total("a", 100, 90),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(con, "SELECT 总分, 等级 FROM 资金年度概览") == [(91, None)]


# ---- which sums a report states in all --------------------------------------------------------


def money(number: int, measure: str, amount: float, item: str, **facts: Any) -> FundingRow:
    return FundingRow(
        doc_id="a",
        report_no=1,
        funding_no=number,
        measure=measure,
        amount_yuan=amount * 1e4,
        item=item,
        **facts,
    )  # type: ignore[arg-type]


SUMS = {
    "the total row, not its larger misread part": (
        [money(1, "budget", 100, "合计", source="total", table_no=1), money(2, "executed", 90, "合计", source="total", table_no=1),
         money(3, "budget", 400, "中央", source="central", table_no=1, parent_no=1)],
        (100, 90, "全年预算"),
    ),
    "the table with the execution, not the target table": (
        [money(1, "budget", 120, "年度金额", source="total", table_no=1),
         money(2, "budget", 100, "年度资金总额", source="total", table_no=4),
         money(3, "executed", 90, "年度资金总额", source="total", table_no=4)],
        (100, 90, "全年预算"),
    ),
    "the year's budget before the first one": (
        [money(1, "initial_budget", 120, "总额", source="total", table_no=1), money(2, "budget", 100, "总额", source="total", table_no=1),
         money(3, "executed", 90, "总额", source="total", table_no=1)],
        (100, 90, "全年预算"),
    ),
    "the sum of the fund, not that of a purpose": (
        [money(1, "budget", 500, "水渠"), money(2, "allocated", 100, "（F1）"), money(3, "executed", 400, "水渠"),
         money(4, "executed", 90, "（F1）")],
        (100, 90, "安排下达"),
    ),
    "what a sentence calls the fund": (
        [money(1, "budget", 100, "该专项"), money(2, "budget", 300, "水渠"), money(3, "executed", 90, "a局")],
        (100, 90, "全年预算"),
    ),
    "parts of several sources are no total": (
        [money(1, "budget", 60, "中央资金", source="central", table_no=1),
         money(2, "budget", 40, "省级资金", source="provincial", table_no=1)],
        (None, None, None),
    ),
    "the only source is the total": (
        [money(1, "budget", 60, "中央资金", source="central", table_no=1),
         money(2, "executed", 30, "中央资金", source="central", table_no=1)],
        (60, 30, "全年预算"),
    ),
    "the execution of one source is not that of the total": (
        [money(1, "budget", 100, "合计", source="total", table_no=1), money(2, "executed", 30, "中央资金", source="central", table_no=1)],
        (100, None, "全年预算"),
    ),
    "several purposes and no total": (
        [money(1, "allocated", 60, "水渠"), money(2, "allocated", 40, "机耕路"), money(3, "executed", 40, "机耕路")],
        (None, None, None),
    ),
    "the fund's sum, though no word says what it is": (
        [money(1, "other", 700, "（F1）"), money(2, "allocated", 150, "水渠")],
        (700, None, "未写明"),
    ),
    "a part that begins with the fund's name": (
        [money(1, "budget", 100, "2024年（F1）"), money(2, "budget", 300, "（F1）支持的水渠续建项目")],
        (100, None, "全年预算"),
    ),
    "an execution whose rate is that of the budget": (
        [money(1, "budget", 100, "该专项"), money(2, "executed", 80, "各县", rate=80.0), money(3, "executed", 90, "水渠", rate=99.0)],
        (100, 80, "全年预算"),
    ),
    "nothing executed": (
        [money(1, "budget", 0, "合计", source="total", table_no=1), money(2, "executed", 0, "合计", source="total", table_no=1)],
        (0, 0, "全年预算"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SUMS)
def test_the_total_that_a_report_states(tmp_path: Path, case: str) -> None:
    rows, (given, spent, measure) = SUMS[case]
    with views_store(tmp_path, [fund("F1", "农田资金"), report("a", FORM, 2024), *rows]) as con:
        found = ask(con, "SELECT 预算万元, 执行万元, 预算口径, 执行率 FROM 资金年度概览")
    rate = 100 * spent / given if given and spent is not None else None
    assert found == [(given, spent, measure, rate)]


# ---- where a report contradicts itself --------------------------------------------------------

_TOTALS = [
    money(1, "budget", 100, "年度资金总额", source="total", table_no=1, location="表1 第3行"),
    money(2, "executed", 100, "年度资金总额", source="total", table_no=1, location="表1 第3行", rate=100.0),
]
CONTRADICTIONS = {
    "a sentence whose rate is that of the budget": ([money(3, "executed", 80, "实际支出", rate=80.0)], (80, 80)),
    "the fund by its name, without a rate": ([money(3, "executed", 80, "（F1）")], (80, None)),
    "the same sum with another rate": ([money(3, "executed", 100, "（F1）", rate=95.0)], (100, 95)),
    "the most telling one: its rate is that of the budget": (
        [money(3, "executed", 20, "该资金"), money(4, "executed", 80, "各县", rate=80.0)], (80, 80),
    ),
    "rounded": ([money(3, "executed", 99.6, "（F1）")], (None, None)),
    "the same once more": ([money(3, "executed", 100, "（F1）", rate=100.0)], (None, None)),
    "a part of the total": ([money(3, "executed", 80, "（F1）", parent_no=2, rate=80.0)], (None, None)),
    "a purpose": ([money(3, "executed", 30, "水渠", rate=60.0)], (None, None)),
    "one source": ([money(3, "executed", 30, "中央资金", source="central", rate=30.0)], (None, None)),
    "nothing of a part": ([money(3, "executed", 0, "水渠", rate=0.0)], (None, None)),
}  # fmt: skip


@pytest.mark.parametrize("case", CONTRADICTIONS)
def test_another_execution_that_the_report_states_stands_beside(tmp_path: Path, case: str) -> None:
    rows, (other, rate) = CONTRADICTIONS[case]
    stated = [*_TOTALS, *(dataclasses.replace(r, location="第9段") for r in rows)]
    with views_store(tmp_path, [fund("F1", "农田资金"), report("a", FORM, 2024), *stated]) as con:
        for view in ("资金年度概览", "报告预算执行"):
            assert ask(con, f"SELECT 执行万元, 执行位置, 另述执行万元, 另述执行率, 另述位置 FROM {view}") == [
                (100, "表1 第3行", other, rate, other and "第9段")
            ]
        assert ask(con, "SELECT 执行率, 另述执行率, 另述位置 FROM 执行率排名") == [
            (100, rate, other and "第9段")
        ]


# ---- indicators -------------------------------------------------------------------------------


def test_an_indicator_counts_once_and_is_met_where_every_table_says_so(tmp_path: Path) -> None:
    rows = [
        fund("F1", "农田资金"), report("a", SELF, 2024), report("b", FORM, 2024),
        indicator("a", 1, "面积", is_met=True), indicator("a", 2, "面积", is_met=False, reason="雨"),
        indicator("a", 3, "面积", record="narrative", is_met=True), indicator("a", 4, "里程", is_met=True),
        indicator("a", 5, "里程", record="target"), indicator("a", 6, "作用"),
        indicator("a", 7, "人数", record="narrative", is_met=False),
        indicator("b", 1, "户数", is_met=True),
        *(indicator_name(n) for n in ("人数", "作用", "户数", "里程", "面积")),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(con, "SELECT 指标数, 可判定指标数, 完成指标数, 完成比例, 指标来源 FROM 资金年度概览") == [
            (3, 2, 1, 50, "a.docx")
        ]
        assert ask(con, "SELECT 指标名称, 偏差原因, 位置, 来源 FROM 未完成指标") == [
            ("面积", "雨", "表2 第2行", "a.docx")
        ]


def test_a_series_has_one_unit(tmp_path: Path) -> None:
    """2,000 万元 and 0.3 亿元 in one series of 万元; what has another kind of unit has no number in it."""

    def value(doc_id: str, target: float, actual: float, kind: str = "money") -> Any:
        return indicator(
            doc_id,
            1,
            "投入",
            target_text="t",
            actual_text="x",
            unit_kind=kind,
            target_base_value=target,
            actual_base_value=actual,
        )

    rows = [
        fund("F1", "农田资金"), indicator_name("投入", "money", "万元", 1e4),
        *(report(d, SELF, y, organisation="甲局") for d, y in (("a", 2022), ("b", 2023))), report("c", SELF, 2024, organisation="乙局"),
        value("a", 1e7, 2e7), value("b", 2e7, 3e7), value("c", 1, 2, "persons"),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(con, "SELECT 年度, 目标值, 完成值, 单位, 上年完成值, 完成值变化, 同比, 可比提示 FROM 指标跨年 ORDER BY 1") == [
            (2022, 1000, 2000, "万元", None, None, None, None),
            (2023, 2000, 3000, "万元", 2000, 1000, 50, None),
            (2024, None, None, "万元", 3000, None, None, "上年取自另一单位的报告"),
        ]  # fmt: skip
        assert ask(con, 'SELECT "2022年完成", "2023年目标", "2024年完成", 单位, 来源 FROM 指标跨年宽表') == [
            (2000, 2000, None, "万元", "c.docx")
        ]


def test_without_a_known_unit_values_stay_as_printed_and_only_like_units_are_compared(tmp_path: Path) -> None:
    rows = [
        fund("F1", "农田资金"), indicator_name("产量"),
        *(report(d, SELF, y) for d, y in (("a", 2022), ("b", 2023), ("c", 2024))),
        *(
            indicator(d, 1, "产量", actual_text="x", actual_value=v, actual_unit=u)
            for d, v, u in (("a", 5.0, "吨"), ("b", 6000.0, "公斤"), ("c", 7000.0, "公斤"))
        ),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(con, "SELECT 年度, 完成值, 单位, 上年完成值 FROM 指标跨年 ORDER BY 1") == [
            (2022, 5, "吨", None), (2023, 6000, "公斤", None), (2024, 7000, "公斤", 6000),
        ]  # fmt: skip
        assert ask(con, "SELECT 单位 FROM 指标跨年宽表") == [(None,)]


def test_the_row_that_speaks_for_an_indicator(tmp_path: Path) -> None:
    """The principal's organisation, then an actual value before none, then the principal report, then its completion table."""
    rows = [
        fund("F1", "农田资金"), report("a", FORM, 2024, organisation="甲县局"), report("b", SELF, 2024, organisation="省厅"),
        report("c", FORM, 2024, organisation="江岚省厅"), *total("a", 100, 90), *total("b", 100, 90),
        indicator("a", 1, "里程", actual_text="县里程"), indicator("a", 2, "面积", actual_text="县面积"),
        indicator("a", 3, "户数", actual_text="县户数"),
        indicator("b", 1, "面积", record="narrative", actual_text="句子"), indicator("b", 2, "面积", actual_text="表格"),
        indicator("b", 3, "亩数", record="target", target_text="≥5"), indicator("b", 4, "户数", record="target", target_text="≥7"),
        indicator("c", 1, "亩数", actual_text="表格"),
        *(indicator_name(n) for n in ("亩数", "户数", "里程", "面积")),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(
            con,
            "SELECT 指标名称, 完成值原文, 目标值原文, 记录数, 来源, 位置, 可比提示 FROM 指标跨年 ORDER BY 1",
        ) == [
            ("亩数", "表格", None, 2, "c.docx", "表2 第1行", None),
            ("户数", None, "≥7", 2, "b.docx", "表2 第4行", None),
            ("里程", "县里程", None, 1, "a.docx", "表2 第1行", "本年取自取数报告以外单位的报告"),
            ("面积", "表格", None, 3, "b.docx", "表2 第2行", None),
        ]


def test_what_has_neither_target_nor_actual_value_is_no_series(tmp_path: Path) -> None:
    rows = [
        fund("F1", "农田资金"), report("a", SELF, 2024),
        indicator("a", 1, "立项依据充分性", record="score", score=3.0), indicator("a", 2, "面积", target_text="≥5"),
        indicator("a", 3, "面积", record="score", score=3.0), indicator_name("立项依据充分性"), indicator_name("面积"),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(con, "SELECT 指标名称, 记录数 FROM 指标跨年") == [("面积", 1)]
        assert ask(con, "SELECT 指标名称 FROM 指标跨年宽表") == [("面积",)]


@pytest.mark.parametrize(
    ("before", "now", "said"),
    [
        ("省水利厅", "江岚省水利厅", None),
        ("江岚省水利厅（本级）", "江岚省水利厅 (本级)", None),
        ("甲县水利局", "乙县水利局", "上年取自另一单位的报告"),
        (None, "省水利厅", "单位未写明"),
        ("省水利厅", None, "单位未写明"),
    ],
)
def test_organisations_are_compared_by_the_ends_of_their_names(
    tmp_path: Path, before: str | None, now: str | None, said: str | None
) -> None:
    rows = [
        fund("F1", "农田资金"), report("a", SELF, 2023, organisation=before), report("b", SELF, 2024, organisation=now),
        *(indicator(d, 1, "面积", actual_text="5") for d in "ab"), indicator_name("面积"),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(con, "SELECT 年度, 可比提示 FROM 指标跨年 ORDER BY 1") == [(2023, None), (2024, said)]


def test_reports_that_are_copies_or_of_parts_can_be_left_out_of_counts(tmp_path: Path) -> None:
    rows = [
        fund("F1", "农田资金"),
        *(report(d, k, 2024, organisation=o, region=o[:2]) for d, k, o in (("a", SELF, "省厅"), ("b", SELF, "省厅"), ("c", FORM, "甲县局"))),
        *(indicator(d, 1, "面积", is_met=False) for d in "abc"), indicator_name("面积"),
        *(project(d, 1, "水渠", "甲公司", 1e6) for d in "ab"), project("c", 1, "机耕路", "乙站", 1e5),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(con, "SELECT 来源, 取数次序 FROM 未完成指标 ORDER BY 1") == [
            ("a.docx", 1), ("b.docx", 2), ("c.docx", 3),
        ]  # fmt: skip
        assert ask(con, "SELECT 项目名称, 报告数, 被评价单位, 地区, 取数次序 FROM 项目经费 ORDER BY 1") == [
            ("机耕路", 1, "甲县局", "甲县", 3), ("水渠", 2, "省厅", "省厅", 1),
        ]  # fmt: skip


def test_the_wide_view_has_the_last_years_only() -> None:
    names = [c.name for c in wide_view(range(1990, 2030)).columns]
    assert len([n for n in names if n.endswith("年完成")]) == WIDE_YEARS == 30
    assert "2000年目标" in names
    assert "1999年目标" not in names


# ---- projects ---------------------------------------------------------------------------------


def test_a_project_in_two_reports_is_one_and_two_rows_of_one_report_are_two(tmp_path: Path) -> None:
    rows = [
        fund("F1", "农田资金"), fund("F2", "水利资金"),
        report("a", SELF, 2024), report("b", THIRD, 2024), report("c", SELF, 2025, "F2"), report("d", FORM, 2024, None),
        project("a", 1, "水渠", "甲 公司(本部)", 1e6), project("a", 2, "机耕路", "乙站", 2e6), project("a", 3, "机耕路", "乙站", 2e6),
        project("a", 4, "设备购置", None, 1e5),
        project("b", 1, "水渠", "甲公司（本部）", 1e6), project("b", 2, "水渠", "甲公司（本部）", 3e6), project("b", 3, "设备购置", None, 1e5),
        project("c", 1, "水渠", "甲公司（本部）", 1e6),
        project("d", 1, "水渠", "甲公司（本部）", None),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(con, "SELECT 项目名称, 支持单位, 金额万元, 报告数, 来源, 位置 FROM 项目经费 WHERE 年度 = 2024 AND 资金编号 = 'F1' ORDER BY ALL") == [
            ("机耕路", "乙站", 200, 1, "a.docx", "表3 第2行"), ("机耕路", "乙站", 200, 1, "a.docx", "表3 第3行"),
            ("水渠", "甲公司（本部）", 100, 2, "a.docx", "表3 第1行"), ("水渠", "甲公司（本部）", 300, 1, "b.docx", "表3 第2行"),
            ("设备购置", None, 10, 1, "a.docx", "表3 第4行"), ("设备购置", None, 10, 1, "b.docx", "表3 第3行"),
        ]  # fmt: skip
        assert ask(con, "SELECT * EXCLUDE (文件编号, 报告序号) FROM 支持单位 ORDER BY 1") == [
            ("乙站", 1, "农田资金", 1, 2024, 2024, 2, 400, "表3 第2行", "a.docx", 2),
            ("甲公司（本部）", 2, "农田资金、水利资金", 2, 2024, 2025, 4, 500, "表3 第2行", "b.docx", 2),
        ]  # fmt: skip


# ---- names ------------------------------------------------------------------------------------


def test_a_name_finds_its_fund(tmp_path: Path) -> None:
    rows = [
        fund("F1", "农田建设资金", "农建资金"), fund("F2", "农田建设资金（水利）"), fund("F3", 'O\'Neil "引号"资金'),
        report("a", FORM, 2023), report("b", FORM, 2024, "F2"), report("c", FORM, 2024, "F3"),
    ]  # fmt: skip

    def found(name: str) -> list[str]:
        quoted = name.replace("'", "''")
        return [f for (f,) in ask(con, f"SELECT 资金编号 FROM 查资金('{quoted}') ORDER BY 1")]

    with views_store(tmp_path, rows) as con:
        assert found("农田建设资金") == ["F1"]  # the whole name, though it is part of another
        assert found("农建") == ["F1"]
        assert found("农田") == ["F1", "F2"]
        assert found('O\'Neil "引号"资金') == found("'Neil") == ["F3"]
        assert found("没有的") == []
        assert found(" 农田建设资金　") == found("F1") == ["F1"]
        assert found("农建专项资金") == found("农建项目经费") == ["F1"]
        assert found("专项资金") == found("补助") == []  # nothing is left of it to look for
        assert found(" ") == found("") == []
        assert ask(con, "SELECT 资金名称, 年度 FROM 资金历年('农田')") == [
            ("农田建设资金", 2023),
            ("农田建设资金（水利）", 2024),
        ]
        assert ask(con, "SELECT 年度 FROM 资金历年('''Neil')") == [(2024,)]


def test_an_indicators_history_by_parts_of_names(tmp_path: Path) -> None:
    rows = [
        fund("F1", "农田资金"), fund("F2", "水利资金"), report("a", SELF, 2023), report("b", SELF, 2024), report("c", SELF, 2024, "F2"),
        *(indicator(d, 1, "群众满意度", actual_text="95%") for d in "abc"), indicator("a", 2, "师生满意度", target_text="≥90%"),
        indicator_name("师生满意度"), indicator_name("群众满意度"),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        assert ask(con, "SELECT 指标名称, 年度 FROM 指标历年('农田', '群众满意度')") == [
            ("群众满意度", 2023),
            ("群众满意度", 2024),
        ]
        assert len(ask(con, "FROM 指标历年('资金', '满意度')")) == 4
        assert ask(con, "FROM 指标历年('农田', '里程')") == []
        assert len(ask(con, "FROM 指标历年(' F1　', ' 师生满意度 ')")) == 1
        assert ask(con, "FROM 指标历年('农田', ' ')") == []


# ---- the search over chapters -----------------------------------------------------------------

CHAPTERS = [
    fund("F1", "农田资金"), report("a", SELF, 2023), report("b", SELF, 2024),
    section("a", 1, "资金使用", "专项转移支付已拨付，技术合同成交额增长。\n技术合同登记120份。", "专项转移支付 专项 转移 支付 拨付 技术合同 成交额 增长 登记 120 份 资金使用"),
    section("a", 2, "技术合同情况", "登记有序。", "技术合同 情况 登记 有序"),
    section("b", 1, "其他", "技术合同成交额下降，GIS系统建成。", "技术合同 成交额 下降 gis 系统 建成 其他"),
    section("b", 2, "其他", "其中文化馆一处。", "其中 文化馆 一处 其他"),
    section("b", 3, "其他", "ＣＡＤ图纸３６张。", "cad 图纸 36 张 其他"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("looked_for", "found"),
    [
        pytest.param("技术合同", [("a", 2), ("a", 1), ("b", 1)], id="in the title first, then more hits"),
        pytest.param("转移支付", [("a", 1)], id="inside a longer word"),
        pytest.param("技术合同成交额", [("b", 1), ("a", 1)], id="two words in one, the later year first"),
        pytest.param("合同成交", [("b", 1), ("a", 1)], id="across words, itself none"),
        pytest.param("中文", [("b", 2)], id="across words, without a known word in it"),
        pytest.param("技术合同 登记", [("a", 2), ("a", 1)], id="all words"),
        pytest.param("  技术合同　下降 ", [("b", 1)], id="full-width blanks"),
        pytest.param("技术合同 技术合同 下降", [("b", 1)], id="a word given twice"),
        pytest.param("Gis", [("b", 1)], id="small and capital letters"),
        pytest.param("120份", [("a", 1)], id="a number"),
        pytest.param("技术合同 没有", [], id="one word missing"),
        pytest.param("%", [], id="no wildcard"),
        pytest.param("", [], id="nothing"),
        pytest.param(" ", [], id="blank"),
        pytest.param("技" * 5000, [], id="a long term"),
        pytest.param("“技术合同”、「下降」", [("b", 1)], id="quotes and separators"),
        pytest.param('"技术合同"，\'\'下降\'\'；', [("b", 1)], id="quotes and separators of the keyboard"),
        pytest.param("ＧＩＳ系统", [("b", 1)], id="full-width letters asked"),
        pytest.param("１２０份", [("a", 1)], id="full-width digits asked"),
        pytest.param("cad 36张", [("b", 3)], id="full-width letters and digits printed"),
        pytest.param("技术合同 —— 下降", [("b", 1)], id="signs alone are no term"),
        pytest.param("、“”——", [], id="nothing but signs"),
        pytest.param("-1", [], id="a number with a sign"),
    ],
)  # fmt: skip
def test_chapters_are_found(tmp_path: Path, looked_for: str, found: list[tuple[str, int]]) -> None:
    with views_store(tmp_path, CHAPTERS) as con:
        assert ask(con, f"SELECT 文件编号, 章节序号 FROM 章节检索('{looked_for}')") == found


def test_a_found_chapter_says_where_it_stands(tmp_path: Path) -> None:
    with views_store(tmp_path, CHAPTERS) as con:
        assert ask(
            con, "SELECT * EXCLUDE (文件编号, 报告序号, 章节序号) FROM 章节检索('登记 技术合同', 最多 := 1)"
        ) == [(2023, "农田资金", "技术合同情况", "other", "登记有序。", 2, 2, "第2段", "a.docx")]
        ((text, hits),) = ask(
            con, "SELECT 摘录, 命中次数 FROM 章节检索('技术合同') WHERE 章节标题 = '资金使用'"
        )
        assert (text, hits) == ("专项转移支付已拨付，技术合同成交额增长。 技术合同登记120份。", 2)


@pytest.mark.parametrize(("most", "found"), [("-1", 0), ("0", 0), ("1", 1), ("NULL", 3)])
def test_a_search_gives_at_most_so_many(tmp_path: Path, most: str, found: int) -> None:
    with views_store(tmp_path, CHAPTERS) as con:
        assert len(ask(con, f"FROM 章节检索('技术合同', 最多 := {most})")) == found


def test_a_number_is_looked_for_as_it_is_written(tmp_path: Path) -> None:
    with views_store(tmp_path, CHAPTERS) as con:
        assert ask(con, "SELECT 文件编号, 章节序号 FROM 章节检索(120)") == [("a", 1)]


def test_copies_of_a_chapter_are_found_once(tmp_path: Path) -> None:
    """The principal report's; another year's, another organisation's and another text are their own."""
    text, words = "技术合同登记。", "技术合同 登记"
    facts = {
        "a": (FORM, 2024, "省厅"),
        "b": (SELF, 2024, "省厅"),
        "c": (SELF, 2024, "县局"),
        "d": (SELF, 2023, "省厅"),
    }
    rows = [
        fund("F1", "农田资金"), *(report(d, k, y, organisation=o) for d, (k, y, o) in facts.items()),
        *(section(d, 1, "成效", text, words) for d in facts), section("a", 2, "成效", text + "又。", words),
    ]  # fmt: skip
    with views_store(tmp_path, rows) as con:
        found = ask(con, "SELECT 文件编号, 章节序号, 命中章节数 FROM 章节检索('技术合同') ORDER BY ALL")
    assert found == [("a", 2, 4), ("b", 1, 4), ("c", 1, 4), ("d", 1, 4)]


# ---- any store --------------------------------------------------------------------------------


def test_an_empty_store_has_every_view_and_macro(tmp_path: Path) -> None:
    with views_store(tmp_path, []) as con:
        for view in DOCUMENTED_VIEWS:
            assert con.sql(f'FROM "{view.name}"').columns == [c.name for c in view.columns]
            assert ask(con, f'FROM "{view.name}"') == []
        for call in ("查资金('x')", "资金历年('x')", "指标历年('x', 'y')", "章节检索('x')"):
            assert ask(con, f"FROM {call}") == []
        assert ask(con, "SELECT 万元(123400)") == [(12.34,)]


def test_what_a_macro_gives_is_what_is_declared(tmp_path: Path) -> None:
    with views_store(tmp_path, []) as con:
        for macro, call in zip(MACROS[1:], ("查资金('')", "", "", "章节检索('')"), strict=True):
            if call:
                assert con.sql(f"FROM {call}").columns == list(macro.columns)


def test_every_view_column_and_macro_has_its_comment(tmp_path: Path) -> None:
    with views_store(
        tmp_path,
        [
            fund("F1", "x"),
            report("a", SELF, 2024),
            indicator("a", 1, "x", actual_text="1"),
            indicator_name("x"),
        ],
    ) as con:
        views = dict(ask(con, "SELECT view_name, comment FROM duckdb_views() WHERE NOT internal"))
        columns = {
            (table, name): text
            for table, name, text in ask(
                con, "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
            )
        }
        macros = dict(ask(con, "SELECT function_name, comment FROM duckdb_functions() WHERE NOT internal"))
    assert {name for name, text in views.items() if not text} == set()
    assert {name for name, text in columns.items() if not text} == set()
    assert columns["资金年度概览", "执行率"] == "计算值：执行占预算的百分比"
    assert columns["指标跨年宽表", "2024年完成"] == "2024年度的完成值，按单位折算"
    assert columns["indicators", "name"].startswith("指标名称: ")
    assert columns["指标", "指标名称"].startswith("name: ")
    assert macros == {m.name: m.comment for m in MACROS}
    assert {t.name for t in SUMMARY_TABLES} <= {t for t, _ in columns}
