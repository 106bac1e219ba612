"""Where a page cuts a table of Markdown: what stands at the top of the next piece against the bottom of this one."""

import re
from collections.abc import Sequence

from parsers.grid import Grid
from parsers.headers import column_role, label_of, read_header
from parsers.headings import heading_number
from parsers.printed import compact
from schemas.blocks import Cell, Table
from schemas.vocabulary import LEVEL_NAME, MONEY_LABEL, PLACEHOLDER_NAME, ROW_LABEL, TOTAL_ROW

MOST_HEAD_ROWS = 4
_ENDED = ("。", "；", "：", "！", "？", ".", ";", "%", "％", "）", ")")
_FILLED = 0.9
"""Share of a table's rows in which a column is filled that no row leaves empty unless it goes on with the row above."""
_MOST_MISSING = 2
"""Columns of side labels that tools leave out of a piece in which these print nothing."""

_UNIT = 4
"""Characters of a unit, at most."""

_VALUE = re.compile(r"[≥≤><=＞＜＝~约]*-?[\d０-９]")
_OPERATOR = re.compile(r"[≥≤><=＞＜＝]|不[低少高多大小]于|[大小]于")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.(\d+))?[%％]?")
_CUT_NUMBER = re.compile(r"\d[.．:：]$")
_FIRST = re.compile(r"(?:指标)?(?:[1１一]|A(?=[.．、]))(?![\d一-十])")
"""The first of numbered rows."""
_NUMBER_ALONE = re.compile(
    r"(?:指标|目标)[\d一二三四五六七八九十]{0,3}[：:]|[（(][\d一二三四五六七八九十]{1,3}[)）]|[\d一二三四五六七八九十]{1,3}[、.．]"
)
"""What numbers the text behind it."""
_OWN_LINE = re.compile(
    rf"{PLACEHOLDER_NAME}|{TOTAL_ROW}|{ROW_LABEL}|(?:指标|目标)?\d+(?:[、：:]|[.．](?!\d)).*|[①-⑳—].*"
    rf"|(?=其中|中央|省|市|县|区|地方|财政|其[他它]|上年|当年|本年|年度|单位|自筹|自有|社会|一般|政府|事业)(?:{MONEY_LABEL})"
)
"""What begins a row of its own, though nothing else is printed in it."""
_MID_PHRASE = re.compile(r"[年月第约达共为至和及与、，~≥≤><=＞＜＝－—-]$|不[低少高多大小]于$|[大小]于$")
"""Last words that a figure follows."""


def repeated(first: Table, second: Table) -> int:
    """How many rows at the top of the second piece repeat those of the first."""
    a, b = by_row(first), by_row(second)
    for count in range(min(len(a), len(b), MOST_HEAD_ROWS), 0, -1):
        if any(row for row in b[:count]) and all(
            [(c.col, c.col_span, compact(c.text)) for c in x]
            == [(c.col, c.col_span, compact(c.text)) for c in y]
            for x, y in zip(a[:count], b[:count], strict=True)
        ):
            return count
    return 0


def says_again(head: Sequence[Sequence[Cell]], piece: Table) -> int:
    """How many rows at the top of a piece repeat a head that stands amid the table above: its column headings say the
    same at the same places; the side label beside them (绩效指标) may be there or not."""
    count = len(head)
    if not 0 < count <= MOST_HEAD_ROWS or piece.n_rows < count:
        return 0
    top = [[cell for cell in piece.cells if cell.row == row] for row in range(1, count + 1)]
    for above, row in zip(head, top, strict=True):
        wanted, printed = _headings(above, count), _headings(row, count)
        if len(wanted) < 2 or wanted != printed:
            return 0
    return count


def ends_in_total(table: Table) -> bool:
    """Whether the last row of a table is its total: nothing of it follows."""
    end = [compact(cell.text) for cell in table.cells if cell.row == table.n_rows and compact(cell.text)]
    return bool(end) and re.fullmatch(TOTAL_ROW, end[0]) is not None


