r"""The LaTeX that some OCR tools write between Markdown (Mathpix) -> Markdown: headings, and tables as HTML.

Headings are `\section*{…}`, `\title{…}`; tables `\begin{tabular}` with `\multicolumn` and `\multirow`. Wrappers that
print nothing (`table`, `center`) are left out. Formulas stay: `markdown_text` reads them.
"""

import html
import re
from typing import NamedTuple

_LEVELS = {
    "title": 1,
    "chapter": 1,
    "part": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
}
_LINES = ("author", "date", "caption", "captionof", "footnotetext")
_HEADED = re.compile(rf"\\(?P<name>{'|'.join((*_LEVELS, *_LINES))})\*?\s*(?:\[[^\]\n]{{0,20}}\]\s*)?(?=\{{)")
_WRAPPERS = re.compile(
    r"\\(?:begin|end)\{(?:table|figure|center|abstract|itemize|enumerate|flushright|flushleft|document)\*?\}(?:\[[^\]\n]{0,20}\])?"
    r"|\\(?:maketitle|centering|captionsetup\{[^{}\n]{0,100}\}|label\{[^{}\n]{0,100}\})"
)
_ITEM = re.compile(r"^\s*\\item\b[ \t]*", re.MULTILINE)
_BRACE = re.compile(r"\\.|[{}]", re.DOTALL)
_EDGE = re.compile(r"\\(begin|end)\s*\{(tabular|longtable|tabularx)\*?\}")
_LONGEST = 20_000
"""Characters that one group in braces may hold: a heading has a line, a cell a page at most."""
_MOST_CELLS = 20_000
_MOST_SPAN = 200

_LINE = re.compile(
    r"\s*\\(?:hline|toprule|midrule|bottomrule|cline\s*\{[^{}]{0,20}\}|cmidrule(?:\([^()]{0,5}\))?\s*\{[^{}]{0,20}\}|endhead|endfirsthead)"
)
_MULTI = re.compile(r"\s*\\multi(?P<kind>column|row)\s*(?:\[[^\]]{0,10}\]\s*)?(?=\{)")
_MARK = re.compile(
    r"\\(?P<edge>begin|end)\s*\{(?:tabular|array)\}|\\\\(?:\[[^\]]{0,10}\])?|\\.|[&{}]", re.DOTALL
)


class _Cell(NamedTuple):
    text: str
    rows: int
    cols: int


def as_markdown(text: str, warnings: list[str]) -> str:
    """The text with its LaTeX headings as Markdown's and its tables as HTML; what could not be read goes to `warnings`."""
    if "\\" not in text:
        return text
    text = _with_tables(text, warnings)
    text = _with_headings(text)
    return _ITEM.sub("", _WRAPPERS.sub("", text))


def _with_headings(text: str) -> str:
    parts: list[str] = []
    at = 0
    for match in _HEADED.finditer(text):
        if match.start() < at:
            continue
        inside, end = _braced(text, match.end())
        if end < 0:
            continue
        if match["name"] == "captionof" and text[end : end + 1] == "{":  # \captionof{table}{…}
            inside, end = _braced(text, end)
        marks = "#" * _LEVELS.get(match["name"], 0)
        lines = [line.strip().removesuffix("\\\\").strip() for line in inside.split("\n")]
        parts += [
            text[at : match.start()],
            *(f"\n{marks} {line}\n".replace("\n ", "\n") for line in lines if line),
        ]
        at = end
    return "".join([*parts, text[at:]])


def _braced(text: str, at: int) -> tuple[str, int]:
    """What the braces that open at `at` hold, and the place behind them; -1 where they do not close."""
    depth = 0
    for match in _BRACE.finditer(text, at, at + _LONGEST):
        depth += {"{": 1, "}": -1}.get(match[0], 0)
        if depth == 0:
            return text[at + 1 : match.start()], match.end()
    return "", -1


# ---- tables -----------------------------------------------------------------------------


