"""From labels to human label variation: distributions, entropy and agreement.

numpy and scipy only: nothing here knows Django or the database.
"""
