"""Writes: each in one transaction, with the rules that no constraint can express."""
