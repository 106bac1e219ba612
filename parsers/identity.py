"""Who reports on what, for which year: title, fund, year, organisation, evaluator, date, type.

What a form or cover states is read; what is concluded from the running text is named in
`inferred`. Nothing is guessed: a field that nothing tells stays empty.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import date
from itertools import pairwise

from parsers.cover import COVER_BLOCKS, Cover, read_cover
from parsers.fund import TITLE_HEAD, fund_name
from parsers.headings import Numbered
from parsers.other_names import other_names
from parsers.passages import Passage
from parsers.printed import Printed, compact, field_places, joined
from parsers.tables import TableReading
from parsers.values import chinese_number, fold, read_number
from parsers.verdict import Verdict
from schemas.blocks import Table
from schemas.records import ReportRow, ReportType
from schemas.vocabulary import (
    COVER_LABELS,
    FINANCE_DEPARTMENT,
    ORGANISATION,
    REGION,
    SELF_FORM_TITLE,
    TARGET_FORM_TITLE,
)

_YEAR = re.compile(
    r"(?<!\d)((?:19|20)\d{2})\s*(?:年|[-—–~～至]\s*(?:20)\d{2}\s*年|年度|财政年度)|([二][〇○零O0][一二三四五六七八九〇○零]{2})年"
)
_YEAR_RANGE = re.compile(r"(?<!\d)(20\d{2})\s*年?\s*[-—–~～至到]\s*(20\d{2})\s*年")
_DATE = re.compile(r"(20\d{2})\s*[年./-]\s*(\d{1,2})(?!\d)\s*(?:[月./-]\s*(\d{1,2})\s*日?|月)")
_CHINESE_DATE = re.compile(
    r"(?P<year>二[〇○零O0][一二三四五六七八九〇○零O0]{2})年(?P<month>[一二三四五六七八九十]{1,2})月(?:(?P<day>[一二三四五六七八九十]{1,3})日)?"
)
_CHINESE_DIGITS = str.maketrans("〇○零O一二三四五六七八九", "0000123456789")


_COMMISSIONED = re.compile(
    rf"(?:受)?(?P<commissioner>{ORGANISATION})(?:的)?委托(?:第三方(?:机构)?)?[，,]?(?:由)?(?P<evaluator>[\u4e00-\u9fff（）()]{{4,30}}?(?:公司|事务所|中心|大学|学院|研究院|机构))"
)
_FIRM = re.compile(r"公司|事务所")
_SIGNED_FIRM = r"[\u4e00-\u9fff（）()]{4,30}?(?:公司|事务所)(?:[（(](?:特殊)?(?:普通|有限)合伙[)）])?"
_ACCEPTED = re.compile(
    rf"接受(?P<commissioner>{ORGANISATION})?(?:的)?委托[，,].{{0,10}}?对(?P<organisation>{ORGANISATION})(?=实施|管理|组织|负责|承担|20\d{{2}}年)"
)
"""A firm's report on what somebody does (我们接受委托，对甲局实施的…)."""
_PARTIES = re.compile(
    rf"(?P<evaluator>[\u4e00-\u9fff（）()]{{4,30}}?(?:公司|事务所|中心|大学|学院|研究院))(?:接受|受)(?P<commissioner>{ORGANISATION})(?:的)?委托[，,]?(?:.{{0,20}}?对(?P<organisation>{ORGANISATION}))?"
)
"""A firm that says by whom it was commissioned, and whom it evaluates."""
_ACTOR_SENTENCES = (
    re.compile(
        rf"^\s*(?P<name>{ORGANISATION})(?:（[^）]*）)?(?:隶属|成立于|[是为][\u4e00-\u9fff]{{0,14}}(?:部门|机关|单位|机构|直属|主管|政府|组织|团体))"
    ),
    re.compile(
        rf"由(?P<name>{ORGANISATION})(?:具体|统一|牵头|归口)?(?:负责|组织|牵头)?(?:实施|管理|组织|承担|建设)"
    ),
    re.compile(rf"(?:^|[，。])(?P<name>{ORGANISATION})对.{{4,50}}?(?:进行|开展|组织)了?(?:绩效)?自评"),
    re.compile(rf"^\s*(?P<name>{ORGANISATION})(?:负责|20\d{{2}}年(?:度)?(?:组织)?实施)"),
)
"""Sentences that say whose money it is, surest first."""


