"""Pairs of short texts and what a reader would say of them. Written for this table; several facts are false on purpose."""

from __future__ import annotations

import pytest

from inspector.divergence import diverge

# source, reconstruction, kind that must be among the serious ones
CHANGED = [
    # entity
    ("The Australian blue-banded bee uses buzz pollination.", "The Australian honey bee uses buzz pollination.", "entity"),
    ("Einstein was born in France and moved to Bern.", "Einstein was born in Germany and moved to Bern.", "entity"),
    ("When the bee grips the blossom, the bee vibrates.", "When the bee grips the blossom, the flower vibrates.", "entity"),
    ("The prize went to Marie Novak.", "The prize went to Peter Novak.", "entity"),
    ("The boat sailed from Lisbon to Cork.", "The boat sailed from Lisbon to Oslo.", "entity"),
    # identifier
    ("Replace part AX-4471-Q before the flight.", "Replace part AX-4417-Q before the flight.", "identifier"),
    ("The fix is in version v2.3.1 of the driver.", "The fix is in version v2.1.3 of the driver.", "identifier"),
    ("Call load_model() first.", "Call load_modal() first.", "identifier"),
    # number
    ("The bridge is 120 metres long.", "The bridge is 210 metres long.", "number"),
    ("The fair opens on May 3.", "The fair opens on May 13.", "number"),
    ("Sales fell by 5%.", "Sales fell by 15%.", "number"),
    ("They waited for several days.", "They waited for several weeks.", "number"),
    ("The firm sold 3 million tickets.", "The firm sold 3 billion tickets.", "number"),
    # role
    ("Alice hit Bob.", "Bob hit Alice.", "role"),
    ("Alice hit Bob.", "Alice was hit by Bob.", "role"),
    ("The bee clings to the flower.", "The flower clings to the bee.", "role"),
    ("Mary gave John a book.", "John gave Mary a book.", "role"),
    ("The dog that chased the cat was brown.", "The cat that chased the dog was brown.", "role"),
    ("It was Alice who called the doctor.", "It was the doctor who called Alice.", "role"),
    ("Paris is older than Rome.", "Rome is older than Paris.", "role"),
    # negation and exception
    ("The committee did not approve the plan.", "The committee approved the plan.", "negation"),
    ("The committee approved the plan.", "The committee did not approve the plan.", "negation"),
    ("The drug is harmless to children.", "The drug is harmful to children.", "negation"),
    ("The mission was unsuccessful.", "The mission was successful.", "negation"),
    ("The dwarves are funny, except Thorin.", "Except for the dwarves, Thorin is funny.", "negation"),
    ("He never paid the rent.", "He paid the rent.", "negation"),
    ("They left without a guide.", "They left with a guide.", "negation"),
    # modifier
    ("She picked the white strawberry from the bowl.", "She picked the red strawberry from the bowl.", "modifier"),
    ("The tall man met the woman.", "The man met the tall woman.", "modifier"),
    ("All patients recovered.", "Some patients recovered.", "modifier"),
    ("The river is deep in spring.", "The river is shallow in spring.", "modifier"),
    ("The book is funny, except Thorin, who is stern.", "The book is stern, except Thorin, who is funny.", "modifier"),
    # coreference
    ("Anna lost her keys.", "Anna lost his keys.", "coreference"),
    ("Scientists found the bones near the lake.", "They found the bones near the lake.", "coreference"),
    # predicate and certainty
    ("The council bought the old mill.", "The council sold the old mill.", "predicate"),
    ("Prices increased in June.", "Prices decreased in June.", "predicate"),
    ("The results may improve the treatment.", "The results must improve the treatment.", "predicate"),
    ("He allegedly stole the car.", "He stole the car.", "predicate"),
    # relation
    ("The fox slept before the storm.", "The fox slept after the storm.", "relation"),
    ("She stayed because it rained.", "She stayed although it rained.", "relation"),
    # topic
    (
        "The mill was built in spring. Its wheel turned two heavy stones. The owner sold flour to the village.",
        "The mill was built in spring. The owner sold flour to the village.",
        "topic",
    ),
    (
        "The mill was built in spring. The owner sold flour to the village.",
        "The mill was built in spring. A famous singer painted her kitchen yellow. The owner sold flour to the village.",
        "topic",
    ),
]

