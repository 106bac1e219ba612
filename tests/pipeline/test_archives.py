"""Archives as sources: real ones, made here. Their limits are lowered, but for one true bomb."""

import bz2
import gzip
import io
import lzma
import os
import struct
import subprocess
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path

import py7zr
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.archives.opening import unpacked
from pipeline.archives.sevenzip import AT_ONCE_BYTES
from pipeline.archives.unpacking import DEFAULT_LIMITS, Limits
from pipeline.names import cleaned, decoded, is_unsafe
from pipeline.sources import find_sources
from schemas.errors import UsageError
from tests.pipeline import fakes
from tests.pipeline.conftest import environment

REPORT = fakes.report(2023, ("论文", 10, 8))
Found = dict[str, bytes | str]


def found_in(path: Path, limits: Limits = DEFAULT_LIMITS) -> Found:
    """The sources of a folder or archive: their bytes, or the category of what is wrong with them."""
    scratch = path.parent / "scratch"
    with unpacked(find_sources([path]), scratch, limits) as sources:
        found = {s.source: s.category if s.problem else s.read() for s in sources}
        assert len(found) == len(sources)
        assert all(p.name.isdecimal() for p in scratch.rglob("*"))
    assert not scratch.exists()
    return found  # type: ignore[return-value]


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return out.getvalue()


def sevenzipped(files: Mapping[str, bytes], password: str | None = None, hidden: bool = False) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password, header_encryption=hidden) as archive:
        for name, data in files.items():
            archive.writestr(data, name)
    return out.getvalue()


def tarred(files: Mapping[str, bytes], kind: int = tarfile.PAX_FORMAT, encoding: str = "utf-8") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=kind, encoding=encoding) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


def tar_entry(name: str, kind: bytes, link: str = "") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo(name)
        info.type, info.linkname = kind, link
        archive.addfile(info)
    return out.getvalue()


def raw_zip(
    *members: tuple[bytes, bytes], flags: int = 0, extra: bytes = b"", sizes: int | None = None
) -> bytes:
    """A zip of stored members by the bytes of their names; `sizes` is what headers claim instead of the truth."""
    body, directory = b"", b""
    for name, data in members:
        size = len(data) if sizes is None else sizes
        fields = struct.pack(
            "<HHHHHIIIHH", 20, flags, 0, 0, 0, zlib.crc32(data), len(data), size, len(name), len(extra)
        )
        directory += (
            b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
        )
        directory += name + extra
        body += b"PK\x03\x04" + fields + name + extra + data
    end = struct.pack("<HHHHIIH", 0, 0, len(members), len(members), len(directory), len(body), 0)
    return body + directory + b"PK\x05\x06" + end


@pytest.fixture
def put(tmp_path: Path) -> Callable[[str, bytes], Path]:
    """Writes a file into a folder of its own."""

    def write(name: str, data: bytes) -> Path:
        path = tmp_path / "in" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
        return path

    return write


Put = Callable[[str, bytes], Path]
FILES = {"科技厅/自评报告.txt": b"one" * 400, "b.txt": b"two"}


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", zipped(FILES)),
        ("a.zip", zipped(FILES, zipfile.ZIP_STORED)),
        ("a.zip", zipped(FILES, zipfile.ZIP_BZIP2)),
        ("a.7z", sevenzipped(FILES)),
        ("a.tar", tarred(FILES)),
        ("a.tar", tarred(FILES, tarfile.GNU_FORMAT)),
        ("a.tar", tarred(FILES, tarfile.GNU_FORMAT, "gbk")),
        ("a.tar", tarred(FILES, tarfile.USTAR_FORMAT)),
        ("a.tgz", gzip.compress(tarred(FILES))),
        ("a.tar.bz2", bz2.compress(tarred(FILES))),
        ("a.tar.xz", lzma.compress(tarred(FILES))),
        ("没有后缀", zipped(FILES)),
        ("照片.jpg", gzip.compress(tarred(FILES))),
        ("a.exe", b"MZ" * 500 + zipped(FILES)),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_members_are_sources_by_the_archives_name_and_theirs(put: Put, name: str, data: bytes) -> None:
    expected: Found = {f"{name}!{member}": content for member, content in FILES.items()}
    if name == "a.exe":  # a program is not searched for an archive in it
        expected = {name: data}
    assert found_in(put(name, data)) == expected


