"""XML out of files that are taken as hostile: no entity, DTD or network address is followed.

What lxml says about bad XML becomes UnreadableFile here.
"""

import io
from collections.abc import Collection, Iterator

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
        raise _unparsed(error) from error
    except (LookupError, ValueError) as error:  # an encoding that does not exist, or is another than declared
        raise _damaged() from error
    _refuse_doctype(root)
    return root


def stream(data: bytes, tags: Collection[str]) -> Iterator[_Element]:
    """The elements of a large XML document that bear one of `tags`, each whole, in the order in which they end.

    An element is gone once the next one is asked for, so that a document takes no more memory than its largest
    element. Raises UnreadableFile.
    """
    try:
        elements = etree.iterparse(
            io.BytesIO(data), tag=tuple(tags), resolve_entities=False, no_network=True, load_dtd=False,
            huge_tree=False, remove_comments=True, remove_pis=True, collect_ids=False,
        )  # fmt: skip
        is_first = True
        for _, element in elements:
            if is_first:
                _refuse_doctype(element)
                is_first = False
            yield element
            element.clear()
            parent = element.getparent()
            while parent is not None and element.getprevious() is not None:
                del parent[0]
    except etree.XMLSyntaxError as error:
        raise _unparsed(error) from error
    except (LookupError, ValueError) as error:
        raise _damaged() from error


def _refuse_doctype(element: _Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise UnreadableFile(
            "unsupported",
            "The file declares a DOCTYPE, which no office program writes. Open it where it was written and save it anew.",
        )


def _unparsed(error: etree.XMLSyntaxError) -> UnreadableFile:
    if _is_limit(error):
        return UnreadableFile(
            "too_large",
            "The file nests or repeats more than any report does. Open it where it was written and save it anew.",
        )
    return _damaged()


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
