"""Fields of .rtf and .odt files made to print what they printed last: LibreOffice would put the date of today, its own
page numbers and file names in their places, and load what they link to."""

import io
import re
import zipfile

from parsers.formats.compound import encrypted
from parsers.formats.zipped import MAX_PART_BYTES, Zipped, damaged
from schemas.errors import UnreadableFile

# Kinds of fields whose stored result stands whatever happens to it (ISO/IEC 29500-1, 17.16.5): those that need not
# be evaluated to be printed. Check boxes, combined characters and symbols print only what LibreOffice makes of them.
_KEPT = rb"(?i:FORMTEXT|FORMCHECKBOX|FORMDROPDOWN|SYMBOL|EQ|SHAPE|EMBED|HYPERLINK|TOC|PAGEREF|ADVANCE|AUTONUM\w*)\b"
_CONTROL = rb"(?:[{}\s]|\\\*|\\[a-z]++-?\d*+ ?|\\'[0-9a-f]{2})"
_RTF_FIELD = re.compile(rb"\\fldinst(?![a-z])(?!" + _CONTROL + rb"{0,60}+" + _KEPT + rb")")

_ODT_FIELD = re.compile(
    rb"(</?text:)(?:date|time|file-name|template-name|sheet-name|page-number|page-count|page-continuation|paragraph-count"
    rb"|word-count|character-count|table-count|image-count|object-count|author-(?:name|initials)|sender-[a-z-]+"
    rb"|creation-(?:date|time)|modification-(?:date|time)|print-(?:date|time)|printed-by|creator|initial-creator"
    rb"|editing-(?:cycles|duration)|title|subject|description|keywords|user-defined|user-field-get|variable-(?:get|set)"
    rb"|expression|text-input|conditional-text|hidden-text|database-[a-z-]+|reference-ref|bookmark-ref|note-ref"
    rb"|table-formula|sequence|sequence-ref|chapter|macro|dde-connection|execute-macro|placeholder)(?=[\s/>])"
)
_LINK = re.compile(rb"<text:section-source\b[^>]*/>|<text:section-source\b[^>]*>\s*</text:section-source>")
_TEXT_PARTS = ("content.xml", "styles.xml")
_HANDED_ON = ("mimetype", *_TEXT_PARTS, "meta.xml", "settings.xml", "meta-inf/manifest.xml")
"""All that the text needs. What else a package holds (pictures, scripts, other objects) can be of any size."""


def rtf_with_printed_fields(data: bytes) -> bytes:
    """The same .rtf, its fields' instructions turned into something that every reader leaves out."""
    return _RTF_FIELD.sub(rb"\\flxinst", data)


def odt_with_printed_fields(data: bytes) -> bytes:
    """The same .odt, its fields turned into the text that they print, without pictures, scripts and embedded objects.

    Raises UnreadableFile for a file that is damaged, protected by a password, or beyond the limits.
    """
    parts = Zipped(data)
    if b"encryption-data" in (parts.read("meta-inf/manifest.xml") or b""):
        raise encrypted()
    if parts.read("content.xml") is None:
        raise damaged()
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        left = MAX_PART_BYTES
        for name in parts.names():
            if name in _HANDED_ON:
                content = parts.read(name) or b""
                left -= len(content)
                if left < 0:
                    raise UnreadableFile(
                        "too_large",
                        f"The file unpacks to more than {MAX_PART_BYTES >> 20} MB of text. Split it.",
                    )
                if name in _TEXT_PARTS:
                    content = _LINK.sub(b"", _ODT_FIELD.sub(rb"\1span", content))
                archive.writestr(zipfile.ZipInfo(parts.name_as_written(name)), content)
    return target.getvalue()
