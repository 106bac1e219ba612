"""Tables without rules, or with rules above, below and under the header only: lines whose spans stand in plain columns.

Only what cannot be anything else is read so: at least three columns, clear of each other in all of the rows, most rows
with most cells, and what tells a table: figures, headings that name columns, or rules as wide as it. Fields of a cover,
entries of a table of contents and lines for signatures are none.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, pairwise
from statistics import median

from parsers.formats.page_levels import of_table, ruled_grid
from parsers.formats.page_rows import Interval, Row, column_of, parted, rows_of
from parsers.formats.page_text import GAP, em, enumerator, is_ended, line_text
from parsers.formats.pages import Grid, GridCell, Line, Page, Rule, Span
from parsers.headers import column_role
from schemas.vocabulary import TOTAL_ROW

_LEAST_ROWS = 3
_LEAST_COLUMNS = 3
_FILLED = 0.6
"""Share of the rows that have most of their cells."""
_GAP = 0.5
"""Ems that stay clear between columns."""
_APART = 3.5
"""Ems from line to line beyond which a table has ended."""
_MOST_LINES = 300
"""Lines of a table on a page at most: each is compared with each row."""
_LONGEST = 0.62
"""Share of the page's width that no column of a table takes: text beside text is no table."""
_HEADINGS = 0.6
"""Share of a first row's cells that name columns where it is a header."""
_BEYOND = 12.0
"""Points by which rules reach over the table that they rule."""
_OTHER_SIZE = 1.12
"""How much larger or smaller the characters of a heading between tables are."""
_WHOLE = 0.9
"""Gap within a cell from which on there is one in its text, in heights of its characters."""
_NUMBER = re.compile(r"[≥≤><=＝]?[\d,.，]+(?:[%％]|[\u4e00-\u9fff]{1,3})?")
_FIELD = re.compile(r"[：:]\s*$|^[^：:]{2,12}[：:]")
_ENTRY = re.compile(r"[.．…·・]{3,}")


@dataclass(slots=True)
class _Run:
    """Consecutive lines of a page in common columns; `levels` the heights of the rules as wide as it, from the one
    above it on."""

    indices: list[int]
    lines: list[Line]
    columns: list[Interval]
    levels: list[float]
    rules: list[Rule]
    """Those rules, and others that end with them at the right but leave out labels at the left."""
    goes_on: bool = False
    """Whether a table of the page before goes on with it."""

    @property
    def first(self) -> int:
        """The number of its first line among the page's items."""
        return self.indices[0]


def with_column_tables(pages: Sequence[Page]) -> Iterator[Page]:
    """The pages (text and tables only), lines that form a table without rules put together to a Grid."""
    runs: list[list[_Run]] = []
    chain: list[_Run] = []
    for page in pages:
        of_page = list(_runs(page, chain[-1].columns if chain else ()))
        runs.append(of_page)
        if chain and of_page and of_page[0].goes_on and _is_table(of_page[0], page.width):
            chain.append(of_page[0])
            for run in chain:
                run.columns = of_page[0].columns
        if (
            not of_page
            or of_page[-1].indices[-1] < len(page.items) - 1
            or not _is_table(of_page[-1], page.width)
        ):
            chain = []
        elif not chain or chain[-1] is not of_page[-1]:
            chain = [of_page[-1]]
    for page, of_page in zip(pages, runs, strict=True):
        tables = ((run, _grid(run)) for run in of_page if _is_table(run, page.width))
        found = {run.first: (run, grid) for run, grid in tables if _holds_all(grid, run)}
        if not found:
            yield page
            continue
        taken = {index for run, _ in found.values() for index in run.indices} - found.keys()
        items = [
            found[index][1] if index in found else item
            for index, item in enumerate(page.items)
            if index not in taken
        ]
        yield replace(page, items=tuple(items))


# ---- lines in common columns ----------------------------------------------------------------


def _runs(page: Page, seed: Sequence[Interval]) -> Iterator[_Run]:
    """The runs of a page; `seed` are the columns of a table that the page before ends with."""
    run = _going_on(page, seed)
    end = 0
    for index, item in enumerate(page.items):
        if index == 0 and run is not None:
            continue
        if run is not None and isinstance(item, Line) and _takes(run, parted(item), index):
            continue
        if run is not None:
            yield _trimmed(run)
            run, end = None, index
        if isinstance(item, Line) and _can_begin(line := parted(item)):
            columns = _joined((), line.spans, _GAP * em(line))
            if len(columns) >= _LEAST_COLUMNS:
                run = _Run([index], [line], columns, *_levels(page.levels, line))
                _lead(run, page, end)
    if run is not None:
        yield _trimmed(run)


