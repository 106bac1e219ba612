"""Markdown as OCR tools write it (MinerU, PaddleOCR, marker, docling, Mathpix) -> Document.

Such Markdown is read off pages: tables are HTML or pipes, page by page; headings are all of one level or of any; figures
are formulas. Lines are read one by one: a paragraph is a line, as these tools write it.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from parsers.formats.decode import decode
from parsers.formats.markdown_latex import as_markdown
from parsers.formats.markdown_numbers import is_marked_number
from parsers.formats.markdown_pages import (
    Item,
    Line,
    Mark,
    is_caption,
    joined,
    without_page_numbers,
    without_running_heads,
)
from parsers.formats.markdown_tables import Growing, html_pieces, is_alignment, pipe_cells, pipe_table
from parsers.formats.markdown_text import has_image, plain, set_tight
from parsers.headings import heading_number
from schemas.blocks import Block, Cell, Document, Heading, Paragraph, Table
from schemas.errors import UnreadableFile

MAX_BYTES = 64 * 1024 * 1024
"""A report of a thousand pages has some 5 MB."""

_BREAKS = re.compile(r"\r\n?|[\x0c\x85\u2028\u2029]")
_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f\ufeff\u200b\u200c\u200d\u2060\ufffc]")
_FENCE = re.compile(r"\s{0,3}(?:```+|~~~+)\s*[\w-]*\s*$")
_ATX = re.compile(r"\s{0,3}(#{1,6})(?:\s+|(?=[^\s#\d]))(.*?)\s*#*\s*$")
_RULE = re.compile(r"\s{0,3}(?:(?:-\s*){3,}|(?:\*\s*){3,}|(?:_\s*){3,}|=+)\s*$")
_PAGE_MARK = re.compile(
    r"\s*(?:\{\d{1,4}\}-{5,}|\\(?:newpage|pagebreak|clearpage)|\[?\s*(?:page|第)\s*\d{1,4}\s*(?:页)?(?:\s*(?:of|/|，|,|共|、)\s*(?:共)?\s*\d{1,4}\s*页?)?\s*\]?"
    r"|={3,}\s*page.{0,20}={3,})\s*$",
    re.IGNORECASE,
)
_BULLET = re.compile(r"\s*[-*+•]\s+(?:\[(?P<box>[ xX])\]\s+)?(?=\S)")
_QUOTE = re.compile(r"\s{0,3}>\s?")
_NOTE = re.compile(r"\s*\[\^[^\]\s]{1,20}\]:\s*")
_CENTRED = re.compile(r'<div style="text-align: center;">.*</div>')
"""A line of PaddleOCR in the middle of the page."""
_ANCHOR = re.compile(r"\s*(?:<(span|a)\b[^<>]{0,200}></\1>\s*){1,20}")
"""What marker and pandoc put before a line to be linked to."""
_TABLE_TAG = re.compile(r"<(/?)table\b", re.IGNORECASE)


def read_markdown(data: bytes) -> Document:
    """The report that Markdown prints. Raises UnreadableFile."""
    if len(data) > MAX_BYTES:
        raise UnreadableFile("too_large", f"The file is larger than {MAX_BYTES >> 20} MB. Split it.")
    text, decoded = decode(data)
    text = _CONTROL.sub("", _BREAKS.sub("\n", text))
    warnings, notes = list(decoded), list[str]()
    unread: list[str] = []
    text = as_markdown(_without_comments(text), warnings)
    items = list(_items(text.split("\n"), unread, warnings))
    images, lost = _pictures(items)
    items = joined(without_running_heads(without_page_numbers(items, notes), notes))
    pieces = _stitched_all(items, warnings)
    blocks = tuple(_blocks(pieces))
    if not blocks:
        raise UnreadableFile(
            "empty",
            "The file shows pictures only; read them as scans." if images else "The file holds no text.",
        )
    if lost:
        warnings.append(f"Tables shown as pictures ({lost}) were not read; read those pages as scans.")
    if images > lost:
        notes.append(f"Pictures ({images - lost}) were left out; what is printed in them is not read.")
    if unread:
        names = ", ".join(sorted(set(unread))[:5])
        warnings.append(f"Some marks of formulas are not known and stand as written: {names}.")
    return Document("markdown", blocks, warnings=tuple(warnings), notes=tuple(notes))


def is_markdown(text: str) -> bool:
    """Whether a text is surely Markdown: it has a pipe table with its row of dashes, HTML tables among lines of text, or
    headings in numbers. A web page and a plain dump of text are not."""
    text = text.lstrip("\ufeff \t\r\n")
    if re.match(r"<(?:!doctype|html|\?xml|head|body|meta)\b", text, re.IGNORECASE) and not re.search(
        r"^#{1,6} \S", text, re.MULTILINE
    ):
        return False
    if re.match(r"(?:```+|~~~+)\s*(?:markdown|md)\s*\n", text, re.IGNORECASE):
        return True
    lines = text.splitlines()
    if any(
        "|" in above and is_alignment(line) and len(pipe_cells(line)) > 1 for above, line in pairwise(lines)
    ):
        return True
    if any(_CENTRED.fullmatch(line) for line in lines):
        return True
    headings = sum(bool(re.match(r"#{1,6} \S|\\(?:sub){0,2}section\*?\{", line)) for line in lines)
    if headings > 2:
        return True
    has_table = re.search(r"<table\b", text, re.IGNORECASE) and re.search(r"</t[dr]>", text, re.IGNORECASE)
    outside = (
        re.sub(r"<table\b.*?(?:</table>|\Z)", "", text, flags=re.IGNORECASE | re.DOTALL) if has_table else ""
    )
    untagged = sum(bool(line.strip()) and not line.lstrip().startswith("<") for line in outside.splitlines())
    return bool(has_table) and (headings > 0 or untagged > 1)


# ---- lines ------------------------------------------------------------------------------


def _without_comments(text: str) -> str:
    """Comments left out; one that names a page is a page break."""
    parts: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        names_page = re.search(r"page|页", text[start : min(end, start + 200)], re.IGNORECASE)
        parts += [text[at:start], "\n\\newpage\n" if names_page else ""]
        at = end + 3
    return "".join([*parts, text[at:]])


def _items(lines: list[str], unread: list[str], warnings: list[str]) -> Iterator[Item]:
    at = 0
    while at < len(lines):
        line = _QUOTE.sub("", lines[at], count=1) if _QUOTE.match(lines[at]) else lines[at]
        if anchor := _ANCHOR.match(line):
            line = line[anchor.end() :]
        if _TABLE_TAG.search(line):
            fragment, at = _table_lines(lines, at, warnings)
            yield from _html_items(fragment, unread)
            continue
        if "|" in line and at + 1 < len(lines) and is_alignment(lines[at + 1]):
            rows, at = _pipe_rows(lines, at, unread)
            yield pipe_table(rows)
            continue
        at += 1
        if not line.strip() or _FENCE.match(line):
            yield Mark.BLANK
        elif _RULE.match(line) or _PAGE_MARK.match(line) or is_marked_number(line):
            yield Mark.PAGE
        else:
            if has_image(line):
                yield Mark.IMAGE
            yield from _text_items(line, unread)


def _text_items(line: str, unread: list[str]) -> Iterator[Item]:
    """A line of text: a heading, an item of a list, a paragraph."""
    heading = _ATX.match(line)
    level = len(heading[1]) if heading else 0
    line = heading[2] if heading else line
    box = ""
    if not heading and (bullet := _BULLET.match(line)):
        box = {None: "", " ": "□", "x": "☑", "X": "☑"}[bullet["box"]]
        line = line[bullet.end() :]
    line = _NOTE.sub("", line)
    for text in plain(line, unread).split("\n"):
        if text:
            yield Line(set_tight(box + text), level)


def _table_lines(lines: list[str], at: int, warnings: list[str]) -> tuple[str, int]:
    """The lines from the one that opens a table to the one that closes it, and the line after them."""
    taken: list[str] = []
    depth = 0
    while at < len(lines):
        taken.append(lines[at])
        for tag in _TABLE_TAG.finditer(lines[at]):
            depth += -1 if tag[1] else 1
        at += 1
        if depth <= 0:
            break
        if at < len(lines) and _ATX.match(lines[at]):  # a heading never stands in a table
            depth = -1
            break
    if depth:
        warnings.append("A table is not closed in the text; it was taken up to the next heading or the end.")
    return "\n".join(taken), at


def _html_items(fragment: str, unread: list[str]) -> Iterator[Item]:
    """The tables of a fragment, and the lines around them."""
    if has_image(fragment):
        yield Mark.IMAGE
    for piece in html_pieces(fragment):
        if piece.table is None:
            yield from (Line(set_tight(text)) for text in plain(piece.text, unread).split("\n") if text)
        else:
            yield _plain_table(piece.table, unread)


def _plain_table(table: Table, unread: list[str]) -> Table:
    def read(cell: Cell) -> Cell:
        text = plain(cell.text, unread) if re.search(r"[$\\*_`~=\[!&]", cell.text) else cell.text
        return cell._replace(text=set_tight(text))

    return replace(table, cells=tuple(map(read, table.cells)))


def _pipe_rows(lines: list[str], at: int, unread: list[str]) -> tuple[list[list[str]], int]:
    """The rows of the pipe table that begins at line `at`, and the line after it."""
    rows = []
    while at < len(lines) and "|" in lines[at]:
        if not is_alignment(lines[at]):
            rows.append([set_tight(plain(cell, unread)) for cell in pipe_cells(lines[at])])
        at += 1
    if rows and not any(rows[0]):
        del rows[0]  # tools give a table without a head an empty one
    return rows or [[""]], at


def _pictures(items: Sequence[Item]) -> tuple[int, int]:
    """How many pictures the text shows, and how many of them stand where a table's caption announces it."""
    printed = [item for item in items if item not in (Mark.BLANK, Mark.PAGE)]
    lost = sum(
        item is Mark.IMAGE
        and isinstance(before, Line)
        and is_caption(before)
        and not isinstance(after, Table)
        for before, item, after in zip(printed, printed[1:], [*printed[2:], Mark.BLANK], strict=False)
    )
    return sum(item is Mark.IMAGE for item in printed), lost


