"""What the Probe page is sent."""

from __future__ import annotations

import json

import pytest

from inspector.compare import InputError
from inspector.pages import build
from inspector.pages.labels import words
from inspector.pages.probe_page import Asking, examples, given
from inspector.pages.watched import Stopped, Watching
from inspector.probes.answers import contains
from inspector.probes.asked import Asked
from inspector.probes.drift import ask as drift_of
from inspector.probes.knowledge import WHY, about
from inspector.probes.knowledge import ask as knowledge
from inspector.probes.own import own
from inspector.views.probe_page import apart, column, drift, pieces, side, spans
from inspector.views.reasons import bilingual
from models.compressor import Progress, Row
from models.registry import Registry
from tests.conftest import WINDOW, fake_rows, tiny_decoder, tiny_soft
from tests.models import tiny

TEXT = "Anna met Ben by the mill, and Ben gave Anna 12 pears; Carl saw 3 of them fall into the river."
ITEM = own(TEXT, "Who gave Anna pears?", ["Ben"], ["Tom"])


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("in the North Sea, the north   sea", "The North Sea"),
        ("Northsea, North Seas", "North Sea"),
        ("U.S. and us", "U.S."),
        ("서울 은 서울", "서울"),
        ("", "x"),
        ("the a an", "the"),
        ("<b>x</b>", "x"),
        ("ab\0cd", "cd"),
    ],
)
def test_an_answer_is_marked_where_and_only_where_it_is_held(text, answer):
    found = list(spans(text, answer))
    assert bool(found) == contains(text, answer)
    assert all(contains(text[a:b], answer) for a, b in found)


def test_pieces_make_up_the_text_and_name_their_side():
    text = "North Sea, black  sea; North Sea ice"
    made = pieces(text, ["North Sea"], ["Black Sea", "sea ice"])
    assert "".join(part for part, _ in made) == text
    assert [(part, name) for part, name in made if name] == [
        ("North Sea", "kept"),
        ("black  sea", "other"),
        ("North Sea", "kept"),
    ]


def test_a_cards_verdict_is_the_reconstructions_else_the_likelihoods():
    told = about(ITEM, "reconstruction", "words", given="Tom gave Anna pears.", verdict="other", right=0.0)
    weighed = about(ITEM, "likelihood", "place", verdict="kept", right=1.0, memory=2.0, prior=-1.0)
    mute = about(ITEM, "answer", "question", note="This decoder is out of paper.")
    made = column(ITEM, [told, weighed, mute])
    assert (made["verdict"], made["by"], made["kind"]) == ("other", "reconstruction", "place")
    assert made["reconstruction"] == [["Tom", "other"], [" gave Anna pears.", ""]] and made["answer"] is None
    assert [each["side"] for each in made["odds"]] == ["memory", "prior"]
    assert made["ways"][2] == {"way": "answer", "verdict": None, "why": bilingual("This decoder is out of paper.")}
    assert column(ITEM, [mute, weighed])["by"] == "likelihood" and column(ITEM, [mute])["verdict"] is None


def test_shares_are_the_logistic_function_of_nats_and_bear_any_margin():
    assert side("memory", 0.0)["share"] == 0.5
    assert side("prior", 2.0)["share"] + side("prior", -2.0)["share"] == pytest.approx(1.0, abs=1e-4)
    assert (side("control", -2000.0)["share"], side("control", 2000.0)["share"]) == (0.0, 1.0)


def test_sentences_are_cut_where_they_differ():
    assert apart("He met Ann in May.", "He met Bob in May.") == (["He met ", "Ann ", "in May."], ["He met ", "Bob ", "in May."])
    for one, other in (("It is so.", "It is not so."), ("a a", "a"), ("", "x"), ("same", "same")):
        assert ["".join(each) for each in apart(one, other)] == [one, other]


def test_pairs_are_lined_up_over_compressors_and_who_cannot_be_asked_says_why():
    def row(memory: float | None, note: str | None = None) -> Asked:
        right = None if memory is None else float(memory > 0)
        said = {"question": "q", "expected": "He met Ann.", "other": "He met Bob."}
        return Asked(probe="drift", way="likelihood", kind="role_binding", **said, memory=memory, right=right, note=note)

    silent = Asked(probe="drift", way="likelihood", kind="drift", question="", expected="", note="No decoder.")
    made = drift([[silent], "It is on fire.", [row(1.5)], [row(None, "It moves.")]])
    assert made["none"] == [bilingual("No decoder."), bilingual("It is on fire."), None, None]
    (pair,) = made["pairs"]
    assert pair["true"] == ["He met ", "Ann.", ""] and pair["cells"][:2] == [None, None]
    assert [(c["right"], c["memory"], c["why"]) for c in pair["cells"][2:]] == [
        (1.0, 1.5, None),
        (None, None, bilingual("It moves.")),
    ]
    assert drift(["It is on fire."])["pairs"] == []


