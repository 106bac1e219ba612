"""The committed archive is what the generator writes, and every truth value stands printed in its file."""

from __future__ import annotations

import html
import json
import re
import unicodedata
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest

from tests.samples import bad_inputs, generate, write_pair
from tests.samples.archive import archive, truth_text

HERE = Path(__file__).parent
RAW = HERE.parents[1] / "data" / "raw"
TRUTH = json.loads((HERE / "truth.json").read_text(encoding="utf-8"))
CODECS = {"utf-8": "utf-8", "utf-8-sig": "utf-8-sig", "utf-16": "utf-16", "gb18030": "gb18030"}
FAMILIES = {p.family for p in archive()}


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text))


def printed_text(path: Path, encoding: str | None) -> str:
    """All text of a file, without whitespace: text files decoded, Word files by their w:t elements."""
    if path.suffix == ".txt":
        return squeezed(path.read_bytes().decode(CODECS[encoding or "utf-8"]))
    with zipfile.ZipFile(path) as archive:
        xml = archive.read("word/document.xml").decode("utf-8")
    return squeezed(html.unescape("".join(re.findall(r"<w:t(?: [^>]*)?>([^<]*)</w:t>", xml))))


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
    return [squeezed(text) for text in texts if text]


def check(entry: dict[str, Any], root: Path) -> None:
    text = printed_text(root / entry["source"], entry["encoding"])
    missing = [t for report in entry["reports"] for t in told(report) if t not in text]
    missing += [v for plant in entry["planted"] for v in plant["values"] if squeezed(v) not in text]
    assert not missing
    assert "样例数据" in text


def test_archive_is_reproduced(tmp_path: Path) -> None:
    truth = generate(tmp_path)
    assert truth_text(truth) == (HERE / "truth.json").read_text(encoding="utf-8")
    written = {str(p.relative_to(tmp_path)): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    committed = {
        str(p.relative_to(RAW)): p.read_bytes() for p in RAW.rglob("*") if p.suffix in (".txt", ".docx")
    }
    assert written == committed


@pytest.mark.parametrize("entry", TRUTH, ids=[e["source"] for e in TRUTH])
def test_truth_is_printed(entry: dict[str, Any]) -> None:
    check(entry, RAW)


def test_archive_covers_every_family_year_and_format() -> None:
    assert {e["family"] for e in TRUTH} == FAMILIES
    assert all(sum(e["family"] == family for e in TRUTH) >= 2 for family in FAMILIES)
    assert {e["reports"][0]["document"]["fiscal_year"] for e in TRUTH} == set(range(2020, 2025))
    assert {e["encoding"] for e in TRUTH} == {None, *CODECS}
    assert sum(len(e["reports"]) > 1 for e in TRUTH) >= 2


@pytest.mark.parametrize("entry", [e for e in TRUTH if e["format"] == "docx"], ids=lambda e: e["source"])
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
    for entry in (e for e in TRUTH if e["format"] == "docx"):
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


def test_bad_inputs(tmp_path: Path) -> None:
    made = bad_inputs(tmp_path)
    assert {p.name for p in tmp_path.iterdir()} == set(made)
    assert (tmp_path / "加密.docx").read_bytes().startswith(bytes.fromhex("d0cf11e0a1b11ae1"))
    assert zipfile.is_zipfile(tmp_path / "其实是Word.txt")
    assert not zipfile.is_zipfile(tmp_path / "截断.docx")
    assert len((tmp_path / "小说.txt").read_text(encoding="utf-8")) > 3000
