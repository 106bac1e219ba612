"""The committed archive is what the generator writes, and every truth value stands printed in its file."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import pdfplumber
import pytest

from tests.sample_truth import NEEDS_TOOLS, RAW, content, entries, folded
from tests.samples import bad_inputs, generate, write_pair
from tests.samples.archive import archive, ground_truth, scan_lines, truth_text
from tests.samples.formats import AS_MADE, DRAWN_WITH_A_FONT, FORMATS, RENDERERS, TRAPS, missing, scan
from tests.samples.formats.packed import members
from tests.samples.printed import printed_text

HERE = Path(__file__).parent
TRUTH = entries()
FAMILIES = {p.family for p in archive()}
ALWAYS_THE_SAME = [form for form in FORMATS if form not in AS_MADE | DRAWN_WITH_A_FONT]


def told(report: dict[str, Any]) -> list[str]:
    """Every printed text of a report's truth."""
    document = report["document"]
    texts = [document[k] for k in ("fund_name", "organisation", "commissioner", "evaluator", "grade")]
    texts += [str(document["fiscal_year"])]
    for section in report["sections"]:
        texts += [section["title"]]
    for table in report["tables"]:
        texts += [table["caption"]]
    for row in report["indicators"]:
        texts += [row[k] for k in ("level1", "level2", "name", "target_text", "actual_text", "reason")]
    for row in report["funding"]:
        texts += [row["amount_text"]]
    for row in report["projects"]:
        texts += [row[k] for k in ("name", "undertaker", "category", "subcategory")]
    texts += [row["dimension"] for row in report["scores"]] + [row["text"] for row in report["remarks"]]
    return [folded(text) for text in texts if text]


def check(entry: dict[str, Any], root: Path) -> None:
    text = printed_text(content(root, entry["source"]), entry)
    cut = "cut_cells" in entry["traps"] or entry["format"] in ("pdf", "office_pdf", "ofd", "scan")
    wanted = [t for report in entry["reports"] for t in told(report)]
    wanted += [folded(v) for plant in entry["planted"] for v in plant["values"]]
    assert [t for t in wanted if t not in text and not (cut and in_two(t, text))] == []
    assert "样例数据" in text


def in_two(told: str, text: str) -> bool:
    """Whether a page cut a text in two that both are there."""
    return any(told[:k] in text and told[k:] in text for k in range(1, len(told)))


def files(root: Path) -> dict[str, bytes]:
    """Every file below a folder; of a 7z, which holds the time it was made, the members."""
    found: dict[str, bytes] = {}
    for path in (p for p in root.rglob("*") if p.is_file()):
        name = path.relative_to(root).as_posix()
        if path.suffix == ".7z":
            found |= {f"{name}!{k}": v for k, v in members(name, path.read_bytes()).items()}
        else:
            found[name] = path.read_bytes()
    return found


def test_archive_is_reproduced(tmp_path: Path) -> None:
    generate(tmp_path, formats=ALWAYS_THE_SAME)
    assert truth_text(ground_truth()) == (HERE / "truth.json").read_text(encoding="utf-8")
    committed = files(RAW) | files(NEEDS_TOOLS)
    made_elsewhere = {e["source"] for e in TRUTH if e["format"] not in ALWAYS_THE_SAME}
    assert files(tmp_path) == {k: v for k, v in committed.items() if k not in made_elsewhere}
    assert made_elsewhere <= set(committed)


def test_scans_are_reproduced(tmp_path: Path) -> None:
    font = scan.font()
    if font is None or hashlib.sha256(font.read_bytes()).hexdigest() != scan.FONT_SHA256:
        pytest.skip("the font that the committed scans were drawn with (Noto Sans CJK) is not installed")
    generate(tmp_path, formats=sorted(DRAWN_WITH_A_FONT))
    committed = files(RAW) | files(NEEDS_TOOLS)
    assert files(tmp_path) == {
        e["source"]: committed[e["source"]] for e in TRUTH if e["format"] in DRAWN_WITH_A_FONT
    }
    assert json.loads(json.dumps(scan_lines())) == json.loads(
        (HERE / "scan_lines.json").read_text(encoding="utf-8")
    )


def test_the_archive_stays_small() -> None:
    assert sum(len(data) for folder in (RAW, NEEDS_TOOLS) for data in files(folder).values()) < 1_800_000


