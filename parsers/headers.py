"""Rows that are headers: which column plays which role, and what kind of block a header opens."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, zip_longest
from typing import Literal

from parsers.grid import Grid
from parsers.printed import compact
from parsers.values import read_number
from schemas.blocks import Cell
from schemas.records import Measure
from schemas.vocabulary import COLUMN_ROLES, COVER_LABELS, UNIT_NOTE, ColumnRole

Family = Literal["indicators", "scores", "budget", "projects", "objectives"]

MEASURE_COLUMNS: tuple[Measure, ...] = (
    "initial_budget", "budget", "allocated", "received", "disbursed", "executed", "carried_over",
)  # fmt: skip
"""Measures that columns of money have."""
_MEASURES = frozenset[str](MEASURE_COLUMNS)
_VALUES = frozenset({"target", "actual", "progress", "target_nature", "completion_rate", "deviation_rate"})
_LEVELS: tuple[ColumnRole, ...] = ("level1", "level2", "name")
POINTS = frozenset({"weight", "score", "score_rate"})
_HEADINGS_KEPT = 8192
"""Cell texts whose role is remembered: those of a long table, not those of a long run."""
_HEADER_SHARE = 0.6
"""Share of a header row's cells that must be column headings we know."""
_UNIT_MARK = re.compile(
    r"[/／]?(?:万元|亿元|元)$|[%％]$|[（(【](?:单位[：:]?)?(?:亿元|千万元|百万元|万元|千元|元|%|％|分)[)）】]"
)
_PERIOD = re.compile(
    r"^(?:截[至止])?(?:20\d{2}年?度?)?(?:\d{1,2}[-—－–~至到]\d{1,2}月份?|\d{1,2}月[底末]?|上半年|前三季度|第?[一二三四]季度|年中|年末|年底|(?<=[年度]))"
)
"""The period of a monitoring form before the heading proper (1-7月执行数)."""

