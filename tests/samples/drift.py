"""An archive whose funds and indicators change their names over six years, with the truth of what is the same.

    python -m tests.samples.drift OUT [--seed S]

One province's reports of 2019 to 2024 on fifty lines of money, reports of cities on some of them, projects of counties and
departments. Everything is invented. It is written without knowing how names are matched: it is the yardstick of that.

The truth of a line of money: the same money whatever it is called. A city's report on a fund of the province is on the province's
fund; a county's own project is not another county's, a department's not another department's. The truth of an indicator: what a
person takes for the same measure; the same plain wording in several funds is one concept.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from random import Random

from tests.samples import drift_funds, drift_indicators
from tests.samples.drift_funds import CITIES, Funds, Line, Name, Naming
from tests.samples.drift_indicators import Chosen, Concept, Wording, unit_kind
from tests.samples.facts import Facts, Part, weigh
from tests.samples.families import FAMILIES
from tests.samples.formats import rendered
from tests.samples.funds import Fund
from tests.samples.model import Draft, Layout, Para
from tests.samples.values import rounded, split

SEED = 1
TEXTS = ("seven_chapters", "transfer", "third_party", "department")
FORMS = ("ministry_form", "ministry_form", "provincial_form", "target_form")
CITY_FUNDS = 14
"""Lines that cities report on, too."""
SHORTENINGS = ("{name}（以下简称“{abbr}”）由{office}归口管理，资金随预算逐级下达。",
               "本报告所称{abbr}，是指{name}。", "{name}（简称“{abbr}”）主要投向基层。")  # fmt: skip
RENAMINGS = (
    "{name}（原“{old}”）按新的管理办法执行。", "自{year}年起，“{old}”更名为“{name}”。", "{name}由{old}更名而来，支持范围未作调整。",
    "{name}（原名{old}）继续支持原有方向。",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """An indicator as one report prints it, and what it is in truth."""

    record: str
    name: str
    concept: str
    unit: str
    changes: frozenset[str]

    @property
    def unit_kind(self) -> str:
        return unit_kind(self.unit)


@dataclass(frozen=True, slots=True)
class Report:
    """A file of the archive and the truth of the one report in it."""

    source: str
    family: str
    fund: str  # key of the line of money
    relation: tuple[str, str]  # the line it is mistaken for, and why
    name: Name
    year: int
    organisation: str
    indicators: tuple[Said, ...]


@dataclass(slots=True)
class Archive:
    """Everything about an archive that reports are written from."""

    seed: int
    funds: Funds
    chosen: dict[str, Chosen]
    reports: list[Report]
    drafts: list[tuple[str, str, Draft]]  # source, format, draft


def write(out: Path, seed: int = SEED) -> list[Report]:
    """Writes the archive below `out` and gives its truth, a report a file, in the order of their sources."""
    archive = _planned(seed)
    for form in ("docx", "txt", "xlsx"):
        chosen = [(source, draft) for source, its, draft in archive.drafts if its == form]
        for (source, _), content in zip(chosen, rendered([d for _, d in chosen], form), strict=True):
            path = out / source
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return sorted(archive.reports, key=lambda r: r.source)


def _planned(seed: int) -> Archive:
    funds = drift_funds.draw(seed)
    pools = drift_indicators.told_apart(
        {key: drift_indicators.pool(line) for key, line in funds.lines.items()}
    )
    chosen = {
        key: drift_indicators.choose(line, pools[key], funds.namings[key], Random(f"drift concepts {seed} {key}"))
        for key, line in funds.lines.items()
    }  # fmt: skip
    archive = Archive(seed, funds, chosen, [], [])
    rng = Random(f"drift archive {seed}")
    everyones = [key for key, line in funds.lines.items() if line.kind == "fund" and not line.abbreviated]
    with_cities = set(rng.sample(everyones, CITY_FUNDS))
    for key, line in funds.lines.items():
        abbreviation = ""
        cities = rng.sample(CITIES, rng.randint(2, 3)) if key in with_cities else []
        for year in line.years:
            naming = funds.namings[key][year]
            _of_province(archive, line, year, naming, abbreviation, rng)
            for city in cities:
                if rng.random() < 0.6:
                    _add(archive, line, year, city, rng.choice((*FORMS, "seven_chapters")), rng)
            if "abbreviation" in naming.says:
                abbreviation = line.family.abbreviation
    return archive


def _of_province(
    archive: Archive, line: Line, year: int, naming: Naming, abbreviation: str, rng: Random
) -> None:
    """The reports of the money's owner in a year: one that says what there is to say, often a form besides."""
    says = naming.says
    if line.kind != "fund":
        _add(archive, line, year, line.home, rng.choice(FORMS), rng)
        return
    family = rng.choice(TEXTS) if says or rng.random() < 0.55 else rng.choice(FORMS)
    _add(archive, line, year, line.home, family, rng)
    if abbreviation and rng.random() < 0.35:
        _add(archive, line, year, line.home, rng.choice(FORMS), rng, short=True)
    elif "abbreviation" in says:
        _add(
            archive,
            line,
            year,
            line.home,
            rng.choice(FORMS),
            rng,
            short=rng.random() < 0.5 or line.abbreviated,
        )
    elif rng.random() < 0.3:
        _add(archive, line, year, line.home, rng.choice(FORMS), rng)


