"""What methods said: for the eye of a judge, and as arrays for the metrics."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import groupby
from operator import itemgetter

import numpy as np
import numpy.typing as npt
from django.db.models import Exists, OuterRef, Q, QuerySet

from annotations.models import Label, Study
from annotations.selectors.imports import not_withdrawn
from hlv.core.rendering.text_diff import looks_like_markdown
from hlv.stats.arrays import FloatArray
from metaeval.models import Comparison, Exposure, Method, Output, Protocol

STORED = np.dtype("<f8")
# Above it all of a study are read: a list of keys in a query has its limits.
MOST_ITEMS_ASKED = 5000
_FEW_TEXTS = 50


@dataclass(frozen=True)
class ShownLabel:
    key: str
    name: str
    value: float
    # False of a label that was added to the study after the output was given.
    is_given: bool = True


@dataclass(frozen=True)
class ShownOutput:
    """An output with nothing in it of where it comes from."""

    labels: tuple[ShownLabel, ...] = ()
    text: str | None = None

    @property
    def is_there(self) -> bool:
        return bool(self.labels) or self.text is not None

    @property
    def digest(self) -> str:
        """The same for outputs that say the same; salted by nothing, so never sent to a judge.

        Neither another name for a label nor a label added later changes what was said.
        """
        given = tuple((label.key, label.value) for label in self.labels if label.is_given)
        shown = repr((given, self.text))
        return hashlib.sha256(shown.encode()).hexdigest()

    @property
    def look(self) -> tuple[tuple[str, int], ...] | str | None:
        """What a page shows of it: values in hundredths, or the text."""
        return (
            self.text
            if self.text is not None
            else tuple((one.name, hundredths(one.value)) for one in self.labels)
        )


def hundredths(value: float) -> int:
    """A value as judges read it."""
    return round(100 * value)


def stored_vector(values: npt.ArrayLike) -> bytes:
    return np.asarray(values, dtype=STORED).tobytes()


def vector(stored: bytes | memoryview, n_labels: int) -> FloatArray:
    """A stored distribution; labels added since it was given have none of it."""
    given = np.frombuffer(stored, dtype=STORED)
    full = np.zeros(n_labels)
    full[: len(given)] = given
    return full


def current_outputs(*, as_of: datetime | None = None) -> QuerySet[Output]:
    """Outputs that count, for judges as for metrics: neither withdrawn nor imported after `as_of`."""
    existing = Output.objects.filter(not_withdrawn(as_of=as_of))
    if as_of is None:
        return existing
    return existing.filter(Q(import_batch__isnull=True) | Q(import_batch__created_at__lte=as_of))


# Enough to see what most outputs are.
_SAMPLED_TEXTS = 20


def usual_display(study: Study) -> str:
    """Markdown where most outputs use it."""
    texts = current_outputs().filter(item__study=study, text__isnull=False)
    sample = [text or "" for text in texts.order_by("pk").values_list("text", flat=True)[:_SAMPLED_TEXTS]]
    display = Protocol.OutputsAs.MARKDOWN if looks_like_markdown(sample) else Protocol.OutputsAs.PLAIN
    return display.value


def n_items_with_outputs(study: Study) -> int:
    return current_outputs().filter(item__study=study).values("item").distinct().count()


def has_both_outputs() -> Q:
    """Comparisons whose two methods both have an output for their item: without, there is nothing to judge."""
    of_item = current_outputs().filter(item=OuterRef("item"))
    return Q(Exists(of_item.filter(run__method=OuterRef("low")))) & Q(
        Exists(of_item.filter(run__method=OuterRef("high")))
    )


def is_unchanged(exposure: Exposure, pair: tuple[ShownOutput, ShownOutput] | None = None) -> bool:
    """Whether both outputs are there still, and look as they did when the exposure was made."""
    left, right = pair or shown_pair(exposure)
    recorded = (exposure.left_hash, exposure.right_hash)
    return left.is_there and right.is_there and (left.digest, right.digest) == recorded


def changed_exposures(exposures: Sequence[Exposure]) -> frozenset[int]:
    """Keys of those that no longer show the same, in as many queries for many as for one.

    Of one study, with their comparisons read before.
    """
    pairs = [one.comparison for one in exposures]
    items = {pair.item_id for pair in pairs if pair.item_id is not None}
    if not items:
        return frozenset(one.pk for one in exposures)
    shown = shown_outputs(list({pk for pair in pairs for pk in (pair.low_id, pair.high_id)}), items)
    return frozenset(
        one.pk
        for one, pair in zip(exposures, pairs, strict=True)
        if not is_unchanged(
            one,
            _left_first(
                one,
                shown.get((pair.low_id, pair.item_id), ShownOutput()),
                shown.get((pair.high_id, pair.item_id), ShownOutput()),
            ),
        )
    )


def shown_pair(exposure: Exposure) -> tuple[ShownOutput, ShownOutput]:
    """The two outputs of an exposure, left first."""
    return _left_first(exposure, *output_pair(exposure.comparison))


def _left_first(exposure: Exposure, low: ShownOutput, high: ShownOutput) -> tuple[ShownOutput, ShownOutput]:
    return (low, high) if exposure.low_is_left else (high, low)


def output_pair(comparison: Comparison) -> tuple[ShownOutput, ShownOutput]:
    """Of a comparison's two methods, `low` first."""
    if comparison.item_id is None:
        return ShownOutput(), ShownOutput()
    found = shown_outputs([comparison.low_id, comparison.high_id], {comparison.item_id})
    low, high = (
        found.get((method_id, comparison.item_id), ShownOutput())
        for method_id in (comparison.low_id, comparison.high_id)
    )
    return low, high


