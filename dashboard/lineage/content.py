"""What a step made, as people look at it: the chart, the votes, the prompt and the answer, the history of an order."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import streamlit as st

from core.analyst.question_evidence import Evidence
from core.bar_pack import unpack
from core.errors import BarsError, ChartroomError
from core.timeframe import Timeframe
from dashboard import data, navigation
from dashboard.ask.answer import sentence
from dashboard.ask.figures import figure_tables
from dashboard.charts.address import write_moment
from dashboard.charts.exports import charts_folder
from dashboard.components import formats
from dashboard.components.markup import Markup, markdown, pill, show, table, tag
from dashboard.components.panels import note, section
from db.actions.scan_trace import PACKED
from db.models import LineageStep, Opinion
from db.store.charts.exports import read_file
from db.views.lineage import content as lineage_content
from db.views.lineage.chain import Trace

_ARROWS = {1: "for", 0: "abstains", -1: "against"}
_BARS = 8
_PAIRS = (("", "nowrap muted"), ("", "plain"))


def content(step: LineageStep, chain: Trace) -> None:
    """Draw what this kind of step has to show; nothing for a kind that is told by its figures alone."""
    drawn = _CONTENTS.get(step.kind)
    if drawn is not None:
        drawn(step, chain)


def facts(values: Mapping[str, Any]) -> Markup:
    """Names and values as a table of two columns."""
    return table(
        _PAIRS, ((formats.words(key), facts_value(key, value)) for key, value in values.items()), cls="pairs values"
    )


def _bars(step: LineageStep, _chain: Trace) -> None:
    told = {**step.parameters, **step.inputs}
    name, frame = told.get("symbol"), str(told.get("timeframe") or "")
    symbol = data.read(lineage_content.symbol, str(name)) if name else None
    last = step.output.get("last")
    if symbol is None or frame not in Timeframe.__members__:
        return
    seen = told.get("slot") or (Timeframe[frame].close_time(last) if isinstance(last, int) else None)
    as_of = write_moment(seen) if isinstance(seen, int) else None
    navigation.link("charts", "The chart as of that moment", symbol=symbol.id, timeframe=frame, as_of=as_of)
    _last_bars(step, Timeframe[frame], symbol.tick_size)


def _last_bars(step: LineageStep, timeframe: Timeframe, tick: float) -> None:
    """The end of what the run saw, whatever was corrected since."""
    packed = step.output.get(PACKED)
    if not isinstance(packed, str):
        return
    try:
        bars = unpack(packed, timeframe)
    except BarsError as error:
        note(error.message)
        return
    shown = range(len(bars) - 1, max(0, len(bars) - _BARS) - 1, -1)
    section(f"The last {len(shown)} of {len(bars)} bars as they were seen")
    heads = (("Opened (UTC)", "nowrap"), *((name, "num") for name in ("Open", "High", "Low", "Close", "Volume")))
    prices = (bars.open, bars.high, bars.low, bars.close)
    rows = (
        (formats.utc(int(bars.time[at])), *(formats.price(float(one[at]), tick) for one in prices),
         f"{bars.volume[at]:,.0f}")
        for at in shown
    )  # fmt: skip
    show(table(heads, rows, cls="values"))


def _indicators(step: LineageStep, _chain: Trace) -> None:
    values = _stored(step) or step.output
    if values:
        section("Values at the last bar")
        rows = ((name, _figure(value)) for name, value in values.items())
        show(table((("Indicator", ""), ("Value", "num")), rows, cls="values"))


def _stored(step: LineageStep) -> dict[str, float | None]:
    """The run's snapshot of this timeframe; empty when it stored none."""
    frame = str(step.inputs.get("timeframe") or "")
    if step.run_id is None or frame not in Timeframe.__members__:
        return {}
    rows = data.read(lineage_content.snapshots, step.run_id)
    return next((row.values for row in rows if row.timeframe == Timeframe[frame]), {})


def _votes(step: LineageStep, chain: Trace) -> None:
    signal_id = chain.nearest(step.id or 0, "signal")
    votes = data.read(lineage_content.votes, signal_id) if signal_id is not None else []
    if not votes:
        return
    section("Votes")
    heads = (("Family", "nowrap"), ("Evidence", ""), ("Vote", "nowrap"), ("Weight", "num"), ("Strength", "num"))
    rows = (
        (vote.family, tag("span", vote.name, tag("div", vote.detail, cls="muted small")), _ARROWS[vote.vote],
         f"{vote.weight:g}", f"{vote.strength:.2f}")
        for vote in votes
    )  # fmt: skip
    show(table(heads, rows, cls="values"))


