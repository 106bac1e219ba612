"""Project lists: one row a project, with the category rows above it."""

import re
from collections.abc import Iterator, Sequence

from parsers.headings import heading_number
from parsers.printed import Printed, compact, field_places
from parsers.tables import Region, TableReading, is_total
from parsers.values import read_money, read_number
from schemas.blocks import Cell
from schemas.records import ProjectRow
from schemas.vocabulary import HINT_TEXT, PLACEHOLDER_NAME, ColumnRole

_AMOUNTS: tuple[ColumnRole, ...] = ("amount", "allocated", "budget", "disbursed", "received", "executed")


def projects(readings: Sequence[TableReading]) -> Iterator[ProjectRow]:
    """The projects of every project list; sums and category rows are none."""
    for reading in readings:
        for region in reading.regions:
            if region.family == "projects":
                yield from _of_region(region, reading.unit)


def _of_region(region: Region, unit: str | None) -> Iterator[ProjectRow]:
    category: Printed | None = None
    subcategory: Printed | None = None
    outer = 1
    for row in region.rows:
        heading = _heading_cell(region, row)
        if heading is not None:
            title, level = _category(region, heading)
            if is_total(title.text):
                continue
            inner = category is not None and level > outer
            category, subcategory = (category, title) if inner else (title, None)
            outer = outer if inner else level
            continue
        cells = region.cells(row)
        printed = {role: region.grid.printed(under) for role, under in cells.items()}
        category, subcategory = printed.get("category") or category, printed.get("subcategory") or subcategory
        printed["project"] = _bare_name(region, cells.get("project", ()))
        project = _project(region, row, printed, unit, category, subcategory)
        if project:
            yield project


def _heading_cell(region: Region, row: int) -> Cell | None:
    """The cell that names a category or sum: a row whose first cell holds words instead of a number,
    with at most one figure beside it."""
    cells = [cell for cell in region.grid.anchored(row) if compact(cell.text)]
    if not cells:
        return None
    first, rest = cells[0], cells[1:]
    undertaker = region.cells(row).get("undertaker", ())
    numeral = re.fullmatch(r"[（(]?[一二三四五六七八九十]+[)）]?[、.．]?", compact(first.text))
    if rest and numeral and _has_arabic_seq(region) and not any(compact(cell.text) for cell in undertaker):
        return rest[0]
    has_seq = region.header.index("seq") is not None
    words = read_number(first.text) is None
    figures = all(
        read_money(cell.text, "元") is not None or compact(cell.text) in ("-", "—", "/") for cell in rest
    )
    if words and is_total(first.text):
        return first
    if words and figures and (has_seq or not rest or first.col_span > 1) and len(rest) <= 2:
        return first
    return None


def _has_arabic_seq(region: Region) -> bool:
    """Whether the list numbers its projects 1, 2, 3: then 一、二 number its categories."""
    seqs = (region.grid.printed(region.cells(row).get("seq", ())) for row in region.rows)
    return any(seq is not None and re.fullmatch(r"\d{1,4}", seq.text) for seq in seqs)


def _category(region: Region, cell: Cell) -> tuple[Printed, int]:
    """A category's name without its number, and its level (1 for 一、, 2 for （一）, 1 without a number)."""
    number = heading_number(cell.text)
    start = number.end if number else 0
    before = region.grid.rows[cell.row - 1][0].text if number is None and cell.col > 1 else ""
    level = 2 if re.match(r"\s*[（(]", before) else 1
    return region.grid.cut(cell, start), number.level if number else level


def _bare_name(region: Region, cells: tuple[Cell, ...]) -> Printed | None:
    """A project's name without the form's enumerator (「任务1：」)."""
    if len(cells) != 1:
        return region.grid.printed(cells)
    lead = re.match(r"\s*(?:任务|项目|子项目)\s*[\d一二三四五六七八九十]+\s*[：:]\s*(?=\S)", cells[0].text)
    name = region.grid.cut(cells[0], lead.end() if lead else 0)
    return name if name.text else None


def _project(
    region: Region, row: int, printed: dict[ColumnRole, Printed | None], unit: str | None,
    category: Printed | None, subcategory: Printed | None,
) -> ProjectRow | None:  # fmt: skip
    name = printed.get("project")
    if name is None or is_total(name.text) or re.fullmatch(HINT_TEXT, compact(name.text)):
        return None
    role = next((role for role in _AMOUNTS if printed.get(role)), None)
    amount = printed.get(role) if role else None
    if re.fullmatch(PLACEHOLDER_NAME, compact(name.text)) and amount is None:
        return None
    seq = printed.get("seq")
    number = int(seq.text.rstrip(".、．")) if seq and re.fullmatch(r"\d{1,9}[.、．]?", seq.text) else None
    yuan = read_money(amount.text, (region.unit(role) if role else None) or unit) if amount else None
    undertaker = printed.get("undertaker")
    fields = {"seq": seq if number is not None else None, "name": name, "undertaker": undertaker,
              "amount_text": amount, "category": category, "subcategory": subcategory}  # fmt: skip
    return ProjectRow(
        seq=number, name=name.text,
        undertaker=undertaker.text if undertaker else None, amount_yuan=yuan,
        amount_text=amount.text if amount else None, category=category.text if category else None,
        subcategory=subcategory.text if subcategory else None, block_no=region.grid.block_no, row_no=row,
        places=field_places(fields),
    )  # fmt: skip
