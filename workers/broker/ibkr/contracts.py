"""Instruments and the gateway's numbers for them."""

from __future__ import annotations

from dataclasses import dataclass

import ib_async as ib

from core.errors import BrokerError
from workers.broker.base import Instrument, IntentStore
from workers.broker.ibkr.connection import Connection
from workers.broker.ibkr.parsing import instrument_of, to_contract


@dataclass(frozen=True)
class Found:
    """What a search found: the instrument, the gateway's number and its exchange."""

    instrument: Instrument
    number: int
    exchange: str


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

    async def search(self, text: str) -> list[Found]:
        """Instruments whose symbol or name contains `text`."""
        found = await self.connection.ask(lambda: self.connection.client.reqMatchingSymbolsAsync(text))
        contracts = [one.contract for one in found or [] if one.contract is not None]
        return [Found(instrument_of(one), one.conId, one.primaryExchange or one.exchange) for one in contracts]
