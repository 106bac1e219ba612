"""How much of the sample archive's ground truth the parser reads: `python -m tests.quality [--verbose]`.

For every format, every family of reports and every table of the store:

    found      share of true rows that a stored row tells of
    precision  share of stored rows that are true rows
    exact      share of true rows that a stored row tells exactly, every column compared

The truth is written by the generator from its own model, never by the parser. Formats that cannot be read on this
machine (scans without the extra `ocr`, old Word without LibreOffice) are left out and named.
"""

import argparse
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from parsers.reading import parse_file, parse_with_ocr
from schemas.errors import JixiaoError
from schemas.records import ParsedFile, ParsedReport
from schemas.tables import field_values
from tests.sample_truth import OCR_FORMATS, RAW, TRUTH, content, folded, form_of, unread_here

KEYS: dict[str, tuple[str, ...]] = {
    "sections": ("level", "title"),
    "tables": ("table_no",),
    "indicators": ("record", "name"),
    "funding": ("amount_text", "measure"),
    "projects": ("name",),
    "scores": ("dimension",),
    "remarks": ("text",),
}
"""What a true row and a stored row must share to be compared column by column."""

RATES = ("found", "precision", "exact")

Key = tuple[str, str, str]
"""Format, family and table."""
Grouped = dict[tuple[str, str], "Tally"]
"""By (format or family, table)."""


@dataclass(slots=True)
class Tally:
    """Counts of true rows, of those that a stored row tells of, of those told exactly, and of stored rows."""

    true: int = 0
    paired: int = 0
    right: int = 0
    stored: int = 0

    @property
    def found(self) -> float:
        """Share of true rows that a stored row tells of."""
        return self.paired / self.true if self.true else 1.0

    @property
    def precision(self) -> float:
        """Share of stored rows that are true rows."""
        return self.paired / self.stored if self.stored else 1.0

    @property
    def exact(self) -> float:
        """Share of true rows told exactly."""
        return self.right / self.true if self.true else 1.0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.true + other.true,
            self.paired + other.paired,
            self.right + other.right,
            self.stored + other.stored,
        )

    def __str__(self) -> str:
        return " ".join(f"{getattr(self, rate):.3f}" for rate in RATES)


@dataclass(frozen=True, slots=True)
class Fault:
    """A true row that no stored row tells exactly, a stored row that is not true, or a file that was not read."""

    source: str
    table: str
    true: Mapping[str, Any] | None
    stored: Mapping[str, Any] | None
    fields: tuple[str, ...] = ()
    problem: str = ""

    def __str__(self) -> str:
        if self.problem:
            return f"{self.source}: {self.problem}"
        if self.true is None:
            return f"{self.source} {self.table}: extra {_brief(self.stored or {})}"
        if self.stored is None:
            return f"{self.source} {self.table}: missing {_brief(self.true)}"
        pairs = ", ".join(f"{f}: {self.true.get(f)!r} -> {self.stored.get(f)!r}" for f in self.fields)
        return f"{self.source} {self.table}: {_brief({k: self.true.get(k) for k in KEYS.get(self.table, ())})} {pairs}"


def measure(truth: Iterable[Mapping[str, Any]], raw: Path) -> tuple[dict[Key, Tally], list[Fault]]:
    """Tallies by format, family and table and every fault, over the files that `truth` describes below `raw`."""
    tallies: dict[Key, Tally] = defaultdict(Tally)
    faults: list[Fault] = []
    for entry in truth:
        form, family, source = form_of(entry), entry["family"], entry["source"]
        reports: tuple[ParsedReport, ...] = ()
        try:
            reports = parsed(content(raw, source), form).reports
        except JixiaoError as error:
            faults.append(Fault(source, "report", None, None, problem=str(error)))
        for index, true_report in enumerate(entry["reports"]):
            report = reports[index] if index < len(reports) else None
            for table, tally, found in _report(source, true_report, report):
                tallies[form, family, table] += tally
                faults += found if reports else []
        for extra in reports[len(entry["reports"]) :]:
            tallies[form, family, "report"] += Tally(stored=1)
            faults.append(Fault(source, "report", None, field_values(extra.report)))
    return dict(tallies), faults


def parsed(data: bytes, form: str) -> ParsedFile:
    """What a sample file says; scans are recognised."""
    return parse_with_ocr(data) if form in OCR_FORMATS else parse_file(data)


def grouped(tallies: Mapping[Key, Tally], by: Literal["format", "family"]) -> Grouped:
    """The tallies summed over families or over formats; under "all" over both."""
    sums: Grouped = defaultdict(Tally)
    for (form, family, table), tally in tallies.items():
        sums[form if by == "format" else family, table] += tally
        sums["all", table] += tally
    return dict(sums)


