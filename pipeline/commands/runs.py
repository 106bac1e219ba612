"""The commands that look back: `jixiao runs`, `jixiao failures`, and those on generations."""

import shlex
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from pipeline.commands import ingest as ingest_command
from pipeline.commands import run_screens, screens
from pipeline.commands.exits import AsJson, Store, exits
from pipeline.commands.ingest import Log, Running, TimeLimit, Workers
from pipeline.commands.output import one_line, to_json
from pipeline.database import open_store
from pipeline.engines.attempts import DEFAULT_LIMITS
from pipeline.failures import Failure, by_root
from pipeline.failures import failures as find_failures
from pipeline.generations import DATABASE, drop_generation, published_path
from pipeline.generations import prune as prune_generations
from pipeline.ingest import Request, Summary
from pipeline.runs import check_store, published_runs, unpublished_runs
from pipeline.store import store_errors
from pipeline.totals import generations
from schemas.errors import UsageError

generations_app = typer.Typer(invoke_without_command=True, help="List the generations that are kept.")


def runs(store: Store = Path("data"), as_json: AsJson = False) -> None:
    """List the runs of the store, and the one that is under way or was stopped."""
    with exits(), store_errors(store):
        check_store(store)
        open_, found = unpublished_runs(store), published_runs(store)
        known = {run.run_id for run in found}
        open_ = [run for run in open_ if run.run_id not in known]  # published in the meantime
        if as_json:
            print(to_json({"runs": [asdict(r) for r in found], "unpublished": [asdict(r) for r in open_]}))
        else:
            run_screens.print_runs(screens.console_for(sys.stdout), found, open_, store)


def failures(
    store: Store = Path("data"),
    run: Annotated[str | None, typer.Option(help="Only those that this run found; its beginning will do.")] = None,
    category: Annotated[str | None, typer.Option(help="Only those of a category; all of them are listed.")] = None,
    retry: Annotated[bool, typer.Option("--retry", help="Read these files again.")] = False,
    workers: Workers = None,
    time_limit: TimeLimit = DEFAULT_LIMITS.seconds,
    log: Log = None,
    as_json: AsJson = False,
) -> None:  # fmt: skip
    """List what failed or was skipped at the last look at each file, and what to do; or read it again."""
    with exits(ingest_command.STOPPED):
        with open_store(store) as con:
            found = find_failures(con, run_id=run, category=category)
        if retry:
            _retry(store, found, Running(workers=workers, time_limit=time_limit, log=log, as_json=as_json))
        elif as_json:
            print(to_json([asdict(f) for f in found]))
        else:
            run_screens.print_failures(screens.console_for(sys.stdout), found, whole=category is not None)


def _retry(store: Path, found: list[Failure], running: Running) -> None:
    """Reads again what failed, one run for each root."""
    if not found:
        ingest_command.print_nothing(str(store), as_json=running.as_json)
        return
    roots = [([Path(p) for p in shlex.split(root)], names) for root, names in by_root(found).items()]
    gone = [path for paths, _ in roots for path in paths if not path.exists()]
    if gone:
        raise UsageError(
            f"{gone[0]}: not there any more, as the files were ingested; go to the folder where that was done, "
            "or ingest them where they are now"
        )
    summaries: list[Summary] = []
    for paths, names in roots:
        if len(roots) > 1 and not running.as_json:
            print(f"{one_line(shlex.join(map(str, paths)))}:")
        summaries.append(ingest_command.run(paths, store, running, Request(mode="only_failed", only=names)))
    ingest_command.finish(*summaries)


@generations_app.callback()
def _generations(context: typer.Context, store: Store = Path("data"), as_json: AsJson = False) -> None:
    if context.invoked_subcommand:
        return
    with exits():
        found = generations(store)
        if as_json:
            print(to_json([asdict(g) for g in found]))
        else:
            screens.print_generations(screens.console_for(sys.stdout), found)


@generations_app.command("open")
def open_generation(
    number: Annotated[int | None, typer.Argument(help="A generation; without: the current one.")] = None,
    store: Store = Path("data"),
) -> None:
    """Print the path of a generation's DuckDB file: duckdb -readonly $(jixiao generations open 3)."""
    with exits():
        print(published_path(store, number) / DATABASE)


@generations_app.command()
def drop(number: int, store: Store = Path("data")) -> None:
    """Remove an old generation."""
    with exits():
        drop_generation(store, number)


@generations_app.command()
def prune(
    keep: Annotated[int, typer.Option(help="How many to keep, the current one among them.")],
    store: Store = Path("data"),
) -> None:
    """Remove all but the newest generations."""
    with exits():
        dropped = prune_generations(store, keep)
        print(f"dropped: {', '.join(map(str, dropped)) or 'none'}")
