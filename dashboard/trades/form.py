"""What the trader says about one trade, and what happens when somebody else said something meanwhile.

The form keeps what it was filled from. A save names that version; when another tab was faster, nothing is written: both
versions are shown field by field, and the person chooses.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import ChartroomError, EditConflictError
from dashboard import data, dialogs
from dashboard.components import dialog_parts
from dashboard.components.markup import show, tag
from dashboard.components.panels import section
from dashboard.trades.conflict import conflict_panel
from db.actions.edit_trades import BEST, LENGTHS, edit_trade
from db.models import Playbook, PlaybookRule
from db.views import journal, trades
from db.views.trades import TradeDetail

NO_PLAYBOOK = 0
_KEPT = {True: "Kept", False: "Broken"}


def trade_form(key: data.Stamp, detail: TradeDetail) -> None:
    """Draw the form, or the two versions where they differ."""
    trade_id = detail.trade.id or 0
    base = _base(detail)
    books = data.cached(key, trades.playbooks)
    if conflict_panel(key, detail, books):
        _keep(trade_id)
        return
    section("What you say about it")
    setup, emotion = st.columns(2, gap="small")
    with setup:
        _word("Setup", "setup", trade_id, data.cached(key, journal.setups))
    with emotion:
        _word("Emotion", "emotion", trade_id, data.cached(key, journal.emotions))
    _rating(trade_id)
    _tags(trade_id, list(data.cached(key, journal.tag_names).values()))
    rules = _playbook(key, trade_id, detail, books)
    st.text_area("Notes (Markdown)", key=_key(trade_id, "note"), height=170, max_chars=LENGTHS["note"])
    dialog_parts.show_kept(_key(trade_id, "error"))
    with st.container(horizontal=True, gap="small", key="trade_save"):
        st.button("Save", type="primary", key="save", on_click=_save, args=(trade_id, rules))
        if changed(trade_id, rules):
            st.button("Discard changes", key="discard", on_click=forget, args=(trade_id,))
            st.caption("Not saved yet")
    # Below the buttons: what appeared above them would move Save away between the press and the release of a click.
    _notice(detail, base)
    _read_note(str(st.session_state[_key(trade_id, "note")] or ""))


def _read_note(note: str) -> None:
    """The note as it reads; pictures from an address would tell that address when the note is read."""
    if note.strip():
        with st.container(key="trade_note"):
            st.markdown(note.replace("![", "["))


def values(trade_id: int, rules: list[int]) -> dict[str, Any]:
    """What the widgets say, as `edit_trade` takes it."""
    state = st.session_state

    def get(name: str) -> Any:
        return state.get(_key(trade_id, name))

    playbook = get("playbook_id") or None
    marks = {str(rule): get(f"rule_{rule}") for rule in rules} if playbook else {}
    return {
        "setup": str(get("setup") or "").strip(),
        "emotion": str(get("emotion") or "").strip(),
        "rating": get("rating"),
        "tags": sorted({" ".join(str(name).split()) for name in get("tags") or ()} - {""}),
        "playbook_id": playbook,
        "rules": {rule: mark for rule, mark in marks.items() if mark is not None},
        "note": str(get("note") or "").strip(),
    }


def changed(trade_id: int, rules: list[int]) -> dict[str, Any]:
    """The fields that differ from what the form was filled from."""
    base = st.session_state[_key(trade_id, "base")]["said"]
    found = values(trade_id, rules)
    return {name: value for name, value in found.items() if value != base[name]}


def forget(trade_id: int) -> None:
    """Fill the form anew at the next run: what was typed is gone; for callbacks."""
    for name in [name for name in st.session_state if str(name).startswith(_key(trade_id, ""))]:
        del st.session_state[name]


def follow(trade_id: int) -> None:
    """After an action of one's own that adds to the note: what was not being edited is filled anew; for callbacks."""
    start = _key(trade_id, "rule_")
    rules = [int(str(name).removeprefix(start)) for name in st.session_state if str(name).startswith(start)]
    if _key(trade_id, "base") in st.session_state and not changed(trade_id, rules):
        forget(trade_id)


def _key(trade_id: int, name: str) -> str:
    return f"edit_{trade_id}_{name}"


def _base(detail: TradeDetail) -> dict[str, Any]:
    """What the form was filled from: the version and its fields. A change of nothing said moves the version on."""
    trade_id, state = detail.trade.id or 0, st.session_state
    name = _key(trade_id, "base")
    known = state.get(name)
    if known is None:
        _fill(trade_id, detail.said)
    if known is None or known["said"] == detail.said:
        state[name] = {"version": detail.trade.version, "said": detail.said}
    found: dict[str, Any] = state[name]
    return found


