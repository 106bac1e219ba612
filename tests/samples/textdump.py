"""A draft as a text dump: the format of programs that save Word documents as text.

A table cell is a line that begins with a tab (further lines of the cell have none), a row ends with an empty line, a
table with one more. A cell merged downwards comes out as a line with only the tab, a cell merged sideways once.
"""

from __future__ import annotations

from random import Random

from tests.samples.model import Draft, Para, Table

BOMS = {"utf-8-sig": "utf-8-sig", "utf-16": "utf-16-le", "utf-8": "utf-8", "gb18030": "gb18030"}


def dump(draft: Draft) -> bytes:
    layout = draft.layout
    rng = Random(layout.order)
    lines: list[str] = []
    for block in draft.blocks:
        if isinstance(block, Table):
            lines += _table(block, layout.drop_merged)
        else:
            lines += _para(block, draft, rng)
    text = layout.newline.join(lines) + layout.newline
    if layout.encoding == "utf-16":
        text = "\ufeff" + text
    return text.encode(BOMS[layout.encoding])


def _table(table: Table, drop_merged: bool) -> list[str]:
    lines: list[str] = []
    for row in table.rows:
        for cell in row:
            if cell.down == "gap" or (cell.down == "on" and drop_merged):
                continue
            lines += ("\t" + cell.text).split("\n")
        lines.append("")
    return [*lines, ""]


def _para(para: Para, draft: Draft, rng: Random) -> list[str]:
    text = ("" if para.auto else para.number) + para.text
    if para.role == "body" and draft.layout.indent:
        text = draft.layout.indent + text
    if para.role == "heading" and rng.random() < 0.06:
        text = " " + text
    if para.bookmark and "bookmarks" in draft.features:
        text = f"[bookmark: {para.bookmark}]{text}"
    lines = text.split("\n")
    return [*lines, ""] if rng.random() < draft.layout.airy else lines
