"""jixiao beside other tools: `python -m tests.bench.bench_peers [--python PATH]… [--tools a,b] [--count N] [--seed S] [--runs N]`.

Draws files whose tables are known (`sets`), has each tool read them, and prints for each kind of files a table in Markdown: how fast,
how exactly, with how much memory.

**Exact cells.** A true cell that holds text counts where the tool gives the same text, after NFKC and without any white
space (so wrapped text counts when joined, whatever joins it), in the row that belongs to it. Each row of the truth, which holds
the cells that begin in it or reach into it, is paired with the row of the tool that shares most texts with it, each row once; a cell
counts when one of its rows is paired with a row that holds its text. So neither columns nor merging are judged, nor
whether the rows of a table that runs over pages come as one table, and rows may come in any order. *junk* is the share of the
tool's cells with text that no true cell of the file has.

**Speed.** Every tool is a process of its own on one core with one thread; they take turns, file by file. The figures are the sums
over the files of the median of several runs; what a tool needs to be imported and to load models is not counted (one file is read
beforehand). Seconds of the processor, and of the clock, which others on the machine slow down.

Tools that are not installed for this Python are looked for with those given by --python. A tool that cannot be run is
named with the reason; a file on which it fails or that takes longer than the limit counts as cells not found.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from threading import Timer
from typing import Any, NamedTuple

import pypdfium2

from tests.bench.bench_pdf import drawn_forms, form_cells
from tests.bench.peer_reader import TOOLS, Row
from tests.sample_truth import folded
from tests.samples.archive import drawn, write
from tests.samples.formats import missing, rendered
from tests.samples.formats.grids import boxes
from tests.samples.model import Draft, Table

ROOT = Path(__file__).parents[2]
READER = Path(__file__).with_name("peer_reader.py")
FORM_PAGES = 10
REASON = 110
"""Characters of a reason that are shown."""
START_LIMIT = 180.0
"""Seconds to import a tool."""
PDF_TOOLS = (
    "jixiao", "pypdfium2", "pdfplumber", "camelot-py", "img2table", "markitdown", "unstructured", "docling",
)  # fmt: skip
WORD_TOOLS = ("jixiao", "python-docx", "markitdown", "unstructured", "docling")
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "RAYON_NUM_THREADS"), "1"
)  # fmt: skip
SILENT = {"DO_NOT_TRACK": "1", "UNSTRUCTURED_DISABLE_NOTICE": "1", "SCARF_NO_ANALYTICS": "true"}


class TrueCell(NamedTuple):
    """A cell's text and the rows of its file (from 0) that it covers."""

    text: str
    rows: range


class File(NamedTuple):
    """A file with its true cells; `pages` is 1 for Word, which has none of its own."""

    path: Path
    pages: int
    cells: list[TrueCell]


@dataclass(slots=True)
class Result:
    """What a tool made of one file; `tried` are seconds of the processor and of the clock of each run."""

    rows: list[Row] = field(default_factory=list)
    tried: list[tuple[float, float]] = field(default_factory=list)
    problem: str = ""


# ---- files whose tables are known -----------------------------------------------------------------


def sets(folder: Path, count: int, seed: int) -> dict[str, list[File]]:
    """Kinds of files, each with `count` reports; PDF or Word as the suffix says."""
    hard, plain, word = (
        [write(drawn(n, seed, [form]), seed).draft for n in range(count)] for form in ("pdf", "pdf", "docx")
    )
    for draft in plain:
        draft.layout.traps = ()
    forms = folder / "forms.pdf"
    forms.write_bytes(drawn_forms(FORM_PAGES))
    found = {
        "ruled forms, one a page": [File(forms, FORM_PAGES, forms_truth())],
        "reports as PDF": files(folder / "plain", plain, "pdf"),
        "reports as PDF, laid out to be hard": files(folder / "hard", hard, "pdf"),
    }
    if reason := missing("office_pdf"):
        print(f"No PDF printed by LibreOffice: {reason}\n")
    else:
        found["reports printed to PDF by LibreOffice"] = files(folder / "office", word, "office_pdf")
    return found | {"reports as .docx": files(folder / "word", word, "docx")}


def files(folder: Path, drafts: Sequence[Draft], form: str) -> list[File]:
    """Drafts written into a folder in a format."""
    folder.mkdir()
    suffix = "docx" if form == "docx" else "pdf"
    found = []
    for n, (draft, data) in enumerate(zip(drafts, rendered(list(drafts), form), strict=True)):
        path = folder / f"{n}.{suffix}"
        path.write_bytes(data)
        pages = len(pypdfium2.PdfDocument(data)) if suffix == "pdf" else 1
        found.append(File(path, pages, draft_truth(draft)))
    return found