def identify(
    blocks: Numbered, passages: Sequence[Passage], readings: Sequence[TableReading], verdict: Verdict
) -> ReportRow:
    """The report's own row."""
    cover = read_cover(blocks, readings)
    text = compact("".join(passage.text for passage in passages))
    kind = _report_type(cover, passages, text, readings)
    inferred: list[str] = []
    fields: dict[str, Printed | None] = {"title": cover.title}
    fields["organisation"] = _organisation(cover, passages, text, inferred)
    fields["fund_name"] = fund_name(cover, passages, text, fields["organisation"], inferred)
    fields["commissioner"] = _first(cover, "commissioner") or _in_text(passages, "commissioner", inferred)
    fields["evaluator"] = _first(cover, "evaluator") or _in_text(passages, "evaluator", inferred)
    fields["evaluator"] = fields["evaluator"] or _signature(passages, of_firm=True)
    if kind not in ("third_party_evaluation", "unknown"):
        fields["commissioner"] = _first(cover, "commissioner")
        fields["evaluator"] = _first(cover, "evaluator") if fields["commissioner"] else None
        inferred[:] = [name for name in inferred if name not in ("commissioner", "evaluator")]
    others = other_names(fields["fund_name"], passages)
    year, year_from, year_print = _fiscal_year(cover, passages, fields["fund_name"], inferred)
    report_date, date_print = _report_date(cover, blocks)
    fields |= {
        "fiscal_year": year_print,
        "report_date": date_print,
        "total_score": verdict.score,
        "grade": verdict.grade,
    }
    region = _region(fields["organisation"])
    fields["region"] = region
    texts = {name: printed.text if printed else None for name, printed in fields.items()}
    fields["fund_other_names"] = joined(others)
    return ReportRow(
        report_type=kind, title=texts["title"], fund_name=texts["fund_name"],
        fund_other_names=tuple(name.text for name in others), fiscal_year=year,
        fiscal_year_from=year_from, organisation=texts["organisation"], commissioner=texts["commissioner"],
        evaluator=texts["evaluator"], region=texts["region"], grade=texts["grade"], report_date=report_date,
        total_score=read_number(texts["total_score"]), inferred=tuple(sorted(set(inferred))),
        block_no=blocks[0][0] if blocks else None, places=field_places(fields),
    )  # fmt: skip


def _first(cover: Cover, key: str) -> Printed | None:
    return next((printed for _, printed in cover.labelled.get(key, ())), None)


# ---- type -----------------------------------------------------------------------------------


def _report_type(
    cover: Cover, passages: Sequence[Passage], text: str, readings: Sequence[TableReading]
) -> ReportType:
    title = compact(cover.title.text) if cover.title else ""
    chapters = sum(1 for p in passages if p.is_title and p.section and p.section.level == 1)
    signed = _signature(passages, of_firm=True)
    is_accountant = signed is not None and "事务所" in signed.text  # a company may sign for money of its own
    evaluator = _first(cover, "evaluator") or (signed if is_accountant else None)
    if chapters < 2:
        is_firms = (
            evaluator is not None and _FIRM.search(evaluator.text) and not re.search(r"自评|自我评价", title)
        )
        return "third_party_evaluation" if is_firms else _form_type(title, readings)
    if re.search(r"自评|自我评价", title):
        return "transfer_self_evaluation" if _is_transfer(title, text, readings) else "self_evaluation"
    is_public_body = evaluator is not None and re.search(
        r"(?:厅|局|委|委员会|政府|办公室|处|科|办)$", compact(evaluator.text)
    )
    commissioned = cover.labelled.get("commissioner") or re.search(
        r"委托第三方|第三方评价|受.{2,20}委托|接受委托", text[:3000]
    )
    if not is_public_body and (evaluator or commissioned):
        return "third_party_evaluation"
    if re.search(r"评价", title):
        return "department_evaluation"
    if re.search(r"自评", text):
        return "transfer_self_evaluation" if _is_transfer(title, text, readings) else "self_evaluation"
    if re.search(r"评价", text):
        return "department_evaluation"
    return "self_evaluation" if re.search(r"绩效", text) else "unknown"


def _is_transfer(title: str, text: str, readings: Sequence[TableReading]) -> bool:
    if re.search(r"转移支付|区域绩效", title):
        return True
    captions = "".join(compact(r.caption.text) for r in readings if r.caption)
    return bool(re.search(r"区域绩效目标|转移支付", captions)) or bool(
        re.search(r"绩效目标分解下达|下达本省|中央下达.{0,20}预算", text)
        or len(re.findall(r"转移支付", text)) > 2
    )


def _form_type(title: str, readings: Sequence[TableReading]) -> ReportType:
    roles = {
        role
        for r in readings
        for region in r.regions
        if region.family == "indicators"
        for role in region.header.roles
    }
    captions = [title, *(compact(r.caption.text) for r in readings if r.caption)]
    if roles & {"actual", "score", "completion_rate"} or any(
        re.fullmatch(SELF_FORM_TITLE, c) for c in captions
    ):
        return "self_evaluation_form"
    if roles & {"target", "target_nature"} or any(re.fullmatch(TARGET_FORM_TITLE, c) for c in captions):
        return "target_form"
    if re.search(r"自评|自我评价", title):
        return "self_evaluation"
    return "department_evaluation" if re.search(r"评价", title) else "unknown"


