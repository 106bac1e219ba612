"""Pages of a report as pictures, with what was read from them marked."""

import hashlib
import io
import shlex
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
from PIL import Image, ImageDraw

from parsers import page_picture
from pipeline.archives.opening import unpacked
from pipeline.show import PageMark
from pipeline.sources import Source, find_sources
from schemas.errors import UsageError

DPI = 150
_POINT = 72.0
_COLOUR = (220, 20, 20)
_AROUND, _WIDTH = 3, 4
"""Pixels between the print and the frame around it, and the frame's own."""


def marked_pages(data: bytes, marks: Sequence[PageMark]) -> bytes:
    """The pages that `marks` stand on, one below the other, each mark framed: a PNG.

    Raises UsageError for marks without a page (Word, Excel and web files have none).
    """
    if not marks:
        raise UsageError("nothing to draw: only PDF and pictures can be drawn; leave --image out")
    pages = [
        _marked(data, page, [m for m in marks if m.page == page]) for page in sorted({m.page for m in marks})
    ]
    sheet = Image.new("RGB", (max(p.width for p in pages), sum(p.height for p in pages)), "white")
    top = 0
    for page in pages:
        sheet.paste(page, (0, top))
        top += page.height
    out = io.BytesIO()
    sheet.save(out, "PNG")
    return out.getvalue()


def _marked(data: bytes, page: int, marks: Sequence[PageMark]) -> Image.Image:
    picture = Image.fromarray(page_picture(data, page, DPI))
    draw, scale = ImageDraw.Draw(picture), DPI / _POINT
    for mark in marks:
        left, top, right, bottom = (edge * scale for edge in mark.box)
        draw.rectangle(
            (left - _AROUND, top - _AROUND, right + _AROUND, bottom + _AROUND), outline=_COLOUR, width=_WIDTH
        )
    return picture


def source_bytes(con: duckdb.DuckDBPyConnection, document: Mapping[str, Any], file: Path | None) -> bytes:
    """The bytes of a stored document: from `file`, or from where it was ingested, in an archive too.

    Raises UsageError where the file is gone or has other content now.
    """
    if file is not None:
        data = Source(str(file), file).read()
    else:
        ((root,),) = con.execute("SELECT root FROM runs WHERE run_id = ?", [document["run_id"]]).fetchall()
        data = _found(root, document["source"])
    if hashlib.sha256(data).hexdigest() != document["sha256"]:
        raise UsageError(
            f"{file or document['source']}: not the content that is in the store; give the right file with --file"
        )
    return data


def _found(root: str, wanted: str) -> bytes:
    """The bytes of the source `wanted` below the paths that were ingested."""
    try:
        sources = find_sources([Path(path) for path in shlex.split(root)])
    except UsageError as error:
        raise UsageError(f"{error}; give the report's file with --file") from error
    outer = [s for s in sources if wanted == s.source or wanted.startswith(s.source + "!")]
    with tempfile.TemporaryDirectory() as folder, unpacked(outer, Path(folder, "unpacked")) as found:
        for source in found:
            if source.source == wanted:
                return source.read()
    raise UsageError(f"{wanted}: no longer there; give the report's file with --file")
