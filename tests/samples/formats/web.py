"""A draft as a web page saved from a government's site, or as the single file (.mht) that browsers save it in."""

from __future__ import annotations

import quopri
from html import escape
from random import Random

from tests.samples.formats.grids import boxes
from tests.samples.model import Block, Draft, Para, Table

TRAPS = (
    "chrome",  # navigation, breadcrumbs, publishing line, footer, scripts around the article
    "lying_meta",  # the page declares another encoding than it has
    "no_meta",  # it declares none
    "entities",  # &nbsp; and &ge; for characters
    "word_markup",  # saved by Word: MsoNormal, spans in mid-word, empty <o:p>
    "layout_table",  # the article stands inside a table
    "sloppy",  # upper-case tags, attributes without quotes, cells and rows not closed
    "hidden",  # text that no visitor sees
)
CODECS = {"utf-8": ("utf-8", "utf-8"), "utf-8-sig": ("utf-8-sig", "utf-8"), "gb18030": ("gb18030", "gb2312"),
          "utf-16": ("utf-8", "UTF-8")}  # fmt: skip
MENU = ("首页", "政务公开", "政策法规", "办事服务", "互动交流", "专题专栏")
STYLE = "<style>.art{width:960px;margin:0 auto} td{border:1px solid #000;padding:2px}</style>"
SCRIPT = '<script>var total = 98.5; document.write("访问量：10000次"); if (1 < 2) { count("绩效"); }</script>'


