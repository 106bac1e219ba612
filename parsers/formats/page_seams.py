"""Where a page cuts a table: whether its last row goes on below the cut, and which cells reach over it."""

import re
from typing import NamedTuple

from parsers.formats.page_cells import CellPart, is_wrapped
from parsers.formats.page_pieces import TablePiece
from parsers.formats.page_text import em, height, is_ended, is_enumerated, width
from schemas.vocabulary import LEVEL_NAME, UNITS

_BEHIND = r"[（(][^（()）]{1,12}[)）]"
"""What stands in brackets behind a label: 产出指标（50分）, 项目资金（万元）."""
_SIDE_LABEL = (
    r"(?:年度|项目|预算|全年|整体|总体|部门|财政|履职)*(?:资金|绩效|预算|支出|执行|投入|使用|安排)*"
    rf"(?:总体|年度)?(?:目标|指标|资金|效果|情况|完成|执行|投入|使用|构成|来源|实现|预期)+(?:{_BEHIND})?"
)
"""What is written beside the blocks of a form."""
_RESTS = frozenset(
    {"指标", "目标", "情况", "完成情况", "目标完成情况", "执行情况", "投入情况", "使用情况", "指标完成情况"}
)
"""What is left of a label that is no label by itself at the top of a page."""
_VALUE = r"[^\d，。；、：]{0,4}\d[\d,.:：/]*[^\d，。；、：]{0,4}"
"""A whole value: ≥35项, 52项≥, 100%, 不少于30个."""
_PLACEHOLDER = r"(?:三?级?指标|目标|子?项目)[\d一二三四五六七八九十]+[：:.、．…]*|[.．…·]+"
"""What an empty row of a form names."""
_UNIT = rf"(?:{'|'.join(map(re.escape, UNITS))})(?:[/／][^\d，。；、：]{{1,4}})?(?:及?以[上内下]|左右|[≥≤])?"
"""What follows the number of a value."""
_MEASURED = (
    rf"(?:[≥≤>＞<＜=＝]+|不[低少高多大小]于|[大小]于(?:等于)?)?\d[\d,.]*(?:{'|'.join(map(re.escape, UNITS))})"
)
"""A number with its unit and nothing but a sign before it."""
_BEGUN = r"(?:\d|[≥≤>＞<＜=＝]|不[低少高多大小]|[大小])\s*$"
"""What a value ends with that goes on."""
_LINE = 2.0
"""Ems from one line of a cell to the next, at most."""
_SENTENCE = 4.5
"""Ems from which on a full line is no single word."""
_REST = 2.5
"""Ems up to which the rest of a line may be one or two characters."""
_SLIVER = 1.3
"""Ems below which no line fits into a row: what is left of a row whose print went to the other page."""


class Seam(NamedTuple):
    """A cell above the cut and the cell with the same columns below it; the text and rows that the upper one has with
    what earlier pages showed of it."""

    above: CellPart
    below: CellPart
    text: str
    row_span: int

    @property
    def is_own(self) -> bool:
        """Whether both are cells of one row: a merged cell says nothing about the row at the cut."""
        return self.above.row_span == 1 and self.below.row_span == 1


