"""The endpoints for programs, as a script and as curl call them: the same JSON as the command line's, or one sentence."""

from __future__ import annotations

import json
import urllib.request

import pytest
from gradio_client import Client
from gradio_client.exceptions import AppError

from inspector.inspection import Comparison, Report
from tests.cli.conftest import run as run_command  # noqa: F401, a fixture
from tests.pages.conftest import TEXT

TOLD = "Ben met Anna by the mill, and Ben gave Anna 21 pears."


@pytest.fixture(scope="module")
def client(server):
    return Client(server, verbose=False)


def ask(client, text, compressors, **more):
    return client.predict(text, compressors, api_name="/inspect", **more)


def timeless(comparison: dict) -> dict:
    """Without what no two runs have in common."""
    return comparison | {"inspections": [inspection | {"seconds": None} for inspection in comparison["inspections"]]}


def test_inspect_answers_as_the_command_line_does(client, run_command):  # noqa: F811
    names = ["fake-a@4", "fake-words+digits@2"]
    for more, options in (({}, []), ({"max_top": 0, "truncate": "2"}, ["--max-top", "0", "--truncate", "2"])):
        printed = run_command("inspect", "--compressor", *names, *options, "--json", stdin=TEXT)
        made = ask(client, TEXT, names, **more)
        assert timeless(made) == timeless(printed.json()) and list(made) == list(printed.json())
    soft, words = Comparison.model_validate(made).inspections
    assert soft.trace and soft.spectrum.untruncated and not soft.trace.tokens[0].alternatives
    assert words.trace is None and words.notes["trace"] and words.reconstruction.text


def test_diverge_answers_as_the_command_line_does(client, run_command, tmp_path):  # noqa: F811
    for name, text in (("a.txt", TEXT), ("b.txt", TOLD)):
        (tmp_path / name).write_text(text, encoding="utf-8")
    printed = run_command(
        "diverge", "--source", str(tmp_path / "a.txt"), "--reconstruction", str(tmp_path / "b.txt"), "--json"
    ).json()
    made = client.predict(source=TEXT, reconstruction=TOLD, api_name="/diverge")
    assert made == printed and Report.model_validate(made).divergences


def test_compressors_answers_as_the_command_line_does(client, run_command):  # noqa: F811
    made = client.predict(api_name="/compressors")
    printed = run_command("compressors", "--json").json()
    assert len(printed) >= 4 and made[: len(printed)] == printed  # the page's fakes are the same, and two more
    absent = next(row for row in made if row["name"] == "fake-absent")
    assert not absent["ready"] and absent["why_not"] == "its weights are missing"


def test_only_these_are_offered_with_types_and_descriptions(client):
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    parameters = {
        name: {p["parameter_name"]: p["python_type"]["type"] for p in door["parameters"]} for name, door in named.items()
    }
    assert parameters == {
        "/inspect": {"text": "str", "compressors": "list[str]", "truncate": "None | str", "max_top": "int"},
        "/diverge": {"source": "str", "reconstruction": "str"},
        "/compressors": {},
    }
    returned = {name: door["returns"][0]["python_type"]["type"] for name, door in named.items()}
    assert returned == {"/inspect": "dict(str, Any)", "/diverge": "dict(str, Any)", "/compressors": "list[dict(str, Any)]"}
    assert all(len(door["description"]) > 40 for door in named.values())


def post(server: str, path: str, body: object) -> str:
    request = urllib.request.Request(
        f"{server}gradio_api/{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    return urllib.request.urlopen(request, timeout=60).read().decode()


def test_without_the_client_names_of_arguments_do(server):
    for text, event, found in (("One bee.", "complete", "fake-a@4"), ("", "error", "The text is empty; give at least one word.")):
        event_id = json.loads(post(server, "call/v2/inspect", {"text": text, "compressors": ["fake-a@4"]}))["event_id"]
        answer = urllib.request.urlopen(f"{server}gradio_api/call/inspect/{event_id}", timeout=60).read().decode()
        assert f"event: {event}\n" in answer and found in answer and "Traceback" not in answer


@pytest.mark.parametrize(
    ("text", "compressors", "said"),
    [
        (TEXT, ["nonsense@4"], "Unknown compressor 'nonsense@4'; known: fake-a, fake-b"),
        (TEXT, ["fake-a@5"], "Fake-a has no ratio 5; known: 4, 16"),
        (TEXT, ["fake-words+hats@2"], "Fake-words has no option 'hats'"),
        (TEXT, [], "at least one compressor"),
        (TEXT, ["fake-a@4"] * 5, "At most 4 compressors"),
        (TEXT, "fake-a@4", "list of compressor names"),
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


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"truncate": "all"}, "Cannot truncate to 'all': give a count"),
        ({"truncate": ["8"]}, "Cannot truncate to"),
        ({"max_top": 101}, "from 0 to 100"),
        ({"max_top": "many"}, "from 0 to 100"),
    ],
)
def test_settings_that_cannot_be_used(client, more, said):
    with pytest.raises(AppError, match=said) as caught:
        ask(client, TEXT, ["fake-a@4"], **more)
    assert "\n" not in str(caught.value)


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
