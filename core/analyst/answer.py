"""What the model may answer about a signal: one flat record, and what makes it believable."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, model_validator

from core.analyst.evidence import SignalEvidence
from core.text import storable

SENTENCE: Final = 400
"""Characters of one reason or risk. Checked here and not in the schema: servers turn long bounds into huge grammars."""
ERRORS: Final = 500
"""Characters of what is said about an answer that cannot be used."""

_FENCE = re.compile(r"\A\s*```[a-zA-Z]*(?P<inside>.*?)```\s*\Z", re.DOTALL)
_DECLINED = re.compile(
    r"\b(i(?:\W?m| am)? (?:sorry|unable|not able|can\W?t|cannot|can not|won\W?t|must decline)"
    r"|as an ai|financial advice)",
    re.IGNORECASE,
)


def _sentence(text: str) -> str:
    """Trimmed; not empty and not a page."""
    trimmed = storable(text).strip()
    if not trimmed:
        raise ValueError("must not be empty")
    if len(trimmed) > SENTENCE:
        raise ValueError(f"must have at most {SENTENCE} characters")
    return trimmed


Sentence = Annotated[str, AfterValidator(_sentence)]
Price = Annotated[float, Field(gt=0, allow_inf_nan=False, strict=True)]


class Answer(BaseModel):
    """An opinion on a signal. `confidence` is a whole number, 0 to 100, for the direction the model itself names.

    With `none` there are no prices: those given are dropped. Otherwise stop, entry and targets are in the order of the
    direction, the entry lies near the last close, and stop and targets lie within twice that or no farther than the
    signal's own. `targets` come nearest first, each once. The context of a validation is
    `context_of(evidence)`; without it the distance is not checked. The fields are in the order in which a model writes
    them: it gives its reasons before its verdict.
    """

    model_config = ConfigDict(extra="forbid")

    reasons: list[Sentence] = Field(min_length=1, max_length=6, description="short sentences, for the direction")
    risks: list[Sentence] = Field(max_length=6, description="short sentences, against it")
    direction: Literal["long", "short", "none"] = Field(description="long, short, or none to stay out")
    confidence: int = Field(ge=0, le=100, strict=True, description="0 to 100")
    entry: Price | None = Field(description="price; null when direction is none")
    stop: Price | None = Field(description="price that ends the idea; null when direction is none")
    targets: list[Price] = Field(max_length=5, description="prices; empty when direction is none")
    invalidation: Sentence = Field(description="what would prove this wrong, one sentence")

    @model_validator(mode="after")
    def _believable(self, info: ValidationInfo) -> Self:
        if self.direction == "none":
            self.entry, self.stop, self.targets = None, None, []
            return self
        if self.entry is None or self.stop is None or not self.targets:
            raise ValueError(f"a direction of {self.direction} needs an entry, a stop and at least one target")
        sign = 1 if self.direction == "long" else -1
        self.targets = sorted(set(self.targets), key=lambda price: sign * price)
        if not sign * self.stop < sign * self.entry < sign * self.targets[0]:
            order = "stop < entry < targets" if sign > 0 else "targets < entry < stop"
            raise ValueError(f"the prices of a {self.direction} must be in the order {order}")
        near = info.context or {}
        if near:
            _check_near("entry", [self.entry], near["last_close"], near["reach"])
            _check_near("stop", [self.stop], near["last_close"], near["farthest"])
            _check_near("targets", self.targets, near["last_close"], near["farthest"])
        return self

    @property
    def sign(self) -> int:
        """+1 long, -1 short, 0 none."""
        return {"long": 1, "short": -1, "none": 0}[self.direction]


def _check_near(name: str, prices: Sequence[float], close: float, reach: float) -> None:
    if any(abs(price - close) > reach for price in prices):
        raise ValueError(f"{name}: too far from the last close {close:g}")


def context_of(evidence: SignalEvidence) -> dict[str, float]:
    """What an answer about this signal is checked against."""
    close, reach = evidence.last_close, evidence.reach
    own = (evidence.stop, *(target.price for target in evidence.targets))
    return {"last_close": close, "reach": reach, "farthest": max(2 * reach, *(abs(price - close) for price in own))}


def read_answer(text: str, context: dict[str, float] | None = None) -> Answer:
    """The answer in a model's text, a fenced one included.

    Raises:
        pydantic.ValidationError: it is none; `shortened` puts it into one line.
    """
    return Answer.model_validate_json(unfenced(text), context=context)


def unfenced(text: str) -> str:
    """The text without a Markdown fence around the whole of it."""
    found = _FENCE.match(text)
    return (found["inside"] if found else text).strip()


def shortened(error: ValidationError) -> str:
    """What was wrong, in one line without the values themselves."""
    found = error.errors(include_url=False, include_input=False, include_context=False)
    return "; ".join(_one(item) for item in found)[:ERRORS]


def declined(text: str) -> bool:
    """Whether a text that is no answer says that the model does not want to give one."""
    return "{" not in text and _DECLINED.search(text) is not None


def _one(item: Any) -> str:
    place = ".".join(str(part) for part in item["loc"])
    said = str(item["msg"]).removeprefix("Value error, ")
    return f"{place}: {said}" if place else said
