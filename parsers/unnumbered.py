"""Headings that print no number: known by their wording, or by the gap that they leave in the numbering."""

import re
from bisect import bisect_left, bisect_right

from parsers.headings import Candidate, Numbered, bare, heading_number, plain, section_kind, short
from parsers.printed import compact
from schemas.blocks import Paragraph, Table
from schemas.vocabulary import UNNUMBERED_CHAPTERS

_LEAD_IN = re.compile(r"如下|具体|包括|主要有|以下|其中|分别|为[：:]$")
NOTES = re.compile(r"(?:备?注|说明|填[报表写]说明|备注说明)[：:]?")


def filled(found: list[Candidate], blocks: Numbered, contents: frozenset[int]) -> list[Candidate]:
    """Numbered headings with those added that print no number: chapters known by their wording, and lines that fill a gap
    in the numbering (（三） without （一） and （二）) or introduce a list that starts at 1."""
    taken = {c.block_no for c in found}
    free = [
        (position, block_no, block)
        for position, (block_no, block) in enumerate(blocks)
        if isinstance(block, Paragraph)
        and block_no not in taken
        and block_no not in contents
        and short(block.text, 35)
    ]
    lists = [c for p, n, b in free if (c := _by_list(blocks, p, n, b))]
    lines = [plain(n, b) for _, n, b in free if not b.text.rstrip().endswith(("。", "：", ":"))]
    result = _with(found, lists)
    result = _with(result, _gap_fillers(result, lines))
    worded = [c for c in _by_wording(free, result) if c.level == 2 or _in_gap(c, found)]
    result = _with(result, [c for c in worded if c.level == 1])
    result = _with(result, _gap_fillers(result, lines))
    result = _with(result, worded)
    result = _with(result, _alternating(result, blocks))
    return (
        result
        if any(c.level == 1 and c.numbering for c in found)
        else _with(result, _by_chapter_words(free, blocks, result))
    )


def _with(found: list[Candidate], more: list[Candidate]) -> list[Candidate]:
    """Candidates in reading order; a block keeps its first reading."""
    taken = {c.block_no for c in found}
    return sorted([*found, *(c for c in more if c.block_no not in taken)])


def _by_wording(free: list[tuple[int, int, Paragraph]], known: list[Candidate]) -> list[Candidate]:
    """Lines whose wording is a title of the Ministry's outlines. A title that can be a chapter or a section
    is a section right below a heading, or in a chapter of its own kind."""
    added: list[Candidate] = []
    taken = {c.block_no for c in known}
    chapters = sorted(c for c in known if c.level == 1)
    for _, block_no, block in free:
        title = compact(bare(block.text))
        levels = {level for level, pattern in UNNUMBERED_CHAPTERS if re.fullmatch(pattern, title)}
        if not levels:
            continue
        before = bisect_left(chapters, block_no, key=lambda c: c.block_no)
        inside = before > 0 and section_kind(chapters[before - 1].title) == section_kind(title)
        level = max(levels) if block_no - 1 in taken or inside else min(levels)
        candidate = plain(block_no, block)._replace(level=level)
        added.append(candidate)
        taken.add(block_no)
        if level == 1:
            chapters.insert(before, candidate)
    return added


_CHAPTER_END = re.compile(
    r"(?:情况|结论|成效|意见|建议|经验|问题|分析|措施|原因|概况|目标|安排|做法|说明|计划|管理|效益|结果|背景|依据)$"
)


def _by_chapter_words(
    free: list[tuple[int, int, Paragraph]], blocks: Numbered, known: list[Candidate]
) -> list[Candidate]:
    """In a report whose chapters have no numbers: short lines that end in a chapter's words, over text, behind a
    finished paragraph, where at least two such lines stand."""
    added = []
    headings = {c.block_no for c in known}
    for position, block_no, block in free:
        title = compact(bare(block.text))
        if not _is_plain_title(block.text) or not _CHAPTER_END.search(title) or section_kind(title) is None:
            continue
        before, after = blocks[position - 1 : position], blocks[position + 1 : position + 2]
        finished = all(
            isinstance(b, Table) or b.text.rstrip().endswith(("。", "：")) or n in headings for n, b in before
        )
        if (
            position
            and finished
            and after
            and (isinstance(after[0][1], Table) or after[0][1].text.rstrip().endswith(("。", "；", "：")))
        ):
            added.append(plain(block_no, block)._replace(level=1))
    return added if len(added) + len(known) > 1 else []


def _alternating(result: list[Candidate], blocks: Numbered) -> list[Candidate]:
    """Titles of a chapter without numbers that is nothing but short lines, each over a paragraph."""
    text = dict(blocks)
    added: list[Candidate] = []
    for index, chapter in enumerate(result):
        end = result[index + 1].block_no if index + 1 < len(result) else blocks[-1][0] + 1
        inside = [(n, text[n]) for n in range(chapter.block_no + 1, end) if n in text]
        titles = inside[::2]
        bodies = inside[1::2]
        if chapter.level > 2 or len(titles) < 2 or len(titles) != len(bodies):
            continue
        if all(isinstance(b, Paragraph) and _is_plain_title(b.text) for _, b in titles) and all(
            isinstance(b, Paragraph)
            and len(b.text) > 30
            and b.text.rstrip().endswith("。")
            and not heading_number(b.text)
            for _, b in bodies
        ):
            added += [
                plain(n, b)._replace(level=chapter.level + 1) for n, b in titles if isinstance(b, Paragraph)
            ]
    return added


def _is_plain_title(text: str) -> bool:
    return (
        4 <= len(compact(text)) <= 24
        and not re.search(r"[，。；：:！？,;\d]", text)
        and heading_number(text) is None
    )


def _in_gap(candidate: Candidate, found: list[Candidate]) -> bool:
    """Whether the numbers of the chapters around a chapter without number leave room for it."""
    chapters = [c for c in found if c.level == candidate.level and c.numbering]
    before = max((c.value for c in chapters if c.block_no < candidate.block_no), default=0)
    after = next((c.value for c in chapters if c.block_no > candidate.block_no), None)
    return after is None or after > before + 1


def _by_list(blocks: Numbered, position: int, block_no: int, block: Paragraph) -> Candidate | None:
    """A short line that ends in a colon over a list that starts at 1 is a heading of the level above the list."""
    text = block.text.rstrip()
    folded = compact(text)
    if (
        not text.endswith(("：", ":"))
        or len(folded) > 20
        or _LEAD_IN.search(text)
        or NOTES.fullmatch(folded)
        or position + 1 >= len(blocks)
    ):
        return None
    following = blocks[position + 1][1]
    number = None if isinstance(following, Table) else heading_number(following.text)
    if number is None or number.value != 1 or number.level < 3:
        return None
    return plain(block_no, block)._replace(level=number.level - 1)


def _gap_fillers(result: list[Candidate], lines: list[Candidate]) -> list[Candidate]:
    """Lines that stand where the numbering of a chapter's sections leaves out its first numbers."""
    added: list[Candidate] = []
    known = {c.block_no for c in result}
    lines = [p for p in lines if p.block_no not in known]
    line_nos = [p.block_no for p in lines]
    since, seen = -1, 0
    for candidate in result:
        if candidate.level not in (1, 2):
            continue
        if candidate.level == 1:
            seen = 0
        elif candidate.numbering:
            first, end = bisect_right(line_nos, since), bisect_left(line_nos, candidate.block_no)
            if 0 < candidate.value - seen - 1 == end - first:
                added += lines[first:end]
            seen = candidate.value
        else:
            seen += 1
        since = candidate.block_no
    return added
