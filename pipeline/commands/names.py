"""The commands on names: `jixiao funds`, `jixiao indicators`, their reviews, and `jixiao align`."""

import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import duckdb
import typer

from pipeline.alignment.decisions import read_decisions
from pipeline.commands import screens
from pipeline.commands.exits import AsJson, Store, exits
from pipeline.commands.output import aligned_text, rows, safe, to_json
from pipeline.database import open_store
from pipeline.ingest import align as run_align
from pipeline.review import Question, Subject, answer, idle_lines, of_this_version, open_questions

funds_app = typer.Typer(
    invoke_without_command=True, help="List the funds with all names they were printed under."
)
indicators_app = typer.Typer(
    invoke_without_command=True, help="List the indicators with all names they were printed under."
)

_FUNDS = "SELECT fund_id, name, first_year, last_year, reports, aliases FROM funds ORDER BY name, fund_id"
_INDICATORS = (
    "SELECT indicator_id, name, level2, unit, aliases FROM indicator_names ORDER BY name, indicator_id"
)


@funds_app.callback()
def _funds(context: typer.Context, store: Store = Path("data"), as_json: AsJson = False) -> None:
    if not context.invoked_subcommand:
        _list(store, _FUNDS, as_json=as_json)


@indicators_app.callback()
def _indicators(context: typer.Context, store: Store = Path("data"), as_json: AsJson = False) -> None:
    if not context.invoked_subcommand:
        _list(store, _INDICATORS, as_json=as_json)


@funds_app.command("review")
def _review_funds(store: Store = Path("data"), as_json: AsJson = False) -> None:
    """Answer which names are one fund; answers go to aliases/funds.csv beside the store."""
    _review(store, "fund", as_json=as_json)


@indicators_app.command("review")
def _review_indicators(store: Store = Path("data"), as_json: AsJson = False) -> None:
    """Answer which names are one indicator; answers go to aliases/indicators.csv beside the store."""
    _review(store, "indicator", as_json=as_json)


def align(store: Store = Path("data"), as_json: AsJson = False) -> None:
    """Apply the answers of aliases/ to the store, without reading any file again."""
    with exits():
        generation = run_align(store)
        with open_store(store) as con:
            counts = _counts(con)
            idle = idle_lines(con, read_decisions(store))
        for line in idle:
            print(f"jixiao: {safe(line)}", file=sys.stderr)
        if as_json:
            print(to_json({"generation": generation, "without_effect": idle} | counts))
        else:
            told = ", ".join(f"{n} {name}" for name, n in counts.items())
            print(f"generation {generation}: {told}")


def _counts(con: duckdb.DuckDBPyConnection) -> dict[str, int]:
    (found,) = con.sql(
        "SELECT (SELECT count(*) FROM funds), (SELECT count(*) FROM indicator_names), "
        "(SELECT count(*) FROM alignment_questions)"
    ).fetchall()
    return dict(zip(("funds", "indicators", "open questions"), found, strict=True))


def _list(store: Path, query: str, *, as_json: bool) -> None:
    with exits(), open_store(store) as con, of_this_version(store):
        table = con.sql(query).to_arrow_table()
        if as_json:
            print(to_json(table.to_pylist()))
            return
        shown = ([("、".join(v) if isinstance(v, list) else v) for v in row] for row in rows(table))
        sys.stdout.writelines(safe(line) for line in aligned_text(table.column_names, shown))


def _review(store: Path, subject: Subject, *, as_json: bool) -> None:
    with exits("stopped; the answers given so far are kept"):
        decisions = read_decisions(store)
        with open_store(store) as con, of_this_version(store):
            questions = open_questions(con, subject, decisions)
        if as_json:
            print(to_json([asdict(q) for q in questions]))
        elif sys.stdin.isatty() and sys.stdout.isatty():
            _ask(store, questions)
        else:
            screens.print_questions(screens.console_for(sys.stdout), questions)


def _ask(store: Path, questions: Sequence[Question]) -> None:
    """Asks one question after the other; each answer is on disk before the next question."""
    console = screens.console_for(sys.stdout)
    file, answered = None, 0
    for number, question in enumerate(questions, start=1):
        screens.print_question(console, question, number, len(questions))
        word = _word("same (y), different (n), later (Enter), quit (q)? ")
        if word == "q":
            break
        if word:
            file = answer(store, question, same=word == "y")
            answered += 1
    if file:
        print(f"{answered} written to {file}; apply with: jixiao align --store {store}")
    elif not questions:
        print("no open questions")


def _word(prompt: str) -> str:
    while True:
        try:
            word = input(prompt).strip().lower()
        except EOFError:
            return "q"
        if word in ("", "y", "n", "q"):
            return word
