"""Other names that a report gives its fund."""

import pytest

from parsers.other_names import other_names
from parsers.passages import Passage
from parsers.printed import Printed


def read(fund: str, *paragraphs: str) -> list[str]:
    passages = [Passage(number, text, None) for number, text in enumerate(paragraphs, start=1)]
    found = other_names(Printed(fund, ()), passages)
    for name in found:
        (place,) = name.places
        assert paragraphs[place.block_no - 1][place.char_start : place.char_end] == name.text
    return [name.text for name in found]


@pytest.mark.parametrize(
    ("fund", "paragraph", "names"),
    [
        ("梯田整修引导资金", "2023年梯田整修引导资金（以下简称“引导资金”）共安排80万元。", ["引导资金"]),
        ("梯田整修引导资金", "下达梯田整修引导资金(以下简称:梯田资金)80万元", ["梯田资金"]),
        ("梯田整修专项", "梯田整修专项资金（下称“梯修专项”，含结转）", ["梯修专项"]),
        ("渡口改造补助资金", "渡口改造补助资金（原“渡运安全资金”）继续实施。", ["渡运安全资金"]),
        (
            "渡口改造补助资金",
            "该资金由原渡运安全专项更名而来，渡口改造补助资金按新办法管理。",
            ["渡运安全专项"],
        ),
        ("渡口改造补助资金", "2021年起，渡运安全资金更名为渡口改造补助资金，", ["渡运安全资金"]),
        ("渡口改造补助资金", "渡口改造补助资金前身为渡运安全补贴。", ["渡运安全补贴"]),
        ("渡口改造补助资金", "渡口改造补助资金2024年更名为水运便民补助资金。", ["水运便民补助资金"]),
        ("渡口改造补助资金", "原渡运安全资金自2021年起更名为渡口改造补助资金。", ["渡运安全资金"]),
        (
            "渡口改造补助资金",
            "本资金由原渡运安全专项调整优化而来（以下简称“渡改资金”）。",
            ["渡改资金", "渡运安全专项"],
        ),
        ("渡口改造补助资金", "渡口改造补助资金即原来的渡运安全资金。", ["渡运安全资金"]),
        ("渡口改造补助资金", "本报告所称渡改资金，是指渡口改造补助资金。", ["渡改资金"]),
        ("引导资金", "省里安排梯田整修引导资金（以下简称“引导资金”）80万元", ["梯田整修引导资金"]),
    ],
)
def test_what_a_report_calls_its_fund(fund: str, paragraph: str, names: list[str]) -> None:
    assert read(fund, paragraph) == names


@pytest.mark.parametrize(
    "paragraph",
    [
        "省水利厅（以下简称“省厅”）安排梯田整修引导资金。",
        "梯田整修引导资金由省水利厅（以下简称“省厅”）安排。",
        "梯田整修引导资金（以下简称“专项资金”）",
        "梯田整修引导资金（以下简称本项目）",
        "《梯田整修引导资金管理办法》（以下简称《办法》）",
        "渡运安全资金更名为水运便民资金。",
        "梯田整修引导资金（原坡地专项、梯地专项合并）",
        "原坡地专项与梯地专项整合设立梯田整修引导资金。",
    ],
)
def test_what_is_no_other_name_of_it(paragraph: str) -> None:
    assert read("梯田整修引导资金", paragraph) == []


def test_a_name_counts_once_and_lists_of_them_end() -> None:
    many = [f"梯田整修引导资金（以下简称“梯田{n}号资金”）" for n in range(20)]
    assert read("梯田整修引导资金", *many, many[0]) == [f"梯田{n}号资金" for n in range(8)]
