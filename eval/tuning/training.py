"""Trains a cross-encoder on groups, in steps that a killed run does not do again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from eval.folder import written
from eval.index import Progress
from eval.tuning.mining import Group

if TYPE_CHECKING:
    import torch
    from sentence_transformers import CrossEncoder

CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True, slots=True)
class Schedule:
    """How to train.

    Attributes:
        epochs: times that each group is seen.
        batch: groups of a step.
        rate: the highest learning rate, reached after a tenth of the steps; from there it falls to zero.
        head_times: by how much the new classifier's rate is higher than that of the encoder's layers.
        frozen: the share of layers, lowest first, that stay as they are, with the words' embeddings: they
            cost no backward pass, and thousands of groups would not teach them more than they know.
        max_tokens: of question and passage together.
        save_every: steps between two checkpoints.
        seed: of the head's first weights, the order of groups, and dropout.
    """

    epochs: int = 1
    batch: int = 8
    rate: float = 5e-5
    head_times: float = 10.0
    frozen: float = 0.5
    max_tokens: int = 192
    save_every: int = 20
    seed: int = 0


def train(
    encoder: Path, groups: Sequence[Group], schedule: Schedule, work: Path, progress: Progress
) -> CrossEncoder:
    """A cross-encoder from the encoder in a folder, trained with the groups.

    ``work`` keeps a checkpoint: the same call goes on from it and comes to the same weights. One of other
    groups or another schedule is not used. The loss of a group is that of a softmax over its scores, ListNet
    with one right passage: ``-log(exp(s₊) / Σ exp(sᵢ))``.
    Cao et al. 2007, "Learning to Rank: From Pairwise Approach to Listwise Approach",
    doi:10.1145/1273496.1273513.

    Raises:
        StorageFull, StorageError: a checkpoint cannot be written.
    """
    import torch

    torch.manual_seed(schedule.seed)
    model = load_encoder(encoder, schedule.max_tokens)
    optimizer = torch.optim.AdamW(_trained(model, schedule), weight_decay=0.01)
    batches = list(_batches(groups, schedule))
    key = _key(encoder, groups, schedule)
    done = _resume(work / CHECKPOINT, key, model, optimizer)
    model.train()
    for step, batch in enumerate(batches[done:], done):
        for rates in optimizer.param_groups:
            rates["lr"] = rates["highest"] * _share_of_rate(step, len(batches))
        loss = _loss(model, batch)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        progress("train", step + 1, len(batches))
        if (step + 1) % schedule.save_every == 0 or step + 1 == len(batches):
            _save(work / CHECKPOINT, key, step + 1, model, optimizer)
    model.eval()
    return model


def load_encoder(folder: Path, max_tokens: int) -> CrossEncoder:
    """The encoder with a new head that gives one score a pair."""
    from sentence_transformers import CrossEncoder
    from transformers.utils import logging

    with _hushed(logging):  # a new head is what is wanted: no report of missing weights
        model: CrossEncoder = CrossEncoder(
            str(folder),
            num_labels=1,
            max_length=max_tokens,
            device="cpu",
            local_files_only=True,
        )
    return model


@contextmanager
def _hushed(logging: Any) -> Iterator[None]:
    before = logging.get_verbosity()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(before)


def network(model: CrossEncoder) -> Any:
    """The transformer inside with its head: a ``torch.nn.Module``."""
    return model.model


def digest(encoder: Path) -> str:
    """SHA-256 of an encoder's weights."""
    with (encoder / "model.safetensors").open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _trained(model: CrossEncoder, schedule: Schedule) -> list[dict[str, Any]]:
    """The parameters that learn, with their highest rates; the others are frozen."""
    base = network(model).base_model
    layers = list(base.encoder.layer)
    still = [base.embeddings, *layers[: round(schedule.frozen * len(layers))]]
    for module in still:
        module.requires_grad_(requires_grad=False)
    inner = {id(one) for one in base.parameters()}
    learning = [one for one in network(model).parameters() if one.requires_grad]
    return [
        {"params": [one for one in learning if id(one) in inner], "highest": schedule.rate},
        {
            "params": [one for one in learning if id(one) not in inner],
            "highest": schedule.rate * schedule.head_times,
        },
    ]


def _batches(groups: Sequence[Group], schedule: Schedule) -> Iterator[list[Group]]:
    """The groups of each step: each epoch in an order of its own, a batch of like lengths."""
    random = np.random.default_rng(schedule.seed)
    for _ in range(schedule.epochs):
        order = random.permutation(len(groups))
        # Sorted within stretches of eight batches: little padding, and still an order by chance.
        stretch = 8 * schedule.batch
        stretches = [order[start : start + stretch] for start in range(0, len(order), stretch)]
        places = [place for one in stretches for place in sorted(one, key=lambda at: _length(groups[at]))]
        cut = [places[start : start + schedule.batch] for start in range(0, len(places), schedule.batch)]
        for place in random.permutation(len(cut)):
            yield [groups[at] for at in cut[place]]


def _length(group: Group) -> int:
    return max(len(text) for text in (group.positive, *group.negatives))


def _loss(model: CrossEncoder, batch: Sequence[Group]) -> torch.Tensor:
    import torch

    pairs = [(group.query, text) for group in batch for text in (group.positive, *group.negatives)]
    tokenizer: Any = model.tokenizer
    tokens = tokenizer(
        [query for query, _ in pairs],
        [text for _, text in pairs],
        padding=True,
        truncation=True,
        max_length=model.max_seq_length,
        return_tensors="pt",
    )
    scores = network(model)(**tokens).logits.view(len(batch), -1)
    right = torch.zeros(len(batch), dtype=torch.long)  # the right passage stands first
    return torch.nn.functional.cross_entropy(scores, right)


def _share_of_rate(step: int, steps: int) -> float:
    warm = max(1, steps // 10)
    return (step + 1) / warm if step < warm else (steps - step) / max(1, steps - warm)


def _key(encoder: Path, groups: Sequence[Group], schedule: Schedule) -> str:
    """What a checkpoint belongs to; how often one is written changes nothing."""
    how = {**asdict(schedule), "save_every": 0}
    made_of = [digest(encoder), [asdict(group) for group in groups], how]
    return hashlib.sha256(json.dumps(made_of).encode()).hexdigest()


def _save(path: Path, key: str, step: int, model: CrossEncoder, optimizer: torch.optim.Optimizer) -> None:
    import torch

    part = path.with_suffix(".part")
    learnt = {name: one for name, one in network(model).named_parameters() if one.requires_grad}
    with written(path.parent):
        path.parent.mkdir(parents=True, exist_ok=True)
        torch.save(
            {
                "key": key,
                "step": step,
                "learnt": learnt,
                "optimizer": optimizer.state_dict(),
                "random": torch.get_rng_state(),
            },
            part,
        )
        part.replace(path)


def _resume(path: Path, key: str, model: CrossEncoder, optimizer: torch.optim.Optimizer) -> int:
    """The steps that are done already, their outcome loaded."""
    import torch

    if not path.is_file():
        return 0
    saved = torch.load(path, weights_only=True)
    if saved["key"] != key:
        return 0
    network(model).load_state_dict(saved["learnt"], strict=False)
    optimizer.load_state_dict(saved["optimizer"])
    torch.set_rng_state(saved["random"])
    return int(saved["step"])
