"""Positions on the page as its file shows it, for pages that were turned upright or straightened to be read."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from parsers.formats.pages import Affine, Page
from schemas.blocks import Block, Table
from schemas.locations import Box, Position


def as_shown(blocks: tuple[Block, ...], pages: Mapping[int, Affine]) -> tuple[Block, ...]:
    """The blocks with the positions on `pages` (`Page.shown` by the page's number) put where the file shows them."""
    return tuple(_block(block, pages) for block in blocks) if pages else blocks


def ways_back(pages: Iterable[Page]) -> dict[int, Affine]:
    """The way to the page as shown for each page that was turned or straightened, by its number."""
    return {page.number: page.shown for page in pages if page.shown is not None}


def unread_lines(pages: Iterable[Page]) -> tuple[str, ...]:
    """Warnings about print that the recognition could not make out."""
    return tuple(
        f"page {page.number} holds {page.unread} {'line' if page.unread == 1 else 'lines'} of print that could not "
        "be made out"
        for page in pages
        if page.unread
    )


def _block(block: Block, pages: Mapping[int, Affine]) -> Block:
    positions = _positions(block.positions, pages)
    if isinstance(block, Table):
        cells = tuple(cell._replace(positions=_positions(cell.positions, pages)) for cell in block.cells)
        return replace(block, cells=cells, positions=positions)
    return replace(block, positions=positions)


def _positions(positions: tuple[Position, ...], pages: Mapping[int, Affine]) -> tuple[Position, ...]:
    return tuple(
        position._replace(box=shown_box(position.box, pages[position.page]))
        if position.box is not None and position.page is not None and position.page in pages
        else position
        for position in positions
    )


def shown_box(box: Box, way: Affine) -> Box:
    """The upright box around `box` as `way` leads it, in points to two digits."""
    left, top, right, bottom = box
    corners = [(x, y) for x in (left, right) for y in (top, bottom)]
    xs = [way.a * x + way.b * y + way.c for x, y in corners]
    ys = [way.d * x + way.e * y + way.f for x, y in corners]
    return (round(min(xs), 2), round(min(ys), 2), round(max(xs), 2), round(max(ys), 2))
