"""The data dictionary: every table and column of the store, from schemas.records."""

from typing import Any

from schemas.records import STORE_TABLES
from schemas.tables import Column, TableSchema

_HEAD = """# Data dictionary

Every table of the store: in `jixiao.duckdb` under its English name, and as a view with Chinese names;
in `parquet/` as one folder a table. Made from `schemas/records.py` by `jixiao schema --markdown`; do not edit.

Money is in yuan, percentages are percent numbers (80 for 80%). Numbers of rows, blocks and tables count
from 1, characters from 0. An empty value means: not stated in the report.
"""


def data_dictionary() -> str:
    """The whole dictionary as Markdown."""
    index = "\n".join(f"- [`{t.name}`](#{t.name}) {t.chinese}: {t.description}" for t in STORE_TABLES)
    return "\n".join([_HEAD, index, "", *(table_markdown(t) for t in STORE_TABLES)])


def table_markdown(table: TableSchema) -> str:
    """One table as a Markdown section."""
    folders = "one folder a fiscal year" if table.by_year else "one file"
    lines = [
        f"## {table.name}",
        "",
        f"View `{table.chinese}`: {table.description}. Key: {', '.join(f'`{k}`' for k in table.key)}. "
        f"Parquet: {folders}.",
        "",
        "| column | 中文名 | type | unit | meaning |",
        "|---|---|---|---|---|",
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


def type_name(column: Column) -> str:
    """The DuckDB type without the quotes around a struct's names."""
    return column.duckdb.replace('"', "")
