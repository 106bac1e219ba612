"""The command `jixiao`: arguments, progress and exit codes."""

import hashlib
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from enum import StrEnum
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq
import typer
from rich.cells import cell_len

from pipeline.commands import ingest as ingest_command
from pipeline.commands import screens
from pipeline.commands.exits import AsJson, Store, exits
from pipeline.commands.ingest import ingest
from pipeline.commands.names import align, funds_app, indicators_app
from pipeline.commands.output import (
    aligned_text,
    csv_text,
    distinct_names,
    json_text,
    record_text,
    rows,
    safe,
    to_json,
)
from pipeline.commands.runs import failures, generations_app, runs
from pipeline.database import open_store
from pipeline.drawing import marked_pages, source_bytes
from pipeline.export import export as run_export
from pipeline.generations import published_path
from pipeline.queries import answer
from pipeline.rows import doc_id_of, rows_of
from pipeline.selections import Form, selections, target
from pipeline.show import RECORD_TABLES, Wanted, find_document, outline, parsed_outline, passage
from pipeline.sources import Source
from schemas.dictionary import DOCUMENTED_VIEWS, data_dictionary, macro_facts, table_facts, view_facts
from schemas.errors import NotAReport, UnreadableFile, UsageError
from schemas.records import REPORTS, STORE_TABLES, ParsedFile
from schemas.summaries import SUMMARY_TABLES
from schemas.view_macros import MACROS

_CODES = """Exit codes: 0 all went well; 1 some files could not be read or are no reports (all others are
in the store); 2 wrong usage; 3 the store could not be read or written; 130 stopped by Ctrl-C; 143 by
SIGTERM."""

app = typer.Typer(
    no_args_is_help=True, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False,
    help=f"Budget-performance reports (绩效自评报告) in one store of Parquet and DuckDB.\n\n{_CODES}",
)  # fmt: skip
app.command()(ingest)
app.command()(runs)
app.command()(failures)
app.add_typer(generations_app, name="generations")
app.add_typer(funds_app, name="funds")
app.add_typer(indicators_app, name="indicators")
app.command()(align)


class Format(StrEnum):
    """How `sql` prints."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"
    PARQUET = "parquet"


OfGeneration = Annotated[int | None, typer.Option("--generation", help="Ask an older generation.")]


@app.callback(invoke_without_command=True)
def _root(
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if show_version:
        print(f"jixiao {version('jixiao')}")
        raise typer.Exit


@app.command()
def parse(file: Path, as_json: AsJson = False) -> None:
    """Print what one file says, without any store."""
    with exits():
        if not file.exists():
            raise UsageError(f"{file}: no such file")
        try:
            data = Source(file.name, file).read()
            parsed = _parsed(data)
        except UnreadableFile as error:
            raise UnreadableFile(error.category, f"{file}: {error} ({error.category})") from error
        except NotAReport as error:
            raise NotAReport(f"{file}: {error}") from error
        sha256 = hashlib.sha256(data).hexdigest()
        tables = rows_of(doc_id_of(sha256), parsed)
        document: dict[str, Any] = {
            "doc_id": doc_id_of(sha256), "source": file.name, "sha256": sha256, "bytes": len(data),
            "format": parsed.format, "pages": parsed.pages, "title": parsed.title,
            "warnings": list(parsed.warnings),
            "notes": list(parsed.notes),
        }  # fmt: skip
        if as_json:
            print(to_json(document | tables))
            return
        outlines = [parsed_outline(report, tables) for report in tables[REPORTS.name]]
        screens.print_parsed(screens.console_for(sys.stdout), document, outlines, tables)


def _save(path: Path, data: bytes) -> None:
    """Raises UsageError where nothing can be written."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error


def _parsed(data: bytes) -> ParsedFile:
    """What a file says; with OCR where it is installed and the file holds pages that are pictures."""
    try:
        parsed = ingest_command.PARSER.parse(data)
        pictures = parsed.pictures
    except (UnreadableFile, NotAReport) as error:
        if not (error.pictures and ingest_command.PARSER.recognise):
            raise
        pictures = error.pictures
    return ingest_command.PARSER.recognise(data) if pictures and ingest_command.PARSER.recognise else parsed


@app.command()
def sql(
    query: Annotated[str, typer.Argument(help="SQL, or - to read it from stdin.")],
    store: Store = Path("data"),
    form: Annotated[
        Format, typer.Option("--format", help="csv holds values as they are, = and + too.")
    ] = Format.TABLE,
    output: Annotated[
        Path | None, typer.Option(help="File to write; parquet needs one in a terminal.")
    ] = None,
    generation: OfGeneration = None,
) -> None:
    """Ask the store in SQL, read-only."""
    with exits():
        if form is Format.PARQUET and output is None and sys.stdout.isatty():
            raise UsageError("parquet is not for a terminal; add --output FILE or another --format")
        text = sys.stdin.read() if query == "-" else query
        with open_store(store, generation) as con:
            table = answer(con, text)
        if table is None:
            return
        if output is None:
            _write(table, form, sys.stdout.buffer, sys.stdout.isatty())
            return
        try:
            with output.open("wb") as file:
                _write(table, form, file, False)
        except OSError as error:
            raise UsageError(f"{output}: cannot be written ({error.strerror})") from error


def _write(table: pa.Table, form: Format, file: BinaryIO, terminal: bool) -> None:
    if form is Format.PARQUET:
        pq.write_table(table.rename_columns(distinct_names(table.column_names)), file, compression="zstd")
        return
    for line in _lines(table, form, terminal):
        file.write((safe(line) if terminal else line).encode(errors="replace"))
    file.flush()


