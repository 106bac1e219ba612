"""A parser of small made-up reports, so that these tests need no real ones.

A file is JSON lines: one report a line, {"year", "indicators": [[name, target, actual], …],
"text": [paragraph, …]}, and what `extended` adds. Files that begin with BROKEN, OTHER, CRASH, HANG, EAT, DIE or WARN behave so; of one that
begins with PICTURES only OCR reads the second line and those after it, of one with MIXED only the rest.
"""

import json
import os
import signal
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from schemas.errors import NotAReport, UnreadableFile
from schemas.records import (
    BlockRow,
    FieldPlace,
    FundingRow,
    IndicatorRow,
    ParsedFile,
    ParsedReport,
    ProjectRow,
    RemarkRow,
    ReportRow,
    ScoreRow,
    SectionRow,
    StoredCell,
    TableRow,
)

HEADER = ("指标名称", "目标值", "完成值")


def report(year: int | None, *indicators: tuple[str, float, float], text: tuple[str, ...] = ()) -> bytes:
    """One report as this parser reads it."""
    value = {"year": year, "indicators": indicators, "text": text}
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def extended(line: bytes, **more: Any) -> bytes:
    """The report with more of its own: `fund`, `organisation`, `projects` ([name, undertaker, yuan], …), `words`."""
    value = json.loads(line) | more
    return json.dumps(value, ensure_ascii=False).encode() + b"\n"


def parse(data: bytes) -> ParsedFile:
    log_call(data)
    head = data.split(b"\n", 1)[0]
    if head.startswith(b"BROKEN"):
        raise UnreadableFile("truncated", "the file ends too early; ask for a whole copy")
    if head.startswith(b"OTHER"):
        raise NotAReport("no budget-performance report: 食堂菜单")
    if head.startswith(b"CRASH"):
        raise KeyError("a fault of the parser")
    if (mark := os.environ.get("JIXIAO_TEST_KILL_AT")) and mark.encode() in data:
        os.kill(os.getpid(), signal.SIGKILL)
    if head.startswith(b"HANG"):
        time.sleep(3600)
    if head.startswith(b"EAT"):
        bytearray(2**40)
    if head.startswith(b"DIE"):
        os._exit(9)
    if head.startswith(b"PICTURES"):
        raise UnreadableFile("missing_tool", "1 page is a picture", pictures=1)
    warnings: tuple[str, ...] = ()
    pictures = 0
    if head.startswith(b"MIXED"):
        pictures, warnings, data = 1, ("page 2 is a picture",), data.split(b"\n", 2)[1]
    if head.startswith(b"WARN"):
        warnings, data = ("a picture was left out",), data.split(b"\n", 1)[1]
    lines = [json.loads(line) for line in data.decode().splitlines()]
    reports = tuple(_report(no, line) for no, line in enumerate(lines, start=1))
    return ParsedFile(
        format="text", pages=None, title="样例", reports=reports, warnings=warnings, pictures=pictures
    )


def parse_with_ocr(data: bytes) -> ParsedFile:
    """What OCR reads: the whole file; the title names the process it ran in."""
    return replace(parse(data.split(b"\n", 1)[1]), title=f"process {os.getpid()}")


def log_call(data: bytes) -> None:
    """Notes each call in the file that JIXIAO_TEST_CALLS names: parses happen in other processes."""
    if name := os.environ.get("JIXIAO_TEST_CALLS"):
        with Path(name).open("ab") as file:
            file.write(str(len(data)).encode() + b" " + data.split(b"\n", 1)[0][:60] + b"\n")


def _report(no: int, line: dict[str, Any]) -> ParsedReport:
    base = (no - 1) * 100
    texts = ["一、项目绩效情况", *line["text"]]
    table_block = base + len(texts) + 1
    rows = [HEADER, *[(n, f"≥{t:g}万元", f"{a:g}万元") for n, t, a in line["indicators"]]]
    cells = [
        StoredCell(r, c, 1, 1, text, None) for r, row in enumerate(rows, 1) for c, text in enumerate(row, 1)
    ]
    blocks = [
        BlockRow(
            report_no=no, block_no=base + i, kind="heading" if i == 1 else "paragraph", section_no=1, text=t
        )
        for i, t in enumerate(texts, 1)
    ]
    at = {"report_no": no, "section_no": 1, "table_no": 1, "block_no": table_block}
    return ParsedReport(
        report=ReportRow(
            report_no=no, report_type="self_evaluation", title="绩效自评报告",
            fund_name=line.get("fund"), organisation=line.get("organisation"),
            fiscal_year=line["year"], block_no=base + 1, char_start=0, char_end=8, location="第1段",
            places=(FieldPlace("title", base + 1, None, None, 0, 8),),
        ),
        blocks=(*blocks, BlockRow(report_no=no, block_no=table_block, kind="table", section_no=1, table_no=1)),
        sections=(
            SectionRow(
                report_no=no, section_no=1, level=1, numbering="一", title="项目绩效情况", kind="performance",
                text="\n".join(line["text"]), words=tuple(line.get("words", ())), detected_by="numbering", block_no=base + 1, location="第1段",
            ),
        ),
        tables=(
            TableRow(
                **at, caption="绩效目标完成情况表", kind="completion", n_rows=len(rows), n_columns=3,
                header_rows=1, columns=("name", "target", "actual"), cells=tuple(cells), location="表1",
            ),
        ),
        indicators=tuple(
            IndicatorRow(
                **at, row_no=i + 1, indicator_no=i, record="completion", name=n, level2_inferred=False,
                target_text=f"≥{t:g}万元", target_op=">=", target_value=t, target_unit="万元",
                actual_text=f"{a:g}万元", actual_op="=", actual_value=a, actual_unit="万元", is_met=a >= t,
                location=f"表1 第{i + 1}行",
                places=(
                    FieldPlace("name", table_block, i + 1, 1, 0, len(n)),
                    FieldPlace("target_value", table_block, i + 1, 2, 1, 1 + len(f"{t:g}")),
                    FieldPlace("actual_text", table_block, i + 1, 3, 0, len(f"{a:g}万元")),
                ),
            )
            for i, (n, t, a) in enumerate(line["indicators"], start=1)
        ),
        funding=tuple(
            FundingRow(
                report_no=no, funding_no=i, section_no=1, measure="budget", source="central",
                amount_yuan=280000.0, amount_text="28万元", block_no=base + 1 + i,
                char_start=t.index("28万元"), char_end=t.index("28万元") + 4, location=f"第{1 + i}段",
                places=(
                    FieldPlace(
                        "amount_text", base + 1 + i, None, None, t.index("28万元"), t.index("28万元") + 4
                    ),
                ),
            )
            for i, t in enumerate(line["text"], start=1)
            if "28万元" in t
        ),
        projects=tuple(
            ProjectRow(report_no=no, project_no=i, name=name, undertaker=undertaker, amount_yuan=amount)
            for i, (name, undertaker, amount) in enumerate(line.get("projects", [("样例项目", None, 1e6)]), start=1)
        ),
        scores=(ScoreRow(report_no=no, score_no=1, dimension="项目决策", weight=20.0, score=18.5),),
        remarks=(RemarkRow(report_no=no, remark_no=1, kind="problem", text="执行进度偏慢"),),
    )  # fmt: skip
