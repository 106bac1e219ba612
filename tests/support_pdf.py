"""Small PDFs for tests, drawn with reportlab; positions count from the top left corner, in points."""

import io
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfgen.canvas import Canvas

SONG = "STSong-Light"
A4 = (595.0, 842.0)


class FormCell(NamedTuple):
    """A cell of a form to draw: the numbers of its first row and column, and of those after its last, from 0."""

    row: int
    col: int
    end_row: int
    end_col: int
    text: str


class Drawing:
    """A PDF page by page. `canvas` is reportlab's own, its origin at the bottom."""

    def __init__(self, size: tuple[float, float] = A4, **options: Any) -> None:
        self.height = size[1]
        self._target = io.BytesIO()
        pdfmetrics.registerFont(UnicodeCIDFont(SONG))
        self.canvas = Canvas(self._target, pagesize=size, invariant=1, **options)

    def text(self, x: float, y: float, text: str, size: float = 10, font: str = SONG) -> None:
        """Text whose baseline begins at x, y."""
        self.canvas.setFont(font, size)
        self.canvas.drawString(x, self.height - y, text)

    def line(self, x0: float, y0: float, x1: float, y1: float) -> None:
        self.canvas.line(x0, self.height - y0, x1, self.height - y1)

    def box(
        self, left: float, top: float, right: float, bottom: float, *, fill: int = 0, stroke: int = 1
    ) -> None:
        self.canvas.rect(left, self.height - bottom, right - left, bottom - top, fill=fill, stroke=stroke)

    def next_page(self) -> None:
        self.canvas.showPage()

    def bytes(self) -> bytes:
        self.canvas.save()
        return self._target.getvalue()


def border_pieces(
    columns: Sequence[float], rows: Sequence[float], cells: Sequence[FormCell]
) -> list[tuple[float, float, float, float]]:
    """The four sides of every cell, from left to right or from the top down."""
    pieces: dict[tuple[float, float, float, float], None] = {}
    for row, col, end_row, end_col, _ in cells:
        left, top, right, bottom = columns[col], rows[row], columns[end_col], rows[end_row]
        for piece in (
            (left, top, right, top),
            (left, bottom, right, bottom),
            (left, top, left, bottom),
            (right, top, right, bottom),
        ):
            pieces[piece] = None
    return list(pieces)


def draw_form(
    drawing: Drawing,
    columns: Sequence[float],
    rows: Sequence[float],
    cells: Sequence[FormCell],
    rule: Callable[[float, float, float, float], None] | None = None,
    size: float = 10,
) -> None:
    """Draws the cells' borders with `rule` (a plain line by default) and their text, line by line."""
    for piece in border_pieces(columns, rows, cells):
        (rule or drawing.line)(*piece)
    for row, col, _, _, text in cells:
        for number, line in enumerate(text.split("\n")):
            drawing.text(columns[col] + 3, rows[row] + 1.2 * size * (number + 1), line, size)


def of_objects(*objects: bytes) -> bytes:
    """A PDF of these objects, numbered from 1; the first is the catalogue."""
    data, places = b"%PDF-1.4\n", b""
    for number, body in enumerate(objects, start=1):
        places += b"%010d 00000 n \n" % len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    count = len(objects) + 1
    return data + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer<</Root 1 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF"
        % (count, places, count, len(data))
    )
