"""Characters of a PDF page -> Spans on the page as it is read.

PDFs store glyphs at places, in any order and turned any way; lines, cells and even words are only what the eye makes
of them. The characters come in arrays, since a loop over each would take longer than pdfium takes for the page.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from operator import itemgetter
from typing import Any, NamedTuple

import numpy as np

from parsers.formats.pages import Rule, Span

_GAP = 1.0
"""Widest gap within a span, in heights of its characters."""
_PART = 0.55
"""Gap from which on the pieces of a span may be cells of a table without rules, in heights of its characters."""
_BACK = 0.6
"""How far a character may begin before the end of the last one: compressed punctuation overlaps."""
_MOST_UPRIGHTS = 5_000
"""Vertical rules of a page; beyond it they are a drawing, which divides no text."""
_SPACE = 0.12
"""Gap from which pdfium's space between Latin letters is one, in heights of them: none before a raised 2."""
_TRIED = 16
"""Prints of the same at one height that a run is compared with."""
_BLANK = re.compile(r"[\s\0]")


class Frame(NamedTuple):
    """How the file's coordinates become those of the page as it is read: its box turned clockwise by
    `quarter_turns` times 90 degrees."""

    left: float
    bottom: float
    right: float
    top: float
    quarter_turns: int

    @property
    def size(self) -> tuple[float, float]:
        """Width and height as read."""
        width, height = self.right - self.left, self.top - self.bottom
        return (height, width) if self.quarter_turns % 2 else (width, height)

    def boxes(self, left: Any, bottom: Any, right: Any, top: Any) -> tuple[Any, Any, Any, Any]:
        """Left, top, right, bottom as read of boxes (numbers or arrays) in the file's coordinates."""
        if self.quarter_turns == 0:
            return left - self.left, self.top - top, right - self.left, self.top - bottom
        if self.quarter_turns == 1:
            return bottom - self.bottom, left - self.left, top - self.bottom, right - self.left
        if self.quarter_turns == 2:
            return self.right - right, bottom - self.bottom, self.right - left, top - self.bottom
        return self.top - top, self.right - right, self.top - bottom, self.right - left


class Glyphs(NamedTuple):
    """The characters of a page: `text[i]`, by its code `codes[i]` in the file, in the box `boxes[i]`, left, top,
    right, bottom, y upwards."""

    text: str
    codes: Any
    boxes: Any

    @classmethod
    def of(cls, codes: Any, boxes: Any) -> "Glyphs":
        """From pdfium's arrays, each character brought to the one that is meant."""
        codes = np.where(codes > 0x10FFFF, 0xFFFD, codes).astype(np.uint32)
        text = codes.tobytes().decode("utf-32", "surrogatepass")
        return cls(_meant(text), codes, boxes.astype(np.float64))

    def inked(self) -> Any:
        """The numbers of the characters that print something."""
        codes = self.codes
        return np.flatnonzero(
            ((codes > 0x20) | (codes < 0x09) | (codes == 0x1F))
            & (codes != 0xA0) & (codes != 0x3000) & (codes != 0x200B) & (codes != 0xFEFF)
        )  # fmt: skip


class Run(NamedTuple):
    """A Span and the first of its characters, which tells font, colour and angle of all."""

    span: Span
    first: int
    size: int


_ODD = re.compile("[\x00-\x08\x0e-\x1f\xad\u2e80-\u2fdf\uf900-\ufaff\ufffe]")
_PLURAL = re.compile("[\ufb00-\ufb06]|[\ud800-\udfff]+")
"""What is other than one character: ligatures, and characters in two halves."""
_MEANT = {0: "\ufffd", 2: "-", 0xAD: "-", 0xFFFE: "-"}
"""pdfium names a hyphen at a line's end 2 or FFFE, and 0 a character that the font does not name."""


_RADICALS = dict(
    zip(
        "⺁⺇⺌⺍⺒⺓⺟⺠⺡⺢⺥⺧⺩⺪⺫⺬⺮⺯⺶⺷⺸⺹⺻⺼⺽⻁⻂⻃⻄⻅⻆⻇⻈⻉⻋⻌⻎⻏⻐⻑⻓⻔⻕⻗⻘⻙⻚⻛⻜⻝⻠⻡⻢⻣⻤⻥⻦⻧⻨⻩⻪⻬⻮⻰⻳",
        "厂几小小巳幺母民氵氺爪牛王疋目示竹糸羊羊羊耂聿肉臼虎衤西西见角角讠贝车辶辶阝钅長长门阜雨青韦页风飞食饣首马骨鬼鱼鸟卤麦黄黾齐齿龙龟",
        strict=True,
    )
)


def _meant(text: str) -> str:
    """`text` with radicals and compatibility forms as the ideographs they stand for, one for one: fonts name 目
    as the radical ⽬, which looks the same."""
    return _ODD.sub(lambda found: _one_meant(found[0]), text)


def _one_meant(char: str) -> str:
    named = _MEANT.get(ord(char))
    if named is not None:
        return named
    if "\u2e80" <= char <= "\u2eff":
        return _RADICALS.get(char, char)
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 else char


