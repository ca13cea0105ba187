"""One signal in words and figures: heading, levels with their R, and the votes that make up its confidence."""

from __future__ import annotations

from core.stats.journal import wilson_interval
from core.stats.outcomes import CALIBRATED_FROM
from dashboard import data
from dashboard.charts.overlays import Target
from dashboard.components import formats
from dashboard.components.markup import Markup, pill, show, table, tag
from dashboard.components.panels import Figure, heading, section, strip
from dashboard.orders import words as order_words
from db.models import Signal, SignalOutcome, SignalVote
from db.store.orders.terms import terms_of
from db.views.signals import BandRecord, SignalDetail

OUTCOMES = {
    "waiting": "the entry has not traded yet",
    "open": "filled and still open",
    "target": "target met",
    "stop": "stopped out",
    "expired": "time ran out",
    "never_filled": "the entry never traded",
}
STATUS_TONE = {"new": "accent", "accepted": "up", "rejected": "down", "expired": ""}


def targets_of(signal: Signal) -> list[Target]:
    """The stored targets with what each pays, in multiples of the signal's own risk."""
    risk = signal.entry - signal.stop
    found = []
    for one in signal.targets or [{"name": "target", "price": signal.target}]:
        level = float(one["price"])
        known = one.get("r")
        found.append(
            Target(str(one.get("name", "target")), level, float(known) if known else (level - signal.entry) / risk)
        )
    return found


def title(detail: SignalDetail) -> None:
    """Symbol, side, order, strategy and state; when it was seen and until when it holds."""
    signal = detail.signal
    heading(
        f"{detail.symbol.name}",
        tag("b", formats.side(signal.direction), cls="up" if signal.direction > 0 else "down"),
        signal.entry_type.replace("_", " ").lower(),
        formats.timeframe(signal.timeframe),
        detail.strategy.name,
        pill(signal.status, STATUS_TONE.get(signal.status, "")),
        f"Signal {signal.id}",
        source=detail.symbol.source,
    )
    if signal.reason:
        show(tag("div", f"{signal.status.capitalize()}: {signal.reason}", cls="plain muted"))
    if detail.order is not None:
        show(order_line(detail))
    became = outcome_line(detail.outcome)
    if became:
        show(tag("div", became, cls="plain muted"))


def order_line(detail: SignalDetail) -> Markup:
    """How the order stands that the signal was accepted with: until it fills there is no trade."""
    order = detail.order
    assert order is not None
    waits = order_words.waits_at(terms_of(order), detail.symbol.tick_size)
    what = f"Order {order.ticket_id}: {order_words.side_of(order.side)} {formats.quantity(order.quantity)} {waits} "
    filled = f" {formats.quantity(order.filled)} filled" if order.filled else ""
    end = "" if detail.trade is not None else ", no trade yet"
    pill_ = order_words.status_pill(order.status, cancelling=order.cancelling)
    return tag("div", what, pill_, tag("span", f"{filled}{end}", cls="muted"), cls="moment")


def levels(detail: SignalDetail, now_ms: int) -> None:
    """Entry, stop, target, reward, confidence, the bar it was seen at, and its expiry."""
    signal, tick, now = detail.signal, detail.symbol.tick_size, data.now()
    left = (signal.expires_at - now_ms) / 1000
    open_for = f"in {formats.age(left)}" if left > 0 else "is over"
    holds = open_for if signal.status == "new" else f"is {signal.status}"
    strip(
        (
            Figure("Entry", formats.price(signal.entry, tick), formats.words(signal.entry_type).lower()),
            Figure(
                "Stop", formats.price(signal.stop, tick), f"{abs(signal.entry - signal.stop) / tick:,.0f} ticks", "down"
            ),
            Figure("Target", formats.price(signal.target, tick), formats.multiple(signal.reward_risk), "up"),
            Figure("Confidence", formats.percent(signal.confidence), formats.words(signal.band).lower()),
            Figure("As of (UTC)", formats.short_utc(signal.as_of, now), "close of the last bar seen"),
            Figure("Expires (UTC)", formats.short_utc(signal.expires_at, now), holds, "" if left > 0 else "muted"),
        )
    )


def target_table(detail: SignalDetail) -> None:
    section("Targets")
    tick = detail.symbol.tick_size
    rows = [(one.name, formats.price(one.price, tick), formats.multiple(one.r)) for one in targets_of(detail.signal)]
    show(table((("Target", ""), ("Price", "num"), ("Reward", "num")), rows))


def vote_table(votes: list[SignalVote], confidence: float, record: BandRecord, band: str) -> None:
    """Every vote with its weight and strength, how the confidence comes out of them, and how the band did so far."""
    section("Votes behind it")
    heads = (("Family", "nowrap"), ("Evidence", ""), ("Vote", "nowrap"), ("Weight", "num"), ("Strength", "num"))
    show(table(heads, [_vote_row(vote) for vote in votes]))
    show(tag("div", confidence_line(votes, confidence), cls="plain muted"))
    show(tag("div", calibration_line(record, band), cls="plain muted"))


def confidence_line(votes: list[SignalVote], confidence: float) -> str:
    """The arithmetic in one sentence, from the stored votes."""
    if not votes:
        return "No votes are stored for this signal."
    pro = sum(vote.weight * vote.strength for vote in votes if vote.vote > 0)
    total = sum(vote.weight for vote in votes)
    return (
        f"Confidence {confidence:.2f} = weight x strength of the votes for it ({pro:.2f}) "
        f"÷ all weights ({total:.2f}). Votes against it and abstentions add nothing."
    )


def calibration_line(record: BandRecord, band: str) -> str:
    """What a band's confidence was worth so far, or that nobody knows yet."""
    name = formats.words(band).lower()
    if record.strategy_ended < CALIBRATED_FROM or record.band_ended == 0:
        return (
            f"Not calibrated: {record.strategy_ended} of the {CALIBRATED_FROM} ended signals of this strategy "
            f"that a measured hit rate needs, {record.band_ended} of them in the band “{name}”."
        )
    low, high = wilson_interval(record.band_hits, record.band_ended)
    return (
        f"Measured: {record.band_hits} of {record.band_ended} ended signals in the band “{name}” met their target, "
        f"{formats.percent(record.band_hits / record.band_ended)} "
        f"(95 %: {formats.percent(low)} to {formats.percent(high)})."
    )


def outcome_line(outcome: SignalOutcome | None) -> str:
    """What became of the signal as it was suggested, whatever was decided; empty before anything is known."""
    if outcome is None:
        return ""
    said = OUTCOMES[outcome.state]
    figures = []
    if outcome.ended_at is not None:
        figures.append(f"at {formats.utc(outcome.ended_at)} UTC")
    if outcome.result_r is not None:
        figures.append(f"result {formats.multiple(outcome.result_r)}")
    if outcome.mfe_r is not None and outcome.mae_r is not None:
        figures.append(f"best {formats.multiple(outcome.mfe_r)}, worst {formats.multiple(outcome.mae_r)}")
    return "As suggested: " + ", ".join([said, *figures])


def _vote_row(vote: SignalVote) -> tuple[object, ...]:
    said: Markup = {
        1: tag("span", "for", cls="up"),
        -1: tag("span", "against", cls="down"),
    }.get(vote.vote, tag("span", "neutral", cls="muted"))
    evidence = tag("span", vote.name, " ", tag("span", vote.detail, cls="muted"))
    return (vote.family, evidence, said, f"{vote.weight:.2f}", f"{vote.strength:.2f}")