# source, reconstruction: nothing serious
HARMLESS = [
    ("The Australian blue-banded bee uses buzz pollination.", "Buzz pollination is used by the Australian blue-banded bee."),
    ("The bee vibrates to shake the pollen loose.", "The bee vibrates in order to shake the pollen loose."),
    ("Einstein was born in France.", "France is where Einstein was born."),
    ("She picked the white strawberry from the bowl.", "From the bowl she picked the white strawberry."),
    ("Alice hit Bob.", "Bob was hit by Alice."),
    ("Alice hit Bob.", "It was Alice who hit Bob."),
    ("Alice hit Bob.", "It was Bob that Alice hit."),
    ("The dwarves are funny, except Thorin.", "Except for Thorin, the dwarves are funny."),
    ("Mary gave John a book.", "John was given a book by Mary."),
    ("Mary gave John a book.", "Mary gave a book to John."),
    ("Two dozen eggs were sold on May 3 for $3.50.", "24 eggs were sold on 3 May for $3.5."),
    ("The town is 5 km away.", "The town is 5 kilometres away."),
    ("NASA launched the probe in 1998.", "The National Aeronautics and Space Administration launched the probe in 1998."),
    ("Barack Obama spoke first. Obama then left.", "Obama spoke first. Barack Obama then left."),
    ("The decision of the board surprised investors.", "The board's decision surprised investors."),
    ("The board decided to sell the firm.", "The board made the decision to sell the firm."),
    ("The doctor purchased a large house.", "The doctor bought a big house."),
    ("The talks began on Monday.", "The talks started on Monday."),
    ("She was unable to come.", "She could not come."),
    ("It is not possible to open the door.", "It is impossible to open the door."),
    ("The children were happy.", "The kids were happy."),
    ("The film was rarely shown.", "The film was seldom shown."),
    ("The road, which is narrow, leads to the lake.", "The road is narrow. It leads to the lake."),
    ("He said that he would come.", "He said he would come."),
    ("The U.S. economy grew.", "The US economy grew."),
    ("Colour matters.", "Color matters."),
]


@pytest.mark.parametrize(("source", "reconstruction", "kind"), CHANGED)
def test_a_change_in_meaning_is_serious_and_of_its_kind(source: str, reconstruction: str, kind: str) -> None:
    found = diverge(source, reconstruction).divergences
    assert kind in {d.kind for d in found if d.severity == "serious"}, [(d.kind, d.severity, d.explanation) for d in found]


@pytest.mark.parametrize(("source", "reconstruction"), HARMLESS)
def test_rewording_is_not_serious(source: str, reconstruction: str) -> None:
    assert [d.explanation for d in diverge(source, reconstruction).divergences if d.severity == "serious"] == []


def context(sentence: str) -> str:
    """The sentence amid others, as compressors meet it."""
    return (
        "The village lies above a slow river, and its market is held every second week. "
        f"{sentence} "
        "Visitors come for the cheese, the mild weather and a small museum of clocks. In winter most of the shops are closed."
    )


@pytest.mark.parametrize(("source", "reconstruction", "kind"), [c for c in CHANGED if c[2] != "topic" and c[0].count(".") == 1])
def test_the_change_is_found_in_a_longer_text_and_nothing_else_is(source: str, reconstruction: str, kind: str) -> None:
    found = [d for d in diverge(context(source), context(reconstruction)).divergences if d.severity == "serious"]
    start, end = context(source).index(source), context(source).index(source) + len(source)
    assert kind in {d.kind for d in found} and len(found) <= 2
    assert all(d.source is None or (start <= d.source.start and d.source.end <= end) for d in found)
