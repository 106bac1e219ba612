"""The notebooks: executed on the sample store by the command of the README, and looked at in a browser without a network.

A chart is an SVG picture whose marks say what they stand for (`aria-label`): those are compared with tests/samples/truth.json.
"""

import base64
import html
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd
import pyarrow as pa
import pytest

from pipeline import open_store
from pipeline.notebook import SHOWN_ROWS, _table, alt, find_store
from schemas.errors import StoreError
from tests.conftest import ROOT, SampleStore, run_jixiao
from tests.samples import write_pair
from tests.test_auditor_sql import TRUTH

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
CONFIG = ROOT / "notebooks" / "nbconvert_config.py"
FIRST_CELL = "from pipeline.notebook import alt, open_store\n\ncon = open_store()"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass(frozen=True, slots=True)
class Page:
    """A notebook's page: its HTML, and its charts by their titles."""

    path: Path
    text: str
    charts: dict[str, str]

    def marks(self, title: str, kind: str) -> list[str]:
        """What the marks of a kind say in the chart with a title."""
        tags = re.findall(rf'<\w+ [^>]*aria-roledescription="{kind}"[^>]*>', self.charts[title])
        return [html.unescape(re.findall(r'aria-label="([^"]*)"', tag)[0]) for tag in tags]

    def printed(self, title: str) -> list[str]:
        """The texts in the chart with a title."""
        return [html.unescape(t) for t in re.findall(r"<text[^>]*>([^<]*)</text>", self.charts[title])]