@pytest.mark.parametrize("entry", TRUTH, ids=[e["source"] for e in TRUTH])
def test_truth_is_printed(entry: dict[str, Any]) -> None:
    check(entry, RAW)


def test_archive_covers_every_family_year_and_format() -> None:
    assert {e["family"] for e in TRUTH} == FAMILIES
    assert all(sum(e["family"] == family for e in TRUTH) >= 2 for family in FAMILIES)
    assert {e["reports"][0]["document"]["fiscal_year"] for e in TRUTH} == set(range(2018, 2026))
    assert {e["encoding"] for e in TRUTH} == {None, "utf-8", "utf-8-sig", "utf-16", "gb18030"}
    assert {e["format"] for e in TRUTH} == set(FORMATS) - {"office_pdf"}
    assert sum("!" in e["source"] for e in TRUTH) >= 4
    assert sum(len(e["reports"]) > 1 for e in TRUTH) >= 2


@pytest.mark.parametrize(
    "entry", [e for e in TRUTH if e["format"] == "docx" and "!" not in e["source"]], ids=lambda e: e["source"]
)
def test_word_sees_the_same_tables(entry: dict[str, Any]) -> None:
    """python-docx, which knows nothing of the generator, finds tables of the same size."""
    path = RAW / entry["source"]
    tables = [t for report in entry["reports"] for t in report["tables"]]
    if "content_control" in entry["features"]:
        with zipfile.ZipFile(path) as archive:
            assert archive.read("word/document.xml").count(b"<w:tbl>") == len(tables)
        return
    seen = [(len(t.rows), len(t.columns)) for t in docx.Document(str(path)).tables]
    assert seen == [(t["n_rows"], t["n_columns"]) for t in tables]


def test_scores_add_up_where_nothing_is_planted() -> None:
    for entry in TRUTH:
        if any(p["code"] == "scores_do_not_sum" for p in entry["planted"]):
            continue
        for report in entry["reports"]:
            total = report["document"]["total_score"]
            if total is None:
                continue
            form = report["document"]["report_type"] == "self_evaluation_form"
            points = [row["score"] for row in report["scores"]]
            points += [row["score"] for row in report["indicators"] if form]
            assert sum(points) == pytest.approx(total), entry["source"]


def test_parts_of_sums_add_up_where_nothing_is_planted() -> None:
    for entry in TRUTH:
        if any(p["code"] == "parts_do_not_sum" for p in entry["planted"]):
            continue
        for report in entry["reports"]:
            rows = report["funding"]
            for n, whole in enumerate(rows, 1):
                parts = [r for r in rows if r["parent"] == n and r["measure"] == whole["measure"]]
                groups: dict[bool, list[int]] = {}
                for part in parts:  # a sum may be split by source and by direction
                    groups.setdefault(part["source"] is None, []).append(part["amount_yuan"])
                by_batch = [r for r in parts if "批资金" in r["item"]]
                for group in groups.values():
                    expected = whole["amount_yuan"] * (2 if by_batch and len(group) > len(by_batch) else 1)
                    assert sum(group) == expected, (entry["source"], whole["item"])


def test_automatic_numbers_are_those_of_word() -> None:
    """Numbers counted from numbering.xml and the paragraphs' lists are the numbers of the truth."""
    seen = 0
    for entry in (e for e in TRUTH if e["format"] == "docx" and "!" not in e["source"]):
        with zipfile.ZipFile(RAW / entry["source"]) as archive:
            body, numbering = (archive.read(f"word/{n}.xml").decode() for n in ("document", "numbering"))
            by_style = b"<w:numPr>" in archive.read("word/styles.xml")
        starts = dict(re.findall(r'w:numId="(\d+)">.{0,90}?<w:startOverride w:val="(\d+)"', numbering))
        counts = [0, 0, 0, 0]
        sections = {(s["level"], s["title"]): s["numbering"] for r in entry["reports"] for s in r["sections"]}
        for para in re.findall(r"<w:p>.*?</w:p>", body):
            title = "".join(re.findall(r"<w:t [^>]*>([^<]*)</w:t>", para))
            number = re.search(r'<w:ilvl w:val="(\d)"/><w:numId w:val="(\d+)"/>', para)
            style = re.search(r'<w:pStyle w:val="([1-4])"/>', para) if by_style else None
            if not number and not style:
                continue
            level = int(number[1]) if number else int(style[1]) - 1  # type: ignore[index]
            if number and number[2] != "1":
                shown = int(starts[number[2]])
            else:
                counts[level] += 1
                counts[level + 1 :] = [0] * (3 - level)
                shown = counts[level]
            if (level + 1, title) in sections:
                form = ("{}", "（{}）")[level] if level < 2 else ("{}", "（{}）")[level - 2]
                digits = "零一二三四五六七八九十"[shown] if level < 2 else str(shown)
                assert sections[level + 1, title] == form.format(digits), (entry["source"], title)
                seen += 1
    assert seen > 30


