"""Room before the click: what every rule says to a trade that is not booked yet, in dialogs."""

from __future__ import annotations

from decimal import Decimal

import streamlit as st

from core.challenge.room import Cost, Verdict
from core.errors import ParameterError
from core.risk import plain, whole_lots
from dashboard import data
from dashboard.components import formats
from dashboard.components.markup import Markup, markdown, pill, show, table, tag
from db.models import Account, Symbol
from db.store.limits import Intent
from db.store.proposal import Proposal
from db.views import room as rooms
from db.views.room import Known, Room

_HEADS = (("Rule", ""), ("Room", "num"), ("Left at worst", "num"), ("", ""))
_NO_MONEY = ("max_trades",)
QUANTITY_FORMAT = "%g"
_EXPONENT = Decimal("0.000001")


def known(account_id: int) -> Known:
    """How the account stands now."""
    return data.recent(data.stamp(), rooms.known, account_id)


def quantity_format(lot_step: Decimal) -> str:
    """How a quantity field writes: every digit that was typed, so that nothing shown differs from what counts.

    A fixed number of decimals would show 0.0015 as 0.002 where the lot step is 0.001. The smallest steps would be
    written with an exponent.
    """
    return QUANTITY_FORMAT if lot_step >= _EXPONENT else f"%.{formats.decimals(float(lot_step))}f"


def proposal_of(
    account: Known, symbol: Symbol, direction: int, entry: float, stop: float, fees: Cost | None = None
) -> Proposal | None:
    """The size that is proposed; None, with the sentence on the page, where prices cannot be."""
    try:
        return rooms.proposal_for(account, symbol, direction, entry, stop, fees)
    except ParameterError as error:
        st.warning(markdown(error.message))
        return None


def proposal_line(proposal: Proposal | None) -> None:
    """The size that is proposed and what binds it."""
    if proposal is None:
        return
    if not proposal.quantity:
        show(tag("div", tag("b", "No size is proposed. "), proposal.reason, cls="small warning"))
        return
    size = tag("b", f"Proposed {plain(proposal.quantity)}. ")
    show(tag("div", size, proposal.reason, cls="small muted" if proposal.bound is None else "small warning"))


def room_panel(account: Known, symbol: Symbol, intent: Intent) -> Room | None:
    """Draw every rule's answer and the refusal, if there is one; None where size or prices cannot be: the action that
    is asked for then says why.
    """
    try:
        room = rooms.room_for(account, symbol, intent)
    except ParameterError:
        return None
    if not whole_lots(intent.quantity, symbol.lot_step):
        step, size = plain(symbol.lot_step), plain(intent.quantity)
        st.warning(markdown(f"{symbol.name} trades in steps of {step}: {size} cannot be booked."))
    if not room.verdicts:
        show(tag("div", f"{account.account.name} has neither limits nor a challenge.", cls="small muted"))
        return room
    show(table(_HEADS, [_row(one, room, account.account) for one in room.verdicts], cls="room"))
    if any(verdict.room is not None for verdict in room.verdicts):
        worst = "Worst case: every open stop and this one are hit"
        show(tag("div", f"{worst}{_fees_told(room, account.account)}.", cls="small muted"))
    if room.refused is not None:
        st.error(markdown(f"{account.account.name} refuses this trade. {room.refused.sentence}"))
    return room


def _fees_told(room: Room, account: Account) -> str:
    """What the worst case pays besides; an exit is taken to cost what its entry did."""
    if not room.fees:
        return ", and each exit costs what its entry did"
    half = formats.money(room.fees / 2, account.currency)
    return f"; the fee of {half} is paid twice, since each exit is taken to cost what its entry did"


def _row(verdict: Verdict, room: Room, account: Account) -> tuple[object, ...]:
    mark = pill("fits", "up") if verdict.ok else pill("refused", "down")
    if verdict.room is None:
        return verdict.title, formats.NOTHING, formats.NOTHING, mark
    if verdict.rule in _NO_MONEY:
        return verdict.title, str(max(0, int(verdict.room))), str(int(verdict.room) - 1), mark
    after = verdict.room - (room.risk or Decimal(0)) - room.fees
    return verdict.title, formats.money(verdict.room, account.currency), _left(after, account.currency), mark


def _left(after: Decimal, currency: str) -> Markup:
    return tag("span", formats.money(after, currency), cls="down" if after < 0 else "")
