"""自评表 of the Ministry of Finance: one form or several in a file."""

from __future__ import annotations

from decimal import Decimal

from tests.samples.facts import Facts, Indicator
from tests.samples.families import common
from tests.samples.model import Cell, Draft, column
from tests.samples.values import money, percent, rounded, short

HEADS = {
    "name": ("三级指标", "三级指标", "绩效指标", "指标名称"),
    "target": ("年度指标值", "年度指标值", "预期指标值", "目标值"),
    "actual": ("实际完成值", "实际完成值", "全年实际值", "完成情况"),
    "reason": ("偏差原因分析及改进措施", "偏差原因分析\n及改进措施", "未完成原因分析"),
}


def write(draft: Draft, given: list[Facts]) -> None:
    for made in given:
        _form(draft, made)
    common.ended(draft)


def _form(draft: Draft, made: Facts) -> None:
    rng = draft.rng
    doer = made.office if rng.random() < 0.4 else made.place + made.fund.doers[0]
    draft.report("self_evaluation_form", made.name, made.year, organisation=doer)
    caption = rng.choice(("项目支出绩效自评表", "财政支出项目绩效自评表"))
    draft.para(caption, "title")
    draft.para(f"（{made.year}年度）", "caption")
    rows = [
        [Cell("项目名称", 2), Cell(made.name, 7)],
        [
            Cell("主管部门", 2),
            Cell(made.office, 3),
            Cell(rng.choice(("实施单位", "项目实施单位"))),
            Cell(doer, 3),
        ],
    ]
    rows += _sums(draft, made)
    goal = common.side("年度\n总体\n目标", 2)
    rows.append([goal[0], Cell("预期目标", 4), Cell("实际完成情况", 4)])
    done = "对照年初目标逐项推进，主要任务已完成。"
    rows.append([goal[1], Cell(f"{made.fund.aim}。", 4), Cell(done, 4)])
    lines = _indicators(draft, made)
    rows += lines
    total = made.total_points
    shown = total
    if "scores_do_not_sum" in draft.features and draft.now["report_no"] == 1:
        shown = total - Decimal("1.5")
        draft.plant("scores_do_not_sum", made.name, short(shown))
    draft.now["document"]["total_score"] = float(shown)
    rows.append([Cell(rng.choice(("总分", "总  分", "合计")), 6), Cell("100"), Cell(short(shown)), Cell("")])
    draft.table(rows, "form", caption, boxed="content_control" in draft.features)


def _sums(draft: Draft, made: Facts) -> list[list[Cell]]:
    """年初预算数/全年预算数/全年执行数/分值/执行率/得分 over the rows of the sources."""
    rng = draft.rng
    unit = rng.choice(("万元", "万元", "元"))
    style = (
        rng.choice(("plain", "two", "thousands_two"))
        if unit == "万元"
        else rng.choice(("plain", "thousands_two"))
    )
    kept = made.total // 12
    kept_done = rounded(Decimal(kept) * made.executed / made.total)
    lines = [
        ("年度资金总额", "total", made.initial, made.total, made.executed),
        ("其中：当年财政拨款", "other", made.initial - kept, made.total - kept, made.executed - kept_done),
        ("上年结转资金", "other", kept, kept, kept_done),
        ("其他资金", "other", 0, 0, Decimal(0)),
    ]
    first = common.side(f"项目资金\n（{unit}）", len(lines) + 1)
    heads = ("年初预算数", "全年预算数", "全年执行数", "分值", "执行率", "得分")
    rows = [[first[0], Cell("", 2), *(Cell(h) for h in heads)]]
    tops: dict[str, int] = {}
    wrong = "execution_rate_wrong" in draft.features and draft.now["report_no"] == 1
    for n, (label, source, initial, budget, done) in enumerate(lines):
        amounts = [money(v, unit, style, bare=True) for v in (initial, budget, done)]
        rate = rounded(done / budget * 100) if budget else None
        if n == 0 and wrong:
            rate = made.rate - 4
            draft.plant("execution_rate_wrong", made.name, amounts[1].text, amounts[2].text, percent(rate))
        shown = percent(rate) if rate is not None and (n == 0 or rng.random() < 0.5) else "—"
        points = ("10", shown, short(made.budget_points)) if n == 0 else ("—", shown, "—")
        rows.append(
            [first[n + 1], Cell(label, 2), *(Cell(a.text) for a in amounts), *(Cell(p) for p in points)]
        )
        item = label.replace("其中：", "")
        for measure, amount in zip(("initial_budget", "budget", "executed"), amounts, strict=True):
            more = (
                {"rate": float(rate)} if measure == "executed" and shown != "—" and rate is not None else {}
            )
            number = draft.funding(item, measure, source, amount, tops.get(measure), **more)
            tops.setdefault(measure, number)
    # the points of the budget stand in no indicator row; they are a dimension under the heading of their rate
    draft.score("执行率", 10.0, float(made.budget_points))
    return rows


def _indicators(draft: Draft, made: Facts) -> list[list[Cell]]:
    rng = draft.rng
    look = rng.choice(("points", "points", "plain", "halves"))
    mode = rng.choice(("merged", "merged", "repeated", "blank"))
    marks = rng.choice(("none", "number", "star", "dot"))
    slots: list[tuple[Indicator, bool]] = []  # indicator, or a placeholder after it
    for row in made.indicators:
        slots.append((row, True))
        if rng.random() < 0.15:
            slots.append((row, False))
    first, second = common.levels_columns([row for row, _ in slots], mode)
    if look != "plain":
        first = _level1(slots, mode, look)
    labels = common.side("绩\n效\n指\n标", len(slots) + 1)
    head = ["一级指标", "二级指标", *(rng.choice(HEADS[k]) for k in ("name", "target", "actual")), "分值", "得分",
            rng.choice(HEADS["reason"])]  # fmt: skip
    rows = [[labels[0], *(Cell(h) for h in head)]]
    count = 0
    for i, (row, real) in enumerate(slots):
        same = i > 0 and slots[i - 1][0].level2 == row.level2
        count = count + 1 if same else 1
        lead = [labels[i + 1], first[i], second[i]]
        if not real:
            empty = rng.choice((f"指标{count}：", f"指标{count}", "……", "…"))
            rows.append([*lead, Cell(empty), *(Cell("") for _ in range(5))])
            continue
        target, actual = row.target_value(rng), common.actual_of(row, rng)
        reason = row.reason + "。" if row.reason else rng.choice(("", "", "无", "/", "0"))
        name = {"number": f"指标{count}：{row.name}", "star": f"★{row.name}" if i % 4 == 0 else row.name,
                "dot": f"{count}.{row.name}"}.get(marks, row.name)  # fmt: skip
        texts = (name, target.text, actual.text, short(row.weight), short(row.score), reason)
        rows.append([*lead, *(Cell(t) for t in texts)])
        draft.indicator("completion", (row.level1, row.level2), row.name, target, actual, weight=float(row.weight),
                        score=float(row.score), reason=reason if row.reason else None)  # fmt: skip
    return rows


def _level1(slots: list[tuple[Indicator, bool]], mode: str, look: str) -> list[Cell]:
    weights: dict[str, Decimal] = {}
    for row, real in slots:
        if real:
            weights[row.level1] = weights.get(row.level1, Decimal(0)) + row.weight
    if look == "halves":
        names = [row.level1[:-2] + "\n" + row.level1[-2:] for row, _ in slots]
    else:
        names = [f"{row.level1}\n（{short(weights[row.level1])}分）" for row, _ in slots]
    return column(names, mode)
