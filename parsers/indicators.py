"""Indicators: a row of a table, or a sentence that states target and actual value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from parsers.headers import column_role
from parsers.headings import heading_number
from parsers.levels import concluded_level2
from parsers.printed import Printed, compact, field_places, joined
from parsers.tables import Region, TableReading, is_total
from parsers.units import BaseValues, base_values
from parsers.values import fold, read_number, read_quantity
from schemas.blocks import Cell
from schemas.records import IndicatorRecord, IndicatorRow, Operator
from schemas.vocabulary import (
    COST_LEVELS,
    HINT_TEXT,
    LEVEL1_NAMES,
    LEVEL2_NAMES,
    LEVEL_NAME,
    NAME_ENUMERATOR,
    NO_REASON,
    PLACEHOLDER_NAME,
    QUALITATIVE_MARKS,
    ROW_LABEL,
    ColumnRole,
)

_LEVEL_WEIGHT = re.compile(
    r"[（(【\[]?(?:权重|分值|满分)?[:：]?\d+(?:\.\d+)?(?:分|%)[)）】\]]?$|[（(]\d+(?:\.\d+)?[)）]$"
)
_LEVEL_ENUMERATOR = re.compile(
    r"^(?:[（(][一二三四五六七八九十\d]+[)）]|[一二三四五六七八九十]+[、.．]|[A-Za-z\d]{1,3}[.、．]|[①-⑳])"
)
_NAME_POINTS = re.compile(r"\s*[（(](?:权重|分值|满分)?[:：]?(?P<points>\d+(?:\.\d+)?)分[)）]\s*$")
"""Points printed behind an indicator's name."""
_NAME_ENUMERATOR = re.compile(rf"\s*(?:{NAME_ENUMERATOR})")
_LEVEL1 = re.compile(rf"{LEVEL1_NAMES}(?:类)?(?:指标)?")
_SEVERAL_LEVELS = re.compile(rf"(?!{LEVEL_NAME}$)(?:(?:{LEVEL2_NAMES}|{LEVEL1_NAMES})类?指标){{2,}}")
"""Names of several levels in one cell (a picture whose rules were lost): which row has which cannot be told."""
LEVEL2 = re.compile(rf"{LEVEL2_NAMES}(?:类)?(?:指标)?")
"""A name of the second level; some names (满意度, 成本) stand on either."""


@dataclass(frozen=True, slots=True)
class Carried:
    """Level names in force: what merged or empty level cells inherit from the rows above."""

    level1: Printed | None = None
    level2: Printed | None = None


def table_indicators(reading: TableReading) -> Iterator[IndicatorRow]:
    """The indicators of every indicator block of a table, one a row."""
    for region in reading.regions:
        if region.family != "indicators":
            continue
        carried = Carried()
        one_column = _names_second_level(region)
        for row in region.rows:
            band = _band(region, row, carried)
            if band:
                carried = band
                continue
            cells = region.cells(row)
            if not cells or _is_sum(region, row):
                continue
            carried = _levels(region, cells, carried, one_column)
            indicator = _indicator(region, row, cells, carried)
            if indicator:
                yield indicator


def _band(region: Region, row: int, carried: Carried) -> Carried | None:
    """The levels from a row that is nothing but a level name (「一、产出指标（50分）」), with points at most."""
    cells = [cell for cell in region.grid.anchored(row) if compact(cell.text)]
    name = level_label(cells[0].text) if cells else None
    if name is None or any(read_number(cell.text) is None for cell in cells[1:]):
        return None
    under_name = region.cells(row).get("name", ())
    is_wide = cells[0].col_span > max((c.col_span for c in region.header.cells), default=1)
    is_numbered = heading_number(cells[0].text) is not None
    if not (is_wide or is_numbered or len(cells) == 1) or (
        cells[0] not in under_name and not is_wide and len(cells) > 1
    ):
        return None
    printed = Printed(name, (region.grid.place(cells[0]),))
    is_second, is_first = LEVEL2.fullmatch(name) is not None, _LEVEL1.fullmatch(name) is not None
    opens = re.match(r"\s*[一二三四五六七八九十]+[、.．]", cells[0].text) is not None
    if is_second and not (is_first and (opens or carried.level1 is None)):
        return Carried(carried.level1, printed)
    return Carried(printed)


def _is_sum(region: Region, row: int) -> bool:
    """Whether a row sums up others, or tells of the whole form: its side, level or name cells say so."""
    return any(
        is_total(cell.text) or re.fullmatch(ROW_LABEL, compact(cell.text).rstrip("：:"))
        for cell in region.labels(row)
    )


def _names_second_level(region: Region) -> bool:
    """Whether the one level column of a table (指标类型) holds names of the second level."""
    if region.header.index("level2") is not None:
        return False
    cells = (region.cells(row) for row in region.rows)
    names = (_level_name(region, c.get("level1", ()) or c.get("category", ())) for c in cells)
    return any(name is not None and _is_second(name.text) for name in names)


