"""What the commands print for eyes. Data goes through `safe`, never through Rich's markup."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from pipeline.commands.output import one_line, safe, shown
from pipeline.export import Written
from pipeline.review import Question
from pipeline.show import FieldLine, Outline, Paragraph, Passage, ReportOutline, TableExcerpt
from pipeline.totals import Generation
from schemas.dictionary import type_name
from schemas.tables import TableSchema
from schemas.view_macros import Macro
from schemas.views import View

OFFICES_SHOWN = 3

_UNCUT = 10_000
"""Columns of a line that goes to a file or pipe: nothing is cut or wrapped there."""

_CELL_WIDTH = 44

_HIGHLIGHT = "bold reverse"


def console_for(stream: TextIO) -> Console:
    """A console that wraps in a terminal only."""
    width = None if stream.isatty() else _UNCUT
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def _headed() -> Table:
    return Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))


def print_parsed(console: Console, document: Mapping[str, Any], outlines: Sequence[ReportOutline],
                 rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:  # fmt: skip
    """All that one file says: for each report its outline and its records."""
    _print_document(console, document)
    for warning in document.get("warnings", ()):
        console.print(Text(f"warning: {one_line(warning)}"))
    for note in document.get("notes", ()):
        console.print(Text(f"note: {one_line(note)}"))
    for outline in outlines:
        _print_report(console, outline)
        for name, columns in _RECORD_COLUMNS.items():
            of_report = [r for r in rows[name] if r["report_no"] == outline.report["report_no"]]
            if of_report:
                console.print(Text(f"\n{name}", style="bold"))
                console.print(_record_table(columns, of_report))


_RECORD_COLUMNS: dict[str, tuple[str, ...]] = {
    "indicators": ("indicator_no", "record", "level1", "level2", "name", "target_text", "actual_text",
                   "weight", "score", "reason", "location"),
    "funding": ("funding_no", "item", "measure", "source", "amount_yuan", "amount_text", "rate", "location"),
    "projects": ("project_no", "seq", "name", "undertaker", "amount_yuan", "category", "subcategory", "location"),
    "scores": ("score_no", "dimension", "weight", "score", "rate", "location"),
    "remarks": ("remark_no", "kind", "text", "location"),
}  # fmt: skip
"""The columns of each record that `parse` prints; the rest is in its JSON."""


def _record_table(columns: Sequence[str], records: Iterable[Mapping[str, Any]]) -> Table:
    table = _headed()
    records = list(records)
    used = [c for c in columns if any(r[c] is not None for r in records)]
    for name in used:
        numeric = all(r[name] is None or isinstance(r[name], (int, float)) for r in records)
        table.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for record in records:
        table.add_row(*(Text(safe(shown(record[c]))) for c in used))
    return table


def print_outline(console: Console, outline: Outline) -> None:
    """A document's reports with their headings, tables and numbers of records."""
    _print_document(console, outline.document)
    for report in outline.reports:
        _print_report(console, report)


def _print_document(console: Console, document: Mapping[str, Any]) -> None:
    console.print(Text(f"{document['doc_id']}  {one_line(document['source'])}", style="bold"))


def _print_report(console: Console, outline: ReportOutline) -> None:
    console.print(Text(f"\nreport {outline.report['report_no']}", style="bold"))
    _print_fields(console, outline.fields)
    if outline.sections:
        console.print(Text("\nsections", style="bold"))
    for s in outline.sections:
        indent = "  " * s["level"]
        console.print(
            Text(
                f"{s['section_no']:>4}{indent}{one_line(' '.join(filter(None, (s['numbering'], s['title']))))}  ({s['kind']})"
            )
        )
    if outline.tables:
        console.print(Text("\ntables", style="bold"))
    for t in outline.tables:
        caption = one_line(t["caption"] or "without caption")
        console.print(Text(f"{t['table_no']:>4}  {caption}  ({t['kind']}, {t['n_rows']} × {t['n_columns']})"))
    counted = ", ".join(f"{n} {name}" for name, n in outline.counts.items() if n)
    console.print(f"\n{counted or 'no records'}")