def _add(
    archive: Archive, line: Line, year: int, place: str, family: str, rng: Random, *, short: bool = False
) -> None:
    """Writes one report and notes its truth."""
    home = archive.funds.province
    naming = archive.funds.namings[line.key][year]
    if short:
        name = drift_funds.abbreviated(line)
    elif family in TEXTS:
        name = drift_funds.in_title(line, naming, home, rng)
    else:
        name = drift_funds.in_form(line, naming, home, place, year, rng)
    form = rng.choices(("txt", "docx", "xlsx"), (5, 4, 1 if family in FORMS else 0))[0]
    source = f"{year}/{len(archive.reports):04d}_{place}_{family}.{form}"
    draft = Draft(
        family, Random(f"drift {archive.seed} {source}"), Layout(format=form, order=rng.getrandbits(32))
    )
    draft.features = ["titled", "scores_dimensions"]
    words, made = _made(archive, line, name, year, place, draft.rng, quiet=naming.quiet, short=short)
    FAMILIES[family](draft, [made])
    _reword_sentences(draft, words, naming.quiet)
    if family in TEXTS and place == line.home:
        _state(draft, line, naming, made)
    document = draft.now["document"]
    archive.reports.append(
        Report(
            source,
            family,
            line.key,
            (line.like, line.relation),
            name,
            year,
            document["organisation"],
            _said(draft, line, words),
        )
    )
    archive.drafts.append((source, form, draft))


# ---- what a report holds --------------------------------------------------------------------

Words = dict[str, tuple[Concept, Wording]]


def _made(
    archive: Archive, line: Line, name: Name, year: int, place: str, rng: Random, *, quiet: bool, short: bool
) -> tuple[Words, Facts]:
    """The figures of a line in a year and place under a name, and what each indicator's wording stands for."""
    home = place == line.home
    scale = Random(f"drift size {archive.seed} {line.key} {place}").uniform(0.6, 1.4) * (1 if home else 0.25)
    size = {"fund": 1.0, "county": 0.08, "generic": 0.03, "stage": 0.06}[line.kind] * scale
    fund = _fund(line, name.text, place, size, by_office=short or line.kind == "generic")
    total = max(int(fund.total * (1 + 0.06 * (year - 2019)) * rng.uniform(0.95, 1.05)), 40) // 10 * 10
    parts = []
    for sub, amount in zip(fund.subs, split(total, [rng.randint(3, 9) for _ in fund.subs]), strict=True):
        new = amount * rng.randint(45, 75) // 100
        parts.append(Part(sub, amount, rng.randint(9, 40), new, rng.randint(3, 18), amount - new))
    labels = [("中央财政资金", "central"), ("省级财政资金", "provincial"), ("市县财政资金", "local")]
    shares = {"central": [80, 15, 5], "local": [1, 84, 15]}.get(line.marker, [55, 30, 15])
    budgets = split(total, shares)
    done = [rounded(Decimal(b) * rng.randint(860, 1000) / 1000) for b in budgets]
    sources = [(n, c, b, d) for (n, c), b, d in zip(labels, budgets, done, strict=True)]
    made = Facts(fund, place, year, place + fund.office, total, total, sum(done, Decimal(0)), parts, sources)
    words: Words = {}
    for concept, usual in archive.chosen[line.key][year]:
        wording = drift_indicators.reworded(concept, usual, rng, 0.04 if quiet else 0.12)
        if wording.text in words:
            wording = concept.wordings[0]
        words[wording.text] = (concept, wording)
        plain_unit = "unit in name" in wording.changes
        made.indicators.append(
            drift_indicators.indicator(
                concept, wording.text, year, size, rng, other_unit=not plain_unit and rng.random() < 0.06
            )
        )
    weigh(made, rng)
    return words, made


