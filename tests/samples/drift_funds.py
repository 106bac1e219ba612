"""The lines of money of the drifting archive: fifty of them, sixteen look-alikes among them, and what each is called when.

A line is the same money over the years, whatever it is called; two lines are different money, however alike they are called.
Every name says by which changes it came from the line's plain name, so that a measure can tell what it fails at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from random import Random

from tests.samples.drift_words import (
    COUNTY_PROJECTS,
    FAMILIES,
    GENERIC_OBJECTS,
    GENERIC_PEOPLE,
    GENERIC_PROJECTS,
    PERIOD_PROJECTS,
    Family,
    objects_of,
    people_of,
)

YEARS = tuple(range(2019, 2025))
LINES = 50
CITIES = ("云陂市", "清澜市", "望川市", "石埠市", "沙桥市")
COUNTIES = ("临漪县", "白桦县", "青石县", "柳堰县", "高坪县", "南浦县")
PROVINCES = ("江岚省", "北泽省", "朔岭自治区", "澄原自治区")

MONEY = ("资金", "专项资金", "补助资金", "专项补助资金", "专项经费", "补助经费")
"""Words for money that come and go at the end of one and the same fund's name."""
EMPTY_ACTS = frozenset({"建设", "发展", "补助", "服务", "工作", "支持", "支出", "提升", "改造"})
"""Acts that names drop without another fund being meant."""
FILLERS = ("工作", "项目", "体系", "事业", "任务")
CONFUSED = dict(zip("农土治人护技学工建设项公专环民防水文资补财育", "衣士冶入沪枝字土健没顶公专坏氏妨氷丈货朴材肓", strict=True))  # fmt: skip
"""Characters that typists and OCR take for one another."""
BRACKETS = ("（直达资金）", "(直达资金)", "（结转资金）", "〔{year}〕", "（{year}年）", "（切块下达）")
PREFIXES = {
    "省": ("{home}", "省级", "省级财政", "省本级"),
    "区": ("{home}", "自治区", "自治区级", "自治区本级"),
    "市": ("{place}", "市级", "市本级", "{home}"),
    "中央": ("中央", "中央财政", "中央补助"),
}
"""What comes and goes before a name. A line's money comes from one level, so none is called 中央 here and 省级 there."""
ACTS_IN_FRONT = frozenset(
    {"建设", "改造", "养护", "治理", "保护", "修缮", "修复", "推广", "购置", "培训", "普及"}
)
CENTRAL = ("中央财政", "中央", "中央补助")
LOCAL = {"省": ("省级财政", "省级", "省本级"), "区": ("自治区级", "自治区本级", "自治区财政")}
STAGES = {
    "一": ("（一期）", "一期", "（第一期）", "(一期)", "（Ⅰ期）"),
    "二": ("（二期）", "二期", "（第二期）", "(二期)", "（Ⅱ期）"),
}


@dataclass(frozen=True, slots=True)
class Name:
    """A name as a report prints it, and by what changes it differs from the line's plain name."""

    text: str
    changes: frozenset[str] = frozenset()

    def also(self, text: str, change: str) -> Name:
        return Name(text, self.changes | {change})


@dataclass(frozen=True, slots=True)
class Line:
    """A line of money. `like` is the line it is mistaken for, and what makes them alike."""

    key: str
    family: Family
    core: str
    act: str
    office: str  # after the place
    home: str  # whose money it is
    kind: str = "fund"  # fund, generic, county, stage
    marker: str = ""  # central, local: part of the name where both exist
    stage: str = ""
    years: tuple[int, ...] = YEARS
    like: str = ""
    relation: str = ""
    fixed: bool = False  # only what surrounds the name changes: its own words tell it from a look-alike
    central: bool = False  # money of the centre: what prefixes its name may have
    abbreviated: bool = False  # its stated abbreviation is used for sure


