"""File names as text: bytes in unknown encodings, what systems leave behind, paths that climb out.

Names of files and of archives' members are only ever shown and compared. Nothing is written to
disk under a name that an archive gives.
"""

import re
from collections.abc import Sequence

NAME_BYTES = 4096
"""A longer path is no file's: the longest that Linux opens."""

_ENCODINGS = ("utf-8", "gb18030")
_LITTER = re.compile(r"\.|~\$|~wr[ldfc]\w*\.tmp$|(thumbs\.db|desktop\.ini|__macosx)$", re.IGNORECASE)
_DRIVE = re.compile(r"[A-Za-z]:")
_BOX = re.compile("[\u2500-\u259f]")
_CHINESE = re.compile("[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]")
_CONTROLS = {
    **{code: 0x2400 + code for code in range(0x20)},
    **dict.fromkeys((*range(0x7F, 0xA0), *range(0xD800, 0xE000)), 0xFFFD),
}
"""Control characters as the pictures that Unicode has for them; what cannot be stored as U+FFFD."""


def decoded(names: Sequence[bytes]) -> list[str]:
    """Names of unstated encoding as text; names of one archive go together, since one encoding wrote them.

    UTF-8 if all can be read so and it gives Chinese: 学校 in GBK is UTF-8, too, of two Cyrillic letters.
    """
    odd = b"\n".join(name for name in names if not name.isascii())
    utf, gbk = (_read(odd, encoding) for encoding in _ENCODINGS)
    if utf is None and gbk is None and len(names) > 1:  # several programs wrote it
        return [decoded([name])[0] for name in names]
    order = _ENCODINGS
    if gbk is not None and (utf is None or _chinese(utf) < 0.5 <= _chinese(gbk)):
        order = _ENCODINGS[::-1]
    return [_first(name, order) for name in names]


def recoded(name: str) -> str:
    """A name whose GBK bytes were taken for those of a DOS code page, put right; else as it is."""
    if not _BOX.search(name):
        return name
    try:
        text = name.encode("cp437").decode("gb18030")
    except UnicodeError:
        return name
    return text if _chinese(text) >= 0.5 else name


def cleaned(name: str) -> str:
    """A name that can be stored and printed: controls and lone surrogates made visible, parts
    between single slashes. Backslashes divide, too: old Windows programs write them."""
    parts = re.split(r"[/\\]", name.translate(_CONTROLS))
    return "/".join(part for part in parts if part not in ("", "."))


def is_unsafe(name: str) -> bool:
    """Whether a member's path leads out of its archive: `../`, `/etc`, `C:`, `\\\\server`."""
    parts = re.split(r"[/\\]", name)
    return ".." in [part.strip() for part in parts] or name[:1] in ("/", "\\") or bool(_DRIVE.match(name))


def is_litter(name: str) -> bool:
    """True for what is hidden, an Office lock or work file (~$report.docx), or a system's own file."""
    return bool(_LITTER.match(name))


def _read(raw: bytes, encoding: str) -> str | None:
    try:
        return raw.decode(encoding)
    except UnicodeDecodeError:
        return None


def _first(name: bytes, order: Sequence[str]) -> str:
    for encoding in order:
        if (text := _read(name, encoding)) is not None:
            return text
    text = name.decode("utf-8", errors="surrogateescape")
    return re.sub("[\udc80-\udcff]", lambda odd: f"%{ord(odd[0]) - 0xDC00:02X}", text)


def _chinese(text: str) -> float:
    """The share of Chinese characters among those that are not ASCII."""
    odd = [c for c in text if not c.isascii()]
    return sum(map(bool, map(_CHINESE.match, odd))) / len(odd) if odd else 1.0
