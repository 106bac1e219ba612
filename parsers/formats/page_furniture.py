"""What stands on a page but in no text: running heads, footers, page numbers, pieces of a watermark.

A head or footer is known by coming again at the same place of other pages; a page number, besides, by its form and by
counting on with the pages. A line that is larger than the text, or the title over a form, is the page's own.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from statistics import median

from parsers.formats.page_pieces import is_label
from parsers.formats.page_text import em, line_text
from parsers.formats.pages import Grid, GridCell, Line, Page
from parsers.headers import label_of
from schemas.vocabulary import FORM_TITLE, ROW_LABEL, TABLE_CAPTION, UNIT_NOTE

_EDGE_LINES = 3
"""Lines at the top and bottom of a page that can be furniture."""
_TOP, _BOTTOM = 0.12, 0.88
"""Shares of the page's height above and below which a page number stands."""
_HEAD, _FOOT = 0.09, 0.9
"""The same for running heads and footers: the text of a page with narrow margins begins right below."""
_MARGIN = 0.068
"""Share of the page's height above which no text begins, whatever the margins."""
_LEAST_PAGES = 3
"""Pages that a document must have before its heads can be told from its text."""
_MOST_ITEMS = 2000
"""Lines of a page beyond which no watermark is looked for: every pair would be compared."""
_SAME_PLACE = 4.0
"""Points by which a head may stand higher or lower on another page."""
_LARGER = 1.15
"""How much larger than the text a title is."""
_MUCH_LARGER = 1.4
"""The same in the margin, where a head can be larger than the text of narrow tables."""
_ALIKE = 0.75
"""Share of their pairs of characters that two readings of one head have in common."""

_NUMBER = r"(?:\d{1,4}|[一二三四五六七八九十百]{1,4})"
_MARKED = re.compile(
    rf"第{_NUMBER}页(?:[,，/／|]?[（(]?共{_NUMBER}页[)）]?)?|共{_NUMBER}页[,，/／|]?第{_NUMBER}页"
    rf"|\d{{1,4}}[/／]\d{{1,4}}(?:页)?|page\d{{1,4}}(?:(?:of|/)\d{{1,4}})?|p[.．]?\d{{1,4}}|\d{{1,4}}页"
    r"|(?P<dash>[-—–－―~·.．_]+)(?:\d{1,4}|[ivxlcIVXLC]{1,7}|[Ⅰ-Ⅻ])(?:[-—–－―~·.．_]+)|[〔\[]\d{1,4}[〕\]]",
    re.IGNORECASE,
)
_FORM_YEAR = re.compile(r"[（(]?20\d{2}年?度?[)）]?")
_ANNEX = re.compile(r"附[件表录](?:\d{1,3}|[一二三四五六七八九十]{1,3})?(?:[-—–]\d{1,3})?[：:]?")
_MONEY_UNIT = re.compile(rf"(?:^|[\s（(]){UNIT_NOTE}\s*[)）]?(?:\s|$)")
_FORM_LABEL = rf"{ROW_LABEL}|(?:制表|填制|经办|复核|编制)(?:人|日期|时间).*|日期|时间"
"""Labels of what stands above or below a form."""
_BARE = re.compile(r"(?:\d{1,4}|[ivxlc]{1,7}|[IVXLC]{1,7}|[Ⅰ-Ⅻ])")


@dataclass(slots=True)
class _Edge:
    """A line at the top or bottom of a page."""

    page: int
    index: int
    line: Line
    text: str
    is_top: bool
    place: float
    """Its distance from the top or bottom edge of the page, in points."""
    share: float
    """Where it stands as a share of the page's height: its bottom at the top, its top at the bottom."""


@dataclass(slots=True)
class _Group:
    """Lines at one place of several pages that say the same but for numbers."""

    key: str
    pairs: Counter[str]
    members: list[_Edge] = field(default_factory=list)


def furniture(pages: Sequence[Page]) -> list[frozenset[int]]:
    """For each page the indices of its items that are furniture."""
    edges = [list(_edges(at, page)) for at, page in enumerate(pages)]
    size = _text_size(pages)
    heads = _repeated([edge for of_page in edges for edge in of_page], pages, size)
    offsets = Counter(
        (edge.is_top, int(edge.text) - pages[edge.page].number)
        for of_page in edges
        for edge in of_page
        if edge.text.isdecimal() and len(edge.text) <= 4
    )
    found: list[set[int]] = [set() for _ in pages]
    for at, of_page in enumerate(edges):
        for is_top in (True, False):
            for edge in of_page:
                if edge.is_top is not is_top or edge.index in found[at]:
                    continue
                number = _is_page_number(edge, pages[at].number, offsets)
                if not number and (at, edge.index) not in heads:
                    break  # what stands nearer to the text is text
                found[at].add(edge.index)
    for at, index in _watermarks(pages, size):
        found[at].add(index)
    return [frozenset(indices) for indices in found]


