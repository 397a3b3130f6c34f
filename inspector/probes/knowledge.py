"""The knowledge probe: a text states something false, or new; does its memory hold that, or what the decoder knew before?

FaithEval's and ConflictQA's shape: a text, a question, what the text says (`answers`) and what a prior would say (`others`).
Asked in three ways, each where it applies (the verdicts and their rules are ours):

- `reconstruction`: the greedy reconstruction holds the source's answer (`kept`, also where the prior's does too), else the
  prior's (`other`), else neither. Whole words are looked for (`inspector.probes.answers`), so it is only asked where the text
  holds its answer in these words, and not the prior's.
- `likelihood`: which answer the decoder would rather write, in place or as a sentence (`inspector.probes.answer_odds`), given
  memory, given nothing (`prior`), and given the memory of another text that holds neither answer (`control`).
- `answer`: the question put in clear to a decoder that was trained to answer, and to a reader of the reconstruction where one
  is given (`inspector.probes.reader`), which is then named. An answer that names both counts as neither.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from inspector.probes.answers import contains, f1, found, plain
from inspector.probes.asked import Asked
from inspector.studies.items import Item

if TYPE_CHECKING:
    from inspector.probes.answer_odds import Choice
    from inspector.probes.back import Back
    from models.compressor import Answerer, Compressor, Memory, Row
    from models.registry import Address

VERSION = 1
TOKENS = 64  # of an answer, at most
TIE = 1e-6  # nats: what batches and rounding may move
WHY = {
    "answers": "The text comes without an answer of its own.",
    "others": "What a prior would say instead is not known, so there is nothing to compare the answer with.",
    "same": "The source's answer and the prior's are the same words, so neither could be told from the other.",
    "absent": "The text does not hold its answer in these words, so they cannot be looked for in a reconstruction.",
    "both": "The text holds the prior's answer too, so its coming back would say nothing.",
    "mute": "This compressor cannot bring a text back.",
    "words": "Kept words are read by no decoder, so no likelihood is defined given memory.",
    "traces": "This compressor cannot score a text token by token.",
    "prior": "This decoder cannot score a text without memory, so there is no prior to ask.",
    "no_question": "No question is given.",
    "unread": "This compressor's decoder answers no questions, because kept words are all there is: no decoder reads them.",
    "untrained": "This compressor's decoder answers no questions, because it was only trained to write a text back from memory.",
}


def ask(items: Sequence[Item], address: Address, compressor: Compressor, shared: dict[str, Any]) -> list[list[Asked]]:
    """Put each text's question to one compressor; see the module.

    Args:
        shared: `reconstructions`, {(address, item's hash): text}, are read and added to; `controls` are texts for the control of
            items whose batch holds no other text that fits; `reader` reads the reconstructions. The prior's figures are kept in
            it, so one `shared` for many compressors saves work.

    Returns:
        For each item, in each way one `Asked`; where a way does not apply, its `note` says why.
    """
    from inspector.probes.back import compressed

    fit = [k for k, item in enumerate(items) if refused(item) is None]
    made = dict(zip(fit, compressed(compressor, [items[k].text for k in fit], address.ratio), strict=True))
    told = [k for k in fit if unasked(items[k], address.row) is None or reading(items[k], address.row, shared)]
    texts = dict(zip(told, _texts([items[k] for k in told], [made[k] for k in told], address, compressor, shared), strict=True))
    weighed = _weighed({k: items[k] for k in fit if items[k].others}, made, items, address, compressor, shared)
    asked = []
    for k, item in enumerate(items):
        if k not in made:
            asked.append([about(item, "reconstruction", "words", note=refused(item))])
            continue
        asked.append(
            [
                _in_words(item, address.row, texts.get(k)),
                weighed.get(k) or about(item, "likelihood", "place", note=WHY["others"]),
                _answered(item, address.row, compressor, made[k].memories),
                *(_read(item, texts.get(k), shared) if reading(item, address.row, shared) else ()),
            ]
        )
    return asked


def about(item: Item, way: str, kind: str, **more: Any) -> Asked:
    """An `Asked` with an item's question and answers; of several wordings the first, where it doesn't say another."""
    named = {"expected": next(iter(item.answers), ""), "other": next(iter(item.others), None)} | more
    return Asked(probe="knowledge", way=way, kind=kind, question=(item.question or "").strip(), **named)


def refused(item: Item) -> str | None:
    """Why nothing can be asked of a text at all, one sentence; None where something can."""
    if not any(map(plain, item.answers)):
        return WHY["answers"]
    return WHY["same"] if {plain(a) for a in item.answers} & {plain(o) for o in item.others} else None


def unasked(item: Item, row: Row) -> str | None:
    """Why nothing can be read off a reconstruction, one sentence."""
    if not any(contains(item.text, answer) for answer in item.answers):
        return WHY["absent"]
    if item.others and not any(plain(o) and not contains(item.text, o) for o in item.others):
        return WHY["both"]
    return None if row.kind == "words" or row.reconstructs else WHY["mute"]


def reading(item: Item, row: Row, shared: dict[str, Any]) -> bool:
    """Is there a reader, and something for it to read?"""
    return shared.get("reader") is not None and bool((item.question or "").strip()) and (row.kind == "words" or row.reconstructs)


def _texts(
    items: Sequence[Item], made: Sequence[Back], address: Address, compressor: Compressor, shared: dict[str, Any]
) -> list[str]:
    """Greedy reconstructions, less those that are known already."""
    from inspector.probes.back import decoded

    known = shared.setdefault("reconstructions", {})
    keys = [(str(address), item.hash) for item in items]
    fresh = dict(zip(keys, made, strict=True))
    fresh = {key: back for key, back in fresh.items() if key not in known}
    known |= {key: back.text for key, back in zip(fresh, decoded(compressor, list(fresh.values())), strict=True)}
    return [known[key] for key in keys]


def _in_words(item: Item, row: Row, text: str | None) -> Asked:
    if reason := unasked(item, row):
        return about(item, "reconstruction", "words", note=reason)
    kept, back = (found(a, item.text, text, there) for a, there in ((item.answers, True), (item.others, False)))
    verdict = "kept" if kept else "other" if back else "neither"
    return about(item, "reconstruction", "words", given=text, verdict=verdict, right=float(bool(kept)))


def _weighed(
    wanted: dict[int, Item],
    made: dict[int, Back],
    items: Sequence[Item],
    address: Address,
    compressor: Compressor,
    shared: dict[str, Any],
) -> dict[int, Asked]:
    """By index of the items wanted: which answer is likelier, in all three conditions."""
    from inspector.probes.answer_odds import WHY as UNDEFINED
    from inspector.probes.answer_odds import choice, margins, priors

    row = address.row
    why = WHY["words"] if row.kind == "words" else WHY["traces"] if compressor.decoder is None or not row.traces else None
    if why:
        return {k: about(item, "likelihood", "place", note=why) for k, item in wanted.items()}
    choices: dict[int, Choice] = {}
    noted: dict[int, Asked] = {}
    for k, item in wanted.items():
        chosen = choice(item, compressor, made[k].source, made[k].memories, row.window)
        if isinstance(chosen, str):
            noted[k] = about(item, "likelihood", "sentence" if chosen == "superposed" else "place", note=UNDEFINED[chosen])
        else:
            choices[k] = chosen
    others = _controls({k: items[k] for k in choices}, items, made, address, compressor, shared)
    rows = [(c, c.memories(made[k].memories)) for k, c in choices.items()]
    rows += [(c, c.memories(others[k])) for k, c in choices.items() if k in others]
    try:
        values = iter(margins(compressor, rows))
    except NotImplementedError:
        return noted | {k: about(items[k], "likelihood", c.kind, note=WHY["traces"]) for k, c in choices.items()}
    memory = {k: next(values) for k in choices}
    control = {k: next(values) for k in choices if k in others}
    prior = priors(compressor, list(choices.values()), shared)
    for k, c in choices.items():
        right = sided(memory[k])
        noted[k] = about(
            items[k],
            "likelihood",
            c.kind,
            verdict={1.0: "kept", 0.0: "other"}.get(right, "neither"),
            right=right,
            memory=memory[k],
            prior=None if prior is None else prior[c],
            control=control.get(k),
            note=WHY["prior"] if prior is None else None,
        )
    return noted


def sided(margin: float) -> float:
    """1 above 0, 0 below, ½ for a tie."""
    return 0.5 if abs(margin) <= TIE else float(margin > 0)


def _controls(
    wanted: dict[int, Item],
    items: Sequence[Item],
    made: dict[int, Back],
    address: Address,
    compressor: Compressor,
    shared: dict[str, Any],
) -> dict[int, Sequence[Memory]]:
    """For each item the memories of another text that holds none of its answers: of the batch, else of `shared["controls"]`.
    Which one follows from the item's hash. None where there is none."""
    from inspector.probes.back import compressed

    batch = {items[k].text: back for k, back in made.items() if back.memories}
    normal = {text: plain(text) for text in (*batch, *shared.get("controls", ()))}
    chosen: dict[int, str] = {}
    for k, item in wanted.items():
        said = [plain(a) for a in (*item.answers, *item.others) if plain(a)]
        for pool in (sorted(batch), sorted(set(shared.get("controls", ())))):
            able = [t for t in pool if t != item.text and not any(a in normal[t] for a in said)]
            if able:
                chosen[k] = able[int(item.hash[:12], 16) % len(able)]
                break
    more = sorted({text for text in chosen.values() if text not in batch})
    batch |= dict(zip(more, compressed(compressor, more, address.ratio), strict=True))
    return {k: batch[text].memories for k, text in chosen.items() if batch[text].memories}


def _answered(item: Item, row: Row, compressor: Answerer, memories: Sequence[Memory]) -> Asked:
    if not row.answers:
        return about(item, "answer", "question", note=WHY["unread" if row.kind == "words" else "untrained"])
    return _put(item, lambda question: compressor.answer(memories, question, TOKENS))


def _read(item: Item, text: str | None, shared: dict[str, Any]) -> Iterator[Asked]:
    """A reader's answer to the question over the reconstruction, and which answer it finds likelier there and over nothing."""
    reader = shared["reader"]
    yield _put(item, lambda question: reader.answer(text or "", question, TOKENS), reader=reader.name)
    if not item.others:
        return
    try:
        memory, prior = (reader.margin(context, item.question, item.answers, item.others) for context in (text or "", ""))
    except ValueError as error:  # too long for it
        yield about(item, "likelihood", "question", reader=reader.name, note=str(error))
        return
    right = sided(memory)
    verdict = {1.0: "kept", 0.0: "other"}.get(right, "neither")
    more = {"verdict": verdict, "right": right, "memory": memory, "prior": prior, "reader": reader.name, "given": text}
    yield about(item, "likelihood", "question", **more)


def _put(item: Item, answer: Callable[[str], str], **more: Any) -> Asked:
    question = (item.question or "").strip()
    if not question:
        return about(item, "answer", "question", note=WHY["no_question"], **more)
    try:
        given = answer(question)
    except ValueError as error:  # question and memories do not fit
        return about(item, "answer", "question", note=str(error), **more)
    kept, back = (any(contains(given, a) for a in answers) for answers in (item.answers, item.others))
    verdict = "neither" if kept == back else "kept" if kept else "other"
    more |= {"given": given, "verdict": verdict, "right": float(verdict == "kept"), "f1": f1(given, item.answers)}
    return about(item, "answer", "question", **more)


def swapped_items(name: str) -> Iterator[Item]:
    """The shipped swapped facts of a set (`inspector.probes.rows.SETS`) as texts to ask about, one a swap.

    Raises:
        DataError: no such set ships.
    """
    from inspector.probes.rows import shipped

    for number, swap in enumerate(shipped(name), 1):
        question = "Does the text say {} or {}?".format(*sorted((swap.replacement, swap.original)))
        yield Item(name, f"{swap.id}/{number}", number, swap.text, question, (swap.replacement,), (swap.original,))
