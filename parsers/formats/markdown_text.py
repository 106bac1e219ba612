"""Markdown's inline marks and formulas -> the text that they print.

OCR tools write figures as formulas (`$\\geq 3 5$`, `$6 9 . 3 3 \\%$`): what they print is ≥35 and 69.33%.
"""

import html
import re

_WIDE = "\u2e80"
_FORMULA = re.compile(
    r"(?<!\\)\$\$(?P<display>[^$]{1,2000}?)\$\$|(?<!\\)\$(?P<inline>[^$\n]{1,1000}?)(?<!\\)\$|\\\((?P<round>.{1,1000}?)\\\)|\\\[(?P<square>.{1,2000}?)\\\]",
    re.DOTALL,
)
_IS_FORMULA = re.compile(r"[\\^_%=<>≥≤×÷±~+]|^[\d\s.,:：/()（）-]+$|^\s*[A-Za-z]\w{0,3}\s*$")
_SYMBOLS = {
    "≥": "geq ge geqslant geqq", "≤": "leq le leqslant leqq", ">": "gt", "<": "lt", "≠": "neq ne", "≈": "approx",
    "~": "sim", "×": "times", "÷": "div", "±": "pm", "·": "cdot", "•": "bullet", "→": "rightarrow to", "←": "leftarrow",
    "↑": "uparrow", "↓": "downarrow", "⇒": "Rightarrow", "…": "cdots ldots dots", "□": "square Box", "√": "surd checkmark sqrt",
    "☑": "boxed", "△": "triangle", "★": "bigstar", "☆": "star", "∞": "infty", "∑": "sum", "∏": "prod", "%": "%", "#": "#",
    "&": "&", "_": "_", "$": "$", "{": "{", "}": "}", "°": "circ degree", "′": "prime", "|": "mid vert", "/": "slash", ":": "colon",
    "α": "alpha", "β": "beta", "γ": "gamma", "δ": "delta", "Δ": "Delta", "λ": "lambda", "μ": "mu", "π": "pi", "σ": "sigma", "Σ": "Sigma",
    "φ": "phi varphi", "Φ": "Phi", "Ω": "Omega", "θ": "theta", "ω": "omega", "℃": "celsius", "¥": "yen", "∈": "in", "≡": "equiv",
    "○": "bigcirc", "●": "blacksquare", "\\": "backslash", "∵": "because", "∴": "therefore", "⊕": "oplus", "-": "minus",
}  # fmt: skip
_PRINTS = {name: char for char, names in _SYMBOLS.items() for name in names.split()}
_SPACES = frozenset(["quad", "qquad", "enspace", "space", "hspace", " ", "hfill"])


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NOTHING = _words(
    "left right big Big bigg Bigg displaystyle textstyle limits nolimits hline rm bf it sf tt cal "
    "scriptstyle noindent centering , ; ! : > boldmath large Large small"
)
_WRAPPERS = _words(
    "text mathrm mathbf mathit mathsf mathtt mathbb mathcal textbf textit textrm texttt mbox "
    "operatorname underline overline boldsymbol bm hat bar tilde vec dot pmb textsf mathop hbox fbox "
    "textnormal mathring emph textup underbrace overbrace widehat widetilde textsuperscript "
    "textsubscript tag underset mathbin mathrel mathord mathpunct mathopen mathclose mathinner"
)
_LITERAL = _words("text textbf textit textrm texttt mbox hbox fbox textnormal textsf emph textup")
_MARK = re.compile(r"\\(?:[A-Za-z]+|.)|[{}^_&]|[^\\{}^_&]+", re.DOTALL)
_MAX_DEPTH = 30
_KEPT_SPACE = "\ue000"
_CIRCLED = {str(n): chr(0x245F + n) for n in range(1, 21)}

