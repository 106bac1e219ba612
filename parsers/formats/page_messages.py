"""What readers of pages say in plain words."""

from collections.abc import Iterable, Sequence

_PAGES_NAMED = 12
"""Pages named in a warning; more are only counted."""
_MARKS_NAMED, _MARK_LENGTH = 5, 20


def holding(pages: Sequence[int]) -> str:
    """`pages 3, 5 hold`: their numbers, or how many there are."""
    if len(pages) == 1:
        return f"page {pages[0]} holds"
    if len(pages) > _PAGES_NAMED:
        return f"{len(pages)} pages, the first of them page {pages[0]}, hold"
    return f"pages {', '.join(map(str, pages))} hold"


def watermarks_left_out(marks: Iterable[str]) -> tuple[str, ...]:
    """A note of the watermarks; nothing where there are none."""
    found = list(marks)
    if not found:
        return ()
    more = "…" if len(found) > _MARKS_NAMED else ""
    return (f"watermarks were left out: {'、'.join(m[:_MARK_LENGTH] for m in found[:_MARKS_NAMED])}{more}",)
