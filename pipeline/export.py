"""The store for people who live in Excel: views and queries as a workbook, as csv that Excel opens, as Parquet.

Nothing is ever half overwritten: files are written in a folder beside and renamed when all are whole.
"""

import csv
import re
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.cells import BETWEEN, Value, csv_value, neutral, spreadsheet_values
from pipeline.commands.output import distinct_names
from pipeline.generations import own_paths
from pipeline.parquet import sync
from pipeline.queries import Rows, stream
from pipeline.selections import Form, Selection
from pipeline.workbook import EXCEL, Heading, Limits, SheetTally, Workbook
from schemas.errors import UsageError

NOTES_SHEET = "说明"

_UNITS = {"yuan": "元", "%": "百分数", "points": "分", "bytes": "字节", "s": "秒"}
"""Units of the declared columns as auditors write them."""

_MONEY, _RATE = "#,##0.00", "0.00"
_MONEY_HEADING = re.compile(r"金额|元[）)]?$")
_RATE_HEADING = re.compile(r"(?:率|率变化|比例|比重|占比|同比|[%％])[）)]?$")
"""Headings of views and queries whose numbers are money or percentages; declared columns state their unit."""

_FILE_SIGNS = str.maketrans(
    '/\\:*?"<>|' + "".join(map(chr, range(0x20))),
    "／＼：＊？＂＜＞｜" + "".join(map(chr, range(0x2400, 0x2420))),
)
_FILE_NAME = 60
"""Characters of a file's name: 240 bytes at most, which every file system takes."""


@dataclass(frozen=True, slots=True)
class Written:
    """What became of a selection: sheets or files, rows, texts cut, texts with characters replaced, and whether a csv
    has more rows than Excel shows."""

    name: str
    parts: tuple[str, ...]
    rows: int
    left_out: tuple[str, ...] = ()
    cut: int = 0
    replaced: int = 0
    too_long: bool = False


# ---- writing --------------------------------------------------------------------------------


def export(
    con: duckdb.DuckDBPyConnection, chosen: Sequence[Selection], output: Path, form: Form, *, folder: bool,
    store: Path, generation: int, limits: Limits = EXCEL,
) -> list[Written]:  # fmt: skip
    """Writes what was chosen to the file `output`, or into the folder `output`, one file each.

    Raises UsageError where nothing can be written there or SQL fails; what was there before is then still there.
    """
    if not folder and form is not Form.XLSX and len(chosen) > 1:
        raise UsageError(
            f"{output} holds one table; name one of {', '.join(s.name for s in chosen)}, or give a folder"
        )
    _check_outside(output, store)
    with _scratch(output) as scratch:
        if form is Form.XLSX:
            written = _workbook(con, chosen, scratch / "book.xlsx", scratch, generation, limits)
            files = {"book.xlsx": output}
        else:
            written = _files(con, chosen, scratch, form, limits)
            files = {w.parts[0]: output / w.parts[0] if folder else output for w in written}
        for name in files:
            sync(scratch / name)
        if folder:
            output.mkdir(exist_ok=True)
        for name, path in files.items():
            (scratch / name).replace(path)
    return written


def _check_outside(output: Path, store: Path) -> None:
    """What readers of the store glob holds one generation and nothing else."""
    place = output.parent.resolve() / output.name
    for own in own_paths(store):
        for path in (own.absolute(), own.resolve()):
            if place == path or place.is_relative_to(path):
                raise UsageError(f"{output} belongs to the store itself; write somewhere else")


@contextmanager
def _scratch(output: Path) -> Iterator[Path]:
    """A folder beside `output`, on its file system, gone at the end. An OSError becomes UsageError."""
    try:
        with tempfile.TemporaryDirectory(prefix=".jixiao-export-", dir=output.absolute().parent) as name:
            yield Path(name)
    except OSError as error:
        raise UsageError(f"{output}: cannot be written ({error.strerror or error})") from error


@contextmanager
def _told(selection: Selection) -> Iterator[None]:
    """Says of which of several queries an error is."""
    try:
        yield
    except UsageError as error:
        raise UsageError(f"{selection.name}: {error}") from error


def _files(
    con: duckdb.DuckDBPyConnection, chosen: Sequence[Selection], scratch: Path, form: Form, limits: Limits
) -> list[Written]:
    written: list[Written] = []
    taken: set[str] = set()
    for selection in chosen:
        name = _file_name(selection.name, form, taken)
        taken.add(name.casefold())
        write = _write_csv if form is Form.CSV else _write_parquet
        with _told(selection):
            count = write(scratch / name, stream(con, selection.sql))
        too_long = form is Form.CSV and count >= limits.rows  # the heading takes a row, too
        written.append(Written(selection.name, (name,), count, selection.left_out, too_long=too_long))
    return written


def _file_name(name: str, form: Form, taken: set[str]) -> str:
    """A file's name that every system takes and none of the others has."""
    stem = name.translate(_FILE_SIGNS)[:_FILE_NAME].strip(" ")
    stem = "．" + stem[1:] if stem.startswith(".") else stem  # no hidden file, no way out
    free, number = f"{stem}.{form}", 2
    while free.casefold() in taken:
        free, number = f"{stem}({number}).{form}", number + 1
    return free