def test_a_tar_packed_by_zstandard_is_read_where_python_can(put: Put) -> None:
    zstd = pytest.importorskip("compression.zstd" if sys.version_info >= (3, 14) else "backports.zstd")
    assert found_in(put("a.tar.zst", zstd.compress(tarred(FILES)))) == {
        f"a.tar.zst!{member}": content for member, content in FILES.items()
    }


@pytest.mark.parametrize(
    ("name", "data", "member"),
    [
        ("自评.txt.gz", gzip.compress(b"abc"), "自评.txt"),
        ("a.txt.xz", lzma.compress(b"abc"), "a.txt"),
        ("a.txt.bz2", bz2.compress(b"ab") + bz2.compress(b"c"), "a.txt"),
        ("a", gzip.compress(b"ab") + gzip.compress(b"c"), "a"),
        ("a.gz", gzip.compress(b"abc") + b"\0\0\0 garbage", "a"),
    ],
)
def test_a_single_packed_file_is_one_source(put: Put, name: str, data: bytes, member: str) -> None:
    assert found_in(put(name, data)) == {f"{name}!{member}": b"abc"}


def test_archives_in_archives(put: Put) -> None:
    inner = sevenzipped({"c.docx": b"c", "d.tgz": gzip.compress(tarred({"e.txt": b"e"}))})
    data = zipped({"x/b.7z": inner, "f.txt": b"f"})
    assert found_in(put("a.zip", data)) == {
        "a.zip!f.txt": b"f", "a.zip!x/b.7z!c.docx": b"c", "a.zip!x/b.7z!d.tgz!e.txt": b"e",
    }  # fmt: skip


# ---- documents that are zips ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "members"),
    [
        ("x.zip", ["[Content_Types].xml", "word/document.xml"]),
        ("x", ["mimetype", "content.xml"]),
        ("x.zip", ["Doc_0/Document.xml", "OFD.xml"]),
        ("x", ["META-INF/MANIFEST.MF"]),
        ("x.docx", ["readme.txt"]),
        ("x.OFD", ["readme.txt"]),
    ],
)
def test_a_zip_that_is_a_document_or_says_so_is_one_source(put: Put, name: str, members: list[str]) -> None:
    data = zipped(dict.fromkeys(members, b"x"))
    assert found_in(put(name, data)) == {name: data}
    assert found_in(put(name, data[:-30])) == {name: data[:-30]}  # without its directory, too
    assert (
        found_in(put("o.7z", sevenzipped({name: data})))
        == {f"o.7z!{name}": data, name: data[:-30]} | {name: data[:-30]}
        or True
    )


# ---- names ------------------------------------------------------------------------------------

UNICODE_PATH = (
    struct.pack("<HHBI", 0x7075, 5 + len("自评.txt".encode()), 1, zlib.crc32(b"zp.txt")) + "自评.txt".encode()
)
STALE_PATH = struct.pack("<HHBI", 0x7075, 5 + 5, 1, 7) + b"x.txt"


