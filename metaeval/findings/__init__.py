"""Sentences and tables made of results; no request, no query."""
