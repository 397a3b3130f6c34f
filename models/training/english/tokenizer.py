"""spaCy's English tokenizer, with the hyphens of "19-year-old" split as the treebanks split them."""

from __future__ import annotations

import spacy
from spacy.lang.char_classes import ALPHA, HYPHENS
from spacy.language import Language
from spacy.util import compile_infix_regex, registry

# After these a hyphen stays within the word: "e-mail", "mid-July", "pre-war".
PREFIXES = "e re pre mid non co anti ex un multi semi sub post pro bi inter vice micro mini neo quasi ultra".split()
DEFAULT = rf"(?<=[{ALPHA}0-9])(?:{HYPHENS})(?=[{ALPHA}])"
SPLIT = "".join(rf"(?<!\b(?i:{p}))" for p in PREFIXES) + rf"(?<=[0-9{ALPHA}])(?:{HYPHENS})(?=[{ALPHA}0-9])"


def split_hyphens(nlp: Language) -> Language:
    """Let every hyphen or dash between letters or digits be a token of its own, as UD English has it."""
    nlp.tokenizer.infix_finditer = compile_infix_regex([*(i for i in nlp.Defaults.infixes if i != DEFAULT), SPLIT]).finditer
    return nlp


@registry.callbacks("inspector.split_hyphens.v1")
def create_split_hyphens():
    return split_hyphens


def blank() -> Language:
    return split_hyphens(spacy.blank("en"))
