"""委托评价报告: a cover with three parties, targets in sentences, a score table, problem and advice chapters."""

from __future__ import annotations

from decimal import Decimal

from tests.samples import prose
from tests.samples.facts import Facts, Mark, dimension_sums, grade, marks
from tests.samples.families import common
from tests.samples.funds import FIRMS
from tests.samples.model import Cell, Draft, column
from tests.samples.values import percent, rounded, short

PARTIES = (
    ("评价委托单位", "被评价单位", "评价机构"),
    ("委托单位", "被评价单位", "评价机构"),
    ("评价委托方", "项目实施单位", "第三方评价机构"),
)


def write(draft: Draft, given: list[Facts]) -> None:
    made, rng = given[0], draft.rng
    rows = marks(rng)
    points = sum((r.score for r in rows), Decimal(0))
    client, firm = (
        f"{made.place}财政厅" if made.place.endswith("省") else f"{made.place}财政局",
        rng.choice(FIRMS),
    )
    several = "several_years" in draft.features
    first = made.year - 2 if several else None
    draft.report(
        "third_party_evaluation",
        made.name,
        made.year,
        fiscal_year_from=first,
        organisation=made.office,
        commissioner=client,
        evaluator=firm,
        total_score=float(points),
        grade=grade(points),
    )
    _cover(draft, made, client, firm, f"{first}—{made.year}年度" if several else f"{made.year}年度")
    _basics(draft, made)
    _work(draft, made)
    _conclusion(draft, made, rows, points)
    _analysis(draft, made, rows)
    draft.heading(1, rng.choice(("主要经验及做法", "项目主要做法和成效")), "experience")
    items = prose.pairs(prose.EXPERIENCE, 3, made, rng)
    common.number_items(draft, "experience", [f"{t}。{x}" for t, x in items], common.numbered_look(rng))
    _problems(draft, made)
    common.ended(draft)


def _cover(draft: Draft, made: Facts, client: str, firm: str, years: str) -> None:
    rng = draft.rng
    if rng.random() < 0.6:
        draft.para(f"{years}{made.name}", "title")
        draft.para("项目绩效评价报告", "title")
    else:
        draft.para(f"{years}{made.place}{made.name}绩效评价报告", "title")
    labels = rng.choice(PARTIES)
    colon = rng.choice(("：", "：", " ："))
    lines = [f"{label}{colon}{who}" for label, who in zip(labels, (client, made.office, firm), strict=True)]
    if "text_box" in draft.features:
        draft.para("\n".join(lines), "box")
    else:
        for line in lines:
            draft.para(line, "cover")
    draft.para(f"{made.year + 1}年{rng.randint(6, 9)}月", "cover")
    draft.para(
        f"为检验{made.name}使用效益，{made.year + 1}年{rng.randint(3, 5)}月起，{firm}受{client}委托，"
        f"组建由{rng.randint(5, 11)}人组成的评价工作组，对该专项开展绩效评价，形成本报告。"
    )


def _basics(draft: Draft, made: Facts) -> None:
    rng = draft.rng
    pay = common.Purse("万元", rng.choice(("two", "plain", "two")))
    draft.heading(1, "项目基本情况", "overview")
    draft.heading(2, "项目概况", "overview")
    draft.para("1.项目背景：" + "".join(prose.some(prose.BACKGROUND, 2, made, rng, draft.used)))
    draft.para(f"2.主要内容：该专项用于{'、'.join(made.fund.subs)}，{made.fund.aim}。")
    total = pay(made.total)
    spent = pay(made.executed)
    rate = percent(made.rate)
    if "execution_rate_wrong" in draft.features:
        rate = percent(made.rate - 2)
        draft.plant("execution_rate_wrong", made.name, total.text, spent.text, rate)
    top = draft.funding("该专项", "budget", None, total)
    said = []
    for part in made.parts:
        amount = pay(part.amount)
        said.append(f"{part.name}分配资金{amount.text}")
        draft.funding(part.name, "allocated", None, amount, parent=top)
    draft.para(
        f"3.资金投入和使用情况：该专项预算资金为{total.text}，其中：{'，'.join(said)}。"
        f"截至{made.year}年12月31日，{made.office}已执行资金为{spent.text}，资金执行率为{rate}。"
    )
    draft.funding(made.office, "executed", None, spent, rate=float(rate.rstrip("%")))
    if "budget_table" in draft.features:
        common.budget_table(draft, made)
    draft.heading(2, "项目绩效目标", "objectives")
    draft.heading(3, "总体目标", "objectives")
    draft.para(f"{made.fund.aim}。")
    draft.heading(3, "年度目标", "objectives")
    _targets(draft, made)


