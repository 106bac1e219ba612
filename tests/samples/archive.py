"""The sample archive: which report is written how, and the functions that write them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.samples import docx, textdump
from tests.samples.bad import bad_inputs
from tests.samples.facts import facts
from tests.samples.families import FAMILIES
from tests.samples.funds import FUNDS, HOME, PLACES
from tests.samples.model import Draft, Layout, Sample

SEED = 20240401


@dataclass(slots=True)
class Plan:
    """One file to be written."""

    year: int
    name: str
    family: str
    funds: tuple[tuple[str, str], ...]  # (fund, place) of each report in the file
    layout: Layout
    features: list[str] = field(default_factory=list)
    numbering: str = "usual"
    auto: tuple[int, ...] = ()
    bare: tuple[int, ...] = ()
    mixed: bool = False


def plan(
    year: int, name: str, family: str, *funds: str, features: str = "", numbering: str = "usual",
    auto: tuple[int, ...] = (), bare: tuple[int, ...] = (), mixed: bool = False, **layout: Any,
) -> Plan:  # fmt: skip
    """A file of the fixed archive; funds as 「farm」 or 「culture@云陂市」; `name` carries the suffix."""
    pairs = tuple((f.split("@")[0], f.split("@")[1] if "@" in f else HOME) for f in funds)
    look = Layout(format=name.rsplit(".", 1)[1], **layout)
    return Plan(year, name, family, pairs, look, features.split(), numbering, auto, bare, mixed)


def archive() -> list[Plan]:
    """The committed archive: four funds over five years, every family more than once."""
    return [
        plan(2020, "高标准农田自评报告.txt", "seven_chapters", "farm", indent="　　", features="in_yi"),
        plan(2020, "乡村学校自评表.docx", "ministry_form", "school", features="execution_rate_wrong"),
        plan(2020, "公共文化绩效评价.txt", "third_party", "culture", encoding="gb18030", features="scores_indicators"),
        plan(2020, "中小河流部门评价.txt", "department", "river", features="bookmarks wild_numbering contents budget_table",
             numbering="comma"),
        plan(2021, "高标准农田转移支付自评.txt", "transfer", "farm", features="target_differs"),
        plan(2021, "乡村学校绩效评价.docx", "third_party", "school", auto=(1, 2),
             features="scores_do_not_sum scores_dimensions budget_table"),
        plan(2021, "市县项目自评表汇总.docx", "ministry_form", "culture", "school@云陂市", "river@清澜市",
             features="scores_do_not_sum"),
        plan(2021, "中小河流自评报告.docx", "seven_chapters", "river", heading_look="bold",
             features="parts_do_not_sum titled grid_before"),
        plan(2022, "高标准农田转移支付自评.docx", "transfer", "farm", heading_look="outline",
             features="completion_rate_wrong narrative_differs"),
        plan(2022, "乡村学校项目自评表.docx", "provincial_form", "school"),
        plan(2022, "公共文化自评报告.txt", "seven_chapters", "culture", encoding="utf-16", drop_merged=True,
             features="execution_rate_wrong"),
        plan(2022, "中小河流绩效评价.txt", "third_party", "river", auto=(1, 2), mixed=True,
             features="scores_transposed"),
        plan(2022, "公共文化绩效目标申报表.docx", "target_form", "culture", features="content_control"),
        plan(2023, "高标准农田转移支付自评.txt", "transfer", "farm", encoding="utf-8-sig", newline="\r\n",
             features="scores_do_not_sum narrative_differs"),
        plan(2023, "县级自评表.txt", "ministry_form", "school", "culture@临漪县", encoding="gb18030"),
        plan(2023, "公共文化部门评价.docx", "department", "culture", features="contents tracked_change budget_table"),
        plan(2023, "中小河流项目自评表.txt", "provincial_form", "river", "farm@望川市"),
        plan(2024, "高标准农田绩效评价.docx", "third_party", "farm", bare=(1, 2),
             features="scores_transposed text_box several_years"),
        plan(2024, "乡村学校部门评价.txt", "department", "school", features="bookmarks scores_do_not_sum",
             numbering="ascii"),
        plan(2024, "公共文化自评报告.docx", "seven_chapters", "culture", features="content_control",
             auto=(1, 2, 3, 4), auto_by_style=True),
        plan(2024, "乡村学校自评表.docx", "ministry_form", "school", heading_look="bold"),
        plan(2024, "中小河流转移支付自评.docx", "transfer", "river", auto=(1,), features="target_differs"),
        plan(2024, "中小河流绩效目标申报表.txt", "target_form", "river"),
        plan(2024, "公共文化部门评价.docx", "department", "culture", features="footnote wild_numbering",
             heading_look="bold"),
    ]  # fmt: skip


PLANTS = {
    "seven_chapters": ("parts_do_not_sum", "execution_rate_wrong"),
    "transfer": ("target_differs", "completion_rate_wrong", "narrative_differs", "scores_do_not_sum"),
    "third_party": ("scores_do_not_sum", "execution_rate_wrong"),
    "department": ("scores_do_not_sum",),
    "ministry_form": ("execution_rate_wrong", "scores_do_not_sum"),
    "provincial_form": (),
    "target_form": (),
}
LOOKS = {
    "department": ("budget_table", "bookmarks", "wild_numbering", "contents", "tracked_change", "footnote"),
    "third_party": ("budget_table", "text_box", "several_years"),
    "seven_chapters": ("content_control", "titled", "grid_before", "in_yi"),
}


def drawn(n: int, seed: int) -> Plan:
    """The n-th file of a large archive: everything drawn."""
    rng = Random(f"{seed}/{n}")
    family = rng.choice(list(FAMILIES))
    year = rng.randint(2020, 2024)
    form = rng.choice(("docx", "txt"))
    fund, place = rng.choice(FUNDS), rng.choice(PLACES)
    pairs = [(fund.key, place)]
    if family in ("ministry_form", "provincial_form", "target_form") and rng.random() < 0.3:
        pairs += [(rng.choice(FUNDS).key, rng.choice(PLACES)) for _ in range(rng.randint(1, 3))]
    features = [code for code in PLANTS[family] if rng.random() < 0.25]
    features += [look for look in LOOKS.get(family, ()) if rng.random() < 0.3]
    encoding = rng.choices(["utf-8", "utf-8-sig", "utf-16", "gb18030"], [6, 1, 1, 2])[0]
    layout = Layout(
        format=form,
        encoding=encoding,
        heading_look=rng.choice(("style", "bold", "outline")),
        indent=rng.choice(("", "", "　　", "    ")),
        airy=rng.choice((0.0, 0.4, 1.0)),
        drop_merged=form == "txt" and family == "seven_chapters" and rng.random() < 0.2,
    )
    auto: tuple[int, ...] = rng.choice(((), (), (1,), (1, 2)))
    if "wild_numbering" in features:
        auto = ()
    mixed = bool(auto) and rng.random() < 0.3
    bare: tuple[int, ...] = (1, 2) if not auto and form == "docx" and rng.random() < 0.1 else ()
    numbering = rng.choice(("usual", "usual", "comma", "ascii"))
    name = f"{n:05d}_{fund.key}.{form}"
    return Plan(year, name, family, tuple(pairs), layout, features, numbering, auto, bare, mixed)


def write(plan: Plan, seed: int) -> Sample:
    """Write the report of a plan: the same plan and seed give the same file."""
    source = f"{plan.year}/{plan.name}"
    plan.layout.order = Random(f"{seed}|{source}|look").getrandbits(32)
    draft = Draft(plan.family, Random(f"{seed}|{source}"), plan.layout)
    draft.features = list(plan.features)
    draft.numbering, draft.auto_levels, draft.bare_levels = plan.numbering, set(plan.auto), set(plan.bare)
    draft.mixed_auto = plan.mixed
    FAMILIES[plan.family](draft, [facts(key, place, plan.year, seed) for key, place in plan.funds])
    return Sample(source, draft)


def render(draft: Draft, form: str) -> bytes:
    return docx.document(draft) if form == "docx" else textdump.dump(draft)


def generate(out: Path, seed: int = SEED, count: int | None = None) -> list[dict[str, Any]]:
    """Write the archive below `out` and give its ground truth, a dict a file, in the order of their sources."""
    plans = archive() if count is None else [drawn(n, seed) for n in range(count)]
    truth = []
    for item in plans:
        sample = write(item, seed)
        path = out / sample.source
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render(sample.draft, item.layout.format))
        truth.append(sample.draft.truth(sample.source, item.layout.format))
    return sorted(truth, key=lambda entry: entry["source"])


def write_pair(report: str, out: Path) -> list[dict[str, Any]]:
    """Write one report both as docx and as text dump; `report` is its source in the archive, without suffix.

    Gives the ground truth of both: they differ only in what a text dump loses (automatic numbers, merged columns).
    """
    item = next(p for p in archive() if f"{p.year}/{p.name}".rsplit(".", 1)[0] == report)
    truth = []
    for form in ("docx", "txt"):
        draft = write(item, SEED).draft
        path = out / f"{report}.{form}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render(draft, form))
        truth.append(draft.truth(f"{report}.{form}", form))
    return truth


def truth_text(truth: list[dict[str, Any]]) -> str:
    return json.dumps(truth, ensure_ascii=False, indent=1) + "\n"


__all__ = ["archive", "bad_inputs", "generate", "truth_text", "write_pair"]
