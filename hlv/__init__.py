"""HLV: human label variation and meta-evaluation."""

import os

__version__ = "0.1.0"

# Before numpy loads: on small machines the threads of its linear algebra wait for one another, and
# thousands of small systems, as resampling solves them, take fifteen times as long with two threads as with one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
