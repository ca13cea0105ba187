"""What the person says about the analyst: whether it is asked, where, which model, in which language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from core.errors import SettingsError

DEFAULT_URL: Final = "http://127.0.0.1:11434"
LANGUAGES: Final = (
    "English", "German", "French", "Spanish", "Italian", "Portuguese", "Dutch", "Polish", "Czech", "Swedish", "Danish",
    "Turkish", "Ukrainian", "Russian", "Arabic", "Hindi", "Chinese", "Japanese", "Korean",
)  # fmt: skip
"""What a form offers; any other name of a language will do."""
SECONDS: Final = (10, 600)
"""The least and the most that one opinion may take."""
_LONGEST: Final = 200
_WORD: Final = 40


@dataclass(frozen=True)
class AnalystSettings:
    """`model` empty means the one that the server changed last. `seconds` is the time one opinion may take."""

    enabled: bool = True
    url: str = DEFAULT_URL
    model: str = ""
    language: str = "English"
    vision: bool = False
    seconds: int = 240

    @classmethod
    def from_mapping(cls, stored: Mapping[str, Any] | None) -> AnalystSettings:
        """What is stored, over the defaults; keys of another release are passed over.

        Raises:
            SettingsError: a value that cannot be used.
        """
        known = {key: value for key, value in (stored or {}).items() if key in cls.__dataclass_fields__}
        return check(cls(**known))

    def as_mapping(self) -> dict[str, Any]:
        """JSON types, for the row of settings and for the lineage."""
        return asdict(self)


def check(settings: AnalystSettings) -> AnalystSettings:
    """The settings with trimmed texts and a plain address.

    Raises:
        SettingsError: one sentence that names the field.
    """
    url = settings.url.strip().rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        usable = False
    if not usable or any(char.isspace() for char in url) or len(url) > _LONGEST:
        raise SettingsError(f"'{url[:80]}' is no address of a model server: write http://host:11434.", url)
    if parts.username or parts.password or parts.query or parts.fragment:
        raise SettingsError("The address of the model server has no user, password, question or fragment.", url)
    model = settings.model.strip()
    if len(model) > _LONGEST or any(char.isspace() for char in model):
        raise SettingsError("The name of a model has no spaces and at most 200 characters.", model)
    language = " ".join(settings.language.split())
    if not language.replace(" ", "").isalpha() or len(language) > _WORD:
        raise SettingsError("Name the language of the answer in letters, such as English or German.", language)
    low, high = SECONDS
    if not low <= int(settings.seconds) <= high:
        raise SettingsError(f"An opinion may take {low} to {high} seconds.", settings.seconds)
    return AnalystSettings(bool(settings.enabled), url, model, language, bool(settings.vision), int(settings.seconds))
