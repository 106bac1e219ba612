"""A printed page, whatever it came from (PDF, picture, OFD): first pieces of text and ruling lines, then
printed lines and ruled tables in reading order.

Readers make `Span`s and `Rule`s; `page_layout.lay_out` makes a `Page` of them; `page_flow.flow` joins pages into
the blocks of a Document. Lengths are points (1/72 inch); x runs from the left, y from the top of the page as it is
read: rotation, crop box and skew are undone.
"""

from dataclasses import dataclass
from typing import NamedTuple

from schemas.locations import Box


class Span(NamedTuple):
    """Characters on one line which no ruling line and no gap wider than about a character divides.

    `confidence` is that of the OCR, 0 to 1; None where the file itself holds the characters.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float | None = None


class Rule(NamedTuple):
    """A ruling line as a thin box: horizontal where wider than high."""

    left: float
    top: float
    right: float
    bottom: float


class Line(NamedTuple):
    """A printed line outside of ruled tables: its spans from left to right."""

    spans: tuple[Span, ...]
    box: Box


class GridCell(NamedTuple):
    """A cell of a ruled table: its anchor and spans (from 1), its box as ruled, and the printed lines in it."""

    row: int
    col: int
    row_span: int
    col_span: int
    box: Box
    lines: tuple[Line, ...]


class Grid(NamedTuple):
    """A ruled table as far as one page shows it; `cells` in reading order, none overlapping."""

    n_rows: int
    n_columns: int
    cells: tuple[GridCell, ...]
    box: Box


@dataclass(frozen=True, slots=True)
class Page:
    """A page, from 1, with its printed lines and ruled tables in reading order."""

    number: int
    width: float
    height: float
    items: tuple[Line | Grid, ...]
