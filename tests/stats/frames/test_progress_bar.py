"""A bar on standard error: only where asked for, and the same result."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pytest

from hlv.stats.arrays import FloatArray
from hlv.stats.frames.progress_bar import runner


class Squares:
    """Chunk n is the row n squared."""

    kind: ClassVar[str] = "squares"

    def __init__(self, n_chunks: int) -> None:
        self.n_chunks = n_chunks

    def compute(self, first: int, stop: int) -> FloatArray:
        return np.arange(first, stop, dtype=np.float64) ** 2

    def packed(self) -> Mapping[str, npt.NDArray[Any]]:
        return {"n_chunks": np.array(self.n_chunks)}

    @classmethod
    def unpacked(cls, arrays: Mapping[str, npt.NDArray[Any]]) -> Squares:
        return cls(int(arrays["n_chunks"]))


def test_a_bar_ends_full_and_with_a_line_end(capsys: pytest.CaptureFixture[str]) -> None:
    found = runner(progress=True, what="Resampling")(Squares(4))
    assert found.tolist() == [0, 1, 4, 9]
    drawn = capsys.readouterr().err
    # The first step is one chunk of four: 7 of 30 places.
    assert drawn.startswith(f"\rResampling [{'#' * 7}{'.' * 23}] 25%\r")
    assert drawn.endswith(f"\rResampling [{'#' * 30}] 100%\n")
    assert drawn.count("\n") == 1


def test_without_progress_nothing_is_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner(progress=False, what="Resampling")(Squares(4)).tolist() == [0, 1, 4, 9]
    assert capsys.readouterr() == ("", "")


def test_work_of_no_chunks_draws_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert runner(progress=True, what="Resampling")(Squares(0)).shape == (0,)
    assert capsys.readouterr().err == ""
