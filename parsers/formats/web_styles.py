"""Classes of a web page that its own style sheet hides: `.hide {display: none}`.

Only rules on a class alone count, outside of conditions (@media): what such a rule hides is shown to nobody, unless a
script or another rule shows it again.
"""

import re

_MOST = 400_000
"""Characters of style sheets that are read; a site's own are linked, not in the page."""
_PIECE = re.compile(r"[{}]")
_SIMPLE = re.compile(r"(?:[a-z][a-z0-9]*)?\.([A-Za-z_][\w-]*)", re.ASCII)
_CLASS = re.compile(r"\.([A-Za-z_][\w-]*)", re.ASCII)
_DISPLAY = re.compile(r"(?:^|;)display:([a-z-]+)")


def hidden_classes(css: str) -> frozenset[str]:
    """The classes whose elements a style sheet hides and no rule of it shows."""
    hidden: set[str] = set()
    shown: set[str] = set()
    for selectors, body in _rules(_without_comments(css[:_MOST])):
        display = _DISPLAY.search(re.sub(r"\s+", "", body).lower())
        if display is None:
            continue
        for selector in selectors.split(","):
            simple = _SIMPLE.fullmatch(selector.strip())
            if display[1] != "none":
                shown.update(_CLASS.findall(selector))
            elif simple:
                hidden.add(simple[1])
    return frozenset(hidden - shown)


def _without_comments(css: str) -> str:
    first, *parts = css.split("/*")
    return first + "".join(part.partition("*/")[2] for part in parts)


def _rules(css: str) -> list[tuple[str, str]]:
    """The rules of a style sheet outside of conditions: selectors and declarations."""
    found: list[tuple[str, str]] = []
    opened: list[tuple[str, int]] = []
    at = 0  # where the selectors of the next rule begin
    for mark in _PIECE.finditer(css):
        if mark[0] == "{":
            opened.append((css[at : mark.start()].rpartition(";")[2].strip(), mark.end()))
        elif opened:
            selectors, start = opened.pop()
            if not opened and not selectors.startswith("@"):
                found.append((selectors, css[start : mark.start()]))
        at = mark.end()
    return found
