"""A draft as OFD, the page format of Chinese offices (GB/T 33190): a zip of XML with texts and paths in millimetres."""

from __future__ import annotations

from xml.sax.saxutils import escape

from tests.samples.docx import zipped
from tests.samples.formats.pages import Sheet, Text, sheets
from tests.samples.formats.pdf import measure
from tests.samples.model import Draft

TRAPS = (
    "heads",
    "head_rule",
    "repeat_header",
    "cut_rows",
    "open_cuts",
    "narrow",
    "ragged",
    "default_namespace",
)
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
SPACE = "http://www.ofdspec.org/2016"
MM = 25.4 / 72


def document(draft: Draft) -> bytes:
    pages = sheets(draft, measure)
    files = {
        "OFD.xml": f'{HEAD}<ofd:OFD xmlns:ofd="{SPACE}" Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        "<ofd:DocID>00000000000000000000000000000001</ofd:DocID><ofd:Creator>jixiao samples</ofd:Creator>"
        "<ofd:CreationDate>2024-01-01</ofd:CreationDate></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>",
        "Doc_0/PublicRes.xml": f'{HEAD}<ofd:Res xmlns:ofd="{SPACE}" BaseLoc="Res"><ofd:Fonts>'
        '<ofd:Font ID="1" FontName="宋体" FamilyName="宋体"/></ofd:Fonts></ofd:Res>',
        "Doc_0/Document.xml": _root(pages),
    }
    number = 100
    for n, sheet in enumerate(pages):
        body = []
        for made in (*map(_path, sheet.rules), *map(_text, sheet.texts)):
            number += 1
            body.append(made.format(id=number))
        files[f"Doc_0/Pages/Page_{n}/Content.xml"] = (
            f'{HEAD}<ofd:Page xmlns:ofd="{SPACE}"><ofd:Area><ofd:PhysicalBox>{_area(sheet)}</ofd:PhysicalBox></ofd:Area>'
            f'<ofd:Content><ofd:Layer ID="{number + 1}" Type="Body">{"".join(body)}</ofd:Layer></ofd:Content></ofd:Page>'
        )
        number += 1
    if "default_namespace" in draft.layout.traps:
        files = {k: v.replace("xmlns:ofd=", "xmlns=").replace("ofd:", "") for k, v in files.items()}
    return zipped(files)


def _root(pages: list[Sheet]) -> str:
    listed = "".join(
        f'<ofd:Page ID="{10 + n}" BaseLoc="Pages/Page_{n}/Content.xml"/>' for n in range(len(pages))
    )
    return (
        f'{HEAD}<ofd:Document xmlns:ofd="{SPACE}"><ofd:CommonData><ofd:MaxUnitID>99999</ofd:MaxUnitID>'
        f"<ofd:PageArea><ofd:PhysicalBox>{_area(pages[0])}</ofd:PhysicalBox></ofd:PageArea>"
        f"<ofd:PublicRes>PublicRes.xml</ofd:PublicRes></ofd:CommonData><ofd:Pages>{listed}</ofd:Pages></ofd:Document>"
    )


def _area(sheet: Sheet) -> str:
    return f"0 0 {sheet.width * MM:.2f} {sheet.height * MM:.2f}"


def _path(rule: tuple[float, float, float, float]) -> str:
    x0, y0, x1, y1 = (v * MM for v in rule)
    return (
        f'<ofd:PathObject ID="{{id}}" Boundary="{x0:.3f} {y0:.3f} {max(x1 - x0, 0.2):.3f} {max(y1 - y0, 0.2):.3f}" '
        f'LineWidth="0.18"><ofd:StrokeColor Value="0 0 0"/>'
        f"<ofd:AbbreviatedData>M 0 0 L {x1 - x0:.3f} {y1 - y0:.3f}</ofd:AbbreviatedData></ofd:PathObject>"
    )


def _text(text: Text) -> str:
    """A line in a box of its own, with the way from each sign to the next."""
    wide = measure(text.text, text.size)
    space = (text.width - wide) / (len(text.text) - 1) if text.width and len(text.text) > 1 else 0.0
    steps = " ".join(f"{(measure(c, text.size) + space) * MM:.3f}" for c in text.text[:-1])
    delta = f' DeltaX="{steps}"' if steps else ""
    size = text.size * MM
    shown = escape(text.text).replace("{", "{{").replace("}", "}}")
    return (
        f'<ofd:TextObject ID="{{id}}" Boundary="{text.x * MM:.3f} {text.y * MM - size * 0.9:.3f} '
        f'{max(wide, text.width) * MM:.3f} {size * 1.2:.3f}" Font="1" Size="{size:.3f}"'
        f"{' Weight=' + chr(34) + '700' + chr(34) if text.bold else ''}>"
        f'<ofd:TextCode X="0" Y="{size * 0.9:.3f}"{delta}>{shown}</ofd:TextCode></ofd:TextObject>'
    )
