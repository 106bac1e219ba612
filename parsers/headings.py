"""Lines that are headings: their numbers, their wording, and what tells them from sentences."""

import re
from collections.abc import Sequence
from typing import Literal, NamedTuple

from parsers.printed import compact
from parsers.values import chinese_number
from schemas.blocks import Block, Paragraph
from schemas.records import SectionKind
from schemas.vocabulary import SECTION_KINDS

Numbered = Sequence[tuple[int, Block]]
"""Blocks with their numbers in the document."""

DetectedBy = Literal["style", "numbering", "title"]


class Number(NamedTuple):
    """A heading number at the start of a line: as printed, its level, its value, where it ends."""

    printed: str
    level: int
    value: int
    end: int
    span: tuple[int, int]
    """Where the number itself stands, without the sign behind it."""


class Candidate(NamedTuple):
    """A line taken for a heading: where its title stands and what told it. `value` is its number, 0 without one."""

    block_no: int
    level: int
    numbering: str | None
    value: int
    start: int
    end: int
    title: str
    detected_by: DetectedBy


_CN = r"[一二三四五六七八九十]{1,3}"
_PATTERNS: tuple[tuple[int, re.Pattern[str]], ...] = (
    (1, re.compile(rf"\s*(?P<printed>第(?P<value>{_CN}|\d{{1,2}})(?:部分|章))[、：:\s]*")),
    (1, re.compile(rf"\s*(?P<printed>(?P<value>{_CN}))\s*[、.．，]\s*")),
    (2, re.compile(rf"\s*(?P<printed>[（(]\s*(?P<value>{_CN})\s*[)）])\s*[、.．]?\s*")),
    (3, re.compile(r"\s*(?P<printed>(?P<value>\d{1,2}))\s*(?:[.．](?!\d)|、)\s*")),
    (4, re.compile(r"\s*(?P<printed>[（(]\s*(?P<value>\d{1,2})\s*[)）])\s*[、.．]?\s*")),
)
_SENTENCE = re.compile(r"[。；;！!？?](?=.)|[：:](?=.)")


def heading_number(text: str) -> Number | None:
    """The heading number at the start of a line, if there is one."""
    for level, pattern in _PATTERNS:
        match = pattern.match(text)
        if match:
            value = match["value"]
            number = int(value) if value.isdigit() else int(chinese_number(value) or 0)
            return Number(
                re.sub(r"\s", "", match["printed"]), level, number, match.end(), match.span("printed")
            )
    return None


_DECIMAL = re.compile(r"\s*(?P<printed>\d{1,2}(?:\.\d{1,2}){0,3})[.．、]?\s+(?=[\u4e00-\u9fff“（])")


def decimal_number(text: str) -> Number | None:
    """A number of the decimal style (1 概述, 1.1 背景, 1.3.1 …): its level is the count of its parts.

    Only reports that number their chapters so have such headings: a sentence may begin alike.
    """
    match = _DECIMAL.match(text)
    if not match:
        return None
    parts = match["printed"].split(".")
    return Number(match["printed"], len(parts), int(parts[-1]), match.end(), match.span("printed"))


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


def plain(block_no: int, block: Paragraph) -> Candidate:
    """A line without a number as a heading of level 2."""
    start = len(block.text) - len(block.text.lstrip())
    title = bare(block.text)
    return Candidate(block_no, 2, None, 0, start, start + len(title), title, "title")


def short(text: str, length: int) -> bool:
    """Whether a line can be a title: not long, one clause, not ending in mid-list."""
    return (
        0 < len(compact(text)) <= length
        and not _SENTENCE.search(text.rstrip())
        and text.rstrip()[-1] not in "；;，,、"
    )


def bare(text: str) -> str:
    """A title without the colon or full stop behind it."""
    return text.strip().rstrip("：:。.．")
