"""Reads: querysets, numbers or arrays with no query left to run."""
