"""A publication decides anew on the funds that it touches, and on no others; what it leaves for the next one."""

import json
from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
import pytest

from pipeline.alignment import fund_pairs, indicator_uses, state
from pipeline.alignment.decisions import Decisions, FundDecision
from pipeline.alignment.fund_matching import Match, compare
from pipeline.alignment.fund_nodes import FundNode, Surroundings
from pipeline.alignment.state import FORM, decisions_digest, previous_state
from pipeline.parquet import read_table
from schemas.records import INDICATORS, REPORTS
from tests.pipeline.publications import Publications

GRAIN = ("新建粮库数量", "改造仓容", "仓储损耗率", "受益种粮农户")
SPORT = ("灯光球场数量", "健身步道长度", "参加健身人次", "居民满意度")
CITY = "安平县文化和旅游局"

Told = tuple[str, str | None, int, Sequence[str]]
"""Document, fund, year, names of indicators."""


def publications(
    folder: Path, *told: Told, others: dict[str, str] | None = None, offices: dict[str, str] | None = None
) -> Publications:
    """All reports that may come; `others` gives documents another name of their fund, `offices` another organisation."""
    stated, office = others or {}, offices or {}
    reports = [
        {
            "doc_id": doc, "report_no": 1, "report_type": "self_evaluation", "fund_name": fund, "fiscal_year": year,
            "organisation": office.get(doc, CITY if names is SPORT else "江岚省粮食局"), "fund_other_names": [stated[doc]] if doc in stated else [],
        }
        for doc, fund, year, names in told
    ]  # fmt: skip
    indicators = [
        {
            "doc_id": doc, "report_no": 1, "indicator_no": no, "table_no": 1, "row_no": no, "name": name, "unit_kind": "items",
            "base_unit": "个", "target_unit": "个", "level2": "数量指标", "level2_inferred": False,
        }
        for doc, _, _, names in told
        for no, name in enumerate(names, start=1)
    ]  # fmt: skip
    return Publications(
        pa.Table.from_pylist(reports, REPORTS.arrow),
        pa.Table.from_pylist(indicators, INDICATORS.arrow),
        folder,
    )


TOLD: tuple[Told, ...] = (
    ("a1", "粮食仓储资金", 2021, GRAIN),
    ("a2", "粮食仓储资金", 2022, GRAIN),
    ("a3", "粮食仓储专项资金", 2023, (*GRAIN, "巡检粮库次数")),
    ("b1", "群众体育资金", 2021, SPORT),
    ("b2", "群众体育资金", 2022, SPORT),
    ("b3", "群众体育资金", 2023, (*SPORT, "新建粮库数量")),
    ("n1", None, 2021, ("维修设备台数",)),
    ("n2", None, 2022, ("维修设备台数",)),
)
FIRST = ("a1", "a2", "b1", "b2", "n1", "n2")


@pytest.fixture
def store(tmp_path: Path) -> Publications:
    store = publications(tmp_path, *TOLD)
    store.publish(FIRST)
    assert store.wrong() == []
    return store


def rows_of(store: Publications, table: str, column: str, value: object) -> list[dict[str, object]]:
    return [row for row in store.rows(table) if row[column] == value]


@pytest.mark.parametrize("batch", [1, 3, len(FIRST)])
def test_names_that_come_in_many_batches_are_all_decided_on(
    store: Publications, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, batch: int
) -> None:
    """What is put down batch by batch is put down whole: thousands of names are no more than one batch here."""
    monkeypatch.setattr(state, "_BATCH", batch)
    monkeypatch.setattr(indicator_uses, "_PART_ROWS", batch)
    other = publications(tmp_path / "other", *TOLD)
    other.publish(FIRST)
    assert other.ids == store.ids
    assert all(other.rows(table) == store.rows(table) for table in store.names)
    assert [(other.publish(["a3"]), other.wrong()) for _ in range(2)] == [(0, [])] * 2


def test_names_that_are_as_they_were_are_not_compared_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: tuple[Told, ...] = (
        ("a1", "粮食仓储设施建设资金", 2021, GRAIN),
        ("a2", "粮食仓储设施管护资金", 2021, GRAIN),
        ("a3", "粮食仓储设施补助资金", 2022, GRAIN),
        ("a4", "粮食仓储设备补助资金", 2023, GRAIN),
    )
    compared: list[frozenset[str]] = []

    def recorded(a: FundNode, b: FundNode, around: Surroundings) -> Match:
        compared.append(frozenset((a.printed, b.printed)))
        return compare(a, b, around)

    monkeypatch.setattr(fund_pairs, "compare", recorded)
    store = publications(tmp_path / "steps", *told)
    store.publish(["a1", "a2", "a3"])
    assert len(compared) == 3
    compared.clear()
    store.publish(["a4"])
    assert compared
    assert all("粮食仓储设备补助资金" in pair for pair in compared)
    whole = publications(tmp_path / "whole", *told)
    whole.publish(["a1", "a2", "a3", "a4"])
    assert len(compared) > 3
    assert all(store.rows(table) == whole.rows(table) for table in ("funds", "alignment_questions"))


