"""The tables of 转移支付自评报告: 区域绩效目标表, project list, 自评表."""

from __future__ import annotations

from tests.samples.facts import Facts
from tests.samples.families import common
from tests.samples.funds import TOWNS
from tests.samples.model import Cell, Draft
from tests.samples.values import Value, money, rounded, short


def targets(draft: Draft, made: Facts, values: dict[str, Value]) -> None:
    """区域绩效目标表: five columns, its caption is its first row."""
    rng = draft.rng
    caption = f"{made.name}区域绩效目标表"
    total = money(made.total, bare=True)
    centre, rest = made.sources[0], made.total - made.sources[0][2]
    central, local = money(centre[2], bare=True), money(rest, bare=True)
    sums = common.side("资金\n情况\n（万元）", 3)
    rows = [
        [Cell(caption, 5)],
        [Cell(f"（{made.year}年度）", 5)],
        [Cell("项目名称", 2), Cell(made.name, 3)],
        [Cell("中央主管部门", 2), Cell(made.fund.centre, 3)],
        [Cell("省级财政部门", 2), Cell(f"{made.place}财政厅"), Cell("省级主管部门"), Cell(made.office)],
        [sums[0], Cell("  年度金额：", 2), Cell(total.text, 2)],
        [sums[1], Cell("        其中：中央补助", 2), Cell(central.text, 2)],
        [sums[2], Cell("              地方资金", 2), Cell(local.text, 2)],
        [
            Cell("年度\n总体\n目标"),
            Cell(f"围绕{'、'.join(made.fund.subs)}等方向安排项目，{made.fund.aim}。", 4),
        ],
    ]
    top = draft.funding("年度金额", "budget", "total", total)
    draft.funding("中央补助", "budget", "central", central, parent=top)
    draft.funding("地方资金", "budget", "local", local, parent=top)
    first, second = common.levels_columns(made.indicators, "merged", rng.choice(("plain", "halves")))
    labels = common.side("绩\n效\n指\n标", len(made.indicators) + 1)
    heads = [
        Cell(text) for text in ("一级指标", "二级指标", "三级指标", rng.choice(("指标值", "年度指标值")))
    ]
    rows.append([labels[0], *heads])
    for i, row in enumerate(made.indicators):
        value = values[row.name]
        rows.append([labels[i + 1], first[i], second[i], Cell(row.name), Cell(value.text)])
        draft.indicator("target", (row.level1, row.level2), row.name, value)
    draft.table(rows, "form", caption)


def projects(draft: Draft, made: Facts) -> None:
    """Project list with categories, subcategories and total rows; some projects get nothing this year."""
    rng = draft.rng
    caption = f"{made.year}年{made.name}项目安排情况表"
    draft.para("项目安排具体如下：")
    draft.para(caption, "caption")
    in_line = rng.random() < 0.4  # the unit in a line above the table instead of the header
    if in_line:
        draft.para("单位：万元", "caption")
    two = rng.random() < 0.5 and not draft.layout.drop_merged
    heads = [
        "序号",
        "项目名称",
        rng.choice(("承担单位", "申报单位", "实施单位")),
        "安排资金" if in_line else "安排资金\n（万元）",
    ]
    rows = [[Cell(h, down="start" if two else None) for h in heads]]
    if two:
        rows.append([Cell("", down="on") for _ in heads])
    rows.append([Cell(rng.choice(("总计", "合  计")), 3), Cell(short(made.total))])
    seq = 0
    for n, part in enumerate(made.parts):
        rows.append([Cell(f"{'一二三四五六'[n]}、{part.name}", 3), Cell(short(part.amount))])
        for title, amount in (("（一）结转项目", part.old_amount), ("（二）新上项目", part.new_amount)):
            rows.append([Cell(title, 3), Cell(short(amount))])
            left = amount
            size = rng.randint(2, 4)
            for i in range(size):
                share = left if i == size - 1 else left * rng.randint(20, 60) // 100
                if i == 0 and size > 3 and rng.random() < 0.4:
                    share = 0
                left -= share
                seq += 1
                town = rng.choice(TOWNS)
                name = f"{town}{rng.choice(made.fund.works)}"
                if rng.random() < 0.2:
                    name += "（" + rng.choice(("一期", "二期", "续建")) + "）"
                doer = town + rng.choice(made.fund.doers)
                if rng.random() < 0.12:
                    doer += "、" + rng.choice(TOWNS) + made.fund.doers[0]
                rows.append([Cell(str(seq)), Cell(name), Cell(doer), Cell(str(share))])
                draft.project(seq, name, doer, share * 10_000, (part.name, title[3:]))
    draft.table(rows, "projects", caption, header_rows=2 if two else 1)


