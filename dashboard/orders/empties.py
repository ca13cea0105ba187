"""What the Orders page says while there is nothing in a place: what will fill it, and how."""

from __future__ import annotations

from dashboard.components.panels import empty


def no_orders() -> None:
    empty(
        "No orders yet.",
        "Accept a signal with Send order, or press New order: it goes to the paper broker, which fills it from the "
        "stored bars, or to Interactive Brokers where that is switched on.",
    )


def no_matching_orders() -> None:
    empty("No order matches these filters.", "Take one away to see more.")


def unknown_order(order_id: int) -> None:
    empty(f"There is no order {order_id}.", "The address names one that does not exist. Choose one from the list.")


def no_refusals() -> None:
    empty(
        "No order was refused.",
        "An order that a limit of the account, its challenge or one of its guards does not allow is kept here, with "
        "the rule and the figure that said no.",
    )
