"""Why there is no figure."""


class NotMeasured(Exception):
    """Something was measured, but not what was meant."""
