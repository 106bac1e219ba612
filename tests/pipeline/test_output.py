from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from pipeline.commands.output import (
    aligned_text,
    csv_text,
    distinct_names,
    json_text,
    jsonable,
    one_line,
    plain,
    safe,
    shown,
)
from schemas.records import FieldPlace


@pytest.mark.parametrize(
    ("value", "in_csv", "for_eyes"),
    [
        (None, "", ""),
        (280000.0, "280000.0", "280000"),
        (30.5, "30.5", "30.5"),
        (True, "true", "true"),
        (date(2025, 6, 30), "2025-06-30", "2025-06-30"),
        (datetime(2025, 6, 30, 8, tzinfo=UTC), "2025-06-30T08:00:00+00:00", "2025-06-30T08:00:00+00:00"),
        (["优", None], '["优", null]', '["优", null]'),
        (
            {"field": "name", "page": None},
            '{"field": "name", "page": null}',
            '{"field": "name", "page": null}',
        ),
        (b"\x01\xff", "01ff", "01ff"),
    ],
)
def test_values(value: Any, in_csv: str, for_eyes: str) -> None:
    assert (plain(value), shown(value)) == (in_csv, for_eyes)


def test_json_has_places_as_objects_and_no_number_that_json_lacks() -> None:
    place = FieldPlace("name", 3, None, None, 0, 4)
    assert jsonable([place, float("nan"), Decimal("12"), Decimal("0.5")]) == [
        {
            "field": "name",
            "block_no": 3,
            "row_no": None,
            "column_no": None,
            "char_start": 0,
            "char_end": 4,
            "page": None,
            "box": None,
            "sheet_cell": None,
            "confidence": None,
        },
        None,
        12,
        0.5,
    ]


def test_chinese_columns_are_aligned_and_numbers_stand_right() -> None:
    lines = list(aligned_text(("名称", "n"), [("研发投入", 5.0), ("a", None), ("论文", 1200.0)]))
    assert lines == [
        "名称         n\n",
        "────────  ────\n",
        "研发投入     5\n",
        "a             \n",
        "论文      1200\n",
    ]


@given(st.lists(st.tuples(st.text(), st.one_of(st.none(), st.integers(), st.text()))))
def test_every_line_takes_the_same_width(rows: list[tuple[Any, ...]]) -> None:
    lines = list(aligned_text(("指标", "value"), rows))
    assert len(lines) == len(rows) + 2
    assert len({cell_len(line.rstrip("\n")) for line in lines}) == 1


@pytest.mark.parametrize("text", ["\x1b[31mred", "\x9b31m", "a\x07", "\u202eabc", "a\rb", "\x7f"])
def test_what_drives_a_terminal_is_made_visible(text: str) -> None:
    assert not set(safe(text)) & set("\x1b\x9b\x07\u202e\r\x7f")
    assert "\\x" in safe(text)


def test_a_line_feed_stays_in_a_cell_and_shows_in_a_line() -> None:
    assert (safe("产\n出"), one_line("产\n出\t1")) == ("产\n出", "产⏎出 1")


def test_csv_is_quoted_where_needed_and_leaves_formulas_alone() -> None:
    table = pa.table({"名称": ["a,b", '说"好"', "=1+1", "两\n行"], "n": [1, None, 2, 3]})
    assert "".join(csv_text(table)) == '名称,n\n"a,b",1\n"说""好""",\n=1+1,2\n"两\n行",3\n'


def test_json_is_one_array_also_when_empty() -> None:
    assert "".join(json_text(pa.table({"a": [1, 2]}))) == '[\n  {"a": 1},\n  {"a": 2}\n]\n'
    assert "".join(json_text(pa.table({"a": pa.array([], pa.int64())}))) == "[]\n"


def test_columns_of_one_name_are_told_apart() -> None:
    assert distinct_names(["a", "a", "b", "a"]) == ["a", "a_1", "b", "a_2"]
