"""The files of decisions on names: what they say, and what is wrong in them with its line."""

import os
from pathlib import Path

import pytest

from pipeline.alignment.decisions import (
    FUNDS_FILE,
    INDICATORS_FILE,
    FundDecision,
    IndicatorDecision,
    add_decision,
    read_decisions,
)
from schemas.errors import UsageError

HEAD = "decision,name,other,note\n"


def write(store: Path, text: str | bytes, file: str = FUNDS_FILE) -> Path:
    path = store / "aliases" / file
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return store


def test_no_file_is_no_decision(tmp_path: Path) -> None:
    assert read_decisions(tmp_path).funds == ()


def test_lines_comments_and_both_languages(tmp_path: Path) -> None:
    write(tmp_path, f"\ufeff{HEAD}# 2024年核对\nSame,甲资金,乙专项,改名\n\n不同, 甲资金 ,丙资金,\n")
    write(
        tmp_path, 'decision,fund,name,other\nsame,甲资金,培训人数,受训人数\n相同,,"a,b",c\n', INDICATORS_FILE
    )
    found = read_decisions(tmp_path)
    assert found.funds == (
        FundDecision(True, "甲资金", "乙专项", 3),
        FundDecision(False, "甲资金", "丙资金", 5),
    )
    assert found.indicators == (
        IndicatorDecision(True, "甲资金", "培训人数", "受训人数", 2),
        IndicatorDecision(True, None, "a,b", "c", 3),
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (HEAD + "same,甲,乙,\nmaybe,甲,丙,\n", "line 3: decision is 'maybe'"),
        (HEAD + "same,甲,,\n", "line 2: other is empty"),
        (HEAD + "same,甲资金,甲 资金,\n", "line 2: name and other are one name"),
        (HEAD + "same,甲,乙,说明,多了一格\n", "line 2: 5 fields"),
        ("name,other\n甲,乙\n", "line 1: the header lacks decision"),
        (HEAD + "same,甲,乙,\nsame,乙,丙,\ndifferent,甲,丙,\n", "line 4: 甲 and 丙 are said to be different here"),
        (HEAD + 'same,"甲,乙,\n', "line 2: unexpected end of data; look for a quote"),
        (HEAD + "same，甲，乙\n", "line 2: decision is 'same，甲，乙'; write same or different (相同 or 不同) (the comma must be a narrow one)"),
        (HEAD.encode() + "same,甲,乙,\n".encode() + "same,丙,丁,\n".encode("gb18030"), "line 3: not UTF-8"),
    ],
)  # fmt: skip
def test_a_wrong_line_is_named(tmp_path: Path, text: str | bytes, said: str) -> None:
    with pytest.raises(UsageError) as error:
        read_decisions(write(tmp_path, text))
    assert "funds.csv, " + said in str(error.value)


def test_what_is_no_file_is_said(tmp_path: Path) -> None:
    (tmp_path / "aliases").mkdir()
    os.mkfifo(tmp_path / "aliases" / FUNDS_FILE)
    with pytest.raises(UsageError, match="no ordinary file"):
        read_decisions(tmp_path)


def test_a_line_after_a_quoted_break_keeps_its_number(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="line 4: decision"):
        read_decisions(write(tmp_path, HEAD + 'same,甲,乙,"两\n行"\nbad,丙,丁,\n'))


def test_answers_are_appended(tmp_path: Path) -> None:
    add_decision(tmp_path, FUNDS_FILE, {"decision": "same", "name": "甲,一", "other": "乙", "note": ""})
    path = tmp_path / "aliases" / FUNDS_FILE
    path.write_bytes(path.read_bytes().rstrip(b"\n"))  # an editor took the last line's end away
    add_decision(tmp_path, FUNDS_FILE, {"decision": "different", "name": "甲", "other": "丙", "note": "问过"})
    assert path.read_bytes().startswith(b"\xef\xbb\xbfdecision")
    assert read_decisions(tmp_path).funds == (
        FundDecision(True, "甲,一", "乙", 2), FundDecision(False, "甲", "丙", 3),
    )  # fmt: skip
