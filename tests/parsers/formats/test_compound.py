"""Compound files: what they hold, told from names at their root; damage and hostile chains."""

import struct

import pytest

from parsers.formats.compound import CompoundFile, compound_kind
from parsers.formats.old_word import check_old_word, with_printed_fields
from schemas.errors import UnreadableFile
from tests.support_ole import compound

BIG, SMALL = bytes(range(256)) * 20, b"short"  # in sectors, and in the mini stream
PLAIN_FIB = struct.pack("<HH", 0xA5EC, 0xC1)


@pytest.mark.parametrize(
    ("streams", "kind"),
    [
        ({"WordDocument": BIG, "1Table": BIG}, "doc"),
        ({"\x01CompObj": SMALL, "WordDocument": SMALL}, "doc"),
        ({"Workbook": BIG}, "xls"),
        ({"Book": BIG}, "xls"),
        ({"PowerPoint Document": BIG}, "ppt"),
        ({"EncryptionInfo": SMALL, "EncryptedPackage": BIG}, "encrypted"),
        ({"__properties_version1.0": SMALL}, "msg"),
        ({"CONTENTS": SMALL}, "other"),
        ({}, "other"),
        ({"Notes": "WordDocument".encode("utf-16-le")}, "other"),
    ],
)
def test_kinds(streams: dict[str, bytes], kind: str) -> None:
    assert compound_kind(compound(streams)) == kind


def test_streams_long_and_short_are_read_whole() -> None:
    file = CompoundFile(compound({"a": SMALL, "b": BIG, "c": b"x" * 100, "d": b""}))
    assert [file.stream(name) for name in "abcd"] == [SMALL, BIG, b"x" * 100, b""]
    assert file.stream("e") is None
    assert file.names() == {"a", "b", "c", "d"}


@pytest.mark.parametrize("name", ["a", "b", "c"])
def test_a_stream_is_replaced_and_nothing_else_changes(name: str) -> None:
    streams = {"a": SMALL, "b": BIG, "c": b"x" * 100}
    new = streams[name][::-1]
    changed = CompoundFile(CompoundFile(compound(streams)).replaced(name, new))
    assert {n: changed.stream(n) for n in streams} == {**streams, name: new}


def test_a_last_sector_that_is_not_filled_up_is_no_damage() -> None:
    assert CompoundFile(compound({"WordDocument": BIG})[:-100]).stream("WordDocument") == BIG


GOOD = compound({"WordDocument": BIG, "small": SMALL})
FAT_SECTORS = 1
DIRECTORY = GOOD.find("Root Entry".encode("utf-16-le"))


def patched(offset: int, value: int) -> bytes:
    return GOOD[:offset] + struct.pack("<I", value) + GOOD[offset + 4 :]


@pytest.mark.parametrize(
    "data",
    {
        "nothing": b"",
        "the header only": GOOD[:512],
        "half": GOOD[: len(GOOD) // 2],
        "a directory beyond the end": patched(48, 5_000),
        "a child beyond the directory": patched(DIRECTORY + 76, 9_000),
        "a list of the FAT that lists itself": patched(68, 0)[: 512 + 508]
        + struct.pack("<I", 0)
        + GOOD[1024:],
    }.items(),
    ids=lambda item: item[0],
)
def test_damage(data: tuple[str, bytes]) -> None:
    with pytest.raises(UnreadableFile) as caught:
        CompoundFile(data[1]).stream("WordDocument")
    assert caught.value.category == "truncated"


def test_a_chain_that_runs_in_a_circle_ends() -> None:
    fat = GOOD.index(struct.pack("<3I", *(FAT_SECTORS + n for n in (1, 2, 3))))
    circle = patched(fat + 4, FAT_SECTORS).replace(struct.pack("<Q", len(BIG)), struct.pack("<Q", 1 << 30))
    with pytest.raises(UnreadableFile) as caught:
        CompoundFile(circle).stream("WordDocument")
    assert caught.value.category == "truncated"


def test_names_that_point_at_each_other_are_read_once() -> None:
    left = DIRECTORY + 128 + 68  # the left neighbour of the first entry below the root
    assert CompoundFile(patched(left, 1)).names() == {"WordDocument", "small"}


# ---- old Word -------------------------------------------------------------------------------


def old_word(flags: int = 0x0200, fields: bytes = b"", version: int = 0xC1) -> bytes:
    """A .doc as far as we look into it: a file information block, and a list of fields in its table stream."""
    main = struct.pack("<HH6xH", 0xA5EC, version, flags).ljust(154, b"\0")
    main += bytes(8 * 16) + struct.pack("<II", 8, len(fields)) + bytes(8 * 80)
    return compound({"WordDocument": main.ljust(5000, b"\0"), "1Table": b"leading." + fields + b"after"})


def field_list(*marks: tuple[int, int]) -> bytes:
    places = struct.pack(f"<{len(marks) + 1}I", *range(len(marks) + 1))
    return places + b"".join(bytes(mark) for mark in marks)


def test_a_password_is_told_without_libreoffice() -> None:
    with pytest.raises(UnreadableFile) as caught:
        check_old_word(old_word(flags=0x0300))
    assert caught.value.category == "encrypted"
    check_old_word(old_word())


def test_a_date_field_prints_what_is_stored() -> None:
    date, end, link, box = (0x13, 31), (0x15, 31), (0x93, 88), (0x13, 71)
    data = old_word(fields=field_list(date, end, link, box))
    table = CompoundFile(with_printed_fields(data)).stream("1Table")
    assert table == b"leading." + field_list((0x13, 35), end, link, box) + b"after"


@pytest.mark.parametrize("version", [0x65, 0x68])
def test_the_lists_of_word_95_are_left_alone(version: int) -> None:
    data = old_word(fields=field_list((0x13, 31)), version=version)
    assert with_printed_fields(data) == data


def test_a_list_that_claims_to_be_longer_than_its_stream() -> None:
    data = old_word(fields=field_list((0x13, 31)))
    lying = data.replace(struct.pack("<II", 8, 10), struct.pack("<II", 8, 6_000_004))
    assert lying != data
    with_printed_fields(lying)
