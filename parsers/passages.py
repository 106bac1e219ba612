"""The running text of a report: its paragraphs with the section that each stands in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from parsers.headings import Numbered
from parsers.printed import Printed, cut
from parsers.sections import Section, sections_of
from schemas.blocks import Table
from schemas.records import SectionKind

_SENTENCE_END = re.compile(r"[。！？!?]|\n")


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph, or the heading line of a section (`is_title`)."""

    block_no: int
    text: str
    section: Section | None
    is_title: bool = False

    @property
    def kind(self) -> SectionKind | None:
        """Kind of the section it stands in; None before the first heading."""
        return self.section.kind if self.section else None

    def cut(self, start: int, end: int) -> Printed:
        """Characters of the passage with their place."""
        return cut(self.block_no, self.text, start, end)

    def sentences(self) -> Iterator[tuple[int, int]]:
        """Start and end of each sentence."""
        start = 0
        for match in _SENTENCE_END.finditer(self.text):
            if match.end() > start:
                yield start, match.end()
            start = match.end()
        if start < len(self.text):
            yield start, len(self.text)


def passages(blocks: Numbered, sections: Sequence[Section]) -> tuple[Passage, ...]:
    """The paragraphs of a report in reading order; tables are left out."""
    inside = sections_of(blocks, sections)
    found: list[Passage] = []
    for block_no, block in blocks:
        if not isinstance(block, Table):
            section = inside.get(block_no)
            is_title = section is not None and section.block_no == block_no
            runs_in = (
                is_title and section is not None and section.title_end < len(block.text.rstrip("：:。.． "))
            )
            found.append(Passage(block_no, block.text, section, is_title and not runs_in))
    return tuple(found)