class Page:
    """Writes the page of one draft."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.traps = frozenset(draft.layout.traps)
        self.rng = Random(draft.layout.order)
        self.codec, self.name = CODECS[draft.layout.encoding]

    def source(self) -> str:
        title = next(
            (b.text for b in self.draft.blocks if isinstance(b, Para) and b.role == "title"), "绩效公开"
        )
        body = "\n".join(self.block(block) for block in self.draft.blocks)
        if "layout_table" in self.traps:
            body = f'<table width="100%" border="0" cellspacing="0"><tr><td class="left" valign="top">{body}</td></tr></table>'
        article = f'<div class="art" id="zoom">\n{body}\n</div>'
        if "chrome" in self.traps:
            article = self.chrome(article, title)
        declared = self.name
        if "lying_meta" in self.traps:
            declared = "utf-8" if self.name != "utf-8" else "gb2312"
        meta = (
            ""
            if "no_meta" in self.traps
            else f'<meta http-equiv="Content-Type" content="text/html; charset={declared}">'
        )
        return (
            f"<!DOCTYPE html>\n<html>\n<head>\n{meta}\n<title>{escape(title)}_江岚省财政厅</title>\n{STYLE}\n</head>\n"
            f"<body>\n{article}\n</body>\n</html>\n"
        )

    def chrome(self, article: str, title: str) -> str:
        menu = "".join(f'<li><a href="/{n}.html">{item}</a></li>' for n, item in enumerate(MENU))
        crumbs = " &gt; ".join(f'<a href="#">{item}</a>' for item in ("首页", "政务公开", "绩效管理"))
        year = (self.draft.reports[0]["document"]["fiscal_year"] or 2023) + 1
        links = "".join(f'<li><a href="/t{n}.html">{year}年政府信息公开{n}号</a></li>' for n in (1, 2, 3))
        return (
            f"{SCRIPT}\n<header><div class=logo>江岚省财政厅</div><nav><ul>{menu}</ul></nav></header>\n"
            f'<div class="position">当前位置：{crumbs}</div>\n'
            f'<div class="info"><span>发布时间：{year}-04-12 09:30</span><span>信息来源：办公室</span><span>浏览次数：1286</span>'
            f"<span>字号：[大 中 小]</span></div>\n{article}\n"
            f'<div class="share">分享到：微信 微博</div><aside><h3>相关信息</h3><ul>{links}</ul></aside>\n'
            "<footer><p>主办：江岚省财政厅　备案号：岚ICP备00000001号　网站标识码：0000000001</p>"
            "<p>地址：江岚省望川市中心路1号　邮编：000000</p></footer>"
        )

    def block(self, block: Block) -> str:
        return self.table(block) if isinstance(block, Table) else self.para(block)

    # --- text

    def text(self, text: str) -> str:
        rng = self.rng
        out = escape(text, quote=False)
        if "entities" in self.traps:
            out = out.replace("≥", rng.choice(("&ge;", "&#8805;", "&#x2265;"))).replace("≤", "&le;")
            out = out.replace("“", "&ldquo;").replace("”", "&rdquo;").replace("×", "&times;")
        if "word_markup" in self.traps and len(text) > 4 and out == text and rng.random() < 0.4:
            cut = rng.randrange(1, len(text))
            out = f'<span lang="EN-US">{text[:cut]}</span><span style="font-family:仿宋">{text[cut:]}</span><o:p></o:p>'
        return "<br>".join(out.split("\n"))

    def para(self, para: Para) -> str:
        text = self.text(
            para.number + para.text.replace("\t", self.rng.choice(("……", "..........", "…………………………")))
        )
        look = self.draft.layout.heading_look
        kind = ' class="MsoNormal"' if "word_markup" in self.traps else ""
        if para.role == "title":
            made = f"<h1>{text}</h1>" if look == "style" else f'<p{kind} align="center"><b>{text}</b></p>'
        elif para.role == "heading" and look == "style":
            made = f"<h{para.level + 1}>{text}</h{para.level + 1}>"
        elif para.role == "heading":
            made = f"<p{kind}><strong>{text}</strong></p>"
        elif para.role in ("caption", "cover", "box"):
            made = f'<p{kind} style="text-align:center">{text}</p>'
        else:
            indent = "&nbsp;&nbsp;&nbsp;&nbsp;" if "entities" in self.traps else self.draft.layout.indent
            made = f"<p{kind}>{indent}{text}</p>"
        if "hidden" in self.traps and self.rng.random() < 0.1:
            made += '<p style="display:none">内部流转编号：20240001，得分0分</p><!-- 草稿：≥999项 -->'
        return made

    # --- tables

    def table(self, table: Table) -> str:
        sloppy = "sloppy" in self.traps
        rows: list[list[str]] = [[] for _ in table.rows]
        for box in boxes(table):
            quote = "" if sloppy else '"'
            spans = "".join(
                f" {name}={quote}{count}{quote}"
                for name, count in (("rowspan", box.rows), ("colspan", box.span))
                if count > 1
            )
            head = (
                box.row < table.header_rows
                and table.kind not in ("form", "")
                and self.draft.layout.heading_look == "style"
            )
            tag = "th" if head else "td"
            inside = self.text(box.text)
            if "word_markup" in self.traps:
                inside = "".join(
                    f'<p class="MsoNormal">{self.text(line)}</p>' for line in box.text.split("\n")
                )
            elif not inside:
                inside = "&nbsp;"
            rows[box.row].append(
                f"<{tag.upper()}{spans}>{inside}" if sloppy else f"<{tag}{spans}>{inside}</{tag}>"
            )
        if sloppy:
            return "<TABLE border=1>" + "\n".join("<TR>" + "".join(row) for row in rows) + "</TABLE>"
        body = "\n".join("<tr>" + "".join(row) + "</tr>" for row in rows)
        return f'<table border="1" cellspacing="0"><tbody>{body}</tbody></table>'


def html(draft: Draft) -> bytes:
    page = Page(draft)
    return page.source().encode(page.codec)


BOUNDARY = "----=_NextPart_000_0000_01DA0000.00000000"
PIXEL = "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"


def mht(draft: Draft) -> bytes:
    page = Page(draft)
    lines = (
        "From: <Saved by Browser>",
        "Subject: =?utf-8?Q?=E7=BB=A9=E6=95=88=E5=85=AC=E5=BC=80?=",
        "Date: Mon, 1 Jan 2024 00:00:00 +0800",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/related; type="text/html"; boundary="{BOUNDARY}"',
        "",
        f"--{BOUNDARY}",
        f'Content-Type: text/html; charset="{page.name}"',
        "Content-Transfer-Encoding: quoted-printable",
        "Content-Location: http://www.example.gov.cn/zwgk/t1.html",
        "",
    )
    inside = quopri.encodestring(page.source().encode(page.codec)).replace(b"\n", b"\r\n")
    picture = (
        f"\r\n--{BOUNDARY}\r\nContent-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\n"
        f"Content-Location: http://www.example.gov.cn/logo.gif\r\n\r\n{PIXEL}\r\n--{BOUNDARY}--\r\n"
    )
    return "\r\n".join(lines).encode() + b"\r\n" + inside + picture.encode()
