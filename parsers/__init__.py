"""One file -> what it says. `parse_file` is the whole way; the modules are its steps."""

from schemas.records import ParsedFile

PARSER_VERSION = "1"
"""Raised whenever the same bytes would give other rows: the store then reads them again."""


def parse_file(data: bytes) -> ParsedFile:
    """All that one file says.

    Takes the file's bytes. Raises UnreadableFile when they cannot be read and NotAReport
    when they say nothing that jixiao is about.
    """
    raise NotImplementedError


__all__ = ["PARSER_VERSION", "parse_file"]