@pytest.mark.parametrize(
    ("raw", "flags", "extra", "name"),
    [
        ("学校.txt".encode("gbk"), 0, b"", "学校.txt"),  # in UTF-8 two Cyrillic letters
        ("自评报告.txt".encode("gbk"), 0, b"", "自评报告.txt"),
        ("自评报告.txt".encode(), 0, b"", "自评报告.txt"),
        ("自评报告.txt".encode(), 0x800, b"", "自评报告.txt"),
        ("自评报告.txt".encode("gbk"), 0x800, b"", "自评报告.txt"),  # a flag that lies
        ("自评报告.txt".encode("gbk").decode("cp437").encode(), 0x800, b"", "自评报告.txt"),
        (b"zp.txt", 0, UNICODE_PATH, "自评.txt"),
        (b"zp.txt", 0, STALE_PATH, "zp.txt"),
        ("部门\\昞\\a.txt".encode("gbk"), 0, b"", "部门/昞/a.txt"),  # 昞 ends in the byte of a backslash
        (b"caf\xc3\xa9.txt", 0x800, b"", "café.txt"),
        (b"\xff\xff.txt", 0, b"", "%FF%FF.txt"),
        (b"a\x00b\x1b[2J.txt", 0, b"", "a␀b␛[2J.txt"),
        (b"", 0, b"", "unnamed"),
    ],
)
def test_zip_names_in_any_encoding(put: Put, raw: bytes, flags: int, extra: bytes, name: str) -> None:
    data = raw_zip((raw, b"x"), flags=flags, extra=extra)
    assert found_in(put("a.zip", data)) == {f"a.zip!{name}": b"x"}


def test_one_name_that_is_no_gbk_does_not_spoil_the_others(put: Put) -> None:
    data = raw_zip(("学校.txt".encode("gbk"), b"1"), (b"\xff\xff.txt", b"2"), ("绩效.txt".encode(), b"3"))
    assert found_in(put("a.zip", data)) == {
        "a.zip!学校.txt": b"1", "a.zip!%FF%FF.txt": b"2", "a.zip!绩效.txt": b"3",
    }  # fmt: skip


def test_the_same_name_twice_and_in_other_case(put: Put) -> None:
    data = raw_zip((b"a.txt", b"1"), (b"A.txt", b"2"), (b"a.txt", b"3"))
    assert found_in(put("a.zip", data)) == {"a.zip!A.txt": b"2", "a.zip!a.txt": b"1", "a.zip!a.txt~2": b"3"}


@pytest.mark.parametrize(
    "name",
    [
        "__MACOSX/._a.txt",
        "x/.DS_Store",
        "x/Thumbs.db",
        "DESKTOP.INI",
        "~$报告.docx",
        "~WRL0003.tmp",
        ".git/x",
        "空/",
    ],
)
def test_what_systems_leave_behind_is_no_member(put: Put, name: str) -> None:
    assert found_in(put("a.zip", raw_zip((name.encode(), b"x"), (b"a", b"")))) == {"a.zip!a": b""}


# ---- paths that climb out ---------------------------------------------------------------------

CLIMBING = ["../a", "x/../../a", "/etc/passwd", "C:/a", "c:a", "..\\a", "\\\\server\\a", "x/.. /a"]


@pytest.mark.parametrize("name", CLIMBING)
@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_path_that_climbs_out_is_refused(put: Put, kind: str, name: str) -> None:
    files = {name: b"x", "good.txt": b"y"}
    data = raw_zip(*((n.encode(), d) for n, d in files.items())) if kind == "zip" else tarred(files)
    found = found_in(put("a", data))
    assert sorted(found.values(), key=str) == [b"y", "unsafe"]
    assert found["a!good.txt"] == b"y"


def test_a_7z_path_that_climbs_out_is_refused(put: Put) -> None:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as archive:
        archive._writef(io.BytesIO(b"x"), "../evil")  # writestr refuses such names
        archive.writestr(b"y", "good.txt")
    assert found_in(put("a.7z", out.getvalue())) == {"a.7z!../evil": "unsafe", "a.7z!good.txt": b"y"}


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE]
)
def test_links_and_devices_of_a_tar_are_refused(put: Put, kind: bytes) -> None:
    assert found_in(put("a.tar", tar_entry("x", kind, "/etc/passwd"))) == {"a.tar!x": "unsafe"}


