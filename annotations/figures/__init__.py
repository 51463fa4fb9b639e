"""Figures: what every drawing of this program is made of, and those of a round of annotating."""
