"""Celery's file broker, with messages that appear whole.

kombu makes a message's file first and fills it then: a worker that looks in between reads nothing, and ends.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from kombu.exceptions import ChannelError
from kombu.transport import filesystem
from kombu.utils.json import dumps

MOST_SECONDS_DEAF = 0.4


class Channel(filesystem.Channel):
    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # as in kombu's own
        # Begins as kombu's names do: they are read in their order.
        name = f"{round(time.monotonic() * 1000)}_{uuid4()}"
        draft = Path(self.data_folder_out) / f"{name}.draft"
        try:
            draft.write_bytes(dumps(payload).encode())
            draft.replace(draft.with_name(f"{name}.{queue}.msg"))
        except OSError as fault:
            raise ChannelError(f"Cannot put a message into {self.data_folder_out}") from fault

    def get_table(self, exchange: str) -> list[Any]:
        try:
            return list(super().get_table(exchange))
        except ValueError:
            # Another process is writing it for the first time: nobody listens yet.
            return []


class Transport(filesystem.Transport):
    Channel = Channel

    def drain_events(self, connection: Any, timeout: float | None = None, **_: Any) -> None:
        """Return to the worker often: it hears between two calls that it is to stop, and waits two seconds in each."""
        super().drain_events(connection, None if timeout is None else min(timeout, MOST_SECONDS_DEAF))
