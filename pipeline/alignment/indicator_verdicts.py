"""What people decided on names of indicators, with all that follows from it, for each fund."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.alignment.indicator_names import clean_name
from pipeline.alignment.indicator_uses import FundIndicatorDecision
from schemas.errors import UsageError


@dataclass(frozen=True, slots=True)
class Verdicts:
    """The decisions that hold in a fund: `groups` gives names that are the same one mark, `apart` the marks of
    groups that are not the same; both with the line of the file."""

    groups: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)
    apart: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    def group(self, clean: str) -> str:
        """The mark of the group of a name; a name that nobody decided on is its own."""
        return self.groups.get(clean, clean)

    def parted(self, clean: str, other: str) -> bool:
        """Somebody decided that the two names are not the same."""
        return self.group(other) in self.apart.get(self.group(clean), {})


@dataclass(frozen=True, slots=True)
class AllVerdicts:
    """The decisions for every fund; those that name a fund count before those for all."""

    general: Verdicts
    of_fund: Mapping[str, Verdicts]

    def of(self, fund_id: str | None) -> Verdicts:
        """The decisions that hold in a fund."""
        return self.of_fund.get(fund_id, self.general) if fund_id else self.general


def all_verdicts(decisions: Sequence[FundIndicatorDecision]) -> AllVerdicts:
    """The decisions with what follows from them.

    A line for one fund takes the place of a line for all funds on the same two names. Raises UsageError, naming both
    lines, where lines contradict each other, directly or through further names.
    """
    general = [d for d in decisions if d.fund_id is None]
    funds = sorted({d.fund_id for d in decisions if d.fund_id is not None})
    of_fund = {}
    for fund in funds:
        own = [d for d in decisions if d.fund_id == fund]
        own_pairs = {_pair(d) for d in own}
        of_fund[fund] = _verdicts([*own, *(d for d in general if _pair(d) not in own_pairs)])
    return AllVerdicts(_verdicts(general), of_fund)


def _pair(decision: FundIndicatorDecision) -> frozenset[str]:
    return frozenset((clean_name(decision.name), clean_name(decision.other)))


def _verdicts(decisions: Sequence[FundIndicatorDecision]) -> Verdicts:
    ordered = sorted(decisions, key=lambda d: (d.line, d.name, d.other))
    groups: dict[str, str] = {}
    neighbours: dict[str, list[tuple[str, int]]] = {}
    lines: dict[str, int] = {}
    for decision in ordered:
        name, other = clean_name(decision.name), clean_name(decision.other)
        if decision.same:
            neighbours.setdefault(name, []).append((other, decision.line))
            neighbours.setdefault(other, []).append((name, decision.line))
            lines.setdefault(name, decision.line)
            lines.setdefault(other, decision.line)
    for name in sorted(neighbours):
        if name not in groups:
            for member in _reached(name, neighbours):
                groups[member] = name
    apart: dict[str, dict[str, int]] = {}
    for decision in ordered:
        name, other = clean_name(decision.name), clean_name(decision.other)
        if decision.same:
            continue
        one, two = groups.get(name, name), groups.get(other, other)
        if one == two:
            lines_same = ", ".join(map(str, _joined_by(name, other, neighbours))) or decision.line
            raise UsageError(
                f"aliases/indicators.csv, line {decision.line}: {decision.name} and {decision.other} are said to be "
                f"different here, but the same in line {lines_same}"
            )
        apart.setdefault(one, {}).setdefault(two, decision.line)
        apart.setdefault(two, {}).setdefault(one, decision.line)
    return Verdicts(groups, lines, apart)


def _reached(start: str, neighbours: Mapping[str, Sequence[tuple[str, int]]]) -> list[str]:
    found, waiting = {start}, [start]
    while waiting:
        for other, _ in neighbours.get(waiting.pop(), ()):
            if other not in found:
                found.add(other)
                waiting.append(other)
    return sorted(found)


def _joined_by(name: str, other: str, neighbours: Mapping[str, Sequence[tuple[str, int]]]) -> list[int]:
    """The lines of the shortest chain that makes two names the same."""
    came: dict[str, tuple[str, int]] = {name: (name, 0)}
    waiting = [name]
    for current in waiting:
        for following, line in neighbours.get(current, ()):
            if following not in came:
                came[following] = current, line
                waiting.append(following)
    lines = []
    while other != name:
        other, line = came[other]
        lines.append(line)
    return sorted(lines)
