"""What a person does on the Prompts page; for callbacks. What went wrong is kept for the next run."""

from __future__ import annotations

import streamlit as st

from core import jobs
from core.errors import ChartroomError, EditConflictError
from dashboard import data, dialogs, jobqueue
from dashboard.ask import questions
from dashboard.components import dialog_parts
from dashboard.prompts import drafts as prompt_drafts
from db.actions.comparisons import plan_comparison, stop_comparison, waiting_compared
from db.actions.prompts import Wording, activate_prompt, archive_prompt, create_prompt, edit_prompt, import_text

CHOSEN, TRIED = "prompt_chosen", "prompt_tried"
ERROR, _DIFFERS = "prompt_error", "prompt_differs"
IMPORT = "prompt_import"


def difference() -> dict[str, tuple[object, object]] | None:
    """What somebody else saved meanwhile, as (theirs, mine) of each text; until it is saved over or given up."""
    found: dict[str, tuple[object, object]] | None = st.session_state.get(_DIFFERS)
    return found


def choose(prompt_id: int) -> None:
    """Show this prompt."""
    st.session_state[CHOSEN] = prompt_id
    st.session_state.pop(_DIFFERS, None)
    st.query_params.from_dict({"prompt": str(prompt_id)} if prompt_id else {})


def save(prompt_id: int) -> None:
    """Store what is typed as the next version."""
    draft = prompt_drafts.draft(prompt_id)
    try:
        edit_prompt(data.engine(), prompt_id, draft.seen, Wording(draft.system, draft.template, draft.note), data.now())
    except EditConflictError as error:
        st.session_state[_DIFFERS] = error.fields
        # The second save goes over what is shown now, and over nothing newer.
        prompt_drafts.see(prompt_id, int(str(error.subject)))
        st.session_state[ERROR] = error.message
    except ChartroomError as error:
        st.session_state[ERROR] = error.message
    else:
        discard(prompt_id)


def create() -> None:
    """Store a new prompt."""
    draft, state = prompt_drafts.draft(prompt_drafts.NEW), st.session_state
    wording = Wording(draft.system, draft.template, draft.note)
    name, language = str(state.get("prompt_name") or ""), str(state.get("prompt_language") or "")
    with dialog_parts.attempt(ERROR):
        made = create_prompt(data.engine(), name, state.get("prompt_strategy"), language, wording, data.now())
        prompt_drafts.forget(prompt_drafts.NEW)
        choose(made)


def discard(prompt_id: int) -> None:
    """Give up what is typed."""
    prompt_drafts.forget(prompt_id)
    st.session_state.pop(_DIFFERS, None)


def activate(prompt_id: int, active: bool) -> None:
    """Let a prompt be asked with, or rest."""
    with dialog_parts.attempt(ERROR):
        activate_prompt(data.engine(), prompt_id, active)


def archive(prompt_id: int, archived: bool) -> None:
    """Put a prompt away or take it out again."""
    with dialog_parts.attempt(ERROR):
        archive_prompt(data.engine(), prompt_id, archived, data.now())


def bring_in(text: str) -> None:
    """Bring in an exported prompt, from the dialog."""
    with dialog_parts.attempt():
        found = import_text(data.engine(), text, data.now())
        choose(found.prompt_id)
        prompt_drafts.forget(found.prompt_id)
        said = f"Imported as version {found.number}." if found.new else f"Version {found.number} says the same already."
        dialogs.succeed(said)


def try_on(prompt_id: int, signal_id: int) -> None:
    """Ask with what is typed about one signal; nothing of it is stored."""
    draft = prompt_drafts.draft(prompt_id)
    with dialog_parts.attempt(ERROR):
        st.session_state[TRIED] = (prompt_id, signal_id, questions.begin_try(draft.system, draft.template, signal_id))


def compare(first: int, second: int, count: int) -> None:
    """Have two versions asked about past signals."""
    with dialog_parts.attempt(ERROR):
        plan_comparison(data.engine(), (first, second), count, data.now())
        waiting = data.read(waiting_compared, data.now())
        with jobqueue.connected() as connection:
            connection.delete(jobs.DOWN_KEY)
        jobqueue.submit([jobs.compare_next(one, data.now_ms()) for one in waiting[:1]])


def stop() -> None:
    """Ask no more of the comparison."""
    with dialog_parts.attempt(ERROR):
        stop_comparison(data.engine())
