"""How sales reach a store: the channels, what tells them apart, and how their money is paid."""

from dataclasses import dataclass

import numpy as np

from servery.demo.draw import Flags, Floats


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel; `first_share` and `last_share` are its weights at both ends of the two years."""

    name: str
    kind: str
    first_share: float
    last_share: float
    guests: float
    cancelled: float
    kitchen_minutes: float
    road_minutes: float
    fees: tuple[int, ...]
    """Delivery fees in cents, each as likely as the others."""


_TABLE, _HOME = "P", "D"
CHANNELS = (
    Channel("Presencial", _TABLE, 44, 36, 0.64, 0.035, 14, 0, (0,)),
    Channel("iFood", _HOME, 30, 30, 0.19, 0.062, 17, 26, (0, 499, 699, 899)),
    Channel("Rappi", _HOME, 11, 9, 0.22, 0.070, 18, 31, (0, 599, 799, 999)),
    Channel("Uber Eats", _HOME, 6, 5, 0.22, 0.075, 18, 28, (0, 599, 899, 1099)),
    Channel("WhatsApp", _HOME, 6, 8, 0.10, 0.050, 20, 36, (500, 800, 1200)),
    Channel("App Próprio", _HOME, 3, 12, 0.01, 0.045, 16, 29, (0, 0, 499, 699)),
)
HOME: Flags = np.array([channel.kind == _HOME for channel in CHANNELS])
"""Which channels deliver, in the order of their ids."""

PAYMENT_TYPES = ("Dinheiro", "Crédito", "Débito", "Pix", "Vale Refeição", "Online")
_AT_TABLE = (12, 38, 20, 18, 12, 0)
_THROUGH_APP = (2, 0, 0, 14, 8, 76)
_BY_CHAT = (16, 14, 8, 60, 2, 0)
PAID_WITH = (_AT_TABLE, _THROUGH_APP, _THROUGH_APP, _THROUGH_APP, _BY_CHAT, _THROUGH_APP)
"""Weights of the payment types, one row for each channel."""

SHARE_STEPS = 24
"""The shares move from first to last in this many steps."""


def share_rows() -> Floats:
    """Return how wanted each channel is, one row for each step in time."""
    first = np.array([channel.first_share for channel in CHANNELS])
    last = np.array([channel.last_share for channel in CHANNELS])
    share: Floats = np.linspace(first, last, SHARE_STEPS)
    return share


def by_channel(field: str) -> Floats:
    """Return one numeric field of every channel, in the order of their ids."""
    return np.array([getattr(channel, field) for channel in CHANNELS], dtype=np.float64)


def fee_table() -> tuple[Floats, tuple[int, ...]]:
    """Return the weights of all fees for each channel, and the fees themselves in cents."""
    fees = tuple(sorted({fee for channel in CHANNELS for fee in channel.fees}))
    rows = [[channel.fees.count(fee) for fee in fees] for channel in CHANNELS]
    return np.array(rows, dtype=np.float64), fees