def _going_on(page: Page, seed: Sequence[Interval]) -> _Run | None:
    """The run that a page begins with, where its first line stands in the columns `seed`."""
    if not seed or not page.items or not isinstance(item := page.items[0], Line):
        return None
    line = parted(item)
    columns = _joined(seed, line.spans, _GAP * em(line))
    if len(columns) != len(seed):
        return None
    return _Run([0], [line], columns, *_levels(page.levels, line), goes_on=True)


def _can_begin(line: Line) -> bool:
    return len(line.spans) >= _LEAST_COLUMNS and not any(
        _FIELD.search(s.text) or _ENTRY.search(s.text) for s in line.spans
    )


def _levels(levels: Sequence[Rule], line: Line) -> tuple[list[float], list[Rule]]:
    """The heights of the rules that a table which begins with `line` has: from the one just above it, all those as wide
    as that one; none where there is none. And these rules with those that leave out labels at the left."""
    middle = (line.box[1] + line.box[3]) / 2
    near = middle - _APART * em(line)
    over = [
        rule
        for rule in levels
        if near <= rule.top < middle
        and rule.left - _BEYOND < line.box[0]
        and line.box[2] < rule.right + _BEYOND
    ]
    if not over:
        return [], []
    top = over[-1]
    alike = (r for r in levels if abs(r.left - top.left) < _BEYOND and abs(r.right - top.right) < _BEYOND)
    return [rule.top for rule in alike if rule.top >= top.top], of_table(levels, top, _BEYOND)


def _lead(run: _Run, page: Page, end: int) -> None:
    """Takes in the lines above a run's first that stand at one height with it in part: those of cells that wrap, where
    others are centred beside them. `end` is how far the page's items belong to runs already."""
    index = run.first - 1
    while index >= end and isinstance(item := page.items[index], Line):
        line, first = parted(item), run.lines[0]
        columns = _joined(run.columns, line.spans, _GAP * em(line))
        if line.box[3] <= first.box[1] or len(columns) < len(run.columns):
            return
        run.columns = columns
        run.lines.insert(0, line)
        run.indices.insert(0, index)
        index -= 1


def _takes(run: _Run, line: Line, index: int) -> bool:
    """Adds a line to a run if its spans stand in the run's columns, or beside them all."""
    size, last = em(line), run.lines[-1]
    if len(run.lines) >= _MOST_LINES:
        return False
    if line.box[1] - last.box[3] > _APART * size or line.box[3] < last.box[1]:
        return False
    is_beside = line.box[1] < last.box[3]
    if not is_beside and (_is_heading(run, line) or _is_below(run, line)):
        return False
    columns = _joined(run.columns, line.spans, _GAP * size)
    if len(columns) < len(run.columns):
        return False
    if len(columns) > len(run.columns) and not is_beside and (len(line.spans) == 1 or len(run.lines) > 3):
        return False
    run.columns = columns
    run.lines.append(line)
    run.indices.append(index)
    return True


def _is_heading(run: _Run, line: Line) -> bool:
    """Whether a line of one span is a heading under the table: of another size, or numbered as chapters are."""
    if len(line.spans) > 1:
        return False
    ratio = _height(line) / median(_height(other) for other in run.lines)
    return ratio > _OTHER_SIZE or enumerator(line_text(line)) in ("chapter", "section")


def _height(line: Line) -> float:
    return max(line.box[3] - line.box[1], 1.0)


def _is_below(run: _Run, line: Line) -> bool:
    """Whether a rule that closes the table lies above a line: the third of its rules, and few cells below it."""
    above, middle = (run.lines[-1].box[1] + run.lines[-1].box[3]) / 2, (line.box[1] + line.box[3]) / 2
    passed = sum(level < middle for level in run.levels)
    crossed = any(above < level < middle for level in run.levels)
    if _is_row(run, line):
        return False
    return crossed and passed > 2 and 2 * len(line.spans) <= len(run.columns)


def _is_row(run: _Run, line: Line) -> bool:
    """Whether a line of few cells is a row of the table still, the total mostly: a rule of the table follows it."""
    middle = (line.box[1] + line.box[3]) / 2
    is_total = re.fullmatch(TOTAL_ROW, re.sub(r"\s", "", line.spans[0].text)) is not None
    is_closed = any(middle < level < line.box[3] + _APART * em(line) for level in run.levels)
    return is_closed and len(line.spans) > 1 and (is_total or len(line.spans) > 2)


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


