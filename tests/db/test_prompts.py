"""Prompts: versions that never change, which one is asked with, text files, and many people at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import Engine
from sqlmodel import select

from core.analyst.prompt_text import PromptText, export_prompt, import_prompt
from core.errors import ConflictError, DeskError, EditConflictError, NotFoundError, PromptError
from db.actions.prompts import (
    Wording,
    activate_prompt,
    archive_prompt,
    create_prompt,
    edit_prompt,
    import_text,
)
from db.engine import reader, writer
from db.models import LineageEdge, LineageStep, Prompt, PromptVersion, Strategy
from db.seed import seed
from db.store.prompts import defaults, get_prompt, get_version, mark_used, text_of, version_for, versions_of
from db.store.revision import current
from tests.db.desk import rows
from tests.factories import NOW, make_strategy

FIRST = Wording("Judge.", "{{symbol}} {{direction}}")
SECOND = Wording("Judge well.", "{{symbol}} {{direction}} {{entry}}", "with the entry")


def make(engine: Engine, name: str = "Mine", strategy_id: int | None = None, language: str = "English") -> int:
    return create_prompt(engine, name, strategy_id, language, FIRST, NOW)


def numbers(engine: Engine, prompt_id: int) -> list[tuple[int, str]]:
    with reader(engine) as session:
        return [(one.number, one.system) for one in versions_of(session, prompt_id)]


def asked_with(engine: Engine, strategy_id: int | None, language: str) -> str | None:
    with reader(engine) as session:
        found = version_for(session, strategy_id, language)
        return None if found is None else get_prompt(session, found.prompt_id).name


def test_every_edit_is_a_version_used_or_not_and_the_same_words_are_none(engine: Engine):
    made = make(engine)
    assert edit_prompt(engine, made, 1, FIRST, NOW) == 1
    assert edit_prompt(engine, made, 1, SECOND, NOW) == 2
    with writer(engine) as session:
        mark_used(session, versions_of(session, made)[0].id or 0, NOW)
        mark_used(session, versions_of(session, made)[0].id or 0, NOW + timedelta(hours=1))
    assert edit_prompt(engine, made, 2, FIRST, NOW) == 3
    assert numbers(engine, made) == [(3, "Judge."), (2, "Judge well."), (1, "Judge.")]
    with reader(engine) as session:
        used = [one.used_at for one in versions_of(session, made)]
    assert used == [None, NOW, None], "the first use counts"


def test_whoever_saw_an_older_version_is_shown_the_difference(sqlite_engine: Engine):
    engine = sqlite_engine
    made = make(engine)
    edit_prompt(engine, made, 1, SECOND, NOW)
    with pytest.raises(EditConflictError, match="has a version 2 by now") as caught:
        edit_prompt(engine, made, 1, Wording("Judge ill.", SECOND.template), NOW)
    assert caught.value.fields == {"system": ("Judge well.", "Judge ill.")}
    assert len(numbers(engine, made)) == 2


def test_many_edits_at_once_leave_no_gap_and_no_twin(engine: Engine):
    made = make(engine)

    def edit(number: int) -> int:
        try:
            return edit_prompt(engine, made, 1, Wording(f"Judge {number}.", "{{entry}}"), NOW)
        except EditConflictError:
            return 0

    with ThreadPoolExecutor(6) as pool:
        outcomes = list(pool.map(edit, range(6)))
    assert sorted(outcomes) == [0, 0, 0, 0, 0, 2]
    assert [number for number, _ in numbers(engine, made)] == [2, 1]


def test_one_prompt_is_active_for_a_strategy_and_a_language(engine: Engine):
    with writer(engine) as session:
        strategy = make_strategy(session).id
    everywhere, german, own = (
        make(engine, "All"),
        make(engine, "Alle", language="German"),
        make(engine, "Own", strategy),
    )
    assert asked_with(engine, strategy, "English") == "Own"
    assert asked_with(engine, 999, "English") == "All"
    assert asked_with(engine, strategy, "German") == "Alle", "the language comes before the strategy"
    assert asked_with(engine, strategy, "French") == "Own", "no French one: an English one is asked with"
    later = make(engine, "Later", strategy)
    assert asked_with(engine, strategy, "English") == "Own", "the place is taken"
    activate_prompt(engine, later, True)
    assert asked_with(engine, strategy, "English") == "Later"
    archive_prompt(engine, later, True, NOW)
    assert asked_with(engine, strategy, "English") == "All"
    with pytest.raises(DeskError, match="is in the archive"):
        activate_prompt(engine, later, True)
    activate_prompt(engine, own, True)
    for one in (everywhere, german, own):
        activate_prompt(engine, one, False)
    assert asked_with(engine, strategy, "English") is None


def test_prompts_made_and_activated_at_once_leave_one_active(engine: Engine):
    ids = [make(engine, f"P{number}") for number in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: activate_prompt(engine, one, True), ids * 2))
        list(pool.map(lambda one: make(engine, f"N{one}", language="German"), range(4)))
    active = [(one.language, one.name) for one in rows(engine, Prompt) if one.active]
    assert sorted(language for language, _ in active) == ["English", "German"]


@pytest.mark.parametrize(
    ("wording", "error", "sentence"),
    [
        (Wording("x", "{{nonsense}}"), PromptError, "There is no variable nonsense"),
        (Wording(" ", "y"), DeskError, "The system text needs 1 to"),
        (Wording("x", "y" * 20_001), DeskError, "The template needs 1 to 20,000"),
        (Wording("x", "y\0"), DeskError, "plain text"),
        (Wording("x", "y", "n" * 201), DeskError, "shorten it"),
        (Wording("x", "y", "n\0"), DeskError, "The note has a character that is no text"),
        (Wording("x\ud800", "y"), DeskError, "The system text has a character that is no text"),
    ],
)
def test_a_wording_that_cannot_be_leaves_nothing(sqlite_engine: Engine, wording: Wording, error: type, sentence: str):
    engine = sqlite_engine
    with pytest.raises(error, match=sentence):
        create_prompt(engine, "Mine", None, "English", wording, NOW)
    made = make(engine)
    with pytest.raises(error, match=sentence):
        edit_prompt(engine, made, 1, wording, NOW)
    with pytest.raises(ConflictError, match="already"):
        make(engine, " Mine ")
    with pytest.raises(NotFoundError):
        make(engine, "Other", 77)
    assert (len(rows(engine, Prompt)), len(rows(engine, PromptVersion))) == (1, 1)


def test_a_prompt_leaves_as_text_and_comes_back_as_it_was(sqlite_engine: Engine):
    engine = sqlite_engine
    with writer(engine) as session:
        strategy = make_strategy(session, "SMC intraday")
    wording = Wording("One\n\n  two\t\n", 'template:\n{{entry}} {"a": 1}\n\n', "a note: with a colon")
    made = create_prompt(engine, "Mine", strategy.id, "English", wording, NOW)
    with reader(engine) as session:
        exported = export_prompt(text_of(session, get_prompt(session, made), versions_of(session, made)[0]))
    again = import_text(engine, exported, NOW)
    assert (again.prompt_id, again.number, again.new) == (made, 1, False)
    found = import_text(engine, exported.replace("name: Mine", "name: Copy").replace("\n", "\r\n"), NOW)
    with reader(engine) as session:
        version = versions_of(session, found.prompt_id)[0]
        assert (version.system, version.template, version.note) == (wording.system, wording.template, wording.note)
        assert not get_prompt(session, found.prompt_id).active, "the place was taken"
    changed = import_text(engine, exported.replace("  One", "  Uno"), NOW)
    assert (changed.prompt_id, changed.number, changed.new) == (made, 2, True)
    with pytest.raises(NotFoundError, match="does not have"):
        import_text(engine, exported.replace("strategy: SMC intraday", "strategy: Nobody"), NOW)
    with pytest.raises(DeskError, match="for another strategy or language"):
        import_text(engine, exported.replace("language: English", "language: German"), NOW)
    with pytest.raises(PromptError, match="There is no variable entry_"):
        import_text(engine, exported.replace("{{entry}}", "{{entry_}}"), NOW)


@pytest.mark.parametrize("line", ["name: Mine", "strategy: SMC", "language: English", "note: why"])
def test_a_file_with_a_character_that_is_no_text_is_refused(engine: Engine, line: str):
    with writer(engine) as session:
        make_strategy(session, "SMC")
    file = export_prompt(PromptText("Mine", "SMC", "English", "why", "One", "{{entry}}"))
    for wrong in ("\0", "\ud800"):
        with pytest.raises(DeskError, match="a character that is no text"):
            import_text(engine, file.replace(line, f"{line}{wrong}x"), NOW)
    with pytest.raises(DeskError, match="The name has a character that is no text"):
        make(engine, "Mi\0ne")
    assert rows(engine, Prompt) == []
    assert import_text(engine, file, NOW).new


def test_a_version_is_a_step_made_from_the_prompts_settings(sqlite_engine: Engine):
    engine = sqlite_engine
    made = make(engine)
    edit_prompt(engine, made, 1, SECOND, NOW)
    with reader(engine) as session:
        steps = {one.id: one for one in session.exec(select(LineageStep))}
        edges = [(steps[edge.parent_id], steps[edge.child_id]) for edge in session.exec(select(LineageEdge))]
    assert [(up.kind, up.entity_id, down.kind, down.entity) for up, down in edges] == [
        ("settings", made, "prompt", "prompt_version"),
        ("settings", made, "prompt", "prompt_version"),
    ]
    assert len({up.id for up, _ in edges}) == 1


def test_a_desk_comes_with_prompts_and_keeps_what_the_person_did_to_them(engine: Engine):
    assert {one.language for one in defaults()} == {"English", "German"}
    for one in defaults():
        assert import_prompt(export_prompt(one)) == one
    seed(engine, NOW, simulated=False)
    assert asked_with(engine, None, "English") == "Second opinion"
    assert asked_with(engine, None, "German") == "Zweite Meinung"
    prompt = next(one for one in rows(engine, Prompt) if one.language == "English")
    edit_prompt(engine, prompt.id or 0, 1, FIRST, NOW)
    archive_prompt(engine, prompt.id or 0, True, NOW)
    with reader(engine) as session:
        before = current(session)
    seed(engine, NOW, simulated=False)
    with reader(engine) as session:
        assert current(session) == before
        assert len(session.exec(select(Strategy)).all()) == 2
        assert get_version(session, 1).number == 1
    assert len(rows(engine, Prompt)) == 2
