"""What counts as an exact cell in the comparison with other tools."""

from tests.bench.bench_peers import TrueCell, exact_cells, junk
from tests.bench.peer_reader import Row, html_rows, markdown_rows

TRUE = [
    TrueCell("产出", range(2)),  # merged over both rows
    TrueCell("数量", range(1)),
    TrueCell("5", range(1)),
    TrueCell("质量", range(1, 2)),
    TrueCell("5", range(1, 2)),
]


def exact(*rows: Row) -> int:
    return exact_cells(TRUE, rows)


def test_text_counts_in_its_row_whatever_the_columns_and_the_order() -> None:
    assert exact(["产出", "数量", "5"], ["质量", "5"]) == 5
    assert exact(["", "5", "质 量", ""], ["5", "数\n量", "产出"]) == 5


def test_a_merged_cell_counts_once_in_any_of_its_rows() -> None:
    assert exact(["数量", "5"], ["产出", "质量", "5"]) == 5
    assert exact(["产出", "数量", "5"], ["产出", "质量", "5"]) == 5


def test_text_in_another_row_or_cut_or_told_once_for_two_does_not_count() -> None:
    assert exact(["产出", "数量", "5"], ["质量"], ["5"]) == 4
    assert exact(["产出", "数", "5"], ["", "量", ""], ["质量", "5"]) == 4
    assert exact(["产出", "数量", "5", "质量"]) == 3
    assert exact() == 0


def test_junk_is_what_no_true_cell_is_like() -> None:
    assert junk(TRUE, [["产出", "数量5"], ["", "５"]]) == (1, 3)


def test_tables_are_read_from_markdown_and_html() -> None:
    assert markdown_rows("文\n\n| a\\|b | 甲<br>乙 |\n| --- | :-: |\n|  | &lt;5 |\n") == [
        ["a|b", "甲\n乙"],
        ["", "<5"],
    ]
    assert html_rows("<table><tr><td>甲<b>乙</b></td><th></th></tr><tr><td>5</td></tr></table>") == [
        ["甲乙", ""],
        ["5"],
    ]
