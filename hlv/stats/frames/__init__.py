"""The functions of `hlv.stats` itself: they take columns and data frames, and return results that show themselves.

The packages beside this one take integer arrays, as the web application does; these functions call them.
"""
