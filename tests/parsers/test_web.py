"""Web pages: what a page prints, which of it is the report, and what hostile pages cost. One peculiarity a test."""

import base64
import json
import time
from contextlib import suppress
from pathlib import Path

import pytest

from parsers import parse_document
from parsers.formats.html_tree import decode_html
from parsers.formats.web import read_html, read_mht
from parsers.formats.word import read_word
from schemas.blocks import Document, Heading, Paragraph, Table
from schemas.errors import UnreadableFile
from schemas.tables import field_values
from tests.conftest import RAW, SHARED
from tests.support_pages import site_page, web_archive, word_page

WEB, WORD = SHARED / "reports" / "web", SHARED / "reports" / "word"
TABLES = ("sections", "indicators", "funding", "projects", "scores", "remarks")
WHERE = frozenset(
    {"section_no", "table_no", "row_no", "page", "block_no", "char_start", "char_end", "location", "places"}
)
LONG = (
    "该项目按照批复的实施方案组织实施，全年完成各项任务，资金支付及时，群众反映良好，没有发现挤占挪用的情况。"
)


def page(body: str, head: str = "") -> bytes:
    return f"<html><head>{head}</head><body>{body}</body></html>".encode()


def office(body: str) -> bytes:
    return page(body, '<meta name="generator" content="LibreOffice 7.4">')


def lines(document: Document) -> list[str]:
    return [block.text for block in document.blocks if not isinstance(block, Table)]


def table(body: bytes) -> Table:
    (found,) = [block for block in read_html(body).blocks if isinstance(block, Table)]
    return found


def grid(body: str) -> list[tuple[int, int, int, int, str]]:
    return [tuple(cell[:5]) for cell in table(office(body)).cells]  # type: ignore[misc]


# ---- encodings --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "encoding"),
    [("utf-8", "gb18030"), ("gb2312", "utf-8"), ("", "gb18030"), ("iso-8859-1", "utf-8"), ("gbk", "utf-8-sig"), ("utf-8", "utf-16")],
)  # fmt: skip
def test_the_content_tells_the_encoding(declared: str, encoding: str) -> None:
    body = f'<html><head><meta charset="{declared}"></head><body><p>绩效目标≥5项㎡</p></body></html>'
    assert lines(read_html(body.encode(encoding))) == ["绩效目标≥5项㎡"]


def test_a_character_cut_in_two_does_not_change_the_encoding() -> None:
    data = page(f"<p>{LONG}</p>", '<meta name="description" content="摘要">').replace(
        "要".encode(), "要".encode()[:2]
    )
    document = read_html(data)
    assert lines(document) == [LONG]
    assert document.warnings == ("1 characters of the page are damaged and shown as \ufffd.",)


def test_bytes_in_no_encoding_are_refused() -> None:
    with pytest.raises(UnreadableFile, match="no known encoding") as error:
        decode_html(b"<p>" + bytes(range(128, 256)) * 4 + b"\xff" * 300)
    assert error.value.category == "encoding"


# ---- text -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>绩效\n目标</p>", ["绩效目标"]),
        ("<p>a\n  b　甲&nbsp;乙</p>", ["a b　甲 乙"]),
        ("<p>5km<sup>2</sup>，CO<sub>2</sub></p>", ["5km2，CO2"]),
        ("<p>甲<br>乙</p>", ["甲", "乙"]),
        ("甲<div>乙<p>丙</p>丁</div>戊", ["甲", "乙", "丙", "丁", "戊"]),
        ("<p>甲<!-- 注 --><script>var x='<p>乙</p>'</script><style>p{}</style></p>", ["甲"]),
        ("<p style='DISPLAY: none'>甲</p><p hidden>乙</p><template>丙</template><p>丁</p>", ["丁"]),
        ("<p>甲<del>乙</del><ins>丙</ins><s>丁</s></p>", ["甲丙丁"]),
        ("<p>&ge;5&nbsp;&#8804;6 &lt;7 &#x2265;8</p>", ["≥5 ≤6 <7 ≥8"]),
        ("<pre>甲\n乙</pre>", ["甲", "乙"]),
        ("<p>甲<span style='font-family:Symbol'>\xb3</span>5</p>", ["甲≥5"]),
        ("<p><font face='Wingdings'>\xfe</font>是</p>", ["☑是"]),
        ("<ruby>绩<rt>jì</rt></ruby>效", ["绩效"]),
    ],
)
def test_text_is_what_a_browser_shows(body: str, expected: list[str]) -> None:
    assert lines(read_html(page(body))) == expected


