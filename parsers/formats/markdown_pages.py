"""What pages leave in Markdown: their numbers, lines at their top, and paragraphs that they cut.

OCR tools read page by page; what stands at the edges of a page is no part of the text.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, auto

from parsers.cover import is_title
from parsers.formats.markdown_numbers import Printed, page_numbers
from parsers.headers import label_of, labelled_values
from parsers.headings import heading_number
from parsers.printed import compact
from schemas.blocks import Table
from schemas.vocabulary import TABLE_CAPTION


class Mark(Enum):
    """What stands between blocks and is not printed by the report itself."""

    PAGE = auto()
    BLANK = auto()
    IMAGE = auto()


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text; `level` is that of its heading marks, 0 for none."""

    text: str
    level: int = 0


Item = Line | Table | Mark


_UNFINISHED = ("，", "、", "（", "(", "“", "《", "的", "和", "及", "与")
_CAPTION = 60
_WRAPPED = 30
"""Characters from which a line that ends in no punctuation may go on in the next."""


def without_page_numbers(items: Sequence[Item], notes: list[str]) -> list[Item]:
    """Page numbers left out, each a page break (`page_numbers` says which lines are such); a note counts them."""
    places = [n for n, item in enumerate(items) if item is not Mark.BLANK]
    left_out = {places[k] for k in page_numbers([_printed(items[n]) for n in places])}
    if left_out:
        notes.append(f"Page numbers ({len(left_out)}) were left out.")
    return [Mark.PAGE if n in left_out else item for n, item in enumerate(items)]


def _printed(item: Item) -> Printed:
    if isinstance(item, Line):
        return Printed(item.text, len(item.text), False, False)
    if isinstance(item, Table):
        return Printed(None, sum(len(cell.text) for cell in item.cells), True, False)
    return Printed(None, 0, False, item is Mark.PAGE)


def _neighbours(items: Sequence[Item]) -> dict[int, tuple[int, int]]:
    """For each item that is not blank the places of the ones before and behind it, -1 where there is none."""
    printed = [-1, *(n for n, item in enumerate(items) if item is not Mark.BLANK), -1]
    return {n: (before, after) for before, n, after in zip(printed, printed[1:-1], printed[2:], strict=False)}


def without_running_heads(items: Sequence[Item], notes: list[str]) -> list[Item]:
    """Lines printed at the top of every page left out but the first time: they come again, each time at a page break.
    The names of tables, first lines of reports, labelled values (填报单位：) and what stands over a form stay: several in
    one file may have the same."""
    near = _neighbours(items)
    at_top: dict[str, list[int]] = {}  # places of what comes again at a page break
    seen: set[str] = set()
    for n, item in enumerate(items):
        if not isinstance(item, Line) or heading_number(item.text) or is_caption(item):
            continue
        if next(labelled_values(item.text), None):
            continue
        text = compact(item.text)
        if text in seen and len(text) <= _CAPTION and any(items[k] is Mark.PAGE for k in near[n] if k >= 0):
            at_top.setdefault(text, []).append(n)
        seen.add(text)
    left_out = [
        n
        for text, places in at_top.items()
        for n in places
        if (len(places) > 1 or (is_title(text) and not _opens_chapter(items, near[n][1])))
        and not _opens_form(items, near, n)
    ]
    found = list(items)
    for n in left_out:
        found[n] = Mark.PAGE
    if count := len(left_out):
        notes.append(f"Lines at the top of pages ({count}) that come again were left out.")
    return found


def _opens_chapter(items: Sequence[Item], at: int) -> bool:
    """Whether the first chapter of a report begins at `at`: what stands over it is the report's title."""
    item = items[at] if at >= 0 else None
    number = heading_number(item.text) if isinstance(item, Line) else None
    return number is not None and number.value == 1


def _opens_form(items: Sequence[Item], near: dict[int, tuple[int, int]], at: int) -> bool:
    """Whether what follows the line at `at` is the head of a form: a line of labelled values, or a table that begins so."""
    following = near[at][1]
    item = items[following] if following >= 0 else None
    if isinstance(item, Line):
        return next(labelled_values(item.text), None) is not None
    return isinstance(item, Table) and any(cell.row == 1 and label_of(cell.text) for cell in item.cells)


def joined(items: Sequence[Item]) -> list[Item]:
    """Paragraphs that a page or the width of a line cut are whole again."""
    found: list[Item] = []
    last = -1  # place in `found` of the paragraph before, where only breaks stand between
    breaks: list[Item] = []
    for item in items:
        if isinstance(item, Mark):
            breaks.append(item)
            found.append(item)
            continue
        before = found[last] if last >= 0 else None
        if isinstance(item, Line) and isinstance(before, Line) and _runs_on(before, item, breaks):
            gap = (
                " "
                if before.text[-1:].isascii() and item.text[:1].isascii() and before.text[-1:].isalnum()
                else ""
            )
            found[last] = Line(before.text + gap + item.text)
        else:
            last = len(found)
            found.append(item)
        breaks = []
    return found


def _runs_on(before: Line, item: Line, breaks: Sequence[Item]) -> bool:
    """Whether a line is the rest of the one before it."""
    if before.level or item.level or heading_number(item.text) or Mark.IMAGE in breaks:
        return False
    if len(before.text) < _WRAPPED:
        return False
    if before.text.endswith(_UNFINISHED):
        return True
    is_open = before.text[-1:].isalnum() and heading_number(before.text) is None
    return is_open and (not breaks or Mark.PAGE in breaks)


def is_caption(line: Line) -> bool:
    """Whether a line names the table below it."""
    text = compact(line.text)
    return (
        len(text) <= _CAPTION and bool(re.fullmatch(TABLE_CAPTION, text)) and text.endswith(("表", "）", ")"))
    )
