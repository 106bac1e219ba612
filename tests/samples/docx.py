"""A draft as a Word document, written at the XML level so that its bytes are always the same."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from random import Random
from xml.sax.saxutils import escape

from tests.samples import docx_parts as parts
from tests.samples.model import Block, Cell, Draft, Para, Table

WIDTH = 9000
BORDERS = "".join(
    f'<w:{side} w:val="single" w:sz="4" w:space="0" w:color="000000"/>'
    for side in ("top", "left", "bottom", "right", "insideH", "insideV")
)


class Writer:
    """Writes the parts of one document."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.rng = Random(draft.layout.order)
        self.footnotes: list[str] = []
        self.starts: list[tuple[int, int]] = []  # (level, first number) of each list of its own
        self.marks = 0

    def bytes(self) -> bytes:
        body = "".join(self.block(block) for block in self.draft.blocks)
        files = {
            "[Content_Types].xml": parts.content_types(bool(self.footnotes)),
            "_rels/.rels": parts.RELS,
            "docProps/core.xml": parts.CORE,
            "docProps/app.xml": parts.APP,
            "word/document.xml": parts.document(body),
            "word/styles.xml": parts.styles(self.draft.layout.auto_by_style, self.draft.layout.heading_look),
            "word/numbering.xml": parts.numbering(self.starts),
            "word/settings.xml": parts.SETTINGS,
            "word/_rels/document.xml.rels": parts.document_rels(bool(self.footnotes)),
        }
        if self.footnotes:
            files["word/footnotes.xml"] = parts.footnotes(self.footnotes)
        return zipped(files)

    def block(self, block: Block) -> str:
        if isinstance(block, Table):
            return self.table(block)
        if block.role == "box":
            return parts.text_box("".join(self.plain(line) for line in block.text.split("\n")))
        return self.para(block)

    # --- paragraphs

    def para(self, para: Para) -> str:
        properties, bold, size = "", False, 24
        if para.role == "heading":
            properties, bold, size = self.heading(para)
        elif para.role in ("title", "cover"):
            properties, bold, size = '<w:jc w:val="center"/>', para.role == "title", 36
        elif para.role == "caption":
            properties, bold = '<w:jc w:val="center"/>', True
        elif para.role == "toc":
            properties = '<w:pStyle w:val="TOC1"/><w:tabs><w:tab w:val="right" w:pos="8800"/></w:tabs>'
        elif para.role == "body":
            properties = self.numbered(para) + '<w:ind w:firstLine="480"/>'
        text = ("" if para.auto else para.number) + para.text
        runs = self.marked(para, text, bold, size)
        if para.bookmark:
            self.marks += 1
            name = escape(para.bookmark)
            runs = f'<w:bookmarkStart w:id="{self.marks}" w:name="{name}"/>{runs}<w:bookmarkEnd w:id="{self.marks}"/>'
        return f"<w:p><w:pPr>{properties}</w:pPr>{runs}</w:p>"

    def heading(self, para: Para) -> tuple[str, bool, int]:
        look = self.draft.layout.heading_look
        size = (32, 28, 26, 24)[para.level - 1]
        properties = f'<w:pStyle w:val="{para.level}"/>' if look == "style" else ""
        if not self.draft.layout.auto_by_style:
            properties += self.numbered(para)
        if look == "outline":
            properties += f'<w:outlineLvl w:val="{para.level - 1}"/>'
        return properties, look != "style", size

    def numbered(self, para: Para) -> str:
        """The automatic number of a paragraph: of the common list, or of a list begun at its own number."""
        if not para.auto:
            return ""
        list_id = 1
        if para.start:
            self.starts.append((para.level, para.start))
            list_id = 1 + len(self.starts)
        return f'<w:numPr><w:ilvl w:val="{para.level - 1}"/><w:numId w:val="{list_id}"/></w:numPr>'

    def marked(self, para: Para, text: str, bold: bool, size: int) -> str:
        """Runs of a paragraph, with its tracked change and its footnote."""
        note = ""
        if para.footnote:
            self.footnotes.append(para.footnote)
            note = f'<w:r><w:rPr><w:vertAlign w:val="superscript"/></w:rPr><w:footnoteReference w:id="{len(self.footnotes) + 1}"/></w:r>'
        if not para.inserted:
            return self.runs(text, bold, size) + note
        before, _, after = text.partition(para.inserted)
        who = 'w:author="审核人" w:date="2024-03-01T00:00:00Z"'
        change = (
            f'<w:del w:id="901" {who}><w:r><w:delText xml:space="preserve">{escape(para.deleted)}</w:delText></w:r></w:del>'
            f'<w:ins w:id="902" {who}>{self.run(para.inserted, bold, size)}</w:ins>'
        )
        return self.runs(before, bold, size) + change + self.runs(after, bold, size) + note

    def runs(self, text: str, bold: bool, size: int) -> str:
        """The text in one run, or cut in pieces as Word does after edits."""
        pieces = [text]
        if len(text) > 6 and self.rng.random() < self.draft.layout.split_runs:
            cuts = sorted(self.rng.sample(range(1, len(text)), min(3, len(text) - 1)))
            pieces = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
        return "".join(self.run(piece, bold, size) for piece in pieces)

    def run(self, text: str, bold: bool, size: int) -> str:
        if not text:
            return ""
        inner = []
        for i, line in enumerate(text.split("\n")):
            if i:
                inner.append("<w:br/>")
            for j, piece in enumerate(line.split("\t")):
                if j:
                    inner.append("<w:tab/>")
                if piece:
                    inner.append(f'<w:t xml:space="preserve">{escape(piece)}</w:t>')
        looks = ("<w:b/>" if bold else "") + f'<w:sz w:val="{size}"/>'
        return f'<w:r><w:rPr><w:rFonts w:eastAsia="仿宋"/>{looks}</w:rPr>{"".join(inner)}</w:r>'

    def plain(self, text: str) -> str:
        return f"<w:p>{self.run(text, False, 21)}</w:p>"

    # --- tables

    def table(self, table: Table) -> str:
        width = sum(cell.span for cell in table.rows[0])
        grid = f'<w:gridCol w:w="{WIDTH // width}"/>' * width
        rows = "".join(
            self.row(row, i < table.header_rows, WIDTH // width) for i, row in enumerate(table.rows)
        )
        xml = (
            f'<w:tbl><w:tblPr><w:tblW w:w="{WIDTH}" w:type="dxa"/><w:tblBorders>{BORDERS}</w:tblBorders></w:tblPr>'
            f"<w:tblGrid>{grid}</w:tblGrid>{rows}</w:tbl>"
        )
        if table.boxed:
            xml = f'<w:sdt><w:sdtPr><w:id w:val="77120"/><w:tag w:val="table"/></w:sdtPr><w:sdtContent>{xml}</w:sdtContent></w:sdt>'
        return xml + "<w:p/>"

    def row(self, row: list[Cell], header: bool, unit: int) -> str:
        gap = sum(cell.span for cell in row if cell.down == "gap")
        mark = f'<w:gridBefore w:val="{gap}"/><w:wBefore w:w="{gap * unit}" w:type="dxa"/>' if gap else ""
        mark += "<w:tblHeader/>" if header else ""
        cells = "".join(self.cell(cell, unit) for cell in row if cell.down != "gap")
        return f"<w:tr>{f'<w:trPr>{mark}</w:trPr>' if mark else ''}{cells}</w:tr>"

    def cell(self, cell: Cell, unit: int) -> str:
        properties = f'<w:tcW w:w="{unit * cell.span}" w:type="dxa"/>'
        if cell.span > 1:
            properties += f'<w:gridSpan w:val="{cell.span}"/>'
        if cell.down:
            properties += "<w:vMerge/>" if cell.down == "on" else '<w:vMerge w:val="restart"/>'
        if cell.text and "\n" in cell.text and self.rng.random() < 0.3:
            inside = f"<w:p>{self.run(cell.text, False, 20)}</w:p>"  # line breaks in one paragraph
        else:
            inside = "".join(
                f"<w:p>{self.runs(line, False, 20)}</w:p>" if line else "<w:p/>"
                for line in cell.text.split("\n")
            )
        return f"<w:tc><w:tcPr>{properties}</w:tcPr>{inside}</w:tc>"


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """A zip whose bytes depend on nothing but its content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            info = zipfile.ZipInfo(name, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            archive.writestr(info, content)
    return buffer.getvalue()


def document(draft: Draft) -> bytes:
    return Writer(draft).bytes()