def test_a_line_break_of_a_word_processor_stays_in_its_paragraph() -> None:
    assert lines(read_html(office("<p>甲<br/>\n乙\t1</p>"))) == ["甲\n乙\t1"]


@pytest.mark.parametrize(
    ("css", "shown"),
    [
        (".hide{display:none}", []),
        ("div.hide, .x { color: red; display : none !important }", []),
        ("/* .hide{display:none} */", ["密"]),
        ("@media print{.hide{display:none}}", ["密"]),
        (".hide{display:none} .hide.on{display:block}", ["密"]),
        (".box .hide{display:none}", ["密"]),
        (".hide{display:none", ["密"]),
    ],
)
def test_what_a_class_of_the_page_hides_is_not_shown(css: str, shown: list[str]) -> None:
    body = "<p>甲</p><div class='a hide'>密</div><p>乙</p>"
    document = read_html(page(body, f"<style>{css}</style>"))
    assert lines(document) == ["甲", *shown, "乙"]


@pytest.mark.parametrize("how", ["style='display:none'", "hidden", "style='visibility: hidden'"])
def test_a_large_hidden_part_is_taken_and_a_remark_is_counted(how: str) -> None:
    long = LONG * 7  # more than 300 characters
    document = read_html(page(f"<p>甲</p><div {how}>{long}</div><p><b {how}>密</b>{long}</p>"))
    assert lines(document) == ["甲", long, long]
    assert document.notes == ("Parts that the page hides (1) were left out.",)
    assert lines(read_html(office(f"<p>甲</p><div {how}>{long}</div>"))) == ["甲"]


def test_a_table_in_a_hidden_part_is_taken() -> None:
    body = "<p>甲</p><div class='tab'><table><tr><td>1<td>2<tr><td>3<td>4</table></div>"
    document = read_html(page(body, "<style>.tab{display:none}</style>"))
    assert any(isinstance(block, Table) for block in document.blocks)


def test_a_heading_over_two_lines_is_one() -> None:
    document = read_html(page("<h1>某市2023年度甲补助资金<br>绩效自评报告</h1><p>甲</p><p>乙</p>"))
    assert lines(document)[0] == "某市2023年度甲补助资金绩效自评报告"


def test_a_footnote_follows_its_paragraph() -> None:
    body = (
        '<p>正文<a class="sdfootnoteanc" href="#sdfootnote1sym"><sup>1</sup></a>完。</p><p>后文</p>'
        '<div id="sdfootnote1"><p><a class="sdfootnotesym" href="#sdfootnote1anc">1</a>注的文字</p></div>'
    )
    assert lines(read_html(office(body))) == ["正文完。", "注的文字", "后文"]


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ("<h1>一、概况</h1><p>甲</p><p>乙</p><p>丙</p>", [Heading("一、概况", 1)]),
        ("<h1>一、概况</h1><h1>资金到位。</h1><h1>任务完成。</h1>", []),
        ("<h3>本项目按计划完成全部任务；</h3><p>甲</p><p>乙</p>", []),
        (
            "<h1>2023年度甲补助资金</h1><h1>绩效自评报告</h1><p>甲</p><p>乙</p><h2>项目概况</h2><p>丙</p>",
            [Heading("项目概况", 2)],
        ),
        ("<h1>某局甲资金情况</h1><p>甲</p><h2>项目概况</h2><p>丙</p><p>丁</p>", [Heading("项目概况", 2)]),
        (
            "<h2>项目支出绩效自评表</h2><table><tr><td>甲<td>乙<tr><td>1<td>2</table><p>一</p><h2>附表</h2><p>二</p>",
            [Heading("附表", 2)],
        ),
    ],
)
def test_headings_count_where_they_are_titles(head: str, expected: list[Heading]) -> None:
    assert [block for block in read_html(page(head)).blocks if isinstance(block, Heading)] == expected


