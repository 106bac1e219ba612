"""Hostile and broken files of every format, each with what must become of it.

All are made here, small, by hand; none takes a second to make. `CASES` is what tests and people read.
"""

import base64
import bz2
import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import py7zr
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption

from schemas.errors import Category
from schemas.records import Outcome
from tests.sample_truth import NEEDS_TOOLS
from tests.samples.bad import encrypted, law
from tests.support_ole import compound
from tests.support_pdf import Drawing
from tests.support_xlsx import saved, workbook

RAW = Path(__file__).parents[1] / "data" / "raw"
HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
LINES = ("项目支出绩效自评报告", "一、项目概况", "本项目全年预算28万元，执行26万元。")


class Case(NamedTuple):
    """A file and the outcomes that may become of it; `categories` of those that are failures or no report."""

    make: Callable[[], bytes]
    outcomes: tuple[Outcome, ...]
    categories: tuple[Category, ...] = ()
    member: str = ""
    """The member that the outcome is for, of an archive."""


def failed(make: Callable[[], bytes], *categories: Category, member: str = "") -> Case:
    """A file of which nothing can be read."""
    return Case(make, ("failed",), categories, member)


def skipped(make: Callable[[], bytes]) -> Case:
    """A file that can be read and is no report: what is hostile in it does no harm."""
    return Case(make, ("skipped",), ("not_a_report",))


def cut(make: Callable[[], bytes], share: float) -> Callable[[], bytes]:
    """The first part of a file."""

    def first() -> bytes:
        data = make()
        return data[: int(len(data) * share)]

    return first


def sample(pattern: str) -> Callable[[], bytes]:
    """A good file of the sample archive."""
    return lambda: next(iter(sorted([*RAW.glob(pattern), *NEEDS_TOOLS.glob(pattern)]))).read_bytes()


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def replaced(make: Callable[[], bytes], member: str, old: str, new: str | bytes) -> Callable[[], bytes]:
    """A zip-based file with something in one member replaced, once."""

    def changed() -> bytes:
        source = zipfile.ZipFile(io.BytesIO(make()))
        files = {name: source.read(name) for name in source.namelist()}
        assert old.encode() in files[member]
        files[member] = files[member].replace(
            old.encode(), new if isinstance(new, bytes) else new.encode(), 1
        )
        return zipped(files)

    return changed


@cache
def zeros(mebibytes: int, header: bool = True) -> bytes:
    """So many MiB of zeros, deflated: made of equal pieces, quick to make."""
    bits = zlib.MAX_WBITS if header else -zlib.MAX_WBITS
    packer = zlib.compressobj(9, zlib.DEFLATED, bits)
    first = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    piece = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    # the checksum at the end is not that of all pieces: who has read so far has read too far
    return first + piece * (mebibytes - 1) + packer.flush()


# ---- PDF ------------------------------------------------------------------------------------


def pdf(objects: Mapping[int, bytes], root: int = 1) -> bytes:
    """A PDF of these objects, with its table of them."""
    out, offsets = b"%PDF-1.7\n", {}
    for number, content in objects.items():
        offsets[number] = len(out)
        out += b"%d 0 obj\n" % number + content + b"\nendobj\n"
    table = b"xref\n0 1\n0000000000 65535 f \n"
    table += b"".join(b"%d 1\n%010d 00000 n \n" % (n, at) for n, at in offsets.items())
    return out + table + b"trailer\n<</Root %d 0 R/Size %d>>\nstartxref\n%d\n%%%%EOF\n" % (
        root, max(objects) + 1, len(out),
    )  # fmt: skip


