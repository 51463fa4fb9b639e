"""`python -m tests.golden --write`: makes what is kept anew, and tells what has changed. Without it: compares."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

if __name__ == "__main__":
    given = {"HLV_WRITE_GOLDEN": "1"} if sys.argv[1:] == ["--write"] else {}
    tests = str(Path(__file__).with_name("test_golden.py"))
    command = [sys.executable, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", tests]
    sys.exit(subprocess.run(command, env=os.environ | given, check=False).returncode)
