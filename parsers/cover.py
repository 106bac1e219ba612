"""What the first lines of a report and the heads of its forms state: title and labelled values."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from parsers.headers import label_of
from parsers.headings import Numbered
from parsers.passages import Passage
from parsers.printed import Printed, compact, joined
from parsers.tables import TableReading, labelled_cells
from schemas.blocks import Table
from schemas.vocabulary import FORM_TITLE, GENERIC_TITLE, ORGANISATION, OTHER_DOCUMENT, REPORT_TITLE

COVER_BLOCKS = 30
"""How far a cover reaches at most."""

_LABEL = re.compile(
    r"(?:^|(?<=\s))((?:[\u4e00-\u9fff]\s+){1,8}[\u4e00-\u9fff](?=\s*[：:])|[^\s：:，。；]{2,16})\s*[：:]\s*"
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
                labelled.setdefault(key, []).append((label, piece))
    for reading in readings:
        for key, label, cell in labelled_cells(reading.grid, reading.regions):
            printed = reading.grid.printed((cell,))
            if printed:
                labelled.setdefault(key, []).append((label, printed))
    lines = _lead_lines(blocks)
    named = [
        (line, re.fullmatch(rf"\s*(?P<name>{ORGANISATION})(?:20\d{{2}}年?度?)?\s*", line.text))
        for line in lines
    ]
    bodies = tuple(line.cut(*match.span("name")) for line, match in named if match)
    title = _title(lines) or _caption_title(readings, bool(lines) and len(lines) < len(blocks))
    return Cover(title, labelled, bodies, tuple(line.cut(0, len(line.text)) for line in lines))


def labelled_values(line: str) -> Iterator[tuple[str, str, int, int]]:
    """The labelled values of a line (「填报单位：甲局    评价年度：2020年」): key, label, start and end of the value."""
    labels = list(_LABEL.finditer(line))
    for match, following in zip_longest(labels, labels[1:]):
        key = label_of(match[1])
        end = following.start() if following else len(line)
        gap = re.search(r"\s{2,}", line[match.end() : end].rstrip())
        if gap:
            end = match.end() + gap.start()
        if key:
            yield key, compact(match[1]), match.end(), end


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
