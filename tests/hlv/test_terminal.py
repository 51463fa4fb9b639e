"""What commands say where data are missing or options are no numbers."""

from __future__ import annotations

import pytest
from django.core.management import CommandError

from annotations.models import Missing, Study
from hlv.terminal import check_numbers, missing_data_sentence, ranking_params, selection_params


def test_missing_data_name_the_command_that_supplies_them() -> None:
    study = Study(slug="law")
    assert missing_data_sentence(Missing.OUTPUTS, study).endswith(
        "Command: hlv import outputs FILE --study law"
    )
    assert " or hlv import outputs FILE" in missing_data_sentence(Missing.SHARED_TEXTS, study)
    assert "hlv" not in missing_data_sentence(Missing.LABELS, study)


@pytest.mark.parametrize(("n_resamples", "seed"), [(-1, 0), (0, -1)])
def test_negative_numbers_are_refused(n_resamples: int, seed: int) -> None:
    with pytest.raises(CommandError, match="whole numbers from 0"):
        check_numbers(n_resamples=n_resamples, seed=seed)
    with pytest.raises(CommandError, match="whole numbers from 0"):
        ranking_params({"n_resamples": n_resamples, "seed": seed})


def test_only_named_options_are_parameters() -> None:
    options = {
        "model": "davidson",
        "seed": 0,
        "n_resamples": None,
        "base_model": "x",
        "judge_group": None,
        "slug": "law",
    }
    assert ranking_params(options) == {"model": "davidson", "seed": 0}
    assert selection_params(options) == {"base_model": "x"}
