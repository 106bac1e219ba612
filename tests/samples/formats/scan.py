"""A draft as pictures of its pages, as a scanner or a telephone makes them: skewed, speckled, stamped.

The font is one that systems have or have not (Noto Sans CJK); without it nothing is drawn and `font` says so.
"""

from __future__ import annotations

import io
import math
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageFilter, ImageFont

from tests.samples.formats.pages import Sheet, sheets
from tests.samples.model import Draft

TRAPS = (
    "skewed",  # up to one degree
    "speckled",
    "stamped",  # a red seal over print
    "two_colours",  # black and white only, as fax and old scanners make it
    "blurred",
    "heads",
    "narrow",
    "cut_rows",
    "repeat_header",
)
PICTURE_TRAPS = ("skewed", "speckled", "stamped", "blurred", "narrow")
PATHS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto-cjk/NotoSansCJK-Regular.ttc",
    "/Library/Fonts/NotoSansCJK-Regular.ttc",
)
FONT_SHA256 = "b76b0433203017ca80401b2ee0dd69350349871c4b19d504c34dbdd80541690a"
"""The font file that the committed scans were drawn with: another version draws other pictures."""
SIMPLIFIED = 2  # its face in the collection
FIXED = time.gmtime(1_704_067_200)


@dataclass(frozen=True, slots=True)
class Printed:
    """Where a line was drawn: page from 1, box in points of the page as it is seen, text."""

    page: int
    box: tuple[float, float, float, float]
    text: str


def font() -> Path | None:
    """The font file, or None where the system has none."""
    return next((Path(p) for p in PATHS if Path(p).exists()), None)


@cache
def _face(size: int) -> ImageFont.FreeTypeFont:
    path = font()
    if path is None:
        raise FileNotFoundError("Noto Sans CJK is not installed: scans cannot be drawn")
    return ImageFont.truetype(str(path), size, index=SIMPLIFIED)


@cache
def _width(character: str) -> float:
    return float(_face(100).getlength(character)) / 100


def measure(text: str, size: float) -> float:
    return sum(map(_width, text)) * size


@dataclass(frozen=True, slots=True)
class Look:
    """How one file was scanned."""

    dpi: int
    angle: float  # degrees
    traps: frozenset[str]

    @property
    def scale(self) -> float:
        return self.dpi / 72


def _look(draft: Draft) -> tuple[Look, Random]:
    rng = Random(draft.layout.order)
    traps = frozenset(draft.layout.traps)
    dpi = 300 if "two_colours" in traps else 200
    angle = rng.choice((-1, 1)) * rng.uniform(0.2, 0.9) if "skewed" in traps else 0.0
    return Look(dpi, angle, traps), rng


def pages(draft: Draft) -> tuple[list[Image.Image], list[Printed], int]:
    """Pictures of the pages, what is printed where on them, and their resolution."""
    look, rng = _look(draft)
    pictures, printed = [], []
    laid = sheets(draft, measure)
    if draft.layout.format in ("png", "jpg"):
        laid = next(made for h in range(842, 4000, 120) if len(made := sheets(draft, measure, h)) == 1)
    for n, sheet in enumerate(laid, 1):
        pictures.append(_page(sheet, look, rng))
        printed += [
            Printed(n, _seen(sheet, t.x, t.y, measure(t.text, t.size), t.size, look), t.text)
            for t in sheet.texts
        ]
    return pictures, printed, look.dpi


def _seen(
    sheet: Sheet, x: float, y: float, width: float, size: float, look: Look
) -> tuple[float, float, float, float]:
    """The upright box around a line after the page was turned by the scanner's angle."""
    turn = math.radians(look.angle)
    middle = (sheet.width / 2, sheet.height / 2)
    corners = [
        (x, y - size * 0.9),
        (x + width, y - size * 0.9),
        (x, y + size * 0.2),
        (x + width, y + size * 0.2),
    ]
    turned = [
        (
            middle[0] + (a - middle[0]) * math.cos(turn) + (b - middle[1]) * math.sin(turn),
            middle[1] - (a - middle[0]) * math.sin(turn) + (b - middle[1]) * math.cos(turn),
        )
        for a, b in corners
    ]
    xs, ys = zip(*turned, strict=True)
    return (round(min(xs), 1), round(min(ys), 1), round(max(xs), 1), round(max(ys), 1))


