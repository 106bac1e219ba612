"""The text of one Word paragraph as printed: runs, tabs, breaks, symbols, fields; revisions accepted.

What a paragraph anchors but does not print in its own line (text boxes, notes) is set aside
for the caller.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from lxml.etree import _Element

from parsers.formats.word_package import W
from parsers.formats.word_styles import Styles, is_on
from parsers.formats.word_symbols import from_symbol_font, translate_private

MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"

P, R, T, TBL = W + "p", W + "r", W + "t", W + "tbl"
P_PR, R_PR = W + "pPr", W + "rPr"
TEXT_BOX = W + "txbxContent"
FOOTNOTE, ENDNOTE = W + "footnoteReference", W + "endnoteReference"
ALTERNATE = MC + "AlternateContent"
DELETED = frozenset({W + "del", W + "moveFrom"})
_VAL = W + "val"
_PRINTED = (T, M + "t", W + "sym")
PRIVATE_USE = re.compile("[\uf000-\uf0ff]")  # where symbol fonts keep their characters
# All that str.strip() takes for space, and the zero-width characters: a text of nothing else shows nothing.
_BLANK = "".join(filter(str.isspace, map(chr, range(0x3001)))) + "\u200b\u200c\u200d\u2060\ufeff"


@dataclass(slots=True)
class Gathered:
    """What is being gathered from the paragraph at hand, and how its document hides text."""

    styles: Callable[[], Styles]
    hides: bool = False  # some run or style of the document is hidden: look at each run
    private: bool = False  # the paragraph has text in the private use area: look at its font
    hidden: bool = False  # the paragraph's own style is hidden
    parts: list[str] = field(default_factory=list)
    asides: list[_Element] = field(default_factory=list)
    fields: list[int] = field(default_factory=list)  # where the open fields began in `parts`


Handler = Callable[[_Element, Gathered], None]


def is_blank(text: str) -> bool:
    """Whether a text shows nothing on paper."""
    return not text.strip(_BLANK)


def paragraph_text(paragraph: _Element, out: Gathered) -> str:
    """The printed text of a w:p; its text boxes and note references go to `out.asides`."""
    known_asides = len(out.asides)
    text = _paragraph_text(paragraph, out)
    # isprintable is false for a tab too, but rules out nearly all texts at a fraction of the search's cost.
    if not text.isprintable() and PRIVATE_USE.search(text):
        del out.asides[known_asides:]
        out.private = True
        text = _paragraph_text(paragraph, out)
        out.private = False
    return text


def _paragraph_text(paragraph: _Element, out: Gathered) -> str:
    parts = out.parts = []
    careful = out.hides or out.private
    for child in paragraph:
        tag = child.tag
        if tag == R and not careful:  # the run of nearly all documents, without a call for each
            for item in child:
                tag = item.tag
                if tag == T:
                    parts.append(item.text or "")
                elif tag != R_PR:
                    _gather(item, tag, out)
        elif tag != P_PR:
            _gather(child, tag, out)
    if out.fields:
        out.fields.clear()
    return parts[0] if len(parts) == 1 else "".join(parts)


def gather_run(run: _Element, out: Gathered) -> None:
    """The printed text of a w:r into `out.parts`."""
    hidden = out.hidden
    for item in run:
        tag = item.tag
        if tag == R_PR:
            hidden = out.hides and _is_hidden(item, out)
        elif hidden:
            continue
        elif tag == T:
            text = item.text or ""
            out.parts.append(_readable(text, run) if out.private else text)
        else:
            _gather(item, tag, out)


def chosen_branch(alternate: _Element) -> _Element | None:
    """The one branch of mc:AlternateContent to read: the first that prints text, else the first."""
    first: _Element | None = None
    for branch in alternate:
        if first is None:
            first = branch
        if next(branch.iter(*_PRINTED), None) is not None:
            return branch
    return first


def _gather(element: _Element, tag: str, out: Gathered) -> None:
    handler = _HANDLERS.get(tag)
    if (
        handler is None
    ):  # hyperlinks, content controls, insertions, drawings, formulas: what is in them counts
        for child in element:
            _gather(child, child.tag, out)
    else:
        handler(element, out)


def _is_hidden(properties: _Element, out: Gathered) -> bool:
    """w:vanish of a run, else of its character style, toggling that of the paragraph's style."""
    direct = is_on(properties.find(W + "vanish"))
    if direct is not None:
        return direct
    style = properties.find(W + "rStyle")
    by_style = style is not None and out.styles().hides(style.get(_VAL, ""))
    return by_style != out.hidden


def _readable(text: str, run: _Element) -> str:
    fonts = run.find(f"{R_PR}/{W}rFonts")
    if fonts is None:
        return text
    return translate_private(text, fonts.get(W + "ascii") or fonts.get(W + "hAnsi") or "")


def _skip(_element: _Element, _out: Gathered) -> None:
    pass


def _literal(text: str) -> Handler:
    return lambda _element, out: out.parts.append(text)


def _math_or_text(element: _Element, out: Gathered) -> None:
    out.parts.append(element.text or "")


def _break(element: _Element, out: Gathered) -> None:
    if element.get(W + "type", "textWrapping") == "textWrapping":
        out.parts.append("\n")


def _symbol(element: _Element, out: Gathered) -> None:
    try:
        code = int(element.get(W + "char", ""), 16)
    except ValueError:
        return
    out.parts.append(from_symbol_font(code, element.get(W + "font", "")))


def _field(element: _Element, out: Gathered) -> None:
    """Drops what stands between a field's begin and its separate mark: the code, not the result."""
    kind = element.get(W + "fldCharType")
    if kind == "begin":
        out.fields.append(len(out.parts))
        box = element.find(f"{W}ffData/{W}checkBox")
        if box is not None:
            out.parts.append(_check_box(box))
            out.fields[-1] = -1
    elif out.fields:
        began = out.fields[-1]
        if began >= 0:
            del out.parts[began:]
        if kind == "separate":
            out.fields[-1] = -1
        elif kind == "end":
            out.fields.pop()


def _check_box(box: _Element) -> str:
    state = box.find(W + "checked")
    if state is None:
        state = box.find(W + "default")
    return "☑" if is_on(state) else "□"


def _alternate(element: _Element, out: Gathered) -> None:
    branch = chosen_branch(element)
    if branch is not None:
        for child in branch:
            _gather(child, child.tag, out)


def _ruby(element: _Element, out: Gathered) -> None:
    base = element.find(W + "rubyBase")
    if base is not None:
        for child in base:
            _gather(child, child.tag, out)


def _aside(element: _Element, out: Gathered) -> None:
    out.asides.append(element)


_HANDLERS: dict[str, Handler] = {
    R: gather_run,
    T: _math_or_text,
    M + "t": _math_or_text,
    W + "tab": _literal("\t"),
    W + "ptab": _literal("\t"),
    W + "br": _break,
    W + "cr": _literal("\n"),
    W + "noBreakHyphen": _literal("-"),
    W + "sym": _symbol,
    W + "fldChar": _field,
    W + "ruby": _ruby,
    ALTERNATE: _alternate,
    TEXT_BOX: _aside,
    FOOTNOTE: _aside,
    ENDNOTE: _aside,
    **dict.fromkeys(
        (
            *DELETED,
            *(W + name for name in ("delText", "instrText", "delInstrText", "fldData")),
            *(
                W + name
                for name in ("pPr", "rPr", "sdtPr", "sdtEndPr", "smartTagPr", "customXmlPr", "rubyPr")
            ),
        ),
        _skip,
    ),
}