def _levels(
    region: Region, cells: dict[ColumnRole, tuple[Cell, ...]], carried: Carried, one_column: bool
) -> Carried:
    level1 = _level_name(region, cells.get("level1", ()))
    level2 = _level_name(region, cells.get("level2", ()))
    kind = _level_name(region, cells.get("category", ()))
    if level1 is None and level2 is None and kind and re.fullmatch(LEVEL_NAME, kind.text):
        level1 = kind
    if one_column:
        if level1 and not LEVEL2.fullmatch(level1.text):
            return Carried(level1)
        return Carried(carried.level1, level1 or carried.level2)
    if level1 and not _same(level1, carried.level1):
        return Carried(level1, level2)
    return Carried(level1 or carried.level1, level2 or carried.level2)


def _is_second(name: str) -> bool:
    """Whether a name is one of the second level and of no other."""
    return LEVEL2.fullmatch(name) is not None and not _LEVEL1.fullmatch(name)


def _same(a: Printed, b: Printed | None) -> bool:
    return b is not None and a.text == b.text


def _level_name(region: Region, cells: tuple[Cell, ...]) -> Printed | None:
    """A level's name without line breaks, weights and enumerators."""
    printed = region.grid.printed(cells)
    if printed is None:
        return None
    text = _LEVEL_ENUMERATOR.sub("", compact(printed.text))
    text = _LEVEL_WEIGHT.sub("", text).strip("：:")
    if not text or re.fullmatch(PLACEHOLDER_NAME, text) or _SEVERAL_LEVELS.fullmatch(text):
        return None
    return Printed(text, printed.places)


def _indicator(
    region: Region, row: int, cells: dict[ColumnRole, tuple[Cell, ...]], carried: Carried
) -> IndicatorRow | None:
    texts = {role: region.grid.printed(under) for role, under in cells.items()}
    target, actual = _value(_target(texts)), _value(texts.get("actual"))
    points_told = any(read_number(p.text) is not None for r in ("weight", "score") if (p := texts.get(r)))
    if points_told and not _is_named(cells.get("name", ())):
        cells = cells | {"name": _next_name(region, row)}
    name, level2 = _name(region, cells.get("name", ()), bool(target or actual))
    if name is None or (len(cells["name"]) == 1 and _spans_values(region, cells["name"][0])):
        return None
    level2 = level2 or carried.level2
    reason = texts.get("reason")
    if reason and (re.fullmatch(NO_REASON, compact(reason.text)) or _is_hint(reason.text)):
        reason = None
    points = _NAME_POINTS.search(cells["name"][0].text)
    if points and not texts.get("weight"):
        texts["weight"] = region.grid.cut(cells["name"][0], *points.span("points"))
    record: IndicatorRecord = _record(region)
    fields = {
        "level1": carried.level1, "level2": level2, "name": name, "target_text": target, "actual_text": actual,
        "weight": texts.get("weight"), "score": texts.get("score"), "score_rate": texts.get("score_rate"),
        "reported_completion_rate": texts.get("completion_rate"),
        "reported_deviation_rate": texts.get("deviation_rate"), "reason": reason,
    }  # fmt: skip
    return indicator_row(record, region.grid.block_no, row if not region.grid.turned else None, fields)


def _is_named(cells: tuple[Cell, ...]) -> bool:
    return any(not re.fullmatch(r"[—\-–－/\\]*", compact(cell.text)) for cell in cells)


def _next_name(region: Region, row: int) -> tuple[Cell, ...]:
    """The nearest filled level to the left of an empty name (三级指标 where 四级指标 is —)."""
    under = region.grid.under(row, region.header.cells, region.header.leading)
    for index in range(region.header.leading - 1, -1, -1):
        if column_role(region.header.cells[index].text) in ("name", "level2") and _is_named(
            under.get(index, ())
        ):
            return under[index]
    return ()


def indicator_row(
    record: IndicatorRecord, block_no: int, row_no: int | None, fields: dict[str, Printed | None]
) -> IndicatorRow:
    """An indicator from its printed texts: numbers are read, rates computed, places kept.

    `fields` are the columns read from print, by name. Where no level2 is among them, it is concluded from the others if
    they tell it (`level2_inferred`, `level2_reason`); what is computed follows print alone. `is_met` follows the target's operator;
    a target without one is to be reached, a cost not to be exceeded.
    """
    texts = {name: printed.text for name, printed in fields.items() if printed}
    target, actual = read_quantity(texts.get("target_text")), read_quantity(texts.get("actual_text"))
    numbers: dict[str, Any] = {
        name: read_number(texts.get(name))
        for name in ("weight", "score", "score_rate", "reported_completion_rate", "reported_deviation_rate")
    }
    is_cost = bool(re.search(COST_LEVELS, texts.get("level2", "") or texts.get("level1", "")))
    bases = base_values(target, actual)
    told = None
    if "level2" not in texts:
        words = None if target else texts.get("target_text")
        told = concluded_level2(texts["name"], texts.get("level1"), words, target or actual)
    places = field_places({k: p for k, p in fields.items() if k not in numbers or numbers[k] is not None})
    return IndicatorRow(
        record=record, block_no=block_no, row_no=row_no, places=places, name=texts["name"], level1=texts.get("level1"),
        level2=told.level2 if told else texts.get("level2"), level2_inferred=told is not None,
        level2_reason=told.reason if told else None, reason=texts.get("reason"),
        target_text=texts.get("target_text"), actual_text=texts.get("actual_text"),
        target_op=target.op if target else None, target_value=target.value if target else None,
        target_unit=target.unit if target else None, actual_op=actual.op if actual else None,
        actual_value=actual.value if actual else None, actual_unit=actual.unit if actual else None,
        completion_rate=completion_rate(bases), is_met=is_met(target.op if target else None, bases, is_cost), **numbers,
        unit_kind=bases.kind, base_unit=bases.base, target_base_value=bases.target, actual_base_value=bases.actual,
    )  # fmt: skip


