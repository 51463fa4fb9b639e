"""Figures: specs made of a snapshot's result, drawn to bytes."""
