"""The text of a web page's elements as a browser shows it: white space, symbol fonts, what is hidden."""

import re

from lxml.etree import _Element

from parsers.formats.word_symbols import from_symbol_font

BREAK, AFTER_LABEL = "\x0b", "\x02"
"""In gathered text: a line break of the page (<br>); the end of a number that Word wrote before a paragraph."""

_LONGEST_GAP = 40
_SPACE = re.compile(r"[ \t\r\n\f]+")
_LABEL = re.compile(rf"([^{AFTER_LABEL}{BREAK}]{{0,24}}){AFTER_LABEL}[{AFTER_LABEL}\s\xa0]*")
_CLOSED = ("、", "．", ".", "）", ")")
_WIDE_FROM = "\u2e80"
"""From here on characters are as wide as high: no space stands where the page breaks a line between two of them."""
_SYMBOL_FONT = re.compile(r"font(?:-family)?:[^;]*?\b(symbol|wingdings(?:\s?2)?)\b")
_HIDDEN = re.compile(r"display:none|visibility:hidden")
_OFF_PAGE = re.compile(r"mso-hide:all|mso-element:(?:comment|header|footer)")
_TAB_SPAN = re.compile(r"font:7\.0pt[\"'&quot;]*times|mso-list:ignore")


def style_of(element: _Element) -> str:
    """The style attribute in lower case, without spaces."""
    style = element.get("style")
    return re.sub(r"\s+", "", style).lower() if style else ""


def is_off_page(element: _Element, style: str) -> bool:
    """Whether an element is a word processor's comment, header, footer or hidden text, which no page shows."""
    return bool(style and _OFF_PAGE.search(style)) or (
        element.tag == "div" and element.get("title") in ("header", "footer")  # of LibreOffice's pages
    )


def is_hidden(element: _Element, style: str) -> bool:
    """Whether an element itself says that it is not shown; scripts of the page may show it."""
    return (
        bool(style and _HIDDEN.search(style))
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
    )


def ends_label(element: _Element, style: str) -> bool:
    """Whether an element is Word's gap between an automatic number and its paragraph, or holds such a number."""
    return bool(style) and element.tag == "span" and bool(_TAB_SPAN.search(style))


def symbol_font(element: _Element, style: str) -> str:
    """The symbol font that an element sets, "" for others."""
    if element.tag == "font":
        face = (element.get("face") or "").split(",")[0].strip().lower()
        return face if face in ("symbol", "wingdings", "wingdings 2") else ""
    found = _SYMBOL_FONT.search(style) if "symbol" in style or "wingdings" in style else None
    return found[1].replace("wingdings2", "wingdings 2") if found else ""


def from_font(text: str, font: str) -> str:
    """`text` as the symbol font prints it. Latin letters stay where there is more than one: pages name these fonts for
    whole paragraphs, and browsers show the letters."""
    alone = len(text.strip()) == 1

    def shown(char: str) -> str:
        code = ord(char)
        is_symbol = 0x80 <= code <= 0xFF or 0xF000 <= code <= 0xF0FF or (alone and font != "symbol")
        return (is_symbol and char != "\xa0" and from_symbol_font(code, font)) or char

    return "".join(map(shown, text))


def settled(pieces: list[str], *, office: bool = False) -> str:
    """Gathered text with white space as browsers show it; line breaks are BREAK.

    A lone tab stays one: it stands before the page number in a table of contents pasted from Word. Word processors save
    spaces as they are and break lines of the file at spaces only: `office` keeps them. Elsewhere spaces collapse, and a line of the file that ends between two Chinese characters leaves nothing.
    """
    raw = "".join(pieces)

    def space(match: re.Match[str]) -> str:
        run = match[0]
        if run == "\t":
            return run
        if office and len(run) <= _LONGEST_GAP:
            return " " if "\t" in run else " " * len(run)
        before, after = raw[match.start() - 1 : match.start()], raw[match.end() : match.end() + 1]
        return "" if "\n" in run and before >= _WIDE_FROM and after >= _WIDE_FROM else " "

    return _SPACE.sub(space, raw)


def printed_lines(text: str) -> list[str]:
    """The lines of settled text, white space around each left out."""
    return [line.replace("\xa0", " ").strip() for line in text.replace(AFTER_LABEL, "").split(BREAK)]


def word_label(text: str) -> tuple[str, str]:
    """The automatic number that Word wrote before a paragraph, and the text behind it; a bullet is no number."""
    match = _LABEL.match(text)
    if not match:
        return "", text
    label = match[1].replace("\xa0", " ").strip()
    rest = text[match.end() :]
    if not any(char.isalnum() for char in label) or label in ("l", "n", "u", "o", "q", "v"):
        return "", rest  # a bullet, in Wingdings a letter
    return label, rest


def labelled(label: str, text: str) -> str:
    """A number and its text on one line, as the Word reader joins them."""
    return label + ("" if not label or label.endswith(_CLOSED) else " ") + text
