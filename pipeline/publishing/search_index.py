"""The index of the words of chapters, in segments: a publication adds one for the chapters that came.

Segments are ranges of chapter numbers. A new one takes in those before it that took no more changes than it has itself, so
there are few, and a chapter is indexed anew a logarithmic number of times. A word's `chapters` are summed over segments:
what went is taken away in the newest one, and the dead numbers of old segments drop out where the rows are looked up.
"""

import duckdb

from schemas.summaries import NUMBERED_SECTIONS

SEGMENT_CHAPTERS = 1 << 20
"""Chapters of a segment at most: what is gathered in memory at once, some 300 MB."""

_POSTINGS = f"""
    SELECT word, list_sort(list(number)) AS numbers
    FROM (
        SELECT number::UINTEGER AS number, unnest(words) AS word FROM {NUMBERED_SECTIONS}
        WHERE number BETWEEN ? AND ?
    )
    GROUP BY word
"""
"""Numbers of four bytes while they are gathered: half the memory, which this takes the most of."""

INDEX_STATEMENTS = (
    f"""
    INSERT INTO section_index BY NAME
    SELECT word, ? AS segment, len(numbers) AS chapters, numbers FROM ({_POSTINGS}) ORDER BY word
    """,
    f"""
    INSERT INTO section_index BY NAME
    WITH postings AS ({_POSTINGS}), counts AS (
        SELECT word, sum(n)::BIGINT AS chapters
        FROM (
            FROM taken_over
            UNION ALL
            SELECT word, -n FROM gone_words
            UNION ALL
            SELECT unnest(words) AS word, 1 FROM {NUMBERED_SECTIONS} WHERE number >= ?
        )
        GROUP BY word
    )
    SELECT word, ? AS segment, coalesce(chapters, 0) AS chapters, coalesce(numbers, []) AS numbers
    FROM postings FULL JOIN counts USING (word)
    WHERE chapters <> 0 OR numbers IS NOT NULL
    ORDER BY word
    """,
)
"""A segment of all chapters in a range; one that takes over others, and the changes to them and to older ones."""


def index_all(con: duckdb.DuckDBPyConnection) -> None:
    """Indexes all chapters anew, in a database whose index is empty."""
    ((last,),) = con.sql(f"SELECT coalesce(max(number), 0) FROM {NUMBERED_SECTIONS}").fetchall()
    starts = range(1, last + 1, SEGMENT_CHAPTERS)
    for segment, first in enumerate(starts, start=1):
        end = min(first + SEGMENT_CHAPTERS - 1, last)
        con.execute(INDEX_STATEMENTS[0], [segment, first, end])
        count = f"SELECT count(*) FROM {NUMBERED_SECTIONS} WHERE number BETWEEN ? AND ?"
        con.execute(
            f"INSERT INTO section_segments SELECT ?, ?, ?, n, n FROM ({count}) t(n)",
            [segment, first, end, first, end],
        )


def next_number(con: duckdb.DuckDBPyConnection) -> int:
    """The number of the next chapter that comes: never one that was given before."""
    ((last,),) = con.sql("SELECT coalesce(max(last_number), 0) FROM section_segments").fetchall()
    return int(last) + 1


def index_changes(con: duckdb.DuckDBPyConnection, first_new: int) -> None:
    """Indexes the chapters from number `first_new` on. What went, and so is no longer in the database, is told by the
    temporary tables gone_words(word, n) and gone_chapters(chapters)."""
    ((gone,),) = con.sql("FROM gone_chapters").fetchall()
    ((came, live, last),) = con.execute(
        f"SELECT count(*) FILTER (number >= ?), count(*), max(number) FROM {NUMBERED_SECTIONS}", [first_new]
    ).fetchall()
    if not came and not gone:
        return
    segments = con.sql(
        "SELECT segment, first_number, chapters, changes FROM section_segments ORDER BY segment"
    ).fetchall()
    if sum(chapters for _, _, chapters, _ in segments) + came > live + live // 4:
        _clear(con, 1)
        index_all(con)
        return
    first, changes, size = first_new, came + gone, came
    segment = len(segments) + 1
    for number, start, chapters, older in reversed(segments):
        if older > changes or size + chapters > SEGMENT_CHAPTERS:
            break
        segment, first, changes, size = number, start, changes + older, size + chapters
    con.execute(
        "CREATE TEMP TABLE taken_over AS SELECT word, sum(chapters)::BIGINT AS n FROM section_index WHERE segment >= ? GROUP BY word",
        [segment],
    )
    _clear(con, segment)
    end = max(last or 0, first_new - 1)
    con.execute(INDEX_STATEMENTS[1], [first, end, first_new, segment])
    count = f"SELECT count(*) FROM {NUMBERED_SECTIONS} WHERE number BETWEEN ? AND ?"
    con.execute(
        f"INSERT INTO section_segments SELECT ?, ?, ?, n, ? FROM ({count}) t(n)",
        [segment, first, end, changes, first, end],
    )


def _clear(con: duckdb.DuckDBPyConnection, segment: int) -> None:
    con.execute("DELETE FROM section_index WHERE segment >= ?", [segment])
    con.execute("DELETE FROM section_segments WHERE segment >= ?", [segment])
