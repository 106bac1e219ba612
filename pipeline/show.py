"""A stored record and the passage of the report that it was read from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import duckdb

from pipeline.totals import COUNTED
from schemas.errors import UsageError
from schemas.locations import Box
from schemas.records import (
    BLOCKS,
    FUNDING,
    INDICATORS,
    PROJECTS,
    REMARKS,
    REPORTS,
    SCORES,
    SECTIONS,
    TABLES,
    FieldPlace,
    StoredCell,
)
from schemas.tables import TableSchema

AROUND = 2
"""Rows of a table shown before and after a marked one."""

Span = tuple[int, int]
"""Characters, end excluded."""

RECORD_TABLES: dict[str, TableSchema] = {
    "table": TABLES, "indicator": INDICATORS, "funding": FUNDING, "project": PROJECTS, "score": SCORES,
    "remark": REMARKS, "section": SECTIONS, "block": BLOCKS,
}  # fmt: skip
"""What `show` can be asked for, and the table that holds it."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A record to be shown: `number` of `kind` (a key of RECORD_TABLES). `report_no` is needed in
    a file of several reports; `row` picks one row of a table."""

    kind: str
    number: int
    report_no: int | None = None
    row: int | None = None

    def __post_init__(self) -> None:
        if self.kind not in RECORD_TABLES:
            raise UsageError(f"{self.kind}: give one of {', '.join(RECORD_TABLES)}")
        if self.row is not None and self.kind != "table":
            raise UsageError("--row goes with --table")


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph or heading with the characters that were read marked."""

    block_no: int
    text: str
    marks: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class TableExcerpt:
    """Some rows of a table: its header and those around the marked cells.

    `marks` gives the marked characters of a cell by its anchor (row, column).
    """

    table_no: int
    caption: str | None
    n_columns: int
    header_rows: int
    rows: tuple[int, ...]
    cells: tuple[StoredCell, ...]
    marks: dict[tuple[int, int], tuple[Span, ...]]


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of the record, in the order of the table's columns, and where it was read."""

    name: str
    chinese: str
    unit: str | None
    value: Any
    places: tuple[str, ...]


class PageMark(NamedTuple):
    """A box on a page (from 1) that print of a record stands in; points from the top left corner."""

    page: int
    box: Box


