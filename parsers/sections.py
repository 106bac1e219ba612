"""Blocks of a report -> its outline: headings with numbering, level, parent and kind.

A heading is told by the file's own style, by its number, or by its wording; `detected_by` says
which. A sentence that begins with a number is none.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from parsers.printed import compact
from parsers.values import chinese_number
from schemas.blocks import Block, Heading, Paragraph, Table
from schemas.records import SectionKind
from schemas.vocabulary import SECTION_KINDS, UNNUMBERED_CHAPTERS

Numbered = Sequence[tuple[int, Block]]
"""Blocks with their numbers in the document."""


@dataclass(frozen=True, slots=True)
class Section:
    """A heading (`title_start`:`title_end` of block `block_no`) and the blocks under it, up to `end` (excluded)."""

    section_no: int
    parent_no: int | None
    level: int
    numbering: str | None
    title: str
    kind: SectionKind
    detected_by: Literal["style", "numbering", "title"]
    block_no: int
    title_start: int
    title_end: int
    end: int


class Number(NamedTuple):
    """A heading number at the start of a line: as printed, its level, its value, where it ends."""

    printed: str
    level: int
    value: int
    end: int


class _Candidate(NamedTuple):
    block_no: int
    level: int
    numbering: str | None
    value: int
    start: int
    end: int
    title: str
    detected_by: Literal["style", "numbering", "title"]


_CN = r"[一二三四五六七八九十]{1,3}"
_PATTERNS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"\s*(?P<printed>第(?P<value>{_CN}|\d{{1,2}})(?:部分|章))[、：:\s]*")),
    (1, re.compile(rf"\s*(?P<printed>(?P<value>{_CN}))\s*[、.．，]\s*")),
    (2, re.compile(rf"\s*(?P<printed>[（(]\s*(?P<value>{_CN})\s*[)）])\s*[、.．]?\s*")),
    (3, re.compile(r"\s*(?P<printed>(?P<value>\d{1,2}))\s*(?:[.．](?!\d)|、)\s*")),
    (4, re.compile(r"\s*(?P<printed>[（(]\s*(?P<value>\d{1,2})\s*[)）])\s*[、.．]?\s*")),
)
_TITLE_LENGTH = {1: 45, 2: 50, 3: 40, 4: 40}
_SENTENCE = re.compile(r"[。；;！!？?](?=.)|[：:](?=.)")
_CONTENTS_PAGE = re.compile(r"(?:[.．…·\-—_\s\t]{2,}|\t)\s*\d{1,3}\s*$")
_LEAD_IN = re.compile(r"如下|具体|包括|主要有|以下|其中|分别|为[：:]$")
_REMARKS = ("problems", "recommendations", "experience", "deviation", "other")
_ATTACHED = re.compile(r"附件[一二三四五六七八九十\d]*(?:[：:].{2,40})?|附表(?:[一二三四五六七八九十\d]+|[：:].{2,40})")
NOTES = re.compile(r"(?:备?注|说明|填[报表写]说明|备注说明)[：:]?")
_NO_HEADING = re.compile(r"^[\d.,%％]+$|^(?:[（(].*[)）])$")


def heading_number(text: str) -> Number | None:
    """The heading number at the start of a line, if there is one."""
    for level, pattern in _PATTERNS:
        match = pattern.match(text)
        if match:
            value = match["value"]
            number = int(value) if value.isdigit() else int(chinese_number(value) or 0)
            return Number(re.sub(r"\s", "", match["printed"]), level, number, match.end())
    return None


def outline(blocks: Numbered) -> tuple[Section, ...]:
    """The sections of one report in reading order.

    The table of contents is no section; text before the first heading (a cover, a preface) and behind
    the body (附件 and what follows it) has none.
    """
    contents = contents_blocks(blocks)
    styles = _style_levels(blocks, contents)
    found: list[_Candidate] = []
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
    found = _filled([c for c in found if c.block_no < body_end], [b for b in blocks if b[0] < body_end], contents)
    return _linked(found, body_end)


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


def section_kind(title: str) -> SectionKind | None:
    """The kind that a title names: problems wherever they stand, else what it names first; None if it names none."""
    folded = compact(title)
    hits = [
        (match.start(), -len(match[0]), order, kind)
        for order, (kind, pattern) in enumerate(SECTION_KINDS)
        if (match := re.search(pattern, folded))
    ]
    if not hits:
        return None
    kinds = {hit[-1] for hit in hits}
    first = min(hits)[-1]
    if first == "other":
        return "other"
    return "problems" if "problems" in kinds else first


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


def _body_end(blocks: Numbered, found: list[_Candidate]) -> int:
    """The block at which the attachments begin: the first line 附件 after the last chapter, else the report's end."""
    last = max((c.block_no for c in found if c.level <= 2), default=0)
    for block_no, block in blocks:
        if last and block_no > last and not isinstance(block, Table) and _ATTACHED.fullmatch(compact(block.text)):
            return block_no
    return blocks[-1][0] + 1 if blocks else 1


