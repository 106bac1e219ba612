"""OFD files (GB/T 33190-2016) for tests: drawn line by line, or a whole document laid out on A4 pages.

Positions count in points from the top left corner, as in `support_pdf`; the file has millimetres.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from xml.sax.saxutils import escape

from schemas.blocks import Cell, Document, Heading, Table
from tests.support_docx import zipped

MM = 25.4 / 72
A4 = (595.28, 841.89)
OFD = "http://www.ofdspec.org/2016"
MARGIN, CELL_PAD = 72.0, 3.0
LEADING = 1.5


def measure(text: str, size: float) -> float:
    """The width of a text: characters are as wide as high, Latin ones half of it."""
    return sum(size if ord(char) >= 0x2000 else size / 2 for char in text)


def mm(*points: float) -> str:
    """Lengths in points as a list of millimetres."""
    return " ".join(f"{value * MM:.4g}" if abs(value * MM) < 1 else f"{value * MM:.3f}" for value in points)


def steps(text: str, size: float) -> str:
    """DeltaX: the way from each character to the next, equal ones in a row put together."""
    widths = [mm(measure(char, size)) for char in text[:-1]]
    parts = []
    for width, run in groupby(widths):
        count = len(list(run))
        parts.append(f"g {count} {width}" if count > 2 else " ".join([width] * count))
    return " ".join(parts)


class OfdDrawing:
    """An OFD page by page."""

    def __init__(self, size: tuple[float, float] = A4, *, title: str = "") -> None:
        self.size = size
        self.title = title
        self._pages: list[list[str]] = [[]]
        self._number = 100

    def raw(self, element: str) -> None:
        """Any object, as XML."""
        self._pages[-1].append(element)

    def text(self, x: float, y: float, text: str, size: float = 10, attributes: str = "") -> None:
        """Text whose baseline begins at x, y."""
        delta = f' DeltaX="{steps(text, size)}"' if len(text) > 1 else ""
        self.raw(
            f'<ofd:TextObject ID="{self._next()}" Boundary="{mm(x, y - size, measure(text, size), 1.25 * size)}" '
            f'Font="1" Size="{mm(size)}"{attributes}>'
            f'<ofd:TextCode X="0" Y="{mm(size)}"{delta}>{escape(text)}</ofd:TextCode></ofd:TextObject>'
        )

    def line(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.5) -> None:
        """A line; it is drawn within a boundary as thick as itself."""
        half = width / 2
        box = (min(x0, x1) - half, min(y0, y1) - half, abs(x1 - x0) + width, abs(y1 - y0) + width)
        data = f"M {mm(x0 - box[0], y0 - box[1])} L {mm(x1 - box[0], y1 - box[1])}"
        self.raw(
            f'<ofd:PathObject ID="{self._next()}" Boundary="{mm(*box)}" LineWidth="{mm(width)}">'
            f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
        )

    def box(self, left: float, top: float, right: float, bottom: float, *, fill: bool = False) -> None:
        """The sides of a rectangle, or all of it."""
        width, height = right - left, bottom - top
        data = f"M 0 0 L {mm(width)} 0 L {mm(width, height)} L 0 {mm(height)} C"
        ink = 'Fill="true" Stroke="false"' if fill else f'LineWidth="{mm(0.5)}"'
        self.raw(
            f'<ofd:PathObject ID="{self._next()}" Boundary="{mm(left, top, width, height)}" {ink}>'
            f"<ofd:AbbreviatedData>{data}</ofd:AbbreviatedData></ofd:PathObject>"
        )

    def picture(self, left: float, top: float, right: float, bottom: float) -> None:
        """A picture, which is not in the file."""
        self.raw(
            f'<ofd:ImageObject ID="{self._next()}" Boundary="{mm(left, top, right - left, bottom - top)}" '
            'ResourceID="9"/>'
        )

    def next_page(self) -> None:
        self._pages.append([])

    def bytes(self) -> bytes:
        return package([page("".join(objects)) for objects in self._pages], self.size, title=self.title)

    def _next(self) -> int:
        self._number += 1
        return self._number


def part(root: str, inner: str, attributes: str = "") -> bytes:
    """An XML part."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<ofd:{root} xmlns:ofd="{OFD}"{attributes}>{inner}</ofd:{root}>'
    ).encode()


def page(objects: str, before: str = "", layer: str = "") -> bytes:
    """A page of these objects in one layer; `before` stands before its content."""
    return part("Page", f'{before}<ofd:Content><ofd:Layer ID="2"{layer}>{objects}</ofd:Layer></ofd:Content>')