# ---- lists ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<ol><li>甲<li>乙</ol>", ["1.甲", "2.乙"]),
        ("<ol start=3><li>甲<li value=7>乙<li>丙</ol>", ["3.甲", "7.乙", "8.丙"]),
        ("<ol type=A><li>甲</ol><ol type=i start=4><li>乙</ol>", ["A.甲", "iv.乙"]),
        ("<ol style='list-style-type: cjk-ideographic'><li>甲<li>乙</ol>", ["一、甲", "二、乙"]),
        ("<ol class='custom_cn2 list-paddingleft-1'><li><p>甲</p></li></ol>", ["（一）甲"]),
        ("<ol reversed><li>甲<li>乙</ol>", ["2.甲", "1.乙"]),
        ("<ol><li>1.甲<li>2.乙</ol>", ["1.甲", "2.乙"]),
        ("<ul><li>甲</ul><ol style='list-style:none'><li>乙</ol>", ["甲", "乙"]),
    ],
)
def test_a_list_prints_its_numbers(body: str, expected: list[str]) -> None:
    assert lines(read_html(page(body))) == expected


def test_numbers_that_libreoffice_lost_follow_the_outline() -> None:
    body = (
        f"<ol><li><p>项目概况</p><ol><li><p>资金情况</p></ol></ol><p>1.预算</p><p>{LONG}</p>"
        f"<ol start=2><li><p>存在问题</p></ol><p>{LONG}</p>"
    )
    document = read_html(office(body))
    assert [line for line in lines(document) if line != LONG] == [
        "一、项目概况",
        "（一）资金情况",
        "1.预算",
        "二、存在问题",
    ]
    assert len(document.warnings) == 1


def test_a_list_below_typed_chapters_stays_decimal() -> None:
    body = f"<p>一、概况</p><p>（一）任务</p><ol><li><p>修渠</p><li><p>修路</p></ol><p>（二）资金</p><p>{LONG}</p>"
    assert lines(read_html(office(body)))[2:4] == ["1.修渠", "2.修路"]


@pytest.mark.parametrize(
    "item",
    [
        "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]><span lang=EN-US><span style='mso-list:Ignore'>{}"
        "<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp; </span></span></span><![endif]>项目概况</p>",
        "<p class=MsoListParagraph>{}<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp; </span>项目概况</p>",
    ],
)
@pytest.mark.parametrize(
    ("label", "expected"), [("一、", "一、项目概况"), ("1.", "1.项目概况"), ("·", "项目概况")]
)
def test_numbers_that_word_wrote_are_kept(item: str, label: str, expected: str) -> None:
    (block,) = read_html(office(item.format(label))).blocks
    assert isinstance(block, Paragraph)
    assert (block.text, block.label) == (expected, label if label != "·" else "")


# ---- tables -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<tr><td rowspan=2>a<td>b<tr><td>c", [(1, 1, 2, 1, "a"), (1, 2, 1, 1, "b"), (2, 2, 1, 1, "c")]),
        ("<tr><td rowspan=0>a<td>b<tr><td>c", [(1, 1, 2, 1, "a"), (1, 2, 1, 1, "b"), (2, 2, 1, 1, "c")]),
        ("<tr><td rowspan=999999999 colspan=999999999>a<tr><td>b<td>c", [(1, 1, 2, 2, "a"), (2, 3, 1, 1, "b"), (2, 4, 1, 1, "c")]),
        ("<tr><td>a<td rowspan=2>b<tr><td colspan=2>c", [(1, 1, 1, 1, "a"), (1, 2, 2, 1, "b"), (2, 1, 1, 1, "c")]),
        ("<tr><td colspan=x>a<td rowspan=-3>b", [(1, 1, 1, 1, "a"), (1, 2, 1, 1, "b")]),
        ("<tfoot><tr><td>c<td>d<tbody><tr><td>a<td>b<thead><tr><th>e<th>f", [(1, 1, 1, 1, "e"), (1, 2, 1, 1, "f"), (2, 1, 1, 1, "a"), (2, 2, 1, 1, "b"), (3, 1, 1, 1, "c"), (3, 2, 1, 1, "d")]),
        ("<thead><tr><td rowspan=2>a<td>b<tbody><tr><td>c", [(1, 1, 2, 1, "a"), (1, 2, 1, 1, "b"), (2, 2, 1, 1, "c")]),
        ("<tr><td rowspan=2>a<td rowspan=2>b<tr></tr><tr><td>c<td>d", [(1, 1, 2, 1, "a"), (1, 2, 2, 1, "b"), (3, 1, 1, 1, "c"), (3, 2, 1, 1, "d")]),
        ("<td>a<td>b", [(1, 1, 1, 1, "a"), (1, 2, 1, 1, "b")]),
        ("<tr><td><p>a</p><p>&nbsp;</p><p>b<br>c</p><td> \n d ", [(1, 1, 1, 1, "a\n\nb\nc"), (1, 2, 1, 1, "d")]),
        ("<tr style='display:none'><td>x<td>y<tr><td>a<td>b", [(1, 1, 1, 1, "a"), (1, 2, 1, 1, "b")]),
        ("<tr><td><input value='12'><td><input type=checkbox checked>是", [(1, 1, 1, 1, "12"), (1, 2, 1, 1, "☑是")]),
    ],
)  # fmt: skip
def test_spans_are_laid_out_as_browsers_do(body: str, expected: list[tuple[int, int, int, int, str]]) -> None:
    assert grid(f"<table>{body}</table>") == expected


