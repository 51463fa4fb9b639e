"""Paired comparisons that were printed, and their strengths under each model."""

from __future__ import annotations

from fractions import Fraction
from typing import Final

# Agresti, A. (2002). Categorical Data Analysis (2nd ed.). Wiley, tables 10.10 and 10.11, p. 438: the American League
# of 1987, Eastern Division. Of each home team, games won and lost against the visitors, in the order of the teams.
TEAMS: Final = ("Milwaukee", "Detroit", "Toronto", "New York", "Boston", "Cleveland", "Baltimore")
AT_HOME: Final = {
    "Milwaukee": ("", "4-3", "4-2", "4-3", "6-1", "4-2", "6-0"),
    "Detroit": ("3-3", "", "4-2", "4-3", "6-0", "6-1", "4-3"),
    "Toronto": ("2-5", "4-3", "", "2-4", "4-3", "4-2", "6-0"),
    "New York": ("3-3", "5-1", "2-5", "", "4-3", "4-2", "6-1"),
    "Boston": ("5-1", "2-5", "3-3", "4-2", "", "5-2", "6-0"),
    "Cleveland": ("2-5", "3-3", "3-4", "4-3", "4-2", "", "2-4"),
    "Baltimore": ("2-5", "1-5", "1-6", "2-4", "1-6", "3-4", ""),
}
# (home, away, won at home, lost at home) by places of the teams
BASEBALL: Final = [
    (home, away, *(int(games) for games in cell.split("-")))
    for home, team in enumerate(TEAMS)
    for away, cell in enumerate(AT_HOME[team])
    if cell
]
# Printed to two decimals; five of a binomial regression (statsmodels 0.15). Less the strength of Baltimore.
BASEBALL_STRENGTHS: Final = (1.58136, 1.43641, 1.29449, 1.24762, 1.10770, 0.68385)
BASEBALL_ERRORS: Final = (0.34326, 0.33957, 0.33667, 0.33586, 0.33388, 0.33188)
# of all 42 rows
BASEBALL_DEVIANCE: Final = 44.05346
# Agresti prints the effect 0.302 and the shares of exp(strength).
HOME_EFFECT: Final = 0.30226
HOME_EFFECT_ERROR: Final = 0.13094
HOME_STRENGTHS: Final = (1.61955, 1.47536, 1.32711, 1.28134, 1.14380, 0.70469)
HOME_SHARES: Final = (0.220, 0.190, 0.164, 0.157, 0.137, 0.088, 0.044)
HOME_DEVIANCE: Final = 38.64285
HOME_LIKELIHOOD_RATIO: Final = 5.41061

# Citations among journals of statistics, the row over the column: Agresti, A. (1990), Categorical Data Analysis; Firth, D.
# (2005), Bradley-Terry models in R, Journal of Statistical Software 12(1). Strengths less that of Biometrika.
JOURNALS: Final = ("Biometrika", "Comm Statist", "JASA", "JRSS-B")
CITATIONS: Final = ((0, 730, 498, 221), (33, 0, 68, 17), (320, 813, 0, 142), (284, 276, 325, 0))
CITATION_STRENGTHS: Final = (-2.94907, -0.47957, 0.26895)
CITATION_ERRORS: Final = (0.10255, 0.06059, 0.07083)
CITATION_DEVIANCE: Final = 4.29338

