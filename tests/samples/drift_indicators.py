"""What the drifting archive measures: concepts made of parts (verb, object, measure), and the wordings of each.

A concept is what a person takes for the same measure in every year. Concepts with the same plain wording in several funds are one
concept. No wording stands for two concepts of an archive.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from tests.samples.drift_funds import CONFUSED, Line, Naming
from tests.samples.drift_words import Object
from tests.samples.facts import REASONS, Indicator
from tests.samples.funds import CST, ECO, EFF, OUT, PLEASED, QTY, QUA, SAT, SOC, SUS, TIME, Spec
from tests.samples.values import rounded

VERBS = {
    "新建": ("新建成",), "改造": ("升级改造", "改造提升"), "养护": ("日常养护", "管养"), "修缮": ("维修修缮",),
    "购置": ("采购", "购买"), "支持": ("资助",), "举办": ("组织举办", "开展"), "开展": ("组织开展",), "组织": ("组织开展",),
    "建设": ("建成",), "治理": ("综合治理",), "修建": ("建成",), "安装": ("加装",), "扶持": ("支持",), "培育": ("培育发展",),
    "检查": ("监督检查",), "配备": ("配置",), "设置": ("设立",), "管护": ("管理维护",), "维修": ("维修改造",), "更新": ("更新换代",),
    "发放": ("兑付",), "整治": ("综合整治",), "清淤": ("清淤疏浚",), "储备": ("存储",), "认定": ("评审认定",), "检测": ("抽样检测",),
    "维护": ("运行维护",), "评估": ("考核评估",), "新增": ("增加",),
}  # fmt: skip
MEASURES = {
    "面积": ("总面积", "面积数"), "长度": ("里程", "总长度"), "里程": ("长度", "里程数"), "数量": ("数", "{unit}数", "总数"),
    "规模": ("总规模", "数量"),
}  # fmt: skip
RATES = (
    ("验收合格率", ("验收通过率", "验收合格比例", "项目验收合格率"), QUA, 96),
    ("按期完成率", ("按时完成率", "任务按期完成率", "按期完成比例"), TIME, 93),
    ("正常运行率", ("正常运转率", "运行正常率"), QUA, 94),
    ("质量抽检达标率", ("抽检质量达标率", "质量抽查达标率"), QUA, 97),
)
PROGRAMME_COUNTS = (
    ("申报", ("{p}申报数", "申报{p}数量", "{p}申报项数")),
    ("立项", ("{p}立项数", "立项{p}数量", "{p}立项项数", "新立项{p}数量")),
    ("结题", ("{p}结题数", "结题{p}数量", "{p}结题项数")),
)
PROGRAMME_RATES = (
    ("{p}立项评审通过率", ("{p}立项评审通过比例", "{p}立项通过率")),
    ("{p}结题评审合格率", ("{p}结题评审合格比例", "{p}结题合格率")),
)
COMMON = (
    (QUA, "rate", "资金使用合规率", ("资金使用合规性比例", "项目资金使用合规率", "资金合规使用率"), 100),
    (
        TIME,
        "rate",
        "资金拨付及时率",
        ("资金及时拨付率", "项目资金拨付及时率", "资金拨付的及时率", "补助资金拨付及时率"),
        95,
    ),
    (TIME, "rate", "项目按期开工率", ("项目按时开工率", "按期开工率", "项目开工及时率"), 92),
    (QUA, "rate", "档案资料完整率", ("项目档案资料完整率", "档案资料齐全率"), 98),
    (SOC, "rate", "政策知晓率", ("群众政策知晓率", "政策宣传知晓率"), 85),
    (SOC, "rate", "投诉办结率", ("投诉事项办结率", "群众投诉办结率"), 95),
    (PLEASED, "rate", "服务对象满意度", ("服务对象满意率", "服务对象的满意度", "服务对象满意程度"), 90),
    (
        ECO,
        "money",
        "带动社会资本投入",
        ("撬动社会资本投入", "带动社会资本投入金额", "带动社会资金投入额"),
        5200,
    ),
    (ECO, "money", "节约财政资金", ("财政资金节约额", "节约财政资金金额"), 860),
    (SUS, "text", "长效管理机制健全性", ("长效管理机制健全程度", "长效管理机制健全情况"), 0),
)
LEVEL1 = {QTY: OUT, QUA: OUT, TIME: OUT, CST: OUT, ECO: EFF, SOC: EFF, SUS: EFF, PLEASED: SAT}
UNIT_KINDS = {
    **dict.fromkeys(("亩", "万亩", "平方米", "平方公里"), "area"), **dict.fromkeys(("米", "公里"), "length"),
    **dict.fromkeys(("人", "万人", "名"), "persons"), "人次": "person_times", "万人次": "person_times",
    **dict.fromkeys(("万元", "亿元"), "money"), "%": "percent", "": "text", "户": "households",
}  # fmt: skip
"""Kinds of units as the truth tells them apart; any other unit is a kind of its own."""
OTHER_UNITS = {"万亩": ("亩", 10_000), "亩": ("万亩", 0.0001), "万元": ("亿元", 0.0001), "人": ("万人", 0.0001),
               "人次": ("万人次", 0.0001), "公里": ("米", 1000), "米": ("公里", 0.001)}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wording:
    text: str
    changes: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Concept:
    """A measure: its plain wording first, then the others."""

    name: str
    unit: str
    kind: str  # count, rate, cost, money, text
    level2: str
    base: float
    others: tuple[Wording, ...] = ()
    twin: str = ""  # the concepts it is mistaken for share this

    @property
    def key(self) -> str:
        return f"{self.name}|{unit_kind(self.unit)}"

    @property
    def wordings(self) -> tuple[Wording, ...]:
        return (Wording(self.name), *self.others)


def unit_kind(unit: str) -> str:
    return UNIT_KINDS.get(unit, unit)


def pool(line: Line) -> list[Concept]:
    """All that a line could measure, look-alikes among it."""
    family = line.family
    found = [c for o in family.objects for c in _of_object(o)]
    found += [c for p in family.programmes for c in _of_programme(p)]
    found += [c for people in family.people for c in _of_people(people)]
    for level2, kind, name, others, base in COMMON:
        unit = {"rate": "%", "money": "万元", "text": ""}[kind]
        found.append(Concept(name, unit, kind, level2, base, _worded(("synonym", o) for o in others)))
    return list({c.key: c for c in found}.values())


def _worded(found: Iterable[tuple[str, str]]) -> tuple[Wording, ...]:
    """Wordings from changes (several joined by 「+」) and texts."""
    return tuple(Wording(text, frozenset(change.split("+"))) for change, text in found)


def _of_object(o: Object) -> Iterator[Concept]:
    name = o.names[0]
    for verb in o.verbs:
        yield Concept(
            f"{verb}{name}{o.measure}",
            o.unit,
            "count",
            QTY,
            o.base,
            _worded(_built(verb, o)),
            twin=f"{name}{o.measure}",
        )
    for rate, others, level2, base in RATES[:3]:
        kept = [("measure", f"{name}{other}") for other in others] + [
            ("synonym", f"{other}{rate}") for other in o.names[1:]
        ]
        yield Concept(f"{name}{rate}", "%", "rate", level2, base, _worded(kept), twin=rate)
    cost = [("measure", f"{name}{word}") for word in ("平均成本", "单位造价")]
    cost += [("synonym", f"{other}单位成本") for other in o.names[1:]]
    yield Concept(f"{name}单位成本", f"元/{o.unit}", "cost", CST, 1800, _worded(cost), twin="单位成本")


def _built(verb: str, o: Object) -> Iterator[tuple[str, str]]:
    """The ways to say that so much of something was built."""
    name, measure = o.names[0], o.measure
    measures = [m.format(unit=o.unit) for m in MEASURES[measure]]
    yield "order", f"{name}{verb}{measure}"
    for other in measures:
        yield "measure", f"{verb}{name}{other}"
    for other in VERBS.get(verb, ()):
        yield "synonym", f"{other}{name}{measure}"
        yield "synonym+order", f"{name}{other}{measure}"
    for other in o.names[1:]:
        yield "synonym", f"{verb}{other}{measure}"
        yield "synonym+order", f"{other}{verb}{measure}"
    yield "inserted", f"年度{verb}{name}{measure}"
    yield "inserted", f"全年{verb}{name}{measure}"
    yield "inserted", f"{verb}各类{name}{measure}"
    yield "measure", f"{verb}{name}"
    yield "measure+order", f"{name}{verb}{measures[0]}"


def _of_programme(p: str) -> Iterator[Concept]:
    for n, (step, others) in enumerate(PROGRAMME_COUNTS):
        worded = _worded(("order" if o.startswith(step) else "measure", o.format(p=p)) for o in others)
        yield Concept(f"{p}{step}数量", "项", "count", QTY, 150 - 40 * n, worded, twin="programme count")
    for name, others in PROGRAMME_RATES:
        yield Concept(name.format(p=p), "%", "rate", QUA, 92, _worded(("measure", o.format(p=p)) for o in others),
                      twin="programme rate")  # fmt: skip


def _of_people(people: tuple[str, ...]) -> Iterator[Concept]:
    who, other = people[0], people[-1]
    if who.endswith(("户", "家庭")):
        unit, word, words = "户", "户数", ("数量", "数")
    else:
        unit, word, words = "人", "人数", ("数量", "人员数")
    yield Concept(f"受益{who}{word}", unit, "count", SOC, 26000, _worded([
        ("order", f"{who}受益{word}"), ("measure", f"受益{who}{words[0]}"), ("synonym", f"受益{other}{word}"),
        ("synonym", f"惠及{who}{word}"), ("order+measure", f"{who}受益{words[0]}"),
    ]), twin="beneficiaries")  # fmt: skip
    yield Concept(f"培训{who}人数", "人", "count", QTY, 860, _worded([
        ("order", f"{who}培训人数"), ("measure", f"培训{who}{words[0]}"), ("synonym", f"培训{other}人数"),
        ("synonym+measure", f"培训{other}数量"), ("inserted", f"组织培训{who}人数"), ("inserted", f"全年培训{who}人数"),
    ]), twin="trained")  # fmt: skip
    yield Concept(f"培训{who}人次", "人次", "count", QTY, 1900, _worded([
        ("order", f"{who}培训人次"), ("measure", f"培训{who}人次数"), ("synonym", f"培训{other}人次"),
        ("inserted", f"累计培训{who}人次"),
    ]), twin="trained")  # fmt: skip
    yield Concept(f"{who}满意度", "%", "rate", PLEASED, 90, _worded([
        ("measure", f"{who}满意率"), ("inserted", f"{who}的满意度"), ("measure", f"{who}满意程度"), ("synonym", f"{other}满意度"),
        ("inserted", f"{who}对项目满意度"),
    ]), twin="satisfaction")  # fmt: skip


def told_apart(pools: dict[str, list[Concept]]) -> dict[str, list[Concept]]:
    """The pools without wordings that stand for more than one concept of the archive."""
    owner: dict[str, str] = {}
    clashing: set[str] = set()
    concepts = {c.key: c for found in pools.values() for c in found}
    for concept in concepts.values():
        for wording in concept.wordings:
            if owner.setdefault(wording.text, concept.key) != concept.key:
                clashing.add(wording.text)
    plain = {c.name for c in concepts.values()}
    return {
        key: [
            replace(c, others=tuple(w for w in c.others if w.text not in clashing and w.text not in plain)) for c in found
        ]
        for key, found in pools.items()
    }  # fmt: skip


# ---- what a line measures in which year -----------------------------------------------------

Chosen = dict[int, list[tuple[Concept, Wording]]]


def choose(line: Line, found: list[Concept], namings: dict[int, Naming], rng: Random) -> Chosen:
    """The concepts of each year with the year's wording: 8 to 14, one now and then giving way to another."""
    active = _first(found, rng)
    spare = [c for c in found if c not in active]
    now = {c.key: c.wordings[0] for c in found}
    years: Chosen = {}
    for year in line.years:
        quiet = namings[year].quiet
        if years and not quiet and rng.random() < 0.3:
            _give_way(active, spare, rng)
        for concept in active:
            if years and not quiet and concept.others and rng.random() < 0.17:
                now[concept.key] = rng.choice(concept.wordings)
        ordered = sorted(active, key=lambda c: list(LEVEL1).index(c.level2))
        years[year] = [(c, now[c.key]) for c in ordered]
    return years


