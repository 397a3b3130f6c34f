"""What an error says, as one line."""

from __future__ import annotations


def first_line(error: BaseException, otherwise: str | None = None) -> str:
    """The first line of an error's message; of one without a message `otherwise`, or its class."""
    return next(iter(str(error).strip().splitlines()), otherwise or type(error).__name__)