def _targets(draft: Draft, made: Facts) -> None:
    """「（1）数量指标：…≥35项；…；」."""
    rng = draft.rng
    groups: dict[str, list[str]] = {}
    for row in made.indicators:
        value = row.target_value(rng)
        level2 = row.level2.replace("服务对象", "")
        link = "" if value.text[0] in "≥≤＞＜>=<不大小控" else "为" if row.target is None else ""
        if row.target is None and row.spec.kind == "text":
            link = ""
        groups.setdefault(level2, []).append(f"{row.name}{link}{value.text}")
        draft.indicator("target", (None, level2), row.name, value)
    for n, (level2, items) in enumerate(groups.items(), 1):
        draft.para(f"（{n}）{level2}：{'；'.join(items)}{'。' if n == len(groups) else '；'}")


def _work(draft: Draft, made: Facts) -> None:
    rng = draft.rng
    draft.heading(1, "绩效评价工作开展情况", "evaluation_work")
    draft.heading(2, "绩效评价目的、对象和范围", "evaluation_work")
    draft.para(f"1.评价目的：掌握{made.name}管理使用情况，查找薄弱环节，为改进管理提供依据。")
    draft.para(f"2.评价对象：{made.year}年度{made.name}及其支持的{rng.randint(60, 160)}个项目。")
    draft.heading(2, "评价原则、方法和指标体系", "evaluation_work")
    common.paragraphs(draft, made, prose.EVALUATION_WORK)
    draft.para(
        "评价指标体系由4个一级指标、若干二级和三级指标构成，决策、过程、产出、效益的权重之比为20:20:30:30。"
    )
    draft.heading(2, "评价组织实施", "evaluation_work")
    common.paragraphs(draft, made, prose.EVALUATION_TEAM)


def _conclusion(draft: Draft, made: Facts, rows: list[Mark], points: Decimal) -> None:
    rng = draft.rng
    draft.heading(1, "综合评价情况及评价结论", "conclusion")
    prefix = rng.choice(("项目", ""))
    sums = [(prefix + name, weight, score) for name, weight, score in dimension_sums(rows)]
    printed = {name: score for name, _, score in sums}
    if "scores_do_not_sum" in draft.features:
        printed[sums[2][0]] -= Decimal("1.5")
    said = [f"{name}得分{rounded(printed[name])}分" for name, _, _ in sums]
    if "scores_do_not_sum" in draft.features:
        draft.plant("scores_do_not_sum", made.name, f"{rounded(points)}分", *said)
    draft.para(
        f"经综合评价，该专项得分{rounded(points)}分，其中{'、'.join(said)}，绩效等级评定为“{grade(points)}”。"
    )
    look = draft_look(draft)
    if look == "indicators":
        for name, weight, _ in sums:
            draft.score(name, float(weight), float(printed[name]))
        draft.para("各维度分值为：" + "、".join(f"{n}{short(w)}分" for n, w, _ in sums) + "。")
        _by_indicator(draft, made, rows, points)
        return
    shown = [(n, w, s, rounded(s / w * 100)) for n, w, s in sums]
    for name, weight, score, rate in shown:
        draft.score(name, float(weight), float(score), float(rate))
    caption = f"{made.name}评分表"
    draft.para(rng.choice((caption, f"表1  {caption}")), "caption")
    whole = rounded(points)
    heads = [rng.choice(("一级指标", "评价维度")), rng.choice(("权重", "分值", "标准分")), "得分", "得分率"]
    lines = [heads]
    for letter, (name, weight, score, rate) in zip("ABCD", shown, strict=True):
        lines.append([f"{letter}.{name}" if prefix else name, short(weight), str(score), f"{rate}%"])
    lines.append([rng.choice(("合  计", "合计", "总分")), "100", str(whole), f"{whole}%"])
    if look == "transposed":
        lines = [list(texts) for texts in zip(*lines, strict=True)]
    draft.table([[Cell(t) for t in line] for line in lines], "scoring", caption)


