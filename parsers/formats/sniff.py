"""The format of a file, told from its content and never from its name."""

from schemas.blocks import Format
from schemas.errors import UnreadableFile

_WORD_OR_ARCHIVE = b"PK\x03\x04"
COMPOUND_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_KNOWN = (
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "an RTF document"),
    (b"\x89PNG", "a picture (PNG)"),
    (b"\xff\xd8\xff", "a picture (JPEG)"),
    (b"GIF8", "a picture (GIF)"),
    (b"II*\x00", "a picture (TIFF)"),
    (b"MM\x00*", "a picture (TIFF)"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
)
_MARKUP = (b"<!doctype html", b"<html", b"<?xml", b"mime-version:")
_HEAD = 1_024


def sniff(data: bytes) -> Format:
    """The format of `data`: "docx" for anything that claims to be Word (a zip or an OLE compound
    file: the Word reader tells what is wrong with it), else "text".

    Raises UnreadableFile for an empty file and for formats that jixiao does not read.
    """
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf\xff\xfe"):
        raise UnreadableFile("empty", "the file is empty")
    if data.startswith((_WORD_OR_ARCHIVE, COMPOUND_FILE)):
        return "docx"
    for magic, what in _KNOWN:
        if data.startswith(magic):
            raise UnreadableFile(
                "unsupported", f"this is {what}, which jixiao does not read; save it as .docx or .txt"
            )
    if data[:_HEAD].lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_MARKUP):
        raise UnreadableFile(
            "unsupported", "this is a web or XML page, which jixiao does not read; save it as .docx or .txt"
        )
    return "text"
