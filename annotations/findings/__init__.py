"""Sentences and tables made of the results of a round."""