# Davidson, R. R. (1970). On extending the Bradley-Terry model to accommodate ties in paired comparison experiments.
# JASA 65, 317-328: six puddings. Of the two (from 1), wins of the one, wins of the other, ties.
PUDDING: Final = {
    (1, 2): (19, 22, 16),
    (1, 3): (16, 19, 12),
    (2, 3): (19, 19, 10),
    (1, 4): (18, 23, 13),
    (2, 4): (23, 19, 9),
    (3, 4): (19, 20, 15),
    (1, 5): (13, 19, 18),
    (2, 5): (16, 20, 12),
    (3, 5): (16, 15, 17),
    (4, 5): (17, 14, 16),
    (1, 6): (18, 21, 12),
    (2, 6): (22, 20, 12),
    (3, 6): (13, 18, 10),
    (4, 6): (14, 19, 18),
    (5, 6): (11, 21, 12),
}
# The vignette of the R package PlackettLuce prints, after seven iterations as Davidson's table has it:
PUDDING_PRINTED_WORTHS: Final = (0.1388005, 0.1729985, 0.1617420, 0.1653930, 0.1586805, 0.2023855)
PUDDING_PRINTED_NU: Final = 0.7468147
# At the maximum, by an optimiser and evalica's Newman (nu is twice its parameter).
PUDDING_WORTHS: Final = (0.1388034, 0.1730015, 0.1617474, 0.1653730, 0.1586854, 0.2023893)
PUDDING_NU: Final = 0.746823
PUDDING_LOG_LIKELIHOOD: Final = -809.7095101
PUDDING_STRENGTHS: Final = (-0.17656077, 0.04368113, -0.02358307, -0.00141586, -0.04269555, 0.20057412)
# Half a win each, as evalica has it too.
PUDDING_HALF_TIES: Final = (-0.12850924, 0.03179958, -0.01716581, -0.00102890, -0.03107886, 0.14598323)
# Rao, P. V., & Kupper, L. L. (1967), JASA 62, 194-204, by two optimisers; nothing is printed.
PUDDING_RAO_KUPPER: Final = (-0.139437, 0.034281, -0.019388, 0.000441, -0.034468, 0.158572)
PUDDING_THETA: Final = 1.748457
PUDDING_RAO_KUPPER_LOG_LIKELIHOOD: Final = -809.697133
# Negahban, S., Oh, S., & Shah, D. (2017), Operations Research 65, 266-287, by the eigenvector; choix has "drop" too.
PUDDING_CENTRALITY: Final = {
    "denominator": (0.139685, 0.173386, 0.161436, 0.164222, 0.156282, 0.204989),
    "drop": (0.138771, 0.172737, 0.161387, 0.164682, 0.156217, 0.206206),
    "half": (0.146322, 0.171524, 0.162802, 0.165664, 0.159403, 0.194284),
}

# A beats B three times, no loss and two ties: half ties are 4 to 1, the models of ties have no maximum.
ONE_WAY_WITH_TIES: Final = (3, 0, 2)
ONE_WAY_DIFFERENCE: Final = 1.3862943611198906
# A beats B and B beats C three times each, A and C tie twice: by an optimiser, A less B and A less C.
CYCLE_WINS: Final = 3
CYCLE_TIES: Final = 2
CYCLE_DAVIDSON: Final = (1.626925, 3.253850)
CYCLE_LOG_NU: Final = 0.04074
CYCLE_RAO_KUPPER: Final = (0.9376, 1.8752)

# Kendall, M. G., & Babington Smith, B. (1940). On the method of paired comparisons. Biometrika 31, p. 326: a dog and
# six kinds of food. What each was preferred to; the p counts all 2^15 tournaments.
FOODS: Final = ("meat", "biscuit", "chocolate", "apple", "pear", "cheese")
PREFERRED: Final = {
    "meat": ("biscuit", "chocolate", "pear", "cheese"),
    "biscuit": ("apple", "pear"),
    "chocolate": ("biscuit", "apple", "pear", "cheese"),
    "apple": ("meat",),
    "pear": ("apple", "cheese"),
    "cheese": ("biscuit", "apple"),
}
DOG: Final = [[int(other in PREFERRED[food]) for other in FOODS] for food in FOODS]
DOG_CIRCULAR: Final = 5
DOG_MOST_CIRCULAR: Final = 8
DOG_BY_CHANCE: Final = 5
DOG_ZETA: Final = Fraction(3, 8)
DOG_P: Final = Fraction(1043, 2048)
