"""Funds over the years, drawn from the corpus of names: tables whose rows drift, with the truth of which row is which."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from random import Random

from pipeline.alignment.indicator_uses import IndicatorUse
from tests.pipeline.indicator_corpus import Concept, Field

YEARS = range(2019, 2025)
Truth = Mapping[tuple[str, str, str | None], str]
_LEVEL1 = {"数量": "产出", "质量": "产出", "时效": "产出", "经济成本": "成本", "满意度": "满意度"}


def drawn(
    fields: Sequence[Field], seed: int, years: Iterable[int] = YEARS, flips: float = 0.3, churn: float = 0.08
) -> tuple[list[IndicatorUse], dict[tuple[str, str, str | None], str]]:
    """Uses of each field as one fund over `years`, and for each use the indicator that it is.

    From year to year a name changes with the probability `flips`, rows come and go, targets grow. A year has a target
    table and a form, which now and then word a row differently.
    """
    uses: list[IndicatorUse] = []
    truth: dict[tuple[str, str, str | None], str] = {}
    for no, field in enumerate(fields):
        rng = Random(f"{seed}|{field.fund}")
        rows: defaultdict[tuple[str, int], list[tuple[int, int, int, float, float]]] = defaultdict(list)
        current = dict.fromkeys(range(len(field.concepts)), 0)
        present = {i for i in current if rng.random() < 0.85}
        for year in years:
            for i, concept in enumerate(field.concepts):
                if rng.random() < flips:
                    current[i] = rng.randrange(len(concept.names))
                if rng.random() < churn:
                    present ^= {i}
            shown = [i for i in sorted(current) if i in present]
            report = no * 1000 + year
            for table in (report * 10, report * 10 + 1):
                for at, i in enumerate(shown):
                    concept = field.concepts[i]
                    name = concept.names[current[i]]
                    if table % 10 and rng.random() < 0.1:
                        name = rng.choice(concept.names)
                    target = _target(concept, year, Random(f"{seed}|{field.fund}|{i}|{year}"))
                    rows[name, i].append((year, table, report, at / max(len(shown) - 1, 1), target))
        fund = f"F{no:04}"
        for (name, i), held in sorted(rows.items()):
            use = _use(fund, name, field.concepts[i], held)
            uses.append(use)
            truth[use.key] = f"{fund}/{i}"
    return uses, truth


def _target(concept: Concept, year: int, rng: Random) -> float:
    if concept.kind in ("percent", None):
        return concept.target
    return round(concept.target * (1 + 0.04 * (year - 2019)) * rng.uniform(0.93, 1.07))


def _use(
    fund: str, name: str, concept: Concept, held: Sequence[tuple[int, int, int, float, float]]
) -> IndicatorUse:
    places: defaultdict[int, list[float]] = defaultdict(list)
    targets: dict[int, float] = {}
    for year, _, _, place, target in held:
        places[year].append(place)
        if concept.kind is not None:
            targets[year] = target
    level = concept.level2.removesuffix("指标")
    return IndicatorUse(
        fund_id=fund,
        scope=fund,
        name=name,
        unit_kind=concept.kind,
        base_unit=concept.unit or None,
        level1=f"{_LEVEL1.get(level, '效益')}指标",
        level2=concept.level2,
        level2_inferred=False,
        years=frozenset(row[0] for row in held),
        records=len(held),
        tables=frozenset(row[1] for row in held),
        reports=frozenset(row[2] for row in held),
        places={year: sum(values) / len(values) for year, values in places.items()},
        targets=targets,
        previous=None,
    )


def measured(ids: Mapping[tuple[str, str, str | None], str], truth: Truth) -> tuple[float, float]:
    """Pairwise precision and recall within funds."""
    right = made = meant = 0
    scopes: defaultdict[str, list[tuple[str, str, str | None]]] = defaultdict(list)
    for key in truth:
        scopes[key[0]].append(key)
    for keys in scopes.values():
        both = Counter((ids[key], truth[key]) for key in keys)
        right += sum(n * (n - 1) // 2 for n in both.values())
        made += sum(n * (n - 1) // 2 for n in Counter(ids[key] for key in keys).values())
        meant += sum(n * (n - 1) // 2 for n in Counter(truth[key] for key in keys).values())
    return right / made if made else 1.0, right / meant if meant else 1.0


def faults(ids: Mapping[tuple[str, str, str | None], str], truth: Truth) -> list[str]:
    """Pairs that are joined wrongly (+) or not joined (-), to read."""
    found = []
    scopes: defaultdict[str, list[tuple[str, str, str | None]]] = defaultdict(list)
    for key in truth:
        scopes[key[0]].append(key)
    for keys in scopes.values():
        for a, b in combinations(sorted(keys, key=str), 2):
            if (ids[a] == ids[b]) != (truth[a] == truth[b]):
                found.append(f"{'+' if ids[a] == ids[b] else '-'} {a[1]} / {b[1]}")
    return found
