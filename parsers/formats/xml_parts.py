"""XML out of files that are taken as hostile: no entity, DTD or network address is followed.

What lxml says about bad XML becomes UnreadableFile here.
"""

from lxml import etree
from lxml.etree import _Element

from schemas.errors import UnreadableFile

_RESOURCE_LIMIT = 114  # libxml2's XML_ERR_RESOURCE_LIMIT: too deep, or a text too long
_PARSER = etree.XMLParser(
    resolve_entities=False,
    no_network=True,
    load_dtd=False,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
    collect_ids=False,
)


def read_xml(data: bytes) -> _Element:
    """The root element of an XML document. Raises UnreadableFile."""
    try:
        root = etree.fromstring(data, _PARSER)
    except etree.XMLSyntaxError as error:
        if _is_limit(error):
            raise UnreadableFile(
                "too_large",
                "The file nests or repeats more than any report does. Open it where it was written and save it anew.",
            ) from error
        raise _damaged() from error
    except (LookupError, ValueError) as error:  # an encoding that does not exist, or is another than declared
        raise _damaged() from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile(
            "unsupported",
            "The file declares a DOCTYPE, which no office program writes. Open it where it was written and save it anew.",
        )
    return root


def _is_limit(error: etree.XMLSyntaxError) -> bool:
    code: object = getattr(error, "code", None)  # absent from lxml's type stubs
    return code == _RESOURCE_LIMIT


def serialised(root: _Element) -> bytes:
    """An element as XML, in ASCII whatever its encoding was."""
    return etree.tostring(root)


def _damaged() -> UnreadableFile:
    return UnreadableFile(
        "truncated",
        "The XML inside the file is damaged. Open it where it was written, repair it and save it anew.",
    )