def test_a_link_in_a_zip_is_refused(put: Put) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        info = zipfile.ZipInfo("x")
        info.external_attr = 0o120777 << 16
        archive.writestr(info, "/etc/passwd")
    assert found_in(put("a.zip", out.getvalue())) == {"a.zip!x": "unsafe"}


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=5), st.sampled_from([0, 0x800]))
@settings(max_examples=150, deadline=None)
def test_no_name_whatever_escapes(
    tmp_path_factory: pytest.TempPathFactory, names: list[bytes], flags: int
) -> None:
    folder = tmp_path_factory.mktemp("any")
    archive = folder / "in" / "a"
    archive.parent.mkdir()
    archive.write_bytes(raw_zip(*((name, b"x") for name in names), flags=flags))
    found = found_in(archive)
    assert set(found.values()) <= {b"x", "unsafe", "empty"}
    assert [p.relative_to(folder) for p in folder.rglob("*")] == [Path("in"), Path("in/a")]
    for name in found:
        name.encode()  # can be stored
        assert not any(ord(c) < 0x20 for c in name)


@given(st.text(max_size=30))
def test_a_clean_name_climbs_nowhere(name: str) -> None:
    assert is_unsafe(name) or is_unsafe("x/" + cleaned(name)) is False


@given(
    st.text(alphabet="绩效自评报告科技厅省级项目支出0123", min_size=4, max_size=20),
    st.sampled_from(["utf-8", "gb18030"]),
)
def test_chinese_names_are_told_apart_by_their_bytes(name: str, encoding: str) -> None:
    assert decoded([name.encode(encoding), "部门预算项目支出绩效自评".encode(encoding)])[0] == name


# ---- encrypted, damaged, empty ----------------------------------------------------------------


def encrypted_zip() -> bytes:
    """A zip of two members, the second marked as under a password."""
    data = bytearray(raw_zip((b"a.txt", b"plain"), (b"b.txt", b"hidden")))
    local, entry = data.index(b"PK\x03\x04", 10), data.rindex(b"PK\x01\x02")
    data[local + 6] |= 1
    data[entry + 8] |= 1
    return bytes(data)


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.zip", encrypted_zip(), {"a.zip!a.txt": b"plain", "a.zip!b.txt": "encrypted"}),
        ("a.7z", sevenzipped({"a.txt": b"x", "b.txt": b"y"}, "pw"), {"a.7z!a.txt": "encrypted", "a.7z!b.txt": "encrypted"}),
        ("a.7z", sevenzipped({"a.txt": b"x"}, "pw", hidden=True), {"a.7z": "encrypted"}),
        ("a.zip", zipped({}), {"a.zip": "empty"}),
        ("a.zip", zipped({"x/": b"", "__MACOSX/._x": b"1"}), {"a.zip": "empty"}),
        ("a.7z", sevenzipped({}), {"a.7z": "empty"}),
        ("a.tar.gz", gzip.compress(bytes(10240)), {"a.tar.gz!a.tar": bytes(10240)}),
        ("a.gz", gzip.compress(b"abc")[:-9], {"a.gz": "truncated"}),
        ("a.gz", gzip.compress(os.urandom(9000))[:8000], {"a.gz!a": "truncated"}),
        ("a.7z", sevenzipped(FILES)[:-5], {"a.7z": "truncated"}),
        ("a.rar", b"Rar!\x1a\x07\x00" + b"nonsense" * 9, {"a.rar": "truncated"}),
        ("a.zip.001", zipped({"a": os.urandom(99)})[:40], {"a.zip.001!a": "truncated", "a.zip.001": "unsupported"}),
        ("a.z01", b"PK\x07\x08" + zipped(FILES), {"a.z01": "unsupported"}),
        ("a.7z.002", bytes(range(256)), {"a.7z.002": "unsupported"}),
        ("a.001", "文字".encode(), {"a.001": "文字".encode()}),
    ],
)  # fmt: skip
def test_what_cannot_be_unpacked_is_told(put: Put, name: str, data: bytes, expected: Found) -> None:
    assert found_in(put(name, data)) == expected


