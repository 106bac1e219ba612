"""The total of an evaluation's points and its grade."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from parsers.passages import Passage
from parsers.printed import Printed, compact
from parsers.tables import Region, TableReading, dimension_like, is_total
from parsers.values import read_number
from schemas.blocks import Cell
from schemas.records import SectionKind
from schemas.vocabulary import GRADE, GRADE_LABEL

_N = r"\d+(?:\.\d+)?"
_TOTAL = re.compile(
    rf"(?:综合|总体|最终|自评价?|评价|绩效|总|整体|项目|专项|资金|汇总|平均|加权)?[^，,。；;：:、\d]{{0,14}}?(?:总?得分|评分|总分|总评分|得分情况|评价分数?)(?:结果|情况)?(?:合计|共计)?(?:为|是|达|达到|：|:)?\s*(?P<score>{_N})\s*分(?!\s*(?:[（(]含[)）])?(?:以上|以下|及以上|[-—~～至]))"
)
_PLAIN_TOTAL = re.compile(
    rf"(?:自评(?:结果为|分数为?|为|得)|(?:项目|资金|专项|经费|支出)(?:共|共计|合计)?得)\s*(?P<score>{_N})\s*分"
)
_GRADE = re.compile(
    rf"(?:等级|等次|结果|级别|评级|档次|结论|等次|绩效评价|综合评价|评定|评为|属于|判定)[^，,。；;\d]{{0,10}}?(?:为|是|属|：|:|定为|评为|属于)?\s*[“\"「『‘【（(]*(?P<grade>{GRADE})(?=[”\"」』’】）)，,。；;级等档]|$)"
)
_CELL_TOTAL = re.compile(rf"(?:自评|评价|综合|绩效)(?:总分|得分|总得分)\s*[：:]\s*(?P<score>{_N})")
_TICKED = re.compile(rf"[■☑√✓☒✔]\s*(?P<after>{GRADE})|(?P<before>{GRADE})\s*[（(]?\s*[√✓■☑✔]")
_COUNTED = re.compile(r"\d+\s*(?:个|项|家)")
_CONCLUDING = ("conclusion", "result_use", "performance", "evaluation_work")


@dataclass(frozen=True, slots=True)
class Verdict:
    """The total of the points and the grade of a report."""

    score: Printed | None = None
    grade: Printed | None = None


def verdict(readings: Sequence[TableReading], passages: Sequence[Passage]) -> Verdict:
    """Total and grade: from a sentence that tells both, else from the total row of a form."""
    in_text = _verdict_in_text(passages)
    score = in_text.score or _total_of_table(readings) or _total_in_cells(readings)
    return Verdict(score, in_text.grade or _grade_of_table(readings))


def _verdict_in_text(passages: Sequence[Passage]) -> Verdict:
    """Total and grade of the paragraph that tells most of them, one in a concluding chapter first."""
    best, best_rank = Verdict(), 0
    for passage in passages:
        found = Verdict()
        for start, end in passage.sentences():
            sentence = passage.text[start:end]
            total, grade = _total_in(sentence, passage.kind), _GRADE.search(sentence)
            if (
                grade
                and not (total or found.score)
                and (
                    _COUNTED.search(sentence)
                    or not re.search(r"等级|等次|评级|评定|评价结果|自评结果|评价结论", sentence)
                )
            ):
                grade = None
            found = Verdict(
                found.score
                or (passage.cut(start + total.start("score"), start + total.end("score")) if total else None),
                found.grade
                or (passage.cut(start + grade.start("grade"), start + grade.end("grade")) if grade else None),
            )
        rank = 4 * bool(found.score) + 2 * bool(found.grade) + (passage.kind in _CONCLUDING)
        if (found.score or found.grade) and rank > best_rank:
            best_rank = rank
            best = Verdict(found.score or best.score, found.grade or best.grade)
    return best


def _total_in(sentence: str, kind: SectionKind | None) -> re.Match[str] | None:
    for match in _TOTAL.finditer(sentence):
        subject = re.sub(r"(?:总?得分|评分|总分|总评分).*", "", match[0])
        full_mark = re.search(r"(?:总分|满分)", match[0]) and re.match(
            r"分?[，,；;（(][^。]{0,12}得分", sentence[match.end("score") :].lstrip()
        )
        if (
            not full_mark
            and not dimension_like(subject.strip())
            and not re.search(r"指标$|满分|分值|平均|以上|权重|\d个", subject)
        ):
            return match
    return _PLAIN_TOTAL.search(sentence) if kind in _CONCLUDING else None


def _total_of_table(readings: Sequence[TableReading]) -> Printed | None:
    """The points in the total row of the last table of indicators or scores that has one."""
    found: Printed | None = None
    for reading in readings:
        for region in reading.regions:
            if region.family not in ("indicators", "scores") or region.header.index("score") is None:
                continue
            for row in region.rows:
                if any(is_total(cell.text) and "小计" not in cell.text for cell in region.labels(row)):
                    found = _score_of(region, row) or found
    return found


def _score_of(region: Region, row: int) -> Printed | None:
    """The score in a total row; in a dump that lost its spans the row ends where the header ends."""
    cells = region.grid.rows[row - 1]
    score = region.header.index("score") or 0
    if len([cell for cell in cells if compact(cell.text)]) == 2 and compact(cells[-1].text):
        under: Sequence[Cell] = cells[-1:]
    elif region.grid.lost_spans and len(cells) < len(region.header.cells):
        index = score - (len(region.header.cells) - len(cells))
        under = cells[index : index + 1] if index > 0 else cells[1:2] if len(cells) == 2 else ()
    else:
        under = region.cells(row).get("score", ())
    if not under or is_total(under[0].text) or read_number(under[0].text) is None:
        return None
    return region.grid.printed(under)


def _grade_of_table(readings: Sequence[TableReading]) -> Printed | None:
    """The grade in a form: beside its label, ticked among its choices, alone in the total row, or in a cell that says so."""
    for reading in readings:
        for row in range(1, reading.grid.table.n_rows + 1):
            cells = [cell for cell in reading.grid.anchored(row) if compact(cell.text)]
            for cell, following in zip_longest(cells, cells[1:]):
                is_label = re.fullmatch(GRADE_LABEL, compact(cell.text).rstrip("：:"))
                choices = following if is_label and following is not None else cell
                ticked = _TICKED.search(choices.text)
                if ticked and (is_label or re.search(r"[□☐]|[（(]\s*[)）]", choices.text)):
                    group = "before" if ticked["before"] else "after"
                    return reading.grid.cut(choices, *ticked.span(group))
                if is_label and following is not None and re.fullmatch(GRADE, compact(following.text)):
                    return reading.grid.printed((following,))
                inside = re.search(
                    rf"{GRADE_LABEL}\s*[：:)）]\s*(?P<grade>{GRADE})(?![\u4e00-\u9fff])", cell.text
                )
                if inside:
                    return reading.grid.cut(cell, *inside.span("grade"))
            if cells and is_total(cells[0].text):
                alone = [cell for cell in cells[1:] if re.fullmatch(GRADE, compact(cell.text))]
                if alone:
                    return reading.grid.printed(alone[:1])
    return None


def _total_in_cells(readings: Sequence[TableReading]) -> Printed | None:
    """The total where a cell of a form says it in words (「自评总分：96.5分」)."""
    for reading in readings:
        for cell in reading.grid.table.cells:
            match = _CELL_TOTAL.search(cell.text)
            if match and not reading.grid.turned:
                return reading.grid.cut(cell, *match.span("score"))
    return None
