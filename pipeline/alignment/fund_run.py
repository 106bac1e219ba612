"""The alignment of funds at a publication: the names of some reports, and those that could be one with them, are decided anew.

Funds whose reports came, changed or went are touched. What could be one with their names is found by the signs that names share, in the state of the
previous generation; with all that these were ever compared well with it is decided anew. Names that are as they were keep what is
known of them as pairs. A fund that comes out as it was stays as it is.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import duckdb

from pipeline.alignment.decisions import FundDecision, groups_of, name_key
from pipeline.alignment.fund_groups import pair_of
from pipeline.alignment.fund_matching import Match, WordSpread
from pipeline.alignment.fund_names import read_fund_name
from pipeline.alignment.fund_nodes import (
    FundMention,
    FundNode,
    NodeKey,
    fund_nodes,
    in_order,
    new_node,
    node_key,
    surroundings,
)
from pipeline.alignment.fund_pairs import COMMON, common_signs, sign_code, telling_signs
from pipeline.alignment.fund_tables import (
    ADD_MENTIONS,
    CANDIDATES,
    ELSEWHERE_FORMS,
    ELSEWHERE_SIGNS,
    KNOWN_MATCHES,
    LOST,
    MATCH_COLUMNS,
    NODE_COLUMNS,
    STIRRED_CORES,
    TAKEN_NAMES,
    WITH_NAMES,
    touched_mentions,
)
from pipeline.alignment.funds import Elsewhere, FundGroups, FundRows, fund_groups, fund_rows
from pipeline.alignment.state import put

_TOTAL = ""
"""The word under which the number of all funds stands."""


@dataclass(frozen=True, slots=True)
class FundsDecided:
    """The rows of the funds that were decided anew, and which ids, old and new, these are."""

    rows: FundRows
    redone: frozenset[str]


def align_all_funds(con: duckdb.DuckDBPyConnection, decisions: Sequence[FundDecision]) -> FundsDecided:
    """Decides on all names of the table `mentions`: makes `fund_ids` and the new_… tables of the state."""
    nodes, node_of = fund_nodes(_mentions(con))
    found = fund_groups(nodes, decisions, Elsewhere())
    every = range(len(found.groups))
    rows = fund_rows(found, decisions, every)
    _put_ids(con, node_of, _id_of(found))
    _put_new(con, found, every, rows, spread=found.spread)
    return FundsDecided(rows, frozenset(found.ids))


def align_touched_funds(con: duckdb.DuckDBPyConnection, decisions: Sequence[FundDecision]) -> FundsDecided:
    """Decides on the names of the funds that `touch` found, and on what is tied to them: makes `fund_ids` and the new_…
    tables of the state, and adds to `mentions` the reports of funds that change with them."""
    fresh, node_of = fund_nodes(_mentions(con))
    kept = _candidates(con, fresh, decisions)
    nodes = in_order([*fresh, *kept])
    quiet = _quiet(con, fresh, kept)
    found = fund_groups(nodes, decisions, _elsewhere(con, nodes, quiet))
    lost = {fund_id for (fund_id,) in con.execute("FROM touched_funds").fetchall()}
    wanted = _changed(found, kept, quiet)
    old = {fund_id for at in wanted for i in found.groups[at] for fund_id in nodes[i].previous} | lost
    rows = fund_rows(found, decisions, wanted)
    id_of = _id_of(found)
    node_of |= _others(con, found, wanted, id_of, fresh)
    _put_ids(con, node_of, id_of)
    _put_new(con, found, wanted, rows, spread=None)
    return FundsDecided(rows, frozenset(old | {found.ids[at] for at in wanted}))


def touch(con: duckdb.DuckDBPyConnection) -> None:
    """Makes `touched_funds`, those that lose reports or come by some under a name of theirs, and `mentions`, all their
    reports and those that come."""
    con.execute(LOST)
    keys = {
        node_key(name, organisation, origin)[0]
        for name, organisation, origin in con.execute(TAKEN_NAMES).fetchall()
    }
    put(
        con,
        "hit_nodes",
        {"key": "VARCHAR", "scope": "VARCHAR"},
        sorted(keys, key=lambda k: (k[0], k[1] or "")),
    )
    con.execute("""
        INSERT INTO touched_funds SELECT fund_id FROM state_fund_nodes n
        JOIN hit_nodes h ON h.key = n.key AND h.scope IS NOT DISTINCT FROM n.scope
        WHERE fund_id NOT IN (FROM touched_funds)
    """)
    con.execute(
        f"CREATE TABLE mentions AS {touched_mentions('doc_id IN (FROM taken) OR fund_id IN (FROM touched_funds)')}"
    )


def _mentions(con: duckdb.DuckDBPyConnection) -> Iterator[FundMention]:
    """The reports of `mentions` in their order, one after the other."""
    con.execute(WITH_NAMES)
    with con.cursor() as cursor:
        for batch in cursor.sql("FROM named_mentions ORDER BY report_key").to_arrow_reader(8192):
            for key, origin, name, others, kind, organisation, first, last, previous, names in zip(
                *(column.to_pylist() for column in batch.columns), strict=True
            ):
                yield FundMention(
                    key,
                    origin,
                    name,
                    tuple(others or ()),
                    kind,
                    organisation,
                    first,
                    last,
                    previous,
                    names or (),
                )


# ---- what else is to be looked at ----------------------------------------------------------


def _candidates(
    con: duckdb.DuckDBPyConnection, fresh: Sequence[FundNode], decisions: Sequence[FundDecision]
) -> list[FundNode]:
    """The names of funds that are not touched, but could be one with a touched one, and of what these are tied to."""
    groups = groups_of((name_key(d.name), name_key(d.other)) for d in decisions)
    around = surroundings(form for node in fresh for form in node.forms)
    signs: dict[int, bool] = {}
    for node in fresh:
        signs.update((sign_code(sign), True) for sign in common_signs(node))
    for node in fresh:
        signs.update((sign_code(sign), False) for sign in telling_signs(node, around))
        signs.update((sign_code(("said", name)), False) for name in groups.get(node.key, ()))
        signs.update((sign_code(form.core), False) for form in node.forms)
    put(con, "fund_signs", {"sign": "BIGINT", "common": "BOOLEAN"}, sorted(signs.items()))
    con.execute(CANDIDATES.format(common=COMMON))
    columns = ", ".join(NODE_COLUMNS)
    found = con.execute(
        f"SELECT {columns} FROM state_fund_nodes WHERE fund_id IN (FROM near_funds)"
    ).fetchall()
    return [_node(*row) for row in found]


def _node(
    fund_id: str, key: str, scope: str | None, printed: str, first: str, home: str | None, core: str,
    stated: Sequence[str], years: Sequence[int], organisations: Sequence[str], slot_organisations: Sequence[str],
    slot_years: Sequence[int], slot_types: Sequence[str], indicators: Sequence[str], reports: int,
) -> FundNode:  # fmt: skip
    node = new_node((key, scope), first, home)
    node.printed, node.reports = printed, reports
    node.stated, node.years, node.organisations = set(stated), set(years), set(organisations)
    node.slots = set(zip(slot_organisations, slot_years, slot_types, strict=True))
    node.indicators = set(indicators)
    node.previous[fund_id] = reports
    return node


def _node_row(fund_id: str, node: FundNode) -> tuple[Any, ...]:
    slots = sorted(node.slots)
    return (
        fund_id, node.key, node.scope, node.printed, node.first, node.home, node.name.core, sorted(node.stated),
        sorted(node.years), sorted(node.organisations), *([slot[n] for slot in slots] for n in range(3)),
        sorted(node.indicators), node.reports,
    )  # fmt: skip


def _elsewhere(con: duckdb.DuckDBPyConnection, nodes: Sequence[FundNode], quiet: Set[NodeKey]) -> Elsewhere:
    """What the names that are not looked at tell those that are."""
    cores = sorted({form.core for node in nodes for form in node.forms})
    put(con, "cores", {"core": "VARCHAR"}, ((core,) for core in cores))
    forms = [read_fund_name(first, home) for first, home in con.execute(ELSEWHERE_FORMS).fetchall()]
    around = surroundings([*(form for node in nodes for form in node.forms), *forms])
    signs = {sign_code(s) for node in nodes for s in (*common_signs(node), *telling_signs(node, around))}
    put(con, "all_signs", {"sign": "BIGINT"}, ((sign,) for sign in sorted(signs)))
    spread: dict[str, int] = dict(con.execute("SELECT word, funds FROM state_fund_words").fetchall())

    def is_taken(fund_id: str) -> bool:
        known = "SELECT 1 FROM old_funds WHERE fund_id = ? AND fund_id NOT IN (FROM near_funds)"
        return bool(con.execute(f"{known} AND fund_id NOT IN (FROM touched_funds)", [fund_id]).fetchall())

    return Elsewhere(
        forms,
        dict(con.execute(ELSEWHERE_SIGNS).fetchall()),
        WordSpread(spread.pop(_TOTAL, 0), spread),
        is_taken,
        quiet,
        {
            (one, other): Match(score, reason, decided_by, never=never)
            for one, other, score, reason, decided_by, never in con.execute(KNOWN_MATCHES).fetchall()
        },
    )


def _quiet(
    con: duckdb.DuckDBPyConnection, fresh: Iterable[FundNode], kept: Iterable[FundNode]
) -> frozenset[NodeKey]:
    """The names that are not touched and share no core with one that is or was, so that the rules say of two of them what
    they said before."""
    stirred = {core for (core,) in con.execute(STIRRED_CORES).fetchall()} | {
        form.core for node in fresh for form in node.forms
    }
    return frozenset((node.key, node.scope) for node in kept if stirred.isdisjoint(node.cores))


def _changed(found: FundGroups, kept: Iterable[FundNode], quiet: Set[NodeKey]) -> frozenset[int]:
    """The groups with a name that is not quiet, and those that are not just the fund that they were."""
    sizes = Counter(fund_id for node in kept for fund_id in node.previous)
    wanted = set[int]()
    for at, group in enumerate(found.groups):
        nodes = [found.nodes[i] for i in group]
        before = {fund_id for node in nodes for fund_id in node.previous}
        stays = before == {found.ids[at]} and sizes[found.ids[at]] == len(nodes)
        if not stays or any((node.key, node.scope) not in quiet for node in nodes):
            wanted.add(at)
    return frozenset(wanted)


def _others(
    con: duckdb.DuckDBPyConnection, found: FundGroups, wanted: Iterable[int], id_of: Mapping[NodeKey, str],
    fresh: Sequence[FundNode],
) -> dict[int, NodeKey]:  # fmt: skip
    """Adds the reports of funds that come by other reports, or change their id, without being touched themselves; the
    node of each."""
    changed = {id_of[node.key, node.scope] for node in fresh}
    for at in wanted:
        for i in found.groups[at]:
            others = found.nodes[i].previous.keys() - {found.ids[at]}
            if others:
                changed |= others | {found.ids[at]}
    put(con, "changed_funds", {"fund_id": "VARCHAR"}, ((fund_id,) for fund_id in sorted(changed)))
    con.execute(ADD_MENTIONS)
    rows = con.execute(
        "SELECT report_key, fund_name, organisation, doc_id || ':' || report_no FROM more_mentions WHERE fund_name IS NOT NULL"
    ).fetchall()
    return {key: node_key(name, organisation, origin)[0] for key, name, organisation, origin in rows}


# ---- what is left for the next time ----------------------------------------------------------


def _id_of(found: FundGroups) -> dict[NodeKey, str]:
    nodes = found.nodes
    return {
        (nodes[i].key, nodes[i].scope): fund_id
        for group, fund_id in zip(found.groups, found.ids, strict=True)
        for i in group
    }


def _put_ids(
    con: duckdb.DuckDBPyConnection, node_of: Mapping[int, NodeKey], id_of: Mapping[NodeKey, str]
) -> None:
    rows = ((key, id_of[node]) for key, node in node_of.items())
    put(con, "fund_ids", {"report_key": "BIGINT", "fund_id": "VARCHAR"}, rows)


def _put_new(
    con: duckdb.DuckDBPyConnection, found: FundGroups, wanted: Iterable[int], rows: FundRows, *, spread: WordSpread | None
) -> None:  # fmt: skip
    wanted = frozenset(wanted)
    put(con, "new_fund_nodes", NODE_COLUMNS, (
        _node_row(found.ids[at], found.nodes[i]) for at in sorted(wanted) for i in found.groups[at]
    ))  # fmt: skip
    put(con, "new_fund_signs", {"fund_id": "VARCHAR", "sign": "BIGINT"}, (
        (found.ids[at], sign)
        for at in sorted(wanted)
        for n in found.together[at]
        for sign in sorted(_signs(found, n))
    ))  # fmt: skip
    ties = [(found.ids[one], found.ids[two]) for one, two in found.ties() if one in wanted or two in wanted]
    put(
        con,
        "new_fund_ties",
        {"fund_id": "VARCHAR", "other_id": "VARCHAR"},
        [*ties, *((b, a) for a, b in ties)],
    )
    put(con, "new_fund_asked", {
        "fund_id": "VARCHAR", "other_id": "VARCHAR", "name": "VARCHAR", "other": "VARCHAR", "score": "DOUBLE",
        "reason": "VARCHAR",
    }, ((*ids, q.name, q.other, q.score, q.reason) for ids, q in zip(rows.asked, rows.questions, strict=True)))  # fmt: skip
    put(con, "new_fund_matches", MATCH_COLUMNS, _match_rows(found, wanted))
    words = [(_TOTAL, spread.total), *sorted(spread.funds.items())] if spread else []
    put(con, "new_fund_words", {"word": "VARCHAR", "funds": "BIGINT"}, words)


def _match_rows(found: FundGroups, wanted: Set[int]) -> Iterator[tuple[Any, ...]]:
    """What the rules say of pairs of which one is in a wanted group."""
    group_of = found.group_of()
    for (a, b), m in found.ruled.items():
        one, two = group_of[a], group_of[b]
        if one in wanted or two in wanted:
            codes = pair_of(found.codes[a], found.codes[b])
            yield found.ids[one], found.ids[two], *codes, m.score, m.reason, m.decided_by, m.never


def _signs(found: FundGroups, bundle: int) -> set[int]:
    """The signs of a bundle, and of each name in it, which is said for itself."""
    node = found.whole[bundle]
    said = (("said", found.nodes[i].key) for i in found.bundled[bundle])
    stated = (("said", name_key(name)) for i in found.bundled[bundle] for name in found.nodes[i].stated)
    cores = (form.core for form in node.forms)
    return {
        sign_code(s)
        for s in (*common_signs(node), *telling_signs(node, found.around), *cores, *said, *stated)
    }
