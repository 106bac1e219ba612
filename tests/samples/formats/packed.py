"""Archives of files: zip with the names of old Chinese programs, zip in zip, 7z; and their members again."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

import py7zr


class _OldName(zipfile.ZipInfo):
    """A member whose name is GBK bytes without the mark of UTF-8, as WinRAR and old Windows write it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # the name that zipfile calls
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def packed(name: str, files: Mapping[str, bytes]) -> bytes:
    """The archive `name` (.zip or .7z) of `files`. A zip is always the same; a 7z holds the time it was made."""
    buffer = io.BytesIO()
    if name.endswith(".7z"):
        with py7zr.SevenZipFile(buffer, "w") as seven:
            for member, content in files.items():
                seven.writestr(content, member)
        return buffer.getvalue()
    with zipfile.ZipFile(buffer, "w") as archive:
        for member, content in files.items():
            info = _OldName(member, (2024, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 0
            archive.writestr(info, content)
    return buffer.getvalue()


def members(name: str, data: bytes) -> dict[str, bytes]:
    """The files in an archive, by name, read apart from the pipeline."""
    if name.endswith(".7z"):
        factory = py7zr.io.BytesIOFactory(1 << 24)
        with py7zr.SevenZipFile(io.BytesIO(data)) as seven:
            seven.extractall(factory=factory)
        return {member: file.read() for member, file in factory.products.items()}
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {
            (
                i.filename if i.flag_bits & 0x800 else i.filename.encode("cp437").decode("gb18030")
            ): archive.read(i)
            for i in archive.infolist()
            if not i.is_dir()
        }
