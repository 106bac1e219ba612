"""The Word reader, one peculiarity a test; expected values are worked out by hand."""

import contextlib
import io
import random
import re
import zipfile
from pathlib import Path

import docx as python_docx
import pytest
from docx.table import Table as YardstickTable
from docx.text.paragraph import Paragraph as YardstickParagraph
from hypothesis import given, settings
from hypothesis import strategies as st

from parsers.formats import zipped as zipped_module
from parsers.formats.word import read_word
from schemas.blocks import Cell, Document, Heading, Paragraph, Table
from schemas.errors import UnreadableFile
from tests.support_docx import docx, num, p, r, tbl, tc, tr, zipped
from tests.support_ole import compound

SAMPLES = Path(__file__).parents[3].parent / "shared" / "reports" / "word"


def printed(body: str, **parts: str) -> list[str]:
    """The texts of the blocks; a table as its cells in brackets."""
    blocks = read_word(docx(body, **parts)).blocks  # type: ignore[arg-type]
    return [
        "[" + "|".join(cell.text for cell in block.cells) + "]" if isinstance(block, Table) else block.text
        for block in blocks
    ]


def paragraph(inner: str) -> str:
    return f"<w:p>{inner}</w:p>"


def text_box(content: str) -> str:
    return (
        '<w:r><mc:AlternateContent><mc:Choice Requires="wps"><w:drawing><wps:wsp><wps:txbx>'
        f"<w:txbxContent>{content}</w:txbxContent></wps:txbx></wps:wsp></w:drawing></mc:Choice><mc:Fallback>"
        f"<w:pict><v:shape><v:textbox><w:txbxContent>{content}</w:txbxContent></v:textbox></v:shape></w:pict>"
        "</mc:Fallback></mc:AlternateContent></w:r>"
    )


def run(inner: str) -> str:
    return f"<w:r>{inner}</w:r>"


def field(*kinds_and_runs: str) -> str:
    marks = {"begin", "separate", "end"}
    return "".join(
        run(f'<w:fldChar w:fldCharType="{item}"/>') if item in marks else item for item in kinds_and_runs
    )


CODE = run("<w:instrText>PAGEREF _Toc1</w:instrText>")


