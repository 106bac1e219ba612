"""Web pages (.html, .mht) -> Document: saved pages of government sites, and reports that a word processor saved as a page.

A page of a word processor is the report and is taken whole; of any other the article is taken and the site around it left
out (`web_article`). A .doc that is HTML inside, as many systems export it, is read alike.
"""

import email
import email.policy
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from email.message import Message
from itertools import groupby

from lxml.etree import _Element

from parsers.cover import is_title
from parsers.formats.html_tree import MAX_PAGE_BYTES, decode_html, parse_html
from parsers.formats.web_article import article
from parsers.formats.web_lists import outline_labels, with_label
from parsers.formats.web_page import Page, Piece, read_page
from parsers.headings import heading_number
from parsers.printed import compact
from schemas.blocks import Block, Document, Format, Heading, Paragraph
from schemas.errors import UnreadableFile

_OFFICE = re.compile(
    r"""<meta[^>]{0,80}(?:generator|progid)[^>]{0,80}(?:Microsoft\ (?:Word|Excel|Office)|Word\.Document|Excel\.Sheet|LibreOffice
    |OpenOffice|StarOffice|WPS|Kingsoft|Aspose|docx|pandoc|mammoth)
    |<html[^>]{0,600}schemas-microsoft-com:office:(?:word|excel)""",
    re.IGNORECASE | re.VERBOSE,
)
_LIBRE_OFFICE = re.compile(
    r"<meta[^>]{0,80}generator[^>]{0,80}(?:LibreOffice|OpenOffice|StarOffice)", re.IGNORECASE
)
_HEAD = 16_384
_TITLE = re.compile(r"[\s_|]+")
_HEADING_LENGTH = 60
_MOST_HEADINGS = 0.5
_SHORT_PAGE = 200
"""Characters below which a page with pictures shows its text in them."""
_SUBJECT = "绩效"
"""What another page of an archive speaks of that may be part of the report."""
_MAX_PARTS, _MAX_PART_DEPTH = 20_000, 20


def read_html(data: bytes) -> Document:
    """The report that a web page prints. Raises UnreadableFile."""
    text, warnings = decode_html(data)
    return _document(text, "html", warnings)


def read_mht(data: bytes) -> Document:
    """The report in a web archive (.mht), which keeps a page and its pictures as one message. Raises UnreadableFile."""
    if len(data) > 4 * MAX_PAGE_BYTES:
        raise UnreadableFile(
            "too_large", f"The archive is larger than {4 * MAX_PAGE_BYTES >> 20} MB. Split it."
        )
    try:
        message = email.message_from_bytes(data.lstrip(b"\xef\xbb\xbf\r\n\t "), policy=email.policy.compat32)
        pages = list(_pages(message, 0))
    except (ValueError, LookupError, RecursionError) as error:
        raise _damaged() from error
    if not pages:
        raise _damaged()
    start = str(message.get_param("start") or "") if message.is_multipart() else ""
    main = next((page for name, page in pages if start and name == start), None) or pages[0][1]
    text, warnings = decode_html(main)
    document = _document(text, "mht", warnings)
    texts = [compact(_plain(page)) for _, page in pages if page is not main]
    others = [text for text in texts if len(text) > _SHORT_PAGE]
    note = f"The archive holds {len(others)} more pages (frames or parts of the page), which were left out."
    if any(_SUBJECT in text for text in others):
        return replace(document, warnings=(*document.warnings, note))
    if others:
        return replace(document, notes=(*document.notes, note))
    return document


# ---- pages ----------------------------------------------------------------------------------


def _document(text: str, kind: Format, warnings: tuple[str, ...]) -> Document:
    head = text[:_HEAD]
    office = bool(_OFFICE.search(head))
    root = parse_html(text)
    if root is None:
        raise UnreadableFile("empty", "The page shows no text. Open it in a browser and save it anew.")
    page = read_page(root, office=office)
    title = " ".join((root.findtext(".//title") or "").split())
    notes: list[str] = []
    if office:
        pieces: Sequence[Piece] = page.pieces
    else:
        pieces, left_out = article(page, _TITLE.split(title)[0] if title else "")
        if left_out:
            notes.append(
                f"{left_out} lines around the article (menus, links, the site's footer) were left out."
            )
    pieces = [piece for piece in pieces if piece.table is not None or piece.text.strip()]
    if not pieces:
        raise UnreadableFile("empty", _nothing(page))
    missing = _missing(page, pieces)
    losses = [*warnings, *missing]
    pieces = _with_labels(pieces, losses, lost=bool(_LIBRE_OFFICE.search(head)))
    notes += _attached(page, pieces, is_whole=not missing)
    return Document(
        kind, tuple(_blocks(pieces, office)), title=title or None, warnings=tuple(losses), notes=tuple(notes)
    )


def _nothing(page: Page) -> str:
    if page.pictures:
        return "The page shows pictures and no text. Save the pictures and read them as scans, or get the report itself."
    if page.frames:
        return "The page shows another one in a frame, which the file does not hold. Open it in a browser and save that one."
    return "The page shows no text. Open it in a browser and save it anew."


