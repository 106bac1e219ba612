"""What an alignment leaves for the next one: what it decided and why, in Parquet files beside a generation's tables.

Each row belongs to an owner, a fund or what keeps the reports of an unknown one apart, so that the rows of owners that are decided anew go and
all others stay. Rows are spread over buckets by their owner; a bucket in which nothing changes is linked, not written.
In a connection `state_<table>` are all rows of the previous state, `kept_<table>` those of owners that are not decided anew,
and `new_<table>` those that are.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from pipeline.alignment.decisions import Decisions
from pipeline.alignment.fund_tables import MATCH_COLUMNS, NODE_COLUMNS
from pipeline.database import parquet_rows
from pipeline.parquet import link_file, sync, write_parquet

FORM = 4
"""Raised whenever these tables, or what the rules make of them, change: an older state is not gone on from."""
BUCKET_ROWS = 50_000
"""Uses of names in a bucket: few files for a small store, little to write for a change in a large one."""
_FEWER = 4
"""Buckets are cut anew when so many times more of them are wanted."""
_MANIFEST = "state.json"
_BATCH = 8192


@dataclass(frozen=True, slots=True)
class StateTable:
    """A table of the state: its columns with their types, of which the first is the owner, how its rows are ordered,
    and the table of owners that are decided anew. `beside` names another owner without whom the row goes too; it is written again only
    where both are looked at."""

    name: str
    columns: Mapping[str, str]
    order: str
    redone: str
    beside: str | None = None

    @property
    def owner(self) -> str:
        """The column that tells whose a row is."""
        return next(iter(self.columns))

    @property
    def stays(self) -> str:
        """SQL that is true for rows whose owners are not decided anew."""
        return " AND ".join(f"{c} NOT IN (FROM {self.redone})" for c in (self.owner, self.beside) if c)


_TEXTS = "VARCHAR[]"
INDICATOR_TABLES = (
    StateTable("entries", {
        "scope": "VARCHAR", "no": "BIGINT", "indicator_id": "VARCHAR", "text": "VARCHAR", "kind": "VARCHAR",
        "family_text": "VARCHAR", "family_kind": "VARCHAR", "clean": "VARCHAR", "content": "VARCHAR", "free": "BOOLEAN",
        "records": "BIGINT", "total": "BIGINT", "stricts": _TEXTS, "heard": _TEXTS, "cleans": _TEXTS,
    }, "scope, no", "redone_scopes"),
    StateTable("uses", {
        "scope": "VARCHAR", "fund_id": "VARCHAR", "name": "VARCHAR", "unit_kind": "VARCHAR", "indicator_id": "VARCHAR",
        "reason": "VARCHAR", "score": "DOUBLE", "decided_by": "VARCHAR", "first_year": "BIGINT", "last_year": "BIGINT",
        "records": "BIGINT", "level2": "VARCHAR", "level2_inferred": "BOOLEAN",
        "units": 'STRUCT("unit" VARCHAR, "records" BIGINT)[]',
    }, "scope, name, unit_kind", "redone_scopes"),
    StateTable("asked", {
        "scope": "VARCHAR", "fund_id": "VARCHAR", "name": "VARCHAR", "other": "VARCHAR", "score": "DOUBLE", "reason": "VARCHAR",
    }, "scope, name, other, score, reason", "redone_scopes"),
    StateTable("words", {"scope": "VARCHAR", "word": "VARCHAR", "added": "BOOLEAN"}, "scope, word", "redone_scopes"),
    StateTable(
        "contrasts", {"scope": "VARCHAR", "one": "VARCHAR", "other": "VARCHAR"}, "scope, one, other", "redone_scopes"
    ),
)  # fmt: skip
FUND_TABLES = (
    StateTable("fund_nodes", NODE_COLUMNS, "fund_id, key, scope", "redone_funds"),
    StateTable("fund_signs", {"fund_id": "VARCHAR", "sign": "BIGINT"}, "fund_id, sign", "redone_funds"),
    StateTable(
        "fund_ties", {"fund_id": "VARCHAR", "other_id": "VARCHAR"}, "fund_id, other_id", "redone_funds", "other_id"
    ),
    StateTable("fund_asked", {
        "fund_id": "VARCHAR", "other_id": "VARCHAR", "name": "VARCHAR", "other": "VARCHAR", "score": "DOUBLE",
        "reason": "VARCHAR",
    }, "fund_id, other_id, name, other", "redone_funds", "other_id"),
    StateTable("fund_matches", MATCH_COLUMNS, "fund_id, other_id, one, other", "redone_funds", "other_id"),
    StateTable("fund_words", {"word": "VARCHAR", "funds": "BIGINT"}, "word", "redone_words"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class State:
    """A state on disk: its folder, how many buckets its tables have, and how many reports there were when all were last
    aligned."""

    folder: Path
    buckets: int
    reports: int


def decisions_digest(decisions: Decisions) -> str:
    """Tells whether people decided the same."""
    return hashlib.sha256(repr(decisions).encode()).hexdigest()


def previous_state(folder: Path | None, digest: str) -> State | None:
    """The state in a folder; None where there is none, where it is of another form, or people decided otherwise."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8")) if folder else {}
    except (OSError, ValueError):
        return None
    if folder is None or manifest.get("form") != FORM or manifest.get("decisions") != digest:
        return None
    return State(folder, manifest["buckets"], manifest["reports"])