def _signal(step: LineageStep, _chain: Trace) -> None:
    with st.container(horizontal=True, gap="small"):
        navigation.link("signals", "Signal", signal=step.entity_id)
        navigation.link("charts", "Chart", signal=step.entity_id)


def _chart(step: LineageStep, _chain: Trace) -> None:
    row = data.read(lineage_content.export, step.entity_id) if step.entity_id is not None else None
    if row is None or row.path is None:
        note("The picture was deleted; its hash is kept below." if step.status == "done" else "There is no picture.")
        return
    try:
        image = read_file(charts_folder(), row.path)
    except ChartroomError as error:
        note(error.message)
        return
    if row.format == "png":
        st.image(image, caption=markdown(row.title))
    else:
        st.download_button(f"Download the {row.format.upper()}", image, row.path, key=f"lineage_file_{row.id}")


def _prompt(step: LineageStep, chain: Trace) -> None:
    version = step.entity_id if step.entity == "prompt_version" else chain.nearest(step.id or 0, "prompt_version")
    found = data.read(lineage_content.prompt, version) if version is not None else None
    if found is None:
        return
    prompt, wording = found
    section(f"{prompt.name}, version {wording.number}, {prompt.language}")
    _quoted("System", wording.system)
    _quoted("Template", wording.template)


def _opinion(step: LineageStep, chain: Trace) -> None:
    opinion_id = step.entity_id if step.entity == "opinion" else chain.nearest(step.id or 0, "opinion")
    row = data.read(lineage_content.opinion, opinion_id) if opinion_id is not None else None
    if row is None:
        return
    section(f"Answer of {row.model}")
    _answer(row)
    _quoted("Prompt", row.prompt)
    _quoted("The model's text", row.raw)


def _answer(row: Opinion) -> None:
    if row.answer:
        show(facts(row.answer))
    elif row.error and row.status != "failed":
        note(row.error)


def _fusion(step: LineageStep, _chain: Trace) -> None:
    """As it was then: a later opinion makes another fusion of the same signal."""
    made = step.output
    if "sentence" in made:
        section("What the parts come to")
        note(f"{made['sentence']} {formats.side(int(made['direction']))}, confidence {float(made['confidence']):.2f}.")


def _order(step: LineageStep, chain: Trace) -> None:
    ticket = step.entity_id if step.entity == "order_ticket" else chain.nearest(step.id or 0, "order_ticket")
    detail = data.read(lineage_content.order, ticket) if ticket is not None else None
    if detail is None:
        return
    tick = detail.symbol.tick_size
    section(f"Order {ticket}: {detail.symbol.name}, {detail.ticket.broker}")
    navigation.link("orders", "The order", order=ticket)
    legs = {leg.id: leg.leg for leg in detail.legs}
    rows = (
        (formats.utc(one.time, seconds=True), legs.get(one.order_id, ""), f"{one.before or 'new'} → {one.after}",
         f"{one.source}: {one.detail}" if one.detail else one.source)
        for one in detail.transitions
    )  # fmt: skip
    show(
        table((("Time (UTC)", "nowrap"), ("Leg", "nowrap"), ("Change", "nowrap"), ("Why", "plain")), rows, cls="values")
    )
    if detail.executions:
        heads = (
            ("Executed (UTC)", "nowrap"),
            ("Leg", "nowrap"),
            ("Quantity", "num"),
            ("Price", "num"),
            ("Costs", "num"),
        )
        traded = (
            (formats.utc(one.time, seconds=True), legs.get(one.order_id, ""), formats.quantity(one.quantity),
             formats.price(float(one.price), tick), formats.money(one.commission))
            for one in detail.executions
        )  # fmt: skip
        show(table(heads, traded, cls="values"))


