"""Automatic metrics: a registry, hard and soft metrics, distances, calibration, perspectivist errors."""