@pytest.mark.parametrize(
    ("inner", "expected"),
    [
        (r("预算") + r("执行"), "预算执行"),
        (r("甲") + run("<w:tab/>") + r("乙"), "甲\t乙"),
        (r("甲") + run("<w:br/>") + r("乙") + run("<w:cr/>") + r("丙"), "甲\n乙\n丙"),
        (r("甲") + run('<w:br w:type="page"/>') + run('<w:br w:type="column"/>') + r("乙"), "甲乙"),
        (r("甲") + run("<w:noBreakHyphen/>") + r("乙") + run("<w:softHyphen/>") + r("丙"), "甲-乙丙"),
        (run('<w:sym w:font="Symbol" w:char="F0B3"/>') + r("90%"), "≥90%"),
        (run('<w:sym w:font="Symbol" w:char="F0A3"/>') + r("90%"), "≤90%"),
        (run('<w:sym w:font="Wingdings" w:char="F0FE"/><w:sym w:font="Wingdings" w:char="F0A8"/>'), "☑□"),
        (run('<w:sym w:font="Wingdings 2" w:char="F052"/><w:sym w:font="Wingdings 2" w:char="00A3"/>'), "☑□"),
        (run('<w:sym w:font="MS Gothic" w:char="2611"/>'), "☑"),
        (r("甲") + run('<w:sym w:font="Unknown" w:char="F0F9"/><w:sym w:char="x"/>'), "甲"),
        (r("\uf0b3", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>') + r("5"), "≥5"),
        (f'<w:hyperlink r:id="rId9">{r("链接")}</w:hyperlink>', "链接"),
        (f"<w:smartTag><w:smartTagPr/>{r('北京')}</w:smartTag>", "北京"),
        (f'<w:sdt><w:sdtPr><w:alias w:val="年"/></w:sdtPr><w:sdtContent>{r("2024")}</w:sdtContent></w:sdt>', "2024"),
        (r("甲") + f"<w:ins>{r('乙')}</w:ins><w:del>{run('<w:delText>丙</w:delText>')}</w:del>", "甲乙"),
        (f"<w:moveTo>{r('到')}</w:moveTo><w:moveFrom>{r('从')}</w:moveFrom>", "到"),
        (r("见") + field("begin", CODE, "separate", r("3"), "end") + r("页"), "见3页"),
        (r("见") + field("begin", CODE, r("码"), "separate", r("3"), "end"), "见3"),
        (field("begin", CODE, "begin", CODE, "separate", r("内"), "end", "separate", r("外"), "end"), "外"),
        (field("begin", CODE, "separate", r("甲"), "begin", CODE, "separate", r("乙"), "end", "end"), "甲乙"),
        (field("begin", CODE, r("未完")), "未完"),
        (f'<w:fldSimple w:instr="DATE">{r("2024年")}</w:fldSimple>', "2024年"),
        (run("<w:ruby><w:rubyPr/><w:rt><w:r><w:t>jī</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>绩</w:t></w:r>"
             "</w:rubyBase></w:ruby>") + r("效"), "绩效"),
        ("<m:oMath><m:f><m:num><m:r><m:t>x</m:t></m:r></m:num><m:den><m:r><m:t>y</m:t></m:r></m:den></m:f></m:oMath>", "xy"),
        (r("可见") + r("隐藏", "<w:vanish/>"), "可见"),
        (r("可见") + r("也可见", '<w:vanish w:val="0"/>'), "可见也可见"),
        (run('<mc:AlternateContent><mc:Choice Requires="w14"><w:t>一次</w:t></mc:Choice>'
             "<mc:Fallback><w:t>一次</w:t></mc:Fallback></mc:AlternateContent>"), "一次"),
        (run('<mc:AlternateContent><mc:Choice Requires="cx"/><mc:Fallback><w:t>后备</w:t></mc:Fallback>'
             "</mc:AlternateContent>"), "后备"),
        (run("<w:t>甲<!-- 注释 -->乙</w:t>"), "甲乙"),
        (run('<w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:checked/></w:checkBox></w:ffData></w:fldChar>')
         + CODE + field("separate", "end") + r("是"), "☑是"),
    ],
)  # fmt: skip
def test_text_of_a_paragraph(inner: str, expected: str) -> None:
    assert printed(paragraph(inner)) == [expected]


HIDING_STYLES = (
    '<w:style w:type="character" w:styleId="c"><w:rPr><w:vanish/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="z"><w:name w:val="z-窗体顶端"/><w:rPr><w:vanish/></w:rPr></w:style>'
)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (paragraph(r("可见") + r("隐", '<w:rStyle w:val="c"/>')), ["可见"]),
        (p("窗体顶端", '<w:pStyle w:val="z"/>') + p("可见"), ["可见"]),
        (tbl(tr(tc(content=p("窗体顶端", '<w:pStyle w:val="z"/>')), "可见")), ["[|可见]"]),
        (tbl(tr(tc(content=paragraph(r("可见") + r("隐", '<w:rStyle w:val="c"/>'))))), ["[可见]"]),
    ],
)
def test_text_hidden_by_a_style(body: str, expected: list[str]) -> None:
    assert printed(body, styles=HIDING_STYLES) == expected


MARK_DELETED = "<w:rPr><w:del/></w:rPr>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (p("甲", MARK_DELETED) + p("乙") + p("丙"), ["甲乙", "丙"]),
        (p("甲", MARK_DELETED) + p("乙", MARK_DELETED) + p("丙"), ["甲乙丙"]),
        (p("甲", MARK_DELETED) + tbl(tr("乙")), ["甲", "[乙]"]),
        (p("甲", MARK_DELETED), ["甲"]),
        (tbl(tr(tc(content=p("甲", MARK_DELETED) + p("乙") + p("丙")))), ["[甲乙\n丙]"]),
        (tbl(tr("甲"), tr("乙", properties="<w:del/>"), tr("丙", properties="<w:ins/>")), ["[甲|丙]"]),
        (tbl(tr("甲", tc("乙", properties="<w:cellDel/>"), "丙")), ["[甲|丙]"]),
    ],
)
def test_tracked_changes_are_accepted(body: str, expected: list[str]) -> None:
    assert printed(body) == expected


