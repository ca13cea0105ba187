"""What the one worker of the broker queue is asked for."""

from __future__ import annotations

from typing import Final

from core.jobs.job import BROKER, Job

PAPER_STEP: Final = "workers.tasks.broker.paper_step"
TEST_CONNECTION: Final = "workers.tasks.broker.test_connection"
SEARCH_CONTRACT: Final = "workers.tasks.broker.search_contract"


def paper_step(symbol_id: int, moment: int) -> Job:
    """Fill the paper orders of one symbol from the bars stored until now; `moment` (UTC ms) names who asked."""
    return Job(BROKER, PAPER_STEP, (symbol_id, moment), f"paper-{symbol_id}-{moment}", "Fill paper orders", 300)


def test_connection(moment: int) -> Job:
    """Connect to Interactive Brokers once with the stored login and keep what was found, asked for at `moment`."""
    return Job(BROKER, TEST_CONNECTION, (moment,), f"ibkr-test-{moment}", "Test the IBKR login", 120)


def search_contract(text: str, moment: int) -> Job:
    """Ask Interactive Brokers which contracts `text` may mean and keep the answer, asked for at `moment` (UTC ms)."""
    return Job(BROKER, SEARCH_CONTRACT, (text, moment), f"ibkr-search-{moment}", f"Search contracts: {text}", 120)
