"""Drift probe: does memory prefer a text's own sentence to one that says something else, in one of seven ways?

Minimal pairs are made from the text's own parse, along the paper's seven drift dimensions. **The definitions are ours**: the
paper's list of questions (App. G.2, made with a language model) could not be read. No model judges.

    margin = ln p(true sentence) − ln p(altered sentence)

in nats, after the same true words and within the same window, from the first differing token to the end of the sentence (or
of the window): given memory; given none (`prior`); and given the memory of another text (`control`), which cannot know.
The true one is preferred where the margin is above 0.
"""

from inspector.probes.drift.ask import ask
from inspector.probes.drift.make import DIMENSIONS, pairs, pairs_of
from inspector.probes.drift.pair import MinimalPair

__all__ = ["DIMENSIONS", "MinimalPair", "ask", "pairs", "pairs_of"]
