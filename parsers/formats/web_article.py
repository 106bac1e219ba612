"""The pieces of a page -> those of the report: menus, links around it and the site's footer left out.

What is surely text decides (paragraphs, numbered lines, tables without links), never the names of a site's containers:
the report is the smallest container that holds all of it, and the lines around it that are no part of the page's frame.
A page without a frame is taken whole.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from parsers.cover import is_title
from parsers.formats.web_page import Page, Piece, Span
from parsers.headings import heading_number
from parsers.printed import compact

_SURE = 40
"""Characters outside of links from which a line is text and no label of the frame."""
_LINKED = 0.6
_LONGEST_FRAME_LINE = 120
_FEW_LINKS = 3

_FOOTER = re.compile(
    r"(?:ICP备(?:\d|号|案号)|公网安备|公安备|网站标识码|版权所有|Copyright|©|建议使用.{0,20}(?:分辨率|浏览器)|网站支持IPv6|政府网站找错)",
    re.IGNORECASE,
)
_FRAME = re.compile(
    r"(?:您|你)?(?:现在)?(?:当前|所在)的?(?:位置|栏目)|您的位置|首页(?:[>»›/\-—|]|$)|^首页|网站(?:首页|地图|声明)|联系我们|关于我们|"
    r"主办单位[：:]|主办[：:]|承办单位[：:]|承办[：:]|技术支持[：:]|无障碍|长者|繁[體体]|^登录|登录$|^注册$|^搜索|打印|关闭(?:窗口|本页|页面)?[】\]）)]?$|"
    r"分享(?:到|至|[：:]|$)|字[号体][：:]|扫一扫|二维码|上一[篇条]|下一[篇条]|返回(?:顶部|首页|列表|上页)|(?:相关|推荐)(?:阅读|链接|文章|新闻|信息|稿件|文档)|"
    r"责任编辑|^编辑[：:]|(?:浏览|阅读|点击)(?:次?[数率]|量|次数)|收藏本[站页]|设为首页|加入收藏|微信公众号|客户端|移动版|邮编[：:]|^[>»›|·]+$"
)
_RELATED = re.compile(
    r"[【\[]?(?:(?:相关|推荐|延伸|更多|热门|最新|关联|热点)(?:阅读|链接|文章|新闻|信息|稿件|文档|文件|报道|内容|资讯|推荐|解读|政策)|猜你喜欢)[】\]]?[：:]?"
)
"""What stands over links to other pages, below the article."""
_FILES = re.compile(r"(?:(?:相关)?附件|文件|文档|资料|表格)(?:下载|列表)[：:]?")
"""What a site prints over the files of the article: a label of the frame, no heading of the report."""
_ABOUT = re.compile(
    r"(?:发布|发表|更新|生成|成文|公开)(?:时间|日期)|^(?:时间|日期|来源|信息来源|文章来源|稿件来源|作者|发布机构|发布单位|索引号|字号)[：:]"
)
"""What a site says about the article: between its title and its text."""
_ABOUT_EACH = re.compile(r"(?:时间|日期|来源|作者|机构|次数|浏览量?|阅读量?|字[号体]|点击率?)\s*[：:]")
_CATALOGUE = re.compile(r"索引号|信息分类|主题分类|主题词")
_CATALOGUE_TOO = re.compile(
    r"(?:发布|发文|公开|成文|生成|印发)(?:日期|时间|机构|机关|单位)|文号|有效性|信息名称|体裁"
)
_CATALOGUE_CELLS = 40
_TITLES = 8
_SHORTEST_TITLE, _TITLE_LINES = 4, 3
_YEAR = re.compile(r"20\d{2}")


class Article(NamedTuple):
    """The pieces of the report, and how many lines of the frame were left out."""

    pieces: tuple[Piece, ...]
    left_out: int


def article(page: Page, title: str) -> Article:
    """The report in a page whose <title> is `title`."""
    pieces = page.pieces[: _related(page.pieces)]
    sure = [n for n, piece in enumerate(pieces) if _is_sure(piece)]
    if not sure:
        return Article(tuple(page.pieces), 0)
    first = _first(pieces, sure[0])
    end = _end(pieces, sure[-1] + 1, len(pieces))
    menus = _menus(pieces, sure[0], sure[-1])
    kept = [
        _unheaded(piece)
        for n, piece in enumerate(pieces[first:end], start=first)
        if n not in menus and _stays(piece)
    ]
    inside = _smallest(page.spans, first, end, len(page.pieces))
    head = _title_above(pieces[:first], first - inside.first, kept, title)
    kept = [*head, *kept]
    left_out = sum(bool(piece.size) for piece in page.pieces) - sum(bool(piece.size) for piece in kept)
    return Article(tuple(kept), left_out)


def _related(pieces: Sequence[Piece]) -> int:
    """The place of the line over the links to other pages, below the article's last sentence and table; else the end."""
    for n in range(len(pieces) - 1, -1, -1):
        piece = pieces[n]
        is_long = piece.size - piece.linked >= _SURE and not _is_footer(compact(piece.text))
        if piece.table is not None or (is_long and piece.text.rstrip().endswith("。")):
            return _next_related(pieces, n + 1)
    return len(pieces)


