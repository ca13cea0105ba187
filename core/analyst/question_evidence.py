"""What an answer about the journal may stand on: tables of figures by key, and what the trader wrote."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Any, Self

from core.analyst.citing import Figure
from core.analyst.question_figures import DATE, Column, Table
from core.errors import AnalystError


@dataclass(frozen=True)
class TradeNote:
    """What the trader wrote about a trade."""

    trade_id: int
    text: str


@dataclass(frozen=True)
class Evidence:
    """Everything an answer may stand on. `scope` says in words which trades it is about; `trades` are the ids of the
    largest losses and gains among them.
    """

    scope: str
    tables: tuple[Table, ...]
    figures: Mapping[str, Figure]
    trades: tuple[int, ...] = ()
    notes: tuple[TradeNote, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """What is stored."""
        figures = {key: asdict(one) | {"value": _stored(one.value)} for key, one in self.figures.items()}
        return {
            "scope": self.scope,
            "tables": [asdict(one) for one in self.tables],
            "figures": figures,
            "trades": list(self.trades),
            "notes": [asdict(one) for one in self.notes],
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """What was stored; nothing for a question whose figures are not there yet."""
        return cls(
            str(stored.get("scope", "")),
            tuple(_table_of(one) for one in stored.get("tables", ())),
            {key: _figure_of(one) for key, one in stored.get("figures", {}).items()},
            tuple(stored.get("trades", ())),
            tuple(TradeNote(**one) for one in stored.get("notes", ())),
        )


class NoEvidenceError(AnalystError):
    """No trade and no signal is there to answer from."""

    reason = "no_evidence"


def _stored(value: Decimal | str) -> str:
    return value if isinstance(value, str) else str(value)


def _figure_of(stored: Mapping[str, Any]) -> Figure:
    value = str(stored["value"])
    several = {name: tuple(stored.get(name, ())) for name in ("mentions", "quotes", "dates")}
    plain = {name: str(stored[name]) for name in ("key", "title", "unit", "written", "definition", "table", "group")}
    return Figure(value=value if stored["unit"] == DATE else Decimal(value), **plain, **several)  # type: ignore[arg-type]


def _table_of(stored: Mapping[str, Any]) -> Table:
    return Table(
        str(stored["key"]),
        str(stored["title"]),
        tuple(Column(**one) for one in stored["columns"]),
        tuple((str(group), tuple(keys)) for group, keys in stored["rows"]),
        str(stored.get("note", "")),
    )