def _print_fields(console: Console, fields: Sequence[FieldLine]) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    for name in ("name", "chinese", "value", "places"):
        table.add_column(name, overflow="fold", style="dim" if name in ("chinese", "places") else "")
    for f in fields:
        value = one_line(shown(f.value)) + (f" {f.unit}" if f.unit else "")
        table.add_row(f.name, f.chinese, Text(value), Text("; ".join(f.places)))
    console.print(table)


def print_passage(console: Console, passage: Passage) -> None:
    """A record with the place of each field, and the passage with what was read marked."""
    _print_document(console, passage.document)
    record = passage.record
    place = f"  {record['location']}" if record.get("location") else ""
    console.print(Text(f"report {record['report_no']}, {passage.table}{place}\n"))
    _print_fields(console, passage.fields)
    for excerpt in passage.excerpts:
        console.print()
        if isinstance(excerpt, Paragraph):
            marked = marked_text(excerpt.text, excerpt.marks, terminal=console.is_terminal)
            console.print(Text.assemble((f"第{excerpt.block_no}段  ", "dim"), marked))
        else:
            console.print(Text(f"表{excerpt.table_no} {one_line(excerpt.caption or '')}", style="bold"))
            console.print(excerpt_table(excerpt, terminal=console.is_terminal))


def marked_text(text: str, spans: Sequence[tuple[int, int]], *, terminal: bool) -> Text:
    """Text with spans of it marked: reversed in a terminal, in 【】 elsewhere."""
    out, done = Text(), 0
    for start, end in spans:
        out.append(safe(text[done:start]))
        piece = safe(text[start:end])
        out.append(piece if terminal else f"【{piece}】", style=_HIGHLIGHT if terminal else "")
        done = end
    return out.append(safe(text[done:]))


def excerpt_table(excerpt: TableExcerpt, *, terminal: bool) -> Table:
    """Rows of a report's table. A merged cell's text stands in its first visible row and column;
    the rest of it stays empty, as on paper."""
    table = Table(box=box.SQUARE, show_header=False, show_lines=True)
    table.add_column(style="dim", justify="right")
    for _ in range(excerpt.n_columns):
        table.add_column(max_width=_CELL_WIDTH, overflow="fold")
    drawn: set[tuple[int, int]] = set()
    for before, row in zip((0, *excerpt.rows), excerpt.rows, strict=False):
        if row != before + 1:
            table.add_row("…")
        texts = [Text() for _ in range(excerpt.n_columns)]
        for cell in excerpt.cells:
            anchor = (cell.row, cell.col)
            if (
                anchor not in drawn
                and cell.row <= row < cell.row + cell.row_span
                and cell.col <= excerpt.n_columns
            ):
                drawn.add(anchor)
                texts[cell.col - 1] = marked_text(cell.text, excerpt.marks.get(anchor, ()), terminal=terminal)
        table.add_row(str(row), *texts, style="bold" if row <= excerpt.header_rows else "")
    return table


def print_tables(
    console: Console, tables: Sequence[TableSchema], views: Sequence[View], macros: Sequence[Macro]
) -> None:
    """The tables, views and macros of the store, one a line."""
    out = Table(box=None, show_header=False, pad_edge=False)
    for t in tables:
        out.add_row(t.name, t.chinese, str(len(t.columns)), t.description)
    for v in views:
        out.add_row(v.name, "跨年视图", str(len(v.columns)), v.comment)
    for m in macros:
        out.add_row(m.call, "宏", "", m.comment)
    console.print(out)


def print_columns(console: Console, chosen: TableSchema | View | Macro) -> None:
    """The columns of a table with their Chinese names, types, units and meaning; of a view with their meaning."""
    out = Table(box=None, show_header=False, pad_edge=False)
    if isinstance(chosen, TableSchema):
        console.print(f"{chosen.name} {chosen.chinese}: {chosen.description}; key {', '.join(chosen.key)}\n")
        for c in chosen.columns:
            out.add_row(c.name, c.chinese, type_name(c), c.unit or "", c.description)
    elif isinstance(chosen, View):
        console.print(f"{chosen.name}: {chosen.comment}\n")
        for column in chosen.columns:
            out.add_row(column.name, column.comment)
    else:
        console.print(f"{chosen.call}: {chosen.comment}\n")
        for name in chosen.columns:
            out.add_row(name)
    console.print(out)


