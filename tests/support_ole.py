"""Compound files ([MS-CFB]) for tests: streams at the root, short ones in the mini stream as Office has it."""

import struct
from collections.abc import Mapping

SECTOR, MINI_SECTOR, CUTOFF = 512, 64, 4096
END, FREE, FAT_MARK = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


def compound(streams: Mapping[str, bytes]) -> bytes:
    """A compound file (version 3) of these streams, all of them below the root."""
    # The FAT comes first, so that its length must be known before; a little too long does no harm.
    fat_sectors = (sum(map(len, streams.values())) // SECTOR + 2 * len(streams) + 10) // (SECTOR // 4) + 1
    fat = [FAT_MARK] * fat_sectors
    body = b""

    def put(content: bytes) -> int:
        """Adds sectors and their chain; returns the first one's number."""
        nonlocal body
        if not content:
            return END
        first, count = len(fat), -(-len(content) // SECTOR)
        fat.extend([*range(first + 1, first + count), END])
        body += content.ljust(count * SECTOR, b"\0")
        return first

    mini_fat: list[int] = []
    mini = b""
    starts = {}
    for name, content in streams.items():
        if len(content) >= CUTOFF:
            starts[name] = put(content)
            continue
        first, count = len(mini_fat), -(-len(content) // MINI_SECTOR)
        starts[name] = first if content else END
        mini_fat += [*range(first + 1, first + count), END] if content else []
        mini += content.ljust(count * MINI_SECTOR, b"\0")
    mini_start = put(mini)
    mini_fat_start = put(
        struct.pack(f"<{len(mini_fat)}I", *mini_fat).ljust(-(-4 * len(mini_fat) // 512) * 512, b"\xff")
    )

    names = list(streams)
    directory = _entry("Root Entry", 5, FREE, 1 if names else FREE, mini_start, len(mini))
    for number, name in enumerate(names, start=1):  # a chain to the right is a tree, if not a balanced one
        following = number + 1 if number < len(names) else FREE
        directory += _entry(name, 2, following, FREE, starts[name], len(streams[name]))
    directory_start = put(directory.ljust(-(-len(directory) // SECTOR) * SECTOR, b"\0"))

    table = struct.pack(f"<{len(fat)}I", *fat).ljust(fat_sectors * SECTOR, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack(
        "<IIIIIIIII", 0, fat_sectors, directory_start, 0, CUTOFF,
        mini_fat_start, -(-4 * len(mini_fat) // SECTOR), END, 0,
    )  # fmt: skip
    header += struct.pack("<109I", *range(fat_sectors), *[FREE] * (109 - fat_sectors))
    return header + table + body


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    """A directory entry of 128 bytes."""
    text = name.encode("utf-16-le")
    return (
        text.ljust(64, b"\0")
        + struct.pack("<HBBIII", len(text) + 2, kind, 1, FREE, right, child)
        + bytes(16 + 4 + 8 + 8)
        + struct.pack("<IQ", start, size)
    )
