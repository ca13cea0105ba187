"""What a person says about trades: setup, tags, emotion, rating, notes, playbook rules. One trade or many at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Engine, delete
from sqlmodel import Session, col, select

from core.errors import DeskError
from db.conflict import insert_for
from db.engine import writer
from db.models import Playbook, PlaybookRule, Tag, Trade, TradeRule, TradeTag
from db.store.changes import check_version, described, note_change
from db.store.revision import bump
from db.store.trades import get_trade

__all__ = ["BulkEdit", "BulkEdited", "described", "edit_trade", "edit_trades"]

LENGTHS: Final = {"setup": 80, "emotion": 80, "note": 20_000}
TAG_LENGTH: Final = 40
BEST: Final = 5
FIELDS: Final = ("setup", "emotion", "rating", "note", "playbook_id", "tags", "rules")


@dataclass(frozen=True)
class BulkEdit:
    """What is done to many trades: fields that are set on all of them, tags that are added and taken away."""

    values: Mapping[str, Any]
    add_tags: Sequence[str] = ()
    drop_tags: Sequence[str] = ()


@dataclass(frozen=True)
class BulkEdited:
    """How many trades were changed; `missed` (trade id -> version now) were changed by somebody else before."""

    changed: int
    missed: Mapping[int, int]


def edit_trade(engine: Engine, trade_id: int, version: int, values: Mapping[str, Any], now: datetime) -> int:
    """Set fields of a trade of which the person saw `version`; returns the new version.

    `values` has any of `setup`, `emotion` (text), `rating` (1 to 5 or None), `note` (markdown), `playbook_id`, `tags`
    (names) and `rules` (rule id -> kept). What does not change is no change: the version stays.

    Raises:
        NotFoundError: there is no such trade.
        EditConflictError: it was changed since; carries (theirs, yours) of the fields that differ.
        DeskError: a value cannot be; nothing was written.
    """
    with writer(engine) as session:
        trade = get_trade(session, trade_id, lock=True)
        before, wanted = described(session, trade), _checked(session, values)
        check_version(session, trade, version, before, wanted)
        if _write(session, trade, before, wanted, now):
            bump(session)
        return trade.version


def edit_trades(engine: Engine, seen: Mapping[int, int], bulk: BulkEdit, now: datetime) -> BulkEdited:
    """Edit many trades at once, `seen` being the version of each (trade id -> version) that the person saw.

    A trade that was changed since is left as it is and told of. Each change is in its trade's history.

    Raises:
        NotFoundError: one of them does not exist.
        DeskError: a value cannot be; nothing was written.
    """
    with writer(engine) as session:
        values = _checked(session, bulk.values)
        add, drop = _tags(bulk.add_tags), _tags(bulk.drop_tags)
        changed, missed = 0, {}
        for trade_id, version in sorted(seen.items()):
            trade = get_trade(session, trade_id, lock=True)
            if trade.version != version:
                missed[trade_id] = trade.version
                continue
            before = described(session, trade)
            wanted = dict(values)
            if add or drop:
                kept = {name for name in wanted.get("tags", before["tags"]) if name not in drop}
                wanted["tags"] = sorted(kept | set(add))
            changed += _write(session, trade, before, wanted, now)
        if changed:
            bump(session)
        return BulkEdited(changed, missed)


def _checked(session: Session, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values as they are stored."""
    strange = [name for name in values if name not in FIELDS]
    if strange:
        raise DeskError(f"'{strange[0]}' cannot be edited: use {', '.join(FIELDS)}.", strange[0])
    wanted = dict(values)
    for name, most in LENGTHS.items():
        if name in wanted:
            wanted[name] = str(wanted[name] or "").strip()
            if len(wanted[name]) > most:
                raise DeskError(f"The {name} has more than {most} characters: shorten it.", name)
    rating = wanted.get("rating")
    if rating is not None and rating not in range(1, BEST + 1):
        raise DeskError(f"A rating goes from 1 to {BEST}.", rating)
    if wanted.get("playbook_id") is not None and session.get(Playbook, wanted["playbook_id"]) is None:
        raise DeskError(f"There is no playbook {wanted['playbook_id']}: reload the page.", wanted["playbook_id"])
    if "tags" in wanted:
        wanted["tags"] = _tags(wanted["tags"])
    if "rules" in wanted:
        wanted["rules"] = _rules(session, wanted["rules"])
    return wanted


def _tags(names: Sequence[str]) -> list[str]:
    found = sorted({" ".join(str(name).split()) for name in names} - {""})
    long = next((name for name in found if len(name) > TAG_LENGTH), None)
    if long is not None:
        raise DeskError(f"The tag '{long}' has more than {TAG_LENGTH} characters: shorten it.", long)
    return found


def _rules(session: Session, kept: Mapping[Any, bool]) -> dict[str, bool]:
    found = {str(int(rule)): bool(value) for rule, value in kept.items()}
    known = set(session.exec(select(PlaybookRule.id).where(col(PlaybookRule.id).in_([int(rule) for rule in found]))))
    strange = next((rule for rule in found if int(rule) not in known), None)
    if strange is not None:
        raise DeskError(f"There is no rule {strange}: reload the page.", strange)
    return found


def _write(session: Session, trade: Trade, before: Mapping[str, Any], wanted: Mapping[str, Any], now: datetime) -> bool:
    changes = {name: value for name, value in wanted.items() if before[name] != value}
    if not changes:
        return False
    trade.version += 1
    for name, value in changes.items():
        if name == "tags":
            _write_tags(session, trade.id or 0, value)
        elif name == "rules":
            _write_rules(session, trade.id or 0, value)
        else:
            setattr(trade, name, value)
        note_change(session, trade, name, before[name], value, now, now)
    session.flush()
    return True


def _write_tags(session: Session, trade_id: int, names: Sequence[str]) -> None:
    session.execute(delete(TradeTag).where(col(TradeTag.trade_id) == trade_id))
    for name in names:
        session.execute(insert_for(session, Tag).values(name=name).on_conflict_do_nothing())
    ids = session.exec(select(Tag.id).where(col(Tag.name).in_(names))).all()
    session.add_all(TradeTag(trade_id=trade_id, tag_id=tag_id or 0) for tag_id in ids)


def _write_rules(session: Session, trade_id: int, kept: Mapping[str, bool]) -> None:
    session.execute(delete(TradeRule).where(col(TradeRule.trade_id) == trade_id))
    session.add_all(TradeRule(trade_id=trade_id, rule_id=int(rule), kept=value) for rule, value in kept.items())
