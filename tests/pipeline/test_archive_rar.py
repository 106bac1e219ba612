"""RAR archives. No free program writes them, so they are put together here by the byte; what is packed
is "unpacked" by a stand-in for unrar."""

import os
import struct
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
import rarfile

from pipeline.archives.unpacking import Limits
from tests.pipeline.test_archives import Put, found_in, put

__all__ = ["put"]  # the fixture

STORED, PACKED = 0x30, 0x33
ENCRYPTED, SPLIT_AFTER = 0x04, 0x02


def rar4(*members: tuple[bytes, bytes, int, int]) -> bytes:
    """A RAR of version 4. A member is name, bytes, method and flags; packed ones hold nonsense."""

    def block(kind: int, flags: int, rest: bytes) -> bytes:
        head = struct.pack("<BHH", kind, flags, 7 + len(rest)) + rest
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head

    out = b"Rar!\x1a\x07\x00" + block(0x73, 0, bytes(6))
    for name, data, method, flags in members:
        held = data if method == STORED else b"?" * 5
        fields = struct.pack(
            "<IIBIIBBHI", len(held), len(data), 3, zlib.crc32(data), 0, 29, method, len(name), 0o100644
        )
        out += block(0x74, 0x8000 | flags, fields + name) + held
    return out + block(0x7B, 0x4000, b"")


def rar5(*members: tuple[str, bytes]) -> bytes:
    """A RAR of version 5 with stored members."""

    def number(value: int) -> bytes:
        out = b""
        while value > 0x7F:
            out, value = out + bytes([value & 0x7F | 0x80]), value >> 7
        return out + bytes([value])

    def block(*fields: int | bytes) -> bytes:
        body = b"".join(number(f) if isinstance(f, int) else f for f in fields)
        body = number(len(body)) + body
        return struct.pack("<I", zlib.crc32(body)) + body

    out = b"Rar!\x1a\x07\x01\x00" + block(1, 0, 0)
    for name, data in members:
        raw = name.encode()
        crc = struct.pack("<I", zlib.crc32(data))
        out += block(2, 2, len(data), 4, len(data), 0o100644, crc, 0, 1, len(raw), raw) + data
    return out + block(5, 0, 0)


@pytest.fixture
def no_tool(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No program for RAR is found; the folder where one may be put."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(rarfile, "CURRENT_SETUP", None)
    return folder


def stand_in(folder: Path, *contents: bytes) -> None:
    """A program that writes these bytes whatever archive it is given."""
    (folder / "printed").write_bytes(b"".join(contents))
    script = folder / "unrar"
    script.write_text(f'#!/bin/sh\nif [ "$1" = p ]; then exec /bin/cat "{folder}/printed"; fi\n')
    script.chmod(0o755)


def names_of(members: Sequence[bytes]) -> list[str]:
    return [m.decode() for m in members]


@pytest.mark.usefixtures("no_tool")
def test_stored_members_need_no_program(put: Put) -> None:
    members = ((b"a.txt", b"one", STORED, 0), ("学校\\b.txt".encode("gbk"), b"two", STORED, 0))
    assert found_in(put("a.rar", rar4(*members))) == {"a.rar!a.txt": b"one", "a.rar!学校/b.txt": b"two"}
    twice = rar5(("科技厅/自评.txt", b"one"), ("b.txt", b"two"), ("b.txt", b"three"))
    assert found_in(put("a.rar", twice)) == {
        "a.rar!科技厅/自评.txt": b"one", "a.rar!b.txt": b"two", "a.rar!b.txt~2": b"three",
    }  # fmt: skip


@pytest.mark.usefixtures("no_tool")
def test_without_a_program_packed_members_are_told_once(put: Put) -> None:
    data = rar4((b"a", b"one", STORED, 0), (b"b", b"two", PACKED, 0), (b"c", b"three", PACKED, 0))
    assert found_in(put("a.rar", data)) == {"a.rar": "missing_tool", "a.rar!a": b"one"}


def test_the_program_is_run_once_for_all_packed_members(put: Put, no_tool: Path) -> None:
    members = [(b"a", b"one" * 99, PACKED, 0), (b"../b", b"two", PACKED, 0), (b"c", b"three", STORED, 0),
               (b"d", b"four", PACKED, ENCRYPTED), (b"e", b"five", PACKED, 0)]  # fmt: skip
    stand_in(no_tool, b"one" * 99, b"two", b"three", b"five")  # as unrar does: all that needs no password
    expected = {"a.rar!a": b"one" * 99, "a.rar!../b": "unsafe", "a.rar!c": b"three", "a.rar!d": "encrypted",
                "a.rar!e": b"five"}  # fmt: skip
    assert found_in(put("a.rar", rar4(*members))) == expected
    assert found_in(put("a.rar", rar4(*members)), Limits(member_bytes=100)) == expected | {
        "a.rar!a": "too_large"
    }


def test_what_the_program_writes_is_checked(put: Put, no_tool: Path) -> None:
    stand_in(no_tool, b"one", b"tw")
    data = rar4((b"a", b"one", PACKED, 0), (b"b", b"two", PACKED, 0), (b"c", b"three", PACKED, 0))
    assert found_in(put("a.rar", data)) == {"a.rar!a": b"one", "a.rar!b": "truncated", "a.rar!c": "truncated"}


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (rar4((b"a", b"x", STORED, SPLIT_AFTER)), {"a.rar!a": "unsupported"}),
        (rar4((b"a", b"x", STORED, ENCRYPTED)), {"a.rar!a": "encrypted"}),
        (rar4((b"a", b"x", STORED, 0), (b"b", os.urandom(99), STORED, 0))[:-50], {"a.rar!a": b"x", "a.rar!b": "truncated"}),
        (rar4(), {"a.rar": "empty"}),
        (rar5((" ../a", b"x"), ("/b", b"x")), {"a.rar! ../a": "unsafe", "a.rar!b": "unsafe"}),
        (rar4((b"a", b"x" * 9, STORED, 0)).replace(b"x" * 9, b"y" * 9), {"a.rar!a": "truncated"}),
    ],
)  # fmt: skip
def test_what_cannot_be_unpacked_is_told(put: Put, data: bytes, expected: dict[str, bytes | str]) -> None:
    assert found_in(put("a.rar", data)) == expected