def form(draft: Draft, made: Facts) -> None:
    """自评表: sums over a completion block of seven columns, level names broken over lines."""
    rng = draft.rng
    caption = f"{made.name}绩效目标自评表"
    draft.para(caption, "caption")
    draft.para(f"（{made.year}年度）", "caption")
    rows = [
        [Cell("项目名称", 2), Cell(made.name, 5)],
        [Cell("中央主管部门", 2), Cell(made.fund.centre, 5)],
        [Cell("地方主管部门", 2), Cell(f"{made.place}财政厅、{made.office}", 5)],
    ]
    rows += _sums(draft, made)
    goal = common.side("总体\n目标\n完成\n情况", 2)
    rows.append([goal[0], Cell("总体目标", 3), Cell("全年实际完成情况", 3)])
    rows.append([goal[1], Cell(f"{made.fund.aim}。", 3), Cell("年度任务按计划推进，总体目标基本实现。", 3)])
    labels = common.side("绩\n效\n指\n标", len(made.indicators) + 1)
    heads = ("一级\n指标", "二级指标", "三级指标", "指标值", rng.choice(("全年实际完\n成值", "全年实际完成值")),
             "未完成原因和改进措施")  # fmt: skip
    rows.append([labels[0], *(Cell(h) for h in heads)])
    first, second = common.levels_columns(
        made.indicators, "merged", rng.choice(("broken", "broken", "halves"))
    )
    for i, row in enumerate(made.indicators):
        target, actual = row.target_value(rng, plain=True), row.actual_value(rng, plain=True)
        reason = row.reason + "。" if row.reason else rng.choice(("", "", "", "无", "/"))
        name = row.name
        if len(name) > 7 and rng.random() < 0.2:
            name = name[:6] + "\n" + name[6:]  # broken by hand to fit the column
        texts = (name, target.text, actual.text, reason)
        rows.append([labels[i + 1], first[i], second[i], *(Cell(t) for t in texts)])
        draft.indicator("completion", (row.level1, row.level2), row.name, target, actual,
                        reason=reason if row.reason else None)  # fmt: skip
    rows.append([Cell("说明"), Cell("无。", 6)])
    draft.table(rows, "form", caption)
    draft.para("注：", "note")
    draft.para("1．其他资金指与财政资金共同投入到同一项目的自有资金和社会资金。", "note")
    draft.para("2．未达到或超过指标值30%及以上的，应当说明原因。", "note")


def _sums(draft: Draft, made: Facts) -> list[list[Cell]]:
    """资金情况: 全年预算数（A）, 全年执行数（B）, 执行率（B/A）."""
    lines = [("年度资金总额：", "total", made.total, made.executed)]
    for n, (label, code, budget, done) in enumerate(made.sources):
        lines.append((("其中：" if n == 0 else "") + label, code, budget, done))
    cells = common.side("资金情况\n（万元）", len(lines) + 2)
    rows = [
        [
            cells[0],
            Cell("", 2),
            Cell("全年预算数（A）"),
            Cell("全年执行数（B）"),
            Cell("预算执行率（B／A）", 2),
        ]
    ]
    tops: dict[str, int] = {}
    for i, (label, code, budget, done) in enumerate(lines, 1):
        rate = rounded(done / budget * 100)
        shown = f"{short(rate)}%"
        a, b = money(budget, bare=True), money(done, bare=True)
        rows.append([cells[i], Cell(label, 2), Cell(a.text), Cell(b.text), Cell(shown, 2)])
        item = label.replace("其中：", "").rstrip("：")
        said = draft.funding(item, "budget", code, a, parent=tops.get("budget"))
        tops.setdefault("budget", said)
        said = draft.funding(item, "executed", code, b, parent=tops.get("executed"), rate=float(rate))
        tops.setdefault("executed", said)
    rows.append([cells[-1], Cell("其他资金", 2), Cell("0"), Cell("0"), Cell("0", 2)])
    draft.funding("其他资金", "budget", "other", money(0, bare=True), parent=tops["budget"])
    draft.funding("其他资金", "executed", "other", money(0, bare=True), parent=tops["executed"])
    return rows