def _page(sheet: Sheet, look: Look, rng: Random) -> Image.Image:
    scale = look.scale
    size = (round(sheet.width * scale), round(sheet.height * scale))
    page = Image.new("L", size, 255)
    draw = ImageDraw.Draw(page)
    for x0, y0, x1, y1 in sheet.rules:
        draw.line((x0 * scale, y0 * scale, x1 * scale, y1 * scale), fill=40, width=max(1, round(scale * 0.6)))
    for text in sheet.texts:
        face = _face(round(text.size * scale))
        stroke = 1 if text.bold else 0
        if not text.width:
            draw.text((text.x * scale, text.y * scale), text.text, 20, face, anchor="ls", stroke_width=stroke)
            continue
        x, space = text.x, (text.width - measure(text.text, text.size)) / max(1, len(text.text) - 1)
        for character in text.text:
            draw.text((x * scale, text.y * scale), character, 20, face, anchor="ls", stroke_width=stroke)
            x += measure(character, text.size) + space
    if "blurred" in look.traps:
        page = page.filter(ImageFilter.GaussianBlur(0.6))
    page = page.rotate(look.angle, Image.Resampling.BICUBIC, fillcolor=255)
    if "speckled" in look.traps:
        dots = ImageDraw.Draw(page)
        for _ in range(90):
            x, y = rng.randrange(size[0]), rng.randrange(size[1])
            dots.ellipse((x, y, x + rng.randint(0, 2), y + rng.randint(0, 2)), fill=rng.randint(60, 190))
    if "two_colours" in look.traps:
        return page.point(lambda v: 255 if v > 150 else 0).convert("1")
    if "stamped" in look.traps:
        return _stamped(page, scale, rng)
    return page.quantize(16).convert("L")


def _stamped(page: Image.Image, scale: float, rng: Random) -> Image.Image:
    """A red seal, through which the print can be seen."""
    seal = Image.new("RGB", page.size, "white")
    draw = ImageDraw.Draw(seal)
    across = 110 * scale
    left, top = page.width - across * rng.uniform(1.4, 1.9), page.height * rng.uniform(0.06, 0.2)
    red = (225, 60, 60)
    draw.ellipse((left, top, left + across, top + across), outline=red, width=round(3 * scale))
    middle = (left + across / 2, top + across / 2)
    star = [
        (
            middle[0] + across * (0.17 if k % 2 == 0 else 0.07) * math.sin(k * math.pi / 5),
            middle[1] - across * (0.17 if k % 2 == 0 else 0.07) * math.cos(k * math.pi / 5),
        )
        for k in range(10)
    ]
    draw.polygon(star, fill=red)
    face = _face(round(9 * scale))
    draw.text((middle[0], top + across * 0.8), "样例专用章", red, face, anchor="mm")
    colour = Image.merge("RGB", (page, page, page))
    return ImageChops.multiply(colour, seal)


def pdf(draft: Draft) -> bytes:
    """A PDF of page pictures without any text."""
    pictures, _, dpi = pages(draft)
    buffer = io.BytesIO()
    first, *rest = pictures
    quality = {} if first.mode == "1" else {"quality": 38}
    first.save(
        buffer, "PDF", save_all=True, append_images=rest, resolution=dpi, producer="jixiao samples",
        creationDate=FIXED, modDate=FIXED, **quality,
    )  # fmt: skip
    return buffer.getvalue()


def _picture(draft: Draft) -> tuple[Image.Image, int]:
    """All of a report as one picture: what is longer than a page is taken on a longer one."""
    pictures, _, dpi = pages(draft)
    assert len(pictures) == 1, "too long for one picture"
    return pictures[0], dpi


def png(draft: Draft) -> bytes:
    picture, dpi = _picture(draft)
    buffer = io.BytesIO()
    picture.convert("L").quantize(8).save(buffer, "PNG", optimize=True, dpi=(dpi, dpi))
    return buffer.getvalue()


def jpeg(draft: Draft) -> bytes:
    picture, dpi = _picture(draft)
    buffer = io.BytesIO()
    picture.convert("RGB").save(buffer, "JPEG", quality=42, dpi=(dpi, dpi))
    return buffer.getvalue()
