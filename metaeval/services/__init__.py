"""Writes: each in one transaction, with the rules that a constraint cannot say."""
