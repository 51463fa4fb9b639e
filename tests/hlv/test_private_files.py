"""Files that only their owner reads: closed where they were open, and written whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from hlv.private_files import close_file_to_others, close_folder_to_others, write_whole


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o7777


@pytest.mark.parametrize(
    ("before", "after"), [(0o644, 0o600), (0o601, 0o600), (0o400, 0o400), (0o700, 0o700)]
)
def test_a_file_is_closed_where_others_could_read_it(tmp_path: Path, before: int, after: int) -> None:
    file = tmp_path / "key"
    file.write_text("secret")
    file.chmod(before)
    close_file_to_others(file)
    assert mode(file) == after


@pytest.mark.parametrize(
    ("before", "after"), [(0o755, 0o700), (0o710, 0o700), (0o500, 0o500), (0o1777, 0o1777)]
)
def test_a_folder_is_closed_unless_all_share_it(tmp_path: Path, before: int, after: int) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(before)
    close_folder_to_others(folder)
    assert mode(folder) == after


def test_what_is_not_there_is_no_error(tmp_path: Path) -> None:
    close_file_to_others(tmp_path / "none")
    close_folder_to_others(tmp_path / "none")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_no_file_and_a_file_no_folder(tmp_path: Path) -> None:
    folder, file = tmp_path / "folder", tmp_path / "file"
    folder.mkdir()
    folder.chmod(0o755)
    file.write_text("x")
    file.chmod(0o644)
    close_file_to_others(folder)
    close_folder_to_others(file)
    assert (mode(folder), mode(file)) == (0o755, 0o644)


def test_a_text_is_written_for_its_owner_alone(tmp_path: Path) -> None:
    write_whole(tmp_path / "key", "secret")
    assert (tmp_path / "key").read_text() == "secret"
    assert mode(tmp_path / "key") == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_the_text_of_another_process_stays(tmp_path: Path) -> None:
    (tmp_path / "key").write_text("first")
    write_whole(tmp_path / "key", "second")
    assert (tmp_path / "key").read_text() == "first"
    assert [path.name for path in tmp_path.iterdir()] == ["key"]
