"""House rules that a reader of the code relies on: which way imports point, how long things are, what is never committed."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import distribution, distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.conftest import ROOT

LAYERS = {
    "schemas": {"schemas"},
    "parsers": {"schemas", "parsers"},
    "pipeline": {"schemas", "parsers", "pipeline"},
}
"""What a layer may import of this project."""

PACKAGES = {
    "schemas": {"pyarrow"},
    "parsers": {"PIL", "cv2", "jieba", "lxml", "numpy", "onnxruntime", "pypdfium2", "rapidocr", "xlrd"},
    "pipeline": {
        "IPython", "PIL", "altair", "duckdb", "pandas", "pebble", "py7zr", "pyarrow", "rarfile", "ray", "rich",
        "typer", "vl_convert", "xlsxwriter",
    },
}  # fmt: skip
"""What a layer may import of others."""

ONE_HOME = {
    "IPython": {"pipeline/notebook.py"},
    "PIL": {"parsers/formats/image.py", "pipeline/drawing.py"},
    "altair": {"pipeline/notebook.py"},
    "cv2": {"parsers/formats/scan_picture.py"},
    "jieba": {"parsers/words.py"},
    "lxml": {"parsers/formats/xml_parts.py", "parsers/formats/html_tree.py"},
    "onnxruntime": {"parsers/formats/ocr.py"},
    "pandas": {"pipeline/notebook.py"},
    "pebble": {"pipeline/engines/children.py"},
    "py7zr": {"pipeline/archives/sevenzip.py"},
    "pypdfium2": {"parsers/formats/pdfium.py"},
    "rapidocr": {"parsers/formats/ocr.py"},
    "rarfile": {"pipeline/archives/rar.py"},
    "ray": {"pipeline/engines/ray.py"},
    "vl_convert": {"pipeline/notebook.py"},
    "xlrd": {"parsers/formats/excel_xls.py"},
    "xlsxwriter": {"pipeline/workbook.py"},
}
"""A package and the module that turns its errors into ours: lxml's two jobs are XML and HTML, Pillow's to read pictures
and to draw them. Others may name the type of an element."""
DISTRIBUTIONS = {
    "IPython": "ipython", "PIL": "pillow", "cv2": "opencv-python-headless", "vl_convert": "vl-convert-python",
}  # fmt: skip
EXTRAS = {
    "ocr": {"cv2", "onnxruntime", "rapidocr"},
    "notebooks": {"IPython", "altair", "pandas", "vl_convert"},
    "ray": {"ray"},
}
"""What an extra brings to be imported."""
COMMANDS = {"notebooks": {"ipykernel", "nbconvert"}}
"""What an extra brings to be run."""
TYPES_ONLY = {"lxml.etree": {"_Element"}}

MODULE_LINES, FUNCTION_LINES = 450, 60

MODULES = sorted(
    path.relative_to(ROOT).as_posix() for layer in LAYERS for path in (ROOT / layer).rglob("*.py")
)

TOP_LEVEL = {
    ".ci", ".gitignore", "LICENSE", "README.md", "README.zh-CN.md", "constraints.txt", "data", "docs",
    "notebooks", "parsers", "pipeline", "pyproject.toml", "schemas", "tests",
}  # fmt: skip


@cache
def tree(module: str) -> ast.Module:
    return ast.parse((ROOT / module).read_text(encoding="utf-8"))


def imported(module: str) -> Iterator[tuple[str, set[str]]]:
    """Every module that `module` imports, inside functions too, with the names it takes from it."""
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, set[str]()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module}: relative import"
            yield node.module or "", {alias.name for alias in node.names}


def tracked() -> list[str]:
    """Files that are committed or would be; the test is skipped where there is no git to tell."""
    command = [
        "git",
        "-c",
        "safe.directory=*",
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, check=True, timeout=60)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("no git checkout here: what is committed cannot be told")
    return sorted(name for name in done.stdout.decode().split("\0") if name and (ROOT / name).exists())


# ---- imports --------------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_imports_point_one_way(module: str) -> None:
    layer = module.split("/", maxsplit=1)[0]
    for name, _ in imported(module):
        top = name.partition(".")[0]
        if top in sys.stdlib_module_names:
            continue
        assert top in LAYERS[layer] | PACKAGES[layer], f"{layer} must not import {name}"


def test_only_declared_tables_know_pyarrow() -> None:
    found = {m for m in MODULES if m.startswith("schemas/") for name, _ in imported(m) if "pyarrow" in name}
    assert found == {"schemas/tables.py"}


@pytest.mark.parametrize("package", ONE_HOME)
def test_a_reader_of_a_format_has_one_home(package: str) -> None:
    users = {
        module
        for module in MODULES
        for name, names in imported(module)
        if name.partition(".")[0] == package and not (names and names <= TYPES_ONLY.get(name, set()))
    }
    assert users == ONE_HOME[package]


def distributions_of(packages: set[str]) -> set[str]:
    return {DISTRIBUTIONS.get(name, name) for name in packages}


def declared(needs: list[str]) -> set[str]:
    return {re.split(r"[<>=!~ ;\[]", need, maxsplit=1)[0] for need in needs}


def test_packages_are_declared_and_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    always = set().union(*PACKAGES.values()) - set().union(*EXTRAS.values())
    assert declared(project["dependencies"]) == distributions_of(always)
    for extra, packages in EXTRAS.items():
        found = declared(project["optional-dependencies"][extra])
        assert found == distributions_of(packages) | COMMANDS.get(extra, set())


def test_every_package_is_installed_with_the_project() -> None:
    """A package that pyproject.toml forgets is missing from a plain `pip install .`."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    there = {
        path.parent.relative_to(ROOT).as_posix().replace("/", ".")
        for layer in LAYERS
        for path in (ROOT / layer).rglob("__init__.py")
    }
    assert set(settings["packages"]) == there


