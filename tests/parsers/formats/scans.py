"""Pictures of pages, drawn for tests: small tables and lines, scanned badly on purpose."""

import math
import subprocess
from functools import cache
from pathlib import Path

import pytest

numpy = pytest.importorskip("numpy", reason="the extra jixiao[ocr] is not installed")
pytest.importorskip("PIL", reason="the extra jixiao[ocr] is not installed")
from PIL import Image, ImageDraw, ImageFont  # noqa: E402

DOTS = 200 / 72
"""Pixels a point of the pictures drawn."""


@cache
def cjk_font() -> str:
    """The file of a font with Chinese characters; the test is skipped where the machine has none."""
    usual = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
    if usual.exists():
        return str(usual)
    try:
        done = subprocess.run(
            ["fc-match", "-f", "%{lang}\t%{file}", ":lang=zh-cn"],
            capture_output=True,
            text=True,
            check=True,
            timeout=30,
        )
    except (OSError, subprocess.SubprocessError):
        pytest.skip("no fontconfig here to find a font with Chinese characters")
    languages, _, file = done.stdout.partition("\t")
    if "zh" not in languages:
        pytest.skip("no font with Chinese characters is installed")
    return file


class Sheet:
    """A white sheet of `width` by `height` points, drawn on in points."""

    def __init__(self, width: float = 595, height: float = 420) -> None:
        self.size = (width, height)
        self.image = Image.new("RGB", (round(width * DOTS), round(height * DOTS)), "white")
        self._pen = ImageDraw.Draw(self.image)

    def write(self, x: float, y: float, text: str, size: float = 10.5, fill: str = "black") -> None:
        """Writes a line whose top left corner is (x, y)."""
        font = ImageFont.truetype(cjk_font(), round(size * DOTS))
        self._pen.text((x * DOTS, y * DOTS), text, font=font, fill=fill, anchor="lt")

    def rule(self, x0: float, y0: float, x1: float, y1: float, width: float = 0.75) -> None:
        """Draws a straight line."""
        ends = (x0 * DOTS, y0 * DOTS, x1 * DOTS, y1 * DOTS)
        self._pen.line(ends, fill="black", width=max(1, round(width * DOTS)))

    def dot(self, x: float, y: float, width: float = 1.1) -> None:
        """Draws a point of a leader."""
        left, top, r = x * DOTS, y * DOTS, width * DOTS
        self._pen.ellipse((left, top, left + r, top + r), fill="black")

    def table(self, xs: list[float], ys: list[float], rows: list[list[str]]) -> None:
        """Draws a ruled table with lines at `xs` and `ys`; a line feed in a cell begins a new line."""
        for x in xs:
            self.rule(x, ys[0], x, ys[-1])
        for y in ys:
            self.rule(xs[0], y, xs[-1], y)
        for y, row in zip(ys, rows, strict=False):
            for x, text in zip(xs, row, strict=False):
                for number, line in enumerate(text.split("\n")):
                    self.write(x + 5, y + 5 + 14 * number, line)

    def stamp(self, x: float, y: float, radius: float = 50) -> None:
        """Presses a round red seal with a star on the sheet: its ink lets the print show."""
        layer = Image.new("RGB", self.image.size, "white")
        pen, r = ImageDraw.Draw(layer), radius * DOTS
        cx, cy = x * DOTS, y * DOTS
        pen.ellipse((cx - r, cy - r, cx + r, cy + r), outline=(215, 45, 50), width=round(3 * DOTS))
        star = [
            (cx + k * r * math.sin(i * math.pi / 5), cy - k * r * math.cos(i * math.pi / 5))
            for i in range(10)
            for k in [0.35 if i % 2 == 0 else 0.14]
        ]
        pen.polygon(star, fill=(215, 45, 50))
        mixed = numpy.asarray(self.image, float) * numpy.asarray(layer, float) / 255
        self.image = Image.fromarray(mixed.astype("uint8"))
        self._pen = ImageDraw.Draw(self.image)

    def turned(self, degrees: float) -> "Image.Image":
        """The sheet as it comes when it lies askew on the glass; lines fall by `degrees` to the right."""
        return self.image.rotate(-degrees, Image.Resampling.BICUBIC, fillcolor="white")

    def pixels(self, image: "Image.Image | None" = None) -> "numpy.ndarray":
        """The picture as readers take it."""
        return numpy.asarray(image or self.image)
