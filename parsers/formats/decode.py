"""Bytes of a text file -> str: UTF-8, UTF-16 and GB18030, with or without byte order mark."""

import codecs
import unicodedata

from schemas.errors import UnreadableFile

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (b"\x84\x31\x95\x33", "gb18030"),
)
_SAMPLE = 8_192
_PLAUSIBLE_SHARE = 0.9
"""Share of a sample's characters that are Han, ASCII or common punctuation in a real text."""


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """The text in `data` and warnings of what had to be left out.

    A byte order mark decides; else the first encoding under which every byte has a meaning
    and the characters look like a text: UTF-8, UTF-16, GB18030. A last character cut in two
    (a truncated download) is left out with a warning.
    Raises UnreadableFile("encoding") when no encoding fits.
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            text = _strict(data[len(mark) :], encoding)
            if text is not None:
                return text
            break
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        text = _strict(data, encoding)
        if text is not None and _plausible(text[0]):
            return text
    raise UnreadableFile(
        "encoding", "the text is in no known encoding (UTF-8, UTF-16, GB18030); save it again as UTF-8"
    )


def _strict(data: bytes, encoding: str) -> tuple[str, tuple[str, ...]] | None:
    try:
        return data.decode(encoding), ()
    except UnicodeDecodeError as error:
        if error.start < len(data) - 3:
            return None
        text = data[: error.start].decode(encoding)
        return text, (f"the last {len(data) - error.start} bytes are half a character and were left out",)


def _plausible(text: str) -> bool:
    sample = text[:_SAMPLE]
    good = sum(c in "\t\n\r\f" or " " <= c <= "~" or _is_chinese_print(c) for c in sample)
    return good >= _PLAUSIBLE_SHARE * len(sample)


def _is_chinese_print(char: str) -> bool:
    if "一" <= char <= "鿿":
        return True
    if "\u3000" <= char <= "\u303f" or "\uff00" <= char <= "\uffef":
        return True
    return unicodedata.category(char)[0] in "PSNZ"
