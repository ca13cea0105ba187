"""Queues, workers and jobs. A fragment of its own: it refreshes without touching the rest of the page."""

from __future__ import annotations

import streamlit as st

from core.errors import SettingsError
from dashboard import data, jobqueue, navigation
from dashboard.components import dialog_parts, formats
from dashboard.components.empties import no_jobs
from dashboard.components.markup import Markup, markdown, pill, show, table, tag
from dashboard.components.panels import section

REFRESH_SECONDS = 3
_SHOWN = 25
_ANSWER = "job_answer"


@st.fragment(run_every=REFRESH_SECONDS)
def job_board() -> None:
    """Everything that Redis knows; one calm sentence when it cannot be reached."""
    try:
        seen = jobqueue.overview()
    except SettingsError as error:
        no_jobs("Jobs cannot be shown right now.", error.message)
        return
    _answer()
    navigation.link("lineage", "Failed steps and runs of the lineage", failed=1)
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _queues(seen.queues)
    with right:
        _workers(seen.workers)
    _jobs("Running", seen.running, "Nothing is running.", "A job appears here while a worker is busy with it.")
    _jobs(
        "Failed",
        seen.failed,
        "No job has failed.",
        "A job that gives up is kept here with its reason, for you to retry.",
    )
    _jobs("Waiting", seen.waiting, "Nothing is waiting.", "Jobs wait here when all workers are busy.")
    _jobs(
        "Scheduled",
        seen.scheduled,
        "No retry is scheduled.",
        "A fetch that met a network error waits here for its next try.",
    )


def _queues(queues: list[jobqueue.QueueState]) -> None:
    section("Queues")
    heads = [("Queue", ""), *((name, "num") for name in ("Waiting", "Running", "Scheduled", "Deferred", "Failed"))]
    rows = [
        (
            one.name,
            one.waiting,
            one.running,
            one.scheduled,
            one.deferred,
            tag("span", one.failed, cls="down" if one.failed else ""),
        )
        for one in queues
    ]
    show(table(heads, rows))


def _workers(workers: list[jobqueue.WorkerState]) -> None:
    section(f"Workers ({len(workers)})")
    if not workers:
        no_jobs("No worker is running.", "make run starts them; jobs wait in their queues until then.")
        return
    heads = (("Worker", ""), ("State", ""), ("Queues", ""), ("Done", "num"), ("Failed", "num"), ("Seen", "num"))
    rows = [
        (
            one.name[:12],
            pill(one.state, "up" if one.state == "busy" else ""),
            one.queues,
            one.done,
            one.failed,
            f"{formats.age((data.now() - one.seen).total_seconds())} ago" if one.seen else formats.NOTHING,
        )
        for one in workers
    ]
    show(table(heads, rows))


def _jobs(title: str, jobs: list[jobqueue.JobState], nothing: str, how: str) -> None:
    section(f"{title} ({len(jobs)})")
    if not jobs:
        show(tag("div", nothing, " ", how, cls="muted plain"))
        return
    for job in jobs[:_SHOWN]:
        with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"job_{title}_{job.id}"):
            show(_job(job))
            if title == "Failed":
                st.button("Retry", key=f"retry_{job.id}", on_click=_act, args=("retry", job.id), width=80)
            if title != "Running":
                label = "Remove" if title == "Failed" else "Cancel"
                st.button(label, key=f"cancel_{title}_{job.id}", on_click=_act, args=("cancel", job.id), width=84)
    if len(jobs) > _SHOWN:
        show(tag("div", f"{len(jobs) - _SHOWN} more are not shown.", cls="muted plain"))


def _job(job: jobqueue.JobState) -> Markup:
    moments = (("queued", job.enqueued_at), ("started", job.started_at), ("due", job.due_at))
    times = ", ".join(f"{name} {formats.utc(moment, seconds=True)}" for name, moment in moments if moment)
    line = tag("div", tag("b", job.description), " ", tag("span", f"{job.queue}, {times}", cls="muted"))
    identity = tag("div", f"{job.id}", cls="muted small")
    if not job.error:
        return tag("div", line, identity, cls="job")
    trace = tag("details", tag("summary", "Whole trace"), tag("pre", job.error), cls="trace")
    return tag("div", line, tag("div", job.reason, cls="down plain"), identity, trace, cls="job failed")


def _act(what: str, job_id: str) -> None:
    """Callback of the buttons; writes nothing on the page, the next run does."""
    with dialog_parts.attempt(_ANSWER):
        (jobqueue.retry if what == "retry" else jobqueue.cancel)(job_id)


def _answer() -> None:
    sentence = st.session_state.pop(_ANSWER, None)
    if sentence:
        st.warning(markdown(sentence))