def sdt(inner: str) -> str:
    return f"<w:sdt><w:sdtPr><w:id w:val='1'/></w:sdtPr><w:sdtContent>{inner}</w:sdtContent></w:sdt>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (p("甲") + sdt(p("乙") + tbl(tr("丙"))) + p("丁"), ["甲", "乙", "[丙]", "丁"]),
        (tbl(sdt(tr("甲", "乙")) + tr("丙", "丁")), ["[甲|乙|丙|丁]"]),
        (tbl(tr(sdt(tc("甲")), "乙")), ["[甲|乙]"]),
        (tbl(tr(tc(content=sdt(p("甲") + p("乙"))))), ["[甲\n乙]"]),
        (p("") + p("  \u3000") + p("\u200b") + p("甲"), ["甲"]),
        ("<w:sectPr/>" + p("甲"), ["甲"]),
        (f"<w:customXml>{p('甲')}</w:customXml>", ["甲"]),
        (f"<m:oMathPara><m:oMath><m:r><m:t>x</m:t></m:r></m:oMath></m:oMathPara>{p('甲')}", ["x", "甲"]),
        (paragraph(r("锚") + text_box(p("框一") + p("框二"))) + p("后"), ["锚", "框一", "框二", "后"]),
        (paragraph(text_box(p("框") + tbl(tr("格")))), ["框", "[格]"]),
        (
            tbl(tr(tc(content=paragraph(r("格") + text_box(p("框")))), "邻")) + p("后"),
            ["[格|邻]", "框", "后"],
        ),
        (tbl(tr(tc(content=p("外") + tbl(tr("内")) + p()), "邻")), ["[外|邻]", "[内]"]),
        (tbl(tr(tc(content=tbl(tr("内")) + p()))), ["[内]"]),
        (tbl(tr(tc(content=tbl(tr(tc(content=tbl(tr("最内")) + p("中")))) + p()))), ["[中]", "[最内]"]),
    ],
)
def test_blocks_in_order(body: str, expected: list[str]) -> None:
    assert printed(body) == expected


FOOTNOTES = (
    '<w:footnote w:type="separator" w:id="-1"><w:p/></w:footnote>'
    f'<w:footnote w:id="1">{paragraph(run("<w:footnoteRef/>") + r(" 脚注一"))}</w:footnote>'
    f'<w:footnote w:id="2">{p("脚注二")}{p("又一段")}</w:footnote>'
)
ENDNOTES = f'<w:endnote w:id="1">{p("尾注")}</w:endnote>'


def note(note_id: int, kind: str = "footnote") -> str:
    return run(f'<w:{kind}Reference w:id="{note_id}"/>')


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            paragraph(r("甲") + note(1) + r("乙") + note(2)) + p("丙"),
            ["甲乙", "脚注一", "脚注二\n又一段", "丙"],
        ),
        (paragraph(r("甲") + note(1, "endnote")), ["甲", "尾注"]),
        (tbl(tr(tc(content=paragraph(r("格") + note(1))), "邻")) + p("丙"), ["[格|邻]", "脚注一", "丙"]),
        (paragraph(r("甲") + note(77)), ["甲"]),
    ],
)
def test_notes_follow_what_refers_to_them(body: str, expected: list[str]) -> None:
    assert printed(body, footnotes=FOOTNOTES, endnotes=ENDNOTES) == expected


def named(style_id: str, name: str, more: str = "") -> str:
    return f'<w:style w:type="paragraph" w:styleId="{style_id}"><w:name w:val="{name}"/>{more}</w:style>'


