"""A sheet -> blocks as Word would print them: titles, lines and notes as paragraphs, grids as tables.

A form often stands on its sheet in one grid with its title, its unit and its notes; several stand below one another
or side by side. What divides them is print (a title, a head that comes again) together with empty rows or columns;
empty rows alone divide nothing.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from operator import itemgetter

from parsers.cover import is_title
from parsers.formats.excel_cells import Ranges, Row, Shown, Visible, divided, first_shown
from parsers.formats.excel_sheet import Budget, cell_name, column_letters
from parsers.headers import column_role, label_of
from parsers.headings import heading_number
from parsers.printed import compact
from schemas.blocks import Block, Cell, Paragraph, Table
from schemas.locations import Position
from schemas.vocabulary import TABLE_CAPTION

_BETWEEN = "    "
"""Between the cells of a line that is no row of a table, as tabs would part them in Word."""
_LINE_PIECE = re.compile(
    r"[^：:]{1,20}[：:][^：:]{0,60}|附[件表][\d一二三四五六七八九十]*(?:[-－]\d+)?|[（(]?20\d{2}年?度?[）)]?"
    r"|[（(](?:金额)?单位.{1,8}[）)]|20\d{2}年\d{1,2}月(?:\d{1,2}日)?"
)
"""A cell of a line over or under a grid: 「填报单位：甲局」「（2023年度）」."""
_NOTE = re.compile(
    r"(?:注|备注|附注|说明|填[表报写]说明|注释|特别说明|其他说明|注意事项?)[：:\d１-９]|[*＊※★]|——"
)
_ASIDE = re.compile(r"[（(【〔][^（()）]*(?:[（(][^（()）]*[)）][^（()）]*)*[)）】〕]")
"""A line in brackets from its first character to its last."""
_SIGNED = re.compile(
    r"填[表报写]人|制表|审核|复核|负责人|联系|经办|电话|日期|时间|盖章|签[字名章]|填[报表]单位"
)
_SENTENCE = re.compile(r"[。；;！!]$")
_SEARCHED = 200
"""Cells among which the headings of a grid are looked for."""
_LONG_LINE = 40
_LONG_CAPTION = 60


def lay_out(name: str, visible: Visible, budget: Budget) -> Iterator[Block]:
    """The blocks of what shows of a sheet; `name` is the sheet's, for their places, `budget` the workbook's for cells."""
    hidden = visible.hidden_columns
    for stack in _stacked(visible.rows):
        above, grid, below = _parts(stack)
        yield from _paragraphs(name, above)
        sides = _side_by_side(grid, hidden)
        for side in sides:
            if len(sides) == 1:
                yield from _grid(name, side, hidden, budget)
                continue
            for part in _stacked(side):
                over, inner, under = _parts(part)
                yield from _paragraphs(name, over)
                yield from _grid(name, inner, hidden, budget)
                yield from _paragraphs(name, under)
        yield from _paragraphs(name, below)


# ---- below one another ----------------------------------------------------------------------


def _stacked(rows: Sequence[Row]) -> Iterator[Sequence[Row]]:
    """The rows of each form or table of those that stand below one another."""
    ties = _ties(rows)
    opens = _openings(rows)
    first = 0
    for at in range(1, len(rows)):
        if ties[at] or not opens[at]:
            continue
        again = rows[at].gap and _words(rows[at]) == _words(rows[first]) and len(rows[at].printed) > 1
        if rows[at].gap or again or _is_title_row(rows[at]):
            yield rows[first:at]
            first = at
    if rows:
        yield rows[first:]


def _ties(rows: Sequence[Row]) -> list[bool]:
    """For each row whether a cell of a row above reaches into it."""
    found: list[bool] = []
    reach = 0
    for row in rows:
        found.append(reach >= row.number)
        reach = max(reach, *(cell.bottom for cell in row.cells))
    return found


def _openings(rows: Sequence[Row]) -> list[bool]:
    """For each row whether a table, or a line that belongs to none, can begin there; asked only behind a gap or a line.

    A line opens what follows it: a table's head, or nothing but lines to the end of the sheet.
    """
    found = [False] * len(rows)
    lines = [_is_line(row) for row in rows]
    opens_next = True  # behind the last row
    for at in range(len(rows) - 1, -1, -1):
        row = rows[at]
        if lines[at]:
            found[at] = opens_next or _is_title_row(row) or _is_caption(row) or _is_sentence(row)
        elif row.gap or (at and lines[at - 1]):
            found[at] = _is_head(row) or _is_title_row(row)
        opens_next = found[at]
    return found


def _is_head(row: Row) -> bool:
    """Whether a row may be the first of a grid: headings, or the labels of a form."""
    printed = row.printed
    headings = sum(column_role(cell.text) is not None for cell in printed)
    return (headings >= 2 and 2 * headings >= len(printed)) or (
        len(printed) > 1 and any(label_of(cell.text) in ("fund_name", "organisation") for cell in printed)
    )


def _is_title_row(row: Row) -> bool:
    """Whether a row prints nothing but the title of a form, or those of forms side by side."""
    printed = row.printed
    wide = len(printed) == 1 or printed[0].right > printed[0].col
    return wide and all(is_title(compact(cell.text)) for cell in printed)


def _is_caption(row: Row) -> bool:
    text = compact(row.printed[0].text)
    return len(row.printed) == 1 and len(text) <= _LONG_CAPTION and bool(re.fullmatch(TABLE_CAPTION, text))


def _is_sentence(row: Row) -> bool:
    """Whether a row prints nothing but running text."""
    text = compact(row.printed[0].text)
    return len(row.printed) == 1 and len(text) > _LONG_LINE and bool(_SENTENCE.search(text))


def _words(row: Row) -> tuple[str, ...]:
    return tuple(compact(cell.text) for cell in row.printed)


# ---- lines over and under a grid --------------------------------------------------------------


def _parts(rows: Sequence[Row]) -> tuple[Sequence[Row], Sequence[Row], Sequence[Row]]:
    """The lines above a grid, the grid, the lines below it."""
    ties = _ties(rows)
    top = 0
    while top < len(rows) and _is_line(rows[top]) and not (top + 1 < len(rows) and ties[top + 1]):
        top += 1
    if not any(_is_sentence(row) for row in rows[:top]):
        top = next((at for at in range(top) if not _is_line_above(rows[at])), top)
    bottom = lines = len(rows)
    while lines > top and not ties[lines - 1] and _is_line(rows[lines - 1]):
        lines -= 1
        if _is_note(rows[lines]):
            bottom = lines
    return rows[:top], rows[top:bottom], rows[bottom:]


def _is_line(row: Row) -> bool:
    """Whether a row may be a line of its own, no row of a grid: one cell, or cells that each say what they are."""
    printed = row.printed
    if len(printed) == 1:
        cell = printed[0]
        return cell.bottom == cell.row or cell.right > cell.col
    return all(_LINE_PIECE.fullmatch(compact(cell.text)) for cell in printed) and any(
        not compact(cell.text).endswith(("：", ":")) for cell in printed
    )


def _is_line_above(row: Row) -> bool:
    """Whether a line over a grid is none of its rows: a label whose value is empty and a numbered part of a form are."""
    if len(row.printed) > 1:
        return True
    text = row.printed[0].text
    if is_title(compact(text)):
        return True
    number = heading_number(text)
    return not (
        (number and number.level <= 2)
        or label_of(text)
        or column_role(text)
        or re.fullmatch(r"[\d.,%]+", compact(text))
    )


def _is_note(row: Row) -> bool:
    """Whether a line under a grid is a note or says who filled the form in."""
    texts = [compact(cell.text) for cell in row.printed]
    if len(texts) > 1:
        return any(_SIGNED.search(text) for text in texts)
    if (
        _NOTE.match(texts[0])
        or _ASIDE.fullmatch(texts[0])
        or (_LINE_PIECE.fullmatch(texts[0]) and _SIGNED.search(texts[0]))
    ):
        return True
    return row.gap or _is_sentence(row)


def _paragraphs(name: str, rows: Sequence[Row]) -> Iterator[Paragraph]:
    """Each line of each cell as a paragraph; the cells of a row of several stay on one line."""
    for row in rows:
        printed = row.printed
        if len(printed) == 1:
            cell = printed[0]
            position = (Position(sheet_cell=cell_name(name, cell.row, cell.col)),)
            for line in cell.text.split("\n"):
                if line.strip():
                    yield Paragraph(line.strip(), positions=position)
            continue
        text, positions = "", []
        for cell in printed:
            text += _BETWEEN if text else ""
            positions.append(Position(sheet_cell=cell_name(name, cell.row, cell.col), char_start=len(text)))
            text += cell.text.replace("\n", "")
        yield Paragraph(text, positions=tuple(positions))


# ---- side by side -----------------------------------------------------------------------------


def _side_by_side(rows: Sequence[Row], hidden: Ranges) -> list[Sequence[Row]]:
    """The grids that empty columns divide. One grid with an empty column in it stays one."""
    stretches = _stretches(rows, hidden)
    if len(stretches) < 2:
        return [rows]
    starts = [first for first, _ in stretches]
    pieces: list[list[Shown]] = [[] for _ in stretches]
    for row in rows:
        for cell in row.printed:
            pieces[bisect_right(starts, cell.col) - 1].append(cell)
    cuts = [starts[0]]
    head = pieces[0]
    for start, piece in zip(starts[1:], pieces[1:], strict=True):
        if _stands_alone(piece, head):
            cuts.append(start)
            head = piece
    return [part for part in divided(rows, cuts) if part]


def _stretches(rows: Sequence[Row], hidden: Ranges) -> list[tuple[int, int]]:
    """The columns that print, as ranges divided by empty ones; a row of one cell alone (a title, a group) divides and joins nothing."""
    several = {(cell.col, cell.right) for row in rows if len(row.printed) > 1 for cell in row.printed}
    spans = sorted(several or {(cell.col, cell.right) for row in rows for cell in row.printed})
    found: list[tuple[int, int]] = []
    for first, last in spans:
        if found and first <= first_shown(found[-1][1] + 1, hidden):
            found[-1] = (found[-1][0], max(last, found[-1][1]))
        else:
            found.append((first, last))
    if found and rows:
        found[0] = (min(found[0][0], *(row.printed[0].col for row in rows)), found[0][1])
    return found


def _stands_alone(piece: Sequence[Shown], head: Sequence[Shown]) -> bool:
    """Whether the cells behind an empty column are a grid of their own: it has a title, it begins with the words with which
    the grid at its left begins, or it has no headings beside one that has (words to choose from)."""
    first = compact(piece[0].text)
    if is_title(first) or first in {compact(cell.text) for cell in head[:2]}:
        return True
    return not _has_headings(piece) and _has_headings(head)


def _has_headings(cells: Sequence[Shown]) -> bool:
    return any(column_role(cell.text) or label_of(cell.text) for cell in cells[:_SEARCHED])


# ---- tables -----------------------------------------------------------------------------------


def _grid(name: str, rows: Sequence[Row], hidden: Ranges, budget: Budget) -> Iterator[Block]:
    """A grid as a table; text in one column, a sentence a row, as paragraphs."""
    if not rows:
        return
    if all(len(row.printed) == 1 for row in rows):
        yield from _paragraphs(name, rows)
        return
    columns = _columns(rows, hidden)
    budget.table(len(columns) * len(rows))
    numbers = [row.number for row in rows]
    places = [f"{name}!{column_letters(column)}" for column in columns]
    cells: list[Cell] = []
    covered: dict[int, list[tuple[int, int]]] = {}
    for at, row in enumerate(rows):
        placed = covered.pop(at, [])
        for shown in row.cells:
            col = bisect_left(columns, shown.col)
            width = bisect_right(columns, shown.right) - col
            if width < 1:
                continue
            height = bisect_right(numbers, shown.bottom) - at if shown.bottom > row.number else 1
            position = Position(sheet_cell=f"{places[col]}{row.number}")
            cells.append(Cell(at + 1, col + 1, height, width, shown.text, (position,)))
            placed.append((col, width))
            for below in range(at + 1, at + height):
                covered.setdefault(below, []).append((col, width))
        free = 0
        for col, width in [*sorted(placed), (len(columns), 0)]:
            for empty in range(free, col):
                position = Position(sheet_cell=f"{places[empty]}{row.number}")
                cells.append(Cell(at + 1, empty + 1, 1, 1, "", (position,)))
            free = max(free, col + width)
    cells.sort(key=itemgetter(0, 1))
    yield Table(len(rows), len(columns), tuple(cells), positions=cells[0].positions)


def _columns(rows: Sequence[Row], hidden: Ranges) -> list[int]:
    """The columns of a grid: those in which a cell begins, and one for each run of empty ones between them."""
    begun = sorted({cell.col for row in rows for cell in row.cells})
    printed = max(cell.col for row in rows for cell in row.printed)
    found: list[int] = []
    for column in begun:
        if found and column > (between := first_shown(found[-1] + 1, hidden)):
            found.append(between)
        if column <= printed or not found:
            found.append(column)
    return found
