"""Judgments, scores and answers for tests of several modules."""

from __future__ import annotations

from hlv.stats.power.scenario import Scenario

PLAN = Scenario(n_methods=5, n_judges=15, n_judgments=1500, n_items=60, tie_share=0.2)