def _stitched_all(items: Sequence[Item], warnings: list[str]) -> list[Line | Table]:
    """Lines and tables without marks, the pieces of a table that pages cut put together."""
    found: list[Line | Growing] = []
    image = False
    for item in items:
        if isinstance(item, Mark):
            image = image or item is Mark.IMAGE
        elif isinstance(item, Line):
            found.append(item)
            image = False
        else:
            before = found[-1] if found else None
            if not isinstance(before, Growing) or not before.take(item, behind_picture=image):
                found.append(Growing(item))
            image = False
    doubts = sum(item.doubts for item in found if isinstance(item, Growing))
    if doubts:
        warnings.append(
            f"Pieces of tables were put together {doubts} times though no head was repeated or a row was cut: "
            "compare them with the pages."
        )
    return [item.table() if isinstance(item, Growing) else item for item in found]


# ---- blocks -----------------------------------------------------------------------------


def _blocks(pieces: Sequence[Line | Table]) -> Iterator[Block]:
    """Lines and tables as blocks. Heading marks count where they agree with the numbers, and those below the first chapter."""
    trusted = _levels_agree([piece for piece in pieces if isinstance(piece, Line) and piece.level])
    begun = False
    for piece in pieces:
        if isinstance(piece, Table):
            if piece.cells:
                yield piece
        elif piece.level and trusted and (begun or heading_number(piece.text)):
            begun = True
            yield Heading(piece.text, piece.level)
        else:
            yield Paragraph(piece.text)


def _levels_agree(headings: Sequence[Line]) -> bool:
    """Whether headings with numbers of one level have marks of one level too, and several are used."""
    levels: dict[int, set[int]] = {}
    for heading in headings:
        number = heading_number(heading.text)
        if number:
            levels.setdefault(heading.level, set()).add(number.level)
    each = [next(iter(found)) for _, found in sorted(levels.items()) if len(found) == 1]
    return len(each) == len(levels) > 1 and all(a < b for a, b in pairwise(each))