def test_rates_are_right_where_nothing_is_planted() -> None:
    for entry in TRUTH:
        codes = {p["code"] for p in entry["planted"]}
        for row in (r for report in entry["reports"] for r in report["indicators"]):
            rate = row["reported_completion_rate"]
            if rate is None or row["target_value"] is None or "completion_rate_wrong" in codes:
                continue
            assert row["actual_value"] / row["target_value"] * 100 == pytest.approx(rate, abs=0.01)
            assert abs(row["reported_deviation_rate"]) == pytest.approx(abs(rate - 100), abs=0.001)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_pairs_differ_only_in_what_a_dump_loses(family: str, tmp_path: Path) -> None:
    for item in (p for p in archive() if p.family == family):
        word, text = write_pair(f"{item.year}/{item.name}".rsplit(".", 1)[0], tmp_path)
        for entry in (word, text):
            check(entry, tmp_path)
        for a, b in zip(word["reports"], text["reports"], strict=True):
            for kind in ("document", "indicators", "funding", "projects", "scores", "remarks"):
                assert a[kind] == b[kind]
            assert [s["title"] for s in a["sections"]] == [s["title"] for s in b["sections"]]


def test_drawn_archive_is_consistent(tmp_path: Path) -> None:
    truth = generate(tmp_path / "a", seed=11, count=60)
    assert truth == generate(tmp_path / "b", seed=11, count=60)
    for entry in truth:
        check(entry, tmp_path / "a")
        other = tmp_path / "b" / entry["source"]
        assert (tmp_path / "a" / entry["source"]).read_bytes() == other.read_bytes()


@pytest.mark.parametrize("form", [f for f in RENDERERS if f not in ("docx", "txt")])
def test_every_format_is_drawn_with_its_truth(form: str, tmp_path: Path) -> None:
    if reason := missing(form):
        pytest.skip(reason)
    count = 6 if form in DRAWN_WITH_A_FONT else 40
    truth = generate(tmp_path / "a", 5, count, [form])
    assert truth == generate(tmp_path / "b", 5, count, [form])
    assert files(tmp_path / "a") == files(tmp_path / "b")
    if form not in DRAWN_WITH_A_FONT:
        for entry in truth:
            check(entry, tmp_path / "a")
    if count == 40 and form in TRAPS:
        assert {trap for entry in truth for trap in entry["traps"]} == set(TRAPS[form])


def test_nothing_is_drawn_beside_the_paper(tmp_path: Path) -> None:
    for entry in generate(tmp_path, 9, 30, ["pdf"]):
        with pdfplumber.open(tmp_path / entry["source"]) as document:
            for page in document.pages:
                assert all(0 <= c["x0"] <= c["x1"] <= page.width for c in page.chars if c["size"] < 40), entry
                assert all(
                    0 <= c["top"] <= c["bottom"] <= page.height for c in page.chars if c["size"] < 40
                ), entry
                assert all(c["upright"] for c in page.chars if c["size"] < 40), entry


def test_bad_inputs(tmp_path: Path) -> None:
    made = bad_inputs(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == set(made)
    assert (tmp_path / "加密.docx").read_bytes().startswith(bytes.fromhex("d0cf11e0a1b11ae1"))
    assert zipfile.is_zipfile(tmp_path / "其实是Word.txt")
    assert not zipfile.is_zipfile(tmp_path / "截断.docx")
    assert len((tmp_path / "小说.txt").read_text(encoding="utf-8")) > 3000
