"""An entry with its stop and its target, and the references by which a broker's answer finds the order again."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum

from core.orders.terms import OrderType, Side, Terms, TimeInForce

PREFIX = "cr"


class Leg(StrEnum):
    """The part an order plays."""

    ENTRY = "entry"
    TARGET = "target"
    STOP = "stop"


def bracket(entry: Terms, stop: float, target: float | None, group: str) -> dict[Leg, Terms]:
    """The legs of a bracket, entry first. Stop and target work until cancelled and cancel each other (`group`)."""
    leave: Side = entry.side.opposite
    exit_ = Terms(leave, entry.quantity, OrderType.STOP, stop=stop, tif=TimeInForce.GTC, oca=group)
    legs = {Leg.ENTRY: replace(entry, oca="")}
    if target is not None:
        legs[Leg.TARGET] = replace(exit_, type=OrderType.LIMIT, limit=target, stop=None)
    return legs | {Leg.STOP: exit_}


def leg_reference(order_id: int | str, leg: Leg) -> str:
    """The reference a leg carries at the broker: `cr:17:stop`. It is unique for ever, so one intent makes one order."""
    return f"{PREFIX}:{order_id}:{leg}"


def order_reference(reference: str) -> tuple[str, Leg] | None:
    """Order id and leg of a reference of ours; None for anybody else's order."""
    parts = reference.split(":")
    if len(parts) != 3 or parts[0] != PREFIX or not parts[1] or parts[2] not in list(Leg):  # noqa: PLR2004
        return None
    return parts[1], Leg(parts[2])
