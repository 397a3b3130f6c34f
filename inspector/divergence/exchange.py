"""Is one word in another's place a rewording or another statement?

WordNet and a thesaurus decide where they know the pair; the pipeline's vectors weigh the rest. Vectors alone cannot: opposites
and co-hyponyms ("France", "Germany") are neighbours in them.
"""

from __future__ import annotations

from dataclasses import dataclass

from inspector.divergence.likeness import cosine, relation
from inspector.divergence.pairing import Pair
from inspector.inspection import Severity


@dataclass(frozen=True)
class Exchange:
    severity: Severity
    confidence: float
    relation: str | None  # synonym | derived | antonym | broader | narrower | sibling | None


FAR = 0.35  # cosine under which one synonym nearby is no excuse
PARAPHRASED = 2  # words put otherwise nearby, from which on an unknown exchange is taken for one more of them


def exchange(p: Pair, i: int, j: int) -> Exchange:
    """Word i of the source for word j of the reconstruction; both content words.

    An exchange that no resource knows is judged by its company: alone in a text that is otherwise the same it is another
    statement; amid words that are all put otherwise it is most likely one more that the resources lack. (SummEdits-dev: with no
    other rewording in the pair nine of ten such nouns, and three of four such verbs, stand in inconsistent summaries; with two or
    more, a fifth.)
    """
    a, b = p.source, p.reconstruction
    if a.lower[i] == b.lower[j] or a.lemma[i] == b.lemma[j]:
        return Exchange("acceptable", 0.9, "synonym")
    related = relation(a.lemma[i], a.pos[i], b.lemma[j], b.pos[j])
    if p.turning(i, j):
        # "not present" and "absent": two turns, or an opposite that no resource knows.
        return Exchange("minor", 0.35, related)
    if related == "antonym":
        return Exchange("serious", 0.95, related)
    if related in ("synonym", "derived"):
        return Exchange("acceptable", 0.8, related)
    if related in ("broader", "narrower"):
        return Exchange("minor", 0.6, related)
    company = p.reworded[a.sentence[i]]
    near = max(cosine(a, i, b, j), 0.0)
    mine, theirs = {c.token for c in p.cues}, {c.token for c in p.new_cues}
    if p.loose(i) or i in mine or j in theirs:
        return Exchange("minor", 0.35, related)
    if company >= PARAPHRASED or (company and near > FAR):
        return Exchange("minor", 0.4, related)
    return Exchange("serious", 0.55 + 0.35 * (1 - near) / (1 + company), related)
