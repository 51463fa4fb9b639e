"""The machine a benchmark ran on, without its name, and the BLAS kernel that it uses."""

from __future__ import annotations

import os
import platform
import sys
from pathlib import Path

# Some machines set these for old builds of OpenBLAS; a current one picks the right kernel by itself, and runs faster.
_KERNEL_VARIABLES = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


def restart_with_the_fast_kernel() -> None:
    """Start this process again without the variables that hold OpenBLAS back, where they are set."""
    if any(name in os.environ for name in _KERNEL_VARIABLES):
        environment = {name: value for name, value in os.environ.items() if name not in _KERNEL_VARIABLES}
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks", *sys.argv[1:]], environment)


def describe_machine() -> str:
    """Cores, processor, versions and BLAS kernels, in lines."""
    import numpy as np
    import scipy
    import scipy.linalg
    from threadpoolctl import threadpool_info

    kernels = sorted(
        {
            f"{pool['internal_api']} {pool.get('version')} {pool.get('architecture', '')} on {pool['num_threads']} threads"
            for pool in threadpool_info()
            if pool["user_api"] == "blas"
        }
    )
    return (
        f"{os.cpu_count()} cores, {_processor()}; {platform.system()}, Python {platform.python_version()}, "
        f"numpy {np.__version__}, scipy {scipy.__version__}\nBLAS kernel: {'; '.join(kernels) or 'unknown'}"
    )


def peak_memory() -> int:
    """Bytes this process has held at most."""
    import resource

    status = Path("/proc/self/status")
    if status.exists():
        # Linux hands the other number on to whatever program a process starts
        fields = dict(line.split(":", 1) for line in status.read_text(encoding="ascii").splitlines())
        return int(fields["VmHWM"].split()[0]) * 1024
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="ascii", errors="replace").splitlines()
    except FileNotFoundError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    model = facts.get("model name", platform.machine())
    if "model" in facts:
        model += f" (family {facts.get('cpu family', '?')}, model {facts['model']})"
    return model
