"""The notebooks of `examples/` run, and print what is stored in them."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
NOTEBOOKS = sorted(path.name for path in EXAMPLES.glob("*.ipynb"))


def printed(notebook: nbformat.NotebookNode) -> list[str]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", ())]
    return [output.get("text") or output["data"]["text/plain"] for output in outputs]


@pytest.mark.parametrize("name", NOTEBOOKS)
# The kernel of the notebook listens on this machine only.
@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_a_notebook_prints_what_is_stored_in_it(name: str) -> None:
    stored = nbformat.read(EXAMPLES / name, as_version=4)
    run = nbformat.from_dict(stored)
    NotebookClient(run, resources={"metadata": {"path": str(EXAMPLES)}}, timeout=120).execute()
    assert printed(run) == printed(nbformat.read(EXAMPLES / name, as_version=4))


def test_every_question_has_a_notebook() -> None:
    assert NOTEBOOKS == [
        "lewidi-table.ipynb",
        "plan-campaign.ipynb",
        "rank-methods.ipynb",
        "soft-metrics.ipynb",
        "which-metric.ipynb",
    ]
