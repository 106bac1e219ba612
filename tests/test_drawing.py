"""`jixiao show --image`: the page with the value framed, checked with pdfplumber and by the picture's own pixels."""

import io
import json
import shutil
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pdfplumber
import pytest
from PIL import Image

from pipeline.drawing import DPI
from tests.conftest import RAW, SampleStore, run_jixiao
from tests.sample_truth import folded

REPORT = "2025/高标准农田转移支付自评.pdf"
RED = (220, 20, 20)


def ask(store: Path, query: str) -> list[dict[str, Any]]:
    done = run_jixiao("sql", query, "--store", store, "--format", "json")
    assert done.returncode == 0, done.stderr
    rows: list[dict[str, Any]] = json.loads(done.stdout)
    return rows


def indicator(store: Path, condition: str) -> dict[str, Any]:
    """The first indicator of the report for which an SQL condition holds."""
    (row,) = ask(
        store,
        f"FROM indicators JOIN documents USING (doc_id) SELECT indicators.* WHERE source = '{REPORT}' "
        f"AND {condition} ORDER BY indicator_no LIMIT 1",
    )
    return row


def red(picture: Path) -> np.ndarray[Any, Any]:
    """Where the picture has the frame's colour."""
    with Image.open(picture) as image:
        return (np.asarray(image.convert("RGB")) == RED).all(axis=2)


def test_the_frame_stands_around_the_printed_value(sample_store: SampleStore, tmp_path: Path) -> None:
    row = indicator(
        sample_store.path, "len(list_distinct(list_transform(places, lambda p: p.page))) = 1 AND table_no > 0"
    )
    out = tmp_path / "page.png"
    done = run_jixiao("show", row["doc_id"], "--indicator", str(row["indicator_no"]), "--image", out,
                      "--store", sample_store.path)  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    framed = red(out)
    (place,) = (p for p in row["places"] if p["field"] == "target_text")
    left, top, right, bottom = (round(edge * DPI / 72) for edge in place["box"])
    middle, centre = (top + bottom) // 2, (left + right) // 2
    assert framed[middle, max(0, left - 6) : left].any()
    assert framed[middle, right : right + 6].any()
    assert framed[max(0, top - 6) : top, centre].any()
    assert framed[bottom : bottom + 6, centre].any()
    with pdfplumber.open(RAW / REPORT) as pdf:
        page = pdf.pages[place["page"] - 1]
        assert framed.shape == pytest.approx((page.height * DPI / 72, page.width * DPI / 72), abs=1)
        assert folded(row["target_text"]) in folded(page.crop(place["box"], strict=False).extract_text())


def test_a_value_that_a_page_cuts_shows_both_pages(sample_store: SampleStore, tmp_path: Path) -> None:
    row = indicator(
        sample_store.path, "len(list_distinct(list_transform(places, lambda p: p.page))) = 2 AND table_no > 0"
    )
    out = tmp_path / "pages.png"
    done = run_jixiao("show", REPORT, "--indicator", str(row["indicator_no"]), "--image", out,
                      "--store", sample_store.path)  # fmt: skip
    assert done.returncode == 0, done.stderr
    framed = red(out)
    half = framed.shape[0] // 2
    assert framed[:half].any()
    assert framed[half:].any()
    with pdfplumber.open(RAW / REPORT) as pdf:
        assert framed.shape[0] == pytest.approx(2 * pdf.pages[0].height * DPI / 72, abs=2)


def test_a_report_in_an_archive_is_found_there(tmp_path: Path) -> None:
    archive = tmp_path / "in" / "历年.zip"
    archive.parent.mkdir()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.write(RAW / REPORT, "农业厅/自评.pdf")
    store = tmp_path / "store"
    assert run_jixiao("ingest", archive.parent, "--store", store).returncode == 0
    done = run_jixiao("show", "历年.zip!农业厅/自评.pdf", "--indicator", "1", "--image", tmp_path / "x.png",
                      "--store", store)  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert red(tmp_path / "x.png").any()


def test_word_has_no_pages(sample_store: SampleStore, tmp_path: Path) -> None:
    done = run_jixiao("show", "2021/中小河流自评报告.docx", "--indicator", "1", "--image", tmp_path / "x.png",
                      "--store", sample_store.path)  # fmt: skip
    assert done.returncode == 2
    assert "nothing to draw" in done.stderr
    assert not (tmp_path / "x.png").exists()


@pytest.mark.parametrize("change", ["moved", "other"])
def test_a_file_that_is_gone_or_another_can_be_given(tmp_path: Path, change: str) -> None:
    file = tmp_path / "in" / "自评.pdf"
    file.parent.mkdir()
    shutil.copy(RAW / REPORT, file)
    store = tmp_path / "store"
    assert run_jixiao("ingest", file.parent, "--store", store).returncode == 0
    file.unlink()
    if change == "other":
        file.write_bytes(b"%PDF-1.4 another")
    show = ("show", "自评.pdf", "--indicator", "1", "--image", tmp_path / "x.png", "--store", store)
    done = run_jixiao(*show)
    assert done.returncode == 2
    assert "--file" in done.stderr
    done = run_jixiao(*show, "--file", RAW / REPORT)
    assert done.returncode == 0, done.stderr
    assert Image.open(io.BytesIO((tmp_path / "x.png").read_bytes())).format == "PNG"