_LABEL = re.compile(
    r"(?:^|(?<=\s))((?:[\u4e00-\u9fff]\s+){1,8}[\u4e00-\u9fff](?=\s*[：:])|[^\s：:，。；]{2,16})\s*[：:]\s*"
)


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a region: its rows, and the lowest heading cell of each column with its role."""

    first_row: int
    last_row: int
    cells: tuple[Cell, ...]
    roles: tuple[ColumnRole | None, ...]
    above: tuple[Cell | None, ...]
    """The heading over each heading of a header in two rows."""

    @property
    def leading(self) -> int:
        """Columns at the left that merged cells may cover: side label and levels, up to the name."""
        for index, role in enumerate(self.roles):
            if role in ("name", "project", "dimension"):
                return index
            if role in _MEASURES:
                return index - 1
        return 0

    def index(self, role: ColumnRole) -> int | None:
        """The column of `role`; the last where several play it."""
        return max((i for i, r in enumerate(self.roles) if r == role), default=None)


def money_unit(text: str) -> str | None:
    """The unit of money in a heading, caption or note: 「安排资金（万元）」「单位：万元」."""
    folded = compact(text)
    match = re.search(r"[（(【](?:单位[：:]?)?(亿元|千万元|百万元|万元|千元|元)[)）】]", folded) or re.search(
        UNIT_NOTE, folded
    )
    return match[1] if match else None


@lru_cache(maxsize=_HEADINGS_KEPT)
def column_role(heading: str) -> ColumnRole | None:
    """The role that a column heading names; units, periods, brackets and trailing marks are left out where needed."""
    text = re.sub(r"[:：*★▲]+$", "", compact(heading))
    bare = re.sub(r"[（(【][^（()）】]{0,14}[)）】]|[A-Z]$", "", text)
    for variant in dict.fromkeys(
        (_UNIT_MARK.sub("", text), text, bare, _UNIT_MARK.sub("", bare), _PERIOD.sub("", bare))
    ):
        for role, pattern in COLUMN_ROLES:
            if re.fullmatch(pattern, variant):
                return role
    return None


def label_of(text: str) -> str | None:
    """The key of COVER_LABELS that `text` (a cell, or what stands before a colon) is a label for."""
    folded = re.sub(r"^(?:[（(]?[一二三四五六七八九十\d]+[)）、.．])\s*|[：:*]+$", "", compact(text))
    stamped = re.sub(r"[（(](?:盖章|公章|签章|加盖.*|全称|签字|章)[)）]$", "", folded)
    for key, labels in COVER_LABELS.items():
        if stamped in labels:
            return key
    if re.fullmatch(r"(?:[省市县区州]级|[一二三]级)?(?:预算)(?:部门|单位)(?:名称)?", stamped):
        return "organisation"
    return None


def labelled_values(line: str) -> Iterator[tuple[str, str, int, int]]:
    """The labelled values of a line (「填报单位：甲局    评价年度：2020年」): key, label, start and end of the value."""
    labels = list(_LABEL.finditer(line))
    for match, following in zip_longest(labels, labels[1:]):
        key = label_of(match[1])
        end = following.start() if following else len(line)
        gap = re.search(r"\s{2,}", line[match.end() : end].rstrip())
        if gap:
            end = match.end() + gap.start()
        if key:
            yield key, compact(match[1]), match.end(), end


def read_header(grid: Grid, row: int) -> tuple[Family, Header] | None:
    """The header that begins in `row` with the family of the block under it, if the row is one."""
    cells = grid.anchored(row)
    printed = [cell for cell in cells if compact(cell.text)]
    roles = [column_role(cell.text) for cell in printed]
    known = sum(role is not None for role in roles)
    beside = 1 if printed and (roles[0] is None or len(roles) > 2) else 0
    if known < 2 or known < _HEADER_SHARE * (len(printed) - beside):
        return None
    if any(
        role is None and read_number(cell.text) is not None for cell, role in zip(printed, roles, strict=True)
    ):
        return None
    pairs = sum(bool(label_of(a.text)) and not _is_heading(b) for a, b in pairwise(printed))
    if 2 * pairs >= len(printed):
        return None
    leaves, last_row = _leaves(grid, row)
    resolved = _resolved(grid, leaves, last_row)
    family = _family(resolved)
    if family is None:
        return None
    cells_, above = tuple(cell for cell, _ in leaves), tuple(over for _, over in leaves)
    return family, Header(row, last_row, cells_, tuple(resolved), above)


def _is_heading(cell: Cell) -> bool:
    return column_role(cell.text) is not None


def _leaves(grid: Grid, row: int) -> tuple[list[tuple[Cell, Cell | None]], int]:
    """The lowest heading cells of the header that begins in `row`, each with the heading over it,
    and the header's last row. A second row belongs to the header where it stands under a heading
    of several columns, or is empty under merged headings."""
    top = grid.rows[row - 1]
    single: list[tuple[Cell, Cell | None]] = [(cell, None) for cell in top]
    if row == grid.table.n_rows:
        return single, row
    below = grid.anchored(row + 1)
    printed = [cell for cell in below if compact(cell.text)]
    if grid.lost_spans:
        if below and not printed:
            return single, row + 1
        if len(below) > len(top) and printed and all(_is_heading(cell) for cell in printed):
            return _zipped(top, below), row + 1
        return single, row
    merged = any(cell.row == row and cell.row_span == 2 and _is_heading(cell) for cell in top)
    if not printed:
        return (single, row + 1) if merged else (single, row)
    wide = [cell for cell in top if cell.col_span > 1 and cell.row_span == 1]
    under = [c for c in printed if any(w.col <= c.col < w.col + w.col_span for w in wide)]
    if merged and len(under) == len(printed) and wide:
        kept: list[tuple[Cell, Cell | None]] = [(cell, None) for cell in top if cell.row_span > 1]
        lower = [
            (cell, next((w for w in wide if w.col <= cell.col < w.col + w.col_span), None)) for cell in below
        ]
        return sorted(kept + lower, key=lambda pair: pair[0].col), row + 1
    return single, row


def _zipped(top: tuple[Cell, ...], below: tuple[Cell, ...]) -> list[tuple[Cell, Cell | None]]:
    """A two-row header whose spans are lost: empty lower cells at the left and right continue the first and last
    headings above, one each; the printed ones between stand under the headings that are left."""
    blank = [not compact(cell.text) for cell in below]
    left = next((i for i, is_blank in enumerate(blank) if not is_blank), 0)
    right = next((i for i, is_blank in enumerate(reversed(blank)) if not is_blank), 0)
    over = list(top[left : len(top) - right]) or list(top[-1:])
    leaves: list[tuple[Cell, Cell | None]] = [(cell, None) for cell in top[:left]]
    at = 0
    for index in range(left, len(below) - right):
        if blank[index]:
            leaves.append((over[min(at, len(over) - 1)], None))
            at += 1
        else:
            leaves.append((below[index], over[min(at, len(over) - 1)]))
            if index + 1 < len(below) and blank[index + 1]:
                at += 1
    return leaves + [(cell, None) for cell in top[len(top) - right :]]


def _resolved(grid: Grid, leaves: list[tuple[Cell, Cell | None]], last_row: int) -> list[ColumnRole | None]:
    """The role of each heading; the label beside the block, which reaches below the header, has none."""
    roles: list[ColumnRole | None] = []
    told: set[int] = set()
    for index, (cell, over) in enumerate(leaves):
        role = column_role(cell.text)
        above = column_role(over.text) if over is not None else None
        if over is not None and above in _MEASURES:
            first = id(over) not in told and (
                role in (None, "amount") or bool(re.fullmatch(r"(?:总额|小计|合计|金额)", compact(cell.text)))
            )
            told.add(id(over))
            role = above if first else None
        elif over is not None and (role is None or role == "name"):
            role = column_role(compact(over.text) + compact(cell.text)) or role or above
        roles.append(
            None if index == 0 and role and _is_side_label(grid, cell, last_row, role, leaves) else role
        )
    return _of_the_last_year(_with_contents(roles), [cell.text for cell, _ in leaves])


def _with_contents(roles: list[ColumnRole | None]) -> list[ColumnRole | None]:
    """What a project is about (建设内容) names it where no column of names does, and is a note beside one."""
    content: ColumnRole = "note" if {"project", "name"} & set(roles) else "project"
    return [content if role == "content" else role for role in roles]


def _of_the_last_year(roles: list[ColumnRole | None], headings: list[str]) -> list[ColumnRole | None]:
    """Of columns that play one role for several years (2022年实际值, 2023年实际值) the last year's keeps it."""
    years = [int(match[0]) if (match := re.search(r"20\d{2}(?=年)", text)) else None for text in headings]
    last: dict[ColumnRole, int] = {}
    for role, year in zip(roles, years, strict=True):
        if role and year:
            last[role] = max(last.get(role, 0), year)
    return [
        None if role and year and year < last[role] else role for role, year in zip(roles, years, strict=True)
    ]


