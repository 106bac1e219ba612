"""自评报告 of seven chapters: no title, the year only in prose, a completion table of three columns without levels."""

from __future__ import annotations

from tests.samples import prose
from tests.samples.facts import Facts
from tests.samples.families import common
from tests.samples.model import Cell, Draft
from tests.samples.values import Value, short

TITLES = ("项目支出绩效自评报告", "专项资金绩效自评报告")


def write(draft: Draft, given: list[Facts]) -> None:
    made, rng = given[0], draft.rng
    draft.report("self_evaluation", made.name, made.year, organisation=made.office)
    if rng.random() < 0.3 or "titled" in draft.features:
        draft.para(made.name, "title")
        draft.para(rng.choice(TITLES), "title")
    pay = common.Purse("亿元", "plain") if "in_yi" in draft.features else common.purse(rng)
    _overview(draft, made)
    numbers = _money(draft, made, pay)
    _spending(draft, made, pay, numbers)
    _organisation(draft, made)
    _performance(draft, made)
    _rest(draft, made)
    common.ended(draft)


def _overview(draft: Draft, made: Facts) -> None:
    draft.heading(1, "项目概况", "overview")
    draft.heading(2, "项目单位基本情况", "overview")
    draft.para(f"{made.office}是{made.place}人民政府组成部门，{made.fund.duty}。")
    common.paragraphs(draft, made, prose.BACKGROUND)
    draft.heading(2, "项目预算绩效目标设定情况", "objectives")
    draft.para(f"{made.name}下设{len(made.parts)}个支持方向，总的考虑是{made.fund.aim}。各方向任务如下：")
    for part in made.parts:
        draft.heading(3, part.name, "objectives")
        works = "、".join(draft.rng.sample(made.fund.works, 2))
        draft.para(
            f"重点安排{works}等内容，优先照顾基础差、需求急的乡镇，原则上{draft.rng.randint(1, 2)}年内建成见效。"
        )


def _money(draft: Draft, made: Facts, pay: common.Purse) -> dict[str, int]:
    draft.heading(1, "项目资金使用及管理情况", "funding")
    draft.heading(2, "项目资金安排落实、总投入等情况分析", "funding")
    top = common.say_total(draft, made, pay)
    return common.say_parts(draft, made, pay, top)


def _spending(draft: Draft, made: Facts, pay: common.Purse, numbers: dict[str, int]) -> None:
    """「（1）…安排经费…，其中新上项目61项，经费244万元，结转项目86项，经费339万元。」"""
    rng = draft.rng
    draft.heading(2, "项目资金实际使用情况分析", "funding")
    wrong = rng.randrange(len(made.parts)) if "parts_do_not_sum" in draft.features else -1
    dots = rng.choice(("（{}）.", "（{}）", "{}."))
    for n, part in enumerate(made.parts, 1):
        new, old = part.new_amount, part.old_amount + (10 if n - 1 == wrong else 0)
        whole, fresh, kept = pay(part.amount), pay(new), pay(old)
        draft.para(
            f"{dots.format(n)}{part.name}安排经费{whole.text}，其中新上项目{part.new_count}项，经费{fresh.text}，"
            f"结转项目{part.old_count}项，经费{kept.text}。"
            + rng.choice(("目前各项目按合同有序实施。", "资金随进度支付，专款专用。", ""))
        )
        draft.funding(
            f"{part.name}新上项目",
            "allocated",
            None,
            fresh,
            numbers[part.name],
            project_count=part.new_count,
        )
        draft.funding(
            f"{part.name}结转项目",
            "allocated",
            None,
            kept,
            numbers[part.name],
            project_count=part.old_count,
        )
        if n - 1 == wrong:
            draft.plant("parts_do_not_sum", part.name, whole.text, fresh.text, kept.text)
    rate = ""
    if "execution_rate_wrong" in draft.features:
        rate = f"{made.rate - 3}%"
    common.say_execution(draft, made, pay, rate=rate)
    if rate:
        draft.plant("execution_rate_wrong", made.name, pay(made.executed).text, rate)
    draft.heading(2, "项目资金管理情况分析", "funding")
    draft.para(prose.regulations(made, rng))
    common.paragraphs(draft, made, prose.MONEY_RULES)


def _organisation(draft: Draft, made: Facts) -> None:
    draft.heading(1, "项目组织实施情况", "organisation")
    draft.heading(2, "项目组织情况分析", "organisation")
    common.paragraphs(draft, made, prose.ORGANISATION, n=3)
    draft.heading(2, "项目管理情况分析", "organisation")
    common.paragraphs(draft, made, prose.MANAGEMENT, prose.MONEY_NOISE, n=2)


