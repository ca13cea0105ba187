"""The variables of a prompt, each with its type, and a signal's evidence written in their place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from core.analyst import wording
from core.analyst.evidence import BarSeen, PriceTarget, SignalEvidence
from core.analyst.fence import RULE, fenced

NOTHING: Final = "none known"
"""What stands where the evidence has nothing."""

_PLAIN: Final = re.compile(r"[^A-Za-z0-9 ()._+-]")


@dataclass(frozen=True)
class Variable:
    """One variable: `kind` is its type (`price`, `number`, `text`, `time`, `table`: a line an item), `unit` what it is
    counted in. `outside` text was written by people or programs other than this one, and comes as a fenced block.
    """

    kind: str
    unit: str
    description: str
    example: str
    write: Callable[[SignalEvidence], str]
    outside: bool = False


def check(template: str) -> list[str]:
    """The variables of a template, each once, in the order in which they come.

    Raises:
        PromptError: there is no such variable, or the braces are wrong; one sentence.
    """
    return wording.names_in(template, VARIABLES)


def render(template: str, evidence: SignalEvidence) -> str:
    """The template with the evidence in its place. Text from outside stands in fenced blocks (`core.analyst.fence`).

    Raises:
        PromptError: as `check`.
    """
    used = check(template)
    return wording.fill(template, {name: written(name, evidence) for name in used})


def written(name: str, evidence: SignalEvidence) -> str:
    """One variable's text."""
    variable = VARIABLES[name]
    text = variable.write(evidence) or NOTHING
    return fenced(name, text) if variable.outside else text


def system_text(system: str, language: str) -> str:
    """A prompt's system text with what holds for all: the language of the answer, and the rule about outside text."""
    return f"{system.rstrip()}\n\nWrite every sentence of your answer in {_PLAIN.sub('', language)}.\n{RULE}"


def _price(value: float | None, evidence: SignalEvidence) -> str:
    if value is None:
        return ""
    exponent = int(Decimal(str(evidence.tick_size)).normalize().as_tuple().exponent) if evidence.tick_size > 0 else -5
    return f"{value:.{max(0, -exponent)}f}"


def _number(value: float) -> str:
    return f"{value:.5g}" if abs(value) < 1e5 else f"{value:.0f}"  # noqa: PLR2004


def _moment(at: int) -> str:
    return f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _lines(lines: Iterable[str]) -> str:
    return "\n".join(lines)


def _way(direction: int) -> str:
    return {1: "up", -1: "down"}.get(direction, "neutral")


def _target(target: PriceTarget, evidence: SignalEvidence) -> str:
    return f"{_price(target.price, evidence)} ({_PLAIN.sub('', target.name)}, {target.r:.2f} R)"


def _structure(evidence: SignalEvidence) -> str:
    return _lines(f"{one.timeframe}: {one.direction}, {one.detail}" for one in evidence.structure)


def _events(evidence: SignalEvidence) -> str:
    return _lines(
        f"{one.timeframe} {one.kind.replace('_', ' ')} {_way(one.direction)}, {_price(one.price_low, evidence)} to "
        f"{_price(one.price_high, evidence)}, known {_moment(one.known_at)}, score {one.score:.2f}"
        + (f", {_PLAIN.sub('', one.role)}" if one.role else "")
        for one in evidence.events
    )


def _indicators(evidence: SignalEvidence) -> str:
    return _lines(
        f"{one.timeframe} {_PLAIN.sub('', one.name)}: {NOTHING if one.value is None else _number(one.value)}"
        for one in evidence.indicators
    )


def _levels(evidence: SignalEvidence) -> str:
    return _lines(
        f"{one.timeframe} {_PLAIN.sub('', one.name)}: {_price(one.price, evidence)}" for one in evidence.levels
    )


def _votes(evidence: SignalEvidence) -> str:
    said = {1: "for", -1: "against", 0: "neither"}
    return _lines(
        f"{one.family}, {one.name}: {said.get(one.vote, 'neither')}, strength {one.strength:.2f}, weight "
        f"{one.weight:g}, {one.detail}"
        for one in evidence.votes
    )


def _bars(evidence: SignalEvidence) -> str:
    rows = (
        " ".join([_moment(one.time), *(_price(price, evidence) for price in _ohlc(one)), f"{one.volume:g}"])
        for one in evidence.bars
    )
    return _lines(["opened, open high low close volume", *rows]) if evidence.bars else ""


