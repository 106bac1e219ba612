"""Tables without rules (or with rules above and below only): lines whose spans stand in plain columns.

Only what cannot be anything else is read so: at least three rows, columns clear of each other in all of them, most
rows with most cells. Fields of a cover, entries of a table of contents and lines for signatures are none.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import NamedTuple

from parsers.formats.page_text import em, is_ended, line_text
from parsers.formats.pages import Grid, GridCell, Line, Page, Span

_LEAST_ROWS = 3
_LEAST_COLUMNS = 3
_FILLED = 0.6
"""Share of the rows that have most of their cells."""
_GAP = 0.6
"""Ems that stay clear between columns."""
_APART = 3.5
"""Ems from line to line beyond which a table has ended."""
_MOST_LINES = 300
"""Lines of a table on a page at most: each is compared with each row."""
_LONGEST = 0.62
"""Share of the page's width that no column of a table takes: text beside text is no table."""
_NUMBER = re.compile(r"[≥≤><=＝]?[\d,.，]+(?:[%％]|[\u4e00-\u9fff]{1,3})?")
_FIELD = re.compile(r"[：:]\s*$|^[^：:]{2,12}[：:]")
_ENTRY = re.compile(r"[.．…·・]{3,}")


class Interval(NamedTuple):
    """From where to where a column prints, in points."""

    left: float
    right: float


@dataclass(slots=True)
class _Run:
    """Consecutive lines of a page in common columns."""

    page: int
    first: int
    indices: list[int]
    lines: list[Line]
    columns: list[Interval]


def with_column_tables(pages: Sequence[Page]) -> Iterator[Page]:
    """The pages (text and tables only), lines that form a table without rules put together to a Grid."""
    runs = [list(_runs(page, at)) for at, page in enumerate(pages)]
    for above, below in pairwise(runs):
        if above and below:
            _share_columns(pages, above[-1], below[0])
    for page, of_page in zip(pages, runs, strict=True):
        found = {run.first: run for run in of_page if _is_table(run, page.width)}
        if not found:
            yield page
            continue
        taken = {index for run in found.values() for index in run.indices} - found.keys()
        items = [
            _grid(found[index]) if index in found else item
            for index, item in enumerate(page.items)
            if index not in taken
        ]
        yield Page(page.number, page.width, page.height, tuple(items))


def _runs(page: Page, at: int) -> Iterator[_Run]:
    run: _Run | None = None
    for index, item in enumerate(page.items):
        if run is not None and isinstance(item, Line) and _takes(run, item, index):
            continue
        if run is not None:
            yield _trimmed(run)
            run = None
        if isinstance(item, Line) and _can_begin(item):
            run = _Run(at, index, [index], [item], [Interval(s.left, s.right) for s in item.spans])
    if run is not None:
        yield _trimmed(run)


def _can_begin(line: Line) -> bool:
    return len(line.spans) >= _LEAST_COLUMNS and not any(
        _FIELD.search(s.text) or _ENTRY.search(s.text) for s in line.spans
    )


def _takes(run: _Run, line: Line, index: int) -> bool:
    """Adds a line to a run if its spans stand in the run's columns, or beside them all."""
    size = em(line)
    if len(run.lines) >= _MOST_LINES:
        return False
    if line.box[1] - run.lines[-1].box[3] > _APART * size or line.box[3] < run.lines[-1].box[1]:
        return False
    columns = _joined(run.columns, line.spans, _GAP * size)
    if len(columns) < len(run.columns) or (len(line.spans) == 1 and len(columns) > len(run.columns)):
        return False
    if len(columns) > len(run.columns) and len(run.lines) > 3:
        return False
    run.columns = columns
    run.lines.append(line)
    run.indices.append(index)
    return True


