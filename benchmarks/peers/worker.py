"""Runs inside a peer's environment: loads its module and arrays, then obeys lines. Needs numpy only.

The module has `prepare(arrays) -> state`, outside the clock, and `run(state) -> arrays`, inside it.
"""

from __future__ import annotations

import gc
import importlib.util
import json
import os
import sys
import time

import numpy as np


def main() -> None:
    # what a library prints must not mix with the replies
    replies = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    spec = importlib.util.spec_from_file_location("peer", sys.argv[1])
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with np.load(sys.argv[2]) as inputs:
        state = module.prepare(dict(inputs))
    found = {}
    clock = time.process_time if os.environ.get("HLV_BENCH_CLOCK") == "cpu" else time.perf_counter
    for line in sys.stdin:
        order, _, rest = line.strip().partition(" ")
        reply = {}
        if order == "run":
            gc.collect()
            begun = clock()
            found = module.run(state)
            reply = {"seconds": clock() - begun}
        elif order == "answer":
            np.savez(rest, **found)
        replies.write(json.dumps(reply) + "\n")
        replies.flush()


if __name__ == "__main__":
    main()