@pytest.fixture
def asking(fakes):
    return Asking(fakes, 400)


def ask(**more):
    told = {"moment": 2.0, "text": TEXT, "question": "", "answers": "Ben", "others": "Tom", "compressors": ["fake-a@4"]}
    return told | more


def test_frames_go_on_past_a_compressor_that_fails(asking):
    frames = list(asking.frames(ask(compressors=["fake-absent@4", "fake-a", "fake-words@2"]), "me"))
    json.dumps(frames[-1], allow_nan=False)
    assert frames[-1]["status"] == "done" and frames[0]["drift"] is None
    absent, soft, kept = frames[-1]["columns"]
    assert absent["status"] == "error" and "its weights are missing" in absent["message"]["en"]
    assert soft["verdict"] in ("kept", "other", "neither") and [each["side"] for each in soft["odds"]] == [
        "memory",
        "prior",
        "control",
    ]
    assert kept["ways"][1] == {"way": "likelihood", "verdict": None, "why": bilingual(WHY["words"])}
    assert frames[-1]["drift"]["none"][1:] == [None, bilingual(WHY["words"])] and frames[-1]["drift"]["pairs"]


def test_a_stop_or_a_newer_question_ends_a_run(asking):
    frames = asking.frames(ask(compressors=["fake-a@4", "fake-b@4"]), "me")
    next(frames)
    next(frames)
    asking.put(ask(moment=3.0), "me", stop=True)
    last = list(frames)
    assert [each["status"] for each in last] == ["stopped"]
    assert [each["status"] for each in last[0]["columns"]] == ["done", "waiting"]


def stopping_row(asking: list[Asking], steps: list[int]) -> Row:
    """One whose decoder is told to stop, as by another click, while it writes its third token."""

    def load(_):
        decoder = tiny_decoder(3)
        step = decoder.step

        def late(state, tokens):
            steps.append(len(steps))
            if len(steps) == 3:
                asking[0].put({"moment": 3.0}, "me", stop=True)
            return step(state, tokens)

        decoder.step = late
        return tiny_soft(decoder, 3)

    return Row("fake-stopping", "Fake that is stopped", "soft", (4,), 4, load=load, window=WINDOW, live=True)


def test_a_stop_ends_a_run_within_a_compressor():
    steps: list[int] = []
    asking: list[Asking] = []
    asking.append(Asking(Registry([stopping_row(asking, steps), *fake_rows()]), 400))
    frames = list(asking[0].frames(ask(compressors=["fake-a@4", "fake-stopping@4", "fake-b@4"]), "me"))
    assert len(steps) == 3 and frames[-1]["status"] == "stopped"
    assert [each["status"] for each in frames[-1]["columns"]] == ["done", "waiting", "waiting"]


def test_a_watched_compressor_says_what_it_says_else(fakes):
    address = fakes.resolve("fake-a@4")
    watching, compressor = Watching(lambda: False), fakes.load(address)
    watched = watching(compressor)
    for probe in (knowledge, drift_of):
        alone, same = probe([ITEM], address, compressor, {}), probe([ITEM], address, watched, {})
        assert alone == same and alone[0]
    assert watching(compressor).decoder is watched.decoder  # those that share a decoder still do


def test_a_search_for_memory_is_stopped_too():
    class Searching:
        decoder = None

        def optimise(self, source, windows, ratio, stop):
            for step in range(5):
                made.append(step)
                yield Progress(step / 5, [step], [])
                if stop():
                    return

    made: list[int] = []
    assert Watching(lambda: False)(Searching()).compress(None, [], 4) == [4]
    made.clear()
    with pytest.raises(Stopped):
        Watching(lambda: len(made) == 2)(Searching()).compress(None, [], 4)
    assert made == [0, 1]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"compressors": []}, words()["ko"]["page.error.none"]),
        ({"compressors": ["fake-a@4", "fake-b@4", "fake-a@16", "fake-b@16", "fake-words@4"]}, "압축기는 4개까지"),
        ({"answers": " \n"}, "답이 없습니다"),
        ({"answers": "?!"}, "답에 낱말이 없습니다"),
        ({"others": "the ben"}, "같은 말이라"),
        ({"others": "\n".join(map(str, range(30)))}, "한 답의 표현이 30개입니다. 24개까지"),
        ({"text": " "}, "글이 비어 있습니다"),
    ],
)
def test_what_cannot_be_asked_is_said_in_the_persons_language(asking, more, said):
    (frame,) = asking.frames(ask(language="ko", **more), "me")
    assert frame["status"] == "error" and said in frame["message"]