_IMAGE = re.compile(r"!\[[^\]\n]{0,500}\](?:\([^)\n]{0,4000}\)|\[[^\]\n]{0,200}\])")
_LINK = re.compile(
    r"\[([^\[\]\n]{1,500})\]\(\s*<?[^()\s]{0,2000}(?:\([^()\s]{0,200}\)[^()\s]{0,2000})?>?(?:\s+\"[^\"\n]{0,200}\")?\s*\)"
)
_NOTE_MARK = re.compile(
    r"\[\^[^\]\s]{1,20}\](?!:)|(?<![A-Za-z0-9)）])<sup>\s*[\[(（〔]?[\d①-⑳*]{1,3}[\])）〕]?\s*</sup>",
    re.IGNORECASE,
)
_RAISED_MARK = re.compile(
    r"(?<![A-Za-z0-9)）]) ?\$\s*(?:\{\s*\})?\^\s*\{?\s*(?:\\textcircled\s*\{[^{}]{1,20}\}|[\[(（〔]?[\d①-⑳*]{1,3}[\])）〕]?)\s*\}?\s*\$ ?"
)
"""The mark of a note, alone in a formula; behind a letter or figure it raises that to a power."""
_TAG = re.compile(
    r"</?(?:div|p|center|span|b|strong|i|em|u|s|del|ins|font|a|html|body|details|summary|h[1-6]|mark|small|big|label|sup|sub|img|hr|figure|figcaption"
    r"|thead|tbody|section|article|page|page_number|page_header|page_footer|header|footer|watermark|kbd|code|tt|nobr|wbr)\b[^<>]{0,1000}>",
    re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([\\`*_{}\[\]()#+\-.!|<>~$%&=:\"'/^,;?@])")
_HAN = r"[\u3400-\u4dbf\u4e00-\u9fff，。、；：？！“”（）《》％]"
_LOOSE_BEFORE = re.compile(
    rf"(?<={_HAN}) (?=[<>≥≤＜＞＝=~±+\-]? ?\d)(?!(?:19|20)\d\d ?[年.\-/] ?\d)(?!\d{{3,4}}-?\d{{7}})"
)
"""The space before a figure; not before a date or a telephone number, which may be things of their own."""
_LOOSE_AFTER = re.compile(
    r"(?<=[\d%％]) (?=[\u3400-\u4dbf\u4e00-\u9fff，。、；：？！“”（）《》])"
    r"(?<!^\d )(?<!^\d\d )(?<!^\d\.\d )(?<!\d\.\d\.\d )(?<![表件图录] \d )(?<![表件图录]\d )(?<![表件图录]\d\d )(?<!\d-\d )"
)
_HELD = 0xF0000  # escaped characters wait in the private use area until the marks are gone
_PAIRS = (
    re.compile(r"(\*\*\*|\*\*)(?=\S)(.+?)(?<=\S)\1", re.DOTALL),
    re.compile(r"(?<![\w*])(\*)(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])()"),
    re.compile(r"(?<![A-Za-z0-9_])(__)(?=\S)([^_\n]+?)(?<=\S)__(?![A-Za-z0-9_])"),
    re.compile(r"(?<![\w])(_)(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?![\w])"),
    re.compile(r"(~~)(?=\S)(.+?)(?<=\S)~~"),
    re.compile(r"(==)(?=[^\s=])([^=\n]+?)(?<=[^\s=])==(?!=)"),
    re.compile(r"(`+)([^`\n]+?)\1"),
)


def plain(text: str, unread: list[str] | None = None) -> str:
    """What a piece of Markdown prints. Commands of formulas that are not known stay as they are, and are told to `unread`."""
    if "^" in text:
        text = _RAISED_MARK.sub("", text)
    text = _NOTE_MARK.sub("", text)
    if "$" in text or "\\" in text:
        text = _with_formulas(text, unread if unread is not None else [])
    text = _IMAGE.sub("", text)
    text = _BREAK.sub("\n", text)
    if "<" in text:
        text = _TAG.sub("", text)
    text = _LINK.sub(r"\1", text)
    text = _ESCAPE.sub(lambda match: chr(_HELD + ord(match[1])), text)
    for pair in _PAIRS:
        text = pair.sub(r"\2", text)
    text = "".join(chr(ord(char) - _HELD) if _HELD <= ord(char) < _HELD + 128 else char for char in text)
    text = html.unescape(text).replace("\xa0", " ")
    return "\n".join(line.strip() for line in text.split("\n")).strip()


def set_tight(text: str) -> str:
    """Text without the single spaces that tools set between Chinese and figures (得分 17.3分): the page prints none.

    Kept where a space can tell two things apart: behind the number of a heading, table or attachment, before a date or
    a telephone number.
    """
    if " " not in text:
        return text
    return _LOOSE_AFTER.sub("", _LOOSE_BEFORE.sub("", text))


def has_image(text: str) -> bool:
    """Whether a line shows a picture."""
    return bool(_IMAGE.search(text) or re.search(r"<img\b", text, re.IGNORECASE))


def _with_formulas(text: str, unread: list[str]) -> str:
    def printed(match: re.Match[str]) -> str:
        inside = next(group for group in match.groups() if group is not None)
        if match["inline"] is not None and not _IS_FORMULA.search(inside):
            return match[0]
        return "\x00" + formula(inside, unread) + "\x00"

    text = _FORMULA.sub(printed, text)
    if "\x00" not in text:
        return text
    # Tools set formulas apart by spaces that are not on the page.
    text = re.sub(rf"(?<=[{_WIDE}-\uffff(]) +\x00|(?<=^) +\x00", "\x00", text)
    text = re.sub(rf"\x00 +(?=[{_WIDE}-\uffff%)])", "\x00", text)
    return text.replace("\x00", "")


def formula(source: str, unread: list[str]) -> str:
    """A formula of TeX on one line: symbols as characters, raised and lowered figures as they stand, no spaces."""
    marks = _MARK.findall(source)
    text, _ = _group(marks, 0, 0, unread, literal=False)
    return text.replace(_KEPT_SPACE, " ").strip()


def _group(marks: list[str], at: int, depth: int, unread: list[str], *, literal: bool) -> tuple[str, int]:
    """The text of the marks from `at` up to the closing brace, and the place after it."""
    parts: list[str] = []
    while at < len(marks):
        mark = marks[at]
        at += 1
        if mark == "}":
            break
        if mark == "{":
            inside, at = (
                _group(marks, at, depth + 1, unread, literal=literal) if depth < _MAX_DEPTH else ("", at)
            )
            parts.append(inside)
        elif mark == "&":
            parts.append(_KEPT_SPACE)
        elif mark in ("^", "_"):
            continue  # raised and lowered characters stand in the line, as the Word reader has them
        elif mark.startswith("\\"):
            inside, at = _command(mark[1:], marks, at, depth, unread)
            parts.append(inside)
        elif literal:
            parts.append(mark.replace(" ", _KEPT_SPACE))
        else:
            parts.append(
                re.sub(r"\s+", "", mark).replace(
                    "~", _KEPT_SPACE if len(mark) > 1 and mark.strip() != "~" else "~"
                )
            )
    return "".join(parts), at


def _command(name: str, marks: list[str], at: int, depth: int, unread: list[str]) -> tuple[str, int]:
    if name in _PRINTS and name not in ("sqrt", "boxed"):
        return _PRINTS[name], at
    if name == "\\":
        return "\n", at
    if name in _SPACES:
        return _KEPT_SPACE, at
    if name in _NOTHING:
        return "", at

    def argument(start: int, literal: bool) -> tuple[str, int]:
        return _argument(marks, start, depth, unread, literal)

    if name in _WRAPPERS:
        inside, at = argument(at, name in _LITERAL)
        return inside.strip(_KEPT_SPACE) if name in _LITERAL else inside, at
    if name in ("textcircled", "circled"):
        inside, at = argument(at, False)
        return _CIRCLED.get(inside, inside), at
    if name in ("frac", "dfrac", "tfrac"):
        above, at = argument(at, False)
        below, at = argument(at, False)
        return f"{above}/{below}", at
    if name == "sqrt":
        inside, at = argument(at, False)
        return "√" + inside, at
    if name == "boxed":
        return argument(at, False)
    if name in ("begin", "end"):
        kind, at = argument(at, False)
        if name == "begin" and kind in ("array", "tabular"):
            _, at = argument(at, False)
        return "", at
    if len(name) == 1 and not name.isalpha():
        return name, at
    unread.append("\\" + name)
    return "\\" + name, at


def _argument(marks: list[str], at: int, depth: int, unread: list[str], literal: bool) -> tuple[str, int]:
    """The argument of a command: a group in braces, or the next character."""
    while at < len(marks) and not marks[at].strip():
        at += 1
    if at >= len(marks) or depth >= _MAX_DEPTH:
        return "", at
    if marks[at] == "{":
        return _group(marks, at + 1, depth + 1, unread, literal=literal)
    mark = marks[at].lstrip()
    if mark.startswith("\\") or mark in "}^_&":
        return "", at
    marks[at] = mark[1:]
    return mark[0], at if marks[at] else at + 1
