"""Documents written as other programs would: pages of a site, Word's and WPS's web pages, Markdown of OCR tools.

Written from blocks, so that a report read as Word and written anew can be compared with itself.
"""

import base64
import quopri
import re
from collections.abc import Sequence
from html import escape

from schemas.blocks import Block, Cell, Document, Heading, Table

MENU = "".join(
    f'<li><a href="/c{n}/">{name}</a></li>'
    for n, name in enumerate(("首页", "机构概况", "政务公开", "办事服务", "互动交流"))
)
RELATED = "".join(
    f'<li><a href="/a{n}.html">某区关于做好{year}年预算编制与公开工作的通知</a><span>{year}-03-0{n}</span></li>'
    for n, year in enumerate(range(2019, 2024), start=1)
)
FOOTER = (
    "<div class='foot'><p><a href='/map'>网站地图</a> | <a href='/us'>联系我们</a></p><p>主办单位：某区财政局　承办单位：某区大数据中心</p>"
    "<p>版权所有：某区人民政府　地址：某区中心路一号　邮编：100001　电话：010-12345678</p>"
    "<p>某ICP备12345678号-1　某公网安备 11010102001234号　网站标识码：1101010001</p></div>"
)


def rows_of(table: Table) -> list[list[Cell]]:
    """The cells of a table by the row where they begin."""
    rows: list[list[Cell]] = [[] for _ in range(table.n_rows)]
    for cell in table.cells:
        rows[cell.row - 1].append(cell)
    return rows


def html_table(table: Table, paragraph: str = "<p>{}</p>", attributes: str = ' border="1"') -> str:
    """A table as HTML; `paragraph` is how a line of a cell is written."""
    parts = [f"<table{attributes}>"]
    for row in rows_of(table):
        parts.append("<tr>")
        for cell in row:
            spans = f' rowspan="{cell.row_span}"' * (cell.row_span > 1) + f' colspan="{cell.col_span}"' * (
                cell.col_span > 1
            )
            lines = "".join(paragraph.format(escape(line)) for line in cell.text.split("\n"))
            parts.append(f"<td{spans}>{lines}</td>")
        parts.append("</tr>\n")
    return "".join(parts) + "</table>\n"


def site_page(document: Document, title: str, *, laid_out: bool = False, breaks: bool = False) -> str:
    """A page of a government site around the document; an old one lays it out by a table, a careless one breaks lines."""
    body = []
    for block in document.blocks:
        if isinstance(block, Table):
            body.append(html_table(block))
        elif breaks:
            body.append(f"　　{escape(block.text)}<br>\n")
        else:
            body.append(f'<p style="text-indent:2em"><span>{escape(block.text)}</span></p>\n')
    article = (
        f'<h1 class="title">{escape(title)}</h1>'
        "<div class='info'><span>发布时间：2024-05-20 09:30</span><span>来源：某区财政局</span><span>浏览次数：<b id='hits'>123</b></span>"
        "<span>字号：[<a href='#'>大</a> <a href='#'>中</a> <a href='#'>小</a>]</span><a href='javascript:print()'>打印</a></div>"
        f"<div class='TRS_Editor'>{''.join(body)}</div>"
        "<div class='share'>分享到：<a href='#'>微信</a><a href='#'>微博</a></div><p>上一篇：<a href='/x'>没有了</a></p><p>下一篇：<a href='/y'>某通知</a></p>"
    )
    side = f"<div class='side'><h3>相关阅读</h3><ul>{RELATED}</ul></div>"
    crumbs = "<div class='pos'>当前位置：<a href='/'>首页</a> &gt; <a href='/zw'>政务公开</a> &gt; <a href='/jx'>绩效管理</a></div>"
    middle = (
        f"<table width='100%'><tr><td width='200'>{side}</td><td>{article}</td></tr></table>"
        if laid_out
        else f"<div class='main'>{article}</div>{side}"
    )
    return (
        f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{escape(title)}_某区人民政府</title><style>.a{{color:red}}</style>'
        f"<script>var a = '<p>一、假标题</p>';</script></head>\n<body><div class='head'><ul class='nav'>{MENU}</ul></div>"
        f"<div style='display:none'>一、这一行看不见</div>{crumbs}{middle}{FOOTER}<!-- 一、注释 --></body></html>"
    )


WORD_HEAD = (
    '<html xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40">\n<head>'
    '<meta http-equiv=Content-Type content="text/html; charset={charset}">\n<meta name=ProgId content=Word.Document>\n'
    '<meta name=Generator content="{generator}">\n<style>\n<!-- p.MsoNormal {{margin:0cm;}} -->\n</style></head>\n'
    "<body lang=ZH-CN style='tab-interval:21.0pt'>\n<div class=WordSection1>\n"
)
GAP = "<span style='font:7.0pt \"Times New Roman\"'>&nbsp;&nbsp;&nbsp;&nbsp; </span>"


def word_page(
    document: Document, *, filtered: bool, generator: str = "Microsoft Word 15", charset: str = "gb2312"
) -> str:
    """What Word saves as a web page; `filtered` is its smaller form."""
    body = []
    for block in document.blocks:
        body.append(_word_block(block, filtered))
    return (
        WORD_HEAD.format(generator=generator, charset=charset) + "".join(body) + "</div>\n</body>\n</html>\n"
    )