def package(
    pages: Sequence[bytes],
    size: tuple[float, float] = A4,
    *,
    title: str = "",
    common: str = "",
    more: Mapping[str, bytes] = {},
) -> bytes:
    """A file of these pages; `common` is added to what they share, `more` to the parts."""
    area = f"<ofd:PageArea><ofd:PhysicalBox>0 0 {mm(*size)}</ofd:PhysicalBox></ofd:PageArea>"
    listed = "".join(f'<ofd:Page ID="{n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages)))
    body = f"<ofd:DocInfo><ofd:Title>{escape(title)}</ofd:Title></ofd:DocInfo>"
    parts = {
        "OFD.xml": part(
            "OFD",
            f"<ofd:DocBody>{body}<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody>",
            ' DocType="OFD" Version="1.0"',
        ),
        "Doc_0/Document.xml": part(
            "Document",
            f"<ofd:CommonData>{area}<ofd:PublicRes>PublicRes.xml</ofd:PublicRes>{common}</ofd:CommonData>"
            f"<ofd:Pages>{listed}</ofd:Pages>",
        ),
        "Doc_0/PublicRes.xml": part(
            "Res", '<ofd:Fonts><ofd:Font ID="1" FontName="宋体"/></ofd:Fonts>', ' BaseLoc="Res"'
        ),
    }
    parts |= {f"Doc_0/Pages/Page_{n}/Content.xml": content for n, content in enumerate(pages)}
    return zipped({**parts, **more})


# ---- a whole document -----------------------------------------------------------------------

NO_START = "。，、；：？！）》”％%」"
UNITS = re.compile(r"[0-9A-Za-z.,%:/]+|.", re.DOTALL)


def printed(document: Document, size: float = 12, cell_size: float = 9) -> bytes:
    """The document on A4 pages, tables ruled, rows cut by no page unless they are higher than one."""
    printer = _Printer(size, cell_size)
    for block in document.blocks:
        if isinstance(block, Table):
            printer.table(block)
        else:
            printer.paragraph(block.text, isinstance(block, Heading))
    return printer.drawing.bytes()


def wrapped(text: str, width: float, size: float, indent: float = 0.0) -> list[str]:
    """The lines of a text; figures stay together where they can, a mark that closes takes what it closes along."""
    lines: list[str] = []
    line: list[str] = []
    room = width - indent
    for unit in UNITS.findall(text):
        for piece in [unit] if measure(unit, size) <= width else list(unit):
            if line and measure("".join(line) + piece, size) > room + 0.01:
                taken = len(line) - 1 if piece in NO_START and len(line) > 1 else len(line)
                lines.append("".join(line[:taken]))
                line, room = line[taken:], width
            line.append(piece)
    return [*lines, "".join(line)]


class _Printer:
    def __init__(self, size: float, cell_size: float) -> None:
        self.drawing = OfdDrawing()
        self.size, self.cell_size = size, cell_size
        self.y = MARGIN
        self.width, self.bottom = A4[0] - 2 * MARGIN, A4[1] - MARGIN

    def paragraph(self, text: str, is_heading: bool) -> None:
        for piece in text.split("\n"):
            indent = 2 * self.size
            for number, line in enumerate(wrapped(piece, self.width, self.size, indent)):
                if self.y + LEADING * self.size > self.bottom:
                    self.turn()
                self.y += LEADING * self.size
                if line:
                    self.drawing.text(MARGIN + (0 if number else indent), self.y, line, self.size)
        if is_heading:
            self.y += 4

    def turn(self) -> None:
        self.drawing.next_page()
        self.y = MARGIN

    def table(self, table: Table) -> None:
        step = self.width / table.n_columns
        columns = [MARGIN + step * n for n in range(table.n_columns + 1)]
        lines = {cell: self._lines(cell, columns) for cell in table.cells}
        heights = self._heights(table, lines)
        first = 1
        self.y += 6
        while first <= table.n_rows:
            last = first
            room = self.bottom - self.y
            while last < table.n_rows and sum(heights[first - 1 : last + 1]) <= room:
                last += 1
            if heights[first - 1] > room and self.y > MARGIN:
                self.turn()
                continue
            self._piece(table, lines, columns, heights, first, last)
            first = last + 1
            if first <= table.n_rows:
                self.turn()

    def _lines(self, cell: Cell, columns: Sequence[float]) -> list[str]:
        width = columns[cell.col + cell.col_span - 1] - columns[cell.col - 1] - 2 * CELL_PAD
        return [line for piece in cell.text.split("\n") for line in wrapped(piece, width, self.cell_size)]

    def _heights(self, table: Table, lines: Mapping[Cell, list[str]]) -> list[float]:
        """The height of each row: its cells fit in, those merged downwards in their last row at the latest."""
        heights = [self.cell_size + 2 * CELL_PAD] * table.n_rows
        for cell in sorted(table.cells, key=lambda c: c.row + c.row_span):
            need = len(lines[cell]) * self.cell_size * 1.3 + 2 * CELL_PAD
            rows = range(cell.row - 1, cell.row + cell.row_span - 1)
            heights[rows[-1]] += max(need - sum(heights[row] for row in rows), 0)
        return heights

    def _piece(
        self,
        table: Table,
        lines: Mapping[Cell, list[str]],
        columns: Sequence[float],
        heights: Sequence[float],
        first: int,
        last: int,
    ) -> None:
        """Rows `first` to `last` of a table, from where the page stands now."""
        tops = [self.y]
        for height in heights[first - 1 : last]:
            tops.append(tops[-1] + height)
        for cell in self._within(table.cells, first, last):
            left, right = columns[cell.col - 1], columns[cell.col + cell.col_span - 1]
            top = tops[max(cell.row, first) - first]
            bottom = tops[min(cell.row + cell.row_span - 1, last) - first + 1]
            self.drawing.box(left, top, right, bottom)
            if cell.row >= first:
                for number, line in enumerate(lines[cell], start=1):
                    if line:
                        baseline = top + CELL_PAD + number * self.cell_size * 1.3 - 0.3 * self.cell_size
                        self.drawing.text(left + CELL_PAD, baseline, line, self.cell_size)
        self.y = tops[-1]

    @staticmethod
    def _within(cells: Iterable[Cell], first: int, last: int) -> Iterable[Cell]:
        return (cell for cell in cells if cell.row <= last and cell.row + cell.row_span > first)
