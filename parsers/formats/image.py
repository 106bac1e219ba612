"""Picture files (PNG, JPEG, TIFF, BMP, GIF, WebP) -> Document. The only module that calls Pillow."""

import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from itertools import islice
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from parsers.formats.page_flow import flow
from parsers.formats.page_shown import as_shown, unread_lines, ways_back
from parsers.formats.pages import Recognise
from schemas.blocks import Document
from schemas.errors import UnreadableFile

_FORMATS = ("PNG", "JPEG", "TIFF", "BMP", "GIF", "WEBP", "MPO")
_MOST_PIXELS = 90_000_000
"""Of one picture: A3 at 600 dots an inch has 70 million."""
_MOST_PAGES = 500
"""Of a TIFF; a longer report is no single file of pictures."""
_LEAST_DOTS, _MOST_DOTS = 100, 10_000
"""Dots an inch of a scan; 72 and 96 are what programs write that know of none, and beyond is none that scans."""
_SQUARE = 1.01
"""Ratio of the dots across and down up to which they are taken as square."""
_OBLONG = 2.5
"""And up to which they are believed: a fax has 204 across and 98, 196 or 391 down."""
_A4_SIDE = 842.0
"""Points of the longer side where no resolution tells it."""
_Picture = tuple[NDArray[Any], tuple[float, float]]
_BROKEN = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    TypeError,
    KeyError,
    IndexError,
    struct.error,
    zlib.error,
)
"""What Pillow raises on damaged files."""


def read_image(data: bytes, recognise: Recognise | None = None) -> Document:
    """A picture, or the pictures of a TIFF one a page, as a Document. `recognise` reads a page.

    Raises UnreadableFile: "truncated" (damaged), "too_large", "empty" (nothing printed on it), "missing_tool" where
    `recognise` is None.
    """
    if recognise is None:
        count = sum(1 for _ in _pictures(data))
        raise UnreadableFile(
            "missing_tool", "the file is a picture; to have it read: pip install 'jixiao[ocr]'", count
        )
    pages = [recognise(picture, number, *size) for number, (picture, size) in enumerate(_pictures(data), 1)]
    flowed = flow(pages)
    if not flowed.blocks:
        raise UnreadableFile(
            "empty", "no print was found on the picture; give a sharper one, or the Word file"
        )
    return Document(
        format="image",
        blocks=as_shown(flowed.blocks, ways_back(pages)),
        pages=len(pages),
        warnings=(*unread_lines(pages), *flowed.warnings),
    )


def page_picture(data: bytes, number: int, dots_per_inch: float) -> NDArray[Any]:
    """A page (from 1) of a picture file: rows of pixels, red, green, blue."""
    found = next(islice(_pictures(data), number - 1, None), None)
    if found is None:
        raise UnreadableFile("truncated", f"the picture file has no page {number}; get the file again")
    picture, (width, height) = found
    size = round(width / 72 * dots_per_inch), round(height / 72 * dots_per_inch)
    return np.asarray(Image.fromarray(picture).convert("RGB").resize(size))


def _pictures(data: bytes) -> Iterator[_Picture]:
    """Each page's picture with its width and height in points."""
    with _our_errors():
        file: Image.Image = Image.open(BytesIO(data), formats=_FORMATS)
        count = getattr(file, "n_frames", 1) if file.format == "TIFF" else 1
    with file:
        if count > _MOST_PAGES:
            raise UnreadableFile("too_large", f"the picture has more than {_MOST_PAGES} pages; split it")
        for number in range(count):
            yield _picture(file, number)


def _picture(file: Image.Image, number: int) -> _Picture:
    with _our_errors():
        file.seek(number)
        if file.width * file.height > _MOST_PIXELS:
            raise _too_large()
        upright = ImageOps.exif_transpose(file)
        return _with_square_dots(_array(upright), _resolution(upright))


@contextmanager
def _our_errors() -> Iterator[None]:
    """Turns what Pillow raises, and its warning of a picture too large, into our errors."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            yield
    except (Image.DecompressionBombError, Image.DecompressionBombWarning, MemoryError) as error:
        raise _too_large() from error
    except _BROKEN as error:
        raise UnreadableFile(
            "truncated", f"the picture is damaged ({error}); scan or save it anew"
        ) from error


def _too_large() -> UnreadableFile:
    return UnreadableFile(
        "too_large",
        f"the picture has more than {_MOST_PIXELS // 1_000_000} million dots; scan it at 300 dots an inch",
    )


def _array(image: Image.Image) -> NDArray[Any]:
    """The picture on white, grey or in colour, 8 bits a value."""
    if image.mode.startswith(("I", "F")):
        values = np.asarray(image, np.float64)
        most = 65535.0 if image.mode.startswith("I") else max(1.0, float(values.max()))
        return (np.clip(values, 0, most) * (255 / most)).astype(np.uint8)
    if image.mode in ("LA", "RGBA", "PA") or "transparency" in image.info:
        clear = image.convert("RGBA")
        white = Image.new("RGBA", clear.size, (255, 255, 255, 255))
        return np.array(Image.alpha_composite(white, clear).convert("RGB"))
    return np.array(image.convert("L" if image.mode in ("1", "L") else "RGB"))


def _resolution(image: Image.Image) -> tuple[float, float] | None:
    """Dots an inch across and down where those told are a scanner's."""
    across, down = (float(value) for value in image.info.get("dpi", (0, 0)))
    finest = max(across, down)
    if _LEAST_DOTS <= finest <= _MOST_DOTS and finest <= _OBLONG * min(across, down):
        return across, down
    return None


def _with_square_dots(picture: NDArray[Any], resolution: tuple[float, float] | None) -> _Picture:
    """The picture with its width and height in points: by the resolution told, else as A4. Where its dots are not
    square, as those of a fax, the coarser way is drawn out to the finer."""
    high, wide = picture.shape[:2]
    if resolution is None:
        points = _A4_SIDE / max(high, wide)
        return picture, (wide * points, high * points)
    across, down = resolution
    size = wide / across * 72, high / down * 72
    finest = max(across, down)
    if finest <= _SQUARE * min(across, down):
        return picture, size
    square = max(1, round(wide * finest / across)), max(1, round(high * finest / down))
    if square[0] * square[1] > _MOST_PIXELS:
        raise _too_large()
    return np.array(Image.fromarray(picture).resize(square)), size
