"""The cells of a drawn table as boxes: anchor, spans and text."""

from __future__ import annotations

from dataclasses import dataclass

from tests.samples.model import Table


@dataclass(slots=True)
class Box:
    """A cell with all that is merged into it; rows and columns from 0."""

    row: int
    col: int
    rows: int
    span: int
    text: str
    gap: bool = False


def boxes(table: Table) -> list[Box]:
    """The boxes of a table in reading order."""
    found: list[Box] = []
    above: dict[int, Box] = {}
    for r, row in enumerate(table.rows):
        c = 0
        for cell in row:
            if cell.down == "on" and c in above:
                above[c].rows += 1
            else:
                box = Box(r, c, 1, cell.span, cell.text, cell.down == "gap")
                found.append(box)
                above[c] = box
            c += cell.span
    return found


def is_plain(table: Table) -> bool:
    """Whether no cells are merged."""
    return all(cell.span == 1 and cell.down is None for row in table.rows for cell in row)
