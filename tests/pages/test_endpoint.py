"""The `compare` endpoint, as a script calls it."""

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from inspector.inspection import Comparison
from tests.pages.conftest import TEXT


@pytest.fixture(scope="module")
def client(server):
    return Client(server, verbose=False)


def ask(client, text, compressors):
    return client.predict(text, compressors, api_name="/compare")


def test_returns_the_contract(client):
    made = Comparison.model_validate(ask(client, TEXT, ["fake-a@4", "fake-words@2"]))
    assert made.source.text == TEXT
    assert [i.compressor for i in made.inspections] == ["fake-a@4", "fake-words@2"]
    soft, words = made.inspections
    assert soft.trace and soft.spectrum and soft.scores.bleu is not None
    assert words.trace is None and words.notes["trace"] and words.reconstruction.text


def test_only_compare_and_diverge_are_offered(client):
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert list(named) == ["/compare", "/diverge"]
    assert [p["parameter_name"] for p in named["/diverge"]["parameters"]] == ["source", "rewriting"]
    assert [p["parameter_name"] for p in named["/compare"]["parameters"]] == ["text", "compressors"]


@pytest.mark.parametrize(
    ("text", "compressors", "said"),
    [
        (TEXT, ["nonsense@4"], "There is no compressor 'nonsense@4'; known are fake-a, fake-b"),
        (TEXT, ["fake-a@5"], "Fake-a has no ratio 5; known: 4, 16"),
        (TEXT, ["fake-words+hats@2"], "Fake-words has no option 'hats'"),
        (TEXT, [], "at least one compressor"),
        (TEXT, ["fake-a@4"] * 5, "At most 4 compressors"),
        (TEXT, ["fake-absent@4"], "its weights are missing"),
        (TEXT, ["fake-broken@4"], "the disk is on fire"),
        (TEXT, [7], "list of compressor names"),
        ("", ["fake-a@4"], "The text is empty"),
        (" \n\t", ["fake-a@4"], "The text is empty"),
        ("word " * 900, ["fake-a@4"], "the limit here is 400 tokens"),
        ("x" * 1_000_000, ["fake-a@4"], "the limit here is 400 tokens"),
    ],
)
def test_bad_input_is_refused_in_one_sentence(client, text, compressors, said):
    with pytest.raises(AppError) as caught:
        ask(client, text, compressors)
    message = str(caught.value)
    assert said in message and "\n" not in message and "Traceback" not in message


HOSTILE = [
    "x",
    "a\0b\0c",
    "שלום עולם, זה טקסט מימין לשמאל",
    "👩‍👩‍👧‍👦 went to 🇰🇷 and saw 🐝",
    "민수는 지우에게 사과 세 개를 주었다.",
    "<img src=x onerror=alert(1)><script>alert(1)</script>",
    "${alert(1)} `${alert(1)}` {{value}}",
    "C:\\u12\\new `back` \\quotes\\",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_normal_input(client, text):
    made = Comparison.model_validate(ask(client, text, ["fake-a@4", "fake-words@2"]))
    assert made.source.text == text and len(made.inspections) == 2