def _edges(at: int, page: Page) -> Iterator[_Edge]:
    """The lines at the top of a page from the top, then those at its bottom from the bottom; none beyond a table."""
    grids = [item.box for item in page.items if isinstance(item, Grid)]
    first = min((box[1] for box in grids), default=page.height)
    last = max((box[3] for box in grids), default=0.0)
    lines = [(item, index) for index, item in enumerate(page.items) if isinstance(item, Line)]
    top = sorted((pair for pair in lines if pair[0].box[3] <= first + 2), key=lambda pair: pair[0].box[1])
    bottom = sorted((pair for pair in lines if pair[0].box[1] >= last - 2), key=lambda pair: -pair[0].box[3])
    for line, index in top[:_EDGE_LINES]:
        if line.box[3] < _TOP * page.height:
            place, share = line.box[1], line.box[3] / page.height
            yield _Edge(at, index, line, _compact(line), True, place, share)
    for line, index in bottom[:_EDGE_LINES]:
        if line.box[1] > _BOTTOM * page.height:
            place, share = page.height - line.box[3], line.box[1] / page.height
            yield _Edge(at, index, line, _compact(line), False, place, share)


def _is_page_number(edge: _Edge, page: int, offsets: Counter[tuple[bool, int]]) -> bool:
    if _MARKED.fullmatch(edge.text):
        return True
    if not _BARE.fullmatch(edge.text):
        return False
    if not edge.text.isdecimal():
        return not edge.is_top
    offset = int(edge.text) - page
    return offsets[edge.is_top, offset] > 1 or (offset == 0 and not edge.is_top)


def _repeated(edges: Iterable[_Edge], pages: Sequence[Page], size: float) -> set[tuple[int, int]]:
    """Page and index of the lines that come again at the same place."""
    if len(pages) < _LEAST_PAGES:
        return _again(edges, pages, size)
    least = 2 if len(pages) <= 4 else 3
    found: set[tuple[int, int]] = set()
    for group in _groups(edge for edge in edges if edge.share < _HEAD or edge.share > _FOOT):
        if len({edge.page for edge in group.members}) < least:
            continue
        if any(_is_own(edge, pages[edge.page], size) for edge in group.members):
            continue
        is_field = any(_is_field(edge, pages[edge.page]) for edge in group.members)
        found.update(
            (edge.page, edge.index)
            for edge in group.members
            if not is_field or _is_said_again(edge, group.members[0], pages)
        )
    return found


def _again(edges: Iterable[_Edge], pages: Sequence[Page], size: float) -> set[tuple[int, int]]:
    """The same in a document of two pages: what the margin of the second says again; the first page keeps its line."""
    in_margin = [edge for edge in edges if min(edge.share, 1 - edge.share) <= _MARGIN]
    return {
        (edge.page, edge.index)
        for edge in in_margin
        if edge.page == 1
        and em(edge.line) <= _LARGER * size
        and not _is_own(edge, pages[1], size)
        and not (_is_field(edge, pages[1]) and not _is_said_again(edge, edge, pages))
        and any(
            first.page == 0 and first.text == edge.text and abs(first.place - edge.place) < _SAME_PLACE
            for first in in_margin
        )
    }


def _groups(edges: Iterable[_Edge]) -> list[_Group]:
    groups: dict[tuple[bool, int], list[_Group]] = defaultdict(list)
    for edge in edges:
        key = re.sub(r"\d+|[一二三四五六七八九十]+(?=页)", "#", edge.text)
        pairs = Counter(key[i : i + 2] for i in range(max(len(key) - 1, 1)))
        bucket = round(edge.place / _SAME_PLACE)
        near = [group for at in (bucket - 1, bucket, bucket + 1) for group in groups[edge.is_top, at][-8:]]
        own = next((g for g in near if g.key == key), None) or next(
            (g for g in near if _likeness(g.pairs, pairs) >= _ALIKE and len(key) > 5), None
        )
        if own is None:
            own = _Group(key, pairs)
            groups[edge.is_top, bucket].append(own)
        own.members.append(edge)
    return [group for at in groups.values() for group in at]


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    return 2 * (one & other).total() / max(one.total() + other.total(), 1)


