"""Prompts and their versions: which one is asked with, and the one way in which a version comes to be."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final

from sqlalchemy import func, or_, text, update
from sqlmodel import Session, col, select

from core.analyst.prompt_text import PromptText, import_prompt
from core.analyst.template import check
from core.errors import NotFoundError
from core.lineage import content_hash
from db.conflict import insert_for
from db.models import Prompt, PromptVersion, Strategy
from db.store.lineage.steps import Step, add_step, settings_step

FALLBACK: Final = "English"
"""The language whose prompt is asked with where there is none in the language of the answer."""

_DEFAULTS: Final = Path(__file__).parents[1] / "prompts"
_SLOTS: Final = text("SELECT pg_advisory_xact_lock(hashtext('chartroom prompts'))")


def get_prompt(session: Session, prompt_id: int, *, lock: bool = False) -> Prompt:
    """The prompt as it is now.

    Raises:
        NotFoundError: there is no such prompt.
    """
    found = session.get(Prompt, prompt_id, populate_existing=True, with_for_update=lock or None)
    if found is None:
        raise NotFoundError(f"There is no prompt {prompt_id}: choose one from the list.", prompt_id)
    return found


def get_version(session: Session, version_id: int) -> PromptVersion:
    """One wording.

    Raises:
        NotFoundError: there is no such version.
    """
    found = session.get(PromptVersion, version_id)
    if found is None:
        raise NotFoundError(f"There is no version {version_id} of a prompt: reload the page.", version_id)
    return found


def versions_of(session: Session, prompt_id: int) -> Sequence[PromptVersion]:
    """Every wording of a prompt, the newest first."""
    query = select(PromptVersion).where(PromptVersion.prompt_id == prompt_id)
    return session.exec(query.order_by(col(PromptVersion.number).desc())).all()


def newest_version(session: Session, prompt_id: int) -> PromptVersion | None:
    """The wording a prompt is asked with."""
    query = select(PromptVersion).where(PromptVersion.prompt_id == prompt_id)
    return session.exec(query.order_by(col(PromptVersion.number).desc()).limit(1)).first()


def version_for(session: Session, strategy_id: int | None, language: str) -> PromptVersion | None:
    """The newest version of the active prompt for a strategy and the language of the answer.

    A prompt of the strategy comes before one for all, and the language before both: only where there is none in
    `language` at all, one in `FALLBACK` is taken. None when nothing is active.
    """
    mine = or_(col(Prompt.strategy_id).is_(None), col(Prompt.strategy_id) == strategy_id)
    spoken = (language, FALLBACK)
    query = select(Prompt).where(
        mine, col(Prompt.language).in_(spoken), col(Prompt.active), col(Prompt.archived_at).is_(None)
    )
    found = sorted(
        session.exec(query).all(),
        key=lambda one: (one.language != language, one.strategy_id is None, -(one.id or 0)),
    )
    return newest_version(session, found[0].id or 0) if found else None


def mark_used(session: Session, version_id: int, now: datetime) -> None:
    """Note that a version was sent to a model; the first time counts."""
    statement = update(PromptVersion).where(col(PromptVersion.id) == version_id, col(PromptVersion.used_at).is_(None))
    session.execute(statement.values(used_at=now))


def lock_slots(session: Session) -> None:
    """Let one transaction at a time decide which prompt is active; SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(_SLOTS)


def in_slot(session: Session, strategy_id: int | None, language: str) -> Sequence[Prompt]:
    """The active prompts of a strategy (None: for all) and language; locked, by id."""
    same = (
        col(Prompt.strategy_id).is_(None) if strategy_id is None else col(Prompt.strategy_id) == strategy_id,
        col(Prompt.language) == language,
    )
    query = select(Prompt).where(*same, col(Prompt.active), col(Prompt.archived_at).is_(None))
    return session.exec(query.order_by(col(Prompt.id)).with_for_update()).all()


def hash_of(system: str, template: str) -> str:
    """What two equal wordings have in common."""
    return content_hash({"system": system, "template": template})


def add_version(
    session: Session, prompt: Prompt, system: str, template: str, note: str, now: datetime
) -> PromptVersion:
    """The next version of a prompt whose row is locked, with its step in the lineage."""
    query = select(func.coalesce(func.max(PromptVersion.number), 0)).where(PromptVersion.prompt_id == prompt.id)
    version = PromptVersion(
        prompt_id=prompt.id or 0,
        number=session.exec(query).one() + 1,
        system=system,
        template=template,
        content_hash=hash_of(system, template),
        note=note,
        created_at=now,
    )
    session.add(version)
    session.flush()
    _trace(session, prompt, version, now)
    return version


def text_of(session: Session, prompt: Prompt, version: PromptVersion) -> PromptText:
    """A version as it is exported."""
    strategy = session.get(Strategy, prompt.strategy_id) if prompt.strategy_id is not None else None
    name = strategy.name if strategy else None
    return PromptText(prompt.name, name, prompt.language, version.note, version.system, version.template)


def add_defaults(session: Session, now: datetime) -> int:
    """Add the prompts that a desk comes with, where their names are not taken; how many were added."""
    added = 0
    for default in defaults():
        values = {"name": default.name, "strategy_id": None, "language": default.language, "created_at": now}
        statement = insert_for(session, Prompt).values(**values, active=False, archived_at=None)
        key = Prompt.__table__.c.id  # type: ignore[attr-defined]
        made = session.execute(statement.on_conflict_do_nothing().returning(key)).scalar()
        if made is None:
            continue
        prompt = get_prompt(session, made)
        prompt.active = not in_slot(session, None, default.language)
        add_version(session, prompt, default.system, default.template, default.note, now)
        added += 1
    return added


@lru_cache(maxsize=1)
def defaults() -> tuple[PromptText, ...]:
    """The prompts that a desk comes with, one for each language."""
    files = sorted(_DEFAULTS.glob("*.txt"))
    return tuple(import_prompt(file.read_text(encoding="utf-8")) for file in files)


def _trace(session: Session, prompt: Prompt, version: PromptVersion, now: datetime) -> None:
    content = {"name": prompt.name, "strategy_id": prompt.strategy_id, "language": prompt.language}
    settings = settings_step(session, "prompt", prompt.id or 0, 1, content, now, f"Prompt {prompt.name}")
    add_step(
        session,
        Step(
            kind="prompt",
            name=f"{prompt.name}, version {version.number}",
            started_at=now,
            finished_at=now,
            entity="prompt_version",
            entity_id=version.id,
            parameters={"number": version.number, "note": version.note},
            output={"variables": check(version.template), "characters": len(version.system) + len(version.template)},
            content={"system": version.system, "template": version.template},
        ),
        [settings],
    )
