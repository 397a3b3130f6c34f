"""Drift: pairs along the seven dimensions, and which sentence a memory prefers."""

from __future__ import annotations

import pytest

from inspector.inspection import KINDS
from inspector.probes.asked import probes
from inspector.probes.drift import ask, pairs
from inspector.studies.items import Item
from models.registry import registry

TEXT = (
    "Marta Lind praised Oskar Rehn before the concert, because he had repaired the old organ in Visby. She visited the choir, "
    "the school and the harbour, but she did not visit the small museum. The organ was built by Anders Holm in 1821, and the "
    "mayor of Visby paid 400 crowns for it."
)
OTHER = "The river froze early that winter, and two barges with 60 tons of salt lay in the ice until the mild days of March."


@pytest.fixture(scope="module")
def made():
    return pairs(TEXT)


def test_pairs_of_most_dimensions_each_another_sentence(made):
    dimensions = {p.dimension for p in made}
    assert dimensions <= set(KINDS.values()) and {"entity_list", "predicate_exactness", "relation_anchor"} <= dimensions
    assert len(dimensions) >= 5 and len(made) <= 14
    for pair in made:
        true, altered = pair.true(TEXT), pair.altered(TEXT)
        assert true != altered and (pair.own or true in TEXT) and pair.how
        assert len([p for p in made if p.dimension == pair.dimension]) <= 3


def test_the_same_text_has_the_same_pairs(made):
    assert pairs(TEXT) == made


def test_texts_that_are_not_parsed_have_none():
    assert pairs("바다는 넓고 푸르다. 배는 항구로 돌아왔다.") is None
    assert pairs("") == [] and pairs("   \n") == []


def put(name, texts, shared=None):
    table = registry()
    target = table.resolve(name)
    items = [Item("made", str(k), k + 1, text) for k, text in enumerate(texts)]
    return ask(items, target, table.load(target), {} if shared is None else shared)


def test_a_nearly_exact_memory_prefers_what_its_text_says():
    found = put("superposition-s@4", [TEXT, OTHER])[0]
    usable = [a for a in found if a.right is not None]
    assert len(usable) >= 4 and all(a.right == 1.0 for a in usable)
    for a in usable:
        assert a.memory > 0 and a.memory > a.prior
        assert a.expected != a.other and a.kind in KINDS.values()


def test_likelihoods_are_those_of_the_decoder(made):
    from inspector.probes.drift.score import Place, locate
    from inspector.probes.in_place import log_probabilities

    table = registry()
    target = table.resolve("pocket-s@4")
    compressor = table.load(target)
    source = compressor.source(TEXT)
    [memory, *_] = compressor.compress(source, source.windows[:1], 4)
    found = put("pocket-s@4", [TEXT, OTHER])[0]
    for pair, asked in zip(made, found, strict=True):
        place = locate(compressor, source, pair, target.row.window)
        if isinstance(place, Place) and place.window == source.windows[0] and asked.memory is not None:
            sums = [
                sum(v)
                for v in log_probabilities(compressor.decoder, [(memory, place.row(b), len(place.prefix)) for b in (False, True)])
            ]
            assert asked.memory == pytest.approx(sums[0] - sums[1], abs=1e-3)
            assert asked.right == float(asked.memory > 0)


def test_one_text_alone_has_no_control_unless_one_is_given():
    assert all(a.control is None for a in put("pocket-xs@4", [TEXT])[0])
    assert any(a.control is not None for a in put("pocket-xs@4", [TEXT], {"controls": [OTHER]})[0])


def test_who_cannot_be_asked_says_why():
    for name, texts in (
        ("pruning@4", [TEXT]),
        ("pocket-xs@4", ["바다는 넓고 푸르다. 배는 항구로 돌아왔다."]),
        ("pocket-xs@4", ["<b>Hm</b> ${x}"]),
    ):
        [told] = put(name, texts)[0]
        assert told.note and told.right is None and told.memory is None


def test_it_is_registered():
    assert probes()["drift"].load() is ask
