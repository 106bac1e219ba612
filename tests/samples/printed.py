"""All that a sample file prints, read by means of its own: neither the generator's nor the parser's."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from email import message_from_bytes
from email.message import Message
from typing import Any

import lxml.html
import openpyxl
import pypdfium2
import xlrd

from tests.sample_truth import folded, scan_lines

Entry = dict[str, Any]


def printed_text(data: bytes, entry: Entry) -> str:
    """All text of a file in reading order, folded; cell by cell where a format has cells."""
    return folded(READERS[entry["format"]](data, entry))


def _text(data: bytes, entry: Entry) -> str:
    return data.decode(entry["encoding"] or "utf-8")


def _word(data: bytes, _: Entry) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        xml = archive.read("word/document.xml").decode("utf-8")
    return html.unescape("".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", xml)))


def _opendocument(data: bytes, _: Entry) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return html.unescape(re.sub(r"<[^>]*>", "", archive.read("content.xml").decode("utf-8")))


def _old_word(data: bytes, _: Entry) -> str:
    """The text of a .doc stands in it as UTF-16, with marks at the ends of cells and paragraphs."""
    return re.sub(r"[\x00-\x1f]", "", data.decode("utf-16-le", "ignore"))


def _rtf(data: bytes, _: Entry) -> str:
    source = data.decode("ascii", "ignore")
    source = re.sub(r"\\u(-?\d+)\\'[0-9a-f]{2}(?:\\'[0-9a-f]{2})?", lambda m: chr(int(m[1]) % 65536), source)
    source = re.sub(r"\\'([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), source)
    return re.sub(r"\\[a-z]+-?\d* ?|[{}]", "", source)


# ---- web pages ------------------------------------------------------------------------------


def _page(data: bytes, entry: Entry) -> str:
    codec = "gb18030" if entry["encoding"] == "gb18030" else "utf-8"
    return "".join(lxml.html.fromstring(data.decode(codec)).xpath("//body//text()"))


def _saved_page(data: bytes, entry: Entry) -> str:
    parts = [p for p in message_from_bytes(data).walk() if p.get_content_type() == "text/html"]
    payload = parts[0].get_payload(decode=True)
    assert isinstance(parts[0], Message)
    assert isinstance(payload, bytes)
    return _page(payload, entry)


def _markdown(data: bytes, _: Entry) -> str:
    source = re.sub(
        r"\\(geq|leq|%|\*|_|~)", lambda m: {"geq": "≥", "leq": "≤"}.get(m[1], m[1]), data.decode("utf-8")
    )
    source = re.sub(r"<[^>]*>", "", source.replace("$", ""))
    return html.unescape(source)


# ---- workbooks ------------------------------------------------------------------------------


def shown(value: Any, form: str) -> str:
    """A typed value as the sample workbooks' formats show it."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, datetime):
        assert "年" in form
        return f"{value.year}年{value.month}月{value.day}日"
    unit = "".join(re.findall(r'"([^"]*)"', form))
    plain = re.sub(r'"[^"]*"', "", form)
    if plain == "General":
        return f"{value:.15g}" if value != int(value) else str(int(value))
    places = len(plain.partition(".")[2].rstrip("%"))
    number = Decimal(str(value)) * (100 if plain.endswith("%") else 1)
    number = number.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return (f"{number:,}" if "," in plain else str(number)) + unit + ("%" if plain.endswith("%") else "")


def _workbook(data: bytes, _: Entry) -> str:
    book = openpyxl.load_workbook(io.BytesIO(data))
    return "\n".join(
        shown(c.value, c.number_format) for sheet in book for row in sheet.iter_rows() for c in row
    )


def old_shown(book: xlrd.Book, sheet: xlrd.sheet.Sheet, row: int, col: int) -> str:
    """A cell of an .xls file as its format shows it."""
    cell = sheet.cell(row, col)
    form = book.format_map[book.xf_list[cell.xf_index].format_key].format_str
    value = cell.value
    if cell.ctype == xlrd.XL_CELL_DATE:
        value = datetime(1899, 12, 30) + timedelta(days=value)
    return shown(
        value if value != "" else None, re.sub(r"\[[^\]]*\]|\\", "", form).replace("GENERAL", "General")
    )


def _old_workbook(data: bytes, _: Entry) -> str:
    book = xlrd.open_workbook(file_contents=data, formatting_info=True)
    return "\n".join(
        old_shown(book, sheet, r, c)
        for sheet in book.sheets()
        for r in range(sheet.nrows)
        for c in range(sheet.ncols)
    )


# ---- pages ----------------------------------------------------------------------------------


def _pdf(data: bytes, _: Entry) -> str:
    """The characters in the order in which the file draws them: the samples draw cell by cell."""
    document = pypdfium2.PdfDocument(data)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


def _ofd(data: bytes, _: Entry) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        pages = [archive.read(name).decode("utf-8") for name in archive.namelist() if "Content.xml" in name]
    return "".join(
        html.unescape(t) for page in pages for t in re.findall(r"<(?:ofd:)?TextCode[^>]*>([^<]*)<", page)
    )


def _scan(_: bytes, entry: Entry) -> str:
    """No means but recognition would read a picture: what the generator noted while drawing it."""
    return "".join(text for _, _, text in scan_lines()[entry["source"]])


READERS: dict[str, Callable[[bytes, Entry], str]] = {
    "txt": _text, "docx": _word, "odt": _opendocument, "doc": _old_word, "rtf": _rtf, "html": _page, "mht": _saved_page,
    "md": _markdown, "xlsx": _workbook, "xls": _old_workbook, "pdf": _pdf, "office_pdf": _pdf, "ofd": _ofd,
    "scan": _scan, "png": _scan, "jpg": _scan,
}  # fmt: skip
