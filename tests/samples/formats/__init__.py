"""Renderers: a draft as the bytes of a file, one module a format. The same draft and layout give the same bytes."""

from __future__ import annotations

from collections.abc import Callable

from tests.samples import docx, textdump
from tests.samples.formats import excel, markdown, ofd, office, pdf, scan, web
from tests.samples.model import Draft

RENDERERS: dict[str, Callable[[Draft], bytes]] = {
    "docx": docx.document,
    "txt": textdump.dump,
    "pdf": pdf.document,
    "ofd": ofd.document,
    "xlsx": excel.document,
    "html": web.html,
    "mht": web.mht,
    "md": markdown.document,
    "scan": scan.pdf,
    "png": scan.png,
    "jpg": scan.jpeg,
}
"""Formats that are written here. Those of `office.KINDS` are made from them."""

FORMATS = (*RENDERERS, *office.KINDS)
DRAWN_WITH_A_FONT = frozenset({"scan", "png", "jpg"})
AS_MADE = frozenset(office.KINDS)
NEED_TOOLS = DRAWN_WITH_A_FONT | {"doc", "rtf", "odt"}
"""Formats that are read with OCR or LibreOffice."""
"""Formats whose bytes differ each time they are made."""

FORMS_ONLY = frozenset({"xlsx", "xls", "png", "jpg"})
"""Formats in which only forms come, no reports of many chapters."""

SUFFIXES = {"scan": "pdf", "office_pdf": "pdf"}
"""Suffixes that differ from the name of the format."""

TRAPS: dict[str, tuple[str, ...]] = {
    "pdf": pdf.TRAPS,
    "ofd": ofd.TRAPS,
    "xlsx": excel.TRAPS,
    "xls": excel.TRAPS,
    "html": web.TRAPS,
    "mht": tuple(t for t in web.TRAPS if t not in ("lying_meta", "no_meta")),
    "md": markdown.TRAPS,
    "scan": scan.TRAPS,
    "png": scan.PICTURE_TRAPS,
    "jpg": scan.PICTURE_TRAPS,
}
"""What can make a file of a format hard to read."""

WORD_ONLY = frozenset(
    {"content_control", "grid_before", "tracked_change", "footnote", "text_box", "bookmarks"}
)
"""Features of a draft that only Word and what is made from Word can show."""


def missing(form: str) -> str | None:
    """Why a format cannot be written on this machine, or None."""
    if form in DRAWN_WITH_A_FONT and scan.font() is None:
        return "the font of the drawn scans (Noto Sans CJK) is not installed"
    if form in AS_MADE and office.program() is None:
        return "LibreOffice is not installed"
    return None


def rendered(drafts: list[Draft], form: str) -> list[bytes]:
    """Each draft in the format `form`."""
    if form in RENDERERS:
        return [RENDERERS[form](draft) for draft in drafts]
    made = {str(n): RENDERERS[office.KINDS[form][0]](draft) for n, draft in enumerate(drafts)}
    return list(office.converted(made, form).values())