HEADING_STYLES = (
    named("1", "heading 1", '<w:pPr><w:outlineLvl w:val="0"/></w:pPr>')
    + named("x", "标题 2")
    + named("y", "章", '<w:basedOn w:val="x"/>')
    + named("z", "正文", '<w:basedOn w:val="x"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr>')
    + named("loop", "甲", '<w:basedOn w:val="pool"/>')
    + named("pool", "乙", '<w:basedOn w:val="loop"/>')
    + named("t", "toc 1", '<w:basedOn w:val="1"/>')
    + named("th", "TOC Heading", '<w:basedOn w:val="1"/>')
    + named("Title", "Title")
    + '<w:style w:type="table" w:styleId="g"><w:name w:val="heading 3"/></w:style>'
    + named("last", "Heading 3")
)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ('<w:pStyle w:val="1"/>', 1),
        ('<w:pStyle w:val="x"/>', 2),
        ('<w:pStyle w:val="y"/>', 2),
        ('<w:pStyle w:val="last"/>', 3),
        ('<w:outlineLvl w:val="8"/>', 9),
        ('<w:pStyle w:val="1"/><w:outlineLvl w:val="2"/>', 3),
        ('<w:pStyle w:val="1"/><w:outlineLvl w:val="9"/>', None),
        ('<w:pStyle w:val="z"/>', None),
        ('<w:pStyle w:val="t"/>', None),
        ('<w:pStyle w:val="th"/>', None),
        ('<w:pStyle w:val="Title"/>', None),
        ('<w:pStyle w:val="loop"/>', None),
        ('<w:pStyle w:val="undefined"/>', None),
    ],
)
def test_headings(properties: str, expected: int | None) -> None:
    (block,) = read_word(docx(p("概况", properties), styles=HEADING_STYLES)).blocks
    assert block == (Paragraph("概况") if expected is None else Heading("概况", expected))


