"""One file -> what it says. `parse_file` is the whole way; the modules are its steps."""

from parsers.formats.recognition import can_recognise
from parsers.reading import PARSER_VERSION, page_picture, parse_document, parse_file, parse_with_ocr

__all__ = [
    "PARSER_VERSION",
    "can_recognise",
    "page_picture",
    "parse_document",
    "parse_file",
    "parse_with_ocr",
]
