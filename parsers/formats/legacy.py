"""Old Word files (.doc, WPS Writer's .wps), .rtf and .odt: bytes -> Document, by way of LibreOffice and .docx.

LibreOffice keeps merged cells, automatic numbers, tracked changes, hidden text, text boxes and notes. What it would
print otherwise than the file did is taken out of its hands before (`old_word`, `legacy_fields`) or undone after
(`office_docx`).
"""

from dataclasses import replace
from typing import Literal

from parsers.formats.legacy_fields import odt_with_printed_fields, rtf_with_printed_fields
from parsers.formats.office import to_docx
from parsers.formats.office_docx import tidy
from parsers.formats.old_word import check_old_word, with_printed_fields
from parsers.formats.word import read_word
from schemas.blocks import Document
from schemas.errors import UnreadableFile


def read_legacy(data: bytes, kind: Literal["doc", "rtf", "odt"]) -> Document:
    """The document that an old Word file, an .rtf or an .odt prints.

    Raises UnreadableFile: "missing_tool" without LibreOffice, "encrypted", "truncated", "timeout", "too_large".
    """
    if kind == "doc":
        check_old_word(data)
        ready = with_printed_fields(data)
    elif kind == "rtf":
        ready = rtf_with_printed_fields(data)
    else:
        ready = odt_with_printed_fields(data)
    document = read_word(to_docx(ready, kind), tidy)
    if not document.blocks:
        raise UnreadableFile(
            "empty", "The file holds no text. If it shows any in its program, save it as .docx."
        )
    return replace(document, format=kind)
