"""Small documents for tests of recognition."""

from parsers import parse_document
from schemas.blocks import Block, Cell, Document, Paragraph, Table
from schemas.records import ParsedReport


def table(*rows: list[str]) -> Table:
    """A table without spans, a cell a text; rows may be of unequal length, as in text dumps."""
    cells = tuple(Cell(r, c, 1, 1, text) for r, row in enumerate(rows, 1) for c, text in enumerate(row, 1))
    return Table(len(rows), max(len(row) for row in rows), cells)


def spanned(n_columns: int, *rows: list[tuple[str, int, int]]) -> Table:
    """A table with spans: each row lists the cells that begin in it as (text, column, columns spanned)."""
    cells = tuple(Cell(r, col, 1, span, text) for r, row in enumerate(rows, 1) for text, col, span in row)
    return Table(len(rows), n_columns, cells)


def document(*blocks: str | Block) -> Document:
    """A document of paragraphs (given as text) and tables."""
    return Document("text", tuple(Paragraph(b) if isinstance(b, str) else b for b in blocks))


def report(*blocks: str | Block) -> ParsedReport:
    """The one report that a document holds."""
    (found,) = parse_document(document("某县农业农村局2023年度示范项目绩效自评报告", *blocks)).reports
    return found
