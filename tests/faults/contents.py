"""What a published store says, apart from which runs said it and when: to compare two stores, and to tell generations apart.

Compared are all tables, views and the search of the DuckDB file and all tables of Parquet, row by row; the Parquet files of record tables byte by
byte, too. Of a run's own columns (ids, times, seconds) nothing is compared. A run that was cut short after the switch of generations is followed by
another run, which finds everything unchanged; so of all runs after the first generation a source's outcome is its first one that is not "unchanged",
and every one of them must have one outcome a source and counts that fit.
"""

import hashlib
import os
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from schemas.records import STORE_TABLES
from schemas.summaries import NUMBERED_SECTIONS

OF_THE_RUN = {
    "documents": {"run_id", "ingested_at"},
    "outcomes": {"run_id", "seconds"},
}
OF_RUNS = ("root", "parser_version", "counts")
"""The columns of `runs` that are compared, with care."""

BY_RUN = ("outcomes", "runs")
BY_HISTORY = frozenset({"section_index", NUMBERED_SECTIONS})
"""Tables that may hold other numbers after other runs for the same answers: these are compared through the search."""

SEARCHES = ("FROM 章节检索('资金')", "FROM 章节检索('今年预算 项目')", "FROM 查资金('资金')")
SEEN = ("reports", "indicators", "documents", "funding", "sections", "funds", "indicator_names")
"""Tables whose rows tell a generation in the reader's digest."""


@dataclass(frozen=True, slots=True)
class Contents:
    """Rows as text by table or view, Parquet files by path, and what the runs did."""

    rows: Mapping[str, tuple[str, ...]]
    files: Mapping[str, str]
    faults: tuple[str, ...]
    """What does not fit together within the store itself."""


def contents(store: Path) -> Contents:
    """All that the published store says."""
    folder = Path(os.path.realpath(store / "current"))
    rows: dict[str, tuple[str, ...]] = {}
    faults: list[str] = []
    with duckdb.connect(str(folder / "jixiao.duckdb"), read_only=True) as con:
        for name, sql in _questions(con).items():
            rows[f"DuckDB {name}"] = _texts(con.sql(sql).fetchall())
        rows |= _of_runs(con, faults)
    with duckdb.connect() as con:
        for table in STORE_TABLES:
            if table.name not in BY_RUN:
                rows[f"Parquet {table.name}"] = _texts(
                    con.sql(_select(table.name, _parquet(folder, table.name))).fetchall()
                )
        for table_name in BY_RUN:
            first, second = (_count(con, _parquet(folder, table_name)), len(_all_of(folder, table_name)))
            if first != second:
                faults.append(f"{table_name}: {first} rows in Parquet, {second} in DuckDB")
    files = {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for table in STORE_TABLES
        if table.name not in (*BY_RUN, *OF_THE_RUN)
        for p in sorted((folder / "parquet" / table.name).rglob("*.parquet"))
    }
    return Contents(rows, files, (*faults, *_left_behind(store)))


def differences(found: Contents, wanted: Contents, most: int = 4) -> list[str]:
    """In what two stores differ, in words; nothing where they are equal."""
    out = list(found.faults)
    for name in sorted({*found.rows, *wanted.rows}):
        have, want = Counter(found.rows.get(name, ())), Counter(wanted.rows.get(name, ()))
        out += [f"{name} has besides: {row[:200]}" for row in have - want]
        out += [f"{name} lacks: {row[:200]}" for row in want - have]
    if not out:
        out += [
            f"other bytes in {n}"
            for n in sorted({*found.files, *wanted.files})
            if found.files.get(n) != wanted.files.get(n)
        ]
    return out if len(out) <= most else [*out[:most], f"and {len(out) - most} differences more"]


def digest_of_database(path: Path) -> str:
    """A short text that tells what a DuckDB file holds, apart from its runs; the same as of its Parquet files."""
    with duckdb.connect(str(path), read_only=True) as con:
        return _digest(con, {name: f'"{name}"' for name in SEEN})


def digest_of_parquet(generation: Path) -> str:
    """The same of the Parquet files of one generation, whose folder was resolved before."""
    with duckdb.connect() as con:
        return _digest(con, {name: _parquet(generation, name) for name in SEEN})


def _digest(con: duckdb.DuckDBPyConnection, tables: Mapping[str, str]) -> str:
    parts = [
        f"SELECT count(*) AS n, sum(hash(t)::HUGEINT) AS h FROM ({_select(n, rows)}) t"
        for n, rows in tables.items()
    ]
    found = con.sql(" UNION ALL ".join(parts)).fetchall()
    return hashlib.sha256(repr(found).encode()).hexdigest()[:12]