def draft_truth(draft: Draft) -> list[TrueCell]:
    """The cells with text of all tables of a draft."""
    found, first = [], 0
    for block in draft.blocks:
        if isinstance(block, Table):
            for box in boxes(block):
                text = folded(box.text)
                if text and not box.gap:
                    found.append(TrueCell(text, range(first + box.row, first + box.row + box.rows)))
            first += len(block.rows)
    return found


def forms_truth() -> list[TrueCell]:
    """The cells of the drawn forms."""
    found, first = [], 0
    for page in range(FORM_PAGES):
        cells = form_cells(page)
        found += [TrueCell(folded(c.text), range(first + c.row, first + c.end_row)) for c in cells]
        first += max(cell.end_row for cell in cells)
    return found


# ---- how exact ------------------------------------------------------------------------------------


def exact_cells(true: Sequence[TrueCell], given: Sequence[Row]) -> int:
    """How many true cells the rows hold; the docstring of the module says what counts."""
    theirs = [Counter(text for cell in row if (text := folded(cell))) for row in given]
    ours: dict[int, list[int]] = defaultdict(list)
    for number, cell in enumerate(true):
        for row in cell.rows:
            ours[row].append(number)
    found: set[int] = set()
    texts = {row: [true[number].text for number in cells] for row, cells in ours.items()}
    for row, partner in paired(texts, theirs).items():
        free = theirs[partner].copy()
        for number in ours[row]:
            if number not in found and free[true[number].text] > 0:
                free[true[number].text] -= 1
                found.add(number)
    return len(found)


def paired(true: dict[int, list[str]], given: Sequence[Counter[str]]) -> dict[int, int]:
    """For each true row the given row that shares most texts with it, each once; of equals that nearest in order."""
    holding: dict[str, list[int]] = defaultdict(list)
    for number, held in enumerate(given):
        for text in held:
            holding[text].append(number)
    ratio = len(given) / (max(true, default=0) + 1)
    choices = []
    for row, texts in true.items():
        shared: Counter[int] = Counter()
        for text, times in Counter(texts).items():
            for number in holding[text]:
                shared[number] += min(times, given[number][text])
        choices += [(-common, abs(number - row * ratio), row, number) for number, common in shared.items()]
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, _, row, number in sorted(choices):
        if row not in pairs and number not in taken:
            pairs[row] = number
            taken.add(number)
    return pairs


def junk(true: Sequence[TrueCell], given: Sequence[Row]) -> tuple[int, int]:
    """How many of the given cells with text no true cell is like, and how many are given."""
    known = {cell.text for cell in true}
    texts = [text for row in given for cell in row if (text := folded(cell))]
    return sum(text not in known for text in texts), len(texts)


# ---- tools as processes ---------------------------------------------------------------------------


class Tool:
    """A tool in a process of its own, which is started anew after a failure."""

    def __init__(self, name: str, pythons: Sequence[str], limit: float, problem: str = "") -> None:
        """`problem` is why it is not even started."""
        self.name, self.limit, self.problem = name, limit, problem
        self.version = ""
        self.memory = 0
        self._errors = tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace")  # noqa: SIM115
        self._process: subprocess.Popen[str] | None = None
        for python in () if problem else pythons:
            self._python = python
            if self._start():
                self.problem = ""
                return

    def read(self, path: Path) -> dict[str, Any] | str:
        """What the process answers, or why it does not."""
        if self._process is None and not self._start():
            return self.problem
        assert self._process
        assert self._process.stdin
        self._process.stdin.write(f"{path}\n")
        self._process.stdin.flush()
        answer = self._answer(self.limit)
        if isinstance(answer, dict):
            self.memory = max(self.memory, answer["memory"])
        return answer

    def close(self) -> None:
        """Ends the process."""
        if self._process:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _start(self) -> bool:
        self.close()
        own = {"PYTHONPATH": str(ROOT)} if self.name == "jixiao" else {}
        self._process = subprocess.Popen(
            [self._python, str(READER), self.name], cwd=ROOT, env=os.environ | ONE_THREAD | SILENT | own, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._errors,
        )  # fmt: skip
        answer = self._answer(START_LIMIT)
        if isinstance(answer, str):
            self.problem = answer
            return False
        self.version = answer["version"]
        return True

    def _answer(self, limit: float) -> dict[str, Any] | str:
        """The next line of the process; a process that does not give one in time, or that ends, is closed."""
        process = self._process
        assert process
        assert process.stdout
        self._errors.seek(0)
        self._errors.truncate()
        timer = Timer(limit, process.kill)
        timer.start()
        line = process.stdout.readline()
        in_time = timer.is_alive()
        timer.cancel()
        if line:
            answer: dict[str, Any] = json.loads(line)
            return answer
        self.close()
        self._errors.seek(0)
        lines = [text.strip() for text in self._errors if text.strip()]
        return (lines[-1] if lines else "ended without a word") if in_time else f"more than {limit:.0f} s"


