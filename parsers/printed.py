"""Printed texts with their places: what records are made of."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from schemas.locations import Place
from schemas.records import FieldPlace


@dataclass(frozen=True, slots=True)
class Printed:
    """A text as stored, and the places of the characters that it was read from."""

    text: str
    places: tuple[Place, ...]

    def slice(self, start: int, end: int) -> tuple[Place, ...]:
        """The places of `text[start:end]`, for a text that is its pieces put together."""
        if sum(place.char_end - place.char_start for place in self.places) != len(self.text):
            return self.places  # white space was left out: the whole is exact, a part could not be
        found, at = [], 0
        for place in self.places:
            length = place.char_end - place.char_start
            a, b = max(start - at, 0), min(end - at, length)
            if a < b:
                found.append(replace(place, char_start=place.char_start + a, char_end=place.char_start + b))
            at += length
        return tuple(found)


def joined(pieces: Iterable[Printed]) -> Printed | None:
    """Several pieces as one text, in the order given; None where there are none."""
    pieces = [piece for piece in pieces if piece.text]
    if not pieces:
        return None
    return Printed("".join(p.text for p in pieces), tuple(place for p in pieces for place in p.places))


def trimmed(text: str, start: int = 0, end: int | None = None) -> tuple[int, int]:
    """Start and end of `text[start:end]` without the white space around it."""
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    return start, start + len(piece.strip())


def cut(block_no: int, text: str, start: int, end: int) -> Printed:
    """Characters of a paragraph, white space around them left out."""
    start, end = trimmed(text, start, end)
    return Printed(text[start:end], (Place(block_no, start, end),))


def field_places(fields: Mapping[str, Printed | None]) -> tuple[FieldPlace, ...]:
    """The `places` column of a record whose columns were read from `fields`."""
    return tuple(
        FieldPlace(name, p.block_no, p.row_no, p.column_no, p.char_start, p.char_end)
        for name, printed in fields.items()
        if printed is not None
        for p in printed.places
    )


def compact(text: str) -> str:
    """`text` without any white space: how headings, level names and labels are compared."""
    return re.sub(r"\s+", "", text)


_JOINT = re.compile(r"[^\S\n]*\n\s*")


def unwrapped(text: str) -> str:
    """A cell's text on one line: breaks inside Chinese words vanish; between Latin words or numbers one becomes a
    space, so that two numbers are never one."""

    def bridge(match: re.Match[str]) -> str:
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        both_ascii = before.isascii() and after.isascii()
        apart = both_ascii and (
            (before.isalpha() and after.isalpha()) or (before.isdigit() and after.isdigit())
        )
        return " " if apart else ""

    text = text.strip()
    return _JOINT.sub(bridge, text)
