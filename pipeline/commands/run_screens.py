"""What `ingest`, `runs` and `failures` print for eyes."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from itertools import groupby
from pathlib import Path
from shlex import quote

from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.commands.output import one_line
from pipeline.failures import ADVICE, Failure
from pipeline.forgetting import Forgotten
from pipeline.ingest import Summary
from pipeline.intentions import READ, Action, Intention
from pipeline.preview import Preview
from pipeline.runs import Run, Unpublished
from pipeline.totals import COUNTED, YearTotals
from pipeline.watching.events import Mode
from pipeline.watching.pace import duration
from pipeline.watching.tracker import pace_text

FAILURES_SHOWN = 20
LONG_RUN, LONG_FILE = 10.0, 60.0
"""Seconds of a run beyond which its steps are told, and of a file beyond which it is named."""

OPTIONS: Mapping[Mode, str] = {"reparse": " --reparse", "only_failed": " --only-failed"}
"""With which option a stopped run of a mode goes on."""

DEFAULT_STORE = Path("data")


def print_summary(console: Console, summary: Summary, years: Sequence[YearTotals], store: Path) -> None:
    """The files of a run by outcome, where its time went, what the store now holds by year, and what is not in it."""
    counts = asdict(summary.counts)
    total = counts.pop("files")
    console.print(f"{files(total)}: {_listed(counts) or 'none'}")
    steps = f" ({_steps(summary)})" if summary.seconds >= LONG_RUN else ""
    console.print(
        f"run {summary.run_id}, generation {summary.generation}, {_seconds(summary.seconds)}{steps}",
        soft_wrap=True,
    )
    slow = [s for s in summary.slowest if s.seconds >= LONG_FILE]
    if slow:
        named = ", ".join(f"{one_line(s.source)} {duration(s.seconds)}" for s in slow)
        console.print(Text(f"longest: {named}"), soft_wrap=True)
    if years:
        console.print()
        console.print(_year_table(years))
    if summary.failures:
        _print_unread(console, summary, store)


def _steps(summary: Summary) -> str:
    """The seconds of each step that took some: unpacking 9 s, reading 23 s, publishing 7 s; 1.9 files/s."""
    reading = summary.steps.get("reading", 0.0) + summary.steps.get("recognising", 0.0)
    parts = ", ".join(f"{step} {duration(s)}" for step, s in summary.steps.items() if s >= 1)
    return f"{parts}; {pace_text(summary.read / reading, 'files')}" if reading and summary.read else parts


def _print_unread(console: Console, summary: Summary, store: Path) -> None:
    found = summary.failures
    console.print(f"\n{files(len(found))} gave no rows:")
    kinds = Counter(f.category or "" for f in found)
    if len(found) > FAILURES_SHOWN:
        console.print(f"  ({_listed(dict(kinds.most_common()))})")
    for failure in found[:FAILURES_SHOWN]:
        text = f"  {one_line(failure.source)}: {failure.category}: {one_line(failure.message or '')}"
        console.print(Text(text))
    if (more := len(found) - FAILURES_SHOWN) > 0:
        console.print(f"  … and {more} more")
    at = _at(store)
    console.print(
        Text(f"see them with: jixiao failures{at}; read them again with: jixiao failures --retry{at}"),
        soft_wrap=True,
    )


def _at(store: Path) -> str:
    """The option that names the store, where a command needs it."""
    return "" if store == DEFAULT_STORE else f" --store {quote(str(store))}"


def files(count: int) -> str:
    """A number of files in words."""
    return f"{count} {'file' if count == 1 else 'files'}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n} {name}" for name, n in counts.items() if n)


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 60 else duration(seconds)


def _headed() -> Table:
    return Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))


def _year_table(years: Sequence[YearTotals]) -> Table:
    table = _headed()
    table.add_column("fiscal year")
    for name in ("reports", "of them new", *COUNTED):
        table.add_column(name, justify="right")
    for y in years:
        numbers = (y.reports, y.new_reports, *(y.counts[c] for c in COUNTED))
        table.add_row("not stated" if y.fiscal_year is None else str(y.fiscal_year), *map(str, numbers))
    return table


# ---- what would be done, and what went ------------------------------------------------------

ACTIONS: tuple[Action, ...] = ("new", "changed", "again", "unopened", "moved", "duplicate", "unchanged")
"""In the order in which they are listed: what is read first."""

LISTED = frozenset({"new", "changed", "again", "unopened", "moved"})
"""Actions whose files are named; the others do nothing."""


def print_preview(console: Console, found: Preview) -> None:
    """What an ingest would do; of each kind the first files by name."""
    counts = found.counts
    reads = sum(counts.get(action, 0) for action in READ)
    told: dict[str, int] = {action: counts.get(action, 0) for action in ACTIONS}
    console.print(f"{reads} of {files(len(found.files))} would be read: {_listed(told) or 'none'}")
    if found.replaced:
        console.print(f"the rows of {found.replaced} documents would be replaced")
    kinds = {action: [i for i in found.files if i.action == action] for action in ACTIONS if action in LISTED}
    for action, intended in kinds.items():
        if intended:
            console.print(f"\n{action}:")
            _print_intentions(console, intended)
    console.print("\nnothing was written")


def _print_intentions(console: Console, intended: Sequence[Intention]) -> None:
    for i in intended[:FAILURES_SHOWN]:
        reason = f": {one_line(i.reason)}" if i.reason else ""
        console.print(Text(f"  {one_line(i.source)}{reason}"), soft_wrap=True)
    if (more := len(intended) - FAILURES_SHOWN) > 0:
        console.print(f"  … and {more} more; --json names all")


def print_forgotten(console: Console, found: Forgotten) -> None:
    """What went, or, where nothing was written, what would go."""
    verb = "would be forgotten" if found.generation is None else "forgotten"
    documents = f"{found.documents} {'document' if found.documents == 1 else 'documents'}"
    reports = f"{found.reports} {'report' if found.reports == 1 else 'reports'}"
    console.print(f"{documents} with {reports} {verb}, of {files(len(found.sources))}:")
    for going in found.sources[:FAILURES_SHOWN]:
        console.print(Text(f"  {one_line(going.source)}"), soft_wrap=True)
    if (more := len(found.sources) - FAILURES_SHOWN) > 0:
        console.print(f"  … and {more} more")
    if found.generation is None:
        console.print("nothing was written")
    else:
        console.print(f"run {found.run_id}, generation {found.generation}")
        console.print("a file that is still in the archive comes back with the next ingest", soft_wrap=True)


# ---- runs and failures ----------------------------------------------------------------------


def print_runs(console: Console, runs: Sequence[Run], open_: Sequence[Unpublished], store: Path) -> None:
    """The runs of a store, the oldest first; below them those that have not published."""
    if runs:
        console.print(_run_table(runs))
    for run in open_:
        console.print()
        _print_unpublished(console, run, store)
    if not runs and not open_:
        console.print("no runs yet")


def _run_table(runs: Sequence[Run]) -> Table:
    table = _headed()
    for name in ("run", "ended (UTC)", "took"):
        table.add_column(name, no_wrap=True)
    for name in ("what", "files", "root"):
        table.add_column(name, overflow="fold")
    for run in runs:
        counts = dict(run.counts) | {"forgotten": run.forgotten}
        counts.pop("files", None)
        ended = f"{run.ended_at:%Y-%m-%d %H:%M}" if run.ended_at else ""
        took = duration((run.ended_at - run.started_at).total_seconds()) if run.ended_at else ""
        how = (run.mode or "ingest").replace("_", " ")
        by = f" ({run.engine})" if run.engine not in (None, "local") else ""
        table.add_row(run.run_id, ended, took, how + by, _listed(counts) or "none", Text(one_line(run.root)))
    return table


def _print_unpublished(console: Console, run: Unpublished, store: Path) -> None:
    since = f"{run.started_at:%Y-%m-%d %H:%M} UTC"
    if run.holder is None:
        lines = [
            f"stopped: run {run.run_id} of {since}, {files(run.staged)} read and kept",
            f"  to go on: jixiao ingest {one_line(run.root)}{OPTIONS.get(run.mode, '')}{_at(store)}",
        ]
    else:
        lines = [
            f"under way: run {run.run_id} since {since}, by {one_line(str(run.holder))}",
            f"  root: {one_line(run.root)}",
        ]
        lines += [f"  {_standing(run)}; {files(run.staged)} read and kept"]
    for line in lines:
        console.print(Text(line), soft_wrap=True)


def _standing(run: Unpublished) -> str:
    s = run.standing
    if s is None:
        return "beginning"
    of = f" {s['done']:,} of {s['total']:,} files" if s["total"] is not None else ""
    rate = f", {pace_text(s['rate'])}" if s["rate"] else ""
    left = f", {duration(s['seconds_left'])} left" if s["seconds_left"] is not None else ""
    bad = f", {s['failed']:,} without rows" if s["failed"] else ""
    return f"{s['step']}{of}{rate}{left}{bad}"


def print_failures(console: Console, found: Sequence[Failure], *, whole: bool) -> None:
    """Failures by category, with what to do; of each the first FAILURES_SHOWN, or, if `whole`, all."""
    if not found:
        console.print("no failures")
        return
    several = len({f.root for f in found}) > 1
    for category, group in groupby(found, key=lambda f: f.category or "internal"):
        of_kind = list(group)
        console.print()
        advice = next((text for name, text in ADVICE.items() if name == category), "")
        console.print(Text(f"{category}: {files(len(of_kind))} — {advice}", style="bold"), soft_wrap=True)
        shown = of_kind if whole else of_kind[:FAILURES_SHOWN]
        _print_failures_of(console, shown, several=several)
        if (more := len(of_kind) - len(shown)) > 0:
            console.print(f"  … and {more} more: --category {category}")


def _print_failures_of(console: Console, shown: Iterable[Failure], *, several: bool) -> None:
    for f in shown:
        root = f"{one_line(f.root)}: " if several else ""
        console.print(
            Text(f"  {root}{one_line(f.source)}: {one_line(f.message or f.outcome)}"), soft_wrap=True
        )
