"""Importing in the browser: the form, its pages, and the job that a worker runs for it."""