# ---- organisation, year, date ---------------------------------------------------------------


def _organisation(
    cover: Cover, passages: Sequence[Passage], text: str, inferred: list[str]
) -> Printed | None:
    """Who is evaluated: the best label of the cover or form; of several departments the one that the
    text names most, finance departments (who only pass the money on) last."""
    stated = cover.labelled.get("organisation", [])
    if stated:
        rank, printed = min(((_rank(label), printed) for label, printed in stated), key=lambda pair: pair[0])
        best = [part for label, p in stated if _rank(label) == rank for part in _parts(p)]
        return _named_most(best, text) or printed
    if cover.title and (head := TITLE_HEAD.match(cover.title.text)):
        for group in ("organisation", "unit"):
            if head[group] and re.fullmatch(ORGANISATION, head[group]):
                author = Printed(head[group], cover.title.slice(*head.span(group)))
                is_judge = re.search(FINANCE_DEPARTMENT, author.text) and "自评" not in cover.title.text
                return (_actor(passages, inferred) if is_judge else None) or author
    own = _first(cover, "evaluator")  # 评价单位 of a department that evaluates its own money
    is_own = own is not None and re.search(r"(?:厅|局|委|委员会|政府|办公室)$", compact(own.text))
    bodies = (body for body in cover.bodies if not _FIRM.search(body.text))
    signed = (own if is_own else None) or _signature(passages) or next(bodies, None)
    if signed:
        return signed
    commissioned = _in_text(passages, "organisation", inferred)
    if commissioned:
        return commissioned
    actor = _actor(passages, inferred)
    if actor:
        return actor
    frequent = _frequent_department(passages)
    if frequent:
        inferred.append("organisation")
    return frequent


def _actor(passages: Sequence[Passage], inferred: list[str]) -> Printed | None:
    """Who a sentence says to hold or manage the money."""
    for pattern in _ACTOR_SENTENCES:
        for passage in passages:
            match = pattern.search(passage.text)
            if match and not re.search(rf"{FINANCE_DEPARTMENT}|^[各该本]", match["name"]):
                inferred.append("organisation")
                return passage.cut(*match.span("name"))
    return None


def _signature(passages: Sequence[Passage], of_firm: bool = False) -> Printed | None:
    """The organisation that signs at the end, over the date; the firm that does where `of_firm`."""
    tail = passages[-8:]
    for passage, following in pairwise(tail):
        text = compact(passage.text)
        is_name = re.fullmatch(_SIGNED_FIRM if of_firm else ORGANISATION, text)
        if is_name and bool(_FIRM.search(text)) == of_firm and _is_date(following.text):
            return passage.cut(0, len(passage.text))
    return None


def _rank(label: str) -> int:
    labels = COVER_LABELS["organisation"]
    return labels.index(label) if label in labels else len(labels)


def _parts(printed: Printed) -> Iterator[Printed]:
    """The departments of 「财政厅、科学技术厅」."""
    if len(printed.places) != 1 or not re.search(r"[、，,；;]", printed.text):
        yield printed
        return
    for match in re.finditer(r"[^、，,；;\s]+", printed.text):
        yield Printed(match[0], printed.slice(match.start(), match.end()))


def _named_most(candidates: Sequence[Printed], text: str) -> Printed | None:
    if not candidates:
        return None
    return max(
        candidates,
        key=lambda p: (not re.search(FINANCE_DEPARTMENT, p.text), text.count(compact(p.text)), len(p.text)),
    )


def _frequent_department(passages: Sequence[Passage]) -> Printed | None:
    found: dict[str, Printed] = {}
    counts: Counter[str] = Counter()
    for passage in passages:
        for match in re.finditer(
            r"(?:^|[。，；、由经向和与])\s*(?P<name>[\u4e00-\u9fff]{2,14}(?:厅|局|委员会|委))(?=[\u4e00-\u9fff]{0,3}(?:组织|负责|牵头|制定|印发|成立|按照|根据|严格|会同|高度|对|作为|在))",
            passage.text,
        ):
            name = passage.cut(*match.span("name"))
            if not re.search(FINANCE_DEPARTMENT, name.text) and not name.text.startswith(
                ("各", "相关", "有关")
            ):
                found.setdefault(name.text, name)
                counts[name.text] += 1
    best = max(counts.items(), key=lambda pair: (pair[1], len(pair[0])), default=None)
    return found[best[0]] if best and best[1] > 1 else None


def _in_text(passages: Sequence[Passage], group: str, inferred: list[str]) -> Printed | None:
    for pattern in (_PARTIES, _COMMISSIONED, _ACCEPTED):
        for passage in passages[:COVER_BLOCKS]:
            match = pattern.search(passage.text)
            if match and match.groupdict().get(group):
                inferred.append(group)
                return passage.cut(*match.span(group))
    return None