def _candidate(
    blocks: Numbered, position: int, block_no: int, block: Heading | Paragraph, styles: dict[int, int]
) -> _Candidate | None:
    number = heading_number(block.text)
    if number:
        candidate = _numbered(block_no, block, number)
        is_sentence = number.level > 2 and block.text.rstrip().endswith("。") and isinstance(block, Paragraph)
        return None if is_sentence and not _has_body(blocks, position) else candidate
    text = block.text.strip()
    start = len(block.text) - len(block.text.lstrip())
    if isinstance(block, Heading) and _short(text, 50) and not _is_title_line(blocks, position, block):
        level = styles.get(block.level, block.level)
        return _Candidate(block_no, level, None, 0, start, start + len(_bare(text)), _bare(text), "style")
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
    return following.text.rstrip().endswith(("。", "：", ":", "；"))


def _is_title_line(blocks: Numbered, position: int, block: Heading) -> bool:
    """A heading before any other text is the report's title, not a chapter."""
    return block.level == 1 and not any(isinstance(b, Paragraph) and len(b.text) > 60 for _, b in blocks[:position]) and position < 6 and bool(
        re.search(r"报告|表$", block.text)
    )


def _numbered(block_no: int, block: Heading | Paragraph, number: Number) -> _Candidate | None:
    rest = block.text[number.end :].rstrip()
    detected_by: Literal["style", "numbering", "title"] = "style" if isinstance(block, Heading) else "numbering"
    title = _bare(rest)
    runs_in = number.level == 1 and _run_in(rest)
    if runs_in:
        title = rest[:runs_in]
    elif not title or _NO_HEADING.match(title) or (isinstance(block, Paragraph) and not _is_title(rest, number.level)):
        return None
    return _Candidate(
        block_no, number.level, number.printed, number.value, number.end, number.end + len(title), title, detected_by
    )


def _run_in(rest: str) -> int:
    """Length of a chapter title that is followed by text on its own line (「七、附件：无」); 0 if there is none."""
    match = re.match(r"([^：:。；，]{2,20})[：:。](?=.)", rest)
    return match.end(1) if match and section_kind(match[1]) else 0


def _is_title(rest: str, level: int) -> bool:
    return _short(rest, _TITLE_LENGTH[level]) and not (level > 2 and re.search(r"[，,].*[，,]", rest) and rest[-1:] in "。；")


def _short(text: str, length: int) -> bool:
    """Whether a line can be a title: not long, one clause, not ending in mid-list."""
    return 0 < len(compact(text)) <= length and not _SENTENCE.search(text.rstrip()) and text.rstrip()[-1] not in "；;，,、"


def _bare(text: str) -> str:
    return text.strip().rstrip("：:。.．")


def _filled(found: list[_Candidate], blocks: Numbered, contents: frozenset[int]) -> list[_Candidate]:
    """Adds headings that print no number: chapters known by their wording, and lines that fill a gap
    in the numbering (（三） without （一） and （二）) or introduce a list that starts at 1."""
    taken = {c.block_no for c in found}
    free = [
        (position, block_no, block)
        for position, (block_no, block) in enumerate(blocks)
        if isinstance(block, Paragraph) and block_no not in taken and block_no not in contents and _short(block.text, 35)
    ]
    lists = [c for p, n, b in free if (c := _by_list(blocks, p, n, b))]
    plain = [_plain(n, b) for _, n, b in free if not b.text.rstrip().endswith(("。", "：", ":"))]
    result = _with(found, lists)
    result = _with(result, _gap_fillers(result, plain))
    result = _with(result, [c for c in _by_wording(free, result) if c.level == 2 or _in_gap(c, found)])
    result = _with(result, _gap_fillers(result, plain))
    return _with(result, _alternating(result, blocks))


def _with(found: list[_Candidate], more: list[_Candidate]) -> list[_Candidate]:
    """Candidates in reading order; a block keeps its first reading."""
    taken = {c.block_no for c in found}
    return sorted([*found, *(c for c in more if c.block_no not in taken)])