@dataclass(frozen=True, slots=True)
class Passage:
    """A record, and what the report prints there; `marks` where the file has pages."""

    document: dict[str, Any]
    table: str
    record: dict[str, Any]
    fields: tuple[FieldLine, ...]
    excerpts: tuple[Paragraph | TableExcerpt, ...]
    marks: tuple[PageMark, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportOutline:
    """A report with its headings, its tables (without cells) and the number of its records."""

    report: dict[str, Any]
    fields: tuple[FieldLine, ...]
    sections: tuple[dict[str, Any], ...]
    tables: tuple[dict[str, Any], ...]
    counts: dict[str, int]


@dataclass(frozen=True, slots=True)
class Outline:
    """A document and its reports."""

    document: dict[str, Any]
    reports: tuple[ReportOutline, ...]


_PLACING = frozenset(
    {"doc_id", "report_no", "section_no", "table_no", "row_no", "page", "block_no", "char_start", "char_end"}
    | {"location", "places", "cells"}
)
"""Columns that say where a record stands, and the cells, which the passage itself shows."""


def find_document(con: duckdb.DuckDBPyConnection, name: str) -> dict[str, Any]:
    """The document with this doc_id, a beginning of it that fits no other, or this source.

    Raises UsageError where there is none or several.
    """
    found = _query(
        con, "FROM documents WHERE starts_with(doc_id, ?) OR source = ? ORDER BY doc_id", name, name
    )
    exact = [d for d in found if name in (d["doc_id"], d["source"])]
    if len(exact or found) != 1 or not name:
        what = "several documents begin so" if found else "no such document"
        raise UsageError(f"{name}: {what}; list them with: jixiao sql 'SELECT doc_id, source FROM documents'")
    return (exact or found)[0]


def outline(con: duckdb.DuckDBPyConnection, document: dict[str, Any], report_no: int | None) -> Outline:
    """The outline of a document, or of one report in it."""
    reports = _query(con, "FROM reports WHERE doc_id = ? ORDER BY report_no", document["doc_id"])
    chosen = [r for r in reports if report_no in (None, r["report_no"])]
    if report_no is not None and not chosen:
        raise UsageError(f"{document['source']}: no report {report_no}; it holds {len(reports)}")
    return Outline(document, tuple(_report_outline(con, r) for r in chosen))


def passage(con: duckdb.DuckDBPyConnection, document: dict[str, Any], wanted: Wanted) -> Passage:
    """The wanted record of `document` and where it was read.

    Raises UsageError where there is no such record, or several.
    """
    table, row = RECORD_TABLES[wanted.kind], wanted.row
    record = _record(con, document, wanted)
    if row is not None and not 1 <= row <= record["n_rows"]:
        raise UsageError(f"table {wanted.number} has {record['n_rows']} rows; there is no row {row}")
    report = _Report(con, document["doc_id"], record["report_no"])
    return Passage(
        document=document,
        table=table.name,
        record=record,
        fields=_fields(table, record, report.tables),
        excerpts=tuple(_excerpts(table, record, report, row)),
        marks=_page_marks(record, report, row),
    )


class _Report:
    """The blocks and tables of one report, read once."""

    def __init__(self, con: duckdb.DuckDBPyConnection, doc_id: str, report_no: int) -> None:
        self.con, self.key = con, (doc_id, report_no)
        where = "WHERE doc_id = ? AND report_no = ?"
        self.blocks = {
            b["block_no"]: b for b in _query(con, f"FROM blocks {where} ORDER BY block_no", *self.key)
        }
        self.tables: dict[int, int | None] = {n: b["table_no"] for n, b in self.blocks.items()}

    def table(self, table_no: int) -> dict[str, Any]:
        sql = "FROM tables WHERE doc_id = ? AND report_no = ? AND table_no = ?"
        return _query(self.con, sql, *self.key, table_no)[0]


def _record(con: duckdb.DuckDBPyConnection, document: dict[str, Any], wanted: Wanted) -> dict[str, Any]:
    table = RECORD_TABLES[wanted.kind]
    key = table.key[-1]
    where = f'WHERE doc_id = ? AND "{key}" = ? AND report_no = coalesce(?, report_no)'
    found = _query(
        con,
        f'FROM "{table.name}" {where} ORDER BY report_no',
        document["doc_id"],
        wanted.number,
        wanted.report_no,
    )
    if not found:
        raise UsageError(f"{document['source']}: nothing in {table.name} with {key} {wanted.number}")
    if len(found) > 1:
        numbers = ", ".join(str(r["report_no"]) for r in found)
        raise UsageError(
            f"{document['source']}: the file holds several reports; add --report N (one of {numbers})"
        )
    return found[0]


def _fields(
    table: TableSchema, record: Mapping[str, Any], table_of: Mapping[int, int | None]
) -> tuple[FieldLine, ...]:
    """The fields of a record that say something; `table_of` gives the table that a block is."""
    hidden = _PLACING | ({"text"} if table in (SECTIONS, BLOCKS) else set())
    places = _places(record)
    return tuple(
        FieldLine(
            c.name, c.chinese, c.unit, record[c.name],
            tuple(_printed(p, table_of.get(p.block_no)) for p in places if p.field == c.name),
        )
        for c in table.columns
        if c.name not in hidden and record[c.name] not in (None, [], ())
    )  # fmt: skip


def _places(record: Mapping[str, Any]) -> list[FieldPlace]:
    return [p if isinstance(p, FieldPlace) else FieldPlace(**p) for p in record.get("places", ())]


def _printed(place: FieldPlace, table_no: int | None) -> str:
    """A place in words: 表1 第2行 第3列 字0–4, or 第5段 字3–8; characters count from 0, end excluded."""
    characters = f"字{place.char_start}–{place.char_end}"
    if place.row_no is None:
        return f"第{place.block_no}段 {characters}"
    return f"表{table_no} 第{place.row_no}行 第{place.column_no}列 {characters}"


def _page_marks(record: Mapping[str, Any], report: _Report, row: int | None) -> tuple[PageMark, ...]:
    """Where the record is printed: its fields, the wanted row of a table, or its whole block."""
    if row is not None:
        cells = report.table(record["table_no"])["cells"]
        found = [p for c in cells if c["row"] <= row < c["row"] + c["row_span"] for p in c["positions"] or ()]
    else:
        found = [p._asdict() for p in _places(record)]
        if not found and record["block_no"] is not None:
            found = report.blocks[record["block_no"]]["positions"] or []
    return tuple(sorted({PageMark(p["page"], tuple(p["box"])) for p in found if p["page"] and p["box"]}))


def _excerpts(
    table: TableSchema,
    record: dict[str, Any],
    report: _Report,
    row: int | None,
) -> Iterable[Paragraph | TableExcerpt]:
    if table is TABLES or (table is BLOCKS and record["table_no"] is not None):
        marked = () if row is None else (row,)
        yield _table_excerpt(report.table(record["table_no"]), {}, marked)
        return
    places = _places(record)
    marks = _marks(record, places)
    if table is SECTIONS:
        numbers = [n for n, b in report.blocks.items() if b["section_no"] == record["section_no"]]
        yield from _paragraphs(numbers, marks, report)
        return
    in_tables = {n for n in marks if report.tables.get(n) is not None}
    near = {n + step for n in marks.keys() - in_tables for step in (-1, 0, 1)}
    yield from _paragraphs(sorted(near), marks, report)
    for table_no in sorted({t for n in in_tables if (t := report.tables.get(n)) is not None}):
        cells = [p for p in places if report.tables.get(p.block_no) == table_no and p.row_no and p.column_no]
        spans = _by_cell(cells)
        rows = tuple(r for r, _ in spans) or ((record["row_no"],) if record.get("row_no") else ())
        yield _table_excerpt(report.table(table_no), spans, rows)


def _marks(record: dict[str, Any], places: Sequence[FieldPlace]) -> dict[int, list[Span]]:
    """The marked characters of each block; those of the whole record where no field has a place."""
    marks: dict[int, list[Span]] = {}
    for p in places:
        marks.setdefault(p.block_no, []).append((p.char_start, p.char_end))
    if not marks and record["block_no"] is not None:
        start, end = record.get("char_start"), record.get("char_end")
        marks[record["block_no"]] = [(start, end)] if start is not None and end is not None else []
    return marks


def _paragraphs(numbers: Iterable[int], marks: dict[int, list[Span]], report: _Report) -> Iterable[Paragraph]:
    for number in numbers:
        block = report.blocks.get(number)
        if block is None:
            continue
        text = block["text"] if block["kind"] != "table" else f"[表{block['table_no']}]"
        yield Paragraph(number, text or "", merged(marks.get(number, ()) if block["kind"] != "table" else ()))


def _by_cell(places: Iterable[FieldPlace]) -> dict[tuple[int, int], tuple[Span, ...]]:
    spans: dict[tuple[int, int], list[Span]] = {}
    for p in places:
        if p.row_no is not None and p.column_no is not None:
            spans.setdefault((p.row_no, p.column_no), []).append((p.char_start, p.char_end))
    return {cell: merged(found) for cell, found in spans.items()}


def _table_excerpt(
    table: dict[str, Any], marks: dict[tuple[int, int], tuple[Span, ...]], marked_rows: Sequence[int]
) -> TableExcerpt:
    """The header and the rows around the marked ones; the whole table where none is marked."""
    every = range(1, table["n_rows"] + 1)
    near = {r for m in marked_rows for r in range(m - AROUND, m + AROUND + 1)} or set(every)
    rows = tuple(r for r in every if r in near or r <= table["header_rows"])
    cells = [StoredCell(**c) for c in table["cells"]]
    if not marks:  # a row that was asked for is marked as a whole
        marks = {(c.row, c.col): ((0, len(c.text)),) for c in cells if c.row in marked_rows and c.text}
    visible = [c for c in cells if any(c.row <= r < c.row + c.row_span for r in rows)]
    return TableExcerpt(
        table["table_no"],
        table["caption"],
        table["n_columns"],
        table["header_rows"],
        rows,
        tuple(visible),
        marks,
    )


def merged(spans: Iterable[Span]) -> tuple[Span, ...]:
    """The same characters as spans that are sorted and do not touch; empty ones dropped."""
    out: list[Span] = []
    for start, end in sorted(s for s in spans if s[0] < s[1]):
        if out and start <= out[-1][1]:
            out[-1] = (out[-1][0], max(end, out[-1][1]))
        else:
            out.append((start, end))
    return tuple(out)


def parsed_outline(
    report: Mapping[str, Any], rows: Mapping[str, Sequence[Mapping[str, Any]]]
) -> ReportOutline:
    """The outline of a report that is in no store; `rows` are those of its file by table."""
    mine = {
        name: [r for r in of_table if r["report_no"] == report["report_no"]]
        for name, of_table in rows.items()
    }
    return ReportOutline(
        report=dict(report),
        fields=_fields(REPORTS, report, {b["block_no"]: b["table_no"] for b in mine["blocks"]}),
        sections=tuple(map(dict, mine["sections"])),
        tables=tuple(map(dict, mine["tables"])),
        counts={name: len(mine[name]) for name in COUNTED},
    )


def _report_outline(con: duckdb.DuckDBPyConnection, report: dict[str, Any]) -> ReportOutline:
    key = report["doc_id"], report["report_no"]
    where = "WHERE doc_id = ? AND report_no = ?"
    counted = ", ".join(f"(SELECT count(*) FROM {name} {where}) AS {name}" for name in COUNTED)
    return ReportOutline(
        report=report,
        fields=_fields(REPORTS, report, _Report(con, *key).tables),
        sections=tuple(_query(con, f"FROM sections {where} ORDER BY section_no", *key)),
        tables=tuple(_query(con, f"SELECT * EXCLUDE (cells) FROM tables {where} ORDER BY table_no", *key)),
        counts=_query(con, f"SELECT {counted}", *key * len(COUNTED))[0],
    )


def _query(con: duckdb.DuckDBPyConnection, sql: str, *values: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = con.sql(sql, params=list(values)).to_arrow_table().to_pylist()
    return found