def _fund(line: Line, name: str, place: str, size: float, *, by_office: bool) -> Fund:
    """The line as the families of reports need it, under the name of one report. `by_office`: the department itself
    reports, where its name alone tells whose money it is."""
    office = line.office if place.endswith(("省", "区")) else line.office.replace("厅", "局")
    stem = office.removesuffix("厅").removesuffix("局").removesuffix("委员会")
    things = [f"{o.names[0]}{o.verbs[0]}" for o in line.family.objects]
    doers = (office, office) if by_office else (f"{stem}事业发展中心", f"{stem}服务保障中心")
    people = line.family.people[0][0]
    return Fund(
        line.key, name, office, "财政部", int(9000 * size * (1 + len(line.key) % 4)), tuple(things[:3]), (),
        f"负责本地{line.core}有关工作，编制规划并监督资金使用", f"做好{'、'.join(things)}，方便{people}",
        (*(f"{thing}项目" for thing in things), f"{things[0]}示范点"), doers,
    )  # fmt: skip


def _reword_sentences(draft: Draft, words: Words, quiet: bool) -> None:
    """Some sentences call an indicator otherwise than the tables of the same report."""
    rng = draft.rng
    for row in draft.now["indicators"]:
        if row["record"] != "narrative" or quiet or rng.random() > 0.25:
            continue
        concept = words[row["name"]][0]
        other = rng.choice(concept.wordings)
        if words.get(other.text, (concept,))[0] is not concept:
            continue
        for block in draft.blocks:
            if isinstance(block, Para) and _names(block.text, row["name"], words):
                block.text = block.text.replace(f"{row['name']}指标值为", f"{other.text}指标值为", 1)
                row["name"] = other.text
                words.setdefault(other.text, (concept, other))
                break


def _names(text: str, name: str, words: Words) -> bool:
    """Whether a sentence gives this indicator's values, and not those of one whose name ends with its name."""
    if f"{name}指标值为" not in text:
        return False
    longer = (w for w in words if len(w) > len(name) and w.endswith(name))
    return not any(f"{w}指标值为" in text for w in longer)


def _state(draft: Draft, line: Line, naming: Naming, made: Facts) -> None:
    """The sentences that give the fund another name, after the report's first heading."""
    texts = []
    for said in naming.says:
        pattern = draft.rng.choice(SHORTENINGS if said == "abbreviation" else RENAMINGS)
        texts.append(
            pattern.format(
                name=made.name,
                abbr=line.family.abbreviation,
                office=made.office,
                old=naming.old,
                year=made.year,
            )
        )
    at = next(i for i, b in enumerate(draft.blocks) if isinstance(b, Para) and b.role == "body" and i > 2)
    draft.blocks[at:at] = [Para(text) for text in texts]


def _said(draft: Draft, line: Line, words: Words) -> tuple[Said, ...]:
    """The truth of every indicator row; what a family of reports adds of its own stands for itself."""
    said = []
    for row in draft.now["indicators"]:
        unit = row["target_unit"] or ""
        if row["name"] in words:
            concept, wording = words[row["name"]]
            said.append(Said(row["record"], row["name"], concept.key, concept.unit, wording.changes))
        else:
            said.append(
                Said(row["record"], row["name"], f"{row['name']}|{unit_kind(unit)}", unit, frozenset())
            )
    return tuple(said)


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.samples.drift", description="Write the archive of drifting names."
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    print(f"{len(write(options.out, options.seed))} reports in {options.out}")


if __name__ == "__main__":
    main()
