"""Small hand-made stores: the DuckDB file of a generation from a few rows, without any report parsed."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb

from pipeline.database import make_database
from pipeline.parquet import write_table
from schemas.catalogues import FundAliasRow, FundRow, IndicatorNameRow
from schemas.records import (
    STORE_TABLES,
    DocumentRow,
    FundingRow,
    IndicatorRow,
    ProjectRow,
    ReportRow,
    SectionRow,
)
from schemas.tables import field_values, to_arrow

TABLE_OF = {
    DocumentRow: "documents",
    ReportRow: "reports",
    FundingRow: "funding",
    IndicatorRow: "indicators",
    ProjectRow: "projects",
    SectionRow: "sections",
    FundRow: "funds",
    FundAliasRow: "fund_aliases",
    IndicatorNameRow: "indicator_names",
}


def views_store(folder: Path, rows: Sequence[Any]) -> duckdb.DuckDBPyConnection:
    """A read-only connection to a store that holds these rows (in the order of their tables' keys, as stores do), and
    a document `<doc_id>.docx` for each report."""
    tables: dict[str, list[dict[str, Any]]] = {t.name: [] for t in STORE_TABLES}
    documents = {r.doc_id: document(r.doc_id) for r in rows if isinstance(r, ReportRow)}
    for row in (*documents.values(), *rows):
        tables[TABLE_OF[type(row)]].append(field_values(row))
    files = {}
    for table in STORE_TABLES:
        files[table.name] = [folder / f"{table.name}.parquet"]
        write_table(files[table.name][0], to_arrow(table, tables[table.name]))
    make_database(folder / "store.duckdb", files, folder / "spill", documents=0)
    return duckdb.connect(str(folder / "store.duckdb"), read_only=True)


def document(doc_id: str) -> DocumentRow:
    return DocumentRow(
        doc_id=doc_id, source=f"{doc_id}.docx", sha256=doc_id, bytes=1, unread_pages=0, status="read",
        parser_version="0", run_id="r", ingested_at=datetime(2025, 1, 1),
    )  # fmt: skip


def report(doc_id: str, kind: str, year: int | None, fund: str | None = "F1", **facts: Any) -> ReportRow:
    """A report on a fund whose printed name is its id in brackets unless given."""
    given: dict[str, Any] = {"fund_name": f"（{fund}）", "organisation": f"{doc_id}局"} | facts
    return ReportRow(doc_id=doc_id, report_no=1, report_type=kind, fund_id=fund, fiscal_year=year, **given)  # type: ignore[arg-type]


def fund(fund_id: str, name: str, *aliases: str) -> FundRow:
    return FundRow(fund_id=fund_id, name=name, aliases=aliases, reports=1)


def total(doc_id: str, given: float, spent: float | None, **facts: Any) -> list[FundingRow]:
    """The total row of a form: budget and, where there is one, execution, in yuan."""
    common: dict[str, Any] = {
        "doc_id": doc_id, "report_no": 1, "item": "年度资金总额", "source": "total", "table_no": 1, "location": "表1 第3行",
    } | facts  # fmt: skip
    rows = [FundingRow(funding_no=1, measure="budget", amount_yuan=given, **common)]
    if spent is not None:
        rows.append(FundingRow(funding_no=2, measure="executed", amount_yuan=spent, **common))
    return rows


def indicator(doc_id: str, number: int, name: str, **facts: Any) -> IndicatorRow:
    """A row of a completion table, unless told another record; the indicator's id is its name."""
    given: dict[str, Any] = {
        "record": "completion", "indicator_id": name, "level2_inferred": False, "location": f"表2 第{number}行",
    } | facts  # fmt: skip
    return IndicatorRow(doc_id=doc_id, report_no=1, indicator_no=number, name=name, **given)


def indicator_name(
    name: str, kind: str | None = None, unit: str | None = None, factor: float = 1.0
) -> IndicatorNameRow:
    return IndicatorNameRow(indicator_id=name, name=name, unit_kind=kind, unit=unit, unit_factor=factor)


def project(doc_id: str, number: int, name: str, undertaker: str | None, amount: float | None) -> ProjectRow:
    return ProjectRow(
        doc_id=doc_id, report_no=1, project_no=number, name=name, undertaker=undertaker, amount_yuan=amount,
        location=f"表3 第{number}行",
    )  # fmt: skip


def section(doc_id: str, number: int, title: str, text: str, words: str) -> SectionRow:
    """A chapter whose words are those of `words`, which blanks part."""
    return SectionRow(
        doc_id=doc_id, report_no=1, section_no=number, level=1, title=title, kind="other", text=text,
        words=tuple(sorted(words.split())), detected_by="numbering", location=f"第{number}段",
    )  # fmt: skip