GRIDS: dict[str, tuple[str, tuple[int, int], list[Cell]]] = {
    "spans": (
        tbl(tr(tc("甲", span=2), "乙"), tr("丙", "丁", "戊")),
        (2, 3),
        [Cell(1, 1, 1, 2, "甲"), Cell(1, 3, 1, 1, "乙"), Cell(2, 1, 1, 1, "丙"), Cell(2, 2, 1, 1, "丁"), Cell(2, 3, 1, 1, "戊")],
    ),
    "vertical merge": (
        tbl(tr(tc("甲", merge="restart"), "乙"), tr(tc(merge="continue"), "丙"), tr(tc(merge="continue"), "丁")),
        (3, 2),
        [Cell(1, 1, 3, 1, "甲"), Cell(1, 2, 1, 1, "乙"), Cell(2, 2, 1, 1, "丙"), Cell(3, 2, 1, 1, "丁")],
    ),
    "text under a merge is kept": (
        tbl(tr(tc("甲", merge="restart")), tr(tc("乙", merge="continue")), tr(tc(merge="continue"))),
        (3, 1),
        [Cell(1, 1, 3, 1, "甲\n乙")],
    ),
    "merge in both directions": (
        tbl(tr(tc("甲", span=2, merge="restart"), "乙"), tr(tc(span=2, merge="continue"), "丙")),
        (2, 3),
        [Cell(1, 1, 2, 2, "甲"), Cell(1, 3, 1, 1, "乙"), Cell(2, 3, 1, 1, "丙")],
    ),
    "merge by grid column, not by number": (
        tbl(tr(tc("甲", span=2), tc("乙", merge="restart")), tr("丙", "丁", tc(merge="continue"))),
        (2, 3),
        [Cell(1, 1, 1, 2, "甲"), Cell(1, 3, 2, 1, "乙"), Cell(2, 1, 1, 1, "丙"), Cell(2, 2, 1, 1, "丁")],
    ),
    "continuation without an anchor": (
        tbl(tr(tc("甲", merge="continue"), "乙"), tr(tc(merge="continue"), "丙")),
        (2, 2),
        [Cell(1, 1, 2, 1, "甲"), Cell(1, 2, 1, 1, "乙"), Cell(2, 2, 1, 1, "丙")],
    ),
    "continuation of another width": (
        tbl(tr(tc("甲", merge="restart"), "乙"), tr(tc("丙", span=2, merge="continue"))),
        (2, 2),
        [Cell(1, 1, 1, 1, "甲"), Cell(1, 2, 1, 1, "乙"), Cell(2, 1, 1, 2, "丙")],
    ),
    "a merge begun anew": (
        tbl(tr(tc("甲", merge="restart")), tr(tc("乙", merge="restart")), tr(tc(merge="continue"))),
        (3, 1),
        [Cell(1, 1, 1, 1, "甲"), Cell(2, 1, 2, 1, "乙")],
    ),
    "legacy horizontal merge": (
        tbl(tr(tc("甲", properties='<w:hMerge w:val="restart"/>'), tc("乙", properties="<w:hMerge/>"), "丙")),
        (1, 3),
        [Cell(1, 1, 1, 2, "甲\n乙"), Cell(1, 3, 1, 1, "丙")],
    ),
    "legacy merge in both directions": (
        tbl(
            tr(tc("甲", merge="restart", properties='<w:hMerge w:val="restart"/>'), tc(properties="<w:hMerge/>")),
            tr(tc(merge="continue", properties='<w:hMerge w:val="restart"/>'), tc(properties="<w:hMerge/>")),
        ),
        (2, 2),
        [Cell(1, 1, 2, 2, "甲")],
    ),
    "holes before and after": (
        tbl(
            tr("甲", "乙", "丙"),
            tr("丁", properties='<w:gridBefore w:val="1"/><w:gridAfter w:val="1"/>'),
            tr(tc("戊", merge="restart"), properties='<w:gridBefore w:val="2"/>'),
            tr(tc(merge="continue"), properties='<w:gridBefore w:val="2"/>'),
        ),
        (4, 3),
        [Cell(1, 1, 1, 1, "甲"), Cell(1, 2, 1, 1, "乙"), Cell(1, 3, 1, 1, "丙"), Cell(2, 2, 1, 1, "丁"), Cell(3, 3, 2, 1, "戊")],
    ),
    "rows of unequal width": (
        tbl(tr("甲"), tr("乙", "丙", "丁"), "<w:tr/>"),
        (2, 3),
        [Cell(1, 1, 1, 1, "甲"), Cell(2, 1, 1, 1, "乙"), Cell(2, 2, 1, 1, "丙"), Cell(2, 3, 1, 1, "丁")],
    ),
    "former spans of a tracked change are not read": (
        tbl(tr(tc("甲", properties='<w:tcPrChange><w:tcPr><w:gridSpan w:val="3"/></w:tcPr></w:tcPrChange>'), "乙")),
        (1, 2),
        [Cell(1, 1, 1, 1, "甲"), Cell(1, 2, 1, 1, "乙")],
    ),
    "nonsense spans": (
        tbl(tr(tc("甲", properties='<w:gridSpan w:val="-4"/>'), tc("乙", properties='<w:gridSpan w:val="x"/>'))),
        (1, 2),
        [Cell(1, 1, 1, 1, "甲"), Cell(1, 2, 1, 1, "乙")],
    ),
    "breaks, tabs and blank lines in cells": (
        tbl(tr(tc(content=p() + paragraph(r("产") + run("<w:br/>") + r("出")) + p() + p("指标") + p("\u3000")), tc(" "))),
        (1, 2),
        [Cell(1, 1, 1, 1, "产\n出\n\n指标"), Cell(1, 2, 1, 1, "")],
    ),
    "symbols, notes and full-width spaces in cells": (
        tbl(tr(tc(content=paragraph(r("\uf0b3", '<w:rFonts w:ascii="Symbol"/>') + r("5"))), tc("\u3000甲"))),
        (1, 2),
        [Cell(1, 1, 1, 1, "≥5"), Cell(1, 2, 1, 1, "\u3000甲")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GRIDS)
def test_grid_of_a_table(name: str) -> None:
    body, size, cells = GRIDS[name]
    (table,) = read_word(docx(body)).blocks
    assert isinstance(table, Table)
    assert (table.n_rows, table.n_columns) == size
    assert list(table.cells) == cells


@pytest.mark.parametrize("name", GRIDS)
def test_both_ways_to_read_a_table_agree(name: str) -> None:
    """A deleted row keeps a table from being swept; the grid must come out the same."""
    body, _, cells = GRIDS[name]
    spoiled = body.replace("<w:tblGrid/>", f"<w:tblGrid/>{tr('行', properties='<w:del/>')}", 1)
    (table,) = read_word(docx(spoiled)).blocks
    assert isinstance(table, Table)
    assert list(table.cells) == cells


@st.composite
def tables(draw: st.DrawFn) -> str:
    def cell() -> str:
        return tc(
            draw(st.sampled_from(["", "甲"])),
            span=draw(st.sampled_from([1, 1, 1, 2, 3])),
            merge=draw(st.sampled_from(["", "", "restart", "continue"])),
            properties=draw(st.sampled_from(["", "", "", "<w:hMerge/>"])),
        )

    def row() -> str:
        before = draw(st.sampled_from(["", "", '<w:gridBefore w:val="1"/>']))
        return tr(*(cell() for _ in range(draw(st.integers(0, 4)))), properties=before)

    return tbl(*(row() for _ in range(draw(st.integers(1, 5)))))


@given(tables())
def test_cells_never_overlap(body: str) -> None:
    for table in read_word(docx(body)).blocks:
        assert isinstance(table, Table)
        taken = [
            (row, col)
            for cell in table.cells
            for row in range(cell.row, cell.row + cell.row_span)
            for col in range(cell.col, cell.col + cell.col_span)
        ]
        assert len(taken) == len(set(taken))
        assert all(1 <= row <= table.n_rows and 1 <= col <= table.n_columns for row, col in taken)
        assert sum(cell.text.count("甲") for cell in table.cells) == body.count("甲")


def test_title_and_format() -> None:
    assert read_word(docx(p("甲"), title="自评报告")) == Document(
        "docx", (Paragraph("甲"),), title="自评报告"
    )


def test_a_damaged_title_costs_only_the_title() -> None:
    parts = members(docx(p("甲"), title="题"))
    document = read_word(zipped({**parts, "core.xml": b"<broken"}))
    assert (document.title, document.blocks, len(document.warnings)) == (None, (Paragraph("甲"),), 1)


@pytest.mark.parametrize("main", ["word/document.xml", "word/document2.xml", "a/b/Main.xml"])
def test_main_part_of_any_name(main: str) -> None:
    styles = named("1", "heading 1")
    (block,) = read_word(docx(p("甲", '<w:pStyle w:val="1"/>'), main=main, styles=styles)).blocks
    assert block == Heading("甲", 1)


def members(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def remade(change: tuple[str, bytes, bytes]) -> bytes:
    """A docx with some bytes of one part replaced."""
    name, old, new = change
    parts = members(docx(p("甲")))
    assert old in parts[name]
    return zipped({**parts, name: parts[name].replace(old, new)})


def test_main_part_by_content_type_alone() -> None:
    parts = members(docx(p("甲")))
    del parts["_rels/.rels"]
    assert read_word(zipped(parts)).blocks == (Paragraph("甲"),)


def test_strict_namespaces() -> None:
    parts = members(docx(tbl(tr("甲")) + p("乙", num(1))))
    strict = {
        name: data.replace(
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/main",
            b"http://purl.oclc.org/ooxml/wordprocessingml/main",
        ).replace(
            b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
            b"http://purl.oclc.org/ooxml/officeDocument/relationships",
        )
        for name, data in parts.items()
    }
    assert read_word(zipped(strict)).blocks == (Table(1, 1, (Cell(1, 1, 1, 1, "甲"),)), Paragraph("乙"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_encodings_of_the_xml(encoding: str) -> None:
    parts = members(docx(paragraph(r("可见") + r("隐藏", "<w:vanish/>"))))
    text = parts["word/document.xml"].decode().replace("UTF-8", encoding.upper())
    assert read_word(zipped({**parts, "word/document.xml": text.encode(encoding)})).blocks == (
        Paragraph("可见"),
    )


def test_table_styles_are_cut_out_and_nothing_else() -> None:
    table_style = '<w:style w:type="table" w:styleId="t{}"><w:name w:val="t"/></w:style>'
    styles = (
        table_style.format(1)
        + '<w:style w:type="table" w:styleId="empty"/>'
        + named("1", "heading 1")
        + table_style.format(2)
        + named("2", "heading 2")
    )
    body = p("甲", '<w:pStyle w:val="1"/>') + p("乙", '<w:pStyle w:val="2"/>')
    assert read_word(docx(body, styles=styles)).blocks == (Heading("甲", 1), Heading("乙", 2))


def test_an_embedded_document_is_warned_about() -> None:
    document = read_word(docx('<w:altChunk r:id="rId5"/>' + p("甲")))
    assert document.blocks == (Paragraph("甲"),)
    assert len(document.warnings) == 1
    assert "altChunk" in document.warnings[0]


DOCTYPE = b'<!DOCTYPE x [<!ENTITY e "boom">]><w:document'


def deep(levels: int) -> str:
    return "<w:sdt>" * levels + p("甲") + "</w:sdt>" * levels


LOCAL, DIRECTORY = b"PK\x03\x04", b"PK\x01\x02"


def flipped(data: bytes, mark: bytes, offset: int, bits: int) -> bytes:
    """Some bits of the byte at `offset` in every header of a zip that begins with `mark` turned over."""
    changed = bytearray(data)
    for header in re.finditer(re.escape(mark), data):
        changed[header.start() + offset] ^= bits
    return bytes(changed)


def patched_flag(data: bytes) -> bytes:
    """All members marked as encrypted, in local headers and in the directory."""
    return flipped(flipped(data, LOCAL, 6, 1), DIRECTORY, 8, 1)


def bad_crc(data: bytes) -> bytes:
    """The CRC of every member changed in the directory."""
    return flipped(data, DIRECTORY, 16, 0xFF)


GOOD = docx(p("甲") * 200)
UNREADABLE: dict[str, tuple[bytes, str, str]] = {
    "nothing": (b"", "empty", "0 bytes"),
    "no zip": ("项目自评报告".encode(), "truncated", "damaged"),
    "half a zip": (GOOD[: len(GOOD) // 2], "truncated", "damaged"),
    "a wrong checksum": (bad_crc(GOOD), "truncated", "damaged"),
    "a wrong tag": (remade(("word/document.xml", b"</w:body>", b"</w:bdy>")), "truncated", "XML"),
    "no main part": (zipped({k: v for k, v in members(GOOD).items() if k != "word/document.xml"}), "truncated", "main part"),
    "a doctype": (remade(("word/document.xml", b"<w:document", DOCTYPE)), "unsupported", "DOCTYPE"),
    "nesting": (docx(deep(3000)), "too_large", "nests"),
    "half an old .doc": (compound({"WordDocument": bytes(5000)})[:2000], "truncated", "damaged"),
    "an old .doc": (compound({"WordDocument": bytes(5000)}), "unsupported", ".doc"),
    "a password": (compound({"EncryptedPackage": bytes(5000)}), "encrypted", "password"),
    "encrypted members": (patched_flag(GOOD), "encrypted", "password"),
    "a strange packing": (zipped(members(GOOD), zipfile.ZIP_BZIP2), "unsupported", "packed"),
    "any zip": (zipped({"a.txt": b"x"}), "unsupported", "zip without"),
    "a jar": (zipped({"META-INF/MANIFEST.MF": b"x"}), "unsupported", "Java"),
    "an .odt": (zipped({"mimetype": b"application/vnd.oasis.opendocument.text"}), "unsupported", ".odt"),
    "an .xlsx": (
        zipped(
            {
                "[Content_Types].xml": b'<Types><Override PartName="/xl/workbook.xml" ContentType="application/'
                b'vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>',
                "_rels/.rels": b'<Relationships><Relationship Type="a/officeDocument" Target="xl/workbook.xml"/>'
                b"</Relationships>",
                "xl/workbook.xml": b"<workbook/>",
            }
        ),
        "unsupported",
        ".xlsx",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable_files(name: str) -> None:
    data, category, words = UNREADABLE[name]
    with pytest.raises(UnreadableFile, match=words) as caught:
        read_word(data)
    assert caught.value.category == category


@pytest.mark.parametrize(
    ("limit", "value"),
    [("MAX_MEMBERS", 3), ("MAX_PART_BYTES", 100), ("MAX_TOTAL_BYTES", 1000), ("RATIO_MATTERS_FROM", 1000)],
)
def test_limits_against_hostile_files(monkeypatch: pytest.MonkeyPatch, limit: str, value: int) -> None:
    bomb = docx(p("甲" * 200_000))  # some 600 to 1
    monkeypatch.setattr(zipped_module, "RATIO_MATTERS_FROM", 1 << 30)
    read_word(bomb)
    monkeypatch.setattr(zipped_module, limit, value)
    with pytest.raises(UnreadableFile) as caught:
        read_word(bomb)
    assert caught.value.category == "too_large"


def test_a_lying_size_unpacks_no_further() -> None:
    data = bytearray(docx(p("甲" * 200_000)))
    info = zipfile.ZipFile(io.BytesIO(bytes(data))).getinfo("word/document.xml")
    place = data.find(b"word/document.xml", data.find(b"PK\x01\x02")) - 46
    assert data[place : place + 4] == b"PK\x01\x02"
    assert info.file_size > 1000
    data[place + 24 : place + 28] = (1000).to_bytes(4, "little")
    with pytest.raises(UnreadableFile) as caught:
        read_word(bytes(data))
    assert caught.value.category == "truncated"


FUZZED = docx(
    p("一", num(1))
    + tbl(tr(tc("甲", merge="restart"), "乙"), tr(tc(merge="continue"), "丙"))
    + paragraph(note(1)),
    styles=HEADING_STYLES,
    numbering='<w:abstractNum w:abstractNumId="0"/><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>',
    footnotes=FOOTNOTES,
    title="题",
)


def read_or_refuse(data: bytes) -> None:
    """Any exception but UnreadableFile fails the test."""
    with contextlib.suppress(UnreadableFile):
        assert read_word(data).format == "docx"


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_damaged_zips_are_refused_cleanly(seed: int) -> None:
    chance = random.Random(seed)
    data = bytearray(FUZZED)
    for _ in range(chance.randint(1, 8)):
        data[chance.randrange(len(data))] = chance.randrange(256)
    if chance.random() < 0.3:
        del data[chance.randrange(len(data)) :]
    read_or_refuse(bytes(data))


@settings(max_examples=300, deadline=None)
@given(st.integers(0, 2**32))
def test_damaged_xml_is_refused_cleanly(seed: int) -> None:
    """A piece of a part is cut out, doubled or moved; the zip around it is whole."""
    chance = random.Random(seed)
    parts = members(FUZZED)
    name = chance.choice(sorted(parts))
    data = parts[name]
    start, end = sorted(chance.randrange(len(data) + 1) for _ in range(2))
    target = chance.randrange(len(data) + 1)
    spliced = chance.choice(
        [
            data[:start] + data[end:],
            data[:end] + data[start:],
            data[:target] + data[start:end] + data[target:],
            data.replace(b"w:val", b"w:vol"),
            data.replace(data[start : start + 12], b""),
            data.replace(b"<w:", b"<w:p><w:", 1),
        ]
    )
    read_or_refuse(zipped({**parts, name: spliced}))


def yardstick(path: Path) -> list[str]:
    """Paragraphs and tables as python-docx reads them, cells deduplicated where merged."""
    lines: list[str] = []
    for block in python_docx.Document(str(path)).iter_inner_content():
        if isinstance(block, YardstickParagraph):
            lines += [block.text] if block.text.strip() else []
        elif isinstance(block, YardstickTable):
            anchors = {cell._tc: cell.text.strip() for row in block.rows for cell in row.cells}
            lines.append("|".join(anchors.values()))
    return lines


def sample(name: str) -> Path:
    path = SAMPLES / name
    if not path.exists():
        pytest.skip(f"no sample {path}")
    return path


@pytest.mark.parametrize(
    "name",
    [
        "xj2018_innovation_environment.docx",
        "xj2024_regional_collaboration.docx",
        "xj2025_central_guidance.docx",
    ],
)
def test_samples_read_as_python_docx_reads_them(name: str) -> None:
    path = sample(name)
    ours = []
    for block in read_word(path.read_bytes()).blocks:
        if isinstance(block, Table):
            ours.append("|".join(cell.text.strip() for cell in block.cells))
        else:
            ours.append(block.text.removeprefix(block.label))
    assert ours == yardstick(path)


def test_sample_prints_its_automatic_numbers() -> None:
    blocks = read_word(sample("xj2024_regional_collaboration.docx").read_bytes()).blocks
    numbered = [block for block in blocks if isinstance(block, Paragraph) and block.label]
    assert [block.text for block in numbered][:6] == [
        "一、项目基本情况",
        "（一）项目概况",
        "（二）项目绩效目标",
        "二、绩效评价工作开展情况",
        "（一）绩效评价目的、对象和范围",
        "（二）评价思路、评价重点和评价指标体系",
    ]
    assert len(numbered) == 18


def test_sample_headings_come_from_styles() -> None:
    blocks = read_word(sample("xj2025_central_guidance.docx").read_bytes()).blocks
    levels = [block.level for block in blocks if isinstance(block, Heading)]
    assert (levels.count(1), levels.count(2), len(levels)) == (6, 14, 20)
