"""`make quick` finds the tests nearest to a change."""

from __future__ import annotations

from tests.quick import nearest_tests


def test_a_metric_leads_to_the_test_file_of_its_name() -> None:
    assert nearest_tests(["hlv/stats/metrics/hard.py"])[0] == "tests/stats/metrics/test_hard.py"


def test_a_metric_leads_to_the_tests_of_all_metrics_and_of_their_docs() -> None:
    chosen = nearest_tests(["hlv/stats/metrics/distances.py"])
    assert {"tests/stats/metrics/test_few_annotators.py", "tests/architecture/test_science_docs.py"} <= set(
        chosen
    )


def test_a_docs_page_leads_to_the_tests_of_docs() -> None:
    assert "tests/architecture/test_plain_language.py" in nearest_tests(["docs/science/metrics.md"])


def test_a_template_leads_to_tests_that_name_its_route() -> None:
    assert "tests/metaeval/test_results.py" in nearest_tests(["templates/results/dashboard.html"])


def test_a_changed_test_runs_itself_first() -> None:
    assert nearest_tests(["hlv/cli.py", "tests/hlv/test_database.py"])[0] == "tests/hlv/test_database.py"


def test_no_test_that_drives_a_browser_is_chosen() -> None:
    assert not any("journeys" in name for name in nearest_tests(["templates/base.html", "hlv/views.py"]))
