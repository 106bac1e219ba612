"""Small Word files for tests: the body is written as XML, all around it is made here."""

import io
import zipfile
from collections.abc import Mapping
from xml.sax.saxutils import escape

WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
NAMESPACES = (
    f'xmlns:w="{WORD}" xmlns:r="{REL}"'
    ' xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006"'
    ' xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'
    ' xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office"'
    ' xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing"'
    ' xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
    ' xmlns:wps="http://schemas.microsoft.com/office/word/2010/wordprocessingShape"'
    ' xmlns:w14="http://schemas.microsoft.com/office/word/2010/wordml"'
)
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_MAIN_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def docx(
    body: str,
    *,
    styles: str = "",
    numbering: str = "",
    footnotes: str = "",
    endnotes: str = "",
    title: str = "",
    main: str = "word/document.xml",
) -> bytes:
    """A .docx of these parts' inner XML; parts left empty are left out."""
    folder = main.rpartition("/")[0]
    parts = {
        "[Content_Types].xml": _content_types(main),
        "_rels/.rels": _relationships(
            {"officeDocument": main, **({"core-properties": "core.xml"} if title else {})}
        ),
        main: part("document", f"<w:body>{body}</w:body>"),
    }
    if title:
        parts["core.xml"] = (
            f'<cp:coreProperties xmlns:cp="{_PACKAGE}/metadata/core-properties"'
            f' xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>{title}</dc:title></cp:coreProperties>'
        )
    related = {"styles": styles, "numbering": numbering, "footnotes": footnotes, "endnotes": endnotes}
    for kind, inner in related.items():
        if inner:
            parts[f"{folder}/{kind}.xml"] = part(kind, inner)
    parts[f"{folder}/_rels/{main.rpartition('/')[2]}.rels"] = _relationships(
        {kind: f"{kind}.xml" for kind, inner in related.items() if inner}
    )
    return zipped({name: text.encode() for name, text in parts.items()})


def zipped(members: Mapping[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A zip of these members."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", compression) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, compression)
    return target.getvalue()


def part(root: str, inner: str) -> str:
    """A whole XML part around its inner XML."""
    return f'<?xml version="1.0" encoding="UTF-8"?><w:{root} {NAMESPACES}>{inner}</w:{root}>'


def p(text: str = "", properties: str = "") -> str:
    """A paragraph of one run."""
    return f"<w:p>{f'<w:pPr>{properties}</w:pPr>' if properties else ''}{r(text) if text else ''}</w:p>"


def r(text: str, properties: str = "") -> str:
    """A run of one text."""
    run_properties = f"<w:rPr>{properties}</w:rPr>" if properties else ""
    return f'<w:r>{run_properties}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'


def num(num_id: int, ilvl: int | None = 0) -> str:
    """The w:numPr of a numbered paragraph."""
    level = "" if ilvl is None else f'<w:ilvl w:val="{ilvl}"/>'
    return f'<w:numPr>{level}<w:numId w:val="{num_id}"/></w:numPr>'


def tbl(*rows: str) -> str:
    """A table of rows."""
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def tr(*cells: str, properties: str = "") -> str:
    """A row of cells; a plain text stands for a plain cell."""
    made = "".join(cell if cell.startswith("<") else tc(cell) for cell in cells)
    return f"<w:tr>{f'<w:trPr>{properties}</w:trPr>' if properties else ''}{made}</w:tr>"


def tc(text: str = "", *, span: int = 1, merge: str = "", properties: str = "", content: str = "") -> str:
    """A cell; `merge` is "restart" or "continue", `content` the XML that replaces the one paragraph."""
    inner = properties
    if span > 1:
        inner += f'<w:gridSpan w:val="{span}"/>'
    if merge:
        inner += '<w:vMerge w:val="restart"/>' if merge == "restart" else "<w:vMerge/>"
    return f"<w:tc><w:tcPr>{inner}</w:tcPr>{content or p(text)}</w:tc>"


def level(ilvl: int, number_format: str, text: str, more: str = "") -> str:
    """A w:lvl that begins at one and has nothing between number and text."""
    suffix = "" if "w:suff" in more else '<w:suff w:val="nothing"/>'
    return (
        f'<w:lvl w:ilvl="{ilvl}"><w:start w:val="1"/><w:numFmt w:val="{number_format}"/>{more}'
        f'{suffix}<w:lvlText w:val="{text}"/></w:lvl>'
    )


def abstract(abstract_id: int, *levels: str) -> str:
    """A w:abstractNum."""
    return f'<w:abstractNum w:abstractNumId="{abstract_id}">{"".join(levels)}</w:abstractNum>'


def use(num_id: int, abstract_id: int, overrides: str = "") -> str:
    """A w:num."""
    return f'<w:num w:numId="{num_id}"><w:abstractNumId w:val="{abstract_id}"/>{overrides}</w:num>'


def _content_types(main: str) -> str:
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{_MAIN_TYPE}"/></Types>'
    )


def _relationships(targets: Mapping[str, str]) -> str:
    entries = "".join(
        f'<Relationship Id="rId{number}" Type="{REL}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(targets.items(), start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{entries}</Relationships>'