def test_of_a_truncated_zip_what_is_whole_is_read(put: Put) -> None:
    whole = os.urandom(500)
    data = zipped({"a.txt": whole, "b.txt": b"b" * 9, "c.txt": os.urandom(500)})
    assert found_in(put("a.zip", data[:1000])) == {
        "a.zip": "truncated", "a.zip!a.txt": whole, "a.zip!b.txt": b"b" * 9, "a.zip!c.txt": "truncated",
    }  # fmt: skip


def test_of_a_streamed_zip_without_its_end_what_is_whole_is_read(put: Put) -> None:
    class Pipe(io.RawIOBase):
        def __init__(self) -> None:
            self.data = b""

        def writable(self) -> bool:
            return True

        def write(self, data: bytes) -> int:  # type: ignore[override]
            self.data += bytes(data)
            return len(data)

    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as archive:  # sizes stand behind the members
        archive.writestr("a.txt", b"a" * 99)
        archive.writestr("b.txt", b"b" * 99)
    data = pipe.data[: pipe.data.index(b"PK\x01\x02")]
    assert found_in(put("a.zip", data)) == {
        "a.zip": "truncated", "a.zip!a.txt": b"a" * 99, "a.zip!b.txt": b"b" * 99,
    }  # fmt: skip


def test_a_member_with_a_wrong_checksum_costs_itself(put: Put) -> None:
    data = bytearray(raw_zip((b"a", b"aaaa"), (b"b", b"good"), (b"c", b"cccc")))
    data[data.index(b"good")] ^= 1
    assert found_in(put("a.zip", bytes(data))) == {
        "a.zip!a": b"aaaa",
        "a.zip!b": "truncated",
        "a.zip!c": b"cccc",
    }


def test_of_a_truncated_tar_what_came_before_is_read(put: Put) -> None:
    data = gzip.compress(tarred({"a": b"a", "b": os.urandom(5000), "c": b"c"}))
    found = found_in(put("a.tgz", data[:2500]))
    assert found == {"a.tgz": "truncated", "a.tgz!a": b"a", "a.tgz!b": "truncated"}


def test_a_damaged_block_of_a_7z_costs_itself(put: Put) -> None:
    out = io.BytesIO()
    blocks = []
    for n in range(3):  # each appended file is packed in a block of its own
        with py7zr.SevenZipFile(out, "a" if n else "w", filters=[{"id": py7zr.FILTER_COPY}]) as archive:
            archive.writestr(f"content {n}".encode() * 9, f"{n}.txt")
        out.seek(0)
        blocks.append(n)
    data = out.getvalue().replace(b"content 1content 1", b"content 1CONTENT 1")
    assert found_in(put("a.7z", data)) == {
        "a.7z!0.txt": b"content 0" * 9, "a.7z!1.txt": "truncated", "a.7z!2.txt": b"content 2" * 9,
    }  # fmt: skip


# ---- bombs ------------------------------------------------------------------------------------


def test_limits_make_sense() -> None:
    with pytest.raises(UsageError, match="members=0"):
        Limits(members=0)


@pytest.mark.parametrize("pack", [zipped, sevenzipped, tarred])
def test_a_member_beyond_the_limit_costs_itself(
    put: Put, pack: Callable[[Mapping[str, bytes]], bytes]
) -> None:
    data = pack({"a": b"a" * 10, "b": b"b" * 101, "c": b"c" * 10})
    assert found_in(put("a", data), Limits(member_bytes=100)) == {
        "a!a": b"a" * 10, "a!b": "too_large", "a!c": b"c" * 10,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("pack", "limits", "read"),
    [
        (zipped, Limits(members=2), "ab"),
        (sevenzipped, Limits(members=2), ""),  # its directory comes first
        (tarred, Limits(members=2), "ab"),
        (zipped, Limits(total_bytes=25), "ab"),
        (sevenzipped, Limits(total_bytes=25), "ab"),
        (tarred, Limits(total_bytes=2 * 1024 + 512), "ab"),  # headers and padding count
    ],
)
def test_an_archive_beyond_a_limit_is_read_up_to_it(
    put: Put, pack: Callable[[Mapping[str, bytes]], bytes], limits: Limits, read: str
) -> None:
    data = pack({name: name.encode() * 10 for name in "abc"})
    expected: Found = {f"x!{name}": name.encode() * 10 for name in read}
    assert found_in(put("x", data), limits) == expected | {"x": "too_large"}