# ---- what is a table ------------------------------------------------------------------------


def _is_table(run: _Run, breadth: float) -> bool:
    if len(run.columns) < _LEAST_COLUMNS:
        return False
    if any(column.right - column.left > _LONGEST * breadth for column in run.columns):
        return False
    rows = _rows(run)
    if not rows:
        return False
    is_told = run.goes_on or _is_ruled(run) or _is_header(rows[0], run)
    counts = (2 * _count(row, run) for row in rows)
    # level names that go for several rows stand beside the first of them only
    filled = sum(count > len(run.columns) or (is_told and count == len(run.columns)) for count in counts)
    spans = [span for line in run.lines for span in line.spans]
    fields = sum(bool(_FIELD.search(span.text)) for span in spans)
    if filled < _FILLED * len(rows) or 4 * fields >= len(spans):
        return False
    if is_told:
        return run.goes_on or len(rows) >= _LEAST_ROWS - 1
    numbers = sum(bool(_NUMBER.fullmatch(re.sub(r"\s", "", span.text))) for span in spans)
    return len(rows) >= _LEAST_ROWS and numbers >= len(rows) - 1


def _is_ruled(run: _Run) -> bool:
    """Whether a rule stands above a run and another among its lines or right below it."""
    last = run.lines[-1]
    return sum(level < last.box[3] + _APART * em(last) for level in run.levels) >= 2


def _is_header(row: Row, run: _Run) -> bool:
    """Whether the cells of a row name columns."""
    texts = ["".join(line_text(line) for line in cell) for cell in _cells(row, run) if cell]
    known = sum(column_role(text) is not None for text in texts)
    return known >= 2 and known >= _HEADINGS * len(texts)


def _count(row: Row, run: _Run) -> int:
    return sum(bool(cell) for cell in _cells(row, run))


# ---- the grid -------------------------------------------------------------------------------


def _rows(run: _Run) -> list[Row]:
    first, last = run.lines[0].box, run.lines[-1].box
    inner = [level for level in run.levels if first[1] < level < last[3]]
    return rows_of(run.lines, run.columns, inner)


def _cells(row: Row, run: _Run) -> list[list[Line]]:
    """The lines of each cell of a row."""
    cells: list[list[Line]] = [[] for _ in run.columns]
    for line in row:
        for at, spans in groupby(line.spans, key=lambda span: column_of(span, run.columns)):
            span = _whole(list(spans))
            cells[at].append(Line((span,), (span.left, span.top, span.right, span.bottom)))
    return cells


def _whole(spans: Sequence[Span]) -> Span:
    """What a line prints in one cell."""
    text = spans[0].text
    for before, after in pairwise(spans):
        wide = after.left - before.right > _WHOLE * (after.bottom - after.top)
        text += (GAP if wide else "") + after.text
    return spans[0]._replace(
        text=text,
        top=min(span.top for span in spans),
        right=max(span.right for span in spans),
        bottom=max(span.bottom for span in spans),
        parts=(),
    )


def _holds_all(grid: Grid, run: _Run) -> bool:
    """Whether all that the lines of a run print is in some cell: otherwise they stay lines."""
    in_cells = (line for cell in grid.cells for line in cell.lines)
    return _printed(in_cells) == _printed(run.lines)


def _printed(lines: Iterable[Line]) -> Counter[str]:
    return Counter(char for line in lines for char in line_text(line) if not char.isspace())


def _grid(run: _Run) -> Grid:
    if ruled := ruled_grid(run.lines, run.columns, run.rules):
        return ruled
    rows = _rows(run)
    size = median(em(line) for line in run.lines)
    edges = [min(line.box[1] for line in rows[0])]
    for above, below in pairwise(rows):
        edges.append((max(line.box[3] for line in above) + min(line.box[1] for line in below)) / 2)
    edges.append(max(line.box[3] for line in rows[-1]) + size / 4)
    cells = [
        GridCell(row_no, at, 1, 1, (column.left, top, column.right, bottom), tuple(lines))
        for row_no, (row, (top, bottom)) in enumerate(zip(rows, pairwise(edges), strict=True), start=1)
        for at, (column, lines) in enumerate(zip(run.columns, _cells(row, run), strict=True), start=1)
    ]
    left, right = run.columns[0].left, run.columns[-1].right
    return Grid(len(rows), len(run.columns), tuple(cells), (left, edges[0], right, edges[-1]))
