"""The time zones that Python and PostgreSQL read alike."""

from zoneinfo import available_timezones

ODD = {"CET", "EET", "MET", "WET", "localtime", "Factory"}
"""PostgreSQL takes the first four for abbreviations of a fixed offset; the others are no zones of a place."""

ZONES = frozenset(available_timezones() - ODD)
