"""A printed page, whatever it came from (PDF, picture, OFD): first pieces of text and ruling lines, then
printed lines and ruled tables in reading order.

Readers make `Span`s and `Rule`s; `page_layout.lay_out` makes a `Page` of them; `page_flow.flow` joins pages into
the blocks of a Document. Lengths are points (1/72 inch); x runs from the left, y from the top of the page as it is
read: rotation, crop box and skew are undone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from numpy.typing import NDArray

from schemas.locations import Box


class Span(NamedTuple):
    """Characters on one line which no ruling line and no gap wider than about a character divides.

    `confidence` is that of the OCR, 0 to 1; None where the file itself holds the characters. `parts` are the pieces
    that narrower gaps divide it into, where there are any: in a table without rules they can be cells.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    confidence: float | None = None
    parts: tuple["Span", ...] = ()


class Rule(NamedTuple):
    """A ruling line as a thin box: horizontal where wider than high."""

    left: float
    top: float
    right: float
    bottom: float


class Affine(NamedTuple):
    """A way from one drawing to another: x' = a·x + b·y + c, y' = d·x + e·y + f."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 1.0
    f: float = 0.0

    def after(self, first: "Affine") -> "Affine":
        """The way that goes `first` and then this one."""
        a, b, c, d, e, f = first
        return Affine(
            self.a * a + self.b * d, self.a * b + self.b * e, self.a * c + self.b * f + self.c,
            self.d * a + self.e * d, self.d * b + self.e * e, self.d * c + self.e * f + self.f,
        )  # fmt: skip


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
    """A page, from 1, with its printed lines and ruled tables in reading order.

    `shown` leads from the page as it is read to the page as its file shows it, where it was turned upright;
    `unread` counts the places where there is print that the recognition could not make out; `levels` are the
    horizontal rules outside of ruled tables, from the top.
    """

    number: int
    width: float
    height: float
    items: tuple[Line | Grid, ...]
    shown: Affine | None = None
    unread: int = 0
    levels: tuple[Rule, ...] = ()


Recognise = Callable[[NDArray[Any], int, float, float], Page]
"""Reads the picture of a page (8-bit values, rows from the top, grey or red, green, blue) with its number, and its width
and height in points."""
