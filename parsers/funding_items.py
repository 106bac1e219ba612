"""What money stated in a sentence is for: the words of its clause without dates, verbs, givers and counts."""

import re
from dataclasses import dataclass, replace

from parsers.passages import Passage
from parsers.printed import Printed, joined, trimmed
from parsers.values import Amount
from schemas.vocabulary import FUNDING_ACT, FUNDING_GIVER, FUNDING_STATUS, FUNDING_VERB, GIVEN, RECIPIENT

_COUNT = re.compile(
    r"(?P<count>\d{1,6})\s*(?:个|项)(?!月|百分|工作日|小时|年|(?:行政|自然|贫困|脱贫|试点)?村|县|乡|镇|街道|社区|市|区|单位|部门|学校|医院)"
)
_STOP = "，,；;：:。！!？?\n"
_THOUSANDS = re.compile(r"(?<=\d)[,，]\d{3}(?!\d)")
OPEN, CLOSE = "（(", "）)"
ACTOR = re.compile(r"[\u4e00-\u9fff]{2,20}(?:厅|局|部|委|委员会|政府|办公室)[于在](?=\d)")
_OF_THE_SUM_BEFORE = re.compile(r"\s*(?:[（(][^（()）]*)?[)）]\s*[、，]?")
"""A bracket right behind a sum tells of that sum, not of the next."""
_TITLE = re.compile(r"《([^》]{4,60})》")
_AS_OF = r"(?:评价|自评)?(?:基准)?日(?=实际|累计|已|[，,])|目前|现在|今(?=[已共累实])"
_WITHIN = r"[于在]?(?:\d{1,3}|规定)个?(?:工作)?(?:日|天|时限|时间|期限)之?内"
_LEAD = re.compile(
    r"(?:\s|[.．、，]|连同|含|(?:资金|经费)来源[为是]|[（(]\s*\d{1,2}\s*[)）]|\d{1,2}[.．、](?!\d)|[一二三四五六七八九十]是|其中|包括|截[至止]|(?:19|20)\d{2}(?:年?[-—–~～至](?:19|20)\d{2})?年度?(?:\d{1,2}月)?(?:\d{1,2}日)?(?:[底末前])?|\d{1,2}月(?:\d{1,2}日)?[底末]?"
    rf"|本年度?|当年|全年|年初|年[底末]|{_AS_OF}|{_WITHIN}|[于在至](?=(?:19|20)\d{{2}}年|\d{{1,2}}月)|共计?|合计|累计|总计|实际|已经?|计划|分别|拟|由|对|按|和|及|与|(?:主要|全部|重点|调剂)?用于|{FUNDING_VERB}的?)+"
)
_YEARS = r"(?:19|20)\d{2}年?[-—–~～至]"
_TAIL = re.compile(
    rf"(?:\s|{FUNDING_ACT}(?:[给至到]?{RECIPIENT}|(?:补助)?(?:资金|经费|金额|预算(?:资金|金额)?|数|额))?|年初|预算(?:资金|金额)?|(?<!公)共计?|合计|累计|总计|总(?=(?:投入|支出|投资)[为达是]?$)|实际|已经?|分别|约|近|为|达到?|是|的|[：:]|人民币|(?:{_YEARS})?(?:19|20)\d{{2}}年度?|分[两二三四五六七八九十\d]?[批次])++$"
)
_HOW = r"已经?|共计?|累计|实际|积极|分别|统筹|预算|本年度?|当年|联合|共同|及时|足额|全额|一次性|分[两二三四五六七八九十\d]?[批次]"
_GIVER = re.compile(rf"{FUNDING_GIVER}?(?:{_HOW})*{GIVEN}(?:给|至)?{RECIPIENT}?的?(?:(?:19|20)\d{{2}}年度?)?")
_RECIPIENT = re.compile(rf"(?<=[达付拨配排给])(?:给|至)?{RECIPIENT}(?=[\u4e00-\u9fff]{{2}})")
_SPENDING = re.compile(r"支出|使用|开支")
_JOINT = re.compile(r"(?:\s|[、和及与]|其中|包括)*")
_NO_ITEM = re.compile(r"[\d.,%％\s]*|[尚仍还]?未")
_ACT_ALONE = re.compile(
    rf"\s*(?:(?:全年|年内|本年度?|当年|共|总|累计)+(?P<act>执行|支出|使用|到位|拨付|支付|安排|下达|发放)|(?P<money>(?:项目|专项|补助|预算|财政)*(?:资金|经费)){_TAIL.pattern}|(?P<label>.+?))(?:[为是：:]|(?<!下)达到?)?(?:人民币)?\s*"
)
"""A clause that names no money but what became of it, or a label with its 为."""
_OF_BUDGET = re.compile(r"(?:财政|部门|单位|一般公共|政府性基金|最终|调整后?|追加|调减)$")
"""Words that name money only together with 预算 or 拨款 behind them."""
_WITHOUT_PROJECTS = re.compile(
    r"(?<=[\u4e00-\u9fff]{3})(?<!新上)(?<!结转)(?<!新增)(?<!续建)(?<!新建)(?<!立项)(?:项目|课题)$"
)
_DATE = re.compile(
    r"^(?:截[至止])?(?:(?:19|20)\d{2}年?度?[、和及])*(?:19|20)\d{2}年度?(?:\d{1,2}月)?(?:\d{1,2}日)?[底末前]?"
)
_GENERIC = re.compile(
    rf"(?:{FUNDING_VERB}|经费|资金|项目|财政|专项|预算|总投入|总投资|总额|总|数|额|金额|金|款)*+"
)
_STATUS = re.compile(rf"(?P<subject>.*?)(?P<status>{FUNDING_STATUS})(?:项目|课题)?")


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount, where its clause begins, and how deep in brackets it stands."""

    amount: Amount
    clause: int
    depth: int


@dataclass(frozen=True, slots=True)
class Item:
    """What money is for, without and with the state of projects, and the projects it supports."""

    subject: Printed | None
    full: Printed | None
    count: Printed | None
    is_status: bool = False


def clause_start(text: str, floor: int, end: int) -> int:
    """Where the clause that ends at `end` begins: after the last stop that stands in no closed bracket."""
    depth = 0
    for at in range(end - 1, floor - 1, -1):
        char = text[at]
        if char in CLOSE:
            depth += 1
        elif char in OPEN:
            if depth == 0:
                return at + 1
            depth -= 1
        elif char in _STOP and depth == 0 and not (char in ",，" and _THOUSANDS.match(text, at)):
            return at + 1
    return floor


def item_of(passage: Passage, found: Sum, previous: int, before: Item) -> Item:
    """What an amount is for: the words of its clause, else what the clause before counts or cites."""
    own = _OF_THE_SUM_BEFORE.match(passage.text, found.clause, found.amount.start)
    start = own.end() if own else found.clause
    words = passage.cut(start, found.amount.start)
    counted = _COUNT.search(words.text)
    core = _core(words, counted.start() if counted else None)
    count = passage.cut(*_shifted(counted, words)) if counted else None
    if core is None:
        clause = clause_start(passage.text, previous, max(found.clause - 1, previous))
        earlier = passage.cut(clause, max(found.clause - 1, clause))
        counted = _COUNT.search(earlier.text)
        cited = _TITLE.search(earlier.text)
        if counted:
            core = _core(earlier, counted.start())
            count = passage.cut(*_shifted(counted, earlier))
        elif cited:
            core = _slice(earlier, *cited.span(1))
    if core is None:
        date = _DATE.match(words.text)
        words = _slice(words, date.end(), len(words.text)) if date else words
        bare = _ACT_ALONE.fullmatch(words.text)
        words = _slice(words, *bare.span(bare.lastgroup or 0)) if bare else words
        joint = _JOINT.match(words.text)
        words = _slice(words, joint.end() if joint else 0, len(words.text))
        named = re.search(r"\w", words.text) and not counted
        return Item(None, words if named else before.full, count)
    return _with_status(core, count, _before_bracket(passage, found) or before)


def _before_bracket(passage: Passage, found: Sum) -> Item | None:
    """What the bracket tells of in which an amount stands, where it stands behind a count (「面上项目61项（新上…」)."""
    if not found.depth:
        return None
    at = max(passage.text.rfind(c, 0, found.amount.start) for c in OPEN)
    clause = clause_start(passage.text, 0, at)
    words = passage.cut(clause, at)
    counted = _COUNT.search(words.text)
    core = _core(words, counted.start()) if counted else None
    return Item(core, core, None) if core else None


def _shifted(match: re.Match[str], words: Printed) -> tuple[int, int]:
    """The count's characters in the passage, for a match in `words`, which were cut from it."""
    at = words.places[0].char_start
    return at + match.start("count"), at + match.end("count")