def stream(data: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n" % (entries, len(data)) + data + b"\nendstream"


def drawn(**options: object) -> bytes:
    drawing = Drawing(**options)  # type: ignore[arg-type]
    for n, line in enumerate(LINES):
        drawing.text(80, 80 + 30 * n, line)
    return drawing.bytes()


def locked_pdf() -> bytes:
    return drawn(encrypt=StandardEncryption("secret", ownerPassword="owner"))


def pdf_without_pages() -> bytes:
    return pdf({1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Kids[]/Count 0>>"})


def pdf_of_many_pages() -> bytes:
    kids = b" ".join(b"%d 0 R" % n for n in range(3, 10_003))
    pages = dict.fromkeys(range(3, 10003), b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")
    return pdf(
        {1: b"<</Type/Catalog/Pages 2 0 R>>", 2: b"<</Type/Pages/Count 10000/Kids[%s]>>" % kids, **pages}
    )


def pdf_of_a_circle() -> bytes:
    """Its tree of pages leads back to its root."""
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Count 2/Kids[3 0 R]>>",
            3: b"<</Type/Pages/Parent 2 0 R/Count 2/Kids[2 0 R 3 0 R]>>",
        }
    )


def one_page(content: bytes, box: bytes = b"0 0 595 842", resources: bytes = b"") -> bytes:
    return pdf(
        {
            1: b"<</Type/Catalog/Pages 2 0 R>>",
            2: b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
            3: b"<</Type/Page/Parent 2 0 R/MediaBox[%s]/Contents 4 0 R/Resources<<%s>>>>" % (box, resources),
            4: content,
        }
    )


def pdf_bomb() -> bytes:
    """A page whose content is 2 GiB of spaces, deflated twice."""
    return one_page(stream(zlib.compress(zeros(2048), 9), b"/Filter[/FlateDecode/FlateDecode]"))


def pdf_of_a_form_in_itself() -> bytes:
    objects = one_page(stream(b"/F Do"), resources=b"/XObject<</F 5 0 R>>")
    form = stream(
        b"/F Do /F Do", b"/Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</F 5 0 R>>>>"
    )
    return objects.replace(b"xref\n0 1", b"5 0 obj\n" + form + b"\nendobj\nxref\n0 1", 1)


# ---- Excel and OpenDocument -----------------------------------------------------------------

LAUGHS = (
    '<!DOCTYPE x [<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + "]>"
)
OUTSIDE = '<!DOCTYPE x [<!ENTITY j SYSTEM "file:///etc/hostname">]>'


def book() -> bytes:
    return saved(
        workbook(
            自评表=[
                ["项目支出绩效自评表"],
                ["一级指标", "二级指标", "三级指标"],
                ["产出指标", "数量指标", "培训人数"],
            ]
        )
    )


def with_doctype(
    doctype: str, entity: str, member: str = "xl/worksheets/sheet1.xml", root: str = "<worksheet"
) -> bytes:
    """A workbook with a document type before the sheet's root, and the entity as a cell."""
    source = zipfile.ZipFile(io.BytesIO(book()))
    files = {name: source.read(name).decode() for name in source.namelist()}
    text = files[member].replace(root, doctype + root, 1)
    files[member] = text.replace(
        "<sheetData>", f'<sheetData><row r="9"><c r="A9" t="inlineStr"><is><t>{entity}</t></is></c></row>', 1
    )
    return zipped(files)


def wide_sheet() -> bytes:
    """A merged cell over all of a sheet: 17 billion cells."""
    return replaced(
        book,
        "xl/worksheets/sheet1.xml",
        "</sheetData>",
        '</sheetData><mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>',
    )()


def far_cell() -> bytes:
    return replaced(
        book,
        "xl/worksheets/sheet1.xml",
        "</sheetData>",
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>',
    )()


def bomb_in(make: Callable[[], bytes], member: str) -> Callable[[], bytes]:
    """A zip-based file whose member unpacks to 4 GiB, which its header does not hide."""

    def made() -> bytes:
        source = zipfile.ZipFile(io.BytesIO(make()))
        files = {name: source.read(name) for name in source.namelist() if name != member}
        plain = zipped(files)
        packed, name = zeros(3 * 1024, header=False), member.encode()
        fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0, 0, len(packed), 3 << 30, len(name), 0)
        end = plain.rindex(b"PK\x05\x06")
        size, start = struct.unpack_from("<II", plain, end + 12)
        entry = (
            b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, start) + name
        )
        body = plain[:start] + b"PK\x03\x04" + fields + name + packed
        directory = plain[start : start + size] + entry
        count = len(files) + 1
        return (
            body
            + directory
            + b"PK\x05\x06"
            + struct.pack("<HHHHIIH", 0, 0, count, count, len(directory), len(body), 0)
        )

    return made


