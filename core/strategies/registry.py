"""Strategies by name, made from stored parameters: the built-in ones, and the user's own once they are registered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import ChartroomError, ParameterError, StrategyError
from core.strategies.base import Strategy
from core.strategies.confluence import Confluence
from core.strategies.parameters import ParameterInfo, describe_class, read_values
from core.strategies.plugin import Plugin, PluginStrategy, fault
from core.strategies.smc_mtf import SmcMtf

KINDS: dict[str, type] = {"smc_mtf": SmcMtf, "confluence": Confluence}
"""The built-in ones."""

_plugins: dict[str, Plugin] = {}


def register(plugin: Plugin) -> None:
    """Make one of the user's own strategies known, or replace it.

    Raises:
        StrategyError: it has the name of a built-in one.
    """
    if plugin.kind in KINDS:
        raise StrategyError(f"{plugin.kind}.py has the name of a built-in strategy: rename the file.", plugin.kind)
    _plugins[plugin.kind] = plugin


def forget(kind: str) -> None:
    """One of the user's own is gone."""
    _plugins.pop(kind, None)


def knows(kind: str, source: str) -> bool:
    """Whether one of the user's own is registered with this text (its hash)."""
    return kind in _plugins and _plugins[kind].source == source


def make_strategy(kind: str, parameters: Mapping[str, Any]) -> Strategy:
    """The strategy `kind` with these parameters; what is not given keeps its default.

    Raises:
        ParameterError: an unknown kind or parameter (the allowed ones are named), or a value out of range.
        StrategyError: the user's own code failed.
    """
    cls = _class_of(kind)
    values = read_values(kind, cls, dict(parameters))
    plugin = _plugins.get(kind)
    if plugin is None:
        made: Strategy = cls(**values)
        return made
    try:
        return PluginStrategy(plugin, cls(**values))
    except ChartroomError:
        raise
    except (Exception, SystemExit) as error:
        raise fault(kind, error) from error


def describe(kind: str) -> list[ParameterInfo]:
    """The parameters of a strategy as a typed form shows them, in order.

    Raises:
        ParameterError: an unknown kind.
    """
    return describe_class(_class_of(kind))


def _class_of(kind: str) -> type:
    if kind in KINDS:
        return KINDS[kind]
    if kind in _plugins:
        return _plugins[kind].cls
    known = ", ".join([*KINDS, *sorted(_plugins)])
    raise ParameterError(
        f"'{kind}' is no strategy: use one of {known}, or put {kind}.py into the folder of your own strategies.", kind
    )
