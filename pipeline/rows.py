"""ParsedFile -> the rows of each table, as Arrow, under the file's key."""

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

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
    ParsedFile,
)
from schemas.tables import TableSchema, field_values, to_arrow

PARSED_TABLES: tuple[TableSchema, ...] = (
    REPORTS, BLOCKS, SECTIONS, TABLES, INDICATORS, FUNDING, PROJECTS, SCORES, REMARKS,
)  # fmt: skip
"""The tables that a parsed file fills."""

DOC_ID_DIGITS = 16


def doc_id_of(sha256: str) -> str:
    """The key of a file with this SHA-256 (64 hex digits)."""
    return sha256[:DOC_ID_DIGITS]


def rows_of(doc_id: str, parsed: ParsedFile) -> dict[str, list[dict[str, Any]]]:
    """All rows of a file by table name, `doc_id` filled in.

    Raises ValueError for a row that names another report than the one it was given with: its
    fiscal year, and with it its place in the store, would be wrong.
    """
    rows: dict[str, list[dict[str, Any]]] = {t.name: [] for t in PARSED_TABLES}
    for parsed_report in parsed.reports:
        report_no = parsed_report.report.report_no
        for table in PARSED_TABLES:
            records: Iterable[Any] = (
                (parsed_report.report,) if table is REPORTS else getattr(parsed_report, table.name)
            )
            for record in records:
                if record.report_no != report_no:
                    raise ValueError(f"{table.name}: report {record.report_no} within report {report_no}")
                rows[table.name].append(field_values(record) | {"doc_id": doc_id})
    return rows


def tables_of(doc_id: str, parsed: ParsedFile) -> dict[str, pa.Table]:
    """The rows of a file as Arrow tables, those of tables without rows left out."""
    rows = rows_of(doc_id, parsed)
    return {t.name: to_arrow(t, rows[t.name]) for t in PARSED_TABLES if rows[t.name]}