def print_generations(console: Console, generations: Sequence[Generation]) -> None:
    """The generations that are kept; the current one has a star."""
    out = _headed()
    for name in ("", "generation", "published (UTC)", "last run"):
        out.add_column(name, justify="right" if name == "generation" else "left", no_wrap=True)
    for name in ("reports", "MiB own", "shared"):
        out.add_column(name, justify="right")
    for g in generations:
        sizes = (f"{b / 2**20:.1f}" for b in (g.own_bytes, g.shared_bytes))
        when = f"{g.published_at:%Y-%m-%d %H:%M}"
        out.add_row("*" if g.is_current else "", str(g.number), when, g.run_id, str(g.reports), *sizes)
    console.print(out)


def print_written(console: Console, notes: Console, written: Sequence[Written]) -> None:
    """What an export wrote, a sheet or file a line; what is not in it, or not as it was, goes to `notes`."""
    out = Table(box=None, show_header=False, pad_edge=False)
    out.add_column(overflow="fold")
    out.add_column(justify="right")
    for w in written:
        out.add_row(Text(one_line(", ".join(w.parts))), f"{w.rows} {'row' if w.rows == 1 else 'rows'}")
    console.print(out)
    left_out = dict.fromkeys(column for w in written for column in w.left_out)
    if left_out:
        notes.print(
            f"jixiao: left out of the sheets: {', '.join(left_out)}; parquet has them", soft_wrap=True
        )
    for w in written:
        for note in _changes(w):
            notes.print(Text(f"jixiao: {one_line(w.name)}: {note}"), soft_wrap=True)


def _changes(written: Written) -> Iterator[str]:
    if written.name != written.parts[0].removesuffix(".csv").removesuffix(".parquet"):
        yield f"is called {one_line(written.parts[0])}, since its name is taken or none that Excel or files can have"
    if len(written.parts) > 1:
        yield f"{written.rows} rows are more than a sheet holds; they go on in {', '.join(written.parts[1:])}"
    if written.too_long:
        yield f"{written.rows} rows are more than Excel shows of a csv; export to xlsx, which goes on in further sheets"
    if written.cut:
        yield f"{written.cut} texts are longer than a cell holds; they are cut and end in …"
    if written.replaced:
        yield f"{written.replaced} texts have control characters, which are shown as signs such as ␀"


def print_questions(console: Console, questions: Sequence[Question]) -> None:
    """All open questions on names, one below the other."""
    for number, question in enumerate(questions, start=1):
        print_question(console, question, number, len(questions))
    if not questions:
        console.print("no open questions")


def print_question(console: Console, question: Question, number: int, count: int) -> None:
    """A question on two names, with what is known of each."""
    where = f" of {one_line(question.fund)}" if question.fund else ""
    console.print(
        Text(
            f"\n{number}/{count}  one {question.subject}{where}?  {question.score:.2f}  {one_line(question.reason)}"
        )
    )
    for side in question.sides:
        span = dict.fromkeys((side.first_year, side.last_year))
        years = "–".join(map(str, span)) if side.first_year else "no year"
        other = f", now with {one_line(side.taken_for)}" if side.taken_for not in (None, side.name) else ""
        console.print(
            Text(f"  {one_line(side.name)}  ({years}, {side.count or 0} times{other})"), soft_wrap=True
        )
        offices = side.organisations or ()
        if offices:
            more = f" and {len(offices) - OFFICES_SHOWN} more" if len(offices) > OFFICES_SHOWN else ""
            console.print(Text(f"    {one_line('、'.join(offices[:OFFICES_SHOWN]))}{more}"), soft_wrap=True)
