"""A report being written: blocks (what is printed) and facts (what the store should hold), added side by side."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Any

from tests.samples.values import Money, Value, chinese


@dataclass(slots=True)
class Cell:
    """A cell of a table; `down` is "start" or "on" where cells are merged downwards, "gap" where the row begins later."""

    text: str
    span: int = 1
    down: str | None = None


@dataclass(slots=True)
class Table:
    rows: list[list[Cell]]
    header_rows: int = 1
    boxed: bool = False  # inside a content control (w:sdt)
    kind: str = ""


@dataclass(slots=True)
class Para:
    """A paragraph. `number` is printed before the text; an automatic one exists only in numbering.xml."""

    text: str
    role: str = "body"  # body, heading, title, caption, toc, note, cover, box
    level: int = 0
    number: str = ""
    auto: bool = False
    start: int = 0
    deleted: str = ""  # tracked change: this text was replaced by `inserted`
    inserted: str = ""
    footnote: str = ""
    bookmark: str = ""


Block = Para | Table


@dataclass(slots=True)
class Layout:
    """Everything about a file that is not what it says."""

    format: str = "docx"
    encoding: str = "utf-8"
    heading_look: str = "style"  # style, bold, outline
    auto_by_style: bool = False
    indent: str = ""
    airy: float = 0.4  # share of paragraphs followed by an empty line in a text dump
    drop_merged: bool = False  # text dump leaves out cells merged downwards
    split_runs: float = 0.3
    newline: str = "\n"
    order: int = 0  # seed of looks
    traps: tuple[str, ...] = ()  # what makes the file hard to read, by format (formats/__init__.py)


def numeral(level: int, n: int, style: str = "usual") -> str:
    """Printed number of the n-th heading of a level: 一、 （一） 1. （1）."""
    usual = (f"{chinese(n)}、", f"（{chinese(n)}）", f"{n}.", f"（{n}）")
    other = {
        "usual": usual,
        "comma": (f"{chinese(n)}、", f"（{chinese(n)}）", f"{n}、", f"({n})"),
        "ascii": (f"{chinese(n)}、", f"({chinese(n)})", f"{n}．", f"({n})"),
    }
    return other[style][level - 1]


class Draft:
    """One file: blocks in reading order and the truth of each report in it."""

    def __init__(self, family: str, rng: Random, layout: Layout) -> None:
        self.family = family
        self.rng = rng
        self.layout = layout
        self.blocks: list[Block] = []
        self.starts: list[int] = []  # the first block of each report
        self.reports: list[dict[str, Any]] = []
        self.planted: list[dict[str, Any]] = []
        self.features: list[str] = []
        self.numbering = "usual"
        self.auto_levels: set[int] = set()
        self.bare_levels: set[int] = set()
        self.mixed_auto = False
        self.counters = [0, 0, 0, 0]
        self.bookmarks = 0
        self.used: set[str] = set()  # sentences of the pools said already

    # --- reports

    def report(self, report_type: str, fund_name: str, fiscal_year: int | None, **more: Any) -> None:
        """Begin a report; what follows belongs to it."""
        document = {
            "fund_name": fund_name,
            "fiscal_year": fiscal_year,
            "fiscal_year_from": None,
            "report_type": report_type,
            "organisation": None,
            "commissioner": None,
            "evaluator": None,
            "total_score": None,
            "grade": None,
        }
        document.update(more)
        self.starts.append(len(self.blocks) if self.reports else 0)
        kinds = ("sections", "tables", "indicators", "funding", "projects", "scores", "remarks")
        self.reports.append(
            {"report_no": len(self.reports) + 1, "document": document, **{k: [] for k in kinds}}
        )
        self.counters = [0, 0, 0, 0]

    @property
    def now(self) -> dict[str, Any]:
        return self.reports[-1]

    # --- text

    def para(self, text: str, role: str = "body", **more: Any) -> Para:
        block = Para(text, role, **more)
        self.blocks.append(block)
        return block

    def heading(self, level: int, title: str, kind: str | list[str], end: str = "", number: str = "") -> None:
        """A heading with the next number of its level; `end` is printed after the title and is no part of it."""
        self.counters[level - 1] += 1
        self.counters[level:] = [0] * (4 - level)
        n = self.counters[level - 1]
        auto = level in self.auto_levels
        prefix = number or numeral(level, n, "usual" if auto else self.numbering)
        if level in self.bare_levels:
            prefix, auto = "", False
        if self.mixed_auto and auto and self.rng.random() < 0.6:
            auto = False
        self.bookmarks += 1
        self.para(
            title + end,
            "heading",
            level=level,
            number=prefix,
            auto=auto,
            start=n if self.mixed_auto else 0,
            bookmark=f"_Toc{48210300 + 7 * self.bookmarks}" if level <= 2 else "",
        )
        # as the hand-checked reports write it: 「一」 without its comma, 「（一）」 with its brackets
        shown = prefix.strip().rstrip("、.．) ") if not prefix.startswith("(") else prefix
        self.now["sections"].append(
            {
                "level": level,
                "numbering": shown or None,
                "title": title,
                "kind": kind,
                "auto": auto,
            }
        )

    # --- tables

    def table(self, rows: list[list[Cell]], kind: str, caption: str | None = None, **more: Any) -> Table:
        width = {sum(cell.span for cell in row) for row in rows}
        assert len(width) == 1, f"ragged table: {sorted(width)}"
        block = Table(rows, kind=kind, **more)
        self.blocks.append(block)
        self.now["tables"].append(
            {
                "table_no": len(self.now["tables"]) + 1,
                "kind": kind,
                "caption": caption,
                "n_rows": len(rows),
                "n_columns": width.pop(),
                "most_cells": max(sum(self._is_printed(c) for c in r) for r in rows),
                "row_edges": sum(any(cell.down != "on" for cell in row) for row in rows),
                "edges": len({edge for row in rows for edge in accumulate(cell.span for cell in row)}),
            }
        )
        return block

    def _is_printed(self, cell: Cell) -> bool:
        """Whether a text dump has a line for the cell."""
        return cell.down != "gap" and (cell.down != "on" or not self.layout.drop_merged)

    # --- facts

    def indicator(
        self,
        record: str,
        levels: tuple[str | None, str | None],
        name: str,
        target: Value | None = None,
        actual: Value | None = None,
        **more: Any,
    ) -> None:
        target, actual = target or Value(""), actual or Value("")
        row: dict[str, Any] = {"record": record, "level1": levels[0], "level2": levels[1], "name": name}
        for side, value in (("target", target), ("actual", actual)):
            row |= {
                f"{side}_text": value.text or None,
                f"{side}_op": value.op,
                f"{side}_value": value.value,
                f"{side}_unit": value.unit,
            }
        if record == "narrative" and row["actual_unit"] == row["target_unit"]:
            row["actual_unit"] = (
                None  # as in the hand-checked reports: a sentence's unit stands with its target
            )
        blank = ("weight", "score", "reported_completion_rate", "reported_deviation_rate", "reason")
        row |= dict.fromkeys(blank) | more
        self.now["indicators"].append(row)

    def funding(
        self,
        item: str,
        measure: str,
        source: str | None,
        amount: Money | None,
        parent: int | None = None,
        **more: Any,
    ) -> int:
        """Add a sum; gives its number, for the `parent` of its parts. The same sum said again is listed once."""
        row = {
            "item": item,
            "measure": measure,
            "source": source,
            "amount_yuan": amount.yuan if amount else None,
            "amount_text": amount.text if amount else None,
            "parent": parent,
            "project_count": None,
            "rate": None,
        } | more
        rows = self.now["funding"]
        key = ("item", "measure", "source", "amount_yuan", "project_count", "rate")
        for n, old in enumerate(rows, 1):
            if all(old[k] == row[k] for k in key):
                return n
        rows.append(row)
        return len(rows)

    def project(self, seq: int, name: str, undertaker: str, yuan: int, group: tuple[str, str]) -> None:
        """Add a row of a project list; `group` is its category and subcategory."""
        row = {"seq": seq, "name": name, "undertaker": undertaker, "amount_yuan": yuan}
        self.now["projects"].append(row | {"category": group[0], "subcategory": group[1]})

    def score(
        self, dimension: str, weight: float | None, score: float | None, rate: float | None = None
    ) -> None:
        self.now["scores"].append({"dimension": dimension, "weight": weight, "score": score, "rate": rate})

    def remark(self, kind: str, text: str) -> None:
        self.now["remarks"].append({"kind": kind, "text": text})

    def plant(self, code: str, subject: str, *values: str) -> None:
        """Note a contradiction written on purpose; `values` are the printed texts that disagree."""
        self.planted.append(
            {"code": code, "report_no": self.now["report_no"], "subject": subject, "values": list(values)}
        )

    # --- ground truth of one format

    def truth(self, source: str, form: str) -> dict[str, Any]:
        """What a reader of the file in format `form` can know.

        A text dump lacks automatic numbers and merged columns. On pages a table has as many rows and columns as rules
        tell apart.
        """
        on_pages = form in ("pdf", "office_pdf", "ofd", "scan", "png", "jpg")
        columns = "edges" if on_pages else "most_cells" if form == "txt" else "n_columns"
        lines = "row_edges" if on_pages else "n_rows"
        reports = []
        for report in self.reports:
            sections = [
                {k: v for k, v in s.items() if k != "auto"}
                | ({"numbering": None} if s["auto"] and form == "txt" else {})
                for s in report["sections"]
            ]
            tables = [
                {k: v for k, v in t.items() if k not in ("most_cells", "row_edges", "edges")}
                | {"n_rows": t[lines], "n_columns": t[columns]}
                for t in report["tables"]
            ]
            reports.append(report | {"sections": sections, "tables": tables})
        return {
            "source": source,
            "family": self.family,
            "format": form,
            "encoding": self.layout.encoding if form in ("txt", "html", "mht") else None,
            "features": sorted(set(self.features)),
            "traps": sorted(self.layout.traps),
            "reports": reports,
            "planted": self.planted,
        }


def column(texts: list[str], mode: str) -> list[Cell]:
    """Cells of a label column over its rows: equal neighbours are merged, repeated or left blank after the first."""
    cells: list[Cell] = []
    for i, text in enumerate(texts):
        again = i > 0 and texts[i - 1] == text
        follows = i + 1 < len(texts) and texts[i + 1] == text
        if mode == "repeated" or not (again or follows):
            cells.append(Cell(text))
        elif mode == "blank":
            cells.append(Cell("" if again else text))
        else:
            cells.append(Cell("" if again else text, down="on" if again else "start"))
    return cells


@dataclass(slots=True)
class Sample:
    """A file of the archive: where it goes and what is in it."""

    source: str
    draft: Draft