def _fiscal_year(
    cover: Cover, passages: Sequence[Passage], fund: Printed | None, inferred: list[str]
) -> tuple[int | None, int | None, Printed | None]:
    """The year reported on, the first of several, and where it is printed."""
    lines = [
        p
        for p in cover.lines
        if not _DATE.search(p.text) and not re.search(r"〔20\d{2}〕|[：:。]|[月日]\s*$", p.text)
    ]
    stated = [cover.title, *(p for _, p in cover.labelled.get("fiscal_year", ())), fund, *lines]
    for printed in stated:
        if printed is None:
            continue
        span = _YEAR_RANGE.search(printed.text)
        after = span.end() if span else -1
        bound = [m for m in re.finditer(r"(?<!\d)(20\d{2})\s*年度", printed.text) if m.start() > after]
        if bound:
            return int(bound[-1][1]), None, Printed(bound[-1][0], printed.slice(*bound[-1].span()))
        if span:
            return int(span[2]), int(span[1]), Printed(span[0], printed.slice(*span.span()))
        match = _YEAR.search(printed.text) or re.search(r"(?<!\d)(20\d{2})(?!\d)()", printed.text)
        if match:
            return _year(match), None, Printed(match[0], printed.slice(*match.span()))
    for passage in passages[:COVER_BLOCKS]:
        match = (
            re.search(r"[（(]?(?<!\d)(20\d{2})\s*年度[)）]?", passage.text)
            if len(passage.text) < 30
            else None
        )
        if match:
            return int(match[1]), None, passage.cut(*match.span(1))
    return _frequent_year(passages, inferred)


def _year(match: re.Match[str]) -> int:
    return int(match[1] or match[2].translate(_CHINESE_DIGITS))


def _frequent_year(
    passages: Sequence[Passage], inferred: list[str]
) -> tuple[int | None, int | None, Printed | None]:
    """The year that the running text names most often, the later one of equals; plans for the next year and the
    work of the evaluation, which comes after the year, count only where nothing else does."""
    told = [
        p for p in passages if p.kind not in ("other", "evaluation_work", "recommendations", "result_use")
    ]
    passages = told if any(_YEAR.search(p.text) for p in told) else passages
    counts: Counter[int] = Counter()
    first: dict[int, Printed] = {}
    for passage in passages:
        for match in _YEAR.finditer(re.sub(r"〔20\d{2}〕", "〔0000〕", passage.text)):
            year = _year(match)
            counts[year] += 1
            first.setdefault(year, passage.cut(*match.span()))
    if not counts:
        return None, None, None
    year = max(counts, key=lambda y: (counts[y], y))
    inferred.append("fiscal_year")
    return year, None, first[year]


def _report_date(cover: Cover, blocks: Numbered) -> tuple[str | None, Printed | None]:
    """The date on the cover or at the end, as YYYY-MM or YYYY-MM-DD."""
    candidates = [printed for _, printed in cover.labelled.get("report_date", ())]
    edges = [*blocks[:COVER_BLOCKS], *blocks[-4:]]
    for block_no, block in edges:
        if not isinstance(block, Table) and len(compact(block.text)) < 20 and _is_date(block.text):
            candidates.append(Passage(block_no, block.text, None).cut(0, len(block.text)))
    for printed in candidates:
        numbers = _date_numbers(printed.text)
        if numbers:
            with suppress(ValueError):  # 2024年2月45日 is no date
                day = date(numbers[0], numbers[1], numbers[2] or 1).isoformat()
                return (day if numbers[2] else day[:7]), printed
    return None, None


def _is_date(text: str) -> bool:
    folded = compact(fold(text))
    return bool(_DATE.fullmatch(folded) or _CHINESE_DATE.fullmatch(compact(text)))


def _date_numbers(text: str) -> tuple[int, int, int] | None:
    """Year, month and day (0 where none is told) of the first date in a text, in digits or in Chinese characters."""
    match = _DATE.search(text)
    if match:
        return int(match[1]), int(match[2]), int(match[3] or 0)
    match = _CHINESE_DATE.search(compact(text))
    if match is None:
        return None
    month, day = (int(chinese_number(match[part] or "") or 0) for part in ("month", "day"))
    return int(match["year"].translate(_CHINESE_DIGITS)), month, day


def _region(organisation: Printed | None) -> Printed | None:
    """The place that an organisation's name begins with."""
    if organisation is None:
        return None
    match = re.match(REGION, organisation.text)
    if (
        not match
        or len(match[0]) < 2
        or match.end() >= len(organisation.text)
        or re.match(r"自治[区州县]", match[0])
    ):
        return None
    return Printed(match[0], organisation.slice(0, match.end()))
