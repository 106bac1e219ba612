"""An archive of any number of real files, made quickly: the files of bench_scale.py.

Some thousand reports are drawn by tests/samples; each of the others is one of them with other figures, another year and another fund, put into
the text of its file, so that its content and its rows are new. What a province's folder holds besides is there, too: files that are no reports,
damaged ones, copies.
"""

import io
import os
import re
import zipfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random

from tests.samples.archive import drawn, render, write
from tests.samples.funds import FUNDS

MIX = {"docx": 40, "txt": 22, "xlsx": 15, "pdf": 8, "html": 6, "md": 4}
"""Reports by format, in percent of the files; no scans and no old Word, which cost seconds each and are measured apart."""

NO_REPORT, DAMAGED, COPIES = 3, 1, 1
"""The rest of the percent; a copy comes beside its report."""

SEED, DISTINCT = 11, 2_000
PER_FOLDER = 500
FIRST_YEAR, YEARS = 2018, 7
KINDS = tuple(f for f, share in MIX.items() for _ in range(share)) + (
    ("no report",) * NO_REPORT + ("damaged",) * DAMAGED + ("copy",) * COPIES
)
ZIPPED = re.compile(r"word/document\.xml|xl/sharedStrings\.xml|xl/worksheets/.*\.xml")
CELL_TEXT = re.compile(rb"(<(?:w:t|t|v)(?: [^>]*)?>)([^<]*)")
SYLLABLES = "安宝昌达恩丰光海和华吉嘉康隆茂宁平庆瑞泰"


def make_archive(folder: Path, files: int) -> None:
    """Writes `files` files below `folder`, the same each time."""
    for start in range(0, files, PER_FOLDER):
        (folder / f"{start // PER_FOLDER:04}").mkdir(parents=True)
    with ProcessPoolExecutor(os.cpu_count() or 1, mp_context=get_context("spawn")) as pool:
        origins = range(min(files, DISTINCT))
        for _ in pool.map(_make_of, [(folder, files, origin) for origin in origins], chunksize=20):
            pass


def _make_of(task: tuple[Path, int, int]) -> None:
    """The report of one number, and all files that are variations of it; their kinds are the same."""
    folder, files, origin = task
    kind = kind_of(origin)
    form = {"no report": "txt", "damaged": "docx", "copy": "docx"}.get(kind, kind)
    first = b"" if kind == "no report" else file_of(form, origin)
    for number in range(origin, files, DISTINCT):
        data = first if number == origin else varied(first, form, number)
        if kind == "no report":
            data = f"关于{number}号会议室使用的通知：请各处室周五前清空。".encode()
        elif kind == "damaged":
            data = data[: len(data) // 2]
        for at in (number, number + files) if kind == "copy" else (number,):
            (folder / f"{number // PER_FOLDER:04}" / f"{at:06}.{form}").write_bytes(data)


def kind_of(number: int) -> str:
    """What the file of a number is: a format, or no report, damaged, a report that lies there twice."""
    return KINDS[number % DISTINCT * 37 % len(KINDS)]


def file_of(form: str, number: int) -> bytes:
    """A drawn report in a format."""
    return render(write(drawn(number, SEED, (form,)), SEED).draft, form)


def varied(data: bytes, form: str, number: int) -> bytes:
    """The file with other figures, years and fund; of a PDF, whose text is compressed, the content alone is another."""
    if form == "pdf":
        return data + b"%% %d\n" % number
    if form in ("docx", "xlsx"):
        return _varied_zip(data, number)
    for encoding in ("utf-8-sig" if data.startswith(b"\xef\xbb\xbf") else "utf-8", "utf-16", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        return other_text(text, number).encode(encoding, errors="xmlcharrefreplace")
    return data + b"%d" % number


def _varied_zip(data: bytes, number: int) -> bytes:
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for item in old.infolist():
            part = old.read(item)
            if ZIPPED.fullmatch(item.filename):
                part = CELL_TEXT.sub(lambda m: m[1] + other_text(m[2].decode(), number).encode(), part)
            new.writestr(item.filename, part)
    return out.getvalue()


def other_text(text: str, number: int) -> str:
    """The text with another fund, year and figures; the same for the same number, so that a report stays in itself consistent."""
    turn = Random(number)
    word = "".join(turn.choices(SYLLABLES, k=2))
    for fund in FUNDS:
        text = text.replace(fund.name, word + fund.name)
    shift = turn.randrange(YEARS)
    text = re.sub(
        r"(?<!\d)20(?:1[89]|2[0-4])(?=年|\D年度|年度)",
        lambda m: str(FIRST_YEAR + (int(m[0]) + shift) % YEARS),
        text,
    )
    by = turn.randrange(1, 90)
    return re.sub(
        r"(?<![\d.〔\[A-Za-z_#&])[1-9]\d{2,6}(?=(?:\.\d+)?(?:万|亿|元|人|亩|公里|项|个|家|户))",
        lambda m: str(int(m[0]) + by),
        text,
    )
