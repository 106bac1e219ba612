"""What must be known of a .doc ([MS-DOC]) before LibreOffice reads it: whether it is whole, whether a password
protects it, and which of its fields LibreOffice would print anew instead of as they were printed."""

import struct

from parsers.formats.compound import CompoundFile, damaged, encrypted
from schemas.errors import UnreadableFile

_MAIN = "WordDocument"
_FLAGS = struct.Struct("<2xH6xH")  # FibBase: nFib, and the word of flags
_ENCRYPTED, _SECOND_TABLE = 0x0100, 0x0200
_WORD_97 = 0xC1  # earlier versions lay the FIB out otherwise
_LISTED_AT = 154  # FibRgFcLcb97: place and length of each structure in the table stream
# The structures that list fields: of the text, headers, footnotes, comments, endnotes, text boxes and theirs in headers.
_FIELD_LISTS = (16, 17, 18, 19, 48, 57, 59)
_BEGIN, _OF_MARK = 0x13, 0x1F
_QUOTE = 35  # the kind of field of which LibreOffice prints the stored result
# Kinds that it prints otherwise ([MS-DOC] 2.9.90, flt): those that depend on where, when and by whom a file is printed,
# those that refer to other places or files, and those that it does not know. What prints only through its kind (an
# automatic number, a check box, combined characters) is not among them, nor what prints nothing.
_EVALUATED = frozenset((0, 1, 2, 3, 5, 7, 12, *range(14, 34), 36, 37, 39, 44, 68, 72, *range(96, 256)))


def check_old_word(data: bytes) -> None:
    """Raises UnreadableFile for a .doc that is cut or damaged ("truncated"), asks for a password ("encrypted")
    or is no Word document ("unsupported")."""
    file = CompoundFile(data)
    _, flags = _fib(file)
    if flags & _ENCRYPTED:
        raise encrypted()
    for name in ("0Table", "1Table"):
        file.stream(name)  # raises where the file is cut inside it


def with_printed_fields(data: bytes) -> bytes:
    """The same .doc with fields that print what is stored in it: the date of the report and not that of today."""
    file = CompoundFile(data)
    version, flags = _fib(file)
    main = file.stream(_MAIN) or b""
    name = "1Table" if flags & _SECOND_TABLE else "0Table"
    table = file.stream(name)
    if version < _WORD_97 or table is None:
        return data
    changed = bytearray(table)
    for index in _FIELD_LISTS:
        if len(main) < _LISTED_AT + 8 * (index + 1):
            break
        start, length = struct.unpack_from("<II", main, _LISTED_AT + 8 * index)
        fields = max(length - 4, 0) // 6  # so many places of 4 bytes, one more, and so many fields of 2 bytes
        first = start + 4 * (fields + 1)
        for at in range(first, min(first + 2 * fields, len(table) - 1), 2):
            if table[at] & _OF_MARK == _BEGIN and table[at + 1] in _EVALUATED:
                changed[at + 1] = _QUOTE
    return data if changed == table else file.replaced(name, bytes(changed))


def _fib(file: CompoundFile) -> tuple[int, int]:
    """Version and flags of the file information block."""
    main = file.stream(_MAIN)
    if main is None:
        raise UnreadableFile("unsupported", "The file is no Word document. Open it and save it as .docx.")
    if len(main) < _FLAGS.size:
        raise damaged()
    version, flags = _FLAGS.unpack_from(main)
    return version, flags
