"""One file -> what it says. `parse_file` is the whole way; the modules are its steps."""

from parsers.formats.scan import can_recognise
from parsers.reading import PARSER_VERSION, parse_document, parse_file, parse_with_ocr

__all__ = ["PARSER_VERSION", "can_recognise", "parse_document", "parse_file", "parse_with_ocr"]
