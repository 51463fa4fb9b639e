"""Human label distributions as CSV, JSONL and NumPy array."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO

import numpy as np

from annotations.selectors.distributions import LabelTable
from hlv.core.tabular.writing import CellValue, csv_text, jsonl_text


def distribution_table(table: LabelTable, keys: Sequence[str], *, one_label_only: bool) -> Iterator[str]:
    """Plain and certainty-weighted shares beside the counts; undefined ones are blank."""
    plain = table.distributions(one_label_only=one_label_only)
    weighted = table.weighted_by_certainty(one_label_only=one_label_only)
    header = ["item", "n_annotators"]
    for what in ("n", "share", "certainty_weighted"):
        header += [f"{what}.{label}" for label in table.label_keys]

    def rows() -> Iterator[list[CellValue]]:
        for row, key in enumerate(keys):
            yield [
                key,
                int(table.n_annotators[row]),
                *(int(count) for count in table.counts[row]),
                *(float(share) for share in plain[row]),
                *(None if np.isnan(share) else float(share) for share in weighted[row]),
            ]

    return csv_text(header, rows())


def distribution_jsonl(table: LabelTable, keys: Sequence[str], *, one_label_only: bool) -> Iterator[str]:
    """One distribution per line, by label."""
    plain = table.distributions(one_label_only=one_label_only)
    return jsonl_text(
        {
            "item": key,
            "n_annotators": int(table.n_annotators[row]),
            "distribution": {
                label: float(share) for label, share in zip(table.label_keys, plain[row], strict=True)
            },
        }
        for row, key in enumerate(keys)
    )


def distribution_array(table: LabelTable, *, one_label_only: bool) -> bytes:
    """The (N, K) array as `.npy`; lists of items and labels go beside it."""
    buffer = BytesIO()
    np.save(buffer, table.distributions(one_label_only=one_label_only), allow_pickle=False)
    return buffer.getvalue()
