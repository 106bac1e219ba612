"""Points of an evaluation by dimension, in tables and sentences."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

from parsers.passages import Passage
from parsers.printed import Printed, compact, field_places
from parsers.tables import Region, TableReading, dimension_like, is_total
from parsers.values import read_number
from schemas.blocks import Cell
from schemas.records import ScoreRow
from schemas.vocabulary import ColumnRole

_N = r"\d+(?:\.\d+)?"
_FULL = re.compile(
    rf"(?P<dimension>[^，,。；;：:、\d]{{2,20}}?)(?:(?<!产出)(?<!效益)(?<!满意度)(?<!成本)指标(?=权重|分值|满分|标准分))?(?:权重)?(?P<word>分值|权重|满分|标准分|总分)?(?:为|共|是)?(?P<weight>{_N})分"
    rf"[，,；;]\s*(?:(?:实际|自评|评价|最终|综合)?(?:得分|得|评分)|自评|实得)(?:为|是)?(?P<score>{_N})分"
    rf"(?:[，,；;]\s*得分率(?:为|是)?(?P<rate>{_N})[%％])?"
)
_BRACKETED = re.compile(
    rf"(?P<dimension>[^，,。；;：:、（(\d]{{2,20}}?)[（(](?:满分|分值|权重|总分)?(?:为)?(?P<weight>{_N})分[)）](?:实际|自评)?(?P<word>得分|得|评分)?(?:为)?(?P<score>{_N})分"
    rf"|(?P<dimension2>[^，,。；;：:、（(\d]{{2,20}}?)(?P<word2>得分|得|评分)?(?:为)?(?P<score2>{_N})分?[（(](?:满分|分值|权重|总分)(?:为)?(?P<weight2>{_N})分[)）]"
)
_LISTED = re.compile(
    rf"(?P<dimension>[^，,。；;：:、（(\d]{{2,18}}?)(?P<word>得分|得|占|分值|权重|评分)?(?:为)?(?P<points>{_N})分(?=[、，,；;。）)]|和|及|$)"
)
_NO_DIMENSION = re.compile(r"^$|总分|合计|综合|满分|^其中$|^(?:该|本|此|各|上述)")
_WEIGHT_CONTEXT = re.compile(r"标准(?=[是为：:分])|分值|权重|满分|占比|赋分|设置|各占")
_SCORE_CONTEXT = re.compile(r"得分|评分(?!标准|指标)|自评价?为|得\d|自评总分|总分[\d.]+分")


def scores(readings: Sequence[TableReading], passages: Sequence[Passage]) -> tuple[ScoreRow, ...]:
    """The dimensions of the evaluation. A table counts before a sentence, a sentence with points to be
    had before one without: a dimension is one row, however often the report repeats it."""
    for found in (
        _from_tables(readings),
        _from_statements(passages),
        _from_lists(passages),
        _of_execution(readings),
    ):
        rows = tuple(found)
        if rows:
            return rows
    return ()


def _row(block_no: int, row_no: int | None, fields: dict[str, Printed | None]) -> ScoreRow:
    numbers: dict[str, Any] = {
        key: read_number(p.text) if (p := fields.get(key)) else None for key in ("weight", "score", "rate")
    }
    dimension = fields["dimension"]
    return ScoreRow(
        dimension=dimension.text if dimension else "", block_no=block_no, row_no=row_no, **numbers,
        places=field_places({k: p for k, p in fields.items() if k == "dimension" or numbers.get(k) is not None}),
    )  # fmt: skip


def _from_tables(readings: Sequence[TableReading]) -> Iterator[ScoreRow]:
    for reading in readings:
        for region in reading.regions:
            if region.family == "scores":
                for row in region.rows:
                    yield from _table_row(region, row)
            elif region.family == "indicators":
                yield from _subtotals(region)


def _subtotals(region: Region) -> Iterator[ScoreRow]:
    """The sums (小计) that a table of indicators prints for its dimensions."""
    dimension: Printed | None = None
    for row in region.rows:
        cells = region.cells(row)
        level = region.grid.printed(cells.get("level1", ()))
        if level and not is_total(level.text):
            dimension = bare_dimension(level)
        is_subtotal = any(re.fullmatch(r"小计", compact(cell.text)) for cell in region.labels(row))
        texts = _points(region, cells)
        if is_subtotal and dimension and all(_is_number(printed) for printed in texts.values()):
            yield _row(region.grid.block_no, row, {"dimension": dimension, **texts})
            dimension = None


def _table_row(region: Region, row: int) -> Iterator[ScoreRow]:
    cells = region.cells(row)
    dimension = region.grid.printed(cells.get("dimension", ()))
    if dimension is None or is_total(dimension.text) or cells["dimension"][0].row != row:
        return
    texts = _points(region, cells)
    fields = {
        "dimension": bare_dimension(dimension),
        **texts,
        "rate": region.grid.printed(cells.get("score_rate", ())),
    }
    if any(_is_number(printed) for printed in texts.values()):
        row_no = None if region.grid.turned else row
        yield _row(region.grid.block_no, row_no, fields)


def _points(region: Region, cells: dict[ColumnRole, tuple[Cell, ...]]) -> dict[str, Printed | None]:
    """The points to be had and those reached, as a row prints them."""
    return {
        "weight": region.grid.printed(cells.get("weight", ())),
        "score": region.grid.printed(cells.get("score", ())),
    }


def _is_number(printed: Printed | None) -> bool:
    return printed is not None and read_number(printed.text) is not None


def _of_execution(readings: Sequence[TableReading]) -> Iterator[ScoreRow]:
    """The points that a form gives for budget execution, beside its execution rate."""
    for reading in readings:
        for region in reading.regions:
            rate = region.header.index("rate")
            if region.family != "budget" or rate is None or region.header.index("score") is None:
                continue
            for row in region.rows:
                texts = _points(region, region.cells(row))
                if any(_is_number(printed) for printed in texts.values()):
                    dimension = region.grid.printed((region.header.cells[rate],))
                    texts["weight"] = texts["weight"] or _points_in_heading(region)
                    yield _row(
                        region.grid.block_no,
                        row,
                        {"dimension": dimension and bare_dimension(dimension), **texts},
                    )
                    break


def _points_in_heading(region: Region) -> Printed | None:
    """The points to be had where the heading or the label beside the block tells them (「得分（20分*执行率）」)."""
    score = region.header.index("score") or 0
    for cell in (region.header.cells[score], region.header.cells[0]):
        match = re.search(r"[（(]\s*(?P<points>\d+(?:\.\d+)?)\s*分", cell.text)
        if match:
            return region.grid.cut(cell, *match.span("points"))
    return None


def bare_dimension(printed: Printed) -> Printed:
    """A dimension's name without enumerator (「A.项目决策」) and points (「产出指标（50分）」)."""
    text = compact(printed.text)
    match = re.fullmatch(
        r"(?:[A-Za-z\d一二三四五六七八九十]{1,3}[.、．]|[（(][一二三四五六七八九十\d]+[)）])?(.+?)(?:[（(](?:\d+(?:\.\d+)?分?|(?:[A-Z/／÷×*=%％，,、]|100)+)[)）]|[%％])?",
        text,
    )
    return Printed(match[1] if match else text, printed.places)


