"""Trees of other schemes, turned into Universal Dependencies: English pipelines on OntoNotes use ClearNLP's labels.

There a preposition governs its noun (`prep`, `pobj`) and "is" governs what follows (`attr`, `acomp`); UD has the content
word on top. Kinds read UD only.
"""

from __future__ import annotations

from collections.abc import Sequence

CLEARNLP = {
    "nsubjpass": "nsubj:pass", "csubjpass": "csubj:pass", "dobj": "obj", "dative": "iobj", "auxpass": "aux:pass",
    "neg": "advmod", "poss": "nmod:poss", "relcl": "acl:relcl", "npadvmod": "obl:npmod", "prt": "compound:prt",
    "oprd": "xcomp", "pcomp": "advcl", "predet": "det", "nounmod": "nmod", "intj": "discourse", "quantmod": "advmod",
    "preconj": "cc", "agent": "agent", "acomp": "acomp", "attr": "attr", "prep": "prep", "pobj": "pobj", "root": "ROOT",
}  # fmt: skip


def is_clearnlp(labels: Sequence[str]) -> bool:
    return "dobj" in labels or "pobj" in labels


def to_ud(heads: list[int], deps: list[str], lemmas: Sequence[str], pos: Sequence[str]) -> tuple[list[int], list[str]]:
    """Heads (the root is its own head) and labels of a ClearNLP tree in UD's manner; English copulas and prepositions only."""
    heads, deps = list(heads), [CLEARNLP.get(d, d) for d in deps]
    for noun, dep in enumerate(deps):
        if dep == "pobj":
            preposition = heads[noun]
            agent = deps[preposition] == "agent"
            up = heads[preposition] if heads[preposition] != preposition else noun
            heads[noun], heads[preposition] = up, noun
            verbal = up != noun and pos[up] in ("VERB", "AUX", "ADJ", "ADV")
            deps[noun] = "obl:agent" if agent else "obl" if verbal else "nmod"
            deps[preposition] = "case"
    for word, dep in enumerate(deps):
        verb = heads[word]
        if dep in ("attr", "acomp") and lemmas[verb] == "be":
            heads[word] = heads[verb] if heads[verb] != verb else word
            deps[word] = deps[verb]
            for child, head in enumerate(heads):
                if head == verb and child not in (word, verb):
                    heads[child] = word
            heads[verb], deps[verb] = word, "cop"
        elif dep in ("attr", "acomp"):
            deps[word] = "xcomp"
    return heads, [{"prep": "case", "agent": "case", "pobj": "obl"}.get(d, d) for d in deps]
