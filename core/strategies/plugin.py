"""A strategy of the user's own: what its class must be, and a guard around what it says."""

from __future__ import annotations

import math
import traceback
from collections.abc import Mapping
from dataclasses import dataclass, is_dataclass, replace
from typing import Any

from core.errors import ParameterError, StrategyError
from core.patterns.detect import DetectorSettings
from core.signals.confidence import band, confidence
from core.signals.outcome import Plan
from core.signals.vote import FAMILIES, Vote
from core.strategies.base import Evidence, Suggestion, Target, Verdict, View
from core.strategies.parameters import describe_class, stored_values
from core.timeframe import Timeframe


@dataclass(frozen=True)
class Plugin:
    """A class from a file: `kind` is the file's name, `source` the hash of its text."""

    kind: str
    cls: type
    source: str


def fault(kind: str, error: BaseException) -> StrategyError:
    """What went wrong in the user's file as one sentence, with the line."""
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(f"{kind}.py")
    ]
    if isinstance(error, SyntaxError):
        lines = [error.lineno]
    where = f", line {lines[-1]}" if lines else ""
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return StrategyError(f"{kind}.py{where}: {type(error).__name__}{f': {text}' if text else ''}", kind)


def check_class(kind: str, cls: type) -> None:
    """Whether a class is a strategy with its defaults.

    Raises:
        StrategyError: the first thing that is wrong with it.
    """
    name = f"{kind}.py: {cls.__name__}"
    if not is_dataclass(cls) or not cls.__dataclass_params__.frozen:  # type: ignore[attr-defined]
        raise StrategyError(f"{name} is no frozen dataclass: write @dataclass(frozen=True) above it.", cls)
    if not callable(getattr(cls, "evaluate", None)):
        raise StrategyError(f"{name} has no method evaluate(self, views, tick_size).", cls)
    if not hasattr(cls, "timeframes"):
        raise StrategyError(f"{name} has no `timeframes`: say which ones it reads.", cls)
    try:
        describe_class(cls)
        PluginStrategy(Plugin(kind, cls, ""), cls())
    except ParameterError as error:
        raise StrategyError(f"{name}: {error.message}", cls) from error
    except StrategyError:
        raise
    except (Exception, SystemExit) as error:
        raise fault(kind, error) from error


@dataclass(frozen=True)
class PluginStrategy:
    """Keeps the protocol of `core.strategies.base.Strategy` for a class that need not know all of it."""

    plugin: Plugin
    inner: Any

    def __post_init__(self) -> None:
        found = self.inner.timeframes
        fine = isinstance(found, tuple) and found and all(isinstance(item, Timeframe) for item in found)
        if not fine or len(set(found)) != len(found):
            raise StrategyError(
                f"{self.plugin.kind}.py: timeframes must be a tuple of different Timeframes, not {found!r}.", found
            )

    @property
    def source(self) -> str:
        """Hash of the file's text, for the record."""
        return self.plugin.source

    @property
    def timeframes(self) -> tuple[Timeframe, ...]:
        """As the class says."""
        found: tuple[Timeframe, ...] = self.inner.timeframes
        return found

    @property
    def entry_timeframe(self) -> Timeframe:
        """As the class says, else the shortest."""
        return Timeframe(getattr(self.inner, "entry_timeframe", min(self.timeframes)))

    def parameters(self) -> dict[str, Any]:
        """The fields."""
        return stored_values(self.inner)

    def detector(self, timeframe: Timeframe) -> DetectorSettings:
        """As the class says, else the defaults."""
        if not hasattr(self.inner, "detector"):
            return DetectorSettings()
        settings = self._call("detector", timeframe)
        if not isinstance(settings, DetectorSettings):
            raise self._wrong(f"detector returned {type(settings).__name__}, not DetectorSettings")
        return settings

    def evaluate(self, views: Mapping[Timeframe, View], tick_size: float) -> Verdict:
        """Let the class judge, and see that what it says is a verdict.

        Raises:
            StrategyError: it raised, or returned something else.
        """
        verdict = self._call("evaluate", views, tick_size)
        if not isinstance(verdict, Verdict) or not isinstance(verdict.reason, str) or not verdict.reason.strip():
            raise self._wrong(f"evaluate returned {verdict!r}, not a Verdict with a reason")
        made = verdict.suggestion
        if made is None:
            return verdict
        if not isinstance(made, Suggestion):
            raise self._wrong(f"the verdict holds {made!r}, not a Suggestion")
        try:
            return Verdict(_checked(made, views), verdict.reason)
        except (ParameterError, TypeError, ValueError, AttributeError) as error:
            raise self._wrong(f"the suggestion cannot be: {error}") from error

    def _call(self, name: str, *arguments: Any) -> Any:
        try:
            return getattr(self.inner, name)(*arguments)
        except (Exception, SystemExit) as error:
            raise fault(self.plugin.kind, error) from error

    def _wrong(self, what: str) -> StrategyError:
        return StrategyError(f"{self.plugin.kind}.py: {what}.", self.plugin.kind)


def _checked(made: Suggestion, views: Mapping[Timeframe, View]) -> Suggestion:
    """The suggestion with plain numbers, held against what the desk relies on."""
    timeframe = Timeframe(made.timeframe)
    if timeframe not in views:
        raise ParameterError(f"its timeframe {timeframe.name} is none of the strategy's")
    votes = tuple(_vote(vote) for vote in made.votes)
    certainty = confidence(votes)
    if abs(certainty - made.confidence) > 1e-6:  # noqa: PLR2004  (confidence has four places)
        raise ParameterError(f"its confidence {made.confidence} is not that of its votes, {certainty}")
    targets = tuple(Target(str(item.name), float(item.price), float(item.r)) for item in made.targets)
    if not targets or not all(math.isfinite(item.price) and math.isfinite(item.r) for item in targets):
        raise ParameterError("it has no target")
    if made.as_of != views[timeframe].bars.as_of or made.expires_at <= made.as_of:
        raise ParameterError("it must be stamped with the close of the last bar, and expire later")
    if not isinstance(made.source_key, str) or not made.source_key:
        raise ParameterError("its source_key must be a name for what it stands on")
    if not all(isinstance(item, Evidence) for item in made.evidence):
        raise ParameterError("its evidence must be a tuple of Evidence")
    found = replace(
        made,
        timeframe=timeframe,
        direction=int(made.direction),
        entry=float(made.entry),
        stop=float(made.stop),
        targets=targets,
        votes=votes,
        confidence=certainty,
        band=band(certainty),
        as_of=int(made.as_of),
        expires_at=int(made.expires_at),
        evidence=tuple(made.evidence),
    )
    for target in targets:
        Plan(
            timeframe,
            found.direction,
            found.entry_type,
            found.entry,
            found.stop,
            target.price,
            found.as_of,
            found.expires_at,
        )
    if not found.entry_type.startswith("BUY" if found.direction > 0 else "SELL"):
        raise ParameterError(f"a {found.entry_type} does not go with direction {found.direction}")
    return found


def _vote(vote: Vote) -> Vote:
    if vote.family not in FAMILIES:
        raise ParameterError(f"'{vote.family}' is no family of votes: use one of {', '.join(FAMILIES)}")
    found = Vote(
        vote.family, str(vote.name), int(vote.vote), float(vote.weight), float(vote.strength), str(vote.detail)
    )
    if found.vote not in (-1, 0, 1) or not 0 <= found.strength <= 1 or not found.weight >= 0:
        raise ParameterError(f"the vote '{found.name}' must be -1, 0 or 1 with a strength from 0 to 1")
    return found
