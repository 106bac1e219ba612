"""How much of the sample archive's ground truth the parser reads exactly: `python -m tests.quality [--verbose]`.

For every family of reports and table of the store: `found` (share of true rows that a stored row tells
exactly, every field compared) and `precision` (share of stored rows that are true rows). The truth is
written by the generator from its own model, never by the parser.
"""

import argparse
import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from parsers import parse_file
from schemas.records import ParsedReport
from schemas.tables import field_values

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data" / "raw"
TRUTH = ROOT / "tests" / "samples" / "truth.json"

KEYS: dict[str, tuple[str, ...]] = {
    "sections": ("level", "title"),
    "tables": ("table_no",),
    "indicators": ("record", "name"),
    "funding": ("amount_text", "measure"),
    "projects": ("name",),
    "scores": ("dimension",),
    "remarks": ("text",),
}
"""What a true row and a stored row must share to be compared field by field."""


@dataclass(slots=True)
class Tally:
    """Counts of true rows, rows told exactly, and stored rows."""

    true: int = 0
    exact: int = 0
    stored: int = 0

    @property
    def found(self) -> float:
        """Share of true rows told exactly."""
        return self.exact / self.true if self.true else 1.0

    @property
    def precision(self) -> float:
        """Share of stored rows that are true."""
        return self.exact / self.stored if self.stored else 1.0


@dataclass(frozen=True, slots=True)
class Fault:
    """A true row that no stored row tells exactly, or a stored row that is not true."""

    source: str
    table: str
    true: Mapping[str, Any] | None
    stored: Mapping[str, Any] | None
    fields: tuple[str, ...] = ()

    def __str__(self) -> str:
        if self.true is None:
            return f"{self.source} {self.table}: extra {_brief(self.stored or {})}"
        if self.stored is None:
            return f"{self.source} {self.table}: missing {_brief(self.true)}"
        pairs = ", ".join(f"{f}: {self.true.get(f)!r} -> {self.stored.get(f)!r}" for f in self.fields)
        return f"{self.source} {self.table}: {_brief({k: self.true.get(k) for k in KEYS.get(self.table, ())})} {pairs}"


def measure(
    truth: Iterable[Mapping[str, Any]], raw: Path
) -> tuple[dict[tuple[str, str], Tally], list[Fault]]:
    """Tallies by (family, table) and every fault, over the files that `truth` describes below `raw`."""
    tallies: dict[tuple[str, str], Tally] = defaultdict(Tally)
    faults: list[Fault] = []
    for entry in truth:
        parsed = parse_file((raw / entry["source"]).read_bytes())
        for index, true_report in enumerate(entry["reports"]):
            report = parsed.reports[index] if index < len(parsed.reports) else None
            for table, tally, found in _report(entry["source"], true_report, report):
                whole = tallies[entry["family"], table]
                whole.true, whole.exact, whole.stored = (
                    whole.true + tally.true, whole.exact + tally.exact, whole.stored + tally.stored,
                )  # fmt: skip
                faults += found
        for extra in parsed.reports[len(entry["reports"]) :]:
            tallies[entry["family"], "report"].stored += 1
            faults.append(Fault(entry["source"], "report", None, field_values(extra.report)))
    return dict(tallies), faults


def _report(
    source: str, true: Mapping[str, Any], report: ParsedReport | None
) -> Iterator[tuple[str, Tally, list[Fault]]]:
    document = true["document"]
    fields = [f for f in document if not f.endswith("_accept")]
    stored = field_values(report.report) if report else {}
    wrong = [f for f in fields if not _same(document[f], stored.get(f), document.get(f"{f}_accept", ()))]
    faults = [Fault(source, "report", document, stored, tuple(wrong))] if wrong else []
    yield "report", Tally(len(fields), len(fields) - len(wrong), len(fields)), faults
    for table, keys in KEYS.items():
        rows = [field_values(row) for row in getattr(report, table)] if report else []
        yield (table, *_rows(source, table, true.get(table, []), rows, keys))


def _rows(
    source: str,
    table: str,
    true: list[Mapping[str, Any]],
    stored: list[dict[str, Any]],
    keys: tuple[str, ...],
) -> tuple[Tally, list[Fault]]:
    free = list(stored)
    faults: list[Fault] = []
    exact = 0
    for row in true:
        alike = [r for r in free if all(_same(row.get(k), r.get(k)) for k in keys)]
        if not alike:
            faults.append(Fault(source, table, row, None))
            continue
        best = min(alike, key=lambda r: len(_wrong(row, r)))
        free.remove(best)
        wrong = _wrong(row, best)
        exact += not wrong
        if wrong:
            faults.append(Fault(source, table, row, best, wrong))
    if table == "funding":  # the truth lists each distinct sum once, the store every statement of it
        free = [r for r in free if not any(r["amount_yuan"] == t.get("amount_yuan") for t in true)]
    faults += [Fault(source, table, None, row) for row in free]
    return Tally(
        len(true), exact, len(free) + len(true) - sum(f.stored is None for f in faults if f.true)
    ), faults


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
    return _folded(true) == _folded(stored) or any(_folded(value) == _folded(stored) for value in accepted)


def _folded(value: Any) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(value or "")))


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


def table(tallies: Mapping[tuple[str, str], Tally]) -> str:
    """The tallies as a Markdown table, families down, tables across: found / precision."""
    columns = ["report", *KEYS]
    families = sorted({family for family, _ in tallies})
    lines = ["| family | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for family in [*families, "all"]:
        cells = []
        for column in columns:
            tally = tallies.get((family, column)) if family != "all" else over_all(tallies, column)
            cells.append(
                f"{tally.found:.3f} / {tally.precision:.3f}"
                if tally and (tally.true or tally.stored)
                else "–"
            )
        lines.append(f"| {family} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def over_all(tallies: Mapping[tuple[str, str], Tally], column: str) -> Tally:
    """The tally of one column over all families."""
    chosen = [tally for (_, name), tally in tallies.items() if name == column]
    return Tally(sum(t.true for t in chosen), sum(t.exact for t in chosen), sum(t.stored for t in chosen))


def main() -> None:
    """Prints the figures for the sample archive, or for another with its truth."""
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    arguments.add_argument("--raw", type=Path, default=RAW)
    arguments.add_argument("--truth", type=Path, default=TRUTH)
    arguments.add_argument("--verbose", action="store_true", help="print every fault")
    options = arguments.parse_args()
    tallies, faults = measure(json.loads(options.truth.read_text(encoding="utf-8")), options.raw)
    if options.verbose:
        print("\n".join(str(fault) for fault in faults))
    print(table(tallies))


if __name__ == "__main__":
    main()
