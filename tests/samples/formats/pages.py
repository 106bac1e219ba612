"""A draft laid out on sheets of paper: lines of text and rules, for the renderers of PDF and of scans.

Pages are broken here, not by a library, because that is where real files hurt: rows cut in mid-cell, a merged
label cut by a page, headers repeated or not, words broken in narrow columns, tables without rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from random import Random

from tests.samples.formats.grids import Box, boxes, is_plain
from tests.samples.model import Block, Draft, Para, Table

Measure = Callable[[str, float], float]
"""Width in points of a text at a size."""

A4 = (595.0, 842.0)
MARGIN, FOOT, PAD = 72.0, 70.0, 3.0
CELL_SIZE = 9.5
NO_START = "。，、；：？！）》”％%」"
UNITS = re.compile(r"[0-9A-Za-z.,%:/]+|.", re.S)
WATERMARKS = ("内部资料", "仅供审核使用", "征求意见稿")


@dataclass(frozen=True, slots=True)
class Text:
    """One printed line: its left end and baseline in points from the page's top left corner as it is read."""

    x: float
    y: float
    size: float
    text: str
    bold: bool = False
    width: float = 0.0  # a justified line is stretched to this; 0 where it is not
    ref: tuple[int, int, int] | None = None  # block number, row and column (0, 0 in a paragraph), all from 1


@dataclass(slots=True)
class Sheet:
    width: float
    height: float
    texts: list[Text] = field(default_factory=list)
    rules: list[tuple[float, float, float, float]] = field(default_factory=list)
    watermark: str = ""

    @property
    def landscape(self) -> bool:
        return self.width > self.height


def wrapped(
    text: str, width: float, size: float, measure: Measure, indent: float = 0.0, hang: bool = True
) -> list[str]:
    """The lines of one paragraph. Figures stay together where a line is wide enough for them."""
    lines, line, room = [], "", width - indent
    for unit in UNITS.findall(text):
        pieces = [unit] if measure(unit, size) <= width else list(unit)
        for piece in pieces:
            fits = measure(line + piece, size) <= room
            if line and not fits and not (hang and piece in NO_START):
                lines.append(line)
                line, room = "", width
            line += piece
    return [*lines, line]


