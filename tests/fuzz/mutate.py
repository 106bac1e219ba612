"""Valid files -> nearly valid ones. The same generator gives the same files."""

import io
import zipfile
import zlib
from collections.abc import Callable, Sequence
from random import Random

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF)
_MOST = 8 << 20
"""Bytes beyond which a file is not made to grow."""


def mutated(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    """`data` with one to four changes, in what a zip packs as often as in the zip itself."""
    for _ in range(rng.randint(1, 4)):
        if data.startswith(b"PK\x03\x04") and rng.random() < 0.7:
            data = _in_zip(data, rng)
        else:
            data = rng.choice(_CHANGES)(data, rng) if rng.random() < 0.95 else _spliced(data, rng, others)
    return data


def _in_zip(data: bytes, rng: Random) -> bytes:
    """One member changed, all packed anew; the container itself where it can no longer be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            files = [(name, archive.read(name)) for name in archive.namelist()]
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, OSError, EOFError, RuntimeError):
        return rng.choice(_CHANGES)(data, rng)
    if not files:
        return data
    chosen = rng.randrange(len(files))
    name, content = files[chosen]
    files[chosen] = (name, rng.choice(_CHANGES)(content, rng))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name), content)
    return out.getvalue()


def _span(data: bytes, rng: Random) -> tuple[int, int]:
    start = rng.randrange(len(data) + 1)
    return start, min(len(data), start + int(2 ** rng.uniform(0, 10)))


def _flip(data: bytes, rng: Random) -> bytes:
    out = bytearray(data)
    for _ in range(rng.randint(1, 8)):
        if out:
            out[rng.randrange(len(out))] ^= 1 << rng.randrange(8)
    return bytes(out)


def _number(data: bytes, rng: Random) -> bytes:
    """A number of 1, 2 or 4 bytes in place of what is there."""
    size, at = rng.choice((1, 2, 4)), rng.randrange(len(data) + 1)
    value = rng.choice(_NUMBERS) & (1 << 8 * size) - 1
    return data[:at] + value.to_bytes(size, rng.choice(("little", "big"))) + data[at + size :]


def _without(data: bytes, rng: Random) -> bytes:
    start, end = _span(data, rng)
    return data[:start] + data[end:]


def _twice(data: bytes, rng: Random) -> bytes:
    start, end = _span(data, rng)
    times = rng.choice((1, 1, 2, 50))
    return data if len(data) > _MOST else data[:end] + data[start:end] * times + data[end:]


def _noise(data: bytes, rng: Random) -> bytes:
    start, end = _span(data, rng)
    return data[:start] + rng.randbytes(end - start) + data[end:]


def _moved(data: bytes, rng: Random) -> bytes:
    (start, end), at = _span(data, rng), rng.randrange(len(data) + 1)
    return data[:at] + data[start:end] + data[at:]


def _cut(data: bytes, rng: Random) -> bytes:
    return data[: rng.randrange(len(data) + 1)]


def _spliced(data: bytes, rng: Random, others: Sequence[bytes]) -> bytes:
    other = rng.choice(others)
    return data[: rng.randrange(len(data) + 1)] + other[rng.randrange(len(other) + 1) :]


_CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    _flip, _flip, _number, _number, _without, _twice, _noise, _moved, _cut,
)  # fmt: skip
