"""Where print stands on a picture and what it says: the only module that calls rapidocr and onnxruntime.

The models come inside rapidocr's wheel; nothing is downloaded, and what it would log is held back.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime  # type: ignore[import-untyped]
import rapidocr
from numpy.typing import NDArray

from parsers.formats.scan_picture import Boxes, Picture, resized, sized, use_threads
from schemas.errors import UnreadableFile

_FIND_SIDE = 1216
"""Pixels of the longer side of the picture that print is sought on: 8 point print is then 11 pixels high on A4."""
_HEIGHT = 48
"""Pixels of height that the model reads lines at."""
_LEAST_WIDTH = 96
"""Pixels, at that height, that a line is padded to: narrower ones are recognised worse."""
_MOST_WIDTH = 48 * 120
"""Pixels of width that a line is squeezed to: 120 characters and more are no line of print."""
_TELLING = frozenset("0123456789.,:%‰≥≤><=±-")
"""Signs that a number hangs on."""
_PAPER = 200
"""Grey that nothing printed reaches."""
_TALL = 1.6
"""Heights to widths of a picture that print is sought on at once: a little more than paper's."""
_MODELS = ("PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx")


class Reading(NamedTuple):
    """What a line says; `each` is the confidence in each of its characters, 0 to 1."""

    text: str = ""
    each: tuple[float, ...] = ()

    @property
    def confidence(self) -> float:
        """The mean over the characters, in hundredths."""
        return round(sum(self.each) / len(self.each), 2) if self.each else 0.0

    @property
    def doubt(self) -> float:
        """The same, or that of the most doubtful figure where it is less: one wrong digit is a wrong number."""
        figures = (value for sign, value in zip(self.text, self.each, strict=True) if sign in _TELLING)
        return min(self.confidence, round(min(figures, default=1.0), 2))


class Recogniser:
    """The models of recognition, loaded: `threads` bounds the processor cores that they take."""

    def __init__(self, threads: int) -> None:
        use_threads(threads)
        folder = Path(str(rapidocr.__file__)).parent / "models"
        missing = [name for name in _MODELS if not (folder / name).is_file()]
        if missing:
            # else rapidocr would try to download them
            raise UnreadableFile(
                "missing_tool",
                f"the models of the text recognition are not installed ({', '.join(missing)}); "
                "install them anew: pip install --force-reinstall 'jixiao[ocr]'",
            )
        find, read = (str(folder / name) for name in _MODELS)
        self._engine: Any = rapidocr.RapidOCR(
            params={
                "Global.log_level": "critical",
                "Global.text_score": 0.0,
                "Global.use_cls": False,
                "Global.use_rec": False,
                "Global.use_preprocess_img": False,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.model_path": find,
                "Det.limit_type": "max",
                "Det.limit_side_len": _FIND_SIDE,
            }
        )
        options = onnxruntime.SessionOptions()
        # lines are shared out among threads: one that computes a line alone does not wait for others
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4
        self._reader: Any = onnxruntime.InferenceSession(read, options, providers=["CPUExecutionProvider"])
        self._input = self._reader.get_inputs()[0].name
        signs = self._reader.get_modelmeta().custom_metadata_map["character"].splitlines()
        self._signs: tuple[str, ...] = ("", *signs, " ")
        self._threads = ThreadPoolExecutor(threads)

    def find(self, grey: Picture) -> Boxes:
        """The boxes around lines of print, in pixels, from the top; a row each."""
        found = [self._find(grey[top:bottom]) + np.array((0, top, 0, top)) for top, bottom in _bands(grey)]
        return np.concatenate(found)

    def _find(self, grey: Picture) -> Boxes:
        if grey.min() > _PAPER:
            return np.zeros((0, 4), np.int64)
        factor = min(1.0, _FIND_SIDE / max(grey.shape))
        left, top, right, bottom = _printed(grey)
        small = resized(grey[top:bottom, left:right], factor)
        found = self._engine(_coloured(small), use_det=True, use_cls=False, use_rec=False)
        if found.boxes is None or len(found.boxes) == 0:
            return np.zeros((0, 4), np.int64)
        corners = np.asarray(found.boxes, np.float64).reshape(-1, 4, 2) / factor
        boxes: Boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        boxes += (left, top, left, top)
        return np.rint(boxes).astype(np.int64)

    def read(self, lines: Sequence[Picture]) -> list[Reading]:
        """What lines of print say, each from a picture of its own."""
        # the longest first, so that no thread is left alone with one
        order = sorted(range(len(lines)), key=lambda n: (-lines[n].shape[1] / lines[n].shape[0], n))
        found = dict(zip(order, self._threads.map(self._read, [lines[n] for n in order]), strict=True))
        return [found[n] for n in range(len(lines))]

    def _read(self, grey: Picture) -> Reading:
        width = min(max(1, -(-_HEIGHT * grey.shape[1] // grey.shape[0])), _MOST_WIDTH)
        values = np.zeros((1, 3, _HEIGHT, max(width, _LEAST_WIDTH)), np.float32)
        values[..., :width] = sized(grey, width, _HEIGHT).astype(np.float32) / 127.5 - 1
        (likely,) = self._reader.run(None, {self._input: values})
        best = likely[0].argmax(axis=1)
        # a sign lasts for several columns; between two equal ones stands a blank (0)
        new = (best != 0) & (best != np.concatenate([[0], best[:-1]]))
        return Reading(
            "".join(self._signs[n] for n in best[new]),
            tuple(float(value) for value in likely[0].max(axis=1)[new]),
        )


@cache
def recogniser(threads: int) -> Recogniser:
    """The models, loaded once in a process."""
    return Recogniser(threads)


def _coloured(grey: Picture) -> NDArray[Any]:
    return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))


def _printed(grey: Picture) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of what is printed with some white around it: margins take as long as print."""
    dark = grey <= _PAPER
    (height, width), edges = grey.shape, []
    for lines, side in ((dark.any(axis=0), width), (dark.any(axis=1), height)):
        inked = np.flatnonzero(lines)
        white = max(16, side // 50)
        edges.append((max(0, int(inked[0]) - white), min(side, int(inked[-1]) + 1 + white)))
    (left, right), (top, bottom) = edges
    return left, top, right, bottom


def _bands(grey: Picture) -> list[tuple[int, int]]:
    """Where to cut a picture that is much higher than wide (a screen that was scrolled): in its whitest rows."""
    height, width = grey.shape
    bands, top = [], 0
    while height - top > _TALL * width:
        low, high = top + width, top + round(_TALL * width)
        cut = low + int(np.argmax(grey[low:high].mean(axis=1)))
        bands.append((top, cut))
        top = cut
    return [*bands, (top, height)]
