"""Blocks of a report -> its outline: headings with numbering, level, parent and kind.

A heading is told by the file's own style, by its number, or by its wording; `detected_by` says
which. A sentence that begins with a number is none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from parsers.headings import (
    Candidate,
    DetectedBy,
    Number,
    Numbered,
    bare,
    decimal_number,
    heading_number,
    section_kind,
    short,
)
from parsers.printed import compact
from parsers.unnumbered import NOTES, filled
from schemas.blocks import Heading, Paragraph, Table
from schemas.records import SectionKind

_TITLE_LENGTH = {1: 45, 2: 50, 3: 40, 4: 40}
_CONTENTS_PAGE = re.compile(r"(?:[.．…·\-—_\s]{2,}|\s|…)\s*\d{1,3}\s*$")
_REMARKS = ("problems", "recommendations", "experience", "deviation", "other")
_ATTACHED = re.compile(
    r"附件[一二三四五六七八九十\d]*(?:[：:].{2,40})?|附表(?:[一二三四五六七八九十\d]+|[：:].{2,40})"
)
_OUTLINE_LINE = re.compile(r"[^：:。；，]{2,20}[。：:]包括.{4,80}等?。?")
"""A line of the Ministry's outline left in the report: 「（一）项目概况。包括项目背景、主要内容等。」"""
_NO_HEADING = re.compile(r"^[\d.,%％]+$|^(?:[（(].*[)）])$")


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (`title_start`:`title_end` of block `block_no`) and the blocks under it, up to `end` (excluded)."""

    section_no: int
    parent_no: int | None
    level: int
    numbering: str | None
    title: str
    kind: SectionKind
    detected_by: DetectedBy
    block_no: int
    title_start: int
    title_end: int
    end: int


def outline(blocks: Numbered) -> tuple[Section, ...]:
    """The sections of one report in reading order.

    The table of contents is no section; text before the first heading (a cover, a preface) and behind
    the body (附件 and what follows it) has none.
    """
    contents = contents_blocks(blocks)
    if _is_decimal(blocks, contents):
        return _linked(_decimal_headings(blocks, contents), blocks[-1][0] + 1)
    styles = _style_levels(blocks, contents)
    found: list[Candidate] = []
    in_notes = False
    for position, (block_no, block) in enumerate(blocks):
        if block_no in contents or isinstance(block, Table):
            continue
        in_notes = in_notes or bool(NOTES.fullmatch(compact(block.text)))
        candidate = _candidate(blocks, position, block_no, block, styles)
        if candidate and not (in_notes and candidate.level > 2):
            in_notes = False
            found.append(candidate)
    body_end = _body_end(blocks, found)
    found = _below_parts(_without_lists_of_attachments(found))
    found = filled(
        [c for c in found if c.block_no < body_end], [b for b in blocks if b[0] < body_end], contents
    )
    return _linked(found, body_end)


def _is_decimal(blocks: Numbered, contents: frozenset[int]) -> bool:
    """Whether the report numbers its chapters 1, 1.1, 1.1.1: several short lines do, and none begins with 一、."""
    lines = [b.text for n, b in blocks if not isinstance(b, Table) and n not in contents]
    nested = [text for text in lines if (d := decimal_number(text)) and d.level > 1 and short(text, 40)]
    return len(nested) > 1 and not any((n := heading_number(text)) and n.level == 1 for text in lines)


def _decimal_headings(blocks: Numbered, contents: frozenset[int]) -> list[Candidate]:
    found = []
    for block_no, block in blocks:
        number = None if isinstance(block, Table) or block_no in contents else decimal_number(block.text)
        if (
            number is None
            or isinstance(block, Table)
            or not short(block.text, 40)
            or block.text.rstrip().endswith("。")
        ):
            continue
        title = bare(block.text[number.end :])
        end = number.end + len(title)
        found.append(
            Candidate(
                block_no, number.level, number.printed, number.value, number.end, end, title, "numbering"
            )
        )
    return found


def _without_lists_of_attachments(found: list[Candidate]) -> list[Candidate]:
    """In a chapter 附件 the numbered lines are the attachments' names, no sections."""
    kept: list[Candidate] = []
    in_attachments = False
    for candidate in found:
        if candidate.level == 1:
            in_attachments = section_kind(candidate.title) == "attachments"
        if candidate.level == 1 or not in_attachments:
            kept.append(candidate)
    return kept


def _below_parts(found: list[Candidate]) -> list[Candidate]:
    """In a report of parts (第一部分, 第一章) what stands below a part is one level deeper."""
    parts = [c.block_no for c in found if c.numbering and c.numbering.startswith("第")]
    if not parts:
        return found
    return [
        c._replace(level=c.level + 1) if c.block_no > parts[0] and c.block_no not in parts else c
        for c in found
    ]


def sections_of(blocks: Numbered, sections: Sequence[Section]) -> dict[int, Section]:
    """The section that each block stands in; blocks on the cover or in attachments stand in none."""
    starts = {section.block_no: section for section in sections}
    found: dict[int, Section] = {}
    current: Section | None = None
    for block_no, _ in blocks:
        current = starts.get(block_no, current)
        if current is not None and block_no < current.end:
            found[block_no] = current
    return found


def contents_blocks(blocks: Numbered) -> frozenset[int]:
    """The blocks of the table of contents: after 目录, entries that come again as headings or end in page numbers."""
    entries: set[int] = set()
    open_since, titles = None, set()
    for block_no, block in blocks:
        if isinstance(block, Table):
            if open_since is not None:
                break
            continue
        text = compact(block.text)
        if re.fullmatch(r"目录(?:[（(].*[)）])?", text):
            open_since = block_no
            entries.add(block_no)
            continue
        if open_since is None:
            continue
        page = _CONTENTS_PAGE.search(block.text)
        title = compact(_CONTENTS_PAGE.sub("", block.text))
        if page is None and (title in titles or len(text) > 60):
            break
        titles.add(title)
        entries.add(block_no)
    return frozenset(entries)


