"""Rows of an SQL result as text: for eyes (aligned, safe for a terminal) and for pipes.

csv, json and parquet carry values as they are; what begins with = or + is left so, since these
formats are data for programs, not sheets for a spreadsheet.
"""

import csv
import io
import json
import math
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
from rich.cells import cell_len

# C0 and C1 controls could drive the terminal; bidirectional overrides could reorder what is read
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_WHOLE = 1e15  # below this a DOUBLE holds every whole number


def safe(text: str) -> str:
    """Text with control characters made visible; line feeds and tabs stay."""
    return _CONTROLS.sub(lambda m: f"\\x{ord(m[0]):02x}", text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """Safe text on one line: a line feed shows as ⏎."""
    return safe(text).replace("\n", "⏎").replace("\t", " ")


def shown(value: Any) -> str:
    """A value for eyes: NULL as nothing, 280000.0 as 280000, lists and structs as JSON."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _WHOLE:
        return str(int(value))
    return plain(value)


def plain(value: Any) -> str:
    """A value as csv carries it: NULL as nothing, times in ISO 8601, lists and structs as JSON."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(jsonable(value), ensure_ascii=False)
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def jsonable(value: Any) -> Any:
    """A value as JSON has it: times in ISO 8601, NaN as null, other kinds as text."""
    if isinstance(value, tuple) and hasattr(value, "_asdict"):  # a place or a cell
        value = value._asdict()
    if isinstance(value, dict):
        return {k if isinstance(k, str) else plain(k): jsonable(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [jsonable(v) for v in value]
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, (bool, int, str)):
        return value
    return plain(value)


def to_json(value: Any) -> str:
    """Any rows or records as one indented JSON text with Chinese characters as they are."""
    return json.dumps(jsonable(value), ensure_ascii=False, indent=2)


def distinct_names(names: Sequence[str]) -> list[str]:
    """Column names of which none is the same: a, a_1, …, as DuckDB names them in a subquery."""
    out: list[str] = []
    for name in names:
        free = (n for i in range(len(names) + 1) if (n := f"{name}_{i}" if i else name) not in out)
        out.append(next(free))
    return out


def rows(table: pa.Table) -> Iterator[tuple[Any, ...]]:
    """The rows of a table as Python values; batch by batch, since a result may be large."""
    for batch in table.to_batches(max_chunksize=10_000):
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def csv_text(table: pa.Table) -> Iterator[str]:
    """The lines of a csv file: header first, quoted where needed, LF at the ends."""
    yield _csv_line(table.column_names)
    for row in rows(table):
        yield _csv_line([plain(v) for v in row])


def json_text(table: pa.Table) -> Iterator[str]:
    """A JSON array of objects, one a line."""
    names = distinct_names(table.column_names)
    before = "[\n  "
    for row in rows(table):
        yield before + json.dumps(jsonable(dict(zip(names, row, strict=True))), ensure_ascii=False)
        before = ",\n  "
    yield "[]\n" if before.startswith("[") else "\n]\n"


def aligned_text(header: Sequence[str], body: Iterable[Sequence[Any]]) -> Iterator[str]:
    """Columns aligned by the width that characters take on screen, numbers to the right.

    Every line has the same display width; nothing is cut.
    """
    lines = [list(row) for row in body]
    right = [_is_numeric(column) for column in zip(*lines, strict=True)] or [False] * len(header)
    texts = [[one_line(h) for h in header], *([one_line(shown(v)) for v in line] for line in lines)]
    widths = [max(cell_len(t) for t in column) for column in zip(*texts, strict=True)]
    rule = ["─" * w for w in widths]
    for text in (texts[0], rule, *texts[1:]):
        padded = (_padded(t, w, r) for t, w, r in zip(text, widths, right, strict=True))
        yield "  ".join(padded) + "\n"


def record_text(header: Sequence[str], body: Iterable[Sequence[Any]]) -> Iterator[str]:
    """One block of lines for each row, for rows too wide to stand side by side."""
    names = [one_line(h) for h in header]
    width = max(map(cell_len, names), default=0)
    for number, row in enumerate(body, start=1):
        yield f"── {number} ──\n"
        for name, value in zip(names, row, strict=True):
            if value is not None:
                yield f"{_padded(name, width, False)}  {one_line(shown(value))}\n"


def _is_numeric(column: Iterable[Any]) -> bool:
    kinds = {type(v) for v in column if v is not None}
    return bool(kinds) and kinds <= {int, float, Decimal}


def _padded(text: str, width: int, right: bool) -> str:
    fill = " " * (width - cell_len(text))
    return fill + text if right else text + fill


def _csv_line(values: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerow(values)
    return buffer.getvalue()