def _trade(step: LineageStep, chain: Trace) -> None:
    trade_id = step.entity_id if step.entity == "trade" else step.inputs.get("trade")
    trade_id = trade_id if isinstance(trade_id, int) else chain.nearest(step.id or 0, "trade")
    if trade_id is None:
        return
    with st.container(horizontal=True, gap="small"):
        navigation.link("journal", f"Trade {trade_id} in the journal", trade=trade_id)
        navigation.link("charts", "Chart", trade=trade_id)
    fills = data.read(lineage_content.fills, trade_id)
    if fills:
        section("Fills")
        heads = (("Time (UTC)", "nowrap"), ("", ""), ("Quantity", "num"), ("Price", "num"), ("Realised", "num"))
        rows = (
            (formats.utc(one.at, seconds=True), one.kind, formats.quantity(one.quantity), f"{one.price:g}",
             formats.money(one.realised, signed=True) if one.kind == "exit" else formats.NOTHING)
            for one in fills
        )  # fmt: skip
        show(table(heads, rows, cls="values"))


def _decision(step: LineageStep, chain: Trace) -> None:
    signal_id = step.inputs.get("signal")
    signal_id = signal_id if isinstance(signal_id, int) else chain.nearest(step.id or 0, "signal")
    tone = {"accepted": "up", "rejected": "down"}.get(str(step.output.get("status")), "")
    if step.output.get("status"):
        show(tag("div", pill(str(step.output["status"]), tone), " ", str(step.output.get("reason") or "")))
    if signal_id is not None:
        navigation.link("signals", f"Signal {signal_id}", signal=signal_id)


def _question(step: LineageStep, chain: Trace) -> None:
    question_id = step.entity_id if step.entity == "question" else chain.nearest(step.id or 0, "question")
    row = data.read(lineage_content.question, question_id) if question_id is not None else None
    if row is None:
        return
    evidence = Evidence.from_json(row.evidence)
    _quoted("Question", row.question)
    if row.answer:
        section("Answer")
        for said in row.answer.get("sentences", ()):
            cited = [evidence.figures[key] for key in said["cites"] if key in evidence.figures]
            names = ", ".join(f"{one.title}: {one.written} ({one.key})" for one in cited)
            show(tag("div", sentence(said), tag("div", names, cls="muted small")))
    elif row.error:
        note(row.error)
    cites = {key for said in (row.answer or {}).get("sentences", ()) for key in said["cites"]}
    figure_tables(question_id or 0, evidence, frozenset(cites))
    navigation.link("ask", "The question on its page", question=question_id)


def _settings(step: LineageStep, _chain: Trace) -> None:
    if step.entity == "strategy":
        navigation.link("strategies", "The strategy", strategy=step.entity_id)
    if step.entity == "account":
        navigation.link("accounts", "The account", account=step.entity_id)
    if step.entity == "portfolio":
        navigation.link("portfolio", "The portfolio", portfolio=step.entity_id)


def _quoted(title: str, text: str) -> None:
    """Text from outside, as it is."""
    if text:
        section(title)
        show(tag("pre", text, cls="quoted"))


def facts_value(key: str, value: object) -> str:
    """Moments in UTC ms are read as such; what is nested is written in a line."""
    if isinstance(value, dict):
        told = {str(name): one for name, one in value.items() if one is not None and one != ""}
        return ", ".join(f"{formats.words(name)} {facts_value(name, one)}" for name, one in told.items())
    if isinstance(value, list):
        return ", ".join(facts_value(key, one) for one in value)
    if isinstance(value, int) and not isinstance(value, bool) and key in _MOMENTS:
        return f"{formats.utc(value, seconds=True)} UTC"
    if isinstance(value, bool):
        return str(value).lower()
    return _figure(value) if value is None or isinstance(value, float) else str(value)


_MOMENTS: Final = frozenset({"slot", "first", "last", "as_of", "start", "end", "until", "expires_at", "time"})


def _figure(value: float | None) -> str:
    if value is None or not isinstance(value, int | float):
        return formats.NOTHING if value is None else str(value)
    return f"{value:.8g}"


_CONTENTS: Final[dict[str, Callable[[LineageStep, Trace], None]]] = {
    "bars": _bars,
    "settings": _settings,
    "indicators": _indicators,
    "votes": _votes,
    "signal": _signal,
    "chart": _chart,
    "prompt": _prompt,
    "opinion": _opinion,
    "fusion": _fusion,
    "decision": _decision,
    "expiry": _decision,
    "refusal": _decision,
    "order": _order,
    "transition": _order,
    "execution": _order,
    "trade": _trade,
    "fill": _trade,
    "stop": _trade,
    "target": _trade,
    "close": _trade,
    "journal": _trade,
    "question": _question,
    "answer": _question,
}
