"""Rows out: text in pieces, for a file or a response."""