def _write_csv(path: Path, rows: Rows) -> int:
    """csv for Excel: UTF-8 with its mark, CRLF, no text that it takes for a formula. Gives the number of rows."""
    count = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([neutral(name) for name in rows.schema.names])
        for batch in rows.batches:
            columns = ([csv_value(v) for v in spreadsheet_values(column)] for column in batch.columns)
            writer.writerows(zip(*columns, strict=True))
            count += batch.num_rows
    return count


def _write_parquet(path: Path, rows: Rows) -> int:
    """Parquet as the result is, its columns' names made distinct. Gives the number of rows."""
    count = 0
    names = distinct_names(rows.schema.names)
    schema = pa.schema([field.with_name(name) for field, name in zip(rows.schema, names, strict=True)])
    try:
        with pq.ParquetWriter(path, schema, compression="zstd") as writer:
            for batch in rows.batches:
                writer.write_batch(pa.RecordBatch.from_arrays(batch.columns, schema=schema))
                count += batch.num_rows
    except pa.ArrowNotImplementedError as error:
        raise UsageError(f"Parquet cannot hold it: {error}; cast it in SQL") from error
    return count


def _workbook(
    con: duckdb.DuckDBPyConnection, chosen: Sequence[Selection], path: Path, scratch: Path, generation: int,
    limits: Limits,
) -> list[Written]:  # fmt: skip
    facts = _run_facts(con)
    written: list[Written] = []
    with Workbook(path, scratch, facts["ended_at"], limits) as book:
        for selection in chosen:
            units = {note.name: note.unit for note in selection.columns}
            with _told(selection):
                rows = stream(con, selection.sql)
                headings = [Heading(name, number_format(name, units.get(name))) for name in rows.schema.names]
                tally = book.add(selection.name, headings, _values(rows))
            written.append(_of_sheets(selection, tally))
        book.add(
            NOTES_SHEET, [Heading(h) for h in _NOTES_HEADINGS], _notes(chosen, written, facts, generation)
        )
    return written


def number_format(name: str, unit: str | None) -> str | None:
    """How Excel shows the numbers of a column: money with two decimals and thousands, percentages with two decimals; the
    number itself stays as it is (80 for 80%)."""
    if unit == "yuan" or (unit is None and _MONEY_HEADING.search(name)):
        return _MONEY
    if unit == "%" or (unit is None and _RATE_HEADING.search(name)):
        return _RATE
    return None


def _values(rows: Rows) -> Iterator[tuple[Value, ...]]:
    for batch in rows.batches:
        yield from zip(*map(spreadsheet_values, batch.columns), strict=True)


def _of_sheets(selection: Selection, tally: SheetTally) -> Written:
    return Written(
        selection.name, tuple(tally.names), tally.rows, selection.left_out, tally.cut, tally.replaced
    )


# ---- the sheet 说明 --------------------------------------------------------------------------

_NOTES_HEADINGS = ("项目", "内容", "单位", "说明")

_GENERAL = (
    ("空单元格", "报告未载明"),
    ("百分数", "80 表示 80%"),
    ("时间", "协调世界时（UTC）"),
    ("公式", "本工作簿没有公式；以 = + - @ 开头的内容是报告中的文字"),
)


def _run_facts(con: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """The run that made the generation: its id, when it ended (UTC), its parser's version."""
    (run_id, ended_at, version), *_ = con.sql(
        "SELECT run_id, coalesce(ended_at, started_at), parser_version FROM runs ORDER BY run_id DESC LIMIT 1"
    ).fetchall()
    return {"run_id": run_id, "ended_at": ended_at, "parser_version": version}


def _notes(
    chosen: Sequence[Selection], written: Sequence[Written], facts: Mapping[str, Any], generation: int
) -> Iterator[tuple[Value, ...]]:
    """Where the workbook comes from, what each sheet holds, what each column means."""
    yield ("数据代次", generation, None, "jixiao generations 中的编号")
    yield ("批次编号", facts["run_id"], None, "产生该代次的入库批次")
    yield ("入库完成时间", facts["ended_at"], None, "UTC")
    yield ("解析版本", facts["parser_version"], None, None)
    for item, text in _GENERAL:
        yield (item, text, None, None)
    for selection, sheets in zip(chosen, written, strict=True):
        yield (None,) * len(_NOTES_HEADINGS)
        yield ("工作表", BETWEEN.join(sheets.parts), f"{sheets.rows} 行", selection.comment)
        yield from (("备注", note, None, None) for note in _remarks(sheets))
        for column in selection.columns:
            yield ("列", column.name, _UNITS.get(column.unit or "", column.unit), column.comment)


def _remarks(sheets: Written) -> Iterator[str]:
    if len(sheets.parts) > 1:
        yield f"行数超过一张工作表的上限，分为 {len(sheets.parts)} 张"
    if sheets.left_out:
        yield f"未导出的列：{BETWEEN.join(sheets.left_out)}（parquet 格式含这些列）"
    if sheets.cut:
        yield f"{sheets.cut} 个单元格的文字超过 Excel 上限，截断处以 … 结尾"
    if sheets.replaced:
        yield f"{sheets.replaced} 个单元格含控制字符，以可见符号代替"