def completion_rate(values: BaseValues) -> float | None:
    """Actual in percent of target, two decimals; None where units differ or the target is no base."""
    if values.target is None or values.actual is None or values.target <= 0:
        return None
    return round(100 * values.actual / values.target, 2)


def is_met(op: Operator | None, values: BaseValues, is_cost: bool) -> bool | None:
    """Whether the actual value satisfies the target with its operator; None where that cannot be told."""
    wanted, reached = values.target, values.actual
    if wanted is None or reached is None or op is None:
        return None
    verdicts = {">=": reached >= wanted, "<=": reached <= wanted, ">": reached > wanted, "<": reached < wanted,
                "=": reached <= wanted if is_cost else reached >= wanted}  # fmt: skip
    return verdicts.get(op)


def _record(region: Region) -> IndicatorRecord:
    roles = set(region.header.roles)
    if roles & {"actual", "completion_rate"}:
        return "completion"
    return "score" if roles & {"weight", "score"} and not roles & {"target", "target_nature"} else "target"


def _target(texts: dict[ColumnRole, Printed | None]) -> Printed | None:
    """The target; one printed over 指标性质, 指标值 and 度量单位 is joined in that order."""
    nature, value, unit = texts.get("target_nature"), texts.get("target"), texts.get("target_unit")
    if nature and compact(nature.text) in QUALITATIVE_MARKS:
        nature = None
    if value is None and nature and not read_quantity(nature.text):
        nature = None
    if value is None and nature is None:
        return None
    if unit and (
        re.fullmatch(r"[-—/无\\]+", compact(unit.text))
        or (value and fold(value.text).endswith(fold(unit.text)))
    ):
        unit = None
    return joined(piece for piece in (nature, value, unit) if piece)


def _value(printed: Printed | None) -> Printed | None:
    if printed is None or _is_hint(printed.text) or re.fullmatch(r"[…\.。·—\-/\\]+", compact(printed.text)):
        return None
    return printed


def _is_hint(text: str) -> bool:
    return re.fullmatch(HINT_TEXT, compact(text)) is not None


def _name(region: Region, cells: tuple[Cell, ...], has_values: bool) -> tuple[Printed | None, Printed | None]:
    """The indicator's name without the form's marks, and the level-2 name that it begins with, if any."""
    printed = region.grid.printed(cells)
    if printed is None or _is_hint(printed.text):
        return None, None
    if re.fullmatch(PLACEHOLDER_NAME, compact(printed.text)):
        numbered = re.search(r"[\d一二三四五六七八九十]", printed.text)
        return (printed if has_values and numbered else None), None
    if len(cells) != 1:
        return printed, None
    text = cells[0].text
    start = _skipped(text, 0)
    level2 = None
    prefix = re.match(rf"\s*({LEVEL2_NAMES}指标)\s*[:：]\s*(?=\S)", text[start:])
    if prefix:
        level2 = region.grid.cut(cells[0], start + prefix.start(1), start + prefix.end(1))
        start = _skipped(text, start + prefix.end())
    points = _NAME_POINTS.search(text, start)
    end = points.start() if points else len(text)
    name = region.grid.cut(cells[0], start, end)
    return (None, None) if not name.text or is_total(name.text) else (name, level2)


def _skipped(text: str, start: int) -> int:
    """Where the name begins after the enumerators and marks at `start`."""
    while True:
        match = _NAME_ENUMERATOR.match(text, start)
        if not match or match.end() == len(text) or match.end() == start:
            return start
        start = match.end()


def _spans_values(region: Region, cell: Cell) -> bool:
    """Whether a cell covers the name's column and columns of values too: a note, not an indicator."""
    name, values = (
        region.header.index("name"),
        [region.header.index(r) for r in ("target", "actual", "weight", "score")],
    )
    if name is None or region.grid.lost_spans:
        return False
    covered = [
        i
        for i in values
        if i is not None and cell.col <= region.header.cells[i].col < cell.col + cell.col_span
    ]
    return bool(covered) and cell.col <= region.header.cells[name].col


def level_label(text: str) -> str | None:
    """The level name that `text` is, weights and enumerators left out; None if it is none."""
    name = _LEVEL_WEIGHT.sub("", _LEVEL_ENUMERATOR.sub("", compact(text))).strip("：:。")
    name = re.sub(r"(?<=指标)(?:完成)?(?:情况)?(?:分析)?$", "", name)
    return name if re.fullmatch(LEVEL_NAME, name) else None