def _headings(row: Sequence[Cell], count: int) -> list[tuple[int, int, str]]:
    """The column headings in a row of a head of `count` rows: all that it prints but the labels that reach below it."""
    return [
        (cell.col, cell.col_span, compact(cell.text))
        for cell in row
        if compact(cell.text) and not (cell.row_span > count and cell.col <= _MOST_MISSING)
    ]


def below(table: Table, head: int) -> Table:
    """A table without its first `head` rows; what reaches out of them stays, as far as it does."""
    cells = []
    for cell in table.cells:
        if cell.row > head:
            cells.append(cell._replace(row=cell.row - head))
        elif cell.row + cell.row_span - 1 > head:
            cells.append(cell._replace(row=1, row_span=cell.row + cell.row_span - 1 - head, text=""))
    return Table(table.n_rows - head, table.n_columns, tuple(sorted(cells)))


def can_go_on(last: Table, body: Table) -> bool:
    """Whether a piece behind a picture can belong to the table above it: that does not end in a total, and the piece
    does not begin at 1 again."""
    if not body.n_rows:
        return False
    end = [compact(cell.text) for cell in last.cells if cell.row == last.n_rows and compact(cell.text)]
    top = [compact(cell.text) for cell in body.cells if cell.row == 1 and compact(cell.text)]
    if not end or not top or re.fullmatch(TOTAL_ROW, end[0]):
        return False
    begun = any(cell.col == 1 and compact(cell.text) == top[0] for cell in last.cells)
    return not (begun and _FIRST.match(top[0]))


def without_labels(last: Table, piece: Table) -> Table | None:
    """The next piece with the columns of side labels that it lacks, None where it does not lack just these: cells over
    several rows reach down to the cut in them."""
    missing = last.n_columns - piece.n_columns
    if not 1 <= missing <= _MOST_MISSING or piece.n_columns < 2:
        return None
    beside = {cell.col for cell in last.cells if _ends(cell) == last.n_rows and cell.row_span > 1}
    if not set(range(1, missing + 1)) <= beside:
        return None
    labels = tuple(Cell(1, col, piece.n_rows, 1, "") for col in range(1, missing + 1))
    shifted = tuple(cell._replace(col=cell.col + missing) for cell in piece.cells)
    return Table(piece.n_rows, last.n_columns, tuple(sorted((*labels, *shifted))))


def is_lower_head(last: Table, body: Table) -> bool:
    """Whether the first row below the cut is the lower row of a head whose upper row ends the piece above."""
    upper = [cell for cell in last.cells if cell.row == last.n_rows]
    wide = [cell for cell in upper if cell.col_span > 1]
    top = [cell for cell in body.cells if cell.row == 1]
    printed = [cell for cell in top if compact(cell.text)]
    if not printed or len(wide) == len(upper) or len(printed) == len(top):
        return False
    under = all(any(w.col <= c.col < w.col + w.col_span for w in wide) for c in printed)
    return under and read_header(Grid(1, last), last.n_rows) is not None


def goes_on(last: Table, body: Table) -> bool:
    """Whether the first row of the next piece is the rest of the last row of this one."""
    top = [cell for cell in body.cells if cell.row == 1]
    if any(cell.row_span > 1 and compact(cell.text) for cell in top):
        return False
    own = {cell.col: cell for cell in top if cell.row_span == 1}
    printed = [cell for cell in own.values() if compact(cell.text)]
    above = {cell.col: cell for cell in last.cells if _ends(cell) == last.n_rows}
    if len(printed) == 1:
        return _is_rest_of_cell(last, body, above, printed[0])
    return len(own) == len(top) and _are_rests(last, own, above)


def rejoined(last: Table, body: Table) -> tuple[Table, Table]:
    """The two pieces, the first row of the second joined to the last of the first, cell by cell."""
    rest = {cell.col: cell.text for cell in body.cells if cell.row == 1 and compact(cell.text)}
    cells = tuple(
        cell._replace(text=(cell.text.rstrip() + rest[cell.col].lstrip()).strip())
        if _ends(cell) == last.n_rows and cell.col in rest
        else cell
        for cell in last.cells
    )
    return Table(last.n_rows, last.n_columns, cells), below(body, 1)