@pytest.mark.parametrize(
    "told", [None, 7, [], {}, {"text": 5, "compressors": "x", "moment": "x", "answers": {}}, {"question": "\ud800"}]
)
def test_whatever_a_browser_sends_is_answered(asking, told):
    (frame,) = asking.frames(told, "me")
    assert frame["status"] == "error" and frame["message"]
    assert "\ud800" not in given(told)["question"]


def test_examples_hold_what_they_say_and_not_what_a_prior_would():
    for each in examples():
        item = own(each["text"], each["question"], each["answers"].split("\n"), each["others"].split("\n"))
        assert all(contains(item.text, a) for a in item.answers) and not any(contains(item.text, o) for o in item.others)
        for language in ("en", "ko"):
            assert words()[language][f"ask.example.{each['id']}"] and words()[language][f"ask.example.{each['id']}.false"]


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    return tiny.save(tmp_path_factory.mktemp("hidden") / "small-reader", "llama", max_position_embeddings=512)


def test_what_a_reader_made_stands_apart_under_its_name():
    own = about(ITEM, "reconstruction", "words", given="Tom gave Anna pears.", verdict="other", right=0.0)
    said = about(ITEM, "answer", "question", given="Ben", verdict="kept", right=1.0, reader="llm")
    weighed = about(ITEM, "likelihood", "question", verdict="other", right=0.0, memory=-1.0, prior=0.5, reader="llm")
    made = column(ITEM, [own, said, weighed])
    assert (made["verdict"], made["by"], made["odds"], made["answer"]) == ("other", "reconstruction", [], None)
    assert (made["read"]["by"], made["read"]["verdict"], made["read"]["answer"]) == ("llm", "kept", [["Ben", "kept"]])
    assert [(each["side"], each["nats"]) for each in made["read"]["odds"]] == [("memory", -1.0), ("prior", 0.5)]
    long = about(ITEM, "answer", "question", note="Too long.", reader="llm")
    refused = about(ITEM, "likelihood", "question", note="Too long.", reader="llm")
    made = column(ITEM, [own, long, refused])["read"]
    assert (made["why"], made["unweighed"], made["odds"]) == (bilingual("Too long."), None, [])
    assert column(ITEM, [own])["read"] is None


def test_a_named_reader_reads_every_reconstruction_and_its_folder_stays_untold(fakes, reader):
    told = ask(question="Who gave Anna pears?", compressors=["fake-a@4", "fake-words@2"])
    frames = list(Asking(fakes, 400, reader).frames(told, "me"))
    assert frames[-1]["status"] == "done" and frames[-1]["reader"] == {"name": "small-reader", "why": None}
    assert [column["read"]["by"] for column in frames[-1]["columns"]] == ["small-reader"] * 2
    assert all(len(column["read"]["odds"]) == 2 for column in frames[-1]["columns"])
    assert "hidden" not in json.dumps(frames)
    silent = list(Asking(fakes, 400, reader).frames(ask(), "me"))[-1]
    assert silent["columns"][0]["read"] is None  # nothing is asked


def test_without_its_reader_the_compressors_are_asked_all_the_same(fakes, tmp_path):
    frame = list(Asking(fakes, 400, str(tmp_path / "gone")).frames(ask(question="Who?", language="ko"), "me"))[-1]
    assert frame["reader"]["why"] == words()["ko"]["ask.read.failed"].replace("{name}", "gone")
    assert frame["columns"][0]["verdict"] and frame["columns"][0]["read"] is None and str(tmp_path) not in json.dumps(frame)


def test_a_reader_that_is_not_there_is_refused_at_the_start(fakes, tmp_path):
    with pytest.raises(InputError, match=r"--reader: .*no config\.json"):
        build(fakes, reader=str(tmp_path))
