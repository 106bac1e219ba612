"""Spans and rules to lines and tables: each test is one way in which pages are ruled."""

import random
import time
from collections.abc import Sequence

import pytest

from parsers.formats.page_layout import can_hold_text, lay_out
from parsers.formats.pages import Grid, Line, Page, Rule, Span
from tests.support_pdf import FormCell, border_pieces

COLUMNS = (50, 150, 250, 350)
ROWS = (100, 130, 160, 190)
PLAIN = tuple(FormCell(row, col, row + 1, col + 1, f"{row}{col}") for row in range(3) for col in range(3))
MERGED = (
    FormCell(0, 0, 1, 3, "题"),
    FormCell(1, 0, 3, 1, "产出"),
    FormCell(1, 1, 2, 2, "a"),
    FormCell(1, 2, 2, 3, "b"),
    FormCell(2, 1, 3, 3, "c"),
)


def rule(x0: float, y0: float, x1: float, y1: float, thick: float = 0.5) -> Rule:
    half = thick / 2
    return Rule(x0, y0 - half, x1, y0 + half) if y0 == y1 else Rule(x0 - half, y0, x0 + half, y1)


def rules_of(
    cells: Sequence[FormCell], columns: Sequence[float] = COLUMNS, rows: Sequence[float] = ROWS
) -> list[Rule]:
    return [rule(*piece) for piece in border_pieces(columns, rows, cells)]


def span(text: str, left: float, top: float, size: float = 10) -> Span:
    return Span(text, left, top, left + size * len(text), top + size)


def spans_of(
    cells: Sequence[FormCell], columns: Sequence[float] = COLUMNS, rows: Sequence[float] = ROWS
) -> list[Span]:
    return [span(cell.text, columns[cell.col] + 5, rows[cell.row] + 8) for cell in cells]


def laid(spans: Sequence[Span], rules: Sequence[Rule]) -> Page:
    return lay_out(1, 595, 842, spans, rules)


def read_cells(grid: Grid) -> list[tuple[int, int, int, int, str]]:
    return [
        (cell.row, cell.col, cell.row_span, cell.col_span, "/".join(map(text_of, cell.lines)))
        for cell in grid.cells
    ]


def text_of(line: Line) -> str:
    return "|".join(span.text for span in line.spans)


def only_grid(page: Page) -> Grid:
    (grid,) = page.items
    assert isinstance(grid, Grid)
    return grid


def texts(page: Page) -> list[str]:
    return [
        text_of(item) if isinstance(item, Line) else f"[{item.n_rows}x{item.n_columns}]"
        for item in page.items
    ]


def as_drawn(cells: Sequence[FormCell]) -> list[tuple[int, int, int, int, str]]:
    return [
        (cell.row + 1, cell.col + 1, cell.end_row - cell.row, cell.end_col - cell.col, cell.text)
        for cell in cells
    ]


@pytest.mark.parametrize("cells", [PLAIN, MERGED], ids=["plain", "merged"])
def test_cells_are_read_as_ruled(cells: tuple[FormCell, ...]) -> None:
    grid = only_grid(laid(spans_of(cells), rules_of(cells)))
    assert read_cells(grid) == as_drawn(cells)
    assert (grid.n_rows, grid.n_columns) == (3, 3)
    assert grid.box == (50, 100, 350, 190)


def doubled(rules: Sequence[Rule]) -> list[Rule]:
    return [Rule(r.left + d, r.top + d, r.right + d, r.bottom + d) for r in rules for d in (-1.2, 1.2)]


def gapped(rules: Sequence[Rule]) -> list[Rule]:
    return [
        Rule(r.left + 1, r.top, r.right - 1, r.bottom)
        if r.right - r.left > r.bottom - r.top
        else Rule(r.left, r.top + 1, r.right, r.bottom - 1)
        for r in rules
    ]


def dashed(rules: Sequence[Rule]) -> list[Rule]:
    pieces = []
    for r in rules:
        if r.right - r.left > r.bottom - r.top:
            pieces += [
                Rule(x, r.top, min(x + 3, r.right), r.bottom) for x in range(int(r.left), int(r.right), 6)
            ]
        else:
            pieces += [
                Rule(r.left, y, r.right, min(y + 3, r.bottom)) for y in range(int(r.top), int(r.bottom), 6)
            ]
    return pieces


