"""Instruments and the gateway's numbers for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import ib_async as ib

from core.errors import BrokerError
from workers.broker.base import Instrument, IntentStore
from workers.broker.ibkr.connection import Connection
from workers.broker.ibkr.parsing import instrument_of, to_contract

_EXCHANGES: Final = {"STK": "SMART", "CASH": "IDEALPRO", "CRYPTO": "", "CFD": "SMART", "FUND": "", "CMDTY": "SMART"}
"""Where each kind that needs no expiry is traded."""


@dataclass(frozen=True)
class Found:
    """What a search found: the instrument, the gateway's number, and the name of the company or pair."""

    instrument: Instrument
    number: int
    description: str


class Contracts:
    """Numbers are looked up once and kept: they never change."""

    def __init__(self, connection: Connection, store: IntentStore) -> None:
        self.connection, self.store = connection, store

    async def contract(self, instrument: Instrument) -> ib.Contract:
        """The contract of an instrument.

        Raises:
            BrokerError: the gateway knows none, or several.
            BrokerUnavailableError: the gateway does not answer.
        """
        number = self.store.contract_number(instrument)
        if number is None:
            asked = to_contract(instrument)
            found = await self.connection.ask(lambda: self.connection.client.reqContractDetailsAsync(asked))
            numbers = {one.contract.conId for one in found if one.contract is not None}
            if len(numbers) != 1:
                text = (
                    f"The gateway knows {len(numbers) or 'no'} contracts for {instrument.key} on {instrument.exchange}."
                )
                raise BrokerError(text, instrument)
            number = numbers.pop()
            self.store.keep_contract_number(instrument, number)
        return to_contract(instrument, number)


async def search(connection: Connection, text: str) -> list[Found]:
    """Instruments whose symbol or name contains `text`, of the kinds that can be traded as they are.

    Raises:
        BrokerError: the gateway refuses the search.
        BrokerUnavailableError: the gateway does not answer.
    """
    found = await connection.ask(lambda: connection.client.reqMatchingSymbolsAsync(text))
    contracts = [one.contract for one in found or [] if one.contract is not None]
    return [_found(one) for one in contracts if one.secType in _EXCHANGES]


def _found(contract: ib.Contract) -> Found:
    """A search names no exchange to trade on: stocks go the smart way, everything else to its own place."""
    exchange = _EXCHANGES[contract.secType] or contract.primaryExchange
    instrument = replace(instrument_of(contract), exchange=exchange)
    return Found(instrument, contract.conId, contract.description)