def shown_outputs(
    method_ids: Sequence[int], item_ids: set[int], *, as_of: datetime | None = None
) -> dict[tuple[int, int | None], ShownOutput]:
    """What judges are shown of methods on items; keys without an output are not there.

    The mean over runs of a distribution; of several texts the first run's.
    """
    asked = current_outputs(as_of=as_of).filter(run__method__in=method_ids)
    if len(item_ids) <= MOST_ITEMS_ASKED:
        asked = asked.filter(item__in=item_ids)
    rows = asked.order_by("run_id").values_list(
        "run__method__study_id", "run__method_id", "item_id", "probabilities", "text"
    )
    texts: dict[tuple[int, int | None], str] = {}
    vectors: dict[tuple[int, int | None], list[bytes]] = {}
    study = None
    for study_id, method, item, stored, text in rows.iterator(chunk_size=5000):
        if item not in item_ids:
            continue
        study = study_id
        if text is not None:
            texts.setdefault((method, item), text)
        else:
            vectors.setdefault((method, item), []).append(bytes(stored or b""))
    # A method that gives both is told by its first run, as where it is read alone.
    found = {key: ShownOutput(text=text) for key, text in texts.items()}
    labels = list(Label.objects.filter(study=study).order_by("position").values_list("key", "name"))
    for key, runs in vectors.items():
        found.setdefault(key, _mean_output(runs, labels))
    return found


def _mean_output(runs: Sequence[bytes], labels: Sequence[tuple[str, str]]) -> ShownOutput:
    mean = np.mean([vector(stored, len(labels)) for stored in runs], axis=0)
    n_given = max(len(stored) for stored in runs) // STORED.itemsize
    return ShownOutput(
        tuple(
            ShownLabel(key, name, float(p), is_given=place < n_given)
            for place, ((key, name), p) in enumerate(zip(labels, mean, strict=True))
        )
    )


@dataclass(frozen=True, eq=False)
class OutputArrays:
    """Distributions of every method over the items that all of them have.

    `mean[m, n, k]` is the mean over runs of method m, `runs[m]` of shape (n_runs, N, K) the runs themselves.
    """

    methods: tuple[Method, ...]
    item_ids: npt.NDArray[np.int64]
    mean: FloatArray
    runs: tuple[FloatArray, ...]
    run_names: tuple[tuple[str, ...], ...]
    n_incomplete: dict[str, int]
    fingerprint: str

    def of_items(self, wanted: npt.NDArray[np.bool_]) -> OutputArrays:
        """The same over some of the items (N,)."""
        return replace(
            self,
            item_ids=self.item_ids[wanted],
            mean=self.mean[:, wanted],
            runs=tuple(runs[:, wanted] for runs in self.runs),
        )

    def means_and_runs(self) -> FloatArray:
        """(T, N, K): the means of all methods, then the runs of those that have several."""
        return np.concatenate([self.mean, *(runs for runs in self.runs if len(runs) > 1)])

    def places(self) -> tuple[list[int], list[list[int]]]:
        """Of each method, where its mean and its runs stand there; the only run of a method is its mean."""
        n_methods = len(self.runs)
        of_runs: list[list[int]] = []
        after = n_methods
        for place, runs in enumerate(self.runs):
            if len(runs) == 1:
                of_runs.append([place])
                continue
            of_runs.append(list(range(after, after + len(runs))))
            after += len(runs)
        return list(range(n_methods)), of_runs