OTHERS: tuple[Told, ...] = tuple(
    (f"z{no}", fund, 2010, tuple(f"{fund}{what}" for what in ("数量", "面积", "次数")))
    for no, fund in enumerate(("群众体育资金", "林业资金", "公路养护资金", "高校奖助资金"))
)


def funds_of(store: Publications) -> set[frozenset[str]]:
    """The documents of each fund."""
    found: dict[str | None, set[str]] = {}
    for (doc, *_), fund_id in store.ids["reports"].items():
        found.setdefault(fund_id, set()).add(doc)
    return {frozenset(docs) for docs in found.values()}


def test_funds_that_cannot_be_one_stay_apart_when_one_of_them_is_decided_anew_without_the_other(
    tmp_path: Path,
) -> None:
    told: tuple[Told, ...] = (
        ("b", "粮食仓储设施建设资金", 2021, GRAIN),
        ("c", "粮食仓储设施管护资金", 2021, GRAIN),
        ("f", "鼎泰计划", 2015, ("鼎一", "鼎二", "鼎三")),
        ("g", "2022年粮食仓储设施资金", 2022, GRAIN),
        *OTHERS,
    )
    more = {"others": {"f": "粮食仓储设施建设资金"}, "offices": {"f": "江岚省财政厅"}}
    steps, once = (publications(tmp_path / name, *told, **more) for name in ("steps", "once"))
    for taken in (["b", "c", *(doc for doc, *_ in OTHERS)], ["f"], ["g"]):
        steps.publish(taken)
    once.publish([doc for doc, *_ in told])
    assert {"b", "f"} in funds_of(steps)
    assert funds_of(steps) == funds_of(once)


def test_what_a_name_that_went_said_of_others_goes_with_it(tmp_path: Path) -> None:
    told: tuple[Told, ...] = (
        ("s", "省级粮食仓储设施资金", 2017, GRAIN),
        ("u", "粮食仓储设施管护资金", 2021, GRAIN),
        ("x", "中央粮食仓储设施资金", 2017, ("鼎一", "鼎二", "鼎三")),
        ("v", "粮食仓储设施维护资金", 2025, GRAIN),
        *OTHERS,
    )
    steps, once = (
        publications(tmp_path / name, *told, offices={"x": "海州市财政局"}) for name in ("steps", "once")
    )
    steps.publish([doc for doc, *_ in told if doc != "v"])
    steps.publish(gone=["x"])
    steps.publish(["v"])
    once.publish([doc for doc, *_ in told if doc != "x"])
    assert {"s", "u", "v"} in funds_of(steps)
    assert funds_of(steps) == funds_of(once)


def test_a_report_that_comes_joins_its_fund_and_leaves_the_others(store: Publications) -> None:
    before = {table: dict(ids) for table, ids in store.ids.items()}
    assert store.publish(["a3"]) == 0
    assert store.wrong() == []
    assert store.ids["reports"]["a3", 1, 0] == before["reports"]["a1", 1, 0]
    assert [store.ids["indicators"]["a3", 1, no] for no in range(1, 5)] == [
        before["indicators"]["a1", 1, no] for no in range(1, 5)
    ]
    assert all(store.ids[table][key] == found for table, ids in before.items() for key, found in ids.items())
    (fund,) = rows_of(store, "funds", "fund_id", before["reports"]["a1", 1, 0])
    assert (fund["name"], fund["aliases"], fund["last_year"], fund["reports"]) == (
        "粮食仓储资金", ["粮食仓储专项资金"], 2023, 3,
    )  # fmt: skip


def test_an_indicator_is_the_one_that_an_untouched_fund_has(store: Publications) -> None:
    known = store.ids["indicators"]["a1", 1, 1]
    store.publish(["b3"])
    assert store.ids["indicators"]["b3", 1, 5] == known
    assert {row["fund_id"]: row["records"] for row in rows_of(store, "indicator_aliases", "indicator_id", known)} == {
        store.ids["reports"]["a1", 1, 0]: 2, store.ids["reports"]["b1", 1, 0]: 1,
    }  # fmt: skip
    assert store.wrong() == []


