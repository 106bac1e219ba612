"""Word files (.docx): bytes -> Document, in the order in which the body prints.

Reads the parts of the zip directly. The text is the accepted one (insertions kept,
deletions dropped, hidden text dropped), automatic numbers are printed as Word prints
them, and what is anchored rather than printed in its line (text boxes, notes, nested
tables) follows, as blocks of its own, the paragraph or table that anchors it.
Headers, footers and comments are left out.
"""

from collections.abc import Callable, Iterable
from functools import cached_property

from lxml.etree import _Element

from parsers.formats.word_numbering import Label, Numbering
from parsers.formats.word_package import Package, W, not_word, open_package, parse_xml
from parsers.formats.word_styles import NO_STYLE, ParagraphStyle, Styles, is_on, whole_number
from parsers.formats.word_tables import TC_PR, joined_lines, read_table
from parsers.formats.word_text import (
    ALTERNATE,
    DELETED,
    ENDNOTE,
    P_PR,
    R_PR,
    TBL,
    TEXT_BOX,
    Gathered,
    P,
    chosen_branch,
    is_blank,
    paragraph_text,
)
from schemas.blocks import Block, Document, Heading, Paragraph, Table
from schemas.errors import UnreadableFile

_VAL = W + "val"
_P_STYLE, _NUM_PR, _OUTLINE = W + "pStyle", W + "numPr", W + "outlineLvl"
_NUM_ID, _ILVL, _VANISH = W + "numId", W + "ilvl", W + "vanish"
_ALT_CHUNK = W + "altChunk"
_TITLE = "{http://purl.org/dc/elements/1.1/}title"
_MATH = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
_MATH_LINES = frozenset({_MATH + "oMathPara", _MATH + "oMath"})
_PROPERTIES = frozenset({W + name for name in ("sectPr", "sdtPr", "sdtEndPr", "customXmlPr")})
_NOT_PRINTED = _PROPERTIES | DELETED
# A paragraph as printed, before it is known where it goes: text, automatic number, outline level (0..8).
_Line = tuple[str, Label | None, int | None]


def read_word(data: bytes, tidy: Callable[[_Element], None] | None = None) -> Document:
    """The document that a .docx file prints. Raises UnreadableFile.

    `tidy` may change the main part before it is read: it undoes what a converter did to it.
    """
    package = open_package(data)
    try:
        reader = _Reader(package, tidy)
        blocks = reader.read()
    except RecursionError as error:
        raise UnreadableFile(
            "too_large", "Tables or text boxes nest deeper in the file than any report's do. Open it in Word."
        ) from error
    try:
        title = _title(package)
    except UnreadableFile:  # a damaged title is no reason to lose the report
        title = None
        reader.warnings.append("The title in the file's properties is damaged and was left out.")
    return Document("docx", tuple(blocks), title=title, warnings=tuple(reader.warnings))


