"""BERTScore (Zhang et al., ICLR 2020), an extra that needs a transformers model which the user names.

F1 of greedy matching by cosine of contextual embeddings, times 100: no idf weights, no rescaling by a baseline.
Special tokens can be matched but are not averaged over, as in the authors' code. A text longer than the model's
limit is embedded window by window, then matched as a whole, so context ends at a window's border.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from inspector.inspection import Comparison, Inspection

if TYPE_CHECKING:
    from torch import Tensor

ROWS = 1024  # embeddings matched at once
# The layer that agrees best with human judgement, by the authors' package (bert_score, `model2layers`).
LAYERS = {
    "bert-base-chinese": 8,
    "bert-base-multilingual-cased": 9,
    "bert-base-uncased": 9,
    "bert-large-uncased": 18,
    "distilbert-base-multilingual-cased": 5,
    "distilbert-base-uncased": 5,
    "distilroberta-base": 5,
    "roberta-base": 10,
    "roberta-large": 17,
    "roberta-large-mnli": 19,
}


class BertScore:
    """A transformers model by folder or hub name: safetensors only, and no code of the model's own is run.

    Args:
        name: folder, or name on the hub.
        layer: hidden layer to compare, 0 for the embeddings; by default the one in `LAYERS`, else the last.

    Raises:
        ValueError: it cannot be loaded, cannot cut texts into windows, or has no such layer.
    """

    def __init__(self, name: str, layer: int | None = None) -> None:
        from transformers import AutoModel, AutoTokenizer
        from transformers.utils.logging import disable_progress_bar

        disable_progress_bar()  # standard error is for errors
        try:
            self.tokenizer = AutoTokenizer.from_pretrained(name, trust_remote_code=False)
            model = AutoModel.from_pretrained(name, use_safetensors=True, trust_remote_code=False)
        except Exception as error:  # whatever a hub, a folder or a checkpoint can do wrong
            reason = " ".join(str(error).split()) or type(error).__name__
            raise ValueError(f"cannot load the BERTScore model {name!r} with its tokenizer and safetensors: {reason}") from None
        if not self.tokenizer.is_fast:
            raise ValueError(f"the BERTScore model {name!r} has no fast tokenizer, which cutting long texts into windows needs")
        self.model = (model.get_encoder() if model.config.is_encoder_decoder else model).eval()
        last = model.config.num_hidden_layers
        self.layer = LAYERS.get(name.rstrip("/").rpartition("/")[2], last) if layer is None else layer
        if not 0 <= self.layer <= last:
            raise ValueError(f"the BERTScore model {name!r} has layers 0 to {last}, not {self.layer}")
        # Two fewer than the positions: RoBERTa and its kin count theirs from 2.
        positions = getattr(model.config, "max_position_embeddings", None)
        self.limit = min(self.tokenizer.model_max_length, positions - 2 if positions else 512)

    def embed(self, text: str) -> tuple[Tensor, Tensor]:
        """Unit-length embeddings [tokens, width] of a text, and which of them [tokens] are of special tokens."""
        import torch
        import torch.nn.functional as F

        windows = self.tokenizer(
            text, truncation=True, max_length=self.limit, return_overflowing_tokens=True, return_special_tokens_mask=True
        )
        parts = []
        for window in filter(len, windows["input_ids"]):
            ids = torch.tensor([window])
            with torch.inference_mode():
                made = self.model(input_ids=ids, attention_mask=torch.ones_like(ids), output_hidden_states=True)
            parts.append(made.hidden_states[self.layer][0].float())
        special = torch.tensor([bool(s) for mask in windows["special_tokens_mask"] for s in mask], dtype=torch.bool)
        return F.normalize(torch.cat(parts), dim=-1) if parts else torch.zeros(0, 1), special

    def f1(self, source: str, reconstruction: str) -> float:
        """BERTScore F1 from 0 to 100; 0 where a text has no tokens but special ones."""
        (a, of_a), (b, of_b) = self.embed(source), self.embed(reconstruction)
        if of_a.all() or of_b.all():
            return 0.0
        recall, precision = _matched(a[~of_a], b), _matched(b[~of_b], a)
        if min(recall, precision) <= 0:
            return 0.0
        return min(200 * precision * recall / (precision + recall), 100.0)

    def add_to(self, comparison: Comparison) -> Comparison:
        """The same comparison with the score of every reconstruction."""

        def scored(inspection: Inspection) -> Inspection:
            if inspection.reconstruction is None:
                return inspection
            value = self.f1(comparison.source.text, inspection.reconstruction.text)
            notes = {k: v for k, v in inspection.notes.items() if k != "bertscore"}
            return inspection.model_copy(
                update={"scores": inspection.scores.model_copy(update={"bertscore": value}), "notes": notes}
            )

        return comparison.model_copy(update={"inspections": tuple(map(scored, comparison.inspections))})


def _matched(rows: Tensor, others: Tensor) -> float:
    """Mean over rows of the greatest cosine with any of the others; in parts, so that memory stays bounded."""
    return sum(float((part @ others.T).amax(-1).double().sum()) for part in rows.split(ROWS)) / len(rows)
