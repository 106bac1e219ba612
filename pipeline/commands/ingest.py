"""The command `jixiao ingest`: its options, who watches, and how it ends."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands import run_screens, screens
from pipeline.commands.exits import EXIT_FILES, Store, exit_code, exits
from pipeline.commands.output import one_line
from pipeline.database import open_store
from pipeline.engines import Engine, Limits
from pipeline.engines.attempts import DEFAULT_LIMITS
from pipeline.engines.choice import make_engine
from pipeline.failures import by_root, failures
from pipeline.forgetting import forget as run_forget
from pipeline.ingest import Request, Summary, root_of
from pipeline.ingest import ingest as run_ingest
from pipeline.looks import roots
from pipeline.preview import preview
from pipeline.reading import DEFAULT_PARSER
from pipeline.totals import year_totals
from pipeline.watching.events import Ended, FileDone, Mode, Started, Stopped, Watch
from pipeline.watching.progress import progress_bar, progress_lines
from pipeline.watching.telling import json_events, json_line, logged
from pipeline.watching.watchers import watched
from schemas.errors import JixiaoError, UsageError

PARSER = DEFAULT_PARSER
"""What `ingest` and `parse` read files with."""

WORKERS = max(2, os.cpu_count() or 1)
"""One processor or not: only another process can be stopped when a file hangs."""

STOPPED = "stopped; what was read is kept, and the same command goes on from there"

GIB = 2**30


class EngineChoice(StrEnum):
    """What reads the files."""

    LOCAL = "local"
    RAY = "ray"


@dataclass(frozen=True, slots=True)
class Running:
    """How a run reads files, and who is told."""

    engine: EngineChoice = EngineChoice.LOCAL
    address: str | None = None
    workers: int | None = None
    time_limit: float = DEFAULT_LIMITS.seconds
    memory_limit: float = DEFAULT_LIMITS.memory / GIB
    log: Path | None = None
    as_json: bool = False

    def made(self) -> Engine:
        """The engine. Raises UsageError for options that make no sense together."""
        heavy = max(self.time_limit, DEFAULT_LIMITS.heavy_seconds)
        limits = Limits(self.time_limit, heavy, self.memory_limit * GIB)
        return make_engine(self.engine.value, self.processes(), limits, self.address)

    def recorded(self, request: Request) -> Request:
        """The request, with what is put down about the run; files that the run itself writes are no sources."""
        own = (self.log,) if self.log else ()
        return replace(request, engine=self.engine.value, workers=self.processes(), leave_out=own)

    def processes(self) -> int | None:
        """The processes that read files; None where a cluster decides."""
        return WORKERS if self.workers is None and self.address is None else self.workers


Workers = Annotated[
    int | None, typer.Option(help=f"Processes that read files ({WORKERS}); 1: this one, without time limits.")
]
TimeLimit = Annotated[
    float, typer.Option(help="Seconds that one file may take; OCR has an hour, or this if it is more.")
]
Log = Annotated[Path | None, typer.Option(help="Append what happens, a line an event, to this file.")]


def ingest(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="PATH…", help="Folders and files to read.")
    ] = None,
    store: Store = Path("data"),
    reparse: Annotated[bool, typer.Option("--reparse", help="Read all files, though unchanged.")] = False,
    only_failed: Annotated[
        bool, typer.Option("--only-failed", help="Read only files that failed or were skipped last time.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Tell what would be done with each file, and do nothing.")
    ] = False,
    forget: Annotated[
        list[str] | None,
        typer.Option(metavar="SOURCE", help="Remove a file, or all below a folder or archive, from the store."),
    ] = None,
    engine: Annotated[
        EngineChoice, typer.Option(help="local: processes of this machine; ray: Ray, here or on a cluster.")
    ] = EngineChoice.LOCAL,
    address: Annotated[str | None, typer.Option(help="The Ray cluster to join, host:port or auto.")] = None,
    workers: Workers = None,
    time_limit: TimeLimit = DEFAULT_LIMITS.seconds,
    memory_limit: Annotated[
        float, typer.Option(help="GiB of address space that reading one file may take.")
    ] = DEFAULT_LIMITS.memory / GIB,
    log: Log = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print JSON lines: events, and last the summary.")
    ] = False,
) -> None:  # fmt: skip
    """Read files into the store. What is in it already, unchanged, is not read again."""
    with exits(STOPPED):
        running = Running(engine, address, workers, time_limit, memory_limit, log, as_json)
        if forget:
            if reparse or only_failed:
                raise UsageError("--forget reads no files; leave out --reparse and --only-failed")
            _forget(store, forget, paths, running, dry_run=dry_run)
            return
        if not paths:
            raise typer.BadParameter("give the folders and files to read", param_hint="PATH…")
        if reparse and only_failed:
            raise UsageError("--reparse reads all files, --only-failed some of them; give one of the two")
        mode: Mode = "reparse" if reparse else "only_failed" if only_failed else "ingest"
        request = Request(mode)
        if only_failed:
            request = replace(request, only=_failed_below(root_of(paths), store))
            if not request.only:
                print_nothing(root_of(paths), as_json=as_json)
                return
        if dry_run:
            _preview(paths, store, running, request)
        else:
            finish(run(paths, store, running, request))


def run(paths: Sequence[Path], store: Path, running: Running, request: Request) -> Summary:
    """A whole run, watched and told; its summary is printed. Raises as `pipeline.ingest.ingest` does."""
    engine, request = running.made(), running.recorded(request)
    with _told(running) as tell:
        summary = run_ingest(paths, store, engine, PARSER, tell, request)
        with open_store(store) as con:
            years = year_totals(con, summary.run_id)
        facts = asdict(summary) | {"years": [asdict(y) for y in years]}
        tell(Ended(facts, EXIT_FILES if summary.failures else 0))
    if not running.as_json:
        run_screens.print_summary(screens.console_for(sys.stdout), summary, years, store)
    return summary


def finish(*summaries: Summary) -> None:
    """Ends the command with the exit code of its runs."""
    if any(s.failures for s in summaries):
        sys.stdout.flush()
        raise typer.Exit(EXIT_FILES)


@contextmanager
def _told(running: Running) -> Iterator[Watch]:
    """Tells whoever watches, while the block lasts; last of all, if it does not end well, why."""
    with ExitStack() as open_:
        watches: list[Watch] = []
        if running.log:
            watches.append(open_.enter_context(logged(running.log)))
        if running.as_json:
            watches.append(json_events(sys.stdout))
        if sys.stderr.isatty() and not (running.as_json and sys.stdout.isatty()):
            watches.append(open_.enter_context(progress_bar()))
        elif not running.as_json:
            watches.append(progress_lines())
        tell = open_.enter_context(watched(watches))
        try:
            yield tell
        except JixiaoError as error:
            tell(Stopped(str(error), exit_code(error)))
            raise
        except KeyboardInterrupt as signalled:
            tell(Stopped(STOPPED, exit_code(signalled)))
            raise


def _failed_below(root: str, store: Path) -> frozenset[str]:
    """The sources that failed at the last look. Raises UsageError where no run looked there."""
    with open_store(store) as con:
        if root not in (known := roots(con)):
            raise UsageError(
                f"--only-failed {root}: nothing was ingested under that name; the store knows {', '.join(known)}"
            )
        return by_root(failures(con, root=root)).get(root, frozenset())


def print_nothing(root: str, *, as_json: bool) -> None:
    """Says that nothing failed, and nothing is done."""
    if as_json:
        print(json_line("end", {"failures": [], "exit_code": 0}))
    else:
        print(f"nothing failed below {one_line(root)} at the last look; nothing to do")


def _preview(paths: Sequence[Path], store: Path, running: Running, request: Request) -> None:
    with _told(running) as tell:
        found = preview(paths, store, running.made(), PARSER, tell, running.recorded(request))
    if not running.as_json:
        run_screens.print_preview(screens.console_for(sys.stdout), found)
        return
    for intention in found.files:
        print(json_line("would", asdict(intention)))
    print(
        json_line(
            "end", {"dry_run": True, "counts": found.counts, "replaced": found.replaced, "exit_code": 0}
        )
    )


def _forget(
    store: Path, names: Sequence[str], paths: Sequence[Path] | None, running: Running, *, dry_run: bool
) -> None:
    with _told(running) as tell:
        found = run_forget(store, names, root_of(paths) if paths else None, dry_run=dry_run)
        if found.run_id is not None:
            root = found.sources[0].root
            tell(Started(run_id=found.run_id, root=root, mode="forget", parser_version=PARSER.version))
            for going in found.sources:
                tell(FileDone(source=going.source, outcome="forgotten"))
        facts = asdict(found) | {"documents": found.documents, "reports": found.reports, "dry_run": dry_run}
        tell(Ended(facts, 0))
    if not running.as_json:
        run_screens.print_forgotten(screens.console_for(sys.stdout), found)
