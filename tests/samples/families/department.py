"""部门评价报告: wild numbering, a table of contents, a target form without values, points in a sentence."""

from __future__ import annotations

from decimal import Decimal

from tests.samples import prose
from tests.samples.facts import Facts, dimension_sums, grade, marks
from tests.samples.families import common
from tests.samples.model import Cell, Draft, Para
from tests.samples.values import rounded, short


def write(draft: Draft, given: list[Facts]) -> None:
    made, rng = given[0], draft.rng
    rows = marks(rng)
    points = sum((r.score for r in rows), Decimal(0))
    draft.report(
        "department_evaluation",
        made.name,
        made.year,
        organisation=made.office,
        total_score=float(points),
        grade=grade(points),
    )
    draft.para(f"{made.office}关于{made.year}年度{made.name}的部门评价报告", "title")
    contents = len(draft.blocks)
    _basics(draft, made)
    _targets(draft, made)
    _conclusion(draft, made, rows, points)
    _rest(draft, made)
    if "contents" in draft.features:
        _contents(draft, contents)
    common.ended(draft)


def _basics(draft: Draft, made: Facts) -> None:
    rng = draft.rng
    pay = common.purse(rng)
    draft.heading(1, "基本情况", "overview")
    wild = "wild_numbering" in draft.features
    draft.heading(3 if wild else 2, "立项背景", "overview", number="1、" if wild else "")
    common.paragraphs(draft, made, prose.BACKGROUND)
    draft.heading(4 if wild else 2, "实施内容", "overview", number="（1）" if wild else "")
    draft.para(f"{made.office}{made.fund.duty}。该项资金支持{'、'.join(made.fund.subs)}等内容。")
    draft.heading(2, "资金投入和使用情况", "funding", number="（三）" if wild else "")
    top = common.say_total(draft, made, pay)
    common.say_parts(draft, made, pay, top)
    if "budget_table" in draft.features:
        common.budget_table(draft, made)
    _tracked_execution(draft, made, pay)


def _tracked_execution(draft: Draft, made: Facts, pay: common.Purse) -> None:
    """The executed amount, in some files changed under revision marks: only the new number counts."""
    common.say_execution(draft, made, pay)
    block = draft.blocks[-1]
    spent = pay(made.executed).text
    if isinstance(block, Para) and "tracked_change" in draft.features:
        block.inserted, block.deleted = spent, pay(made.executed - 115).text
    if isinstance(block, Para) and "footnote" in draft.features:
        block.footnote = "执行数取自国库集中支付系统，与决算数口径一致。"


def _targets(draft: Draft, made: Facts) -> None:
    """A target form that names indicators but leaves their values open, and two sentences that give some."""
    rng = draft.rng
    draft.heading(2, "绩效目标设定情况", "objectives")
    draft.para(f"年度总体目标：{made.fund.aim}。")
    caption = f"{made.name}绩效目标表"
    draft.para(caption, "caption")
    mode = rng.choice(("merged", "repeated", "blank"))
    first, second = common.levels_columns(made.indicators, mode)
    rows = [[Cell(t) for t in ("一级指标", "二级指标", "三级指标", "指标说明")]]
    for i, row in enumerate(made.indicators):
        note = rng.choice(("反映年度任务完成情况", "反映资金使用效果", "考核项目实施质量", "反映进度安排"))
        rows.append([first[i], second[i], Cell(row.name), Cell(note)])
        draft.indicator("target", (row.level1, row.level2), row.name)
    draft.table(rows, "targets", caption)


def _conclusion(draft: Draft, made: Facts, rows: list, points: Decimal) -> None:  # type: ignore[type-arg]
    rng = draft.rng
    draft.heading(1, "评价工作情况", "evaluation_work")
    common.paragraphs(draft, made, prose.EVALUATION_WORK, n=3)
    draft.heading(1, "综合评价结论", "conclusion")
    sums = dimension_sums(rows)
    said = [f"{name}{short(weight)}分，得{short(score)}分" for name, weight, score in sums]
    for name, weight, score in sums:
        draft.score(name, float(weight), float(score))
    shown = short(rounded(points))
    draft.para(f"本次评价满分100分，其中{'；'.join(said)}。")
    if "scores_do_not_sum" in draft.features:
        shown = short(rounded(points + 3))
        draft.now["document"]["total_score"] = float(shown)
        draft.now["document"]["grade"] = grade(points + 3)
        draft.plant("scores_do_not_sum", made.name, f"{shown}分", *said)
    mark = draft.now["document"]["grade"]
    tail = rng.choice(("评价等级为“{}”", "评价结果为“{}”", "绩效等级为“{}”")).format(mark)
    draft.para(f"经综合评定，{made.name}总得分{shown}分，{tail}。")
    draft.heading(1, "绩效目标完成情况", "performance")
    draft.heading(2, "产出情况", "performance")
    common.paragraphs(draft, made, prose.RESULTS, prose.MANAGEMENT, n=1)
    draft.heading(2, "效益情况", "performance")
    common.paragraphs(draft, made, prose.MONEY_NOISE, prose.RESULTS, n=2)


def _rest(draft: Draft, made: Facts) -> None:
    rng = draft.rng
    draft.heading(1, "主要做法和成效", "experience")
    common.titled_items(draft, "experience", prose.pairs(prose.EXPERIENCE, 2, made, rng), 2)
    draft.heading(1, "存在的主要问题", "problems")
    found = [f"{t}。{x}" for t, x in prose.pairs(prose.PROBLEMS, 3, made, rng)]
    common.number_items(draft, "problem", found, common.numbered_look(rng))
    draft.heading(1, "下一步工作建议", "recommendations")
    advice = [x for _, x in prose.pairs(prose.ADVICE, 3, made, rng)]
    common.number_items(draft, "recommendation", advice, common.numbered_look(rng))


def _contents(draft: Draft, at: int) -> None:
    """The table of contents before the first chapter; its lines are no headings."""
    lines = [Para("目  录", "caption")]
    page = 1
    for block in draft.blocks[at:]:
        if isinstance(block, Para) and block.role == "heading" and block.level <= 2:
            lines.append(Para(f"{block.number}{block.text}\t{page}", "toc"))
            page += 1 if block.level == 1 else 0
    draft.blocks[at:at] = lines
