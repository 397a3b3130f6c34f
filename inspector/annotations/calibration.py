"""An annotator's score on the gold items of a queue's calibration round."""

from __future__ import annotations

from typing import Any

from inspector.annotations import gold, queues
from inspector.annotations.agreement import f1
from inspector.annotations.database import Database
from inspector.annotations.figures import ratio
from inspector.annotations.spans import HOW, match


def score(db: Database, queue: str, annotator: str) -> dict[str, Any]:
    """How near an annotator's labels are to gold, over the calibration items they have submitted.

    Returns plain JSON: `{"items": of the round, "done", "verdict": share of gold verdicts met, "spans": {how: F1},
    "each": [{"item", "verdict", "gold", "marks", "gold_marks", "matched"}]}`, shares with intervals.
    """
    with db.read() as connection:
        queues.get_queue(connection, queue)
        wanted = queues.items_of(connection, queue, calibration=True)
    right, made = gold.all_of(db), queues.labels_of(db, queue)
    both = [
        (item, made[item][annotator].label, right[item]) for item in wanted if annotator in made.get(item, {}) and item in right
    ]
    marks = [[(label.marks, truth.marks)] for _, label, truth in both]
    return {
        "items": len(wanted),
        "done": len(both),
        "verdict": ratio([label.verdict == truth.verdict for _, label, truth in both], [1] * len(both)),
        "spans": {how: f1(marks, how) for how in HOW},
        "each": [
            {
                "item": item,
                "verdict": label.verdict,
                "gold": truth.verdict,
                "marks": len(label.marks),
                "gold_marks": len(truth.marks),
                "matched": len(match(label.marks, truth.marks, "overlap")),
            }
            for item, label, truth in both
        ],
    }