def _fill(trade_id: int, said: dict[str, Any]) -> None:
    state = st.session_state
    for name in ("setup", "emotion"):
        state[_key(trade_id, name)] = said[name] or None
    state[_key(trade_id, "rating")] = said["rating"]
    state[_key(trade_id, "tags")] = list(said["tags"])
    state[_key(trade_id, "playbook_id")] = said["playbook_id"] or NO_PLAYBOOK
    state[_key(trade_id, "note")] = said["note"]
    for rule, kept in said["rules"].items():
        state[_key(trade_id, f"rule_{rule}")] = kept


def _keep(trade_id: int) -> None:
    """What was typed outlives a run that shows the two versions instead of the form."""
    for name in [str(name) for name in st.session_state if str(name).startswith(_key(trade_id, ""))]:
        if not name.startswith(_key(trade_id, "choice_")):
            st.session_state[name] = st.session_state[name]


def _notice(detail: TradeDetail, base: dict[str, Any]) -> None:
    """Say that the trade is not what the form was filled from any more."""
    theirs = [name for name, value in detail.said.items() if value != base["said"][name]]
    if not theirs:
        return
    names = ", ".join(name.removesuffix("_id") for name in theirs)
    show(
        tag(
            "div",
            tag("b", "Changed in the meantime: "),
            f"{names}. Save shows both versions side by side; nothing is overwritten.",
            cls="changed",
        )
    )
    st.button("Load the new version", key="reload", on_click=forget, args=(detail.trade.id or 0,))


def _word(label: str, name: str, trade_id: int, known: list[str]) -> None:
    key = _key(trade_id, name)
    own = st.session_state.get(key)
    options = known if own is None or own in known else [*known, own]
    st.selectbox(label, options, index=None, key=key, accept_new_options=True, placeholder="None; type a new one")


def _rating(trade_id: int) -> None:
    st.segmented_control(
        "Rating", range(1, BEST + 1), format_func=lambda stars: "★" * stars, key=_key(trade_id, "rating")
    )


def _tags(trade_id: int, known: list[str]) -> None:
    key = _key(trade_id, "tags")
    options = sorted({*known, *st.session_state.get(key, ())})
    st.multiselect("Tags", options, key=key, accept_new_options=True, placeholder="None; type a new one")


def _playbook(key: data.Stamp, trade_id: int, detail: TradeDetail, books: list[Playbook]) -> list[int]:
    """The playbook and a mark for each of its rules; returns the rules' ids."""
    names: dict[int, str] = {NO_PLAYBOOK: "None"} | {one.id or 0: one.name for one in books}
    chosen_key = _key(trade_id, "playbook_id")
    current = st.session_state.get(chosen_key, NO_PLAYBOOK)
    names.setdefault(current, f"Playbook {current} (archived)")
    chosen = st.selectbox("Playbook", list(names), format_func=lambda one: names[one], key=chosen_key)
    if not chosen:
        if not books:
            st.button("New playbook", key="trade_playbooks", on_click=dialogs.show, args=("playbooks", 0))
        return []
    checked = [int(rule) for rule in detail.said["rules"]]
    found: list[PlaybookRule] = data.cached(key, trades.rules, chosen, checked)
    with st.container(gap=None, key="trade_rules"):
        for rule in found:
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                show(
                    tag(
                        "span",
                        tag("span", rule.text, cls="plain"),
                        tag("span", " (taken out)", cls="muted") if rule.archived_at else "",
                    )
                )
                st.segmented_control(
                    rule.text.strip() or "Rule",
                    list(_KEPT),
                    format_func=lambda kept: _KEPT[kept],
                    label_visibility="collapsed",
                    key=_key(trade_id, f"rule_{rule.id}"),
                    width=128,
                )
    return [rule.id or 0 for rule in found]


def _save(trade_id: int, rules: list[int]) -> None:
    base = st.session_state[_key(trade_id, "base")]
    wanted = changed(trade_id, rules)
    # A fill or a moved stop is a new version too, and no other word about the trade: nothing of it is overwritten.
    now = data.read(trades.trade_detail, trade_id)
    version = now.trade.version if now is not None and now.said == base["said"] else base["version"]
    try:
        edit_trade(data.engine(), trade_id, version, wanted, data.now())
    except EditConflictError as error:
        st.session_state[_key(trade_id, "conflict")] = {"fields": error.fields, "mine": sorted(wanted)}
    except ChartroomError as error:
        st.session_state[_key(trade_id, "error")] = error.message
    else:
        forget(trade_id)
        dialogs.succeed(f"Trade {trade_id} is saved.")
