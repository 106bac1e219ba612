"""Files of old programs: made by LibreOffice from the Word or Excel rendering, where it is installed.

LibreOffice writes ids and times of its own, so these files are kept as they were made and not compared byte for byte.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path

KINDS = {
    "doc": ("docx", "doc:MS Word 97"),
    "rtf": ("docx", "rtf:Rich Text Format"),
    "odt": ("docx", "odt:writer8"),
    "xls": ("xlsx", "xls:MS Excel 97"),
    "office_pdf": ("docx", "pdf:writer_pdf_Export"),  # a word processor's own pages, fonts and rules
}
"""Format -> what it is made from, and LibreOffice's filter."""

TIMEOUT = 600


def program() -> str | None:
    """LibreOffice, or None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def converted(files: Mapping[str, bytes], form: str) -> dict[str, bytes]:
    """Each named file in the format `form`; all in one run of LibreOffice, in a profile of their own."""
    office = program()
    if office is None:
        raise FileNotFoundError(f"LibreOffice is not installed: .{form} files cannot be made")
    base, target = KINDS[form]
    suffix = target.partition(":")[0]
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        (root / "in").mkdir()
        for n, content in enumerate(files.values()):
            (root / "in" / f"{n}.{base}").write_bytes(content)
        subprocess.run(
            [office, "--headless", f"-env:UserInstallation={(root / 'profile').as_uri()}", "--convert-to", target,
             "--outdir", str(root / "out"), *(str(root / "in" / f"{n}.{base}") for n in range(len(files)))],
            check=True, capture_output=True, timeout=TIMEOUT,
        )  # fmt: skip
        return {name: (root / "out" / f"{n}.{suffix}").read_bytes() for n, name in enumerate(files)}
