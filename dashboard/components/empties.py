"""What each place says while there is nothing in it: what will fill it, and how."""

from __future__ import annotations

from dashboard.components.panels import code, empty


def no_signals() -> None:
    empty(
        "No signals yet.",
        "Each active strategy scans its symbols on its schedule, as soon as their bars are stored; what it finds "
        "appears here by itself. Import bars of your own with ",
        code("python -m workers import-bars FILE --symbol S --timeframe 1m"),
        ".",
    )


def no_matching_signals() -> None:
    empty("No signal matches these filters.", "Take one away to see more.")


def unknown_signal(signal_id: int) -> None:
    empty(f"There is no signal {signal_id}.", "The address names one that does not exist. Choose one from the table.")


def no_pattern_bars() -> None:
    empty(
        "No bars yet, so no patterns.",
        "Patterns are found in every symbol's bars as soon as these are stored. The feed brings them by itself once ",
        code("make run"),
        " is up; a file of your own comes in with ",
        code("python -m workers import-bars FILE --symbol S --timeframe 1m"),
        ".",
    )


def unknown_symbol(symbol_id: int) -> None:
    empty(f"There is no symbol {symbol_id} with bars.", "The address names one that does not exist. Choose one above.")


def no_chart_symbols() -> None:
    empty(
        "No symbols yet, so no charts.",
        "Symbols and their bars arrive by themselves once ",
        code("make run"),
        " is up; a file of your own comes in with ",
        code("python -m workers import-bars FILE --symbol S --timeframe 1m"),
        ".",
    )


def unknown_chart_symbol(symbol_id: int) -> None:
    empty(f"There is no symbol {symbol_id}.", "The address names one that does not exist. Search one above.")


def no_families() -> None:
    empty("No pattern family is switched on.", "Switch one on above to see what it finds.")


def no_matching_events() -> None:
    empty("No event matches.", "Switch another family on, take a filter away, or choose another timeframe.")


def no_records() -> None:
    empty(
        "No event in the stored history yet.",
        "The record of each kind begins with its first event, and its odds with the first that has 50 bars behind it.",
    )


def review_done(judged: int, skipped: int) -> None:
    left = f" {skipped} skipped." if skipped else ""
    empty(f"{judged} judged.{left}", "Nothing is left in this queue. New events join it as they become known.")


def no_strategies() -> None:
    empty(
        "No strategies yet.",
        "Press New strategy, or let ",
        code("python -m workers seed"),
        " add the two that a desk starts with. A strategy of your own is one file in the folder that ",
        code("CHARTROOM_STRATEGIES"),
        " names.",
    )


def unknown_strategy(strategy_id: int) -> None:
    empty(f"There is no strategy {strategy_id}.", "The address names one that does not exist. Choose one of the list.")


def no_runs() -> None:
    empty("It has not run yet.", "It runs on its schedule while it is on; Run now does not wait for that.")


def no_bars() -> None:
    empty("No bars are stored for this time.", "They arrive with the next fetch, or with an import of a file.")


def no_account() -> None:
    empty(
        "There is no account yet.",
        "The practice account is made when the desk starts: run ",
        code("make run"),
        ", or ",
        code("python -m workers seed"),
        " where it runs already.",
    )


def no_equity() -> None:
    empty("No trade is closed yet.", "The curve begins with the first one: close an open trade in the Journal.")


def no_open_trades() -> None:
    empty("No open trades.", "Accept a signal on the Signals page: its trade is then followed here until you close it.")


def no_closed_trades() -> None:
    empty("No closed trades.", "Close an open trade above: its result in money and R is kept here for good.")


def no_lineage() -> None:
    empty(
        "Nothing to trace yet.",
        "Every signal records the steps it came from, and every decision about it adds one. "
        "The first signal fills this page.",
    )


def unknown_subject(entity: str, entity_id: int) -> None:
    empty(f"There is no {entity} {entity_id}.", "The address names one that does not exist. Choose one above.")


def no_steps(what: str) -> None:
    empty(
        f"No steps are recorded for {what}.",
        "Steps are written together with what they make; this one is from before they were, or made nothing.",
    )


def nothing_found(recent: int) -> None:
    empty(
        "Nothing was found.",
        f"Text is looked for in the newest {recent:,} steps; a number finds any. Take a filter away to see more.",
    )


def no_jobs(what: str, how: str) -> None:
    empty(what, how)


def no_open_trades_at_home() -> None:
    empty("No open trades.", "Accept a signal: its trade is then marked here at every new bar.")
