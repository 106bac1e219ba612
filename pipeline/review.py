"""The open questions on names, and people's answers to them in `aliases/`."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb

from pipeline.alignment.decisions import (
    FUNDS_FILE,
    INDICATORS_FILE,
    Decisions,
    add_decision,
    decisions_path,
    name_key,
)
from schemas.errors import StoreError

Subject = Literal["fund", "indicator"]

FILES: Mapping[Subject, str] = {"fund": FUNDS_FILE, "indicator": INDICATORS_FILE}

_FUND_SIDE = """
    SELECT min(f.name), min(a.first_year), max(a.last_year), sum(a.reports)::BIGINT,
           (SELECT list(DISTINCT organisation ORDER BY organisation) FROM reports r
            WHERE r.fund_name = $name AND organisation IS NOT NULL)
    FROM fund_aliases a JOIN funds f USING (fund_id) WHERE a.name = $name
"""
_INDICATOR_SIDE = """
    SELECT min(i.name), min(a.first_year), max(a.last_year), sum(a.records)::BIGINT, NULL
    FROM indicator_aliases a JOIN indicator_names i USING (indicator_id)
    WHERE a.name = $name AND a.fund_id IS NOT DISTINCT FROM $fund_id
"""


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two names: what it is taken for now, the years it was printed in, how often, and, of a fund, by whom."""

    name: str
    taken_for: str | None
    first_year: int | None
    last_year: int | None
    count: int | None
    organisations: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Question:
    """Whether two names are one fund, or one indicator of the fund `fund`."""

    subject: Subject
    fund: str | None
    sides: tuple[Side, Side]
    score: float
    reason: str


def open_questions(con: duckdb.DuckDBPyConnection, subject: Subject, decisions: Decisions) -> list[Question]:
    """The questions of the store that `decisions` do not answer yet, the surest first."""
    rows = con.execute(
        "SELECT q.fund_id, f.name, q.name, q.other, q.score, q.reason FROM alignment_questions q "
        "LEFT JOIN funds f USING (fund_id) WHERE subject = $subject ORDER BY score DESC, f.name, q.name, q.other",
        {"subject": subject},
    ).fetchall()
    answered = _answered(subject, decisions)
    return [
        Question(
            subject,
            fund,
            (_side(con, subject, fund_id, name), _side(con, subject, fund_id, other)),
            score,
            reason,
        )
        for fund_id, fund, name, other, score, reason in rows
        if not {None, fund and name_key(fund)}
        & answered.get(frozenset((name_key(name), name_key(other))), set())
    ]


def answer(store: Path, question: Question, *, same: bool) -> Path:
    """Writes an answer down at once; returns the file. Raises UsageError where it cannot be written."""
    one, two = question.sides
    values = {
        "decision": "same" if same else "different", "fund": question.fund or "", "name": one.name, "other": two.name,
    }  # fmt: skip
    add_decision(store, FILES[question.subject], values)
    return decisions_path(store, FILES[question.subject])


def idle_lines(con: duckdb.DuckDBPyConnection, decisions: Decisions) -> list[str]:
    """What is said of the lines of `aliases/` that name what no report of the store prints: they have no effect yet."""
    printed = "SELECT name FROM fund_aliases WHERE reports > 0 OR decided_by <> 'file'"
    funds = {name_key(name) for (name,) in con.sql(printed).fetchall()}
    indicators = {name_key(name) for (name,) in con.sql("SELECT name FROM indicator_aliases").fetchall()}
    lines = [
        (FUNDS_FILE, d.line, [n for n in (d.name, d.other) if name_key(n) not in funds])
        for d in decisions.funds
    ]
    for d in decisions.indicators:
        unknown = [n for n in (d.name, d.other) if name_key(n) not in indicators]
        if d.fund and name_key(d.fund) not in funds:
            unknown.append(d.fund)
        lines.append((INDICATORS_FILE, d.line, unknown))
    return [
        f"aliases/{file}, line {line}: no report names {'、'.join(names)}"
        for file, line, names in lines
        if names
    ]


@contextmanager
def of_this_version(store: Path) -> Iterator[None]:
    """Turns what DuckDB says of a store that an older jixiao published into words. Raises StoreError."""
    try:
        yield
    except (duckdb.BinderException, duckdb.CatalogException) as error:
        raise StoreError(
            f"{store}: published by an older jixiao; ingest its files again with this one"
        ) from error


def _answered(subject: Subject, decisions: Decisions) -> dict[frozenset[str], set[str | None]]:
    """Pairs of names with the funds for which they are answered; None: for all."""
    out: dict[frozenset[str], set[str | None]] = {}
    for name, other, fund in (
        [(d.name, d.other, None) for d in decisions.funds]
        if subject == "fund"
        else [(d.name, d.other, d.fund) for d in decisions.indicators]
    ):
        pair = frozenset((name_key(name), name_key(other)))
        out.setdefault(pair, set()).add(name_key(fund) if fund else None)
    return out


def _side(con: duckdb.DuckDBPyConnection, subject: Subject, fund_id: str | None, name: str) -> Side:
    sql, parameters = (
        (_FUND_SIDE, {"name": name})
        if subject == "fund"
        else (_INDICATOR_SIDE, {"name": name, "fund_id": fund_id})
    )
    found = con.execute(sql, parameters).fetchone()
    return Side(name, *(found or (None,) * 5))