def _joined(columns: Sequence[Interval], spans: Sequence[Span], gap: float) -> list[Interval]:
    """Columns with those of further spans: what overlaps is one column."""
    found: list[Interval] = []
    for one in sorted([*columns, *(Interval(s.left, s.right) for s in spans)]):
        if found and one.left < found[-1].right + gap:
            found[-1] = Interval(found[-1].left, max(found[-1].right, one.right))
        else:
            found.append(one)
    return found


def _trimmed(run: _Run) -> _Run:
    """The run without single spans at its end that are sentences: text under the table."""
    while len(run.lines) > 1 and len(run.lines[-1].spans) == 1 and is_ended(line_text(run.lines[-1])):
        run.lines.pop()
        run.indices.pop()
    return run


def _is_table(run: _Run, breadth: float) -> bool:
    rows = _rows(run)
    if len(run.columns) < _LEAST_COLUMNS or len(rows) < _LEAST_ROWS:
        return False
    if any(column.right - column.left > _LONGEST * breadth for column in run.columns):
        return False
    filled = sum(_count(row, run) > len(run.columns) / 2 for row in rows)
    spans = [span for line in run.lines for span in line.spans]
    fields = sum(bool(_FIELD.search(span.text)) for span in spans)
    numbers = sum(bool(_NUMBER.fullmatch(re.sub(r"\s", "", span.text))) for span in spans)
    return filled >= _FILLED * len(rows) and 4 * fields < len(spans) and numbers >= len(rows) - 1


def _count(row: Sequence[Line], run: _Run) -> int:
    return len({_column(span, run.columns) for line in row for span in line.spans})


def _rows(run: _Run) -> list[list[Line]]:
    """The lines of each row: one with most cells is its own row, one with fewer goes with the nearest of those."""
    least = max(2, (len(run.columns) + 1) // 2)
    anchors = [at for at, line in enumerate(run.lines) if len(line.spans) >= least]
    if not anchors:
        return []
    rows: dict[int, list[Line]] = {at: [] for at in anchors}
    for line in run.lines:
        nearest = min(anchors, key=lambda anchor: (_distance(run.lines[anchor], line), anchor))
        rows[nearest].append(line)
    return [rows[at] for at in anchors]


def _distance(a: Line, b: Line) -> float:
    return round(abs((a.box[1] + a.box[3]) - (b.box[1] + b.box[3])) / 2)


def _column(span: Span, columns: Sequence[Interval]) -> int:
    return min(
        range(len(columns)), key=lambda at: abs(columns[at].left + columns[at].right - span.left - span.right)
    )


def _grid(run: _Run) -> Grid:
    rows = _rows(run)
    size = median(em(line) for line in run.lines)
    cells = []
    for row_no, row in enumerate(rows, start=1):
        top, bottom = min(line.box[1] for line in row), max(line.box[3] for line in row)
        printed: dict[int, list[Line]] = {}
        for line in row:
            for span in line.spans:
                own = Line((span,), (span.left, span.top, span.right, span.bottom))
                printed.setdefault(_column(span, run.columns), []).append(own)
        for at, column in enumerate(run.columns):
            box = (column.left, top, column.right, bottom)
            cells.append(GridCell(row_no, at + 1, 1, 1, box, tuple(printed.get(at, ()))))
    left, right = run.columns[0].left, run.columns[-1].right
    top, bottom = min(line.box[1] for line in run.lines), max(line.box[3] for line in run.lines)
    return Grid(len(rows), len(run.columns), tuple(cells), (left, top, right, bottom + size / 4))


def _share_columns(pages: Sequence[Page], above: _Run, below: _Run) -> None:
    """Gives the last run of a page and the first of the next the same columns where one goes on with the other."""
    if len(pages[above.page].items) - 1 != above.indices[-1] or below.first != 0:
        return
    spans = [Span("", column.left, 0.0, column.right, 0.0) for column in below.columns]
    columns = _joined(above.columns, spans, _GAP * em(below.lines[0]))
    if len(columns) == len(above.columns) == len(below.columns):
        above.columns, below.columns = columns, list(columns)