class _Reader:
    """One walk through one document: what it needs to look up and what it carries along."""

    def __init__(self, package: Package, tidy: Callable[[_Element], None] | None = None) -> None:
        self._tidy = tidy
        self.warnings: list[str] = []
        self._package = package
        self._out = Gathered(self._styles)
        self._tracked = False  # some deletion is tracked: look at each paragraph mark
        self._carried = ""  # text of paragraphs whose mark is deleted
        self._in_note = False

    def read(self) -> list[Block]:
        """The blocks of the body."""
        data = self._package.read(self._package.main)
        if data is None:
            raise UnreadableFile(
                "truncated", "The file lacks its main part. Get it again or let Word repair it."
            )
        root = parse_xml(data)
        if root.tag != W + "document":
            raise not_word(self._package)
        if self._tidy is not None:
            self._tidy(root)
        self._look_ahead(root)
        blocks: list[Block] = []
        body = root.find(W + "body")
        if body is not None:
            self._read_blocks(body, blocks)
        return blocks

    def _look_ahead(self, root: _Element) -> None:
        """What a part never mentions need not be looked for in each run and paragraph mark."""
        out = self._out
        self._tracked |= next(root.iter(*DELETED), None) is not None
        out.hides |= next(root.iter(_VANISH), None) is not None
        if not out.hides and next(root.iter(W + "rStyle"), None) is not None:
            out.hides = b"vanish" in (self._related("styles") or b"")

    # -- blocks ----------------------------------------------------------------------------

    def _read_blocks(self, container: _Element, blocks: list[Block]) -> None:
        """The blocks in a body, text box, note or content control, in order."""
        self._read_children(container, blocks)
        self._flush_carried(blocks)

    def _read_children(self, container: _Element, blocks: list[Block]) -> None:
        for child in container:
            tag = child.tag
            if tag == P or tag in _MATH_LINES:
                self._read_paragraph(child, blocks)
            elif tag == TBL:
                self._flush_carried(blocks)
                self._read_table(child, blocks)
            elif tag == ALTERNATE:
                branch = chosen_branch(child)
                if branch is not None:
                    self._read_children(branch, blocks)
            elif tag == _ALT_CHUNK:
                self.warnings.append(
                    "An embedded document (altChunk) was left out. Open the file in Word and save it anew."
                )
            elif tag not in _NOT_PRINTED:
                self._read_children(child, blocks)

    def _read_paragraph(self, paragraph: _Element, blocks: list[Block]) -> None:
        line = self._line(paragraph)
        if line is None:
            return
        text, label, outline = line
        if not is_blank(text):
            printed = "" if label is None else label.text
            if outline is not None:
                blocks.append(Heading(text, outline + 1, printed))
            elif label is None:
                blocks.append(Paragraph(text))
            else:
                blocks.append(Paragraph(text, printed, label.level))
        if self._out.asides:
            self._read_asides(blocks)

    def _flush_carried(self, blocks: list[Block]) -> None:
        """Ends a paragraph whose mark is deleted but which no paragraph follows."""
        text, self._carried = self._carried, ""
        if not is_blank(text):
            blocks.append(Paragraph(text))
        if self._out.asides:
            self._read_asides(blocks)

    def _read_asides(self, blocks: list[Block]) -> None:
        asides, self._out.asides = self._out.asides, []
        for element in asides:
            if element.tag == TEXT_BOX:
                self._read_blocks(element, blocks)
            elif not self._in_note:
                self._read_note(element, blocks)

    def _read_note(self, reference: _Element, blocks: list[Block]) -> None:
        """A footnote or endnote as one paragraph; its tables, if any, after it."""
        notes = self._endnotes if reference.tag == ENDNOTE else self._footnotes
        note = notes.get(reference.get(W + "id", ""))
        if note is None:
            return
        self._in_note = True
        found: list[Block] = []
        self._read_blocks(note, found)
        self._in_note = False
        text = "\n".join(block.text for block in found if not isinstance(block, Table)).strip()
        if text:
            blocks.append(Paragraph(text))
        blocks.extend(block for block in found if isinstance(block, Table))

    # -- tables ----------------------------------------------------------------------------

    def _read_table(self, element: _Element, blocks: list[Block]) -> None:
        """A table, and after it what its cells nest or anchor."""
        after: list[Block] = []
        table = read_table(
            element,
            lambda content, continues: self._cell_text(content, continues, after),
            sweep=not self._out.hides,
        )
        shows_nothing = (after or len(table.cells) == 1) and not any(cell.text for cell in table.cells)
        if table.cells and not shows_nothing:
            blocks.append(table)
        blocks.extend(after)

    def _cell_text(self, content: Iterable[_Element], continues: bool, after: list[Block]) -> str:
        """The printed text of a cell, blank lines at its ends left out; nested blocks go to `after`."""
        lines: list[str] = []
        self._read_lines(content, continues, lines, after)
        if self._carried:
            self._end_carried_line(lines)
        return joined_lines(lines)

    def _read_lines(
        self, container: Iterable[_Element], continues: bool, lines: list[str], after: list[Block]
    ) -> None:
        for child in container:
            tag = child.tag
            if tag == P or tag in _MATH_LINES:
                line = self._line(child)
                if line is None:
                    continue
                text, label, _ = line
                # Word prints the number of an empty paragraph (a column of row numbers), but not in
                # a cell that is covered by the one above it.
                if label is not None and is_blank(text) and not continues:
                    text = label.text
                lines.append(text)
                if self._out.asides:
                    self._read_asides(after)
            elif tag == TBL:
                self._end_carried_line(lines)
                self._read_table(child, after)
            elif tag == ALTERNATE:
                branch = chosen_branch(child)
                if branch is not None:
                    self._read_lines(branch, continues, lines, after)
            elif tag != TC_PR and tag not in _NOT_PRINTED:
                self._read_lines(child, continues, lines, after)

    def _end_carried_line(self, lines: list[str]) -> None:
        if self._carried:
            lines.append(self._carried)
            self._carried = ""

    # -- paragraphs ------------------------------------------------------------------------

    def _line(self, paragraph: _Element) -> _Line | None:
        """A paragraph with its automatic number, counted; None where it runs on into the next."""
        out = self._out
        if not len(paragraph) or (properties := paragraph[0]).tag != P_PR:
            out.hidden = False
            text = paragraph_text(paragraph, out)
            if self._carried:
                text, self._carried = self._carried + text, ""
            return text, None, None
        return self._line_with(properties, paragraph)

    def _line_with(self, properties: _Element, paragraph: _Element) -> _Line | None:
        """The same for a paragraph with properties: of the many there are, the few that matter."""
        out = self._out
        style, outline, number, mark = NO_STYLE, None, None, None
        for item in properties:
            tag = item.tag
            if tag == _P_STYLE:
                style = self._styles().paragraph(item.get(_VAL, ""))
                out.hides |= style.hidden
            elif tag == _NUM_PR:
                number = item
            elif tag == _OUTLINE:
                outline = whole_number(item.get(_VAL))
            elif tag == R_PR:
                mark = item
        out.hidden = style.hidden
        text = paragraph_text(paragraph, out)
        if self._carried:
            text, self._carried = self._carried + text, ""
        if mark is not None and self._tracked and next(mark.iterchildren(*DELETED), None) is not None:
            self._carried = text
            return None
        blank = is_blank(text)
        if blank and mark is not None and out.hides and is_on(next(mark.iterchildren(_VANISH), None)):
            return "", None, None  # neither printed nor counted
        label = None if number is None and style.num_id is None else self._label(number, style)
        if label is not None and not blank:
            text = label.text + label.separator + text
        outline = style.outline if outline is None else outline
        return text, label, outline if outline is not None and 0 <= outline <= 8 else None

    def _label(self, number: _Element | None, style: ParagraphStyle) -> Label | None:
        """The automatic number from a paragraph's w:numPr, which may be left to its style."""
        num_id: str | None = None
        ilvl: int | None = None
        for item in number if number is not None else ():
            if item.tag == _NUM_ID:
                num_id = item.get(_VAL)
            elif item.tag == _ILVL:
                ilvl = whole_number(item.get(_VAL))
        if num_id is None:
            num_id = style.num_id
            if num_id is None:
                return None
            if ilvl is None:
                ilvl = self._numbering.level_of(num_id, style)
        return self._numbering.count(num_id, ilvl or 0)

    # -- other parts -----------------------------------------------------------------------

    def _related(self, kind: str) -> bytes | None:
        """The bytes of the part that the main part refers to by this kind of relationship."""
        part = self._parts.get(kind)
        return None if part is None else self._package.read(part)

    @cached_property
    def _parts(self) -> dict[str, str]:
        return dict(reversed(self._package.relationships(self._package.main)))

    @cached_property
    def _all_styles(self) -> Styles:
        return Styles(self._related("styles"))

    def _styles(self) -> Styles:
        return self._all_styles

    @cached_property
    def _numbering(self) -> Numbering:
        data = self._related("numbering")
        return Numbering(None if data is None else parse_xml(data), self._styles)

    @cached_property
    def _footnotes(self) -> dict[str, _Element]:
        return self._notes("footnotes")

    @cached_property
    def _endnotes(self) -> dict[str, _Element]:
        return self._notes("endnotes")

    def _notes(self, kind: str) -> dict[str, _Element]:
        data = self._related(kind)
        if data is None:
            return {}
        root = parse_xml(data)
        self._look_ahead(root)
        return {note.get(W + "id", ""): note for note in root}


def _title(package: Package) -> str | None:
    """The title in the core properties."""
    part = package.parts.get("core-properties")
    root = None if part is None else package.xml(part)
    element = None if root is None else root.find(_TITLE)
    title = (element.text or "").strip() if element is not None else ""
    return title or None