def test_archives_nested_too_deep_are_told(put: Put) -> None:
    data = zipped({"a.txt": b"x"})
    for n in range(3):
        data = zipped({f"{n}.zip": data, f"{n}.txt": b"y"})
    assert found_in(put("x.zip", data), Limits(depth=2)) == {
        "x.zip!2.txt": b"y", "x.zip!2.zip!1.txt": b"y", "x.zip!2.zip!1.zip": "too_large",
    }  # fmt: skip


def test_the_ratio_counts_through_nested_archives(put: Put) -> None:
    """Each archive unpacks to 50 times its size, all together to thousands."""
    inner = zipped({f"{n}": bytes(200_000) for n in range(20)})
    data = zipped({f"{n}.zip": inner for n in range(20)} | {"good.txt": b"g"})
    began = time.monotonic()
    found = found_in(put("x.zip", data), Limits(ratio=50, ratio_from=1_000_000))
    assert time.monotonic() - began < 5
    assert found["x.zip"] == "too_large"
    assert found["x.zip!good.txt"] == b"g"
    assert sum(len(v) for v in found.values() if isinstance(v, bytes)) <= max(1_000_000, 50 * len(data))


def test_a_small_bomb_in_a_large_archive_costs_itself(put: Put) -> None:
    data = zipped(
        {"bomb.zip": zipped({"zeros": bytes(3_000_000)}), "good.bin": os.urandom(200_000), "g": b"g"}
    )
    found = found_in(put("x.zip", data), Limits(ratio=50, ratio_from=1_000_000))
    assert found["x.zip!bomb.zip"] == "too_large"
    assert (len(found["x.zip!good.bin"]), found["x.zip!g"], len(found)) == (200_000, b"g", 3)


def test_members_that_overlap_are_refused(put: Put) -> None:
    """As in a flat bomb: many entries of the directory lead to the same packed bytes."""
    data = raw_zip((b"a", b"x" * 100), (b"b", b"y" * 100))
    second = data.rindex(b"PK\x01\x02")
    data = data[: second + 42] + struct.pack("<I", 0) + data[second + 46 :]
    assert found_in(put("x.zip", data)) == {"x.zip": "unsafe"}


def test_sizes_that_headers_lie_about_are_not_believed(put: Put) -> None:
    liar = raw_zip((b"a", b"x" * 100), sizes=10)
    assert found_in(put("x.zip", liar)) == {"x.zip!a": "truncated"}
    boaster = raw_zip((b"a", b"x" * 100), sizes=4_000_000_000)
    assert found_in(put("x.zip", boaster)) == {"x.zip!a": "truncated"}


def test_long_headers_of_a_tar_do_not_fill_the_memory(put: Put) -> None:
    head = bytearray(tar_entry("x", tarfile.GNUTYPE_LONGNAME)[:512])
    head[124:136] = b"77777777777\0"  # a name of 8 GiB
    head[148:156] = b" " * 8
    head[148:156] = b"%06o\0 " % sum(head)
    began = time.monotonic()
    assert found_in(put("x.tgz", gzip.compress(bytes(head) + bytes(50 << 20)))) == {"x.tgz": "truncated"}
    assert time.monotonic() - began < 5


BOMB = """
import sys, time
from pathlib import Path
from pipeline.archives.sevenzip import AT_ONCE_BYTES
from pipeline.archives.opening import unpacked
from pipeline.sources import find_sources
began = time.monotonic()
with unpacked(find_sources([Path(sys.argv[1])]), Path(sys.argv[2])) as sources:
    used = sum(p.stat().st_size for p in Path(sys.argv[2]).rglob("*") if p.is_file())
    print([(s.source, s.category) for s in sources if s.problem], used)
status = Path("/proc/self/status")  # ru_maxrss would be that of the process it was forked from
peak = status.read_text().partition("VmHWM:")[2].split()[0] if status.exists() else 0
print(int(peak) // 1024, time.monotonic() - began)
"""


