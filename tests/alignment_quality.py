"""How well funds and indicators are recognised under the names they drift through.

    python -m tests.alignment_quality [--seed S] [--verbose]

Writes the archive of tests/samples/drift.py, ingests it with the real command into a temporary store, and compares
`reports.fund_id` and `indicators.indicator_id` with the truth, pair by pair.

What is counted. A fund's observation is a distinct (line of money, year, organisation, printed name); an indicator's is a distinct
(concept, line of money, year, printed name, kind of unit). What several reports or tables repeat is one observation, unless the
store gave it several ids: then it is one for each. A pair is two different observations. It is truly the same where line or
concept is the same, and said to be the same where the ids are equal; no id is the same as none.

    precision   of the pairs said to be the same, those that are
    recall      of the pairs that are the same, those said to be

Indicators are measured twice: pairs within the same line of money (`indicators in a fund`), and all pairs of the archive
(`indicators everywhere`). The lines 「of other names」 leave out pairs printed alike, which no name can miss. The line 「names alone」 is
what comparing names letter by letter would give: how much of the archive drifts at all.

Reading is no part of it: reports and indicators that were not read as printed are left out, and their share is printed.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from tests.sample_truth import ROOT, folded
from tests.samples import drift
from tests.samples.drift import Report, Said

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Seen:
    """An observation: what it truly is, where it was seen and as what, and the id that the store gave it."""

    truth: str
    fund: str
    year: int
    name: str
    scope: str  # organisation of a fund's report, kind of unit of an indicator
    id: str
    changes: frozenset[str]
    relation: tuple[str, str] = ("", "")  # of a fund: the line it is mistaken for, and why


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of observations: truly the same, said to be, and both."""

    same: int
    said: int
    both: int

    @property
    def precision(self) -> float:
        return self.both / self.said if self.said else 1.0

    @property
    def recall(self) -> float:
        return self.both / self.same if self.same else 1.0

    def __str__(self) -> str:
        return f"precision {self.precision:.4f}  recall {self.recall:.4f}  ({self.same} pairs the same, {self.said} said to be)"


@dataclass(frozen=True, slots=True)
class Measured:
    """The observations of an archive, and how much of it was read as printed."""

    funds: list[Seen]
    indicators: list[Seen]
    reports_read: float
    indicators_read: float
    unread: list[str]

    @property
    def of_funds(self) -> Pairs:
        return pairs(self.funds)

    @property
    def within_funds(self) -> Pairs:
        found = [pairs(group) for group in _grouped(self.indicators, lambda s: s.fund)]
        return Pairs(sum(p.same for p in found), sum(p.said for p in found), sum(p.both for p in found))

    @property
    def of_indicators(self) -> Pairs:
        return pairs(self.indicators)


