from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.plan import Hashed, Plan, Published, plan_run
from pipeline.sources import Source

A, B, C = "a" * 64, "b" * 64, "c" * 64


def hashed(**contents: str | None) -> list[Hashed]:
    return [Hashed(Source(name, Path(name)), sha) for name, sha in sorted(contents.items())]


def stored(source: str, sha: str, status: str = "read", version: str = "1", root: str = "in") -> Published:
    return Published(sha[:16], source, sha, status, version, root)


def facts(plan: Plan) -> tuple[list[str], dict[str, str], dict[str, str], set[str]]:
    parse = [h.source.source for h in plan.parse]
    return (
        parse,
        {k.hashed.source.source: k.outcome for k in plan.known},
        dict(plan.moved),
        set(plan.replaced),
    )


@pytest.mark.parametrize(
    ("files", "published", "expected"),
    [
        # what is new is parsed; of two with one content the first
        ({"x": A, "y": B, "z": A}, [], (["x", "y"], {"z": "duplicate"}, {}, set())),
        # nothing to do
        ({"x": A}, [stored("x", A)], ([], {"x": "unchanged"}, {}, set())),
        ({"x": A}, [stored("x", A, "partial")], ([], {"x": "unchanged"}, {}, set())),
        # pictures that no OCR has read, and there still is none
        ({"x": A}, [replace(stored("x", A, "partial"), unread_pages=2)], ([], {"x": "unchanged"}, {}, set())),
        # what failed is tried again, and so is what an older parser read
        ({"x": A}, [stored("x", A, "failed")], (["x"], {}, {}, set())),
        ({"x": A}, [stored("x", A, "skipped")], (["x"], {}, {}, set())),
        ({"x": A}, [stored("x", A, version="0")], (["x"], {}, {}, set())),
        # other content under the same name replaces
        ({"x": B}, [stored("x", A)], (["x"], {}, {}, {A[:16]})),
        # a file gone from the archive stays, and one that cannot be opened
        ({"y": B}, [stored("x", A)], (["y"], {}, {}, set())),
        ({"x": None}, [stored("x", A)], ([], {}, {}, set())),
        # of the same name, too
        ({"x": A}, [stored("x", A, root="other")], ([], {"x": "duplicate"}, {}, set())),
        # what gave no rows there, or is to be read again, is read here: one copy of it
        ({"y": A, "z": A}, [stored("x", A, "failed", root="other")], (["y"], {"z": "duplicate"}, {}, set())),
        ({"x": A}, [stored("x", A, "skipped", root="other")], (["x"], {}, {}, set())),
        ({"y": A}, [stored("x", A, version="0", root="other")], (["y"], {}, {}, set())),
        ({"x": None, "y": A}, [stored("x", A, "failed")], (["y"], {}, {}, set())),
        # but not where the stored source itself is read in this run
        ({"a": A, "x": A}, [stored("x", A, "failed")], (["x"], {"a": "duplicate"}, {}, set())),
        # renamed in the same root: the document moves
        ({"y": A}, [stored("x", A)], ([], {"y": "unchanged"}, {A[:16]: "y"}, set())),
        # a file of the same name in another root is another file
        ({"x": B}, [stored("x", A, root="other")], (["x"], {}, {}, set())),
        # the same content from another root is a duplicate of the stored one
        ({"y": A}, [stored("x", A, root="other")], ([], {"y": "duplicate"}, {}, set())),
        # the stored source keeps its document, though another sorts before it
        ({"a": A, "x": A}, [stored("x", A)], ([], {"a": "duplicate", "x": "unchanged"}, {}, set())),
        # renamed and a new file under the old name
        ({"x": B, "y": A}, [stored("x", A)], (["x"], {"y": "unchanged"}, {A[:16]: "y"}, set())),
        # two files that swapped their names
        (
            {"x": B, "y": A},
            [stored("x", A), stored("y", B)],
            ([], {"x": "unchanged", "y": "unchanged"}, {A[:16]: "y", B[:16]: "x"}, set()),
        ),
        # now the same as its neighbour: its old rows go, its neighbour's stay
        ({"x": A, "y": A}, [stored("x", A), stored("y", B)], ([], {"x": "unchanged", "y": "duplicate"}, {}, {B[:16]})),
        # renamed under an older parser: read again under the new name
        ({"y": A}, [stored("x", A, version="0")], (["y"], {}, {A[:16]: "y"}, set())),
        # the file of a name that a moved document takes over
        ({"y": A}, [stored("x", A), stored("y", C)], ([], {"y": "unchanged"}, {A[:16]: "y"}, {C[:16]})),
    ],
)  # fmt: skip
def test_plan(
    files: dict[str, str | None],
    published: list[Published],
    expected: tuple[list[str], dict[str, str], dict[str, str], set[str]],
) -> None:
    assert facts(plan_run(hashed(**files), published, "1", "in")) == expected


def test_a_duplicate_names_the_source_that_has_the_rows() -> None:
    (known,) = plan_run(hashed(x=A, y=A), [], "1", "in").known
    assert known.message == "the same content as x; its rows are stored there"


def test_a_duplicate_of_another_root_names_it() -> None:
    (known,) = plan_run(hashed(x=A), [stored("x", A, root="other")], "1", "in").known
    assert known.message == "the same content as x below other; its rows are stored there"


def test_what_could_not_be_opened_is_listed() -> None:
    assert [h.source.source for h in plan_run(hashed(x=None, y=A), [], "1", "in").unopened] == ["x"]
