"""Printed lines measured: their text, the size of their characters, and whether a line broke because it was full."""

import re
import unicodedata
from collections.abc import Sequence

from parsers.formats.pages import Line
from schemas.locations import Position

GAP = "    "
"""What stands between the spans of a line: Word has tabs or a run of spaces there."""

_OPENING = "（(《〈“‘「『【[〔"
_CLOSING = "，。、；：！？）》〉”’」』】〕,.;:!?)]%％…·"
_GLUE = "“”‘’\"'/／-—–~～"
"""Signs on neither side of which some programs break the line."""
_RUN = re.compile(r"[≥≤＞＜<>=±≈~～￥¥$+-]*[!-~]*[0-9A-Za-z０-９][!-~０-９．％]*")
_ENUMERATORS = (
    (
        "chapter",
        re.compile(
            r"\s*(?:[一二三四五六七八九十]{1,3}\s*[、.．]|第[一二三四五六七八九十\d]{1,3}(?:部分|[章条]))"
        ),
    ),
    ("section", re.compile(r"\s*[（(]\s*[一二三四五六七八九十]{1,3}\s*[)）]")),
    ("number", re.compile(r"\s*\d{1,2}\s*(?:[.．](?!\d)|、)")),
    ("bracket", re.compile(r"\s*[（(]\s*\d{1,2}\s*[)）]")),
    ("half bracket", re.compile(r"\s*\d{1,2}\s*[)）]")),
    ("circle", re.compile(r"\s*[①-⑳⑴-⒇]")),
    ("letter", re.compile(r"\s*[A-Za-z]\s*[.．、)）](?=\s*[\u4e00-\u9fff])")),
    ("bullet", re.compile(r"\s*[●•■◆★▲]")),
)
"""How an item begins, by kind."""
_ENDED = re.compile(r"[。；;！？!?：:…][”’」』）)\"]*\s*$")
_TOLERANCE = 0.4
"""Ems by which measured widths may be wrong."""
_WIDER = 0.1
"""Ems by which the figures of some fonts are wider than half a character."""
_FEW = 5.0
"""Ems below which a line's own box says little of the width of its characters."""
_DIGIT = 0.7
"""Ems that a digit takes at most, with what the measure may be wrong."""
_SIGN = 1.1
"""Ems that a sign of percent takes at most: it begins no line, so that the digit before it goes with it."""
_MOST_TOKEN = 14.0
"""Ems beyond which a run of Latin letters is cut anyway (a web address)."""


def line_text(line: Line) -> str:
    """The text of a line, its spans set apart."""
    if len(line.spans) == 1:
        return line.spans[0].text.strip()
    return GAP.join(text for span in line.spans if (text := span.text.strip()))


def width(line: Line) -> float:
    """How much of its line the print takes, in points."""
    return line.box[2] - line.box[0]


def height(line: Line) -> float:
    """The height of a line in points."""
    return line.box[3] - line.box[1]


def ems(text: str) -> float:
    """The width of `text` in the widths of a Chinese character, about."""
    return sum(1.0 if unicodedata.east_asian_width(char) in "WFA" else 0.52 for char in text)


def em(line: Line) -> float:
    """The width of a Chinese character of a line, in points, from the width of its print: the boxes of OCR and of some
    fonts are higher than the characters."""
    measured = [(span.right - span.left, ems(span.text)) for span in line.spans]
    total = sum(count for _, count in measured)
    from_width = sum(points for points, _ in measured) / total if total else 0.0
    if total >= 3:
        return max(from_width, 1.0)
    return max(min(from_width, height(line)) if from_width else height(line), 1.0)


def sizes(line: Line) -> tuple[float, float]:
    """The least and the most that a Chinese character of a line can be wide, in points: Latin letters and figures
    are from half to two thirds of it, as the font has them."""
    points = sum(span.right - span.left for span in line.spans)
    text = "".join(span.text for span in line.spans)
    wide = sum(unicodedata.east_asian_width(char) in "WFA" for char in text)
    narrow = len(text) - wide
    return points / max(wide + 0.68 * narrow, 0.5), points / max(wide + 0.48 * narrow, 0.5)


