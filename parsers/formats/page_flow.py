"""Pages -> the blocks of a Document: furniture left out, lines put together to paragraphs, tables stitched over pages.

pages ─▶ page_furniture ─▶ page_tables (ruled) ─▶ page_paragraphs
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from parsers.formats.page_furniture import furniture
from parsers.formats.page_notes import Notes, footnotes
from parsers.formats.page_paragraphs import PageSize, Printed, paragraphs, settings
from parsers.formats.page_pieces import TablePiece
from parsers.formats.page_tables import TableRun
from parsers.formats.page_text import line_text
from parsers.formats.pages import Grid, Line, Page
from schemas.blocks import Block
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
    left_out = furniture(pages)
    notes = [
        note for page, dropped in zip(pages, left_out, strict=True) if (note := footnotes(page, dropped))
    ]
    aside = {note.page: note.indices for note in notes}
    items = _items(
        pages,
        [dropped | aside.get(p.number, frozenset()) for p, dropped in zip(pages, left_out, strict=True)],
    )
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
    """The blocks, each page's footnotes after the last block that begins on it or before."""
    at = 0
    for note in notes:
        while at < len(blocks) and blocks[at].positions[0].page <= note.page:  # type: ignore[operator]
            yield blocks[at]
            at += 1
        yield from note.paragraphs
    yield from blocks[at:]


def _items(pages: Sequence[Page], left_out: Sequence[frozenset[int]]) -> list[_Item]:
    """Lines and tables in reading order, without furniture, tables stitched."""
    bottoms = _bottoms(pages, left_out)
    items: list[_Item] = []
    for page, dropped in zip(pages, left_out, strict=True):
        size = (round(page.width), round(page.height))
        is_first = True
        for index, item in enumerate(page.items):
            if index in dropped:
                continue
            if isinstance(item, Line):
                if line_text(item):
                    items.append(Printed(item, page.number, size))
                    is_first = False
                continue
            piece = TablePiece(item, page.number)
            last = items[-1] if items and is_first else None
            if isinstance(last, TableRun) and last.piece.page == page.number - 1:
                room = bottoms[size] - last.piece.box[3]
                if last.takes(piece, room):
                    is_first = False
                    continue
            items.append(TableRun(piece))
            is_first = False
    return items


def _bottoms(pages: Sequence[Page], left_out: Sequence[frozenset[int]]) -> dict[PageSize, float]:
    """How far down the text of each size of page reaches."""
    found: dict[PageSize, float] = {}
    for page, dropped in zip(pages, left_out, strict=True):
        size = (round(page.width), round(page.height))
        for index, item in enumerate(page.items):
            if index not in dropped:
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
