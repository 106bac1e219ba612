"""The archive that is ingested twice: as it was first, and as it is when the fault comes.

Made-up reports that cost nothing to read, drawn ones in the formats that need no other program, a file that is broken, one that is no
report, copies, and an archive. In the second state files are new, changed (some with the size and the time of before), moved and
gone.
"""

import os
import shutil
import zipfile
from pathlib import Path

from tests.pipeline.fakes import report
from tests.samples.archive import generate

FORMATS = ("docx", "txt", "html", "xlsx", "md", "pdf")
SEED, DRAWN, NEW_DRAWN = 5, 18, 4
FIRST, NEW = 130, 12
"""Made-up reports of the first state, and those that come. Less than a quarter of all documents change: that much goes into a copy of the DuckDB file;
with 100 new ones it is made anew."""

TEXT = ("今年预算28万元。",)


def make_first(folder: Path, drawn_reports: int = DRAWN) -> None:
    """The archive as generation 1 was published from it; without drawn reports a run is over sooner."""
    drawn = _drawn(folder.with_name(folder.name + ".drawn"), drawn_reports)
    for number in range(FIRST):
        _write(folder / _name(number), made_up(number))
    for path in drawn[NEW_DRAWN:]:
        _copy(path, folder)
    _write(folder / "坏.txt", b"BROKEN")
    _write(folder / "食堂.txt", b"OTHER")
    _copy(folder / _name(9), folder, "副本.txt")


def make_second(folder: Path, drawn_reports: int = DRAWN, new: int = NEW) -> None:
    """The same archive later, with so many new made-up reports."""
    drawn = _drawn(folder.with_name(folder.name + ".drawn"), drawn_reports)
    for number in (0, 1):
        (folder / _name(number)).unlink()
    for number in range(2, 6):  # as large as before, with the time of before: the content decides
        path = folder / _name(number)
        found = path.stat()
        path.write_bytes(made_up(number, actual=77))
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))
    (folder / _name(6)).write_bytes(made_up(6, year=2030))
    os.utime(folder / _name(7), ns=(0, 0))  # another time, the same content
    _write(folder / "移来" / "8.txt", (folder / _name(8)).read_bytes())
    (folder / _name(8)).unlink()
    for number in range(FIRST, FIRST + new):
        slow = b"SLOW\n" if number % 2 else b""
        _write(folder / _name(number), slow + made_up(number))
    _copy(folder / _name(FIRST), folder, "副本二.txt")
    for path in drawn[:NEW_DRAWN]:
        _copy(path, folder)
    if drawn:
        path = folder / "报告" / drawn[-1].name
        path.write_bytes(path.read_bytes() + b" ")  # another content, the same rows under another doc_id
    _write(folder / "坏二.txt", b"BROKEN\nagain")
    _write(folder / "通知.txt", b"OTHER\nagain")
    with zipfile.ZipFile(folder / "市县.zip", "w") as packed:
        for number in range(3):
            packed.writestr(f"县{number}/自评.txt", made_up(900 + number))


def made_up(number: int, year: int | None = None, actual: int = 55) -> bytes:
    """A made-up report; all are of a few years and share some indicators."""
    wanted = 2020 + number % 4 if year is None else year
    return report(wanted, (f"指标{number % 7}", 50, actual), (f"培训{number:03}", 10, 12), text=TEXT)


def _name(number: int) -> str:
    return f"县{number % 3}/{number:03}.txt"


def _drawn(folder: Path, count: int) -> list[Path]:
    if not folder.exists():
        generate(folder, SEED, count, FORMATS)
    return sorted(p for p in folder.rglob("*") if p.is_file())


def _copy(path: Path, folder: Path, name: str | None = None) -> None:
    target = folder / (name or f"报告/{path.name}")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