def _report(
    source: str, true: Mapping[str, Any], report: ParsedReport | None
) -> Iterator[tuple[str, Tally, list[Fault]]]:
    document = true["document"]
    fields = [f for f in document if not f.endswith("_accept")]
    stored = field_values(report.report) if report else {}
    wrong = [
        f
        for f in fields
        if not report or not _same(document[f], stored.get(f), document.get(f"{f}_accept", ()))
    ]
    faults = [Fault(source, "report", document, stored, tuple(wrong))] if wrong else []
    told = len(fields) if report else 0
    yield "report", Tally(len(fields), told, len(fields) - len(wrong), told), faults
    for table, keys in KEYS.items():
        rows = [as_printed(field_values(row)) for row in getattr(report, table)] if report else []
        yield (table, *_rows(source, table, true.get(table, []), rows, keys))


def as_printed(row: dict[str, Any]) -> dict[str, Any]:
    """A stored row without what was concluded: the truth holds what is printed. `tests/parsers/test_levels.py` measures
    the conclusions."""
    return row | {"level2": None} if row.get("level2_inferred") else row


def _rows(
    source: str,
    table: str,
    true: list[Mapping[str, Any]],
    stored: list[dict[str, Any]],
    keys: tuple[str, ...],
) -> tuple[Tally, list[Fault]]:
    free = list(stored)
    faults: list[Fault] = []
    paired = right = 0
    for row in true:
        alike = [r for r in free if all(_same(row.get(k), r.get(k)) for k in keys)]
        if not alike:
            faults.append(Fault(source, table, row, None))
            continue
        best = min(alike, key=lambda r: len(_wrong(row, r)))
        free.remove(best)
        wrong = _wrong(row, best)
        paired += 1
        right += not wrong
        if wrong:
            faults.append(Fault(source, table, row, best, wrong))
    if table == "funding":  # the truth lists each distinct sum once, the store every statement of it
        free = [r for r in free if not any(r["amount_yuan"] == t.get("amount_yuan") for t in true)]
    faults += [Fault(source, table, None, row) for row in free]
    return Tally(len(true), paired, right, len(free) + paired), faults


def _wrong(true: Mapping[str, Any], stored: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(
        field
        for field, value in true.items()
        if field in stored and field not in ("parent", "report_no") and not _same(value, stored[field])
    )


def _same(true: Any, stored: Any, accepted: Iterable[Any] = ()) -> bool:
    if isinstance(true, list):
        return any(_same(value, stored) for value in true)
    if isinstance(true, (int, float)):
        return isinstance(stored, (int, float)) and abs(true - stored) <= 1e-6 * max(1.0, abs(true))
    return folded(true) == folded(stored) or any(folded(value) == folded(stored) for value in accepted)


def _brief(row: Mapping[str, Any]) -> str:
    hidden = {
        "places",
        "doc_id",
        "cells",
        "text" if "title" in row else "",
        "location",
        "block_no",
        "char_start",
        "char_end",
    }
    return str({k: v for k, v in row.items() if v not in (None, (), "") and k not in hidden})[:400]


def table(sums: Grouped, first: str) -> str:
    """Sums as a Markdown table, groups down, tables across: found, precision and exact."""
    columns = ["report", *KEYS]
    lines = [f"| {first} | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for group in sorted({group for group, _ in sums}, key=lambda g: (g == "all", g)):
        cells = [sums.get((group, column), Tally()) for column in columns]
        shown = [str(tally) if tally.true or tally.stored else "–" for tally in cells]
        lines.append(f"| {group} | " + " | ".join(shown) + " |")
    return "\n".join(lines)


def main() -> None:
    """Prints the figures for the sample archive, or for another with its truth."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--raw", type=Path, default=RAW)
    arguments.add_argument("--truth", type=Path, default=TRUTH)
    arguments.add_argument("--formats", default="", help="only these, with commas")
    arguments.add_argument("--verbose", action="store_true", help="print every fault")
    options = arguments.parse_args()
    truth = json.loads(options.truth.read_text(encoding="utf-8"))
    wanted = set(options.formats.split(",")) if options.formats else {form_of(entry) for entry in truth}
    reasons = {form: reason for form in sorted(wanted) if (reason := unread_here(form))}
    tallies, faults = measure([e for e in truth if form_of(e) in wanted - set(reasons)], options.raw)
    if options.verbose:
        print("\n".join(str(fault) for fault in faults))
    for form, reason in reasons.items():
        print(f"{form}: not measured: {reason}")
    print("found precision exact\n")
    print(table(grouped(tallies, "format"), "format"), end="\n\n")
    print(table(grouped(tallies, "family"), "family"))


if __name__ == "__main__":
    main()