def _next_related(pieces: Sequence[Piece], start: int) -> int:
    """The first such line from `start` on that does not stand over the article's own files."""
    for n in range(start, len(pieces)):
        over_files = any(piece.is_file for piece in pieces[n + 1 : n + 3])
        if _RELATED.fullmatch(compact(pieces[n].text)) and not over_files:
            return n
    return len(pieces)


def _unheaded(piece: Piece) -> Piece:
    is_label = piece.table is None and piece.level and _FILES.fullmatch(compact(piece.text))
    return replace(piece, level=0) if is_label else piece


def _is_sure(piece: Piece) -> bool:
    """Whether a piece can only be text of an article."""
    if piece.linked > _LINKED * piece.size:
        return False
    if piece.table is not None:
        return piece.table.n_rows > 1 and piece.table.n_columns > 1 and not _is_catalogue(piece)
    if _is_footer(compact(piece.text)):
        return False
    if piece.size >= _SURE:
        return not (piece.size < _LONGEST_FRAME_LINE and (_is_frame(piece) or _is_about(piece)))
    return piece.linked == 0 and heading_number(piece.text) is not None


def _is_footer(text: str) -> bool:
    """Whether a line is one of the site's footer; a sentence of the report may name what stands there."""
    return not text.endswith(("。", "；")) and bool(_FOOTER.search(text))


def _is_frame(piece: Piece) -> bool:
    """Whether a line belongs to the page's frame: its words, or nothing but links to other pages."""
    if piece.table is not None:
        return piece.linked > _LINKED * piece.size or _is_catalogue(piece)
    if piece.is_file:
        return False
    text = compact(piece.text)
    if piece.linked > _LINKED * piece.size or _is_footer(text):
        return True
    if text.endswith(("。", "；")) or is_title(text) or heading_number(piece.text):
        return False  # a sentence or a title may name what a frame names: 客户端, 二维码
    return len(text) < _LONGEST_FRAME_LINE and bool(_FRAME.search(text))


def _is_about(piece: Piece) -> bool:
    return (
        piece.table is None
        and len(piece.text) < _LONGEST_FRAME_LINE
        and bool(_ABOUT.search(compact(piece.text)))
    )


def _is_catalogue(piece: Piece) -> bool:
    """Whether a table is the entry of the site's catalogue (索引号, 发布机构, 发布日期) over the article."""
    table = piece.table
    if table is None or len(table.cells) > _CATALOGUE_CELLS:
        return False
    text = "".join(compact(cell.text) for cell in table.cells)
    return bool(_CATALOGUE.search(text) and _CATALOGUE_TOO.search(text))


def _stays(piece: Piece) -> bool:
    return not _is_catalogue(piece)


def _smallest(spans: Sequence[Span], first: int, end: int, whole: int) -> Span:
    """The smallest container that holds all pieces from `first` to `end`."""
    holding = [span for span in spans if span.first <= first and span.end >= end]
    return min(holding, key=lambda span: span.end - span.first, default=Span(0, whole))


def _first(pieces: Sequence[Piece], sure: int) -> int:
    """The first line of the report: title lines right above its text, up to the frame."""
    first = sure
    while first > 0:
        piece = pieces[first - 1]
        if _is_frame(piece) or _is_about(piece) or piece.linked:
            break
        first -= 1
    return first


def _end(pieces: Sequence[Piece], sure: int, whole: int) -> int:
    """The end of the report: signatures, dates and attachments below its text, up to the frame."""
    end = sure
    while end < whole and not _is_frame(pieces[end]) and not _is_about(pieces[end]):
        end += 1
    return end


def _menus(pieces: Sequence[Piece], first: int, last: int) -> frozenset[int]:
    """Lines of the frame amid the report: runs of links, and what the site says about the article."""
    found = {
        n
        for n in range(first, last + 1)
        if _is_about(pieces[n]) and len(_ABOUT_EACH.findall(pieces[n].text)) > 1
    }
    run: list[int] = []
    for n in range(first, last + 2):
        piece = pieces[n] if n <= last else None
        if (
            piece is not None
            and piece.table is None
            and piece.size
            and piece.linked > _LINKED * piece.size
            and not piece.is_file
        ):
            run.append(n)
            continue
        if len(run) >= _FEW_LINKS and not any(heading_number(pieces[k].text) for k in run):
            found.update(run)
        run = []
    return frozenset(found)


def _title_above(frame: Sequence[Piece], near: int, kept: Sequence[Piece], title: str) -> list[Piece]:
    """The lines of the article's title, which sites print above the line that says where the article is from: those that
    the page's <title> says again, its heading, or one worded like a report's title among the `near` lines above.

    Left out where the article begins with a title of its own that tells a year.
    """
    top = [compact(piece.text) for piece in kept[:_TITLES] if piece.table is None]
    own = [line for line in top if is_title(line)]
    wanted = compact(title)
    found: list[Piece] = []
    for n, piece in enumerate(reversed(frame)):
        text = compact(piece.text)
        if (
            piece.table is not None
            or piece.linked
            or len(text) < _SHORTEST_TITLE
            or len(found) == _TITLE_LINES
        ):
            if found:
                break
            continue
        is_named = text in wanted or (wanted and wanted in text)
        if text not in top and (is_named or piece.level in (1, 2) or (n < near and is_title(text))):
            found.insert(0, replace(piece, level=0))
        elif found:
            break
    if own and (_YEAR.search("".join(top)) or not any(_YEAR.search(piece.text) for piece in found)):
        return []
    return found