# ---- size and errors ------------------------------------------------------------------------


@pytest.mark.parametrize("module", MODULES)
def test_modules_and_functions_are_read_in_one_sitting(module: str) -> None:
    lines = (ROOT / module).read_text(encoding="utf-8").count("\n")
    assert lines <= MODULE_LINES
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno:
            assert node.end_lineno - node.lineno < FUNCTION_LINES, node.name


def test_a_broad_except_stands_around_one_file_or_one_archive() -> None:
    found = [m for m in MODULES for node in ast.walk(tree(m)) if is_broad(node)]
    assert found == ["pipeline/archives/opening.py", "pipeline/engines/attempts.py"]


def is_broad(node: ast.AST) -> bool:
    """An except of everything that does not raise it again."""
    if not isinstance(node, ast.ExceptHandler):
        return False
    kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
    names = {kind.id for kind in kinds if isinstance(kind, ast.Name)}
    last = node.body[-1]
    raises_again = isinstance(last, ast.Raise) and last.exc is None
    return (node.type is None or bool(names & {"Exception", "BaseException"})) and not raises_again


@pytest.mark.parametrize(
    ("code", "broad"),
    [
        ("try: f()\nexcept Exception: pass", True),
        ("try: f()\nexcept (OSError, BaseException) as e: print(e)", True),
        ("try: f()\nexcept: pass", True),
        ("try: f()\nexcept BaseException:\n  g()\n  raise", False),
        ("try: f()\nexcept (OSError, ValueError): pass", False),
    ],
)
def test_what_a_broad_except_is(code: str, broad: bool) -> None:
    assert any(is_broad(node) for node in ast.walk(ast.parse(code))) == broad


# ---- what is committed ----------------------------------------------------------------------

HOSTS = (
    "pypi" + ".org",
    "python" + "hosted.org",
    "pypi" + ".tuna",
    "mirrors" + ".aliyun",
    "artifact" + "ory",
)
HOMES = ("/wo" + "rk/", "/ho" + "me/", "/ro" + "ot/", "/Us" + "ers/")
FORBIDDEN = re.compile("|".join(re.escape(word) for word in (*HOSTS, *HOMES)))
INDEX_OPTION = re.compile(r"--(?:extra-)?index-" + "url|--trusted-" + r"host|--find-links[ =](?!wheels\b)")


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    found = []
    for name in tracked():
        if name.startswith(("data/raw/", "tests/samples/needs_tools/", "tests/fuzz/found/")):
            continue
        text = (ROOT / name).read_bytes().decode("utf-8", errors="ignore")
        found += [(name, m.group()) for pattern in (FORBIDDEN, INDEX_OPTION) for m in pattern.finditer(text)]
    assert not found


def test_what_is_forbidden_is_found() -> None:
    assert FORBIDDEN.search("https://" + "pypi" + ".org/simple")
    assert FORBIDDEN.search("see /ro" + "ot/data")
    assert INDEX_OPTION.search("pip install --index-" + "url https://example.com")
    assert not INDEX_OPTION.search("pip install --no-index --find-links wheels jixiao")


def test_the_top_level_is_as_agreed() -> None:
    assert {name.partition("/")[0] for name in tracked()} == TOP_LEVEL
    folders = {"/".join(name.split("/")[:2]) for name in tracked() if name.startswith("data/")}
    assert folders == {"data/raw", "data/parquet"}


def test_the_licence_is_apache_2() -> None:
    text = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert re.search(r"Apache License\s+Version 2\.0, January 2004", text)
    assert all(f"\n   {n}. " in text for n in range(1, 10))
    assert "END OF TERMS AND CONDITIONS" in text


# ---- versions -------------------------------------------------------------------------------


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    assert all(len(pair) == 2 for pair in pairs), "constraints.txt holds exact versions only"
    return {canonicalize_name(name): version for name, version in pairs}


def needed(name: str, extra: str = "") -> dict[str, str]:
    """The distributions that `name` needs on this machine, directly or not, with their installed versions. What is
    installed here and needed elsewhere only (colorama, on Windows) is none of them."""
    found: dict[str, str] = {}
    asked, done = [(name, extra)], set[tuple[str, str]]()
    while asked:
        about = asked.pop()
        if about in done:
            continue
        done.add(about)
        for line in distribution(about[0]).requires or ():
            need = Requirement(line)
            if need.marker is None or need.marker.evaluate({"extra": about[1]}):
                found[canonicalize_name(need.name)] = distribution(need.name).version
                asked += [(canonicalize_name(need.name), extra) for extra in ("", *need.extras)]
    found.pop(name, None)
    return found


def test_there_is_one_build_of_opencv() -> None:
    """Its several distributions overwrite each other's files."""
    found = {canonicalize_name(d.metadata["Name"]) for d in distributions()} & {
        "opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless",
    }  # fmt: skip
    assert found <= {"opencv-python-headless"}


def test_every_version_that_runs_is_pinned() -> None:
    running = needed("jixiao", "dev")
    assert {"duckdb", "lxml", "pyarrow", "rich", "typer", "pytest", "ruff", "mypy", "mdurl"} <= set(running)
    assert running.items() <= pinned().items()
