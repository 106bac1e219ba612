"""The alignment of the indicators of some scopes: uses -> clusters -> ids -> rows of the catalogue.

What is decided stands in tables of the connection, so that memory holds one scope and what clusters tell each other, never all
rows. The scopes in `redone_scopes` are decided anew; those of the previous state stay as they are.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import duckdb

from pipeline.alignment.indicator_blocks import experience, lesson
from pipeline.alignment.indicator_families import Key, KeyHead, Pair, families
from pipeline.alignment.indicator_ids import Entry, Holder, Question, assign, entry_of, likely_ids
from pipeline.alignment.indicator_matching import WordExperience
from pipeline.alignment.indicator_names import name_form
from pipeline.alignment.indicator_reasons import explained
from pipeline.alignment.indicator_tables import (
    CONTRASTS,
    DRAFT_COLUMNS,
    ENTRIES,
    HEADS,
    HEARD,
    HOLDERS,
    INDICATOR_OF,
    MEETING,
    NAMED,
    SETTLED,
    SIDE_BY_SIDE,
    WORDS,
)
from pipeline.alignment.indicator_uses import IndicatorUse, read_uses
from pipeline.alignment.indicator_verdicts import AllVerdicts
from pipeline.alignment.indicators import clusters_of, names_of
from pipeline.alignment.state import put

_NONE = 9999
"""The first year of names that stand in no year."""


def align_uses(
    con: duckdb.DuckDBPyConnection, verdicts: AllVerdicts, unit_factor: Callable[[str], float | None]
) -> None:
    """Gives the uses of the table `uses` their indicators.

    Makes `indicator_of`, the new_… tables of the state, and what the queries of `indicator_tables` for the catalogue read.
    `unit_factor` gives the base units in one of a printed unit.
    """
    _learn(con)
    entries = _decide(con, verdicts)
    _meet(con, entries)
    assign(entries, verdicts.general, _holders(con, entries))
    put(
        con, "ids", {"no": "BIGINT", "indicator_id": "VARCHAR", "family_text": "VARCHAR", "family_kind": "VARCHAR"},
        ((no, e.indicator_id, *(e.family or (None, None))) for no, e in enumerate(entries)),
    )  # fmt: skip
    con.execute(ENTRIES)
    con.execute(NAMED)
    units = con.execute(
        "SELECT DISTINCT unit FROM indicator_units WHERE unit IS NOT NULL ORDER BY unit"
    ).fetchall()
    put(
        con,
        "factors",
        {"unit": "VARCHAR", "factor": "DOUBLE"},
        ((unit, unit_factor(unit)) for (unit,) in units),
    )
    _explain(con, entries)
    con.execute(INDICATOR_OF)


def _learn(con: duckdb.DuckDBPyConnection) -> None:
    """What the scopes teach of words: `new_words`, `new_contrasts`."""
    words: list[tuple[str, str, bool]] = []
    contrasts: list[tuple[str, str, str]] = []
    for found in read_uses(con):
        scope, taught = found.uses[0].scope, lesson(names_of(found.uses))
        words += ((scope, word, word in taught.added) for word in sorted(taught.words))
        contrasts += ((scope, *pair) for pair in sorted(taught.contrasts))
    put(con, "new_words", {"scope": "VARCHAR", "word": "VARCHAR", "added": "BOOLEAN"}, words)
    put(con, "new_contrasts", {"scope": "VARCHAR", "one": "VARCHAR", "other": "VARCHAR"}, contrasts)


def _experience(con: duckdb.DuckDBPyConnection, words: str) -> WordExperience:
    """What all scopes teach of the words that an SQL query gives."""
    con.execute(f"CREATE OR REPLACE TABLE asked_words AS {words}")
    return experience(con.execute(CONTRASTS).fetchall(), con.execute(WORDS).fetchall())


def _decide(con: duckdb.DuckDBPyConnection, verdicts: AllVerdicts) -> list[Entry]:
    """The clusters of all scopes: the tables `drafts`, `use_of` and `questions`."""
    known = _experience(con, "SELECT DISTINCT word FROM new_words")
    entries: list[Entry] = []
    use_of: list[tuple[int, int, int]] = []
    asked: list[tuple[object, ...]] = []
    for found in read_uses(con):
        fund_id = found.uses[0].fund_id
        number = {use.key: no for no, use in zip(found.numbers, found.uses, strict=True)}
        clusters, questions = clusters_of(names_of(found.uses), known, found.fund_name, verdicts.of(fund_id))
        entry_no: dict[int, int] = {}
        for cluster in clusters:
            for at, name in enumerate(cluster.names):
                entry_no[name.no] = len(entries)
                use_of += ((number[use.key], len(entries), at) for use in name.uses)
            entries.append(entry_of(cluster, verdicts.general))
        asked += (_question(question, entry_no) for question in questions)
    put(con, "drafts", DRAFT_COLUMNS, (_draft(no, entry) for no, entry in enumerate(entries)))
    put(con, "use_of", {"use_no": "BIGINT", "entry_no": "BIGINT", "name_no": "BIGINT"}, use_of)
    put(con, "questions", {
        "scope": "VARCHAR", "fund_id": "VARCHAR", "name": "VARCHAR", "other": "VARCHAR", "score": "DOUBLE",
        "reason": "VARCHAR", "one_no": "BIGINT", "other_no": "BIGINT",
    }, asked)  # fmt: skip
    return entries


def _question(question: Question, entry_no: Mapping[int, int]) -> tuple[object, ...]:
    """The name that is seen first stands first."""

    def when(use: IndicatorUse) -> tuple[int, str]:
        return min(use.years, default=_NONE), use.name

    one, other = question.name, question.other
    if when(other.main) < when(one.main):
        one, other = other, one
    return (
        one.main.scope, one.main.fund_id, one.main.name, other.main.name, round(question.score, 4), question.reason,
        entry_no[one.no], entry_no[other.no],
    )  # fmt: skip


def _draft(no: int, entry: Entry) -> tuple[object, ...]:
    content = " ".join(sorted(name_form(entry.clean).content)) if entry.free else ""
    return (
        no, entry.scope, *entry.key, entry.clean, content, entry.free, entry.records, entry.total, sorted(entry.stricts),
        sorted(entry.heard), sorted(entry.cleans),
    )  # fmt: skip


def _meet(con: duckdb.DuckDBPyConnection, entries: Sequence[Entry]) -> None:
    """Notes the names under which entries meet those of other funds; what people decided on stays as it is."""
    con.execute(MEETING)
    heads = {
        (text, kind): KeyHead(name_form(clean), funds)
        for text, kind, clean, funds in con.execute(HEADS).fetchall()
    }
    settled = {(t, k): (label, of) for t, k, label, of in con.execute(SETTLED).fetchall()}
    words = sorted({word for head in heads.values() for word in (*head.form.content, *head.form.weak)})
    put(con, "head_words", {"word": "VARCHAR"}, ((word,) for word in words))
    known = _experience(con, "SELECT word FROM head_words")
    found = families(heads, con.execute(HEARD).fetchall(), lambda pairs: _apart(con, pairs), known, settled)
    for entry in entries:
        if entry.free:
            entry.family = found.get(entry.key)


def _apart(con: duckdb.DuckDBPyConnection, pairs: Collection[Pair]) -> dict[Pair, int]:
    """In how many funds two main names are two indicators."""
    listed = sorted(pairs)
    columns = {
        "no": "BIGINT",
        "text": "VARCHAR",
        "kind": "VARCHAR",
        "other": "VARCHAR",
        "other_kind": "VARCHAR",
    }
    put(con, "pairs", columns, ((no, *one, *other) for no, (one, other) in enumerate(listed)))
    return {listed[no]: funds for no, funds in con.execute(SIDE_BY_SIDE).fetchall()}


def _holders(con: duckdb.DuckDBPyConnection, entries: Sequence[Entry]) -> Iterator[Holder]:
    """Who of the scopes that stay holds an id that an entry may want."""
    likely = sorted({wanted for entry in entries for wanted in likely_ids(entry)})
    put(con, "likely", {"indicator_id": "VARCHAR"}, ((wanted,) for wanted in likely))
    meeting: Sequence[Key] = sorted({entry.shared for entry in entries})
    put(con, "meeting", {"text": "VARCHAR", "kind": "VARCHAR"}, meeting)
    rows: list[tuple[Any, ...]] = con.execute(HOLDERS).fetchall()
    for indicator_id, text, kind, records, total, cleans, stricts in rows:
        yield Holder(
            indicator_id, (text, kind), int(records), int(total), frozenset(cleans), frozenset(stricts)
        )


def _explain(con: duckdb.DuckDBPyConnection, entries: Sequence[Entry]) -> None:
    """Why each name is the indicator that it is: the table `reasons`."""
    ids = "SELECT DISTINCT indicator_id FROM new_entries"
    preferred = dict(
        con.execute(
            f"SELECT indicator_id, name FROM indicator_texts WHERE indicator_id IN ({ids})"
        ).fetchall()
    )
    put(
        con, "reasons",
        {"entry_no": "BIGINT", "name_no": "BIGINT", "reason": "VARCHAR", "score": "DOUBLE", "decided_by": "VARCHAR"},
        (
            (no, at, link.reason, round(link.score, 4), link.decided_by)
            for no, entry in enumerate(entries)
            for at, link in enumerate(explained(entry, preferred[entry.indicator_id or ""]))
        ),
    )  # fmt: skip
