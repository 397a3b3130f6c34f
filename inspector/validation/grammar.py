"""Pairs made by a small grammar: the same event in other words, and with the parts exchanged.

Active, passive with "be" and "get", cleft of either part, relative clause of either part, dative both ways; each amid other
sentences. Who is swapped is known by construction, so nobody has to judge.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from inspector.validation.sets import Labelled

# base, past, participle
VERBS = [
    tuple(v.split("/"))
    for v in (
        "hit/hit/hit praise/praised/praised chase/chased/chased warn/warned/warned see/saw/seen beat/beat/beaten "
        "teach/taught/taught "
        "hire/hired/hired sue/sued/sued call/called/called forgive/forgave/forgiven choose/chose/chosen bite/bit/bitten "
        "blame/blamed/blamed catch/caught/caught follow/followed/followed help/helped/helped visit/visited/visited "
        "insult/insulted/insulted invite/invited/invited kick/kicked/kicked meet/met/met offend/offended/offended pay/paid/paid "
        "push/pushed/pushed recognise/recognised/recognised rescue/rescued/rescued shoot/shot/shot strike/struck/struck "
        "thank/thanked/thanked trust/trusted/trusted attack/attacked/attacked accuse/accused/accused admire/admired/admired "
        "find/found/found defeat/defeated/defeated question/questioned/questioned interview/interviewed/interviewed "
        "protect/protected/protected lead/led/led"
    ).split()
]
GIVING = [
    tuple(v.split("/")) for v in "gave/given sent/sent lent/lent sold/sold showed/shown offered/offered handed/handed".split()
]
THINGS = ["a letter", "the key", "an old map", "two tickets", "the report", "a silver coin"]
WHO = (
    "Alice, Bob, Carol, David, Emma, Frank, Grace, Henry, Irene, Jack, Laura, Martin, Nora, Oscar, the teacher, the doctor, "
    "the old farmer, the young clerk, the mayor, the dog, the cat, the pilot, the referee, the striker, the nurse, the banker, "
    "Mr. Lewis, Dr. Shaw, the Spanish painter, the tall guard, Maria Lopez, Peter Novak, Susan Clarke, the editor"
).split(", ")
BESIDE = ["It had rained all morning.", "Nobody spoke for a while.", "The street was quiet.", "The match ended late.", ""]

Form = Callable[[str, tuple[str, ...], str], str]
FORMS: dict[str, Form] = {
    "active": lambda x, v, y: f"{x} {v[1]} {y}.",
    "passive": lambda x, v, y: f"{y} was {v[2]} by {x}.",
    "get-passive": lambda x, v, y: f"{y} got {v[2]} by {x}.",
    "cleft": lambda x, v, y: f"it was {x} who {v[1]} {y}.",
    "object cleft": lambda x, v, y: f"it was {y} that {x} {v[1]}.",
}
RELATIVE: dict[str, Form] = {
    "who": lambda x, v, y: f"{x}, who {v[1]} {y}, left early.",
    "by whom": lambda x, v, y: f"{x}, by whom {y} was {v[2]}, left early.",
    "whom": lambda x, v, y: f"{x}, whom {y} {v[1]}, left early.",  # the other way round
}
DATIVE: dict[str, Callable[[str, tuple[str, ...], str, str], str]] = {
    "double object": lambda x, v, y, thing: f"{x} {v[0]} {y} {thing}.",
    "to": lambda x, v, y, thing: f"{x} {v[0]} {thing} to {y}.",
    "passive": lambda x, v, y, thing: f"{y} was {v[1]} {thing} by {x}.",
}


def pairs(count: int = 1600, seed: int = 5) -> list[Labelled]:
    """`count` pairs at most, half of them swapped; labels: swapped, harmless. The same on every machine."""
    draw, made = random.Random(seed), []
    for n in range(count):
        swapped = n % 2 == 0
        x, y = draw.sample(WHO, 2)
        shape = draw.choice(("clause", "clause", "clause", "relative", "dative"))
        verb = draw.choice(VERBS)
        if shape == "relative":
            first, second = "who", "whom" if swapped else "by whom"
            source, other = RELATIVE[first](x, verb, y), RELATIVE[second](x, verb, y)
        elif shape == "dative":
            first, second = draw.choices(list(DATIVE), k=2)
            giving, thing = draw.choice(GIVING), draw.choice(THINGS)
            source = DATIVE[first](x, giving, y, thing)
            other = DATIVE[second](*((y, giving, x) if swapped else (x, giving, y)), thing)
        else:
            first, second = draw.choices(list(FORMS), k=2)
            source, other = FORMS[first](x, verb, y), FORMS[second](*((y, verb, x) if swapped else (x, verb, y)))
        if source != other:
            before, after = draw.choice(BESIDE), draw.choice(BESIDE)
            texts = [" ".join(s for s in (before, t[0].upper() + t[1:], after) if s) for t in (source, other)]
            made.append(Labelled(f"grammar-{n}", *texts, "swapped" if swapped else "harmless", {"forms": [shape, first, second]}))
    return made
