"""Long work in chunks, each with its own random numbers: whoever computes a chunk gets the same bits.

Linear algebra runs on one thread (`hlv/settings.py`), because its threads wait for each other on a busy machine. The
threads of `map_threads` wait for nobody: each takes the next unit of work. numpy releases the interpreter meanwhile.
"""

from __future__ import annotations

import io
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import Any, ClassVar, Final, Protocol, Self, TypeVar

import numpy as np
import numpy.typing as npt

from hlv.stats.arrays import FloatArray

Arrays = Mapping[str, npt.NDArray[Any]]
Progress = Callable[[int, int], None]

# Resamples that share one seed.
CHUNK: Final = 100
# Steps of about this long are told of, and are worth a row of their own in a database.
SECONDS_OF_A_STEP: Final = 1.0
# Of the packed array that holds values and lengths of tuples as JSON.
_VALUES: Final = "values"


class ChunkedWork(Protocol):
    """Work of `n_chunks` chunks, numbered from 0.

    `packed` holds all that `compute` depends on, so that another process, given it, finds the same bits.
    """

    kind: ClassVar[str]

    @property
    def n_chunks(self) -> int: ...

    def compute(self, first: int, stop: int) -> FloatArray:
        """Rows of the chunks from `first` to before `stop`, in their order."""
        ...

    def packed(self) -> Arrays: ...

    @classmethod
    def unpacked(cls, arrays: Arrays) -> ChunkedWork:
        """The work that was packed, whose chunks are the same bits here."""
        ...


# Computes all rows of a work, by itself or with others.
Runner = Callable[[ChunkedWork], FloatArray]
# What computes one of several works, by its name.
Runners = Callable[[str], Runner]


def chunks(n_resamples: int) -> list[slice]:
    """The rows of each chunk of resamples.

    Raises
    ------
    ValueError
        If the number is negative.
    """
    if n_resamples < 0:
        raise ValueError("the number of resamples cannot be negative")
    return [slice(start, min(start + CHUNK, n_resamples)) for start in range(0, n_resamples, CHUNK)]


def chunk_generator(seed: int, index: int, stream: int = 0) -> np.random.Generator:
    """Random numbers of one chunk, whichever worker makes it."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(stream, index)))


def run_in_sequence(work: ChunkedWork, progress: Progress | None = None) -> FloatArray:
    """All rows of a work, computed here; `progress` is told (done, total) chunks about once a second."""
    rows, done, size, begun = [], 0, 1, time.monotonic()
    while done < work.n_chunks:
        stop = min(done + size, work.n_chunks)
        rows.append(work.compute(done, stop))
        done = stop
        size = chunks_in_a_step((time.monotonic() - begun) / done)
        if progress is not None:
            progress(done, work.n_chunks)
    return np.concatenate(rows or [work.compute(0, 0)])


def run_each_in_sequence(name: str) -> Runner:
    """Whatever a work is called, it is computed here."""
    return run_in_sequence


def chunks_in_a_step(seconds_per_chunk: float) -> int:
    """How many chunks take about `SECONDS_OF_A_STEP`; one at least."""
    return max(1, int(SECONDS_OF_A_STEP / max(seconds_per_chunk, 1e-6)))


@dataclass(frozen=True, eq=False)
class PackedFields:
    """Packs its fields by their names: arrays, tuples of arrays, nested `PackedFields`, and values that JSON has.

    Attributes
    ----------
    nested
        Class of each field that packs itself; such a field may be None.
    """

    nested: ClassVar[Mapping[str, type[PackedFields]]] = {}

    def packed(self) -> Arrays:
        """The fields as arrays, of which `unpacked` of any process makes the same object."""
        arrays: dict[str, npt.NDArray[Any]] = {}
        values: dict[str, object] = {}
        lengths: dict[str, int] = {}
        for name in (field.name for field in fields(self)):
            value = getattr(self, name)
            if isinstance(value, np.ndarray):
                arrays[name] = value
            elif isinstance(value, tuple):
                lengths[name] = len(value)
                arrays |= {f"{name} {place}": array for place, array in enumerate(value)}
            elif isinstance(value, PackedFields):
                arrays |= {f"{name}.{inner}": array for inner, array in value.packed().items()}
            else:
                values[name] = value
        return arrays | {_VALUES: np.array(json.dumps([values, lengths]))}

    @classmethod
    def unpacked(cls, arrays: Arrays) -> Self:
        """The object that was packed, whose chunks are the same bits here."""
        found, lengths = json.loads(str(arrays[_VALUES]))
        for name, length in lengths.items():
            found[name] = tuple(arrays[f"{name} {place}"] for place in range(length))
        for name in {field.name for field in fields(cls)} - found.keys():
            if name in cls.nested:
                inner = {
                    key.removeprefix(f"{name}."): array
                    for key, array in arrays.items()
                    if key.startswith(f"{name}.")
                }
                found[name] = cls.nested[name].unpacked(inner)
            else:
                found[name] = arrays[name]
        return cls(**found)


def to_bytes(arrays: Arrays) -> bytes:
    """Packed arrays as the database keeps them, for `from_bytes` of any process; no pickle is written or read."""
    file = io.BytesIO()
    np.savez(file, allow_pickle=False, **arrays)
    return file.getvalue()


def from_bytes(packed: bytes) -> dict[str, npt.NDArray[Any]]:
    """What `to_bytes` packed, to the same bits."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as arrays:
        return dict(arrays)


def arrays_digest(arrays: Arrays) -> str:
    """The same for the same names, types, shapes and bits."""
    digest = sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape} ".encode())
        digest.update(array.tobytes())
    return digest.hexdigest()


# numbers from which on a pass over them on several threads saves more than it costs
WORTH_THREADS: Final = 1_000_000

Unit = TypeVar("Unit")


def n_processors() -> int:
    """How many this process may run on, which may be fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def map_threads(task: Callable[[Unit], None], units: Iterable[Unit], *, worth_it: bool = True) -> None:
    """Call the task with each unit, on as many threads as there are processors, and come back when all are done.

    Tasks must write to different places, and must not depend on which of them is done first; then the result has the
    same bits on any number of processors. An error is raised when the other threads have done what was left.

    Parameters
    ----------
    units
        In the order in which they are begun: the longest had better be the first.
    worth_it
        Whether to use threads, which small work does not repay.
    """
    n_others = n_processors() - 1 if worth_it else 0
    if not n_others:
        for unit in units:
            task(unit)
        return
    waiting, lock = iter(units), threading.Lock()

    def work() -> None:
        # no future for each unit, which takes as long as a small one
        while taken := _next(waiting, lock):
            task(*taken)

    with ThreadPoolExecutor(n_others, thread_name_prefix="hlv-science") as pool:
        others = [pool.submit(work) for _ in range(n_others)]
        work()
    for thread in others:
        thread.result()


def _next(waiting: Iterator[Unit], lock: threading.Lock) -> tuple[Unit] | None:
    with lock:
        for unit in waiting:
            return (unit,)
    return None
