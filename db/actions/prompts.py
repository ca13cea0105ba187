"""What a person does to the prompts: write, word anew, make active, put away, bring in from a file.

A version never changes: every edit is the next one, used or not, so that whatever was once shown or sent can be
looked up. The same wording twice in a row is no new version.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from core.analyst.prompt_text import import_prompt, plain_breaks
from core.analyst.template import check
from core.errors import ConflictError, DeskError, EditConflictError, NotFoundError
from core.text import storable
from db.engine import reader, writer
from db.models import Prompt, PromptVersion, Strategy
from db.store.prompts import add_version, get_prompt, hash_of, in_slot, lock_slots, newest_version
from db.store.revision import bump

NAME_LENGTH: Final = 80
LANGUAGE_LENGTH: Final = 40
NOTE_LENGTH: Final = 200
SYSTEM_LENGTH: Final = 8_000
TEMPLATE_LENGTH: Final = 20_000


@dataclass(frozen=True)
class Wording:
    """What a version says, and a line about why."""

    system: str
    template: str
    note: str = ""


@dataclass(frozen=True)
class Imported:
    """Where a file went: the prompt, the number of its version, and whether that is new."""

    prompt_id: int
    number: int
    new: bool


def create_prompt(
    engine: Engine, name: str, strategy_id: int | None, language: str, wording: Wording, now: datetime
) -> int:
    """Store a new prompt with its first version; its id. It is active where no other is for that strategy and language.

    Raises:
        ConflictError: the name is taken.
        NotFoundError: there is no such strategy.
        DeskError, PromptError: name, language or wording cannot be; nothing was written.
    """
    wording = _checked(wording)
    with writer(engine) as session:
        lock_slots(session)
        prompt = _new(session, name, strategy_id, language, wording, now)
        bump(session)
        return prompt.id or 0


def edit_prompt(engine: Engine, prompt_id: int, seen: int, wording: Wording, now: datetime) -> int:
    """Store another wording over version `seen`, the newest that the person saw; the number of what is newest now.

    Raises:
        NotFoundError: there is no such prompt.
        EditConflictError: somebody stored another one meanwhile; carries (theirs, yours) of each text that differs.
        DeskError, PromptError: the wording cannot be; nothing was written.
    """
    wording = _checked(wording)
    with writer(engine) as session:
        prompt = get_prompt(session, prompt_id, lock=True)
        newest = newest_version(session, prompt_id)
        if newest is not None and _same(newest, wording):
            return newest.number
        if newest is not None and newest.number != seen:
            _refuse(prompt, newest, wording)
        version = add_version(session, prompt, wording.system, wording.template, wording.note, now)
        bump(session)
        return version.number


def activate_prompt(engine: Engine, prompt_id: int, active: bool) -> None:
    """Let this prompt be the one that is asked with for its strategy and language, or let it rest.

    Raises:
        NotFoundError: there is no such prompt.
        DeskError: it is put away.
    """
    with writer(engine) as session:
        lock_slots(session)
        prompt = get_prompt(session, prompt_id)
        if active and prompt.archived_at is not None:
            raise DeskError(f"{prompt.name} is in the archive: take it out first.", prompt_id)
        if prompt.active == active:
            return
        if active:
            for other in in_slot(session, prompt.strategy_id, prompt.language):
                other.active = False
        prompt.active = active
        bump(session)


def archive_prompt(engine: Engine, prompt_id: int, archived: bool, now: datetime) -> None:
    """Put a prompt away, which also lets it rest, or take it out again. What was asked with it stays.

    Raises:
        NotFoundError: there is no such prompt.
    """
    with writer(engine) as session:
        lock_slots(session)
        prompt = get_prompt(session, prompt_id)
        if (prompt.archived_at is not None) == archived:
            return
        prompt.archived_at = now if archived else None
        prompt.active = False
        bump(session)


def import_text(engine: Engine, text: str, now: datetime) -> Imported:
    """Bring in an exported prompt: as the next version of the prompt of that name, else as a new prompt.

    Raises:
        PromptError: the text is no exported prompt, or uses a variable that does not exist.
        NotFoundError: it is for a strategy that this desk does not have.
        DeskError: the prompt of that name is for another strategy or language, or a text is too long.
    """
    found = import_prompt(text)
    _plain("The file", text)
    wording = _checked(Wording(found.system, found.template, found.note))
    strategy_id = _strategy_named(engine, found.strategy)
    with writer(engine) as session:
        lock_slots(session)
        query = select(Prompt).where(Prompt.name == _name(found.name)).with_for_update()
        prompt = session.exec(query).first()
        if prompt is None:
            prompt = _new(session, found.name, strategy_id, found.language, wording, now)
            bump(session)
            return Imported(prompt.id or 0, 1, new=True)
        if (prompt.strategy_id, prompt.language) != (strategy_id, found.language):
            raise DeskError(
                f"There is a prompt called '{prompt.name}' for another strategy or language: change the name in the "
                "file.",
                prompt.id,
            )
        newest = newest_version(session, prompt.id or 0)
        if newest is not None and _same(newest, wording):
            return Imported(prompt.id or 0, newest.number, new=False)
        version = add_version(session, prompt, wording.system, wording.template, wording.note, now)
        bump(session)
        return Imported(prompt.id or 0, version.number, new=True)


def _new(
    session: Session, name: str, strategy_id: int | None, language: str, wording: Wording, now: datetime
) -> Prompt:
    language = " ".join(language.split())
    if not language or len(language) > LANGUAGE_LENGTH or not language.replace(" ", "").isalpha():
        raise DeskError("Name the language of the answer in letters, such as English or German.", language)
    if strategy_id is not None and session.get(Strategy, strategy_id) is None:
        raise NotFoundError(f"There is no strategy {strategy_id}: choose one from the list.", strategy_id)
    prompt = Prompt(name=_name(name), strategy_id=strategy_id, language=language, active=False, created_at=now)
    prompt.active = not in_slot(session, strategy_id, language)
    session.add(prompt)
    try:
        session.flush()
    except IntegrityError as error:
        raise ConflictError(f"There is a prompt called '{_name(name)}' already: choose another name.", name) from error
    add_version(session, prompt, wording.system, wording.template, wording.note, now)
    return prompt


def _name(name: str) -> str:
    found = " ".join(name.split())
    if not found or len(found) > NAME_LENGTH:
        raise DeskError(f"A prompt needs a name of at most {NAME_LENGTH} characters.", name)
    _plain("The name", found)
    return found


def _plain(title: str, text: str) -> None:
    """Refuse what PostgreSQL does not store as text.

    Raises:
        DeskError: the text has a NUL character, or half of a surrogate pair.
    """
    if storable(text) != text:
        raise DeskError(f"{title} has a character that is no text: write it as plain text.", title)


def _checked(wording: Wording) -> Wording:
    """The wording with line breaks of one kind.

    Raises:
        DeskError, PromptError: it cannot be.
    """
    system, template = plain_breaks(wording.system), plain_breaks(wording.template)
    note = " ".join(wording.note.split())
    for title, text, most in (
        ("The system text", system, SYSTEM_LENGTH),
        ("The template", template, TEMPLATE_LENGTH),
    ):
        if not text.strip() or len(text) > most:
            raise DeskError(f"{title} needs 1 to {most:,} characters of plain text.", len(text))
        _plain(title, text)
    if len(note) > NOTE_LENGTH:
        raise DeskError(f"The note has more than {NOTE_LENGTH} characters: shorten it.", len(note))
    _plain("The note", note)
    check(template)
    return Wording(system, template, note)


def _same(version: PromptVersion, wording: Wording) -> bool:
    return version.content_hash == hash_of(wording.system, wording.template)


def _refuse(prompt: Prompt, newest: PromptVersion, wording: Wording) -> None:
    both = {"system": (newest.system, wording.system), "template": (newest.template, wording.template)}
    fields: dict[str, tuple[object, object]] = {
        name: (theirs, mine) for name, (theirs, mine) in both.items() if theirs != mine
    }
    raise EditConflictError(
        f"{prompt.name} has a version {newest.number} by now: look at the difference and decide again.",
        fields,
        newest.number,
    )


def _strategy_named(engine: Engine, name: str | None) -> int | None:
    if name is None:
        return None
    with reader(engine) as session:
        found = session.exec(select(Strategy.id).where(col(Strategy.name) == name)).first()
    if found is None:
        raise NotFoundError(
            f"This prompt is for the strategy '{name}', which this desk does not have: take the line out of the file "
            "to use it for all.",
            name,
        )
    return found
