"""Tables ruled from side to side only, where some rules leave out the labels that go for several rows: these rules tell
both the rows and how far each label reaches."""

from collections.abc import Sequence
from itertools import groupby, pairwise

from parsers.formats.page_rows import Interval, column_of
from parsers.formats.pages import Grid, GridCell, Line, Rule, Span

_ASIDE = 2.0
"""Points by which a rule may begin within a column that it crosses."""
_ONE_RULE = 2.0
"""Points within which rules are one."""
_EACH_ROW = 3
"""Stretches between rules beyond which each of them is a row, though cells in it wrap."""


def ruled_grid(lines: Sequence[Line], columns: Sequence[Interval], rules: Sequence[Rule]) -> Grid | None:
    """The table that lines make between rules which end together at the right; None where the rules do not tell all
    of its rows, or none of them leaves out a label."""
    inner = _inner(lines, rules)
    crossed = [[_crosses(rule, column) for column in columns] for rule in inner]
    if not any(not all(row) for row in crossed) or not any(all(row) for row in zip(*crossed, strict=True)):
        return None
    tops = [min(line.box[1] for line in lines), *(rule.top for rule in inner)]
    edges = [*tops, max(line.box[3] for line in lines)]
    cells = [
        GridCell(first + 1, at, last - first + 1, 1, (left, edges[first], right, edges[last + 1]), ())
        for at, (left, right) in enumerate(pairwise(_sides(columns)), start=1)
        for first, last in _stretches([row[at - 1] for row in crossed])
    ]
    filled = _with_lines(cells, lines, columns)
    if not _tells_rows(filled, len(inner) + 1, [all(row) for row in zip(*crossed, strict=True)]):
        return None
    box = (columns[0].left, edges[0], columns[-1].right, edges[-1])
    return Grid(len(inner) + 1, len(columns), tuple(sorted(filled, key=lambda cell: cell[:2])), box)


def _inner(lines: Sequence[Line], rules: Sequence[Rule]) -> list[Rule]:
    """The rules among the lines, from the top; of those at one height the longest."""
    top, bottom = (lines[0].box[1] + lines[0].box[3]) / 2, (lines[-1].box[1] + lines[-1].box[3]) / 2
    found: list[Rule] = []
    for rule in sorted((r for r in rules if top < r.top < bottom), key=lambda r: (r.top, r.left)):
        if found and rule.top - found[-1].top < _ONE_RULE:
            found[-1] = min(found[-1], rule, key=lambda r: r.left)
        else:
            found.append(rule)
    return found


def _crosses(rule: Rule, column: Interval) -> bool:
    return rule.left < column.left + _ASIDE


def _stretches(ruled: Sequence[bool]) -> list[tuple[int, int]]:
    """The first and last row of each cell of a column, from 0; `ruled` tells for each row but the last if it ends there."""
    starts = [0, *(row + 1 for row, is_end in enumerate(ruled) if is_end)]
    return list(zip(starts, [start - 1 for start in starts[1:]] + [len(ruled)], strict=True))


def _sides(columns: Sequence[Interval]) -> list[float]:
    """Where columns begin and end: in the middle between their print, so that pieces on other pages stand alike."""
    between = [(one.right + other.left) / 2 for one, other in pairwise(columns)]
    return [columns[0].left, *between, columns[-1].right]


def _with_lines(
    cells: Sequence[GridCell], lines: Sequence[Line], columns: Sequence[Interval]
) -> list[GridCell]:
    """The cells with what is printed in them."""
    spans: list[list[Span]] = [[] for _ in columns]
    for line in lines:
        for span in line.spans:
            spans[column_of(span, columns)].append(span)
    filled = []
    for at, of_column in groupby(cells, key=lambda cell: cell.col):
        waiting = sorted(spans[at - 1], key=lambda span: (span.top + span.bottom, span.left))
        own = list(of_column)
        place = 0
        for number, cell in enumerate(own):
            taken = []
            while place < len(waiting) and (
                number == len(own) - 1 or waiting[place].top + waiting[place].bottom < 2 * cell.box[3]
            ):
                taken.append(waiting[place])
                place += 1
            filled.append(cell._replace(lines=tuple(_printed(taken))))
    return filled


def _printed(spans: Sequence[Span]) -> list[Line]:
    """Spans of a cell as lines: those at one height are one."""
    lines: list[list[Span]] = []
    for span in spans:
        if lines and span.top + span.bottom < 2 * lines[-1][0].bottom:
            lines[-1].append(span)
        else:
            lines.append([span])
    return [
        Line(
            tuple(sorted(line, key=lambda s: s.left)),
            (
                min(s.left for s in line),
                min(s.top for s in line),
                max(s.right for s in line),
                max(s.bottom for s in line),
            ),
        )
        for line in lines
    ]


def _tells_rows(cells: Sequence[GridCell], rows: int, always: Sequence[bool]) -> bool:
    """Whether each stretch between rules is one row: something is printed in each, in columns that all rules cross, and
    one line only where there are few stretches."""
    plain = [cell for cell in cells if always[cell.col - 1]]
    if len({cell.row for cell in plain if cell.lines}) < rows:
        return False
    return rows > _EACH_ROW or all(len(cell.lines) < 2 for cell in plain)


def of_table(levels: Sequence[Rule], top: Rule, tolerance: float) -> list[Rule]:
    """The rules of a table whose uppermost is `top`: they end with it at the right, and begin with it or farther in."""
    return [
        rule
        for rule in levels
        if rule.top >= top.top
        and abs(rule.right - top.right) < tolerance
        and rule.left > top.left - tolerance
    ]
