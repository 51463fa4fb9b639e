"""Figures: a canvas, its layers, and the files drawn from it."""
