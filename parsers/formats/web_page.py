"""The elements of a web page -> what it prints, piece by piece in reading order, and which container holds which pieces.

One walk without recursion: pages nest elements deeper than Python calls.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from lxml.etree import _Element

from parsers.formats.web_elements import filled_in, has_text, is_long, is_small, note_text
from parsers.formats.web_lists import Item, OpenList, open_list, with_label
from parsers.formats.web_styles import hidden_classes
from parsers.formats.web_tables import WebCell, WebRow, is_layout, lay_out, span_of
from parsers.formats.web_text import (
    AFTER_LABEL,
    BREAK,
    ends_label,
    from_font,
    is_hidden,
    is_off_page,
    labelled,
    printed_lines,
    settled,
    style_of,
    symbol_font,
    word_label,
)
from parsers.printed import compact
from schemas.blocks import Table
from schemas.errors import UnreadableFile

MAX_TABLE_DEPTH = 40
"""Tables in one another: old pages are laid out in some ten."""
MAX_PIECES = 2_000_000


def _tags(names: str) -> frozenset[str]:
    return frozenset(names.split())


_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_CONTAINERS = _tags(
    "div section article main body form center blockquote fieldset ul ol dl header footer aside figure details html"
)
_BLOCKS = _CONTAINERS | {*_HEADINGS, "p", "li", "dt", "dd", "address", "pre", "hr"}
_BLOCKS |= {"legend", "figcaption", "summary", "table", "tr", "td", "th", "caption"}
_NOT_SHOWN = _tags(
    "script style head template noscript object embed audio video canvas svg map button nav datalist xml del rt rp annotation "
    "annotation-xml applet marquee"
)
_FRAMES = frozenset(["iframe", "frame"])
_GROUPS = frozenset(["thead", "tbody", "tfoot"])
_NOTE_BODY = re.compile(r"(?:sdfootnote|sdendnote|ftn|edn)\d+")
_NOTE_MARK = re.compile(r"#_?((?:sdfootnote|sdendnote|ftn|edn)\d+)(?:sym)?$")
_FILE = re.compile(r"\.(?:docx?|xlsx?|pdf|wps|et|ofd|rtf|zip|rar|7z)(?:$|[?#])", re.IGNORECASE)


@dataclass(slots=True)
class Piece:
    """A line of the page, or a table. `level` is that of its <h1> to <h6>, 0 for others; `linked` counts the characters
    in links; `item` is its place in an ordered list and `label` its printed number."""

    text: str
    table: Table | None = None
    level: int = 0
    label: str = ""
    item: Item | None = None
    linked: int = 0
    is_file: bool = False
    size: int = 0


class Span(NamedTuple):
    """A container: the first of its pieces and the one after its last."""

    first: int
    end: int


@dataclass(slots=True)
class Page:
    """What a page prints, and what its reader came by. `pictures` counts the larger ones, `shown_files` the frames that
    show a file (a viewer of PDF), `hidden` the parts with text that the page hides and that were left out."""

    pieces: list[Piece] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    pictures: int = 0
    frames: int = 0
    shown_files: int = 0
    hidden: int = 0


@dataclass(slots=True)
class _Sink:
    """Where text goes: the page itself, or a cell or caption."""

    pieces: list[Piece] = field(default_factory=list)
    spans: list[Span] = field(default_factory=list)
    buffer: list[str] = field(default_factory=list)
    linked: int = 0
    is_file: bool = False
    notes: list[str] = field(default_factory=list)
    in_cell: bool = False
    row_span: int = 1
    col_span: int = 1


@dataclass(slots=True)
class _OpenTable:
    """A table being read: rows of cells by group."""

    element: _Element
    groups: list[tuple[str, list[list[_Sink]]]] = field(default_factory=list)
    caption: _Sink | None = None

    def row(self) -> list[_Sink]:
        if not self.groups:
            self.groups.append(("tbody", []))
        rows = self.groups[-1][1]
        if not rows:
            rows.append([])
        return rows[-1]

    def cells(self) -> Iterator[_Sink]:
        return (cell for _, rows in self.groups for row in rows for cell in row)


class _Leave(NamedTuple):
    """What has to be undone where an element ends."""

    element: _Element
    children: Iterator[_Element]
    first: int
    font: str


def read_page(root: _Element, *, office: bool) -> Page:
    """What the page prints. `office` says that a word processor wrote it: then its tables are tables, and a line break is
    one within a paragraph. Raises UnreadableFile("too_large")."""
    return _Reader(root, office).read(root)


class _Reader:
    """One walk through one page."""

    def __init__(self, root: _Element, office: bool) -> None:
        self.page = Page()
        self._office = office
        self._sinks = [_Sink()]
        self._tables: list[_OpenTable] = []
        self._lists: list[OpenList] = []
        self._item: Item | None = None
        self._level = 0
        self._links = 0
        self._font = ""
        self._pre = 0
        self._notes = {
            e.get("id", ""): e for e in root.iter("div") if _NOTE_BODY.fullmatch(e.get("id") or "")
        }
        self._marks = frozenset(self._notes)
        self._hidden = hidden_classes("\n".join(e.text or "" for e in root.iter("style")))

    def read(self, root: _Element) -> Page:
        stack: list[_Leave] = []
        self._enter(root, stack)
        while stack:
            top = stack[-1]
            child = next(top.children, None)
            if child is not None:
                if not isinstance(child.tag, str) or not self._enter(child, stack):
                    self._add(child.tail)
                continue
            stack.pop()
            self._leave(top)
            if stack:
                self._add(top.element.tail)
        self._flush()
        sink = self._sinks[0]
        self.page.pieces, self.page.spans = sink.pieces, sink.spans
        return self.page

    # -- elements ------------------------------------------------------------------------

    def _enter(self, element: _Element, stack: list[_Leave]) -> bool:
        """Begins an element; False where it is not shown or was read at once."""
        tag = element.tag
        style = style_of(element)
        if tag in _NOT_SHOWN or is_off_page(element, style) or self._is_left_out(element, style):
            return False
        if self._read_at_once(element, tag):
            return False
        stack.append(_Leave(element, iter(element), -1, self._font))
        if tag in _BLOCKS:
            self._flush()
        if tag == "table":
            self._open_table(element)
        elif self._tables and tag in _GROUPS:
            self._tables[-1].groups.append((tag, []))
        elif self._tables and tag == "tr":
            self._open_row()
        elif self._tables and tag in ("td", "th", "caption"):
            self._open_cell(element, tag)
        self._font = symbol_font(element, style) or self._font
        self._level = _HEADINGS.get(tag, self._level)
        self._links += tag == "a" and element.get("href") is not None
        self._pre += tag == "pre"
        if tag == "a" and _FILE.search(element.get("href") or ""):
            self._sinks[-1].is_file = True
        if tag in ("ol", "ul"):
            self._lists.append(open_list(element, len(self._lists) + 1))
        elif tag == "li":
            self._item = self._lists[-1].item(element) if self._lists else None
        stack[-1] = stack[-1]._replace(first=len(self._sinks[-1].pieces))
        self._add(element.text)
        return True

    def _is_left_out(self, element: _Element, style: str) -> bool:
        """Whether an element is hidden, by itself or by a rule of the page, and left out. What holds more than a remark is
        taken, scripts show such parts; but what a word processor hides is hidden for good."""
        by_itself = is_hidden(element, style)
        by_class = (
            bool(self._hidden)
            and "display:" not in style
            and not self._hidden.isdisjoint((element.get("class") or "").split())
        )
        if not (by_itself or by_class) or (not (by_itself and self._office) and is_long(element, _NOT_SHOWN)):
            return False
        self.page.hidden += has_text(element, _NOT_SHOWN)
        return True

    def _leave(self, left: _Leave) -> None:
        element, tag = left.element, left.element.tag
        style = style_of(element) if tag == "span" else ""
        if tag in _BLOCKS:
            self._flush()
            if tag == "p" and self._sinks[-1].in_cell and len(self._sinks[-1].pieces) == left.first:
                self._add_lines([""])  # an empty paragraph of a cell is a line of it
        if ends_label(element, style):
            self._sinks[-1].buffer.append(AFTER_LABEL)
        if tag == "table":
            self._close_table()
        elif tag in ("td", "th", "caption") and self._sinks[-1].in_cell and self._tables:
            self._flush()
            self._sinks.pop()
        if tag in _HEADINGS:
            self._level = 0
        elif tag == "a" and element.get("href") is not None:
            self._links -= 1
        elif tag in ("ol", "ul") and self._lists:
            self._lists.pop()
        elif tag == "li":
            self._item = None
        self._pre -= tag == "pre"
        self._font = left.font
        if tag in _CONTAINERS:
            sink = self._sinks[-1]
            sink.spans.append(Span(left.first, len(sink.pieces)))

    def _read_at_once(self, element: _Element, tag: str) -> bool:
        """Elements without content of their own, and marks of notes; whether it was one."""
        sink = self._sinks[-1]
        if tag == "br":
            sink.buffer.append(BREAK)
        elif tag == "img":
            self.page.pictures += not is_small(element)
        elif tag in _FRAMES:
            source = element.get("src") or ""
            self.page.frames += bool(source) and not is_small(element)
            self.page.shown_files += bool(_FILE.search(source))
        elif tag in ("input", "select", "textarea"):
            sink.buffer.append(filled_in(element, tag) if sink.in_cell else "")
        elif tag == "a" and (mark := _NOTE_MARK.search(element.get("href") or "")) and mark[1] in self._marks:
            sink.notes.append(mark[1])
        elif tag == "div" and element.get("id") in self._marks:
            # A note stands where it is referred to; one that nothing has referred to so far stands here.
            return self._notes.pop(element.get("id", ""), None) is None
        else:
            return False
        return True

    def _add(self, text: str | None) -> None:
        if not text:
            return
        sink = self._sinks[-1]
        if self._font:
            text = from_font(text, self._font)
        if self._pre:
            text = text.replace("\r\n", "\n").replace("\n", BREAK)
        if self._links:
            sink.linked += len(compact(text))
        sink.buffer.append(text)

    # -- lines ---------------------------------------------------------------------------

    def _flush(self) -> None:
        """Ends a line: what was gathered becomes pieces, and the notes that it refers to follow."""
        sink = self._sinks[-1]
        if sink.buffer:
            text = settled(sink.buffer, office=self._office)
            sink.buffer = []
            if text.strip(" \xa0\u3000" + BREAK + AFTER_LABEL):
                label, rest = word_label(text)
                lines = printed_lines(rest)
                while len(lines) > 1 and not lines[-1]:
                    lines.pop()
                while len(lines) > 1 and not lines[0]:
                    lines.pop(0)
                self._add_lines(lines, label)
            sink.linked, sink.is_file = 0, False
        notes, sink.notes = sink.notes, []
        for name in notes:
            note = self._notes.pop(name, None)
            if note is not None:
                self._add_lines([note_text(note)])

    def _add_lines(self, lines: list[str], label: str = "") -> None:
        """Lines of one paragraph: one piece in cells, headings and a word processor's page, else a piece each."""
        sink = self._sinks[-1]
        if self._office or sink.in_cell:
            lines = ["\n".join(lines)]
        elif self._level:
            lines = [_one_line(lines)]
        item, self._item = self._item, None
        for line in lines:
            if not line and not sink.in_cell:
                continue
            share = sink.linked * len(line) // (sum(map(len, lines)) or 1)
            text, printed = labelled(label, line), label
            if item is not None and not label:
                text, printed = (
                    (line, item.printed) if not sink.in_cell else (with_label(item.printed, line)[0], "")
                )
            sink.pieces.append(
                Piece(text, None, self._level, printed, item, share, sink.is_file, len(compact(text)))
            )
            item, label = None, ""
        if len(sink.pieces) > MAX_PIECES:
            raise UnreadableFile("too_large", f"The page has more than {MAX_PIECES:,} lines. Split it.")

    # -- tables --------------------------------------------------------------------------

    def _open_table(self, element: _Element) -> None:
        self._flush()
        if len(self._tables) >= MAX_TABLE_DEPTH:
            raise UnreadableFile("too_large", "Tables nest deeper in the page than any report's do.")
        self._tables.append(_OpenTable(element))

    def _open_row(self) -> None:
        table = self._tables[-1]
        if not table.groups:
            table.groups.append(("tbody", []))
        table.groups[-1][1].append([])

    def _open_cell(self, element: _Element, tag: str) -> None:
        self._flush()
        table = self._tables[-1]
        sink = _Sink(in_cell=True)
        if tag == "caption":
            table.caption = sink
        else:
            sink.row_span, sink.col_span = span_of(element.get("rowspan")), span_of(element.get("colspan"))
            table.row().append(sink)
        self._sinks.append(sink)

    def _close_table(self) -> None:
        """The table that ends here: as a table, or as what stands in it where it only arranges the page."""
        self._flush()
        table = self._tables.pop()
        if table.caption is not None:
            self._splice(table.caption)
        cells = list(table.cells())
        lines = [
            [piece.text for piece in cell.pieces if piece.table is None and piece.text] for cell in cells
        ]
        nested = [any(piece.table is not None for piece in cell.pieces) for cell in cells]
        bordered = self._office and not any(nested)
        if table.element.get("role") == "presentation" or (
            (not self._office or any(nested) or len(cells) == 1)
            and is_layout(lines, nested, bordered=bordered)
        ):
            for cell in cells:
                self._splice(cell)
            return
        after = [piece for cell in cells for piece in cell.pieces if piece.table is not None]
        rows = [(kind, [_web_row(row) for row in group]) for kind, group in table.groups]
        laid = lay_out(rows)
        shows_nothing = (after or len(laid.cells) <= 1) and not any(cell.text for cell in laid.cells)
        sink = self._sinks[-1]
        if laid.cells and not shows_nothing:
            size = sum(len(compact(cell.text)) for cell in laid.cells)
            linked = sum(piece.linked for cell in cells for piece in cell.pieces)
            sink.pieces.append(Piece("", laid, linked=linked, size=size))
        sink.pieces.extend(after)

    def _splice(self, cell: _Sink) -> None:
        """What stands in a cell of a layout table, as pieces of what holds the table."""
        sink = self._sinks[-1]
        places = []  # where each piece of the cell, and what follows the last, comes to stand
        for piece in cell.pieces:
            places.append(len(sink.pieces))
            if piece.table is not None or self._office or sink.in_cell:
                sink.pieces += [piece] if piece.table is not None or piece.text else []
            else:
                sink.pieces += [_line_of(piece, line) for line in piece.text.split("\n") if line]
        places.append(len(sink.pieces))
        sink.spans += [Span(places[first], places[end]) for first, end in cell.spans]
        sink.spans.append(Span(places[0], places[-1]))


def _one_line(lines: list[str]) -> str:
    """The lines of a heading, broken to fit the page, as one."""
    return re.sub(r"(?<=[\u2e80-\uffff]) +(?=[\u2e80-\uffff])", "", " ".join(filter(None, lines)))


def _line_of(piece: Piece, line: str) -> Piece:
    linked = piece.linked * len(line) // max(len(piece.text), 1)
    return Piece(line, None, piece.level, "", None, linked, piece.is_file, len(compact(line)))


def _web_row(row: list[_Sink]) -> WebRow:
    return [WebCell(_cell_text(cell), cell.row_span, cell.col_span) for cell in row]


def _cell_text(cell: _Sink) -> str:
    """The lines of a cell, blank ones at its ends left out."""
    return "\n".join(piece.text for piece in cell.pieces if piece.table is None).strip()