class Printer:
    """Lays out one draft; `sheets` are its pages."""

    def __init__(self, draft: Draft, measure: Measure, height: float = A4[1]) -> None:
        self.draft, self.measure, self.height = draft, measure, height
        self.traps = set(draft.layout.traps)
        self.rng = Random(draft.layout.order)
        self.mark = self.rng.choice(WATERMARKS) if "watermark" in self.traps else ""
        self.sheets: list[Sheet] = []
        self.y = 0.0
        blocks = draft.blocks
        self.turn(False)
        for n, block in enumerate(blocks, 1):
            if isinstance(block, Table):
                self.table(block, n)
                continue
            table = self.titled_by(block, blocks[n : n + 2])
            if table and self.is_turned(table) and not self.sheet.landscape:
                self.turn_between(True)
            self.para(block, n, table is not None)
        if len(self.sheets) > 1 and not self.sheet.texts:
            self.sheets.pop()
        self.heads()

    @staticmethod
    def titled_by(para: Para, following: list[Block]) -> Table | None:
        """The table that a paragraph stands over as its title or unit line."""
        for block in following:
            if isinstance(block, Table):
                return block
            if "caption" not in (para.role, block.role):
                return None
        return None

    def is_turned(self, table: Table) -> bool:
        """Whether a table goes on a page of its own, turned."""
        return "landscape" in self.traps and sum(cell.span for cell in table.rows[0]) >= 5

    @property
    def sheet(self) -> Sheet:
        return self.sheets[-1]

    @property
    def left(self) -> float:
        return self.sheet.height - FOOT - self.y

    @property
    def line(self) -> float:
        return self.sheet.width - 2 * MARGIN

    def turn_between(self, landscape: bool) -> None:
        """A new page between two blocks; one still blank is taken back."""
        if not self.sheet.texts:
            self.sheets.pop()
        self.turn(landscape)

    def turn(self, landscape: bool) -> None:
        """A new page."""
        size = A4[::-1] if landscape else (A4[0], self.height)
        self.sheets.append(Sheet(*size, watermark=self.mark))
        self.y = MARGIN

    def heads(self) -> None:
        """Running head and page number of every page."""
        if "heads" not in self.traps:
            return
        rng, total = self.rng, len(self.sheets)
        form = rng.choice(("— {} —", "{}", "第 {} 页 共 {} 页", "{}/{}", "-{}-"))
        year = self.draft.reports[0]["document"]["fiscal_year"]
        head = rng.choice(("", f"江岚省{year}年度绩效管理资料", "财政支出绩效管理工作材料汇编"))
        for n, sheet in enumerate(self.sheets, 1):
            number = form.format(n, total)
            sheet.texts.append(self.centred(number, 9, sheet.height - 40, sheet.width))
            if head:
                sheet.texts.append(self.centred(head, 9, 46, sheet.width))
                if "head_rule" in self.traps:
                    sheet.rules.append((MARGIN, 51, sheet.width - MARGIN, 51))

    def centred(self, text: str, size: float, y: float, width: float, bold: bool = False, n: int = 0) -> Text:
        x = (width - self.measure(text, size)) / 2
        return Text(x, y, size, text, bold, ref=(n, 0, 0) if n else None)

    # --- paragraphs

    def para(self, para: Para, n: int, before_table: bool) -> None:
        size, bold, centre, indent = 12.0, False, False, 2.0
        if para.role == "heading":
            size, bold = (16.0, 14.0, 13.0, 12.0)[para.level - 1], True
        elif para.role in ("title", "cover", "box", "caption"):
            size = {"title": 18.0, "caption": 12.0}.get(para.role, 14.0)
            bold, centre = para.role == "title", True
        elif para.role == "note":
            size = 10.5
        text = para.number + para.text
        if para.role == "toc":
            return self.toc(text, n)
        if (before_table or para.role in ("heading", "title", "caption")) and self.left < 130:
            self.turn(False)
        for part in text.split("\n"):
            if not part.strip():
                self.y += size
                continue
            self.lines(part, size, bold, centre, 0 if centre or para.role == "note" else indent * size, n)
        return None

    def lines(self, text: str, size: float, bold: bool, centre: bool, indent: float, n: int) -> None:
        lines = wrapped(text, self.line, size, self.measure, indent)
        lead = size * (1.75 if not centre else 1.9)
        for i, line in enumerate(lines):
            if self.left < lead:
                self.turn(False)
            self.y += lead
            base = self.y - lead * 0.3
            if centre:
                self.sheet.texts.append(self.centred(line, size, base, self.sheet.width, bold, n))
                continue
            shift = indent if i == 0 else 0.0
            full = self.line - shift if i + 1 < len(lines) and "ragged" not in self.traps else 0.0
            self.sheet.texts.append(Text(MARGIN + shift, base, size, line, bold, full, (n, 0, 0)))

    def toc(self, text: str, n: int) -> None:
        title, _, page = text.partition("\t")
        dots = int((self.line - self.measure(title + page, 12)) / self.measure(".", 12)) - 2
        if self.left < 21:
            self.turn(False)
        self.y += 21
        self.sheet.texts.append(Text(MARGIN, self.y - 6, 12, title + "." * dots + page, ref=(n, 0, 0)))

    # --- tables

    def table(self, table: Table, n: int) -> None:
        turned = self.is_turned(table)
        if turned and not self.sheet.landscape:
            self.turn_between(True)
        elif self.left < 90:
            self.turn(self.sheet.landscape)
        self.y += 4
        TableLayout(self, table, n).draw()
        self.y += 10
        if turned:
            self.turn(False)

    def widths(self, table: Table, cells: list[Box]) -> list[float]:
        """Column widths by what stands in them, scaled to the page; columns of figures drawn narrow on purpose."""
        count = sum(cell.span for cell in table.rows[0])
        least = CELL_SIZE + 2 * PAD + 1
        wish = [least] * count
        cap = CELL_SIZE * self.rng.choice((7, 9, 12))
        for box in cells:
            longest = max(self.measure(line, CELL_SIZE) for line in box.text.split("\n")) + 2 * PAD + 1
            if box.span == 1:
                wish[box.col] = max(wish[box.col], min(longest, cap))
        if "narrow" in self.traps:
            figures = [c for c in range(count) if self.of_figures(cells, c)]
            for c in figures:
                wish[c] = min(wish[c], CELL_SIZE * 3.4)
        spare = sum(wish) - least * count
        scale = (self.line - least * count) / spare if spare else 0.0
        if "narrow" in self.traps and scale > 1:
            scale = 1.0  # no stretching: what is narrow stays so
        found = [least + (w - least) * scale for w in wish]
        rest = self.line - sum(found)
        widest = max(range(count), key=lambda c: found[c])
        found[widest] += max(0.0, rest)
        return found

    @staticmethod
    def of_figures(cells: list[Box], col: int) -> bool:
        texts = [b.text for b in cells if b.col == col and b.span == 1 and b.text]
        return len(texts) > 1 and sum(bool(re.search(r"\d", t)) for t in texts) * 2 > len(texts)