def _missing(page: Page, pieces: Sequence[Piece]) -> list[str]:
    """What of the report may be missing: it may stand in frames or pictures."""
    missing = []
    is_short = sum(piece.size for piece in pieces) < _SHORT_PAGE
    if page.frames and (is_short or page.shown_files):
        missing.append(
            f"The page shows {page.frames} frames, which are files of their own and were not read."
        )
    if page.pictures and is_short:
        missing.append(
            f"The page shows pictures ({page.pictures}) and hardly any text: the report may stand in them."
        )
    return missing


def _attached(page: Page, pieces: Sequence[Piece], *, is_whole: bool) -> Iterator[str]:
    """What the page shows, hides or hands out besides the report."""
    if page.hidden:
        yield f"Parts that the page hides ({page.hidden}) were left out."
    if page.frames and is_whole:
        yield f"Frames in the page ({page.frames}) were left out."
    files = sum(piece.is_file for piece in pieces)
    if files:
        yield f"The page links to attached files ({files}), which are not in it: give them too."


def _with_labels(pieces: Sequence[Piece], warnings: list[str], *, lost: bool) -> list[Piece]:
    """Items of lists with their numbers printed; `lost` says that the page's maker drops the style of Chinese numbers."""
    lines = [piece for piece in pieces if piece.table is None]
    labels = outline_labels([(piece.item, piece.text) for piece in lines]) if lost else None
    if labels is not None:
        warnings.append(
            "The page does not say how its automatic numbers are printed; those of chapters were taken as 一、 and （一）."
        )
    told = dict(zip(map(id, lines), labels or (), strict=False))
    found = []
    for piece in pieces:
        if piece.table is None and piece.item is not None:
            text, label = with_label(told.get(id(piece)) or piece.item.printed, piece.text)
            piece = replace(piece, text=text, label=label)  # noqa: PLW2901
        found.append(piece)
    return found


def _blocks(pieces: Sequence[Piece], office: bool) -> Iterator[Block]:
    """Pieces as blocks. Headings count where the page uses them for chapters, not for everything or for sentences."""
    lines = [piece for piece in pieces if piece.table is None]
    marked = [piece for piece in lines if piece.level]
    trusted = office or len(marked) <= _MOST_HEADINGS * len(lines)
    titles = frozenset[int]() if office else _titles(pieces)
    for number, piece in enumerate(pieces):
        if piece.table is not None:
            yield piece.table
        elif piece.level and trusted and number not in titles and (office or _can_be_title(piece.text)):
            yield Heading(piece.text, piece.level, piece.label)
        else:
            depth = piece.item.depth if piece.item else 1
            yield Paragraph(piece.text, piece.label, depth if piece.label else None)


def _titles(pieces: Sequence[Piece]) -> frozenset[int]:
    """The places of marked lines that are titles of reports and forms, over several lines too: those worded so, and those of
    the highest level where it is used once, at the top."""
    levels = [piece.level for piece in pieces if piece.level]
    titles: set[int] = set()
    is_top = True
    for level, group in groupby(enumerate(pieces), key=lambda numbered: numbered[1].level):
        run = list(group)
        if not level:
            continue
        words = [compact(piece.text) for _, piece in run]
        is_only = is_top and level == min(levels) and levels.count(level) == len(run) < len(levels)
        is_numbered = any(heading_number(piece.text) for _, piece in run)
        is_top = False
        if not is_numbered and (is_only or is_title("".join(words)) or is_title(words[-1])):
            titles.update(number for number, _ in run)
    return frozenset(titles)


def _can_be_title(text: str) -> bool:
    return len(text) <= _HEADING_LENGTH and not text.endswith(("。", "；", "，"))


# ---- archives -------------------------------------------------------------------------------


def _pages(message: Message, depth: int) -> Iterator[tuple[str, bytes]]:
    """The HTML parts of a message with their Content-ID, in order, those in nested messages too."""
    if depth > _MAX_PART_DEPTH:
        raise UnreadableFile("too_large", "Messages nest deeper in the archive than any page's do.")
    if message.is_multipart():
        parts = message.get_payload()
        for part in parts[:_MAX_PARTS] if isinstance(parts, list) else ():
            if isinstance(part, Message):
                yield from _pages(part, depth + 1)
        return
    kind = message.get_content_type()
    payload = message.get_payload(decode=True)
    if isinstance(payload, bytes) and payload.strip():
        is_page = kind in ("text/html", "application/xhtml+xml") or (
            kind == "text/plain" and payload[:1024].lstrip().lower().startswith((b"<html", b"<!doctype html"))
        )
        if is_page:
            yield str(message.get("Content-ID", "")), payload


def _plain(page: bytes) -> str:
    root: _Element | None = parse_html(decode_html(page)[0])
    body = None if root is None else root.find("body")
    return "" if body is None else "".join(map(str, body.itertext()))


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "truncated", "The web archive holds no page, or is damaged. Open it in a browser and save it anew."
    )
