"""How the package llmlingua is asked: the environment variable INSPECTOR_LINGUA, read at each load."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass, replace

VARIABLE = "INSPECTOR_LINGUA"
MOST = 100  # tokens that the package can force


@dataclass(frozen=True)
class LinguaSettings:
    """Set by INSPECTOR_LINGUA, as in `force_tokens=!,?,\\n question="Who came?"`."""

    force_tokens: tuple[str, ...] = ()  # LLMLingua-2 keeps them; split at commas, `\\,` is a comma, `\\n` a line break
    question: str = ""  # LongLLMLingua's

    @classmethod
    def named(cls, text: str | None = None) -> LinguaSettings:
        """Settings from `NAME=VALUE …`; None for what the environment variable says.

        Raises:
            ValueError: an unknown name, an open quotation mark, or too many tokens.
        """
        text = os.environ.get(VARIABLE, "") if text is None else text
        reader = shlex.shlex(text, posix=True, punctuation_chars=False)
        reader.whitespace_split, reader.escape, reader.commenters = True, "", ""
        try:
            parts = list(reader)
        except ValueError:
            raise ValueError(f"{VARIABLE}: a quotation mark is not closed") from None
        found = cls()
        for part in parts:
            name, _, value = part.partition("=")
            if name == "force_tokens":
                pieces = re.split(r"(?<!\\),", value)
                tokens = tuple(p.replace("\\,", ",").replace("\\n", "\n").replace("\\t", "\t") for p in pieces if p)
                found = replace(found, force_tokens=tokens)
            elif name == "question":
                found = replace(found, question=value.strip())
            else:
                raise ValueError(f"{VARIABLE} has no setting {name!r}; known: force_tokens, question")
        if len(found.force_tokens) > MOST:
            raise ValueError(f"{VARIABLE}: force_tokens takes at most {MOST} tokens, not {len(found.force_tokens)}")
        return found