def ods(body: str = "", doctype: str = "") -> bytes:
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    table, text = office.replace("office", "table"), office.replace("office", "text")
    content = (
        f'{HEAD}{doctype}<office:document-content xmlns:office="{office}" xmlns:table="{table}" xmlns:text="{text}">'
        f"<office:body><office:spreadsheet><table:table>{body}</table:table></office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    return zipped({"mimetype": "application/vnd.oasis.opendocument.spreadsheet", "content.xml": content})


def odt(body: str, doctype: str = "") -> bytes:
    office = "urn:oasis:names:tc:opendocument:xmlns:office:1.0"
    text = office.replace("office", "text")
    content = (
        f'{HEAD}{doctype}<office:document-content xmlns:office="{office}" xmlns:text="{text}"><office:body>'
        f"<office:text>{body}</office:text></office:body></office:document-content>"
    )
    manifest = (
        f'{HEAD}<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<m:file-entry m:full-path="/" m:media-type="application/vnd.oasis.opendocument.text"/>'
        '<m:file-entry m:full-path="content.xml" m:media-type="text/xml"/></m:manifest>'
    )
    return zipped(
        {
            "mimetype": "application/vnd.oasis.opendocument.text",
            "content.xml": content,
            "META-INF/manifest.xml": manifest,
        }
    )


# ---- pages of the web, Markdown, pictures, old Office ------------------------------------------


def html(body: str) -> bytes:
    return f"<!DOCTYPE html><html><head><meta charset=utf-8></head><body>{body}</body></html>".encode()


def mht(body: bytes, coding: str = "base64") -> bytes:
    head = (
        "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\n"
        f"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: {coding}\r\n\r\n"
    )
    return head.encode() + body + b"\r\n--x--\r\n"


def nested_mht() -> bytes:
    data = mht(base64.b64encode(html("x")))
    for n in range(2_000):
        data = (
            f"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n".encode()
            + data
        )
    return data


def picture(kind: str, size: tuple[int, int] = (400, 200)) -> bytes:
    out = io.BytesIO()
    Image.new("L", size, 255).save(out, kind)
    return out.getvalue()


def png_bomb() -> bytes:
    """A PNG of 50,000 x 50,000 white dots: 2.5 GB unpacked."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 50_000, 50_000, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zeros(2400)) + chunk(b"IEND", b"")


def circular_ole() -> bytes:
    """A compound file whose directory's chain of sectors leads back to its start."""
    data = bytearray(compound({"WordDocument": bytes(5000)}))
    fat_sector = struct.unpack_from("<I", data, 76)[0]
    directory = struct.unpack_from("<I", data, 48)[0]
    struct.pack_into("<I", data, 512 * (fat_sector + 1) + 4 * directory, directory)
    return bytes(data)


def circular_tree() -> bytes:
    """A compound file with an entry of the directory that is its own sibling."""
    data = bytearray(compound({"WordDocument": bytes(5000), "1Table": bytes(5000)}))
    at = data.index("WordDocument".encode("utf-16-le"))
    struct.pack_into("<III", data, at + 68, 1, 1, 1)
    return bytes(data)


def ofd() -> bytes:
    return zipped(
        {"OFD.xml": f'{HEAD}<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"/>', "Doc_0/Document.xml": HEAD}
    )


# ---- archives -------------------------------------------------------------------------------


def bomb_zip() -> bytes:
    """3 GiB of zeros in 3 MB."""
    return bomb_in(lambda: zipped({}), "zeros.txt")()


def nested_bombs() -> bytes:
    """Zips in zips, at each depth ten equal ones."""
    data = zipped({f"{n}.txt": bytes(30 << 20) for n in range(2)})
    for depth in range(4):
        data = zipped({f"{depth}-{n}.zip": data for n in range(10)})
    return data


def climbing_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("../../etc/cron.d/x")
        archive.addfile(info)
    return out.getvalue()


def locked_zip() -> bytes:
    data = bytearray(zipped({"a.txt": "x"}))
    data[6] |= 1
    data[data.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def locked_7z(hidden: bool) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password="pw", header_encryption=hidden) as archive:  # noqa: S106
        archive.writestr("x", "a.txt")
    return out.getvalue()


CASES: dict[str, Case] = {
    # PDF
    "截断.pdf": failed(cut(drawn, 0.3), "truncated"),
    "加密.pdf": failed(locked_pdf, "encrypted"),
    "没有页.pdf": failed(pdf_without_pages, "empty", "truncated"),
    "一万页.pdf": failed(pdf_of_many_pages, "too_large", "empty"),
    "循环页树.pdf": failed(pdf_of_a_circle, "truncated", "empty"),
    "巨大页面.pdf": failed(lambda: one_page(stream(b""), b"0 0 99999999999 99999999999"), "empty", "too_large", "truncated"),
    "解压炸弹.pdf": failed(pdf_bomb, "too_large", "empty", "truncated"),
    "自含表单.pdf": failed(pdf_of_a_form_in_itself, "timeout"),
    "只有文件头.pdf": failed(lambda: b"%PDF-1.7\n", "truncated", "empty"),
    # Excel, OpenDocument
    "实体炸弹.xlsx": failed(lambda: with_doctype(LAUGHS, "&j;"), "unsupported", "truncated", "too_large"),
    "外部实体.xlsx": failed(lambda: with_doctype(OUTSIDE, "&j;"), "unsupported", "truncated"),
    "解压炸弹.xlsx": failed(bomb_in(book, "xl/worksheets/sheet1.xml"), "too_large", "truncated"),
    "加密.xlsx": failed(encrypted, "encrypted"),
    "截断.xlsx": failed(cut(book, 0.6), "truncated"),
    "整表合并.xlsx": Case(wide_sheet, ("failed", "skipped", "read", "partial"), ("too_large", "not_a_report")),
    "天边单元格.xlsx": Case(far_cell, ("failed", "skipped", "read", "partial"), ("too_large", "not_a_report")),
    "截断.xls": failed(cut(sample("*/*.xls"), 0.4), "truncated"),
    "实体炸弹.ods": failed(lambda: ods("<table:table-row>&j;</table:table-row>", LAUGHS), "unsupported", "truncated", "too_large"),
    "重复行.ods": failed(lambda: ods('<table:table-row table:number-rows-repeated="999999999"><table:table-cell table:number-columns-repeated="999999999"/></table:table-row>'), "unsupported", "too_large", "empty"),
    "实体炸弹.odt": failed(lambda: odt("<text:p>&j;</text:p>", LAUGHS), "unsupported", "truncated", "too_large", "missing_tool"),
    # pages of the web, Markdown, text
    "深层嵌套.html": Case(lambda: html("<div>" * 100_000 + law()), ("failed", "skipped"), ("too_large", "not_a_report")),
    "巨大跨列.html": Case(lambda: html("<table><tr><td colspan=1000000000 rowspan=1000000000>x</table>" + law()), ("failed", "skipped"), ("too_large", "not_a_report")),
    "表中表.html": Case(lambda: html("<table><tr><td>" * 3_000 + law()), ("failed", "skipped"), ("too_large", "not_a_report")),
    "空白.html": failed(lambda: html(""), "empty"),
    "没有结尾.mht": Case(lambda: mht(base64.b64encode(html(law())))[:900], ("failed", "skipped"), ("truncated", "not_a_report", "empty")),
    "深层嵌套.mht": failed(nested_mht, "too_large", "truncated", "empty", "unsupported"),
    "坏编码.mht": failed(lambda: mht(b"\xff\xfe!!" * 90), "truncated", "empty", "encoding"),
    "深层引用.md": Case(lambda: bytes(">" * 100_000 + " 一、项目概况\n" + law(), "utf-8"), ("failed", "skipped"), ("too_large", "not_a_report")),
    "长行.txt": Case(lambda: bytes("绩效" * 2_000_000, "utf-8"), ("failed", "skipped"), ("too_large", "not_a_report")),
    # pictures
    "炸弹.png": failed(png_bomb, "too_large", "missing_tool", "unsupported"),
    "截断.jpg": failed(cut(lambda: picture("JPEG"), 0.3), "truncated", "missing_tool", "unsupported"),
    "截断.tiff": failed(cut(lambda: picture("TIFF"), 0.5), "truncated", "missing_tool", "unsupported"),
    # old Office, OFD
    "截断.doc": failed(cut(sample("*/*.doc"), 0.4), "truncated"),
    "循环扇区.doc": failed(circular_ole, "truncated", "unsupported"),
    "循环目录.doc": failed(circular_tree, "truncated", "unsupported", "missing_tool"),
    "截断.rtf": Case(cut(sample("*/*.rtf"), 0.001), ("failed", "skipped"), ("truncated", "not_a_report", "missing_tool", "empty")),
    "深层嵌套.rtf": Case(lambda: b"{\\rtf1" + b"{" * 200_000, ("failed", "skipped"), ("too_large", "truncated", "missing_tool", "empty", "not_a_report")),
    "空壳.ofd": failed(ofd, "truncated", "empty", "unsupported", "missing_tool"),
    "其他压缩包.ofd": failed(lambda: zipped({"a.txt": "x"}), "unsupported", "truncated"),
    # archives
    "炸弹.zip": failed(bomb_zip, "too_large", member="zeros.txt"),
    "层层炸弹.zip": failed(nested_bombs, "too_large"),
    "gz炸弹.gz": failed(lambda: b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + zeros(3072, header=False), "too_large", member="gz炸弹"),
    "加密.zip": failed(locked_zip, "encrypted", member="a.txt"),
    "加密.7z": failed(lambda: locked_7z(False), "encrypted", member="a.txt"),
    "隐藏文件名.7z": failed(lambda: locked_7z(True), "encrypted"),
    "越界.tar": failed(climbing_tar, "unsafe", member="../../etc/cron.d/x"),
    "截断.7z": failed(cut(lambda: locked_7z(True), 0.7), "truncated"),
    "坏.rar": failed(lambda: b"Rar!\x1a\x07\x01\x00" + bytes(range(200)), "truncated"),
    "坏.tar.bz2": failed(lambda: bz2.compress(bytes(9000))[:-5], "truncated", member="坏.tar"),
    "坏.tgz": failed(lambda: gzip.compress(bytes(range(256)) * 40)[:60], "truncated"),
    "空.zip": failed(lambda: zipped({}), "empty"),
    "分卷.z01": failed(lambda: b"PK\x07\x08" + zipped({"a": "x"}), "unsupported"),
    "NUL名.zip": failed(lambda: zipped({"aXb.txt": b""}).replace(b"aXb", b"a\0b"), "empty", member="a␀b.txt"),
}  # fmt: skip