def dotted(rules: Sequence[Rule]) -> list[Rule]:
    pieces = []
    for r in rules:
        if r.right - r.left > r.bottom - r.top:
            pieces += [Rule(x, r.top, x + 0.5, r.bottom) for x in range(int(r.left), int(r.right), 2)]
        else:
            pieces += [Rule(r.left, y, r.right, y + 0.5) for y in range(int(r.top), int(r.bottom), 2)]
    return pieces


def jittery(rules: Sequence[Rule]) -> list[Rule]:
    drawn = random.Random(7)
    moved = []
    for r in rules:
        across = r.right - r.left > r.bottom - r.top
        off, short, longer = drawn.uniform(-1.5, 1.5), drawn.uniform(-2, 2), drawn.uniform(-2, 2)
        if across:
            moved.append(Rule(r.left + short, r.top + off, r.right + longer, r.bottom + off))
        else:
            moved.append(Rule(r.left + off, r.top + short, r.right + off, r.bottom + longer))
    return moved


def thick(rules: Sequence[Rule]) -> list[Rule]:
    return [
        Rule(r.left, r.top - 1, r.right, r.bottom + 1)
        if r.right - r.left > r.bottom - r.top
        else Rule(r.left - 1, r.top, r.right + 1, r.bottom)
        for r in rules
    ]


@pytest.mark.parametrize("cells", [PLAIN, MERGED], ids=["plain", "merged"])
@pytest.mark.parametrize("drawn", [doubled, gapped, dashed, dotted, jittery, thick])
def test_rules_need_not_be_neat(drawn, cells) -> None:  # type: ignore[no-untyped-def]
    assert read_cells(only_grid(laid(spans_of(cells), drawn(rules_of(cells))))) == as_drawn(cells)


def test_joints_drawn_as_squares_of_their_own() -> None:
    squares = [Rule(x - 0.25, y - 0.25, x + 0.25, y + 0.25) for x in COLUMNS for y in ROWS]
    assert read_cells(only_grid(laid(spans_of(PLAIN), gapped(rules_of(PLAIN)) + squares))) == as_drawn(PLAIN)


def test_open_left_and_right_sides_are_closed_where_the_rules_end() -> None:
    rules = [r for r in rules_of(MERGED) if not (r.right - r.left < 1 and (r.left < 51 or r.right > 349))]
    grid = only_grid(laid(spans_of(MERGED), rules))
    assert read_cells(grid) == as_drawn(MERGED)
    assert grid.box == (50, 100, 350, 190)


def test_open_bottom_is_closed_where_the_rules_end() -> None:
    rules = [r for r in rules_of(PLAIN) if r.top < 189 or r.bottom - r.top > 1]
    assert read_cells(only_grid(laid(spans_of(PLAIN), rules))) == as_drawn(PLAIN)


def test_a_cell_that_a_page_cuts_without_a_rule_is_one() -> None:
    rules = [rule(x, 100, x, 160) for x in (50, 150, 250)]
    rules += [rule(50, 100, 250, 100), rule(150, 130, 250, 130), rule(150, 160, 250, 160)]
    spans = [span("产出", 55, 110), span("a", 155, 108), span("b", 155, 138)]
    assert read_cells(only_grid(laid(spans, rules))) == [
        (1, 1, 2, 1, "产出"), (1, 2, 1, 1, "a"), (2, 2, 1, 1, "b"),
    ]  # fmt: skip


def test_a_label_beside_all_rows_is_a_cell_without_rules_above_and_below() -> None:
    rules = [rule(x, 100, x, 160) for x in (50, 150, 250)]
    rules += [rule(150, y, 250, y) for y in (100, 130, 160)]
    spans = [span("指标", 55, 125), span("a", 155, 108), span("b", 155, 138)]
    assert read_cells(only_grid(laid(spans, rules))) == [
        (1, 1, 2, 1, "指标"), (1, 2, 1, 1, "a"), (2, 2, 1, 1, "b"),
    ]  # fmt: skip


def test_rules_of_another_table_do_not_move_a_table_s_own() -> None:
    lower = (250, 280, 310, 340)
    near = (50, 153, 253, 350)
    rules = [*rules_of(PLAIN), *rules_of(PLAIN, near, lower)]
    page = laid([*spans_of(PLAIN), *spans_of(PLAIN, near, lower)], rules)
    sides = [
        sorted({x for cell in item.cells for x in cell.box[::2]})
        for item in page.items
        if isinstance(item, Grid)
    ]
    assert sides == [list(COLUMNS), list(near)]