@dataclass(slots=True)
class Naming:
    """What a line is called in a year: the long-lasting changes."""

    core: str
    act: str
    money: str
    filler: str = ""
    turned: str = ""  # how the parts are turned: 支持 in front, or the act
    changes: frozenset[str] = frozenset()
    says: tuple[str, ...] = ()  # statements of the year's report: abbreviation, renaming
    old: str = ""  # the name before a renaming that the report states
    quiet: bool = False  # the year of a renaming that nobody states, and the one before: nothing else changes

    @property
    def words(self) -> str:
        money = self.money
        if self.turned == "act":
            return f"{self.act}{self.core}{self.filler}{money}"
        if self.turned:
            return f"支持{self.core}{self.act}{self.filler}{money}"
        return f"{self.core}{self.act}{self.filler}{money}"


@dataclass(slots=True)
class Funds:
    """The lines of an archive, by key, and their namings by year."""

    province: str
    lines: dict[str, Line] = field(default_factory=dict)
    namings: dict[str, dict[int, Naming]] = field(default_factory=dict)


def draw(seed: int) -> Funds:
    """Fifty lines of money with their namings; the same seed gives the same."""
    rng = Random(f"drift funds {seed}")
    made = Funds(rng.choice(PROVINCES))
    for line in _lines(made.province, rng):
        assert line.key not in made.lines, line.key
        made.lines[line.key] = line
    assert len(made.lines) == LINES
    for line in made.lines.values():
        made.namings[line.key] = _namings(line, Random(f"drift naming {seed} {line.key}"))
    return made


# ---- which lines there are ------------------------------------------------------------------


def _lines(province: str, rng: Random) -> list[Line]:
    """The look-alikes with the lines they resemble, then ordinary ones up to fifty."""
    families = list(FAMILIES)
    rng.shuffle(families)
    lines: list[Line] = []

    def take(wanted: Family | None = None) -> Line:
        family = wanted or families[-1]
        families.remove(family)
        name = family.core + family.act
        return Line(
            name, family, family.core, family.act, family.office, province, central=rng.random() < 0.4
        )

    for word in rng.sample(["养护资金", "发展资金"], 2):  # two offices' funds with one abbreviation
        first = next(f for f in families if f.abbreviation == word)
        second = next(f for f in families if f.abbreviation == word and f.office != first.office)
        a = replace(take(first), abbreviated=True)
        b = replace(take(second), abbreviated=True, like=a.key, relation="same abbreviation")
        lines += [a, b]
    for _ in range(4):
        base = replace(take(), fixed=True)
        core, act = base.family.twin
        lines += [
            base,
            replace(base, key=core + act, core=core, act=act, like=base.key, relation="one word apart"),
        ]
    for _ in range(3):
        base = replace(take(), fixed=True)
        base = replace(base, key=f"中央|{base.key}", marker="central")
        other = replace(base, key=base.key.replace("中央", "地方"), marker="local", like=base.key)
        lines += [base, replace(other, relation="central and local")]
    for _ in range(2):
        base = replace(take(), fixed=True)
        act = base.act + base.family.longer
        lines += [base, replace(base, key=base.core + act, act=act, like=base.key, relation="contained")]
    for project in rng.sample(PERIOD_PROJECTS, 2):
        lines += _stages(take(), project)
    for project in rng.sample(COUNTY_PROJECTS, 2):
        lines += _counties(project, province, rng)
    for n, project in enumerate(rng.sample(GENERIC_PROJECTS, 2)):
        lines += _generic(project, n, [families.pop() for _ in range(2)], province)
    lines += [take() for _ in range(LINES - len(lines))]
    return lines


def _stages(base: Line, project: str) -> list[Line]:
    name = f"{base.office.removesuffix('厅').removesuffix('局').removesuffix('委员会')}{project}"
    first = replace(
        base, key=f"{name}一期", core=name, act="项目", kind="stage", stage="一", years=YEARS[:4], fixed=True
    )
    second = replace(first, key=f"{name}二期", stage="二", years=YEARS[2:], like=first.key, relation="stages")
    return [first, second]