def draft_look(draft: Draft) -> str:
    for look in ("transposed", "indicators"):
        if f"scores_{look}" in draft.features:
            return look
    return draft.rng.choice(("dimensions", "transposed", "indicators"))


def _by_indicator(draft: Draft, made: Facts, rows: list[Mark], points: Decimal) -> None:
    rng = draft.rng
    caption = f"{made.name}绩效评价指标得分表"
    draft.para(caption, "caption")
    last = rng.choice(("扣分原因", "得分率"))
    mode = rng.choice(("merged", "merged", "repeated"))
    first = column([r.dimension for r in rows], mode)
    second = column([r.level2 for r in rows], mode)
    lines = [
        [Cell(t) for t in ("一级指标", "二级指标", "三级指标", rng.choice(("分值", "权重")), "得分", last)]
    ]
    for i, row in enumerate(rows):
        reason = None
        if last == "得分率":
            note = percent(row.score / row.weight * 100)
        else:
            note = rng.choice(("", "", "/", "无"))
            if row.score < row.weight:
                note = reason = rng.choice(WHY)
        lines.append(
            [first[i], second[i], *(Cell(t) for t in (row.name, short(row.weight), str(row.score), note))]
        )
        draft.indicator("score", (row.dimension, row.level2), row.name, weight=float(row.weight),
                        score=float(row.score), reason=reason)  # fmt: skip
    lines.append([Cell("合计", 3), Cell("100"), Cell(str(rounded(points))), Cell("")])
    draft.table(lines, "scoring", caption)


def _analysis(draft: Draft, made: Facts, rows: list[Mark]) -> None:
    """A paragraph a dimension; its points are those of the table again."""
    draft.heading(1, "绩效评价指标分析", ["conclusion", "performance"])
    texts = {
        "决策": "立项材料齐全，目标与职责相符，个别指标设置偏笼统",
        "过程": "制度基本健全，支付手续完备，进度管理仍有提升余地",
        "产出": "多数任务按期完成，质量总体可靠，少数点位验收偏晚",
        "效益": "群众反映较好，带动作用逐步显现，长期管护有待落实",
    }
    wrong = "scores_do_not_sum" in draft.features
    for name, weight, score in dimension_sums(rows):
        draft.heading(2, f"{name}情况分析", ["conclusion", "performance"])
        points = "" if wrong else f"该维度分值{short(weight)}分，得{short(score)}分。"
        draft.para(f"{points}{texts[name]}。")
        common.paragraphs(draft, made, {"决策": prose.BACKGROUND, "过程": prose.MANAGEMENT, "产出": prose.RESULTS,
                                        "效益": prose.MONEY_NOISE}[name], n=2)  # fmt: skip


WHY = (
    "部分佐证材料不完整，酌情扣分",
    "与年初计划相比存在差距，按比例扣分",
    "个别单位执行制度不到位，扣减相应分值",
    "指标值设置偏低，未能体现工作难度",
)


def _problems(draft: Draft, made: Facts) -> None:
    rng = draft.rng
    titled = rng.random() < 0.5
    draft.heading(1, rng.choice(("存在的问题及原因分析", "发现的主要问题")), "problems")
    found = prose.pairs(prose.PROBLEMS, 3, made, rng)
    if titled:
        common.titled_items(draft, "problem", found, 2)
    else:
        items = [f"{t}。{x}" for t, x in found]
        common.number_items(draft, "problem", items, rng.choice(("dot", "comma", "bracket")))
    draft.heading(1, rng.choice(("有关建议", "改进建议")), "recommendations")
    advice = prose.pairs(prose.ADVICE, 3, made, rng)
    if titled:
        common.titled_items(draft, "recommendation", advice, 2)
    else:
        common.number_items(draft, "recommendation", [x for _, x in advice], common.numbered_look(rng))