def _from_statements(passages: Sequence[Passage]) -> Iterator[ScoreRow]:
    """「产出指标权重分值40分，实际得分37分，得分率92.5%」「项目决策（20分）得18分」."""
    seen: set[str] = set()
    for passage in passages:
        for pattern in (_FULL, _BRACKETED):
            for match in pattern.finditer(passage.text):
                groups = {name.rstrip("2"): name for name, text in match.groupdict().items() if text}
                told = groups.pop("word", None)
                start, end = match.span(groups["dimension"])
                start += _lead(passage.text[start:end])
                dimension = passage.cut(start, end)
                if (
                    dimension.text in seen
                    or not (told or dimension_like(dimension.text))
                    or _NO_DIMENSION.search(dimension.text)
                ):
                    continue
                seen.add(dimension.text)
                numbers = {
                    key: passage.cut(*match.span(name)) for key, name in groups.items() if key != "dimension"
                }
                yield _row(passage.block_no, None, {"dimension": dimension, **numbers})


def _from_lists(passages: Sequence[Passage]) -> Iterator[ScoreRow]:
    """Lists of points (「其中：预算执行8分、产出指标49分」), with the points to be had from a list before them."""
    weights: dict[str, Printed] = {}
    points: dict[str, tuple[Passage, Printed, Printed]] = {}
    for passage in passages:
        sentence = ""
        for start, end in passage.sentences():
            goes_on = re.match(r"\s*(?:其中|分别)", passage.text[start:end])
            previous, sentence = sentence if goes_on else "", passage.text[start:end]
            listed = _listed(passage, start, end)
            if len(listed) < 2:
                continue
            before = previous + passage.text[start : listed[0][0].places[0].char_start]
            if any(word in ("得分", "得", "评分") for _, _, word in listed) or _tells_scores(before):
                for name, number, _ in listed:
                    points.setdefault(name.text, (passage, name, number))
            elif _WEIGHT_CONTEXT.search(before):
                weights.update({name.text: number for name, number, _ in listed})
    for text, (passage, name, number) in points.items():
        yield _row(passage.block_no, None, {"dimension": name, "weight": weights.get(text), "score": number})


def _tells_scores(before: str) -> bool:
    """Whether the words before a list of points speak of points reached: the last such word decides."""
    last = {
        pattern: max((m.end() for m in pattern.finditer(before)), default=-1)
        for pattern in (_SCORE_CONTEXT, _WEIGHT_CONTEXT)
    }
    return last[_SCORE_CONTEXT] > last[_WEIGHT_CONTEXT]


def _listed(passage: Passage, start: int, end: int) -> list[tuple[Printed, Printed, str | None]]:
    found = []
    for match in _LISTED.finditer(passage.text, start, end):
        at, to = match.span("dimension")
        at += _lead(passage.text[at:to])
        name = passage.cut(at, to)
        if dimension_like(name.text):
            found.append((name, passage.cut(*match.span("points")), match["word"]))
    return found


def _lead(text: str) -> int:
    match = re.match(r"\s*(?:其中[：:]?|分别为|包括|和|及|与|是|为|\d+[.、．])\s*", text)
    return match.end() if match and match.end() < len(text) else 0
