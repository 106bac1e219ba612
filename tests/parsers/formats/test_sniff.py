"""The format of a file, told from its content."""

import io
import zipfile

import pytest

from parsers.formats.sniff import sniff
from schemas.errors import UnreadableFile


def zipped(**members: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, text in members.items():
            archive.writestr(name.replace("__", "/"), text)
    return out.getvalue()


CONTENT_TYPES = '<Types><Override PartName="/doc/main.xml" ContentType="application/vnd.{}+xml"/></Types>'


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (zipped(**{"word/document.xml": ""}), "docx"),
        (zipped(**{"Word/Document.xml": ""}), "docx"),
        (zipped(**{"xl/workbook.xml": ""}), "xlsx"),
        (zipped(**{"OFD.xml": ""}), "ofd"),
        (zipped(mimetype="application/vnd.oasis.opendocument.text"), "odt"),
        (zipped(**{"[Content_Types].xml": CONTENT_TYPES.format("x.wordprocessingml.document.main")}), "docx"),
        (zipped(**{"[Content_Types].xml": CONTENT_TYPES.format("x.spreadsheetml.sheet.main")}), "xlsx"),
        (zipped(**{"word/document.xml": ""})[:-30], "docx"),  # damaged: the Word reader says what is wrong
        (b"%PDF-1.7\n", "pdf"),
        (b"\x00\x00junk of a mail gateway\r\n%PDF-1.4\n", "pdf"),
        (b"{\\rtf1\\ansi", "rtf"),
        (b"\x89PNG\r\n\x1a\n", "image"),
        (b"\xff\xd8\xff\xe0", "image"),
        (b"II*\x00\x08", "image"),
        (b"BM" + (60).to_bytes(4, "little") + bytes(54), "image"),
        ("BM是一个缩写，不是图片。\n".encode(), "text"),
        (b"<!DOCTYPE html><html>", "html"),
        (b"\xef\xbb\xbf  <!-- saved -->\n<HTML>", "html"),
        (b'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', "html"),
        ('<meta charset="utf-8"><title>自评</title>'.encode("gb18030"), "html"),  # lies about its encoding
        ("<html>绩效".encode("utf-16"), "html"),
        ("<div><p>一、项目概况</p></div>".encode(), "html"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n", "mht"),
        (b"From: <Saved by Blink>\r\nSubject: x\r\n y\r\nMIME-Version: 1.0\r\n", "mht"),
        ("一、项目概况\n本项目……\n".encode("gb18030"), "text"),
        ("注意：内容\nMIME 不是邮件\n".encode(), "text"),
        ("# 一、项目概况\n\n| 指标 | 目标 |\n|---|---|\n| 培训 | 3次 |\n".encode(), "markdown"),
    ],
)
def test_formats_are_told_from_content(data: bytes, kind: str) -> None:
    assert sniff(data) == kind


@pytest.mark.parametrize(
    ("data", "category", "what"),
    [
        (b"", "empty", "empty"),
        (b"\xef\xbb\xbf \r\n", "empty", "empty"),
        (b"7z\xbc\xaf\x27\x1c", "unsupported", "7z archive"),
        (b"Rar!\x1a\x07", "unsupported", "RAR archive"),
        (b"PK\x05\x06" + bytes(18), "unsupported", "empty zip"),
        (b'<?xml version="1.0"?><?mso-application progid="Word.Document"?><x/>', "unsupported", ".docx"),
        (b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><x/>', "unsupported", ".xlsx"),
        (b'<?xml version="1.0"?><report/>', "unsupported", "XML"),
    ],
)
def test_what_is_not_read_is_named(data: bytes, category: str, what: str) -> None:
    with pytest.raises(UnreadableFile, match=what) as caught:
        sniff(data)
    assert caught.value.category == category