def _counties(project: tuple[str, str, str], province: str, rng: Random) -> list[Line]:
    name, office, core = project
    family = next(f for f in FAMILIES if f.core == core)
    homes = rng.sample(COUNTIES, 2)
    first, second = (
        Line(f"{home}|{name}", family, name, "项目", office, home, kind="county", fixed=True)
        for home in homes
    )
    return [first, replace(second, like=first.key, relation="other place")]


def _generic(project: str, n: int, families: Sequence[Family], province: str) -> list[Line]:
    first_office = families[0].office
    second_office = families[1].office if families[1].office != first_office else "审计厅"
    stuff = replace(
        families[0], objects=objects_of(GENERIC_OBJECTS[n]), people=people_of(GENERIC_PEOPLE), programmes=()
    )
    first, second = (
        Line(f"{office}|{project}", stuff, project, "", office, province, kind="generic", fixed=True)
        for office in (first_office, second_office)
    )
    return [first, replace(second, like=first.key, relation="other department")]


# ---- what a line is called in which year ----------------------------------------------------


def _namings(line: Line, rng: Random) -> dict[int, Naming]:
    money = rng.choice(MONEY) if line.kind == "fund" else ""
    now = Naming(line.core, line.act, money)
    years = {year: replace(now) for year in line.years}
    if line.kind != "fund" or (rng.random() < 0.12 and not line.abbreviated):
        return years
    inner = line.years[1:]
    if rng.random() < 0.6:
        word = rng.choice([m for m in MONEY if m != money])
        _from(years, rng.choice(inner), "money word", money=word)
    if line.fixed:
        return years
    luck = rng.random()
    if luck < 0.3:
        _rename(line, years, rng, stated=luck < 0.08 or not _share(line))
    elif luck < 0.45:
        change = (
            {"act": ""} if line.act in EMPTY_ACTS and rng.random() < 0.6 else {"filler": rng.choice(FILLERS)}
        )
        _from(years, rng.choice(inner), "function word", **change)
    elif luck < 0.58:
        _only(years, rng.choice(inner), "order", turned="act" if line.act in ACTS_IN_FRONT else "支持")
    elif luck < 0.7:
        _only(years, rng.choice(inner), "compressed", core=line.family.compressed)
    if line.abbreviated or rng.random() < 0.35:
        year = rng.choice(line.years[:4])
        years[year].says += ("abbreviation",)
    return years


def _share(line: Line) -> bool:
    """Whether the later name keeps two neighbouring characters of the first: else nobody could know without being told."""
    first, later = line.core + line.act, line.family.renamed
    return any(first[i : i + 2] in later for i in range(len(first) - 1))


def _from(years: dict[int, Naming], begin: int, change: str, **what: str) -> None:
    for year in [y for y in years if y >= begin]:
        years[year] = replace(years[year], **what, changes=years[year].changes | {change})  # type: ignore[arg-type]


def _only(years: dict[int, Naming], year: int, change: str, **what: str) -> None:
    years[year] = replace(years[year], **what, changes=years[year].changes | {change})  # type: ignore[arg-type]


def _rename(line: Line, years: dict[int, Naming], rng: Random, *, stated: bool) -> None:
    begin = rng.choice(line.years[2:5])
    old = years[begin - 1].words
    _from(years, begin, "renamed, stated" if stated else "renamed", core=line.family.renamed, act="")
    if stated:
        years[begin] = replace(years[begin], says=(*years[begin].says, "renaming"), old=old)
        return
    for year in (begin - 1, begin):
        years[year].quiet = True


# ---- what a report prints -------------------------------------------------------------------


