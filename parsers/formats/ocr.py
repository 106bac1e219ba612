"""Where print stands on a picture and what it says: the only module that calls rapidocr.

Its models come inside its wheel; nothing is downloaded, and what it would log is held back.
"""

from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import rapidocr
from numpy.typing import NDArray

from parsers.formats.scan_picture import Boxes, Picture, resized, use_threads
from schemas.errors import UnreadableFile

_FIND_SIDE = 1216
"""Pixels of the longer side of the picture that print is sought on: 8 point print is then 11 pixels high on A4."""
_LEAST_WIDTH = 96
"""Pixels, at 48 of height, that a line is padded to: narrower ones are recognised worse."""
_PAPER = 200
"""Grey that nothing printed reaches."""
_TALL = 1.6
"""Heights to widths of a picture that print is sought on at once: a little more than paper's."""
_MODELS = ("PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx")


class Reading(NamedTuple):
    """What a line says: `confidence` is the mean over its characters, `weakest` that of the most doubtful one."""

    text: str
    confidence: float
    weakest: float


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
                "Global.use_preprocess_img": False,
                "Global.return_word_box": True,
                "EngineConfig.onnxruntime.intra_op_num_threads": threads,
                "EngineConfig.onnxruntime.inter_op_num_threads": 1,
                "Det.model_path": find,
                "Det.limit_type": "max",
                "Det.limit_side_len": _FIND_SIDE,
                "Rec.model_path": read,
                "Rec.rec_img_shape": [3, 48, _LEAST_WIDTH],
            }
        )

    def find(self, grey: Picture) -> Boxes:
        """The boxes around lines of print, in pixels, from the top; a row each."""
        found = [self._find(grey[top:bottom]) + np.array((0, top, 0, top)) for top, bottom in _bands(grey)]
        return np.concatenate(found)

    def _find(self, grey: Picture) -> Boxes:
        if grey.min() > _PAPER:
            return np.zeros((0, 4), np.int64)
        factor = min(1.0, _FIND_SIDE / max(grey.shape))
        small = resized(grey, factor)
        found = self._engine(_coloured(small), use_det=True, use_cls=False, use_rec=False)
        if found.boxes is None or len(found.boxes) == 0:
            return np.zeros((0, 4), np.int64)
        corners = np.asarray(found.boxes, np.float64).reshape(-1, 4, 2) / factor
        boxes: Boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
        return np.rint(boxes).astype(np.int64)

    def read(self, grey: Picture) -> Reading:
        """What one line of print says."""
        found = self._engine(_coloured(grey), use_det=False, use_cls=False, use_rec=True)
        if not found.txts or not found.txts[0].strip():
            return Reading("", 0.0, 0.0)
        confidences = [float(value) for value in found.word_results[0].confs]
        return Reading(
            str(found.txts[0]), round(sum(confidences) / len(confidences), 2), round(min(confidences), 2)
        )


@cache
def recogniser(threads: int) -> Recogniser:
    """The models, loaded once in a process."""
    return Recogniser(threads)


def _coloured(grey: Picture) -> NDArray[Any]:
    return np.ascontiguousarray(np.repeat(grey[:, :, None], 3, axis=2))


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
