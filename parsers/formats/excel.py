"""Workbooks (.xlsx, .xlsm, .xls, WPS .et): bytes -> Document, sheet by sheet in their order.

What a sheet does not print (hidden sheets, rows and columns, comments, lists to choose from) and sheets that only
instruct who fills the forms in are left out, and the document's notes say so.
"""

import re
from collections.abc import Iterator, Sequence

from parsers.cover import is_title
from parsers.formats.excel_cells import Visible, visible
from parsers.formats.excel_layout import lay_out
from parsers.formats.excel_sheet import Budget, Sheet, cell_name
from parsers.formats.excel_xls import read_xls
from parsers.formats.excel_xlsx import read_xlsx
from parsers.printed import compact
from schemas.blocks import Block, Document, Format, Paragraph, Table
from schemas.errors import UnreadableFile
from schemas.locations import Position

_ZIP = b"PK"
_INSTRUCTION = re.compile(
    r"[\d.、（(]*(?:附件\d*)?(?:表格)?(?:填[表报写列制]|编[制报]|操作|使用|录入|表格)(?:说明|要求|须知|指南|注意事项|规范|示例|范例|样例)"
    r"|注意事项|填报必读|必读|说明|示例|范例|样例|填报样例|指标解释|指标说明|"
    r".*(?:下拉|字典|代码表?|码表|枚举|选项|数据有效性|数据验证|参数|校验|基础信息库|数据源|备选)(?:列表|菜单|选项|数据|设置|表)?"
    r"|(?:dict|list|config|options?|lookup|validation|data ?source|hidden|evaluation warning|code)\w*",
    re.IGNORECASE,
)
"""Names of sheets that are no report: instructions, and lists to choose from."""
_APPENDIX = re.compile(r"^附[件表]\s*[\d一二三四五六七八九十]*\s*[-－—:：.、_]?\s*")
_NAMED = 5
"""Places that a note names."""


def read_excel(data: bytes) -> Document:
    """The document that a workbook prints. Raises UnreadableFile."""
    file_format: Format = "xlsx" if data.startswith(_ZIP) else "xls"
    sheets = read_xlsx(data) if file_format == "xlsx" else read_xls(data)
    notes: list[str] = []
    chosen = [(sheet, visible(sheet)) for sheet in _chosen(sheets, notes)]
    budget = Budget()
    blocks: list[Block] = []
    for sheet, shown in chosen:
        blocks += _titled(sheet, list(lay_out(sheet.name, shown, budget)))
        blocks += [Paragraph(text, positions=(Position(sheet_cell=sheet.name),)) for text in sheet.drawn]
    notes += _left_out(chosen)
    if not blocks:
        hidden = [sheet.name for sheet in sheets if not sheet.is_shown and sheet.texts]
        raise UnreadableFile(
            "empty",
            f"Only hidden sheets of the workbook hold text ({_names(hidden)}). Unhide those that are the report."
            if hidden
            else "The workbook holds no text.",
        )
    return Document(file_format, tuple(blocks), warnings=tuple(_unknown(chosen)), notes=tuple(notes))


def _chosen(sheets: Sequence[Sheet], notes: list[str]) -> list[Sheet]:
    """The sheets that are read: those that show and do not merely instruct."""
    filled = [sheet for sheet in sheets if sheet.texts or sheet.drawn]
    shown = [sheet for sheet in filled if sheet.is_shown]
    hidden = [sheet.name for sheet in filled if not sheet.is_shown]
    if hidden and shown:
        notes.append(f"Hidden sheets were left out: {_names(hidden)}.")
    helpers = [sheet for sheet in shown if _INSTRUCTION.fullmatch(compact(sheet.name))]
    if not helpers or len(helpers) == len(shown):
        return shown
    notes.append(
        f"Sheets of instructions or choices were left out: {_names([sheet.name for sheet in helpers])}."
    )
    left_out = {id(sheet) for sheet in helpers}
    return [sheet for sheet in shown if id(sheet) not in left_out]


def _titled(sheet: Sheet, blocks: list[Block]) -> list[Block]:
    """The blocks of a sheet, under its name where that is the title of a form and the sheet prints none."""
    name = _APPENDIX.sub("", compact(sheet.name))
    head: list[str] = []
    for block in blocks:
        if isinstance(block, Table):
            head += [compact(cell.text) for cell in block.cells if cell.row == 1]
            break
        head.append(compact(block.text))
    has_table = any(isinstance(block, Table) for block in blocks)
    if not has_table or not is_title(name) or any(is_title(line) for line in head):
        return blocks
    return [Paragraph(name, positions=(Position(sheet_cell=sheet.name),)), *blocks]


def _left_out(sheets: Sequence[tuple[Sheet, Visible]]) -> Iterator[str]:
    """What a reader of the blocks should know, each said once for the whole workbook."""
    for sheet, shown in sheets:
        counts = [
            f"{count} hidden {what}"
            for count, what in ((shown.rows_left_out, "rows"), (shown.columns_left_out, "columns"))
            if count
        ]
        if counts:
            yield f"Sheet {sheet.name}: {' and '.join(counts)} with text were left out."
    errors = [cell_name(sheet.name, *place) for sheet, _ in sheets for place in sheet.errors]
    if errors:
        yield f"Cells print an error instead of a value ({_some(errors)})."
    drawn = [sheet.name for sheet, _ in sheets if sheet.drawn]
    if drawn:
        yield f"Text boxes were read behind the cells of their sheets: {_names(drawn)}."


def _unknown(sheets: Sequence[tuple[Sheet, Visible]]) -> Iterator[str]:
    """What the file shows in Excel and does not hold."""
    unknown = [cell_name(sheet.name, *place) for sheet, _ in sheets for place in sheet.unknown]
    if unknown:
        yield (
            f"Formulas saved without their results were read as empty ({_some(unknown)}). "
            "Open the file in Excel or WPS and save it anew."
        )


def _some(places: Sequence[str]) -> str:
    named = ", ".join(places[:_NAMED])
    return named if len(places) <= _NAMED else f"{named} and {len(places) - _NAMED} more"


def _names(names: Sequence[str]) -> str:
    return "、".join(names)
