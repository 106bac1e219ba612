"""A draft of forms as a workbook: numbers typed and shown by their formats, as people fill in the Ministry's sheet."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime
from decimal import Decimal
from random import Random

from openpyxl import Workbook
from openpyxl.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.worksheet.worksheet import Worksheet

from tests.samples.docx import zipped
from tests.samples.formats.grids import boxes
from tests.samples.model import Block, Draft, Table

TRAPS = (
    "typed",  # figures are numbers with a format, not text
    "unrounded",  # and hold more digits than they show
    "unit_formats",  # the unit is part of the number format: 0"项"
    "instructions",  # a sheet 填表说明 before the forms
    "sheets",  # several forms on several sheets; else below one another
    "far",  # formatted but empty cells far from the form
    "offset",  # the form does not begin in A1
    "empty_sheets",  # Sheet2 and Sheet3 as they come
)
LINE = Border(*[Side(style="thin")] * 4)
WHEN = datetime(2024, 1, 1)
THOUSANDS = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.([0-9]+))?")
NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?")
PERCENT = re.compile(r"(-?[0-9]+(?:\.([0-9]+))?)%")
WITH_UNIT = re.compile(r"((?:0|[1-9][0-9]*)(?:\.([0-9]+))?)([\u4e00-\u9fff/]{1,6})")
DATE = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日")


class Writer:
    """Writes the workbook of one draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.traps = frozenset(draft.layout.traps)
        self.rng = Random(draft.layout.order)
        self.book = Workbook()
        self.book.remove(self.book.active)

    def bytes(self) -> bytes:
        starts = self.draft.starts
        parts = [
            self.draft.blocks[a:b] for a, b in zip(starts, [*starts[1:], len(self.draft.blocks)], strict=True)
        ]
        if "instructions" in self.traps:
            self.instructions()
        sheet, row = None, 1
        for n, part in enumerate(parts, 1):
            if sheet is None or "sheets" in self.traps:
                sheet, row = (
                    self.book.create_sheet(self.name(n, len(parts))),
                    1 + 2 * ("offset" in self.traps),
                )
            row = self.form(sheet, part, row) + self.rng.randint(1, 3)
        if sheet is not None and "far" in self.traps:
            for far in (f"A{row + 900}", "BX7"):
                sheet[far].fill = PatternFill("solid", fgColor="FFFFFF")
                sheet[far].border = LINE
        if "empty_sheets" in self.traps:
            self.book.create_sheet("Sheet2")
            self.book.create_sheet("Sheet3")
        return self.saved()

    def name(self, n: int, count: int) -> str:
        return self.rng.choice(("自评表", "附件2", "Sheet1")) + (f"({n})" if count > 1 else "")

    def saved(self) -> bytes:
        """The workbook with every time in it fixed."""
        self.book.properties.created = self.book.properties.modified = WHEN
        self.book.properties.creator = "样例生成器"
        buffer = io.BytesIO()
        self.book.save(buffer)
        with zipfile.ZipFile(buffer) as archive:
            files = {name: archive.read(name) for name in archive.namelist()}
        core = files["docProps/core.xml"].decode()
        files["docProps/core.xml"] = re.sub(r"\d{4}-\d\d-\d\dT[\d:]+Z", "2024-01-01T00:00:00Z", core).encode()
        return zipped(files)

    def instructions(self) -> None:
        sheet = self.book.create_sheet("填表说明")
        for n, line in enumerate(
            (
                "填表说明",
                "1.绿色单元格由单位填写，其余不得改动。",
                "2.定量指标得分按完成比例计算，最高不超过该指标分值。",
                "3.预算执行率等于全年执行数除以全年预算数，满分10分。",
                "4.偏差较大的指标须写明原因。",
            ),
            1,
        ):
            sheet.cell(n, 1, line)
        sheet.merge_cells("A1:F1")

    def form(self, sheet: Worksheet, blocks: list[Block], row: int) -> int:
        """Writes blocks from `row` on and gives the row after the last."""
        left = 1 + ("offset" in self.traps)
        width = max(sum(c.span for c in b.rows[0]) for b in blocks if isinstance(b, Table))
        for block in blocks:
            if isinstance(block, Table):
                row = self.table(sheet, block, row, left)
                continue
            for line in (block.number + block.text).split("\n"):
                cell = sheet.cell(row, left, line)
                sheet.merge_cells(start_row=row, end_row=row, start_column=left, end_column=left + width - 1)
                if block.role in ("title", "caption"):
                    cell.alignment, cell.font = (
                        Alignment("center", "center"),
                        Font(bold=block.role == "title", size=16),
                    )
                row += 1
        return row

    def table(self, sheet: Worksheet, table: Table, row: int, left: int) -> int:
        for box in boxes(table):
            top, col = row + box.row, left + box.col
            cell = sheet.cell(top, col)
            self.fill(cell, box.text)
            for r in range(top, top + box.rows):
                for c in range(col, col + box.span):
                    sheet.cell(r, c).border = LINE
            if box.rows > 1 or box.span > 1:
                sheet.merge_cells(start_row=top, end_row=top + box.rows - 1, start_column=col,
                                  end_column=col + box.span - 1)  # fmt: skip
        return row + len(table.rows)

    # --- values

    def fill(self, cell: SheetCell, text: str) -> None:
        cell.alignment = Alignment("center", "center", wrap_text=True)
        if not text:
            return
        cell.value = text
        if text.startswith("="):
            cell.data_type = "s"  # openpyxl takes it for a formula
        if "typed" in self.traps:
            self.typed(cell, text)

    def typed(self, cell: SheetCell, text: str) -> None:
        """The same print, made by a number and its format."""
        if found := PERCENT.fullmatch(text):
            places = found[2] or ""
            self.number(
                cell,
                Decimal(found[1]) / 100,
                len(places) + 2,
                "0" + (f".{'0' * len(places)}" if places else "") + "%",
            )
        elif found := THOUSANDS.fullmatch(text):
            places = found[1] or ""
            self.number(
                cell,
                Decimal(text.replace(",", "")),
                len(places),
                "#,##0" + (f".{'0' * len(places)}" if places else ""),
            )
        elif found := NUMBER.fullmatch(text):
            places = found[1] or ""
            shown = "General" if not places or not places.endswith("0") else f"0.{'0' * len(places)}"
            self.number(cell, Decimal(text), len(places), shown)
        elif found := DATE.fullmatch(text):
            if text == f"{int(found[1])}年{int(found[2])}月{int(found[3])}日":
                cell.value, cell.number_format = (
                    datetime(*(int(g) for g in found.groups())),
                    'yyyy"年"m"月"d"日"',
                )  # type: ignore[arg-type]
        elif "unit_formats" in self.traps and (found := WITH_UNIT.fullmatch(text)):
            places = found[2] or ""
            shown = "0" + (f".{'0' * len(places)}" if places else "")
            self.number(cell, Decimal(found[1]), len(places), f'{shown}"{found[3]}"')

    def number(self, cell: SheetCell, value: Decimal, places: int, shown: str) -> None:
        more = Decimal(0)
        if "unrounded" in self.traps and shown != "General":
            more = Decimal(self.rng.randint(-49, 49)).scaleb(-places - 2)
            if value == 0 or (value > 0) != (value + more > 0):
                more = Decimal(0)
        number = value + more
        cell.value = int(number) if number == number.to_integral_value() else float(number)
        cell.number_format = shown


def document(draft: Draft) -> bytes:
    return Writer(draft).bytes()
