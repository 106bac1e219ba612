import os
from pathlib import Path

import pytest

from pipeline.sources import Source, find_sources, numbered
from schemas.errors import UnreadableFile, UsageError


def touch(*paths: Path) -> None:
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(str(path).encode())


def names(*paths: Path, leave_out: tuple[Path, ...] = ()) -> list[str]:
    return [s.source for s in find_sources(paths, leave_out)]


def test_names_are_paths_below_the_root_sorted(tmp_path: Path) -> None:
    touch(tmp_path / "b.docx", tmp_path / "科技厅" / "2024" / "自评报告.docx", tmp_path / "a.txt")
    assert names(tmp_path) == ["a.txt", "b.docx", "科技厅/2024/自评报告.docx"]


@pytest.mark.parametrize(
    "name",
    [".hidden", ".git/x", "~$报告.docx", "Thumbs.db", "desktop.ini", ".DS_Store", "__MACOSX/报告.docx"],
)
def test_what_systems_leave_behind_is_no_source(tmp_path: Path, name: str) -> None:
    touch(tmp_path / "a.txt", tmp_path / name)
    assert names(tmp_path) == ["a.txt"]


def test_a_single_file_goes_by_its_name(tmp_path: Path) -> None:
    touch(tmp_path / "x" / "a.txt")
    assert names(tmp_path / "x" / "a.txt") == ["a.txt"]


def test_roots_with_the_same_names_are_told_apart_by_their_own(tmp_path: Path) -> None:
    touch(
        tmp_path / "2023" / "a.txt",
        tmp_path / "2024" / "a.txt",
        tmp_path / "2024" / "b.txt",
        tmp_path / "x" / "c",
    )
    assert names(tmp_path / "2024", tmp_path / "2023", tmp_path / "x") == [
        "2023/a.txt",
        "2024/a.txt",
        "2024/b.txt",
        "c",
    ]


def test_roots_of_the_same_name_are_told_apart_by_more_of_their_path(tmp_path: Path) -> None:
    touch(tmp_path / "甲" / "2024" / "a.txt", tmp_path / "乙" / "2024" / "a.txt")
    assert names(tmp_path / "甲" / "2024", tmp_path / "乙" / "2024") == ["乙/2024/a.txt", "甲/2024/a.txt"]


def test_a_file_reached_by_two_roots_is_one_source(tmp_path: Path) -> None:
    touch(tmp_path / "x" / "a.txt")
    assert names(tmp_path, tmp_path / "x", tmp_path) == ["x/a.txt"]


def test_links_out_of_the_root_are_not_followed(tmp_path: Path) -> None:
    touch(tmp_path / "in" / "a.txt", tmp_path / "out" / "secret.txt")
    (tmp_path / "in" / "file").symlink_to(tmp_path / "out" / "secret.txt")
    (tmp_path / "in" / "folder").symlink_to(tmp_path / "out")
    (tmp_path / "in" / "up").symlink_to(tmp_path)
    (tmp_path / "in" / "b.txt").symlink_to(tmp_path / "in" / "a.txt")
    assert names(tmp_path / "in") == ["a.txt", "b.txt"]


def test_the_store_in_the_folder_is_left_out(tmp_path: Path) -> None:
    touch(tmp_path / "raw" / "a.txt", tmp_path / "parquet" / "x.parquet")
    assert names(tmp_path, leave_out=(tmp_path / "parquet",)) == ["raw/a.txt"]


def test_a_name_in_gbk_bytes_becomes_its_text(tmp_path: Path) -> None:
    raw = os.path.join(os.fsencode(tmp_path), "自评.txt".encode("gbk"))
    with open(raw, "wb") as file:
        file.write(b"x")
    (source,) = find_sources([tmp_path])
    assert (source.source, source.read()) == ("自评.txt", b"x")


def test_a_missing_path_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nowhere"):
        find_sources([tmp_path / "nowhere"])


def test_a_file_beyond_the_limit_is_not_read(tmp_path: Path) -> None:
    touch(tmp_path / "a.txt")
    with pytest.raises(UnreadableFile) as error:
        Source("a.txt", tmp_path / "a.txt").read(limit=3)
    assert error.value.category == "too_large"


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (source,) = find_sources([tmp_path])
    with pytest.raises(UnreadableFile, match="not an ordinary file"):
        source.read()


def test_a_file_without_permission_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path / "a.txt")

    def refuse(path: Path) -> bytes:  # chmod does not stop root, who runs the tests in a container
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(UnreadableFile, match="Permission denied"):
        Source("a.txt", tmp_path / "a.txt").read()


def test_numbers_of_equal_names_never_collide() -> None:
    found = numbered([Source(name, Path(f"/{n}")) for n, name in enumerate(["a", "a", "a~2", "a"])])
    names = [s.source for s in found]
    assert len(set(names)) == 4
    assert {"a", "a~2"} <= set(names)
