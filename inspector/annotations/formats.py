"""Other tools' formats: doccano, Label Studio, Argilla.

Facts from their sources: doccano/doccano (backend/data_import/pipeline/label.py and examples/relation_extraction),
HumanSignal/label-studio (label_studio_sdk 2.1; offsets are code points since pull request 1559), argilla-io/argilla (argilla 2.8,
records/_io/_json.py, settings/_question.py). All three take offsets in code points, as ours are.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from inspector.annotations.flat import Row
from inspector.annotations.items import SIDES, Suggestions, canonical
from inspector.annotations.labels import VERDICTS, Label, Mark
from inspector.inspection import KINDS

BETWEEN = "\n\n=====\n\n"  # doccano has one text a document: the source, this, the reconstruction
BECAME = "became"  # type of the relation from a source span to that of the reconstruction
SEVERITIES = ("serious", "minor", "acceptable")
LABEL_STUDIO = "\n".join(
    (
        "<View>",
        '  <Header value="Source"/>',
        '  <Labels name="source_kind" toName="source">',
        *(f'    <Label value="{kind}"/>' for kind in KINDS),
        "  </Labels>",
        '  <Text name="source" value="$source"/>',
        '  <Header value="Reconstruction"/>',
        '  <Labels name="reconstruction_kind" toName="reconstruction">',
        *(f'    <Label value="{kind}"/>' for kind in KINDS),
        "  </Labels>",
        '  <Text name="reconstruction" value="$reconstruction"/>',
        f'  <Relations><Relation value="{BECAME}"/></Relations>',
        *(
            line
            for side in SIDES
            for line in (
                f'  <Choices name="{side}_severity" toName="{side}" perRegion="true">',
                *(f'    <Choice value="{severity}"/>' for severity in SEVERITIES),
                "  </Choices>",
            )
        ),
        '  <Choices name="verdict" toName="source">',
        *(f'    <Choice value="{verdict}"/>' for verdict in VERDICTS),
        "  </Choices>",
        '  <TextArea name="comment" toName="source"/>',
        '  <TextArea name="annotator" toName="source"/>',
        "</View>",
    )
)


def doccano(rows: Iterable[Row]) -> Iterator[dict[str, Any]]:
    """A document for each label, for a project of sequence labelling with relations; other columns become metadata."""
    number = relation = 0
    for row in rows:
        entities, relations = [], []
        for mark in row.label.marks:
            ends = []
            for side, shift in (("source", 0), ("reconstruction", len(row.item.source) + len(BETWEEN))):
                span = getattr(mark, side)
                if span is not None:
                    offsets = {"start_offset": shift + span.start, "end_offset": shift + span.end}
                    entities.append({"id": number, "label": mark.kind, **offsets})
                    ends.append(number)
                    number += 1
            if len(ends) == 2:
                relations.append({"id": relation, "from_id": ends[0], "to_id": ends[1], "type": BECAME})
                relation += 1
        yield {
            "text": row.item.source + BETWEEN + row.item.reconstruction,
            "entities": entities,
            "relations": relations,
            "item": row.id,
            "annotator": row.annotator,
            "gold": row.gold,
            "verdict": row.label.verdict,
            "comment": row.label.comment,
            "compressor": row.item.compressor,
        }


def doccano_lines(rows: Iterable[Row]) -> Iterator[str]:
    """JSON lines in ASCII: doccano guesses the encoding of a file with relations, and takes short UTF-8 for cp1254."""
    return map(canonical, doccano(rows))


def label_studio(rows: Iterable[Row], suggested: dict[str, Suggestions | None]) -> list[dict[str, Any]]:
    """A task for each item, an annotation for each label, the suggestions as a prediction; for the set-up `LABEL_STUDIO`."""
    tasks = []
    for identity, group in groupby(rows, key=lambda row: row.id):
        labels = list(group)
        item, found = labels[0].item, suggested.get(identity)
        tasks.append(
            {
                "data": {
                    "source": item.source,
                    "reconstruction": item.reconstruction,
                    "item": identity,
                    "compressor": item.compressor,
                },
                "annotations": [_annotation(row) for row in labels],
                "predictions": [
                    {
                        "model_version": found.pipeline or "detectors",
                        "result": _regions(
                            [
                                Mark(kind=d.kind, severity=d.severity, source=d.source, reconstruction=d.reconstruction)
                                for d in found.divergences
                            ]
                        ),
                    }
                ]
                if found
                else [],
            }
        )
    return tasks


def _annotation(row: Row) -> dict[str, Any]:
    label = row.label
    said = [("verdict", "choices", {"choices": [label.verdict]}), ("annotator", "textarea", {"text": [row.annotator]})]
    if label.comment:
        said.append(("comment", "textarea", {"text": [label.comment]}))
    whole = [{"id": name, "from_name": name, "to_name": "source", "type": kind, "value": value} for name, kind, value in said]
    made: dict[str, Any] = {"result": _regions(label.marks) + whole, "ground_truth": row.gold}
    return made | ({"lead_time": label.seconds} if label.seconds is not None else {})


def _regions(marks: Iterable[Mark]) -> list[dict[str, Any]]:
    made: list[dict[str, Any]] = []
    for number, mark in enumerate(marks):
        ends = []
        for side in SIDES:
            span = getattr(mark, side)
            if span is None:
                continue
            place = {"start": span.start, "end": span.end, "text": span.text}
            shared = {"id": f"{number}-{side}", "to_name": side}
            made.append({**shared, "from_name": f"{side}_kind", "type": "labels", "value": place | {"labels": [mark.kind]}})
            value = place | {"choices": [mark.severity]}
            made.append({**shared, "from_name": f"{side}_severity", "type": "choices", "value": value})
            ends.append(shared["id"])
        if len(ends) == 2:
            made.append({"type": "relation", "from_id": ends[0], "to_id": ends[1], "direction": "right", "labels": [BECAME]})
    return made


def argilla(rows: Iterable[Row], suggested: dict[str, Suggestions | None]) -> list[dict[str, Any]]:
    """Records as `dataset.records.from_json` reads them.

    Fields `source`, `reconstruction`; questions `verdict` (label), `source_spans`, `reconstruction_spans` (span, overlapping
    allowed), `comment` (text). Pairs and severities have no place there: metadata `labels` has all of it, as JSON text.
    """
    records = []
    for identity, group in groupby(rows, key=lambda row: row.id):
        labels, found = list(group), suggested.get(identity)
        responses: dict[str, list[dict[str, Any]]] = {}
        for row in labels:
            user = str(uuid.uuid5(uuid.NAMESPACE_URL, f"compression-inspector:{row.annotator}"))
            for question, value in _answers(row.label):
                responses.setdefault(question, []).append({"value": value, "user_id": user, "status": "submitted"})
        marks = found.divergences if found else ()
        records.append(
            {
                "id": identity,
                "fields": {"source": labels[0].item.source, "reconstruction": labels[0].item.reconstruction},
                "metadata": {
                    "compressor": labels[0].item.compressor or "",
                    "annotators": ", ".join(row.annotator for row in labels),
                    "labels": "[" + ",".join(row.label.model_dump_json() for row in labels) + "]",
                },
                "suggestions": {
                    f"{side}_spans": {"value": _spans(marks, side), "agent": found.pipeline or "detectors"} for side in SIDES
                }
                if found
                else {},
                "responses": responses,
                "vectors": {},
            }
        )
    return records


def _answers(label: Label) -> Iterator[tuple[str, Any]]:
    yield "verdict", label.verdict
    for side in SIDES:
        yield f"{side}_spans", _spans(label.marks, side)
    if label.comment:
        yield "comment", label.comment


def _spans(marks: Iterable[Any], side: str) -> list[dict[str, Any]]:
    placed = [(mark.kind, getattr(mark, side)) for mark in marks]
    return [{"start": span.start, "end": span.end, "label": kind} for kind, span in placed if span is not None]
