"""A draft as the Markdown that OCR and layout tools write: page by page, tables as HTML, signs as formulas."""

from __future__ import annotations

import re
from html import escape
from random import Random

from tests.samples.formats.grids import Box, boxes, is_plain
from tests.samples.model import Draft, Para, Table

TRAPS = (
    "paged",  # a page cuts tables: two tables, the header repeated where it is one
    "cut_cells",  # and the cut goes through a cell
    "formulas",  # $69.33\%$, $\geq 35$
    "flat_headings",  # all headings of one level
    "no_headings",  # headings are plain or bold lines
    "page_marks",  # page numbers, rules and pictures between pages
    "pipes",  # tables without merged cells are pipe tables
    "escapes",  # \* \_ \~ before signs
    "pretty",  # tables over many lines, with thead and tbody
)
FORMULA = re.compile(r"[≥≤]\s?[0-9][0-9,.]*%?|[0-9][0-9,.]*%")


class Writer:
    """Writes one draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.traps = frozenset(draft.layout.traps)
        self.rng = Random(draft.layout.order)
        self.page = 1

    def source(self) -> str:
        return "\n\n".join(
            self.table(block) if isinstance(block, Table) else self.para(block) for block in self.draft.blocks
        ) + "\n"  # fmt: skip

    def formulas(self, text: str) -> str:
        def made(match: re.Match[str]) -> str:
            if self.rng.random() < 0.4:
                return match[0]
            inside = match[0].replace("%", r"\%").replace("≥", r"\geq ").replace("≤", r"\leq ")
            return f"${inside.replace('  ', ' ')}$"

        return FORMULA.sub(made, text) if "formulas" in self.traps else text

    # --- text

    def para(self, para: Para) -> str:
        text = para.number + para.text.replace("\t", self.rng.choice((" ", "......", " …… ")))
        if "escapes" in self.traps and para.role == "body":
            text = re.sub(r"([*_~★])", lambda m: "\\" + m[1] if m[1] in "*_~" else m[1], text)
        if para.role == "body":
            text = self.formulas(text)
        lines = "\n\n".join(line for line in text.split("\n") if line.strip())
        if para.role in ("heading", "title"):
            if "no_headings" in self.traps:
                return f"**{lines}**" if self.draft.layout.heading_look == "bold" else lines
            level = 1 if "flat_headings" in self.traps or para.role == "title" else para.level + 1
            return "\n\n".join(f"{'#' * level} {line}" for line in lines.split("\n\n"))
        return lines

    def turned(self) -> str:
        """What stands between two pages."""
        self.page += 1
        if "page_marks" not in self.traps:
            return "\n\n"
        marks = (f"— {self.page} —", f"<!-- page {self.page} -->", "---", f"![](images/page_{self.page}.jpg)")
        return f"\n\n{self.rng.choice(marks)}\n\n"

    # --- tables

    def table(self, table: Table) -> str:
        cells = boxes(table)
        if "pipes" in self.traps and is_plain(table):
            return self.pipes(table)
        rows = len(table.rows)
        if "paged" not in self.traps or rows < 6:
            return self.html(cells, 0, rows)
        cut = self.rng.randint(max(3, table.header_rows + 1), rows - 2)
        above, below = self.parted(cells, cut, rows, self.repeated(table, cells))
        return self.html(*above) + self.turned() + self.html(*below)

    @staticmethod
    def repeated(table: Table, cells: list[Box]) -> list[Box]:
        """The boxes of the header that a new page prints again."""
        head = table.header_rows
        if table.kind in ("form", "") or any(box.row < head < box.row + box.rows for box in cells):
            return []
        return [box for box in cells if box.row < head]

    def parted(
        self, cells: list[Box], cut: int, rows: int, header: list[Box]
    ) -> tuple[tuple[list[Box], int, int], tuple[list[Box], int, int]]:
        """The boxes above and below a cut before row `cut`; with "cut_cells" a row of its own carries on a long cell."""
        head = max((box.row + box.rows for box in header), default=0)
        long = [b for b in cells if b.row == cut - 1 and b.rows == 1 and len(b.text) >= 6 and b.row >= head]
        carried = self.rng.choice(long) if long and "cut_cells" in self.traps else None
        extra = 1 if carried else 0
        above, below = [], list(header)
        for box in cells:
            if box.row < cut:
                part = Box(box.row, box.col, min(box.rows, cut - box.row), box.span, box.text)
                if box is carried:
                    half = len(box.text) // 2
                    part.text, rest = box.text[:half], box.text[half:]
                    below.append(Box(head, box.col, 1, box.span, rest))
                elif carried and box.row + box.rows == cut:
                    below.append(Box(head, box.col, 1, box.span, ""))
                above.append(part)
                after = box.row + box.rows - cut
                if after > 0:
                    below.append(Box(head, box.col, after + extra, box.span, ""))
            else:
                below.append(Box(box.row - cut + head + extra, box.col, box.rows, box.span, box.text))
        below.sort(key=lambda b: (b.row, b.col))
        return (above, 0, cut), (below, 0, rows - cut + head + extra)

    def html(self, cells: list[Box], first: int, last: int) -> str:
        rows: list[list[str]] = [[] for _ in range(first, last)]
        for box in cells:
            spans = (f' rowspan="{box.rows}"' if box.rows > 1 else "") + (
                f' colspan="{box.span}"' if box.span > 1 else ""
            )
            text = self.formulas(escape(box.text, quote=False)).replace(
                "\n", "<br>" if "pretty" in self.traps else ""
            )
            rows[box.row - first].append(f"<td{spans}>{text}</td>")
        if "pretty" in self.traps:
            return (
                "<table>\n"
                + "\n".join(f"  <tr>\n    {'    '.join(row)}\n  </tr>" for row in rows)
                + "\n</table>"
            )
        return "<table>" + "".join(f"<tr>{''.join(row)}</tr>" for row in rows) + "</table>"

    def pipes(self, table: Table) -> str:
        lines = [
            "| " + " | ".join(c.text.replace("\n", " ").replace("|", "\\|") for c in row) + " |"
            for row in table.rows
        ]
        return "\n".join([lines[0], "|" + "---|" * len(table.rows[0]), *lines[1:]])


def document(draft: Draft) -> bytes:
    return Writer(draft).source().encode("utf-8")
