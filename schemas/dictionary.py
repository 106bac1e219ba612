"""The data dictionary: every table and column of the store, from schemas.records."""

from typing import Any

from schemas.records import STORE_TABLES
from schemas.summaries import SUMMARY_TABLES
from schemas.tables import Column, TableSchema
from schemas.view_macros import MACROS, Macro
from schemas.views import VIEWS, View, wide_view

_HEAD = """# Data dictionary

Every table of the store: in `jixiao.duckdb` under its English name, and as a view with Chinese names;
in `parquet/` as one folder a table. Made from `schemas/records.py` by `jixiao schema --markdown`; do not edit.

Money is in yuan, percentages are percent numbers (80 for 80%). Numbers of rows, blocks and tables count
from 1, characters from 0. An empty value means: not stated in the report.
"""


_HEAD_OF_COLUMNS = ("| column | 中文名 | type | unit | meaning |", "|---|---|---|---|---|")

_CROSS_YEAR = """## Cross-year views

跨年视图: views and macros over all reports, in `jixiao.duckdb` only; made from `schemas/views.py` and
`schemas/view_macros.py`. [sql-guide.md](sql-guide.md) shows them at work and says how their figures are chosen.
"""

_SUMMARIES = """## Summary tables

What the cross-year views read, worked out at publication, in `jixiao.duckdb` only; made from `schemas/summaries.py`.
"""

WIDE_VIEW = wide_view(())
"""The wide view as it is documented: without the columns of the years that a store has."""

DOCUMENTED_VIEWS = (*VIEWS, WIDE_VIEW)


def data_dictionary() -> str:
    """The whole dictionary as Markdown."""
    index = "\n".join(f"- [`{t.name}`](#{t.name}) {t.chinese}: {t.description}" for t in STORE_TABLES)
    views = [view_markdown(v) for v in DOCUMENTED_VIEWS]
    summaries = [summary_markdown(t) for t in SUMMARY_TABLES]
    tables = [table_markdown(t) for t in STORE_TABLES]
    more = "- [Cross-year views](#cross-year-views), [macros](#macros) and [summary tables](#summary-tables)"
    return "\n".join(
        [_HEAD, index, more, "", *tables, _CROSS_YEAR, *views, macros_markdown(), _SUMMARIES, *summaries]
    )


def view_markdown(view: View) -> str:
    """One view as a Markdown section."""
    lines = [f"| `{c.name}` | {c.comment} |" for c in view.columns]
    return "\n".join(
        [f"### {view.name}", "", f"{view.comment}。", "", "| 列 | 含义 |", "|---|---|", *lines, ""]
    )


def macros_markdown() -> str:
    """The macros as a Markdown section."""
    lines = [f"| `{m.call}` | {m.comment} | {'、'.join(m.columns) or '一个值'} |" for m in MACROS]
    return "\n".join(["## Macros", "", "| 宏 | 含义 | 给出 |", "|---|---|---|", *lines, ""])


def summary_markdown(table: TableSchema) -> str:
    """One summary table as a Markdown section."""
    head = f"{table.chinese}: {table.description}. Key: {', '.join(f'`{k}`' for k in table.key)}."
    lines = [f"### {table.name}", "", head, "", *_HEAD_OF_COLUMNS, *(_line(c) for c in table.columns), ""]
    return "\n".join(lines)


def table_markdown(table: TableSchema) -> str:
    """One table as a Markdown section."""
    folders = "one folder a fiscal year" if table.by_year else "one file"
    lines = [
        f"## {table.name}",
        "",
        f"View `{table.chinese}`: {table.description}. Key: {', '.join(f'`{k}`' for k in table.key)}. "
        f"Parquet: {folders}.",
        "",
        *_HEAD_OF_COLUMNS,
        *(_line(c) for c in table.columns),
        "",
    ]
    return "\n".join(lines)


def _line(column: Column) -> str:
    cells = (
        f"`{column.name}`",
        column.chinese,
        f"`{type_name(column)}`",
        column.unit or "",
        column.description,
    )
    return "| " + " | ".join(c.replace("|", "\\|") for c in cells) + " |"


def table_facts(table: TableSchema) -> dict[str, Any]:
    """The same of one table, for programs."""
    columns = [
        {
            "name": c.name,
            "chinese": c.chinese,
            "type": type_name(c),
            "unit": c.unit,
            "description": c.description,
        }
        for c in table.columns
    ]
    facts = {"name": table.name, "chinese": table.chinese, "description": table.description}
    return {**facts, "key": list(table.key), "by_year": table.by_year, "columns": columns}


def view_facts(view: View) -> dict[str, Any]:
    """The same of a view."""
    columns = [{"name": c.name, "description": c.comment} for c in view.columns]
    return {"name": view.name, "description": view.comment, "columns": columns}


def macro_facts(macro: Macro) -> dict[str, Any]:
    """The same of a macro."""
    parameters, columns = list(macro.parameters), list(macro.columns)
    return {"name": macro.name, "description": macro.comment, "parameters": parameters, "columns": columns}


def type_name(column: Column) -> str:
    """The DuckDB type without the quotes around a struct's names."""
    return column.duckdb.replace('"', "")
