"""Chapters carry the words that a search finds them by."""

import time

from parsers import parse_file
from parsers.words import distinct_words

REPORT = """2024年度甲资金绩效自评报告
一、项目概况
专项转移支付已拨付，GIS系统建成3套。
二、存在的问题
技术合同成交额下降。
"""


def test_a_chapter_has_the_words_of_its_title_and_its_text() -> None:
    (report,) = parse_file(REPORT.encode()).reports
    found = {section.title: section.words for section in report.sections}
    assert list(found) == ["项目概况", "存在的问题"]
    assert {"项目", "概况", "专项转移支付", "转移", "支付", "拨付", "gis", "3"} <= set(found["项目概况"])
    assert {"存在", "问题", "技术合同", "成交额", "下降"} <= set(found["存在的问题"])
    for words in found.values():
        assert list(words) == sorted(set(words))


def test_words_stand_once_and_signs_never() -> None:
    assert distinct_words(("拨付，拨付。", "拨付 GIS gis")) == ("gis", "拨付")
    assert distinct_words(("", "。，——")) == ()


def test_a_long_text_without_signs_is_cut_in_pieces() -> None:
    begun = time.process_time()
    assert distinct_words(("绩效目标" * 100_000,)) == ("目标", "绩效", "绩效目标")
    assert time.process_time() - begun < 10
