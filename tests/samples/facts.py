"""The figures of a fund in a year, drawn once, so that every report about it says the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from random import Random

from tests.samples.funds import BY_KEY, Fund, Spec, office
from tests.samples.values import Value, printed, ratio, rounded, split, words


@dataclass(slots=True)
class Indicator:
    spec: Spec
    name: str
    level1: str
    level2: str
    op: str | None
    target: Decimal | None
    actual: Decimal | None
    target_words: str = ""
    actual_words: str = ""
    met: bool = True
    weight: Decimal = Decimal(0)
    score: Decimal = Decimal(0)
    reason: str = ""

    def target_value(self, rng: Random, *, plain: bool = False, strict: bool = True) -> Value:
        if self.target is None:
            return words(self.target_words)
        if self.spec.kind == "ratio":
            return ratio(">=", self.target, rng)
        op = self.op or "="
        clear = self.met and self.actual is not None and self.actual != self.target
        if clear and strict and not plain and rng.random() < 0.05:
            op = {">=": ">", "<=": "<"}.get(
                op, op
            )  # a strict sign now and then, where the result still meets it
        return printed(op, self.target, self.spec.unit, rng, plain=plain)

    def actual_value(self, rng: Random, *, plain: bool = False) -> Value:
        if self.actual is None:
            return words(self.actual_words)
        if self.spec.kind == "ratio":
            return ratio("=", self.actual, rng)
        return printed("=", self.actual, self.spec.unit, rng, plain=plain)

    def unit_is_loose(self) -> bool:
        """Units that cannot stand inside a sentence, like 台（套）."""
        return not self.spec.unit or "（" in self.spec.unit or "/" in self.spec.unit

    @property
    def completion(self) -> Decimal:
        """Completion rate in percent, as reports work it out."""
        if self.target is None or self.actual is None:
            return Decimal(100 if self.met else 80)
        return rounded(self.actual / self.target * 100)


@dataclass(slots=True)
class Part:
    """A direction of a fund: its money (万元) and its projects, new and carried over."""

    name: str
    amount: int
    new_count: int
    new_amount: int
    old_count: int
    old_amount: int


@dataclass(slots=True)
class Facts:
    fund: Fund
    place: str
    year: int
    office: str
    total: int
    initial: int
    executed: Decimal
    parts: list[Part]
    sources: list[tuple[str, str, int, Decimal]]  # label, code, budget, executed
    indicators: list[Indicator] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.fund.name

    @property
    def rate(self) -> Decimal:
        return rounded(self.executed / self.total * 100)

    @property
    def budget_points(self) -> Decimal:
        return rounded(self.rate / 10, 1)

    @property
    def total_points(self) -> Decimal:
        return self.budget_points + sum((i.score for i in self.indicators), Decimal(0))

    def points_of(self, level1: str) -> tuple[Decimal, Decimal]:
        rows = [i for i in self.indicators if i.level1 == level1]
        return sum((i.weight for i in rows), Decimal(0)), sum((i.score for i in rows), Decimal(0))

    @property
    def level1s(self) -> list[str]:
        return list(dict.fromkeys(i.level1 for i in self.indicators))


def grade(points: Decimal) -> str:
    return "优" if points >= 90 else "良" if points >= 80 else "中" if points >= 60 else "差"


REASONS = (
    "受{month}月连续降雨影响，有效施工时间被压缩，剩余工作量转入下一年度",
    "设备招标因有效供应商不足三家重新组织，合同签订时间推后",
    "个别县区配套手续办理偏慢，开工时间晚于计划",
    "年初按上一年度基数测算目标，未充分考虑服务人群外流因素",
    "部分乡镇用地调整方案批复较晚，任务在年底前未能全部落地",
)
MORE_REASONS = ("年中追加任务并调剂结余资金，工作量随之增加", "指标值设置偏保守，下一年度将结合实际合理调高")


def facts(key: str, place: str, year: int, seed: int) -> Facts:
    """Everything about one fund of one place in one year; the same call gives the same figures."""
    fund = BY_KEY[key]
    rng = Random(f"{seed}|{key}|{place}|{year}")
    size = Random(f"{seed}|{key}|{place}").uniform(0.7, 1.3) * (1 if place.endswith("省") else 0.25)
    total = int(fund.total * size * (1 + 0.05 * (year - 2020)) * rng.uniform(0.95, 1.05)) // 10 * 10
    amounts = split(total, [rng.randint(3, 9) for _ in fund.subs])
    parts = []
    for name, amount in zip(fund.subs, amounts, strict=True):
        new = amount * rng.randint(45, 75) // 100
        parts.append(Part(name, amount, rng.randint(9, 40), new, rng.randint(3, 18), amount - new))
    weights = [rng.randint(45, 60), rng.randint(20, 30), rng.randint(8, 15)]
    labels = [("中央财政资金", "central"), ("省级财政资金", "provincial"), ("市县财政资金", "local")]
    budgets = split(total, weights)
    done = [rounded(Decimal(b) * rng.randint(860, 1000) / 1000) for b in budgets]
    if rng.random() < 0.3:
        done = [Decimal(b) for b in budgets]
    sources = [(n, c, b, d) for (n, c), b, d in zip(labels, budgets, done, strict=True)]
    initial = total - total * rng.choice((0, 0, 12, 26)) // 1000
    made = Facts(
        fund, place, year, office(fund, place), total, initial, sum(done, Decimal(0)), parts, sources
    )
    made.indicators = [_indicator(spec, year, size, rng) for spec in fund.specs]
    weigh(made, rng)
    return made


def _indicator(spec: Spec, year: int, size: float, rng: Random) -> Indicator:
    level1, level2 = spec.level1, spec.level2
    if level1 == "成本指标":  # a level of its own only since 2022
        level1, level2 = (level1, "经济成本指标") if year >= 2022 else ("产出指标", level2)
    name = spec.alias if spec.alias and rng.random() < 0.35 else spec.name
    row = Indicator(spec, name, level1, level2, None, None, None, met=rng.random() < 0.82)
    drawn = _draw(spec, year, size, row.met, rng)
    if isinstance(drawn[0], str):
        row.target_words, row.actual_words = drawn[0], str(drawn[1])
    else:
        row.target, row.actual = drawn[0], Decimal(drawn[1])
        row.op = {"cap": "<=", "cost": "<=", "days": "<=", "months_cap": "<=", "rate_eq": "="}.get(
            spec.kind, ">="
        )
        row.met = row.actual <= row.target if row.op == "<=" else row.actual >= row.target
    if not row.met:
        row.reason = rng.choice(REASONS).format(month=rng.randint(5, 9))
    elif row.op == ">=" and row.completion >= 130:
        row.reason = rng.choice(MORE_REASONS)
    return row


def _draw(spec: Spec, year: int, size: float, met: bool, rng: Random) -> tuple[Decimal | str, Decimal | str]:
    """Target and actual value of one indicator."""
    kind = spec.kind
    if kind == "text":
        wanted, less, got = spec.base.split("|")
        return wanted, got if met else less
    if kind == "date":
        month = int(spec.base)
        late = f"{year + 1}年1月" if month == 12 else f"{year}年{month + 1}月"
        wanted = rng.choice((f"{year}年{month}月底前", f"{year}年{month}月30日前完成"))
        return (
            wanted,
            f"{year}年{month}月{rng.randint(5, 24)}日" if met else f"{late}{rng.randint(15, 28)}日",
        )
    base = Decimal(spec.base)
    if kind in ("rate", "rate_eq"):
        target = base if kind == "rate_eq" else min(base + rng.choice((0, 0, 1, 2)), Decimal(100))
        most = 100 - target
        gain = most * Decimal(rng.choice((0, 30, 55, 80, 100))) / 100
        return target, rounded(target + gain, 1) if met else rounded(
            target - rng.randint(2, 9) - Decimal("0.5"), 1
        )
    if kind == "cap":
        return base, rounded(base * Decimal(rng.randint(40, 95) if met else rng.randint(110, 140)) / 100, 2)
    if kind in ("ratio", "bare"):
        return base, rounded(base * Decimal(rng.randint(100, 160) if met else rng.randint(70, 96)) / 100, 2)
    if kind in ("years", "months"):
        return base, base + rng.choice((0, 0, 1)) if met else base - 2
    if kind in ("cost", "days", "months_cap"):
        return base, rounded(base * Decimal(rng.randint(85, 100) if met else rng.randint(104, 115)) / 100, 0)
    grown = base * Decimal(str(round(size, 3))) * (1 + Decimal("0.04") * (year - 2020))
    places = 0 if base == int(base) else 1
    target = max(rounded(grown * rng.randint(96, 104) / 100, places), Decimal(2))
    more = rng.choice((100, 100, 102, 105, 109, 117, 128, 142)) if met else rng.randint(72, 97)
    actual = rounded(target * more / 100, places)
    return target, actual if met or actual < target else target - 1


def weigh(made: Facts, rng: Random) -> None:
    """Points for 90 of the 100: outputs 50 (or 40 and costs 10), effects 30, satisfaction 10."""
    costs = any(i.level1 == "成本指标" for i in made.indicators)
    share = {"产出指标": 40 if costs else 50, "成本指标": 10, "效益指标": 30, "满意度指标": 10}
    for level1 in made.level1s:
        rows = [i for i in made.indicators if i.level1 == level1]
        for row, weight in zip(rows, split(share[level1], [1] * len(rows)), strict=True):
            row.weight = Decimal(weight)
            row.score = row.weight
            if not row.met:
                row.score = _reduced(row, rng)


def _reduced(row: Indicator, rng: Random) -> Decimal:
    if row.target and row.actual and row.op == ">=":
        return rounded(row.weight * row.actual / row.target, 1)
    return rounded(row.weight * rng.choice((7, 8, 9)) / 10, 1)


# Evaluations score decision, process, output and effect by indicators of their own (weights add up to 100).
EVALUATION = {
    "决策": [("项目立项", "立项依据充分性", 4), ("项目立项", "立项程序规范性", 3), ("绩效目标", "绩效目标合理性", 4),
           ("绩效目标", "绩效指标明确性", 4), ("资金投入", "预算编制科学性", 3), ("资金投入", "资金分配合理性", 2)],
    "过程": [("资金管理", "资金到位率", 4), ("资金管理", "预算执行率", 5), ("资金管理", "资金使用合规性", 4),
           ("组织实施", "管理制度健全性", 3), ("组织实施", "制度执行有效性", 4)],
    "产出": [("产出数量", "任务实际完成率", 12), ("产出质量", "质量达标率", 8), ("产出时效", "完成及时性", 6),
           ("产出成本", "成本节约率", 4)],
    "效益": [("项目效益", "实施效益", 12), ("项目效益", "可持续影响", 8), ("满意度", "受益群体满意度", 10)],
}  # fmt: skip


@dataclass(slots=True)
class Mark:
    """An evaluation indicator with its points."""

    dimension: str
    level2: str
    name: str
    weight: Decimal
    score: Decimal


def marks(rng: Random) -> list[Mark]:
    rows = []
    for dimension, items in EVALUATION.items():
        for level2, name, weight in items:
            lost = Decimal(rng.choice((0, 0, 0, 5, 10, 15, 20))) * weight / 100
            rows.append(Mark(dimension, level2, name, Decimal(weight), rounded(weight - lost)))
    return rows


def dimension_sums(rows: list[Mark]) -> list[tuple[str, Decimal, Decimal]]:
    names = list(dict.fromkeys(r.dimension for r in rows))
    return [
        (n, sum((r.weight for r in rows if r.dimension == n), Decimal(0)),
         sum((r.score for r in rows if r.dimension == n), Decimal(0)))
        for n in names
    ]  # fmt: skip
