"""The ruling lines of a scanned page: found as long runs of ink, mended where the scan broke them."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from parsers.formats.scan_picture import MM, Picture, long_runs, pieces_of, spread

_RUN = 5.0 * MM
"""Points that a rule runs on without a break: no stroke of body text does."""
_WHOLE = 0.8
"""Share of a rule that ink covers, breaks and all: strokes of neighbouring characters cover less."""
_SHORTEST = 5.5 * MM
"""Points of the shortest rule that crosses or meets others: the side of a cell."""
_ALONE = 15 * MM
"""Points of the shortest rule that meets no other: a line to write on; a long dash is shorter."""
_FRAME = 14 * MM
"""Points that the longest of rules that meet is at least: the strokes of a title's characters meet like rules, those of 36
point print are 12 mm."""
_BARE = 0.95
"""Share of runs in the ink of a piece of a frame."""
_THICKEST = 1.2 * MM
_GAP = 6 * MM
"""Points that a worn rule may be broken for."""
_END = 0.8 * MM
"""Points from the end of a rule to the middle of that which it ends at."""
_ASIDE = 0.9 * MM
"""Points that the pieces of one rule may lie aside of each other, for what skew is left and paper that curls."""
_MOST = 4000
"""Rules on a page: more are a texture."""


class Ruling(NamedTuple):
    """A rule in pixels: from `start` to `end` along it, at `at` across it, `thick` pixels wide, with `inked` pixels of
    its length printed."""

    start: float
    end: float
    at: float
    thick: float
    inked: float


class Rules(NamedTuple):
    """The rules of a page, level and upright, in order; `mask` is 1 on their ink."""

    level: tuple[Ruling, ...]
    upright: tuple[Ruling, ...]
    mask: Picture


def rules_of(ink: Picture, scale: float) -> Rules:
    """The ruling lines in `ink` (1 on print), at `scale` pixels a point."""
    level_mask, upright_mask = _runs(ink, scale)
    level_pieces = _one_way(level_mask, scale, level=True)
    upright_pieces = _one_way(upright_mask, scale, level=False)
    # the lines of a merged row part what stands above it from what stands below it, and the other way round
    upright = _mended(upright_pieces, scale, _mended(level_pieces, scale, []))
    level = _mended(level_pieces, scale, _mended(upright_pieces, scale, []))
    kept_level, kept_upright = _framed(
        _crossed(level, upright, scale), _crossed(upright, level, scale), scale
    )
    mask = np.zeros_like(ink)
    _paint(mask, level_mask, kept_level, scale, level=True)
    _paint(mask, upright_mask, kept_upright, scale, level=False)
    return Rules(tuple(kept_level), tuple(kept_upright), mask)


def _runs(ink: Picture, scale: float) -> tuple[Picture, Picture]:
    """The ink that runs on level and upright, without the strokes of large print: mended to those of the characters beside
    them they would look like rules."""
    length = max(8, round(_RUN * scale))
    level, upright = long_runs(ink, length, level=True), long_runs(ink, length, level=False)
    if not (level.any() or upright.any()):
        return level, upright
    patches = pieces_of(ink)
    sides = patches.boxes[:, 2:] - patches.boxes[:, :2]
    shorter = sides.min(axis=1)
    print_like = np.concatenate([[False], (shorter > _THICKEST * scale) & (shorter <= _FRAME * scale)])
    frame = round(_FRAME * scale)
    for long in (long_runs(level, frame, level=True), long_runs(upright, frame, level=False)):
        print_like[patches.labels[np.nonzero(long)]] = False
    ys, xs = np.nonzero(level | upright)
    labels = patches.labels[ys, xs]
    run = np.bincount(labels, minlength=len(print_like))
    # the corner of a worn frame is nothing but runs
    print_like[1:] &= run[1:] < _BARE * patches.areas
    strokes = print_like[labels]
    level[ys[strokes], xs[strokes]] = 0
    upright[ys[strokes], xs[strokes]] = 0
    return level, upright


def _one_way(mask: Picture, scale: float, level: bool) -> list[Ruling]:
    # runs of a skewed rule step aside by a pixel where they meet
    pieces = pieces_of(spread(mask, 1, 0) if level else spread(mask, 0, 1))
    along, across = (0, 1) if level else (1, 0)
    found = []
    for box, area in zip(pieces.boxes, pieces.areas, strict=True):
        start, end = float(box[along]), float(box[along + 2])
        thick = float(area) / (end - start)
        if thick <= max(3.0, _THICKEST * scale):
            at = (float(box[across]) + float(box[across + 2])) / 2
            found.append(Ruling(start, end, at, thick, end - start))
    return found if len(found) <= _MOST else []


def _mended(pieces: list[Ruling], scale: float, others: list[Ruling]) -> list[Ruling]:
    """The pieces of broken rules put together: those that go on in line after a short gap, unless it goes from one of
    the rules across (`others`) to the next: there a cell is as wide as two."""
    across = np.array([(rule.at, rule.start, rule.end) for rule in others]).reshape(-1, 3)
    rules: list[Ruling] = []
    open_ends: list[Ruling] = []
    for piece in sorted(pieces):
        open_ends = [rule for rule in open_ends if rule.end + _GAP * scale >= piece.start]
        near = [
            rule
            for rule in open_ends
            if abs(rule.at - piece.at) <= _ASIDE * scale and not _is_opening(rule, piece, across, scale)
        ]
        if not near:
            open_ends.append(piece)
            rules.append(piece)
            continue
        before = min(near, key=lambda rule: (abs(rule.at - piece.at), rule))
        one, other = before.end - before.start, piece.end - piece.start
        whole = Ruling(
            before.start,
            max(before.end, piece.end),
            (before.at * one + piece.at * other) / (one + other),
            max(before.thick, piece.thick),
            before.inked + min(other, max(0.0, piece.end - before.end)),
        )
        rules[rules.index(before)] = whole
        open_ends[open_ends.index(before)] = whole
    return rules


def _is_opening(before: Ruling, after: Ruling, across: NDArray[np.float64], scale: float) -> bool:
    """Whether the gap between two pieces goes from one rule across to another."""
    near = _END * scale
    if after.start - before.end <= 2 * near:
        return False
    here = across[(across[:, 1] <= before.at + near) & (across[:, 2] >= before.at - near), 0]
    ends = ((np.abs(here - end) <= near).any() for end in (before.end, after.start))
    return all(ends)


def _crossed(rules: list[Ruling], others: list[Ruling], scale: float) -> list[Ruling]:
    """The rules that are long enough: shorter ones only where they meet a rule of the other direction."""
    near = 1.5 * MM * scale
    places = np.array([(rule.at, rule.start, rule.end) for rule in others]).reshape(-1, 3)
    kept = []
    for rule in rules:
        length = rule.end - rule.start
        if length < _SHORTEST * scale or rule.inked < _WHOLE * length:
            continue
        meets = (
            (places[:, 0] >= rule.start - near)
            & (places[:, 0] <= rule.end + near)
            & (places[:, 1] <= rule.at + near)
            & (places[:, 2] >= rule.at - near)
        )
        if length >= _ALONE * scale or np.count_nonzero(meets) >= 2:
            kept.append(rule)
    return kept


def _framed(level: list[Ruling], upright: list[Ruling], scale: float) -> tuple[list[Ruling], list[Ruling]]:
    """The rules without those that meet none longer than a large character, not even through others."""
    reach = 1.5 * MM * scale
    near = np.zeros((2, 0), np.int64)
    if level and upright:
        across = np.array([(rule.at, rule.start - reach, rule.end + reach) for rule in level])[:, None, :]
        down = np.array([(rule.at, rule.start - reach, rule.end + reach) for rule in upright])[None, :, :]
        near = np.array(
            np.nonzero(
                (across[..., 1] <= down[..., 0])
                & (down[..., 0] <= across[..., 2])
                & (down[..., 1] <= across[..., 0])
                & (across[..., 0] <= down[..., 2])
            )
        )
    long = [[rule.end - rule.start >= _FRAME * scale for rule in rules] for rules in (level, upright)]
    meets: list[list[list[int]]] = [[[] for _ in rules] for rules in (level, upright)]
    for one, other in near.T.tolist():
        meets[0][one].append(other)
        meets[1][other].append(one)
    waiting = [(way, n) for way in (0, 1) for n, is_long in enumerate(long[way]) if is_long]
    while waiting:
        way, n = waiting.pop()
        for other in meets[way][n]:
            if not long[1 - way][other]:
                long[1 - way][other] = True
                waiting.append((1 - way, other))
    first, second = (
        [rule for rule, kept in zip(rules, is_kept, strict=True) if kept]
        for rules, is_kept in zip((level, upright), long, strict=True)
    )
    return first, second


def _paint(mask: Picture, runs: Picture, rules: list[Ruling], scale: float, level: bool) -> None:
    """Adds to `mask` the ink of `runs` that lies on the rules."""
    aside = _ASIDE * scale
    for rule in rules:
        low, high = max(0, int(rule.at - aside - rule.thick)), int(rule.at + aside + rule.thick) + 1
        here = (slice(low, high), slice(int(rule.start), int(rule.end) + 1))
        if not level:
            here = here[::-1]
        mask[here] |= runs[here]
