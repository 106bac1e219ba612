"""Text dumps: encodings, tables, residue."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from parsers.formats.decode import decode
from parsers.formats.sniff import sniff
from parsers.formats.text import read_text
from schemas.blocks import Document, Paragraph, Table
from schemas.errors import UnreadableFile

TEXT = "一、项目概况\n本项目2023年预算100万元，执行率98%。\n绩效目标完成情况良好，未发现问题。\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"]
)
def test_encodings_with_and_without_mark(encoding: str) -> None:
    assert decode(TEXT.encode(encoding))[0].lstrip("\ufeff") == TEXT


def test_a_cut_last_character_is_left_out_and_told() -> None:
    text, warnings = decode(TEXT.rstrip("\n").encode()[:-1])
    assert text == TEXT.rstrip("\n")[:-1]
    assert warnings == ("the last 2 bytes are half a character and were left out",)


@pytest.mark.parametrize("data", [bytes(range(256)) * 20, b"\x00\x01\x02\x03" * 500])
def test_binary_is_no_text(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read_text(data)
    assert caught.value.category in ("unsupported", "encoding")


@pytest.mark.parametrize("data", [b"", b"\n \r\n", b"\xef\xbb\xbf", b"\xff\xfe\n\x00"])
def test_nothing_printed_is_empty(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as caught:
        sniff(data)
    assert caught.value.category == "empty"


def blocks(text: str) -> Document:
    return read_text(text.encode())


def cells(table: Table) -> list[list[str]]:
    rows: list[list[str]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row - 1].append(cell.text)
    return rows


def test_a_cell_a_line_with_lines_in_cells_and_ragged_rows() -> None:
    document = blocks(
        "前\n\t资金\n情况\n\t年度金额：\n\t10930\n\n\t\n\t其中：中央\n\t10930\n\n\t合计\n\n后。\n"
    )
    assert [type(b) for b in document.blocks] == [Paragraph, Table, Paragraph]
    table = document.blocks[1]
    assert isinstance(table, Table)
    assert cells(table) == [["资金\n情况", "年度金额：", "10930"], ["", "其中：中央", "10930"], ["合计"]]
    assert (table.n_rows, table.n_columns) == (3, 3)
    assert [(c.row, c.col) for c in table.cells] == [(1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3), (3, 1)]


def test_tables_parted_by_a_line_are_two() -> None:
    document = blocks("\t甲\n\n中间一段\n\t乙\n\n")
    assert [type(b) for b in document.blocks] == [Table, Paragraph, Table]


def test_rows_on_a_line_are_a_table_and_contents_entries_are_not() -> None:
    table = blocks("指标\t目标值\t完成值\n培训人次\t≥100\t120\n").blocks[0]
    assert isinstance(table, Table)
    assert cells(table) == [["指标", "目标值", "完成值"], ["培训人次", "≥100", "120"]]
    contents = blocks("目录\n一、项目概况\t1\n二、项目绩效\t12\n")
    assert all(isinstance(b, Paragraph) for b in contents.blocks)


def test_residue_and_invisible_characters_are_dropped() -> None:
    document = blocks("[bookmark: _Toc123]一、项目\u200b概况\x0b[bookmark: _GoBack]\n")
    assert [b.text for b in document.blocks if isinstance(b, Paragraph)] == ["一、项目概况"]


@given(st.binary(max_size=300))
def test_any_bytes_are_a_document_or_told(data: bytes) -> None:
    with suppress(UnreadableFile):
        assert read_text(data).blocks