def open_state(con: duckdb.DuckDBPyConnection, state: State | None, tables: Sequence[StateTable]) -> None:
    """Makes the views state_… and kept_… of `tables`; without rows where there is no state. The tables of owners that are decided
    anew must be there."""
    for table in tables:
        columns = ", ".join(f'"{c}"' for c in table.columns)
        if state:
            files = [_bucket(state.folder, table, no) for no in range(state.buckets)]
            rows = f"SELECT {columns} FROM {parquet_rows(files)}"
        else:
            nothing = ", ".join(f'NULL::{kind} AS "{c}"' for c, kind in table.columns.items())
            rows = f"SELECT {nothing} WHERE false"
        con.execute(f"CREATE VIEW state_{table.name} AS {rows}")
        con.execute(f"CREATE VIEW kept_{table.name} AS FROM state_{table.name} WHERE {table.stays}")


def put(
    con: duckdb.DuckDBPyConnection,
    name: str,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Any]] | Iterator[Sequence[Any]],
) -> None:
    """Makes a table of rows; `columns` with their types."""
    declared = ", ".join(f'"{c}" {kind}' for c, kind in columns.items())
    con.execute(f"CREATE TABLE {name} ({declared})")
    rows = iter(rows)
    while held := list(islice(rows, _BATCH)):
        values = zip(*held, strict=True)
        table = pa.table(
            {c: pa.array(v, type=_ARROW.get(columns[c])) for c, v in zip(columns, values, strict=True)}
        )
        con.register("put_rows", table)
        con.execute(f"INSERT INTO {name} FROM put_rows")
        con.unregister("put_rows")


_ARROW = {
    "VARCHAR": pa.string(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "VARCHAR[]": pa.list_(pa.string()),
    "BIGINT[]": pa.list_(pa.int64()),
    "DOUBLE[]": pa.list_(pa.float64()),
}


def save_state(
    con: duckdb.DuckDBPyConnection,
    state: State | None,
    folder: Path,
    digest: str,
    reports: int,
    tables: Sequence[StateTable] = (*FUND_TABLES, *INDICATOR_TABLES),
) -> None:
    """Writes what is kept and what is new into a new folder; `reports` there are when all of them are aligned."""
    (rows,) = con.execute(
        "SELECT (SELECT count(*) FROM kept_uses) + (SELECT count(*) FROM new_uses)"
    ).fetchall()[0]
    wanted = 1
    while wanted * BUCKET_ROWS < rows:
        wanted *= 2
    buckets = state.buckets if state and state.buckets <= wanted < _FEWER * state.buckets else wanted
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        changed = _changed(con, table, buckets) if state and state.buckets == buckets else None
        for no in range(buckets):
            path = _bucket(folder, table, no)
            if state and changed is not None and no not in changed:
                link_file(_bucket(state.folder, table, no), path)
                continue
            columns = ", ".join(f'"{c}"' for c in table.columns)
            found = con.sql(
                f"SELECT {columns} FROM (SELECT {columns} FROM kept_{table.name} UNION ALL SELECT {columns} FROM new_{table.name}) "
                f"WHERE {_bucket_of(table.owner, buckets)} = {no} ORDER BY {table.order}"
            ).to_arrow_reader(_BATCH)
            write_parquet(path, found.schema, found)
    manifest = folder / _MANIFEST
    known = {
        "buckets": buckets,
        "decisions": digest,
        "form": FORM,
        "reports": state.reports if state else reports,
    }
    manifest.write_text(json.dumps(known), encoding="utf-8")
    manifest.chmod(0o444)
    sync(manifest)
    sync(folder)


def _changed(con: duckdb.DuckDBPyConnection, table: StateTable, buckets: int) -> set[int]:
    """The buckets in which rows go or come."""
    bucket = _bucket_of(table.owner, buckets)
    owners = f"SELECT {table.owner} FROM state_{table.name} WHERE NOT ({table.stays}) UNION SELECT {table.owner} FROM new_{table.name}"
    return {no for (no,) in con.execute(f"SELECT DISTINCT {bucket} FROM ({owners})").fetchall()}


def _bucket_of(owner: str, buckets: int) -> str:
    """SQL for the bucket of an owner: of a hash that is the same in every version of DuckDB."""
    return f"CAST(md5_number({owner}) % {buckets} AS BIGINT)" if buckets > 1 else "0"


def _bucket(folder: Path, table: StateTable, no: int) -> Path:
    return folder / f"{table.name}-{no:05}.parquet"
