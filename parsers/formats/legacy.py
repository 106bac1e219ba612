"""Old Word files (.doc, WPS Writer's .wps), .rtf and .odt: bytes -> Document, by way of LibreOffice and .docx."""

from dataclasses import replace
from typing import Literal

from parsers.formats.compound import COMPOUND_FILE, check_old_word
from parsers.formats.office import to_docx
from parsers.formats.word import read_word
from schemas.blocks import Document


def read_legacy(data: bytes, format: Literal["doc", "rtf", "odt"]) -> Document:
    if data.startswith(COMPOUND_FILE):
        check_old_word(data)
    return replace(read_word(to_docx(data, format)), format=format)