def _is_own(edge: _Edge, page: Page, size: float) -> bool:
    """Whether a line that other pages print too is the page's own: its title, or the caption of its form."""
    if not edge.is_top:
        return False
    in_margin = edge.share <= _MARGIN
    if em(edge.line) > (_MUCH_LARGER if in_margin else _LARGER) * size:
        return True
    if in_margin:
        return bool(re.fullmatch(FORM_TITLE, edge.text)) and _begins_form(page, edge.index)
    if not any(re.fullmatch(pattern, edge.text) for pattern in (FORM_TITLE, TABLE_CAPTION)):
        return False
    following = page.items[edge.index + 1 : edge.index + 5]
    return any(isinstance(item, Grid) for item in following)


def _is_field(edge: _Edge, page: Page) -> bool:
    """Whether a line belongs to what its page shows: the number of an annex, or the unit of money or a labelled value
    beside a table (filled in by, date)."""
    if edge.is_top and _ANNEX.fullmatch(edge.text):
        return True
    near = page.items[edge.index + 1 : edge.index + 5] if edge.is_top else page.items[: edge.index][-4:]
    if not any(isinstance(item, Grid) for item in near):
        return False
    label, colon, _ = re.sub("[：:]", "：", edge.text).partition("：")
    is_labelled = bool(colon) and (bool(label_of(label)) or re.fullmatch(_FORM_LABEL, label) is not None)
    return is_labelled or _MONEY_UNIT.search(line_text(edge.line)) is not None


def _is_said_again(edge: _Edge, first: _Edge, pages: Sequence[Page]) -> bool:
    """Whether a field at the top of a page only says again what it said on the `first`: no other form begins below it."""
    if not edge.is_top or edge.text != first.text:
        return False
    own, its = (_top_row(pages[one.page]) for one in (edge, first))
    is_form = bool(own) and own[:1] == its[:1] and is_label(own[0])
    return not is_form and edge.page != first.page


def _top_row(page: Page) -> list[str]:
    """The texts of the first row of the page's first table; none where it has no table."""
    grid = next((item for item in page.items if isinstance(item, Grid)), None)
    return [_text(cell) for cell in grid.cells if cell.row == 1] if grid else []


def _text(cell: GridCell) -> str:
    return "".join(_compact(line) for line in cell.lines)


def _begins_form(page: Page, index: int) -> bool:
    """Whether a form begins right below a line: a table that the form's year stands over, or whose top row names a fund."""
    following = page.items[index + 1 : index + 3]
    if following and isinstance(following[0], Line) and _FORM_YEAR.fullmatch(_compact(following[0])):
        return len(following) > 1 and isinstance(following[1], Grid)
    if not following or not isinstance(following[0], Grid):
        return False
    top = [cell for cell in following[0].cells if cell.row == 1]
    return any(label_of("".join(line_text(line) for line in cell.lines)) == "fund_name" for cell in top)


def _text_size(pages: Sequence[Page]) -> float:
    """The size of the document's text, in points: that of its lines or of its cells, the larger."""
    sizes = []
    for lines in (_plain_lines(pages), _cell_lines(pages)):
        measured = [em(line) for line in lines]
        if len(measured) >= 5:
            sizes.append(median(measured))
    return max(sizes, default=12.0)


def _plain_lines(pages: Sequence[Page]) -> Iterator[Line]:
    return (item for page in pages for item in page.items if isinstance(item, Line))


def _cell_lines(pages: Sequence[Page]) -> Iterator[Line]:
    grids = (item for page in pages for item in page.items if isinstance(item, Grid))
    return (line for grid in grids for cell in grid.cells for line in cell.lines)


def _watermarks(pages: Sequence[Page], size: float) -> Iterator[tuple[int, int]]:
    """Large lines that come again at the same place of most pages and lie over other print there."""
    seen: dict[tuple[str, int, int], list[tuple[int, int]]] = defaultdict(list)
    for at, page in enumerate(pages):
        for index, item in enumerate(page.items):
            if isinstance(item, Line) and em(item) > _LARGER * size:
                left, top = (round(side / _SAME_PLACE) for side in item.box[:2])
                seen[_compact(item), left, top].append((at, index))
    for members in seen.values():
        on_most = len(members) >= max(_LEAST_PAGES, 0.5 * len(pages))
        if on_most and any(_is_overlaid(pages[at], index) for at, index in members[:_LEAST_PAGES]):
            yield from members


def _is_overlaid(page: Page, index: int) -> bool:
    if len(page.items) > _MOST_ITEMS:
        return False
    left, top, right, bottom = page.items[index].box
    depth = (bottom - top) / 3
    return any(
        other.box[0] < right
        and other.box[2] > left
        and other.box[1] + depth < bottom
        and other.box[3] - depth > top
        for at, other in enumerate(page.items)
        if at != index
    )


def _compact(line: Line) -> str:
    return re.sub(r"\s+", "", line_text(line))
