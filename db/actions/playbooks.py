"""Playbooks with their rules, notes of days, and filters that a person saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Engine, delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.errors import ConflictError, DeskError, EditConflictError, NotFoundError
from db.conflict import insert_for
from db.engine import writer
from db.models import DayNote, Playbook, PlaybookRule, SavedFilter
from db.store.accounts import get_account
from db.store.revision import bump

NAME_LENGTH = 80
TEXT_LENGTH = 20_000
RULE_LENGTH = 300


@dataclass(frozen=True)
class Rule:
    """A rule of a playbook; `id` None: a new one."""

    text: str
    id: int | None = None


def save_playbook(
    engine: Engine,
    playbook_id: int | None,
    version: int,
    name: str,
    description: str,
    rules: Sequence[Rule],
    now: datetime,
) -> int:
    """Store a playbook (None: a new one) with its rules in this order; returns its id.

    Rules that are left out are kept for the trades that were checked by them, and asked of no other.

    Raises:
        NotFoundError: there is no such playbook.
        EditConflictError: it was changed since `version`.
        ConflictError: the name is taken.
        DeskError: name or rules cannot be; nothing was written.
    """
    name = _name(name)
    if any(not rule.text.strip() or len(rule.text) > RULE_LENGTH for rule in rules):
        raise DeskError(f"A rule has 1 to {RULE_LENGTH} characters.", rules)
    with writer(engine) as session:
        playbook = _playbook(session, playbook_id, version, name, description, now)
        playbook.name, playbook.description = name, description.strip()
        session.add(playbook)
        _flush(session, name)
        _write_rules(session, playbook.id or 0, rules, now)
        bump(session)
        return playbook.id or 0


def archive_playbook(engine: Engine, playbook_id: int, archived: bool, now: datetime) -> None:
    """Put a playbook away or take it out again; the trades keep it.

    Raises:
        NotFoundError: there is no such playbook.
    """
    with writer(engine) as session:
        playbook = session.get(Playbook, playbook_id, with_for_update=True)
        if playbook is None:
            raise NotFoundError(f"There is no playbook {playbook_id}: reload the page.", playbook_id)
        playbook.archived_at = now if archived else None
        playbook.version += 1
        bump(session)


def write_day_note(engine: Engine, account_id: int, day: date, version: int, text: str, now: datetime) -> int:
    """Write what is said about a day, of which the person saw `version` (0: nothing yet); returns the new version.

    Raises:
        NotFoundError: there is no such account.
        EditConflictError: it was changed since; carries both texts.
        DeskError: the text is too long.
    """
    text = text.strip()
    if len(text) > TEXT_LENGTH:
        raise DeskError(f"The note has more than {TEXT_LENGTH} characters: shorten it.", day)
    with writer(engine) as session:
        get_account(session, account_id, lock=True)
        note = session.get(DayNote, (account_id, day), populate_existing=True)
        known = note.version if note else 0
        if known != version:
            raise EditConflictError(
                f"The note of {day} was changed in the meantime: look at the difference and decide again.",
                {"text": (note.text if note else "", text)},
                day,
            )
        if note is None:
            session.add(DayNote(account_id=account_id, day=day, text=text, updated_at=now))
        else:
            note.text, note.updated_at, note.version = text, now, version + 1
        bump(session)
        return version + 1


def save_filter(engine: Engine, page: str, name: str, definition: Mapping[str, Any], now: datetime) -> None:
    """Keep a filter under a name; the same name again replaces it.

    Raises:
        DeskError: the name cannot be.
    """
    row = {"page": page, "name": _name(name), "definition": dict(definition), "created_at": now}
    with writer(engine) as session:
        statement = insert_for(session, SavedFilter).values(**row)
        session.execute(
            statement.on_conflict_do_update(
                index_elements=["page", "name"], set_={"definition": row["definition"], "created_at": now}
            )
        )
        bump(session)


def drop_filter(engine: Engine, page: str, name: str) -> None:
    """Forget a saved filter; one that is gone already is no error."""
    with writer(engine) as session:
        session.execute(delete(SavedFilter).where(col(SavedFilter.page) == page, col(SavedFilter.name) == name))
        bump(session)


def _name(name: str) -> str:
    found = " ".join(name.split())
    if not found or len(found) > NAME_LENGTH:
        raise DeskError(f"It needs a name of at most {NAME_LENGTH} characters.", name)
    return found


def _playbook(
    session: Session, playbook_id: int | None, version: int, name: str, description: str, now: datetime
) -> Playbook:
    if playbook_id is None:
        return Playbook(name=name, created_at=now)
    found = session.get(Playbook, playbook_id, populate_existing=True, with_for_update=True)
    if found is None:
        raise NotFoundError(f"There is no playbook {playbook_id}: reload the page.", playbook_id)
    if found.version != version:
        mine = {"name": name, "description": description.strip()}
        fields: dict[str, tuple[object, object]] = {
            key: (getattr(found, key), value) for key, value in mine.items() if getattr(found, key) != value
        }
        raise EditConflictError(
            f"{found.name} was changed in the meantime: look at the difference and decide again.", fields, playbook_id
        )
    found.version += 1
    return found


def _write_rules(session: Session, playbook_id: int, rules: Sequence[Rule], now: datetime) -> None:
    query = select(PlaybookRule).where(PlaybookRule.playbook_id == playbook_id)
    known = {row.id: row for row in session.exec(query)}
    for row in known.values():
        row.archived_at = row.archived_at or now
    for position, rule in enumerate(rules):
        before = known.get(rule.id)
        # Another wording is another rule: what was checked by the old one was not checked by this.
        same = before is not None and before.text == rule.text.strip()
        row = before if before and same else PlaybookRule(playbook_id=playbook_id, position=0, text=rule.text.strip())
        row.position, row.archived_at = position, None
        session.add(row)
    session.flush()


def _flush(session: Session, name: str) -> None:
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError(f"There is a playbook called '{name}' already: choose another name.", name) from error
