"""Dates and numbers of languages, where Django's own formats do not fit: the day comes first, hours go to 24."""
