"""A province's 自评表: the target over three columns, hint texts of the template left in cells."""

from __future__ import annotations

from tests.samples.facts import Facts, Indicator
from tests.samples.families import common
from tests.samples.model import Cell, Draft
from tests.samples.values import Value, money, percent, rounded, short

SIGNS = {">=": "≥", "<=": "≤", "=": "="}
HINTS = (
    "（此处简要说明未完成的原因，已完成的不填）",
    "【填表提示：偏差超过10%的须说明】",
)
HEADS = (
    ("指标性质", "指标性质", "指标方向"),
    ("指标值", "目标值"),
    ("度量单位", "计量单位"),
    ("完成值", "实际完成值"),
    ("权重", "分值"),
    ("得分", "自评得分"),
    ("未完成原因", "未完成原因分析", "偏差说明"),
)
GOAL_HINT = "（填写说明：按批复的年度目标填列，不超过300字）"


def write(draft: Draft, given: list[Facts]) -> None:
    for made in given:
        _form(draft, made)
    common.ended(draft)


def _form(draft: Draft, made: Facts) -> None:
    rng = draft.rng
    doer = made.place + rng.choice(made.fund.doers[:2])
    draft.report("self_evaluation_form", made.name, made.year, organisation=doer)
    caption = f"{made.year}年度{made.place}预算项目绩效自评表"
    draft.para(caption, "title")
    rows = [
        [Cell("项目名称", 2), Cell(made.name, 4), Cell("项目实施单位", 2), Cell(doer, 2)],
        [Cell("主管部门", 2), Cell(made.office, 4), Cell("自评得分", 2), Cell(short(made.total_points), 2)],
    ]
    draft.now["document"]["total_score"] = float(made.total_points)
    rows += _sums(draft, made)
    goal = f"{made.fund.aim}。"
    if rng.random() < 0.6:
        goal = GOAL_HINT + "\n" + goal
    rows.append([Cell("年度总体目标", 2), Cell(goal, 8)])
    rows.append([Cell("总体目标完成情况", 2), Cell("年度任务基本完成，个别事项转入下一年度继续实施。", 8)])
    rows += _indicators(draft, made)
    weight = sum((i.weight for i in made.indicators), 0 * made.budget_points) + 10
    rows.append([Cell("合计", 7), Cell(short(weight)), Cell(short(made.total_points)), Cell("")])
    draft.table(rows, "form", caption)


def _sums(draft: Draft, made: Facts) -> list[list[Cell]]:
    heads = ("资金来源", "全年预算数（万元）", "全年执行数（万元）", "执行率", "权重", "得分")
    spans = (2, 2, 2, 2, 1, 1)
    rows = [[Cell(h, s) for h, s in zip(heads, spans, strict=True)]]
    lines = [("年度预算总额", "total", made.total, made.executed)]
    lines += [(label, code, budget, done) for label, code, budget, done in made.sources]
    tops: dict[str, int] = {}
    for n, (label, code, budget, done) in enumerate(lines):
        a, b = money(budget, bare=True), money(done, style="two", bare=True)
        rate = rounded(done / budget * 100)
        points = ("10", short(made.budget_points)) if n == 0 else ("", "")
        texts = (label, a.text, b.text, percent(rate), *points)
        rows.append([Cell(t, s) for t, s in zip(texts, spans, strict=True)])
        for measure, amount in (("budget", a), ("executed", b)):
            more = {"rate": float(rate)} if measure == "executed" else {}
            number = draft.funding(label, measure, code, amount, tops.get(measure), **more)
            tops.setdefault(measure, number)
    draft.score("执行率", 10.0, float(made.budget_points))
    return rows


def _indicators(draft: Draft, made: Facts) -> list[list[Cell]]:
    rng = draft.rng
    two = rng.random() < 0.5 and not draft.layout.drop_merged
    names = ["一级指标", "二级指标", "三级指标", *(rng.choice(choice) for choice in HEADS)]
    rows: list[list[Cell]] = []
    if two:
        rows.append([*(Cell(n, down="start") for n in names[:3]), Cell("年度目标", 3),
                     *(Cell(n, down="start") for n in names[6:])])  # fmt: skip
        rows.append([*(Cell("", down="on") for _ in range(3)), *(Cell(n) for n in names[3:6]),
                     *(Cell("", down="on") for _ in range(4))])  # fmt: skip
    else:
        rows.append([Cell(n) for n in names])
    first, second = common.levels_columns(made.indicators, rng.choice(("merged", "repeated", "blank")))
    hints = rng.random() < 0.7
    with_unit = rng.random() < 0.3
    for i, row in enumerate(made.indicators):
        parts, target = _target(row)
        actual = _actual(row, with_unit)
        reason = row.reason
        note = (
            reason + "。"
            if reason
            else rng.choice(HINTS)
            if hints and rng.random() < 0.3
            else rng.choice(("", "无"))
        )
        texts = (row.name, *parts, actual.text, short(row.weight), short(row.score), note)
        rows.append([first[i], second[i], *(Cell(t) for t in texts)])
        draft.indicator("completion", (row.level1, row.level2), row.name, target, actual, weight=float(row.weight),
                        score=float(row.score), reason=note if reason else None)  # fmt: skip
    return rows


def _target(row: Indicator) -> tuple[tuple[str, str, str], Value]:
    """性质, 值, 单位 and what they say together; the word 定性 marks the row and is no part of the target."""
    if row.target is None:
        return ("定性", row.target_words, ""), Value(row.target_words)
    sign = SIGNS[row.op or "="]
    if row.spec.kind == "ratio":
        text = f"1:{short(row.target)}"
        return (sign, text, ""), Value(sign + text, row.op, float(row.target), None)
    unit = row.spec.unit or ""
    number = short(row.target)
    return (sign, number, unit), Value(sign + number + unit, row.op, float(row.target), unit or None)


def _actual(row: Indicator, with_unit: bool) -> Value:
    """The completed value stands without its unit in most such forms; a unit that is not printed is not told."""
    if row.actual is None:
        return Value(row.actual_words)
    if row.spec.kind == "ratio":
        return Value(f"1:{short(row.actual)}", "=", float(row.actual), None)
    percent_sign = row.spec.unit if with_unit or row.spec.unit == "%" else None
    return Value(short(row.actual) + (percent_sign or ""), "=", float(row.actual), percent_sign)
