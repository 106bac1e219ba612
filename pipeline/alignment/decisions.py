"""What people decided on names: `aliases/funds.csv` and `aliases/indicators.csv` beside the store.

Plain CSV that a data team keeps under version control; each line says of two printed names whether they are the
same. It always wins over the rules:

    decision,name,other,note
    same,科技成果转化专项,科技成果转化引导资金,2022年更名
    different,农村公路建设补助资金,农村公路养护补助资金,

`indicators.csv` has a column `fund` in front of `name`: any name of the fund within which the decision holds, empty for
all funds. 相同 and 不同 serve as well as same and different; lines that begin with # are comments.
"""

import csv
import io
import os
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

from parsers.values import fold
from schemas.errors import UsageError

K = TypeVar("K", bound=Hashable)

FOLDER = "aliases"
FUNDS_FILE, INDICATORS_FILE = "funds.csv", "indicators.csv"
_WORDS = {"same": True, "相同": True, "different": False, "不同": False}
_FUND_COLUMNS = ("decision", "name", "other", "note")
_INDICATOR_COLUMNS = ("decision", "fund", "name", "other", "note")
_MOST_BYTES = 64 * 1024 * 1024
"""A file of decisions that people made by hand is far smaller; a larger one is some other file."""


class FundDecision(NamedTuple):
    """Two names of funds are the same fund, or are not; `line` of the file that says so."""

    same: bool
    name: str
    other: str
    line: int


class IndicatorDecision(NamedTuple):
    """Two names of indicators are the same, or are not, within the fund that `fund` names (None: in every fund)."""

    same: bool
    fund: str | None
    name: str
    other: str
    line: int


@dataclass(frozen=True, slots=True)
class Decisions:
    """All that people decided, in the order of the files."""

    funds: tuple[FundDecision, ...] = ()
    indicators: tuple[IndicatorDecision, ...] = ()


def name_key(name: str) -> str:
    """How names are compared with those of the files: without white space and full-width forms."""
    return fold(name)


def groups_of(pairs: Iterable[tuple[K, K]]) -> dict[K, list[K]]:
    """What pairs make one, directly or by way of others: for each member its whole group, the same list for all."""
    found: dict[K, list[K]] = {}
    for one, two in pairs:
        kept, gone = sorted(
            (found.setdefault(one, [one]), found.setdefault(two, [two])), key=len, reverse=True
        )
        if kept is not gone:
            kept += gone
            found.update(dict.fromkeys(gone, kept))
    return found


def decisions_path(store: Path, file: str) -> Path:
    """Where the decisions of a store are kept."""
    return store / FOLDER / file


def read_decisions(store: Path) -> Decisions:
    """The decisions beside the store; none where there are no files.

    Raises UsageError with file and line for what cannot be understood, and for lines that contradict each other.
    """
    funds_path, indicators_path = (
        decisions_path(store, FUNDS_FILE),
        decisions_path(store, INDICATORS_FILE),
    )
    funds = tuple(
        FundDecision(same, row["name"], row["other"], line)
        for line, same, row in _rows(funds_path, _FUND_COLUMNS)
    )
    indicators = tuple(
        IndicatorDecision(same, row["fund"] or None, row["name"], row["other"], line)
        for line, same, row in _rows(indicators_path, _INDICATOR_COLUMNS)
    )
    _check(funds_path, [("", d.name, d.other, d.same, d.line) for d in funds])
    _check(indicators_path, [(d.fund or "", d.name, d.other, d.same, d.line) for d in indicators])
    return Decisions(funds, indicators)


def add_decision(store: Path, file: str, values: Mapping[str, str]) -> None:
    """Appends one line to a file of decisions, making it with its header where it is not there yet.
    Raises UsageError where it cannot be written."""
    path = decisions_path(store, file)
    columns = _FUND_COLUMNS if file == FUNDS_FILE else _INDICATOR_COLUMNS
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as out:
            if out.tell() == 0:
                line.write("\ufeff")  # so that Excel reads the Chinese
                writer.writerow(columns)
            elif _last_byte(path) != b"\n":
                line.write("\n")
            writer.writerow([values.get(column, "") for column in columns])
            out.write(line.getvalue().encode())
    except OSError as error:
        raise UsageError(f"{path}: cannot be written ({error.strerror})") from error


def _last_byte(path: Path) -> bytes:
    with path.open("rb") as file:
        file.seek(-1, os.SEEK_END)
        return file.read(1)


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, bool, dict[str, str]]]:
    """Line number, decision and values of each line that decides something."""
    header: list[str] | None = None
    for line, fields in _lines(path):
        cells = [cell.strip() for cell in fields]
        if not any(cells) or cells[0].startswith("#"):
            continue
        if header is None:
            header = cells
            missing = [c for c in columns if c not in header and c != "note"]
            if missing:
                raise UsageError(
                    f"{path}, line {line}: the header lacks {', '.join(missing)}; it must be: {','.join(columns)}"
                )
            continue
        if len(cells) > len(header) and any(cells[len(header) :]):
            raise UsageError(
                f"{path}, line {line}: {len(cells)} fields where the header has {len(header)}; quote a field that holds a comma"
            )
        row = dict.fromkeys(columns, "") | dict(zip(header, cells, strict=False))
        if row["decision"].lower() not in _WORDS:
            hint = " (the comma must be a narrow one)" if "，" in row["decision"] else ""
            raise UsageError(
                f"{path}, line {line}: decision is {row['decision']!r}; write same or different (相同 or 不同){hint}"
            )
        for column in ("name", "other"):
            if not row[column]:
                raise UsageError(f"{path}, line {line}: {column} is empty; name both")
        if name_key(row["name"]) == name_key(row["other"]):
            raise UsageError(f"{path}, line {line}: name and other are one name: {row['name']}")
        yield line, _WORDS[row["decision"].lower()], row


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    try:
        if path.exists() and not path.is_file():
            raise UsageError(f"{path}: no ordinary file; decisions stand in a CSV file of this name")
        if path.stat().st_size > _MOST_BYTES:
            raise UsageError(f"{path}: too large for a file of decisions")
        text = path.read_bytes().decode("utf-8-sig")
    except (FileNotFoundError, NotADirectoryError):
        return
    except UnicodeDecodeError as error:
        line = path.read_bytes()[: error.start].count(b"\n") + 1
        raise UsageError(
            f"{path}, line {line}: not UTF-8; in Excel, save it as “CSV UTF-8 (逗号分隔)”"
        ) from error
    except OSError as error:
        raise UsageError(f"{path}: cannot be read ({error.strerror})") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    while True:
        try:
            fields = next(reader, None)
        except csv.Error as error:
            raise UsageError(f"{path}, line {line}: {error}; look for a quote that is not closed") from error
        if fields is None:
            return
        yield line, fields
        line = reader.line_num + 1


def _check(path: Path, lines: Sequence[tuple[str, str, str, bool, int]]) -> None:
    """Raises UsageError where one line says same and another different, directly or through further names."""
    same_lines = [
        (name_key(name), name_key(other), fund, line) for fund, name, other, same, line in lines if same
    ]
    groups = groups_of(((fund, one), (fund, two)) for one, two, fund, _ in same_lines)
    joined = {(fund, name): line for one, two, fund, line in same_lines for name in (one, two)}
    for fund, name, other, same, line in lines:
        a, b = (fund, name_key(name)), (fund, name_key(other))
        if not same and a in groups and groups[a] is groups.get(b):
            raise UsageError(
                f"{path}, line {line}: {name} and {other} are said to be different here, but the same in line {joined[b]}"
            )
