"""One harness a reader: what it is fed with, what it may raise, how long it may take."""

import faulthandler
import io
import tarfile
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from random import Random
from typing import NamedTuple

import py7zr

from parsers.formats.sniff import sniff
from parsers.reading import parse_file
from pipeline.archives.opening import unpacked
from pipeline.archives.unpacking import Limits
from pipeline.sources import find_sources
from schemas.errors import NotAReport, UnreadableFile
from tests.fuzz.mutate import mutated
from tests.sample_truth import NEEDS_TOOLS, RAW

SEED_BYTES = 2 << 20
"""Larger samples are no seeds: their cases would be few."""
SMALL = Limits(members=2_000, member_bytes=8 << 20, total_bytes=64 << 20, ratio_from=16 << 20)

ARCHIVES = ("zip", "7z", "tar", "rar", "gz")
FORMATS = (
    "docx",
    "doc",
    "rtf",
    "odt",
    "xlsx",
    "xls",
    "pdf",
    "html",
    "mht",
    "markdown",
    "image",
    "ofd",
    "text",
)
READERS = (*FORMATS, *ARCHIVES)


class Finding(NamedTuple):
    """What went wrong with a case, by its number and its bytes."""

    number: int
    what: str
    data: bytes


def read(data: bytes) -> None:
    """A file as a run reads it; what may be raised is not."""
    try:
        parse_file(data)
    except (UnreadableFile, NotAReport):
        return


def unpack(data: bytes) -> None:
    """An archive as a run unpacks it. Nothing but numbered files may come to be, and all below the scratch folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "in").write_bytes(data)
        with unpacked(find_sources([folder / "in"]), folder / "scratch", SMALL) as sources:
            for source in sources:
                source.source.encode()
            made = [p for p in folder.rglob("*") if p.name not in ("in", "scratch")]
            assert all(p.name.isdecimal() and p.is_relative_to(folder / "scratch") for p in made)
        assert [p.name for p in folder.iterdir()] == ["in"]


@cache
def seeds(reader: str) -> tuple[bytes, ...]:
    """Valid files for a reader; of the sample archive for formats, made here for archives."""
    if reader in ARCHIVES:
        return tuple(_archive_seeds(reader))
    every = sorted([*RAW.rglob("*"), *NEEDS_TOOLS.rglob("*")])
    files = (p for p in every if p.is_file() and p.stat().st_size <= SEED_BYTES)
    found = []
    for file in files:
        data = file.read_bytes()
        try:
            if sniff(data) == reader:
                found.append(data)
        except UnreadableFile:
            continue
    return tuple(found)


def _archive_seeds(kind: str) -> Iterator[bytes]:
    from tests.pipeline import test_archive_rar as rar  # noqa: PLC0415 - tests of the pipeline need not be there for formats
    from tests.pipeline import test_archives as made  # noqa: PLC0415

    files = {"科技厅/自评报告.txt": b"one" * 400, "b.txt": b"two", "c/d.zip": made.zipped({"e": b"three"})}
    if kind == "zip":
        yield made.zipped(files)
        yield made.raw_zip(*((name.encode("gbk"), data) for name, data in files.items()))
    elif kind == "7z":
        yield made.sevenzipped(files)
        out = io.BytesIO()
        with py7zr.SevenZipFile(out, "w", filters=[{"id": py7zr.FILTER_COPY}]) as archive:
            archive.set_encoded_header_mode(False)  # a directory that mutations reach
            for name, data in files.items():
                archive.writestr(data, name)
        yield out.getvalue()
    elif kind == "tar":
        for form in (tarfile.PAX_FORMAT, tarfile.GNU_FORMAT):
            yield made.tarred(files | {"长" * 99: b"x"}, form)
    elif kind == "rar":
        yield rar.rar4(*((name.encode("gbk"), data, rar.STORED, 0) for name, data in files.items()))
        yield rar.rar5(*files.items())
    else:
        for pack in (made.gzip.compress, made.bz2.compress, made.lzma.compress):
            yield pack(made.tarred(files))
            yield pack(b"abc" * 99)


def fuzz(
    reader: str,
    seed: int,
    cases: int | None = None,
    seconds: float | None = None,
    slow: float = 10.0,
    keep: Path | None = None,
    show: Callable[[str], None] = lambda line: None,
) -> list[Finding]:
    """Feeds a reader until so many cases or seconds are over. A case that takes more than `slow` seconds, or raises what it must
    not, is a finding. With `keep`, inputs of findings are saved there, and a case that hangs ends the process, its input saved."""
    good, rng = seeds(reader), Random(seed)
    run = unpack if reader in ARCHIVES else read
    findings: list[Finding] = []
    ends = None if seconds is None else time.monotonic() + seconds
    number = 0
    while (cases is None or number < cases) and (ends is None or time.monotonic() < ends):
        data = mutated(rng.choice(good), rng, good) if number >= len(good) else good[number]
        if keep is not None:
            (keep / f"{reader}-current").write_bytes(data)
            faulthandler.dump_traceback_later(slow * 12, exit=True)
        began = time.process_time()
        what = _fault(run, data)
        took = time.process_time() - began
        if what is None and took > slow:
            what = f"took {took:.1f} s"
        if what is not None:
            findings.append(Finding(number, what, data))
            show(f"{reader} case {number}: {what}")
            if keep is not None:
                (keep / f"{reader}-{seed}-{number}").write_bytes(data)
        number += 1
    if keep is not None:
        faulthandler.cancel_dump_traceback_later()
        (keep / f"{reader}-current").unlink(missing_ok=True)
    show(f"{reader}: {number} cases, {len(findings)} findings")
    return findings


def _fault(run: Callable[[bytes], None], data: bytes) -> str | None:
    """What a case raised that it must not, and where."""
    try:
        run(data)
    except Exception as error:  # noqa: BLE001 - what is looked for
        last = traceback.extract_tb(error.__traceback__)[-1]
        return f"{type(error).__name__}: {str(error)[:120]} at {Path(last.filename).name}:{last.lineno}"
    return None
