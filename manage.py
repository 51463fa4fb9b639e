#!/usr/bin/env python
"""The same commands as `hlv`, from a checkout."""

from hlv.cli import main

if __name__ == "__main__":
    main()