def plain(line: Line, naming: Naming, province: str, rng: Random) -> Name:
    """The year's name, with what belongs to it: marker of the level, stage, county."""
    words = naming.words
    if line.marker:
        level = CENTRAL if line.marker == "central" else LOCAL[province[-1]]
        words = rng.choice(level) + words
    if line.stage:
        sign = rng.choice(STAGES[line.stage])
        words = f"{line.core}{sign}{line.act}" if sign in ("一期", "二期") else words + sign
    if line.kind == "county":
        words = rng.choice(
            (
                f"{line.home}{words}",
                f"{line.home}{words}",
                f"{line.home[:-1]}{words}",
                f"{words}（{line.home}）",
            )
        )
    return Name(words, naming.changes)


def in_title(line: Line, naming: Naming, province: str, rng: Random) -> Name:
    """The name in a title: no codes, quotation marks and batches there."""
    name = plain(line, naming, province, rng)
    if line.kind == "fund" and not naming.quiet and rng.random() < 0.12:
        other = rng.choice([m for m in MONEY if m != naming.money])
        name = plain(line, replace(naming, money=other), province, rng)
        name = Name(name.text, name.changes | {"money word"})
    return name


def in_form(line: Line, naming: Naming, province: str, place: str, year: int, rng: Random) -> Name:
    """The name in the cell 项目名称: with whatever systems and people put around it."""
    name = in_title(line, naming, province, rng)
    if naming.quiet and rng.random() < 0.7:
        return name
    if rng.random() < 0.3 and line.kind == "fund" and not line.marker:
        level = "中央" if line.central else "市" if place != province else province[-1]
        prefix = rng.choice(PREFIXES[level]).format(home=province, place=place)
        name = name.also(prefix + name.text, "level or place")
    if rng.random() < 0.4:
        name = _surrounded(line, name, year, rng)
    return name


def abbreviated(line: Line) -> Name:
    return Name(line.family.abbreviation, frozenset({"abbreviation"}))


def _surrounded(line: Line, name: Name, year: int, rng: Random) -> Name:
    text = name.text
    kind = rng.choice(("year", "batch", "bracket", "code", "quotes", "typo", "full width", "spaces"))
    if kind == "year":
        return name.also(rng.choice((f"{year}年{text}", f"{year}年度{text}", f"{text}（{year}年度）")), kind)
    if kind == "batch":
        looks = (
            f"{year}年第二批{text}",
            f"提前下达{year}年{text}",
            f"{text}（{year}年第一批）",
            f"{year}年{text}（第三批）",
        )
        return name.also(rng.choice(looks), kind)
    if kind == "bracket":
        filled = f"（{'、'.join(o.names[0] for o in line.family.objects[:2])}）"
        looks = BRACKETS
        return name.also(text + rng.choice((*looks, filled)).format(year=year), kind)
    if kind == "code":
        looks = (
            f"{rng.randint(2040000, 2290000)}-", f"5400{year % 100:02d}Y{rng.randint(0, 10**12):012d}-",
            f"{rng.randint(10, 99)}0000{year % 100:02d}T{rng.randint(0, 10**9):09d}-", f"[{rng.randint(2040000, 2290000)}]",
        )  # fmt: skip
        return name.also(rng.choice(looks) + text, kind)
    if kind == "quotes":
        return name.also(rng.choice(("“{}”", "《{}》", "「{}」", '"{}"')).format(text), kind)
    if kind == "typo":
        spots = [i for i, c in enumerate(text) if CONFUSED.get(c, c) != c]
        if not spots or line.fixed:
            return name
        at = rng.choice(spots)
        return name.also(text[:at] + CONFUSED[text[at]] + text[at + 1 :], kind)
    if kind == "full width":
        digits = str(year).translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        return name.also(rng.choice((f"{digits}年{text}", f"{text}（{digits}）")), kind)
    at = rng.randint(2, len(text) - 2)
    return name.also(text[:at] + rng.choice((" ", "　", "  ")) + text[at:], kind)
