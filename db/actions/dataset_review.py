"""A person judges the labels of chart images. One transaction each; the last click wins."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Engine, func, select, update
from sqlmodel import Session, col

from core.dataset.labels import Box
from core.errors import DeskError, NotFoundError
from core.patterns.naming import kind_named
from db.engine import writer
from db.models import ChartImage, ChartPattern
from db.store.revision import bump

VERDICTS: Final = ("accepted", "rejected", "corrected")


@dataclass(frozen=True)
class LabelVerdict:
    """What a person says of a label: empty for nothing yet. `label` and `box` are those of a corrected one."""

    verdict: str
    label: str | None = None
    box: Box | None = None


def judge_label(engine: Engine, pattern_id: int, said: LabelVerdict, now: datetime) -> LabelVerdict:
    """Write a verdict; returns what stood there before, for taking it back. The same again changes nothing.

    Raises:
        NotFoundError: there is no such label.
        DeskError: no such verdict, a correction that corrects nothing, or a box outside the image.
        ParameterError: a kind that does not exist.
    """
    with writer(engine) as session:
        pattern = session.get(ChartPattern, pattern_id, with_for_update=True)
        if pattern is None:
            raise NotFoundError("This label does not exist any more: reload the page.", pattern_id)
        _check(pattern, said)
        before = LabelVerdict(pattern.verdict, pattern.label, _box(pattern.box))
        if before != said:
            pattern.verdict, pattern.label = said.verdict, said.label
            pattern.box = None if said.box is None else list(said.box)
            pattern.reviewed_at = now if said.verdict else None
            session.add(pattern)
            session.flush()
            _note_image(session, pattern.image_id)
            bump(session)
        return before


def accept_rest(engine: Engine, image_id: int, now: datetime) -> list[int]:
    """Accept every label of an image that nobody has judged; their ids. An image without labels is validated too."""
    with writer(engine) as session:
        if session.get(ChartImage, image_id, with_for_update=True) is None:
            raise NotFoundError("This image does not exist any more: reload the page.", image_id)
        open_ = select(col(ChartPattern.id)).where(
            col(ChartPattern.image_id) == image_id, col(ChartPattern.verdict) == ""
        )
        ids = [found for found in session.scalars(open_) if found is not None]
        accepted = update(ChartPattern).where(col(ChartPattern.id).in_(ids))
        session.execute(accepted.values(verdict="accepted", reviewed_at=now))
        _note_image(session, image_id)
        bump(session)
        return ids


def reopen(engine: Engine, image_id: int, pattern_ids: Sequence[int]) -> None:
    """Take `accept_rest` back: these labels count as not judged, but for those of which something else was said since.

    Raises:
        NotFoundError: there is no such image.
    """
    with writer(engine) as session:
        if session.get(ChartImage, image_id, with_for_update=True) is None:
            raise NotFoundError("This image does not exist any more: reload the page.", image_id)
        ours = col(ChartPattern.id).in_(pattern_ids), col(ChartPattern.image_id) == image_id
        still = update(ChartPattern).where(*ours, col(ChartPattern.verdict) == "accepted")
        session.execute(still.values(verdict="", reviewed_at=None))
        _note_image(session, image_id)
        bump(session)


def _note_image(session: Session, image_id: int) -> None:
    """An image is validated once each of its labels has been judged."""
    left = select(func.count()).where(col(ChartPattern.image_id) == image_id, col(ChartPattern.verdict) == "")
    open_ = session.execute(left).scalar_one()
    session.execute(update(ChartImage).where(col(ChartImage.id) == image_id).values(validated=open_ == 0))


def _check(pattern: ChartPattern, said: LabelVerdict) -> None:
    if said.verdict not in {"", *VERDICTS}:
        raise DeskError(f"'{said.verdict}' is no verdict: use one of {', '.join(VERDICTS)}.", said.verdict)
    corrected = said.verdict == "corrected"
    if corrected and said.label in {None, pattern.kind} and said.box is None:
        raise DeskError("Choose another kind, or move the box.", pattern.kind)
    if not corrected and (said.label is not None or said.box is not None):
        raise DeskError("Only a corrected label has another kind or box.", said.verdict)
    if said.label is not None:
        kind_named(said.label)
    if said.box is not None:
        x0, y0, x1, y1 = said.box
        if not (all(map(math.isfinite, said.box)) and 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1):
            raise DeskError("The box has to lie in the image, left before right and top before bottom.", said.box)


def _box(stored: list[float] | None) -> Box | None:
    if not stored:
        return None
    x0, y0, x1, y1 = stored
    return x0, y0, x1, y1
