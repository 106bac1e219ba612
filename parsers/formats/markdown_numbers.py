"""Page numbers among the blocks of Markdown, which OCR tools write as lines of their own: which lines are surely such."""

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

_DASHES = "-—–－―·~"
_MARKED = re.compile(
    rf"\s*(?:[{_DASHES}]{{1,3}}\s*\d{{1,4}}\s*[{_DASHES}]{{1,3}}|[{_DASHES}]{{1,3}}\s*[IVXivxⅠ-Ⅻ]{{1,5}}\s*[{_DASHES}]{{1,3}})\s*$"
)
_BARE = re.compile(r"\s*(?P<number>\d{1,4})(?:\s*[/／]\s*(?P<of>\d{1,4}))?\s*(?:页)?\s*$")
_ROMAN = re.compile(r"\s*[IVXivxⅠ-Ⅻ]{1,5}\s*$")
_PAGE = 120
"""Characters that a page prints at least, where the numbers of a text count its pages: those of a list stand closer."""

_SKIPPED = 3
"""How much the numbers beside two page breaks differ at most: tools miss one now and then."""
_LABEL = 12
_NAMES_FIGURE = (
    "得分", "分值", "分数", "总分", "评分", "分", "率", "额", "数", "量", "值", "合计", "总计", "资金", "序号", "年度",
)  # fmt: skip


class Printed(NamedTuple):
    """A block between page breaks and blanks: its text, None for a table or a picture; how much it prints."""

    text: str | None
    size: int
    is_table: bool
    is_break: bool


def is_marked_number(line: str) -> bool:
    """Whether a line is a page number by its form: - 3 -."""
    return bool(_MARKED.match(line))


def page_numbers(blocks: Sequence[Printed]) -> frozenset[int]:
    """Which blocks are page numbers: those between dashes; bare ones between two tables; bare ones beside page breaks
    that count on from one to the next; all bare ones where they count on through the text, a page's worth of print
    between them. What stands right behind a label (综合得分) is its value."""
    bare = {
        n: found
        for n, block in enumerate(blocks)
        if block.text and (found := _BARE.match(block.text)) and not (n and _is_label(blocks[n - 1].text))
    }
    sure = {n for n, block in enumerate(blocks) if block.text and is_marked_number(block.text)}
    at_break: list[int] = []
    for n, block in enumerate(blocks):
        if n not in bare and not (block.text and _ROMAN.match(block.text)):
            continue
        beside = [*blocks[max(n - 1, 0) : n], *blocks[n + 1 : n + 2]]
        if n in bare and len(beside) == 2 and all(other.is_table for other in beside):
            sure.add(n)
        elif any(other.is_break for other in beside):
            at_break.append(n)
    roman = [n for n in at_break if n not in bare]
    places = sorted([n for n in at_break if n in bare] + [n for n in sure if n in bare])
    in_series = {
        n
        for pair in pairwise(places)
        for n in pair
        if 1 <= int(bare[pair[1]]["number"]) - int(bare[pair[0]]["number"]) <= _SKIPPED
    }
    return frozenset({*sure, *roman, *in_series, *(bare if _counts_on(blocks, bare) else ())})


def _is_label(text: str | None) -> bool:
    """Whether a line names the figure that follows it."""
    line = (text or "").strip()
    return line.endswith(("：", ":")) or (len(line) <= _LABEL and line.endswith(_NAMES_FIGURE))


def _counts_on(blocks: Sequence[Printed], bare: dict[int, re.Match[str]]) -> bool:
    """Whether bare numbers are those of pages: they grow, and enough is printed between them."""
    if len(bare) < 2:
        return False
    whole = {found["of"] for found in bare.values()}
    if len(whole) > 1 or any(
        found["of"] and int(found["number"]) > int(found["of"]) for found in bare.values()
    ):
        return False
    printed = [0]
    for block in blocks:
        printed.append(printed[-1] + block.size)
    return all(
        int(bare[a]["number"]) < int(bare[b]["number"]) and printed[b] - printed[a + 1] >= _PAGE
        for a, b in pairwise(sorted(bare))
    )