def test_a_caption_is_a_line_above_its_table() -> None:
    first, second = read_html(
        page("<table><caption>表1 目标</caption><tr><td>a<td>b<tr><td>c<td>d</table>")
    ).blocks
    assert (first, type(second)) == (Paragraph("表1 目标"), Table)


def test_a_table_in_a_cell_follows_the_table() -> None:
    inner = "<table><tr><td>x<td>y<tr><td>z<td>w</table>"
    rows = "".join(f"<tr><td>甲{n}<td>乙{n}" for n in range(6))
    outer, nested = read_html(page(f"<table>{rows}<tr><td>丙{inner}<td>丁</table>")).blocks
    assert isinstance(outer, Table)
    assert isinstance(nested, Table)
    assert [cell.text for cell in outer.cells][-2:] == ["丙", "丁"]
    assert [cell.text for cell in nested.cells] == ["x", "y", "z", "w"]


def test_a_table_that_lays_out_the_page_is_none() -> None:
    body = f"<table><tr><td>菜单<td><p>一、概况</p><p>{LONG}</p><p>二、问题</p><p>{LONG}</p></table>"
    assert lines(read_html(page(body)))[-4:] == ["一、概况", LONG, "二、问题", LONG]


# ---- the article ------------------------------------------------------------------------


def site(body: str) -> Document:
    return read_html(
        page(
            "<ul><li><a href=/>首页</a><li><a href=/a>政务公开</a></ul><div>当前位置：<a href=/>首页</a> &gt; 绩效</div>"
            f"<h2>某局2023年度甲资金绩效自评报告</h2><div>发布时间：2024-05-01 来源：某局 字号：大 中 小</div><div>{body}</div>"
            "<div>【打印】 【关闭】</div><div>上一篇：<a href=/b>无</a></div><div><p>主办单位：某局</p><p>版权所有 某局 某ICP备1号</p></div>",
            "<title>某局2023年度甲资金绩效自评报告_某局</title>",
        )
    )


def test_the_site_around_the_report_is_left_out() -> None:
    document = site(f"<p>一、项目概况</p><p>{LONG}</p><p>某局</p><p>2024年4月30日</p>")
    expected = ["某局2023年度甲资金绩效自评报告", "一、项目概况", LONG, "某局", "2024年4月30日"]
    assert lines(document) == expected
    assert all(isinstance(block, Paragraph) for block in document.blocks)
    assert [note for note in document.notes if "left out" in note] == [
        "8 lines around the article (menus, links, the site's footer) were left out."
    ]


def test_a_report_with_its_own_title_keeps_that_alone() -> None:
    document = site(f"<p>甲资金2023年度绩效自评报告</p><p>一、项目概况</p><p>{LONG}</p>")
    assert lines(document)[:2] == ["甲资金2023年度绩效自评报告", "一、项目概况"]


def test_attached_files_are_named_and_told() -> None:
    document = site(f"<p>一、项目概况</p><p>{LONG}</p><p>附件：<a href='f.xlsx'>自评表.xlsx</a></p>")
    assert lines(document)[-1] == "附件：自评表.xlsx"
    assert "attached files (1)" in document.notes[-1]


def test_the_sites_catalogue_is_no_table_of_the_report() -> None:
    catalogue = "<table><tr><td>索引号<td>123<tr><td>发布机构<td>某局</table>"
    document = read_html(page(f"{catalogue}<p>一、项目概况</p><p>{LONG}</p>"))
    assert lines(document) == ["一、项目概况", LONG]


