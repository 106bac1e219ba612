"""What the first lines of a report and the heads of its forms state: title and labelled values."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parsers.headers import labelled_values
from parsers.headings import Numbered
from parsers.passages import Passage
from parsers.printed import Printed, compact, joined
from parsers.tables import TableReading, labelled_cells
from schemas.blocks import Table
from schemas.vocabulary import FORM_TITLE, GENERIC_TITLE, ORGANISATION, OTHER_DOCUMENT, REPORT_TITLE

COVER_BLOCKS = 30
"""How far a cover reaches at most."""

_YEAR_ROWS = 5
"""Rows at the top of a form that may hold nothing but its year."""
_YEAR_ROW = re.compile(
    r"[（(【]?(?:(?:预算|评价|自评|项目|所属)?年度[：:])?20\d{2}(?:[-—–~～至]20\d{2})?(?:年度?)?[)）】]?"
)
_SPACED = re.compile(r"(?:[\u4e00-\u9fff]\s+){3,}[\u4e00-\u9fff]")


@dataclass(frozen=True, slots=True)
class Cover:
    """What the first lines and the heads of forms state: title lines, and labelled values best first."""

    title: Printed | None
    labelled: dict[str, list[tuple[str, Printed]]]
    bodies: tuple[Printed, ...] = ()
    """Organisations that lines before the first chapter name and nothing else, a year at most."""
    lines: tuple[Printed, ...] = ()
    """All lines before the first chapter."""


def read_cover(blocks: Numbered, readings: Sequence[TableReading]) -> Cover:
    """Title and labelled values of a cover or of the heads of forms."""
    labelled: dict[str, list[tuple[str, Printed]]] = {}
    head = [(n, b) for n, b in blocks[:COVER_BLOCKS] if not isinstance(b, Table)]
    for block_no, block in head:
        for key, label, start, end in labelled_values(block.text):
            piece = Passage(block_no, block.text, None).cut(start, end)
            if 0 < len(piece.text) < 60:
                labelled.setdefault(_key(key, label, piece), []).append((label, piece))
    for reading in readings:
        for key, label, printed in labelled_cells(reading.grid, reading.regions):
            labelled.setdefault(_key(key, label, printed), []).append((label, printed))
        labelled.setdefault("fiscal_year", []).extend(("年度", year) for year in _year_rows(reading))
    lines = _lead_lines(blocks)
    named = [
        (line, re.fullmatch(rf"\s*(?P<name>{ORGANISATION})(?:20\d{{2}}年?度?)?\s*", line.text))
        for line in lines
    ]
    bodies = tuple(line.cut(*match.span("name")) for line, match in named if match)
    title = _title(lines) or _caption_title(readings, bool(lines) and len(lines) < len(blocks))
    return Cover(title, labelled, bodies, tuple(line.cut(0, len(line.text)) for line in lines))


def _key(key: str, label: str, value: Printed) -> str:
    """What a labelled value is: 评价对象 names an organisation on one cover and a fund on the next."""
    is_fund = label == "评价对象" and not re.fullmatch(ORGANISATION, compact(value.text))
    return "fund_name" if is_fund else key


def _year_rows(reading: TableReading) -> Iterator[Printed]:
    """The years that a form prints in a row of their own, under its title (（2022年度）)."""
    for row in range(1, min(_YEAR_ROWS, reading.grid.table.n_rows) + 1):
        printed = [cell for cell in reading.grid.anchored(row) if compact(cell.text)]
        if len(printed) == 1 and _YEAR_ROW.fullmatch(compact(printed[0].text)):
            yield reading.grid.cut(printed[0])


def _lead_lines(blocks: Numbered) -> list[Passage]:
    """The short lines before the first chapter, table or long paragraph."""
    lines: list[Passage] = []
    for block_no, block in blocks[:COVER_BLOCKS]:
        text = "" if isinstance(block, Table) else compact(block.text)
        if isinstance(block, Table) or len(text) > 70 or re.match(r"[一1][、.．]|（一）|第一[部章]", text):
            break
        lines.append(Passage(block_no, block.text, None))
    return lines


def _title(lines: list[Passage]) -> Printed | None:
    """The title: the line that ends in 报告 or 表, with the lines before it that it needs to name its subject."""
    for index, line in enumerate(lines):
        for first in range(index, max(index - 4, -1), -1):
            pieces = [_unspaced(piece.cut(0, len(piece.text))) for piece in lines[first : index + 1]]
            text = compact("".join(piece.text for piece in pieces))
            if first < index and not _can_begin_title(compact(lines[first].text)):
                break
            if not is_title(text):
                if re.search(r"报告书?$|表$", compact(line.text)):
                    continue
                break
            if not is_generic(text) or first == 0 or not _can_begin_title(compact(lines[first - 1].text)):
                return joined(pieces)
    return None


def _unspaced(line: Printed) -> Printed:
    """A line printed with spaces between its characters (绩 效 评 价 报 告), without them."""
    return Printed(compact(line.text), line.places) if _SPACED.search(line.text) else line


def _can_begin_title(text: str) -> bool:
    return (
        2 <= len(text) <= 50
        and not re.search(r"[：:。，；]|〔\d{4}〕", text)
        and not re.match(r"附(?:件|表)|目录|[（(]?\d", text)
        and not re.fullmatch(ORGANISATION, text)
        and not is_title(text)
    ) or re.fullmatch(r"20\d{2}.{4,46}", text) is not None


def is_generic(title: str) -> bool:
    """Whether a title names no subject: 「项目绩效评价报告」「2023年度绩效自评报告」."""
    return re.fullmatch(GENERIC_TITLE, title) is not None


def _caption_title(readings: Sequence[TableReading], is_narrative: bool) -> Printed | None:
    """The caption of a form, where the file is nothing but forms."""
    if is_narrative and not any(reading.kind == "form" for reading in readings[:1]):
        return None
    return next(
        (r.caption for r in readings if r.caption and r.kind == "form" and is_title(compact(r.caption.text))),
        None,
    )


def is_title(text: str) -> bool:
    """Whether a line (without white space) is the title of a report or form."""
    return (
        4 <= len(text) <= 70
        and not re.search(r"[。；，,]", text)
        and not re.search(OTHER_DOCUMENT, text)
        and not re.match(r"附件?[：:]|《|[（(]?[一二三四五六七八九十\d]+[)）、]", text)
        and bool(re.fullmatch(REPORT_TITLE, text) or re.fullmatch(FORM_TITLE, text))
    )
