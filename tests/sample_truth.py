"""The sample archive as tests see it: its files by source, its ground truth, and how print is compared."""

import json
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from typing import Any

from tests.samples.formats.packed import members

ROOT = Path(__file__).parents[1]
RAW = ROOT / "data" / "raw"
NEEDS_TOOLS = ROOT / "tests" / "samples" / "needs_tools"
"""The files of the sample archive that only OCR or LibreOffice read: README's first command goes without."""
TRUTH = ROOT / "tests" / "samples" / "truth.json"

OCR_FORMATS = frozenset({"scan", "png", "jpg"})
OFFICE_FORMATS = frozenset({"doc", "rtf", "odt"})

SCAN_LINES = TRUTH.with_name("scan_lines.json")

Entry = Mapping[str, Any]


def entries() -> list[dict[str, Any]]:
    """The ground truth of every file of the sample archive, fresh each time."""
    found: list[dict[str, Any]] = json.loads(TRUTH.read_text(encoding="utf-8"))
    return found


@cache
def scan_lines() -> dict[str, list[tuple[int, tuple[float, float, float, float], str]]]:
    """Where the generator drew each line of a scan: page, box in points, text; by source."""
    found: dict[str, list[tuple[int, tuple[float, float, float, float], str]]]
    found = json.loads(SCAN_LINES.read_text(encoding="utf-8"))
    return found


def content(raw: Path, source: str) -> bytes:
    """The bytes of a source below `raw`; 「!」 leads into an archive, as in the store's `documents.source`."""
    first, *rest = source.split("!")
    apart = raw == RAW and not (raw / first).exists()
    data = ((NEEDS_TOOLS if apart else raw) / first).read_bytes()
    name = first
    for member in rest:
        data, name = _members(name, data)[member], member
    return data


@cache
def _members(name: str, data: bytes) -> dict[str, bytes]:
    return members(name, data)


def form_of(entry: Entry) -> str:
    """The format of a file, as its truth names it."""
    return str(entry.get("format") or entry["source"].rsplit(".", 1)[-1])


def unread_here(form: str) -> str | None:
    """Why files of a format cannot be read on this machine, or None where they can."""
    if form in OCR_FORMATS and find_spec("rapidocr") is None:
        return "scans are read with the extra `ocr`, which is not installed"
    if form in OFFICE_FORMATS and not (which("soffice") or which("libreoffice")):
        return "old Word files are read with LibreOffice, which is not installed"
    return None


def folded(text: Any) -> str:
    """Text as it is compared: full-width forms made plain, no whitespace."""
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", str(text or "")))
