"""What an annotator says of an item: a verdict, marks, and an answer to each suggestion."""

from __future__ import annotations

import unicodedata
from typing import Literal

from pydantic import Field, field_validator, model_validator

from inspector.annotations.items import SIDES, Item, Suggestions
from inspector.inspection import KINDS, Contract, Severity, Span

Verdict = Literal["faithful", "acceptable_paraphrase", "drift", "overwriting", "unsure"]
VERDICTS: tuple[str, ...] = Verdict.__args__  # type: ignore[attr-defined]
Answer = Literal["accepted", "rejected", "edited"]
Shown = Literal["first", "after", "never"]  # suggestions: from the start, after a first pass without them, not at all
SHOWN: tuple[str, ...] = Shown.__args__  # type: ignore[attr-defined]
LONGEST_NAME = 64


class Mark(Contract):
    """One divergence as a person sees it; with both spans they are a pair: this became that."""

    kind: str
    severity: Severity
    source: Span | None = None
    reconstruction: Span | None = None
    suggestion: int | None = Field(None, ge=0)  # the suggestion it was made from, as accepted or edited

    @model_validator(mode="after")
    def _whole(self) -> Mark:
        if self.kind not in KINDS:
            raise ValueError(f"{self.kind!r} is no kind; kinds are {', '.join(KINDS)}")
        if self.source is None and self.reconstruction is None:
            raise ValueError("a mark needs a span in the source, in the reconstruction, or both")
        return self

    @property
    def content(self) -> tuple[object, ...]:
        return self.kind, self.severity, self.source, self.reconstruction


class Decision(Contract):
    suggestion: int = Field(ge=0)
    answer: Answer


class Label(Contract):
    """One annotator's whole answer for an item."""

    verdict: Verdict
    marks: tuple[Mark, ...] = ()
    comment: str = ""
    suggestions: str | None = None  # id of those that were shown
    decisions: tuple[Decision, ...] = ()  # suggestions without one were left open
    shown: Shown = "never"  # when the suggestions were shown
    blind: bool = False  # the compressor's name was hidden
    guideline: str | None = None  # id of the version at hand
    seconds: float | None = Field(None, ge=0)  # spent on the item

    def check(self, item: Item, suggested: Suggestions | None) -> None:
        """Whether this label can be one of this item.

        Raises:
            ValueError: a span outside the texts; a decision or a mark that names no suggestion; an accepted suggestion whose mark
                is missing or differs, an edited one that does not, a rejected one with a mark; suggestions said to be shown that
                are not named.
        """
        for number, mark in enumerate(self.marks, 1):
            for side in SIDES:
                try:
                    item.check(side, getattr(mark, side))
                except ValueError as error:
                    raise ValueError(f"mark {number}: {error}") from None
        if (self.shown == "never") != (self.suggestions is None):
            raise ValueError("a label names its suggestions where they were shown, and only there")
        known = suggested.divergences if suggested else ()
        made: dict[int, list[Mark]] = {}
        for mark in self.marks:
            if mark.suggestion is not None:
                made.setdefault(mark.suggestion, []).append(mark)
        answers = {decision.suggestion: decision.answer for decision in self.decisions}
        if len(answers) != len(self.decisions):
            raise ValueError("a suggestion has two decisions; one is wanted")
        for index in sorted(answers.keys() | made.keys()):
            if index >= len(known):
                raise ValueError(f"there is no suggestion {index}; this item has {len(known)}")
            self._check_decision(index, answers.get(index), made.get(index, []), known[index])

    @staticmethod
    def _check_decision(index: int, answer: str | None, marks: list[Mark], found: object) -> None:
        content = tuple(getattr(found, field) for field in ("kind", "severity", "source", "reconstruction"))
        if answer is None:
            raise ValueError(f"a mark comes from suggestion {index}, which has no decision")
        if answer == "rejected" and marks:
            raise ValueError(f"suggestion {index} is rejected, but a mark comes from it")
        if answer == "accepted" and [mark.content for mark in marks] != [content]:
            raise ValueError(f"suggestion {index} is accepted, so one mark must say the same")
        if answer == "edited" and (not marks or content in [mark.content for mark in marks]):
            raise ValueError(f"suggestion {index} is edited, so its mark must be there and differ from it")


def clean_name(name: str, what: str = "name") -> str:
    """A name as it is stored: NFC, without spaces around it.

    Raises:
        ValueError: empty, longer than 64 characters, or with control characters.
    """
    name = unicodedata.normalize("NFC", name).strip()
    if not name:
        raise ValueError(f"the {what} is empty; give one")
    if len(name) > LONGEST_NAME:
        raise ValueError(f"the {what} has {len(name)} characters; at most {LONGEST_NAME} are stored")
    if any(unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") for character in name):
        raise ValueError(f"the {what} {name!r} holds a control character; leave it out")
    return name


class Guideline(Contract):
    """What annotators are told, in Markdown; its id is its version."""

    text: str

    @field_validator("text")
    @classmethod
    def _some(cls, text: str) -> str:
        if not text.strip():
            raise ValueError("the guideline is empty")
        return text

    @property
    def id(self) -> str:
        from inspector.annotations.items import digest

        return digest(self.text)