def runs(glyphs: Glyphs, inked: Any, frame: Frame, shown: Frame, uprights: Sequence[Rule]) -> list[Run]:
    """The characters `inked` as Spans on the page `shown`. `frame` turns them upright, which is another than
    `shown` for a side label; `uprights` are the vertical rules, which no span crosses."""
    if not len(inked):
        return []
    file_boxes = glyphs.boxes[inked]
    left, top, right, bottom = frame.boxes(*(file_boxes[:, column] for column in (0, 3, 2, 1)))
    height = bottom - top
    size = np.maximum(height[1:], height[:-1])
    gap = left[1:] - right[:-1]
    overlap = np.minimum(bottom[1:], bottom[:-1]) - np.maximum(top[1:], top[:-1])
    middle = (top + bottom) / 2
    apart = (overlap < 0.5 * np.minimum(height[1:], height[:-1])) & (
        np.abs(middle[1:] - middle[:-1]) > 0.7 * size
    )
    # the letters of a ligature have one box: what steps back to its beginning is no new text
    codes = glyphs.codes[inked]
    of_one_glyph = (file_boxes[1:] == file_boxes[:-1]).all(axis=1) & (codes[1:] != codes[:-1])
    breaks = apart | (gap > _GAP * size) | ((gap < -_BACK * size) & ~of_one_glyph)
    if 0 < len(uprights) <= _MOST_UPRIGHTS and frame is shown:
        breaks |= _crossed((left + right) / 2, middle, ~breaks, uprights)
    starts = np.concatenate(([0], np.flatnonzero(breaks) + 1))
    left, top, right, bottom = (
        values.round(2) for values in shown.boxes(*(file_boxes[:, column] for column in (0, 3, 2, 1)))
    )
    lefts, tops = np.minimum.reduceat(left, starts), np.minimum.reduceat(top, starts)
    rights, bottoms = np.maximum.reduceat(right, starts), np.maximum.reduceat(bottom, starts)
    ends = np.append(starts[1:], len(inked))
    found = []
    for first, last, count, *box in zip(
        inked[starts].tolist(), inked[ends - 1].tolist(), (ends - starts).tolist(),
        lefts.tolist(), tops.tolist(), rights.tolist(), bottoms.tolist(), strict=True,
    ):  # fmt: skip
        found.append(Run(Span(_text(glyphs, first, last, count), *box), first, count))
    cuts = np.flatnonzero(~breaks & (gap > _PART * size)) + 1
    if len(cuts):
        boxes = np.stack((left, top, right, bottom), axis=1)
        for at, (begin, end) in _stretches(starts, ends, cuts):
            parts = tuple(_part(glyphs, inked, boxes, first, last) for first, last in pairwise((begin, *end)))
            run = found[at]
            found[at] = run._replace(span=run.span._replace(parts=parts))
    return found


def _text(glyphs: Glyphs, first: int, last: int, count: int) -> str:
    """What `count` characters of the page say, from `first` to `last` of the file's."""
    text = glyphs.text[first : last + 1]
    if len(text) != count:
        text = _spaced(text, first, glyphs.boxes)
    return _PLURAL.sub(_spelled, text)


def _stretches(starts: Any, ends: Any, cuts: Any) -> Iterator[tuple[int, tuple[int, list[int]]]]:
    """For each run that is cut its number, and where its pieces begin and end."""
    of_run = np.searchsorted(starts, cuts, side="right") - 1
    for at, group in groupby(zip(of_run.tolist(), cuts.tolist(), strict=True), key=itemgetter(0)):
        yield at, (int(starts[at]), [*(cut for _, cut in group), int(ends[at])])


def _part(glyphs: Glyphs, inked: Any, boxes: Any, first: int, last: int) -> Span:
    """The piece of a run from the `first` of the inked characters to before the `last`."""
    text = _text(glyphs, int(inked[first]), int(inked[last - 1]), last - first)
    own = boxes[first:last]
    left, top = own[:, :2].min(axis=0).tolist()
    right, bottom = own[:, 2:].max(axis=0).tolist()
    return Span(text, left, top, right, bottom)


def printed_once(found: list[Run]) -> list[Run]:
    """The runs without those that print the same once more at almost the same place, which looks bold."""
    alike: dict[str, list[int]] = {}
    for number, run in enumerate(found):
        alike.setdefault(run.span.text, []).append(number)
    if len(alike) == len(found):
        return found
    again: set[int] = set()
    for numbers in alike.values():
        if len(numbers) > 1:
            again.update(_overprinted([found[number].span for number in numbers], numbers))
    return [run for number, run in enumerate(found) if number not in again] if again else found


def _overprinted(spans: list[Span], numbers: list[int]) -> Iterator[int]:
    """Which of the spans, all of one text, stand where an earlier one does."""
    near = 0.2 * min(spans[0].bottom - spans[0].top, spans[0].right - spans[0].left)
    order = sorted(range(len(spans)), key=lambda index: spans[index].top)
    for place, index in enumerate(order[1:], start=1):
        span = spans[index]
        for other in order[max(0, place - _TRIED) : place]:
            if span.top - spans[other].top <= near and abs(span.left - spans[other].left) <= near:
                yield max(numbers[index], numbers[other])
                break


