"""Publications as the alignment of names sees them: reports come and go, and each time ids are given to their rows."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import pyarrow as pa

from pipeline.alignment.decisions import Decisions
from pipeline.identities import NAME_TABLES, identify
from schemas.catalogues import FUNDS
from schemas.records import INDICATORS, REPORTS
from schemas.tables import TableSchema

Ids = dict[tuple[str, int, int], str | None]
"""The id of each row, by document, report and number (0 for the report itself)."""


@dataclass(slots=True)
class Publications:
    """A store under way: `reports` and `indicators` are all rows that may come, without ids. `folder` takes the states."""

    reports: pa.Table
    indicators: pa.Table
    folder: Path
    there: frozenset[str] = frozenset()
    ids: dict[str, Ids] = field(default_factory=lambda: {"reports": {}, "indicators": {}})
    names: Mapping[str, pa.Table] = field(default_factory=dict)
    number: int = 0

    def publish(
        self,
        taken: Collection[str] = (),
        gone: Collection[str] = (),
        *,
        whole: bool = False,
        decisions: Decisions | None = None,
    ) -> int:
        """The next publication; `gone` go and `taken` come, also for such that are there. Returns how many reports that stay were
        given other ids."""
        gone = frozenset(gone) | (frozenset(taken) & self.there)
        kept = self.there - gone
        state = self.folder / str(self.number)
        self.number += 1
        with duckdb.connect(":memory:") as con:
            for name, docs in (("gone", gone), ("taken", taken)):
                con.execute(f"CREATE TABLE {name} AS SELECT unnest(?::VARCHAR[]) AS doc_id", [sorted(docs)])
            for table, rows, column in (
                (REPORTS, self.reports, "fund_id"),
                (INDICATORS, self.indicators, "indicator_id"),
            ):
                self._put(con, table, rows, column, kept | frozenset(taken))
            for table in NAME_TABLES:
                _table(con, f"old_{table.name}", self.names.get(table.name, table.arrow.empty_table()))
            self.names = identify(
                con, decisions or Decisions(), state=state if state.exists() else None,
                new_state=self.folder / str(self.number), whole=whole,
            )  # fmt: skip
            renamed = con.execute("FROM renamed").fetchall()
            self.there = kept | frozenset(taken)
            self._take_ids(con, {(doc, no) for doc, no in renamed}, frozenset(taken))
        return len(renamed)

    def _put(
        self,
        con: duckdb.DuckDBPyConnection,
        table: TableSchema,
        rows: pa.Table,
        column: str,
        docs: frozenset[str],
    ) -> None:
        """The view all_<table>: rows of `docs`, with the ids they had."""
        ids = self.ids[table.name]
        known = [(*key, found) for key, found in ids.items()]
        columns = list(zip(*known, strict=True)) or [[], [], [], []]
        types = (pa.string(), pa.int64(), pa.int64(), pa.string())
        held = [pa.array(values, kind) for values, kind in zip(columns, types, strict=True)]
        _table(con, f"ids_{table.name}", pa.table(held, names=["doc_id", "report_no", "no", "id"]))
        _table(con, f"rows_{table.name}", rows)
        con.execute(
            f"CREATE TABLE docs_{table.name} AS SELECT unnest(?::VARCHAR[]) AS doc_id", [sorted(docs)]
        )
        number = "0" if table is REPORTS else "r.indicator_no"
        con.execute(
            f"CREATE VIEW all_{table.name} AS SELECT r.* REPLACE (h.id AS {column}) FROM rows_{table.name} r "
            f"LEFT JOIN ids_{table.name} h ON h.doc_id = r.doc_id AND h.report_no = r.report_no AND h.no = {number} "
            f"WHERE r.doc_id IN (FROM docs_{table.name})"
        )

    def _take_ids(
        self, con: duckdb.DuckDBPyConnection, renamed: set[tuple[str, int]], taken: frozenset[str]
    ) -> None:
        """The ids of rows that are written: of reports that came or are renamed, as publishing joins them."""
        funds = con.execute("SELECT doc_id, report_no, fund_id FROM fund_of").fetchall()
        indicators = con.execute("""
            SELECT r.doc_id, r.report_no, r.indicator_no, i.indicator_id FROM all_indicators r
            JOIN fund_of f ON f.doc_id = r.doc_id AND f.report_no = r.report_no LEFT JOIN indicator_of i
            ON i.scope = f.scope AND i.name = r.name AND i.unit_kind IS NOT DISTINCT FROM r.unit_kind
        """).fetchall()
        new = {
            "reports": {(doc, no, 0): found for doc, no, found in funds},
            "indicators": {(doc, report, no): found for doc, report, no, found in indicators},
        }
        for table, ids in self.ids.items():
            stay = {key: found for key, found in ids.items() if key[0] in self.there - taken}
            written = {k: v for k, v in new[table].items() if k[0] in taken or k[:2] in renamed}
            self.ids[table] = stay | written

    def rows(self, table: str) -> list[dict[str, object]]:
        """The rows of a table of names."""
        found: list[dict[str, object]] = self.names[table].to_pylist()
        return found

    def wrong(self) -> list[str]:
        """What of the catalogue does not fit the rows: counts, and ids that are not in it or of no row."""
        found = []
        reports = _counted(v for v in self.ids["reports"].values() if v is not None)
        if reports != {r["fund_id"]: r["reports"] for r in self.rows(FUNDS.name)}:
            found.append("funds.reports")
        rows = _counted(self.ids["indicators"].values())
        records: dict[object, int] = {}
        for alias in self.rows("indicator_aliases"):
            records[alias["indicator_id"]] = records.get(alias["indicator_id"], 0) + int(
                str(alias["records"])
            )
        if rows != records:
            found.append("indicator_aliases.records")
        if rows.keys() != {r["indicator_id"] for r in self.rows("indicator_names")}:
            found.append("indicator_names")
        return found


def _table(con: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    con.register("given", rows)
    con.execute(f"CREATE TABLE {name} AS FROM given")
    con.unregister("given")


def _counted(values: object) -> dict[object, int]:
    counts: dict[object, int] = {}
    for value in values:  # type: ignore[attr-defined]
        counts[value] = counts.get(value, 0) + 1
    return counts


def same_share(one: Ids, other: Ids) -> float:
    """Share of the rows whose ids are the same, or mean the same: two stores may call a thing by two ids."""
    pairs: dict[str | None, dict[str | None, int]] = {}
    for key, found in one.items():
        inner = pairs.setdefault(found, {})
        inner[other[key]] = inner.get(other[key], 0) + 1
    return sum(max(inner.values()) for inner in pairs.values()) / max(len(one), 1)
