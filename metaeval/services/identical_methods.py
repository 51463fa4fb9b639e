"""Methods that give the same output on every text: one system under several names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from annotations.models import Study
from annotations.selectors.distributions import label_table
from hlv.stats.arrays import IntArray
from metaeval.models import Method
from metaeval.results.metric_agreement import IdenticalMethods
from metaeval.selectors.judgments import ComparisonCounts
from metaeval.selectors.outputs import identical_methods
from metaeval.selectors.scores import method_names

MERGED: Final = (
    "{names} give the same output on every text and count as one system, {head}. Their judgments are "
    "pooled, judgments between them are left out, and uploaded scores are averaged."
)


@dataclass(frozen=True)
class Systems:
    """Which methods count as one, each group in its order, called as its first.

    Two names of one system would be tied in the population, by people and by every metric, whatever the judgments and
    scores of a sample are. Agreement must count them as one method.
    """

    groups: tuple[tuple[Method, ...], ...] = ()

    @classmethod
    def judged(cls, study: Study, counted: ComparisonCounts, *, as_of: datetime) -> Systems:
        """Of the methods of a board, by their outputs on the texts that are judged or scored."""
        judged = counted.judged_items if counted.names_all_items else None
        found = cls._of(study, counted.methods, judged, as_of=as_of)
        if judged is None or not found.groups or study.task == Study.Task.NONE:
            return found
        texts = np.union1d(judged, label_table(study, as_of=as_of).item_ids)
        return cls._of(study, counted.methods, texts, as_of=as_of)

    @classmethod
    def uploaded(cls, study: Study, methods: Sequence[Method], *, as_of: datetime) -> Systems:
        """Of the methods of uploaded scores, by all their outputs; of scores without outputs nobody knows."""
        return cls._of(study, methods, None, as_of=as_of)

    @classmethod
    def _of(
        cls, study: Study, methods: Sequence[Method], texts: IntArray | None, *, as_of: datetime
    ) -> Systems:
        return cls(tuple(identical_methods(study, methods=methods, item_ids=texts, as_of=as_of)))

    @property
    def counts_as(self) -> Mapping[int, Method]:
        """Keys of the methods that count for another."""
        return {method.pk: head for head, *others in self.groups for method in others}

    @property
    def keys(self) -> list[list[int]]:
        """Of the methods of each group."""
        return [[method.pk for method in group] for group in self.groups]

    def of(self, methods: Sequence[Method]) -> list[Method]:
        """The methods, each system once."""
        return [method for method in methods if method.pk not in self.counts_as]

    def base_models(self, method: Method) -> list[str]:
        """The base models of a system: it is in the table of each."""
        group = next((group for group in self.groups if group[0].pk == method.pk), (method,))
        return list(dict.fromkeys(member.base_model for member in group))

    def named(self, study: Study) -> list[IdenticalMethods]:
        """The groups by the names of their methods."""
        names = method_names(study) if self.groups else {}
        return [
            IdenticalMethods(counts_as=names[group[0].pk], methods=[names[method.pk] for method in group])
            for group in self.groups
        ]


NONE_IDENTICAL: Final = Systems()


def merged_sentences(identical: Sequence[IdenticalMethods]) -> list[str]:
    """A sentence for each system with several names."""
    return [MERGED.format(names=", ".join(system.methods), head=system.counts_as) for system in identical]