def output_arrays(
    study: Study,
    *,
    methods: Sequence[Method],
    item_ids: npt.NDArray[np.int64],
    as_of: datetime | None = None,
) -> OutputArrays:
    """Read each output once; methods without any distribution are left out, items that one lacks too."""
    n_labels = study.labels.count()
    place = {int(item_id): index for index, item_id in enumerate(item_ids)}
    filled: dict[int, dict[str, FloatArray]] = {}
    digest = hashlib.sha256()
    rows = (
        current_outputs(as_of=as_of)
        .filter(
            run__method__in=list(methods),
            probabilities__isnull=False,
            item__study=study,
        )
        .order_by("run__method__position", "run_id", "item_id")
        .values_list("run__method_id", "run__name", "item_id", "probabilities")
    )
    for method_id, run_name, item_id, stored in rows.iterator(chunk_size=5000):
        if item_id not in place:
            continue
        runs = filled.setdefault(method_id, {})
        if run_name not in runs:
            runs[run_name] = np.full((len(item_ids), n_labels), np.nan)
        if stored is not None:
            digest.update(f"{method_id} {run_name} {item_id} ".encode() + bytes(stored))
            runs[run_name][place[item_id]] = vector(stored, n_labels)
    present = [method for method in methods if method.pk in filled]
    stacks = [np.stack(list(filled[method.pk].values())) for method in present]
    complete = np.ones(len(item_ids), dtype=bool)
    lacking: dict[str, int] = {}
    for method, stack in zip(present, stacks, strict=True):
        whole = ~np.isnan(stack).any(axis=(0, 2))
        if not whole.all():
            lacking[str(method)] = int((~whole).sum())
        complete &= whole
    kept = [stack[:, complete] for stack in stacks]
    mean = np.stack([stack.mean(axis=0) for stack in kept]) if kept else np.zeros((0, 0, n_labels))
    return OutputArrays(
        methods=tuple(present),
        item_ids=item_ids[complete],
        mean=mean,
        runs=tuple(kept),
        run_names=tuple(tuple(filled[method.pk]) for method in present),
        n_incomplete=lacking,
        fingerprint=digest.hexdigest(),
    )


def identical_methods(
    study: Study,
    *,
    methods: Sequence[Method],
    item_ids: npt.NDArray[np.int64] | None = None,
    as_of: datetime | None = None,
) -> list[tuple[Method, ...]]:
    """Methods that give the same output on every text, in groups of two or more, in their order.

    What is compared is what judges see and metrics score: the mean over runs of a distribution, the first run's text. A
    text on which one has an output and another has none parts them.

    Parameters
    ----------
    item_ids
        The texts that count; None: all.
    """
    groups = [tuple(methods)]
    # A few texts tell most methods apart; only those that they do not are read in full.
    few = item_ids
    if few is None:
        some = current_outputs(as_of=as_of).filter(run__method__in=list(methods))
        few = np.array(some.order_by("item_id").values_list("item_id", flat=True).distinct()[:_FEW_TEXTS])
    for texts in (few[:_FEW_TEXTS], item_ids):
        groups = [
            alike
            for group in groups
            for alike in _alike(study, group, texts, as_of=as_of, of_silent=texts is not item_ids)
            if len(alike) > 1
        ]
    return groups


def _alike(
    study: Study,
    methods: Sequence[Method],
    item_ids: npt.NDArray[np.int64] | None,
    *,
    as_of: datetime | None,
    of_silent: bool,
) -> list[tuple[Method, ...]]:
    """Methods by the digest of all their outputs; `of_silent`: those without any are alike, too."""
    n_labels = study.labels.count()
    asked = current_outputs(as_of=as_of).filter(run__method__in=list(methods), item__study=study)
    wanted = None if item_ids is None else set(item_ids.tolist())
    if wanted is not None and len(wanted) <= MOST_ITEMS_ASKED:
        asked = asked.filter(item__in=wanted)
    rows = (
        asked.order_by("run__method_id", "item_id", "run_id")
        .values_list("run__method_id", "item_id", "probabilities", "text")
        .iterator(chunk_size=5000)
    )
    digests: dict[int, hashlib._Hash] = {}
    for (method, item), runs in groupby(rows, key=itemgetter(0, 1)):
        if wanted is not None and item not in wanted:
            continue
        digest = digests.setdefault(method, hashlib.sha256())
        digest.update(f"{item} ".encode())
        given = [(stored, text) for _, _, stored, text in runs]
        texts = [text for _, text in given if text is not None]
        if texts:
            # Between texts nothing else stands: its length tells where one ends.
            digest.update(f"text {len(texts[0])} {texts[0]}".encode())
        else:
            digest.update(np.mean([vector(stored or b"", n_labels) for stored, _ in given], axis=0).tobytes())
    found: dict[bytes, list[Method]] = {}
    for method in methods:
        if method.pk in digests or of_silent:
            own = digests.get(method.pk)
            found.setdefault(b"" if own is None else own.digest(), []).append(method)
    return [tuple(alike) for alike in found.values()]
