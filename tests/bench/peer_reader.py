"""One tool as a process of its own: `python peer_reader.py TOOL`, for `bench_peers`; nothing of the project is needed for others' tools.

It imports the tool, says `{"version": …}`, then answers each path on its standard input with a line: seconds of the processor and
of the clock, peak memory in bytes, and the tables as rows of texts. What goes wrong ends the process; the traceback is on
standard error. It keeps to one core and one thread.
"""

import html.parser
import json
import os
import re
import resource
import sys
import time
from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

Row = list[str]
Read = Callable[[Path], list[Row]]
"""A file as the rows of all its tables, one after the other."""

_PIPE = re.compile(r"(?<!\\)\|")
_BREAK = re.compile(r"<br\s*/?>")
_ESCAPE = re.compile(r"\\([!-/:-@\[-`{-~])")
_DASHES = re.compile(r"[\s:|-]+")


def jixiao() -> Read:
    read = import_module("parsers.reading").read_document
    table_kind = import_module("schemas.blocks").Table

    def tables(path: Path) -> list[Row]:
        found: list[Row] = []
        for block in read(path.read_bytes()).blocks:
            if isinstance(block, table_kind):
                rows: list[Row] = [[] for _ in range(block.n_rows)]
                for cell in block.cells:
                    rows[cell.row - 1].append(cell.text)
                found += rows
        return found

    return tables


def pdfplumber() -> Read:
    module = import_module("pdfplumber")

    def tables(path: Path) -> list[Row]:
        found: list[Row] = []
        with module.open(path) as document:
            for page in document.pages:
                for table in page.extract_tables():
                    found += [_texts(row) for row in table]
                page.close()
        return found

    return tables


def pypdfium2() -> Read:
    """Its text alone: there are no tables in it."""
    module = import_module("pypdfium2")

    def text(path: Path) -> list[Row]:
        document = module.PdfDocument(path)
        for page in document:
            page.get_textpage().get_text_range()
            page.close()
        document.close()
        return []

    return text


def camelot() -> Read:
    module = import_module("camelot")
    return lambda path: [
        _texts(row) for table in module.read_pdf(str(path), pages="all") for row in table.df.values.tolist()
    ]


def img2table() -> Read:
    module = import_module("img2table.document")
    return lambda path: [
        _texts(cell.value for cell in row)
        for _, tables in sorted(module.PDF(str(path)).extract_tables().items())
        for table in tables
        for row in table.content.values()
    ]


def markitdown() -> Read:
    converter = import_module("markitdown").MarkItDown()
    return lambda path: markdown_rows(converter.convert(str(path)).markdown)


def unstructured() -> Read:
    partition = import_module("unstructured.partition.auto").partition
    return lambda path: [
        row
        for element in partition(str(path), languages=["zho"], strategy="hi_res")
        for row in html_rows(element.metadata.text_as_html or "")
    ]


def docling() -> Read:
    converter = import_module("docling.document_converter").DocumentConverter()
    return lambda path: [
        _texts(cell.text for cell in row)
        for table in converter.convert(str(path)).document.tables
        for row in table.data.grid
    ]


def python_docx() -> Read:
    module = import_module("docx")
    return lambda path: [
        [cell.text for cell in row.cells] for table in module.Document(str(path)).tables for row in table.rows
    ]


TOOLS: dict[str, Callable[[], Read]] = {
    "jixiao": jixiao,
    "pdfplumber": pdfplumber,
    "pypdfium2": pypdfium2,
    "camelot-py": camelot,
    "img2table": img2table,
    "markitdown": markitdown,
    "unstructured": unstructured,
    "docling": docling,
    "python-docx": python_docx,
}
"""By the name of the package; each with the settings it comes with."""


def markdown_rows(text: str) -> list[Row]:
    """The rows of the tables with pipes in a Markdown text, the line of dashes left out."""
    found: list[Row] = []
    for line in text.splitlines():
        bare = line.strip()
        if bare.startswith("|") and not _DASHES.fullmatch(bare):
            cells = _PIPE.split(bare.strip("|"))
            found.append(
                [html.unescape(_ESCAPE.sub(r"\1", _BREAK.sub("\n", cell))).strip() for cell in cells]
            )
    return found


class _Rows(html.parser.HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Row] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th") and self.rows:
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data


def html_rows(text: str) -> list[Row]:
    """The rows of the tables in a piece of HTML."""
    parser = _Rows()
    parser.feed(text)
    return parser.rows


def _texts(row: Iterable[Any]) -> Row:
    return ["" if text is None else str(text) for text in row]


def used_seconds() -> float:
    """Seconds of the processor that this process and those it started have used."""
    return sum(
        usage.ru_utime + usage.ru_stime
        for usage in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def peak_memory() -> int:
    """The most bytes of memory that this process has held, without what the process that started it held."""
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage tells begins with the memory of the starter
        return int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(tool: str) -> None:
    """Answers paths until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what a tool prints goes where errors go
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    read = TOOLS[tool]()
    print(json.dumps({"version": "" if tool == "jixiao" else version(tool)}), file=answers, flush=True)
    for line in sys.stdin:
        start, used = time.perf_counter(), used_seconds()
        rows = read(Path(line.rstrip("\n")))
        answer = {
            "wall": time.perf_counter() - start,
            "cpu": used_seconds() - used,
            "memory": peak_memory(),
            "rows": rows,
        }
        print(json.dumps(answer), file=answers, flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
