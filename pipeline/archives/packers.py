"""What packs one stream of bytes: deflate, gzip, bzip2, xz, Zstandard. Unpacked in pieces of bounded size."""

import bz2
import importlib
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Any, Literal

from pipeline.archives.unpacking import CHUNK, damaged_error
from schemas.errors import UnreadableFile

Packing = Literal["deflate", "gzip", "bzip2", "xz", "zstd"]

_FED = 16 * 1024
"""Packed bytes given at a time. Of a stream of many tiny ones the rest is copied for each, so little is better."""
_XZ_MEMORY = 512 << 20
"""What unpacking xz may take; `xz -9` asks for 65 MB."""
_ZSTD_MODULES = ("compression.zstd", "backports.zstd")  # the standard library's from Python 3.14 on


def unpacked(pieces: Iterator[bytes], packing: Packing) -> Iterator[bytes]:
    """The unpacked bytes of `pieces`; of several streams put together, all (but zip's deflate ends with the first).

    Raises UnreadableFile ("truncated") for damage, and "missing_tool" for what this Python cannot unpack.
    """
    new, errors = _PACKERS[packing]()
    stream, is_begun, ended = new(), False, 0
    try:
        for fed in _fed(pieces):
            data = fed
            while data:
                yield stream.decompress(data, CHUNK)
                is_begun = True
                left = getattr(stream, "unconsumed_tail", b"")  # zlib alone gives back what it has not used
                while not stream.eof and (more := stream.decompress(left, CHUNK)):
                    yield more
                    left = getattr(stream, "unconsumed_tail", b"")
                if not stream.eof:
                    break
                if packing == "deflate":
                    return
                data, stream, is_begun, ended = stream.unused_data.lstrip(b"\0"), new(), False, ended + 1
    except errors as error:
        if ended and not is_begun:  # what follows the last stream is no other one: gzip itself overlooks it
            return
        raise damaged_error() from error
    if is_begun:
        raise damaged_error()


def _fed(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        for at in range(0, len(piece), _FED):
            yield piece[at : at + _FED]


Packer = tuple[Callable[[], Any], tuple[type[Exception], ...]]


def _zstd() -> Packer:
    for name in _ZSTD_MODULES:
        try:
            module = importlib.import_module(name)
        except ImportError:
            continue
        return module.ZstdDecompressor, (module.ZstdError, EOFError)
    raise UnreadableFile(
        "missing_tool", "packed by Zstandard, which this Python cannot unpack: pip install backports.zstd"
    )


_PACKERS: dict[Packing, Callable[[], Packer]] = {
    "deflate": lambda: (lambda: zlib.decompressobj(-zlib.MAX_WBITS), (zlib.error,)),
    "gzip": lambda: (lambda: zlib.decompressobj(zlib.MAX_WBITS | 16), (zlib.error,)),
    "bzip2": lambda: (bz2.BZ2Decompressor, (OSError, ValueError, EOFError)),
    "xz": lambda: (lambda: lzma.LZMADecompressor(memlimit=_XZ_MEMORY), (lzma.LZMAError, EOFError)),
    "zstd": _zstd,
}
