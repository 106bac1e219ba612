"""The alignment of funds for reports that a test makes up: straight from mentions to the rows of the catalogue."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.alignment.decisions import FundDecision
from pipeline.alignment.fund_nodes import FundMention, fund_nodes
from pipeline.alignment.funds import Elsewhere, fund_groups, fund_rows
from schemas.catalogues import AlignmentQuestionRow, FundAliasRow, FundRow


@dataclass(frozen=True)
class FundAlignment:
    """`ids` gives each report's fund by report_key; reports that name no fund have none."""

    ids: Mapping[int, str]
    funds: tuple[FundRow, ...]
    aliases: tuple[FundAliasRow, ...]
    questions: tuple[AlignmentQuestionRow, ...]


def align_funds(mentions: Sequence[FundMention], decisions: Sequence[FundDecision]) -> FundAlignment:
    """All mentions, as a first publication decides on them."""
    nodes, node_of = fund_nodes(sorted(mentions, key=lambda m: m.report_key))
    found = fund_groups(nodes, decisions, Elsewhere())
    rows = fund_rows(found, decisions, range(len(found.groups)))
    id_of = {
        (nodes[i].key, nodes[i].scope): fund_id
        for group, fund_id in zip(found.groups, found.ids, strict=True)
        for i in group
    }
    return FundAlignment(
        {key: id_of[node] for key, node in node_of.items()}, rows.funds, rows.aliases, rows.questions
    )
