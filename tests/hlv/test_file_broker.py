"""A worker that looks for messages at any moment finds whole ones."""

from __future__ import annotations

from pathlib import Path

import pytest
from kombu import Connection
from kombu.transport.filesystem import Channel as KombusChannel

from hlv.celery import Channel, Transport, app

pytestmark = pytest.mark.embedded


def make_channel(folder: Path) -> Channel:
    options = {
        "data_folder_in": str(folder),
        "data_folder_out": str(folder),
        "control_folder": str(folder / "c"),
    }
    return Connection("filesystem://", transport_options=options).channel()


def test_the_embedded_way_uses_it() -> None:
    assert isinstance(app.connection_for_write().transport, Transport)


def test_messages_come_whole_and_in_order(tmp_path: Path) -> None:
    channel = make_channel(tmp_path)
    for number in range(3):
        channel._put("hlv", {"number": number})
    assert not list(tmp_path.glob("*.draft"))
    assert sorted(channel._get("hlv")["number"] for _ in range(3)) == [0, 1, 2]


def test_a_message_is_not_there_until_it_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    write = Path.write_bytes

    def write_and_look(draft: Path, content: bytes) -> int:
        draft.touch()
        seen.extend(tmp_path.glob("*.msg"))
        return write(draft, content)

    monkeypatch.setattr(Path, "write_bytes", write_and_look)
    make_channel(tmp_path)._put("hlv", {"number": 1})
    assert not seen
    assert len(list(tmp_path.glob("*.msg"))) == 1


def test_a_list_of_listeners_that_is_being_written_is_empty_yet(tmp_path: Path) -> None:
    channel = make_channel(tmp_path)
    (tmp_path / "c").mkdir(exist_ok=True)
    (tmp_path / "c" / "hlv.exchange").touch()
    with pytest.raises(ValueError, match="Expecting value"):
        KombusChannel.get_table(channel, "hlv")
    assert channel.get_table("hlv") == []