@pytest.mark.parametrize("words", ["版权所有", "打印", "登录", "主办单位：某局"])
def test_words_of_the_frame_amid_the_report_stay(words: str) -> None:
    body = f"<p>一、概况</p><p>{words}</p><p>二、问题</p><p>{LONG}</p>"
    assert words in lines(read_html(page(body)))


def test_a_title_or_sentence_may_name_what_a_frame_names() -> None:
    title, last = "政务客户端升级项目绩效自评报告", "群众可用微信公众号查询。"
    body = f"<p>{title}</p><p>一、概况</p><p>{LONG}</p><p>{last}</p>"
    assert lines(read_html(page(body))) == [title, "一、概况", LONG, last]


@pytest.mark.parametrize("last", ["网站已完成ICP备案", "甲局完成了ICP备12号的变更，版权所有登记同步办理。"])
def test_a_sentence_on_a_sites_registration_is_no_footer(last: str) -> None:
    assert lines(site(f"<p>一、概况</p><p>{LONG}</p><p>{last}</p>"))[-1] == last


def test_many_items_of_a_list_take_linear_time() -> None:
    began = time.process_time()
    read_html(page("<ol>" + "<li>甲事项" * 20_000 + "</ol>"))
    assert time.process_time() - began < 20


def test_frames_and_pictures_are_told() -> None:
    with pytest.raises(UnreadableFile, match="frame"):
        read_html(page("<iframe src='x.html'></iframe>"))
    with pytest.raises(UnreadableFile, match="pictures"):
        read_html(page("<img src='1.png'><img src='2.png'>"))
    assert "pictures (1)" in read_html(page("<p>自评表</p><img src='1.png'>")).warnings[-1]


def test_a_frame_that_shows_a_file_is_missed() -> None:
    text = f"<p>一、概况</p><p>{LONG * 6}</p>"
    widget = read_html(page(text + "<iframe src='/share.html'></iframe>"))
    assert (widget.warnings, widget.notes) == ((), ("Frames in the page (1) were left out.",))
    viewer = read_html(page(text + "<iframe src='/viewer.html?file=a.pdf'></iframe>"))
    assert "1 frames" in viewer.warnings[0]


# ---- archives ---------------------------------------------------------------------------


@pytest.mark.parametrize("transfer", ["quoted-printable", "base64"])
def test_an_archive_holds_its_page(transfer: str) -> None:
    document = read_mht(web_archive("<html><body><p>绩效目标=100%≥5</p></body></html>", transfer=transfer))
    assert (document.format, lines(document)) == ("mht", ["绩效目标=100%≥5"])


def test_the_page_of_a_nested_archive_is_found() -> None:
    inner = 'Content-Type: multipart/alternative; boundary="b"\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n<p>abc</p>\r\n--b--\r\n'
    data = f'MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary="a"\r\n\r\n--a\r\n{inner}\r\n--a--\r\n'
    assert lines(read_mht(data.encode())) == ["abc"]


@pytest.mark.parametrize(
    "data", [b"MIME-Version: 1.0\r\n\r\n", b"MIME-Version: 1.0\r\nContent-Type: image/png\r\n\r\nx", b""]
)
def test_an_archive_without_a_page_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match="holds no page"):
        read_mht(data)


# ---- hostile pages ----------------------------------------------------------------------


def test_entities_of_the_page_are_not_followed() -> None:
    data = b'<!DOCTYPE html [<!ENTITY x SYSTEM "file:///etc/hosts"><!ENTITY y "yyy">]><html><body><p>a&x;&y;b</p></body></html>'
    assert lines(read_html(data)) == ["a&x;&y;b"]


