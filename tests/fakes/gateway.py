"""A loopback IB Gateway for tests: the real ib_async client drives it. Orders, executions and positions outlive a
connection, as at the real one. What it does with an order is scripted by the order's reference.

    async with Gateway() as gateway:
        gateway.scripts["cr:1:entry"] = Script.SWALLOW
        ...
        gateway.fill("cr:1:entry", 4, 100.0)
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter, defaultdict
from enum import Enum
from itertools import count

from tests.fakes import gateway_wire as wire
from tests.fakes.gateway_wire import GatewayContract, GatewayDeal, GatewayOrder, Session

CONTRACTS = [
    GatewayContract(265598, "AAPL", name="APPLE INC"),
    GatewayContract(272093, "MSFT", name="MICROSOFT CORP"),
]


class Script(Enum):
    """What becomes of a placement."""

    HOLD = "acknowledge and wait for `fill`"
    FILL = "acknowledge, then fill all of it at the limit or 100"
    REJECT = "error 201 and status Inactive"
    SWALLOW = "take it and never say so"
    SWALLOW_AND_CUT = "take it, say nothing, cut the connection"
    ACKNOWLEDGE_AND_CUT = "acknowledge, then cut the connection"
    CUT = "cut the connection without taking it"


class Gateway:
    """A gateway on a free port of the loopback interface, in the running loop."""

    def __init__(self, account: str = "DU1234567") -> None:
        self.account = account
        self.scripts: defaultdict[str, Script] = defaultdict(lambda: Script.HOLD)
        self.before_cancel: dict[str, float] = {}
        self.fixed: set[str] = set()
        """References whose orders refuse every change."""
        self.orders: list[GatewayOrder] = []
        self.placements: Counter[str] = Counter()
        self.sessions: dict[int, Session] = {}
        self.highest: Counter[int] = Counter()
        self.contract_requests = 0
        self.funds = 100_000.0
        """Cash before anything was traded."""
        self.arrived = asyncio.Condition()
        self._perm, self._deal = count(900_001), count(1)

    async def __aenter__(self) -> Gateway:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port: int = self.server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(self, *_: object) -> None:
        self.drop()
        self.server.close()
        await self.server.wait_closed()

    # -- what a test does ------------------------------------------------------------------------------------------
    def order(self, reference: str) -> GatewayOrder:
        """The one order with this reference."""
        (found,) = [one for one in self.orders if one.reference == reference]
        return found

    @property
    def positions(self) -> dict[str, float]:
        """Units by symbol, from the executions."""
        held: defaultdict[str, float] = defaultdict(float)
        for one in self.orders:
            held[one.contract.symbol] += one.filled * (1 if one.action == "BUY" else -1)
        return {symbol: units for symbol, units in held.items() if units}

    @property
    def cash(self) -> float:
        """Funds less what was bought, plus what was sold, less commissions."""
        deals = [(deal, 1 if one.action == "BUY" else -1) for one in self.orders for deal in one.deals]
        return self.funds - sum(sign * deal.quantity * deal.price + deal.commission for deal, sign in deals)

    def fill(self, reference: str, quantity: float, price: float) -> None:
        """Trade a part of an order, and what follows: the others of its group become smaller, or are cancelled."""
        one = self.order(reference)
        deal = GatewayDeal(f"0000e0d5.{next(self._deal):08x}.01.01", quantity, price, time.time())
        one.deals.append(deal)
        one.status = "Filled" if one.remaining <= 0 else "Submitted"
        self._tell(one, wire.execution(one, deal, -1), wire.commission(deal), wire.order_status(one))
        for session in self.sessions.values():
            self._send_cash(session)
        for other in [other for other in self.orders if one.oca and other.oca == one.oca and other is not one]:
            if one.status == "Filled":
                self.cancel(other, "OCA group order filled")
            elif not other.over:
                other.quantity -= quantity
                self._tell(other, wire.open_order(other), wire.order_status(other))

    def cancel(self, one: GatewayOrder, why: str = "") -> None:
        """End an order, with its children."""
        if one.over:
            return
        one.status = "Cancelled"
        self._tell(one, wire.order_status(one), [4, 2, one.number, 202, f"Order Canceled - reason:{why}", ""])
        for child in self.orders:
            if child.parent == one.number and child.client == one.client and not one.deals:
                self.cancel(child, "parent cancelled")

    def complain(self, reference: str, code: int, text: str) -> None:
        """An error message about an order, which stays as it is."""
        one = self.order(reference)
        self._tell(one, [4, 2, one.number, code, text, ""])

    def say(self, code: int, text: str) -> None:
        """A message about no order."""
        for session in self.sessions.values():
            session.send(4, 2, -1, code, text, "")

    def forget(self, reference: str) -> None:
        """Lose an order without a trace."""
        self.orders.remove(self.order(reference))

    def add_foreign(self, symbol: str, quantity: float) -> None:
        """An order placed by hand at the gateway, filled."""
        (contract,) = [one for one in CONTRACTS if one.symbol == symbol]
        fields = [
            "3",
            "0",
            *[""] * 14,
            "BUY",
            str(quantity),
            "LMT",
            "100.0",
            "",
            "DAY",
            "",
            self.account,
            *[""] * 3,
            "1",
            "0",
        ]
        one = wire.placed(fields, contract, 0, next(self._perm))
        one.deals.append(GatewayDeal(f"0000aaaa.{next(self._deal):08x}.01.01", quantity, 100.0, time.time()))
        one.status = "Filled"
        self.orders.append(one)

    def drop(self) -> None:
        """Cut every connection."""
        for session in list(self.sessions.values()):
            session.cut()

    async def taken(self, reference: str) -> GatewayOrder:
        """Wait until an order is here."""
        async with self.arrived:
            await asyncio.wait_for(self.arrived.wait_for(lambda: self.placements[reference]), 10)
        return self.order(reference)

    # -- the socket ------------------------------------------------------------------------------------------------
    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(writer)
        try:
            assert await reader.readexactly(4) == b"API\0"
            await wire.frame(reader)
            session.send(wire.VERSION, wire.stamp(time.time()))
            while True:
                fields = (await wire.frame(reader)).split("\0")[:-1]
                handler = getattr(self, f"_on_{fields[0]}", None)
                if handler is not None and not writer.is_closing():
                    handler(session, fields)
                    async with self.arrived:
                        self.arrived.notify_all()
        except (asyncio.IncompleteReadError, asyncio.CancelledError, ConnectionError):
            pass
        finally:
            if self.sessions.get(session.client) is session:
                del self.sessions[session.client]
            writer.close()

    def _tell(self, one: GatewayOrder, *messages: list[object]) -> None:
        session = self.sessions.get(one.client)
        for message in messages if session else ():
            session.send(*message)

    # -- session and account ---------------------------------------------------------------------------------------
    def _on_71(self, session: Session, fields: list[str]) -> None:
        client = int(fields[2])
        if client in self.sessions:
            session.send(4, 2, -1, 326, "Unable to connect as the client id is already in use.", "")
            session.writer.close()
            return
        session.client = client
        self.sessions[client] = session
        session.send(15, 1, self.account)
        session.send(9, 1, self.highest[client] + 1)
        session.send(4, 2, -1, 2104, "Market data farm connection is OK:usfarm", "")

    def _on_49(self, session: Session, _fields: list[str]) -> None:
        session.send(49, 1, int(time.time()))

    def _on_6(self, session: Session, _fields: list[str]) -> None:
        self._send_cash(session)
        session.send(54, 1, self.account)

    def _send_cash(self, session: Session) -> None:
        for currency in ("USD", "BASE"):
            session.send(6, 2, "CashBalance", f"{self.cash:.2f}", currency, self.account)

    def _on_61(self, session: Session, _fields: list[str]) -> None:
        for symbol, units in self.positions.items():
            (contract,) = [one for one in CONTRACTS if one.symbol == symbol]
            session.send(61, 3, self.account, *contract.short(), units, 100.0)
        session.send(62, 1)

    # -- contracts -------------------------------------------------------------------------------------------------
    def _on_9(self, session: Session, fields: list[str]) -> None:
        self.contract_requests += 1
        found = [one for one in CONTRACTS if one.symbol == fields[4]]
        if not found:
            session.send(4, 2, fields[2], 200, "No security definition has been found for the request", "")
            return
        session.send(*wire.contract_details(found[0], fields[2]))
        session.send(52, 1, fields[2])

    def _on_81(self, session: Session, fields: list[str]) -> None:
        found = [one for one in CONTRACTS if fields[2].upper() in one.symbol + one.name]
        rows = [[one.number, one.symbol, one.kind, one.primary, one.currency, 0, one.name, ""] for one in found]
        session.send(79, fields[1], len(found), *(field for row in rows for field in row))

    # -- orders ----------------------------------------------------------------------------------------------------
    def _on_16(self, session: Session, _fields: list[str]) -> None:
        for one in self.orders:
            if not one.over:
                session.send(*wire.open_order(one))
                session.send(*wire.order_status(one))
        session.send(53, 1)

    def _on_99(self, session: Session, _fields: list[str]) -> None:
        for one in self.orders:
            if one.over:
                session.send(*wire.completed_order(one))
        session.send(102)

    def _on_7(self, session: Session, fields: list[str]) -> None:
        for one in self.orders:
            for deal in one.deals:
                session.send(*wire.execution(one, deal, fields[2]))
                session.send(*wire.commission(deal))
        session.send(55, 1, fields[2])

    def _on_3(self, session: Session, fields: list[str]) -> None:
        number, reference = int(fields[1]), fields[26]
        known = next((one for one in self.orders if (one.client, one.number) == (session.client, number)), None)
        script = self.scripts[reference]
        if script is Script.CUT:
            self.scripts[reference] = Script.HOLD
            session.cut()
            return
        if known is not None and not known.over and known.reference == reference:
            self._change(session, known, fields)
        elif number <= self.highest[session.client]:
            session.send(4, 2, number, 103, "Duplicate order id", "")
        else:
            self._take(session, fields, script)

    def _change(self, session: Session, known: GatewayOrder, fields: list[str]) -> None:
        if known.reference in self.fixed:
            session.send(4, 2, known.number, 161, "Cancel attempted when order is not in a cancellable state", "")
            return
        known.quantity, known.limit, known.aux, known.transmit = float(fields[17]), *fields[19:21], fields[27] == "1"
        session.send(*wire.open_order(known))
        session.send(*wire.order_status(known))

    def _take(self, session: Session, fields: list[str], script: Script) -> None:
        (contract,) = [one for one in CONTRACTS if str(one.number) == fields[2]]
        one = wire.placed(fields, contract, session.client, next(self._perm))
        self.orders.append(one)
        self.placements[one.reference] += 1
        self.highest[session.client] = one.number
        if script in (Script.SWALLOW, Script.SWALLOW_AND_CUT):
            one.status = "Submitted" if one.transmit else one.status
            if script is Script.SWALLOW_AND_CUT:
                session.cut()
            return
        if script is Script.REJECT:
            one.status = "Inactive"
            self._tell(one, [4, 2, one.number, 201, "Order rejected - reason:not enough cash", ""])
            self._tell(one, wire.order_status(one))
            return
        if one.transmit:
            family = [*self._family(one), one]
            for member in family:
                self._release(member)
            for member in family:
                self._trade(member)
        if script is Script.ACKNOWLEDGE_AND_CUT:
            asyncio.get_running_loop().call_soon(session.cut)

    def _family(self, one: GatewayOrder) -> list[GatewayOrder]:
        root = one.parent or one.number
        members = [
            other for other in self.orders if other.client == one.client and root in (other.number, other.parent)
        ]
        return [other for other in members if other is not one and not other.over]

    def _release(self, one: GatewayOrder) -> None:
        one.transmit = True
        one.status = "PreSubmitted" if one.parent else "Submitted"
        self._tell(one, wire.open_order(one), wire.order_status(one))

    def _trade(self, one: GatewayOrder) -> None:
        """Fill what is scripted to fill; an exit only once its entry is filled."""
        entry = next((other for other in self.orders if one.parent and other.number == one.parent), None)
        ready = entry is None or entry.status == "Filled"
        if self.scripts[one.reference] is Script.FILL and ready and not one.over:
            self.fill(one.reference, one.remaining, float(one.limit or 100.0))

    def _on_4(self, session: Session, fields: list[str]) -> None:
        number = int(fields[2])
        found = next((one for one in self.orders if (one.client, one.number) == (session.client, number)), None)
        if found is None:
            session.send(4, 2, number, 10147, f"OrderId {number} that needs to be cancelled is not found.", "")
            return
        if found.reference in self.before_cancel:
            self.fill(found.reference, self.before_cancel.pop(found.reference), 100.0)
        if found.over:
            text = f"OrderId {number} that needs to be cancelled cannot be cancelled, state: {found.status}."
            session.send(4, 2, number, 10148, text, "")
            return
        self.cancel(found)
