"""The documentation cannot drift: what it says is what the project does."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import typer

from parsers import headers, parse_file
from pipeline import cli, open_store
from pipeline.commands import exits
from schemas.dictionary import data_dictionary
from schemas.errors import Category
from schemas.records import STORE_TABLES, Outcome
from schemas.vocabulary import COLUMN_ROLES
from tests.conftest import ROOT, SampleStore, run_jixiao
from tests.samples import write_pair
from tests.test_auditor_sql import TRUTH

DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    ROOT / "README.zh-CN.md",
    *sorted(DOCS.glob("*.md")),
    ROOT / "tests/samples/README.md",
]
CLI_PAGE = (DOCS / "cli.md").read_text(encoding="utf-8")
READMES = ("README.md", "README.zh-CN.md")


def blocks(page: Path, language: str) -> list[str]:
    """The fenced blocks of a page in a language."""
    text = page.read_text(encoding="utf-8")
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)


# ---- the command line -----------------------------------------------------------------------


def commands(group: Any, name: str = "jixiao") -> Iterator[tuple[str, Any]]:
    """Every command with its whole name; a group is one too."""
    for word, command in group.commands.items():
        whole = f"{name} {word}"
        yield whole, command
        if hasattr(command, "commands"):
            yield from commands(command, whole)


COMMANDS = dict(commands(typer.main.get_command(cli.app)))


def section(command: str) -> str:
    """What docs/cli.md says of a command: from its heading to the next one."""
    heads = list(re.finditer(r"^## `(jixiao [^`]*)`$", CLI_PAGE, re.MULTILINE))
    for index, head in enumerate(heads):
        words = [word for word in head[1].split() if word.islower()]
        if " ".join(words) == command:
            end = heads[index + 1].start() if index + 1 < len(heads) else len(CLI_PAGE)
            return CLI_PAGE[head.end() : end]
    raise AssertionError(f"docs/cli.md has no heading for {command}")


def test_the_commands_are_those_we_know() -> None:
    assert sorted(COMMANDS) == [
        "jixiao align", "jixiao export", "jixiao failures", "jixiao funds", "jixiao funds review", "jixiao generations",
        "jixiao generations drop", "jixiao generations open", "jixiao generations prune", "jixiao indicators", "jixiao indicators review", "jixiao ingest", "jixiao parse",
        "jixiao runs", "jixiao schema",
        "jixiao show", "jixiao sql",
    ]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_is_documented_with_its_command(command: str) -> None:
    options = {
        o for p in COMMANDS[command].params for o in (*p.opts, *p.secondary_opts) if o.startswith("--")
    }
    described = set(re.findall(r"`(--[a-z-]+)`", section(command)))
    assert options - {"--help"} == described


def test_every_command_stands_in_both_readmes() -> None:
    for readme in READMES:
        text = (ROOT / readme).read_text(encoding="utf-8")
        for command in COMMANDS:
            assert command.removesuffix(" drop") in text, (readme, command)


def test_exit_codes_are_documented() -> None:
    documented = [int(code) for code in re.findall(r"^\| (\d+) \|", CLI_PAGE, re.MULTILINE)]
    assert documented == [
        0, exits.EXIT_FILES, exits.EXIT_USAGE, exits.EXIT_STORE, exits.EXIT_STOPPED,
        exits.EXIT_TERMINATED,
    ]  # fmt: skip
    assert documented == [0, 1, 2, 3, 130, 143]


def test_outcomes_and_categories_are_documented() -> None:
    words = re.findall(r"^\| `(\w+)` \|", section("jixiao ingest"), re.MULTILINE)
    assert words == [*get_args(Outcome), *get_args(Category)]


# ---- tables ---------------------------------------------------------------------------------


def test_the_data_dictionary_is_the_generators() -> None:
    assert (DOCS / "data-dictionary.md").read_text(encoding="utf-8") == data_dictionary()


@pytest.mark.parametrize("table", STORE_TABLES, ids=lambda t: t.name)
def test_every_table_and_column_is_explained(table: Any, sample_store: SampleStore) -> None:
    """Against the store itself, whose columns come another way than the dictionary's lines."""
    page = (DOCS / "data-dictionary.md").read_text(encoding="utf-8")
    part = page.split(f"\n## {table.name}\n")[1].split("\n## ")[0]
    described = re.findall(r"^\| `(\w+)` \|", part, re.MULTILINE)
    with open_store(sample_store.path) as con:
        assert described == con.sql(f"FROM {table.name}").columns


# ---- README and CI --------------------------------------------------------------------------