def _with_status(core: Printed, count: Printed | None, before: Item) -> Item:
    match = _STATUS.fullmatch(core.text)
    if not match:
        return Item(core, core, count)
    status = _slice(core, match.start("status"), len(core.text))
    if match["subject"]:
        return Item(_slice(core, 0, match.end("subject")), core, count)
    return Item(before.subject, joined([p for p in (before.subject, status) if p]), count, is_status=True)


def _core(words: Printed, until: int | None) -> Printed | None:
    """The words of a clause without dates, verbs and counts around them; None where nothing is left."""
    text = words.text if until is None else words.text[:until]
    actor = ACTOR.match(text)
    if actor:
        text = " " * actor.end() + text[actor.end() :]
    text = re.sub(r"[（(][^（()）]*[)）]\s*$|^[、和与及]$", "", text)
    lead = _LEAD.match(text)
    start = lead.end() if lead else 0
    tail = _TAIL.search(text, start)
    end = tail.start() if tail else len(text)
    if end <= start or _GENERIC.fullmatch(text[start:end]) or _NO_ITEM.fullmatch(text[start:end]):
        return None
    if _OF_BUDGET.search(text, start, end) and text.startswith(("预算", "拨款"), end):
        end += len("预算")
    if _SPENDING.fullmatch(text, start, end):
        start -= 2 * text.endswith(("实际", "累计"), 0, start)
    start = _behind_giver(text, start, end)
    end = len(_WITHOUT_PROJECTS.sub("", text[:end]))
    if text[start:end] == "提前":
        end = len(text.rstrip())
    cited = _TITLE.search(text, start, end)
    return _slice(words, *cited.span(1)) if cited else _slice(words, start, end)


def _behind_giver(text: str, start: int, end: int) -> int:
    """Where what money is for begins behind who gave it and to whom (「省财政下达我县…」); `start` where nothing
    is named behind them."""
    for pattern in (_GIVER, _GIVER, _RECIPIENT):
        given = pattern.match(text, start, end)
        if given and end - given.end() > 1 and not _GENERIC.fullmatch(text, given.end(), end):
            start = given.end()
    return start


def _slice(printed: Printed, start: int, end: int) -> Printed:
    """Characters of a text that was cut from one paragraph."""
    start, end = trimmed(printed.text, start, end)
    (place,) = printed.places
    at = place.char_start
    return Printed(printed.text[start:end], (replace(place, char_start=at + start, char_end=at + end),))