def _is_side_label(
    grid: Grid, cell: Cell, last_row: int, role: ColumnRole, leaves: list[tuple[Cell, Cell | None]]
) -> bool:
    if last_row >= grid.table.n_rows:
        return False
    if not grid.lost_spans:
        return cell.row + cell.row_span - 1 > last_row or _repeated(role, leaves)
    below = grid.anchored(last_row + 1)
    return bool(below) and not compact(below[0].text) and (role in _MEASURES or _repeated(role, leaves))


def _repeated(role: ColumnRole, leaves: list[tuple[Cell, Cell | None]]) -> bool:
    return (
        role in ("name", "objective", *_MEASURES)
        and sum(column_role(cell.text) == role for cell, _ in leaves) > 1
    )


def _family(roles: list[ColumnRole | None]) -> Family | None:
    has = {role for role in roles if role}
    levels = has & {"level1", "level2", "name"}
    if levels and (has & _VALUES or (len(levels) > 1 and has & POINTS) or len(levels) == 3):
        return "indicators"
    listed = "project" in has and has & {"undertaker", "seq", "category", "actual", "progress"}
    if (
        len(has & (_MEASURES | {"rate"})) > 1
        and not listed
        and "undertaker" not in has
        and not levels - {"name"}
    ):
        return "budget"
    if (levels or "dimension" in has) and has & {"score", "score_rate", "weight"}:
        return "scores"
    if (
        has & {"project", "undertaker"}
        and len(has & {"seq", "project", "undertaker", "amount", "category", *_MEASURES}) > 1
    ):
        return "projects" if len([r for r in roles if r]) > 2 or has & {"amount", *_MEASURES} else None
    if has & {"objective", "target"} and has & {"objective_actual", "actual", "progress"}:
        return "objectives"
    return None


def column_groups(
    roles: tuple[ColumnRole | None, ...], family: Family
) -> list[tuple[ColumnRole | None, ...]]:
    """The roles of each group of columns, where a header repeats them side by side (中期目标 beside 年度目标);
    what stands before the first repetition alone (一级指标) is shared."""
    names = [i for i, role in enumerate(roles) if role == "name"]
    repeated = [role for role in ("target", "actual") if roles.count(role) > 1]
    if family != "indicators" or len(names) < 2 or not repeated:
        return [_settled(list(roles), family)]
    starts = [name - 1 if name and roles[name - 1] == "level2" else name for name in names]
    shared = roles[: starts[0]]
    groups = []
    for start, end in pairwise([*starts, len(roles)]):
        own: list[ColumnRole | None] = [None] * len(roles)
        own[: len(shared)] = shared
        own[start:end] = roles[start:end]
        groups.append(_settled(own, family))
    return groups


def _settled(roles: list[ColumnRole | None], family: Family) -> tuple[ColumnRole | None, ...]:
    """Roles as the family reads them: each at most once, the side label none."""
    settled = list(roles)
    if family == "indicators":
        settled = ["actual" if r == "progress" and "actual" not in settled else r for r in settled]
    if family == "indicators" and "name" not in settled:
        lowest: ColumnRole = "level2" if "level2" in settled else "level1"
        settled[settled.index(lowest)] = "name"
    if family == "projects":
        settled = ["undertaker" if r == "target_unit" else r for r in settled]
        if "project" not in settled and "name" in settled:
            settled[settled.index("name")] = "project"
    if family == "scores" and "dimension" not in settled:
        first: ColumnRole = next(r for r in _LEVELS if r in settled)
        settled[settled.index(first)] = "dimension"
    last = {role: index for index, role in enumerate(settled) if role}
    if family == "indicators" and "weight" in last and "name" in last:  # levels may have weights of their own
        last["weight"] = next(
            (i for i, r in enumerate(settled) if r == "weight" and i > last["name"]), last["weight"]
        )
    keep_first = {"seq", "rate", *(_MEASURES if family != "indicators" else ())}
    first_at = {role: settled.index(role) for role in last}
    return tuple(
        role if role and (index == (first_at if role in keep_first else last)[role]) else None
        for index, role in enumerate(settled)
    )
