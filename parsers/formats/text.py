"""Text dumps of Word reports -> Document.

A dump prints a table cell as a line that begins with a tab (further lines of the cell have
none) and a row's end as an empty line. Cells that a vertical merge covers come out empty or
are missing, cells that a horizontal merge covers are missing: the rows of such a table are
ragged, and the reader leaves them so (`parsers.grid` aligns them under their headers).
Some dumps print a whole row on a line, tabs between the cells: runs of such lines are tables too.
"""

import re
from collections.abc import Iterator

from parsers.formats.decode import decode
from schemas.blocks import Block, Cell, Document, Paragraph, Table
from schemas.errors import UnreadableFile

_RESIDUE = re.compile(r"\[(?:bookmark|书签)\s*[:：][^\]\n]*\]")
"""What converters leave of Word bookmarks: `[bookmark: _Toc123]`."""
_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_INVISIBLE = re.compile(r"[\ufeff\u200b\u200c\u200d\u2060\ufffc]")
_CONTROL_SHARE = 0.01
_LONGEST_LINE = 1_000_000
"""Characters: the longest whole report on one line has a tenth of it, and sentences are sought through every line."""
_CONTENTS_ENTRY = re.compile(
    r"\s*(?:[一二三四五六七八九十\d]+[、.．]|[（(][一二三四五六七八九十\d]+[)）]|第.{1,3}[章节部]|附[件表录]).*\t\s*\d{1,3}\s*$"
)


def read_text(data: bytes) -> Document:
    """A text dump as a Document: paragraphs line by line, and tables.

    Raises UnreadableFile: "encoding" for bytes in no known encoding, "unsupported" for
    binary content, "empty" for a text without a printed character, "too_large" for a line without end.
    """
    text, warnings = decode(data)
    if len(_CONTROL.findall(text)) > _CONTROL_SHARE * len(text):
        raise UnreadableFile(
            "unsupported", "this is a binary file, not a text; save the report as .docx or .txt"
        )
    for residue in (_RESIDUE, _CONTROL, _INVISIBLE):
        text = residue.sub("", text)
    text = _BREAKS.sub("\n", text)
    if not text.strip():
        raise UnreadableFile("empty", "the file holds no text")
    lines = text.split("\n")
    if max(map(len, lines)) > _LONGEST_LINE:
        raise UnreadableFile(
            "too_large",
            f"a line of the file has more than {_LONGEST_LINE:,} characters; no report's paragraph does",
        )
    return Document(format="text", blocks=tuple(_blocks(lines)), warnings=warnings)


def _blocks(lines: list[str]) -> Iterator[Block]:
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith("\t"):
            rows, at = _cell_lines(lines, at)
            yield _table(rows)
        elif _is_row_line(line) and at + 1 < len(lines) and _is_row_line(lines[at + 1]):
            rows, at = _row_lines(lines, at)
            yield _table(rows)
        else:
            if line.strip():
                yield Paragraph(line.strip())
            at += 1


def _cell_lines(lines: list[str], at: int) -> tuple[list[list[str]], int]:
    """The rows of the cell-a-line table that begins at line `at`, and the line after it."""
    rows: list[list[str]] = []
    row: list[str] = []
    while at < len(lines):
        line = lines[at]
        if line.startswith("\t") and _is_row_line(line):
            rows.extend([row, line[1:].split("\t")] if row else [line[1:].split("\t")])
            row = []
        elif line.startswith("\t"):
            row.append(line[1:])
        elif line.strip() and row:
            row[-1] += "\n" + line
        else:
            if row:
                rows.append(row)
                row = []
            if line.strip():
                break
            if not _goes_on(lines, at):
                break
        at += 1
    if row:
        rows.append(row)
    return rows, at


def _goes_on(lines: list[str], at: int) -> bool:
    """Whether the line after the empty line `at` is the table's next row."""
    return at + 1 < len(lines) and lines[at + 1].startswith("\t")


def _is_row_line(line: str) -> bool:
    """Whether a line holds several cells; a line of a table of contents does not."""
    cells = [cell for cell in line.split("\t") if cell.strip()]
    return len(cells) > 1 and not (len(cells) == 2 and _CONTENTS_ENTRY.match(line))


def _row_lines(lines: list[str], at: int) -> tuple[list[list[str]], int]:
    """The rows of the row-a-line table that begins at line `at`, and the line after it."""
    rows: list[list[str]] = []
    width = lines[at].count("\t")
    while (
        at < len(lines)
        and "\t" in lines[at]
        and (not lines[at].startswith("\t") or lines[at].count("\t") == width)
    ):
        rows.append(lines[at].split("\t"))
        at += 1
    return rows, at


def _table(rows: list[list[str]]) -> Table:
    cells = tuple(
        Cell(row_no, column_no, 1, 1, text.strip())
        for row_no, row in enumerate(rows, start=1)
        for column_no, text in enumerate(row, start=1)
    )
    return Table(n_rows=len(rows), n_columns=max(len(row) for row in rows), cells=cells)
