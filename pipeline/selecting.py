"""Which of many sources a run over some of them reads.

A run that reads again what failed is given names: of files, of members of archives, and of archives that could not be
unpacked, whose members have no outcome of their own yet.
"""

from collections.abc import Iterator, Sequence

from pipeline.sources import Source

MEMBER = "!"
"""Between an archive and its member; a file may have it in its name, too."""


def around(name: str) -> Iterator[str]:
    """What may be an archive around a source, the outermost first: a.zip, a.zip!b.7z of a.zip!b.7z!c.docx."""
    parts = name.split(MEMBER)
    return (MEMBER.join(parts[:n]) for n in range(1, len(parts)))


def needed_first(sources: Sequence[Source], names: frozenset[str]) -> tuple[Source, ...]:
    """The files that are, or may hold, what `names` name."""
    wanted = names.union(*map(around, names))
    return tuple(s for s in sources if s.source in wanted)


def taken(sources: Sequence[Source], names: frozenset[str]) -> tuple[Source, ...]:
    """The sources that are named, and those in archives that are."""
    return tuple(s for s in sources if s.source in names or any(a in names for a in around(s.source)))