def _with_tables(text: str, warnings: list[str]) -> str:
    parts: list[str] = []
    at = start = depth = 0
    for edge in _EDGE.finditer(text):
        if edge[1] == "begin":
            if depth == 0:
                start = edge.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                parts += [text[at:start], "\n", _table(text[start : edge.end()]), "\n"]
                at = edge.end()
    if depth:
        warnings.append("A table of LaTeX is not closed in the text and stands as written.")
    return "".join([*parts, text[at:]])


def _table(source: str) -> str:
    """A tabular, from its \\begin to its \\end, as a table of HTML on one line."""
    opening = _EDGE.match(source)
    at = opening.end() if opening else 0
    while at < len(source) and source[at] in "{[ \t\n":  # the columns, and where the table stands
        if source[at] == "{":
            _, at = _braced(source, at)
        elif source[at] == "[":
            at = source.find("]", at) + 1
        else:
            at += 1
        if at <= 0 or source[at - 1 : at] == "}":
            break
    body = source[max(at, 0) : source.rfind("\\end")]
    rows = [[_cell(cell) for cell in row] for row in _rows(body)]
    return _html(rows)


def _rows(body: str) -> list[list[str]]:
    """The cells of each row, as written; & and \\\\ within braces and within tables of a cell belong to the cell."""
    rows: list[list[str]] = [[]]
    depth = inner = start = cells = 0
    for mark in _MARK.finditer(body):
        if mark["edge"]:
            inner += 1 if mark["edge"] == "begin" else -1
        elif mark[0] in "{}":
            depth += 1 if mark[0] == "{" else -1
        elif depth <= 0 and inner <= 0 and (mark[0] == "&" or mark[0].startswith("\\\\")):
            rows[-1].append(body[start : mark.start()])
            start = mark.end()
            cells += 1
            if mark[0] != "&":
                rows.append([])
            if cells >= _MOST_CELLS:
                break
    rows[-1].append(body[start:])
    for row in rows:
        while lined := _LINE.match(row[0]):
            row[0] = row[0][lined.end() :]
    return [row for row in rows if len(row) > 1 or row[0].strip()]


def _cell(source: str) -> _Cell:
    """A cell with its spans; tables in it are its lines."""
    rows = cols = 1
    while found := _MULTI.match(source):
        count, at = _braced(source, found.end())
        _, at = _braced(source, at) if at > 0 and source[at : at + 1] == "{" else ("", at)
        if at < 0:
            break
        while source[at : at + 1].isspace() or source[at : at + 1] == "*":
            at += 1
        inside, end = _braced(source, at)
        if end < 0:
            break
        span = min(int(count), _MOST_SPAN) if count.strip().isdecimal() else 1
        rows, cols = (rows, max(span, 1)) if found["kind"] == "column" else (max(span, 1), cols)
        source = inside + source[end:].rstrip()
    return _Cell(_lines(source), rows, cols)


def _lines(source: str) -> str:
    source = re.sub(
        r"\\begin\s*\{tabular\}\s*(?:\[[^\]]{0,10}\]\s*)?\{[^{}]{0,100}\}|\\end\s*\{tabular\}", "", source
    )
    source = re.sub(r"\\hline|\\newline\b", " ", source)
    return (
        "\n".join(line.strip() for line in re.split(r"\\\\", source) if line.strip()).replace("\n", "<br>")
        if ("$" not in source)
        else " ".join(source.split())
    )


def _html(rows: list[list[_Cell]]) -> str:
    """Rows of cells as HTML. Under a cell over several rows LaTeX writes empty ones: these are left out."""
    covered: dict[int, int] = {}  # column -> rows below that a cell above covers
    parts = ["<table>"]
    for row in rows:
        parts.append("<tr>")
        column = 0
        for cell in row:
            own = range(column, column + cell.cols)
            column += cell.cols
            if covered.get(own[0], 0) > 0 and not cell.text:
                covered.update({k: covered.get(k, 0) - 1 for k in own})
                continue
            covered.update(dict.fromkeys(own, cell.rows - 1))
            text = "<br>".join(html.escape(line, quote=False) for line in cell.text.split("<br>"))
            parts.append(f'<td rowspan="{cell.rows}" colspan="{cell.cols}">{text}</td>')
        parts.append("</tr>")
    return "".join([*parts, "</table>"])