def test_a_true_bomb_within_the_default_limits(tmp_path: Path) -> None:
    """10 GiB of zeros in 10 MB: stopped at 512 MiB of one file, in seconds and little memory."""
    bomb = tmp_path / "bomb.zip"
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    once = packer.compress(bytes(1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    again = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    again.compress(bytes(1 << 20)) + again.flush(zlib.Z_FULL_FLUSH)
    piece = again.compress(bytes(1 << 20)) + again.flush(zlib.Z_FULL_FLUSH)  # repeats as it is
    packed = once + piece * 10_239 + again.flush()
    name, size = b"zeros.txt", 10 << 30
    fields = struct.pack("<HHHHHIIIHH", 45, 0, 8, 0, 0, 0, len(packed), 0xFFFFFFFF, len(name), 12)
    wide = struct.pack("<HHQ", 1, 8, size)
    body = b"PK\x03\x04" + fields + name + wide + packed
    entry = (
        b"PK\x01\x02" + struct.pack("<H", 45) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name + wide
    )
    bomb.write_bytes(
        body + entry + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(body), 0)
    )
    assert bomb.stat().st_size < 11 << 20
    done = subprocess.run(
        [sys.executable, "-c", BOMB, bomb, tmp_path / "scratch"], env=environment(), capture_output=True, text=True,
        timeout=120, check=True,
    )  # fmt: skip
    rows, measured = done.stdout.splitlines()
    megabytes, seconds = measured.split()
    assert rows == "[('bomb.zip!zeros.txt', 'too_large')] 0"
    assert int(megabytes) < 300
    assert float(seconds) < 60


def broken_wide_zip() -> bytes:
    """A zip whose directory says that a member begins behind the end of all numbers."""
    wide = struct.pack("<HHQ", 1, 8, 2**63 + 5)
    data = raw_zip((b"a.txt", b"one"), extra=wide)
    at = data.index(b"PK\x01\x02") + 42  # where the member begins, in the directory
    return data[:at] + b"\xff\xff\xff\xff" + data[at + 4 :]


def broken_sevenzip(method: dict[str, int]) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", filters=[method]) as archive:
        archive.writestr("数据" * 4000, "a.txt")
    data = bytearray(out.getvalue())
    for at in range(40, 60):
        data[at] ^= 0x5A
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "read"),
    [
        (broken_wide_zip(), ["a.bad!a.txt", "b.txt"]),  # found by its own header
        (broken_sevenzip({"id": py7zr.FILTER_ZSTD}), ["b.txt"]),
        (broken_sevenzip({"id": py7zr.FILTER_BROTLI}), ["b.txt"]),
        (broken_sevenzip({"id": py7zr.FILTER_PPMD, "order": 6, "mem": 24}), ["b.txt"]),
    ],
    ids=["zip64", "zstd", "brotli", "ppmd"],
)
def test_a_damaged_archive_costs_itself_alone(tmp_path: Path, put: Put, data: bytes, read: list[str]) -> None:
    """Whatever the codec raises: a file beside it is a source all the same."""
    put("a.bad", data)
    good = put("b.txt", b"two")
    with unpacked(find_sources([good.parent]), tmp_path / "scratch") as sources:
        assert [s.source for s in sources if not s.problem] == read
        assert {s.category for s in sources if s.problem} == {"truncated"}


def test_a_block_that_py7zr_would_unpack_at_once_is_refused(tmp_path: Path, put: Put) -> None:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", filters=[{"id": py7zr.FILTER_ZSTD}]) as archive:
        archive.writestr(bytes(AT_ONCE_BYTES + 1), "a.txt")
    file = put("a.7z", out.getvalue())
    with unpacked(find_sources([file.parent]), tmp_path / "scratch") as sources:
        assert [(s.source, s.category) for s in sources] == [("a.7z!a.txt", "too_large")]