def measure(seed: int, folder: Path) -> Measured:
    """Writes the archive of a seed below `folder`, ingests it there with the command, and compares."""
    reports = drift.write(folder / "raw", seed)
    command = [
        sys.executable,
        "-m",
        "pipeline.cli",
        "ingest",
        str(folder / "raw"),
        "--store",
        str(folder / "store"),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return compared(reports, *stored(folder / "store" / "jixiao.duckdb"))


def stored(database: Path) -> tuple[dict[str, Row], dict[str, list[Row]]]:
    """The reports of a store by source, and their indicators."""
    with duckdb.connect(str(database), read_only=True) as con:
        heads = _rows(
            con, "SELECT d.source, r.* FROM reports r JOIN documents d USING (doc_id) WHERE r.report_no = 1"
        )
        lines = _rows(con, """
            SELECT d.source, i.record, i.name, i.target_unit, i.indicator_id FROM indicators i
            JOIN documents d USING (doc_id) WHERE i.report_no = 1 ORDER BY d.source, i.indicator_no
        """)  # fmt: skip
    by_source: dict[str, list[Row]] = defaultdict(list)
    for line in lines:
        by_source[line["source"]].append(line)
    return {head["source"]: head for head in heads}, by_source


def _rows(con: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    found = con.execute(query)
    names = [column[0] for column in found.description or ()]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def compared(reports: Sequence[Report], heads: dict[str, Row], lines: dict[str, list[Row]]) -> Measured:
    """The truth's reports beside those of the store."""
    funds: list[Seen] = []
    indicators: list[Seen] = []
    unread: list[str] = []
    read = said = found = 0
    for report in reports:
        head = heads.get(report.source, {})
        printed = (report.name.text, report.year, report.organisation)
        stored_as = (head.get("fund_name"), head.get("fiscal_year"), head.get("organisation"))
        if [folded(v) for v in printed] == [folded(v) for v in stored_as]:
            read += 1
            funds.append(_fund_seen(report, head["fund_id"]))
        else:
            unread.append(f"{report.source} {report.family}: {printed} read as {stored_as}")
        rows = lines.get(report.source, [])
        for truth, row in zip(report.indicators, _matched(report.indicators, rows), strict=True):
            said += 1
            if row is None:
                unread.append(f"{report.source} {report.family}: no {truth.record} {truth.name}")
                continue
            found += 1
            indicators.append(_indicator_seen(report, truth, row["indicator_id"]))
    return Measured(
        list(dict.fromkeys(funds)), list(dict.fromkeys(indicators)), read / len(reports), found / said, unread
    )


def _matched(truths: Iterable[Said], rows: list[Row]) -> list[Row | None]:
    """The store's row of each true one: the next that prints the same name in the same kind of record."""
    waiting: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in reversed(rows):
        waiting[row["record"], folded(row["name"])].append(row)
    return [
        waiting[t.record, folded(t.name)].pop() if waiting[t.record, folded(t.name)] else None for t in truths
    ]


def _fund_seen(report: Report, fund_id: str | None) -> Seen:
    known = fund_id or f"none {report.source}"
    scope, changes = report.organisation, report.name.changes
    return Seen(
        report.fund, report.fund, report.year, report.name.text, scope, known, changes, report.relation
    )


def _indicator_seen(report: Report, truth: Said, indicator_id: str | None) -> Seen:
    known = indicator_id or f"none {report.source} {truth.name}"
    return Seen(truth.concept, report.fund, report.year, truth.name, truth.unit_kind, known, truth.changes)


# ---- pairs ----------------------------------------------------------------------------------


def pairs(seen: Iterable[Seen]) -> Pairs:
    """All pairs of the observations, counted without listing them."""
    seen = list(seen)
    same = Counter(s.truth for s in seen)
    said = Counter(s.id for s in seen)
    both = Counter((s.truth, s.id) for s in seen)
    return Pairs(*(sum(comb(n, 2) for n in counts.values()) for counts in (same, said, both)))


def of_other_names(seen: Iterable[Seen]) -> Pairs:
    """The pairs that are not printed alike."""
    seen = list(seen)
    whole, alike = pairs(seen), [pairs(g) for g in _grouped(seen, lambda s: folded(s.name))]
    return Pairs(
        whole.same - sum(p.same for p in alike), whole.said - sum(p.said for p in alike), whole.both - sum(p.both for p in alike)
    )  # fmt: skip


def by_letters(seen: Iterable[Seen]) -> Pairs:
    """What comparing names letter by letter would give."""
    seen = list(seen)
    same = Counter(s.truth for s in seen)
    said = Counter(folded(s.name) for s in seen)
    both = Counter((s.truth, folded(s.name)) for s in seen)
    return Pairs(*(sum(comb(n, 2) for n in counts.values()) for counts in (same, said, both)))


def _grouped(seen: Iterable[Seen], key: Callable[[Seen], str]) -> list[list[Seen]]:
    groups: dict[str, list[Seen]] = defaultdict(list)
    for one in seen:
        groups[key(one)].append(one)
    return list(groups.values())


# ---- what goes wrong ------------------------------------------------------------------------


def missed(seen: Sequence[Seen]) -> Counter[str]:
    """Pairs that are the same and were not said to be, by the changes that lie between their names."""
    counts: Counter[str] = Counter()
    for group in _grouped(seen, lambda s: s.truth):
        for a, b in combinations(group, 2):
            if a.id != b.id:
                counts[" + ".join(sorted(a.changes ^ b.changes)) or _alike(a, b)] += 1
    return counts


def _alike(a: Seen, b: Seen) -> str:
    if folded(a.name) == folded(b.name):
        return "(printed alike)"
    return " / ".join(sorted(a.changes & b.changes)) or "(other)"


def merged(seen: Sequence[Seen]) -> Counter[str]:
    """Pairs that were said to be the same and are not, by what makes them alike."""
    counts: Counter[str] = Counter()
    for group in _grouped(seen, lambda s: s.id):
        for a, b in combinations(group, 2):
            if a.truth != b.truth:
                counts[_why_alike(a, b)] += 1
    return counts


def _why_alike(a: Seen, b: Seen) -> str:
    for one, other in ((a, b), (b, a)):
        if one.relation[0] == other.truth:
            return one.relation[1]
    return "printed alike" if folded(a.name) == folded(b.name) else "no look-alikes"


def examples(seen: Sequence[Seen], *, wrong: bool, most: int) -> list[str]:
    """Pairs of names that were merged wrongly, or missed; each pair of names once."""
    found: dict[str, None] = {}
    for group in _grouped(seen, (lambda s: s.id) if wrong else (lambda s: s.truth)):
        for a, b in combinations(group, 2):
            if (a.truth != b.truth) if wrong else (a.id != b.id):
                first, second = sorted((a, b), key=lambda s: (s.name, s.year))
                why = _why_alike(a, b) if wrong else " + ".join(sorted(a.changes ^ b.changes))
                found.setdefault(f"  {first.name} [{first.truth}] / {second.name} [{second.truth}]: {why}")
    return list(found)[:most]


def printed(measured: Measured, *, verbose: bool) -> str:
    """The figures as lines; `verbose` adds what went wrong."""
    funds, indicators = measured.funds, measured.indicators
    lines = [
        f"read as printed: reports {measured.reports_read:.4f}, indicators {measured.indicators_read:.4f}",
        f"observations: {len(funds)} of funds, {len(indicators)} of indicators",
        f"funds                      {measured.of_funds}",
        f"  of other names           {of_other_names(funds)}",
        f"  (names alone)            {by_letters(funds)}",
        f"indicators in a fund       {measured.within_funds}",
        f"indicators everywhere      {measured.of_indicators}",
        f"  of other names           {of_other_names(indicators)}",
        f"  (names alone)            {by_letters(indicators)}",
    ]
    if verbose:
        lines += ["", "not read as printed:", *measured.unread]
        for title, seen in (("funds", funds), ("indicators", indicators)):
            for word, counts, wrong in (
                ("missed", missed(seen), False),
                ("merged wrongly", merged(seen), True),
            ):
                lines += [
                    "",
                    f"{title}, pairs {word}:",
                    *(f"{n:7d}  {why}" for why, n in counts.most_common()),
                ]
                lines += examples(seen, wrong=wrong, most=60)
    return "\n".join(lines)


def main() -> None:
    """Prints the figures for the archive of a seed."""
    arguments = argparse.ArgumentParser(
        prog="python -m tests.alignment_quality", description=(__doc__ or "").splitlines()[0]
    )
    arguments.add_argument("--seed", type=int, default=drift.SEED)
    arguments.add_argument("--verbose", action="store_true", help="print what went wrong")
    options = arguments.parse_args()
    with TemporaryDirectory() as folder:
        print(printed(measure(options.seed, Path(folder)), verbose=options.verbose))


if __name__ == "__main__":
    main()
