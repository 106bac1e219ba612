"""Why each name of a fund's indicator is the indicator that has its id, in Chinese."""

from pipeline.alignment.indicator_ids import Entry, Link
from pipeline.alignment.indicator_matching import WordExperience, compare_names
from pipeline.alignment.indicator_names import name_form

_CARRIED = 0.9
"""How sure it is that a name still is the indicator that its fund's name for it was in the last generation."""
_CARRIED_LINK = Link(_CARRIED, "沿用已有编号", "evidence")


def explained(entry: Entry, preferred: str) -> list[Link]:
    """For each name of a cluster why it is the indicator: what joins it to the cluster's main name, else to the name
    of the cluster that it is most alike to. `preferred` is the indicator's name."""
    wanted = name_form(preferred).clean
    own = next((n for n, title in enumerate(entry.titles) if name_form(title).clean == wanted), entry.head)
    found = {own: _of_main(entry.titles[own], entry, preferred)}
    best: dict[int, tuple[tuple[bool, float], str, Link]] = {}
    for i, j, link in entry.links:
        for one, other in ((i, j), (j, i)):
            rank = (other == own and link.score > 0.5, link.score)
            if one not in best or rank > best[one][0]:
                best[one] = (rank, entry.titles[other], link)
    for name in range(len(entry.titles)):
        if name not in found:
            _, other_title, link = best.get(name, ((False, 0.0), entry.titles[own], _CARRIED_LINK))
            found[name] = link._replace(reason=f"与“{other_title}”相比：{link.reason}")
    return [found[name] for name in range(len(entry.titles))]


def _of_main(title: str, entry: Entry, preferred: str) -> Link:
    """Why the main name of a fund's cluster is the indicator that other funds have under its preferred name."""
    own, other = name_form(title), name_form(preferred)
    if own.clean == other.clean:
        return Link(1.0, "首选名称", "name")
    if own.strict == other.strict:
        reason = compare_names(own, other, WordExperience()).reason
        return Link(0.99, f"与“{preferred}”相比：{reason}", "name")
    if entry.key[0].startswith("="):
        return Link(1.0, f"与“{preferred}”相比：对照表第{entry.line}行", "file")
    if entry.family is not None:
        match = compare_names(own, other, WordExperience())
        heard = "" if match.by_name else "，其他资金中同为一项"
        return Link(_CARRIED, f"与“{preferred}”相比：{match.reason}{heard}", "name")
    return Link(_CARRIED, f"与“{preferred}”相比：沿用已有编号", "evidence")