def _first(found: list[Concept], rng: Random) -> list[Concept]:
    """A set that holds look-alikes: two verbs of one object, training of two groups, rates of two things."""
    size = rng.randint(8, 13)
    by_twin: dict[str, list[Concept]] = {}
    for concept in found:
        by_twin.setdefault(concept.twin, []).append(concept)
    groups = [g for t, g in by_twin.items() if t and len(g) > 1]
    rng.shuffle(groups)
    chosen: list[Concept] = [c for g in groups[:3] for c in rng.sample(g, 2)]
    must = [c for c in found if c.level2 == PLEASED and c not in chosen] + [
        c for c in found if c.level2 == SOC
    ]
    counts = [c for c in found if c.level2 == QTY and c.kind == "count" and c not in chosen]
    chosen += [rng.choice(must), *rng.sample(counts, 2)]
    common = [c for c in found if not c.twin and c not in chosen]
    rest = [c for c in found if c not in chosen and c not in common]
    while len(chosen) < size:
        chosen.append(
            (common if len(chosen) % 2 else rest).pop(rng.randrange(len(common if len(chosen) % 2 else rest)))
        )
    return list({c.key: c for c in chosen}.values())


def _give_way(active: list[Concept], spare: list[Concept], rng: Random) -> None:
    """One concept goes and another one like it comes in the same year."""
    old = rng.choice(active)
    alike = [c for c in spare if c.twin == old.twin] or [c for c in spare if c.level2 == old.level2] or spare
    new = rng.choice(alike)
    active[active.index(old)] = new
    spare.remove(new)
    spare.append(old)


