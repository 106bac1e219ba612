"""What several families share: amounts in sentences, indicator rows, remarks."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from tests.samples import prose
from tests.samples.facts import Facts, Indicator
from tests.samples.model import Cell, Draft, column
from tests.samples.values import Money, Value, approximate, money, percent, rounded, split


@dataclass(slots=True)
class Purse:
    """How one report prints money in its sentences."""

    unit: str
    style: str

    def __call__(self, wan: Decimal | int) -> Money:
        unit = self.unit
        if unit == "亿元" and (wan < 10_000 or wan % 10):
            unit = "万元"  # smaller and odd sums stay in 万元, as reports mix them
        return money(wan, unit, self.style)


def purse(rng: Random) -> Purse:
    looks = (
        ("万元", "thousands"),
        ("万元", "plain"),
        ("万元", "two"),
        ("万元", "plain"),
        ("亿元", "plain"),
        ("元", "plain"),
    )
    return Purse(*rng.choice(looks))


def paragraphs(draft: Draft, made: Facts, *pools: tuple[str, ...], n: int = 2) -> None:
    """A few sentences of the pools, one or two to a paragraph."""
    rng = draft.rng
    sentences = [s for pool in pools for s in prose.some(pool, n, made, rng, draft.used)]
    while sentences:
        take = 2 if len(sentences) > 1 and rng.random() < 0.4 else 1
        draft.para("".join(sentences[:take]))
        sentences = sentences[take:]


def say_total(draft: Draft, made: Facts, pay: Purse) -> int:
    """「2021年…共安排资金…万元，其中：…」: a sum and its parts by source."""
    total = pay(made.total)
    top = draft.funding(made.name, "allocated", None, total)
    text = f"{made.year}年度{made.name}共安排{total.text}"
    said = []
    for label, code, budget, _ in made.sources:
        part = pay(budget)
        said.append(f"{label}{part.text}")
        draft.funding(label, "allocated", code, part, parent=top)
    text += "，其中：" + "，".join(said)
    draft.para(text + "。")
    return top


def say_parts(draft: Draft, made: Facts, pay: Purse, top: int | None) -> dict[str, int]:
    """One sentence that splits the sum over the directions."""
    said, numbers = [], {}
    for part in made.parts:
        amount = pay(part.amount)
        said.append(f"{part.name}{amount.text}")
        numbers[part.name] = draft.funding(part.name, "allocated", None, amount, parent=top)
    draft.para("按支持方向划分：" + "；".join(said) + "。")
    return numbers


def say_execution(draft: Draft, made: Facts, pay: Purse, rate: str = "") -> None:
    """「截至…实际支出…万元，预算执行率…%」; `rate` prints a wrong rate on purpose."""
    spent = pay(made.executed)
    shown = rate or percent(made.rate, "two")
    head = draft.rng.choice(("累计支出", "实际支出", "已执行"))
    draft.para(f"截至{made.year}年12月31日，{made.name}{head}{spent.text}，预算执行率{shown}。")
    draft.funding(made.name, "executed", None, spent, rate=float(shown.rstrip("%")))


def budget_table(draft: Draft, made: Facts) -> None:
    """Sums by direction, the unit in a line above the table."""
    rng = draft.rng
    caption = f"{made.name}安排和执行情况表"
    draft.para(caption, "caption")
    draft.para(rng.choice(("单位：万元", "（单位：万元）", "金额单位：万元")), "caption")
    done = split(int(made.executed), [p.amount for p in made.parts])
    sums = [Decimal(d) for d in done]
    sums[-1] += made.executed - int(made.executed)
    lines = [[rng.choice(("支持方向", "资金用途")), rng.choice(("预算数", "预算金额")), "执行数", "执行率"]]
    whole, spent = money(made.total, style="two", bare=True), money(made.executed, style="two", bare=True)
    top = draft.funding("合计", "budget", "total", whole)
    used = draft.funding("合计", "executed", "total", spent, rate=float(made.rate))
    for part, did in zip(made.parts, sums, strict=True):
        a, b = money(part.amount, style="two", bare=True), money(did, style="two", bare=True)
        rate = rounded(did / part.amount * 100)
        lines.append([part.name, a.text, b.text, percent(rate)])
        draft.funding(part.name, "budget", None, a, parent=top)
        draft.funding(part.name, "executed", None, b, parent=used, rate=float(rate))
    lines.append([rng.choice(("合计", "合  计")), whole.text, spent.text, percent(made.rate)])
    draft.table([[Cell(t) for t in line] for line in lines], "budget", caption)


def number_items(draft: Draft, kind: str, items: list[str], look: str) -> None:
    """Remarks one a paragraph (「1.」「（1）」, unnumbered), or all in one paragraph (「一是…」)."""
    if look == "run":
        ordinals = ("一是", "二是", "三是", "四是", "五是", "六是")
        draft.para("".join(o + t for o, t in zip(ordinals, items, strict=False)))
    else:
        for n, item in enumerate(items, 1):
            if look == "auto":  # Word numbers the items; a text dump loses the numbers
                draft.para(item, auto=True, level=3, number=f"{n}.", start=n)
                continue
            lead = {"dot": f"{n}.", "bracket": f"（{n}）", "comma": f"{n}、", "none": ""}[look]
            draft.para(lead + item)
    for item in items:
        draft.remark(kind, item)


def titled_items(draft: Draft, kind: str, items: list[tuple[str, str]], level: int) -> None:
    """Remarks under a heading each: the heading is a section, the paragraph the remark."""
    for title, text in items:
        draft.heading(level, title, {"problem": "problems", "recommendation": "recommendations",
                                     "experience": "experience", "deviation": "deviation"}[kind])  # fmt: skip
        draft.para(text)
        draft.remark(kind, text)


def numbered_look(rng: Random) -> str:
    return rng.choice(("dot", "bracket", "comma", "run", "auto"))


def actual_of(row: Indicator, rng: Random) -> Value:
    """The completed value; now and then one with several numbers or with 余/左右, which is no single number."""
    value = row.actual_value(rng, plain=rng.random() < 0.7)
    if row.actual is None or row.spec.kind != "count" or row.unit_is_loose():
        return value
    luck = rng.random()
    whole = int(row.actual)
    if luck > 0.94 and whole > 100:
        return approximate(whole // 10 * 10, row.spec.unit or "", rng)
    if luck > 0.92:
        return Value("")
    if luck < 0.06 and row.actual == whole and whole > 12:
        late = max(1, whole // 12)
        return Value(
            f"{whole}{row.spec.unit}，其中当年完成{whole - late}{row.spec.unit}，跨年完成{late}{row.spec.unit}"
        )
    return value


def levels_columns(rows: list[Indicator], mode: str, look: str = "plain") -> tuple[list[Cell], list[Cell]]:
    """The 一级 and 二级 columns over indicator rows; `look` breaks names over lines."""
    first, second = [], []
    for row in rows:
        text = row.level1
        if look == "broken":
            text = "\n".join(text)
        elif look == "halves":
            text = text[:-2] + "\n" + text[-2:]
        first.append(text)
        second.append(
            row.level2[:4] + "\n" + row.level2[4:] if look != "plain" and len(row.level2) > 5 else row.level2
        )
    return column(first, mode), column(second, mode)


def side(text: str, n: int) -> list[Cell]:
    """A label merged over n rows."""
    return [Cell(text, down="start"), *[Cell("", down="on") for _ in range(n - 1)]] if n > 1 else [Cell(text)]


def ended(draft: Draft) -> None:
    draft.para(prose.SAMPLE, "note")
