"""转移支付自评报告: two target tables, a project list, a sentence an indicator, and the 自评表 as an attachment."""

from __future__ import annotations

from decimal import Decimal

from tests.samples import prose
from tests.samples.facts import Facts, Indicator, grade
from tests.samples.families import common, transfer_tables
from tests.samples.model import Draft
from tests.samples.values import Value, percent, rounded, short


def write(draft: Draft, given: list[Facts]) -> None:
    made, rng = given[0], draft.rng
    points, mark = made.total_points, grade(made.total_points)
    draft.report(
        "transfer_self_evaluation",
        made.name,
        made.year,
        organisation=made.office,
        organisation_accept=[f"{made.place}财政厅、{made.office}"],
        total_score=float(points),
        grade=mark,
    )
    if rng.random() < 0.5:
        draft.para("附件" + rng.choice(("1", "2", "")))
    draft.para(f"{made.year}年度{made.place}{made.name}绩效自评报告", "title")
    pay = common.Purse("万元", "plain")
    targets = {row.name: row.target_value(rng, strict=False) for row in made.indicators}
    _assigned(draft, made, pay, targets)
    _carried_out(draft, made)
    _completed(draft, made, pay)
    _deviation(draft, made)
    _used(draft, made, points, mark)
    draft.heading(1, "其他需要说明的问题", "other")
    draft.heading(2, "主要经验、做法和典型案例", "experience")
    common.titled_items(draft, "experience", prose.pairs(prose.EXPERIENCE, 2, made, rng), 3)
    draft.para(f"附件：{made.name}绩效目标自评表")
    if rng.random() < 0.5:
        draft.para("附件")
    transfer_tables.form(draft, made)
    common.ended(draft)


def _assigned(draft: Draft, made: Facts, pay: common.Purse, targets: dict[str, Value]) -> None:
    rng, year = draft.rng, made.year
    draft.heading(1, "绩效目标分解下达情况", "objectives")
    draft.heading(2, f"中央下达本省{made.name}预算情况", ["objectives", "funding"])
    total = pay(made.total)
    count = sum(p.new_count + p.old_count for p in made.parts)
    top = draft.funding(made.name, "allocated", None, total, project_count=count)
    fresh = sum(p.new_count for p in made.parts)
    draft.para(
        f"{year}年度累计下达{made.name}{total.text}，支持项目{count}个，其中，新上项目{fresh}个，结转项目{count - fresh}个。"
        f"资金投向以{made.fund.aim}为主线，编报了区域绩效目标表，内容如下："
    )
    transfer_tables.targets(draft, made, targets)
    draft.heading(2, "省内资金安排、分解下达预算和绩效目标情况", ["objectives", "funding"])
    early = made.total * rng.randint(55, 75) // 100
    first, second = pay(early), pay(made.total - early)
    draft.para(
        f"{made.place}财政厅于{year - 1}年12月{rng.randint(3, 25)}日提前下达第一批资金{first.text}，"
        f"{year}年{rng.randint(4, 6)}月{rng.randint(3, 25)}日下达第二批资金{second.text}，同步下达绩效目标："
    )
    draft.funding("提前下达第一批资金", "allocated", None, first, parent=top)
    draft.funding("第二批资金", "allocated", None, second, parent=top)
    changed = dict(targets)
    if "target_differs" in draft.features:
        row = rng.choice([r for r in made.indicators if r.spec.kind == "count"])
        lower = rounded((row.target or Decimal(0)) * 9 / 10, 0 if row.target == int(row.target or 0) else 1)
        changed[row.name] = Value(f"≥{short(lower)}{row.spec.unit}", ">=", float(lower), row.spec.unit)
        draft.plant("target_differs", row.name, targets[row.name].text, changed[row.name].text)
    transfer_tables.targets(draft, made, changed)
    for part in made.parts:
        draft.heading(3, part.name, ["objectives", "funding"], end=rng.choice(("", "。")))
        amount, n = pay(part.amount), part.new_count + part.old_count
        draft.para(
            f"主要用于{rng.choice(made.fund.works)}等内容。本年度支持{part.name}项目{n}个"
            f"（新上项目{part.new_count}个，结转项目{part.old_count}个）、经费{amount.text}。"
        )
        draft.funding(part.name, "allocated", None, amount, parent=top, project_count=n)
    transfer_tables.projects(draft, made)


def _carried_out(draft: Draft, made: Facts) -> None:
    draft.heading(1, "组织实施情况", "organisation")
    draft.heading(2, "主管部门职责分工", "organisation")
    draft.para(f"{made.office}负责项目储备、评审立项和过程管理，{made.place}财政厅负责预算下达与绩效监督。")
    common.paragraphs(draft, made, prose.ORGANISATION)
    draft.heading(2, "资金管理情况", "funding")
    draft.para(prose.regulations(made, draft.rng))
    common.paragraphs(draft, made, prose.MONEY_RULES)
    draft.heading(2, "项目管理情况", "organisation")
    common.paragraphs(draft, made, prose.MANAGEMENT, prose.MONEY_NOISE)