def _style_levels(blocks: Numbered, contents: frozenset[int]) -> dict[int, int]:
    """Level of each heading style of the file: the level of the numbers printed under it, else its own."""
    levels: dict[int, int] = {}
    for block_no, block in blocks:
        if isinstance(block, Heading) and block_no not in contents and block.level not in levels:
            number = heading_number(block.text)
            if number:
                levels[block.level] = number.level
    return levels


def _body_end(blocks: Numbered, found: list[Candidate]) -> int:
    """The block at which the attachments begin: the first line 附件 after the last chapter, else the report's end."""
    last = max((c.block_no for c in found if c.level <= 2), default=0)
    for block_no, block in blocks:
        if (
            last
            and block_no > last
            and not isinstance(block, Table)
            and _ATTACHED.fullmatch(compact(block.text))
        ):
            return block_no
    return blocks[-1][0] + 1 if blocks else 1


def _candidate(
    blocks: Numbered, position: int, block_no: int, block: Heading | Paragraph, styles: dict[int, int]
) -> Candidate | None:
    number = heading_number(block.text)
    if number:
        candidate = _numbered(block_no, block, number)
        is_sentence = number.level > 1 and block.text.rstrip().endswith("。") and isinstance(block, Paragraph)
        if is_sentence and (_is_next_sentence(blocks, position, number) or not _has_body(blocks, position)):
            return None
        return candidate
    text = block.text.strip()
    start = len(block.text) - len(block.text.lstrip())
    if isinstance(block, Heading) and short(text, 50) and not _is_title_line(blocks, position, block):
        level = styles.get(block.level, block.level)
        return Candidate(block_no, level, None, 0, start, start + len(bare(text)), bare(text), "style")
    return None


def _has_body(blocks: Numbered, position: int) -> bool:
    """Whether text follows a numbered line, or a list of a deeper level: then it is a heading, though it ends in 。"""
    if position + 1 >= len(blocks):
        return False
    own, following = blocks[position][1], blocks[position + 1][1]
    if isinstance(following, Table) or isinstance(own, Table):
        return isinstance(following, Table)
    number, own_number = heading_number(following.text), heading_number(own.text)
    if number and own_number:
        return number.level > own_number.level
    if re.match(r"\s*(?:特此|专此)", following.text):
        return False
    return following.text.rstrip().endswith(("。", "：", ":", "；"))


def _is_next_sentence(blocks: Numbered, position: int, number: Number) -> bool:
    """Whether a numbered sentence stands right below the one before it in the list: then neither is a heading, whatever
    text closes the list."""
    before = blocks[position - 1][1] if position else None
    if not isinstance(before, Paragraph) or not before.text.rstrip().endswith("。"):
        return False
    above = heading_number(before.text)
    return above is not None and above.level == number.level and above.value == number.value - 1


def _is_title_line(blocks: Numbered, position: int, block: Heading) -> bool:
    """A heading before any other text is the report's title, not a chapter."""
    return (
        block.level == 1
        and not any(isinstance(b, Paragraph) and len(b.text) > 60 for _, b in blocks[:position])
        and position < 6
        and bool(re.search(r"报告|表$", block.text))
    )


def _numbered(block_no: int, block: Heading | Paragraph, number: Number) -> Candidate | None:
    rest = block.text[number.end :].rstrip()
    detected_by: DetectedBy = "style" if isinstance(block, Heading) else "numbering"
    title = bare(rest)
    runs_in = _run_in(rest) if number.level == 1 or _OUTLINE_LINE.fullmatch(rest.strip()) else 0
    if runs_in:
        title = rest[:runs_in]
    elif (
        not title
        or _NO_HEADING.match(title)
        or (isinstance(block, Paragraph) and not _is_title(rest, number.level))
    ):
        return None
    return Candidate(
        block_no,
        number.level,
        number.printed,
        number.value,
        number.end,
        number.end + len(title),
        title,
        detected_by,
    )


def _run_in(rest: str) -> int:
    """Length of a chapter title that is followed by text on its own line (「七、附件：无」); 0 if there is none."""
    match = re.match(r"([^：:。；，]{2,20})[：:。](?=.)", rest)
    return match.end(1) if match and section_kind(match[1]) else 0


def _is_title(rest: str, level: int) -> bool:
    return short(rest, _TITLE_LENGTH[level])


def _linked(found: list[Candidate], last: int) -> tuple[Section, ...]:
    """Numbers the headings, finds each one's parent, kind and end."""
    sections: list[Section] = []
    for index, c in enumerate(found):
        parent = next((s for s in reversed(sections) if s.level < c.level), None)
        kind = section_kind(c.title) or (parent.kind if parent else "other")
        end = found[index + 1].block_no if index + 1 < len(found) else last
        numbering = c.numbering
        sections.append(
            Section(index + 1, parent.section_no if parent else None, c.level, numbering, c.title, kind,
                    c.detected_by, c.block_no, c.start, c.end, end)
        )  # fmt: skip
    return tuple(replace(s, kind=_settled(s, sections)) for s in sections)


def _settled(section: Section, sections: list[Section]) -> SectionKind:
    """Within a chapter on problems or recommendations, titles of subsections name the subject, not the kind."""
    parent = sections[section.parent_no - 1] if section.parent_no else None
    told = section_kind(section.title)
    if parent and parent.kind in ("problems", "recommendations") and told not in _REMARKS:
        return parent.kind
    return section.kind