def is_cut_row(seams: list[Seam], upper: TablePiece, row_height: float) -> bool:
    """Whether the first row below the cut (`row_height` points high) goes on with the last row above it (of `upper`)."""
    own = [seam for seam in seams if seam.is_own]
    if not own or any(not seam.is_own and not (_goes_over(seam) or _is_label_below(seam)) for seam in seams):
        return False
    printed = [seam for seam in own if seam.below.text]
    if not any(seam.above.text for seam in own):
        return bool(printed) and upper.row_height(upper.n_rows) < _SLIVER * _size(own)
    if not printed:
        return row_height < _SLIVER * _size(own)
    both = [seam for seam in printed if seam.above.text]
    first = next(seam for seam in own if seam.above.text or seam.below.text)
    if not both or not first.above.text or not all(_fills(seam) for seam in both):
        return False
    if any(_is_placeholder(seam) for seam in both):
        return False
    left_blank = [
        seam for seam in own if seam.above.text and not seam.below.text and not _is_level(seam.above)
    ]
    if all(_goes_on(seam) for seam in both):
        starts_blank = not first.below.text and not _is_level(first.above)
        return _is_rest(both, left_blank, starts_blank=starts_blank)
    if any(_is_number_in_both(seam) for seam in both):
        return False
    if not first.below.text:
        return len(both) <= len(left_blank)
    is_new = any(is_enumerated(seam.below.text) for seam in both)
    return not is_new and len(left_blank) >= max(2, 2 * len(both)) and len(both) == len(printed)


def _is_rest(both: list[Seam], left_blank: list[Seam], *, starts_blank: bool) -> bool:
    """Whether full cells above the cut and print below them are one row: values stand in one part only, or the cells
    above stop in mid-sentence. `starts_blank` says that the row's first cell is empty below."""
    if any(_is_torn_label(seam) or _is_torn_value(seam) for seam in both):
        return True
    if any(_is_number_in_both(seam) or _is_new_value(seam) or _is_whole_value(seam) for seam in both):
        return starts_blank or any(re.fullmatch(_VALUE, _compact(seam.above.text)) for seam in left_blank)
    if left_blank:
        return True
    if len(both) > 1 and all(_are_whole_lines(seam) for seam in both):
        return False
    return any(_is_cut_sentence(seam.above) for seam in both)


def _is_level(part: CellPart) -> bool:
    """Whether a cell names a level: beside it, one that is merged over the cut is empty as well."""
    return re.fullmatch(LEVEL_NAME, _compact(part.text)) is not None


def _is_placeholder(seam: Seam) -> bool:
    """Whether below the cut there stands what a form's next row is filled with as long as it is empty: 指标3, ……"""
    return re.fullmatch(_PLACEHOLDER, _compact(seam.below.text)) is not None


def _is_torn_label(seam: Seam) -> bool:
    """Whether the name of a level is whole only with what stands below the cut, which by itself is none."""
    below = _compact(seam.below.text)
    return below in _RESTS and re.fullmatch(LEVEL_NAME, _compact(seam.text) + below) is not None


def _is_torn_value(seam: Seam) -> bool:
    """Whether a number stands above the cut and nothing but its unit below it."""
    return (
        re.search(r"\d$", seam.above.text) is not None
        and re.fullmatch(_UNIT, _compact(seam.below.text)) is not None
    )


def _is_whole_value(seam: Seam) -> bool:
    """Whether a number with its unit stands above the cut, and words that are no part of it below it."""
    above, below = _compact(seam.above.text), _compact(seam.below.text)
    if re.match(r"[\d，。、；：,.;:/／]|及?以|左右|[≥≤]", below) or not re.fullmatch(_MEASURED, above):
        return False
    return re.fullmatch(_MEASURED, above + below) is None


def _is_label_below(seam: Seam) -> bool:
    """Whether a merged cell is empty above the cut and has its label below it, where its middle falls."""
    return not seam.text and bool(seam.below.text) and seam.below.row_span > 1


def _is_new_value(seam: Seam) -> bool:
    """Whether a value begins below the cut, not in the middle of a number or behind its sign."""
    return _begins_value(_compact(seam.below.text)) and not re.search(_BEGUN, seam.above.text)


def _begins_value(text: str) -> bool:
    return (
        re.fullmatch(_VALUE, text) is not None
        or re.match(r"[≥≤>＞<＜=]|不[低少高多大小]于|[大小]于", text) is not None
    )


def _goes_on(seam: Seam) -> bool:
    """Whether print below can be the rest of what stands above: that is full, or a label only in part."""
    return is_wrapped(seam.above, seam.below) or _completes(_compact(seam.text), _compact(seam.below.text))


