"""A client of the HTTP API for notebooks and scripts: `pip install hlv[client]`.

    from hlv.client import connect

    study = connect("https://hlv.example.org", token="hlv_…").study("intake")
    study.import_file("answers.csv", kind="annotations").wait()
    study.run("metaeval", seed=7).wait()
    study.results("metric-agreements")[0].document()

A request that the network or the server interrupts is sent again with the same idempotency key, so nothing is done twice.
Importing this module loads no Django.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx

from hlv.client.connection import ApiError, Document, Job, JobFailedError
from hlv.client.studies import Client, Result, Study

__all__ = ["ApiError", "Client", "Document", "Job", "JobFailedError", "Result", "Study", "connect"]


def connect(
    url: str,
    *,
    token: str,
    timeout: float = 60.0,
    transport: httpx.BaseTransport | None = None,
    sleep: Callable[[float], None] = time.sleep,
) -> Client:
    """A client of the server at `url`; `hlv create-token` makes tokens."""
    return Client(
        httpx.Client(
            base_url=f"{url.rstrip('/')}/api/v1/",
            headers={"Authorization": f"Bearer {token}"},
            timeout=timeout,
            transport=transport,
        ),
        sleep,
    )