def _lines(table: pa.Table, form: Format, terminal: bool) -> Iterator[str]:
    if form is Format.CSV:
        return csv_text(table)
    if form is Format.JSON:
        return json_text(table)
    lines = aligned_text(table.column_names, rows(table))
    if not terminal:
        return lines
    whole = list(lines)  # a line that the terminal would break in two is no table any more
    if max(cell_len(line) for line in whole) - 1 <= screens.console_for(sys.stdout).width:
        return iter(whole)
    return record_text(table.column_names, rows(table))


@app.command()
def export(
    output: Annotated[
        Path, typer.Argument(help="x.xlsx, x.csv or x.parquet; a folder for one csv or parquet a table.")
    ],
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME…]", help="Tables and views, by English or Chinese name."),
    ] = None,
    query: Annotated[
        list[str] | None, typer.Option(metavar="NAME=SQL", help="A query and its sheet's name; repeatable.")
    ] = None,
    form: Annotated[Form | None, typer.Option("--format", help="For a folder: csv or parquet.")] = None,
    store: Store = Path("data"),
    generation: OfGeneration = None,
) -> None:
    """Write tables, views and queries for Excel: one sheet each, with Chinese headings."""
    with exits("stopped; nothing was written"):
        wanted, folder = target(output, form)
        number = int(published_path(store, generation).name)
        with open_store(store, number) as con:
            chosen = selections(con, names or (), query or (), wanted)
            written = run_export(con, chosen, output, wanted, folder=folder, store=store, generation=number)
        screens.print_written(screens.console_for(sys.stdout), screens.console_for(sys.stderr), written)


@app.command()
def show(
    doc_id: Annotated[str, typer.Argument(help="A doc_id or its beginning, or a source.")],
    report: Annotated[int | None, typer.Option(help="Report in the file, from 1.")] = None,
    table: Annotated[int | None, typer.Option(help="A table as printed.")] = None,
    row: Annotated[int | None, typer.Option(help="A row of --table.")] = None,
    indicator: Annotated[int | None, typer.Option(help="indicator_no")] = None,
    funding: Annotated[int | None, typer.Option(help="funding_no")] = None,
    project: Annotated[int | None, typer.Option(help="project_no")] = None,
    score: Annotated[int | None, typer.Option(help="score_no")] = None,
    remark: Annotated[int | None, typer.Option(help="remark_no")] = None,
    section: Annotated[int | None, typer.Option(help="section_no")] = None,
    block: Annotated[int | None, typer.Option(help="block_no")] = None,
    image: Annotated[
        Path | None,
        typer.Option(help="Draw the page, with the value framed, into this PNG (PDF and pictures)."),
    ] = None,
    file: Annotated[
        Path | None, typer.Option(help="The report's file for --image, if it is no longer where it was.")
    ] = None,
    store: Store = Path("data"),
    generation: OfGeneration = None,
    as_json: AsJson = False,
) -> None:
    """Show where a stored value stands in its report; without a selector, the file's outline."""
    given = {
        "table": table, "indicator": indicator, "funding": funding, "project": project, "score": score,
        "remark": remark, "section": section, "block": block,
    }  # fmt: skip
    with exits():
        wanted = [Wanted(kind, n, report, row) for kind, n in given.items() if n is not None]
        if len(wanted) > 1 or (row is not None and table is None) or (image and not wanted):
            raise UsageError(
                f"give one of {', '.join('--' + k for k in RECORD_TABLES)}; --row goes with --table"
            )
        console = screens.console_for(sys.stdout)
        with open_store(store, generation) as con:
            document = find_document(con, doc_id)
            if wanted:
                found = passage(con, document, wanted[0])
                if image:
                    _save(image, marked_pages(source_bytes(con, document, file), found.marks))
                print(to_json(asdict(found))) if as_json else screens.print_passage(console, found)
            else:
                whole = outline(con, document, report)
                print(to_json(asdict(whole))) if as_json else screens.print_outline(console, whole)


@app.command()
def schema(
    table: Annotated[str | None, typer.Argument(help="A table, view or macro of the store.")] = None,
    as_json: AsJson = False,
    markdown: Annotated[bool, typer.Option(help="Print the whole data dictionary.")] = False,
) -> None:
    """Print the tables, views and macros of the store, or the columns of one: names, units and meaning."""
    with exits():
        if markdown:
            print(data_dictionary(), end="")
            return
        tables = [t for t in (*STORE_TABLES, *SUMMARY_TABLES) if table in (None, t.name, t.chinese)]
        views = [v for v in DOCUMENTED_VIEWS if table in (None, v.name)]
        macros = [m for m in MACROS if table in (None, m.name)]
        if not (tables or views or macros):
            names = ", ".join([*(t.name for t in STORE_TABLES), *(v.name for v in DOCUMENTED_VIEWS)])
            raise UsageError(f"{table}: no such table or view; there are {names}")
        console = screens.console_for(sys.stdout)
        if as_json:
            facts = [*map(table_facts, tables), *map(view_facts, views), *map(macro_facts, macros)]
            print(to_json(facts))
        elif table is None:
            screens.print_tables(console, tables, views, macros)
        else:
            screens.print_columns(console, (tables or views or macros)[0])


def main() -> None:
    """Entry point of `jixiao`."""
    with suppress(BrokenPipeError):
        app()


if __name__ == "__main__":
    main()