def _select(table: str, rows: str) -> str:
    schema = next(t for t in STORE_TABLES if t.name == table)
    kept = [f'"{c.name}"' for c in schema.columns if c.name not in OF_THE_RUN.get(table, ())]
    return f"SELECT {', '.join(kept)} FROM {rows}"


def _parquet(generation: Path, table: str) -> str:
    return f"read_parquet('{generation}/parquet/{table}/**/*.parquet', hive_partitioning = false)"


def _questions(con: duckdb.DuckDBPyConnection) -> dict[str, str]:
    """Every table and view that does not tell of runs, and the macros."""
    tables = [t for (t,) in con.sql("SELECT table_name FROM duckdb_tables() WHERE NOT internal").fetchall()]
    declared = {t.name for t in STORE_TABLES}
    wanted = {t: _select(t, f'"{t}"') if t in declared else f'FROM "{t}"' for t in tables}
    views = con.sql("SELECT view_name, sql FROM duckdb_views() WHERE NOT internal").fetchall()
    wanted |= {
        v: f'FROM "{v}"' for v, sql in views if not any(t in sql for t in ("outcomes", "runs", "run_id"))
    }
    wanted |= {sql: sql for sql in SEARCHES}
    return {name: sql for name, sql in wanted.items() if name not in {*BY_RUN, *BY_HISTORY}}


def _of_runs(con: duckdb.DuckDBPyConnection, faults: list[str]) -> dict[str, tuple[str, ...]]:
    """The rows of `runs` and `outcomes` in a way that is the same however often a run had to be taken up again."""
    runs = con.sql(f"SELECT run_id, {', '.join(OF_RUNS)} FROM runs ORDER BY started_at, run_id").fetchall()
    columns = [c.name for t in STORE_TABLES if t.name == "outcomes" for c in t.columns]
    kept = [c for c in columns if c not in OF_THE_RUN["outcomes"]]
    found: dict[str, list[dict[str, Any]]] = {run[0]: [] for run in runs}
    for run_id, *values in con.sql(f"SELECT run_id, {', '.join(kept)} FROM outcomes").fetchall():
        found.setdefault(run_id, []).append(dict(zip(kept, values, strict=True)))
    if strays := set(found) - {run[0] for run in runs}:
        faults.append(f"outcomes of runs that are not there: {sorted(strays)}")
    if strays := {r for (r,) in con.sql("SELECT DISTINCT run_id FROM documents").fetchall()} - set(found):
        faults.append(f"documents of runs that are not there: {sorted(strays)}")
    for run_id, _, _, counts in runs:
        faults += _unfit(run_id, found[run_id], counts)
    effective: dict[str, str] = {}
    for run_id, *_ in runs[1:]:
        for row in found[run_id]:
            source = row["source"]
            if row["outcome"] != "unchanged" or source not in effective:
                first = effective.get(source)
                if first is None or "'unchanged'" in first:
                    effective[source] = repr(row)
    return {
        "runs": tuple(sorted({repr(run[1:3]) for run in runs})),
        "outcomes of the first run": _texts(found[runs[0][0]] if runs else []),
        "outcomes of the runs after it": tuple(sorted(effective.values())),
    }


def _unfit(run_id: str, outcomes: list[dict[str, Any]], counts: Mapping[str, int]) -> list[str]:
    out = []
    sources = [row["source"] for row in outcomes]
    if len(set(sources)) != len(sources):
        out.append(f"run {run_id} has two outcomes for a source")
    counted = Counter(row["outcome"] for row in outcomes)
    if counts["files"] != len(sources) or any(counts.get(name, 0) != n for name, n in counted.items()):
        out.append(f"run {run_id} counts {counts}, its outcomes are {dict(counted)}")
    return out


def _left_behind(store: Path) -> list[str]:
    """What an ended run should have cleaned away."""
    half = [p for p in store.iterdir() if p.name.endswith(".new") or p.name == "staging"]
    half += (store / "generations").glob("*.tmp")
    return [f"left behind: {p.relative_to(store)}" for p in half]


def _all_of(folder: Path, table: str) -> list[Any]:
    with duckdb.connect(str(folder / "jixiao.duckdb"), read_only=True) as con:
        return con.sql(f'FROM "{table}"').fetchall()


def _count(con: duckdb.DuckDBPyConnection, rows: str) -> int:
    return int(con.sql(f"SELECT count(*) FROM {rows}").fetchall()[0][0])


def _texts(rows: Iterable[Any]) -> tuple[str, ...]:
    return tuple(sorted(map(repr, rows)))
