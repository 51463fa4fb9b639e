"""Stored results as rows: what pages, files and commands read out of a snapshot."""