def first_token(text: str) -> float:
    """The width in ems of what a break before `text` would have to take along: at most, for programs differ in whether
    a number goes with the sign before it."""
    text = text.lstrip()
    at, glued = 0, True
    while at < len(text) and at < _MOST_TOKEN and (glued or text[at] in _CLOSING or text[at] in _GLUE):
        run = _RUN.match(text, at)
        glued = text[at] in _OPENING or text[at] in _GLUE or (text[at] in _CLOSING and not run)
        if glued and text[at] in _CLOSING and text[at] not in _GLUE:
            glued = _RUN.match(text, at + 1) is not None
        at = run.end() if run else at + 1
    narrow = sum(unicodedata.east_asian_width(char) not in "WFA" for char in text[:at])
    return min(ems(text[:at]) + _WIDER * narrow, _MOST_TOKEN)


def enumerator(text: str) -> str | None:
    """The kind of number that a line begins with as an item does (一、（一）1.（1）①); None if it does not."""
    return next((kind for kind, pattern in _ENUMERATORS if pattern.match(text)), None)


def is_enumerated(text: str) -> bool:
    """Whether a line begins like an item."""
    return enumerator(text) is not None


def is_inline_item(text: str, following: str) -> bool:
    """Whether the item that `following` begins with is counted on from one inside of `text`: （1）…；（2）…"""
    match = re.match(r"\s*([（(]?)(\d{1,2})([)）.．、])", following)
    if match is None or int(match[2]) < 2:
        return False
    before = (
        rf"[（(]{int(match[2]) - 1}[)）]"
        if match[1]
        else rf"(?<!\d){int(match[2]) - 1}[{re.escape(match[3])}](?!\d)"
    )
    return re.search(rf"\S\s*{before}", text) is not None


def is_ended(text: str) -> bool:
    """Whether a line ends like a paragraph: a full stop, semicolon or colon."""
    return _ENDED.search(text) is not None


def breaks_line(before: Line, after: Line, free: float) -> bool:
    """Whether `after` stands on a line of its own only because no more would fit behind `before`, which leaves `free`
    points unused."""
    span = after.spans[0]
    total = ems(span.text)
    token = first_token(span.text)
    breadth = (span.right - span.left) * min(token / total, 1.0) if total else 0.0
    if token < total < _FEW:  # the boxes of few characters are close to their ink
        breadth = max(breadth, token * em(before) * 0.9)
    return breadth > free - _TOLERANCE * em(before)


def bridge(before: str, after: str, free: float, room: float) -> str:
    """What a line break inside a paragraph stands for: nothing between Chinese characters, a space between Latin words
    or two numbers.

    `free` is what the line before left unused and `room` what a line holds, in ems. A number or word is cut in two
    only where not one more character fits; a word, besides, only where it is longer than a line.
    """
    left, right = before[-1:], after[:1]
    if not (left.isascii() and right.isascii()):
        return ""
    if left.isdigit() and right.isdigit():
        return "" if free < _DIGIT + (_SIGN if re.match(r"\d[%％‰]", after) else 0.0) else " "
    if left.isalpha() and right.isalpha():
        word = re.search(r"[!-~]*$", before)
        follows = re.match(r"[!-~]*", after)
        length = ems((word[0] if word else "") + (follows[0] if follows else ""))
        return "" if free < _DIGIT and length > room - _DIGIT else " "
    return " " if left in ",;:" and right.isalpha() else ""


def joined(lines: Sequence[tuple[str, str]]) -> tuple[str, tuple[int, ...]]:
    """One text of several lines, each with the sign that parts it from the line before; where each begins."""
    text, starts = "", []
    for sign, line in lines:
        text += sign
        starts.append(len(text))
        text += line
    return text, tuple(starts)


def line_position(page: int, line: Line, char_start: int) -> Position:
    """Where the characters of a line stand."""
    return Position(page, line.box, None, char_start, confidence([line]))


def confidence(lines: Sequence[Line]) -> float | None:
    """The least confidence of the spans; None where the file itself holds the characters."""
    known = [span.confidence for line in lines for span in line.spans if span.confidence is not None]
    return min(known, default=None)
