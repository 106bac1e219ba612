"""What the first lines of a report and the heads of its forms state: title and labelled values."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from parsers.headings import Numbered
from parsers.passages import Passage
from parsers.printed import Printed, compact
from parsers.tables import TableReading, label_of, labelled_cells
from schemas.blocks import Table
from schemas.vocabulary import FORM_TITLE, OTHER_DOCUMENT, REPORT_TITLE

COVER_BLOCKS = 30
"""How far a cover reaches at most."""

_LABEL = re.compile(r"^\s*([^：:，。]{2,16}?)\s*[：:]\s*(\S.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Cover:
    """What the first lines and the heads of forms state: title lines, and labelled values best first."""

    title: Printed | None
    labelled: dict[str, list[tuple[str, Printed]]]


def read_cover(blocks: Numbered, readings: Sequence[TableReading]) -> Cover:
    """Title and labelled values of a cover or of the heads of forms."""
    labelled: dict[str, list[tuple[str, Printed]]] = {}
    head = [(n, b) for n, b in blocks[:COVER_BLOCKS] if not isinstance(b, Table)]
    for block_no, block in head:
        match = _LABEL.match(block.text)
        key = label_of(match[1]) if match else None
        if match and key and len(match[2]) < 60:
            start = match.start(2)
            piece = Passage(block_no, block.text, None).cut(start, start + len(match[2]))
            labelled.setdefault(key, []).append((compact(match[1]), piece))
    for reading in readings:
        for key, label, cell in labelled_cells(reading.grid, reading.regions):
            printed = reading.grid.printed((cell,))
            if printed:
                labelled.setdefault(key, []).append((label, printed))
    return Cover(_title(blocks, readings), labelled)


def _title(blocks: Numbered, readings: Sequence[TableReading]) -> Printed | None:
    """The title: the line (with the line before, where it is broken) that ends in 报告 or 表, before the first chapter."""
    lines: list[Passage] = []
    for block_no, block in blocks[:COVER_BLOCKS]:
        if isinstance(block, Table):
            break
        text = compact(block.text)
        if len(text) > 70 or re.match(r"[一1][、.．]", text):
            break
        lines.append(Passage(block_no, block.text, None))
    for index, line in enumerate(lines):
        text = compact(line.text)
        if is_title(text):
            pieces = [line.cut(0, len(line.text))]
            before = lines[index - 1] if index else None
            if before and _continues(compact(before.text), text):
                pieces.insert(0, before.cut(0, len(before.text)))
            return Printed(
                "".join(p.text for p in pieces), tuple(place for p in pieces for place in p.places)
            )
    return next((r.caption for r in readings if r.caption and is_title(compact(r.caption.text))), None)


def is_title(text: str) -> bool:
    """Whether a line (without white space) is the title of a report or form."""
    return (
        4 <= len(text) <= 70
        and not re.search(r"[。；，,]", text)
        and not re.search(OTHER_DOCUMENT, text)
        and not re.match(r"附件?[：:]|《|[（(]?[一二三四五六七八九十\d]+[)）、]", text)
        and bool(re.fullmatch(REPORT_TITLE, text) or re.fullmatch(FORM_TITLE, text))
    )


def _continues(before: str, title: str) -> bool:
    """Whether the line before a title is its first half: it names the fund, the title does not."""
    if not 4 <= len(before) <= 50 or re.search(r"[：:。，]", before) or re.match(r"附件|[（(]", before):
        return False
    return bool(
        re.match(
            r"(?:项目|部门|专项|资金|财政|绩效|预算|重点|整体|支出|单位|中央|省级|自评|自我)*(?:支出|资金)*(?:绩效|自评|评价)",
            title,
        )
    ) and not is_title(before)
