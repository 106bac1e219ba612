"""How the whole way grows: `python -m tests.bench.bench_scale FILES FOLDER [--workers N] [--keep] [--json FILE] [--engine …]`.

Makes an archive of FILES files (tests/bench/scale_archive.py says of what), ingests it with the real command in a process of its own, and
prints files and pages a second, processor seconds a report, peak memory of the driver and of a worker, seconds by step, and sizes; then changes one
file and ingests again, then one in a hundred, then none. `--reports-only` makes a store of FILES synthetic reports without reading
any (tests/bench/bench_views.py), and ingests one real file into it, then that file changed: what publishing costs in a large store.

Pages are those of the store where a format has pages, else a thousand characters of the stored text are a page. Memory is what /proc says of each process (VmHWM);
a step begins when its files appear in the store, so that the figures do not depend on what the command tells about itself.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pipeline.database import open_store
from tests.bench import bench_views
from tests.bench.scale_archive import file_of, kind_of, make_archive, varied
from tests.faults.runs import descendants

ROOT = Path(__file__).parents[2]
SAMPLE_SECONDS = 0.1
OTHER = 7_000_000
"""Added to a file's number, it gives the number of its changed form."""

PAGES = """
    SELECT coalesce(sum(coalesce(d.pages, greatest(1, ceil(t.characters / 1000)))), 0)::BIGINT
    FROM documents d JOIN (
        SELECT doc_id, sum(n) AS characters FROM (
            SELECT doc_id, length(text) AS n FROM blocks
            UNION ALL SELECT doc_id, list_sum(list_transform(cells, lambda c: length(c.text))) FROM tables)
        GROUP BY doc_id) t USING (doc_id)"""


@dataclass(slots=True)
class Figures:
    """What one run of the command cost. Seconds of the clock, but for `processor`; memory and sizes in bytes."""

    step: str
    code: int = 0
    seconds: float = 0.0
    start: float = 0.0
    reading: float = 0.0
    publishing: float = 0.0
    database: float = 0.0
    """The part of publishing in which the DuckDB file is made."""
    processor: float = 0.0
    driver: int = 0
    worker: int = 0
    whole: int = 0
    """The most that all processes held at once."""
    staging: int = 0
    files_written: int = 0
    bytes_written: int = 0
    marks: dict[str, float] = field(default_factory=dict)


def main(arguments: list[str]) -> None:
    """Measures and prints."""
    args = _arguments(arguments)
    work: Path = args.folder
    if work.exists() and any(work.iterdir()):
        sys.exit(f"{work} is not empty")
    work.mkdir(parents=True, exist_ok=True)
    try:
        steps, facts = _publishing_only(args) if args.reports_only else _whole_way(args)
    finally:
        if not args.keep:
            shutil.rmtree(work, ignore_errors=True)
    print(_table(steps))
    print("\n".join(f"* {name}: {value}" for name, value in facts.items()))
    if args.json:
        args.json.write_text(
            json.dumps({"facts": facts, "steps": [asdict(s) for s in steps]}, ensure_ascii=False, indent=1)
        )


