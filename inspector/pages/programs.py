"""The doors for programs: endpoints for `gradio_client` and curl, which `--mcp` also offers as tools (docs/programs.md).

Each answers with what the command line prints with `--json`. Functions and docstrings here are read by programs: a function's
name is the tool's, its docstring the tool's description.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable
from typing import Any, get_type_hints

import gradio as gr

from inspector.compare import LIMIT, InputError, compare, validate
from inspector.measures.spectrum import parse_truncation
from inspector.pages.compare import MODEL
from inspector.pages.loads import Apart, how_to_load, waits
from inspector.pages.pair import CHECK
from inspector.pages.run import MOST, refusal
from inspector.views.compressors import row_json
from models.registry import Registry, UnknownCompressor

MOST_ALTERNATIVES = 100
FAILED = "Something failed inside; the terminal that runs the inspector says what."
log = logging.getLogger(__name__)


def doors(table: Registry, limit: int = LIMIT) -> None:
    """Offer `/inspect`, `/diverge` and `/compressors` inside the current Blocks.

    Args:
        table: where compressors come from.
        limit: most tokens a text may have.
    """
    # The client that Gradio's MCP server calls itself with would report its start to its makers otherwise.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"

    def inspect(
        request: gr.Request, text: str, compressors: list[str], truncate: str | None = None, max_top: int = 5
    ) -> dict[str, Any]:
        """Compress a text with up to four LLM context compressors, bring it back from each memory, and measure what was lost.

        Args:
            text: The source text, up to 4,000 tokens.
            compressors: One to four addresses NAME or NAME@RATIO, such as "pocket-l@16"; the tool `compressors` lists the names.
            truncate: Keep only the memory's strongest directions: a number such as "8", or a share of the energy such as "90%".
            max_top: Alternatives listed for each token in the trace, 0 to 100; 0 makes the answer much smaller.

        Returns:
            A JSON object: for each compressor ratio, reconstruction, scores, trace, and what changed in meaning (code points).
        """
        return answer(lambda: inspected(table, limit, text, compressors, truncate, max_top), request)

    def diverge(request: gr.Request, source: str, reconstruction: str) -> dict[str, Any]:
        """Compare any text with any rewriting of it, such as a summary or a compression, and list what changed in meaning.

        Args:
            source: The text that should have been kept, up to 4,000 tokens.
            reconstruction: What was made of it.

        Returns:
            A JSON object: divergences (kind, severity, both spans in code points, a sentence), entities, counts of what survived.
        """
        return answer(lambda: diverged(table, limit, source, reconstruction), request)

    def compressors(request: gr.Request) -> list[dict[str, Any]]:
        """List the compressors that can be named, with their ratios, sizes and licences, and whether each is ready here.

        Returns:
            A JSON list with an object for each; where `ready` is false, `why_not` says why.
        """
        return answer(lambda: [row_json(row) for row in table.rows.values()], request)

    # The page's own runs wait in the same lines.
    for door, settings in ((inspect, MODEL), (diverge, CHECK), (compressors, {})):
        door.__annotations__ = get_type_hints(door)  # Gradio reads the answer's type from there, and no strings
        gr.api(door, api_name=door.__name__, **settings)


def answer(work: Callable[[], Any], request: gr.Request) -> Any:
    """What `work` makes; for the MCP server as JSON text, because it would print an object as Python does.

    Raises:
        gr.Error: it failed; one sentence for the program that asked.
    """
    try:
        made = work()
    except (InputError, UnknownCompressor) as error:
        said = refusal(error)
    except Exception:
        log.exception("a program's request failed")
        said = FAILED
    else:
        return json.dumps(made, ensure_ascii=False) if request.headers.get("x-gradio-user") == "mcp" else made
    raise gr.Error(said, print_exception=False)


def inspected(
    table: Registry, limit: int, text: str, compressors: list[str], truncate: str | None, max_top: int
) -> dict[str, Any]:
    """A comparison as JSON values. What a program sends may be of any type.

    Raises:
        InputError, UnknownCompressor: something given cannot be used, or a compressor failed.
    """
    if not isinstance(text, str) or not isinstance(compressors, list) or not all(isinstance(c, str) for c in compressors):
        raise InputError("Give a text, and a list of compressor names.")
    if len(compressors) > MOST:
        raise InputError(f"At most {MOST} compressors are compared at once; remove one.")
    if not isinstance(max_top, int) or not 0 <= max_top <= MOST_ALTERNATIVES:
        raise InputError(f"max_top is the number of alternatives, a whole number from 0 to {MOST_ALTERNATIVES}.")
    if truncate is not None:
        try:
            parse_truncation(truncate := str(truncate))
        except ValueError as error:
            raise InputError(capital(error)) from None
    if unloaded := [address for address in map(table.resolve, compressors) if waits(table, address)]:
        raise InputError(capital(how_to_load(unloaded[0])))  # a program must not start a download
    try:
        made = compare(text, compressors, truncate=truncate, max_top=max_top, limit=limit, registry=Apart(table))
    except RuntimeError as error:  # one of them failed, and the message names it
        raise InputError(capital(error)) from None
    return made.model_dump(mode="json")


def diverged(table: Registry, limit: int, source: str, reconstruction: str) -> dict[str, Any]:
    """A report as JSON values.

    Raises:
        InputError: a text cannot be used, and the message says which and why; or the language pipeline cannot be loaded.
    """
    if not isinstance(source, str) or not isinstance(reconstruction, str):
        raise InputError("Give two texts, the source and its reconstruction.")
    for name, text in (("Source", source), ("Reconstruction", reconstruction)):
        try:
            validate(text, limit)
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
    from inspector.divergence import diverge
    from inspector.divergence.language import PipelineError

    try:
        return diverge(source, reconstruction).model_dump(mode="json")
    except PipelineError as error:
        raise InputError(capital(error)) from None


def capital(error: Exception | str) -> str:
    """The first line of a message, as a sentence begins."""
    said = str(error).strip().splitlines()[0]
    return said[0].upper() + said[1:]
