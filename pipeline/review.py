"""The open questions on names, and people's answers to them in `aliases/`."""

from collections.abc import Mapping, Sequence
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
        if frozenset((name_key(name), name_key(other))) not in answered
    ]


def answer(store: Path, question: Question, *, same: bool) -> Path:
    """Writes an answer down at once; returns the file. Raises UsageError where it cannot be written."""
    one, two = question.sides
    values = {
        "decision": "same" if same else "different", "fund": question.fund or "", "name": one.name, "other": two.name,
    }  # fmt: skip
    add_decision(store, FILES[question.subject], values)
    return decisions_path(store, FILES[question.subject])


def _answered(subject: Subject, decisions: Decisions) -> set[frozenset[str]]:
    lines: Sequence[tuple[str, str]] = (
        [(d.name, d.other) for d in decisions.funds]
        if subject == "fund"
        else [(d.name, d.other) for d in decisions.indicators]
    )
    return {frozenset((name_key(name), name_key(other))) for name, other in lines}


def _side(con: duckdb.DuckDBPyConnection, subject: Subject, fund_id: str | None, name: str) -> Side:
    sql, parameters = (
        (_FUND_SIDE, {"name": name})
        if subject == "fund"
        else (_INDICATOR_SIDE, {"name": name, "fund_id": fund_id})
    )
    found = con.execute(sql, parameters).fetchone()
    return Side(name, *(found or (None,) * 5))
