"""Writes: each in one transaction, with the rules that no database constraint can express."""