def _are_rests(last: Table, own: dict[int, Cell], above: dict[int, Cell]) -> bool:
    """Whether the leftmost of the columns that every row fills is empty, and what few cells are filled go on in
    mid-sentence. A value is never the rest of one."""
    if last.n_rows < 3:
        return False
    filled = dict.fromkeys(range(1, last.n_columns + 1), 0)
    for cell in last.cells:
        if compact(cell.text):
            for col in range(cell.col, min(cell.col + cell.col_span, last.n_columns + 1)):
                filled[col] += cell.row_span
    labels = {
        cell.col for cell in last.cells if cell.row_span > 1
    }  # empty below the cut, whatever the row is
    always = [col for col, count in filled.items() if count >= _FILLED * last.n_rows and col not in labels]
    printed = [col for col, cell in own.items() if compact(cell.text)]
    if not always or not printed or always[0] in printed or min(printed) < always[0]:
        return False
    full = [col for col, cell in above.items() if compact(cell.text)]
    return 2 * len(printed) <= len(full) and all(
        col in full
        and not above[col].text.rstrip().endswith(_ENDED)
        and not _VALUE.match(compact(own[col].text))
        for col in printed
    )


def _is_rest_of_cell(last: Table, body: Table, above: dict[int, Cell], rest: Cell) -> bool:
    """Whether the only cell that a row prints is the rest of the one above: all that the row above prints besides it
    prints nothing here, and no other row is like this one."""
    upper = above.get(rest.col)
    if upper is None or upper.row != last.n_rows or upper.col_span != rest.col_span:
        return False
    beside = [c for c in above.values() if c.row == last.n_rows and c is not upper and compact(c.text)]
    following = [cell for cell in body.cells if cell.row == 2 and compact(cell.text)]
    if not beside or [(cell.col, cell.col_span) for cell in following] == [(rest.col, rest.col_span)]:
        return False
    text, more = compact(upper.text), compact(rest.text)
    if not text:
        return re.fullmatch(PLACEHOLDER_NAME, more) is None
    is_heading = column_role(more) and read_header(Grid(1, last), last.n_rows) is None
    is_level = re.fullmatch(LEVEL_NAME, more) and any(
        cell.col == upper.col and re.fullmatch(LEVEL_NAME, compact(cell.text)) for cell in last.cells
    )
    is_own = not more.isdigit() and _OWN_LINE.fullmatch(more)
    if is_own or label_of(more) or is_heading or is_level or heading_number(more):
        return False
    if _CUT_NUMBER.search(text) and more[0].isdigit():
        return True
    if _NUMBER_ALONE.fullmatch(text):
        return not more[0].isdigit()
    if text.endswith(_ENDED) or _OPERATOR.match(more) or re.fullmatch(LEVEL_NAME, text):
        return False
    if more[0].isdigit():
        return _is_cut_figure(text, more, [compact(cell.text) for cell in last.cells])
    return not _NUMBER.fullmatch(text) or len(more) <= _UNIT


def _is_cut_figure(text: str, more: str, others: Sequence[str]) -> bool:
    """Whether a cell that begins in a figure goes on with `text`: in mid-phrase, or in mid-number."""
    if not text[-1].isdigit():
        return bool(_MID_PHRASE.search(text))
    whole, rest = _NUMBER.fullmatch(text), _NUMBER.fullmatch(more)
    if re.match(r"0\d", more) or not (whole and rest):
        return True
    places = {len(found[1] or "") for other in others if (found := _NUMBER.fullmatch(other)) and found[1]}
    return not whole[1] and len(rest[1] or "") in places


def _ends(cell: Cell) -> int:
    return cell.row + cell.row_span - 1


def by_row(table: Table) -> list[list[Cell]]:
    """The cells of each row that begin in it."""
    rows: list[list[Cell]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row - 1].append(cell)
    return rows
