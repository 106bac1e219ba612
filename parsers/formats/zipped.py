"""A zip of parts (.docx, .odt, .ofd): bytes -> members.

Everything that zipfile or zlib can say about a bad file becomes UnreadableFile here. The file is taken as hostile:
sizes are bounded before anything is unpacked.
"""

import io
import struct
import zipfile
import zlib

from parsers.formats.compound import encrypted
from schemas.errors import UnreadableFile

MAX_MEMBERS = 10_000
"""Members of the zip; a report with a thousand pictures has some 1,100."""
MAX_PART_BYTES = 128 * 1024 * 1024
"""One XML part, unpacked. A table of 90,000 cells takes 10 to 30 MB."""
MAX_TOTAL_BYTES = 2 * 1024 * 1024 * 1024
"""All members together, unpacked, pictures included."""
MAX_RATIO = 400
"""Unpacked to packed, of a large part. Deflate ends at 1,032; a table of equal cells comes to 200."""
RATIO_MATTERS_FROM = 16 * 1024 * 1024
"""Smaller parts cost nothing whatever their ratio."""

_DEFLATE_RATIO = 1032  # the most that deflate can pack into a byte
_READABLE_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
# All that zipfile raises while it reads a damaged directory of members.
_DAMAGE = (
    zipfile.BadZipFile,
    NotImplementedError,
    struct.error,
    OSError,
    ValueError,
    OverflowError,
    IndexError,
)
_LOCAL_HEADER = struct.Struct("<26xHH")  # all but the lengths of name and extra field is in the directory too


class Zipped:
    """The members of a zip. Names are compared in lower case and with "/", as OPC has it."""

    __slots__ = ("_data", "_members")

    def __init__(self, data: bytes) -> None:
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
        except _DAMAGE as error:
            raise damaged() from error
        self._data = data
        self._members = _checked_members(archive)

    def names(self) -> tuple[str, ...]:
        """The names of all members, in lower case."""
        return tuple(self._members)

    def name_as_written(self, name: str) -> str:
        """The name of a member in the letters that the zip has."""
        return self._members[name].filename

    def read(self, name: str) -> bytes | None:
        """The unpacked bytes of the member with this name in lower case, None where there is none."""
        info = self._members.get(name)
        return None if info is None else _unpack(self._data, info)


def damaged() -> UnreadableFile:
    """The error for a zip that is cut or damaged."""
    return UnreadableFile(
        "truncated",
        "The file ends too early or is damaged (no whole zip). Get it again, or let the program that wrote it repair it.",
    )


def _checked_members(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The members by lower-case name, once their declared sizes are within the limits."""
    infos = archive.infolist()
    if len(infos) > MAX_MEMBERS:
        raise UnreadableFile("too_large", f"The zip holds more than {MAX_MEMBERS:,} members; no report does.")
    if sum(info.file_size for info in infos) > MAX_TOTAL_BYTES:
        raise UnreadableFile(
            "too_large",
            f"The file unpacks to more than {MAX_TOTAL_BYTES >> 20:,} MB. Save it with smaller pictures.",
        )
    return {info.filename.replace("\\", "/").lower(): info for info in infos}


def _unpack(data: bytes, info: zipfile.ZipInfo) -> bytes:
    size = info.file_size
    if size > MAX_PART_BYTES:
        raise UnreadableFile(
            "too_large",
            f"A part of the file unpacks to {size >> 20:,} MB (limit {MAX_PART_BYTES >> 20}). Split it.",
        )
    if size > RATIO_MATTERS_FROM and size > MAX_RATIO * info.compress_size:
        raise UnreadableFile(
            "too_large", f"A part of the file unpacks to over {MAX_RATIO} times its size, as a zip bomb does."
        )
    if info.flag_bits & 0x1:
        raise encrypted()
    if info.compress_type not in _READABLE_METHODS:
        raise UnreadableFile(
            "unsupported",
            "The file is packed by a method that office programs do not use. Save it anew.",
        )
    packed = _packed(data, info)
    part = _inflate(packed, size) if info.compress_type == zipfile.ZIP_DEFLATED else packed
    if len(part) != size or zlib.crc32(part) != info.CRC:
        raise damaged()
    return part


def _inflate(packed: bytes, size: int) -> bytes:
    """The unpacked bytes, never much beyond the limits, however the declared size lies."""
    try:
        if len(packed) * _DEFLATE_RATIO <= MAX_PART_BYTES:
            return zlib.decompress(
                packed, -zlib.MAX_WBITS, max(size, 1)
            )  # six times faster: no growing buffer
        return zlib.decompressobj(-zlib.MAX_WBITS).decompress(packed, size + 1)
    except zlib.error as error:
        raise damaged() from error


def _packed(data: bytes, info: zipfile.ZipInfo) -> bytes:
    """The packed bytes of a member, behind its local header (zipfile's own way takes four times as long)."""
    start = info.header_offset
    header = data[start : start + _LOCAL_HEADER.size]
    if start < 0 or len(header) != _LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
        raise damaged()
    name_length, extra_length = _LOCAL_HEADER.unpack(header)
    start += _LOCAL_HEADER.size + name_length + extra_length
    return data[start : start + info.compress_size]