def test_what_goes_takes_its_names_along(store: Publications) -> None:
    sport = store.ids["reports"]["b1", 1, 0]
    store.publish(gone=["b1", "b2", "n1"])
    assert store.wrong() == []
    assert [fund["fund_id"] for fund in store.rows("funds")] == [store.ids["reports"]["a1", 1, 0]]
    assert not rows_of(store, "fund_aliases", "fund_id", sport)
    assert {row["name"]: row["records"] for row in store.rows("indicator_aliases")} == dict.fromkeys(
        GRAIN, 2
    ) | {"维修设备台数": 1}


def test_a_fund_that_comes_back_has_its_first_id_again(store: Publications) -> None:
    first = store.ids["reports"]["b1", 1, 0]
    store.publish(gone=["b1", "b2"])
    store.publish(["b1"])
    assert store.ids["reports"]["b1", 1, 0] == first
    assert store.wrong() == []


def test_a_report_that_ties_two_funds_renames_the_reports_of_one(tmp_path: Path) -> None:
    told: tuple[Told, ...] = (
        ("x1", "粮食产业引导资金", 2021, GRAIN),
        ("x2", "粮食产业引导资金", 2022, GRAIN),
        ("y1", "仓廪计划", 2023, GRAIN),
        ("z1", "群众体育资金", 2021, SPORT),
        ("x3", "粮食产业引导资金", 2023, GRAIN),
    )
    store = publications(tmp_path, *told, others={"x3": "仓廪计划"})
    store.publish(["x1", "x2", "y1", "z1"])
    one, other = (store.ids["reports"][doc, 1, 0] for doc in ("x1", "y1"))
    assert one != other
    assert store.publish(["x3"]) == 1
    assert {store.ids["reports"][doc, 1, 0] for doc in ("x1", "x2", "x3", "y1")} == {one}
    assert store.wrong() == []
    (alias,) = rows_of(store, "fund_aliases", "name", "仓廪计划")
    assert (alias["fund_id"], alias["decided_by"]) == (one, "report")
    assert store.publish(gone=["x3"]) == 1, "without the report that says so they are two again"
    assert store.ids["reports"]["y1", 1, 0] != store.ids["reports"]["x1", 1, 0] == one
    assert store.wrong() == []


def test_a_publication_without_reports_changes_nothing(store: Publications) -> None:
    before = dict(store.names)
    assert store.publish() == 0
    assert dict(store.names) == before


def test_other_decisions_are_followed_in_funds_that_nothing_touches(store: Publications) -> None:
    decisions = Decisions(funds=(FundDecision(True, "粮食仓储资金", "群众体育资金", 2),))
    assert store.publish(decisions=decisions) == 2
    assert len(store.rows("funds")) == 1
    assert store.publish(decisions=decisions) == 0
    assert store.wrong() == []


def test_a_state_of_another_form_or_other_decisions_is_not_gone_on_from(store: Publications) -> None:
    folder, digest = store.folder / str(store.number), decisions_digest(Decisions())
    assert previous_state(folder, digest) is not None
    assert (
        previous_state(folder, decisions_digest(Decisions(funds=(FundDecision(True, "甲", "乙", 2),))))
        is None
    )
    assert previous_state(None, digest) is None
    assert previous_state(folder / "none", digest) is None
    manifest = folder / "state.json"
    manifest.chmod(0o644)
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"form": FORM + 1}))
    assert previous_state(folder, digest) is None
    store.publish(["a3"])
    assert store.wrong() == []


def test_the_state_of_a_step_is_that_of_all_at_once(tmp_path: Path) -> None:
    """What the next step goes on from does not tell how the store came to be."""
    (tmp_path / "steps").mkdir()
    steps, once = publications(tmp_path / "steps", *TOLD), publications(tmp_path / "once", *TOLD)
    for taken in (FIRST, ("a3",), ("b3",)):
        steps.publish(taken)
    once.publish([doc for doc, *_ in TOLD])
    assert steps.ids == once.ids
    assert {name: table.to_pylist() for name, table in steps.names.items()} == {
        name: table.to_pylist() for name, table in once.names.items()
    }
    for name in (
        "entries",
        "uses",
        "asked",
        "words",
        "contrasts",
        "fund_nodes",
        "fund_signs",
        "fund_ties",
        "fund_asked",
        "fund_matches",
    ):
        files = [s.folder / str(s.number) / f"{name}-00000.parquet" for s in (steps, once)]
        stripped = [_without_numbers(file) for file in files]
        assert stripped[0] == stripped[1], name


def _without_numbers(file: Path) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = read_table(file).to_pylist()
    return sorted(({k: v for k, v in row.items() if k != "no"} for row in rows), key=repr)