def _arguments(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.bench.bench_scale", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("files", type=int)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 2)
    parser.add_argument("--engine", help="what is given to the command, where it knows engines")
    parser.add_argument(
        "--reports-only", action="store_true", help="synthetic staged rows, no files: publishing alone"
    )
    parser.add_argument("--keep", action="store_true", help="keep archive and store")
    parser.add_argument("--json", type=Path, help="file for the figures")
    return parser.parse_args(arguments)


def _whole_way(args: argparse.Namespace) -> tuple[list[Figures], dict[str, object]]:
    archive, store = args.folder / "archive", args.folder / "store"
    began = time.monotonic()
    make_archive(archive, args.files)
    made = time.monotonic() - began
    print(f"an archive of {args.files:,} files in {made:.0f} s", flush=True)
    steps = [measured("all files new", archive, store, args)]
    facts = _facts(store, steps[0], args)
    reports = [n for n in range(args.files) if kind_of(n) in ("docx", "txt", "xlsx", "html", "md")]
    for name, numbers in (
        ("one file changed", reports[:1]),
        ("1 % changed", reports[1::100]),
        ("nothing changed", []),
    ):
        _change(archive, numbers)
        steps.append(measured(name, archive, store, args))
    return steps, facts


def _publishing_only(args: argparse.Namespace) -> tuple[list[Figures], dict[str, object]]:
    """Publishing `files` synthetic reports in a process of its own, then one real file into that store, and the file changed."""
    archive, store = args.folder / "archive", args.folder / "store"
    make = [sys.executable, "-c", f"from pathlib import Path; from tests.bench import {bench_views.__name__.rsplit('.', 1)[1]} as b; "
            f"b.make_store({args.files}, Path({str(store)!r}))"]  # fmt: skip
    steps = [watched("synthetic reports staged and published", make, store)]
    archive.mkdir()
    path = archive / "000000.docx"
    for name, data in (
        ("one file more", file_of("docx", 0)),
        ("that file changed", varied(file_of("docx", 0), "docx", OTHER)),
    ):
        path.write_bytes(data)
        steps.append(measured(name, archive, store, args))
    return steps, _facts(store, steps[0], args)


def measured(step: str, archive: Path, store: Path, args: argparse.Namespace) -> Figures:
    """An ingest with the real command."""
    command = [
        sys.executable,
        "-m",
        "pipeline.cli",
        "ingest",
        str(archive),
        "--store",
        str(store),
        "--workers",
        str(args.workers),
    ]
    return watched(step, [*command, *(("--engine", args.engine) if args.engine else ())], store)


def watched(step: str, command: Sequence[str], store: Path) -> Figures:
    """Runs a command that ingests into `store`, and looks at its processes and its store all the while."""
    figures, before = Figures(step), _current(store)
    used, began = _children_seconds(), time.monotonic()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        while process.poll() is None:
            _sample(figures, process.pid)
            _mark(figures, store, before, time.monotonic() - began)
            time.sleep(SAMPLE_SECONDS)
        said = process.stderr.read().decode(errors="replace") if process.stderr else ""
    if process.returncode not in (0, 1) or "Traceback" in said:
        sys.exit(f"{step}: the command ended with {process.returncode}: {said[-500:]}")
    figures.code, figures.seconds = process.returncode, time.monotonic() - began
    figures.processor = _children_seconds() - used
    _steps(figures)
    _written(figures, store)
    print(f"{step}: {figures.seconds:.1f} s", flush=True)
    return figures


def _sample(figures: Figures, driver: int) -> None:
    whole = 0
    for pid in (driver, *descendants(driver)):
        peak, now = _memory(pid)
        whole += now
        if pid == driver:
            figures.driver = max(figures.driver, peak)
        else:
            figures.worker = max(figures.worker, peak)
    figures.whole = max(figures.whole, whole)


def _memory(pid: int) -> tuple[int, int]:
    """Peak and present resident bytes of a process; nothing where it has gone."""
    found = {"VmHWM": 0, "VmRSS": 0}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in found:
                found[name] = int(rest.split()[0]) * 1024
    return found["VmHWM"], found["VmRSS"]


def _mark(figures: Figures, store: Path, before: str | None, now: float) -> None:
    """Notes when the run took the store, began to build the generation, began its DuckDB file, and switched."""
    half = next((store / "generations").glob("*.tmp"), None) if (store / "generations").exists() else None
    seen = {
        "begun": (store / "staging").exists(),
        "building": half is not None,
        "database": half is not None and (half / "jixiao.duckdb").exists(),
        "switched": _current(store) != before,
    }
    for name, happened in seen.items():
        if happened and name not in figures.marks:
            figures.marks[name] = now
            if name == "building":
                figures.staging = _bytes(store / "staging")


def _steps(figures: Figures) -> None:
    """Seconds by step, from the marks; a step too short to be seen has none."""
    marks, end = figures.marks, figures.seconds
    switched = marks.get("switched", end)
    building = marks.get("building", switched)
    figures.start = marks.get("begun", building)
    figures.reading = building - figures.start
    figures.publishing = switched - building
    figures.database = switched - marks.get("database", switched)


def _written(figures: Figures, store: Path) -> None:
    """Parquet files of the newest generation that no older one shares, and their bytes; with the DuckDB file."""
    for path in (store / "current").resolve().rglob("*"):
        found = path.stat()
        if path.is_file() and found.st_nlink == 1:
            figures.files_written += 1
            figures.bytes_written += found.st_size


def _facts(store: Path, first: Figures, args: argparse.Namespace) -> dict[str, object]:
    """What the store of the first run holds, and rates."""
    current = (store / "current").resolve()
    with open_store(store) as con:
        files, reports, pages = (
            con.sql(sql).fetchall()[0][0]
            for sql in ("SELECT count(*) FROM outcomes", "SELECT count(*) FROM reports", PAGES)
        )
        counts = con.sql("SELECT outcome, count(*) FROM outcomes GROUP BY 1 ORDER BY 2 DESC").fetchall()
    per = max(reports, 1)
    return {
        "workers": args.workers,
        "files, reports, pages": f"{files:,}, {reports:,}, {pages:,}",
        "outcomes": ", ".join(f"{name} {n:,}" for name, n in counts),
        "files a second, reading": round(files / max(first.reading, 1e-9), 1),
        "pages a second, reading": round(pages / max(first.reading, 1e-9), 1),
        "files a second, in all": round(files / first.seconds, 1),
        "processor seconds a report": round(first.processor / per, 4),
        "publishing, milliseconds a report": round(1000 * first.publishing / per, 2),
        "Parquet, bytes a report": round(_bytes(current / "parquet") / per),
        "DuckDB, bytes a report": round((current / "jixiao.duckdb").stat().st_size / per),
        "staging, bytes a report": round(first.staging / per),
    }


def _table(steps: Sequence[Figures]) -> str:
    head = ("run", "s", "start s", "reading s", "publishing s", "of it DuckDB s", "processor s", "driver MB", "a worker MB",
            "all at once MB", "staging MB", "files written", "MB written")  # fmt: skip
    rows = [
        (s.step, f"{s.seconds:.1f}", f"{s.start:.1f}", f"{s.reading:.1f}", f"{s.publishing:.1f}", f"{s.database:.1f}", f"{s.processor:.1f}",
         *(f"{n / 1e6:,.0f}" for n in (s.driver, s.worker, s.whole, s.staging)), str(s.files_written), f"{s.bytes_written / 1e6:,.1f}")
        for s in steps
    ]  # fmt: skip
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, ("---", *("---:",) * (len(head) - 1)), *rows))


def _change(archive: Path, numbers: Sequence[int]) -> None:
    for number in numbers:
        (path,) = archive.glob(f"*/{number:06}.*")
        path.write_bytes(varied(path.read_bytes(), path.suffix[1:], number + OTHER))


def _bytes(folder: Path) -> int:
    return sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())


def _current(store: Path) -> str | None:
    with suppress(OSError):
        return os.readlink(store / "current")
    return None


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main(sys.argv[1:])
