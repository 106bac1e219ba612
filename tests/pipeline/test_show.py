from typing import Any

import duckdb
import pytest

from pipeline import open_store
from pipeline.commands.screens import excerpt_table, marked_text
from pipeline.show import Paragraph, TableExcerpt, Wanted, find_document, merged, outline, passage
from schemas.errors import UsageError
from schemas.records import StoredCell
from tests.pipeline import fakes
from tests.pipeline.conftest import read_in


@pytest.fixture(scope="module")
def con(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("shown")
    (folder / "in").mkdir()
    (folder / "in" / "a.txt").write_bytes(
        fakes.report(
            2023, *((f"指标{n}", n, n) for n in range(1, 11)), text=("前文。", "今年预算28万元。", "后文。")
        )
    )
    (folder / "in" / "two.txt").write_bytes(fakes.report(2023, ("x", 1, 2)) + fakes.report(2024, ("y", 3, 4)))
    read_in(folder / "in", store=folder / "data")
    with open_store(folder / "data") as connection:
        yield connection


def shown(con: duckdb.DuckDBPyConnection, source: str, kind: str, number: int, **more: int) -> Any:
    return passage(con, find_document(con, source), Wanted(kind, number, **more))


def test_a_sentence_comes_with_its_neighbours_and_its_characters_marked(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = shown(con, "a.txt", "funding", 2)
    assert found.excerpts == (
        Paragraph(2, "前文。"),
        Paragraph(3, "今年预算28万元。", ((4, 8),)),
        Paragraph(4, "后文。"),
    )
    assert {f.name: (f.value, f.places) for f in found.fields if f.places} == {
        "amount_text": ("28万元", ("第3段 字4–8",))
    }


def test_a_table_comes_with_its_header_and_the_rows_around(con: duckdb.DuckDBPyConnection) -> None:
    found = shown(con, "a.txt", "indicator", 6)
    (excerpt,) = found.excerpts
    assert isinstance(excerpt, TableExcerpt)
    assert excerpt.rows == (1, 5, 6, 7, 8, 9)
    assert excerpt.marks == {(7, 1): ((0, 3),), (7, 2): ((1, 2),), (7, 3): ((0, 3),)}
    assert {f.name: f.places for f in found.fields if f.places} == {
        "name": ("表1 第7行 第1列 字0–3",),
        "target_value": ("表1 第7行 第2列 字1–2",),
        "actual_text": ("表1 第7行 第3列 字0–3",),
    }


def test_every_marked_piece_is_what_was_printed(con: duckdb.DuckDBPyConnection) -> None:
    for number in range(1, 11):
        found = shown(con, "a.txt", "indicator", number)
        (excerpt,) = found.excerpts
        texts = {(c.row, c.col): c.text for c in excerpt.cells}
        pieces = [texts[cell][start:end] for cell, spans in excerpt.marks.items() for start, end in spans]
        assert pieces == [
            found.record["name"],
            f"{found.record['target_value']:g}",
            found.record["actual_text"],
        ]


def test_one_row_of_a_table_is_marked_as_a_whole(con: duckdb.DuckDBPyConnection) -> None:
    (excerpt,) = shown(con, "a.txt", "table", 1, row=3).excerpts
    assert excerpt.rows == (1, 2, 3, 4, 5)
    assert excerpt.marks == {(3, 1): ((0, 3),), (3, 2): ((0, 4),), (3, 3): ((0, 3),)}


def test_a_section_comes_with_its_blocks(con: duckdb.DuckDBPyConnection) -> None:
    texts = [e.text for e in shown(con, "a.txt", "section", 1).excerpts]
    assert texts == ["一、项目绩效情况", "前文。", "今年预算28万元。", "后文。", "[表1]"]


def test_a_block_comes_with_its_neighbours(con: duckdb.DuckDBPyConnection) -> None:
    assert [e.block_no for e in shown(con, "a.txt", "block", 3).excerpts] == [2, 3, 4]


def test_a_number_that_several_reports_have_needs_the_report(con: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(UsageError, match="--report N"):
        shown(con, "two.txt", "indicator", 1)
    assert shown(con, "two.txt", "indicator", 1, report_no=2).record["name"] == "y"


@pytest.mark.parametrize(("kind", "number", "more"), [
    ("indicator", 99, {}), ("table", 1, {"row": 99}), ("indicator", 1, {"row": 1}), ("indicator", 1, {"report_no": 5}),
])  # fmt: skip
def test_what_is_not_there_is_wrong_usage(
    con: duckdb.DuckDBPyConnection, kind: str, number: int, more: dict[str, int]
) -> None:
    with pytest.raises(UsageError):
        shown(con, "a.txt", kind, number, **more)


def test_a_document_is_found_by_the_beginning_of_its_key(con: duckdb.DuckDBPyConnection) -> None:
    document = find_document(con, "a.txt")
    assert find_document(con, document["doc_id"][:6]) == document
    for name in ("", "no such"):
        with pytest.raises(UsageError):
            find_document(con, name)


def test_the_outline_counts_the_records_of_each_report(con: duckdb.DuckDBPyConnection) -> None:
    whole = outline(con, find_document(con, "two.txt"), None)
    assert [r.report["fiscal_year"] for r in whole.reports] == [2023, 2024]
    assert whole.reports[0].counts == {
        "indicators": 1,
        "funding": 0,
        "projects": 1,
        "scores": 1,
        "remarks": 1,
    }
    assert [(t["caption"], t["n_rows"]) for t in whole.reports[1].tables] == [("绩效目标完成情况表", 2)]
    assert len(outline(con, find_document(con, "two.txt"), 2).reports) == 1
    with pytest.raises(UsageError, match="no report 3"):
        outline(con, find_document(con, "two.txt"), 3)


def test_marks_that_touch_become_one() -> None:
    assert merged([(5, 7), (0, 2), (1, 3), (3, 4), (9, 9)]) == ((0, 4), (5, 7))


def test_marks_stand_in_brackets_outside_a_terminal_and_are_reversed_in_one() -> None:
    assert marked_text("预算28万元。", ((2, 6),), terminal=False).plain == "预算【28万元】。"
    text = marked_text("\x1b预算28万元。", ((3, 7),), terminal=True)
    assert text.plain == "\\x1b预算28万元。"
    assert [text.plain[s.start : s.end] for s in text.spans] == ["28万元"]


def test_a_merged_cell_stands_once_where_it_is_first_visible() -> None:
    cells = (StoredCell(1, 1, 3, 1, "产出指标", None), StoredCell(2, 2, 1, 2, "数量", None))
    drawn = excerpt_table(TableExcerpt(1, None, 3, 0, (2, 3), cells, {}), terminal=False)
    columns = [[str(c) for c in column.cells] for column in drawn.columns]
    assert columns == [["…", "2", "3"], ["", "产出指标", ""], ["", "数量", ""], ["", "", ""]]
