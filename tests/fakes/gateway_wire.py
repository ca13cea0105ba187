"""The TWS text protocol as an IB Gateway of server version 178 speaks it: frames and messages, no behaviour."""

from __future__ import annotations

import asyncio
import struct
import time
from dataclasses import dataclass, field

VERSION = 178
UNSET = "1.7976931348623157E308"


@dataclass
class GatewayContract:
    number: int
    symbol: str
    kind: str = "STK"
    exchange: str = "SMART"
    currency: str = "USD"
    primary: str = "NASDAQ"
    name: str = ""

    def short(self) -> list[object]:
        return [self.number, self.symbol, self.kind, "", 0.0, "", "", self.exchange, self.currency, self.symbol, "NMS"]


@dataclass
class GatewayOrder:
    """An order as the gateway keeps it; the quantities are in units, `deals` are its executions."""

    number: int
    client: int
    perm: int
    contract: GatewayContract
    action: str
    quantity: float
    kind: str
    limit: str
    aux: str
    tif: str
    oca: str
    account: str
    reference: str
    transmit: bool
    parent: int
    status: str = "PreSubmitted"
    deals: list[GatewayDeal] = field(default_factory=list)

    @property
    def filled(self) -> float:
        return sum(one.quantity for one in self.deals)

    @property
    def remaining(self) -> float:
        return self.quantity - self.filled

    @property
    def average(self) -> float:
        return sum(one.quantity * one.price for one in self.deals) / self.filled if self.deals else 0.0

    @property
    def over(self) -> bool:
        return self.status in ("Filled", "Cancelled", "Inactive")


@dataclass
class GatewayDeal:
    id: str
    quantity: float
    price: float
    at: float
    commission: float = 1.0


@dataclass
class Session:
    """One client's socket."""

    writer: asyncio.StreamWriter
    client: int = -1

    def send(self, *fields: object) -> None:
        if not self.writer.is_closing():
            body = "".join(f"{one}\0" for one in fields).encode()
            self.writer.write(struct.pack(">I", len(body)) + body)

    def cut(self) -> None:
        self.writer.transport.abort()


async def frame(reader: asyncio.StreamReader) -> str:
    (length,) = struct.unpack(">I", await reader.readexactly(4))
    return (await reader.readexactly(length)).decode()


def stamp(at: float) -> str:
    return time.strftime("%Y%m%d %H:%M:%S UTC", time.gmtime(at))


def blank(count: int) -> list[object]:
    return [""] * count


def placed(fields: list[str], contract: GatewayContract, client: int, perm: int) -> GatewayOrder:
    """A placeOrder message: number, twelve contract fields, two of security ids, then the order."""
    action, quantity, kind, limit, aux, tif, oca, account, _open, _origin, reference, transmit, parent = fields[16:29]
    return GatewayOrder(
        int(fields[1]), client, perm, contract, action, float(quantity), kind, limit, aux, tif, oca, account, reference,
        transmit == "1", int(parent or 0),
    )  # fmt: skip


def open_order(one: GatewayOrder) -> list[object]:
    return [
        5, one.number, *one.contract.short(), one.action, one.quantity, one.kind, one.limit, one.aux, one.tif, one.oca,
        one.account, "", 0, one.reference, one.client, one.perm, *blank(8), *blank(23), one.parent, *blank(5),
        *blank(7), 0, 0, 0, *blank(3), "", *blank(4), 0, "", "", 0, one.status, *[UNSET] * 12, *blank(4), 0,
        *blank(16), *blank(3), *blank(5),
    ]  # fmt: skip


def order_status(one: GatewayOrder) -> list[object]:
    last = one.deals[-1].price if one.deals else 0.0
    return [
        3, one.number, one.status, one.filled, one.remaining, one.average, one.perm, one.parent, last, one.client,
        "", 0,
    ]  # fmt: skip


def completed_order(one: GatewayOrder) -> list[object]:
    return [
        101, *one.contract.short(), one.action, one.quantity, one.kind, one.limit, one.aux, one.tif, one.oca,
        one.account, "", 0, one.reference, one.perm, *blank(7), *blank(23), *blank(5), 0, 0, 0, *blank(3), "",
        *blank(3), 0, "", "", one.status, *blank(2), 0, *blank(15), *blank(5),
    ]  # fmt: skip


def execution(one: GatewayOrder, deal: GatewayDeal, request: object) -> list[object]:
    side = "BOT" if one.action == "BUY" else "SLD"
    return [
        11, request, one.number, *one.contract.short(), deal.id, stamp(deal.at), one.account, "NASDAQ", side,
        deal.quantity, deal.price, one.perm, one.client, 0, one.filled, one.average, one.reference, "", "", "", 2, 0,
    ]  # fmt: skip


def commission(deal: GatewayDeal) -> list[object]:
    return [59, 1, deal.id, deal.commission, "USD", UNSET, UNSET, ""]


def contract_details(one: GatewayContract, request: str) -> list[object]:
    return [
        10, request, one.symbol, one.kind, "", 0, "", one.exchange, one.currency, one.symbol, "NMS", "NMS", one.number,
        0.01, "", "LMT,MKT,STP", "SMART,NASDAQ", 1, 0, one.name, one.primary, *blank(4), "US/Eastern", *blank(4), 0, 0,
        *blank(2), "26", "", "COMMON", 1, 1, 100,
    ]  # fmt: skip