def test_rules_in_no_table_are_kept_as_levels() -> None:
    rules = [rule(60, y, 500, y) for y in (100, 130, 400)] + rules_of(PLAIN, rows=(500, 530, 560, 590))
    assert [level.top for level in laid(spans_of(PLAIN, rows=(500, 530, 560, 590)), rules).levels] == [
        100,
        130,
        400,
    ]


@pytest.mark.parametrize(
    ("pictures", "can"),
    [
        ([(400, 600, 520, 720)], False),
        ([(0, 0, 595, 80)], False),
        ([(60, 300, 500, 420)], True),
        ([(60, 300 + 30 * at, 500, 330 + 30 * at) for at in range(10)], True),
    ],
    ids=["a seal", "the band of a letterhead", "a table", "slices of one"],
)
def test_pictures_that_may_show_a_table(pictures: list[tuple[float, float, float, float]], can: bool) -> None:
    assert can_hold_text(pictures, 595, 842) is can


def test_a_frame_round_a_paragraph_is_no_table() -> None:
    frame = rules_of([FormCell(0, 0, 3, 3, "")])
    assert texts(laid([span("说明", 60, 110), span("其他", 60, 125)], frame)) == ["说明", "其他"]


def test_a_frame_round_the_page_leaves_the_table_in_it() -> None:
    page_frame = [
        rule(20, 20, 575, 20),
        rule(20, 822, 575, 822),
        rule(20, 20, 20, 822),
        rule(575, 20, 575, 822),
    ]
    page = laid([span("标题", 60, 40), *spans_of(PLAIN)], page_frame + rules_of(PLAIN))
    assert texts(page) == ["标题", "[3x3]"]


def test_underlines_are_no_table() -> None:
    rules = [rule(100, 112, 200, 112), rule(100, 132, 200, 132)]
    assert texts(laid([span("单位", 60, 100), span("甲", 110, 100)], rules)) == ["单位|甲"]


def test_an_underline_in_a_merged_cell_divides_nothing() -> None:
    rules = [*rules_of(MERGED), rule(60, 160, 100, 160)]
    assert read_cells(only_grid(laid(spans_of(MERGED), rules))) == as_drawn(MERGED)


def test_a_small_box_in_a_cell_divides_nothing() -> None:
    box = [
        rule(200, 110, 208, 110),
        rule(200, 118, 208, 118),
        rule(200, 110, 200, 118),
        rule(208, 110, 208, 118),
    ]
    assert read_cells(only_grid(laid(spans_of(PLAIN), rules_of(PLAIN) + box))) == as_drawn(PLAIN)


def test_tables_side_by_side_stay_two() -> None:
    moved = [Rule(r.left + 310, r.top, r.right + 310, r.bottom) for r in rules_of(PLAIN, (50, 100, 150, 200))]
    left = rules_of(PLAIN, (50, 100, 150, 200))
    spans = [*spans_of(PLAIN, (50, 100, 150, 200)), *spans_of(PLAIN, (360, 410, 460, 510))]
    page = laid(spans, left + moved)
    assert texts(page) == ["[3x3]", "[3x3]"]
    assert [read_cells(item) for item in page.items if isinstance(item, Grid)] == [as_drawn(PLAIN)] * 2


def test_a_table_within_a_cell_gives_its_text_to_the_cell() -> None:
    inner = rules_of(PLAIN, (160, 180, 200, 220), (106, 112, 118, 124))
    outer = [FormCell(0, 0, 1, 1, "名"), FormCell(0, 1, 1, 2, "")]
    page = laid([span("名", 60, 110), span("内", 165, 106, 5)], rules_of(outer) + inner)
    assert read_cells(only_grid(page)) == [(1, 1, 1, 1, "名"), (1, 2, 1, 1, "内")]


def test_a_ruled_table_without_text_is_left_out() -> None:
    assert texts(laid([span("图", 60, 60)], rules_of(PLAIN))) == ["图"]


