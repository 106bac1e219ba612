"""A Document: what a file prints, block by block in reading order, whatever its format.

Readers (`parsers/formats`) make these values; everything after them reads only these.
Rows and columns count from 1. A block's number is its place in `Document.blocks`, from 1.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

from schemas.locations import Position

Format = Literal[
    "docx", "doc", "rtf", "odt", "xlsx", "xls", "pdf", "ofd", "image", "html", "mht", "markdown", "text"
]  # fmt: skip


class Cell(NamedTuple):
    """A cell of a table: its anchor (top left corner), its spans and its text.

    `text` joins the cell's paragraphs with a line feed. `positions` are set by formats
    with pages or sheets, several where a page cuts the cell; in the others a cell stands
    where its table, row and column say.
    A tuple, not a dataclass: reports hold tables of 90,000 cells.
    """

    row: int
    col: int
    row_span: int
    col_span: int
    text: str
    positions: tuple[Position, ...] = ()


@dataclass(frozen=True, slots=True)
class Heading:
    """A paragraph that the file itself marks as a heading (style or outline level).

    `text` is the whole printed line, an automatic number included; `label` is that
    automatic number alone ("" where the number was typed or there is none).
    """

    text: str
    level: int
    label: str = ""
    positions: tuple[Position, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph. `text` and `label` as in Heading; `list_level` is the depth of an
    automatic number, from 1 (None where the paragraph has none)."""

    text: str
    label: str = ""
    list_level: int | None = None
    positions: tuple[Position, ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Table:
    """A table as printed: `cells` in reading order of their anchors, no two overlapping."""

    n_rows: int
    n_columns: int
    cells: tuple[Cell, ...]
    positions: tuple[Position, ...] = field(default=(), compare=False)


Block = Heading | Paragraph | Table


@dataclass(frozen=True, slots=True)
class Document:
    """What one file prints. `warnings` tell in plain words what could not be read; `pictures` counts the
    pages among it that hold only a picture, which OCR could read. `notes` tell what was left out because
    it is no part of the report: a watermark, a site's menus, a sheet of instructions."""

    format: Format
    blocks: tuple[Block, ...]
    pages: int | None = None
    title: str | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    pictures: int = 0

    def numbered(self) -> Iterator[tuple[int, Block]]:
        """Each block with its number, from 1."""
        return enumerate(self.blocks, start=1)
