"""One file -> what it says. `parse_file` is the whole way; the modules are its steps."""

from parsers.reading import PARSER_VERSION, parse_document, parse_file

__all__ = ["PARSER_VERSION", "parse_document", "parse_file"]
