"""What a trade is, in figures: one strip, its fills, how stop and target moved, and everything that was changed."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pandas as pd

from core.risk import plain
from core.stats.excursions import by_trade
from dashboard.components import formats
from dashboard.components.markup import Markup, show, table, tag
from dashboard.components.panels import Figure, section, strip, tone
from dashboard.journal import figures as journal_figures
from dashboard.journal.list import held
from db.models import TradeChange, TradeFill
from db.views.desk import LastPrice
from db.views.trades import TradeDetail

_FILL_HEADS = (
    ("Fill (UTC)", "nowrap"), ("What", ""), ("Quantity", "num"), ("Price", "num"), ("Stop then", "num"),
    ("Fee", "num"), ("Swap", "num"), ("Made", "num"),
)  # fmt: skip
_MOVE_HEADS = (("Moved (UTC)", "nowrap"), ("What", ""), ("From", "num"), ("To", "num"), ("Note", ""))
_CHANGE_HEADS = (("Written (UTC)", "nowrap"), ("Version", "num"), ("Field", ""), ("Before", ""), ("After", ""))
_LEVELS = ("stop", "target")


def facts(detail: TradeDetail, last: LastPrice | None) -> None:
    """The strip: result, R, risk, prices, costs, time, and how far the price went against it and in its favour."""
    row, tick = detail.row, float(detail.row["tick_size"])
    currency = str(row["account_currency"])
    away = by_trade(pd.DataFrame([row]))
    result, multiple = _result(row, last)
    moved = f"{_r(away.mae_r[0])} / {_r(away.mfe_r[0])}"
    kept = formats.percent(None if formats.absent(away.efficiency[0]) else float(away.efficiency[0]))
    costs = row["fees"] + row["swap"]
    strip(
        (
            result,
            multiple,
            Figure(
                "Risk", formats.money(row["risk"], currency), f"first stop {formats.price(row['first_stop'], tick)}"
            ),
            Figure("Quantity", formats.quantity(row["quantity"]), f"{formats.quantity(row['open_quantity'])} open"),
            Figure("Entry", formats.price(row["entry_price"], tick), formats.utc(row["opened_at"])),
            _leave(row, last, tick),
            Figure("Stop and target", formats.price(row["stop"], tick), f"target {formats.price(row['target'], tick)}"),
            Figure("Fees and swap", formats.money(costs, currency), f"swap {formats.money(row['swap'])}"),
            *_foreign(row),
            Figure("Held", held(row), "so far" if row["status"] == "open" else ""),
            Figure("Worst / best", moved, "not known yet" if "-" == moved[0] == moved[-1] else f"exit kept {kept}"),
        )
    )


def _foreign(row: pd.Series) -> list[Figure]:
    """The rate by which a trade in another currency than its account's is booked until it is closed."""
    own, foreign = str(row["account_currency"]), str(row["currency"])
    if own == foreign:
        return []
    return [Figure("Booked by the rate", plain(row["fx_rate"]), f"1 {foreign} in {own}, as imported")]


def _result(row: pd.Series, last: LastPrice | None) -> tuple[Figure, Figure]:
    currency = str(row["account_currency"])
    if row["status"] == "closed":
        r = None if formats.absent(row["r_multiple"]) else float(row["r_multiple"])
        return (
            Figure("Result", formats.money(row["pnl"], currency, signed=True), "after costs", tone(row["pnl"])),
            Figure("R", formats.multiple(r), "" if r is not None else "it had no stop", tone(r)),
        )
    pnl, multiple = journal_figures.floating(row, last)
    realised = Decimal(0) if formats.absent(row["pnl"]) else row["pnl"]
    note = f"{formats.money(realised, signed=True)} realised" if realised else "at the last stored close"
    return (
        Figure("Floating", formats.money(pnl, currency, signed=True), note, tone(pnl)),
        Figure("R, floating", formats.multiple(multiple), "of what is open", tone(multiple)),
    )


def _leave(row: pd.Series, last: LastPrice | None, tick: float) -> Figure:
    if row["status"] == "closed":
        return Figure("Exit", formats.price(row["exit_price"], tick), formats.utc(row["closed_at"]))
    if last is None:
        return Figure("Last", formats.NOTHING, "no bar stored yet")
    return Figure("Last", formats.price(last.price, tick), formats.utc(last.as_of))


def _r(value: float) -> str:
    return formats.NOTHING if formats.absent(value) else f"{value:+.2f}\u202fR"


def fills(detail: TradeDetail) -> None:
    """Every execution in time."""
    section(f"Fills ({len(detail.fills)})")
    tick = float(detail.row["tick_size"])
    show(table(_FILL_HEADS, [_fill(one, place, tick) for place, one in enumerate(detail.fills)]))


def _fill(one: TradeFill, place: int, tick: float) -> tuple[object, ...]:
    entry = "Entry" if place == 0 else "Scale-in"
    made = one.realised if one.kind == "exit" or one.realised else None
    return (
        formats.utc(one.at, seconds=True),
        entry if one.kind == "entry" else "Exit",
        formats.quantity(one.quantity),
        formats.price(one.price, tick),
        formats.price(one.stop, tick),
        formats.money(one.fee) if one.fee else formats.NOTHING,
        formats.money(one.swap) if one.swap else formats.NOTHING,
        tag("span", formats.money(made, signed=True), cls=tone(made)),
    )


def moves(detail: TradeDetail) -> None:
    """How stop and target moved, from the first ones on."""
    tick = float(detail.row["tick_size"])
    found = [one for one in detail.changes if one.field in _LEVELS]
    section("Stop and target over time")
    first = _first(detail, tick)
    show(table(_MOVE_HEADS, [*first, *(_move(one, tick) for one in found)]))


def _first(detail: TradeDetail, tick: float) -> list[tuple[object, ...]]:
    """What stood at the entry: the level before its first move, else the one that stands."""
    rows: list[tuple[object, ...]] = []
    for name in _LEVELS:
        moved = [one for one in detail.changes if one.field == name]
        level = moved[0].before if moved else getattr(detail.trade, name)
        rows.append((formats.utc(detail.trade.opened_at), f"{name.capitalize()} at entry", "", _price(level, tick), ""))
    return rows


def _move(one: TradeChange, tick: float) -> tuple[object, ...]:
    name = one.field.capitalize()
    return (formats.utc(one.at), f"{name} moved", _price(one.before, tick), _price(one.after, tick), one.note)


def _price(value: Any, tick: float) -> str:
    return "none" if value is None else formats.price(float(value), tick)


def history(detail: TradeDetail, names: dict[str, dict[str, str]]) -> Markup:
    """What was said and changed, the newest first; `names` has words for ids, by field."""
    rows = [
        (
            formats.utc(one.booked_at),
            one.version,
            formats.words(one.field.removesuffix("_id")),
            said(one.field, one.before, names),
            said(one.field, one.after, names),
        )
        for one in reversed(detail.changes)
    ]
    return table(_CHANGE_HEADS, rows, cls="changes")


def said(field: str, value: Any, names: dict[str, dict[str, str]]) -> str:
    """A value of a field as people read it."""
    known = names.get(field, {})
    if value in (None, "", [], {}):
        return formats.NOTHING
    if field == "rating":
        return "★" * int(value)
    if isinstance(value, dict):
        marks = (f"{known.get(str(key), key)}: {'kept' if kept else 'broken'}" for key, kept in sorted(value.items()))
        return "; ".join(marks)
    if isinstance(value, list | tuple):
        return ", ".join(str(one) for one in value)
    return known.get(str(value), str(value))