def reworded(concept: Concept, usual: Wording, rng: Random, chance: float) -> Wording:
    """The year's wording, or another one that this report has: a synonym, the unit in brackets, a typing mistake."""
    luck = rng.random()
    if luck > chance:
        return usual
    if luck < chance * 0.15 and concept.unit and "/" not in concept.unit and concept.unit != "%":
        return Wording(f"{usual.text}（{concept.unit}）", usual.changes | {"unit in name"})
    spots = [i for i, c in enumerate(usual.text) if CONFUSED.get(c, c) != c]
    if luck < chance * 0.3 and spots:
        at = rng.choice(spots)
        return Wording(
            usual.text[:at] + CONFUSED[usual.text[at]] + usual.text[at + 1 :], usual.changes | {"typo"}
        )
    return rng.choice(concept.wordings)


def indicator(
    concept: Concept, name: str, year: int, size: float, rng: Random, *, other_unit: bool
) -> Indicator:
    """The concept's figures in a year, on the scale of a place; now and then in the larger or smaller unit."""
    spec = Spec(LEVEL1[concept.level2], concept.level2, name, concept.kind, concept.unit or None)
    level1 = LEVEL1[concept.level2]
    level2 = concept.level2
    if level2 == CST and year >= 2022:
        level1, level2 = "成本指标", "经济成本指标"
    met = rng.random() < 0.82
    row = Indicator(spec, name, level1, level2, ">=", None, None, met=met)
    if concept.kind == "text":
        row.op, row.target_words, row.actual_words = None, "建立健全", "建立健全" if met else "基本健全"
    elif concept.kind == "rate":
        row.target = min(Decimal(str(concept.base)) + rng.choice((-1, 0, 0, 1)), Decimal(100))
        gain = (100 - row.target) * Decimal(rng.choice((0, 30, 60, 100))) / 100
        row.actual = rounded(row.target + gain, 1) if met else rounded(row.target - rng.randint(2, 9), 1)
    else:
        _figures(concept, row, year, size, rng, other_unit=other_unit)
    if not row.met:
        row.reason = rng.choice(REASONS).format(month=rng.randint(5, 9))
    return row


def _figures(
    concept: Concept, row: Indicator, year: int, size: float, rng: Random, *, other_unit: bool
) -> None:
    """Numbers that grow a little every year, rounded as plans are."""
    grown = concept.base * (size if concept.kind != "cost" else 1) * (1 + 0.05 * (year - 2019))
    target = max(rounded(Decimal(str(grown)) * rng.randint(97, 103) / 100, 0), Decimal(2))
    more = rng.choice((100, 100, 102, 106, 112)) if row.met else rng.randint(75, 97)
    if concept.kind == "cost":
        row.op, more = "<=", rng.choice((92, 96, 100)) if row.met else 108
    actual = rounded(target * more / 100, 0)
    unit, factor = OTHER_UNITS.get(concept.unit, ("", 0))
    if other_unit and unit and (factor > 1 or target >= 1000):
        target, actual = (rounded(value * Decimal(str(factor)), 4).normalize() for value in (target, actual))
        row.spec = replace(row.spec, unit=unit)
    row.target, row.actual = Decimal(format(target, "f")), Decimal(format(actual, "f"))
    row.met = row.actual <= row.target if row.op == "<=" else row.actual >= row.target