@pytest.mark.parametrize(
    ("data", "category"),
    [
        (b"<div>" * 100_000 + b"x", "too_large"),
        (b"<table><tr><td>" * 100 + b"x", "too_large"),
        (b"<table>" + b"<tr><td rowspan=65000 colspan=60>" * 3_000, "too_large"),
        (b"", "empty"),
        (b"<html><!-- x --></html>", "empty"),
    ],
)
def test_hostile_pages_are_refused(data: bytes, category: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        read_html(data)
    assert error.value.category == category


@pytest.mark.parametrize(
    "piece",
    ["<p>a", "<table><tr><td>a<td>b</table>", "<tr><td>a<td>b", "<div><b>", "<ol><li>a</ol>", "<a href='#_ftn1'>x</a>", "<![if x]>", "<!DOCTYPE a ["],
)  # fmt: skip
def test_time_grows_with_length_only(piece: str) -> None:
    data = (
        "<table>" * piece.startswith("<tr") + (piece + "</b></div>" * piece.startswith("<div")) * 20_000
    ).encode()
    began = time.process_time()
    with suppress(UnreadableFile):
        read_html(data)
    assert time.process_time() - began < 10


# ---- the same report as Word and as a page ------------------------------------------------


def records(document: Document) -> list[str]:
    """The stored values of each report, without their places and white space."""
    found = []
    for report in parse_document(document).reports:
        rows = [report.report, *(row for name in TABLES for row in getattr(report, name))]
        values = [
            {k: v for k, v in field_values(row).items() if k not in WHERE | {"detected_by"}} for row in rows
        ]
        found.append("".join(json.dumps(values, ensure_ascii=False, default=str).split()).replace("\\n", ""))
    return found


@pytest.mark.parametrize("path", sorted(RAW.rglob("*.docx")), ids=lambda path: path.stem)
@pytest.mark.parametrize("maker", ["Word", "filtered", "WPS", "archive"])
def test_a_saved_report_gives_the_same_records(path: Path, maker: str) -> None:
    word = read_word(path.read_bytes())
    text = word_page(
        word, filtered=maker == "filtered", generator="WPS" if maker == "WPS" else "Microsoft Word 15"
    )
    saved = read_mht(web_archive(text)) if maker == "archive" else read_html(text.encode("gb18030"))
    assert records(saved) == records(word)


@pytest.mark.parametrize("path", sorted(RAW.rglob("*.docx")), ids=lambda path: path.stem)
@pytest.mark.parametrize("look", ["plain", "laid_out", "breaks"])
def test_a_published_report_gives_the_same_records(path: Path, look: str) -> None:
    word = read_word(path.read_bytes())
    unmarked = tuple(Paragraph(b.text) if isinstance(b, Heading) else b for b in word.blocks)
    bare = Document("html", unmarked)
    year = parse_document(bare).reports[0].report.fiscal_year
    text = site_page(
        bare, f"某区{year}年度绩效自评结果", laid_out=look == "laid_out", breaks=look == "breaks"
    )
    saved = records(read_html(text.encode("gb18030" if look == "breaks" else "utf-8")))
    assert [r.replace('"fiscal_year",', "") for r in saved] == [
        r.replace('"fiscal_year",', "") for r in records(bare)
    ]


@pytest.mark.parametrize(
    "name", ["xj2018_innovation_environment", "xj2024_regional_collaboration", "xj2025_central_guidance"]
)
def test_real_reports_give_the_same_records(name: str) -> None:
    if not WEB.exists():
        pytest.skip("the hand-checked reports (../shared) are not on this machine")
    saved = read_html((WEB / f"{name}.html").read_bytes())
    assert records(saved) == records(read_word((WORD / f"{name}.docx").read_bytes()))
    archive = b"MIME-Version: 1.0\nContent-Type: text/html\nContent-Transfer-Encoding: base64\n\n"
    again = read_mht(archive + base64.encodebytes((WEB / f"{name}.html").read_bytes()))
    assert again.blocks == saved.blocks


def test_links_to_other_pages_below_the_article_are_no_chapters() -> None:
    body = "<p>根据上级通知要求，我单位组织开展了本年度项目支出绩效自评，现将有关情况报告如下，请审阅。</p>"
    page = (
        f"<html><body><div><h2>示例项目绩效自评报告</h2><p>一、基本情况</p>{body}</div>"
        "<div><h3>相关链接</h3><ul><li>一、政策解读</li><li>二、问题征集公告</li></ul></div></body></html>"
    )
    texts = [block.text for block in read_html(page.encode()).blocks if not isinstance(block, Table)]
    assert "一、基本情况" in texts
    assert not any("链接" in text or "解读" in text or "征集" in text for text in texts)
    of_files = page.replace(
        "<li>一、政策解读</li>", '<li><a href="a.xlsx">附件1：自评表.xlsx</a></li>'
    ).replace("相关链接", "附件下载")
    kept = [block for block in read_html(of_files.encode()).blocks if not isinstance(block, Table)]
    assert any("自评表" in block.text for block in kept)
    assert not any(isinstance(block, Heading) and block.text == "附件下载" for block in kept)
