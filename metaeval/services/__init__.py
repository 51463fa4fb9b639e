"""Writes: each in one transaction, with the rules that a constraint cannot say.

Modules that register jobs are named here, so that a process that starts the app knows them.
"""

from metaeval.services import metric_agreement, ranking, scoring  # noqa: F401
