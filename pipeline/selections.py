"""What an export holds: views by name, queries by their SQL; and what its columns mean."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import duckdb

from schemas.errors import UsageError
from schemas.records import STORE_TABLES
from schemas.tables import Column

DEFAULT_NAMES = (
    "资金年度概览", "指标跨年", "执行率排名", "未完成指标", "项目经费", "支持单位",
    "报告", "指标", "资金", "项目", "评分", "问题建议", "文件",
)  # fmt: skip
"""What is exported where nothing is named: of these, what the store has. 文件 says which file a 文件编号 is."""

NOT_FOR_SHEETS = frozenset(
    c.chinese for t in STORE_TABLES for c in t.columns if c.name in {"places", "positions", "cells", "words"}
)
"""Columns that make a sheet unusable, lists of hundreds of places or words a cell: left out of xlsx and csv."""

_OWN_ORDER = re.compile(r"\bORDER\s+BY\b[^()]*;?\s*$", re.IGNORECASE)


class Form(StrEnum):
    """What an export is written as."""

    XLSX = "xlsx"
    CSV = "csv"
    PARQUET = "parquet"


@dataclass(frozen=True, slots=True)
class ColumnNote:
    """What a column means: in words, with its unit (None: none is declared)."""

    name: str
    unit: str | None
    comment: str


@dataclass(frozen=True, slots=True)
class Selection:
    """A sheet or file to be: its name, the SQL of its rows, what it is (a view's comment, or that it is a query), the
    columns that are known and those that sheets leave out."""

    name: str
    sql: str
    comment: str
    columns: tuple[ColumnNote, ...] = ()
    left_out: tuple[str, ...] = ()


def target(output: Path, form: Form | None) -> tuple[Form, bool]:
    """What to write, and whether `output` is a folder. Raises UsageError where name and form do not fit."""
    suffix = output.suffix.lower().removeprefix(".")
    if suffix in set(Form) and not output.is_dir():
        if form not in (None, Form(suffix)):
            raise UsageError(f"{output} is a name for {suffix}, not for {form}")
        return Form(suffix), False
    if form is None:
        raise UsageError(
            f"{output}: give a name that ends in .xlsx, .csv or .parquet, or a folder and --format csv or parquet"
        )
    if form is Form.XLSX:
        raise UsageError(f"{output}: a workbook is one file; give a name that ends in .xlsx")
    return form, True


def selections(
    con: duckdb.DuckDBPyConnection, names: Sequence[str], queries: Sequence[str], form: Form
) -> list[Selection]:
    """What `names` (tables or views; English names stand for the Chinese views) and `queries` (NAME=SQL) ask for, or
    DEFAULT_NAMES without any. Raises UsageError for what the store has not."""
    comments = _comments(con)
    chinese = {t.name: t.chinese for t in STORE_TABLES if t.chinese in comments}
    if not names and not queries:
        names = [name for name in DEFAULT_NAMES if name in comments]
    unknown = [name for name in names if name not in comments]
    if unknown:
        raise UsageError(
            f"{', '.join(unknown)}: no such table or view; there are {_listed(comments, chinese)}"
        )
    chosen = dict.fromkeys(chinese.get(name, name) for name in names)
    notes = _column_notes(con)
    views = [_view(con, name, comments[name], notes[name], form) for name in chosen]
    return [*views, *map(_query, queries)]


def _comments(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Every table and view with its comment."""
    return dict(
        con.sql(
            "SELECT table_name, coalesce(comment, '') FROM duckdb_tables() WHERE NOT internal UNION ALL "
            "SELECT view_name, coalesce(comment, '') FROM duckdb_views() WHERE NOT internal ORDER BY 1"
        ).fetchall()
    )


def _listed(comments: Mapping[str, str], chinese: Mapping[str, str]) -> str:
    english = {view: table for table, view in chinese.items()}
    named = [f"{view} ({table})" for view, table in english.items()]
    return ", ".join([*(n for n in comments if n not in chinese and n not in english), *named])


def _column_notes(con: duckdb.DuckDBPyConnection) -> dict[str, list[ColumnNote]]:
    """The columns of every table and view; what a declared view's columns mean is declared with the table."""
    declared = {(t.chinese, c.chinese): c for t in STORE_TABLES for c in t.columns}
    notes: dict[str, list[ColumnNote]] = {}
    found = con.sql(
        "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal ORDER BY 1, column_index"
    ).fetchall()
    for table, name, comment in found:
        notes.setdefault(table, []).append(_column_note(name, comment, declared.get((table, name))))
    return notes


def _column_note(name: str, comment: str | None, column: Column | None) -> ColumnNote:
    if column is None:
        return ColumnNote(name, None, comment or "")
    return ColumnNote(name, column.unit, column.description)


def _view(
    con: duckdb.DuckDBPyConnection, name: str, comment: str, notes: Sequence[ColumnNote], form: Form
) -> Selection:
    kept = [n for n in notes if form is Form.PARQUET or n.name not in NOT_FOR_SHEETS]
    columns = ", ".join(_identifier(n.name) for n in kept)
    sql = f"SELECT {columns} FROM {_identifier(name)}{_order(con, name)}"
    left_out = tuple(n.name for n in notes if n not in kept)
    return Selection(name, sql, comment, tuple(kept), left_out)


def _order(con: duckdb.DuckDBPyConnection, name: str) -> str:
    """Tables, and the views that rename their columns, are read in the order of their rows. What a view computes comes in any
    order, unless it ends in one of its own; the same store is to give the same file."""
    if name in {t.chinese for t in STORE_TABLES}:
        return ""
    found = con.sql(
        "SELECT sql FROM duckdb_views() WHERE NOT internal AND view_name = ?", params=[name]
    ).fetchall()
    return " ORDER BY ALL" if any(not _OWN_ORDER.search(sql) for (sql,) in found) else ""


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _query(text: str) -> Selection:
    name, equals, sql = text.partition("=")
    if not (equals and name.strip() and sql.strip()):
        raise UsageError(f'--query {text}: write NAME=SQL, such as --query "优秀报告=SELECT … FROM 报告"')
    return Selection(name.strip(), sql, f"查询：{sql.strip()}")
