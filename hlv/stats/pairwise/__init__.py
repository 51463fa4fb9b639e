"""Pairwise comparisons: counts, Bradley-Terry and its relatives, existence, intervals, goodness of fit."""
