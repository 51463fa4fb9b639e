"""From methods' outputs and experts' judgments to scores, rankings and the metric that agrees with people.

numpy and scipy only: nothing here knows Django or the database. One file per family of metrics, joined in
`registry`; one per model of pairwise judgments.
"""
