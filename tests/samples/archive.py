"""The sample archive: which report is written how, and the functions that write them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from tests.samples.bad import bad_inputs
from tests.samples.facts import facts
from tests.samples.families import FAMILIES
from tests.samples.formats import (
    AS_MADE,
    DRAWN_WITH_A_FONT,
    FORMS_ONLY,
    NEED_TOOLS,
    SUFFIXES,
    TRAPS,
    WORD_ONLY,
    missing,
    packed,
    rendered,
    scan,
)
from tests.samples.funds import FUNDS, HOME, PLACES
from tests.samples.model import Draft, Layout, Sample

SEED = 20240401


@dataclass(slots=True)
class Plan:
    """One file to be written. A name with 「!」 is that of a file in an archive: 「2019历年.zip!河道/自评表.xlsx」."""

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

    @property
    def source(self) -> str:
        return f"{self.year}/{self.name}"


def plan(
    year: int, name: str, family: str, *funds: str, features: str = "", numbering: str = "usual",
    auto: tuple[int, ...] = (), bare: tuple[int, ...] = (), mixed: bool = False, form: str = "", traps: str = "",
    **layout: Any,
) -> Plan:  # fmt: skip
    """A file of the fixed archive; funds as 「farm」 or 「culture@云陂市」; `name` carries the suffix, `form` the format
    where the suffix does not tell it."""
    pairs = tuple((f.split("@")[0], f.split("@")[1] if "@" in f else HOME) for f in funds)
    look = Layout(format=form or name.rsplit(".", 1)[1], traps=tuple(traps.split()), **layout)
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
        *other_formats(),
    ]  # fmt: skip


def other_formats() -> list[Plan]:
    """Files as the years before and after left them: old Word and Excel, scans, web pages, archives, then PDF."""
    return [
        plan(2018, "高标准农田绩效评价.doc", "third_party", "farm", auto=(1, 2), features="scores_indicators"),
        plan(2018, "乡村学校自评报告.rtf", "seven_chapters", "school", heading_look="bold", features="titled"),
        plan(2018, "公共文化部门评价.odt", "department", "culture", features="budget_table contents"),
        plan(2018, "中小河流项目自评表.xls", "ministry_form", "river", "river@云陂市", traps="typed sheets instructions"),
        plan(2018, "扫描件/乡村学校自评表.pdf", "ministry_form", "school@云陂市", form="scan",
             traps="skewed speckled stamped cut_rows heads"),
        plan(2018, "扫描件/高标准农田目标申报表.pdf", "target_form", "farm@清澜市", form="scan", traps="two_colours skewed"),
        plan(2018, "扫描件/公共文化项目自评表.png", "provincial_form", "culture@云陂市", traps="skewed speckled"),
        plan(2018, "扫描件/中小河流目标申报表.jpg", "target_form", "river@清澜市", traps="stamped"),
        plan(2019, "乡村学校自评报告.html", "seven_chapters", "school", encoding="gb18030", features="in_yi",
             traps="chrome lying_meta hidden"),
        plan(2019, "高标准农田绩效评价.html", "third_party", "farm", features="scores_dimensions", heading_look="bold",
             traps="lying_meta word_markup entities layout_table"),
        plan(2019, "中小河流转移支付自评.mht", "transfer", "river", encoding="gb18030", heading_look="outline",
             traps="chrome entities"),
        plan(2019, "2019历年.zip!文化厅/公共文化项目自评表.xlsx", "provincial_form", "culture", traps="typed unrounded"),
        plan(2019, "2019历年.zip!教育厅/乡村学校目标申报表.txt", "target_form", "school", encoding="gb18030"),
        plan(2019, "2019历年.zip!市县/云陂市.zip!高标准农田自评表.docx", "ministry_form", "farm@云陂市"),
        plan(2019, "市县上报.7z!清澜市/中小河流自评表.html", "ministry_form", "river@清澜市", traps="sloppy no_meta"),
        plan(2019, "市县上报.7z!望川市/公共文化部门评价.txt", "department", "culture@望川市", airy=0.0),
        plan(2025, "高标准农田转移支付自评.pdf", "transfer", "farm", features="target_differs",
             traps="heads head_rule watermark cut_rows repeat_header"),
        plan(2025, "乡村学校绩效评价.pdf", "third_party", "school", features="scores_indicators budget_table",
             traps="heads unruled landscape open_cuts overprint"),
        plan(2025, "公共文化部门评价.pdf", "department", "culture", features="contents scores_do_not_sum",
             traps="heads by_character three_rules"),
        plan(2025, "中小河流自评报告.pdf", "seven_chapters", "river", features="parts_do_not_sum",
             traps="ragged filled_rules cut_rows label_centre heads"),
        plan(2025, "市县项目自评表.pdf", "ministry_form", "school@望川市", "culture@清澜市",
             traps="heads narrow cut_rows label_centre"),
        plan(2025, "公共文化转移支付自评.ofd", "transfer", "culture@石埠市", traps="heads cut_rows repeat_header"),
        plan(2025, "高标准农田项目自评表.xlsx", "ministry_form", "farm@云陂市", "farm@望川市", "farm@石埠市",
             features="execution_rate_wrong", traps="typed instructions far unit_formats empty_sheets"),
        plan(2025, "乡村学校目标申报表.xlsx", "target_form", "school", "school@临漪县", traps="typed sheets offset"),
        plan(2025, "中小河流转移支付自评.md", "transfer", "river@云陂市", features="completion_rate_wrong",
             traps="paged cut_cells formulas flat_headings page_marks"),
        plan(2025, "公共文化绩效评价.md", "third_party", "culture", features="scores_transposed",
             traps="no_headings pipes escapes"),
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


FORMS = ("ministry_form", "provincial_form", "target_form")
BASIC = ("docx", "txt")


def drawn(n: int, seed: int, formats: Sequence[str] = BASIC) -> Plan:
    """The n-th file of a large archive: everything drawn."""
    rng = Random(f"{seed}/{n}")
    family = rng.choice(list(FAMILIES))
    year = rng.randint(2020, 2024)
    form = rng.choice(formats)
    if form in FORMS_ONLY and family not in FORMS:
        family = rng.choice(FORMS)
    fund, place = rng.choice(FUNDS), rng.choice(PLACES)
    pairs = [(fund.key, place)]
    if family in FORMS and form not in ("png", "jpg") and rng.random() < 0.3:
        pairs += [(rng.choice(FUNDS).key, rng.choice(PLACES)) for _ in range(rng.randint(1, 3))]
    features = [code for code in PLANTS[family] if rng.random() < 0.25]
    features += [look for look in LOOKS.get(family, ()) if rng.random() < 0.3]
    if form not in BASIC and form not in AS_MADE:
        features = [look for look in features if look not in WORD_ONLY]
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
    if form not in BASIC:
        layout.traps = tuple(trap for trap in TRAPS.get(form, ()) if rng.random() < 0.35)
    name = f"{n:05d}_{fund.key}.{SUFFIXES.get(form, form)}"
    return Plan(year, name, family, tuple(pairs), layout, features, numbering, auto, bare, mixed)


def write(plan: Plan, seed: int) -> Sample:
    """Write the report of a plan: the same plan and seed give the same file."""
    source = plan.source
    plan.layout.order = Random(f"{seed}|{source}|look").getrandbits(32)
    draft = Draft(plan.family, Random(f"{seed}|{source}"), plan.layout)
    draft.features = list(plan.features)
    draft.numbering, draft.auto_levels, draft.bare_levels = plan.numbering, set(plan.auto), set(plan.bare)
    draft.mixed_auto = plan.mixed
    FAMILIES[plan.family](draft, [facts(key, place, plan.year, seed) for key, place in plan.funds])
    return Sample(source, draft)


def render(draft: Draft, form: str) -> bytes:
    return rendered([draft], form)[0]


def generate(
    out: Path, seed: int = SEED, count: int | None = None, formats: Sequence[str] = (), *, keep: bool = False,
    needs_tools: Path | None = None,
) -> list[dict[str, Any]]:  # fmt: skip
    """Write the archive below `out` and give its ground truth, a dict a file, in the order of their sources.
    What only OCR or LibreOffice can read goes below `needs_tools`, where that is given.

    Without a `count` it is the fixed archive, else that many drawn reports in one of `formats` each. `keep` leaves
    files as they are whose bytes would differ each time (LibreOffice, 7z) and those that this machine cannot draw.
    """
    plans = archive() if count is None else [drawn(n, seed, formats or BASIC) for n in range(count)]
    if count is None and formats:
        plans = [item for item in plans if item.layout.format in formats]
    samples = [(item, write(item, seed)) for item in plans]
    contents: dict[str, bytes] = {}
    form_of = {item.source: item.layout.format for item in plans}

    def folder(form: str | None) -> Path:
        return needs_tools if needs_tools and form in NEED_TOOLS else out

    for form in dict.fromkeys(item.layout.format for item in plans):
        chosen = [sample for item, sample in samples if item.layout.format == form]
        if keep and (form in AS_MADE or missing(form)):
            chosen = [s for s in chosen if "!" in s.source or not (folder(form) / s.source).exists()]
        if chosen:
            made = rendered([s.draft for s in chosen], form)
            contents |= dict(zip([s.source for s in chosen], made, strict=True))
    for name, content in in_archives(contents).items():
        path = folder(form_of.get(name)) / name
        if keep and name.endswith(".7z") and path.exists():
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    truth = [s.draft.truth(s.source, item.layout.format) for item, s in samples]
    return sorted(truth, key=lambda entry: entry["source"])


def ground_truth(seed: int = SEED) -> list[dict[str, Any]]:
    """The truth of the fixed archive, without writing it."""
    truth = [write(item, seed).draft.truth(item.source, item.layout.format) for item in archive()]
    return sorted(truth, key=lambda entry: entry["source"])


def scan_lines(seed: int = SEED) -> dict[str, list[Any]]:
    """Where every line stands on the scans of the fixed archive: [page, [left, top, right, bottom], text]."""
    scans = [item for item in archive() if item.layout.format in DRAWN_WITH_A_FONT]
    return {
        item.source: [[p.page, p.box, p.text] for p in scan.pages(write(item, seed).draft)[1]]
        for item in scans
    }


def in_archives(contents: Mapping[str, bytes]) -> dict[str, bytes]:
    """Files by their path in the folder; those with 「!」 in their source packed into their archives, inmost first."""
    files: dict[str, bytes] = {}
    inside: dict[str, dict[str, bytes]] = {}
    for source, content in contents.items():
        outer, _, member = source.partition("!")
        if member:
            inside.setdefault(outer, {})[member] = content
        else:
            files[source] = content
    return files | {name: packed.packed(name, in_archives(members)) for name, members in inside.items()}


def write_pair(report: str, out: Path, formats: Sequence[str] = BASIC) -> list[dict[str, Any]]:
    """Write one report in several formats; `report` is its source in the archive, without suffix.

    Gives the ground truth of each: they differ only in what a text dump loses (automatic numbers, merged columns) and
    in what columns rules tell apart.
    """
    item = next(p for p in archive() if p.source.rsplit(".", 1)[0] == report)
    report = report.replace("!", "/")
    truth = []
    for form in formats:
        draft = write(item, SEED).draft
        path = out / f"{report}.{form}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(render(draft, form))
        truth.append(draft.truth(f"{report}.{form}", form))
    return truth


def truth_text(truth: list[dict[str, Any]]) -> str:
    return json.dumps(truth, ensure_ascii=False, indent=1) + "\n"


__all__ = ["archive", "bad_inputs", "generate", "ground_truth", "scan_lines", "truth_text", "write_pair"]
