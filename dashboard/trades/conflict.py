"""Two edits of one trade: both versions of each field that differs, and the person's choice between them."""

from __future__ import annotations

from typing import Any

import streamlit as st

from core.errors import ChartroomError, EditConflictError
from dashboard import data, dialogs
from dashboard.components import dialog_parts
from dashboard.components.markup import show, table, tag
from dashboard.components.panels import section
from dashboard.trades.facts import said
from db.actions.edit_trades import edit_trade
from db.models import Playbook
from db.views import trades
from db.views.trades import TradeDetail

THEIRS, YOURS = "Theirs", "Yours"


def words(key: data.Stamp, detail: TradeDetail, books: list[Playbook]) -> dict[str, dict[str, str]]:
    """Words for the ids in a trade's fields: playbooks and rules."""
    rules = data.cached(key, trades.all_rules)
    return {"playbook_id": {str(one.id): one.name for one in books}, "rules": {str(rule): text for rule, text in rules}}


def conflict_panel(key: data.Stamp, detail: TradeDetail, books: list[Playbook]) -> bool:
    """Draw both versions when a save found another one in its way; False when there is nothing to choose."""
    trade_id = detail.trade.id or 0
    found = st.session_state.get(f"edit_{trade_id}_conflict")
    if found is None:
        return False
    known = words(key, detail, books)
    section("Changed in another place")
    show(
        tag(
            "div",
            tag("b", f"Trade {trade_id} was changed since you opened it, and nothing of yours is written yet. "),
            "Choose field by field what is to stay.",
            cls="changed",
        )
    )
    for name, (_, yours) in found["fields"].items():
        mine = name in found["mine"]
        theirs = detail.said.get(name)
        heads = (("Theirs, as it is stored", ""), ("Yours" if mine else "As you saw it", ""))
        section(name.removesuffix("_id").capitalize())
        show(table(heads, [(said(name, theirs, known), said(name, yours, known))], cls="changes"))
        st.segmented_control(
            f"Keep of {name}",
            (THEIRS, YOURS),
            default=YOURS if mine else THEIRS,
            label_visibility="collapsed",
            key=f"edit_{trade_id}_choice_{name}",
            required=True,
        )
    dialog_parts.show_kept(f"edit_{trade_id}_error")
    with st.container(horizontal=True, gap="small"):
        version = detail.trade.version
        st.button("Save this choice", type="primary", key="resolve", on_click=_resolve, args=(trade_id, version))
        st.button("Drop mine", key="conflict_drop", on_click=_forget, args=(trade_id,))
    return True


def _resolve(trade_id: int, version: int) -> None:
    """Write what was chosen of one's own, on top of the version that was shown."""
    state: Any = st.session_state
    fields = state[f"edit_{trade_id}_conflict"]["fields"]
    kept = {name: yours for name, (_, yours) in fields.items() if state[f"edit_{trade_id}_choice_{name}"] == YOURS}
    try:
        edit_trade(data.engine(), trade_id, version, kept, data.now())
    except EditConflictError as error:
        state[f"edit_{trade_id}_conflict"] = {"fields": error.fields, "mine": sorted(kept)}
    except ChartroomError as error:
        state[f"edit_{trade_id}_error"] = error.message
    else:
        _forget(trade_id)
        dialogs.succeed(f"Trade {trade_id} is saved.")


def _forget(trade_id: int) -> None:
    for name in [name for name in st.session_state if str(name).startswith(f"edit_{trade_id}_")]:
        del st.session_state[name]
