"""The picture of a page: even light, no stamp, upright lines. The only module that calls OpenCV.

A picture is an array of 8-bit values, rows from the top: height x width (grey) or height x width x 3 (red, green,
blue). `scale` is pixels a point (1/72 inch) throughout, so that every limit is a length on paper.
"""

import math
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from parsers.formats.pages import Affine

Picture = NDArray[Any]
Boxes = NDArray[Any]
"""Rows of left, top, right, bottom in pixels, right and bottom excluded."""

MM = 72 / 25.4
"""Points in a millimetre."""

_STAMP = (14 * MM, 75 * MM)
"""Least and largest side of a stamp: a name seal, the round seal of an office with what smears around it."""
_STAMP_SHAPE = 1.7
"""A stamp is about as high as wide; red print runs along a line."""
_REDNESS = 45
"""By how much the red of stamp ink exceeds its green and blue, of 255."""
_DARK = 128
"""Paper is never darker: below, a field is printed dark and its print may be white."""
_MOST_SKEW = 7.0
"""Degrees; a sheet lies no more askew on the glass."""
_LEVEL = 0.05
"""Degrees below which a page is level: a pixel from one side to the other."""
_POINTS = 60_000
"""Pixels of ink that the skew is told from: enough for a hundredth of a degree."""


class Pieces(NamedTuple):
    """Connected patches of ink: `labels` (0 is paper) for each pixel, `boxes` and `areas` of patch 1, 2, …"""

    labels: Picture
    boxes: Boxes
    areas: NDArray[Any]


def use_threads(count: int) -> None:
    """Bounds the threads that OpenCV takes in this process."""
    cv2.setNumThreads(count)


def resized(picture: Picture, factor: float) -> Picture:
    """The picture with its sides times `factor`."""
    if factor == 1:
        return picture
    kind = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, None, fx=factor, fy=factor, interpolation=kind)


def sized(picture: Picture, width: int, height: int) -> Picture:
    """The picture in `width` by `height` pixels."""
    return cv2.resize(picture, (width, height), interpolation=cv2.INTER_LINEAR)


def grey_of(picture: Picture, scale: float) -> Picture:
    """The print in shades of grey on white: stamps taken off by their colour, uneven light made even."""
    if picture.ndim == 2:
        return _evenly_lit(picture, scale)
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    return _evenly_lit(_without_stamps(picture, grey, scale), scale)


def _without_stamps(picture: Picture, grey: Picture, scale: float) -> Picture:
    """`grey` with round and square red stamps faded out.

    Stamp ink hardly darkens the red of paper, black print does: under a stamp the red channel shows the print alone.
    Red print that is no stamp (a letterhead, a marked figure) stays.
    """
    red = picture[:, :, 0]
    others = cv2.max(picture[:, :, 1], picture[:, :, 2])
    coloured = (cv2.subtract(red, others) > _REDNESS).astype(np.uint8)
    if not coloured.any():
        return grey
    reach = max(3, round(2 * MM * scale))
    joined = cv2.morphologyEx(coloured, cv2.MORPH_CLOSE, np.ones((reach, reach), np.uint8))
    fringe = max(1, round(0.5 * MM * scale))
    result = grey.copy()
    for left, top, right, bottom in _pieces(joined).boxes:
        width, height = (right - left) / scale, (bottom - top) / scale
        shorter, longer = min(width, height), max(width, height)
        if shorter < _STAMP[0] or longer > min(_STAMP[1], _STAMP_SHAPE * shorter):
            continue
        here = (
            slice(max(0, top - fringe), bottom + fringe),
            slice(max(0, left - fringe), right + fringe),
        )
        # the star in the middle of a ring is a patch of its own
        inside = spread(coloured[here], fringe, fringe) > 0
        # as bright as the fainter part of the stamp's own ink is paper
        white = max(1.0, float(np.percentile(red[here][coloured[here] > 0], 25)) * 0.9)
        faded = np.minimum(255, red[here].astype(np.float32) * (255 / white)).astype(np.uint8)
        result[here][inside] = np.maximum(result[here], faded)[inside]
    return result


