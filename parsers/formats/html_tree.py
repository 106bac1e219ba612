"""Bytes of a web page -> its text -> a tree of elements. lxml stays here: what it says about a bad page becomes UnreadableFile.

The tree is that of a lenient HTML parser: no page is too broken for it. DTDs and entities declared in the page are left
out, nothing is fetched.
"""

import re

from lxml import etree
from lxml.etree import _Element

from parsers.formats.decode import decode
from schemas.errors import UnreadableFile

MAX_PAGE_BYTES = 64 * 1024 * 1024
"""A report of 90,000 cells, saved by Word with all its styles, takes some 40 MB."""
_RESOURCE_LIMIT = 114
"""libxml2's XML_ERR_RESOURCE_LIMIT: it stops at elements nested 2,048 deep; unclosed <font> tags come to a few hundred."""
_DAMAGED_SHARE = 0.02
"""Damaged characters among those beyond ASCII which a page may hold (a teaser cut in mid-character)."""

_DOCTYPE = re.compile(r"<!DOCTYPE[^>\[]{0,2000}\[.{0,100000}?\]\s*>", re.IGNORECASE | re.DOTALL)
# Conditions of Word that browsers do not know: what stands between them is shown.
_CONDITION = re.compile(r"<!\[(?:if\b[^\]>]{0,200}|endif)\]>", re.IGNORECASE)
_DECLARATION = re.compile(r"\s*<\?xml\b[^>]{0,500}\?>", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f]")
_INVISIBLE = re.compile("[\ufeff\u200b\u200c\u200d\u2060\ufffc\u00ad]")


def decode_html(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a page and warnings of what is damaged in it.

    Content decides, not what the page says of itself: a byte order mark; UTF-16 where the markup shows it; UTF-8 if the
    bytes are (nearly) all of it, which text in GBK never is by chance; else GB18030. Raises UnreadableFile.
    """
    if len(data) > MAX_PAGE_BYTES:
        raise UnreadableFile(
            "too_large", f"The page is larger than {MAX_PAGE_BYTES >> 20} MB, as no report is. Split it."
        )
    if not data.strip(b"\x00 \t\r\n"):
        raise UnreadableFile("empty", "The page is empty. Get it again from its sender.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return decode(data)
    if data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    head = data[:400]
    for encoding, mark in (("utf-16-le", b"<\x00"), ("utf-16-be", b"\x00<")):
        if mark in head and head.count(b"\x00") > len(head) // 4:
            return data.decode(encoding, "replace"), ()
    for encoding in ("utf-8", "gb18030"):
        text = data.decode(encoding, "replace")
        damaged = text.count("\ufffd")
        foreign = len(text) - sum(map(text.count, _ASCII)) if damaged else 0
        if damaged <= _DAMAGED_SHARE * foreign or (not damaged):
            warning = f"{damaged} characters of the page are damaged and shown as \ufffd."
            return text, (warning,) if damaged else ()
    raise UnreadableFile(
        "encoding",
        "The page is in no known encoding (UTF-8, UTF-16, GB18030). Open it in a browser and save it anew.",
    )


_ASCII = [chr(code) for code in range(128)]


def parse_html(text: str) -> _Element | None:
    """The root element of a page, None where there is not one element. Raises UnreadableFile("too_large")."""
    for unwanted in (_DOCTYPE, _CONDITION, _CONTROL, _INVISIBLE):
        text = unwanted.sub("", text)
    text = text[found.end() :] if (found := _DECLARATION.match(text)) else text
    if not text.strip():
        return None
    parser = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=True
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except (etree.XMLSyntaxError, ValueError):  # a page without any element or text
        return None
    if any(entry.type == _RESOURCE_LIMIT for entry in parser.error_log):
        raise UnreadableFile(
            "too_large", "Elements nest deeper in the page than any report's do. Open it in Word and save it anew."
        )
    return root