def _spelled(found: re.Match[str]) -> str:
    if found[0] < "\ue000":
        return found[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return unicodedata.normalize("NFKC", found[0])


def _crossed(centre: Any, middle: Any, together: Any, uprights: Sequence[Rule]) -> Any:
    """Where a vertical rule stands between a character and the next, `together` otherwise."""
    xs = np.array([(rule.left + rule.right) / 2 for rule in uprights])
    order = np.argsort(xs, kind="stable")
    xs = xs[order]
    first, last = np.searchsorted(xs, centre[:-1]), np.searchsorted(xs, centre[1:])
    crossed = np.zeros(len(together), dtype=bool)
    for index in np.flatnonzero(together & (last > first)).tolist():
        y = middle[index]
        for at in range(first[index], last[index]):
            rule = uprights[order[at]]
            if rule.top <= y <= rule.bottom:
                crossed[index] = True
                break
    return crossed


def _spaced(text: str, first: int, boxes: Any) -> str:
    """The characters of a run without what pdfium puts between lines and words: its own spaces stay between Latin
    words that stand apart only, printed ones everywhere."""
    kept: list[str] = []
    waiting = ""
    before = first
    for index, char in enumerate(text, start=first):
        if not _BLANK.match(char):
            if waiting == "\0":
                latin = bool(kept) and kept[-1].isascii() and char.isascii()
                waiting = " " if latin and _stand_apart(boxes[before], boxes[index]) else ""
            kept.append(waiting + char)
            waiting, before = "", index
        elif char in " \u00a0\u3000\t" and boxes[index][2] > boxes[index][0]:
            waiting = (waiting if waiting != "\0" else "") + (char if char == "\u3000" else " ")
        else:
            waiting = waiting or "\0"
    return "".join(kept)


def _stand_apart(one: Any, other: Any) -> bool:
    """Whether there is room for a space between two boxes, whichever way the text runs."""
    gap = max(other[0] - one[2], one[0] - other[2], other[3] - one[1], one[3] - other[1])
    return bool(gap > _SPACE * max(one[2] - one[0], one[1] - one[3]))


def downward(found: list[Run]) -> list[Run]:
    """The runs with columns of vertical writing put together: characters one below the other, the next column to
    the left of the last. A single column stays as it is, one character a line."""
    columns = _columns(found)
    if len(columns) < 2:
        return found
    joined: dict[int, Run] = {}
    inside: set[int] = set()
    first = 0
    for at in range(1, len(columns) + 1):
        if at < len(columns) and _next_column(found, columns[at - 1], columns[at]):
            continue
        if at - first > 1:
            members = [number for column in columns[first:at] for number in column]
            inside.update(members)
            joined[members[0]] = _one_run([found[number] for number in members])
        first = at
    return [
        joined.get(number, run)
        for number, run in enumerate(found)
        if number in joined or number not in inside
    ]


def _columns(found: list[Run]) -> list[range]:
    """The stretches of two or more runs of one character, each below the last."""
    columns = []
    start = 0
    for at in range(1, len(found) + 1):
        if at < len(found) and found[at].size == found[at - 1].size == 1:
            upper, lower = found[at - 1].span, found[at].span
            size = max(upper.bottom - upper.top, lower.bottom - lower.top)
            aside = abs(upper.left + upper.right - lower.left - lower.right) / 2
            if aside < 0.3 * size and 0.3 * size < lower.top - upper.top < 1.8 * size:
                continue
        if at - start > 1:
            columns.append(range(start, at))
        start = at
    return columns


def _next_column(found: list[Run], column: range, following: range) -> bool:
    """Whether vertical writing goes on from a column to the one on its left."""
    if following.start != column.stop:
        return False
    one, other = found[column.start].span, found[following.start].span
    size = one.right - one.left
    return 0.5 * size < one.left - other.left < 3 * size and abs(one.top - other.top) < 0.6 * size


def turned_lines(found: list[Run], clockwise: bool) -> list[Run]:
    """Runs that are turned `clockwise` against the page, or the other way, with those that stand side by side as the
    lines of one text put together: from the right if clockwise, else from the left."""
    blocks: list[list[Run]] = []
    for run in found:
        span = run.span
        if blocks:
            last = blocks[-1][-1].span
            width = min(span.right - span.left, last.right - last.left)
            between = max(span.left - last.right, last.left - span.right)
            if between < width and min(span.bottom, last.bottom) > max(span.top, last.top):
                blocks[-1].append(run)
                continue
        blocks.append([run])
    for block in blocks:
        block.sort(key=lambda run: -run.span.right if clockwise else run.span.left)
    return [_one_run(block) if len(block) > 1 else block[0] for block in blocks]


def _one_run(found: list[Run]) -> Run:
    spans = [run.span for run in found]
    span = Span(
        "".join(span.text for span in spans),
        min(span.left for span in spans),
        min(span.top for span in spans),
        max(span.right for span in spans),
        max(span.bottom for span in spans),
    )
    return Run(span, found[0].first, sum(run.size for run in found))