@pytest.mark.parametrize("readme", READMES)
def test_ci_runs_what_the_readme_says(readme: str) -> None:
    """The first three sh blocks, one command each, as .ci/run itself takes them from README.md."""
    function = re.search(
        r"^block\(\) \{.*\}$", (ROOT / ".ci" / "run").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert function
    script = function[0] + "\nblock 1; echo ---; block 2; echo ---; block 3"
    done = subprocess.run(
        ["bash", "-euc", script], cwd=ROOT, capture_output=True, text=True, check=True, timeout=20
    )
    assert done.stdout == "---\n".join(blocks(ROOT / readme, "sh")[:3])
    ran = re.findall(
        r"^readme (\d)$|^.* readme (\d)$", (ROOT / ".ci" / "run").read_text("utf-8"), re.MULTILINE
    )
    assert [first or second for first, second in ran] == ["1", "3", "2"]


def test_the_readmes_first_commands() -> None:
    ingest, tests, notebooks = blocks(ROOT / "README.md", "sh")[:3]
    assert ingest == (
        "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt . && .venv/bin/jixiao ingest data/raw\n"
    )
    assert tests == ".venv/bin/pip install -c constraints.txt -e '.[dev]' && .venv/bin/pytest\n"
    assert notebooks == (
        "python3 -m venv .venv && .venv/bin/pip install -c constraints.txt '.[notebooks]' && .venv/bin/jixiao ingest data/raw "
        "&& .venv/bin/jupyter nbconvert --config notebooks/nbconvert_config.py\n"
    )


@pytest.mark.parametrize("readme", READMES)
def test_the_readme_shows_what_ingest_prints(readme: str, sample_store: SampleStore) -> None:
    (shown,) = blocks(ROOT / readme, "text")
    printed = [line for line in sample_store.printed.splitlines() if not line.startswith("run ")]
    assert [line.split() for line in shown.splitlines()] == [line.split() for line in printed]


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_query_prints_the_sample_archive(readme: str, sample_store: SampleStore) -> None:
    command, *shown, more = blocks(ROOT / readme, "console")[0].splitlines()
    query = command.removeprefix('$ .venv/bin/jixiao sql "').removesuffix('"')
    assert query == (
        "SELECT fiscal_year, fund_name, count(*) FROM reports JOIN indicators USING (doc_id, report_no) "
        "GROUP BY ALL ORDER BY ALL"
    )
    done = run_jixiao("sql", query, "--store", sample_store.path)
    assert (done.returncode, done.stderr, more) == (0, "", "…")
    printed = done.stdout.splitlines()
    assert [line.rstrip() for line in printed[: len(shown)]] == [line.rstrip() for line in shown]
    counted: dict[tuple[int, str], int] = {}
    for entry in TRUTH:
        for report in entry["reports"]:
            key = (report["document"]["fiscal_year"], report["document"]["fund_name"])
            counted[key] = counted.get(key, 0) + len(report["indicators"])
    rows = [line.split() for line in printed[2:]]
    assert [(int(y), name, int(n)) for y, name, n in rows] == [(*k, n) for k, n in sorted(counted.items())]


@pytest.mark.parametrize("readme", READMES)
def test_the_readmes_question_across_years(readme: str, sample_store: SampleStore) -> None:
    command, *shown = blocks(ROOT / readme, "console")[1].splitlines()
    query = command.removeprefix('$ .venv/bin/jixiao sql "').removesuffix('"')
    done = run_jixiao("sql", query, "--store", sample_store.path)
    assert (done.returncode, done.stderr) == (0, "")
    assert [line.rstrip() for line in done.stdout.splitlines()] == shown
    years = {e["source"]: e["reports"][0]["document"]["fiscal_year"] for e in TRUTH}
    rows = [line.split() for line in shown[2:]]
    assert [int(year) for year, *_ in rows] == [years[" ".join(source)] for _, _, _, _, *source in rows]
    assert {int(year) for year, *_ in rows} == set(range(2019, 2026))


# ---- links ----------------------------------------------------------------------------------


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.is_file(), target
        if anchor:
            heads = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in {slug(head) for head in heads}, target


def slug(heading: str) -> str:
    """The anchor that a heading gets where Markdown is shown."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def test_every_page_is_linked_from_both_readmes() -> None:
    for readme in READMES:
        text = (ROOT / readme).read_text(encoding="utf-8")
        assert {f"docs/{p.name}" for p in DOCS.glob("*.md")} == set(re.findall(r"\]\((docs/[^)#]+)", text))


def test_modules_and_files_that_the_docs_name_exist() -> None:
    """Paths such as `parsers/values.py`; shortened ones (`values.py`) are not looked for."""
    for page in PAGES:
        for name in re.findall(
            r"`((?:schemas|parsers|pipeline|tests)/[\w/]+\.(?:py|md|json))`", page.read_text("utf-8")
        ):
            assert (ROOT / name).is_file(), (page.name, name)


# ---- the worked example of docs/adding-a-form.md ----------------------------------------------


def test_a_form_is_added_as_the_page_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "2022/乡村学校项目自评表"
    write_pair(name, tmp_path)
    text = (tmp_path / f"{name}.txt").read_text(encoding="utf-8")
    for known, new in (("指标值", "本年预期水平"), ("实际完成值", "本年达成水平")):
        assert text.count(f"\t{known}\n") == 1
        text = text.replace(f"\t{known}\n", f"\t{new}\n")
    assert targets_and_actuals(text) == [(None, None)] * 15
    page = (DOCS / "adding-a-form.md").read_text(encoding="utf-8")
    words = dict(re.findall(r'^\("(\w+)", r"…\|(?:指标要求\|)?(.+)"\),$', page, re.MULTILINE))
    assert set(words) == {"target", "actual"}
    grown = tuple(
        (role, f"{pattern}|{words[role]}" if role in words else pattern) for role, pattern in COLUMN_ROLES
    )
    monkeypatch.setattr(headers, "COLUMN_ROLES", grown)
    headers.column_role.cache_clear()
    try:
        found = targets_and_actuals(text)
    finally:
        headers.column_role.cache_clear()
    assert (len(found), found[0], found[8]) == (
        15, ("≥54692平方米", "63990平方米"), ("≤820元/平方米", "730元/平方米"),
    )  # fmt: skip


def targets_and_actuals(text: str) -> list[tuple[str | None, str | None]]:
    (report,) = parse_file(text.encode()).reports
    return [(row.target_text, row.actual_text) for row in report.indicators]