def measured(tools: Sequence[Tool], batch: Sequence[File], runs: int) -> dict[str, list[Result]]:
    """What each tool makes of each file, in turn. A tool that cannot read the first file is not asked again."""
    results = {tool.name: [Result() for _ in batch] for tool in tools}
    for tool in tools:
        if not tool.problem and isinstance(first := tool.read(batch[0].path), str):
            tool.problem = first
        for result in results[tool.name]:
            result.problem = tool.problem
    for number, file in enumerate(batch):
        for _ in range(runs):
            for tool in tools:
                result = results[tool.name][number]
                if result.problem:
                    continue
                answer = tool.read(file.path)
                if isinstance(answer, str):
                    result.problem, result.tried = answer, []
                else:
                    result.rows = answer["rows"]
                    result.tried.append((answer["cpu"], answer["wall"]))
    return results


# ---- the tables -----------------------------------------------------------------------------------


def report(name: str, batch: Sequence[File], tools: Sequence[Tool], results: dict[str, list[Result]]) -> str:
    """A kind of files as a Markdown table."""
    pages, cells = sum(file.pages for file in batch), sum(len(file.cells) for file in batch)
    word = batch[0].path.suffix == ".docx"
    unit = "files" if word else "pages"
    size = f"{len(batch)} files" if word else f"{len(batch)} files, {pages} pages"
    lines = [
        f"### {name[0].upper()}{name[1:]}\n\n{size}, {cells:,} cells with text.\n",
        f"| tool | {unit} a second of processor | {unit} a second | exact cells | junk | peak MB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    notes = []
    for tool in tools:
        own = results[tool.name]
        read = [(file, result) for file, result in zip(batch, own, strict=True) if result.tried]
        reasons = Counter(result.problem for result in own if result.problem)
        for reason, times in reasons.items():
            notes.append(f"* {tool.name}: {times} of {len(batch)} files not read: {reason[:REASON]}")
        shown = f"{tool.name} {tool.version}".strip()
        lines.append(f"| {shown} | {' | '.join(figures(read, cells, tool))} |")
    return "\n".join([*lines, *(["", *notes] if notes else []), ""])


def figures(read: Sequence[tuple[File, Result]], cells: int, tool: Tool) -> Iterable[str]:
    """The figures of a tool over the files that it could read; cells of all files."""
    if not read:
        return ["–"] * 5
    pages = sum(file.pages for file, _ in read)
    cpu, wall = (sum(median(run[way] for run in result.tried) for _, result in read) for way in (0, 1))
    speeds = [f"{pages / seconds:,.1f}" for seconds in (cpu, wall)]
    memory = f"{tool.memory / 1e6:,.0f}"
    if tool.name == "pypdfium2":
        return [*speeds, "text alone", "–", memory]
    exact = sum(exact_cells(file.cells, result.rows) for file, result in read)
    wrong, given = map(sum, zip(*(junk(file.cells, result.rows) for file, result in read), strict=True))
    return [*speeds, f"{exact / cells:.3f}", f"{wrong / given:.3f}" if given else "–", memory]


def main() -> None:
    """Runs the bench."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--python", action="append", default=[], help="of another environment with tools")
    parser.add_argument("--tools", default=",".join(TOOLS), help="only these, with commas")
    parser.add_argument("--count", type=int, default=8, help="reports of each kind")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--limit", type=float, default=60.0, help="seconds for a file")
    options = parser.parse_args()
    wanted = options.tools.split(",")
    broken: dict[tuple[str, str], str] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, batch in sets(Path(folder), options.count, options.seed).items():
            names = WORD_TOOLS if batch[0].path.suffix == ".docx" else PDF_TOOLS
            tools = [
                Tool(n, [sys.executable, *options.python], options.limit, broken.get((names[1], n), ""))
                for n in names
                if n in wanted
            ]
            try:
                print(report(name, batch, tools, measured(tools, batch, options.runs)), flush=True)
                broken |= {(names[1], tool.name): tool.problem for tool in tools if tool.problem}
            finally:
                for tool in tools:
                    tool.close()


if __name__ == "__main__":
    main()