def _word_block(block: Block, filtered: bool) -> str:
    if isinstance(block, Table):
        lines = "<p class=MsoNormal align=left style='text-align:left'><span\n  style='font-size:10.5pt;font-family:宋体'>{}<span lang=EN-US><o:p></o:p></span></span></p>"
        return html_table(block, lines, " class=MsoNormalTable border=1 cellspacing=0 cellpadding=0")
    tag = f"h{block.level}" if isinstance(block, Heading) and block.level <= 6 else "p"
    text = block.text.removeprefix(block.label).strip() if block.label else block.text
    label = ""
    if block.label and filtered:
        label = f"<span\nlang=EN-US>{escape(block.label)}{GAP}</span>"
    elif block.label:
        number = f"<span style='mso-list:Ignore'>{escape(block.label)}{GAP}</span>"
        label = f"<![if !supportLists]><span lang=EN-US\nstyle='mso-fareast-font-family:宋体'>{number}</span><![endif]>"
    kind = (
        " class=MsoListParagraph style='margin-left:36.0pt;mso-list:l0 level1 lfo1'"
        if block.label
        else " class=MsoNormal"
    )
    inside = (
        escape(text)
        .replace("\n", "<br>\n")
        .replace("\t", "<span style='mso-tab-count:1'>&nbsp;&nbsp;&nbsp; </span>")
    )
    return f"<{tag}{kind}>{label}<span\nstyle='font-family:仿宋'>{inside}</span><span lang=EN-US><o:p></o:p></span></{tag}>\n\n"


def web_archive(page: str, charset: str = "gb2312", *, transfer: str = "quoted-printable") -> bytes:
    """A page in a web archive, as Word and browsers save it, with a style sheet and a picture."""
    data = page.encode(charset, "xmlcharrefreplace")
    body = quopri.encodestring(data) if transfer == "quoted-printable" else base64.encodebytes(data)
    return b"\r\n".join(
        [
            b"MIME-Version: 1.0",
            b'Content-Type: multipart/related; boundary="----=_NextPart_01"; type="text/html"',
            b"",
            b"This document is a web archive.",
            b"",
            b"------=_NextPart_01",
            b"Content-Location: file:///C:/A1B2/report.htm",
            f"Content-Transfer-Encoding: {transfer}".encode(),
            f'Content-Type: text/html; charset="{charset}"'.encode(),
            b"",
            body.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
            b"------=_NextPart_01",
            b"Content-Location: file:///C:/A1B2/report.files/image001.png",
            b"Content-Transfer-Encoding: base64",
            b"Content-Type: image/png",
            b"",
            b"iVBORw0KGgo=",
            b"------=_NextPart_01--",
            b"",
        ]
    )


def pieces_of(table: Table, rows: int) -> Sequence[Table]:
    """A table as pages cut it, every `rows` rows, where no merged cell crosses the cut; heads are repeated."""
    cuts = [1]
    for row in range(2, table.n_rows + 1):
        crossing = any(c.row < row < c.row + c.row_span for c in table.cells)
        if row - cuts[-1] >= rows and not crossing:
            cuts.append(row)
    ends = [*cuts[1:], table.n_rows + 1]
    return [
        Table(
            end - start,
            table.n_columns,
            tuple(c._replace(row=c.row - start + 1) for c in table.cells if start <= c.row < end),
        )
        for start, end in zip(cuts, ends, strict=True)
    ]


def ocr_markdown(document: Document, *, rows: int = 12, pipes: bool = False, formulas: bool = True, head: bool = True) -> str:
    """What an OCR tool writes of the document's pages: tables page by page, headings of one level, figures as formulas."""
    parts: list[str] = []
    page = 1
    for block in document.blocks:
        if isinstance(block, Table):
            for number, piece in enumerate(pieces_of(block, rows)):
                if number:
                    page += 1
                    parts.append(f"— {page} —")
                    parts.append("---")
                shown = piece if not number or not head else _with_head(block, piece)
                parts.append(_pipes(shown) if pipes and _is_plain(block) else _ocr_table(shown, formulas))
        else:
            text = _as_formulas(block.text) if formulas else block.text
            is_heading = isinstance(block, Heading)
            parts += [f"# {text}" if is_heading else line for line in ([text] if is_heading else text.split("\n"))]
    return "\n\n".join(part for part in parts if part.strip()) + "\n"


def _is_plain(table: Table) -> bool:
    return all(c.row_span == c.col_span == 1 for c in table.cells)


def _with_head(whole: Table, piece: Table) -> Table:
    first = [c for c in whole.cells if c.row == 1 and c.row_span == 1]
    if sum(c.col_span for c in first) < whole.n_columns:
        return piece
    return Table(piece.n_rows + 1, piece.n_columns, (*first, *(c._replace(row=c.row + 1) for c in piece.cells)))


def _ocr_table(table: Table, formulas: bool) -> str:
    page = html_table(table, "{}<br>", "")
    page = page.replace("<br></td>", "</td>").replace("\n", "")
    return "<html><body>" + (_as_formulas(page) if formulas else page) + "</body></html>"


def _pipes(table: Table) -> str:
    lines = []
    for row in rows_of(table):
        cells = [cell.text.replace("|", "\\|").replace("\n", "<br>") for cell in row]
        lines.append("| " + " | ".join(cells) + " |")
    lines.insert(1, "|" + " :---: |" * table.n_columns)
    return "\n".join(lines)


def _as_formulas(text: str) -> str:
    """Percentages and comparisons as formulas, digits apart, as recognisers of formulas write them."""

    def spaced(match: re.Match[str]) -> str:
        return "$" + {"≥": "\\geq ", "≤": "\\leqslant ", "": ""}[match[1]] + " ".join(match[2]) + " \\%$"

    return re.sub(r"([≥≤]?)(\d+(?:\.\d+)?)%", spaced, text)
