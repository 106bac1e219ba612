"""OFD (GB/T 33190-2016, the fixed-layout format of Chinese offices) -> Document.

parts (ofd_package.py) -> characters and rules of a page (ofd_content.py) -> spans (pdf_spans.py) and rules -> a page
(page_layout.py) -> blocks (page_flow.py)

Annotations, stamps and signatures are left out; so are watermarks, which are named in a note.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from parsers.formats.ofd_content import Character, Content, content_of
from parsers.formats.ofd_package import OfdDocument, OfdPage, Resources, open_ofd
from parsers.formats.ofd_paths import POINT
from parsers.formats.page_flow import flow
from parsers.formats.page_layout import can_hold_text, lay_out
from parsers.formats.page_messages import holding, watermarks_left_out
from parsers.formats.page_shown import as_shown, ways_back
from parsers.formats.pages import Affine, Grid, Page, Rule
from parsers.formats.pdf_spans import Frame, Glyphs, Run, downward, printed_once, runs, turned_lines
from schemas.blocks import Document
from schemas.errors import UnreadableFile

MAX_TOTAL = 5_000_000
"""Characters and lines of all pages."""

_SKEW = math.radians(5)
"""Text turned further than this from upright or sideways is no line of the page."""
_LARGE = 24.0
"""Characters from this height on can be a watermark, if they are pale, or slanted."""
_COVERED = 0.5
"""Share of a page that pictures cover from which the page is one, if it holds little text."""
_FEW = 40
_OUTLINES = 300
"""Curves from which a page without text is one whose letters were turned into drawings."""
_UPRIGHT = 4.0
"""Points from which a rule can part two characters of a line."""


class _Notes:
    """What reading the pages of one file has brought up."""

    def __init__(self) -> None:
        self.pages = 0
        self.has_text = False
        self.size = 0
        self.pictures: list[int] = []
        self.unnamed: list[int] = []
        self.layer: list[int] = []
        self.beside: list[int] = []
        self.missing: list[int] = []
        self.marks: dict[str, None] = {}
        self.shown: dict[int, Affine] = {}

    def warnings(self) -> Iterator[str]:
        """The notes in plain words."""
        for pages, says in (
            (self.pictures, "only a picture; print the file to PDF to have it read by OCR"),
            (self.unnamed, "characters that the file gives only as shapes; each became U+FFFD"),
            (self.layer, "a scan with the text of an earlier OCR, which was read as it is, unchecked"),
            (self.beside, "pictures besides the text, which were not read"),
            (self.missing, "nothing that could be opened: the file is damaged there"),
        ):
            if pages:
                yield f"{holding(pages)} {says}"


def read_ofd(data: bytes) -> Document:
    """An OFD file as a Document; the documents of one file follow one another.

    Raises UnreadableFile: "encrypted", "truncated", "too_large", "unsupported" (all pages are pictures), "empty".
    """
    documents = open_ofd(data)
    notes = _Notes()
    flowed = flow(
        page for document in documents for page in _pages(document.pages(), document.resources, notes)
    )
    if not notes.has_text:
        raise _without_text(notes)
    return Document(
        format="ofd",
        blocks=as_shown(flowed.blocks, notes.shown),
        pages=notes.pages,
        title=next((document.title for document in documents if document.title), None),
        warnings=(*notes.warnings(), *_lost(documents), *flowed.warnings),
        notes=watermarks_left_out(notes.marks),
    )


def _pages(pages: Iterator[OfdPage | None], resources: Resources, notes: _Notes) -> Iterator[Page]:
    for page in pages:
        notes.pages += 1
        if page is None:
            notes.missing.append(notes.pages)
            continue
        laid = _page(notes.pages, page, content_of(page, resources), notes)
        notes.shown |= ways_back((laid,))
        yield laid


def _page(number: int, page: OfdPage, content: Content, notes: _Notes) -> Page:
    """Page `number`, and what is to be said of it."""
    notes.size += len(content.characters) + len(content.rules)
    if notes.size > MAX_TOTAL:
        raise UnreadableFile(
            "too_large", "The file draws more than any report does. Leave it out, or split it."
        )
    width, height = page.area[2] * POINT, page.area[3] * POINT
    covered = _covered(content, width, height)
    characters = [c for c in content.characters if _is_on(c, width, height)]
    if covered < _COVERED:  # text over no picture that nobody sees
        characters = [c for c in characters if not c.hidden]
    marks = [c for c in characters if _is_mark(c)]
    if marks:
        notes.marks[_words(marks)] = None
        characters = [c for c in characters if not _is_mark(c)]
    printed = sum(not c.text.isspace() for c in characters)
    turns = _quarter_turns(characters)
    frame = Frame(0.0, 0.0, width, height, turns)
    rules = [Rule(*_turned(frame, box)) for box in content.rules]
    laid = lay_out(number, *frame.size, [run.span for run in _runs(characters, frame, rules)], rules)
    _note(notes, number, content, (width, height), printed, any(c.hidden for c in characters))
    notes.has_text |= any(not isinstance(i, Grid) or any(cell.lines for cell in i.cells) for i in laid.items)
    return replace(laid, shown=_way_back(turns, width, height))


def _way_back(turns: int, width: float, height: float) -> Affine | None:
    """The way from the page as it is read to the page as shown, which is of this size; None for an upright one."""
    return (
        None,
        Affine(0.0, 1.0, 0.0, -1.0, 0.0, height),
        Affine(-1.0, 0.0, width, 0.0, -1.0, height),
        Affine(0.0, -1.0, width, 1.0, 0.0, 0.0),
    )[turns]


def _note(
    notes: _Notes, number: int, content: Content, size: tuple[float, float], printed: int, hidden: bool
) -> None:
    covered = _covered(content, *size)
    if (printed <= _FEW and covered >= _COVERED) or (not printed and content.curves >= _OUTLINES):
        notes.pictures.append(number)
    elif hidden:
        notes.layer.append(number)
    elif can_hold_text(content.pictures, *size):
        notes.beside.append(number)
    if content.unnamed:
        notes.unnamed.append(number)


# ---- text -----------------------------------------------------------------------------------


def _runs(characters: Sequence[Character], frame: Frame, rules: Sequence[Rule]) -> list[Run]:
    """The characters as runs on the page as it is read, each put together the way it is turned."""
    uprights = [rule for rule in rules if rule.bottom - rule.top > _UPRIGHT]
    glyphs = _glyphs(characters, frame)
    inked = glyphs.inked()
    quarters = np.array([_quarter(c.angle) for c in characters], dtype=int)
    upright: list[Run] = []
    others: list[Run] = []
    for turns in range(4):
        chosen = inked[quarters[inked] == turns]
        own = frame if turns == frame.quarter_turns else frame._replace(quarter_turns=turns)
        found = runs(glyphs, chosen, own, frame, uprights)
        if own is frame:
            upright = found
        elif (turns - frame.quarter_turns) % 2:
            others += turned_lines(found, clockwise=(turns - frame.quarter_turns) % 4 == 3)
        else:
            others += found
    return printed_once([*downward(upright), *others])


def _glyphs(characters: Sequence[Character], frame: Frame) -> Glyphs:
    """The characters in the arrays that spans are made of; y upwards there."""
    codes = np.array([ord(c.text) for c in characters], dtype=np.uint32)
    boxes = np.array([c.box for c in characters], dtype=np.float64).reshape(-1, 4)
    boxes[:, [1, 3]] = frame.top - boxes[:, [1, 3]]
    return Glyphs.of(codes, boxes)


def _turned(frame: Frame, box: tuple[float, float, float, float]) -> tuple[Any, Any, Any, Any]:
    left, top, right, bottom = box
    turned = frame.boxes(left, frame.top - bottom, right, frame.top - top)
    return (round(turned[0], 2), round(turned[1], 2), round(turned[2], 2), round(turned[3], 2))


def _quarter(angle: float) -> int:
    """How often text turned by `angle` clockwise must be turned further by 90 degrees to be upright."""
    return -round(angle / (math.pi / 2)) % 4


def _quarter_turns(characters: Sequence[Character]) -> int:
    """How often the page must be turned clockwise by 90 degrees for most of its text to be upright."""
    counts = Counter(_quarter(c.angle) for c in characters if not c.text.isspace())
    return max(counts, key=lambda turns: (counts[turns], -turns)) if counts else 0


def _is_on(character: Character, width: float, height: float) -> bool:
    left, top, right, bottom = character.box
    return 0 <= (left + right) / 2 <= width and 0 <= (top + bottom) / 2 <= height


def _is_mark(character: Character) -> bool:
    """Whether a character is one of a watermark: large, and slanted or pale."""
    if character.size < _LARGE:
        return False
    slant = character.angle - round(character.angle / (math.pi / 2)) * math.pi / 2
    return abs(slant) > _SKEW or character.pale


def _words(characters: Sequence[Character]) -> str:
    return "".join(c.text for c in characters)


def _covered(content: Content, width: float, height: float) -> float:
    """The share of the page that its pictures cover."""
    area = 0.0
    for left, top, right, bottom in content.pictures:
        area += max(min(right, width) - max(left, 0.0), 0.0) * max(min(bottom, height) - max(top, 0.0), 0.0)
    return area / (width * height)


# ---- what is said ---------------------------------------------------------------------------


def _lost(documents: Iterable[OfdDocument]) -> Iterator[str]:
    """A warning for the templates and resources that are damaged."""
    names = [name for document in documents for name in document.damaged]
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        yield (
            f"parts shared by pages are damaged ({', '.join(names[:3])}{more}); what they hold was left out"
        )


def _without_text(notes: _Notes) -> UnreadableFile:
    if notes.pictures:
        return UnreadableFile(
            "unsupported",
            "The pages are pictures. Print the file to PDF, which OCR can read, or give the Word file.",
        )
    if notes.missing:
        return UnreadableFile("truncated", "No page of the file can be opened; get the file again.")
    return UnreadableFile("empty", "The file holds no text and no picture of one.")