def convert(store: Path, folder: Path, *more: str | Path) -> subprocess.CompletedProcess[str]:
    """The README's command on a store, with what Jupyter and IPython keep of their own in `folder`."""
    variables = {
        "JIXIAO_STORE": store,
        "PYTHONPATH": ROOT,
        "IPYTHONDIR": folder / "ipython",
        "JUPYTER_CONFIG_DIR": folder / "config",
        "JUPYTER_DATA_DIR": folder / "share",
        "JUPYTER_RUNTIME_DIR": folder / "run",
    }
    return subprocess.run(
        [
            Path(sys.executable).with_name("jupyter"), "nbconvert", "--config", CONFIG,
            f"--FilesWriter.build_directory={folder / 'html'}", *more,
        ],
        env={**os.environ, **{name: str(value) for name, value in variables.items()}},
        capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip


def read_page(path: Path) -> Page:
    text = path.read_text(encoding="utf-8")
    found = re.findall(r'<img alt="([^"]*)" src="data:image/svg\+xml;base64,([^"]*)" ?/>', text)
    assert len(found) == text.count("<img ")
    return Page(path, text, {html.unescape(title): base64.b64decode(svg).decode() for title, svg in found})


def pages(store: Path, folder: Path) -> dict[str, Page]:
    """The pages of all notebooks, by the first two figures of their names."""
    done = convert(store, folder)
    assert done.returncode == 0, done.stderr
    assert "WARNING" not in done.stderr
    assert sorted(p.name for p in folder.iterdir()) in (["html", "ipython"], ["html", "ipython", "run"])
    found = {p.name[:2]: read_page(p) for p in sorted((folder / "html").iterdir())}
    assert list(found) == ["01", "02", "03", "04"]
    return found


@pytest.fixture(scope="module")
def sample_pages(sample_store: SampleStore, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Page]:
    return pages(sample_store.path, tmp_path_factory.mktemp("nb"))


# ---- as they are committed ------------------------------------------------------------------


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_committed_without_what_running_leaves_in_it(path: Path) -> None:
    """To clean one that was run: jupyter nbconvert --clear-output --inplace, and ruff format."""
    text = path.read_text(encoding="utf-8")
    notebook = json.loads(text)
    assert text == json.dumps(notebook, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
    nbformat.validate(notebook)
    code = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    assert all(
        (cell["outputs"], cell["execution_count"], cell["metadata"]) == ([], None, {}) for cell in code
    )
    assert set(notebook["metadata"]) == {"kernelspec", "language_info", "title"}
    assert notebook["metadata"]["language_info"] == {"name": "python"}
    assert "".join(notebook["cells"][0]["source"]).startswith(f"# {notebook['metadata']['title']}\n")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_starts_with_one_import_and_one_connection(path: Path) -> None:
    code = [c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]
    assert code[0] == FIRST_CELL
    assert not any("import " in cell or "open_store(" in cell for cell in code[1:])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_notebook_names_a_fund_a_place_or_a_year(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    facts = [report["document"] for entry in TRUTH for report in entry["reports"]]
    names = {str(fact[key]) for fact in facts for key in ("fund_name", "organisation", "fiscal_year")}
    assert len(names) > 20
    assert not [name for name in names if name in text]


# ---- what they show -------------------------------------------------------------------------


def reports_on(fund: str, year: int) -> list[dict[str, Any]]:
    return [
        report
        for entry in TRUTH
        for report in entry["reports"]
        if (report["document"]["fund_name"], report["document"]["fiscal_year"]) == (fund, year)
    ]


RIVERS, FARMS, SCHOOLS, CULTURE = (
    "中小河流治理专项资金", "高标准农田建设补助资金", "乡村学校办学条件改善专项资金", "公共文化服务体系建设专项资金",
)  # fmt: skip


def total(report: dict[str, Any], measure: str) -> float:
    """The first sum of a measure that is no part of another one, 万元."""
    rows = [f for f in report["funding"] if f["measure"] == measure and f["parent"] is None]
    return float(rows[0]["amount_yuan"]) / 10_000


def test_every_chart_is_there(sample_pages: dict[str, Page]) -> None:
    titles = {number: list(page.charts) for number, page in sample_pages.items()}
    assert titles["01"][:2] == [f"{RIVERS}：预算、执行、执行率与总分", f"{RIVERS}：各指标历年完成率（%）"]
    assert titles["01"][2].startswith(f"{RIVERS}：")
    assert titles["02"] == [
        "2025 年各项资金执行率", "2025 年：预算规模与执行率", "各项资金历年执行率（%）", "各项资金历年总分",
    ]  # fmt: skip
    assert titles["03"] == [
        "各项资金项目清单的金额", f"2019 年{RIVERS}：各类项目的金额", "金额最多的 25 个支持单位", "项目按金额大小的分布",
    ]  # fmt: skip
    assert titles["04"] == ["完成率的分布", "年年达标的指标：各年完成率", "满意度历年"]


def test_one_fund_over_the_years(sample_pages: dict[str, Page]) -> None:
    """The fund with most years: a budget and an execution a year; figures of the years with one report only."""
    page, title = sample_pages["01"], f"{RIVERS}：预算、执行、执行率与总分"
    bars = page.marks(title, "bar")
    assert len(bars) == 16
    # 8 rates, and the points of 6 years: in 2021 and 2025 the province states none, and the cities' are not its own
    assert len(page.marks(title, "point")) == 14
    lonely = [(year, reports_on(RIVERS, year)) for year in (2020, 2022, 2023)]
    for year, reports in lonely:
        (report,) = reports
        budget, executed = (total(report, measure) for measure in ("budget", "executed"))
        assert f"年度: {year}; 金额（万元）: {budget:.10g}; 口径: 预算" in bars
        assert f"年度: {year}; 金额（万元）: {executed:.10g}; 口径: 执行" in bars
        assert f"{round(100 * executed / budget, 2):.10g}" in page.printed(title)
        assert f"{report['document']['total_score']:.10g}" in page.printed(title)
    assert {"金额（万元）", "执行率（%）", "总分（分）", "年度", "预算", "执行"} <= set(page.printed(title))


def test_indicators_of_one_fund_against_their_targets(sample_pages: dict[str, Page]) -> None:
    page, title = sample_pages["01"], f"{RIVERS}：各指标历年完成率（%）"
    cells = set(page.marks(title, "rect mark"))
    (report,) = reports_on(RIVERS, 2023)
    compared = 0
    for row in report["indicators"]:
        if row["target_op"] == ">=" and row["actual_op"] == "=" and row["target_unit"] == row["actual_unit"]:
            state = "达标" if row["actual_value"] >= row["target_value"] else "未达标"
            assert f"年度: 2023; 指标名称: {row['name']}; 状态: {state}" in cells
            compared += 1
    assert compared >= 5
    # evaluations have no completion table, and yet their years have a column
    assert set(map(str, range(2018, 2026))) <= set(page.printed(title))
    assert not any(f"年度: {year};" in cell for cell in cells for year in (2020, 2022))
    # in 2023 and 2024 another organisation reports than the year before; nothing precedes 2021
    starred = [m for m in page.marks(title, "text mark") if "完成率" not in m]
    assert {m.split(";")[0] for m in starred} == {"年度: 2023", "年度: 2024"}


def test_a_number_leads_back_to_its_source(sample_pages: dict[str, Page]) -> None:
    rows = re.findall(r"<tr>(.*?)</tr>", sample_pages["01"].text, re.DOTALL)
    cells = [[html.unescape(c) for c in re.findall(r"<td>(.*?)</td>", row)] for row in rows]
    (row,) = [c for c in cells if "19272.37" in c]
    assert row[:4] == ["2022", "21500", "19272.37", "89.64"]
    assert {"2022/中小河流绩效评价.txt", "第三方评价报告"} <= set(row)
    assert re.fullmatch(r"第\d+段 第\d+–\d+字", row[14])


def test_funds_side_by_side(sample_pages: dict[str, Page]) -> None:
    page = sample_pages["02"]
    bars = page.marks("2025 年各项资金执行率", "bar")
    assert {bar.split("资金名称: ")[1].split(";")[0] for bar in bars} == {RIVERS, FARMS, SCHOOLS, CULTURE}
    years = {(r["document"]["fund_name"], r["document"]["fiscal_year"]) for e in TRUTH for r in e["reports"]}
    cells = page.marks("各项资金历年执行率（%）", "rect mark")
    assert len(cells) == len(years) == 29
    (report,) = reports_on(FARMS, 2024)
    rate = round(100 * total(report, "executed") / total(report, "budget"), 2)
    assert f"年度: 2024; 资金名称: {FARMS}; 执行率（%）: {rate:.10g}" in cells
    points = page.marks("各项资金历年总分", "point")
    assert f"总分（分）: {report['document']['total_score']}; 资金名称: {FARMS}; 年度: 2024" in points


def test_names_of_funds_stay_within_the_axes(sample_pages: dict[str, Page]) -> None:
    svg = sample_pages["02"].charts["2025 年：预算规模与执行率"]
    texts = re.findall(r'<text aria-label="预算[^>]*translate\(([-\d.]+),[^>]*>([^<]*)</text>', svg)
    assert {name for _, name in texts} == {RIVERS, FARMS, SCHOOLS, CULTURE}
    assert all(12 * len(name) / 2 < float(x) < 760 - 12 * len(name) / 2 for x, name in texts)


def listed() -> Iterator[tuple[str, int, dict[str, Any]]]:
    """Each true project with its fund and year."""
    for entry in TRUTH:
        for report in entry["reports"]:
            facts = report["document"]
            yield from (
                (facts["fund_name"], facts["fiscal_year"], p | {"organisation": facts["organisation"]})
                for p in report["projects"]
            )


def test_where_the_money_went(sample_pages: dict[str, Page]) -> None:
    page = sample_pages["03"]
    sums: dict[tuple[str, str, int], float] = defaultdict(float)
    doers: dict[str, float] = defaultdict(float)
    numbers = Counter(project["undertaker"] for _, _, project in listed())
    for fund, year, project in listed():
        sums[fund, project["organisation"], year] += project["amount_yuan"] / 10_000
        doers[project["undertaker"]] += project["amount_yuan"] / 10_000
    bars = page.marks("各项资金项目清单的金额", "bar")
    # a city's list of 2025 is no fall of the province's: it stands in a row of its own
    reporters = {fund: len({who for name, who, _ in sums if name == fund}) for fund, *_ in sums}
    assert reporters == {RIVERS: 2, FARMS: 1, CULTURE: 1}
    assert sorted(bars) == sorted(
        f"项目金额（万元）: {amount:.10g}; 清单: {fund}{f' · {who}' if reporters[fund] > 1 else ''}; 年度: {year}"
        for (fund, who, year), amount in sums.items()
    )
    assert len(page.marks(f"2019 年{RIVERS}：各类项目的金额", "bar")) == sum(
        (fund, year) == (RIVERS, 2019) for fund, year, _ in listed()
    )
    first = max(doers, key=lambda name: doers[name])
    most = "金额最多的 25 个支持单位"
    assert page.marks(most, "bar")[0] == f"金额（万元）: {doers[first]:.10g}; 支持单位: {first}"
    assert page.marks(most, "text mark")[0].endswith(f"支持单位: {first}; 说明: {numbers[first]} 个项目")
    sized = [int(bar.rsplit(": ", 1)[1]) for bar in page.marks("项目按金额大小的分布", "bar")]
    assert sum(sized) == sum(project["amount_yuan"] > 0 for _, _, project in listed())


def test_satisfaction_over_the_years(sample_pages: dict[str, Page]) -> None:
    page, title = sample_pages["04"], "满意度历年"
    tables = [r for r in reports_on(CULTURE, 2022) if r["document"]["report_type"] == "self_evaluation"]
    (row,) = [i for i in tables[0]["indicators"] if i["name"] == "观众满意度" and i["record"] == "completion"]
    assert f"{CULTURE} · 观众满意度" in page.printed(title)
    assert f"年度: 2022; 完成值: {row['actual_value']:.10g}" in page.marks(title, "point")
    assert f"年度: 2022; 满意度（%）: {row['target_value']:.10g}" in page.marks(title, "tick")


def test_indicators_that_are_always_met(sample_pages: dict[str, Page]) -> None:
    """One indicator of the sample archive is met by exactly 100% every year."""
    page, title = sample_pages["04"], "年年达标的指标：各年完成率"
    rows = [
        (i["actual_value"], i["target_value"])
        for e in TRUTH
        for r in e["reports"]
        for i in r["indicators"]
        if i["name"] == "单元工程质量合格率" and i["record"] == "completion"
    ]
    assert len(rows) > 5
    assert set(rows) == {(100.0, 100.0)}
    points = [p for p in page.marks(title, "point") if f"{RIVERS} · 单元工程质量合格率" in p]
    assert len(points) >= 5
    assert all(point.startswith("完成率（%）: 100;") for point in points)


# ---- other stores ---------------------------------------------------------------------------


def test_a_store_of_one_fund_one_year_and_no_projects(tmp_path: Path) -> None:
    """Its form prints 89.43 %; a sentence after it says 80 %: both are drawn."""
    write_pair("2022/乡村学校项目自评表", tmp_path / "raw", ["txt"])
    (form,) = (tmp_path / "raw").rglob("*.txt")
    with form.open("a", encoding="utf-8") as file:
        file.write("\n项目资金全年预算8570万元，实际支出6856万元，预算执行率80%。\n")
    assert run_jixiao("ingest", tmp_path / "raw", "--store", tmp_path / "S").returncode == 0
    found = pages(tmp_path / "S", tmp_path / "nb")
    title = f"{SCHOOLS}：预算、执行、执行率与总分"
    numbers = [m.rsplit(": ", 1)[1] for m in found["01"].marks(title, "point")]
    assert numbers == ["89.43", "80", "97.4"]  # rate, the other rate, points
    points = found["02"].marks("2022 年各项资金执行率", "point")
    assert [re.findall(r": (80)\b", m) for m in points] == [["80"]]
    assert found["03"].charts == {}
    assert "库里没有项目清单。" in found["03"].text
    assert "没有指标在 3 个以上年度里年年达标。" in found["04"].text


def test_a_store_without_reports(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("今天没有报告。", encoding="utf-8")
    run_jixiao("ingest", tmp_path / "note.txt", "--store", tmp_path / "S")
    found = pages(tmp_path / "S", tmp_path / "nb")
    assert all(page.charts == {} for page in found.values())
    assert "这项资金没有年度数字。" in found["01"].text


# ---- when something fails -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ('con.sql("FROM 没有这张表").df()', "CatalogException"),
        ('alt.Chart(con.sql("SELECT 1 AS a").df()).mark_bar().encode(x="b")', "ValueError"),
    ],
    ids=["a query", "a chart"],
)
def test_the_command_fails_with_a_cell(
    code: str, message: str, sample_store: SampleStore, tmp_path: Path
) -> None:
    """A chart fails only when it is shown, after its cell."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(FIRST_CELL), nbformat.v4.new_code_cell(code)]
    )
    nbformat.write(notebook, tmp_path / "own.ipynb")
    done = convert(sample_store.path, tmp_path, tmp_path / "own.ipynb")
    assert done.returncode != 0
    assert message in done.stderr
    assert not list((tmp_path / "html").glob("*.html"))


def test_a_missing_package_is_told_with_the_command_that_installs_it() -> None:
    code = "import sys; sys.modules['altair'] = None; import pipeline.notebook"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert "UsageError: notebooks need the package altair; install it with: pip install" in done.stderr
    assert "'.[notebooks]'" in done.stderr


# ---- the store that is opened ---------------------------------------------------------------


def test_the_store_is_found_upwards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIXIAO_STORE", raising=False)
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "jixiao.duckdb").touch()
    (tmp_path / "notebooks" / "data").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "notebooks")
    assert find_store() == tmp_path / "data"
    monkeypatch.setenv("JIXIAO_STORE", "elsewhere")
    assert find_store() == Path("elsewhere")


def test_no_store_is_an_error_that_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIXIAO_STORE", raising=False)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(StoreError, match="make one with: jixiao ingest FOLDER"):
        find_store()


def test_pandas_and_arrow_come_out(sample_store: SampleStore) -> None:
    with open_store(sample_store.path) as con:
        question = con.sql("SELECT count(*) AS 份数 FROM reports WHERE fiscal_year = 2020")
        frame, table = question.df(), question.to_arrow_table()
    reports = sum(r["document"]["fiscal_year"] == 2020 for e in TRUTH for r in e["reports"])
    assert isinstance(frame, pd.DataFrame)
    assert isinstance(table, pa.Table)
    assert frame["份数"].tolist() == table.column("份数").to_pylist() == [reports]


# ---- charts and tables ----------------------------------------------------------------------


def picture(chart: Any) -> str:
    svg: str = chart._repr_mimebundle_()["image/svg+xml"]
    return svg


def bars(names: list[str]) -> Any:
    frame = pd.DataFrame({"名称": names, "金额": range(1, len(names) + 1)})
    return (
        alt.Chart(frame)
        .mark_bar()
        .encode(x=alt.X("金额", title="金额（万元）"), y=alt.Y("名称:N", title=None))
        .properties(title="一张图")
    )


def test_a_chart_is_the_same_picture_each_time() -> None:
    assert picture(bars(["甲", "乙"])) == picture(bars(["甲", "乙"]))
    assert bars(["甲"])._repr_mimebundle_()["text/plain"] == "一张图"


def test_long_names_are_not_cut_and_have_room() -> None:
    """40 characters of 12 pixels: the picture is wider than the same with a short name by about 480."""
    name = "中央财政支持自治区农村综合改革转移支付资金美丽乡村建设奖补项目（二〇二四年度第二批次）"[:40]
    assert len(name) == 40
    long, short = picture(bars([name])), picture(bars(["甲"]))
    assert f">{name}</text>" in long
    widths = [float(re.findall(r'<svg [^>]*width="([\d.]+)"', svg)[0]) for svg in (long, short)]
    assert 39 * 12 * 0.9 < widths[0] - widths[1] < 39 * 12 * 1.1


def test_a_chart_loads_no_data_from_elsewhere() -> None:
    chart = alt.Chart(alt.UrlData("https://example.com/rows.json")).mark_bar().encode(x="a:Q")
    with pytest.raises(ValueError, match="External data url not allowed"):
        picture(chart)


def test_a_table_leaves_nulls_empty_and_escapes() -> None:
    frame = pd.DataFrame({"名称": ["<b>甲", None], "年度": [2024, None]})
    frame["指标数"] = pd.array([16, None], dtype="Int64")
    frame["达标"] = pd.array([True, None], dtype="boolean")
    frame["另述位置"] = pd.Series([None, None], dtype=object)
    shown = _table(frame)
    assert re.findall(r"<td>(.*?)</td>", shown) == [
        "&lt;b&gt;甲", "2024", "16", "True", "", "", "", "", "", "",
    ]  # fmt: skip
    assert "<td>" not in _table(frame.head(0))
    assert "<th></th>" not in shown


def test_a_long_table_says_how_many_rows_it_has() -> None:
    shown = _table(pd.DataFrame({"号": range(SHOWN_ROWS + 5)}))
    assert shown.count("<td>") == SHOWN_ROWS
    assert f"共 {SHOWN_ROWS + 5} 行，只显示前 {SHOWN_ROWS} 行。" in shown


# ---- with the network off -------------------------------------------------------------------


class Addresses(HTMLParser):
    """What a page's tags and styles refer to."""

    LOADING = frozenset({"src", "href", "xlink:href", "srcset", "data", "action", "poster"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found = re.findall(r"""url\(\s*["']?([^"')\s]+)""", text)
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.found += [value or "" for name, value in attrs if name in self.LOADING]


def test_pages_refer_to_nothing_outside(sample_pages: dict[str, Page]) -> None:
    for page in sample_pages.values():
        for text in (page.text, *page.charts.values()):
            addresses = Addresses(text)
            assert [a for a in addresses.found if not a.startswith(("data:", "#"))] == []
            assert not addresses.tags & {"script", "link", "iframe", "object", "embed", "base"}
            assert "@import" not in text


def test_what_refers_outside_is_found() -> None:
    text = '<img src="https://a.b/c.png"><style>p { background: url(//a.b/d) }</style><a href="#top"><script></script>'
    addresses = Addresses(text)
    assert sorted(addresses.found) == ["#top", "//a.b/d", "https://a.b/c.png"]
    assert "script" in addresses.tags


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here to open the pages with")
@pytest.mark.parametrize("number", ["01", "02", "03", "04"])
def test_a_browser_shows_every_chart(number: str, sample_pages: dict[str, Page], tmp_path: Path) -> None:
    """Chromium without a network: each picture has the size that its SVG says, and nothing was asked for."""
    page = sample_pages[number]
    report = """<script>addEventListener("load", () => {
        const sizes = [...document.images].map(i => Math.round(i.naturalWidth) + "x" + Math.round(i.naturalHeight));
        const asked = performance.getEntriesByType("resource").map(e => e.name).filter(n => !n.startsWith("data:"));
        document.body.dataset.seen = JSON.stringify({sizes, asked});
    })</script>"""
    (tmp_path / "page.html").write_text(page.text.replace("</body>", report + "</body>"), encoding="utf-8")
    done = subprocess.run(
        [
            str(CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
            "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage",
            "--host-resolver-rules=MAP * ~NOTFOUND", f"--user-data-dir={tmp_path / 'profile'}",
            "--dump-dom", (tmp_path / "page.html").as_uri(),
        ],
        env={**os.environ, "HOME": str(tmp_path)}, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    (seen,) = re.findall(r'data-seen="([^"]*)"', done.stdout)
    shown = json.loads(html.unescape(seen))
    declared = [
        re.findall(r'<svg [^>]*width="([\d.]+)" height="([\d.]+)"', svg)[0] for svg in page.charts.values()
    ]
    assert len(declared) >= 3
    assert shown["sizes"] == [f"{round(float(w))}x{round(float(h))}" for w, h in declared]
    assert shown["asked"] == []
