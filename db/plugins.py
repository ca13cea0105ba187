"""The user's own strategies: one file each in a folder of their own, loaded when one of them is asked for.

The file's name is the strategy's kind. A scan loads the one file it needs and no other, so that a faulty file stops
nothing but its own scans. The text is hashed at every use and loaded anew when it changed: no process has to be
restarted. Nothing is ever loaded from the data base or from an upload.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from core.errors import StrategyError
from core.settings import Settings
from core.strategies import registry
from core.strategies.base import Strategy
from core.strategies.parameters import ParameterInfo
from core.strategies.plugin import Plugin, check_class, fault

_PACKAGE = "chartroom_strategies"
_seen: dict[Path, tuple[str, StrategyError | None]] = {}
"""Hash of the text that was loaded last from each file, and what was wrong with it."""


@dataclass(frozen=True)
class StrategyFile:
    """A file in the user's folder; `error` says in one sentence why it cannot be used, None when it can."""

    kind: str
    path: Path
    error: str | None


def strategies_folder() -> Path:
    """Where the environment says the user's own strategies are."""
    return Settings.from_mapping(os.environ).strategies


def strategy_of(kind: str, parameters: Mapping[str, Any]) -> Strategy:
    """The strategy `kind` with these parameters, from the user's folder if it is no built-in one.

    Raises:
        ParameterError: there is no such strategy (any more), or it does not take these parameters.
        StrategyError: the file cannot be used.
    """
    load_kind(kind)
    return registry.make_strategy(kind, parameters)


def describe_kind(kind: str) -> list[ParameterInfo]:
    """The parameters of a strategy, from the user's folder if it is no built-in one; errors as `strategy_of`."""
    load_kind(kind)
    return registry.describe(kind)


def usable_kinds() -> list[str]:
    """Built-in strategies, then those of the user's files that can be used."""
    return [*registry.KINDS, *(file.kind for file in strategy_files() if file.error is None)]


def strategy_files() -> list[StrategyFile]:
    """Every strategy file in the user's folder, loaded anew where it changed; none when there is no folder.

    Files that begin with an underscore or a dot are left alone.
    """
    folder = strategies_folder()
    found = []
    for path in sorted(folder.glob("*.py")) if folder.is_dir() else []:
        if path.name[0] in "_.":
            continue
        try:
            _load(path)
        except StrategyError as error:
            found.append(StrategyFile(path.stem, path, error.message))
        else:
            found.append(StrategyFile(path.stem, path, None))
    return found


def load_kind(kind: str) -> None:
    """See that the registry knows the present text of one of the user's files; built-in kinds need nothing.

    Raises:
        StrategyError: the file cannot be used.
    """
    if kind in registry.KINDS or not kind.isidentifier():
        return
    path = strategies_folder() / f"{kind}.py"
    if path.is_file():
        _load(path)
    else:
        registry.forget(kind)


def _load(path: Path) -> None:
    try:
        text = path.read_bytes()
    except OSError as error:
        raise StrategyError(f"{path.name} cannot be read: {error.strerror}.", path) from error
    digest = hashlib.sha256(text).hexdigest()
    known, wrong = _seen.get(path, ("", None))
    if known != digest or (wrong is None and not registry.knows(path.stem, digest)):
        wrong = _import(path, text, digest)
        _seen[path] = digest, wrong
    if wrong is not None:
        raise wrong


def _import(path: Path, text: bytes, digest: str) -> StrategyError | None:
    """Run the file and register its class; what is wrong with it, or None."""
    kind = path.stem
    registry.forget(kind)
    if not kind.isidentifier():
        return StrategyError(f"{path.name}: the name of a strategy file is made of letters, digits and _.", path)
    # Compiled by hand: Python's own cache goes by the file's time and size, and would miss a quick second edit.
    module = ModuleType(f"{_PACKAGE}.{kind}")
    module.__file__ = str(path)
    sys.modules[module.__name__] = module  # where dataclasses look up what an annotation means
    try:
        exec(compile(text, str(path), "exec"), module.__dict__)  # the user's own code, from the user's own folder
        cls = _strategy_class(kind, module)
        check_class(kind, cls)
        registry.register(Plugin(kind, cls, digest))
    except StrategyError as error:
        return error
    except (Exception, SystemExit) as error:
        return fault(kind, error)
    return None


def _strategy_class(kind: str, module: ModuleType) -> type:
    own = [item for item in vars(module).values() if isinstance(item, type) and item.__module__ == module.__name__]
    found = [cls for cls in own if hasattr(cls, "evaluate")]
    if len(found) == 1:
        return found[0]
    names = ", ".join(cls.__name__ for cls in found)
    what = f"has {len(found)} strategy classes ({names}): keep one" if found else "has no class with a method evaluate"
    raise StrategyError(f"{kind}.py {what}.", kind)
