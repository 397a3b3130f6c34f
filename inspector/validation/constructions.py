"""A second grammar: pseudo-clefts, coordinated names, things given as subjects, relative clauses both ways.

Each event gives one source and two rewritings of the same form, one that keeps who did what and one that exchanges it, so that
no word of the form tells which is which. Relative clauses are exchanged in two manners: the names change places, or the clause
turns round beneath the same name ("Bob, who hit Alice, left" for "Bob, whom Alice hit, left").
"""

from __future__ import annotations

import random
from collections.abc import Callable

from inspector.validation.grammar import BESIDE, FORMS, GIVING, THINGS, VERBS, WHO
from inspector.validation.sets import Labelled

Clause = Callable[[str, tuple[str, ...], str], str]
ORDINARY: dict[str, Clause] = {name: form for name, form in FORMS.items() if name != "get-passive"}
PSEUDO: dict[str, Clause] = {
    "the one who": lambda x, v, y: f"the one who {v[1]} {y} was {x}.",
    "the one whom": lambda x, v, y: f"the one whom {x} {v[1]} was {y}.",
    "what did": lambda x, v, y: f"what {x} did was {v[0]} {y}.",
}
RELATIVE: dict[str, tuple[Clause, Clause]] = {  # the one who left did it, or had it done; two forms of each
    "agent": (
        lambda x, v, y: f"{x}, who {v[1]} {y}, left early.",
        lambda x, v, y: f"{x}, by whom {y} was {v[2]}, left early.",
    ),
    "patient": (
        lambda x, v, y: f"{x}, whom {y} {v[1]}, left early.",
        lambda x, v, y: f"{x}, who was {v[2]} by {y}, left early.",
    ),
}
DATIVE: dict[str, Callable[[str, str, str, str, str], str]] = {
    "double object": lambda x, past, done, y, thing: f"{x} {past} {y} {thing}.",
    "to": lambda x, past, done, y, thing: f"{x} {past} {thing} to {y}.",
    "recipient passive": lambda x, past, done, y, thing: f"{y} was {done} {thing} by {x}.",
    "thing passive": lambda x, past, done, y, thing: f"{thing} {'were' if thing[:3] == 'two' else 'was'} {done} to {y} by {x}.",
}
Triple = tuple[str, str, str, list[str]]  # source, the same event, the exchanged one, names of the forms


def pseudo(draw: random.Random, who: list[str]) -> Triple:
    x, y, _ = who
    verb, first = draw.choice(VERBS), draw.choice(list(PSEUDO))
    second = draw.choice([name for name in ORDINARY | PSEUDO if name != first])
    if draw.random() < 0.5:
        first, second = second, first
    one, two = (ORDINARY | PSEUDO)[first], (ORDINARY | PSEUDO)[second]
    return one(x, verb, y), two(x, verb, y), two(y, verb, x), ["pseudo-cleft", first, second]


def relative(draw: random.Random, who: list[str]) -> Triple:
    x, y, _ = who
    verb, side, first = draw.choice(VERBS), draw.choice(list(RELATIVE)), draw.randrange(2)
    other = RELATIVE["patient" if side == "agent" else "agent"]
    same = RELATIVE[side][1 - first]
    turned = draw.random() < 0.5
    exchanged = draw.choice(other)(x, verb, y) if turned else same(y, verb, x)
    return RELATIVE[side][first](x, verb, y), same(x, verb, y), exchanged, ["relative", side, "turned" if turned else "names"]


def dative(draw: random.Random, who: list[str]) -> Triple:
    x, y, _ = who
    first, second = draw.sample(list(DATIVE), 2)
    giving, thing = draw.choice(GIVING), draw.choice(THINGS)
    made = DATIVE[first](x, *giving, y, thing), DATIVE[second](x, *giving, y, thing), DATIVE[second](y, *giving, x, thing)
    return *made, ["dative", first, second]


def coordinated(draw: random.Random, who: list[str]) -> Triple:
    """Two did it to one, or one to two; exchanged: one of the two changes places with the one. The order of the two is free."""
    x, z, y = who
    verb, many = draw.choice(VERBS), draw.choice(("agents", "patients"))

    def clause(pair: tuple[str, str], single: str, passive: bool) -> str:
        two = f"{pair[0]} and {pair[1]}"
        agent, patient = (two, single) if many == "agents" else (single, two)
        was = "was" if many == "agents" else "were"
        return f"{patient} {was} {verb[2]} by {agent}." if passive else f"{agent} {verb[1]} {patient}."

    def order(a: str, b: str) -> tuple[str, str]:
        return (a, b) if draw.random() < 0.5 else (b, a)

    passive = draw.random() < 0.5
    names = ["coordinated", many, "to active" if passive else "to passive"]
    return clause((x, z), y, passive), clause(order(x, z), y, not passive), clause(order(y, z), x, not passive), names


SHAPES = (pseudo, relative, dative, coordinated)


def pairs(events: int = 640, seed: int = 11) -> list[Labelled]:
    """Two pairs an event, one harmless and one swapped, with the same neighbouring sentences. The same on every machine."""
    draw, made, seen = random.Random(seed), [], set()
    while len(made) < 2 * events:
        source, same, exchanged, forms = SHAPES[len(made) // 2 % len(SHAPES)](draw, draw.sample(WHO, 3))
        before, after = draw.sample(BESIDE, 2)
        texts = [" ".join(s for s in (before, t[0].upper() + t[1:], after) if s) for t in (source, same, exchanged)]
        if len(set(texts)) < 3 or texts[0] in seen:
            continue
        seen.add(texts[0])
        number = len(made) // 2
        made.append(Labelled(f"construction-{number}-harmless", texts[0], texts[1], "harmless", {"forms": forms}))
        made.append(Labelled(f"construction-{number}-swapped", texts[0], texts[2], "swapped", {"forms": forms}))
    return made
