"""The way to the text recognition (OCR), for readers of formats that hold pictures: nothing is loaded before it is asked for."""

from importlib.util import find_spec

from parsers.formats.pages import Recognise
from schemas.errors import UnreadableFile


def can_recognise() -> bool:
    """Whether the extra `jixiao[ocr]` is installed."""
    return all(find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


def recognition(threads: int = 1) -> Recognise:
    """A function that reads pictures with at most `threads` processor cores; its models are loaded once a process
    (about a second) and stay (about 0.6 GB with what reading a page takes).

    Raises UnreadableFile ("missing_tool") where the extra `ocr` is not installed.
    """
    try:
        from parsers.formats.scan import scan_reader  # noqa: PLC0415 (an extra, a second to load)
    except ImportError as error:
        raise UnreadableFile(
            "missing_tool",
            f"pictures are read with packages that are not installed ({error.name or error}); "
            "pip install 'jixiao[ocr]', or give the Word file",
        ) from error
    return scan_reader(threads)
