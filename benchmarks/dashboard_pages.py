"""Dashboards on a database of their own, asked for again and again: processes of their own.

`prepare` fills the database of the folder that the environment names, as a worker would; `measure`, as the server does,
prints one line of JSON.
"""

from __future__ import annotations

import gzip
import json
import os
import re
import sys
import time
from pathlib import Path
from typing import Any

import django

N_ASKED = 40
N_RESAMPLES = 500
# The session and its person are asked for by every page.
QUERIES_OF_EVERY_PAGE = 2


def computed(campaign: Any) -> None:
    from annotations import jobs

    params = {"campaign": str(campaign.uuid), "n_resamples": N_RESAMPLES}
    for kind in ("metaeval", "judges", "sensitivity"):
        job = jobs.run_now(jobs.create(kind=kind, study=campaign.study, params=params))
        if job.state != "done":
            raise SystemExit(f"{kind}: {job.reason}")


def demonstration() -> Any:
    from hlv.demo.load import load_demonstration
    from metaeval.models import Campaign

    return Campaign.objects.filter(study=load_demonstration(lambda stage: None)).earliest("pk")


def llmfao(folder: Path) -> Any:
    from annotations.models import Study
    from metaeval.formats.evaluation_options import EvaluationOptions
    from metaeval.models import Campaign
    from metaeval.services.imports import import_judgments
    from tests.making import make_study

    study = make_study(task=Study.Task.NONE, labels=())
    import_judgments(study, [folder / "crowd-comparisons.csv"])
    for name in ("gpt3-crowd", "gpt4-crowd"):
        options = EvaluationOptions(automatic=name, strict=True)
        import_judgments(study, [folder / f"{name}-comparisons.csv"], options=options)
    return Campaign.objects.get(study=study)


def measured(campaign: Any) -> dict[str, Any]:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from metaeval.selectors.snapshots import agreement_with_ranking, newest_ranking
    from tests.making import make_participant

    client = Client()
    researcher = make_participant(campaign.study, "researcher").user
    assert researcher is not None
    client.force_login(researcher, backend="django.contrib.auth.backends.ModelBackend")
    address = f"/campaigns/{campaign.uuid}/results/"
    client.get(address)
    with CaptureQueriesContext(connection) as asked:
        page = client.get(address)
    # Before the next request forgets them.
    n_queries = len(asked)
    times = []
    for _ in range(N_ASKED):
        # CPU: the database is in this process, and other work on the machine would lengthen seconds of the clock.
        start = time.process_time()
        client.get(address, headers={"accept-encoding": "gzip"})
        times.append(time.process_time() - start)
    ranked = newest_ranking(campaign)
    agreed = None if ranked is None else agreement_with_ranking(ranked)
    return {
        "p95": sorted(times)[int(0.95 * N_ASKED) - 1],
        "queries": n_queries - QUERIES_OF_EVERY_PAGE,
        "bytes": weight(client, page.content.decode()),
        "n_methods": 0 if ranked is None else len(ranked.result["methods"]),
        "n_metrics": 0 if agreed is None else len(agreed.result["metrics"]),
    }


def weight(client: Any, page: str) -> int:
    """Compressed bytes of all that a wide and light browser fetches."""
    from django.conf import settings

    total = len(gzip.compress(page.encode()))
    for address in set(re.findall(r'<img src="(/figures/[^"]+)"', page)):
        total += len(gzip.compress(client.get(address).content))
    resources = Path(str(settings.STATICFILES_DIRS[0]))
    for name in set(re.findall(r'(?:href|src)="/static/([^"?]+)"', page)):
        # In a release the name bears a hash; here it is the file's own.
        file = resources / name
        total += len(gzip.compress(file.read_bytes())) if file.exists() else 0
    return total


def drawn() -> dict[str, float]:
    """CPU seconds, as other work on the machine would lengthen others."""
    from metaeval.figures.drawn_figures import drawn_figures
    from metaeval.models import MetricAgreement, Ranking

    found = {}
    for n_methods, n_metrics in ((60, 4), (60, 40), (3, 1)):
        ranking, agreement = large_results(n_methods, n_metrics)
        snapshots = Ranking(result=ranking), MetricAgreement(result=agreement)
        start = time.process_time()
        for snapshot in snapshots:
            drawn_figures(snapshot)
        found[f"{n_methods} methods and {n_metrics} metrics"] = time.process_time() - start
    return found


def large_results(n_methods: int, n_metrics: int) -> tuple[dict[str, Any], dict[str, Any]]:
    import numpy as np

    rng = np.random.default_rng(1)
    names = [f"Method {number} of a family with a long name" for number in range(n_methods)]
    strengths = np.sort(rng.normal(size=n_methods))[::-1]
    first, second = np.triu_indices(n_methods, k=1)
    chances = 1 / (1 + np.exp(strengths[second] - strengths[first]))
    methods = [
        {
            "name": name,
            "strength": strength,
            "interval": [strength - 0.3, strength + 0.3],
            "rank": rank,
            "rank_interval": [max(1, rank - 3), min(n_methods, rank + 3)],
            "n_judgments": 100,
        }
        for rank, (name, strength) in enumerate(zip(names, strengths.tolist(), strict=True), 1)
    ]
    pairs: dict[str, Any] = {"first": first.tolist(), "second": second.tolist()}
    pairs |= {"wins": [6] * len(first), "losses": [4] * len(first), "ties": [0] * len(first)}
    pairs |= {"expected": chances.tolist(), "low": chances.tolist(), "high": chances.tolist()}
    metrics, scores = [], {}
    for number in range(n_metrics):
        values = strengths + rng.normal(scale=0.2 + number / 10, size=n_methods)
        measure = {"value": 0.9 - number / 50, "interval": [0.1, 0.95], "p": 0.01}
        metrics.append(
            {
                "name": f"metric-{number}",
                "label": f"Metric {number}",
                "kendall_tau_b": measure,
                "n_methods": n_methods,
            }
        )
        ends = {"low": (values - 0.1).tolist(), "high": (values + 0.1).tolist()}
        scores[f"metric-{number}"] = {"values": values.tolist()} | ends
    human = {"values": strengths.tolist()}
    agreement = {
        "methods": names,
        "metrics": metrics,
        "scores": {"human": human, "human_label": "Strength by the experts", "metrics": scores},
    }
    return {"methods": methods, "model": "bradley-terry", "ties": "half", "pairs": pairs}, agreement


def prepare(folders: list[str]) -> None:
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    computed(demonstration())
    if folders:
        computed(llmfao(Path(folders[0])))


def measure() -> None:
    # As where pages are served: with what stays for good out of the way of the garbage collector.
    import hlv.wsgi  # noqa: F401
    from metaeval.models import Campaign

    names = ("the demonstration", "llmfao")
    campaigns = zip(names, Campaign.objects.order_by("pk"), strict=False)
    pages = {name: measured(campaign) for name, campaign in campaigns}
    print(json.dumps({"pages": pages, "drawn": drawn()}))


def main(what: str, *folders: str) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hlv.settings")
    django.setup()
    if what == "prepare":
        prepare(list(folders))
    else:
        measure()


if __name__ == "__main__":
    main(*sys.argv[1:])
