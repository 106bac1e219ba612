"""Pages -> the blocks of a Document: furniture left out, lines put together to paragraphs, tables stitched over pages.

pages ─▶ page_furniture ─▶ page_tables (ruled) ─▶ page_paragraphs
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from parsers.formats.page_columns import with_column_tables
from parsers.formats.page_furniture import furniture
from parsers.formats.page_notes import Notes, footnotes
from parsers.formats.page_paragraphs import PageSize, Printed, paragraphs, settings
from parsers.formats.page_pieces import TablePiece
from parsers.formats.page_tables import TableRun
from parsers.formats.page_text import line_text
from parsers.formats.pages import Grid, Line, Page
from schemas.blocks import Block, Table
from schemas.locations import Box


@dataclass(frozen=True, slots=True)
class Flowed:
    """The blocks of a document in reading order, and what was doubtful about them, in plain words."""

    blocks: tuple[Block, ...]
    warnings: tuple[str, ...] = ()


_Item = Printed | TableRun


def flow(pages: Iterable[Page]) -> Flowed:
    """The blocks that consecutive pages print.

    Every paragraph has a position for each printed line, every table and cell one for each page.
    """
    pages = list(pages)
    pages = [_without(page, left_out) for page, left_out in zip(pages, furniture(pages), strict=True)]
    notes = [note for page in pages if (note := footnotes(page))]
    aside = {note.page: note.indices for note in notes}
    pages = [_without(page, aside.get(page.number, frozenset())) for page in pages]
    pages = list(with_column_tables(pages))
    items = _items(pages)
    lines = [item for item in items if isinstance(item, Printed)]
    known = settings(lines, _breadths(pages))
    blocks: list[Block] = []
    warnings: list[str] = []
    run: list[Printed] = []
    for item in items:
        if isinstance(item, Printed):
            run.append(item)
            continue
        blocks += paragraphs(run, known)
        run = []
        blocks.append(item.table())
        warnings += item.warnings
    blocks += paragraphs(run, known)
    return Flowed(tuple(_with_notes(blocks, notes)), tuple(warnings))


def _with_notes(blocks: list[Block], notes: Sequence[Notes]) -> Iterator[Block]:
    """The blocks, each footnote after the one that shows its mark, else after the last that begins on its page or before."""
    following: dict[int, list[Block]] = {}
    at = 0
    for note in notes:
        first = at
        while at < len(blocks) and blocks[at].positions[0].page <= note.page:  # type: ignore[operator]
            at += 1
        for paragraph, mark in zip(note.paragraphs, note.marks, strict=True):
            shown = (n for n in range(max(first - 1, 0), at) if mark and _shows(blocks[n], mark))
            following.setdefault(next(shown, at - 1), []).append(paragraph)
    yield from following.get(-1, [])
    for n, block in enumerate(blocks):
        yield block
        yield from following.get(n, [])


def _shows(block: Block, mark: str) -> bool:
    """Whether a paragraph shows the mark of a footnote behind its text, not as the number of an item."""
    return not isinstance(block, Table) and block.text.find(mark) > 0


def _without(page: Page, indices: frozenset[int]) -> Page:
    items = tuple(item for index, item in enumerate(page.items) if index not in indices)
    return replace(page, items=items) if indices else page


def _items(pages: Sequence[Page]) -> list[_Item]:
    """Lines and tables in reading order, tables stitched."""
    bottoms = _bottoms(pages)
    items: list[_Item] = []
    for page in pages:
        size = (round(page.width), round(page.height))
        is_first = True
        for item in page.items:
            if isinstance(item, Line):
                if line_text(item):
                    items.append(Printed(item, page.number, size))
                    is_first = False
                continue
            piece = TablePiece(item, page.number)
            last = items[-1] if items and is_first else None
            is_first = False
            if not (isinstance(last, TableRun) and _goes_on(last, piece, bottoms[size])):
                items.append(TableRun(piece))
    return items


def _goes_on(table: TableRun, piece: TablePiece, bottom: float) -> bool:
    """Whether `piece` goes on with a table that the page before ends with; then it is added. `bottom` is how far down
    pages print."""
    return table.piece.page == piece.page - 1 and table.takes(piece, bottom - table.piece.box[3])


def _bottoms(pages: Sequence[Page]) -> dict[PageSize, float]:
    """How far down the text of each size of page reaches."""
    found: dict[PageSize, float] = {}
    for page in pages:
        size = (round(page.width), round(page.height))
        for item in page.items:
            found[size] = max(found.get(size, 0.0), item.box[3])
    return found


def _breadths(pages: Sequence[Page]) -> dict[PageSize, Box]:
    """Where the tables of each size of page reach at most."""
    found: dict[PageSize, Box] = {}
    for page in pages:
        size = (round(page.width), round(page.height))
        for item in page.items:
            if isinstance(item, Grid):
                a, b = found.get(size, item.box), item.box
                found[size] = (min(a[0], b[0]), min(a[1], b[1]), max(a[2], b[2]), max(a[3], b[3]))
    return found