def _performance(draft: Draft, made: Facts) -> None:
    rng = draft.rng
    draft.heading(1, "项目绩效情况", "performance")
    draft.heading(2, "项目绩效目标完成情况分析", "performance")
    head = rng.choice((
        ("指标", "预期指标值（包含数字及文字描述）", "实际完成指标值（包含数字及文字描述）"),
        ("绩效指标", "预期指标值", "实际完成值"),
        ("指标名称", "年初目标值", "全年完成情况"),
    ))  # fmt: skip
    lines: list[list[str]] = []
    for row in made.indicators:
        target, actual = row.target_value(rng), common.actual_of(row, rng)
        if row.spec.kind == "count" and row.op == ">=" and rng.random() < 0.12:
            number = short(row.target or 0) + (row.spec.unit or "")
            target = Value(f"{number}≥", ">=", target.value, row.spec.unit)
        if row.spec.kind == "count" and not row.unit_is_loose() and rng.random() < 0.1:
            text = f"每个项目乡镇平均不少于{rng.randint(2, 9)}{row.spec.unit}，全年合计{short(row.target or 0)}{row.spec.unit}"
            target = Value(text)
        name = row.name + rng.choice(("", "", "", " "))
        lines.append([name, target.text, actual.text])
        draft.indicator("completion", (None, None), row.name, target, actual)
    low = rng.randint(2, 5)
    span, count = (
        Value(f"{low}{rng.choice('-—~')}{low + rng.randint(1, 3)}篇"),
        Value(f"{low}篇", "=", float(low), "篇"),
    )
    lines.append(["形成专题调研报告", span.text, count.text])
    draft.indicator("completion", (None, None), "形成专题调研报告", span, count)
    for name, target_words, actual_words in _word_rows(made):
        lines.append([name, target_words, actual_words])
        draft.indicator("completion", (None, None), name, Value(target_words), Value(actual_words))
    label = rng.choice(("年度\n绩效\n指标\n完成\n情况", "年度绩效指标完成情况", "绩效\n指标"))
    labels = common.side(label, len(lines) + 1)
    if (
        "grid_before" in draft.features
    ):  # the label stands in the first row alone; the others begin a column later
        labels = [Cell(label), *(Cell("", down="gap") for _ in lines)]
    rows = [[labels[0], *(Cell(text) for text in head)]]
    rows += [[labels[i], *(Cell(text) for text in line)] for i, line in enumerate(lines, 1)]
    draft.table(rows, "completion", boxed="content_control" in draft.features)
    draft.heading(2, "项目绩效目标未完成原因分析", "deviation")
    late = [row for row in made.indicators if not row.met]
    if not late:
        draft.para("各项指标均已完成，无偏差。")
    for row in late[:4]:
        text = f"{row.name}未达到预期，主要是{row.reason}。"
        draft.para(text)
        draft.remark("deviation", text)


def _word_rows(made: Facts) -> list[tuple[str, str, str]]:
    """Rows whose target and actual value are sentences, some with numbers inside."""
    first, last = made.parts[0], made.parts[-1]
    year = made.year
    return [
        (f"{first.name}结转项目资金拨付", f"完成上年{first.old_count}个结转项目的资金拨付",
         f"已拨付{year - 1}年立项的{first.old_count}个结转项目资金"),
        (f"{last.name}示范带动作用", "中长期", "中长期"),
        (f"{last.name}成果", f"累计建成{last.new_count + last.old_count}处，其中省级示范{last.old_count}处",
         f"累计建成{last.new_count + last.old_count}处，其中省级示范{last.old_count}处"),
    ]  # fmt: skip


def _rest(draft: Draft, made: Facts) -> None:
    rng = draft.rng
    draft.heading(1, "其他需要说明的问题", "other")
    draft.heading(2, "后续工作计划", "other")
    common.paragraphs(draft, made, prose.PLANS)
    draft.heading(2, "主要经验及做法、存在问题和建议", "problems")
    items = [("problem", f"{t}。{x}") for t, x in prose.pairs(prose.PROBLEMS, 2, made, rng)]
    items += [("recommendation", x) for _, x in prose.pairs(prose.ADVICE, 2, made, rng)]
    space = rng.choice(("", " "))
    for n, (kind, text) in enumerate(items, 1):
        draft.para(f"{n}.{space}{text}")
        draft.remark(kind, text)
    draft.heading(1, "项目评价工作情况", "evaluation_work")
    common.paragraphs(draft, made, prose.EVALUATION_WORK)
    draft.heading(1, "附表", "attachments")
    draft.para("《项目支出绩效自评表》")
