"""What the model is told for a question about the journal, and what it may answer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, Field

from core.analyst.answer import unfenced
from core.analyst.citing import CheckedSentence, as_json, check_sentence
from core.analyst.fence import fenced
from core.analyst.question_evidence import Evidence
from core.analyst.question_figures import Table
from core.analyst.template import system_text
from core.text import storable

LONGEST: Final = 500
"""Characters of a question."""
SENTENCES: Final = 12
CITES: Final = 8
"""Figures that one sentence may stand on: with all of them cited, any number would be found."""
_SENTENCE: Final = 600
_NOTE: Final = 300

_SYSTEM: Final = """\
You help a trader to understand a trading journal. A program has computed figures; each has a key such as F3.

- Answer the question in two to six short sentences, the most important first.
- Every sentence lists in "cites" the keys of the figures it speaks of, at most eight.
- Use numbers from the figures only, written as they stand there, with the sign of a negative one. Compute nothing: no \
differences, no sums, no shares.
- Few trades prove little: say so where a figure stands on fewer than 20 trades.
- Where the figures do not answer the question, say what is missing. Names go in quotation marks."""


class AnswerSentence(BaseModel):
    """One sentence and the keys of the figures it stands on."""

    model_config = ConfigDict(extra="forbid")

    text: str = Field(min_length=1)
    cites: list[str] = Field(max_length=CITES)


class DeskAnswer(BaseModel):
    """An answer to a question about the journal, sentence by sentence."""

    model_config = ConfigDict(extra="forbid")

    sentences: list[AnswerSentence] = Field(min_length=1)


@dataclass(frozen=True)
class CheckedAnswer:
    """The sentences with every number looked up; `failed` is how many numbers are not in the evidence."""

    sentences: tuple[CheckedSentence, ...]

    @property
    def failed(self) -> int:
        return sum(len(one.failed) for one in self.sentences)

    def as_json(self) -> dict[str, Any]:
        """What is stored."""
        return {"sentences": as_json(self.sentences), "failed": self.failed}


def question_texts(question: str, evidence: Evidence, language: str) -> tuple[str, str]:
    """(system, prompt) for a question. Names of groups and notes are fenced: people wrote them."""
    parts = [f"Question: {_plain(question)}", "", f"The figures are about: {fenced('scope', evidence.scope)}"]
    for table in evidence.tables:
        told = "; ".join(f"{column.title}: {column.definition}" for column in table.columns)
        rows = "\n".join(_rows(evidence, table))
        parts += ["", f"Table {fenced('title', table.title)}", f"({told})", fenced("rows", rows, 6000)]
    if evidence.notes:
        said = "\n".join(f"Trade {one.trade_id}: {one.text[:_NOTE]}" for one in evidence.notes)
        parts += ["", "What the trader noted about the largest losses and gains:", fenced("notes", said)]
    parts += ["", "Answer the question with these figures alone."]
    return system_text(_SYSTEM, language), "\n".join(parts)


def read_desk_answer(text: str, evidence: Evidence, language: str) -> CheckedAnswer:
    """The answer in a model's text with every number checked.

    Raises:
        pydantic.ValidationError: it is none.
        ValueError: it is too long, or stands on no figure at all; one sentence.
    """
    answer = DeskAnswer.model_validate_json(unfenced(text))
    if len(answer.sentences) > SENTENCES or any(len(one.text) > _SENTENCE for one in answer.sentences):
        raise ValueError(f"at most {SENTENCES} sentences of {_SENTENCE} characters")
    checked = tuple(
        check_sentence(
            " ".join(storable(one.text).split()), [storable(key) for key in one.cites], evidence.figures, language
        )
        for one in answer.sentences
    )
    if any(len(one.cites) + len(one.unknown) > CITES for one in checked):
        raise ValueError(f"at most {CITES} figures for one sentence")
    if not any(one.cites for one in checked):
        raise ValueError("no sentence cites a figure: put keys such as F1 into cites")
    return CheckedAnswer(checked)


def _rows(evidence: Evidence, table: Table) -> Iterator[str]:
    for group, keys in table.rows:
        cells = [
            f"{key} {column.title} {evidence.figures[key].written}"
            for key, column in zip(keys, table.columns, strict=True)
            if key
        ]
        yield f"{group}: {'; '.join(cells)}"


def _plain(question: str) -> str:
    """The question on one line, without signs that could pass for the marks of a block."""
    return " ".join(question.replace("<", "(").replace(">", ")").split())[:LONGEST]