def _completed(draft: Draft, made: Facts, pay: common.Purse) -> None:
    rng = draft.rng
    draft.heading(1, "绩效目标完成情况分析", "performance")
    draft.heading(2, "资金投入情况分析", "funding")
    draft.heading(3, "资金到位情况", "funding", end="。")
    total = pay(made.total)
    draft.para(f"{made.year}年度{made.name}实际到位{total.text}，资金到位率100%。")
    draft.funding(made.name, "received", None, total, rate=100.0)
    draft.heading(3, "资金执行情况", "funding", end="。")
    common.say_execution(draft, made, pay)
    draft.heading(2, "总体绩效目标完成情况", "performance")
    common.paragraphs(draft, made, prose.RESULTS)
    draft.heading(2, "绩效指标完成情况分析", "performance")
    wrong = _chosen(draft, made, "completion_rate_wrong")
    other = _chosen(draft, made, "narrative_differs")
    before, letter, lettered = ("", ""), 0, rng.random() < 0.7
    for row in made.indicators:
        if row.op in ("<=", "<") or row.spec.kind == "date":
            continue
        if row.level1 != before[0]:
            draft.heading(3, row.level1, "performance")
        if (row.level1, row.level2) != before:
            draft.heading(4, row.level2, "performance")
            letter = 0
        before = (row.level1, row.level2)
        lead = f"{chr(97 + letter)}." if lettered else ""
        letter += 1
        _sentence(draft, row, lead, wrong is row, other is row)


def _chosen(draft: Draft, made: Facts, code: str) -> Indicator | None:
    if code not in draft.features:
        return None
    return draft.rng.choice([r for r in made.indicators if r.spec.kind == "count" and (r.target or 0) > 20])


def _sentence(draft: Draft, row: Indicator, lead: str, wrong: bool, other: bool) -> None:
    """「…指标值为…，实际完成值为…，完成率…，偏差率…」."""
    rng = draft.rng
    unit = row.spec.unit or ""
    levels = (row.level1, row.level2)
    if row.target is None or row.actual is None:
        rate = f"{row.completion}%"
        draft.para(
            f"{lead}{row.name}指标值为{row.target_words}，实际完成值为{row.actual_words}，完成率为{rate}。"
        )
        draft.indicator("narrative", levels, row.name, Value(row.target_words), Value(row.actual_words),
                        reported_completion_rate=float(row.completion))  # fmt: skip
        return
    sign = rng.choice(("", "", "大于等于", "≥")) if row.op == ">=" else ""
    op = ">=" if sign else "="
    actual = row.actual + (2 if other else 0)
    done = rounded(actual / row.target * 100) + (5 if wrong else 0)
    away = abs(done - 100) if rng.random() < 0.7 else done - 100
    target = Value(f"{sign}{short(row.target)}{unit}", op, float(row.target), unit or None)
    if row.spec.kind == "ratio":
        target = Value(f"{sign}1:{short(row.target)}", op, float(row.target), None)
    fact = Value(f"{short(actual)}{unit}", "=", float(actual), unit or None)
    if row.spec.kind == "ratio":
        fact = Value(f"1:{short(actual)}", "=", float(actual), None)
    rate, off = percent(done, "short"), percent(away, "short")
    is_ = rng.choice(("为", ""))
    draft.para(
        f"{lead}{row.name}指标值为{target.text}，实际完成值为{fact.text}，完成率{is_}{rate}，偏差率{is_}{off}。"
    )
    draft.indicator("narrative", levels, row.name, target, fact,
                    reported_completion_rate=float(done), reported_deviation_rate=float(away))  # fmt: skip
    if wrong:
        draft.plant("completion_rate_wrong", row.name, target.text, fact.text, rate)
    if other:
        draft.plant("narrative_differs", row.name, fact.text, short(row.actual) + unit)


def _deviation(draft: Draft, made: Facts) -> None:
    rng = draft.rng
    draft.heading(1, "偏离绩效目标的原因和下一步改进措施", "deviation")
    draft.heading(2, "未完成指标的原因分析", "deviation")
    late = [row for row in made.indicators if not row.met]
    for row in late[:3]:
        text = f"{row.name}未完成年初指标，偏差原因：{row.reason}。"
        draft.para(text)
        draft.remark("deviation", text)
    if not late:
        draft.para("各项指标均完成预期，无偏离情况。")
    draft.heading(2, "政策执行或项目实施中存在的问题、原因分析和改进措施", "problems")
    items = [f"{t}，{x}" for t, x in prose.pairs(prose.PROBLEMS, 2, made, rng)]
    common.number_items(draft, "problem", items, rng.choice(("dot", "run")))


def _used(draft: Draft, made: Facts, points: Decimal, mark: str) -> None:
    """Points of each dimension in one sentence."""
    draft.heading(1, "绩效自评结果拟应用和公开情况", "result_use")
    draft.heading(2, "拟应用情况", "result_use")
    said, said_weights = [f"预算执行{short(made.budget_points)}分"], ["预算执行10分"]
    draft.score("预算执行", 10, float(made.budget_points))
    for level1 in made.level1s:
        weight, score = made.points_of(level1)
        if level1 == made.level1s[0] and "scores_do_not_sum" in draft.features:
            score -= 2
        said.append(f"{level1}{short(score)}分")
        said_weights.append(f"{level1}{short(weight)}分")
        draft.score(level1, float(weight), float(score))
    if "scores_do_not_sum" in draft.features:
        draft.plant("scores_do_not_sum", made.name, f"{short(points)}分", *said)
    draft.para("自评满分为100分，各部分分值为：" + "、".join(said_weights) + "。")
    draft.para(
        f"经自评，{made.year}年度{made.name}绩效自评得分{short(points)}分，其中：{'、'.join(said)}，自评结果为“{mark}”。"
    )
    common.paragraphs(draft, made, prose.USE, n=1)
    draft.heading(2, "公开情况", "result_use")
    draft.para(prose.fill(prose.OPEN, made, draft.rng))