def _by_wording(free: list[tuple[int, int, Paragraph]], known: list[_Candidate]) -> list[_Candidate]:
    """Lines whose wording is a title of the Ministry's outlines. A title that can be a chapter or a section
    is a section right below a heading, or in a chapter of its own kind."""
    added: list[_Candidate] = []
    for _, block_no, block in free:
        title = compact(_bare(block.text))
        levels = {level for level, pattern in UNNUMBERED_CHAPTERS if re.fullmatch(pattern, title)}
        if not levels:
            continue
        above = [c for c in (*known, *added) if c.block_no < block_no]
        chapter = max((c for c in above if c.level == 1), default=None)
        below = any(c.block_no == block_no - 1 for c in above)
        inside = chapter is not None and section_kind(chapter.title) == section_kind(title)
        level = max(levels) if below or inside else min(levels)
        added.append(_plain(block_no, block)._replace(level=level))
    return added


def _alternating(result: list[_Candidate], blocks: Numbered) -> list[_Candidate]:
    """Titles of a chapter without numbers that is nothing but short lines, each over a paragraph."""
    text = {n: b for n, b in blocks}
    added: list[_Candidate] = []
    for index, chapter in enumerate(result):
        end = result[index + 1].block_no if index + 1 < len(result) else blocks[-1][0] + 1
        inside = [(n, text[n]) for n in range(chapter.block_no + 1, end) if n in text]
        titles = inside[::2]
        bodies = inside[1::2]
        if chapter.level > 2 or len(titles) < 2 or len(titles) != len(bodies):
            continue
        if all(isinstance(b, Paragraph) and _is_plain_title(b.text) for _, b in titles) and all(
            isinstance(b, Paragraph) and len(b.text) > 30 and b.text.rstrip().endswith("。") and not heading_number(b.text) for _, b in bodies
        ):
            added += [_plain(n, b)._replace(level=chapter.level + 1) for n, b in titles if isinstance(b, Paragraph)]
    return added


def _is_plain_title(text: str) -> bool:
    return 4 <= len(compact(text)) <= 24 and not re.search(r"[，。；：:！？,;\d]", text) and heading_number(text) is None


def _plain(block_no: int, block: Paragraph) -> _Candidate:
    start = len(block.text) - len(block.text.lstrip())
    title = _bare(block.text)
    return _Candidate(block_no, 2, None, 0, start, start + len(title), title, "title")


def _in_gap(candidate: _Candidate, found: list[_Candidate]) -> bool:
    """Whether the numbers of the chapters around a chapter without number leave room for it."""
    chapters = [c for c in found if c.level == candidate.level and c.numbering]
    before = max((c.value for c in chapters if c.block_no < candidate.block_no), default=0)
    after = next((c.value for c in chapters if c.block_no > candidate.block_no), None)
    return after is None or after > before + 1


def _by_list(blocks: Numbered, position: int, block_no: int, block: Paragraph) -> _Candidate | None:
    """A short line that ends in a colon over a list that starts at 1 is a heading of the level above the list."""
    text = block.text.rstrip()
    folded = compact(text)
    if not text.endswith(("：", ":")) or len(folded) > 20 or _LEAD_IN.search(text) or NOTES.fullmatch(folded) or position + 1 >= len(blocks):
        return None
    following = blocks[position + 1][1]
    number = None if isinstance(following, Table) else heading_number(following.text)
    if number is None or number.value != 1 or number.level < 3:
        return None
    return _plain(block_no, block)._replace(level=number.level - 1)


def _gap_fillers(result: list[_Candidate], plain: list[_Candidate]) -> list[_Candidate]:
    """Lines that stand where the numbering of a chapter's sections leaves out its first numbers."""
    added: list[_Candidate] = []
    known = {c.block_no for c in result}
    plain = [p for p in plain if p.block_no not in known]
    chapter, seen = -1, 0
    for candidate in result:
        if candidate.level == 1:
            chapter, seen = candidate.block_no, 0
        elif candidate.level == 2 and candidate.numbering:
            missing = candidate.value - seen - 1
            since = max([chapter, *(c.block_no for c in result if c.level == 2 and c.block_no < candidate.block_no)])
            between = [p for p in plain if since < p.block_no < candidate.block_no]
            if 0 < missing == len(between):
                added += between
            seen = candidate.value
        elif candidate.level == 2:
            seen += 1
    return added


def _linked(found: list[_Candidate], last: int) -> tuple[Section, ...]:
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