def _ohlc(bar: BarSeen) -> tuple[float, float, float, float]:
    return bar.open, bar.high, bar.low, bar.close


def _notes(evidence: SignalEvidence) -> str:
    return _lines(f"{one.source}: {one.text}" for one in evidence.notes)


VARIABLES: Final[dict[str, Variable]] = {
    "symbol": Variable(
        "text", "", "Name of the symbol", "EURUSD", lambda evidence: evidence.symbol, outside=True
    ),
    "description": Variable(
        "text", "", "What the symbol is", "Euro against US dollar", lambda evidence: evidence.description, outside=True
    ),
    "currency": Variable(
        "text", "", "Currency of its prices", "USD", lambda evidence: _PLAIN.sub("", evidence.currency)
    ),
    "strategy": Variable(
        "text", "", "Name of the strategy that made the signal", "SMC intraday",
        lambda evidence: evidence.strategy, outside=True,
    ),
    "timeframe": Variable("text", "", "Timeframe of the signal", "M5", lambda evidence: evidence.timeframe),
    "direction": Variable("text", "", "long or short", "long", lambda evidence: evidence.direction),
    "entry_type": Variable(
        "text", "", "Kind of order", "BUY LIMIT", lambda evidence: evidence.entry_type.replace("_", " ")
    ),
    "entry": Variable("price", "currency", "Entry", "1.08420", lambda evidence: _price(evidence.entry, evidence)),
    "stop": Variable("price", "currency", "Stop", "1.08310", lambda evidence: _price(evidence.stop, evidence)),
    "targets": Variable(
        "table", "currency, R", "Targets, the nearest first", "1.08640 (2R, 2.00 R)",
        lambda evidence: _lines(_target(one, evidence) for one in evidence.targets),
    ),
    "reward_risk": Variable(
        "number", "R", "Reward of the target for one of risk", "3.00", lambda evidence: f"{evidence.reward_risk:.2f}"
    ),
    "confidence": Variable(
        "number", "%", "Confidence of the technical votes", "57", lambda evidence: f"{evidence.confidence * 100:.0f}"
    ),
    "band": Variable("text", "", "Band of that confidence", "MEDIUM", lambda evidence: evidence.band),
    "last_close": Variable(
        "price", "currency", "Close of the last bar", "1.08465", lambda evidence: _price(evidence.last_close, evidence)
    ),
    "atr": Variable(
        "price", "currency", "ATR(14) of the signal's timeframe", "0.00042",
        lambda evidence: _price(evidence.atr, evidence),
    ),
    "as_of": Variable(
        "time", "UTC", "Close of the last bar that was seen", "2026-11-20 12:05 UTC",
        lambda evidence: _moment(evidence.as_of),
    ),
    "expires_at": Variable(
        "time", "UTC", "Until when it can be taken", "2026-11-20 16:05 UTC",
        lambda evidence: _moment(evidence.expires_at),
    ),
    "structure": Variable(
        "table", "", "Market structure by timeframe, the longest first", "H4: up, BOS at 1.08610", _structure
    ),
    "events": Variable(
        "table", "currency", "Pattern events, the nearest to the last close first",
        "M5 order block up, 1.08400 to 1.08425, known 2026-11-20 11:40 UTC, score 0.70", _events,
    ),
    "indicators": Variable("table", "", "Indicators by timeframe", "M5 RSI14: 58.2", _indicators),
    "levels": Variable(
        "table", "currency", "Levels, the nearest to the last close first", "D1 previous day high: 1.08730", _levels
    ),
    "votes": Variable(
        "table", "", "The technical votes for and against", "trend, EMA(50): for, strength 0.80, weight 1", _votes,
        outside=True,
    ),
    "bars": Variable(
        "table", "currency", "The last bars of the signal's timeframe, the oldest first",
        "2026-11-20 12:00 UTC 1.08440 1.08470 1.08430 1.08465 312", _bars,
    ),
    "notes": Variable(
        "table", "", "News and notes about it", "calendar: US inflation at 13:30", _notes, outside=True
    ),
}  # fmt: skip
"""Every variable by name, in the order in which the editor lists them."""
