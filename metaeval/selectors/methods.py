"""Methods and what they are called where they stand together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from annotations.models import Study
from metaeval.models import Method


def shown_names(methods: Sequence[Method]) -> list[str]:
    """The bare name where it is enough, the base model with it where two methods share a name."""
    repeated = Counter(method.name for method in methods)
    return [method.name if repeated[method.name] == 1 else str(method) for method in methods]


def method_names(study: Study) -> dict[int, str]:
    """What each method of a study is called beside all others."""
    methods = list(study.methods.all())
    return {method.pk: name for method, name in zip(methods, shown_names(methods), strict=True)}