def test_boxes_joined_by_lines_are_a_drawing() -> None:
    boxes = [(50, 100, 120, 130), (250, 100, 320, 130), (50, 300, 120, 330)]
    rules = [
        rule(*side)
        for left, top, right, bottom in boxes
        for side in (
            (left, top, right, top), (left, bottom, right, bottom), (left, top, left, bottom), (right, top, right, bottom)
        )
    ]  # fmt: skip
    rules += [rule(120, 115, 250, 115), rule(85, 130, 85, 300)]
    spans = [span("申报", 60, 110), span("评审", 260, 110), span("验收", 60, 310)]
    assert texts(laid(spans, rules)) == ["申报|评审", "验收"]


def test_text_above_between_and_below_tables_keeps_its_order() -> None:
    lower = (300, 330, 360, 390)
    page = laid(
        [
            span("下", 60, 420),
            *spans_of(PLAIN),
            span("中", 60, 230),
            *spans_of(PLAIN, rows=lower),
            span("上", 60, 60),
        ],
        rules_of(PLAIN) + rules_of(PLAIN, rows=lower),
    )
    assert texts(page) == ["上", "[3x3]", "中", "[3x3]", "下"]


def test_upright_words_in_a_side_cell_become_lines() -> None:
    side = [span(char, 60, 135 + 12 * index) for index, char in enumerate("产出指标")]
    cells = [cell for cell in MERGED if cell.text != "产出"]
    grid = only_grid(laid([*side, *spans_of(cells)], rules_of(MERGED)))
    assert read_cells(grid)[1] == (2, 1, 2, 1, "产/出/指/标")


def test_spans_of_a_line_stand_from_the_left() -> None:
    page = laid([span("乙", 200, 101), span("甲", 60, 100), span("丙", 60, 115)], [])
    assert texts(page) == ["甲|乙", "丙"]
    assert page.items[0].box == (60, 100, 210, 111)


def test_a_tall_span_beside_lines_does_not_join_them() -> None:
    side = Span("装订线", 20, 90, 30, 300)
    page = laid([side, *(span(text, 60, 100 + 15 * row) for row, text in enumerate("甲乙丙"))], [])
    assert texts(page) == ["装订线", "甲", "乙", "丙"]


def test_a_region_that_is_no_rectangle_is_cut_into_cells() -> None:
    """The side between the first two cells of the first row is missing, but not the one below: an L."""
    rules = [r for r in rules_of(PLAIN) if not (r.right - r.left < 1 and 149 < r.left < 151 and r.top < 101)]
    rules = [r for r in rules if not (r.bottom - r.top < 1 and 129 < r.top < 131 and r.left < 51)]
    grid = only_grid(laid(spans_of(PLAIN), rules))
    assert sorted(c[-1] for c in read_cells(grid)) == ["00|01", "02", "10", "11", "12", "20", "21", "22"]


def test_time_grows_with_the_rules() -> None:
    """A page of 12,000 cells is laid out in seconds; every pair of its rules would take minutes."""
    columns, rows = [10 + 24 * n for n in range(61)], [10 + 24 * n for n in range(201)]
    cells = [FormCell(row, col, row + 1, col + 1, "1") for row in range(200) for col in range(60)]
    start = time.perf_counter()
    page = lay_out(1, 1500, 4900, spans_of(cells, columns, rows), rules_of(cells, columns, rows))
    assert time.perf_counter() - start < 20
    assert texts(page) == ["[200x60]"]


def boxed(columns: Sequence[float], rows: Sequence[float]) -> list[Rule]:
    """The rules of a table without merged cells."""
    across = [rule(columns[0], y, columns[-1], y) for y in rows]
    return across + [rule(x, rows[0], x, rows[-1]) for x in columns]


def test_a_form_beside_very_many_boxes_stays_a_table() -> None:
    corners = [(x, y) for x in range(50, 500, 20) for y in range(300, 480, 20)]
    ticked = [span("是", x + 1, y + 1, 6) for x, y in corners]
    boxes = [piece for x, y in corners for piece in boxed((x, x + 6, x + 12), (y, y + 6, y + 12))]
    form = [span("名称", 60, 55), span("水渠", 160, 55)]
    page = laid([*form, *ticked], boxed((50, 150, 250), (50, 70, 90)) + boxes)
    grids = [item for item in page.items if isinstance(item, Grid)]
    assert (len(corners), len(grids)) == (207, 200)
    assert [text for *_, text in read_cells(grids[0])] == ["名称", "水渠", "", ""]