@dataclass(slots=True)
class Slice:
    """A row, or a part of a row that a page cuts: lines `first` to `last` of its cells, from `top` to `bottom`."""

    row: int
    first: int
    last: int | None
    top: float
    bottom: float


class TableLayout:
    """Lays out one table from where its printer stands."""

    def __init__(self, printer: Printer, table: Table, n: int) -> None:
        self.p, self.table, self.n = printer, table, n
        self.boxes = boxes(table)
        self.lead = CELL_SIZE * 1.3
        plain = is_plain(table)
        self.ruled = not (plain and "unruled" in printer.traps)
        self.three = plain and "three_rules" in printer.traps
        widths = printer.widths(table, self.boxes)
        self.xs = [MARGIN]
        for width in widths:
            self.xs.append(self.xs[-1] + width)
        pad = PAD if self.ruled else PAD + 3
        self.lines = [
            [
                line
                for part in box.text.split("\n")
                for line in wrapped(part, self.xs[box.col + box.span] - self.xs[box.col] - 2 * pad, CELL_SIZE,
                                    printer.measure, hang=False)
            ]
            for box in self.boxes
        ]  # fmt: skip
        self.heights = self.row_heights()
        head = table.header_rows
        crosses = any(box.row < head < box.row + box.rows for box in self.boxes)
        repeats = "repeat_header" in printer.traps and table.kind not in ("form", "") and not crosses
        self.repeated = list(range(head)) if repeats and sum(self.heights[:head]) < 120 else []

    def row_heights(self) -> list[float]:
        heights = [self.lead + 2 * PAD] * len(self.table.rows)
        for box, lines in zip(self.boxes, self.lines, strict=True):
            if box.rows == 1:
                heights[box.row] = max(heights[box.row], len(lines) * self.lead + 2 * PAD)
        for box, lines in zip(self.boxes, self.lines, strict=True):
            inside = sum(heights[box.row : box.row + box.rows])
            heights[box.row + box.rows - 1] += max(0.0, len(lines) * self.lead + 2 * PAD - inside)
        return heights

    def pieces(self) -> Iterator[list[Slice]]:
        """The slices of each page; turns the printer's page between them."""
        piece: list[Slice] = []
        for row, height in enumerate(self.heights):
            first = 0
            while True:
                rest = height - first * self.lead
                room = self.p.left
                if rest <= room:
                    piece.append(Slice(row, first, None, self.p.y, self.p.y + rest))
                    self.p.y += rest
                    break
                lines = int((room - 2 * PAD) / self.lead)
                total = int((height - 2 * PAD) / self.lead + 0.01)
                tall = rest > self.p.sheet.height - MARGIN - FOOT - 60
                if ("cut_rows" in self.p.traps or tall) and lines >= 1 and total - first - lines >= 1:
                    end = self.p.y + lines * self.lead + 2 * PAD
                    piece.append(Slice(row, first, first + lines, self.p.y, end))
                    first += lines
                if piece:
                    yield piece
                piece = []
                self.p.turn(self.p.sheet.landscape)
                if row > len(self.repeated):
                    self.again()
        yield piece

    def again(self) -> None:
        """The header once more at the top of a page."""
        slices = []
        for row in self.repeated:
            slices.append(Slice(row, 0, None, self.p.y, self.p.y + self.heights[row]))
            self.p.y += self.heights[row]
        if slices:
            self.piece(slices, {}, only=set(self.repeated))

    def draw(self) -> None:
        told: dict[int, int] = {}
        pieces: list[tuple[Sheet, list[Slice]]] = []
        for piece in self.pieces():
            pieces.append((self.p.sheet, piece))
        # a piece is drawn on the sheet that was open when it was made
        for i, (sheet, piece) in enumerate(pieces):
            self.piece(
                piece,
                told,
                sheet=sheet,
                cut_above=i > 0,
                cut_below=i + 1 < len(pieces),
                later=pieces[i + 1 :],
            )

    def piece(
        self, slices: list[Slice], told: dict[int, int], *, sheet: Sheet | None = None, only: set[int] | None = None,
        cut_above: bool = False, cut_below: bool = False, later: list[tuple[Sheet, list[Slice]]] | None = None,
    ) -> None:  # fmt: skip
        """Text and rules of the part of the table on one page; `told` counts the lines already printed of a box."""
        sheet = sheet or self.p.sheet
        by_row = {s.row: s for s in slices}
        for k, box in enumerate(self.boxes):
            rows = [r for r in range(box.row, box.row + box.rows) if r in by_row]
            if not rows or (only is not None and box.row not in only):
                continue
            top, bottom = by_row[rows[0]].top, by_row[rows[-1]].bottom
            part = by_row[rows[0]] if box.rows == 1 else None
            lines = self.lines[k]
            if part is not None and (part.first or part.last is not None):
                shown, centre = lines[part.first : part.last], False
            else:
                shown, centre = self.merged_part(k, told, bottom - top, box, rows, later or []), True
            self.text(sheet, box, shown, top, bottom, centre)
            edges = (
                cut_above and (rows[0] != box.row or bool(by_row[rows[0]].first)),
                cut_below and (rows[-1] != box.row + box.rows - 1 or by_row[rows[-1]].last is not None),
            )
            self.rules(sheet, box, top, bottom, edges)

    def merged_part(
        self, k: int, told: dict[int, int], height: float, box: Box, rows: list[int],
        later: list[tuple[Sheet, list[Slice]]],
    ) -> list[str]:  # fmt: skip
        """The lines of a box that stand on this page: all, where it fits; a merged label flows on over pages, or stands
        whole on the page where the middle of the label falls."""
        lines, done = self.lines[k], told.get(k, 0)
        goes_on = any(s.row < box.row + box.rows for _, piece in later for s in piece if s.row >= box.row)
        if not goes_on or box.rows == 1:
            told[k] = len(lines)
            return lines[done:]
        if "label_centre" in self.p.traps:
            here = sum(self.heights[r] for r in rows)
            if done == 0 and here < sum(self.heights[box.row : box.row + box.rows]) / 2:
                return []
        fit = max(0, int((height - 2 * PAD) / self.lead))
        told[k] = min(len(lines), done + fit)
        return lines[done : told[k]]

    def text(self, sheet: Sheet, box: Box, lines: list[str], top: float, bottom: float, centre: bool) -> None:
        left, right = self.xs[box.col], self.xs[box.col + box.span]
        y = top + PAD + CELL_SIZE
        if centre:
            y = top + (bottom - top - len(lines) * self.lead) / 2 + CELL_SIZE
        short = len(lines) <= 1 or len(box.text) <= 14
        for line in lines:
            wide = self.p.measure(line, CELL_SIZE)
            x = (left + right - wide) / 2 if short and self.ruled else left + PAD
            ref = (self.n, box.row + 1, box.col + 1)
            if line:
                sheet.texts.append(Text(x, y, CELL_SIZE, line, ref=ref))
            y += self.lead

    def rules(self, sheet: Sheet, box: Box, top: float, bottom: float, edges: tuple[bool, bool]) -> None:
        if not self.ruled or box.gap:
            return
        left, right = self.xs[box.col], self.xs[box.col + box.span]
        open_ = "open_cuts" in self.p.traps
        found = []
        first, last = box.row == 0, box.row + box.rows == len(self.heights)
        if not (edges[0] and open_) and (not self.three or first or box.row == self.table.header_rows):
            found.append((left, top, right, top))
        if not (edges[1] and open_) and (not self.three or last):
            found.append((left, bottom, right, bottom))
        if not self.three:
            found += [(left, top, left, bottom), (right, top, right, bottom)]
        sheet.rules += found


def sheets(draft: Draft, measure: Measure, height: float = A4[1]) -> list[Sheet]:
    """The pages of a draft, `height` points high."""
    made = Printer(draft, measure, height).sheets
    for sheet in made:
        sheet.rules = sorted({tuple(round(v, 2) for v in rule) for rule in sheet.rules})  # type: ignore[misc]
    return made
