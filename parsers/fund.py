"""The fund or project that a report is on."""

import re
from collections.abc import Sequence

from parsers.cover import Cover, is_generic
from parsers.headings import heading_number
from parsers.passages import Passage
from parsers.printed import Printed, compact
from schemas.vocabulary import DEPARTMENT_LABELS, FUND_WORD, REGION

TITLE_HEAD = re.compile(
    r"^(?:(?P<organisation>.{2,30}?)关于(?=20\d{2})|关于)?"
    r"(?:(?P<unit>[\u4e00-\u9fff]{0,24}?)(?:20\d{2}\s*(?:年?\s*[-—–~～至]\s*20\d{2}\s*)?年?度?|二[〇○零][^年]{2}年度?))?(?:关于)?(?:的)?"
)
_TITLE_TAIL = re.compile(
    r"(?:20\d{2}\s*年度?)?(?:的)?(?:转移支付|项目支出|部门整体支出|整体支出|财政支出|预算支出|支出|项目|部门|财政|预算|重点|整体|区域)*(?:绩效目标|绩效|自评|评价)(?:自评价?|自我评价|评价|评估|绩效|目标|完成情况|申报|指标|体系|工作|情况|的|总结)*(?:报告书?|[汇总评计打得分]*表).*$"
)
_SUBJECT = re.compile(
    rf"(?:^|[。；：:，])\s*(?:[（(]\d+[)）][.．]?)?(?:(?:19|20)\d{{2}}年度?)?(?:共|全年|实际)?(?:安排|下达|拨付)?"
    rf"(?P<name>(?:[^，。；：:、\d“”《》（）()]|[（(][^）)]{{1,20}}[)）]|“[^”]{{1,12}}”){{2,30}}?{FUND_WORD})"
    r"(?=[\d,，]+(?:\.\d+)?万?元|[\d,，.]+亿元|分[一二三四五六七八九十\d]|根据|由|总|共|安排|预算|年初|于|是|主要|设立|实施|围绕|下设|支持|自|用于)"
)
_CORE_LENGTH = 8
"""Characters at the end of a name that tell it, without the place and year before."""
_QUOTED = re.compile(r"对\s*[“\"《「](?P<name>[^”\"》」]{4,40})[”\"》」](?=.{0,30}(?:评价|自评))")


def fund_name(
    cover: Cover, passages: Sequence[Passage], text: str, organisation: Printed | None, inferred: list[str]
) -> Printed | None:
    """The fund's name: from the head of a form, the title, a quotation, else the running text's subject.
    `text` is that of all passages, without white space.
    """
    stated = [printed for _, printed in cover.labelled.get("fund_name", ()) if len(compact(printed.text)) > 1]
    department = next(
        (p for label, p in cover.labelled.get("organisation", ()) if label in DEPARTMENT_LABELS), None
    )
    if stated:
        return stated[0]
    titled = _fund_in_title(cover.title, organisation, text)
    if titled:
        return titled
    if department and not passages:
        return department
    for passage in passages:
        match = _QUOTED.search(passage.text)
        if match:
            inferred.append("fund_name")
            return passage.cut(*match.span("name"))
    subject = _frequent_subject(passages)
    if subject:
        inferred.append("fund_name")
    return subject


def _fund_in_title(title: Printed | None, organisation: Printed | None, text: str) -> Printed | None:
    """What a title reports on; the place that it begins with is left out where the text speaks of the fund without it."""
    if title is None:
        return None
    start = TITLE_HEAD.match(title.text)
    head = start.end() if start else 0
    tail = _TITLE_TAIL.search(title.text, head)
    end = tail.start() if tail else len(title.text)
    if (
        tail
        and tail[0].startswith("项目")
        and not re.search(rf"{FUND_WORD}$", title.text[:end])
        and (not tail[0].startswith("项目支出") or _is_called_project(compact(title.text[head:end]), text))
    ):
        end += len("项目")
    name = title.text[head:end].strip(" 《》")
    quoted = re.fullmatch(r"[“\"]([^“”\"]+)[”\"]", name)
    name = quoted[1] if quoted else name
    if organisation and name.startswith(organisation.text) and len(name) > len(organisation.text) + 3:
        name = name[len(organisation.text) :]
    name = re.sub(r"[（(]20\d{2}.{0,12}[)）]$", "", name)
    name = re.sub(r"^20\d{2}\s*年?度?", "", name)
    if (
        text.count(compact(re.sub(rf"^{REGION}", "", name))) < 2
    ):  # once is the title: the text does not call it so
        name = re.sub(r"(?<=资金|经费|专项|补助|项目)专项资金$", "", name)
    place = re.match(REGION, name)
    bare = name[place.end() :] if place else name
    if len(bare) > 4 and text.count(bare) > 2 * text.count(name):
        name = bare
    if is_generic(compact(re.sub(rf"^{REGION}", "", name))) or len(compact(name)) < 4:
        return None
    at = title.text.find(name)
    places = title.slice(at, at + len(name))
    return Printed(name, places)


def _is_called_project(name: str, text: str) -> bool:
    """Whether the text calls the fund 「…项目」, so that 项目支出 in its title is 项目 and 支出."""
    core = re.escape(name[-_CORE_LENGTH:])
    return 2 * len(re.findall(f"{core}项目(?!支出)", text)) > len(re.findall(f"{core}(?!项目支出)", text))


def _frequent_subject(passages: Sequence[Passage]) -> Printed | None:
    """The fund that the text is about: the subject of sentences that most chapters name."""
    chapters: dict[int, str] = {}
    chapter = 0
    found: dict[str, Printed] = {}
    leading: set[str] = set()
    """Subjects of paragraphs that carry no number: the fund, not one of its parts."""
    for passage in passages:
        if passage.is_title and passage.section and passage.section.level == 1:
            chapter = passage.section.section_no
        chapters[chapter] = chapters.get(chapter, "") + passage.text
        for match in _SUBJECT.finditer("" if passage.is_title else passage.text):
            name = passage.cut(*match.span("name"))
            if (
                not re.match(r"(?:该|本|此|各|上述|以上|其中|其他|部分|[（(])", name.text)
                and not is_generic(name.text)
                and len(name.text) > 4
            ):
                found.setdefault(name.text, name)
                if (
                    passage.kind in ("funding", "objectives", "overview")
                    and not heading_number(passage.text)
                    and match.start() == 0
                ):
                    leading.add(name.text)
    text = "".join(chapters.values())
    base = {name: re.sub(r"(?:资金|经费)$", "", name) for name in found}
    spread = {name: sum(base[name] in chapter for chapter in chapters.values()) for name in found}
    best = max(
        found,
        key=lambda name: (spread[name], name in leading, text.count(base[name]), len(name)),
        default=None,
    )
    return found[best] if best else None