def _evenly_lit(grey: Picture, scale: float) -> Picture:
    """`grey` with the paper white everywhere: shadows at the spine, yellowed paper, shaded cells."""
    small = resized(grey, min(1.0, 1 / scale))
    paper = cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15), np.uint8))
    paper = cv2.GaussianBlur(paper, (0, 0), 6)
    if paper.min() >= 250:
        return grey
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    gain = 250.0 / np.clip(paper, _DARK, 250).astype(np.float32)
    return np.minimum(255, grey.astype(np.float32) * gain).astype(np.uint8)


def ink_of(grey: Picture) -> Picture:
    """1 where there is print, 0 where there is paper."""
    split, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    return (grey < min(max(split, 120), 190)).astype(np.uint8)


# ---- the right way up -----------------------------------------------------------------------


def skew_of(ink: Picture) -> float:
    """The angle in degrees by which printed lines and rules fall from left to right; 0 where none is told."""
    ys, xs = np.nonzero(ink)
    if len(ys) < 200:
        return 0.0
    step = -(-len(ys) // _POINTS)
    x, y = xs[::step].astype(np.float64) - ink.shape[1] / 2, ys[::step].astype(np.float64)
    best, width = 0.0, _MOST_SKEW
    for fineness in (0.5, 0.1, 0.02):
        angles = best + np.arange(-width, width + fineness / 2, fineness)
        sharp = [_sharpness(x, y, float(angle)) for angle in angles]
        # rules a few pixels thick are as sharp at several angles: the middle one is theirs
        alike = angles[np.asarray(sharp) >= 0.998 * max(sharp)]
        best, width = float(alike.mean()), fineness
    return 0.0 if abs(best) > _MOST_SKEW - 0.5 or abs(best) < _LEVEL else round(best, 3)


def _sharpness(x: NDArray[Any], y: NDArray[Any], angle: float) -> float:
    rows = np.rint(y - x * math.tan(math.radians(angle))).astype(np.int64)
    counts = np.bincount(rows - rows.min()).astype(np.float64)
    return float((counts * counts).sum())


def straightened(grey: Picture, angle: float) -> tuple[Picture, Affine]:
    """The picture turned so that lines falling by `angle` degrees are level, with room for its corners; and the
    way from its pixels back to those of `grey`."""
    if angle == 0:
        return grey, Affine()
    height, width = grey.shape[:2]
    cos, sin = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    wide, high = width * cos + height * abs(sin), height * cos + width * abs(sin)
    back = Affine(
        cos, -sin, width / 2 - cos * wide / 2 + sin * high / 2,
        sin, cos, height / 2 - sin * wide / 2 - cos * high / 2,
    )  # fmt: skip
    matrix = np.array([back[:3], back[3:]], np.float64)
    size = (math.ceil(wide), math.ceil(high))
    flags = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    return cv2.warpAffine(grey, matrix, size, flags=flags, borderValue=(255, 255, 255)), back


def quarter_turned(picture: Picture, turns: int) -> tuple[Picture, Affine]:
    """The picture turned by 90 degrees to the left `turns` times, and the way back to its pixels."""
    height, width = picture.shape[:2]
    back = (
        Affine(),
        Affine(0, -1, width, 1, 0, 0),
        Affine(-1, 0, width, 0, -1, height),
        Affine(0, 1, 0, -1, 0, height),
    )[turns % 4]
    return np.ascontiguousarray(np.rot90(picture, turns)), back


# ---- patches and runs of ink ----------------------------------------------------------------


def pieces_of(ink: Picture) -> Pieces:
    """The connected patches of ink, each pixel touching eight neighbours."""
    return _pieces(ink)


def _pieces(mask: Picture) -> Pieces:
    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = stats[1:, :4].astype(np.int64)
    boxes[:, 2:] += boxes[:, :2]
    return Pieces(labels, boxes, stats[1:, cv2.CC_STAT_AREA])


def long_runs(ink: Picture, length: int, level: bool) -> Picture:
    """The ink that runs on for `length` pixels, across (`level`) or down; a run may shift by a pixel on its way."""
    along, across = ((length, 1), (1, 3)) if level else ((1, length), (3, 1))
    thick = cv2.dilate(ink, np.ones(across, np.uint8))
    runs = cv2.morphologyEx(thick, cv2.MORPH_OPEN, np.ones(along[::-1], np.uint8))
    return cv2.bitwise_and(runs, ink)


def spread(mask: Picture, across: int, down: int) -> Picture:
    """The mask grown by so many pixels to each side."""
    return cv2.dilate(mask, np.ones((2 * down + 1, 2 * across + 1), np.uint8))
