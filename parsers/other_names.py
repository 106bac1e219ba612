"""Other names that a report gives its fund: 「…（以下简称“引导资金”）」「原“…”」「由…更名而来」."""

import re
from collections.abc import Iterator, Sequence

from parsers.passages import Passage
from parsers.printed import Printed, compact
from schemas.vocabulary import FUND_WORD

_OPEN, _CLOSE = "“\"「『《‘'", "”\"」』》’'"
_NAME = rf"[{_OPEN}]?(?P<name>[^{_OPEN}{_CLOSE}（）()，,。；;：:]{{2,40}}?)[{_CLOSE}]?"
_FUND = rf"[{_OPEN}]?(?P<name>(?!原(?![始种料材粮油煤子])|[将由即])[^{_OPEN}{_CLOSE}（）()，,。；;：:、]{{2,40}}?{FUND_WORD})[{_CLOSE}]?"
_BECAME = r"(?:更名|改名|改称|演变|调整更名|更名调整|调整优化|优化调整|调整|变更)"
_SINCE = r"(?:自|于|从)?(?:20\d{2}年(?:度|\d+月)?(?:起|开始)?)?(?:名称)?"
_BESIDE = (
    re.compile(
        rf"[（(]\s*(?:以下|下文|后文)?(?:均|统一|合)?(?:简称|统称|下称|称)(?:为|作)?[：:]?\s*{_NAME}(?:[，,].*?)?[）)]"
    ),
    re.compile(rf"[（(]\s*(?:又名|又称|亦称|也称|曾用名|原名称?|原称|原)(?:为|是)?[：:]?\s*{_NAME}[）)]"),
    re.compile(
        rf"[，,]\s*(?:以下简称|简称|又称|亦称|也称|原名)(?:为|是)?[：:]?\s*[{_OPEN}](?P<name>[^{_CLOSE}]{{2,40}})[{_CLOSE}]"
    ),
)
"""What stands right behind the fund's name."""
_RENAMED = (
    re.compile(rf"前身(?:为|是)(?:原|原来的)?{_FUND}"),
    re.compile(rf"由(?:原|原来的)?{_FUND}{_SINCE}{_BECAME}(?:而来|为|形成)"),
    re.compile(rf"(?:原名称?|原称|曾用名)(?:为|是|叫)?[：:]?{_FUND}"),
    re.compile(rf"即原(?:来的|有的)?{_FUND}"),
    re.compile(rf"(?:^|[，,。；;：:）)]|原|将|由)(?:原|原来的)?{_FUND}{_SINCE}{_BECAME}为"),
    re.compile(rf"(?:现)?(?:名称)?{_BECAME}为{_FUND}"),
)
"""Sentences on a fund's earlier or later name, which name the fund itself too."""
_MEANT = re.compile(
    rf"(?:本报告|本文|文中|以下)?所称(?:的)?{_NAME}[，,]?(?:均|都)?(?:是指|系指|指的是|即为?|指)(?P<full>[^。；;]{{4,60}})"
)
"""「本报告所称引导资金，是指…」"""
_SEVERAL = re.compile(r"[、和与及].{2,30}(?:整合|合并|归并)|(?:整合|合并|归并)(?:而成|设立|为)")
"""A fund made of several is none of them."""
_IT = re.compile(r"(?:本|该)(?:项|专项)?(?:资金|专项|项目|补助)")
"""What a sentence on the fund may begin with instead of its name."""
_NO_NAME = re.compile(
    r"(?:该|本|此|各|上述|以上|原|新)?(?:财政|中央|省级|自治区)?(?:专项|项目|资金|补助|经费|政策|转移支付|工程|计划|基金|预算|支出|单位|方案|办法)+"
)
_LAST_WORDS = re.compile(rf"(?:专项|补助|转移支付|项目|资金|经费|{FUND_WORD})+$")
_CORE = 6
"""Characters at the end of a name, without its last words, that tell the fund."""
_BETWEEN = re.compile(rf"(?:专项|补助|转移支付|项目|资金|经费|支出|{FUND_WORD}|[{_OPEN}{_CLOSE}])*")
"""All that may stand between the fund's core and the bracket that gives its other name."""
_FULL_NAME = re.compile(
    rf"(?:年度?|安排|下达|拨付|实施|设立|开展|组织|[{_OPEN}，,。；;：:、）)]|^)(?P<name>(?:(?!年度|安排|下达|拨付|实施|设立|开展|组织)[\u4e00-\u9fff]){{4,40}}?{FUND_WORD})[{_CLOSE}]?\s*$"
)
"""The name before such a bracket, where the report goes by the short one."""
_MOST = 8
"""A report that names its fund in more ways names other things."""


def other_names(fund: Printed | None, passages: Sequence[Passage]) -> tuple[Printed, ...]:
    """The other names of `fund`, in order, each once; only where the fund itself is named beside them."""
    if fund is None:
        return ()
    own = compact(fund.text)
    core = _LAST_WORDS.sub("", own)[-_CORE:] or own
    found: dict[str, Printed] = {}
    for passage in passages:
        for name in _named(passage, own, core):
            key = compact(name.text)
            if key != own and not _NO_NAME.fullmatch(key) and len(found) < _MOST:
                found.setdefault(key, name)
    return tuple(found.values())


def _named(passage: Passage, own: str, core: str) -> Iterator[Printed]:
    text = passage.text
    for pattern in _BESIDE:
        for match in pattern.finditer(text):
            before = compact(text[: match.start()])
            at = before.rfind(core)
            if _SEVERAL.search(match[0]) or "、" in match["name"]:
                continue
            if compact(match["name"]) == own:
                full = _FULL_NAME.search(text[: match.start()])
                if full:
                    yield passage.cut(*full.span("name"))
            elif (at >= 0 and _BETWEEN.fullmatch(before, at + len(core))) or (
                (at >= 0 or _IT.match(before)) and _is_short_for(match["name"], own)
            ):
                yield passage.cut(*match.span("name"))
    for match in _MEANT.finditer(text):
        if core in compact(match["full"]):
            yield passage.cut(*match.span("name"))
    for start, end in passage.sentences():
        sentence = text[start:end]
        folded = compact(sentence)
        if (core in folded or _IT.match(folded)) and not _SEVERAL.search(sentence):
            for pattern in _RENAMED:
                for match in pattern.finditer(sentence):
                    yield passage.cut(start + match.start("name"), start + match.end("name"))


def _is_short_for(name: str, own: str) -> bool:
    """Whether a name of a fund takes its characters from the fund's whole name, in order."""
    rest = iter(own)
    return bool(re.search(rf"{FUND_WORD}$", name)) and all(
        char in rest for char in _LAST_WORDS.sub("", compact(name))
    )
