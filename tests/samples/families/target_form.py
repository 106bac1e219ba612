"""绩效目标申报表: targets before the year begins, no completion."""

from __future__ import annotations

from tests.samples.facts import Facts
from tests.samples.families import common
from tests.samples.model import Cell, Draft
from tests.samples.values import money


def write(draft: Draft, given: list[Facts]) -> None:
    for made in given:
        _form(draft, made)
    common.ended(draft)


def _form(draft: Draft, made: Facts) -> None:
    rng = draft.rng
    doer = made.place + rng.choice(made.fund.doers[:2])
    draft.report("target_form", made.name, made.year, organisation=doer)
    caption = rng.choice(("项目支出绩效目标申报表", "财政专项资金绩效目标申报表"))
    draft.para(caption, "title")
    draft.para(f"（{made.year}年度）", "caption")
    rows = [
        [Cell("项目名称", 2), Cell(made.name, 3)],
        [Cell("主管部门", 2), Cell(made.office), Cell("实施单位"), Cell(doer)],
        [
            Cell("项目属性", 2),
            Cell("延续项目"),
            Cell("项目期限"),
            Cell(f"{made.year}年1月—{made.year}年12月"),
        ],
    ]
    unit = rng.choice(("万元", "元"))
    style = rng.choice(("plain", "two"))
    lines = [("年度资金总额", "total", made.initial)]
    rest = made.initial
    for i, (label, code, budget, _) in enumerate(made.sources):
        share = rest if i == len(made.sources) - 1 else min(budget, rest)
        rest -= share
        lines.append((("其中：" if i == 0 else "") + label, code, share))
    sums = common.side(f"项目资金\n（{unit}）", len(lines))
    top: int | None = None
    for i, (label, code, wan) in enumerate(lines):
        amount = money(wan, unit, style, bare=True)
        rows.append([sums[i], Cell(label), Cell(amount.text, 3)])
        number = draft.funding(label.replace("其中：", ""), "budget", code, amount, parent=top)
        top = top or number
    rows.append([Cell("总体\n目标"), Cell(f"{made.fund.aim}。", 4)])
    rows += _indicators(draft, made)
    draft.table(rows, "form", caption, boxed="content_control" in draft.features)


def _indicators(draft: Draft, made: Facts) -> list[list[Cell]]:
    rng = draft.rng
    look = rng.choice(("plain", "broken", "halves"))
    mode = rng.choice(("merged", "merged", "repeated"))
    first, second = common.levels_columns(made.indicators, mode, look)
    labels = common.side("绩\n效\n指\n标", len(made.indicators) + 1)
    heads = (
        "一级指标",
        "二级指标",
        rng.choice(("三级指标", "指标名称")),
        rng.choice(("指标值", "年度指标值", "目标值")),
    )
    rows = [[labels[0], *(Cell(h) for h in heads)]]
    marked = rng.random() < 0.5
    for i, row in enumerate(made.indicators):
        value = row.target_value(rng)
        same = i > 0 and made.indicators[i - 1].level2 == row.level2
        name = f"指标{2 if same else 1}：{row.name}" if marked and not (i > 1 and same) else row.name
        rows.append([labels[i + 1], first[i], second[i], Cell(name), Cell(value.text)])
        draft.indicator("target", (row.level1, row.level2), row.name, value)
    return rows
