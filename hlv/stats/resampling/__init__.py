"""Bootstrap weights and percentile intervals, computed in chunks that any process can share."""

from hlv.stats.resampling.chunks import (
    ChunkedWork,
    PackedFields,
    chunk_generator,
    map_threads,
    run_in_sequence,
)
from hlv.stats.resampling.item_weights import ItemDraws, Weights, multinomial_counts, multinomial_weights
from hlv.stats.resampling.percentiles import Percentiles, percentile_intervals

__all__ = [
    "ChunkedWork",
    "ItemDraws",
    "PackedFields",
    "Percentiles",
    "Weights",
    "chunk_generator",
    "map_threads",
    "multinomial_counts",
    "multinomial_weights",
    "percentile_intervals",
    "run_in_sequence",
]