def is_one_cell(seam: Seam, *, is_leading: bool, blank_is_merged: bool) -> bool:
    """Whether a cell below the cut is the lower part of the one above it, though its row is another.

    `is_leading` says that all cells at its left are; `blank_is_merged` that no unmerged cell of these columns is empty.
    """
    merged = seam.above.row_span > 1 or seam.below.row_span > 1 or seam.row_span > 1
    if not seam.below.text:
        both = seam.above.row_span > 1 and seam.below.row_span > 1
        return both or (is_leading and (merged or (blank_is_merged and bool(seam.text))))
    if not is_leading:
        return False
    if blank_is_merged and not seam.text:
        # beside a cell that goes over the cut, or by its text, the label of those above as well
        return seam.below.row_span > 1 or seam.below.col > 1 or _is_level(seam.below)
    return _goes_over(seam) if merged else _completes(_compact(seam.text), _compact(seam.below.text))


def _goes_over(seam: Seam) -> bool:
    """Whether a cell that is merged over rows can reach over the cut: its text below is missing, printed again, or the
    rest of what did not fit above."""
    text, below = _compact(seam.text), _compact(seam.below.text)
    if not below or below == text:
        return True
    if not text or below in text:
        return seam.row_span > 1 and (seam.below.row_span > 1 or bool(text))
    if _completes(text, below):
        return True
    labels = [re.sub(rf"{_BEHIND}$", "", label) for label in (text, below)]
    if not seam.above.text or any(
        re.fullmatch(pattern, label) for pattern in (LEVEL_NAME, _SIDE_LABEL) for label in labels
    ):
        return False
    return _fills(seam) and is_wrapped(seam.above, seam.below)


def _completes(text: str, below: str) -> bool:
    """Whether a label is whole only with what stands below the cut."""
    if not text or not below:
        return False
    if re.fullmatch(_BEHIND, below):
        return True
    bare = re.sub(rf"{_BEHIND}$", "", below)
    is_rest = bare in _RESTS or len(bare) == 1
    if re.fullmatch(LEVEL_NAME, text + bare):
        return is_rest or not (re.fullmatch(LEVEL_NAME, text) and re.fullmatch(LEVEL_NAME, bare))
    return is_rest and re.fullmatch(_SIDE_LABEL, text + below) is not None


def _is_cut_sentence(part: CellPart) -> bool:
    """Whether a full cell stops in mid-sentence: a short text fills a narrow cell by chance."""
    last = part.cell.lines[-1]
    return not is_ended(part.text) and (len(part.cell.lines) > 1 or width(last) > _SENTENCE * em(last))


def _are_whole_lines(seam: Seam) -> bool:
    """Whether both parts are one line, that below it no mere rest: where all cells of a row are so, they are two rows
    that are full by chance."""
    if any(len(part.cell.lines) > 1 for part in seam[:2]):
        return False
    below = seam.below.cell.lines[0]
    return width(below) > _REST * em(below)


def _is_number_in_both(seam: Seam) -> bool:
    """Whether both parts are whole values: two rows."""
    return all(
        len(part.cell.lines) == 1 and re.fullmatch(_VALUE, _compact(part.text))
        for part in (seam.above, seam.below)
    )


def _fills(seam: Seam) -> bool:
    """Whether the print above the cut reaches down to it: otherwise it would have gone on there."""
    last = seam.above.cell.lines[-1]
    lines = 2.5 if is_wrapped(seam.above, seam.below) else 1.5
    return seam.above.cell.box[3] - last.box[3] < lines * _LINE * em(last) * 0.8


def _size(seams: list[Seam]) -> float:
    """The height of a character in these cells, in points."""
    heights = [height(line) for seam in seams for part in seam[:2] for line in part.cell.lines]
    return min(heights, default=10.0)


def _compact(text: str) -> str:
    return re.sub(r"\s+", "", text)
